# SPDX-License-Identifier: GPL-2.0
"""What run.py and cli.py have in common: running vfscope, comparing records, TAP."""
import difflib
import json
import os
import re
import signal
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
REPO = os.path.dirname(os.path.dirname(HERE))
EXPECT_FD, EXPECT_SZ = 900, 8 << 20
# vfscope is ended by it; a shell has what it starts in the background ignore it, and so would vfscope
signal.signal(signal.SIGINT, signal.default_int_handler)
TIMEOUT = int(os.environ.get("VFSCOPE_TIMEOUT", "20"))

# Every key that an operation may have. What an expected record does not give is absent.
KEYS = ("type ts_ns lat_ns op via pid tid ppid uid comm pcomm cgroup container mnt_ns fd path "
        "path2 name dev ino fs ftype offset req bytes ret err flags mode").split()
LOSSES = ("ring map_full missed unpaired batch nesting busy abi path follow path_cut proc peek "
          "switch malformed").split()


class Failure(Exception):
    """The case has failed; its text says how."""


def fail(text, *args):
    raise Failure(text % args if args else text)


def equal(what, got, expected):
    if got != expected:
        fail("%s:\nexpected %r\ngot      %r", what, expected, got)


class Config:
    build = os.path.join(REPO, "build")
    vfscope = None  # the program under test

    @classmethod
    def prog(cls, name):
        return os.path.join(cls.build, "e2e", name)


class Tap:
    """Prints the results, one line each, with what went wrong behind '# '."""

    def __init__(self):
        self.n = self.failed = 0
        self.failures = []

    def case(self, name, function, *args):
        self.n += 1
        why = None
        try:
            function(*args)
        except Failure as failure:
            why = str(failure)
        except (OSError, ValueError, KeyError, subprocess.SubprocessError) as error:
            why = "%s: %s" % (type(error).__name__, error)
        print("%s %d - %s" % ("not ok" if why else "ok", self.n, name))
        if why:
            self.failed += 1
            self.failures.append(name)
            for line in why.splitlines():
                line = line.encode("unicode_escape").decode()
                print("# " + (line if len(line) < 1000 else line[:400] + " ... " + line[-400:]))
        print(end="", flush=True)

    def skip(self, name, why):
        """Counted by itself, on the last line of all tests."""
        self.n += 1
        print("ok %d - %s # SKIP %s" % (self.n, name, why), flush=True)

    def end(self):
        print("1..%d" % self.n)
        if self.failed:
            print("# %d of %d failed" % (self.failed, self.n))
        return 1 if self.failed else 0


# --- the machine ---------------------------------------------------------------------------

def read_text(path):
    with open(path, encoding="latin-1") as file:
        return file.read()


def own_cgroup():
    """As vfscope names it: below the v2 mount."""
    for line in read_text("/proc/self/cgroup").splitlines():
        if line.startswith("0::"):
            return line[3:]
    return None


def has_functions():
    """Does this kernel have kprobes?"""
    return os.path.exists("/sys/bus/event_source/devices/kprobe/type")


def own_mnt_ns():
    return int(re.search(r"\d+", os.readlink("/proc/self/ns/mnt")).group())


def fs_type(path):
    best, fs = "", None
    for line in read_text("/proc/self/mountinfo").splitlines():
        fields = line.split()
        point = fields[4]
        if (path + "/").startswith(point.rstrip("/") + "/") and len(point) >= len(best):
            best, fs = point, fields[fields.index("-") + 1]
    return fs


class Scratch:
    """A fresh directory for each case; what is left of it is removed."""
    count = 0

    def __init__(self):
        Scratch.count += 1
        self.path = os.path.join(Config.build, "e2e", "work", str(Scratch.count))

    def remove(self):
        """shutil.rmtree is not up to 1,900 levels."""
        subprocess.run(["rm", "-rf", self.path], check=True)

    def __enter__(self):
        self.remove()
        os.makedirs(self.path)
        return self.path

    def __exit__(self, *_):
        self.remove()


