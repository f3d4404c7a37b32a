/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Each case prepares what it needs through descriptors that it opens first, so that the
 * records of its own file are those of the operation and of nothing else: the records of
 * names that begin with "set-up" are left out by who compares.
 */
#include "selftest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "util.h"

static char buf[4096];
static char pages[2 << 16]; /* two of the largest */

/* Notes one record; a negative result ends the case as one that cannot be done here. */
static bool note(struct selftest_done *done, __u8 op, __u8 via, __s64 ret, __u64 bytes)
{
	if (ret < 0) {
		done->err = errno;
		return false;
	}
	done->record[done->len++] =
		(struct selftest_record){.op = op, .via = via, .ret = ret, .bytes = bytes};
	return true;
}

#define NOTE(op_, ret_) note(done, VS_OP_##op_, VS_VIA_NONE, ret_, 0)
/* A call whose result is what it has moved. */
#define MOVED(op_, via_, call_)                                                                    \
	({                                                                                         \
		__s64 moved_ = (call_);                                                            \
		note(done, VS_OP_##op_, VS_VIA_##via_, moved_, moved_);                            \
	})

/* The file of a case, with 8192 bytes in it. Its own records are part of every case. */
static int open_file(struct selftest_done *done)
{
	int fd = open("file", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (!NOTE(OPEN, fd) || !NOTE(CREATE, fd))
		return -1;
	NOTE(TRUNCATE, ftruncate(fd, 8192));
	return fd;
}

static void run_rw(struct selftest_done *done)
{
	int fd = open_file(done);

	MOVED(WRITE, RW, write(fd, buf, 1000));
	MOVED(READ, RW, read(fd, buf, 4096));
	MOVED(READ, RW, pread(fd, buf, 4096, 8000)); /* short: the end of the file */
	MOVED(WRITE, RW, pwrite(fd, buf, 7, 4000));
}

static void run_vec(struct selftest_done *done)
{
	struct iovec iov[2] = {{buf, 100}, {buf + 100, 200}};
	int fd = open_file(done);

	MOVED(WRITE, VEC, writev(fd, iov, 2));
	MOVED(READ, VEC, readv(fd, iov, 2));
	MOVED(READ, VEC, preadv(fd, iov, 2, 8000));
	MOVED(WRITE, VEC, pwritev(fd, iov, 1, 10));
}

static void run_sendfile(struct selftest_done *done)
{
	int from = open_file(done), to = open("set-up", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	MOVED(READ, SENDFILE, sendfile(to, from, NULL, 5000));
}

static void run_splice(struct selftest_done *done)
{
	int fd = open_file(done), pipes[2];

	if (pipe2(pipes, O_CLOEXEC)) {
		done->err = errno;
		return;
	}
	MOVED(READ, SPLICE, splice(fd, NULL, pipes[1], NULL, 3000, 0));
	MOVED(WRITE, SPLICE, splice(pipes[0], NULL, fd, NULL, 3000, 0));
}

static void run_copy_file_range(struct selftest_done *done)
{
	int from = open_file(done), to = open("set-up", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	MOVED(READ, COPY_FILE_RANGE, copy_file_range(from, NULL, to, NULL, 6000, 0));
}

static void run_aio(struct selftest_done *done)
{
	int fd = open_file(done);
	struct iocb iocb = {.aio_fildes = fd,
			    .aio_lio_opcode = IOCB_CMD_PWRITE,
			    .aio_buf = (__u64)(uintptr_t)buf,
			    .aio_nbytes = 3000};
	struct iocb *iocbs[] = {&iocb};
	struct io_event event;
	aio_context_t ctx = 0;

	if (syscall(SYS_io_setup, 1, &ctx) || syscall(SYS_io_submit, ctx, 1, iocbs) != 1 ||
	    syscall(SYS_io_getevents, ctx, 1, 1, &event, NULL) != 1) {
		done->err = errno;
		return;
	}
	MOVED(WRITE, AIO, event.res);
	iocb.aio_lio_opcode = IOCB_CMD_PREAD;
	iocb.aio_offset = 8000;
	syscall(SYS_io_submit, ctx, 1, iocbs);
	syscall(SYS_io_getevents, ctx, 1, 1, &event, NULL);
	MOVED(READ, AIO, event.res);
	syscall(SYS_io_destroy, ctx);
}

/* A ring with room for one request. */
struct uring {
	int fd;
	char *sq, *cq;
	struct io_uring_sqe *sqe;
	struct io_uring_params params;
};

static bool uring_init(struct uring *ring)
{
	struct io_uring_params *p = &ring->params;
	const int prot = PROT_READ | PROT_WRITE, flags = MAP_SHARED | MAP_POPULATE;

	memset(ring, 0, sizeof(*ring));
	ring->fd = syscall(SYS_io_uring_setup, 1, p);
	if (ring->fd < 0)
		return false;
	ring->sq = mmap(NULL, p->sq_off.array + sizeof(__u32), prot, flags, ring->fd,
			IORING_OFF_SQ_RING);
	ring->cq = mmap(NULL, p->cq_off.cqes + 2 * sizeof(struct io_uring_cqe), prot, flags,
			ring->fd, IORING_OFF_CQ_RING);
	ring->sqe = mmap(NULL, sizeof(*ring->sqe), prot, flags, ring->fd, IORING_OFF_SQES);
	return ring->sq != MAP_FAILED && ring->cq != MAP_FAILED && ring->sqe != MAP_FAILED;
}

/* Does one request; the result is an errno, negative, or what the request gave. */
static __s64 uring_do(struct uring *ring, __u8 opcode, int fd, __u64 addr, __u32 len, __u64 off)
{
	__u32 *tail = (__u32 *)(ring->sq + ring->params.sq_off.tail);
	__u32 *head = (__u32 *)(ring->cq + ring->params.cq_off.head);
	struct io_uring_cqe *cqes = (void *)(ring->cq + ring->params.cq_off.cqes);
	__s64 res;

	*ring->sqe = (struct io_uring_sqe){
		.opcode = opcode, .fd = fd, .addr = addr, .len = len, .off = off};
	*(__u32 *)(ring->sq + ring->params.sq_off.array) = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return -1;
	res = cqes[*head & (ring->params.cq_entries - 1)].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	errno = res < 0 ? -res : 0;
	return res;
}

static void run_io_uring(struct selftest_done *done)
{
	int fd = open_file(done);
	struct uring ring;

	if (!uring_init(&ring)) {
		done->err = errno;
		return;
	}
	MOVED(WRITE, IO_URING, uring_do(&ring, IORING_OP_WRITE, fd, (uintptr_t)buf, 2000, 0));
	MOVED(READ, IO_URING, uring_do(&ring, IORING_OP_READ, fd, (uintptr_t)buf, 4096, 8000));
	note(done, VS_OP_FSYNC, VS_VIA_IO_URING, uring_do(&ring, IORING_OP_FSYNC, fd, 0, 0, 0), 0);
	close(ring.fd);
}

static void run_fsync(struct selftest_done *done)
{
	int fd = open_file(done);

	NOTE(FSYNC, fsync(fd));
	NOTE(FSYNC, fdatasync(fd));
	NOTE(FSYNC, sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE));
}

static void run_syncfs(struct selftest_done *done)
{
	NOTE(SYNC, syncfs(open_file(done)));
}

static void run_readdir(struct selftest_done *done)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	NOTE(OPEN, fd);
	while (MOVED(READDIR, NONE, syscall(SYS_getdents64, fd, buf, sizeof(buf))) &&
	       done->record[done->len - 1].ret)
		;
}

static void run_close(struct selftest_done *done)
{
	NOTE(CLOSE, close(open_file(done)));
}

static void run_mkdir(struct selftest_done *done)
{
	NOTE(MKDIR, mkdir("dir", 0700));
	NOTE(RMDIR, rmdir("dir"));
}

static void run_links(struct selftest_done *done)
{
	open_file(done);
	NOTE(LINK, link("file", "hard"));
	NOTE(RENAME, rename("hard", "other"));
	NOTE(UNLINK, unlink("other"));
}

static void run_symlink(struct selftest_done *done)
{
	NOTE(SYMLINK, symlink("target", "soft"));
	note(done, VS_OP_READLINK, VS_VIA_NONE, readlink("soft", buf, sizeof(buf)), 0);
	NOTE(UNLINK, unlink("soft"));
}

static void run_mknod(struct selftest_done *done)
{
	if (NOTE(MKNOD, mknod("fifo", S_IFIFO | 0600, 0)))
		NOTE(CREATE, 0);
}

static void run_stat(struct selftest_done *done)
{
	struct stat st;
	struct statx stx;
	int fd = open_file(done);

	NOTE(STAT, fstat(fd, &st));
	NOTE(STAT, statx(AT_FDCWD, "file", 0, STATX_BASIC_STATS, &stx));
	NOTE(ACCESS, syscall(SYS_faccessat, AT_FDCWD, "file", R_OK));
}

static void run_statfs(struct selftest_done *done)
{
	struct statfs st;

	NOTE(STATFS, fstatfs(open_file(done), &st));
}

static void run_setattr(struct selftest_done *done)
{
	int fd = open_file(done);

	NOTE(SETATTR, fchmod(fd, 0640));
	NOTE(SETATTR, chown("file", -1, -1));
	NOTE(SETATTR, futimens(fd, NULL));
}

static void run_truncate(struct selftest_done *done)
{
	open_file(done);
	NOTE(TRUNCATE, truncate("file", 100));
}

static void run_fallocate(struct selftest_done *done)
{
	NOTE(FALLOCATE, fallocate(open_file(done), 0, 8192, 4096));
}

static void run_xattr(struct selftest_done *done)
{
	int fd = open_file(done);

	NOTE(SETXATTR, fsetxattr(fd, "user.vfscope", "value", 5, 0));
	note(done, VS_OP_GETXATTR, VS_VIA_NONE, fgetxattr(fd, "user.vfscope", buf, sizeof(buf)), 0);
	note(done, VS_OP_LISTXATTR, VS_VIA_NONE, flistxattr(fd, buf, sizeof(buf)), 0);
	NOTE(REMOVEXATTR, fremovexattr(fd, "user.vfscope"));
}

static void note_failed(struct selftest_done *done, __u8 op, int err)
{
	done->record[done->len++] = (struct selftest_record){.op = op, .ret = -err};
}

/* Nobody may execute it, and nobody reads it. */
static void run_exec(struct selftest_done *done)
{
	char *argv[] = {"file", NULL};

	open_file(done);
	execv("file", argv);
	note_failed(done, VS_OP_EXEC, errno);
}

/* A script whose interpreter does not exist: the kernel reads it, and gives up. */
static void run_kernel(struct selftest_done *done)
{
	static const char script[] = "#!/nonexistent/interpreter\n";
	char *argv[] = {"script", NULL};
	int fd = open("script", O_WRONLY | O_CREAT | O_CLOEXEC, 0700);

	NOTE(OPEN, fd);
	NOTE(CREATE, fd);
	MOVED(WRITE, RW, write(fd, script, sizeof(script) - 1));
	NOTE(CLOSE, close(fd));
	execv("script", argv);
	if (errno == ENOENT)
		note(done, VS_OP_READ, VS_VIA_KERNEL, sizeof(script) - 1, sizeof(script) - 1);
	else
		done->err = errno;
	note_failed(done, VS_OP_EXEC, ENOENT);
}

/* Pages of a file that is in memory, written to one after the other. */
static void run_fault(struct selftest_done *done)
{
	int fd = open_file(done), page = getpagesize();
	volatile char *map;

	MOVED(WRITE, RW, pwrite(fd, pages, page, 0));
	MOVED(WRITE, RW, pwrite(fd, pages, page, page));
	map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		done->err = errno;
		return;
	}
	for (int i = 0; i < 2; i++) {
		map[i * page] = 1;
		note(done, VS_OP_FAULT, VS_VIA_MMAP, 0, 0);
	}
	munmap((void *)map, 2 * page);
}

static void note_pages(struct selftest_done *done, enum vs_kind kind, __u64 bytes)
{
	note(done, VS_OP_PAGE, VS_VIA_NONE, 0, bytes);
	done->record[done->len - 1].kind = kind;
}

static void run_page(struct selftest_done *done)
{
	struct statfs st;
	int fd = open_file(done), page = getpagesize();

	NOTE(STATFS, fstatfs(fd, &st));
	if (st.f_type == TMPFS_MAGIC) {
		done->err = ENOTSUP; /* its pages are no cache of anything */
		return;
	}
	note_pages(done, VS_KIND_ADD, page);
	note_pages(done, VS_KIND_DIRTY, page);
	MOVED(WRITE, RW, pwrite(fd, pages, page, 0));
}

/* Two pages that are on the disk only, read twice. */
static void run_page_reads(struct selftest_done *done)
{
	int fd = open("set-up", O_RDWR | O_CREAT | O_CLOEXEC, 0600), size = 2 * getpagesize();
	struct statfs st;

	if (fd < 0 || fstatfs(fd, &st) || write(fd, pages, size) < 0 || fsync(fd) ||
	    rename("set-up", "file")) {
		done->err = errno;
		return;
	}
	if (st.f_type == TMPFS_MAGIC) {
		done->err = ENOTSUP;
		return;
	}
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	note_pages(done, VS_KIND_REMOVE, size);
	note_pages(done, VS_KIND_ADD, size);
	note_pages(done, VS_KIND_MISS, size);
	MOVED(READ, RW, pread(fd, pages, size, 0));
	note_pages(done, VS_KIND_HIT, size);
	MOVED(READ, RW, pread(fd, pages, size, 0));
}

/* Written out before it returns, to a disk. */
static void run_bio(struct selftest_done *done)
{
	struct statfs st;
	int fd = open_file(done);

	NOTE(STATFS, fstatfs(fd, &st));
	if (st.f_type == TMPFS_MAGIC || st.f_type == OVERLAYFS_SUPER_MAGIC) {
		done->err = ENOTSUP; /* there is no disk, or the file on it is another */
		return;
	}
	MOVED(WRITE, RW, pwrite(fd, buf, sizeof(buf), 0));
	note(done, VS_OP_BIO, VS_VIA_NONE, sizeof(buf), sizeof(buf));
	done->record[done->len - 1].kind = VS_KIND_BIO_WRITE;
	NOTE(FSYNC, fsync(fd));
}

static void note_lookup(struct selftest_done *done, enum vs_kind kind)
{
	note(done, VS_OP_LOOKUP, VS_VIA_NONE, 0, 0);
	done->record[done->len - 1].kind = kind;
}

/* A name that is not there, is made, is there, is removed. */
static void run_lookup(struct selftest_done *done)
{
	struct stat st;

	note_lookup(done, VS_KIND_LOOKUP_MISS);
	open_file(done);
	note_lookup(done, VS_KIND_FAST);
	NOTE(STAT, stat("file", &st));
	note_lookup(done, VS_KIND_SLOW);
	NOTE(UNLINK, unlink("file"));
}

/*
 * How often this thread has left the processor, each time to wait for it again. The count of
 * /proc/PID/schedstat leaves out what is preempted on its way to sleep (sched_info_depart).
 */
static __s64 switches(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nvcsw + usage.ru_nivcsw;
}

/* The same at a moment when it does not change. */
static __s64 switches_at(__u64 *now)
{
	struct timespec ts;
	__s64 count;

	do {
		count = switches();
		clock_gettime(CLOCK_MONOTONIC, &ts);
		*now = ts.tv_sec * 1000000000ULL + ts.tv_nsec;
	} while (switches() != count);
	return count;
}

static void run_runq(struct selftest_done *done)
{
	const struct timespec moment = {.tv_nsec = 1000000};
	__s64 before = switches_at(&done->began_ns);

	for (int i = 0; i < 20; i++)
		nanosleep(&moment, NULL);
	note(done, VS_OP_RUNQ, VS_VIA_NONE, switches_at(&done->ended_ns) - before, 0);
}

static void run_reflink(struct selftest_done *done)
{
	int from = open_file(done), to = open("set-up", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	note(done, VS_OP_READ, VS_VIA_COPY_FILE_RANGE, ioctl(to, FICLONE, from), 0);
	done->record[done->len - 1].kind = VS_KIND_REFLINK;
}

/* In a mount namespace of its own: see own_mounts in cmd_selftest.c. */
static void run_mount(struct selftest_done *done)
{
	NOTE(MKDIR, mkdir("dir", 0700));
	NOTE(MOUNT, mount("none", "dir", "tmpfs", 0, NULL));
	NOTE(UMOUNT, umount2("dir", MNT_DETACH));
}

static void run_mount_calls(struct selftest_done *done)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
	int fs, mnt, ret;

	NOTE(MKDIR, mkdir("dir", 0700));
	fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
	NOTE(FSOPEN, fs);
	NOTE(FSCONFIG, fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	mnt = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	NOTE(FSMOUNT, mnt);
	NOTE(MOVE_MOUNT, move_mount(mnt, "", AT_FDCWD, "dir", MOVE_MOUNT_F_EMPTY_PATH));
	NOTE(OPEN_TREE, open_tree(AT_FDCWD, "dir", OPEN_TREE_CLOEXEC));
	NOTE(FSPICK, fspick(AT_FDCWD, "dir", FSPICK_CLOEXEC));
	ret = mount_setattr(AT_FDCWD, "dir", 0, &attr, sizeof(attr));
	if (ret && errno == ENOSYS) /* before 5.12 */
		note_failed(done, VS_OP_MOUNT_SETATTR, ENOSYS);
	else
		NOTE(MOUNT_SETATTR, ret);
}

const struct selftest_case selftest_table[] = {
	{"read, write", VS_OP_READ, VS_VIA_RW, 0, run_rw},
	{"readv, writev", VS_OP_READ, VS_VIA_VEC, 0, run_vec},
	{"libaio", VS_OP_READ, VS_VIA_AIO, 0, run_aio},
	{"io_uring", VS_OP_READ, VS_VIA_IO_URING, 0, run_io_uring},
	{"splice", VS_OP_READ, VS_VIA_SPLICE, 0, run_splice},
	{"sendfile", VS_OP_READ, VS_VIA_SENDFILE, 0, run_sendfile},
	{"copy_file_range", VS_OP_READ, VS_VIA_COPY_FILE_RANGE, 0, run_copy_file_range},
	{"fsync", VS_OP_FSYNC, VS_VIA_NONE, 0, run_fsync},
	{"syncfs", VS_OP_SYNC, VS_VIA_NONE, 0, run_syncfs},
	{"readdir", VS_OP_READDIR, VS_VIA_NONE, 0, run_readdir},
	{"open, close", VS_OP_CLOSE, VS_VIA_NONE, 0, run_close},
	{"mkdir, rmdir", VS_OP_MKDIR, VS_VIA_NONE, 0, run_mkdir},
	{"link, rename, unlink", VS_OP_RENAME, VS_VIA_NONE, 0, run_links},
	{"symlink, readlink", VS_OP_SYMLINK, VS_VIA_NONE, 0, run_symlink},
	{"mknod", VS_OP_MKNOD, VS_VIA_NONE, 0, run_mknod},
	{"stat, access", VS_OP_STAT, VS_VIA_NONE, 0, run_stat},
	{"statfs", VS_OP_STATFS, VS_VIA_NONE, 0, run_statfs},
	{"setattr", VS_OP_SETATTR, VS_VIA_NONE, 0, run_setattr},
	{"truncate", VS_OP_TRUNCATE, VS_VIA_NONE, 0, run_truncate},
	{"fallocate", VS_OP_FALLOCATE, VS_VIA_NONE, 0, run_fallocate},
	{"xattr", VS_OP_SETXATTR, VS_VIA_NONE, 0, run_xattr},
	{"reflink", VS_OP_READ, VS_VIA_COPY_FILE_RANGE, 0, run_reflink},
	{"page faults", VS_OP_FAULT, VS_VIA_MMAP, 0, run_fault},
	{"page cache", VS_OP_PAGE, VS_VIA_NONE, 0, run_page},
	{"page cache: reads", VS_OP_PAGE, VS_VIA_NONE, VS_KIND_HIT, run_page_reads},
	{"dentry cache", VS_OP_LOOKUP, VS_VIA_NONE, 0, run_lookup},
	{"block requests", VS_OP_BIO, VS_VIA_NONE, 0, run_bio},
	{"waits for a processor", VS_OP_RUNQ, VS_VIA_NONE, 0, run_runq},
	{"mount, umount", VS_OP_MOUNT, VS_VIA_NONE, 0, run_mount},
	{"fsopen ... fspick", VS_OP_FSOPEN, VS_VIA_NONE, 0, run_mount_calls},
	{"exec", VS_OP_EXEC, VS_VIA_NONE, 0, run_exec},
	{"the kernel's own: exec", VS_OP_READ, VS_VIA_KERNEL, 0, run_kernel},
};
const int selftest_table_len = ARRAY_LEN(selftest_table);
