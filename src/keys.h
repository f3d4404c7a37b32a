/* SPDX-License-Identifier: GPL-2.0 */
/* The keys of --by: what a row of totals is the sum over. */
#ifndef KEYS_H
#define KEYS_H

#include "fields.h"

enum { KEYS_MAX = 8 };
struct key {
	struct field field; /* as a column: its name is the key's, as in "dir:2" */
	int level;	    /* of dir: so many components; 0: all */
	__u64 ops;	    /* that may have it, as bits */
	char name[32];
};
struct keys {
	int len;
	struct key key[KEYS_MAX];
	int needs;	  /* bits of enum field_needs */
	int kernel_needs; /* the same, where the kernel side adds up */
	__u32 kernel;	  /* bits of enum vs_key that hold them in the kernel side */
	bool user_only;	  /* the kernel side does not have all of them */
};

/* Parses a list; says what is wrong with it and returns -EINVAL. */
int keys_parse(struct keys *keys, const char *list);

/* All that there are, for `vfscope list`; NULL behind the last. */
const struct field *keys_nth(int i);

/* Adds one, if it is not there yet. */
int keys_add(struct keys *keys, const char *name);

/* The value of a key in a record; false: it has none. */
bool key_get(const struct key *key, const struct record *r, struct value *v);

/*
 * A record from a row of the kernel side: what stands behind the vs_key_head of its key. The
 * strings of the record stay with names and key. False: its path is not known any more.
 */
bool keys_unpack(const struct keys *keys, const void *key, struct names *names, struct record *r);

/* It will be unpacked soon: see names_fetch. */
void keys_fetch(const struct keys *keys, const void *packed, const struct names *names,
		bool bucket);

/* Bytes of such a key. */
int keys_size(const struct keys *keys);

/* The name of a user, or the number; valid until the next call. */
const char *user_name(__u32 uid);

#endif
