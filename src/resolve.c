/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A path is followed with openat2 in the root of its process, to a descriptor of the
 * nearest directory that exists; from there it goes up, comparing each directory with those
 * that were asked for by what they are, not by what they are called: so bind mounts and
 * other mount namespaces are no matter. A mount that shows a part of a file system only ends
 * that way up: whether the part lies below a directory asked for is told by its path there.
 */
#include "resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h> /* MAX */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mountinfo.h"
#include "util.h"

#define uthash_fatal(what) (msg("%s", what), exit(EXIT_RUN))
#include <uthash.h>

enum {
	DIRS_KNOWN_MAX = 16384,
	LEVELS_MAX = 4096,
	LINKS_MAX = 40,		 /* as the kernel's MAXSYMLINKS */
	LOOKS_MAX = 256,	 /* for links, in one path */
	UNTIMED_NS = 1000000000, /* how long ago a call may have begun of which that is not told */
	/* the time of file systems is that of the last tick, which may be late */
	LATE_NS = 100000000
};

struct identity {
	dev_t dev;
	ino_t ino;
};

/* What a directory, by the text that names it, is to those that were asked for. */
enum relation { ELSEWHERE, BELOW, ABOVE /* holds one of them itself */ };

/* The way to a directory: what would have to be so for it to have led elsewhere a moment ago. */
struct way {
	bool links;	  /* a symbolic link was met */
	__u64 changed_ns; /* since the Unix epoch: when a name on it was last given or taken */
};

struct known {
	enum relation relation;
	struct way way;
	UT_hash_handle hh;
	char text[];
};

/* A mount, by its number: does what it shows lie below one of them? */
struct known_mount {
	__u64 id;
	bool below;
	UT_hash_handle hh;
};

/* Where a directory lies in its file system, however that is mounted. */
struct place {
	__u32 dev; /* 0: not known */
	char path[PATH_MAX];
};

struct resolver {
	struct identity *dirs, *parents;
	struct place *places;
	const int
		*fds; /* of the directories, that are found by them where they have been moved to */
	struct fates *fates;
	int dirs_len;
	__u32 pid; /* by whose mounts a path is being followed; 0: ours */
	__u32 mnt_ns;
	struct known_mount *mounts;
	const __u64 *epoch, *moved_ns;
	__u64 known_epoch;
	__u64 dir_moved_ns;  /* since the Unix epoch: when that was seen of one of them; 0: never */
	struct known *known; /* directories */
	struct known *elsewhere; /* paths that lead nowhere near, and hold no link */
	int root;
	__u64 lost;
};

void resolver_check_dirs(struct resolver *r, bool mounts_changed)
{
	if (r)
		fates_check(r->fates, mounts_changed);
}

const char *const *resolver_gone(const struct resolver *r)
{
	static const char *const none[] = {NULL};

	return r ? fates_gone(r->fates) : none;
}

__u64 resolver_lost(const struct resolver *r)
{
	return r ? r->lost : 0;
}

static void find_parents(struct resolver *r)
{
	for (int i = 0; i < r->dirs_len; i++) {
		struct stat st;

		if (!fstatat(r->fds[i], "..", &st, 0))
			r->parents[i] = (struct identity){st.st_dev, st.st_ino};
	}
}

static void find_places(struct resolver *r)
{
	struct mountinfo info;

	for (int i = 0; i < r->dirs_len; i++) {
		struct place *place = &r->places[i];
		char text[PATH_MAX], before[PATH_MAX];
		const char *rest;
		bool at_root;
		ssize_t len;

		strcpy(before, place->path);
		place->dev = 0;
		if (!dir_path(r->fds[i], text) ||
		    !mountinfo_find(0, mountinfo_id(r->fds[i], &at_root), &info))
			continue;
		rest = text + (info.point[1] ? strlen(info.point) : 0);
		len = snprintf(place->path, sizeof(place->path), "%s%s",
			       info.root[1] || !*rest ? info.root : "", rest);
		if (len < (ssize_t)sizeof(place->path))
			place->dev = info.dev;
		if (*before && strcmp(before, place->path))
			r->dir_moved_ns = clock_ns(CLOCK_REALTIME);
	}
}

