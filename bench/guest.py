#!/usr/bin/env python3
"""guest.py PATTERN N: measures rows in the guest, with N reads; prints a JSON object a row."""
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


def measure(row, n, root=ROOT):
    n = min(n, row.n)
    if "{program}" in row.command:
        words = shlex.split(row.command.replace("{program}", shlex.join(ops(row.columns, n, root))))
        return {"columns": medians(row.columns, run_ops(words))}
    with open(LOG, "w") as log:
        tool = subprocess.Popen(shlex.split(row.command), stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=log)
        if not wait_ready(tool, row.ready):
            stop(tool)
            return {"failed": f"does not start: {why(tool)}"}
        out = run_ops(ops(row.columns, n, root))
        ended = tool.poll() is not None
        stop(tool)
    if ended:
        return {"failed": f"ended too early: {why(tool)}"}
    result = {"columns": medians(row.columns, out)}
    if row.ready is None and tool.returncode:
        result["note"] = why(tool)
    return result


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
        try:
            result = measure(row, n)
        except (OSError, RuntimeError) as error:
            result = {"failed": str(error)}
        report(row.title, row.group, result)


if __name__ == "__main__":
    main()
