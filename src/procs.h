/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes and their programs: read from /proc once, for those that are there at the start,
 * and kept true from then on by what the kernel side tells of each fork, exec and exit, in the
 * order of the ring. So a process that has ended has its program still when its last operation
 * is shown. Bounded: of those that have ended, the latest are kept.
 */
#ifndef PROCS_H
#define PROCS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "names.h"
#include "vfscope.h"

/* Shared by a process and its children, until they exec. */
struct program {
	int refs;
	__u64 serial;	  /* no two are the same */
	struct str exe;	  /* p NULL: not known; kernel threads have none */
	char *args;	  /* with blanks between them */
	size_t args_len;  /* as far as it has come ... */
	bool args_closed; /* ... and the last byte stands for the NUL behind an argument */
};

struct proc {
	__u32 pid, parent; /* parent: who has forked it, or what /proc says */
	char comm[VS_COMM_LEN];
	struct program *program; /* NULL: not known */
};

struct procs;
struct procs *procs_new(void);
void procs_free(struct procs *procs);

/* Reads /proc; to be called when the kernel side is attached, before the ring is read. */
void procs_scan(struct procs *procs);

/* Takes a vs_rec_proc of so many bytes. -EBADMSG: it is malformed. */
int procs_add(struct procs *procs, struct names *names, const void *rec, size_t size);

/* NULL: never told of. Valid until the next procs_add. */
struct proc *procs_find(struct procs *procs, __u32 pid);

/* The command line, with blanks between the arguments; p NULL: there is none. */
struct str procs_args(const struct proc *proc);

#endif
