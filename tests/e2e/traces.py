#!/usr/bin/python3
"""traces.py FOLDER TEXT... - every file below FOLDER in which one of the texts stands.

As bytes in UTF-8, CP1252 and JSON escapes; in mails also after decoding, in PDFs also in their
text.  Prints "FILE: TEXT" lines and nothing when there is no trace.
"""
import email
import email.policy
import json
import os
import subprocess
import sys


def spellings(text):
    yield text.encode()
    try:
        yield text.encode("cp1252")
    except UnicodeEncodeError:
        pass
    yield json.dumps(text)[1:-1].encode()


def decoded(path, data):
    """What a reader of the file sees beside its bytes."""
    if b"MIME-Version:" in data[:4096]:
        message = email.message_from_bytes(data, policy=email.policy.default)
        yield str(message["subject"]).encode()
        for part in message.walk():
            if not part.is_multipart():
                yield part.get_payload(decode=True) or b""
    if data.startswith(b"%PDF"):
        yield subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True).stdout


def main():
    folder, texts = sys.argv[1], sys.argv[2:]
    for root, _, names in os.walk(folder):
        for name in sorted(names):
            path = os.path.join(root, name)
            with open(path, "rb") as file:
                data = file.read()
            views = [data, name.encode(), *decoded(path, data)]
            for text in texts:
                if any(s in view for s in spellings(text) for view in views):
                    print(f"{os.path.relpath(path, folder)}: {text}")


main()
