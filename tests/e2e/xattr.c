/* SPDX-License-Identifier: GPL-2.0 */
/* Extended attributes: by path, by link, by descriptor, and the newer *at calls. */
#include "e2e.h"

#define BAD_FD 999
#define BAD_PTR ((void *)8)

static char buf[4096];

static struct file *open_dir(void)
{
	return file_open(".", O_RDONLY | O_DIRECTORY, "O_RDONLY|O_DIRECTORY");
}

static void by_path(void)
{
	const char *path = in("f"), *none = in("none");
	long ret;

	file_new("f", 0);
	ret = OK(SYS(setxattr, path, "user.a", "value", 5, 0));
	WANT("setxattr", ret, .path = path, .req = N(5));
	ret = FAILS(EEXIST, SYS(setxattr, path, "user.a", "x", 1, 1 /* XATTR_CREATE */));
	WANT("setxattr", ret, .path = path, .req = N(1));
	ret = OK(SYS(getxattr, path, "user.a", buf, 100));
	WANT("getxattr", ret, .path = path, .req = N(100));
	ret = OK(SYS(getxattr, path, "user.a", NULL, 0));
	WANT("getxattr", ret, .path = path, .req = N(0));
	ret = FAILS(ERANGE, SYS(getxattr, path, "user.a", buf, 2));
	WANT("getxattr", ret, .path = path, .req = N(2));
	ret = FAILS(ENODATA, SYS(getxattr, path, "user.b", buf, 100));
	WANT("getxattr", ret, .path = path, .req = N(100));
	ret = OK(SYS(listxattr, path, buf, 200));
	WANT("listxattr", ret, .path = path, .req = N(200));
	ret = OK(SYS(removexattr, path, "user.a"));
	WANT("removexattr", ret, .path = path);
	ret = FAILS(ENODATA, SYS(removexattr, path, "user.a"));
	WANT("removexattr", ret, .path = path);
	ret = FAILS(ENOENT, SYS(setxattr, none, "user.a", "value", 5, 0));
	WANT("setxattr", ret, .path = none, .req = N(5));
	ret = FAILS(ENOENT, SYS(getxattr, none, "user.a", buf, 10));
	WANT("getxattr", ret, .path = none, .req = N(10));
	ret = FAILS(ENOENT, SYS(listxattr, none, buf, 11));
	WANT("listxattr", ret, .path = none, .req = N(11));
	ret = FAILS(ENOENT, SYS(removexattr, none, "user.a"));
	WANT("removexattr", ret, .path = none);
}

static void by_link(void)
{
	const char *link = in("l");
	long ret;

	ret = OK(SYS(symlink, "f", link));
	WANT("symlink", ret, .path = link, .path2 = "f");
	ret = OK(SYS(lsetxattr, link, "trusted.a", "value", 5, 0));
	WANT("setxattr", ret, .path = link, .req = N(5));
	ret = FAILS(EPERM, SYS(lsetxattr, link, "user.a", "value", 5, 0));
	WANT("setxattr", ret, .path = link, .req = N(5));
	ret = OK(SYS(lgetxattr, link, "trusted.a", buf, 100));
	WANT("getxattr", ret, .path = link, .req = N(100));
	ret = FAILS(ENODATA, SYS(lgetxattr, link, "trusted.b", buf, 100));
	WANT("getxattr", ret, .path = link, .req = N(100));
	ret = OK(SYS(llistxattr, link, buf, 200));
	WANT("listxattr", ret, .path = link, .req = N(200));
	ret = FAILS(ERANGE, SYS(llistxattr, link, buf, 1));
	WANT("listxattr", ret, .path = link, .req = N(1));
	ret = OK(SYS(lremovexattr, link, "trusted.a"));
	WANT("removexattr", ret, .path = link);
	ret = FAILS(ENODATA, SYS(lremovexattr, link, "trusted.a"));
	WANT("removexattr", ret, .path = link);
}

static void by_fd(void)
{
	struct file *f = file_new("f", 0);
	long ret;

	ret = OK(SYS(fsetxattr, f->fd, "user.a", "value", 5, 0));
	WANT("setxattr", ret, .f = f, .fd = N(f->fd), .req = N(5));
	ret = OK(SYS(fgetxattr, f->fd, "user.a", buf, 100));
	WANT("getxattr", ret, .f = f, .fd = N(f->fd), .req = N(100));
	ret = OK(SYS(flistxattr, f->fd, buf, 200));
	WANT("listxattr", ret, .f = f, .fd = N(f->fd), .req = N(200));
	ret = OK(SYS(fremovexattr, f->fd, "user.a"));
	WANT("removexattr", ret, .f = f, .fd = N(f->fd));
	ret = FAILS(ENODATA, SYS(fremovexattr, f->fd, "user.a"));
	WANT("removexattr", ret, .f = f, .fd = N(f->fd));
	ret = FAILS(ENODATA, SYS(fgetxattr, f->fd, "user.a", buf, 100));
	WANT("getxattr", ret, .f = f, .fd = N(f->fd), .req = N(100));
	ret = FAILS(EOPNOTSUPP, SYS(fsetxattr, f->fd, "nobody.a", "value", 5, 0));
	WANT("setxattr", ret, .f = f, .fd = N(f->fd), .req = N(5));
}

