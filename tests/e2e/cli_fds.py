# SPDX-License-Identifier: GPL-2.0
"""Descriptors that are other files when a call ends than when it began."""
import os
import subprocess
import sys

from act import Cases
from vfs import TIMEOUT, Scratch, Tracing, equal

CASES = Cases()

# A thread reads from a fifo, and has to wait; meanwhile another puts a file behind its descriptor.
REPLACED = """
import os, platform, sys, threading, time
fifo, other = sys.argv[1:]
SYS_READ = {"x86_64": "0", "aarch64": "63"}[platform.machine()]
os.mkfifo(fifo)
reader, writer = os.open(fifo, os.O_RDWR), os.open(fifo, os.O_WRONLY)
file = os.open(other, os.O_RDONLY | os.O_CREAT)
print("ready", flush=True)
sys.stdin.readline()
thread = threading.Thread(target=os.read, args=(reader, 5))
thread.start()
def waits():
    with open(f"/proc/self/task/{thread.native_id}/syscall") as call:
        return call.read().split()[:2] == [SYS_READ, hex(reader)]
while not waits():
    time.sleep(0.01)
os.dup2(file, reader)
os.write(writer, b"hello")
thread.join()
"""


def reads(scratch, *options):
    """What is shown of the reads of that program, below scratch."""
    with subprocess.Popen([sys.executable, "-c", REPLACED, scratch + "/fifo", scratch + "/file"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        program.stdout.readline()
        with Tracing(*options, "-j", "--all", "-o", "read", "-p", str(program.pid)) as tracing:
            program.communicate(b"go\n", timeout=TIMEOUT)
            records, summary = tracing.stop().parse()
    equal("exact", summary["exact"], True)
    return [(r["path"], r["bytes"]) for r in records if r.get("path", "").startswith(scratch)]


@CASES.case
def fds_replaced_meanwhile():
    """It is read from what stood there when the call began."""
    for options in (("trace",), ("top", "--by", "pid,path"), ("top", "--by", "path", "-F", "-lat")):
        with Scratch() as scratch:
            equal(options, reads(scratch, *options), [(scratch + "/fifo", 5)])
