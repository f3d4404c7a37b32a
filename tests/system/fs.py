#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The presets of one file system each: what a program does on xfs and btrfs is what they count, and
nothing of other file systems. In a guest only, with both mounted below VFSCOPE_SCRATCH."""
import json
import os
import subprocess

from common import SCRATCH, VFSCOPE, check, equal, finish

WORK = """
import os, sys
for where in sys.argv[1:]:
    fd = os.open(where + "/data", os.O_CREAT | os.O_RDWR, 0o600)
    for i in range(50):
        os.pwrite(fd, b"x" * 4096, i * 4096)
    for i in range(30):
        os.pread(fd, 8192, i * 4096)
    os.fsync(fd)
"""
DONE = {"open": 1, "write": 50, "read": 30, "fsync": 1}


def shown(*command):
    dirs = [os.path.join(SCRATCH, fs) for fs in ("xfs", "btrfs")] + ["/dev/shm"]
    for where in dirs:
        if os.path.exists(where + "/data"):
            os.unlink(where + "/data")
    output = subprocess.run([VFSCOPE, *command, "--", "python3", "-S", "-c", WORK, *dirs],
                            stdout=subprocess.PIPE, check=True).stdout
    rows = [json.loads(line) for line in output.splitlines()]
    return rows[:-1], equal("exact", rows[-1]["exact"], True)


for fs in ("xfs", "btrfs"):
    found, problems = shown(fs + "dist", "-j")
    counts = {row["op"]: row["count"] for row in found}
    check(f"{fs}dist: {counts}", problems + equal("counts", counts, DONE))
    found, problems = shown(fs + "slower", "0", "-f", "json")
    counts = {op: len([row for row in found if row["op"] == op]) for op in DONE}
    problems += equal("file systems", {row["fs"] for row in found}, {fs})
    problems += equal("paths", {row["path"] for row in found}, {os.path.join(SCRATCH, fs, "data")})
    check(f"{fs}slower: {counts}", problems + equal("counts", counts, DONE))
finish()
