/* SPDX-License-Identifier: GPL-2.0 */
/* Descriptors come and go: open and its kin, creation, close, close_range. */
#include "e2e.h"

#include <linux/openat2.h>
#include <sys/socket.h>

#define BAD_FD 999
#define BAD_PTR ((void *)8)

/* What open has led to; its records, and then that of the fstat which file_of does. */
static struct file *opened(long fd, const char *path, const char *flags, struct num mode,
			   int created)
{
	struct stat st;
	struct file *f;
	long ret = OK(raw_fstat(fd, &st));

	f = file_stat(&st, path);
	f->fd = fd;
	WANT("open", fd, .f = f, .fd = N(fd), .flags = flags, .mode = mode);
	if (created)
		WANT("create", fd, .f = f, .fd = N(fd), .flags = flags, .mode = mode);
	WANT("stat", ret, .f = f, .fd = N(fd));
	return f;
}
#define NO_MODE ((struct num){0, 0})

static void open_(void)
{
	struct file *f = file_new("f", 0);
	const char *path = in("f"), *new = in("new");
	long ret;

	opened(OK(SYS(open, path, O_RDONLY, 0777)), path, "O_RDONLY", NO_MODE, 0);
	opened(OK(SYS(open, path, O_WRONLY, 0)), path, "O_WRONLY", NO_MODE, 0);
	opened(OK(SYS(open, path, O_RDWR | O_CREAT, 0600)), path, "O_RDWR|O_CREAT", N(0600), 0);
	opened(OK(SYS(open, new, O_RDWR | O_CREAT, 0640)), new, "O_RDWR|O_CREAT", N(0640), 1);
	ret = FAILS(EEXIST, SYS(open, new, O_RDWR | O_CREAT | O_EXCL, 0600));
	WANT("open", ret, .path = new, .flags = "O_RDWR|O_CREAT|O_EXCL", .mode = N(0600));
	ret = FAILS(ENOENT, SYS(open, in("none"), O_RDONLY, 0));
	WANT("open", ret, .path = in("none"), .flags = "O_RDONLY");
	ret = FAILS(ENOENT, SYS(open, in("none/f"), O_WRONLY | O_CREAT, 0644));
	WANT("open", ret, .path = in("none/f"), .flags = "O_WRONLY|O_CREAT", .mode = N(0644));
	ret = FAILS(ENOTDIR, SYS(open, in("f/g"), O_RDONLY, 0));
	WANT("open", ret, .path = in("f/g"), .flags = "O_RDONLY");
	ret = FAILS(EISDIR, SYS(open, dir, O_WRONLY, 0));
	WANT("open", ret, .path = dir, .flags = "O_WRONLY");
	file_close(f);
}

/* The same flags as vfscope names them, and in the order of their bits. */
static void flags(void)
{
	static const struct {
		int flags;
		const char *names;
	} table[] = {
		{O_RDONLY | O_CLOEXEC, "O_RDONLY|O_CLOEXEC"},
		{O_WRONLY | O_TRUNC | O_NONBLOCK, "O_WRONLY|O_TRUNC|O_NONBLOCK"},
		{O_RDWR | O_SYNC, "O_RDWR|O_SYNC"},
		{O_RDWR | O_DSYNC, "O_RDWR|O_DSYNC"},
		{O_RDONLY | O_NOFOLLOW, "O_RDONLY|O_NOFOLLOW"},
		{O_RDONLY | O_NOATIME | O_NOCTTY, "O_RDONLY|O_NOCTTY|O_NOATIME"},
		{O_RDWR | O_DIRECT, "O_RDWR|O_DIRECT"},
		{O_PATH, "O_RDONLY|O_PATH"},
		{O_RDONLY | 0100000, "O_RDONLY|O_LARGEFILE"},
		{3, "O_ACCMODE"},
	};
	struct file *f = file_new("f", 0);

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		opened(OK(SYS(open, f->path, table[i].flags, 0)), f->path, table[i].names, NO_MODE,
		       0);
	opened(OK(SYS(open, dir, O_DIRECTORY, 0)), dir, "O_RDONLY|O_DIRECTORY", NO_MODE, 0);
}

