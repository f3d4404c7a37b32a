#!/usr/bin/env python3
"""scale.py [-k KERNEL] [PATTERN]: does watching cost more where there is much? What a tool adds to one
operation is measured with little and with much of something, in a guest that counts instructions.
Prints lines of Markdown; exits 1 where it grows by more than GROWTH per cent, or something fails.
With --guest it is what runs there. PATTERN: of "TOOL: OF WHAT THERE IS MUCH".
"""
import argparse
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass

import guest
from rows import BUDGET_KERNEL, NO_TIME, VFSCOPE, Row

GROWTH = 15  # per cent
LIMIT = os.environ.get("LIMIT", "3000")  # seconds for the guest
DIR = f"{guest.ROOT}/tmpfs/scale"
DIRS = 64
MET = 17000  # more than vfscope keeps in its cache of files (--map-entries)


@dataclass
class Way:
    title: str
    few: list  # words of a program that prints what operations cost
    many: list


def scale_way(title, name, few, many, n=2000):
    return Way(title, *(["build/bench/scale", f"{name}:{DIR}:{size}:{n}"] for size in (few, many)))


WAYS = [
    scale_way("1,000 processes for 10, another one reads", "idle", 10, 1000),
    scale_way("1,000 processes for 10 read a file, in turn", "procs", 10, 1000),
    scale_way("10,000 open files for 10, one is read", "held", 10, 10000),
    scale_way("10,000 open files for 10 are read in turn", "files", 10, 10000),
    scale_way(f"{MET:,} paths for 1,000 met before one is read", "met", 1000, MET),
    scale_way("the same, before open, read and close of others", "new", 1000, MET),
]


@dataclass
class Tool:
    title: str
    command: str  # {dirs}: -d, of one directory or of many
    ways: list
    many_dirs: bool = False


def tools():
    commands = {"top --by pid,path": f"top -j --by pid,path {NO_TIME}", "trace": "trace -j",
                "trace -d (another directory)": "trace -j {dirs}"}
    for backend, watched in (("fentry", " -o read,write"), ("tracepoint", "")):
        for title, command in commands.items():
            yield Tool(f"{title}{watched}, {backend}",
                       f"{VFSCOPE} {command}{watched} --strict --backend {backend}", WAYS)
    operations = [f"{name}:{DIR}:2000" for name in ("pread", "open", "stat")]
    ways = [Way(f"{DIRS} directories for 1: {op.split(':')[0]}", *[["build/bench/ops", op]] * 2)
            for op in operations]
    for backend in ("fentry", "tracepoint"):
        yield Tool(f"trace -d (other directories), {backend}",
                   f"{VFSCOPE} trace -j {{dirs}} --strict --backend {backend}", ways, True)


def chosen(pattern):
    for tool in tools():
        tool.ways = [way for way in tool.ways if re.search(pattern, f"{tool.title}: {way.title}")]
        if tool.ways:
            yield tool


# --- in the guest ------------------------------------------------------------------------


def cost(words):
    run = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    line = run.stdout.split()
    if run.returncode or len(line) < 2:
        raise RuntimeError(run.stdout)
    return int(line[1])


def measure(tool, alone):
    """Of each way the instructions added with few, and with many."""
    added = {way.title: [] for way in tool.ways}
    for many in (False, True):
        dirs = " ".join(f"-d {guest.ROOT}/dirs/{i}" for i in range(DIRS if many and tool.many_dirs else 1))
        with guest.started(Row("", tool.command.format(dirs=dirs), [], ready=None)) as running:
            for way in tool.ways:
                words = way.many if many else way.few
                added[way.title].append(cost(words) - alone[tuple(words)])
        if running.note:
            return {"failed": running.note}
    return {"added": added}


def in_guest(pattern):
    guest.shell(f"mount -t tmpfs -o size=75%,nr_inodes=0 tmpfs {guest.ROOT}; mkdir -p {DIR} {guest.ROOT}/dirs; "
                f"cd {guest.ROOT}/dirs; mkdir $(seq 0 {DIRS - 1})")
    guest.run_ops(["build/bench/scale", f"make:{DIR}:{2 * MET}"])
    todo, alone = list(chosen(pattern)), {}
    for words in (words for tool in todo for way in tool.ways for words in (way.few, way.many)):
        if tuple(words) not in alone:
            alone[tuple(words)] = cost(words)
    for tool in todo:
        print(json.dumps({"title": tool.title, **measure(tool, alone)}), flush=True)


# --- and here ------------------------------------------------------------------------------


def show(result):
    """Prints the lines of a tool; returns whether all is well."""
    well = "added" in result
    if not well:
        print(f"| {result['title']} | ({result['failed']}) | | | |")
    for way, (few, many) in result.get("added", {}).items():
        grows = 100 * (many - few) / few
        well &= grows <= GROWTH
        grows = f"{grows:+.0f}%" if grows <= GROWTH else f"**{grows:+.0f}%**"
        print(f"| {result['title']} | {way} | {few:+d} | {many:+d} | {grows} |", flush=True)
    return well


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--guest", action="store_true")
    parser.add_argument("-k", default=BUDGET_KERNEL)
    parser.add_argument("pattern", nargs="?", default="")
    args = parser.parse_args()
    if args.guest:
        in_guest(args.pattern)
        return
    command = ["tests/vm/vm.sh", "-i", "0", "-m", "2048", "-t", LIMIT, "-l", "build/bench/scale.console",
               args.k, "bench/scale.py", "--guest", args.pattern]
    well = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        for line in run.stdout:
            if line.startswith("{"):
                well.append(show(json.loads(line)))
    expected = len(list(chosen(args.pattern)))
    if run.returncode or len(well) != expected:
        print(f"scale.py: {len(well)} of {expected} tools were measured", file=sys.stderr)
    sys.exit(run.returncode or not all(well) or len(well) != expected)


if __name__ == "__main__":
    main()
