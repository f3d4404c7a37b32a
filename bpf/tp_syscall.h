/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracepoint backend, system calls: one program at the entry of every call, one at
 * its exit. What a number means is a row of sys_table.
 *
 * The entry takes the time and the file, since a descriptor may mean another file when
 * the call ends. All else is read at the exit, see sys_arg.h.
 */
#ifndef VFSCOPE_TP_SYSCALL_H
#define VFSCOPE_TP_SYSCALL_H

static __always_inline __u32 sys_nr_bits(long nr)
{
	return sys_nrs[nr & (VS_SYS_NRS - 1)];
}

/* --- entry -------------------------------------------------------------------------- */

/*
 * Fills the frame of a call that begins, but for what it is about. near: the task's place, NULL: it
 * has none. Returns NULL where there is no room, which is counted.
 */
static __always_inline struct frame *frame_open(struct frame *near, int index, bool wanted)
{
	struct frame *frame = frame_or_far(near);

	if (!frame)
		return NULL;
	frame->row = index + 1;
	frame->wanted = wanted;
	frame->reached = REACHED_UNTOLD;
	frame->reaching = 0;
	frame->iocbs = 0;
	frame->kept_id = 0;
	frame->kept_has = 0;
	frame->ref[SECOND].dentry = 0;
	frame->ts_ns = sys_now();
	return frame;
}

static __always_inline void frame_begin(struct frame *near, struct scratch *s, int index,
					bool wanted)
{
	struct frame *frame = frame_open(near, index, wanted);

	if (!frame)
		return;
	frame->iocbs = s->iocbs;
	frame->kept_id = s->kept_id;
	frame->kept_has = s->kept_has;
	frame->ref[FIRST] = s->ref[FIRST];
	if (s->ref[SECOND].dentry)
		frame->ref[SECOND] = s->ref[SECOND];
}

static __noinline bool sys_take_clone(struct scratch *s)
{
	struct clone_range range;

	if (!sys_clone_range(s, &range))
		return false;
	file_set(s, FIRST, file_of_fd(range.src_fd));
	file_set(s, SECOND, file_of_fd(sys_arg(s, 1)));
	return ref_wanted(&s->ref[FIRST]) || ref_wanted(&s->ref[SECOND]);
}

static __always_inline bool sys_take_file(struct scratch *s, const volatile struct vs_sys *row,
					  struct pt_regs *regs, bool compat)
{
	sys_args(s, regs, compat);
	file_set(s, FIRST, file_of_fd(sys_arg(s, row->fd)));
	if (ref_wanted(&s->ref[FIRST]) && row->bits & VS_SYS_NAME_AT_ENTRY)
		name_asked(s, FIRST);
	front_keep(s);
	return ref_wanted(&s->ref[FIRST]);
}

/*
 * What most calls are: on a descriptor, by a native program, of a file met lately. False: it has to
 * go the long way.
 */
static __always_inline bool sys_enter_met(struct frame *near, const volatile struct vs_sys *row,
					  struct pt_regs *regs, int index)
{
	struct task_struct *task;
	struct frame *frame;
	struct front *front;
	struct file *file;

	if (row->shape != VS_SHAPE_FD || row->fd != 1 || row->bits & VS_SYS_MOVES_NAMES ||
	    index >= VS_SYS_NRS)
		return false;
	file = front_file(SYS_ARG1(regs));
	if (!file)
		return false;
	/* of the plain ones sys_enter has asked */
	if (cfg.fronts_tell && !(sys_nr_bits(index) & VS_NR_PLAIN) &&
	    front_is_outside(VS_FRONT_CALLS, file, false))
		return true;
	task = task_typed();
	front = front_find_file(VS_FRONT_CALLS, PROG_ENTER, file, task);
	if (!front || (row->bits & VS_SYS_NAME_AT_ENTRY && cfg.want_path && !front->id))
		return false;
	if (!front->wanted)
		return true;
	frame = frame_open(near, index, true);
	if (frame)
		front_fill(&frame->ref[FIRST], front, file);
	return true;
}

