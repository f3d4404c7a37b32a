# SPDX-License-Identifier: GPL-2.0
"""Filters: who, and what. Each on real I/O, of which exactly the right part is shown."""
import contextlib
import os
import re
import signal
import time

from act import Cases, File, Load, by_us, check
from vfs import (Expect, Scratch, Tracing, compare, equal, fail, read_text, vfscope)

CASES = Cases()


@contextlib.contextmanager
def two_loads(wanted="reads", popen=None):
    """One that is to be seen, and one that is not."""
    with Scratch() as scratch, Expect() as expect:
        with open(scratch + "/f", "wb") as file:
            file.truncate(1000)
        os.chmod(scratch, 0o755)
        loads = []
        try:
            loads.append(Load(wanted, scratch, **(popen or {})))
            loads.append(Load("quiet", scratch))
            yield loads[0], loads[1], scratch, expect
        finally:
            for load in loads:
                load.kill()


def check_who(seen, unseen, expect, options, **changed):
    with Tracing("trace", "-j", "-o", "read", *options) as tracing:
        unseen.go()
        seen.go()
        output = tracing.stop()
    equal("exit status", output.status, 0)
    expected = expect.records()
    if len(expected) != 10:
        fail("%d records are expected, not 10", len(expected))
    compare([dict(record, **changed) for record in expected], output)


@CASES.case
def filter_pid():
    with two_loads() as (seen, unseen, _, expect):
        check_who(seen, unseen, expect, ["-p", str(seen.pid)])


@CASES.case
def filter_pid_list():
    with two_loads() as (seen, unseen, scratch, expect):
        check_who(seen, unseen, expect, ["-d", scratch, "-p", "1,%d" % seen.pid])


@CASES.case
def filter_tid():
    with two_loads("thread") as (seen, unseen, _, expect):
        check_who(seen, unseen, expect, ["-t", seen.lines[0].decode().strip()])


@CASES.case
def filter_uid():
    for user in ("nobody", "65534"):
        with two_loads(popen={"user": 65534}) as (seen, unseen, scratch, expect):
            check_who(seen, unseen, expect, ["-d", scratch, "-u", user])


@CASES.case
def filter_comm():
    for pattern in ("load", "l?a*", "[k-m]oad"):
        with two_loads() as (seen, unseen, scratch, expect):
            check_who(seen, unseen, expect, ["-d", scratch, "-c", pattern])


@contextlib.contextmanager
def new_cgroup(name):
    mounts = [line.split() for line in read_text("/proc/self/mounts").splitlines()]
    roots = [fields[1] for fields in mounts if fields[2] == "cgroup2"]
    if not roots:
        fail("no cgroup v2 hierarchy is mounted")
    path = roots[0] + name
    os.makedirs(path)
    try:
        yield path
    finally:
        for _ in range(100):  # the last process in it may still be on its way out
            try:
                os.removedirs(path) if name.count("/") > 1 else os.rmdir(path)
                break
            except OSError:
                time.sleep(0.01)


def join_cgroup(path, pid):
    with open(path + "/cgroup.procs", "w", encoding="ascii") as file:
        file.write(str(pid))


@CASES.case
def filter_cgroup():
    name = "/vfscope-e2e-%d" % os.getpid()
    with new_cgroup(name) as path:
        for option in (name, name[1:], path):
            with two_loads() as (seen, unseen, scratch, expect):
                join_cgroup(path, seen.pid)
                check_who(seen, unseen, expect, ["-d", scratch, "-g", option], cgroup=name)


@CASES.case
def filter_cgroup_above():
    """-g is also about what stands below the cgroup."""
    name = "/vfscope-e2e-%d" % os.getpid()
    with new_cgroup(name + "/child") as path:
        with two_loads() as (seen, unseen, scratch, expect):
            join_cgroup(path, seen.pid)
            check_who(seen, unseen, expect, ["-d", scratch, "-g", name], cgroup=name + "/child")


@CASES.case
def container_of_cgroup():
    name = "/vfscope-e2e-%s.scope" % ("0123456789abcdef" * 4)
    with new_cgroup(name) as path:
        with two_loads() as (seen, unseen, scratch, expect):
            join_cgroup(path, seen.pid)
            check_who(seen, unseen, expect, ["-d", scratch, "-g", name], cgroup=name,
                      container="0123456789abcdef" * 4)


