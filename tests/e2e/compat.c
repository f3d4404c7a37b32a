/* SPDX-License-Identifier: GPL-2.0 */
/* Calls that only 32-bit programs have. Nothing of struct stat is looked at there. */
#include "e2e.h"

#include <sys/time.h>

#define BAD_FD 999

static char buf[4096];

static void truncate64_(void)
{
	struct file *f = file_new("f", 100);
	long ret;

	ret = OK(SYS(truncate64, f->path, OFF64(0x123456789LL)));
	WANT("truncate", ret, .path = f->path, .req = N(0x123456789LL));
	ret = OK(SYS(ftruncate64, f->fd, OFF64(0x200000000LL)));
	WANT("truncate", ret, .f = f, .fd = N(f->fd), .req = N(0x200000000LL));
	ret = FAILS(ENOENT, SYS(truncate64, in("none"), OFF64(5)));
	WANT("truncate", ret, .path = in("none"), .req = N(5));
	ret = FAILS(EFBIG, SYS(ftruncate64, f->fd, OFF64(0x7fffffffffffffffLL)));
	WANT("truncate", ret, .f = f, .fd = N(f->fd), .req = N(0x7fffffffffffffffLL));
}

static void stats(void)
{
	struct file *d = file_open(".", O_RDONLY | O_DIRECTORY, "O_RDONLY|O_DIRECTORY");
	struct file *f;
	long ret;

	OK(SYS(mkdir, in("m"), 0700));
	WANT("mkdir", 0, .path = in("m"), .mode = N(0700));
	f = file_new("f", 0);
	/* an inode number of more than 16 bits does not fit the oldest struct stat */
	ret = SYS(oldstat, f->path, buf);
	WANT("stat", ret, .path = f->path);
	ret = SYS(oldlstat, f->path, buf);
	WANT("stat", ret, .path = f->path);
	ret = SYS(oldfstat, f->fd, buf);
	WANT("stat", ret, .f = f, .fd = N(f->fd));
	ret = OK(SYS(stat, f->path, buf));
	WANT("stat", ret, .path = f->path);
	ret = OK(SYS(lstat, f->path, buf));
	WANT("stat", ret, .path = f->path);
	ret = OK(SYS(fstat, f->fd, buf));
	WANT("stat", ret, .f = f, .fd = N(f->fd));
	ret = OK(SYS(stat64, f->path, buf));
	WANT("stat", ret, .path = f->path);
	ret = FAILS(ENOENT, SYS(lstat64, in("none"), buf));
	WANT("stat", ret, .path = in("none"));
	ret = OK(SYS(fstatat64, d->fd, "f", buf, 0));
	WANT("stat", ret, .path = f->path);
	ret = OK(SYS(fstatat64, f->fd, "", buf, AT_EMPTY_PATH));
	WANT("stat", ret, .f = f, .fd = N(f->fd));
	ret = OK(SYS(statfs64, dir, 84, buf));
	WANT("statfs", ret, .path = dir);
	ret = OK(SYS(fstatfs64, f->fd, 84, buf));
	WANT("statfs", ret, .f = f, .fd = N(f->fd));
	ret = FAILS(EINVAL, SYS(fstatfs64, f->fd, 1, buf));
	WANT("statfs", ret, .f = f, .fd = N(f->fd));
}

static void owners(void)
{
	struct file *f = file_new("f", 0);
	long ret;

	ret = OK(SYS(chown, f->path, 1, 2));
	WANT("setattr", ret, .path = f->path);
	ret = OK(SYS(lchown, f->path, 1, 2));
	WANT("setattr", ret, .path = f->path);
	ret = OK(SYS(fchown, f->fd, 1, 2));
	WANT("setattr", ret, .f = f, .fd = N(f->fd));
	ret = OK(SYS(chown32, f->path, 70000, 70000));
	WANT("setattr", ret, .path = f->path);
	ret = FAILS(ENOENT, SYS(lchown32, in("none"), 70000, 70000));
	WANT("setattr", ret, .path = in("none"));
	ret = OK(SYS(fchown32, f->fd, 70000, 70000));
	WANT("setattr", ret, .f = f, .fd = N(f->fd));
	ret = OK(SYS(fchmod, f->fd, 0600));
	WANT("setattr", ret, .f = f, .fd = N(f->fd), .mode = N(0600));
}

static void times(void)
{
	struct file *f = file_new("f", 0);
	long long time64[4] = {1, 2, 3, 4};
	long time32[4] = {1, 2, 3, 4};
	long ret;

	ret = OK(SYS(utime, f->path, time32));
	WANT("setattr", ret, .path = f->path);
	ret = OK(SYS(utimes, f->path, time32));
	WANT("setattr", ret, .path = f->path);
	ret = OK(SYS(futimesat, AT_FDCWD, f->path, time32));
	WANT("setattr", ret, .path = f->path);
	ret = OK(SYS(utimensat, f->fd, NULL, time32, 0));
	WANT("setattr", ret, .f = f, .fd = N(f->fd));
	ret = OK(SYS(utimensat_time64, f->fd, NULL, time64, 0));
	WANT("setattr", ret, .f = f, .fd = N(f->fd));
	ret = FAILS(ENOENT, SYS(utimensat_time64, AT_FDCWD, in("none"), time64, 0));
	WANT("setattr", ret, .path = in("none"));
}

/* One entry a call; its last argument is not used. */
static void old_readdir(void)
{
	struct file *d = file_open(".", O_RDONLY | O_DIRECTORY, "O_RDONLY|O_DIRECTORY"), *f;
	long ret;

	ret = OK(SYS(readdir, d->fd, buf, 1));
	WANT("readdir", ret, .f = d, .fd = N(d->fd));
	f = file_new("f", 0);
	ret = FAILS(ENOTDIR, SYS(readdir, f->fd, buf, 1));
	WANT("readdir", ret, .f = f, .fd = N(f->fd));
}

/* clang-format off */
TESTS(
	T("truncate64", truncate64_),
	T("stats", stats),
	T("owners", owners),
	T("times", times),
	T("readdir", old_readdir),
)
