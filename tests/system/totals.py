#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Totals against what programs say that they did: sums over all rows and intervals are equal to
the byte, also where rows find no room; percentiles are within 6.25% of those of a trace."""
import collections
import json
import os
import subprocess
import time

from common import ROOT, VFSCOPE, check, equal, finish, need, records, scratch, trace

FULL = os.environ.get("VFSCOPE_TOTALS_FULL") # all that is promised: some minutes
SECONDS = os.environ.get("VFSCOPE_TOTALS_SECONDS", "30" if FULL else "3")
FILES = 10000


def totals(command, args, output, program):
    with open(output, "wb") as out:
        result = subprocess.run([VFSCOPE, command, "-j", *args, "--", *program], stdout=out,
                                stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    rows, summary = records(output)
    return result, rows, summary


def fio(work, *more):
    return ["fio", "--name=job", f"--directory={work}", "--bs=4k", "--group_reporting",
            "--output-format=json", f"--output={work}/../fio.json", *more]


def moved(work):
    """(bytes, operations) that fio has read and written."""
    with open(f"{work}/../fio.json", encoding="utf-8") as text:
        text = text.read()
    jobs = json.loads(text[text.index("{"):])["jobs"]
    return tuple(sum(job[op][key] for job in jobs for op in ("read", "write"))
                 for key in ("io_bytes", "total_ios"))


def compare(name, work, args, program, want_other, by="pid,path"):
    result, rows, summary = totals("top", ["-d", work, "-o", "read,write", "--by", by, *args],
                                   f"{work}/../rows.json", program)
    got = tuple(sum(row[key] for row in rows) for key in ("bytes", "count"))
    others = [row for row in rows if row.get("other")]
    problems = equal("exit status", result.returncode, 0)
    problems += equal("(bytes, operations)", got, moved(work))
    problems += equal("events", summary["events"], got[1])
    problems += equal("exact", summary["exact"], True)
    problems += equal("lost", {k: v for k, v in summary["lost"].items() if v}, {})
    problems += equal("a row 'other'", bool(others), want_other)
    problems += equal("types", {row["type"] for row in rows}, {"agg"})
    for row in rows:
        keys = ["other"] if row.get("other") else by.split(",")
        if list(row)[:len(keys)] != keys:
            problems.append(f"keys do not come first: {row}")
            break
    intervals = len({row["ts_ns"] for row in rows})
    problems += [] if intervals > 1 else ["there was only one interval"]
    check(f"{name}: {got[0]} bytes in {len(rows)} rows, {intervals} intervals", problems)


def full_speed(work, engine):
    load = fio(work, f"--ioengine={engine}", "--rw=randrw", "--numjobs=2", "--size=32m", "--time_based",
               f"--runtime={SECONDS}", "--iodepth=8")
    # the files are there before, for fio does not count what it lays out
    subprocess.run([*fio(work, "--rw=write", "--numjobs=2", "--size=32m", "--create_only=1")], check=True,
                   stdout=subprocess.DEVNULL)
    for interval in ("1", "50ms"):
        compare(f"fio {engine} at full speed, every {interval}", work, [interval], load, False)


def many_files(work):
    for i in range(FILES):
        with open(f"{work}/job.0.{i}", "wb") as data:
            data.write(b"x" * 4096)
    load = fio(work, "--ioengine=psync", "--rw=randrw", f"--nrfiles={FILES}", "--openfiles=200",
               f"--size={FILES * 4096}", "--file_service_type=random", "--time_based", f"--runtime={SECONDS}")
    compare(f"--map-entries 16, {FILES} files", work, ["--map-entries", "16", "1"], load, True)
    compare(f"-n 5, {FILES} files", work, ["-n", "5", "1"], load, True)


def percentile(values, permille):
    return values[max(0, -(-len(values) * permille // 1000) - 1)]


# waits of 2 to 30 ms, many times what one vfscope adds to what the other sees
WAITS = """
import os, random, time
random.seed(1)
os.setuid(54321)  # a user that no one else on this machine is
r, w = os.pipe()
if not os.fork():
    for _ in range(150):
        time.sleep(random.uniform(0.002, 0.03))
        os.write(w, b"x")
    os._exit(0)
for _ in range(150):
    os.read(r, 1)
