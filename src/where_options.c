/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The filter and the options: the plain ones become terms of it, and those that the kernel
 * side takes are narrowed down to what follows from it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options.h"
#include "out.h"
#include "tables.h"
#include "util.h"
#include "where_tree.h"
#include "words.h"

/* Processes, threads, users that the kernel side is to look for, of each at most. */
enum { IDS_MAX = 256 };

/* --- what the kernel side can decide --------------------------------------------------------- */

/* All of the field that stands in the filter by name. */
static struct set named(struct analysis *a, const struct where_node *node, int slot)
{
	struct set set = {0};

	for (const struct where_node *child = node->first; child; child = child->next)
		set = set_or(a->arena, set, named(a, child, slot));
	if (node->named && node->subject.slot == slot && !node->first)
		set = set_or(a->arena, set, node->set);
	return set;
}

static __u64 bits_of(const struct set *set)
{
	__u64 bits = set->absent ? VS_BIT(0) : 0;

	for (int i = 1; i < 64; i++)
		if (set_has(set, i))
			bits |= VS_BIT(i);
	return bits;
}

/* What the kernel side is to be told about a field. */
struct narrow {
	struct analysis *a;
	struct options *o;
	const struct where_node *root;
	struct subject subject;
	struct set set;
};

static bool has_more_than(const struct set *set, wide n)
{
	return set->len && set->range[set->len - 1].high > n;
}

/* clang-format off */
static bool is_bits(const struct narrow *n) { (void)n; return true; }
static bool is_few(const struct narrow *n) { return set_count(&n->set, IDS_MAX + 1) <= IDS_MAX; }
static bool is_minimum(const struct narrow *n)
{
	return !n->set.absent && n->set.len == 1 && n->set.range[0].low > 0 &&
	       n->set.range[0].high == n->subject.high;
}
static bool is_named(const struct narrow *n) { return !n->set.absent && !set_has(&n->set, 0); }
/* only there it is looked at */
static bool is_of_lookups(const struct narrow *n)
{
	return is_named(n) && n->o->op_mask == VS_BIT(VS_OP_LOOKUP);
}
static bool is_negative(const struct narrow *n)
{
	return n->set.len == 1 && n->set.range[0].low == n->subject.low &&
	       n->set.range[0].high == -1;
}
static bool is_failure(const struct narrow *n)
{
	return !n->set.absent && set_count(&n->set, 4096) == 4095;
}
/* clang-format on */

/* What is in only because it was not excluded must not count as asked for. */
static void narrow_ops(struct narrow *n)
{
	struct set by_name = named(n->a, n->root, n->subject.slot);
	__u64 ops = bits_of(&n->set), asked = bits_of(&by_name);
	__u64 usual = options_ops(&(struct options){0});

	n->o->op_mask = ops & (asked | usual) ? ops & (asked | usual) : ops;
	n->o->ops_implied = n->o->op_mask & ~asked;
}

static void narrow_vias(struct narrow *n)
{
	struct set by_name = named(n->a, n->root, n->subject.slot);

	n->o->via_mask = bits_of(&n->set);
	n->o->vias_implied = n->o->via_mask & ~bits_of(&by_name);
}

static void narrow_ids(const struct options *o, struct ids *ids, const struct set *set)
{
	int len = 0;

	if (o->children) /* they are those whose children are followed */
		return;
	if (set_count(set, IDS_MAX + 1) > IDS_MAX)
		return;
	ids->id = xreallocarray(ids->id, IDS_MAX, sizeof(*ids->id));
	for (int i = 0; i < set->len; i++)
		for (wide id = set->range[i].low; id <= set->range[i].high; id++)
			ids->id[len++] = id;
	ids->len = len;
}

