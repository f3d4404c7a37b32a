/* SPDX-License-Identifier: GPL-2.0 */
#include "cgroups.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
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
static bool looked; /* for the hierarchy */
static struct cgroup *known;

/* Finds the hierarchy, once; false: this machine has none mounted. */
static bool have_root(void)
{
	FILE *mounts;
	struct mntent *mnt;

	if (looked)
		return root_fd >= 0;
	looked = true;
	mounts = setmntent("/proc/self/mounts", "re");
	while (mounts && (mnt = getmntent(mounts)))
		if (!strcmp(mnt->mnt_type, "cgroup2") && !*root)
			snprintf(root, sizeof(root), "%s", mnt->mnt_dir);
	if (mounts)
		endmntent(mounts);
	if (*root)
		root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return root_fd >= 0;
}

/* The id of a cgroup is the file handle of its directory: open it, and ask for its name. */
static char *look_up(__u64 id)
{
	union {
		struct file_handle handle;
		char space[sizeof(struct file_handle) + sizeof(id)];
	} h = {.handle = {.handle_bytes = sizeof(id), .handle_type = FILEID_KERNFS}};
	char link[32], path[PATH_MAX];
	size_t root_len;
	ssize_t len;
	int fd;

	if (!have_root())
		return NULL;
	memcpy(h.handle.f_handle, &id, sizeof(id));
	fd = open_by_handle_at(root_fd, &h.handle, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	close(fd);
	root_len = strlen(root);
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
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH,
	};
	size_t root_len;
	int fd;

	if (!have_root())
		return -ENODEV;
	root_len = strlen(root);
	if (!strncmp(path, root, root_len) && (path[root_len] == '/' || !path[root_len]))
		path += root_len;
	while (*path == '/')
		path++;
	fd = syscall(SYS_openat2, root_fd, *path ? path : ".", &how, sizeof(how));
	return fd < 0 ? -errno : fd;
}
