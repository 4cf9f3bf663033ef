#!/bin/sh
# mail_in.sh - mails that come in: orders, bounces, replies of machines, forgeries.
. "$TP_SOURCE/tests/e2e/lib.sh"

need python3
new_instance
setting mail from tickets@vendor.example
setting mail bounce_domain vendor.example
setting gateway owner boss@vendor.example
setting intake authserv_id mx.vendor.example
setting intake address orders@vendor.example
mkdir -p "$INSTANCE/Maildir/new" "$INSTANCE/Maildir/cur" "$INSTANCE/Maildir/tmp"
setting intake maildir Maildir
check "mail in: the vendor is loaded" tp import "$TP_SOURCE/tests/samples/vendor.json"

# order_mail FROM NUMBER AUTH - a mail with a JSON order, as our border server hands it in.
order_mail() {
	printf '%s\n' "Return-Path: <$1>"
	[ -z "$3" ] || printf '%s\n' "Authentication-Results: mx.vendor.example; $3"
	cat <<-MAIL
	Received: from out.example by mx.vendor.example with ESMTPS; Tue, 24 Nov 2026 10:00:00 +0100
	From: Somebody <$1>
	To: orders@vendor.example
	Subject: Order $2
	Date: Tue, 24 Nov 2026 09:59:58 +0100
	Message-ID: <order-$2@out.example>
	MIME-Version: 1.0
	Content-Type: multipart/mixed; boundary=b

	--b
	Content-Type: text/plain

	Please see the attached order.
	--b
	Content-Type: application/json; name=order.json
	Content-Disposition: attachment; filename=order.json

	{ "order": "$2", "ordered_on": "2026-11-24",
	  "customer": { "name": "Ada Lovelace", "email": "ada@customer.example", "language": "en" },
	  "deliver": { "by": "email", "to": "customer" },
	  "lines": [ { "line": "1", "product": "CAD-PRO", "quantity": ${4:-2} } ] }
	--b--
	MAIL
}
state() { # ID KEY
	tp mail show "$1" --json >"$TMP/show"
	json "d[\"$2\"]" "$TMP/show"
}
drain() {
	check "$1" tp work --drain
}
outbox() { # TO - the newest mail to this address
	grep -lr "^To:.*$1" "$INSTANCE/outbox/new" | sort | tail -n 1
}

# ---- a proved sender ----
reseller=lizenzen@kranichhaus.example
order_mail $reseller M-1 "dkim=pass header.d=kranichhaus.example" >"$TMP/m1.eml"
check "mail in: an order mail is taken from stdin" tp mail receive <"$TMP/m1.eml"
is "mail in: it is stored first" "$(state 1 state)" received
drain "mail in: it is read"
is "mail in: an order" "$(state 1 kind)" order
is "mail in: whose sender is proved" "$(state 1 proof)" dkim
is "mail in: is accepted" "$(json 'd["outcome"]["orders"][0]["status"]' "$TMP/show")" accepted
tp ticket list --json >"$TMP/tickets"
is "mail in: its tickets are made" "$(json '[t["order"] for t in d["tickets"]]' "$TMP/tickets")" '["M-1", "M-1"]'
answer=$(outbox $reseller)
has "mail in: the answer names the mail it answers" "$answer" '^In-Reply-To: <order-M-1@out.example>'
has "mail in: it says that a machine answers" "$answer" '^Auto-Submitted: auto-replied'
has "mail in: a machine can read it" "$answer" 'filename="?result.json'
check "mail in: the same bytes again are taken" tp mail receive <"$TMP/m1.eml"
drain "mail in: and read"
tp mail list --json >"$TMP/list"
is "mail in: but it is one mail" "$(json 'len(d["mails"])' "$TMP/list")" 1

# ---- forgeries ----
order_mail $reseller F-1 "spf=pass smtp.mailfrom=kranichhaus.example" >"$TMP/f1.eml"
order_mail $reseller F-2 "" >"$TMP/f2.eml"
order_mail stranger@out.example F-3 "dkim=pass header.d=out.example" >"$TMP/f3.eml"
{ order_mail $reseller F-4 "" | sed '/^Received:/a Authentication-Results: mx.vendor.example; dkim=pass header.d=kranichhaus.example'; } >"$TMP/f4.eml"
before=$(find "$INSTANCE/outbox" -type f | wc -l)
for f in 1 2 3 4; do
	tp mail receive <"$TMP/f$f.eml"
