#!/usr/bin/env python3
"""guest.py PATTERN N: measures rows in the guest, with N reads; prints a JSON object a row."""
import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time

from rows import COLUMNS, ROWS

ROOT = "/mnt"
OPS = ["build/bench/ops"]
NO_ROW = "no tool"
LOG = "/tmp/vfscope-bench.log"


def shell(command):
    subprocess.run(command, shell=True, check=True)


def ops(columns, n, root):
    rows = [COLUMNS[c] for c in columns]
    return OPS + [f"{c.name}:{root}/{c.where}:{n // c.per}" for c in rows]


def medians(columns, out):
    """{column: [median, mean]}"""
    lines = [line.split() for line in out.splitlines() if re.match(r"\w+:/\S+ \d+ \d+$", line)]
    if len(lines) != len(columns):
        raise RuntimeError(f"the operations failed: {out.strip()[-200:]}")
    return {c: [int(line[1]), int(line[2])] for c, line in zip(columns, lines)}


def run_ops(command):
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return run.stdout


def why(tool):
    with open(LOG, errors="replace") as log:
        lines = [line.strip() for line in log if line.strip()]
    return f"exit status {tool.returncode}: {lines[-1] if lines else 'it says nothing'}"


def wait_ready(tool, seconds):
    """False: it has ended."""
    until = time.monotonic() + (seconds or 60)
    while time.monotonic() < until:
        if tool.poll() is not None:
            return False
        if seconds is None:
            with open(f"/proc/{tool.pid}/status") as status:
                if "NoNewPrivs:\t1" in status.read():
                    time.sleep(1)  # what it has to do first
                    return True
        time.sleep(0.1)
    return seconds is not None


def stop(tool):
    tool.send_signal(signal.SIGINT)
    try:
        tool.wait(60)
    except subprocess.TimeoutExpired:
        tool.kill()
        tool.wait()


@contextlib.contextmanager
def started(row):
    """A tool that runs; .note, when it has ended: what was wrong with it."""
    with open(LOG, "w") as log:
        tool = subprocess.Popen(shlex.split(row.command), stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=log)
    tool.note = None
    try:
        if not wait_ready(tool, row.ready):
            raise RuntimeError(f"does not start: {why(tool)}")
        yield tool
        if tool.poll() is not None:
            raise RuntimeError(f"ended too early: {why(tool)}")
    finally:
        stop(tool)
    if row.ready is None and tool.returncode:
        tool.note = why(tool)


def measure(row, n, root=ROOT):
    n = min(n, row.n)
    if "{program}" in row.command:
        words = shlex.split(row.command.replace("{program}", shlex.join(ops(row.columns, n, root))))
        return {"columns": medians(row.columns, run_ops(words))}
    with started(row) as tool:
        out = run_ops(ops(row.columns, n, root))
    result = {"columns": medians(row.columns, out)}
    return {**result, "note": tool.note} if tool.note else result


def measured(row, n, root=ROOT):
    try:
        return measure(row, n, root)
    except (OSError, RuntimeError) as error:
        return {"failed": str(error)}


def report(title, group, result):
    print(json.dumps({"title": title, "group": group, **result}), flush=True)


def main():
    pattern, n = sys.argv[1], int(sys.argv[2])
    shell(f"mkdir -p {ROOT}/tmpfs {ROOT}/ext4; mount -t tmpfs tmpfs {ROOT}/tmpfs; "
          f"mount /dev/vda {ROOT}/ext4")
    columns = list(COLUMNS)
    report(NO_ROW, "", {"kernel": os.uname().release, "columns": medians(columns, run_ops(ops(columns, n, ROOT))), "n": n})
    for row in ROWS:
        if not re.search(pattern, f"{row.group} {row.title}"):
            continue
        report(row.title, row.group, measured(row, n))


if __name__ == "__main__":
    main()
