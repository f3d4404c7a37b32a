# SPDX-License-Identifier: GPL-2.0
"""Contents: --peek, --no-peek, --hex. And --host-path."""
import os
import signal
import subprocess
import sys
import time

from act import Cases
from vfs import Scratch, Tracing, equal, fail, read_text, vfscope

CASES = Cases()


def peeked(size, act, *options, ops="read,write", keys=("op", "name", "bytes", "data")):
    """What act(directory), done by this process, has shown; data as bytes."""
    with Scratch() as scratch:
        with Tracing("trace", "-j", "-o", ops, "-p", str(os.getpid()), "-d", scratch, "-F",
                     "type," + ",".join(keys), "--peek", str(size), *options) as tracing:
            act(scratch)
            output = tracing.stop()
        records, summary = output.parse()
        for record in records:
            if "data" in record:
                record["data"] = unescaped(record["data"])
        return [tuple(record.get(key) for key in keys) for record in records], summary


def unescaped(text):
    """Of a string of JSON: in vfs.py one character is one byte."""
    return text.encode("latin-1")


def new_file(path):
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


@CASES.case
def peek_read_and_write():
    def act(scratch):
        fd = new_file(scratch + "/f")
        os.write(fd, b"0123456789")
        os.pwrite(fd, b"ab\0\xff\n", 3)
        os.pread(fd, 100, 0)
        os.pread(fd, 4, 8)
        os.pread(fd, 4, 10)
        os.close(fd)
    got, summary = peeked(8, act)
    equal("records", got, [("write", "f", 10, b"01234567"), ("write", "f", 5, b"ab\0\xff\n"),
                           ("read", "f", 10, b"012ab\0\xff\n"), ("read", "f", 2, b"89"),
                           ("read", "f", 0, None)])
    equal("summary", (summary["peek"], summary["peeked"], summary["exact"]), (8, 4, True))


@CASES.case
def peek_and_where():
    def act(scratch):
        fd = new_file(scratch + "/f")
        os.write(fd, b"a secret")
        os.write(fd, b"nothing")
        os.close(fd)
    got, _ = peeked(8, act, "--where", "data ~ '*sec*'", ops="data,open", keys=("op", "data"))
    equal("records", got, [("write", b"a secret")])


@CASES.case
def peek_sizes():
    """Up to 4096, over pages that are not aligned."""
    data = bytes(range(256)) * 32

    def act(scratch):
        fd = new_file(scratch + "/f")
        os.write(fd, data)
        for size in (1, 4095, 4096, 4097, 8192):
            os.pread(fd, size, 1)
        os.close(fd)
    for size in (1, 4095, 4096):
        got, _ = peeked(size, act, keys=("op", "data"))
        equal("data", got, [("write", data[:size])] +
              [("read", data[1:1 + min(size, n)]) for n in (1, 4095, 4096, 4097, 8192)])


@CASES.case
def peek_vectors():
    parts = [b"a", b"", b"bcd", b"e" * 40] + [b"%d," % i for i in range(200)]

    def act(scratch):
        fd = new_file(scratch + "/f")
        os.writev(fd, parts)
        os.preadv(fd, [bytearray(1) for _ in range(100)] + [bytearray(1000)], 0)
        os.writev(fd, [b"x" * 3, b"y" * 3])
        os.close(fd)
    whole = b"".join(parts)
    got, _ = peeked(4096, act, keys=("op", "data"))
    equal("data", got, [("write", whole), ("read", whole), ("write", b"xxxyyy")])
    got, _ = peeked(5, act, keys=("op", "data"))
    equal("data", got, [("write", b"abcde"), ("read", b"abcde"), ("write", b"xxxyy")])


@CASES.case
def peek_copies_have_none():
    def act(scratch):
        fd, to = new_file(scratch + "/f"), new_file(scratch + "/g")
        os.write(fd, b"abc")
        os.copy_file_range(fd, to, 3, 0)
        os.lseek(fd, 0, os.SEEK_SET)
        os.sendfile(to, fd, 0, 3)
        os.close(fd)
        os.close(to)
    got, summary = peeked(8, act, keys=("op", "name", "data"))
    equal("records", got, [("write", "f", b"abc"), ("read", "f", None), ("write", "g", None),
                           ("read", "f", None), ("write", "g", None)])
    equal("exact", summary["exact"], True)


@CASES.case
def no_peek():
    def act(scratch):
        os.mkdir(scratch + "/keep")
        for name in ("f", "a.key", "keep/g", "b.key"):
            fd = new_file(scratch + "/" + name)
            os.write(fd, b"secret of " + name.encode())
            os.unlink(scratch + "/" + name)
            os.pread(fd, 100, 0)
            os.close(fd)
    for globs in (["*.key", "**/keep/**"], ["**.key", "/**/keep/?"], ["*.key", "keep"],
                  ["?.key", "**/keep/"]):
        options = [word for glob in globs for word in ("--no-peek", glob)]
        got, summary = peeked(100, act, *options, keys=("op", "name", "data"))
        equal("with data", [(op, data) for op, name, data in got if data],
              [("write", b"secret of f"), ("read", b"secret of f")])
        equal("all", len(got), 8)
        equal("peeked", summary["peeked"], 2)


