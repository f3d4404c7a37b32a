#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Losses made to happen, on each backend: what was delivered and what was lost is what was done."""
import json
import mmap
import os
import signal
import subprocess
import threading
import time

from common import (PREEMPT, ROOT, SKIPS, VFSCOPE, Tmpfs, Watching, backends, check, equal, finish, need,
                    preempt_models, preempts, records, scratch, shows, trace, whole)

LOAD = os.path.join(ROOT, "build/load")
STRAIN = os.path.join(ROOT, "build/strain")
CALLS = 50000


def ring(backend, work):
    """A ring that is too small."""
    output = f"{work}/../records.json"
    trace(["--backend", backend, "--buffer", "4K", "-o", "read", "-d", work, "--", LOAD, f"{work}/data",
           str(CALLS)], output)
    ops, summary = records(output)
    lost = {cause: n for cause, n in summary["lost"].items() if n}
    problems = equal("delivered + lost", len(ops) + lost.get("ring", 0), CALLS)
    problems += equal("causes", set(lost), {"ring"}) + equal("exact", summary["exact"], False)
    check(f"{backend}, a ring of 4K: {len(ops)} delivered + {lost.get('ring', 0)} lost = {CALLS}", problems)


MANY = int(os.environ.get("VFSCOPE_READS", "2000000"))


