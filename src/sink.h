/* SPDX-License-Identifier: GPL-2.0 */
/* Where records go: a table for people, JSON lines or CSV for machines. */
#ifndef SINK_H
#define SINK_H

#include "fields.h"
#include "options.h"
#include "out.h"

/* What has come of --sample and --max-overhead. */
struct sampled {
	__u32 every, most;     /* one of so many was shown at the end, and at the busiest time */
	struct vs_unshown all; /* operations, shown or not */
};

struct summary {
	__u64 duration_ns, events;
	__u64 resolved;		 /* paths that had to be walked: all others were known */
	const char *const *gone; /* directories of -d that were deleted or unmounted; NULL: none */
	__u64 lost[VS_LOST_MAX];
	const char *backend;
	const char *const *unseen; /* NULL-terminated */
	__u32 peek;		   /* bytes of contents that were taken, of so many operations */
	__u64 peeked;
	const struct sampled *sampled; /* NULL: all was to be shown */
};

/* Nothing was lost by any cause. */
bool summary_exact(const struct summary *summary);

/* --tree: the process of the last operation, below its ancestors. */
enum { TREE_DEPTH = 64 };
struct tree_at {
	__u32 pid;
	__u64 serial; /* of its program */
};
struct tree {
	struct procs *procs; /* NULL: no tree is asked for */
	struct ids tops;     /* where the ancestors end, besides init */
	struct tree_at at[TREE_DEPTH];
	int len;
};

/* What JSON has before a value, the comma and the colon with it; 0 bytes: not made yet. */
enum { KEY_LEN = 32 };
struct sink_key {
	int len;
	char text[KEY_LEN + 1];
};

struct sink {
	struct out out;
	struct fields fields;
	bool color, hex;
	const struct sink_row *row;
	struct tree tree;
	struct sink_key keys[FIELDS_MAX];
	int width[FIELDS_MAX]; /* of the columns of a table, as narrow as the terminal wants them */
};

/* One row a format; all of a record or a summary is written to sink->out as one record. */
struct sink_row {
	void (*begin)(struct sink *sink);
	void (*record)(struct sink *sink, const struct record *r);
	void (*summary)(struct sink *sink, const struct summary *summary);
};
extern const struct sink_row sink_table[FORMAT_MAX];

/* The fields that the options ask for, or the format's own, for output to a descriptor. */
struct fields sink_fields(const struct options *o, int fd);

/* Writes to a descriptor, which stays open; the second with fields of its own, and no header yet.
 */
void sink_init(struct sink *sink, int fd, const struct options *o);
void sink_init_fields(struct sink *sink, int fd, const struct options *o,
		      const struct fields *fields);

/* Columns of a terminal; what is none is as wide as it takes: INT_MAX. */
int sink_columns(int fd);
/*
 * On a terminal that is too narrow texts have less room, so that numbers and the beginning of a
 * path stand in the line: most texts are short, and what is longer takes blanks of the next column.
 */
void sink_set_widths(struct sink *sink, int columns);

void sink_fini(struct sink *sink);

static inline void sink_record(struct sink *sink, const struct record *r)
{
	sink->row->record(sink, r);
	out_end_record(&sink->out);
}

/* Writes what is buffered; a negative errno if writing has failed. */
int sink_flush(struct sink *sink);

/*
 * The last record: for machines to the sink's descriptor, else as text to stderr.
 * Returns a negative errno if writing has failed.
 */
int sink_summary(struct sink *sink, const struct summary *summary);

/* The summary as one JSON object. */
void summary_json(struct out *out, const struct summary *summary);

/* The formats: sink_json.c, sink_table.c. */
void sink_json_record(struct sink *sink, const struct record *r);
void sink_csv_begin(struct sink *sink);
void sink_csv_record(struct sink *sink, const struct record *r);
void sink_csv_summary(struct sink *sink, const struct summary *summary);
/* Writes what has to stand above an operation; returns by how much the line is indented. */
int sink_tree_above(struct sink *sink, const struct record *r);

void sink_table_begin(struct sink *sink);
void sink_table_record(struct sink *sink, const struct record *r);
void sink_table_summary(struct sink *sink, const struct summary *summary);

/* Local time of day, to the millisecond: 12 columns, which is what it returns. */
int human_clock(char buf[16], __u64 ns);

/* Human units, at most 6 columns: "4.0K", "1.5ms". */
void human_bytes(char buf[16], __u64 bytes);
void human_time(char buf[16], __u64 ns);

#endif
