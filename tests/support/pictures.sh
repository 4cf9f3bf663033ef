#!/bin/sh
# pictures.sh - draw the README's pictures: a mail in headless Chromium, a card by pdftoppm.
set -eu
cd "$(dirname "$0")/../.."
tp=${TP_BIN:-$PWD/build/ticketpost}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p .readme
"$tp" init "$tmp/i" >/dev/null
export TICKETPOST_CONFIG="$tmp/i/ticketpost.conf"
"$tp" import tests/samples/vendor.json >/dev/null
head -n 1 tests/samples/orders/01-erp.jsonl | "$tp" order submit - >/dev/null
"$tp" work --drain -q
/usr/bin/python3 - "$tmp" <<'PY'
import base64, email, email.policy, glob, sys
tmp = sys.argv[1]
mail = glob.glob(tmp + "/i/outbox/new/*")[0]
m = email.message_from_binary_file(open(mail, "rb"), policy=email.policy.default)
parts = {p.get_content_type(): p for p in m.walk() if not p.is_multipart()}
png = parts["image/png"]
html = parts["text/html"].get_content().replace(
    "cid:" + png["Content-ID"].strip("<>"),
    "data:image/png;base64," + base64.b64encode(png.get_payload(decode=True)).decode())
open(tmp + "/mail.html", "w").write(html)
open(tmp + "/card.pdf", "wb").write(parts["application/pdf"].get_payload(decode=True))
PY
chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
	--disable-background-networking --disable-component-update --disable-sync \
	--user-data-dir="$tmp/c" --hide-scrollbars --force-device-scale-factor=0.6 \
	--window-size=640,980 --screenshot="$PWD/.readme/mail.png" "file://$tmp/mail.html" >/dev/null 2>&1
pdftoppm -r 120 -png -singlefile "$tmp/card.pdf" .readme/card
ls -l .readme
