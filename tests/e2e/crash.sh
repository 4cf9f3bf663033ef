# crash.sh - the crash stories at every seventh point; all of them: make crash.
case ${TP_BIN} in
*/check/* | */asan/* | */cover/*) ;;
*) echo "skip crash: this build has no fault points"; exit 0 ;;
esac
STEP=7 exec sh "$TP_SOURCE/tests/crash/stories.sh"