def overflow_of_dd(backend, work):
    """Two million reads by dd into 64 KiB; counted as they come: a guest's disk has no room for them."""
    with subprocess.Popen([VFSCOPE, "trace", "-j", "--backend", backend, "--buffer", "64K", "-o", "read", "-d", work,
                           "--", "dd", f"if={work}/data", "of=/dev/null", "bs=1", f"count={MANY}", "status=none"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as proc:
        shown, line = -1, b"{}"
        for line in proc.stdout:
            shown += 1
    summary = json.loads(line)
    lost = {cause: n for cause, n in summary["lost"].items() if n}
    problems = equal("exit status", proc.returncode, 0) + equal("events", summary["events"], shown)
    problems += equal("delivered + lost", shown + lost.get("ring", 0), MANY)
    problems += equal("other causes", set(lost) - {"ring"}, set()) + equal("exact", summary["exact"], not lost)
    check(f"{backend}, a ring of 64K: {shown} delivered + {lost.get('ring', 0)} lost = {MANY}", problems)


ENGINES = ("libaio", "io_uring")


def full_map(backend, work):
    """More requests under way than --map-entries has room for."""
    output, result = f"{work}/../records.json", f"{work}/../fio.json"
    jobs = [arg for engine in ENGINES
            for arg in (f"--name={engine}", "--stonewall", f"--filename={work}/{engine}", f"--ioengine={engine}")]
    trace(["--backend", backend, "--map-entries", "16", "-o", "read", "-d", work, "--", "fio", "--rw=randread", "--bs=4k",
           "--size=4m", "--direct=1", "--iodepth=64", "--iodepth_batch=64", "--output-format=json",
           f"--output={result}", *jobs], output)
    ops, summary = records(output)
    with open(result, encoding="utf-8") as text:
        text = text.read()
    done = sum(job["read"]["total_ios"] for job in json.loads(text[text.index("{"):])["jobs"])
    lost, problems = summary["lost"]["map_full"], []
    for engine in ENGINES:
        some = sum(os.path.basename(r["path"]) == engine for r in ops)
        problems += [] if 0 < some < done // 2 else [f"{engine}: {some} delivered"]
    problems += equal("delivered + lost", len(ops) + lost, done) + equal("exact", summary["exact"], False)
    check(f"{backend}, {', '.join(ENGINES)}, 16 entries: {len(ops)} delivered + {lost} lost = {done}",
          problems + ([] if lost else ["nothing was lost"]))


READS = 20000


def read_on(cpu, path):
    """A process that does nothing but read, on one processor."""
    pid = os.fork()
    if not pid:
        fd = os.open(path, os.O_RDONLY)
        os.sched_setaffinity(0, {cpu})
        for _ in range(READS):
            os.pread(fd, 1, 0)
        os._exit(0)
    return pid


def preempt(model):
    with open(PREEMPT, "w", encoding="ascii") as text:
        text.write(model.strip("()"))


def recursion(work):
    """
    A program that is preempted is skipped for the next task that comes through it. vfscope takes no such
    programs where the kernel preempts; so the kernel begins to when it is at work. Without times there is one
    program, at the end; else one that began might be missed twice.
    """
    before = next(model for model in preempt_models() if "(" in model)
    os.sched_setaffinity(0, {0})
    try:
        preempt("voluntary")
        with Watching(f"{work}/../records.json", "--backend", "fentry", "-o", "read", "-F", "type,op",
                      "-d", work) as seen:
            preempt("full")
            for pid in [read_on(1, f"{work}/data") for _ in range(2)]:
                os.waitpid(pid, 0)
            preempt("voluntary")  # nobody else has been skipped
    finally:
        preempt(before)
        os.sched_setaffinity(0, range(os.cpu_count()))
    lost = {cause: n for cause, n in seen.summary["lost"].items() if n}
    missed = lost.get("missed", 0)
    problems = equal("delivered + lost", len(seen.ops) + missed, 2 * READS) + equal("causes", set(lost), {"missed"})
    problems += equal("exact", seen.summary["exact"], False)
    check(f"fentry, preempted: {len(seen.ops)} delivered + {missed} lost = {2 * READS}", problems)


THREADS = 24  # more than a kretprobe follows at a time: as many as there are processors, or twice that, or 10


def at_once(target, arguments):
    """Threads that each do one thing and end."""
    threads = [threading.Thread(target=target, args=args) for args in arguments]
    for thread in threads:
        thread.start()
    time.sleep(1)
    return threads


def unended(how, seen, delivered):
    """
    Since 7 the kernel may skip the program that is told of what comes into the page cache (design.md, Losses): one
    that is neither delivered nor unpaired is missed, and one that is unpaired may be missed besides.
    """
    lost = {cause: n for cause, n in seen.summary["lost"].items() if n}
    unpaired, missed = lost.get("unpaired", 0), lost.get("missed", 0)
    problems = equal("causes", set(lost) - set(SKIPS), {"unpaired"})
    if not delivered + unpaired <= THREADS <= delivered + unpaired + missed:
        problems.append(f"of {THREADS}")
    check(f"{how}: {delivered} delivered + {lost} lost = {THREADS}",
          problems + equal("exact", seen.summary["exact"], False))


def unended_reads(work):
    """Threads that wait for the disk in the page cache, on a disk that is slow enough."""
    group, device = "/sys/fs/cgroup/vfscope-losses", os.stat(work).st_dev
    for path, text in (("/sys/fs/cgroup/cgroup.subtree_control", "+io"),
                       (f"{group}/io.max", f"{os.major(device)}:{os.minor(device)} riops=8")):
        os.makedirs(group, exist_ok=True)
        with open(path, "w", encoding="ascii") as to:
            to.write(text)
    fd = os.open(f"{work}/data", os.O_RDONLY)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_RANDOM)
    with Watching(f"{work}/../records.json", "--backend", "kprobe", "-o", "page", "-d", work) as seen:
        with open(f"{group}/cgroup.procs", "w", encoding="ascii") as to:
            to.write(str(os.getpid()))
        for thread in at_once(os.pread, [(fd, 1, 16 * i * mmap.PAGESIZE) for i in range(THREADS)]):
            thread.join()
    with open("/sys/fs/cgroup/cgroup.procs", "w", encoding="ascii") as to:
        to.write(str(os.getpid()))
    os.close(fd)
    missed = sum(r["bytes"] for r in seen.ops if r["kind"] == "miss") // mmap.PAGESIZE
    unended("kprobe, threads that end in the midst of a read", seen, missed)


def unended_calls(work):
    """Threads that wait in a call for what comes through a pipe; calls by their own functions, see same.py."""
    source, sink = os.pipe()
    fd = os.open(f"{work}/spliced", os.O_WRONLY | os.O_CREAT, 0o600)
    with Watching(f"{work}/../records.json", "--backend", "fentry", "-o", "read,write", "-d", work) as seen:
        threads = at_once(os.splice, [(source, fd, 1)] * THREADS)
        os.write(sink, bytes(THREADS))
        for thread in threads:
            thread.join()
    unended("fentry, threads that end in the midst of a call", seen, sum(r["via"] == "splice" for r in seen.ops))


# --- what tracepoints tell, so one backend is enough ----------------------------------------------


def counted(how, work, cause, done, delivered, *args, always=True):
    """
    So many of what args do are delivered, the others counted as lost by that cause, and nothing else is. always:
    some are.
    """
    output = f"{work}/../records.json"
    result = trace(["--backend", "tracepoint", *args], output)
    ops, summary = records(output)
    causes = {cause: n for cause, n in summary["lost"].items() if n}
    lost, some = causes.get(cause, 0), delivered(ops)
    problems = equal("exit status", result.returncode, 0) + equal("delivered + lost", some + lost, done)
    problems += equal("causes", set(causes), {cause} if always or lost else set())
    problems += equal("exact", summary["exact"], not lost)
    check(f"{how}: {some} delivered + {lost} lost ({cause}) = {done}",
          problems + ([] if not problems else [result.stderr.decode()]))


def path(work):
    """A path that the smallest ring has no room for."""
    fd = os.open(work, os.O_PATH)
    left = mmap.PAGESIZE - 30 - len(work)  # the ring has a header for each record, and the record one
    while left > 0:
        name = "d" * min(left - 1, 200)
        os.mkdir(name, dir_fd=fd)
        below = os.open(name, os.O_PATH, dir_fd=fd)
        os.close(fd)
        fd, left = below, left - len(name) - 1
    os.close(os.open("f", os.O_RDWR | os.O_CREAT, 0o600, dir_fd=fd))
    script = "import os\nfd = os.open('f', os.O_RDWR)\nfor _ in range(10): os.pwrite(fd, b'x', 0)"
    counted("a path longer than the ring", work, "path", 10, lambda ops: sum("path" in r for r in ops), "--buffer", "4K",
            "-o", "write", "-d", work, "--", "sh", "-c", f"cd -P /proc/{os.getpid()}/fd/{fd} && exec python3 -c \"$0\"",
            script)
    os.close(fd)


GONE = """
import os
for _ in range(5):
    if os.fork():
        os.wait()
        continue
    if os.fork():  # nor is the parent there any more
        os._exit(0)
    os.chroot(os.environ["ELSEWHERE"])
    for name in "ab":
        try:
            os.stat(f"/none/{name}")
        except FileNotFoundError:
            pass
    os._exit(0)
"""


def follow(work):
    """Paths of processes in another root that have ended, as their parents; the root is gone too when vfscope looks."""
    output, elsewhere = f"{work}/../records.json", scratch("elsewhere")
    with Watching(output, "--backend", "tracepoint", "-o", "stat", "-F", "type,op,path,err", "-d", work,
                  "--children", "-p", str(os.getpid())) as seen:
        seen.proc.send_signal(signal.SIGSTOP)
        subprocess.run(["python3", "-c", GONE], check=True, env={**os.environ, "ELSEWHERE": elsewhere})
        os.rmdir(elsewhere)
        seen.proc.send_signal(signal.SIGCONT)
    lost = {cause: n for cause, n in seen.summary["lost"].items() if n}
    check(f"-d, of processes that have ended: {lost.get('follow', 0)} lost = 10",
          equal("lost", lost, {"follow": 10}) + equal("delivered", seen.ops, []))


def contents(work):
    """What is written comes from memory that is not there yet, to where nobody reads it."""
    script = """
import mmap, os
fd = os.open('/dev/null', os.O_WRONLY)
memory = mmap.mmap(-1, 20 * mmap.PAGESIZE)
for i in range(0, 20, 2):
    memory[i * mmap.PAGESIZE] = 1
for i in range(20):
    os.writev(fd, [memoryview(memory)[i * mmap.PAGESIZE:i * mmap.PAGESIZE + 16]])
"""
    counted("--peek", work, "peek", 20, lambda ops: sum("data" in r for r in ops), "--all", "--peek", "16",
            "--path", "/dev/null", "-o", "write", "--via", "vec", "--", "python3", "-c", script)


def arguments(work):
    """Programs with more arguments than are told."""
    script = """
import subprocess
for size in (1000, 100000):
    for _ in range(3):
        subprocess.run(["/bin/true", "x" * size, "y" * size])
"""
    counted("arguments", work, "proc", 6,
            lambda ops: [r["args"] for r in ops].count(f"/bin/true {'x' * 1000} {'y' * 1000}"),
            "-o", "exec", "-F", "type,op,name,args", "--", "python3", "-c", script)


def faults(work):
    """The memory map is locked by another thread just when the file of a page fault is looked up."""
    tmpfs, pages = scratch("faults"), 20000
    with Tmpfs(tmpfs):
        with open(f"{tmpfs}/data", "wb") as data:
            data.truncate(pages * mmap.PAGESIZE)
        counted("page faults", work, "busy", pages, len, "-o", "fault", "-d", tmpfs, "--", STRAIN, "faults",
                f"{tmpfs}/data", str(pages))


def overflow(work):
    """Completions that io_uring has no room for, which it keeps for itself: told up to 6.1, and no more by 6.12."""
    counted("io_uring, room for two completions", work, "unpaired", 20, len, "-o", "read", "--via", "io_uring",
            "-d", work, "--", STRAIN, "overflow", f"{work}/data", "20",
            always=not os.uname().release.startswith(("5.10.", "6.1.")))


def taking_turns(work):
    """Nothing is lost where several tasks that share a processor come through one tracepoint, wherever they lose it."""
    jobs, loops, size, block = 3, 10, 2 << 20, 4 << 10
    fio = ["fio", "--name=turns", f"--directory={work}", "--ioengine=io_uring", "--rw=read", f"--bs={block}",
           f"--size={size}", f"--numjobs={jobs}", f"--loops={loops}", "--iodepth=4", "--output=/dev/null"]
    shells = [f"for i in $(seq {loops * 20}); do /bin/true; done &"] * jobs + ["wait"]
    subprocess.run([*fio, "--create_only=1"], check=True)
    for name, expected, program, asked in (
            ("io_uring", jobs * loops * size // block, fio, ["-o", "read", "--via", "io_uring", "-d", work]),
            ("exec", jobs * loops * 20, ["sh", "-c", "\n".join(shells)], ["-o", "exec", "--name", "true"])):
        output = f"{work}/../records.json"
        # one processor is for the reader
        result = trace(["--backend", "tracepoint", "-F", "type,op", *asked, "--", "taskset", "-c", "1", *program],
                       output)
        ops, summary = records(output)
        check(f"{name}, {jobs} tasks on one processor: {expected}",
              equal("exit status", result.returncode, 0) + whole(summary) + equal("shown", len(ops), expected))


def main():
    need("fio")
    work = os.path.join(scratch("losses"), "work")
    os.mkdir(work)
    for name in ("data", *ENGINES):
        with open(f"{work}/{name}", "wb") as data:
            data.write(os.urandom(4 << 20))
            os.fsync(data.fileno())
    for backend in backends():
        ring(backend, work)
        overflow_of_dd(backend, work)
        full_map(backend, work)
    if "tracepoint" in backends():
        told = [path, follow, contents, arguments, overflow, taking_turns]
        # software events tell of page faults since 5.17
        for test in told + ([faults] if shows("tracepoint", "fault") else []):
            test(work)
    if "kprobe" in backends():
        unended_reads(work)
    old = os.uname().release.startswith("5.10.")  # whose calls are seen at tracepoints only
    if "fentry" in backends() and not old and not preempts():
        unended_calls(work)
    # 6.1 to 6.18: before, the kernel is not told otherwise when it runs, later, it cannot be told not to
    if "fentry" in backends() and {"voluntary", "full"} <= {model.strip("()") for model in preempt_models()}:
        recursion(work)


if __name__ == "__main__":
    main()
    finish()
