#!/bin/sh
# faults.sh - what the world does to a gateway: a lock that is not let go, folders that cannot
# be written, clocks that jump, workers that freeze (threats R3, R17-R20), an old backup.
. "$TP_SOURCE/tests/e2e/lib.sh"

need smtp-sink sqlite3 faketime setpriv
new_instance
tp import "$TP_SOURCE/tests/samples/vendor.json" >/dev/null 2>&1
setting mail doubt_after 0s
chmod 711 "$TMP"

order() {
	printf '{"order":"%s","source":"s","party":"R-100","customer":{"name":"Zoë","email":"%s@example.org","language":"de","address":{"lines":["Kaiserstr. 1"],"postcode":"76133","city":"Karlsruhe","country":"DE"}},"deliver":{"by":"%s","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":1}]}\n' "$1" "$1" "${2:-email}"
}
deliveries() {
	tp status --json | json 'd["deliveries"]'
}
n_mails() {
	find "$INSTANCE/outbox/new" -type f | wc -l
}

# ---- a foreign lock: longer than the store waits by itself ----------------------------------

hold_lock() {
	/usr/bin/python3 -c '
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))' "$INSTANCE/ticketpost.db" "$1"
}
locked() {
	grep -q locked "$TMP/lock.log"
}
order L-1 | tp order submit -q - >/dev/null
start lock hold_lock 30
wait_for 30 locked
refuses "faults: an order is not taken while the store is locked: try again" 75 \
    sh -c "printf '%s' '$(order L-2)' | '$TP_BIN' order submit -"
has "faults: and the reason is told" "$TMP/err" 'locked|busy'
check "faults: a worker waits out a lock of 30 s" tp work --drain -v
is "faults: and gives nothing up because of it" "$(deliveries)" '{"email": {"sent": 1}}'
stop lock
check "faults: then the order is taken" sh -c "printf '%s' '$(order L-2)' | '$TP_BIN' order submit -"

# ---- folders that cannot be written -----------------------------------------------------------

# Root may write everywhere, so somebody else works.
someone() {
	if [ "$(id -u)" = 0 ]; then
		chown -R 65534:65534 "$INSTANCE"
		setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	else
		"$@"
	fi
}
order F-1 post | tp order submit -q - >/dev/null
chmod 555 "$INSTANCE/printed" "$INSTANCE"/outbox/tmp "$INSTANCE"/outbox/new
someone "$TP_BIN" work --drain -q >"$TMP/out" 2>&1
tp queue list --json >"$TMP/queue"
is "faults: what cannot be written waits, each with its reason" \
    "$(json 'sorted((j["kind"], j["state"], "cannot" in (j["last_error"] or "")) for j in d["jobs"])' "$TMP/queue")" \
    '[["mail", "ready", true], ["print", "ready", true]]'
is "faults: and no part of it is visible" "$(find "$INSTANCE/printed" "$INSTANCE/outbox/new" -type f | wc -l)" 1
chmod 755 "$INSTANCE/printed" "$INSTANCE"/outbox/tmp "$INSTANCE"/outbox/new
for id in $(json '" ".join(str(j["id"]) for j in d["jobs"])' "$TMP/queue"); do tp queue retry "$id" >/dev/null; done
check "faults: when it can be again, all goes on" someone "$TP_BIN" work --drain -q
is "faults: once" "$(deliveries)" '{"email": {"sent": 2}, "post": {"rendered": 1}}'
[ "$(id -u)" != 0 ] || chown -R 0:0 "$INSTANCE"

# ---- clocks that jump under a running gateway -------------------------------------------------

lib=$(find /usr/lib -name libfaketimeMT.so.1 | head -n 1)
# A build with AddressSanitizer wants to be first among the libraries; here it cannot be.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
echo "+0" >"$TMP/time"
start gateway env LD_PRELOAD="$lib" FAKETIME_TIMESTAMP_FILE="$TMP/time" FAKETIME_NO_CACHE=1 \
    FAKETIME_DONT_FAKE_MONOTONIC=1 "$TP_BIN" run
