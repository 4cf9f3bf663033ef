#!/bin/sh
# helpers.sh - the helpers of the outside tests see what they are there to see.
. "$TP_SOURCE/tests/e2e/lib.sh"

# ---- lib.sh: in a subshell, so that what is to fail does not fail this test.

says() {
	(eval "$2") 2>&1 | head -n 1 | grep -qx -e "$3" && ok "lib: $1" || not_ok "lib: $1"
}

says "check passes on 0" 'check this true' 'ok this'
says "check fails on 1" 'check this false' 'not ok this'
says "refuses wants the code" "refuses this 65 sh -c 'echo why >&2; exit 66'" 'not ok this'
says "refuses wants a reason" "refuses this 65 sh -c 'exit 65'" 'not ok this'
says "refuses passes on both" "refuses this 65 sh -c 'echo why >&2; exit 65'" 'ok this'
says "is compares" 'is this a b' 'not ok this'
echo "alpha beta" >"$TMP/words"
says "has finds" 'has this "$TMP/words" "a b"' 'ok this'
says "has misses" 'has this "$TMP/words" "b a"' 'not ok this'
says "lacks fails without the file" 'lacks this "$TMP/none" x' 'not ok this'
mkdir -p "$TMP/src/tests/golden/a"
echo "alpha" >"$TMP/src/tests/golden/a/b"
says "a golden file that differs is told" 'TP_SOURCE=$TMP/src GOLDEN=; golden a/b "$TMP/words"' 'not ok golden: a/b'
says "a golden file is accepted" 'TP_SOURCE=$TMP/src GOLDEN=accept; golden a/b "$TMP/words"' 'ok golden: a/b'
says "and equal from then on" 'TP_SOURCE=$TMP/src GOLDEN=; golden a/b "$TMP/words"' 'ok golden: a/b'
says "need skips" 'need surely-not-installed' 'skip helpers surely-not-installed is not installed'
is "lib: json reads a value" "$(echo '{"a": [1, {"b": "ö"}]}' | json 'd["a"][1]["b"]')" "ö"
is "lib: json prints the rest as JSON" "$(echo '{"a": [1, true]}' | json 'd["a"]')" "[1, true]"

TICKETPOST_CONFIG=$TMP/x.conf
printf '[mail]\n# transport = maildir:outbox\nfrom=a@example.com\n[print]\nstock=x\n' >"$TICKETPOST_CONFIG"
setting mail transport smtp://127.0.0.1:25
setting print folder out
setting web listen off
is "lib: setting replaces, adds and opens a section" "$(tr '\n' '|' <"$TICKETPOST_CONFIG")" \
    "[mail]|transport=smtp://127.0.0.1:25|from=a@example.com|[print]|stock=x|folder=out|[web]|listen=off|"

port=$(free_port)
start server /usr/bin/python3 -c '
import signal, socket, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True: s.accept()' "$port"
check "lib: a server is waited for" wait_port "$port"
check "lib: and is alive" alive server
stop server
is "lib: stop tells how it ended" "$stopped" 7
says "a stopped server is not alive" 'check this alive server' 'not ok this'
says "waiting ends" 'check this wait_for 0 false' 'not ok this'

# ---- mails.py: one good mail, and one for each fault, made by Python's own composer.

mkdir -p "$TMP/box/new" "$TMP/box/tmp"
/usr/bin/python3 - "$TMP" <<'PY'
import sys, pathlib
from email.message import EmailMessage
from email.policy import SMTP
top = pathlib.Path(sys.argv[1])

def mail(n):
    m = EmailMessage(policy=SMTP)
    m["Date"] = "Tue, 24 Nov 2026 10:00:00 +0100"
    m["From"] = "Fächerwerk <tickets@example.com>"
    m["To"] = "Käthe Strößner <kaethe@stroessner.example>"
    m["Subject"] = "Ihr Ticket für Fächerwerk 🚀"
    m["Message-ID"] = "<%d@example.com>" % n
    m["Auto-Submitted"] = "auto-generated"
    m.set_content("Grüße\n\n01234-56789-ABCDE-FGHJK-MNPQR\n", cte="quoted-printable")
    m.add_alternative("<p>Grüße</p>", subtype="html")
    m.get_body(("html",)).add_related(b"\x89PNG", "image", "png", cid="<qr>")
    return m

good = mail(1)
inner = mail(2)
good.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="Lizenzkarte-ß.pdf")
good.add_attachment(inner)
raw = good.as_bytes()
(top / "box/new/1").write_bytes(raw)
(top / "box/tmp/2").write_bytes(b"torn")
bad = {
    "lf": raw.replace(b"\r\n", b"\n"),
    "lone-lf": raw.replace(b"\r\n\r\n", b"\r\n\r\n\n", 1),
    "lone-cr": raw.replace(b"\r\n\r\n", b"\r\n\r\n\r", 1),
    "nul": raw.replace(b"Gr=", b"G\0=", 1),
    "long": raw.replace(b"Gr=", b"x" * 999 + b"=", 1),
    "twice": b"Subject: x\r\n" + raw,
    "raw-utf8": "X-Note: Grüße\r\n".encode() + raw,
    "unfolded": b"X-Note: " + b"word " * 20 + b"word\r\n" + raw,
    "bcc": b"Bcc: a@example.com\r\n" + raw,
    "no-date": raw.replace(b"Date:", b"X-Date:", 1),
    "no-auto": raw.replace(b"Auto-Submitted", b"X-Auto", 1),
    "boundary": raw.rpartition(b"\r\n--")[0] + b"\r\n",
    "encoded-word": b"X-Note: =?utf-8?q?" + b"a" * 60 + b"?=\r\n" + raw,
    "charset": raw.replace(b'charset="utf-8"', b'charset="us-ascii"', 1),
    "no-end": raw.rstrip(b"\r\n"),
}
(top / "bad").mkdir()
for name, data in bad.items():
    assert data != raw, name
    (top / "bad" / name).write_bytes(data)
