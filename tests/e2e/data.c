/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes read and written by read, write and their kin; fsync; directory entries. */
#include "e2e.h"

#include <sys/mman.h>
#include <sys/uio.h>

#ifndef RWF_NOAPPEND
#define RWF_NOAPPEND 0x20
#endif
#define BAD_FD 999
#define BAD_PTR ((void *)8)

static char buf[1 << 20];

/* A record of a call that moved ret of req bytes at offset. */
static void moved(const char *op, const char *via, const struct file *f, long ret, long long offset,
		  unsigned long long req)
{
	WANT(op, ret, .via = via, .f = f, .fd = N(f->fd), .offset = N(offset), .req = N(req),
	     .bytes = MOVED(ret));
}

/* The same, where the descriptor is not open, or the file has no positions. */
static void not_moved(const char *op, const char *via, int fd, long ret, unsigned long long req)
{
	WANT(op, ret, .via = via, .fd = N(fd), .req = N(req), .bytes = N(0));
}

static void read_(void)
{
	struct file *f = file_new("f", 1000);
	long ret;

	ret = OK(SYS(read, f->fd, buf, 100));
	moved("read", "rw", f, ret, 0, 100);
	ret = OK(SYS(read, f->fd, buf, 300));
	moved("read", "rw", f, ret, 100, 300);
	OK(SYS(lseek, f->fd, 900, SEEK_SET));
	ret = OK(SYS(read, f->fd, buf, 500)); /* only 100 are left */
	moved("read", "rw", f, ret, 900, 500);
	ret = OK(SYS(read, f->fd, buf, 500));
	moved("read", "rw", f, ret, 1000, 500);
	ret = OK(SYS(read, f->fd, buf, 0));
	moved("read", "rw", f, ret, 1000, 0);
	OK(SYS(lseek, f->fd, 5000, SEEK_SET));
	ret = OK(SYS(read, f->fd, buf, 10));
	moved("read", "rw", f, ret, 5000, 10);
}

static void write_(void)
{
	struct file *f = file_new("f", 0);
	long ret;

	ret = OK(SYS(write, f->fd, buf, 100));
	moved("write", "rw", f, ret, 0, 100);
	ret = OK(SYS(write, f->fd, buf, sizeof(buf)));
	moved("write", "rw", f, ret, 100, sizeof(buf));
	OK(SYS(lseek, f->fd, 7, SEEK_SET));
	ret = OK(SYS(write, f->fd, buf, 0));
	moved("write", "rw", f, ret, 7, 0);
	ret = OK(SYS(write, f->fd, buf, 1));
	moved("write", "rw", f, ret, 7, 1);
}

static void pread_pwrite(void)
{
	struct file *f = file_new("f", 1000);
	long ret;

	ret = OK(SYS(pread64, f->fd, buf, 100, OFF64(950)));
	moved("read", "rw", f, ret, 950, 100);
	ret = OK(SYS(pread64, f->fd, buf, 100, OFF64(0x123456789a)));
	moved("read", "rw", f, ret, 0x123456789a, 100);
	ret = OK(SYS(pwrite64, f->fd, buf, 10, OFF64(0x1ffffffffLL)));
	moved("write", "rw", f, ret, 0x1ffffffffLL, 10);
	ret = OK(SYS(read, f->fd, buf, 10)); /* neither has moved the position */
	moved("read", "rw", f, ret, 0, 10);
	ret = FAILS(EINVAL, SYS(pread64, f->fd, buf, 100, OFF64(-5)));
	moved("read", "rw", f, ret, -5, 100);
	ret = FAILS(EINVAL, SYS(pwrite64, f->fd, buf, 100, OFF64(-1)));
	moved("write", "rw", f, ret, -1, 100);
}

/* What O_APPEND writes goes to the end, also what pwrite gives another offset. */
static void append(void)
{
	struct file *f = file_new("f", 1000);
	struct file *a = file_open("f", O_WRONLY | O_APPEND, "O_WRONLY|O_APPEND");
	long ret;

	ret = OK(SYS(write, a->fd, buf, 50));
	moved("write", "rw", a, ret, 1000, 50);
	ret = OK(SYS(pwrite64, a->fd, buf, 25, OFF64(10)));
	moved("write", "rw", a, ret, 1050, 25);
	OK(SYS(lseek, a->fd, 0, SEEK_SET));
	ret = OK(SYS(write, a->fd, buf, 5));
	moved("write", "rw", a, ret, 1075, 5);
	ret = OK(SYS(write, f->fd, buf, 5));
	moved("write", "rw", f, ret, 0, 5);
	ret = FAILS(EBADF, SYS(read, a->fd, buf, 5));
	moved("read", "rw", a, ret, 1080, 5);
}

