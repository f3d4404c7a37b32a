# SPDX-License-Identifier: GPL-2.0
"""The calls that mount, with their arguments as strace decodes them: both watch the same program."""
import os
import re
import shutil
import sys

from act import Cases
from vfs import Scratch, equal, fail, vfscope

CASES = Cases()

PROGRAM = r"""
import ctypes, struct, sys
libc = ctypes.CDLL(None)
at = sys.argv[1].encode()
fs = libc.syscall(430, b"tmpfs", 1)
libc.syscall(431, fs, 1, b"size", b"2m", 0)
libc.syscall(431, fs, 0, b"ro", None, 0)
libc.syscall(431, fs, 2, b"blob", b"a\0\xff\n", 4)
libc.syscall(431, fs, 2, b"large", bytes(range(256)) * 8, 2048)
libc.syscall(431, fs, 2, b"none", b"xyz", 0)
libc.syscall(431, fs, 3, b"source", b"dev", -100)
libc.syscall(431, fs, 4, b"source", b"", 3)
libc.syscall(431, fs, 5, b"fd", None, 0)
libc.syscall(431, fs, 6, None, None, 0)
mnt = libc.syscall(432, fs, 1, 0x1 | 0x2 | 0x8 | 0x20 | 0x80)
libc.syscall(429, mnt, b"", -100, at, 4)
def set_attr(attr_set, attr_clr, propagation, userns_fd, size=32):
    attr = struct.pack("QQQQ", attr_set, attr_clr, propagation, userns_fd)
    libc.syscall(442, -100, at, 0x8000, attr + bytes(32), size)
set_attr(0x1, 0x4, 1 << 18, 0)
set_attr(0x10, 0x70, 0, 0)
set_attr(0x200000, 0x88, 1 << 20, 0, 40)
set_attr(1 << 40, 0x3000bf, 5, 1 << 33)
set_attr(1, 0, 0, 0, 8)
libc.syscall(428, -100, at, 0x1 | 0x80000)
libc.syscall(433, -100, at, 2)
libc.mount(b"x", at, b"tmpfs", 0xc0ed0000 | 1 | 0x8, b"size=1m")
libc.mount(None, at, None, 1 << 20 | 0x4000, None)
libc.umount2(at, 2)
libc.umount2(at, 2)
libc.umount2(at, 2)
"""
CALLS = "mount,umount2,fsopen,fsconfig,fsmount,move_mount,open_tree,mount_setattr,fspick"


def quoted(text, hexadecimal=False):
    data = text.encode("latin-1")
    return '"%s"' % ("".join("\\x%02x" % byte for byte in data) if hexadecimal else text)


def config_value(row):
    command = row["flags"]
    if command == "FSCONFIG_SET_BINARY":
        return quoted(row["mount_data"], True) if row["mount_aux"] else '""'
    has = command in ("FSCONFIG_SET_STRING", "FSCONFIG_SET_PATH", "FSCONFIG_SET_PATH_EMPTY")
    return quoted(row.get("mount_data", "")) if has else "NULL"


def config_key(row):
    return "NULL" if "CMD" in row["flags"] else quoted(row["path2"])


def config_aux(row):
    return "AT_FDCWD" if "PATH" in row["flags"] and row["mount_aux"] == -100 else str(row["mount_aux"])


def optional(row, field):
    return quoted(row[field]) if row.get(field) else "NULL"


def descriptor(row):
    """What it is about, where its path is empty."""
    return [str(row["fd"])] if "fd" in row else []


# what strace shows of each, from the record; of some only that which is not a path
RENDER = {
    "fsopen": lambda r: [quoted(r["path2"]), r["flags"]],
    "fsconfig": lambda r: [str(r["fd"]), r["flags"], config_key(r), config_value(r), config_aux(r)],
    "fsmount": lambda r: [str(r["fd"]), r["flags"], r["mount_attr"]],
    "mount_setattr": lambda r: [r["flags"], r.get("mount_attr", "pointer")],
    "move_mount": lambda r: descriptor(r) + [r["flags"]],
    "open_tree": lambda r: descriptor(r) + [r["flags"]],
    "fspick": lambda r: descriptor(r) + [r["flags"]],
    "mount": lambda r: [optional(r, "path2"), quoted(r["path"]), optional(r, "mount_type"), r["flags"],
                        optional(r, "mount_data")],
    "umount": lambda r: [quoted(r["path"]), r["flags"]],
}


def of_strace(line):
    """(call, arguments, result) of a line, without what RENDER leaves out."""
    call, args, result = re.fullmatch(r"(\w+)\((.*)\)\s+= (.*)", re.sub(r" /\*.*?\*/", "", line)).groups()
    split = re.findall(r'\{.*?\}|"(?:[^"\\]|\\.)*"|[^, ]+', args)
    if call == "mount_setattr":
        split = [split[2], "pointer" if split[3].startswith("0x") else split[3]]
    elif call in ("move_mount", "open_tree", "fspick"):
        split = split[:split[1] == '""'] + split[-1:]
    result = result.split()
    return call.replace("umount2", "umount"), split, result[1] if result[0] == "-1" else result[0]


HIDDEN = r"""
import ctypes, sys
libc, at = ctypes.CDLL(None), sys.argv[1].encode()
fs = libc.syscall(430, b"proc", 0)
libc.syscall(431, fs, 6, None, None, 0)
libc.syscall(429, libc.syscall(432, fs, 0, 0), b"", -100, at, 4)
libc.umount2(at, 2)
"""


@CASES.case
def mounts_of_hidden_file_systems():
    """A mount is shown whatever is mounted, also of a file system whose files are not."""
    with Scratch() as scratch:
        os.mkdir(scratch + "/m")
        rows = vfscope("trace", "-o", "mounts", "-j", "--", sys.executable, "-S", "-c", HIDDEN, scratch + "/m").records()
    equal("calls", [row["op"] for row in rows], ["fsopen", "fsconfig", "fsmount", "move_mount", "umount"])
    equal("descriptor", rows[3]["fd"], rows[2]["ret"])


@CASES.case
def mounts_as_strace():
    if not shutil.which("strace"):
        fail("there is no strace")
    with Scratch() as scratch:
        os.mkdir(scratch + "/m")
        output = vfscope("trace", "-o", "mounts", "-j", "--", "strace", "-qq", "-x", "-v", "-s", "4096",
                         "-e", "signal=none", "-e", "trace=" + CALLS, "-o", scratch + "/strace", sys.executable,
                         "-S", "-c", PROGRAM, scratch + "/m")
        with open(scratch + "/strace", encoding="ascii") as file:
            theirs = [of_strace(line.rstrip("\n")) for line in file]
    ours = [(row["op"], RENDER[row["op"]](row), row.get("err", str(row["ret"]))) for row in output.records()]
    equal("calls", len(theirs), 24)
    for one, other in zip(ours, theirs):
        equal(other[0], one, other)
    equal("as many", len(ours), len(theirs))
