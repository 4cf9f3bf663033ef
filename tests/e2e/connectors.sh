#!/bin/sh
# connectors.sh - tickets from a service elsewhere, through every kind of lost answer: one licence
# there for each licence here, and never a second.
. "$TP_SOURCE/tests/e2e/lib.sh"

service=$TMP/service
mkdir -p "$service"
sh "$TP_SOURCE/tests/support/make_certs.sh" "$service"
start service /usr/bin/python3 "$TP_SOURCE/tests/support/fake_service.py" \
	"$service/good.pem" "$service/good.key" "$service"
wait_for 30 test -s "$TMP/service.log"
port=$(head -n 1 "$TMP/service.log")

# example FILE KIND - a shipped example, with nothing changed but where the service is.
example() {
	sed "s|^url=.*|url=https://localhost:$port|
	     /^kind=/a private=127.0.0.1;::1
	     /^kind=/a ca_file=$service/ca.pem
	     /^kind=/a total_s=3" "$TP_SOURCE/fulfill/issue/examples/$1" >"$INSTANCE/$1"
}

shop() {
	new_instance "$1"
	printf '[licences]\ntoken=s3cret\n[portal]\ntoken=s3cret\n' >>"$INSTANCE/ticketpost.key"
	check "$1: the vendor is loaded" tp import "$TP_SOURCE/tests/samples/vendor.json"
	: >"$service/log"
}

order() {
	cat >"$TMP/$1.json" <<END
{"order": "$1", "source": "erp", "party": "R-300",
 "customer": {"id": "C-101", "name": "Zoë \"Zo\" O'Neill </b>"}, "deliver": {"by": "$4"},
 "lines": [{"line": "1", "product": "$2", "quantity": $3}]}
END
	tp order submit --json "$TMP/$1.json" >"$TMP/answer"
}

drain() {
	tp work --drain -q >"$TMP/drain" 2>&1
}

tickets() {
	tp ticket list --order "$1" --json | json 'len(d["tickets"])'
}

mints() {
	grep -c '^mint ' "$service/log"
}

# ---- REST --------------------------------------------------------------------------------

shop rest
example rest.ini
setting issue backend rest:rest.ini
check "check opens the connector" tp check
order S-1 CAD-PRO 2 email
drain
is "two tickets came" "$(tickets S-1)" 2
is "two licences were made there" "$(mints)" 2
is "and two mails went out" "$(mails "$INSTANCE/outbox" | json 'len(d)')" 2
code=$(tp ticket reveal 1)
check "the code is the service's, and known" tp ticket verify "$code"
lacks "no code stands in the store" "$INSTANCE/ticketpost.db" "$code"
has "the body says what the file says" "$service/log" '"product": "CAD-PRO"'

# Each of these acts and loses the answer, or does not act and says so unclearly.
for mischief in cut-after half 500-after cut-before 500 503; do
	: >"$service/log"
	echo "$mischief" >"$service/mischief"
	order "S-$mischief" CAD-PRO 1 email
	drain
	if [ $mischief = 503 ]; then
		is "$mischief: it waits for later" "$(tp queue list --json |
			json '[j["state"] for j in d["jobs"] if j["kind"] == "remote"]')" '["ready"]'
		tp queue retry "$(tp queue list --json |
			json '[j["id"] for j in d["jobs"] if j["kind"] == "remote"][0]')"
	fi
	# The chore asks; what surely did not happen is tried again.
	drain
	drain
	is "$mischief: one ticket" "$(tickets "S-$mischief")" 1
	is "$mischief: one licence there" "$(mints)" 1
done

# Killed before the call, after it, and before what came of it is stored.
for point in remote.armed http.send http.answered remote.called remote.settle; do
	: >"$service/log"
	order "S-$point" CAD-PRO 1 email
	TICKETPOST_FAULT=die:$point:1 "$TP_BIN" work --drain -q >/dev/null 2>&1
	# The lease lapses, then the chore asks.
	later=$(date -u -d '+10 minutes' +%Y-%m-%dT%H:%M:%SZ)
	TICKETPOST_NOW=$later "$TP_BIN" work --drain -q >/dev/null 2>&1
	TICKETPOST_NOW=$later "$TP_BIN" work --drain -q >/dev/null 2>&1
	is "killed at $point: one ticket" "$(tickets "S-$point")" 1
	is "killed at $point: one licence there" "$(mints)" 1
done

