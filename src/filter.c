/* SPDX-License-Identifier: GPL-2.0 */
#include "filter.h"

#include <limits.h>
#include <string.h>

#include "tables.h"

/* What is known of where a path as passed leads, without following it. */
static int leads_flags(const struct record *r)
{
	bool goes = (r->op.op == VS_OP_RMDIR || r->op.op == VS_OP_RENAME) && !r->op.ret;

	return (r->op.has & VS_HAS_NOFOLLOW ? LEADS_NOFOLLOW : 0) | (goes ? LEADS_GONE : 0);
}

/* The same of the first one, whose directory the kernel side knows. */
static int first_leads_flags(const struct record *r)
{
	struct str arg = r->arg;
	bool plain = arg.len && !memchr(arg.p, '/', arg.len), up = false;

	if (!(r->op.has & VS_HAS_BASE_BELOW))
		return 0;
	for (size_t i = 0; i + 1 < arg.len && !up; i++)
		up = !memcmp(arg.p + i, "..", 2);
	return up ? 0 : LEADS_FROM_BELOW | (plain ? LEADS_IN_BELOW : 0);
}

/* Cuts a root off the path of what is in it. False: it is not. */
static bool cut_root(struct str *path, struct str root)
{
	static const struct str top = {"/", 1};

	if (!path->p || !root.p || path->len < root.len || memcmp(path->p, root.p, root.len) ||
	    (path->len > root.len && path->p[root.len] != '/'))
		return false;
	*path = path->len == root.len ? top
				      : (struct str){path->p + root.len, path->len - root.len};
	return true;
}

static bool leads_below(const struct options *o, struct resolver *resolver, const struct record *r,
			struct str path, int flags)
{
	const struct root_of whose = {r->op.pid, r->op.ppid, r->op.mnt_ns, r->root};
	bool in_ours = !(r->op.has & VS_HAS_OTHER_ROOT);

	/* a path of the host is one of ours, but what is below the root of who passed it stays
	 * there */
	if (o->host_path && !in_ours)
		in_ours = !cut_root(&path, r->root);
	return path.p && resolver_leads_below(resolver, path, in_ours ? NULL : &whose,
					      flags | leads_flags(r), r->op.ts_ns);
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

bool filter_lacks_fs(const struct record *r)
{
	return r->fs_is_guess && !r->fs;
}

/*
 * What the kernel side decides by the file, where it knows the file, is decided here for
 * a path as it was passed.
 */
static bool path_arg_passes(const struct options *o, struct resolver *resolver,
			    const struct record *r)
{
	if (!filter_lacks_fs(r) && !fs_passes(o, r->fs ? r->fs : ""))
		return false;
	if (!(options_ftypes(o) & VS_BIT(r->op.ftype)))
		return false;
	if (!resolver || r->op.has & (VS_HAS_ROOT_BELOW | VS_HAS_BELOW))
		return true;
	return leads_below(o, resolver, r, r->path, first_leads_flags(r)) ||
	       (!(r->op.has & VS_HAS_TARGET) && leads_below(o, resolver, r, r->path2, 0));
}

bool filter_needs_records(const struct options *o)
{
	return o->containers.len || !where_in_kernel(o);
}

bool filter_passes(const struct options *o, struct resolver *resolver, const struct record *r)
{
	return where_passes(o->where, r) && (!r->path_is_arg || path_arg_passes(o, resolver, r));
}
