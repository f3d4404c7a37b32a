#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Rows that stand ready for what comes again (bpf/slot.h): with each backend, by all kinds of keys, of
few files and of more than there are slots, the sums are those of fio.
"""
import os

from common import backends, finish, need, scratch
from totals import compare, fio

KEYS = ("pid,path", "comm,uid,fs", "tid,op,dev")
FILES = 200


def main():
    need("fio")
    work = os.path.join(scratch("slots"), "work")
    os.mkdir(work)
    for i in range(FILES):
        with open(f"{work}/job.0.{i}", "wb") as data:
            data.write(b"x" * 8192)
    few = fio(work, "--ioengine=psync", "--rw=randrw", "--nrfiles=2", "--size=16k", "--loops=400")
    many = fio(work, "--ioengine=psync", "--rw=randrw", f"--nrfiles={FILES}", f"--size={FILES * 8192}", "--loops=6",
               "--file_service_type=random")
    for backend in backends():
        for by in KEYS:
            compare(f"{backend}, by {by}", work, ["--backend", backend, "20ms"], few, False, by)
        compare(f"{backend}, no times", work, ["--backend", backend, "-F", "-lat", "20ms"], few, False)
        compare(f"{backend}, {FILES} files", work, ["--backend", backend, "5ms"], many, False)
        compare(f"{backend}, {FILES} files, room for 16 rows and 64 slots", work,
                ["--backend", backend, "--map-entries", "16", "100ms"], many, True)


if __name__ == "__main__":
    main()
    finish()