/* Takes the files of a call from its descriptors; false if no filter lets them pass. */
static __always_inline bool sys_take_files(struct scratch *s, const volatile struct vs_sys *row,
					   struct pt_regs *regs, bool compat)
{
	s->ref[SECOND].dentry = 0;
	s->kept_id = 0;
	if (row->shape == VS_SHAPE_FD)
		return sys_take_file(s, row, regs, compat);
	s->ref[FIRST].dentry = 0;
	if (row->shape == VS_SHAPE_EXEC || (row->shape == VS_SHAPE_PATH && row->out)) {
		sys_args(s, regs, compat);
		if (row->shape == VS_SHAPE_EXEC)
			sys_send_path(s, row);
		else
			sys_keep_path(s, row);
	}
	if (row->shape == VS_SHAPE_NONE || row->shape == VS_SHAPE_RANGE ||
	    row->shape == VS_SHAPE_TEXT)
		return ref_wanted(&s->ref[FIRST]);
	if (row->shape != VS_SHAPE_COPY && row->shape != VS_SHAPE_REFLINK &&
	    row->shape != VS_SHAPE_AIO_SUBMIT)
		return true;
	sys_args(s, regs, compat);
	if (row->shape == VS_SHAPE_AIO_SUBMIT)
		return true;
	if (row->shape == VS_SHAPE_REFLINK)
		return sys_take_clone(s);
	file_set(s, FIRST, file_of_fd(sys_arg(s, row->fd)));
	file_set(s, SECOND, file_of_fd(sys_arg(s, row->fd2)));
	return ref_wanted(&s->ref[FIRST]) || ref_wanted(&s->ref[SECOND]);
}

static __always_inline int sys_enter_framed(struct frame *near, struct pt_regs *regs, long nr)
{
	bool compat = sys_is_compat();
	int index = sys_index(nr, compat);
	const volatile struct vs_sys *row;
	struct scratch *s;
	bool wanted;

	if (index < 0 || index >= VS_SYS_ABIS * VS_SYS_NRS) {
		if (nr >= 0 && (compat || nr & X32_SYSCALL_BIT) && who_wanted())
			lost(VS_LOST_ABI);
		return 0;
	}
	row = &sys_table[sys_bounded(index)];
	if (row->bits & VS_SYS_MOVES_NAMES)
		names_raise();
	else if (!row->op)
		return 0;
	/* whoever reaps: the operation is of who submitted it */
	wanted = row->op && (row->shape == VS_SHAPE_AIO_REAP || who_wanted());
	if (!wanted && !(row->bits & VS_SYS_MOVES_NAMES))
		return 0;
	if (cfg.fronts && sys_enter_met(near, row, regs, index))
		return 0;
	s = scratch_of(PROG_ENTER);
	if (!s)
		return 0;
	s->call = index;
	wanted = wanted && sys_take_files(s, row, regs, compat);
	/* whoever moves names: names_epoch has to be raised again when it is done */
	if (!wanted && !(row->bits & VS_SYS_MOVES_NAMES))
		return 0;
	s->iocbs = wanted && row->shape == VS_SHAPE_AIO_SUBMIT ? aio_submitting(s) : 0;
	frame_begin(near, s, index, wanted);
	return 0;
}

/*
 * Is there nothing to do at the entry of a call? What is known by its number, and the cheapest
 * filter: one process is asked for, and this is another's. What most calls come to, so no more
 * instructions than it takes: bits are compared as numbers.
 */
static __always_inline bool sys_is_left_alone(long nr)
{
	__u32 bits = sys_nr_bits(nr);

	if (bits < VS_NR_ANYONES)
		return bpf_get_current_pid_tgid() >> 32 != cfg.only[VS_WHO_PID].id;
	return bits >= VS_NR_UNASKED && (unsigned long)nr < VS_SYS_NRS;
}

/* All that takes more than a few registers: they are saved where they are used. near: as
 * frame_open; it is given back if it is not needed. */
static __noinline int sys_enter_any(struct frame *near, struct pt_regs *regs, long nr)
{
	sys_enter_framed(near, regs, nr);
	if (near && !near->row)
		frame_give_back(near, regs);
	return ret_zero();
}

/* Is it one of those that most calls are, reads and writes by a native program? */
static __always_inline bool sys_enters_plainly(const __u64 *args)
{
	return sys_nr_bits(args[1]) & VS_NR_PLAIN && args[1] < VS_SYS_NRS &&
	       !sys_is_compat_typed(task_typed());
}

/*
 * Can nobody but the task itself close a descriptor, or put another file behind it? Then the kernel
 * does without a reference to the file, too (fdget, fs/file.c).
 */
static __always_inline bool sys_files_are_own(void)
{
	return task_typed()->files->count.counter == 1;
}

/*
 * Does all but the time wait for the end of the call? So it is with reads and writes, if the file
 * stays behind the descriptor meanwhile. vfscope's own calls are left to the end.
 */
