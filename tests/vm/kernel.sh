#!/bin/sh
# kernel.sh VERSION [amd64|arm64]: prints the directory of Debian's newest kernel of a series
# (5.10, 6.1, 7.2 ...), which it fetches into the cache where it is not there yet:
#   vmlinuz, config, release, lib/modules/RELEASE
#
#   VMLAB_FLAVOUR  cloud (default), generic, or 16k: of arm64, with pages of that size
#   VMLAB_SUITE    the suite to look in (default: by version)
#   VMLAB_REFRESH  1: look for a newer one
#   VMLAB_HEADERS  1: with what programs are compiled against for it (lib/modules/RELEASE/build, source), if
#                  the archive still has that
set -eu
version=${1:?usage: kernel.sh VERSION [ARCH]}
arch=${2:-amd64}
# shellcheck source-path=SCRIPTDIR source=packages.sh
. "$(dirname "$0")/packages.sh"

case ${VMLAB_FLAVOUR:-cloud} in
cloud) flavour=cloud-$arch ;;
16k) flavour=$arch-16k ;;
*) flavour=$arch ;;
esac
dir=$cache/kernels/$version-$flavour
case $version in
5.10) suite=bullseye ;;
6.1) suite=bookworm ;;
6.12) suite=trixie ;;
7.3) suite=experimental ;;
*) suite=trixie-backports ;;
esac
suite=${VMLAB_SUITE:-$suite}

headers() {
	kernel=$dir release=$(cat "$dir/release") # unpack has a dir of its own
	common=${release%"-$flavour"}-common
	[ -d "$kernel/headers" ] || {
		packages_of "$arch" "$suite" &&
			unpack "$kernel/headers" "linux-headers-$release" "linux-headers-$common"
	} || return
	ln -sfn "$kernel/headers/usr/src/linux-headers-$release" "$kernel/lib/modules/$release/build"
	ln -sfn "$kernel/headers/usr/src/linux-headers-$common" "$kernel/lib/modules/$release/source"
}
there() {
	echo "$dir"
	[ -z "${VMLAB_HEADERS:-}" ] || headers >&2 || echo "no headers for $version" >&2
}
if [ -e "$dir/release" ] && [ -z "${VMLAB_REFRESH:-}" ]; then
	there
	exit
fi
packages_of "$arch" "$suite"

# Up to 6.18 linux-image holds everything. Since 6.19 it is empty and pulls in
# linux-{base,binary,modules}; superseded versions lose their modules, and are no use.
has() { packages apt-cache pkgnames "$1" | grep -qxF -e "$1"; }
images() { # PATTERN: the packages of each kernel that can be had, the newest first, one kernel a line
	packages apt-cache pkgnames linux-image- | grep -E "^linux-image-$1[^-]*(-[0-9]+)?-$flavour\$" | sort -rV |
		while read -r image; do
			name=${image#linux-image-}
			if ! has "linux-binary-$name"; then
				echo "$image"
			elif has "linux-modules-$name"; then
				echo "linux-base-$name linux-binary-$name linux-modules-$name"
			fi
		done
}
wanted=$(images "$(echo "$version" | sed 's/[.]/[.]/g')" | head -n 1)
if [ -z "$wanted" ]; then
	there=$(images '[0-9]' | sed -E 's/^[^0-9]*([0-9]+[.][0-9]+).*/\1/' | sort -uV | tr '\n' ' ')
	echo "no linux-image-$version*-$flavour with its modules in $suite, where these series are: ${there:-none}" >&2
	echo "(VMLAB_SUITE=SUITE looks in another one, make test-vm KERNEL=... takes other kernels)" >&2
	exit 1
fi

# shellcheck disable=SC2086 # a list
unpack "$dir" $wanted
# /boot and /lib/modules in older packages, all in /usr/lib/modules/RELEASE in new ones
mkdir -p "$dir/lib"
[ ! -d "$dir/usr/lib/modules" ] || mv "$dir/usr/lib/modules" "$dir/lib/"
release=$(ls "$dir/lib/modules")
for file in vmlinuz config; do
	mv "$dir/boot/$file-$release" "$dir/$file" 2>/dev/null ||
		mv "$dir/lib/modules/$release/$file" "$dir/$file"
done
rm -rf "${dir:?}/usr" "${dir:?}/boot"
depmod -b "$dir" "$release" # else made when a package is installed
echo "$release" >"$dir/release"
there
