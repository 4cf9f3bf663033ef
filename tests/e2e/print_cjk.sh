#!/bin/sh
# print_cjk.sh - names in Chinese and Japanese on cards, letters, labels and lists; without a
# font for them the card is held before anything is printed, and can go by mail.
. "$TP_SOURCE/tests/e2e/lib.sh"
need pdftotext pdffonts qpdf pdftoppm zbarimg
font=/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf
[ -r "$font" ] || { skip "print_cjk fonts-droid-fallback is not installed"; exit 0; }

order() {
	printf '{"order":"%s","source":"s","party":"R-100","customer":{"id":"K-%s","name":"%s","company":"%s","email":"%s@example.com","address":{"lines":["%s"],"postcode":"%s","city":"%s","region":"%s","country":"%s"}},"deliver":{"by":"post","to":"customer"},"lines":[{"line":"1","product":"CAD-PRO","quantity":1}]}' \
	    "$@" | tp order submit - >/dev/null
}

new_instance
tp import "$TP_SOURCE/tests/samples/vendor.json" >/dev/null 2>&1
setting gateway address "Kaiserallee 153; 76133 Karlsruhe"
setting print gather 1h
setting print labels avery-l7163
setting print notes true
folder=$INSTANCE/printed

order J-1 j1 "山田 太郎" "東京機械株式会社" j1 "丸の内 1-1" 100-0001 "千代田区" "東京都" JP
order J-2 j2 "王小明" "北京机械有限公司" j2 "建国路 88" 100022 "北京" "" CN
order D-1 d1 "Jörg Müller" "Häfele GmbH" d1 "Hauptstr. 1" 79098 "Freiburg" "" DE
is "cjk: cards with a fallback font that is installed" "$(written 1)" rendered
pdftotext -layout "$folder/batch-000001.pdf" "$TMP/text"
for name in "山田 太郎" "王小明" "東京機械株式会社" "Jörg Müller"; do
	has "cjk: $name is on the card" "$TMP/text" "$name"
done
pdftotext -layout "$folder/batch-000001-labels.pdf" "$TMP/text"
has "cjk: and on the label" "$TMP/text" '山田 太郎'
has "cjk: with the town" "$TMP/text" '千代田区'
pdftotext -layout "$folder/batch-000001-list.pdf" "$TMP/text"
has "cjk: and on the packing list" "$TMP/text" '王小明'
pdftotext -layout "$folder/batch-000001-notes.pdf" "$TMP/text"
has "cjk: and on the delivery note" "$TMP/text" '山田 太郎'
pdffonts "$folder/batch-000001.pdf" >"$TMP/fonts"
is "cjk: every font is embedded as a subset" "$(awk 'NR > 2 { print $(NF-4), $(NF-3) }' "$TMP/fonts" | sort -u)" "yes yes"
size=$(wc -c <"$folder/batch-000001.pdf")
[ "$size" -lt 120000 ] && ok "cjk: of the letters used ($size bytes)" || { echo "$size" >"$TMP/out"; not_ok "cjk: small" "$TMP/out"; }
qpdf --check "$folder/batch-000001.pdf" >"$TMP/out" 2>&1 && ok "cjk: qpdf finds no fault" || not_ok "cjk: qpdf" "$TMP/out"
is "cjk: the codes scan" "$(qr "$folder/batch-000001.pdf" | wc -l)" 3

setting print product letter
order J-3 j3 "山田 花子" "東京機械" j3 "丸の内 1-1" 100-0001 "千代田区" "東京都" JP
is "cjk: a letter" "$(written 2)" rendered
pdftotext -layout "$folder/batch-000002.pdf" "$TMP/text"
has "cjk: greets by name" "$TMP/text" '山田 花子'

# Without a font: held before a sheet is wasted, and the way out works.
setting print product sheet
setting print labels ""
setting print notes false
setting print font_fallback off
order J-4 j4 "山田 次郎" "東京機械" j4 "丸の内 1-1" 100-0001 "千代田区" "東京都" JP
order D-2 d2 "Max Moritz" "Moritz GmbH" d2 "Weg 1" 79098 "Freiburg" "" DE
is "cjk: without one the others are printed" "$(written 3)" rendered
tp ticket list --order J-4 --json >"$TMP/out"
is "cjk: and the card is held" "$(json 'd["tickets"][0]["deliveries"][0]["state"]' "$TMP/out")" held
tp print show 3 >"$TMP/out"
has "cjk: with the characters named" "$TMP/out" 'HOLDER: no font shows U\+5C71 .山.'
id=$(tp ticket list --order J-4 --json | json 'd["tickets"][0]["id"]')
has "cjk: and the offer to send it by mail" "$TMP/out" "ticket resend $id"
check "cjk: the offer holds" tp ticket resend "$id" --to j4@example.com --reason "no font"
tp work --drain >/dev/null 2>&1
mails "$INSTANCE/outbox" >"$TMP/mails" 2>&1
is "cjk: one mail left, with the name" "$(json '[(m["to"], "山田 次郎" in m["text"]) for m in d]' "$TMP/mails" | grep -c 'j4@example.com.*true')" 1
setting print font_fallback "$font"
check "cjk: with the font named it is printed after all" tp ticket reprint "$id" --reason "font installed"
is "cjk: on a card of its own" "$(written 4)" rendered
pdftotext -layout "$folder/batch-000004.pdf" "$TMP/text"
has "cjk: with the name" "$TMP/text" '山田 次郎'
finish
