# SPDX-License-Identifier: GPL-2.0
"""Who: children, programs and their arguments, containers, the family tree."""
import contextlib
import os
import re
import signal
import subprocess
import sys
import time

from act import Cases
from vfs import Scratch, TIMEOUT, Tracing, equal, fail, read_text, vfscope

CASES = Cases()


class Shell:
    """A shell that waits for a line before it does what it was told."""

    def __init__(self, script, **popen):
        self.proc = subprocess.Popen(["sh", "-c", "read line; " + script], stdin=subprocess.PIPE,
                                     stdout=subprocess.DEVNULL, **popen)
        self.pid = self.proc.pid

    def __enter__(self):
        return self

    def go(self):
        self.proc.stdin.write(b"go\n")
        self.proc.stdin.close()
        equal("status of the shell", self.proc.wait(TIMEOUT), 0)

    def __exit__(self, *_):
        self.proc.kill()
        self.proc.wait()


def opened(output, *keys):
    """What was opened, of the files that the tests have made; nothing may be lost."""
    records, summary = output.parse()
    if not summary["exact"]:
        fail("lost: %s", summary["lost"])
    return [tuple(record.get(key) for key in keys) for record in records]


OPENS = ("trace", "-j", "-o", "open", "--path")


# --- children -------------------------------------------------------------------------------

TREE = "cat {0}/a; (cat {0}/b; sh -c 'cat {0}/c; (exec cat {0}/d)' & wait); : <{0}/e"


def make_files(scratch):
    for name in "abcde":
        with open(os.path.join(scratch, name), "w") as file:
            file.write(name)


def children_of(scratch, script, options):
    """Names of files that were opened, by the shell and by another that is not to be seen."""
    script = script.format(scratch)
    with Shell(script) as seen, Shell(script) as unseen:
        options = [str(seen.pid) if option == "PID" else option for option in options]
        with Tracing(*OPENS, scratch + "/*", "-F", "type,ppid,name,pid", *options) as tracing:
            seen.go()
            unseen.go()
            output = tracing.stop()
        return seen.pid, opened(output, "name", "pid")


@CASES.case
def children_of_pid():
    with Scratch() as scratch:
        make_files(scratch)
        pid, got = children_of(scratch, TREE, ["-p", "PID", "--children"])
        equal("files", sorted(name for name, _ in got), list("abcde"))
        equal("by the shell itself", [name for name, by in got if by == pid], ["e"])


@CASES.case
def children_are_not_asked_for():
    with Scratch() as scratch:
        make_files(scratch)
        _, got = children_of(scratch, TREE, ["-p", "PID"])
        equal("files", [name for name, _ in got], ["e"])


@CASES.case
def children_of_tid():
    with Scratch() as scratch:
        make_files(scratch)
        _, got = children_of(scratch, TREE, ["-t", "PID", "--children"])
        equal("files", sorted(name for name, _ in got), list("abcde"))


@CASES.case
def children_of_tid_over_exec():
    with Scratch() as scratch:
        make_files(scratch)
        _, got = children_of(scratch, "exec sh -c 'cat {0}/a; cat {0}/b'",
                             ["-t", "PID", "--children"])
        equal("files", sorted(name for name, _ in got), list("ab"))


@CASES.case
def children_of_uid():
    with Scratch() as scratch:
        make_files(scratch)
        os.chmod(scratch, 0o755)
        script = "cat {0}/a; sh -c 'cat {0}/b'".format(scratch)
        with Shell(script, user=65534) as seen, Shell(script) as unseen:
            with Tracing(*OPENS, scratch + "/*", "-F", "type,name,uid", "-u", "65534",
                         "--children") as tracing:
                seen.go()
                unseen.go()
                output = tracing.stop()
        equal("files", opened(output, "name", "uid"), [("a", 65534), ("b", 65534)])


