/* SPDX-License-Identifier: GPL-2.0 */
/* The directories of -d, held open: one that is moved or deleted is itself still, whatever has its
 * name by now. What becomes of them is told. */
#ifndef DIRS_H
#define DIRS_H

#include <limits.h>
#include <stdbool.h>

struct dirs {
	char **name; /* real paths */
	int *fd, len;
};

/* Returns 0 or a negative errno. */
int dirs_add(struct dirs *dirs, const char *path);
void dirs_fini(struct dirs *dirs);

/* The path of an open directory; false: it is too long. */
bool dir_path(int fd, char text[PATH_MAX]);

/* Does a path end as those of what is deleted do? A name may itself end like this. */
bool dir_ends_as_deleted(const char *path);

/* What becomes of directories, which stay open as long as it is there. */
struct fates *fates_new(const struct dirs *dirs);
void fates_free(struct fates *fates);

/*
 * Says once of each that it has been deleted or, where mounts have changed, that its file system
 * has been unmounted.
 */
void fates_check(struct fates *fates, bool mounts_changed);

/* Those of which that has been said, NULL at the end. */
const char *const *fates_gone(const struct fates *fates);

/*
 * Is this how one of them went? It is known by its name, in the directory that it was in or, if
 * that has gone too, by its path. Of each once.
 */
bool fates_is_going(struct fates *fates, const char *path, bool in_its_directory);

#endif
