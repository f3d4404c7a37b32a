#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Blocks shared by FICLONE and FICLONERANGE, on a file system that can: no bytes move."""
import fcntl
import os
import struct

from common import Watching, backends, check, equal, finish, run, scratch

FICLONERANGE, SIZE = 0x4020940D, 1 << 20


def main():
    base = scratch("reflink")
    work = os.path.join(base, "work")
    os.mkdir(work)
    for name in ("a", "b"):
        with open(f"{work}/{name}", "wb") as data:
            data.write(os.urandom(SIZE))
            os.fsync(data.fileno())
    for backend in backends():
        with Watching(f"{base}/records.json", "--backend", backend, "-o", "read,write", "-d", work) as seen:
            run("cp", "--reflink=always", f"{work}/a", f"{work}/c")
            with open(f"{work}/a", "rb") as source, open(f"{work}/b", "r+b") as target:
                fcntl.ioctl(target, FICLONERANGE, struct.pack("qQQQ", source.fileno(), 4096, 8192, 65536))
        got = [(r["op"], os.path.basename(r["path"]), r.get("kind"), r["bytes"], r.get("offset"), r.get("ret"))
               for r in seen.ops]
        problems = seen.problems + equal("(op, file, kind, bytes, offset, result)", got, [
            ("read", "a", "reflink", 0, 0, 0), ("write", "c", "reflink", 0, 0, 0),
            ("read", "a", "reflink", 0, 4096, 0), ("write", "b", "reflink", 0, 65536, 0)])
        check(f"reflinks with {backend}", problems)


main()
finish()
