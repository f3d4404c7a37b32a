/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What must hold of every record that passes the filter: for each field the set of values
 * that it can have then. It is never too small, and sharp enough for what people write: a
 * conjunction cuts the sets down, of alternatives the union is taken, and what one field
 * says about another is drawn in. An empty set: no record can pass.
 *
 * The values of a text are numbered: the n-th that the filter names is n, any other 0.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "util.h"
#include "where_tree.h"

enum { ROUNDS = 3 }; /* what a later part says is drawn into the earlier ones */

/* --- numbers of texts ---------------------------------------------------------------------- */

static void add_literal(struct analysis *a, int slot, const struct where_text *text)
{
	struct literal *literal = arena_alloc(a->arena, sizeof(*literal));
	wide n = 1;

	for (const struct literal *l = a->literals; l; l = l->next) {
		if (l->slot != slot)
			continue;
		if (l->text->len == text->len && !memcmp(l->text->s, text->s, text->len))
			return;
		n = n > l->n ? n : l->n + 1;
	}
	*literal = (struct literal){a->literals, slot, n, text};
	a->literals = literal;
}

/* The last component of a path. p NULL: there is none, it is "/" or ends so. */
static struct where_text name_in(const struct where_text *path)
{
	const char *slash = memrchr(path->s, '/', path->len), *name = slash ? slash + 1 : path->s;
	size_t len = path->s + path->len - name;

	return (struct where_text){len ? name : NULL, len, false};
}

/* What a path that the filter names says of the name. */
static void add_name_in(struct analysis *a, const struct where_text *path)
{
	struct where_text *name = arena_alloc(a->arena, sizeof(*name));

	*name = name_in(path);
	if (name->s)
		add_literal(a, subject_find("name").slot, name);
}

static void add_literals(struct analysis *a, const struct where_node *node)
{
	bool is_path = node->subject.slot == subject_find("path").slot;

	for (const struct where_node *child = node->first; child; child = child->next)
		add_literals(a, child);
	for (int i = 0; i < node->texts_len; i++)
		if (!node->texts[i].is_glob) {
			add_literal(a, node->subject.slot, &node->texts[i]);
			if (is_path)
				add_name_in(a, &node->texts[i]);
		}
}

/* Can a text that the filter does not name pass? */
static bool others_pass(const struct where_node *node)
{
	if (node->negated || !node->texts_len)
		return node->texts_len || !node->negated;
	for (int i = 0; i < node->texts_len; i++)
		if (node->texts[i].is_glob)
			return true;
	return false;
}

/*
 * Can the literal pass? The number of one that names a file stands for an unlinked one too, which
 * passes where the other does, and perhaps elsewhere.
 */
static bool literal_passes(struct analysis *a, const struct where_node *node,
			   const struct where_text *text)
{
	char *marked;

	if (node->negated || node->subject.kind != SUBJECT_PATH)
		return where_text_is_one_of(node, text->s, text->len) != node->negated;
	marked = arena_alloc(a->arena, text->len + sizeof(DELETED_MARK));
	strcpy(mempcpy(marked, text->s, text->len), DELETED_MARK);
	return where_text_is_one_of(node, marked, strlen(marked));
}

static void number_texts(struct analysis *a, struct where_node *node)
{
	for (struct where_node *child = node->first; child; child = child->next)
		number_texts(a, child);
	if (node->kind != WHERE_TEXT)
		return;
	node->set = (struct set){.absent = node->negated};
	if (others_pass(node))
		node->set = set_or(a->arena, node->set, set_of(a->arena, 0, 0));
	for (const struct literal *l = a->literals; l; l = l->next)
		if (l->slot == node->subject.slot && literal_passes(a, node, l->text))
			node->set = set_or(a->arena, node->set, set_of(a->arena, l->n, l->n));
}

void facts_start(struct analysis *a, struct where *w)
{
	*a = (struct analysis){.arena = &w->arena};
	add_literals(a, &w->root);
	number_texts(a, &w->root);
	for (int i = 0; i < field_table_len; i++) {
		struct subject s = subject_of(&field_table[i]);
		bool text = subject_is_text(&s);

		a->all.of[i] = set_of(a->arena, text ? 0 : s.low, text ? INT32_MAX : s.high);
		a->all.of[i].absent = !s.always;
		a->ops[i] = field_ops(s.field->name);
	}
	a->all.of[FIELDS_MAX] = set_of(a->arena, 0, INT32_MAX); /* name2 */
	a->all.of[FIELDS_MAX].absent = true;
}

