#!/bin/sh
# print_cups.sh - the same through CUPS: a private cupsd hands the file on to an IPP printer as it is,
# and its job is followed until the printer is done; a queue that stopped is shown.
. "$TP_SOURCE/tests/e2e/lib.sh"
. "$TP_SOURCE/tests/support/ipp.sh"
need cupsd lpadmin ippeveprinter avahi-daemon dbus-daemon

batch() {
	tp print show "$1" --json | json 'd["state"]'
}
is_printed() {
	tp work --drain --kinds chores,print >/dev/null 2>&1
	[ "$(batch "$1")" = printed ]
}
is_stopped() {
	tp work --drain --kinds chores,print >/dev/null 2>&1
	tp print show 2 >"$TMP/shown"
	grep -q 'unavailable' "$TMP/shown"
}
order() {
	printf '{"order":"%s","source":"s","party":"R-100","customer":{"id":"K-1","name":"Jörg Müller","address":{"lines":["Hauptstr. 1"],"postcode":"79098","city":"Freiburg","country":"DE"}},"deliver":{"by":"post","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":3}]}' \
	    "$1" | tp order submit - >/dev/null
	tp work --drain >/dev/null 2>&1
	tp print close "$2" >/dev/null 2>&1
	tp work --drain >/dev/null 2>&1
}

ipp_bus && ipp_printer good || { skip "print_cups ippeveprinter does not start here"; exit 0; }
ipp_cups cards "$PRINTER" >"$TMP/cups.log" 2>&1 || { skip "print_cups cupsd does not start here"; exit 0; }
new_instance
tp import "$TP_SOURCE/tests/samples/vendor.json" >/dev/null 2>&1
setting print gather 1h
setting print printer "$CUPS_QUEUE"
order C-1 1
check "cups: submitted" tp print submit 1
check "cups: printed when the printer behind it is done" wait_for 60 is_printed 1
tp print show 1 >"$TMP/out"
has "cups: with the job's end" "$TMP/out" 'completed'
file=$(find "$TMP/good.spool" -name '*.pdf')
cmp "$file" "$INSTANCE/printed/batch-000001.pdf" >"$TMP/out" 2>&1 &&
	ok "cups: the printer got the very file" || not_ok "cups: the file" "$TMP/out"
is "cups: once" "$(find "$TMP/good.spool" -name '*.pdf' | wc -l)" 1

# The printer behind the queue is gone.
stop good KILL
order C-2 2
check "cups: CUPS takes it all the same" tp print submit 2
is "cups: submitted is not printed" "$(batch 2)" submitted
check "cups: what it waits for is shown" wait_for 60 is_stopped
is "cups: and it stays submitted" "$(batch 2)" submitted
finish
