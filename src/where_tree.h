/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a filter is compiled to, private to where*.c: a tree of which all leaves are one of
 * two tests, "this number lies in that set" and "this text is one of those". Negation has
 * been pushed down into the leaves. Nodes, sets and texts lie in one arena.
 */
#ifndef WHERE_TREE_H
#define WHERE_TREE_H

#include "fields.h"
#include "where.h"
#include "where_set.h"

/* How the values of a field are written, and what may be done with them. */
enum subject_kind {
	SUBJECT_NUMBER, /* also with K, M, G, T */
	SUBJECT_TIME,
	SUBJECT_OCTAL,
	SUBJECT_USER,
	SUBJECT_OP,
	SUBJECT_VIA,
	SUBJECT_FTYPE,
	SUBJECT_ERR,
	SUBJECT_TEXT,
	SUBJECT_FS,
	SUBJECT_PATH, /* a text, in whose globs * stops at a slash */
	SUBJECT_KINDS,
};

/* What is tested: a field, or the last component of path2 (of --name), which has no field. */
struct subject {
	const struct field *field;
	enum subject_kind kind;
	int slot;	/* below SUBJECT_SLOTS: its place among the facts */
	bool always;	/* no record is without it */
	int max_len;	/* of a text; 0: no limit */
	wide low, high; /* of a number */
};
enum { SUBJECT_SLOTS = FIELDS_MAX + 1 };

struct subject subject_of(const struct field *field);
struct subject subject_find(const char *name); /* of one that is there */
extern const struct field name2_field;

/* May it stand behind < and >? Is it a text, or one of a few words? */
bool subject_is_number(const struct subject *subject);
bool subject_is_text(const struct subject *subject);

struct where_text {
	const char *s;
	size_t len;
	bool is_glob;
};

enum where_kind { WHERE_ALL, WHERE_ANY, WHERE_NUMBER, WHERE_TEXT };
struct where_node {
	enum where_kind kind;
	struct where_node *first, *last; /* of ALL and ANY */
	struct where_node *next;	 /* in the same ALL or ANY */
	struct subject subject;
	/* NUMBER: what passes. TEXT: the same of its texts' numbers, for the analysis. */
	struct set set;
	struct where_text *texts; /* of TEXT; none: any text */
	int texts_len;
	bool negated;	      /* of TEXT: what passes is none of them, or no text at all */
	bool inverted;	      /* it stands below a "not" that its part of the text does not show */
	bool named;	      /* its values stand in the filter by name, not by what they are not */
	const char *expr;     /* the whole expression it stands in; NULL: it comes of an option */
	const char *at, *end; /* its part of that; or the option's name */
	bool in_kernel;	      /* of an option: it is decided there, and not again here */
};

struct where {
	struct arena arena;
	struct where_node root;	  /* ALL: what was given, one by one, then what where_view adds */
	struct where_node *given; /* the last of the former; NULL: nothing was */
	int needs;
};

void where_append(struct where_node *group, struct where_node *node);
struct where_node *where_node_new(struct where *w, enum where_kind kind);

/* Does the text match one of the node's? That of a file, also without the mark of one unlinked. */
bool where_text_is_one_of(const struct where_node *node, const char *s, size_t len);

/* Does it hold what makes a glob of a text? */
bool where_is_glob(const char *s);

/* Makes a part of an expression fit for a terminal; returns its columns. */
struct out;
int where_show(struct out *out, const char *from, const char *to);

/* Shows the expression of a node, and a caret below the place. */
void where_point(const char *expr, const char *at);

/*
 * Parses one expression, and appends what has to hold to the root. Returns 0, or -EINVAL
 * when it has said what is wrong.
 */
int where_parse(struct where *w, const char *expr);

/* --- what must hold of every record that passes ------------------------------------------- */

/* For each field the values it can have then: never too few. */
struct facts {
	struct set of[SUBJECT_SLOTS];
};

/* A text that stands in the filter, and the number that stands for it; others have 0. */
struct literal {
	struct literal *next;
	int slot;
	wide n;
	const struct where_text *text;
};

struct analysis {
	struct arena *arena;
	struct literal *literals;
	struct facts all;      /* before anything is said */
	__u64 ops[FIELDS_MAX]; /* that can have a field */
};

void facts_start(struct analysis *a, struct where *w);

/* Cuts the facts down to what holds if the node does. False: nothing is left. */
bool facts_assume(struct analysis *a, struct facts *f, const struct where_node *node);

/* All that follows from the root; -EINVAL if nothing can pass, which it has said. */
int facts_of(struct analysis *a, const struct where_node *root, struct facts *f);

#endif
