# SPDX-License-Identifier: GPL-2.0
"""
Names where memory is used again by what only looks alike, and of what has no directory: each is
compared with what the process itself sees.
"""
import ctypes
import os
import random
import socket
import struct

from act import Cases
from cli_below import CLONE_NEWNS, LIBC, MS_REC, Child, bind, call, own_mounts, write_file
from vfs import Scratch, Tracing, equal, fail

CASES = Cases()
NR = {"x86_64": {"clone": 56, "fsopen": 430, "perf_event_open": 298, "pidfd_open": 434},
      "aarch64": {"clone": 220, "fsopen": 430, "perf_event_open": 241, "pidfd_open": 434}}[os.uname().machine]


def descriptor(fd):
    return fd if fd >= 0 else fail("no descriptor: %s", os.strerror(ctypes.get_errno()))


def libc(name, *args):
    return descriptor(getattr(LIBC, name)(*args))


def syscall(name, *args):
    return descriptor(LIBC.syscall(NR[name], *args))


NONBLOCK = os.O_NONBLOCK
ANON = [lambda: libc("eventfd", 0, NONBLOCK), lambda: libc("timerfd_create", 1, NONBLOCK),
        lambda: libc("epoll_create1", 0),
        lambda: libc("signalfd", -1, bytes(128), NONBLOCK), lambda: libc("inotify_init1", NONBLOCK)]


def perf_event():
    """Of the kernel's clock."""
    attr = struct.pack("IIQ", 1, 128, 0) + bytes(112)
    return syscall("perf_event_open", attr, 0, -1, -1, 0)


def pseudo_files(scratch):
    """Descriptors of what has no directory, or not the one that it seems to have."""
    yield from (make() for make in ANON)
    yield perf_event()
    yield syscall("fsopen", b"tmpfs", 0)
    yield syscall("pidfd_open", os.getpid(), 0)
    yield from (os.open("/proc/self/ns/" + ns, os.O_RDONLY) for ns in sorted(os.listdir("/proc/self/ns")))
    yield from os.pipe()
    yield from (end.detach() for end in socket.socketpair())
    yield socket.socket().detach()
    for name in ("a b\n\x1b[1m", "m" * 249, "", "x (deleted)"):
        memfd = os.memfd_create(name)
        yield os.open("/proc/self/fd/%d" % memfd, os.O_RDONLY)
        yield memfd
    yield from os.openpty()
    yield os.open(scratch, os.O_TMPFILE | os.O_RDWR, 0o600)
    for name in (b"x (deleted)", b"\x1b[31m\n\\", b"\xff\xfe\x80"):
        path = scratch.encode() + b"/" + name
        yield os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        gone = os.open(path, os.O_RDONLY)
        os.unlink(path)
        yield os.open(b"/proc/self/fd/%d" % gone, os.O_RDONLY)
        yield gone
    os.makedirs(scratch + "/gone/sub")
    fds = [os.open(scratch + "/gone" + sub, os.O_RDONLY) for sub in ("", "/sub")]
    os.rmdir(scratch + "/gone/sub")
    os.rmdir(scratch + "/gone")
    yield from fds


def closed_names(files):
    """Closes them, by numbers of their own; returns what /proc/self/fd has shown."""
    names = {}
    for number, fd in enumerate(files, 600):
        os.dup2(fd, number)
        os.close(fd)
        names[number] = os.readlink(b"/proc/self/fd/%d" % number).decode("latin-1")
        os.close(number)
    return names


def check_closed(act):
    """act returns descriptors' numbers and names; each has to be the name that was closed."""
    with Scratch() as scratch:
        with Tracing("trace", "-j", "--all", "-o", "close", "-p", str(os.getpid())) as tracing:
            expected = act(scratch)
            records, summary = tracing.stop().parse()
        got = {r["fd"]: r.get("path") for r in records if r["fd"] in expected}
        # every byte of a name: valid UTF-8 as it is, any other as the character of its number
        equal("names", got, {fd: name.encode("latin-1").decode("utf-8", "surrogateescape")
                             .encode("utf-8", "surrogateescape").decode("latin-1")
                             for fd, name in expected.items()})
        equal("exact", summary["exact"], True)


@CASES.case
def names_of_pseudo_files():
    check_closed(lambda scratch: closed_names(pseudo_files(scratch)))


@CASES.case
def names_of_anonymous_inodes():
    """They share one inode, and one's memory goes to the next."""
    choice = random.Random(1)
    with Tracing("trace", "-j", "--all", "-o", "read", "--ftype", "anon", "-p", str(os.getpid())) as tracing:
        expected = []
        for _ in range(2000):
            fd = choice.choice(ANON)()
            expected.append(os.readlink("/proc/self/fd/%d" % fd))
            try:
                os.read(fd, 64)
            except OSError:
                pass
            os.close(fd)
        records, summary = tracing.stop().parse()
    equal("names", [r["path"] for r in records], expected)
    equal("exact", summary["exact"], True)


@CASES.case
def names_by_root_and_its_mount():
    """The same directory, and another mount of it, as the root of a process."""
    with Scratch() as s:
        write_file(s + "/f")

        def set_up():
            own_mounts()
            bind("/", s + "/root", MS_REC) # what is below s may be mounted itself

        def act():
            for root in (None, s + "/root", None):
                pid = os.fork()
                if not pid:
                    if root:
                        os.chroot(root)
                    for path in (s + "/f",) if root else (s + "/root" + s + "/f", s + "/f"):
                        os.pread(os.open(path, os.O_RDONLY), 10, 0)
                    os._exit(0)
                os.waitpid(pid, 0)

        outside = [s + "/root" + s + "/f", s + "/f"]
        check_reads(set_up, act, s, lambda _: outside + [s + "/f"] + outside)


def check_reads(set_up, act, scratch, expected):
    child = Child(set_up, act)
    try:
        child.hear()
        with Tracing("trace", "-j", "-o", "read", "-d", scratch) as tracing:
            child.go()
            child.hear()
            records, summary = tracing.stop().parse()
        equal("read", [r["path"] for r in records], expected(records))
        equal("exact", summary["exact"], True)
    finally:
        child.end()


MOUNTS, COPIES = 20, 300


def check_copies(copied):
    """
    Copies of a mount namespace, each after the last has ended, with one directory mounted in many
    places; the offset of a read says by which it was done.
    """
    choice = random.Random(1)
    with Scratch() as s:
        write_file(s + "/from/f")

        def set_up():
            own_mounts()
            for n in range(MOUNTS):
                bind(s + "/from", s + "/%d" % n)

        def act():
            for _ in range(COPIES):
                places = choice.sample(range(MOUNTS), choice.randrange(MOUNTS))
                pid = copied()
                if not pid:
                    for n in places:
                        os.pread(os.open(s + "/%d/f" % n, os.O_RDONLY), 1, n)
                    os._exit(0)
                os.waitpid(pid, 0)

        check_reads(set_up, act, s, lambda records: [s + "/%d/f" % r["offset"] for r in records])


@CASES.case
def names_in_namespaces_unshared():
    def copied():
        pid = os.fork()
        if not pid:
            call("unshare", CLONE_NEWNS)
        return pid

    check_copies(copied)


@CASES.case
def names_in_namespaces_cloned():
    sigchld = 17
    check_copies(lambda: syscall("clone", CLONE_NEWNS | sigchld, 0, 0, 0, 0))
