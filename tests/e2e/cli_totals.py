# SPDX-License-Identifier: GPL-2.0
"""top, stat, hist, and the presets: what they add up is what a trace of the same shows one by one."""
import collections
import contextlib
import ctypes
import json
import os
import pwd
import re
import signal
import subprocess
import sys
import time

from act import Cases
from vfs import REPO, Scratch, Tracing, equal, fail, has_functions, takes_to_start, vfscope

CASES = Cases()


def act(scratch):
    """A bit of all: reads, writes, copies, paths that lead somewhere and nowhere."""
    for i in range(20):
        os.makedirs(f"{scratch}/a/b{i % 3}/c", exist_ok=True)
        path = f"{scratch}/a/b{i % 3}/f{i}"
        fd = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
        os.write(fd, b"x" * (100 * i))
        os.pread(fd, 10 * i, 0)
        os.pwritev(fd, [b"a", b"bc"], 5)
        os.fsync(fd)
        os.stat(path)
        for wrong in (lambda: os.open(path + ".none", os.O_RDONLY), lambda: os.stat(path + "/x"),
                      lambda: os.rmdir(path)):
            try:
                wrong()
            except OSError:
                pass
        out = os.open(path + ".copy", os.O_CREAT | os.O_WRONLY)
        os.sendfile(out, fd, 0, 50)
        os.close(out)
        os.close(fd)
        os.rename(path, path + "\udcff\n")
        os.listdir(scratch + "/a")
    subprocess.run(["cp", "-r", scratch + "/a", scratch + "/z"], check=True)


def user_of(record):
    try:
        return pwd.getpwuid(record["uid"]).pw_name
    except KeyError:
        return str(record["uid"])


def dir_of(record, levels=None):
    path = record.get("path")
    if path is None:
        return None
    if record.get("ftype") != "dir":
        path = path[:path.rindex("/")] or "/"
    if levels and path != "/":
        path = "/".join(path.split("/")[:levels + 1])
    return path


MADE = {"user": user_of, "dir": dir_of, "dir:2": lambda r: dir_of(r, 2), "dir:99": dir_of}


def grouped(ops, keys):
    """{values of the keys: [count, errors, bytes, longest]} of single operations."""
    sums = collections.defaultdict(lambda: [0, 0, 0])
    for op in ops:
        at = tuple(MADE[key](op) if key in MADE else op.get(key) for key in keys)
        sums[at][0] += 1
        sums[at][1] += op["ret"] < 0
        sums[at][2] += op.get("bytes", 0)
    return dict(sums)


def added(rows, keys):
    sums = collections.defaultdict(lambda: [0, 0, 0])
    for row in rows:
        at = ("other",) if row.get("other") else tuple(row.get(key) for key in keys)
        for i, key in enumerate(("count", "errors", "bytes")):
            sums[at][i] += row[key]
    return dict(sums)


def differ(expected, got):
    wrong = [f"{at}: {got.get(at)} instead of {expected.get(at)}"
             for at in sorted(set(expected) | set(got), key=repr) if got.get(at) != expected.get(at)]
    if wrong:
        fail("%d of %d rows are wrong:\n%s", len(wrong), len(expected), "\n".join(wrong[:20]))


NOBODY = 54321  # a user that no one else on this machine is


def run_beside(commands, options):
    """What each command has to say of act(), done by a user of its own; into files, for pipes fill up."""
    with Scratch() as scratch, Scratch() as outputs, contextlib.ExitStack() as stack:
        os.chmod(scratch, 0o777)
        files = [stack.enter_context(open(f"{outputs}/{i}", "w+b")) for i in range(len(commands))]
        tracings = [stack.enter_context(Tracing(*command, "-j", "-u", str(NOBODY), *options, stdout=file))
                    for command, file in zip(commands, files)]
        if not os.fork():
            with contextlib.suppress(BaseException):
                os.setuid(NOBODY)
                act(scratch)
                os._exit(0)
            os._exit(1)
        equal("status of what was done", os.wait()[1], 0)
        result = [tracing.stop() for tracing in tracings]
        for output, file in zip(result, files):
            file.seek(0)
            output.out = file.read()
    return result


def side_by_side(commands, options=()):
    """The operations of a trace, and the rows of each command that has seen the same."""
    outputs = run_beside([("trace",), *commands], options)
    parsed = [output.parse() for output in outputs]
    for output, (_, summary) in zip(outputs, parsed):
        equal("exit status", output.status, 0)
        equal("lost", {key: n for key, n in summary["lost"].items() if n}, {})
        equal("exact", summary["exact"], True)
    return parsed[0][0], [rows for rows, _ in parsed[1:]]


