/* SPDX-License-Identifier: GPL-2.0 */
#include "arena.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "util.h"

enum { ALIGN = 16, SMALL = 64 << 10, LARGE = 2 << 20 };

struct arena_chunk {
	struct arena_chunk *next;
	size_t size;
	_Alignas(ALIGN) char room[];
};

static struct arena_chunk *chunk_new(size_t size)
{
	struct arena_chunk *chunk;

	/* pages of the size of a chunk, if there are any: a fault for each small one takes longer
	 * than what is written to it */
	if (size >= LARGE && !posix_memalign((void **)&chunk, LARGE, size))
		madvise(chunk, size, MADV_HUGEPAGE);
	else
		chunk = xreallocarray(NULL, size, 1);
	chunk->next = NULL;
	chunk->size = size - sizeof(*chunk);
	return chunk;
}

/* The next chunk that has room for so much; the rest of the one before stays empty. */
static void advance(struct arena *arena, size_t size)
{
	struct arena_chunk **next = arena->at ? &arena->at->next : &arena->first;
	size_t least = arena->first ? LARGE : SMALL;

	while (*next && (*next)->size < size)
		next = &(*next)->next;
	if (!*next) {
		size += sizeof(struct arena_chunk);
		*next = chunk_new(size > least ? (size + LARGE - 1) / LARGE * LARGE : least);
	}
	arena->at = *next;
	arena->used = 0;
}

void *arena_get(struct arena *arena, size_t size)
{
	void *p;

	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (!arena->at || arena->at->size - arena->used < size)
		advance(arena, size);
	p = arena->at->room + arena->used;
	arena->used += size;
	return p;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return memset(arena_get(arena, size), 0, size);
}

void arena_clear(struct arena *arena)
{
	arena->at = NULL;
	arena->used = 0;
}

void arena_free(struct arena *arena)
{
	struct arena_chunk *chunk, *next = arena->first;

	while ((chunk = next)) {
		next = chunk->next;
		free(chunk);
	}
	*arena = (struct arena){NULL, NULL, 0};
}
