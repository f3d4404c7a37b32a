/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel side has added up, see bpf/agg.h: the interval's end, and its rows. */
#ifndef TOTALS_H
#define TOTALS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "vfscope.h"

/* Where the kernel side keeps them; from tracer_totals. */
struct totals_maps {
	int rows[2], other; /* descriptors */
	int slots, taken;   /* likewise; -1: there are none */
	size_t slots_len;   /* of one set, of which there are VS_SLOT_SETS for each processor and
			       parity */
	size_t key_size, progs;
	__u32 *epoch;
};

struct totals;

/* May rows with these keys (bits of enum vs_key) have slots? */
bool totals_slots_fit(__u32 keys);

/* NULL: it has said why not. */
struct totals *totals_new(const struct totals_maps *maps);
void totals_free(struct totals *totals);

/*
 * Ends the interval: from now on no program adds to what totals_read reads. Returns a negative
 * errno.
 */
int totals_flip(struct totals *totals);

/*
 * Hands out the rows of the interval that has ended, and empties it for the next but one. key
 * points at a vs_key_head and what follows it; other comes once for each place that has any.
 * Returns a negative errno.
 */
struct totals_fns {
	void (*row)(void *ctx, const void *key, const struct vs_total *total);
	void (*other)(void *ctx, const struct vs_other *other);
	/* some rows before it is handed out, twice: TOTALS_AHEAD and half as many before */
	void (*soon)(void *ctx, const void *key, bool first);
};
enum { TOTALS_AHEAD = 16 };

int totals_read(struct totals *totals, const struct totals_fns *fns, void *ctx);

#endif
