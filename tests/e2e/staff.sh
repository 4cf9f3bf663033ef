#!/bin/sh
# staff.sh - employees from outside: a staff list, NFR by schedule, renewal, leaving, rehire.
. "$TP_SOURCE/tests/e2e/lib.sh"

new_instance
setting gateway owner owner@faecherwerk.example
setting staff mails_per_minute 0
setting staff columns "id=Personalnr,email=E-Mail,name=Name,language=Sprache,department=Abteilung,from=Eintritt,until=Austritt"

# at DAY COMMAND... - as if it were noon of that day.
at() {
	at_day=$1
	shift
	TICKETPOST_NOW=${at_day}T11:00:00Z "$TP_BIN" "$@"
}

at 2026-12-01 import "$TP_SOURCE/tests/samples/vendor.json" >/dev/null
cat >"$TMP/none.json" <<'END'
{"programmes": [{"id": "nfr-cad", "product": "CAD-NFR", "kind": "nfr", "audience": "all", "term": {"days": 60},
 "schedule": "FREQ=MONTHLY;BYDAY=1MO", "at": "08:30", "renew": true, "lead_days": 7}]}
END
check "a programme is loaded" at 2026-12-01 import "$TMP/none.json"

header='Personalnr;Name;E-Mail;Sprache;Abteilung;Eintritt;Austritt'
people() { # N: the first N of ten
	echo "$header"
	for p in 1 2 3 4 5 6 7 8 9 10; do
		[ $p -le "$1" ] && echo "P-$p;Person $p;p$p@faecherwerk.example;de;Technik;01.0$((p % 9 + 1)).2020;"
	done
	true
}
people 10 >"$TMP/ten.csv"
people 5 >"$TMP/five.csv"
people 9 >"$TMP/nine.csv"
: >"$TMP/empty.csv"
echo "$header" >"$TMP/header.csv"

# ---- the list ----
at 2026-12-01 employee sync --dry-run --json --max-drop 100 "$TMP/ten.csv" >"$TMP/dry"
is "a dry run says who joins" "$(json 'len(d["joined"])' "$TMP/dry")" 10
is "and changes nothing" "$(at 2026-12-01 employee list --all --json | json 'len([e for e in d["employees"] if e["id"].startswith("P-")])')" 0
check "the list is taken, by the titles of the settings" at 2026-12-01 employee sync --max-drop 100 "$TMP/ten.csv"
is "who is not on it left today" "$(at 2026-12-02 employee list --json | json 'len(d["employees"])')" 10
is "days as people write them" "$(tp employee show P-1 --json | json 'd["from"]')" 2020-02-01
for list in empty header five; do
	refuses "a list that is $list stops" 65 at 2026-12-02 employee sync "$TMP/$list.csv"
done
refuses "one that does not come too" 66 at 2026-12-02 employee sync "$TMP/nowhere.csv"
is "nobody was lost" "$(at 2026-12-03 employee list --json | json 'len(d["employees"])')" 10
at 2026-12-02 employee sync --json "$TMP/ten.csv" >"$TMP/again"
is "the same list changes nothing" "$(json '[d["same"], d["left"], d["changed"]]' "$TMP/again")" '[10, [], []]'

# ---- runs: the first Monday of December is the 7th ----
at 2026-12-01 programme preview nfr-cad --json >"$TMP/preview"
is "a dozen dates" "$(json '[len(d["dates"]), d["dates"][0]["day"], d["dates"][0]["at"]]' "$TMP/preview")" '[12, "2026-12-07", "2026-12-07T08:30:00+01"]'
is "and who gets what" "$(json 'sorted({p["what"] for p in d["people"]})' "$TMP/preview")" '["ticket"]'
at 2026-12-06 work --drain >/dev/null 2>&1
is "nothing before its day" "$(tp ticket list --json | json 'len(d["tickets"])')" 0
check "the day comes" at 2026-12-07 work --drain
check "and again" at 2026-12-07 work --drain
is "a ticket each" "$(tp ticket list --json | json 'len(d["tickets"])')" 10
is "of the term, with what the product is" \
	"$(tp ticket list --json | json '[d["tickets"][0]["kind"], d["tickets"][0]["first_day"], d["tickets"][0]["last_day"]]')" \
	'["nfr", "2026-12-07", "2027-02-04"]'
