"""check.py - vendor.json, orders/ and orders.expected.tsv say the same.

Prints "ok NAME" or "not ok NAME" for each promise of README.md.  Reads the files with
Python's own parsers: it must not depend on the program that is tested with them.
"""

import csv
import io
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
failed = False


def check(name, faults):
    """Faults is a list of texts, or a bool that must be true."""
    global failed
    if faults is True:
        faults = []
    elif faults is False:
        faults = ["no"]
    print(("not ok " if faults else "ok ") + "samples: " + name)
    for fault in faults[:10]:
        print("  " + fault)
    failed = failed or bool(faults)


def from_rows(text):
    """CSV as the same objects that JSON gives."""
    delimiter = ";" if ";" in text.splitlines()[0] else ","
    orders = {}
    for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
        order = orders.setdefault(row["order"], {"order": row["order"], "party": row["party"], "lines": []})
        order["deliver"] = {"by": row["deliver_by"], "to": row["deliver_to"]}
        customer = {"id": row["customer"]}
        customer.update({k: row[k] for k in ("name", "company", "email", "language")})
        if row["street"]:
            customer["address"] = {"lines": [row["street"]]}
            customer["address"].update({k: row[k] for k in ("postcode", "city", "country")})
        customer = {k: v for k, v in customer.items() if v}
        if customer:
            order["customer"] = customer
        line = {k: row[k] for k in ("line", "product")}
        line["quantity"] = int(row["quantity"])
        if row.get("days"):
            line["options"] = {"days": int(row["days"])}
        order["lines"].append(line)
    return list(orders.values())


