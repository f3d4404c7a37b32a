#!/bin/sh
# guest.sh same|kernel|losses|cross|cross-kernel|no-cx16|fio|fio-few|fs|names|peers-PART-PARTS|peers-bcc|e2e-PART-PARTS|e2e-ia32: what run.sh runs
# in the guest, in the repository, which is writable there and forgotten afterwards. Disks: vda ext4, vdb xfs, vdc btrfs. Prints TAP without numbers, each
# test's name with WHERE before it; what the suites say besides stands behind "# # ", how long each
# took behind "# time ".
set -u

suite() { # WHERE COMMAND...
	where=$1 name='' began=$(date +%s)
	shift
	for word; do
		case $word in *.py) name=${word##*/} && break ;; esac
	done
	{
		"$@" 2>&1
		echo "status $?"
	} | {
		count=0 failed=0 status=none
		while IFS= read -r line; do
			case $line in
			"ok "*) result=ok ;;
			"not ok "*) result="not ok" failed=1 ;;
			1..*) continue ;;
			"status "*) status=${line#status } && continue ;;
			"#"*) printf '# %s\n' "$line" && continue ;;
			*) printf '# # %s\n' "$line" && continue ;;
			esac
			count=$((count + 1))
			printf '%s - %s %s\n' "$result" "$where" "${line#"$result "* - }"
		done
		# no test, or a bad end that no test owns up to
		[ "$count" -gt 0 ] && [ "$status" = 0 ] || [ "$failed" = 1 ] ||
			printf 'not ok - %s exit status %s after %s tests\n' "$where" "$status" "$count"
	}
	echo "# time $where $name: $(($(date +%s) - began)) s"
}

dir=/mnt/vfscope
use() { # FS: mounts a fresh one on $dir/FS
	mkdir -p "$dir/$1"
	case $1 in
	ext4) mount /dev/vda $dir/ext4 ;;
	xfs) mount /dev/vdb $dir/xfs ;;
	btrfs) mount /dev/vdc $dir/btrfs ;;
	tmpfs) mount -t tmpfs tmpfs $dir/tmpfs ;;
	overlay)
		mkdir $dir/ext4/lower $dir/ext4/upper $dir/ext4/work
		mount -t overlay overlay $dir/overlay \
			-o "lowerdir=$dir/ext4/lower,upperdir=$dir/ext4/upper,workdir=$dir/ext4/work"
		;;
	esac || echo "not ok - $1 cannot be mounted"
}

use_here() { # the tests and what they need, on ext4, in the current directory: the end-to-end tests expect that
	use ext4
	mkdir $dir/ext4/build $dir/ext4/scratch
	cp -a tests $dir/ext4/
	cp -a build/vfscope build/e2e $dir/ext4/build/
	umount $dir/ext4 # a file system that is mounted twice has two paths for a file
	mount /dev/vda "$PWD"
	cd "$PWD" || exit
	export VFSCOPE_TIMEOUT=180 # to start takes more than 20 s where two guests share two busy processors
}

fio() { # DIR...
	export VFSCOPE_FIO_SIZE=2m VFSCOPE_FIO_ENGINES="psync vsync pvsync2 sync libaio io_uring splice mmap"
	echo 4096 >/sys/kernel/debug/fault_around_bytes
	VFSCOPE_SCRATCH=$dir/ext4 suite fio python3 tests/system/fio.py "$@"
}

export VFSCOPE_BACKENDS="fentry kprobe tracepoint" # each kernel here offers them all
case $(uname -r) in
# requests under way with the same user_data cannot be told apart there, and are counted as lost
5.10.*) export VFSCOPE_PROGRAMS="data copy names open meta xattr aio" ;;
esac
case $1 in
same)
	build/vfscope doctor | sed 's/^/# /'
	for fs in ext4 xfs btrfs overlay; do use $fs; done
	suite ext4 python3 tests/system/selftest.py $dir/ext4
	VFSCOPE_SCRATCH=$dir/ext4 suite ext4 python3 tests/system/same.py
	suite reflink python3 tests/system/reflink.py $dir/xfs $dir/btrfs
	VFSCOPE_SCRATCH=$dir/overlay suite overlay python3 tests/system/overlay.py
	;;
