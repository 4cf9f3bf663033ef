#!/bin/sh
# lint.sh [CHECK...] - what a compiler does not see.  Without arguments all checks run.
#
#   layers   #include "..." goes down the shelves, never up, never sideways
#   doors    #include <...> only where doors.txt allows it
#   headers  each header compiles alone
#   banned   no function of banned.txt, no comment with two slashes
#   sql      SQL text only in queue/ and fulfill/domain/
#   quiet    nothing below fulfill/work prints, logs or exits
#   shape    files open with a comment, headers have their pragma
#   format   clang-format would change nothing
#   text     no path of one machine, no trailing blanks
#   readme   each folder has a README.md that names its files (a warning; STRICT=1: an error)
#
# Exit 0: clean.  Each finding is a line "file:line: what"; then exit 1.
set -u
cd "$(dirname "$0")/../.." || exit 70
export LC_ALL=C.UTF-8
here=tests/lint
mkdir -p build/lint
list=$(mktemp -d)
trap 'rm -rf "$list"' EXIT

# What git tracks or would add; in an unpacked archive, whatever is there.
if git rev-parse --is-inside-work-tree >/dev/null 2>&1 && [ -e .git ]; then
	git ls-files -co --exclude-standard
else
	find . -path ./build -prune -o -path ./demo -prune -o -type f -print | sed 's|^\./||'
fi | sort -u | while IFS= read -r f; do
	[ ! -f "$f" ] || printf '%s\n' "$f"
done >"$list/all"
grep '\.[ch]$' "$list/all" >"$list/c" || :

# Runs an awk program over the files of a list.
over() {
	files=$1
	shift
	[ -s "$list/$files" ] || return 0
	xargs -d '\n' awk "$@" <"$list/$files"
}

check_layers() { over c -v table=$here/shelves.txt -f $here/strip.awk -f $here/layers.awk; }
check_doors() { over c -v table=$here/doors.txt -f $here/strip.awk -f $here/doors.awk; }
check_banned() { over c -v table=$here/banned.txt -f $here/strip.awk -f $here/banned.awk; }
check_sql() { over c -f $here/strip.awk -f $here/sql.awk; }
check_quiet() { over c -f $here/strip.awk -f $here/quiet.awk; }
check_shape() { over c -f $here/shape.awk; }
check_headers() { make -s -k -j2 VARIANT=check -f $here/headers.mk headers-alone 2>&1; }

check_text() {
	# grep -I: a picture has no lines.
	xargs -d '\n' grep -Il '' <"$list/all" >"$list/text"
	over text -f $here/text.awk
	status=$?
	# The last line of a text ends like every other.  One look at all of them; file by file only
	# when some last byte is no line end.
	[ "$(xargs -d '\n' tail -q -c 1 <"$list/c" | wc -l)" = "$(wc -l <"$list/c")" ] ||
	while IFS= read -r f; do
		[ ! -s "$f" ] || [ -z "$(tail -c 1 "$f")" ] || {
			echo "$f: the last line has no end"
			status=1
		}
	done <"$list/c"
	return $status
}

# Only what is newer than the last clean run is looked at.
check_format() {
	stamp=build/lint/format.stamp
	touch build/lint/format.now
	[ -e $stamp ] && [ $stamp -nt .clang-format ] || rm -f $stamp
	if [ -e $stamp ]; then
		xargs -d '\n' sh -c 'find "$@" -newer '$stamp sh <"$list/c" >"$list/changed"
	else
		cp "$list/c" "$list/changed"
	fi
	if [ -s "$list/changed" ] && ! xargs -d '\n' -P2 -n 20 clang-format --dry-run -Werror \
	    <"$list/changed" >"$list/format" 2>&1; then
		# The first place of each file is enough to find the others.
		awk -F: '/: error: / && !seen[$1]++ { print $1 ":" $2 ": run make format"; n++ }
		    { last = $0 } END { if (!n) print last }' "$list/format"
		return 1
	fi
	mv build/lint/format.now $stamp
}

check_readme() {
	awk -f $here/readme.awk <"$list/c" >"$list/readme"
	[ -s "$list/readme" ] || return 0
	[ "${STRICT:-}" = 1 ] && cat "$list/readme" && return 1
	sed 's/^/warning: /' "$list/readme"
}

[ $# -gt 0 ] || set -- layers doors headers banned sql quiet shape format text readme
failed=
for check in "$@"; do
	case $check in
	layers | doors | headers | banned | sql | quiet | shape | format | text | readme) ;;
	*) echo "lint.sh: unknown check '$check'" >&2; exit 64 ;;
	esac
	"check_$check" || failed="$failed $check"
done
[ -z "$failed" ] || { echo "lint: failed:$failed"; exit 1; }
echo "lint: clean ($(wc -l <"$list/c") sources)"