@CASES.case
def children_of_comm():
    with Scratch() as scratch:
        make_files(scratch)
        script = scratch + "/such-a-name"
        with open(script, "w") as file:
            file.write("#!/bin/sh\ncat %s/a\n(cat %s/b)\n" % (scratch, scratch))
        os.chmod(script, 0o755)
        with Shell("cat {0}/c; {0}/such-a-name; cat {0}/d".format(scratch)) as shell:
            with Tracing(*OPENS, scratch + "/?", "-F", "type,comm,name", "-c", "such-[a-b]-*", "-c",
                         "nobody", "--children") as tracing:
                shell.go()
                output = tracing.stop()
        equal("files", opened(output, "comm", "name"), [("cat", "a"), ("cat", "b")])


@CASES.case
def children_race():
    """Of a process that forks all the time, no child that starts after the first is missed."""
    program = ("import os, sys\n"
               "while True:\n"
               "    pid = os.fork()\n"
               "    if not pid:\n"
               "        os.open(sys.argv[1] + '/a', os.O_RDONLY); os._exit(0)\n"
               "    os.waitpid(pid, 0)\n"
               "    os.close(os.open(sys.argv[1] + '/b', os.O_RDONLY))\n"
               "    if os.path.exists(sys.argv[1] + '/stop'): break\n")
    with Scratch() as scratch:
        make_files(scratch)
        proc = subprocess.Popen([sys.executable, "-c", program, scratch])
        try:
            with Tracing(*OPENS, scratch + "/?", "-F", "type,name,pid,ppid", "-p", str(proc.pid),
                         "--children") as tracing:
                time.sleep(1)
                with open(scratch + "/stop", "w"):
                    pass
                proc.wait(TIMEOUT)
                output = tracing.stop()
        finally:
            proc.kill()
            proc.wait()
        names = [name for name, in opened(output, "name")]
        # a, b, a, b, ...: each child stands between two opens of its parent
        if len(names) < 3 or any(a == b for a, b in zip(names, names[1:])):
            fail("%s", "".join(names))


# --- programs -------------------------------------------------------------------------------

EXECS = """
import ctypes, os, sys
libc = ctypes.CDLL(None)
argv = (ctypes.c_char_p * 3)(b"cat", b"/dev/null", None)
env = (ctypes.c_char_p * 1)(None)
execveat, at_fdcwd, at_empty_path = int(sys.argv[1]), -100, 0x1000
cat = os.open("/bin/cat", os.O_RDONLY)
memory = os.memfd_create("in memory")
os.write(memory, open("/bin/cat", "rb").read())
where = os.open("/bin", os.O_PATH)
for fd, path, flags in ((cat, b"", at_empty_path), (memory, b"", at_empty_path), (at_fdcwd, b"/bin/cat", 0),
                        (where, b"cat", 0), (where, b"none", 0)):
    if not os.fork():
        libc.syscall(execveat, fd, path, argv, env, flags)
        os._exit(0)
    os.wait()
"""


@CASES.case
def execveat():
    """The kernel makes it look like execve when it has succeeded (x86: orig_ax)."""
    number = {"x86_64": 322, "aarch64": 281}[os.uname().machine]
    output = vfscope("trace", "-j", "--all", "-o", "exec", "-F", "type,path,err", "--", sys.executable, "-S", "-c",
                     EXECS, str(number))
    cat = os.path.realpath("/bin/cat")
    rows = [row for row in output.records() if row["path"] != os.path.realpath(sys.executable)]
    equal("execs", [(row["path"], row.get("err")) for row in rows],
          [(cat, None), ("/memfd:in memory (deleted)", None), (cat, None), (cat, None),
           (os.path.realpath("/bin") + "/none", "ENOENT")])


@CASES.case
def exe_and_args():
    """Of processes that were there, that come, and that have ended when they are shown."""
    with Scratch() as scratch:
        make_files(scratch)
        script = "cat {0}/a; cat '' '  x ' {0}/b; : <{0}/c; true".format(scratch)
        with Shell(script, stderr=subprocess.DEVNULL) as shell:
            with Tracing(*OPENS, scratch + "/?", "-F", "type,name,exe,args", "-p", str(shell.pid),
                         "--children") as tracing:
                tracing.proc.send_signal(signal.SIGSTOP)
                shell.go()
                tracing.proc.send_signal(signal.SIGCONT)
                output = tracing.stop()
        cat, sh = (os.path.realpath("/usr/bin/" + name) for name in ("cat", "sh"))
        equal("records", opened(output, "name", "exe", "args"), [
            ("a", cat, "cat %s/a" % scratch),
            ("b", cat, "cat    x  %s/b" % scratch),
            ("c", sh, "sh -c read line; " + script)])


