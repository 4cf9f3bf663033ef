# kills.sh - twenty-five kills of a running gateway under load; many more: make crash-long.
exec /usr/bin/python3 "$TP_SOURCE/tests/crash/kills.py" "${KILLS:-25}" "${SEED:-1}"
