#!/bin/sh
# mail_servers.sh - a round trip with real servers: Postfix on both sides of the border, opendkim
# as its signer and its judge, Dovecot with the mailbox that is read by IMAP.
. "$TP_SOURCE/tests/e2e/lib.sh"

need python3 openssl postfix postconf dovecot opendkim opendkim-genkey
[ "$(id -u)" = 0 ] || {
	skip mail_servers only root can start these servers
	exit 0
}

chmod 755 "$TMP"
smtp_out=$(free_port)    # the reseller's server: signs
smtp_border=$(free_port) # our border: checks
smtp_relay=$(free_port)  # takes what ticketpost sends
port_sign=$(free_port)
port_check=$(free_port)
port_imaps=$(free_port)

# ---- opendkim: the key stands in a file, where else it would be asked of DNS ----
mkdir "$TMP/dkim"
opendkim-genkey -b 2048 -d kranichhaus.example -s k1 -D "$TMP/dkim" >"$TMP/out" 2>&1
printf 'k1._domainkey.kranichhaus.example %s\n' \
    "$(tr -d '\n' <"$TMP/dkim/k1.txt" | grep -o '"[^"]*"' | tr -d '"\n')" >"$TMP/dkim/keys"
cat >"$TMP/dkim/sign.conf" <<CONF
Mode s
Domain kranichhaus.example
Selector k1
KeyFile $TMP/dkim/k1.private
Socket inet:$port_sign@127.0.0.1
Canonicalization relaxed/simple
InternalHosts 127.0.0.0/8
PidFile $TMP/dkim/sign.id
UserID root
RequireSafeKeys no
CONF
cat >"$TMP/dkim/check.conf" <<CONF
Mode v
AuthservID mx.vendor.example
TestPublicKeys $TMP/dkim/keys
Socket inet:$port_check@127.0.0.1
InternalHosts 192.0.2.1
RemoveARFrom mx.vendor.example
PidFile $TMP/dkim/check.id
UserID root
CONF
start sign opendkim -f -x "$TMP/dkim/sign.conf"
start check opendkim -f -x "$TMP/dkim/check.conf"

# ---- Dovecot ----
mkdir -p "$TMP/box"
chown mail:mail "$TMP/box"
dovecot_up "$port_imaps"

# ---- Postfix: three doors of one server ----
mkdir -p "$TMP/postfix/etc" "$TMP/postfix/data" "$TMP/postfix/queue"
chown postfix "$TMP/postfix/data"
cat >"$TMP/postfix/etc/main.cf" <<CONF
compatibility_level = 3.6
queue_directory = $TMP/postfix/queue
data_directory = $TMP/postfix/data
maillog_file = $TMP/postfix/log
maillog_file_prefixes = /
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = mx.vendor.example
mydestination =
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_reject_unlisted_recipient = no
smtp_dns_support_level = disabled
smtp_host_lookup = native
recipient_delimiter = +
virtual_mailbox_domains = vendor.example, kranichhaus.example, customer.example
virtual_mailbox_base = $TMP/box
virtual_mailbox_maps = inline:{ {orders@vendor.example=orders/} {bounces@vendor.example=orders/}
 {lizenzen@kranichhaus.example=reseller/} {ada@customer.example=ada/} {boss@vendor.example=boss/} }
virtual_uid_maps = static:$(id -u mail)
virtual_gid_maps = static:$(id -g mail)
virtual_minimum_uid = 1
milter_default_action = tempfail
minimal_backoff_time = 1s
queue_run_delay = 1s
CONF
cat >"$TMP/postfix/etc/master.cf" <<CONF
127.0.0.1:$smtp_out inet n - n - - smtpd
  -o myhostname=mail.kranichhaus.example -o smtpd_milters=inet:127.0.0.1:$port_sign
  -o content_filter=smtp:[127.0.0.1]:$smtp_border
127.0.0.1:$smtp_border inet n - n - - smtpd -o smtpd_milters=inet:127.0.0.1:$port_check
127.0.0.1:$smtp_relay inet n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
CONF
postfix -c "$TMP/postfix/etc" start >"$TMP/postfix.out" 2>&1 || {
	sed 's/^/  /' "$TMP/postfix.out"
	skip mail_servers Postfix does not start here
	exit 0
}
stop_postfix() {
	postfix -c "$TMP/postfix/etc" stop >/dev/null 2>&1
}
trap 'stop_postfix; stop_all' EXIT
for p in "$port_sign" "$port_check" "$port_imaps" "$smtp_out" "$smtp_border" "$smtp_relay"; do
	wait_port "$p" || not_ok "servers: port $p" "$TMP/postfix/log"
done

# ---- the instance ----
new_instance
setting mail transport "smtp://127.0.0.1:$smtp_relay"
setting mail from tickets@vendor.example
setting mail bounce_domain vendor.example
setting gateway owner boss@vendor.example
setting intake authserv_id mx.vendor.example
setting intake address orders@vendor.example
setting intake imap "imaps://localhost:$port_imaps"
setting intake imap_ca_file "$TMP/certs/ca.pem"
printf '[imap]\nuser=orders\npassword=s3cret\n' >>"$INSTANCE/ticketpost.key"
check "servers: the vendor is loaded" tp import "$TP_SOURCE/tests/samples/vendor.json"

# post PORT FROM TO FILE - one message by SMTP.
post() {
	/usr/bin/python3 -c '
import smtplib, sys
with smtplib.SMTP("127.0.0.1", int(sys.argv[1])) as s:
    s.sendmail(sys.argv[2], [sys.argv[3]], open(sys.argv[4], "rb").read().replace(b"\n", b"\r\n"))' "$@"
}
reseller=lizenzen@kranichhaus.example
order_mail() { # NUMBER EMAIL
	cat <<-MAIL
	From: Kranichhaus <$reseller>
	To: orders@vendor.example
	Subject: Order $1
	Date: $(date -R)
	Message-ID: <$1@kranichhaus.example>
	MIME-Version: 1.0
	Content-Type: application/json

	{ "order": "$1", "customer": { "name": "Ada Lovelace", "email": "$2", "language": "en",
	  "address": { "lines": ["Weg 1"], "postcode": "76137", "city": "Karlsruhe", "country": "DE" } },
	  "deliver": { "by": "email", "to": "customer" },
	  "lines": [ { "line": "1", "product": "CAD-PRO", "quantity": 1 } ] }
	MAIL
}
box() { # NAME N - so many mails are there
	[ "$(find "$TMP/box/$1" -path '*/new/*' -o -path '*/cur/*' 2>/dev/null | grep -c .)" -ge "$2" ]
}
in_box() {
	find "$TMP/box/$1" -path '*/new/*' -o -path '*/cur/*' | xargs grep -l -e "$2" | tail -n 1
}
seen() { # N - so many mails were taken
	tp work --drain >"$TMP/out" 2>&1
	[ "$(tp mail list --json --limit 0 | json 'len([m for m in d["mails"] if m["state"] != "received"])')" -ge "$1" ]
}

# ---- an order of a signed sender ----
order_mail S-1 ada@customer.example >"$TMP/s1.eml"
post "$smtp_out" $reseller orders@vendor.example "$TMP/s1.eml"
check "servers: the order is in our mailbox" wait_for 60 box orders 1
check "servers: it is taken by IMAP" wait_for 60 seen 1
tp mail show 1 --json >"$TMP/show"
is "servers: our border proved its sender" "$(json 'd["proof"]' "$TMP/show")" dkim
is "servers: and the order is accepted" "$(json 'd["outcome"]["orders"][0]["status"]' "$TMP/show")" accepted
tp work --drain >"$TMP/out" 2>&1
check "servers: the ticket arrives" wait_for 60 box ada 1
check "servers: the answer arrives" wait_for 60 box reseller 1
has "servers: it answers the order" "$(in_box reseller 'Auto-Submitted')" '^In-Reply-To: <S-1@kranichhaus.example>'

# ---- the same from somebody else ----
order_mail F-1 eve@customer.example | sed '1i Authentication-Results: mx.vendor.example; dkim=pass header.d=kranichhaus.example' >"$TMP/f1.eml"
post "$smtp_border" $reseller orders@vendor.example "$TMP/f1.eml"
check "servers: a forged order is taken" wait_for 60 seen 2
tp mail list --held --json >"$TMP/list"
is "servers: and held" "$(json '[m["subject"] for m in d["mails"]]' "$TMP/list")" '["Order F-1"]'

# ---- a ticket that comes back ----
order_mail B-1 nobody@customer.example >"$TMP/b1.eml"
post "$smtp_out" $reseller orders@vendor.example "$TMP/b1.eml"
check "servers: an order with a wrong address is taken" wait_for 60 seen 3
tp work --drain >"$TMP/out" 2>&1
check "servers: its report comes home" wait_for 60 seen 4
tp ticket list --json >"$TMP/tickets"
is "servers: the delivery came back, and the ticket goes by post" \
    "$(json 'sorted([(x["channel"], x["state"]) for t in d["tickets"] if t["order"] == "B-1" for x in t["deliveries"]])' "$TMP/tickets")" \
    '[["email", "bounced"], ["post", "rendered"]]'
tp work --drain >"$TMP/out" 2>&1
check "servers: the owner is told" wait_for 60 box boss 1

# ---- a reply of a machine ----
before=$(tp status --json | json '[d["orders"], d["tickets"]]')
{ echo "Auto-Submitted: auto-replied"; order_mail V-1 ada@customer.example; } >"$TMP/v1.eml"
post "$smtp_out" $reseller orders@vendor.example "$TMP/v1.eml"
check "servers: a vacation reply is taken" wait_for 60 seen 5
is "servers: and changes nothing" "$(tp status --json | json '[d["orders"], d["tickets"]]')" "$before"
is "servers: nobody was answered twice" "$(find "$TMP/box/reseller" -path '*/new/*' | grep -c .)" 2
stop_postfix
finish
