#!/bin/sh
# terms.sh - when a pooled subscription begins, what an exchange takes along, what a recall means for the
# books, and how long a consumer may be bound.
. "$TP_SOURCE/tests/e2e/lib.sh"

new_instance
at() {
	at_day=$1
	shift
	TICKETPOST_NOW=${at_day}T11:00:00Z "$TP_BIN" "$@"
}
show() { tp subscription show "$1" --json | json "d['$2']"; }
check "terms: the vendor is loaded" tp import "$TP_SOURCE/tests/samples/vendor.json"
cat >"$TMP/products.json" <<'J'
{ "products": [
  { "sku": "LATE", "name": {"en": "Late"}, "kind": "subscription", "groups": ["cad"],
    "term": {"months": 12, "rule": "bgb", "starts": "assigned"}, "price": "120.00 EUR" },
  { "sku": "SEATS", "name": {"en": "Seats"}, "kind": "subscription", "groups": ["cad"], "ticket_per": "line",
    "term": {"months": 12}, "price": "10.00 EUR", "options": {"seats": {"min": 1, "max": 50, "default": 5}} },
  { "sku": "SEATS-XL", "name": {"en": "Seats XL"}, "kind": "subscription", "groups": ["cad"], "ticket_per": "line",
    "term": {"months": 12}, "price": "20.00 EUR", "options": {"seats": {"min": 1, "max": 20, "default": 1}} },
  { "sku": "PLAIN", "name": {"en": "Plain"}, "kind": "subscription", "groups": ["cad"], "ticket_per": "line",
    "term": {"months": 12}, "price": "30.00 EUR" },
  { "sku": "BOUND", "name": {"en": "Bound"}, "kind": "subscription", "groups": ["cad"],
    "term": {"months": 12}, "notice": {"months": 3}, "price": "99.00 EUR" } ] }
J
check "terms: and five subscriptions" tp import "$TMP/products.json"
sed 's/"kind": "subscription", "groups": \["cad"\],$/"kind": "full", "groups": ["cad"],/; s/LATE/WRONG/' "$TMP/products.json" >"$TMP/wrong.json"
refuses "terms: only a subscription can start late" 65 tp import "$TMP/wrong.json"

# Sold into a pool in March, given to a customer in May: it runs and costs from May on.
printf '{"order":"T-1","source":"t","party":"R-100","lines":[{"product":"LATE","quantity":2}]}' >"$TMP/o.json"
at 2027-03-01 order submit "$TMP/o.json" >/dev/null 2>&1
check "terms: sold into a pool" at 2027-03-01 work --drain
is "terms: nothing runs there" "$(tp subscription list --json | json 'len(d["subscriptions"])')" 0
is "terms: nor is it charged" "$(at 2027-05-20 report statement --month 2027-03 --party R-100 --json | json 'len(d["rows"])')" 0
check "terms: nor renewed, a year later" at 2028-05-20 simulate --to 2028-05-21
at 2027-03-01 party add K-1 --parent R-100 --email k1@k.example >/dev/null 2>&1
check "terms: assigned in May" at 2027-05-10 ticket assign 1 --to K-1
is "terms: it runs from that day" "$(show 1 start_day)..$(show 1 last_day)" "2027-05-10..2028-05-09"
is "terms: and is charged in that month" \
    "$(at 2027-07-01 report statement --month 2027-05 --party R-100 --json | json '[[r["sku"], r["first_day"]] for r in d["rows"]]')" '[["LATE", "2027-05-10"]]'
check "terms: back into the pool" at 2027-05-11 ticket unassign 1
check "terms: and given again" at 2027-06-10 ticket assign 1 --to K-1
is "terms: what runs is not started anew" "$(show 1 start_day) $(tp subscription list --json | json 'len(d["subscriptions"])')" "2027-05-10 1"
at 2027-07-02 pool return 2 --reason unsold --json >"$TMP/out" 2>&1
is "terms: one that never ran goes back" "$(tp ticket show 2 --json | json 'd["state"]')" recalled

