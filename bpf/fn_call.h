/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What programs read and write, by the functions that do it, instead of by the tracepoints of
 * all system calls: whoever makes other calls then pays nothing. The function tells when, and
 * which file; the registers with which the program entered the kernel tell all the rest, as
 * they do at the tracepoints.
 */
#ifndef VFSCOPE_FN_CALL_H
#define VFSCOPE_FN_CALL_H

/* The call that the task is in, if it moves data by one of these functions; else -1. */
static __always_inline int call_index(struct pt_regs *regs)
{
	int index;

	if (READ(who_task(), flags) & (PF_KTHREAD | PF_IO_WORKER))
		return -1;
	index = sys_index((int)sys_nr(regs), sys_is_compat());
	if (index < 0 || index >= VS_SYS_ABIS * VS_SYS_NRS)
		return -1;
	if (sys_table[sys_bounded(index)].via != VS_VIA_RW &&
	    sys_table[sys_bounded(index)].via != VS_VIA_VEC)
		return -1;
	return index;
}

/* Loaded only where time is asked for. */
static __always_inline int call_enter(void)
{
	struct frame *frame;

	if (!who_wanted())
		return 0;
	frame = frame_make();
	if (!frame)
		return 0;
	frame->row = VS_SYS_ABIS * VS_SYS_NRS + 1; /* of no call that another program knows */
	frame->ts_ns = bpf_ktime_get_ns();
	return 0;
}

/* When the call began; false: it was not wanted, or began before vfscope. */
static __always_inline bool call_began(__u64 *ts_ns)
{
	struct frame *frame;

	*ts_ns = bpf_ktime_get_ns();
	if (!cfg.want_time)
		return who_wanted();
	frame = frame_find();
	if (!frame || frame->row != VS_SYS_ABIS * VS_SYS_NRS + 1)
		return false;
	*ts_ns = frame->ts_ns;
	frame->row = 0;
	frame_drop(frame);
	return true;
}

/* The function holds the file to its end, whatever becomes of the descriptor. */
static __noinline int call_exit(__u32 fn, struct file *file, __s64 ret)
{
	struct scratch *s = scratch_of(fn_table[fn].slot);
	const volatile struct vs_sys *row;
	struct pt_regs *regs;
	__u64 ts_ns;
	int index;

	if (!s || !call_began(&ts_ns))
		return 0;
	regs = sys_regs(s);
	index = regs ? call_index(regs) : -1;
	if (index < 0)
		return 0;
	row = &sys_table[sys_bounded(index)];
	s->ref[SECOND].dentry = 0;
	s->names_fixed = 0;
	file_set(s, FIRST, file);
	if (!ref_wanted(&s->ref[FIRST]))
		return 0;
	sys_begin(s, row, ts_ns, ret);
	if (!cfg.want_time)
		s->rec.lat_ns = VS_LAT_UNKNOWN;
	if (!op_result_wanted(&s->rec))
		return 0;
	who_fill(s, &s->rec);
	sys_args(s, regs, index >= VS_SYS_NRS);
	sys_done_fd(s, row);
	return 0;
}

#define CALL_PROGRAMS(fn, function, args)                                                          \
	SEC("?fentry")                                                                             \
	int function##__fentry(__u64 *ctx)                                                         \
	{                                                                                          \
		return call_enter();                                                               \
	}                                                                                          \
	SEC("?fexit")                                                                              \
	int function##__fexit(__u64 *ctx)                                                          \
	{                                                                                          \
		return call_exit(VS_FN_##fn, (void *)ctx[0], ctx[args]);                           \
	}
VS_CALL_FNS(CALL_PROGRAMS)

#endif