def same_totals(*lists, options=()):
    commands = [("top", "20ms", "--by", keys) for keys in lists]
    ops, tops = side_by_side(commands, options)
    if len(ops) < 10:
        fail("only %d operations", len(ops))
    for keys, rows in zip(lists, tops):
        keys = keys.split(",")
        for row in rows:
            if [key for key in row if key in keys] != list(row)[:len([k for k in keys if k in row])]:
                fail("keys do not come first: %r", row)
        differ(grouped(ops, keys), added(rows, keys))


@CASES.case
def by_one():
    same_totals("pid", "comm", "path", "op", "via", "fs")
    same_totals("dev", "uid", "ino", "ftype", "err", "dir")
    same_totals("tid", "ppid", "pcomm", "mnt_ns", "name", "cgroup")


@CASES.case
def by_some():
    same_totals("pid,path", "cgroup,op", "fs,dev", "dir:2,err", "user,comm,dir:99", "op,pid,via,fs,dev,ino,err,path")


@CASES.case
def by_what_the_kernel_side_does_not_keep():
    same_totals("fd,op", "flags", "ret,op,path2", "offset")


@CASES.case
def filtered_in_user_space():
    same_totals("pid,op", "err", options=("--err", "ENOENT,ENOTDIR"))
    same_totals("path", options=("--path", "**.copy"))
    same_totals("op,comm", options=("-c", "c*"))


@CASES.case
def filtered():
    same_totals("op", "path", options=("-x",))
    same_totals("op", "path", options=("-o", "data", "--min-size", "500"))


@CASES.case
def stat_is_by_operation():
    ops, (rows, with_key) = side_by_side([("stat", "20ms"), ("stat", "20ms", "--by", "comm")])
    differ(grouped(ops, ["op"]), added(rows, ["op"]))
    differ(grouped(ops, ["comm", "op"]), added(with_key, ["comm", "op"]))


@CASES.case
def hist_of_sizes():
    ops, (rows,) = side_by_side([("hist", "--of", "size", "--linear", "--by", "op")])
    equal("types", {row["type"] for row in rows}, {"hist"})
    differ(grouped(ops, ["op"]), added(rows, ["op"]))
    for row in rows:
        sizes = [op.get("bytes", 0) for op in ops if op["op"] == row["op"]]
        for low, high, count in row["buckets"]:
            equal(f"{row['op']} from {low} to below {high}", count, sum(low <= n < high for n in sizes))
        equal("in buckets", sum(count for _, _, count in row["buckets"]), len(sizes))


@CASES.case
def other_has_the_rest():
    ops, tops = side_by_side([("top", "--by", "path", "--map-entries", "4", "10s"),
                              ("top", "--by", "path", "-n", "3", "-s", "count", "10s")])
    sums = [len(ops), sum(op["ret"] < 0 for op in ops), sum(op.get("bytes", 0) for op in ops)]
    for got, most in zip(tops, (4, 3)):
        if len(got) > most + 1 or not got[-1].get("other"):
            fail("%d rows, the last: %r", len(got), got[-1])
        equal("sums", [sum(row[key] for row in got) for key in ("count", "errors", "bytes")], sums)