static bool mount_is_below(struct resolver *r, __u64 id);

/* Does what a mount shows lie below one of the directories, by its path in the file system? */
static bool is_below_a_place(const struct resolver *r, __u32 dev, const char *path)
{
	for (int i = 0; i < r->dirs_len; i++) {
		const struct place *place = &r->places[i];
		size_t len = place->path[1] ? strlen(place->path) : 0;

		if (place->dev == dev && !strncmp(place->path, path, len) &&
		    (path[len] == '/' || !path[len]))
			return true;
	}
	return false;
}

/* Does what a mount shows lie there, or what it is mounted on? Going up passes over that. */
static bool find_mount_below(struct resolver *r, __u64 id)
{
	struct mountinfo info, parent;
	char path[PATH_MAX * 2];
	const char *rest;

	if (!id || !mountinfo_find(r->pid, id, &info))
		return false;
	if (is_below_a_place(r, info.dev, info.root))
		return true;
	if (info.parent == id || !mountinfo_find(r->pid, info.parent, &parent))
		return false;
	rest = info.point + (parent.point[1] ? strlen(parent.point) : 0);
	if (!*rest || !strcmp(info.point, parent.point)) /* over another one */
		return mount_is_below(r, info.parent);
	snprintf(path, sizeof(path), "%s%s", parent.root[1] ? parent.root : "", rest);
	return is_below_a_place(r, parent.dev, path);
}

static bool mount_is_below(struct resolver *r, __u64 id)
{
	struct known_mount *known;

	HASH_FIND(hh, r->mounts, &id, sizeof(id), known);
	if (!known) {
		known = xcalloc(1, sizeof(*known));
		known->id = id;
		known->below = find_mount_below(r, id);
		HASH_ADD(hh, r->mounts, id, sizeof(known->id), known);
	}
	return known->below;
}

struct resolver *resolver_new(const struct dirs *dirs, const __u64 *epoch, const __u64 *moved_ns)
{
	struct resolver *r = xcalloc(1, sizeof(*r));
	struct stat ns;

	r->dirs = xcalloc(dirs->len, sizeof(*r->dirs));
	r->parents = xcalloc(dirs->len, sizeof(*r->parents));
	r->places = xcalloc(dirs->len, sizeof(*r->places));
	r->fds = dirs->fd;
	r->fates = fates_new(dirs);
	r->epoch = epoch;
	r->moved_ns = moved_ns;
	r->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r->mnt_ns = stat("/proc/self/ns/mnt", &ns) ? 0 : ns.st_ino;
	for (int i = 0; i < dirs->len; i++) {
		struct stat st = {}; /* of what is open already */

		fstat(r->fds[i], &st);
		r->dirs[i] = (struct identity){st.st_dev, st.st_ino};
	}
	r->dirs_len = dirs->len;
	find_parents(r);
	find_places(r);
	return r;
}

static void forget_known(struct known **table)
{
	struct known *known, *next;

	HASH_ITER(hh, *table, known, next)
	{
		HASH_DEL(*table, known);
		free(known);
	}
}

static void forget_all(struct resolver *r)
{
	struct known_mount *mount, *next_mount;

	forget_known(&r->known);
	forget_known(&r->elsewhere);
	HASH_ITER(hh, r->mounts, mount, next_mount)
	{
		HASH_DEL(r->mounts, mount);
		free(mount);
	}
}

static __u64 epoch_now(const struct resolver *r)
{
	return __atomic_load_n(r->epoch, __ATOMIC_ACQUIRE) / VS_NAMES_STEP;
}

