/* SPDX-License-Identifier: GPL-2.0 */
/* What is known of files: stat, statfs, mode, owner, times, size, links. */
#include "e2e.h"

#include <linux/fs.h>
#include <linux/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <utime.h>

#define BAD_FD 999
#define BAD_PTR ((void *)8)

static char buf[4096];

static struct file *open_dir(void)
{
	return file_open(".", O_RDONLY | O_DIRECTORY, "O_RDONLY|O_DIRECTORY");
}

static void setattr(long ret, const char *path)
{
	WANT("setattr", ret, .path = path);
}

static void stat_(void)
{
	struct file *d = open_dir(), *f = file_new("f", 0), *l;
	struct stat st;
	long ret;

	ret = OK(SYS(symlink, "f", in("l")));
	WANT("symlink", ret, .path = in("l"), .path2 = "f");
	ret = OK(SYS(stat, f->path, &st));
	WANT("stat", ret, .f = f);
	ret = OK(SYS(stat, in("l"), &st)); /* the name is the link's, the inode the file's */
	WANT("stat", ret, .f = f, .path = in("l"));
	ret = OK(SYS(lstat, in("l"), &st));
	l = file_stat(&st, in("l"));
	WANT("stat", ret, .f = l);
	ret = OK(SYS(newfstatat, d->fd, "l", &st, AT_SYMLINK_NOFOLLOW));
	WANT("stat", ret, .f = l);
	ret = OK(SYS(newfstatat, AT_FDCWD, dir, &st, 0));
	WANT("stat", ret, .f = d);
	ret = OK(SYS(newfstatat, f->fd, "", &st, AT_EMPTY_PATH));
	WANT("stat", ret, .f = f, .fd = N(f->fd));
	ret = OK(SYS(newfstatat, f->fd, NULL, &st, AT_EMPTY_PATH)); /* 6.11 and later */
	WANT("stat", ret, .f = f, .fd = N(f->fd));
	ret = OK(SYS(fstat, d->fd, &st));
	WANT("stat", ret, .f = d, .fd = N(d->fd));
	ret = FAILS(ENOENT, SYS(stat, in("none"), &st));
	WANT("stat", ret, .path = in("none"));
	ret = FAILS(ENOTDIR, SYS(lstat, in("f/x"), &st));
	WANT("stat", ret, .path = in("f/x"));
	ret = FAILS(ENOENT, SYS(newfstatat, d->fd, "none", &st, 0));
	WANT("stat", ret, .path = in("none"));
	ret = FAILS(EINVAL, SYS(newfstatat, d->fd, "f", &st, 0x80000000));
	WANT("stat", ret, .path = in("f"));
	ret = FAILS(EFAULT, SYS(stat, f->path, BAD_PTR));
	WANT("stat", ret, .path = f->path);
	ret = FAILS(EFAULT, SYS(fstat, f->fd, BAD_PTR));
	WANT("stat", ret, .f = f, .fd = N(f->fd));
}

/* Kinds of files that are shown only with --ftype, by what stat says of them. */
static void stat_ftypes(void)
{
	const struct {
		const char *name;
		int mode;
		dev_t dev;
	} table[] = {
		{"fifo", S_IFIFO, 0},
		{"sock", S_IFSOCK, 0},
		{"chr", S_IFCHR, makedev(1, 3)},
		{"blk", S_IFBLK, makedev(7, 0x12345)},
	};
	struct stat st;
	long ret;

	for (int i = 0; i < 4; i++) {
		OK(SYS(mknod, in("%s", table[i].name), table[i].mode | 0600, table[i].dev));
		ret = OK(SYS(lstat, in("%s", table[i].name), &st));
		WANT("stat", ret, .f = file_stat(&st, in("%s", table[i].name)),
		     .ftype = table[i].name);
	}
	OK(SYS(lstat, dir, &st));
}

static void statx_(void)
{
	struct file *d = open_dir(), *f = file_new("f", 0);
	struct statx stx;
	long ret;

	ret = OK(SYS(statx, AT_FDCWD, f->path, 0, STATX_BASIC_STATS, &stx));
	WANT("stat", ret, .f = f);
	ret = OK(SYS(statx, d->fd, "f", AT_SYMLINK_NOFOLLOW, STATX_SIZE, &stx));
	WANT("stat", ret, .f = f);
	ret = OK(SYS(statx, f->fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &stx));
	WANT("stat", ret, .f = f, .fd = N(f->fd));
	ret = OK_SINCE(611, EFAULT,
		       SYS(statx, f->fd, NULL, AT_EMPTY_PATH, STATX_BASIC_STATS, &stx));
	WANT("stat", ret, .f = f, .fd = N(f->fd));
	ret = FAILS(ENOENT, SYS(statx, d->fd, "none", 0, STATX_BASIC_STATS, &stx));
	WANT("stat", ret, .path = in("none"));
	ret = FAILS(EINVAL, SYS(statx, d->fd, "f", 0, 0x80000000, &stx));
	WANT("stat", ret, .path = in("f"));
}

