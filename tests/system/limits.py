#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What vfscope promises of itself: losses that add up, start-up time, memory, idle cost, and
that nothing stays in the kernel when it is killed."""
import json
import os
import signal
import statistics
import subprocess
import time

from common import ROOT, VFSCOPE, check, equal, finish, need, records, scratch, trace

LOAD = os.path.join(ROOT, "build/load")


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
    problems += equal("other losses", {k: v for k, v in lost.items() if v and k != "ring"}, {})
    check(f"--buffer {size}: {summary['events']} delivered + {lost['ring']} lost = {calls}", problems)


def start_up(work):
    """From exec to the first record of a process that is busy all the time."""
    load = subprocess.Popen([LOAD, f"{work}/data", str(1 << 40)])
    times = []
    for _ in range(5):
        began = time.monotonic()
        vfscope = subprocess.Popen([VFSCOPE, "trace", "-j", "-p", str(load.pid)], stdout=subprocess.PIPE)
        vfscope.stdout.readline()
        times.append(time.monotonic() - began)
        vfscope.kill()
        vfscope.wait()
    load.kill()
    load.wait()
    median = statistics.median(times)
    check(f"first record after {median * 1e3:.0f} ms (limit 300)",
          [] if median < 0.3 else [f"all: {times}"])


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
    time.sleep(1)
    before, seconds = cpu_ns(vfscope.pid), 5
    time.sleep(seconds)
    share = (cpu_ns(vfscope.pid) - before) / (seconds * 1e9)
    memory = status(vfscope.pid, "VmHWM:")
    vfscope.send_signal(signal.SIGINT)
    problems = equal("exit status after SIGINT", vfscope.wait(), 0)
    check(f"nothing to report: {share:.4%} of a core (limit 0.1%)",
          problems + ([] if share < 0.001 else ["too much"]))
    check(f"resident memory {memory} KiB (limit 32 MiB)", [] if memory < 32 << 10 else ["too much"])


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
    killed()


if __name__ == "__main__":
    main()
    finish()
