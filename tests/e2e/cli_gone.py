# SPDX-License-Identifier: GPL-2.0
"""-d DIR that is deleted, moved or unmounted while it is watched."""
import os
import select
import subprocess
import time

from act import Cases
from vfs import Scratch, Tracing, equal, fail

CASES = Cases()


def touch(path):
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))


def watch(directory, act, gone, words=None):
    """
    What act() does is done with DIR watched; it returns the (op, path) that must be shown. gone:
    what the summary must say has gone; words: what is said of it at once.
    """
    with Tracing("trace", "-j", "-d", directory, "-p", str(os.getpid()), "-o",
                 "open,mkdir,rmdir,unlink,rename,stat") as tracing:
        expected = act()
        said = b""
        if words and select.select([tracing.proc.stderr], [], [], 10)[0]:
            said = os.read(tracing.proc.stderr.fileno(), 4096)
        output = tracing.stop()
    if (words or "").encode() not in said or (said + output.err).count(b"\n") != bool(words):
        fail("said at once: %r, then: %r", said, output.err)
    records, summary = output.parse()
    equal("exit status", output.status, 0)
    equal("operations", [(r["op"], r.get("path")) for r in records], expected)
    equal("gone", summary.get("gone"), gone)
    equal("exact", summary["exact"], True)


@CASES.case
def gone_deleted():
    with Scratch() as s:
        top, watched = s + "/top", s + "/top/in"
        os.makedirs(watched + "/sub")

        def act():
            touch(watched + "/f")
            # as rm -r does it; in the end nothing is there that a path could be followed to
            fd = os.open(watched, os.O_RDONLY)
            os.stat("f", dir_fd=fd)
            os.unlink("f", dir_fd=fd)
            os.rmdir("sub", dir_fd=fd)
            os.close(fd)
            os.rmdir(watched)
            os.rmdir(top)
            os.makedirs(watched)  # another one
            touch(watched + "/f")
            return [("open", watched + "/f"), ("open", watched), ("stat", watched + "/f"),
                    ("unlink", watched + "/f"), ("rmdir", watched + "/sub"), ("rmdir", watched)]

        watch(watched, act, [watched], "has been deleted")


@CASES.case
def gone_with_escapes_in_its_name():
    """Neither what is said at once nor the summary may send them to the terminal."""
    with Scratch() as s:
        watched = s + "/a\x1b[31m\n"
        os.mkdir(watched)
        with Tracing("trace", "-o", "rmdir", "-d", watched) as tracing:
            os.rmdir(watched)
            output = tracing.stop()
        if b"\x1b" in output.err + output.out:
            fail("%r", output.err)
        equal("said", output.err.count(b"/a\\x1b[31m\\n"), 2)


@CASES.case
def gone_replaced():
    """By a directory that is renamed to its name."""
    with Scratch() as s:
        watched, other = s + "/in", s + "/other"
        os.mkdir(watched)
        os.mkdir(other)

        def act():
            os.rename(other, watched)
            touch(watched + "/f")
            return [("rename", other)]

        watch(watched, act, [watched], "has been deleted")


@CASES.case
def gone_moved():
    """It is the same directory still, and is not said to have gone."""
    with Scratch() as s:
        watched, moved = s + "/in", s + "/elsewhere (deleted)"
        os.mkdir(watched)

        def act():
            os.rename(watched, moved)
            touch(moved + "/f")
            os.stat(moved)
            time.sleep(1.2)  # it is looked at each second
            return [("rename", watched), ("open", moved + "/f"), ("stat", moved)]

        watch(watched, act, None)


@CASES.case
def gone_unmounted():
    with Scratch() as s:
        watched = s + "/in"
        os.mkdir(watched)
        subprocess.run(["mount", "-t", "tmpfs", "none", watched], check=True)
        try:
            fd = os.open(watched, os.O_RDONLY)

            def act():
                touch(watched + "/f")
                subprocess.run(["umount", "-l", watched], check=True)
                # out of reach, but there
                os.close(os.open("f", os.O_RDONLY, dir_fd=fd))
                os.close(fd)
                touch(watched + "/f")
                return [("open", watched + "/f"), ("open", "(unreachable)/f")]

            watch(watched, act, [watched], "has been unmounted")
        finally:
            subprocess.run(["umount", "-l", watched], check=False, stderr=subprocess.DEVNULL)
