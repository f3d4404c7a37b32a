/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers: arch/x86/entry/syscalls/syscall_64.tbl and syscall_32.tbl, and
 * scripts/syscall.tbl (include/uapi/asm-generic/unistd.h) for arm64. A number is never
 * given to another call, so a row holds for every kernel that has it.
 *
 * Arguments are counted from 1. Where the 32-bit call takes them otherwise, it has a row
 * of its own.
 */
#include "syscalls.h"

#include <stdbool.h>
#include <string.h>

#include "tables.h"

/* clang-format off */
#define FD(op_, ...)   { .op = VS_OP_##op_, .shape = VS_SHAPE_FD, .fd = 1, __VA_ARGS__ }
#define PATH(op_, ...) { .op = VS_OP_##op_, .shape = VS_SHAPE_PATH, __VA_ARGS__ }
#define OPEN(...)      { .op = VS_OP_OPEN, .shape = VS_SHAPE_OPEN, __VA_ARGS__ }
#define TWO(op_, ...)  { .op = VS_OP_##op_, .shape = VS_SHAPE_TWO_PATHS, __VA_ARGS__ }
#define COPY(via_, ...) { .op = VS_OP_WRITE, .op2 = VS_OP_READ, .via = VS_VIA_##via_, .shape = VS_SHAPE_COPY, \
			  __VA_ARGS__ }
#define AIO(shape_)    { .op = VS_OP_READ, .op2 = VS_OP_WRITE, .via = VS_VIA_AIO, .shape = VS_SHAPE_AIO_##shape_ }
#define MOVES_NAMES    { .bits = MOVES }

#define RW   .via = VS_VIA_RW, .len = 3
#define VEC  .via = VS_VIA_VEC, .len = 3
#define POS  VS_SYS_RET_BYTES | VS_SYS_OFF_POS
#define AT   VS_SYS_RET_BYTES
#define IOV  VS_SYS_RET_BYTES | VS_SYS_IOVEC
#define S64  VS_SYS_SPLIT64
#define L64  VS_SYS_SPLIT_LEN
#define L32  VS_SYS_LEN32
#define OFF2 VS_SYS_OFF_POS /* an offset of -1 is the position */
#define MOVES VS_SYS_MOVES_NAMES
#define LINK VS_SYS_NOFOLLOW
#define FLAGS VS_SYS_FLAGS

