#!/usr/bin/env python3
"""contention.py [PATTERN]: do two processors that stream at once hold each other up? What one of them reads
a second, beside another that does the same, for what it reads alone; on the running machine, as pair.c
measures it. Prints lines of Markdown; exits 1 where more is lost than may be."""
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from keys import processor_ms, ready

LOSS = 10  # per cent
N, ROUNDS = 5000, 100
TOOLS = {  # the ring has room for what two write in a round, and is read between the rounds
    "no tool": None,
    "trace": ["trace", "-j"],
    "trace -o read": ["trace", "-j", "-o", "read"],
    "top --by pid,path": ["top", "-j", "--by", "pid,path"],
}


def pair(scratch):
    run = subprocess.run(["build/bench/pair", scratch, str(N), str(ROUNDS)], stdout=subprocess.PIPE,
                         check=True, text=True)
    return [float(ns) for ns in run.stdout.split()]


def await_idle(pid):
    """Until it has read and written all: what interrupts a write ends the output."""
    before = -1
    while processor_ms(pid) - before > 1:
        before = processor_ms(pid)
        time.sleep(0.5)


def beside(words, scratch):
    """Nanoseconds for a read alone, and beside another; and whether all went over the ring."""
    if not words:
        return *pair(scratch), True
    tool = subprocess.Popen(["build/vfscope", *words, "-d", scratch],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    summary = subprocess.Popen(["tail", "-n", "1"], stdin=tool.stdout, stdout=subprocess.PIPE)
    try:
        ready(tool)
        times = pair(scratch)
        await_idle(tool.pid)
    finally:
        tool.send_signal(signal.SIGTERM)
    lost = json.loads(summary.communicate()[0])["lost"]
    return *times, not lost["ring"] + lost["missed"]


def main():
    pattern, well = sys.argv[1] if len(sys.argv) > 1 else "", True
    scratch = tempfile.mkdtemp(dir="/dev/shm")
    try:
        for title, words in TOOLS.items():
            if not re.search(pattern, title):
                continue
            try:
                alone, both, exact = beside(words, scratch)
            except subprocess.CalledProcessError:  # pair has said why
                print(f"| {title} | | | (not measured) | {LOSS}% |", flush=True)
                well = False
                continue
            loss = 100 * (1 - alone / both)
            well &= exact and loss <= LOSS
            print(f"| {title} | {alone:.0f} ns | {both:.0f} ns | {loss:+.1f}% | {LOSS}% |", flush=True)
    finally:
        shutil.rmtree(scratch)
    sys.exit(not well)


main()
