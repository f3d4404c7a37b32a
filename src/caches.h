/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel itself says of its caches of names, inodes, open files and pages. */
#ifndef CACHES_H
#define CACHES_H

#include <linux/types.h>
#include <stdbool.h>

/* What it counts, from /proc/sys/fs and /proc/meminfo. */
struct caches {
	bool known;		  /* it has been read */
	__u64 dentries, negative; /* names in memory; of these, that do not exist */
	__u64 inodes, files;	  /* in memory; open, by whatever process */
	__u64 cached, dirty;	  /* bytes of the page cache; not written yet */
};

/* Reads it anew: what was now becomes before. Returns 0 or a negative errno. */
int caches_read(void);

/* As of the last two calls. */
extern struct caches caches_now, caches_before;

#endif
