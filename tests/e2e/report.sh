#!/bin/sh
# report.sh - lists and statements in every format; a closed month keeps its bytes.
. "$TP_SOURCE/tests/e2e/lib.sh"

need pdftotext qpdf xmllint

at() {
	TICKETPOST_NOW=$1
	export TICKETPOST_NOW
}
# sum of the amount column of a CSV statement, in cents
cents() {
	/usr/bin/python3 -c '
import csv, sys
print(sum(round(float(r["amount"]) * 100) for r in csv.DictReader(sys.stdin)))' <"$1"
}

samples=$TP_SOURCE/tests/samples
new_instance
check "report: the vendor is loaded" tp import "$samples/vendor.json"
at 2027-04-10T08:00:00Z
tp order submit "$samples"/orders/0[1-5]* >"$TMP/out" 2>&1
check "report: orders of April are issued" tp work --drain
check "report: licences of the month" tp report licences --month 2027-04
has "report: as a table" "$TMP/out" '^R-[0-9]+ .*CAD'
tp report licences --month 2027-04 --format csv >"$TMP/l.csv"
is "report: as many as there are tickets" "$(($(wc -l <"$TMP/l.csv") - 1))" \
    "$(tp ticket list --json | json 'len(d["tickets"])')"
tp report licences --month 2027-03 --format csv >"$TMP/none.csv"
is "report: none of the month before" "$(wc -l <"$TMP/none.csv")" 1
check "report: subscriptions of a day" tp report subscriptions --on 2027-05-01
has "report: that renew" "$TMP/out" ' yes '
check "report: the NFR inventory" tp report nfr --json
is "report: has only NFR" "$(json 'sorted({r["sku"] for r in d["rows"]})' "$TMP/out")" '["CAD-NFR"]'

# Statements.
tp report statement --month 2027-04 --format csv >"$TMP/all.csv"
total=0
for party in VENDOR R-100 R-200 R-300; do
	tp report statement --month 2027-04 --party $party --format csv >"$TMP/$party.csv"
	total=$((total + $(cents "$TMP/$party.csv")))
done
is "report: the statements add up to the collective list" "$total" "$(cents "$TMP/all.csv")"
lacks "report: no NFR and no demo is charged" "$TMP/all.csv" 'NFR|DEMO'
refuses "report: a month that is not over is not closed" 65 \
    tp report statement --month 2027-04 --party R-100 --close
at 2027-05-03T08:00:00Z
tp report statement --month 2027-04 --party R-100 --format csv >"$TMP/open.csv"
check "report: April is closed" tp report statement --month 2027-04 --close
for format in csv json xml pdf datev; do
	[ $format != datev ] || {
		setting datev consultant 29098
		setting datev client 55003
		setting datev debtors R-100=10001,R-200=10002
	}
	check "report: written as $format" \
	    tp report statement --month 2027-04 --party R-100 --format $format --out "$TMP/a.$format"
done
is "report: closing changed nothing" "$(cat "$TMP/a.csv")" "$(cat "$TMP/open.csv")"
check "report: the XML is well-formed" xmllint --noout "$TMP/a.xml"
check "report: the PDF is sound" qpdf --check "$TMP/a.pdf"
pdftotext -layout "$TMP/a.pdf" "$TMP/a.txt"
has "report: with its sum" "$TMP/a.txt" "Summe .*EUR"
has "report: and the checksum" "$TMP/a.txt" "$(json 'd["hash"][:24]' "$TMP/a.json")"
tp report schema statement >"$TMP/schema.json"
is "report: rows have the keys of the schema" \
    "$(json 'sorted(d["rows"][0])' "$TMP/a.json")" \
    "$(json 'sorted(d["properties"]["rows"]["items"]["required"])' "$TMP/schema.json")"
datev() {
	/usr/bin/python3 "$TP_SOURCE/tests/e2e/datev.py" "$1"
}
is "report: DATEV is what its format says" "$(datev "$TMP/a.datev")" ""
for flaw in 's/\r$//' 's/^\([0-9]*\),/-\1,/' 's/"S"/"X"/' 's/;3004;/;3104;/' '3s/;/;;/' 's/;10001;/;1001;/' '1s/"EXTF";700/"EXTF";510/'; do
	sed "$flaw" "$TMP/a.datev" >"$TMP/flaw.datev"
	cmp -s "$TMP/a.datev" "$TMP/flaw.datev" || datev "$TMP/flaw.datev" | grep -q . || echo "$flaw" >>"$TMP/unseen"
	cmp -s "$TMP/a.datev" "$TMP/flaw.datev" && echo "$flaw changes nothing" >>"$TMP/unseen"
done
is "report: and each flaw would be seen" "$(cat "$TMP/unseen" 2>/dev/null)" ""

# A Storno of May changes May, not April.
order=$(json '[r["order"] for r in d["rows"] if r["sku"] == "CAD-SUB"][0]' "$TMP/a.json")
check "report: sales of April are undone in May" \
    tp subscription reverse --order "$order" --line 1 --quantity 2 --credit full --reason mistake
