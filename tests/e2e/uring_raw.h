/* SPDX-License-Identifier: GPL-2.0 */
/* io_uring without liburing: set-up, submission, completion, one ring at a time. */
#ifndef URING_RAW_H
#define URING_RAW_H

#include <linux/io_uring.h>
#include <sys/mman.h>

#include "e2e.h"

/* IORING_OP_SOCKET, 5.19; IORING_OP_READ_MULTISHOT, 6.7; IORING_OP_FTRUNCATE, 6.9 */
enum { URING_SOCKET = 45, URING_READ_MULTISHOT = 49, URING_FTRUNCATE = 55, URING_OPS = 64 };
/* A result that no request has: the kernel does not know it, and has refused it before it began. */
enum { URING_UNKNOWN = -100000 };

struct uring {
	int fd;
	unsigned int flags, prepared, *sq_tail, *sq_mask, *sq_array, *sq_flags;
	unsigned int *cq_head, *cq_tail, *cq_mask;
	unsigned char knows[URING_OPS];
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

static inline void uring_probe(struct uring *u)
{
	char room[sizeof(struct io_uring_probe) + URING_OPS * sizeof(struct io_uring_probe_op)]
		__attribute__((aligned(8))) = {};
	struct io_uring_probe *probe = (void *)room;

	OK(SYS(io_uring_register, u->fd, IORING_REGISTER_PROBE, probe, URING_OPS));
	for (int i = 0; i < URING_OPS && i <= probe->last_op; i++)
		u->knows[i] = !!(probe->ops[i].flags & IO_URING_OP_SUPPORTED);
}

static inline int uring_knows(const struct uring *u, int opcode)
{
	return u->knows[opcode];
}

static inline void uring_setup(struct uring *u, unsigned int entries, unsigned int flags)
{
	struct io_uring_params p = {.flags = flags, .sq_thread_idle = 1000};
	size_t size;
	char *ring;

	memset(u, 0, sizeof(*u));
	u->fd = OK(SYS(io_uring_setup, entries, &p));
	u->flags = flags;
	uring_probe(u);
	/* IORING_FEAT_SINGLE_MMAP: both rings in one mapping */
	size = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
	if (size < p.sq_off.array + p.sq_entries * sizeof(unsigned int))
		size = p.sq_off.array + p.sq_entries * sizeof(unsigned int);
	ring = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, u->fd,
		    IORING_OFF_SQ_RING);
	u->sqes = mmap(NULL, p.sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_POPULATE, u->fd, IORING_OFF_SQES);
	if (ring == MAP_FAILED || u->sqes == MAP_FAILED)
		die("cannot map the rings");
	u->sq_tail = (void *)(ring + p.sq_off.tail);
	u->sq_mask = (void *)(ring + p.sq_off.ring_mask);
	u->sq_array = (void *)(ring + p.sq_off.array);
	u->sq_flags = (void *)(ring + p.sq_off.flags);
	u->cq_head = (void *)(ring + p.cq_off.head);
	u->cq_tail = (void *)(ring + p.cq_off.tail);
	u->cq_mask = (void *)(ring + p.cq_off.ring_mask);
	u->cqes = (void *)(ring + p.cq_off.cqes);
}

/* The next sqe, to be filled further; it goes out with the next submission. */
static inline struct io_uring_sqe *uring_sqe(struct uring *u, int opcode, int fd, const void *addr,
					     unsigned int len, long long off)
{
	unsigned int i = (*u->sq_tail + u->prepared++) & *u->sq_mask;
	struct io_uring_sqe *sqe = &u->sqes[i];

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = opcode;
	sqe->fd = fd;
	sqe->addr = (uintptr_t)addr;
	sqe->len = len;
	sqe->off = off;
	sqe->user_data = *u->sq_tail + u->prepared; /* 5.10 tells no more of a completion */
	u->sq_array[i] = i;
	return sqe;
}

/* Submits what is prepared, and waits until wait of them are complete. */
static inline void uring_submit(struct uring *u, unsigned int wait)
{
	unsigned int n = u->prepared, flags = wait ? IORING_ENTER_GETEVENTS : 0;

	u->prepared = 0;
	__atomic_store_n(u->sq_tail, *u->sq_tail + n, __ATOMIC_RELEASE);
	if (u->flags & IORING_SETUP_SQPOLL) {
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		if (__atomic_load_n(u->sq_flags, __ATOMIC_ACQUIRE) & IORING_SQ_NEED_WAKEUP)
			flags |= IORING_ENTER_SQ_WAKEUP;
	}
	OK(SYS(io_uring_enter, u->fd, n, wait, flags, NULL, 0));
}

/* The result of the oldest completion, which must be there. */
static inline long uring_reap(struct uring *u)
{
	unsigned int head = *u->cq_head;
	long res;

	if (head == __atomic_load_n(u->cq_tail, __ATOMIC_ACQUIRE))
		die("no completion is there");
	res = u->cqes[head & *u->cq_mask].res;
	__atomic_store_n(u->cq_head, head + 1, __ATOMIC_RELEASE);
	return res;
}

static inline long uring_run(struct uring *u)
{
	uring_submit(u, 1);
	return uring_reap(u);
}

/* Likewise of a younger opcode: a kernel that does not know it shows nothing of it. */
static inline long uring_run_known(struct uring *u, int opcode)
{
	long res = uring_run(u);

	if (uring_knows(u, opcode))
		return res;
	FAILS(EINVAL, res);
	return URING_UNKNOWN;
}

#endif
