#!/bin/sh
# privacy.sh - a person is shown, erased everywhere, and stays erased after a restore.
. "$TP_SOURCE/tests/e2e/lib.sh"

need pdftotext minisign

traces() {
	/usr/bin/python3 "$TP_SOURCE/tests/e2e/traces.py" "$@"
}
# Everything by which the person could be known.
person() {
	traces "$1" 'Zsófia Kettenbrück' 'KETTENBRÜCK' 'zsofia@kettenbrueck.example' 'Kettenbrück Mühlenbau' \
	    'Am Wiesengrund 17b' 'PO-ZK-4711' 'K-ZSOFIA'
}

samples=$TP_SOURCE/tests/samples
new_instance
setting intake settle 0s
setting privacy notice_version 2027-x
check "privacy: the vendor is loaded" tp import "$samples/vendor.json"
cat >"$INSTANCE/inbox/zk.json.tmp" <<'E'
[{"order": "ZK-1", "source": "erp", "party": "R-100", "reference": "PO-ZK-4711",
  "customer": {"id": "K-ZSOFIA", "name": "Zsófia Kettenbrück", "company": "Kettenbrück Mühlenbau",
   "email": "zsofia@kettenbrueck.example", "language": "de",
   "address": {"lines": ["Am Wiesengrund 17b"], "postcode": "76227", "city": "Karlsruhe", "country": "DE"}},
  "deliver": {"by": "email", "to": "customer"}, "lines": [{"line": "1", "product": "CAD-PRO", "quantity": 2}]},
 {"order": "ZK-2", "source": "erp", "party": "R-100", "customer": {"id": "K-ZSOFIA"},
  "deliver": {"by": "post", "to": "customer"}, "lines": [{"line": "1", "product": "CAD-LT", "quantity": 1}]},
 {"order": "OTHER", "source": "erp", "party": "R-100",
  "customer": {"id": "K-2", "name": "Ottokar Findeisen", "email": "otto@findeisen.example",
   "address": {"lines": ["Waldstr. 2"], "postcode": "76133", "city": "Karlsruhe", "country": "DE"}},
  "deliver": {"by": "post", "to": "customer"}, "lines": [{"line": "1", "product": "CAD-LT", "quantity": 1}]}]
E
mv "$INSTANCE/inbox/zk.json.tmp" "$INSTANCE/inbox/zk.json"
check "privacy: orders are issued and delivered" tp work --drain
# A reason in which somebody wrote the name, and an order that is still open.
id=$(tp ticket list --json | json '[t["id"] for t in d["tickets"] if t["order"] == "ZK-1"][0]')
tp ticket reveal --reason "Zsófia Kettenbrück rang" "$id" >"$TMP/code" 2>/dev/null
printf 'order,party,customer,product,quantity\nZK-3,R-100,K-ZSOFIA,CAD-PRO,1\n' >"$TMP/3.csv"
check "privacy: a third order waits" tp order submit --source shop "$TMP/3.csv"

mails --out "$TMP/mail" "$INSTANCE/outbox" >"$TMP/mails.json" 2>&1
is "privacy: the first mail to a customer carries the notice, the second does not (R14.2)" \
    "$(grep -l 'To:.*zsofia@' "$INSTANCE"/outbox/new/* | xargs grep -l 'Fassung 2027-x' | wc -l | tr -d ' ')" 1
grep -lr 'Fassung 2027-x' "$INSTANCE/outbox/new" | xargs cat >"$TMP/told"
has "privacy: and names the usual purpose in its language" "$TMP/told" 'Lizenzvertrag'
lacks "privacy: in no other" "$TMP/told" 'licence contract'
person "$INSTANCE" >"$TMP/before"
has "privacy: the store holds the person (else this test says nothing)" "$TMP/before" 'ticketpost.db'
has "privacy: and the order file" "$TMP/before" 'inbox/done'
has "privacy: and a mail" "$TMP/before" 'outbox'
has "privacy: and a sheet" "$TMP/before" 'printed'
check "privacy: the data are shown, readable" tp privacy export R-100/K-ZSOFIA
has "privacy: with the address" "$TMP/out" 'Wiesengrund'
tp privacy export --json zsofia@kettenbrueck.example >"$TMP/export.json"
is "privacy: and as JSON, table by table" \
    "$(json 'sorted(d["tables"])' "$TMP/export.json")" \
    '["delivery", "job", "licence", "mail_out", "order_line", "orders", "party", "print_piece", "privacy_notice", "sale_event", "ticket"]'
