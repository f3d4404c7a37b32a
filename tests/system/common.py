# SPDX-License-Identifier: GPL-2.0
"""What the system tests share: running vfscope, reading its records, TAP."""
import json
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VFSCOPE = os.path.join(ROOT, "build", "vfscope")
# on a disk, unlike /tmp or /dev/shm
SCRATCH = os.environ.get("VFSCOPE_SCRATCH") or os.path.join(ROOT, "build", "system")

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


def need(*programs):
    """Programs that no one here wrote; one that is missing is a failure, not a skip."""
    missing = [p for p in programs if not shutil.which(p)]
    if missing:
        check(f"programs that the tests compare with: {' '.join(missing)}", ["not installed"])
        finish()


def trace(args, output, **kwargs):
    """Runs vfscope trace -j; returns the exit status."""
    with open(output, "wb") as out:
        return subprocess.run([VFSCOPE, "trace", "-j", *args], stdout=out, stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, **kwargs)


def records(output):
    """All operations, and the summary, from a file of JSON lines."""
    ops, summary = [], None
    with open(output, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record["type"] == "summary":
                summary = record
            else:
                ops.append(record)
    return ops, summary


def equal(what, got, expected):
    return [] if got == expected else [f"{what}: got {got}, expected {expected}"]
