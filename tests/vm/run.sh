#!/bin/sh
# run.sh [KERNEL...]: the suites of guest.sh on Debian's kernels, as they stand in the repository
# and its build/. A KERNEL is a version, VERSION-arm64, or VERSION-arm64-16k (pages of 16 KiB).
#
# Prints TAP, with how long each part took in comments that end with "N s", and leaves in build/vm
# what the guests printed (KERNEL.SUITE.log) and what their kernels said (KERNEL.SUITE.console).
#
#   LIMIT    seconds for a guest (1800)
#   JOBS     guests at a time (default: one for each processor)
#   SUITES   of guest.sh, one guest for each (same, kernel, losses, fio, names, and e2e in four parts); ci: those of make ci
#   VMLAB_*  see vm.sh and kernel.sh
set -u
cd "$(dirname "$0")/../.." || exit 1
root=$PWD
limit=${LIMIT:-1800} # seconds for a guest
dir=build/vm
mkdir -p $dir

why() { sed 's/^/#   /' "$1"; }

# Boots one guest; what it printed follows in one piece when it has ended.
guest() { # KERNEL SUITE
	kernel=$1 log=$dir/$1.$2.log err=$dir/$1.$2.err console=$dir/$1.$2.console
	# 5.10 follows no more calls of a function at a time than there are processors (kretprobes): overlayfs
	# calls a function within itself, and the NFS server waits in the same ones as its client
	case $2 in
	same | kernel | losses | cross*) more='-c 2' ;;
	no-cx16) more='-C cx16=off' ;;
	*) more='' ;;
	esac
	case $1 in
	*-arm64*)
		more="$more -a arm64 -r $(cat $dir/arm64)"
		here=build/arm64
		;;
	*) here=. ;;
	esac
	case $1 in *-16k) export VMLAB_FLAVOUR=16k ;; esac
	began=$(date +%s)
	: >"$console"
	# a busy machine may be too late for the kernel's test of its timer, which then panics
	# shellcheck disable=SC2086 # options
	(cd $here && exec tests/vm/vm.sh -A no_timer_check -t $limit -m 2048 $more -d 512M:ext4 -d 512M:xfs -d 512M:btrfs -l "$root/$console" \
		"${kernel%%-*}" tests/vm/guest.sh "$2") >"$log" 2>"$err"
	status=$?
	took=$(($(date +%s) - began))
	# of all children: "1m2.34s 0m5.67s"; on a busy machine only this can be compared
	times >"$log.times"
	busy=$(awk -F '[ms ]+' 'END { printf "%.0f", $1 * 60 + $2 + $3 * 60 + $4 }' "$log.times")
	{
		sed -n -E "s/^(ok|not ok) - /&$kernel /p; s/^# time /# $kernel $2: /p; /^# # /s/^# //p" "$log"
		if [ $status -ne 0 ]; then
			echo "not ok - $kernel $2: exit status $status after $took s"
			why "$err"
		elif ! grep -qE '^(not )?ok ' "$log"; then
			echo "not ok - $kernel $2: no test was run"
			tail -n 20 "$log" | why -
		elif grep -E '^\[[^]]*\] .*(BUG|WARNING|Oops|INFO: task)' "$console" >"$err"; then
			echo "not ok - $kernel $2: the kernel complains"
			why "$err"
		fi
		echo "# $kernel $2: $busy s of a processor in $took s in all"
	} >"$log.tap"
	flock $dir cat "$log.tap"
	rm -f "$log.tap" "$log.times" "$err"
}

# Numbers the tests; the exit status says whether all is well.
number() {
	count=0 failed=0 began=$(date +%s)
	while IFS= read -r line; do
		case $line in
		"ok - "*) count=$((count + 1)) line="ok $count - ${line#ok - }" ;;
		"not ok - "*)
			count=$((count + 1)) failed=$((failed + 1))
			line="not ok $count - ${line#not ok - }"
			;;
		esac
		printf '%s\n' "$line"
	done
	echo "# all kernels: $(($(date +%s) - began)) s in all"
	echo "1..$count"
	[ $failed -eq 0 ] && [ $count -gt 0 ]
}

if [ "${1:-}" = --guest ]; then
	guest "$2" "$3"
	exit
fi
[ $# -gt 0 ] || set -- 5.10 6.1 6.12 6.18 7.2
for kernel; do
	case $kernel in
	*-arm64*)
		flavour=${VMLAB_FLAVOUR:-cloud}
		case $kernel in *-16k) flavour=16k ;; esac
		if tests/vm/arm64.sh >$dir/arm64 2>$dir/err &&
			VMLAB_FLAVOUR=$flavour tests/vm/kernel.sh "${kernel%%-*}" arm64 >/dev/null 2>>$dir/err &&
			tests/vm/qemu.sh arm64 >/dev/null 2>>$dir/err; then
			for suite in ${SUITES:-cross cross-kernel}; do echo "$kernel $suite"; done >&3
		else
			echo "not ok - $kernel cannot be had, or vfscope cannot be built for it"
			why $dir/err
		fi
		continue
		;;
	esac
	# one after the other: apt's lists have one lock
	if tests/vm/kernel.sh "$kernel" >/dev/null 2>$dir/err &&
		tests/vm/qemu.sh amd64 >/dev/null 2>>$dir/err; then
		suites=${SUITES:-same kernel losses fio names e2e-1-4 e2e-2-4 e2e-3-4 e2e-4-4}
		# the longer ones on some kernels only, so that a slow machine is done within the hour
		[ "$suites" != ci ] || case $kernel in
		5.10) suites="same fio-few" ;;
		6.1) suites="same losses" ;;
		7.2) suites="same kernel fio-few" ;;
		*) suites=same ;;
		esac
		# a kernel that refuses task storage where the processor has no CMPXCHG16B
		case "$kernel $suites " in
		7.2*" same "*) suites="$suites no-cx16" ;;
		# what the machine itself may not be able to run
		6.12*" same "*) build/e2e/data32 --list >/dev/null 2>&1 || suites="$suites e2e-ia32" ;;
		esac
		for suite in $suites; do echo "$kernel $suite"; done >&3
	else
		echo "not ok - $kernel cannot be had"
		why $dir/err
	fi
done 3>$dir/queue >$dir/had
{
	cat $dir/had
	xargs -r -n 2 -P "${JOBS:-$(nproc)}" tests/vm/run.sh --guest <$dir/queue
} | number
