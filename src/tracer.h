/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel side, as the rest of the program sees it. This is the only part that knows
 * the skeleton: it chooses the programs, sets their constants, loads and attaches them,
 * and reads what they left.
 */
#ifndef TRACER_H
#define TRACER_H

#include <linux/types.h>
#include <stddef.h>

#include "hooks.h"
#include "options.h"
#include "totals.h"

struct tracer;

/* Called for each record in the ring, in its order. */
typedef void tracer_record_fn(void *ctx, const void *data, size_t size);

/*
 * Loads the programs for what the options ask for; needs are bits of enum field_needs.
 * NULL: it has said why not and what would do, and *status is the exit status.
 */
struct tracer *tracer_new(const struct options *o, int needs, tracer_record_fn *fn, void *ctx,
			  int *status);
void tracer_free(struct tracer *t);

/* From now on operations are seen; until tracer_detach. Returns 0 or a negative errno. */
int tracer_attach(struct tracer *t);
void tracer_detach(struct tracer *t);

/* A descriptor to poll: readable when there are records. */
int tracer_fd(const struct tracer *t);

/*
 * Hands the records that there are to the function, at most so many: while they come faster
 * than they are read, there would be no end. Returns their number.
 */
enum { TRACER_CONSUME_MAX = 65536 };
int tracer_consume(struct tracer *t);

/* Where the kernel side adds up, if the options ask for it. */
void tracer_totals(const struct tracer *t, struct totals_maps *maps);

/*
 * The calls of each of options.functions so far, as many numbers. Returns 0 or a negative errno.
 */
int tracer_counts(const struct tracer *t, __u64 *counts);

/*
 * --sample: from now on one of so many operations is shown; what was not shown so far; the time
 * that the programs have taken so far (0 unless the kernel measures it, see sampling.c).
 */
void tracer_sample(struct tracer *t, __u32 every);
void tracer_unshown(const struct tracer *t, struct vs_unshown *sum);
__u64 tracer_run_ns(const struct tracer *t);

/* A counter in the kernel side that every rename, mount and symlink raises. */
const __u64 *tracer_names_epoch(const struct tracer *t);

/* When one of these happened last (CLOCK_MONOTONIC). */
const __u64 *tracer_names_moved(const struct tracer *t);

/* Has the kernel side send all paths anew. */
void tracer_resend_names(struct tracer *t);

/* False: the kernel side knows processes by other numbers than /proc here does. */
bool tracer_sees_our_pids(const struct tracer *t);

/* From now on no operation comes from a cgroup, by what operations hold of it. */
void tracer_exclude_cgroup(struct tracer *t, __u64 id);

/* From now on no contents come of files with a path, by its id. */
void tracer_exclude_contents(struct tracer *t, __u64 path_id);

/* From time to time: drops what processes that have ended have left under way. */
void tracer_sweep(struct tracer *t);

/* Losses by cause, VS_LOST_MAX of them, as far as the kernel side counts them. */
void tracer_lost(struct tracer *t, __u64 *lost);

/* The backend in use. */
const char *tracer_backend(const struct tracer *t);

/* What cannot be seen of what the options ask for: NULL-terminated. */
const char *const *tracer_unseen(const struct tracer *t, const struct options *o);

/* Which hooks are in use. */
const struct hooks *tracer_hooks(const struct tracer *t);

/*
 * For doctor: why the kernel does not let us load a backend's programs on functions, or load and
 * attach one program; NULL: it does. Valid until the next call.
 */
const char *tracer_try_functions(const struct btf *btf, enum backend backend);
const char *tracer_try(const struct btf *btf, const struct hooks *h, const char *program);

#endif
