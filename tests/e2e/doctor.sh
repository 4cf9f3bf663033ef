#!/bin/sh
# doctor.sh - each thing that can be wrong with the names of a sender is named with its cure.
. "$TP_SOURCE/tests/e2e/lib.sh"

need python3
new_instance
setting mail from tickets@vendor.example
setting mail bounce_domain bounce.vendor.example
setting mail helo mx.vendor.example
setting mail dkim_selector k1
port=$(free_port)
touch "$TMP/zone"
start dns /usr/bin/python3 "$TP_SOURCE/tests/support/fake_dns.py" "$port" "$TMP/zone"

# doctor ZONE - what is told with these records.
doctor() {
	printf '%s\n' "$1" >"$TMP/zone.new"
	mv "$TMP/zone.new" "$TMP/zone"
	tp doctor --resolver "127.0.0.1:$port" --json >"$TMP/doctor"
	doctor_exit=$?
}
status() { # CHECK
	json "[c['status'] for c in d['checks'] if c['check'] == '$1']" "$TMP/doctor" | tr -d '[]"'
}
# row CHECK WANTED RECORD... - the whole good zone, the records of this check replaced.
row() {
	row_check=$1
	row_wanted=$2
	shift 2
	case $row_check in
	spf) row_name='^bounce.vendor.example txt' ;;
	dkim) row_name='^k1._domainkey' ;;
	dmarc) row_name='^_dmarc' ;;
	mx) row_name='^bounce.vendor.example mx' ;;
	ptr) row_name='in-addr.arpa\|^mx.vendor.example a ' ;;
	esac
	grep -v "$row_name" "$TMP/good" >"$TMP/rest"
	printf '%s\n' "$@" >>"$TMP/rest"
	doctor "$(cat "$TMP/rest")"
	is "doctor: $row_check $row_wanted with '$*'" "$(status "$row_check")" "$row_wanted"
}

cat >"$TMP/good" <<ZONE
bounce.vendor.example txt v=spf1 ip4:192.0.2.1 -all
bounce.vendor.example mx 10 mx.vendor.example
mx.vendor.example a 192.0.2.1
1.2.0.192.in-addr.arpa ptr mx.vendor.example
k1._domainkey.vendor.example txt v=DKIM1; k=rsa; p=$(printf 'A%.0s' $(seq 392))
_dmarc.vendor.example txt v=DMARC1; p=reject
ZONE
cp "$TMP/good" "$TMP/zone"
wait_for 30 tp doctor --resolver "127.0.0.1:$port"
doctor "$(cat "$TMP/good")"
is "doctor: all is well" "$(json "sorted({c['status'] for c in d['checks']})" "$TMP/doctor")" '["ok"]'
is "doctor: and the exit code says so" $doctor_exit 0
row spf wrong
is "doctor: what is wrong is told by the exit code" $doctor_exit 78
row spf wrong "bounce.vendor.example txt v=spf1 +all"
row spf wrong "bounce.vendor.example txt v=spf1 -all" "bounce.vendor.example txt v=spf1 mx -all"
row spf weak "bounce.vendor.example txt v=spf1 mx"
row spf ok "bounce.vendor.example txt google-site-verification=x" "bounce.vendor.example txt v=spf1 mx ~all"
row dkim wrong
row dkim wrong "k1._domainkey.vendor.example txt v=DKIM1; p="
row dmarc wrong
row dmarc weak "_dmarc.vendor.example txt v=DMARC1; p=none"
row mx wrong
row mx wrong "bounce.vendor.example mx 0 ."
row mx wrong "bounce.vendor.example mx 10 gone.vendor.example"
row ptr weak "mx.vendor.example a 192.0.2.1" "1.2.0.192.in-addr.arpa ptr other.example"
row ptr wrong "mx.vendor.example a 192.0.2.1"
row dmarc unknown "_dmarc.vendor.example servfail -"
setting intake maildir nowhere
doctor "$(cat "$TMP/good")"
is "doctor: a mailbox that is not there" "$(status maildir)" wrong
mkdir -p "$INSTANCE/nowhere/new" "$INSTANCE/nowhere/cur" "$INSTANCE/nowhere/tmp"
setting intake imap imaps://127.0.0.1:9
doctor "$(cat "$TMP/good")"
is "doctor: one that is, and a server that is not" "$(status maildir) $(status imap)" "ok wrong"
setting intake imap ""
printf 'From: <ada@example.org>\nSubject: hello\n\nIs anybody there?\n' | tp mail receive
tp work --drain >"$TMP/out" 2>&1
doctor "$(cat "$TMP/good")"
is "doctor: a mail that waits for a person" "$(status held)" weak
setting mail bounce_domain other.example
doctor "$(cat "$TMP/good")"
is "doctor: return paths elsewhere" "$(status alignment)" weak
refuses "doctor: a resolver that is none" 65 tp doctor --resolver nonsense
tp doctor --resolver 127.0.0.1:9 --json >"$TMP/doctor" 2>"$TMP/err"
is "doctor: nobody answers" "$(status spf)" unknown
finish
