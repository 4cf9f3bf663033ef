#!/bin/sh
# install.sh - what `make install` puts where, and that the unit asks for little.
. "$TP_SOURCE/tests/e2e/lib.sh"

# The variant under test is there already: nothing is built again.
install_to() {
	make -s -C "$TP_SOURCE" VARIANT="${VARIANT:-check}" install "$@"
}

umask 022
check "install: into a prefix" install_to PREFIX="$TMP/usr"
check "install: the program is there and runs" test -x "$TMP/usr/bin/ticketpost"
check "install: over an older one" install_to PREFIX="$TMP/usr"
for t in "$TP_SOURCE"/templates/*/*.txt "$TP_SOURCE"/templates/*/*.html; do
	[ -e "$t" ] || continue
	cmp -s "$t" "$TMP/usr/share/ticketpost/${t#"$TP_SOURCE/"}" || echo "$t"
done >"$TMP/missing"
is "install: every text is there" "$(cat "$TMP/missing")" ""
is "install: everybody may read it" "$(find "$TMP/usr" -type f ! -perm -444)" ""
is "install: nobody else may write it" "$(find "$TMP/usr" -perm /022 ! -type l)" ""
is "install: only the program is executable" \
    "$(cd "$TMP/usr" && find . -type f -perm /111)" ./bin/ticketpost

check "install: DESTDIR is put before" install_to PREFIX=/opt/tp DESTDIR="$TMP/stage"
is "install: and nothing else is written" "$(ls "$TMP/stage" "$TMP/stage/opt")" \
    "$(printf '%s:\nopt\n\n%s:\ntp' "$TMP/stage" "$TMP/stage/opt")"
is "install: DESTDIR is in no text" "$(grep -rIl "$TMP/stage" "$TMP/stage")" ""
has "install: the unit starts what was installed" \
    "$TMP/stage/opt/tp/lib/systemd/system/ticketpost.service" '^ExecStart=/opt/tp/bin/ticketpost run$'

readelf -Whld "$TP_BIN" >"$TMP/elf" 2>&1
has "install: the program is position independent" "$TMP/elf" 'Type: +DYN'
has "install: its relocations are read-only" "$TMP/elf" 'GNU_RELRO'
has "install: and made at start" "$TMP/elf" 'BIND_NOW|Flags:.*NOW'
lacks "install: its stack is not executable" "$TMP/elf" 'GNU_STACK.* RWE'

# ---- the unit, by systemd's own judgement; neither command needs a running systemd.

if command -v systemd-analyze >/dev/null 2>&1; then
	unit=$TMP/usr/lib/systemd/system/ticketpost.service
	systemd-analyze verify --man=no "$unit" >"$TMP/verify" 2>&1
	grep -F ticketpost.service "$TMP/verify" >"$TMP/faults"
	is "install: systemd finds no fault in the unit" "$(cat "$TMP/faults")" ""
	# 0.1 is locked in, 10 wide open; without a list of relays it cannot be below 1.1.
	check "install: its exposure is at most 1.3" \
	    systemd-analyze security --offline=true --threshold=13 "$unit"
	has "install: and it was really judged" "$TMP/out" 'Overall exposure level'
else
	skip "install systemd-analyze is not installed"
fi
finish
