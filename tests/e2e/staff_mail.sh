#!/bin/sh
# staff_mail.sh - employees write to the gateway: nfr, demo 30, stop; what others get for it.
. "$TP_SOURCE/tests/e2e/lib.sh"

need python3
new_instance
setting mail from tickets@faecherwerk.example
setting mail bounce_domain faecherwerk.example
setting gateway owner owner@faecherwerk.example
setting intake authserv_id mx.faecherwerk.example
setting intake address tickets@faecherwerk.example
check "staff mail: the vendor is loaded" tp import "$TP_SOURCE/tests/samples/vendor.json"
cat >"$TMP/own.json" <<'END'
{"programmes": [
 {"id": "nfr-cad", "product": "CAD-NFR", "kind": "nfr", "audience": "all", "term": {"days": 90},
  "schedule": "FREQ=MONTHLY;BYDAY=1MO", "at": "08:30", "renew": true, "lead_days": 7, "from": "2099-01-01", "per_month": 1},
 {"id": "demo-cad", "product": "CAD-DEMO", "kind": "demo", "audience": ["E-1", "E-6"], "term": {"days": 60},
  "schedule": "FREQ=YEARLY", "at": "07:45", "from": "2099-01-01", "per_month": 2}]}
END
check "staff mail: programmes that give by mail" tp import "$TMP/own.json"

