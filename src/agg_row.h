/* SPDX-License-Identifier: GPL-2.0 */
/* What agg.c and agg_order.c know of rows, and nobody else. */
#ifndef AGG_ROW_H
#define AGG_ROW_H

#include "agg.h"
#include "arena.h"

/* A bucket that holds something. */
struct bar {
	__u32 bucket;
	__u64 count;
};

struct agg_row {
	const struct agg *agg;
	struct vs_total total;
	struct vs_op_total *ops;   /* VS_OP_MAX of them; NULL: not asked for */
	struct vs_op_total *kinds; /* likewise VS_KIND_MAX */
	struct bar *bars;	   /* by their bucket */
	struct bar one;		   /* where the first of them is */
	int bars_len, bars_room;
	__u32 key_len;
	char key[]; /* values one behind the other, see pack() */
};

/* A row while it is sorted: rows lie far apart, so what is compared most is here. */
struct place {
	const struct agg_row *row;
	__u64 most; /* of the column that it is sorted by */
	__u64 count;
	__u64 key; /* smaller, if the keys are */
	bool has;
};

/* Where a row is found by the hash of its key; nth 0: nothing is there, 1: the first row. */
struct spot {
	__u32 hash, nth;
};

struct agg {
	struct agg_spec spec;
	__u64 began_ns, interval_ns;
	struct arena arena;    /* all of the interval: rows and what hangs on them */
	struct agg_row **rows; /* in the order in which they came */
	size_t len;
	struct spot *spots;
	size_t spots_len; /* a power of two; there is room for half as many rows */
	struct agg_row *other, *sum;
	const struct agg_row **sorted;
	struct place *places;
	size_t sorted_room;
	char *key; /* of the row that is looked for */
	size_t key_room;
};

/* Reads the value of a key at p, and returns what stands behind it. */
enum agg_tag { TAG_NONE, TAG_INT, TAG_STR };
const char *agg_unpack(const char *p, enum agg_tag *tag, struct value *v);

/* Names of users stand as numbers in a row. */
bool agg_key_is_user(const struct key *key);

/* The row that takes what has none; what is in one added to another. */
struct agg_row *agg_other(struct agg *agg);
void agg_add_row(struct agg_row *to, const struct agg_row *from);

#endif
