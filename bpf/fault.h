/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page faults of mapped files, when they are done. By handle_mm_fault, or, where functions
 * cannot be hooked, by the kernel's software events, that do not tell how long it took nor
 * whether it was to write.
 */
#ifndef VFSCOPE_FAULT_H
#define VFSCOPE_FAULT_H

#define PAGE_SIZE (1ULL << cfg.page_shift)

/* A fault under way; file 0: none. The mapping may be gone when it ends. */
struct fault {
	__u64 task;
	__u64 ts_ns, file, offset;
	__u64 flags;
};
THREAD_STATE(fault, struct fault)

static __always_inline __u64 fault_offset(struct vm_area_struct *vma, __u64 address)
{
	__u64 within = (address - READ(vma, vm_start)) & ~(PAGE_SIZE - 1);

	return within + READ(vma, vm_pgoff) * PAGE_SIZE;
}

/*
 * The path that the program has mapped. Overlayfs puts the file below in place of its own; of
 * those that programs map, only such files are not accounted. (FMODE_BACKING has had two values.)
 */
static __always_inline struct path *fault_path(struct file *file)
{
	if (bpf_core_field_exists(struct backing_file, user_path) &&
	    READ(file, f_mode) & FMODE_NOACCOUNT)
		return (void *)file + bpf_core_field_offset(struct backing_file, user_path);
	return (void *)file + bpf_core_field_offset(struct file, f_path);
}

static __noinline int fault_complete(struct scratch *s, const struct fault *f, enum vs_kind kind)
{
	struct vs_rec_op *rec = &s->rec;
	struct path *path = fault_path((void *)f->file);

	op_begin(rec, VS_OP_FAULT);
	rec->via = VS_VIA_MMAP;
	rec->ts_ns = f->ts_ns;
	rec->lat_ns = f->task ? bpf_ktime_get_ns() - f->ts_ns : VS_LAT_UNKNOWN;
	rec->has = VS_HAS_OFFSET | kind << VS_HAS_KIND_SHIFT;
	rec->offset = f->offset;
	if (!op_result_wanted(rec))
		return ret_zero();
	who_fill(s, rec);
	op_complete_file(s, f->file, READ(path, mnt), READ(path, dentry));
	return ret_zero();
}

/* --- handle_mm_fault(vma, address, flags, regs) ------------------------------------------- */

static __always_inline int fault_enter(const __u64 *args)
{
	struct vm_area_struct *vma = (void *)fn_arg(args, VS_FN_HANDLE_MM_FAULT, VS_ROLE_VMA);
	struct file *file = READ(vma, vm_file);
	struct fault *f;

	if (!file || !who_wanted())
		return 0;
	f = fault_make();
	if (!f)
		return 0;
	if (f->file) /* a kretprobe had no room */
		lost(VS_LOST_UNPAIRED);
	f->file = (__u64)file;
	f->offset = fault_offset(vma, fn_arg(args, VS_FN_HANDLE_MM_FAULT, VS_ROLE_ADDRESS));
	f->flags = fn_arg(args, VS_FN_HANDLE_MM_FAULT, VS_ROLE_FLAGS);
	f->ts_ns = bpf_ktime_get_ns();
	return 0;
}

static __always_inline int fault_exit(__u32 ret)
{
	struct fault *f = fault_find(), seen;
	struct scratch *s = scratch_of(fn_table[VS_FN_HANDLE_MM_FAULT].slot);
	bool major, write;

	if (!f || !f->file || !s)
		return 0;
	seen = *f;
	f->file = 0;
	fault_drop(f);
	/* to be tried again: it is not done yet */
	if (ret & (VM_FAULT_RETRY | VM_FAULT_ERROR))
		return 0;
	/* as mm_account_fault (mm/memory.c) counts them, and so getrusage(2) */
	major = ret & VM_FAULT_MAJOR || seen.flags & FAULT_FLAG_TRIED;
	write = seen.flags & FAULT_FLAG_WRITE;
	seen.task = 1;
	return fault_complete(s, &seen,
			      major ? (write ? VS_KIND_MAJOR_WRITE : VS_KIND_MAJOR)
				    : (write ? VS_KIND_MINOR_WRITE : VS_KIND_MINOR));
}

SEC("?fentry")
int handle_mm_fault__fentry(__u64 *ctx)
{
	__u64 args[8] = {ctx[0], ctx[1], ctx[2]};

	return fault_enter(args);
}

SEC("?fexit")
int handle_mm_fault__fexit(__u64 *ctx)
{
	return fault_exit(ctx[4]);
}

SEC("?kprobe")
int handle_mm_fault__kprobe(struct pt_regs *ctx)
{
	__u64 args[8] = {PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx), PT_REGS_PARM3(ctx)};

	return fault_enter(args);
}

SEC("?kretprobe")
int handle_mm_fault__kretprobe(struct pt_regs *ctx)
{
	return fault_exit(PT_REGS_RC(ctx));
}

/* --- software events -------------------------------------------------------------------- */

struct fault_look {
	__u64 address, file, offset;
};

static long fault_look(struct task_struct *task, struct vm_area_struct *vma,
		       struct fault_look *look)
{
	look->file = (__u64)READ(vma, vm_file);
	look->offset = fault_offset(vma, look->address);
	return 0;
}

static __always_inline int fault_event(__u64 address, enum vs_kind kind)
{
	struct fault_look look = {.address = address};
	struct scratch *s = scratch_of(PROG_FAULT);
	struct fault f = {.ts_ns = bpf_ktime_get_ns()};

	if (!s || !who_wanted())
		return 0;
	if (bpf_find_vma(bpf_get_current_task_btf(), address, fault_look, &look, 0) == -EBUSY)
		lost(VS_LOST_BUSY);
	if (!look.file)
		return 0;
	f.file = look.file;
	f.offset = look.offset;
	return fault_complete(s, &f, kind);
}

SEC("?perf_event")
int fault_minor__perf(struct bpf_perf_event_data *ctx)
{
	return fault_event(ctx->addr, VS_KIND_MINOR);
}

SEC("?perf_event")
int fault_major__perf(struct bpf_perf_event_data *ctx)
{
	return fault_event(ctx->addr, VS_KIND_MAJOR);
}

#endif