: >"$service/log"
tp import "$TP_SOURCE/tests/samples/vendor.json" >/dev/null
order S-sub CAD-SUB-M 1 email
drain
later=$(date -u -d '+27 days' +%Y-%m-%dT11:00:00Z)
TICKETPOST_NOW=$later "$TP_BIN" work --drain -q 2>/dev/null
has "a renewal is told" "$service/log" '^extend '
tp order cancel S-sub >/dev/null
drain
has "a recall, too" "$service/log" '^recall '

# Words of the service become states of tickets, an hour later at the latest.
state() {
	tp ticket list --order "$1" --json | json 'd["tickets"][0]["state"]'
}
echo ACTIVE >"$service/state"
drain
is "it was asked a moment ago" "$(state S-1)" issued
later=$(date -u -d '+2 hours' +%Y-%m-%dT%H:%M:%SZ)
TICKETPOST_NOW=$later "$TP_BIN" work --drain -q 2>/dev/null
is "in use there is in use here" "$(state S-1)" confirmed
is "what was recalled stays recalled" "$(state S-sub)" recalled
echo SOMETHING >"$service/state"
later=$(date -u -d '+4 hours' +%Y-%m-%dT%H:%M:%SZ)
TICKETPOST_NOW=$later "$TP_BIN" work --drain -q 2>/dev/null
is "a word that is not in the file changes nothing" "$(state S-1)" confirmed
rm "$service/state"

# ---- SOAP --------------------------------------------------------------------------------

shop soap
example soap.ini
sed -i 's/^url=.*/&/; s/Bearer {{secret}}/Bearer {{secret}}/' "$INSTANCE/soap.ini"
setting issue backend soap:soap.ini
check "check opens the SOAP connector" tp check
order P-1 CAD-PRO 1 email
drain
is "a ticket came by SOAP" "$(tickets P-1)" 1
echo cut-after >"$service/mischief"
order P-2 CAD-PRO 1 email
drain
drain
drain
is "its probe finds it" "$(tickets P-2)" 1
is "once" "$(mints)" 2

# ---- a portal ----------------------------------------------------------------------------

shop portal
example portal.ini
order V-1 CAD-PRO 1 portal
drain
is "without a portal a delivery is held" "$(tp ticket list --order V-1 --json |
	json 'd["tickets"][0]["deliveries"][0]["state"]')" held
setting portal connector rest:portal.ini
order V-2 CAD-PRO 1 portal
drain
is "with one it is sent" "$(tp ticket list --order V-2 --json |
	json 'd["tickets"][0]["deliveries"][0]["state"]')" sent
code=$(tp ticket reveal 2)
has "the portal got the code" "$service/log" "$code"
has "for the customer's user, visible" "$service/log" '"user": "a.oettinger@oettinger-stahlbau.example", "visible": true'
echo cut-after >"$service/mischief"
order V-3 CAD-PRO 1 portal
drain
drain
is "a push without an answer is never made again" "$(tp ticket list --order V-3 --json |
	json 'd["tickets"][0]["deliveries"][0]["state"]')" doubt
is "status counts it" "$(tp status --json | json 'd["deliveries"]["portal"]["doubt"]')" 1
tp queue list >"$TMP/queue"
has "the queue says that it is in doubt" "$TMP/queue" 'remote.*doubt'
is "it was pushed once" "$(grep -c '^assign ' "$service/log")" 2
check "a person decides" tp queue resolve --done --reason "seen in the portal" "$(tp queue list --json |
	json '[j["id"] for j in d["jobs"] if j["kind"] == "remote"][0]')"
is "then it is sent" "$(tp ticket list --order V-3 --json |
	json 'd["tickets"][0]["deliveries"][0]["state"]')" sent

printf '{"order":"V-4","source":"t","party":"R-300","customer":{"id":"C-101"},"deliver":{"by":"portal","to":"party"},"lines":[{"product":"CAD-PRO","quantity":1}]}' >"$TMP/group.json"
tp order submit "$TMP/group.json" >/dev/null 2>&1
drain
has "to a group it is pushed hidden" "$service/log" '"group": "R-300", .*"visible": false'

echo ACTIVE >"$service/state"
later=$(date -u -d '+2 hours' +%Y-%m-%dT%H:%M:%SZ)
TICKETPOST_NOW=$later "$TP_BIN" work --drain -q 2>/dev/null
is "what the portal says of its user's ticket is kept" "$(state V-2)" confirmed

# ---- files that are wrong -----------------------------------------------------------------

printf '[connector]\nkind=rest\nurl=http://localhost\n' >"$INSTANCE/portal.ini"
refuses "a connector that is not https is refused by check" 78 tp check
setting portal connector ftp:x
refuses "and a kind there is not by everything" 78 tp status
finish
