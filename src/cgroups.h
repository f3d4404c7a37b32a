/* SPDX-License-Identifier: GPL-2.0 */
/* cgroup v2: the path of an id, and the container that a path belongs to. */
#ifndef CGROUPS_H
#define CGROUPS_H

#include <linux/types.h>

#include "names.h"

/*
 * The path below the hierarchy's root ("/", "/system.slice/ssh.service"), NULL if the
 * cgroup is gone or there is no hierarchy. Remembered, so valid until the end.
 */
const char *cgroup_path(__u64 id);

/* The container id in the path: 64 hexadecimal digits; p NULL if there are none. */
struct str cgroup_container(__u64 id);

/*
 * Opens the cgroup that -g names: a path below the hierarchy, with or without the mount
 * point before it. Returns a descriptor or a negative errno: -ENODEV, there is no hierarchy;
 * -EXDEV, the path leads out of it.
 */
int cgroup_open(const char *path);

#endif
