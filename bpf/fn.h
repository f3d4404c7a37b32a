/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions of the kernel, hooked by fentry and fexit, or by kprobes: what the kernel does
 * for itself (loop devices, the NFS server, exec, module load), which no system call tells.
 * What a program asked for is not counted here a second time: see fn_within_call.
 *
 * Which argument is what stands in fn_table, found in the BTF of the running kernel. Its
 * rows are constants, so the verifier drops what a function has not.
 */
#ifndef VFSCOPE_FN_H
#define VFSCOPE_FN_H

static __always_inline __u64 fn_arg(const __u64 *args, __u32 fn, enum vs_fn_role role)
{
	__u8 position = fn_table[fn].arg[role];

	return position ? args[(position - 1) & 7] : 0;
}

/* --- is it the kernel's own? ------------------------------------------------------------ */

/*
 * Is the current task within a system call, or an io_uring request, that is an operation by
 * itself? Then whatever the kernel does is a part of it: overlayfs reading a file below.
 */
static __always_inline bool fn_within_call(struct scratch *s)
{
	__u32 flags = READ(who_task(), flags), cmd;
	enum vs_within within;
	struct pt_regs *regs;
	int index;

	if (flags & PF_IO_WORKER)
		return true;
	/* 5.10: these worked as kernel threads */
	if (!bpf_core_field_exists(struct io_kiocb, cqe) && flags & PF_IO_WORKER_510)
		return true;
	if (flags & (PF_KTHREAD | PF_DUMPCORE))
		return false;
	regs = sys_regs(s);
	if (!regs)
		return false;
	index = sys_index((int)sys_nr(regs), sys_is_compat());
#if defined(__TARGET_ARCH_x86)
	cmd = sys_is_compat() ? regs->cx : regs->si;
#else
	cmd = regs->regs[1];
#endif
	if (index < 0 || index >= VS_SYS_ABIS * VS_SYS_NRS)
		return false;
	within = sys_within[sys_bounded(index)];
	return within == VS_WITHIN_CALL ||
	       (within == VS_WITHIN_CLONE && (cmd == FICLONE || cmd == FICLONERANGE));
}

/* --- entry ------------------------------------------------------------------------------ */

/*
 * The mount that what has none is shown in: one of the whole file system that the task can
 * reach, else any. False: there will be no better one.
 */
struct fn_mounts {
	struct super_block *sb;
	struct mnt_namespace *ns;
	struct mount *best;
};
static __always_inline bool fn_try_mount(struct fn_mounts *m, struct mount *mnt)
{
	struct dentry *root = READ(mnt, mnt.mnt_root);

	if (!mnt || READ(root, d_sb) != m->sb) /* a list leads back to the file system */
		return false;
	if (!m->best || READ(mnt, mnt_ns) == m->ns)
		m->best = mnt;
	return READ(mnt, mnt_ns) != m->ns || root != READ(m->sb, s_root);
}

enum { MOUNTS_LOOKED_AT = 32 };
static __always_inline void fn_try_mounts(struct fn_mounts *m)
{
	struct mount *mnt = READ(m->sb, s_mounts);

	for (int i = 0; i < MOUNTS_LOOKED_AT && fn_try_mount(m, mnt); i++)
		mnt = READ(mnt, mnt_next_for_sb);
}

static __always_inline struct mount *fn_of_list(void *node)
{
	return node - bpf_core_field_offset(struct mount___list, mnt_instance);
}

static __always_inline void fn_try_listed_mounts(struct fn_mounts *m)
{
	struct super_block___list *sb = (void *)m->sb;
	struct mount *mnt = fn_of_list(READ(sb, s_mounts.next));

	for (int i = 0; i < MOUNTS_LOOKED_AT && fn_try_mount(m, mnt); i++) {
		struct mount___list *listed = (void *)mnt;

		mnt = fn_of_list(READ(listed, mnt_instance.next));
	}
}

