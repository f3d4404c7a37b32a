// SPDX-License-Identifier: GPL-2.0
/* tables.c: the words of the contract, all of them, each once. */
#include "unit.h"

#include <stdbool.h>

#include "tables.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

/* From the contract, group by group: who renames a word breaks the scripts of users. */
static const struct {
	const char *group, *ops[16];
} contract_ops[] = {
	{"data", {"read", "write", "fsync", "readdir", "fault", "sync"}},
	{"names",
	 {"open", "close", "create", "unlink", "rename", "mkdir", "rmdir", "link", "symlink",
	  "mknod"}},
	{"metadata",
	 {"stat", "statfs", "setattr", "truncate", "fallocate", "readlink", "getxattr", "setxattr",
	  "listxattr", "removexattr"}},
	{"mounts",
	 {"mount", "umount", "fsopen", "fsconfig", "fsmount", "move_mount", "open_tree",
	  "mount_setattr", "fspick"}},
	{"caches", {"lookup", "page"}},
	{"around", {"exec", "bio", "runq"}},
};
static const char *const contract_vias[] = {
	"rw", "vec", "aio", "io_uring", "splice", "sendfile", "copy_file_range", "mmap", "kernel"};
static const char *const contract_ftypes[] = {"reg",  "dir", "lnk", "sock",
					      "fifo", "chr", "blk", "anon"};
static const char *const contract_lost[] = {"ring", "map_full"};

static int op_of(const char *name)
{
	for (int op = 1; op < VS_OP_MAX; op++)
		if (!strcmp(op_table[op].name, name))
			return op;
	fail_msg("no operation %s", name);
	return 0;
}

static void operations(void **state)
{
	int n = 0;

	(void)state;
	for (size_t i = 0; i < LEN(contract_ops); i++) {
		for (int j = 0; contract_ops[i].ops[j]; j++, n++) {
			int op = op_of(contract_ops[i].ops[j]);

			assert_string_equal(group_table[op_table[op].group].name,
					    contract_ops[i].group);
			assert_true(ops_of(contract_ops[i].ops[j]) == VS_BIT(op));
		}
	}
	assert_true(n <= VS_OP_MAX - 1);
	assert_null(op_table[VS_OP_NONE].name);
	/* masks have 64 bits */
	assert_true(VS_OP_MAX <= 64 && VS_VIA_MAX <= 64 && VS_FTYPE_MAX <= 32);
}

static void groups(void **state)
{
	__u64 all = 0;

	(void)state;
	assert_int_equal(VS_GROUP_MAX, LEN(contract_ops));
	for (size_t i = 0; i < LEN(contract_ops); i++) {
		__u64 ops = 0;

		for (int j = 0; contract_ops[i].ops[j]; j++)
			ops |= VS_BIT(op_of(contract_ops[i].ops[j]));
		assert_true((ops_of(contract_ops[i].group) & ops) == ops);
		assert_int_equal(all & ops_of(contract_ops[i].group), 0); /* none is in two */
		all |= ops_of(contract_ops[i].group);
	}
	assert_true(all == ops_of("all"));
	assert_true(all == VS_BIT(VS_OP_MAX) - VS_BIT(1));
	assert_int_equal(ops_of(""), 0);
	assert_int_equal(ops_of("nosuch"), 0);
	assert_int_equal(ops_of("READ"), 0);
	assert_int_equal(ops_of("rea"), 0);
	assert_int_equal(ops_of("reads"), 0);
}

static bool is_word(const struct word *table, int len, const char *name)
{
	for (int i = 0; i < len; i++)
		if (table[i].name && !strcmp(table[i].name, name))
			return true;
	return false;
}

static void words(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(contract_vias); i++)
		assert_true(is_word(via_table, VS_VIA_MAX, contract_vias[i]));
	for (size_t i = 0; i < LEN(contract_ftypes); i++)
		assert_true(is_word(ftype_table, VS_FTYPE_MAX, contract_ftypes[i]));
	for (size_t i = 0; i < LEN(contract_lost); i++)
		assert_true(is_word(lost_table, VS_LOST_MAX, contract_lost[i]));
	assert_string_equal(via_table[VS_VIA_NONE].name, "");
	assert_string_equal(ftype_table[VS_FTYPE_NONE].name, "");
}

static void check_word(const char *name, const char *help)
{
	assert_non_null(name);
	assert_true(*name);
	/* a comma parts words, and a sign would be taken for -F's */
	assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(name));
	assert_true(help && *help);
}

static void unique(void **state)
{
	(void)state;
	for (int i = 1; i < VS_OP_MAX; i++) {
		check_word(op_table[i].name, op_table[i].help);
		assert_string_not_equal(op_table[i].name, "all");
		for (int j = 1; j < i; j++)
			assert_string_not_equal(op_table[i].name, op_table[j].name);
		for (int j = 0; j < VS_GROUP_MAX; j++)
			assert_string_not_equal(op_table[i].name, group_table[j].name);
	}
#define CHECK(table, from, max)                                                                    \
	for (int i = from; i < max; i++) {                                                         \
		check_word(table[i].name, table[i].help);                                          \
		for (int j = from; j < i; j++)                                                     \
			assert_string_not_equal(table[i].name, table[j].name);                     \
	}
	CHECK(group_table, 0, VS_GROUP_MAX)
	CHECK(via_table, 1, VS_VIA_MAX)
	CHECK(ftype_table, 1, VS_FTYPE_MAX)
	CHECK(lost_table, 0, VS_LOST_MAX)
}

static void file_systems(void **state)
{
	static const char *const pseudo[] = {
		"proc",	   "sysfs",   "devtmpfs", "cgroup2", "pipefs",	   "sockfs", "anon_inodefs",
		"debugfs", "tracefs", "devpts",	  "nsfs",    "securityfs", "bpf",    "mqueue"};
	static const char *const real[] = {"ext4",  "xfs",  "btrfs", "tmpfs", "overlay",
					   "nfs",   "nfs4", "vfat",  "fuse",  "hugetlbfs",
					   "ramfs", "9p",   "",	     "pro",   "procc"};

	(void)state;
	for (size_t i = 0; i < LEN(pseudo); i++)
		assert_true(fs_bits(pseudo[i]) & VS_FS_PSEUDO);
	for (size_t i = 0; i < LEN(real); i++)
		assert_int_equal(fs_bits(real[i]), 0);
	assert_int_equal(fs_bits("anon_inodefs"), VS_FS_PSEUDO | VS_FS_ANON);
	for (size_t i = 0; i < fs_table_len; i++) {
		/* longer ones could never be the key of the kernel side's table */
		assert_in_range(strlen(fs_table[i].name), 1, VS_FS_LEN - 1);
		assert_int_equal(fs_bits(fs_table[i].name), fs_table[i].bits);
		/* in order, and none twice: they are looked up by halving */
		if (i)
			assert_true(strcmp(fs_table[i - 1].name, fs_table[i].name) < 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations),	cmocka_unit_test(groups),
		cmocka_unit_test(words),	cmocka_unit_test(unique),
		cmocka_unit_test(file_systems),
	};

	return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}