const struct syscall_row syscall_table[] = {
	/* name                x86-64 i386 arm64 */
	{ "read",                   0,   3,  63, FD(READ, RW, .bits = POS) },
	{ "write",                  1,   4,  64, FD(WRITE, RW, .bits = POS) },
	{ "pread64",               17,  -1,  67, FD(READ, RW, .off = 4, .bits = AT) },
	{ "pread64",               -1, 180,  -1, FD(READ, RW, .off = 4, .bits = AT | S64) },
	{ "pwrite64",              18,  -1,  68, FD(WRITE, RW, .off = 4, .bits = AT) },
	{ "pwrite64",              -1, 181,  -1, FD(WRITE, RW, .off = 4, .bits = AT | S64) },
	{ "readv",                 19, 145,  65, FD(READ, VEC, .bits = IOV | OFF2) },
	{ "writev",                20, 146,  66, FD(WRITE, VEC, .bits = IOV | OFF2) },
	{ "preadv",               295,  -1,  69, FD(READ, VEC, .off = 4, .bits = IOV) },
	{ "preadv",                -1, 333,  -1, FD(READ, VEC, .off = 4, .bits = IOV | S64) },
	{ "pwritev",              296,  -1,  70, FD(WRITE, VEC, .off = 4, .bits = IOV) },
	{ "pwritev",               -1, 334,  -1, FD(WRITE, VEC, .off = 4, .bits = IOV | S64) },
	{ "preadv2",              327,  -1, 286, FD(READ, VEC, .off = 4, .flags = 6, .bits = IOV | OFF2) },
	{ "preadv2",               -1, 378,  -1, FD(READ, VEC, .off = 4, .flags = 6, .bits = IOV | OFF2 | S64) },
	{ "pwritev2",             328,  -1, 287, FD(WRITE, VEC, .off = 4, .flags = 6, .bits = IOV | OFF2) },
	{ "pwritev2",              -1, 379,  -1, FD(WRITE, VEC, .off = 4, .flags = 6, .bits = IOV | OFF2 | S64) },

	{ "sendfile",              40,  -1,  71, COPY(SENDFILE, .fd = 2, .off = 3, .fd2 = 1, .len = 4, .bits = AT) },
	{ "sendfile",              -1, 187,  -1, COPY(SENDFILE, .fd = 2, .off = 3, .fd2 = 1, .len = 4, .bits = AT | VS_SYS_OFF32) },
	{ "sendfile64",            -1, 239,  -1, COPY(SENDFILE, .fd = 2, .off = 3, .fd2 = 1, .len = 4, .bits = AT) },
	{ "splice",               275, 313,  76, COPY(SPLICE, .fd = 1, .off = 2, .fd2 = 3, .off2 = 4, .len = 5, .bits = AT) },
	{ "tee",                  276, 315,  77, COPY(SPLICE, .fd = 1, .fd2 = 2, .len = 3, .bits = AT) },
	{ "vmsplice",             278, 316,  75, FD(WRITE, .via = VS_VIA_SPLICE, .len = 3, .op2 = VS_OP_READ, .bits = IOV | VS_SYS_VMSPLICE) },
	{ "copy_file_range",      326, 377, 285, COPY(COPY_FILE_RANGE, .fd = 1, .off = 2, .fd2 = 3, .off2 = 4, .len = 5, .bits = AT) },

	{ "ioctl",                 16,  54,  29, { .op = VS_OP_WRITE, .op2 = VS_OP_READ, .via = VS_VIA_COPY_FILE_RANGE, .shape = VS_SHAPE_REFLINK, .fd = 3, .fd2 = 1, .flags = 2 } },

	{ "io_submit",            209, 248,   2, AIO(SUBMIT) },
	{ "io_getevents",         208, 247,   4, AIO(REAP) },
	{ "io_pgetevents",        333, 385, 292, AIO(REAP) },
	{ "io_pgetevents_time64",  -1, 416,  -1, AIO(REAP) },

	{ "fsync",                 74, 118,  82, FD(FSYNC) },
	{ "fdatasync",             75, 148,  83, FD(FSYNC) },
	{ "sync_file_range",      277,  -1,  84, FD(FSYNC, .off = 2, .len = 3) },
	{ "sync_file_range",       -1, 314,  -1, FD(FSYNC, .off = 2, .len = 4, .bits = S64 | L64) },
	{ "sync",                 162,  36,  81, { .op = VS_OP_SYNC, .shape = VS_SHAPE_NONE } },
	{ "syncfs",               306, 344, 267, FD(SYNC) },
	{ "getdents",              78, 141,  -1, FD(READDIR, .len = 3, .bits = AT | L32) },
	{ "getdents64",           217, 220,  61, FD(READDIR, .len = 3, .bits = AT | L32) },
	{ "readdir",               -1,  89,  -1, FD(READDIR) },

	{ "open",                   2,   5,  -1, OPEN(.path = 1, .flags = 2, .mode = 3) },
	{ "creat",                 85,   8,  -1, OPEN(.path = 1, .mode = 2) },
	{ "openat",               257, 295,  56, OPEN(.fd = 1, .path = 2, .flags = 3, .mode = 4) },
	{ "openat2",              437, 437, 437, OPEN(.fd = 1, .path = 2, .flags = 3, .bits = VS_SYS_OPEN_HOW) },
	{ "open_by_handle_at",    304, 342, 265, OPEN(.flags = 3) },
	{ "close",                  3,   6,  57, FD(CLOSE, .bits = VS_SYS_NAME_AT_ENTRY) },
	{ "close_range",          436, 436, 436, { .op = VS_OP_CLOSE, .shape = VS_SHAPE_RANGE, .fd = 1, .fd2 = 2 } },

	{ "link",                  86,   9,  -1, TWO(LINK, .path = 1, .path2 = 2, .bits = LINK) },
	{ "linkat",               265, 303,  37, TWO(LINK, .fd = 1, .path = 2, .fd2 = 3, .path2 = 4, .flags = 5, .bits = LINK | FLAGS) },
	{ "rename",                82,  38,  -1, TWO(RENAME, .path = 1, .path2 = 2, .bits = MOVES | LINK) },
	{ "renameat",             264, 302,  38, TWO(RENAME, .fd = 1, .path = 2, .fd2 = 3, .path2 = 4, .bits = MOVES | LINK) },
	{ "renameat2",            316, 353, 276, TWO(RENAME, .fd = 1, .path = 2, .fd2 = 3, .path2 = 4, .flags = 5, .bits = MOVES | LINK | FLAGS) },
	{ "mkdir",                 83,  39,  -1, PATH(MKDIR, .path = 1, .mode = 2, .bits = LINK) },
	{ "mkdirat",              258, 296,  34, PATH(MKDIR, .fd = 1, .path = 2, .mode = 3, .bits = LINK) },
	{ "rmdir",                 84,  40,  -1, PATH(RMDIR, .path = 1, .bits = LINK) },
	{ "unlink",                87,  10,  -1, PATH(UNLINK, .path = 1, .bits = LINK) },
	{ "unlinkat",             263, 301,  35, PATH(UNLINK, .op2 = VS_OP_RMDIR, .fd = 1, .path = 2, .flags = 3, .bits = VS_SYS_REMOVEDIR | LINK) },
	{ "symlink",               88,  83,  -1, { .op = VS_OP_SYMLINK, .shape = VS_SHAPE_SYMLINK, .path2 = 1, .path = 2, .bits = MOVES | LINK } },
	{ "symlinkat",            266, 304,  36, { .op = VS_OP_SYMLINK, .shape = VS_SHAPE_SYMLINK, .path2 = 1, .fd = 2, .path = 3, .bits = MOVES | LINK } },
	{ "mknod",                133,  14,  -1, PATH(MKNOD, .path = 1, .mode = 2, .bits = VS_SYS_CREATES | LINK) },
	{ "mknodat",              259, 297,  33, PATH(MKNOD, .fd = 1, .path = 2, .mode = 3, .bits = VS_SYS_CREATES | LINK) },

	{ "access",                21,  33,  -1, PATH(ACCESS, .path = 1) },
	{ "faccessat",            269, 307,  48, PATH(ACCESS, .fd = 1, .path = 2) },
	{ "faccessat2",           439, 439, 439, PATH(ACCESS, .fd = 1, .path = 2, .flags = 4) },
	{ "stat",                   4,  -1,  -1, PATH(STAT, .path = 1, .out = 2, .bits = VS_SYS_STAT) },
	{ "lstat",                  6,  -1,  -1, PATH(STAT, .path = 1, .out = 2, .bits = VS_SYS_STAT | LINK) },
	{ "fstat",                  5, 108,  80, FD(STAT) },
	{ "newfstatat",           262,  -1,  79, PATH(STAT, .fd = 1, .path = 2, .flags = 4, .out = 3, .bits = VS_SYS_STAT) },
	{ "statx",                332, 383, 291, PATH(STAT, .fd = 1, .path = 2, .flags = 3, .out = 5, .bits = VS_SYS_STATX) },
	{ "oldstat",               -1,  18,  -1, PATH(STAT, .path = 1) },
	{ "oldlstat",              -1,  84,  -1, PATH(STAT, .path = 1, .bits = LINK) },
	{ "oldfstat",              -1,  28,  -1, FD(STAT) },
	{ "stat",                  -1, 106,  -1, PATH(STAT, .path = 1) },
	{ "lstat",                 -1, 107,  -1, PATH(STAT, .path = 1, .bits = LINK) },
	{ "stat64",                -1, 195,  -1, PATH(STAT, .path = 1) },
	{ "lstat64",               -1, 196,  -1, PATH(STAT, .path = 1, .bits = LINK) },
	{ "fstat64",               -1, 197,  -1, FD(STAT) },
	{ "fstatat64",             -1, 300,  -1, PATH(STAT, .fd = 1, .path = 2, .flags = 4) },
	{ "statfs",               137,  99,  43, PATH(STATFS, .path = 1) },
	{ "fstatfs",              138, 100,  44, FD(STATFS) },
	{ "statfs64",              -1, 268,  -1, PATH(STATFS, .path = 1) },
	{ "fstatfs64",             -1, 269,  -1, FD(STATFS) },
	{ "ustat",                136,  62,  -1, { .op = VS_OP_STATFS, .shape = VS_SHAPE_NONE } },

	{ "chmod",                 90,  15,  -1, PATH(SETATTR, .path = 1, .mode = 2) },
	{ "fchmod",                91,  94,  52, FD(SETATTR, .mode = 2) },
	{ "fchmodat",             268, 306,  53, PATH(SETATTR, .fd = 1, .path = 2, .mode = 3) },
	{ "fchmodat2",            452, 452, 452, PATH(SETATTR, .fd = 1, .path = 2, .flags = 4, .mode = 3) },
	{ "chown",                 92, 182,  -1, PATH(SETATTR, .path = 1) },
	{ "lchown",                94,  16,  -1, PATH(SETATTR, .path = 1, .bits = LINK) },
	{ "fchown",                93,  95,  55, FD(SETATTR) },
	{ "fchownat",             260, 298,  54, PATH(SETATTR, .fd = 1, .path = 2, .flags = 5) },
	{ "chown32",               -1, 212,  -1, PATH(SETATTR, .path = 1) },
	{ "lchown32",              -1, 198,  -1, PATH(SETATTR, .path = 1, .bits = LINK) },
	{ "fchown32",              -1, 207,  -1, FD(SETATTR) },
	{ "utime",                132,  30,  -1, PATH(SETATTR, .path = 1) },
	{ "utimes",               235, 271,  -1, PATH(SETATTR, .path = 1) },
	{ "futimesat",            261, 299,  -1, PATH(SETATTR, .fd = 1, .path = 2) },
	{ "utimensat",            280, 320,  88, PATH(SETATTR, .fd = 1, .path = 2, .flags = 4) },
	{ "utimensat_time64",      -1, 412,  -1, PATH(SETATTR, .fd = 1, .path = 2, .flags = 4) },
	{ "file_getattr",         468, 468, 468, PATH(STAT, .fd = 1, .path = 2, .flags = 5) },
	{ "file_setattr",         469, 469, 469, PATH(SETATTR, .fd = 1, .path = 2, .flags = 5) },

	{ "truncate",              76,  92,  45, PATH(TRUNCATE, .path = 1, .len = 2) },
	{ "ftruncate",             77,  93,  46, FD(TRUNCATE, .len = 2) },
	{ "truncate64",            -1, 193,  -1, PATH(TRUNCATE, .path = 1, .len = 2, .bits = L64) },
	{ "ftruncate64",           -1, 194,  -1, FD(TRUNCATE, .len = 2, .bits = L64) },
	{ "fallocate",            285,  -1,  47, FD(FALLOCATE, .off = 3, .len = 4, .flags = 2, .bits = FLAGS) },
	{ "fallocate",             -1, 324,  -1, FD(FALLOCATE, .off = 3, .len = 5, .flags = 2, .bits = S64 | L64 | FLAGS) },
	{ "readlink",              89,  85,  -1, PATH(READLINK, .path = 1, .out = 2, .len = 3, .bits = LINK | L32) },
	{ "readlinkat",           267, 305,  78, PATH(READLINK, .fd = 1, .path = 2, .out = 3, .len = 4, .bits = LINK | L32) },

	{ "getxattr",             191, 229,   8, PATH(GETXATTR, .path = 1, .out = 3, .len = 4) },
	{ "lgetxattr",            192, 230,   9, PATH(GETXATTR, .path = 1, .out = 3, .len = 4, .bits = LINK) },
	{ "fgetxattr",            193, 231,  10, FD(GETXATTR, .len = 4) },
	{ "getxattrat",           464, 464, 464, PATH(GETXATTR, .fd = 1, .path = 2, .flags = 3, .len = 5, .bits = VS_SYS_XATTR_ARGS) },
	{ "setxattr",             188, 226,   5, PATH(SETXATTR, .path = 1, .len = 4) },
	{ "lsetxattr",            189, 227,   6, PATH(SETXATTR, .path = 1, .len = 4, .bits = LINK) },
	{ "fsetxattr",            190, 228,   7, FD(SETXATTR, .len = 4) },
	{ "setxattrat",           463, 463, 463, PATH(SETXATTR, .fd = 1, .path = 2, .flags = 3, .len = 5, .bits = VS_SYS_XATTR_ARGS) },
	{ "listxattr",            194, 232,  11, PATH(LISTXATTR, .path = 1, .out = 2, .len = 3) },
	{ "llistxattr",           195, 233,  12, PATH(LISTXATTR, .path = 1, .out = 2, .len = 3, .bits = LINK) },
	{ "flistxattr",           196, 234,  13, FD(LISTXATTR, .len = 3) },
	{ "listxattrat",          465, 465, 465, PATH(LISTXATTR, .fd = 1, .path = 2, .flags = 3, .out = 4, .len = 5) },
	{ "removexattr",          197, 235,  14, PATH(REMOVEXATTR, .path = 1) },
	{ "lremovexattr",         198, 236,  15, PATH(REMOVEXATTR, .path = 1, .bits = LINK) },
	{ "fremovexattr",         199, 237,  16, FD(REMOVEXATTR) },
	{ "removexattrat",        466, 466, 466, PATH(REMOVEXATTR, .fd = 1, .path = 2, .flags = 3) },


	{ "mount",                165,  21,  40, { .op = VS_OP_MOUNT, .shape = VS_SHAPE_SYMLINK, .path2 = 1, .path = 2, .text = 3, .flags = 4, .text2 = 5, .bits = MOVES | FLAGS } },
	{ "umount",                -1,  22,  -1, PATH(UMOUNT, .path = 1, .bits = MOVES) },
	{ "umount2",              166,  52,  39, PATH(UMOUNT, .path = 1, .flags = 2, .bits = MOVES | FLAGS) },
	{ "open_tree",            428, 428, 428, PATH(OPEN_TREE, .fd = 1, .path = 2, .flags = 3, .bits = MOVES | FLAGS) },
	{ "move_mount",           429, 429, 429, TWO(MOVE_MOUNT, .fd = 1, .path = 2, .fd2 = 3, .path2 = 4, .flags = 5, .bits = MOVES | FLAGS | VS_SYS_FROM_MOUNT) },
	{ "fsopen",               430, 430, 430, { .op = VS_OP_FSOPEN, .shape = VS_SHAPE_TEXT, .path2 = 1, .flags = 2, .bits = FLAGS } },
	{ "fsconfig",             431, 431, 431, { .op = VS_OP_FSCONFIG, .shape = VS_SHAPE_TEXT, .fd = 1, .flags = 2, .path2 = 3, .text2 = 4, .mode = 5, .bits = FLAGS } },
	{ "fsmount",              432, 432, 432, { .op = VS_OP_FSMOUNT, .shape = VS_SHAPE_TEXT, .fd = 1, .flags = 2, .mode = 3, .bits = MOVES | FLAGS } },
	{ "fspick",               433, 433, 433, PATH(FSPICK, .fd = 1, .path = 2, .flags = 3, .bits = FLAGS) },
	{ "mount_setattr",        442, 442, 442, PATH(MOUNT_SETATTR, .fd = 1, .path = 2, .flags = 3, .text2 = 4, .bits = FLAGS) },
	{ "open_tree_attr",       467, 467, 467, PATH(OPEN_TREE, .fd = 1, .path = 2, .flags = 3, .text2 = 4, .bits = MOVES | FLAGS) },

	{ "execve",                59,  11, 221, { .op = VS_OP_EXEC, .shape = VS_SHAPE_EXEC, .path = 1 } },
	{ "execveat",             322, 358, 281, { .op = VS_OP_EXEC, .shape = VS_SHAPE_EXEC, .fd = 1, .path = 2, .flags = 5 } },

	{ "io_uring_enter",       426, 426, 426, { .via = VS_VIA_IO_URING } }, /* seen by tracepoints of its own */

	/* no operations of this table, but paths may mean other files after them */
	{ "pivot_root",           155, 217,  41, MOVES_NAMES },
	{ "chroot",               161,  61,  51, MOVES_NAMES },
	{ "unshare",              272, 310,  97, MOVES_NAMES },
};
/* clang-format on */
const int syscall_table_len = sizeof(syscall_table) / sizeof(syscall_table[0]);

