# SPDX-License-Identifier: GPL-2.0
"""Presets with more than their namesakes take: other operations, keys, formats; what tables of totals say."""
import collections
import contextlib
import csv
import io
import json
import os
import re
import signal
import subprocess
import sys

from act import Cases
from cli_mounts import PROGRAM as MOUNTS
from vfs import Config, Scratch, TIMEOUT, Tracing, equal, fail, vfscope

CASES = Cases()

CLOCK = r"\d\d:\d\d:\d\d\.\d{3}"


def table_of(*args, **popen):
    """The lines of a table, in words."""
    output = vfscope(*args, **popen)
    equal("exit status of %s: %s" % (args, output.err), output.status, 0)
    return [line.split() for line in output.out.decode("latin-1").splitlines()]


def csv_of(*args):
    """The titles, and a dictionary for each row."""
    output = vfscope(*args)
    equal("exit status of %s: %s" % (args, output.err), output.status, 0)
    rows = [row for row in csv.reader(io.StringIO(output.out.decode("latin-1"))) if row and not row[0].startswith("# ")]
    return rows[0], [dict(zip(rows[0], row)) for row in rows[1:]]


@CASES.case
def operations_are_replaced():
    """-o and --fs are what is asked for, not what is asked for besides."""
    with Scratch() as scratch:
        script = f"cat {scratch}/f >/dev/null; rm {scratch}/f"
        for flags, expected in ((("-o", "open"), ["open"]), (("--op", "unlink"), ["unlink"]),
                                (("-o", "open", "-o", "unlink"), ["open", "unlink"]),
                                ((), ["open", "read", "read", "close"])):
            with open(scratch + "/f", "wb") as file:
                file.write(b"abc")
            rows = vfscope("monitor", "-f", "json", *flags, "-d", scratch, "--", "sh", "-c", script).records()
            equal("operations with %r" % (flags,), [row["op"] for row in rows], expected)
        with open(scratch + "/f", "wb") as file:
            file.write(b"abc")
        for args, count in ((("filetop", "-o", "write"), 0), (("filetop", "--read-only"), 2),
                            (("filetop", "--write-only"), 0), (("ext4dist", "-o", "write"), 0), (("ext4dist",), 3),
                            (("ext4dist", "--fs", "tmpfs"), 0), (("fsdist", "-t", "tmpfs"), 0)):
            rows = vfscope(*args, "-j", "-d", scratch, "--", "sh", "-c",
                           f"cat {scratch}/f >/dev/null; :").records()
            equal("operations of %r" % (args,), sum(row["count"] for row in rows), count)


@CASES.case
def columns_of_operations():
    for flags, titles in (((), "TIME read write fsync open create unlink mkdir rmdir"),
                          (("-o", "read,rename"), "TIME read rename"),
                          (("--where", "op == fsync"), "TIME fsync"),
                          (("-o", "move_mount,read"), "TIME read move_mount")):
        equal("titles with %r" % (flags,), table_of("vfsstat", *flags, "0.1", "1")[0], titles.split())
    # each number ends where its title does
    for ops in ("mounts", "metadata"):
        title, row = vfscope("stat", "-o", ops, "-c", "nosuch", "0.1", "1").out.decode().splitlines()
        equal("ends of columns of " + ops, [m.end() for m in re.finditer(r"\S+", row)],
              [m.end() for m in re.finditer(r"\S+", title)])


