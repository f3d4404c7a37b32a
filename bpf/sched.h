/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waits for a processor: from a wake-up, or from where a task that could go on had to make room,
 * to the switch to it. Events of one task come in their order, for each holds the lock of its run
 * queue.
 *
 * The operation is one of the task that is switched to, which is not the current one yet.
 */
#ifndef VFSCOPE_SCHED_H
#define VFSCOPE_SCHED_H

static __always_inline void sched_begin(__u32 tid, __u64 flags)
{
	__u64 now = bpf_ktime_get_ns();
	long err = tid ? bpf_map_update_elem(&waiting, &tid, &now, flags) : 0;

	/* BPF_NOEXIST: one that waits may be woken up once more */
	if (err && err != -EEXIST)
		lost(VS_LOST_MAP_FULL);
}

/* The state that a task goes to sleep in; 0: it can run (5.14, 2f064a59a11f). */
static __always_inline bool sched_sleeps(struct task_struct *task)
{
	if (bpf_core_field_exists(struct task_struct, __state))
		return READ(task, __state);
	return READ((struct task_struct___510 *)task, state);
}

/* The task as a number: what the verifier knows as a pointer cannot be passed to a global function.
 */
static __always_inline struct task_struct *sched_other(struct scratch *s, struct task_struct *task)
{
	volatile __u64 *other = &s->other;

	*other = (__u64)task;
	return (struct task_struct *)*other;
}

static __always_inline int sched_end(struct task_struct *next, __u32 tid)
{
	struct task_struct *task;
	__u64 *since = bpf_map_lookup_elem(&waiting, &tid), began;
	struct scratch *s = scratch_of(PROG_RUNQ);
	struct vs_rec_op *rec;

	if (!tid || !since || !s)
		return 0;
	began = *since;
	bpf_map_delete_elem(&waiting, &tid);
	task = sched_other(s, next);
	rec = &s->rec;
	op_begin(rec, VS_OP_RUNQ);
	rec->ts_ns = began;
	rec->lat_ns = bpf_ktime_get_ns() - began;
	s->ref[FIRST].dentry = 0;
	s->ref[SECOND].dentry = 0;
	if (!op_result_wanted(rec) || !ref_wanted(&s->ref[FIRST]) ||
	    !who_passes(task, READ(task, tgid), tid))
		return 0;
	who_fill_of(s, rec, task);
	rec->flags = bpf_get_current_pid_tgid();
	bpf_get_current_comm(rec->prev_comm, sizeof(rec->prev_comm));
	return op_complete(s->prog, FIRST);
}

/*
 * Each switch is from the task that the one before was to. If not, no program was run at what lies
 * between, wake-ups included: on a 6.18 this happens while some processes run, for some
 * milliseconds.
 */
static __always_inline void sched_check(struct task_struct *prev, struct task_struct *next)
{
	__u64 from = (__u64)prev, to = (__u64)next;
	__u32 zero = 0;
	__u64 *last = bpf_map_lookup_elem(&running, &zero);

	if (!last)
		return;
	if (*last && *last != from)
		lost(VS_LOST_SWITCH);
	*last = to;
}

SEC("?tp_btf/sched_wakeup")
int BPF_PROG(sched_wakeup__tp, struct task_struct *task)
{
	sched_begin(READ(task, pid), BPF_NOEXIST);
	return 0;
}

SEC("?tp_btf/sched_wakeup_new")
int BPF_PROG(sched_wakeup_new__tp, struct task_struct *task)
{
	sched_begin(READ(task, pid), BPF_ANY);
	return 0;
}

SEC("?tp_btf/sched_switch")
int BPF_PROG(sched_switch__tp, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	__u32 tid = READ(prev, pid);

	sched_check(prev, next);
	/* one that was on its way to sleep has to be woken up no less if it was preempted */
	if (preempt || !sched_sleeps(prev))
		sched_begin(tid, BPF_ANY);
	else /* it was woken up while it ran */
		bpf_map_delete_elem(&waiting, &tid);
	return sched_end(next, READ(next, pid));
}

#endif