__u64 syscall_ops(const struct vs_sys *sys)
{
	__u64 ops = 0;

	if (sys->op)
		ops |= VS_BIT(sys->op);
	if (sys->op2)
		ops |= VS_BIT(sys->op2);
	if (sys->shape == VS_SHAPE_OPEN || (sys->bits & VS_SYS_CREATES))
		ops |= VS_BIT(VS_OP_CREATE);
	if (sys->via == VS_VIA_AIO)
		ops |= VS_BIT(VS_OP_FSYNC);
	return ops;
}

__u64 syscalls_ops(void)
{
	__u64 ops = 0;

	for (int i = 0; i < syscall_table_len; i++)
		ops |= syscall_ops(&syscall_table[i].sys);
	return ops;
}

short syscall_native(const struct syscall_row *row)
{
#if defined(__x86_64__)
	return row->x86_64;
#elif defined(__aarch64__)
	return row->arm64;
#endif
}

short syscall_compat(const struct syscall_row *row)
{
#if defined(__x86_64__)
	return row->i386;
#elif defined(__aarch64__)
	(void)row;
	return -1;
#endif
}

void syscalls_fill(struct vs_sys *table, __u64 ops, __u64 vias)
{
	memset(table, 0, sizeof(*table) * VS_SYS_ABIS * VS_SYS_NRS);
	for (int i = 0; i < syscall_table_len; i++) {
		const struct syscall_row *row = &syscall_table[i];
		struct vs_sys sys = row->sys;

		if (!(syscall_ops(&sys) & ops) || !(VS_BIT(sys.via) & vias)) {
			/* not asked for; what else it does to the kernel side's state stays */
			sys = (struct vs_sys){.bits = sys.bits & VS_SYS_MOVES_NAMES};
		}
		if (syscall_native(row) >= 0)
			table[syscall_native(row)] = sys;
		if (syscall_compat(row) >= 0)
			table[VS_SYS_NRS + syscall_compat(row)] = sys;
	}
}

