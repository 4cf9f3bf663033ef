#!/bin/sh
# report_push.sh - reports go to a service by REST and by SOAP, through lost answers: each file
# once, with the bytes of the folder, and nothing beside what is declared.
. "$TP_SOURCE/tests/e2e/lib.sh"

certs=$TMP/certs
mkdir -p "$certs"
sh "$TP_SOURCE/tests/support/make_certs.sh" "$certs"

at() { # TIME COMMAND...
	at_time=$1
	shift
	TICKETPOST_NOW=$at_time "$TP_BIN" "$@"
}
sent() { # the state of each file and report, counted
	tp report sent --json | json '[sum(r["state"] == s for r in d["sent"]) for s in ("done", "failed")]'
}
# shop NAME EXAMPLE KIND - an instance with orders of May whose reports are due in June.
shop() {
	service=$TMP/service-$1
	mkdir -p "$service"
	start "$1" /usr/bin/python3 "$TP_SOURCE/tests/support/fake_service.py" \
		"$certs/good.pem" "$certs/good.key" "$service"
	wait_for 30 test -s "$TMP/$1.log"
	port=$(head -n 1 "$TMP/$1.log")
	new_instance "$1"
	printf '[reports]\ntoken=s3cret\n' >>"$INSTANCE/ticketpost.key"
	sed "s|^url=.*|url=https://localhost:$port|
	     /^kind=/a private=127.0.0.1;::1
	     /^kind=/a ca_file=$certs/ca.pem
	     /^kind=/a total_s=3" "$TP_SOURCE/fulfill/issue/examples/$2" >"$INSTANCE/$2"
	setting gateway owner chief@faecherwerk.example
	setting report send statement,licences
	setting report formats csv,pdf
	setting report folder "$INSTANCE/reports"
	setting report mail false
	setting report connector "$3:$2"
	: >"$service/log"
	at 2027-05-03T08:00:00Z import "$TP_SOURCE/tests/samples/vendor.json" >/dev/null
	cat >"$TMP/order.json" <<-END
	{"order": "S-1", "source": "erp", "party": "R-300", "ordered_on": "2027-05-04",
	 "customer": {"id": "C-101", "name": "Zoraya Quendel"}, "deliver": {"by": "email"},
	 "lines": [{"line": "1", "product": "CAD-SUB", "quantity": 2}]}
	END
	at 2027-05-04T08:00:00Z order submit -q "$TMP/order.json" >/dev/null 2>&1
	check "report push: $1: the month of May" at 2027-05-04T09:00:00Z work --drain
	check "report push: $1: check opens the connector" tp check
}
same_files() { # the service has what the folder has
	diff -r "$INSTANCE/reports" "$service/reports"
}

shop rest reports.ini rest
echo "503" >"$service/mischief"
at 2027-06-01T05:00:00Z work --drain >/dev/null 2>&1
is "report push: a service that is away: nothing is lost" "$(sent | json 'd[1] > 0')" true
is "report push: and the owner is told at once" "$(grep -l 'Bericht nicht verschickt' "$INSTANCE"/outbox/new/* | wc -l | tr -d ' ')" 1
printf 'cut-after\nok\nhalf\n' >"$service/mischief"
for minute in 20 40; do
	at 2027-06-01T05:$minute:00Z work --drain >/dev/null 2>&1
done
at 2027-06-01T06:00:00Z work --drain >/dev/null 2>&1
is "report push: in the end all is there" "$(sent | json 'd[1]')" 0
check "report push: the bytes of the folder" same_files
is "report push: what was sent again did nothing again" "$(grep -c '^report-again ' "$service/log" | json 'd > 0')" true
is "report push: each file once" "$(grep '^report ' "$service/log" | sort | uniq -d)" ""
had=$(wc -l <"$service/log")
at 2027-06-20T05:00:00Z work --drain >/dev/null 2>&1
is "report push: once for the period" "$(wc -l <"$service/log")" "$had"
lacks "report push: no name left with them" "$service/requests" 'Quendel'
lacks "report push: and no ticket" "$service/requests" '([0-9A-Z]{5}-){4}[0-9A-Z]{5}'

shop soap reports-soap.ini soap
# Killed before the first call and after it (builds with fault points).
for point in report.push report.pushed; do
	(
		export TICKETPOST_FAULT="die:$point:1"
		at 2027-06-01T04:30:00Z work --drain
	) >/dev/null 2>&1
done
printf 'cut-before\n' >"$service/mischief"
at 2027-06-01T05:00:00Z work --drain >/dev/null 2>&1
printf 'ok\ncut-after\n' >"$service/mischief"
at 2027-06-01T05:20:00Z work --drain >/dev/null 2>&1
at 2027-06-01T05:40:00Z work --drain >/dev/null 2>&1
at 2027-06-01T06:00:00Z work --drain >/dev/null 2>&1
is "report push: by SOAP all is there" "$(sent | json 'd[1]')" 0
check "report push: by SOAP, too, the bytes of the folder" same_files
has "report push: what was in doubt was asked for" "$service/log" '^found '
lacks "report push: and never sent twice" "$service/log" '^report-again'

sed '/^repeatable=/d' "$INSTANCE/../rest/reports.ini" >"$INSTANCE/doubt.ini"
setting report connector rest:doubt.ini
refuses "report push: a file that could send twice is refused" 78 tp check
has "report push: with what to do" "$TMP/err" 'repeatable'
check "report push: the declared set is for everybody to read" tp check --uploads
has "report push: field by field" "$TMP/out" '^customer.email +mint,assign '
# Whoever calls a service fills its text in by connector_text(), which sees upload.def alone.
is "report push: and there is no way around it" \
	"$(cd "$TP_SOURCE" && grep -lE '\<(connector_call|http_send)\(' fulfill/*/*.c | grep -v '^fulfill/issue/' | xargs grep -L 'connector_text(')" ""
is "report push: by two doors" "$(cd "$TP_SOURCE" && grep -lE '\<connector_call\(' fulfill/*/*.c | grep -vc '^fulfill/issue/')" 2
finish
