# lib.sh - what the tests from outside share.  Begin a test with
#
#	. "$TP_SOURCE/tests/e2e/lib.sh"
#
# and end it with `finish`.  run.sh gives $TP_BIN, $TP_SOURCE and a fresh $TMP, which it removes
# afterwards.  Every promise prints one line, "ok NAME" or "not ok NAME"; what explains a
# failure follows, indented.  Whatever was started with `start` is stopped at the end, by pid.
#
# Promises:   check  refuses  is  has  lacks  golden  skip  need  finish
# Instance:   new_instance  setting  tp
# Values:     json  mails  qr
# Servers:    free_port  start  stop  wait_for  wait_port
set -u

# ---- promises ----------------------------------------------------------------------------

bad=0

ok() {
	echo "ok $*"
}

# not_ok NAME [FILE] - the file explains.
not_ok() {
	echo "not ok $1"
	[ -z "${2:-}" ] || [ ! -s "$2" ] || sed 's/^/  /' "$2" | head -n 40
	bad=$((bad + 1))
}

# check NAME COMMAND... - the command ends with 0; its output is kept in $TMP/out.
check() {
	check_name=$1
	shift
	if "$@" >"$TMP/out" 2>&1; then
		ok "$check_name"
	else
		echo "exit $?: $*" >>"$TMP/out"
		not_ok "$check_name" "$TMP/out"
		return 1
	fi
}

# refuses NAME EXIT COMMAND... - the command ends with this code and says why on stderr, in
# one place ($TMP/err); its output is kept in $TMP/out.
refuses() {
	refuses_name=$1
	refuses_exit=$2
	shift 2
	refuses_got=0
	"$@" >"$TMP/out" 2>"$TMP/err" || refuses_got=$?
	if [ $refuses_got = "$refuses_exit" ] && [ -s "$TMP/err" ]; then
		ok "$refuses_name"
	else
		echo "exit $refuses_got, expected $refuses_exit and a reason: $*" >>"$TMP/err"
		not_ok "$refuses_name" "$TMP/err"
		return 1
	fi
}

# is NAME GOT WANTED
is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		printf 'got:    %s\nwanted: %s\n' "$2" "$3" >"$TMP/is"
		not_ok "$1" "$TMP/is"
		return 1
	fi
}

# has NAME FILE REGEX - some line of the file matches (grep -E).
has() {
	if grep -qE -e "$3" "$2"; then
		ok "$1"
	else
		{ echo "no line matches: $3"; cat "$2"; } >"$TMP/has"
		not_ok "$1" "$TMP/has"
		return 1
	fi
}

# lacks NAME FILE REGEX - the file is there and no line of it matches.
lacks() {
	if [ -e "$2" ] && ! grep -E -e "$3" "$2" >"$TMP/lacks"; then
		ok "$1"
	else
		not_ok "$1" "$TMP/lacks"
		return 1
	fi
}

# golden NAME FILE - the file is equal to tests/golden/NAME; `make golden` accepts it.
golden() {
	golden_file=$TP_SOURCE/tests/golden/$1
	if [ "${GOLDEN:-}" = accept ]; then
		mkdir -p "${golden_file%/*}" && cp "$2" "$golden_file"
	fi
	if diff -u "$golden_file" "$2" >"$TMP/golden" 2>&1; then
		ok "golden: $1"
	else
		not_ok "golden: $1" "$TMP/golden"
		return 1
	fi
}

skip() {
	echo "skip $*"
}

# need COMMAND... - ends the test as skipped when a program is not installed.
need() {
	for need_it in "$@"; do
		command -v "$need_it" >/dev/null 2>&1 && continue
		skip "$(basename "$0" .sh) $need_it is not installed"
		exit 0
	done
}

# dovecot_up PORT - IMAPS on loopback with a certificate of our own ($TMP/certs), for any user with the
# password s3cret, out of $TMP/box/USER; `stop dovecot` ends it.
dovecot_up() {
	mkdir -p "$TMP/certs"
	sh "$TP_SOURCE/tests/support/make_certs.sh" "$TMP/certs" >"$TMP/out" 2>&1
	cat >"$TMP/dovecot.conf" <<-CONF
		base_dir = $TMP/dovecot
		state_dir = $TMP/dovecot
		log_path = $TMP/dovecot.log
		protocols = imap
		listen = 127.0.0.1
		ssl = required
		ssl_cert = <$TMP/certs/good.pem
		ssl_key = <$TMP/certs/good.key
		auth_mechanisms = plain
		mail_location = maildir:$TMP/box/%n
		first_valid_uid = 1
		passdb {
		 driver = static
		 args = password=s3cret
		}
		userdb {
		 driver = static
		 args = uid=mail gid=mail home=$TMP/box
		}
		service imap-login {
		 inet_listener imap {
		  port = 0
		 }
		 inet_listener imaps {
		  port = $1
		  ssl = yes
		 }
		}
	CONF
	start dovecot dovecot -F -c "$TMP/dovecot.conf"
}

