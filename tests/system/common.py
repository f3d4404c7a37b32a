# SPDX-License-Identifier: GPL-2.0
"""What the system tests share: running vfscope, reading its records, TAP."""
import json
import os
import shutil
import signal
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VFSCOPE = os.path.join(ROOT, "build", "vfscope")
# on a disk, unlike /tmp or /dev/shm
SCRATCH = os.environ.get("VFSCOPE_SCRATCH") or os.path.join(ROOT, "build", "system")

# vfscope is ended by it; a shell has what it starts in the background ignore it, and so would vfscope
signal.signal(signal.SIGINT, signal.default_int_handler)

_number = 0
_failed = 0


def check(name, problems):
    """One TAP line; problems is a list of strings, empty where all is well."""
    global _number, _failed
    _number += 1
    _failed += bool(problems)
    print(f"{'not ok' if problems else 'ok'} {_number} - {name}")
    for problem in problems:
        print(f"#   {problem}")
    sys.stdout.flush()


def finish():
    print(f"1..{_number}")
    sys.exit(1 if _failed or not _number else 0)


def scratch(name):
    path = os.path.join(SCRATCH, name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


class Tmpfs:
    """Mounted on a directory, for what needs no disk, which would take its time."""

    def __init__(self, at):
        self.at = at

    def __enter__(self):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2g", "vfscope-test", self.at], check=True)

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.at], check=True)


def need(*programs):
    """Programs that no one here wrote; one that is missing is a failure, not a skip."""
    missing = [p for p in programs if not shutil.which(p)]
    if missing:
        check(f"programs that the tests compare with: {' '.join(missing)}", ["not installed"])
        finish()


def doctor(kind):
    """What the doctor says of backends, or of operations."""
    text = subprocess.run([VFSCOPE, "doctor", "-j"], stdout=subprocess.PIPE, check=True).stdout
    return [line for line in map(json.loads, text.splitlines()) if line["type"] == kind]


def backends():
    """Those that are asked for, which have to work, else those that this kernel offers."""
    named = os.environ.get("VFSCOPE_BACKENDS", "").split()
    return named or [line["backend"] for line in doctor("backend") if line["usable"]]


PREEMPT = "/sys/kernel/debug/sched/preempt"


def preempt_models():
    """In which ways the kernel can be told to preempt; the one it is in stands in brackets."""
    if not os.path.exists(PREEMPT):
        return []
    with open(PREEMPT, encoding="ascii") as text:
        return text.read().split()


def preempts():
    return bool({"(full)", "(lazy)"} & set(preempt_models()))


# From Linux 7 on a task may lose the processor within a program at the tracepoints of the page cache and of block requests,
# and is then skipped for others, which is counted (design.md, Losses).
SKIPS = ("missed",) if int(os.uname().release.split(".")[0]) >= 7 else ()


def shows(backend, op):
    return any(line["usable"] for line in doctor("op") if (line["backend"], line["op"]) == (backend, op))


def whole(summary, allowed=()):
    """Nothing was lost."""
    lost = {cause: n for cause, n in summary["lost"].items() if n and cause not in allowed}
    return equal("lost", lost, {}) + equal("exact", summary["exact"], not any(summary["lost"].values()))


def refused(stderr):
    """Else it would go on with tracepoints alone, and who asked for a backend would not notice."""
    return [line for line in stderr.decode().splitlines() if "refuse" in line]


def trace(args, output, **kwargs):
    """Runs vfscope trace -j; returns the exit status."""
    with open(output, "wb") as out:
        return subprocess.run([VFSCOPE, "trace", "-j", *args], stdout=out, stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, **kwargs)


def wait_attached(proc):
    """vfscope gives its privileges up when it has attached."""
    while proc.poll() is None:
        with open(f"/proc/{proc.pid}/status", encoding="latin-1") as status:
            if "NoNewPrivs:\t1" in status.read():
                return
        time.sleep(0.01)


class Watching:
    """
    vfscope at work, attached, until the block ends; then ops and summary are what it has shown, as
    read has them from output.
    """

    def __init__(self, output, *args, read=None, allowed=()):
        self.output, self.args, self.read, self.allowed = output, args, read or records, allowed

    def __enter__(self):
        with open(self.output, "wb") as out:
            json_lines = [] if "-f" in self.args else ["-j"]
            self.proc = subprocess.Popen([VFSCOPE, "trace", *json_lines, *self.args], stdout=out,
                                         stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        wait_attached(self.proc)
        return self

    def __exit__(self, *_):
        self.proc.send_signal(signal.SIGINT)
        stderr = self.proc.communicate()[1]
        self.ops, self.summary = self.read(self.output)
        self.problems = equal("exit status", self.proc.returncode, 0) + whole(self.summary, self.allowed)
        self.problems += refused(stderr)


def run(*argv, **kwargs):
    """What a command prints; it has to succeed."""
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, **kwargs).stdout.decode()


def records(output):
    """All operations, and the summary, from a file of JSON lines."""
    ops, summary = [], {"lost": {}, "exact": None, "backend": None, "events": None}
    with open(output, encoding="latin-1") as lines:  # one character is one byte
        for line in lines:
            record = json.loads(line)
            if record["type"] == "summary":
                summary = record
            else:
                ops.append(record)
    return ops, summary


def equal(what, got, expected):
    return [] if got == expected else [f"{what}: got {got}, expected {expected}"]
