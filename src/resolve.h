/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where paths that programs passed have led: the kernel side sees the text only. It is
 * followed here, a moment later, with what each directory led to kept for as long as no
 * rename, mount or symlink has changed anything.
 */
#ifndef RESOLVE_H
#define RESOLVE_H

#include <linux/types.h>
#include <stdbool.h>

#include "names.h"

struct resolver;

/* A process; should it have ended, its parent does as well, in the same mount namespace. */
struct root_of {
	__u32 pid, ppid, mnt_ns;
};

/*
 * For directories that are real paths. epoch is raised by the kernel side when paths may
 * lead elsewhere than before.
 */
struct resolver *resolver_new(char *const *dirs, int dirs_len, const __u64 *epoch);
void resolver_free(struct resolver *r);

/*
 * Does the path lead to one of the directories, or below? whose: a process whose root is not
 * ours, NULL: ours; nofollow: a symbolic link at its end is meant itself. What does not exist
 * (any more) is judged by the nearest directory above it that does. A path that cannot be
 * followed, since its process has ended, leads nowhere, and is counted.
 */
bool resolver_leads_below(struct resolver *r, struct str path, const struct root_of *whose,
			  bool nofollow);

/* How many could not be followed. */
__u64 resolver_lost(const struct resolver *r);

#endif
