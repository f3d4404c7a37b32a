# SPDX-License-Identifier: GPL-2.0
"""How it ends: when it is told to, when it cannot go on; what is lost, and what is left behind."""
import contextlib
import glob
import json
import os
import re
import signal
import subprocess
import time

from act import Cases, File, Load
from vfs import (Config, EXPECT_FD, Expect, Scratch, Tracing, compare, equal, fail, losses_differ,
                 read_text, takes_to_start, vfscope)

CASES = Cases()


@CASES.case
def ends_by_signal():
    for signo in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with Scratch() as scratch:
            file = File(scratch + "/f", size=1000)
            with Tracing("trace", "-j", "-d", scratch, "-o", "read") as tracing:
                expected = [file.read(10, offset) for offset in range(100)]
                output = tracing.stop(signo)
            equal("exit status after signal %d" % signo, output.status, 0)
            compare(expected, output)


@CASES.case
def ends_by_duration():
    start = takes_to_start()
    began = time.monotonic()
    output = vfscope("trace", "-j", "-p", str(os.getpid()), "--duration", "300ms")
    took = time.monotonic() - began
    equal("exit status", output.status, 0)
    summary = output.parse()[1]
    if not 300e6 <= summary["duration_ns"] <= 500e6 or not 0.3 <= took <= 1.5 + start:
        fail("300 ms took %f s, and %d ns by its own account", took, summary["duration_ns"])


@CASES.case
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


@CASES.case
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


@CASES.case
def overload_by_flood():
    calls = 200000
    with Scratch() as scratch:
        os.truncate(os.open(scratch + "/f", os.O_CREAT | os.O_RDWR, 0o644), 1000)
        with Expect():
            output = vfscope("trace", "-j", "-d", scratch, "-o", "read", "--buffer", "4K", "--",
                             Config.prog("load"), "flood", scratch, str(calls),
                             pass_fds=(EXPECT_FD,))
        check_lost(output, calls, False)


@CASES.case
def strict_without_loss():
    with Scratch() as scratch:
        file = File(scratch + "/f", size=1000)
        with Tracing("trace", "-j", "-d", scratch, "-o", "read", "--strict") as tracing:
            expected = [file.read(10, 0)]
            output = tracing.stop()
        equal("exit status", output.status, 0)
        compare(expected, output)


@CASES.case
def map_full():
    """No room for asynchronous operations under way: as many as did not fit are counted."""
    with Scratch() as scratch, Expect():
        output = vfscope("trace", "-j", "-d", scratch, "-o", "read", "--map-entries", "16", "--",
                         Config.prog("aio"), "many", scratch, pass_fds=(EXPECT_FD,))
        records, summary = output.parse()
        equal("exit status", output.status, 0)
        equal("shown + lost.map_full", len(records) + summary["lost"]["map_full"], 1000)
        equal("exact", summary["exact"], False)


@CASES.case
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


@CASES.case
def output_full_with_program():
    with open("/dev/full", "wb") as full:
        output = vfscope("trace", "-j", "--", "sh", "-c", "ls -la / > /dev/null; exit 0",
                         stdout=full)
        equal("exit status", output.status, 1)
        if b"No space left" not in output.err:
            fail("it does not say why: %r", output.err)


@CASES.case
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


@CASES.case
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


@CASES.case
def two_at_once():
    with Scratch() as scratch:
        file = File(scratch + "/f", size=1000)
        with Tracing("trace", "-j", "-d", scratch, "-o", "read") as first:
            with Tracing("trace", "-j", "-d", scratch, "-o", "write") as second:
                expected = [(file.read(10, i), file.write(10, i)) for i in range(50)]
                compare([write for _, write in expected], second.stop())
            compare([read for read, _ in expected], first.stop())


def floods(scratch, number):
    os.truncate(os.open(scratch + "/f", os.O_CREAT | os.O_RDWR, 0o644), 1000)
    return [subprocess.Popen([Config.prog("load"), "flood", scratch, "2000000000"],
                             pass_fds=(EXPECT_FD,)) for _ in range(number)]


@CASES.case
def ends_under_load():
    """More comes than it can write: it ends all the same when it is told to."""
    for options in (["--duration", "300ms"], []):
        with Scratch() as scratch, Expect():
            loads = floods(scratch, os.cpu_count())
            try:
                with open(os.devnull, "wb") as out:
                    with Tracing("trace", "-j", "-d", scratch, "-o", "read", *options,
                                 stdout=out) as tracing:
                        time.sleep(0.3)
                        began = time.monotonic()
                        if not options:
                            tracing.proc.send_signal(signal.SIGINT)
                        try:
                            tracing.proc.wait(3)
                        except subprocess.TimeoutExpired:
                            fail("it goes on 3 s after %s", options or "SIGINT")
                        output = tracing.stop(signo=None)
                equal("exit status", output.status, 0)
            finally:
                for load in loads:
                    load.kill()
                    load.wait()
            if time.monotonic() - began > 3:
                fail("it took too long")


@CASES.case
def attached_in_the_middle():
    """Calls that are under way when it attaches are not taken for others."""
    with Scratch() as scratch, Expect():
        os.truncate(os.open(scratch + "/f", os.O_CREAT | os.O_RDWR, 0o644), 1000)
        load = Load("hammer", scratch)
        try:
            for _ in range(10):
                output = vfscope("trace", "-j", "-p", str(load.pid), "--duration", "5ms")
                records, summary = output.parse()
                for record in records:
                    got = (record["op"], record.get("path"), record["ret"])
                    equal("record", got, ("stat", scratch + "/f", 0))
                # that a flood can fill the ring is another matter
                lines = losses_differ(summary, {"ring": summary["lost"]["ring"]})
                if lines:
                    fail("\n".join(lines))
        finally:
            load.kill()


def cpu_ticks(pid):
    fields = read_text("/proc/%d/stat" % pid).rpartition(") ")[2].split()
    return int(fields[11]) + int(fields[12])


@CASES.case
def two_do_not_set_each_other_off():
    """What one vfscope does to filter a record must not be the next record of the other."""
    with Scratch() as scratch:
        options = ("trace", "-j", "-o", "metadata", "-d", scratch)
        with Tracing(*options) as first, Tracing(*options) as second:
            for _ in range(20):
                with contextlib.suppress(OSError):
                    os.stat("/no/such/file/is/here")
            time.sleep(0.5)
            before = cpu_ticks(first.pid) + cpu_ticks(second.pid)
            time.sleep(0.5)
            ticks = cpu_ticks(first.pid) + cpu_ticks(second.pid) - before
            for tracing in (first, second):
                tracing.proc.kill()
                tracing.stop(signo=None)
        if ticks > 25:  # of 100 a second
            fail("while nothing happens they take %d ticks in half a second", ticks)


@CASES.case
def quiet_run_shows_nothing():
    """vfscope does not show its own I/O, nor does it lose anything while nothing happens."""
    with Scratch() as scratch:
        path = os.path.join(scratch, "out")
        with open(path, "wb") as out:
            with Tracing("trace", "-j", "-o", "data", "-d", scratch, stdout=out) as tracing:
                time.sleep(0.3)
                output = tracing.stop()
        with open(path, "rb") as out:
            output.out = out.read()
        compare([], output)
