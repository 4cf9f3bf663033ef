# bad_input.sh - what is wrong is named with place and reason, ends with a sysexits code, and
# changes nothing.
. "$TP_SOURCE/tests/e2e/lib.sh"

new_instance
tp import "$TP_SOURCE/tests/samples/vendor.json" >/dev/null 2>&1

# What stands in the store, as a number that any change would move.
state() {
	tp audit list --json | cksum
}
before=$(state)

# bad NAME EXIT REGEX FILE - submitting FILE is refused with this reason.
bad() {
	code=0
	tp order submit --json "$4" >"$TMP/answer" 2>&1 || code=$?
	if [ $code = "$2" ] && grep -qE -e "$3" "$TMP/answer"; then
		ok "bad input: $1"
	else
		echo "exit $code, wanted $2 and '$3'" >>"$TMP/answer"
		not_ok "bad input: $1" "$TMP/answer"
	fi
}

order() {
	printf '{"order":"X-%s","source":"t","party":"R-100","customer":{"name":"N","email":"n@example.org"},"deliver":{"by":"email","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":%s}]}\n' "$1" "$2"
}

order 1 1 | head -c 120 >"$TMP/torn.json"
bad "a torn file" 65 'E_FORMAT|E_TORN' "$TMP/torn.json"
printf 'order,party,product,quantity\nX,R-100,CAD-PRO,1\n\377\376\0\1' >"$TMP/bytes.csv"
bad "bytes that are no text" 65 'E_ENCODING|E_CHARACTER|E_FORMAT' "$TMP/bytes.csv"
order 2 1 | sed 's/CAD-PRO/NO-SUCH/' >"$TMP/o.json"
bad "an unknown product" 65 'E_PRODUCT_UNKNOWN' "$TMP/o.json"
order 3 0 >"$TMP/o.json"
bad "quantity 0" 65 'E_QUANTITY' "$TMP/o.json"
order 4 -1 >"$TMP/o.json"
bad "quantity -1" 65 'E_QUANTITY' "$TMP/o.json"
order 5 1000000000 >"$TMP/o.json"
bad "quantity 1e9" 65 'E_QUANTITY' "$TMP/o.json"
order 6 1.5 >"$TMP/o.json"
bad "half a licence" 65 'E_TYPE|E_QUANTITY' "$TMP/o.json"
order 7 1 | sed 's/"party"/"order":"Y","party"/' >"$TMP/o.json"
bad "a key that stands twice" 65 'E_DUPLICATE_KEY' "$TMP/o.json"
order 8 1 | sed 's/"party":/"partie":/' >"$TMP/o.json"
bad "an unknown key" 65 'E_UNKNOWN_FIELD' "$TMP/o.json"
order 9 1 | sed 's/n@example.org/n@example.org\\r\\nBcc: x@example.org/' >"$TMP/o.json"
bad "an address with CR LF" 65 'E_CHARACTER|E_EMAIL' "$TMP/o.json"
order 10 1 | sed 's/R-100/R-404/' >"$TMP/o.json"
bad "an unknown party" 65 'E_PARTY_UNKNOWN' "$TMP/o.json"
order 11 1 | sed 's/"by":"email"/"by":"post"/' >"$TMP/o.json"
bad "post without an address" 65 'E_ADDRESS' "$TMP/o.json"
order 12 1 | sed 's/,"email":"n@example.org"//' >"$TMP/o.json"
bad "mail without an address" 65 'E_EMAIL|E_MISSING_FIELD' "$TMP/o.json"
truncate -s 100M "$TMP/huge.json"
bad "a file of 100 MB" 65 'E_LIMIT|longer' "$TMP/huge.json"
printf '[' >"$TMP/deep.json"
awk 'BEGIN { for (i = 0; i < 100000; i++) printf "[" }' >>"$TMP/deep.json"
bad "brackets without end" 65 'E_' "$TMP/deep.json"
bad "a file that is not there" 66 'cannot open' "$TMP/none.json"
is "bad input: nothing of it was taken" "$(tp order list --json | json 'len(d["orders"])')" 0
is "bad input: nothing of it is in the trail" "$(state)" "$before"

# A name with a template in it, a cell with a formula: text, and nothing more.
order 20 1 | sed 's/"name":"N"/"name":"{{ticket.code}} {{{x}}}"/' >"$TMP/o.json"
check "bad input: a name with a template in it is a name" tp order submit "$TMP/o.json"
check "bad input: and is mailed" tp work --drain -q
grep -q '{{ticket.code}} {{{x}}}' "$TMP"/*/outbox/new/* 2>/dev/null ||
	cat "$TMP"/*/outbox/new/* >"$TMP/mails.txt" 2>/dev/null
cat "$TMP"/*/outbox/new/* >"$TMP/mails.txt" 2>/dev/null
has "bad input: word for word" "$TMP/mails.txt" '\{\{ticket.code\}\} \{\{\{x\}\}\}'

# Settings and keys.
chmod 644 "$TMP"/*/ticketpost.key
refuses "bad input: a key file others can read" 78 tp ticket verify 00000-00000-00000-00000-00000
has "bad input: says how to mend it" "$TMP/err" 'chmod 600'
chmod 600 "$TMP"/*/ticketpost.key
conf=$(ls "$TMP"/*/ticketpost.conf)
cp "$conf" "$TMP/conf.good"
echo 'colour=blue' >>"$conf"
refuses "bad input: an unknown setting" 78 tp status
has "bad input: with file, line and section" "$TMP/err" 'ticketpost.conf:[0-9]+: \[limits\] colour: unknown setting'
sed 's/^count=.*/count=many/' "$TMP/conf.good" >"$conf"
refuses "bad input: a number that is none" 78 tp status
has "bad input: with its place" "$TMP/err" 'ticketpost.conf:[0-9]+: \[worker\] count: .many.'
cp "$TMP/conf.good" "$conf"
refuses "bad input: a command that is none" 64 tp order eat
refuses "bad input: too few arguments" 64 tp order show
refuses "bad input: an option that is none" 64 tp order list --wrong

# Master data: whole file or nothing, each fault with its path.
printf '{"products":[{"sku":"NEW","name":{"de":"x"},"kind":"full"}],"parties":[{"id":"Q","kind":"reseller","parent":"NOBODY"}],"toys":[]}' >"$TMP/m.json"
refuses "bad input: a parent that is nowhere" 65 tp import "$TMP/m.json"
has "bad input: master data with its path" "$TMP/err" 'parties\[0\].parent'
has "bad input: and every other fault too" "$TMP/err" 'toys'
printf '{"order":"Z","party":"R-100","customer":{"name":"N","email":"n@example.org"},"lines":[{"line":"1","product":"NEW","quantity":1}]}' >"$TMP/o.json"
bad "a product of a refused file" 65 'E_PRODUCT_UNKNOWN' "$TMP/o.json"
finish