static void statfs_(void)
{
	struct file *f = file_new("f", 0);
	long ret;

	ret = OK(SYS(statfs, dir, buf));
	WANT("statfs", ret, .path = dir);
	ret = FAILS(ENOENT, SYS(statfs, in("none"), buf));
	WANT("statfs", ret, .path = in("none"));
	ret = OK(SYS(fstatfs, f->fd, buf));
	WANT("statfs", ret, .f = f, .fd = N(f->fd));
	ret = FAILS(EFAULT, SYS(fstatfs, f->fd, BAD_PTR));
	WANT("statfs", ret, .f = f, .fd = N(f->fd));
}

static void fails(void)
{
	struct file *f = file_new("f", 0);
	struct stat st;
	long ret;

	ret = FAILS(EFAULT, SYS(stat, BAD_PTR, &st));
	WANT("stat", ret);
	ret = FAILS(EBADF, SYS(fstat, BAD_FD, &st));
	WANT("stat", ret, .fd = N(BAD_FD));
	ret = FAILS(EBADF, SYS(newfstatat, BAD_FD, "x", &st, 0));
	WANT("stat", ret, .path = "x", .no_fs = 1);
	ret = FAILS(EBADF, SYS(newfstatat, BAD_FD, "", &st, AT_EMPTY_PATH));
	WANT("stat", ret, .fd = N(BAD_FD));
	ret = FAILS(EFAULT, SYS(statx, AT_FDCWD, BAD_PTR, 0, STATX_BASIC_STATS, &st));
	WANT("stat", ret);
	ret = FAILS(EFAULT, SYS(statfs, BAD_PTR, buf));
	WANT("statfs", ret);
	ret = FAILS(EBADF, SYS(fstatfs, BAD_FD, buf));
	WANT("statfs", ret, .fd = N(BAD_FD));
	OK(raw_fstat(f->fd, &st));
	WANT("stat", 0, .f = f, .fd = N(f->fd));
#if HAS_OLD_CALLS
	ret = OK(SYS(ustat, (unsigned)(st.st_dev), buf)); /* a device, no file */
	WANT("statfs", ret);
	ret = FAILS(EINVAL, SYS(ustat, 0xfffff, buf));
	WANT("statfs", ret);
#endif
	ret = FAILS(EFAULT, SYS(chmod, BAD_PTR, 0600));
	WANT("setattr", ret, .mode = N(0600));
	ret = FAILS(EBADF, SYS(fchmod, BAD_FD, 0601));
	WANT("setattr", ret, .fd = N(BAD_FD), .mode = N(0601));
	ret = FAILS(EBADF, SYS(fchmodat, BAD_FD, "x", 0602));
	WANT("setattr", ret, .path = "x", .mode = N(0602), .no_fs = 1);
	ret = FAILS(EBADF, SYS(fchown, BAD_FD, 1, 2));
	WANT("setattr", ret, .fd = N(BAD_FD));
	ret = FAILS(EBADF, SYS(utimensat, BAD_FD, NULL, NULL, 0));
	WANT("setattr", ret, .fd = N(BAD_FD));
	ret = FAILS(EFAULT, SYS(readlink, BAD_PTR, buf, 10));
	WANT("readlink", ret, .req = N(10));
}

static void chmod_(void)
{
	struct file *d = open_dir(), *f = file_new("f", 0);
	long ret;

	ret = OK(SYS(chmod, f->path, 04755));
	WANT("setattr", ret, .path = f->path, .mode = N(04755));
	ret = FAILS(ENOENT, SYS(chmod, in("none"), 0600));
	WANT("setattr", ret, .path = in("none"), .mode = N(0600));
	ret = OK(SYS(fchmod, f->fd, 0600));
	WANT("setattr", ret, .f = f, .fd = N(f->fd), .mode = N(0600));
	ret = OK(SYS(fchmodat, d->fd, "f", 0));
	WANT("setattr", ret, .path = f->path, .mode = N(0));
	ret = FAILS(ENOENT, SYS(fchmodat, d->fd, "none", 0644));
	WANT("setattr", ret, .path = in("none"), .mode = N(0644));
	ret = OK_SINCE(606, ENOSYS, SYS(fchmodat2, d->fd, "f", 0640, AT_SYMLINK_NOFOLLOW));
	WANT("setattr", ret, .path = f->path, .mode = N(0640));
	ret = OK_SINCE(606, ENOSYS, SYS(fchmodat2, f->fd, "", 0641, AT_EMPTY_PATH));
	WANT("setattr", ret, .f = f, .fd = N(f->fd), .mode = N(0641));
	ret = FAILS_SINCE(606, ENOSYS, EINVAL, SYS(fchmodat2, d->fd, "f", 0642, 0x8000));
	WANT("setattr", ret, .path = f->path, .mode = N(0642));
}

