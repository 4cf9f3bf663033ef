#!/bin/sh
# print_day.sh - a day in the warehouse: cards gather, a batch is closed, written, printed on an
# IPP printer, scanned with two mistakes, one card is spoiled, all is shipped, one comes back.
# Programs are killed in between; nothing is printed twice unasked, and nothing is lost.
. "$TP_SOURCE/tests/e2e/lib.sh"
. "$TP_SOURCE/tests/support/ipp.sh"
need ippeveprinter avahi-daemon dbus-daemon zbarimg pdftoppm pdftotext qpdf

later() {
	TICKETPOST_NOW=$(date -u -d '+2 hours' +%Y-%m-%dT%H:%M:%SZ) "$@"
}
# dies NAME POINT COMMAND... - killed at a fault point; only builds with such points do.
dies() {
	dies_name=$1
	dies_point=$2
	shift 2
	TICKETPOST_FAULT=die:$dies_point:1 "$@" >"$TMP/out" 2>&1
	is "$dies_name" $? 137
}
batch() {
	tp print show "$1" --json | json 'd["state"]'
}
# card N - serial of the n-th card of batch 1, from 0; label N - that of its envelope.
card() {
	tp print show "${2:-1}" --json | json "d['cards'][$1]['serial']"
}
label() {
	tp print show "${2:-1}" --json | json "d['cards'][$1]['label']"
}
spooled() {
	find "$TMP/good.spool" -name '*.pdf' | wc -l
}

ipp_bus && ipp_printer good || { skip "print_day ippeveprinter does not start here"; exit 0; }

new_instance
tp import "$TP_SOURCE/tests/samples/vendor.json" >/dev/null 2>&1
setting print gather 1h
setting print labels avery-l7163
setting gateway address "Kaiserallee 153; 76133 Karlsruhe"
cat >"$TMP/orders.jsonl" <<'J'
{"order":"D-1","source":"s","party":"R-100","customer":{"id":"K-1","name":"Jörg Müller","company":"Häfele & Söhne GmbH","address":{"lines":["Hauptstr. 1"],"postcode":"79098","city":"Freiburg","country":"DE"}},"deliver":{"by":"post","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":2}]}
{"order":"D-2","source":"s","party":"R-100","customer":{"id":"K-2","name":"Zoë Brontë","address":{"lines":["Kaiserstr. 1"],"postcode":"76133","city":"Karlsruhe","country":"DE"}},"deliver":{"by":"post","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":1}]}
{"order":"D-3","source":"s","party":"R-100","customer":{"id":"K-3","name":"Max Moritz","address":{"lines":["Kaiserstr. 2"],"postcode":"76133","city":"Karlsruhe","country":"DE"}},"deliver":{"by":"post","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":1}]}
J
printf '{"order":"D-4","source":"s","party":"R-100","customer":{"id":"K-4","name":"%s","address":{"lines":["Weg 1"],"postcode":"76133","city":"Karlsruhe","country":"DE"}},"deliver":{"by":"post","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":1}]}\n' \
    "$(printf 'N%.0s' $(seq 90))" >>"$TMP/orders.jsonl"
check "day: four orders" tp order submit "$TMP/orders.jsonl"
check "day: work" tp work --drain
is "day: cards gather" "$(batch 1)" open
refuses "day: an open batch is not submitted" 78 tp print submit 1
check "day: closed by a person" tp print close 1 --start 9
refuses "day: closing twice is refused" 75 tp print close 1

# Written, with a kill at every step of it.
for point in print.placed file.write print.file file.rename file.renamed print.filed; do
	dies "day: killed at $point" $point tp print render 1
done
check "day: work goes on" later tp work --drain
is "day: the batch is written" "$(batch 1)" rendered
folder=$INSTANCE/printed
qpdf --check "$folder/batch-000001.pdf" >"$TMP/out" 2>&1 && ok "day: qpdf finds no fault" || not_ok "day: qpdf" "$TMP/out"
qr "$folder/batch-000001.pdf" >"$TMP/codes"
is "day: four cards scan, on two sheets from label 9" \
    "$(cut -d' ' -f2 "$TMP/codes" | cut -f1 | tr '\n' ' ')" "1 1 2 2 "
