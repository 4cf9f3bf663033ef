#!/bin/sh
# bench.sh [ORDERS] - each figure beside its peer or limit, measured in one run.  Nothing here
# fails a build: the speed of a machine is its own business, ratios are ours.
#
#   order -> ticket -> mail (QR picture, card PDF) -> smtp-sink, against smtp-source with the
#   same size and the same number of connections
#   fdatasync an order, peak memory, bytes a mail; a sheet of 10,000 cards
#   three years of 10,000 subscriptions, simulated; 100,000 employees scheduled in one run;
#   reports of a month of a million licences
set -eu
cd "$(dirname "$0")/../.."
tp=$PWD/build/release/ticketpost
n=${1:-2000}
connections=16
tmp=$(mktemp -d)
sink=
trap '[ -z "$sink" ] || kill "$sink" 2>/dev/null; rm -rf "$tmp"' EXIT INT TERM
port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

ratio() {
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", (b > 0 ? a / b : 0) }'
}

now() {
	date +%s.%N
}

per_s() {
	awk -v n="$1" -v a="$2" -v b="$3" 'BEGIN { printf "%.0f", n / (b - a) }'
}

row() {
	printf '%-44s %12s  %s\n' "$1" "$2" "$3"
}

# Orders of one ticket each, to customers of their own.
make_orders() {
	awk -v n="$1" 'BEGIN {
		for (i = 1; i <= n; i++)
			printf "{\"order\":\"B-%d\",\"source\":\"bench\",\"party\":\"R-100\"," \
			    "\"customer\":{\"name\":\"Zoë Müller %d\",\"company\":\"Größer %d GmbH\"," \
			    "\"email\":\"c%d@example.org\",\"language\":\"de\"}," \
			    "\"deliver\":{\"by\":\"email\",\"to\":\"customer\"}," \
			    "\"lines\":[{\"line\":\"1\",\"product\":\"CAD-PRO\",\"quantity\":1}]}\n", i, i, i, i
	}'
}

instance() {
	"$tp" init "$1" >/dev/null
	sed -i "s|^transport=.*|transport=$2|; s|^connections=.*|connections=$connections|" "$1/ticketpost.conf"
	export TICKETPOST_CONFIG="$1/ticketpost.conf"
	"$tp" import tests/samples/vendor.json >/dev/null
}

start_sink() {
	smtp-sink -u nobody -c "127.0.0.1:$port" 512 >/dev/null 2>&1 &
	sink=$!
	sleep 0.5
}

make_orders "$n" >"$tmp/orders.jsonl"
start_sink

