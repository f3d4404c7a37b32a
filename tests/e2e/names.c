/* SPDX-License-Identifier: GPL-2.0 */
/* Names made, moved and removed. */
#include "e2e.h"

#include <sys/sysmacros.h>

#define BAD_FD 999
#define BAD_PTR ((void *)8)
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE 2
#endif

static struct file *open_dir(void)
{
	return file_open(".", O_RDONLY | O_DIRECTORY, "O_RDONLY|O_DIRECTORY");
}

static void flagged(const char *op, long ret, const char *path, const char *path2,
		    const char *flags)
{
	WANT(op, ret, .path = path, .path2 = path2, .flags = flags);
}

static void two(const char *op, long ret, const char *path, const char *path2)
{
	flagged(op, ret, path, path2, NULL);
}

static void link_(void)
{
	struct file *d = open_dir(), *f = file_new("a", 0);
	long ret;

	ret = OK(SYS(link, in("a"), in("b")));
	two("link", ret, in("a"), in("b"));
	ret = FAILS(EEXIST, SYS(link, in("a"), in("b")));
	two("link", ret, in("a"), in("b"));
	ret = FAILS(ENOENT, SYS(link, in("none"), in("c")));
	two("link", ret, in("none"), in("c"));
	ret = OK(SYS(linkat, d->fd, "a", AT_FDCWD, in("c"), 0));
	two("link", ret, in("a"), in("c"));
	ret = OK(SYS(linkat, AT_FDCWD, in("a"), d->fd, "d", 0));
	two("link", ret, in("a"), in("d"));
	ret = FAILS(EPERM, SYS(linkat, AT_FDCWD, dir, d->fd, "e", 0));
	two("link", ret, dir, in("e"));
	/* no path at all: the file of a descriptor */
	ret = OK(SYS(linkat, f->fd, "", d->fd, "g", AT_EMPTY_PATH));
	WANT("link", ret, .f = f, .fd = N(f->fd), .path2 = in("g"), .flags = "AT_EMPTY_PATH");
}

static void rename_(void)
{
	struct file *d = open_dir();
	long ret;

	file_new("a", 0);
	file_new("b", 0);
	make_dir("sub");
	make_dir("full");
	file_new("full/f", 0);
	ret = OK(SYS(rename, in("a"), in("c")));
	two("rename", ret, in("a"), in("c"));
	ret = FAILS(ENOENT, SYS(rename, in("a"), in("c")));
	two("rename", ret, in("a"), in("c"));
	ret = OK(SYS(renameat, d->fd, "c", AT_FDCWD, in("b")));
	two("rename", ret, in("c"), in("b"));
	ret = FAILS(EISDIR, SYS(renameat, d->fd, "b", d->fd, "sub"));
	two("rename", ret, in("b"), in("sub"));
	ret = FAILS(ENOTEMPTY, SYS(renameat2, d->fd, "sub", d->fd, "full", 0));
	two("rename", ret, in("sub"), in("full"));
	ret = OK(SYS(renameat2, d->fd, "b", d->fd, "sub", RENAME_EXCHANGE));
	flagged("rename", ret, in("b"), in("sub"), "RENAME_EXCHANGE");
	ret = FAILS(EEXIST, SYS(renameat2, d->fd, "b", d->fd, "sub", RENAME_NOREPLACE));
	flagged("rename", ret, in("b"), in("sub"), "RENAME_NOREPLACE");
	ret = OK(SYS(renameat2, d->fd, "b", d->fd, "full/b", RENAME_NOREPLACE));
	flagged("rename", ret, in("b"), in("full/b"), "RENAME_NOREPLACE");
	ret = FAILS(EINVAL, SYS(renameat2, d->fd, "full", d->fd, "full/x", 0));
	two("rename", ret, in("full"), in("full/x"));
	ret = FAILS(EINVAL, SYS(renameat2, d->fd, "full", d->fd, "x", 0x100));
	flagged("rename", ret, in("full"), in("x"), "0x100");
}

