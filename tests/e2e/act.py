# SPDX-License-Identifier: GPL-2.0
"""Who does the I/O in the cases of cli_*.py: this process itself, or programs it starts."""
import os
import subprocess

from vfs import (Config, EXPECT_FD, Expect, Scratch, TIMEOUT, Tracing, compare, equal, fail,
                 read_text, vfscope)


class Cases(list):
    """Functions that are cases, each with the name that is shown."""

    def case(self, function):
        self.append((function.__name__.replace("_", "-"), function))
        return function


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
        if "-p" not in options:  # whatever else goes on on this machine
            options += ["-p", str(os.getpid())]
        with Tracing("trace", "-j", *options) as tracing:
            expected = next(prepared)
            output = tracing.stop()
        equal("exit status", output.status, 0)
        compare(expected, output, lost)


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


def run_load(name, *args, options=()):
    with Scratch() as scratch, Expect() as expect:
        os.truncate(os.open(scratch + "/f", os.O_CREAT | os.O_RDWR, 0o644), 1000)
        output = vfscope("trace", "-j", "-d", scratch, "-o", "read", *options, "--",
                         Config.prog("load"), name, scratch, *args, pass_fds=(EXPECT_FD,))
        equal("exit status (%s)" % output.err, output.status, 0)
        compare([r for r in expect.records() if r["op"] == "read"], output)