kernel)
	use ext4
	export VFSCOPE_SCRATCH=$dir/ext4
	VFSCOPE_BACKENDS="fentry kprobe" suite ext4 python3 tests/system/kernel.py
	VFSCOPE_BACKENDS="fentry kprobe" suite ext4 python3 tests/system/lookup.py
	VFSCOPE_BACKENDS="fentry kprobe" suite ext4 python3 tests/system/reach.py
	;;
losses)
	use ext4
	export VFSCOPE_SCRATCH=$dir/ext4
	# two million take minutes here: VFSCOPE_READS=2000000
	VFSCOPE_READS=${VFSCOPE_READS:-200000} suite ext4 python3 tests/system/losses.py
	# kprobes see to it on the other kernels
	case $(uname -r) in 6.1.* | 6.12.*) page=fentry ;; *) page="fentry kprobe" ;; esac
	VFSCOPE_BACKENDS=$page suite ext4 python3 tests/system/page.py
	# by functions: where they can be hooked so, and the kernel does not preempt
	case $(uname -r) in 6.1.* | 6.12.*) VFSCOPE_BACKENDS=fentry suite ext4 python3 tests/system/slots.py ;; esac
	VFSCOPE_BACKENDS="fentry tracepoint" suite ext4 python3 tests/system/quick.py
	# what it is about is the same on all kernels
	case $(uname -r) in 6.12.*) suite ext4 python3 tests/system/refused.py ;; esac
	;;
cross)
	build/vfscope doctor | sed 's/^/# /'
	use ext4
	export VFSCOPE_SCRATCH=$dir/ext4
	suite ext4 python3 tests/system/selftest.py $dir/ext4
	suite ext4 python3 tests/system/same.py
	fio $dir/ext4
	;;
cross-kernel)
	use ext4
	export VFSCOPE_SCRATCH=$dir/ext4
	VFSCOPE_BACKENDS="fentry kprobe" suite ext4 python3 tests/system/kernel.py
	for test in losses page refused; do suite ext4 python3 tests/system/$test.py; done
	;;
no-cx16)
	use ext4
	export VFSCOPE_SCRATCH=$dir/ext4
	! grep -qw cx16 /proc/cpuinfo || echo "not ok - the processor has CMPXCHG16B"
	suite "without task storage" python3 tests/system/same.py
	;;
fio | fio-few)
	for fs in ext4 xfs btrfs tmpfs overlay; do use $fs; done
	fio $dir/ext4 $dir/xfs $dir/btrfs $dir/tmpfs $dir/overlay
	[ "$1" = fio ] || exit 0
	for fs in xfs btrfs; do VFSCOPE_SCRATCH=$dir/$fs suite $fs python3 tests/system/page.py; done
	for fs in btrfs tmpfs; do suite $fs python3 tests/system/selftest.py $dir/$fs; done
	;;
peers-*)
	for fs in ext4 xfs btrfs; do use $fs; done
	VFSCOPE_SCRATCH=$dir suite peers python3 tests/system/peers.py "${1#peers-}"
	;;
fs)
	for fs in xfs btrfs; do use $fs; done
	VFSCOPE_SCRATCH=$dir suite presets python3 tests/system/fs.py
	;;
names)
	use_here
	export VFSCOPE_SCRATCH="$PWD/scratch"
	suite ext4 python3 tests/system/names.py 500
	suite ext4 python3 tests/system/churn.py 10
	python3 tests/e2e/run.py --list | grep -E '^(paths|hostile)/|^cli/(below|names|gone|host-path|children|filter-dir|args|exe)' >/tmp/tests
	suite e2e xargs -d '\n' -a /tmp/tests -x -n 1000 python3 tests/e2e/run.py --
	;;
e2e-*)
	use_here
	part=${1#e2e-}
	# calls are seen at tracepoints whatever the backend, and programs on functions take their time to load
	[ "$part" != ia32 ] || export VFSCOPE_BACKEND=tracepoint
	# its names are its patterns; one that is part of another has that run too, mostly its neighbour
	python3 tests/e2e/run.py --list | awk -v part="${part%-*}" -v parts="${part#*-}" '
		part == "ia32" { if (/32\/|\/int80$/) print; next }
		{ name[NR] = $0 }
		END { for (i = 1; i <= NR; i++) if (int((i - 1) * parts / NR) == part - 1) print name[i] }
	' >/tmp/tests
	suite e2e xargs -d '\n' -a /tmp/tests -x -n 1000 python3 tests/e2e/run.py --
	;;
esac