@CASES.case
def stat_keeps_the_largest():
    """Of rows beyond -n, those that move the least go into 'other'; without bytes, the fewest operations."""
    with Scratch() as scratch:
        # in the order of their names these would not be first
        sizes = {f"{scratch}/{name}": size for name, size in zip("abcdef", (10, 4000, 20, 5000, 30, 40))}
        for path, size in sizes.items():
            with open(path, "wb") as file:
                file.write(b"x" * size)
        script = "".join(f"cat {path} >/dev/null;" for path in sizes)
        stat = ("stat", "--by", "path", "-d", scratch, "10")
        rows = vfscope(*stat, "-j", "-o", "read", "-n", "2", "--", "sh", "-c", script).records()
        equal("rows", [(row.get("path"), row["bytes"]) for row in rows],
              [(scratch + "/d", 5000), (scratch + "/b", 4000), (None, 100)])
        equal("the rest", rows[2]["other"], True)
        script = "".join(f"test -e {path};" * (1 + size // 1000) for path, size in sizes.items())
        rows = vfscope(*stat, "-j", "-o", "stat,access", "-n", "2", "--", "sh", "-c", script).records()
        equal("rows", [(row.get("path"), row["count"]) for row in rows],
              [(scratch + "/d", 6), (scratch + "/b", 5), (None, 4)])
        table = vfscope(*stat, "-o", "read", "-n", "1", "--", "cat", *sizes)
        equal("table", ["/d" in line for line in table.out.decode("latin-1").splitlines() if scratch in line], [True])


@CASES.case
def so_many_intervals():
    start = takes_to_start()
    began = time.monotonic()
    output = vfscope("stat", "100ms", "3", "-p", str(os.getpid()))
    took = time.monotonic() - began
    equal("exit status", output.status, 0)
    equal("lines", len(output.out.splitlines()), 1 + 3)
    if not 0.3 <= took <= 2 + start:
        fail("3 times 100 ms took %f s", took)


@CASES.case
def heatmap():
    output = vfscope("hist", "--heatmap", "100ms", "3", "-u", "0")
    equal("exit status", output.status, 0)
    lines = output.out.decode().splitlines()
    equal("lines", len(lines), 1 + 3)
    equal("no longer than 80", [line for line in lines if len(line) > 80], [])
    if not lines[0].startswith("TIME ") or not set("".join(line[13:] for line in lines[1:])) <= set(" .:-=+*#%@"):
        fail("%r", lines)


@CASES.case
def what_is_wrong():
    for args, words in [
            (("top", "--by", "pth"), ("pth", "path")), (("top", "--by", "dir:x"), ("dir:x", "dir:N")),
            (("top", "--by", ""), ("key",)), (("top", "--by", "pid,pid"), ("pid", "twice")),
            (("top", "--by", "flags", "-o", "unlink"), ("flags", "open")),
            (("top", "--by", "pid,offset", "-o", "names"), ("offset", "read")),
            (("top", "--by", "mount_type", "-o", "read"), ("mount_type", "mount")),
            (("top", "--by", "queue_ns"), ("queue_ns", "unasked", "bio")),
            (("hist", "--by", "queue_ns", "-o", "read"), ("queue_ns", "bio")),
            (("stat", "--by", "pid,prev_tid", "-o", "read"), ("prev_tid", "runq")),
            (("top", "--by", "prev_comm", "--where", "op == read"), ("prev_comm", "runq")),
            (("top", "--by", "kind", "-o", "names"), ("kind", "fault")),
            (("top", "--by", "fd", "-o", "unlink"), ("fd", "read, write")),
            (("top", "--by", "mode", "-o", "close"), ("mode", "open")),
            (("top", "--by", "dir:2", "-o", "runq"), ("dir:2", "read")),
            (("filetop", "-o", "runq"), ("--by ftype", "read")),
            (("top", "--by", "layer"), ("layer", "--layers")), (("top", "--by", "data"), ("data",)),
            (("hist", "--of", "size", "-o", "open,stat"), ("size", "read, write, readdir, page, bio")),
            (("hist", "-o", "page,lookup"), ("latency", "read, write, fsync")),
            (("life", "-F", "pid,reads"), ("reads", "--sessions")),
            (("life", "--sessions", "-F", "+creator"), ("creator", "without --sessions")),
            (("top", "-s", "byts"), ("byts", "bytes")), (("top", "-F", "pid,cout"), ("cout", "count")),
            (("stat", "-s", "pth"), ("pth", "'path'", "--by path")), (("top", "--by", "pid", "-s", "path"), ("--by path",)),
            (("top", "-s", "lat"), ("lat", "order")), (("top", "--by", "op", "-F", "+usr"), ("usr", "'user'")),
            (("top", "0"), ("'0'", "interval")), (("stat", "1", "0"), ("'0'", "number")),
            (("top", "1", "2", "3"), ("'3'",)), (("hist", "--of", "siz"), ("siz", "size")),
            (("top", "-n", "0"), ("rows", "1")), (("top", "--linear"), ("linear",)),
            (("trace", "--by", "pid"), ("by",)), (("filetp",), ("filetp", "filetop")),
            (("filetop", "-y"), ("-y", "help filetop")), (("filetop", "-s", "nothing"), ("nothing",)),
            (("ext4slower", "1", "2"), ("'2'",)), (("ext4slower", "ten"), ("'ten'", "MIN_MS", "time", "milliseconds")),
            (("fsslower", "-m", "x"), ("'x'", "MIN_MS", "milliseconds")), (("xfsslower", "1s"), ("'1s'", "milliseconds")),
            (("runqslower", "abc"), ("'abc'", "MIN_US", "microseconds"))]:
        output = vfscope(*args)
        equal("exit status of %s" % (args,), output.status, 2)
        equal("stdout of %s" % (args,), output.out, b"")
        lines = output.err.decode().splitlines()
        equal("lines of %s" % (args,), len(lines), 1)
        for word in words:
            if word not in lines[0]:
                fail("%s: %r does not say %r", args, lines[0], word)


@CASES.case
def keys_that_some_have():
    """Of one of the operations asked for, or that are shown unasked, is enough."""
    for args in (("top", "--by", "kind,fd,path2", "-o", "read"), ("top", "--by", "mount_type,mode,via"),
                 ("top", "--by", "prev_comm,offset", "-o", "runq,bio", "--all"), ("hist", "--of", "size", "-o", "open,bio"),
                 ("top", "--by", "path2,mount_aux", "-o", "mounts"), ("top", "--by", "via,offset", "-o", "open,fault"),
                 ("stat", "--by", "err", "-o", "page,open"), ("top", "-o", "runq")):
        equal("exit status of %s" % (args,), vfscope(*args, "20ms", "1").status, 0)


# --- life ------------------------------------------------------------------------------------

def lives(scratch, *options):
    """What becomes of files, in a directory of a process's own."""
    with Tracing("life", "-j", "-p", str(os.getpid()), "-d", scratch, *options) as tracing:
        fd = os.open(scratch + "/a", os.O_CREAT | os.O_RDWR)
        os.write(fd, b"x" * 100)
        os.link(scratch + "/a", scratch + "/b")
        os.unlink(scratch + "/a")  # not its last name
        os.pread(fd, 10, 20)
        os.pread(fd, 10, 30)
        os.close(fd)
        os.rename(scratch + "/b", scratch + "/c")
        os.mkdir(scratch + "/d")
        os.close(os.open(scratch + "/d/over", os.O_CREAT | os.O_WRONLY))
        os.rename(scratch + "/d", scratch + "/e")
        os.rename(scratch + "/c", scratch + "/e/over")
        os.truncate(scratch + "/e/over", 1000)
        os.unlink(scratch + "/e/over")
        fd = os.open(scratch, os.O_TMPFILE | os.O_RDWR)
        os.pwrite(fd, b"abc", 4)
        os.fsync(fd)
        os.close(fd)
        return tracing.stop().parse()


@CASES.case
def life_and_death():
    with Scratch() as scratch:
        rows, summary = lives(scratch)
    equal("exact", summary["exact"], True)
    over, end = scratch + "/e/over", rows[-1]["path"]
    equal("ends", [(r["type"], r["op"], r["path"], r["size"], r["creator_pid"]) for r in rows],
          [("life", "rename", over, 0, os.getpid()), ("life", "unlink", over, 1000, os.getpid()),
           ("life", "close", end, 7, os.getpid())])
    equal("an O_TMPFILE's name", end.endswith(" (deleted)"), True)
    equal("renamed over it", rows[0]["path2"], scratch + "/c")
    for row in rows:
        if not 0 < row["age_ns"] < 5e9:
            fail("age: %r", row)


@CASES.case
def life_of_linked_and_exchanged():
    """O_TMPFILEs that get a name, by either way; files and directories that change places; all that sets sizes."""
    libc = ctypes.CDLL(None, use_errno=True)

    def call(name, *args):
        if getattr(libc, name)(*args):
            fail("%s: %s", name, os.strerror(ctypes.get_errno()))

    with Scratch() as scratch:
        def at(name):
            return os.fsencode(scratch + "/" + name)

        with Tracing("life", "-j", "-p", str(os.getpid()), "-d", scratch) as tracing:
            fd = os.open(scratch, os.O_TMPFILE | os.O_RDWR)
            os.write(fd, b"x" * 100)
            call("linkat", -100, b"/proc/self/fd/%d" % fd, -100, at("first"), 0x400)  # AT_SYMLINK_FOLLOW
            call("linkat", fd, b"", -100, at("second"), 0x1000)  # AT_EMPTY_PATH
            os.write(fd, b"x" * 100)
            os.close(fd)  # no end: it has names
            os.unlink(scratch + "/first")
            os.unlink(scratch + "/second")
            os.mkdir(scratch + "/d")
            for name, size in (("a", 10), ("d/b", 20)):
                with open(scratch + "/" + name, "wb", buffering=0) as data:
                    data.write(b"x" * size)
            call("renameat2", -100, at("a"), -100, at("d"), 2)  # RENAME_EXCHANGE: a/b and d
            os.unlink(scratch + "/d")
            os.unlink(scratch + "/a/b")
            with open(scratch + "/c", "wb", buffering=0) as data:
                data.write(b"x" * 100)
            with open(scratch + "/c", "wb", buffering=0) as data:
                data.write(b"x" * 5)  # O_TRUNC: not 100
                call("fallocate", data.fileno(), 1, ctypes.c_long(0), ctypes.c_long(999))  # FALLOC_FL_KEEP_SIZE
            os.unlink(scratch + "/c")
            with open(scratch + "/e", "wb", buffering=0) as data:
                call("fallocate", data.fileno(), 0, ctypes.c_long(4096), ctypes.c_long(8192))
                call("fallocate", data.fileno(), 8, ctypes.c_long(0), ctypes.c_long(4096))  # FALLOC_FL_COLLAPSE_RANGE
                equal("what stat says", os.fstat(data.fileno()).st_size, 8192)
            os.unlink(scratch + "/e")
            os.mkdir(scratch + "/g")
            for name in ("g/1", "g/2", "g/3 (deleted)"):
                os.close(os.open(scratch + "/" + name, os.O_CREAT | os.O_WRONLY))  # no end, whatever its name
            os.rename(scratch + "/g", scratch + "/g")
            for name in ("g/1", "g/2", "g/3 (deleted)"):
                os.unlink(scratch + "/" + name)
            rows, summary = tracing.stop().parse()
    equal("exact", summary["exact"], True)
    equal("ends", [(r["op"], r["path"][len(scratch):], r["size"]) for r in rows],
          [("unlink", "/second", 200), ("unlink", "/d", 10), ("unlink", "/a/b", 20), ("unlink", "/c", 5),
           ("unlink", "/e", 8192), *[("unlink", "/g/" + name, 0) for name in ("1", "2", "3 (deleted)")]])


@CASES.case
def life_of_descriptors_replaced():
    """dup2 puts another file in the place of one, without a close: what goes on there is of that file."""
    script = "exec 3>a; echo one >&3; exec 3>b; echo twotwo >&3; exec 3>&-; echo hi >c"
    with Scratch() as scratch:
        output = vfscope("life", "--sessions", "-j", "-d", scratch, "--", "bash", "-c", script, cwd=scratch)
    rows, summary = output.parse()
    sums = collections.Counter()
    for row in rows:
        sums[row["path"][len(scratch) + 1:]] += row["wbytes"]
    equal("written", dict(sums), {"a": 4, "b": 7, "c": 3})
    equal("exact", summary["exact"], True)


@CASES.case
def life_of_all_operations():
    """What is left out would be missing from a file's life."""
    for options in (("-o", "read"), ("-x",), ("--err", "ENOENT"), ("--via", "rw"), ("--ftype", "reg"),
                    ("--min-latency", "1ms"), ("--min-size", "1")):
        output = vfscope("life", *options)
        equal(options, output.status, 2)


@CASES.case
def stat_for_machines():
    """A record for each operation; with columns of their own one of all, as in a table."""
    with Scratch() as scratch:
        # cat copies by copy_file_range, and asks once more at the end of each file
        write = "head -c 1000 /dev/zero >%s/a; cat %s/a %s/a >%s/b" % ((scratch,) * 4)
        for options, expected in (((), [{"op": "read", "count": 4}, {"op": "write", "count": 5}]),
                                  (("-F", "type,op,count"), [{"op": "read", "count": 4}, {"op": "write", "count": 5}]),
                                  (("-F", "type,reads,writes,rbytes,wbytes"),
                                   [{"reads": 4, "writes": 5, "rbytes": 2000, "wbytes": 3000}])):
            rows = vfscope("stat", "-j", "-o", "read,write", "-d", scratch, *options, "1h", "--", "sh", "-c",
                           write).records()
            rows.sort(key=lambda row: row.get("op", ""))
            equal(options, [{key: row.get(key) for key in want} for row, want in zip(rows, expected)], expected)
            equal("rows", len(rows), len(expected))
        rows = vfscope("top", "-j", "--by", "path", "-n", "1", "-F", "type,count", "-o", "open", "-d", scratch, "1h", "--",
                       "sh", "-c", write).records()
        equal("the rest", [row.get("other") for row in rows], [None, True])
    equal("--heatmap --by", vfscope("hist", "--heatmap", "--by", "pid").status, 2)


@CASES.case
def life_of_descriptors():
    with Scratch() as scratch:
        rows = lives(scratch, "--sessions")[0]
    keys = ("reads", "writes", "rbytes", "wbytes", "fsyncs")
    equal("sessions", [tuple(row[key] for key in keys) for row in rows],
          [(2, 1, 20, 100, 0), (0, 0, 0, 0, 0), (0, 1, 0, 3, 1)])
    equal("sequential", [row.get("sequential") for row in rows], [66, None, 100])
    equal("still open", [row for row in rows if "open" in row or "before" in row], [])


@CASES.case
def life_of_descriptors_that_processes_leave():
    """They end with the process, at a time that nobody tells; the next one's are others."""
    read = "import os; fd = os.open('f', os.O_RDONLY); os.read(fd, 2)"
    with Scratch() as scratch, Tracing("life", "--sessions", "-j", "-d", scratch) as tracing:
        with open(scratch + "/f", "wb", buffering=0) as data:
            data.write(b"xxx")
        for _ in range(2):
            subprocess.run(["python3", "-c", read], cwd=scratch, check=True)
        fd = os.open(scratch + "/f", os.O_RDONLY)
        other = os.dup(fd)
        os.read(other, 1)
        os.close(other)
        os.close(fd)
        rows, summary = tracing.stop().parse()
    equal("sessions",
          [(row["rbytes"], row["wbytes"], row.get("open"), row.get("before"), "age_ns" in row) for row in rows],
          [(0, 3, None, None, True), (2, 0, True, None, False), (2, 0, True, None, False),
           (1, 0, None, True, False), (0, 0, None, None, True)])
    equal("exact", summary["exact"], True)


@CASES.case
def life_of_more_descriptors_than_there_is_room():
    """Those that make room are shown as they are, and counted."""
    with Scratch() as scratch, Tracing("life", "--sessions", "-j", "--map-entries", "2", "-p", str(os.getpid()),
                                       "-d", scratch) as tracing:
        fds = [os.open(f"{scratch}/{i}", os.O_CREAT | os.O_WRONLY) for i in range(5)]
        for fd in fds:
            os.close(fd)
        rows, summary = tracing.stop().parse()
    equal("sessions", [(row["path"][-1], row.get("open")) for row in rows],
          [("0", True), ("1", True), ("2", True), ("3", None), ("4", None)])
    equal("lost", {cause: n for cause, n in summary["lost"].items() if n}, {"map_full": 3})


@CASES.case
def life_of_a_range_of_descriptors():
    """close_range does not tell which, and may only mark them."""
    libc = ctypes.CDLL(None)
    with Scratch() as scratch, Tracing("life", "--sessions", "-j", "-p", str(os.getpid())) as tracing:
        fds = [os.open(f"{scratch}/{i}", os.O_CREAT | os.O_WRONLY) for i in range(2)]
        equal("close_range", libc.syscall(436, fds[0], fds[1], 4), 0)  # CLOSE_RANGE_CLOEXEC
        equal("close_range", libc.syscall(436, fds[1], fds[1], 0), 0)
        os.close(fds[0])
        rows = [row for row in tracing.stop().parse()[0] if row["path"].startswith(scratch)]
    equal("sessions", [(row["path"][-1], row.get("open"), "age_ns" in row) for row in rows],
          [("0", None, True), ("1", True, False)])


# --- presets ---------------------------------------------------------------------------------

def presets():
    lines = vfscope("list", "-j", "presets").out.decode().splitlines()
    return [json.loads(line) for line in lines]


@CASES.case
def presets_page():
    with open(os.path.join(REPO, "docs/presets.md"), encoding="utf-8") as page:
        equal("docs/presets.md (make docs/presets.md writes it anew)", page.read(),
              vfscope("help", "--presets").out.decode())


# the titles, in the order of the namesake's columns
TITLES = {
    "opensnoop -T -U -e": "TIME UID PID COMM FD ERR FLAGS PATH",
    "opensnoop": "PID COMM FD ERR PATH",
    "statsnoop": "PID COMM FD ERR PATH",
    "filetop": "TID COMM READS WRITES RBYTES WBYTES FTYPE PATH",
    "dirtop": "READS WRITES RBYTES WBYTES DIR",
    "cgtop": "CGROUP COUNT READS WRITES RBYTES WBYTES ERRORS AVG",
    "fileslower 0": "TIME COMM TID OP BYTES LAT PATH",
    "fsslower -m 0": "TIME COMM PID OP BYTES OFFSET LAT PATH",
    "ext4slower 0": "TIME COMM PID OP BYTES OFFSET LAT PATH",
    "vfsstat": "TIME read write fsync open create unlink mkdir rmdir",
    "filelife": "TIME PID COMM AGE PATH",
    "filegone": "TIME PID COMM OP ERR PATH",
    "mountsnoop": "COMM PID TID MNT_NS OP FD FLAGS RET ERR TYPE PATH DATA AUX ATTR",
    "mountsnoop -t -P -d": "TIME COMM PCOMM PID PPID TID MNT_NS LAT OP FD FLAGS RET ERR TYPE PATH DATA AUX ATTR",
    "execsnoop": "COMM PID PPID RET ARGS",
    "execsnoop -T -U -x": "TIME UID COMM PID PPID RET ERR PATH ARGS",
    "cachestat -T": "TIME HITS MISSES DIRTIED HIT% ADDED DROPPED RBYTES",
    "runqslower 0": "TIME COMM TID LAT",
    "runqslower --previous 0": "TIME COMM TID LAT PREV_COMM PREV_TID",
    "fsslower --min 0 --type ext4": "TIME COMM PID OP BYTES OFFSET LAT PATH",
    "opensnoop --timestamp --print-uid --name cp": "TIME UID PID COMM FD ERR PATH",
    "filetop --sort all --maxrows 3 --noclear": "TID COMM READS WRITES RBYTES WBYTES FTYPE PATH",
    "biosnoop --queue": "TIME COMM PID DEV KIND OFFSET BYTES QUEUE LAT PATH",
    "biosnoop": "TIME COMM PID DEV KIND OFFSET BYTES LAT PATH",
    "biosnoop -Q": "TIME COMM PID DEV KIND OFFSET BYTES QUEUE LAT PATH",
    "monitor": "TIME PID COMM OP FD BYTES ERR PATH",
    "fileio": "PID COMM READS WRITES RBYTES WBYTES AVG MAX PATH",
}


@CASES.case
def columns_of_presets():
    for words, titles in TITLES.items():
        with Scratch() as scratch:
            output = vfscope(*words.split(), "--", "cp", "/etc/hosts", scratch + "/x")
        equal("exit status of " + words, output.status, 0)
        if titles.split() not in [line.split() for line in output.out.decode().splitlines()]:
            fail("%s: %r", words, output.out.decode())


@CASES.case
def flags_of_presets():
    """Those that change nothing, and those that columns do not show."""
    for words in ("biolatency --queued --disks --flags --milliseconds -T -e 1 1", "cgtop -1 -i --batch",
                  "cgtop --delay 1 --iterations 1", "ext4dist --notimestamp -m 1 1", "filetop --all-files -C 1 1",
                  "dirtop --root-directories /etc,/us[r] -r 3 1 1", "biosnoop --verbose 0.1", "opensnoop -V", "filelife --version","statsnoop -v -- true", "fileslower --all-files 1 -- true",
                  "execsnoop --fails --quote --name x --line y --ppid 1 -- true", "mountsnoop --parent_process -- true"):
        equal("exit status of " + words, vfscope(*words.split()).status, 0)
    with Scratch() as scratch:
        for name in "abc":
            os.mkdir(f"{scratch}/{name}")
        output = vfscope("dirtop", "-d", f"{scratch}/[ab],{scratch}/none*", "1", "1")
        equal("a glob that matches nothing", (output.status, b"none*" in output.err), (2, True))
        rows = vfscope("dirtop", "-j", "-d", f"{scratch}/[ab]", "--", "sh", "-c",
                       f"for d in a b c; do echo > {scratch}/$d/f; done").records()
        equal("a glob", sorted(row["dir"] for row in rows), [f"{scratch}/a", f"{scratch}/b"])
    equal("a flag that there is not", vfscope("biosnoop", "--pattern").status, 2)


@CASES.case
def opensnoop_flag_filter():
    """Given again, one of them is enough, as with the namesake."""
    with Scratch() as s:
        with Tracing("opensnoop", "-j", "-p", str(os.getpid()), "-f", "O_WRONLY", "-f", "O_APPEND") as tracing:
            for name, flags in ("r", os.O_RDONLY), ("w", os.O_WRONLY), ("ra", os.O_RDWR | os.O_APPEND), ("rw", os.O_RDWR):
                os.close(os.open(s + "/" + name, flags | os.O_CREAT, 0o600))
            records = tracing.stop(signal.SIGINT).records()
        equal("opened", [r["name"] for r in records if s in r["path"]], ["w", "ra"])


@CASES.case
def opensnoop_and_statsnoop_hide_nothing():
    """As their namesakes, which know nothing of types of files."""
    with Scratch() as s:
        os.mkfifo(s + "/fifo")
        paths = "/proc/self/limits", "/sys/kernel/uevent_seqnum", "/dev/null", s + "/fifo", s
        for preset, act in ("opensnoop", lambda path: os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))), \
                           ("statsnoop", os.stat):
            with Tracing(preset, "-j", "-p", str(os.getpid())) as tracing:
                for path in paths:
                    act(path)
                records = tracing.stop(signal.SIGINT).records()
            shown = [r["path"].replace(str(os.getpid()), "self") for r in records if r["type"] == "op"]
            equal(preset, [path for path in shown if path in paths], list(paths))


