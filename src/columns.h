/* SPDX-License-Identifier: GPL-2.0 */
/* The columns of a row of totals: its keys, then what it sums up. */
#ifndef COLUMNS_H
#define COLUMNS_H

#include "agg.h"
#include "options.h"

enum { COLUMNS_MAX = FIELDS_MAX };
struct columns {
	struct field field[COLUMNS_MAX];
	int len;
	bool by_keys; /* any other key of --by would be one too */
};

/* All that there are for these keys. */
void columns_init(struct columns *columns, const struct keys *keys);

/* Is there one of that name? */
bool columns_have(const struct columns *columns, const char *name);

/*
 * Those that are shown: the list of -F applied to a default list. Says what is wrong and
 * returns -EINVAL.
 */
int columns_choose(const struct columns *columns, struct fields *shown, const char *def,
		   const char *list);

/* A number to order by, or a key; NULL: there is none, which it has said. */
const struct field *columns_find(const struct columns *columns, const char *name);

/* The fields that are no keys: for `vfscope list`. NULL behind the last. */
const struct field *columns_value(int i);

#endif