@CASES.case
def container_in_a_table():
    """As docker ps has it, so that what stands behind it is in line; a name is whole."""
    for container, shown in (("0123456789abcdef" * 4, "0123456789ab"), ("a-name-of-lxc", "a-name-of-lxc")):
        name = "/vfscope-e2e-%s.scope" % container if shown[0] == "0" else "/lxc.payload." + container
        with new_cgroup(name) as path:
            with two_loads() as (seen, unseen, scratch, _):
                join_cgroup(path, seen.pid)
                with Tracing("trace", "-o", "read", "-d", scratch, "-g", name, "-F",
                             "container,op,fd") as tracing:
                    unseen.go()
                    seen.go()
                    output = tracing.stop()
                lines = output.out.decode().splitlines()
                equal("header", lines[0], "CONTAINER    OP          FD")
                equal("lines", {line[:len(shown) + 6] for line in lines[1:]}, {shown + " read "})


# --- what --------------------------------------------------------------------

def reads_and_writes(scratch):
    file = File(scratch + "/f", size=1000)
    yield
    yield [file.read(100, 0), file.write(50, 10), file.stat(), file.read(10, 5)]


def only(act, *ops):
    """The same, of which only some operations are expected."""
    def run(scratch):
        steps = act(scratch)
        next(steps)
        yield
        yield [record for record in next(steps) if record["op"] in ops]
    return run


@CASES.case
def filter_op():
    check(["-d", "@", "-o", "read"], only(reads_and_writes, "read"))
    check(["-d", "@", "-o", "write,stat"], only(reads_and_writes, "write", "stat"))
    check(["-d", "@", "-o", "write", "-o", "read"], only(reads_and_writes, "read", "write"))
    check(["-d", "@", "-o", "metadata"], only(reads_and_writes, "stat"))
    check(["-d", "@", "-o", "rename"], only(reads_and_writes))


@CASES.case
def filter_via():
    def act(scratch):
        a, b = File(scratch + "/a", size=1000), File(scratch + "/b", size=0)
        yield
        got = [a.read(100, 0)]
        ret = os.preadv(a.fd, [bytearray(10), bytearray(20)], 5)
        got.append(a.record("read", ret, via="vec", offset=5, req=30, bytes=30))
        ret = os.sendfile(b.fd, a.fd, 0, 70)
        got.append(a.record("read", ret, via="sendfile", offset=0, req=70, bytes=70, path2=b.path))
        got.append(b.record("write", ret, via="sendfile", offset=0, req=70, bytes=70))
        ret = os.copy_file_range(a.fd, b.fd, 60)
        got.append(a.record("read", ret, via="copy_file_range", offset=0, req=60, bytes=60,
                            path2=b.path))
        got.append(b.record("write", ret, via="copy_file_range", offset=70, req=60, bytes=60))
        got.append(a.stat())
        yield got

    def of(*vias):
        def run(scratch):
            steps = act(scratch)
            next(steps)
            yield
            yield [record for record in next(steps) if record.get("via") in vias]
        return run

    for vias in (["rw"], ["vec"], ["sendfile"], ["copy_file_range"], ["rw", "sendfile"]):
        check(["-d", "@", "--via", ",".join(vias)], of(*vias))
    check(["-d", "@", "--via", "io_uring,aio,mmap"], of())


@CASES.case
def filter_fs():
    def act(scratch):
        ext4 = File(scratch + "/f", size=1000)
        shm = File("/dev/shm/vfscope-e2e-%d" % os.getpid(), size=1000)
        shm.known["fs"] = "tmpfs"
        os.unlink(shm.path)
        shm.known["path"] += " (deleted)"
        yield
        yield [ext4.read(10, 0), shm.read(20, 0)]

    def of(fs):
        def run(scratch):
            steps = act(scratch)
            next(steps)
            yield
            yield [record for record in next(steps) if record["fs"] in fs.split(",")]
        return run

    for fs in ("ext4", "tmpfs", "tmpfs,ext4", "xfs"):
        check(["-p", str(os.getpid()), "-o", "read", "--fs", fs], of(fs))


