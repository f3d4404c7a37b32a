/* SPDX-License-Identifier: GPL-2.0 */
/* The mounts of this mount namespace: on which file system a path lies, by its text. */
#ifndef MOUNTS_H
#define MOUNTS_H

#include <linux/types.h>

#include "names.h"

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
