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

enum {
	CGROUPS_KNOWN_MAX = 16384, /* twice as many as the kernel side takes for told */
	FILEID_KERNFS = 0xfe,	   /* include/linux/exportfs.h */
	ID_LEN = 64,		   /* of a container, hexadecimal digits */
	POD_LEN = ID_LEN + 1,
};

struct cgroup {
	__u64 id;
	char *path;	      /* NULL: not to be had */
	char *v1;	      /* its path in a hierarchy of cgroup v1; NULL: there is none */
	struct str container; /* in one of the two */
	char pod[POD_LEN];
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

/* --- containers and pods ---------------------------------------------------------------- */

static size_t hex_run(const char *s)
{
	size_t n = 0;

	while (isxdigit((unsigned char)s[n]))
		n++;
	return n;
}

/*
 * The next container id in a path, from *p on: 64 hexadecimal digits, whatever stands around
 * them. A monitor is in no container, though it has the id of one in the name of its cgroup, and
 * Podman's pods have ids of their own.
 */
static const char *next_id(const char *path, const char **p)
{
	static const char *const others[] = {"conmon-", "libpod_pod_"};

	while (**p) {
		size_t run = hex_run(*p);
		const char *id = *p;
		bool other = false;

		*p += run ? run : 1;
		for (size_t i = 0; i < ARRAY_LEN(others); i++) {
			size_t len = strlen(others[i]);

			other |= (size_t)(id - path) >= len && !strncmp(id - len, others[i], len);
		}
		if (run == ID_LEN && !other)
			return id;
	}
	return NULL;
}

/* In a path the innermost container is the last. */
static struct str find_container(const char *path)
{
	struct str container = {NULL, 0};
	const char *p = path, *id;

	while ((id = next_id(path, &p)))
		container = (struct str){id, ID_LEN};
	return container;
}

/* The length of a pod's uid: 8-4-4-4-12 digits with - or _ between, 32 digits, 0 if it is none. */
static size_t uid_len(const char *s)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t i = 0;

	while (form[i] &&
	       (form[i] == 'x' ? isxdigit((unsigned char)s[i]) : s[i] == '-' || s[i] == '_'))
		i++;
	if (form[i])
		i = hex_run(s) == 32 ? 32 : 0;
	return i && !isalnum((unsigned char)s[i]) ? i : 0;
}

/* The uid of a pod of Kubernetes, the id of one of Podman; "" if there is none. */
static void find_pod(const char *path, char pod[POD_LEN])
{
	static const char kubernetes[] = "pod", podman[] = "libpod_pod_";
	const char *p = strstr(path, podman);
	size_t len = 0;

	*pod = '\0';
	if (p && hex_run(p + strlen(podman)) == ID_LEN) {
		snprintf(pod, POD_LEN, "%.*s", ID_LEN, p + strlen(podman));
		return;
	}
	for (p = path; !len && (p = strstr(p, kubernetes)); p += strlen(kubernetes))
		len = uid_len(p + strlen(kubernetes));
	if (!len)
		return;
	snprintf(pod, POD_LEN, "%.*s", (int)len, p);
	/* systemd's names of slices have dashes for another purpose */
	for (char *c = pod; (c = strchr(c, '_'));)
		*c = '-';
}

/* --- by id -------------------------------------------------------------------------------- */

static void set_ids(struct cgroup *cgroup)
{
	const char *const paths[] = {cgroup->path, cgroup->v1};

	cgroup->container = (struct str){NULL, 0};
	*cgroup->pod = '\0';
	for (size_t i = 0; i < ARRAY_LEN(paths) && !cgroup->container.p; i++) {
		if (!paths[i])
			continue;
		cgroup->container = find_container(paths[i]);
		if (!*cgroup->pod)
			find_pod(paths[i], cgroup->pod);
	}
}

static void forget(struct cgroup *cgroup)
{
	HASH_DEL(known, cgroup);
	free(cgroup->path);
	free(cgroup->v1);
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

struct str cgroup_container(__u64 id)
{
	const struct cgroup *cgroup = get(id);

	return cgroup ? cgroup->container : (struct str){NULL, 0};
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
		const char *p = paths[i], *at;

		while (p && (at = next_id(paths[i], &p)))
			if (!strncasecmp(at, container, strlen(container)))
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
