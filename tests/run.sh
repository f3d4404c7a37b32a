#!/bin/sh
# run.sh BUILD [here] [KERNEL...]: all tests on this machine; those of tests/vm on kernels. Each prints
# TAP; what ends otherwise than it says has failed too.
# The last line is "N passed, N failed", and ", N skipped" if this machine cannot run some: each says why.
set -u
build=${1:-build}
[ $# -eq 0 ] || shift
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

suite() { # NAME COMMAND...
	name=$1 began=$(date +%s)
	shift
	"$@" >"$log" 2>&1
	status=$? took=$(($(date +%s) - began))
	skip=$(grep -c '^ok .* # SKIP ' "$log")
	ok=$(($(grep -c '^ok ' "$log") - skip))
	not_ok=$(grep -c '^not ok ' "$log")
	# no test, or a bad end that no test owns up to
	if [ $((ok + not_ok)) -eq 0 ] || { [ $status -ne 0 ] && [ "$not_ok" -eq 0 ]; }; then
		echo "not ok - $name: exit status $status"
		not_ok=$((not_ok + 1))
	fi
	if [ "$not_ok" -eq 0 ]; then
		# the times of its parts; what is skipped
		grep -E '^# .*: [0-9]+ s( in all)?$|^ok .* # SKIP ' "$log"
	else
		cat "$log"
	fi
	echo "$name: $ok passed, $not_ok failed, $took s"
	passed=$((passed + ok))
	failed=$((failed + not_ok))
	skipped=$((skipped + skip))
}

if [ "${1:-here}" = here ]; then
	[ $# -eq 0 ] || shift
	for program in "$build"/unit/test_*; do
		case $program in *.*) continue ;; esac
		suite "unit/${program##*/test_}" env CMOCKA_MESSAGE_OUTPUT=TAP "$program"
	done
	for script in tests/e2e/run.py tests/system/programs.py tests/system/fio.py tests/system/limits.py \
		tests/system/totals.py tests/system/names.py tests/system/screen.py tests/system/losses.py \
		tests/system/same.py tests/system/selftest.py tests/system/page.py tests/system/refused.py \
		tests/system/quick.py tests/system/slots.py; do
		suite "$script" python3 "$script"
	done
	# 20 seconds: by itself it takes a minute and more
	suite tests/system/churn.py python3 tests/system/churn.py 20
fi
# all in one: the guests of one kernel do not wait for the last of another
[ $# -eq 0 ] || suite "vm $*" tests/vm/run.sh "$@"
echo
[ "$skipped" -eq 0 ] && skips='' || skips=", $skipped skipped"
echo "$passed passed, $failed failed$skips"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
