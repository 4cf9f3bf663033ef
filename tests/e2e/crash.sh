# crash.sh - the crash stories at every seventh point, and at some system calls; all of them:
# make crash, make crash-long.
case ${TP_BIN} in
*/check/* | */asan/* | */cover/*) ;;
*) echo "skip crash: this build has no fault points"; exit 0 ;;
esac
bad=0
all=$TMP
stories() {
	mkdir "$all/$1"
	TMP=$all/$1 BY=$1 STEP=$2 sh "$TP_SOURCE/tests/crash/stories.sh" || bad=1
}
stories fault 7
stories write 37
stories sync 11
stories fail 13
stories full 29
stories rename 3
mkdir "$all/pgsql"
TMP=$all/pgsql STORE=pgsql STEP=17 sh "$TP_SOURCE/tests/crash/stories.sh" || bad=1
mkdir "$all/staff"
TMP=$all/staff STEP=19 sh "$TP_SOURCE/tests/crash/staff.sh" || bad=1
mkdir "$all/paper"
TMP=$all/paper STEP=3 sh "$TP_SOURCE/tests/crash/paper.sh" || bad=1
exit $bad