done
drain "mail in: forged orders are read"
tp mail list --held --json >"$TMP/list"
is "mail in: all of them are held" "$(json '[m["state"] for m in d["mails"]]' "$TMP/list")" '["held", "held", "held", "held"]'
is "mail in: nobody is answered" "$(find "$INSTANCE/outbox" -type f | wc -l)" "$before"
tp order list --json >"$TMP/orders"
is "mail in: nothing is ordered" "$(json 'len(d["orders"])' "$TMP/orders")" 1
check "mail in: a person releases one" tp mail release 2 --reason "she called"
check "mail in: and puts another away" tp mail release 3 --discard
refuses "mail in: what is not held cannot be released" 75 tp mail release 1
drain "mail in: the released one is read again"
is "mail in: and done" "$(state 2 state)" done
is "mail in: as a person said" "$(state 2 proof)" person
refuses "mail in: a mail that never came" 66 tp mail show 99

# ---- other proofs, other shapes ----
order_json() { # NUMBER
	printf '{ "order": "%s", "customer": { "name": "Ada Lovelace", "email": "ada@customer.example" }, "lines": [ { "line": "1", "product": "CAD-LT", "quantity": 1 } ] }\n' "$1"
}
last_id() {
	tp mail list --json --limit 1 >"$TMP/list"
	json 'd["mails"][-1]["id"]' "$TMP/list"
}
outcome() { # what became of the orders of the newest mail
	state "$(last_id)" state >/dev/null
	json '[o["status"] for o in ((d["outcome"] or {}).get("orders") or [])]' "$TMP/show"
}
# part TYPE NAME FILE - of a multipart with boundary "b", in base64.
part() {
	printf -- '--b\nContent-Type: %s; name=%s\nContent-Disposition: attachment; filename=%s\nContent-Transfer-Encoding: base64\n\n' "$1" "$2" "$2"
	base64 "$3"
}
head_of() { # FROM TO SUBJECT
	printf '%s\n' "From: <$1>" "To: $2" "Subject: $3" "Message-ID: <$3@o.example>" "MIME-Version: 1.0" \
	    "Content-Type: multipart/mixed; boundary=b" ""
}
take() { # NAME
	tp mail receive <"$TMP/p.eml"
	drain "mail in: $1"
}
if command -v minisign >/dev/null; then
	minisign -G -f -W -p "$TMP/k.pub" -s "$TMP/k.sec" >"$TMP/out" 2>&1
	printf '{"users":[{"email":"tom.ashworth@heron.example","party":"R-200","role":"user","minisign":"%s"}]}' \
	    "$(tail -n 1 "$TMP/k.pub")" >"$TMP/users.json"
	check "mail in: a user's key is loaded" tp import "$TMP/users.json"
	order_json SIG-1 >"$TMP/order.json"
	minisign -S -W -s "$TMP/k.sec" -m "$TMP/order.json" >"$TMP/out" 2>&1
	{ head_of anybody@o.example orders@vendor.example SIG-1; part application/json order.json "$TMP/order.json"; part text/plain order.json.minisig "$TMP/order.json.minisig"; echo "--b--"; } >"$TMP/p.eml"
	take "a signed order is read"
	is "mail in: the signature proves its sender" "$(outcome) $(json 'd["proof"]' "$TMP/show")" '["accepted"] minisign'
	sed -i 's/"quantity": 1/"quantity": 9/' "$TMP/order.json"
	{ head_of anybody@o.example orders@vendor.example SIG-2; part application/json order.json "$TMP/order.json"; part text/plain order.json.minisig "$TMP/order.json.minisig"; echo "--b--"; } >"$TMP/p.eml"
	take "an order that was changed after it was signed is read"
	is "mail in: it is held" "$(outcome) $(json 'd["state"]' "$TMP/show")" '[] held'
	tp mail release --discard "$(last_id)" >"$TMP/out" 2>&1
else
	skip "mail in: signatures: minisign is not installed"