@CASES.case
def filter_ftype():
    def act(scratch):
        file, directory = File(scratch + "/f", size=1000), File(scratch, os.O_RDONLY)
        directory.known["ftype"] = "dir"
        os.mkfifo(scratch + "/fifo")
        fifo = File(scratch + "/fifo", os.O_RDWR)
        fifo.known["ftype"] = "fifo"
        yield
        yield [file.stat(), directory.stat(), fifo.stat()]

    def of(*ftypes):
        def run(scratch):
            steps = act(scratch)
            next(steps)
            yield
            yield [record for record in next(steps) if record["ftype"] in ftypes]
        return run

    check(["-d", "@", "-o", "stat"], of("reg", "dir"))
    check(["-d", "@", "-o", "stat", "--ftype", "reg"], of("reg"))
    check(["-d", "@", "-o", "stat", "--ftype", "dir"], of("dir"))
    check(["-d", "@", "-o", "stat", "--ftype", "fifo,dir"], of("fifo", "dir"))
    check(["-d", "@", "-o", "stat", "--ftype", "sock"], of())
    check(["-d", "@", "-o", "stat", "--all"], of("reg", "dir", "fifo"))


def failing(scratch):
    file = File(scratch + "/f", size=1000)
    wo = File(scratch + "/f", os.O_WRONLY)
    yield
    got = [file.read(10, 0)]
    with contextlib.suppress(OSError):
        os.pread(wo.fd, 5, 0)
    got.append(wo.record("read", -9, err="EBADF", via="rw", offset=0, req=5, bytes=0))
    for name, number in (("none", 2), ("f/x", 20)):
        path = scratch + "/" + name
        with contextlib.suppress(OSError):
            os.unlink(path)
        record = {"op": "unlink", "ret": -number, "path": path, "fs": "ext4",
                  "err": {2: "ENOENT", 20: "ENOTDIR"}[number]}
        got.append(dict(by_us(), **record))
    yield got


def failed_with(*errors):
    def run(scratch):
        steps = failing(scratch)
        next(steps)
        yield
        yield [record for record in next(steps) if record.get("err") in errors]
    return run


@CASES.case
def filter_failed():
    check(["-d", "@", "-x"], failed_with("EBADF", "ENOENT", "ENOTDIR"))
    check(["-d", "@", "--err", "ENOENT"], failed_with("ENOENT"))
    check(["-d", "@", "--err", "ebadf,ENOTDIR"], failed_with("EBADF", "ENOTDIR"))
    check(["-d", "@", "--err", "EIO"], failed_with())


@CASES.case
def filter_size():
    def act(scratch):
        file = File(scratch + "/f", size=100000)
        yield
        got = [file.read(size, 0) for size in (4095, 4096, 4097, 50000)]
        got += [file.read(5000, 100000 - 10), file.stat()]
        yield [record for record in got if record.get("bytes", 0) >= 4096]

    check(["-d", "@", "--min-size", "4K"], act)
    check(["-d", "@", "--min-size", "4096"], act)


@CASES.case
def filter_latency():
    """A read of a fifo that nobody writes to for a while is slow; others are not."""
    def act(scratch):
        file = File(scratch + "/f", size=1000)
        os.mkfifo(scratch + "/fifo")
        fifo = File(scratch + "/fifo", os.O_RDWR)
        fifo.known["ftype"] = "fifo"
        yield
        for offset in range(10):
            file.read(10, offset)
        writer = os.fork()
        if not writer:
            time.sleep(1)  # on a busy machine the read may begin late
            os.write(fifo.fd, b"abc")
            os._exit(0)
        ret = len(os.read(fifo.fd, 100))
        os.waitpid(writer, 0)
        yield [fifo.record("read", ret, via="rw", req=100, bytes=3)]

    check(["-d", "@", "-o", "read", "--all", "--min-latency", "200ms"], act)


@CASES.case
def filter_path():
    def act(scratch):
        os.makedirs(scratch + "/a/b")
        files = [File(scratch + name, size=100)
                 for name in ("/x.log", "/a/y.log", "/a/b/z.log", "/a/b/z.txt")]
        yield
        yield [file.read(10, 0) for file in files]

    def of(*names):
        def run(scratch):
            steps = act(scratch)
            next(steps)
            yield
            yield [r for r in next(steps) if r["path"][len(scratch):] in names]
        return run

    base = ["-p", str(os.getpid()), "-o", "read", "--path"]
    check(base + ["@/*.log"], of("/x.log"))
    check(base + ["@/*/*.log"], of("/a/y.log"))
    check(base + ["@/**.log"], of("/x.log", "/a/y.log", "/a/b/z.log"))
    check(base + ["@/a/**"], of("/a/y.log", "/a/b/z.log", "/a/b/z.txt"))
    check(base + ["@/a/b/z.tx?"], of("/a/b/z.txt"))
    check(base + ["@/x.log", "--path", "@/a/b/z.[l-t]*"], of("/x.log", "/a/b/z.log", "/a/b/z.txt"))
    check(base + ["@"], of())


