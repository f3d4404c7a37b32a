/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one end of every hook: an operation is complete, its record is filled but for the
 * names and what the filters on results decide. Whatever saw it, system call, io_uring
 * or libaio, ends here.
 */
#ifndef VFSCOPE_OP_H
#define VFSCOPE_OP_H

/* Every record begins like this: all that is not said is 0. */
static __always_inline void op_begin(struct vs_rec_op *rec, enum vs_op op)
{
	__builtin_memset(rec, 0, sizeof(*rec));
	rec->type = VS_REC_OP;
	rec->op = op;
}

/* Does what came of an operation pass the filters? */
static __always_inline bool op_passes(__s64 ret, __u64 lat_ns, __u64 bytes)
{
	__u64 min_lat_ns;

	if (cfg.any_result)
		return true;
	min_lat_ns = cfg.min_lat_ns;
	if (min_lat_ns && (lat_ns < min_lat_ns || lat_ns == VS_LAT_UNKNOWN))
		return false;
	if (cfg.failed_only && ret >= 0)
		return false;
	return bytes >= cfg.min_bytes;
}

static __always_inline bool op_result_wanted(const struct vs_rec_op *rec)
{
	return op_passes(rec->ret, rec->lat_ns, rec->bytes);
}

/*
 * Is it one of those that --sample counts, and does not show? Not so what the user side has to
 * look at before it counts.
 */
static __always_inline bool op_unshown(struct scratch *s)
{
	__u32 every = *(volatile __u32 *)&sample_every, index = s->prog, op = s->rec.op;
	struct vs_unshown *sums;

	if (!cfg.sampling || s->rec.has & (VS_HAS_PATH_ARG | VS_HAS_PATH_ID_ARG) || every <= 1 ||
	    !(bpf_get_prandom_u32() % every))
		return false;
	sums = bpf_map_lookup_elem(&unshown, &index);
	asm volatile("" : "+r"(op)); /* what is tested is what is used */
	if (!sums || op >= VS_OP_MAX)
		return false;
	sums->ops[op].count++;
	sums->ops[op].errors += s->rec.ret < 0;
	sums->ops[op].bytes += s->rec.bytes;
	return true;
}

/* A record without strings: put into the ring word by word, where the helper copies bytes. */
static __always_inline void op_send_plain(const struct vs_rec_op *rec)
{
	struct vs_rec_op *sent = bpf_ringbuf_reserve(&ring, sizeof(*sent), 0);

	if (!sent) {
		lost(VS_LOST_RING);
		return;
	}
	*sent = *rec;
	bpf_ringbuf_submit(sent, 0);
}

/*
 * Sends s->rec with its strings, or adds it up (agg.h). Flags 0: the kernel wakes the reader when
 * it has caught up, and not while it still has records to read.
 */
static __always_inline void op_send(struct scratch *s)
{
	__u32 size = sizeof(s->rec) + s->rec.path_len + s->rec.path2_len;

	if (agg_takes(&s->rec)) {
		agg_add(s->prog);
		return;
	}
	if (op_unshown(s))
		return;
	if (size == sizeof(s->rec)) {
		op_send_plain(&s->rec);
		return;
	}
	if (size > sizeof(s->rec) + sizeof(s->strings))
		size = sizeof(s->rec) + sizeof(s->strings);
	if (bpf_ringbuf_output(&ring, &s->rec, size, 0))
		lost(VS_LOST_RING);
}

/* Puts what is known of a file of the operation into s->rec. */
static __always_inline void op_set_file(struct scratch *s, __u32 which)
{
	const struct file_ref *ref = ref_of(s, which);

	s->rec.path_id = 0;
	s->rec.has &= ~(VS_HAS_FILE | VS_HAS_INODE);
	s->rec.ftype = VS_FTYPE_NONE;
	s->fs_type = 0;
	if (!ref->dentry)
		return;
	s->fs_type = ref->fs_type;
	s->rec.has |= VS_HAS_FILE | VS_HAS_INODE;
	s->rec.ftype = ref->ftype;
	s->rec.dev = ref->dev;
	s->rec.ino = ref->ino;
	s->rec.path_id = name_asked(s, which);
}

/* Completes an operation on one file, or on none that is known (its dentry is 0). */
__noinline int op_complete(__u32 prog, __u32 which)
{
	struct scratch *s = scratch_of(prog);

	if (!s)
		return 0;
	op_set_file(s, which);
	if (cfg.peek)
		peek_take(prog);
	op_send(s);
	return 0;
}

/* Completes an operation on the one file that is there: open, or (file 0) by its dentry and mount.
 */
