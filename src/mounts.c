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

/* A row of mountinfo, which says what is mounted as well as where. */
static struct place {
	__u32 dev;
	char *root, *point;
} * places;
static int places_len;

/* Blanks and the like stand as \\040. */
static char *unescape(char *s)
{
	char *to = s;

	for (char *from = s; *from; to++) {
		unsigned int c = 0;

		if (*from == '\\' && sscanf(from + 1, "%3o", &c) == 1) {
			*to = c;
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
	return s;
}

/* Those above others first, as the kernel lists them. */
static void read_places(void)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char *line = NULL, *root = NULL, *point = NULL;
	unsigned int major, minor;
	size_t size = 0;

	while (places_len) {
		free(places[--places_len].root);
		free(places[places_len].point);
	}
	while (file && getline(&line, &size, file) > 0) {
		if (sscanf(line, "%*d %*d %u:%u %ms %ms", &major, &minor, &root, &point) != 4)
			continue;
		places = xreallocarray(places, places_len + 1, sizeof(*places));
		places[places_len++] =
			(struct place){major << 20 | minor, unescape(root), unescape(point)};
	}
	free(line);
	if (file)
		fclose(file);
}

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
	read_places();
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

const char *mounts_point_of(__u32 dev, struct str in_fs, size_t *cut)
{
	const struct place *best = NULL;
	size_t best_len = 0;

	/* of several the one with the largest part of the file system */
	for (int i = 0; i < places_len; i++) {
		size_t len = strlen(places[i].root);

		if (places[i].dev != dev || !path_is_below(in_fs, places[i].root, len) ||
		    (best && len >= best_len))
			continue;
		best = &places[i];
		best_len = len;
	}
	if (!best)
		return NULL;
	*cut = best_len == 1 ? 0 : best_len;
	return best->point;
}
