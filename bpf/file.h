/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which file: from a descriptor to its dentry and mount, the filters on files, and the
 * cache that lets each file be looked at once.
 *
 * Invariant of the cache: an entry is used only if its fingerprint equals the one that
 * the file has now. The fingerprint covers the name and inode of the file and of its
 * directory, each with its generation, so that a dentry used again for another
 * file does not pass for the first; and names_epoch, which each rename and mount raises.
 * As long as nothing was renamed, a directory's inode has one path only, so this is enough.
 */
#ifndef VFSCOPE_FILE_H
#define VFSCOPE_FILE_H

static __always_inline struct file *file_of_fd(int fd)
{
	struct files_struct *files = OF_TASK(files);
	struct fdtable *fdt = LOOK(TYPED_TASK, files, fdt);
	struct file **slot, *file = NULL;

	if (fd < 0 || (__u32)fd >= LOOK(TYPED_TASK, fdt, max_fds))
		return NULL;
	slot = LOOK(TYPED_TASK, fdt, fd) + (__u32)fd;
	bpf_probe_read_kernel(&file, sizeof(file), slot);
	return file;
}

/*
 * The same of a low descriptor, as a pointer that the verifier knows: it lets an array of pointers
 * be indexed by what is written down only. NULL: it is none, or the table has grown out of the
 * array.
 */
#define FD_CASE(n)                                                                                 \
	case n:                                                                                    \
		return files->fd_array[n];
#define FD_CASES(n) FD_CASE(n) FD_CASE(n + 1) FD_CASE(n + 2) FD_CASE(n + 3)
#define FD_CASES_16(n) FD_CASES(n) FD_CASES(n + 4) FD_CASES(n + 8) FD_CASES(n + 12)
static __always_inline struct file *file_of_low_fd(__u32 fd)
{
	struct files_struct *files = task_typed()->files;

	if (files->fdt != &files->fdtab)
		return NULL;
	switch (fd) {
		FD_CASES_16(0)
		FD_CASES_16(16)
		FD_CASES_16(32)
		FD_CASES_16(48)
	}
	return NULL;
}

/* What a reference points at, as pointers that CO-RE can follow. */
static __always_inline struct dentry *ref_dentry(const struct file_ref *ref)
{
	return (struct dentry *)ref->dentry;
}

static __always_inline struct file *ref_file(const struct file_ref *ref)
{
	return (struct file *)ref->file;
}

/* clang-format off */
static __always_inline __u8 ftype_of_mode(__u16 mode)
{
	switch (mode & S_IFMT) {
	case 0100000: return VS_FTYPE_REG;
	case 0040000: return VS_FTYPE_DIR;
	case 0120000: return VS_FTYPE_LNK;
	case 0140000: return VS_FTYPE_SOCK;
	case 0010000: return VS_FTYPE_FIFO;
	case 0020000: return VS_FTYPE_CHR;
	case 0060000: return VS_FTYPE_BLK;
	default: return VS_FTYPE_ANON;
	}
}
/* clang-format on */

/*
 * A walk from a file towards the root, in steps: from a mount's root to where it is
 * mounted, else from a dentry to its parent. It is kept in the scratch, for the steps
 * are global functions, that take numbers only: the verifier looks at such a function
 * once (5.6, 51c39bb1d5d1), not again for each caller and each turn of a loop.
 */
static __always_inline struct mount *mount_of(struct vfsmount *vfsmnt)
{
	return (void *)vfsmnt - bpf_core_field_offset(struct mount, mnt);
}

static __always_inline void walk_init(struct walk *w, const struct file_ref *ref, bool to_our_root)
{
	struct fs_struct *fs = READ(who_task(), fs);

	w->dentry = ref_dentry(ref);
	w->mnt = mount_of((struct vfsmount *)ref->mnt);
	/* the root of kernel threads is an empty file system (7.3) */
	if (cfg.host_path || to_our_root ||
	    (cfg.direct_reads && READ(who_task(), flags) & PF_KTHREAD)) {
		w->root_dentry = (struct dentry *)self_root[0];
		w->root_mnt = mount_of((struct vfsmount *)self_root[1]);
	} else {
		w->root_dentry = READ(fs, root.dentry);
		w->root_mnt = mount_of(READ(fs, root.mnt));
	}
	w->beyond = NULL;
}

/* The same over no mounts: to the root of the file system, where it ends. */
static __always_inline void walk_init_in_fs(struct walk *w, struct dentry *dentry)
{
	w->dentry = dentry;
	w->mnt = NULL;
	w->root_dentry = NULL;
	w->beyond = NULL;
}

