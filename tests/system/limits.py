#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What vfscope promises of itself: losses that add up, start-up time, memory, idle cost, and
that nothing stays in the kernel when it is killed."""
import ctypes
import json
import mmap
import os
import signal
import struct
import subprocess
import time

from common import ROOT, VFSCOPE, Watching, check, equal, finish, need, records, scratch, trace, wait_attached

LOAD = os.path.join(ROOT, "build/load")
SYS_BPF, BPF_MAP_GET_FD_BY_ID = {"x86_64": 321, "aarch64": 280}[os.uname().machine], 14
BPF_MAP_TYPE_RINGBUF = 27


def overflow(work, size, calls):
    """What was delivered and what was reported lost are what was done."""
    output = f"{work}/../records.json"
    result = trace(["--buffer", size, "-o", "read", "-d", work, "--", LOAD, f"{work}/data", str(calls)],
                   output)
    ops, summary = records(output)
    lost = summary["lost"]
    problems = equal("exit status", result.returncode, 0)
    problems += equal("records and events", len(ops), summary["events"])
    problems += equal("delivered + lost", summary["events"] + lost["ring"], calls)
    problems += equal("exact", summary["exact"], not any(lost.values()))
    # a rename anywhere has paths sent anew, for which the ring has no room either
    without = sum("path" not in r for r in ops)
    problems += [f"{without} records without a path, {lost['path']} lost"] if without > lost["path"] else []
    problems += equal("other losses", {k: v for k, v in lost.items() if v and k not in ("ring", "path")}, {})
    check(f"--buffer {size}: {summary['events']} delivered + {lost['ring']} lost = {calls}", problems)


# What a program that is not ours takes to read the same types of the kernel. A slower machine may take as much longer
# to start as it takes longer for that. Where the limit of 300 ms was met it took 200 to 250 ms: reckoned from what
# vfscope took there (210 to 240 ms), and both take elsewhere in turn (460 to 630 ms, 570 to 710 ms).
READ_TYPES = ["bpftool", "btf", "dump", "file", "/sys/kernel/btf/vmlinux", "format", "raw"]
READ_TYPES_S = 0.2
PATH = os.environ["PATH"] + ":/usr/sbin"


def start_up(work):
    """From exec to the first record of a process that is busy all the time."""
    load = subprocess.Popen([LOAD, f"{work}/data", str(1 << 40)])
    times, others = [], []
    for _ in range(5):
        began = time.monotonic()
        vfscope = subprocess.Popen([VFSCOPE, "trace", "-j", "-p", str(load.pid)], stdout=subprocess.PIPE)
        vfscope.stdout.readline()
        times.append(time.monotonic() - began)
        vfscope.kill()
        vfscope.wait()
        began = time.monotonic()
        subprocess.run(READ_TYPES, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "PATH": PATH})
        others.append(time.monotonic() - began)
    load.kill()
    load.wait()
    took, limit = min(times), 0.3 * max(1, min(others) / READ_TYPES_S)
    check(f"first record after {took * 1e3:.0f} ms (limit {limit * 1e3:.0f}, on this machine)",
          [] if took < limit else [f"all: {times}, beside {others}"])


def status(pid, key):
    with open(f"/proc/{pid}/status", encoding="utf-8") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(key))


def cpu_ns(pid):
    with open(f"/proc/{pid}/schedstat", encoding="utf-8") as text:
        return int(text.read().split()[0])


def idle_and_memory():
    """A directory in which nothing goes on, on a machine that does something."""
    quiet = scratch("quiet")
    vfscope = subprocess.Popen([VFSCOPE, "trace", "-j", "-d", quiet], stdout=subprocess.DEVNULL)
    wait_attached(vfscope)
    time.sleep(1)  # what it does first
    before, seconds = cpu_ns(vfscope.pid), 5
    time.sleep(seconds)
    share = (cpu_ns(vfscope.pid) - before) / (seconds * 1e9)
    memory = status(vfscope.pid, "VmHWM:")
    vfscope.send_signal(signal.SIGINT)
    problems = equal("exit status after SIGINT", vfscope.wait(), 0)
    check(f"nothing to report: {share:.4%} of a core (limit 0.1%)",
          problems + ([] if share < 0.001 else ["too much"]))
    check(f"resident memory {memory} KiB (limit 32 MiB)", [] if memory < 32 << 10 else ["too much"])


def ring_position(map_id):
    """Bytes that the kernel side has ever put into a ring, from the page that it shares."""
    attr = ctypes.create_string_buffer(struct.pack("I", map_id), 64)
    fd = ctypes.CDLL(None, use_errno=True).syscall(SYS_BPF, BPF_MAP_GET_FD_BY_ID, attr, len(attr))
    if fd < 0:
        raise OSError(ctypes.get_errno(), "BPF_MAP_GET_FD_BY_ID")
    with mmap.mmap(fd, mmap.PAGESIZE, mmap.MAP_SHARED, mmap.PROT_READ, offset=mmap.PAGESIZE) as page:
        os.close(fd)
        return struct.unpack("Q", page[:8])[0]


def ring_of(pid):
    """The number of a process's ring, as its descriptors say it."""
    for name in os.listdir(f"/proc/{pid}/fdinfo"):
        with open(f"/proc/{pid}/fdinfo/{name}", encoding="utf-8") as lines:
            info = dict(line.split(None, 1) for line in lines if ":\t" in line)
        if info.get("map_type:", "").strip() == str(BPF_MAP_TYPE_RINGBUF):
            return int(info["map_id:"])
    raise ValueError("no ring")


