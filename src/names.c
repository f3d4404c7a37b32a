/* SPDX-License-Identifier: GPL-2.0 */
#include "names.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mounts.h"
#include "util.h"

/* an allocation that fails within uthash is our own error to report, as everywhere */
#define uthash_fatal(what) (msg("%s", what), exit(EXIT_RUN))
/* keys are ids that count up, or inode numbers: the general hash takes longer than all else */
#define HASH_FUNCTION(key, len, hash) ((hash) = hash_u64(*(const __u64 *)(key)))
#include <uthash.h>
#include <utlist.h>

enum { DIR_CHANCES = 3 };

/* What is read when one is looked for lies close together. */
struct entry {
	UT_hash_handle hh;
	struct name name;
	__u8 chances; /* so often it is passed over when room is made */
	struct entry *prev, *next;
	char path[];
};

struct names {
	struct entry *table;
	struct entry *order; /* what was not used for longest stands first */
	size_t entries_max, bytes_max, bytes;
	char *text; /* where a path is put together, whose length is not known before */
	size_t text_room;
};

struct names *names_new(size_t entries, size_t bytes)
{
	struct names *names = xcalloc(1, sizeof(*names));

	names->entries_max = entries;
	names->bytes_max = bytes;
	return names;
}

static void forget(struct names *names, struct entry *entry)
{
	names->bytes -= entry->name.path.len;
	HASH_DEL(names->table, entry);
	DL_DELETE(names->order, entry);
	free(entry);
}

void names_free(struct names *names)
{
	struct entry *entry;

	if (!names)
		return;
	HASH_CLEAR(hh, names->table);
	while ((entry = names->order)) {
		names->order = entry->next;
		free(entry);
	}
	free(names->text);
	free(names);
}

static void use(struct names *names, struct entry *entry)
{
	DL_DELETE(names->order, entry);
	DL_APPEND(names->order, entry);
}

/* The newest is the last to go. */
static void make_room(struct names *names, struct entry *newest)
{
	while (HASH_COUNT(names->table) > 1 &&
	       (HASH_COUNT(names->table) > names->entries_max || names->bytes > names->bytes_max)) {
		struct entry *oldest = names->order;

		if (oldest != newest && !oldest->chances) {
			forget(names, oldest);
			continue;
		}
		oldest->chances -= !!oldest->chances;
		use(names, oldest);
	}
}

/* The bytes that the longest path takes that a record can stand for, with all that is added. */
static size_t path_room(const struct vs_rec_name *rec, size_t base_len)
{
	return base_len + rec->len + VS_FS_LEN + 64;
}

/* What stands for the path of a file that has no directory, as /proc/PID/fd shows it. */
static int pseudo_path(char *buf, size_t size, const struct vs_rec_name *rec, const char *leaf,
		       int len)
{
	const char *fs = rec->fs;

	if (!strcmp(fs, "pipefs") || !strcmp(fs, "sockfs"))
		return snprintf(buf, size, "%s:[%llu]", *fs == 'p' ? "pipe" : "socket", rec->ino);
	if (!strcmp(fs, "nsfs"))
		return snprintf(buf, size, "%.*s:[%llu]", len, leaf, rec->ino);
	if (!strcmp(fs, "pidfs"))
		return snprintf(buf, size, "anon_inode:[pidfd]");
	if (!strcmp(fs, "anon_inodefs"))
		return snprintf(buf, size, "anon_inode:%.*s", len, leaf);
	/* as the kernel has it where a file system does not say otherwise: memfd, shared memory */
	return snprintf(buf, size, "/%.*s" DELETED_MARK, len, leaf);
}

/* Turns the components round: each is put before what is there. False: malformed. */
static bool tree_path(char *buf, size_t size, const struct vs_rec_name *rec, const __u8 *comps)
{
	char *p = buf + size;

	for (size_t i = 0; i < rec->len; i += 1 + comps[i]) {
		size_t len = comps[i];

		if (i + 1 + len > rec->len || (size_t)(p - buf) < len + 1)
			return false;
		p -= len;
		memcpy(p, comps + i + 1, len);
		*--p = '/';
	}
	return p == buf;
}

size_t name_text(char *buf, const struct vs_rec_name *rec, const __u8 *comps)
{
	size_t len = 0;

	if (rec->flags & VS_NAME_PSEUDO) {
		if (rec->len < 1 || comps[0] + 1 != rec->len)
			return 0;
		return pseudo_path(buf, path_room(rec, 0), rec, (const char *)comps + 1, comps[0]);
	}
	if (rec->flags & VS_NAME_UNREACHABLE)
		len = stpcpy(buf, "(unreachable)") - buf;
	if (rec->flags & VS_NAME_CUT)
		len = stpcpy(buf + len, "(cut)") - buf;
	if (!tree_path(buf + len, rec->len, rec, comps))
		return 0;
	len += rec->len;
	if (!rec->len)
		buf[len++] = '/';
	if (rec->flags & VS_NAME_DELETED)
		len = stpcpy(buf + len, DELETED_MARK) - buf;
	return len;
}

