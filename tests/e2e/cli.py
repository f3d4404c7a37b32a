# SPDX-License-Identifier: GPL-2.0
"""Options, filters, exit statuses, output formats, and what must not happen to whom."""
import contextlib
import csv
import glob
import io
import json
import os
import re
import signal
import subprocess
import time

from vfs import (Config, EXPECT_FD, Expect, LOSSES, Scratch, TIMEOUT, Tracing, compare, equal, fail,
                 losses_differ, own_cgroup, read_text, vfscope)

CASES = []


def case(function):
    CASES.append((function.__name__.replace("_", "-"), function))
    return function


def cases():
    return CASES


# --- records of this process ---------------------------------------------------------------

class File:
    """An open file; reading from it gives the record that must be shown."""

    def __init__(self, path, flags=os.O_RDWR | os.O_CREAT, size=None):
        self.path = path
        self.fd = os.open(path, flags, 0o644)
        if size is not None:
            os.ftruncate(self.fd, size)
        stat = os.fstat(self.fd)
        self.known = {"path": path, "ino": stat.st_ino, "ftype": "reg", "fs": "ext4",
                      "dev": "%d:%d" % (os.major(stat.st_dev), os.minor(stat.st_dev))}

    def record(self, op, ret, **more):
        record = {"op": op, "ret": ret, "fd": self.fd}
        record.update(by_us(), **self.known)
        record.update(more)
        return record

    def read(self, req, offset):
        ret = len(os.pread(self.fd, req, offset))
        return self.record("read", ret, via="rw", offset=offset, req=req, bytes=ret)

    def write(self, size, offset):
        ret = os.pwrite(self.fd, b"x" * size, offset)
        return self.record("write", ret, via="rw", offset=offset, req=size, bytes=ret)

    def stat(self):
        os.fstat(self.fd)
        return self.record("stat", 0)


def by_us():
    return {"pid": os.getpid(), "tid": os.getpid(), "ppid": os.getppid(), "uid": os.getuid(),
            "comm": read_text("/proc/self/comm").rstrip("\n"),
            "pcomm": read_text("/proc/%d/comm" % os.getppid()).rstrip("\n")}


def check(options, act, lost=None):
    """Traces with options what act(directory) does; it returns the expected records."""
    with Scratch() as scratch:
        prepared = act(scratch)
        next(prepared)  # sets up, untraced
        options = [option.replace("@", scratch) for option in options]
        with Tracing("trace", "-j", *options) as tracing:
            expected = next(prepared)
            output = tracing.stop()
        equal("exit status", output.status, 0)
        compare(expected, output, lost)


# --- words -------------------------------------------------------------------------------------

def is_fine(*args):
    output = vfscope(*args)
    equal("exit status of %s" % (args,), output.status, 0)
    equal("stderr of %s" % (args,), output.err, b"")
    if not output.out.endswith(b"\n"):
        fail("%s says nothing", args)
    return output.out.decode()


@case
def help_of_everything():
    for command in re.findall(r"^  (\w+)", is_fine("help"), re.M):
        if command in ("trace", "doctor", "list", "help", "version"):
            text = is_fine("help", command)
            if command not in text:
                fail("help %s does not name it", command)
    for option in ("--help", "-h", "--version"):
        is_fine(option)
    is_fine("trace", "--help")
    is_fine("version")


@case
def doctor():
    if "tracepoint" not in is_fine("doctor"):
        fail("doctor does not name a backend")
    for line in is_fine("doctor", "-j").splitlines():
        json.loads(line)


@case
def list_of_words():
    text = is_fine("list")
    for word in "read write io_uring path_cut fifo ts_ns".split():
        if word not in text:
            fail("list lacks %s", word)
    for what in "ops groups vias fields ftypes lost syscalls".split():
        is_fine("list", what)
        for line in is_fine("list", "-j", what).splitlines():
            json.loads(line)