static void dup_(void)
{
	struct file *f = file_new("f", 1000), *g = malloc(sizeof(*g));
	long ret;

	*g = *f;
	g->fd = OK(SYS(dup, f->fd));
	ret = OK(SYS(read, f->fd, buf, 10));
	moved("read", "rw", f, ret, 0, 10);
	ret = OK(SYS(read, g->fd, buf, 10));
	moved("read", "rw", g, ret, 10, 10);
	file_close(f);
	ret = OK(SYS(read, g->fd, buf, 10));
	moved("read", "rw", g, ret, 20, 10);
	g->fd = OK(SYS(dup3, g->fd, 700, 0));
	ret = OK(SYS(read, g->fd, buf, 10));
	moved("read", "rw", g, ret, 30, 10);
	file_close(g);
}

static void rw_fails(void)
{
	struct file *f = file_new("f", 1000);
	struct file *ro = file_open("f", O_RDONLY, "O_RDONLY");
	struct file *wo = file_open("f", O_WRONLY, "O_WRONLY");
	struct file *d = file_open(".", O_RDONLY | O_DIRECTORY, "O_RDONLY|O_DIRECTORY");
	long ret;

	ret = FAILS(EBADF, SYS(read, BAD_FD, buf, 11));
	not_moved("read", "rw", BAD_FD, ret, 11);
	ret = FAILS(EBADF, SYS(write, -1, buf, 12));
	not_moved("write", "rw", -1, ret, 12);
	ret = FAILS(EBADF, SYS(pread64, BAD_FD, buf, 13, OFF64(99)));
	WANT("read", ret, .via = "rw", .fd = N(BAD_FD), .offset = N(99), .req = N(13),
	     .bytes = N(0));
	ret = FAILS(EBADF, SYS(pwrite64, BAD_FD, buf, 14, OFF64(98)));
	WANT("write", ret, .via = "rw", .fd = N(BAD_FD), .offset = N(98), .req = N(14),
	     .bytes = N(0));
	ret = FAILS(EBADF, SYS(write, ro->fd, buf, 15));
	moved("write", "rw", ro, ret, 0, 15);
	ret = FAILS(EBADF, SYS(read, wo->fd, buf, 16));
	moved("read", "rw", wo, ret, 0, 16);
	ret = FAILS(EISDIR, SYS(read, d->fd, buf, 17));
	WANT("read", ret, .via = "rw", .f = d, .fd = N(d->fd), .req = N(17), .bytes = N(0));
	ret = FAILS(EFAULT, SYS(read, f->fd, BAD_PTR, 18));
	moved("read", "rw", f, ret, 0, 18);
	ret = FAILS(EFAULT, SYS(write, f->fd, BAD_PTR, 19));
	moved("write", "rw", f, ret, 0, 19);
}

/* A write to a page that ends behind its first half: what was moved is less than asked for. */
static void partial(void)
{
	struct file *f = file_new("f", 1000);
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long ret;

	munmap(page + 4096, 4096);
	ret = OK(SYS(write, f->fd, page + 4000, 200));
	if (ret != 96)
		die("wrote %ld", ret);
	moved("write", "rw", f, ret, 0, 200);
	ret = OK(SYS(pread64, f->fd, page + 4090, 100, OFF64(50)));
	moved("read", "rw", f, ret, 50, 100);
}

/* The kernel looks at the low half of a descriptor and of a 32-bit count only. */
static void high_bits(void)
{
	struct file *f = file_new("f", 1000);
	struct file *d = file_open(".", O_RDONLY | O_DIRECTORY, "O_RDONLY|O_DIRECTORY");
	long ret, high = IS_32BIT ? 0 : 0x5a5a5a5a00000000LL;

	ret = OK(SYS(read, f->fd | high, buf, 10));
	moved("read", "rw", f, ret, 0, 10);
	ret = OK(SYS(getdents64, d->fd | high, buf, 4096 | high));
	WANT("readdir", ret, .f = d, .fd = N(d->fd), .req = N(4096), .bytes = N(ret));
	ret = OK(SYS(read, f->fd, buf, 0x70000000L)); /* more than there is behind buf */
	moved("read", "rw", f, ret, 10, 0x70000000L);
	ret = OK(SYS(fsync, f->fd | high));
	WANT("fsync", ret, .f = f, .fd = N(f->fd));
}

