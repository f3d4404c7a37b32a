# SPDX-License-Identifier: GPL-2.0
"""The filter language: each expression on real I/O, of which exactly the right part is shown."""
import contextlib
import os
import signal

from act import Cases, File, by_us, check
from vfs import Scratch, Tracing, compare, equal, fail, vfscope

CASES = Cases()


def mixed(scratch):
    """Reads, writes, looks and failures, on files in two directories."""
    os.makedirs(scratch + "/a/b")
    file, other = File(scratch + "/a/x.log", size=100000), File(scratch + "/a/b/y.txt", size=1000)
    directory = File(scratch + "/a", os.O_RDONLY)
    directory.known["ftype"] = "dir"
    quoted = File(scratch + '/a/q"u o\'t\xe9', size=10)
    quoted.known["path"] = quoted.path.encode().decode("latin-1")
    wo = File(scratch + "/a/x.log", os.O_WRONLY)
    yield
    got = [file.read(100, 0), file.write(5000, 10), file.stat(), other.read(10, 5),
           other.write(50, 0), directory.stat(), quoted.read(4, 0)]
    ret = os.preadv(file.fd, [bytearray(10), bytearray(20)], 5)
    got.append(file.record("read", ret, via="vec", offset=5, req=30, bytes=30))
    with contextlib.suppress(OSError):
        os.pread(wo.fd, 5, 0)
    got.append(wo.record("read", -9, err="EBADF", via="rw", offset=0, req=5, bytes=0))
    for name, err, number in (("none", "ENOENT", 2), ("x.log/z", "ENOTDIR", 20)):
        path = scratch + "/a/" + name
        with contextlib.suppress(OSError):
            os.unlink(path)
        got.append(dict(by_us(), op="unlink", ret=-number, path=path, fs="ext4", err=err))
    os.rename(scratch + "/a/b/y.txt", scratch + "/a/b/z.txt")
    got.append(dict(by_us(), op="rename", ret=0, path=scratch + "/a/b/y.txt",
                    path2=scratch + "/a/b/z.txt", fs="ext4"))
    yield got


def where(expr, passes, act=mixed, options=()):
    """What passes, a function of a record, is shown, and nothing else."""
    def run(scratch):
        steps = act(scratch)
        next(steps)
        yield
        yield [record for record in next(steps) if passes(record)]

    check(["-d", "@", "-o", "data,unlink,rename,stat", *options, "--where", expr], run)


def moved(record):
    return record.get("bytes") if record.get("bytes") is not None else -1


EXPRESSIONS = [
    ("op == read", lambda r: r["op"] == "read"),
    ("op != read", lambda r: r["op"] != "read"),
    ("op == data and via != vec", lambda r: r["op"] in ("read", "write") and r["via"] != "vec"),
    ("not via", lambda r: not r.get("via")),
    ("op in (unlink, rename) or size >= 4K",
     lambda r: r["op"] in ("unlink", "rename") or moved(r) >= 4096),
    ("(op == read and size < 50) or (op == write and size > 1K)",
     lambda r: (r["op"] == "read" and 0 <= moved(r) < 50) or
     (r["op"] == "write" and moved(r) > 1024)),
    ("size > 40 && size <= 100", lambda r: 40 < moved(r) <= 100),
    ("err", lambda r: r["ret"] < 0),
    ("not err and op ~ 's*'", lambda r: r["op"] == "stat"),
    ("err == ENOENT", lambda r: r.get("err") == "ENOENT"),
    ("ret < 0 and err != ENOENT", lambda r: r["ret"] < 0 and r["err"] != "ENOENT"),
    ("ret in (-2, -9)", lambda r: r["ret"] in (-2, -9)),
    ("ftype == dir", lambda r: r.get("ftype") == "dir"),
    ("ftype != dir", lambda r: r.get("ftype") != "dir"),
    ("path ~ '**/b/*'", lambda r: "/b/" in r["path"]),
    ("path !~ '**/b/*' and not path2", lambda r: "/b/" not in r["path"]),
    ("name ~ '*.log'", lambda r: r["path"].endswith(".log")),
    ("name == x.log or name == z.txt", lambda r: r["path"].endswith("/x.log")),
    ("path2", lambda r: r.get("path2")),
    ("path2 ~ '**/z.txt'", lambda r: r.get("path2")),
    ("name == 'q\"u o\\'t\\xc3\\xa9'", lambda r: "q" in os.path.basename(r["path"])),
    ("name ~ \"q\\\"*\xe9\"", lambda r: "q" in os.path.basename(r["path"])),
    ("fs == ext4 and offset == 5", lambda r: r.get("offset") == 5),
    ("fs in (tmpfs, xfs)", lambda r: False),
    ("comm ~ 'no such*' or pid == 1", lambda r: False),
    ("uid == root and pid == %d and tid in (%d)" % (os.getpid(), os.getpid()), lambda r: True),
    ("lat > 100s", lambda r: False),
    ("lat < 100s", lambda r: True),
    ("req == 5000 or req == 30", lambda r: r.get("req") in (5000, 30)),
    ("fd > -1 and fd < 1M", lambda r: r.get("fd") is not None),
]
for expression, predicate in EXPRESSIONS:
    CASES.append(("where " + expression.encode("unicode_escape").decode().replace(
        str(os.getpid()), "PID"), lambda e=expression, p=predicate: where(e, p)))