@CASES.case
def opensnoop_flag_filter_is_of_whole_flags():
    """O_DIRECT is not O_DIRECTORY; wherever among the flags it stands."""
    with Scratch() as s:
        os.mkdir(s + "/dir")
        opened = {"dir": os.O_DIRECTORY, "direct": os.O_DIRECT | os.O_CREAT | os.O_RDWR,
                  "last": os.O_DIRECT, "plain": os.O_CREAT, "both": os.O_DIRECT | os.O_CLOEXEC}
        for flag, names in (("O_DIRECT", ["direct", "last", "both"]), ("O_DIRECTORY", ["dir"]),
                            ("O_RDONLY", ["dir", "last", "plain", "both"]), ("O_CREAT", ["direct", "plain"])):
            for name in "last", "both":
                with open(s + "/" + name, "wb"):
                    pass
            with Tracing("opensnoop", "-j", "-p", str(os.getpid()), "-f", flag) as tracing:
                for name, flags in opened.items():
                    fd = ctypes.CDLL(None).open((s + "/" + name).encode(), flags, 0o600)
                    os.close(fd)
                records = tracing.stop(signal.SIGINT).records()
            equal(flag, [r["name"] for r in records if s in r["path"]], names)


@CASES.case
def presets_quote_arguments():
    """What is between quotes in an expression cannot end them."""
    quote = """a'b\\" or ret<0 or args~'"""
    for line, shown in (("a'b", ["echo a'b\\c"]), ("b\\c", ["echo a'b\\c"]), (quote, [])):
        output = vfscope("execsnoop", "-l", line, "-j", "--", "sh", "-c", "/bin/echo \"a'b\\\\c\" >/dev/null; /bin/true; :")
        equal("status (%s)" % output.err, output.status, 0)
        equal("with " + line, [r["args"].replace("/bin/", "") for r in output.records()
                               if r["args"].startswith("/bin/")], shown)


