/* SPDX-License-Identifier: GPL-2.0 */
/* The one gate to what is shown: the filter (where.h), and what is not yet decided of paths as
 * passed. */
#ifndef FILTER_H
#define FILTER_H

#include "options.h"
#include "record.h"
#include "resolve.h"

/*
 * resolver: for the directories of -d, NULL without. Of what is not known whether --fs has it
 * (filter_lacks_fs), all else is decided: nothing that may be of real files is hidden unasked.
 */
bool filter_passes(const struct options *o, struct resolver *resolver, const struct record *r);

/* A path of a process whose mounts are not known. */
bool filter_lacks_fs(const struct record *r);

/* Is there a filter that the kernel side cannot decide for any operation? */
bool filter_needs_records(const struct options *o);

#endif
