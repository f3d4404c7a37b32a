#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
-d on calls that pass a path, on the backends where the kernel's functions tell what they have
reached: what lies elsewhere reaches no user side, and no process has to be there any more.
"""
import os
import signal

from common import Watching, backends, check, equal, scratch, finish

WORK = scratch("reach")
WATCHED, ELSEWHERE = f"{WORK}/watched", f"{WORK}/else"
OPS = ("access,stat,statfs,setattr,truncate,readlink,getxattr,setxattr,listxattr,removexattr,unlink,"
       "rename,mkdir,rmdir,link,symlink,mknod,create")


def act(where):
    """Calls on paths below a directory, that holds f; returns (operation, path, path2) of each."""
    file, name, new = f"{where}/f", f"{where}/a", f"{where}/b"
    steps = [
        ("stat", (where,), lambda: os.stat(where)),
        ("stat", (file,), lambda: os.stat(file)),
        ("access", (file,), lambda: os.access(file, os.R_OK)),
        ("statfs", (file,), lambda: os.statvfs(file)),
        ("setattr", (file,), lambda: os.chmod(file, 0o600)),
        ("setattr", (file,), lambda: os.utime(file)),
        ("truncate", (file,), lambda: os.truncate(file, 1)),
        ("setxattr", (file,), lambda: os.setxattr(file, "user.x", b"y")),
        ("getxattr", (file,), lambda: os.getxattr(file, "user.x")),
        ("listxattr", (file,), lambda: os.listxattr(file)),
        ("removexattr", (file,), lambda: os.removexattr(file, "user.x")),
        ("symlink", (name, "f"), lambda: os.symlink("f", name)),
        ("readlink", (name,), lambda: os.readlink(name)),
        ("stat", (name,), lambda: os.lstat(name)),
        ("stat", (name,), lambda: os.stat(name)),
        ("unlink", (name,), lambda: os.unlink(name)),
        ("mkdir", (name,), lambda: os.mkdir(name)),
        ("rename", (name, new), lambda: os.rename(name, new)),
        ("rmdir", (new,), lambda: os.rmdir(new)),
        ("mknod", (name,), lambda: os.mkfifo(name)),
        ("unlink", (name,), lambda: os.unlink(name)),
        ("link", (file, name), lambda: os.link(file, name)),
        ("unlink", (name,), lambda: os.unlink(name)),
    ]
    for _, _, do in steps:
        do()
    shown = [(op, *paths) for op, paths, _ in steps]
    return [twice for one in shown for twice in ([one, ("create", one[1])] if one[0] == "mknod" else [one])]


def crossing():
    """What has one foot in it counts, and what a link in it leads out to does not."""
    inside, outside = f"{WATCHED}/x", f"{ELSEWHERE}/x"
    os.rename(f"{ELSEWHERE}/f2", inside)
    os.rename(inside, outside)
    os.link(outside, inside)
    os.unlink(outside)
    os.stat(f"{WATCHED}/out/f")
    os.unlink(f"{WATCHED}/out/g")
    os.stat(f"{ELSEWHERE}/in/x")
    os.rename(inside, f"{ELSEWHERE}/f2")
    return [("rename", f"{ELSEWHERE}/f2", inside), ("rename", inside, outside), ("link", outside, inside),
            ("stat", f"{ELSEWHERE}/in/x"), ("rename", inside, f"{ELSEWHERE}/f2")]


def ended(root, path):
    """A process with another root that is gone before anyone could follow its path."""
    pid = os.fork()
    if not pid:
        os.chroot(root)
        os.stat(path)
        os._exit(0)
    os.waitpid(pid, 0)


def paths(ops):
    return [tuple(r[key] for key in ("op", "path", "path2") if r.get(key)) for r in ops]


def stopped(watching, function):
    """While vfscope can read nothing, and the ring holds a few records only."""
    watching.proc.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, watching.proc.pid, os.WSTOPPED | os.WNOWAIT)
    try:
        return function()
    finally:
        watching.proc.send_signal(signal.SIGCONT)


def main():
    for directory in (WATCHED, ELSEWHERE):
        os.mkdir(directory)
        for name in ("f", "f2", "g"):
            os.close(os.open(f"{directory}/{name}", os.O_CREAT, 0o600))
    os.symlink(ELSEWHERE, f"{WATCHED}/out")
    os.symlink(WATCHED, f"{ELSEWHERE}/in")
    for backend in backends():
        args = ("--backend", backend, "-d", WATCHED, "-o", OPS, "-p", str(os.getpid()), "--children")
        with Watching(f"{WORK}/out.json", *args, "--buffer", "4K") as w:
            stopped(w, lambda: [act(ELSEWHERE) for _ in range(100)])
        check(f"{backend}: what lies elsewhere costs no event", w.problems + equal("shown", paths(w.ops), []))
        with Watching(f"{WORK}/out.json", *args) as w:
            expected = act(WATCHED)
        check(f"{backend}: what lies below is shown", w.problems + equal("shown", paths(w.ops), expected))
        with Watching(f"{WORK}/out.json", *args) as w:
            open(f"{ELSEWHERE}/g", "w", encoding="ascii").close()
            expected = crossing()
        check(f"{backend}: in and out", w.problems + equal("shown", paths(w.ops), expected))
        with Watching(f"{WORK}/out.json", *args) as w:
            stopped(w, lambda: [ended(root, path) for root, path in (
                (ELSEWHERE, "/f"), (WORK, "/else/f"), (WORK, "/watched/f"), (WATCHED, "/f"))])
        check(f"{backend}: of processes that have ended", w.problems +
              equal("shown", paths(w.ops), [("stat", "/watched/f"), ("stat", "/f")]))


if __name__ == "__main__":
    main()
    finish()
