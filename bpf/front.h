/* SPDX-License-Identifier: GPL-2.0 */
/*
 * In front of the cache of files: a small table of those that a program has met lately on its
 * processor. They are told by loads from where the verifier knows what is there, which is much
 * cheaper than a look into a hash. What is not found there goes the long way, and is kept.
 *
 * Which file it is, is asked as in file.h, but for the id of the mount: a mount whose memory is
 * used again was unmounted before, which raises names_epoch.
 */
#ifndef VFSCOPE_FRONT_H
#define VFSCOPE_FRONT_H

static __always_inline __u64 front_generations(struct inode *inode, struct inode *dir)
{
	return (__u64)inode->i_generation << 32 | dir->i_generation;
}

/*
 * Is it the place of this file? Compared is what the fingerprint of a file is made of, each word as
 * it is read: the stack is short.
 */
static __always_inline bool front_is(const struct front *front, struct file *file,
				     struct dentry *dentry, struct inode *inode,
				     struct task_struct *task)
{
	struct inode *dir;

	if (front->dentry != (__u64)dentry || front->mnt != (__u64)file->f_path.mnt ||
	    front->root != (__u64)task->fs->root.dentry ||
	    front->root_mnt != (__u64)task->fs->root.mnt || front->epoch != names_epoch ||
	    front->name != dentry->d_name.hash || front->hashed != !!dentry->d_hash.pprev)
		return false;
	dir = dentry->d_parent->d_inode;
	return front->dir_ino == dir->i_ino && front->generations == front_generations(inode, dir);
}

/* What it takes to be that, for front_keep. */
static __always_inline void front_ask(struct front *front, struct file *file,
				      struct task_struct *task)
{
	struct dentry *dentry = file->f_path.dentry;
	struct inode *inode = dentry->d_inode, *dir;

	front->epoch = names_epoch; /* first: what comes in between raises it */
	front->dentry = (__u64)dentry;
	front->mnt = (__u64)file->f_path.mnt;
	front->root = (__u64)task->fs->root.dentry;
	front->root_mnt = (__u64)task->fs->root.mnt;
	front->ino = inode->i_ino;
	front->name = dentry->d_name.hash;
	front->hashed = !!dentry->d_hash.pprev;
	dir = dentry->d_parent->d_inode;
	front->dir_ino = dir->i_ino;
	front->generations = front_generations(inode, dir);
}

/* The place of a file; NULL: it has none. */
static __always_inline struct front *front_find(__u32 set, __u32 prog, struct file *file,
						struct task_struct *task)
{
	struct dentry *dentry = file->f_path.dentry;
	struct inode *inode = dentry->d_inode;
	__u64 ino = inode->i_ino;
	__u32 at = (bpf_get_smp_processor_id() * VS_FRONT_SETS + set) * VS_FRONTS + ino % VS_FRONTS;
	struct front *front = bpf_map_lookup_elem(&fronts, &at);
	struct scratch *s;

	if (front && front->ino == ino && front_is(front, file, dentry, inode, task))
		return front;
	s = scratch_of(prog);
	if (!s)
		return NULL;
	s->front_at = at + 1;
	front_ask(&s->front, file, task);
	return NULL;
}

/* Keeps what was found of the FIRST file since, if its path was sent or few are; cgroup: see front.
 */
static __always_inline void front_keep(struct scratch *s, __u64 cgroup)
{
	const struct file_ref *ref = &s->ref[FIRST];
	__u32 at = s->front_at - 1;
	struct front *front;

	if (!cfg.fronts || !s->front_at)
		return;
	s->front_at = 0;
	front = bpf_map_lookup_elem(&fronts, &at);
	if (!front || (ref->wanted && cfg.want_path && cfg.any_result && !ref->id))
		return;
	/* all of these have one inode, and names of which no hash is made */
	if (ref->ftype == VS_FTYPE_ANON)
		return;
	s->front.id = cfg.want_path ? ref->id : 0;
	s->front.cgroup = cgroup;
	FILE_COPY(&s->front, ref);
	*front = s->front;
}

static __always_inline void front_fill(struct file_ref *ref, const struct front *front,
				       struct file *file)
{
	ref->file = (__u64)file;
	ref->dentry = front->dentry;
	ref->mnt = front->mnt;
	ref->id = front->id;
	ref->ino = front->ino;
	FILE_COPY(ref, front);
}

/* Of a descriptor, as a pointer that the verifier knows; NULL: it cannot be had so. */
static __always_inline struct file *front_file(int fd)
{
	struct file *file;

	if (!cfg.fronts)
		return NULL;
	if (!cfg.direct_reads)
		return file_of_low_fd(fd);
	file = file_of_fd(fd);
	return file ? TYPED(file) : NULL;
}

#endif
