/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a call on a path has led, for -d: the kernel's own functions are handed what it has
 * reached, so no text has to be followed, and what lies elsewhere costs no event. Loaded only
 * with -d. Which functions tell it of which operations stands in src/fns.c; what none of them
 * has told (a path that leads to nothing) is left to the user side.
 *
 * What is told last counts: a walk that is begun anew, or that another lies within.
 */
#ifndef VFSCOPE_REACH_H
#define VFSCOPE_REACH_H

/* The call that the current task is in, if this function tells where it leads; else NULL. */
static __always_inline struct frame *reach_frame(__u32 fn)
{
	struct frame *frame = frame_now();
	__u32 index = frame ? frame->row - 1 : 0;

	if (!frame || !frame->row || !frame->wanted || index >= VS_SYS_ABIS * VS_SYS_NRS)
		return NULL;
	return fn_table[fn].ops & VS_BIT(sys_table[sys_bounded(index)].op & 63) ? frame : NULL;
}

/* dentry: in the directory dir; NULL: that itself. */
static __always_inline bool reach_is_below(struct scratch *s, struct path *dir,
					   struct dentry *dentry)
{
	s->ref[FIRST].file = 0;
	s->ref[FIRST].below = 0;
	file_set_path(s, FIRST, READ(dir, mnt), dentry ?: READ(dir, dentry));
	return s->ref[FIRST].below;
}

static __always_inline void reach_decide(struct frame *frame, __u32 fn, const __u64 *args)
{
	struct scratch *s = scratch_of(fn_table[fn].slot);
	struct path *dir = (void *)fn_arg(args, fn, VS_ROLE_PATH);
	struct path *dir2 = fn_table[fn].arg[VS_ROLE_PATH2]
				    ? (void *)fn_arg(args, fn, VS_ROLE_PATH2)
				    : dir; /* of a link both are on one mount */
	bool below;

	if (!s)
		return;
	below = reach_is_below(s, dir, (void *)fn_arg(args, fn, VS_ROLE_DENTRY));
	if (!below && fn_table[fn].arg[VS_ROLE_DENTRY2])
		below = reach_is_below(s, dir2, (void *)fn_arg(args, fn, VS_ROLE_DENTRY2));
	frame->reached = below ? REACHED_BELOW : REACHED_ELSEWHERE;
}

/* Functions that are handed a directory, with its mount, and a name in it. */
static __always_inline int reach_name(__u32 fn, const __u64 *args)
{
	struct frame *frame = reach_frame(fn);

	if (frame)
		reach_decide(frame, fn, args);
	return 0;
}

#define REACH_PROGRAMS(fn_, function)                                                              \
	SEC("?fentry")                                                                             \
	int function##__fentry(__u64 *ctx)                                                         \
	{                                                                                          \
		__u64 args[8] = {FN_CTX_ARGS(ctx, VS_FN_##fn_)};                                   \
                                                                                                   \
		return reach_name(VS_FN_##fn_, args);                                              \
	}                                                                                          \
	SEC("?kprobe")                                                                             \
	int function##__kprobe(struct pt_regs *ctx)                                                \
	{                                                                                          \
		__u64 args[8] = {FN_PARMS(ctx)};                                                   \
                                                                                                   \
		return reach_name(VS_FN_##fn_, args);                                              \
	}
VS_REACH_FNS(REACH_PROGRAMS)

/* --- filename_lookup: a walk to what a path names; only its end has it -------------------- */

static __always_inline int reach_walked(const __u64 *args, int ret)
{
	struct frame *frame = reach_frame(VS_FN_FILENAME_LOOKUP);

	if (!frame)
		return 0;
	frame->reached = REACHED_UNTOLD;
	if (!ret && fn_arg(args, VS_FN_FILENAME_LOOKUP, VS_ROLE_PATH))
		reach_decide(frame, VS_FN_FILENAME_LOOKUP, args);
	return 0;
}

static __always_inline __s64 reach_ret(const __u64 *ctx, __u32 fn)
{
	__s64 ret = -1;

	FN_RET(4)
	FN_RET(5)
	FN_RET(6)
	return ret;
}

SEC("?fexit")
int filename_lookup__fexit(__u64 *ctx)
{
	__u64 args[8] = {FN_CTX_ARGS(ctx, VS_FN_FILENAME_LOOKUP)};

	return reach_walked(args, reach_ret(ctx, VS_FN_FILENAME_LOOKUP));
}

/* One within another takes its place: what the outer one has reached is then untold. */
SEC("?kprobe")
int filename_lookup__kprobe(struct pt_regs *ctx)
{
	struct frame *frame = reach_frame(VS_FN_FILENAME_LOOKUP);
	__u64 args[8] = {FN_PARMS(ctx)};

	if (frame)
		frame->reaching = fn_arg(args, VS_FN_FILENAME_LOOKUP, VS_ROLE_PATH);
	return 0;
}

SEC("?kretprobe")
int filename_lookup__kretprobe(struct pt_regs *ctx)
{
	struct frame *frame = reach_frame(VS_FN_FILENAME_LOOKUP);
	__u64 args[8] = {};

	if (!frame)
		return 0;
	args[(fn_table[VS_FN_FILENAME_LOOKUP].arg[VS_ROLE_PATH] - 1) & 7] = frame->reaching;
	frame->reaching = 0;
	return reach_walked(args, PT_REGS_RC(ctx));
}

#endif
