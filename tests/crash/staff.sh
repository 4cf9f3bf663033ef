#!/bin/sh
# staff.sh - the process killed at the n-th fault point, for every n, while it runs a programme,
# takes a staff list, answers an employee's mail; then run on: everybody has one plan, one ticket
# and one mail, and the trail is whole.
#
# Needs a build with fault points.  STEP=k looks at every k-th point only (smoke).
set -u
. "$TP_SOURCE/tests/e2e/lib.sh"
step=${STEP:-1}

new_instance base
setting staff mails_per_minute 0
setting mail doubt_after 0s
setting gateway owner owner@faecherwerk.example
setting intake authserv_id mx.faecherwerk.example
cat >"$TMP/own.json" <<'END'
{"employees": [
 {"id": "A-1", "email": "a1@faecherwerk.example", "from": "2020-01-01"},
 {"id": "A-2", "email": "a2@faecherwerk.example", "from": "2020-01-01"},
 {"id": "A-3", "email": "a3@faecherwerk.example", "from": "2020-01-01"}],
 "programmes": [
 {"id": "nfr-cad", "product": "CAD-NFR", "kind": "nfr", "audience": ["A-1", "A-2", "A-3"], "term": {"days": 90},
  "schedule": "FREQ=MONTHLY;BYDAY=1MO", "at": "08:30", "renew": true, "lead_days": 7, "from": "2026-12-01", "per_month": 1},
 {"id": "demo-cad", "product": "CAD-DEMO", "kind": "demo", "audience": ["A-1"], "term": {"days": 30},
  "schedule": "FREQ=YEARLY", "at": "07:45", "from": "2099-01-01"}]}
END
cat >"$TMP/list.csv" <<'END'
id,email,name,from,until
A-1,a1@faecherwerk.example,One,2020-01-01,
A-2,new@faecherwerk.example,Two,2020-01-01,
A-3,a3@faecherwerk.example,Three,2020-01-01,2026-12-31
A-4,a4@faecherwerk.example,Four,2026-12-01,
END
cat >"$TMP/nfr.eml" <<'END'
Return-Path: <a1@faecherwerk.example>
Authentication-Results: mx.faecherwerk.example; dkim=pass header.d=faecherwerk.example
Received: from out.example by mx.faecherwerk.example with ESMTPS; Tue, 24 Nov 2026 10:00:00 +0100
From: One <a1@faecherwerk.example>
To: tickets@faecherwerk.example
Subject: nfr
Message-ID: <one@out.example>

END
# at DAY COMMAND... - as if it were noon of that day.
at() {
	at_day=$1
	shift
	TICKETPOST_NOW=${at_day}T11:00:00Z "$TP_BIN" "$@"
}
# dies DAY COMMAND... - the same; the n-th point is the fatal one.
dies() {
	dies_day=$1
	shift
	(TICKETPOST_NOW=${dies_day}T11:00:00Z TICKETPOST_FAULT=die:$n exec "$TP_BIN" "$@")
}
at 2026-12-01 import "$TP_SOURCE/tests/samples/vendor.json" >/dev/null 2>&1
at 2026-12-01 import "$TMP/own.json" >/dev/null 2>&1 || not_ok "crash: the staff is loaded"

run_story() {
	case $1 in
	prepare) ;;
	act) dies 2026-12-07 programme run ;;
	again) at 2026-12-07 work --drain -q; at 2026-12-08 work --drain -q ;;
	plans) echo '["A-1", "A-2", "A-3"]' ;;
	esac
}
leave_story() {
	case $1 in
	prepare) at 2026-12-07 work --drain -q; at 2026-12-08 employee sync -q --max-drop 100 "$TMP/list.csv" ;;
	act) dies 2027-01-04 programme run ;;
	again) at 2027-01-04 work --drain -q; at 2027-01-05 work --drain -q ;;
	plans) echo '["A-1", "A-2"]' ;;
	esac
}
list_story() {
	case $1 in
	prepare) at 2026-12-07 work --drain -q ;;
	act) dies 2026-12-08 employee sync -q --max-drop 100 "$TMP/list.csv" ;;
	again) at 2026-12-08 employee sync -q --max-drop 100 "$TMP/list.csv"; at 2026-12-08 work --drain -q
		at 2027-01-04 work --drain -q ;;
	plans) echo '["A-1", "A-2"]' ;;
	esac
}
mail_story() {
	case $1 in
	prepare) at 2026-12-01 mail receive <"$TMP/nfr.eml" ;;
	act) dies 2026-12-01 work --drain -q ;;
	again) at 2026-12-02 work --drain -q; at 2026-12-03 work --drain -q ;;
	plans) echo '["A-1"]' ;;
	esac
}

# The end of a story: prints what is wrong, nothing when all is well.
verdict() {
	tp programme show nfr-cad --json >"$TMP/show" 2>&1 || { cat "$TMP/show"; return; }
	got=$(json 'sorted(p["employee"] for p in d["plans"] if p["state"] == "active")' "$TMP/show")
	[ "$got" = "$($1 plans)" ] || echo "plans: $got"
	tp ticket list --json >"$TMP/tickets"
	got=$(json 'len([t for t in d["tickets"] if t["state"] == "issued"]) - '"$got.__len__()" "$TMP/tickets")
	[ "$got" = 0 ] || echo "$got tickets too many"
	mails=$(sed -n 's/^To:.*<\(.*\)>$/\1/p; s/^To: \([^<]*@[^<]*\)$/\1/p' "$TMP"/run/outbox/new/* 2>/dev/null | sort | uniq -c | tr -s ' \n' ' ;')
	[ -z "$reference" ] || [ "$mails" = "$reference" ] || echo "mails: $mails instead of $reference"
	tp audit verify >/dev/null 2>&1 || echo "the audit chain is broken"
	tp check >/dev/null 2>&1 || echo "the store is not sound"
}

# points STORY LEAST - plays it undisturbed, then killed at the n-th point for n = 1, 2, 3 ...
points() {
	n=1000000
	reference=
	died=0
	: >"$TMP/found"
	while :; do
		rm -rf "$TMP/run"
		cp -a "$TMP/base" "$TMP/run"
		TICKETPOST_CONFIG=$TMP/run/ticketpost.conf
		code=0
		$1 prepare >"$TMP/out" 2>&1
		$1 act >"$TMP/out" 2>&1 || code=$?
		[ $code = 137 ] || [ -z "$reference" ] || break
		$1 again >"$TMP/out" 2>&1
		verdict "$1" >"$TMP/verdict"
		sed "s/^/point $n: /" "$TMP/verdict" >"$TMP/found"
		if [ -z "$reference" ]; then
			reference=$mails
			n=1
		else
			died=$((died + 1))
			n=$((n + step))
		fi
		[ ! -s "$TMP/found" ] || break
	done
	[ $((died * step)) -ge $(($2 - step + 1)) ] || [ -s "$TMP/found" ] || echo "only $died points" >"$TMP/found"
	if [ -s "$TMP/found" ]; then
		not_ok "crash: $1, killed at any point, ends well" "$TMP/found"
	else
		ok "crash: $1, killed at each of $died points, ends well"
	fi
}
points run_story 10
points leave_story 6
points list_story 2
# Its command is a whole drain: three times as many points, most of them chores'.
step=$((step * 3 - 2))
points mail_story 60
finish
