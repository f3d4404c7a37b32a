/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sets of the values that a field may have: what a test of --where accepts, and what the
 * analysis reckons with. Numbers stand for themselves, words for their place in their
 * table; a record may also have no value at all. A set is never changed once it is made.
 */
#ifndef WHERE_SET_H
#define WHERE_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

typedef __int128 wide; /* holds every __s64 and every __u64 */

struct range {
	wide low, high; /* both are members */
};
struct set {
	bool absent; /* no value is a member */
	int len;
	const struct range *range; /* ascending, with a gap between each and the next */
};

struct set set_of(struct arena *arena, wide low, wide high);
struct set set_or(struct arena *arena, struct set a, struct set b);
struct set set_and(struct arena *arena, struct set a, struct set b);
/* What all has and a has not. */
struct set set_minus(struct arena *arena, struct set all, struct set a);

bool set_has(const struct set *set, wide n);
bool set_is_empty(const struct set *set);
bool set_equal(const struct set *a, const struct set *b);
/* How many values; limit if there are more than that. */
int set_count(const struct set *set, int limit);

#endif
