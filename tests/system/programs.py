#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Programs that no one here wrote, run once under vfscope and strace together: each kind of
call is counted by both, and the counts are equal."""
import collections
import os
import re
import subprocess

from common import check, equal, finish, need, records, scratch, trace

# How many records a call gives: (op, via) of each. Calls that are not here are no operations.
CALLS = {}
for op, via, names in [
    ("read", "rw", "read pread64"), ("write", "rw", "write pwrite64"),
    ("read", "vec", "readv preadv preadv2"), ("write", "vec", "writev pwritev pwritev2"),
    ("fsync", None, "fsync fdatasync sync_file_range"), ("sync", None, "sync syncfs"),
    ("readdir", None, "getdents getdents64"),
    ("open", None, "open openat openat2 creat open_by_handle_at"),
    ("close", None, "close close_range"),
    ("rename", None, "rename renameat renameat2"), ("mkdir", None, "mkdir mkdirat"),
    ("rmdir", None, "rmdir"), ("unlink", None, "unlink unlinkat"),
    ("link", None, "link linkat"), ("symlink", None, "symlink symlinkat"),
    ("mknod", None, "mknod mknodat"),
    ("access", None, "access faccessat faccessat2"),
    ("stat", None, "stat lstat fstat newfstatat statx"), ("statfs", None, "statfs fstatfs"),
    ("setattr", None, "chmod fchmod fchmodat fchmodat2 chown lchown fchown fchownat utime utimes "
                      "futimesat utimensat"),
    ("truncate", None, "truncate ftruncate"), ("fallocate", None, "fallocate"),
    ("readlink", None, "readlink readlinkat"),
    ("getxattr", None, "getxattr lgetxattr fgetxattr"),
    ("setxattr", None, "setxattr lsetxattr fsetxattr"),
    ("listxattr", None, "listxattr llistxattr flistxattr"),
    ("removexattr", None, "removexattr lremovexattr fremovexattr"),
    ("mount", None, "mount"), ("umount", None, "umount umount2"),
    ("exec", None, "execve execveat"),
]:
    for name in names.split():
        CALLS[name] = [(op, via)]
for via in ("sendfile", "copy_file_range"):
    CALLS[via] = [("read", via), ("write", via)]
for name in ("splice", "tee"):
    CALLS[name] = [("read", "splice"), ("write", "splice")]


def strace_counts(path):
    """From the table of strace -c: per (op, via), the number of calls."""
    counts = collections.Counter()
    with open(path, encoding="utf-8") as table:
        for line in table:
            match = re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", line)
            if match and match[2] in CALLS:
                for key in CALLS[match[2]]:
                    counts[key] += int(match[1])
    return counts


def vfscope_counts(ops):
    """strace's own calls, and those of its children before they exec, are not its counts."""
    counts = collections.Counter()
    for record in ops:
        if record["comm"] == "strace" or record["op"] == "create":
            continue
        # one ioctl of many, which strace -c does not tell apart
        if record.get("kind") == "reflink":
            continue
        counts[record["op"], record.get("via")] += 1
    return counts


def compare(name, argv, cwd):
    table, output = os.path.join(cwd, "../strace.txt"), os.path.join(cwd, "../records.json")
    result = trace(["--all", "--", "strace", "-f", "-c", "-o", table, *argv], output, cwd=cwd)
    ops, summary = records(output)
    expected, got = strace_counts(table), vfscope_counts(ops)
    # unlinkat with AT_REMOVEDIR is an unlinkat to strace, and an rmdir to us
    for counts in (expected, got):
        counts["unlink", None] += counts.pop(("rmdir", None), 0)
    problems = equal("exit status", result.returncode, 0)
    problems += equal("exact", summary["exact"], True)
    problems += [p for key in sorted(set(expected) | set(got), key=str)
                 for p in equal(f"{key[0]} {key[1] or ''}", got[key], expected[key])]
    if not sum(expected.values()):
        problems.append("strace counted nothing")
    check(f"{name}: {sum(got.values())} records as strace counts them", problems)


def every_file(top, work):
    """find | xargs md5sum: each file is read to its end, under its path, and few paths are walked."""
    output, listed = f"{work}/../records.json", f"{work}/../listed"
    result = trace(["--buffer", "64M", "-F", "type,op,comm,path,bytes,err", "--", "sh", "-c",
                    f"find {top} -xdev -type f -print0 | tee {listed} | xargs -0 md5sum >/dev/null"], output)
    with open(listed, "rb") as names:
        expected = {name.decode("latin-1"): os.stat(name).st_size for name in names.read().split(b"\0")[:-1]}
    ops, summary = records(output)
    ops = [r for r in ops if r.get("type") == "op"]
    got = collections.Counter()
    for r in ops:
        if r["op"] == "read" and r["comm"] == "md5sum" and r.get("path", "").startswith(top):
            got[r["path"]] += r["bytes"]
    problems = equal("exit status", result.returncode, 0) + equal("exact", summary["exact"], True)
    wrong = [name for name in set(expected) | set(got) if got.get(name) != expected.get(name)]
    problems += [f"{name}: read {got.get(name)}, it has {expected.get(name)}" for name in wrong[:5]]
    problems += equal("files with other bytes, or paths", len(wrong), 0)
    share = summary["resolved"] / summary["events"]
    if share >= 0.02:
        problems.append(f"{summary['resolved']} paths walked for {summary['events']} operations")
    check(f"find {top} | xargs md5sum: {len(got)} files by their paths, {sum(got.values()) >> 20} MiB; "
          f"{summary['resolved']} paths walked, {share:.2%} of the operations", problems)


def main():
    need("find", "xargs", "md5sum", "strace", "git", "sqlite3", "tar", "dd")
    base = scratch("programs")
    work = os.path.join(base, "work")
    os.mkdir(work)
    with open(os.path.join(work, "data"), "wb") as data:
        data.write(os.urandom(1 << 20))
    os.makedirs(os.path.join(work, "tree/a/b"))
    for i in range(50):
        with open(os.path.join(work, f"tree/a/b/{i}"), "w", encoding="utf-8") as small:
            small.write(str(i) * i)
    git = {"GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@t", "GIT_COMMITTER_NAME": "t",
           "GIT_COMMITTER_EMAIL": "t@t", **os.environ}
    for argv in (["git", "init", "-q", "repo"], ["cp", "-r", "tree", "repo/"],
                 ["git", "-C", "repo", "add", "."], ["git", "-C", "repo", "commit", "-qm", "x"]):
        subprocess.run(argv, cwd=work, env=git, check=True)
    rows = "".join(f"insert into t values({i}, 'row {i}');" for i in range(1000))

    compare("cp", ["cp", "data", "copy"], work)
    compare("cp -a", ["cp", "-a", "tree", "tree2"], work)
    compare("dd", ["dd", "if=data", "of=copy2", "bs=4k", "conv=fsync", "status=none"], work)
    compare("cat", ["sh", "-c", "cat data tree/a/b/* > cat.out"], work)
    compare("tar", ["tar", "cf", "tree.tar", "tree", "data"], work)
    compare("tar x", ["sh", "-c", "mkdir x && tar xf tree.tar -C x && rm -r x"], work)
    compare("git clone", ["git", "clone", "-q", "repo", "clone"], work)
    every_file("/usr/share", work)
    compare("sqlite3, 1000 rows", ["sqlite3", "t.db", "create table t(i integer, s text);" + rows], work)


if __name__ == "__main__":
    main()
    finish()