mails "$INSTANCE/outbox" >"$TMP/mails"
has "the mail says what it is" "$TMP/mails" "NFR - not for resale"

check "a downtime over a run" at 2027-02-02 work --drain
is "is made up once, with the same ticket" \
	"$(tp employee show P-3 --json | json '[len(d["plans"]), d["plans"][0]["terms"], d["plans"][0]["last_day"]]')" \
	'[1, 2, "2027-04-05"]'
is "still a ticket each" "$(tp ticket list --json | json 'len(d["tickets"])')" 10

# ---- leaving ----
{ people 9; echo "P-10;Person 10;neu@faecherwerk.example;de;Technik;01.02.2020;15.02.2027"; } >"$TMP/leaver.csv"
check "a last day is known in advance" at 2027-02-03 employee sync "$TMP/leaver.csv"
at 2027-02-03 work --drain >/dev/null 2>&1
is "the licence ends with it" "$(tp employee show P-10 --json | json '[d["email"], d["plans"][0]["last_day"], d["plans"][0]["state"]]')" \
	'["neu@faecherwerk.example", "2027-02-15", "active"]'
at 2027-02-15 work --drain >/dev/null 2>&1
is "on the last day it is still good" "$(tp employee show P-10 --json | json 'd["plans"][0]["state"]')" active
at 2027-02-16 work --drain >/dev/null 2>&1
is "then it is recalled" "$(tp employee show P-10 --json | json '[d["plans"][0]["state"], d["plans"][0]["reason"]]')" '["ended", "left"]'
is "with its ticket" "$(tp ticket list --json | json '[t["state"] for t in d["tickets"] if t["holder"] == "Person 10"]')" '["recalled"]'
mails "$INSTANCE/outbox" >"$TMP/mails"
has "and the owner is told what was removed" "$TMP/mails" "P-10 Person 10: CAD-NFR"
has "the refused lists as well" "$TMP/mails" "max_drop"

check "who comes back" at 2027-02-20 employee sync "$TMP/ten.csv"
at 2027-03-01 work --drain >/dev/null 2>&1
is "gets a new plan" "$(tp employee show P-10 --json | json '[p["state"] for p in d["plans"]]')" '["ended", "active"]'

# ---- pause, drop folder ----
check "it is paused" at 2027-03-02 programme pause nfr-cad
refuses "once" 75 at 2027-03-02 programme pause nfr-cad
at 2027-04-06 work --drain >/dev/null 2>&1
is "nothing runs" "$(tp employee show P-3 --json | json 'd["plans"][0]["terms"]')" 3
check "and goes on" at 2027-04-07 programme pause nfr-cad --resume
mkdir -p "$INSTANCE/inbox/staff"
cp "$TMP/nine.csv" "$INSTANCE/inbox/staff/list.csv"
touch -d 2020-01-01 "$INSTANCE/inbox/staff/list.csv"
at 2027-04-07 work --drain >/dev/null 2>&1
is "a list in the drop folder is taken" "$(find "$INSTANCE/inbox/staff/done" -name '*-list.csv' | wc -l)" 1
is "who is missing left that day" "$(tp employee show P-10 --json | json 'd["until"]')" 2027-04-07

is "NFR is in the inventory" "$(at 2027-03-05 report nfr --on 2027-03-05 --format json | json 'len(d["rows"])')" 10
is "and in no statement" "$(at 2027-03-05 report statement --month 2026-12 --format json | grep -c CAD-NFR)" 0
finish
