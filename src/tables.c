/* SPDX-License-Identifier: GPL-2.0 */
#include "tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OP_ROW(e, name, group, help) [VS_OP_##e] = {name, VS_GROUP_##group, help},
const struct op_row op_table[VS_OP_MAX] = {VS_OPS(OP_ROW)};

#define GROUP_ROW(e, name, help) [VS_GROUP_##e] = {name, help},
const struct word group_table[VS_GROUP_MAX] = {VS_GROUPS(GROUP_ROW)};

#define VIA_ROW(e, name, help) [VS_VIA_##e] = {name, help},
const struct word via_table[VS_VIA_MAX] = {VS_VIAS(VIA_ROW)};

#define FTYPE_ROW(e, name, help) [VS_FTYPE_##e] = {name, help},
const struct word ftype_table[VS_FTYPE_MAX] = {VS_FTYPES(FTYPE_ROW)};

#define KIND_ROW(e, name, help) [VS_KIND_##e] = {name, help},
const struct word kind_table[VS_KIND_MAX] = {VS_KINDS(KIND_ROW)};

#define LOST_ROW(e, name, help) [VS_LOST_##e] = {name, help},
const struct word lost_table[VS_LOST_MAX] = {VS_LOSTS(LOST_ROW)};

/* in the order of their names */
const struct fs_row fs_table[] = {
	{"anon_inodefs", VS_FS_PSEUDO | VS_FS_ANON},
	{"autofs", VS_FS_PSEUDO},
	{"bdev", VS_FS_PSEUDO},
	{"binder", VS_FS_PSEUDO},
	{"binfmt_misc", VS_FS_PSEUDO},
	{"bpf", VS_FS_PSEUDO},
	{"cgroup", VS_FS_PSEUDO},
	{"cgroup2", VS_FS_PSEUDO},
	{"configfs", VS_FS_PSEUDO},
	{"cpuset", VS_FS_PSEUDO},
	{"dax", VS_FS_PSEUDO},
	{"debugfs", VS_FS_PSEUDO},
	{"devpts", VS_FS_PSEUDO},
	{"devtmpfs", VS_FS_PSEUDO},
	{"dmabuf", VS_FS_PSEUDO},
	{"drm", VS_FS_PSEUDO},
	{"efivarfs", VS_FS_PSEUDO},
	{"fusectl", VS_FS_PSEUDO},
	{"mqueue", VS_FS_PSEUDO},
	{"nfsd", VS_FS_PSEUDO},
	{"nsfs", VS_FS_PSEUDO},
	{"pidfs", VS_FS_PSEUDO},
	{"pipefs", VS_FS_PSEUDO},
	{"proc", VS_FS_PSEUDO},
	{"pstore", VS_FS_PSEUDO},
	{"resctrl", VS_FS_PSEUDO},
	{"rpc_pipefs", VS_FS_PSEUDO},
	{"secretmem", VS_FS_PSEUDO},
	{"securityfs", VS_FS_PSEUDO},
	{"selinuxfs", VS_FS_PSEUDO},
	{"smackfs", VS_FS_PSEUDO},
	{"sockfs", VS_FS_PSEUDO},
	{"sysfs", VS_FS_PSEUDO},
	{"tracefs", VS_FS_PSEUDO},
};
const size_t fs_table_len = sizeof(fs_table) / sizeof(fs_table[0]);

static int compare_fs(const void *name, const void *row)
{
	return strcmp(name, ((const struct fs_row *)row)->name);
}

__u8 fs_bits(const char *name)
{
	const struct fs_row *row =
		bsearch(name, fs_table, fs_table_len, sizeof(*fs_table), compare_fs);

	return row ? row->bits : 0;
}

__u64 ops_of(const char *name)
{
	__u64 ops = 0;

	for (int op = 1; op < VS_OP_MAX; op++)
		if (!strcmp(name, "all") || !strcmp(name, op_table[op].name) ||
		    !strcmp(name, group_table[op_table[op].group].name))
			ops |= VS_BIT(op);
	return ops;
}

void ops_write(char *buf, size_t size, __u64 ops, int max)
{
	size_t len = 0;

	*buf = '\0';
	for (int op = 1; op < VS_OP_MAX && max >= 0 && len < size; op++) {
		if (!(ops & VS_BIT(op)))
			continue;
		len += snprintf(buf + len, size - len, "%s%s", len ? ", " : "",
				max ? op_table[op].name : "...");
		max--;
	}
}
