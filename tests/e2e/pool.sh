#!/bin/sh
# pool.sh - a reseller's stock and a customer's people, by command.
. "$TP_SOURCE/tests/e2e/lib.sh"

new_instance
setting gateway owner desk@faecherwerk.example
check "pool: the vendor is loaded" tp import "$TP_SOURCE/tests/samples/vendor.json"
kranich=lizenzen@kranichhaus.example
printf '{"order":"P-1","source":"t","party":"R-100","lines":[{"product":"CAD-PRO","quantity":6}]}' >"$TMP/o.json"
check "pool: an order without a customer" tp order submit "$TMP/o.json"
check "pool: fills it" tp work --drain
left() { tp pool list --json | json '[p["left"] for p in d["pools"] if p["pool"] == "'"$1"'"]'; }
is "pool: six lie in it" "$(left R-100)" "[6]"
check "pool: a level for the reorder notice" tp pool level --pool R-100 --product CAD-PRO --at 4
check "pool: the admin makes a customer" tp party add K-1 --parent R-100 --company 'Kunde & Co' --email info@kunde.example --as $kranich
check "pool: the oldest go to it" tp ticket assign --pool R-100 --product CAD-PRO --count 2 --to K-1 --as $kranich
refuses "pool: not more than there are" 75 tp ticket assign --pool R-100 --product CAD-PRO --count 5 --to K-1
has "pool: and it says how many there are" "$TMP/err" "the pool has 4 of 'CAD-PRO', not 5"
check "pool: a chosen one" tp ticket assign 5 --to K-1
is "pool: three are left" "$(left R-100)" "[3]"
check "pool: the notice is written" tp work --drain
mails "$INSTANCE/outbox" | json '[m["subject"] for m in d]' >"$TMP/subjects"
has "pool: to the reseller and the owner" "$TMP/subjects" 'Vorrat geht zur Neige.*Vorrat geht zur Neige'
check "pool: back from the customer" tp ticket unassign 5 --as $kranich
check "pool: one goes back to the vendor" tp pool return --product CAD-PRO --reason 'not sold' --as $kranich
is "pool: and is dead" "$(tp ticket list --state recalled --json | json 'len(d["tickets"])')" "1"

# The customer's people.
check "customer: an admin" tp user add admin@kunde.example --party K-1 --role admin
check "customer: who makes a user" tp user add ute@kunde.example --party K-1 --as admin@kunde.example
seen() { tp ticket list --json --as "$1" | json '[t["id"] for t in d["tickets"]]'; }
is "customer: the admin sees what they have" "$(seen admin@kunde.example)" "[1, 2]"
is "customer: the user sees nothing yet" "$(seen ute@kunde.example)" "[]"
check "customer: one is assigned to the user" tp ticket assign 1 --to ute@kunde.example --as admin@kunde.example
check "customer: one is shown to all" tp ticket assign 2 --shown --as admin@kunde.example
is "customer: now both are seen" "$(seen ute@kunde.example)" "[1, 2]"
check "customer: and hidden again" tp ticket assign 2 --hidden --as admin@kunde.example
is "customer: only their own is" "$(seen ute@kunde.example)" "[1]"
# A group: hidden until shown, then seen by its members and the admins.
check "group: the admin makes one" tp group add Planung --as admin@kunde.example
check "group: and another user" tp user add udo@kunde.example --party K-1 --as admin@kunde.example
check "group: who comes in" tp group join planung udo@kunde.example --as admin@kunde.example
refuses "group: a user makes none" 77 tp group add Bau --as ute@kunde.example
check "group: a ticket is assigned to it" tp ticket assign 2 --group Planung --as admin@kunde.example
is "group: hidden from its members at first" "$(seen udo@kunde.example)" "[]"
check "group: shown" tp ticket assign 2 --shown --as admin@kunde.example
is "group: seen by who is in it" "$(seen udo@kunde.example)" "[2]"
is "group: not by who is not" "$(seen ute@kunde.example)" "[1]"
is "group: listed with members and tickets" "$(tp group list --json --as admin@kunde.example | json '[(g["group"], g["users"], g["tickets"]) for g in d["groups"]]')" '[["Planung", ["udo@kunde.example"], 1]]'
refuses "group: with tickets it stays" 75 tp group remove Planung --as admin@kunde.example
check "group: who leaves it" tp group leave Planung udo@kunde.example --as admin@kunde.example
is "group: sees it no more" "$(seen udo@kunde.example)" "[]"
check "group: taken from it" tp ticket unassign 2 --as admin@kunde.example
check "group: it goes" tp group remove Planung --as admin@kunde.example
refuses "customer: a ticket that is not seen is none" 66 tp ticket activate 2 --as ute@kunde.example
check "customer: the user activates it" tp ticket activate 1 --device laptop --as ute@kunde.example
check "customer: its receipt" tp ticket confirm 1
refuses "customer: in use it goes to nobody else" 75 tp ticket unassign 1 --as admin@kunde.example
check "customer: moved: returned" tp ticket return 1 --as ute@kunde.example
refuses "customer: not collectable without a receipt" 75 tp ticket activate 1 --as ute@kunde.example
check "customer: the receipt" tp ticket confirm 1
check "customer: collected elsewhere" tp ticket activate 1 --device tower --as ute@kunde.example
check "customer: lost: restored by itself" tp ticket restore 1 --as ute@kunde.example
check "customer: collected again" tp ticket activate 1 --as ute@kunde.example
tp ticket restore 1 --reason 'burnt' --as ute@kunde.example >"$TMP/out" 2>&1
is "customer: the next one waits" $? 75
tp ticket restore --waiting >"$TMP/waiting"
has "customer: for approval" "$TMP/waiting" 'burnt'
refuses "customer: which is not theirs to give" 77 tp ticket restore 1 --approve --as admin@kunde.example
check "customer: the reseller gives it" tp ticket restore 1 --approve --as $kranich
check "pool: the trail is whole" tp audit verify

