/* SPDX-License-Identifier: GPL-2.0 */
/* The filters that the kernel side cannot decide, or not yet: names, and paths as passed. */
#ifndef FILTER_H
#define FILTER_H

#include "options.h"
#include "record.h"
#include "resolve.h"

/* resolver: for the directories of -d, NULL without. */
bool filter_passes(const struct options *o, struct resolver *resolver, const struct record *r);

/* Is there a filter that the kernel side cannot decide for any operation? */
bool filter_needs_records(const struct options *o);

/*
 * Does the text match the glob? ? and * match within a component, ** across; [a-z] and
 * [!a-z] as in the shell, \ takes the next character as it is.
 */
bool glob_match(const char *glob, const char *s, size_t len);

#endif
