#!/bin/sh
# manual.sh - the manual pages and the completion tell what the program has.
. "$TP_SOURCE/tests/e2e/lib.sh"

need scdoc bash
check "manual: the pages are made" make -s -C "$TP_SOURCE" VARIANT="${VARIANT:-check}" man
pages=$TP_SOURCE/build/${VARIANT:-check}/man
tp --help >"$TMP/help"
if command -v man >/dev/null 2>&1; then
	MANWIDTH=200 man -l "$pages/ticketpost.1" 2>/dev/null | col -b >"$TMP/page1"
	MANWIDTH=200 man -l "$pages/ticketpost.conf.5" 2>/dev/null | col -b >"$TMP/page5"
else
	sed 's/\\f[BIRP]//g; s/\\//g' "$pages/ticketpost.1" >"$TMP/page1"
	sed 's/\\f[BIRP]//g; s/\\//g' "$pages/ticketpost.conf.5" >"$TMP/page5"
fi
# Every command that help lists; every key of the sample settings.
sed -n 's/^  \([a-z][a-z -]*[a-z]\)  .*/\1/p' "$TMP/help" | while IFS= read -r words; do
	grep -q "$words" "$TMP/page1" || echo "$words"
done >"$TMP/missing"
is "manual: every command is in it" "$(cat "$TMP/missing")" ""
new_instance
sed -n 's/^[#; ]*\([a-z_][a-z_]*\)=.*/\1/p' "$TICKETPOST_CONFIG" | sort -u | while IFS= read -r key; do
	grep -q "$key" "$TMP/page5" || echo "$key"
done >"$TMP/missing"
is "manual: every setting is in it" "$(cat "$TMP/missing")" ""
has "manual: with the exit codes" "$TMP/page1" '^ +75|^\.RS|75'
has "manual: and options" "$TMP/page1" 'no-such|--dry-run|-dry'

check "completion: bash reads it" bash -n "$pages/ticketpost.bash"
complete() {
	# shellcheck disable=SC2016
	bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ticketpost; echo "${COMPREPLY[*]}"' \
	    bash "$pages/ticketpost.bash" "$@"
}
is "completion: of the first word" "$(complete ticketpost par)" "party"
is "completion: of the second" "$(complete ticketpost party re)" "remove revoke"
is "completion: of an option" "$(complete ticketpost party grant --gr)" "--group"
is "completion: of an option of all" "$(complete ticketpost order list --js)" "--json"
is "completion: past the settings file" "$(complete ticketpost --config x ticket act)" "activate"
is "completion: of a command of one word" "$(complete ticketpost stats --fr)" "--from"

# And what stats says is what was done.
tp import "$TP_SOURCE/tests/samples/vendor.json" >/dev/null
printf '{"order":"S-1","source":"t","party":"R-100","customer":{"name":"N","email":"n@example.org"},"lines":[{"product":"CAD-PRO","quantity":3}]}' >"$TMP/o.json"
tp order submit "$TMP/o.json" >/dev/null 2>&1
check "stats: the queue drains" tp work --drain
is "stats: today" "$(tp stats --json | json '[d["days"][-1]["orders"], d["days"][-1]["tickets"], d["days"][-1]["sent"], len(d["days"]), d["issue"]["orders"]]')" "[1, 3, 3, 14, 1]"
is "stats: the sum of all days" "$(tp stats --json | json 'd["total"]["tickets"]')" "3"
is "stats: a span without anything" "$(tp stats --from 2020-01-01 --to 2020-01-02 --json | json '[len(d["days"]), d["total"]["tickets"]]')" "[2, 0]"
refuses "stats: a span that ends before it begins" 65 tp stats --from 2020-01-02 --to 2020-01-01
finish
