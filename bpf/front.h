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

/* The generation of a file's directory, as in file_fingerprint. */
static __always_inline __u32 front_dir_generation(const struct front_id *is, struct inode *dir)
{
	return is->on_overlay ? overlay_generation(dir) : dir->i_generation;
}

/*
 * Does what has this dentry lie where that lay which had it? That is all that -d asks for: what
 * lies in one directory, seen through one mount, is below the same ones. The directory is told as
 * in file_fingerprint.
 */
static __always_inline bool front_lies_there(const struct front_id *is, struct vfsmount *mnt,
					     struct dentry *dentry, __u64 ino)
{
	struct dentry *parent;
	struct inode *dir;

	if (is->dentry != (__u64)dentry || is->mnt != (__u64)mnt || is->ino != ino ||
	    is->epoch != names_epoch)
		return false;
	parent = dentry->d_parent;
	dir = parent->d_inode;
	return is->dir_name == parent->d_name.hash && is->dir_ino == dir->i_ino &&
	       is->dir_generation == front_dir_generation(is, dir);
}

/*
 * Is it this file? Compared is what the fingerprint of a file is made of, each word as it is read:
 * the stack is short. ino: that of the inode, which to load again costs.
 */
static __always_inline bool front_is_file(const struct front_id *is, struct vfsmount *mnt,
					  struct dentry *dentry, struct inode *inode, __u64 ino)
{
	return front_lies_there(is, mnt, dentry, ino) && is->name == dentry->d_name.hash &&
	       is->generation == inode->i_generation && is->hashed == !!dentry->d_hash.pprev;
}

/* And is it seen from this task's root? */
static __always_inline bool front_is(const struct front_id *is, struct vfsmount *mnt,
				     struct dentry *dentry, struct inode *inode, __u64 ino,
				     struct task_struct *task)
{
	struct fs_struct *fs;

	if (!front_is_file(is, mnt, dentry, inode, ino))
		return false;
	fs = task->fs;
	return is->root == (__u64)fs->root.dentry && is->root_mnt == (__u64)fs->root.mnt;
}

/* Says which file it is from now on. */
static __always_inline void front_ask(struct front_id *is, struct vfsmount *mnt,
				      struct dentry *dentry, struct inode *inode,
				      struct task_struct *task)
{
	struct inode *dir;

	is->epoch = names_epoch; /* first: what comes in between raises it */
	is->dentry = (__u64)dentry;
	is->mnt = (__u64)mnt;
	is->root = (__u64)task->fs->root.dentry;
	is->root_mnt = (__u64)task->fs->root.mnt;
	is->ino = inode->i_ino;
	is->name = dentry->d_name.hash;
	is->hashed = !!dentry->d_hash.pprev;
	is->dir_name = dentry->d_parent->d_name.hash;
	dir = dentry->d_parent->d_inode;
	is->generation = inode->i_generation;
	is->dir_ino = dir->i_ino;
	is->on_overlay = overlay_is(dir->i_sb, true);
	is->dir_generation = front_dir_generation(is, dir);
}

static __always_inline __u32 front_index(__u32 set, __u64 ino)
{
	__u32 places = cfg.fronts;

	return (bpf_get_smp_processor_id() * VS_FRONT_SETS + set) * places + (ino & (places - 1));
}

/*
 * Is it known to lie below none of -d? By less than it takes to tell which file it is; where
 * cfg.fronts_tell. stays: nobody can close it meanwhile.
 */
static __always_inline bool front_is_outside(__u32 set, struct file *file, bool stays)
{
	struct dentry *dentry;
	struct front *front;
	__u64 ino;
	__u32 at;

	dentry = file->f_path.dentry;
	ino = dentry->d_inode->i_ino;
	at = front_index(set, ino);
	front = bpf_map_lookup_elem(&fronts, &at);
	if (!front || front->below || !front_lies_there(&front->is, file->f_path.mnt, dentry, ino))
		return false;
	if (stays)
		outside_put(file, front->is.epoch);
	return true;
}

