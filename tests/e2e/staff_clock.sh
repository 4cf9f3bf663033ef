#!/bin/sh
# staff_clock.sh - a worker runs through both changes of the clock of 2027, with a programme at
# 02:30 in Berlin: in March that time does not exist, in October it comes twice.
. "$TP_SOURCE/tests/e2e/lib.sh"

need faketime sqlite3
lib=$(find /usr/lib -name libfaketimeMT.so.1 | head -n 1)
# A build with AddressSanitizer wants to be first among the libraries; here it cannot be.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
new_instance
setting staff mails_per_minute 0
TICKETPOST_NOW=2027-03-01T00:00:00Z check "staff clock: the vendor is loaded" "$TP_BIN" import "$TP_SOURCE/tests/samples/vendor.json"
cat >"$TMP/own.json" <<'END'
{"programmes": [
 {"id": "nfr-cad", "product": "CAD-NFR", "kind": "nfr", "audience": ["E-1"], "term": {"days": 5}, "schedule": "FREQ=DAILY",
  "at": "02:30", "zone": "Europe/Berlin", "renew": true, "from": "2027-03-28"},
 {"id": "demo-cad", "product": "CAD-DEMO", "kind": "demo", "audience": ["E-1"], "term": {"days": 30}, "schedule": "FREQ=DAILY",
  "at": "02:30", "zone": "Europe/Berlin", "renew": false, "from": "2099-01-01"}]}
END
TICKETPOST_NOW=2027-03-01T00:00:00Z check "staff clock: a programme at half past two" "$TP_BIN" import "$TMP/own.json"

# clock TIME - the gateway's clock shows this (UTC), and goes on.
clock() {
	echo "+$(($(date -u -d "$1" +%s) - $(date -u +%s)))s" >"$TMP/time.new"
	mv "$TMP/time.new" "$TMP/time"
}
runs() { # "day of the rule, when it ran (UTC)" of all but the first $1
	sqlite3 "$INSTANCE/ticketpost.db" "SELECT rule_day || ' ' || strftime('%H:%M', started_at / 1000000, 'unixepoch') FROM programme_run ORDER BY id LIMIT 100 OFFSET ${1:-0}" |
		tr '\n' ';'
}
n_runs() {
	sqlite3 "$INSTANCE/ticketpost.db" "SELECT count(*) FROM programme_run WHERE state = 'done'"
}
ran() {
	[ "$(n_runs)" = "$1" ]
}
# The chore has looked since the clock was set: it is due again a minute after that.
looked() {
	[ "$(sqlite3 "$INSTANCE/ticketpost.db" "SELECT due_at > $1 FROM timer WHERE name = 'chore/programmes'")" = 1 ]
}
quiet() { # TIME NAME WANTED - nothing runs at this time
	clock "$1"
	wait_for 20 looked "$(date -u -d "$1" +%s)000000" || not_ok "staff clock: nobody looked at $1"
	is "$2" "$(n_runs)" "$3"
}

clock 2027-03-27T12:00:00Z
start gateway env LD_PRELOAD="$lib" FAKETIME_TIMESTAMP_FILE="$TMP/time" FAKETIME_NO_CACHE=1 \
	FAKETIME_DONT_FAKE_MONOTONIC=0 "$TP_BIN" run
quiet 2027-03-28T00:45:00Z "staff clock: not before the hour that is missing" 0
quiet 2027-03-28T01:15:00Z "staff clock: nor as soon as it is three" 0
clock 2027-03-28T01:31:30Z
check "staff clock: half past two is half past three that night" wait_for 20 ran 1
quiet 2027-03-28T12:00:00Z "staff clock: once that day" 1
clock 2027-03-29T00:31:30Z
check "staff clock: and at half past two again the next" wait_for 20 ran 2
clock 2027-10-30T00:31:30Z
check "staff clock: a summer without a worker is one run" wait_for 20 ran 3
quiet 2027-10-31T00:15:00Z "staff clock: not before half past two" 3
clock 2027-10-31T00:31:30Z
check "staff clock: at the first half past two" wait_for 20 ran 4
quiet 2027-10-31T01:31:30Z "staff clock: not at the second" 4
clock 2027-11-01T01:31:30Z
check "staff clock: and the next day" wait_for 20 ran 5
check "staff clock: the gateway went through it all" alive gateway
stop gateway
is "staff clock: each day once, at its time" "$(runs)" \
	"2027-03-28 01:31;2027-03-29 00:31;2027-10-30 00:31;2027-10-31 00:31;2027-11-01 01:31;"
is "staff clock: one licence all the time" \
	"$(tp employee show E-1 --json | json '[p["state"] for p in d["plans"] if p["state"] != "ended"]')" '["active"]'
finish
