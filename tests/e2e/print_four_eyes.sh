#!/bin/sh
# print_four_eyes.sh - with [print] four_eyes no one person prints a code twice.
. "$TP_SOURCE/tests/e2e/lib.sh"
need pdftotext

batches() {
	tp print list --json | json 'len(d["batches"])'
}
new_instance
tp import "$TP_SOURCE/tests/samples/vendor.json" >/dev/null 2>&1
setting print four_eyes true
printf '{"order":"F-1","source":"s","party":"R-100","customer":{"id":"K-1","name":"Jörg Müller","address":{"lines":["Hauptstr. 1"],"postcode":"79098","city":"Freiburg","country":"DE"}},"deliver":{"by":"post","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":1}]}' |
	tp order submit - >/dev/null
tp work --drain >/dev/null 2>&1
tp print close 1 >/dev/null 2>&1
tp work --drain >/dev/null 2>&1
tp print printed 1 --reason "saw it"
card=$(tp print show 1 --json | json 'd["cards"][0]["serial"]')
one=admin@faecherwerk.example
two=order-desk@faecherwerk.example

refuses "eyes: without a reason" 65 tp print spoil "$card" --as $one
check "eyes: the first asks" tp print spoil "$card" --as $one --reason "coffee"
has "eyes: and is told" "$TMP/out" 'second operator'
check "eyes: asking again does not help" tp print spoil "$card" --as $one --reason "coffee"
check "eyes: nor without a name" tp print spoil "$card" --reason "coffee"
is "eyes: nothing is printed" "$(batches)" 1
check "eyes: the second confirms" tp print spoil "$card" --as $two --reason "saw the coffee"
is "eyes: it is printed once more" "$(batches)" 2
tp work --drain >/dev/null 2>&1
pdftotext "$INSTANCE/printed/batch-000002.pdf" "$TMP/text"
has "eyes: and says so" "$TMP/text" 'Nachdruck 1'
refuses "eyes: the request is used up" 75 tp print spoil "$card" --as $one --reason "again"
new=$(tp print show 2 --json | json 'd["cards"][0]["serial"]')
tp audit list --json >"$TMP/audit"
is "eyes: both are in the trail" \
    "$(json 'len({e["actor"] for e in d["audit"] if e["action"] in ("print.asked", "print.reprinted")})' "$TMP/audit")" 2
tp print close 2 >/dev/null 2>&1
check "eyes: the new one asks for two again" tp print spoil "$new" --as $two --reason "torn"
is "eyes: and is not printed by one" "$(batches)" 2
finish
