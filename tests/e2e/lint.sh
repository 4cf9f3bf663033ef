#!/bin/sh
# lint.sh - the lint finds what it says it finds.
exec sh "$TP_SOURCE/tests/lint/selftest.sh"
