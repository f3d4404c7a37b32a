/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Slots: an operation like the one before, by the same task on the same file, belongs into the
 * same row. To find that out by comparing a few words of the kernel's memory is much cheaper than
 * to look the file up, put the key together and look the row up. So the first operation of an
 * interval that finds its slot free takes it (slot_claim in agg.h), and those that are like it
 * are added to it here, or, where it was not wanted, no more looked at. The others go the long
 * way; so many of them, and what is in the slot goes into its row, and the slot to the next.
 *
 * Like a row of the maps a slot belongs to one program on one processor and one interval, and the
 * user side reads it when nobody writes to it any more. Which fields a row may be keyed by, so
 * that the words below decide them all, is known to totals_slots_fit.
 */
#ifndef VFSCOPE_SLOT_H
#define VFSCOPE_SLOT_H

/* What an operation is, as far as the row that it belongs to depends on it: words of vs_slot. */
enum { SLOT_TASK, SLOT_KIND, SLOT_MORE };
enum { SLOT_COMM, SLOT_UID = SLOT_COMM + 2, SLOT_MORE_WORDS };
enum { SLOT_BY_REF = 1 << 30 }; /* of SLOT_KIND: the file is told by slot_set_ref */
enum { SLOT_FILE = SLOT_MORE + SLOT_MORE_WORDS };
_Static_assert(SLOT_FILE + sizeof(struct front_id) / 8 == VS_SLOT_WORDS, "as the user side allots");

struct slot_id {
	__u64 task;
	/* rows are by process and file, and nothing else: known when this is compiled, as all is
	 * that follows from it */
	bool by_file;
	__u64 kind; /* the type of the file; and the bucket */
	/* which file: as front_is asks for it, or (inode NULL) by what is compared as it is */
	struct inode *inode;
	struct dentry *dentry;
	struct vfsmount *mnt;
	struct task_struct *current;
	__u64 ino;
	__u64 *more; /* SLOT_MORE_WORDS of them, not on the stack, which is short; NULL: none */
};