/* clang-format off */
static void narrow_pids(struct narrow *n) { narrow_ids(n->o, &n->o->pids, &n->set); }
static void narrow_tids(struct narrow *n) { narrow_ids(n->o, &n->o->tids, &n->set); }
static void narrow_uids(struct narrow *n) { narrow_ids(n->o, &n->o->uids, &n->set); }
static void narrow_failed(struct narrow *n) { n->o->failed |= !n->set.absent; }
static void narrow_negative(struct narrow *n) { n->o->failed |= !has_more_than(&n->set, -1); }
/* clang-format on */

static void narrow_latency(struct narrow *n)
{
	if (!n->set.absent)
		n->o->min_latency_ns = n->set.range[0].low;
}

static void narrow_size(struct narrow *n)
{
	if (!n->set.absent)
		n->o->min_size = n->set.range[0].low;
}

static void narrow_fs(struct narrow *n)
{
	if (!is_named(n))
		return;
	for (int i = 0; i < n->o->fs.len; i++)
		free(n->o->fs.s[i]);
	n->o->fs.len = 0;
	for (const struct literal *l = n->a->literals; l; l = l->next) {
		if (l->slot != n->subject.slot || !set_has(&n->set, l->n))
			continue;
		n->o->fs.s = xreallocarray(n->o->fs.s, n->o->fs.len + 1, sizeof(*n->o->fs.s));
		n->o->fs.s[n->o->fs.len++] = xstrdup(l->text->s);
	}
}

/* Words may stand for several kinds. */
static void narrow_kinds(struct narrow *n)
{
	if (!is_named(n))
		return;
	for (const struct literal *l = n->a->literals; l; l = l->next)
		for (int kind = 1; kind < VS_KIND_MAX; kind++)
			if (l->slot == n->subject.slot && set_has(&n->set, l->n) &&
			    !strcmp(kind_table[kind].name, l->text->s))
				n->o->kind_mask |= VS_BIT(kind);
}

/* Is a pseudo file system named? Its files are of all types. */
static bool names_pseudo_fs(const struct where_node *node)
{
	bool found = false;

	for (const struct where_node *child = node->first; child; child = child->next)
		found |= names_pseudo_fs(child);
	if (node->named && !node->first && node->subject.kind == SUBJECT_FS)
		for (size_t i = 0; i < fs_table_len; i++)
			found |= where_text_is_one_of(node, fs_table[i].name,
						      strlen(fs_table[i].name));
	return found;
}

/* Types that are not shown by default are, if one of them is named, or nothing else is left. */
static void narrow_ftypes(struct narrow *n)
{
	const __u32 usual = OPTIONS_FTYPES | VS_BIT(VS_FTYPE_NONE);
	struct set by_name = named(n->a, n->root, n->subject.slot);
	__u32 ftypes = bits_of(&n->set);
	bool all = options_show_all_types(n->o) || bits_of(&by_name) & ~usual ||
		   !(ftypes & OPTIONS_FTYPES) || names_pseudo_fs(n->root);

	if (all || !set_equal(&n->set, &n->a->all.of[n->subject.slot]))
		n->o->ftype_mask = all ? ftypes : ftypes & usual;
}

/*
 * The fields that the kernel side tests; for each: is the set one that it can test exactly,
 * and its options narrowed down to it as far as it can.
 */
static const struct narrow_row {
	const char *field;
	bool (*is_exact)(const struct narrow *n);
	void (*narrow)(struct narrow *n);
} narrow_rows[] = {
	/* clang-format off */
	{"op", is_bits, narrow_ops},
	{"via", is_bits, narrow_vias},
	{"fs", is_named, narrow_fs},
	{"ftype", is_bits, narrow_ftypes},
	{"kind", is_of_lookups, narrow_kinds},
	{"pid", is_few, narrow_pids},
	{"tid", is_few, narrow_tids},
	{"uid", is_few, narrow_uids},
	{"lat_ns", is_minimum, narrow_latency},
	{"bytes", is_minimum, narrow_size},
	{"err", is_failure, narrow_failed},
	{"ret", is_negative, narrow_negative},
	/* clang-format on */
};