static void mkdir_rmdir(void)
{
	struct file *d = open_dir();
	long ret;

	ret = OK(SYS(mkdir, in("a"), 0750));
	WANT("mkdir", ret, .path = in("a"), .mode = N(0750));
	ret = FAILS(EEXIST, SYS(mkdir, in("a"), 0700));
	WANT("mkdir", ret, .path = in("a"), .mode = N(0700));
	ret = OK(SYS(mkdirat, d->fd, "a/b", 01777));
	WANT("mkdir", ret, .path = in("a/b"), .mode = N(01777));
	ret = FAILS(ENOENT, SYS(mkdirat, d->fd, "none/b", 0755));
	WANT("mkdir", ret, .path = in("none/b"), .mode = N(0755));
	ret = FAILS(ENOTEMPTY, SYS(rmdir, in("a")));
	WANT("rmdir", ret, .path = in("a"));
	ret = OK(SYS(unlinkat, d->fd, "a/b/", AT_REMOVEDIR));
	WANT("rmdir", ret, .path = in("a/b"));
	ret = OK(SYS(rmdir, in("a")));
	WANT("rmdir", ret, .path = in("a"));
	ret = FAILS(ENOENT, SYS(unlinkat, d->fd, "a", AT_REMOVEDIR));
	WANT("rmdir", ret, .path = in("a"));
	ret = FAILS(EINVAL, SYS(rmdir, in(".")));
	WANT("rmdir", ret, .path = dir);
}

static void unlink_(void)
{
	struct file *d = open_dir();
	long ret;

	file_new("a", 0);
	file_new("b", 0);
	make_dir("sub");
	ret = OK(SYS(unlink, in("a")));
	WANT("unlink", ret, .path = in("a"));
	ret = FAILS(ENOENT, SYS(unlink, in("a")));
	WANT("unlink", ret, .path = in("a"));
	ret = FAILS(EISDIR, SYS(unlink, in("sub")));
	WANT("unlink", ret, .path = in("sub"));
	ret = OK(SYS(unlinkat, d->fd, "b", 0));
	WANT("unlink", ret, .path = in("b"));
	ret = FAILS(EINVAL, SYS(unlinkat, d->fd, "sub", 0x10000));
	WANT("unlink", ret, .path = in("sub"));
	ret = FAILS(ENOENT, SYS(unlinkat, d->fd, "sub/../x/y", 0));
	WANT("unlink", ret, .path = in("sub/../x/y"));
}

static void symlink_(void)
{
	struct file *d = open_dir();
	long ret;

	ret = OK(SYS(symlink, "../where/ever", in("l")));
	two("symlink", ret, in("l"), "../where/ever");
	ret = FAILS(EEXIST, SYS(symlink, "x", in("l")));
	two("symlink", ret, in("l"), "x");
	ret = OK(SYS(symlinkat, "/absolute", d->fd, "m"));
	two("symlink", ret, in("m"), "/absolute");
	ret = FAILS(ENOENT, SYS(symlinkat, "", d->fd, "n"));
	two("symlink", ret, in("n"), "");
}

/* mknod makes a file: a creation, whatever kind it is. */
static void made(long ret, const char *path, int mode)
{
	WANT("mknod", ret, .path = path, .mode = N(mode));
	if (!ret)
		WANT("create", ret, .path = path, .mode = N(mode));
}

static void mknod_(void)
{
	struct file *d = open_dir();
	long ret;

	ret = OK(SYS(mknod, in("reg"), S_IFREG | 0600, 0));
	made(ret, in("reg"), S_IFREG | 0600);
	ret = OK(SYS(mknod, in("fifo"), S_IFIFO | 0644, 0));
	made(ret, in("fifo"), S_IFIFO | 0644);
	ret = OK(SYS(mknodat, d->fd, "null", S_IFCHR | 0666, makedev(1, 3)));
	made(ret, in("null"), S_IFCHR | 0666);
	ret = OK(SYS(mknodat, d->fd, "sock", S_IFSOCK | 0600, 0));
	made(ret, in("sock"), S_IFSOCK | 0600);
	ret = FAILS(EEXIST, SYS(mknod, in("reg"), S_IFREG | 0600, 0));
	made(ret, in("reg"), S_IFREG | 0600);
	/* 5.10 refuses it before it has looked at the name, whose page need not be there then */
	ret = FAILS(EPERM, SYS(mknodat, d->fd, text("d"), S_IFDIR | 0700, 0));
	made(ret, in("d"), S_IFDIR | 0700);
}

