# SPDX-License-Identifier: GPL-2.0
"""Words: help, lists, wrong usage, privileges, and the program behind --."""
import json
import os
import re
import signal
import subprocess

from act import Cases, File, run_load
from vfs import Config, Scratch, TIMEOUT, Tracing, compare, equal, fail, vfscope

CASES = Cases()


def is_fine(*args):
    output = vfscope(*args)
    equal("exit status of %s" % (args,), output.status, 0)
    equal("stderr of %s" % (args,), output.err, b"")
    if not output.out.endswith(b"\n"):
        fail("%s says nothing", args)
    return output.out.decode()


@CASES.case
def help_of_everything():
    for command in re.findall(r"^  (\w+)", is_fine("help"), re.M):
        if command in ("trace", "doctor", "list", "help", "version"):
            text = is_fine("help", command)
            if command not in text:
                fail("help %s does not name it", command)
    for option in ("--help", "-h", "--version"):
        is_fine(option)
    is_fine("trace", "--help")
    is_fine("version")


@CASES.case
def doctor():
    if "tracepoint" not in is_fine("doctor"):
        fail("doctor does not name a backend")
    lines = [json.loads(line) for line in is_fine("doctor", "-j").splitlines()]
    # what takes part in an operation that can be seen can be loaded
    equal("refused", [line for line in lines if line["type"] == "hook" and not line["usable"]], [])
    for kind in ("op", "via"):
        words = is_fine("list", kind + "s", "-j").splitlines()
        backends = [line["backend"] for line in lines if line["type"] == "backend"]
        equal(kind, {(line[kind], line["backend"]) for line in lines if line["type"] == kind},
              {(json.loads(word)["name"], backend) for word in words for backend in backends})


@CASES.case
def list_of_words():
    text = is_fine("list")
    for word in "read write io_uring path_cut fifo ts_ns".split():
        if word not in text:
            fail("list lacks %s", word)
    for what in "ops groups vias fields ftypes lost syscalls".split():
        is_fine("list", what)
        for line in is_fine("list", "-j", what).splitlines():
            json.loads(line)


@CASES.case
def list_of_columns():
    """Of each command, what -F takes: of totals besides their keys, of life besides the fields."""
    lines = [json.loads(line) for line in is_fine("list", "-j", "columns").splitlines()]
    named = {command: [line["name"] for line in lines if line["command"] == command]
             for command in ("top, stat, hist", "life", "life --sessions", "count")}
    table = is_fine("list", "columns")
    equal("of no other", sum(map(len, named.values())), len(lines))
    for command, names in named.items():
        for text in ("columns of " + command.replace("top, stat, hist", "totals"), *names):
            equal(f"{text!r} in the table", text in table, True)
        run = command.replace("top, stat, hist", "top").replace("count", "count vfs_read").split()
        # none is unknown: the last one is, and no other
        output = vfscope(*run, "-F", ",".join([*names, "nothing-at-all"]))
        equal(f"{command}: unknown", (output.status, b"'nothing-at-all'" in output.err), (2, True))


