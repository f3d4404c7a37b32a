/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's structs, with only the members that vfscope reads. CO-RE finds the
 * members on the running kernel, so order, size and what lies between do not matter.
 * A member that changed between kernels stands in a struct with a ___suffix, with the
 * version beside it.
 */
#ifndef VFSCOPE_KERNEL_H
#define VFSCOPE_KERNEL_H

#include <linux/types.h>
#include <linux/bpf.h>
#include <stdbool.h>

#define __VMLINUX_H__ /* to bpf_tracing.h: registers have the kernel's names */
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* Set before loading, frozen then: the verifier folds every branch on it. */
const volatile struct vs_config cfg = {};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long bp, bx, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, sp;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
	__u64 regs[31], sp, pc;
	__u64 orig_x0;
	__s32 syscallno;
};
struct user_pt_regs { /* the first part of it: libbpf's macros want it */
	__u64 regs[31], sp, pc;
};
#else
#error "vfscope knows the system calls of x86-64 and arm64"
#endif

struct thread_info {
	unsigned long flags;
	__u32 status; /* x86 only */
};

struct list_head {
	struct list_head *next;
};

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct super_block;
struct address_space;
struct mount;
struct inode {
	unsigned short i_mode;
	struct super_block *i_sb;
	unsigned long i_ino;
	long long i_size;
	__u32 i_generation;
	void *i_private;
	struct hlist_head i_dentry; /* its names */
};

struct address_space {
	struct inode *host;
};

struct page {
	unsigned long compound_head; /* of a tail page, plus 1 */
	struct address_space *mapping;
	unsigned long index;
};

struct folio {
	struct address_space *mapping;
	unsigned long index;
	unsigned int _folio_nr_pages;
};
struct folio___nr {
	unsigned int _nr_pages; /* 6.18 */
};

struct file_system_type {
	const char *name;
};

struct super_block {
	__u32 s_dev;
	struct file_system_type *s_type;
	unsigned long s_magic;
	struct dentry *s_root;
	struct mount *s_mounts; /* the first; a list_head before (6.12) */
};

struct qstr {
	__u32 hash, len;
	__u64 hash_len; /* both */
	const unsigned char *name;
};

struct hlist_bl_node {
	struct hlist_bl_node *next, **pprev;
};

struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
	struct hlist_node d_u; /* d_alias stands first in it */
	void *d_fsdata;
};

