/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's functions that are hooked, and what their arguments are on this kernel. A
 * function is taken by its own prototype (names, types and number of its parameters), never
 * by what another type looks like.
 */
#ifndef FNS_H
#define FNS_H

#include <bpf/btf.h>
#include <stdbool.h>

#include "vfscope.h"

struct fn_row {
	enum vs_fn fn;
	const char *function;
	__u64 ops;	    /* that it shows */
	__u64 vias;	    /* by these */
	const char *module; /* that it is in; NULL: the kernel itself */
	/*
	 * Modules, separated by spaces, of which one has to be loaded for the function to be
	 * called for the kernel's own; NULL: none. Each program takes its time to load.
	 */
	const char *callers;
	bool entry_only;
	bool exit_tells; /* its end has all arguments (fentry): no program is needed at its begin */
	bool is_call;	 /* what programs ask for, see VS_CALL_FNS */
	bool is_often;	 /* programs come through it all the time: see hooks.c */
	bool for_dirs;	 /* it shows nothing, but tells -d where paths lead: VS_REACH_FNS */
	bool of_each; /* of no use if one is not told: by fentry only, where it is not preempted */
	/* The parameter of each role; names that changed are separated by '|'. */
	const char *param[VS_ROLE_MAX];
	const char *sees;   /* for doctor */
	const char *unseen; /* what stays unseen without it */
};
extern const struct fn_row fn_rows[];
extern const int fn_rows_len;

/* Is none of the modules loaded that call the function for themselves? */
bool fn_is_idle(const struct fn_row *fn);

/*
 * Finds a function in the kernel's types (btf) or its module's. Returns 0 and fills *row;
 * -ENOENT: there is no such function here; -EPROTO: its parameters are others than known.
 */
int fn_find(const struct btf *btf, const struct fn_row *fn, struct vs_fn_row *row);

#endif