@CASES.case
def filter_dir_by_link():
    """-d takes a symbolic link to a directory, and one that ends with slashes."""
    def act(scratch):
        os.mkdir(scratch + "/real")
        os.symlink("real", scratch + "/link")
        file, other = File(scratch + "/real/f", size=100), File(scratch + "/g", size=100)
        yield
        other.read(10, 0)
        yield [file.read(10, 0)]

    check(["-d", "@/link", "-o", "read"], act)
    check(["-d", "@/real//", "-o", "read"], act)


@CASES.case
def filter_dir_on_a_pseudo_file_system():
    """Who names /proc or /dev wants to see it, without --all; but no other file of that kind."""
    def touched(directory):
        reading = "cat /proc/self/stat /sys/kernel/uevent_seqnum >/dev/null"
        output = vfscope("trace", "-j", "-d", directory, "-o", "open,write", "--", "sh", "-c", reading)
        return sorted({(r["op"], re.sub(r"\d+", "N", r["path"])) for r in output.records() if r["type"] == "op"})

    equal("/proc", touched("/proc"), [("open", "/proc/N/stat")])
    equal("/sys", touched("/sys"), [("open", "/sys/kernel/uevent_seqnum")])
    equal("/dev", touched("/dev"), [("open", "/dev/null"), ("write", "/dev/null")])


@CASES.case
def filter_dir_excludes_what_has_no_file():
    """What is not known to be below DIR is not shown: sync, a descriptor that is not open."""
    def act(_scratch):
        yield
        os.sync()
        for function in (os.close, os.fsync, os.fstat):
            with contextlib.suppress(OSError):
                function(999)
        os.closerange(990, 999)
        with contextlib.suppress(OSError):
            os.stat("/no/such/file")
        yield []

    check(["-d", "@"], act)


@CASES.case
def filter_dir_costs_no_event():
    """What -d excludes is decided in the kernel, where it knows the file: it needs no room in
    the ring. (Where a path that a program passes leads, system calls do not tell.)"""
    with Scratch() as scratch:
        file = File(scratch + "/f", size=1000)
        os.mkdir(scratch + "/in")
        with Tracing("trace", "-j", "-d", scratch + "/in", "-p", str(os.getpid()), "--buffer",
                     "4K") as tracing:
            os.kill(tracing.pid, signal.SIGSTOP)
            for _ in range(1000):
                file.read(10, 0)
                os.close(os.open(scratch + "/f", os.O_RDONLY))
            os.kill(tracing.pid, signal.SIGCONT)
            output = tracing.stop()
        compare([], output)


@CASES.case
def filter_dir_while_names_move():
    """
    A directory goes in and out of DIR between calls on a path in it. Where functions tell which
    file a call reached, each is right; followed later, it may be wrong, and that is counted.
    """
    with Scratch() as s:
        for directory in "/in", "/out", "/in/d":
            os.mkdir(s + directory)
        File(s + "/in/d/f", size=100)
        with Tracing("trace", "-j", "-d", s + "/in", "-p", str(os.getpid()), "-o", "truncate") as tracing:
            for _ in range(300):
                os.rename(s + "/in/d", s + "/out/d")
                os.truncate(s + "/out/d/f", 1)
                os.rename(s + "/out/d", s + "/in/d")
                os.truncate(s + "/in/d/f", 2)
            records, summary = tracing.stop().parse()
        inside = sum(r["path"] == s + "/in/d/f" for r in records)
        wrong = 300 - inside + len(records) - inside
        if summary["lost"]["follow"] < wrong:
            fail(f"{inside} of 300, {len(records)} in all: {wrong} wrong, but {summary['lost']['follow']} counted")
        equal("exact", summary["exact"], not any(summary["lost"].values()))
        if summary["backend"] != "tracepoint":
            equal("wrong, counted", (wrong, summary["lost"]["follow"]), (0, 0))


@CASES.case
def filter_dir_of_all_processes():
    """-d alone, without -p; reads, since other processes may be at work here as well."""
    with Scratch() as scratch:
        file = File(scratch + "/f", size=1000)
        with Tracing("trace", "-j", "-d", scratch, "-o", "read") as tracing:
            expected = [file.read(10, i) for i in range(100)]
            output = tracing.stop()
        compare(expected, output)
