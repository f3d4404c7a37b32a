/* SPDX-License-Identifier: GPL-2.0 */
#include "fns.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

/* What a role's argument points at; NULL: it is a number. */
static const char *const role_structs[VS_ROLE_MAX] = {
	[VS_ROLE_FILE] = "file",	  [VS_ROLE_FILE2] = "file",
	[VS_ROLE_DENTRY] = "dentry",	  [VS_ROLE_DENTRY2] = "dentry",
	[VS_ROLE_PATH] = "path",	  [VS_ROLE_PATH2] = "path",
	[VS_ROLE_RENAME] = "renamedata",  [VS_ROLE_ITER] = "iov_iter",
	[VS_ROLE_SPLICE] = "splice_desc", [VS_ROLE_IOCB] = "kiocb",
	[VS_ROLE_VMA] = "vm_area_struct", [VS_ROLE_REQUEST] = "request",
	[VS_ROLE_NAME] = "qstr",
};

/* clang-format off */
#define KERNEL(fn_, function_, ops_) \
	.fn = VS_FN_##fn_, .function = #function_, .ops = ops_, .vias = VS_BIT(VS_VIA_KERNEL), \
	.unseen = "what the kernel does by itself through " #function_
#define READS  VS_BIT(VS_OP_READ)
#define WRITES VS_BIT(VS_OP_WRITE)
#define OP(op) VS_BIT(VS_OP_##op)
#define FILE_  [VS_ROLE_FILE] = "file"
#define BUFFER .param = {FILE_, [VS_ROLE_COUNT] = "count", [VS_ROLE_POS] = "pos"}
#define ITER   .param = {FILE_, [VS_ROLE_ITER] = "iter", [VS_ROLE_POS] = "ppos"}
#define IOCB   .param = {FILE_, [VS_ROLE_ITER] = "iter", [VS_ROLE_IOCB] = "iocb"}
#define COPY   .param = {[VS_ROLE_FILE] = "file_in", [VS_ROLE_FILE2] = "file_out", [VS_ROLE_AT] = "pos_in", \
			 [VS_ROLE_AT2] = "pos_out", [VS_ROLE_COUNT] = "len"}
#define FILES  .callers = "loop nfsd ksmbd cachefiles target_core_file nvmet md_mod zram"
#define SERVES .callers = "nfsd ksmbd cachefiles"
#define CALL(fn_, function_, op_, via_) \
	.fn = VS_FN_##fn_, .function = #function_, .ops = VS_BIT(VS_OP_##op_), .vias = VS_BIT(VS_VIA_##via_), \
	.is_call = true, .param = {FILE_}, .sees = "reads and writes of programs"
#define PAGES(fn_, function_) \
	.fn = VS_FN_##fn_, .function = #function_, .ops = OP(PAGE), .is_often = true, .sees = "page: hits and misses of reads"
#define READ_ITER {[VS_ROLE_IOCB] = "iocb", [VS_ROLE_ITER] = "iter"}
#define LOOKUP(fn_, function_, tells_) \
	.fn = VS_FN_##fn_, .function = #function_, .ops = OP(LOOKUP), .vias = VS_BIT(VS_VIA_NONE), \
	.exit_tells = tells_, .param = {[VS_ROLE_DENTRY] = "parent", [VS_ROLE_NAME] = "name"}, \
	.sees = "the dentry cache", .unseen = "look-ups by " #function_
#define DENTRY .param = {[VS_ROLE_DENTRY] = "dentry"}
#define REACH(fn_, function_, ops_) \
	.fn = VS_FN_##fn_, .function = #function_, .ops = ops_, .is_often = true, .for_dirs = true, \
	.sees = "-d: where paths lead"
#define NAME_IN .entry_only = true, .param = {[VS_ROLE_PATH] = "dir", [VS_ROLE_DENTRY] = "dentry"}

