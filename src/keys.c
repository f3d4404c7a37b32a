/* SPDX-License-Identifier: GPL-2.0 */
#include "keys.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tables.h"
#include "util.h"

/* What the kernel side keeps for a key; one that is not here it does not have. */
static const struct {
	const char *name;
	__u32 bits;
} kernel_keys[] = {
	{"path", VS_BIT(VS_KEY_PATH)},
	{"name", VS_BIT(VS_KEY_PATH)},
	{"dir", VS_BIT(VS_KEY_PATH) | VS_BIT(VS_KEY_FTYPE)},
	{"ino", VS_BIT(VS_KEY_INO)},
	{"cgroup", VS_BIT(VS_KEY_CGROUP)},
	{"container", VS_BIT(VS_KEY_CGROUP)},
	{"comm", VS_BIT(VS_KEY_COMM)},
	{"pcomm", VS_BIT(VS_KEY_PCOMM)},
	{"dev", VS_BIT(VS_KEY_DEV)},
	{"pid", VS_BIT(VS_KEY_PID)},
	{"tid", VS_BIT(VS_KEY_TID)},
	{"ppid", VS_BIT(VS_KEY_PPID)},
	{"uid", VS_BIT(VS_KEY_UID)},
	{"user", VS_BIT(VS_KEY_UID)},
	{"mnt_ns", VS_BIT(VS_KEY_MNT_NS)},
	{"op", VS_BIT(VS_KEY_OP)},
	{"ftype", VS_BIT(VS_KEY_FTYPE)},
	{"fs", VS_BIT(VS_KEY_FS)},
	{"err", VS_BIT(VS_KEY_ERR)},
	{"kind", VS_BIT(VS_KEY_KIND)},
};

/* --- keys that are no fields ------------------------------------------------------------- */

/* A number until it is shown, see agg.c. */
static bool get_user(const struct record *r, struct value *v)
{
	v->type = VALUE_INT;
	v->i = r->op.uid;
	return true;
}

const char *user_name(__u32 uid)
{
	static struct {
		__u32 uid;
		char name[40];
	} known[64];
	size_t i = uid % ARRAY_LEN(known);
	struct passwd *user;

	if (!*known[i].name || known[i].uid != uid) {
		user = getpwuid(uid);
		known[i].uid = uid;
		if (user)
			snprintf(known[i].name, sizeof(known[i].name), "%s", user->pw_name);
		else
			snprintf(known[i].name, sizeof(known[i].name), "%u", uid);
	}
	return known[i].name;
}

/* The directory that a file is in; a directory is in itself. */
static bool get_dir(const struct record *r, struct value *v)
{
	const char *slash;

	if (!r->path.p || !r->path.len || *r->path.p != '/')
		return false;
	v->type = VALUE_STR;
	v->s = r->path;
	if (r->op.ftype == VS_FTYPE_DIR)
		return true;
	slash = memrchr(r->path.p, '/', r->path.len);
	v->s.len = slash == r->path.p ? 1 : slash - r->path.p;
	return true;
}

/* clang-format off */
static const struct field more_keys[] = {
	{.name = "user", .title = "USER", .width = 10, .is_string = true, .get = get_user,
	 .help = "name of the user"},
	{.name = "dir", .title = "DIR", .is_string = true, .needs = NEEDS_PATH, .get = get_dir,
	 .help = "directory that the file is in; dir:N: its first N levels below the root"},
};
/* What says something of one operation alone, or is what a row sums up. */
static const char *const no_keys[] = {"type", "ts_ns", "lat_ns", "req", "bytes", "data"};
/* clang-format on */

/* --- parsing ----------------------------------------------------------------------------- */

static bool is_key(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(no_keys); i++)
		if (!strcmp(no_keys[i], name))
			return false;
	return true;
}

static const char *key_word(size_t i)
{
	if (i < ARRAY_LEN(more_keys))
		return more_keys[i].name;
	i -= ARRAY_LEN(more_keys);
	if (i >= (size_t)field_table_len)
		return NULL;
	return is_key(field_table[i].name) ? field_table[i].name : "";
}

const struct field *keys_nth(int i)
{
	const int more = ARRAY_LEN(more_keys);

	for (int nth = 0; nth < field_table_len; nth++)
		if (is_key(field_table[nth].name) && !i--)
			return &field_table[nth];
	return i < more ? &more_keys[i] : NULL;
}

static const struct field *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(more_keys); i++)
		if (!strcmp(more_keys[i].name, name))
			return &more_keys[i];
	for (int i = 0; i < field_table_len; i++)
		if (!strcmp(field_table[i].name, name) && is_key(name))
			return &field_table[i];
	return NULL;
}

static __u32 kernel_bits(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(kernel_keys); i++)
		if (!strcmp(kernel_keys[i].name, name))
			return kernel_keys[i].bits;
	return 0;
}

