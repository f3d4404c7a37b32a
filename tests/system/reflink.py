#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""reflink.py DIR...: blocks shared by FICLONE and FICLONERANGE, on file systems that can: no bytes move."""
import fcntl
import os
import struct
import sys

from common import Watching, backends, check, equal, finish, run

FICLONERANGE, SIZE = 0x4020940D, 1 << 20


def clone(work):
    run("cp", "--reflink=always", f"{work}/a", f"{work}/c")
    with open(f"{work}/a", "rb") as source, open(f"{work}/b", "r+b") as target:
        fcntl.ioctl(target, FICLONERANGE, struct.pack("qQQQ", source.fileno(), 4096, 8192, 65536))


def main():
    places = [f"{at}/reflink" for at in sys.argv[1:]]
    for work in places:
        os.mkdir(work)
        for name in ("a", "b"):
            with open(f"{work}/{name}", "wb") as data:
                data.write(os.urandom(SIZE))
                os.fsync(data.fileno())
    below = [arg for work in places for arg in ("-d", work)]
    for backend in backends():
        with Watching("/tmp/records.json", "--backend", backend, "-o", "read,write", *below) as seen:
            for work in places:
                clone(work)
        for work in places:
            got = [(r["op"], os.path.basename(r["path"]), r.get("kind"), r["bytes"], r.get("offset"), r.get("ret"))
                   for r in seen.ops if r["path"].startswith(work)]
            problems = seen.problems + equal("(op, file, kind, bytes, offset, result)", got, [
                ("read", "a", "reflink", 0, 0, 0), ("write", "c", "reflink", 0, 0, 0),
                ("read", "a", "reflink", 0, 4096, 0), ("write", "b", "reflink", 0, 65536, 0)])
            check(f"reflinks on {os.path.basename(os.path.dirname(work))} with {backend}", problems)


main()
finish()