const struct fn_row fn_rows[] = {
	{CALL(VFS_READ, vfs_read, READ, RW)},
	{CALL(VFS_WRITE, vfs_write, WRITE, RW)},
	{CALL(VFS_READV, vfs_readv, READ, VEC)},
	{CALL(VFS_WRITEV, vfs_writev, WRITE, VEC)},
	{KERNEL(KERNEL_READ, kernel_read, READS), BUFFER, .sees = "exec, modules, firmware"},
	{KERNEL(__KERNEL_READ, __kernel_read, READS), BUFFER, .sees = "exec, modules, firmware"},
	{KERNEL(KERNEL_WRITE, kernel_write, WRITES), BUFFER, .sees = "accounting, btrfs send"},
	{KERNEL(__KERNEL_WRITE, __kernel_write, WRITES), BUFFER, .sees = "core dumps"},
	{KERNEL(__KERNEL_WRITE_ITER, __kernel_write_iter, WRITES),
	 .param = {FILE_, [VS_ROLE_ITER] = "from", [VS_ROLE_POS] = "pos"}, .sees = "core dumps"},
	{KERNEL(VFS_ITER_READ, vfs_iter_read, READS), ITER, FILES, .sees = "NFS server, loop devices"},
	{KERNEL(VFS_ITER_WRITE, vfs_iter_write, WRITES), ITER, FILES, .sees = "NFS server, loop devices"},
	{KERNEL(VFS_IOCB_ITER_READ, vfs_iocb_iter_read, READS), IOCB, FILES, .sees = "NFS server, caches"},
	{KERNEL(VFS_IOCB_ITER_WRITE, vfs_iocb_iter_write, WRITES), IOCB, FILES, .sees = "NFS server, caches"},
	{KERNEL(SPLICE_DIRECT_TO_ACTOR, splice_direct_to_actor, READS),
	 .param = {[VS_ROLE_FILE] = "in", [VS_ROLE_SPLICE] = "sd"}, SERVES, .sees = "NFS server"},
	{KERNEL(VFS_COPY_FILE_RANGE, vfs_copy_file_range, READS | WRITES), COPY, SERVES, .sees = "NFS server"},
	{KERNEL(VFS_CLONE_FILE_RANGE, vfs_clone_file_range, READS | WRITES), COPY, SERVES, .sees = "NFS server: reflinks"},
	{KERNEL(VFS_FSYNC_RANGE, vfs_fsync_range, OP(FSYNC)),
	 .param = {FILE_, [VS_ROLE_AT] = "start"}, FILES, .sees = "NFS server, loop devices"},
	{KERNEL(ITERATE_DIR, iterate_dir, OP(READDIR)), .param = {FILE_}, SERVES, .sees = "NFS server"},
	{KERNEL(VFS_FALLOCATE, vfs_fallocate, OP(FALLOCATE)),
	 .param = {FILE_, [VS_ROLE_AT] = "offset", [VS_ROLE_COUNT] = "len"}, FILES, .sees = "NFS server"},
	{KERNEL(VFS_CREATE, vfs_create, OP(CREATE)), DENTRY, SERVES, .sees = "NFS server"},
	{KERNEL(VFS_MKDIR, vfs_mkdir, OP(MKDIR)), DENTRY, SERVES, .sees = "NFS server, devtmpfs"},
	{KERNEL(VFS_RMDIR, vfs_rmdir, OP(RMDIR)), DENTRY, SERVES, .sees = "NFS server, devtmpfs"},
	{KERNEL(VFS_UNLINK, vfs_unlink, OP(UNLINK)), DENTRY, SERVES, .sees = "NFS server, devtmpfs"},
	{KERNEL(VFS_RENAME, vfs_rename, OP(RENAME)), .param = {[VS_ROLE_RENAME] = "rd"}, SERVES, .sees = "NFS server"},
	{KERNEL(VFS_LINK, vfs_link, OP(LINK)),
	 .param = {[VS_ROLE_DENTRY] = "old_dentry", [VS_ROLE_DENTRY2] = "new_dentry"}, SERVES, .sees = "NFS server"},
	{KERNEL(VFS_SYMLINK, vfs_symlink, OP(SYMLINK)), DENTRY, SERVES, .sees = "NFS server"},
	{KERNEL(VFS_MKNOD, vfs_mknod, OP(MKNOD)), DENTRY, SERVES, .sees = "NFS server, devtmpfs, bind"},
	{KERNEL(NOTIFY_CHANGE, notify_change, OP(SETATTR)), DENTRY, SERVES, .sees = "NFS server, devtmpfs"},
	{KERNEL(VFS_GETATTR, vfs_getattr, OP(STAT)), .param = {[VS_ROLE_PATH] = "path"}, SERVES, .sees = "NFS server"},
	{.fn = VS_FN_LO_COMPLETE_RQ, .function = "lo_complete_rq", .ops = READS | WRITES,
	 .vias = VS_BIT(VS_VIA_KERNEL), .module = "loop", .entry_only = true,
	 .param = {[VS_ROLE_REQUEST] = "rq"}, .sees = "loop devices",
	 .unseen = "loop devices with direct I/O (the module loop is not loaded, or without types)"},
	{PAGES(FILEMAP_READ, filemap_read), .param = READ_ITER},
	{PAGES(GENERIC_FILE_BUFFERED_READ, generic_file_buffered_read), .param = READ_ITER}, /* up to 5.11 */
	{PAGES(FILEMAP_SPLICE_READ, filemap_splice_read), /* since 6.5 */
	 .param = {[VS_ROLE_FILE] = "in", [VS_ROLE_POS] = "ppos", [VS_ROLE_COUNT] = "len"}},
	{.fn = VS_FN_HANDLE_MM_FAULT, .function = "handle_mm_fault", .ops = OP(FAULT), .vias = VS_BIT(VS_VIA_MMAP),
	 .is_often = true, .param = {[VS_ROLE_VMA] = "vma", [VS_ROLE_ADDRESS] = "address", [VS_ROLE_FLAGS] = "flags"},
	 .sees = "page faults of mapped files"},
	{LOOKUP(__D_LOOKUP_RCU, __d_lookup_rcu, true)},
	{LOOKUP(__D_LOOKUP, __d_lookup, true)},
	{LOOKUP(D_LOOKUP, d_lookup, false)},
	{LOOKUP(D_ALLOC_PARALLEL, d_alloc_parallel, false)},
	{REACH(FILENAME_LOOKUP, filename_lookup,
	       OP(ACCESS) | OP(STAT) | OP(STATFS) | OP(SETATTR) | OP(TRUNCATE) | OP(READLINK) |
		       OP(GETXATTR) | OP(SETXATTR) | OP(LISTXATTR) | OP(REMOVEXATTR)),
	 .exit_tells = true, .param = {[VS_ROLE_PATH] = "path"}},
	{.fn = VS_FN_SECURITY_FILE_FREE, .function = "security_file_free", .ops = OP(READ) | OP(WRITE),
	 .for_dirs = true, .of_each = true, .entry_only = true, .param = {[VS_ROLE_FILE] = "file"},
	 .sees = "-d: files that are gone"},
	{REACH(SECURITY_PATH_UNLINK, security_path_unlink, OP(UNLINK)), NAME_IN},
	{REACH(SECURITY_PATH_RMDIR, security_path_rmdir, OP(RMDIR) | OP(UNLINK)), NAME_IN}, /* unlinkat is both */
	{REACH(SECURITY_PATH_MKDIR, security_path_mkdir, OP(MKDIR)), NAME_IN},
	{REACH(SECURITY_PATH_MKNOD, security_path_mknod, OP(MKNOD) | OP(CREATE)), NAME_IN},
	{REACH(SECURITY_PATH_SYMLINK, security_path_symlink, OP(SYMLINK)), NAME_IN},
	{REACH(SECURITY_PATH_LINK, security_path_link, OP(LINK)), .entry_only = true,
	 .param = {[VS_ROLE_PATH] = "new_dir", [VS_ROLE_DENTRY] = "old_dentry", [VS_ROLE_DENTRY2] = "new_dentry"}},
	{REACH(SECURITY_PATH_RENAME, security_path_rename, OP(RENAME)), .entry_only = true,
	 .param = {[VS_ROLE_PATH] = "old_dir", [VS_ROLE_DENTRY] = "old_dentry",
		   [VS_ROLE_PATH2] = "new_dir", [VS_ROLE_DENTRY2] = "new_dentry"}},
};
/* clang-format on */
const int fn_rows_len = ARRAY_LEN(fn_rows);

