/* SPDX-License-Identifier: GPL-2.0 */
#include "resolve.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

#define uthash_fatal(what) (msg("%s", what), exit(EXIT_RUN))
#include <uthash.h>

enum { DIRS_KNOWN_MAX = 16384 };

/* What a directory, by the text that names it, has led to. */
struct known {
	char *real;
	size_t real_len;
	bool below; /* one of the directories, or below one */
	UT_hash_handle hh;
	char text[];
};

struct resolver {
	char *const *dirs;
	int dirs_len;
	const __u64 *epoch;
	__u64 known_epoch;
	struct known *known;
};

bool path_is_below(struct str path, const char *dir, size_t dir_len)
{
	if (dir_len == 1) /* "/" */
		return path.len && *path.p == '/';
	return path.len >= dir_len && !memcmp(path.p, dir, dir_len) &&
	       (path.len == dir_len || path.p[dir_len] == '/');
}

static bool is_below_any(const struct resolver *r, const char *path, size_t len)
{
	for (int i = 0; i < r->dirs_len; i++)
		if (path_is_below((struct str){path, len}, r->dirs[i], strlen(r->dirs[i])))
			return true;
	return false;
}

struct resolver *resolver_new(char *const *dirs, int dirs_len, const __u64 *epoch)
{
	struct resolver *r = xcalloc(1, sizeof(*r));

	*r = (struct resolver){.dirs = dirs, .dirs_len = dirs_len, .epoch = epoch};
	return r;
}

static void forget_all(struct resolver *r)
{
	struct known *known, *next;

	HASH_ITER(hh, r->known, known, next)
	{
		HASH_DEL(r->known, known);
		free(known->real);
		free(known);
	}
}

void resolver_free(struct resolver *r)
{
	if (!r)
		return;
	forget_all(r);
	free(r);
}

/*
 * realpath of what a path is in the root of a process, as we see it; one that has ended is
 * taken to have had our root.
 */
static char *real_path(const char *path, int pid, char resolved[PATH_MAX])
{
	char root[PATH_MAX], link[32], *inside, *real;

	snprintf(link, sizeof(link), "/proc/%d/root", pid);
	if (!pid || !realpath(link, root) || !strcmp(root, "/"))
		return realpath(path, resolved);
	inside = xasprintf("%s%s", root, path);
	real = realpath(inside, resolved);
	free(inside);
	return real;
}

/*
 * The real path of the nearest directory that exists, from text itself upwards, with the
 * rest behind it as it is. buf: 2 * PATH_MAX bytes. Returns its length.
 */
static size_t real_or_nearest(char *text, size_t text_len, int pid, char *buf)
{
	for (size_t cut = text_len; cut; cut--) {
		size_t len;
		char end = text[cut];

		if (cut != text_len && end != '/')
			continue;
		text[cut] = '\0';
		if (real_path(text, pid, buf)) {
			text[cut] = end;
			len = strcmp(buf, "/") || cut == text_len ? strlen(buf) : 0;
			memcpy(buf + len, text + cut, text_len - cut + 1);
			return len + text_len - cut;
		}
		text[cut] = end;
	}
	memcpy(buf, text, text_len + 1);
	return text_len;
}

static const struct known *look_up_dir(struct resolver *r, char *text, size_t len)
{
	char real[2 * PATH_MAX];
	struct known *known;

	if (r->known_epoch != __atomic_load_n(r->epoch, __ATOMIC_ACQUIRE) ||
	    HASH_COUNT(r->known) >= DIRS_KNOWN_MAX) {
		r->known_epoch = __atomic_load_n(r->epoch, __ATOMIC_ACQUIRE);
		forget_all(r);
	}
	HASH_FIND(hh, r->known, text, len, known);
	if (known)
		return known;
	known = xcalloc(1, sizeof(*known) + len + 1);
	memcpy(known->text, text, len);
	known->real_len = real_or_nearest(text, len, 0, real);
	known->real = xstrdup(real);
	known->below = is_below_any(r, real, known->real_len);
	HASH_ADD_KEYPTR(hh, r->known, known->text, len, known);
	return known;
}

/* In another root nothing is kept: whose it is may change with every process. */
static bool leads_below_in(struct resolver *r, char *text, size_t len, int pid)
{
	char real[2 * PATH_MAX];

	return is_below_any(r, real, real_or_nearest(text, len, pid, real));
}

bool resolver_leads_below(struct resolver *r, struct str path, int pid, bool nofollow)
{
	char text[PATH_MAX], real[2 * PATH_MAX], link[1];
	const struct known *dir;
	char *leaf;
	size_t len;

	if (!path.len || *path.p != '/') /* relative to a directory that is not known */
		return false;
	if (path.len >= sizeof(text))
		return is_below_any(r, path.p, path.len);
	memcpy(text, path.p, path.len);
	text[path.len] = '\0';
	if (pid)
		return leads_below_in(r, text, path.len, pid);
	leaf = strrchr(text, '/');
	if (!leaf[1] || !strcmp(leaf, "/.."))
		return leads_below_in(r, text, path.len, 0);
	/* a link at the end leads elsewhere than its directory */
	if (!nofollow && readlink(text, link, sizeof(link)) > 0)
		return leads_below_in(r, text, path.len, 0);
	dir = leaf == text ? look_up_dir(r, (char[]){"/"}, 1) : NULL;
	if (!dir) {
		*leaf = '\0';
		dir = look_up_dir(r, text, leaf - text);
		*leaf = '/';
	}
	if (dir->below)
		return true;
	len = dir->real_len > 1 ? dir->real_len : 0;
	memcpy(real, dir->real, len);
	memcpy(real + len, leaf, strlen(leaf) + 1);
	return is_below_any(r, real, len + strlen(leaf));
}
