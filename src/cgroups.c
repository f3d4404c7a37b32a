/* SPDX-License-Identifier: GPL-2.0 */
#include "cgroups.h"

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

#include "containers.h"
#include "util.h"

#define uthash_fatal(what) (msg("%s", what), exit(EXIT_RUN))
/* keys are ids that count up, or inode numbers: the general hash takes longer than all else */
#define HASH_FUNCTION(key, len, hash) ((hash) = hash_u64(*(const __u64 *)(key)))
#include <uthash.h>

enum {
	CGROUPS_KNOWN_MAX = 16384, /* twice as many as the kernel side takes for told */
	FILEID_KERNFS = 0xfe,	   /* include/linux/exportfs.h */
};

struct cgroup {
	__u64 id;
	char *path;	 /* NULL: not to be had */
	char *v1;	 /* its path in a hierarchy of cgroup v1; NULL: there is none */
	char *container; /* in one of the two, NULL: in none */
	char pod[POD_ID_SIZE];
	bool used; /* since it was last considered for forgetting */
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

/* --- by id -------------------------------------------------------------------------------- */

static void set_ids(struct cgroup *cgroup)
{
	const char *const paths[] = {cgroup->path, cgroup->v1};
	char id[CONTAINER_ID_SIZE];

	free(cgroup->container);
	cgroup->container = NULL;
	*cgroup->pod = '\0';
	for (size_t i = 0; i < ARRAY_LEN(paths) && !cgroup->container; i++) {
		if (!paths[i])
			continue;
		if (container_find(paths[i], id))
			cgroup->container = xstrdup(id);
		if (!*cgroup->pod)
			pod_find(paths[i], cgroup->pod);
	}
}

static void forget(struct cgroup *cgroup)
{
	HASH_DEL(known, cgroup);
	free(cgroup->path);
	free(cgroup->v1);
	free(cgroup->container);
	free(cgroup);
}

/* An entry for what is not known yet. */
static struct cgroup *make(__u64 id)
{
	struct cgroup *cgroup;

	/* as in names.c: one that was used goes to the end instead, where the newest are */
	while (HASH_COUNT(known) >= CGROUPS_KNOWN_MAX) {
		cgroup = known;
		if (!cgroup->used) {
			forget(cgroup);
			break;
		}
		cgroup->used = false;
		HASH_DEL(known, cgroup);
		HASH_ADD(hh, known, id, sizeof(cgroup->id), cgroup);
	}
	cgroup = xcalloc(1, sizeof(*cgroup));
	cgroup->id = id;
	HASH_ADD(hh, known, id, sizeof(cgroup->id), cgroup);
	return cgroup;
}

static const struct cgroup *get(__u64 id)
{
	struct cgroup *cgroup = NULL;

	if (!id)
		return NULL;
	HASH_FIND(hh, known, &id, sizeof(id), cgroup);
	if (cgroup) {
		cgroup->used = true;
		return cgroup;
	}
	cgroup = make(id);
	cgroup->path = look_up(id);
	set_ids(cgroup);
	return cgroup;
}

int cgroup_learn(const void *data, size_t size)
{
	const struct vs_rec_name *rec = data;
	char text[VS_PATH_MAX * 2];
	struct cgroup *cgroup;
	size_t len;

	if (size < sizeof(*rec) || size < sizeof(*rec) + rec->len || rec->len > VS_PATH_MAX + 256 ||
	    rec->flags & ~(VS_NAME_CGROUP | VS_NAME_CUT))
		return -EBADMSG;
	len = name_text(text, rec, (const __u8 *)(rec + 1));
	if (!len)
		return -EBADMSG;
	text[len] = '\0';
	HASH_FIND(hh, known, &rec->id, sizeof(rec->id), cgroup);
	if (cgroup && !rec->dev) /* told anew */
		forget(cgroup);
	if (!cgroup || !rec->dev)
		cgroup = make(rec->id);
	if (rec->dev) {
		free(cgroup->v1);
		cgroup->v1 = xstrdup(text);
	} else {
		/* below the root that we see, if it is still there */
		cgroup->path = look_up(rec->ino);
		if (!cgroup->path && have_root())
			cgroup->path = xstrdup(text);
	}
	set_ids(cgroup);
	return 0;
}

const char *cgroup_path(__u64 id)
{
	const struct cgroup *cgroup = get(id);

	return !cgroup ? NULL : cgroup->path ? cgroup->path : cgroup->v1;
}

const char *cgroup_container(__u64 id)
{
	const struct cgroup *cgroup = get(id);

	return cgroup ? cgroup->container : NULL;
}

const char *cgroup_pod(__u64 id)
{
	const struct cgroup *cgroup = get(id);

	return cgroup && *cgroup->pod ? cgroup->pod : NULL;
}

bool cgroup_in_container(__u64 id, const char *container)
{
	const struct cgroup *cgroup = get(id);
	const char *const paths[] = {cgroup ? cgroup->path : NULL, cgroup ? cgroup->v1 : NULL};

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		const char *p = paths[i];
		char found[CONTAINER_ID_SIZE];

		while (p && container_next(paths[i], &p, found))
			if (!strncasecmp(found, container, strlen(container)))
				return true;
	}
	return false;
}

/* --- the hierarchies -------------------------------------------------------------------- */

enum vs_cgroup_v1 cgroup_v1(void)
{
	static const struct {
		const char *controller;
		enum vs_cgroup_v1 v1;
	} rows[] = {
		{"pids", VS_CGROUP_V1_PIDS},
		{"memory", VS_CGROUP_V1_MEMORY},
		{"cpu", VS_CGROUP_V1_CPU},
	};
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	enum vs_cgroup_v1 found = VS_CGROUP_V1_NONE;
	struct mntent *mnt;

	while (mounts && (mnt = getmntent(mounts)))
		for (size_t i = 0; i < ARRAY_LEN(rows); i++)
			if (!strcmp(mnt->mnt_type, "cgroup") &&
			    hasmntopt(mnt, rows[i].controller) && (!found || rows[i].v1 < found))
				found = rows[i].v1;
	if (mounts)
		endmntent(mounts);
	return found;
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
