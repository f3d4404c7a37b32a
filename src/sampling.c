/* SPDX-License-Identifier: GPL-2.0 */
#include "sampling.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tracer.h"
#include "util.h"

bool sampling_asked(const struct options *o)
{
	return o->sample || o->max_overhead > 0;
}

void sampling_begin(struct sampling *s, const struct options *o, struct tracer *t)
{
	*s = (struct sampling){
		.on = sampling_asked(o),
		.limit = o->max_overhead,
		.least = o->sample ? o->sample : 1,
		.stats = -1,
	};
	s->sum.every = s->sum.most = s->least;
	if (!s->on)
		return;
	srandom(clock_ns(CLOCK_MONOTONIC));
	tracer_sample(t, s->sum.every);
	if (!(s->limit > 0))
		return;
	s->stats = bpf_enable_stats(BPF_STATS_RUN_TIME); /* 5.8 */
	if (s->stats < 0)
		msg("warning: the kernel does not measure programs (%s): --max-overhead is of "
		    "vfscope's own time alone",
		    strerror(errno));
}

void sampling_measure(struct sampling *s, const struct tracer *t)
{
	s->at_ns = clock_ns(CLOCK_MONOTONIC);
	s->own_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	s->run_ns = s->limit > 0 ? tracer_run_ns(t) : 0;
}

void sampling_end(struct sampling *s)
{
	if (s->on && s->stats >= 0)
		close(s->stats);
}

/*
 * What it has taken of all processors' time since it was asked last: all, and of that what we have
 * taken ourselves, which gets less as less is shown. What the programs take hardly does.
 */
static double share_of(struct sampling *s, const struct tracer *t, double *own)
{
	__u64 now = clock_ns(CLOCK_MONOTONIC), own_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	__u64 run_ns = tracer_run_ns(t);
	double all = (double)(now - s->at_ns) * sysconf(_SC_NPROCESSORS_ONLN);
	double share = all > 0 ? (own_ns - s->own_ns + run_ns - s->run_ns) / all : 0;

	*own = all > 0 ? (own_ns - s->own_ns) / all : 0;
	s->at_ns = now;
	s->own_ns = own_ns;
	s->run_ns = run_ns;
	return share;
}

void sampling_adjust(struct sampling *s, struct tracer *t)
{
	static const double room = 0.5;	 /* below this share of the limit more is shown again */
	static const double worth = 0.2; /* what is less than this share of it need not get less */
	double own, share = share_of(s, t, &own), took = share;
	__u32 every = s->sum.every;

	if ((share + own < s->limit * room || own < s->limit * worth / 2) && every / 2 >= s->least)
		every /= 2;
	while (share > s->limit && own > s->limit * worth && every <= SAMPLING_MAX / 2) {
		every *= 2;
		own /= 2;
		share -= own;
	}
	if (every == s->sum.every)
		return;
	if (every > s->sum.most && s->sum.most == s->least)
		msg("vfscope takes %.1f%% of the processors' time: not every operation is shown from now "
		    "on, all are counted%s",
		    took * 100,
		    share > s->limit ? "; what is left are its programs, which filters make cheaper"
				     : "");
	s->sum.every = every;
	if (every > s->sum.most)
		s->sum.most = every;
	tracer_sample(t, every);
}

const struct sampled *sampling_sum(struct sampling *s, const struct tracer *t)
{
	struct vs_unshown unshown;

	tracer_unshown(t, &unshown);
	for (int op = 0; op < VS_OP_MAX; op++) {
		s->sum.all.ops[op].count += unshown.ops[op].count;
		s->sum.all.ops[op].errors += unshown.ops[op].errors;
		s->sum.all.ops[op].bytes += unshown.ops[op].bytes;
	}
	return &s->sum;
}