/* Fills s->key.mnt for its dentry; 0: its file system is mounted nowhere. */
__noinline int fn_find_mount(__u32 prog)
{
	struct scratch *s = scratch_of(prog);
	struct fn_mounts m = {};

	if (!s)
		return 0;
	m.sb = READ((struct dentry *)s->key.dentry, d_sb);
	m.ns = READ(READ(who_task(), nsproxy), mnt_ns);
	if (bpf_core_field_exists(struct mount, mnt_next_for_sb))
		fn_try_mounts(&m);
	else
		fn_try_listed_mounts(&m);
	s->key.mnt = m.best ? (__u64)m.best + bpf_core_field_offset(struct mount, mnt) : 0;
	return 0;
}

static __always_inline struct vfsmount *fn_mount(struct scratch *s, struct dentry *dentry)
{
	s->key.dentry = (__u64)dentry;
	fn_find_mount(s->prog);
	return (void *)s->key.mnt;
}

/* What the arguments say, before the function changes what they point at. */
static __always_inline void fn_take_args(struct fn_frame *f, const __u64 *args, __u32 fn)
{
	const volatile struct vs_fn_row *row = &fn_table[fn];
	__s64 *pos = (void *)fn_arg(args, fn, VS_ROLE_POS);
	struct splice_desc *sd = (void *)fn_arg(args, fn, VS_ROLE_SPLICE);
	struct kiocb *iocb = (void *)fn_arg(args, fn, VS_ROLE_IOCB);
	struct path *path = (void *)fn_arg(args, fn, VS_ROLE_PATH);
	struct renamedata *rd = (void *)fn_arg(args, fn, VS_ROLE_RENAME);

	f->has = 0;
	f->file[FIRST] = fn_arg(args, fn, VS_ROLE_FILE);
	f->file[SECOND] = fn_arg(args, fn, VS_ROLE_FILE2);
	f->dentry[FIRST] = fn_arg(args, fn, VS_ROLE_DENTRY);
	f->dentry[SECOND] = fn_arg(args, fn, VS_ROLE_DENTRY2);
	f->mnt = 0;
	if (row->arg[VS_ROLE_PATH]) {
		f->mnt = (__u64)READ(path, mnt);
		f->dentry[FIRST] = (__u64)READ(path, dentry);
	}
	if (row->arg[VS_ROLE_RENAME]) {
		f->dentry[FIRST] = (__u64)READ(rd, old_dentry);
		f->dentry[SECOND] = (__u64)READ(rd, new_dentry);
	}
	if (row->arg[VS_ROLE_COUNT] || row->arg[VS_ROLE_ITER] || row->arg[VS_ROLE_SPLICE])
		f->has |= VS_HAS_REQ;
	f->req = fn_arg(args, fn, VS_ROLE_COUNT);
	if (row->arg[VS_ROLE_ITER])
		f->req = READ((struct iov_iter *)fn_arg(args, fn, VS_ROLE_ITER), count);
	if (row->arg[VS_ROLE_AT] || row->arg[VS_ROLE_IOCB] || row->arg[VS_ROLE_SPLICE])
		f->has |= VS_HAS_OFFSET;
	f->offset[FIRST] = fn_arg(args, fn, VS_ROLE_AT);
	f->offset[SECOND] = fn_arg(args, fn, VS_ROLE_AT2);
	if (row->arg[VS_ROLE_IOCB])
		f->offset[FIRST] = READ(iocb, ki_pos);
	if (row->arg[VS_ROLE_SPLICE]) {
		f->req = READ(sd, total_len);
		f->offset[FIRST] = READ(sd, pos);
	}
	if (row->arg[VS_ROLE_POS] && pos) { /* else a stream */
		bpf_probe_read_kernel(&f->offset[FIRST], sizeof(*pos), pos);
		f->has |= VS_HAS_OFFSET;
	}
}

