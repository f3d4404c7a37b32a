/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loop devices that read and write their file without a function that could be hooked (with
 * direct I/O, and since 6.17 always; also in Debian's 6.12): known when a request completes. Who
 * waits for it is not known here, and a processor may complete it for whoever runs on it.
 */
#ifndef VFSCOPE_FN_LOOP_H
#define VFSCOPE_FN_LOOP_H

/*
 * Data that moved without a function that is hooked. On kernels where what is not direct goes by
 * vfs_iter_read, the iocb of a command has either never been used, or to be completed by a call.
 */
static __always_inline bool loop_is_unseen(struct request *rq, struct loop_cmd *cmd,
					   struct kiocb *iocb)
{
	if ((READ(rq, cmd_flags) & REQ_OP_MASK) > REQ_OP_WRITE)
		return false;
	return BPF_CORE_READ(cmd, use_aio) || (READ(iocb, ki_filp) && !READ(iocb, ki_complete));
}

/* lo_complete_rq(rq): behind the request stands the command. */
static __always_inline int loop_complete(struct request *rq)
{
	struct scratch *s = scratch_of(fn_table[VS_FN_LO_COMPLETE_RQ].slot);
	struct loop_cmd *cmd = (void *)rq + bpf_core_type_size(struct request);
	struct kiocb *iocb = (void *)cmd + bpf_core_field_offset(struct loop_cmd, iocb);
	__s64 ret = BPF_CORE_READ(cmd, ret); /* a type of a module: no direct load */
	struct vs_rec_op *rec;
	struct file *file;

	if (!s || !loop_is_unseen(rq, cmd, iocb))
		return 0;
	rec = &s->rec;
	op_begin(rec, READ(rq, cmd_flags) & REQ_OP_WRITE ? VS_OP_WRITE : VS_OP_READ);
	/* an interrupt of vfscope is nothing that vfscope did */
	if (!op_asked(rec->op) || !(who_is_self() ? cfg.anyone : who_wanted()))
		return 0;
	rec->via = VS_VIA_KERNEL;
	rec->ret = ret;
	rec->bytes = ret > 0 ? ret : 0;
	rec->req = READ(rq, __data_len);
	/* it has moved on with the data */
	rec->offset = READ(iocb, ki_pos) - rec->bytes;
	rec->has = VS_HAS_BYTES | VS_HAS_REQ | VS_HAS_OFFSET;
	rec->lat_ns = bpf_ktime_get_ns();
	rec->ts_ns = READ(rq, start_time_ns) ?: rec->lat_ns;
	rec->lat_ns -= rec->ts_ns;
	if (!op_result_wanted(rec))
		return 0;
	if (!who_is_self())
		who_fill(s, rec);
	file = READ(iocb, ki_filp);
	op_complete_file(s, (__u64)file, READ(file, f_path.mnt), READ(file, f_path.dentry));
	return 0;
}

SEC("?fentry")
int lo_complete_rq__fentry(__u64 *ctx)
{
	return loop_complete((void *)ctx[0]);
}

SEC("?kprobe")
int lo_complete_rq__kprobe(struct pt_regs *ctx)
{
	return loop_complete((void *)PT_REGS_PARM1(ctx));
}

#endif