static void narrow_options(struct analysis *a, struct options *o, const struct facts *f)
{
	for (size_t i = 0; i < ARRAY_LEN(narrow_rows); i++) {
		const struct narrow_row *row = &narrow_rows[i];
		struct narrow n = {a, o, &o->where->root, subject_find(row->field), {0}};

		n.set = f->of[n.subject.slot];
		if (row->narrow == narrow_ftypes || !set_equal(&n.set, &a->all.of[n.subject.slot]))
			row->narrow(&n);
	}
}

/* --- the plain options, as terms -------------------------------------------------------------- */

static struct where_node *add_term(struct where *w, struct where_node *root, const char *option,
				   struct subject subject)
{
	struct where_node *node =
		where_node_new(w, subject_is_text(&subject) ? WHERE_TEXT : WHERE_NUMBER);

	node->subject = subject;
	node->named = true;
	node->at = option;
	node->end = option + strlen(option);
	w->needs |= subject.field->needs;
	where_append(root, node);
	return node;
}

static void add_bits_term(struct where *w, struct where_node *root, const char *option,
			  const char *field, __u64 bits)
{
	struct where_node *node;

	if (!bits)
		return;
	node = add_term(w, root, option, subject_find(field));
	node->in_kernel = true;
	node->set.absent = bits & VS_BIT(0);
	for (int i = 1; i < 64; i++)
		if (bits & VS_BIT(i))
			node->set = set_or(&w->arena, node->set, set_of(&w->arena, i, i));
}

static void add_ids_term(struct where *w, struct where_node *root, const char *option,
			 const char *field, const struct ids *ids)
{
	struct where_node *node;

	if (!ids->len)
		return;
	node = add_term(w, root, option, subject_find(field));
	node->in_kernel = node->subject.kind != SUBJECT_ERR;
	for (int i = 0; i < ids->len; i++)
		node->set = set_or(&w->arena, node->set, set_of(&w->arena, ids->id[i], ids->id[i]));
}

static void add_minimum_term(struct where *w, struct where_node *root, const char *option,
			     const char *field, wide low)
{
	struct where_node *node;

	if (!low)
		return;
	node = add_term(w, root, option, subject_find(field));
	node->in_kernel = true;
	node->set = set_of(&w->arena, low, node->subject.high);
}

static void add_texts_term(struct where *w, struct where_node *root, const char *option,
			   struct subject subject, const struct strings *texts)
{
	struct where_node *node = add_term(w, root, option, subject);

	node->texts = arena_alloc(&w->arena, texts->len * sizeof(*node->texts));
	for (int i = 0; i < texts->len; i++) {
		char *copy = arena_alloc(&w->arena, strlen(texts->s[i]) + 1);

		node->texts[node->texts_len++] =
			(struct where_text){strcpy(copy, texts->s[i]), strlen(copy),
					    subject.kind != SUBJECT_FS && where_is_glob(copy)};
	}
	node->in_kernel = subject.kind == SUBJECT_FS;
}

/* Of a pair of names, one has to match. */
static void add_names_term(struct where *w, struct where_node *root, const char *option,
			   struct subject one, struct subject other, const struct strings *globs)
{
	struct where_node *any;

	if (!globs->len)
		return;
	any = where_node_new(w, WHERE_ANY);
	any->at = option;
	any->end = option + strlen(option);
	add_texts_term(w, any, option, one, globs);
	add_texts_term(w, any, option, other, globs);
	where_append(root, any);
}

static void add_paths_term(struct where *w, struct where_node *root, const struct strings *globs)
{
	add_names_term(w, root, "--path", subject_find("path"), subject_find("path2"), globs);
}

static void add_who_terms(struct where *w, struct where_node *root, const struct options *o)
{
	add_ids_term(w, root, "-p", "pid", &o->pids);
	add_ids_term(w, root, "-t", "tid", &o->tids);
	add_ids_term(w, root, "-u", "uid", &o->uids);
	if (o->comms.len)
		add_texts_term(w, root, "-c", subject_find("comm"), &o->comms);
}

