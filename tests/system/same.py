#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
The same work seen by each backend: the programs of tests/e2e, one after the other below one
vfscope. What is shown for each (op, via, path) is what the programs say that they have done:
so often, and so many bytes. And once more with --sample.
"""
import collections
import json
import os
import shutil
import subprocess

from common import ROOT, backends, check, equal, finish, preempts, records, refused, scratch, trace, whole

PROGRAMS = os.environ.get("VFSCOPE_PROGRAMS", "data copy names open meta xattr aio uring").split()
OPS = "data,names,metadata"
# if no more is asked for, fentry does without programs at all calls, and does not see those that are refused
# before they reach a file (here: at negative offsets); not where the kernel preempts
BY_FUNCTIONS = "read,write"
REFUSED = (("rw", "EINVAL"), ("vec", "EINVAL"))
SAMPLED, EVERY = "read,write,fsync,readdir,sync,names,metadata", 3
EXPECT_FD, EXPECT_SZ = 900, 8 << 20  # see tests/e2e/e2e.h


def program(name):
    return os.path.join(ROOT, "build/e2e", name)


def cases():
    """Those that need no more than a directory."""
    for name in PROGRAMS:
        listed = subprocess.run([program(name), "--list"], stdout=subprocess.PIPE, check=True).stdout
        for case in map(json.loads, listed.splitlines()):
            if case["ops"] == OPS and not any(case[key] for key in ("opts", "lost", "no_dir", "pid", "status")):
                yield name, case["name"]


def notes():
    """Fresh memory for what the programs note."""
    fd = os.memfd_create("expect")
    os.ftruncate(fd, EXPECT_SZ)
    os.dup2(fd, EXPECT_FD)
    os.close(fd)


def can_be_done(case, base):
    """Some calls are younger than this kernel."""
    where = f"{base}/try/{'-'.join(case)}"
    os.makedirs(where)
    notes()
    return subprocess.run([program(case[0]), case[1], where], check=False, pass_fds=(EXPECT_FD,),
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def expected():
    """What the programs have noted; see tests/e2e/e2e.c."""
    size = int.from_bytes(os.pread(EXPECT_FD, 4, 0), "little")
    return [json.loads(line) for line in os.pread(EXPECT_FD, size, 8).splitlines()]


def totals(ops):
    """(op, via, path): (records, bytes, failures)"""
    sums = collections.Counter(), collections.Counter(), collections.Counter()
    for record in ops:
        key = record["op"], record.get("via"), record.get("path")
        for total, value in zip(sums, (1, record.get("bytes") or 0, bool(record.get("err")))):
            total[key] += value
    return {key: tuple(total[key] for total in sums) for key in sums[0]}


MEMBERS = ("op", "via", "path", "fd", "offset", "req", "bytes", "ret", "dev", "ino", "ftype", "fs", "pid", "tid", "comm")


def each(ops):
    """Every record, by what the programs say of it."""
    return collections.Counter(tuple(record.get(member) for member in MEMBERS) for record in ops)


def programs(work, output, todo, options, dirs=None):
    """Runs them below one vfscope, which watches the directories (or all of work)."""
    shutil.rmtree(work, ignore_errors=True)
    # a link that is new may have led elsewhere if names were moved between the call and when it is followed (resolve.c,
    # LATE_NS), which is counted: what the next program moves comes after that
    pause = "sleep 0.02\n" if dirs else ""
    script = "set -e\n"
    for name, case in todo:
        os.makedirs(f"{work}/{name}-{case}")
        script += f"{program(name)} {case} {work}/{name}-{case}\n{pause}"
    notes()
    watched = [word for where in dirs or [work] for word in ("-d", where)]
    return trace([*options, *watched, "--", "sh", "-c", script], output, pass_fds=(EXPECT_FD,))


def skipped(backend, summary):
    """How often the kernel has skipped a program for another task: fentry's, where it preempts (design.md, Losses)."""
    return summary["lost"].get("missed", 0) if backend == "fentry" and preempts() else 0


def counted(missed, done, shown):
    return [] if done - shown <= missed else [f"{shown} of {done}: more are gone than the {missed} that are counted"]


