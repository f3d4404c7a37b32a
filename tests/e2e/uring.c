/* SPDX-License-Identifier: GPL-2.0 */
/* io_uring: a record for each request, when it completes, whoever runs it. */
#include "uring_raw.h"

#include <linux/falloc.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <sys/uio.h>

#define BAD_FD 999

static struct uring u;
static char buf[1 << 16] __attribute__((aligned(4096)));

/* The descriptor of a request: before 5.19 it has been made a file when the request begins. */
static struct num fd_of(int fd)
{
	return uring_knows(&u, URING_SOCKET) ? N(fd) : (struct num){};
}

static void moved(const char *op, const struct file *f, long res, long long offset, long req)
{
	WANT(op, res, .via = "io_uring", .f = f, .fd = fd_of(f->fd), .offset = N(offset),
	     .req = N(req), .bytes = MOVED(res));
}

static void rw(void)
{
	struct file *f = file_new("f", 1000);

	uring_setup(&u, 8, 0);
	uring_sqe(&u, IORING_OP_READ, f->fd, buf, 100, 50);
	moved("read", f, OK(uring_run(&u)), 50, 100);
	uring_sqe(&u, IORING_OP_WRITE, f->fd, buf, 200, 0x100000000LL);
	moved("write", f, OK(uring_run(&u)), 0x100000000LL, 200);
	uring_sqe(&u, IORING_OP_READ, f->fd, buf, 500, 0x1000000a0LL); /* short, at the end */
	moved("read", f, OK(uring_run(&u)), 0x1000000a0LL, 500);
	uring_sqe(&u, IORING_OP_READ, f->fd, buf, 500, 0x200000000LL);
	moved("read", f, OK(uring_run(&u)), 0x200000000LL, 500);
	uring_sqe(&u, IORING_OP_READ, f->fd, buf, 0, 7);
	moved("read", f, OK(uring_run(&u)), 7, 0);
}

static void vec(void)
{
	struct iovec iov[40] = {{buf, 100}, {buf + 100, 0}, {buf + 200, 50}};
	struct file *f = file_new("f", 1000);

	uring_setup(&u, 8, 0);
	uring_sqe(&u, IORING_OP_READV, f->fd, iov, 3, 5);
	moved("read", f, OK(uring_run(&u)), 5, 150);
	uring_sqe(&u, IORING_OP_WRITEV, f->fd, iov, 3, 900);
	moved("write", f, OK(uring_run(&u)), 900, 150);
	for (int i = 0; i < 40; i++)
		iov[i] = (struct iovec){buf + i, i};
	uring_sqe(&u, IORING_OP_READV, f->fd, iov, 40, 0);
	moved("read", f, OK(uring_run(&u)), 0, 780);
}

/* An offset of -1 is the file's position, which moves. */
static void position(void)
{
	struct iovec iov = {buf, 30};
	struct file *f = file_new("f", 1000);

	uring_setup(&u, 8, 0);
	uring_sqe(&u, IORING_OP_READ, f->fd, buf, 100, -1);
	moved("read", f, OK(uring_run(&u)), 0, 100);
	uring_sqe(&u, IORING_OP_WRITE, f->fd, buf, 20, -1);
	moved("write", f, OK(uring_run(&u)), 100, 20);
	uring_sqe(&u, IORING_OP_READV, f->fd, &iov, 1, -1);
	moved("read", f, OK(uring_run(&u)), 120, 30);
	/* two in one submission: the second starts where the first has ended */
	uring_sqe(&u, IORING_OP_READ, f->fd, buf, 10, -1)->flags = IOSQE_IO_LINK;
	uring_sqe(&u, IORING_OP_READ, f->fd, buf, 15, -1);
	uring_submit(&u, 2);
	moved("read", f, OK(uring_reap(&u)), 150, 10);
	moved("read", f, OK(uring_reap(&u)), 160, 15);
}

/* What goes to a file of O_APPEND goes to its end. */
static void append(void)
{
	struct file *f;

	file_new("f", 1000);
	f = file_open("f", O_WRONLY | O_APPEND, "O_WRONLY|O_APPEND");
	uring_setup(&u, 8, 0);
	uring_sqe(&u, IORING_OP_WRITE, f->fd, buf, 10, 5);
	moved("write", f, OK(uring_run(&u)), 1000, 10);
	uring_sqe(&u, IORING_OP_WRITE, f->fd, buf, 20, -1);
	moved("write", f, OK(uring_run(&u)), 1010, 20);
}

