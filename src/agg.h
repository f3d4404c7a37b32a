/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Totals by the keys of --by, of one interval: rows that the kernel side has added up, and
 * operations that only the user side could decide on, in one table. Bounded in rows; what
 * finds no place is added to one row 'other', so the sum over all rows is always that of all
 * operations.
 */
#ifndef AGG_H
#define AGG_H

#include "keys.h"

struct agg;
struct agg_row;

struct agg_spec {
	const char *type; /* of its records: agg, hist */
	struct keys keys;
	enum vs_dist dist;
	bool with_ops;	  /* each operation by itself is kept too */
	bool with_kinds;  /* likewise each kind */
	bool linear;	  /* hist: all buckets, not one for each power of two */
	bool label_other; /* its first key is "(other)": for people */
	__u64 unseen;	  /* operations that the backend does not see: no column says 0 of them */
	size_t rows_max;
};
struct agg *agg_new(const struct agg_spec *spec);
void agg_free(struct agg *agg);

/* One operation. */
void agg_add_record(struct agg *agg, const struct record *r);

/* A row of the kernel side: so many operations, all in one bucket. */
void agg_add_total(struct agg *agg, const struct record *r, const struct vs_total *total,
		   __u32 bucket);

/* What found no place there. */
void agg_add_other(struct agg *agg, const struct vs_other *other);

/*
 * The rows, at most so many and 'other', which takes the rest: the most of a column first; a
 * key in its own order; NULL: in the order of all keys. Valid until agg_clear.
 */
const struct agg_row *const *agg_rows(struct agg *agg, const struct field *sort, size_t max,
				      size_t *len);

/* The sum of all rows. */
const struct agg_row *agg_sum(struct agg *agg);

/* The interval has begun at this time of day, and lasted so long. */
void agg_set_time(struct agg *agg, __u64 began_ns, __u64 interval_ns);

/* For the next interval: no rows. */
void agg_clear(struct agg *agg);

/* It will be read soon: rows in order lie far apart. */
void agg_row_fetch(const struct agg_row *row);

/* --- what a row says -------------------------------------------------------------------- */

/* The i-th key; false: it has none. */
bool agg_row_key(const struct agg_row *row, int i, struct value *v);

bool agg_row_is_other(const struct agg_row *row);
const struct vs_total *agg_row_total(const struct agg_row *row);
const struct agg_spec *agg_row_spec(const struct agg_row *row);
__u64 agg_row_began_ns(const struct agg_row *row);
__u64 agg_row_interval_ns(const struct agg_row *row);

/* Those of one kind, and their bytes; only with_kinds. */
__u64 agg_row_kind_count(const struct agg_row *row, enum vs_kind kind);
__u64 agg_row_kind_bytes(const struct agg_row *row, enum vs_kind kind);

/* Those of one operation, and their bytes; only with_ops. */
__u64 agg_row_op_count(const struct agg_row *row, enum vs_op op);
__u64 agg_row_op_bytes(const struct agg_row *row, enum vs_op op);

/* Those whose duration is known: pages and names are met, not waited for. */
__u64 agg_row_timed(const struct agg_row *row);

/* The value that so many of 1000 do not exceed, within 6.25%. 0: no distribution. */
__u64 agg_row_percentile(const struct agg_row *row, int permille);

/*
 * The bars of a histogram that hold something, the lowest first: values from low to below
 * high. *i is 0 before the first call. False: there are no more.
 */
struct agg_bar {
	__u64 low, high, count;
};
bool agg_row_bar(const struct agg_row *row, int *i, struct agg_bar *bar);

#endif