enum { WALK_STEPS = 16 }; /* in one function */

/*
 * NAME_walk: NAME_step, again and again until it returns something else than 0, but not
 * more than VS_COMPONENTS_MAX times. Loops by iterators of the kernel (6.4, 6018e1f407cc) are
 * looked at once; before, the loop is split in two, so that less of it has to be looked at.
 */
#define WALK_LOOP(name)                                                                            \
	__noinline int name##_steps(__u32 prog)                                                    \
	{                                                                                          \
		struct scratch *s = scratch_of(prog);                                              \
		int done = 0;                                                                      \
                                                                                                   \
		for (int i = 0; i < WALK_STEPS && !done; i++)                                      \
			done = s ? name##_step(s) : -1;                                            \
		return done;                                                                       \
	}                                                                                          \
	static __always_inline int name##_walk(struct scratch *s)                                  \
	{                                                                                          \
		struct bpf_iter_num it;                                                            \
		int done = 0;                                                                      \
                                                                                                   \
		if (!cfg.iterators) {                                                              \
			for (int i = 0; i < VS_COMPONENTS_MAX / WALK_STEPS && !done; i++)          \
				done = name##_steps(s->prog);                                      \
			return done;                                                               \
		}                                                                                  \
		bpf_iter_num_new(&it, 0, VS_COMPONENTS_MAX);                                       \
		while (bpf_iter_num_next(&it)) {                                                   \
			done = name##_step(s);                                                     \
			if (done)                                                                  \
				break;                                                             \
		}                                                                                  \
		bpf_iter_num_destroy(&it);                                                         \
		return done;                                                                       \
	}
enum walk_at { WALK_NAME, WALK_MOUNT, WALK_ROOT, WALK_END };

/*
 * Where the walk stands, after a step over a mount if there was one to make: at a dentry
 * with a name of its own, at another mount's, at the root of the task, or at an end that
 * is not the root (of another tree, or of one that is mounted nowhere).
 */
static __always_inline enum walk_at walk_cross(struct walk *w)
{
	struct mount *mnt = w->mnt, *above;

	if (w->dentry == w->root_dentry && mnt == w->root_mnt)
		return WALK_ROOT;
	if (w->dentry != READ(mnt, mnt.mnt_root))
		return WALK_NAME;
	above = READ(mnt, mnt_parent);
	if (above == mnt)
		return WALK_END;
	w->dentry = READ(mnt, mnt_mountpoint);
	w->mnt = above;
	return WALK_MOUNT;
}

/*
 * A step: 1, the walk has met a directory asked for by -d; -1, it is at its end. A bind mount
 * may show a part of a tree only, which lies below the rest of it all the same: from its root
 * the walk goes up there first, then on to where it is mounted.
 */
static __always_inline int file_below_step(struct scratch *s)
{
	struct walk *w = &s->walk;
	struct dentry *here = w->beyond ?: w->dentry, *parent = READ(here, d_parent);
	struct inode *inode = READ(here, d_inode);

	s->dir = (__u64)inode;
	if (bpf_map_lookup_elem(&dir_set, &s->dir))
		return 1;
	if (parent == here) {
		w->beyond = NULL;
		return walk_cross(w) == WALK_MOUNT ? 0 : -1;
	}
	if (w->beyond || here == READ(w->mnt, mnt.mnt_root))
		w->beyond = parent;
	else
		w->dentry = parent;
	return 0;
}

WALK_LOOP(file_below)

/*
 * Is the file, or a directory above it, one of those asked for by -d? The walk does not
 * end at the root of the task, which may itself be below one.
 */
static __always_inline bool file_below_dirs(struct scratch *s, const struct file_ref *ref)
{
	walk_init(&s->walk, ref, false);
	s->walk.root_dentry = NULL;
	return file_below_walk(s) > 0;
}

/* The name of a file system type, filled up with NULs. */
static __always_inline void file_fs_name(char fs[VS_FS_LEN], struct super_block *sb)
{
	const char *name = READ(READ(sb, s_type), name);

	__builtin_memset(fs, 0, VS_FS_LEN);
	bpf_probe_read_kernel_str(fs, VS_FS_LEN, name);
}

static __always_inline bool file_wanted(struct scratch *s, struct file_ref *ref,
					struct super_block *sb)
{
	__u8 *bits, fs_bits = 0;

