/* SPDX-License-Identifier: GPL-2.0 */
#include "where.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "glob.h"
#include "options.h"
#include "tables.h"
#include "util.h"
#include "where_tree.h"

/* --- what is tested ---------------------------------------------------------------------- */

/* What a field's own row does not say; without one here it is a text or a signed number. */
/* clang-format off */
static const struct subject_row {
	const char *name;
	enum subject_kind kind;
	bool always;
	int max_len;
	__s64 high; /* of a number from 0; 0: of any */
} subject_rows[] = {
	{"type", SUBJECT_TEXT, true, 0, 0},
	{"ts_ns", SUBJECT_TIME, true, 0, INT64_MAX},
	{"lat_ns", SUBJECT_TIME, false, 0, INT64_MAX},
	{"queue_ns", SUBJECT_TIME, false, 0, INT64_MAX},
	{"op", SUBJECT_OP, true, 0, 0},
	{"via", SUBJECT_VIA, false, 0, 0},
	{"pid", SUBJECT_NUMBER, true, 0, UINT32_MAX},
	{"tid", SUBJECT_NUMBER, true, 0, UINT32_MAX},
	{"ppid", SUBJECT_NUMBER, false, 0, UINT32_MAX},
	{"uid", SUBJECT_USER, true, 0, UINT32_MAX},
	{"comm", SUBJECT_TEXT, true, VS_COMM_LEN - 1, 0},
	{"pcomm", SUBJECT_TEXT, false, VS_COMM_LEN - 1, 0},
	{"cgroup", SUBJECT_PATH, false, 0, 0},
	{"path", SUBJECT_PATH, false, 0, 0},
	{"path2", SUBJECT_PATH, false, 0, 0},
	{"name", SUBJECT_PATH, false, 0, 0},
	{"exe", SUBJECT_PATH, false, 0, 0},
	{"fs", SUBJECT_FS, false, VS_FS_LEN - 1, 0},
	{"ftype", SUBJECT_FTYPE, false, 0, 0},
	{"ret", SUBJECT_NUMBER, true, 0, 0},
	{"err", SUBJECT_ERR, false, 0, 0},
	{"mode", SUBJECT_OCTAL, false, 0, UINT32_MAX},
};
/* clang-format on */

static bool get_name2(const struct record *r, struct value *v)
{
	const char *slash = r->path2.p ? memrchr(r->path2.p, '/', r->path2.len) : NULL;

	v->s = slash ? (struct str){slash + 1, r->path2.p + r->path2.len - slash - 1} : r->path2;
	return v->s.p;
}
const struct field name2_field = {
	.name = "name", .is_string = true, .needs = NEEDS_PATH, .get = get_name2};

bool subject_is_number(const struct subject *subject)
{
	return subject->kind <= SUBJECT_USER;
}

bool subject_is_text(const struct subject *subject)
{
	return subject->kind >= SUBJECT_TEXT;
}

struct subject subject_of(const struct field *field)
{
	struct subject subject = {
		.field = field,
		.kind = field->is_string ? SUBJECT_TEXT : SUBJECT_NUMBER,
		.slot = field == &name2_field ? FIELDS_MAX : (int)(field - field_table),
		.low = field->is_unsigned ? 0 : INT64_MIN,
		.high = field->is_unsigned ? (wide)UINT64_MAX : INT64_MAX,
	};
	static const wide words[SUBJECT_KINDS] = {
		[SUBJECT_OP] = VS_OP_MAX - 1,
		[SUBJECT_VIA] = VS_VIA_MAX - 1,
		[SUBJECT_FTYPE] = VS_FTYPE_MAX - 1,
		[SUBJECT_ERR] = 4095,
	};

	for (size_t i = 0; i < ARRAY_LEN(subject_rows); i++) {
		const struct subject_row *row = &subject_rows[i];

		if (strcmp(row->name, field->name))
			continue;
		subject.kind = row->kind;
		subject.always = row->always;
		subject.max_len = row->max_len;
		if (row->high) {
			subject.low = 0;
			subject.high = row->high;
		}
	}
	if (words[subject.kind]) {
		subject.low = 1;
		subject.high = words[subject.kind];
	}
	return subject;
}

struct subject subject_find(const char *name)
{
	int i = 0;

	while (strcmp(field_table[i].name, name))
		i++;
	return subject_of(&field_table[i]);
}

