#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The presets of one file system each: what a program does on xfs, btrfs and NFS is what they count,
and nothing of other file systems. In a guest only, with the first two mounted below VFSCOPE_SCRATCH;
NFS is served from there, over the loopback device."""
import json
import os
import subprocess

from common import SCRATCH, VFSCOPE, check, equal, finish
from kernel import end_nfs, run, serve_nfs

WORK = """
import os, sys
for where in sys.argv[1:]:
    fd = os.open(where + "/data", os.O_CREAT | os.O_RDWR, 0o600)
    for i in range(50):
        os.pwrite(fd, b"x" * 4096, i * 4096)
    for i in range(30):
        os.pread(fd, 8192, i * 4096)
    os.fsync(fd)
    os.fstat(fd)
"""
MOVED = {"open": 1, "write": 50, "read": 30}
# the preset's name, its directory, the type of the file system, what is to be seen
FILE_SYSTEMS = [("xfs", "xfs", "xfs", {**MOVED, "fsync": 1}), ("btrfs", "btrfs", "btrfs", {**MOVED, "fsync": 1}),
                ("nfs", "nfs", "nfs4", {**MOVED, "stat": 1})]


def shown(*command):
    dirs = [os.path.join(SCRATCH, where) for _, where, _, _ in FILE_SYSTEMS] + ["/dev/shm"]
    for where in dirs:
        if os.path.exists(where + "/data"):
            os.unlink(where + "/data")
    output = subprocess.run([VFSCOPE, *command, "--", "python3", "-S", "-c", WORK, *dirs],
                            stdout=subprocess.PIPE, check=True).stdout
    rows = [json.loads(line) for line in output.splitlines()]
    return rows[:-1], equal("exact", rows[-1]["exact"], True)


def main():
    export, mounted = os.path.join(SCRATCH, "xfs", "export"), os.path.join(SCRATCH, "nfs")
    for directory in (export, mounted):
        os.makedirs(directory, exist_ok=True)
    serve_nfs(export)
    run("mount", "-t", "nfs4", "-o", "vers=4.2", "127.0.0.1:/", mounted)
    for preset, where, fs, done in FILE_SYSTEMS:
        found, problems = shown(preset + "dist", "-j")
        counts = {row["op"]: row["count"] for row in found}
        check(f"{preset}dist: {counts}", problems + equal("counts", counts, done))
        found, problems = shown(preset + "slower", "0", "-f", "json")
        counts = {op: len([row for row in found if row["op"] == op]) for op in done}
        problems += equal("file systems", {row["fs"] for row in found}, {fs})
        problems += equal("paths", {row["path"] for row in found}, {os.path.join(SCRATCH, where, "data")})
        check(f"{preset}slower: {counts}", problems + equal("counts", counts, done))
    end_nfs(export, mounted)


main()
finish()
