/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One table a process, for two of the same mount namespace may have different roots, which cannot
 * be told apart without CAP_SYS_PTRACE. It is read anew when the epoch has been raised; a
 * rename raises that too, so the time that this takes is bounded. What has ended is seen by the
 * last table that it had.
 */
#include "views.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mounts.h"
#include "util.h"

#define uthash_fatal(what) (msg("%s", what), exit(EXIT_RUN))
#include <uthash.h>

enum {
	VIEWS_MAX = 128, /* then all are forgotten */
	SHARE = 10,	 /* at most one of so many parts of the time goes into reading one again */
};

struct view {
	__u32 pid, mnt_ns;
	__u64 epoch, again_ns;
	struct mount_table table;
	char *root_fs; /* where a path lies on none of them; NULL: not known */
	UT_hash_handle hh;
};

struct views {
	struct view *by_pid;
	const __u64 *epoch;
	__u32 mnt_ns;
};

struct views *views_new(const __u64 *epoch, __u32 mnt_ns)
{
	struct views *views = xcalloc(1, sizeof(*views));

	views->epoch = epoch;
	views->mnt_ns = mnt_ns;
	return views;
}

static void forget(struct views *views)
{
	struct view *view, *next;

	HASH_ITER(hh, views->by_pid, view, next)
	{
		HASH_DEL(views->by_pid, view);
		mount_table_fini(&view->table);
		free(view->root_fs);
		free(view);
	}
}

void views_free(struct views *views)
{
	if (!views)
		return;
	forget(views);
	free(views);
}

/* Is the process in that mount namespace? unsure: what is said if we may not look. */
static bool is_in(__u32 pid, __u32 mnt_ns, bool unsure)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%u/ns/mnt", pid);
	return stat(path, &st) ? unsure && errno == EACCES : st.st_ino == mnt_ns;
}

/* A root that is no mount does not stand in its own table, but lies in ours. */
static char *fs_of_root(const struct views *views, const struct view *view)
{
	char link[32], root[PATH_MAX];
	const char *fs = NULL;
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/%u/root", view->pid);
	len = view->mnt_ns == views->mnt_ns ? readlink(link, root, sizeof(root)) : -1;
	if (len > 0)
		fs = mounts_fs_of((struct str){root, len});
	return fs && *fs ? xstrdup(fs) : NULL;
}

/* False: it cannot be had, and stays as it was. */
static bool look(struct views *views, struct view *view, bool unsure)
{
	__u64 epoch = __atomic_load_n(views->epoch, __ATOMIC_ACQUIRE),
	      began = clock_ns(CLOCK_MONOTONIC);

	if (!is_in(view->pid, view->mnt_ns, unsure) || !mount_table_read(&view->table, view->pid))
		return false;
	free(view->root_fs);
	view->root_fs = fs_of_root(views, view);
	view->epoch = epoch;
	view->again_ns = began + (clock_ns(CLOCK_MONOTONIC) - began) * SHARE;
	return true;
}

static bool is_fresh(const struct views *views, const struct view *view)
{
	return view->epoch == __atomic_load_n(views->epoch, __ATOMIC_ACQUIRE) ||
	       clock_ns(CLOCK_MONOTONIC) < view->again_ns;
}

/* unsure: is the process taken to be in the namespace if we may not look? NULL: it has ended. */
static const struct view *view_of(struct views *views, __u32 pid, __u32 mnt_ns, bool unsure)
{
	struct view *view;

	HASH_FIND(hh, views->by_pid, &pid, sizeof(pid), view);
	if (view && view->mnt_ns == mnt_ns) {
		if (!is_fresh(views, view))
			look(views, view, unsure);
		return view;
	}
	if (view) /* another process by now, or in another namespace */
		HASH_DEL(views->by_pid, view);
	else
		view = xcalloc(1, sizeof(*view));
	view->pid = pid;
	view->mnt_ns = mnt_ns;
	if (!look(views, view, unsure)) {
		mount_table_fini(&view->table);
		free(view->root_fs);
		free(view);
		return NULL;
	}
	if (HASH_COUNT(views->by_pid) >= VIEWS_MAX)
		forget(views);
	HASH_ADD(hh, views->by_pid, pid, sizeof(view->pid), view);
	return view;
}

/* Of a process or, if it has ended, its parent. */
static const struct view *view_for(struct views *views, __u32 pid, __u32 parent, __u32 mnt_ns,
				   struct str path)
{
	const struct view *view = views ? view_of(views, pid, mnt_ns, true) : NULL;

	/* in our mount namespace it is the root that differs, perhaps from the parent's too */
	if (!view && views && parent && mnt_ns != views->mnt_ns)
		view = view_of(views, parent, mnt_ns, false);
	/* relative to a directory that is not known, or that is not below its root */
	return path.len && *path.p == '/' ? view : NULL;
}

const char *views_fs_of(struct views *views, __u32 pid, __u32 parent, __u32 mnt_ns, struct str path)
{
	const struct view *view = view_for(views, pid, parent, mnt_ns, path);

	return view ? mount_table_fs_of(&view->table, path) ?: view->root_fs : NULL;
}

size_t views_our_path(struct views *views, __u32 pid, __u32 parent, __u32 mnt_ns, struct str path,
		      char *buf)
{
	const struct view *view = view_for(views, pid, parent, mnt_ns, path);

	return view ? mount_table_our_path(&view->table, path, buf) : 0;
}
