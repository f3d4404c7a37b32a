#!/bin/sh
# vm.sh [options] VERSION PROGRAM [ARG...]
#
# Boots Debian's kernel VERSION (5.10, 6.1, 7.2 ...) in QEMU and runs PROGRAM there as root, in
# the current directory of a root that is this machine's own /, read-only, below a writable
# layer in memory. The program's output is streamed to stdout. The exit status is the program's;
# 124: the time was over, 125: the guest died before the program ended, 126: nothing was started.
#
#   -a ARCH       amd64 (default) or arm64
#   -r DIR        a root other than / (for arm64; the current directory is shown in it)
#   -d SIZE[:FS]  a scratch disk (/dev/vda, vdb ... in order), with a file system FS on it
#   -t SECONDS    time limit (120)
#   -m MIB -c N   memory (1024), processors (1)
#   -i SHIFT      -icount shift=SHIFT: the guest's clock counts instructions, each takes
#                 2^SHIFT ns (0 to measure); one processor
#   -A ARGS       more arguments for the kernel
#   -C FEATURES   more of QEMU's -cpu, like cx16=off
#   -l FILE       keep the kernel's console in FILE
#
# Environment: VMLAB_CACHE, VMLAB_ACCEL (kvm, where it works), those of kernel.sh.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$here/packages.sh"
die() { echo "vm.sh: $*" >&2; exit 126; }

arch=amd64 root=/ disks='' limit=120 mem=1024 cpus=1 icount='' args='' features='' log=''
while getopts a:r:d:t:m:c:i:A:C:l: option; do
	case $option in
	a) arch=$OPTARG ;;
	r) root=$OPTARG ;;
	d) disks="$disks $OPTARG" ;;
	t) limit=$OPTARG ;;
	m) mem=$OPTARG ;;
	c) cpus=$OPTARG ;;
	i) icount=$OPTARG ;;
	A) args=$OPTARG ;;
	C) features=,$OPTARG ;;
	l) log=$OPTARG ;;
	*) exit 126 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 2 ] || die "usage: vm.sh [options] VERSION PROGRAM [ARG...]"
[ "$(id -u)" = 0 ] || die "only root can share / with the guest"
version=$1
shift
kernel=$("$here/kernel.sh" "$version" "$arch") || exit 126
qemu=$("$here/qemu.sh" "$arch") || exit 126
release=$(cat "$kernel/release")
tmp=$(mktemp -d)
virtiofsd=''
trap '[ -z "$virtiofsd" ] || kill "$virtiofsd" 2>/dev/null || :; rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM

# --- the initramfs: busybox, init, modules (kept with the kernel), and the job ----------

make_initramfs() { # ROOT
	busybox=/usr/bin/busybox
	if [ "$arch" != "$machine" ]; then
		busybox=$cache/busybox-$arch
		if [ ! -d "$busybox" ]; then
			packages_of "$arch" "$codename"
			unpack "$busybox" busybox-static
		fi
		busybox=$(find "$busybox" -name busybox -type f -path '*bin/*')
	fi
	mkdir -p "$1/bin" "$1/sbin" "$1/dev" "$1/proc" "$1/sys" "$1/lib/modules/$release"
	cp "$here/init" "$1/init"
	cp "$busybox" "$1/bin/busybox"
	ln -s /bin/busybox "$1/sbin/modprobe" # for what the kernel itself asks for
	ln -s /bin/busybox "$1/bin/sh"
	for module in virtio_pci virtio_mmio virtio_blk virtio_console virtiofs ext4 xfs btrfs \
		overlay loop crc32c-cryptoapi crc32c-intel xxhash_generic; do # btrfs asks by alias
		modprobe -d "$kernel" -S "$release" -n -a --show-depends "$module" 2>/dev/null || :
	done | awk '$1 == "insmod" { print $2 }' | sort -u >"$tmp/modules"
	while read -r module; do
		to=$1${module#"$kernel"}
		mkdir -p "${to%/*}"
		case $module in # busybox does not load compressed ones
		*.xz) xz -dc "$module" >"${to%.xz}" ;;
		*.zst) zstd -qdc "$module" >"${to%.zst}" ;;
		*) cp "$module" "$to" ;;
		esac
	done <"$tmp/modules"
	cp "$kernel/lib/modules/$release"/modules.builtin* \
		"$kernel/lib/modules/$release/modules.order" "$1/lib/modules/$release/"
	depmod -b "$1" "$release"
}

pack() { find . -mindepth 1 | cpio -o -H newc -R 0:0 --quiet; } # unpacking is slow enough
base=$kernel/initramfs-$(cat "$here/vm.sh" "$here/init" | cksum | cut -d ' ' -f 1)
if [ ! -e "$base" ]; then
	make_initramfs "$tmp/base"
	(cd "$tmp/base" && pack) >"$tmp/initramfs"
	rm -f "$kernel"/initramfs*
	mv "$tmp/initramfs" "$base"