/* --- what one field says about another ------------------------------------------------------- */

#define RANGES(...)                                                                                \
	.len = ARRAY_LEN(((struct range[]){__VA_ARGS__})), .range = (const struct range[])         \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
/* If every value of one field is one of these, the other's are among those. */
static const struct rule {
	const char *field;
	struct set is;
	const char *other;
	struct set then;
} rules[] = {
	{"ret", {RANGES({0, INT64_MAX})}, "err", {.absent = true}},
	{"err", {.absent = true}, "ret", {RANGES({INT64_MIN, -4096}, {0, INT64_MAX})}},
	/* what failed has moved nothing */
	{"err", {RANGES({1, 4095})}, "bytes", {.absent = true, RANGES({0, 0})}},
	{"bytes", {RANGES({1, UINT64_MAX})}, "err", {.absent = true}},
	/* what goes by these doors */
	{"via",
	 {RANGES({VS_VIA_RW, VS_VIA_VEC}, {VS_VIA_SPLICE, VS_VIA_COPY_FILE_RANGE})},
	 "op",
	 {RANGES({VS_OP_READ, VS_OP_WRITE})}},
	{"via", {RANGES({VS_VIA_MMAP, VS_VIA_MMAP})}, "op", {RANGES({VS_OP_FAULT, VS_OP_FAULT})}},
};

static bool apply(struct analysis *a, struct facts *f, const struct rule *rule)
{
	struct set *is = &f->of[subject_find(rule->field).slot];
	struct set *other = &f->of[subject_find(rule->other).slot];
	struct set within = set_and(a->arena, *is, rule->is);

	if (set_equal(&within, is))
		*other = set_and(a->arena, *other, rule->then);
	return !set_is_empty(other);
}

/*
 * What only some operations have, and the others are without. Which operations are asked for does
 * not follow from the fields: those that nobody has named are not meant.
 */
static bool apply_ops(const struct analysis *a, struct facts *f)
{
	const struct set *asked = &f->of[subject_find("op").slot];
	__u64 ops = 0;

	for (int op = 1; op < VS_OP_MAX; op++)
		ops |= set_has(asked, op) ? VS_BIT(op) : 0;
	for (int i = 0; i < field_table_len; i++) {
		struct set *set = &f->of[i];

		if (!(ops & a->ops[i]))
			*set = (struct set){.absent = set->absent};
		if (!set->absent)
			ops &= a->ops[i];
		if (!ops || set_is_empty(set))
			return false;
	}
	return true;
}

static const struct set errors = {RANGES({1, 4095})}, results = {RANGES({-4095, -1})};

/* An error is the result as well, with the other sign: what each can be says it of the other. */
static bool apply_errors(struct analysis *a, struct facts *f)
{
	struct set *err = &f->of[subject_find("err").slot], *ret = &f->of[subject_find("ret").slot];
	struct set *const from[] = {err, ret}, *const to[] = {ret, err};
	const struct set *const sure[] = {&errors, &results};

	for (int i = 0; i < 2; i++) {
		struct set within = set_and(a->arena, *from[i], *sure[i]), then = {};

		if (!set_equal(&within, from[i]))
			continue;
		for (int n = 0; n < within.len; n++)
			then = set_or(
				a->arena, then,
				set_of(a->arena, -within.range[n].high, -within.range[n].low));
		*to[i] = set_and(a->arena, *to[i], then);
		if (set_is_empty(to[i]))
			return false;
	}
	return true;
}

static struct set number_of(struct analysis *a, int slot, struct str text)
{
	for (const struct literal *l = a->literals; l; l = l->next)
		if (l->slot == slot && l->text->len == text.len &&
		    !memcmp(l->text->s, text.p, text.len))
			return set_of(a->arena, l->n, l->n);
	return (struct set){};
}

/* All that may stand for a name, which is also that of an unlinked file. */
static struct set numbers_of_name(struct analysis *a, int slot, struct str name)
{
	char *marked = arena_alloc(a->arena, name.len + sizeof(DELETED_MARK));
	struct set set = number_of(a, slot, name);

	strcpy(mempcpy(marked, name.p, name.len), DELETED_MARK);
	set = set_or(a->arena, set, number_of(a, slot, (struct str){marked, strlen(marked)}));
	if (path_undelete(&name))
		set = set_or(a->arena, set, number_of(a, slot, name));
	return set;
}

