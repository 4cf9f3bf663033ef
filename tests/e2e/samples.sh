#!/bin/sh
# samples.sh - the sample data keeps the promises of tests/samples/README.md.
exec /usr/bin/python3 "$TP_SOURCE/tests/samples/check.py"
