#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""fio's own JSON against what vfscope reports: bytes and number of operations are equal."""
import json
import os
import subprocess

from common import check, equal, finish, need, records, scratch, trace

ENGINES = {"psync": "rw", "vsync": "vec", "pvsync2": "vec", "sync": "rw", "io_uring": "io_uring",
           "libaio": "aio"}
SIZE = os.environ.get("VFSCOPE_FIO_SIZE", "64m")
ONLY = os.environ.get("VFSCOPE_FIO_ENGINES", " ".join(ENGINES)).split()


def fio(engine, rw, work):
    return ["fio", "--name=job", f"--filename={work}/data", f"--ioengine={engine}", f"--rw={rw}",
            "--bs=4k", f"--size={SIZE}", "--output-format=json", f"--output={work}/../fio.json"]


def totals(work):
    with open(f"{work}/../fio.json", encoding="utf-8") as text:
        text = text.read()
    job = json.loads(text[text.index("{"):])["jobs"][0]
    return {op: (job[op]["io_bytes"], job[op]["total_ios"]) for op in ("read", "write")}


def compare(engine, rw, work):
    output = f"{work}/../records.json"
    result = trace(["-d", work, "--", *fio(engine, rw, work)], output)
    ops, summary = records(output)
    got = {}
    for op in ("read", "write"):
        of_op = [r for r in ops if r["op"] == op]
        got[op] = (sum(r["bytes"] for r in of_op), len(of_op))
    problems = equal("exit status", result.returncode, 0)
    problems += equal("(bytes, operations)", got, totals(work))
    problems += equal("via", {r["via"] for r in ops if r["op"] in ("read", "write")}, {ENGINES[engine]})
    problems += equal("exact", summary["exact"], True)
    moved = sum(got[op][0] for op in got)
    problems += [] if moved else ["nothing was moved"]
    check(f"fio {engine} {rw}: {moved} bytes", problems)


def main():
    need("fio")
    base = scratch("fio")
    work = os.path.join(base, "work")
    os.mkdir(work)
    # laid out before, for fio does not count the layout of a file that it then reads
    with open(f"{work}/data", "wb") as data:
        subprocess.run(["head", "-c", SIZE, "/dev/urandom"], stdout=data, check=True)
    for engine in ONLY:
        for rw in ("read", "write"):
            compare(engine, rw, work)


if __name__ == "__main__":
    main()
    finish()