/* One item; it is changed. */
static int add(struct keys *keys, char *item)
{
	struct key *key = &keys->key[keys->len];
	char *level = strchr(item, ':');
	const struct field *field;
	__u64 n = 0;

	snprintf(key->name, sizeof(key->name), "%s", item);
	if (level) {
		*level++ = '\0';
		if (strcmp(item, "dir") || parse_u64(level, 1, 1000, &n)) {
			msg("--by %s: a key with a number is dir:N, the first N levels of the directory",
			    key->name);
			return -EINVAL;
		}
	}
	field = find(item);
	if (!field) {
		const char *near = nearest(item, key_word);

		msg("unknown key '%s'; %s%s'", item,
		    near ? "the nearest is '" : "see 'vfscope list keys", near ? near : "");
		return -EINVAL;
	}
	for (int i = 0; i < keys->len; i++) {
		if (strcmp(keys->key[i].name, key->name))
			continue;
		msg("--by: '%s' stands there twice", key->name);
		return -EINVAL;
	}
	key->field = *field;
	key->field.name = key->name;
	key->level = n;
	key->ops = field_ops(field->name);
	keys->needs |= field->needs;
	/* of the file itself, not of its name */
	keys->kernel_needs |= kernel_bits(field->name) == VS_BIT(VS_KEY_FS) ? 0 : field->needs;
	keys->kernel |= kernel_bits(field->name);
	keys->user_only |= !kernel_bits(field->name);
	keys->len++;
	return 0;
}

int keys_parse(struct keys *keys, const char *list)
{
	char *copy = xstrdup(list), *rest = copy, *item;
	int err = 0;

	memset(keys, 0, sizeof(*keys));
	while (!err && (item = strsep(&rest, ","))) {
		if (keys->len == KEYS_MAX) {
			msg("--by: at most %d keys", KEYS_MAX);
			err = -EINVAL;
		} else {
			err = add(keys, item);
		}
	}
	free(copy);
	return err;
}

int keys_add(struct keys *keys, const char *name)
{
	char item[32];

	for (int i = 0; i < keys->len; i++)
		if (!strcmp(keys->key[i].name, name))
			return 0;
	if (keys->len == KEYS_MAX) {
		msg("--by: at most %d keys, and '%s' is one more", KEYS_MAX, name);
		return -EINVAL;
	}
	snprintf(item, sizeof(item), "%s", name);
	return add(keys, item);
}

/* --- values ------------------------------------------------------------------------------ */

/* The first components of an absolute path. */
static size_t first_levels(struct str path, int levels)
{
	size_t at = 0;

	while (levels-- && at < path.len) {
		const char *slash = memchr(path.p + at + 1, '/', path.len - at - 1);

		at = slash ? (size_t)(slash - path.p) : path.len;
	}
	return at;
}

bool key_get(const struct key *key, const struct record *r, struct value *v)
{
	if (!key->field.get(r, v))
		return false;
	if (key->level)
		v->s.len = first_levels(v->s, key->level);
	return true;
}

/* --- the kernel side's keys, see agg_key in bpf/agg.h -------------------------------------- */

int keys_size(const struct keys *keys)
{
	int size = sizeof(struct vs_key_head);

#define ADD_SIZE(e, member)                                                                        \
	if (keys->kernel & VS_BIT(VS_KEY_##e))                                                     \
		size += sizeof(((struct vs_rec_op *)0)->member);
	VS_KEYS(ADD_SIZE)
	if (keys->kernel & VS_BIT(VS_KEY_FS))
		size += VS_FS_LEN;
	return (size + 7) & ~7; /* the kernel hashes whole words faster */
}

bool keys_unpack(const struct keys *keys, const void *packed, struct names *names, struct record *r)
{
	const struct vs_key_head *head = packed;
	const char *from = (const char *)(head + 1);
	const struct name *name;

	memset(r, 0, sizeof(*r));
#define UNPACK(e, member)                                                                          \
	if (keys->kernel & VS_BIT(VS_KEY_##e)) {                                                   \
		memcpy(&r->op.member, from, sizeof(r->op.member));                                 \
		from += sizeof(r->op.member);                                                      \
	}
	VS_KEYS(UNPACK)
	if (keys->kernel & VS_BIT(VS_KEY_FS) && *from)
		r->fs = from;
	r->op.ret = head->err;
	r->op.has |= (__u32)head->kind << VS_HAS_KIND_SHIFT;
	if (r->op.dev || r->op.ino)
		r->op.has |= VS_HAS_INODE;
	if (!r->op.path_id)
		return true;
	name = names_glance(names, r->op.path_id);
	if (name)
		r->path = name->path;
	return name;
}

void keys_fetch(const struct keys *keys, const void *packed, const struct names *names, bool bucket)
{
	__u64 id;

	if (!(keys->kernel & VS_BIT(VS_KEY_PATH)))
		return;
	/* the first of VS_KEYS */
	memcpy(&id, (const struct vs_key_head *)packed + 1, sizeof(id));
	names_fetch(names, id, bucket);
}
