/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names: the path of a file, walked once and sent ahead of the first operation that
 * refers to it. The components are written leaf first, as the walk meets them; the
 * user side turns them round:
 *
 *     /srv/www/index.html  ->  [10]index.html[3]www[3]srv
 */
#ifndef VFSCOPE_NAME_H
#define VFSCOPE_NAME_H

enum { NSFS_MAGIC = 0x6e736673 }; /* include/uapi/linux/magic.h */

/*
 * Appends the name of a dentry. The length is kept in the record, not in a register: the
 * verifier then forgets it between steps, and does not follow each possible length.
 */
static __always_inline bool name_append(struct scratch *s, struct dentry *dentry)
{
	__u32 at = s->name.len, len = READ(dentry, d_name.hash_len) >> 32;

	if (at + len + 1 > VS_PATH_MAX || at >= VS_PATH_MAX)
		return false;
	len &= 255;
	s->components[at] = len;
	bpf_probe_read_kernel(&s->components[at + 1], len, READ(dentry, d_name.name));
	s->name.len = at + 1 + len;
	return true;
}

/* Of a file of nsfs: what kind of namespace it is. */
static __always_inline void name_append_ns(struct scratch *s, struct dentry *dentry)
{
	struct ns_common *ns = READ(READ(dentry, d_inode), i_private);
	struct proc_ns_operations *ops;
	long len;

	if (bpf_core_type_exists(struct stashed_operations))
		ops = (void *)READ(ns, ops);
	else
		ops = READ(dentry, d_fsdata);
	len = bpf_probe_read_kernel_str(&s->components[1], 256, READ(ops, name));
	s->components[0] = len > 0 ? len - 1 : 0;
	s->name.len = 1 + s->components[0];
}

/* A step: 0, go on; 1, the path is whole; -1, there was no more room. */
static __always_inline int name_step(struct scratch *s)
{
	struct dentry *here = s->walk.dentry, *parent;
	enum walk_at at = walk_cross(&s->walk);

	if (at == WALK_ROOT)
		return 1;
	if (at == WALK_MOUNT)
		return 0;
	parent = READ(here, d_parent);
	if (at == WALK_END || parent == here) {
		s->name.flags |= VS_NAME_UNREACHABLE;
		return 1;
	}
	if (!name_append(s, here))
		return -1;
	s->walk.dentry = parent;
	return 0;
}

WALK_LOOP(name)

/* To its place in its file system: where we have that, the user side knows. */
static __always_inline void name_from_fs(struct scratch *s, struct dentry *dentry)
{
	walk_init_in_fs(&s->walk, dentry);
	s->name.dev = READ(READ(dentry, d_sb), s_dev);
	s->name.len = 0;
}

/* Writes the path of a file to s->name. */
static __always_inline void name_write(struct scratch *s, const struct file_ref *ref)
{
	struct dentry *leaf = ref_dentry(ref), *parent = READ(leaf, d_parent), *in_fs;
	struct mount *mnt;
	int done;

	s->name.len = 0;
	s->name.flags = 0;
	s->name.dev = ref->dev;
	walk_init(&s->walk, ref, cfg.by_dir && s->to_our_root);
	mnt = s->walk.mnt;
	if (parent == leaf && leaf != READ(mnt, mnt.mnt_root)) {
		s->name.flags = VS_NAME_PSEUDO;
		if (READ(READ(leaf, d_sb), s_magic) == NSFS_MAGIC)
			name_append_ns(s, leaf);
		else
			name_append(s, leaf);
		return;
	}
	if (parent != leaf && !READ(leaf, d_hash.pprev))
		s->name.flags |= VS_NAME_DELETED;
	in_fs = cfg.host_path ? (struct dentry *)s->layer.dentry : NULL;
	if (in_fs)
		name_from_fs(s, (struct dentry *)s->layer.dir ?: in_fs);
	if (in_fs && s->layer.dir)
		name_append(s, leaf);
	done = name_walk(s);
	if (cfg.host_path && !in_fs && s->name.flags & VS_NAME_UNREACHABLE) {
		in_fs = leaf; /* in another mount namespace */
		name_from_fs(s, in_fs);
		done = name_walk(s);
	}
	if (in_fs)
		s->name.flags = (s->name.flags & ~VS_NAME_UNREACHABLE) | VS_NAME_IN_FS;
	if (done <= 0)
		s->name.flags |= VS_NAME_CUT;
}

/* Sends s->name under the id that it has; 0: it could not be sent, which is counted. */
static __always_inline __u64 name_send_as(struct scratch *s)
{
	__u32 len = s->name.len;

	s->name.type = VS_REC_NAME;
	if (len > sizeof(s->components))
		len = sizeof(s->components);
	if (!bpf_ringbuf_output(&ring, &s->name, sizeof(s->name) + len, 0))
		return s->name.id;
	lost(VS_LOST_PATH);
	return 0;
}

/* The same under a new id. */
static __always_inline __u64 name_send(struct scratch *s)
{
	/* unique: a clock that is never the same twice on one processor, and the processor */
	s->name.id = bpf_ktime_get_ns() << 10 | (bpf_get_smp_processor_id() & 1023);
	names_tell();
	return name_send_as(s);
}

/* Sends the path of a file whose ref has just been looked at, from the root on. */
static __always_inline void name_send_whole(struct scratch *s, struct file_ref *ref)
{
	name_write(s, ref);
	if (s->name.flags & VS_NAME_CUT)
		lost(VS_LOST_PATH_CUT);
	s->name.ino = ref->ino;
	file_fs_name(s->name.fs, READ(ref_dentry(ref), d_sb));
	ref->id = name_send(s);
	if (ref->id)
		file_remember(s, ref);
}

