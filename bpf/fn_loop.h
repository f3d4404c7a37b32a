/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loop devices that read and write their file without a function that could be hooked (with
 * direct I/O, and since 6.18 always): known when a request completes. Who waits for it is
 * not known here, and a processor may complete it for whoever runs on it.
 */
#ifndef VFSCOPE_FN_LOOP_H
#define VFSCOPE_FN_LOOP_H

/* lo_rw_aio_complete(iocb, ret): the request stands before the command that holds the iocb. */
static __always_inline int loop_complete(const __u64 *args)
{
	struct scratch *s = scratch_of(fn_table[VS_FN_LO_RW_AIO_COMPLETE].slot);
	struct kiocb *iocb = (void *)fn_arg(args, VS_FN_LO_RW_AIO_COMPLETE, VS_ROLE_IOCB);
	__s64 ret = fn_arg(args, VS_FN_LO_RW_AIO_COMPLETE, VS_ROLE_RET);
	struct request *rq = (void *)iocb - bpf_core_field_offset(struct loop_cmd, iocb) -
			     bpf_core_type_size(struct request);
	struct vs_rec_op *rec;

	if (!s)
		return 0;
	rec = &s->rec;
	__builtin_memset(rec, 0, sizeof(*rec));
	rec->type = VS_REC_OP;
	rec->op = READ(rq, cmd_flags) & REQ_OP_WRITE ? VS_OP_WRITE : VS_OP_READ;
	if (!op_asked(rec->op) || !who_wanted())
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
	who_fill(rec);
	s->names_fixed = 0;
	s->ref[SECOND].dentry = 0;
	file_set(s, FIRST, READ(iocb, ki_filp));
	if (ref_wanted(&s->ref[FIRST]))
		op_complete(s->prog, FIRST);
	return 0;
}

SEC("?fentry")
int lo_rw_aio_complete__fentry(__u64 *ctx)
{
	__u64 args[8] = {ctx[0], ctx[1]};

	return loop_complete(args);
}

SEC("?kprobe")
int lo_rw_aio_complete__kprobe(struct pt_regs *ctx)
{
	__u64 args[8] = {PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx)};

	return loop_complete(args);
}

#endif