def read(path):
    data = path.read_bytes()
    if path.suffix == ".csv":
        return from_rows(data.decode("cp1252" if "cp1252" in path.name else "utf-8"))
    text = data.decode("utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines()]
    value = json.loads(text)
    return value if isinstance(value, list) else [value]


vendor = json.loads((HERE / "vendor.json").read_text("utf-8"))
products = {p["sku"]: p for p in vendor["products"]}
parties = {p["id"]: p for p in vendor["parties"]}
files = {p.name: read(p) for p in sorted((HERE / "orders").iterdir())}
with open(HERE / "orders.expected.tsv", encoding="utf-8", newline="") as f:
    expected = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
orders = {(name, o["order"]): o for name, content in files.items() for o in content}
wanted = {(row["file"], row["order"]): row for row in expected}


def fault_of(order):
    """The error code that the order must be refused with, or None."""
    for line in order["lines"]:
        product = products.get(line["product"])
        if product is None:
            return "E_PRODUCT_UNKNOWN"
        for name, value in line.get("options", {}).items():
            allowed = product.get("options", {}).get(name)
            if allowed is None or not allowed["min"] <= value <= allowed["max"]:
                return "E_OPTION_RANGE"
    return None


def rights(order):
    """What the party may not do of what the order wants."""
    party = parties[order["party"]]
    by = order.get("deliver", {}).get("by", party.get("deliver"))
    if by not in party["channels"]:
        yield "%s: no channel %s" % (order["order"], by)
    for line in order["lines"]:
        groups = products[line["product"]]["groups"]
        grants = [g for g in party["grants"] if g["group"] in groups and "create" in g["may"]]
        if not grants:
            yield "%s: %s may not create %s" % (order["order"], order["party"], line["product"])
        for name, value in line.get("options", {}).items():
            most = max((g.get("options", {}).get(name, {}).get("max", value) for g in grants), default=0)
            if value > most:
                yield "%s: %s of %d where %d is granted" % (order["order"], name, value, most)


def reach(order):
    """What a delivery needs and the order does not give."""
    party = parties[order["party"]]
    deliver = order.get("deliver", {"by": party["deliver"], "to": "customer"})
    who = party
    if deliver["to"] == "customer":
        if "customer" not in order:
            yield order["order"] + ": to a customer, and there is none"
            return
        known = parties.get(order["customer"].get("id"), {})
        if known and known["parent"] != order["party"]:
            yield order["order"] + ": a customer of another party"
        who = {**known, **order["customer"]}
    if deliver["by"] == "email" and not (deliver.get("email") or who.get("email")):
        yield order["order"] + ": no mail address"
    if deliver["by"] == "post":
        address = who.get("address", {})
        if not all(address.get(k) for k in ("lines", "postcode", "city", "country")):
            yield order["order"] + ": no full address"
        if not (who.get("name") or who.get("company")):
            yield order["order"] + ": no name"


def main():
    good = [(key, o) for key, o in orders.items() if wanted.get(key, {}).get("status") == "accepted"]
    text = json.dumps([o for _, o in good], ensure_ascii=False)

    check("every order has its row, every row its order", sorted(map(str, orders.keys() ^ wanted.keys())))
    check("at least forty orders", len(orders) >= 40)
    check("what must be refused is wrong, and nothing else is",
          ["%s: %s, expected %s" % (key[1], fault_of(o), wanted[key]["error"])
           for key, o in orders.items() if (fault_of(o) or "-") != wanted[key]["error"]])
    check("two orders are refused, one comes twice",
          [r["status"] for r in expected].count("rejected") == 2
          and [r["status"] for r in expected].count("duplicate") == 1)
    check("the duplicate is equal to the first one", orders["06-again.json", "SO-2026-000102"] == orders["01-erp.jsonl", "SO-2026-000102"])
    check("numbers are used once otherwise", len({o["order"] for _, o in good}) == len(good))
    check("tickets are counted by ticket_per",
          ["%s: %d, expected %s" % (o["order"], n, wanted[key]["tickets"]) for key, o in good
           for n in [sum(1 if products[l["product"]]["ticket_per"] == "line" else l["quantity"] for l in o["lines"])]
           if n != int(wanted[key]["tickets"])])
    check("channel and recipient are as expected",
          [o["order"] for key, o in good
           for d in [o.get("deliver", {"by": parties[o["party"]]["deliver"], "to": "customer"})]
           if (d["by"], d["to"]) != (wanted[key]["channel"], wanted[key]["to"])])
    check("parties may do what they order", [fault for _, o in good for fault in rights(o)])
    check("every delivery can reach its recipient", [fault for _, o in good for fault in reach(o)])
    check("lines of an order have ids of their own",
          [o["order"] for o in orders.values() if len({l["line"] for l in o["lines"]}) != len(o["lines"])])

    check("products of all four kinds", {p["kind"] for p in products.values()} == {"full", "demo", "subscription", "nfr"})
    check("every product has a German and an English name",
          [s for s, p in products.items() if {"de", "en"} - set(p["name"])])
    check("three resellers, one of them direct",
          sorted(p["direct"] for p in parties.values() if p["kind"] == "reseller") == [False, False, True])
    check("every grant names a group of some product",
          [g["group"] for p in parties.values() for g in p.get("grants", [])
           if g["group"] not in {g for q in products.values() for g in q["groups"]}])
    check("twenty-five employees", len({e["id"] for e in vendor["employees"]}) == 25 == len({e["email"] for e in vendor["employees"]}))
    check("programmes name products of their kind",
          [p["id"] for p in vendor["programmes"] if products[p["product"]]["kind"] != p["kind"]])
    check("every mail address is an example",
          [a for a in re.findall(r'"[^"]*@[^"]*"', json.dumps([vendor, list(orders.values())], ensure_ascii=False))
           if not a.rstrip('"').endswith(".example")])

    check("fourteen full addresses on paper, of five countries",
          len([1 for key, _ in good if wanted[key]["channel"] == "post"]) >= 14
          and {"DE", "AT", "CH", "FR", "GB"} <= {o["customer"]["address"]["country"] for key, o in good
                                                 if wanted[key]["channel"] == "post" and "address" in o.get("customer", {})})
    for what, pattern in (("umlauts", "[äöüß]"), ("French", "[éèœçÉ]"), ("Polish", "[łęśŁ]"),
                          ("Greek", "[α-ω]{3}"), ("Japanese", "[\u4e00-\u9fff\u3040-\u30ff]"),
                          ("an emoji", "[\U0001f000-\U0001faff]"), ("an apostrophe", "O'Brien"),
                          ("template braces", r"\{\{vendor\.name\}\}"), ("a formula", '"company": "='),
                          ("quantity 50", '"quantity": 50')):
        check("there is " + what, re.search(pattern, text) is not None)
    check("there is a company of 60 characters", any(len(o.get("customer", {}).get("company", "")) == 60 for _, o in good))
    check("no emoji on paper",
          [o["order"] for key, o in good if wanted[key]["channel"] == "post"
           and re.search("[\U0001f000-\U0001faff]", json.dumps(o, ensure_ascii=False))])
    check("Japanese on paper is held, and nothing else is",
          [o["order"] for key, o in good if (wanted[key]["end"] == "held") !=
           (wanted[key]["channel"] == "post" and bool(re.search("[\u4e00-\u9fff]", json.dumps(o, ensure_ascii=False))))])
    check("one CSV is CP1252 and no UTF-8", b"\xdf" in (HERE / "orders/05-dealer-cp1252.csv").read_bytes())
    check("a CSV ends its lines with CR LF, another with LF",
          b"\r\n" in (HERE / "orders/04-shop.csv").read_bytes()
          and b"\r\n" not in (HERE / "orders/05-dealer-cp1252.csv").read_bytes())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
