# hosts.sh - two worker hosts share one PostgreSQL over a network that fails; make crash-long plays
# it longer.
. "$TP_SOURCE/tests/e2e/lib.sh"
need ip
if ! ip netns add "tp-try-$$" 2>/dev/null; then
	echo "skip hosts: no right to make network namespaces"
	exit 0
fi
ip netns del "tp-try-$$"
/usr/bin/python3 "$TP_SOURCE/tests/crash/hosts.py" "${ROUNDS:-5}" "${SEED:-1}"