static void fixed(void)
{
	struct iovec iov = {buf, sizeof(buf)};
	struct file *f = file_new("f", 1000), *g = file_new("g", 500);
	int fds[2] = {f->fd, g->fd};
	long res;

	uring_setup(&u, 8, 0);
	OK(SYS(io_uring_register, u.fd, IORING_REGISTER_BUFFERS, &iov, 1));
	OK(SYS(io_uring_register, u.fd, IORING_REGISTER_FILES, fds, 2));
	uring_sqe(&u, IORING_OP_READ_FIXED, f->fd, buf, 100, 50);
	moved("read", f, OK(uring_run(&u)), 50, 100);
	uring_sqe(&u, IORING_OP_WRITE_FIXED, f->fd, buf + 10, 100, 950);
	moved("write", f, OK(uring_run(&u)), 950, 100);
	/* fixed files have an index instead of a descriptor */
	file_close(f);
	uring_sqe(&u, IORING_OP_READ, 1, buf, 300, 400)->flags = IOSQE_FIXED_FILE;
	res = OK(uring_run(&u));
	WANT("read", res, .via = "io_uring", .f = g, .offset = N(400), .req = N(300),
	     .bytes = N(100));
	uring_sqe(&u, IORING_OP_WRITE_FIXED, 0, buf, 30, 0)->flags = IOSQE_FIXED_FILE;
	res = OK(uring_run(&u));
	WANT("write", res, .via = "io_uring", .f = f, .offset = N(0), .req = N(30), .bytes = N(30));
	uring_sqe(&u, IORING_OP_READ, 1, buf, 10, -1)->flags = IOSQE_FIXED_FILE;
	res = OK(uring_run(&u));
	WANT("read", res, .via = "io_uring", .f = g, .offset = N(0), .req = N(10), .bytes = N(10));
	uring_sqe(&u, IORING_OP_FSYNC, 1, NULL, 0, 0)->flags = IOSQE_FIXED_FILE;
	res = OK(uring_run(&u));
	WANT("fsync", res, .via = "io_uring", .f = g, .offset = N(0), .req = N(0));
}

static void others(void)
{
	struct file *f = file_new("f", 100000);
	long res;

	uring_setup(&u, 8, 0);
	uring_sqe(&u, IORING_OP_FSYNC, f->fd, NULL, 0, 0);
	res = OK(uring_run(&u));
	WANT("fsync", res, .via = "io_uring", .f = f, .fd = fd_of(f->fd), .offset = N(0),
	     .req = N(0));
	uring_sqe(&u, IORING_OP_SYNC_FILE_RANGE, f->fd, NULL, 8192, 4096);
	res = OK(uring_run(&u));
	WANT("fsync", res, .via = "io_uring", .f = f, .fd = fd_of(f->fd), .offset = N(4096),
	     .req = N(8192));
	uring_sqe(&u, IORING_OP_FALLOCATE, f->fd, (void *)20000, FALLOC_FL_KEEP_SIZE,
		  0x100000000LL); /* len stands in addr, mode in len */
	res = OK(uring_run(&u));
	WANT("fallocate", res, .via = "io_uring", .f = f, .fd = fd_of(f->fd),
	     .offset = N(0x100000000LL), .req = N(20000), .flags = "FALLOC_FL_KEEP_SIZE");
	uring_sqe(&u, URING_FTRUNCATE, f->fd, NULL, 0, 0x123456789LL);
	res = uring_run_known(&u, URING_FTRUNCATE);
	if (res != URING_UNKNOWN)
		WANT("truncate", OK(res), .via = "io_uring", .f = f, .fd = fd_of(f->fd),
		     .req = N(0x123456789LL));
	uring_sqe(&u, IORING_OP_CLOSE, f->fd, NULL, 0, 0);
	res = OK(uring_run(&u));
	WANT("close", res, .via = "io_uring", .f = f, .fd = N(f->fd));
}