# How large a mail is decides what the peer has to carry; it varies with the letters of its code.
instance "$tmp/size" "maildir:outbox"
make_orders 40 | "$tp" order submit -q - >/dev/null
"$tp" work --drain -q
size=$(($(cat "$tmp/size"/outbox/new/* | wc -c) / 40))

echo "$n orders of one ticket, $connections connections, $(nproc) cores"
echo

instance "$tmp/a" "smtp://127.0.0.1:$port"
a=$(now)
"$tp" order submit -q "$tmp/orders.jsonl" >/dev/null
b=$(now)
row "orders taken (JSON Lines, durable)" "$(per_s "$n" "$a" "$b")/s" ""

a=$(now)
/usr/bin/time -f %M -o "$tmp/rss" "$tp" work --drain -q
b=$(now)
ours=$(per_s "$n" "$a" "$b")

a=$(now)
smtp-source -s "$connections" -m "$n" -l "$size" -f a@example.org -t b@example.org "127.0.0.1:$port"
b=$(now)
peer=$(per_s "$n" "$a" "$b")
row "order -> ticket -> mail with QR and card" "$ours/s" "$(ratio "$ours" "$peer") x smtp-source ($peer/s, $size bytes)"

instance "$tmp/b" "smtp://127.0.0.1:$port"
sed -i 's/^card=.*/card=false/' "$tmp/b/ticketpost.conf"
"$tp" order submit -q "$tmp/orders.jsonl" >/dev/null
a=$(now)
"$tp" work --drain -q
b=$(now)
without=$(per_s "$n" "$a" "$b")
row "the same without the card" "$without/s" "$(ratio "$without" "$peer") x smtp-source"

row "peak memory" "$(awk '{ printf "%.1f", $1 / 1024 }' "$tmp/rss") MiB" "goal < 32 MiB"
row "bytes a mail" "$size" "goal <= 17408"

instance "$tmp/c" "smtp://127.0.0.1:$port"
strace -f -c -e trace=fdatasync,fsync -o "$tmp/sync1" "$tp" order submit -q "$tmp/orders.jsonl" >/dev/null
strace -f -c -e trace=fdatasync,fsync -o "$tmp/sync2" "$tp" work --drain -q
syncs=$(awk '$NF ~ /^f(data)?sync$/ { n += $4 } END { print n + 0 }' "$tmp/sync2")
row "syncs an order, from ticket to sent" "$(ratio "$syncs" "$n")" "$syncs calls; goal <= 0.011 at 2,000 and more"

instance "$tmp/l" "maildir:outbox"
latency=$(/usr/bin/python3 tests/bench/latency.py "$tp" "$tmp/l" 100)
# It takes three syncs: order, tickets, arming.
echo "$latency" | {
	read -r p50 p99 disk
	row "one order into an idle gateway until 250" "p50 $p50 ms" \
		"p99 $p99 ms; $(ratio "$p50" "$disk") x three syncs of this disk ($disk ms); goal <= 4 and <= 10"
}

# A sheet: 10,000 cards, and 100,000 for the memory.
cards() {
	awk -v n="$1" 'BEGIN {
		for (i = 1; i <= n; i++)
			printf "{\"product\":\"CAD Pro\",\"holder\":\"Zoë Müller %d\",\"code\":\"%05d-AAAAA-BBBBB-CCCCC-DDDDD\"}\n", i, i
	}'
}
cards 10000 >"$tmp/cards.json"
a=$(now)
/usr/bin/time -f %M -o "$tmp/rss1" "$tp" render sheet -q --output "$tmp/sheet.pdf" "$tmp/cards.json"
b=$(now)
row "sheet of 10,000 cards" "$(per_s 10000 "$a" "$b")/s" \
	"$(awk '{ printf "%.1f", $1 / 1024 }' "$tmp/rss1") MiB; goal >= 3,400/s"

# The queue alone.
for line in $(build/release/tests/bench/bench_queue 40000 | tr ' ' :); do
	row "empty jobs added, leased, done (SQLite)" "${line#*:}/s" "goal >= 80,000/s"
done
started=$(tests/support/pg.sh start 2>/dev/null) || started=
if [ -n "$started" ]; then
	TICKETPOST_TEST_STORE=${started#* } build/release/tests/bench/bench_queue 40000 >"$tmp/pg" || :
	tests/support/pg.sh stop "${started%% *}"
	row "the same on PostgreSQL" "$(awk '$1 == "pgsql" { print $2 }' "$tmp/pg")/s" ""
	row "leases of 1,000 on PostgreSQL" "$(awk '$1 == "lease" { print $2 }' "$tmp/pg")/s" "goal >= 50,000/s"
fi

# 10,000 yearly subscriptions to customers of their own, spread over a year; then three years of
# reminders, renewals and letters, on a copy.
instance "$tmp/d" "maildir:outbox"
for month in 01 02 03 04 05 06 07 08 09 10 11 12; do
	make_orders 834 | sed "s/B-/B$month-/; s/:\"c/:\"c$month./; s/R-100/R-300/; s/CAD-PRO/CAD-SUB/" >"$tmp/subs.jsonl"
	TICKETPOST_NOW=2027-$month-15T09:00:00Z "$tp" order submit -q "$tmp/subs.jsonl" >/dev/null
	TICKETPOST_NOW=2027-$month-15T10:00:00Z "$tp" work --drain --kinds issue -q
done
a=$(now)
"$tp" simulate --from 2028-01-01 --to 2030-12-31 --summary >"$tmp/months"
b=$(now)
row "simulate 10,008 subscriptions for three years" \
	"$(awk -v a="$a" -v b="$b" 'BEGIN { printf "%.1f", b - a }') s" \
	"$(awk 'NR > 1 { n += $5; m += $2 } END { print n " renewals, " m " letters" }' "$tmp/months"); goal < 10 s"

# A staff list, and one run of a programme for all of them: memory must not grow with it, and the
# mails leave a minute apart as [staff] mails_per_minute says.
people=${PEOPLE:-100000}
instance "$tmp/s" "maildir:outbox"
awk -v n="$people" 'BEGIN {
	print "id,email,name,language,from"
	for (i = 1; i <= n; i++)
		printf "P-%d,p%d@example.org,Zoë Müller %d,de,2020-01-01\n", i, i, i
}' >"$tmp/staff.csv"
a=$(now)
/usr/bin/time -f %M -o "$tmp/rss" "$tp" employee sync --max-drop 100 "$tmp/staff.csv" >/dev/null
b=$(now)
row "staff list of $people" "$(per_s "$people" "$a" "$b")/s" \
	"$(awk '{ printf "%.1f", $1 / 1024 }' "$tmp/rss") MiB"
a=$(now)
TICKETPOST_NOW=2099-12-07T08:00:00Z /usr/bin/time -f %M -o "$tmp/rss" "$tp" programme run >"$tmp/plans"
b=$(now)
row "scheduled in one run" "$(per_s "$people" "$a" "$b")/s" \
	"$(awk '{ printf "%.1f", $1 / 1024 }' "$tmp/rss") MiB; goal < 64 MiB"
row "their mails leave within" "$(/usr/bin/python3 - "$tmp/s/ticketpost.db" <<-'END'
	import sqlite3, sys
	least, most, n = sqlite3.connect(sys.argv[1]).execute(
	    "SELECT min(due_at), max(due_at), count(*) FROM job WHERE kind = 'issue' AND due_at > 0").fetchone()
	print("%.1f min" % ((most - least) / 6e7))
	END
)" "600 a minute: $((people / 600)) min"

# A month of a million licences: memory must not grow with it.
million=${MILLION:-1000000}
instance "$tmp/e" "maildir:outbox"
/usr/bin/python3 tests/bench/fill.py "$tmp/e/ticketpost.db" "$million"
for what in "licences --month 2027-04 --format csv" "statement --month 2027-04 --format csv" \
	"statement --month 2027-04 --format json"; do
	a=$(now)
	# shellcheck disable=SC2086
	/usr/bin/time -f %M -o "$tmp/rss" "$tp" report $what --out "$tmp/report"
	b=$(now)
	row "report $what" "$(per_s "$million" "$a" "$b")/s" \
		"$(awk '{ printf "%.1f", $1 / 1024 }' "$tmp/rss") MiB; goal < 64 MiB"
done