@CASES.case
def args_are_whole():
    """120,000 bytes of arguments, with any byte."""
    arg = bytes(range(1, 256)) * 470
    with Scratch() as scratch:
        make_files(scratch)
        # one argument for sh, that its child inherits without an exec
        output = vfscope(*OPENS, scratch + "/?", "-F", "type,name,args", "--", "sh", "-c",
                         "(: <%s/a); : <%s/b" % (scratch, scratch), arg)
        want = b"sh -c (: <%s/a); : <%s/b " % (scratch.encode(), scratch.encode()) + arg
        # what is no UTF-8 comes as \u00XX: as one character, like all others here
        equal("records", [(name, args.encode("latin-1")) for name, args in
                          opened(output, "name", "args")], [("a", want), ("b", want)])


@CASES.case
def args_of_threads():
    with Scratch() as scratch:
        make_files(scratch)
        program = ("import threading, os\n"
                   "t = threading.Thread(target=lambda: os.open('%s/a', 0)); t.start(); t.join()\n"
                   % scratch)
        output = vfscope(*OPENS, scratch + "/?", "-F", "type,name,args,pid,tid", "--", sys.executable,
                         "-c", program)
        (name, args, pid, tid), = opened(output, "name", "args", "pid", "tid")
        equal("args", args, "%s -c %s" % (sys.executable, program))
        if pid == tid:
            fail("no thread")


@CASES.case
def deleted_program():
    with Scratch() as scratch:
        make_files(scratch)
        output = vfscope(*OPENS, scratch + "/?", "-F", "type,name,exe", "--", "sh", "-c",
                         "cp /bin/sh {0}/shell; {0}/shell -c 'rm {0}/shell; exec <{0}/a'; "
                         "exec <{0}/b".format(scratch))
        sh = os.path.realpath("/bin/sh")
        equal("programs", opened(output, "name", "exe"),
              [("a", scratch + "/shell"), ("b", sh)])


# --- containers -----------------------------------------------------------------------------

ID, OTHER, UID = "0123456789abcdef" * 4, "fedcba9876543210" * 4, "12345678-1234-abcd-1234-123456789abc"


def hierarchies():
    """The mount points of v2 and, where it has controllers, of v1: (mount point, is v1)."""
    found = []
    for line in read_text("/proc/self/mounts").splitlines():
        fields = line.split()
        if fields[2] == "cgroup2":
            found.append((fields[1], False))
        elif fields[2] == "cgroup" and "pids" in fields[3].split(","):
            found.append((fields[1], True))
    return found


@contextlib.contextmanager
def cgroup(root, path):
    made, whole = [], os.path.join(root, path)
    try:
        for depth in range(len(path.split("/"))):
            directory = os.path.join(root, *path.split("/")[:depth + 1])
            with contextlib.suppress(FileExistsError):
                os.mkdir(directory)
                made.append(directory)
        yield whole
    finally:
        for directory in reversed(made):
            with contextlib.suppress(OSError):
                os.rmdir(directory)


ENTER = "echo $$ >{1}/cgroup.procs; cat {0}/{2}; echo $$ >{3}/cgroup.procs; rmdir {1}; true"


def in_containers(scratch, options, keys):
    """Opens a in container ID, b in OTHER, c in none, in each hierarchy; what is shown of it."""
    for root, _ in hierarchies():
        paths = ["vfscope-e2e/kubepods-pod%s.slice/cri-containerd-%s.scope" %
                 (UID.replace("-", "_"), ID), "vfscope-e2e/libpod-%s.scope" % OTHER]
        with contextlib.ExitStack() as stack:
            first, second = (stack.enter_context(cgroup(root, path)) for path in paths)
            script = "; ".join(ENTER.format(scratch, path, name, root)
                               for path, name in ((first, "a"), (second, "b")))
            with Tracing(*OPENS, scratch + "/?", "-F", "type,name," + keys, *options) as tracing:
                subprocess.run(["sh", "-c", script + "; cat %s/c" % scratch], check=True,
                               stdout=subprocess.DEVNULL)
                output = tracing.stop()
            yield opened(output, *("name," + keys).split(","))


