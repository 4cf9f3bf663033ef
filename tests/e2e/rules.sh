#!/bin/sh
# rules.sh - every test that RULES.md names is there.
. "$TP_SOURCE/tests/e2e/lib.sh"

awk -F' *\\| *' '$2 ~ /^R[0-9]+\.[0-9]+$/ { gsub(/`/, "", $4); print $4 "|" $5 }' "$TP_SOURCE/tests/RULES.md" >"$TMP/rules"
missing=
while IFS='|' read -r file name; do
	grep -qF -- "$name" "$TP_SOURCE/tests/$file" || missing="$missing
$file: $name"
done <"$TMP/rules"
is "rules: no test is named that is not there" "$missing" ""
is "rules: there is a test for most" "$([ "$(wc -l <"$TMP/rules")" -ge 70 ] && echo yes)" yes
for rule in 4.1 4.2 4.3 4.4 5.1 5.2 5.3 5.4 6.1 6.2 6.3 6.4 7.1 7.2 7.3 7.4 8.1 8.2 8.3 8.4 8.5 9.1 9.2 9.3 9.4 9.5 \
    10.1 10.2 10.3 10.4 10.5 10.6 11.1 11.2 11.3 11.4 11.5 15.1 15.2 15.3 15.4; do
	grep -q "^| R$rule |" "$TP_SOURCE/tests/RULES.md" || not_ok "rules: R$rule has a test"
done
finish
