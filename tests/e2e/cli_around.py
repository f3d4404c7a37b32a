# SPDX-License-Identifier: GPL-2.0
"""What goes on around the files: waits for a processor, block requests; and their presets."""
import mmap
import os
import subprocess
import sys
import threading
import time

from act import Cases
from cli_filters import join_cgroup, new_cgroup
from vfs import LOSSES, Scratch, Tracing, equal, fail, vfscope

CASES = Cases()


# --- waits for a processor -------------------------------------------------------------------

def times_run():
    """How often this thread has been given a processor, and what waiting for it has cost."""
    with open("/proc/thread-self/schedstat", encoding="ascii") as file:
        _, waited_ns, times = map(int, file.read().split())
    return times, waited_ns


def burn(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def times_now():
    """The same at a time when nothing is about to change it, with that time."""
    while True:
        before = times_run()
        burn(0.0005)
        now = time.time_ns()
        burn(0.0005)
        if times_run() == before:
            return before + (now,)


def wait_and_burn():
    for i in range(40):
        time.sleep(0.001)
        burn(0.003 if i % 4 == 0 else 0.0002)


@CASES.case
def runq_each():
    """Each wait is a time that the thread was given a processor: as many as the kernel counts."""
    for _ in range(50):
        output = runq_once()
        if output.parse()[1]["lost"] == dict.fromkeys(LOSSES, 0):
            return
        # only this may be lost: a kernel has been met (6.18) that runs no program at some switches
        equal("lost", {what for what, n in output.parse()[1]["lost"].items() if n}, {"switch"})
    fail("each time, switches were not told of")


def runq_once():
    """One run; if nothing was lost, as many waits as times on a processor."""
    other = threading.Thread(target=wait_and_burn)
    with Tracing("trace", "-o", "runq", "-t", str(os.getpid()), "-j") as tracing:
        first, waited_before, began = times_now()
        other.start()
        wait_and_burn()
        other.join()
        last, waited_after, ended = times_now()
    output = tracing.stop()
    rows = [row for row in output.records() if began < row["ts_ns"] + row["lat_ns"] < ended]
    if output.parse()[1]["exact"]:
        equal("waits", len(rows), last - first)
    equal("threads", {(row["pid"], row["tid"], row["op"]) for row in rows}, {(os.getpid(), os.getpid(), "runq")})
    waited, measured = waited_after - waited_before, sum(row["lat_ns"] for row in rows)
    # the kernel has a clock of its own for it: that of the run queue, which stands still at times
    if not 0 <= waited < 2 * measured + 10_000_000:
        fail("waited %d ns, measured %d ns", waited, measured)
    return output


@CASES.case
def runq_filters():
    """Least durations, and cgroups of a task that is not the current one yet."""
    name = "/vfscope-runq"
    with new_cgroup(name) as path:
        with subprocess.Popen(["sh", "-c", "read x; for i in 1 2 3 4 5 6 7 8; do sleep 0.01; done"],
                              stdin=subprocess.PIPE) as proc:
            join_cgroup(path, proc.pid)
            with Tracing("trace", "-o", "runq", "-g", name, "--min-latency", "1us", "-j") as tracing:
                proc.communicate(b"\n")
            rows = tracing.stop().records()
        equal("cgroups", {row["cgroup"] for row in rows}, {name})
        equal("the shell and what it starts", {row["comm"] for row in rows} >= {"sh", "sleep"}, True)
        equal("shorter ones", [row for row in rows if row["lat_ns"] < 1000], [])


@CASES.case
def runqslower():
    output = vfscope("runqslower", "0", "--", "sh", "-c", "sleep 0.01")
    equal("exit status", output.status, 0)
    lines = output.out.decode().splitlines()
    equal("titles", lines[0].split(), "TIME COMM TID LAT".split())
    equal("some", len(lines) > 1, True)


@CASES.case
def runq_previous():
    """Two that hand a byte to and fro on one processor: each waits behind the other, which the row names."""
    program = "import os\nos.sched_setaffinity(0, {0})\n" \
              "a, b = os.pipe(), os.pipe()\nname = 'one' if os.fork() else 'two'\n" \
              "open('/proc/self/comm', 'w').write(name)\nmine, its = (a, b) if name == 'one' else (b, a)\n" \
              "if name == 'one': os.write(its[1], b'x')\n" \
              "for i in range(2000): os.read(mine[0], 1), os.write(its[1], b'x')\n" \
              "if name == 'one': os.wait()"
    rows = vfscope("runqslower", "--previous", "0", "-j", "--", sys.executable, "-S", "-c", program).records()
    tids = {row["comm"]: row["tid"] for row in rows}
    for name, other in (("one", "two"), ("two", "one")):
        after = [row for row in rows if row["prev_tid"] == tids[other] and row["prev_comm"] == other]
        equal("waits behind " + other, name in {row["comm"] for row in after}, True)
    equal("behind oneself", [row for row in rows if row["prev_tid"] == row["tid"]], [])


# --- block requests --------------------------------------------------------------------------

@CASES.case
def bio_of_file():
    """What is written back, and direct reads: their sums are those of what was asked for."""
    with Scratch() as scratch:
        path = scratch + "/f"
        with Tracing("trace", "-o", "bio", "-j", "-p", str(os.getpid())) as tracing:
            fd = os.open(path, os.O_CREAT | os.O_RDWR)
            os.write(fd, b"x" * (1 << 20))
            os.fsync(fd)
            os.close(fd)
            direct = os.open(path, os.O_RDONLY | os.O_DIRECT)
            # a buffer that is another file's: not that one's reads
            other = os.open(scratch + "/other", os.O_CREAT | os.O_RDWR)
            os.ftruncate(other, 1 << 20)
            buffer = mmap.mmap(other, 1 << 20)
            os.readv(direct, [buffer])
            os.close(direct)
        rows = tracing.stop().records()
        of_file = [row for row in rows if row.get("path") == path]
        written = [row for row in of_file if row["kind"] == "write"]
        equal("kinds", {row["kind"] for row in of_file}, {"read", "write"})
        equal("written", sum(row["bytes"] for row in written), 1 << 20)
        equal("read", sum(row["bytes"] for row in rows if row["kind"] == "read"), 1 << 20)
        places = sorted((row["offset"], row["bytes"]) for row in written)
        equal("where", sorted((row["offset"], row["bytes"]) for row in rows if row["kind"] == "read")[0][0],
              places[0][0])
        disk = os.stat(scratch).st_dev
        equal("disk", {row["dev"] for row in written}, {"%d:%d" % (os.major(disk), os.minor(disk))})
        equal("files of direct reads", {row.get("path") for row in rows if row["kind"] == "read"}, {path})
        equal("all moved", [row for row in rows if row["bytes"] != row["req"]], [])


@CASES.case
def bio_of_no_file():
    """What is kept of directories and inodes is the device's own, and has no path."""
    with Scratch() as scratch:
        with Tracing("trace", "-o", "bio", "-j", "-p", str(os.getpid())) as tracing:
            os.mkdir(scratch + "/d")
            fd = os.open(scratch + "/d", os.O_RDONLY)
            os.fsync(fd)
            os.close(fd)
            os.sync()
        rows = tracing.stop().records()
        equal("paths", {row.get("path") for row in rows if row.get("path", "").startswith("/ ")}, set())


@CASES.case
def bio_of_dirtier():
    """Who made it dirty writes it, whoever has it written back: the kernel, long after, or another program."""
    with Scratch() as scratch:
        for sync in ["sync"], ["sync", scratch + "/f"]:
            with Tracing("trace", "-o", "bio", "-j", "-c", "head") as tracing:
                subprocess.run(["sh", "-c", f"head -c 200000 /dev/zero > {scratch}/f"], check=True)
                subprocess.run(sync, check=True)
            rows = [row for row in tracing.stop().records() if row.get("path") == scratch + "/f"]
            equal(f"bytes by {sync}", sum(row["bytes"] for row in rows), 200704)
            equal("comm", {row["comm"] for row in rows}, {"head"})


@CASES.case
def bio_queued():
    """With --queued a request begins where it is made: by so much earlier as it was in the queue."""
    with Scratch() as scratch:
        path = scratch + "/f"
        with Tracing("trace", "-o", "bio", "-j", "-c", "dd") as plain, \
                Tracing("trace", "-o", "bio", "-j", "-c", "dd", "--queued") as queued:
            subprocess.run(["dd", "if=/dev/zero", "of=" + path, "bs=64K", "count=20", "oflag=direct", "status=none"],
                           check=True)
            plain, queued = plain.stop().records(), queued.stop().records()
    equal("requests", [row["offset"] for row in queued], [row["offset"] for row in plain])
    for one, other in zip(plain, queued):
        # both have their own idea of when the machine was started, which moves by microseconds
        if not abs(one["ts_ns"] - one["queue_ns"] - other["ts_ns"]) < 100_000:
            fail("made %d before it began, and begun at %d, %d", one["queue_ns"], one["ts_ns"], other["ts_ns"])
        equal("with the queue", other["lat_ns"] > other["queue_ns"], True)


# --- mounts ----------------------------------------------------------------------------------

CONFIGURE = """
import ctypes
libc = ctypes.CDLL(None)
fd = libc.syscall(430, b"tmpfs", 0)
libc.syscall(431, fd, 1, b"size", b"2m", 0)
libc.syscall(431, fd, 0, b"ro", None, 0)
libc.syscall(431, fd, 6, None, None, 0)
libc.mount(b"here", b"@", None, 4096, b"")
libc.mount(b"here", b"@", b"tmpfs", 1, b"size=1m,\\xff\\n")
"""


@CASES.case
def mount_texts():
    """Types, data and values are what was passed, byte by byte."""
    with Scratch() as scratch:
        os.mkdir(scratch + "/m")
        program = CONFIGURE.replace("@", scratch + "/m")
        output = vfscope("trace", "-j", "-o", "mounts", "--", sys.executable, "-S", "-c", program)
    rows = output.records()
    equal("calls", [(row["op"], row.get("path2"), row.get("mount_type"), row.get("mount_data")) for row in rows],
          [("fsopen", "tmpfs", None, None), ("fsconfig", "size", None, "2m"), ("fsconfig", "ro", None, None),
           ("fsconfig", "", None, None), ("mount", "here", None, None),
           ("mount", "here", "tmpfs", "size=1m,\\u00ff\n".encode().decode("unicode_escape"))])