static void splice_(void)
{
	struct file *a = file_new("a", 1000), *b = file_new("b", 0), *p[2];
	struct io_uring_sqe *sqe;
	long res;

	make_pipe(p);
	uring_setup(&u, 8, 0);
	sqe = uring_sqe(&u, IORING_OP_SPLICE, p[1]->fd, NULL, 300, -1);
	sqe->splice_fd_in = a->fd;
	sqe->splice_off_in = 100;
	res = OK(uring_run(&u));
	WANT("read", res, .via = "io_uring", .f = a, .fd = fd_of(a->fd), .path2 = p[1]->path,
	     .offset = N(100), .req = N(300), .bytes = MOVED(res));
	sqe = uring_sqe(&u, IORING_OP_SPLICE, b->fd, NULL, 200, 4096);
	sqe->splice_fd_in = p[0]->fd;
	sqe->splice_off_in = -1;
	res = OK(uring_run(&u));
	WANT("write", res, .via = "io_uring", .f = b, .fd = fd_of(b->fd), .offset = N(4096),
	     .req = N(200), .bytes = N(200));
	/* -1: the position, of which the system call would say the value too */
	sqe = uring_sqe(&u, IORING_OP_SPLICE, b->fd, NULL, 500, -1);
	sqe->splice_fd_in = p[0]->fd;
	sqe->splice_off_in = -1;
	res = OK(uring_run(&u));
	WANT("write", res, .via = "io_uring", .f = b, .fd = fd_of(b->fd), .offset = N(0),
	     .req = N(500), .bytes = N(100));
}

static void links(void)
{
	struct file *f = file_new("f", 0);
	long res;

	uring_setup(&u, 8, 0);
	uring_sqe(&u, IORING_OP_WRITE, f->fd, buf, 100, 0)->flags = IOSQE_IO_LINK;
	uring_sqe(&u, IORING_OP_FSYNC, f->fd, NULL, 0, 0)->flags = IOSQE_IO_LINK;
	uring_sqe(&u, IORING_OP_READ, f->fd, buf, 100, 0);
	uring_submit(&u, 3);
	moved("write", f, OK(uring_reap(&u)), 0, 100);
	res = OK(uring_reap(&u));
	WANT("fsync", res, .via = "io_uring", .f = f, .fd = fd_of(f->fd), .offset = N(0),
	     .req = N(0));
	moved("read", f, OK(uring_reap(&u)), 0, 100);
	/* the first one fails, so that the second one is never begun */
	uring_sqe(&u, IORING_OP_WRITE, f->fd, (void *)8, 100, 7)->flags = IOSQE_IO_LINK;
	uring_sqe(&u, IORING_OP_READ, f->fd, buf, 100, 0);
	uring_submit(&u, 2);
	moved("write", f, FAILS(EFAULT, uring_reap(&u)), 7, 100);
	moved("read", f, FAILS(ECANCELED, uring_reap(&u)), 0, 100);
}

static void fails(void)
{
	struct file *f = file_new("f", 1000);
	struct file *ro = file_open("f", O_RDONLY, "O_RDONLY");
	long res;

	uring_setup(&u, 8, 0);
	uring_sqe(&u, IORING_OP_READ, BAD_FD, buf, 100, 5);
	res = FAILS(EBADF, uring_run(&u));
	WANT("read", res, .via = "io_uring", .fd = fd_of(BAD_FD), .offset = N(5), .req = N(100),
	     .bytes = N(0));
	uring_sqe(&u, IORING_OP_WRITE, ro->fd, buf, 100, 5);
	moved("write", ro, FAILS(EBADF, uring_run(&u)), 5, 100);
	uring_sqe(&u, IORING_OP_READ, f->fd, (void *)8, 100, 6);
	moved("read", f, FAILS(EFAULT, uring_run(&u)), 6, 100);
	uring_sqe(&u, IORING_OP_FALLOCATE, ro->fd, (void *)20, 0, 0);
	res = FAILS(EBADF, uring_run(&u));
	WANT("fallocate", res, .via = "io_uring", .f = ro, .fd = fd_of(ro->fd), .offset = N(0),
	     .req = N(20));
	uring_sqe(&u, URING_FTRUNCATE, ro->fd, NULL, 0, 20);
	res = uring_run_known(&u, URING_FTRUNCATE);
	if (res != URING_UNKNOWN)
		WANT("truncate", FAILS(EINVAL, res), .via = "io_uring", .f = ro,
		     .fd = fd_of(ro->fd), .req = N(20));
	uring_sqe(&u, IORING_OP_CLOSE, BAD_FD, NULL, 0, 0);
	res = FAILS(EBADF, uring_run(&u));
	WANT("close", res, .via = "io_uring", .fd = N(BAD_FD));
}