static void fails(void)
{
	long ret;

	ret = FAILS(EBADF, SYS(fsetxattr, BAD_FD, "user.a", "value", 5, 0));
	WANT("setxattr", ret, .fd = N(BAD_FD), .req = N(5));
	ret = FAILS(EBADF, SYS(fgetxattr, BAD_FD, "user.a", buf, 6));
	WANT("getxattr", ret, .fd = N(BAD_FD), .req = N(6));
	ret = FAILS(EBADF, SYS(flistxattr, BAD_FD, buf, 7));
	WANT("listxattr", ret, .fd = N(BAD_FD), .req = N(7));
	ret = FAILS(EBADF, SYS(fremovexattr, BAD_FD, "user.a"));
	WANT("removexattr", ret, .fd = N(BAD_FD));
	ret = FAILS(EFAULT, SYS(setxattr, BAD_PTR, "user.a", "value", 5, 0));
	WANT("setxattr", ret, .req = N(5));
	ret = FAILS(EFAULT, SYS(getxattr, BAD_PTR, "user.a", buf, 8));
	WANT("getxattr", ret, .req = N(8));
	ret = FAILS(EFAULT, SYS(llistxattr, BAD_PTR, buf, 9));
	WANT("listxattr", ret, .req = N(9));
	ret = FAILS(EFAULT, SYS(removexattr, BAD_PTR, "user.a"));
	WANT("removexattr", ret);
}

/* The size stands in memory, in struct xattr_args. */
static void at(void)
{
	struct {
		uint64_t value;
		uint32_t size, flags;
	} set = {(uintptr_t) "value", 5, 0}, get = {(uintptr_t)buf, 100, 0};
	struct file *d = open_dir(), *f = file_new("f", 0);
	long ret;

	ret = OK_SINCE(613, ENOSYS, SYS(setxattrat, d->fd, "f", 0, "user.a", &set, sizeof(set)));
	WANT("setxattr", ret, .path = f->path, .req = N(5));
	ret = OK_SINCE(613, ENOSYS, SYS(getxattrat, d->fd, "f", 0, "user.a", &get, sizeof(get)));
	WANT("getxattr", ret, .path = f->path, .req = N(100));
	ret = OK_SINCE(613, ENOSYS,
		       SYS(getxattrat, f->fd, "", AT_EMPTY_PATH, "user.a", &get, sizeof(get)));
	WANT("getxattr", ret, .f = f, .fd = N(f->fd), .req = N(100));
	ret = OK_SINCE(613, ENOSYS, SYS(listxattrat, d->fd, "f", 0, buf, 300));
	WANT("listxattr", ret, .path = f->path, .req = N(300));
	ret = OK_SINCE(613, ENOSYS, SYS(listxattrat, f->fd, "", AT_EMPTY_PATH, buf, 301));
	WANT("listxattr", ret, .f = f, .fd = N(f->fd), .req = N(301));
	ret = OK_SINCE(613, ENOSYS, SYS(removexattrat, d->fd, "f", 0, "user.a"));
	WANT("removexattr", ret, .path = f->path);
	ret = FAILS_SINCE(613, ENOSYS, ENODATA,
			  SYS(removexattrat, f->fd, "", AT_EMPTY_PATH, "user.a"));
	WANT("removexattr", ret, .f = f, .fd = N(f->fd));
	ret = FAILS_SINCE(613, ENOSYS, ENOENT,
			  SYS(setxattrat, d->fd, "none", 0, "user.a", &set, sizeof(set)));
	WANT("setxattr", ret, .path = in("none"), .req = N(5));
	ret = FAILS_SINCE(613, ENOSYS, ENOENT,
			  SYS(getxattrat, d->fd, "none", 0, "user.a", &get, sizeof(get)));
	WANT("getxattr", ret, .path = in("none"), .req = N(100));
	ret = FAILS_SINCE(613, ENOSYS, ENOENT, SYS(listxattrat, d->fd, "none", 0, buf, 5));
	WANT("listxattr", ret, .path = in("none"), .req = N(5));
}

/* clang-format off */
TESTS(
	T("by-path", by_path),
	T("by-link", by_link),
	T("by-fd", by_fd),
	T("fails", fails, .flags = TEST_NO_DIR),
	T("at", at),
)