static void vec(void)
{
	struct file *f = file_new("f", 1000);
	struct iovec iov[3] = {{buf, 100}, {buf + 100, 0}, {buf + 200, 50}};
	long ret;

	ret = OK(SYS(readv, f->fd, iov, 3));
	moved("read", "vec", f, ret, 0, 150);
	ret = OK(SYS(writev, f->fd, iov, 1));
	moved("write", "vec", f, ret, 150, 100);
	OK(SYS(lseek, f->fd, 990, SEEK_SET));
	ret = OK(SYS(readv, f->fd, iov, 3));
	moved("read", "vec", f, ret, 990, 150);
	ret = OK(SYS(readv, f->fd, iov, 0));
	moved("read", "vec", f, ret, 1000, 0);
	ret = OK(SYS(preadv, f->fd, iov, 3, OFF64(900)));
	moved("read", "vec", f, ret, 900, 150);
	ret = OK(SYS(pwritev, f->fd, iov, 3, OFF64(0x100000064LL)));
	moved("write", "vec", f, ret, 0x100000064LL, 150);
	ret = FAILS(EINVAL, SYS(preadv, f->fd, iov, 3, OFF64(-7)));
	moved("read", "vec", f, ret, -7, 150);
	ret = FAILS(EINVAL, SYS(pwritev, f->fd, iov, 3, OFF64(-1)));
	moved("write", "vec", f, ret, -1, 150);
}

static void vec2(void)
{
	struct file *f = file_new("f", 1000);
	struct file *a = file_open("f", O_RDWR | O_APPEND, "O_RDWR|O_APPEND");
	struct iovec iov[3] = {{buf, 100}, {buf + 100, 7}, {buf + 200, 50}};
	long ret;

#if !IS_32BIT
	/* the fifth argument, between offset and flags, is not used */
	ret = OK(SYS(preadv2, f->fd, iov, 3, 500L, 0, 0));
	moved("read", "vec", f, ret, 500, 157);
	/* -1 is the position */
	ret = OK(SYS(preadv2, f->fd, iov, 3, -1L, 0, 0));
	moved("read", "vec", f, ret, 0, 157);
	ret = OK(SYS(pwritev2, f->fd, iov, 1, -1L, 0, 0));
	moved("write", "vec", f, ret, 157, 100);
	ret = OK(SYS(pwritev2, f->fd, iov, 3, 300L, 0, 2 /* RWF_DSYNC */));
	moved("write", "vec", f, ret, 300, 157);
	ret = OK(SYS(pwritev2, f->fd, iov, 1, 10L, 0, 16 /* RWF_APPEND */));
	moved("write", "vec", f, ret, 1000, 100);
	ret = OK(SYS(pwritev2, a->fd, iov, 1, 10L, 0, 0));
	moved("write", "vec", a, ret, 1100, 100);
	ret = OK_SINCE(609, EOPNOTSUPP, SYS(pwritev2, a->fd, iov, 1, 20L, 0, RWF_NOAPPEND));
	moved("write", "vec", a, ret, 20, 100);
	ret = FAILS(EOPNOTSUPP, SYS(preadv2, f->fd, iov, 1, 0L, 0, 0x40000000));
	moved("read", "vec", f, ret, 0, 100);
#else
	ret = OK(SYS(preadv2, f->fd, iov, 3, 500, 0, 0));
	moved("read", "vec", f, ret, 500, 157);
	ret = OK(SYS(preadv2, f->fd, iov, 3, -1, -1, 0));
	moved("read", "vec", f, ret, 0, 157);
	ret = OK(SYS(pwritev2, f->fd, iov, 1, -1, -1, 0));
	moved("write", "vec", f, ret, 157, 100);
	ret = OK(SYS(pwritev2, a->fd, iov, 1, 10, 0, 0));
	moved("write", "vec", a, ret, 1000, 100);
#endif
}

/* As many iovecs as the kernel takes, 1024, and one more than vfscope takes at a time. */
static void vec_many(void)
{
	struct file *f = file_new("f", 100000);
	static struct iovec iov[1025];
	long ret, first;

	for (int i = 0; i < 1025; i++)
		iov[i] = (struct iovec){buf + i, i % 7};
	first = OK(SYS(readv, f->fd, iov, 33));
	moved("read", "vec", f, first, 0, first);
	ret = OK(SYS(preadv, f->fd, iov, 1024, OFF64(5)));
	moved("read", "vec", f, ret, 5, ret);
	ret = OK(SYS(writev, f->fd, iov, 1024));
	moved("write", "vec", f, ret, first, ret);
}

