#!/bin/sh
# print_misfortune.sh - a printer on its bad days: what it says is shown, what may be printed is in
# doubt, what is not is tried again, and nothing is printed twice unasked.
. "$TP_SOURCE/tests/e2e/lib.sh"

batch() {
	tp print show 1 --json | json 'd["state"]'
}
day() {
	echo "$1" >"$TMP/day.new" && mv "$TMP/day.new" "$TMP/day"
}
printed() {
	find "$TMP/spool" -name '*.pdf' | wc -l
}
follow() {
	tp work --drain --kinds chores,print >"$TMP/work" 2>&1
}
says() {
	tp print show 1 >"$TMP/out"
	has "$1" "$TMP/out" "$2"
}
# again - a person looked, and nothing came out.
again() {
	tp print resolve 1 --again --reason "nothing came out" >/dev/null 2>&1
	is "misfortune: looked at, it can be sent again" "$(batch)" rendered
}

mkdir "$TMP/spool"
port=$(free_port)
day good
start printer /usr/bin/python3 "$TP_SOURCE/tests/support/fake_ipp.py" "$port" "$TMP/day" "$TMP/spool"
wait_port "$port"
new_instance
tp import "$TP_SOURCE/tests/samples/vendor.json" >/dev/null 2>&1
setting print printer "ipp://127.0.0.1:$port/ipp/print"
setting print gather 1h
printf '{"order":"M-1","source":"s","party":"R-100","customer":{"id":"K-1","name":"Jörg Müller","address":{"lines":["Hauptstr. 1"],"postcode":"79098","city":"Freiburg","country":"DE"}},"deliver":{"by":"post","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":2}]}' |
	tp order submit - >/dev/null
tp work --drain >/dev/null 2>&1
tp print close 1 >/dev/null 2>&1
tp work --drain >/dev/null 2>&1
is "misfortune: a batch is written" "$(batch)" rendered

# What says no, or not now: nothing left, and it can be sent later.
for word in refuse busy closed noise; do
	day "$word"
	tp print submit 1 >"$TMP/submit" 2>&1
	is "misfortune: $word leaves it as it was" "$(batch)" rendered
done
is "misfortune: nothing was printed" "$(printed)" 0

# What took the file, or part of it, and was not heard of again.
for word in half mute nameless; do
	day "$word"
	tp print submit 1 >"$TMP/submit" 2>&1
	is "misfortune: $word is doubt" "$(batch)" doubt
	follow
	is "misfortune: and stays it" "$(batch)" doubt
	day good
	before=$(printed)
	follow
	is "misfortune: nothing is sent by itself" "$(printed)" "$before"
	refuses "misfortune: nor by asking again" 75 tp print submit 1
	again
done

# Out of paper: shown, waited for, printed when there is some.
day paper
check "misfortune: a job stops for want of paper" tp print submit 1
follow
is "misfortune: it waits" "$(batch)" submitted
says "misfortune: and says for what" 'media-empty-error'
follow
is "misfortune: however long" "$(batch)" submitted
before=$(printed)
day good
follow
is "misfortune: with paper it is printed" "$(batch)" printed
is "misfortune: from the job that waited" "$(printed)" "$before"

# A printer that dies in mid-job, and comes back without a memory.
tp ticket reprint 1 --reason "test" >/dev/null
tp work --drain >/dev/null 2>&1
tp print close 2 >/dev/null 2>&1
tp work --drain >/dev/null 2>&1
state2() {
	tp print show 2 --json | json 'd["state"]'
}
day paper
check "misfortune: another job" tp print submit 2
stop printer KILL
follow
is "misfortune: the printer died: the job is waited for" "$(state2)" submitted
tp print show 2 >"$TMP/out"
has "misfortune: and that it is silent is shown" "$TMP/out" 'not reached'
day forget
start printer /usr/bin/python3 "$TP_SOURCE/tests/support/fake_ipp.py" "$port" "$TMP/day" "$TMP/spool"
wait_port "$port"
follow
is "misfortune: it is back without the job: doubt" "$(state2)" doubt
tp print show 2 >"$TMP/out"
has "misfortune: and says so" "$TMP/out" 'knows no such job'
tp print resolve 2 --again --reason "two sheets were blank" >/dev/null
day cancel
check "misfortune: sent again by a person" tp print submit 2
follow
is "misfortune: cancelled at the printer: doubt" "$(state2)" doubt
tp print show 2 >"$TMP/out"
has "misfortune: with the printer's word" "$TMP/out" 'job-canceled-at-device'
check "misfortune: the audit chain is whole" tp audit verify
finish
