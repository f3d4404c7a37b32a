#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""selftest.py [DIR...]: vfscope selftest, on a disk and in memory: nothing is wrong, and nothing is left behind."""
import json
import os
import subprocess
import sys

from common import VFSCOPE, backends, check, equal, finish, scratch


def selftest(where):
    result = subprocess.run([VFSCOPE, "selftest", "-j", where], check=False,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    problems = equal("exit status", result.returncode, 0)
    problems += equal("wrong", [line for line in lines if line["verdict"] == "WRONG"], [])
    problems += equal("without a reason", [line for line in lines if (line["verdict"] == "exact") == ("why" in line)], [])
    problems += equal("left behind", [f for f in os.listdir(where) if "selftest" in f and f != "selftest"], [])
    problems += equal("backends", {line["backend"] for line in lines}, set(backends()))
    exact = sum(line["verdict"] == "exact" for line in lines)
    problems += result.stderr.decode().splitlines()
    check(f"selftest in {where}: {exact} of {len(lines)} exact", problems + ([] if exact else ["nothing was seen"]))


for place in sys.argv[1:] or [scratch("selftest"), "/dev/shm"]:
    selftest(place)
finish()