/* What is known holds until the epoch is raised. */
static void check_epoch(struct resolver *r)
{
	__u64 epoch = epoch_now(r);

	if (HASH_COUNT(r->elsewhere) >= DIRS_KNOWN_MAX)
		forget_known(&r->elsewhere);
	if (r->known_epoch == epoch && HASH_COUNT(r->known) < DIRS_KNOWN_MAX &&
	    HASH_COUNT(r->mounts) < DIRS_KNOWN_MAX)
		return;
	r->known_epoch = epoch;
	forget_all(r);
	find_parents(r);
	find_places(r);
}

void resolver_free(struct resolver *r)
{
	if (!r)
		return;
	forget_all(r);
	close(r->root);
	fates_free(r->fates);
	free(r->places);
	free(r->dirs);
	free(r->parents);
	free(r);
}

static bool is_one_of(const struct identity *ids, int len, const struct stat *st)
{
	for (int i = 0; i < len; i++)
		if (ids[i].dev == st->st_dev && ids[i].ino == st->st_ino)
			return true;
	return false;
}

static int open_in(int root, const char *path, __u64 flags, __u64 resolve)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC | flags, .resolve = resolve};

	return syscall(SYS_openat2, root, path, &how, sizeof(how));
}

/* What has the path, be it a symbolic link. */
static int open_itself(int root, const char *path)
{
	return open_in(root, path, O_NOFOLLOW, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

/* The directory that the path leads to. */
static int open_dir(int root, const char *path)
{
	return open_in(root, path, O_DIRECTORY, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

static __u64 changed_ns(const struct stat *st)
{
	/* some file systems keep seconds alone, FAT each other one */
	__u64 coarse = st->st_ctim.tv_nsec ? 0 : 2;

	return (st->st_ctim.tv_sec + coarse) * 1000000000ULL + st->st_ctim.tv_nsec;
}

/* A name for what, in a directory: a rename is the last change of both, or was before it. */
static void add_name(struct way *way, const struct stat *dir, const struct stat *what)
{
	way->changed_ns = MAX(way->changed_ns, MIN(changed_ns(dir), changed_ns(what)));
}

/*
 * What the directory that a descriptor stands for is to those asked for. Closes it. Names in it
 * and, if it is below one of them, down there are no part of the way: whatever has them is where
 * they are.
 */
static enum relation climb(struct resolver *r, int fd, int root, bool is_above, struct way *way)
{
	enum relation relation = ELSEWHERE;
	struct stat st, root_st = {}, last = {};

	fstat(root, &root_st);
	if (fd >= 0 && !fstat(fd, &st) && is_one_of(r->parents, r->dirs_len, &st))
		relation = ABOVE;
	for (int i = 0; fd >= 0 && i < LEVELS_MAX && !fstat(fd, &st); i++) {
		bool at_root;
		__u64 mount = mountinfo_id(fd, &at_root);
		int up;

		if (i || is_above) /* what it is above is not there any more */
			add_name(way, &st, i ? &last : &st);
		if (is_one_of(r->dirs, r->dirs_len, &st) || (at_root && mount_is_below(r, mount))) {
			relation = BELOW;
			way->changed_ns = 0;
			break;
		}
		/* the root; or what is its own parent, as the uppermost of all is */
		if ((st.st_dev == root_st.st_dev && st.st_ino == root_st.st_ino) ||
		    (st.st_dev == last.st_dev && st.st_ino == last.st_ino))
			break;
		last = st;
		up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		close(fd);
		fd = up;
	}
	if (fd >= 0)
		close(fd);
	return relation;
}

static bool is_link(int root, const char *text)
{
	int fd = open_itself(root, text);
	struct stat st;
	bool is;

	if (fd < 0)
		return errno == ELOOP;
	is = !fstat(fd, &st) && S_ISLNK(st.st_mode);
	close(fd);
	return is;
}

/*
 * Follows a path of a process whose root this is, to itself or to the nearest directory
 * above it that exists, and climbs from there.
 */
static enum relation follow(struct resolver *r, int root, char *text, size_t len, struct way *way)
{
	for (size_t cut = len; cut; cut--) {
		char end = text[cut];
		int fd, plain;

		if (cut != len && end != '/')
			continue;
		text[cut] = '\0';
		fd = open_dir(root, text);
		if (fd >= 0) {
			plain = open_in(root, text, 0, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
			way->links |= plain < 0;
			if (plain >= 0)
				close(plain);
			text[cut] = end;
			return climb(r, fd, root, cut != len, way);
		}
		way->links |= is_link(root, text); /* to what is not there */
		text[cut] = end;
	}
	return climb(r, open_dir(root, "/"), root, true, way);
}

static void keep_known(struct known **table, const char *text, size_t len, enum relation relation,
		       const struct way *way)
{
	struct known *known = xcalloc(1, sizeof(*known) + len + 1);

	memcpy(known->text, text, len);
	known->relation = relation;
	known->way = *way;
	HASH_ADD_KEYPTR(hh, *table, known->text, len, known);
}

/* Of a directory; what held no link is kept, since only what raises epoch undoes that. */
static enum relation dir_relation(struct resolver *r, int root, bool keep, char *text, size_t len,
				  struct way *way)
{
	enum relation relation;
	struct known *known = NULL;
	struct way to_dir = {};

	if (keep)
		HASH_FIND(hh, r->known, text, len, known);
	if (known) {
		way->changed_ns = known->way.changed_ns;
		return known->relation;
	}
	relation = follow(r, root, text, len, &to_dir);
	if (keep && !to_dir.links)
		keep_known(&r->known, text, len, relation, &to_dir);
	way->links |= to_dir.links;
	way->changed_ns = to_dir.changed_ns;
	return relation;
}

/*
 * Where the link at the end of a path leads, as a path in the same root. Returns its length,
 * 0 if there is no link. text: PATH_MAX bytes.
 */
static size_t follow_leaf(int root, char *text)
{
	char target[PATH_MAX], *slash = strrchr(text, '/');
	size_t dir_len = slash - text;
	int fd = open_itself(root, text);
	ssize_t len;

	if (fd < 0)
		return 0;
	len = readlinkat(fd, "", target, sizeof(target));
	close(fd);
	if (len <= 0 || len + dir_len + 2 > PATH_MAX)
		return 0;
	if (*target != '/')
		text[dir_len++] = '/';
	else
		dir_len = 0;
	memcpy(text + dir_len, target, len);
	text[dir_len + len] = '\0';
	return dir_len + len;
}

/* Is a file mounted there, from below a directory asked for? */
static bool is_mount_below(struct resolver *r, int root, const char *text)
{
	int fd = open_itself(root, text);
	bool at_root = false;
	__u64 mount = fd < 0 ? 0 : mountinfo_id(fd, &at_root);

	if (fd >= 0)
		close(fd);
	return at_root && mount_is_below(r, mount);
}

static bool text_leads_below(struct resolver *r, int root, bool keep, char *text, size_t len,
			     int flags, struct way *way)
{
	int fd, followed = 0;
	bool is_one;
	struct stat st;
	char *slash;

	if (flags & LEADS_GONE && keep && fates_is_going(r->fates, text, false))
		return true;
	for (; !(flags & LEADS_NOFOLLOW) && followed < LINKS_MAX; followed++) {
		size_t target = follow_leaf(root, text);

		if (!target)
			break;
		len = target;
	}
	if (!followed && flags & LEADS_IN_BELOW)
		return true;
	way->links = followed;
	slash = strrchr(text, '/');
	/* what ends in a directory for sure is one itself */
	if (!slash[1] || !strcmp(slash, "/..") || !strcmp(slash, "/."))
		return follow(r, root, text, len, way) == BELOW;
	switch (dir_relation(r, root, keep, text, slash == text ? 1 : slash - text, way)) {
	case BELOW: return true;
	case ELSEWHERE:
		/* a file may be a mount itself; where all directories are known, that is not looked
		 * for */
		if (!keep)
			return is_mount_below(r, root, text);
		if (!way->links && !(flags & LEADS_NOFOLLOW))
			keep_known(&r->elsewhere, text, len, ELSEWHERE, way);
		return false;
	case ABOVE: break;
	}
	fd = open_itself(root, text);
	is_one = fd >= 0 && !fstat(fd, &st) && is_one_of(r->dirs, r->dirs_len, &st);
	if (fd >= 0)
		close(fd);
	return is_one || (flags & LEADS_GONE && fates_is_going(r->fates, text, true)) ||
	       (fd >= 0 && is_mount_below(r, root, text));
}

/*
 * Is this directory the one with that path, or is it in this one? Returns its descriptor, or -1,
 * and closes fd.
 */
static int enter_root(int fd, const char *path)
{
	char text[PATH_MAX];
	size_t len;
	int found;

	if (fd < 0)
		return -1;
	if (!dir_path(fd, text))
		*text = '\0';
	if (!strcmp(text, path))
		return fd;
	len = strcmp(text, "/") ? strlen(text) : 0;
	found = !*text || strncmp(path, text, len) || path[len] != '/' || dir_ends_as_deleted(path)
			? -1
			: open_in(fd, path + len, O_DIRECTORY,
				  RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	close(fd);
	return found;
}

/* The root of a process, if it is in the mount namespace; -1: it has ended. */
static int open_root(__u32 pid, __u32 mnt_ns)
{
	char path[32];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%u/ns/mnt", pid);
	if (stat(path, &st) || st.st_ino != mnt_ns)
		return -1;
	snprintf(path, sizeof(path), "/proc/%u/root", pid);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/*
 * The root that a process had, for it may have another by now, or have ended: then by that of its
 * parent, or ours, if the way is in the same mount namespace. -1: it is not known any more.
 */
static int find_root(struct resolver *r, const struct root_of *whose)
{
	static const char beyond[] = "(unreachable)"; /* from ours */
	const __u32 by[] = {whose->pid, whose->ppid};
	char path[PATH_MAX];
	size_t skip = 0;
	int root = -1;

	if (whose->root.len >= sizeof(beyond) && !memcmp(whose->root.p, beyond, sizeof(beyond) - 1))
		skip = sizeof(beyond) - 1;
	if (!whose->root.p || whose->root.len >= sizeof(path))
		return -1;
	*(char *)mempcpy(path, whose->root.p + skip, whose->root.len - skip) = '\0';
	for (int i = 0; i < (int)ARRAY_LEN(by) && root < 0; i++) {
		root = enter_root(open_root(by[i], whose->mnt_ns), path);
		r->pid = by[i];
	}
	if (root < 0 && whose->mnt_ns == r->mnt_ns) {
		root = enter_root(fcntl(r->root, F_DUPFD_CLOEXEC, 0), path);
		r->pid = 0;
	}
	return root;
}

/* Adds the way to the directory that this is in. is_above: this is not there. */
static void add_way_to(struct resolver *r, int root, const char *text, bool is_above,
		       struct way *way)
{
	char dir[PATH_MAX], *slash;
	struct way to_dir = {};

	strcpy(dir, text);
	slash = strrchr(dir, '/');
	slash[slash == dir] = '\0';
	climb(r, open_dir(root, dir), root, is_above, &to_dir);
	way->changed_ns = MAX(way->changed_ns, to_dir.changed_ns);
}

/*
 * Adds the links that a path goes by: what they are, and the way to where each stands. left: how
 * much more may be looked at; if that is not all, anything may have changed. text: PATH_MAX bytes,
 * without the last component if that is not followed.
 */
static void add_links(struct resolver *r, int root, char *text, int *left, struct way *way)
{
	for (size_t cut = 1, len = strlen(text); cut <= len; cut++) {
		char end = text[cut], next[PATH_MAX];
		struct stat st;
		int fd;

		if (end && end != '/')
			continue;
		if ((*left)-- <= 0) {
			way->changed_ns = UINT64_MAX;
			return;
		}
		text[cut] = '\0';
		fd = open_itself(root, text);
		if (fd < 0) {
			add_way_to(r, root, text, true, way);
			return;
		}
		if (!fstat(fd, &st) && S_ISLNK(st.st_mode)) {
			add_way_to(r, root, text, false, way);
			add_name(way, &st, &st);
			strcpy(next, text);
			if (follow_leaf(root, next))
				add_links(r, root, next, left, way);
		}
		close(fd);
		text[cut] = end;
	}
}

/* Have names been moved since then? */
static bool moved_since(const struct resolver *r, __u64 ns)
{
	return ns <= __atomic_load_n(r->moved_ns, __ATOMIC_ACQUIRE);
}

/*
 * May it have led elsewhere when the call began? Not if no name on the way has been given or taken
 * from then until it was looked at.
 */
static bool may_have_led_elsewhere(const struct resolver *r, const struct way *way, int flags,
				   __u64 began_ns)
{
	/* what moves one of the directories is not moved by that */
	__u64 dir_moved_ns = flags & LEADS_GONE ? 0 : r->dir_moved_ns, ago_ns;

	if (!moved_since(r, began_ns)) /* as a rule */
		return false;
	ago_ns = clock_ns(CLOCK_MONOTONIC) - began_ns + LATE_NS;
	return MAX(way->changed_ns, dir_moved_ns) >= clock_ns(CLOCK_REALTIME) - ago_ns;
}

/*
 * As text_leads_below, of what is known already or in a root that is found for it. Returns 1, 0, or
 * -1 if there is none.
 */
static int path_leads_below(struct resolver *r, struct str path, const struct root_of *whose,
			    int flags, __u64 began_ns, struct way *way)
{
	struct known *known = NULL;
	char text[PATH_MAX];
	int root = -1, below, left = LOOKS_MAX;

	if (!whose && !(flags & LEADS_GONE))
		HASH_FIND(hh, r->elsewhere, path.p, path.len, known);
	if (known) {
		*way = known->way;
		return 0;
	}
	r->pid = 0;
	if (path.len < sizeof(text))
		root = whose ? find_root(r, whose) : r->root;
	if (root < 0)
		return -1;
	memcpy(text, path.p, path.len);
	text[path.len] = '\0';
	below = text_leads_below(r, root, !whose, text, path.len, flags, way);
	if (way->links && moved_since(r, began_ns)) {
		memcpy(text, path.p, path.len);
		text[path.len] = '\0';
		if (flags & LEADS_NOFOLLOW)
			*strrchr(text, '/') = '\0';
		add_links(r, root, text, &left, way);
	}
	if (whose)
		close(root);
	return below;
}

bool resolver_leads_below(struct resolver *r, struct str path, const struct root_of *whose,
			  int flags, __u64 began_ns)
{
	struct way way = {};
	int below;

	if (flags & LEADS_IN_BELOW && flags & LEADS_NOFOLLOW)
		return true;
	/* relative to a directory that is not known, or that is not below our root */
	if (!path.len || *path.p != '/')
		return flags & LEADS_FROM_BELOW;
	if (!began_ns)
		began_ns = clock_ns(CLOCK_MONOTONIC) - UNTIMED_NS;
	check_epoch(r);
	below = path_leads_below(r, path, whose, flags, began_ns, &way);
	if (below >= 0) {
		r->lost += may_have_led_elsewhere(r, &way, flags, began_ns);
		return below;
	}
	r->lost += !(flags & LEADS_FROM_BELOW);
	return flags & LEADS_FROM_BELOW;
}
