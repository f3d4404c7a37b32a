/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who: the filters on processes, the cheapest ones and so the first, and their fields. What
 * proc.h tells of processes and cgroups is declared here.
 *
 * An operation is one of the current task; where it is not (a wait for a processor), other is the
 * task that it is of, else NULL. It is known where it stands, so the compiler leaves no trace of
 * it.
 */
#ifndef VFSCOPE_WHO_H
#define VFSCOPE_WHO_H

enum { CGROUP_DEPTH = 128 };

static __always_inline struct task_struct *who_task(void)
{
	return (struct task_struct *)bpf_get_current_task();
}

static __always_inline bool who_has(__u32 kind, __u32 id)
{
	struct vs_who key = {.kind = kind, .id = id};

	if (cfg.only[kind].is_one)
		return id == cfg.only[kind].id;
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

static __always_inline __u32 who_uid(struct task_struct *other)
{
	return other ? READ((struct cred *)READ(other, cred), uid.val)
		     : (__u32)bpf_get_current_uid_gid();
}

/* The cgroup of a task: the one of v2. */
static __always_inline struct kernfs_node *who_cgroup(struct task_struct *other)
{
	return READ(READ(READ(other ?: who_task(), cgroups), dfl_cgrp), kn);
}

/* Where there is cgroup v1: that of one of its hierarchies. */
static __always_inline struct kernfs_node *who_cgroup_v1(struct task_struct *other)
{
	struct css_set *set = READ(other ?: who_task(), cgroups);
	struct cgroup_subsys_state *css = NULL;
	__u32 nth = 0;

	if (cfg.cgroup_v1 == VS_CGROUP_V1_PIDS)
		nth = bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id);
	else if (cfg.cgroup_v1 == VS_CGROUP_V1_MEMORY)
		nth = bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id);
	else
		nth = bpf_core_enum_value(enum cgroup_subsys_id, cpu_cgrp_id);
	bpf_probe_read_kernel(&css, sizeof(css),
			      (void *)set + bpf_core_field_offset(struct css_set, subsys) +
				      nth * sizeof(css));
	return READ(READ(css, cgroup), kn);
}

/* What operations hold of it: the number of the one, or with v1 what stands for both. */
static __always_inline __u64 who_cgroup_id(struct task_struct *other)
{
	__u64 id = READ(who_cgroup(other), id);

	return cfg.cgroup_v1 ? mix(mix(~0ULL, id), READ(who_cgroup_v1(other), id)) : id;
}

static __always_inline bool who_in_containers(struct task_struct *other)
{
	__u64 id = who_cgroup_id(other);
	__u8 *state = bpf_map_lookup_elem(&cgroups_met, &id);

	/* one not judged yet is left to the user side, which does */
	return !state || *state != VS_CGROUP_OUT;
}

static __always_inline void who_comm(char comm[VS_COMM_LEN], struct task_struct *other)
{
	if (other)
		bpf_core_read_str(comm, VS_COMM_LEN, &other->comm);
	else
		bpf_get_current_comm(comm, VS_COMM_LEN);
}

/* Does the name of a thread (0: the current one) match the i-th -c? */
__noinline int who_comm_matches(__u32 i, __u64 other)
{
	const volatile struct vs_glob *glob = &comm_globs[i & (VS_COMMS_MAX - 1)];
	char comm[VS_COMM_LEN] = {};
	__u64 states = 1;

	who_comm(comm, (struct task_struct *)other);
	for (int at = 0; at < VS_COMM_LEN; at++) {
		if (!comm[at])
			break;
		states = (states & glob->accepts[(__u8)comm[at]]) << 1 | (states & glob->stays);
	}
	return !!(states & glob->goal);
}

static __always_inline bool who_comms_match(struct task_struct *other)
{
	for (__u32 i = 0; i < VS_COMMS_MAX; i++)
		if (i < cfg.n_comms && who_comm_matches(i, (__u64)other))
			return true;
	return false;
}

/* vfscope's own operations, which are not shown. */
static __always_inline bool who_is_self_of(__u32 tgid)
{
	return tgid == hidden_tgid;
}