/* The place of what has this dentry and mount; NULL: it has none. */
static __always_inline struct front *front_look(__u32 set, struct vfsmount *mnt,
						struct dentry *dentry, struct task_struct *task)
{
	struct inode *inode = dentry->d_inode;
	__u64 ino = inode->i_ino;
	__u32 at = front_index(set, ino);
	struct front *front = bpf_map_lookup_elem(&fronts, &at);

	return front && front_is(&front->is, mnt, dentry, inode, ino, task) ? front : NULL;
}

/* Likewise; what has none may be given one by front_keep. */
static __always_inline struct front *front_find(__u32 set, __u32 prog, struct vfsmount *mnt,
						struct dentry *dentry, struct task_struct *task)
{
	struct front *front = front_look(set, mnt, dentry, task);
	struct scratch *s;

	if (front)
		return front;
	s = scratch_of(prog);
	if (!s)
		return NULL;
	s->front_at = front_index(set, dentry->d_inode->i_ino) + 1;
	front_ask(&s->front.is, mnt, dentry, dentry->d_inode, task);
	return NULL;
}

static __always_inline struct front *front_find_file(__u32 set, __u32 prog, struct file *file,
						     struct task_struct *task)
{
	return front_find(set, prog, file->f_path.mnt, file->f_path.dentry, task);
}

/* Keeps what was found of the FIRST file since, if its path was sent or few are. */
static __always_inline void front_keep(struct scratch *s)
{
	const struct file_ref *ref = &s->ref[FIRST];
	__u32 at = s->front_at - 1;
	struct front *front;

	if (!cfg.fronts || !s->front_at)
		return;
	s->front_at = 0;
	/* another thread may have put another file in the place of the one that was looked for */
	if (s->front.is.dentry != ref->dentry || s->front.is.mnt != ref->mnt)
		return;
	front = bpf_map_lookup_elem(&fronts, &at);
	if (!front || (ref->wanted && cfg.want_path && cfg.any_result && !ref->id))
		return;
	/* all of these have one inode, and names of which no hash is made */
	if (ref->ftype == VS_FTYPE_ANON)
		return;
	s->front.id = ref->id;
	FILE_COPY(&s->front, ref);
	*front = s->front;
}

static __always_inline void front_fill(struct file_ref *ref, const struct front *front,
				       struct file *file)
{
	ref->file = (__u64)file;
	ref->dentry = front->is.dentry;
	ref->mnt = front->is.mnt;
	ref->id = front->id;
	ref->ino = front->is.ino;
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

/*
 * What a path is relative to becomes the FIRST file, as by file_set_dir, if it was met lately; at
 * the exit of calls. False: it was not, or its path has not been sent.
 */
static __noinline bool front_take_dir(struct scratch *s, int dirfd)
{
	struct task_struct *task;
	struct front *front;
	struct file *file;

	if (!cfg.fronts || s->prog != PROG_EXIT)
		return false;
	task = task_typed();
	if (dirfd == AT_FDCWD) {
		file = NULL;
		front = front_find(VS_FRONT_DONE, PROG_EXIT, task->fs->pwd.mnt,
				   task->fs->pwd.dentry, task);
	} else {
		file = front_file(dirfd);
		if (!file)
			return false;
		front = front_find_file(VS_FRONT_DONE, PROG_EXIT, file, task);
	}
	if (!front || !front->id)
		return false;
	front_fill(&s->ref[FIRST], front, file);
	return true;
}

/* Makes a file that the verifier knows the FIRST one, by what is known of it from lately if
 * anything is; at the exit of calls. */
static __noinline int front_set_file(struct scratch *s, struct file *file)
{
	struct front *front = front_find_file(VS_FRONT_DONE, PROG_EXIT, file, task_typed());

	if (front && (front->id || !cfg.want_path))
		front_fill(&s->ref[FIRST], front, file);
	else
		file_set_typed(s, FIRST, file);
	return ret_zero();
}

#endif
