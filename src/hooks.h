/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which programs see what on this kernel: tracepoints, functions, events. A backend is a
 * choice of rows; what its functions do not show is left to the tracepoints.
 */
#ifndef HOOKS_H
#define HOOKS_H

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "calls.h"
#include "functions.h"
#include "options.h"

enum { HOOKS_TP_MAX = 48 };

struct hooks {
	enum backend backend;	   /* never BACKEND_AUTO */
	enum backend often;	   /* hooks functions that programs come through all the time */
	bool has_io_link;	   /* io_uring's links, in a form that is read here */
	bool no_uring;		   /* the kernel has refused these programs */
	bool no_fns;		   /* likewise those on functions */
	int refused;		   /* the negative errno of that */
	bool has_tp[HOOKS_TP_MAX]; /* rows that fit this kernel */
	bool by_functions;	   /* programs' calls too: no program is run at all system calls */
	bool row_slots;		   /* rows are added up by slots (bpf/slot.h) */
	bool only_count;	   /* by functions and slots, without times: by shorter programs */
	bool no_calls;		   /* what that takes cannot be had */
	bool frees_told;	   /* with -d: a program is told whenever a file is gone */
	struct vs_fn_row fn[VS_FN_MAX]; /* args 0: it cannot be hooked here */
	struct calls calls;		/* hooked by kprobes */
	struct functions *functions;	/* whose calls are counted, and nothing else; NULL: none */
	bool multi;			/* all of them by one hook */
	int slots;			/* scratches that functions need */
	__u64 ops;			/* that are seen at all */
	__u64 vias;
	__u64 kinds;
	struct bpf_link **links;
	int links_len;
};

/*
 * The backend that auto takes: the first of these that can be had. Where programs of fentry
 * can be preempted and are then skipped for other tasks, kprobes go first.
 */
enum backend hooks_best(const struct btf *btf);

/*
 * Can programs use atomic operations that return something? Since 5.12; nothing in BTF tells, so
 * what came with 5.15 does.
 */
bool hooks_have_atomics(const struct btf *btf);

/*
 * Kernels without them refuse a program that has one even where it is never reached: place_take in
 * bpf/maps.h. So there it is taken out, before loading.
 */
void hooks_leave_out_atomics(struct bpf_object *obj);

/* Finds out what fits this kernel. */
void hooks_init(struct hooks *h, const struct btf *btf, enum backend backend);

/*
 * Switches on the programs for what is asked for; want_time: when, and how long; processes:
 * also those on their fork, exec and exit; slots: rows can be added up by them.
 */
void hooks_choose(struct hooks *h, struct bpf_object *obj, const struct btf *btf,
		  const struct options *o, bool want_time, bool processes, bool slots);

/*
 * Attaches what was loaded, in an order in which nothing begins whose end is not seen.
 * Returns 0 or a negative errno; a function that cannot be hooked after all is left out of
 * h->fn and said with -v.
 */
int hooks_attach(struct hooks *h, struct bpf_object *obj);
void hooks_detach(struct hooks *h);

/* The kernel has refused the programs on functions: what is left is the tracepoint backend. */
void hooks_fall_back(struct hooks *h);

/* What the options ask for and these hooks cannot see: NULL-terminated, valid until the next call.
 */
const char *const *hooks_unseen(const struct hooks *h, const struct options *o);

/* Why operations, vias or kinds of them (bits) are not all seen; NULL: they are. */
const char *hooks_why_not(const struct hooks *h, __u64 ops, __u64 vias, __u64 kinds);

/* For doctor: what there is to say of the backend here; NULL: nothing. */
const char *hooks_note(const struct hooks *h);

/* For doctor: the i-th hook that fits here, NULL at the end. */
struct hook_view {
	const char *name, *sees, *program;
	bool is_function;
};
bool hooks_view(const struct hooks *h, int i, struct hook_view *view);

#endif