static __always_inline bool sys_enter_late(const __u64 *args)
{
	struct pt_regs *regs;
	struct frame *frame;
	__u64 ts_ns;
	__u32 place;

	if (!sys_enters_plainly(args) || !sys_files_are_own())
		return false;
	ts_ns = sys_now();
	regs = (struct pt_regs *)args[0];
	place = place_of((__u64)regs);
	if (!place_take(place, regs))
		return false;
	frame = &near_frames[place];
	frame->row = ROW_LATE;
	frame->nr = args[1];
	frame->ts_ns = ts_ns;
	return true;
}

/* Is it plainly about a file that is known to lie below none of -d? */
static __always_inline bool sys_enter_outside(const __u64 *args)
{
	struct file *file;
	bool stays = false;

	if (!sys_enters_plainly(args))
		return false;
	file = front_file(SYS_ARG1((struct pt_regs *)args[0]));
	if (!file)
		return false;
	if (cfg.outsides) {
		if (outside_has(file))
			return true;
		stays = sys_files_are_own();
	}
	return front_is_outside(VS_FRONT_CALLS, file, stays);
}

/* args: those of the tracepoint, taken from there when they are needed: what is kept in a register
 * is saved and restored for every call. */
static __always_inline int sys_enter(const __u64 *args)
{
	enum vs_plain_way way = sys_plain_way;
	struct frame *near;

	if (way == VS_PLAIN_LATE) {
		if (sys_enter_late(args))
			return 0;
	} else if (way == VS_PLAIN_FRONTS && sys_enter_outside(args)) {
		return 0;
	}
	barrier_var(args);
	near = frame_take_near((struct pt_regs *)args[0]);
	if (near)
		near->row = 0;
	sys_enter_any(near, (struct pt_regs *)args[0], args[1]);
	return 0;
}

/* The same where regs, NULL if they are not known, are had by other means. */
static __always_inline int sys_enter_by(struct pt_regs *regs)
{
	__u64 args[] = {(__u64)regs, regs ? (int)sys_nr(regs) : 0};

	return regs && !sys_is_left_alone(args[1]) ? sys_enter(args) : 0;
}

/* --- exit --------------------------------------------------------------------------- */

/* Has a function told that the call has led to nothing that -d asks for? */
static __always_inline bool sys_is_elsewhere(const struct frame *frame)
{
	return cfg.by_dir && frame->reached == REACHED_ELSEWHERE;
}

/* May sys_enter have taken this call? Cheaper than to look for its frame. */
static __always_inline bool sys_may_end(struct pt_regs *regs)
{
	int index = sys_index((int)sys_nr(regs), sys_is_compat());
	const volatile struct vs_sys *row;

	if (index < 0 || index >= VS_SYS_ABIS * VS_SYS_NRS)
		return false;
	row = &sys_table[sys_bounded(index)];
	if (row->bits & VS_SYS_MOVES_NAMES || row->shape == VS_SHAPE_AIO_REAP)
		return true;
	/* of the filters on processes the one whose verdict cannot have changed */
	return row->op && !(cfg.by_pid && !cfg.children &&
			    !who_has(VS_WHO_PID, bpf_get_current_pid_tgid() >> 32));
}

/*
 * Does a call read or write plainly (read, write, pread, pwrite), for a native program, and is all
 * known of its file? Then there are shorter ways.
 */
static __always_inline bool sys_is_plain(const struct frame *frame)
{
	const struct file_ref *ref = &frame->ref[FIRST];

	return frame->row <= VS_SYS_NRS && sys_nr_bits(frame->row - 1) & VS_NR_PLAIN &&
	       ref->dentry && (ref->id || !cfg.want_path);
}

/* Sends what has read or written plainly. False: it has to go the long way. */
static __noinline bool sys_send_plain(const struct frame *frame, struct pt_regs *regs, long ret,
				      __u64 lat_ns)
{
	const volatile struct vs_sys *row = &sys_table[sys_bounded(frame->row - 1)];
	struct quick_op op = {.ts_ns = frame->ts_ns, .lat_ns = lat_ns, .ret = ret};

	if (!sys_is_plain(frame))
		return false;
	if (!op_passes(ret, lat_ns, ret > 0 ? ret : 0))
		return true;
	return quick_send_call(row, regs, &frame->ref[FIRST], &op);
}

