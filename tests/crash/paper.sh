#!/bin/sh
# paper.sh - the process killed at the n-th fault point, for every n, of each command that handles
# cards on paper: scan, spoil, render, ship, returned, reprint with an address.  The command is
# given again, the day goes on as on any other day, and its end is that of an undisturbed one.
#
# Needs a build with fault points.  STEP=k looks at every k-th point only (smoke).
set -u
. "$TP_SOURCE/tests/e2e/lib.sh"
step=${STEP:-1}
export TICKETPOST_NOW=2026-12-01T11:00:00Z

new_instance base
setting print gather 1h
setting print labels avery-l7163
setting gateway address "Kaiserallee 153; 76133 Karlsruhe"
echo '{"lines": ["Neue Gasse 7"], "postcode": "10115", "city": "Berlin", "country": "DE"}' >"$TMP/address.json"
for i in 1 2 3; do
	printf '{"order": "D-%s", "source": "s", "party": "R-100", "customer": {"id": "K-%s", "name": "Max Moritz",
	  "address": {"lines": ["Weg %s"], "postcode": "76133", "city": "Karlsruhe", "country": "DE"}},
	  "deliver": {"by": "post", "to": "customer"}, "lines": [{"line": "1", "product": "CAD-PRO", "quantity": 1}]}' \
	    $i $i $i | tr -d '\n'
	echo
done >"$TMP/orders.jsonl"
{
	tp import "$TP_SOURCE/tests/samples/vendor.json" && tp order submit "$TMP/orders.jsonl" && tp work --drain &&
		tp print close 1 && tp print render 1 && tp print printed 1
} >"$TMP/out" 2>&1 || not_ok "crash: a batch is on paper" "$TMP/out"
tp print show 1 --json >"$TMP/first"
for i in 0 1 2; do
	eval "card$i=$(json "d['cards'][$i]['serial']" "$TMP/first") label$i=$(json "d['cards'][$i]['label']" "$TMP/first")"
	eval "ticket$i=$(json "d['cards'][$i]['ticket']" "$TMP/first")"
done
# second EXPRESSION - of the card that takes the place of the spoiled one.
second() {
	tp print show 2 --json | json "d['cards'][0]['$1']"
}

# The day, command by command.
day="scan spoil close render printed rest ship away returned reprint freeze write"
deed() {
	case $1 in
	scan) set -- print scan "$label0" "$card0" "$label1" "$card1" ;;
	spoil) set -- print spoil "$card2" --reason coffee ;;
	close) set -- print close 2 ;;
	render) set -- print render 2 ;;
	printed) set -- print printed 2 ;;
	rest) set -- print scan "$(second label)" "$(second serial)" ;;
	ship) set -- print ship 1 --tracking DE123 ;;
	away) set -- print ship 2 --tracking DE124 ;;
	returned) set -- print returned "$card0" --reason moved ;;
	reprint) set -- ticket reprint "$ticket0" --reason moved --address "$TMP/address.json" ;;
	freeze) set -- print close 3 ;;
	write) set -- print render 3 ;;
	esac
	exec "$TP_BIN" "$@"
}
# plays COMMAND... - the rest of the day; every command is taken.
plays() {
	for it in "$@"; do
		(deed "$it") >"$TMP/said" 2>&1 || { echo "$it: exit $?"; cat "$TMP/said"; }
	done
}

