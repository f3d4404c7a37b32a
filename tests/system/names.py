#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
A tree of 10,000 directories, up to 200 deep, with names up to 255 bytes of any kind, read file by
file by 8 processes, by absolute, relative, dirfd and symlink paths, while directories are moved.
Each path shown is one that the file had during the call.

    names.py [DIRECTORIES]
"""
import bisect
import itertools
import mmap
import os
import pickle
import random
import resource
import sys
import time

from common import Tmpfs, Watching, check, equal, finish, scratch

DIRS, DEPTH, READERS = int(sys.argv[1]) if len(sys.argv) > 1 else 10000, 200, 8
TOPS, MIDS = 8, 4
WAYS = ("absolute", "relative", "dirfd", "link")
ROOM = 4095 - len("links/")
BYTES = [b for b in range(1, 256) if b != ord("/")]


# --- the tree ------------------------------------------------------------------------------

def hostile(rng, length):
    """Any bytes that a name may hold."""
    name = bytes(rng.choices(BYTES, k=length))
    return name if name not in (b".", b"..") else b"x" * length


class Dir:
    """A directory that is in one place, or is moved between two: (parent, name) of each."""

    def __init__(self, *places):
        self.places = places
        parent, name = places[0]
        self.depth = parent.depth + 1 if parent else 0
        self.length = max(len(name) + (parent.length + 1 if parent else 0) for parent, name in places)
        self.turns = []  # by which renames it was moved
        self.file = None
        # what stays the same of its path: the directory above that may be moved, and the rest
        self.anchor, self.rest = self, b""
        if parent and len(places) == 1:
            self.anchor, self.rest = parent.anchor, parent.rest + b"/" + name

    def during(self, first, last):
        """Where it was, from after so many renames until after so many."""
        at, end = (bisect.bisect_right(self.turns, state) for state in (first, last))
        return {self.places[turn % len(self.places)] for turn in range(at, end + 1)}

    def paths(self, places):
        """Each path that it has where directories are in those places."""
        return {path + b"/" + name + self.rest if parent else name + self.rest
                for parent, name in places(self.anchor)
                for path in (parent.paths(places) if parent else [b""])}

    def first_path(self):
        (path,) = self.paths(lambda d: d.places[:1])
        return path


class Tree:
    def __init__(self, at, rng):
        self.rng, self.dirs = rng, []
        self.root = Dir((None, at))
        attic = self.mkdir((self.root, b"attic"))
        links = self.mkdir((self.root, b"links"))
        self.movable = []
        roots = []
        for i in range(TOPS):
            top = self.mkdir((self.root, b"top\n%d" % i), (self.root, b"oth\xff%d" % i))
            self.movable.append(top)
            for k in range(MIDS):
                mid = self.mkdir((top, b"mid%d" % k), (attic, b"\x1b[31m%d-%d" % (i, k)))
                self.movable.append(mid)
                roots.append(mid)
        for name in [b"attic"] + [name for top in self.movable for parent, name in top.places
                                  if parent == self.root]:
            os.symlink(b"../" + name, links.first_path() + b"/" + name)
        self.grow(roots)

    def mkdir(self, *places):
        made = Dir(*places)
        os.mkdir(made.first_path())
        return made

    def add(self, parent, length):
        """A directory, and a file in it; None: it would be too deep, or its path too long."""
        name, file = hostile(self.rng, length), hostile(self.rng, self.rng.choice((1, 9, 30, 255)))
        if parent.length + length + len(file) + 2 > ROOM or parent.depth == DEPTH:
            return None
        try:
            made = self.mkdir((parent, name))
        except FileExistsError:  # of one byte there are few
            return self.add(parent, length + 1)
        made.file = file
        with open(made.first_path() + b"/" + file, "xb") as out:
            out.write(b"x" * 100)
        self.dirs.append(made)
        return made

    def chain(self, parent, depth, length):
        while parent and depth and len(self.dirs) < DIRS:
            parent = self.add(parent, length)
            depth -= 1

    def grow(self, roots):
        for i, root in enumerate(roots[::MIDS]):
            self.chain(root, DEPTH - root.depth, (ROOM - 300 - root.length) // DEPTH - 1)
            self.chain(roots[i * MIDS + 1], DEPTH, 255)
        while len(self.dirs) < DIRS:
            parent = self.rng.choice(self.rng.choice((self.dirs, roots)))
            self.chain(parent, self.rng.randrange(1, 20), self.rng.choice((1, 5, 12, 25, 60)))


# --- what is done in it ----------------------------------------------------------------------

def child(work, *args):
    """Runs work in a process, which goes on when it is told to: (pid, pipe, where it logs)."""
    go, start = os.pipe()
    ready, ready_to = os.pipe()
    log = os.memfd_create("log")
    pid = os.fork()
    if pid:
        os.close(go)
        os.close(ready_to)
        os.read(ready, 1)
        os.close(ready)
        return pid, start, log
    status = 1
    try:
        os.close(start)
        prepared = work(*args)
        next(prepared)
        os.write(ready_to, b"r")
        os.read(go, 1)
        with open(log, "wb") as out:
            pickle.dump(next(prepared), out)
        status = 0
    finally:
        os._exit(status)


def move(tree, until):
    """Moves directories there and back, until it is told to end: [(which, began, ended)]."""
    yield
    log, turns = [], [0] * len(tree.movable)
    rng = random.Random(2)
    while not until[0]:
        i = rng.randrange(len(tree.movable))
        here = {d: d.places[turn % 2] for d, turn in zip(tree.movable, turns)}
        there = {**here, tree.movable[i]: tree.movable[i].places[(turns[i] + 1) % 2]}
        (old,), (new,) = (tree.movable[i].paths(lambda d, p=p: {p.get(d, d.places[0])})
                          for p in (here, there))
        began = time.monotonic_ns()
        os.rename(old, new)
        log.append((i, began, time.monotonic_ns()))
        turns[i] += 1
        time.sleep(0.001)
    yield log


def read_files(tree, todo, seed):
    """
    Opens and reads each file, in whichever place it finds it: [(which, what was passed, began,
    ended, None or (its path, when that was asked for, when it had been read))].
    """
    rng = random.Random(seed)
    held = {i: os.open(tree.dirs[i].first_path(), os.O_PATH) for i, way in todo
            if way in ("relative", "dirfd")}
    candidates = {i: sorted(tree.dirs[i].paths(lambda d: d.places)) for i, way in todo
                  if way in ("absolute", "link")}
    skip = len(tree.root.first_path())
    yield
    log = []
    for i, way in todo:
        fd = -1
        while fd < 0:
            passed, at = tree.dirs[i].file, None
            if way in ("absolute", "link"):
                passed = rng.choice(candidates[i]) + b"/" + passed
                if way == "link":
                    passed = passed[:skip] + b"/links" + passed[skip:]
            elif way == "dirfd":
                at = held[i]
            else:
                os.fchdir(held[i])
            began = time.monotonic_ns()
            try:
                fd = os.open(passed, os.O_RDONLY, dir_fd=at)
            except FileNotFoundError:
                log.append((i, passed, began, time.monotonic_ns(), None))
        ended = time.monotonic_ns()
        path = os.readlink(b"/proc/self/fd/%d" % fd)
        asked = time.monotonic_ns()
        os.read(fd, 10)
        log.append((i, passed, began, ended, (path, asked, time.monotonic_ns())))
        os.close(fd)
    yield log


# --- what was shown of it ----------------------------------------------------------------------

class Truth:
    """Which paths a file had between two moments."""

    def __init__(self, tree, moves):
        self.tree = tree
        self.begun, self.ended = [began for _, began, _ in moves], [ended for _, _, ended in moves]
        for state, (i, _, _) in enumerate(moves):
            tree.movable[i].turns.append(state + 1)

    def paths(self, which, began, ended):
        first = bisect.bisect_right(self.ended, began)
        last = bisect.bisect_right(self.begun, ended)
        made = self.tree.dirs[which]
        return {path + b"/" + made.file for path in made.paths(lambda d: d.during(first, last))}


def expected(truth, log):
    """(op, the paths that may be shown, did it succeed) of each record of a reader."""
    for which, passed, began, ended, found in log:
        if not found:
            yield "open", {passed}, False
            continue
        path, asked, done = found
        yield "open", truth.paths(which, began, ended), True
        if path not in truth.paths(which, began, asked):
            raise RuntimeError(f"the log does not say what realpath says: {path}")
        yield "read", truth.paths(which, asked, done), True


def compare(truth, ops, log):
    problems, overlapped = [], 0
    for record, want in itertools.zip_longest(ops, expected(truth, log)):
        if not record or not want:
            return [f"more or fewer records than calls: {str(record)[:200]} {str(want)[:200]}"], 0
        op, paths, succeeded = want
        overlapped += len(paths) > 1
        got = record.get("path", "").encode("latin-1")
        if (record["op"], got in paths, record["ret"] >= 0) != (op, True, succeeded):
            skip = max(0, truth.tree.root.length - 4)
            problems.append(f"{op}: got {record['op']} {got[skip:skip + 40]} {record['ret']}, expected one of "
                            f"{[path[skip:skip + 40] for path in paths]}")
    return problems[:3], overlapped


def grown(at, rng):
    tree = Tree(os.fsencode(at), rng)
    depth = max(d.depth for d in tree.dirs)
    longest = max(d.length + 1 + len(d.file) for d in tree.dirs)
    check(f"{len(tree.dirs)} directories, up to {depth} deep, paths up to {longest} bytes",
          equal("directories", len(tree.dirs), DIRS) + equal("depth", depth, DEPTH))
    return tree


def watch(base, at, tree, rng):
    """Returns what was shown, and the pid and the log of each reader, then of who moved directories."""
    todo = [(i, way) for i in range(DIRS) for way in WAYS]
    rng.shuffle(todo)
    until = mmap.mmap(-1, 1)
    children = [child(read_files, tree, todo[n::READERS], n) for n in range(READERS)]
    pids = ", ".join(str(pid) for pid, _, _ in children)
    children.append(child(move, tree, until))
    # each rename has all paths sent anew
    with Watching(f"{base}/records.json", "--buffer", "256M", "-d", at, "-o", "open,read",
                  "-F", "type,pid,op,path,ret", "--where", f"pid in ({pids})") as watching:
        for _, start, _ in children:
            os.write(start, b"g")
        for pid, _, _ in children:
            until[0] = pid == children[-1][0]
            if os.waitpid(pid, 0)[1]:
                raise RuntimeError("a child has failed")
    return watching, [(pid, pickle.loads(os.pread(log, os.fstat(log).st_size, 0))) for pid, _, log in children]


def main():
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    base, rng = scratch("names"), random.Random(1)
    with Tmpfs(base):
        at = os.path.join(base, "tree")
        os.mkdir(at)
        tree = grown(at, rng)
        watching, logs = watch(base, at, tree, rng)
    truth = Truth(tree, logs.pop()[1])
    problems, overlapped = watching.problems, 0
    for pid, log in logs:
        found, n = compare(truth, [r for r in watching.ops if r["pid"] == pid], log)
        problems += found
        overlapped += n
    if len(truth.begun) < 100 or not overlapped:
        problems.append(f"{len(truth.begun)} renames, {overlapped} operations during one: too few")
    check(f"{len(watching.ops)} records by {READERS} processes, {len(truth.begun)} renames, {overlapped} "
          "operations during one: each path is right", problems)


if __name__ == "__main__":
    main()
    finish()
