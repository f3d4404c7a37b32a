/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the bytes of the ring to a record whose members the fields read. Nothing that
 * comes out of the ring is believed: a record that does not fit its own lengths, or
 * names an operation that does not exist, is malformed.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>

#include "names.h"
#include "procs.h"
#include "vfscope.h"
#include "views.h"

struct record {
	struct vs_rec_op op;
	struct str path, path2;		   /* p NULL: there is none */
	struct str mount_type, mount_data; /* likewise */
	struct str
		root;	/* of the process, as we have it; p NULL: ours, of no matter, or not told */
	struct str arg; /* what was passed as the path; p NULL: it is not known any more */
	const char *fs; /* NULL: not known */
	bool fs_is_guess; /* the process sees other mounts: by those, or ours; good for filters only
			   */
	bool path_is_arg; /* the path is what was passed: not yet filtered by file */
	struct proc *proc;		 /* NULL: not known, or not asked for */
	struct str data;		 /* p NULL: none */
	const struct count_row *counted; /* calls of a function, see cmd_count.c */
	const struct agg_row *row;	 /* of a total: what its columns are read from, see agg.h */
};

struct decoder {
	struct names *names;
	struct procs *procs;		      /* NULL: programs are not asked for */
	void (*exited)(void *ctx, __u32 pid); /* a process has; NULL: nobody asks */
	void *exited_ctx;
	/* for paths as passed, by the mounts of a mount namespace; may be NULL */
	const char *(*fs_of_path)(struct str path);
	struct views *views; /* for paths of processes that see other mounts; NULL: not to be had */
	bool fs_asked;	     /* a filter is about file systems */
	__u32 mnt_ns;
	bool host_path;			       /* paths are as we see them */
	__u64 resolved;			       /* paths that the kernel side had to walk */
	__u64 lost_path, lost_proc, malformed; /* counters */
	bool resend;			       /* a path was forgotten: have all sent anew */
	char path[2][VS_PATH_MAX * 3 + 32];
};

/*
 * Returns 1: *r is an operation, its strings are valid until the next call; 0: a record
 * that was taken in (a name), or a malformed one, which is counted.
 */
int record_decode(struct decoder *d, const void *data, size_t size, struct record *r);

#endif