lacks "privacy: no key, seal or hash in it" "$TMP/export.json" 'sealed|lookup|_hash'

mkdir "$TMP/backups"
check "privacy: a backup is made" tp backup "$TMP/backups/old.db"
check "privacy: a dry run tells" tp privacy erase --dry-run R-100/K-ZSOFIA
has "privacy: what goes" "$TMP/out" 'party .*name, company, email.*address'
has "privacy: what stays and why" "$TMP/out" 'booking record'
person "$INSTANCE" >"$TMP/still"
is "privacy: and changes nothing" "$(cat "$TMP/still")" "$(cat "$TMP/before")"
refuses "privacy: an erasure needs a reason" 65 tp privacy erase R-100/K-ZSOFIA
refuses "privacy: which does not name the person" 65 \
    tp privacy erase R-100/K-ZSOFIA --reason 'zsófia kettenbrück asked'
refuses "privacy: a reseller is no person" 69 tp privacy erase R-100 --reason x
refuses "privacy: nobody is not found" 66 tp privacy erase no@body.example --reason x

check "privacy: the person is erased" tp privacy erase R-100/K-ZSOFIA --json --reason 'asked by letter'
cp "$TMP/out" "$TMP/report.json"
is "privacy: no trace in the store's file, its log, or any folder" "$(person "$INSTANCE")" ""
is "privacy: others are untouched" \
    "$(traces "$INSTANCE" 'otto@findeisen.example' | grep -c 'ticketpost.db')" 1
check "privacy: the audit chain is whole" tp audit verify
is "privacy: the open order is withdrawn" \
    "$(tp order list --json | json '[o["state"] for o in d["orders"] if o["order"] == "ZK-3"]')" '["cancelled"]'
check "privacy: what was sold is still known" tp ticket list --order ZK-1
check "privacy: the licence is found with the ticket alone" tp ticket verify "$(cat "$TMP/code")"
check "privacy: nothing more leaves" tp work --drain
is "privacy: no trace after further work" "$(person "$INSTANCE")" ""
file=$(json 'd["file"]' "$TMP/report.json")
check "privacy: the report is signed" minisign -Vm "$file" -P "$(tp privacy key)"
refuses "privacy: there is nobody left to erase" 66 tp privacy erase R-100/K-ZSOFIA --reason again
check "privacy: a later backup" tp backup "$TMP/backups/new.db"
mkdir "$TMP/later" && mv "$TMP/backups/new.db" "$TMP/later"
is "privacy: holds no trace" "$(person "$TMP/later")" ""
check "privacy: the sheet of the others is made again" tp print render 1
is "privacy: without the person" "$(person "$INSTANCE")" ""
has "privacy: with the others" /dev/stdin 'Findeisen' <<E
$(pdftotext -layout "$INSTANCE"/printed/batch-000001.pdf -)
E

# Restore the backup in which the person still is: the log has the last word.
rm -f "$INSTANCE"/ticketpost.db*
cp "$TMP/backups/old.db" "$INSTANCE/ticketpost.db"
person "$INSTANCE" >"$TMP/restored"
has "privacy: the restored store holds the person" "$TMP/restored" 'ticketpost.db'
check "privacy: the log is applied again" tp work --drain
is "privacy: and the person is erased once more" "$(person "$INSTANCE")" ""
check "privacy: the audit chain of the restored store is whole" tp audit verify
check "privacy: again is harmless" tp privacy again
has "privacy: and finds nothing to do" "$TMP/out" '^0 '
# ---- a customer who is reached by letter alone ----
new_instance letters
setting print product letter
setting print gather 0s
setting gateway address "Musterstr. 1; 76131 Karlsruhe"
setting privacy notice_version 2027-x
check "privacy: letters: the vendor is loaded" tp import "$samples/vendor.json"
for n in 1 2; do
	printf '{"order":"L-%s","source":"s","party":"R-100","customer":{"id":"K-L","name":"Zoë Brontë","language":"de","address":{"lines":["Kaiserstr. 1"],"postcode":"76133","city":"Karlsruhe","country":"DE"}},"deliver":{"by":"post","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":2}]}\n' $n >"$TMP/l.json"
	tp order submit -q "$TMP/l.json"
	tp work --drain -q
done
for file in "$INSTANCE"/printed/batch-00000?.pdf; do pdftotext -layout "$file" - | grep -c 'Fassung 2027-x'; done >"$TMP/told"
is "privacy: letters: the first tells it, once, the second does not" "$(tr '\n' ' ' <"$TMP/told")" "1 0 "
finish
