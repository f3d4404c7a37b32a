#!/usr/bin/env python3
"""cost.py [--again] [--print] [-k KERNEL] [-n N] [PATTERN]

What watching one operation costs: boots the kernels of rows.py under QEMU, which counts
instructions, measures its rows (those that PATTERN matches) in each, prints them with their
budgets, and writes docs/benchmarks.md. Exits 1 where a budget is passed or a row of vfscope's
fails. N: reads that are measured. --again: compares with what the last run left in build/bench, and exits 1 if a median
differs. --print: boots nothing, prints the last run's.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys

from rows import BUDGET_KERNEL, COLUMNS, KERNELS, N, OTHERS, ROWS

DIR = "build/bench"
LIMIT = "3000"  # seconds for a guest
BY_TITLE = {(row.group, row.title): row for row in ROWS}


def start(kernel, pattern, n):
    with open(f"{DIR}/{kernel}.new", "w") as out:
        return subprocess.Popen(
            ["tests/vm/vm.sh", "-i", "0", "-c", "1", "-m", "2048", "-t", LIMIT,
             "-d", "512M:ext4", "-l", f"{DIR}/{kernel}.console", kernel, "bench/guest.py", pattern,
             str(n)],
            stdout=out)


def load(path):
    if not os.path.exists(path):
        return []
    with open(path) as lines:
        return [json.loads(line) for line in lines if line.startswith("{")]


def key(result):
    return result["group"], result["title"]


def merge(kernel, pattern, guest_ran):
    """What was measured, in the order of the rows, and what the last run says of the others."""
    old = {key(r): r for r in load(f"{DIR}/{kernel}.json")}
    new = {key(r): r for r in load(f"{DIR}/{kernel}.new")} if guest_ran else {}
    if not new and guest_ran:
        sys.exit(f"cost.py: nothing was measured on {kernel}")
    for name, row in BY_TITLE.items():
        if guest_ran and name not in new and re.search(pattern, " ".join(name)):
            new[name] = {"title": row.title, "group": row.group,
                         "failed": "the guest ended before it was measured"}
    for result in new.values():  # a row goes with what its own guest takes without a tool
        result["base"], result["n"] = new["", "no tool"]["columns"], new["", "no tool"]["n"]
    every = {**(old if pattern or not guest_ran else {}), **new}
    order = [("", "no tool")] + list(BY_TITLE)
    results = [every[name] for name in order if name in every]
    with open(f"{DIR}/{kernel}.json", "w") as out:
        out.writelines(json.dumps(r) + "\n" for r in results)
    return results, old, new


def compare(kernel, old, new):
    same = differ = 0
    for name, result in new.items():
        for column, (median, _) in result.get("columns", {}).items():
            before = old.get(name, {}).get("columns", {}).get(column)
            if not before:
                continue
            if before[0] == median:
                same += 1
            else:
                differ += 1
                print(f"{kernel} {' '.join(name)}, {column}: {before[0]}, then {median}")
    print(f"{kernel}: {same} medians are the same again, {differ} are not")
    return differ


class Table:
    """The rows of one kernel, as lines of Markdown; counts what does not hold."""

    def __init__(self, kernel, results):
        self.kernel, self.wrong, self.lines = kernel, [], []
        self.base, self.n = results[0]["columns"], min(r["n"] for r in results)
        self.title = f"{kernel} ({results[0]['kernel']})"
        titles = [c.title for c in COLUMNS.values()]
        head = "| | budget | " + " | ".join(titles) + " |\n" + "| --- |" + " --: |" * (len(titles) + 1)
        self.lines += [head, "| **no tool**, all in | | " +
                       " | ".join(str(self.base[c][0]) for c in COLUMNS) + " |"]
        group = ""
        for result in results[1:]:
            if result["group"] != group:
                group = result["group"]
                self.lines.append(f"| **{group}** |" + " |" * (len(titles) + 1))
            self.add(result)

    def add(self, result):
        row = BY_TITLE[key(result)]
        budget = row.budget if self.kernel == BUDGET_KERNEL else None
        ours = row.title.startswith("vfscope")
        name = f"{self.kernel} {row.group}: {row.title}"
        cells = [self.cell(name, result, column, budget) for column in COLUMNS]
        note = result.get("failed") or result.get("note")
        if note and ours:
            self.wrong.append(f"{name}: {note}")
        note = f" ({note})" if note else ""
        self.lines.append(f"| {row.title}{note} | {budget or ''} | " + " | ".join(cells) + " |")

    def cell(self, name, result, column, budget):
        if column not in result.get("columns", {}):
            return ""
        added = result["columns"][column][0] - result["base"][column][0]
        allowed = budget and budget * COLUMNS[column].calls
        if allowed and added > allowed:
            self.wrong.append(f"{name}: {COLUMNS[column].title}: +{added}, of {allowed}")
            return f"**+{added}**"
        return f"{added:+d}"


def version(package):
    run = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return f"{package} {run.stdout or '(none)'}"


def our_version():
    text = subprocess.run(["build/vfscope", "version"], stdout=subprocess.PIPE, text=True).stdout
    return text.splitlines()[0]


def read(path):
    with open(path) as file:
        return file.read()


def document(tables):
    packages = sorted({row.package for row in ROWS if row.package})
    parts = ["# What watching costs", "",
             "`sudo make bench` writes this file. Its numbers are measured, none is copied.", "",
             f"{our_version()}; {', '.join(version(p) for p in packages)}.", "",
             read("bench/method.md").strip().format(reads=f"{tables[0].n:,}", n=f"{tables[0].n // OTHERS:,}")]
    for table in tables:
        parts += ["", f"## Linux {table.title}", "", *table.lines]
    if os.path.exists(f"{DIR}/sinks.md"):
        parts += ["", read(f"{DIR}/sinks.md").strip()]
    parts += ["", read("bench/tried.md").strip(), ""]
    with open("docs/benchmarks.md", "w") as out:
        out.write("\n".join(parts))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--print", action="store_true")
    parser.add_argument("-k", action="append", choices=KERNELS)
    parser.add_argument("-n", type=int, default=N)
    parser.add_argument("pattern", nargs="?", default="")
    args = parser.parse_args()
    again, pattern, failed = args.again, args.pattern, False
    shutil.copy("build/vfscope", f"{DIR}/vfscope")
    measured = not args.print and any(re.search(pattern, " ".join(name)) for name in BY_TITLE)
    guests = [start(kernel, pattern, args.n) for kernel in args.k or KERNELS] if measured else []
    tables, different = [], 0
    for guest in guests:
        failed |= guest.wait() != 0
    for kernel in KERNELS:
        booted = bool(guests) and kernel in (args.k or KERNELS)
        results, old, new = merge(kernel, pattern, booted)
        different += compare(kernel, old, new) if again else 0
        if results:
            tables.append(Table(kernel, results))
    for table in tables:
        print(f"\n{table.title}", *table.lines, sep="\n")
    if len(tables) == len(KERNELS):
        document(tables)
    else:
        print("\ndocs/benchmarks.md stays as it is until all kernels have been measured:",
              *KERNELS)
    wrong = [line for table in tables for line in table.wrong]
    print("\nbudgets that are passed, and rows that fail:" if wrong else "\nall budgets hold")
    print(*wrong, sep="\n")
    sys.exit(1 if wrong or different or failed else 0)


if __name__ == "__main__":
    main()
