/* SPDX-License-Identifier: GPL-2.0 */
/* Copies inside the kernel: a read of the source and a write of the destination. */
#include "e2e.h"

#define BAD_FD 999
#define BAD_PTR ((void *)8)
#define NONE ((struct num){0, 0})

static char buf[1 << 16];

/* One end of a copy: the file, the descriptor, and where. */
struct end {
	const struct file *f;
	int fd;
	struct num offset;
};
#define END(f_, offset_) (&(struct end){f_, (f_)->fd, offset_})
#define BAD_END(offset_) (&(struct end){NULL, BAD_FD, offset_})

/* Pipes are shown with --all only. */
static int is_shown(const struct end *e)
{
	return !e->f || strcmp(e->f->ftype, "fifo");
}

static void copied(const char *via, const struct end *from, const struct end *to, long ret,
		   unsigned long req)
{
	if (is_shown(from))
		WANT("read", ret, .via = via, .f = from->f, .fd = N(from->fd),
		     .offset = from->offset, .path2 = to->f ? to->f->path : NULL, .req = N(req),
		     .bytes = MOVED(ret));
	if (is_shown(to))
		WANT("write", ret, .via = via, .f = to->f, .fd = N(to->fd), .offset = to->offset,
		     .req = N(req), .bytes = MOVED(ret));
}

static void sendfile_(void)
{
	struct file *a = file_new("a", 1000), *b = file_new("b", 0);
	long off = 100, ret;

	ret = OK(SYS(sendfile, b->fd, a->fd, NULL, 300));
	copied("sendfile", END(a, N(0)), END(b, N(0)), ret, 300);
	ret = OK(SYS(sendfile, b->fd, a->fd, &off, 50));
	copied("sendfile", END(a, N(100)), END(b, N(300)), ret, 50);
	ret = OK(SYS(sendfile, b->fd, a->fd, NULL, 5000)); /* 700 are left */
	copied("sendfile", END(a, N(300)), END(b, N(350)), ret, 5000);
	ret = OK(SYS(sendfile, b->fd, a->fd, NULL, 10));
	copied("sendfile", END(a, N(1000)), END(b, N(1050)), ret, 10);
	ret = OK(SYS(sendfile, b->fd, a->fd, &off, 0));
	copied("sendfile", END(a, N(150)), END(b, N(1050)), ret, 0);
	off = -1;
	ret = FAILS(EINVAL, SYS(sendfile, b->fd, a->fd, &off, 10));
	copied("sendfile", END(a, N(-1)), END(b, N(1050)), ret, 10);
}

#if IS_32BIT
static void sendfile64_(void)
{
	struct file *a = file_new("a", 0), *b = file_new("b", 0);
	long long off = 0x100000010LL;
	long ret;

	ret = OK(SYS(pwrite64, a->fd, buf, 100, OFF64(0x100000000LL)));
	WANT("write", ret, .via = "rw", .f = a, .fd = N(a->fd), .offset = N(0x100000000LL),
	     .req = N(100), .bytes = N(100));
	ret = OK(SYS(sendfile64, b->fd, a->fd, &off, 50));
	copied("sendfile", END(a, N(0x100000010LL)), END(b, N(0)), ret, 50);
	ret = OK(SYS(sendfile64, b->fd, a->fd, NULL, 20));
	copied("sendfile", END(a, N(0)), END(b, N(50)), ret, 20);
	ret = FAILS(EBADF, SYS(sendfile64, BAD_FD, a->fd, NULL, 20));
	copied("sendfile", END(a, N(20)), BAD_END(NONE), ret, 20);
}
#endif

static void sendfile_fails(void)
{
	struct file *a = file_new("a", 1000), *b = file_new("b", 0);
	long off = 5, ret;

	ret = FAILS(EBADF, SYS(sendfile, b->fd, BAD_FD, NULL, 10));
	copied("sendfile", BAD_END(NONE), END(b, N(0)), ret, 10);
	ret = FAILS(EBADF, SYS(sendfile, BAD_FD, a->fd, &off, 11));
	copied("sendfile", END(a, N(5)), BAD_END(NONE), ret, 11);
	ret = FAILS(EFAULT, SYS(sendfile, b->fd, a->fd, BAD_PTR, 12));
	copied("sendfile", END(a, NONE), END(b, N(0)), ret, 12);
	file_close(b);
	b = file_open("b", O_RDONLY, "O_RDONLY");
	ret = FAILS(EBADF, SYS(sendfile, b->fd, a->fd, NULL, 13));
	copied("sendfile", END(a, N(0)), END(b, N(0)), ret, 13);
}