/* --- the test of a record ---------------------------------------------------------------- */

/* The number that stands for the field's value; false: there is none. */
static bool number_of(const struct subject *subject, const struct record *r, wide *n)
{
	struct value v;

	switch (subject->kind) {
	case SUBJECT_OP: *n = r->op.op; return true;
	case SUBJECT_VIA: *n = r->op.via; return *n;
	case SUBJECT_FTYPE: *n = r->op.ftype; return *n;
	case SUBJECT_ERR: *n = -(wide)r->op.ret; return *n > 0 && *n <= 4095;
	case SUBJECT_OCTAL: *n = r->op.mode; return r->op.has & VS_HAS_MODE;
	default: break;
	}
	if (!subject->field->get(r, &v))
		return false;
	*n = subject->field->is_unsigned ? (wide)(__u64)v.i : (wide)v.i;
	return true;
}

bool where_is_glob(const char *s)
{
	return strpbrk(s, "*?[\\");
}

static bool is_one_of(const struct where_node *node, struct str s)
{
	for (int i = 0; i < node->texts_len; i++) {
		const struct where_text *text = &node->texts[i];

		if (!text->is_glob ? text->len == s.len && !memcmp(text->s, s.p, s.len)
		    : node->subject.kind == SUBJECT_PATH ? glob_match(text->s, s.p, s.len)
							 : glob_match_text(text->s, s.p, s.len))
			return true;
	}
	return !node->texts_len;
}

bool where_text_is_one_of(const struct where_node *node, const char *s, size_t len)
{
	struct str text = {s, len};

	return is_one_of(node, text) || (node->subject.kind == SUBJECT_PATH &&
					 path_undelete(&text) && is_one_of(node, text));
}

static bool text_passes(const struct where_node *node, const struct record *r)
{
	struct value v;
	bool has;

	if (node->subject.kind == SUBJECT_FS) {
		/* also what is only a guess: it is good for filters */
		v.s = (struct str){r->fs, r->fs ? strlen(r->fs) : 0};
		has = r->fs;
	} else {
		has = node->subject.field->get(r, &v);
	}
	return (has && where_text_is_one_of(node, v.s.p, v.s.len)) != node->negated;
}

static bool node_passes(const struct where_node *node, const struct record *r)
{
	wide n;

	switch (node->kind) {
	case WHERE_ALL:
		for (const struct where_node *child = node->first; child; child = child->next)
			if (!child->in_kernel && !node_passes(child, r))
				return false;
		return true;
	case WHERE_ANY:
		for (const struct where_node *child = node->first; child; child = child->next)
			if (node_passes(child, r))
				return true;
		return false;
	case WHERE_NUMBER:
		return number_of(&node->subject, r, &n) ? set_has(&node->set, n) : node->set.absent;
	case WHERE_TEXT: return text_passes(node, r);
	}
	return false;
}

bool where_passes(const struct where *w, const struct record *r)
{
	return !w || node_passes(&w->root, r);
}

/* --- building ---------------------------------------------------------------------------- */

/* A group of the same kind goes up in it: there is none that is empty. */
void where_append(struct where_node *group, struct where_node *node)
{
	bool same = node->kind == group->kind;
	struct where_node *first = same ? node->first : node;

	if (group->last)
		group->last->next = first;
	else
		group->first = first;
	group->last = same ? node->last : node;
}

struct where_node *where_node_new(struct where *w, enum where_kind kind)
{
	struct where_node *node = arena_alloc(&w->arena, sizeof(*node));

	node->kind = kind;
	return node;
}

int where_add(struct where **w, const char *expr)
{
	char *copy;

	if (!*w)
		*w = xcalloc(1, sizeof(**w));
	copy = arena_alloc(&(*w)->arena, strlen(expr) + 1);
	return where_parse(*w, strcpy(copy, expr));
}

void where_free(struct where *w)
{
	if (!w)
		return;
	arena_free(&w->arena);
	free(w);
}

int where_needs(const struct where *w)
{
	return w ? w->needs : 0;
}

static bool node_names(const struct where_node *node, const char *field)
{
	if (node->subject.field && !strcmp(node->subject.field->name, field))
		return true;
	for (const struct where_node *child = node->first; child; child = child->next)
		if (node_names(child, field))
			return true;
	return false;
}

bool where_names(const struct where *w, const char *field)
{
	return w && node_names(&w->root, field);
}
