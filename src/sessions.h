/* SPDX-License-Identifier: GPL-2.0 */
/* What was done with a descriptor, from the open to the close. Bounded, as life.h. */
#ifndef SESSIONS_H
#define SESSIONS_H

#include "record.h"

struct session {
	struct vs_rec_op open; /* the open, or the first operation that was seen */
	struct str path;
	bool open_seen, close_seen;
	__u64 closed_ns; /* CLOCK_MONOTONIC, if its close was seen */
	__u64 reads, writes, rbytes, wbytes, fsyncs;
	__u64 sequential; /* reads and writes that began where the one before ended */
	__u64 lat_sum_ns; /* of all of them */
	__u64 next_offset;
};

struct sessions;
typedef void session_end_fn(void *ctx, const struct session *session);

struct sessions *sessions_new(size_t sessions_max, session_end_fn *end, void *ctx);
void sessions_free(struct sessions *sessions);
__u64 sessions_ops(void);
void sessions_add(struct sessions *sessions, const struct record *r);

/* The process has ended: so have its sessions, the kernel does not tell when. */
void sessions_exited(struct sessions *sessions, __u32 pid);

/* Those that are still open at the end. */
void sessions_end(struct sessions *sessions);

/* Those that were ended early, to make room. */
__u64 sessions_lost(const struct sessions *sessions);

#endif
