/* SPDX-License-Identifier: GPL-2.0 */
/* What /proc/PID/mountinfo says of a mount: which part of its file system it shows, and where. */
#ifndef MOUNTINFO_H
#define MOUNTINFO_H

#include <limits.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stdio.h>

struct mountinfo {
	__u64 id, parent;     /* parent: the mount that it is on */
	__u32 dev;	      /* of the file system, as the kernel has it: major << 20 | minor */
	char root[PATH_MAX];  /* what is shown, as a path in the file system */
	char point[PATH_MAX]; /* where, as a path of the process */
	char fs[64];	      /* the type, without a subtype: "fuse", not "fuse.sshfs" */
};

/* The mounts that a process sees (0: ourselves), for mountinfo_next. NULL: it has ended. */
FILE *mountinfo_open(__u32 pid);

/* The next one, as the kernel lists them: those above others first. False: there is none. */
bool mountinfo_next(FILE *file, struct mountinfo *info);

/* id: as statx gives it; of a mount that the process sees (0: ourselves). False: none such. */
bool mountinfo_find(__u32 pid, __u64 id, struct mountinfo *info);

/* The number of the mount that a descriptor is on, 0 if it is not told; at its root? */
__u64 mountinfo_id(int fd, bool *at_root);

#endif
