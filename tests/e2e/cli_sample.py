# SPDX-License-Identifier: GPL-2.0
"""--sample and --max-overhead: not all is shown, all is counted."""
import json
import os
import time

from act import Cases
from vfs import Scratch, Tracing, equal, fail, vfscope

CASES = Cases()


def sampled(act, *options):
    """What act(descriptor to read, descriptor to write) has left: records, and what the summary says of all."""
    with Scratch() as scratch:
        path = scratch + "/f"
        with open(path, "wb") as file:
            file.write(b"0123456789")
        with Tracing("trace", "-j", "-o", "read", "-p", str(os.getpid()), "-d", scratch, *options) as tracing:
            fds = [os.open(path, flags) for flags in (os.O_RDONLY, os.O_WRONLY)]
            act(*fds)
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
    def act(readable, writable):
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

    def act(readable, _):
        nonlocal count
        until = time.monotonic() + 2.5
        while time.monotonic() < until:
            os.pread(readable, 7, 0)
            count += 1
    records, all_ = sampled(act, "--max-overhead", "0.001%")
    equal("all", all_["ops"], {"read": {"count": count, "errors": 0, "bytes": 7 * count}})
    if all_["most"] < 2 or len(records) >= count:
        fail("shown", f"{len(records)} of {count}: {all_}")


@CASES.case
def sample_wants():
    for words in (["--sample", "10"], ["--sample", "1/0"], ["--sample", "1/65537"], ["--max-overhead", "2"],
                  ["--max-overhead", "0%"], ["--max-overhead", "101%"], ["--sample", "1/2", "--path", "*.c"],
                  ["--max-overhead", "1%", "--err", "EIO"]):
        result = vfscope("trace", *words)
        equal(" ".join(words), (result.status, result.out), (2, b""))
