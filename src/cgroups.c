/* SPDX-License-Identifier: GPL-2.0 */
#include "cgroups.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

#define uthash_fatal(what) (msg("%s", what), exit(EXIT_RUN))
#include <uthash.h>

enum { CGROUPS_KNOWN_MAX = 4096, FILEID_KERNFS = 0xfe /* include/linux/exportfs.h */ };

struct cgroup {
	__u64 id;
	char *path; /* NULL: not to be had */
	UT_hash_handle hh;
};

static char root[PATH_MAX];
static int root_fd = -1;
static struct cgroup *known;

int cgroups_init(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *mnt;

	while (mounts && (mnt = getmntent(mounts)))
		if (!strcmp(mnt->mnt_type, "cgroup2") && !*root)
			snprintf(root, sizeof(root), "%s", mnt->mnt_dir);
	if (mounts)
		endmntent(mounts);
	if (!*root)
		return -ENOENT;
	root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return root_fd < 0 ? -errno : 0;
}

/* The id of a cgroup is the file handle of its directory: open it, and ask for its name. */
static char *look_up(__u64 id)
{
	union {
		struct file_handle handle;
		char space[sizeof(struct file_handle) + sizeof(id)];
	} h = {.handle = {.handle_bytes = sizeof(id), .handle_type = FILEID_KERNFS}};
	char link[32], path[PATH_MAX];
	size_t root_len = strlen(root);
	ssize_t len;
	int fd;

	if (root_fd < 0)
		return NULL;
	memcpy(h.handle.f_handle, &id, sizeof(id));
	fd = open_by_handle_at(root_fd, &h.handle, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	close(fd);
	if (len < (ssize_t)root_len || memcmp(path, root, root_len))
		return NULL;
	path[len] = '\0';
	return xstrdup(path[root_len] ? path + root_len : "/");
}

const char *cgroup_path(__u64 id)
{
	struct cgroup *cgroup;

	if (!id)
		return NULL;
	HASH_FIND(hh, known, &id, sizeof(id), cgroup);
	if (cgroup)
		return cgroup->path;
	if (HASH_COUNT(known) >= CGROUPS_KNOWN_MAX) {
		cgroup = known;
		HASH_DEL(known, cgroup);
		free(cgroup->path);
		free(cgroup);
	}
	cgroup = xcalloc(1, sizeof(*cgroup));
	cgroup->id = id;
	cgroup->path = look_up(id);
	HASH_ADD(hh, known, id, sizeof(cgroup->id), cgroup);
	return cgroup->path;
}

struct str cgroup_container(__u64 id)
{
	enum { ID_LEN = 64 };
	const char *path = cgroup_path(id);
	size_t digits = 0;

	for (const char *p = path; p && *p; p++) {
		digits = isxdigit((unsigned char)*p) ? digits + 1 : 0;
		if (digits == ID_LEN && !isxdigit((unsigned char)p[1]))
			return (struct str){p - ID_LEN + 1, ID_LEN};
	}
	return (struct str){NULL, 0};
}

int cgroup_open(const char *path)
{
	int fd;

	if (!*root)
		return -ENOENT;
	if (!strncmp(path, root, strlen(root)))
		path += strlen(root);
	while (*path == '/')
		path++;
	fd = openat(root_fd, *path ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
