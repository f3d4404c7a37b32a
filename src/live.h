/* SPDX-License-Identifier: GPL-2.0 */
/* top on a terminal: a page of rows, and the keys that change what it shows. */
#ifndef LIVE_H
#define LIVE_H

#include "columns.h"
#include "run.h"

struct live;

/* NULL: there is no terminal for it, or lines are asked for. */
struct live *live_new(struct options *o);
void live_free(struct live *live);

/* Shows the rows of an interval. */
void live_show(struct live *live, struct run *run, struct agg *agg, const struct fields *shown,
	       const struct field **sort);

/* There is something to read. */
void live_input(struct live *live, struct run *run);

/*
 * Other keys or filters were asked for, for which the kernel side has to be loaded anew: then
 * the options are changed, and the run is to begin again.
 */
bool live_again(struct live *live);

#endif
