#!/bin/sh
# mail_many.sh - a pile of mails through the whole intake: Maildir and IMAP.  MANY=10000 for the
# full length (make many); here enough to see that each is taken once and that memory does not grow.
. "$TP_SOURCE/tests/e2e/lib.sh"

need python3 openssl
many=${MANY:-50}
new_instance
setting mail from tickets@vendor.example
setting mail bounce_domain vendor.example
setting intake authserv_id mx.vendor.example
setting intake address orders@vendor.example
setting intake maildir Maildir
setting limits mail_orders 1000000
setting limits mail_daily 1000000
mkdir -p "$INSTANCE/Maildir/new" "$INSTANCE/Maildir/cur" "$INSTANCE/Maildir/tmp"
check "many: the vendor is loaded" tp import "$TP_SOURCE/tests/samples/vendor.json"

# fill FOLDER PREFIX - mails of every kind, most of them orders.
fill() {
	/usr/bin/python3 - "$1" "$2" "$many" <<-'PY'
		import os, sys
		folder, prefix, many = sys.argv[1], sys.argv[2], int(sys.argv[3])
		order = '{"order":"%s-%d","customer":{"name":"Ada","email":"a%d@customer.example"},' \
		    '"deliver":{"by":"email","to":"customer"},"lines":[{"line":"1","product":"CAD-LT","quantity":1}]}'
		proof = "Authentication-Results: mx.vendor.example; dmarc=pass header.from=kranichhaus.example\n"
		for i in range(many):
		    kind = i % 10
		    head = "" if kind == 9 else proof
		    head += "Received: from o.example by mx.vendor.example with ESMTPS; Tue, 24 Nov 2026 10:00:00 +0100\n"
		    if kind == 7:
		        head += "Auto-Submitted: auto-replied\n"
		    head += "From: <lizenzen@kranichhaus.example>\nTo: orders@vendor.example\n"
		    head += "Subject: mail %s %d\nMessage-ID: <%s%d@o.example>\n" % (prefix, i, prefix, i)
		    if kind == 8:
		        text = head + "\nWhat about my order?\n"
		    else:
		        text = head + ("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n"
		            "See the file.\n--b\nContent-Type: application/json; name=order.json\n"
		            "Content-Disposition: attachment; filename=order.json\n\n" + order % (prefix, i, i) + "\n--b--\n")
		    with open(os.path.join(folder, "%06d.%s.host" % (i, prefix)), "w") as out:
		        out.write(text)
	PY
}
# drained NAME - works until nothing is due; how long it took and how much memory the largest
# process had are told on stderr.
drained() {
	drained_from=$(date +%s%N)
	/usr/bin/python3 - "$TP_BIN" >"$TMP/usage" 2>"$TMP/err" <<-'PY'
		import resource, subprocess, sys
		code = subprocess.call([sys.argv[1], "work", "--drain"], stdout=subprocess.DEVNULL)
		print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
		sys.exit(code)
	PY
	is "$1" $? 0
	echo "$1: $many mails in $((($(date +%s%N) - drained_from) / 1000000)) ms, at most $(cat "$TMP/usage") MiB" >&2
}
orders() { # PREFIX
	tp order list --json --limit 0 >"$TMP/orders"
	json "len([o for o in d['orders'] if o['order'].startswith('$1-')])" "$TMP/orders"
}
states() { # SOURCE
	tp mail list --json --limit 0 >"$TMP/list"
	json "{s: len([m for m in d['mails'] if m['source'] == '$1' and m['state'] == s]) for s in ('done', 'held', 'received')}" "$TMP/list"
}
wanted='{"done": '$((many / 10 * 8))', "held": '$((many / 10 * 2))', "received": 0}'

fill "$INSTANCE/Maildir/new" M
drained "many: a full Maildir is worked off"
is "many: each mail is taken, and settled as its kind is" "$(states maildir)" "$wanted"
is "many: each order is there once" "$(orders M)" $((many / 10 * 7))
is "many: nothing is left in new" "$(ls "$INSTANCE/Maildir/new" | wc -l)" 0
is "many: memory does not grow with them" "$([ "$(cat "$TMP/usage")" -lt 200 ]; echo $?)" 0

# ---- the same out of a mailbox ----
if command -v dovecot >/dev/null && [ "$(id -u)" = 0 ]; then
	chmod 755 "$TMP"
	port=$(free_port)
	mkdir -p "$TMP/box/orders/new" "$TMP/box/orders/cur" "$TMP/box/orders/tmp"
	fill "$TMP/box/orders/new" I
	chown -R mail:mail "$TMP/box"
	dovecot_up "$port"
	wait_port "$port"
	setting intake imap "imaps://localhost:$port"
	setting intake imap_ca_file "$TMP/certs/ca.pem"
	printf '[imap]\nuser=orders\npassword=s3cret\n' >>"$INSTANCE/ticketpost.key"
	drained "many: a full mailbox is worked off"
	is "many: each of its mails is taken" "$(states imap)" "$wanted"
	is "many: each of its orders is there once" "$(orders I)" $((many / 10 * 7))
	drained "many: nothing is new"
	is "many: nothing is taken twice" "$(states imap)" "$wanted"
	stop dovecot
else
	skip "many: a mailbox" "no Dovecot, or not root"
fi
finish
