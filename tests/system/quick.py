#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Reads one after the other, between which something changes that is told of them: nothing of what was
known of the file or the process (bpf/quick.h) may be told again. The same with opens and stats, by a
path relative to the current directory (bpf/front.h).
"""
import ctypes
import json
import os
import sys
import time

from common import backends, check, equal, finish, records, refused, scratch, trace, whole

UID = 12345
OPS = {"read,write": 33, "open,stat": 60}  # what is asked for, and how many of these are noted
PR_SET_NAME = 15
MEMBERS = ("op", "path", "offset", "uid", "comm", "ppid", "pid")


def child(work, ops, notes):
    """Reads a byte at an offset of its own each time, or opens and looks at it, and notes what has to be shown."""
    libc = ctypes.CDLL(None, use_errno=True)
    os.makedirs(f"{work}/d")
    fd = os.open(f"{work}/d/a", os.O_RDWR | os.O_CREAT, 0o600)
    os.chdir(f"{work}/d")
    state = {"path": f"{work}/d/a", "uid": 0, "comm": "one", "ppid": os.getppid(), "pid": os.getpid()}
    offset = 0

    def note(op, **more):
        os.write(notes, (json.dumps({"op": op, **state, **more}) + "\n").encode())

    def read(**changed):
        nonlocal offset
        state.update(changed)
        for _ in range(3):
            if ops != "open,stat":
                offset += 1
                os.pread(fd, 1, offset)
                note("read", offset=offset)
            elif not state["path"].endswith("(deleted)"):
                name = os.path.basename(state["path"])
                os.stat(name)
                note("stat")
                os.close(os.open(name, os.O_RDONLY))
                note("open")

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
    os.chdir("/")
    read(path="/b")


def is_noted(record, work):
    """Is it one of the child's own, and not one of its interpreter's or what the test itself does?"""
    path = record.get("path", "")
    return (record["op"] in ("open", "stat") and "O_RDWR" not in record.get("flags", "") or
            record["op"] == "read" and record.get("req") == 1) and not record.get("err") and \
        path.split("/")[-1].split()[0] in "abc" and (path == "/b" or path.startswith(work))


def look(backend, ops, count):
    base = scratch("quick")
    work, output, notes = f"{base}/work", f"{base}/records.json", f"{base}/notes"
    # what is left behind at the end is waited for
    script = (f"exec 9>{notes}; {sys.executable} {os.path.abspath(__file__)} {work} {ops} 9; "
              f"until [ $(wc -l <{notes}) = {count} ]; do sleep 0.1; done")
    result = trace(["--backend", backend, "-o", ops, "--", "sh", "-c", script], output)
    shown, summary = records(output)
    shown = [tuple(r.get(m) for m in MEMBERS) for r in shown if is_noted(r, work)]
    with open(notes, encoding="utf-8") as f:
        noted = [tuple(json.loads(line).get(m) for m in MEMBERS) for line in f]
    problems = equal("exit status", result.returncode, 0) + whole(summary) + refused(result.stderr)
    problems += equal(ops, (len(shown), len(noted)), (count, count))
    for got, want in zip(shown, noted):
        problems += equal(MEMBERS, got, want)
    check(f"{backend}, {ops}: {len(noted)}, each as it is then", problems)


def main():
    for backend in backends():
        for ops, count in OPS.items():
            look(backend, ops, count)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        child(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    else:
        main()
        finish()