"""


def percentiles(work, what, field, options, load):
    """A trace and the totals of the same operations: one vfscope runs the other, that runs the program."""
    base = os.path.dirname(work)
    inner = [VFSCOPE, "trace", "-j", *options, "-F", "type,op,lat_ns,bytes", "--", *load]
    result, rows, hist = totals("hist", [*options, "--of", what, "--linear"], f"{base}/hist.json",
                                ["sh", "-c", 'out=$1; shift; exec "$@" >"$out"', "sh", f"{base}/trace.json", *inner])
    ops, summary = records(f"{base}/trace.json")
    problems = equal("exit status", result.returncode, 0)
    problems += equal("exact", (hist["exact"], summary["exact"]), (True, True))
    problems += equal("operations", sorted({r["op"] for r in ops}), sorted(row["op"] for row in rows))
    for row in rows:
        op = row["op"]
        values = sorted(r[field] for r in ops if r["op"] == op)
        problems += equal(f"count of {op}", row["count"], len(values))
        problems += equal(f"buckets of {op}", sum(n for _, _, n in row["buckets"]), len(values))
        for name, permille in (("p50", 500), ("p90", 900), ("p99", 990), ("p999", 999)):
            exact, got = percentile(values, permille), row["lat" if what == "latency" else what][name]
            if abs(got - exact) * 16 > exact:
                problems.append(f"{op} {name}: {got}, of the trace {exact}")
    check(f"hist of {what}: percentiles of {len(ops)} operations", problems)


def sizes(work):
    percentiles(work, "size", "bytes", ["-d", work, "-o", "read,write"],
                fio(work, "--ioengine=psync", "--rw=randrw", "--size=32m", "--bsrange=1k-64k", "--bs_unaligned"))


def latencies(work):
    percentiles(work, "latency", "lat_ns", ["--all", "--ftype", "fifo", "-o", "read", "-u", "54321"],
                ["python3", "-c", WAITS])


CROWD = os.path.join(ROOT, "build/crowd")
TURNS = 5
PROCESSES, CROWD_FILES, PERIOD = (5000, 100000, 2) if FULL else (500, 10000, 1) # seconds: of a turn, and an interval
CROWD_KIB = 128 << 10 # resident, with 100,000 files in the rows


def crowd(work):
    """Every interval comes at its time, all reads are in the rows, and memory stays bounded."""
    for i in range(100):
        os.mkdir(f"{work}/{i}")
    for i in range(CROWD_FILES):
        with open(f"{work}/{i % 100}/{i}", "wb") as data:
            data.write(b"%d" % i)
    output = f"{work}/../rows.json"
    with open(output, "wb") as out:
        top = subprocess.Popen([VFSCOPE, "top", "-j", "--by", "pid,path", "-o", "read", "-d", work,
                                "--map-entries", "262144", str(PERIOD), "--", CROWD, work,
                                *map(str, (PROCESSES, CROWD_FILES, TURNS, PERIOD))], stdout=out, stderr=subprocess.DEVNULL)
    peak = 0
    while top.poll() is None:
        with open(f"/proc/{top.pid}/status", encoding="latin-1") as status:
            peak = max([peak] + [int(line.split()[1]) for line in status if line.startswith("VmHWM")])
        time.sleep(0.05)
    rows, summary = records(output)
    problems = equal("exact", summary["exact"], True)
    problems += equal("lost", {k: v for k, v in summary["lost"].items() if v}, {})
    problems += equal("reads", sum(row["count"] for row in rows), TURNS * CROWD_FILES)
    problems += equal("files", len({row["path"] for row in rows if "path" in row}), CROWD_FILES)
    problems += equal("processes", len({row["pid"] for row in rows if "pid" in row}), PROCESSES)
    # the last one is cut short; each begins where the one before ended
    late = max(row["interval_ns"] for row in rows) / 1e6 - PERIOD * 1000
    problems += [] if late < 1000 else [f"an interval came {late:.0f} ms late"]
    problems += [] if peak < CROWD_KIB else [f"{peak} KiB resident"]
    most = max(collections.Counter(row["ts_ns"] for row in rows).values())
    problems += [] if most > CROWD_FILES / 2 else [f"no more than {most} rows at a time"]
    check(f"{CROWD_FILES} files, {PROCESSES} processes: up to {most} rows at a time, latest by {late:.0f} ms, {peak} KiB", problems)


def main():
    need("fio")
    base = scratch("totals")
    for name, run in (("psync", lambda w: full_speed(w, "psync")), ("libaio", lambda w: full_speed(w, "libaio")),
                      ("io_uring", lambda w: full_speed(w, "io_uring")), ("many", many_files),
                      ("size", sizes), ("latency", latencies), ("crowd", crowd)):
        work = os.path.join(base, name, "work")
        os.makedirs(work)
        run(work)


if __name__ == "__main__":
    main()
    finish()
