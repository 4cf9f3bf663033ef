#!/bin/sh
# rights_walk.sh - every command that takes --as: allowed to a user with the one right it needs, refused to
# a user with every other right.  Rights only ever add up, so these two are all the cells of a row; WALK=full
# runs each right by itself as well.
. "$TP_SOURCE/tests/e2e/lib.sh"

actions="create modify revoke view resend export print create-user"
new_instance base
setting print gather 0s
check "walk: the vendor is loaded" tp import "$TP_SOURCE/tests/samples/vendor.json"
# all@ may everything in one group, create@ create only, no-create@ everything else.
new_user() {
	tp user add "$1@k.example" --party R-100 >/dev/null 2>&1 && tp user grant "$1@k.example" --group cad --may "$2"
}
all=$(echo $actions | tr ' ' ,)
check "walk: the reseller may everything in one group" tp party grant R-100 --group cad --may "$all"
new_user all "$all"
new_user both create,modify
for action in $actions; do
	new_user $action $action
	new_user no-$action "$(echo "$all" | sed "s/\(^\|,\)$action\(,\|\$\)/\1/; s/,\$//")"
done
tp user add other@k.example --party R-100 --as create-user@k.example >/dev/null 2>&1
tp user add theirs@k.example --party R-100 --as no-create-user@k.example >/dev/null 2>&1
tp party add SUB --kind reseller --parent R-100 --name Sub >/dev/null 2>&1
tp party grant SUB --group cad --may create
tp party add K-1 --parent R-100 --email k1@k.example >/dev/null 2>&1
post='"address":{"lines":["Weg 1"],"postcode":"76133","city":"Karlsruhe","country":"DE"}},"deliver":{"by":"post","to":"customer"}'
cat >"$TMP/orders.jsonl" <<J
{"order":"W-1","source":"t","party":"R-100","customer":{"id":"C-1","name":"Ada","email":"ada@c.example"},"lines":[{"line":"1","product":"CAD-SUB","quantity":1}]}
{"order":"W-2","source":"t","party":"R-100","customer":{"id":"C-2","name":"Bea",$post,"lines":[{"line":"1","product":"CAD-PRO","quantity":1}]}
{"order":"W-3","source":"t","party":"R-100","lines":[{"line":"1","product":"CAD-PRO","quantity":3}]}
{"order":"W-4","source":"t","party":"R-200","customer":{"id":"C-3","name":"Cyd","email":"cyd@c.example"},"lines":[{"line":"1","product":"CAD-PRO","quantity":1}]}
{"order":"W-6","source":"t","party":"R-100","customer":{"id":"C-1","name":"Ada","email":"ada@c.example"},"lines":[{"line":"1","product":"CAD-PRO","quantity":1}]}
{"order":"W-5","source":"t","party":"R-100","customer":{"id":"C-1","name":"Ada","email":"ada@c.example"},"lines":[{"line":"1","product":"STATIK-PRO","quantity":1}]}
J
check "walk: orders of two resellers, and of another group" tp order submit "$TMP/orders.jsonl"
check "walk: are issued" tp work --drain
tp print close 1 >/dev/null 2>&1
tp work --drain -q >/dev/null 2>&1
sed -n 's/W-2/W-7/p' "$TMP/orders.jsonl" >"$TMP/two.json"
setting print gather 1h
tp order submit "$TMP/two.json" >/dev/null 2>&1
tp work --drain -q >/dev/null 2>&1
card=$(tp print show 1 --json | json 'd["cards"][0]["serial"]')
sub=$(tp subscription list --json | json 'd["subscriptions"][0]["id"]')
# ticket ORDER [N] - its n-th, from 0
ticket() { tp ticket list --order "$1" --json | json "d['tickets'][${2:-0}]['id']"; }
t1=$(ticket W-1) t2=$(ticket W-2) t3=$(ticket W-3) t4=$(ticket W-4) t5=$(ticket W-3 1) t6=$(ticket W-6)
tp ticket assign "$t5" --to K-1 >/dev/null
tp ticket activate "$t6" >/dev/null
sed 's/"W-1"/"W-9"/; 1q' "$TMP/orders.jsonl" >"$TMP/one.json"
month=$(date +%Y-%m)
seen="create modify revoke view resend export print"
new_user none view
tp user revoke none@k.example

# Allowed to | refused to | what.  Without the first: to nobody of a reseller.
cat >"$TMP/table" <<T
$seen|create-user|order show W-1
$seen|create-user|ticket show $t1
$seen|create-user|subscription show $sub
create-user view|none|order list
create-user view|none|pool list
create-user view|none|party list
create-user view|none|party show K-1
create-user view|none|user list
create-user view|none|user show other@k.example
create|no-create|order create --product CAD-PRO --customer C-7 --name New --email new@c.example
create|no-create|order submit $TMP/one.json
create|no-create|ticket assign --product CAD-PRO --count 1 --to K-1
create|no-create|ticket assign $t3 --to K-1
create|no-create|ticket unassign $t5
create|no-create|pool split --product CAD-PRO --count 1 --to SUB
create|no-create|pool return --product CAD-PRO --count 1
modify|no-modify|pool level --product CAD-PRO --at 2
modify|no-modify|ticket activate $t1
modify|no-modify|ticket return $t6
modify|no-modify|ticket confirm $t6
modify|no-modify|ticket restore $t6
modify|no-modify|ticket assign $t1 --shown
modify|no-modify|ticket reveal $t1
modify|no-modify|subscription cancel $sub
both|no-create no-modify|subscription exchange $sub --to CAD-SUB-M
revoke|no-revoke|ticket recall $t1
revoke|no-revoke|order cancel W-2
revoke|no-revoke|subscription reverse $sub --credit full
resend|no-resend|ticket resend $t1 --yes
resend|no-resend|ticket forward $t1 --to ada@c.example
export|no-export|report licences --month $month
export|no-export|report subscriptions
export|no-export|report nfr
export|no-export|report statement --month 2020-01 --party R-100
export|no-export|privacy export R-100/C-2
print|no-print|print list
print|no-print|print show 1
print|no-print|print render 1
print|no-print|print close 2
print|no-print|print printed 1
print|no-print|print spoil $card --reason bent
print|no-print|ticket reprint $t2 --reason bent
create|no-create|party add K-2 --parent R-100
create-user|no-create-user|party add S-2 --kind reseller --parent R-100
create-user|no-create-user|user add new@k.example --party R-100
create-user|no-create-user|user grant other@k.example --group cad --may create-user
create-user|no-create-user|user remove other@k.example
|all|report overview
|all|report statement --close --month 2020-01
|all|report licences --month $month --send
|all|party rights
|all|party grant R-200 --group cad --may view
|all|party remove R-200
|all|user grant all@k.example --group cad --may view
|all|order cancel W-4
|all|order show W-4
|all|ticket show $t4
|all|ticket recall $t4
T
if [ "${WALK:-}" = full ]; then
	awk -F'|' -v actions="$actions" 'BEGIN { OFS = "|"; n = split(actions, a, " ") }
		{ for (i = 1; i <= n; i++) if (index(" " $1 " ", " " a[i] " ") == 0 && $2 != "none") $2 = $2 " " a[i]; print }' \
	    "$TMP/table" >"$TMP/full" && mv "$TMP/full" "$TMP/table"
fi
fresh() {
	[ -d "$TMP/run" ] || cp -a "$TMP/base" "$TMP/run"
	rm -f "$TMP/run/ticketpost.db"*
	cp -p "$TMP/base/ticketpost.db"* "$TMP/run"
	export TICKETPOST_CONFIG=$TMP/run/ticketpost.conf
}
# cell WANT USER COMMAND - 77: no right; 66: what is not seen is not there; 65: an order with E_RIGHT.
cell() {
	want=$1 user=$2
	shift 2
	code=0
	tp "$@" --as "$user@k.example" >"$TMP/out" 2>"$TMP/err" </dev/null || code=$?
	case $code in
	0) got=allowed ;;
	66 | 77) got=refused ;;
	65) got=refused; cat "$TMP/out" "$TMP/err" | grep -q E_RIGHT || got="exit 65" ;;
	*) got="exit $code" ;;
	esac
	cells=$((cells + 1))
	[ "$got" = "$want" ] || echo "$user: $*: $got, not $want: $(head -1 "$TMP/err")" >>"$TMP/wrong"
}
cells=0
: >"$TMP/wrong"
while IFS='|' read -r may may_not command; do
	fresh
	for user in $may_not; do cell refused $user $command; done
	for user in $may; do
		case $command in *" list"* | *" show "* | report*) ;; *) fresh ;; esac
		cell allowed $user $command
	done
