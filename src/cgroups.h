/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cgroups: the path of an id, and the container and pod that a path belongs to. An id is what
 * operations hold: the number of the cgroup in the v2 hierarchy; where there are v1 hierarchies
 * too, it stands for the one of v2 and the one of v1.
 */
#ifndef CGROUPS_H
#define CGROUPS_H

#include <linux/types.h>
#include <stdbool.h>

#include "names.h"
#include "vfscope.h"

/*
 * Takes the record of a cgroup's path, which comes before the first operation that holds its id.
 * -EBADMSG: it is malformed.
 */
int cgroup_learn(const void *rec, size_t size);

/*
 * The path below the v2 hierarchy's root ("/", "/system.slice/ssh.service"), where there is none
 * below that of v1; NULL if neither is known. Valid until the next call for another id.
 */
const char *cgroup_path(__u64 id);

/* The container's id in the path of v2 or, if it holds none, of v1, see containers.h; NULL: none.
 */
const char *cgroup_container(__u64 id);

/* The pod likewise: the uid, with dashes, of Kubernetes, the id of Podman. NULL: there is none. */
const char *cgroup_pod(__u64 id);

/* Is it in a container with an id that begins so, or in one within that? */
bool cgroup_in_container(__u64 id, const char *container);

/* The hierarchy of cgroup v1 in which this machine may have containers. */
enum vs_cgroup_v1 cgroup_v1(void);

/*
 * Opens the cgroup that -g names: a path below the hierarchy, with or without the mount
 * point before it. Returns a descriptor or a negative errno: -ENODEV, there is no hierarchy;
 * -EXDEV, the path leads out of it.
 */
int cgroup_open(const char *path);

#endif
