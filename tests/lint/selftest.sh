#!/bin/sh
# selftest.sh - each check of lint.sh is seen to fail on what it is there for, and to pass on
# what looks like it.  Works in a temporary copy; prints "ok NAME" or "not ok NAME".
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
bad=0

# A tree as small as it can be: the lint itself and one clean file for each shelf.
fresh() {
	rm -rf "$top/t"
	mkdir -p "$top/t/tests"
	cd "$top/t" || exit 70
	cp -r "$here" tests/lint
	cp "$here/../../Makefile" "$here/../../.clang-format" .
	for f in queue/q mailer/m print/p fulfill/intake/order fulfill/domain/d \
	    fulfill/work/w fulfill/web/h fulfill/cli/c; do
		put $f.h '#pragma once' "void ${f##*/}_run(void);"
		put $f.c "#include \"$f.h\"" '' 'void' "${f##*/}_run(void)" '{' '}'
	done
}

# put FILE LINE... - write a file that opens as files open here.
put() {
	file=$1
	shift
	mkdir -p "$(dirname "$file")"
	{
		printf '/*\n * %s - a file of the self-test.\n */\n' "${file##*/}"
		printf '%s\n' "$@"
	} >"$file"
}

# sees CHECK WHERE NAME - the check fails and names the place.
sees() {
	out=$(tests/lint/lint.sh "$1" 2>&1)
	status=$?
	if [ $status = 1 ] && printf '%s\n' "$out" | grep -q "^$2"; then
		echo "ok $1: $3"
	else
		echo "not ok $1: $3"
		printf '  exit %d: %s\n' $status "$out"
		bad=1
	fi
}

# passes CHECK NAME
passes() {
	if out=$(tests/lint/lint.sh "$1" 2>&1); then
		echo "ok $1: $2"
	else
		echo "not ok $1: $2"
		printf '  %s\n' "$out"
		bad=1
	fi
}

fresh
for check in layers doors headers banned sql quiet shape format text; do
	passes $check "a clean tree passes"
done

# layers
put queue/q.c '#include "mailer/m.h"'
sees layers queue/q.c:4 "an include upwards is seen"
put queue/q.c '#include "q.h"'
sees layers queue/q.c:4 "an include that is not from the root is seen"
fresh
put mailer/m.c '#include "print/p.h"'
sees layers mailer/m.c:4 "an include sideways is seen"
put mailer/m.c '#include "queue/q.h"' '/* #include "print/p.h" would be sideways */'
passes layers "an include downwards passes"
put fulfill/intake/order.c '#include "fulfill/domain/d.h"'
sees layers fulfill/intake/order.c:4 "intake does not know the domain"
fresh
put fulfill/domain/d.c '#include "fulfill/intake/order.h"'
passes layers "the domain reads drafts of orders"
put fulfill/domain/d.c '#include "fulfill/intake/xml.h"'
sees layers fulfill/domain/d.c:4 "the domain reads no formats"
put fulfill/reports/r.c '#include "queue/q.h"'
sees layers fulfill/reports/r.c:4 "a folder without a shelf is seen"

# doors
fresh
put mailer/m.c '#include <sqlite3.h>'
sees doors mailer/m.c:4 "a library outside its door is seen"
put mailer/m.c '#include <libetpan/mailimap.h>'
sees doors mailer/m.c:4 "a header under a pattern is seen"
put mailer/m.c '#include <nobody/knows.h>'
sees doors mailer/m.c:4 "a library without a row is seen"
fresh
put queue/db_sqlite_private.h '#include <sqlite3.h>' '#include <sys/stat.h>'
put mailer/imap_bridge.c '#include <curl/curl.h>' '#include <libetpan/libetpan.h>'
passes doors "a library inside its door passes"

