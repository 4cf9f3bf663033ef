#!/bin/sh
# pg.sh start | stop DIR | crash DIR | again DIR - a private PostgreSQL for tests.
#
#   start   makes a cluster in a folder of its own, starts it on a Unix socket in there, and
#           prints "DIR URL"
#   stop    ends it by its pid, waits for the end, and removes the folder
#   crash   ends it without a checkpoint, as if the machine had failed
#   again   starts it again after a crash
#
# PG_LISTEN=ADDRESS lets it listen there as well (port 5432), for PG_ALLOW=NETWORK.
#
# No TCP port else, no password, nothing outside DIR.  Run as root it changes to the user postgres,
# because the server refuses root; so DIR cannot lie in a folder that is root's alone.
# PG_FSYNC=on makes commits durable, for tests of just that.  Exit 69: the package is missing.
set -eu

verb=${1:?}
[ "$verb" = start ] || dir=${2:?}

bin=
for b in /usr/lib/postgresql/*/bin; do
	[ ! -x "$b/initdb" ] || bin=$b
done
if [ -z "$bin" ] && command -v initdb >/dev/null 2>&1; then
	bin=$(dirname "$(command -v initdb)")
fi
[ -n "$bin" ] || { echo "pg.sh: PostgreSQL is not installed (apt-get install postgresql)" >&2; exit 69; }

as_server() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid=postgres --regid=postgres --init-groups -- env HOME="$dir" "$@"
	else
		"$@"
	fi
}

up() {
	as_server "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 60 -s \
	    -o "-c listen_addresses='${PG_LISTEN:-}' -c unix_socket_directories=$dir -c fsync=${PG_FSYNC:-off}" \
	    -o "-c shared_buffers=64MB -c max_connections=50 -c max_wal_size=256MB" \
	    start >/dev/null || { tail -n 20 "$dir/log" >&2; exit 70; }
}

down() {
	pid=$(head -n 1 "$dir/data/postmaster.pid" 2>/dev/null) || return 0
	kill "-$1" "$pid" 2>/dev/null || return 0
	n=0
	while kill -0 "$pid" 2>/dev/null; do
		n=$((n + 1))
		[ $n -lt 600 ] || { echo "pg.sh: server $pid does not end" >&2; exit 70; }
		sleep 0.05
	done
}

case $verb in
start)
	dir=$(mktemp -d "${TMPDIR:-/tmp}/ticketpost-pg.XXXXXX")
	chmod 755 "$dir"
	[ "$(id -u)" != 0 ] || chown postgres "$dir"
	cd "$dir"
	as_server "$bin/initdb" -D "$dir/data" -A trust -U ticketpost -E UTF8 --locale=C.UTF-8 -N \
	    >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; exit 70; }
	[ -z "${PG_ALLOW:-}" ] || echo "host all all $PG_ALLOW trust" >>"$dir/data/pg_hba.conf"
	up
	echo "$dir postgresql://ticketpost@/postgres?host=$dir"
	;;
stop)
	down INT
	case $dir in */ticketpost-pg.*) rm -rf "$dir" ;; esac
	;;
crash) down QUIT ;;
again)
	cd "$dir"
	# A server that failed leaves its pid file behind; the start-up looks whether it is alive.
	up
	;;
*) echo "pg.sh: unknown verb '$verb'" >&2; exit 64 ;;
esac
