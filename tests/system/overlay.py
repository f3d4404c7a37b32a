#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Overlayfs: what a program does on it is counted once; --layers also shows what overlayfs does
below for it. VFSCOPE_SCRATCH is on an overlay whose upper layer is VFSCOPE_UPPER.
"""
import os

from common import backends, check, equal, finish, records, scratch, trace, whole

SCRIPT = """
dd if=/dev/zero of=f bs=4k count=8 status=none
dd if=f of=/dev/null bs=4k count=8 status=none
mkdir d; mv f d/g; ln d/g h; rm h d/g; rmdir d
"""
NAMES = "mkdir rename link unlink rmdir".split()


def moved(ops, op):
    return sum(r["bytes"] for r in ops if r["op"] == op and r["ftype"] == "reg")


def compare(backend, base, layers):
    work, output = os.path.join(base, "work"), os.path.join(base, "records.json")
    os.makedirs(work, exist_ok=True)
    options = ["--layers"] if layers else []
    result = trace(["--backend", backend, "-o", "read,write," + ",".join(NAMES), *options, "--",
                    "sh", "-c", f"cd {work} && {SCRIPT}"], output)
    ops, summary = records(output)
    problems = equal("exit status", result.returncode, 0) + whole(summary)
    outer = [r for r in ops if r.get("path", "").startswith(work) and not r.get("layer")]
    inner = [r for r in ops if r.get("layer")]
    problems += equal("bytes read, written", (moved(outer, "read"), moved(outer, "write")), (32768, 32768))
    counts = {op: sum(r["op"] == op for r in outer) for op in NAMES}
    problems += equal("names", counts, {"mkdir": 1, "rename": 1, "link": 1, "unlink": 2, "rmdir": 1})
    problems += equal("via kernel on the overlay", [r for r in outer if r.get("via") == "kernel"], [])
    if layers:
        # the file below is shown by the path on the overlay up to 6.6
        files = [r for r in inner if r["name"] in ("f", "g")]
        problems += equal("bytes below, read, written", (moved(files, "read"), moved(files, "write")),
                          (32768, 32768))
        problems += [f"no {op} below" for op in NAMES
                     if not any(r["op"] == op and r["fs"] == "ext4" for r in inner)]
    else:
        problems += equal("layers that were not asked for", inner, [])
        problems += equal("below the overlay", [r for r in ops if r["fs"] == "ext4" and r.get("via") == "kernel"
                                                and r["op"] != "read"], [])
    if problems:
        problems += [f"{r['op']} {r.get('via')} {r.get('layer')} {r['fs']} {r.get('path')} {r.get('bytes')}"
                     for r in ops if r.get("name", "") in ("f", "g", "h", "d")]
    check(f"overlayfs with {backend}{' and --layers' if layers else ''}: {len(outer)} operations, "
          f"{len(inner)} below", problems)
    return sum(r["layer"] > 1 for r in inner if r["op"] in NAMES)


def beyond(backend, base, deep):
    """--layers, as if it went no deeper than one: what it then does not follow, so many operations, is counted."""
    os.makedirs(f"{base}/work")
    output = f"{base}/records.json"
    trace(["--backend", backend, "-o", ",".join(NAMES), "--layers", "--", "sh", "-c", f"cd {base}/work && {SCRIPT}"],
          output, env={**os.environ, "VFSCOPE_TEST_LAYERS": "1"})
    ops, summary = records(output)
    delivered = sum(r.get("layer", 0) > 1 for r in ops)
    lost = {cause: n for cause, n in summary["lost"].items() if n}
    problems = equal("causes", lost, {"nesting": deep}) + equal("delivered beyond", delivered, 0)
    check(f"overlayfs with {backend}, one layer: {delivered} delivered + {lost.get('nesting', 0)} lost = {deep}",
          problems + ([] if deep else ["nothing was lost"]))


for name in backends():
    compare(name, scratch(f"overlay-{name}"), False)
    if name != "tracepoint":  # which sees system calls only, so no layers
        deeper = compare(name, scratch(f"overlay-{name}-layers"), True)
        beyond(name, scratch(f"beyond-{name}"), deeper)
finish()
