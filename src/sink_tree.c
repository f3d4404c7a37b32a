/* SPDX-License-Identifier: GPL-2.0 */
/*
 * --tree: above an operation that is of another process than the one before, the process, below
 * those that have started it:
 *
 *     make(100) make all
 *     └─ sh(101) sh -c cc -c a.c
 *        └─ cc(102) cc -c a.c
 *              open     12us          /src/a.c
 *
 * Of its ancestors those are repeated that do not stand above the line before. The top is what
 * was asked for by -p, the program behind --, or a child of init.
 */
#include <stdio.h>
#include <unistd.h>

#include "sink.h"

#define BRANCH "└─ "
#define BOLD "\033[1m"
#define PLAIN "\033[0m"
enum { STEP = 3, ARGS_COLUMNS = 200 };

static bool is_top(const struct tree *tree, __u32 pid, __u32 parent)
{
	for (int i = 0; i < tree->tops.len; i++)
		if (tree->tops.id[i] == pid)
			return true;
	return parent <= 2 || parent == (__u32)getpid(); /* init, kthreadd; vfscope */
}

/* The process and its ancestors, the top first. Returns how many. */
static int chain_of(const struct tree *tree, const struct proc *proc,
		    const struct proc *chain[TREE_DEPTH])
{
	const struct proc *up[TREE_DEPTH];
	int n = 0;

	while (proc && n < TREE_DEPTH) {
		up[n++] = proc;
		if (is_top(tree, proc->pid, proc->parent))
			break;
		proc = procs_find(tree->procs, proc->parent);
	}
	for (int i = 0; i < n; i++)
		chain[i] = up[n - 1 - i];
	return n;
}

static void header(struct sink *sink, int depth, const char *comm, __u32 pid, struct str args)
{
	struct out *out = &sink->out;
	bool cut = args.len > ARGS_COLUMNS;

	for (int i = 0; i < (depth - 1) * STEP; i++)
		out_char(out, ' ');
	if (depth)
		out_str(out, BRANCH);
	if (sink->color)
		out_str(out, BOLD);
	out_visible(out, comm, strlen(comm));
	out_printf(out, "(%u)", pid);
	if (sink->color)
		out_str(out, PLAIN);
	if (args.p) {
		out_char(out, ' ');
		out_visible(out, args.p, cut ? ARGS_COLUMNS : args.len);
		out_str(out, cut ? "..." : "");
	}
	out_char(out, '\n');
}

int sink_tree_above(struct sink *sink, const struct record *r)
{
	const struct proc *chain[TREE_DEPTH];
	struct tree *tree = &sink->tree;
	int len = chain_of(tree, r->proc, chain), same = 0;

	if (!len) { /* not known: by what the record says */
		if (tree->len || tree->at[0].pid != r->op.pid)
			header(sink, 0, r->op.comm, r->op.pid, (struct str){NULL, 0});
		tree->len = 0;
		tree->at[0] = (struct tree_at){.pid = r->op.pid};
		return STEP;
	}
	for (; same < len && same < tree->len; same++) {
		__u64 serial = chain[same]->program ? chain[same]->program->serial : 0;

		if (tree->at[same].pid != chain[same]->pid || tree->at[same].serial != serial)
			break;
	}
	/* back at an ancestor: its name anew, or what follows would be its descendant's */
	if (same == len && tree->len != len)
		same--;
	for (; same < len; same++) {
		const struct proc *proc = chain[same];

		header(sink, same, proc->comm, proc->pid, procs_args(proc));
		tree->at[same].pid = proc->pid;
		tree->at[same].serial = proc->program ? proc->program->serial : 0;
	}
	tree->len = len;
	return len * STEP;
}
