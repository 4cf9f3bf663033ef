#!/bin/sh
# orders.sh - the sample orders from file to mail and paper: what must come of each one does.
. "$TP_SOURCE/tests/e2e/lib.sh"

need zbarimg pdftoppm qpdf
"$TP_BIN" order submit --help 2>&1 | grep -q FILE || {
	skip orders the program takes no orders yet
	exit 0
}

samples=$TP_SOURCE/tests/samples
new_instance
# What the samples expect must not hang on the fonts of this machine.
setting print font_fallback off
check "orders: the vendor is loaded" tp import "$samples/vendor.json"
check "orders: and loaded again" tp import "$samples/vendor.json"
tp order submit --json "$samples"/orders/* >"$TMP/answers.json" 2>"$TMP/err"
is "orders: something was refused" $? 65
check "orders: the queue drains" tp work --drain
check "orders: tickets are listed" tp ticket list --json
cp "$TMP/out" "$TMP/tickets.json"

mails --out "$TMP/parts" "$INSTANCE/outbox" >"$TMP/mails.json"
is "orders: no mail breaks a rule" \
    "$(json '[m["subject"] + ": " + f for m in d for f in m["faults"]][:5]' "$TMP/mails.json")" "[]"
find "$TMP/parts" -name '*.png' -exec sh "$TP_SOURCE/tests/e2e/qr.sh" {} + >"$TMP/pictures.txt"
qr "$INSTANCE"/printed/batch-*[0-9].pdf >"$TMP/sheets.txt"
for pdf in "$INSTANCE"/printed/*.pdf $(find "$TMP/parts" -name '*.pdf' | head -n 12); do
	qpdf --check "$pdf" || echo "broken: $pdf"
done >"$TMP/qpdf" 2>&1
lacks "orders: qpdf finds no fault in any PDF" "$TMP/qpdf" 'WARNING|ERROR|^broken'

PYTHONPATH=$samples PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$samples/outcome.py" "$TMP" ||
	bad=$((bad + 1))

# The same files again: nothing happens twice.
before=$(find "$INSTANCE/outbox" "$INSTANCE/printed" -type f | sort)
tp order submit --json "$samples"/orders/* >"$TMP/again.json" 2>"$TMP/err"
is "orders: again, the same two are refused" $? 65
is "orders: and everything else is a duplicate" \
    "$(json 'sorted({o["status"] for o in d["orders"]})' "$TMP/again.json")" '["duplicate", "rejected"]'
check "orders: the queue drains again" tp work --drain
is "orders: no mail and no sheet is made twice" \
    "$(find "$INSTANCE/outbox" "$INSTANCE/printed" -type f | sort)" "$before"
check "orders: the audit chain is whole" tp audit verify
finish
