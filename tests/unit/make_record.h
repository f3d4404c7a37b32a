/* SPDX-License-Identifier: GPL-2.0 */
/* Records as the kernel side sends them, in memory of exactly their size. */
#ifndef UNIT_MAKE_RECORD_H
#define UNIT_MAKE_RECORD_H

#include <linux/types.h>

#include "unit.h"
#include "vfscope.h"

struct raw {
	size_t size;
	union { /* malloc'd, so that ASan sees a byte read behind it */
		void *data;
		struct vs_rec_op *op;
		struct vs_rec_name *name;
	};
};

static inline struct raw raw_of(const void *data, size_t size)
{
	struct raw raw = {.size = size, .data = malloc(size ? size : 1)};

	memcpy(raw.data, data, size);
	return raw;
}

static inline void raw_free(struct raw *raw)
{
	free(raw->data);
	raw->data = NULL;
}

/* The components leaf first, as one text: "file/dir/top"; "" for the root. */
static inline struct raw raw_name(__u64 id, const char *fs, int flags, const char *leaf_first)
{
	char buf[sizeof(struct vs_rec_name) + 8192];
	struct vs_rec_name *rec = (void *)buf;
	char *p = buf + sizeof(*rec);

	memset(rec, 0, sizeof(*rec));
	rec->type = VS_REC_NAME;
	rec->flags = flags;
	rec->id = id;
	rec->ino = 4711;
	strncpy(rec->fs, fs, VS_FS_LEN - 1);
	for (const char *comp = leaf_first; *comp;) {
		size_t len = strcspn(comp, "/");

		*p++ = len;
		memcpy(p, comp, len);
		p += len;
		comp += len + (comp[len] == '/');
	}
	rec->len = p - (char *)(rec + 1);
	return raw_of(buf, p - buf);
}

/* The leaf alone, which may hold any bytes and may be empty. */
static inline struct raw raw_pseudo(__u64 id, const char *fs, const char *leaf)
{
	struct raw raw = raw_name(id, fs, VS_NAME_PSEUDO, leaf);

	if (*leaf)
		return raw;
	raw.data = realloc(raw.data, raw.size + 1);
	((char *)raw.data)[raw.size++] = 0;
	raw.name->len = 1;
	return raw;
}

/* An operation that has what any has; the rest is for the caller to fill in. */
static inline struct raw raw_op(enum vs_op op, const char *path, const char *path2)
{
	struct raw raw = {.size = sizeof(struct vs_rec_op) + strlen(path) + strlen(path2)};

	raw.data = calloc(1, raw.size);
	raw.op->type = VS_REC_OP;
	raw.op->op = op;
	raw.op->path_len = strlen(path);
	raw.op->path2_len = strlen(path2);
	memcpy((char *)(raw.op + 1), path, strlen(path));
	memcpy((char *)(raw.op + 1) + strlen(path), path2, strlen(path2));
	strcpy(raw.op->comm, "comm");
	strcpy(raw.op->pcomm, "pcomm");
	return raw;
}

#endif