static void creat_(void)
{
	const char *path = in("f");
	struct file *f =
		opened(OK(SYS(creat, path, 0604)), path, "O_WRONLY|O_CREAT|O_TRUNC", N(0604), 1);
	long ret;

	file_close(f);
	f = opened(OK(SYS(creat, path, 0600)), path, "O_WRONLY|O_CREAT|O_TRUNC", N(0600), 0);
	ret = FAILS(EISDIR, SYS(creat, dir, 0600));
	WANT("open", ret, .path = dir, .flags = "O_WRONLY|O_CREAT|O_TRUNC", .mode = N(0600));
}

static void openat_(void)
{
	struct file *d = file_open(".", O_RDONLY | O_DIRECTORY, "O_RDONLY|O_DIRECTORY"), *f;
	const char *path = in("f"), *up = text("%.*s", (int)(strrchr(dir, '/') - dir), dir);
	long ret;

	f = opened(OK(SYS(openat, d->fd, "f", O_RDWR | O_CREAT, 0644)), path, "O_RDWR|O_CREAT",
		   N(0644), 1);
	opened(OK(SYS(openat, AT_FDCWD, path, O_RDONLY, 0)), path, "O_RDONLY", NO_MODE, 0);
	opened(OK(SYS(openat, BAD_FD, path, O_RDONLY, 0)), path, "O_RDONLY", NO_MODE, 0);
	opened(OK(SYS(openat, d->fd, "./.././///", O_PATH, 0)), up, "O_RDONLY|O_PATH", NO_MODE, 0);
	ret = FAILS(ENOENT, SYS(openat, d->fd, ".//../none", O_RDONLY, 0));
	WANT("open", ret, .path = text("%s/none", up), .flags = "O_RDONLY");
	/* sub may be a link: what .. is cannot be told from the text */
	ret = FAILS(ENOENT, SYS(openat, d->fd, "sub/./../none", O_RDONLY, 0));
	WANT("open", ret, .path = in("sub/../none"), .flags = "O_RDONLY");
	ret = FAILS(ENOENT, SYS(openat, d->fd, "none", O_RDONLY, 0));
	WANT("open", ret, .path = in("none"), .flags = "O_RDONLY");
	ret = FAILS(ENOTDIR, SYS(openat, f->fd, "x", O_RDONLY, 0));
	WANT("open", ret, .path = in("f/x"), .flags = "O_RDONLY");
}

static void open_fails(void)
{
	struct open_how how = {.flags = O_RDONLY};
	long ret;

	ret = FAILS(EFAULT, SYS(open, BAD_PTR, O_RDONLY, 0));
	WANT("open", ret, .flags = "O_RDONLY");
	ret = FAILS(EFAULT, SYS(openat, AT_FDCWD, NULL, O_RDONLY, 0));
	WANT("open", ret, .flags = "O_RDONLY");
	ret = FAILS(EFAULT, SYS(creat, BAD_PTR, 0600));
	WANT("open", ret, .flags = "O_WRONLY|O_CREAT|O_TRUNC", .mode = N(0600));
	/* relative to a directory that is not known: as it was passed */
	ret = FAILS(EBADF, SYS(openat, BAD_FD, "f", O_RDONLY, 0));
	WANT("open", ret, .path = "f", .flags = "O_RDONLY", .no_fs = 1);
	ret = FAILS(EFAULT, SYS(openat2, AT_FDCWD, "f", BAD_PTR, sizeof(how)));
	WANT("open", ret, .path = text("%s/f", getcwd(NULL, 0)));
	ret = FAILS(EFAULT, SYS(openat2, AT_FDCWD, BAD_PTR, &how, sizeof(how)));
	WANT("open", ret, .flags = "O_RDONLY");
	/* no handle is so short; some kernels (6.12) look at the descriptor first */
	ret = FAILS(EINVAL, SYS(open_by_handle_at, AT_FDCWD, "\0\0\0\0\0\0\0\0", O_RDONLY));
	WANT("open", ret, .flags = "O_RDONLY");
	ret = FAILS(EBADF, SYS(close, BAD_FD));
	WANT("close", ret, .fd = N(BAD_FD));
	ret = FAILS(EBADF, SYS(close, -1));
	WANT("close", ret, .fd = N(-1));
}