struct dentry___alias {
	struct hlist_node d_alias; /* on 7.2, not on 6.18, by itself */
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mnt_namespace;
struct mount {
	struct mount *mnt_parent;
	int mnt_id;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct mnt_namespace *mnt_ns;
	struct mount *mnt_next_for_sb; /* 6.18; before (6.12): */
};
struct super_block___list {
	struct list_head s_mounts;
};
struct mount___list {
	struct list_head mnt_instance;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

/* fs/namei.c: a walk under way */
struct nameidata {
	struct path path;
	struct qstr last;
	unsigned int flags;
};

struct file {
	__u32 f_mode;
	__u32 f_flags;
	struct path f_path;
	struct inode *f_inode;
	struct address_space *f_mapping;
	long long f_pos;
};

/* fs/file_table.c: what overlayfs maps in place of its own file */
struct backing_file {
	struct file file;
	struct path user_path; /* since 6.7 (def3ae83da02); before, f_path was it */
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

typedef struct {
	int counter;
} atomic_t;

enum { FD_ARRAY = 64 }; /* NR_OPEN_DEFAULT: as many as a long has bits */
struct files_struct {
	atomic_t count; /* of the tasks that it is the table of */
	struct fdtable *fdt;
	struct fdtable fdtab; /* what fdt is, while it has no more than FD_ARRAY */
	struct file *fd_array[FD_ARRAY];
};

struct fs_struct {
	struct path root, pwd;
};

struct proc_ns_operations {
	const char *name;
};

struct ns_common {
	const struct proc_ns_operations *ops;
	unsigned int inum;
};
/* fs/internal.h; since 6.9 (1fa08aece425), and since then files of nsfs have their namespace */
struct stashed_operations {
	void *put_data;
};

struct kernfs_node {
	const char *name;
	struct kernfs_node *parent;
	__u64 id;
};
/* on 6.18, not on 6.12 */
struct kernfs_node___rcu {
	struct kernfs_node *__parent;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

struct css_set {
	struct cgroup_subsys_state *subsys[16];
	struct cgroup *dfl_cgrp;
};

struct mm_struct {
	unsigned long arg_start, arg_end;
	struct file *exe_file;
};

struct signal_struct {
	atomic_t live; /* threads that have not ended */
};

struct mnt_namespace {
	struct ns_common ns;
};

struct nsproxy {
	struct mnt_namespace *mnt_ns;
};

typedef struct {
	__u32 val;
} kuid_t;

struct cred {
	kuid_t uid;
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	unsigned int __state; /* on 6.1, not on 5.10 */
	int pid, tgid;
	const struct cred *cred;
	struct task_struct *real_parent;
	char comm[VS_COMM_LEN];
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct nameidata *nameidata;
	struct css_set *cgroups;
	struct mm_struct *mm;
	struct signal_struct *signal;
	void *stack;
};

struct task_struct___510 {
	long state;
};

/* which there are, and in which order, is a matter of the kernel's configuration */
enum cgroup_subsys_id { pids_cgrp_id, memory_cgrp_id, cpu_cgrp_id };

struct kiocb {
	struct file *ki_filp;
	long long ki_pos;
	void *ki_complete;
};

struct iov_iter {
	__u64 count;
};

struct splice_desc {
	__u64 total_len;
	long long pos;
};

struct renamedata {
	struct dentry *old_dentry, *new_dentry;
};

struct vm_area_struct {
	unsigned long vm_start, vm_pgoff;
	struct file *vm_file;
};

/* drivers/block/loop.c; behind a struct request */
struct loop_cmd {
	bool use_aio;
	long ret;
	struct kiocb iocb;
};
struct gendisk {
	int major, first_minor;
};
struct request_queue {
	struct gendisk *disk;
};
struct bio_vec {
	struct page *bv_page;
};
struct bio {
	struct bio_vec *bi_io_vec;
	void *bi_end_io, *bi_private;
};
struct iomap_dio {
	struct kiocb *iocb;
};
struct request {
	struct request_queue *q;
	__u32 cmd_flags, __data_len;
	__u64 __sector, start_time_ns;
	struct bio *bio;
};
struct request___510 {
	struct gendisk *rq_disk;
};
struct page___info {
	unsigned long compound_info; /* 7.2 */
};

/* io_uring: what a request holds for each kind of operation, behind io_kiocb's file */
struct io_rw {
	struct kiocb kiocb;
	__u64 addr;
	__u32 len, flags;
};

struct io_sync {
	long long len, off;
	int mode;
};

struct io_ftrunc {
	long long len;
};

struct io_close {
	int fd;
	__u32 file_slot; /* since 5.15 */
};

struct io_splice {
	long long off_out, off_in;
	__u64 len;
	int splice_fd_in;
	unsigned int flags;
};

struct filename {
	const char *name;
};

/* on 7.2, not on 6.18, the name stands in this */
struct delayed_filename {
	struct filename *__incomplete_filename;
};

struct io_open {
	int dfd;
	__u32 file_slot;
	struct filename *filename;
	struct {
		__u64 flags, mode, resolve;
	} how;
};
struct io_open___delayed {
	struct delayed_filename filename;
};

struct io_statx {
	int dfd;
	unsigned int flags;
	struct filename *filename;
	void *buffer;
};
struct io_statx___delayed {
	struct delayed_filename filename;
};

struct io_unlink {
	int dfd, flags;
	struct filename *filename;
};
struct io_unlink___delayed {
	struct delayed_filename filename;
};

struct io_mkdir {
	int dfd;
	unsigned short mode;
	struct filename *filename;
};
struct io_mkdir___delayed {
	struct delayed_filename filename;
};

struct io_rename {
	int old_dfd, new_dfd, flags;
	struct filename *oldpath, *newpath;
};
struct io_rename___delayed {
	struct delayed_filename oldpath, newpath;
};

struct io_link {
	int old_dfd, new_dfd, flags;
	struct filename *oldpath, *newpath;
};
struct io_link___delayed {
	struct delayed_filename oldpath, newpath;
};

struct io_xattr {
	struct filename *filename;
};
struct io_xattr___delayed {
	struct delayed_filename filename;
};

/* cqe holds the descriptor until the request completes (5.19, cef216fc32d7) */
struct io_cqe {
	__u64 user_data;
	int fd;
};

struct io_ring_ctx;

struct io_kiocb {
	struct file *file;
	struct io_ring_ctx *ctx;
	__u8 opcode;
	__u32 flags; /* 64 bits wide since 6.9; the lowest ones are what is read */
	struct io_cqe cqe;
};

struct io_uring_cqe {
	__u64 user_data;
	__s32 res;
	__u32 flags;
};

struct linux_binprm;

/* include/uapi/linux/bpf_perf_event.h */
struct bpf_perf_event_data {
	__u64 sample_period, addr;
};

/* What a tracepoint tells perf, /sys/kernel/tracing/events/.../format. */
struct trace_event_raw_sched_process_fork {
	int child_pid;
};

struct trace_event_raw_sched_process_exec {
	int old_pid;
};

struct trace_event_raw_io_uring_submit_req {
	void *req;
};

struct trace_event_raw_io_uring_complete {
	void *ctx, *req;
	__u64 user_data;
	int res;
	unsigned int cflags;
};

enum pageflags { PG_head = 1 };
enum req_op { REQ_OP_DISCARD = 3, REQ_OP_WRITE_ZEROES = 9, REQ_OP_MASK = 255 };

#pragma clang attribute pop

/* kernel/bpf/bpf_iter.c: loops that the verifier looks at once */
struct bpf_iter_num {
	__u64 opaque[1];
} __attribute__((aligned(8)));
extern int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end) __ksym __weak;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym __weak;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym __weak;

/* kernel/bpf/helpers.c, 6.2: by its id in the first pid namespace */
extern struct task_struct *bpf_task_from_pid(int pid) __ksym __weak;
extern void bpf_task_release(struct task_struct *task) __ksym __weak;

/*
 * One member of a struct of the kernel. Since 6.2 a pointer can be cast so that the
 * program loads from it directly (a35b9af4ec2c, bpf_rdonly_cast), at a tenth of the cost of
 * calling a helper; a bad pointer reads as zero either way.
 */
extern void *bpf_rdonly_cast(const void *ptr, __u32 btf_id) __ksym __weak;

#define READ(ptr, member)                                                                          \
	({                                                                                         \
		typeof(ptr) ptr_ = (ptr);                                                          \
		typeof(ptr_->member) value_;                                                       \
		if (cfg.direct_reads)                                                              \
			value_ = ((typeof(ptr_))bpf_rdonly_cast(                                   \
					  ptr_, bpf_core_type_id_kernel(typeof(*ptr_))))           \
					 ->member;                                                 \
		else                                                                               \
			bpf_core_read(&value_, sizeof(value_), &ptr_->member);                     \
		value_;                                                                            \
	})

/* The same of what may be typed: a pointer that the verifier knows is loaded from on any kernel. */
#define LOOK(typed, ptr, member)                                                                   \
	({                                                                                         \
		typeof((ptr)->member) looked_;                                                     \
		if (typed)                                                                         \
			looked_ = (ptr)->member;                                                   \
		else                                                                               \
			looked_ = READ(ptr, member);                                               \
		looked_;                                                                           \
	})

/*
 * A pointer that the verifier knows, to be loaded from directly with all that hangs on it. What is
 * cast is not trusted: of what is, it looks at each load through all types of the kernel for one
 * that says how safe the member is (6.2, type_is_trusted), which takes about a millisecond.
 */
#define TYPED(ptr)                                                                                 \
	({                                                                                         \
		typeof(ptr) typed_ = (ptr);                                                        \
		if (cfg.direct_reads)                                                              \
			typed_ =                                                                   \
				bpf_rdonly_cast(typed_, bpf_core_type_id_kernel(typeof(*typed_))); \
		typed_;                                                                            \
	})
#define TYPED_TASK bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf)
static __always_inline struct task_struct *task_typed(void)
{
	return TYPED((struct task_struct *)(void *)bpf_get_current_task_btf());
}

/* A member of the current task, by types where it can be had so (5.11). */
#define OF_TASK(member)                                                                            \
	({                                                                                         \
		typeof(((struct task_struct *)0)->member) task_value_;                             \
		if (TYPED_TASK)                                                                    \
			task_value_ = task_typed()->member;                                        \
		else                                                                               \
			task_value_ = READ((struct task_struct *)bpf_get_current_task(), member);  \
		task_value_;                                                                       \
	})

/* clang-format off */
/* Values of the kernel that no header for programs has. */
enum {
	TS_COMPAT = 0x0002,	  /* arch/x86/include/asm/thread_info.h: a 32-bit call */
	TIF_32BIT_ARM64 = 22,	  /* arch/arm64/include/asm/thread_info.h */
	X32_SYSCALL_BIT = 0x40000000,
	FMODE_READ = 0x1, FMODE_WRITE = 0x2,
	FMODE_CREATED = 0x100000, /* include/linux/fs.h, since 4.19 */
	FMODE_NOACCOUNT = 0x20000000, /* since 5.0 */
	REQ_F_FIXED_FILE = 1,	  /* include/linux/io_uring_types.h */
	S_IFMT = 0170000,
	S_IFBLK = 0060000,
	S_IFDIR = 0040000,
	O_CREAT = 0100, O_APPEND = 02000, O_TMPFILE_BIT = 020000000,
	CREAT_FLAGS = 01 | 0100 | 01000, /* O_WRONLY | O_CREAT | O_TRUNC */
	PF_IO_WORKER = 0x10,	  /* include/linux/sched.h, since 5.12 */
	PF_IO_WORKER_510 = 0x20000000,
	PF_DUMPCORE = 0x200, PF_KTHREAD = 0x200000,
	THREAD_SIZE_X86 = 16384,  /* arch/x86/include/asm/page_64_types.h, without KASAN */
	VM_FAULT_ERROR = 0x873, VM_FAULT_MAJOR = 0x4, VM_FAULT_RETRY = 0x400, /* mm_types.h */
	FAULT_FLAG_WRITE = 0x1, FAULT_FLAG_TRIED = 0x20,
	EIOCBQUEUED = 529,
	REQ_OP_WRITE = 1, /* include/linux/blk_types.h; 0 is a read */
	FICLONE = 0x40049409, FICLONERANGE = 0x4020940d, /* include/uapi/linux/fs.h */
	AT_FDCWD = -100,
	AT_SYMLINK_NOFOLLOW = 0x100, AT_EMPTY_PATH = 0x1000,
	AT_REMOVEDIR = 0x200,
	EIO = 5, EAGAIN = 11, ENOMEM = 12, EBUSY = 16, EEXIST = 17, ENOSPC = 28, EBADE = 52, ENODATA = 61,
	ENOLINK = 67, EILSEQ = 84, EOPNOTSUPP = 95, ETIMEDOUT = 110, EREMOTEIO = 121, EFAULT = 14, ENAMETOOLONG = 36,
	RWF_APPEND = 0x10, RWF_NOAPPEND = 0x20,
	MAX_ERRNO = 4095,
	/* include/linux/namei.h; on 6.18 they have the other values */
	LOOKUP_RCU = 0x40, LOOKUP_CREATE = 0x200, LOOKUP_OPEN_CREATE = 0x300,
	LOOKUP_CREATE_618 = 0x20000, LOOKUP_OPEN_CREATE_618 = 0x30000,
};
/* clang-format on */

#endif
