// SPDX-License-Identifier: GPL-2.0
/* syscalls.c: numbers as in the kernel's headers, and the table that the kernel side gets. */
#include "unit.h"

#include <stdbool.h>

#include "nr.h"
#include "syscalls.h"
#include "tables.h"

#define ALL (~0ULL)

static int native_of(const struct syscall_row *row)
{
#if defined(__x86_64__)
	return row->x86_64;
#elif defined(__aarch64__)
	return row->arm64;
#endif
}

static int compat_of(const struct syscall_row *row)
{
#if defined(__x86_64__)
	return row->i386;
#elif defined(__aarch64__)
	(void)row;
	return -1;
#endif
}

static int header_number(const struct nr *nr, const char *name)
{
	for (; nr->name; nr++)
		if (!strcmp(nr->name, name))
			return nr->number;
	return -1;
}

/* Where the headers have the name, they have the number; returns how many they have. */
static int check_numbers(const char *abi, const struct nr *nr, size_t offset)
{
	int n = 0;

	for (int i = 0; i < syscall_table_len; i++) {
		const char *name = syscall_table[i].name;
		short number = *(const short *)((const char *)&syscall_table[i] + offset);
		int right = header_number(nr, name);

		if (number < 0 || right < 0)
			continue;
		n++;
		if (number != right)
			fail_msg("%s %s: %d instead of %d", abi, name, number, right);
	}
	return n;
}

static void numbers(void **state)
{
	(void)state;
	if (nr_x86_64[0].name)
		assert_true(check_numbers("x86-64", nr_x86_64,
					  offsetof(struct syscall_row, x86_64)) > 80);
	if (nr_i386[0].name)
		assert_true(check_numbers("i386", nr_i386, offsetof(struct syscall_row, i386)) >
			    80);
	if (nr_arm64[0].name)
		assert_true(check_numbers("arm64", nr_arm64, offsetof(struct syscall_row, arm64)) >
			    60);
}

/* A call that an architecture has by a name of the table has a row there. */
static void no_number_is_missing(void **state)
{
	(void)state;
	for (int i = 0; i < syscall_table_len; i++) {
		const char *name = syscall_table[i].name;
		bool x86_64 = false, i386 = false, arm64 = false;

		for (int j = 0; j < syscall_table_len; j++) {
			const struct syscall_row *row = &syscall_table[j];

			if (strcmp(row->name, name))
				continue;
			x86_64 |= row->x86_64 >= 0;
			i386 |= row->i386 >= 0;
			arm64 |= row->arm64 >= 0;
		}
		if (header_number(nr_x86_64, name) >= 0 && !x86_64)
			fail_msg("%s is not there for x86-64", name);
		if (header_number(nr_i386, name) >= 0 && !i386)
			fail_msg("%s is not there for i386", name);
		if (header_number(nr_arm64, name) >= 0 && !arm64)
			fail_msg("%s is not there for arm64", name);
	}
}

static void numbers_are_unique(void **state)
{
	static const size_t offsets[] = {offsetof(struct syscall_row, x86_64),
					 offsetof(struct syscall_row, i386),
					 offsetof(struct syscall_row, arm64)};

	(void)state;
	for (int abi = 0; abi < 3; abi++) {
		const char *names[VS_SYS_NRS] = {NULL};

		for (int i = 0; i < syscall_table_len; i++) {
			short nr = *(const short *)((const char *)&syscall_table[i] + offsets[abi]);

			assert_in_range(nr + 1, 0, VS_SYS_NRS);
			if (nr < 0)
				continue;
			if (names[nr])
				fail_msg("abi %d, %d: %s and %s", abi, nr, names[nr],
					 syscall_table[i].name);
			names[nr] = syscall_table[i].name;
		}
	}
}

static void rows_are_sound(void **state)
{
	(void)state;
	for (int i = 0; i < syscall_table_len; i++) {
		const struct syscall_row *row = &syscall_table[i];
		const struct vs_sys *s = &row->sys;
		const __u8 args[] = {s->fd,   s->fd2,	s->path, s->path2, s->len,  s->off,
				     s->off2, s->flags, s->mode, s->out,   s->text, s->text2};
		bool paths = s->shape == VS_SHAPE_TWO_PATHS || s->shape == VS_SHAPE_SYMLINK;

		assert_true(row->x86_64 >= 0 || row->i386 >= 0 || row->arm64 >= 0);
		assert_true(s->op < VS_OP_MAX && s->op2 < VS_OP_MAX && s->via < VS_VIA_MAX);
		for (size_t j = 0; j < sizeof(args); j++)
			assert_true(args[j] <= 6);
		if (!s->op) { /* only what it does to names, or a call that is seen otherwise */
			assert_int_equal(s->bits, s->via ? 0 : VS_SYS_MOVES_NAMES);
			continue;
		}
		if (s->shape == VS_SHAPE_FD || s->shape == VS_SHAPE_COPY)
			assert_true(s->fd > 0 && !s->path);
		if (s->shape == VS_SHAPE_COPY)
			assert_true(s->fd2 > 0 && s->fd2 != s->fd);
		if (s->shape == VS_SHAPE_PATH || paths)
			assert_true(s->path > 0);
		if (s->shape != VS_SHAPE_TEXT)
			assert_int_equal(paths, s->path2 > 0);
		if (s->bits & VS_SYS_SPLIT64)
			assert_int_equal(row->x86_64, -1);
		if (s->op == VS_OP_READ || s->op == VS_OP_WRITE)
			assert_int_not_equal(s->via, VS_VIA_NONE);
		else
			assert_int_equal(s->via, VS_VIA_NONE);
	}
}