	ref->below = cfg.by_dir && file_below_dirs(s, ref);
	file_fs_name(s->fs, sb);
	bits = bpf_map_lookup_elem(&fs_set, s->fs);
	if (bits)
		fs_bits = *bits;
	if (fs_bits & VS_FS_ANON)
		ref->ftype = VS_FTYPE_ANON;
	if (!(cfg.ftype_mask & VS_BIT(ref->ftype)))
		return false;
	if (!cfg.show_pseudo && (fs_bits & VS_FS_PSEUDO))
		return false;
	if (cfg.by_fs && !(fs_bits & VS_FS_SELECTED))
		return false;
	return !cfg.by_dir || ref->below;
}

/* What a file_ref, a file_val and a front know of a file alike, but for the id of its path. */
#define FILE_COPY(to, from)                                                                        \
	({                                                                                         \
		(to)->fs_type = (from)->fs_type;                                                   \
		(to)->dev = (from)->dev;                                                           \
		(to)->ftype = (from)->ftype;                                                       \
		(to)->wanted = (from)->wanted;                                                     \
		(to)->below = (from)->below;                                                       \
	})

/* Keeps what is known of a file that file_look has looked at. */
static __always_inline void file_remember(struct scratch *s, const struct file_ref *ref)
{
	s->val.fingerprint = s->fingerprint;
	s->val.id = ref->id;
	s->val.told = names_told;
	FILE_COPY(&s->val, ref);
	bpf_map_update_elem(&files, &s->key, &s->val, BPF_ANY);
}

/*
 * No hash is made of the names of files without a directory. Anonymous inodes, of which many
 * files share one, are told by the name alone.
 */
static __noinline __u64 file_unhashed_name(const unsigned char *name)
{
	__u64 text[4] = {}; /* as much of it as a dentry holds by itself */
	__u64 hash = 0;

	bpf_probe_read_kernel_str(text, sizeof(text), name);
	for (int i = 0; i < 4; i++)
		hash = mix(hash, text[i]);
	return hash;
}

/*
 * The inode and its generation do not tell all: snapshots of btrfs have those of what they are of.
 * But the hash of a name is made with the address of its directory's dentry, which lives as long as
 * what is below it.
 *
 * typed: the verifier knows what the pointers are, but for mnt, which is a part of its struct.
 * mnt NULL: without it.
 */
static __always_inline __u64 file_fingerprint(struct dentry *dentry, struct inode *inode,
					      struct mount *mnt, bool typed)
{
	struct dentry *parent = LOOK(typed, dentry, d_parent);
	struct inode *dir = LOOK(typed, parent, d_inode);
	bool hashed = LOOK(typed, dentry, d_hash.pprev);
	/* the two in one are a union, in which the verifier (6.1) knows the first member only */
	__u64 name = typed ? dentry->d_name.hash | (__u64)dentry->d_name.len << 32
			   : READ(dentry, d_name.hash_len);
	__u32 generation = LOOK(typed, dir, i_generation);
	__u64 hash = mix(names_epoch / VS_NAMES_STEP, name);

	if (!generation && overlay_is(LOOK(typed, dir, i_sb), typed))
		generation = overlay_generation(dir);
	hash = mix(hash, (mnt ? (__u64)READ(mnt, mnt_id) << 32 : 0) ^ LOOK(typed, inode, i_ino));
	hash = mix(hash, LOOK(typed, dir, i_ino) ^ (__u64)LOOK(typed, parent, d_name.hash) << 32);
	if (!(__u32)name)
		hash ^= file_unhashed_name(LOOK(typed, dentry, d_name.name));
	return mix(hash, ((__u64)LOOK(typed, inode, i_generation) << 32 | generation) ^ hashed);
}

/* Fills what is remembered of a file, by s->key and s->fingerprint. False: nothing is. */
static __noinline bool file_recall(struct scratch *s, struct file_ref *ref)
{
	struct file_val *val = bpf_map_lookup_elem(&files, &s->key);

	if (!val || val->fingerprint != s->fingerprint || (val->id && names_are_old(val->told)))
		return false;
	val->told = names_told;
	ref->id = val->id;
	FILE_COPY(ref, val);
	/* the kernel may have given the entry to another file while it was read */
	return val->fingerprint == s->fingerprint;
}