static void chown_(void)
{
	struct file *d = open_dir(), *f = file_new("f", 0);
	long ret;

	ret = OK(SYS(chown, f->path, 1, 2));
	setattr(ret, f->path);
	ret = FAILS(ENOENT, SYS(chown, in("none"), 1, 2));
	setattr(ret, in("none"));
	ret = OK(SYS(lchown, f->path, 3, -1L));
	setattr(ret, f->path);
	ret = FAILS(ENOTDIR, SYS(lchown, in("f/x"), 3, 4));
	setattr(ret, in("f/x"));
	ret = OK(SYS(fchown, f->fd, 5, 6));
	WANT("setattr", ret, .f = f, .fd = N(f->fd));
	ret = OK(SYS(fchownat, d->fd, "f", 7, 8, 0));
	setattr(ret, f->path);
	ret = OK(SYS(fchownat, f->fd, "", 9, 10, AT_EMPTY_PATH));
	WANT("setattr", ret, .f = f, .fd = N(f->fd));
	ret = FAILS(ENOENT, SYS(fchownat, d->fd, "none", 7, 8, 0));
	setattr(ret, in("none"));
}

static void access_(void)
{
	struct file *d = open_dir(), *f = file_new("f", 0);
	long ret;

#if HAS_OLD_CALLS
	ret = OK(SYS(access, f->path, R_OK));
	WANT("access", ret, .path = f->path);
	ret = FAILS(ENOENT, SYS(access, in("none"), F_OK));
	WANT("access", ret, .path = in("none"));
#endif
	ret = OK(SYS(faccessat, d->fd, "f", W_OK));
	WANT("access", ret, .path = f->path);
	ret = FAILS(ENOTDIR, SYS(faccessat, f->fd, "x", F_OK));
	WANT("access", ret, .path = in("f/x"));
	ret = OK(SYS(faccessat2, d->fd, "f", R_OK, AT_SYMLINK_NOFOLLOW));
	WANT("access", ret, .path = f->path);
	ret = OK(SYS(faccessat2, f->fd, "", R_OK, AT_EMPTY_PATH));
	WANT("access", ret, .f = f, .fd = N(f->fd));
	/* without the flag an empty path stands for nothing */
	ret = FAILS(ENOENT, SYS(faccessat2, d->fd, "", R_OK, 0));
	WANT("access", ret);
}

static void utime_(void)
{
	struct file *d = open_dir(), *f = file_new("f", 0);
	struct timespec ts[2] = {{1, 2}, {3, 4}}, bad[2] = {{1, 2000000000}, {1, 1}};
	long ret;
#if HAS_OLD_CALLS
	struct timeval tv[2] = {{1, 2}, {3, 4}};
	struct utimbuf times = {1, 2};

	ret = OK(SYS(utime, f->path, &times));
	setattr(ret, f->path);
	ret = FAILS(ENOENT, SYS(utime, in("none"), NULL));
	setattr(ret, in("none"));
	ret = OK(SYS(utimes, f->path, tv));
	setattr(ret, f->path);
	ret = FAILS(ENOENT, SYS(utimes, in("none"), tv));
	setattr(ret, in("none"));
	ret = OK(SYS(futimesat, d->fd, "f", tv));
	setattr(ret, f->path);
	ret = OK(SYS(futimesat, f->fd, NULL, tv));
	WANT("setattr", ret, .f = f, .fd = N(f->fd));
	ret = FAILS(ENOENT, SYS(futimesat, d->fd, "none", tv));
	setattr(ret, in("none"));
#endif
	ret = OK(SYS(utimensat, d->fd, "f", ts, 0));
	setattr(ret, f->path);
	ret = OK(SYS(utimensat, f->fd, NULL, ts, 0)); /* futimens(3) */
	WANT("setattr", ret, .f = f, .fd = N(f->fd));
	ret = OK(SYS(utimensat, f->fd, "", NULL, AT_EMPTY_PATH));
	WANT("setattr", ret, .f = f, .fd = N(f->fd));
	ret = FAILS(EINVAL, SYS(utimensat, AT_FDCWD, f->path, bad, 0));
	setattr(ret, f->path);
}