# arguments, and what the one line must hold: the wrong word, and the nearest or the reason
WRONG = [
    (["trcae"], "trcae", "trace"),
    (["docter"], "docter", "doctor"),
    (["xyzzyxyzzy"], "xyzzyxyzzy", "help"),
    (["tra\nce"], "tra?ce", "trace"),
    (["trace", "--durations", "1s"], "durations", "duration"),
    (["trace", "--min-lateny=1s"], "min-lateny", "min-latency"),
    (["trace", "-Z"], "-Z", "help trace"),
    (["trace", "-p"], "-p", "argument"),
    (["trace", "--json=yes"], "json", "no argument"),
    (["trace", "-F", "pth"], "pth", "path"),
    (["trace", "-F", "op,+lat_n"], "lat_n", "lat_ns"),
    (["trace", "-F", ""], "''", "field"),
    (["trace", "-o", "raed"], "raed", "read"),
    (["trace", "-o", "read,wirte"], "wirte", "write"),
    (["trace", "-o", "metdata"], "metdata", "metadata"),
    (["trace", "-o", ""], "''", "operation"),
    (["trace", "--via", "iouring"], "iouring", "io_uring"),
    (["trace", "--ftype", "regs"], "regs", "reg"),
    (["trace", "--ftype", "xxxxxxxx"], "xxxxxxxx", "list ftypes"),
    (["trace", "--fs", "a-very-long-file-system-type"], "a-very-long-file-system-type", "15"),
    (["trace", "-u", "roott"], "roott", "root"),
    (["trace", "--err", "ENOET"], "ENOET", "ENOENT"),
    (["trace", "--err", "ENOENT,EACCESS"], "EACCESS", "EACCES"),
    (["trace", "-f", "jsn"], "jsn", "json"),
    (["trace", "--color", "nevr"], "nevr", "never"),
    (["trace", "--backend", "kprobes"], "kprobes", "kprobe"),
    (["trace", "--duration", "10xs"], "10xs", "ms"),
    (["trace", "--duration", "-1s"], "-1s", "time"),
    (["trace", "--min-latency", "fast"], "fast", "ms"),
    (["trace", "--min-size", "4Q"], "4Q", "K"),
    (["trace", "--min-size", "1e30"], "1e30", "size"),
    (["trace", "--max-events", "0"], "'0'", "1"),
    (["trace", "--max-events", "-5"], "-5", "number"),
    (["trace", "--map-entries", "many"], "many", "number"),
    (["trace", "--buffer", "1"], "--buffer", "4K"),
    (["trace", "--buffer", "big"], "big", "size"),
    (["trace", "-p", "abc"], "abc", "process"),
    (["trace", "-p", "0"], "'0'", "process"),
    (["trace", "-p", "99999999999"], "99999999999", "process"),
    (["trace", "-t", "1x"], "1x", "thread"),
    (["trace", "-d", "/no/such/directory"], "/no/such/directory", "No such file"),
    (["trace", "-d", "/proc/self/status"], "/proc/self/status", "not a directory"),
    (["trace", "-d", ""], "-d", "No such file"),
    (["trace", "-g", "/no/such/cgroup"], "/no/such/cgroup", "No such file"),
    (["trace", "stray"], "stray", "--"),
    (["trace", "--"], "--", "program"),
    (["list", "opz"], "opz", "ops"),
    (["help", "trcae"], "trcae", "trace"),
    (["doctor", "--", "true"], "doctor", "no program"),
    (["doctor", "-p", "1"], "-p", "help doctor"),
]


def wrong_usage(args, word, near):
    output = vfscope(*args)
    err = output.err.decode()
    equal("exit status", output.status, 2)
    equal("stdout", output.out, b"")
    if err.count("\n") != 1 or not err.endswith("\n"):
        fail("not one line: %r", err)
    if word not in err or near not in err.replace(word, "", 1):
        fail("the message has to name %r and %r: %r", word, near, err)


for wrong in WRONG:
    CASES.append(("wrong " + " ".join(wrong[0]).replace("\n", "\\n"),
                  lambda wrong=wrong: wrong_usage(*wrong)))