def reads_of(pid):
    with open(f"/proc/{pid}/io", encoding="utf-8") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("syscr"))


def quiet_directory(work):
    """Reads elsewhere, as fast as this machine can: nothing of them reaches user space."""
    load = subprocess.Popen([LOAD, f"{work}/data", str(1 << 40)])
    try:
        with Watching(f"{work}/../records.json", "-d", scratch("quiet"), "-p", str(load.pid)) as watching:
            ring = ring_of(watching.proc.pid)
            began, done = time.monotonic(), reads_of(load.pid)
            position, spent = ring_position(ring), cpu_ns(watching.proc.pid)
            time.sleep(2)
            came, spent = ring_position(ring) - position, cpu_ns(watching.proc.pid) - spent
            done, took = reads_of(load.pid) - done, time.monotonic() - began
    finally:
        load.kill()
        load.wait()
    problems = watching.problems + equal("bytes in the ring", came, 0)
    problems += equal("events", watching.summary["events"], 0)
    check(f"-d, and elsewhere {done / took:.0f} reads a second: {came} bytes in the ring, reader busy for "
          f"{spent / 1e3:.0f} us", problems + ([] if done else ["no reads"]))


def loaded():
    """Ids of all programs, maps and links in the kernel."""
    found = set()
    for kind in ("prog", "map", "link"):
        text = subprocess.run(["bpftool", "-j", kind, "list"], stdout=subprocess.PIPE, check=True).stdout
        found |= {(kind, entry["id"]) for entry in json.loads(text or b"[]")}
    return found


def killed():
    before = loaded()
    vfscope = subprocess.Popen([VFSCOPE, "trace", "-j"], stdout=subprocess.DEVNULL)
    time.sleep(1)
    during = loaded()
    vfscope.kill()
    vfscope.wait()
    for _ in range(50):  # the kernel frees what is no longer used a little later
        after = loaded()
        if after <= before:
            break
        time.sleep(0.1)
    problems = [] if len(during) > len(before) + 4 else ["bpftool showed no programs while it ran"]
    check(f"kill -9: of {len(during - before)} programs, maps and links none stays",
          problems + [f"still there: {entry}" for entry in sorted(after - before)])


def main():
    need("bpftool")
    work = os.path.join(scratch("limits"), "work")
    os.mkdir(work)
    with open(f"{work}/data", "w", encoding="utf-8") as data:
        data.write("x")
    overflow(work, "64K", 2000000)
    overflow(work, "4K", 200000)
    start_up(work)
    idle_and_memory()
    quiet_directory(work)
    killed()


if __name__ == "__main__":
    main()
    finish()
