/* SPDX-License-Identifier: GPL-2.0 */
#include "where_set.h"

#include <stdlib.h>

#include "util.h"

struct set set_of(struct arena *arena, wide low, wide high)
{
	struct range *range = arena_alloc(arena, sizeof(*range));

	*range = (struct range){low, high};
	return (struct set){.len = low <= high, .range = range};
}

/* Adds a range behind the others, or to the last of them if it touches that. */
static int append(struct range *range, int len, struct range next)
{
	if (!len || range[len - 1].high + 1 < next.low)
		range[len++] = next;
	else if (range[len - 1].high < next.high)
		range[len - 1].high = next.high;
	return len;
}

struct set set_or(struct arena *arena, struct set a, struct set b)
{
	struct range *range = arena_alloc(arena, (a.len + b.len) * sizeof(*range));
	int len = 0, i = 0, j = 0;

	while (i < a.len || j < b.len) {
		bool from_a = j == b.len || (i < a.len && a.range[i].low <= b.range[j].low);

		len = append(range, len, from_a ? a.range[i++] : b.range[j++]);
	}
	return (struct set){a.absent || b.absent, len, range};
}

struct set set_and(struct arena *arena, struct set a, struct set b)
{
	struct range *range = arena_alloc(arena, (a.len + b.len) * sizeof(*range));
	int len = 0, i = 0, j = 0;

	while (i < a.len && j < b.len) {
		const struct range *x = &a.range[i], *y = &b.range[j];
		struct range both = {x->low > y->low ? x->low : y->low,
				     x->high < y->high ? x->high : y->high};

		if (both.low <= both.high)
			range[len++] = both;
		if (x->high < y->high)
			i++;
		else
			j++;
	}
	return (struct set){a.absent && b.absent, len, range};
}

struct set set_minus(struct arena *arena, struct set all, struct set a)
{
	struct range *range = arena_alloc(arena, (all.len + a.len) * sizeof(*range));
	int len = 0;

	for (int i = 0; i < all.len; i++) {
		wide low = all.range[i].low, high = all.range[i].high;

		for (int j = 0; j < a.len && low <= high; j++) {
			if (a.range[j].high < low || a.range[j].low > high)
				continue;
			if (low < a.range[j].low)
				range[len++] = (struct range){low, a.range[j].low - 1};
			low = a.range[j].high + 1;
		}
		if (low <= high)
			range[len++] = (struct range){low, high};
	}
	return (struct set){all.absent && !a.absent, len, range};
}

bool set_has(const struct set *set, wide n)
{
	for (int i = 0; i < set->len && set->range[i].low <= n; i++)
		if (n <= set->range[i].high)
			return true;
	return false;
}

bool set_is_empty(const struct set *set)
{
	return !set->absent && !set->len;
}

bool set_equal(const struct set *a, const struct set *b)
{
	if (a->absent != b->absent || a->len != b->len)
		return false;
	for (int i = 0; i < a->len; i++)
		if (a->range[i].low != b->range[i].low || a->range[i].high != b->range[i].high)
			return false;
	return true;
}

int set_count(const struct set *set, int limit)
{
	wide count = 0;

	for (int i = 0; i < set->len && count < limit; i++)
		count += set->range[i].high - set->range[i].low + 1;
	return count < limit ? (int)count : limit;
}
