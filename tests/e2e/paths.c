/* SPDX-License-Identifier: GPL-2.0 */
/* How a file is reached, and what it is called then. */
#include "e2e.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

static char buf[100];

static void read10(const struct file *f, long long offset)
{
	long ret = OK(SYS(read, f->fd, buf, 10));

	WANT("read", ret, .via = "rw", .f = f, .fd = N(f->fd), .offset = N(offset), .req = N(10),
	     .bytes = N(ret));
}

/* Opens what vfscope must say nothing about. */
static void peek(const char *path)
{
	long fd = OK(SYS(open, path, O_RDONLY, 0));

	SYS(read, fd, buf, 10); /* of a directory: fails */
	OK(SYS(close, fd));
}

/* An open of path that must show shown. */
static struct file *reach(int dirfd, const char *path, const char *shown)
{
	long fd = OK(SYS(openat, dirfd, path, O_RDONLY, 0)), ret;
	struct stat st;
	struct file *f;

	ret = OK(SYS(fstat, fd, &st));
	f = file_stat(&st, shown);
	f->fd = fd;
	WANT("open", fd, .f = f, .fd = N(fd), .flags = "O_RDONLY");
	WANT("stat", ret, .f = f, .fd = N(fd));
	return f;
}

static void ways(void)
{
	struct file *d, *f;
	long ret;

	make_dir("sub");
	f = file_new("sub/f", 1000);
	file_new("g", 1000);
	ret = OK(SYS(symlink, "sub", in("link")));
	WANT("symlink", ret, .path = in("link"), .path2 = "sub");
	ret = OK(SYS(symlink, "../g", in("sub/up")));
	WANT("symlink", ret, .path = in("sub/up"), .path2 = "../g");
	d = file_open("sub", O_PATH | O_DIRECTORY, "O_RDONLY|O_DIRECTORY|O_PATH");

	reach(AT_FDCWD, in("link/f"), in("sub/f"));
	reach(AT_FDCWD, in("link/../sub/./f"), in("sub/f"));
	reach(AT_FDCWD, in("sub/up"), in("g"));
	reach(d->fd, "f", in("sub/f"));
	reach(d->fd, "../g", in("g"));
	reach(d->fd, "up", in("g"));
	OK(SYS(chdir, in("link")));
	reach(AT_FDCWD, "f", in("sub/f"));
	reach(AT_FDCWD, "../g", in("g"));
	reach(AT_FDCWD, "up", in("g"));
	reach(AT_FDCWD, text("/proc/self/fd/%d", f->fd), in("sub/f"));
	OK(SYS(fchdir, d->fd));
	ret = FAILS(ENOENT, SYS(open, "none", O_RDONLY, 0));
	WANT("open", ret, .path = in("sub/none"), .flags = "O_RDONLY");
	ret = FAILS(ENOENT, SYS(open, "../none", O_RDONLY, 0));
	WANT("open", ret, .path = in("none"), .flags = "O_RDONLY");
	/* outside of DIR, so none of our business */
	peek("/");
	peek(self_path);
	FAILS(ENOENT, SYS(open, "/no-such-file", O_RDONLY, 0));
	peek("../..");
	FAILS(ENOENT, SYS(open, "../../no-such-file", O_RDONLY, 0));
}

/* -d @/in -d @/in2: everything else is not to be seen. */
static void dirs(void)
{
	struct stat st;
	struct file *f;
	long ret, fd;

	OK(SYS(mkdir, in("out"), 0700));
	OK(SYS(mkdir, in("inx"), 0700)); /* its name only begins like that of in */
	OK(SYS(symlink, "../in", in("out/link")));
	OK(SYS(open, in("out/o"), O_RDWR | O_CREAT, 0600));
	OK(SYS(open, in("inx/o"), O_RDWR | O_CREAT, 0600));
	FAILS(ENOENT, SYS(open, in("inx/none"), O_RDONLY, 0));
	f = file_new("in/f", 1000);
	file_new("in2/f", 0);
	reach(AT_FDCWD, in("out/link/f"), in("in/f"));
	OK(SYS(chdir, in("out")));
	reach(AT_FDCWD, "link/f", in("in/f"));
	reach(AT_FDCWD, "../in2/f", in("in2/f"));
	/* a path is shown as it was passed, and counts by what it leads to */
	ret = OK(SYS(stat, in("out/link/f"), &st));
	WANT("stat", ret, .f = f, .path = in("out/link/f"));
	OK(SYS(stat, in("in/../out/o"), &st));
	peek(in("in/../out/o"));
	ret = FAILS(ENOENT, SYS(stat, in("out/link/none"), &st));
	WANT("stat", ret, .path = in("out/link/none"));
	FAILS(ENOENT, SYS(stat, in("out/none"), &st));
	/* of two names, either */
	ret = OK(SYS(rename, in("out/o"), in("in/o")));
	WANT("rename", ret, .path = in("out/o"), .path2 = in("in/o"));
	ret = OK(SYS(rename, in("in/o"), in("out/p")));
	WANT("rename", ret, .path = in("in/o"), .path2 = in("out/p"));
	OK(SYS(rename, in("out/p"), in("out/o")));
	ret = OK(SYS(link, in("in/f"), in("out/l")));
	WANT("link", ret, .path = in("in/f"), .path2 = in("out/l"));
	/* another name of the same file is not below the directory */
	fd = OK(SYS(open, in("out/l"), O_RDONLY, 0));
	OK(SYS(read, fd, buf, 10));
	ret = OK(SYS(unlink, in("out/link/f")));
	WANT("unlink", ret, .path = in("out/link/f"));
	OK(SYS(unlink, in("out/l")));
}

