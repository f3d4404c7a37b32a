#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Reads one after the other, between which something changes that is told of them: nothing of what was
known of the file or the process (bpf/quick.h) may be told again. The same with opens and stats, by a
path relative to the current directory (bpf/front.h). A descriptor that is another file from one moment to
the next; a name that was sent long ago.
"""
import ctypes
import json
import os
import sys
import time

from common import ROOT, Watching, backends, check, equal, finish, records, refused, scratch, trace, whole

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


STRAIN = os.path.join(ROOT, "build/strain")
PLACES = 64  # with so few entries, for one processor (config_places)


def swapped(backend, tries=100000):
    """A thread reads, another puts now this and now that file in the place of its descriptor."""
    work, met = f"{scratch('quick')}/swapped", {}
    os.mkdir(work)
    # two files of which one takes the other's place in front of the cache
    while len(set(met.values())) == len(met):
        path = f"{work}/{len(met)}"
        with open(path, "wb") as data:
            data.write(b"x")
        met[path] = os.stat(path).st_ino % PLACES
    first = next(one for one in met if met[one] == met[path])
    os.rename(path, f"{first}.2")
    inodes = {one: os.stat(one).st_ino for one in (first, f"{first}.2")}
    result = trace(["--backend", backend, "-o", "read", "-d", work, "--map-entries", str(PLACES),
                    "--buffer", "32M", "--",
                    STRAIN, "swap", first, str(tries)], f"{work}/../records.json")
    ops, summary = records(f"{work}/../records.json")
    wrong = sum(inodes.get(r.get("path")) != r.get("ino") for r in ops)
    problems = equal("exit status", result.returncode, 0) + whole(summary) + equal("reads", len(ops), tries)
    problems += equal("with another's path", wrong, 0)
    check(f"{backend}, {tries} reads of a descriptor that is two files in turn, each with its path", problems)


def long_ago(backend, entries=256, many=4000):
    """On another processor many files are met, more than the user side keeps the names of."""
    work, last = f"{scratch('quick')}/long-ago", max(os.sched_getaffinity(0))
    os.mkdir(work)
    fd = os.open(f"{work}/it", os.O_RDWR | os.O_CREAT, 0o600)
    os.write(fd, b"x")
    with Watching(f"{work}/../records.json", "--backend", backend, "-o", "read", "-d", work, "--map-entries",
                  str(entries)) as seen:
        everywhere = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {last})
        for _ in range(5):
            os.pread(fd, 1, 0)
        os.sched_setaffinity(0, {min(everywhere)})
        for i in range(many):
            other = os.open(f"{work}/{i}", os.O_RDWR | os.O_CREAT, 0o600)
            os.pread(other, 1, 0)
            os.close(other)
        os.sched_setaffinity(0, {last})
        os.pread(fd, 1, 0)
        os.sched_setaffinity(0, everywhere)
    problems = whole(seen.summary) + equal("reads", len(seen.ops), many + 6)
    problems += equal("the last one's path", seen.ops[-1].get("path"), f"{work}/it")
    check(f"{backend}, a name that was sent {many} names ago", problems)


def main():
    for backend in backends():
        swapped(backend)
        long_ago(backend)
        for ops, count in OPS.items():
            look(backend, ops, count)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        child(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    else:
        main()
        finish()
