# SPDX-License-Identifier: GPL-2.0
"""
--fs, and what is hidden by default, for processes with another root or other mounts: by the file
systems that they see, not by what is mounted here where the text of their paths leads.
"""
import os
import signal
import subprocess

from act import Cases
from cli_below import Child, call, own_mounts, write_file
from vfs import Scratch, Tracing, equal

CASES = Cases()
NAMES = "mkdir,rmdir,rename,stat,unlink"


def enter(root):
    os.chroot(root)
    os.chdir("/")


def check_fs(set_up, act, shown, lost=0):
    """shown: for each list of options, what is shown of what the child does."""
    for options, expected in shown.items():
        child = Child(set_up, act)
        try:
            child.hear()
            with Tracing("trace", "-j", "-o", NAMES, "-p", str(child.pid), *options.split()) as tracing:
                child.go()
                child.hear()
                output = tracing.stop()
            records, summary = output.parse()
            equal("with '%s'" % options, [(r["op"], r["path"]) for r in records], expected)
            equal("lost", summary["lost"]["follow"], 0 if expected else lost)
        finally:
            child.end()


@CASES.case
def fs_of_chroot_into_a_mount():
    def act():
        enter(s)
        os.mkdir("/dev")
        os.rename("/dev", "/usr")
        os.rmdir("/usr")

    done = [("mkdir", "/dev"), ("rename", "/dev"), ("rmdir", "/usr")]
    with Scratch() as s:
        subprocess.run(["mount", "-t", "tmpfs", "none", s], check=True)
        try:
            check_fs(lambda: None, act, {"--fs tmpfs": done, "--fs ext4": [], "": done,
                                             "--fs tmpfs,ext4": done})
        finally:
            subprocess.run(["umount", "-l", s], check=True)


@CASES.case
def fs_of_chroot_into_a_directory():
    """With ordinary directories where pseudo file systems are mounted here."""
    def act():
        enter(s)
        os.mkdir("/dev/x")
        os.rmdir("/dev/x")
        os.stat("/proc")

    done = [("mkdir", "/dev/x"), ("rmdir", "/dev/x"), ("stat", "/proc")]
    with Scratch() as s:
        os.mkdir(s + "/dev")
        os.mkdir(s + "/proc")
        check_fs(lambda: None, act, {"": done, "--fs ext4": done, "--fs proc,devtmpfs": [],
                                          "--where fs==ext4": done, "--where fs!=ext4": []})


@CASES.case
def fs_of_other_mounts():
    def set_up(s):
        own_mounts()
        call("mount", "none", s, "tmpfs", 0, None)
        os.makedirs(s + "/dev")
        os.makedirs(s + "/p")
        call("mount", "none", s + "/p", "proc", 0, None)

    def act():
        enter(s)
        os.stat("/p/version")
        os.mkdir("/dev/x")
        os.stat("/dev/x")

    pseudo, done = [("stat", "/p/version")], [("mkdir", "/dev/x"), ("stat", "/dev/x")]
    with Scratch() as s:
        check_fs(lambda: set_up(s), act, {"--fs tmpfs": done, "--fs proc": pseudo, "--fs ext4": []})
    # where the text says pseudo here, and it is there, it is hidden
    with Scratch() as s:
        write_file(s + "/proc/in")

        def mount_proc():
            own_mounts()
            call("mount", "none", s + "/proc", "proc", 0, None)

        def look():
            enter(s)
            os.stat("/proc/version")
            os.mkdir("/dev")
            os.rmdir("/dev")

        check_fs(mount_proc, look, {"": [("mkdir", "/dev"), ("rmdir", "/dev")]})


@CASES.case
def fs_of_processes_that_have_ended():
    """Not known: shown where nobody asked, and counted where somebody did."""
    with Scratch() as s:
        os.makedirs(s + "/dev")
        for options, shown, lost in (("", 1, 0), ("--fs ext4", 0, 1),
                                     ("--fs ext4 --where ret<0", 0, 0)):
            with Tracing("trace", "-j", "-o", "mkdir", "--path", "/dev/e2e-ended",
                         *options.split()) as tracing:
                os.kill(tracing.pid, signal.SIGSTOP)
                pid = os.fork()
                if not pid:
                    enter(s)
                    os.mkdir("/dev/e2e-ended")
                    os._exit(0)
                os.waitpid(pid, 0)
                os.kill(tracing.pid, signal.SIGCONT)
                output = tracing.stop()
            os.rmdir(s + "/dev/e2e-ended")
            records, summary = output.parse()
            equal("shown with '%s'" % options, len(records), shown)
            equal("lost with '%s'" % options, summary["lost"]["follow"], lost)


@CASES.case
def fs_of_programs_that_have_ended():
    """In another mount namespace whoever has started them tells what is mounted there."""
    def set_up(s):
        own_mounts()
        call("mount", "none", s, "tmpfs", 0, None)

    def act(s):
        pid = os.fork()
        if not pid:
            os.mkdir(s + "/e2e-ended")
            os._exit(0)
        os.waitpid(pid, 0)

    with Scratch() as s:
        for fs in ("tmpfs", "ext4"):
            child = Child(lambda: set_up(s), lambda: act(s))
            try:
                child.hear()
                with Tracing("trace", "-j", "-o", "mkdir", "--name", "e2e-ended", "--fs",
                             fs) as tracing:
                    os.kill(tracing.pid, signal.SIGSTOP)
                    child.go()
                    child.hear()
                    os.kill(tracing.pid, signal.SIGCONT)
                    records, summary = tracing.stop().parse()
                equal("shown with " + fs, len(records), fs == "tmpfs")
                equal("exact", summary["exact"], True)
            finally:
                child.end()