# An exchange takes options along.
cat >"$TMP/o.jsonl" <<'J'
{"order":"T-2","source":"t","party":"R-300","customer":{"id":"C-101"},"lines":[{"product":"SEATS","quantity":1,"options":{"seats":12}}]}
{"order":"T-3","source":"t","party":"R-300","customer":{"id":"C-102"},"lines":[{"product":"SEATS","quantity":1,"options":{"seats":40}}]}
J
at 2027-04-01 order submit "$TMP/o.jsonl" >/dev/null 2>&1
at 2027-04-01 work --drain -q >/dev/null 2>&1
sub() { tp subscription list --order "$1" --json | json 'd["subscriptions"][0]["id"]'; }
s2=$(sub T-2) s3=$(sub T-3)
refuses "terms: not what the other one does not offer" 65 at 2027-04-10 subscription exchange "$s3" --to SEATS-XL
has "terms: it says what would be allowed" "$TMP/err" '40 is outside the allowed range 1 to 20'
refuses "terms: nor what it does not have at all" 65 at 2027-04-10 subscription exchange "$s3" --to PLAIN
has "terms: and says so" "$TMP/err" "'PLAIN' has no option 'seats'"
is "terms: nothing was exchanged" "$(show "$s3" state)" active
check "terms: unless it is left behind" at 2027-04-10 subscription exchange "$s3" --to PLAIN --drop-options
check "terms: the same options go over" at 2027-04-10 subscription exchange "$s2" --to SEATS-XL
is "terms: as they were" "$(tp order show "X-$s2" --json | json 'd["lines"][0]["options"]')" '{"seats": 12}'

# A plain recall of what was sold is told to the books.
at 2027-04-11 work --drain -q >/dev/null 2>&1
x=$(sub "X-$s2")
t=$(tp subscription show "$x" --json | json 'd["ticket_id"]')
check "terms: a ticket is recalled" at 2027-04-20 ticket recall "$t" --reason mistaken
is "terms: its subscription renews no more" "$(show "$x" state)" reversed
is "terms: the books have it, without credit" \
    "$(tp subscription show "$x" --json | json '[(e["kind"], e["amount"]) for e in d["events"]][-1][0]')" reversed
x=$(sub "X-$s3")
t=$(tp subscription show "$x" --json | json 'd["ticket_id"]')
at 2027-04-20 ticket recall "$t" --credit full --json >"$TMP/out"
is "terms: with credit when that is said" "$(json 'd["given_back"]' "$TMP/out" | tr -d '"')" "$(tp subscription show "$x" --json | json '[e["amount"] for e in d["events"] if e["kind"] == "sold"][0]' | tr -d '"')"
refuses "terms: once" 75 at 2027-04-21 ticket recall "$t"

# R9.3: nobody binds a consumer for longer than a month of notice.
buy() {
	printf '{"order":"%s","source":"t","party":"R-300","customer":%s,"lines":[{"product":"%s","quantity":1}]}' "$1" "$2" "$3" >"$TMP/buy.json"
	at 2027-05-01 order submit "$TMP/buy.json" --json 2>/dev/null | json '[e["code"] for e in d["orders"][0]["lines"][0]["errors"]] or d["orders"][0]["status"]'
}
is "R9.3 a notice of three months is refused to a consumer" "$(buy N-1 '{"id":"P-1","name":"Eva","email":"eva@home.example","kind":"consumer"}' BOUND)" '["E_NOTICE"]'
tp order submit "$TMP/buy.json" >"$TMP/out" 2>&1
has "R9.3 with the reason" "$TMP/out" "a notice of 3 months is not in 0 to 1 for consumers"
is "R9.3 not to a business" "$(buy N-2 '{"id":"P-2","name":"Bea","email":"bea@firm.example","kind":"business"}' BOUND)" accepted
is "R9.3 a month is allowed" "$(buy N-3 '{"id":"P-1","name":"Eva","email":"eva@home.example","kind":"consumer"}' CAD-SUB)" accepted
is "R9.3 who is known as a consumer stays one" "$(buy N-4 '{"id":"P-1"}' BOUND)" '["E_NOTICE"]'
is "R9.3 a kind that is none" "$(buy N-5 '{"id":"P-3","email":"x@x.example","kind":"alien"}' CAD-SUB)" '["E_CUSTOMER"]'
printf '{"order":"N-6","source":"t","party":"R-100","lines":[{"product":"BOUND","quantity":1}]}' >"$TMP/o.json"
at 2027-05-01 order submit "$TMP/o.json" >/dev/null 2>&1
at 2027-05-01 work --drain -q >/dev/null 2>&1
tp party add P-9 --parent R-100 --email p9@home.example --consumer >/dev/null 2>&1
refuses "R9.3 nor out of a pool" 65 at 2027-05-02 ticket assign --pool R-100 --product BOUND --to P-9
printf 'order;party;customer;name;email;customer_kind;line;product;quantity\nN-7;R-300;P-7;Ida;ida@home.example;Verbraucher;1;BOUND;1\n' >"$TMP/o.csv"
at 2027-05-02 order submit "$TMP/o.csv" >"$TMP/out" 2>&1
has "R9.3 likewise in a table" "$TMP/out" E_NOTICE
check "terms: the trail is whole" tp audit verify
finish