static __always_inline bool who_is_self(void)
{
	return who_is_self_of(bpf_get_current_pid_tgid() >> 32);
}

/* Does a task pass -p, -t, -u, and what of -c is decided here? */
static __always_inline bool who_is_named(struct task_struct *other, __u32 tgid, __u32 tid)
{
	if (cfg.by_pid && !who_has(VS_WHO_PID, tgid))
		return false;
	if (cfg.by_tid && !who_has(VS_WHO_TID, tid))
		return false;
	if (cfg.by_uid && !who_has(VS_WHO_UID, who_uid(other)))
		return false;
	return !cfg.n_comms || who_comms_match(other);
}

static __always_inline bool who_is_followed(struct task_struct *other, __u32 tgid, __u32 tid)
{
	__u8 *state = bpf_map_lookup_elem(&followed, &tid);

	/* threads that the kernel makes for io_uring come without a fork that could be seen */
	if (!state && READ(other ?: who_task(), flags) & PF_IO_WORKER)
		state = bpf_map_lookup_elem(&followed, &tgid);
	return state && *state == FOLLOW;
}

static __always_inline struct kernfs_node *cgroup_parent(struct kernfs_node *node)
{
	if (bpf_core_field_exists(struct kernfs_node, parent))
		return READ(node, parent);
	return READ((struct kernfs_node___rcu *)node, __parent);
}

/* Does a cgroup lie in one of -g? For tasks other than the current one, of which a helper knows it.
 */
__noinline int who_cgroup_is_below(__u64 cgroup)
{
	struct kernfs_node *node = (struct kernfs_node *)cgroup;

	for (int depth = 0; depth < CGROUP_DEPTH && node; depth++) {
		__u64 id = READ(node, id);

		for (__u32 i = 0; i < VS_CGROUPS_MAX; i++)
			if (i < cfg.n_cgroups && cfg.cgroup_ids[i] == id)
				return 1;
		node = cgroup_parent(node);
	}
	return 0;
}

static __always_inline bool who_other_in_cgroups(struct task_struct *other)
{
	struct cgroup *cgroup = READ(READ(other, cgroups), dfl_cgrp);
	__u64 node = 0;

	/* by the helper: READ gives a pointer that cannot be passed to a global function */
	bpf_core_read(&node, sizeof(node), &cgroup->kn);
	return who_cgroup_is_below(node);
}

/* Does a task pass -p, -t, -u, -g, --children, --container and `-- PROGRAM`? */
static __always_inline bool who_passes(struct task_struct *other, __u32 tgid, __u32 tid)
{
	if (who_is_self_of(tgid))
		return false;
	if (cfg.anyone)
		return true;
	if (cfg.follow_fork && !who_is_followed(other, tgid, tid))
		return false;
	if (!who_is_named(other, tgid, tid) && !(cfg.children && who_is_followed(other, tgid, tid)))
		return false;
	if (cfg.n_cgroups && !(other ? who_other_in_cgroups(other) : who_in_cgroups()))
		return false;
	return !cfg.by_container || who_in_containers(other);
}

/* The same of the current task. */
static __always_inline bool who_wanted(void)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();

	return who_passes(NULL, pid_tgid >> 32, pid_tgid);
}

/* Tells the user side which cgroup is meant by an id, once. See proc.h. */
__noinline int proc_tell_cgroup(__u32 prog);

/* The place for the cgroup that was met last on this processor, and of which the user side knows.
 */
static __always_inline __u64 *who_cgroup_told(void)
{
	return &cgroups_told[bpf_get_smp_processor_id() & (CGROUPS_TOLD - 1)];
}

static __always_inline void who_set_cgroup(struct scratch *s, struct vs_rec_op *rec, __u64 id)
{
	__u64 *told = who_cgroup_told();

	rec->cgroup = id;
	if (*told == id)
		return;
	if (bpf_map_lookup_elem(&cgroups_met, &rec->cgroup))
		*told = id;
	else
		proc_tell_cgroup(s->prog);
}

static __always_inline void who_fill_of(struct scratch *s, struct vs_rec_op *rec,
					struct task_struct *other)
{
	struct task_struct *task = other ?: who_task();
	__u64 pid_tgid = bpf_get_current_pid_tgid();