for format in csv json xml pdf datev; do
	tp report statement --month 2027-04 --party R-100 --format $format --out "$TMP/b.$format"
	cmp -s "$TMP/a.$format" "$TMP/b.$format" && ok "report: the same bytes again as $format" ||
		not_ok "report: the same bytes again as $format"
done
tp report statement --month 2027-05 --party R-100 --format csv >"$TMP/may.csv"
is "report: May corrects two lines of April, and says which" \
    "$(awk -F, '$4 == "correction" && $3 ~ /-202704$/ && $17 < 0' "$TMP/may.csv" | wc -l)" 2
tp report statement --month 2027-05 --party R-100 --format datev --out "$TMP/may.datev"
is "report: a correction is DATEV, too" "$(datev "$TMP/may.datev")" ""
has "report: what is given back stands on the other side" "$TMP/may.datev" '^[0-9]+,[0-9][0-9];"H";'
refuses "report: a PDF is of one party" 65 tp report statement --month 2027-04 --format pdf
refuses "report: a party that is none" 66 tp report statement --month 2027-04 --party R-999
refuses "report: a format that is none" 65 tp report licences --format xls
refuses "report: a month that is none" 65 tp report licences --month 2027-13
check "report: the audit chain is whole" tp audit verify

check "report: the month at a glance" tp report overview --month 2027-04 --format pdf --out "$TMP/o.pdf"
pdftotext -layout "$TMP/o.pdf" "$TMP/o.txt"
has "report: with the subscriptions of April" "$TMP/o.txt" \
    " $(tp report licences --month 2027-04 --json | json 'sum(r["kind"] == "subscription" for r in d["rows"])')\$"
check "report: and for the web" tp report overview --month 2027-04 --out "$TMP/o.html"
check "report: without anything from elsewhere" \
    sh -c '! grep -oE "(src|href)=|url\\(|<script" "$1"' - "$TMP/o.html"
sed -n "/<svg/,/<.svg>/p" "$TMP/o.html" >"$TMP/o.svg"
check "report: its picture is well-formed" xmllint --noout "$TMP/o.svg"

# By themselves: once, on the first day, after the owner's right was looked at.
setting gateway owner chief@faecherwerk.example
setting report send statement,licences
setting report folder "$INSTANCE/reports"
setting report owner nobody@faecherwerk.example
check "report: switched on in May" tp work --drain
is "report: nothing of before goes out" "$(tp report sent --json | json 'd["sent"]')" "[]"
at 2027-06-01T05:00:00Z
check "report: the first of June" tp work --drain
tp report sent --json >"$TMP/sent.json"
is "report: without the right nothing goes out, and the owner is told at once" \
    "$(json 'sorted({r["state"] for r in d["sent"]})' "$TMP/sent.json") $(grep -l 'Bericht nicht verschickt' "$INSTANCE"/outbox/new/* | wc -l | tr -d ' ')" \
    "[\"failed\"] $(json 'len(d["sent"])' "$TMP/sent.json")"
setting report owner ''
check "report: soon after it is not tried again" tp work --drain
is "report: it waits a quarter of an hour" "$(tp report sent --json | json 'max(r["attempts"] for r in d["sent"])')" 1
at 2027-06-01T05:20:00Z
check "report: then it is" tp work --drain
tp report sent --json >"$TMP/sent.json"
is "report: all went out" "$(json 'sorted({r["state"] for r in d["sent"]})' "$TMP/sent.json")" '["done"]'
mails --out "$TMP/mail" "$INSTANCE/outbox" >"$TMP/mails.json" 2>&1
is "report: R-100 has its statement by mail, as CSV and PDF" \
    "$(grep -l 'Einzelkostenaufstellung 2027-05 (R-100)' "$INSTANCE"/outbox/new/* | xargs grep -ho 'name="*statement-2027-05-R-100\.[a-z]*' | sort -u | wc -l | tr -d ' ')" 2
is "report: May is closed" \
    "$(tp report statement --month 2027-05 --party R-100 --json | json '"hash" in d')" true
tp report statement --month 2027-05 --party R-100 --format pdf --out "$TMP/may.pdf"
check "report: the file in the folder is the same again" \
    cmp "$TMP/may.pdf" "$INSTANCE/reports/statement-2027-05-R-100.pdf"
before=$(grep -l 'name="*statement-2027-05' "$INSTANCE"/outbox/new/* | wc -l)
at 2027-06-20T05:00:00Z
check "report: later in June" tp work --drain
check "report: by hand" tp report statement --month 2027-05 --send
has "report: nothing goes out twice" "$TMP/out" '^0 sent'
is "report: no mail is made twice" "$(grep -l 'name="*statement-2027-05' "$INSTANCE"/outbox/new/* | wc -l)" "$before"
finish
