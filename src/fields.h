/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fields of the contract: one row each, from which the columns of tables, the keys of
 * JSON, the header of CSV, `vfscope list` and the man page come.
 */
#ifndef FIELDS_H
#define FIELDS_H

#include <stdbool.h>
#include <string.h>

#include "record.h"

enum value_type { VALUE_INT, VALUE_STR, VALUE_JSON /* s holds it as it is */ };
struct value {
	enum value_type type;
	__s64 i; /* unsigned ones come as the same bits: see field.is_unsigned */
	struct str s;
	char buf[256]; /* where s may point */
};

/* For the get of fields: they fill a value, and say that there is one. */
static inline bool value_int(struct value *v, __s64 i)
{
	v->type = VALUE_INT;
	v->i = i;
	return true;
}

static inline bool value_str(struct value *v, enum value_type type, const char *s)
{
	v->type = type;
	v->s = (struct str){s, strlen(s)};
	return true;
}

/* How a table shows an integer. */
enum unit { UNIT_NONE, UNIT_CLOCK, UNIT_TIME, UNIT_BYTES, UNIT_FD };

/* What the kernel side has to gather for a field; the last four are of totals only. */
enum field_needs {
	NEEDS_PARENT = 1,
	NEEDS_CGROUP = 2,
	NEEDS_PATH = 4,
	NEEDS_TIME = 8,
	NEEDS_PROCS = 16,
	NEEDS_OPS = 1 << 8, /* each operation by itself */
	NEEDS_DIST = 1 << 9,
	NEEDS_KINDS = 1 << 10,	/* each kind by itself */
	NEEDS_CACHES = 1 << 11, /* see caches.h */
};

struct field {
	const char *name, *title;
	int width; /* columns in a table; 0: the rest of the line, not filled up */
	bool right, is_string, is_unsigned;
	bool is_key; /* of a total: what it is the sum over */
	enum unit unit;
	const char *before; /* in a table, before the text: an arrow; NULL: nothing */
	int needs;
	bool is_bytes;	 /* contents, no text */
	bool is_id;	 /* tables show the beginning of a long one, as docker ps does */
	bool only_named; /* not among all fields that machines get by default */
	/* False: the record has none. */
	bool (*get)(const struct record *r, struct value *v);
	const char *help;
};

extern const struct field field_table[];
extern const int field_table_len;

enum { FIELDS_MAX = 96 };
struct fields {
	int len;
	const struct field *field[FIELDS_MAX];
};

/*
 * Applies the list of -F to the default fields: a list of names replaces them; items with
 * + add, with - leave out. Returns NULL, or the item that is no field (valid until the
 * next call).
 */
const char *fields_parse(struct fields *fields, const struct fields *def, const char *list);

/* The same, of a table of fields of one's own. */
const char *fields_parse_of(const struct field *table, int table_len, struct fields *fields,
			    const struct fields *def, const char *list);

/* The default fields for machines (all that need not be named), and for tables in so many columns.
 */
struct fields fields_all(void);
struct fields fields_table(int columns);

enum { COLUMNS_WIDE = 100 }; /* from here on there is room for the time */

/* Takes one out. */
void fields_remove(struct fields *fields, const struct field *field);

/* Adds a field behind the others, unless it is among them. */
void fields_want(struct fields *fields, const char *name);

/* The operations that may have a field, as bits; also of the key dir. */
__u64 field_ops(const char *name);

/* The union of what the fields need. */
int fields_needs(const struct fields *fields);

/* Where field_table's clock reads: added to CLOCK_MONOTONIC, it is the time of day. */
extern __s64 fields_epoch_ns;

#endif