ada=ada.brueckner@faecherwerk.example
bekir=bekir.yildiz@faecherwerk.example
number=0
# ask FROM SUBJECT [RESULTS] - one mail, as our border server hands it in, read and done.
ask() {
	number=$((number + 1))
	cat >"$TMP/ask.eml" <<-MAIL
	Return-Path: <$1>
	Authentication-Results: mx.faecherwerk.example; ${3-dkim=pass header.d=${1#*@}}
	Received: from out.example by mx.faecherwerk.example with ESMTPS; Tue, 24 Nov 2026 10:00:00 +0100
	From: Somebody <$1>
	To: tickets@faecherwerk.example
	Subject: $2
	Date: Tue, 24 Nov 2026 09:59:58 +0100
	Message-ID: <ask-$number@out.example>

	Thank you.
	MAIL
	tp mail receive <"$TMP/ask.eml" >"$TMP/out" 2>&1
	tp work --drain >"$TMP/out" 2>&1
	tp mail show $number --json >"$TMP/show"
}
became() {
	json '[d["state"], d["proof"], (d["outcome"] or {}).get("done")]' "$TMP/show"
}
outbox() { # TO - the newest mail to this address
	mails "$INSTANCE/outbox" >"$TMP/mails"
	grep -lr "^To:.*$1" "$INSTANCE/outbox/new" | sort | tail -n 1
}
tickets() {
	tp ticket list --json | json '[[t["kind"], t["state"]] for t in d["tickets"]]'
}

ask $ada nfr
is "staff mail: nfr is done" "$(became)" '["done", "dkim", true]'
is "staff mail: with a ticket" "$(tickets)" '[["nfr", "issued"]]'
has "staff mail: that says what it is" "$(outbox $ada)" 'NFR'
ask $bekir "demo 30"
is "staff mail: who is in no audience gets the reason" "$(became)" '["done", "dkim", false]'
has "staff mail: in words" "$(outbox $bekir)" '^In-Reply-To: <ask-2@out.example>'
has "staff mail: in a mail that loops with nobody" "$(outbox $bekir)" '^Auto-Submitted: auto-replied'
ask $ada "demo 30"
is "staff mail: a demo of so many days" \
	"$(tp ticket list --json | json '[(__import__("datetime").date.fromisoformat(t["last_day"]) - __import__("datetime").date.fromisoformat(t["first_day"])).days for t in d["tickets"] if t["kind"] == "demo"]')" '[29]'
ask $ada "demo 61"
is "staff mail: not longer than the programme" "$(json 'd["outcome"]["reason"]' "$TMP/show")" "61 days are more than the 60 of demo-cad"
ask $ada "demo 7"
ask $ada "demo 7"
is "staff mail: nor more than the month has" "$(json 'd["outcome"]["reason"]' "$TMP/show")" "demo-cad gives a person 2 a month, and you had 2"
ask $ada nfr
is "staff mail: who has one gets it once more" "$(became) $(tickets)" '["done", "dkim", true] [["nfr", "issued"], ["demo", "issued"], ["demo", "issued"]]'
ask $ada stop
is "staff mail: stop ends it" "$(became)" '["done", "dkim", true]'
is "staff mail: and calls it back" "$(tickets)" '[["nfr", "recalled"], ["demo", "issued"], ["demo", "issued"]]'
outbox $ada >"$TMP/newest"
has "staff mail: the person is told" "$TMP/mails" 'Beendet'

before=$(find "$INSTANCE/outbox" -type f | wc -l)
ask stranger@out.example nfr
is "staff mail: a stranger is held" "$(json '[d["state"], d["reason"]]' "$TMP/show")" '["held", "the sender is not on the staff list"]'
ask $ada nfr "dkim=pass header.d=out.example"
is "staff mail: and who says to be an employee" "$(json 'd["state"]' "$TMP/show")" held
ask lizenzen@kranichhaus.example "demo 30"
is "staff mail: a reseller's user is no employee" "$(json 'd["state"]' "$TMP/show")" held
is "staff mail: nobody of them is answered" "$(find "$INSTANCE/outbox" -type f | wc -l)" "$before"
check "staff mail: a person releases the second" tp mail release 10 --reason "she called"
tp work --drain >"$TMP/out" 2>&1
tp mail show 10 --json >"$TMP/show"
is "staff mail: then its address counts" "$(json '[d["state"], d["proof"], d["outcome"]["reason"]]' "$TMP/show")" '["done", "person", "nfr-cad gives a person 1 a month, and you had 1"]'

# ---- the list itself, by mail ----
# list FROM FILE - a staff list as the attachment of a proved mail.
list() {
	number=$((number + 1))
	{
		cat <<-MAIL
		Return-Path: <$1>
		Authentication-Results: mx.faecherwerk.example; dkim=pass header.d=${1#*@}
		Received: from out.example by mx.faecherwerk.example with ESMTPS; Tue, 24 Nov 2026 10:00:00 +0100
		From: Somebody <$1>
		To: tickets@faecherwerk.example
		Subject: Staff
		Date: Tue, 24 Nov 2026 09:59:58 +0100
		Message-ID: <list-$number@out.example>
		MIME-Version: 1.0
		Content-Type: multipart/mixed; boundary=b

		--b
		Content-Type: text/csv; name=list.csv
		Content-Disposition: attachment; filename=list.csv

		MAIL
		cat "$2"
		echo "--b--"
	} >"$TMP/list.eml"
	tp mail receive <"$TMP/list.eml" >"$TMP/out" 2>&1
	tp work --drain >"$TMP/out" 2>&1
	tp mail show $number --json >"$TMP/show"
}
staff() { # how many there are
	tp employee list --json | json 'len(d["employees"])'
}
tp employee list --json >"$TMP/staff"
json '"\n".join(["id,email,name,from"] + [",".join([e["id"], e["email"], e["name"], e["from"]]) for e in d["employees"]] + ["N-1,new@faecherwerk.example,New,2026-01-01"])' "$TMP/staff" >"$TMP/grown.csv"
head -n 12 "$TMP/grown.csv" >"$TMP/short.csv"
had=$(staff)
list lizenzen@kranichhaus.example "$TMP/grown.csv"
is "staff mail: a reseller sends no staff list" "$(json 'd["outcome"]["reason"]' "$TMP/show")" "staff lists come from an administrator of the vendor"
list order-desk@faecherwerk.example "$TMP/grown.csv"
is "staff mail: nor does somebody who is no administrator" "$(became)" '["done", "dkim", false]'
list stranger@out.example "$TMP/grown.csv"
is "staff mail: a stranger's is held" "$(json 'd["state"]' "$TMP/show")" held
list admin@faecherwerk.example "$TMP/short.csv"
is "staff mail: one that loses too many is refused" "$(json 'd["outcome"]["reason"][:20]' "$TMP/show")" "the staff list loses"
is "staff mail: nobody left or came" "$(staff)" "$had"
outbox owner >"$TMP/newest"
has "staff mail: the owner is told" "$TMP/mails" 'max_drop'
list admin@faecherwerk.example "$TMP/grown.csv"
is "staff mail: a good one is taken" "$(became)" '["done", "dkim", true]'
is "staff mail: who is new joined" "$(staff)" "$((had + 1))"
outbox admin >"$TMP/newest"
has "staff mail: the sender is told what it changed" "$TMP/mails" '1 joined, 0 came back'

json 'json.dumps({"employees": [{"id": e["id"], "email": e["email"], "from": e["from"], "until": "2026-01-02" if e["from"] < "2026" else None} for e in d["employees"]]})' "$TMP/staff" >"$TMP/gone.json"
refuses "staff mail: an import passes the same bar" 65 tp import "$TMP/gone.json"
has "staff mail: and says so" "$TMP/err" 'max_drop'
is "staff mail: and changes nothing" "$(staff)" "$((had + 1))"
check "staff mail: unless it is meant" tp import --max-drop 100 "$TMP/gone.json"
check "staff mail: then they are gone" [ "$(staff)" -lt 5 ]

# ---- who asked is forgotten when it is time ----
traces() {
	/usr/bin/python3 "$TP_SOURCE/tests/e2e/traces.py" "$INSTANCE" "$ada" 'Ada Brückner' 'BRÜCKNER'
}
has_line() {
	traces | grep -q "$1"
}
check "staff mail: the store knows the person (else this test says nothing)" has_line 'ticketpost.db'
check "staff mail: and so do mails" has_line 'outbox'
tp privacy export E-1 --json >"$TMP/export.json"
is "staff mail: what was asked for is among the data of a person" \
	"$(json 'sorted(t for t in d["tables"] if t in ("programme_ask", "programme_plan", "mail_in", "employee"))' "$TMP/export.json")" \
	'["employee", "mail_in", "programme_ask", "programme_plan"]'
check "staff mail: an employee is erased" tp privacy erase E-1 --reason "left long ago"
is "staff mail: no trace in the store's file, its log, or any folder" "$(traces)" ""
check "staff mail: the audit chain is whole" tp audit verify
finish