fi
secret=$(tp mail address $reseller)
order_json ADR-1 >"$TMP/order.json"
{ head_of $reseller "$secret" ADR-1; part application/json order.json "$TMP/order.json"; echo "--b--"; } >"$TMP/p.eml"
take "an order to a secret address is read"
is "mail in: the address proves its sender" "$(outcome) $(json 'd["proof"]' "$TMP/show")" '["accepted"] address'
{ head_of $reseller "$(echo "$secret" | sed 's/+../+zz/')" ADR-2; part application/json order.json "$TMP/order.json"; echo "--b--"; } >"$TMP/p.eml"
take "an order to an address that was guessed is read"
is "mail in: it is held too" "$(outcome)" '[]'
tp mail release --discard "$(last_id)" >"$TMP/out" 2>&1

good="Authentication-Results: mx.vendor.example; dkim=pass header.d=kranichhaus.example
Received: from o.example by mx.vendor.example with ESMTPS; Tue, 24 Nov 2026 10:00:00 +0100"
order_json TWO-1 >"$TMP/a.json"
order_json TWO-2 >"$TMP/b.json"
{ echo "$good"; head_of $reseller orders@vendor.example TWO; part application/json a.json "$TMP/a.json"; part application/octet-stream b.json "$TMP/b.json"; echo "--b--"; } >"$TMP/p.eml"
take "a mail with two orders is read"
is "mail in: both are taken" "$(outcome)" '["accepted", "accepted"]'
{ echo "$good"; printf '%s\n' "From: <$reseller>" "To: orders@vendor.example" "Subject: in the body" "Message-ID: <body@o.example>" ""; order_json BODY-1; printf '%s\n' "-- " "Greetings"; } >"$TMP/p.eml"
take "an order in the body is read"
is "mail in: it is taken" "$(outcome)" '["accepted"]'
{ echo "$good"; head_of $reseller orders@vendor.example FWD; printf -- '--b\nContent-Type: message/rfc822\n\n'; head_of x@o.example $reseller inner; order_json FWD-1 >"$TMP/a.json"; part application/json a.json "$TMP/a.json"; printf -- '--b--\n'; } | sed '0,/boundary=b/s//boundary=outer/; 0,/^--b$/s//--outer/' >"$TMP/p.eml"
echo "--outer--" >>"$TMP/p.eml"
take "an order in a forwarded mail is read"
is "mail in: it is taken as well" "$(outcome)" '["accepted"]'
{ echo "$good"; head_of $reseller orders@vendor.example UBL; part application/xml order.xml "$TP_SOURCE/tests/corpus/orders/ubl-order.xml"; echo "--b--"; } >"$TMP/p.eml"
take "a UBL order is read"
has "mail in: it is answered as UBL" "$(outbox $reseller)" 'filename="?order-response.xml'
/usr/bin/python3 - "$TP_SOURCE/tests/corpus/orders/ubl-order.xml" "$TMP/order.pdf" <<-'PDF'
import sys, zlib
data = zlib.compress(open(sys.argv[1], "rb").read().replace(b"</cbc:ID>", b"-PDF</cbc:ID>", 1))
open(sys.argv[2], "wb").write(b"%PDF-1.7\n1 0 obj\n<< /Type /EmbeddedFile /Filter /FlateDecode /Length "
    + str(len(data)).encode() + b" >>\nstream\n" + data + b"\nendstream\nendobj\n")
PDF
{ echo "$good"; head_of $reseller orders@vendor.example PDF; part application/pdf order.pdf "$TMP/order.pdf"; echo "--b--"; } >"$TMP/p.eml"
take "a PDF with an order inside is read"
is "mail in: its order is found" "$(outcome | grep -c '^\["')" 1
echo "winmail" >"$TMP/winmail.dat"
{ echo "$good"; head_of $reseller orders@vendor.example TNEF; part application/ms-tnef winmail.dat "$TMP/winmail.dat"; part application/json order.json /dev/null; echo "--b--"; } >"$TMP/p.eml"
take "a mail with winmail.dat is read"
order_json EML-1 >"$TMP/order.json"
{ head_of x@o.example y@o.example EML; part application/json order.json "$TMP/order.json"; echo "--b--"; } >"$TMP/p.eml"
tp order submit --json --source erp "$TMP/p.eml" >"$TMP/out" 2>&1
is "mail in: order submit takes a mail" "$(json '[o["order"] for o in d["orders"]]' "$TMP/out")" '["EML-1"]'
head -c 3000000 /dev/urandom | tp mail receive
is "mail in: noise is taken" $? 0
printf '' | tp mail receive 2>"$TMP/err"
is "mail in: nothing at all is not" $? 65
TICKETPOST_CONFIG=/nowhere tp mail receive <"$TMP/p.eml" 2>"$TMP/err"
is "mail in: trouble of ours is no reason to send a mail back" $? 75