@CASES.case
def container_fields():
    """They are there still when the container has gone."""
    with Scratch() as scratch:
        make_files(scratch)
        for got in in_containers(scratch, [], "container,pod"):
            equal("records", got, [("a", ID, UID), ("b", OTHER, None), ("c", None, None)])


@CASES.case
def container_option():
    with Scratch() as scratch:
        make_files(scratch)
        for options, names in ((["0123"], "a"), ([OTHER], "b"), (["0", "f"], "ab"), (["ff"], "")):
            options = [word for option in options for word in ("--container", option)]
            for got in in_containers(scratch, options, "comm"):
                equal("files with %s" % options, "".join(name for name, _ in got), names)


@CASES.case
def container_in_where():
    """By the beginning of its id, as tables show it, too."""
    with Scratch() as scratch:
        make_files(scratch)
        for expr, names in (("container == %s" % ID[:12], "a"), ("container in (%s)" % OTHER[:20], "b"),
                            ("container == %s" % ID, "a"), ("container == %s" % ID[:11], ""),
                            ("container != %s" % ID[:12], "bc")):
            for got in in_containers(scratch, ["--where", expr], "comm"):
                equal("files with %s" % expr, "".join(name for name, _ in got), names)


@CASES.case
def container_excludes_in_the_kernel():
    """Outside of the container one event is taken, and no more: they would find the ring full."""
    with Scratch() as scratch:
        make_files(scratch)
        fd = os.open(scratch + "/a", os.O_RDONLY)
        with Tracing("trace", "-j", "-o", "read", "-p", str(os.getpid()), "--container", "00ff",
                     "--buffer", "64K") as tracing:
            os.pread(fd, 1, 0)
            time.sleep(0.3)
            os.kill(tracing.pid, signal.SIGSTOP)
            for _ in range(2000):
                os.pread(fd, 1, 0)
            os.kill(tracing.pid, signal.SIGCONT)
            output = tracing.stop()
        os.close(fd)
        equal("records", opened(output, "op"), [])


# --- the tree -------------------------------------------------------------------------------

@CASES.case
def tree():
    with Scratch() as scratch:
        make_files(scratch)
        output = vfscope("trace", "--tree", "-o", "open", "--path", scratch + "/?", "-F",
                         "op,name", "--", "sh", "-c",
                         "exec >/dev/null; cat a; sh -c 'cat b; : <c; exec cat d'; : <e", cwd=scratch)
        text = re.sub(r"\(\d+\)", "()", output.out.decode())
        outer = "sh() sh -c exec >/dev/null; cat a; sh -c 'cat b; : <c; exec cat d'; : <e"
        inner = "└─ sh() sh -c cat b; : <c; exec cat d"
        equal("tree", text.splitlines(), [
            "OP        NAME", outer, "└─ cat() cat a", "      open      a", inner,
            "   └─ cat() cat b", "         open      b", inner, "      open      c",
            "└─ cat() cat d", "      open      d", outer, "   open      e"])


@CASES.case
def tree_is_a_table():
    output = vfscope("trace", "--tree", "-j")
    equal("exit status", output.status, 2)
    if b"--tree wants --format table" not in output.err:
        fail("%r", output.err)


@CASES.case
def contradictions():
    for args, words in ((["--children"], "--children: whose?"),
                        (["--children", "-p", "1", "--", "true"], "is followed anyway"),
                        (["--container", "a/b"], "not an id"),
                        (["--hex"], "--hex wants --peek"),
                        (["--no-peek", "x"], "--no-peek wants --peek"),
                        (["--peek", "4097"], "from 1 to 4096"),
                        (["-F", "type,+data"], "-F data wants --peek"),
                        (["--peek", "1", "--hex", "-j"], "--hex wants --format table")):
        output = vfscope("trace", *args)
        equal("exit status of %s" % args, output.status, 2)
        if words not in output.err.decode():
            fail("%s: %r", args, output.err)