/* Puts what the plain options ask for before the expressions. */
static void add_options(struct where *w, const struct options *o)
{
	struct where_node given = w->root, *root = &w->root;

	*root = (struct where_node){.kind = WHERE_ALL};
	/* with --children they only say whose children: the kernel side knows all of them */
	if (!o->children)
		add_who_terms(w, root, o);
	add_bits_term(w, root, "-o", "op", o->op_mask);
	add_bits_term(w, root, "--via", "via", o->via_mask);
	if (o->fs.len)
		add_texts_term(w, root, "--fs", subject_find("fs"), &o->fs);
	add_bits_term(w, root, "--ftype", "ftype", o->ftype_mask);
	if (o->failed)
		add_minimum_term(w, root, "-x", "err", 1);
	add_ids_term(w, root, "--err", "err", &o->errs);
	add_minimum_term(w, root, "--min-latency", "lat_ns", o->min_latency_ns);
	add_minimum_term(w, root, "--min-size", "bytes", o->min_size);
	add_paths_term(w, root, &o->paths);
	add_names_term(w, root, "--name", subject_find("name"), subject_of(&name2_field),
		       &o->names);
	if (given.first)
		where_append(root, &given);
}

int where_finish(struct options *o)
{
	bool given = o->where;
	struct analysis a;
	struct facts f;

	if (!given)
		o->where = xcalloc(1, sizeof(*o->where));
	add_options(o->where, o);
	o->where->given = o->where->root.last;
	o->fs_asked = where_names(o->where, "fs");
	facts_start(&a, o->where);
	if (facts_of(&a, &o->where->root, &f))
		return -EINVAL;
	if (given)
		narrow_options(&a, o, &f);
	return 0;
}

void where_view(struct options *o, const struct strings *globs)
{
	struct where_node *root = &o->where->root;

	root->last = o->where->given;
	*(root->last ? &root->last->next : &root->first) = NULL;
	for (int i = 0; i < globs->len; i++)
		add_paths_term(o->where, root, &(struct strings){globs->s + i, 1});
}

/* --- -v ------------------------------------------------------------------------------------------
 */

/* The one field that a part is about; false: it is about several. */
static bool one_subject(const struct where_node *node, struct subject *subject)
{
	if (node->kind == WHERE_NUMBER || node->kind == WHERE_TEXT) {
		bool same = !subject->field || subject->field == node->subject.field;

		*subject = node->subject;
		return same;
	}
	for (const struct where_node *child = node->first; child; child = child->next)
		if (!one_subject(child, subject))
			return false;
	return true;
}

static bool decided_in_kernel(struct analysis *a, struct options *o, const struct where_node *node)
{
	struct narrow n = {.a = a, .o = o, .root = node};
	struct facts f = a->all;

	if (node->in_kernel)
		return true;
	if (!one_subject(node, &n.subject) || !facts_assume(a, &f, node))
		return false;
	n.set = f.of[n.subject.slot];
	for (size_t i = 0; i < ARRAY_LEN(narrow_rows); i++)
		if (!strcmp(narrow_rows[i].field, n.subject.field->name))
			return narrow_rows[i].is_exact(&n);
	return false;
}

bool where_in_kernel(const struct options *o)
{
	struct options copy = *o;
	struct analysis a;

	if (!o->where)
		return true;
	facts_start(&a, o->where);
	for (const struct where_node *n = o->where->root.first; n; n = n->next)
		if (!decided_in_kernel(&a, &copy, n))
			return false;
	return true;
}