static __always_inline void fn_set_file(struct scratch *s, const struct fn_frame *f, __u32 which)
{
	struct dentry *dentry = (void *)f->dentry[which];

	if (f->file[which]) {
		file_set(s, which, (void *)f->file[which]);
		return;
	}
	ref_of(s, which)->file = 0;
	file_set_path(s, which, f->mnt ? (void *)f->mnt : fn_mount(s, dentry), dentry);
}

/* Names that are gone, or another, when the function ends. */
static __always_inline bool fn_changes_name(enum vs_op op)
{
	return op == VS_OP_UNLINK || op == VS_OP_RMDIR || op == VS_OP_RENAME;
}

static __always_inline void fn_take_names(struct fn_frame *f, struct scratch *s, enum vs_op op)
{
	s->names_fixed = 0;
	fn_set_file(s, f, FIRST);
	name_asked(s, FIRST);
	f->ref[FIRST] = s->ref[FIRST];
	s->ref[SECOND].dentry = 0;
	if (op == VS_OP_RENAME) {
		fn_set_file(s, f, SECOND);
		name_asked(s, SECOND);
	}
	f->ref[SECOND] = s->ref[SECOND];
	f->named = 1;
}

/*
 * Drops what lies deeper on the stack than here: the end of it was not seen. At the very same
 * place stands a function that has jumped to this one, or the same one, left behind.
 */
static __always_inline void fn_drop_stale(struct fn_stack *stack, __u32 fn, __u64 here)
{
	for (int i = 0; i < FN_DEPTH; i++) {
		__u64 depth = stack->depth;
		struct fn_frame *last;

		if (!depth || depth > FN_DEPTH)
			return;
		last = &stack->frame[(depth - 1) & (FN_DEPTH - 1)];
		if (last->stack > here || (last->stack == here && last->fn != fn))
			return;
		stack->depth = depth - 1;
		lost(VS_LOST_UNPAIRED);
	}
}

/* here: an address on the stack, the same at the end of the function. */
static __noinline int fn_enter(__u32 fn, enum vs_op op, const __u64 *args, __u64 here)
{
	struct scratch *s = scratch_of(fn_table[fn].slot_enter);
	struct fn_stack *stack;
	struct fn_frame *f;
	bool within;
	__u64 depth;

	if (op == VS_OP_RENAME)
		names_raise();
	if (!s || !who_wanted())
		return ret_zero();
	within = fn_within_call(s);
	if (within && !cfg.layers)
		return ret_zero();
	stack = fn_stack_make();
	if (!stack)
		return ret_zero();
	fn_drop_stale(stack, fn, here);
	depth = stack->depth;
	if (depth && !cfg.layers)
		return ret_zero();
	if (depth >= FN_DEPTH || (depth && depth >= cfg.layers)) {
		lost(VS_LOST_NESTING);
		return ret_zero();
	}
	f = &stack->frame[depth];
	f->fn = fn;
	f->stack = here;
	f->named = 0;
	f->layer = depth + within;
	fn_take_args(f, args, fn);
	if (fn_changes_name(op))
		fn_take_names(f, s, op);
	f->ts_ns = bpf_ktime_get_ns();
	stack->depth = depth + 1;
	return ret_zero();
}

/* --- exit ------------------------------------------------------------------------------- */

/* The frame of the function that ends here, taken off the stack; NULL: it has none. */
static __always_inline struct fn_frame *fn_pop(struct fn_stack *stack, __u32 fn, __u64 here)
{
	for (int i = FN_DEPTH - 1; i >= 0; i--) {
		struct fn_frame *f = &stack->frame[i];

		if ((__u64)i >= stack->depth || f->fn != fn || f->stack != here)
			continue;
		stack->depth = i;
		return f;
	}
	return NULL;
}