static __always_inline void op_complete_file(struct scratch *s, __u64 file, struct vfsmount *mnt,
					     struct dentry *dentry)
{
	s->names_fixed = 0;
	s->ref[SECOND].dentry = 0;
	s->ref[FIRST].file = file;
	file_set_path(s, FIRST, mnt, dentry);
	if (ref_wanted(&s->ref[FIRST]))
		op_complete(s->prog, FIRST);
}

/* include/uapi/linux/stat.h: stx_mode, stx_ino, stx_dev_major and _minor of a struct statx. */
static __always_inline void op_set_statx(struct vs_rec_op *rec, const void *statx)
{
	__u32 dev[2];
	__u16 mode;

	if (bpf_probe_read_user(&mode, sizeof(mode), statx + 28) ||
	    bpf_probe_read_user(&rec->ino, sizeof(rec->ino), statx + 32) ||
	    bpf_probe_read_user(dev, sizeof(dev), statx + 136))
		return;
	rec->dev = dev[0] << 20 | dev[1];
	rec->ftype = ftype_of_mode(mode);
	rec->has |= VS_HAS_INODE;
}

/* What the user side has to know to follow a path that a program has passed, or to say its fs. */
static __always_inline __u32 op_path_bits(void)
{
	return who_has_our_root() ? 0 : VS_HAS_OTHER_ROOT;
}

/* Makes the root of the task one of the files: an absolute path is relative to that. */
static __always_inline void op_set_root(struct scratch *s, __u32 which)
{
	struct fs_struct *fs = READ(who_task(), fs);

	file_set_path(s, which, READ(fs, root.mnt), READ(fs, root.dentry));
}

/* What it says of all paths: they are below, or it takes that root to follow them. */
static __always_inline void op_tell_root(struct scratch *s, struct vs_rec_op *rec)
{
	if (!(cfg.by_dir || cfg.host_path) || !(rec->has & VS_HAS_OTHER_ROOT))
		return;
	op_set_root(s, FIRST);
	if (s->ref[FIRST].below)
		rec->has |= VS_HAS_ROOT_BELOW;
	else if (cfg.by_dir && !cfg.host_path)
		rec->root = name_of_root(s);
}

/* The id of the path of that root; 0: it is ours. */
static __always_inline __u64 op_root_id(struct scratch *s, __u32 which)
{
	if (!cfg.host_path || who_has_our_root())
		return 0;
	op_set_root(s, which);
	return name_asked(s, which);
}

static __always_inline bool op_asked(__u32 op)
{
	return cfg.op_mask & VS_BIT(op);
}

/* Completes an open that has led to the FIRST file, which it may have created; mode: f_mode. */
static __always_inline void op_complete_open(struct scratch *s, __u32 mode)
{
	bool created = mode & FMODE_CREATED || s->rec.flags & O_TMPFILE_BIT;

	if (!ref_wanted(ref_of(s, FIRST)))
		return;
	if (op_asked(VS_OP_OPEN))
		op_complete(s->prog, FIRST);
	if (created && op_asked(VS_OP_CREATE)) {
		s->rec.op = VS_OP_CREATE;
		op_complete(s->prog, FIRST);
	}
}

/*
 * Completes a copy inside the kernel: a read of the FIRST file, a write of the SECOND.
 * The record holds what both have in common; descriptor and offset are given for each.
 */
struct copy_end {
	__s64 offset;
	__s32 fd;
	__u32 has; /* VS_HAS_OFFSET or 0 */
	__u32 no_fd;
};
static __always_inline void op_complete_end(struct scratch *s, __u32 which, enum vs_op op,
					    const struct copy_end *end)
{
	if (!op_asked(op) || !ref_wanted(ref_of(s, which)))
		return;
	s->rec.op = op;
	s->rec.has = (s->rec.has & ~(VS_HAS_OFFSET | VS_HAS_FD)) | end->has;
	if (!end->no_fd)
		s->rec.has |= VS_HAS_FD;
	s->rec.fd = end->fd;
	s->rec.offset = end->offset;
	op_complete(s->prog, which);
}

static __always_inline void op_complete_copy(struct scratch *s, const struct copy_end *from,
					     const struct copy_end *to)
{
	if (op_asked(VS_OP_READ) && ref_wanted(ref_of(s, FIRST)))
		s->rec.path2_id = name_asked(s, SECOND);
	op_complete_end(s, FIRST, VS_OP_READ, from);
	s->rec.path2_id = 0;
	op_complete_end(s, SECOND, VS_OP_WRITE, to);
}

#endif