@CASES.case
def no_peek_over_rename():
    """It is the name at that time that counts."""
    def act(scratch):
        fd = new_file(scratch + "/f")
        os.write(fd, b"1")
        os.rename(scratch + "/f", scratch + "/f.key")
        os.write(fd, b"2")
        os.rename(scratch + "/f.key", scratch + "/f")
        os.write(fd, b"3")
        os.close(fd)
    got, _ = peeked(9, act, "--no-peek", "*.key", keys=("name", "data"))
    equal("records", got, [("f", b"1"), ("f.key", None), ("f", b"3")])


def peek_unread(glob):
    """
    50 reads of 4 KiB that no one takes from a ring of 64 KiB, after one that has been shown.
    Returns how many were lost.
    """
    # to a file: a pipe would fill up
    with Scratch() as scratch, open(scratch + "/out", "w+b") as out:
        fd = new_file(scratch + "/f.key")
        os.write(fd, b"x" * 4096)
        with Tracing("trace", "-j", "-o", "read", "-d", scratch, "--peek", "4096", "--no-peek",
                     glob, "--buffer", "64K", stdout=out) as tracing:
            os.pread(fd, 4096, 0)
            while not os.path.getsize(scratch + "/out"):
                time.sleep(0.001)
            os.kill(tracing.pid, signal.SIGSTOP)
            os.waitid(os.P_PID, tracing.pid, os.WSTOPPED | os.WNOWAIT)
            for _ in range(50):
                os.pread(fd, 4096, 0)
            os.kill(tracing.pid, signal.SIGCONT)
            output = tracing.stop()
        os.close(fd)
        out.seek(0)
        output.out = out.read()
        records, summary = output.parse()
        lost = summary["lost"]["ring"]
        equal("all shown", len(records) + lost, 51)
        equal("peeked", summary["peeked"], 0 if glob == "*.key" else len(records))
        return lost


@CASES.case
def no_peek_is_not_even_copied():
    """
    What the user side has seen to be forbidden takes no room in the ring any more, until a
    rename anywhere on the machine has each path judged anew; there may be one meanwhile.
    """
    equal("some are lost, if it is not forbidden", peek_unread("*.other") > 0, True)
    for _ in range(20):
        lost = peek_unread("*.key")
        if not lost:
            return
    equal("lost", lost, 0)


@CASES.case
def peek_by_every_door():
    """fio's pattern, as each engine has moved it."""
    pattern = bytes.fromhex("deadbeef00ff0a22")
    for engine, via in (("psync", "rw"), ("pvsync2", "vec"), ("libaio", "aio"),
                        ("io_uring", "io_uring")):
        with Scratch() as scratch:
            output = vfscope("trace", "-j", "-o", "read,write", "-d", scratch, "--path", "**/file",
                             "--via", via, "-F", "type,op,bytes,data", "--peek", "64", "--", "fio",
                             "--name=x", "--filename=%s/file" % scratch, "--rw=write", "--bs=16k",
                             "--size=256k", "--ioengine=" + engine, "--iodepth=4", "--verify=pattern",
                             "--verify_state_save=0",
                             "--verify_pattern=0x" + pattern.hex(), "--do_verify=1", "--output=/dev/null")
        equal("fio's status", output.status, 0)
        records, summary = output.parse()
        equal("%s: lost" % engine, summary["lost"]["peek"], 0)
        got = [(r["op"], r["bytes"], unescaped(r["data"])) for r in records]
        equal(engine, got, [("write", 16384, pattern * 8)] * 16 + [("read", 16384, pattern * 8)] * 16)


@CASES.case
def peek_in_the_table():
    program = ("import os, sys; fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT); "
               "os.write(fd, b'a\\x1b[31m\\n' + b'0123456789abcdef')")
    for options, shown in (
            (["-F", "op,bytes"], "OP         BYTES DATA\nwrite         23 a.[31m.0123456789abcdef\n"),
            (["-F", "op", "--hex"],
             "OP\nwrite\n"
             "    0000  61 1b 5b 33 31 6d 0a 30 31 32 33 34 35 36 37 38  a.[31m.012345678\n"
             "    0010  39 61 62 63 64 65 66                             9abcdef\n")):
        with Scratch() as scratch:
            output = vfscope("trace", "-o", "write", "-d", scratch, "--peek", "100", *options, "--",
                             sys.executable, "-c", program, scratch + "/f")
            equal("output", output.out.decode(), shown)
            if b"contents were recorded: up to 100 bytes of each of 1 reads" not in output.err:
                fail("%r", output.err)


@CASES.case
def without_peek_nothing_is_recorded():
    output = vfscope("trace", "-j", "-o", "read", "--", "cat", "/etc/hostname",
                     stdout=subprocess.PIPE)
    if b'"data"' in output.out or b'"peek"' in output.out.replace(b'"peek":0', b""):
        fail("%r", output.out)


