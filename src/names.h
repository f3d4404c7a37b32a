/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Paths by their id, as the kernel side sent them. Bounded in number and in bytes: the
 * ones not used for longest are forgotten. A path that is asked for after that is
 * counted as lost, and the kernel side is told to send all paths anew.
 */
#ifndef NAMES_H
#define NAMES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "vfscope.h"

struct str {
	const char *p;
	size_t len;
};

/* What the path of a file ends with that is unlinked and still open; one may be called so too. */
#define DELETED_MARK " (deleted)"

/* Cuts that off; false: there is none. */
static inline bool path_undelete(struct str *path)
{
	const size_t mark = sizeof(DELETED_MARK) - 1;

	if (path->len <= mark || memcmp(path->p + path->len - mark, DELETED_MARK, mark))
		return false;
	path->len -= mark;
	return true;
}

struct name {
	__u64 id;
	struct str path;
	char fs[VS_FS_LEN];
};

struct names;

/* entries: as many as the kernel side may have under an id at once. */
struct names *names_new(size_t entries, size_t bytes);
void names_free(struct names *names);

/*
 * Takes a record of so many bytes as it came from the ring. 1: the path that it is relative
 * to is not known; -EBADMSG: it is malformed.
 */
int names_add(struct names *names, const void *rec, size_t size);

/*
 * The text of a path from its components; returns its length, 0: malformed. buf: rec->len + 128
 * bytes.
 */
size_t name_text(char *buf, const struct vs_rec_name *rec, const __u8 *components);

/* NULL: never sent, or forgotten. Valid until the next names_add. */
const struct name *names_find(struct names *names, __u64 id);

/*
 * The same for one of very many: it is passed over once when room is made, and not put at the end
 * of the order, where its neighbours are far apart in memory.
 */
const struct name *names_glance(struct names *names, __u64 id);

/*
 * One will be looked for soon, among many whose places are far apart: has the processor fetch where
 * that begins, and somewhat later (not bucket) what stands there.
 */
void names_fetch(const struct names *names, __u64 id, bool bucket);

/*
 * Writes the absolute path of what a program passed, relative to the path of a
 * directory, to buf, and returns its length: empty components and "." are dropped, ".."
 * only where it leaves the base, for what follows may be a symbolic link. The base of an
 * absolute path is the root that it is absolute in, which is not left.
 * buf: base.len + arg.len + 2 bytes.
 */
size_t path_join(char *buf, struct str base, struct str arg);

#endif
