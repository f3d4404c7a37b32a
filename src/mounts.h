/* SPDX-License-Identifier: GPL-2.0 */
/* Mounts, those of this mount namespace first: on which file system a path lies, by its text. */
#ifndef MOUNTS_H
#define MOUNTS_H

#include <linux/types.h>
#include <stdbool.h>

#include "names.h"

/* Those that a file like /proc/PID/mounts lists, with paths as that process has them. */
struct mount_table {
	struct mount_row *row;
	int len;
};

/* False: it cannot be read, and the table stays as it was. */
bool mount_table_read(struct mount_table *table, const char *file);
void mount_table_fini(struct mount_table *table);

/* NULL: the path lies on none of them. */
const char *mount_table_fs_of(const struct mount_table *table, struct str path);

/* Reads the mounts anew. */
void mounts_read(void);

/* The number of this mount namespace. */
__u32 mounts_namespace(void);

/* The type of the file system that a path lies on by its text; "" if none is known. */
const char *mounts_fs_of(struct str path);

/*
 * Where a file is, by its path from the root of its file system: the mount point, and in *cut
 * how many bytes of the path are above what is mounted there. NULL: it is mounted nowhere.
 */
const char *mounts_point_of(__u32 dev, struct str in_fs, size_t *cut);

#endif
