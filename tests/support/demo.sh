#!/bin/sh
# demo.sh [FOLDER] - orders from nothing to tickets, in ./demo.  No server is needed: mails go into
# a maildir, cards into PDFs.  Running it again takes the same orders as duplicates.
#
# Uses $TP_BIN, or build/ticketpost.  Needs nothing but the program and a shell.
set -eu
cd "$(dirname "$0")/../.."
tp=${TP_BIN:-build/ticketpost}
demo=${1:-demo}
case $demo in /*) whole=$demo ;; *) whole=$PWD/$demo ;; esac
samples=tests/samples
export TICKETPOST_CONFIG="$demo/ticketpost.conf"

bold= dim= plain=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
	bold=$(printf '\033[1m') dim=$(printf '\033[2m') plain=$(printf '\033[0m')
fi

# Each step shows the command that a person would type.
step() {
	printf '\n%s%s%s\n%s$ ticketpost %s%s\n' "$bold" "$1" "$plain" "$dim" "$2" "$plain"
}

indent() {
	sed 's/^/  /'
}

if [ ! -e "$TICKETPOST_CONFIG" ]; then
	step "A new instance" "init $demo"
	"$tp" init "$demo" | indent
fi

step "The vendor: products, resellers, employees" "import $samples/vendor.json"
"$tp" import $samples/vendor.json | indent

step "Orders, as ERP, shop and dealers write them" "order submit $samples/orders/*"
# 65: something was refused.  Two orders are there to be refused, and one comes twice.
status=0
"$tp" order submit $samples/orders/* >"$demo/submitted.txt" 2>"$demo/submitted.err" || status=$?
[ $status = 65 ] || { cat "$demo/submitted.txt" "$demo/submitted.err" >&2
	echo "demo: order submit ended with $status, 65 was expected" >&2; exit 70; }
indent <"$demo/submitted.err"
# What was refused, with its reasons; accepted orders and duplicates need no word here.
awk '/^[^ ]/ { show = $2 == "rejected" } show { print "  " $0 }' "$demo/submitted.txt"
rm -f "$demo/submitted.txt" "$demo/submitted.err"

step "Tickets, mails and cards" "work --drain"
"$tp" work --drain

step "What became of it" "status"
"$tp" status | indent

count() {
	find "$demo/$1" -type f -name "$2" 2>/dev/null | wc -l
}

# The newest mail and sheet, to be opened first.
newest() {
	find "$demo/$1" -type f -name "$2" -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2-
}

mail=$(newest outbox/new '*')
# Where a font for its characters is installed, it is not held.
about="what an order is made of: its lines, their tickets"
if "$tp" status | grep -q held; then
	about="why this card is held: no font has its characters"
fi
cat <<END

${bold}Where it is${plain}
  mails  $demo/outbox/new/  ($(count outbox/new '*'))   one a recipient; open one with a mail program
  cards  $demo/printed/  ($(count printed 'batch-*[0-9].pdf'))   sheets to print: $(newest printed 'batch-*[0-9].pdf')
  store  $demo/ticketpost.db   settings: $TICKETPOST_CONFIG

${bold}Three commands to try next${plain}
  export TICKETPOST_CONFIG=$whole/ticketpost.conf
  $tp order show SO-2026-000217      ${dim}$about${plain}
  $tp ticket list --order SO-2026-000114
  $tp ticket verify "\$(grep -Eom1 '^([0-9A-Z]{5}-){4}[0-9A-Z]{5}' $mail)"
END
