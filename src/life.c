/* SPDX-License-Identifier: GPL-2.0 */
#include "life.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

#define uthash_fatal(what) (msg("%s", what), exit(EXIT_RUN))
#include <uthash.h>

struct inode_key {
	__u64 ino, dev;
};

struct file {
	struct life_file life;
	struct inode_key key;
	int fd;	      /* by which its creator has it; -1: none is known */
	bool unnamed; /* of O_TMPFILE: its name is what the kernel shows for it */
	UT_hash_handle hh;
};

/* A name of a file; a hard link is another. */
struct name_of {
	struct file *file;
	UT_hash_handle hh;
	size_t len;
	char path[];
};

struct lives {
	struct file *files;
	struct name_of *names;
	size_t files_max;
	__u64 lost;
	life_end_fn *end;
	void *ctx;
};

struct lives *lives_new(size_t files_max, life_end_fn *end, void *ctx)
{
	struct lives *lives = xcalloc(1, sizeof(*lives));

	lives->files_max = files_max;
	lives->end = end;
	lives->ctx = ctx;
	return lives;
}

__u64 lives_ops(void)
{
	return VS_BIT(VS_OP_CREATE) | VS_BIT(VS_OP_UNLINK) | VS_BIT(VS_OP_RENAME) |
	       VS_BIT(VS_OP_LINK) | VS_BIT(VS_OP_WRITE) | VS_BIT(VS_OP_TRUNCATE) |
	       VS_BIT(VS_OP_FALLOCATE) | VS_BIT(VS_OP_OPEN) | VS_BIT(VS_OP_CLOSE);
}

__u64 lives_lost(const struct lives *lives)
{
	return lives->lost;
}

/* --- the two tables ------------------------------------------------------------------------ */

static struct name_of *find(struct lives *lives, struct str path)
{
	struct name_of *name = NULL;

	if (path.p)
		HASH_FIND(hh, lives->names, path.p, path.len, name);
	return name;
}

static struct file *file_of(struct lives *lives, const struct record *r)
{
	struct inode_key key = {.ino = r->op.ino, .dev = r->op.dev};
	struct file *file = NULL;

	if (r->op.has & VS_HAS_INODE)
		HASH_FIND(hh, lives->files, &key, sizeof(key), file);
	return file;
}

static void name_free(struct lives *lives, struct name_of *name)
{
	HASH_DEL(lives->names, name);
	name->file->life.links--;
	free(name);
}

static void file_free(struct lives *lives, struct file *file)
{
	HASH_DEL(lives->files, file);
	free(file);
}

static void name_add(struct lives *lives, struct str path, struct file *file)
{
	struct name_of *name = xcalloc(1, sizeof(*name) + path.len);

	name->file = file;
	name->len = path.len;
	memcpy(name->path, path.p, path.len);
	HASH_ADD_KEYPTR(hh, lives->names, name->path, path.len, name);
	file->life.links++;
}

void lives_free(struct lives *lives)
{
	if (!lives)
		return;
	while (lives->names)
		name_free(lives, lives->names);
	while (lives->files)
		file_free(lives, lives->files);
	free(lives);
}

/* All names of a file, which is rare: it looks at every one. */
static void names_of_file_free(struct lives *lives, const struct file *file)
{
	for (struct name_of *name = lives->names, *next; name; name = next) {
		next = name->hh.next;
		if (name->file == file)
			name_free(lives, name);
	}
}

static void forget(struct lives *lives, struct file *file)
{
	names_of_file_free(lives, file);
	file_free(lives, file);
}

/* --- what happens to files ----------------------------------------------------------------- */

/* A name is gone, and with the last one the file. */
static void name_gone(struct lives *lives, const struct record *r, struct name_of *name)
{
	struct file *file = name->file;

	name_free(lives, name);
	if (file->life.links > 0)
		return;
	lives->end(lives->ctx, r, &file->life);
	file_free(lives, file);
}