# --- --host-path ----------------------------------------------------------------------------

HOST = """
import ctypes, os, sys
libc, top = ctypes.CDLL(None, use_errno=True), sys.argv[1].encode()
def check(ret):
    if ret: raise OSError(ctypes.get_errno(), "mount")
def touch(path):
    os.close(os.open(path, os.O_RDWR | os.O_CREAT))
def stat(path):
    try: os.stat(path)
    except OSError: pass
if 'ns' in sys.argv[2:]:
    check(libc.unshare(0x20000))
    check(libc.mount(None, b"/", None, 0x44000, None))
    check(libc.mount(top + b"/jail", top + b"/b", None, 4096, None))
    check(libc.mount(b"none", top + b"/t", b"tmpfs", 0, None))
    touch(top + b"/b/bound"); touch(top + b"/t/private"); stat(top + b"/b/none")
os.chroot(top + b"/jail")
touch(b"/in"); os.chdir(b"/sub"); touch(b"../sub/rel"); stat(b"/none"); stat(b"/../none")
try: os.rename(b"/no", b"/no2")
except OSError: pass
"""


def host_paths(options, *how):
    with Scratch() as scratch:
        for name in ("jail/sub", "b", "t"):
            os.makedirs(os.path.join(scratch, name))
        output = vfscope("trace", "-j", "-F", "type,op,path,path2", "-o", "open,stat,rename",
                         *options, "--", sys.executable, "-S", "-c", HOST, scratch, *how)
        got = [(r["op"], r.get("path", "").replace(scratch, "@"),
                r.get("path2", "").replace(scratch, "@")) for r in output.records()]
    equal("status (%s)" % output.err, output.status, 0)
    names = ("in", "rel", "none", "no", "bound", "private")
    return [(op, *paths) for op, *paths in got if paths[0].rpartition("/")[2] in names]


JAIL = [("open", "@/jail/in", ""), ("open", "@/jail/sub/rel", ""), ("stat", "@/jail/none", ""),
        ("stat", "@/jail/none", ""), ("rename", "@/jail/no", "@/jail/no2")]


@CASES.case
def host_path_of_chroot():
    equal("paths", host_paths(["--host-path"]), JAIL)
    equal("paths as they are seen there", host_paths([]),
          [(op, a.replace("@/jail", ""), b.replace("@/jail", "")) if "none" not in a
           else (op, "/none", "") for op, a, b in JAIL[:3]] +
          [("stat", "/../none", ""), ("rename", "/no", "/no2")])


@CASES.case
def host_path_of_mount_namespace():
    """What it has mounted from the host is found there, and what it has alone is not."""
    equal("paths", host_paths(["--host-path"], "ns"),
          [("open", "@/jail/bound", ""), ("open", "(unreachable)/private", ""),
           ("stat", "@/b/none", "")] + JAIL)


VOLUME = """
import ctypes, os, sys
libc, top = ctypes.CDLL(None), sys.argv[1].encode()
def stat(path):
    try: os.stat(path)
    except OSError: pass
assert not libc.unshare(0x20000)
assert not libc.mount(None, b"/", None, 0x44000, None)
assert not libc.mount(top + b"/data", top + b"/root", None, 0x5000, None)
assert not libc.mount(top + b"/disk", top + b"/root/volume", None, 0x1000, None)
assert not libc.mount(b"none", top + b"/root/own", b"tmpfs", 0, None)
os.chroot(top + b"/root")
for path in b"/none", b"/volume/x/../none", b"//volume/./none", b"/../volume", b"/own/none":
    stat(path)
try: os.rename(b"/volume/no", b"/no2")
except OSError: pass
sys.stdin.read()
"""


@CASES.case
def host_path_of_volumes():
    """What is mounted into a container from elsewhere is found there by paths as they were passed."""
    with Scratch() as scratch, open(scratch + "/out", "w+b") as out:
        for name in ("data/volume", "data/own", "disk", "root"):
            os.makedirs(os.path.join(scratch, name))
        with Tracing("trace", "-j", "-F", "type,op,path,path2", "-o", "stat,rename", "--host-path",
                     "--name", "no*", "--name", "disk", stdout=out) as tracing, \
             subprocess.Popen([sys.executable, "-S", "-c", VOLUME, scratch],
                              stdin=subprocess.PIPE) as proc:
            # its mounts can be seen for as long as it is there
            while "no2" not in read_text(scratch + "/out") and not proc.poll():
                time.sleep(0.01)
            proc.stdin.close()
        output = tracing.output
        out.seek(0)
        output.out = out.read()
        got = [(r["op"], r["path"].replace(scratch, "@"), r.get("path2", "").replace(scratch, "@"))
               for r in output.records()]
    equal("paths", got,
          [("stat", "@/data/none", ""), ("stat", "@/disk/x/../none", ""),
           ("stat", "@/disk/none", ""), ("stat", "@/disk", ""),
           ("stat", "(unreachable)/none", ""),
           ("rename", "@/disk/no", "@/data/no2")])
