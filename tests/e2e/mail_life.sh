#!/bin/sh
# mail_life.sh - a customer's people move their tickets by proved mail, with their own rights.
. "$TP_SOURCE/tests/e2e/lib.sh"

new_instance
setting mail from tickets@vendor.example
setting mail bounce_domain vendor.example
setting intake authserv_id mx.vendor.example
setting intake address orders@vendor.example
check "mail life: the vendor is loaded" tp import "$TP_SOURCE/tests/samples/vendor.json"
printf '{"order":"P-1","source":"t","party":"R-100","lines":[{"product":"CAD-PRO","quantity":3}]}' >"$TMP/o.json"
check "mail life: a pool is filled" tp order submit "$TMP/o.json"
check "mail life: the queue drains" tp work --drain
kranich=lizenzen@kranichhaus.example
check "mail life: a customer" tp party add K-1 --parent R-100 --company Kunde --email info@kunde.example
check "mail life: its admin" tp user add admin@kunde.example --party K-1 --role admin
check "mail life: its user" tp user add ute@kunde.example --party K-1

n=0
# write FROM SUBJECT [PROOF] - a mail comes in and is worked on.
write() {
	n=$((n + 1))
	{
		printf '%s\n' "Authentication-Results: mx.vendor.example; ${3:-dkim=pass header.d=${1#*@}}"
		printf '%s\n' "Received: from o.example by mx.vendor.example with ESMTPS; Tue, 24 Nov 2026 10:00:00 +0100" \
		    "From: <$1>" "To: orders@vendor.example" "Subject: $2" "Message-ID: <c$n@o.example>" "" "."
	} >"$TMP/c.eml"
	tp mail receive <"$TMP/c.eml" >"$TMP/out" 2>&1 && tp work --drain >"$TMP/out" 2>&1 || cat "$TMP/out"
}
state() { tp ticket show "$1" --json | json 'd["state"]'; }
holder() { tp ticket show "$1" --json | json 'd["holder"] or ""'; }

write $kranich "assign T00000001 info@kunde.example"
is "mail life: the reseller gives one to a customer" "$(holder 1)" "Kunde"
write $kranich "assign T00000002 ute@kunde.example"
is "mail life: and one to a user of it" "$(holder 2)" "Kunde"
write wiebke.jessen@kranichhaus.example "assign T00000003 info@kunde.example"
is "mail life: who has create gives one" "$(holder 3)" "Kunde"
write $kranich "unassign T00000003"
is "mail life: it is taken back" "$(holder 3)" ""
write ute@kunde.example "activate T00000001"
is "mail life: nobody activates what they do not see" "$(state 1)" "issued"
write ute@kunde.example "activate T00000002" "dkim=fail header.d=kunde.example"
is "mail life: nor without proof" "$(state 2)" "issued"
write ute@kunde.example "activate T00000002"
is "mail life: the user activates theirs" "$(state 2)" "collected"
write admin@kunde.example "show T00000001"
write ute@kunde.example "activate T00000001"
is "mail life: and the one that is shown" "$(state 1)" "collected"
write ute@kunde.example "zurückgeben T00000001"
is "mail life: returned" "$(state 1)" "returned"
write admin@kunde.example "restore T00000002"
is "mail life: lost and restored" "$(state 2)" "lost_restored"
write $kranich "confirm T00000001"
is "mail life: its receipt came" "$(state 1)" "confirmed_returned"
write ute@kunde.example "activate T00000002"
write ute@kunde.example "restore T00000002"
is "mail life: a further restore waits" "$(state 2)" "collected"
write admin@kunde.example "approve T00000002"
is "mail life: for those above the customer" "$(state 2)" "collected"
write $kranich "Re: genehmigen T00000002"
is "mail life: who approve it" "$(state 2)" "lost_restored"

# People, by the customer's admin.
users() { tp user list --party K-1 --json | json '[u["email"] for u in d["users"]]'; }
write ute@kunde.example "user eve@kunde.example"
is "mail life: a user makes no users" "$(users)" '["admin@kunde.example", "ute@kunde.example"]'
write admin@kunde.example "Benutzer udo@kunde.example"
is "mail life: the customer's admin does" "$(users)" '["admin@kunde.example", "udo@kunde.example", "ute@kunde.example"]'
write admin@kunde.example "user eve@kunde.example" "dkim=none"
is "mail life: not without proof" "$(users)" '["admin@kunde.example", "udo@kunde.example", "ute@kunde.example"]'
write $kranich "user kurt@kranichhaus.example"
is "mail life: a reseller's admin not without create-user" "$(tp user list --party R-100 --json | json 'len(d["users"])')" 2
tp party grant R-100 --group cad --may create-user
write $kranich "user kurt@kranichhaus.example"
is "mail life: but with it" "$(tp user list --party R-100 --json | json 'len(d["users"])')" 3
is "mail life: a new user has no rights" "$(tp user show kurt@kranichhaus.example --json | json 'd["rights"]')" "[]"
write $kranich "user karla@kunde.example K-1"
is "mail life: also one of its customer" "$(users | grep -c karla)" 1
write $kranich "user someone@heron.example R-200"
is "mail life: not of another reseller" "$(tp user list --party R-200 --json | json 'len(d["users"])')" 3
write admin@kunde.example "group Planung udo@kunde.example"
write admin@kunde.example "assign T00000001 Planung"
udo() { tp ticket list --as udo@kunde.example --json | json '[t["id"] for t in d["tickets"]]'; }
is "mail life: assigned to a group: hidden" "$(udo)" "[]"
write admin@kunde.example "einblenden T00000001"
is "mail life: shown to it" "$(udo)" "[1]"
write admin@kunde.example "ungroup Planung udo@kunde.example"
is "mail life: out of it" "$(udo)" "[]"
write admin@kunde.example "remove udo@kunde.example"
is "mail life: removed" "$(users | grep -c udo)" 0
write ute@kunde.example "recall T00000001"
is "mail life: a customer recalls nothing" "$(state 1)" "confirmed_returned"
write $kranich "recall T00000001"
is "mail life: the reseller does" "$(state 1)" "recalled"
write wiebke.jessen@kranichhaus.example "resend T00000002"
write wiebke.jessen@kranichhaus.example "forward ute@kunde.example T00000002"
is "mail life: who has not 'resend' sends nothing" "$(tp ticket show 2 --json | json '[x["purpose"] for x in d["deliveries"] if x["purpose"] != "first"]')" '[]'
write ute@kunde.example "assign T00000002 admin@kunde.example"
is "mail life: a user assigns nothing" "$(tp ticket list --as ute@kunde.example --json | json '[t["id"] for t in d["tickets"]]')" "[2]"
mails "$INSTANCE/outbox" >"$TMP/mails.json"
has "mail life: everybody is told" "$TMP/mails.json" 'T00000002: collected'
has "mail life: and told why not" "$TMP/mails.json" 'no ticket of yours has this number|may see ticket 2 and not do this'
check "mail life: the trail is whole" tp audit verify
finish