/* Refused before it is begun: not seen, which every summary says under "unseen". */
static void refused(void)
{
	struct file *f = file_new("f", 1000);

	uring_setup(&u, 8, 0);
	uring_sqe(&u, IORING_OP_FSYNC, f->fd, NULL, 0, 0)->fsync_flags = 0x80;
	FAILS(EINVAL, uring_run(&u));
	uring_sqe(&u, IORING_OP_READ, f->fd, buf, 10, 0);
	moved("read", f, OK(uring_run(&u)), 0, 10);
}

/* Always to a worker of the kernel; credited to who submitted all the same. */
static void async(void)
{
	struct file *f = file_new("f", 1000);

	uring_setup(&u, 8, 0);
	uring_sqe(&u, IORING_OP_READ, f->fd, buf, 100, 50)->flags = IOSQE_ASYNC;
	moved("read", f, OK(uring_run(&u)), 50, 100);
	uring_sqe(&u, IORING_OP_WRITE, f->fd, buf, 100, 50)->flags = IOSQE_ASYNC;
	moved("write", f, OK(uring_run(&u)), 50, 100);
}

static void direct(void)
{
	struct file *f;

	file_new("f", 1 << 16);
	f = file_open("f", O_RDWR | O_DIRECT, "O_RDWR|O_DIRECT");
	uring_setup(&u, 8, 0);
	uring_sqe(&u, IORING_OP_WRITE, f->fd, buf, 8192, 4096);
	moved("write", f, OK(uring_run(&u)), 4096, 8192);
	uring_sqe(&u, IORING_OP_READ, f->fd, buf, 4096, 8192);
	moved("read", f, OK(uring_run(&u)), 8192, 4096);
}

/* The one other thread of this process: the kernel's, that takes requests from the ring. */
static long other_tid(void)
{
	char list[4096];
	long fd = OK(SYS(open, "/proc/self/task", O_RDONLY | O_DIRECTORY, 0));
	long len = OK(SYS(getdents64, fd, list, sizeof(list)));

	/* struct linux_dirent64: d_reclen stands at 16, d_name at 19 */
	for (long at = 0; at < len; at += *(unsigned short *)(list + at + 16))
		if (atol(list + at + 19) > 0 && atol(list + at + 19) != getpid())
			return atol(list + at + 19);
	die("nobody polls");
}

static void sqpoll(void)
{
	struct file *f = file_new("f", 1000);
	long tid, res;

	uring_setup(&u, 8, IORING_SETUP_SQPOLL);
	tid = other_tid();
	for (int i = 0; i < 3; i++) {
		uring_sqe(&u, i % 2 ? IORING_OP_WRITE : IORING_OP_READ, f->fd, buf, 100 + i, i);
		res = OK(uring_run(&u));
		WANT(i % 2 ? "write" : "read", res, .via = "io_uring", .f = f, .fd = N(f->fd),
		     .offset = N(i), .req = N(100 + i), .bytes = N(res), .tid = N(tid),
		     .comm = text("iou-sqp-%d", getpid()), .pcomm = "vfscope");
	}
}

static void sqpoll_fixed(void)
{
	struct file *f = file_new("f", 1000);
	long tid, res;

	uring_setup(&u, 8, IORING_SETUP_SQPOLL);
	tid = other_tid();
	OK(SYS(io_uring_register, u.fd, IORING_REGISTER_FILES, &f->fd, 1));
	await();
	uring_sqe(&u, IORING_OP_READ, 0, buf, 100, 3)->flags = IOSQE_FIXED_FILE;
	res = OK(uring_run(&u));
	WANT("read", res, .via = "io_uring", .f = f, .offset = N(3), .req = N(100), .bytes = N(res),
	     .tid = N(tid), .comm = text("iou-sqp-%d", getpid()));
	uring_sqe(&u, IORING_OP_READ, f->fd, buf, 100, 4);
	res = OK(uring_run(&u));
	WANT("read", res, .via = "io_uring", .f = f, .fd = N(f->fd), .offset = N(4), .req = N(100),
	     .bytes = N(res), .tid = N(tid), .comm = text("iou-sqp-%d", getpid()));
}