/* Where we have a file that is known by its place in its file system; to be freed. */
static char *our_path(const struct vs_rec_name *rec, const __u8 *comps, struct str *path)
{
	char *in_fs = xcalloc(1, path_room(rec, 0)), *buf = xcalloc(1, path_room(rec, PATH_MAX));
	size_t len = name_text(in_fs, rec, comps);

	*path = (struct str){buf, mounts_our_path(rec->dev, (struct str){in_fs, len}, buf)};
	free(in_fs);
	return buf;
}

int names_add(struct names *names, const void *data, size_t size)
{
	const struct vs_rec_name *rec = data;
	const __u8 *text = (const __u8 *)(rec + 1);
	struct entry *entry, *old;
	struct str base = {"", 0};
	char *ours = NULL;
	int lost = 0;
	size_t len, room;

	if (size < sizeof(*rec) || size < sizeof(*rec) + rec->len || rec->fs[VS_FS_LEN - 1])
		return -EBADMSG;
	if (rec->flags & VS_NAME_ARG && rec->base) {
		HASH_FIND(hh, names->table, &rec->base, sizeof(rec->base), old);
		base = old ? old->name.path : base;
		lost = !old;
		/* a directory outlives the names in it, or the next of them could not be joined */
		if (old) {
			old->chances = DIR_CHANCES;
			use(names, old);
		}
	}
	if (rec->flags & VS_NAME_IN_FS)
		ours = our_path(rec, text, &base);
	room = path_room(rec, base.len);
	if (room > names->text_room) {
		names->text = xreallocarray(names->text, room, 1);
		names->text_room = room;
	}
	if (rec->flags & VS_NAME_ARG)
		len = path_join(names->text, base, (struct str){(const char *)text, rec->len});
	else if (rec->flags & VS_NAME_VERBATIM)
		len = mempcpy(names->text, text, rec->len) - (void *)names->text;
	else if (ours)
		len = mempcpy(names->text, base.p, base.len) - (void *)names->text;
	else
		len = name_text(names->text, rec, text);
	free(ours);
	if (!len && !(rec->flags & (VS_NAME_ARG | VS_NAME_VERBATIM)))
		return -EBADMSG;
	entry = xcalloc(1,
			sizeof(*entry) + len + 1); /* and a 0, for who reads a number at its end */
	entry->name.id = rec->id;
	memcpy(entry->name.fs, rec->fs, sizeof(entry->name.fs));
	memcpy(entry->path, names->text, len);
	entry->name.path = (struct str){entry->path, len};

	HASH_FIND(hh, names->table, &rec->id, sizeof(rec->id), old);
	if (old)
		forget(names, old);
	HASH_ADD(hh, names->table, name.id, sizeof(entry->name.id), entry);
	DL_APPEND(names->order, entry);
	names->bytes += len;
	make_room(names, entry);
	return lost;
}

void names_fetch(const struct names *names, __u64 id, bool bucket)
{
	const UT_hash_bucket *at;

	if (!names->table)
		return;
	at = &names->table->hh.tbl->buckets[hash_u64(id) & (names->table->hh.tbl->num_buckets - 1)];
	if (bucket)
		__builtin_prefetch(at);
	else if (at->hh_head)
		__builtin_prefetch(&at->hh_head->hh_next);
}

const struct name *names_glance(struct names *names, __u64 id)
{
	struct entry *entry;

	HASH_FIND(hh, names->table, &id, sizeof(id), entry);
	if (!entry)
		return NULL;
	entry->chances += !entry->chances;
	return &entry->name;
}

const struct name *names_find(struct names *names, __u64 id)
{
	struct entry *entry;

	HASH_FIND(hh, names->table, &id, sizeof(id), entry);
	if (!entry)
		return NULL;
	use(names, entry);
	return &entry->name;
}

size_t path_join(char *buf, struct str base, struct str arg)
{
	bool absolute = arg.len && arg.p[0] == '/', in_base = base.len;
	size_t len = base.len, at = 0, root;

	memcpy(buf, base.p, len);
	if (len && buf[len - 1] == '/')
		len--;
	root = absolute ? len : 0;
	while (at < arg.len) {
		const char *comp = arg.p + at, *slash = memchr(comp, '/', arg.len - at);
		size_t n = slash ? (size_t)(slash - comp) : arg.len - at;

		at += n + 1;
		if (!n || (n == 1 && *comp == '.'))
			continue;
		if (in_base && n == 2 && !memcmp(comp, "..", 2)) {
			while (len > root && buf[--len] != '/')
				;
			continue;
		}
		in_base = false;
		/* a relative path stays one where its directory is not known */
		if (len || absolute || base.len)
			buf[len++] = '/';
		memcpy(buf + len, comp, n);
		len += n;
	}
	if (!len && (absolute || base.len))
		buf[len++] = '/';
	return len;
}
