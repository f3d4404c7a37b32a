#!/bin/sh
# qemu.sh ARCH: prints the QEMU command to use, as one line of words.
#
# Up to 8.0, QEMU's multi-threaded emulation races with the kernel's patching of its own code
# (jump labels, ftrace, BPF trampolines): guests die of "Oops: int3". Where the machine's QEMU
# is that old (Debian 12: 7.2), the one of its backports is unpacked into the cache.
set -eu
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$(dirname "$0")/packages.sh"
case $1 in
amd64) program=qemu-system-x86_64 package=qemu-system-x86 ;;
arm64) program=qemu-system-aarch64 package=qemu-system-arm ;;
esac
version=$("$program" --version 2>/dev/null | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p')
if dpkg --compare-versions "${version:-0}" ge 8.1; then
	echo "$program"
	exit
fi
dir=$cache/qemu-$1
if [ ! -x "$dir/usr/bin/$program" ]; then
	packages_of "$machine" "$codename-backports"
	unpack "$dir" "$package" qemu-system-data seabios
fi
if ldd "$dir/usr/bin/$program" | grep 'not found' >&2; then
	echo "$package has to be installed: it brings these libraries" >&2
	exit 1
fi
echo "$dir/usr/bin/$program -L $dir/usr/share/qemu -L $dir/usr/share/seabios"
