#!/bin/sh
# subscriptions.sh - what renews, from outside: a year on fast days, notice, Storno, exchange.
. "$TP_SOURCE/tests/e2e/lib.sh"

new_instance
setting subscription lead_days 3
check "the vendor is loaded" tp import "$TP_SOURCE/tests/samples/vendor.json"

# at DAY COMMAND... - as if it were noon of that day.
at() {
	at_day=$1
	shift
	TICKETPOST_NOW=${at_day}T11:00:00Z "$TP_BIN" "$@"
}

order() {
	cat >"$TMP/$1.json" <<END
{"order": "$1", "source": "erp", "party": "R-300", "customer": {"id": "C-101"},
 "deliver": {"by": "email"}, "lines": [{"line": "1", "product": "$2", "quantity": $3}]}
END
	at "$4" order submit --json "$TMP/$1.json" >"$TMP/answer"
	at "$4" work --drain >/dev/null 2>&1
}

show() {
	tp subscription show "$1" --json | json "d['$2']"
}

order S-1 CAD-SUB-M 3 2027-01-31
is "three are sold, three renew" "$(tp subscription list --json | json 'len(d["subscriptions"])')" 3
is "the first term is that of the anchor rule" "$(show 1 last_day)" 2027-02-27

check "the lead day renews" at 2027-02-24 work --drain
is "to the 30th, not to the 27th" "$(show 1 last_day)" 2027-03-30
check "a clock that went back does nothing" at 2027-02-01 work --drain
is "still to the 30th" "$(show 1 last_day)" 2027-03-30
# tickets - of what was ordered here; the staff of the sample vendor get theirs beside.
tickets() {
	for of in S-1 X-1; do
		tp ticket list --order $of --json | json 'len(d["tickets"])'
	done | awk '{ n += $1 } END { print n }'
}
is "one ticket each, as before" "$(tickets)" 3

at 2027-03-16 subscription cancel 1 --dry-run --json >"$TMP/dry"
is "a dry run says which day" "$(json 'd["end_day"]' "$TMP/dry")" 2027-03-30
is "and changes nothing" "$(show 1 state)" active
at 2027-03-16 subscription cancel 1 --reason "by mail" --json >"$TMP/cancel"
is "notice on the deadline day" "$(json 'd["end_day"]' "$TMP/cancel")" 2027-03-30
at 2027-03-17 subscription cancel 2 --json >"$TMP/late"
is "a day late it is the next term" "$(json 'd["end_day"]' "$TMP/late")" 2027-04-29
refuses "notice of tomorrow is refused" 65 at 2027-03-17 subscription cancel 3 --received 2027-03-18

check "it is taken back" at 2027-03-20 subscription keep 1
is "and goes on as it was" "$(show 1 state)" active

refuses "a Storno without its mode is refused" 65 at 2027-03-20 subscription reverse 3
at 2027-03-20 subscription reverse 3 --credit prorata --reason wrong --json >"$TMP/reverse"
is "its ticket is dead" "$(json 'd["reversed"][0]["ticket_state"]' "$TMP/reverse")" recalled
# 11 of the 31 days from 28 February to 30 March, of 49.00
is "and the days that are left are given back" \
	"$(json 'd["reversed"][0]["given_back"]' "$TMP/reverse")" "17.39 EUR"
refuses "once" 75 at 2027-03-20 subscription reverse 3 --credit full

at 2027-03-20 subscription exchange 1 --to CAD-SUB --direction upgrade --json >"$TMP/exchange"
is "another term starts anew" "$(json 'd["aligned"]' "$TMP/exchange")" false
check "the new one is issued" at 2027-03-20 work --drain
is "the old ticket waits for the new" "$(show 1 ticket_state)" issued
is "the new one runs a year" "$(show 4 last_day)" 2028-03-19
check "two weeks after it was delivered" at 2027-04-04 work --drain
is "the old one is recalled" "$(show 1 ticket_state)" recalled

check "in summer" at 2027-07-01 work --drain
is "the cancelled one has ended" "$(show 2 state)" ended
is "no ticket was doubled" "$(tickets)" 4
check "the audit chain is whole" tp audit verify
finish
