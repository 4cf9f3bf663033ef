#!/bin/sh
# simulate.sh - what is foreseen is what then happens, and foreseeing changes nothing.
. "$TP_SOURCE/tests/e2e/lib.sh"

new_instance
setting subscription lead_days 3
check "the vendor is loaded" tp import "$TP_SOURCE/tests/samples/vendor.json"

at() {
	at_day=$1
	shift
	TICKETPOST_NOW=${at_day}T11:00:00Z "$TP_BIN" "$@"
}

cat >"$TMP/o.json" <<END
[{"order": "S-1", "source": "erp", "party": "R-300", "customer": {"id": "C-101"},
  "deliver": {"by": "email"}, "lines": [{"line": "1", "product": "CAD-SUB-M", "quantity": 2}]},
 {"order": "S-2", "source": "erp", "party": "R-300", "customer": {"id": "C-102"},
  "deliver": {"by": "email"}, "lines": [{"line": "1", "product": "CAD-SUB", "quantity": 1}]}]
END
TICKETPOST_NOW=2027-01-31T10:00:00Z tp order submit "$TMP/o.json" >/dev/null
at 2027-01-31 work --drain >/dev/null 2>&1
at 2027-02-01 subscription cancel 2 --json >/dev/null
at 2027-02-01 work --drain >/dev/null 2>&1

tp subscription list --json >"$TMP/before"
check "a year is played" at 2027-02-01 simulate --to 2028-02-10 --json
cp "$TMP/out" "$TMP/sim"
tp subscription list --json >"$TMP/after"
is "the store is as it was" "$(cat "$TMP/after")" "$(cat "$TMP/before")"

# The anchor rule renews on the last of each month; the renewal is prepared three days before.
json '[[y["day"], e["product"], e["last_day"]] for y in d["days"] for e in y["events"]
	if e["what"] == "renewed"]' "$TMP/sim" >"$TMP/renewed"
has "the first renewal is foreseen" "$TMP/renewed" '"2027-02-24", "CAD-SUB-M", "2027-03-30"'
has "the yearly one too" "$TMP/renewed" '"2028-01-27", "CAD-SUB", "2029-01-30"'
is "twelve of the month, one of the year" "$(json 'd["totals"]["renewed"]' "$TMP/sim")" 13
is "the cancelled one ends once" "$(json '[y["day"] for y in d["days"] for e in y["events"]
	if e["what"] == "ended"]' "$TMP/sim")" '["2027-02-28"]'

# Now for real, a day after the other, and the books say the same.
day=2027-02-01
while [ "$day" != 2027-06-02 ]; do
	at "$day" work --drain -q --kinds chores >/dev/null 2>&1
	day=$(date -u -d "$day + 1 day" +%Y-%m-%d)
done
tp subscription show 1 --json |
	json '[[e["last_day"], e["amount"]] for e in d["events"] if e["kind"] == "renewed"]' >"$TMP/real"
json '[[e["last_day"], e["amount"]] for y in d["days"] for e in y["events"]
	if e["what"] == "renewed" and e["ticket_id"] == 1 and y["day"] < "2027-06-02"]' "$TMP/sim" >"$TMP/foreseen"
is "what happened is what was foreseen" "$(cat "$TMP/real")" "$(cat "$TMP/foreseen")"
is "and something did" "$(json 'len(d)' "$TMP/real")" 4

check "months as a table" at 2027-02-01 simulate --to 2027-12-31 --summary
has "with a row for each" "$TMP/out" '^2027-07 '

# What would go by post is counted too.
cat >"$TMP/post.json" <<END
{"order": "S-3", "source": "erp", "party": "R-100", "customer": {"id": "C-103"},
 "deliver": {"by": "post"}, "lines": [{"line": "1", "product": "CAD-PRO", "quantity": 2}]}
END
at 2027-06-03 order submit "$TMP/post.json" >/dev/null
at 2027-06-03 simulate --to 2027-06-10 --json >"$TMP/sim"
is "cards that would be printed are counted" "$(json 'd["totals"]["printed"]' "$TMP/sim")" 2
is "and named with what they are" "$(json '[[e["detail"], e["product"]] for y in d["days"] for e in y["events"]
	if e["what"] == "printed"][0]' "$TMP/sim")" '["sheet", "CAD-PRO"]'
is "none is printed by that" "$(tp print list --json | json 'len(d["batches"])')" 0
refuses "a span that ends before it begins" 65 at 2027-02-01 simulate --from 2027-03-01 --to 2027-02-01
refuses "a day that is none" 65 tp simulate --to 2027-02-30
refuses "an age" 65 tp simulate --from 2027-01-01 --to 2099-01-01
finish
