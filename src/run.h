/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A run of a command that watches: it loads, attaches, starts the program, reads the ring,
 * and ends with the summary. What is done with an operation is for the command to say.
 */
#ifndef RUN_H
#define RUN_H

#include <sys/types.h>

#include "resolve.h"
#include "sampling.h"
#include "sink.h"
#include "tracer.h"

struct run {
	/* for the command to fill in; sink too (sink_init) */
	struct options *o;
	int needs; /* bits of enum field_needs */
	/* Before attaching, with the programs loaded; returns an exit status. May be NULL. */
	int (*begin)(struct run *run);
	/* From now on all is seen, and counts. May be NULL. */
	void (*attached)(struct run *run);
	/* An operation that came over the ring and passed the filters. */
	void (*record)(struct run *run, const struct record *r);
	/* A process has ended, after all that it did; ctx: the run. NULL: nobody asks. */
	void (*exited)(void *ctx, __u32 pid);
	/* Each interval_ns, and at the end with all operations in; NULL: there are none. */
	void (*interval)(struct run *run);
	__u64 interval_ns;
	size_t names_more; /* paths kept in addition */
	__u64 end_at;	   /* CLOCK_MONOTONIC; 0: as --duration says, counted from its start */
	/* A terminal that is typed at; NULL: none. Then no signal kills, for it has to be restored.
	 */
	void (*input)(struct run *run);
	void *ctx;

	struct sink sink;
	struct tracer *tracer;
	struct decoder decoder;
	struct sampling sampling;
	struct resolver *resolver; /* NULL: no directory was asked for */
	__u64 events, peeked;	   /* operations, those with contents, counted by the command */
	__u64 lost[VS_LOST_MAX];   /* likewise, beside what the kernel side counts */
	bool stop;		   /* set by whoever wants it to end, */
	bool no_summary;	   /* because another run follows: it is added to so_far, */
	struct summary *so_far; /* of the runs that this one goes on with; NULL: there is but one */

	__u64 began; /* CLOCK_MONOTONIC: when all was attached */

	/* of run.c alone */
	__u64 sweep_at, dirs_at, sample_at, interval_at; /* CLOCK_MONOTONIC */
	bool mounts_changed;
	pid_t child;
	int child_wait; /* its status, once it has ended */
	bool child_ended;
	int children, mounts; /* descriptors: of SIGCHLD, and of our mounts */
};

/* Returns the exit status. */
int run_command(struct run *run);

/* Takes what is in the ring, as tracer_consume. */
int run_consume(struct run *run);

#endif
