/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The filter language: --where and, as terms of the same tree, the plain options.
 *
 *   where.c        what is tested, and the test of a record
 *   where_parse.c  from an expression to the tree
 *   where_facts.c  what must hold of every record that passes: can there be one at all
 *   where_options.c  the plain options as terms, and what the kernel side can decide
 *   where_set.c    sets of values
 */
#ifndef WHERE_H
#define WHERE_H

#include "record.h"

struct options;
struct strings;
struct where;

/* Adds an expression that has to hold too. 0, or -EINVAL when it has said what is wrong. */
int where_add(struct where **w, const char *expr);
void where_free(struct where *w);

/*
 * When all options are known: makes the plain ones terms of the filter, refuses a filter that
 * nothing can pass (-EINVAL, said why), and narrows the options that the kernel side takes
 * down to what follows from the filter.
 */
int where_finish(struct options *o);

/* After that: of what passes, only records with paths that match each of these; the next such
 * filter takes its place. */
void where_view(struct options *o, const struct strings *globs);

/* Does the kernel side decide all of it, where it knows the file? */
bool where_in_kernel(const struct options *o);

/* Which part of the filter is decided where, to stderr. */
void where_explain(const struct options *o);

/* Does the record pass? NULL: there is no filter. */
bool where_passes(const struct where *w, const struct record *r);

/* What the kernel side has to gather for it: bits of enum field_needs. */
int where_needs(const struct where *w);

/* Is a test of this field in it? */
bool where_names(const struct where *w, const char *field);

#endif
