/* SPDX-License-Identifier: GPL-2.0 */
/* libaio: a record when io_getevents hands out what io_submit has begun. */
#include "e2e.h"

#include <linux/aio_abi.h>
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>

#define BAD_PTR 8

static aio_context_t ctx;
static char buf[1 << 16] __attribute__((aligned(4096)));
static struct io_event events[2048];
static struct iocb iocbs[2048], *pointers[2048];

static void setup(unsigned int n)
{
	OK(SYS(io_setup, n, &ctx));
	for (int i = 0; i < 2048; i++)
		pointers[i] = &iocbs[i];
}

static struct iocb *prepare(int i, int opcode, const struct file *f, const void *data, long nbytes,
			    long long offset)
{
	iocbs[i] = (struct iocb){.aio_lio_opcode = opcode,
				 .aio_fildes = f->fd,
				 .aio_buf = (uintptr_t)data,
				 .aio_nbytes = nbytes,
				 .aio_offset = offset,
				 .aio_data = i};
	return &iocbs[i];
}

/* Takes the n results; aio_data says which iocb each is about, and wanted() what it means. */
static void reap(int n, void (*wanted)(int i, long res))
{
	for (int have = 0; have < n;) {
		long got = OK(SYS(io_getevents, ctx, 1, n - have, events, NULL));

		for (int k = 0; k < got; k++)
			wanted(events[k].data, events[k].res);
		have += got;
	}
}

static struct file *f;
static struct num req[64]; /* of iocb i */

static void wanted_rw(int i, long res)
{
	const struct iocb *io = &iocbs[i];
	int is_read = io->aio_lio_opcode == IOCB_CMD_PREAD || io->aio_lio_opcode == IOCB_CMD_PREADV;

	if (io->aio_lio_opcode == IOCB_CMD_FSYNC || io->aio_lio_opcode == IOCB_CMD_FDSYNC)
		WANT("fsync", res, .via = "aio", .f = f, .fd = N(f->fd));
	else
		WANT(is_read ? "read" : "write", res, .via = "aio", .f = f, .fd = N(f->fd),
		     .offset = N(io->aio_offset), .req = req[i].has ? req[i] : N(io->aio_nbytes),
		     .bytes = MOVED(res));
}

static void batch(void)
{
	struct iovec iov[3] = {{buf, 100}, {buf + 100, 0}, {buf + 200, 50}};

	setup(64);
	f = file_new("f", 1000);
	prepare(0, IOCB_CMD_PREAD, f, buf, 100, 0);
	prepare(1, IOCB_CMD_PWRITE, f, buf, 200, 0x100000000LL);
	prepare(2, IOCB_CMD_PREADV, f, iov, 3, 900);
	prepare(3, IOCB_CMD_PWRITEV, f, iov, 3, 500);
	prepare(4, IOCB_CMD_PREAD, f, buf, 5000, 0x1000000c0LL); /* at its end: short */
	prepare(5, IOCB_CMD_PREAD, f, (void *)BAD_PTR, 10, 20);	 /* fails when it is done */
	prepare(6, IOCB_CMD_PREAD, f, buf, 0, 5);
	req[2] = req[3] = N(150);
	if (OK(SYS(io_submit, ctx, 7, pointers)) != 7)
		die("not all were taken");
	reap(7, wanted_rw);
}

/* Results that come later, from a worker of the kernel or from the disk. */
static void later(void)
{
	struct file *direct;

	setup(64);
	f = file_new("f", 1 << 16);
	prepare(0, IOCB_CMD_PWRITE, f, buf, 8192, 4096);
	prepare(1, IOCB_CMD_FSYNC, f, NULL, 0, 0);
	for (int i = 0; i < 2; i++) {
		struct iocb *one = &iocbs[i];

		OK(SYS(io_submit, ctx, 1, &one));
		reap(1, wanted_rw);
	}
	prepare(0, IOCB_CMD_FDSYNC, f, NULL, 0, 0);
	OK(SYS(io_submit, ctx, 1, pointers));
	reap(1, wanted_rw);
	direct = file_open("f", O_RDWR | O_DIRECT, "O_RDWR|O_DIRECT");
	f = direct;
	for (int i = 0; i < 4; i++) {
		struct iocb *one = prepare(i, i % 2 ? IOCB_CMD_PREAD : IOCB_CMD_PWRITE, f,
					   buf + 4096 * i, 4096, 8192 * i);

		OK(SYS(io_submit, ctx, 1, &one));
		reap(1, wanted_rw);
	}
}

