/* SPDX-License-Identifier: GPL-2.0 */
/* Who: the filters on processes, the cheapest ones and so the first, and their fields. */
#ifndef VFSCOPE_WHO_H
#define VFSCOPE_WHO_H

static __always_inline struct task_struct *who_task(void)
{
	return (struct task_struct *)bpf_get_current_task();
}

static __always_inline bool who_has(__u32 kind, __u32 id)
{
	struct vs_who key = {.kind = kind, .id = id};

	return bpf_map_lookup_elem(&who_set, &key);
}

static __always_inline bool who_in_cgroups(void)
{
	for (__u32 i = 0; i < VS_CGROUPS_MAX; i++) {
		if (i >= cfg.n_cgroups)
			break;
		if (bpf_current_task_under_cgroup(&cgroup_set, i) == 1)
			return true;
	}
	return false;
}

static __always_inline bool who_is_followed(__u32 tgid, __u32 tid)
{
	__u8 *state = bpf_map_lookup_elem(&followed, &tid);

	/* threads that the kernel makes for io_uring come without a fork that could be seen */
	if (!state && READ(who_task(), flags) & PF_IO_WORKER)
		state = bpf_map_lookup_elem(&followed, &tgid);
	return state && *state == FOLLOW;
}

/* Does the current task pass -p, -t, -u, -g and `-- PROGRAM`? */
static __always_inline bool who_wanted(void)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	__u32 tgid = pid_tgid >> 32, tid = pid_tgid;

	if (!cfg.show_self && tgid == self_tgid)
		return false;
	if (cfg.follow_fork && !who_is_followed(tgid, tid))
		return false;
	if (cfg.by_pid && !who_has(VS_WHO_PID, tgid))
		return false;
	if (cfg.by_tid && !who_has(VS_WHO_TID, tid))
		return false;
	if (cfg.by_uid && !who_has(VS_WHO_UID, bpf_get_current_uid_gid()))
		return false;
	if (cfg.n_cgroups && !who_in_cgroups())
		return false;
	return true;
}

static __always_inline void who_fill(struct vs_rec_op *rec)
{
	struct task_struct *task = who_task();
	__u64 pid_tgid = bpf_get_current_pid_tgid();

	rec->pid = pid_tgid >> 32;
	rec->tid = pid_tgid;
	rec->uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(rec->comm, sizeof(rec->comm));
	if (cfg.want_parent) {
		struct task_struct *parent = READ(task, real_parent);

		rec->ppid = READ(parent, tgid);
		bpf_core_read_str(rec->pcomm, sizeof(rec->pcomm), &parent->comm);
	}
	if (cfg.want_cgroup)
		rec->cgroup = bpf_get_current_cgroup_id();
	rec->mnt_ns = READ(READ(READ(task, nsproxy), mnt_ns), ns.inum);
}

/* Do absolute paths mean to the task what they mean to vfscope? */
static __always_inline bool who_has_our_root(void)
{
	struct fs_struct *fs = READ(who_task(), fs);

	return (__u64)READ(fs, root.dentry) == self_root[0] &&
	       (__u64)READ(fs, root.mnt) == self_root[1];
}

/* A child of vfscope is followed from its exec on; a child of one that is followed, at once. */
static __always_inline void who_fork(struct task_struct *parent, struct task_struct *child)
{
	__u32 parent_tid = READ(parent, pid), tid = READ(child, pid);
	__u8 *known = bpf_map_lookup_elem(&followed, &parent_tid);
	__u8 state;

	if (known)
		state = *known;
	else if ((__u32)READ(parent, tgid) == self_tgid)
		state = FOLLOW_AT_EXEC;
	else
		return;
	if (bpf_map_update_elem(&followed, &tid, &state, BPF_ANY))
		lost(VS_LOST_MAP_FULL);
}

/* exec gives a thread the id of its process: old_tid is what it had before. */
static __always_inline void who_exec(__u32 old_tid)
{
	__u32 tid = bpf_get_current_pid_tgid();
	__u8 state = FOLLOW;

	if (!bpf_map_lookup_elem(&followed, &old_tid))
		return;
	if (bpf_map_update_elem(&followed, &tid, &state, BPF_ANY))
		lost(VS_LOST_MAP_FULL);
	if (old_tid != tid)
		bpf_map_delete_elem(&followed, &old_tid);
}

#endif
