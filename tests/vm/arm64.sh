#!/bin/sh
# arm64.sh: what arm64 guests need. Prints a root of Debian's packages, unpacked into the cache and not set
# up, and leaves in build/arm64 the project as it stands, vfscope and the programs of the tests cross-built.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source-path=SCRIPTDIR source=packages.sh
. tests/vm/packages.sh
scripts/deps.sh arm64 >&2

run="base-files bash dash coreutils util-linux mount kmod procps grep sed gawk findutils python3 fio
	libbpf1 libelf1 zlib1g libcap-ng0 libncursesw6 libtinfo6 libgcc-s1 e2fsprogs xfsprogs btrfs-progs
	nfs-kernel-server nfs-common xz-utils"
build="libc6-dev libbpf-dev libelf-dev zlib1g-dev libcap-ng-dev libncurses-dev uthash-dev linux-libc-dev"
tree=$cache/root-arm64-$(echo "$run $build" | cksum | cut -d ' ' -f 1)
if [ ! -d "$tree" ]; then
	packages_of arm64 "$codename"
	rm -rf "$apt_dir/archives" "$tree.new"
	mkdir -p "$apt_dir/archives/partial" "$tree.new"
	# shellcheck disable=SC2086 # lists
	packages apt-get -y --no-install-recommends --download-only -o Debug::NoLocking=1 \
		install $run $build >&2
	for deb in "$apt_dir"/archives/*.deb; do
		dpkg-deb -x "$deb" "$tree.new"
	done
	# what their scripts would have done
	ln -sf gawk "$tree.new/usr/bin/awk"
	[ -e "$tree.new/bin/sh" ] || ln -s dash "$tree.new/bin/sh"
	: >"$tree.new/etc/exports"
	mv "$tree.new" "$tree"
fi

to=build/arm64
mkdir -p $to
cp -a Makefile bench bpf include scripts src tests $to/
triplet=aarch64-linux-gnu
# clang, for Debian's gcc for arm64 and its gcc for 32-bit programs exclude each other
libgcc=$(find /usr/lib/gcc-cross/$triplet -mindepth 1 -maxdepth 1 | sort -V | tail -n 1)
make -s -C $to SYSROOT="$tree" TRIPLET=$triplet WARNINGS=-Wall build/vfscope build/crowd build/load build/strain build/refuse.so e2e CC="clang --target=$triplet -Wno-unused-command-line-argument \
	--sysroot=$tree -B$libgcc -L$libgcc -L$tree/lib/$triplet -L$tree/usr/lib/$triplet \
	-isystem $tree/usr/include -isystem $tree/usr/include/$triplet" >&2
echo "$tree"
