#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The full-screen top in tmux: every key, other sizes, hostile names, and what it leaves behind."""
import contextlib
import os
import shutil
import subprocess
import time

from common import VFSCOPE, check, equal, finish, need, scratch

WORK = scratch("screen")
NAMES = ["zwölf €.txt", "bad\x1b[31m\nname", "x" * 100]
READER = """
import os, sys, time
fds = [os.open(name, os.O_RDONLY) for name in sys.argv[1:]]
while True:
    for fd in fds:
        os.pread(fd, 1000, 0)
    time.sleep(0.01)
"""


@contextlib.contextmanager
def reading(*paths):
    with subprocess.Popen(["python3", "-c", READER, *paths]) as reader:
        yield reader.pid
        reader.kill()


class Terminal:
    """A shell in tmux that runs vfscope once, and says how it ended."""

    count = 0

    def __init__(self, *args, command="top", term="tmux-256color", size=(80, 24)):
        Terminal.count += 1
        self.socket = f"vfscope-test-{os.getpid()}-{Terminal.count}"
        self.tmux("new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), "env", f"TERM={term}",
                  "LC_ALL=C.UTF-8", "PS1=", "sh")
        self.type(f"clear; stty -a >{WORK}/before; {VFSCOPE} {command} {' '.join(args)}; echo status $?; "
                  f"stty -a >{WORK}/after; echo over", "Enter")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tmux("kill-server")

    def tmux(self, *args):
        return subprocess.run(["tmux", "-L", self.socket, "-f", "/dev/null", *args], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()

    def type(self, *keys):
        self.tmux("send-keys", *keys)

    def text(self):
        return self.tmux("capture-pane", "-p")

    def wait(self, *words, gone=(), seconds=60):
        """Until all the words stand on the screen, and none that is gone: []; else what is wrong."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            text = self.text()
            if all(word in text for word in words) and not any(word in text for word in gone):
                return []
            time.sleep(0.05)
        return [f"no {words} without {gone} within {seconds} s:", *text.splitlines()]

    def steps(self, what, steps):
        """Keys, and which words they bring, which not."""
        for name, pressed, words, *gone in steps:
            self.type(*pressed)
            check(f"{what}, {name}", self.wait(*words, gone=gone[0] if gone else ()))

    def pid(self):
        pane = self.tmux("list-panes", "-F", "#{pane_pid}").strip()
        for _ in range(100):
            found = subprocess.run(["pgrep", "-P", pane, "-x", "vfscope"], stdout=subprocess.PIPE, check=False)
            if found.stdout.strip():
                return int(found.stdout.split()[0])
            time.sleep(0.05)
        raise RuntimeError("vfscope does not run")

    def ended(self, status):
        """The terminal is as it was before."""
        problems = self.wait("over", f"status {status}")
        with open(f"{WORK}/before", "rb") as before, open(f"{WORK}/after", "rb") as after:
            problems += equal("modes of the terminal", after.read(), before.read())
        shown = self.tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}").split()
        return problems + equal("on the alternate screen, with a cursor", shown, ["0", "1"])


def keys():
    with Terminal("-d", WORK) as terminal:
        terminal.steps("keys", [
            ("the first page", [], ["PATH", "zwölf €.txt", "? help", "sort: bytes"]),
            ("the title", [], ["vfscope top", "ops/s"]),
            ("s: sort", ["s"], ["sort: lat_avg"]),
            ("S: back", ["S"], ["sort: bytes"]),
            ("?: help", ["?"], ["from a process to its files", "any key goes on"]),
            ("any key", ["x"], ["sort: bytes"]),
            ("p: pause", ["p"], ["PAUSED"]),
            ("k while paused", ["k"], ["PAUSED", "PID COMM              COUNT ERRORS", "python3"]),
            ("K while paused", ["K"], ["PAUSED", "PID COMM", "zwölf"]),
            ("move while paused", ["Down", "Up", "PgDn", "PgUp", "End", "Home"], ["PAUSED"]),
            ("enter: a process's files", ["p", "Enter"], ["OP ", "  pid "]),
            ("/: nothing typed, and nothing to take back", ["/", "Enter"], ["  pid ", "? help"]),
            ("enter: a file's processes", ["Enter"], ["some paths", "python3"]),
            ("backspace", ["BSpace"], ["  pid "]),
            ("backspace again", ["BSpace"], ["PID COMM", "PATH"]),
            ("k: other keys", ["k"], ["PID COMM              COUNT ERRORS"]),
            ("K: back", ["K"], ["PID COMM", "PATH"]),
            ("/: a filter", ["/", "w", "ö", "l", "f", "Enter"], ["some paths", "zwölf"], ["xxxxxx", "bad"]),
            ("/: and none", ["/", "Enter"], ["xxxxxx", "bad"]),
            ("/: backspace takes a character", ["/", "w", "ö", "BSpace"], ["paths with: w_"]),
            ("/: and all that is left", ["€", "BSpace", "BSpace", "BSpace", "z", "w", "Enter"],
             ["zwölf"], ["xxxxxx", "bad"]),
            ("/: none again", ["/", "Enter"], ["xxxxxx", "bad"]),
            ("/: one that nothing passes", ["/", "n", "o", "n", "e", "Enter"], ["  0 ops/s", "some paths"], ["zwölf"]),
            ("backspace: all of them", ["BSpace"], ["xxxxxx", "zwölf"]),
            ("no deeper than there is room", ["/", "x", "Enter"] * 8, ["no deeper than 7"]),
            ("all the way back", ["BSpace"] * 8, ["zwölf"]),
        ])
        # had it come through, tmux would have taken it, and not shown it as text
        check("no escape sequence of a name has come through", terminal.wait("[31m"))
        terminal.type("q")
        check("q: the terminal is as it was", terminal.ended(0) + terminal.wait("none lost"))


def asked_who():
    """-p holds wherever enter leads to, but for processes that it has led to."""
    names = [os.path.join(WORK, name) for name in ("one", "two")]
    for name in names:
        with open(name, "wb") as data:
            data.write(b"x" * 500)
    with reading(*names) as pid, reading(*names) as other, \
            Terminal("-p", str(pid), "--by", "path", "-d", WORK) as terminal:
        terminal.steps("-p", [
            ("its files", [], ["screen/one", "screen/two"]),
            ("a file's processes", ["Enter"], ["PID COMM", f"{pid} python3"], [f"{other} python3"]),
            ("back", ["BSpace"], ["screen/one", "screen/two"], ["PID COMM"]),
        ])
    with reading(*names) as pid, reading(*names) as other, \
            Terminal("--by", "path,pid", "-d", WORK) as terminal:
        terminal.steps("without -p", [
            ("files and processes", [], ["screen/one", f"{pid} ", f"{other} "]),
            ("a text", ["/", "e", "n", "/", "o", "Enter"], ["screen/one"], ["screen/two"]),
            ("another one upon it", ["/", "n", "e", "Enter"], ["some paths", "screen/one"], ["screen/two"]),
            ("a file's processes", ["Enter"], ["PID COMM", f"{pid} python3", f"{other} python3"]),
            ("a process's files: with that text", ["Enter"], ["OP ", "  pid ", "screen/one"], ["screen/two"]),
            ("no text", ["/", "Enter"], ["OP ", "  pid ", "screen/one", "screen/two"]),
            ("back to the file's processes", ["BSpace"], ["PID COMM", f"{pid} python3", f"{other} python3"]),
            ("back to all", ["BSpace"], ["screen/one", "screen/two", f"{pid} ", f"{other} "]),
        ])


def asked_columns():
    """Columns and order are those that were asked for, whenever the keys are."""
    with Terminal("-s", "reads", "-d", WORK, command="filetop") as terminal:
        columns = "TID COMM              READS  WRITES RBYTES WBYTES FTYPE PATH"
        terminal.steps("filetop", [
            ("as it was asked for", [], ["sort: reads", columns, "zwölf"]),
            ("a text", ["/", "x", "x", "x", "Enter"], ["sort: reads", columns, "some paths"], ["zwölf"]),
            ("a file's processes", ["Enter"], ["sort: bytes", "OP "], [columns]),
            ("back", ["BSpace"], ["sort: reads", columns, "some paths"]),
            ("another order", ["s"], ["sort: writes", columns]),
            ("other keys", ["k"], ["sort: bytes", "PID COMM", "PATH"], [columns]),
            ("its own keys", ["K"], ["sort: reads", columns]),
            ("another order again", ["s"], ["sort: writes", columns]),
            ("no text", ["/", "Enter"], ["sort: writes", columns, "zwölf"], ["some paths"]),
        ])
    with Terminal("-F", "pid,bytes,path", "-s", "path", "-d", WORK) as terminal:
        columns = "PID  BYTES PATH"
        terminal.steps("-F", [
            ("as it was asked for", [], ["sort: path", columns, "zwölf"]),
            ("a text", ["/", "x", "x", "x", "Enter"], ["sort: path", columns, "some paths"], ["zwölf"]),
            ("backspace", ["BSpace"], ["sort: path", columns, "zwölf"]),
        ])
    with Terminal("--by", "uid,ftype", "-d", WORK) as terminal:
        terminal.steps("--by", [
            ("as it was asked for", [], ["UID FTYPE"]),
            ("k", ["k"], ["PID COMM", "PATH"], ["UID FTYPE"]),
            ("K", ["K"], ["UID FTYPE"]),
            ("enter", ["Enter"], ["UID FTYPE", "no process and no file is in this line; k has others"]),
            ("K again", ["K"], ["FS ", "DEV ", "OP "], ["UID FTYPE"]),
            ("k", ["k"], ["UID FTYPE"]),
        ])


def asked_duration():
    """--duration is that of all, however often other keys begin anew."""
    begin = time.monotonic()
    with Terminal("--duration", "6s", "-d", WORK) as terminal:
        problems = terminal.wait("sort: bytes")
        while "over" not in terminal.text() and time.monotonic() < begin + 30:
            terminal.type("k")
            time.sleep(2)
        problems += terminal.wait("over", seconds=0.1)
        check("--duration: other keys do not make it longer", problems + terminal.ended(0))


def sum_of_all():
    """Other keys begin anew: the summary is of all that was watched."""
    dirname = os.path.join(WORK, "sum")
    os.mkdir(dirname)

    def write(count):
        with open(os.path.join(dirname, "f"), "wb", buffering=0) as file:
            for _ in range(count):
                file.write(b"x")

    with Terminal("-o", "write", "-d", dirname, "--strict") as terminal:
        problems = terminal.wait("? help")
        write(1000)
        problems += terminal.wait("sum/f")
        terminal.type("k")
        problems += terminal.wait("PID COMM              COUNT ERRORS", "  0 ops/s", gone=("python3",))
        write(500)
        problems += terminal.wait("python3")
        terminal.type("q")
        check("the summary is of all runs", problems + terminal.ended(0) + terminal.wait("1500 operations in", "none lost"))


def sizes():
    with Terminal("-d", WORK, "100ms") as terminal:
        problems = terminal.wait("sort: bytes")
        for size, words in ((40, 10), ["PID COMM", "BYTES PATH"]), ((15, 3), ["too small"]), ((80, 24), ["? help", "PATH"]):
            terminal.tmux("resize-window", "-x", str(size[0]), "-y", str(size[1]))
            problems += terminal.wait(*words)
            problems += [f"{size}: a line too long: {line!r}" for line in terminal.text().splitlines()
                         if len(line) > size[0]]
        check("80x24, 40x10, 15x3, and back", problems)
        os.kill(terminal.pid(), 15)
        check("kill -TERM: the terminal is as it was", terminal.ended(0))


def small():
    with Terminal("-d", WORK, size=(40, 10)) as terminal:
        terminal.steps("40x10", [
            ("help", ["?"], ["up down", "any key goes on"], ["q          quit"]),
            ("the rest of it", ["x"], ["q          quit", "any key goes on"], ["up down"]),
            ("and the page", ["x"], ["PID COMM"], ["any key goes on"]),
        ])


def gone():
    watched = f"{WORK}/gone"
    os.mkdir(watched)
    with Terminal("-d", WORK, "-d", watched) as terminal:
        problems = terminal.wait("sort: bytes")
        os.rmdir(watched)
        check("-d: one that is deleted", problems + terminal.wait(f"warning: -d {watched} has been del", "PID COMM"))
        terminal.type("x")
        problems = terminal.wait("sort: bytes")
        terminal.type("q")
        check("-d: it is said once more at the end", problems + terminal.ended(0) + terminal.wait("gone"))


def gone_alone():
    """The only -d: with other keys it is still what it was, and not what has its name by now."""
    watched = f"{WORK}/alone"
    os.mkdir(watched)
    with open(f"{watched}/was", "wb") as data:
        data.write(b"x" * 500)
    with reading(f"{watched}/was"), Terminal("-d", watched, "200ms") as terminal:
        problems = terminal.wait("alone/was")
        shutil.rmtree(watched)
        problems += terminal.wait(f"warning: -d {watched} has been del", "was (deleted)")
        terminal.type("k")
        problems += terminal.wait(f"warning: -d {watched} has been del", "PID COMM", "MAX\n", "python3")
        os.mkdir(watched)
        with open(f"{watched}/now", "wb") as data:
            data.write(b"x" * 500)
        with reading(f"{watched}/now"):
            terminal.type("k")
            problems += terminal.wait("\n  COUNT ERRORS", "was (deleted)")
            time.sleep(1)
            problems += [f"it is another: {line}" for line in terminal.text().splitlines() if "alone/now" in line]
        check("-d: the only one that is deleted, then other keys", problems)
        terminal.type("q")
        check("-d: that is said at the end", terminal.ended(0) + terminal.wait("gone"))


def ends():
    for name, signo, status in (("Ctrl-C", 2, 0), ("Ctrl-\\", 3, 131), ("kill -HUP", 1, 0), ("kill -SEGV", 11, 139),
                                ("kill -USR1", 10, 138), ("kill -ALRM", 14, 142), ("kill -XCPU", 24, 152),
                                ("kill -RTMIN", 34, 162)):
        with Terminal("-d", WORK) as terminal:
            problems = terminal.wait("sort: bytes")
            if name.startswith("Ctrl-"):
                terminal.type(name.replace("Ctrl", "C").lower())
            else:
                os.kill(terminal.pid(), signo)
            check(f"{name}: the terminal is as it was", problems + terminal.ended(status))


def terminals():
    with Terminal("-d", WORK, term="vt100") as terminal:
        problems = terminal.wait("PATH", "sort: bytes")
        terminal.type("q")
        check("a terminal without colours", problems + terminal.ended(0))
    with Terminal("-d", WORK, "100ms", "2", term="dumb") as terminal:
        check("a dumb one has lines", terminal.wait("PATH", "operations") + terminal.ended(0))
    for words in ("top --batch", "top -b", "filetop -C", "filetop --noclear", "dirtop -C",
                  "cgtop -b", "cgtop --batch"):
        with Terminal("--rows", "3", command=words) as terminal:
            problems = terminal.wait(" ops (", gone=("? help",))
            terminal.type("C-c")
            check(f"{words}: lines", problems + terminal.ended(0))


def main():
    need("tmux", "pgrep")
    paths = [os.path.join(WORK, name) for name in NAMES]
    for size, path in enumerate(paths):
        with open(path, "wb") as data:
            data.write(b"x" * (500 - 100 * size))
    with reading(*paths):
        keys()
        asked_who()
        asked_columns()
        asked_duration()
        sum_of_all()
        sizes()
        small()
        gone()
        gone_alone()
        ends()
        terminals()


if __name__ == "__main__":
    main()
    finish()
