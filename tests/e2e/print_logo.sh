#!/bin/sh
# print_logo.sh - logos come from the operator's folder, are checked when they are taken, and are on
# cards and letters of what is ordered from then on; what was ordered before does not change.
. "$TP_SOURCE/tests/e2e/lib.sh"
need pdfimages pdftotext qpdf zbarimg pdftoppm

# png FILE WIDTH HEIGHT RED GREEN BLUE - a frame of that colour, transparent inside.
png() {
	/usr/bin/python3 - "$@" <<'PY'
import struct, sys, zlib
path, w, h, *colour = sys.argv[1], *map(int, sys.argv[2:])
def pixel(x, y):
    edge = min(x, y, w - 1 - x, h - 1 - y)
    return bytes(colour + [255 if edge < h // 5 else 0])
rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(w)) for y in range(h))
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
open(path, "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 6, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
PY
}
# order NUMBER PARTY BY
order() {
	printf '{"order":"%s","source":"s","party":"%s","customer":{"id":"K-1","name":"Jörg Müller","email":"j@example.com","address":{"lines":["Hauptstr. 1"],"postcode":"79098","city":"Freiburg","country":"DE"}},"deliver":{"by":"%s","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":1}]}' \
	    "$1" "$2" "$3" | tp order submit - >/dev/null
}
# images PDF - width and height of each picture in it.
images() {
	pdfimages -list "$1" | awk 'NR > 2 { print $4 "x" $5 }' | sort | tr '\n' ' '
}

new_instance
/usr/bin/python3 - "$TP_SOURCE/tests/samples/vendor.json" >"$TMP/vendor.json" <<'PY'
import json, sys
d = json.load(open(sys.argv[1]))
for p in d["parties"]:
    if p["id"] == "R-100":
        p["brand"] = "r100"
json.dump(d, sys.stdout)
PY
tp import "$TMP/vendor.json" >/dev/null 2>&1
setting print product letter
setting gateway address "Kaiserallee 153; 76133 Karlsruhe"
folder=$INSTANCE/printed
logos=$INSTANCE/logos

order L-0 R-100 post
tp work --drain >/dev/null 2>&1
tp print close 1 >/dev/null 2>&1
tp work --drain >/dev/null 2>&1
before=$(sha256sum <"$folder/batch-000001.pdf")
is "logo: none is taken, none is printed" "$(images "$folder/batch-000001.pdf")" ""

# What is refused, with nothing taken.
png "$logos/r100.png" 600 200 160 40 60
echo '<svg xmlns="http://www.w3.org/2000/svg"/>' >"$logos/vendor.png"
refuses "logo: another format is refused" 65 tp print logos
has "logo: with its file" "$TMP/err" 'vendor.png: it is no PNG file'
head -c 300 "$logos/r100.png" >"$logos/vendor.png"
refuses "logo: a file cut off is refused" 65 tp print logos
png "$logos/vendor.png" 20 20 0 0 0
printf '\377\377\377\377\377\377\377\377' | dd of="$logos/vendor.png" bs=1 seek=16 conv=notrunc 2>/dev/null
refuses "logo: a picture that says it is huge is refused" 65 tp print logos
png "$logos/vendor.png" 80 80 255 255 255
refuses "logo: a white one is refused" 65 tp print logos
rm "$logos/vendor.png"
png "$logos/somebody.png" 60 60 0 0 0
refuses "logo: a brand that nobody has is refused" 65 tp print logos
rm "$logos/somebody.png"
order L-1 R-100 post
tp work --drain >/dev/null 2>&1
tp print close 2 >/dev/null 2>&1
tp work --drain >/dev/null 2>&1
is "logo: nothing of it was taken" "$(images "$folder/batch-000002.pdf")" ""

# Taken.
png "$logos/vendor.png" 300 300 40 60 160
check "logo: taken" tp print logos --dry-run --json
check "logo: the dry run took nothing" tp print logos --json
is "logo: both are new" "$(json 'd["taken"]' "$TMP/out")" 2
check "logo: again" tp print logos --json
is "logo: unchanged" "$(json '[d["taken"], d["unchanged"]]' "$TMP/out")" "[0, 2]"
order L-2 R-100 post
order L-3 R-100 email
tp work --drain >/dev/null 2>&1
tp print close 3 >/dev/null 2>&1
tp work --drain >/dev/null 2>&1
is "logo: the reseller's is on card and letter, once in the file" \
    "$(pdfimages -list "$folder/batch-000003.pdf" | awk 'NR > 2 { print $4 "x" $5, $11 }' | sort | uniq -c | tr -s ' ')" " 2 600x200 $(pdfimages -list "$folder/batch-000003.pdf" | awk 'NR == 3 { print $11 }')"
qpdf --check "$folder/batch-000003.pdf" >"$TMP/out" 2>&1 && ok "logo: qpdf finds no fault" || not_ok "logo: qpdf" "$TMP/out"
is "logo: the code beside it scans" "$(qr "$folder/batch-000003.pdf" | wc -l)" 1
mail=$(grep -l 'Lizenzkarte' -r "$INSTANCE/outbox" | head -n 1)
mails "$mail" --out "$TMP/parts" >/dev/null
card=$(find "$TMP/parts" -name '*.pdf' | head -n 1)
is "logo: it is on the card that is mailed" "$(images "$card")" "600x200 "
is "logo: what was printed before stays as it was" "$before" "$(tp print render 1 >/dev/null 2>&1; sha256sum <"$folder/batch-000001.pdf")"

# A new one: what is ordered from now on has it, what was ordered has the old one.
png "$logos/r100.png" 400 100 0 90 60
tp print logos >/dev/null
order L-4 R-100 post
tp work --drain >/dev/null 2>&1
tp print close 4 >/dev/null 2>&1
tp work --drain >/dev/null 2>&1
third=$(sha256sum <"$folder/batch-000003.pdf")
check "logo: an older batch is written again" tp print render 3
is "logo: with the logo of its day" "$(sha256sum <"$folder/batch-000003.pdf")" "$third"
is "logo: the new one is on the new letter" "$(images "$folder/batch-000004.pdf")" "400x100 400x100 "
rm "$logos/r100.png"
check "logo: a file that is gone" tp print logos --json
is "logo: takes its logo along" "$(json 'd["removed"]' "$TMP/out")" 1
check "logo: the audit chain is whole" tp audit verify
finish
