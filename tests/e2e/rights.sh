#!/bin/sh
# rights.sh - who may what, by command: given, taken, refused; and the whole matrix.
. "$TP_SOURCE/tests/e2e/lib.sh"

new_instance
check "rights: the vendor is loaded" tp import "$TP_SOURCE/tests/samples/vendor.json"
tp party rights --matrix | sed 's/ *$//' >"$TMP/matrix.txt"
golden rights/matrix.txt "$TMP/matrix.txt"
is "rights: the matrix as JSON has every rights" \
    "$(tp party rights --matrix --json | json '[len(d["matrix"]), d["matrix"][0]["rights"][0]["group"]]')" '[12, "*"]'

kranich=lizenzen@kranichhaus.example
refuses "rights: nobody makes users without create-user" 77 tp user add a@k.example --party R-100 --as $kranich
has "rights: and is told what it takes" "$TMP/err" 'takes create-user'
check "rights: the vendor gives it" tp party grant R-100 --group cad --may create-user
check "rights: now the admin makes a user" tp user add a@k.example --party R-100 --as $kranich
is "rights: who has no rights by that" "$(tp user show a@k.example --json | json 'd["rights"]')" "[]"
refuses "rights: no more than one's own" 77 tp user grant a@k.example --group cad --may create --options '{"days":{"max":31}}' --as $kranich
refuses "rights: not where one cannot pass on" 77 tp user grant a@k.example --group statik --may create --as $kranich
check "rights: one's own limits are given" tp user grant a@k.example --group cad --may create --as $kranich
is "rights: with the days of the giver" "$(tp user show a@k.example --json | json 'd["rights"][0]["options"]["days"]["max"]')" "30"
refuses "rights: nobody edits their own" 77 tp user grant $kranich --group cad --may create --as $kranich
refuses "rights: nor those of their party" 77 tp party grant R-100 --group cad --may print --as $kranich
refuses "rights: a person of two resellers is asked which" 75 tp user show wiebke.jessen@kranichhaus.example
check "rights: and named with the party" tp user show wiebke.jessen@kranichhaus.example:R-200

# An order that waits, and the right it was taken under.
printf '{"order":"W-1","source":"t","party":"R-100","customer":{"name":"N","email":"n@example.org"},"lines":[{"product":"CAD-PRO","quantity":1}]}' >"$TMP/o.json"
check "rights: an order is taken" tp order submit "$TMP/o.json"
check "rights: the right is taken away" tp party revoke R-100 --group cad --may create
is "rights: from those below too" "$(tp user show a@k.example --json | json 'd["rights"]')" "[]"
check "rights: the queue drains" tp work --drain
is "rights: nothing was issued" "$(tp ticket list --json | json 'len(d["tickets"])')" "0"
tp queue list >"$TMP/queue"
has "rights: the job says why it waits" "$TMP/queue" 'right taken: .R-100. has no right to create .CAD-PRO.'
tp order submit --json "$TMP/o.json" >"$TMP/same" 2>&1
sed 's/W-1/W-2/' "$TMP/o.json" >"$TMP/o2.json"
tp order submit --json "$TMP/o2.json" >"$TMP/answer" 2>/dev/null
is "rights: the next one is refused" "$(json 'd["orders"][0]["lines"][0]["errors"][0]["code"]' "$TMP/answer")" "E_RIGHT"

# A quota counts what came before in the same file, and forgets what was withdrawn in it.
tp party grant R-200 --group cad --may create --quota 3
line() { printf '{"order":"%s","source":"t","party":"R-200","kind":"%s","customer":{"name":"N","email":"n@example.org"},"lines":[%s]}\n' "$1" "$2" "$3"; }
one='{"product":"CAD-PRO","quantity":1}'
{ line Z-1 order "$one"; line Z-2 order "$one"; line Z-3 order "$one"; line Z-4 order "$one"
  line Z-1 cancel ''; line Z-5 order "$one"; line Z-6 order "$one"; } >"$TMP/quota.jsonl"
tp order submit --json "$TMP/quota.jsonl" >"$TMP/answer" 2>/dev/null
is "rights: a quota holds within one file" "$(json '"".join(o["status"][0] for o in d["orders"])' "$TMP/answer")" "aaaraar"
finish