@CASES.case
def presets_all():
    """Each runs, and says of itself what it is."""
    names = [preset["name"] for preset in presets()]
    if len(names) < 19:
        fail("only %d presets", len(names))
    for name in names:
        output = vfscope(name, "-j", "--", "true") if name != "monitor" else vfscope(
            name, "-f", "json", "--", "true")
        blind = name in ("vfscount", "dcstat", "dcsnoop") and not has_functions()
        equal("exit status of " + name, output.status, 3 if blind else 0)
        if not blind:
            output.parse()
        text = vfscope("help", name).out.decode()
        equal("help of " + name, bool(re.search(f"usage: vfscope {name}", text)), True)


@CASES.case
def filetop_counts():
    with Scratch() as scratch:
        with Tracing("filetop", "-j", "-p", str(os.getpid()), "-s", "reads", "10") as tracing:
            act(scratch)
            rows = [row for row in tracing.stop(signal.SIGINT).records() if f"{scratch}/" in row.get("path", "")]
    files = {os.path.basename(row["path"].encode("latin-1")): row for row in rows}
    row = files[b"f7"]
    equal("reads, writes", (row["reads"], row["writes"]), (2, 2))
    equal("bytes", (row["rbytes"], row["wbytes"]), (70 + 50, 700 + 3))