/* Operations that are on a descriptor or a file, never on a path that a call has passed. */
static const __u64 on_files =
	VS_BIT(VS_OP_READ) | VS_BIT(VS_OP_WRITE) | VS_BIT(VS_OP_FSYNC) | VS_BIT(VS_OP_READDIR) |
	VS_BIT(VS_OP_FALLOCATE) | VS_BIT(VS_OP_CLOSE) | VS_BIT(VS_OP_SYNC) | VS_BIT(VS_OP_FAULT) |
	VS_BIT(VS_OP_LOOKUP) | VS_BIT(VS_OP_PAGE) | VS_BIT(VS_OP_BIO) | VS_BIT(VS_OP_RUNQ);

static void explain_part(struct analysis *a, struct options *o, bool kernel)
{
	/* those that are no part of the filter */
	const struct {
		bool given, kernel;
		const char *name;
	} options[] = {
		{o->dirs.len, true, "-d"},
		{o->dirs.len && options_ops(o) & ~on_files, false, "-d of paths as passed"},
		{o->cgroups.len, true, "-g"},
		{o->containers.len, false, "--container"},
	};
	struct out out;
	int parts = 0;

	out_init(&out, STDERR_FILENO, 256);
	out_str(&out,
		kernel ? "vfscope: decided in the kernel: " : "vfscope: decided in vfscope: ");
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (options[i].given && options[i].kernel == kernel)
			out_printf(&out, "%s%s", parts++ ? ", " : "", options[i].name);
	for (const struct where_node *n = o->where->root.first; n; n = n->next) {
		if (decided_in_kernel(a, o, n) != kernel)
			continue;
		if (parts++)
			out_str(&out, ", ");
		if (n->inverted)
			out_str(&out, "not ");
		where_show(&out, n->at, n->end);
	}
	out_str(&out, parts ? "\n" : "nothing\n");
	out_end_record(&out);
	out_flush(&out);
	out_fini(&out);
}

static void out_words(struct out *out, const char *option, __u64 bits, const char *(*word)(size_t),
		      int end)
{
	const char *before = option;

	for (int i = 1; i < end; i++) {
		if (!(bits & VS_BIT(i)))
			continue;
		out_str(out, before);
		out_str(out, word(i - 1));
		before = ",";
	}
}

static void out_ids(struct out *out, const char *option, const struct ids *ids)
{
	for (int i = 0; i < ids->len; i++)
		out_printf(out, "%s%u", i ? "," : option, ids->id[i]);
}

/* What follows from the filter, as the options that would say the same. */
static void explain_options(const struct options *o)
{
	struct out out;
	size_t nothing;

	out_init(&out, STDERR_FILENO, 256);
	out_str(&out, "vfscope: dropped early, in the kernel, is all but:");
	nothing = out.len;
	out_ids(&out, " -p ", &o->pids);
	out_ids(&out, " -t ", &o->tids);
	out_ids(&out, " -u ", &o->uids);
	out_words(&out, " -o ", o->op_mask, op_word, VS_OP_MAX);
	out_words(&out, " --via ", o->via_mask, via_word, VS_VIA_MAX);
	for (int i = 0; i < o->fs.len; i++) {
		out_str(&out, i ? "," : " --fs ");
		out_visible(&out, o->fs.s[i], strlen(o->fs.s[i]));
	}
	out_words(&out, " --ftype ", o->ftype_mask, ftype_word, VS_FTYPE_MAX);
	out_str(&out, o->failed ? " -x" : "");
	if (o->min_latency_ns)
		out_printf(&out, " --min-latency %lluns", o->min_latency_ns);
	if (o->min_size)
		out_printf(&out, " --min-size %llu", o->min_size);
	if (out.len > nothing) {
		out_char(&out, '\n');
		out_end_record(&out);
		out_flush(&out);
	}
	out_fini(&out);
}

void where_explain(const struct options *o)
{
	struct options copy = *o;
	struct analysis a;

	if (!o->where ||
	    !(o->where->root.first || o->dirs.len || o->cgroups.len || o->containers.len))
		return;
	facts_start(&a, o->where);
	explain_part(&a, &copy, true);
	explain_part(&a, &copy, false);
	explain_options(o);
}
