/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Threads that end. The end of a function is not seen where a kretprobe had no room (it follows so
 * many calls at a time as there are processors, or twice that). The thread's next function counts
 * that as lost; so does this, where there is no next one.
 */
#ifndef VFSCOPE_ENDS_H
#define VFSCOPE_ENDS_H

static __always_inline void ends_functions(void)
{
	struct fn_stack *stack = fn_stack_find();

	if (!stack)
		return;
	if (stack->depth)
		__sync_fetch_and_add(&lost_cnt[VS_LOST_UNPAIRED], stack->depth);
	fn_stack_drop(stack);
}

static __always_inline void ends_calls(void)
{
	struct frame *frame = sys_count_unended();

	if (frame)
		frame_give_back(frame, frame_regs());
}

#define ENDS(name, is_under_way)                                                                   \
	static __always_inline void ends_##name##s(void)                                           \
	{                                                                                          \
		struct name *state = name##_find();                                                \
                                                                                                   \
		if (!state)                                                                        \
			return;                                                                    \
		if (state->is_under_way)                                                           \
			lost(VS_LOST_UNPAIRED);                                                    \
		name##_drop(state);                                                                \
	}
ENDS(fault, file)
ENDS(page_read, stack)
ENDS(lookup, locked_here)

static __always_inline int on_end(void)
{
	ends_functions();
	ends_calls();
	ends_faults();
	ends_page_reads();
	ends_lookups();
	return 0;
}

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(sched_process_exit__ends, struct task_struct *task)
{
	return on_end();
}

SEC("?tp/sched/sched_process_exit")
int sched_process_exit__ends_perf(void *ctx)
{
	return on_end();
}

#endif