/* A request that completes again and again, each time with what has come. */
static void multishot(void)
{
	struct io_uring_sqe *sqe;
	struct file *f;
	int fd;

	OK(SYS(mknod, in("fifo"), S_IFIFO | 0600, 0));
	fd = OK(SYS(open, in("fifo"), O_RDWR | O_NONBLOCK));
	f = file_of(fd, in("fifo"));
	uring_setup(&u, 8, 0);
	sqe = uring_sqe(&u, IORING_OP_PROVIDE_BUFFERS, 8, buf, 64, 0);
	sqe->buf_group = 7;
	OK(uring_run(&u));
	sqe = uring_sqe(&u, URING_READ_MULTISHOT, fd, NULL, 0, -1);
	sqe->flags = IOSQE_BUFFER_SELECT;
	sqe->buf_group = 7;
	if (!uring_knows(&u, URING_READ_MULTISHOT)) {
		uring_run_known(&u, URING_READ_MULTISHOT);
		return;
	}
	uring_submit(&u, 0);
	for (int i = 1; i <= 3; i++) {
		OK(SYS(write, fd, buf, 10 * i));
		OK(SYS(io_uring_enter, u.fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0));
		WANT("read", OK(uring_reap(&u)), .via = "io_uring", .f = f, .fd = N(fd),
		     .bytes = N(10 * i));
	}
	/* the five that are left, and there it ends */
	OK(SYS(write, fd, buf, 5 * 64 + 1));
	OK(SYS(io_uring_enter, u.fd, 0, 6, IORING_ENTER_GETEVENTS, NULL, 0));
	for (int i = 0; i < 5; i++)
		WANT("read", OK(uring_reap(&u)), .via = "io_uring", .f = f, .fd = N(fd),
		     .bytes = N(64));
	WANT("read", FAILS(ENOBUFS, uring_reap(&u)), .via = "io_uring", .f = f, .fd = N(fd),
	     .bytes = N(0));
}

static void many(void)
{
	struct file *f = file_new("f", 1 << 20);

	uring_setup(&u, 256, 0);
	for (int n = 0; n < 8; n++) {
		for (int i = 0; i < 256; i++)
			uring_sqe(&u, IORING_OP_READ, f->fd, buf, 1 + i, 256 * n + i);
		uring_submit(&u, 256);
		for (int i = 0; i < 256; i++)
			moved("read", f, OK(uring_reap(&u)), 256 * n + i, 1 + i);
	}
}

/* A rename that goes by io_uring also changes the path of what is open. */
static void renames(void)
{
	struct file *f = file_new("f", 1000);
	long ret;

	uring_setup(&u, 8, 0);
	ret = OK(SYS(read, f->fd, buf, 10));
	WANT("read", ret, .via = "rw", .f = f, .fd = N(f->fd), .offset = N(0), .req = N(10),
	     .bytes = N(10));
	uring_sqe(&u, IORING_OP_RENAMEAT, AT_FDCWD, f->path, AT_FDCWD, (uintptr_t)in("g"));
	if (uring_run_known(&u, IORING_OP_RENAMEAT) != URING_UNKNOWN)
		strcpy(f->path, in("g"));
	ret = OK(SYS(read, f->fd, buf, 10));
	WANT("read", ret, .via = "rw", .f = f, .fd = N(f->fd), .offset = N(10), .req = N(10),
	     .bytes = N(10));
}

/* Requests on paths, as the system calls of the same names. The kernel adds O_LARGEFILE. */
static void opens(void)
{
	struct open_how how = {.flags = O_RDWR | O_CREAT, .mode = 0600};
	struct open_how in_root = {.flags = O_RDONLY, .resolve = RESOLVE_IN_ROOT};
	struct file *d = file_open(".", O_RDONLY | O_DIRECTORY, "O_RDONLY|O_DIRECTORY");
	struct statx stx;
	struct stat st;
	struct file *f;
	long res;

	uring_setup(&u, 8, 0);
	uring_sqe(&u, IORING_OP_OPENAT, AT_FDCWD, in("f"), 0644, 0)->open_flags = O_RDWR | O_CREAT;
	res = OK(uring_run(&u));
	OK(raw_fstat(res, &st));
	f = file_stat(&st, in("f"));
	f->fd = res;
	WANT("open", res, .via = "io_uring", .f = f, .fd = N(res),
	     .flags = "O_RDWR|O_CREAT|O_LARGEFILE", .mode = N(0644));
	WANT("create", res, .via = "io_uring", .f = f, .fd = N(res),
	     .flags = "O_RDWR|O_CREAT|O_LARGEFILE", .mode = N(0644));
	WANT("stat", 0, .f = f, .fd = N(f->fd));
	uring_sqe(&u, IORING_OP_OPENAT2, AT_FDCWD, in("f"), sizeof(how), (uintptr_t)&how);
	res = OK(uring_run(&u));
	WANT("open", res, .via = "io_uring", .f = f, .fd = N(res),
	     .flags = "O_RDWR|O_CREAT|O_LARGEFILE", .mode = N(0600));
	/* its root is the directory, which .. does not lead out of */
	uring_sqe(&u, IORING_OP_OPENAT2, d->fd, "../none", sizeof(in_root), (uintptr_t)&in_root);
	res = FAILS(ENOENT, uring_run(&u));
	WANT("open", res, .via = "io_uring", .path = in("none"), .flags = "O_RDONLY|O_LARGEFILE");
	uring_sqe(&u, IORING_OP_OPENAT, AT_FDCWD, in("none"), 0, 0);
	res = FAILS(ENOENT, uring_run(&u));
	WANT("open", res, .via = "io_uring", .path = in("none"), .flags = "O_RDONLY|O_LARGEFILE");
	uring_sqe(&u, IORING_OP_STATX, AT_FDCWD, in("f"), STATX_BASIC_STATS, (uintptr_t)&stx);
	res = OK(uring_run(&u));
	if (kernel_version() > 510) /* there, it is in another form */
		WANT("stat", res, .via = "io_uring", .f = f);
}

