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

#include "dirs.h"
#include "names.h"

struct resolver;

/*
 * A process, and the path of its root as we see it. Should it have ended, its parent does as well,
 * or if it was in our mount namespace we ourselves: that root is found by its path.
 */
struct root_of {
	__u32 pid, ppid, mnt_ns;
	struct str root;
};

/*
 * For directories, which stay open as long as it is there. epoch is raised by the kernel side when
 * paths may lead elsewhere than before, last at moved_ns (CLOCK_MONOTONIC).
 */
struct resolver *resolver_new(const struct dirs *dirs, const __u64 *epoch, const __u64 *moved_ns);
void resolver_free(struct resolver *r);

enum leads {
	LEADS_NOFOLLOW = 1 << 0, /* a symbolic link at its end is meant itself */
	LEADS_GONE = 1 << 1,	 /* what had this name has lost it by this */
	/* its directory is known to be below; links may lead out of it, but not "..", */
	LEADS_FROM_BELOW = 1 << 2,
	LEADS_IN_BELOW = 1 << 3, /* nor any but one at the end: it is the name of something there */
};

/*
 * Does the path lead to one of the directories, or below? whose: a process whose root is not
 * ours, NULL: ours; flags: of enum leads. What does not exist (any more) is judged by the nearest
 * directory above it that does. A path that cannot be followed, since its process has ended, leads
 * on from where it begins or, if that is not known to be below, nowhere, and is counted. So is one
 * that may have led elsewhere when the call began (CLOCK_MONOTONIC; 0: not told, a second ago at
 * most): names have been moved since and, by ctime, a directory on the way, or a link.
 */
bool resolver_leads_below(struct resolver *r, struct str path, const struct root_of *whose,
			  int flags, __u64 began_ns);

/*
 * Says once of each directory that it has been deleted or, where mounts have changed, that its
 * file system has been unmounted.
 */
void resolver_check_dirs(struct resolver *r, bool mounts_changed);

/* Those of which that has been said, NULL at the end. */
const char *const *resolver_gone(const struct resolver *r);

/* How many could not be followed, or not for sure. */
__u64 resolver_lost(const struct resolver *r);

#endif