bool fn_is_idle(const struct fn_row *fn)
{
	char path[64];
	int len;

	for (const char *p = fn->callers; p; p = strchr(p, ' ')) {
		p += *p == ' ';
		len = strcspn(p, " ");
		snprintf(path, sizeof(path), "/sys/module/%.*s", len, p);
		if (!access(path, F_OK))
			return false;
	}
	return fn->callers;
}

static const struct btf_type *skip_modifiers(const struct btf *btf, __u32 id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (btf_is_mod(type) || btf_is_typedef(type))
		type = btf__type_by_id(btf, type->type);
	return type;
}

static bool is_pointer_to(const struct btf *btf, __u32 id, const char *name)
{
	const struct btf_type *type = skip_modifiers(btf, id);

	if (!btf_is_ptr(type))
		return false;
	type = skip_modifiers(btf, type->type);
	return btf_is_struct(type) && !strcmp(btf__name_by_offset(btf, type->name_off), name);
}

/* Is the name one of those in a list like "old|new"? */
static bool is_one_of(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = list; p; p = strchr(p, '|')) {
		p += *p == '|';
		if (!strncmp(p, name, len) && (!p[len] || p[len] == '|'))
			return true;
	}
	return false;
}

/* The position of a parameter, from 1; 0: there is none of that name and type. */
static int find_param(const struct btf *btf, const struct btf_type *proto, const char *names,
		      const char *struct_name)
{
	const struct btf_param *params = btf_params(proto);

	for (int i = 0; i < btf_vlen(proto); i++) {
		if (!is_one_of(names, btf__name_by_offset(btf, params[i].name_off)))
			continue;
		if (!struct_name || is_pointer_to(btf, params[i].type, struct_name))
			return i + 1;
	}
	return 0;
}

