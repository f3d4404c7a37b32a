#!/usr/bin/env python3
"""keys.py: the time that an interval of 100,000 keys takes to be read and printed, on the running
kernel: what `vfscope top --by pid,path` takes of the processor for an interval with so many files
read, less what it takes for one with a single file. Prints lines of Markdown; exits 1 if one is
over the budget."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

KEYS = 100000
BUDGET_MS = 150
REPEAT = 3
FORMATS = {"JSON": ["-j"], "CSV": ["-f", "csv"]}


def ready(tool):
    while True:
        with open(f"/proc/{tool.pid}/status") as status:
            if "NoNewPrivs:\t1" in status.read():
                return
        if tool.poll() is not None:
            sys.exit("keys.py: vfscope does not start")
        time.sleep(0.05)


def processor_ms(pid):
    with open(f"/proc/{pid}/schedstat") as stat:
        return int(stat.read().split()[0]) / 1e6


def read_all(files):
    for name in files:
        fd = os.open(name, os.O_RDONLY)
        os.pread(fd, 1, 0)
        os.close(fd)


def interval_ms(files, scratch, options):
    """Milliseconds of the processor from the signal on, and the rows that were printed."""
    out = os.path.join(scratch, "out")
    with open(out, "w") as sink:
        tool = subprocess.Popen(
            ["build/vfscope", "top", "--by", "pid,path", "-o", "read", "-p", str(os.getpid()),
             "--map-entries", str(2 * KEYS), *options, "3600"],
            stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.DEVNULL)
        ready(tool)
        read_all(files)
        time.sleep(1)  # names are taken in meanwhile
        tool.send_signal(signal.SIGINT)
        before, after = processor_ms(tool.pid), 0
        while tool.poll() is None:
            try:
                after = processor_ms(tool.pid) or after
            except (OSError, IndexError):
                pass
            time.sleep(0.001)
    with open(out) as rows:
        return after - before, sum("/data-" in row for row in rows)


def main():
    over = False
    scratch = tempfile.mkdtemp(dir="/dev/shm")
    try:
        files = [f"{scratch}/data-{i}" for i in range(KEYS)]
        for name in files:
            with open(name, "w") as file:
                file.write("x")
        for title, options in FORMATS.items():
            one = min(interval_ms(files[:1], scratch, options)[0] for _ in range(REPEAT))
            runs = [interval_ms(files, scratch, options) for _ in range(REPEAT)]
            took = min(ms for ms, _ in runs) - one
            rows = {n for _, n in runs}
            over |= took > BUDGET_MS or rows != {KEYS}
            print(f"| an interval of {KEYS:,} keys, {title} ({', '.join(map(str, rows))} rows) | "
                  f"{took:.0f} ms | {BUDGET_MS} ms |")
    finally:
        shutil.rmtree(scratch)
    sys.exit(over)


if __name__ == "__main__":
    main()
