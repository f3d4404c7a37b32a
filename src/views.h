/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The file systems that paths lie on as processes with other mounts, or another root, see them:
 * by their text, in what /proc/PID/mountinfo said a moment later.
 */
#ifndef VIEWS_H
#define VIEWS_H

#include "names.h"

struct views;

/* Of processes in the mount namespace mnt_ns only roots differ. epoch is raised with each mount. */
struct views *views_new(const __u64 *epoch, __u32 mnt_ns);
void views_free(struct views *views);

/*
 * The type of the file system that a path of a process lies on; parent: who is asked if it has
 * ended, 0 if not known. NULL: it is not known, or views is NULL.
 */
const char *views_fs_of(struct views *views, __u32 pid, __u32 parent, __u32 mnt_ns,
			struct str path);

/*
 * Where we have what has that path there: as mount_table_our_path. 0: it is not known, or views is
 * NULL.
 */
size_t views_our_path(struct views *views, __u32 pid, __u32 parent, __u32 mnt_ns, struct str path,
		      char *buf);

#endif
