#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""vfscope selftest, on a disk and in memory: everything is exact, and nothing is left behind."""
import json
import os
import subprocess

from common import VFSCOPE, check, equal, finish, scratch


def selftest(where):
    result = subprocess.run([VFSCOPE, "selftest", "-j", where], stdout=subprocess.PIPE, check=False)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    wrong = [line for line in lines if line["verdict"] != "exact"]
    problems = equal("exit status", result.returncode, 0) + equal("not exact", wrong, [])
    problems += equal("left behind", [f for f in os.listdir(where) if "selftest" in f], [])
    check(f"selftest in {where.rsplit('/', 1)[1]}: {len(lines)} kinds of operations",
          problems + ([] if lines else ["nothing was tested"]))


selftest(scratch("selftest"))
selftest("/dev/shm")
finish()
