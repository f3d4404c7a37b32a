/* SPDX-License-Identifier: GPL-2.0 */
#include "mounts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mountinfo.h"
#include "util.h"

struct mount_row {
	__u32 dev;
	char *root, *point, *fs;
};
static struct mount_table ours;

void mount_table_fini(struct mount_table *table)
{
	for (int i = 0; i < table->len; i++) {
		free(table->row[i].root);
		free(table->row[i].point);
		free(table->row[i].fs);
	}
	free(table->row);
	*table = (struct mount_table){NULL, 0};
}

bool mount_table_read(struct mount_table *table, __u32 pid)
{
	FILE *file = mountinfo_open(pid);
	struct mountinfo info;

	if (!file)
		return false;
	mount_table_fini(table);
	while (mountinfo_next(file, &info)) {
		table->row = xreallocarray(table->row, table->len + 1, sizeof(*table->row));
		table->row[table->len++] = (struct mount_row){
			info.dev, xstrdup(info.root), xstrdup(info.point), xstrdup(info.fs)};
	}
	fclose(file);
	return true;
}

void mounts_read(void)
{
	mount_table_read(&ours, 0);
}

/* Is the path dir itself, or below it, by its text? */
static bool path_is_below(struct str path, const char *dir)
{
	size_t len = strlen(dir);

	if (len == 1) /* "/" */
		return path.len && *path.p == '/';
	return path.len >= len && !memcmp(path.p, dir, len) &&
	       (path.len == len || path.p[len] == '/');
}

/* What of a path lies below a directory that it is in: what is to be put behind another one. */
static struct str path_below(struct str path, const char *dir)
{
	size_t cut = dir[1] ? strlen(dir) : 0;

	return (struct str){path.p + cut, path.len - cut};
}

/* A path in a directory, which may be the root, or "(unreachable)". */
static size_t path_in(char *buf, const char *dir, struct str rest)
{
	bool is_dir_itself = !rest.len || (rest.len == 1 && *rest.p == '/');
	char *end = stpcpy(buf, dir[1] || is_dir_itself ? dir : "");

	if (!is_dir_itself)
		end = mempcpy(end, rest.p, rest.len);
	return end - buf;
}

__u32 mounts_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/mnt", &st) ? 0 : st.st_ino;
}

/* The mount that a path lies on. */
static const struct mount_row *row_of_path(const struct mount_table *table, struct str path)
{
	const struct mount_row *best = NULL;

	/* later rows are mounted over earlier ones */
	for (int i = 0; i < table->len; i++)
		if (path_is_below(path, table->row[i].point) &&
		    (!best || strlen(table->row[i].point) >= strlen(best->point)))
			best = &table->row[i];
	return best;
}

/* One that shows what has this path in its file system: of several the one with most of that. */
static const struct mount_row *row_of_file(const struct mount_table *table, __u32 dev,
					   struct str in_fs)
{
	const struct mount_row *best = NULL;

	for (int i = 0; i < table->len; i++)
		if (table->row[i].dev == dev && path_is_below(in_fs, table->row[i].root) &&
		    (!best || strlen(table->row[i].root) < strlen(best->root)))
			best = &table->row[i];
	return best;
}

const char *mount_table_fs_of(const struct mount_table *table, struct str path)
{
	const struct mount_row *row = row_of_path(table, path);

	return row ? row->fs : NULL;
}

const char *mounts_fs_of(struct str path)
{
	return mount_table_fs_of(&ours, path) ?: "";
}

size_t mounts_our_path(__u32 dev, struct str in_fs, char *buf)
{
	const struct mount_row *row = row_of_file(&ours, dev, in_fs);

	return row ? path_in(buf, row->point, path_below(in_fs, row->root))
		   : path_in(buf, "(unreachable)", in_fs);
}

size_t mount_table_our_path(const struct mount_table *table, struct str path, char *buf)
{
	const struct mount_row *row = row_of_path(table, path);
	char text[PATH_MAX * 2];
	struct str in_fs = {text, 0};

	if (!row || path.len >= PATH_MAX)
		return 0;
	in_fs.len = path_in(text, row->root, path_below(path, row->point));
	return mounts_our_path(row->dev, in_fs, buf);
}