/* The name alone, below a directory whose path has been sent. */
static __always_inline void name_send_child(struct scratch *s, struct file_ref *ref, __u64 dir)
{
	struct dentry *leaf = ref_dentry(ref);
	__u32 len = READ(leaf, d_name.hash_len) >> 32 & 255;

	bpf_probe_read_kernel(s->components, len, READ(leaf, d_name.name));
	s->name.flags = VS_NAME_ARG;
	s->name.len = len;
	s->name.base = dir;
	s->name.dev = ref->dev;
	file_fs_name(s->name.fs, READ(leaf, d_sb));
	ref->id = name_send(s);
	if (ref->id)
		file_remember(s, ref);
}

/* Likewise of what is no file: for one record, so it is not remembered. */
static __always_inline __u64 name_send_below(struct scratch *s, const struct file_ref *dir,
					     __u64 base, struct qstr *name)
{
	__u32 len = READ(name, hash_len) >> 32 & 255;

	bpf_probe_read_kernel(s->components, len, READ(name, name));
	s->name.flags = VS_NAME_ARG;
	s->name.len = len;
	s->name.base = base;
	s->name.dev = dir->dev;
	file_fs_name(s->name.fs, READ(ref_dentry(dir), d_sb));
	return name_send(s);
}

/*
 * Makes the directory of a file DIR. False: the file is better named by itself, because it is
 * deleted, or a root, or in what is deleted, or not named by directories.
 */
static __always_inline bool name_take_dir(struct scratch *s, const struct file_ref *ref)
{
	struct dentry *leaf = ref_dentry(ref), *parent = READ(leaf, d_parent);
	struct mount *mnt = mount_of((struct vfsmount *)ref->mnt);
	struct fs_struct *fs = READ(who_task(), fs);

	if (cfg.host_path || parent == leaf || !READ(leaf, d_hash.pprev) ||
	    leaf == READ(mnt, mnt.mnt_root) || leaf == READ(fs, root.dentry))
		return false;
	if (READ(parent, d_parent) != parent && !READ(parent, d_hash.pprev))
		return false;
	s->ref[DIR].file = 0;
	s->ref[DIR].dentry = (__u64)parent;
	s->ref[DIR].mnt = ref->mnt;
	return true;
}

/*
 * The id of the path of a file of the operation, sent now if it was not yet. 0: it has
 * none, or it could not be sent, which is counted; the next operation tries again.
 */
__noinline __u64 name_id(__u32 prog, __u32 which)
{
	struct scratch *s = scratch_of(prog);
	__u64 fingerprint;
	struct file_ref *ref;

	if (!s)
		return 0;
	ref = ref_of(s, which);
	if (!ref->dentry || ref->id || s->names_fixed)
		return ref->dentry ? ref->id : 0;
	/* another thread may have sent it since the call began */
	file_look(prog, which);
	if (ref->id)
		return ref->id;
	if (!name_take_dir(s, ref)) {
		name_send_whole(s, ref);
		return ref->id;
	}
	fingerprint = s->fingerprint;
	file_look(prog, DIR);
	if (!s->ref[DIR].id)
		name_send_whole(s, &s->ref[DIR]);
	if (!s->ref[DIR].id)
		return 0;
	s->key.dentry = ref->dentry;
	s->fingerprint = fingerprint;
	name_send_child(s, ref, s->ref[DIR].id);
	return ref->id;
}

/*
 * The id of the path that the root of the task, which is the FIRST file, has as vfscope sees it:
 * from our root on, or from the uppermost directory of another mount namespace.
 */
static __always_inline __u64 name_of_root(struct scratch *s)
{
	__u64 id;

	s->ref[FIRST].id = 0;
	s->to_our_root = 1;
	id = name_id(s->prog, FIRST);
	s->to_our_root = 0;
	return id;
}

static __always_inline __u64 name_asked(struct scratch *s, __u32 which)
{
	return cfg.want_path ? name_id(s->prog, which) : 0;
}

/* The same of a directory that a path as passed is relative to: the filters need it too. */
static __always_inline __u64 name_base(struct scratch *s, __u32 which)
{
	return cfg.want_path || cfg.want_base ? name_id(s->prog, which) : 0;
}

/* Sends the text in s->components under a new id; it is of no file system. */
static __always_inline __u64 name_send_components(struct scratch *s, enum vs_name_flags kind,
						  __u64 base, __u32 len)
{
	s->name.flags = kind;
	s->name.base = base;
	s->name.dev = 0;
	s->name.len = len;
	__builtin_memset(s->name.fs, 0, sizeof(s->name.fs));
	return name_send(s);
}

/*
 * Sends a path that a program has passed, and that stands in the kernel's memory; it will
 * not stand there when the operation ends. in_root: as an absolute one, which does not lead out of
 * its root.
 */
static __always_inline __u64 name_send_text(struct scratch *s, enum vs_name_flags kind, __u64 base,
					    const char *text, bool in_root)
{
	__u32 at = in_root ? 1 : 0;
	long len = bpf_probe_read_kernel_str(&s->components[at], VS_PATH_MAX, text);

	if (len < 1) {
		lost(VS_LOST_PATH);
		return 0;
	}
	if (in_root)
		s->components[0] = '/';
	return name_send_components(s, kind, base, at + ((len - 1) & (VS_PATH_MAX - 1)));
}

#endif