# Killed at each point of giving, splitting, selling and taking rights: all of it or nothing.
new_instance base
tp import "$TP_SOURCE/tests/samples/vendor.json" >/dev/null 2>&1
tp order submit "$TMP/o.json" >/dev/null 2>&1
tp work --drain -q >/dev/null 2>&1
tp party add SUB --kind reseller --parent R-100 --name Sub >/dev/null 2>&1
tp party grant SUB --group cad --may create
# killed NAME WHOLE COMMAND... - what `tp pool list; tp ticket list; tp party rights` say is as before or as WHOLE.
facts() { { tp pool list --json; tp order list --json; tp ticket list --json; tp party rights --json; tp queue list --json; } | sed '/received\|due\|created\|masked/d' | cksum; }
killed() {
	name=$1
	shift
	points=0
	for round in whole 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		rm -rf "$TMP/run"
		cp -a "$TMP/base" "$TMP/run"
		export TICKETPOST_CONFIG=$TMP/run/ticketpost.conf
		before=$(facts)
		if [ $round = whole ]; then
			tp "$@" >"$TMP/out" 2>&1 || { cat "$TMP/out"; return; }
			whole=$(facts)
			[ "$whole" != "$before" ] || { echo "nothing changed"; return; }
			continue
		fi
		code=0
		(TICKETPOST_FAULT=die:$round exec "$TP_BIN" "$@") >/dev/null 2>&1 || code=$?
		[ $code = 137 ] || break
		points=$((points + 1))
		now=$(facts)
		[ "$now" = "$before" ] || [ "$now" = "$whole" ] || echo "$name: half done at point $round"
		tp audit verify >/dev/null 2>&1 || echo "$name: the trail is broken at point $round"
	done
	[ $points -gt 0 ] || echo "$name: never killed"
}
killed assign ticket assign --pool R-100 --product CAD-PRO --count 2 --to C-103 >"$TMP/killed"
is "crash: assigning, killed at any point, is whole or nothing" "$(cat "$TMP/killed")" ""
killed split pool split --pool R-100 --product CAD-PRO --count 2 --to SUB >"$TMP/killed"
is "crash: splitting likewise" "$(cat "$TMP/killed")" ""
killed return pool return --pool R-100 --product CAD-PRO --count 2 >"$TMP/killed"
is "crash: returning likewise" "$(cat "$TMP/killed")" ""
killed revoke party revoke R-100 --group cad --may create >"$TMP/killed"
is "crash: taking a right likewise" "$(cat "$TMP/killed")" ""
killed create order create --party R-200 --product CAD-PRO --number X-1 --customer C-1 --email x@x.example >"$TMP/killed"
is "crash: selling likewise" "$(cat "$TMP/killed")" ""
finish