/* Without -d: what has no path, or only a part of one. */
static void fails(void)
{
	struct file *d = open_dir();
	const char *cwd = getcwd(NULL, 0);
	long ret;

	ret = FAILS(EFAULT, SYS(link, BAD_PTR, in("b")));
	two("link", ret, NULL, in("b"));
	ret = FAILS(EBADF, SYS(linkat, BAD_FD, "a", d->fd, "b", 0));
	WANT("link", ret, .path = "a", .path2 = in("b"), .no_fs = 1);
	ret = FAILS(EFAULT, SYS(rename, in("a"), BAD_PTR));
	two("rename", ret, in("a"), NULL);
	ret = FAILS(EFAULT, SYS(renameat, d->fd, BAD_PTR, d->fd, "b"));
	two("rename", ret, NULL, in("b"));
	ret = FAILS(EBADF, SYS(renameat2, d->fd, "a", BAD_FD, "b", 0));
	two("rename", ret, in("a"), "b");
	ret = FAILS(ENOENT, SYS(rename, "no-such-name", "x"));
	two("rename", ret, text("%s/no-such-name", cwd), text("%s/x", cwd));
	ret = FAILS(EFAULT, SYS(mkdir, BAD_PTR, 0700));
	WANT("mkdir", ret, .mode = N(0700));
	ret = FAILS(EBADF, SYS(mkdirat, BAD_FD, "a", 0700));
	WANT("mkdir", ret, .path = "a", .mode = N(0700), .no_fs = 1);
	ret = FAILS(EFAULT, SYS(rmdir, BAD_PTR));
	WANT("rmdir", ret);
	ret = FAILS(EFAULT, SYS(unlink, BAD_PTR));
	WANT("unlink", ret);
	ret = FAILS(EBADF, SYS(unlinkat, BAD_FD, "x", AT_REMOVEDIR));
	WANT("rmdir", ret, .path = "x", .no_fs = 1);
	ret = FAILS(EFAULT, SYS(unlinkat, AT_FDCWD, BAD_PTR, 0));
	WANT("unlink", ret);
	ret = FAILS(EFAULT, SYS(symlink, BAD_PTR, in("l")));
	two("symlink", ret, in("l"), NULL);
	ret = FAILS(EFAULT, SYS(symlinkat, "target", d->fd, BAD_PTR));
	two("symlink", ret, NULL, "target");
	ret = FAILS(EBADF, SYS(symlinkat, "target", BAD_FD, "l"));
	WANT("symlink", ret, .path = "l", .path2 = "target", .no_fs = 1);
	ret = FAILS(EFAULT, SYS(mknod, BAD_PTR, S_IFREG | 0600, 0));
	WANT("mknod", ret, .mode = N(S_IFREG | 0600));
	ret = FAILS(EBADF, SYS(mknodat, BAD_FD, "n", S_IFREG | 0600, 0));
	WANT("mknod", ret, .path = "n", .mode = N(S_IFREG | 0600), .no_fs = 1);
}

/* Refused before it looks at the paths, which cannot be read: there is none to be lost. */
static void unread(void)
{
	struct file *d = open_dir();
	long ret;

	ret = FAILS(EINVAL, SYS(renameat2, d->fd, BAD_PTR, d->fd, BAD_PTR, 0x100));
	flagged("rename", ret, NULL, NULL, "0x100");
	ret = FAILS(EINVAL, SYS(unlinkat, d->fd, BAD_PTR, 0x10000));
	WANT("unlink", ret);
	ret = FAILS(EINVAL, SYS(linkat, d->fd, BAD_PTR, d->fd, BAD_PTR, 0x10000));
	flagged("link", ret, NULL, NULL, "0x10000");
}

/* clang-format off */
TESTS(
	T("link", link_),
	T("rename", rename_),
	T("mkdir-rmdir", mkdir_rmdir),
	T("unlink", unlink_),
	T("symlink", symlink_),
	T("mknod", mknod_),
	T("fails", fails, .flags = TEST_NO_DIR),
	T("unread", unread, .flags = TEST_NO_DIR),
)