static void ops_of_calls(void **state)
{
	(void)state;
	for (int i = 0; i < syscall_table_len; i++) {
		const char *name = syscall_table[i].name;
		__u64 ops = syscall_ops(&syscall_table[i].sys), want = 0;

		if (!strcmp(name, "read"))
			want = VS_BIT(VS_OP_READ);
		else if (!strcmp(name, "sendfile") || !strcmp(name, "vmsplice"))
			want = VS_BIT(VS_OP_READ) | VS_BIT(VS_OP_WRITE);
		else if (!strcmp(name, "openat") || !strcmp(name, "creat"))
			want = VS_BIT(VS_OP_OPEN) | VS_BIT(VS_OP_CREATE);
		else if (!strcmp(name, "mknod"))
			want = VS_BIT(VS_OP_MKNOD) | VS_BIT(VS_OP_CREATE);
		else if (!strcmp(name, "unlinkat"))
			want = VS_BIT(VS_OP_UNLINK) | VS_BIT(VS_OP_RMDIR);
		else if (!strcmp(name, "io_submit"))
			want = VS_BIT(VS_OP_READ) | VS_BIT(VS_OP_WRITE) | VS_BIT(VS_OP_FSYNC);
		else if (!strcmp(name, "pivot_root"))
			assert_int_equal(ops, 0);
		if (want && ops != want)
			fail_msg("%s: %#llx instead of %#llx", name, ops, want);
	}
}

static struct vs_sys *table;

static int setup(void **state)
{
	(void)state;
	/* on the heap, and not empty: it has to be cleared, and nothing written behind it */
	table = malloc(sizeof(*table) * VS_SYS_ABIS * VS_SYS_NRS);
	memset(table, 0xff, sizeof(*table) * VS_SYS_ABIS * VS_SYS_NRS);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(table);
	return 0;
}

static const struct vs_sys no_call;

static bool is_call(int abi, int nr, const struct vs_sys *sys)
{
	return !memcmp(&table[abi * VS_SYS_NRS + nr], sys, sizeof(*sys));
}

static void check_row(const char *name, const struct vs_sys *native, const struct vs_sys *compat)
{
	bool found = false;

	for (int i = 0; i < syscall_table_len; i++) {
		const struct syscall_row *row = &syscall_table[i];
		const struct vs_sys *want;

		if (strcmp(row->name, name))
			continue;
		found = true;
		want = native ? native : &row->sys;
		if (native_of(row) >= 0 && !is_call(0, native_of(row), want))
			fail_msg("%s", name);
		want = compat ? compat : &row->sys;
		if (compat_of(row) >= 0 && !is_call(1, compat_of(row), want))
			fail_msg("%s of 32-bit programs", name);
	}
	assert_true(found);
}
#define GIVEN(name) check_row(name, NULL, NULL)
#define LEFT_OUT(name) check_row(name, &no_call, &no_call)

static int calls_in_table(void)
{
	int n = 0;

	for (int i = 0; i < VS_SYS_ABIS * VS_SYS_NRS; i++)
		n += !!memcmp(&table[i], &no_call, sizeof(no_call));
	return n;
}

static void fill_all(void **state)
{
	int n = 0;

	(void)state;
	syscalls_fill(table, ALL, ALL);
	for (int i = 0; i < syscall_table_len; i++) {
		if (!syscall_table[i].sys.op && syscall_table[i].sys.via) {
			LEFT_OUT(syscall_table[i].name);
			continue;
		}
		GIVEN(syscall_table[i].name);
		n += (native_of(&syscall_table[i]) >= 0) + (compat_of(&syscall_table[i]) >= 0);
	}
	assert_int_equal(calls_in_table(), n); /* and nothing else */
					       /* another architecture's numbers are not in it */
#if defined(__x86_64__)
	assert_true(table[0].op == VS_OP_READ && table[VS_SYS_NRS + 3].op == VS_OP_READ);
	assert_true(table[VS_SYS_NRS + 0].op == VS_OP_NONE && table[63].op == VS_OP_NONE);
#endif
}

