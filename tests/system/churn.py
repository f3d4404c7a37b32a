#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
A directory of 100,000 files that are created, renamed and deleted in a loop: what is shown is what
the program has written into its log, path by path, and memory stays within its bound. Then one of
200 on a disk, whose file system gives the numbers of inodes away again.

    churn.py [SECONDS]
"""
import glob
import json
import os
import re
import shutil
import sys
import time

from common import Tmpfs, Watching, check, equal, finish, scratch

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 60
OPS = "open,create,write,close,rename,unlink"
LAG_MAX = 1 << 20  # bytes of text, of which each record takes several times as much in the ring
RSS_MAX = 64 << 10  # KiB: 16 MiB of paths, what keeps them, and the ring, which is mapped twice


class Program:
    """Does something with a file, and writes into its log what it has done."""

    def __init__(self, at, files, log):
        self.at, self.files, self.log, self.rounds = at, files, log, 0

    def did(self, op, path, path2=""):
        """As vfscope -f csv -F op,path,path2."""
        self.log.write(f'"{op}","{path}","{path2}"\n' if path2 else f'"{op}","{path}",\n')

    def create(self, path):
        fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        self.did("open", path)
        self.did("create", path)
        self.write(fd, path)
        self.close(fd, path)

    def write(self, fd, path):
        os.write(fd, b"x")
        self.did("write", path)

    def close(self, fd, path):
        os.close(fd)
        self.did("close", path)

    def rename(self, path, path2):
        os.rename(path, path2)
        self.did("rename", path, path2)

    def unlink(self, path):
        os.unlink(path)
        self.did("unlink", path)

    def in_hand(self, path, path2):
        """A file that gets another name, and then none, while it is open."""
        fd = os.open(path, os.O_WRONLY)
        self.did("open", path)
        self.rename(path, path2)
        self.write(fd, path2)
        self.unlink(path2)
        self.write(fd, path2 + " (deleted)")
        self.close(fd, path2 + " (deleted)")

    def round(self):
        """Names come again, each time of other files."""
        old = [f"{self.at}/{i:06}" for i in range(self.files)]
        turn = self.rounds % self.files + 1
        new = old[turn:] + old[:turn]
        for path in old:
            yield self.create(path)
        for path, path2 in zip(old, new):
            yield self.rename(path, path2 + ".new")
        for path, path2 in zip(old, new):
            yield self.rename(path2 + ".new", path)
        for i, path in enumerate(old):
            yield self.in_hand(path, path + ".last") if i % 10 == 0 else self.unlink(path)
        self.rounds += 1

    def keep_pace(self, shown, until):
        """Waits for what is shown, which has the same bytes: a slow reader is not what this is about."""
        while self.log.tell() > os.stat(shown).st_size + LAG_MAX and time.monotonic() < until:
            time.sleep(0.001)

    def run(self, until, shown):
        while True:
            for i, _ in enumerate(self.round()):
                if time.monotonic() > until:
                    return
                if i % 256 == 0:
                    self.keep_pace(shown, until)


def start(at, files, seconds, log, shown):
    """Returns the pid, and the pipe that lets it go."""
    go, to_child = os.pipe()
    pid = os.fork()
    if pid:
        os.close(go)
        return pid, to_child
    status = 1
    try:
        os.read(go, 1)
        with open(log, "w", encoding="utf-8", buffering=1 << 20) as out:
            program = Program(at, files, out)
            program.run(time.monotonic() + seconds, shown)
        status = 0
    finally:
        os._exit(status)


def map_memory(pid):
    """Bytes of all maps."""
    total = 0
    for path in glob.glob(f"/proc/{pid}/fdinfo/*"):
        with open(path, encoding="utf-8") as info:
            text = info.read()
        if "map_type" in text:
            total += int(re.search(r"memlock:\s*(\d+)", text)[1])
    return total


def rss_max(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        return int(re.search(r"VmHWM:\s*(\d+)", status.read())[1])


def csv_summary(shown):
    """The last line; the others are too many to be kept."""
    with open(shown, "rb") as lines:
        lines.seek(-4096, os.SEEK_END)
        return None, json.loads(lines.read().splitlines()[-1].lstrip(b"# "))


def compare(shown, log):
    """Each record is the next of the log that was not lost; (problems, records, calls)."""
    records = calls = 0
    with open(shown, encoding="utf-8") as got, open(log, encoding="utf-8") as want:
        next(got)  # the titles
        for line in got:
            if line.startswith("#"):
                break
            records += 1
            for done in want:
                calls += 1
                if line == done:
                    break
            else:
                return [f"record {records} is not in the log, or not in its order: {line}"], records, calls
        calls += sum(1 for _ in want)
    return [], records, calls


def churn(base, files, seconds):
    at, log, shown = f"{base}/in/files", f"{base}/log", f"{base}/shown"
    os.makedirs(at)
    pid, go = start(at, files, seconds, log, shown)
    with Watching(shown, "-f", "csv", "--buffer", "16M", "-p", str(pid), "-d", at, "-o", OPS,
                  "-F", "op,path,path2", read=csv_summary) as watching:
        before = map_memory(watching.proc.pid)
        os.write(go, b"g")
        status = os.waitpid(pid, 0)[1]
        memory, after = rss_max(watching.proc.pid), map_memory(watching.proc.pid)
    problems, records, calls = compare(shown, log)
    problems += watching.problems + equal("the program's status", status, 0)
    problems += equal("records", records, calls) + equal("events", watching.summary["events"], calls)
    problems += equal("bytes of maps", after, before)
    if memory > RSS_MAX:
        problems.append(f"resident: {memory} KiB, of {RSS_MAX}")
    check(f"{files} files created, renamed, deleted for {seconds:.0f} s: {records} records as in the log; "
          f"maps {after / 2**20:.0f} MiB, resident {memory / 2**10:.0f} MiB", problems)


def main():
    base = scratch("churn")
    with Tmpfs(base):
        churn(base, 100000, SECONDS)
    churn(base, 200, SECONDS / 4)
    shutil.rmtree(base)


if __name__ == "__main__":
    main()
    finish()
