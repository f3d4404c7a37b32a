/* SPDX-License-Identifier: GPL-2.0 */
#include "mounts.h"

#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
		rows[rows_len++].fs = xstrdup(mnt->mnt_type);
	}
	if (mounts)
		endmntent(mounts);
}

/* Is path dir itself, or below it? */
static bool is_below(const char *path, size_t path_len, const char *dir, size_t dir_len)
{
	if (dir_len == 1) /* "/" */
		return path_len && *path == '/';
	return path_len >= dir_len && !memcmp(path, dir, dir_len) &&
	       (path_len == dir_len || path[dir_len] == '/');
}

const char *mounts_fs_of(struct str path)
{
	const struct mount_row *best = NULL;

	/* later rows are mounted over earlier ones */
	for (int i = 0; i < rows_len; i++)
		if (is_below(path.p, path.len, rows[i].dir, rows[i].len) &&
		    (!best || rows[i].len >= best->len))
			best = &rows[i];
	return best ? best->fs : "";
}

static bool is_below_any(const char *path, size_t len, char *const *dirs, int dirs_len)
{
	for (int i = 0; i < dirs_len; i++)
		if (is_below(path, len, dirs[i], strlen(dirs[i])))
			return true;
	return false;
}

/* realpath, in the root of a process; a process that has ended is taken to have had ours. */
static char *real_path_of(const char *path, int pid, char resolved[PATH_MAX])
{
	char root[PATH_MAX], link[32], *inside, *real;
	size_t root_len;

	snprintf(link, sizeof(link), "/proc/%d/root", pid);
	if (!realpath(link, root) || !strcmp(root, "/"))
		return realpath(path, resolved);
	inside = xasprintf("%s%s", root, path);
	real = realpath(inside, resolved);
	free(inside);
	root_len = strlen(root);
	if (real && !strncmp(real, root, root_len))
		memmove(real, real + root_len, strlen(real + root_len) + 1);
	return real;
}

bool path_leads_below(struct str path, int pid, char *const *dirs, int dirs_len)
{
	char text[PATH_MAX], real[2 * PATH_MAX];

	if (!path.len || *path.p != '/') /* relative to a directory that is not known */
		return false;
	if (path.len >= sizeof(text))
		return is_below_any(path.p, path.len, dirs, dirs_len);
	/*
	 * First the whole path; then, since a call may be about the link itself, or about what
	 * does not exist, the nearest directory above that does, and the rest as it is.
	 */
	for (size_t cut = path.len; cut; cut--) {
		size_t len;

		if (cut != path.len && path.p[cut] != '/')
			continue;
		memcpy(text, path.p, cut);
		text[cut] = '\0';
		if (!real_path_of(text, pid, real))
			continue;
		len = strcmp(real, "/") || cut == path.len ? strlen(real) : 0;
		memcpy(real + len, path.p + cut, path.len - cut);
		if (is_below_any(real, len + path.len - cut, dirs, dirs_len))
			return true;
		if (cut != path.len)
			return false;
	}
	return is_below_any(path.p, path.len, dirs, dirs_len);
}
