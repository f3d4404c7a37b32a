/* SPDX-License-Identifier: GPL-2.0 */
/* One mount, by its number: which part of its file system it shows, and where. */
#ifndef MOUNTINFO_H
#define MOUNTINFO_H

#include <limits.h>
#include <linux/types.h>
#include <stdbool.h>

struct mountinfo {
	char dev[24];	      /* of the file system, MAJOR:MINOR */
	char root[PATH_MAX];  /* what is shown, as a path in the file system */
	char point[PATH_MAX]; /* where, as a path of the process */
};

/* id: as statx gives it; of a mount that the process sees (0: ourselves). False: none such. */
bool mountinfo_find(__u32 pid, __u64 id, struct mountinfo *info);

/* The number of the mount that a descriptor is on, 0 if it is not told; at its root? */
__u64 mountinfo_id(int fd, bool *at_root);

#endif
