#!/bin/sh
# render.sh - ticketpost render: a JSON list of cards becomes a PDF that scans, or nothing.
. "$TP_SOURCE/tests/e2e/lib.sh"
need pdftoppm zbarimg qpdf pdfinfo

cd "$TMP" || exit 70
url='HTTPS://DEPOT.EXAMPLE.COM/#{{code}}'

# cards N - a list with names that have umlauts, Greek and Polish letters.
cards() {
	/usr/bin/python3 - "$1" <<'PY'
import json, random, sys
random.seed(int(sys.argv[1]))
symbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
names = ["Jürgen Weißenböck", "Grażyna Brzęczyszczykiewicz", "Νίκος Παπαδόπουλος", "O'Brien"]
print(json.dumps([{
    "product": "CAD Pro 2026",
    "code": "-".join("".join(random.choices(symbols, k=5)) for _ in range(5)),
    "holder": names[i % 4], "serial": "%06d" % i, "valid": "2026-12-31",
} for i in range(int(sys.argv[1]))]))
PY
}

cards 23 >cards.json
check "a sheet is rendered" tp render sheet cards.json -o sheet.pdf --url "$url" --start 4 --json
is "its cards and pages are counted" "$(json '[d["cards"], d["pages"]]' "$TMP/out")" "[23, 3]"
is "its hash is that of the file" "$(json 'd["sha256"]' "$TMP/out")" \
    "$(sha256sum sheet.pdf | cut -d' ' -f1)"
check "qpdf finds no fault" qpdf --check sheet.pdf
qr sheet.pdf | cut -f2 | sort >got
json '"\n".join(sorted("HTTPS://DEPOT.EXAMPLE.COM/#" + c["code"] for c in d))' cards.json >want
check "every code of the sheet scans, and no other" cmp got want

cp sheet.pdf first.pdf
tp render sheet cards.json -o sheet.pdf --url "$url" --start 4 -q >/dev/null
check "again it is the same file" cmp first.pdf sheet.pdf

check "single cards are rendered" tp render card cards.json -o card.pdf --url "$url" --bleed 0
pdfinfo card.pdf >info
has "a page each" info '^Pages: +23$'
has "of ID-1 size" info '^Page size: +242\.64[0-9]* x 153\.01[0-9]* pts'

echo '[{"product": "CAD", "code": "X", "holder": "Ada \ud83d\ude00"}]' >bad.json
refuses "an emoji is refused by name" 65 tp render sheet bad.json -o bad.pdf
has "with file, card and field" "$TMP/err" 'bad.json: card 1: HOLDER: no font shows U\+1F600'
echo '[{"product": "CAD", "code": "X", "holdr": "Ada"}]' >bad.json
refuses "an unknown key is refused" 65 tp render sheet bad.json -o bad.pdf
refuses "a start slot behind the last is refused" 65 tp render sheet cards.json -o bad.pdf --start 11
has "counted as people count" "$TMP/err" 'start slot 11; .* has 1 to 10'
refuses "a full disk is seen" 74 tp render sheet cards.json -o /dev/full
refuses "a missing list is named" 66 tp render sheet nothing.json -o bad.pdf
check "nothing of it is left" test ! -e bad.pdf

finish