@CASES.case
def execsnoop_flags():
    """Without -x only what was started; -l and -n as the namesake has them."""
    script = "/nonexistent; /bin/true one; /bin/true two; /bin/echo one >/dev/null"
    for flags, args in (((), ["true one", "true two", "echo one"]),
                        (("-l", "one"), ["true one", "echo one"]), (("-n", "tru"), ["true one", "true two"]),
                        (("-l", "one", "-n", "ech"), ["echo one"])):
        output = vfscope("execsnoop", *flags, "-j", "--", "sh", "-c", script + "; :")
        seen = [row["args"].replace("/bin/", "") for row in output.records() if "sh -c" not in row["args"]]
        equal("programs of %r" % (flags,), seen, args)
    output = vfscope("execsnoop", "-x", "-j", "--", "sh", "-c", script + "; :")
    equal("failures", [(row["err"], row["path"]) for row in output.records() if "err" in row],
          [("ENOENT", "/nonexistent")])


@CASES.case
def mountsnoop_calls():
    with Scratch() as scratch:
        os.mkdir(scratch + "/m")
        output = vfscope("mountsnoop", "-j", "--", "sh", "-c",
                         f"mount -i -t tmpfs -o ro here {scratch}/m; umount -i {scratch}/m")
    rows = [(row["op"], row["path"]) for row in output.records() if row["op"] in ("mount", "move_mount", "umount")]
    equal("calls", [path for _, path in rows], [scratch + "/m"] * 2)
    equal("the last", rows[-1][0], "umount")