@case
def no_command():
    equal("exit status", vfscope().status, 2)


@case
def pid_that_is_not_there():
    output = vfscope("trace", "-j", "-p", "2147483646", "--duration", "50ms")
    equal("exit status", output.status, 0)
    equal("records", output.records(), [])
    if b"2147483646" not in output.err or output.err.count(b"\n") != 1:
        fail("no warning: %r", output.err)


# --- privileges ------------------------------------------------------------------------------

def lacks(prefix, names):
    proc = subprocess.run(prefix + [Config.vfscope, "trace", "-j", "--duration", "50ms"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT, check=False)
    err = proc.stderr.decode()
    equal("exit status", proc.returncode, 3)
    equal("stdout", proc.stdout, b"")
    if err.count("\n") != 1 or any(name not in err for name in names):
        fail("the message has to name %s: %r", names, err)


@case
def without_privileges():
    lacks(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"],
          ["CAP_BPF", "CAP_PERFMON"])


@case
def without_capabilities():
    lacks(["setpriv", "--bounding-set", "-sys_admin,-bpf", "--inh-caps", "-sys_admin,-bpf"],
          ["CAP_BPF"])
    lacks(["setpriv", "--bounding-set", "-sys_admin,-perfmon", "--inh-caps", "-sys_admin,-perfmon"],
          ["CAP_PERFMON"])


@case
def two_capabilities_suffice():
    proc = subprocess.run(["setpriv", "--bounding-set", "-all,+bpf,+perfmon", "--inh-caps", "-all",
                           Config.vfscope, "trace", "-j", "--duration", "50ms"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT, check=False)
    equal("stderr", proc.stderr, b"")
    equal("exit status", proc.returncode, 0)


@case
def backends_that_cannot_be():
    for backend in ("fentry", "kprobe"):
        output = vfscope("trace", "--backend", backend, "--duration", "50ms")
        # where the kernel lets it, it may as well work
        if output.status and (output.status != 3 or backend.encode() not in output.err or
                              output.out or output.err.count(b"\n") != 1):
            fail("--backend %s: status %d, stdout %r, stderr %r", backend, output.status, output.out,
                 output.err)


# --- the program behind -- -----------------------------------------------------------------

@case
def program_status():
    for command, status in ((["true"], 0), (["false"], 1), (["sh", "-c", "exit 7"], 7),
                            (["sh", "-c", "kill -TERM $$"], -signal.SIGTERM),
                            (["sh", "-c", "kill -KILL $$"], -signal.SIGKILL)):
        output = vfscope("trace", "-j", "--", *command)
        equal("exit status of %s" % command, output.status, status)
        equal("exact", output.parse()[1]["exact"], True)


@case
def program_missing():
    with Scratch() as scratch:
        for name, status in (("no-such-program", 127), ("./no-such-program", 127), (scratch, 126)):
            output = vfscope("trace", "-j", "--", name)
            equal("exit status of %s" % name, output.status, status)
            equal("stdout", output.out, b"")
            if name.encode() not in output.err or output.err.count(b"\n") != 1:
                fail("not one line that names %s: %r", name, output.err)


@case
def program_only():
    """Nothing of other processes, whatever they do meanwhile."""
    with Scratch() as scratch:
        file = File(scratch + "/f", size=1000)
        end = os.pipe()
        with Tracing("trace", "-j", "-d", scratch, "--", "cat", "/dev/fd/%d" % end[0],
                     pass_fds=(end[0],)) as tracing:
            os.close(end[0])
            for offset in range(20):
                file.read(10, offset)
            os.close(end[1])
            output = tracing.stop(signo=None)
        equal("exit status", output.status, 0)
        compare([], output)


@case
def program_of_many_children():
    run_load("forks", "300")


@case
def program_of_busy_threads():
    run_load("busy")


@case
def program_of_many_files():
    """More than vfscope keeps track of: each is looked at anew, and none is confused."""
    run_load("files", options=("--map-entries", "16"))


def run_load(name, *args, options=()):
    with Scratch() as scratch, Expect() as expect:
        os.truncate(os.open(scratch + "/f", os.O_CREAT | os.O_RDWR, 0o644), 1000)
        output = vfscope("trace", "-j", "-d", scratch, "-o", "read", *options, "--",
                         Config.prog("load"), name, scratch, *args, pass_fds=(EXPECT_FD,))
        equal("exit status (%s)" % output.err, output.status, 0)
        compare([r for r in expect.records() if r["op"] == "read"], output)


# --- filters: who -------------------------------------------------------------------------------

class Load:
    """A process that has opened DIR/f, and reads from it when told to."""

    def __init__(self, name, scratch, *args, **popen):
        self.proc = subprocess.Popen([Config.prog("load"), name, scratch, *args],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, pass_fds=(EXPECT_FD,), **popen)
        self.pid = self.proc.pid
        self.lines = []
        for line in iter(self.proc.stdout.readline, b"ready\n"):
            if not line:
                fail("load %s: %s", name, self.proc.stderr.read())
            self.lines.append(line)

    def go(self):
        err = self.proc.communicate(b"g", timeout=TIMEOUT)[1]
        equal("exit status of load (%s)" % err, self.proc.returncode, 0)

    def kill(self):
        self.proc.kill()
        self.proc.communicate()


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


@case
def filter_pid():
    with two_loads() as (seen, unseen, _, expect):
        check_who(seen, unseen, expect, ["-p", str(seen.pid)])


@case
def filter_pid_list():
    with two_loads() as (seen, unseen, scratch, expect):
        check_who(seen, unseen, expect, ["-d", scratch, "-p", "1,%d" % seen.pid])


@case
def filter_tid():
    with two_loads("thread") as (seen, unseen, _, expect):
        check_who(seen, unseen, expect, ["-t", seen.lines[0].decode().strip()])


@case
def filter_uid():
    for user in ("nobody", "65534"):
        with two_loads(popen={"user": 65534}) as (seen, unseen, scratch, expect):
            check_who(seen, unseen, expect, ["-d", scratch, "-u", user])


@case
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


@case
def filter_cgroup():
    name = "/vfscope-e2e-%d" % os.getpid()
    with new_cgroup(name) as path:
        for option in (name, name[1:], path):
            with two_loads() as (seen, unseen, scratch, expect):
                join_cgroup(path, seen.pid)
                check_who(seen, unseen, expect, ["-d", scratch, "-g", option], cgroup=name)


@case
def filter_cgroup_above():
    """-g is also about what stands below the cgroup."""
    name = "/vfscope-e2e-%d" % os.getpid()
    with new_cgroup(name + "/child") as path:
        with two_loads() as (seen, unseen, scratch, expect):
            join_cgroup(path, seen.pid)
            check_who(seen, unseen, expect, ["-d", scratch, "-g", name], cgroup=name + "/child")


@case
def container_of_cgroup():
    name = "/vfscope-e2e-%s.scope" % ("0123456789abcdef" * 4)
    with new_cgroup(name) as path:
        with two_loads() as (seen, unseen, scratch, expect):
            join_cgroup(path, seen.pid)
            check_who(seen, unseen, expect, ["-d", scratch, "-g", name], cgroup=name,
                      container="0123456789abcdef" * 4)


# --- filters: what ---------------------------------------------------------------------------------

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


@case
def filter_op():
    check(["-d", "@", "-o", "read"], only(reads_and_writes, "read"))
    check(["-d", "@", "-o", "write,stat"], only(reads_and_writes, "write", "stat"))
    check(["-d", "@", "-o", "write", "-o", "read"], only(reads_and_writes, "read", "write"))
    check(["-d", "@", "-o", "metadata"], only(reads_and_writes, "stat"))
    check(["-d", "@", "-o", "all"], reads_and_writes)
    check(["-d", "@", "-o", "mounts"], only(reads_and_writes))


@case
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


@case
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


@case
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


@case
def filter_failed():
    check(["-d", "@", "-x"], failed_with("EBADF", "ENOENT", "ENOTDIR"))
    check(["-d", "@", "--err", "ENOENT"], failed_with("ENOENT"))
    check(["-d", "@", "--err", "ebadf,ENOTDIR"], failed_with("EBADF", "ENOTDIR"))
    check(["-d", "@", "--err", "EIO"], failed_with())


@case
def filter_size():
    def act(scratch):
        file = File(scratch + "/f", size=100000)
        yield
        got = [file.read(size, 0) for size in (4095, 4096, 4097, 50000)]
        got += [file.read(5000, 100000 - 10), file.stat()]
        yield [record for record in got if record.get("bytes", 0) >= 4096]

    check(["-d", "@", "--min-size", "4K"], act)
    check(["-d", "@", "--min-size", "4096"], act)


@case
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
            time.sleep(0.25)
            os.write(fifo.fd, b"abc")
            os._exit(0)
        ret = len(os.read(fifo.fd, 100))
        os.waitpid(writer, 0)
        yield [fifo.record("read", ret, via="rw", req=100, bytes=3)]

    check(["-d", "@", "-o", "read", "--all", "--min-latency", "200ms"], act)


@case
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


@case
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


@case
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


# --- formats -----------------------------------------------------------------------------------------

HOSTILE = [b"plain", b"new\nline", b"\x1b[31mred", b"q\"uote", b"back\\slash", b"\xff\xfe", b"\xc3\xa9",
           b"comma,", b"tab\t", b"\xe2\x80\xaertl", b"\x7f", b"\xc2\x9b1m", b"\x07", b"  ", b"=cmd()"]


def traced_files(names, *options):
    """The output of a run in which the files of these names are each read once."""
    with Scratch() as scratch:
        fds = [os.open(os.fsencode(scratch) + b"/" + name, os.O_CREAT | os.O_RDWR) for name in names]
        with Tracing("trace", "-d", scratch, "-o", "read", *options) as tracing:
            for fd in fds:
                os.pread(fd, 10, 5)
            output = tracing.stop()
        for fd in fds:
            os.close(fd)
        equal("exit status", output.status, 0)
        return output, os.fsencode(scratch)


def canonical(name):
    """A name in a JSON string: valid UTF-8 as it is, any other byte as \\u00XX."""
    out, at = "", 0
    while at < len(name):
        for size in (1, 2, 3, 4):
            with contextlib.suppress(UnicodeDecodeError):
                char = name[at:at + size].decode("utf-8")
                if len(char) == 1:
                    out += json.dumps(char, ensure_ascii=False)[1:-1] if char >= " " and \
                        char != "\x7f" else "\\u%04x" % ord(char)
                    at += size
                    break
        else:
            out += "\\u%04x" % name[at]
            at += 1
    return out


@case
def json_escapes():
    output, scratch = traced_files(HOSTILE, "-j", "-F", "path")
    lines = output.out.decode("utf-8").split("\n")
    for name, line in zip(HOSTILE, lines):
        wanted = canonical(name).replace("\\u007f", "\x7f")
        alternative = canonical(name)  # DEL may stand as it is, or escaped
        prefix = '{"path":"%s/' % scratch.decode()
        if line not in (prefix + wanted + '"}', prefix + alternative + '"}'):
            fail("expected %r\ngot      %r", prefix + wanted + '"}', line)


@case
def json_fields():
    output, scratch = traced_files([b"a", b"b"], "-j", "-F", "op,bytes,path,err,req")
    lines = output.out.decode().splitlines()
    for name, line in zip("ab", lines):
        equal("line", line, '{"op":"read","bytes":0,"path":"%s/%s","req":10}' % (scratch.decode(), name))
    equal("lines", len(lines), 3)
    output, _ = traced_files([b"a"], "-f", "json", "-F", "-ts_ns,-lat_ns,-cgroup,+op")
    keys = list(output.records()[0])
    equal("last key", keys[-1], "op")
    for key in ("ts_ns", "lat_ns", "cgroup"):
        if key in keys:
            fail("%s is there", key)
    for key in ("type", "pid", "comm", "path", "mnt_ns", "ret"):
        if key not in keys:
            fail("%s is not there", key)


@case
def json_fields_without_path():
    """The path filter works although no path is shown."""
    output, _ = traced_files([b"a"], "-j", "-F", "op,ret")
    equal("output", output.out.splitlines()[0], b'{"op":"read","ret":0}')


@case
def csv_exact():
    output, scratch = traced_files([b"a", b"b"], "-f", "csv", "-F", "op,via,offset,req,bytes,err,path")
    lines = output.out.decode().splitlines()
    equal("header", lines[0], "op,via,offset,req,bytes,err,path")
    for name, line in zip("ab", lines[1:]):
        equal("row", line, '"read","rw",5,10,0,,"%s/%s"' % (scratch.decode(), name))
    equal("rows", len(lines), 4)
    if not lines[3].startswith("# {"):
        fail("no summary: %r", lines[3])
    summary = json.loads(lines[3][2:])
    equal("summary", (summary["type"], summary["events"], summary["exact"]), ("summary", 2, True))


@case
def csv_hostile():
    output, scratch = traced_files(HOSTILE, "-f", "csv", "-F", "op,path,ret")
    lines = output.out.decode("utf-8").split("\n")
    equal("lines", len(lines), len(HOSTILE) + 3)
    for name, line in zip(HOSTILE, lines[1:]):
        row = next(csv.reader(io.StringIO(line)))
        text = canonical(name).replace('\\"', '"')
        if row[1] not in (scratch.decode() + "/" + text,
                          scratch.decode() + "/" + text.replace("\\u007f", "\x7f")):
            fail("expected %r\ngot      %r", text, row)
        equal("columns of %r" % row, (row[0], row[2], len(row)), ("read", "0", 3))


@case
def table_hostile():
    """No control characters but newlines, and one line for each file."""
    output, _ = traced_files(HOSTILE, "--color", "never")
    text = output.out.decode("utf-8")
    bad = [char for char in text if (ord(char) < 32 or 127 <= ord(char) < 160 or
                                     ord(char) in (0x202e, 0x2066)) and char != "\n"]
    equal("control characters", bad, [])
    equal("lines", text.count("\n"), 1 + len(HOSTILE))
    for seen in ("\\x1b[31mred", "new\\nline", "\\xff\\xfe", "back\\\\slash", "é"):
        if seen not in text:
            fail("%r is not shown:\n%s", seen, text)
    if b"none lost" not in output.err:
        fail("no summary: %r", output.err)


@case
def table_columns():
    output, _ = traced_files([b"a"], "--color", "never", "-F", "op,bytes,name")
    equal("table", [line.split() for line in output.out.decode().splitlines()],
          [["OP", "BYTES", "NAME"], ["read", "0", "a"]])
    output, _ = traced_files([b"a"], "-F", "+fs,-path2")
    header = output.out.decode().splitlines()[0].split()
    equal("last column", header[-1], "FS")
    output, _ = traced_files([b"a"], "--color", "always")
    if b"\x1b[1m" not in output.out:
        fail("no colour: %r", output.out)
    output, _ = traced_files([b"a"])
    if b"\x1b" in output.out:
        fail("colour where no terminal is: %r", output.out)


# --- how it ends ------------------------------------------------------------------------------------

@case
def ends_by_signal():
    for signo in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with Scratch() as scratch:
            file = File(scratch + "/f", size=1000)
            with Tracing("trace", "-j", "-d", scratch, "-o", "read") as tracing:
                expected = [file.read(10, offset) for offset in range(100)]
                output = tracing.stop(signo)
            equal("exit status after signal %d" % signo, output.status, 0)
            compare(expected, output)


@case
def ends_by_duration():
    began = time.monotonic()
    output = vfscope("trace", "-j", "-p", str(os.getpid()), "--duration", "300ms")
    took = time.monotonic() - began
    equal("exit status", output.status, 0)
    summary = output.parse()[1]
    if not 300e6 <= summary["duration_ns"] <= 500e6 or not 0.3 <= took <= 1.5:
        fail("300 ms took %f s, and %d ns by its own account", took, summary["duration_ns"])


@case
def ends_by_max_events():
    with Scratch() as scratch:
        file = File(scratch + "/f", size=1000)
        with Tracing("trace", "-j", "-d", scratch, "-o", "read", "--max-events", "5") as tracing:
            expected = [file.read(10, offset) for offset in range(20)]
            output = tracing.stop(signo=None)
        equal("exit status", output.status, 0)
        records, summary = output.parse()
        equal("records", [r["offset"] for r in records], [r["offset"] for r in expected[:5]])
        equal("events", summary["events"], 5)


def check_lost(output, calls, strict):
    """Shown and lost together are all."""
    records, summary = output.parse()
    equal("exit status", output.status, 1 if strict else 0)
    equal("events", summary["events"], len(records))
    if not summary["lost"]["ring"]:
        fail("nothing was lost: no overload")
    equal("shown + lost.ring", len(records) + summary["lost"]["ring"], calls)
    equal("exact", summary["exact"], False)
    lines = losses_differ(summary, {"ring": None})
    if lines:
        fail("\n".join(lines))
    if strict and output.err.count(b"\n") != 1:
        fail("not one line: %r", output.err)


@case
def overload_while_stopped():
    """vfscope sleeps while more comes than the ring holds: lost is counted, to the last one."""
    for strict in (False, True):
        with Scratch() as scratch:
            file = File(scratch + "/f", size=1000)
            options = ["--strict"] if strict else []
            with Tracing("trace", "-j", "-d", scratch, "-o", "read", "--buffer", "64K",
                         *options) as tracing:
                file.read(10, 0)
                time.sleep(0.3)  # that one, and its name, have been taken
                os.kill(tracing.pid, signal.SIGSTOP)
                for _ in range(1999):
                    os.pread(file.fd, 10, 0)
                os.kill(tracing.pid, signal.SIGCONT)
                output = tracing.stop()
            check_lost(output, 2000, strict)


@case
def overload_by_flood():
    calls = 200000
    with Scratch() as scratch:
        os.truncate(os.open(scratch + "/f", os.O_CREAT | os.O_RDWR, 0o644), 1000)
        with Expect():
            output = vfscope("trace", "-j", "-d", scratch, "-o", "read", "--buffer", "4K", "--",
                             Config.prog("load"), "flood", scratch, str(calls),
                             pass_fds=(EXPECT_FD,))
        check_lost(output, calls, False)


@case
def strict_without_loss():
    with Scratch() as scratch:
        file = File(scratch + "/f", size=1000)
        with Tracing("trace", "-j", "-d", scratch, "-o", "read", "--strict") as tracing:
            expected = [file.read(10, 0)]
            output = tracing.stop()
        equal("exit status", output.status, 0)
        compare(expected, output)


@case
def map_full():
    """No room for asynchronous operations under way: as many as did not fit are counted."""
    with Scratch() as scratch, Expect():
        output = vfscope("trace", "-j", "-d", scratch, "-o", "read", "--map-entries", "16", "--",
                         Config.prog("aio"), "many", scratch, pass_fds=(EXPECT_FD,))
        records, summary = output.parse()
        equal("exit status", output.status, 0)
        equal("shown + lost.map_full", len(records) + summary["lost"]["map_full"], 1000)
        equal("exact", summary["exact"], False)


@case
def output_full():
    """A disk that is full: it says so, and does not claim to have shown everything."""
    with Scratch() as scratch, open("/dev/full", "wb") as full:
        file = File(scratch + "/f", size=1000)
        for form in ("json", "table", "csv"):
            with Tracing("trace", "-f", form, "-d", scratch, "-o", "read", stdout=full) as tracing:
                for offset in range(10):
                    file.read(10, offset)
                output = tracing.stop(signo=None)  # it ends by itself
            equal("exit status, %s" % form, output.status, 1)
            if b"No space left" not in output.err:
                fail("%s: it does not say why: %r", form, output.err)
            if b"none lost" in output.err:
                fail("%s: it claims that nothing is lost: %r", form, output.err)


@case
def output_full_with_program():
    with open("/dev/full", "wb") as full:
        output = vfscope("trace", "-j", "--", "sh", "-c", "ls -la / > /dev/null; exit 0", stdout=full)
        equal("exit status", output.status, 1)
        if b"No space left" not in output.err:
            fail("it does not say why: %r", output.err)


@case
def output_closed():
    """Whoever read it has gone: it ends at once, with or without anything to show."""
    for busy in (True, False):
        with Scratch() as scratch:
            file = File(scratch + "/f", size=1000)
            read_end, write_end = os.pipe()
            with Tracing("trace", "-j", "-d", scratch, "-o", "read", stdout=write_end) as tracing:
                os.close(write_end)
                os.close(read_end)
                if busy:
                    file.read(10, 0)
                output = tracing.stop(signo=None)
            equal("exit status", output.status, 1)
            if b"Broken pipe" not in output.err or output.err.count(b"\n") != 1:
                fail("it does not say why, in one line: %r", output.err)


def bpf_ids(pid):
    """What of BPF a process holds: {("prog", 7), ("link", 3), ...}."""
    ids = set()
    for path in glob.glob("/proc/%d/fdinfo/*" % pid):
        with contextlib.suppress(OSError):
            ids |= set(re.findall(r"^(prog|map|link|btf)_id:\s*(\d+)", read_text(path), re.M))
    return ids


def bpf_listed():
    listed = set()
    for kind in ("prog", "map", "link"):
        out = subprocess.run(["bpftool", "-j", kind, "list"], stdout=subprocess.PIPE, check=True,
                             env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}).stdout
        listed |= {(kind, str(item["id"])) for item in json.loads(out)}
    return listed


@case
def killed_leaves_nothing():
    with Scratch() as scratch:
        with Tracing("trace", "-j", "-d", scratch) as tracing:
            held = {item for item in bpf_ids(tracing.pid) if item[0] != "btf"}
            for kind in ("prog", "map", "link"):
                if not any(item[0] == kind for item in held):
                    fail("it holds no %s while it runs: %s", kind, sorted(held))
            if not held <= bpf_listed():
                fail("bpftool does not list what it holds")
            equal("exit status", tracing.stop(signal.SIGKILL).status, -signal.SIGKILL)
        for _ in range(100):  # the kernel frees them a little later
            left = held & bpf_listed()
            if not left:
                return
            time.sleep(0.02)
        fail("left behind: %s", sorted(left))


@case
def two_at_once():
    with Scratch() as scratch:
        file = File(scratch + "/f", size=1000)
        with Tracing("trace", "-j", "-d", scratch, "-o", "read") as first:
            with Tracing("trace", "-j", "-d", scratch, "-o", "write") as second:
                expected = [(file.read(10, i), file.write(10, i)) for i in range(50)]
                compare([write for _, write in expected], second.stop())
            compare([read for read, _ in expected], first.stop())


@case
def quiet_run_shows_nothing():
    """vfscope does not show its own I/O, nor does it lose anything while nothing happens."""
    with Scratch() as scratch:
        path = os.path.join(scratch, "out")
        with open(path, "wb") as out:
            with Tracing("trace", "-j", "-d", scratch, stdout=out) as tracing:
                time.sleep(0.3)
                output = tracing.stop()
        with open(path, "rb") as out:
            output.out = out.read()
        compare([], output)
        equal("causes", sorted(output.parse()[1]["lost"]), sorted(LOSSES))
        equal("cgroup", own_cgroup() is not None, True)