@CASES.case
def keys_are_replaced():
    """Columns that were the preset's own keys go, those of the new keys come."""
    for words, titles in (("filetop --by comm", "COMM READS WRITES RBYTES WBYTES"),
                          ("filetop --by comm,path", "COMM READS WRITES RBYTES WBYTES PATH"),
                          ("dirtop --by dir:2", "READS WRITES RBYTES WBYTES DIR"),
                          ("dirtop --by dir:1,comm,dir", "COMM READS WRITES RBYTES WBYTES DIR DIR"),
                          ("cgtop --by comm", "COMM COUNT READS WRITES RBYTES WBYTES ERRORS AVG"),
                          ("fileio --by pid,path", "PID READS WRITES RBYTES WBYTES AVG MAX PATH"),
                          ("vfsstat --by comm", "COMM TIME read write fsync open create unlink mkdir rmdir")):
        lines = table_of(*words.split(), "--", "cat", "/etc/hosts")
        if titles.split() not in lines:
            fail("%s: %r", words, lines)
        if "--by comm" in words and "cat" not in [line[0] for line in lines if line]:
            fail("%s: no row of cat: %r", words, lines)
    rows = vfscope("filetop", "-j", "--by", "comm", "--", "cp", "/etc/hosts", "/dev/null").records()
    equal("rows", [row["comm"] for row in rows], ["cp"])
    equal("columns of the preset", [name in rows[0] for name in ("reads", "wbytes", "tid", "path")],
          [True, True, False, False])


@CASES.case
def csv_has_the_columns():
    """A preset's in its order; rows of the rest can be told."""
    with Scratch() as scratch:
        titles, _ = csv_of("ext4slower", "0", "-c", "--dir", scratch, "--", "touch", scratch + "/a")
        equal("ext4slower", titles, "ts_ns,comm,pid,op,bytes,offset,lat_ns,path".split(","))
        titles, rows = csv_of("filelife", "-f", "csv", "--", "sh", "-c", f"echo a >{scratch}/new; rm {scratch}/new")
        equal("filelife", titles, "ts_ns,pid,comm,age_ns,path".split(","))
        equal("its row", [(row["comm"], row["path"]) for row in rows], [("rm", scratch + "/new")])
        titles, rows = csv_of("filetop", "-r", "1", "-f", "csv", "-d", scratch, "--", "sh", "-c",
                              f"echo a >{scratch}/a; echo abc >{scratch}/b; :")
        equal("filetop", titles, "tid,comm,reads,writes,rbytes,wbytes,ftype,path,other".split(","))
        equal("rows", [(row["path"], row["wbytes"], row["other"]) for row in rows],
              [(scratch + "/b", "4", ""), ("", "2", "true")])
        titles, rows = csv_of("top", "-n", "1", "--by", "path", "-f", "csv", "-F", "path,count,bytes", "-d", scratch,
                              "-o", "read", "--", "sh", "-c", f"cat {scratch}/[ab] >/dev/null; :")
        equal("named", titles, "path,count,bytes,other".split(","))
        equal("rest", [(row["bytes"], row["other"]) for row in rows], [("4", ""), ("2", "true")])
        titles, rows = csv_of("hist", "-f", "csv", "-o", "read", "-d", scratch, "--", "sh", "-c",
                              f"cat {scratch}/a >/dev/null; :")
        named = [title for title in titles if title.startswith("lat_")]
        equal("hist", named, "lat_avg,lat_max,lat_p50,lat_p90,lat_p99,lat_p999".split(","))
        equal("has them", [name for name in named if not int(rows[0][name])], [])


@CASES.case
def json_is_exact():
    """Machines get the number of each operation, and not what it was a second."""
    with Scratch() as scratch:
        script = "import os; f = os.open('x', os.O_CREAT | os.O_RDWR); [os.write(f, b'x') for _ in range(7)]; os.fsync(f)"
        rows = vfscope("vfsstat", "-j", "-d", scratch, "0.7", "--", "/usr/bin/python3", "-c", script, cwd=scratch).records()
        counts = collections.Counter()
        for row in rows:
            counts[row["op"]] += row["count"]
        equal("counts", counts, {"open": 1, "create": 1, "write": 7, "fsync": 1})
        equal("rates", [name for row in rows for name in ("read", "write", "fsync") if name in row], [])