static void splice_(void)
{
	struct file *a = file_new("a", 1000), *b = file_new("b", 0), *p[2];
	long long off = 200;
	long ret;

	make_pipe(p);
	ret = OK(SYS(splice, a->fd, NULL, p[1]->fd, NULL, 300, 0));
	copied("splice", END(a, N(0)), END(p[1], NONE), ret, 300);
	ret = OK(SYS(splice, p[0]->fd, NULL, b->fd, NULL, 120, 0));
	copied("splice", END(p[0], NONE), END(b, N(0)), ret, 120);
	off = 0x100000000LL;
	ret = OK(SYS(splice, p[0]->fd, NULL, b->fd, &off, 1000, 0)); /* 180 are left */
	copied("splice", END(p[0], NONE), END(b, N(0x100000000LL)), ret, 1000);
	off = 900;
	ret = OK(SYS(splice, a->fd, &off, p[1]->fd, NULL, 500, 0));
	copied("splice", END(a, N(900)), END(p[1], NONE), ret, 500);
	ret = OK(SYS(splice, a->fd, &off, p[1]->fd, NULL, 500, 0));
	copied("splice", END(a, N(1000)), END(p[1], NONE), ret, 500);
	ret = FAILS(EINVAL, SYS(splice, a->fd, NULL, b->fd, NULL, 500, 0)); /* no pipe */
	copied("splice", END(a, N(300)), END(b, N(120)), ret, 500);
	off = 7;
	ret = FAILS(ESPIPE, SYS(splice, a->fd, NULL, p[1]->fd, &off, 5, 0));
	copied("splice", END(a, N(300)), END(p[1], N(7)), ret, 5);
	ret = FAILS(EBADF, SYS(splice, a->fd, NULL, BAD_FD, NULL, 6, 0));
	WANT("read", ret, .via = "splice", .f = a, .fd = N(a->fd), .offset = N(300), .req = N(6),
	     .bytes = N(0));
}

/* With --all, also the pipes: read, write, tee, vmsplice on them. */
static void pipes(void)
{
	struct file *a = file_new("a", 1000), *p[2], *q[2];
	struct iovec iov[2] = {{buf, 60}, {buf + 100, 40}};
	long ret;

	make_pipe(p);
	make_pipe(q);
	ret = OK(SYS(write, p[1]->fd, buf, 100));
	WANT("write", ret, .via = "rw", .f = p[1], .fd = N(p[1]->fd), .req = N(100),
	     .bytes = N(100));
	ret = OK(SYS(tee, p[0]->fd, q[1]->fd, 70, 0));
	WANT("read", ret, .via = "splice", .f = p[0], .fd = N(p[0]->fd), .path2 = q[1]->path,
	     .req = N(70), .bytes = N(70));
	WANT("write", ret, .via = "splice", .f = q[1], .fd = N(q[1]->fd), .req = N(70),
	     .bytes = N(70));
	ret = OK(SYS(vmsplice, q[1]->fd, iov, 2, 0));
	WANT("write", ret, .via = "splice", .f = q[1], .fd = N(q[1]->fd), .req = N(100),
	     .bytes = N(100));
	ret = OK(SYS(vmsplice, q[0]->fd, iov, 1, 0));
	WANT("read", ret, .via = "splice", .f = q[0], .fd = N(q[0]->fd), .req = N(60),
	     .bytes = N(60));
	ret = OK(SYS(read, p[0]->fd, buf, 4096));
	WANT("read", ret, .via = "rw", .f = p[0], .fd = N(p[0]->fd), .req = N(4096),
	     .bytes = N(100));
	ret = OK(SYS(splice, a->fd, NULL, p[1]->fd, NULL, 30, 0));
	WANT("read", ret, .via = "splice", .f = a, .fd = N(a->fd), .path2 = p[1]->path,
	     .offset = N(0), .req = N(30), .bytes = N(30));
	WANT("write", ret, .via = "splice", .f = p[1], .fd = N(p[1]->fd), .req = N(30),
	     .bytes = N(30));
	ret = FAILS(EINVAL, SYS(tee, p[0]->fd, p[1]->fd, 8, 0)); /* the same pipe */
	WANT("read", ret, .via = "splice", .f = p[0], .fd = N(p[0]->fd), .path2 = p[1]->path,
	     .req = N(8), .bytes = N(0));
	WANT("write", ret, .via = "splice", .f = p[1], .fd = N(p[1]->fd), .req = N(8),
	     .bytes = N(0));
	ret = FAILS(EBADF, SYS(vmsplice, BAD_FD, iov, 2, 0));
	WANT("write", ret, .via = "splice", .fd = N(BAD_FD), .req = N(100), .bytes = N(0));
	ret = FAILS(EBADF, SYS(vmsplice, a->fd, iov, 2, 0));
	WANT("write", ret, .via = "splice", .f = a, .fd = N(a->fd), .req = N(100), .bytes = N(0));
}