static __always_inline void fn_begin(struct scratch *s, const struct fn_frame *f, enum vs_op op,
				     __s64 ret)
{
	struct vs_rec_op *rec = &s->rec;

	op_begin(rec, op);
	rec->via = VS_VIA_KERNEL;
	rec->ts_ns = f->ts_ns;
	rec->lat_ns = bpf_ktime_get_ns() - f->ts_ns;
	rec->ret = ret;
	rec->has = f->has;
	rec->req = f->req;
	rec->offset = f->offset[FIRST];
	if (op == VS_OP_READ || op == VS_OP_WRITE) {
		rec->has |= VS_HAS_BYTES;
		rec->bytes = ret > 0 ? ret : 0;
	}
	who_fill(s, rec);
}

static __always_inline void fn_complete_copy(struct scratch *s, const struct fn_frame *f, __u32 fn)
{
	struct copy_end from = {.offset = f->offset[FIRST], .has = VS_HAS_OFFSET, .no_fd = 1};
	struct copy_end to = {.offset = f->offset[SECOND], .has = VS_HAS_OFFSET, .no_fd = 1};

	if (fn == VS_FN_VFS_CLONE_FILE_RANGE) {
		s->rec.has |= VS_KIND_REFLINK << VS_HAS_KIND_SHIFT;
		s->rec.bytes = 0;
	}
	op_complete_copy(s, &from, &to);
}

/* What an operation was about, as it is now, or as it was when it began. */
static __always_inline void fn_set_files(struct scratch *s, const struct fn_frame *f)
{
	s->names_fixed = f->named;
	if (f->named) {
		s->ref[FIRST] = f->ref[FIRST];
		s->ref[SECOND] = f->ref[SECOND];
		return;
	}
	fn_set_file(s, f, FIRST);
	s->ref[SECOND].dentry = 0;
	if (f->file[SECOND] || f->dentry[SECOND])
		fn_set_file(s, f, SECOND);
}

static __always_inline void fn_complete(struct scratch *s, const struct fn_frame *f, __u32 fn,
					enum vs_op op, __s64 ret, __u32 layer)
{
	if (ret == -EIOCBQUEUED) {
		lost(VS_LOST_UNPAIRED);
		return;
	}
	fn_begin(s, f, op, ret);
	s->rec.has |= layer << VS_HAS_LAYER_SHIFT;
	if (!op_result_wanted(&s->rec))
		return;
	fn_set_files(s, f);
	if (fn_table[fn].arg[VS_ROLE_FILE2]) {
		fn_complete_copy(s, f, fn);
		return;
	}
	if (!ref_wanted(&s->ref[FIRST]))
		return;
	if (s->ref[SECOND].dentry)
		s->rec.path2_id = name_asked(s, SECOND);
	op_complete(s->prog, FIRST);
}

static __noinline int fn_exit(__u32 fn, enum vs_op op, __s64 ret, __u64 here)
{
	struct fn_stack *stack = fn_stack_find();
	const volatile struct vs_fn_row *row = &fn_table[fn];
	struct fn_frame *f;
	struct scratch *s;

	if (op == VS_OP_RENAME)
		names_raise();
	f = stack ? fn_pop(stack, fn, here) : NULL;
	s = scratch_of(row->slot);
	if (!f || !s)
		return ret_zero();
	if (row->ret_ptr)
		ret = (__u64)ret >= (__u64)-MAX_ERRNO ? ret : 0;
	if (row->ret32)
		ret = (__s32)ret;
	fn_complete(s, f, fn, op, ret, f->layer);
	if (!stack->depth)
		fn_stack_drop(stack);
	return ret_zero();
}

/* --- the programs ----------------------------------------------------------------------- */

/*
 * Arguments are taken one by one, at constant places: the verifier lets no program read past
 * those that the function has. It also objects to pointers to const void (6.12) and to
 * numbers (5.10): arguments without a role are left alone, and older kernels are given no
 * types to look at.
 */
