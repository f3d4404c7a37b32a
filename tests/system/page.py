#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Hits and misses of the page cache, by each door: of the pages that a read asks for, those that
mincore(2) says are not there are misses, all others hits; afterwards all are hits.
"""
import ctypes
import mmap
import os
import subprocess
import time

from common import SKIPS, Watching, backends, check, equal, finish, need, records, scratch, trace, whole

PAGE, PAGES = mmap.PAGESIZE, 64
SIZE = PAGES * PAGE
libc = ctypes.CDLL(None, use_errno=True)


def absent(path):
    """The pages that are not in memory."""
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        pages = -(-len(mapped) // PAGE)
        there = (ctypes.c_ubyte * pages)()
        anchor = ctypes.c_char.from_buffer(mapped)
        failed = libc.mincore(ctypes.c_void_p(ctypes.addressof(anchor)), ctypes.c_size_t(len(mapped)), there)
        del anchor
    assert not failed
    return {i for i in range(pages) if not there[i] & 1}


def make(path, keep=0):
    """A file that is on the disk only, but for every keep-th page."""
    with open(path, "wb") as file:
        file.write(os.urandom(SIZE))
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    fd = open_random(path)
    for i in range(0, PAGES if keep else 0, keep or 1):
        os.pread(fd, 1, i * PAGE)
    os.close(fd)


def open_random(path, flags=0):
    """Nothing is read ahead."""
    fd = os.open(path, os.O_RDONLY | flags)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)
    return fd


def by_pread(fd):
    os.pread(fd, SIZE, 0)


def by_more(fd):
    """More than there is: what is behind the end is no page of the file."""
    os.pread(fd, SIZE + 16 * PAGE, 0)


def by_preadv(fd):
    os.preadv(fd, [bytearray(SIZE // 2), bytearray(SIZE // 2)], 0)


def by_pages(fd):
    for i in reversed(range(PAGES)):
        os.pread(fd, PAGE, i * PAGE)


def by_sendfile(fd):
    to = os.open("/dev/null", os.O_WRONLY)
    os.lseek(fd, 0, os.SEEK_SET)
    while os.sendfile(to, fd, None, SIZE):
        pass
    os.close(to)


def by_splice(fd):
    """By calls that a pipe has room for, as splice has no name in Python before 3.10."""
    ends = os.pipe()
    offset = ctypes.c_longlong(0)
    while libc.splice(fd, ctypes.byref(offset), ends[1], None, ctypes.c_size_t(8 * PAGE), 0) > 0:
        os.read(ends[0], 8 * PAGE)
    for end in ends:
        os.close(end)


DOORS = {door.__name__[3:]: door for door in (by_pread, by_more, by_preadv, by_pages, by_sendfile, by_splice)}


def counted(ops, path):
    """Pages found and missed of a file."""
    return {kind: sum(r["bytes"] for r in ops if r["kind"] == kind and r["path"] == path) // PAGE
            for kind in ("hit", "miss")}


def run_doors(work):
    """What is read twice, from files of which a part is there; what has to be counted, by path."""
    expected = {}
    for name, door in DOORS.items():
        missed = len(absent(f"{work}/{name}"))
        fd = open_random(f"{work}/{name}")
        door(fd)
        door(fd)
        os.close(fd)
        expected[f"{work}/{name}"] = {"hit": 2 * PAGES - missed, "miss": missed}
    return expected


def run_others(work):
    """What is read ahead is no miss, what lies beyond the end or goes past the page cache is nothing."""
    expected = {}
    path = f"{work}/ahead"
    fd = os.open(path, os.O_RDONLY)
    os.pread(fd, 10, PAGE - 5)  # two pages
    time.sleep(0.3)  # what is read ahead has come
    missed = len(absent(path))
    os.pread(fd, SIZE, 0)
    os.pread(fd, SIZE, SIZE)
    os.close(fd)
    expected[path] = {"hit": PAGES - missed, "miss": 2 + missed}
    fd = open_random(f"{work}/direct", os.O_DIRECT)
    with mmap.mmap(-1, SIZE) as buffer:
        os.readv(fd, [buffer])
    os.close(fd)
    # btrfs reads what has checksums by the page cache all the same
    expected[f"{work}/direct"] = {"hit": 0, "miss": PAGES - len(absent(f"{work}/direct"))}
    return expected


def watched(backend, base, work):
    for name in [*DOORS, "ahead", "direct"]:
        make(f"{work}/{name}", 3 if name in DOORS else 0)
    with Watching(f"{base}/records.json", "--backend", backend, "-o", "page", "-d", work, allowed=SKIPS) as seen:
        expected = {**run_doors(work), **run_others(work)}
    problems = list(seen.problems)
    said = any("hits and misses" in what for what in seen.summary["unseen"])
    if backend == "tracepoint":
        problems += equal("hits, misses", [r for r in seen.ops if r["kind"] in ("hit", "miss")], [])
        check("page cache with tracepoint: hits and misses are unseen, as is said",
              problems + equal("unseen", said, True))
        return
    problems += equal("unseen", said, False)
    for path, pages in expected.items():
        problems += equal(os.path.basename(path), counted(seen.ops, path), pages)
        added = sum(r["bytes"] for r in seen.ops if r["kind"] == "add" and r["path"] == path) // PAGE
        if added < pages["miss"]:
            problems.append(f"{path}: {added} pages added")
    check(f"page cache with {backend}: {sum(p['miss'] for p in expected.values())} misses, "
          f"{sum(p['hit'] for p in expected.values())} hits by {', '.join(DOORS)}", problems)


def asynchronous(backend, base, work):
    """Requests that are tried again when the page is there have missed it all the same."""
    jobs = f"[global]\nbs={PAGE}\nsize={SIZE}\nrw=randread\nstonewall\ninvalidate=0\niodepth=16\nfadvise_hint=1\n"
    expected = {}
    for engine in ("io_uring", "libaio"):
        path = f"{work}/{engine}"
        make(path, 4)
        missed = len(absent(path))
        expected[path] = {"hit": 2 * PAGES - missed, "miss": missed}
        jobs += "".join(f"[{engine}{i}]\nioengine={engine}\nfilename={path}\n" for i in range(2))
    with open(f"{base}/jobs", "w", encoding="utf-8") as text:
        text.write(jobs)
    output = f"{base}/records.json"
    ran = trace(["--backend", backend, "-o", "page", "-d", work, "--", "fio", f"{base}/jobs", "--output=/dev/null"],
                output)
    ops, summary = records(output)
    problems = equal("exit status", ran.returncode, 0) + whole(summary, SKIPS)
    for path, pages in expected.items():
        problems += equal(os.path.basename(path), counted(ops, path), pages)
    check(f"page cache with {backend}: {', '.join(map(os.path.basename, expected))}", problems)


def main():
    need("fio")
    subprocess.run(["sync"], check=True)
    for backend in backends():
        base = scratch("page")
        work = os.path.join(base, "work")
        os.mkdir(work)
        watched(backend, base, work)
    # their bodies are the same
    for backend in backends()[:1]:
        if backend != "tracepoint":
            asynchronous(backend, base, work)


if __name__ == "__main__":
    main()
    finish()