class Expect:
    """The memory through which a test program says what it expects."""

    def __init__(self):
        fd = os.memfd_create("expect")
        os.ftruncate(fd, EXPECT_SZ)
        if fd != EXPECT_FD:
            os.dup2(fd, EXPECT_FD)
            os.close(fd)
        os.set_inheritable(EXPECT_FD, True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(EXPECT_FD)

    @staticmethod
    def records():
        size = int.from_bytes(os.pread(EXPECT_FD, 4, 0), "little")
        lines = os.pread(EXPECT_FD, size, 8).decode("ascii").splitlines()
        return [json.loads(line) for line in lines]


# --- vfscope ---------------------------------------------------------------------------------

class Output:
    """What a run of vfscope has left. Strings of records: one character is one byte."""

    def __init__(self, status, out, err, began_ns=0, pid=0):
        self.status, self.out, self.err, self.began_ns, self.pid = status, out, err, began_ns, pid
        self.ended_ns = time.time_ns()

    def parse(self):
        """(records, summary); every line must be an object, the last one the summary."""
        if not self.out.endswith(b"\n"):
            fail("status %d, the output does not end with a line: %r\nstderr: %s", self.status,
                 self.out[-200:], self.err.decode("latin-1"))
        records = []
        for line in self.out.split(b"\n")[:-1]:
            try:
                line.decode("utf-8")
                pairs = json.loads(line.decode("latin-1"), object_pairs_hook=list)
            except ValueError as error:
                fail("%s: %r", error, line)
            keys = [key for key, _ in pairs]
            if len(set(keys)) != len(keys):
                fail("a key stands twice: %r", line)
            record = dict(pairs)
            for key in ("lost",):
                if key in record:
                    record[key] = dict(record[key])
            records.append(record)
        if records[-1].get("type") != "summary":
            fail("the last record is not the summary: %r", records[-1])
        if any(record.get("type") not in ("op", "agg", "hist", "life", "count") for record in records[:-1]):
            fail("a record before the summary is none of those known")
        return records[:-1], records[-1]

    def records(self):
        return self.parse()[0]


def as_one_ends(status):
    """Popen's status as a shell shows it."""
    return 128 - status if status < 0 else status


def vfscope(*args, timeout=TIMEOUT, pass_fds=(), **popen):
    """Runs vfscope to its end."""
    began = time.time_ns()
    proc = subprocess.Popen((Config.vfscope,) + args, stdout=popen.pop("stdout", subprocess.PIPE),
                            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, pass_fds=pass_fds,
                            **popen)
    try:
        out, err = proc.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        proc.kill()
        out, err = proc.communicate()
        fail("vfscope has not ended after %d s\nstderr: %s", timeout, err.decode("latin-1"))
    return Output(proc.returncode, out or b"", err or b"", began, proc.pid)


def takes_to_start():
    """Seconds that vfscope takes for nothing on this machine: what is to end in time takes so much longer."""
    began = time.monotonic()
    vfscope("trace", "-p", str(os.getpid()), "--duration", "1ms")
    return time.monotonic() - began


class Tracing:
    """vfscope at work, attached, until the block ends; then it is told to stop."""

    def __init__(self, *args, **popen):
        self.args, self.popen, self.output = args, popen, None

    def __enter__(self):
        self.began = time.time_ns()
        # into a file: nobody reads while the block runs, and a pipe would be full some time
        self.out = None if "stdout" in self.popen else tempfile.TemporaryFile()
        self.proc = subprocess.Popen((Config.vfscope,) + self.args,
                                     stdout=self.popen.pop("stdout", self.out),
                                     stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, **self.popen)
        # it gives its privileges up when it has attached
        end = time.monotonic() + TIMEOUT
        while "NoNewPrivs:\t1" not in read_text("/proc/%d/status" % self.proc.pid):
            if self.proc.poll() is not None:
                err = self.proc.stderr.read().decode("latin-1")
                fail("vfscope has ended with %d: %s", self.proc.returncode, err)
            if time.monotonic() > end:
                self.proc.kill()
                fail("vfscope has not attached after %d s", TIMEOUT)
            time.sleep(0.005)
        self.pid = self.proc.pid
        return self

    def stop(self, signo=signal.SIGINT):
        if self.output is None:
            if signo:
                self.proc.send_signal(signo)
            try:
                out, err = self.proc.communicate(timeout=TIMEOUT)
            except subprocess.TimeoutExpired:
                self.proc.kill()
                out, err = self.proc.communicate()
                fail("vfscope has not ended after %d s", TIMEOUT)
            if self.out:
                self.out.seek(0)
                out = self.out.read()
            self.output = Output(self.proc.returncode, out or b"", err or b"", self.began,
                                 self.proc.pid)
        return self.output

    def __exit__(self, kind, *_):
        if kind is None:
            self.stop()
        elif self.output is None:
            self.proc.kill()
            self.proc.communicate()


# --- comparing -------------------------------------------------------------------------------

def complete(expected, output):
    """Adds what every record of the run must hold, unless the program knew better."""
    comms = {output.pid: "vfscope", os.getpid(): read_text("/proc/self/comm").strip()}
    record = dict.fromkeys(KEYS)
    record.update(type="op", cgroup=own_cgroup(), mnt_ns=own_mnt_ns(),
                  pcomm=comms.get(expected.get("ppid"), expected["comm"]))
    record.update(expected)
    if record["path"] is not None:
        path = record["path"]
        record["name"] = path[path.rfind("/") + 1:] if len(path) > 1 else path
    return record


def stripped(record, output):
    """A record without its times, which have to lie within the run."""
    record = dict(record)
    start, took = record.pop("ts_ns", None), record.pop("lat_ns", None)
    if not isinstance(start, int) or not isinstance(took, int) or took < 0 or \
       not output.began_ns <= start <= start + took <= output.ended_ns:
        fail("times: ts_ns %r lat_ns %r of a run from %d to %d", start, took, output.began_ns,
             output.ended_ns)
    return record


def text_of(record, keys=KEYS):
    return json.dumps({k: v for k, v in record.items() if v is not None and k in keys},
                      sort_keys=True)


def differences(expected, got):
    """Lines that say how the records of one thread differ from what they should be."""
    lines = []
    a, b = [text_of(r) for r in expected], [text_of(r) for r in got]
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    for what, i1, i2, j1, j2 in matcher.get_opcodes():
        if what == "equal":
            continue
        for k in range(max(i2 - i1, j2 - j1)):
            e = expected[i1 + k] if i1 + k < i2 else None
            g = got[j1 + k] if j1 + k < j2 else None
            if not g:
                lines.append("missing record %d:\n  expected %s" % (i1 + k, text_of(e)))
            elif not e:
                lines.append("record that should not be:\n  got      %s" % text_of(g))
            else:
                keys = sorted(key for key in set(e) | set(g) if e.get(key) != g.get(key))
                shown = keys + ["op", "via", "fd", "path", "ret"]
                lines.append("record %d differs in %s:\n  expected %s\n  got      %s" % (
                    i1 + k, ", ".join(keys), text_of(e, shown), text_of(g, shown)))
    if len(lines) > 12:
        lines[12:] = ["and %d more" % (len(lines) - 12)]
    return lines


def by_thread(records):
    threads = {}
    for record in records:
        threads.setdefault(record.get("tid"), []).append(record)
    return threads


def compare(expected, output, lost=None):
    """The records of a run are those expected, in their order, and nothing was lost but lost."""
    records, summary = output.parse()
    want = by_thread([complete(e, output) for e in expected])
    got = by_thread([stripped(r, output) for r in records])
    lines = []
    for tid in sorted(set(want) | set(got), key=str):
        found = differences(want.get(tid, []), got.get(tid, []))
        lines += found
    lines += losses_differ(summary, lost or {})
    if summary["events"] != len(records):
        lines.append("summary: %d events, but %d records" % (summary["events"], len(records)))
    if lines:
        fail("\n".join(lines))


ANY = object()


def losses_differ(summary, lost):
    """lost: what has to be counted, by cause; a count of None: at least 1; ANY: it depends on who is faster."""
    lines = []
    equal("causes of losses", sorted(summary["lost"]), sorted(LOSSES))
    for cause in LOSSES:
        count = summary["lost"][cause]
        if lost.get(cause) is ANY:
            continue
        if cause in lost and lost[cause] is None:
            if count < 1:
                lines.append("lost.%s: expected 1 or more, got 0" % cause)
        elif count != lost.get(cause, 0):
            lines.append("lost.%s: expected %d, got %d" % (cause, lost.get(cause, 0), count))
    if summary["exact"] is not (not any(summary["lost"].values())):
        lines.append("exact is %s, but lost is %s" % (summary["exact"], summary["lost"]))
    return lines
