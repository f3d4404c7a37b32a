#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
vfscope's presets beside their namesakes (Debian's libbpf-tools, bpfcc-tools) over the same workload.
For what both see, the numbers are equal, or the difference is a known fault of the other, named
here with what the workload has really done. In a guest only, with ext4, xfs and btrfs mounted below
VFSCOPE_SCRATCH; NFS is served from there. Prints a table for docs/peers.md.

peers.py [PART-PARTS|bcc]: of so many parts of what has libbpf-tools, one; or what has bpfcc-tools, which
take minutes each to start in a guest, for they compile what they load.
"""
import collections
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

from common import SCRATCH, VFSCOPE, check, finish, wait_attached
from kernel import end_nfs, run as run_command, serve_nfs

WORK = r"""
import ctypes, mmap, os, subprocess, sys
open("/proc/self/comm", "w").write("peerwork")
work = sys.argv[1]
os.chdir(work)
os.write(1, b"x")
sys.stdin.readline()
data = os.open("data", os.O_CREAT | os.O_RDWR, 0o600)
for i in range(200):
    os.pwrite(data, b"x" * 4096, i * 4096)
os.fsync(data)
for i in range(100):
    os.pread(data, 1 << 20, 200 * 4096 - 1000)      # asks for 1 MiB, moves 1000 bytes
for i in range(30):
    os.preadv(data, [bytearray(500), bytearray(500)], i * 1000)
os.close(data)
for i in range(40):
    os.close(os.open("f%d" % i, os.O_CREAT | os.O_WRONLY, 0o600))
for i in range(25):
    os.stat("f%d" % i)
for i in range(40):
    os.unlink("f%d" % i)
for i in range(10):
    try:
        os.open("none%d" % i, os.O_RDONLY)
    except FileNotFoundError:
        pass
for i in range(5):
    os.close(os.open("g%d" % i, os.O_CREAT | os.O_WRONLY, 0o600))
    os.rename("g%d" % i, "h%d" % i)
for i in range(7):
    subprocess.run(["/bin/true", "peer"])
libc = ctypes.CDLL(None)
for i in range(3):
    libc.mount(b"peer", b"m", b"tmpfs", 0, b"size=1m")
    libc.umount2(b"m", 0)
direct = os.open("data", os.O_RDONLY | os.O_DIRECT)
buffer = mmap.mmap(-1, 4096)
for i in range(64):
    os.preadv(direct, [buffer], i * 4096)
