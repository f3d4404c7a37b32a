/* SPDX-License-Identifier: GPL-2.0 */
/* The words of the contract, from the rows in include/vfscope.h. */
#ifndef TABLES_H
#define TABLES_H

#include <linux/types.h>
#include <stddef.h>

#include "vfscope.h"

struct word {
	const char *name, *help;
};

struct op_row {
	const char *name;
	enum vs_group group;
	const char *help;
};

extern const struct op_row op_table[VS_OP_MAX]; /* [0] is empty */
extern const struct word group_table[VS_GROUP_MAX];
extern const struct word via_table[VS_VIA_MAX];	    /* [0] is empty */
extern const struct word kind_table[VS_KIND_MAX];   /* [0] is empty */
extern const struct word ftype_table[VS_FTYPE_MAX]; /* [0] is empty */
extern const struct word lost_table[VS_LOST_MAX];

/* File system types; those that are pseudo hold no files of users. */
struct fs_row {
	const char *name;
	__u8 bits; /* VS_FS_PSEUDO, VS_FS_ANON */
};
extern const struct fs_row fs_table[];
extern const size_t fs_table_len;

/* Bits of VS_FS_*, 0 for a type that is not in the table. */
__u8 fs_bits(const char *name);

/* The bits of an operation or a group of operations; 0: there is no such word. */
__u64 ops_of(const char *name);

/* Operations (bits) in words: at most so many, and "..." for those beyond. */
void ops_write(char *buf, size_t size, __u64 ops, int max);

#endif
