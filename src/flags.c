/* SPDX-License-Identifier: GPL-2.0 */
#include "flags.h"

#include <stdio.h>
#include <string.h>

#include "util.h"

/* include/uapi/asm-generic/fcntl.h and arch/arm64/include/uapi/asm/fcntl.h */
#if defined(__aarch64__)
enum { F_DIRECTORY = 040000, F_NOFOLLOW = 0100000, F_DIRECT = 0200000, F_LARGEFILE = 0400000 };
#else
enum { F_DIRECT = 040000, F_LARGEFILE = 0100000, F_DIRECTORY = 0200000, F_NOFOLLOW = 0400000 };
#endif

#define OPENS VS_BIT(VS_OP_OPEN) | VS_BIT(VS_OP_CREATE)
#define SPREAD VS_BIT(FLAGS_PROPAGATION)
#define ATTRS VS_BIT(FLAGS_MOUNT_ATTR)
#define TREES VS_BIT(VS_OP_OPEN_TREE) | VS_BIT(VS_OP_MOUNT_SETATTR)
#define RENAMES VS_BIT(VS_OP_RENAME)
#define ALLOCS VS_BIT(VS_OP_FALLOCATE)

/* clang-format off */
/* Those of several bits before those of some of them. */
static const struct {
	__u64 ops;
	__u32 bits;
	const char *name;
} flag_table[] = {
	{OPENS, 0100, "O_CREAT"},
	{OPENS, 0200, "O_EXCL"},
	{OPENS, 0400, "O_NOCTTY"},
	{OPENS, 01000, "O_TRUNC"},
	{OPENS, 02000, "O_APPEND"},
	{OPENS, 04000, "O_NONBLOCK"},
	{OPENS, 04010000, "O_SYNC"},
	{OPENS, 010000, "O_DSYNC"},
	{OPENS, 020000, "O_ASYNC"},
	{OPENS, F_DIRECT, "O_DIRECT"},
	{OPENS, F_LARGEFILE, "O_LARGEFILE"},
	{OPENS, 020000000 | F_DIRECTORY, "O_TMPFILE"},
	{OPENS, F_DIRECTORY, "O_DIRECTORY"},
	{OPENS, F_NOFOLLOW, "O_NOFOLLOW"},
	{OPENS, 01000000, "O_NOATIME"},
	{OPENS, 02000000, "O_CLOEXEC"},
	{OPENS, 010000000, "O_PATH"},

	{RENAMES, 1, "RENAME_NOREPLACE"},
	{RENAMES, 2, "RENAME_EXCHANGE"},
	{RENAMES, 4, "RENAME_WHITEOUT"},
	{VS_BIT(VS_OP_LINK), 0x400, "AT_SYMLINK_FOLLOW"},
	{VS_BIT(VS_OP_LINK), 0x1000, "AT_EMPTY_PATH"},
	{ALLOCS, 0x1, "FALLOC_FL_KEEP_SIZE"},
	{ALLOCS, 0x2, "FALLOC_FL_PUNCH_HOLE"},
	{ALLOCS, 0x4, "FALLOC_FL_NO_HIDE_STALE"},
	{ALLOCS, 0x8, "FALLOC_FL_COLLAPSE_RANGE"},
	{ALLOCS, 0x10, "FALLOC_FL_ZERO_RANGE"},
	{ALLOCS, 0x20, "FALLOC_FL_INSERT_RANGE"},
	{ALLOCS, 0x40, "FALLOC_FL_UNSHARE_RANGE"},
	{ALLOCS, 0x80, "FALLOC_FL_WRITE_ZEROES"},

	/* include/uapi/linux/mount.h */
	{VS_BIT(VS_OP_MOUNT), 0xc0ed0000, "MS_MGC_VAL"},
	{VS_BIT(VS_OP_MOUNT), 1, "MS_RDONLY"},
	{VS_BIT(VS_OP_MOUNT), 2, "MS_NOSUID"},
	{VS_BIT(VS_OP_MOUNT), 4, "MS_NODEV"},
	{VS_BIT(VS_OP_MOUNT), 8, "MS_NOEXEC"},
	{VS_BIT(VS_OP_MOUNT), 16, "MS_SYNCHRONOUS"},
	{VS_BIT(VS_OP_MOUNT), 32, "MS_REMOUNT"},
	{VS_BIT(VS_OP_MOUNT), 64, "MS_MANDLOCK"},
	{VS_BIT(VS_OP_MOUNT), 128, "MS_DIRSYNC"},
	{VS_BIT(VS_OP_MOUNT), 256, "MS_NOSYMFOLLOW"},
	{VS_BIT(VS_OP_MOUNT), 1024, "MS_NOATIME"},
	{VS_BIT(VS_OP_MOUNT), 2048, "MS_NODIRATIME"},
	{VS_BIT(VS_OP_MOUNT), 4096, "MS_BIND"},
	{VS_BIT(VS_OP_MOUNT), 8192, "MS_MOVE"},
	{VS_BIT(VS_OP_MOUNT), 16384, "MS_REC"},
	{VS_BIT(VS_OP_MOUNT), 32768, "MS_SILENT"},
	{VS_BIT(VS_OP_MOUNT), 1 << 16, "MS_POSIXACL"},
	{VS_BIT(VS_OP_MOUNT) | SPREAD, 1 << 17, "MS_UNBINDABLE"},
	{VS_BIT(VS_OP_MOUNT) | SPREAD, 1 << 18, "MS_PRIVATE"},
	{VS_BIT(VS_OP_MOUNT) | SPREAD, 1 << 19, "MS_SLAVE"},
	{VS_BIT(VS_OP_MOUNT) | SPREAD, 1 << 20, "MS_SHARED"},
	{VS_BIT(VS_OP_MOUNT), 1 << 21, "MS_RELATIME"},
	{VS_BIT(VS_OP_MOUNT), 1 << 22, "MS_KERNMOUNT"},
	{VS_BIT(VS_OP_MOUNT), 1 << 23, "MS_I_VERSION"},
	{VS_BIT(VS_OP_MOUNT), 1 << 24, "MS_STRICTATIME"},
	{VS_BIT(VS_OP_MOUNT), 1 << 25, "MS_LAZYTIME"},
	{ATTRS, 0x1, "MOUNT_ATTR_RDONLY"},
	{ATTRS, 0x2, "MOUNT_ATTR_NOSUID"},
	{ATTRS, 0x4, "MOUNT_ATTR_NODEV"},
	{ATTRS, 0x8, "MOUNT_ATTR_NOEXEC"},
	{ATTRS, 0x10, "MOUNT_ATTR_NOATIME"},
	{ATTRS, 0x20, "MOUNT_ATTR_STRICTATIME"},
	{ATTRS, 0x80, "MOUNT_ATTR_NODIRATIME"},
	{ATTRS, 0x100000, "MOUNT_ATTR_IDMAP"},
	{ATTRS, 0x200000, "MOUNT_ATTR_NOSYMFOLLOW"},
	{VS_BIT(VS_OP_UMOUNT), 1, "MNT_FORCE"},
	{VS_BIT(VS_OP_UMOUNT), 2, "MNT_DETACH"},
	{VS_BIT(VS_OP_UMOUNT), 4, "MNT_EXPIRE"},
	{VS_BIT(VS_OP_UMOUNT), 8, "UMOUNT_NOFOLLOW"},
	{VS_BIT(VS_OP_OPEN_TREE), 1, "OPEN_TREE_CLONE"},
	{VS_BIT(VS_OP_OPEN_TREE), 02000000, "OPEN_TREE_CLOEXEC"},
	{TREES, 0x100, "AT_SYMLINK_NOFOLLOW"},
	{TREES, 0x800, "AT_NO_AUTOMOUNT"},
	{TREES, 0x1000, "AT_EMPTY_PATH"},
	{TREES, 0x8000, "AT_RECURSIVE"},
	{VS_BIT(VS_OP_MOVE_MOUNT), 0x1, "MOVE_MOUNT_F_SYMLINKS"},
	{VS_BIT(VS_OP_MOVE_MOUNT), 0x2, "MOVE_MOUNT_F_AUTOMOUNTS"},
	{VS_BIT(VS_OP_MOVE_MOUNT), 0x4, "MOVE_MOUNT_F_EMPTY_PATH"},
	{VS_BIT(VS_OP_MOVE_MOUNT), 0x10, "MOVE_MOUNT_T_SYMLINKS"},
	{VS_BIT(VS_OP_MOVE_MOUNT), 0x20, "MOVE_MOUNT_T_AUTOMOUNTS"},
	{VS_BIT(VS_OP_MOVE_MOUNT), 0x40, "MOVE_MOUNT_T_EMPTY_PATH"},
	{VS_BIT(VS_OP_MOVE_MOUNT), 0x100, "MOVE_MOUNT_SET_GROUP"},
	{VS_BIT(VS_OP_MOVE_MOUNT), 0x200, "MOVE_MOUNT_BENEATH"},
	{VS_BIT(VS_OP_FSOPEN), 1, "FSOPEN_CLOEXEC"},
	{VS_BIT(VS_OP_FSMOUNT), 1, "FSMOUNT_CLOEXEC"},
	{VS_BIT(VS_OP_FSPICK), 1, "FSPICK_CLOEXEC"},
	{VS_BIT(VS_OP_FSPICK), 2, "FSPICK_SYMLINK_NOFOLLOW"},
	{VS_BIT(VS_OP_FSPICK), 4, "FSPICK_NO_AUTOMOUNT"},
	{VS_BIT(VS_OP_FSPICK), 8, "FSPICK_EMPTY_PATH"},
};
/* clang-format on */

