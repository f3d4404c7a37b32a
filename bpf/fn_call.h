/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What programs read and write, by the functions that do it, instead of by the tracepoints of
 * all system calls: whoever makes other calls then pays nothing. The function tells when, and
 * which file; the registers with which the program entered the kernel tell all the rest, as
 * they do at the tracepoints.
 */
#ifndef VFSCOPE_FN_CALL_H
#define VFSCOPE_FN_CALL_H

/* Does the task itself make a call now, and not the kernel for it? */
static __always_inline bool call_is_own(void)
{
	return !(READ(who_task(), flags) & (PF_KTHREAD | PF_IO_WORKER));
}

/* The call that the task is in, if it moves data by one of these functions; else -1. */
static __always_inline int call_index(struct pt_regs *regs)
{
	int index = sys_index((int)sys_nr(regs), sys_is_compat());

	if (index < 0 || index >= VS_SYS_ABIS * VS_SYS_NRS)
		return -1;
	if (sys_table[sys_bounded(index)].via != VS_VIA_RW &&
	    sys_table[sys_bounded(index)].via != VS_VIA_VEC)
		return -1;
	return index;
}

/* Is it one of the two functions that have a set in front.h and slot.h? */
static __always_inline bool call_is_plain(__u32 fn)
{
	return fn == VS_FN_VFS_READ || fn == VS_FN_VFS_WRITE;
}

/* The filters on processes, the cheapest first; vfscope itself is left to call_exit. */
static __always_inline bool call_wanted(void)
{
	if (cfg.anyone)
		return true;
	if (cfg.one_pid)
		return bpf_get_current_pid_tgid() >> 32 == cfg.only[VS_WHO_PID].id;
	return who_wanted();
}

/* Is it left out by what stands in front of the cache of files? */
static __always_inline bool call_is_outside(__u32 fn, struct file *file)
{
	return cfg.fronts_tell && call_is_plain(fn) &&
	       front_is_outside(fn - VS_FN_VFS_READ, file, cfg.outsides);
}

static __always_inline bool call_is_known_outside(__u32 fn, struct file *file)
{
	return cfg.outsides && call_is_plain(fn) && outside_has(file);
}

static __always_inline int call_enter_any(__u32 fn, struct file *file)
{
	struct frame *frame;
	__u64 task, taken;
	__u32 b;

	if (!call_wanted() || call_is_outside(fn, file))
		return 0;
	task = bpf_get_current_task();
	b = place_of(task);
	taken = __sync_val_compare_and_swap(&begun[b].task, 0, task);
	if (!taken || taken == task) {
		begun[b].ns = bpf_ktime_get_ns();
		return 0;
	}
	frames_are_far = 1;
	frame = frame_make();
	if (!frame)
		return 0;
	frame->row = ROW_FUNCTION;
	frame->ts_ns = bpf_ktime_get_ns();
	return 0;
}

/* Saves its registers itself: see call_enter. */
static __noinline int call_enter_apart(__u32 fn, struct file *file)
{
	return call_enter_any(fn, TYPED(file));
}

/* Loaded only where time is asked for. With -d most are left alone, for which no register is saved.
 */
static __always_inline int call_enter(__u32 fn, struct file *file)
{
	if (!cfg.outsides)
		return call_enter_any(fn, TYPED(file));
	return call_is_plain(fn) && outside_has(file) ? 0 : call_enter_apart(fn, file);
}

/* As call_begun, of what has found its place taken. */
static __noinline __u64 call_begun_far(void)
{
	struct frame *frame = frame_find();
	__u64 ts_ns;

	if (!frame || frame->row != ROW_FUNCTION)
		return 0;
	ts_ns = frame->ts_ns;
	frame->row = 0;
	frame_drop(frame);
	return ts_ns;
}

/* When what call_enter has seen began; 0: it was not wanted, or began before vfscope. */
static __always_inline __u64 call_begun(void)
{
	__u64 task = bpf_get_current_task();
	__u32 b = place_of(task);
	__u64 ts_ns;

	if (begun[b].task != task)
		return frames_are_far ? call_begun_far() : 0;
	ts_ns = begun[b].ns;
	begun[b].task = 0;
	return ts_ns;
}

/* The long way: whose file is not known yet, or of whom all is to be told. */
static __noinline int call_done(__u32 fn, struct file *file, __u64 ts_ns, __u64 lat_ns, __s64 ret)
{
	struct scratch *s = scratch_of(fn_table[fn].slot);
	const volatile struct vs_sys *row;
	struct pt_regs *regs;
	int index;

	if (!s)
		return ret_zero();
	regs = call_is_own() ? sys_regs(s) : NULL;
	index = regs ? call_index(regs) : -1;
	if (index < 0)
		return ret_zero();
	row = &sys_table[sys_bounded(index)];
	s->ref[SECOND].dentry = 0;
	s->names_fixed = 0;
	s->pos_stays = 1; /* it is the call that moves it, behind the function */
	/* for front_keep */
	if ((cfg.quick || cfg.fronts_tell) && call_is_plain(fn))
		front_find_file(fn - VS_FN_VFS_READ, s->prog, file, task_typed());
	if (cfg.host_path)
		file_set(s, FIRST, file);
	else
		file_set_typed(s, FIRST, file);
	if (!ref_wanted(&s->ref[FIRST])) {
		slot_claim(s, VS_SLOT_UNWANTED);
		front_keep(s);
		return ret_zero();
	}
	sys_begin(s, row, ts_ns, lat_ns, ret);
	who_fill(s, &s->rec);
	sys_args(s, regs, index >= VS_SYS_NRS);
	sys_done_fd(s, row);
	front_keep(s);
	return ret_zero();
}