static void deleted(void)
{
	struct file *f = file_new("f", 1000), *g;
	long ret;

	read10(f, 0);
	ret = OK(SYS(unlink, f->path));
	WANT("unlink", ret, .path = f->path);
	g = file_new("f", 1000); /* another file of the same name */
	strcat(f->path, " (deleted)");
	read10(f, 10);
	read10(g, 0);
	file_close(g);
	ret = OK(SYS(unlink, g->path));
	WANT("unlink", ret, .path = g->path);
	g = file_new("f", 1000);
	read10(g, 0);
	read10(f, 20);
}

/* Many files, one after the other under one name: each dentry and inode serves again. */
static void reused(void)
{
	const char *path = in("f");

	for (int i = 0; i < 200; i++) {
		struct file *f = file_new(i % 2 ? "f" : "g", 1000);
		long ret;

		read10(f, 0);
		ret = OK(SYS(unlink, f->path));
		WANT("unlink", ret, .path = i % 2 ? path : f->path);
		strcat(f->path, " (deleted)");
		read10(f, 10);
		file_close(f);
		free(f);
	}
}

static void renamed(void)
{
	struct file *f;
	long ret;
	int status;

	make_dir("a");
	make_dir("a/b");
	f = file_new("a/b/f", 1000);
	read10(f, 0);
	ret = OK(SYS(rename, in("a/b/f"), in("a/b/g")));
	WANT("rename", ret, .path = in("a/b/f"), .path2 = in("a/b/g"));
	strcpy(f->path, in("a/b/g"));
	read10(f, 10);
	ret = OK(SYS(rename, in("a"), in("c"))); /* a directory above it */
	WANT("rename", ret, .path = in("a"), .path2 = in("c"));
	strcpy(f->path, in("c/b/g"));
	read10(f, 20);
	/* by another process */
	if (!fork()) {
		ret = OK(SYS(rename, in("c/b"), in("d")));
		WANT("rename", ret, .path = in("c/b"), .path2 = in("d"));
		_exit(0);
	}
	wait(&status);
	strcpy(f->path, in("d/g"));
	read10(f, 30);
	/* what it replaces is deleted */
	ret = OK(SYS(rename, file_new("x", 0)->path, f->path));
	WANT("rename", ret, .path = in("x"), .path2 = f->path);
	strcat(f->path, " (deleted)");
	read10(f, 40);
}

static void exchanged(void)
{
	struct file *f = file_new("f", 1000), *g = file_new("g", 1000);
	long ret;

	read10(f, 0);
	read10(g, 0);
	ret = OK(SYS(renameat2, AT_FDCWD, f->path, AT_FDCWD, g->path, 2 /* RENAME_EXCHANGE */));
	WANT("rename", ret, .path = f->path, .path2 = g->path, .flags = "RENAME_EXCHANGE");
	strcpy(f->path, in("g"));
	strcpy(g->path, in("f"));
	read10(f, 10);
	read10(g, 10);
}

/* A directory descriptor follows its directory. */
static void dirfd_renamed(void)
{
	struct file *d;
	long ret;

	make_dir("a");
	d = file_open("a", O_RDONLY | O_DIRECTORY, "O_RDONLY|O_DIRECTORY");
	ret = FAILS(ENOENT, SYS(openat, d->fd, "none", O_RDONLY, 0));
	WANT("open", ret, .path = in("a/none"), .flags = "O_RDONLY");
	ret = OK(SYS(rename, in("a"), in("b")));
	WANT("rename", ret, .path = in("a"), .path2 = in("b"));
	ret = FAILS(ENOENT, SYS(openat, d->fd, "none", O_RDONLY, 0));
	WANT("open", ret, .path = in("b/none"), .flags = "O_RDONLY");
}

/* A mount namespace of its own, below whose DIR a tmpfs is mounted, and a directory bound. */
/* Paths that are passed are followed in our mount namespace: it has to live until then. */
static void linger(void)
{
	usleep(300000);
}

static void own_mounts(void)
{
	struct stat st;

	OK(sys_ret(unshare(CLONE_NEWNS)));
	OK(sys_ret(stat("/proc/self/ns/mnt", &st)));
	mnt_ns = st.st_ino;
	OK(sys_ret(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)));
	OK(sys_ret(mount("none", in("m"), "tmpfs", 0, NULL)));
	OK(sys_ret(mount(in("sub"), in("bound"), NULL, MS_BIND, NULL)));
}

