# SPDX-License-Identifier: GPL-2.0
"""--host-path on overlayfs: a file is shown where it lies in its layer, also while it is copied up."""
import os
import subprocess
import sys

from act import Cases
from vfs import Scratch, equal, vfscope

CASES = Cases()

PROGRAM = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def check(ret):
    if ret: raise OSError(ctypes.get_errno(), "mount")
def read(path, fd=None):
    fd = os.open(path, os.O_RDONLY) if fd is None else fd
    os.read(fd, 10)
    return fd
os.chdir(sys.argv[1])
if "container" in sys.argv:
    check(libc.unshare(0x20000))
    check(libc.mount(None, b"/", None, 0x44000, None))
    check(libc.mount(b"none", b"merged", b"overlay", 0,
                     b"lowerdir=lower:lower2,upperdir=upper,workdir=work"))
    os.chroot("merged")
os.chdir("/" if "container" in sys.argv else "merged")
for path in ("l", "dir/l2", "dir/u", "both"):
    os.close(read(path))
held = read("copied")
fd = os.open("copied", os.O_WRONLY)
os.write(fd, b"x" * 10)
os.close(fd)
read(None, held)
fd = os.open("new", os.O_CREAT | os.O_RDWR)
os.write(fd, b"x")
os.rename("l", "dir/moved")
os.close(read("dir/moved"))
os.unlink("new")
os.write(fd, b"x")
fd = os.open("dir", os.O_RDONLY)
os.listdir(fd)
"""


NAMES = ("l", "l2", "u", "both", "copied", "new", "new (deleted)", "moved", "dir")


def shown(scratch, *args):
    output = vfscope("trace", "-j", "-F", "type,op,path,path2", "-o",
                     "open,read,write,rename,unlink,readdir", *args, stdout=subprocess.PIPE)
    equal("status (%s)" % output.err, output.status, 0)
    return "\n".join(" ".join([r["op"]] + [r[key].replace(scratch, "@") for key in ("path", "path2")
                                           if key in r])
                     for r in output.records() if os.path.basename(r.get("path", "")) in NAMES)


def layers(*options, how=""):
    with Scratch() as s:
        for name in ("lower/l", "lower/copied", "lower/both", "lower2/dir/l2", "upper/dir/u",
                     "upper/both"):
            os.makedirs(os.path.dirname(os.path.join(s, name)), exist_ok=True)
            with open(os.path.join(s, name), "wb") as file:
                file.write(b"x" * 100)
        for name in ("work", "merged"):
            os.makedirs(os.path.join(s, name))
        program = ["--", sys.executable, "-S", "-c", PROGRAM, s, how]
        if how:
            return shown(s, *options, *program)
        subprocess.run(["mount", "-t", "overlay", "none", s + "/merged", "-o",
                        "lowerdir={0}/lower:{0}/lower2,upperdir={0}/upper,workdir={0}/work".format(s)],
                       check=True)
        try:
            return shown(s, *options, *program)
        finally:
            subprocess.run(["umount", s + "/merged"], check=True)


def expected(top):
    """top: how what was passed as a path is shown, and a directory, which stands for all layers."""
    return "\n".join([
            "open @/lower/l", "read @/lower/l", "open @/lower2/dir/l2", "read @/lower2/dir/l2",
            "open @/upper/dir/u", "read @/upper/dir/u", "open @/upper/both", "read @/upper/both",
            "open @/lower/copied", "read @/lower/copied",
            "open @/upper/copied", "write @/upper/copied", "read @/upper/copied",
            "open @/upper/new", "write @/upper/new",
            "rename %s/l %s/dir/moved" % (top, top),
            "open @/upper/dir/moved", "read @/upper/dir/moved",
            "unlink %s/new" % top, "write @/upper/new (deleted)",
            "open %s/dir" % top, "readdir %s/dir" % top, "readdir %s/dir" % top])


@CASES.case
def host_path_of_layers():
    equal("operations", layers("--host-path"), expected("@/merged"))


@CASES.case
def host_path_of_layers_of_a_container():
    """The merged tree is mounted nowhere here, its layers are."""
    equal("operations", layers("--host-path", how="container"), expected("(unreachable)"))


@CASES.case
def layers_without_host_path():
    merged = expected("@/merged")
    for name in ("lower2", "lower", "upper"):
        merged = merged.replace("@/" + name, "@/merged")
    equal("operations", layers(), merged)
