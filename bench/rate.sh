#!/bin/sh
# rate.sh [RATE [SECONDS]]: streams so many preads a second as JSON into a file in memory,
# with the default buffer; says what was lost, and exits 1 if anything was.
set -eu
cd "$(dirname "$0")/.."
rate=${1:-500000} seconds=${2:-10}
dir=build/bench
mkdir -p $dir
echo x >$dir/data
out=$(mktemp -p /dev/shm)
trap 'rm -f "$out"' EXIT
build/vfscope trace -j --strict -o read -d $dir -- build/load $dir/data $((rate * seconds)) "$rate" >"$out" && status=0 || status=$?
tail -n 1 "$out"
exit "$status"