static void openat2_(void)
{
	struct open_how how = {.flags = O_RDWR | O_CREAT | O_EXCL, .mode = 0600};
	struct open_how ro = {.flags = O_RDONLY, .resolve = RESOLVE_BENEATH};
	struct open_how root = {.flags = O_RDONLY, .resolve = RESOLVE_IN_ROOT};
	struct file *d = file_open(".", O_RDONLY | O_DIRECTORY, "O_RDONLY|O_DIRECTORY");
	const char *path = in("f");
	long ret;

	opened(OK(SYS(openat2, d->fd, "f", &how, sizeof(how))), path, "O_RDWR|O_CREAT|O_EXCL",
	       N(0600), 1);
	ret = FAILS(EEXIST, SYS(openat2, d->fd, "f", &how, sizeof(how)));
	WANT("open", ret, .path = path, .flags = "O_RDWR|O_CREAT|O_EXCL", .mode = N(0600));
	opened(OK(SYS(openat2, d->fd, "f", &ro, sizeof(ro))), path, "O_RDONLY", NO_MODE, 0);
	FAILS(EXDEV, SYS(openat2, d->fd, "../x", &ro, sizeof(ro))); /* not below DIR */
	/* its root is the directory, found or not */
	opened(OK(SYS(openat2, d->fd, "/../f", &root, sizeof(root))), path, "O_RDONLY", NO_MODE, 0);
	ret = FAILS(ENOENT, SYS(openat2, d->fd, "/none", &root, sizeof(root)));
	WANT("open", ret, .path = in("none"), .flags = "O_RDONLY");
	ret = FAILS(ENOENT, SYS(openat2, d->fd, "../../none", &root, sizeof(root)));
	WANT("open", ret, .path = in("none"), .flags = "O_RDONLY");
	ret = FAILS(EINVAL, SYS(openat2, d->fd, "f", &ro, 4));
	WANT("open", ret, .path = path, .flags = "O_RDONLY");
}

static void tmpfile_(void)
{
	long fd = OK(SYS(open, dir, O_RDWR | O_TMPFILE, 0600));
	struct stat st;
	struct file *f;
	const char *path;
	long ret;

	/* its name is only known by its inode; one fstat for that, one by opened() */
	OK(fstat(fd, &st));
	path = in("#%llu (deleted)", (unsigned long long)st.st_ino);
	f = file_stat(&st, path);
	WANT("open", fd, .f = f, .fd = N(fd), .flags = "O_RDWR|O_TMPFILE", .mode = N(0600));
	WANT("create", fd, .f = f, .fd = N(fd), .flags = "O_RDWR|O_TMPFILE", .mode = N(0600));
	ret = OK(SYS(write, fd, "x", 1));
	WANT("write", ret, .via = "rw", .f = f, .fd = N(fd), .offset = N(0), .req = N(1),
	     .bytes = N(1));
	ret = FAILS(EINVAL, SYS(open, dir, O_RDONLY | O_TMPFILE, 0600));
	WANT("open", ret, .path = dir, .flags = "O_RDONLY|O_TMPFILE", .mode = N(0600));
	ret = FAILS(ENOENT, SYS(open, in("none"), O_RDWR | O_TMPFILE, 0600));
	WANT("open", ret, .path = in("none"), .flags = "O_RDWR|O_TMPFILE", .mode = N(0600));
}

static void by_handle(void)
{
	struct {
		struct file_handle h;
		char space[64];
	} h = {.h.handle_bytes = 64};
	struct file *d = file_open(".", O_RDONLY | O_DIRECTORY, "O_RDONLY|O_DIRECTORY");
	struct file *f = file_new("f", 0);
	int mount;
	long ret;

	OK(SYS(name_to_handle_at, AT_FDCWD, f->path, &h, &mount, 0));
	opened(OK(SYS(open_by_handle_at, d->fd, &h, O_RDONLY)), f->path, "O_RDONLY", NO_MODE, 0);
	file_close(f);
	h.h.f_handle[0] ^= 0x55;
	/* of what it led to nothing is known, so also not that it is below DIR */
	ret = SYS(open_by_handle_at, d->fd, &h, O_RDONLY);
	if (ret != -ESTALE)
		die("open_by_handle_at gave %ld", ret);
}

