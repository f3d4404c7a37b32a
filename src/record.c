/* SPDX-License-Identifier: GPL-2.0 */
#include "record.h"

#include <errno.h>
#include <string.h>

#include "cgroups.h"
#include "tables.h"

static void path_is_lost(struct decoder *d)
{
	d->lost_path++;
	d->resend = true;
}

/* The name of an id; a missing one is counted. */
static const struct name *find(struct decoder *d, __u64 id)
{
	const struct name *name = id ? names_find(d->names, id) : NULL;

	if (id && !name)
		path_is_lost(d);
	return name;
}

static struct str joined(struct decoder *d, int which, __u64 base_id, struct str arg)
{
	const struct name *base = find(d, base_id);
	char *buf = d->path[which];
	struct str dir = base ? base->path : (struct str){"", 0};

	if (dir.len + arg.len + 2 > sizeof(d->path[which])) {
		path_is_lost(d);
		return (struct str){NULL, 0};
	}
	return (struct str){buf, path_join(buf, dir, arg)};
}

static bool is_absolute(struct str arg)
{
	return arg.len && *arg.p == '/';
}

/*
 * --host-path, of an absolute path in another mount namespace: what is mounted on the way there may
 * lie elsewhere than below its root, from where joined has it.
 */
static struct str in_our_mounts(struct decoder *d, int which, const struct vs_rec_op *op,
				struct str arg, struct str joined)
{
	static const struct str root = {"/", 1};
	char text[VS_PATH_MAX + 2];
	size_t len;

	if (!d->host_path || op->mnt_ns == d->mnt_ns || !joined.p || !is_absolute(arg))
		return joined;
	len = views_our_path(d->views, op->pid, op->ppid, op->mnt_ns,
			     (struct str){text, path_join(text, root, arg)}, d->path[which]);
	return len ? (struct str){d->path[which], len} : joined;
}

/* The id of the path of another root than ours, as we have it; 0: not told, and of no matter. */
static __u64 root_id(const struct decoder *d, const struct vs_rec_op *op, struct str arg,
		     struct str arg2)
{
	if (!(op->has & VS_HAS_OTHER_ROOT))
		return 0;
	if (!d->host_path)
		return op->root;
	/* it is what such a path is absolute in */
	if (op->has & VS_HAS_PATH_ARG && is_absolute(arg))
		return op->path_id;
	return op->has & VS_HAS_PATH2_ARG && is_absolute(arg2) ? op->path2_id : 0;
}

static bool op_is_sound(const struct vs_rec_op *op, size_t size)
{
	return size >= sizeof(*op) && size >= sizeof(*op) + op->path_len + op->path2_len &&
	       op->path_len <= VS_PATH_MAX && op->path2_len <= VS_PATH_MAX && op->op > 0 &&
	       op->op < VS_OP_MAX && op->via < VS_VIA_MAX && op->ftype < VS_FTYPE_MAX &&
	       op->has >> VS_HAS_KIND_SHIFT < VS_KIND_MAX && !op->comm[VS_COMM_LEN - 1] &&
	       !op->pcomm[VS_COMM_LEN - 1] &&
	       (op->op != VS_OP_RUNQ || !op->prev_comm[VS_COMM_LEN - 1]);
}

/* Type and data, with a NUL between them; one that is empty was not given. */
static void split_texts(struct record *r, struct str texts)
{
	size_t len = strnlen(texts.p, texts.len);

	if (len)
		r->mount_type = (struct str){texts.p, len};
	if (len + 1 < texts.len)
		r->mount_data = (struct str){texts.p + len + 1, texts.len - len - 1};
}

/*
 * By our mounts, which is a guess where the process has others: then it is looked up in those, but
 * only if it matters, for that takes a file of /proc to be read.
 */
static const char *fs_of_path(const struct decoder *d, const struct record *r, struct str path)
{
	const char *fs = path.p && d->fs_of_path ? d->fs_of_path(path) : NULL;

	if (!r->fs_is_guess || d->host_path || !(d->fs_asked || (fs && fs_bits(fs) & VS_FS_PSEUDO)))
		return fs;
	return views_fs_of(d->views, r->op.pid, r->op.ppid, r->op.mnt_ns, path);
}