static void paths(void)
{
	struct io_uring_sqe *sqe;
	long res;

	file_new("f", 0);
	uring_setup(&u, 8, 0);
	if (!uring_knows(&u, IORING_OP_LINKAT)) { /* since 5.15 */
		uring_sqe(&u, IORING_OP_LINKAT, AT_FDCWD, in("f"), AT_FDCWD, (uintptr_t)in("g"));
		uring_run_known(&u, IORING_OP_LINKAT);
		return;
	}
	uring_sqe(&u, IORING_OP_MKDIRAT, AT_FDCWD, in("d"), 0750, 0);
	res = OK(uring_run(&u));
	WANT("mkdir", res, .via = "io_uring", .path = in("d"), .mode = N(0750));
	uring_sqe(&u, IORING_OP_MKDIRAT, AT_FDCWD, in("d"), 0700, 0);
	res = FAILS(EEXIST, uring_run(&u));
	WANT("mkdir", res, .via = "io_uring", .path = in("d"), .mode = N(0700));
	uring_sqe(&u, IORING_OP_SYMLINKAT, AT_FDCWD, "target", 0, (uintptr_t)in("l"));
	res = OK(uring_run(&u));
	WANT("symlink", res, .via = "io_uring", .path = in("l"), .path2 = "target");
	uring_sqe(&u, IORING_OP_LINKAT, AT_FDCWD, in("f"), AT_FDCWD, (uintptr_t)in("g"));
	res = OK(uring_run(&u));
	WANT("link", res, .via = "io_uring", .path = in("f"), .path2 = in("g"));
	sqe = uring_sqe(&u, IORING_OP_RENAMEAT, AT_FDCWD, in("g"), AT_FDCWD, (uintptr_t)in("h"));
	sqe->rename_flags = 1;
	res = OK(uring_run(&u));
	WANT("rename", res, .via = "io_uring", .path = in("g"), .path2 = in("h"),
	     .flags = "RENAME_NOREPLACE");
	uring_sqe(&u, IORING_OP_UNLINKAT, AT_FDCWD, in("h"), 0, 0);
	res = OK(uring_run(&u));
	WANT("unlink", res, .via = "io_uring", .path = in("h"));
	sqe = uring_sqe(&u, IORING_OP_UNLINKAT, AT_FDCWD, in("d"), 0, 0);
	sqe->unlink_flags = AT_REMOVEDIR;
	res = OK(uring_run(&u));
	WANT("rmdir", res, .via = "io_uring", .path = in("d"));
}

/* clang-format off */
TESTS(
	T("rw", rw),
	T("vec", vec),
	T("position", position),
	T("append", append),
	T("fixed", fixed),
	T("others", others),
	T("splice", splice_),
	T("links", links),
	T("fails", fails, .flags = TEST_NO_DIR),
	T("refused", refused),
	T("async", async),
	T("direct", direct),
	T("sqpoll", sqpoll),
	T("sqpoll-pid", sqpoll_fixed, .ops = "read", .flags = TEST_PID),
	T("multishot", multishot, .ops = "read", .opts = "--ftype fifo --via io_uring"),
	T("many", many),
	T("opens", opens),
	T("paths", paths),
	T("rename", renames, .ops = "read,open,create,stat,truncate"),
)