# arguments, and what the one line must hold: the wrong word, and the nearest or the reason
WRONG = [
    (["trcae"], "trcae", "trace"),
    (["docter"], "docter", "doctor"),
    (["xyzzyxyzzy"], "xyzzyxyzzy", "help"),
    (["tra\nce"], "nce'", "trace"),
    (["trace", "--durations", "1s"], "durations", "duration"),
    (["trace", "--min-lateny=1s"], "min-lateny", "min-latency"),
    (["trace", "-Z"], "-Z", "help trace"),
    (["trace", "-p"], "-p", "argument"),
    (["trace", "--json=yes"], "json", "no argument"),
    (["trace", "-F", "pth"], "pth", "path"),
    (["trace", "-F", "op,+lat_n"], "lat_n", "lat_ns"),
    (["trace", "-F", ""], "''", "field"),
    (["trace", "-o", "raed"], "raed", "read"),
    (["trace", "-o", "read,wirte"], "wirte", "write"),
    (["trace", "-o", "metdata"], "metdata", "metadata"),
    (["trace", "-o", ""], "''", "operation"),
    (["trace", "--via", "iouring"], "iouring", "io_uring"),
    (["trace", "--ftype", "regs"], "regs", "reg"),
    (["trace", "--ftype", "xxxxxxxx"], "xxxxxxxx", "list ftypes"),
    (["trace", "--fs", "a-very-long-file-system-type"], "a-very-long-file-system-type", "15"),
    (["trace", "-u", "roott"], "roott", "root"),
    (["trace", "--err", "ENOET"], "ENOET", "ENOENT"),
    (["trace", "--err", "ENOENT,EACCESS"], "EACCESS", "EACCES"),
    (["trace", "-f", "jsn"], "jsn", "json"),
    (["trace", "--color", "nevr"], "nevr", "never"),
    (["trace", "--backend", "kprobes"], "kprobes", "kprobe"),
    (["trace", "--duration", "10xs"], "10xs", "ms"),
    (["trace", "--duration", "-1s"], "-1s", "time"),
    (["trace", "--min-latency", "fast"], "fast", "ms"),
    (["trace", "--min-size", "4Q"], "4Q", "K"),
    (["trace", "--min-size", "1e30"], "1e30", "size"),
    (["trace", "--max-events", "0"], "'0'", "1"),
    (["trace", "--max-events", "-5"], "-5", "number"),
    (["trace", "--map-entries", "many"], "many", "number"),
    (["trace", "--buffer", "1"], "--buffer", "4K"),
    (["trace", "--buffer", "big"], "big", "size"),
    (["trace", "-p", "abc"], "abc", "process"),
    (["trace", "-p", "0"], "'0'", "process"),
    (["trace", "-p", "99999999999"], "99999999999", "process"),
    (["trace", "-t", "1x"], "1x", "thread"),
    (["trace", "-d", "/no/such/directory"], "/no/such/directory", "No such file"),
    (["trace", "-d", "/proc/self/status"], "/proc/self/status", "not a directory"),
    (["trace", "-d", ""], "-d", "No such file"),
    (["trace", "-g", ""], "-g", "No such file"),
    (["trace", "-c", ""], "comm", "no name"),
    (["trace", "-c", "kube-controller-manager"], "kube-controller-manager", "-c 'kube-controller'"),
    (["trace", "-c", "kube-[a-z]*ntroller-m*"], "kube-[a-z]*ntroller-m*", "15 bytes"),
    (["opensnoop", "-n", "kube-controller-manager"], "*kube-controller-manager*", "15 bytes"),
    (["trace", "--peek", "8", "--no-peek", ""], "--no-peek", "no name"),
    (["trace", "--peek", "8", "--no-peek", "keys/*"], "keys/*", "**/keys/*"),
    (["trace", "--peek", "8", "--no-peek", "./keys"], "./keys", "/…/"),
    (["trace", "-g", "/no/such/cgroup"], "/no/such/cgroup", "No such file"),
    (["trace", "stray"], "stray", "--"),
    (["trace", "--"], "--", "program"),
    (["trace", "--where", "data ~ '*x*'"], "data", "--peek N"),
    (["top", "--where", "op == read and not data"], "data", "--peek N"),
    (["trace", "-F", "data"], "data", "--peek N"),
    (["trace", "--peek", "10", "-o", "open"], "--peek", "read and write"),
    (["trace", "--peek", "10", "--where", "op == metadata"], "--peek", "read and write"),
    (["trace", "--peek", "10", "--via", "sendfile,mmap"], "--peek", "io_uring"),
    (["opensnoop", "-f", "O_FOO"], "O_FOO", "open(2)"),
    (["opensnoop", "-f", "o_creat"], "o_creat", "'O_CREAT'"),
    (["opensnoop", "-f", "O_CREATE"], "O_CREATE", "'O_CREAT'"),
    (["opensnoop", "-f", "x'"], "x'", "open(2)"),
    (["opensnoop", "-f", "O_CREAT' or op=='open"], "O_CREAT'", "flag"),
    (["list", "opz"], "opz", "ops"),
    (["help", "trcae"], "trcae", "trace"),
    (["doctor", "--", "true"], "doctor", "no program"),
    (["doctor", "-p", "1"], "-p", "help doctor"),
]


def wrong_usage(args, word, near):
    output = vfscope(*args)
    err = output.err.decode()
    equal("exit status", output.status, 2)
    equal("stdout", output.out, b"")
    if err.count("\n") != 1 or not err.endswith("\n"):
        fail("not one line: %r", err)
    if word not in err or near not in err.replace(word, "", 1):
        fail("the message has to name %r and %r: %r", word, near, err)