	s->other = (__u64)other;
	rec->pid = other ? (__u32)READ(other, tgid) : pid_tgid >> 32;
	rec->tid = other ? (__u32)READ(other, pid) : pid_tgid;
	rec->uid = who_uid(other);
	who_comm(rec->comm, other);
	if (cfg.want_parent) {
		struct task_struct *parent = READ(task, real_parent);

		rec->ppid = READ(parent, tgid);
		bpf_core_read_str(rec->pcomm, sizeof(rec->pcomm), &parent->comm);
	}
	if (cfg.want_cgroup)
		who_set_cgroup(s, rec, who_cgroup_id(other));
	rec->mnt_ns = READ(READ(READ(task, nsproxy), mnt_ns), ns.inum);
}

/* With what lies behind the NUL, which the user side does not look at. */
static __always_inline void who_comm_typed(char to[VS_COMM_LEN], struct task_struct *task)
{
	((__u64 *)to)[0] = *(volatile __u64 *)&task->comm[0];
	((__u64 *)to)[1] = *(volatile __u64 *)&task->comm[8];
}

static __always_inline __u64 who_cgroup_typed(struct task_struct *task)
{
	if (!cfg.want_cgroup)
		return 0;
	return cfg.cgroup_v1 ? who_cgroup_id(NULL) : task->cgroups->dfl_cgrp->kn->id;
}

/* Of the current task, as a pointer that the verifier knows; but for its ids and its cgroup. */
static __always_inline void who_fill_typed(struct vs_rec_op *rec, struct task_struct *task)
{
	struct task_struct *parent;

	rec->uid = task->cred->uid.val;
	rec->mnt_ns = task->nsproxy->mnt_ns->ns.inum;
	who_comm_typed(rec->comm, task);
	if (!cfg.want_parent) {
		rec->ppid = 0;
		__builtin_memset(rec->pcomm, 0, sizeof(rec->pcomm));
		return;
	}
	parent = task->real_parent;
	rec->ppid = parent->tgid;
	who_comm_typed(rec->pcomm, parent);
}

/* Rows of totals are keyed by names, so those end in NULs. */
static __always_inline void who_fill(struct scratch *s, struct vs_rec_op *rec)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct task_struct *task;

	if (!TYPED_TASK || cfg.totals.on) {
		who_fill_of(s, rec, NULL);
		return;
	}
	task = task_typed();
	s->other = 0;
	rec->pid = pid_tgid >> 32;
	rec->tid = pid_tgid;
	who_fill_typed(rec, task);
	if (cfg.want_cgroup)
		who_set_cgroup(s, rec, who_cgroup_typed(task));
}

/* Do absolute paths mean to the task what they mean to vfscope? */
static __always_inline bool who_has_our_root(void)
{
	struct fs_struct *fs = READ(who_task(), fs);

	return (__u64)READ(fs, root.dentry) == self_root[0] &&
	       (__u64)READ(fs, root.mnt) == self_root[1];
}

/*
 * A child of vfscope is followed from its exec on; a child of one that is followed or, with
 * --children, named, at once. parent is the current task.
 */
static __always_inline void who_fork(struct task_struct *parent, struct task_struct *child)
{
	__u32 parent_tid = READ(parent, pid), tid = READ(child, pid);
	__u8 *known = bpf_map_lookup_elem(&followed, &parent_tid);
	__u8 state;

	if (known)
		state = *known;
	else if (cfg.follow_fork && (__u32)READ(parent, tgid) == self_tgid)
		state = FOLLOW_AT_EXEC;
	else if (cfg.children && who_is_named(NULL, READ(parent, tgid), parent_tid))
		state = FOLLOW;
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

	if (!bpf_map_lookup_elem(&followed, &old_tid) &&
	    !(cfg.children && cfg.by_tid && who_is_named(NULL, tid, old_tid)))
		return;
	if (bpf_map_update_elem(&followed, &tid, &state, BPF_ANY))
		lost(VS_LOST_MAP_FULL);
	if (old_tid != tid)
		bpf_map_delete_elem(&followed, &old_tid);
}

#endif
