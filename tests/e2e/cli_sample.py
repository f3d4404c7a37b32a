# SPDX-License-Identifier: GPL-2.0
"""--sample and --max-overhead: not all is shown, all is counted."""
import json
import os
import subprocess
import time

from act import Cases
from vfs import TIMEOUT, Config, Scratch, Tracing, equal, fail, vfscope

CASES = Cases()


def sampled(act, *options):
    """What act(descriptor to read, descriptor to write, tracing) has left: records, and what the summary says of all."""
    with Scratch() as scratch:
        path = scratch + "/f"
        with open(path, "wb") as file:
            file.write(b"0123456789")
        with Tracing("trace", "-j", "-o", "read", "-d", scratch, *options) as tracing:
            fds = [os.open(path, flags) for flags in (os.O_RDONLY, os.O_WRONLY)]
            act(*fds, tracing)
            output = tracing.stop()
        for fd in fds:
            os.close(fd)
    records, summary = output.parse()
    equal("events", summary["events"], len(records))
    equal("exact", summary["exact"], True)
    return records, json.loads(output.out.splitlines()[-1])["sampled"]


def fails(fd):
    try:
        os.pread(fd, 7, 0)
    except OSError:
        return
    raise RuntimeError("it can be read")


@CASES.case
def sample():
    def act(readable, writable, _):
        for _ in range(4000):
            os.pread(readable, 7, 0)
        for _ in range(10):
            fails(writable)
    for every in (1, 4):
        records, all_ = sampled(act, "--sample", f"1/{every}")
        equal("sampled", all_,
              {"every": every, "most": every, "ops": {"read": {"count": 4010, "errors": 10, "bytes": 28000}}})
        if every == 1:
            equal("shown", len(records), 4010)
        elif not 0 < len(records) < 4010:
            fail("shown", f"{len(records)} of 4010")


@CASES.case
def max_overhead():
    """A limit that is passed at once: less is shown, as long as it takes."""
    count = 0

    def act(readable, *_):
        nonlocal count
        until = time.monotonic() + 2.5
        while time.monotonic() < until:
            os.pread(readable, 7, 0)
            count += 1
    records, all_ = sampled(act, "--max-overhead", "0.001%")
    equal("all", all_["ops"], {"read": {"count": count, "errors": 0, "bytes": 7 * count}})
    if all_["most"] < 2 or len(records) >= count:
        fail("shown", f"{len(records)} of {count}: {all_}")


def written(output):
    """The size of what is shown, when no more comes."""
    before, size = -1, os.fstat(output).st_size
    while size != before:
        time.sleep(0.3)
        before, size = size, os.fstat(output).st_size
    return size


@CASES.case
def max_overhead_ends():
    """When the load has gone, all is shown again."""
    each, cpus, count = 300000, os.cpu_count(), 0

    def act(readable, _, tracing):
        nonlocal count
        load = [os.path.join(Config.build, "load"), f"/proc/self/fd/{readable}", str(each)]
        until = time.monotonic() + 3  # what it costs is looked at each second
        while time.monotonic() < until:
            loads = [subprocess.Popen(load, stderr=subprocess.DEVNULL, pass_fds=(readable,)) for _ in range(cpus)]
            equal("loads", [one.wait() for one in loads], [0] * cpus)
            count += each * cpus
        output, shown = tracing.out.fileno(), 0
        until = time.monotonic() + 2 * TIMEOUT  # what is shown is doubled each second
        while shown != 20 and time.monotonic() < until:
            before = written(output)
            for _ in range(20):
                os.pread(readable, 1, 0)
            count += 20
            time.sleep(0.5)
            shown = os.pread(output, 1 << 20, before).count(b"\n")
    records, all_ = sampled(act, "--max-overhead", "3%", "-F", "type,op")
    equal("all", all_["ops"], {"read": {"count": count, "errors": 0, "bytes": count}})
    equal("at the end one of", all_["every"], 1)
    if all_["most"] < 2 or len(records) >= count:
        fail("shown", f"{len(records)} of {count}: {all_}")


@CASES.case
def sample_by_path():
    """Calls by path are filtered by the user side, and counted there."""
    with Scratch() as missing:
        args = ["trace", "-j", "-o", "stat", "-p", str(os.getpid()), "-d", missing]
        for every in (1, 4):
            with Tracing(*args, "--sample", f"1/{every}") as tracing:
                for _ in range(400):
                    os.path.exists(f"{missing}/none")
                    os.path.exists("/none")
                output = tracing.stop()
            records, summary = output.parse()
            sums = json.loads(output.out.splitlines()[-1])["sampled"]["ops"]
            equal("counted", sums, {"stat": {"count": 400, "errors": 400, "bytes": 0}})
            equal("events", summary["events"], len(records))
            if every == 1:
                equal("shown", len(records), 400)
            elif not 0 < len(records) < 400:
                fail("shown", f"{len(records)} of 400")


@CASES.case
def sample_wants():
    for words in (["--sample", "10"], ["--sample", "1/0"], ["--sample", "1/65537"], ["--max-overhead", "2"],
                  ["--max-overhead", "0%"], ["--max-overhead", "101%"], ["--sample", "1/2", "--path", "*.c"],
                  ["--max-overhead", "1%", "--err", "EIO"]):
        result = vfscope("trace", *words)
        equal(" ".join(words), (result.status, result.out), (2, b""))
