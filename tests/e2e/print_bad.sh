#!/bin/sh
# print_bad.sh - bad input for the warehouse: addresses that are missing or too long, a full disk, a
# scanner with the wrong keyboard, foreign codes, sales undone before and after shipping.
. "$TP_SOURCE/tests/e2e/lib.sh"
need pdftotext qpdf

# order NUMBER NAME QUANTITY ADDRESS
order() {
	printf '{"order":"%s","source":"s","party":"R-100","customer":{"id":"K-%s","name":"%s"%s},"deliver":{"by":"post","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":%s}]}' \
	    "$1" "$1" "$2" "$4" "$3" | tp order submit -
}
home=',"address":{"lines":["Hauptstr. 1"],"postcode":"79098","city":"Freiburg","country":"DE"}'
delivery() {
	tp ticket list --order "$1" --json | json 'd["tickets"][0]["deliveries"][-1]["state"]'
}
batch() {
	tp print show "$1" --json | json 'd["state"]'
}
write_batch() {
	tp work --drain >/dev/null 2>&1
	tp print close "$1" >/dev/null 2>&1
	tp work --drain >/dev/null 2>&1
}
long() {
	printf "$1%.0s" $(seq "$2")
}

new_instance
tp import "$TP_SOURCE/tests/samples/vendor.json" >/dev/null 2>&1
setting gateway address "Kaiserallee 153; 76133 Karlsruhe"
setting print gather 1h
setting print product letter
folder=$INSTANCE/printed

# Names and addresses.
refuses "bad: a name of 300 characters is refused" 65 order N-1 "$(long N 300)" 1 "$home"
refuses "bad: no address is refused" 65 order N-2 "Jörg Müller" 1 ""
order N-3 "$(long W 150)" 1 "$home" >/dev/null
order N-4 "Jörg Müller" 1 ',"address":{"lines":["'"$(long 'Wilhelmine-von-Gottesgnaden-' 3)"'Allee 1"],"postcode":"79098","city":"Freiburg","country":"DE"}' >/dev/null
order N-5 "Jörg Müller" 1 ',"address":{"lines":["A","B","C","D","E"],"postcode":"79098","city":"Freiburg","country":"DE"}' >/dev/null
order G-1 "Zoë Brontë" 3 "$home" >/dev/null
write_batch 1
is "bad: what fits is printed" "$(batch 1)" rendered
for n in N-3 N-4 N-5; do
	is "bad: $n does not fit and is held, not clipped" "$(delivery $n)" held
	tp ticket list --order $n --json >"$TMP/out"
	has "bad: $n says why, and what to do" "$TMP/out" 'reprint'
done
pdftotext "$folder/batch-000001.pdf" "$TMP/text"
lacks "bad: nothing of them is on paper" "$TMP/text" 'WWWW|Gottesgnaden'
refuses "bad: closing twice" 75 tp print close 1
refuses "bad: a batch that is none" 66 tp print close 99
refuses "bad: a batch that is no number" 65 tp print close one

# A full disk, in the middle of a batch.
order F-1 "Max Moritz" 40 "$home" >/dev/null
setting print product sheet
order F-2 "Max Moritz" 40 "$home" >/dev/null
mkdir "$TMP/small"
if mount -t tmpfs -o size=16k tmpfs "$TMP/small" 2>/dev/null; then
	setting print folder "$TMP/small"
	tp work --drain >/dev/null 2>&1
	tp print close 2 >/dev/null 2>&1
	tp work --drain >"$TMP/work" 2>&1
	is "bad: a full disk leaves the batch closed" "$(batch 2)" closed
	has "bad: and is named" "$TMP/work" '[Nn]o space left'
	is "bad: no half file is left" "$(find "$TMP/small" -name '.*' -type f | wc -l)" 0
	refuses "bad: a person asks, and is told too" 74 tp print render 2
	umount "$TMP/small"
	setting print folder printed
	check "bad: with room it is written" tp print render 2
	is "bad: whole" "$(batch 2)" rendered
	qpdf --check "$folder/batch-000002.pdf" >"$TMP/out" 2>&1 && ok "bad: qpdf finds no fault" || not_ok "bad: qpdf" "$TMP/out"
else
	skip "print_bad mounting needs root"
	write_batch 2
fi

# A scanner that believes the keyboard is American: Y and Z change, '-' becomes a sharp s, ':' and
# '/' others.
tp print printed 1 --reason "saw it" >/dev/null
us() {
	sed 'y/YZyz/ZYzy/; s/-/ß/g; s|:|Ö|g; s|/|-|g; s|#|§|g'
}
card() {
	tp print show "$1" --json | json "[c for c in d['cards'] if c['state'] != 'pulled'][$2]['$3']"
}
code() {
	tp ticket reveal "$(card 1 "$1" ticket)"
}
{
	card 1 0 label
	code 0 | us
	card 1 1 label | tr '[:upper:]' '[:lower:]'
	code 1
} | tp print scan >"$TMP/out" 2>&1
is "bad: scanned with another keyboard" "$(grep -c 'ok ' "$TMP/out")" 4
has "bad: it counts" "$TMP/out" '3 of 3'
has "bad: a letter is packed whole" "$TMP/out" 'the envelope is complete'
printf '7K3QF-9XZ2M-ABCDE-FGHJK-MNPQR\nC000000013000\n4006381333931\n%s\n' "$(long X 3000)" | tp print scan >"$TMP/out" 2>&1
is "bad: foreign codes are refused aloud" "$(grep -c '!!!!' "$TMP/out")" 4
is "bad: with three beeps each" "$(tr -cd '\007' <"$TMP/out" | wc -c)" 12

# A sale undone before shipping pulls the card, and the packing list says so.
check "bad: a sale is undone before shipping" tp order cancel F-2
tp work --drain >/dev/null 2>&1
sheet=$(tp print list --json | json '[b["id"] for b in d["batches"] if b["product"] == "sheet"][0]')
tp print show "$sheet" --json >"$TMP/show"
is "bad: its cards are pulled" "$(json 'sum(c["state"] == "pulled" for c in d["cards"])' "$TMP/show")" 40
setting print product letter
order R-1 "Eve Dee" 1 "$home" >/dev/null
order R-2 "Bob Cee" 1 "$home" >/dev/null
tp work --drain >/dev/null 2>&1
last=$(tp print list --json | json 'max(b["id"] for b in d["batches"])')
write_batch "$last"
check "bad: one of a batch that is written" tp order cancel R-1
tp work --drain --kinds chores,print,issue >/dev/null 2>&1
pdftotext -layout "$folder/batch-$(printf %06d "$last")-list.pdf" "$TMP/text"
has "bad: the list says to remove it" "$TMP/text" 'zu entfernen +1'
has "bad: beside its order" "$folder/batch-$(printf %06d "$last")-list.csv" 'R-1'
tp print printed "$last" --reason "saw it" >/dev/null
tp print scan "$(card "$last" 0 label)" "$(card "$last" 0 serial)" >/dev/null 2>&1
check "bad: the rest is shipped" tp print ship "$last" --tracking X --unscanned

# After shipping the ticket is dead.
check "bad: a sale is undone after shipping" tp order cancel R-2
tp work --drain >/dev/null 2>&1
is "bad: the ticket is dead" "$(tp ticket list --order R-2 --json | json 'd["tickets"][0]["state"].startswith("recall")')" true
refuses "bad: and is never printed again" 75 tp ticket reprint "$(tp ticket list --order R-2 --json | json 'd["tickets"][0]["id"]')" --reason "lost"
check "bad: the audit chain is whole" tp audit verify
finish
