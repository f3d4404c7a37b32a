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

/*
 * For directories that are real paths. epoch is raised by the kernel side when paths may
 * lead elsewhere than before.
 */
struct resolver *resolver_new(char *const *dirs, int dirs_len, const __u64 *epoch);
void resolver_free(struct resolver *r);

/*
 * Does the path lead to one of the directories, or below? pid: a process whose root is not
 * ours, 0: ours; nofollow: a symbolic link at its end is meant itself. What does not exist
 * (any more) is judged by the nearest directory above it that does. A path that cannot be
 * followed, since its process has ended, leads nowhere, and is counted.
 */
bool resolver_leads_below(struct resolver *r, struct str path, int pid, bool nofollow);

/* How many could not be followed. */
__u64 resolver_lost(const struct resolver *r);

#endif
