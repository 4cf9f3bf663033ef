#!/bin/sh
# stories.sh - order accepted -> tickets -> mails -> batch, the process killed at the n-th point
# for every n, then run on: at the end every accepted order has exactly its tickets, every
# delivery one live end, every mail is there once, the store is sound and the audit chain whole.
#
# Needs a build with fault points ($TP_BIN of VARIANT=check).  After a kill the clock is moved
# on, so that leases lapse and doubt ends.  STEP=k looks at every k-th point only (smoke).
#
# BY=write|sync|rename kills at the n-th system call of that sort instead (strace), for every
# n; the calls of libraries count too.  BY=fail lets the n-th call that can fail do so, and
# BY=full fills the disk from the n-th write on, until the command has ended: then it must
# end by itself, with a reason.
#
# STORE=pgsql plays it all on a private PostgreSQL.
#
# Twins: each story is also played without its safety measure (TICKETPOST_UNSAFE), and must be
# seen to fail then.
set -u
. "$TP_SOURCE/tests/e2e/lib.sh"
step=${STEP:-1}
by=${BY:-fault}
case $by in
fault | fail) calls= ;;
write) calls=write,pwrite64,writev,pwritev ;;
sync) calls=fsync,fdatasync ;;
rename) calls=rename,renameat,renameat2,link,linkat,unlink ;;
full) calls=pwrite64,fallocate,ftruncate,fdatasync ;;
*) echo "BY=$by: fault, fail, write, sync, rename or full" >&2; exit 64 ;;
esac
[ -z "$calls" ] || need strace
# A leak cannot be looked for under strace.
[ -z "$calls" ] || export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"

later() {
	# Two hours on: longer than any lease and than mail.doubt_after.
	TICKETPOST_NOW=$(date -u -d '+2 hours' +%Y-%m-%dT%H:%M:%SZ) "$@"
}

cat >"$TMP/orders.jsonl" <<'J'
{"order":"C-1","source":"s","party":"R-100","customer":{"name":"Zoë","email":"z@example.org","language":"de"},"deliver":{"by":"email","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":2}]}
{"order":"C-2","source":"s","party":"R-100","deliver":{"by":"email","to":"party"},"lines":[{"line":"1","product":"CAD-PRO","quantity":3}]}
{"order":"C-3","source":"s","party":"R-100","customer":{"name":"Max","address":{"lines":["Kaiserstr. 1"],"postcode":"76133","city":"Karlsruhe","country":"DE"}},"deliver":{"by":"post","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":2}]}
J

new_instance base
store=${STORE:-sqlite}
if [ "$store" = pgsql ]; then
	need psql
	started=$("$TP_SOURCE/tests/support/pg.sh" start 2>"$TMP/pg.log") || {
		skip "crash: PostgreSQL: $(cat "$TMP/pg.log")"
		exit 0
	}
	pg_dir=${started%% *}
	trap 'stop_all; "$TP_SOURCE/tests/support/pg.sh" stop "$pg_dir"' EXIT
	psql -q -h "$pg_dir" -U ticketpost postgres -c 'CREATE DATABASE base'
	setting store url "postgresql://ticketpost@/base?host=$pg_dir"
	check "crash: the store is made on PostgreSQL" tp migrate
fi
tp import "$TP_SOURCE/tests/samples/vendor.json" >/dev/null 2>&1
setting mail doubt_after 0s

fresh() {
	rm -rf "$TMP/run"
	cp -a "$TMP/base" "$TMP/run"
	export TICKETPOST_CONFIG=$TMP/run/ticketpost.conf
	[ "$store" = pgsql ] || return 0
	psql -q -h "$pg_dir" -U ticketpost postgres -c 'DROP DATABASE IF EXISTS run WITH (FORCE)' \
	    -c 'CREATE DATABASE run TEMPLATE base' 2>"$TMP/pg.log"
	sed -i 's|@/base?|@/run?|' "$TICKETPOST_CONFIG"
}

