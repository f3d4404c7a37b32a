# shellcheck shell=sh disable=SC2034 # what it sets is for others
# packages.sh, sourced: Debian's packages, of any suite and architecture, unpacked into
# directories of the cache; nothing is installed, and the machine's own package lists stay as
# they are. Where the archive is, proxies and keys: what apt's configuration says.

# depmod, mkfs.*
PATH=$PATH:/usr/sbin:/sbin
cache=${VMLAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vfscope-vm}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
machine=$(dpkg --print-architecture)
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")

# packages_of ARCH SUITE: what `packages` is about from now on.
packages_of() {
	# shellcheck disable=SC2016 # $(REPO_URI) is apt's
	archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
		grep -E '/debian/?$' | head -n 1)
	[ -n "$archive" ] || { echo "no Debian archive in apt's configuration" >&2; return 1; }
	apt_arch=$1 apt_dir=$cache/apt/$2-$1
	mkdir -p "$apt_dir/lists/partial" "$apt_dir/archives/partial"
	echo "deb [arch=$1 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive $2 main" \
		>"$apt_dir/sources.list"
	: >"$apt_dir/status"
	# the lists are brought up to date once a day at most
	if [ -z "$(find "$apt_dir/stamp" -mmin -1440 2>/dev/null)" ]; then
		packages apt-get -o APT::Update::Error-Mode=any update >&2 || return 1
		: >"$apt_dir/stamp"
	fi
}

# packages apt-get|apt-cache ARG...
packages() {
	tool=$1
	shift
	"$tool" -qq -o "Dir::Etc::SourceList=$apt_dir/sources.list" \
		-o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::Preferences=/dev/null \
		-o Dir::Etc::PreferencesParts=/dev/null \
		-o "Dir::State::Lists=$apt_dir/lists" -o "Dir::State::Status=$apt_dir/status" \
		-o "Dir::Cache=$apt_dir" -o "APT::Architecture=$apt_arch" \
		-o "APT::Architectures::=$apt_arch" -o APT::Sandbox::User=root \
		-o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

# unpack DIR PACKAGE...: these packages and nothing they depend on; DIR is there when all is well.
unpack() {
	dir=$1
	shift
	mkdir -p "${dir%/*}"
	new=$(mktemp -d "${dir%/*}/.new.XXXXXX")
	mkdir "$new/debs" "$new/root"
	if (cd "$new/debs" && packages apt-get download "$@" >&2) &&
		for deb in "$new"/debs/*.deb; do dpkg-deb -x "$deb" "$new/root" || break; done; then
		rm -rf "$dir"
		mv "$new/root" "$dir"
		rm -rf "$new"
	else
		echo "packages that cannot be had: $*" >&2
		rm -rf "$new"
		return 1
	fi
}
