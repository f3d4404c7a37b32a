#!/bin/sh
# rate.sh [RATE [SECONDS]]: streams so many preads a second as JSON into a file in memory,
# with the default buffer. Prints a line of Markdown, and exits 1 if anything was lost.
set -eu
cd "$(dirname "$0")/.."
rate=${1:-500000} seconds=${2:-10}
dir=build/bench
mkdir -p $dir
echo x >$dir/data
out=$(mktemp -p /dev/shm)
trap 'rm -f "$out"' EXIT
build/vfscope trace -j --strict -o read -d $dir -- build/load $dir/data $((rate * seconds)) "$rate" >"$out" 2>$dir/rate.err && status=0 || status=$?
cat $dir/rate.err >&2
did=$(sed -n 's/.* s, \([0-9]*\) a second$/\1/p' $dir/rate.err)
lost=$(tail -n 1 "$out" | grep -o '"lost":{[^}]*}' | grep -o ':[0-9]*' | tr -d : | awk '{ n += $1 } END { print n }')
echo "| ${did:-?} | ${lost:-?} | 0 |"
exit "$status"