/* Adds to its slot what has read or written a file of which all is known. False: as sys_add. */
static __always_inline bool sys_add_ref(struct scratch *s, const volatile struct vs_sys *row,
					const struct file_ref *ref, __u64 req, long ret,
					__u64 lat_ns)
{
	__u32 slot =
		slot_add_ref(row->op != VS_OP_READ, cfg.totals.slots_more ? s->slot_more : NULL,
			     ref, bpf_get_current_pid_tgid() >> 32, req, ret, lat_ns);

	s->slot = slot == SLOT_NONE ? 0 : slot;
	return !slot;
}

/* Adds what has read or written to its slot, see slot.h. False: it has to go the long way. */
static __noinline bool sys_add(struct scratch *s, const struct frame *frame, __u64 req, long ret,
			       __u64 lat_ns)
{
	const volatile struct vs_sys *row = &sys_table[sys_bounded(frame->row - 1)];
	const struct file_ref *ref = &frame->ref[FIRST];

	s->slot = 0;
	if (!sys_is_plain(frame))
		return false;
	if (!op_passes(ret, lat_ns, ret > 0 ? ret : 0))
		return true;
	return sys_add_ref(s, row, ref, req, ret, lat_ns);
}

/* Adds what was left to the end to its slot. False: it has to go the long way. */
static __always_inline bool sys_add_late(const volatile struct vs_sys *row, struct file *file,
					 __u32 tgid, __u64 req, long ret, __u64 lat_ns)
{
	__u32 set = row->op != VS_OP_READ, slot = SLOT_NONE;
	struct scratch *s;

	if (cfg.totals.by_file) {
		slot = slot_add_by_file(set, file, tgid, req, ret, lat_ns);
		if (!slot)
			return true;
	}
	s = scratch_of(PROG_EXIT);
	if (!s)
		return true;
	if (!cfg.totals.by_file)
		slot = slot_add_file(set, cfg.totals.slots_more ? s->slot_more : NULL, file, tgid,
				     req, ret, lat_ns);
	s->slot = slot == SLOT_NONE ? 0 : slot;
	return !slot;
}

/*
 * Sends or adds up what was left to the end, if its file is one met lately. False: it has to go the
 * long way.
 */
static __noinline bool sys_end_met(struct pt_regs *regs, long nr, long ret, __u64 ts_ns,
				   __u64 lat_ns)
{
	const volatile struct vs_sys *row = &sys_table[nr & (VS_SYS_NRS - 1)];
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct scratch *s;
	struct file *file;

	if (who_is_self_of(tgid))
		return true;
	file = front_file(SYS_ARG1(regs));
	if (!file) { /* see sys_end_told */
		s = scratch_of(PROG_EXIT);
		if (s)
			s->slot = 0;
		return false;
	}
	if (cfg.quick) {
		struct quick_op op = {.ts_ns = ts_ns, .lat_ns = lat_ns, .ret = ret};

		return quick_send_late(row, regs, file, &op);
	}
	return cfg.totals.slots && sys_add_late(row, file, tgid, SYS_ARG3(regs), ret, lat_ns);
}

/* Looks at the file of what was left to the end, which becomes FIRST. False: it is not wanted. */
static __noinline bool sys_end_unmet(struct scratch *s, struct pt_regs *regs)
{
	bool asked = cfg.quick || cfg.totals.slots; /* by sys_end_met, whether it was met lately */
	struct file *file = asked ? NULL : front_file(SYS_ARG1(regs));

	if (file)
		front_set_file(s, file);
	else
		file_set(s, FIRST, file_of_fd(SYS_ARG1(regs)));
	if (ref_wanted(&s->ref[FIRST]))
		return true;
	slot_claim(s, VS_SLOT_UNWANTED);
	front_keep(s);
	return false;
}

/*
 * The same by what is known of the file by now: it was no pointer that the verifier knows, or one
 * that has no slot (no hash is made of its name).
 */
static __noinline bool sys_end_told(struct scratch *s, struct pt_regs *regs, long ret, __u64 ts_ns,
				    __u64 lat_ns)
{
	const volatile struct vs_sys *row = &sys_table[sys_nr(regs) & (VS_SYS_NRS - 1)];
	struct quick_op op = {.ts_ns = ts_ns, .lat_ns = lat_ns, .ret = ret};
	const struct file_ref *ref = &s->ref[FIRST];

	if (!ref->dentry || (cfg.want_path && !ref->id))
		return false;
	if (cfg.quick)
		return quick_send_call(row, regs, ref, &op);
	return cfg.totals.slots && !s->slot &&
	       sys_add_ref(s, row, ref, SYS_ARG3(regs), ret, lat_ns);
}