static void created(struct lives *lives, const struct record *r)
{
	struct file *file = file_of(lives, r);
	struct name_of *old;

	if (!r->path.p)
		return;
	if (file) /* its end was not seen, and its number was given away again */
		forget(lives, file);
	old = find(lives, r->path);
	if (old)
		forget(lives, old->file);
	if (HASH_COUNT(lives->files) >= lives->files_max) {
		forget(lives, lives->files);
		lives->lost++;
	}
	file = xcalloc(1, sizeof(*file));
	file->life = (struct life_file){
		.born_ns = r->op.ts_ns, .ino = r->op.ino, .dev = r->op.dev, .pid = r->op.pid};
	memcpy(file->life.comm, r->op.comm, sizeof(file->life.comm));
	file->fd = r->op.has & VS_HAS_FD ? r->op.fd : -1;
	file->unnamed = r->op.has & VS_HAS_FLAGS && (r->op.flags & O_TMPFILE) == O_TMPFILE;
	file->key = (struct inode_key){.ino = r->op.ino, .dev = r->op.dev};
	HASH_ADD(hh, lives->files, key, sizeof(file->key), file);
	name_add(lives, r->path, file);
}

static void unlinked(struct lives *lives, const struct record *r)
{
	struct name_of *name = find(lives, r->path);

	if (name)
		name_gone(lives, r, name);
}

/* The descriptor that a path in /proc stands for, by which O_TMPFILE's get a name; -1: another
 * path. */
static int fd_of_path(const struct record *r)
{
	char path[64], start[4][32] = {"/proc/self/fd/", "/proc/thread-self/fd/", "/dev/fd/"}, *end;
	long fd;

	snprintf(start[3], sizeof(start[3]), "/proc/%u/fd/", r->op.pid);
	snprintf(path, sizeof(path), "%.*s", (int)r->path.len, r->path.p ?: "");
	for (size_t i = 0; i < ARRAY_LEN(start); i++) {
		size_t len = strlen(start[i]);

		if (strncmp(path, start[i], len))
			continue;
		fd = strtol(path + len, &end, 10);
		return end > path + len && !*end ? fd : -1;
	}
	return -1;
}

static struct file *file_of_fd(struct lives *lives, __u32 pid, int fd)
{
	struct file *found = NULL; /* the youngest */

	for (struct file *file = fd < 0 ? NULL : lives->files; file; file = file->hh.next)
		if (file->life.pid == pid && file->fd == fd)
			found = file;
	return found;
}

static void linked(struct lives *lives, const struct record *r)
{
	struct name_of *name = find(lives, r->path);
	int fd = name ? -1 : fd_of_path(r);
	struct file *file = name ? name->file : file_of(lives, r);

	file = file ?: file_of_fd(lives, r->op.pid, fd);
	if (!file || !r->path2.p || find(lives, r->path2))
		return;
	if (file->unnamed) /* no more */
		names_of_file_free(lives, file);
	file->unnamed = false;
	name_add(lives, r->path2, file);
}

static bool is_at_or_below(const struct name_of *name, struct str dir)
{
	return name->len >= dir.len && !memcmp(name->path, dir.p, dir.len) &&
	       (name->len == dir.len || name->path[dir.len] == '/');
}

static void move(struct lives *lives, struct name_of *name, struct str from, struct str to)
{
	char path[2 * VS_PATH_MAX * 2 + 64];
	size_t rest = name->len - from.len;
	struct file *file = name->file;

	if (to.len + rest > sizeof(path))
		return;
	memcpy(path, to.p, to.len);
	memcpy(path + to.len, name->path + from.len, rest);
	name_free(lives, name);
	name_add(lives, (struct str){path, to.len + rest}, file);
}

/*
 * What is moved may be a directory, with files of ours in it. They are gathered first, for their
 * new names may be ones to move, as texts.
 */
