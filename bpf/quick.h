/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The quick way into the ring: reads and writes (fn_call.h) on a file like one before. What is
 * known of the file stands in front of the cache of files (front.h), and the rest is loaded from
 * where the verifier knows what is there, straight into the record. Whatever is missing, or
 * unusual, goes the long way (call_done).
 */
#ifndef VFSCOPE_QUICK_H
#define VFSCOPE_QUICK_H

/* An operation that has ended. */
struct quick_op {
	struct file *file;
	__u64 pid_tgid, ts_ns, lat_ns, req;
	__s64 ret;
};

/* As sys_offset does. */
static __always_inline void quick_offset(struct vs_rec_op *rec, struct file *file,
					 struct pt_regs *regs, __u8 off)
{
	bool seekable = rec->ftype == VS_FTYPE_REG || rec->ftype == VS_FTYPE_BLK;

	rec->offset = 0;
	if (off)
		rec->offset = SYS_ARG4(regs);
	else if (seekable)
		rec->offset = file->f_pos;
	if (seekable && rec->op == VS_OP_WRITE && rec->ret > 0 && file->f_flags & O_APPEND)
		rec->offset = file->f_path.dentry->d_inode->i_size - rec->ret;
	if (off || seekable)
		rec->has |= VS_HAS_OFFSET;
}

/*
 * False: it has to go the long way. So have calls of 32-bit programs, whose numbers for these
 * operations are those of others in the native table.
 */
static __always_inline bool quick_send(__u32 set, __u32 prog, const struct quick_op *op)
{
	struct task_struct *task = task_typed();
	const volatile struct vs_sys *row;
	struct pt_regs *regs;
	struct vs_rec_op *rec;
	struct front *front;
	__u64 cgroup;

	front = front_find(set, prog, op->file, task);
	if (!front || !front->wanted)
		return front;
	if (cfg.want_path && !front->id)
		return false;
	cgroup = who_cgroup_typed(task);
	regs = (void *)bpf_task_pt_regs((void *)bpf_get_current_task_btf());
	row = &sys_table[sys_nr(regs) & (VS_SYS_NRS - 1)];
	if (cgroup != front->cgroup || row->op != (set ? VS_OP_WRITE : VS_OP_READ))
		return false;
	rec = bpf_ringbuf_reserve(&ring, sizeof(*rec), 0);
	if (!rec) {
		lost(VS_LOST_RING);
		return true;
	}
	rec->type = VS_REC_OP;
	rec->op = set ? VS_OP_WRITE : VS_OP_READ;
	rec->via = VS_VIA_RW;
	rec->ftype = front->ftype;
	rec->has = VS_HAS_BYTES | VS_HAS_REQ | VS_HAS_FD | VS_HAS_FILE | VS_HAS_INODE;
	rec->ts_ns = op->ts_ns;
	rec->lat_ns = op->lat_ns;
	rec->path_id = front->id;
	rec->path2_id = 0;
	rec->ino = front->ino;
	rec->cgroup = cgroup;
	rec->ret = op->ret;
	rec->req = op->req;
	rec->bytes = op->ret > 0 ? op->ret : 0;
	rec->dev = front->dev;
	rec->pid = op->pid_tgid >> 32;
	rec->tid = op->pid_tgid;
	rec->flags = 0;
	rec->mode = 0;
	rec->path_len = 0;
	rec->path2_len = 0;
	who_fill_typed(rec, task);
	rec->fd = SYS_ARG1(regs);
	quick_offset(rec, op->file, regs, row->off);
	bpf_ringbuf_submit(rec, 0);
	return true;
}

#endif
