#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Reads one after the other, between which something changes that is told of them: nothing of what was
known of the file or the process (bpf/quick.h) may be told again.
"""
import ctypes
import json
import os
import sys
import time

from common import backends, check, equal, finish, records, refused, scratch, trace, whole

UID = 12345
READS = 33
PR_SET_NAME = 15
MEMBERS = ("path", "offset", "uid", "comm", "ppid", "pid")


def child(work, notes):
    """Reads a byte at an offset of its own each time, and notes what has to be shown."""
    libc = ctypes.CDLL(None, use_errno=True)
    os.makedirs(f"{work}/d")
    fd = os.open(f"{work}/d/a", os.O_RDWR | os.O_CREAT, 0o600)
    state = {"path": f"{work}/d/a", "offset": 0, "uid": 0, "comm": "one", "ppid": os.getppid(), "pid": os.getpid()}

    def read(**changed):
        state.update(changed)
        for _ in range(3):
            state["offset"] += 1
            os.pread(fd, 1, state["offset"])
            os.write(notes, (json.dumps(state) + "\n").encode())

    libc.prctl(PR_SET_NAME, b"one")
    read()
    libc.prctl(PR_SET_NAME, b"another")
    read(comm="another")
    libc.prctl(PR_SET_NAME, b"two")
    read(comm="two")
    os.setresuid(UID, 0, 0)
    read(uid=UID)
    os.setresuid(0, 0, 0)
    read(uid=0)
    os.rename(f"{work}/d/a", f"{work}/d/b")
    read(path=f"{work}/d/b")
    os.rename(f"{work}/d", f"{work}/e")
    read(path=f"{work}/e/b")
    os.dup2(os.open(f"{work}/e/c", os.O_RDWR | os.O_CREAT, 0o600), fd)
    read(path=f"{work}/e/c")
    os.unlink(f"{work}/e/c")
    read(path=f"{work}/e/c (deleted)")
    os.dup2(os.open(f"{work}/e/b", os.O_RDWR), fd)
    if os.fork():  # the child is left behind
        os._exit(0)
    while os.getppid() == state["pid"]:
        time.sleep(0.01)
    read(path=f"{work}/e/b", pid=os.getpid(), ppid=os.getppid())
    os.chroot(f"{work}/e")
    read(path="/b")


def main():
    for backend in backends():
        base = scratch("quick")
        work, output, notes = f"{base}/work", f"{base}/records.json", f"{base}/notes"
        # what is left behind at the end is waited for
        script = (f"exec 9>{notes}; {sys.executable} {os.path.abspath(__file__)} {work} 9; "
                  f"until [ $(wc -l <{notes}) = {READS} ]; do sleep 0.1; done")
        result = trace(["--backend", backend, "-o", "read,write", "--", "sh", "-c", script], output)
        ops, summary = records(output)
        shown = [tuple(r.get(m) for m in MEMBERS) for r in ops if r["op"] == "read" and r.get("req") == 1
                 and r["path"].split("/")[-1].split()[0] in "abc" and (r["path"] == "/b" or r["path"].startswith(work))]
        with open(notes, encoding="utf-8") as f:
            noted = [tuple(json.loads(line)[m] for m in MEMBERS) for line in f]
        problems = equal("exit status", result.returncode, 0) + whole(summary) + refused(result.stderr)
        problems += equal("reads", (len(shown), len(noted)), (READS, READS))
        for got, want in zip(shown, noted):
            problems += equal(MEMBERS, got, want)
        check(f"{backend}: {len(noted)} reads, each as it is then", problems)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        child(sys.argv[1], int(sys.argv[2]))
    else:
        main()
        finish()