done <"$TMP/table"
is "walk: each of $cells cells is as the table says" "$(cat "$TMP/wrong")" ""
is "walk: none was left out" "$([ $cells -ge 110 ] && echo yes)" yes

# What is not told by an exit code: lists and reports hold what one may see, and nothing else.
fresh
list() { tp $1 list --json --as "$2@k.example" | json "[x['$3'] for x in d['$4']]"; }
is "walk: the orders of one's own party and groups" "$(list order view order orders)" "[\"W-1\", \"W-2\", \"W-3\", \"W-6\", \"W-7\"]"
is "walk: none without a right" "$(list order create-user order orders)" "[]"
is "walk: likewise tickets" "$(list ticket view order tickets)" '["W-1", "W-2", "W-3", "W-3", "W-3", "W-6", "W-7"]'
is "walk: at most so many of those that are seen" "$(tp ticket list --limit 2 --as view@k.example --json | json 'len(d["tickets"])')" 2
is "walk: likewise parties" "$(list party view party parties)" '["R-100", "SUB", "C-1", "C-103", "C-2", "K-1"]'
tp report licences --month "$month" --format csv --as export@k.example >"$TMP/csv"
is "walk: a report has what may be exported" "$(grep -c 'R-100' "$TMP/csv")/$(grep -c 'R-200\|STATIK' "$TMP/csv")" "7/0"
refuses "walk: of another party there is none" 66 tp report licences --month "$month" --party R-200 --as export@k.example
refuses "walk: a statement is whole or refused" 77 tp report statement --month "$month" --as export@k.example
has "walk: and says what is in it" "$TMP/err" "has 'STATIK-PRO', which you have no right to export"
refuses "walk: personal data too" 77 tp privacy export R-100/C-1 --as export@k.example
has "walk: as long as there are licences of other groups" "$TMP/err" 'has 1 licences that'
check "walk: of a customer with none of these" tp privacy export R-100/C-2 --as export@k.example
refuses "walk: nor of another reseller's customer" 66 tp privacy export R-200/C-3 --as export@k.example
tp print printed 1
refuses "walk: a scanner takes the right to print" 77 tp print scan "$card" --as no-print@k.example
check "walk: with it one's own cards are read" tp print scan "$card" --as print@k.example
check "walk: the trail names who acted" sh -c '"$0" audit list --json | grep -q "as user/"' "$TP_BIN"
finish