os.close(direct)
"""

# what they print is not written to the disk that they watch
OUTPUT = "/dev/shm/peers-"
CHOSEN = os.environ.get("VFSCOPE_PEERS", "").split()  # tools; none: all of them
Peer = collections.namedtuple("Peer", "name theirs theirs_count ours ours_count fault where", defaults=["ext4"])


def lines(pattern):
    return lambda text: len([line for line in text.splitlines() if re.search(pattern, line)])


def rows(**wanted):
    """How many records there are with these values."""
    def count(text):
        records = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        return len([r for r in records[:-1] if all(r.get(key) in value for key, value in wanted.items())])
    return count


def bars(name):
    """The sum over the bars of one histogram of theirs."""
    def count(text):
        total, inside = 0, name is None
        for line in text.splitlines():
            if name and line.startswith("operation"):
                inside = name in line
            found = re.match(r"\s*\d+ -> \d+\s*: (\d+)", line)
            total += int(found.group(1)) if inside and found else 0
        return total
    return count


def summed(key, **wanted):
    def count(text):
        records = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        return sum(r.get(key, 0) for r in records[:-1] if all(r.get(k) == v for k, v in wanted.items()))
    return count


def column(title):
    """The sum of one column over all lines, of a tool that prints rates: its interval is one second."""
    def count(text):
        at, total = None, 0
        for words in map(str.split, text.splitlines()):
            if title in words:
                at = words.index(title)
            elif at is not None and len(words) > at and re.fullmatch(r"\d+", words[at]):
                total += int(words[at])
        return total
    return count


def last_word(word, at, unit=1):
    """The sum of one column over the lines that end with a word; their kilobytes are whole ones."""
    def count(text):
        lines = [line.split() for line in text.splitlines()]
        return sum(int(words[at]) * unit for words in lines if words[-1:] == [word])
    return count


def called(function):
    """How often a function was called, by vfscount of either."""
    return lambda text: sum(map(int, re.findall(rf"\b{function}\b\D+(\d+)", text)))


def pages(kind):
    return lambda text: summed("bytes", kind=kind)(text) // 4096


MACHINE = "counts the whole machine, itself and the other tool included, and takes no process"
ASKED = "counts what was asked for, not what moved"
NO_STAT = "knows stat, lstat and statfs only, which programs do not call any more (newfstatat, statx)"
NO_VEC = "hooks vfs_read only: no readv"
OTHER_ARGUMENTS = "shows nothing: the arguments of vfs_create and vfs_unlink are others by now"



def named(pattern, **wanted):
    """Of our records with these values: those whose last component is one of these."""
    def count(text):
        records = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        return len([r for r in records[:-1] if re.fullmatch(pattern, r.get("path", "").rsplit("/", 1)[-1])
                    and all(r.get(key) in value for key, value in wanted.items())])
    return count


def of_data(key):
    """Of our totals: what they say of the file."""
    def count(text):
        records = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        return sum(r[key] for r in records[:-1] if r.get("path", "").endswith("/data"))
    return count


# {pid}: of the workload; {disk}: of its file system; {work}: its directory
PEERS = [
    Peer("opensnoop", "opensnoop -p {pid}", lines(r"peerwork.*\b(f\d+|data|none\d+)$"),
         "opensnoop -j -p {pid}", named(r"f\d+|data|none\d+"), None),
    Peer("statsnoop", "statsnoop -p {pid}", lines(r" f\d+$"), "statsnoop -j -p {pid}", named(r"f\d+"), NO_STAT),
    Peer("filelife", "filelife -p {pid}", lines(r" f\d+$"), "filelife -j -p {pid}", rows(comm=["peerwork"]), OTHER_ARGUMENTS),
    Peer("filelife of bcc", "filelife-bpfcc -p {pid}", lines(r" f\d+$"), "filelife -j -p {pid}", rows(comm=["peerwork"]),
         OTHER_ARGUMENTS),
    Peer("filegone of bcc: deleted", "filegone-bpfcc -p {pid}", lines(r"DELETE +f\d+"), "filegone -j -p {pid}",
         rows(op=["unlink"]), OTHER_ARGUMENTS),
    Peer("filegone of bcc: renamed", "filegone-bpfcc -p {pid}", lines(r"RENAME +g\d+ +> +h\d+"), "filegone -j -p {pid}",
         rows(op=["rename"]), OTHER_ARGUMENTS),
    Peer("filetop: reads", "filetop -C -r 100 -p {pid} 600 1", last_word("data", 2), "filetop -j -p {pid} 600 1",
         of_data("reads"), NO_VEC),
    Peer("filetop: bytes read", "filetop -C -r 100 -p {pid} 600 1", last_word("data", 4, 1024), "filetop -j -p {pid} 600 1",
         of_data("rbytes"), ASKED + ", and " + NO_VEC),
    Peer("dirtop of bcc: reads", "dirtop-bpfcc -C -d {work} -p {pid} 600 1", last_word("{work}", 0),
         "dirtop -d {work} -j -p {pid} 600 1", summed("reads"), NO_VEC),
    Peer("dirtop of bcc: writes", "dirtop-bpfcc -C -d {work} -p {pid} 600 1", last_word("{work}", 1),
         "dirtop -d {work} -j -p {pid} 600 1", summed("writes"), None),
    Peer("biolatency", "biolatency -d {disk}", bars(None), "biolatency -j", summed("count"), None),
    Peer("runqslower", "runqslower -p {pid} 1", lines("peerwork"), "runqslower -j -p {pid} 2", rows(comm=["peerwork"]),
         "cuts to whole microseconds and shows what is above its limit; each measures by itself"),
    Peer("fsdist: reads", "fsdist -t ext4 -p {pid}", bars("read"), "fsdist -t ext4 -j -p {pid}", summed("count", op="read"), None),
    *[Peer(f"{fs}dist: {op}s", f"{fs}dist -p {{pid}}", bars(op), f"{fs}dist -j -p {{pid}}", summed("count", op=op), None, fs)
      for fs in ("ext4", "xfs", "btrfs", "nfs") for op in ("read", "write", "fsync") if (fs, op) != ("nfs", "fsync")],
    Peer("fsslower: reads", "fsslower -t ext4 -m 0 -p {pid}", lines(r"\bR\b.*data$"),
         "fsslower -t ext4 -m 0 -f json -p {pid}", rows(op=["read"], name=["data"]), None),
    *[Peer(f"{fs}slower: {op}s", f"{fs}slower -m 0 -p {{pid}}", lines(rf"\b{op[0].upper()}\b.*data$"),
           f"{fs}slower -m 0 -f json -p {{pid}}", rows(op=[op], name=["data"]), None, fs)
      for fs in ("ext4", "xfs", "btrfs", "nfs") for op in ("read", "write")],
    Peer("fileslower of bcc: reads", "fileslower-bpfcc -p {pid} 0", lines(r" R \d+ .* data$"), "fileslower -j -p {pid} 0",
         rows(op=["read"], name=["data"]), NO_VEC),
    Peer("fileslower of bcc: writes", "fileslower-bpfcc -p {pid} 0", lines(r" W \d+ .* data$"), "fileslower -j -p {pid} 0",
         rows(op=["write"], name=["data"]), None),
    Peer("biosnoop: direct reads", "biosnoop -d {disk}", lines(r"peerwork.* R .* 4096 "),
         "biosnoop -j", rows(kind=["read"], bytes=[4096], comm=["peerwork"]), None),
    Peer("biosnoop of bcc: direct reads", "biosnoop-bpfcc -d {disk}", lines(r"peerwork.* R .* 4096 "),
         "biosnoop -j", rows(kind=["read"], bytes=[4096], comm=["peerwork"]), None),
    Peer("execsnoop", "execsnoop", lines(r"/bin/true peer\s*$"), "execsnoop -j", rows(args=["/bin/true peer"]), None),
    Peer("mountsnoop", "mountsnoop -p {pid}", lines(r"u?mount"), "mountsnoop -j -p {pid}", rows(op=["mount", "umount"]), None),
    Peer("vfsstat: fsyncs", "stdbuf -oL vfsstat 1", column("FSYNC/s"), "vfsstat -j -p {pid} 1", summed("count", op="fsync"),
         "hooks vfs_fsync, which the compiler has put into fsync(2) itself: it is not called"),
    Peer("vfsstat: writes", "stdbuf -oL vfsstat 1", column("WRITE/s"), "vfsstat -j -p {pid} 1", summed("count", op="write"),
         MACHINE),
    Peer("vfsstat of bcc: fsyncs", "vfsstat-bpfcc -p {pid} 1", column("FSYNC/s"), "vfsstat -j -p {pid} 1",
         summed("count", op="fsync"), "hooks vfs_fsync_range, which the compiler has put into fsync(2) itself: it is not called"),
    Peer("vfsstat of bcc: writes", "vfsstat-bpfcc -p {pid} 1", column("WRITE/s"), "vfsstat -j -p {pid} 1",
         summed("count", op="write"), None),
    *[Peer(f"vfscount of bcc: {function}", "vfscount-bpfcc 600", called(function), "vfscount -p {pid}", called(function), None)
      for function in ("vfs_unlink", "vfs_rename")],
    Peer("cachestat: hits", "stdbuf -oL cachestat 1", column("HITS"), "cachestat -j --by kind -p {pid} 1", pages("hit"),
         MACHINE + "; it derives hits from calls that are not made for reads alone"),
    Peer("cachestat: misses", "stdbuf -oL cachestat 1", column("MISSES"), "cachestat -j --by kind -p {pid} 1", pages("miss"),
         MACHINE + "; pages that a write adds are misses too"),
    Peer("dcstat of bcc: misses", "dcstat-bpfcc 1", column("MISS/s"), "dcstat -p {pid} 1", column("MISS/s"), MACHINE),
    Peer("dcsnoop of bcc: misses", "dcsnoop-bpfcc", lines(r"peerwork +M (f\d+|data|none\d+)$"), "dcsnoop -j -p {pid}",
         named(r"f\d+|data|none\d+", kind=["miss"]), None),
]
DONE = {"opensnoop": 40 + 1 + 10 + 1, "statsnoop": 25, "filelife": 40, "filelife of bcc": 40,
        "filegone of bcc: deleted": 40, "filegone of bcc: renamed": 5,
        "filetop: reads": 100 + 30 + 64, "filetop: bytes read": 100 * 1000 + 30 * 1000 + 64 * 4096,
        "dirtop of bcc: reads": 194, "dirtop of bcc: writes": 200,
        **{f"{tool}: reads": 194 for fs in ("ext4", "xfs", "btrfs", "nfs", "fs") for tool in (fs + "dist", fs + "slower")},
        **{f"{tool}: writes": 200 for fs in ("ext4", "xfs", "btrfs", "nfs") for tool in (fs + "dist", fs + "slower")},
        **{f"{fs}dist: fsyncs": 1 for fs in ("ext4", "xfs", "btrfs")},
        "fileslower of bcc: reads": 194, "fileslower of bcc: writes": 200,
        "vfsstat: fsyncs": 1, "vfsstat of bcc: fsyncs": 1,
        "vfscount of bcc: vfs_unlink": 40, "vfscount of bcc: vfs_rename": 5,
        # the last page a hundred times, and those that 1000 bytes each touch
        "cachestat: hits": 100 + sum((i * 1000 + 999) // 4096 - i * 1000 // 4096 + 1 for i in range(30)),
        "cachestat: misses": 0,
        # each name once, when it is not there yet
        "dcsnoop of bcc: misses": 1 + 40 + 10,
        "biosnoop: direct reads": 64, "biosnoop of bcc: direct reads": 64, "execsnoop": 7, "mountsnoop": 6}

def programs_of(pid):
    """How many BPF programs and hooks a process holds."""
    count = 0
    try:
        for fd in os.listdir(f"/proc/{pid}/fdinfo"):
            with open(f"/proc/{pid}/fdinfo/{fd}", encoding="latin-1") as text:
                count += "prog" in text.read()
    except OSError:
        pass
    return count


def start(command, output):
    with open(output, "wb") as out:
        return subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                env={**os.environ, "PYTHONUNBUFFERED": "1"})


def ready(proc, ours):
    """It has attached: it has given its privileges up, or its hooks stay as many as they are."""
    if ours:
        wait_attached(proc)
        return proc.poll() is None
    before, since = -1, time.monotonic()
    while proc.poll() is None:
        now = programs_of(proc.pid)
        if now != before:
            before, since = now, time.monotonic()
        if now and time.monotonic() - since > 5:
            return True
        if time.monotonic() - since > 300: # it holds nothing that is known, but has not ended
            return True
        time.sleep(0.1)
    return False


def end(proc, output):
    if proc.poll() is None:
        proc.send_signal(signal.SIGINT)
    try:
        proc.wait(timeout=120)
    except subprocess.TimeoutExpired:
        proc.kill()
        proc.wait()
    with open(output, encoding="utf-8", errors="replace") as text:
        return text.read()


def run(theirs, ours, work, disk):
    """Both tools over one run of the workload: (their output or None, ours)."""
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work + "/m")
    with subprocess.Popen([sys.executable, "-S", "-c", WORK, work], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as workload:
        # nothing of its start, and nothing of what was written before, is seen by the one and not by the other
        workload.stdout.read(1)
        os.sync()
        fill = {"pid": workload.pid, "disk": disk, "work": work}
        their = start(theirs.format(**fill).split(), OUTPUT + "theirs")
        their_ready = ready(their, False)
        our = start([VFSCOPE] + ours.format(**fill).split(), OUTPUT + "ours")
        ready(our, True)
        workload.communicate(b"\n")
    os.sync()
    time.sleep(1)
    their_text = end(their, OUTPUT + "theirs")
    our_text = end(our, OUTPUT + "ours")
    return (their_text if their_ready else None), their_text, our_text


def why_not(text):
    words = [line.strip() for line in text.splitlines() if line.strip()]
    return "theirs does not run" + (f": {words[-1][:70]}" if words else "")


def compare(peer, outputs, work):
    """(what the table says, problems)"""
    theirs, said, ours = outputs
    got = peer.ours_count(ours)
    done = DONE.get(peer.name, got)
    problems = [] if got == done else [f"ours {got}, done {done}: {ours[-300:]}"]
    if theirs is None:
        return f"{why_not(said)}; ours {got}", problems
    other = peer.theirs_count(theirs.replace(work, "{work}"))
    if other == got:
        return f"equal: {got}", problems
    if not peer.fault:
        problems.append(f"theirs {other}, and no fault of it is known: {theirs[-400:]}")
        return f"theirs {other}, ours {got} of {done}", problems
    return f"theirs {other}, ours {got}: theirs {peer.fault}", problems


def disk_of(path):
    number = os.stat(path).st_dev
    return os.path.basename(os.path.realpath(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}"))


def chosen():
    """Peers that share a run of the workload are in the same part."""
    word = sys.argv[1] if len(sys.argv) > 1 else "1-1"
    part, parts = (1, 1) if word == "bcc" else map(int, word.split("-"))
    runs = list(dict.fromkeys((peer.theirs, peer.ours) for peer in PEERS if ("-bpfcc" in peer.theirs) == (word == "bcc")))
    wanted = set(runs[(part - 1) * len(runs) // parts:part * len(runs) // parts])
    return [peer for peer in PEERS if (peer.theirs, peer.ours) in wanted
            and (not CHOSEN or peer.name.split(":")[0].split(" of ")[0] in CHOSEN)]


def main():
    peers, seen = chosen(), {}
    release = os.uname().release.split("-")[0]
    export, nfs = f"{SCRATCH}/xfs/export", f"{SCRATCH}/nfs"
    if any(peer.where == "nfs" for peer in peers):
        os.makedirs(export)
        os.makedirs(nfs)
        serve_nfs(export)
        run_command("mount", "-t", "nfs4", "-o", "vers=4.2", "127.0.0.1:/", nfs)
    for peer in peers:
        work = f"{SCRATCH}/{peer.where}/work"
        key = (peer.theirs, peer.ours)
        if key not in seen:
            seen[key] = run(peer.theirs, peer.ours, work, disk_of(f"{SCRATCH}/{peer.where}"))
        what, problems = compare(peer, seen[key], work)
        check(f"{peer.name}: {what}", problems)
        print(f"# peers | {peer.name} | {release} | {what} |", flush=True)
    if os.path.ismount(nfs):
        end_nfs(export, nfs)
    finish()


main()
