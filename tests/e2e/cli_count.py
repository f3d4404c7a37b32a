# SPDX-License-Identifier: GPL-2.0
"""count: calls of kernel functions; where there are no kprobes, that this is said."""
import json
import os
import sys

from act import Cases
from vfs import Scratch, equal, fail, has_functions, read_text, vfscope

CASES = Cases()


def records(output):
    lines = [json.loads(line) for line in output.out.splitlines()]
    return lines[:-1], lines[-1]


@CASES.case
def count_exact():
    """Each call of a program is counted, and those of others are not."""
    calls = "import os\nfor i in range(4321): os.getppid()"
    output = vfscope("count", "*_sys_getppid", "-j", "--", sys.executable, "-S", "-c", calls)
    if not has_functions():
        equal("exit status without kprobes", output.status, 3)
        equal("says why", b"kprobes" in output.err, True)
        return
    rows, summary = records(output)
    equal("functions and calls", {row["count"] for row in rows}, {4321})
    equal("sum", summary["events"], sum(row["count"] for row in rows))
    equal("exact", summary["exact"], True)


@CASES.case
def count_intervals():
    """The sum over all intervals is that of the run; what has no row is in one, 'other'."""
    calls = "import os\nfor i in range(200000): os.getppid(); os.getuid()"
    output = vfscope("count", "__do_sys_get[pu][pi]*", "0.05", "-n", "1", "-j", "--", sys.executable, "-S", "-c", calls)
    if not has_functions():
        equal("exit status without kprobes", output.status, 3)
        return
    rows, _ = records(output)
    named = sum(row["count"] for row in rows if row.get("function") == "__do_sys_getppid")
    if len({row["ts_ns"] for row in rows}) < 2:
        fail("only one interval")
    equal("calls", named + sum(row["count"] for row in rows if row.get("other")) >= 200000, True)


@CASES.case
def count_bad():
    for args, status, words in (
            (("vfs_raed",), 2, b"'vfs_read'"), (("vfs_writ*e_it*", "-j"), 2, b"nearest"),
            ((), 2, b"which functions"), (("vfs_*", "0"), 2, b"interval"),
            (("vfs_read", "-s", "cuont"), 2, b"'count'"), (("vfs_read", "-F", "fucntion"), 2, b"'function'"),
            (("vfs_read", "-s", "address"), 2, b"order"), (("vfs_read", "-o", "read"), 2, b"-o"),
            (("vfs_read", "-c", "x" * 80), 2, b"15 bytes")):
        output = vfscope("count", *args)
        equal("status of %r: %r" % (args, output.err), output.status, status)
        equal("message of %r: %r" % (args, output.err), words in output.err, True)
        equal("data of %r" % (args,), output.out, b"")


@CASES.case
def count_by_name():
    """-s function: in its order, as any key."""
    output = vfscope("count", "vfs_*", "-s", "function", "-j", "--", "true")
    if not has_functions():
        equal("exit status without kprobes", output.status, 3)
        return
    names = [row["function"] for row in records(output)[0]]
    equal("in order", names, sorted(names))


@CASES.case
def vfscount():
    output = vfscope("vfscount", "-j", "--", "true")
    if not has_functions():
        equal("exit status without kprobes", output.status, 3)
        return
    rows, _ = records(output)
    equal("names", {row["function"][:4] for row in rows}, {"vfs_"})
    equal("some", "vfs_read" in {row["function"] for row in rows}, True)
    table = vfscope("vfscount", "--", "true").out.decode().splitlines()
    equal("titles", table[0].split(), ["ADDR", "FUNC", "COUNT"])


LOOKUPS = ["refs_s", "slow_s", "misses_s", "negatives_s"]


@CASES.case
def unseen_is_not_none():
    """Of what the backend does not see nothing is said, not even 0; and said is what would see it."""
    for args in (("stat", "--caches"), ("stat", "-o", "read,lookup", "-F", "ts_ns,read,lookup," + ",".join(LOOKUPS))):
        output = vfscope(*args, "--backend", "tracepoint", "-f", "csv", "10", "--", "cat", "/etc/hosts")
        lines = output.out.decode().splitlines()
        row = dict(zip(lines[0].split(","), lines[1].split(",")))
        equal("look-ups", [row.get(name, "") for name in [*LOOKUPS, "hit_pct", "lookup"]], [""] * 6)
        equal("what is seen", all(row.get(name, "0") for name in ("read", "dentries_s", "pages_added")), True)
        for word in ("warning", "lookup", "backend fentry or kprobe"):
            equal(f"{word!r} on stderr", word in output.err.decode().splitlines()[0], True)


@CASES.case
def caches():
    """What the kernel says of all the machine, so other programs have a part in it: more than they do is done."""
    with Scratch() as scratch:
        before = int(read_text("/proc/sys/fs/file-nr").split()[0])
        names = int(read_text("/proc/sys/fs/dentry-state").split()[0])
        files = [os.open("%s/%d" % (scratch, i), os.O_CREAT | os.O_RDWR) for i in range(900)]
        output = vfscope("stat", "--caches", "-j", "0.2", "1")
        for file in files:
            os.close(file)
    rows, _ = records(output)
    equal("kinds of record", [row["type"] for row in rows], ["caches"])
    equal("open files", rows[0]["files"] - before > 450, True)
    equal("names", rows[0]["dentries"] - names > 450, True)
    equal("changes", [name for name in ("dentries_s", "inodes_s", "files_s", "cached_s") if name not in rows[0]], [])
    unseen = "lookup" in records(output)[1]["unseen"]
    equal("look-ups unseen", unseen, not has_functions())
    equal("look-ups", [name in rows[0] for name in LOOKUPS], [not unseen] * 4)
    table = vfscope("stat", "--caches", "0.1", "2").out.decode().splitlines()
    equal("titles", table[0].split(), "TIME DENTRIES +/s INODES +/s FILES +/s HIT% CACHED DIRTY".split())
    equal("lines", len(table), 3)
    equal("80 columns", max(map(len, table)) <= 80, True)
    for args in (("-o", "read"), ("--by", "pid")):
        equal("status", vfscope("stat", "--caches", *args).status, 2)
