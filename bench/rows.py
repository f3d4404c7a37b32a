# The table of what is measured: operations, tools, budgets.
from dataclasses import dataclass

KERNELS = ["6.1", "6.18"]
BUDGET_KERNEL = "6.1"  # on this one the budgets hold
N = 10000  # reads that are measured
OTHERS = 5  # so many times fewer operations of other kinds: they take longer


@dataclass
class Column:
    name: str  # of ops.c, and where
    where: str
    title: str
    per: int = OTHERS  # one for so many of the reads
    calls: int = 1  # operations, each with the budget of one


COLUMNS = {
    "pread-tmpfs": Column("pread", "tmpfs", "pread, tmpfs", per=1),
    "pread": Column("pread", "ext4", "pread, ext4", per=1),
    "write": Column("write", "ext4", "write, ext4"),
    "open": Column("open", "ext4", "openat + close, ext4", calls=2),
    "stat": Column("stat", "ext4", "stat, ext4"),
    "create": Column("create", "tmpfs", "creat + close + unlink, tmpfs", calls=3),
}
COMMON = ["pread-tmpfs", "pread", "write", "open", "stat"]  # those of vfscope's rows
READS = ["pread-tmpfs", "pread"]


@dataclass
class Row:
    title: str
    command: str  # words; {program}: runs the operations itself, as a child
    columns: list
    budget: int = None  # instructions added to one operation
    ready: float = 5  # seconds of the guest's time; None: NoNewPrivs is set then
    n: int = N  # at most so many operations of each kind
    group: str = "peers"
    package: str = ""  # for the list of versions


VFSCOPE = "build/bench/vfscope"  # a copy: guests see this directory as it is now
NO_TIME = "-F -lat"  # what is not asked for is not taken
BUDGETS = [  # title, command, budget with fentry, with the tracepoint backend
    ("stat", f"stat -j {NO_TIME}", 130, None),
    ("top --by pid,path", f"top -j --by pid,path {NO_TIME}", 450, 1000),
    ("hist --by op", "hist -j --by op", 550, None),
    ("trace --min-latency 10s (nothing passes)", "trace -j --min-latency 10s", 500, None),
    ("trace (everything, to /dev/null)", "trace -j", 900, None),
    ("trace -p (another process)", "trace -j -p 1", 230, None),
    ("top -p (another process)", f"top -j -p 1 --by pid,path {NO_TIME}", 230, None),
    ("trace -d (another directory)", "trace -j -d /usr", 350, None),
    ("top -d (another directory)", f"top -j -d /usr --by pid,path {NO_TIME}", 350, None),
]
# What is watched: all operations, by the tracepoints of all system calls; or those of one kind.
WATCHED = [("", COMMON), (" -o read,write", READS + ["write"])]


def budget_of(backend, fentry, tracepoint):
    return {"fentry": fentry, "kprobe": int(1.6 * fentry + 350), "tracepoint": tracepoint}[backend]


def vfscope_rows():
    for backend in ("fentry", "kprobe", "tracepoint"):
        for watched, columns in WATCHED:
            for title, command, fentry, tracepoint in BUDGETS:
                yield Row(f"vfscope {title}{watched}",
                          f"{VFSCOPE} {command}{watched} --strict --backend {backend}",
                          columns, budget_of(backend, fentry, tracepoint), None,
                          group=f"vfscope, backend {backend}")


def floor_row(title, prefixes, columns):
    return Row(title, f"build/bench/floor build/bench/floor.bpf.o {prefixes}", columns,
               group="the floor: programs that do nothing")


FLOOR = [
    floor_row("fentry", "fentry", ["pread-tmpfs", "pread", "write", "stat"]),
    floor_row("fexit", "fexit", ["pread-tmpfs", "pread", "write", "stat"]),
    floor_row("fentry and fexit", "fentry fexit", ["pread-tmpfs", "pread", "write", "stat"]),
    floor_row("tp_btf/sys_enter and sys_exit", "tp_btf", COMMON),
    floor_row("tracepoints of pread64", "tp__", READS),
]


def libbpf_tool(command, columns):
    return Row(command, command, columns, package="libbpf-tools")


def bpftrace(title, program, columns):
    return Row(f"bpftrace: {title}", f"bpftrace -e '{program}'", columns, ready=40,
               package="bpftrace")


def sums(attach, read, write):
    return (f"{attach}:vfs_read {{ @r[pid, comm] = sum({read}); }} "
            f"{attach}:vfs_write {{ @w[pid, comm] = sum({write}); }} "
            f"{attach}:vfs_open {{ @o[pid, comm] = count(); }} "
            f"{attach}:vfs_statx {{ @s[pid, comm] = count(); }}")


def latencies(entry, exit_):
    return " ".join(f"{entry}:{fn} {{ @at[tid] = nsecs; }} "
                    f"{exit_}:{fn} /@at[tid]/ {{ @{fn} = hist(nsecs - @at[tid]); delete(@at[tid]); }}"
                    for fn in ("vfs_read", "vfs_write", "vfs_open", "vfs_statx"))


PEERS = [
    libbpf_tool("vfsstat", ["pread-tmpfs", "pread", "write", "open"]),
    libbpf_tool("filetop -C", ["pread-tmpfs", "pread", "write"]),
    libbpf_tool("fsdist -t ext4", ["pread", "write", "open", "stat"]),
    libbpf_tool("fsslower -t ext4 -m 10", ["pread", "write", "open"]),
    libbpf_tool("fsslower -t ext4 -m 0", ["pread", "write", "open"]),
    libbpf_tool("opensnoop", ["open"]),
    libbpf_tool("statsnoop", ["stat"]),
    libbpf_tool("filelife", ["create"]),
    bpftrace("sum by pid, comm, fentry", sums("kfunc", "args->count", "args->count"), COMMON),
    bpftrace("sum by pid, comm, kprobe", sums("kprobe", "arg2", "arg2"), COMMON),
    bpftrace("latency histogram, fentry", latencies("kfunc", "kretfunc"), COMMON),
    bpftrace("latency histogram, kprobe", latencies("kprobe", "kretprobe"), COMMON),
    Row("strace", "strace -o /dev/null {program}", COMMON, n=1000, package="strace"),
    Row("perf trace -a", "perf trace -a -o /dev/null", COMMON, n=10000, ready=20,
        package="linux-perf"),
    Row("fatrace", "fatrace", ["pread-tmpfs", "pread", "write", "open"], package="fatrace"),
]

CREATE_ROWS = [Row("vfscope trace -o create,unlink", f"{VFSCOPE} trace -j --strict -o create,unlink",
                   ["create"], None, None, group="peers")]
ROWS = list(vfscope_rows()) + FLOOR + PEERS + CREATE_ROWS