/* What has no slot: SLOT_NONE, or that of one which is free, + 1. */
static __always_inline int call_add_done(__u32 fn, struct file *file, __u32 slot, __s64 ret,
					 __u64 ts_ns, __u64 lat_ns)
{
	struct scratch *s = scratch_of(fn_table[fn].slot);

	if (!s)
		return 0;
	s->slot = slot == SLOT_NONE ? 0 : slot;
	return call_done(fn, file, ts_ns, lat_ns, ret);
}

/*
 * What a program has done to a file goes into its row by a slot, or else the long way. req: what
 * the function was asked to move. Whoever calls these two functions does so for a program that
 * reads or writes (they are not exported), so what has a slot needs no look at the call.
 */
static __always_inline int call_add(__u32 fn, struct file *file, __u64 req, __s64 ret, __u32 tgid,
				    __u64 ts_ns, __u64 lat_ns)
{
	__u32 slot = SLOT_NONE;
	struct scratch *s;
	__u64 *more = NULL;

	if (cfg.totals.slots_more) {
		s = scratch_of(fn_table[fn].slot);
		if (!s)
			return 0;
		more = s->slot_more;
	}
	if (call_is_plain(fn))
		slot = slot_add_file(fn - VS_FN_VFS_READ, more, file, tgid, req, ret, lat_ns);
	return slot ? call_add_done(fn, file, slot, ret, ts_ns, lat_ns) : 0;
}

/* The same for rows by process and file, when nothing else is asked for: what top shows. Nothing of
 * vfscope itself has a slot. */
static __always_inline int call_add_by_file(__u32 fn, struct file *file, __u64 req, __s64 ret)
{
	__u32 tgid = task_typed()->tgid, slot;

	slot = slot_add_by_file(fn - VS_FN_VFS_READ, file, tgid, req, ret, VS_LAT_UNKNOWN);
	if (!slot || who_is_self_of(tgid))
		return 0;
	return call_add_done(fn, file, slot, ret, 0, VS_LAT_UNKNOWN);
}

/* As call_begun; where no time is asked for, CALL_UNTIMED. */
enum { CALL_UNTIMED = 1 };
static __always_inline __u64 call_since(void)
{
	__u64 untimed = CALL_UNTIMED;

	if (cfg.want_time)
		return call_begun();
	barrier_var(untimed); /* or it would be set before it is known to be needed */
	return untimed;
}

/*
 * The function holds the file to its end, whatever becomes of the descriptor. ts_ns: of call_since.
 */
static __always_inline int call_exit(__u32 fn, struct file *file, __u64 req, __s64 ret, __u64 ts_ns)
{
	__u64 now, lat_ns = VS_LAT_UNKNOWN;
	struct quick_op op;
	__u32 tgid;

	if (!cfg.want_time &&
	    (!call_wanted() || call_is_known_outside(fn, file) || call_is_outside(fn, file)))
		return 0;
	now = bpf_ktime_get_ns();
	if (cfg.want_time)
		lat_ns = now - ts_ns;
	else
		ts_ns = now;
	if (!op_passes(ret, lat_ns, ret > 0 ? ret : 0))
		return 0;
	tgid = bpf_get_current_pid_tgid() >> 32;
	if (who_is_self_of(tgid))
		return 0;
	if (cfg.quick && call_is_plain(fn)) {
		op = (struct quick_op){.ts_ns = ts_ns, .lat_ns = lat_ns, .req = req, .ret = ret};
		if (quick_send_file(fn - VS_FN_VFS_READ, file, &op))
			return 0;
	}
	if (cfg.totals.slots)
		return call_add(fn, file, req, ret, tgid, ts_ns, lat_ns);
	return call_done(fn, file, ts_ns, lat_ns, ret);
}

/* The same where rows are added up, by slots, and nothing that takes time is asked for. */
static __always_inline int call_count(__u32 fn, struct file *file, __u64 req, __s64 ret)
{
	__u32 tgid;

	if (cfg.totals.plain && cfg.totals.by_file && call_is_plain(fn))
		return call_add_by_file(fn, file, req, ret);
	if (!cfg.totals.plain) {
		if (!call_wanted() || !op_passes(ret, VS_LAT_UNKNOWN, ret > 0 ? ret : 0) ||
		    call_is_known_outside(fn, file) || call_is_outside(fn, file))
			return 0;
	}
	tgid = bpf_get_current_pid_tgid() >> 32;
	if (who_is_self_of(tgid))
		return 0;
	return call_add(fn, file, req, ret, tgid, 0, VS_LAT_UNKNOWN);
}

#define CALL_PROGRAMS(fn, function, args)                                                          \
	SEC("?fentry")                                                                             \
	int function##__fentry(__u64 *ctx)                                                         \
	{                                                                                          \
		return call_enter(VS_FN_##fn, (struct file *)ctx[0]);                              \
	}                                                                                          \
	SEC("?fexit")                                                                              \
	int function##__fexit(__u64 *ctx)                                                          \
	{                                                                                          \
		__u64 ts_ns = call_since();                                                        \
                                                                                                   \
		if (!ts_ns)                                                                        \
			return 0;                                                                  \
		barrier_var(ctx); /* or what it holds would be loaded before */                    \
		call_exit(VS_FN_##fn, TYPED((struct file *)ctx[0]), ctx[2], ctx[args], ts_ns);     \
		return 0;                                                                          \
	}                                                                                          \
	SEC("?fexit")                                                                              \
	int function##__count(__u64 *ctx)                                                          \
	{                                                                                          \
		return call_count(VS_FN_##fn, TYPED((struct file *)ctx[0]), ctx[2], ctx[args]);    \
	}
VS_CALL_FNS(CALL_PROGRAMS)

#endif
