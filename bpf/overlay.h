/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Overlayfs: which directory it is, and with --host-path the file in a layer that a file of the
 * merged tree stands for. A directory stands for those of all layers, and so for itself. The
 * structs are the file system's own, mostly a module's; where their members are, the user side has
 * found out (src/overlay.c).
 */
#ifndef VFSCOPE_OVERLAY_H
#define VFSCOPE_OVERLAY_H

enum { OVERLAYFS_MAGIC = 0x794c7630 }; /* include/uapi/linux/magic.h */

static __always_inline bool overlay_is(struct super_block *sb, bool typed)
{
	return LOOK(typed, sb, s_magic) == OVERLAYFS_MAGIC;
}

/* The dentry in the first of the lower layers that has the file, to s->layer.dentry. */
static __always_inline void overlay_lower(struct scratch *s, struct dentry *dentry,
					  struct inode *inode)
{
	if (cfg.overlay.entry)
		bpf_probe_read_kernel(&s->layer.entry, 8, (void *)inode + cfg.overlay.entry);
	else
		s->layer.entry = (__u64)READ(dentry, d_fsdata);
	s->layer.count = 0;
	bpf_probe_read_kernel(&s->layer.count, 4, (void *)s->layer.entry + cfg.overlay.count);
	if (s->layer.count)
		bpf_probe_read_kernel(&s->layer.dentry, 8,
				      (void *)s->layer.entry + cfg.overlay.lower);
}

/*
 * Finds the file in its layer: in the upper one, if it was created there or has been copied up,
 * which may happen at any time. s->layer.dentry is 0 if it is not on overlayfs, or not found. In
 * the upper layer it has the name that it has in the merged tree, in s->layer.dir: its own dentry
 * there may be that of the file without a name that it was copied up to.
 */
__noinline int overlay_look(__u32 prog, __u32 which)
{
	struct scratch *s = scratch_of(prog);
	struct dentry *dentry;
	struct inode *inode;

	if (!s)
		return 0;
	s->layer.dentry = s->layer.dir = 0;
	dentry = (struct dentry *)ref_of(s, which)->dentry;
	inode = READ(dentry, d_inode);
	if (!cfg.overlay.upper || !overlay_is(READ(dentry, d_sb), false) ||
	    (READ(inode, i_mode) & S_IFMT) == S_IFDIR)
		return 0;
	bpf_probe_read_kernel(&s->layer.dentry, 8, (void *)inode + cfg.overlay.upper);
	if (s->layer.dentry)
		bpf_probe_read_kernel(&s->layer.dir, 8,
				      (void *)READ(READ(dentry, d_parent), d_inode) +
					      cfg.overlay.upper);
	else
		overlay_lower(s, dentry, inode);
	/* another type: the members are elsewhere than we know */
	dentry = (struct dentry *)s->layer.dentry;
	if ((READ(READ(dentry, d_inode), i_mode) ^ READ(inode, i_mode)) & S_IFMT)
		s->layer.dentry = 0;
	return 0;
}

/*
 * What tells a directory from one that had its number before is its generation. Here it has the
 * number of a layer, but no generation: it is that of the directory in the upper layer, the only
 * one where directories come and go. 0: it is in none, or has none. One word of the stack holds all
 * that is read, for it is called where that is short.
 */
static __noinline __u32 overlay_generation(struct inode *dir)
{
	struct inode *inode;
	__u64 word = 0;

	if (!cfg.overlay.upper)
		return 0;
	bpf_probe_read_kernel(&word, sizeof(word), (void *)dir + cfg.overlay.upper);
	bpf_core_read(&word, sizeof(word), &((struct dentry *)word)->d_inode);
	inode = (void *)word;
	word = 0;
	bpf_core_read(&word, sizeof(inode->i_mode), &inode->i_mode);
	if ((word & S_IFMT) != S_IFDIR) /* another type: as above */
		return 0;
	word = 0;
	bpf_core_read(&word, sizeof(inode->i_generation), &inode->i_generation);
	return word;
}

#endif