PY
check "mails: a good mail has no fault" mails --out "$TMP/parts" "$TMP/box"
cp "$TMP/out" "$TMP/good.json"
is "mails: what is in tmp/ is not read" "$(json 'len(d)' "$TMP/good.json")" 1
is "mails: the tree is drawn" "$(json 'd[0]["tree"]' "$TMP/good.json")" \
    "multipart/mixed(multipart/alternative(text/plain, multipart/related(text/html, image/png)), application/pdf, message/rfc822(multipart/alternative(text/plain, multipart/related(text/html, image/png))))"
is "mails: the subject is decoded" "$(json 'd[0]["subject"]' "$TMP/good.json")" "Ihr Ticket für Fächerwerk 🚀"
is "mails: the code of the text is found" "$(json 'd[0]["codes"]' "$TMP/good.json")" '["01234-56789-ABCDE-FGHJK-MNPQR"]'
is "mails: the address is taken apart" "$(json 'd[0]["to"]' "$TMP/good.json")" '["kaethe@stroessner.example"]'
is "mails: names of files are decoded" "$(json '[p["name"] for p in d[0]["parts"] if p["type"] == "application/pdf"]' "$TMP/good.json")" '["Lizenzkarte-ß.pdf"]'
is "mails: a message in a message is read too" "$(json 'd[0]["messages"][0]["message_id"]' "$TMP/good.json")" "<2@example.com>"
is "mails: parts are written to files" "$(cat "$TMP/parts/0001/4.pdf")" "%PDF-1.4"
check "mails: --lf takes line feeds" mails --lf "$TMP/bad/lf"
for fault in "$TMP"/bad/*; do
	mails "$fault" >"$TMP/out" 2>&1 && not_ok "mails: sees ${fault##*/}" || ok "mails: sees ${fault##*/}"
done
cp "$TMP/box/new/1" "$TMP/box/new/3"
mails "$TMP/box" >"$TMP/out"
has "mails: sees a Message-ID twice" "$TMP/out" 'the same Message-ID'

# ---- qr.sh

need zbarimg pdftoppm
# Pictures and pages by the library the program links with, drawn here.
/usr/bin/python3 - "$TMP" <<'PY'
import ctypes, pathlib, sys
top = pathlib.Path(sys.argv[1])

class Code(ctypes.Structure):
    _fields_ = [("version", ctypes.c_int), ("width", ctypes.c_int), ("data", ctypes.POINTER(ctypes.c_ubyte))]

lib = ctypes.CDLL("libqrencode.so.4")
lib.QRcode_encodeString.restype = ctypes.POINTER(Code)

def modules(text):
    code = lib.QRcode_encodeString(text.encode(), 0, 1, 2, 1).contents
    return [[code.data[y * code.width + x] & 1 for x in range(code.width)] for y in range(code.width)]

def picture(text, scale=4):
    m = modules(text)
    size = (len(m) + 8) * scale
    dark = lambda i: 0 <= i // scale - 4 < len(m)
    rows = [bytes(0 if dark(x) and dark(y) and m[y // scale - 4][x // scale - 4] else 255 for x in range(size))
            for y in range(size)]
    return b"P5 %d %d 255\n" % (size, size) + b"".join(rows)

def page(texts):
    """Drawing operators: modules of 0.5 mm, one code below the other."""
    out, unit = "", 0.5 * 72 / 25.4
    for n, text in enumerate(texts):
        for y, row in enumerate(modules(text)):
            for x, dark in enumerate(row):
                if dark:
                    out += "%.3f %.3f %.3f %.3f re\n" % (72 + x * unit, 720 - n * 120 - y * unit, unit, unit)
    return (out + "f\n").encode()

def pdf(pages):
    kids = " ".join("%d 0 R" % (3 + 2 * i) for i in range(len(pages)))
    bodies = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(pages))]
    for i, stream in enumerate(pages):
        bodies.append("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R >>" % (4 + 2 * i))
        bodies.append("<< /Length %d >>\nstream\n%sendstream" % (len(stream), stream.decode()))
    out, at = b"%PDF-1.4\n", []
    for n, body in enumerate(bodies, 1):
        at.append(len(out))
        out += ("%d 0 obj\n%s\nendobj\n" % (n, body)).encode()
    table = "".join("%010d 00000 n \n" % a for a in at)
    return out + ("xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
                  % (len(at) + 1, table, len(at) + 1, len(out))).encode()

(top / "one.pgm").write_bytes(picture("HTTPS://DEPOT.EXAMPLE.COM/#AB"))
(top / "none.pgm").write_bytes(b"P5 99 99 255\n" + b"\xff" * 99 * 99)
(top / "two.pdf").write_bytes(pdf([page(["FIRST", "SECOND"]), page(["THIRD"])]))
PY
is "qr: a picture is read" "$(qr "$TMP/one.pgm")" "$TMP/one.pgm 1	HTTPS://DEPOT.EXAMPLE.COM/#AB"
is "qr: every code of every page is read" "$(qr "$TMP/two.pdf" | cut -d' ' -f2 | sort | tr '\n\t' '| ')" \
    "1 FIRST|1 SECOND|2 THIRD|"
refuses "qr: a picture without a code is told" 1 qr "$TMP/none.pgm"
refuses "qr: also beside one that has a code" 1 qr "$TMP/one.pgm" "$TMP/none.pgm"
finish