# ---- limits ----
setting limits mail_quantity 10
order_mail $reseller L-1 "dmarc=pass header.from=kranichhaus.example" 11 >"$TMP/l1.eml"
tp mail receive <"$TMP/l1.eml"
drain "mail in: a large order is read"
is "mail in: and held" "$(state "$(last_id)" state)" held
has "mail in: with its reason" "$TMP/show" 'limits.mail_quantity'
setting limits mail_quantity 1000
setting limits mail_products statik
order_mail $reseller L-2 "dmarc=pass header.from=kranichhaus.example" 1 >"$TMP/l2.eml"
tp mail receive <"$TMP/l2.eml"
drain "mail in: a product that is not ordered by mail is read"
has "mail in: and held with its name" "$(tp mail show "$(last_id)" --json >"$TMP/show"; echo "$TMP/show")" "'CAD-PRO'.*limits.mail_products"
setting limits mail_products ''
python3 - "$TP_SOURCE/tests/samples/vendor.json" >"$TMP/limits.json" <<-'PY'
	import json, sys
	party = next(p for p in json.load(open(sys.argv[1]))["parties"] if p["id"] == "R-100")
	party["mail"] = {"orders": 1}
	json.dump({"parties": [party]}, sys.stdout)
PY
check "mail in: a party gets a limit of its own" tp import "$TMP/limits.json"
order_mail $reseller L-3 "dmarc=pass header.from=kranichhaus.example" 1 >"$TMP/l3.eml"
tp mail receive <"$TMP/l3.eml"
drain "mail in: one order more than a day's is read"
is "mail in: and held" "$(state "$(last_id)" state)" held
has "mail in: because of the day's orders" "$TMP/show" 'limits.mail_orders'
tp mail list --held >"$TMP/held"
has "mail in: the list of what is held says why" "$TMP/held" 'limits.mail_orders'
check "mail in: a person lets it go" tp mail release "$(last_id)"
drain "mail in: and it is read"
is "mail in: as it was" "$(state "$(last_id)" state)" done
check "mail in: the party is as before" tp import "$TP_SOURCE/tests/samples/vendor.json"

# ---- replies of machines ----
before=$(tp status --json)
for header in "Auto-Submitted: auto-replied" "X-Autoreply: yes" "Precedence: bulk"; do
	{ echo "$header"; order_mail $reseller V-1 "dkim=pass header.d=kranichhaus.example"; } >"$TMP/v.eml"
	tp mail receive <"$TMP/v.eml"
done
drain "mail in: replies of machines are read"
is "mail in: they are that" "$(state "$(last_id)" kind)" auto_reply
is "mail in: and change nothing" "$(tp status --json)" "$before"

