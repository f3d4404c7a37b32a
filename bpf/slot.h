/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Slots: an operation like the one before, by the same task on the same file, belongs into the
 * same row. To find that out by comparing a few words of the kernel's memory is much cheaper than
 * to look the file up, put the key together and look the row up. So the first operation of an
 * interval that finds its slot free takes it (slot_claim in agg.h), and those that are like it
 * are added to it here, or, where it was not wanted, no more looked at. The others go the long
 * way; nothing is evicted.
 *
 * Like a row of the maps a slot belongs to one program on one processor and one interval, and the
 * user side reads it when nobody writes to it any more. Which fields a row may be keyed by, so
 * that the words below decide them all, is known to totals_slots_fit.
 */
#ifndef VFSCOPE_SLOT_H
#define VFSCOPE_SLOT_H

/* What an operation is, as far as the row that it belongs to depends on it: words of vs_slot. */
enum { SLOT_TASK, SLOT_DENTRY, SLOT_MNT, SLOT_ROOT, SLOT_ROOT_MNT, SLOT_FILE, SLOT_MORE };
enum { SLOT_COMM, SLOT_UID = SLOT_COMM + 2, SLOT_MORE_WORDS };
_Static_assert(SLOT_MORE + SLOT_MORE_WORDS == VS_SLOT_WORDS, "as the user side allots them");

struct slot_id {
	__u64 task;
	void *dentry, *mnt, *root,
		*root_mnt; /* where paths play no part: the type of the file system, ... */
	__u64 file;	   /* ... and of the file; else its fingerprint; and the bucket */
	__u64 *more;	   /* SLOT_MORE_WORDS of them, not on the stack, which is short */
};

/* What the file is, from a pointer that the verifier knows; returns what to hash. */
static __always_inline __u64 slot_set_file(struct slot_id *id, struct file *file, __u32 bucket)
{
	struct task_struct *task;
	struct super_block *sb;
	struct dentry *dentry;
	struct inode *inode;

	if (!cfg.totals.by_path) {
		inode = file->f_inode;
		sb = inode->i_sb;
		id->dentry = sb->s_type;
		id->mnt = id->root = id->root_mnt = NULL;
		id->file = (inode->i_mode & S_IFMT) | bucket;
		return (sb->s_magic ^ sb->s_magic >> 8) + (id->file >> 12) + bucket;
	}
	dentry = file->f_path.dentry;
	inode = dentry->d_inode;
	task = task_typed();
	id->dentry = dentry;
	id->mnt = file->f_path.mnt;
	id->root = task->fs->root.dentry;
	id->root_mnt = task->fs->root.mnt;
	id->file = file_fingerprint(dentry, inode, NULL, true);
	if (cfg.totals.dist)
		id->file = mix(id->file, bucket);
	return id->file;
}

static __always_inline void slot_set_more(struct slot_id *id)
{
	__builtin_memset(id->more, 0, SLOT_MORE_WORDS * 8);
	if (cfg.totals.keys & VS_BIT(VS_KEY_TID))
		id->task = bpf_get_current_pid_tgid();
	if (cfg.totals.keys & VS_BIT(VS_KEY_COMM))
		bpf_get_current_comm(&id->more[SLOT_COMM], VS_COMM_LEN);
	if (cfg.totals.keys & VS_BIT(VS_KEY_UID))
		id->more[SLOT_UID] = (__u32)bpf_get_current_uid_gid();
}

/* Word by word: the verifier lets a pointer be compared and stored, but no number be made of it. */
static __always_inline bool slot_is(const struct vs_slot *slot, const struct slot_id *id)
{
	if (slot->id[SLOT_TASK] != id->task || slot->id[SLOT_FILE] != id->file ||
	    slot->id[SLOT_DENTRY] != (__u64)id->dentry)
		return false;
	if (cfg.totals.by_path &&
	    (slot->id[SLOT_MNT] != (__u64)id->mnt || slot->id[SLOT_ROOT] != (__u64)id->root ||
	     slot->id[SLOT_ROOT_MNT] != (__u64)id->root_mnt))
		return false;
	for (int i = 0; i < SLOT_MORE_WORDS && cfg.totals.slots_more; i++)
		if (slot->id[SLOT_MORE + i] != id->more[i])
			return false;
	return true;
}

