#!/bin/sh
# mail_encrypt.sh - tickets encrypted to who has a key on file, read again by gpg and openssl.
. "$TP_SOURCE/tests/e2e/lib.sh"

need gpg
need gpgsm
need openssl
new_instance
check "encrypt: the vendor is loaded" tp import "$TP_SOURCE/tests/samples/vendor.json"
GNUPGHOME=$TMP/person
export GNUPGHOME
mkdir -m 700 "$GNUPGHOME"
gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-gen-key 'Ada <ada@cut.example>' future-default default never 2>"$TMP/err" ||
	not_ok "encrypt: a key is made" "$TMP/err"
gpg --batch --armor --export >"$TMP/ada.asc"
openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=Bob" -days 30 -addext "subjectAltName=email:bob@customer.example" \
    -addext "keyUsage=keyEncipherment,digitalSignature,keyCertSign" -keyout "$TMP/bob.key" -out "$TMP/bob.pem" 2>/dev/null

port=$(free_port)
mkdir "$TMP/kept"
start keep /usr/bin/python3 "$TP_SOURCE/tests/e2e/smtp_keep.py" "$port" "$TMP/kept"
wait_port "$port"
setting mail transport "smtp://127.0.0.1:$port"
setting mail doubt_after 0s

refuses "encrypt: a secret key is not taken" 65 tp mail encrypt bob@customer.example "$TMP/bob.key"
refuses "encrypt: nor is what is no key" 65 tp mail encrypt bob@customer.example "$TP_SOURCE/README.md"
check "encrypt: a PGP key is put on file" tp mail encrypt Ada@cut.example "$TMP/ada.asc"
check "encrypt: and a certificate" tp mail encrypt bob@customer.example "$TMP/bob.pem"
tp mail keys --json >"$TMP/keys"
is "encrypt: both are listed" "$(json '[(k["address"], k["kind"]) for k in d["keys"]]' "$TMP/keys")" \
    '[["ada@cut.example", "pgp"], ["bob@customer.example", "smime"]]'

order() { # NUMBER TO
	printf '{ "order": "%s", "source": "erp", "party": "R-100", "customer": { "name": "X", "email": "%s" }, "deliver": { "by": "email", "to": "customer" }, "lines": [ { "line": "1", "product": "CAD-LT", "quantity": 1 } ] }\n' "$1" "$2" | tp order submit - >"$TMP/out" 2>&1
}
codes() { # FILE - what looks like a code in it
	grep -oE '\b([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}\b' "$1" | sort -u | wc -l
}
mails_to() {
	grep -l "^Delivered-To: $1" "$TMP"/kept/*.eml
}
order E-1 ada@cut.example
order E-2 bob@customer.example
order E-3 carl@customer.example
check "encrypt: three tickets are mailed" tp work --drain
wait_for 30 sh -c "[ \$(grep -l '^Delivered-To: ada@cut.example' '$TMP'/kept/*.eml | wc -l) = 2 ] || '$TP_BIN' work --drain >/dev/null 2>&1 && [ \$(grep -l '^Delivered-To: ada@cut.example' '$TMP'/kept/*.eml | wc -l) = 2 ]"
is "encrypt: the first was in doubt, and left twice" "$(mails_to ada@cut.example | wc -l)" 2
sed '1,/^\r$/d' "$(mails_to ada@cut.example | head -n 1)" >"$TMP/first"
sed '1,/^\r$/d' "$(mails_to ada@cut.example | tail -n 1)" >"$TMP/second"
check "encrypt: with the same bytes" cmp "$TMP/first" "$TMP/second"
is "encrypt: no code can be read in them" "$(codes "$TMP/first")" 0
has "encrypt: it is PGP/MIME" "$(mails_to ada@cut.example | head -n 1)" '^Content-Type: multipart/encrypted;'
gpg --batch --quiet --decrypt <"$TMP/first" >"$TMP/plain" 2>"$TMP/err"
is "encrypt: gpg reads the ticket" "$(codes "$TMP/plain")" 1
has "encrypt: with its parts" "$TMP/plain" '^Content-Type: multipart/mixed'

openssl cms -decrypt -in "$(mails_to bob@customer.example)" -recip "$TMP/bob.pem" -inkey "$TMP/bob.key" -out "$TMP/plain" 2>"$TMP/err"
is "encrypt: openssl reads the other" "$(codes "$TMP/plain")" 1
is "encrypt: which nobody else can" "$(codes "$(mails_to bob@customer.example)")" 0
is "encrypt: who has no key gets the mail as ever" "$(codes "$(mails_to carl@customer.example)")" 1

setting mail encrypt must
order E-4 carl@customer.example
check "encrypt: when it must be encrypted" tp work --drain
is "encrypt: a ticket without a key does not leave" "$(mails_to carl@customer.example | wc -l)" 1
tp queue list --json >"$TMP/queue"
has "encrypt: and says why" "$TMP/queue" "there is no key of its recipient"
setting mail encrypt off
check "encrypt: off" tp queue release --all
order E-5 bob@customer.example
check "encrypt: nothing is encrypted" tp work --drain
is "encrypt: not even to who has a key" "$(mails_to bob@customer.example | tail -n 1 | xargs grep -c 'pkcs7-mime')" 0
check "encrypt: a key can be taken away" tp mail encrypt bob@customer.example --remove --reason "left"
refuses "encrypt: once" 66 tp mail encrypt bob@customer.example --remove
gpgconf --kill all
finish
