#!/bin/sh
# print_duplex.sh - paper with two sides: cards with backs, and letters of which none begins on the
# back of another.
. "$TP_SOURCE/tests/e2e/lib.sh"
need pdftotext pdfinfo qpdf

order() {
	printf '{"order":"%s","source":"s","party":"R-100","customer":{"id":"K-%s","name":"Jörg %s","address":{"lines":["Hauptstr. 1"],"postcode":"79098","city":"Freiburg","country":"DE"}},"deliver":{"by":"post","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":%s}]}' \
	    "$1" "$1" "$1" "$2" | tp order submit - >/dev/null
}

new_instance
tp import "$TP_SOURCE/tests/samples/vendor.json" >/dev/null 2>&1
setting gateway address "Kaiserallee 153; 76133 Karlsruhe"
setting print gather 1h
setting print back true
folder=$INSTANCE/printed

order A 11
tp work --drain >/dev/null 2>&1
tp print close 1 >/dev/null 2>&1
refuses "duplex: backs on one-sided paper are refused" 78 tp print render 1
has "duplex: with what to set" "$TMP/err" 'two-sided-long-edge'
setting print sides two-sided-long-edge
is "duplex: then it is written" "$(written 1)" rendered
file=$folder/batch-000001.pdf
pdfinfo "$file" >"$TMP/info"
has "duplex: two sheets are four pages" "$TMP/info" '^Pages: +4$'
pdftotext -f 2 -l 2 -layout "$file" "$TMP/back"
has "duplex: the back gives advice" "$TMP/back" 'wie Bargeld'
has "duplex: and says where to ask" "$TMP/back" 'lizenzen@kranichhaus.example'
lacks "duplex: but no code" "$TMP/back" '[0-9A-Z]{5}-[0-9A-Z]{5}'
pdftotext -f 4 -l 4 "$file" "$TMP/back"
is "duplex: the last sheet has one back" "$(grep -c '^C[0-9]*$' "$TMP/back")" 1
serial=$(tp print show 1 --json | json 'd["cards"][10]["serial"]')
has "duplex: that of its front" "$TMP/back" "^$serial\$"

setting print back_text "$(printf 'advice %.0s' $(seq 80))"
order B 1
is "duplex: a text too long for the back" "$(written 2)" cancelled
tp ticket list --order B --json >"$TMP/out"
has "duplex: holds the card with the reason" "$TMP/out" 'too long for a card'
setting print back_text ""

# Letters: one page, or two with a list of cards; each begins on a new sheet.
setting print product letter
order C 1
order D 3
order E 1
is "duplex: letters" "$(written 3)" rendered
pdfinfo "$folder/batch-000003.pdf" >"$TMP/info"
for who in C D E; do
	for page in $(seq "$(sed -n 's/^Pages: *//p' "$TMP/info")"); do
		pdftotext -f "$page" -l "$page" "$folder/batch-000003.pdf" - | grep -q "Guten Tag Jörg $who" && echo "$page"
	done
done >"$TMP/pages"
is "duplex: three begin" "$(wc -l <"$TMP/pages")" 3
is "duplex: each on the front of a sheet" "$(awk '$1 % 2 == 0' "$TMP/pages")" ""
qpdf --check "$folder/batch-000003.pdf" >"$TMP/out" 2>&1 && ok "duplex: qpdf finds no fault" || not_ok "duplex: qpdf" "$TMP/out"
finish