/* Where the lowest bits are a number. */
static const struct {
	__u64 ops;
	__u32 mask;
	const char *names[9];
} value_table[] = {
	{OPENS, 3, {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"}},
	{VS_BIT(VS_OP_FSCONFIG),
	 ~0U,
	 {"FSCONFIG_SET_FLAG", "FSCONFIG_SET_STRING", "FSCONFIG_SET_BINARY", "FSCONFIG_SET_PATH",
	  "FSCONFIG_SET_PATH_EMPTY", "FSCONFIG_SET_FD", "FSCONFIG_CMD_CREATE",
	  "FSCONFIG_CMD_RECONFIGURE", "FSCONFIG_CMD_CREATE_EXCL"}},
};

__u64 flags_ops(void)
{
	__u64 ops = 0;

	for (size_t i = 0; i < ARRAY_LEN(flag_table); i++)
		ops |= flag_table[i].ops;
	for (size_t i = 0; i < ARRAY_LEN(value_table); i++)
		ops |= value_table[i].ops;
	return ops & (VS_BIT(VS_OP_MAX) - 1);
}

const char *flags_word(int op, size_t i)
{
	for (size_t v = 0; v < ARRAY_LEN(value_table); v++)
		for (int n = 0; n < 9 && value_table[v].names[n]; n++)
			if (value_table[v].ops & VS_BIT(op) && !i--)
				return value_table[v].names[n];
	for (size_t f = 0; f < ARRAY_LEN(flag_table); f++)
		if (flag_table[f].ops & VS_BIT(op) && !i--)
			return flag_table[f].name;
	return NULL;
}

/* What does not fit is left out whole. */
static char *add(char *to, const char *end, bool first, const char *name)
{
	size_t len = strlen(name);

	if ((size_t)(end - to) < len + 2)
		return to;
	if (!first)
		*to++ = '|';
	memcpy(to, name, len + 1);
	return to + len;
}

void flags_write(char *buf, size_t size, int op, __u64 flags)
{
	const char *end = buf + size;
	char number[24], *p = buf;
	__u64 left = flags;

	*p = '\0';
	for (size_t i = 0; i < ARRAY_LEN(value_table); i++) {
		__u64 value = left & value_table[i].mask;

		if (!(value_table[i].ops & VS_BIT(op)) || value >= ARRAY_LEN(value_table[i].names))
			continue;
		p = add(p, end, p == buf, value_table[i].names[value]);
		left &= ~(__u64)value_table[i].mask;
	}
	for (size_t i = 0; left && i < ARRAY_LEN(flag_table); i++) {
		__u32 bits = flag_table[i].bits;

		if (!(flag_table[i].ops & VS_BIT(op)) || (left & bits) != bits)
			continue;
		left &= ~bits;
		p = add(p, end, p == buf, flag_table[i].name);
	}
	if (!left && p > buf)
		return;
	snprintf(number, sizeof(number), left ? "0x%llx" : "%llx", left);
	add(p, end, p == buf, number);
}
