# SPDX-License-Identifier: GPL-2.0
"""
-d under bind mounts, mount namespaces, chroot, overlayfs and a /proc of one's own: a process
touches a list of files, and exactly those below DIR are shown, by the paths that it uses.
"""
import ctypes
import os
import subprocess

from act import Cases
from vfs import Scratch, Tracing, equal, fail, vfscope

CASES = Cases()
LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWNET = 0x20000, 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18


def call(name, *args):
    args = [arg.encode() if isinstance(arg, str) else arg for arg in args]
    if getattr(LIBC, name)(*args):
        raise OSError(ctypes.get_errno(), "%s %s" % (name, args))


def own_mounts(flags=0):
    call("unshare", CLONE_NEWNS | flags)
    call("mount", "none", "/", None, MS_REC | MS_PRIVATE, None)


def bind(what, where, flags=0):
    os.makedirs(where, exist_ok=True)
    call("mount", what, where, None, MS_BIND | flags, None)


def write_file(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(b"x" * 100)


class Child:
    """Sets itself up, says so, does what it is told to when told to, and lives until the end."""

    def __init__(self, set_up, act):
        self.from_child, to_parent = os.pipe()
        from_parent, self.to_child = os.pipe()
        self.pid = os.fork()
        if self.pid:
            os.close(to_parent)
            os.close(from_parent)
            return
        # or it would never see the parent close its end
        os.close(self.from_child)
        os.close(self.to_child)
        try:
            set_up()
            os.write(to_parent, b"%-20d" % os.stat("/proc/self/ns/mnt").st_ino)
            os.read(from_parent, 1)
            act()
            os.write(to_parent, b"done" + b" " * 16)
            os.read(from_parent, 1)  # paths that were passed are followed by way of this process
        except BaseException as error:  # pylint: disable=broad-except
            os.write(to_parent, repr(error).encode())
        os._exit(0)

    def hear(self):
        text = os.read(self.from_child, 4096).decode()
        if text != "done" + " " * 16 and not text.strip().isdigit():
            fail("in the child: %s", text)
        return text

    def go(self):
        os.write(self.to_child, b"g")

    def end(self):
        os.close(self.to_child)
        os.waitpid(self.pid, 0)
        os.close(self.from_child)


def touch(path):
    """Every way to a file: by a path passed, by the file opened, by a path that fails."""
    os.stat(path)
    fd = os.open(path, os.O_RDONLY)
    os.read(fd, 10)
    os.close(fd)
    try:
        os.unlink(path + ".none")
    except FileNotFoundError:
        pass


def touched(passed, path):
    """What was passed as a path is shown as it was."""
    return [("stat", passed), ("open", path), ("read", path), ("close", path),
            ("unlink", passed + ".none")]


def check_below(directory, set_up, paths):
    """
    paths: (absolute path that the child uses, that of the file or None: not below); and a
    third item where a name beside the file lies elsewhere.
    """
    def act():
        for path in paths:
            touch(path[0])

    child = Child(set_up, act)
    try:
        child.hear()
        with Tracing("trace", "-j", "-d", directory, "-o",
                     "stat,open,read,close,unlink") as tracing:
            child.go()
            child.hear()
            output = tracing.stop()
        records, summary = output.parse()
        expected = [item for passed, path, *alone in paths if path
                    for item in touched(passed, path) if not alone or item[0] != "unlink"]
        got = [(r["op"], r.get("path")) for r in records]
        others = {r["pid"] for r in records} - {child.pid}
        equal("other processes", others, set())
        equal("operations", "\n".join("%s %s" % i for i in got),
              "\n".join("%s %s" % i for i in expected))
        equal("exact", summary["exact"], True)
    finally:
        child.end()


def tree(scratch):
    """in/ is what is asked for; out/ and inn/ beside it are not."""
    for name in ("in/f", "in/sub/f", "in/sub/de ep/er/f", "out/f", "inn/f", "out/sub/f"):
        write_file(scratch + "/" + name)


def case_of(name):
    def wrap(function):
        def run():
            with Scratch() as scratch:
                tree(scratch)
                function(scratch)
        CASES.append(("below-" + name, run))
        return function
    return wrap


@case_of("plain")
def _plain(s):
    os.symlink("../in/sub", s + "/out/link")
    os.symlink("../../out/sub", s + "/in/sub/link")
    check_below(s + "/in", lambda: None, [
        (s + "/in/f", s + "/in/f"), (s + "/out/f", None), (s + "/inn/f", None),
        (s + "/in/sub/de ep/er/f", s + "/in/sub/de ep/er/f"),
        (s + "/out/../in/f", s + "/in/f"),
    ])


@case_of("links")
def _links(s):
    """A path that was passed is shown as it was; the file that it led to by its own."""
    os.symlink("../in/sub", s + "/out/link")
    os.symlink("../../out/sub", s + "/in/sub/link")
    child = Child(lambda: None, lambda: [touch(s + "/out/link/f"), touch(s + "/in/sub/link/f")])
    try:
        child.hear()
        with Tracing("trace", "-j", "-d", s + "/in", "-o", "stat,open,read,unlink") as tracing:
            child.go()
            child.hear()
            records, summary = tracing.stop().parse()
        equal("operations", [(r["op"], r["path"][len(s):]) for r in records],
              [("stat", "/out/link/f"), ("open", "/in/sub/f"), ("read", "/in/sub/f"),
               ("unlink", "/out/link/f.none")])
        equal("exact", summary["exact"], True)
    finally:
        child.end()


@case_of("bind")
def _bind(s):
    """DIR, and a part of it, mounted elsewhere; and what is elsewhere, mounted in DIR."""
    def set_up():
        own_mounts()
        bind(s + "/in", s + "/all")
        bind(s + "/in/sub", s + "/pa\\rt")
        bind(s + "/in/sub/de ep", s + "/out/sub")
        bind(s + "/out", s + "/in/mnt")
        bind(s + "/inn", s + "/in/mnt/sub")

    check_below(s + "/in", set_up, [
        (s + "/all/f", s + "/all/f"), (s + "/all/sub/f", s + "/all/sub/f"),
        (s + "/pa\\rt/f", s + "/pa\\rt/f"), (s + "/pa\\rt/de ep/er/f", s + "/pa\\rt/de ep/er/f"),
        (s + "/out/sub/er/f", s + "/out/sub/er/f"), (s + "/out/f", None), (s + "/inn/f", None),
        (s + "/in/mnt/f", s + "/in/mnt/f"), (s + "/in/mnt/sub/f", s + "/in/mnt/sub/f"),
    ])


@case_of("bind-file")
def _bind_file(s):
    def set_up():
        own_mounts()
        call("mount", s + "/in/sub/f", s + "/out/f", None, MS_BIND, None)
        call("mount", s + "/inn/f", s + "/in/f", None, MS_BIND, None)

    check_below(s + "/in", set_up, [
        (s + "/in/sub/f", s + "/in/sub/f"), (s + "/in/f", s + "/in/f"), (s + "/inn/f", None),
        (s + "/out/f", s + "/out/f", "alone"),
    ])


@case_of("mount-namespace")
def _mount_namespace(s):
    """unshare -m: other mounts than vfscope's, at the same places."""
    def set_up():
        own_mounts()
        call("mount", "none", s + "/out", "tmpfs", 0, None)
        write_file(s + "/out/f")
        bind(s + "/in", s + "/out/in")
        call("mount", "none", s + "/in/sub", "tmpfs", 0, None)
        write_file(s + "/in/sub/new")

    check_below(s + "/in", set_up, [
        (s + "/in/f", s + "/in/f"), (s + "/out/f", None), (s + "/out/in/f", s + "/out/in/f"),
        (s + "/out/in/sub/f", s + "/out/in/sub/f"), (s + "/in/sub/new", s + "/in/sub/new"),
    ])


@case_of("mounted-over")
def _mounted_over(s):
    """DIR is what lies below its name, also where something is mounted on it, twice, after it was opened."""
    def set_up():
        own_mounts()
        bind(s + "/out", s + "/in")
        bind(s + "/inn", s + "/in/sub")
        call("mount", "none", s + "/in", "tmpfs", 0, None)
        write_file(s + "/in/sub/f")

    check_below(s + "/in", set_up, [(s + "/in/sub/f", s + "/in/sub/f"), (s + "/out/f", None),
                                    (s + "/in/../out/f", None)])


@case_of("chroot")
def _chroot(s):
    def enter(root):
        def set_up():
            os.makedirs(root + "/proc", exist_ok=True)
            own_mounts()
            call("mount", "/proc", root + "/proc", None, MS_BIND | MS_REC, None)
            os.chroot(root)
            os.chdir("/")
        return set_up

    # of which all, a part and nothing is below DIR
    check_below(s + "/in", enter(s + "/in/sub"), [("/f", "/f"), ("/de ep/er/f", "/de ep/er/f")])
    check_below(s + "/in", enter(s), [("/in/f", "/in/f"), ("/out/f", None), ("/inn/f", None),
                                      ("/in/sub/../f", "/in/f")])
    check_below(s + "/in", enter(s + "/out"), [("/f", None), ("/sub/f", None)])


@case_of("chroot-ended")
def _chroot_ended(s):
    """Followed in the root that it had, not in its parent's; in our mount namespace or another."""
    write_file(s + "/jail/in/f")

    def act():
        for root in ("", "/jail", "/out", "/jail/in/.."):
            for path in ("/in/f", s + "/in/f", "in/f", "sub/f"):
                pid = os.fork()
                if not pid:
                    os.chdir(s)
                    if root:
                        os.chroot(s + root)
                        os.chdir("/")
                    try:
                        os.stat(path)
                    except OSError:
                        pass
                    os._exit(0)
                os.waitpid(pid, 0)

    for set_up in (lambda: None, own_mounts):
        child = Child(set_up, act)
        try:
            child.hear()
            with Tracing("trace", "-j", "-d", s + "/jail/in", "-o", "stat") as tracing:
                child.go()
                child.hear()
                records, summary = tracing.stop().parse()
            equal("stat", [r["path"] for r in records], ["/in/f"] * 4)
            equal("exact", summary["exact"], True)
        finally:
            child.end()


@case_of("container")
def _container(s):
    """A root file system of its own, into which a part of DIR is mounted as a volume."""
    def set_up():
        own_mounts()
        call("mount", "none", s + "/out", "tmpfs", 0, None)
        write_file(s + "/out/f")
        write_file(s + "/out/in/f")
        bind(s + "/in/sub", s + "/out/data")
        os.makedirs(s + "/out/proc")
        call("mount", "/proc", s + "/out/proc", None, MS_BIND | MS_REC, None)
        os.makedirs(s + "/out/old")
        os.chdir(s + "/out")
        call("pivot_root", ".", "old")
        call("umount2", "/old", 2)
        os.chdir("/")

    check_below(s + "/in", set_up, [("/data/f", "/data/f"), ("/f", None), ("/in/f", None),
                                    ("/data/de ep/er/f", "/data/de ep/er/f")])


@case_of("overlay")
def _overlay(s):
    for name in ("lower/l", "lower/both", "upper/u", "upper/both"):
        write_file(s + "/" + name)
    os.makedirs(s + "/work")
    os.makedirs(s + "/in/merged")

    def set_up():
        own_mounts()
        call("mount", "none", s + "/in/merged", "overlay", 0,
             "lowerdir=%s/lower,upperdir=%s/upper,workdir=%s/work" % (s, s, s))

    merged = [s + "/in/merged/" + name for name in ("l", "u", "both")]
    layers = [s + "/lower/l", s + "/lower/both", s + "/upper/u"]
    check_below(s + "/in", set_up, [(path, path) for path in merged] +
                [(path, None) for path in layers])
    # the layers are other files than what is shown of them
    check_below(s + "/lower", set_up, [(path, None) for path in merged] +
                [(layers[0], layers[0]), (layers[1], layers[1]), (layers[2], None)])


@case_of("network-namespace")
def _network_namespace(s):
    """With a /proc of its own, which a default run does not show."""
    def set_up():
        own_mounts(CLONE_NEWNET)
        os.makedirs(s + "/in/proc")
        call("mount", "none", s + "/in/proc", "proc", 0, None)

    check_below(s + "/in", set_up, [(s + "/in/f", s + "/in/f"), (s + "/out/f", None),
                                    (s + "/in/sub/f", s + "/in/sub/f")])


@case_of("moved")
def _moved(s):
    """Files and directories that come and go, open meanwhile."""
    write_file(s + "/out/dir/f")

    def act():
        f = os.open(s + "/out/f", os.O_RDONLY)
        g = os.open(s + "/out/dir/f", os.O_RDONLY)
        for old, new in (("out/f", "in/f2"), ("in/f2", "in/sub/f2"), ("out/dir", "in/sub/dir"),
                         ("in/sub", "out/sub2"), ("out/sub2/dir", "in/dir"), ("in/dir", "inn/dir")):
            os.pread(f, 10, 0)
            os.pread(g, 10, 0)
            os.rename(s + "/" + old, s + "/" + new)
        os.pread(f, 10, 0)
        os.pread(g, 10, 0)

    names = ["in/f2", "in/sub/f2", "in/sub/f2", "in/sub/dir/f", "in/dir/f"]
    child = Child(lambda: None, act)
    try:
        child.hear()
        with Tracing("trace", "-j", "-d", s + "/in", "-o", "read") as tracing:
            child.go()
            child.hear()
            records, summary = tracing.stop().parse()
        equal("read", [r["path"][len(s) + 1:] for r in records], names)
        equal("exact", summary["exact"], True)
    finally:
        child.end()


def read_new(path):
    """Reads a file in a directory, both new, and removes them; twice, for what is known by then."""
    write_file(path)
    fd = os.open(path, os.O_RDONLY)
    os.pread(fd, 10, 0)
    os.pread(fd, 10, 0)
    os.close(fd)
    os.unlink(path)
    os.removedirs(os.path.dirname(path))  # what else is in in/ and out/ keeps those


def check_reused(s, command, count, ops="read"):
    """What is known of a file must not pass for one that has its inode, its name and its memory."""
    names = ["out/d/f", "in/d/f", "out/e/h", "in/d/g", "out/d/d/f", "in/d/d/f"]
    rounds = 300

    def act():
        for _ in range(rounds):
            for name in names:
                read_new(s + "/" + name)

    child = Child(lambda: None, act)
    try:
        child.hear()
        with Tracing(*command, "-d", s + "/in", "-o", ops) as tracing:
            child.go()
            child.hear()
            records, summary = tracing.stop().parse()
        equal("reads", sum(count(r) for r in records), len(names) * rounds)
        equal("paths", {r["path"][len(s) + 1:] for r in records}, {name for name in names if name.startswith("in/")})
        equal("exact", summary["exact"], True)
    finally:
        child.end()


@case_of("reused")
def _reused(s):
    check_reused(s, ("trace", "-j"), lambda r: 1)


@case_of("reused-calls")
def _reused_calls(s):
    """By all calls, as not by functions alone."""
    check_reused(s, ("trace", "-j"), lambda r: 1, "read,rename")


@case_of("reused-overlay")
def _reused_overlay(s):
    """Where inodes have the numbers of others, that are soon used again, and no generation."""
    for name in ("lower", "upper", "work", "merged"):
        os.mkdir(s + "/" + name)
    call("mount", "none", s + "/merged", "overlay", 0,
         "lowerdir=%s/lower,upperdir=%s/upper,workdir=%s/work" % (s, s, s))
    try:
        for name in ("in", "out"):
            write_file(s + "/merged/" + name + "/f")
        check_reused(s + "/merged", ("trace", "-j"), lambda r: 1)
    finally:
        call("umount2", s + "/merged", 2)


@case_of("reused-totals")
def _reused_totals(s):
    check_reused(s, ("top", "-j", "--by", "path", "-F", "-lat"), lambda r: r["count"])


PROGRAMS = """exec >/dev/null
cat in/f out/f
unshare -m sh -c 'mount --bind in/sub out/sub && mount -t tmpfs none inn && echo x >inn/t &&
    mkdir inn/in && mount --bind in inn/in && cat out/sub/f out/f inn/t inn/in/sub/f'
unshare -m sh -c 'mount -t overlay none in/merged -o lowerdir=out,upperdir=up,workdir=work &&
    cat in/merged/f in/merged/sub/f up/u'
ip netns add $NETNS
ip netns exec $NETNS sh -c 'cat in/f out/f /proc/self/stat; mount -t proc none in/proc; cat in/proc/uptime'
ip netns del $NETNS
chroot in /cat /f
"""


CAT = b"""
#include <fcntl.h>
#include <unistd.h>
int main(int argc, char **argv) { char c[9]; return read(open(argv[argc - 1], O_RDONLY), c, 9) < 0; }
"""


@case_of("programs")
def _programs(s):
    """unshare, mount, chroot and ip netns themselves, in a tree with a static program."""
    for name in ("work", "in/merged", "in/proc"):
        os.makedirs(s + "/" + name)
    write_file(s + "/up/u")
    subprocess.run(["gcc", "-static", "-O1", "-o", s + "/in/cat", "-x", "c", "-"], check=True, input=CAT)
    env = {**os.environ, "NETNS": "vfscope-e2e-%d" % os.getpid()}
    output = vfscope("trace", "-j", "-F", "type,comm,op,path", "-d", s + "/in", "-o", "read",
                     "--where", "comm == cat and ret > 0", "--", "sh", "-c", PROGRAMS, cwd=s, env=env)
    equal("status (%s)" % output.err, output.status, 0)
    got = [r["path"].replace(s, "@") for r in output.records()]
    equal("read", got, ["@/in/f", "@/out/sub/f", "@/inn/in/sub/f", "@/in/merged/f",
                        "@/in/merged/sub/f", "@/in/f", "/f"])

