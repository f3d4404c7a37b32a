#!/bin/sh
# run.sh [ARG...]: all that `make bench` measures; writes docs/benchmarks.md. The arguments are
# those of cost.py. Exits 1 where a budget is passed.
set -u
cd "$(dirname "$0")/.." || exit 1
dir=build/bench failed=0

part() { # TITLE COLUMNS COMMAND...: what it prints is a table, for the document too
	{
		printf '\n### %s\n\n%s\n' "$1" "$2"
		printf '%s\n' "$2" | sed 's/[^|]*/ --- /g; s/^ --- |/|/; s/| --- $/|/'
	} >>$dir/sinks.md
	shift 2
	echo "$*"
	"$@" >$dir/part && status=0 || status=$?
	cat $dir/part
	cat $dir/part >>$dir/sinks.md
	[ "$status" = 0 ] || failed=1
}

processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
cat >$dir/sinks.md <<EOT
## On the running machine

${processor:-$(uname -m)}, Linux $(uname -r | cut -d - -f 1). Rates are of one core, by the time of the processor. The
machine does other things meanwhile.
EOT
cmp -s build/vfscope $dir/vfscope || cp build/vfscope $dir/
part "What a tool adds to one operation: the same loops on this kernel, in nanoseconds" \
	"| | pread, tmpfs | pread | write | openat + close | stat |" bench/wall.py
part "Records a second, from the bytes of the ring to /dev/null" \
	"| format and mix | millions a second | at least |" $dir/sinks 3
part "An interval that is read and printed" "| what | took | at most |" bench/keys.py
bench/cost.py "$@" || failed=1
bench/rate.sh || failed=1
exit $failed
