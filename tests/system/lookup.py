#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
The dentry cache, on the backends that see it: each name that is looked up is one operation, with
its outcome, whichever of the kernel's functions looks how often. In a guest only: it drops caches.
"""
import collections
import json
import os
import signal
import subprocess

from common import VFSCOPE, Watching, backends, check, equal, finish, records, run, scratch, wait_attached


def touch(name, flags):
    os.close(os.open(name, flags | os.O_RDWR, 0o600))


def missing(function, *args):
    try:
        function(*args)
    except FileNotFoundError:
        return
    raise AssertionError(args)


# What is done, and how often each name is looked up, with the outcomes that are right: an open that
# may create looks without locks first since 6.11, before it locked the directory at once.
FAST, SLOW, MISS = {"fast"}, {"slow"}, {"miss"}
NEGATIVE, ANY_HIT, ANY_NEGATIVE = {"negative"}, {"fast", "slow"}, {"negative", "slow-negative"}
STEPS = (
    (lambda: missing(os.stat, "a"), [("a", MISS)]),
    (lambda: missing(os.stat, "a"), [("a", NEGATIVE)]),
    (lambda: missing(os.open, "a", os.O_RDONLY), [("a", NEGATIVE)]),
    (lambda: touch("a", os.O_CREAT), [("a", ANY_NEGATIVE)]),
    (lambda: os.stat("a"), [("a", FAST)]),
    (lambda: touch("a", os.O_CREAT), [("a", ANY_HIT)]),
    (lambda: os.unlink("a"), [("a", SLOW)]),
    (lambda: os.mkdir("b"), [("b", MISS)]),
    (lambda: os.stat("b"), [("b", FAST)]),
    (lambda: os.rename("b", "c"), [("b", SLOW), ("c", MISS)]),
    (lambda: os.rmdir("c"), [("c", SLOW)]),
    (lambda: missing(os.open, "z", os.O_RDONLY), [("z", MISS)]),
    (lambda: touch("z", os.O_CREAT | os.O_EXCL), [("z", {"slow-negative"})]),
    (lambda: touch("y", os.O_CREAT | os.O_EXCL), [("y", MISS)]),
    (lambda: touch("x", os.O_CREAT), [("x", MISS)]),
    (lambda: os.mkdir("sub"), [("sub", MISS)]),
    (lambda: touch("sub/f", os.O_CREAT), [("sub", FAST), ("f", MISS)]),
    (lambda: touch("sub/f", 0), [("sub", FAST), ("f", FAST)]),
    (lambda: os.link("sub/f", "sub/g"), [("sub", FAST), ("f", FAST), ("sub", FAST), ("g", MISS)]),
    (lambda: os.symlink("sub", "s"), [("s", MISS)]),
    # to note when the link was read, where that is due, the walk goes on with references
    (lambda: os.stat("s/g"), [("s", FAST), ("sub", ANY_HIT), ("g", ANY_HIT)]),
    (lambda: missing(os.unlink, "w"), [("w", MISS)]),
    (lambda: missing(os.unlink, "w"), [("w", {"slow-negative"})]),
)


def outcomes(base, backend):
    work = scratch("lookup")
    os.chdir(work)
    problems, wanted = [], []
    with Watching(os.path.join(base, "records.json"), "--backend", backend, "-o", "lookup", "-d", work,
                  "-p", str(os.getpid())) as seen:
        for act, looked in STEPS:
            act()
            wanted += looked
        open("/proc/sys/vm/drop_caches", "w", encoding="ascii").write("2")
        os.stat("y")
        wanted.append(("y", MISS))
    ops = [r for r in seen.ops if r["path"] != work]
    got = [(os.path.basename(r["path"]), r["kind"]) for r in ops]
    if len(got) != len(wanted) or any(name != should or kind not in kinds
                                      for (name, kind), (should, kinds) in zip(got, wanted)):
        problems += [f"{name} {kind}" for name, kind in got]
    problems += equal("paths", {os.path.dirname(r["path"]) for r in ops}, {work, work + "/sub"})
    problems += equal("types of what is not there", {r.get("ftype") for r in ops if r["kind"] not in ANY_HIT}, {None})
    return f"look-ups: {len(got)} names, each with its outcome", problems + seen.problems


def totals(base, backend):
    """Added up in the kernel: as many as are done, of each process and kind, and of each name."""
    work = scratch("lookup")
    os.chdir(work)
    for i in range(50):
        touch(f"f{i}", os.O_CREAT)
    output = os.path.join(base, "totals.json")
    problems = []
    for by in ("pid,kind", "kind,path"):
        with open(output, "wb") as out:
            proc = subprocess.Popen([VFSCOPE, "top", "-j", "--backend", backend, "-o", "lookup", "--by", by,
                                     "-d", work, "-p", str(os.getpid()), "60"], stdout=out, stderr=subprocess.DEVNULL)
        wait_attached(proc)
        for _ in range(40):
            for i in range(50):
                os.stat(f"f{i}")
            missing(os.stat, "none")
        proc.send_signal(signal.SIGINT)
        proc.wait()
        rows, summary = records(output)
        kinds = collections.Counter()
        for row in rows:
            kinds[row["kind"]] += row["count"]
        first_time = by == "pid,kind"
        problems += equal(by, dict(kinds), {"fast": 2000, **({"miss": 1, "negative": 39} if first_time
                                                            else {"negative": 40})})
        problems += equal("exact", summary["lost"], {cause: 0 for cause in summary["lost"]})
        if not first_time:
            problems += equal("rows", sorted((os.path.basename(r["path"]), r["count"]) for r in rows),
                              sorted([(f"f{i}", 40) for i in range(50)] + [("none", 40)]))
    return "look-ups, added up: 2,040 twice", problems


def calls_counted():
    """count: calls of a function are those that a program makes."""
    calls = "import os\nfor i in range(3210): os.getppid()"
    output = run(VFSCOPE, "count", "*_sys_getppid", "-j", "--", "python3", "-S", "-c", calls)
    rows = [json.loads(line) for line in output.splitlines()]
    problems = equal("calls", {row["count"] for row in rows if row["type"] == "count"}, {3210})
    return "count: 3,210 calls", problems + equal("exact", rows[-1]["exact"], True)


def main():
    base = scratch("lookup-records")
    for backend in backends():
        for test in (outcomes, totals):
            what, problems = test(base, backend)
            check(f"{backend}: {what}", problems)
    check(*calls_counted())
    finish()


main()