static struct file *on_tmpfs(const char *name)
{
	const char *path = in("%s", name);
	long fd = OK(SYS(open, path, O_RDWR | O_CREAT, 0600)), ret;
	struct stat st;
	struct file *f;

	ret = OK(SYS(fstat, fd, &st));
	f = file_stat(&st, path);
	f->fd = fd;
	f->fs = "tmpfs";
	WANT("open", fd, .f = f, .fd = N(fd), .flags = "O_RDWR|O_CREAT", .mode = N(0600));
	WANT("create", fd, .f = f, .fd = N(fd), .flags = "O_RDWR|O_CREAT", .mode = N(0600));
	WANT("stat", ret, .f = f, .fd = N(fd));
	return f;
}

static void mounts(void)
{
	struct file *f;
	long ret;

	make_dir("m");
	make_dir("sub");
	make_dir("bound");
	own_mounts();
	f = on_tmpfs("m/f");
	ret = OK(SYS(write, f->fd, buf, 10));
	WANT("write", ret, .via = "rw", .f = f, .fd = N(f->fd), .offset = N(0), .req = N(10),
	     .bytes = N(10));
	read10(f, 10);
	f = file_new("bound/f", 1000);
	read10(f, 0);
	reach(AT_FDCWD, in("sub/f"), in("sub/f"));
	/* the mount is moved, and with it the path of what is open */
	ret = OK(SYS(mkdir, in("elsewhere"), 0755));
	WANT("mkdir", ret, .path = in("elsewhere"), .mode = N(0755), .no_fs = 1);
	OK(sys_ret(mount(in("bound"), in("elsewhere"), NULL, MS_MOVE, NULL)));
	strcpy(f->path, in("elsewhere/f"));
	read10(f, 10);
	linger();
}

/*
 * What is passed as a path means something in the program's mounts, not in vfscope's: its
 * file system is not known, and none is better than a wrong one.
 */
static void mounts_paths(void)
{
	struct stat st;
	struct file *f;
	long ret;

	make_dir("m");
	make_dir("sub");
	make_dir("bound");
	own_mounts();
	f = on_tmpfs("m/f");
	ret = OK(SYS(stat, f->path, &st));
	WANT("stat", ret, .f = f, .no_fs = 1);
	ret = OK(SYS(rename, f->path, in("m/g")));
	WANT("rename", ret, .path = f->path, .path2 = in("m/g"), .no_fs = 1);
	ret = FAILS(ENOENT, SYS(open, in("m/none"), O_RDONLY, 0));
	WANT("open", ret, .path = in("m/none"), .flags = "O_RDONLY", .no_fs = 1);
	linger();
}

/* Paths are as the program sees them, below its root; DIR is as vfscope sees it. */
static void chrooted(void)
{
	struct stat st;
	struct file *f;
	long ret;

	make_dir("root");
	f = file_new("root/f", 1000);
	file_new("g", 1000);
	read10(f, 0);
	OK(SYS(chroot, in("root")));
	OK(SYS(chdir, "/"));
	strcpy(f->path, "/f");
	read10(f, 10);
	reach(AT_FDCWD, "/f", "/f");
	reach(AT_FDCWD, "f", "/f");
	ret = OK(SYS(stat, "/f", &st));
	WANT("stat", ret, .f = f, .no_fs = 1); /* by our mounts it could be another */
	ret = FAILS(ENOENT, SYS(open, "/none", O_RDONLY, 0));
	WANT("open", ret, .path = "/none", .flags = "O_RDONLY", .no_fs = 1);
	ret = FAILS(ENOENT, SYS(open, "../none", O_RDONLY, 0)); /* / is its own parent */
	WANT("open", ret, .path = "/none", .flags = "O_RDONLY", .no_fs = 1);
}

/* A file that is open from before, now out of reach. */
static void unreachable(void)
{
	struct file *f = file_new("f", 1000);

	make_dir("root");
	OK(SYS(chroot, in("root")));
	f->fs = "ext4";
	strcpy(f->path, text("(unreachable)%s", in("f")));
	read10(f, 0);
}

/* clang-format off */
TESTS(
	T("ways", ways),
	/* names move before their paths are followed: right, but not for sure */
	T("dirs", dirs, .opts = "-d @/in -d @/in2", .lost = "follow?", .flags = TEST_NO_DIR),
	T("deleted", deleted),
	T("reused", reused),
	T("renamed", renamed),
	T("exchanged", exchanged),
	T("dirfd-renamed", dirfd_renamed),
	T("mounts", mounts),
	T("mounts-paths", mounts_paths),
	T("chroot", chrooted, .flags = TEST_NO_DIR),
	T("chroot-dir", chrooted),
	T("unreachable", unreachable, .flags = TEST_NO_DIR),
)
