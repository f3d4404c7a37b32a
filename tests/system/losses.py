#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Losses made to happen, on each backend: what was delivered and what was lost is what was done."""
import json
import os

from common import PREEMPT, ROOT, Watching, backends, check, equal, finish, need, preempt_models, records, scratch, trace

LOAD = os.path.join(ROOT, "build/load")
CALLS = 50000


def ring(backend, work):
    """A ring that is too small."""
    output = f"{work}/../records.json"
    trace(["--backend", backend, "--buffer", "4K", "-o", "read", "-d", work, "--", LOAD, f"{work}/data",
           str(CALLS)], output)
    ops, summary = records(output)
    lost = {cause: n for cause, n in summary["lost"].items() if n}
    problems = equal("delivered + lost", len(ops) + lost.get("ring", 0), CALLS)
    problems += equal("causes", set(lost), {"ring"}) + equal("exact", summary["exact"], False)
    check(f"{backend}, a ring of 4K: {len(ops)} delivered + {lost.get('ring', 0)} lost = {CALLS}", problems)


def full_map(backend, work, engine):
    """More requests under way than --map-entries has room for."""
    output, result = f"{work}/../records.json", f"{work}/../fio.json"
    trace(["--backend", backend, "--map-entries", "16", "-o", "read", "-d", work, "--", "fio", "--name=job",
           f"--filename={work}/data", f"--ioengine={engine}", "--rw=randread", "--bs=4k", "--size=4m",
           "--direct=1", "--iodepth=64", "--iodepth_batch=64", "--output-format=json", f"--output={result}"],
          output)
    ops, summary = records(output)
    with open(result, encoding="utf-8") as text:
        text = text.read()
    done = json.loads(text[text.index("{"):])["jobs"][0]["read"]["total_ios"]
    lost = summary["lost"]["map_full"]
    problems = equal("delivered + lost", len(ops) + lost, done) + equal("exact", summary["exact"], False)
    check(f"{backend}, {engine}, 16 entries: {len(ops)} delivered + {lost} lost = {done}",
          problems + ([] if lost else ["nothing was lost"]))


READS = 20000


def read_on(cpu, path):
    """A process that does nothing but read, on one processor."""
    pid = os.fork()
    if not pid:
        fd = os.open(path, os.O_RDONLY)
        os.sched_setaffinity(0, {cpu})
        for _ in range(READS):
            os.pread(fd, 1, 0)
        os._exit(0)
    return pid


def preempt(model):
    with open(PREEMPT, "w", encoding="ascii") as text:
        text.write(model.strip("()"))


def recursion(work):
    """
    A program that is preempted is skipped for the next task that comes through it. vfscope takes no such
    programs where the kernel preempts; so the kernel begins to when it is at work. Without times there is one
    program, at the end; else one that began might be missed twice.
    """
    before = next(model for model in preempt_models() if "(" in model)
    os.sched_setaffinity(0, {0})
    try:
        preempt("voluntary")
        with Watching(f"{work}/../records.json", "--backend", "fentry", "-o", "read", "-F", "type,op",
                      "-d", work) as seen:
            preempt("full")
            for pid in [read_on(1, f"{work}/data") for _ in range(2)]:
                os.waitpid(pid, 0)
            preempt("voluntary")  # nobody else has been skipped
    finally:
        preempt(before)
        os.sched_setaffinity(0, range(os.cpu_count()))
    lost = {cause: n for cause, n in seen.summary["lost"].items() if n}
    missed = lost.get("missed", 0)
    problems = equal("delivered + lost", len(seen.ops) + missed, 2 * READS) + equal("causes", set(lost), {"missed"})
    problems += equal("exact", seen.summary["exact"], False)
    check(f"fentry, preempted: {len(seen.ops)} delivered + {missed} lost = {2 * READS}", problems)


def main():
    need("fio")
    work = os.path.join(scratch("losses"), "work")
    os.mkdir(work)
    with open(f"{work}/data", "wb") as data:
        data.write(os.urandom(4 << 20))
        os.fsync(data.fileno())
    for backend in backends():
        ring(backend, work)
        for engine in ("libaio", "io_uring"):
            full_map(backend, work, engine)
    # 6.1 to 6.18: before, the kernel is not told otherwise when it runs, later, it cannot be told not to
    if "fentry" in backends() and {"voluntary", "full"} <= {model.strip("()") for model in preempt_models()}:
        recursion(work)


if __name__ == "__main__":
    main()
    finish()