fi
quote() { printf "'%s' " "$(printf %s "$1" | sed "s/'/'\\\\''/g")"; }
mkdir "$tmp/job"
{
	echo "DIR=$(quote "$PWD") MODULES=$(quote "$kernel/lib/modules") CLOCK=$(date +%s)"
	printf 'set -- '
	for arg; do quote "$arg"; done
	echo
} >"$tmp/job/job"
(cd "$tmp/job" && pack) | cat "$base" - >"$tmp/initrd"

# --- the root: virtiofsd cannot be told to be read-only, so it gets a read-only view -----

mkdir "$tmp/view"
if [ "$root" != / ]; then
	root=$(cd "$root" && pwd)
	mkdir -p "$root$PWD" "$root$kernel"
fi
# shellcheck disable=SC2016 # the inner shell's
unshare -m sh -ec '
	view=$1 root=$2 socket=$5
	ro() { mount --bind "$1" "$2"; mount -o remount,bind,ro "$2"; }
	mount --make-rprivate /
	ro "$root" "$view"
	for d in "$3" "$4"; do
		[ "$root" != / ] || d=$(stat -c %m "$d")
		[ "$d" = / ] || ro "$d" "$view$d"
	done
	exec "$(command -v virtiofsd || echo /usr/lib/qemu/virtiofsd)" \
		--socket-path="$socket" -o source="$view" -o cache=always -o sandbox=chroot -o xattr
' sh "$tmp/view" "$root" "$PWD" "$kernel" "$tmp/socket" >"$tmp/virtiofsd.log" 2>&1 &
virtiofsd=$!
n=0
until [ -S "$tmp/socket" ]; do
	n=$((n + 1))
	{ [ $n -lt 500 ] && kill -0 "$virtiofsd" 2>/dev/null; } ||
		{ cat "$tmp/virtiofsd.log" >&2; die "virtiofsd did not start"; }
	sleep 0.02
done

# --- QEMU ----------------------------------------------------------------------------

case $arch in
amd64) type=q35 cpu=max,la57=off console=ttyS0 ;; # five levels of page tables: only slower
arm64) type=virt,gic-version=3 cpu=max,pauth-impdef=on console=ttyAMA0 ;;
*) die "no such architecture: $arch" ;;
esac
log=${log:-$tmp/console}
: >"$tmp/status"
mkfifo "$tmp/out" # not a chardev on stdout, which would end with stdin
set -- -nodefaults -no-user-config -display none -no-reboot \
	-M "$type" -cpu "$cpu$features" -m "$mem" -kernel "$kernel/vmlinuz" -initrd "$tmp/initrd" \
	-append "console=$console loglevel=5 panic=-1 oops=panic nokaslr random.trust_cpu=on $args" \
	-chardev "file,id=con,path=$log" -serial chardev:con \
	-device virtio-serial-pci \
	-chardev "file,id=out,path=$tmp/out" -device virtserialport,chardev=out,name=out \
	-chardev "file,id=status,path=$tmp/status" \
	-device virtserialport,chardev=status,name=status \
	-object "memory-backend-memfd,id=mem,size=${mem}M,share=on" -machine memory-backend=mem \
	-chardev "socket,id=fs,path=$tmp/socket" -device vhost-user-fs-pci,chardev=fs,tag=root
if [ -n "$icount" ]; then
	set -- "$@" -accel tcg,thread=single -smp 1 -icount "sleep=off,shift=$icount"
else
	set -- "$@" -accel "${VMLAB_ACCEL:-tcg,thread=multi}" -smp "$cpus"
fi
n=0
for disk in $disks; do
	n=$((n + 1))
	truncate -s "${disk%:*}" "$tmp/disk$n"
	case $disk in
	*:*) "mkfs.${disk#*:}" -q "$tmp/disk$n" >/dev/null || die "mkfs.${disk#*:} failed" ;;
	esac
	set -- "$@" -drive "file=$tmp/disk$n,format=raw,if=virtio,cache=unsafe"
done

cat "$tmp/out" &
cat=$!
rc=0
# shellcheck disable=SC2086 # a command and its options
timeout -k 5 "$limit" $qemu "$@" </dev/null || rc=$?
exec 8<>"$tmp/out" 8>&- # lets cat end where QEMU never opened it
wait "$cat" || :
status=$(cat "$tmp/status")
if [ $rc -eq 124 ] || [ $rc -eq 137 ]; then
	tail -n 20 "$log" >&2
	echo "vm.sh: $version: not done after $limit s" >&2
	exit 124
elif [ -z "$status" ]; then
	tail -n 40 "$log" >&2
	echo "vm.sh: $version: the guest died (QEMU's exit status: $rc)" >&2
	exit 125
fi
exit "$status"