static void close_(void)
{
	struct file *f = file_new("f", 0);
	long fd = OK(SYS(dup, f->fd)), fd2 = OK(SYS(fcntl, f->fd, F_DUPFD, 500)), ret;

	ret = OK(SYS(close, fd));
	WANT("close", ret, .f = f, .fd = N(fd));
	ret = OK(SYS(close, fd2));
	WANT("close", ret, .f = f, .fd = N(fd2));
	ret = OK(SYS(unlink, f->path));
	WANT("unlink", ret, .path = f->path);
	strcat(f->path, " (deleted)");
	file_close(f);
}

static void close_range_(void)
{
	struct file *f = file_new("f", 0);
	long ret;

	OK(SYS(dup, f->fd));
	OK(SYS(dup, f->fd));
	ret = OK(SYS(close_range, f->fd, f->fd + 2, 0));
	WANT("close", ret, .fd = N(f->fd));
	ret = FAILS(EINVAL, SYS(close_range, 9, 8, 0));
	WANT("close", ret, .fd = N(9));
}

/* What a process hands over to another through a socket is the same open file. */
static void scm_rights(void)
{
	struct file *f = file_new("f", 1000), *g = malloc(sizeof(*g));
	char space[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = {&byte, 1};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = space,
			     .msg_controllen = sizeof(space)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int pair[2];
	long ret;

	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	*c = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
			      .cmsg_type = SCM_RIGHTS,
			      .cmsg_len = CMSG_LEN(sizeof(int))};
	memcpy(CMSG_DATA(c), &f->fd, sizeof(int));
	OK(sendmsg(pair[0], &msg, 0));
	file_close(f);
	OK(recvmsg(pair[1], &msg, 0));
	*g = *f;
	memcpy(&g->fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	ret = OK(SYS(read, g->fd, space, 10));
	WANT("read", ret, .via = "rw", .f = g, .fd = N(g->fd), .offset = N(0), .req = N(10),
	     .bytes = N(10));
	file_close(g);
}

/* Devices, pipes, sockets and pseudo files are not shown without --all. */
static void not_files(void)
{
	int fds[2];
	char byte = 0;
	long fd = OK(SYS(open, "/dev/null", O_RDWR, 0));

	OK(SYS(write, fd, &byte, 1));
	OK(SYS(close, fd));
	fd = OK(SYS(open, "/proc/self/stat", O_RDONLY, 0));
	OK(SYS(read, fd, &byte, 1));
	OK(SYS(close, fd));
	FAILS(ENOENT, SYS(open, "/proc/self/none", O_RDONLY, 0));
	fd = OK(SYS(epoll_create1, 0));
	OK(SYS(close, fd));
	OK(SYS(pipe2, fds, 0));
	OK(SYS(write, fds[1], &byte, 1));
	OK(SYS(read, fds[0], &byte, 1));
	OK(SYS(close, fds[0]));
	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	OK(SYS(write, fds[1], &byte, 1));
	OK(SYS(read, fds[0], &byte, 1));
	OK(SYS(close, fds[1]));
}

/* A memfd is a regular file, whose name is that of /proc/PID/fd. */
static void memfd(void)
{
	struct stat st;
	long fd = OK(SYS(memfd_create, "x", 0)), ret;
	struct file *f;

	OK(raw_fstat(fd, &st));
	f = file_stat(&st, "/memfd:x (deleted)");
	f->fs = "tmpfs";
	ret = OK(SYS(write, fd, "abc", 3));
	WANT("write", ret, .via = "rw", .f = f, .fd = N(fd), .offset = N(0), .req = N(3),
	     .bytes = N(3));
	ret = OK(SYS(close, fd));
	WANT("close", ret, .f = f, .fd = N(fd));
}

/* clang-format off */
TESTS(
	T("open", open_),
	T("flags", flags),
	T("creat", creat_),
	T("openat", openat_, .flags = TEST_NO_DIR),
	T("fails", open_fails, .flags = TEST_NO_DIR),
	T("openat2", openat2_),
	T("tmpfile", tmpfile_, .ops = "open,create,read,write,close"),
	T("by-handle", by_handle),
	T("close", close_),
	T("close_range", close_range_, .flags = TEST_NO_DIR),
	T("scm-rights", scm_rights),
	T("memfd", memfd, .ops = "write,close", .flags = TEST_NO_DIR),
	T("not-files", not_files, .ops = "open,create,read,write,close", .flags = TEST_NO_DIR),
)
