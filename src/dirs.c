/* SPDX-License-Identifier: GPL-2.0 */
#include "dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mountinfo.h"
#include "names.h"
#include "util.h"

int dirs_add(struct dirs *dirs, const char *path)
{
	char real[PATH_MAX];
	int fd = realpath(path, real) ? open(real, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd < 0)
		return -errno;
	dirs->name = xreallocarray(dirs->name, dirs->len + 1, sizeof(*dirs->name));
	dirs->fd = xreallocarray(dirs->fd, dirs->len + 1, sizeof(*dirs->fd));
	dirs->name[dirs->len] = xstrdup(real);
	dirs->fd[dirs->len++] = fd;
	return 0;
}

void dirs_fini(struct dirs *dirs)
{
	for (int i = 0; i < dirs->len; i++) {
		free(dirs->name[i]);
		close(dirs->fd[i]);
	}
	free(dirs->name);
	free(dirs->fd);
}

bool dir_path(int fd, char text[PATH_MAX])
{
	char link[32];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, text, PATH_MAX - 1);
	text[len > 0 ? len : 0] = '\0';
	return len > 0;
}

/* --- what becomes of them --------------------------------------------------------------------- */

struct fate {
	const char *name;
	int fd;
	__u64 mount; /* 0: we do not see it */
	bool said;   /* that it has gone */
	bool shown;  /* the operation by which it went */
};

struct fates {
	int len, gone_len;
	const char **gone;
	struct fate fate[];
};

struct fates *fates_new(const struct dirs *dirs)
{
	struct fates *fates = xcalloc(1, sizeof(*fates) + dirs->len * sizeof(*fates->fate));

	fates->len = dirs->len;
	fates->gone = xcalloc(dirs->len + 1, sizeof(*fates->gone));
	for (int i = 0; i < dirs->len; i++) {
		struct mountinfo info;
		bool at_root;
		__u64 mount = mountinfo_id(dirs->fd[i], &at_root);

		fates->fate[i] = (struct fate){
			.name = dirs->name[i],
			.fd = dirs->fd[i],
			.mount = mountinfo_find(0, mount, &info) ? mount : 0,
		};
	}
	return fates;
}

void fates_free(struct fates *fates)
{
	free(fates->gone);
	free(fates);
}

bool dir_ends_as_deleted(const char *path)
{
	struct str text = {path, strlen(path)};

	return path_undelete(&text);
}

/* Has it been deleted? text: the path that it had. */
static bool is_deleted(int fd, char text[PATH_MAX])
{
	struct stat here, there;

	if (!dir_path(fd, text) || !dir_ends_as_deleted(text) ||
	    (!fstat(fd, &here) && !lstat(text, &there) && here.st_dev == there.st_dev &&
	     here.st_ino == there.st_ino))
		return false;
	text[strlen(text) - strlen(DELETED_MARK)] = '\0';
	return true;
}

void fates_check(struct fates *fates, bool mounts_changed)
{
	for (int i = 0; i < fates->len; i++) {
		struct fate *fate = &fates->fate[i];
		struct mountinfo info;
		char text[PATH_MAX];
		const char *what;

		if (fate->said)
			continue;
		if (is_deleted(fate->fd, text))
			what = "has been deleted; one that is made anew is another";
		else if (mounts_changed && fate->mount && !mountinfo_find(0, fate->mount, &info))
			what = "is on a file system that has been unmounted here";
		else
			continue;
		fate->said = true;
		fates->gone[fates->gone_len++] = fate->name;
		msg("warning: -d %s %s", fate->name, what);
	}
}

const char *const *fates_gone(const struct fates *fates)
{
	return fates->gone;
}

bool fates_is_going(struct fates *fates, const char *path, bool in_its_directory)
{
	const char *name = in_its_directory ? strrchr(path, '/') : path;

	for (int i = 0; i < fates->len; i++) {
		struct fate *fate = &fates->fate[i];
		char text[PATH_MAX];

		if (fate->shown || !is_deleted(fate->fd, text) ||
		    strcmp(in_its_directory ? strrchr(text, '/') : text, name))
			continue;
		fate->shown = true;
		return true;
	}
	return false;
}
