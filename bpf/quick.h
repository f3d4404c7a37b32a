/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The quick way into the ring: reads and writes, by functions (fn_call.h) or calls
 * (tp_syscall.h), on a file of which all is known by now (front.h). The rest is loaded from where
 * the verifier knows what is there, straight into the record. Whatever is missing, or unusual, goes
 * the long way.
 */
#ifndef VFSCOPE_QUICK_H
#define VFSCOPE_QUICK_H

/* An operation that has ended: what was asked for, what came of it, what is known of its file. */
struct quick_op {
	__u64 ts_ns, lat_ns, req;
	__s64 ret;
	__u64 id, ino;
	__u32 dev;
	__u8 op, ftype;
};

static __always_inline bool quick_seekable(const struct quick_op *op)
{
	return op->ftype == VS_FTYPE_REG || op->ftype == VS_FTYPE_BLK;
}

static __always_inline void quick_set_file(struct quick_op *op, const struct front *front)
{
	op->id = front->id;
	op->ino = front->is.ino;
	op->dev = front->dev;
	op->ftype = front->ftype;
}

/* Has it added to the end of the file, wherever that is? */
static __always_inline bool quick_appends(const struct quick_op *op)
{
	return op->op == VS_OP_WRITE && op->ret > 0 && quick_seekable(op);
}

/* Does the user side know the cgroup? Else it has to be told, the long way. */
static __always_inline bool quick_is_told(__u64 cgroup)
{
	return !cfg.want_cgroup || *who_cgroup_told() == cgroup;
}

/* A record but for its offset; NULL: there is no room, which is counted. */
static __always_inline struct vs_rec_op *quick_begin(const struct quick_op *op, __u64 cgroup,
						     struct task_struct *task, struct pt_regs *regs)
{
	struct vs_rec_op *rec = bpf_ringbuf_reserve(&ring, sizeof(*rec), 0);
	__u64 pid_tgid;

	if (!rec) {
		lost(VS_LOST_RING);
		return NULL;
	}
	pid_tgid = bpf_get_current_pid_tgid();
	rec->type = VS_REC_OP;
	rec->op = op->op;
	rec->via = VS_VIA_RW;
	rec->ftype = op->ftype;
	rec->has = VS_HAS_BYTES | VS_HAS_REQ | VS_HAS_FD | VS_HAS_FILE | VS_HAS_INODE;
	rec->ts_ns = op->ts_ns;
	rec->lat_ns = op->lat_ns;
	rec->path_id = op->id;
	rec->path2_id = 0;
	rec->ino = op->ino;
	rec->offset = 0;
	rec->cgroup = cgroup;
	rec->ret = op->ret;
	rec->req = op->req;
	rec->bytes = op->ret > 0 ? op->ret : 0;
	rec->dev = op->dev;
	rec->pid = pid_tgid >> 32;
	rec->tid = pid_tgid;
	rec->flags = 0;
	rec->mode = 0;
	rec->path_len = 0;
	rec->path2_len = 0;
	who_fill_typed(rec, task);
	rec->fd = SYS_ARG1(regs);
	return rec;
}

static __always_inline void quick_end(struct vs_rec_op *rec, bool has_offset, __s64 offset)
{
	if (has_offset) {
		rec->has |= VS_HAS_OFFSET;
		rec->offset = offset;
	}
	bpf_ringbuf_submit(rec, 0);
}

/* --- by functions ------------------------------------------------------------------------ */

/*
 * False: it has to go the long way. So have calls of 32-bit programs, whose numbers for these
 * operations are those of others in the native table.
 */
static __always_inline bool quick_send_file(__u32 set, struct file *file, struct quick_op *op)
{
	struct task_struct *task = task_typed();
	struct front *front = front_look(set, file->f_path.mnt, file->f_path.dentry, task);
	const volatile struct vs_sys *row;
	struct vs_rec_op *rec;
	struct pt_regs *regs;
	__u64 cgroup;
	__s64 offset;

	if (!front || !front->wanted)
		return front;
	cgroup = who_cgroup_typed(task);
	if ((cfg.want_path && !front->id) || !quick_is_told(cgroup))
		return false;
	regs = (void *)bpf_task_pt_regs((void *)bpf_get_current_task_btf());
	row = &sys_table[sys_nr(regs) & (VS_SYS_NRS - 1)];
	op->op = set ? VS_OP_WRITE : VS_OP_READ;
	if (row->op != op->op)
		return false;
	quick_set_file(op, front);
	rec = quick_begin(op, cgroup, task, regs);
	if (!rec)
		return true;
	/* it is the call that moves the position, behind the function */
	offset = row->off ? SYS_ARG4(regs) : file->f_pos;
	if (quick_appends(op) && file->f_flags & O_APPEND)
		offset = file->f_path.dentry->d_inode->i_size - op->ret;
	quick_end(rec, row->off || quick_seekable(op), offset);
	return true;
}

/* --- at the exit of a call ---------------------------------------------------------------- */

/* Sends what is known of a call and its file; typed: the verifier knows what file is. */
static __always_inline bool quick_send_done(const volatile struct vs_sys *row, struct pt_regs *regs,
					    struct file *file, bool typed, struct task_struct *task,
					    __u64 cgroup, struct quick_op *op)
{
	__s64 offset = SYS_ARG4(regs);
	struct vs_rec_op *rec;

	op->op = row->op;
	op->req = SYS_ARG3(regs);
	rec = quick_begin(op, cgroup, task, regs);
	if (!rec)
		return true;
	if (!row->off && quick_seekable(op))
		offset = LOOK(typed, file, f_pos) - (op->ret > 0 ? op->ret : 0);
	if (row->off && quick_appends(op) && LOOK(typed, file, f_flags) & O_APPEND) {
		struct dentry *dentry = LOOK(typed, file, f_path.dentry);
		struct inode *inode = LOOK(typed, dentry, d_inode);

		offset = LOOK(typed, inode, i_size) - op->ret;
	}
	quick_end(rec, row->off || quick_seekable(op), offset);
	return true;
}

/* regs: of a native program; what is known of the file has stood in its frame since the entry. */
static __always_inline bool quick_send_call(const volatile struct vs_sys *row, struct pt_regs *regs,
					    const struct file_ref *ref, struct quick_op *op)
{
	struct task_struct *task = task_typed();
	__u64 cgroup = who_cgroup_typed(task);

	if (!quick_is_told(cgroup))
		return false;
	op->id = ref->id;
	op->ino = ref->ino;
	op->dev = ref->dev;
	op->ftype = ref->ftype;
	return quick_send_done(row, regs, ref_file(ref), false, task, cgroup, op);
}

/* The same of a file that was not looked at before. */
static __always_inline bool quick_send_late(const volatile struct vs_sys *row, struct pt_regs *regs,
					    struct file *file, struct quick_op *op)
{
	struct task_struct *task = task_typed();
	struct front *front = front_find_file(VS_FRONT_DONE, PROG_EXIT, file, task);
	__u64 cgroup;

	if (!front || !front->wanted)
		return front;
	cgroup = who_cgroup_typed(task);
	if ((cfg.want_path && !front->id) || !quick_is_told(cgroup))
		return false;
	quick_set_file(op, front);
	return quick_send_done(row, regs, file, true, task, cgroup, op);
}

#endif
