#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
A kernel that refuses some programs (build/refuse.so makes it so): what goes on says what is no longer seen
and why, what was forced, or all that was asked for, ends with 3.
"""
import json
import os
import subprocess

from common import ROOT, VFSCOPE, backends, check, equal, finish


def vfscope(refuse, *args):
    """Exit status, the last record, stderr."""
    env = {**os.environ, "LD_PRELOAD": os.path.join(ROOT, "build/refuse.so"), "REFUSE": refuse}
    ran = subprocess.run([VFSCOPE, *args], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    lines = ran.stdout.decode().splitlines()
    return ran.returncode, [json.loads(line) for line in lines], ran.stderr.decode()


def said(words, text):
    return [f"'{word}' is missing: {text}" for word in words if word not in text]


def io_uring():
    status, records, stderr = vfscope("io_uring", "trace", "-j", "--", "true")
    problems = equal("exit status", status, 0) + said(["io_uring", "refuses", "EACCES"], records[-1]["unseen"][0])
    check("io_uring's programs refused: it goes on without", problems + said(["io_uring", "refuses"], stderr))
    status, records, stderr = vfscope("io_uring", "trace", "-j", "--via", "io_uring", "--", "true")
    check("io_uring's programs refused, nothing else asked for",
          equal("exit status", status, 3) + said(["io_uring", "doctor"], stderr) + equal("records", records, []))


def functions(backend):
    refuse = "handle_mm_fault"
    status, records, stderr = vfscope(refuse, "trace", "-j", "--backend", backend, "-o", "fault", "--", "true")
    check(f"{backend}'s programs refused, and forced",
          equal("exit status", status, 3) + equal("records", records, [])
          + said([f"--backend {backend}", "EACCES", "'auto' takes tracepoint"], stderr))
    status, records, stderr = vfscope(refuse, "doctor", "-j")
    why = {r["backend"]: (r["usable"], r["why"]) for r in records if r["type"] == "backend"}
    check(f"{backend}'s programs refused: doctor", equal("exit status", status, 0)
          + equal("usable", why[backend][0], False) + said(["refuses", "EACCES"], why[backend][1]))


def auto():
    status, records, stderr = vfscope("handle_mm_fault", "trace", "-j", "-o", "read,fault", "--", "true")
    summary = records[-1]
    check("programs on functions refused: auto goes on with tracepoints",
          equal("exit status", status, 0) + equal("backend", summary["backend"], "tracepoint")
          + said(["functions", "refuses", "EACCES"], summary["unseen"][0]) + said(["warning", "refuses"], stderr))
    status, records, stderr = vfscope("__kernel_read", "trace", "-j", "--via", "kernel", "--", "true")
    check("programs on functions refused, and nothing else asked for",
          equal("exit status", status, 3) + said(["kernel", "doctor"], stderr) + equal("records", records, []))


def main():
    io_uring()
    hooking = [backend for backend in backends() if backend != "tracepoint"]
    for backend in hooking[-1:]:  # what is said is the same
        functions(backend)
    if hooking:
        auto()


if __name__ == "__main__":
    main()
    finish()
