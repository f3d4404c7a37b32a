/* SPDX-License-Identifier: GPL-2.0 */
#include "mounts.h"

#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util.h"

struct mount_row {
	char *dir;
	size_t len;
	char *fs;
};
static struct mount_table ours;

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

void mount_table_fini(struct mount_table *table)
{
	for (int i = 0; i < table->len; i++) {
		free(table->row[i].dir);
		free(table->row[i].fs);
	}
	free(table->row);
	*table = (struct mount_table){NULL, 0};
}

bool mount_table_read(struct mount_table *table, const char *file)
{
	FILE *mounts = setmntent(file, "re");
	struct mntent *mnt;

	if (!mounts)
		return false;
	mount_table_fini(table);
	while ((mnt = getmntent(mounts))) {
		struct mount_row *row;

		table->row = xreallocarray(table->row, table->len + 1, sizeof(*table->row));
		row = &table->row[table->len++];
		row->dir = xstrdup(mnt->mnt_dir);
		row->len = strlen(mnt->mnt_dir);
		row->fs = xstrdup(mnt->mnt_type);
		/* "fuse.sshfs": the kernel side knows the type without the subtype */
		row->fs[strcspn(row->fs, ".")] = '\0';
	}
	endmntent(mounts);
	return true;
}

void mounts_read(void)
{
	mount_table_read(&ours, "/proc/self/mounts");
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

const char *mount_table_fs_of(const struct mount_table *table, struct str path)
{
	const struct mount_row *best = NULL;

	/* later rows are mounted over earlier ones */
	for (int i = 0; i < table->len; i++)
		if (path_is_below(path, table->row[i].dir, table->row[i].len) &&
		    (!best || table->row[i].len >= best->len))
			best = &table->row[i];
	return best ? best->fs : NULL;
}

const char *mounts_fs_of(struct str path)
{
	return mount_table_fs_of(&ours, path) ?: "";
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