/* What the file is, from a pointer that the verifier knows; returns what to hash. */
static __always_inline __u64 slot_set_file(struct slot_id *id, struct file *file, __u32 bucket)
{
	struct super_block *sb;
	struct inode *inode;

	id->kind = bucket;
	if (!id->by_file && !cfg.totals.by_path) {
		inode = file->f_inode;
		sb = inode->i_sb;
		id->inode = NULL;
		id->dentry = (void *)sb->s_type;
		id->mnt = NULL;
		id->kind |= inode->i_mode & S_IFMT;
		return (sb->s_magic ^ sb->s_magic >> 8) + (id->kind >> 12) + bucket;
	}
	id->dentry = file->f_path.dentry;
	id->inode = id->dentry->d_inode;
	id->mnt = file->f_path.mnt;
	id->current = task_typed();
	id->ino = id->inode->i_ino;
	return id->ino + bucket;
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

static __always_inline struct front_id *slot_file(struct vs_slot *slot)
{
	return (struct front_id *)&slot->id[SLOT_FILE];
}

/* Word by word: the verifier lets a pointer be compared and stored, but no number be made of it. */
static __always_inline bool slot_is(struct vs_slot *slot, const struct slot_id *id)
{
	const struct front_id *file = slot_file(slot);
	struct fs_struct *fs;

	if (slot->id[SLOT_TASK] != id->task || slot->id[SLOT_KIND] != id->kind)
		return false;
	for (int i = 0; i < SLOT_MORE_WORDS && id->more; i++)
		if (slot->id[SLOT_MORE + i] != id->more[i])
			return false;
	/* within its fs_struct a process has another root by chroot, which raises names_epoch, or
	 * on another mount */
	if (id->by_file) {
		fs = id->current->fs;
		return front_is_file(file, id->mnt, id->dentry, id->inode, id->ino) &&
		       file->root == (__u64)fs && file->root_mnt == (__u64)fs->root.mnt;
	}
	if (id->inode)
		return front_is(file, id->mnt, id->dentry, id->inode, id->ino, id->current);
	return file->dentry == (__u64)id->dentry && file->mnt == (__u64)id->mnt;
}

/* False: by these words it could be taken for another one, see front_keep. */
static __always_inline bool slot_put(struct vs_slot *slot, const struct slot_id *id)
{
	struct front_id *file = slot_file(slot);

	if (id->inode && !id->dentry->d_name.hash)
		return false;
	slot->id[SLOT_TASK] = id->task;
	slot->id[SLOT_KIND] = id->kind;
	if (id->more)
		__builtin_memcpy(&slot->id[SLOT_MORE], id->more, SLOT_MORE_WORDS * 8);
	if (id->inode) {
		front_ask(file, id->mnt, id->dentry, id->inode, id->current);
		if (id->by_file)
			file->root = (__u64)id->current->fs;
		return true;
	}
	file->dentry = (__u64)id->dentry;
	file->mnt = (__u64)id->mnt;
	return true;
}

static __always_inline __u32 slot_index(__u32 set, __u64 hash)
{
	__u32 odd = *(volatile __u32 *)&totals_epoch & 1, places = cfg.totals.slots;

	set += (bpf_get_smp_processor_id() * 2 + odd) * VS_SLOT_SETS;
	return set * places + (hash & (places - 1));
}

/* What is in a slot goes into its row; 0: it has no place, and the slot remains. */
__noinline int slot_empty(__u32 index)
{
	struct vs_total *total, *sums;
	struct vs_slot *slot;
	void *rows;

	if (!cfg.totals.slots) /* then there is no such map */
		return 0;
	slot = bpf_map_lookup_elem(&slots, &index);
	if (!slot)
		return 0;
	sums = &slot->total;
	rows = index / cfg.totals.slots / VS_SLOT_SETS & 1 ? (void *)&totals_odd
							   : (void *)&totals_even;
	if (slot->state == VS_SLOT_SUMS &&
	    bpf_map_update_elem(rows, slot->key, sums, BPF_NOEXIST)) {
		total = bpf_map_lookup_elem(rows, slot->key);
		if (!total)
			return 0;
		vs_total_add(total, sums);
	}
	__builtin_memset(sums, 0, sizeof(*sums));
	slot->state = VS_SLOT_FREE;
	return 1;
}

/* Is there room for another one? What many others have asked for in vain gives way to the last. */
static __always_inline bool slot_clear(struct vs_slot *slot, __u32 index)
{
	enum { PATIENCE = 16 };

	if (slot->state == VS_SLOT_FREE)
		return true;
	if (++slot->passed < PATIENCE)
		return false;
	slot->passed = 0;
	return slot_empty(index);
}

/* What the file is, where that is known by now: by what the row is keyed. */
static __always_inline __u64 slot_set_ref(struct slot_id *id, const struct file_ref *ref,
					  __u32 bucket)
{
	id->inode = NULL;
	id->kind = SLOT_BY_REF | ref->ftype | (__u64)bucket << 8;
	id->dentry = (void *)(cfg.totals.by_path ? ref->id : ref->fs_type);
	id->mnt = NULL;
	if (cfg.totals.by_path) {
		id->kind |= (__u64)ref->dev << 32;
		id->mnt = (void *)ref->ino;
	}
	return mix((__u64)id->dentry ^ (__u64)id->mnt, id->kind);
}

/*
 * Adds an operation to its slot, whose id says which file. Returns 0, or what it takes for
 * slot_claim, where it has to go the long way: the index of a slot that is free, + 1; SLOT_NONE:
 * there is none for it.
 */
enum { SLOT_NONE = ~0U };
static __always_inline __u32 slot_add(__u32 set, struct slot_id *id, __u64 hash, __u32 pid,
				      __u64 req, __s64 ret, __u64 lat_ns)
{
	__u64 moved = ret > 0 ? ret : 0;
	struct vs_slot *slot;
	__u32 index;

	id->task = id->by_file || cfg.totals.keys & VS_BIT(VS_KEY_PID) ? pid : 0;
	if (id->more)
		slot_set_more(id);
	index = slot_index(set, hash + id->task);
	slot = bpf_map_lookup_elem(&slots, &index);
	if (!slot)
		return SLOT_NONE;
	if (!slot_is(slot, id) && !(slot_clear(slot, index) && slot_put(slot, id)))
		return SLOT_NONE;
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

/* Likewise by the file that a function was called with. more: room for what slot_set_more takes, if
 * cfg.totals.slots_more; else NULL. */
static __always_inline __u32 slot_add_file(__u32 set, __u64 *more, struct file *file, __u32 pid,
					   __u64 req, __s64 ret, __u64 lat_ns)
{
	struct slot_id id = {.more = more};
	__u64 hash = slot_set_file(&id, file, agg_bucket(lat_ns, ret > 0 ? ret : 0));

	return slot_add(set, &id, hash, pid, req, ret, lat_ns);
}

/* Likewise, where rows are by process and file, and by nothing else. */
static __always_inline __u32 slot_add_by_file(__u32 set, struct file *file, __u32 pid, __u64 req,
					      __s64 ret, __u64 lat_ns)
{
	struct slot_id id = {.by_file = true};
	__u64 hash = slot_set_file(&id, file, 0);

	return slot_add(set, &id, hash, pid, req, ret, lat_ns);
}

/* Likewise by what is known of the file: what the row is keyed by. */
static __always_inline __u32 slot_add_ref(__u32 set, __u64 *more, const struct file_ref *ref,
					  __u32 pid, __u64 req, __s64 ret, __u64 lat_ns)
{
	struct slot_id id = {.more = more};
	__u64 hash = slot_set_ref(&id, ref, agg_bucket(lat_ns, ret > 0 ? ret : 0));

	return slot_add(set, &id, hash, pid, req, ret, lat_ns);
}

#endif