static __always_inline void slot_put(struct vs_slot *slot, const struct slot_id *id)
{
	slot->id[SLOT_TASK] = id->task;
	slot->id[SLOT_DENTRY] = (__u64)id->dentry;
	slot->id[SLOT_MNT] = (__u64)id->mnt;
	slot->id[SLOT_ROOT] = (__u64)id->root;
	slot->id[SLOT_ROOT_MNT] = (__u64)id->root_mnt;
	slot->id[SLOT_FILE] = id->file;
	if (cfg.totals.slots_more)
		__builtin_memcpy(&slot->id[SLOT_MORE], id->more, SLOT_MORE_WORDS * 8);
}

static __always_inline __u32 slot_index(__u32 set, __u64 hash)
{
	__u32 odd = *(volatile __u32 *)&totals_epoch & 1;

	set += (bpf_get_smp_processor_id() * 2 + odd) * VS_SLOT_SETS;
	return set * VS_SLOTS + hash % VS_SLOTS;
}

/* What the file is, where that is known by now: by what the row is keyed. */
static __always_inline __u64 slot_set_ref(struct slot_id *id, const struct file_ref *ref,
					  __u32 bucket)
{
	id->file = ref->ftype | (__u64)bucket << 8;
	id->dentry = (void *)(cfg.totals.by_path ? ref->id : ref->fs_type);
	id->mnt = cfg.totals.by_path ? (void *)ref->ino : NULL;
	id->root = cfg.totals.by_path ? (void *)(__u64)ref->dev : NULL;
	id->root_mnt = NULL;
	return mix((__u64)id->dentry ^ (__u64)id->mnt, id->file);
}

/*
 * Adds an operation to its slot, whose id says which file. Returns 0, or what it takes for
 * slot_claim, where it has to go the long way: the index of a slot that is free, + 1; SLOT_NONE:
 * there is none for it.
 */
enum { SLOT_NONE = ~0U };
static __always_inline __u32 slot_add(__u32 set, __u32 prog, struct slot_id *id, __u64 hash,
				      __u32 pid, __u64 req, __s64 ret, __u64 lat_ns)
{
	__u64 moved = ret > 0 ? ret : 0;
	struct vs_slot *slot;
	struct scratch *s;
	__u32 index;

	id->task = cfg.totals.keys & VS_BIT(VS_KEY_PID) ? pid : 0;
	if (cfg.totals.slots_more) {
		s = scratch_of(prog);
		if (!s)
			return SLOT_NONE;
		id->more = s->slot_more;
		slot_set_more(id);
	}
	index = slot_index(set, hash + id->task);
	slot = bpf_map_lookup_elem(&slots, &index);
	if (!slot)
		return SLOT_NONE;
	if (!slot_is(slot, id)) {
		if (slot->state != VS_SLOT_FREE)
			return SLOT_NONE;
		slot_put(slot, id);
	}
	if (slot->state != VS_SLOT_SUMS)
		return slot->state == VS_SLOT_FREE ? index + 1 : 0;
	slot->total.count++;
	slot->total.req += vs_cut_req(req);
	slot->total.bytes += moved;
	if (ret < 0)
		slot->total.errors++;
	agg_sum_time(&slot->total, lat_ns);
	return 0;
}

/* Likewise by the file that a function was called with. */
static __always_inline __u32 slot_add_file(__u32 set, __u32 prog, struct file *file, __u32 pid,
					   __u64 req, __s64 ret, __u64 lat_ns)
{
	struct slot_id id;
	__u64 hash = slot_set_file(&id, file, agg_bucket(lat_ns, ret > 0 ? ret : 0));

	return slot_add(set, prog, &id, hash, pid, req, ret, lat_ns);
}

/* Likewise by what is known of the file: what the row is keyed by. */
static __always_inline __u32 slot_add_ref(__u32 set, __u32 prog, const struct file_ref *ref,
					  __u32 pid, __u64 req, __s64 ret, __u64 lat_ns)
{
	struct slot_id id;
	__u64 hash = slot_set_ref(&id, ref, agg_bucket(lat_ns, ret > 0 ? ret : 0));

	return slot_add(set, prog, &id, hash, pid, req, ret, lat_ns);
}

#endif
