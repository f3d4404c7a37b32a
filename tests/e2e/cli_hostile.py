# SPDX-License-Identifier: GPL-2.0
"""
Paths in a tree of deep directories with hostile names, read by several processes in every way
while directories at its top are renamed: each path shown is one that was true during the call.
"""
import json
import os
import random
import time

from act import Cases
from vfs import Scratch, Tracing, equal, fail

CASES = Cases()
TOPS, READERS, CALLS = 4, 4, 600
PATH_MAX = 4096


def hostile(rng, length):
    """Any bytes that a name may hold; . and .. are none."""
    name = bytes(rng.choice([b for b in range(1, 256) if b != ord("/")]) for _ in range(length))
    return b"x" + name[1:]


def make_chain(rng, top, depth, length):
    """A directory so deep, made from within, and a file in it. Returns their names."""
    names = [hostile(rng, length) for _ in range(depth)]
    fd = os.open(top, os.O_RDONLY)
    for name in names:
        os.mkdir(name, dir_fd=fd)
        below = os.open(name, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = below
    file = hostile(rng, rng.choice((1, 20, 255)))
    os.write(os.open(file, os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=fd), b"x" * 100)
    os.close(fd)
    return names + [file]


def make_tree(scratch, rng):
    """[(number of the top, path below it)]; many of middle depth, some as deep and long as can be."""
    room = PATH_MAX - 1 - len(scratch) - 260 - 20
    shapes = [(200, room // 201 - 2), (room // 258, 255), (1, 255)] + \
        [(rng.randrange(1, 30), rng.randrange(1, 60)) for _ in range(12)]
    files = []
    for i in range(TOPS):
        top = b"%s/top%d" % (scratch, i)
        os.mkdir(top)
        for depth, length in shapes:
            files.append((i, b"/".join(make_chain(rng, top, depth, length))))
    return files


def child(work, *args):
    """Runs work in a process, which begins when it is told to; returns (pid, pipe, where it logs)."""
    go, start = os.pipe()
    log = os.memfd_create("log")
    pid = os.fork()
    if pid:
        os.close(go)
        return pid, start, log
    try:
        os.close(start)
        prepared = work(*args)
        next(prepared)
        os.read(go, 1)
        os.write(log, json.dumps(next(prepared)).encode())
        os._exit(0)
    finally:
        os._exit(1)


def rename_for(scratch, seconds):
    """Renames the tops there and back: [(top, name, from, to)], when the name was true."""
    yield
    since, names, log = [0] * TOPS, ["top%d" % i for i in range(TOPS)], []
    end = time.monotonic() + seconds
    turn = 0
    while time.monotonic() < end:
        i = turn % TOPS
        turn += 1
        new = "top%d" % i if names[i] != "top%d" % i else "other-name-of-%d" % i
        began = time.time_ns()
        os.rename(scratch + b"/" + names[i].encode(), scratch + b"/" + new.encode())
        log.append((i, names[i], since[i], time.time_ns()))
        since[i], names[i] = began, new
        time.sleep(0.002)
    yield log + [(i, names[i], since[i], 1 << 62) for i in range(TOPS)]


def read_files(scratch, files, seed):
    """Opens and reads: [(top, path below it, what was passed, from, to, opened)]."""
    rng = random.Random(seed)
    held = {}
    for i, path in files:
        below, _, name = path.rpartition(b"/")
        # step by step: what is passed at once is at most PATH_MAX long
        fd = os.open(b"%s/top%d" % (scratch, i), os.O_RDONLY)
        for part in below.split(b"/"):
            fd = os.open(part, os.O_RDONLY, dir_fd=fd)
        held[i, path] = fd, name
    yield
    log = []
    for _ in range(CALLS):
        i, path = rng.choice(files)
        fd, name = held[i, path]
        way = rng.choice(("absolute", "relative", "dirfd", "link"))
        if way == "absolute":
            passed, at = b"%s/top%d/%s" % (scratch, i, path), None
        elif way == "link":
            passed, at = b"%s/link%d/%s" % (scratch, i, path), None
        else:
            passed, at = name, fd if way == "dirfd" else None
        if way == "relative":
            os.fchdir(fd)
        began = time.time_ns()
        try:
            opened = os.open(passed, os.O_RDONLY, dir_fd=at)
        except FileNotFoundError:
            opened = -1
        ended = time.time_ns()
        log.append((i, path.hex(), passed.hex(), began, ended, opened >= 0))
        if opened < 0:
            continue
        began = time.time_ns()
        os.read(opened, 10)
        log.append((i, path.hex(), passed.hex(), began, time.time_ns(), True))
        os.close(opened)
    yield log


def true_names(renames, top, began, ended):
    return {name for i, name, since, until in renames
            if i == top and since <= ended and until >= began}


def check_reader(scratch, records, log, renames):
    equal("records of a reader", len(records), len(log))
    for record, (top, path, passed, began, ended, opened) in zip(records, log):
        if opened:
            names = true_names(renames, top, began, ended)
            paths = {b"%s/%s/%s" % (scratch, name.encode(), bytes.fromhex(path)) for name in names}
        else:
            paths = {bytes.fromhex(passed)}
        if record["path"].encode("latin-1") not in paths:
            skip = len(scratch) + 1
            fail("%s by '%s...' from %d to %d: %r is none of %r; renames: %s", record["op"],
                 passed[:40], began, ended, record["path"][skip:skip + 20],
                 [path[skip:skip + 20] for path in paths],
                 [r for r in renames if r[0] == top and r[2] < ended + 10**7 and
                  r[3] > began - 10**7])
        equal("result", record["ret"] >= 0, opened)


@CASES.case
def hostile_tree():
    with Scratch() as scratch:
        rng, at = random.Random(1), os.fsencode(scratch)
        files = make_tree(at, rng)
        for i in range(TOPS):
            os.symlink(b"top%d" % i, b"%s/link%d" % (at, i))
        readers = [child(read_files, at, files, seed) for seed in range(READERS)]
        renamer = child(rename_for, at, 2)
        time.sleep(1)  # they hold their directories
        out = os.memfd_create("out")  # no pipe, which would be full before it is read
        with Tracing("trace", "-j", "-d", scratch, "-o", "open,read", "--where",
                     "pid in (%s)" % ", ".join(str(pid) for pid, _, _ in readers),
                     stdout=out) as tracing:
            for _, start, _ in [renamer] + readers:
                os.write(start, b"g")
            for pid, _, _ in [renamer] + readers:
                equal("exit status of a child", os.waitpid(pid, 0)[1], 0)
            output = tracing.stop()
        output.out = os.pread(out, os.fstat(out).st_size, 0)
        records, summary = output.parse()
        logs = [json.loads(os.pread(log, 1 << 24, 0)) for _, _, log in [renamer] + readers]
        for (pid, _, _), log in zip(readers, logs[1:]):
            check_reader(at, [r for r in records if r["pid"] == pid], log, logs[0])
        equal("losses", {k: v for k, v in summary["lost"].items() if v}, {})
        if len(logs[0]) < 100:
            fail("only %d renames", len(logs[0]))
