#!/bin/sh
# print_scale.sh - a large batch: files of so many pages, flat memory, killed in the middle and gone
# on with, nothing written twice.
#
# Short by itself; PRINT_CARDS=100000 PRINT_LETTERS=10000 is the full length, and prints what it took.
. "$TP_SOURCE/tests/e2e/lib.sh"
need pdfinfo qpdf
cards=${PRINT_CARDS:-400}
letters=${PRINT_LETTERS:-40}
pages=$((cards > 5000 ? 500 : 10))

# order NUMBER QUANTITY - up to 10,000 an order, as the limit says.
order() {
	printf '{"order":"%s","source":"s","party":"R-100","customer":{"id":"K-%s","name":"Jörg Müller %s","address":{"lines":["Hauptstr. 1"],"postcode":"79098","city":"Freiburg","country":"DE"}},"deliver":{"by":"post","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":%s}]}\n' \
	    "$1" "$1" "$1" "$2"
}
# timed COMMAND... - runs it; $took (s) and $peak (KiB, of it and its children).
timed() {
	/usr/bin/python3 - "$@" >"$TMP/timed" 2>"$TMP/timed.err" <<'PY'
import resource, subprocess, sys, time
t = time.monotonic()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
print(code, round(time.monotonic() - t, 1), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
PY
	read -r code took peak <"$TMP/timed"
	return "$code"
}
# When the lease of a worker that was killed has ended.
later=$(date -u -d '+2 hours' +%Y-%m-%dT%H:%M:%SZ)
state() {
	tp print show "$1" --json | json 'd["state"]'
}
# The cards' files of a batch, by number.
files() {
	find "$INSTANCE/printed" -name "batch-00000$1*.pdf" ! -name '*-list.pdf' | sort
}

new_instance
tp import "$TP_SOURCE/tests/samples/vendor.json" >/dev/null 2>&1
setting gateway address "Kaiserallee 153; 76133 Karlsruhe"
setting print gather 24h
setting print size 1000000
setting print file_pages "$pages"

n=0
while [ $n -lt "$cards" ]; do
	part=$((cards - n > 10000 ? 10000 : cards - n))
	order "S-$n" "$part"
	n=$((n + part))
done >"$TMP/orders.jsonl"
check "scale: $cards cards are ordered" tp order submit "$TMP/orders.jsonl"
tp work --drain >/dev/null 2>&1
is "scale: they gather in one batch" "$(tp print list --json | json '[b["pieces"] for b in d["batches"]]')" "[$cards]"
check "scale: closed" tp print close 1

# Killed after the second part; what is there stays as it is.
TICKETPOST_FAULT=die:print.filed:4 tp work --drain >"$TMP/out" 2>&1
is "scale: killed in the middle" $? 137
ls -i "$INSTANCE/printed" | sort >"$TMP/before"
timed env TICKETPOST_NOW="$later" "$TP_BIN" work --drain
before=$peak
is "scale: gone on with" "$code $(state 1)" "0 rendered"
ls -i "$INSTANCE/printed" | sort >"$TMP/after"
check "scale: what was there was not written again" test -z "$(comm -23 "$TMP/before" "$TMP/after")"
want=$((((cards + 9) / 10 + pages - 1) / pages))
is "scale: in files of $pages sheets" "$(files 1 | wc -l)" "$want"
total=0
for f in $(files 1); do
	qpdf --check "$f" >"$TMP/out" 2>&1 || not_ok "scale: qpdf $f" "$TMP/out"
	total=$((total + $(pdfinfo "$f" | sed -n 's/^Pages: *//p')))
done
is "scale: of all sheets" "$total" $(((cards + 9) / 10))
[ "$before" -lt 131072 ] && ok "scale: in flat memory" || { echo "$before KiB" >"$TMP/out"; not_ok "scale: flat memory" "$TMP/out"; }
echo "# $cards cards: $took s, $peak KiB"

# Letters.
setting print product letter
n=0
while [ $n -lt "$letters" ]; do
	order "L-$n" 1
	n=$((n + 1))
done >"$TMP/orders.jsonl"
check "scale: $letters letters are ordered" tp order submit "$TMP/orders.jsonl"
tp work --drain >/dev/null 2>&1
check "scale: closed" tp print close 2
timed env TICKETPOST_NOW="$later" "$TP_BIN" work --drain
is "scale: letters are written" "$code $(state 2)" "0 rendered"
is "scale: in files of $pages letters" "$(files 2 | wc -l)" $(((letters + pages - 1) / pages))
[ "$peak" -lt 131072 ] && ok "scale: in flat memory too" || { echo "$peak KiB" >"$TMP/out"; not_ok "scale: flat memory" "$TMP/out"; }
echo "# $letters letters: $took s, $peak KiB"
finish
