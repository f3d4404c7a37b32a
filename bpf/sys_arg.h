/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The arguments of a system call, by the number that the rows of sys_table give.
 *
 * They are read at the exit of the call: they still stand in the saved registers, and
 * memory that the call itself has just read is surely present then, which it may not be
 * at the entry (a tracing program cannot wait for a page).
 */
#ifndef VFSCOPE_SYS_ARG_H
#define VFSCOPE_SYS_ARG_H

/* Is the current task in a system call of a 32-bit program? */
#if defined(__TARGET_ARCH_x86)
#define SYS_COMPAT_WORD thread_info.status
enum { SYS_COMPAT = TS_COMPAT };
#else
#define SYS_COMPAT_WORD thread_info.flags
enum { SYS_COMPAT = 1 << TIF_32BIT_ARM64 };
#endif

static __always_inline bool sys_is_compat(void)
{
	return OF_TASK(SYS_COMPAT_WORD) & SYS_COMPAT;
}

/* Likewise of the current task, where the verifier knows it. */
static __always_inline bool sys_is_compat_typed(struct task_struct *task)
{
	return task->SYS_COMPAT_WORD & SYS_COMPAT;
}

/* The number of the call that a task is leaving. */
static __always_inline __u32 sys_nr(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return regs->orig_ax;
#else
	return regs->syscallno;
#endif
}

/*
 * The registers with which the current task has entered the kernel, where a tracepoint does
 * not hand them out: before bpf_task_pt_regs (5.15) a copy, from where they then stood, at the
 * end of the stack.
 */
static __always_inline struct pt_regs *sys_regs(struct scratch *s)
{
	__u32 size = bpf_core_type_size(struct pt_regs);

	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (void *)bpf_task_pt_regs((void *)bpf_get_current_task_btf());
	if (size > sizeof(s->regs))
		return NULL;
	bpf_probe_read_kernel(s->regs, size, READ(who_task(), stack) + THREAD_SIZE_X86 - size);
	return (void *)s->regs;
}

/* The index of a call in sys_table, -1 if it is none that vfscope decodes. */
static __always_inline int sys_index(long nr, bool compat)
{
	if (nr < 0 || nr >= VS_SYS_NRS)
		return -1;
#if !defined(__TARGET_ARCH_x86)
	if (compat)
		return -1;
#endif
	return compat ? VS_SYS_NRS + nr : nr;
}

/* The same within the bounds of the tables, in a way that the verifier sees. */
static __always_inline __u32 sys_bounded(__u32 index)
{
	barrier_var(index);
	return index & (VS_SYS_ABIS * VS_SYS_NRS - 1);
}

static __always_inline void sys_args(struct scratch *s, struct pt_regs *regs, bool compat)
{
	s->compat = compat;
#if defined(__TARGET_ARCH_x86)
	if (compat) {
		s->arg[0] = (__u32)regs->bx;
		s->arg[1] = (__u32)regs->cx;
		s->arg[2] = (__u32)regs->dx;
		s->arg[3] = (__u32)regs->si;
		s->arg[4] = (__u32)regs->di;
		s->arg[5] = (__u32)regs->bp;
		return;
	}
	s->arg[0] = regs->di;
	s->arg[1] = regs->si;
	s->arg[2] = regs->dx;
	s->arg[3] = regs->r10;
	s->arg[4] = regs->r8;
	s->arg[5] = regs->r9;
#else
	s->arg[0] = regs->orig_x0; /* regs[0] holds the result by now */
	s->arg[1] = regs->regs[1];
	s->arg[2] = regs->regs[2];
	s->arg[3] = regs->regs[3];
	s->arg[4] = regs->regs[4];
	s->arg[5] = regs->regs[5];
#endif
}

/* Some of a native program, where it is known which. */
#if defined(__TARGET_ARCH_x86)
#define SYS_ARG1(regs) ((regs)->di)
#define SYS_ARG3(regs) ((regs)->dx)
#define SYS_ARG4(regs) ((regs)->r10)
#else
#define SYS_ARG1(regs) ((regs)->orig_x0)
#define SYS_ARG3(regs) ((regs)->regs[2])
#define SYS_ARG4(regs) ((regs)->regs[3])
#endif

/* Argument n, counted from 1. */
static __always_inline __u64 sys_arg(const struct scratch *s, __u8 n)
{
	return s->arg[(n - 1) & 7];
}

static __always_inline __u64 sys_arg64(const struct scratch *s, __u8 n, bool split)
{
	__u64 low = sys_arg(s, n);

	return split ? (__u32)low | sys_arg(s, n + 1) << 32 : low;
}

/*
 * Copies a string of the program to s->strings. Returns its length without the NUL (a
 * null pointer is an empty one), or -1 if it cannot be read.
 */
static __always_inline int sys_string(struct scratch *s, __u32 at, __u64 ptr)
{
	long len;

	if (!ptr)
		return 0;
	at &= VS_PATH_MAX - 1;
	len = bpf_probe_read_user_str(&s->strings[at], VS_PATH_MAX, (void *)ptr);
	if (len < 0) {
		/* a call that failed may never have looked at a pointer that leads nowhere */
		if (s->rec.ret >= 0)
			lost(VS_LOST_PATH);
		return -1;
	}
	/* up to 4095 bytes fit; what the kernel found too long has been cut here */
	if (len == VS_PATH_MAX && s->rec.ret == -ENAMETOOLONG)
		lost(VS_LOST_PATH_CUT);
	return len ? (len - 1) & (VS_PATH_MAX - 1) : 0;
}

/* Sums up the first iovecs of cnt; those of 32-bit programs are half as large. */
enum { IOVEC_CHUNK = 32, IOVEC_MAX = 1024 /* UIO_MAXIOV */ };
__noinline __u64 sys_iovec_chunk(__u64 iov, __u32 cnt, __u32 compat)
{
	__u32 word = compat ? 4 : 8;
	__u64 sum = 0;

	for (__u32 i = 0; i < IOVEC_CHUNK && i < cnt; i++) {
		__u64 len = 0;

		bpf_probe_read_user(&len, word, (void *)iov + (2 * i + 1) * word);
		sum += len;
	}
	return sum;
}

__noinline __u64 sys_iovec_bytes(__u64 iov, __u64 cnt, __u32 compat)
{
	__u32 step = IOVEC_CHUNK * (compat ? 8 : 16);
	__u64 sum = 0;

	for (__u32 i = 0; i < IOVEC_MAX / IOVEC_CHUNK; i++) {
		if (i * IOVEC_CHUNK >= cnt)
			break;
		sum += sys_iovec_chunk(iov + i * step, cnt - i * IOVEC_CHUNK, compat);
	}
	return sum;
}

#endif
