/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that is given back all at once: the sets of a filter, what an interval adds up. It lies
 * close together, and costs neither an allocation nor a free for each piece.
 */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

struct arena_chunk;
struct arena {
	struct arena_chunk *first, *at; /* all of them; the one that is filled now */
	size_t used;			/* of that */
};

/* All zero is an arena. What it gives out is aligned for any type; arena_alloc's is all zero. */
void *arena_get(struct arena *arena, size_t size);
void *arena_alloc(struct arena *arena, size_t size);

/* Takes all back: for the next interval, or for good. */
void arena_clear(struct arena *arena);
void arena_free(struct arena *arena);

#endif