static void vec_fails(void)
{
	struct iovec iov[2] = {{buf, 100}, {buf, 50}};
	struct file *ro = file_new("f", 1000);
	long ret;

	file_close(ro);
	ro = file_open("f", O_RDONLY, "O_RDONLY");
	ret = FAILS(EBADF, SYS(readv, BAD_FD, iov, 2));
	not_moved("read", "vec", BAD_FD, ret, 150);
	ret = FAILS(EBADF, SYS(writev, BAD_FD, iov, 1));
	not_moved("write", "vec", BAD_FD, ret, 100);
	ret = FAILS(EBADF, SYS(preadv, BAD_FD, iov, 2, OFF64(5)));
	WANT("read", ret, .via = "vec", .fd = N(BAD_FD), .offset = N(5), .req = N(150),
	     .bytes = N(0));
	ret = FAILS(EBADF, SYS(writev, ro->fd, iov, 2));
	moved("write", "vec", ro, ret, 0, 150);
	ret = FAILS(EBADF, SYS(pwritev, ro->fd, iov, 2, OFF64(77)));
	moved("write", "vec", ro, ret, 77, 150);
}

static void fsync_(void)
{
	struct file *f = file_new("f", 100000);
	long ret;

	ret = OK(SYS(fsync, f->fd));
	WANT("fsync", ret, .f = f, .fd = N(f->fd));
	ret = OK(SYS(fdatasync, f->fd));
	WANT("fsync", ret, .f = f, .fd = N(f->fd));
	ret = OK(SYS(sync_file_range, f->fd, OFF64(4096), OFF64(8192), 2));
	WANT("fsync", ret, .f = f, .fd = N(f->fd), .offset = N(4096), .req = N(8192));
	ret = OK(SYS(sync_file_range, f->fd, OFF64(0x200000000LL), OFF64(0x300000000LL), 2));
	WANT("fsync", ret, .f = f, .fd = N(f->fd), .offset = N(0x200000000LL),
	     .req = N(0x300000000LL));
	ret = FAILS(EINVAL, SYS(sync_file_range, f->fd, OFF64(0), OFF64(1), 0x80));
	WANT("fsync", ret, .f = f, .fd = N(f->fd), .offset = N(0), .req = N(1));
	ret = OK(SYS(syncfs, f->fd));
	WANT("sync", ret, .f = f, .fd = N(f->fd));
}

static void fsync_fails(void)
{
	long ret;

	ret = FAILS(EBADF, SYS(fsync, BAD_FD));
	WANT("fsync", ret, .fd = N(BAD_FD));
	ret = FAILS(EBADF, SYS(fdatasync, -1));
	WANT("fsync", ret, .fd = N(-1));
	ret = FAILS(EBADF, SYS(sync_file_range, BAD_FD, OFF64(1), OFF64(2), 2));
	WANT("fsync", ret, .fd = N(BAD_FD), .offset = N(1), .req = N(2));
	ret = FAILS(EBADF, SYS(syncfs, BAD_FD));
	WANT("sync", ret, .fd = N(BAD_FD));
	ret = OK(SYS(sync));
	WANT("sync", ret);
}

static void readdir_(void)
{
	struct file *f = file_new("f", 0), *d;
	long ret;

	d = file_open(".", O_RDONLY | O_DIRECTORY, "O_RDONLY|O_DIRECTORY");
	ret = OK(SYS(getdents64, d->fd, buf, 4096));
	WANT("readdir", ret, .f = d, .fd = N(d->fd), .req = N(4096), .bytes = N(ret));
	ret = OK(SYS(getdents64, d->fd, buf, 4000));
	WANT("readdir", ret, .f = d, .fd = N(d->fd), .req = N(4000), .bytes = N(0));
	OK(SYS(lseek, d->fd, 0, SEEK_SET));
	ret = OK(SYS(getdents, d->fd, buf, 5000));
	WANT("readdir", ret, .f = d, .fd = N(d->fd), .req = N(5000), .bytes = N(ret));
	OK(SYS(lseek, d->fd, 0, SEEK_SET));
	ret = FAILS(EINVAL, SYS(getdents64, d->fd, buf, 1));
	WANT("readdir", ret, .f = d, .fd = N(d->fd), .req = N(1), .bytes = N(0));
	ret = FAILS(ENOTDIR, SYS(getdents64, f->fd, buf, 100));
	WANT("readdir", ret, .f = f, .fd = N(f->fd), .req = N(100), .bytes = N(0));
	ret = FAILS(ENOTDIR, SYS(getdents, f->fd, buf, 100));
	WANT("readdir", ret, .f = f, .fd = N(f->fd), .req = N(100), .bytes = N(0));
	ret = FAILS(EFAULT, SYS(getdents64, d->fd, BAD_PTR, 4096));
	WANT("readdir", ret, .f = d, .fd = N(d->fd), .req = N(4096), .bytes = N(0));
}

