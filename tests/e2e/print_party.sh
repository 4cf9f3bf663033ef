#!/bin/sh
# print_party.sh - one reseller wants letters, another folded ones, the rest gets sheets of cards.
. "$TP_SOURCE/tests/e2e/lib.sh"
need pdftotext

order() {
	printf '{"order":"%s","source":"s","party":"%s","customer":{"id":"K-1","name":"Jörg Müller","address":{"lines":["Hauptstr. 1"],"postcode":"79098","city":"Freiburg","country":"DE"}},"deliver":{"by":"post","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":1}]}' \
	    "$1" "$2" | tp order submit - >/dev/null
}
# wants PARTY PRODUCT FILE - the sample vendor's party with a wish for paper.
wants() {
	/usr/bin/python3 - "$@" "$TP_SOURCE/tests/samples/vendor.json" <<'PY'
import json, sys
d = json.load(open(sys.argv[4]))
party = next(p for p in d["parties"] if p["id"] == sys.argv[1])
party["print"] = sys.argv[2]
json.dump({"parties": [party]}, open(sys.argv[3], "w"))
PY
}

new_instance
tp import "$TP_SOURCE/tests/samples/vendor.json" >/dev/null 2>&1
setting gateway address "Kaiserallee 153; 76133 Karlsruhe"
setting print gather 1h
wants R-100 poster "$TMP/bad.json"
refuses "party: an unknown product is refused" 65 tp import "$TMP/bad.json"
has "party: with the field" "$TMP/err" 'print'
wants R-100 letter "$TMP/letter.json"
check "party: a reseller wants letters" tp import "$TMP/letter.json"
order A R-100
order B R-200
order C R-100
tp work --drain >/dev/null 2>&1
tp print list --json >"$TMP/list"
is "party: its orders gather as letters, others as cards" \
    "$(json 'sorted((b["product"], b["pieces"]) for b in d["batches"])' "$TMP/list")" '[["letter", 2], ["sheet", 1]]'
wants R-100 pin "$TMP/pin.json"
check "party: it wants folded ones now" tp import "$TMP/pin.json"
order D R-100
tp work --drain >/dev/null 2>&1
tp print list --json >"$TMP/list"
is "party: what was ordered before stays a letter" \
    "$(json 'sorted((b["product"], b["pieces"]) for b in d["batches"])' "$TMP/list")" '[["letter", 2], ["pin", 1], ["sheet", 1]]'
for id in 1 2 3; do
	tp print close "$id" >/dev/null
done
tp work --drain >/dev/null 2>&1
tp print list --json >"$TMP/list"
is "party: all are written" "$(json '[b["state"] for b in d["batches"]]' "$TMP/list")" '["rendered", "rendered", "rendered"]'

# A letter under a reseller's brand comes back to that reseller; without a whole address, to us.
id=$(json '[b["id"] for b in d["batches"] if b["product"] == "letter"][0]' "$TMP/list")
pdftotext -layout "$INSTANCE/printed/batch-00000$id.pdf" "$TMP/text"
has "party: its letters come back to the reseller" "$TMP/text" \
    'Kranichhaus Systeme GmbH · Große Elbstraße 47 · 22767 Hamburg'
# from PARTY ADDRESS BATCH - a letter of that party, which lives there now.
from() {
	/usr/bin/python3 - "$@" "$TP_SOURCE/tests/samples/vendor.json" >"$TMP/moved.json" <<'PY'
import json, sys
d = json.load(open(sys.argv[4]))
party = next(p for p in d["parties"] if p["id"] == sys.argv[1])
party.update(print="letter", address=json.loads(sys.argv[2]))
json.dump({"parties": [party]}, sys.stdout)
PY
	tp import "$TMP/moved.json" >"$TMP/out" 2>&1
	order "$1-$3" "$1"
	written "$3" >"$TMP/out"
}
from R-200 '{"lines": ["Unit 4, Canal Wharf"], "postcode": "LS11 5PS", "city": "Leeds", "country": "GB"}' 4
has "party: it is written" "$TMP/out" rendered
pdftotext -layout "$INSTANCE/printed/batch-000004.pdf" "$TMP/text"
has "party: abroad, with the country, on a line below the name" "$TMP/text" \
    '^ *Unit 4, Canal Wharf · LEEDS · LS11 5PS · (GROSSBRITANNIEN|VEREINIGTES KÖNIGREICH)'
from R-200 '{"lines": ["Unit 4, Canal Wharf"], "country": "GB"}' 5
pdftotext -layout "$INSTANCE/printed/batch-000005.pdf" "$TMP/text"
has "party: an address that is not whole is not printed" "$TMP/text" \
    'Heron & Daughters Software Ltd · Kaiserallee 153 · 76133 Karlsruhe'
from R-300 '{"lines": ["Weg 1"], "postcode": "76133", "city": "Karlsruhe", "country": "DE"}' 6
pdftotext -layout "$INSTANCE/printed/batch-000006.pdf" "$TMP/text"
has "party: without a brand of its own, letters are the vendor's" "$TMP/text" '· Kaiserallee 153 · 76133 Karlsruhe'
lacks "party: and come back to the vendor" "$TMP/text" 'Weg 1'

# Who watches a batch being written sees it move, within its one file too.
setting print labels avery-l7163
printf '{"order":"M","source":"s","party":"R-100","customer":{"id":"K-2","name":"Max","address":{"lines":["Weg 1"],"postcode":"79098","city":"Freiburg","country":"DE"}},"deliver":{"by":"post","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":30}]}' |
	tp order submit - >/dev/null
wants R-100 sheet "$TMP/sheet.json"
tp import "$TMP/sheet.json" >/dev/null 2>&1
written 7 >"$TMP/out"
/usr/bin/python3 - "$TP_BIN" print render 7 >"$TMP/out" <<'PY'
import os, pty, re, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
text = b""
try:
    while piece := os.read(fd, 4096):
        text += piece
except OSError:
    pass
os.waitpid(pid, 0)
seen = [int(n) for n in re.findall(rb"(\d+) % written", text)]
print(len(seen) > 20, seen == sorted(set(seen)), seen[-1:], text.decode() if not seen else "")
PY
has "party: the bar moves within a file, up and to the end" "$TMP/out" 'True True .100.'
finish