/* Under which key a file is remembered, and with which fingerprint. */
static __noinline int file_identify(struct scratch *s, struct file_ref *ref)
{
	struct dentry *dentry = ref_dentry(ref);
	struct inode *inode = READ(dentry, d_inode);

	ref->ino = READ(inode, i_ino);
	s->key.dentry = ref->dentry;
	s->key.mnt = ref->mnt;
	s->key.root = (__u64)LOOK(TYPED_TASK, OF_TASK(fs), root.dentry);
	s->key.root_mnt = (__u64)LOOK(TYPED_TASK, OF_TASK(fs), root.mnt);
	if (cfg.by_dir && s->to_our_root)
		s->key.root = s->key.root_mnt = 0;
	s->fingerprint =
		file_fingerprint(dentry, inode, mount_of((struct vfsmount *)ref->mnt), false);
	return ret_zero();
}

static __noinline int file_look_anew(struct scratch *s, struct file_ref *ref)
{
	struct super_block *sb = READ(ref_dentry(ref), d_sb);
	struct inode *inode = READ(ref_dentry(ref), d_inode);

	ref->id = 0;
	ref->fs_type = (__u64)READ(sb, s_type);
	ref->dev = READ(sb, s_dev);
	ref->ftype = inode ? ftype_of_mode(READ(inode, i_mode)) : VS_FTYPE_NONE;
	ref->wanted = file_wanted(s, ref, sb);
	file_remember(s, ref);
	return ret_zero();
}

/* Fills what is known of a file that has its dentry and mnt: remembered, or looked at now. */
__noinline int file_look(__u32 prog, __u32 which)
{
	struct scratch *s = scratch_of(prog);
	struct file_ref *ref;

	if (!s)
		return 0;
	ref = ref_of(s, which);
	file_identify(s, ref);
	if (cfg.host_path) {
		overlay_look(prog, which);
		s->fingerprint = mix(s->fingerprint, s->layer.dentry);
	}
	if (!file_recall(s, ref))
		file_look_anew(s, ref);
	return 0;
}

static __always_inline void file_set_path(struct scratch *s, __u32 which, struct vfsmount *mnt,
					  struct dentry *dentry)
{
	struct file_ref *ref = ref_of(s, which);

	ref->mnt = (__u64)mnt;
	ref->dentry = (__u64)dentry;
	if (dentry)
		file_look(s->prog, which);
}

/* Makes an open file (NULL: none) one of the files of the operation. */
static __always_inline void file_set(struct scratch *s, __u32 which, struct file *file)
{
	ref_of(s, which)->file = (__u64)file;
	file_set_path(s, which, READ(file, f_path.mnt), READ(file, f_path.dentry));
}

/* The same of a file, not NULL, that the verifier knows; without --host-path. */
static __always_inline void file_set_typed(struct scratch *s, __u32 which, struct file *file)
{
	struct task_struct *task = task_typed();
	struct file_ref *ref = ref_of(s, which);
	struct dentry *dentry = file->f_path.dentry;
	struct inode *inode = dentry->d_inode;

	ref->file = (__u64)file;
	ref->dentry = (__u64)dentry;
	ref->mnt = (__u64)file->f_path.mnt;
	ref->ino = LOOK(true, inode, i_ino);
	s->key.dentry = ref->dentry;
	s->key.mnt = ref->mnt;
	s->key.root = (__u64)task->fs->root.dentry;
	s->key.root_mnt = (__u64)task->fs->root.mnt;
	s->fingerprint = file_fingerprint(dentry, inode, mount_of(file->f_path.mnt), true);
	if (!file_recall(s, ref))
		file_look(s->prog, which);
}

/* Likewise the directory of a descriptor, or with AT_FDCWD the current one. */
static __always_inline void file_set_dir(struct scratch *s, __u32 which, int dirfd)
{
	struct fs_struct *fs = OF_TASK(fs);

	if (dirfd != AT_FDCWD) {
		file_set(s, which, file_of_fd(dirfd));
		return;
	}
	ref_of(s, which)->file = 0;
	file_set_path(s, which, LOOK(TYPED_TASK, fs, pwd.mnt), LOOK(TYPED_TASK, fs, pwd.dentry));
}

/*
 * Is an operation on this file wanted? A descriptor that is not open has no file: such
 * an operation passes unless files of some kind were asked for.
 */
static __always_inline bool ref_wanted(const struct file_ref *ref)
{
	if (!ref->dentry)
		return !cfg.by_dir && !cfg.by_fs && (cfg.ftype_mask & VS_BIT(VS_FTYPE_NONE));
	return ref->wanted;
}

#endif
