/* SPDX-License-Identifier: GPL-2.0 */
#include "overlay.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "util.h"

static const struct btf_type *find(const struct btf *btf, const char *name)
{
	__s32 id = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);

	return id > 0 ? btf__type_by_id(btf, id) : NULL;
}

/* The offset of the first of these members that a struct has, in bytes; negative: it has none. */
static int offset_of(const struct btf *btf, const char *type, const char *const members[2])
{
	const struct btf_type *t = find(btf, type);

	for (int i = 0; t && i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(btf, btf_members(t)[i].name_off);

		for (int k = 0; k < 2 && members[k]; k++)
			if (!strcmp(name, members[k]))
				return btf_member_bit_offset(t, i) / 8;
	}
	return -ENOENT;
}
#define OFFSET(btf, type, ...) offset_of(btf, type, (const char *const[2]){__VA_ARGS__})

static struct vs_overlay by_types(const struct btf *btf)
{
	int inode = OFFSET(btf, "ovl_inode", "vfs_inode");
	int upper = OFFSET(btf, "ovl_inode", "__upperdentry");
	int entry = OFFSET(btf, "ovl_inode", "oe"); /* since 6.5, 0af950f57fef */
	int count = OFFSET(btf, "ovl_entry", "numlower", "__numlower");
	int lower = OFFSET(btf, "ovl_entry", "lowerstack", "__lowerstack");
	int dentry = OFFSET(btf, "ovl_path", "dentry");

	if (inode < 0 || upper < inode || count < 0 || lower < 0 || dentry < 0)
		return (struct vs_overlay){0};
	return (struct vs_overlay){.upper = upper - inode,
				   .entry = entry < 0 ? 0 : entry - inode,
				   .count = count,
				   .lower = lower + dentry};
}

/*
 * Types of modules are told since 5.11, and only of those that are there. From 4.15 to 7.2 the
 * upper dentry stands behind the inode. Then comes the ovl_entry, since the release (6.5) that
 * brought struct backing_file; before, it is the dentry's, with an rcu_head at its beginning.
 */
static struct vs_overlay by_release(const struct btf *vmlinux)
{
	const struct btf_type *inode = find(vmlinux, "inode");
	__u16 behind = inode ? inode->size : 0;

	if (sizeof(void *) != 8 || !inode)
		return (struct vs_overlay){0};
	if (find(vmlinux, "backing_file"))
		return (struct vs_overlay){behind, behind + 8, 0, 8 + 8};
	return (struct vs_overlay){behind, 0, 16, 24 + 8};
}

struct vs_overlay overlay_layout(const struct btf *vmlinux)
{
	struct btf *module = NULL;
	struct vs_overlay found;
	bool known = find(vmlinux, "ovl_inode");

	if (!known) {
		module = btf__load_module_btf("overlay", (struct btf *)vmlinux);
		known = module && find(module, "ovl_inode");
	}
	found = known ? by_types(module ?: vmlinux) : by_release(vmlinux);
	btf__free(module);
	return found;
}
