/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel side. The parts stand in the order of the pipeline:
 *
 *   tp_*.h      hooks: what a tracepoint saw becomes a vs_rec_op, of calls by sys_*.h
 *   who.h       filters on processes, the cheapest first
 *   file.h      from a descriptor to its file, and the filters on files; front.h: those met lately
 *   name.h      paths, each sent once
 *   proc.h      cgroups and programs, likewise
 *   peek.h      contents
 *   agg.h       totals, where they are asked for
 *   op.h        the end of every hook: filters on results, the record into the ring
 *
 * Programs return 0. Each early return is a filter's decision, or is counted as lost.
 */
#include <linux/types.h>

#include "vfscope.h"
#include "kernel.h"
#include <bpf/bpf_tracing.h>
#include "maps.h"
#include "who.h"
#include "overlay.h"
#include "file.h"
#include "outside.h"
#include "front.h"
#include "name.h"
#include "proc.h"
#include "sys_arg.h"
#include "peek.h"
#include "agg.h"
#include "op.h"
#include "slot.h"
#include "quick.h"
#include "sys_done.h"
#include "tp_aio.h"
#include "tp_syscall.h"
#include "tp_uring.h"
#include "fn.h"
#include "fn_loop.h"
#include "reach.h"
#include "fn_call.h"
#include "fault.h"
#include "page.h"
#include "lookup.h"
#include "sched.h"
#include "block.h"
#include "count.h"
#include "ends.h"

char LICENSE[] SEC("license") = "GPL";

/*
 * Each at the tracepoint itself, and by perf for the kernels that let tasks be preempted there (see
 * sys_enter__perf). Perf tells the child's id only.
 */
static __always_inline int on_fork(struct task_struct *parent, struct task_struct *child)
{
	who_fork(parent, child);
	proc_fork(parent, child);
	return 0;
}

/*
 * A copy of a mount namespace has new mounts, that may lie where those of one lay that has ended
 * (whose mounts nobody unmounts). unshare(2) is a call in sys_table.
 */
static __always_inline int on_fork_names(struct task_struct *parent, struct task_struct *child)
{
	if (READ(READ(child, nsproxy), mnt_ns) != READ(READ(parent, nsproxy), mnt_ns))
		names_raise();
	return 0;
}

static __always_inline int on_exec(struct task_struct *task, int old_pid)
{
	who_exec(old_pid);
	proc_exec(task);
	return 0;
}

static __always_inline int on_exit(struct task_struct *task)
{
	__u32 tid = bpf_get_current_pid_tgid();

	bpf_map_delete_elem(&followed, &tid);
	proc_exit(task);
	return 0;
}

#define ON_FORK(then, tp, perf)                                                                    \
	SEC("?tp_btf/sched_process_fork")                                                          \
	int BPF_PROG(tp, struct task_struct *parent, struct task_struct *child)                    \
	{                                                                                          \
		return then(parent, child);                                                        \
	}                                                                                          \
                                                                                                   \
	SEC("?tp/sched/sched_process_fork")                                                        \
	int perf(struct trace_event_raw_sched_process_fork *ctx)                                   \
	{                                                                                          \
		struct task_struct *child = bpf_task_from_pid(ctx->child_pid);                     \
                                                                                                   \
		if (!child)                                                                        \
			return 0;                                                                  \
		then(who_task(), child);                                                           \
		bpf_task_release(child);                                                           \
		return 0;                                                                          \
	}
ON_FORK(on_fork, sched_process_fork__tp, sched_process_fork__perf)
ON_FORK(on_fork_names, sched_process_fork__names, sched_process_fork__names_perf)

SEC("?tp_btf/sched_process_exec")
int BPF_PROG(sched_process_exec__tp, struct task_struct *task, int old_pid)
{
	return on_exec(task, old_pid);
}

SEC("?tp/sched/sched_process_exec")
int sched_process_exec__perf(struct trace_event_raw_sched_process_exec *ctx)
{
	return on_exec(who_task(), ctx->old_pid);
}

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(sched_process_exit__tp, struct task_struct *task)
{
	return on_exit(task);
}

SEC("?tp/sched/sched_process_exit")
int sched_process_exit__perf(void *ctx)
{
	return on_exit(who_task());
}

/* Run by hand, in vfscope's own context: what are descriptor args[0] and vfscope itself? */
SEC("raw_tp")
int identify__raw_tp(struct bpf_raw_tracepoint_args *ctx)
{
	struct file *file = file_of_fd(ctx->args[0]);
	struct inode *inode = READ(READ(file, f_path.dentry), d_inode);
	struct fs_struct *fs = READ(who_task(), fs);

	self_root[0] = (__u64)READ(fs, root.dentry);
	self_root[1] = (__u64)READ(fs, root.mnt);
	self_tgid = bpf_get_current_pid_tgid() >> 32;
	hidden_tgid = cfg.show_self ? ~0U : self_tgid;
	identified = (__u64)inode;
	return 0;
}