static void readdir_fails(void)
{
	long ret;

	ret = FAILS(EBADF, SYS(getdents64, BAD_FD, buf, 100));
	WANT("readdir", ret, .fd = N(BAD_FD), .req = N(100), .bytes = N(0));
	ret = FAILS(EBADF, SYS(getdents, BAD_FD, buf, 100));
	WANT("readdir", ret, .fd = N(BAD_FD), .req = N(100), .bytes = N(0));
}

static void fallocate_(void)
{
	struct file *f = file_new("f", 100);
	const char *path = in("f");
	long ret;

	ret = OK(SYS(fallocate, f->fd, 0, OFF64(4096), OFF64(8192)));
	WANT("fallocate", ret, .f = f, .fd = N(f->fd), .offset = N(4096), .req = N(8192));
	ret = OK(SYS(fallocate, f->fd, FALLOC_FL_KEEP_SIZE, OFF64(0x100001000LL), OFF64(4096)));
	WANT("fallocate", ret, .f = f, .fd = N(f->fd), .offset = N(0x100001000LL), .req = N(4096),
	     .flags = "FALLOC_FL_KEEP_SIZE");
	ret = FAILS(EINVAL, SYS(fallocate, f->fd, 0, OFF64(0), OFF64(0)));
	WANT("fallocate", ret, .f = f, .fd = N(f->fd), .offset = N(0), .req = N(0));
	ret = FAILS(EINVAL, SYS(fallocate, f->fd, 0, OFF64(-4096), OFF64(1)));
	WANT("fallocate", ret, .f = f, .fd = N(f->fd), .offset = N(-4096), .req = N(1));
	ret = OK(SYS(truncate, path, 77));
	WANT("truncate", ret, .path = path, .req = N(77));
	ret = FAILS(ENOENT, SYS(truncate, in("none"), 78));
	WANT("truncate", ret, .path = in("none"), .req = N(78));
	ret = FAILS(EISDIR, SYS(truncate, dir, 79));
	WANT("truncate", ret, .path = dir, .req = N(79));
	file_close(f);
	f = file_open("f", O_RDONLY, "O_RDONLY");
	ret = FAILS(EINVAL, SYS(ftruncate, f->fd, 5));
	WANT("truncate", ret, .f = f, .fd = N(f->fd), .req = N(5));
	ret = FAILS(EBADF, SYS(fallocate, f->fd, 0, OFF64(0), OFF64(6)));
	WANT("fallocate", ret, .f = f, .fd = N(f->fd), .offset = N(0), .req = N(6));
}

static void fallocate_fails(void)
{
	long ret;

	ret = FAILS(EBADF, SYS(fallocate, BAD_FD, 0, OFF64(3), OFF64(4)));
	WANT("fallocate", ret, .fd = N(BAD_FD), .offset = N(3), .req = N(4));
	ret = FAILS(EBADF, SYS(ftruncate, BAD_FD, 5));
	WANT("truncate", ret, .fd = N(BAD_FD), .req = N(5));
	ret = FAILS(EFAULT, SYS(truncate, BAD_PTR, 6));
	WANT("truncate", ret, .req = N(6));
}

/* clang-format off */
TESTS(
	T("read", read_),
	T("write", write_),
	T("pread-pwrite", pread_pwrite),
	T("append", append),
	T("dup", dup_),
	T("rw-fails", rw_fails, .flags = TEST_NO_DIR),
	T("partial", partial),
	T("high-bits", high_bits),
	T("vec", vec),
	T("vec2", vec2),
	T("vec-many", vec_many),
	T("vec-fails", vec_fails, .flags = TEST_NO_DIR),
	T("fsync", fsync_),
	T("fsync-fails", fsync_fails, .flags = TEST_NO_DIR),
	T("readdir", readdir_),
	T("readdir-fails", readdir_fails, .flags = TEST_NO_DIR),
	T("fallocate", fallocate_),
	T("fallocate-fails", fallocate_fails, .flags = TEST_NO_DIR),
)