for wrong in WRONG:
    CASES.append(("wrong " + " ".join(wrong[0]).replace("\n", "\\n"),
                  lambda wrong=wrong: wrong_usage(*wrong)))


@CASES.case
def no_command():
    equal("exit status", vfscope().status, 2)


@CASES.case
def pid_that_is_not_there():
    output = vfscope("trace", "-j", "-p", "2147483646", "--duration", "50ms")
    equal("exit status", output.status, 0)
    equal("records", output.records(), [])
    if b"2147483646" not in output.err or output.err.count(b"\n") != 1:
        fail("no warning: %r", output.err)


# --- privileges ------------------------------------------------------------

def lacks(prefix, names):
    proc = subprocess.run(prefix + [Config.vfscope, "trace", "-j", "--duration", "50ms"],
                          capture_output=True, timeout=TIMEOUT, check=False)
    err = proc.stderr.decode()
    equal("exit status", proc.returncode, 3)
    equal("stdout", proc.stdout, b"")
    if err.count("\n") != 1 or any(name not in err for name in names):
        fail("the message has to name %s: %r", names, err)


@CASES.case
def without_privileges():
    lacks(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"],
          ["CAP_BPF", "CAP_PERFMON"])


@CASES.case
def without_capabilities():
    lacks(["setpriv", "--bounding-set", "-sys_admin,-bpf", "--inh-caps", "-sys_admin,-bpf"],
          ["CAP_BPF"])
    lacks(["setpriv", "--bounding-set", "-sys_admin,-perfmon", "--inh-caps", "-sys_admin,-perfmon"],
          ["CAP_PERFMON"])


@CASES.case
def two_capabilities_suffice():
    proc = subprocess.run(["setpriv", "--bounding-set", "-all,+bpf,+perfmon", "--inh-caps", "-all",
                           Config.vfscope, "trace", "-j", "--duration", "50ms"],
                          capture_output=True, timeout=TIMEOUT, check=False)
    equal("stderr", proc.stderr, b"")
    equal("exit status", proc.returncode, 0)


@CASES.case
def backends_that_cannot_be():
    for backend in ("fentry", "kprobe"):
        output = vfscope("trace", "--backend", backend, "--duration", "50ms")
        # where the kernel lets it, it may as well work
        if output.status and (output.status != 3 or backend.encode() not in output.err or
                              output.out or output.err.count(b"\n") != 1):
            fail("--backend %s: status %d, stdout %r, stderr %r", backend, output.status,
                 output.out, output.err)


# --- the program behind -- --------------------------------------------------

@CASES.case
def program_status():
    for command, status in ((["true"], 0), (["false"], 1), (["sh", "-c", "exit 7"], 7),
                            (["sh", "-c", "kill -TERM $$"], -signal.SIGTERM),
                            (["sh", "-c", "kill -KILL $$"], -signal.SIGKILL)):
        output = vfscope("trace", "-j", "--", *command)
        equal("exit status of %s" % command, output.status, status)
        equal("exact", output.parse()[1]["exact"], True)


@CASES.case
def program_missing():
    with Scratch() as scratch:
        for name, status in (("no-such-program", 127), ("./no-such-program", 127), (scratch, 126)):
            output = vfscope("trace", "-j", "--", name)
            equal("exit status of %s" % name, output.status, status)
            equal("stdout", output.out, b"")
            if name.encode() not in output.err or output.err.count(b"\n") != 1:
                fail("not one line that names %s: %r", name, output.err)


@CASES.case
def program_only():
    """Nothing of other processes, whatever they do meanwhile."""
    with Scratch() as scratch:
        file = File(scratch + "/f", size=1000)
        end = os.pipe()
        with Tracing("trace", "-j", "-d", scratch, "--", "cat", "/dev/fd/%d" % end[0],
                     pass_fds=(end[0],)) as tracing:
            os.close(end[0])
            for offset in range(20):
                file.read(10, offset)
            os.close(end[1])
            output = tracing.stop(signo=None)
        equal("exit status", output.status, 0)
        compare([], output)


@CASES.case
def program_of_many_children():
    run_load("forks", "300")


@CASES.case
def program_of_busy_threads():
    run_load("busy")


@CASES.case
def program_of_many_files():
    """More than vfscope keeps track of: each is looked at anew, and none is confused."""
    run_load("files", options=("--map-entries", "16"))