tp ticket list --json | json '"\n".join(sorted(x["state"] for t in d["tickets"] for x in t["deliveries"]))' >"$TMP/states"
is "day: the name of 90 letters is held, with the reason" "$(sort "$TMP/states" | uniq -c | tr -s ' \n' ' ')" " 1 held 4 rendered "
tp ticket list --json >"$TMP/out"
sum=$(sha256sum <"$folder/batch-000001.pdf")
check "day: rendered again" tp print render 1
is "day: to the same bytes" "$(sha256sum <"$folder/batch-000001.pdf")" "$sum"

# To the printer.
refuses "day: without a printer the folder is named" 78 tp print submit 1
setting print printer "$PRINTER"
dies "day: killed before the file leaves" spool.armed tp print submit 1
is "day: it is being submitted" "$(batch 1)" submitting
is "day: and nothing left" "$(spooled)" 0
check "day: the worker finds it" later tp work --drain
is "day: it is in doubt" "$(batch 1)" doubt
refuses "day: doubt is not submitted again by itself" 75 tp print submit 1
refuses "day: a person must say why" 65 tp print resolve 1 --again
check "day: a person looked" tp print resolve 1 --again --reason "the tray is full and the job list empty"
dies "day: killed before the printer's answer is noted" spool.sent tp print submit 1
check "day: it is in doubt again" later tp work --drain
is "day: the printer has it once" "$(spooled)" 1
check "day: found printed" tp print resolve 1 --printed --reason "saw the sheets"
is "day: printed" "$(batch 1)" printed
refuses "day: nothing is rendered that was printed" 75 tp print render 1
later tp work --drain >/dev/null 2>&1
is "day: and still only once" "$(spooled)" 1

# Scanned, with two mistakes.
first=HTTPS://DEPOT.EXAMPLE.COM/#$(tp ticket reveal "$(tp print show 1 --json | json "d[\"cards\"][0][\"ticket\"]")")
{
	label 0
	echo "$first"
	label 2                  # Zoë's label with Jörg's second card
	card 1
	label 0
	card 1
	echo 4006381333931       # the scanner met a bottle
	card 2
	label 2
} >"$TMP/scans"
tp print scan --json <"$TMP/scans" >"$TMP/out" 2>"$TMP/err"
is "day: a wrong scan is told by the exit code" $? 65
is "day: verdicts" "$(json '" ".join(__import__("json").loads(l)["verdict"] for l in open(sys.argv[3]))' /dev/stdin "$TMP/out" <<'X'
{}
X
)" "wait packed wait blocked wait packed refused wait packed"
refuses "day: not shipped while a card is missing" 75 tp print ship 1 --tracking DE123
printf '%s\r\n' "$(label 3)" | tp print scan >"$TMP/out" 2>&1
has "day: it tells how far it is" "$TMP/out" '3 of 4'

# The last card is spoiled and printed again, on the printer, which says when it is done.
spoilt=$(card 3)
check "day: a card is spoiled" tp print spoil "$spoilt" --reason "coffee"
check "day: the new one is written" later tp work --drain
is "day: in a batch of its own" "$(batch 2)" rendered
pdftotext -layout "$folder/batch-000002.pdf" "$TMP/text"
has "day: it says so" "$TMP/text" 'Nachdruck 1'
# The printer may still be at the first job, and says so.
check "day: submitted" wait_for 60 tp print submit 2
printed_2() {
	tp work --drain --kinds chores,print >/dev/null 2>&1
	[ "$(batch 2)" = printed ]
}
check "day: printed when the printer says so" wait_for 60 printed_2
tp print scan "$spoilt" >"$TMP/out" 2>&1
has "day: the spoiled card is void" "$TMP/out" 'DESTROY'
check "day: the new one goes with its label" tp print scan "$(label 0 2)" "$(card 0 2)"
is "day: all packed" "$(batch 1) $(batch 2)" "packed packed"
check "day: shipped" tp print ship 1 --tracking DE123
check "day: and the other" tp print ship 2 --tracking DE124
refuses "day: not twice" 75 tp print ship 1