@CASES.case
def cachestat_pages():
    """Pages of a new file: added and made dirty, each once."""
    with Scratch() as scratch:
        for flags in ((), ("--by", "path")):
            output = vfscope("stat", *flags, "-o", "read,page", "-d", scratch, "-j", "-F",
                             "+pages_added,pages_dirtied,rbytes", "--", "sh", "-c",
                             f"head -c 100000 /dev/zero > {scratch}/f; cat {scratch}/f >{scratch}/g; rm {scratch}/*")
            rows = output.records()
            equal("sums", [sum(row[name] for row in rows) for name in ("pages_added", "pages_dirtied", "rbytes")],
                  [50, 50, 100000])


@CASES.case
def intervals_come_first():
    """Who reads once in an interval comes before all others; a stream does not, nor the program that is watched."""
    script = "import os, sys, time; time.sleep(0.5); " \
             "print(*(os.sched_getscheduler(pid) & ~os.SCHED_RESET_ON_FORK for pid in (os.getppid(), 0)), " \
             "os.nice(0), file=open(sys.argv[1], 'w'))"
    with Scratch() as scratch:
        for words, policy in ((("top", "1"), os.SCHED_RR), (("top", "10ms"), os.SCHED_OTHER),
                              (("trace",), os.SCHED_OTHER)):
            vfscope(*words, "-j", "-d", scratch, "--", sys.executable, "-S", "-c", script, scratch + "/is")
            with open(scratch + "/is", encoding="ascii") as text:
                equal("policies, nice, with " + " ".join(words), text.read().split(), [str(policy), "0", "0"])