/* file_setattr, 6.17: with what file_getattr would give. */
static void file_setattr_(void)
{
	struct file *d = open_dir(), *f = file_new("f", 0);
	static const char attr[24];
	long ret;

	ret = OK_SINCE(617, ENOSYS, SYS(file_setattr, d->fd, "f", attr, sizeof(attr), 0));
	setattr(ret, f->path);
	ret = OK_SINCE(617, ENOSYS,
		       SYS(file_setattr, f->fd, "", attr, sizeof(attr), AT_EMPTY_PATH));
	WANT("setattr", ret, .f = f, .fd = N(f->fd));
	ret = FAILS_SINCE(617, ENOSYS, ENOENT,
			  SYS(file_setattr, d->fd, "none", attr, sizeof(attr), 0));
	setattr(ret, in("none"));
}

static void truncate_(void)
{
	struct file *f = file_new("f", 100);
	long ret;

	ret = OK(SYS(truncate, f->path, 0x100000000L));
	WANT("truncate", ret, .path = f->path, .req = N(0x100000000L));
	ret = FAILS(ENOENT, SYS(truncate, in("none"), 5));
	WANT("truncate", ret, .path = in("none"), .req = N(5));
	ret = OK(SYS(ftruncate, f->fd, 0));
	WANT("truncate", ret, .f = f, .fd = N(f->fd), .req = N(0));
	ret = FAILS(EFBIG, SYS(ftruncate, f->fd, 0x7fffffffffffffffL));
	WANT("truncate", ret, .f = f, .fd = N(f->fd), .req = N(0x7fffffffffffffffL));
}

static void readlink_(void)
{
	struct file *d = open_dir(), *f = file_new("f", 0);
	struct file *l;
	struct stat st;
	long ret;

	ret = OK(SYS(symlink, "0123456789", in("l")));
	WANT("symlink", ret, .path = in("l"), .path2 = "0123456789");
	ret = OK(SYS(readlink, in("l"), buf, 100));
	WANT("readlink", ret, .path = in("l"), .req = N(100));
	ret = OK(SYS(readlinkat, d->fd, "l", buf, 4));
	WANT("readlink", ret, .path = in("l"), .req = N(4));
	ret = FAILS(EINVAL, SYS(readlink, f->path, buf, 100));
	WANT("readlink", ret, .path = f->path, .req = N(100));
	ret = FAILS(ENOENT, SYS(readlinkat, d->fd, "none", buf, 100));
	WANT("readlink", ret, .path = in("none"), .req = N(100));
	/* a descriptor of the link itself */
	l = file_open("l", O_PATH | O_NOFOLLOW, "O_RDONLY|O_NOFOLLOW|O_PATH");
	ret = OK(SYS(fstat, l->fd, &st));
	WANT("stat", ret, .f = l, .fd = N(l->fd));
	ret = OK(SYS(readlinkat, l->fd, "", buf, 100));
	WANT("readlink", ret, .f = l, .fd = N(l->fd), .req = N(100));
}

/* The result takes the place of the path that was passed. */
static void overwritten(void)
{
	char path[4096];
	struct stat st;
	struct file *f = file_new("f", 0);
	long ret;

	ret = OK(SYS(symlink, "/some/where/else", in("l")));
	WANT("symlink", ret, .path = in("l"), .path2 = "/some/where/else");
	strcpy(path, in("l"));
	ret = OK(SYS(readlink, path, path, sizeof(path)));
	WANT("readlink", ret, .path = in("l"), .req = N(sizeof(path)));
	strcpy((char *)&st, "f"); /* a buffer of a union, say */
	OK(SYS(chdir, dir));
	ret = OK(SYS(stat, &st, &st));
	WANT("stat", ret, .f = f);
}

/* clang-format off */
TESTS(
	T("stat", stat_),
	T("stat-ftypes", stat_ftypes, .ops = "stat", .opts = "--ftype fifo,sock,chr,blk"),
	T("statx", statx_),
	T("statfs", statfs_),
	T("fails", fails, .flags = TEST_NO_DIR),
	T("chmod", chmod_),
	T("chown", chown_),
	T("access", access_, .flags = TEST_NO_DIR),
	T("utime", utime_),
	T("file_setattr", file_setattr_),
	T("truncate", truncate_),
	T("readlink", readlink_),
	T("overwritten", overwritten),
)
