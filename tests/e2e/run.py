#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
The end-to-end tests. Each case is a small program that does known I/O on a fresh
directory and says which records vfscope must show for it; shown must be exactly these.

    run.py [--build DIR] [--vfscope FILE] [--list] [PATTERN...]

Output is TAP; the exit status is 1 if anything failed. PATTERN: part of a case's name.
"""
import argparse
import errno
import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True  # leaves nothing beside the sources
import cli
from vfs import (ANY, Config, EXPECT_FD, Expect, Failure, REPO, Scratch, TIMEOUT, Tap, Tracing,
                 compare, equal, fail, fs_type, vfscope)

PROGRAMS = "data copy names open meta xattr paths hostile procs aio uring".split()
PROGRAMS_32 = "data32 copy32 names32 open32 xattr32 aio32 uring32 compat32".split()
if os.uname().machine == "x86_64":
    PROGRAMS += PROGRAMS_32
NO_IA32 = "this kernel runs no 32-bit programs; the suite e2e-ia32 of tests/vm does"


def parse_lost(text):
    """'path_cut=1,ring,follow?' -> {'path_cut': 1, 'ring': None, 'follow': ANY}"""
    lost = {}
    for item in text.split(",") if text else []:
        cause, _, count = item.rstrip("?").partition("=")
        lost[cause] = int(count) if count else ANY if item.endswith("?") else None
    return lost


def cases_of(program):
    path = Config.prog(program)
    if not os.path.exists(path):
        raise Failure("%s is not built: make e2e" % path)
    out = subprocess.run([path, "--list"], stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def has_ia32():
    """Does this kernel run 32-bit programs? Some have no emulation, or it is switched off."""
    try:
        return bool(cases_of(PROGRAMS_32[0]))
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        return False


def run_child(case, program, scratch, options):
    """vfscope starts the program."""
    return vfscope("trace", "-j", *options, "--", program, case["name"], scratch,
                   pass_fds=(EXPECT_FD,))


def run_pid(case, program, scratch, options):
    """The program is there first, and goes on when vfscope has attached."""
    proc = subprocess.Popen([program, case["name"], scratch], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=(EXPECT_FD,),
                            env={**os.environ, "E2E_AWAIT": "1"})
    try:
        if proc.stdout.readline() != b"ready\n":
            fail("the program is not ready: %s", proc.stderr.read().decode("latin-1"))
        with Tracing("trace", "-j", *options, "-p", str(proc.pid)) as tracing:
            err = proc.communicate(b"g", timeout=TIMEOUT)[1]
            output = tracing.stop()
        equal("vfscope's exit status", output.status, 0)
        output.status, output.err = proc.returncode, output.err + err
        return output
    finally:
        proc.kill()
        proc.wait()


def run_case(program, case, late=False):
    """late: asked for by process alone, so that what can be left to the end of calls is (bpf/tp_syscall.h)."""
    with Scratch() as scratch, Expect() as expect:
        # in options, @ is the scratch directory; what -d names has to be there
        # page faults come with every program, as often as its memory has it
        ops = ["read,write,fsync,readdir,sync" if op == "data" else op
               for op in case["ops"].split(",")]
        options = ["--backend", os.environ.get("VFSCOPE_BACKEND", "auto"), "-o", ",".join(ops)]
        options += case["opts"].replace("@", scratch).split()
        for option, value in zip(options, options[1:]):
            if option == "-d":
                os.makedirs(value, exist_ok=True)
        if not case["no_dir"] and not late:
            options += ["-d", scratch]
        run = run_pid if case["pid"] or late else run_child
        output = run(case, Config.prog(program), scratch, options)
        if output.status != case["status"]:
            fail("exit status %d, expected %d\nstderr: %s", output.status, case["status"],
                 output.err.decode("latin-1"))
        expected = expect.records()
        compare(expected, output, parse_lost(case["lost"]))


def scratch_is_ext4():
    """The programs expect fs ext4."""
    with Scratch() as scratch:
        equal("file system of %s" % scratch, fs_type(scratch), "ext4")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--build", default=os.path.join(REPO, "build"))
    parser.add_argument("--vfscope")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("pattern", nargs="*")
    args = parser.parse_args()
    Config.build = os.path.realpath(args.build)
    Config.vfscope = os.path.realpath(args.vfscope or os.path.join(Config.build, "vfscope"))
    tap = Tap()

    todo = [("scratch-is-ext4", scratch_is_ext4, ())]
    ia32 = has_ia32()
    for program in PROGRAMS:
        if program in PROGRAMS_32 and not ia32:
            todo.append((program, None, NO_IA32))
            continue
        try:
            for case in cases_of(program):
                name = "%s/%s" % (program, case["name"])
                todo.append((name, None, NO_IA32) if case["ia32"] and not ia32 else
                            (name, run_case, (program, case)))
        except (Failure, OSError, subprocess.SubprocessError) as error:
            todo.append((program, fail, (str(error),)))
    todo += [("late/" + name, function, (*arguments, True)) for name, function, arguments in todo
             if name.startswith("data/") and function is run_case]
    todo += [("cli/" + name, function, ()) for name, function in cli.cases()]
    for name, function, arguments in todo:
        if args.pattern and not any(pattern in name for pattern in args.pattern):
            continue
        if args.list:
            print(name)
        elif not function:
            tap.skip(name, arguments)
        else:
            tap.case(name, function, *arguments)
    return 0 if args.list else tap.end()


if __name__ == "__main__":
    sys.exit(main())
