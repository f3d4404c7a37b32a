/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that came to be while vfscope watched, by their names: from the operations on them to
 * the end of each. Bounded; the oldest are forgotten first.
 */
#ifndef LIFE_H
#define LIFE_H

#include "record.h"

struct life_file {
	__u64 born_ns, size; /* CLOCK_MONOTONIC; the end of what was written, or set */
	__u64 ino;
	__u32 dev, pid; /* whose it was: the creator */
	char comm[VS_COMM_LEN];
	int links;
};

struct lives;

/* end: a file is gone by this operation. Not one that was there before vfscope. */
typedef void life_end_fn(void *ctx, const struct record *r, const struct life_file *file);

struct lives *lives_new(size_t files_max, life_end_fn *end, void *ctx);
void lives_free(struct lives *lives);

/* The operations that have to be seen. */
__u64 lives_ops(void);

/* Takes in one of them. */
void lives_add(struct lives *lives, const struct record *r);

/* Files that were forgotten. */
__u64 lives_lost(const struct lives *lives);

#endif
