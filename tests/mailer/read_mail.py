"""read_mail.py FOLDER - read composed messages with a parser that is not ours.

For each FOLDER/N.eml there is FOLDER/N.json that says what went in.  Prints each
difference; exit 1 when there was one.
"""
import base64
import email
import email.header
import email.policy
import email.utils
import json
import os
import re
import sys

NAMES = {"date", "from", "reply-to", "to", "subject", "message-id", "in-reply-to",
         "references", "auto-submitted", "x-auto-response-suppress", "list-unsubscribe",
         "list-unsubscribe-post", "content-language", "mime-version", "content-type",
         "content-transfer-encoding"}


def unflow(text):
    out = ""
    for line in text.split("\n"):
        if line.startswith(" "):
            line = line[1:]
        out += line if line.endswith(" ") and line != "-- " else line + "\n"
    return out[:-1]


def ended(text):
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.endswith("\n") or text == "" else text + "\n"


def hard_lines(text):
    return "\n".join(l if l == "-- " else l.rstrip(" \t") for l in ended(text).split("\n"))


class Check:
    def __init__(self, name):
        self.name, self.bad = name, 0

    def same(self, what, got, wanted):
        if got != wanted:
            self.bad += 1
            print("%s: %s is %r, wanted %r" % (self.name, what, got, wanted))

    def true(self, what, good):
        self.same(what, bool(good), True)


def check_wire(c, raw):
    c.true("CRLF only", b"\n" not in raw.replace(b"\r\n", b"") and
           b"\r" not in raw.replace(b"\r\n", b""))
    lines = raw.split(b"\r\n")
    c.true("lines of at most 998", max(map(len, lines)) <= 998)
    c.true("7-bit", all(b < 128 for b in raw))
    c.true("no NUL", b"\0" not in raw)
    c.true("no leading dot", not any(l.startswith(b".") for l in lines))
    c.true("no From line", not any(l.startswith(b"From ") for l in lines))
    header = raw.split(b"\r\n\r\n", 1)[0].split(b"\r\n")
    names = [l.split(b":", 1)[0].decode().lower() for l in header if l[:1] not in b" \t"]
    c.same("fields not ours", sorted(set(names) - NAMES), [])
    c.same("fields twice", sorted(n for n in set(names) if names.count(n) > 1), [])
    for l in header:
        # RFC 5322 2.1.1 lets words that cannot be folded be longer.
        c.true("folded at 78: %r" % l, len(l) <= 78 or b" " not in l.strip())
        for word in re.findall(rb"=\?[^?]+\?[QB]\?[^?]*\?=", l):
            c.true("encoded word of at most 75", len(word) <= 75)
            charset, kind, text = word[2:-2].split(b"?", 2)
            if kind == b"B":
                base64.b64decode(text, validate=True).decode("utf-8")
            else:
                re.sub(rb"=([0-9A-F]{2})", lambda m: bytes([int(m[1], 16)]),
                       text).decode("utf-8")


def check_box(c, what, header, name, address):
    c.same(what + " count", len(header.addresses), 1)
    c.same(what + " address", header.addresses[0].addr_spec, address)
    # The new parser of Python 3.11 keeps the space between two encoded words of a name,
    # against RFC 2047 6.2; the old one does not.
    old = email.message_from_bytes(c.raw, policy=email.policy.compat32)[what]
    shown = email.utils.parseaddr(str(old).replace("\r\n", ""))[0]
    shown = str(email.header.make_header(email.header.decode_header(shown)))
    c.same(what + " name", shown, name)


def check_file(c, i, part, wanted):
    what = "file %d" % i
    c.same(what + " name", part.get_filename(), wanted.get("filename"))
    c.same(what + " type", part.get_content_type(), wanted["type"].split(";")[0])
    if part.get_content_type() == "message/rfc822":
        # The bytes as they came: found again by position, not re-made by the parser.
        c.true(what + " bytes", base64.b64decode(wanted["bytes"]) in c.raw)
        c.same(what + " inner defects", part.get_payload(0).defects, [])
        return
    c.same(what + " bytes", part.get_payload(decode=True), base64.b64decode(wanted["bytes"]))
    c.same(what + " disposition", part.get_content_disposition(), wanted["disposition"])
    if "cid" in wanted:
        c.same(what + " cid", part["Content-ID"], "<%s>" % wanted["cid"])


def check(name, raw, want):
    c = Check(name)
    c.raw = raw
    check_wire(c, raw)
    msg = email.message_from_bytes(raw, policy=email.policy.default)
    for part in msg.walk():
        c.same("defects", [str(d) for d in part.defects], [])
        for field in part.keys():
            bad = [d for d in part[field].defects
                   # Both spellings of a name stand there on purpose.
                   if "duplicate parameter name" not in str(d)]
            c.same("defects of " + field, [str(d) for d in bad], [])
    c.same("subject", msg["Subject"], want["subject"])
    c.same("date", msg["Date"].datetime.isoformat(), want["date"])
    check_box(c, "from", msg["From"], want["from"][0], want["from"][1])
    check_box(c, "to", msg["To"], want["to"][0], want["to"][1])
    c.same("message-id", msg["Message-ID"], "<%s>" % want["message_id"])
    c.same("auto-submitted", msg["Auto-Submitted"], "auto-generated")

    bodies = {"text/plain": [], "text/html": []}
    pictures, files = [], []

    def walk(part):
        if part.get_content_type() == "message/rfc822":
            files.append(part)
        elif part.is_multipart():
            for p in part.iter_parts():
                walk(p)
        elif part.get_content_disposition() == "attachment":
            files.append(part)
        elif part.get_content_disposition() == "inline":
            pictures.append(part)
        else:
            bodies[part.get_content_type()].append(part)

    walk(msg)
    c.same("texts", len(bodies["text/plain"]), 1)
    plain = bodies["text/plain"][0].get_content()
    c.same("text", unflow(plain.replace("\r\n", "\n")), hard_lines(want["text"]))
    c.same("htmls", len(bodies["text/html"]), 1 if "html" in want else 0)
    if "html" in want:
        c.same("html", bodies["text/html"][0].get_content().replace("\r\n", "\n"),
               ended(want["html"]))
    c.same("files", len(files), len(want["files"]))
    c.same("pictures", len(pictures), len(want["pictures"]))
    for i, (part, w) in enumerate(zip(files, want["files"])):
        check_file(c, i, part, dict(w, disposition="attachment"))
    for i, (part, w) in enumerate(zip(pictures, want["pictures"])):
        check_file(c, i, part, dict(w, disposition="inline"))
    return c.bad


def main():
    folder = sys.argv[1]
    names = sorted(n[:-4] for n in os.listdir(folder) if n.endswith(".eml"))
    bad = 0
    for n in names:
        with open(os.path.join(folder, n + ".eml"), "rb") as f:
            raw = f.read()
        with open(os.path.join(folder, n + ".json"), encoding="utf-8") as f:
            bad += check(n, raw, json.load(f))
    print("%d messages read, %d differences" % (len(names), bad))
    sys.exit(1 if bad or not names else 0)


main()