# written BATCH - all that is due is done, the batch closed and drawn; prints its state.
written() {
	tp work --drain >/dev/null 2>&1
	tp print close "$1" >/dev/null 2>&1
	tp work --drain >/dev/null 2>&1
	tp print show "$1" --json | json 'd["state"]'
}

finish() {
	stop_all
	trap - EXIT
	exit $((bad > 0))
}

# ---- an instance -------------------------------------------------------------------------

# new_instance [NAME] - a fresh instance in $TMP/NAME (default: tp); $INSTANCE is its folder,
# and `tp` works in it.
new_instance() {
	INSTANCE=$TMP/${1:-tp}
	export TICKETPOST_CONFIG=$INSTANCE/ticketpost.conf
	"$TP_BIN" init "$INSTANCE" >"$TMP/init" 2>&1 && return 0
	not_ok "ticketpost init" "$TMP/init"
	finish
}

tp() {
	"$TP_BIN" "$@"
}

# setting SECTION KEY VALUE - in the file of the instance.
setting() {
	awk -v section="[$1]" -v key="$2" -v value="$3" '
		function put() { if (!done) print key "=" value; done = 1 }
		/^\[/ { if (inside) put(); inside = $0 == section }
		inside && match($0, "^[#; ]*" key "[ ]*=") { put(); next }
		{ print }
		END { if (!inside && !done) print section; put() }
	' "$TICKETPOST_CONFIG" >"$TMP/conf.new" && cat "$TMP/conf.new" >"$TICKETPOST_CONFIG"
}

# ---- values ------------------------------------------------------------------------------

# json EXPRESSION [FILE] - a value out of JSON (stdin without FILE): `d` is the document.
# Text is printed as it is, everything else as JSON.
#
#	tp status --json | json 'd["tickets"]["issued"]'
json() {
	/usr/bin/python3 -c '
import json, sys
d = json.load(open(sys.argv[2], encoding="utf-8") if len(sys.argv) > 2 else sys.stdin)
v = eval(sys.argv[1])
print(v if isinstance(v, str) else json.dumps(v, ensure_ascii=False, sort_keys=True))
' "$@"
}

# mails MAILDIR-OR-FILE... [--out DIR] - what Python reads of them, as JSON: see mails.py.
mails() {
	/usr/bin/python3 "$TP_SOURCE/tests/e2e/mails.py" "$@"
}

# qr FILE... - the codes of pictures and of PDF pages, one a line: see qr.sh.
qr() {
	sh "$TP_SOURCE/tests/e2e/qr.sh" "$@"
}

# ---- servers -----------------------------------------------------------------------------

# A port of the loopback that nobody listens on.
free_port() {
	/usr/bin/python3 -c '
import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# start NAME COMMAND... - in the background; output goes to $TMP/NAME.log.
start() {
	start_name=$1
	shift
	"$@" >"$TMP/$start_name.log" 2>&1 </dev/null &
	echo $! >"$TMP/$start_name.pid"
}

alive() {
	[ -s "$TMP/$1.pid" ] && kill -0 "$(cat "$TMP/$1.pid")" 2>/dev/null
}

# stop NAME [SIGNAL] - and wait for its end; $stopped is its exit code.
stop() {
	stopped=0
	[ -s "$TMP/$1.pid" ] || return 0
	stop_pid=$(cat "$TMP/$1.pid")
	rm -f "$TMP/$1.pid"
	kill -"${2:-TERM}" "$stop_pid" 2>/dev/null
	wait "$stop_pid" 2>/dev/null || stopped=$?
}

stop_all() {
	for stop_file in "$TMP"/*.pid; do
		[ -e "$stop_file" ] || continue
		stop_name=${stop_file##*/}
		stop "${stop_name%.pid}"
	done
}
trap stop_all EXIT

# wait_for SECONDS COMMAND... - asks again and again until the command ends with 0.  The time is
# only for giving up: choose it so that a slow machine under valgrind does not reach it.
wait_for() {
	wait_until=$(($(date +%s) + $1))
	shift
	until "$@" >"$TMP/wait" 2>&1; do
		[ "$(date +%s)" -lt $wait_until ] || return 1
		sleep 0.05
	done
}

# wait_port PORT [SECONDS] - somebody listens.
wait_port() {
	wait_for "${2:-30}" /usr/bin/python3 -c '
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()' "$1"
}
