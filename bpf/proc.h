/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the user side is told of processes and cgroups, before the operations that need it:
 * the path of a cgroup, when one of its tasks is first met; and, if the programs of processes
 * are asked for, each fork, exec and exit.
 */
#ifndef VFSCOPE_PROC_H
#define VFSCOPE_PROC_H

/* --- cgroups ---------------------------------------------------------------------------- */

/* As name_step: 0, go on; 1, the path is whole; -1, there was no more room. */
static __always_inline int cgroup_step(struct scratch *s)
{
	struct kernfs_node *node = s->cgroup, *parent = cgroup_parent(node);
	__u32 at = s->name.len;
	long len;

	if (!parent)
		return 1;
	if (at >= VS_PATH_MAX)
		return -1;
	len = bpf_probe_read_kernel_str(&s->components[at + 1], 256, READ(node, name));
	if (len < 1)
		return -1;
	s->components[at] = (len - 1) & 255;
	s->name.len = at + 1 + ((len - 1) & 255);
	s->cgroup = parent;
	return 0;
}

__noinline int cgroup_steps(__u32 prog)
{
	struct scratch *s = scratch_of(prog);
	int done = 0;

	for (int i = 0; i < WALK_STEPS && !done; i++)
		done = s ? cgroup_step(s) : 1;
	return done;
}

static __always_inline bool cgroup_send(struct scratch *s, struct kernfs_node *node, __u64 id,
					bool v1)
{
	int done = 0;

	s->name.flags = VS_NAME_CGROUP;
	s->name.id = id;
	s->name.dev = v1;
	s->name.ino = READ(node, id);
	s->name.len = 0;
	__builtin_memset(s->name.fs, 0, sizeof(s->name.fs));
	s->cgroup = node;
	for (int i = 0; i < CGROUP_DEPTH / WALK_STEPS && !done; i++)
		done = cgroup_steps(s->prog);
	if (done <= 0) {
		s->name.flags |= VS_NAME_CUT;
		lost(VS_LOST_PATH_CUT);
	}
	return name_send_as(s);
}

__noinline int proc_tell_cgroup(__u32 prog)
{
	struct scratch *s = scratch_of(prog);
	__u8 state = VS_CGROUP_TOLD;
	struct task_struct *other;
	__u64 id;

	if (!s)
		return 0;
	other = (struct task_struct *)s->other;
	id = who_cgroup_id(other);
	if (!cgroup_send(s, who_cgroup(other), id, false))
		return 0;
	if (cfg.cgroup_v1 && !cgroup_send(s, who_cgroup_v1(other), id, true))
		return 0;
	bpf_map_update_elem(&cgroups_met, &id, &state, BPF_NOEXIST);
	return 0;
}

/* --- processes -------------------------------------------------------------------------- */

static __always_inline void proc_send(const void *rec, __u32 len)
{
	if (bpf_ringbuf_output(&ring, (void *)rec, sizeof(struct vs_rec_proc) + len, 0))
		lost(VS_LOST_PROC);
}

/* Threads have the program of their process. */
static __always_inline void proc_fork(struct task_struct *parent, struct task_struct *child)
{
	struct vs_rec_proc rec = {
		.type = VS_REC_PROC,
		.what = VS_PROC_FORK,
		.pid = READ(child, tgid),
		.parent = READ(parent, tgid),
	};

	if (!cfg.want_procs || rec.pid != (__u32)READ(child, pid))
		return;
	bpf_core_read_str(rec.comm, sizeof(rec.comm), &child->comm);
	proc_send(&rec, 0);
}

static __always_inline void proc_exit(struct task_struct *task)
{
	struct vs_rec_proc rec = {
		.type = VS_REC_PROC,
		.what = VS_PROC_EXIT,
		.pid = READ(task, tgid),
	};

	if (cfg.want_procs && !READ(READ(task, signal), live.counter))
		proc_send(&rec, 0);
}

/* Sends a part of the command line, of which left bytes remain; 0: it cannot be read. */
__noinline int proc_args(__u64 from, __u32 left)
{
	struct scratch *s = scratch_of(PROG_EXEC);
	__u32 len = left < VS_ARGS_CHUNK ? left : VS_ARGS_CHUNK;

	if (!s)
		return 0;
	if (bpf_probe_read_user(s->components, len, (void *)from)) {
		lost(VS_LOST_PROC);
		len = 0;
	}
	s->proc.len = len;
	proc_send(&s->proc, len);
	s->proc.what = VS_PROC_ARGS;
	s->proc.at += len;
	return len == VS_ARGS_CHUNK;
}

/* The current task has a new program, whose arguments have just been put on its stack. */
static __always_inline void proc_exec(struct task_struct *task)
{
	struct scratch *s = scratch_of(PROG_EXEC);
	struct mm_struct *mm = READ(task, mm);
	__u64 from = READ(mm, arg_start), len = READ(mm, arg_end) - from;

	if (!cfg.want_procs || !s)
		return;
	file_set(s, FIRST, READ(mm, exe_file));
	s->ref[FIRST].id = name_id(PROG_EXEC, FIRST);
	__builtin_memset(&s->proc, 0, sizeof(s->proc));
	s->proc.type = VS_REC_PROC;
	s->proc.what = VS_PROC_EXEC;
	s->proc.pid = bpf_get_current_pid_tgid() >> 32;
	s->proc.exe_id = s->ref[FIRST].id;
	bpf_get_current_comm(s->proc.comm, sizeof(s->proc.comm));
	if (len > VS_ARGS_CHUNK * VS_ARGS_CHUNKS) {
		len = VS_ARGS_CHUNK * VS_ARGS_CHUNKS;
		lost(VS_LOST_PROC);
	}
	for (__u32 i = 0; i < VS_ARGS_CHUNKS; i++) {
		__u32 at = i * VS_ARGS_CHUNK;

		if ((i && at >= len) || !proc_args(from + at, len - at))
			break;
	}
}

#endif
