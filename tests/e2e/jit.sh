#!/bin/sh
# jit.sh - a reseller's user sells: customer, licence and ticket in one transaction.
. "$TP_SOURCE/tests/e2e/lib.sh"

new_instance
check "jit: the vendor is loaded" tp import "$TP_SOURCE/tests/samples/vendor.json"
tom=tom.ashworth@heron.example
check "jit: an order by command" tp order create --json --as $tom --product CAD-DEMO --option days=20 \
    --customer C-9 --company 'Nine Ltd' --email nine@nine.example --number J-1
is "jit: its ticket is there at once" "$(json '[d["orders"][0]["status"], len(d["tickets"]), d["tickets"][0]["holder"]]' "$TMP/out")" \
    '["accepted", 1, "Nine Ltd"]'
is "jit: the customer too" "$(tp party list --parent R-200 --json | json '[p["name"] or p["company"] for p in d["parties"] if p["party"] == "C-9"]')" '["Nine Ltd"]'
is "jit: nothing waits to be issued" "$(tp queue list --json | json '[j["kind"] for j in d["jobs"]]')" '["mail"]'
is "jit: the pool is empty" "$(tp pool list --json | json 'd["pools"]')" "[]"
check "jit: the same again" tp order create --json --as $tom --product CAD-DEMO --option days=20 \
    --customer C-9 --company 'Nine Ltd' --email nine@nine.example --number J-1
is "jit: changes nothing" "$(json 'd["orders"][0]["status"]' "$TMP/out")" "duplicate"
refuses "jit: not beyond one's days" 65 tp order create --as $tom --product CAD-DEMO --option days=31 --email a@a.example
has "jit: whose range is named" "$TMP/err" 'E_OPTION_RANGE options.days: 31 is outside the allowed range 1 to 30'
refuses "jit: not without the right" 65 tp order create --as $tom --product STATIK-PRO --email a@a.example
has "jit: and is told so" "$TMP/err" 'E_RIGHT product'
refuses "jit: not for another reseller" 65 tp order create --as $tom --party R-100 --product CAD-PRO --email a@a.example
is "jit: of what was refused nothing is left" "$(tp order list --json | json 'len(d["orders"])')" "1"

# By file: the vendor's own sales unit is a reseller like any other.
printf '{"order":"D-1","source":"shop","party":"R-300","customer":{"name":"Ada","email":"ada@example.org"},"lines":[{"product":"CAD-PRO","quantity":2}]}' >"$TMP/o.json"
check "jit: the direct sales unit by file" tp order submit "$TMP/o.json"
is "jit: two tickets at once" "$(tp ticket list --order D-1 --json | json 'len(d["tickets"])')" "2"
is "jit: the sales unit is marked direct" "$(tp party show R-300 --json | json 'd["direct"]')" "true"
check "jit: the mails leave" tp work --drain
is "jit: three of them" "$(find "$INSTANCE/outbox" -type f | wc -l | tr -d ' ')" "3"
check "jit: the trail is whole" tp audit verify
finish
