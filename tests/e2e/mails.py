"""mails.py [--out DIR] [--lf] MAILDIR|FILE... - read mails as a stranger would.

Prints a JSON list, one object a message, sorted by file name:

  {"file", "size", "headers": {name: [values, decoded]}, "from", "to": [], "subject", "message_id",
   "text", "html", "codes": [], "parts": [{"type", "name", "disposition", "cid", "charset", "size",
   "sha256", "file"}], "tree": "multipart/mixed(text/plain, ...)", "messages": [the same for each
   message/rfc822 part], "faults": ["what breaks a rule"]}

With --out DIR every part is written to DIR/<number of the message>/<number of the part>.<ext>;
names out of the mail are never used for files.  --lf takes files with bare line feeds, as
some transports keep them.  Exit 1 when any message has a fault.

The rules: CR LF at the end of every line and nowhere else, lines within 998 bytes, ASCII headers
within 78 characters where they can be folded, encoded words within 75, no field twice that
may stand once, the fields that every mail of ours has, nothing that Python's parser stumbles
over, and no Message-ID twice in one run.
"""

import argparse
import email
import email.policy
import hashlib
import json
import pathlib
import re
import sys

ONCE = ("Date", "From", "Sender", "Reply-To", "To", "Cc", "Message-ID", "In-Reply-To", "References",
        "Subject", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Auto-Submitted")
MUST = ("Date", "From", "To", "Message-ID", "Subject", "MIME-Version", "Auto-Submitted")
EXTENSIONS = {"text/plain": "txt", "text/html": "html", "text/csv": "csv", "image/png": "png",
              "application/pdf": "pdf", "application/json": "json", "application/xml": "xml",
              "message/rfc822": "eml"}
# Crockford's alphabet: no I, L, O, U.
CODE = re.compile(r"(?<![0-9A-Z-])(?:[0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}(?![0-9A-Z-])")
# The source is what is looked at: nothing may be folded anew on the way out.
POLICY = email.policy.SMTP.clone(refold_source="none")


def wire_faults(data, lf):
    if b"\0" in data:
        yield "a NUL byte"
    if lf:
        data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    if re.search(rb"(?<!\r)\n", data):
        yield "a line feed without carriage return"
    if re.search(rb"\r(?!\n)", data):
        yield "a carriage return without line feed"
    if not data.endswith(b"\r\n"):
        yield "the last line has no end"
    for number, line in enumerate(data.split(b"\r\n"), 1):
        if len(line) > 998:
            yield "line %d has %d bytes" % (number, len(line))


def header_faults(head):
    """Of one header block, as bytes."""
    for number, line in enumerate(head.split(b"\r\n"), 1):
        if not line.isascii():
            yield "header line %d is not ASCII" % number
        if line.strip() == b"" and line:
            yield "header line %d is only blanks" % number
        # Longer is allowed where there is no blank to fold at: a Message-ID.
        if len(line) > 78 and b" " in line[1:].strip() and not line.lower().startswith(b"message-id:"):
            yield "header line %d has %d characters" % (number, len(line))
        for word in re.findall(rb"=\?[^?\s]+\?[BbQq]\?[^?\s]*\?=", line):
            if len(word) > 75:
                yield "an encoded word of %d characters in header line %d" % (len(word), number)


def own_faults(message):
    """Of a message of ours, as parsed."""
    for name in ONCE:
        if len(message.get_all(name, [])) > 1:
            yield name + " stands twice"
    for name in MUST:
        if name not in message:
            yield "no " + name
    if "Bcc" in message:
        yield "Bcc is in the bytes"
    if not re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", str(message.get("Message-ID", "<a@b>"))):
        yield "Message-ID is not one: %s" % message["Message-ID"]


def walk(part, number, out, parts, messages):
    """Describes `part` and what is in it; returns its drawing."""
    kind = part.get_content_type()
    faults = [type(d).__name__ for d in part.defects]
    for name in set(part.keys()):
        for value in part.get_all(name):
            faults += ["%s: %s" % (name, type(d).__name__) for d in getattr(value, "defects", ())]
    if part.is_multipart() and kind != "message/rfc822":
        drawn = []
        for child in part.iter_parts():
            drawing, more = walk(child, number, out, parts, messages)
            drawn.append(drawing)
            faults += more
        return "%s(%s)" % (kind, ", ".join(drawn)), faults
    drawing = kind
    if kind == "message/rfc822":
        inner = part.get_payload(0)
        data = inner.as_bytes(policy=POLICY)
        messages.append(describe(data, inner, "%s/%d" % (number, len(parts) + 1), out))
        faults += ["in %s: %s" % (kind, f) for f in messages[-1]["faults"]]
        drawing = "%s(%s)" % (kind, messages[-1]["tree"])
    else:
        data = part.get_payload(decode=True) or b""
    entry = {"type": kind, "name": part.get_filename(), "disposition": part.get_content_disposition(),
             "cid": part.get("Content-ID"), "charset": part.get_content_charset(), "size": len(data),
             "sha256": hashlib.sha256(data).hexdigest(), "file": None}
    if kind == "text/plain" or kind == "text/html":
        try:
            data.decode(entry["charset"] or "us-ascii")
        except (LookupError, UnicodeDecodeError) as e:
            faults.append("%s: %s" % (kind, e))
    parts.append(entry)
    if out is not None:
        folder = out / number
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / ("%d.%s" % (len(parts), EXTENSIONS.get(kind, "bin")))
        path.write_bytes(data)
        entry["file"] = str(path)
    return drawing, faults


def body(message, kind):
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return None
    try:
        return part.get_content().replace("\r\n", "\n")
    except (LookupError, UnicodeDecodeError):
        return None


def describe(data, message, number, out):
    parts, messages = [], []
    drawing, faults = walk(message, number, out, parts, messages)
    text = body(message, "plain")
    faults += own_faults(message)
    faults += header_faults(data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").partition(b"\r\n\r\n")[0])
    to = message.get("To")
    return {
        "size": len(data),
        "headers": {name: [str(v) for v in message.get_all(name)] for name in dict.fromkeys(message.keys())},
        "from": str(message.get("From", "")),
        "to": [a.addr_spec for a in getattr(to, "addresses", ())],
        "subject": str(message.get("Subject", "")),
        "message_id": str(message.get("Message-ID", "")),
        "text": text,
        "html": body(message, "html"),
        "codes": sorted(set(CODE.findall(text or ""))),
        "parts": parts,
        "tree": drawing,
        "messages": messages,
        "faults": faults,
    }


def files(paths):
    for path in map(pathlib.Path, paths):
        if not path.is_dir():
            yield path
            continue
        # A maildir keeps what is still being written in tmp/: that is nobody's to read.
        folders = [path / "new", path / "cur"] if (path / "new").is_dir() else [path]
        for folder in folders:
            if folder.is_dir():
                yield from sorted(p for p in folder.iterdir() if p.is_file())


def main():
    usage = argparse.ArgumentParser(description="read mails as a stranger would")
    usage.add_argument("--out", type=pathlib.Path, metavar="DIR", help="write every part to a file")
    usage.add_argument("--lf", action="store_true", help="bare line feeds are no fault")
    usage.add_argument("paths", nargs="+")
    given = usage.parse_args()
    result, seen = [], {}
    for n, path in enumerate(files(given.paths), 1):
        data = path.read_bytes()
        message = email.message_from_bytes(data, policy=POLICY)
        entry = {"file": str(path), **describe(data, message, "%04d" % n, given.out)}
        entry["faults"] = list(wire_faults(data, given.lf)) + entry["faults"]
        first = seen.setdefault(entry["message_id"], entry["file"])
        if first != entry["file"]:
            entry["faults"].append("the same Message-ID as " + first)
        result.append(entry)
    json.dump(result, sys.stdout, ensure_ascii=False, indent=1)
    print()
    return 1 if any(entry["faults"] for entry in result) else 0


if __name__ == "__main__":
    sys.exit(main())
