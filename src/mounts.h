/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Paths that a program passed, decided on in user space: which file system they lie on,
 * and whether they lead below a directory that was asked for.
 */
#ifndef MOUNTS_H
#define MOUNTS_H

#include <stdbool.h>

#include "names.h"

/* Reads the mounts of this mount namespace anew. */
void mounts_read(void);

/* The type of the file system that a path lies on by its text; "" if none is known. */
const char *mounts_fs_of(struct str path);

/*
 * Does the path, with symbolic links followed as the process pid would, lead to one of
 * the directories or below? The directories are real paths. What does not exist (any
 * more) is judged by its nearest existing directory.
 */
bool path_leads_below(struct str path, int pid, char *const *dirs, int dirs_len);

#endif