/* What io_submit does not take is not begun: the third of four, and what stands behind it. */
static void refused(void)
{
	struct file *wo, *rw;
	long ret;

	setup(64);
	rw = file_new("f", 1000);
	wo = file_open("f", O_WRONLY, "O_WRONLY");
	f = rw;
	prepare(0, IOCB_CMD_PREAD, rw, buf, 10, 0);
	prepare(1, IOCB_CMD_PREAD, rw, buf, 20, 30);
	prepare(2, IOCB_CMD_PREAD, wo, buf, 30, 0);
	prepare(3, IOCB_CMD_PREAD, rw, buf, 40, 0);
	ret = OK(SYS(io_submit, ctx, 4, pointers));
	if (ret != 2)
		die("%ld were taken", ret);
	reap(2, wanted_rw);
	FAILS(EBADF, SYS(io_submit, ctx, 1, pointers + 2));
	/* the same iocb serves again */
	prepare(2, IOCB_CMD_PREAD, rw, buf, 30, 60);
	OK(SYS(io_submit, ctx, 1, pointers + 2));
	reap(1, wanted_rw);
}

/* A call that is refused as such has begun nothing, so nothing of it is lost. */
static void invalid(void)
{
	setup(8);
	f = file_new("f", 1000);
	prepare(0, IOCB_CMD_PREAD, f, buf, 10, 0);
	FAILS(EINVAL, SYS(io_submit, 0, 1, pointers));
	FAILS(EINVAL, SYS(io_submit, ctx, -1L, pointers));
	FAILS(EFAULT, SYS(io_submit, ctx, 1, (void *)8));
}

/*
 * What goes to a file of O_APPEND goes to its end, whatever offset was given. Where that
 * was is not known any more when the result is taken: no offset, rather than a wrong one.
 */
static void wanted_append(int i, long res)
{
	(void)i;
	WANT("write", res, .via = "aio", .f = f, .fd = N(f->fd), .req = N(10), .bytes = N(10));
}

static void append(void)
{
	setup(8);
	file_new("f", 1000);
	f = file_open("f", O_WRONLY | O_APPEND, "O_WRONLY|O_APPEND");
	for (int i = 0; i < 3; i++) {
		struct iocb *one = prepare(i, IOCB_CMD_PWRITE, f, buf, 10, 5);

		OK(SYS(io_submit, ctx, 1, &one));
		reap(1, wanted_append);
	}
}

static void many(void)
{
	setup(2048);
	f = file_new("f", 1000);
	for (int i = 0; i < 1000; i++)
		prepare(i, IOCB_CMD_PREAD, f, buf, 1 + i, i);
	if (OK(SYS(io_submit, ctx, 1000, pointers)) != 1000)
		die("not all were taken");
	if (OK(SYS(io_getevents, ctx, 1000, 1000, events, NULL)) != 1000)
		die("not all are done");
	for (int i = 0; i < 1000; i++) {
		int n = events[i].data;

		WANT("read", events[i].res, .via = "aio", .f = f, .fd = N(f->fd), .offset = N(n),
		     .req = N(n + 1), .bytes = N(events[i].res));
	}
}

/* Beyond 1024 in a call the rest is not looked at, and counted. */
static void too_many(void)
{
	setup(2048);
	f = file_new("f", 1000);
	for (int i = 0; i < 1025; i++)
		prepare(i, IOCB_CMD_PREAD, f, buf, 1, 0);
	if (OK(SYS(io_submit, ctx, 1025, pointers)) != 1025)
		die("not all were taken");
	for (int left = 1025; left;) {
		long got = OK(SYS(io_getevents, ctx, 1, 500, events, NULL));

		for (int k = 0; k < got; k++)
			if (events[k].data < 1024)
				WANT("read", 1, .via = "aio", .f = f, .fd = N(f->fd),
				     .offset = N(0), .req = N(1), .bytes = N(1));
		left -= got;
	}
}