@CASES.case
def where_several():
    where("op == read", lambda r: r["op"] == "read" and r["bytes"] > 20,
          options=("--where", "size > 20"))
    where("not err", lambda r: r["path"].endswith(".log") and r["op"] == "read" and r["ret"] > 0,
          options=("--name", "*.log", "--where", "op == read"))


@CASES.case
def where_shows_what_is_named():
    """A type of file that a default run hides is shown if the expression names it."""
    def act(scratch):
        os.mkfifo(scratch + "/fifo")
        fifo, file = File(scratch + "/fifo", os.O_RDWR), File(scratch + "/f", size=10)
        fifo.known["ftype"] = "fifo"
        yield
        yield [fifo.stat(), file.stat()]

    def of(*ftypes):
        def run(scratch):
            steps = act(scratch)
            next(steps)
            yield
            yield [record for record in next(steps) if record["ftype"] in ftypes]
        return run

    base = ["-d", "@", "-o", "stat", "--where"]
    check(base + ["ftype == fifo"], of("fifo"))
    check(base + ["ftype == fifo or fd"], of("fifo", "reg"))
    check(base + ["ftype != reg"], of())
    check(base + ["ftype != dir"], of("reg"))


@CASES.case
def filter_name():
    def of(*names):
        def run(scratch):
            steps = mixed(scratch)
            next(steps)
            yield
            yield [r for r in next(steps) if any(os.path.basename(r.get(key, "")) in names
                                                 for key in ("path", "path2"))]
        return run

    base = ["-d", "@", "-o", "data,unlink,rename,stat", "--name"]
    check(base + ["x.log"], of("x.log"))
    check(base + ["?.txt"], of("y.txt", "z.txt"))
    check(base + ["z.txt"], of("z.txt"))
    check(base + ["x.*", "--name", "[m-o]one"], of("x.log", "none"))
    check(base + ["a"], of("a"))


@CASES.case
def names_of_unlinked_files():
    """They match by what they were called; the field says that they are gone."""
    def act(scratch):
        log, other = File(scratch + "/z.log", size=100), File(scratch + "/z.txt", size=100)
        for file in log, other:
            os.unlink(file.path)
            file.known["path"] += " (deleted)"
        yield
        other.read(10, 0)
        yield [log.read(10, 0)]

    for option in (["--name", "*.log"], ["--name", "z.log"], ["--path", "**/z.log"],
                   ["--where", "name == z.log"], ["--where", "name !~ '*.txt'"],
                   ["--where", "name == 'z.log (deleted)'"]):
        check(["-p", str(os.getpid()), "-o", "read", *option], act)


# --- in the kernel -----------------------------------------------------------

def costs_no_event(expr, act):
    """The ring has room for a few records only, and no one reads it."""
    with Scratch() as scratch:
        file = File(scratch + "/f", size=1000)
        with Tracing("trace", "-j", "--buffer", "4K", "-p", str(os.getpid()), "--where",
                     expr) as tracing:
            os.kill(tracing.pid, signal.SIGSTOP)
            for _ in range(1000):
                act(file)
            os.kill(tracing.pid, signal.SIGCONT)
            output = tracing.stop()
        equal("lost by '%s'" % expr, output.parse()[1]["lost"]["ring"], 0)
        compare([], output)