/*
 * Deals with what was left to the end. A global function: the verifier looks at it by itself, and
 * not again at all that comes after it.
 */
__noinline int sys_end_late(__u64 nr, __s64 ret, __u64 ts_ns)
{
	const volatile struct vs_sys *row = &sys_table[nr & (VS_SYS_NRS - 1)];
	__u64 lat_ns = sys_is_timed() ? bpf_ktime_get_ns() - ts_ns : VS_LAT_UNKNOWN;
	struct pt_regs *regs;
	struct scratch *s;

	if (!cfg.late || !op_passes(ret, lat_ns, ret > 0 ? ret : 0))
		return 0;
	regs = (void *)bpf_task_pt_regs((void *)bpf_get_current_task_btf());
	if (sys_end_met(regs, nr, ret, ts_ns, lat_ns))
		return 0;
	s = scratch_of(PROG_EXIT);
	if (!s || !sys_end_unmet(s, regs) || sys_end_told(s, regs, ret, ts_ns, lat_ns))
		return 0;
	sys_args(s, regs, false);
	sys_begin(s, row, ts_ns, lat_ns, ret);
	s->ref[SECOND].dentry = 0;
	s->names_fixed = 0;
	who_fill(s, &s->rec);
	sys_done_fd(s, row);
	front_keep(s);
	return 0;
}

/* As sys_enter_any. frame: NULL, if it is not at hand. */
static __noinline int sys_exit_any(struct frame *frame, struct pt_regs *regs, long ret)
{
	const volatile struct vs_sys *row;
	struct scratch *s;
	__u64 lat_ns;
	__u32 index;

	if (!frame && sys_may_end(regs))
		frame = frame_find();
	if (!frame)
		return ret_zero();
	index = frame->row - 1;
	if (index >= VS_SYS_ABIS * VS_SYS_NRS)
		return ret_zero();
	row = &sys_table[sys_bounded(index)];
	/* left by a call whose exit was not seen; execveat comes back as execve, if it comes */
	if (index % VS_SYS_NRS != sys_nr(regs) && (row->shape != VS_SHAPE_EXEC || ret))
		goto out;
	lat_ns = sys_now() - frame->ts_ns;
	if (row->bits & VS_SYS_MOVES_NAMES && ret >= 0)
		names_raise();
	if (!frame->wanted || sys_is_elsewhere(frame))
		goto out;
	if (cfg.quick && sys_send_plain(frame, regs, ret, lat_ns))
		goto out;
	s = scratch_of(PROG_EXIT);
	if (!s)
		goto out;
	if (cfg.totals.slots &&
	    sys_add(s, frame, SYS_ARG3(regs), ret, cfg.want_time ? lat_ns : VS_LAT_UNKNOWN))
		goto out;
	s->call = index;
	sys_args(s, regs, index >= VS_SYS_NRS);
	sys_begin(s, row, frame->ts_ns, lat_ns, ret);
	if (cfg.by_dir && frame->reached == REACHED_BELOW)
		s->rec.has |= VS_HAS_BELOW;
	s->ref[FIRST] = frame->ref[FIRST];
	if (frame->ref[SECOND].dentry)
		s->ref[SECOND] = frame->ref[SECOND];
	else
		s->ref[SECOND].dentry = 0;
	s->kept_id = frame->kept_id;
	s->names_fixed = row->bits & VS_SYS_NAME_AT_ENTRY;
	s->kept_has = frame->kept_has;
	if (row->shape < VS_SHAPE_AIO_SUBMIT) {
		if (!op_result_wanted(&s->rec))
			goto out;
		who_fill(s, &s->rec);
	}
	if (row->bits & VS_SYS_FLAGS) {
		s->rec.flags = sys_arg(s, row->flags);
		s->rec.has |= VS_HAS_FLAGS;
	}

	switch (row->shape) {
	case VS_SHAPE_NONE: op_send(s); break;
	case VS_SHAPE_RANGE: sys_done_range(s, row); break;
	case VS_SHAPE_FD: sys_done_fd(s, row); break;
	case VS_SHAPE_PATH: sys_done_path(s, row); break;
	case VS_SHAPE_OPEN: sys_done_open(s, row); break;
	case VS_SHAPE_TWO_PATHS: sys_done_two_paths(s, row); break;
	case VS_SHAPE_SYMLINK: sys_done_symlink(s, row); break;
	case VS_SHAPE_COPY: sys_done_copy(s, row); break;
	case VS_SHAPE_REFLINK: sys_done_clone(s); break;
	case VS_SHAPE_TEXT: sys_done_text(s, row); break;
	case VS_SHAPE_EXEC: sys_done_exec(s); break;
	case VS_SHAPE_AIO_SUBMIT: aio_submitted(s, frame->iocbs, ret); break;
	case VS_SHAPE_AIO_REAP: aio_reaped(s, ret); break;
	}
out:
	frame_give_back(frame, regs);
	return ret_zero();
}