/* Another thread takes the results; the operation is that of the one who began it. */
static pthread_barrier_t barrier;
static void *reaper(void *arg)
{
	(void)arg;
	OK(SYS(io_getevents, ctx, 2, 2, events, NULL));
	pthread_barrier_wait(&barrier);
	return NULL;
}

static void other_thread(void)
{
	pthread_t thread;

	setup(8);
	f = file_new("f", 1000);
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&thread, NULL, reaper, NULL);
	prepare(0, IOCB_CMD_PREAD, f, buf, 10, 0);
	prepare(1, IOCB_CMD_PREAD, f, buf, 20, 0);
	OK(SYS(io_submit, ctx, 2, pointers));
	pthread_barrier_wait(&barrier);
	wanted_rw(0, 10);
	wanted_rw(1, 20);
}

/* The descriptor is closed, and the file renamed, before the result is taken. */
static void closed_before(void)
{
	long ret;

	setup(8);
	f = file_new("f", 1000);
	prepare(0, IOCB_CMD_PREAD, f, buf, 10, 0);
	OK(SYS(io_submit, ctx, 1, pointers));
	file_close(f);
	ret = OK(SYS(unlink, f->path));
	WANT("unlink", ret, .path = f->path);
	/* it was read under that name, and one more file may have taken its place since */
	file_new("g", 0);
	reap(1, wanted_rw);
}

/* Results read from the ring in the program's memory pass unseen, which is counted. */
static void user_reap(void)
{
	struct {
		unsigned int id, nr, head, tail;
	} * ring;

	setup(8);
	f = file_new("f", 1000);
	prepare(0, IOCB_CMD_PREAD, f, buf, 10, 0);
	prepare(1, IOCB_CMD_PREAD, f, buf, 10, 0);
	OK(SYS(io_submit, ctx, 2, pointers));
	ring = (void *)(uintptr_t)ctx;
	while (__atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE) != 2)
		;
	ring->head = 2;
}

#if !IS_32BIT
static void pgetevents(void)
{
	struct timespec zero = {0, 0};

	setup(8);
	f = file_new("f", 1000);
	prepare(0, IOCB_CMD_PREAD, f, buf, 10, 3);
	OK(SYS(io_submit, ctx, 1, pointers));
	if (OK(SYS(io_pgetevents, ctx, 1, 1, events, NULL, NULL)) != 1)
		die("it is not done");
	wanted_rw(events[0].data, events[0].res);
	if (OK(SYS(io_getevents, ctx, 0, 1, events, &zero)))
		die("there is one more");
	FAILS(EINVAL, SYS(io_getevents, 0, 0, 1, events, &zero));
}
#else
static void pgetevents(void)
{
	setup(8);
	f = file_new("f", 1000);
	prepare(0, IOCB_CMD_PREAD, f, buf, 10, 3);
	OK(SYS(io_submit, ctx, 1, pointers));
	if (OK(SYS(io_pgetevents_time64, ctx, 1, 1, events, NULL, NULL)) != 1)
		die("it is not done");
	wanted_rw(events[0].data, events[0].res);
	prepare(1, IOCB_CMD_PREAD, f, buf, 20, 3);
	OK(SYS(io_submit, ctx, 1, pointers + 1));
	if (OK(SYS(io_pgetevents, ctx, 1, 1, events, NULL, NULL)) != 1)
		die("it is not done");
	wanted_rw(events[0].data, events[0].res);
}
#endif

/* clang-format off */
TESTS(
	T("batch", batch),
	T("later", later),
	T("refused", refused),
	T("invalid", invalid),
	T("append", append),
	T("many", many),
	T("too-many", too_many, .lost = "batch=1"),
	T("other-thread", other_thread),
	T("closed-before", closed_before),
	T("user-reap", user_reap, .lost = "unpaired=2"),
	T("pgetevents", pgetevents),
)
