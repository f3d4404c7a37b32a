#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Losses made to happen, on each backend: what was delivered and what was lost is what was done."""
import json
import os

from common import ROOT, backends, check, equal, finish, need, records, scratch, trace

LOAD = os.path.join(ROOT, "build/load")
CALLS = 50000


def ring(backend, work):
    """A ring that is too small."""
    output = f"{work}/../records.json"
    trace(["--backend", backend, "--buffer", "4K", "-o", "read", "-d", work, "--", LOAD, f"{work}/data",
           str(CALLS)], output)
    ops, summary = records(output)
    lost = {cause: n for cause, n in summary["lost"].items() if n and cause != "missed"}
    problems = equal("delivered + lost", len(ops) + lost.get("ring", 0), CALLS)
    problems += equal("causes", set(lost), {"ring"}) + equal("exact", summary["exact"], False)
    check(f"{backend}, a ring of 4K: {len(ops)} delivered + {lost.get('ring', 0)} lost = {CALLS}", problems)


def full_map(backend, work, engine):
    """More requests under way than --map-entries has room for."""
    output, result = f"{work}/../records.json", f"{work}/../fio.json"
    trace(["--backend", backend, "--map-entries", "16", "-o", "read", "-d", work, "--", "fio", "--name=job",
           f"--filename={work}/data", f"--ioengine={engine}", "--rw=randread", "--bs=4k", "--size=4m",
           "--direct=1", "--iodepth=64", "--iodepth_batch=64", "--output-format=json", f"--output={result}"],
          output)
    ops, summary = records(output)
    with open(result, encoding="utf-8") as text:
        text = text.read()
    done = json.loads(text[text.index("{"):])["jobs"][0]["read"]["total_ios"]
    lost = summary["lost"]["map_full"]
    problems = equal("delivered + lost", len(ops) + lost, done) + equal("exact", summary["exact"], False)
    check(f"{backend}, {engine}, 16 entries: {len(ops)} delivered + {lost} lost = {done}",
          problems + ([] if lost else ["nothing was lost"]))


def main():
    need("fio")
    work = os.path.join(scratch("losses"), "work")
    os.mkdir(work)
    with open(f"{work}/data", "wb") as data:
        data.write(os.urandom(4 << 20))
        os.fsync(data.fileno())
    for backend in backends():
        ring(backend, work)
        for engine in ("libaio", "io_uring"):
            full_map(backend, work, engine)


if __name__ == "__main__":
    main()
    finish()