static void move_all(struct lives *lives, struct str from, struct str to)
{
	struct name_of **moved = xcalloc(HASH_COUNT(lives->names) + 1, sizeof(*moved));
	size_t n = 0;

	for (struct name_of *name = lives->names; name; name = name->hh.next)
		if (is_at_or_below(name, from))
			moved[n++] = name;
	for (size_t i = 0; i < n; i++)
		move(lives, moved[i], from, to);
	free(moved);
}

static void exchanged(struct lives *lives, const struct record *r)
{
	static char nowhere[] = "//"; /* no path begins like this */
	const struct str between = {nowhere, strlen(nowhere)};

	move_all(lives, r->path, between);
	move_all(lives, r->path2, r->path);
	move_all(lives, between, r->path2);
}

static void renamed(struct lives *lives, const struct record *r)
{
	struct name_of *from = find(lives, r->path), *over = find(lives, r->path2);
	struct file *file;

	if (!r->path.p || !r->path2.p || (from && over && from->file == over->file))
		return;
	if (r->op.has & VS_HAS_FLAGS && r->op.flags & RENAME_EXCHANGE) {
		exchanged(lives, r);
		return;
	}
	if (over)
		name_gone(lives, r, over);
	if (!from) {
		move_all(lives, r->path, r->path2);
		return;
	}
	file = from->file;
	name_free(lives, from);
	name_add(lives, r->path2, file);
}

/* O_TMPFILE: a file that never had a name ends with its descriptor. */
static void closed(struct lives *lives, const struct record *r)
{
	struct file *file = file_of(lives, r);
	struct name_of *name;

	if (!file || file->life.pid != r->op.pid)
		return;
	if (file->fd == r->op.fd)
		file->fd = -1;
	name = file->unnamed ? find(lives, r->path) : NULL;
	if (name && name->file == file)
		name_gone(lives, r, name);
}

static void written(struct lives *lives, const struct record *r)
{
	struct file *file = file_of(lives, r);

	if (file && r->op.bytes && r->op.has & VS_HAS_OFFSET &&
	    r->op.offset + r->op.bytes > file->life.size)
		file->life.size = r->op.offset + r->op.bytes;
}

/* By its descriptor, or by its path. */
static void truncated(struct lives *lives, const struct record *r)
{
	struct name_of *name = find(lives, r->path);
	struct file *file = file_of(lives, r);

	if (!file && name)
		file = name->file;
	if (file && r->op.has & VS_HAS_REQ)
		file->life.size = r->op.req;
}

/* fallocate(2): what lies behind a hole that is closed or made moves. */
static void allocated(struct lives *lives, const struct record *r)
{
	struct file *file = file_of(lives, r);
	__u64 end = r->op.offset + r->op.req;

	if (!file || !(r->op.has & VS_HAS_FLAGS))
		return;
	if (r->op.flags & FALLOC_FL_COLLAPSE_RANGE)
		file->life.size -= file->life.size < r->op.req ? file->life.size : r->op.req;
	else if (r->op.flags & FALLOC_FL_INSERT_RANGE)
		file->life.size += r->op.req;
	else if (!(r->op.flags & FALLOC_FL_KEEP_SIZE) && end > file->life.size)
		file->life.size = end;
}

static void opened(struct lives *lives, const struct record *r)
{
	struct file *file = r->op.flags & O_TRUNC ? file_of(lives, r) : NULL;

	if (file)
		file->life.size = 0;
}

void lives_add(struct lives *lives, const struct record *r)
{
	static void (*const by_op[VS_OP_MAX])(struct lives * lives, const struct record *r) = {
		[VS_OP_CREATE] = created, [VS_OP_UNLINK] = unlinked, [VS_OP_RENAME] = renamed,
		[VS_OP_LINK] = linked,	  [VS_OP_WRITE] = written,   [VS_OP_TRUNCATE] = truncated,
		[VS_OP_CLOSE] = closed,	  [VS_OP_OPEN] = opened,     [VS_OP_FALLOCATE] = allocated,
	};

	if (r->op.ret >= 0 && by_op[r->op.op])
		by_op[r->op.op](lives, r);
}
