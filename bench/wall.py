#!/usr/bin/env python3
"""wall.py [N]: the same operations and tools on the running kernel, in nanoseconds that a tool adds:
runs without and with it alternate, the least median of each counts. Prints Markdown; what does not
run on this kernel is named below the table."""
import os
import shutil
import sys
import tempfile

import guest
from rows import COMMON, ROWS

REPEAT = 3
READY = 10  # seconds: here nothing is compiled in an emulation
TOOLS = [row for row in ROWS if row.group == "peers" and row.columns != ["create"] or "tracepoint" in row.group]


def least(row, n, root):
    """{column: nanoseconds alone, and added}; or why there are none."""
    alone, beside = {}, {}
    for _ in range(REPEAT):
        none = guest.medians(row.columns, guest.run_ops(guest.ops(row.columns, min(n, row.n), root)))
        result = guest.measured(row, n, root)
        if "failed" in result:
            return result["failed"]
        for column in row.columns:
            alone[column] = min(none[column][0], alone.get(column, none[column][0]))
            took = result["columns"][column][0]
            beside[column] = min(took, beside.get(column, took))
    return {column: (alone[column], beside[column] - alone[column]) for column in row.columns}


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
    root = tempfile.mkdtemp(dir="build/bench")
    os.mkdir(f"{root}/ext4")
    os.symlink(tempfile.mkdtemp(dir="/dev/shm"), f"{root}/tmpfs")
    failed = []
    guest.OPS.append("-w")
    try:
        for row in TOOLS:
            row.ready = row.ready and READY
            added = least(row, n, os.path.abspath(root))
            if isinstance(added, str):
                failed.append(row.title)
                continue
            cells = [f"{added[c][1]:+d}" if c in added else "" for c in COMMON]
            print(f"| {row.title} | " + " | ".join(cells) + " |", flush=True)
    finally:
        shutil.rmtree(os.path.realpath(f"{root}/tmpfs"))
        shutil.rmtree(root)
    print("\nNot on this kernel: " + "; ".join(failed) + "." if failed else "")


main()