static __always_inline __u64 fn_ctx(const __u64 *ctx, __u32 fn, __u32 n)
{
	const __u64 *stack = ctx;
	__u64 arg = 0;

	if (!(fn_table[fn].used & 1 << n))
		return 0;
	if (cfg.direct_reads)
		return ctx[n];
	barrier_var(stack); /* or the compiler would share &ctx[n], which the verifier refuses */
	bpf_probe_read_kernel(&arg, sizeof(arg), &stack[n]);
	return arg;
}

#define FN_CTX_ARGS(ctx, fn)                                                                       \
	fn_ctx(ctx, fn, 0), fn_ctx(ctx, fn, 1), fn_ctx(ctx, fn, 2), fn_ctx(ctx, fn, 3),            \
		fn_ctx(ctx, fn, 4), fn_ctx(ctx, fn, 5)

#define FN_RET(n)                                                                                  \
	if (fn_table[fn].args == (n)) {                                                            \
		ret = ctx[n];                                                                      \
		barrier_var(ret);                                                                  \
	}

static __always_inline int fn_fentry(const __u64 *ctx, __u32 fn, enum vs_op op)
{
	__u64 args[8] = {FN_CTX_ARGS(ctx, fn)};

	return fn_enter(fn, op, args, (__u64)ctx);
}

static __always_inline int fn_fexit(const __u64 *ctx, __u32 fn, enum vs_op op)
{
	__s64 ret = 0;

	FN_RET(1)
	FN_RET(2)
	FN_RET(3)
	FN_RET(4)
	FN_RET(5)
	FN_RET(6)
	return fn_exit(fn, op, ret, (__u64)ctx);
}

#if defined(__TARGET_ARCH_x86)
#define FN_PARM6(ctx) ((ctx)->r9)
enum { FN_RETURN_ADDRESS = 8 }; /* a call leaves it on the stack */
#else
#define FN_PARM6(ctx) ((ctx)->regs[5])
enum { FN_RETURN_ADDRESS = 0 };
#endif

#define FN_PARMS(ctx)                                                                              \
	PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx), PT_REGS_PARM3(ctx), PT_REGS_PARM4(ctx),            \
		PT_REGS_PARM5(ctx), FN_PARM6(ctx)

static __always_inline int fn_kprobe(struct pt_regs *ctx, __u32 fn, enum vs_op op)
{
	__u64 args[8] = {FN_PARMS(ctx)};

	return fn_enter(fn, op, args, PT_REGS_SP(ctx) + FN_RETURN_ADDRESS);
}

static __always_inline int fn_kretprobe(struct pt_regs *ctx, __u32 fn, enum vs_op op)
{
	return fn_exit(fn, op, PT_REGS_RC(ctx), PT_REGS_SP(ctx));
}

/* Each function's four programs; a backend loads two of them. */
#define FN_PROGRAMS(fn_, function, op_)                                                            \
	SEC("?fentry")                                                                             \
	int function##__fentry(__u64 *ctx)                                                         \
	{                                                                                          \
		return fn_fentry(ctx, VS_FN_##fn_, VS_OP_##op_);                                   \
	}                                                                                          \
	SEC("?fexit")                                                                              \
	int function##__fexit(__u64 *ctx)                                                          \
	{                                                                                          \
		return fn_fexit(ctx, VS_FN_##fn_, VS_OP_##op_);                                    \
	}                                                                                          \
	SEC("?kprobe")                                                                             \
	int function##__kprobe(struct pt_regs *ctx)                                                \
	{                                                                                          \
		return fn_kprobe(ctx, VS_FN_##fn_, VS_OP_##op_);                                   \
	}                                                                                          \
	SEC("?kretprobe")                                                                          \
	int function##__kretprobe(struct pt_regs *ctx)                                             \
	{                                                                                          \
		return fn_kretprobe(ctx, VS_FN_##fn_, VS_OP_##op_);                                \
	}
VS_FNS(FN_PROGRAMS)

#endif