# What the end of a day looks like, and what is wrong with it whatever it looks like.
ending() {
	for batch in 1 2 3; do
		tp print show $batch --json || break
	done >"$TMP/batches" 2>&1
	tp audit list --json >"$TMP/audit"
	python3 - "$TMP/batches" "$TMP/audit" "$TICKETPOST_CONFIG" <<'PY'
import collections, hashlib, json, os, sys

text, batches, at = open(sys.argv[1]).read().strip(), [], 0
while at < len(text):
    batch, at = json.JSONDecoder().raw_decode(text, at)
    batches.append(batch)
    at += len(text[at:]) - len(text[at:].lstrip())
cards = [card for batch in batches for card in batch["cards"]]
for batch in batches:
    print("batch", batch["id"], batch["state"], batch["tracking"])
    for file in batch["files"]:
        path = os.path.join(os.path.dirname(sys.argv[3]), "printed", file["name"])
        sum = hashlib.sha256(open(path, "rb").read()).hexdigest()
        print("file", file["name"], file["state"], sum)
        if sum != file["sha256"]:
            print("WRONG:", file["name"], "is not what was noted")
for card in cards:
    print("card", card["serial"], card["ticket"], card["state"], card["reprint"], card["reason"])
for serial, times in collections.Counter(card["serial"] for card in cards).items():
    if times > 1:
        print("WRONG: serial", serial, "stands on", times, "cards")
for ticket in {card["ticket"] for card in cards}:
    live = [c["serial"] for c in cards if c["ticket"] == ticket and c["state"] not in ("spoiled", "returned", "pulled")]
    if len(live) != 1:
        print("WRONG: ticket", ticket, "has live cards:", live)
# Written again is told again; nothing else is.
deeds = collections.Counter((e["action"], e["subject"], e["detail"])
                            for e in json.load(open(sys.argv[2]))["audit"])
for deed, times in sorted(deeds.items(), key=str):
    print("audit", *deed, 1 if deed[0] == "print.rendered" else times)
PY
	tp audit verify >/dev/null 2>&1 || echo "WRONG: the audit chain is broken"
	tp check >"$TMP/said" 2>&1 || { echo "WRONG: the store is not sound"; cat "$TMP/said"; }
	find "$TMP/run/printed" -name '.*' -type f | sed 's/^/WRONG: left behind: /'
}

# points COMMAND LEAST - kills it at its n-th point for n = 1, 2, 3 ..., gives it again.
points() {
	before=${day%%"$1"*}
	after=${day#*"$1"}
	died=0
	n=1
	rm -rf "$TMP/eve"
	cp -a "$TMP/base" "$TMP/eve"
	TICKETPOST_CONFIG=$TMP/eve/ticketpost.conf
	plays $before >"$TMP/found"
	while [ ! -s "$TMP/found" ]; do
		rm -rf "$TMP/run"
		cp -a "$TMP/eve" "$TMP/run"
		TICKETPOST_CONFIG=$TMP/run/ticketpost.conf
		code=0
		(TICKETPOST_FAULT=die:$n deed "$1") >"$TMP/out" 2>&1 || code=$?
		[ $code = 137 ] || break
		# Refused, if the first time had done it all.
		(deed "$1") >"$TMP/out" 2>&1 || { code=$?; [ $code = 75 ] || { echo "again: exit $code"; cat "$TMP/out"; }; } >"$TMP/found"
		plays $after >>"$TMP/found"
		ending >"$TMP/end"
		grep WRONG "$TMP/end" >>"$TMP/found"
		diff "$TMP/reference" "$TMP/end" >>"$TMP/found"
		sed -i "1s/^/point $n: /" "$TMP/found"
		died=$((died + 1))
		n=$((n + step))
	done
	[ -s "$TMP/found" ] || [ $code = 0 ] || echo "exit $code, undisturbed" >"$TMP/found"
	[ $((died * step)) -ge $(($2 - step + 1)) ] || [ -s "$TMP/found" ] || echo "only $died points" >"$TMP/found"
	if [ -s "$TMP/found" ]; then
		not_ok "crash: $1, killed at any point and given again, ends well" "$TMP/found"
	else
		ok "crash: $1, killed at each of $died points and given again, ends well"
	fi
}

cp -a "$TMP/base" "$TMP/run"
TICKETPOST_CONFIG=$TMP/run/ticketpost.conf
plays $day >"$TMP/found"
ending >"$TMP/reference"
grep WRONG "$TMP/reference" >>"$TMP/found"
[ ! -s "$TMP/found" ] && ok "crash: the day undisturbed" || not_ok "crash: the day undisturbed" "$TMP/found"
is "crash: its batches" "$(grep ^batch "$TMP/reference" | tr '\n' ' ')" \
    "batch 1 shipped DE123 batch 2 shipped DE124 batch 3 rendered None "
is "crash: its cards" "$(grep ^card "$TMP/reference" | cut -d' ' -f3-5 | tr '\n' ' ')" \
    "$ticket0 returned 0 $ticket1 shipped 0 $ticket2 spoiled 0 $ticket2 shipped 1 $ticket0 rendered 1 "
if command -v pdftotext >/dev/null 2>&1; then
	pdftotext "$TMP/run/printed/batch-000003-labels.pdf" "$TMP/text"
	has "crash: the new address is on the label" "$TMP/text" '10115 Berlin'
fi
# At least the commit, before and after, and the store's closing; scan: per pair and label.
points scan 9
points spoil 3
points render 30
points ship 3
points returned 3
points reprint 3
finish
