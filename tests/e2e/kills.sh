# kills.sh - twenty-five kills of a running gateway under load, and as many on PostgreSQL; many
# more: make crash-long.
bad=0
kills() {
	mkdir "$TMP/$1"
	TMP=$TMP/$1 /usr/bin/python3 "$TP_SOURCE/tests/crash/kills.py" "$2" "${SEED:-1}" "$1" || bad=1
}
kills sqlite "${KILLS:-25}"
kills pgsql "${KILLS:-10}"
exit $bad
