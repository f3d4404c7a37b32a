#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
What the kernel does with files by itself, on the backends that see it: loop devices, the NFS
server, core dumps, module load. In a guest only: it exports file systems and loads modules.

Each test is a generator: it makes ready and yields the directory that it is about; does what is to be
seen; is given what was seen, and returns its name and what was wrong. All are below one vfscope.
"""
import collections
import ctypes
import os
import resource
import subprocess

from common import Watching, backends, check, equal, finish, need, run, scratch

MIB = 1 << 20
SYS_FINIT_MODULE, SYS_DELETE_MODULE = {"x86_64": (313, 176), "aarch64": (273, 106)}[os.uname().machine]
libc = ctypes.CDLL(None, use_errno=True)


def moved(ops, op, path):
    return sum(r["bytes"] for r in ops if r["op"] == op and r["path"] == path)


def only_kernel(ops):
    return equal("via", {r.get("via") for r in ops}, {"kernel"})


# --- loop devices ----------------------------------------------------------------------------

def sectors(device):
    """What the block layer counts: bytes read, written, by requests that are done."""
    with open(f"/sys/block/{device[5:]}/stat", encoding="utf-8") as text:
        numbers = [int(word) for word in text.read().split()]
    return numbers[2] * 512, numbers[6] * 512


def loop(base, direct):
    """dd to the end of a device, and to a file system on it: the file behind it moves what the device does."""
    work = scratch_below(base, f"loop-{direct}")
    image, mounted = f"{work}/image", f"{base}/mounted-{direct}"
    os.makedirs(mounted, exist_ok=True)
    with open(image, "wb") as data:
        data.write(bytes(32 * MIB))
        os.fsync(data.fileno())
    # before, and no zeroing in the background: that would be fallocate and no bytes of data
    run("mkfs.ext4", "-q", image)
    device = run("losetup", "-f", "--show", f"--direct-io={'on' if direct else 'off'}", image).strip()
    before = sectors(device)
    yield work
    run("dd", "if=/dev/zero", f"of={device}", "bs=64k", "count=16", "seek=480", "oflag=direct", "status=none")
    run("dd", f"if={device}", "of=/dev/null", "bs=64k", "count=24", "iflag=direct", "status=none")
    after_dd = sectors(device)
    run("mount", "-o", "noinit_itable", device, mounted)
    run("dd", "if=/dev/urandom", f"of={mounted}/f", "bs=64k", "count=32", "status=none", "conv=fsync")
    run("umount", mounted)
    after = sectors(device)
    ops, unseen = yield
    run("losetup", "-d", device)
    dd = [later - earlier for later, earlier in zip(after_dd, before)]
    done = [later - earlier for later, earlier in zip(after, before)]
    # its only function has to be found in the module's types: 5.10 has none of modules
    if direct and any("direct I/O" in what for what in unseen):
        problems = equal("unseen though it could be seen", os.path.exists("/sys/kernel/btf/loop"), False)
        return "loop device, direct: unseen, as is said", problems + equal("records", ops, [])
    problems = only_kernel(ops)
    problems += equal("bytes that dd read, wrote", dd, [24 * 65536, 16 * 65536])
    problems += equal("bytes read, written", [moved(ops, "read", image), moved(ops, "write", image)], done)
    problems += equal("other files", {r["path"] for r in ops} - {image}, set())
    return f"loop device, {'direct' if direct else 'buffered'}: {done[0]} bytes read, {done[1]} written", problems


# --- NFS -------------------------------------------------------------------------------------

def serve_nfs(work):
    if not os.path.exists("/proc/fs/nfsd/versions"):
        run("modprobe", "-a", "nfsd", "nfsv4")
        run("mount", "-t", "nfsd", "nfsd", "/proc/fs/nfsd")
        for directory in ("/var/lib/nfs/v4recovery", "/run/rpc_pipefs"):
            os.makedirs(directory, exist_ok=True)
        run("rpc.mountd", "-N", "3", "-V", "4.2")
    run("exportfs", "-o", "rw,no_root_squash,insecure,fsid=0", f"127.0.0.1:{work}")
    run("rpc.nfsd", "-N", "3", "-G", "10", "-L", "10", "1")
    try:
        with open("/proc/fs/nfsd/v4_end_grace", "w", encoding="utf-8") as end:
            end.write("Y")
    except OSError:
        pass  # newer kernels: it ends by itself after 10 seconds, for which the client waits


def end_nfs(work, mounted):
    run("umount", mounted)
    run("rpc.nfsd", "0")
    run("exportfs", "-u", f"127.0.0.1:{work}")


def work_over_nfs(at):
    run("dd", "if=/dev/zero", f"of={at}/f", "bs=64k", "count=16", "oflag=direct", "status=none")
    run("dd", f"if={at}/f", "of=/dev/null", "bs=64k", "count=16", "iflag=direct", "status=none")
    fd = os.open(f"{at}/f", os.O_WRONLY)
    os.fsync(fd)
    os.close(fd)
    os.mkdir(f"{at}/d")
    os.rename(f"{at}/f", f"{at}/d/g")
    os.link(f"{at}/d/g", f"{at}/h")
    os.symlink("h", f"{at}/s")
    os.chmod(f"{at}/h", 0o600)
    os.listdir(at)
    for name in ("h", "s", "d/g"):
        os.unlink(f"{at}/{name}")
    os.rmdir(f"{at}/d")


def nfs(base):
    work, mounted = scratch_below(base, "export"), f"{base}/mounted-nfs"
    os.makedirs(mounted, exist_ok=True)
    serve_nfs(work)
    run("mount", "-t", "nfs4", "-o", "vers=4.2,noac", "127.0.0.1:/", mounted)
    yield work
    work_over_nfs(mounted)
    ops, _ = yield
    end_nfs(work, mounted)
    names = collections.Counter((r["op"], r.get("path"), r.get("path2")) for r in ops)
    problems = only_kernel(ops)
    problems += equal("bytes read, written", (moved(ops, "read", f"{work}/f"), moved(ops, "write", f"{work}/f")),
                      (MIB, MIB))
    for op, path, path2 in [("mkdir", "d", None), ("rename", "f", "d/g"), ("link", "d/g", "h"),
                            ("symlink", "s", None), ("unlink", "h", None),
                            ("unlink", "s", None), ("unlink", "d/g", None),
                            ("rmdir", "d", None)]:
        key = op, f"{work}/{path}", path2 and f"{work}/{path2}"
        problems += equal(key, names[key], 1)
    problems += equal("by whom", {r["comm"] for r in ops}, {"nfsd"})
    for op in ("create", "readdir", "stat", "setattr"):
        problems += [] if any(r["op"] == op for r in ops) else [f"no {op} was seen"]
    if problems:
        problems += sorted(f"{n} {key}" for key, n in names.items())
    return f"NFS server: {len(ops)} operations", problems


# --- what the kernel reads and writes for programs -----------------------------------------------

def core(base):
    """What was written covers all of the dump that is not zero, and nothing of it twice."""
    work = scratch_below(base, "core")
    with open("/proc/sys/kernel/core_pattern", "w", encoding="utf-8") as pattern:
        pattern.write("core")
    yield work
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    subprocess.run(["sh", "-c", "kill -SEGV $$"], cwd=work, check=False,
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, unlimited))
    dumps = os.listdir(work)
    ops, _ = yield
    problems = only_kernel(ops) + equal("dumps", len(dumps), 1)
    if not dumps:
        return "core dump", problems
    with open(f"{work}/{dumps[0]}", "rb") as dump:
        data = bytearray(dump.read())
    written = 0
    for record in ops:
        if record["op"] != "write":
            continue
        first, count = record["offset"], record["bytes"]
        data[first:first + count] = bytes(count)
        written += count
    spans = sorted((r["offset"], r["offset"] + r["bytes"]) for r in ops if r["op"] == "write")
    problems += [f"written twice: {b}" for a, b in zip(spans, spans[1:]) if b[0] < a[1]]
    problems += equal("paths", {r["path"] for r in ops}, {f"{work}/{dumps[0]}"})
    problems += equal("bytes that nothing was seen to write", len(data) - data.count(0), 0)
    return f"core dump: {written} bytes", problems + ([] if written else ["nothing was written"])


def module_file(work):
    """One that is not loaded and needs no other, as the kernel wants it."""
    name = "dummy"
    packed = run("modinfo", "-n", name).strip()
    path = f"{work}/{name}.ko"
    tool = {"xz": "xz -dc", "st": "zstd -qdc"}.get(packed[-2:], "cat")
    run("sh", "-c", f"{tool} {packed} >{path}")
    return name, path


def module(base):
    work = scratch_below(base, "module")
    name, path = module_file(work)
    yield work
    fd = os.open(path, os.O_RDONLY)
    failed = libc.syscall(SYS_FINIT_MODULE, fd, b"", 0)
    os.close(fd)
    ops, _ = yield
    libc.syscall(SYS_DELETE_MODULE, name.encode(), 0)
    problems = only_kernel(ops) + equal("finit_module", failed, 0)
    size = os.path.getsize(path)
    problems += equal("bytes read", moved(ops, "read", path), size)
    return f"module load: {size} bytes", problems


def scratch_below(base, name):
    return scratch(os.path.join(os.path.basename(base), name))


class Test:
    """A generator that goes on until something fails."""

    def __init__(self, steps):
        self.steps, self.result = steps, None

    def go_on(self, sent=None):
        if self.result:
            return None
        try:
            return self.steps.send(sent)
        except StopIteration as end:
            self.result = end.value
        except (OSError, subprocess.SubprocessError) as error:
            self.result = self.steps.__name__, [repr(error)]
        return None


def main():
    need("losetup", "mkfs.ext4", "exportfs", "rpc.nfsd", "rpc.mountd", "mount.nfs", "modprobe", "modinfo")
    for backend in backends():
        base = scratch("kernel")
        tests = [Test(steps) for steps in (loop(base, False), loop(base, True), nfs(base), core(base), module(base))]
        places = [test.go_on() for test in tests]
        below = [arg for place in places if place for arg in ("-d", place)]
        with Watching(f"{base}/records.json", "--backend", backend, "--via", "kernel", *below) as seen:
            for test in tests:
                test.go_on()
        check(f"{backend}: {len(seen.ops)} operations of the kernel", seen.problems)
        for test, place in zip(tests, places):
            test.go_on(([r for r in seen.ops if place and f"{r['path']}/".startswith(f"{place}/")],
                        seen.summary["unseen"]))
            name, problems = test.result
            check(f"{backend}: {name}", problems)


if __name__ == "__main__":
    main()
    finish()
