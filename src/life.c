/* SPDX-License-Identifier: GPL-2.0 */
#include "life.h"

#include <stdbool.h>
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
	       VS_BIT(VS_OP_CLOSE);
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

/* Forgets a file with all its names, which is rare: it looks at every one. */
static void forget(struct lives *lives, struct file *file)
{
	for (struct name_of *name = lives->names, *next; name; name = next) {
		next = name->hh.next;
		if (name->file == file)
			name_free(lives, name);
	}
	file_free(lives, file);
}

/* --- what happens to files ----------------------------------------------------------------- */

/* A name is gone, and with the last one the file. */
static void name_gone(struct lives *lives, const struct record *r, struct name_of *name)
{
	struct file *file = name->file;

	name_free(lives, name);
	if (--file->life.links > 0)
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

static void linked(struct lives *lives, const struct record *r)
{
	struct name_of *name = find(lives, r->path);

	if (name && r->path2.p && !find(lives, r->path2))
		name_add(lives, r->path2, name->file);
}

static bool is_below(const struct name_of *name, struct str dir)
{
	return name->len > dir.len && name->path[dir.len] == '/' &&
	       !memcmp(name->path, dir.p, dir.len);
}

/* What is renamed may be a directory, with files of ours in it. */
static void renamed_dir(struct lives *lives, const struct record *r)
{
	char path[2 * VS_PATH_MAX * 2 + 64];

	for (struct name_of *name = lives->names, *next; name; name = next) {
		struct file *file = name->file;
		size_t rest;

		next = name->hh.next;
		if (!is_below(name, r->path))
			continue;
		rest = name->len - r->path.len;
		if (r->path2.len + rest > sizeof(path))
			continue;
		memcpy(path, r->path2.p, r->path2.len);
		memcpy(path + r->path2.len, name->path + r->path.len, rest);
		name_free(lives, name);
		file->life.links--;
		name_add(lives, (struct str){path, r->path2.len + rest}, file);
	}
}

static void renamed(struct lives *lives, const struct record *r)
{
	struct name_of *from = find(lives, r->path), *over = find(lives, r->path2);
	struct file *file;

	if (!r->path.p || !r->path2.p || (from && over && from->file == over->file))
		return;
	if (over)
		name_gone(lives, r, over);
	if (!from) {
		renamed_dir(lives, r);
		return;
	}
	file = from->file;
	name_free(lives, from);
	file->life.links--;
	name_add(lives, r->path2, file);
}

/* O_TMPFILE: a file that never had a name ends with its descriptor. */
static void closed(struct lives *lives, const struct record *r)
{
	static const char deleted[] = " (deleted)";
	const size_t len = sizeof(deleted) - 1;
	struct file *file = file_of(lives, r);
	struct name_of *name;

	if (!file || file->life.pid != r->op.pid || !r->path.p || r->path.len < len ||
	    memcmp(r->path.p + r->path.len - len, deleted, len))
		return;
	name = find(lives, r->path);
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

void lives_add(struct lives *lives, const struct record *r)
{
	static void (*const by_op[VS_OP_MAX])(struct lives * lives, const struct record *r) = {
		[VS_OP_CREATE] = created, [VS_OP_UNLINK] = unlinked, [VS_OP_RENAME] = renamed,
		[VS_OP_LINK] = linked,	  [VS_OP_WRITE] = written,   [VS_OP_TRUNCATE] = truncated,
		[VS_OP_CLOSE] = closed,
	};

	if (r->op.ret >= 0 && by_op[r->op.op])
		by_op[r->op.op](lives, r);
}