static int read_proto(const struct btf *btf, const struct fn_row *fn, __s32 id,
		      struct vs_fn_row *row)
{
	const struct btf_type *proto = btf__type_by_id(btf, btf__type_by_id(btf, id)->type), *ret;

	row->ops = fn->ops;
	row->args = btf_vlen(proto);
	for (int role = 0; role < VS_ROLE_MAX; role++) {
		if (!fn->param[role])
			continue;
		row->arg[role] = find_param(btf, proto, fn->param[role], role_structs[role]);
		if (!row->arg[role])
			return -EPROTO;
		row->used |= 1 << (row->arg[role] - 1);
	}
	ret = proto->type ? skip_modifiers(btf, proto->type) : NULL;
	row->ret_ptr = ret && btf_is_ptr(ret);
	row->ret32 = ret && (btf_is_int(ret) || btf_is_any_enum(ret)) && ret->size == 4;
	return 0;
}

int fn_find(const struct btf *btf, const struct fn_row *fn, struct vs_fn_row *row)
{
	struct btf *module =
		fn->module ? btf__load_module_btf(fn->module, (struct btf *)btf) : NULL;
	const struct btf *from = fn->module ? module : btf;
	__s32 id = from ? btf__find_by_name_kind(from, fn->function, BTF_KIND_FUNC) : -ENOENT;
	int err = id < 0 ? -ENOENT : read_proto(from, fn, id, row);

	btf__free(module);
	return err;
}