/* Reading a program, or the superblock of what is mounted, is nobody's but the kernel's. */
static enum vs_within within_of(const struct vs_sys *sys)
{
	if (sys->shape == VS_SHAPE_REFLINK)
		return VS_WITHIN_CLONE;
	if (sys->op == VS_OP_EXEC || VS_BIT(sys->op) & ops_of("mounts"))
		return VS_WITHIN_NO;
	return sys->op || sys->via ? VS_WITHIN_CALL : VS_WITHIN_NO;
}

static bool is_plain(const struct vs_sys *sys)
{
	return sys->shape == VS_SHAPE_FD && sys->via == VS_VIA_RW && sys->fd == 1 && sys->len == 3;
}

static __u8 nr_bits(const struct vs_sys *native, const struct vs_sys *compat, bool one_pid)
{
	bool moves = (native->bits | compat->bits) & VS_SYS_MOVES_NAMES;
	bool anyones =
		moves || native->shape == VS_SHAPE_AIO_REAP || compat->shape == VS_SHAPE_AIO_REAP;

	return (native->op && is_plain(native) ? VS_NR_PLAIN : 0) |
	       (!one_pid || anyones ? VS_NR_ANYONES : 0) |
	       (!native->op && !compat->op && !moves ? VS_NR_UNASKED : 0);
}

void syscalls_fill_nrs(__u8 *nrs, const struct vs_sys *table, bool one_pid)
{
	for (int nr = 0; nr < VS_SYS_NRS; nr++)
		nrs[nr] = nr_bits(&table[nr], &table[VS_SYS_NRS + nr], one_pid);
}

void syscalls_fill_within(__u8 *within)
{
	memset(within, VS_WITHIN_NO, VS_SYS_ABIS * VS_SYS_NRS);
	for (int i = 0; i < syscall_table_len; i++) {
		const struct syscall_row *row = &syscall_table[i];
		enum vs_within is = within_of(&row->sys);

		if (syscall_native(row) >= 0)
			within[syscall_native(row)] = is;
		if (syscall_compat(row) >= 0)
			within[VS_SYS_NRS + syscall_compat(row)] = is;
	}
}
