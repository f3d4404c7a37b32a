/* SPDX-License-Identifier: GPL-2.0 */
/* Mounts, those of this mount namespace first: on which one a path lies, by its text. */
#ifndef MOUNTS_H
#define MOUNTS_H

#include <linux/types.h>
#include <stdbool.h>

#include "names.h"

/* Those that a process sees, with paths as it has them. */
struct mount_table {
	struct mount_row *row;
	int len;
};

/* pid: 0 for ourselves. False: they cannot be read, and the table stays as it was. */
bool mount_table_read(struct mount_table *table, __u32 pid);
void mount_table_fini(struct mount_table *table);

/* The type of the file system that a path lies on. NULL: on none of them. */
const char *mount_table_fs_of(const struct mount_table *table, struct str path);

/*
 * Where we have what has this path there: writes our path to buf, of path.len + PATH_MAX * 2 bytes,
 * and returns its length. 0: on none of them; what is mounted nowhere here begins with
 * "(unreachable)".
 */
size_t mount_table_our_path(const struct mount_table *table, struct str path, char *buf);

/* Reads the mounts anew. */
void mounts_read(void);

/* The number of this mount namespace. */
__u32 mounts_namespace(void);

/* The type of the file system that a path lies on by its text; "" if none is known. */
const char *mounts_fs_of(struct str path);

/*
 * Where we have a file that is known by its path from the root of its file system: writes our path
 * to buf, of in_fs.len + PATH_MAX bytes, and returns its length. What is mounted nowhere here
 * begins with "(unreachable)".
 */
size_t mounts_our_path(__u32 dev, struct str in_fs, char *buf);

#endif
