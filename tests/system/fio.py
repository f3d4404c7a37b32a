#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
fio.py [DIR...]: fio's own JSON against what vfscope reports, on each backend: bytes and number of
operations are equal; of a mapped file, the pages that faulted are those that fio touched.

All jobs, in all directories, are those of one fio below one vfscope, each on a file of its own.
"""
import collections
import json
import mmap
import os
import subprocess
import sys

from common import backends, check, equal, finish, need, records, refused, scratch, shows, trace, whole

ENGINES = {"psync": "rw", "vsync": "vec", "pvsync2": "vec", "sync": "rw", "io_uring": "io_uring",
           "libaio": "aio", "splice": "splice", "mmap": "mmap"}
SIZE = os.environ.get("VFSCOPE_FIO_SIZE", "64m")
# mmap is for where each page that is touched faults: /sys/kernel/debug/fault_around_bytes is that of a page
CHOSEN = os.environ.get("VFSCOPE_FIO_ENGINES", " ".join(e for e in ENGINES if e != "mmap")).split()
PAGE = mmap.PAGESIZE
# What may hide a fault, of whatever file, and is counted: the software event cannot always look at the mappings; and a
# kretprobe follows a function in as many tasks at a time as there are processors, where the kernel does not preempt.
HIDES = {"tracepoint": "busy", "kprobe": "" if "PREEMPT" in os.uname().version else "unpaired", "fentry": ""}


def jobs_of(engines, places):
    """fio's job file. Random access to a mapped file: no pages are read ahead, and mapped, untouched."""
    text = f"[global]\nbs={PAGE}\nsize={SIZE}\nstonewall\n"
    for fs, work in places.items():
        for engine in engines:
            for rw in ("read", "write"):
                how = "rand" if engine == "mmap" else ""
                text += f"[{fs}-{engine}-{rw}]\nioengine={engine}\nrw={how}{rw}\nfilename={work}/{engine}-{rw}\n"
    return text


def lay_out(engines, work):
    """
    Before fio runs, for it does not count the layout of a file that it then reads. Nothing of it stays in memory:
    two pages that were written together may be mapped together (7.2), and then only one of them faults.
    """
    something = os.urandom(int(SIZE.removesuffix("m")) << 20)
    for engine in engines:
        for rw in ("read", "write"):
            with open(f"{work}/{engine}-{rw}", "wb") as data:
                data.write(something)
                os.fsync(data.fileno())
                os.posix_fadvise(data.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def fio_totals(path):
    with open(path, encoding="utf-8") as text:
        text = text.read()
    return {job["jobname"]: {op: (job[op]["io_bytes"], job[op]["total_ios"]) for op in ("read", "write")}
            for job in json.loads(text[text.index("{"):])["jobs"]}


def totals(ops):
    return {op: (sum(r["bytes"] for r in ops if r["op"] == op), sum(r["op"] == op for r in ops))
            for op in ("read", "write")}


def data_problems(ops, engine, expected):
    problems = equal("(bytes, operations)", totals(ops), expected)
    return problems + equal("via", {r["via"] for r in ops}, {ENGINES[engine]})


def mmap_problems(ops, backend, rw, expected, busy):
    """Each page that was touched has faulted; once, but that a file system may have a write tried again."""
    pages = [r["offset"] for r in ops if r["op"] == "fault"]
    # the software event cannot always look at the mappings, and counts where it could not
    missing = expected[rw][1] - len(set(pages))
    problems = [] if 0 <= missing <= busy else [f"pages: {missing} are missing, {busy} counted as lost"]
    if rw == "read":
        problems += equal("faults", len(pages), len(set(pages)))
    problems += equal("op, via", {(r["op"], r["via"]) for r in ops}, {("fault", "mmap")})
    # a tracepoint does not tell that it was to write
    write = "-write" if rw == "write" and backend != "tracepoint" else ""
    kinds = {r["kind"] for r in ops}
    return problems + equal("kinds", kinds - {"minor" + write, "major" + write}, set())


def compare(backend, base, places):
    """All engines on one backend."""
    output, jobs, result = (os.path.join(base, name) for name in ("records.json", "jobs", "fio.json"))
    # the tracepoint backend alone may not see it, and says so
    sees_faults = backend != "tracepoint" or shows(backend, "fault")
    engines = [e for e in CHOSEN if e != "mmap" or sees_faults]
    with open(jobs, "w", encoding="utf-8") as text:
        text.write(jobs_of(engines, places))
    below = [arg for work in places.values() for arg in ("-d", work)]
    ran = trace(["--backend", backend, "-o", "read,write" + (",fault" if sees_faults else ""), *below, "--",
                 "fio", jobs, "--output-format=json", f"--output={result}"], output)
    ops, summary = records(output)
    fio = fio_totals(result) if ran.returncode == 0 else {}
    problems = equal("exit status", ran.returncode, 0) + equal("backend", summary["backend"], backend)
    problems += equal("jobs", len(fio), 2 * len(engines) * len(places))
    hidden = HIDES[backend]
    busy = summary["lost"].get(hidden, 0)
    problems += whole(summary, [hidden] if busy else []) + refused(ran.stderr)
    problems += [f"without a path: {r}" for r in ops if "path" not in r]
    check(f"fio with {backend}: {len(ops)} records", problems + ([ran.stderr.decode()] if problems else []))
    by_path = collections.defaultdict(list)
    for record in ops:
        by_path[record.get("path")].append(record)
    for job, expected in fio.items():
        fs, engine, rw = job.split("-")
        of_job = by_path[f"{places[fs]}/{engine}-{rw}"]
        problems = (mmap_problems(of_job, backend, rw, expected, busy) if engine == "mmap"
                    else data_problems(of_job, engine, expected))
        moved, count = expected[rw]
        check(f"fio {engine} {rw} on {fs} with {backend}: {moved} bytes, {count} operations",
              problems + ([] if moved and of_job else ["nothing was moved"]))


def main():
    need("fio")
    base = scratch("fio")
    places = {os.path.basename(at): f"{at}/fio-work" for at in sys.argv[1:]} or {"disk": f"{base}/work"}
    for work in places.values():
        os.mkdir(work)
        lay_out(CHOSEN, work)
    for backend in backends():
        compare(backend, base, places)


if __name__ == "__main__":
    main()
    finish()
