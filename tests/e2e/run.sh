#!/bin/sh
# run.sh - the supervisor: drop folder to SMTP, workers that die, settings read again, the end.
. "$TP_SOURCE/tests/e2e/lib.sh"

need smtp-sink
new_instance
check "run: the vendor is loaded" tp import "$TP_SOURCE/tests/samples/vendor.json"
port=$(free_port)
mkdir -m 777 "$TMP/sink"
chmod 711 "$TMP"
as=
[ "$(id -u)" != 0 ] || as="-u nobody"
# shellcheck disable=SC2086 # two words or none
start sink smtp-sink $as -d "$TMP/sink/m." "127.0.0.1:$port" 64
check "run: a server listens" wait_port "$port"
setting mail transport "smtp://127.0.0.1:$port"
setting worker count 3
setting intake settle 0s

order() {
	printf '{"order":"%s","source":"s","party":"R-100","customer":{"name":"Zoë","email":"%s@example.org","language":"de"},"deliver":{"by":"email","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":1}]}\n' "$1" "$1"
}
drop() {
	order "$1" >"$INSTANCE/inbox/$1.tmp"
	mv "$INSTANCE/inbox/$1.tmp" "$INSTANCE/inbox/$1.json"
}
arrived() {
	grep -lq "^X-Rcpt-Args: <$1@example.org>" "$TMP/sink"/m.* 2>/dev/null
}
children() {
	ps -o pid= --ppid "$(cat "$TMP/gateway.pid")" | wc -l
}
has_children() {
	[ "$(children)" = "$1" ]
}

start gateway "$TP_BIN" run
check "run: three workers and one intake child are started" wait_for 60 has_children 4
drop A-1
check "run: what is dropped becomes a mail at the server" wait_for 60 arrived A-1
has "run: with the sender's own answer beside it" "$(echo "$INSTANCE"/inbox/done/A-1*.result.json)" '"accepted"'

for pid in $(ps -o pid= --ppid "$(cat "$TMP/gateway.pid")"); do kill -9 "$pid"; done
check "run: children that are killed are started again" wait_for 60 has_children 4
drop A-2
check "run: and work goes on" wait_for 60 arrived A-2

cp "$TICKETPOST_CONFIG" "$TMP/good.conf"
setting worker nonsense 1
kill -HUP "$(cat "$TMP/gateway.pid")"
drop A-3
check "run: settings that are wrong are not taken over" wait_for 60 arrived A-3
check "run: nor does the gateway stop" alive gateway
has "run: and the log says where and why" "$TMP/gateway.log" 'ticketpost.conf:[0-9]+: \[worker\] nonsense'
cp "$TMP/good.conf" "$TICKETPOST_CONFIG"
setting worker count 1
kill -HUP "$(cat "$TMP/gateway.pid")"
check "run: good settings are: one worker now" wait_for 60 has_children 2
drop A-4
check "run: which does the work" wait_for 60 arrived A-4

stop gateway
is "run: TERM ends it with 0" "$stopped" 0
is "run: and leaves no child" "$(pgrep -f "$TP_BIN run" | wc -l)" 0
lacks "run: no code stands in the log" "$TMP/gateway.log" '[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}'
is "run: each mail arrived once" "$(cat "$TMP/sink"/m.* | grep -c '^X-Rcpt-Args:')" 4
tp status --json >"$TMP/status"
is "run: every delivery is sent" "$(json 'd["deliveries"]' "$TMP/status")" '{"email": {"sent": 4}}'
check "run: the audit chain is whole" tp audit verify
finish
