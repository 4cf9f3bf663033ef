"""outcome.py FOLDER - did the program make of the sample orders what must come of them?

Reads in FOLDER what tests/e2e/orders.sh left there: answers.json (order submit --json),
tickets.json (ticket list --json), mails.json (mails.py), pictures.txt and sheets.txt (qr.sh).
Compares with orders.expected.tsv and with the orders themselves, and prints "ok NAME" or
"not ok NAME" for each promise.
"""

import collections
import csv
import json
import pathlib
import re
import sys

import check as samples

folder = pathlib.Path(sys.argv[1])
answers = json.loads((folder / "answers.json").read_text("utf-8"))["orders"]
tickets = json.loads((folder / "tickets.json").read_text("utf-8"))["tickets"]
mails = json.loads((folder / "mails.json").read_text("utf-8"))
check = samples.check
parties = samples.parties
accepted = [row for row in samples.expected if row["status"] == "accepted"]
orders = {row["order"]: samples.orders[row["file"], row["order"]] for row in accepted}


def codes_of_qr(name):
    """{file: [code with its dashes]} of the lines "FILE PAGE<TAB>CONTENT"."""
    found = collections.defaultdict(list)
    for line in (folder / name).read_text("utf-8").splitlines():
        where, _, content = line.partition("\t")
        plain = content.rpartition("#")[2].replace("-", "")
        if re.fullmatch("[0-9A-HJKMNP-TV-Z]{25}", plain):
            plain = "-".join(plain[i:i + 5] for i in range(0, 25, 5))
        found[where.rpartition(" ")[0]].append(plain)
    return found


def tail(text):
    return text[-5:]


def wire(address):
    """As it is on the wire: the domain in ASCII."""
    local, _, domain = address.lower().rpartition("@")
    return local + "@" + domain.encode("idna").decode("ascii")


def unflowed(text):
    return (text or "").replace(" \n", " ")


def difference(got, wanted):
    """Of two multisets, for a person."""
    got, wanted = collections.Counter(got), collections.Counter(wanted)
    return ["too many: %s" % k for k in (got - wanted).elements()] + ["missing: %s" % k for k in (wanted - got).elements()]


# ---- the answer to the order desk

check("every order is answered, in the order of the files",
      [] if [a["order"] for a in answers] == [row["order"] for row in samples.expected]
      else [str([a["order"] for a in answers])])
check("each answer is the expected one",
      ["%s: %s, expected %s" % (a["order"], a["status"], row["status"])
       for a, row in zip(answers, samples.expected) if a["status"] != row["status"]])
for a, row in zip(answers, samples.expected):
    if row["status"] == "rejected":
        errors = [e for line in a.get("lines", []) for e in line.get("errors", [])] + a.get("errors", [])
        check("%s is refused with %s" % (row["order"], row["error"]),
              [] if row["error"] in [e["code"] for e in errors] else [json.dumps(a, ensure_ascii=False)])

# ---- tickets and deliveries

by_order = collections.defaultdict(list)
for t in tickets:
    by_order[t["order"]].append(t)
check("each order has its tickets",
      ["%s: %d, expected %s" % (row["order"], len(by_order[row["order"]]), row["tickets"])
       for row in accepted if len(by_order[row["order"]]) != int(row["tickets"])])
check("no other order has any", sorted(by_order.keys() - orders.keys()))
check("every ticket has one delivery, by the right channel, in the right state",
      ["%s, line %s: %s" % (t["order"], t["line"], t["deliveries"])
       for row in accepted for t in by_order[row["order"]]
       if [(d["channel"], d["state"]) for d in t["deliveries"]] != [(row["channel"], row["end"])]])
check("no list shows a code", [c for c in re.findall(r"(?:[0-9A-Z]{5}-){4}[0-9A-Z]{5}", json.dumps([answers, tickets]))])

# ---- mails

by_mail = [t for row in accepted if row["channel"] == "email" for t in by_order[row["order"]]]
whole = [m for m in mails if not m["messages"]] + [f for m in mails for f in m["messages"]]
check("each mail of a ticket has one code", [m["subject"] for m in whole if len(m["codes"]) != 1])
check("the codes in the mails are those of the tickets, each once",
      difference([tail(c) for m in whole for c in m["codes"]], [tail(t["masked"]) for t in by_mail]))
check("no code is in a subject or a file name",
      [m["subject"] for m in whole + mails if re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", m["subject"])
       or any(c in (p["name"] or "") for p in m["parts"] for c in m["codes"])])
pictures = codes_of_qr("pictures.txt")
check("the picture in each mail says the same as its text",
      ["%s: %s, text %s" % (m["subject"], got, m["codes"]) for m in whole
       for got in [[c for p in m["parts"] if p["type"] == "image/png" for c in pictures.get(p["file"], [])]]
       if got != m["codes"]])

inbox = collections.Counter(wire(a) for m in mails for a in m["to"])
wanted = collections.Counter()
for row in accepted:
    if row["channel"] != "email":
        continue
    order = orders[row["order"]]
    customer = {**parties.get(order.get("customer", {}).get("id"), {}), **order.get("customer", {})}
    who = parties[order["party"]] if row["to"] == "party" else customer
    to = wire(order.get("deliver", {}).get("email") or who["email"])
    wanted[to] += 1 if row["to"] == "party" else int(row["tickets"])
check("every recipient gets a mail for each ticket, a reseller a digest for each order",
      difference(inbox.elements(), wanted.elements()))
for row in accepted:
    customer = orders[row["order"]].get("customer", {})
    if row["channel"] != "email" or row["to"] != "customer" or not customer.get("email"):
        continue
    name = customer.get("name") or customer["company"]
    to = wire(orders[row["order"]].get("deliver", {}).get("email") or customer["email"])
    got = [unflowed(m["text"]) for m in mails if to in map(wire, m["to"])]
    if not got or any(name not in text for text in got):
        check("%s: the name went through unharmed: %s" % (row["order"], name), got or ["no mail"])
check("names in mails are looked for", sum(1 for m in mails if "{{vendor.name}}" in unflowed(m["text"])) == 1)

digests = [m for m in mails if m["messages"]]
check("a digest forwards each of its tickets",
      len(digests) == sum(1 for row in accepted if row["to"] == "party" and row["channel"] == "email"))
cells = [(m["subject"], row) for m in digests for p in m["parts"] if p["type"] == "text/csv"
         for text in [pathlib.Path(p["file"]).read_text("utf-8-sig")]
         for row in csv.reader(text.splitlines(), delimiter=";" if ";" in text.splitlines()[0] else ",")]
check("a digest lists its tickets as CSV", len(cells) >= sum(len(m["messages"]) for m in digests) + len(digests))
check("and no cell of it is a formula", ["%s: %s" % c for c in cells if any(re.match(r"[=+@\-\t]", x) for x in c[1])])

# ---- paper

sheets = codes_of_qr("sheets.txt")
check("the codes on the sheets are those of the cards, each once",
      difference([tail(c) for codes in sheets.values() for c in codes],
                 [tail(t["masked"]) for row in accepted if row["end"] == "rendered" for t in by_order[row["order"]]]))

sys.exit(1 if samples.failed else 0)