static void copy_file_range_(void)
{
	struct file *a = file_new("a", 1000), *b = file_new("b", 0);
	long long from = 100, to = 0x100000000LL;
	long ret;

	ret = OK(SYS(copy_file_range, a->fd, NULL, b->fd, NULL, 300, 0));
	copied("copy_file_range", END(a, N(0)), END(b, N(0)), ret, 300);
	ret = OK(SYS(copy_file_range, a->fd, &from, b->fd, &to, 200, 0));
	copied("copy_file_range", END(a, N(100)), END(b, N(0x100000000LL)), ret, 200);
	ret = OK(SYS(copy_file_range, a->fd, &from, b->fd, NULL, 5000, 0));
	copied("copy_file_range", END(a, N(300)), END(b, N(300)), ret, 5000);
	ret = OK(SYS(copy_file_range, a->fd, &from, b->fd, NULL, 10, 0)); /* at the end */
	copied("copy_file_range", END(a, N(1000)), END(b, N(1000)), ret, 10);
	from = 0, to = 50;
	ret = FAILS(EINVAL, SYS(copy_file_range, a->fd, &from, a->fd, &to, 100, 0)); /* overlap */
	copied("copy_file_range", END(a, N(0)), END(a, N(50)), ret, 100);
	ret = FAILS(EINVAL, SYS(copy_file_range, a->fd, &from, b->fd, &to, 100, 1));
	copied("copy_file_range", END(a, N(0)), END(b, N(50)), ret, 100);
}

static void copy_file_range_fails(void)
{
	struct file *a = file_new("a", 1000);
	struct file *d = file_open(".", O_RDONLY, "O_RDONLY");
	struct file *b = file_new("b", 0), *app;
	long long from = 9;
	long ret;

	ret = FAILS(EISDIR, SYS(copy_file_range, a->fd, NULL, d->fd, NULL, 20, 0));
	copied("copy_file_range", END(a, N(0)), END(d, NONE), ret, 20);
	ret = FAILS(EBADF, SYS(copy_file_range, BAD_FD, &from, b->fd, NULL, 21, 0));
	copied("copy_file_range", BAD_END(N(9)), END(b, N(0)), ret, 21);
	ret = FAILS(EBADF, SYS(copy_file_range, a->fd, NULL, BAD_FD, NULL, 22, 0));
	copied("copy_file_range", END(a, N(0)), BAD_END(NONE), ret, 22);
	app = file_open("b", O_WRONLY | O_APPEND, "O_WRONLY|O_APPEND");
	ret = FAILS(EBADF, SYS(copy_file_range, a->fd, NULL, app->fd, NULL, 23, 0));
	copied("copy_file_range", END(a, N(0)), END(app, N(0)), ret, 23);
}

/* clang-format off */
TESTS(
	T("sendfile", sendfile_),
#if IS_32BIT
	T("sendfile64", sendfile64_, .flags = TEST_NO_DIR),
#endif
	T("sendfile-fails", sendfile_fails, .flags = TEST_NO_DIR),
	T("splice", splice_),
	T("pipes", pipes, .ops = "read,write", .opts = "--all", .flags = TEST_NO_DIR),
	T("copy_file_range", copy_file_range_),
	T("copy_file_range-fails", copy_file_range_fails, .flags = TEST_NO_DIR),
)
