/* SPDX-License-Identifier: GPL-2.0 */
/*
 * --sample and --max-overhead: not every operation is shown, but all are counted. What is not
 * shown is added up by operation, on both sides; at the end it is one sum.
 */
#ifndef SAMPLING_H
#define SAMPLING_H

#include <stdbool.h>
#include <stdlib.h>

#include "options.h"
#include "record.h"
#include "sink.h"

struct tracer;

struct sampling {
	bool on;
	double limit; /* share of all processors' time; 0: there is none */
	__u32 least;  /* --sample */
	int stats;    /* keeps the kernel measuring programs; -1: it does not */
	__u64 at_ns, own_ns,
		run_ns; /* when it was asked last: the clock, what we and the programs had taken */
	struct sampled sum;
};

bool sampling_asked(const struct options *o);
void sampling_begin(struct sampling *s, const struct options *o, struct tracer *t);
/* From now on what vfscope takes counts for --max-overhead: not what it takes to attach. */
void sampling_measure(struct sampling *s, const struct tracer *t);
void sampling_end(struct sampling *s);

/*
 * Is an operation that passes the filters shown? The kernel side has decided that already, but for
 * calls by path, which pass here only. Either way it is counted.
 */
static inline bool sampling_shows(struct sampling *s, const struct record *r)
{
	if (!s->on)
		return true;
	s->sum.all.ops[r->op.op].count++;
	s->sum.all.ops[r->op.op].errors += r->op.ret < 0;
	s->sum.all.ops[r->op.op].bytes += r->op.bytes;
	return !r->path_is_arg || s->sum.every <= 1 || !(random() % s->sum.every);
}

/* Each second: shows more or less of what comes, by what it has cost. */
void sampling_adjust(struct sampling *s, struct tracer *t);

/* The sum of all that was shown or not; for the end, when nothing comes any more. */
const struct sampled *sampling_sum(struct sampling *s, const struct tracer *t);

#endif