sent_is() {
	[ "$(tp status --json | json 'd["deliveries"]["email"].get("sent", 0)')" = "$1" ]
}
n=2
for jump in +0 +1h +1y -1h +0; do
	echo "$jump" >"$TMP/time"
	order "J$n" | env LD_PRELOAD="$lib" FAKETIME="$jump" "$TP_BIN" order submit -q - >/dev/null
	n=$((n + 1))
	check "faults: the clock jumps to $jump and mail goes on" wait_for 60 sent_is $n
done
check "faults: no jump ends the gateway" alive gateway
stop gateway
is "faults: and none sends twice" "$(n_mails)" $n
check "faults: the audit chain is whole" tp audit verify

# ---- a worker that freezes for longer than its leases -----------------------------------------

# Its server takes the connection and then says nothing, so that it freezes with messages in
# hand; another worker's server is well.
port=$(free_port)
start mute /usr/bin/python3 -c '
import socket, sys, threading, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
held = []
while True:
    held.append(server.accept()[0])' "$port"
wait_port "$port"
cp "$TICKETPOST_CONFIG" "$TMP/well.conf"
setting mail transport "smtp://127.0.0.1:$port"
setting mail connections 2
cp "$TICKETPOST_CONFIG" "$INSTANCE/mute.conf"
cp "$TMP/well.conf" "$TICKETPOST_CONFIG"
for i in 1 2 3 4 5 6; do order "Z-$i"; done | tp order submit -q - >/dev/null
start frozen "$TP_BIN" --config "$INSTANCE/mute.conf" work --kinds issue,mail
acting() {
	[ "$(tp status --json | json 'd["jobs"].get("acting", 0)')" = 6 ]
}
check "faults: a worker has six messages in hand" wait_for 60 acting
kill -STOP "$(cat "$TMP/frozen.pid")"
before=$(n_mails)
# Two leases later.
TICKETPOST_NOW=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ) tp work --drain -q
is "faults: another worker sends them when the leases are over" $(($(n_mails) - before)) 6
kill -CONT "$(cat "$TMP/frozen.pid")"
stop mute
gone() {
	[ "$(tp status --json | json 'd["deliveries"]["email"]')" = "{\"sent\": $((n + 6))}" ]
}
check "faults: the one that thaws takes nothing back" wait_for 60 gone
stop frozen
is "faults: and leaves every job done" "$(tp status --json | json 'sorted(d["jobs"])')" '["done"]'
check "faults: the audit chain is whole after it" tp audit verify

# ---- an old backup comes back -----------------------------------------------------------------

new_instance old
tp import "$TP_SOURCE/tests/samples/vendor.json" >/dev/null 2>&1
order B-1 | tp order submit -q - >/dev/null
order B-2 post | tp order submit -q - >/dev/null
tp work --drain -q --kinds issue
check "faults: a backup is made" tp backup "$TMP/old.db"
is "faults: of one file, for this user only" "$(cd "$TMP" && stat -c '%n %a' old.db*)" "old.db 600"
is "faults: and does not change what is copied" "$(tp status --json | json 'd.get("restored")')" null
tp work --drain -q
is "faults: meanwhile mail and paper leave" "$(deliveries)" \
    '{"email": {"sent": 1}, "post": {"rendered": 1}}'
mv "$INSTANCE/printed"/* "$TMP/"
rm -f "$INSTANCE"/ticketpost.db*
cp "$TMP/old.db" "$INSTANCE/ticketpost.db"
is "faults: a restored store says so" "$(tp status --json | json 'd["restored"]')" true
order B-3 | tp order submit -q - >/dev/null
check "faults: it works" tp work --drain -q
is "faults: but nothing leaves it, old or new" "$(deliveries) $(n_mails) $(find "$INSTANCE/printed" -type f | wc -l)" \
    '{"email": {"ready": 2}, "post": {"batched": 1}} 1 0'
check "faults: until a person lets go" tp queue release --all
check "faults: then it goes on" tp work --drain -q
is "faults: with everything" "$(deliveries)" '{"email": {"sent": 2}, "post": {"rendered": 1}}'
check "faults: and the audit chain is whole" tp audit verify
finish