/* A link's names are in one file system, and the old one may lead there from /proc/self/fd. */
static const char *fs_of_arg(const struct decoder *d, const struct record *r)
{
	const char *fs = fs_of_path(d, r, r->path);

	return fs && *fs && r->op.op == VS_OP_LINK && r->path2.p ? fs_of_path(d, r, r->path2) : fs;
}

static int decode_op(struct decoder *d, const void *data, size_t size, struct record *r)
{
	const struct vs_rec_op *op = data;
	const char *strings = (const char *)(op + 1);
	const struct name *name;
	struct str arg, arg2;

	if (!op_is_sound(op, size)) {
		d->malformed++;
		return 0;
	}
	r->op = *op;
	r->path = r->path2 = r->root = (struct str){NULL, 0};
	r->fs = NULL;
	r->path_is_arg = op->has & (VS_HAS_PATH_ARG | VS_HAS_PATH_ID_ARG);
	arg = (struct str){strings, op->path_len};
	arg2 = (struct str){strings + op->path_len, op->path2_len};
	r->arg = op->has & VS_HAS_PATH_ARG ? arg : (struct str){NULL, 0};
	if (op->has & VS_HAS_PATH_ARG) {
		r->path = in_our_mounts(d, 0, op, arg, joined(d, 0, op->path_id, arg));
	} else if ((name = find(d, op->path_id))) {
		r->path = name->path;
		r->fs = name->fs;
	}
	if (r->path_is_arg && (name = find(d, root_id(d, op, arg, arg2))))
		r->root = name->path;
	r->proc = d->procs ? procs_find(d->procs, op->pid) : NULL;
	if (d->procs && !(r->proc && r->proc->program))
		d->lost_proc++;
	r->data = op->has & VS_HAS_DATA ? arg2 : (struct str){NULL, 0};
	r->fs_is_guess = r->path_is_arg && (op->mnt_ns != d->mnt_ns ||
					    (op->has & VS_HAS_OTHER_ROOT && !d->host_path));
	r->mount_type = r->mount_data = (struct str){NULL, 0};
	if (op->has & VS_HAS_PATH2_ARG)
		r->path2 = in_our_mounts(d, 1, op, arg2, joined(d, 1, op->path2_id, arg2));
	else if (op->has & VS_HAS_TARGET)
		r->path2 = arg2;
	else if (!(op->has & VS_HAS_TEXTS) && (name = find(d, op->path2_id)))
		r->path2 = name->path;
	if (op->has & VS_HAS_TEXTS && (name = find(d, op->path2_id)))
		split_texts(r, name->path);
	if (r->path_is_arg)
		r->fs = fs_of_arg(d, r);
	if (r->fs && !*r->fs)
		r->fs = NULL;
	return 1;
}

static int take_in_proc(struct decoder *d, const struct vs_rec_proc *rec, size_t size)
{
	if (size < sizeof(*rec) || (!d->procs && !d->exited))
		return -EBADMSG;
	if (d->exited && rec->what == VS_PROC_EXIT)
		d->exited(d->exited_ctx, rec->pid);
	return d->procs ? procs_add(d->procs, d->names, rec, size) : 0;
}

static int take_in(struct decoder *d, const void *data, size_t size)
{
	const struct vs_rec_name *name = data;

	if (size && name->type == VS_REC_PROC)
		return take_in_proc(d, data, size);
	if (size < sizeof(*name) || name->type != VS_REC_NAME)
		return -EBADMSG;
	if (name->flags & VS_NAME_CGROUP)
		return cgroup_learn(data, size);
	d->resolved += !(name->flags & (VS_NAME_ARG | VS_NAME_VERBATIM));
	return names_add(d->names, data, size);
}

int record_decode(struct decoder *d, const void *data, size_t size, struct record *r)
{
	const __u8 *type = data;
	int err;

	if (size && *type == VS_REC_OP)
		return decode_op(d, data, size, r);
	err = take_in(d, data, size);
	if (err > 0)
		path_is_lost(d);
	else if (err)
		d->malformed++;
	return 0;
}