static void fill_none(void **state)
{
	static const char *const movers[] = {"rename",	"renameat",   "renameat2", "mount",
					     "umount2", "move_mount", "pivot_root"};
	const struct vs_sys moves = {.bits = VS_SYS_MOVES_NAMES};

	(void)state;
	syscalls_fill(table, 0, ALL);
	for (int i = 0; i < VS_SYS_ABIS * VS_SYS_NRS; i++)
		assert_true(!memcmp(&table[i], &no_call, sizeof(no_call)) ||
			    !memcmp(&table[i], &moves, sizeof(moves)));
	/* paths sent so far have to be sent anew after these, whatever is asked for */
	for (size_t i = 0; i < sizeof(movers) / sizeof(*movers); i++)
		check_row(movers[i], &moves, &moves);
}

static void fill_by_op(void **state)
{
	(void)state;
	syscalls_fill(table, VS_BIT(VS_OP_READ), ALL);
	GIVEN("read");
	GIVEN("preadv2");
	GIVEN("sendfile"); /* reads the source */
	GIVEN("vmsplice");
	GIVEN("io_submit");
	LEFT_OUT("write");
	LEFT_OUT("openat");
	LEFT_OUT("statx");
	syscalls_fill(table, VS_BIT(VS_OP_CREATE), ALL);
	GIVEN("openat");
	GIVEN("creat");
	GIVEN("mknodat");
	LEFT_OUT("mkdir");
	LEFT_OUT("read");
	syscalls_fill(table, VS_BIT(VS_OP_RMDIR), ALL);
	GIVEN("rmdir");
	GIVEN("unlinkat");
	LEFT_OUT("unlink");
	syscalls_fill(table, VS_BIT(VS_OP_FSYNC), ALL);
	GIVEN("fdatasync");
	GIVEN("io_getevents");
	LEFT_OUT("syncfs");
	syscalls_fill(table, VS_BIT(VS_OP_RENAME), ALL);
	GIVEN("renameat2");
	LEFT_OUT("link");
}

static void fill_by_via(void **state)
{
	(void)state;
	syscalls_fill(table, ALL, VS_BIT(VS_VIA_NONE) | VS_BIT(VS_VIA_VEC));
	GIVEN("readv");
	GIVEN("pwritev2");
	GIVEN("openat"); /* has no via */
	LEFT_OUT("read");
	LEFT_OUT("sendfile");
	LEFT_OUT("io_submit");
	syscalls_fill(table, VS_BIT(VS_OP_WRITE), VS_BIT(VS_VIA_SPLICE));
	GIVEN("splice");
	GIVEN("tee");
	GIVEN("vmsplice");
	LEFT_OUT("write");
	LEFT_OUT("copy_file_range");
	LEFT_OUT("openat");
}

/* What the kernel does for a call is not the kernel's own; reading a program for exec is. */
static void fill_within(void **state)
{
	__u8 within[VS_SYS_ABIS * VS_SYS_NRS];

	(void)state;
	memset(within, 0xff, sizeof(within));
	syscalls_fill_within(within);
#if defined(__x86_64__)
	assert_int_equal(within[0], VS_WITHIN_CALL);		  /* read */
	assert_int_equal(within[VS_SYS_NRS + 3], VS_WITHIN_CALL); /* of 32-bit programs */
	assert_int_equal(within[16], VS_WITHIN_CLONE);		  /* ioctl */
	assert_int_equal(within[426], VS_WITHIN_CALL);		  /* io_uring_enter */
	assert_int_equal(within[59], VS_WITHIN_NO);		  /* execve */
	assert_int_equal(within[165], VS_WITHIN_NO);		  /* mount */
	assert_int_equal(within[VS_SYS_NRS + 0], VS_WITHIN_NO);	  /* restart_syscall */
#endif
}

/* Only what went by these doors, says the contract: what has no door did not. */
static void fill_without_via(void **state)
{
	(void)state;
	syscalls_fill(table, ALL, VS_BIT(VS_VIA_RW));
	GIVEN("read");
	LEFT_OUT("readv");
	LEFT_OUT("openat");
	LEFT_OUT("fsync");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(no_number_is_missing),
		cmocka_unit_test(numbers_are_unique),
		cmocka_unit_test(rows_are_sound),
		cmocka_unit_test(ops_of_calls),
		TEST(fill_all),
		TEST(fill_none),
		TEST(fill_by_op),
		TEST(fill_by_via),
		TEST(fill_without_via),
		TEST(fill_within),
	};

	return cmocka_run_group_tests_name("syscalls", tests, NULL, NULL);
}
