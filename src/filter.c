/* SPDX-License-Identifier: GPL-2.0 */
#include "filter.h"

#include <fnmatch.h>
#include <limits.h>
#include <string.h>

#include "tables.h"

/* Behind the ']' that closes a class that begins behind its '['; NULL: nothing closes it. */
static const char *class_end(const char *p)
{
	if (*p == '!' || *p == '^')
		p++;
	if (*p == ']')
		p++;
	while (*p && *p != ']')
		p += *p == '\\' && p[1] ? 2 : 1;
	return *p ? p + 1 : NULL;
}

/* One character of a class, and on to the next. */
static unsigned char class_char(const char **p)
{
	if (**p == '\\' && (*p)[1])
		(*p)++;
	return *(*p)++;
}

/* Does the class from p (behind its '[') to end (behind its ']') hold c? */
static bool class_match(const char *p, const char *end, unsigned char c)
{
	bool negated = *p == '!' || *p == '^', found = false;

	if (negated)
		p++;
	while (p < end - 1) {
		unsigned char low = class_char(&p), high = low;

		if (*p == '-' && p + 1 < end - 1) {
			p++;
			high = class_char(&p);
		}
		found |= low <= c && c <= high;
	}
	return found != negated && c != '/';
}

bool glob_match(const char *glob, const char *s, size_t len)
{
	const char *end = s + len;
	/* where to go on from when what follows the last star does not match */
	const char *star = NULL, *star_s = NULL, *deep = NULL, *deep_s = NULL;

	for (;;) {
		const char *at = glob, *class;
		bool match;

		if (*glob == '*') {
			if (glob[1] == '*') {
				glob += 2;
				deep = glob;
				deep_s = s;
				star = NULL;
			} else {
				star = ++glob;
				star_s = s;
			}
			continue;
		}
		if (s == end && !*glob)
			return true;
		if (s == end) {
			match = false;
		} else if (*glob == '?') {
			match = *s != '/';
			glob++;
		} else if (*glob == '[' && (class = class_end(glob + 1))) {
			match = class_match(glob + 1, class, *s);
			glob = class;
		} else {
			if (*glob == '\\' && glob[1])
				glob++;
			match = *glob && *glob == *s;
			if (*glob)
				glob++;
		}
		if (match) {
			s++;
			continue;
		}
		glob = at;
		if (star && star_s < end && *star_s != '/') {
			s = ++star_s;
			glob = star;
		} else if (deep && deep_s < end) {
			s = ++deep_s;
			glob = deep;
			star = NULL;
		} else {
			return false;
		}
	}
}

static bool any_glob(const struct strings *globs, const char *s, size_t len)
{
	for (int i = 0; i < globs->len; i++)
		if (glob_match(globs->s[i], s, len))
			return true;
	return false;
}

/* Names of threads are no paths: * matches a slash too. */
static bool comm_passes(const struct options *o, const struct record *r)
{
	for (int i = 0; i < o->comms.len; i++)
		if (!fnmatch(o->comms.s[i], r->op.comm, 0))
			return true;
	return false;
}

static bool paths_pass(const struct options *o, const struct record *r)
{
	return (r->path.p && any_glob(&o->paths, r->path.p, r->path.len)) ||
	       (r->path2.p && any_glob(&o->paths, r->path2.p, r->path2.len));
}

static bool leads_below(struct resolver *resolver, const struct record *r, struct str path)
{
	const struct root_of whose = {r->op.pid, r->op.ppid, r->op.mnt_ns};

	return path.p &&
	       resolver_leads_below(resolver, path, r->op.has & VS_HAS_OTHER_ROOT ? &whose : NULL,
				    r->op.has & VS_HAS_NOFOLLOW);
}

static bool fs_passes(const struct options *o, const char *fs)
{
	if (!options_show_pseudo(o) && (fs_bits(fs) & VS_FS_PSEUDO))
		return false;
	for (int i = 0; i < o->fs.len; i++)
		if (!strcmp(o->fs.s[i], fs))
			return true;
	return !o->fs.len;
}

/*
 * What the kernel side decides by the file, where it knows the file, is decided here for
 * a path as it was passed.
 */
static bool path_arg_passes(const struct options *o, struct resolver *resolver,
			    const struct record *r)
{
	__u32 ftypes = o->ftype_mask;

	if (!fs_passes(o, r->fs ? r->fs : ""))
		return false;
	if (!ftypes && !o->all && r->op.ftype)
		ftypes = VS_BIT(VS_FTYPE_REG) | VS_BIT(VS_FTYPE_DIR) | VS_BIT(VS_FTYPE_LNK);
	if (ftypes && !(ftypes & VS_BIT(r->op.ftype)))
		return false;
	/* a path that is cut, or not below our root, cannot be followed, but where it begins is
	 * known */
	if (resolver && r->op.has & VS_HAS_BASE_BELOW &&
	    (r->op.has & VS_HAS_OTHER_ROOT ||
	     (r->path.p && (*r->path.p != '/' || r->path.len >= PATH_MAX))))
		return true;
	return !resolver || leads_below(resolver, r, r->path) ||
	       (!(r->op.has & VS_HAS_TARGET) && leads_below(resolver, r, r->path2));
}

static bool err_passes(const struct options *o, const struct record *r)
{
	for (int i = 0; i < o->errs.len; i++)
		if (r->op.ret == -(__s64)o->errs.id[i])
			return true;
	return false;
}

bool filter_needs_records(const struct options *o)
{
	return o->errs.len || o->comms.len || o->paths.len;
}

bool filter_passes(const struct options *o, struct resolver *resolver, const struct record *r)
{
	if (o->errs.len && !err_passes(o, r))
		return false;
	if (o->comms.len && !comm_passes(o, r))
		return false;
	if (o->paths.len && !paths_pass(o, r))
		return false;
	return !r->path_is_arg || path_arg_passes(o, resolver, r);
}