/* If the path is one of those that are named, so is the name. */
static bool apply_names(struct analysis *a, struct facts *f)
{
	int path_slot = subject_find("path").slot, name_slot = subject_find("name").slot;
	struct set names = {}, *name = &f->of[name_slot];
	const struct set *path = &f->of[path_slot];

	if (path->absent || set_has(path, 0))
		return true;
	for (const struct literal *l = a->literals; l; l = l->next) {
		struct where_text text;

		if (l->slot != path_slot || !set_has(path, l->n))
			continue;
		text = name_in(l->text);
		if (!text.s)
			return true;
		names = set_or(a->arena, names,
			       numbers_of_name(a, name_slot, (struct str){text.s, text.len}));
	}
	*name = set_and(a->arena, *name, names);
	return !set_is_empty(name);
}

/* --- drawing conclusions --------------------------------------------------------------------- */

static bool assume_any(struct analysis *a, struct facts *f, const struct where_node *node)
{
	struct facts before = *f;
	bool possible = false;

	for (const struct where_node *child = node->first; child; child = child->next) {
		struct facts then = before;

		if (!facts_assume(a, &then, child))
			continue;
		for (int i = 0; i < SUBJECT_SLOTS; i++)
			if (!possible)
				f->of[i] = then.of[i];
			else if (!set_equal(&f->of[i], &then.of[i]))
				f->of[i] = set_or(a->arena, f->of[i], then.of[i]);
		possible = true;
	}
	return possible;
}

/* The single tests first: they make the most of the alternatives impossible. */
static bool assume_all(struct analysis *a, struct facts *f, const struct where_node *node)
{
	for (int alternatives = 0; alternatives < 2; alternatives++)
		for (const struct where_node *child = node->first; child; child = child->next)
			if ((child->kind == WHERE_ANY) == alternatives &&
			    !facts_assume(a, f, child))
				return false;
	return true;
}

bool facts_assume(struct analysis *a, struct facts *f, const struct where_node *node)
{
	struct set *set;

	switch (node->kind) {
	case WHERE_ALL: return assume_all(a, f, node);
	case WHERE_ANY: return assume_any(a, f, node);
	default: break;
	}
	set = &f->of[node->subject.slot];
	*set = set_and(a->arena, *set, node->set);
	if (set_is_empty(set))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (!apply(a, f, &rules[i]))
			return false;
	return apply_ops(a, f) && apply_errors(a, f) && apply_names(a, f);
}

/* --- a filter that nothing can pass ---------------------------------------------------------- */

static bool possible_together(struct analysis *a, const struct where_node *x,
			      const struct where_node *y)
{
	struct facts f = a->all;

	return facts_assume(a, &f, x) && facts_assume(a, &f, y) && facts_assume(a, &f, x);
}

static int say_contradiction(const struct where_node *x, const struct where_node *y)
{
	int len = y ? (int)(y->end - y->at) : 0;
	const char *not = y && y->inverted ? "not " : "";

	if (!x->expr)
		msg("%s and %.*s contradict each other: nothing can pass both", x->at, len, y->at);
	else if (!y)
		msg("--where: this can never be true");
	else if (y->expr)
		msg("--where: can never be true: this contradicts '%s%.*s'", not, len, y->at);
	else
		msg("--where: can never be true: this contradicts %.*s", len, y->at);
	if (x->expr)
		where_point(x->expr, x->at);
	return -EINVAL;
}

/* Finds the part, or two, that make it impossible; else it is all of it. */
static int explain_contradiction(struct analysis *a, const struct where_node *root)
{
	const struct where_node *last = NULL;

	for (const struct where_node *x = root->first; x; x = x->next) {
		if (!possible_together(a, x, x))
			return say_contradiction(x, NULL);
		for (const struct where_node *y = root->first; y != x; y = y->next)
			if (!possible_together(a, y, x))
				return say_contradiction(x, y);
		last = x;
	}
	if (!last || !last->expr) {
		msg("the options contradict each other: nothing can pass all of them");
		return -EINVAL;
	}
	msg("--where: can never be true: its parts, or the other options, contradict each other");
	where_point(last->expr, last->at);
	return -EINVAL;
}

int facts_of(struct analysis *a, const struct where_node *root, struct facts *f)
{
	*f = a->all;
	for (int i = 0; i < ROUNDS; i++)
		if (!facts_assume(a, f, root))
			return explain_contradiction(a, root);
	return 0;
}
