/* SPDX-License-Identifier: GPL-2.0 */
#include "mounts.h"

#include <mntent.h>
#include <stdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util.h"

static struct mount_row {
	char *dir;
	size_t len;
	char *fs;
} * rows;
static int rows_len;

void mounts_read(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *mnt;

	for (int i = 0; i < rows_len; i++) {
		free(rows[i].dir);
		free(rows[i].fs);
	}
	rows_len = 0;
	while (mounts && (mnt = getmntent(mounts))) {
		rows = xreallocarray(rows, rows_len + 1, sizeof(*rows));
		rows[rows_len].dir = xstrdup(mnt->mnt_dir);
		rows[rows_len].len = strlen(mnt->mnt_dir);
		rows[rows_len].fs = xstrdup(mnt->mnt_type);
		/* "fuse.sshfs": the kernel side knows the type without the subtype */
		rows[rows_len].fs[strcspn(rows[rows_len].fs, ".")] = '\0';
		rows_len++;
	}
	if (mounts)
		endmntent(mounts);
}

/* Is the path dir itself, or below it, by its text? */
static bool path_is_below(struct str path, const char *dir, size_t dir_len)
{
	if (dir_len == 1) /* "/" */
		return path.len && *path.p == '/';
	return path.len >= dir_len && !memcmp(path.p, dir, dir_len) &&
	       (path.len == dir_len || path.p[dir_len] == '/');
}

__u32 mounts_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/mnt", &st) ? 0 : st.st_ino;
}

const char *mounts_fs_of(struct str path)
{
	const struct mount_row *best = NULL;

	/* later rows are mounted over earlier ones */
	for (int i = 0; i < rows_len; i++)
		if (path_is_below(path, rows[i].dir, rows[i].len) &&
		    (!best || rows[i].len >= best->len))
			best = &rows[i];
	return best ? best->fs : "";
}