# The end of a story: prints what is wrong, nothing when all is well.
verdict() {
	tp status --json >"$TMP/status" 2>&1 || { cat "$TMP/status"; return; }
	json '"" if d["orders"] == {"issued": 3} else "orders " + str(d["orders"])' "$TMP/status"
	json '"" if d["tickets"] == {"issued": 7} else "tickets " + str(d["tickets"])' "$TMP/status"
	json '"" if d["deliveries"] == {"email": {"sent": 5}, "post": {"rendered": 2}} else "deliveries " + str(d["deliveries"])' "$TMP/status"
	json '"" if set(d["jobs"]) == {"done"} else "jobs " + str(d["jobs"])' "$TMP/status"
	n=$(ls "$TMP/run/outbox/new" | wc -l)
	[ "$n" = 3 ] || echo "$n mails instead of 3"
	n=$(cat "$TMP"/run/outbox/new/* 2>/dev/null | grep -ci '^Message-ID:' || :)
	[ "$n" = 6 ] || echo "$n Message-IDs instead of 6 (3 mails, 3 to be forwarded)"
	qpdf --check "$TMP"/run/printed/batch-000001.pdf >/dev/null 2>&1 || echo "the batch is no good PDF"
	[ "$(ls "$TMP/run/printed" | grep -c '^batch-[0-9]*.pdf$')" = 1 ] || echo "not one file of cards in the print folder"
	tp audit verify >/dev/null 2>&1 || echo "the audit chain is broken"
	tp check >/dev/null 2>&1 || echo "the store is not sound"
}

# Was there an n-th point?
reached() {
	case $by in
	fail) [ $n -le "$n_fail" ] ;;
	full) grep -q INJECTED "$TMP/strace" ;;
	*) [ "$1" = 137 ] ;;
	esac
}

# What fails without being killed says why, and is no bug (70) and no crash.
ended_well() {
	case $by in fail | full) ;; *) return ;; esac
	[ "$1" -lt 128 ] && [ "$1" != 70 ] || echo "exit $1: $(tail -n 1 "$TMP/act")"
	[ "$1" = 0 ] || grep -q '^ticketpost: ' "$TMP/act" || echo "exit $1 without a reason"
}

# points NAME FIRST SECOND - plays the story with the process killed at the n-th point of the
# command FIRST for n = 1, 2, 3 ... until it survives; SECOND runs on.
points() {
	name=$1
	n=0
	if [ $by = fail ]; then
		fresh
		$2 prepare
		rm -f "$TMP/count"
		TICKETPOST_FAULT=count:$TMP/count $2 act >/dev/null 2>&1
		n_fail=$(grep -c '^fail ' "$TMP/count")
	fi
	n=1
	died=0
	bad_n=
	while :; do
		fresh
		$2 prepare
		code=0
		$2 act >"$TMP/act" 2>&1 || code=$?
		reached $code || break
		died=$((died + 1))
		later $2 again >"$TMP/again" 2>&1
		{ ended_well $code; verdict; } | grep . >"$TMP/verdict"
		if [ -s "$TMP/verdict" ]; then
			bad_n=$n
			break
		fi
		n=$((n + step))
	done
	[ -z "$bad_n" ] || sed "s/^/point $bad_n: /" "$TMP/verdict"
}

submit_story() {
	case $1 in
	prepare) ;;
	act) exec_tp order submit "$TMP/orders.jsonl" ;;
	again) tp order submit "$TMP/orders.jsonl"; later tp work --drain -q ;;
	esac
}

work_story() {
	case $1 in
	prepare) tp order submit "$TMP/orders.jsonl" >/dev/null 2>&1 ;;
	act) exec_tp work --drain -q ;;
	again) tp work --drain -q ;;
	esac
}

drop_story() {
	case $1 in
	prepare) cp "$TMP/orders.jsonl" "$TMP/run/inbox/o.jsonl"; touch -d '1 hour ago' "$TMP/run/inbox/o.jsonl" ;;
	act) exec_tp work --drain -q --kinds intake ;;
	again) tp work --drain -q ;;
	esac
}

# In a subshell whose death is the command's own: its n-th point or call is the fatal one.
exec_tp() {
	case $by in
	fault) how=die:$n ;;
	fail) how=${TICKETPOST_FAULT:-fail:$n} ;;
	full) how="error=ENOSPC:when=$n+" ;;
	*) how="signal=KILL:when=$n" ;;
	esac
	if [ -z "$calls" ]; then
		(TICKETPOST_FAULT=$how exec "$TP_BIN" "$@")
	else
		(exec strace -f -qq -o "$TMP/strace" -e "trace=$calls" -e "inject=$calls:$how" \
		    "$TP_BIN" "$@")
	fi
}

# The least number of points of each story, so that a story that ends early is noticed.
least() {
	case $by/$1 in
	fault/submit) echo 8 ;;
	fault/work) echo 60 ;;
	fault/drop) echo 10 ;;
	write/* | sync/* | full/*) echo 5 ;;
	fail/*) echo 3 ;;
	*) echo 0 ;;
	esac
}

for story in submit work drop; do
	points $story ${story}_story >"$TMP/found"
	if [ -s "$TMP/found" ]; then
		not_ok "crash: $story, killed at any $by, ends well" "$TMP/found"
	else
		ok "crash: $story, killed at each of $died points ($by), ends well"
	fi
	least=$(least $story)
	if [ $((died * step)) -ge $((least - step + 1)) ]; then
		ok "crash: $story has at least $least points ($by)"
	else
		echo "only $died" >"$TMP/found"
		not_ok "crash: $story has at least $least points ($by)" "$TMP/found"
	fi
done
[ $by = fault ] || finish

# Twins.
twin() {
	export TICKETPOST_UNSAFE=$2
	points "$1" "${1}_story" >"$TMP/found"
	unset TICKETPOST_UNSAFE
	if [ -s "$TMP/found" ]; then
		ok "crash: without its safety measure ($2) $1 is seen to fail"
	else
		not_ok "crash: without its safety measure ($2) $1 is seen to fail"
	fi
}
twin work mail.settle_first
twin drop drop.forget
finish