# One comes back.
check "day: one comes back" tp print returned "$(card 2)" --reason "moved"
echo '{"lines":["Neue Gasse 7"],"postcode":"10115","city":"Berlin","country":"DE"}' >"$TMP/address.json"
id=$(tp print show 1 --json | json 'd["cards"][2]["ticket"]')
check "day: sent again" tp ticket reprint "$id" --reason "moved" --address "$TMP/address.json"
later tp work --drain >/dev/null 2>&1
pdftotext -layout "$folder/batch-000003-labels.pdf" "$TMP/text"
has "day: to the new address" "$TMP/text" '10115 Berlin'

# Addresses abroad: a region where the country wants one, or lines that are ready.
cat >"$TMP/abroad.jsonl" <<'J'
{"order":"U-1","source":"s","party":"R-100","customer":{"id":"U-1","name":"Ann Bee","address":{"lines":["500 W 2nd St"],"postcode":"78701","city":"Austin","region":"TX","country":"US"}},"deliver":{"by":"post","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":1}]}
{"order":"U-2","source":"s","party":"R-100","customer":{"id":"U-2","name":"Bob Cee","address":{"lines":["1 Main St"],"postcode":"78701","city":"Austin","country":"US"}},"deliver":{"by":"post","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":1}]}
{"order":"U-3","source":"s","party":"R-100","customer":{"id":"U-3","name":"Eve Dee","address":{"lines":["Dee Ltd","7 Mill Lane","CAMBRIDGE","CB2 1RX"],"country":"GB"}},"deliver":{"by":"post","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":1}]}
J
check "day: orders from abroad" tp order submit "$TMP/abroad.jsonl"
tp work --drain >/dev/null 2>&1
check "day: gathered and closed" tp print close 4
tp work --drain >/dev/null 2>&1
pdftotext -layout "$folder/batch-000004-labels.pdf" "$TMP/text"
has "day: the region stands where it must" "$TMP/text" 'AUSTIN,? TX 78701'
has "day: ready lines stand as they were" "$TMP/text" 'CB2 1RX'
tp ticket list --order U-2 --json >"$TMP/out"
has "day: without a region it is held, and says so" "$TMP/out" "region"

# A printer that breaks off, and one that is not there.
cat >"$TMP/jam" <<'X'
#!/bin/sh
echo "STATE: +media-jam-error" >&2
exit 1
X
chmod +x "$TMP/jam"
ipp_printer bad -c "$TMP/jam"
setting print printer "$PRINTER"
check "day: to a printer that jams" tp print submit 3
doubt_3() {
	tp work --drain --kinds chores,print >/dev/null 2>&1
	[ "$(batch 3)" = doubt ]
}
check "day: a job that was aborted is in doubt" wait_for 60 doubt_3
tp print show 3 >"$TMP/out"
has "day: with the printer's word" "$TMP/out" 'aborted'
tp print resolve 3 --again --reason "nothing came out" >/dev/null 2>&1
setting print printer "ipp://localhost:$(free_port)/ipp/print"
refuses_out=$(tp print submit 3 2>&1)
is "day: a printer that is not there leaves it as it is" "$(batch 3)" rendered
case $refuses_out in *"not reached"*) ok "day: and is named" ;; *) echo "$refuses_out" >"$TMP/out"; not_ok "day: and is named" "$TMP/out" ;; esac

check "day: the audit chain is whole" tp audit verify
tp audit list >"$TMP/out"
for deed in closed rendered submitted printed packed blocked reprinted shipped returned; do
	has "day: audited: $deed" "$TMP/out" "print.$deed"
done
finish
