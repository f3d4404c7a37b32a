#!/bin/sh
# run.sh [ARG... [PATTERN]]: all that `make bench` measures; writes docs/benchmarks.md. The arguments
# are those of cost.py. PATTERN: of the parts too only those with such a title are measured; the
# document has of the others what was measured last. Exits 1 where a budget is passed.
set -u
cd "$(dirname "$0")/.." || exit 1
dir=build/bench failed=0 pattern='' value=''
for arg; do
	[ -z "$value" ] || { value='' && continue; }
	case $arg in
	-k | -n) value=its ;;
	-*) ;;
	*) pattern=$arg ;;
	esac
done

part() { # NAME TITLE COLUMNS COMMAND...: what it prints is a table, for the document too
	name=$dir/part-$1 title=$2 columns=$3
	shift 3
	if echo "$title" | grep -Eq -- "$pattern"; then
		echo "$*"
		"$@" >"$name.new" && status=0 || status=$?
		cat "$name.new"
		mv "$name.new" "$name"
		[ "$status" = 0 ] || failed=1
	fi
	[ -s "$name" ] || return
	{
		printf '\n%s\n\n%s\n' "$title" "$columns"
		printf '%s\n' "$columns" | sed 's/[^|]*/ --- /g; s/^ --- |/|/; s/| --- $/|/'
		cat "$name"
	} >>$dir/sinks.md
}

cmp -s build/vfscope $dir/vfscope || cp build/vfscope $dir/
: >$dir/sinks.md
part scale "## What is added to one operation on 6.1, where there is little and where there is much" \
	"| tool | much, for little | added with little | with much | grows (15% at most) |" bench/scale.py
processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
cat >>$dir/sinks.md <<EOT

## On the running machine

${processor:-$(uname -m)}, Linux $(uname -r | cut -d - -f 1). Rates are of one core, by the time of the processor. The
machine does other things meanwhile.
EOT
part wall "### What a tool adds to one operation: the same loops on this kernel, in nanoseconds" \
	"| | pread, tmpfs | pread | write | openat + close | stat |" bench/wall.py
part contention "### A pread on one processor, alone and while another does the same" \
	"| | alone | beside | lost | at most |" bench/contention.py
part sinks "### Records a second, from the bytes of the ring to /dev/null" \
	"| format and mix | millions a second | at least |" $dir/sinks 3
part keys "### An interval that is read and printed" "| what | took | at most |" bench/keys.py
part rate "### What is lost of 500,000 preads a second, streamed as JSON" "| preads a second | lost | at most |" bench/rate.sh
bench/cost.py "$@" || failed=1
exit $failed