@CASES.case
def where_in_the_kernel():
    def read(file):
        file.read(10, 0)

    for expr in ("op == write and path ~ '**'", "op != read and op != close",
                 "not (op == read or op == stat) and op in (read, write, stat)",
                 "(op == write and lat > 1us) or (op == stat and path2)", "size > 10 and name == f",
                 "lat > 100s and name == f", "err and name == f", "err == EIO", "ret < 0",
                 "via == vec and fd", "ftype == dir and name == f", "fs == tmpfs and name == f",
                 "uid == nobody", "tid == 1 and name == f"):
        costs_no_event(expr, read)


@CASES.case
def where_instead_of_pid():
    """pid in an expression is decided in the kernel like -p."""
    with Scratch() as scratch:
        file = File(scratch + "/f", size=1000)
        with Tracing("trace", "-j", "--buffer", "4K", "--where",
                     "pid in (1, 2) and op == read") as tracing:
            os.kill(tracing.pid, signal.SIGSTOP)
            for _ in range(1000):
                file.read(10, 0)
            os.kill(tracing.pid, signal.SIGCONT)
            output = tracing.stop()
        equal("lost", output.parse()[1]["lost"]["ring"], 0)
        if any(record["pid"] not in (1, 2) for record in output.records()):
            fail("another process: %r", output.records()[:3])


@CASES.case
def where_says_where():
    """-v: which part is decided where."""
    output = vfscope("-v", "trace", "-j", "--duration", "10ms", "--where",
                     "op == write and (path ~ \"/var/lib/**\" or size > 1M) and lat > 10ms and "
                     "not comm ~ \"kworker*\"")
    equal("exit status", output.status, 0)
    lines = output.err.decode().splitlines()
    for line in ("vfscope: decided in the kernel: op == write, lat > 10ms",
                 "vfscope: decided in vfscope: (path ~ \"/var/lib/**\" or size > 1M), "
                 "not comm ~ \"kworker*\"",
                 "vfscope: dropped early, in the kernel, is all but: -o write "
                 "--min-latency 10000001ns"):
        if line not in lines:
            fail("%r lacks %r", lines, line)
    output = vfscope("trace", "-j", "--duration", "10ms", "--where", "op == write")
    equal("stderr without -v", output.err, b"")


# --- what is refused ----------------------------------------------------------

REFUSED = [
    (["--where", "op == read and op == write"],
     ["vfscope: --where: can never be true: this contradicts 'op == read'",
      "    op == read and op == write", "                   ^"]),
    (["--where", "lat > 10ms and lat < 1ms"],
     ["vfscope: --where: can never be true: this contradicts 'lat > 10ms'",
      "    lat > 10ms and lat < 1ms", "                   ^"]),
    (["-o", "read", "--where", "pid == 1 and op == write"],
     ["vfscope: --where: can never be true: this contradicts -o",
      "    pid == 1 and op == write", "                 ^"]),
    (["--where", "path ~ /a/** and lst > 10ms"],
     ["vfscope: --where: unknown field 'lst'; the nearest is 'lat'",
      "    path ~ /a/** and lst > 10ms", "                     ^"]),
    (["--where", "op == raed"],
     ["vfscope: --where: unknown operation 'raed'; the nearest is 'read'",
      "    op == raed", "          ^"]),
    (["--where", "op = read"],
     ["vfscope: --where: '=' alone is no comparison; equal is '=='", "    op = read", "       ^"]),
    (["--where", "(op == read"],
     ["vfscope: --where: a ')' is wanted here", "    (op == read", "               ^"]),
    (["-x", "--min-size", "4K"],
     ["vfscope: --min-size and -x contradict each other: nothing can pass both"]),
    (["-p", "1", "--", "true"],
     ["vfscope: -p and -- PROGRAM contradict each other: only what the program does is traced"]),
]


def refused(args, lines):
    output = vfscope("trace", *args)
    equal("exit status", output.status, 2)
    equal("stdout", output.out, b"")
    equal("stderr", output.err.decode().split("\n"), lines + [""])


for refused_args, refused_lines in REFUSED:
    CASES.append(("wrong trace " + " ".join(refused_args),
                  lambda a=refused_args, l=refused_lines: refused(a, l)))


@CASES.case
def help_of_where():
    output = vfscope("help", "where")
    equal("exit status", output.status, 0)
    equal("stderr", output.err, b"")
    for line in output.out.decode().splitlines():
        if len(line) > 80:
            fail("longer than 80 columns: %r", line)