# headers
fresh
put print/p.h '#pragma once' 'size_t p_run(void);'
sees headers '.*size_t' "a header that needs another one is seen"
put print/p.h '#pragma once' '#include <stddef.h>' 'size_t p_run(void);'
passes headers "a header that brings what it needs passes"

# banned
fresh
put print/p.c 'int x = atoi ("1");'
sees banned print/p.c:4 "a banned function is seen"
put print/p.c 'int x; // no'
sees banned print/p.c:4 "a comment with two slashes is seen"
put print/p.c 'const char *u = "https://example.com/ \" atoi(";' '/* // atoi(' ' * gets( */' \
    "char q = '\"', r = '\\''; /* strcpy( */" 'int y = fgets(1) + x.my_atoi(2);'
passes banned "the same in strings, comments and longer names passes"
put tests/mailer/test_m.c 'int x = sprintf(b, "x");'
sees banned tests/mailer/test_m.c:4 "tests are no exception"

# sql
fresh
put fulfill/work/w.c 'const char *s = "SELECT id FROM job";'
sees sql fulfill/work/w.c:4 "a statement outside the domain is seen"
put fulfill/work/w.c '/* SELECT id FROM job */' 'const char *s = "SELECT INBOX", *t = "UPDATE";'
put fulfill/domain/d.c 'const char *s = "DELETE FROM job";'
passes sql "an IMAP command, a comment and the domain pass"

# quiet
put fulfill/domain/d.c 'g_warning("no");'
sees quiet fulfill/domain/d.c:4 "a log line below fulfill/work is seen"
put fulfill/domain/d.c 'fprintf(stderr, "no");'
sees quiet fulfill/domain/d.c:4 "a word on stderr is seen"
put fulfill/domain/d.c 'fprintf(out, "%s", "exit(");' 'n = snprintf(b, 1, "x");'
put fulfill/cli/c.c 'printf("yes");'
passes quiet "a stream of the caller and a command pass"

# shape
printf 'int x;\n' >print/p.c
sees shape print/p.c "a file without a word on its purpose is seen"
fresh
put print/p.h 'void p_run(void);'
sees shape print/p.h "a header without its pragma is seen"

# format, twice because the second run looks only at what is new
fresh
put print/p.c 'int  x ;'
sees format print/p.c:4 "crooked code is seen"
sees format print/p.c:4 "and seen again"
fresh
tests/lint/lint.sh format >/dev/null
put print/p.c 'int  x ;'
touch -d '+1 minute' print/p.c
sees format print/p.c:4 "crooked code is seen after a clean run"

# text: the paths are put together here, so that this file has none
fresh
for dir in work root home; do
	printf 'cd %s%s/x\n' / $dir >notes.txt
	sees text notes.txt:1 "a path in /$dir is seen"
done
printf '#include "fulfill/%s/w.h"\nbuild/%s/x $(B)/%s/x\n' work work work >notes.txt
passes text "a folder of ours with that name passes"
printf 'end \n' >notes.txt
sees text notes.txt:1 "blanks at the end are seen"
printf 'end\r\n' >notes.txt
sees text notes.txt:1 "a carriage return is seen"
mkdir -p tests/golden && mv notes.txt tests/golden/
passes text "a golden file is what it is"
printf 'int x;' >>print/p.c
sees text print/p.c "a last line without its end is seen"

# readme
fresh
out=$(tests/lint/lint.sh readme) && printf '%s\n' "$out" | grep -q '^warning: print: no README.md' &&
	echo "ok readme: a folder without README.md is told" ||
	{ echo "not ok readme: a folder without README.md is told"; bad=1; }
export STRICT=1
sees readme "print: no README.md" "and refused with STRICT=1"
for dir in queue mailer print fulfill/*; do
	ls $dir/*.c | sed 's|.*/||' >$dir/README.md
done
passes readme "a README.md that names each file passes"
echo 'pp.c' >print/README.md
sees readme "print/README.md: does not name p.c" "a file without its line is seen"
unset STRICT

exit $bad
