#!/bin/sh
# run.sh [FOLDER/NAME...] - run the C tests (cmocka) and then the tests from outside
# (tests/e2e/*.sh) of one VARIANT, and say how many passed.
#
# UNIT_ONLY=1 leaves the outside tests away; UNDER=valgrind runs the C tests under it.
# C tests that use a store (support/fix_db.h, support/fix_shop.h) run a second time on a private
# PostgreSQL, except test_sqlite*; test_pgsql* run only there.
# A C test program counts each of its cmocka tests; an outside test prints "ok NAME" or
# "not ok NAME" lines and counts each of them, and skips with "skip NAME why".
set -u
cd "$(dirname "$0")/.."
variant=${VARIANT:-check}
export TP_BIN="$PWD/build/$variant/ticketpost"
export TP_SOURCE="$PWD"
export TP_TESTS="$PWD/build/$variant/tests"
export G_DEBUG=fatal-criticals
export LC_ALL=C.UTF-8
passed=0
failed=0
skipped=0
out=$(mktemp -d)
pg_dir=
pg_url=
done_with() {
	[ -z "$pg_dir" ] || tests/support/pg.sh stop "$pg_dir"
	rm -rf "$out"
}
trap done_with EXIT
trap 'exit 130' INT TERM HUP
unset TICKETPOST_TEST_STORE

under=
[ "${UNDER:-}" != valgrind ] ||
	under="valgrind -q --leak-check=full --errors-for-leak-kinds=definite --error-exitcode=99 --suppressions=tests/support/valgrind.supp"

wanted() {
	[ $# -gt 1 ] || return 0
	name=$1
	shift
	for w in "$@"; do
		case $name in *"$w"*) return 0 ;; esac
	done
	return 1
}

unit() {
	bin=$1
	name=${bin#"$TP_TESTS"/}${2:-}
	status=0
	$under "$bin" >"$out/log" 2>&1 || status=$?
	p=$(grep -c '^\[       OK \]' "$out/log")
	f=$(grep -c '^\[  FAILED  \] [A-Za-z]' "$out/log")
	s=$(grep -c '^\[  SKIPPED \] [A-Za-z]' "$out/log")
	[ "$status" = 0 ] || [ "$f" -gt 0 ] || f=1
	passed=$((passed + p))
	failed=$((failed + f))
	skipped=$((skipped + s))
	if [ "$f" -gt 0 ] || [ "$status" != 0 ]; then
		echo "FAIL $name ($p passed, exit $status)"
		cat "$out/log"
	else
		echo "ok   $name ($p)"
	fi
}

# Starts the server when the first test asks for it; says so once when it cannot.
pg_there() {
	[ -z "$pg_url" ] || return 0
	[ -z "${pg_missing:-}" ] || return 1
	if started=$(tests/support/pg.sh start 2>"$out/pg"); then
		pg_dir=${started%% *}
		pg_url=${started#* }
		return 0
	fi
	pg_missing=1
	skipped=$((skipped + 1))
	echo "skip NOTHING WAS TESTED ON POSTGRESQL: $(cat "$out/pg")"
	return 1
}

on_pg() {
	pg_there || return 0
	export TICKETPOST_TEST_STORE="$pg_url"
	unit "$1" " on PostgreSQL"
	unset TICKETPOST_TEST_STORE
}

# Which databases a C test is run on is told by its name and its includes.
unit_everywhere() {
	bin=$1
	source=${bin#"$PWD/build/$variant/"}.c
	case $bin in
	*/test_pgsql*)
		on_pg "$bin"
		return
		;;
	esac
	unit "$bin"
	case $bin in */test_sqlite*) return ;; esac
	! grep -q 'tests/support/fix_\(db\|shop\)\.h' "$source" || on_pg "$bin"
}

outside() {
	script=$1
	status=0
	TMP=$(mktemp -d)
	export TMP
	sh "$script" >"$out/log" 2>&1 || status=$?
	rm -rf "$TMP"
	p=$(grep -c '^ok ' "$out/log")
	f=$(grep -c '^not ok ' "$out/log")
	s=$(grep -c '^skip ' "$out/log")
	[ "$status" = 0 ] || [ "$f" -gt 0 ] || f=1
	# A script that says nothing tested nothing.
	[ $((p + f + s)) -gt 0 ] || f=1
	passed=$((passed + p))
	failed=$((failed + f))
	skipped=$((skipped + s))
	grep '^skip ' "$out/log"
	if [ "$f" -gt 0 ]; then
		echo "FAIL $script ($p passed, exit $status)"
		cat "$out/log"
	else
		echo "ok   $script ($p)"
	fi
}

for bin in "$TP_TESTS"/*/test_*; do
	case $bin in *.o | *.d | *.gc*) continue ;; esac
	[ -x "$bin" ] && [ -e "${bin#"$PWD/build/$variant/"}.c" ] || continue
	wanted "${bin#"$TP_TESTS"/}" "$@" && unit_everywhere "$bin"
done
if [ -z "${UNIT_ONLY:-}" ] && [ "${UNDER:-}" = "" ]; then
	for script in tests/e2e/*.sh; do
		[ -e "$script" ] || continue
		case $script in */lib.sh | */qr.sh) continue ;; esac
		wanted "$script" "$@" && outside "$script"
	done
fi
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