def run(backend, base, todo, asked=OPS):
    work, output = os.path.join(base, "work"), os.path.join(base, "records.json")
    result = programs(work, output, todo, ["--backend", backend, "-o", asked])
    ops, summary = records(output)
    # below the directories of the programs, as they say what they have done there; page faults they do not count
    places = {f"{name}-{case}" for name, case in todo}
    shown = [r for r in ops if r["op"] != "fault" and r.get("path", "")[len(work) + 1:].split("/")[0] in places]
    noted = [r for r in expected() if asked == OPS
             or r["op"] in asked.split(",") and (r.get("via"), r.get("err")) not in REFUSED]
    got, want = totals(shown), totals(noted)
    missed = skipped(backend, summary)
    problems = equal("exit status", result.returncode, 0) + refused(result.stderr)
    problems += whole(summary, ["missed"] if missed else []) + equal("backend", summary["backend"], backend)
    if missed:
        problems += counted(missed, len(noted), len(shown))
    else:
        for key in sorted(set(got) | set(want), key=str):
            problems += equal(f"{key}: (records, bytes, failures)", got.get(key), want.get(key))
    if asked == BY_FUNCTIONS:
        problems += [f"not shown: {n} x {what}" for what, n in (each(noted) - each(shown)).items()]
        problems += [f"not noted: {n} x {what}" for what, n in (each(shown) - each(noted)).items()]
    by_functions = any("EBADF" in what for what in summary["unseen"])
    problems += equal("by functions", by_functions, asked == BY_FUNCTIONS)
    if problems:
        problems.append(result.stderr.decode())
    how = backend + (", by functions" if by_functions else "") + (f", {missed} skipped and counted" if missed else "")
    check(f"the same with {how}: {sum(n for n, _, _ in want.values())} records of {len(want)} kinds",
          problems + ([] if want else ["nothing was done"]))
    return None if missed else got


def run_sampled(backend, base, todo):
    """With --sample few are shown, and all are counted: by operation, as the programs say."""
    work, output = os.path.join(base, "work"), os.path.join(base, "records.json")
    result = programs(work, output, todo, ["--backend", backend, "-o", SAMPLED, "--sample", f"1/{EVERY}"],
                      [f"{work}/{name}-{case}" for name, case in todo])
    ops, summary = records(output)
    want = {}
    for record in expected():
        sums = want.setdefault(record["op"], dict.fromkeys(("count", "errors", "bytes"), 0))
        for key, value in ("count", 1), ("errors", bool(record.get("err"))), ("bytes", record.get("bytes") or 0):
            sums[key] += value
    shown = collections.Counter(record["op"] for record in ops)
    missed = skipped(backend, summary)
    problems = equal("exit status", result.returncode, 0) + refused(result.stderr)
    problems += whole(summary, ["missed"] if missed else [])
    if missed:
        done, seen = (sum(sums["count"] for sums in by_op.values()) for by_op in (want, summary["sampled"]["ops"]))
        problems += counted(missed, done, seen)
    for op in sorted(set(want) | set(summary["sampled"]["ops"])):
        problems += equal(op, summary["sampled"]["ops"].get(op), want.get(op)) if not missed else []
        n = want.get(op, {"count": 0})["count"]
        # by chance all of so many would be shown once in 3 ** 40 times
        problems += [f"{op}: {shown[op]} of {n} are shown"] if n >= 40 and shown[op] >= n else []
    check(f"{backend}: {sum(shown.values())} shown of {sum(sums['count'] for sums in want.values())}, all counted"
          + (f" but {missed} skipped" if missed else ""),
          problems + ([] if want else ["nothing was done"]))


def main():
    base = scratch("same")
    everything = list(cases())
    todo = [case for case in everything if can_be_done(case, base)]
    check(f"{len(todo)} of {len(everything)} programs can be run",
          [] if len(todo) > len(everything) * 3 / 4 else sorted(set(everything) - set(todo)))
    seen = {backend: run(backend, base, todo) for backend in backends()}
    complete = {backend: of_it for backend, of_it in seen.items() if of_it is not None}
    check(f"the same totals with {', '.join(complete)}",
          [] if all(of_it == complete[next(iter(complete))] for of_it in complete.values()) else ["they differ"])
    for backend in seen:
        run_sampled(backend, base, todo)
    # see docs/design.md, Backends
    old = os.uname().release.startswith("5.10.")
    if "fentry" in seen and not old and not preempts():
        run("fentry", base, [case for case in todo if case[0] in ("data", "copy", "aio", "uring")], BY_FUNCTIONS)


if __name__ == "__main__":
    main()
    finish()