@CASES.case
def idle_intervals():
    """Each interval has its record, or its line with the time, also if nothing is done in it."""
    idle = ("--comm", "nosuch", "0.1", "3")
    rows = vfscope("vfsstat", "-j", "-F", "type,read,count", *idle).records()
    equal("records", [(row["read"], row["count"]) for row in rows], [(0, 0)] * 3)
    _, rows = csv_of("vfsstat", "-f", "csv", *idle)
    equal("rows", [row["read"] for row in rows], ["0"] * 3)
    for words in ("ext4dist", "biolatency -T", "hist", "stat --by comm", "top"):
        output = vfscope(*words.split(), *idle)
        times = re.findall(rf"^{CLOCK}, 0\.1 s: 0 ops \(0/s\), 0 failed, 0 bytes/s$", output.out.decode(), re.M)
        equal("times of " + words, len(times), 3)
    equal("without an interval there is no time", re.findall(CLOCK, vfscope("hist", "--", "true").out.decode()), [])


@CASES.case
def what_has_no_duration():
    """Pages are met, not waited for: the mean is of the writes, and of pages alone there is none."""
    with Scratch() as scratch:
        write = ("-d", scratch, "--", "dd", "if=/dev/zero", f"of={scratch}/y", "bs=256K", "count=8")
        total = csv_of("top", "-o", "write,page", "--by", "comm", "-f", "csv", "-F",
                       "count,lat_sum,lat_avg,lat_p50,lat_max", *write)[1][0]
        if not int(total["lat_p50"]) <= int(total["lat_max"]) or int(total["count"]) <= 8:
            fail("%r", total)
        equal("mean", int(total["lat_avg"]), int(total["lat_sum"]) // 8)
        total = csv_of("top", "-o", "write,page", "--by", "comm", "-f", "csv", "-F", "lat_sum,lat_avg", *write)[1][0]
        equal("mean without percentiles", int(total["lat_avg"]), int(total["lat_sum"]) // 8)
        row, = vfscope("top", "-o", "page", "--by", "comm", "-j", *write).records()
        equal("of pages", ("lat" in row, row["count"] > 0), (False, True))
        rows = vfscope("top", "-o", "write,page", "--by", "op", "-j", "-F", "type,op,count,lat_avg,lat_max",
                       *write).records()
        pages, = [row for row in rows if row["op"] == "page"]
        equal("of pages beside writes", sorted(pages), ["count", "op", "type"])
        text = vfscope("hist", "-o", "page,write", *write).out.decode()
        equal("diagrams with a mean", (text.count("op = "), text.count("avg ")), (2, 1))


@CASES.case
def sizes_are_powers_of_two():
    """256 reads of 4096 bytes and one of none."""
    read = "import os, sys\nfd = os.open(sys.argv[1], 0)\nwhile os.read(fd, 4096): pass"
    with Scratch() as scratch:
        with open(scratch + "/f", "wb") as file:
            file.write(b"x" * 4096 * 256)
        row, = vfscope("hist", "--of", "size", "-o", "read", "-d", scratch, "-j", "--",
                       sys.executable, "-S", "-c", read, scratch + "/f").records()
    equal("operations", row["count"], 257)
    equal("percentiles", {name: n for name, n in row["size"] if name != "avg"},
          {"p50": 4096, "p90": 4096, "p99": 4096, "p999": 4096})


def has_bpf(pid):
    """Has the process begun to load programs?"""
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):
            if "bpf" in os.readlink(f"/proc/{pid}/fd/{fd}"):
                return True
    return False


@CASES.case
def caches_from_the_beginning():
    """What is opened while it still loads is no change in the first interval: more are not opened by others."""
    proc = subprocess.Popen([Config.vfscope, "stat", "--caches", "-j", "0.5", "1"], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL)
    while not has_bpf(proc.pid) and proc.poll() is None:
        pass
    files = [os.open("/dev/null", os.O_RDONLY) for _ in range(900)]
    out = proc.communicate(timeout=TIMEOUT)[0]
    for file in files:
        os.close(file)
    row = json.loads(out.splitlines()[0])
    equal("opened in the interval", row["files_s"] * row["interval_ns"] / 1e9 < 450, True)


@CASES.case
def flags_of_later_namesakes():
    for words, titles in (("execsnoop -M -C --max-args 3", "COMM PID PCOMM PPID RET ARGS"),
                          ("statsnoop -s", "PID COMM OP FD ERR PATH"),
                          ("statsnoop --sysname", "PID COMM OP FD ERR PATH"),
                          ("filelife -F", "TIME PID COMM AGE PATH"), ("filelife --full-path", "TIME PID COMM AGE PATH"),
                          ("biosnoop -m 5 -t", "TIME COMM PID DEV KIND OFFSET BYTES LAT PATH"),
                          ("filetop --directory /tmp", "TID COMM READS WRITES RBYTES WBYTES FTYPE PATH")):
        lines = table_of(*words.split(), "--", "cat", "/etc/hosts")
        if titles.split() not in lines:
            fail("%s: %r", words, lines)
    with Scratch() as scratch:
        rows = vfscope("filelife", "-F", "-j", "-d", scratch, "--", "sh", "-c",
                       f">{scratch}/f; rm {scratch}/f").records()
        equal("filelife -F", [row["path"] for row in rows], [scratch + "/f"])
    # forever: until it is told to end
    with Tracing("cgtop", "-n", "0", "-d", "50ms") as tracing:
        output = tracing.stop(signal.SIGINT)
    equal("exit status", output.status, 0)
    # both keys
    output = vfscope("biolatency", "-D", "-F", "-f", "csv", "0.1", "1")
    equal("both keys", output.out.decode().split(",")[:2], ["dev", "kind"])
    output = vfscope("biolatency", "-F", "-F", "--by", "pid", "-f", "csv", "0.1", "1")
    equal("keys of its user", output.out.decode().split(",")[:2], ["pid", "other"])


@CASES.case
def mountsnoop_descriptors():
    """Those that calls are given; that of the working directory as strace has it."""
    with Scratch() as scratch:
        os.mkdir(scratch + "/m")
        output = vfscope("mountsnoop", "--", "unshare", "-m", sys.executable, "-S", "-c", MOUNTS, scratch + "/m")
    lines = output.out.decode("latin-1").splitlines()
    titles = lines[0].split()
    equal("title", titles[titles.index("OP") + 1], "FD")
    calls = [line.split() for line in lines[1:]]
    at = {call[4]: call[5] for call in calls if call[4] in ("fsopen", "fsconfig", "fsmount", "move_mount")}
    equal("descriptors", [(name, at[name].isdigit()) for name in sorted(at)],
          [("fsconfig", True), ("fsmount", True), ("fsopen", False), ("move_mount", True)])
    source, = [call for call in calls if "FSCONFIG_SET_PATH" in call]
    equal("relative to", source[-1], "AT_FDCWD")


@CASES.case
def words_of_refusals():
    for args, words in (
            (("hist", "-F", "count"), ("-F count", "-j", "csv")),
            (("stat", "-F", "ts_ns,dentries", "1"), ("'dentries'", "--caches")),
            (("top", "-s", "cached"), ("'cached'", "--caches")), (("stat", "--caches", "-x"), ("-x", "machine")),
            (("stat", "--caches", "-d", "/tmp"), ("-d", "machine")),
            (("vfscount", "abc"), ("SECONDS 'abc'", "seconds")),
            (("vfscount", "0"), ("SECONDS '0'",)), (("biosnoop", "-m", "x"), ("MIN_MS 'x'", "milliseconds")),
            (("stat", "-j", "-F", "-op"), ("-F -op", "named"))):
        output = vfscope(*args)
        err = output.err.decode()
        equal("exit status of %r" % (args,), output.status, 2)
        equal("lines of %r" % (args,), err.count("\n"), 1)
        for word in words:
            if word not in err or "--duration" in err:
                fail("%r: %r does not say %r", args, err, word)