/* Deals with what was left to the end by sys_enter_late. */
static __always_inline void sys_exit_late(struct frame *frame, __u32 place, const __u64 *args)
{
	__u32 nr = *(volatile __u32 *)&frame->nr;
	__u64 ts_ns = *(volatile __u64 *)&frame->ts_ns;

	barrier(); /* another may take the frame as soon as it is given back */
	near_owners[place] = 0;
	/* else it was left by a call whose exit was not seen */
	if (sys_nr((struct pt_regs *)args[0]) == nr)
		sys_end_late(nr, args[1], ts_ns);
}

/* args: see sys_enter. */
static __always_inline int sys_exit(const __u64 *args)
{
	struct pt_regs *regs = (struct pt_regs *)args[0];
	__u32 place = place_of((__u64)regs);
	struct frame *frame;

	if (!place_is_of(place, regs)) {
		if (!frames_are_far)
			return 0;
		frame = NULL;
	} else {
		frame = &near_frames[place];
		barrier_var(frame);
		if (frame->row == ROW_LATE) {
			sys_exit_late(frame, place, args);
			return 0;
		}
	}
	barrier_var(args);
	sys_exit_any(frame, (struct pt_regs *)args[0], args[1]);
	return 0;
}

static __always_inline int sys_exit_by(struct pt_regs *regs, long ret)
{
	__u64 args[] = {(__u64)regs, ret};

	return regs ? sys_exit(args) : 0;
}

/* --- at the tracepoints of all calls ------------------------------------------------- */

SEC("?tp_btf/sys_enter")
int sys_enter__tp(__u64 *ctx) /* struct pt_regs *regs, long nr */
{
	if (sys_is_left_alone(ctx[1]))
		return 0;
	barrier_var(ctx); /* or all would be loaded before */
	return sys_enter(ctx);
}

SEC("?tp_btf/sys_exit")
int sys_exit__tp(__u64 *ctx) /* struct pt_regs *regs, long ret */
{
	return sys_exit(ctx);
}

/*
 * The same by perf, which forbids preemption around a program. The kernels that let tasks be
 * preempted in the programs above skip those programs for every other task on the processor
 * meanwhile.
 */
struct sys_exit_event { /* /sys/kernel/tracing/events/raw_syscalls/sys_exit/format */
	__u64 common;
	long nr, ret;
};

SEC("?tp/raw_syscalls/sys_enter")
int sys_enter__perf(void *ctx)
{
	struct scratch *s = scratch_of(PROG_ENTER);
	struct pt_regs *regs = s ? sys_regs(s) : NULL;

	return sys_enter_by(regs);
}

SEC("?tp/raw_syscalls/sys_exit")
int sys_exit__perf(struct sys_exit_event *ctx)
{
	struct scratch *s = scratch_of(PROG_EXIT);
	struct pt_regs *regs = s ? sys_regs(s) : NULL;

	return sys_exit_by(regs, ctx->ret);
}

/* --- at the functions of single calls (__x64_sys_splice) ------------------------------ */

/*
 * The end of the thread's last call may be unseen: its kretprobe had no room. Returns its frame;
 * NULL: it has none.
 */
static __always_inline struct frame *sys_count_unended(void)
{
	struct frame *frame = frame_now();

	if (frame && frame->row && frame->wanted)
		lost(VS_LOST_UNPAIRED);
	return frame;
}

SEC("?kprobe")
int sys_enter__kprobe(struct pt_regs *ctx)
{
	struct scratch *s = scratch_of(PROG_ENTER);
	struct pt_regs *regs = s ? sys_regs(s) : NULL;

	sys_count_unended();

	return sys_enter_by(regs);
}

SEC("?kretprobe")
int sys_exit__kretprobe(struct pt_regs *ctx)
{
	struct scratch *s = scratch_of(PROG_EXIT);
	struct pt_regs *regs = s ? sys_regs(s) : NULL;

	return sys_exit_by(regs, PT_REGS_RC(ctx));
}

#endif
