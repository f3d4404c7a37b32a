#!/bin/sh
# deps.sh build|test|vm|arm64|bench... : installs what is missing of Debian's packages, and says what.
set -eu

build="gcc make clang llvm bpftool libbpf-dev libelf-dev zlib1g-dev libcap-ng-dev libncurses-dev uthash-dev pkg-config"
test="libcmocka-dev python3 fio strace sqlite3 git tar tmux procps libasan8 libubsan1 iproute2"
vm="qemu-system-x86 busybox-static cpio kmod xz-utils zstd e2fsprogs xfsprogs btrfs-progs fio python3 bpftool nfs-kernel-server"
arm64="clang binutils-aarch64-linux-gnu libgcc-12-dev-arm64-cross"
peers="libbpf-tools bpfcc-tools"
bench="libbpf-tools bpftrace strace linux-perf fatrace"
[ "$(dpkg --print-architecture)" != amd64 ] || test="$test gcc-multilib"

wanted=
for set in "$@"; do
	case $set in
	build) wanted="$wanted $build" ;;
	test) wanted="$wanted $test" ;;
	vm) wanted="$wanted $vm" ;;
	arm64) wanted="$wanted $arm64" ;;
	bench) wanted="$wanted $bench" ;;
	peers) wanted="$wanted $peers" ;;
	*) echo "usage: deps.sh build|test|vm|arm64|bench|peers..." >&2; exit 2 ;;
	esac
done
missing=
for package in $wanted; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
		missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ]; then
	echo "these packages are missing, and only root can install them:$missing" >&2
	exit 1
fi
echo "installing:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 # a list
apt-get install -y -qq --no-install-recommends $missing >&2