# ---- a bounce ----
port=$(free_port)
mkdir "$TMP/kept"
start keep /usr/bin/python3 "$TP_SOURCE/tests/e2e/smtp_keep.py" "$port" "$TMP/kept"
wait_port "$port"
setting mail transport "smtp://127.0.0.1:$port"
kept() { # TO - the newest kept mail to this address
	grep -l "^Delivered-To: $1" "$TMP"/kept/*.eml | tail -n 1
}
tp order submit - >"$TMP/out" <<-ORDER
{ "order": "B-1", "source": "erp", "party": "R-100",
  "customer": { "name": "Zoe", "email": "nobody@customer.example",
                "address": { "lines": ["Weg 1"], "postcode": "76137", "city": "Karlsruhe", "country": "DE" } },
  "deliver": { "by": "email", "to": "customer" }, "lines": [ { "line": "1", "product": "CAD-LT", "quantity": 1 } ] }
ORDER
drain "mail in: a ticket is sent to a wrong address"
lost=$(kept nobody@customer.example)
back=$(sed -n 's/^Return-Path: <\(.*\)>.*/\1/p' "$lost" | head -n 1)
has "mail in: its return path names it" "$lost" '^Return-Path: <bounces\+'
has "mail in: the server is asked to report what fails, with the header alone" "$lost" '^X-Envelope: MAIL FROM:.* RET=HDRS ENVID=mail-[0-9]+'
has "mail in: and what is late" "$lost" '^X-Envelope: RCPT TO:.* NOTIFY=FAILURE,DELAY'
{
	cat <<-MAIL
	Return-Path: <>
	Received: from out.example by mx.vendor.example with ESMTP; Tue, 24 Nov 2026 11:00:00 +0100
	From: MAILER-DAEMON@out.example
	To: $back
	Subject: Undelivered Mail Returned to Sender
	Date: Tue, 24 Nov 2026 11:00:00 +0100
	Message-ID: <b1@out.example>
	Auto-Submitted: auto-replied
	MIME-Version: 1.0
	Content-Type: multipart/report; report-type=delivery-status; boundary=r

	--r
	Content-Type: text/plain

	<nobody@customer.example>: 550 5.1.1 User unknown
	--r
	Content-Type: message/delivery-status

	Reporting-MTA: dns; out.example

	Final-Recipient: rfc822; nobody@customer.example
	Action: failed
	Status: 5.1.1
	Diagnostic-Code: smtp; 550 5.1.1 User unknown

	--r
	Content-Type: message/rfc822

	MAIL
	tr -d '\r' <"$lost"
	echo
	echo "--r--"
} >"$INSTANCE/Maildir/tmp/1.b.host"
mv "$INSTANCE/Maildir/tmp/1.b.host" "$INSTANCE/Maildir/new/1.b.host"
sed "s/$back/bounces+aaaaaaaaaajgoaugmczytdffkypaw@vendor.example/g; s/b1@/b2@/" "$INSTANCE/Maildir/new/1.b.host" >"$INSTANCE/Maildir/new/2.b.host"
sed -i "s/^Return-Path: <bounces.*/Return-Path: <x@y.example>/" "$INSTANCE/Maildir/new/2.b.host"
cp "$INSTANCE/Maildir/new/1.b.host" "$TMP/bounce.eml"
tp debug bounce "$TMP/bounce.eml" >"$TMP/bounce"
is "mail in: debug bounce knows the token" "$(json '[(r["class"], r["token_ok"]) for r in d]' "$TMP/bounce")" '[["hard", true]]'
drain "mail in: the Maildir is read"
is "mail in: its mails are moved away" "$(ls "$INSTANCE/Maildir/new" | wc -l)" 0
tp ticket list --json >"$TMP/tickets"
is "mail in: the delivery came back, and the ticket goes by post" \
    "$(json 'sorted([(x["channel"], x["state"]) for t in d["tickets"] if t["order"] == "B-1" for x in t["deliveries"]])' "$TMP/tickets")" \
    '[["email", "bounced"], ["post", "rendered"]]'
is "mail in: the owner is told once" "$(grep -l '^Delivered-To: boss@vendor.example' "$TMP"/kept/*.eml | wc -l)" 1
has "mail in: by a mail that cannot bounce" "$(kept boss@vendor.example)" '^Return-Path: <>'
is "mail in: a bounce with a made-up token moves nothing" "$(tp mail list --json >"$TMP/list"; json '[m["outcome"] for m in d["mails"] if m["kind"] == "bounce"].count(None)' "$TMP/list")" 1

# ---- a complaint, and a reader who wants no more ----
# report TO RETURN-PATH FILE - an abuse report about a kept mail.
arf() {
	printf '%s\n' "Return-Path: <fbl@provider.example>" \
	    "Received: from out.provider.example by mx.vendor.example with ESMTP; Tue, 24 Nov 2026 12:00:00 +0100" \
	    "From: <fbl@provider.example>" "To: $1" "Subject: complaint about message" "Message-ID: <$2@provider.example>" \
	    "MIME-Version: 1.0" "Content-Type: multipart/report; report-type=feedback-report; boundary=r" "" \
	    "--r" "Content-Type: text/plain" "" "This is an abuse report." \
	    "--r" "Content-Type: message/feedback-report" "" "Feedback-Type: abuse" "User-Agent: Loop/1" "Version: 1" \
	    "Original-Rcpt-To: nobody@customer.example" "" \
	    "--r" "Content-Type: message/rfc822" ""
	tr -d '\r' <"$3"
	printf '%s\n' "" "--r--"
}
before=$(grep -l '^Delivered-To: boss@vendor.example' "$TMP"/kept/*.eml | wc -l)
arf "$back" c1 "$lost" | tp mail receive
arf "$back" c2 "$lost" | tp mail receive
drain "mail in: a reader complains, twice"
is "mail in: which is a complaint" "$(state "$(last_id)" kind)" complaint
is "mail in: the owner hears of it once" "$(grep -l '^Delivered-To: boss@vendor.example' "$TMP"/kept/*.eml | wc -l)" $((before + 1))
tp mail stopped --json >"$TMP/stopped"
is "mail in: the address gets no more recurring mails" "$(json '[(s["address"], s["why"]) for s in d["stopped"]]' "$TMP/stopped")" '[["nobody@customer.example", "complaint"]]'
check "mail in: until a person says so" tp mail resume nobody@customer.example --reason "it was a mistake"
refuses "mail in: once" 66 tp mail resume nobody@customer.example
check "mail in: a person can stop it, too" tp mail stop Nobody@customer.example
refuses "mail in: once" 75 tp mail stop nobody@customer.example

tp report statement --month "$(date +%Y-%m)" --party R-100 --send >"$TMP/out" 2>&1
drain "mail in: a report is mailed"
leave=$(tr -d '\r' <"$(kept $reseller)" | sed -n 's/^ <mailto:\(leave+[^?]*\)?.*/\1/p')
is "mail in: it names an address to end that" "${leave%%+*}" leave
{ printf '%s\n' "Received: from o.example by mx.vendor.example with ESMTPS; Tue, 24 Nov 2026 10:00:00 +0100" \
    "From: <anybody@o.example>" "To: $leave" "Subject: unsubscribe" "Auto-Submitted: auto-generated" "" "" ; } | tp mail receive
drain "mail in: somebody writes there"
tp mail stopped --json >"$TMP/stopped"
is "mail in: and gets no more" "$(json '[(s["address"], s["why"]) for s in d["stopped"]][-1]' "$TMP/stopped")" "[\"$reseller\", \"request\"]"
check "mail in: the reseller wants them after all" tp mail resume $reseller

# ---- a provider refuses us as a sender ----
setting mail connections 1
for i in 1 2 3 4 5; do
	printf '{ "order": "R-%s", "source": "erp", "party": "R-100", "customer": { "name": "Zoe", "email": "z%s@policy.example" }, "deliver": { "by": "email", "to": "customer" }, "lines": [ { "line": "1", "product": "CAD-LT", "quantity": 1 } ] }\n' $i $i
done | tp order submit --json - >"$TMP/out" 2>&1
drain "mail in: a domain refuses us"
is "mail in: its other mails wait, too" "$(grep -c . "$TMP/kept/refused")" 1
is "mail in: the owner is told, once" "$(grep -l '^Delivered-To: boss@vendor.example' "$TMP"/kept/*.eml | xargs grep -l 'all mail to policy.example' | wc -l)" 1
setting mail connections 16
# ... or takes the mail, and sends it back
to_later() {
	printf '{ "order": "%s", "source": "erp", "party": "R-100", "customer": { "name": "Zoe", "email": "zoe@later.example" }, "deliver": { "by": "email", "to": "customer" }, "lines": [ { "line": "1", "product": "CAD-LT", "quantity": 1 } ] }\n' "$1" | tp order submit - >"$TMP/out" 2>&1
	drain "mail in: $1 for a domain that refuses us later"
}
to_later Q-1
lost=$(kept zoe@later.example)
later=$(sed -n 's/^Return-Path: <\(.*\)>.*/\1/p' "$lost" | head -n 1)
sed "s/$back/$later/g; s/nobody@customer.example/zoe@later.example/g; s/b1@/b3@/; s/550 5.1.1 User unknown/550 5.7.26 unauthenticated mail is not accepted/; s/^Status: 5.1.1/Status: 5.7.26/" "$TMP/bounce.eml" | tp mail receive
drain "mail in: it comes back because of us"
is "mail in: for its policy" "$(state "$(last_id)" outcome >/dev/null; json 'd["outcome"]["class"]' "$TMP/show")" policy
to_later Q-2
is "mail in: the next mail to that domain waits" "$(grep -l '^Delivered-To: zoe@later.example' "$TMP"/kept/*.eml | wc -l)" 1
is "mail in: and the owner knows" "$(grep -l '^Delivered-To: boss@vendor.example' "$TMP"/kept/*.eml | xargs grep -l 'all mail to later.example' | wc -l)" 1

# ---- attachment or link ----
small() { # NUMBER
	printf '{ "order": "%s", "source": "erp", "party": "R-100", "customer": { "name": "Zoe", "email": "%s@size.example" }, "deliver": { "by": "email", "to": "customer" }, "lines": [ { "line": "1", "product": "CAD-LT", "quantity": 1 } ] }\n' "$1" "$1" | tp order submit - >"$TMP/out" 2>&1
	drain "mail in: $1 is mailed"
}
small s-1
setting mail max_size 12
small s-2
setting mail max_size 10000
is "mail in: a mail carries its card" "$(grep -c 'application/pdf' "$(kept s-1@size.example)")" 1
is "mail in: one that would be too large does not" "$(grep -c 'application/pdf' "$(kept s-2@size.example)")" 0
has "mail in: but its code" "$(kept s-2@size.example)" '([0-9A-Z]{5}-){4}[0-9A-Z]{5}'

# ---- a reseller forwards, a customer asks again ----
tp order submit - >"$TMP/out" <<-ORDER
{ "order": "P-1", "source": "erp", "party": "R-100", "deliver": { "by": "email", "to": "party" },
  "lines": [ { "line": "1", "product": "CAD-PRO", "quantity": 2 } ] }
ORDER
drain "mail in: a reseller's pool is filled"
serial() { # ORDER N
	tp ticket list --json >"$TMP/tickets"
	json "'T%08d' % [t['id'] for t in d['tickets'] if t['order'] == '$1'][$2]" "$TMP/tickets"
}
command_mail() { # FROM SUBJECT BODY AUTH
	[ -z "$4" ] || printf '%s\n' "Authentication-Results: mx.vendor.example; $4"
	printf '%s\n' "Received: from o.example by mx.vendor.example with ESMTPS; Tue, 24 Nov 2026 10:00:00 +0100" \
	    "From: <$1>" "To: orders@vendor.example" "Subject: $2" "Message-ID: <$(date +%N)@o.example>" "" "$3"
}
t1=$(serial P-1 0)
t2=$(serial P-1 1)
proof="dkim=pass header.d=kranichhaus.example"
command_mail $reseller "forward ada@customer.example" "$t1" "" >"$TMP/c.eml"
tp mail receive <"$TMP/c.eml"
command_mail $reseller "forward ada@customer.example $t1" "Thanks!" "$proof" >"$TMP/c.eml"
tp mail receive <"$TMP/c.eml"
drain "mail in: commands are read"
fwd=$(kept ada@customer.example)
has "mail in: the customer has the ticket" "$fwd" '^[0-9A-Z]{5}(-[0-9A-Z]{5}){4}.?$'
has "mail in: answers go to the reseller" "$fwd" '^Reply-To: lizenzen@kranichhaus.example'
lacks "mail in: the vendor's order is not named" "$fwd" 'P-1'
tp ticket list --json >"$TMP/tickets"
is "mail in: the customer is its holder" "$(json "[t['holder'] for t in d['tickets'] if t['order'] == 'P-1'][0]" "$TMP/tickets")" "Ada Lovelace"
has "mail in: the reseller is told" "$(kept $reseller)" '^Subject: forward: '
command_mail $reseller "forward eve@customer.example $t1" "" "$proof" >"$TMP/c.eml"
tp mail receive <"$TMP/c.eml"
command_mail licences@heron.example "forward eve@customer.example $t2" "" "dkim=pass header.d=heron.example" >"$TMP/c.eml"
tp mail receive <"$TMP/c.eml"
drain "mail in: more commands are read"
is "mail in: nobody gets what another holds, or of another reseller" "$(kept eve@customer.example)" ""
setting intake forward_address forward@vendor.example
digest=$(grep -l '^Content-Type: message/rfc822' "$TMP"/kept/*.eml | tail -n 1)
/usr/bin/python3 - "$digest" "$t2" "$TMP/inner.eml" <<-'INNER'
import email, sys
for part in email.message_from_binary_file(open(sys.argv[1], "rb")).walk():
    if part.get_content_type() == "message/rfc822" and sys.argv[2] in (part.get_filename() or ""):
        open(sys.argv[3], "wb").write(part.get_payload(0).as_bytes())
INNER
has "mail in: a message to forward is enclosed for each ticket" "$TMP/inner.eml" "^Subject: "
{
	printf '%s\n' "Authentication-Results: mx.vendor.example; $proof" \
	    "Received: from o.example by mx.vendor.example with ESMTPS; Tue, 24 Nov 2026 10:00:00 +0100"
	head_of $reseller forward@vendor.example "Fwd"
	printf -- '--b\nContent-Type: text/plain\n\nkurt@customer.example\n\nHello Kurt\n--b\nContent-Type: message/rfc822\n\n'
	tr -d '\r' <"$TMP/inner.eml"
	printf -- '\n--b--\n'
} >"$TMP/p.eml"
take "a ticket mail that is forwarded to us is read"
is "mail in: it is sent on to the address on its first line" "$(kept kurt@customer.example | grep -c .)" 1
refuses "mail in: another address than the last is asked about" 75 tp ticket resend "$(echo "$t2" | tr -d T | sed 's/^0*//')" --to other@customer.example </dev/null
command_mail zoe@customer.example "resend $(serial B-1 0)" "" "" >"$TMP/c.eml"
tp mail receive <"$TMP/c.eml"
drain "mail in: a stranger asks for a ticket"
is "mail in: and gets none" "$(kept zoe@customer.example)" ""
for i in 1 2 3 4 5; do
	command_mail nobody@customer.example "resend $(serial B-1 0)" "$i" "" >"$TMP/c.eml"
	tp mail receive <"$TMP/c.eml"
	tp work --drain >"$TMP/out" 2>&1
done
is "mail in: who holds it gets it, three times a day" "$(grep -l '^Delivered-To: nobody@customer.example' "$TMP"/kept/*.eml | wc -l)" 4

# ---- killed at every point ----
again() { # what was taken and not settled is taken by the next reader when its time is over
	/usr/bin/python3 -c '
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as db:
    db.execute("UPDATE mail_in SET due_at = 0 WHERE state = ?", ("received",))' "$INSTANCE/ticketpost.db"
}
n=0
for point in mail_in.commit mail_in.committed maildir.stored; do
	n=$((n + 1))
	order_mail $reseller K-$n "dkim=pass header.d=kranichhaus.example" 1 >"$INSTANCE/Maildir/new/$n.kill.host"
	TICKETPOST_FAULT=die:$point:1 tp work --drain >"$TMP/out" 2>&1
	is "mail in: killed at $point" $? 137
	again
	drain "mail in: the next reader takes it"
	tp order list --json >"$TMP/orders"
	tp ticket list --json >"$TMP/tickets"
	is "mail in: one order, one ticket, one answer" \
	    "$(json "len([o for o in d['orders'] if o['order'] == 'K-$n'])" "$TMP/orders") $(json "len([t for t in d['tickets'] if t['order'] == 'K-$n'])" "$TMP/tickets") $(grep -l "^In-Reply-To: <order-K-$n@" "$TMP"/kept/*.eml | wc -l)" "1 1 1"
done

code=$(tr -d '\r' <"$lost" | grep -E '^[0-9A-Z]{5}(-[0-9A-Z]{5}){4}$' | head -n 1)
is "mail in: the code is in no file of the store" "$(grep -la "$code" "$INSTANCE"/ticketpost.db* | wc -l)" 0
check "mail in: the audit chain is whole" tp audit verify
finish
