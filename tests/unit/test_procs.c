// SPDX-License-Identifier: GPL-2.0
/* procs.c: processes and their programs, from what the kernel side tells and from /proc. */
#include "unit.h"

#include <errno.h>

#include "make_record.h"
#include "procs.h"

static struct procs *procs;
static struct names *names;

static int setup(void **state)
{
	(void)state;
	procs = procs_new();
	names = names_new(100, 10000);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	procs_free(procs);
	names_free(names);
	return 0;
}

static int tell_args(enum vs_proc_what what, __u32 pid, __u32 parent, __u64 exe_id, __u32 at,
		     const char *args, size_t len)
{
	struct vs_rec_proc *rec = calloc(1, sizeof(*rec) + len);
	int err;

	*rec = (struct vs_rec_proc){.type = VS_REC_PROC,
				    .what = what,
				    .len = len,
				    .pid = pid,
				    .parent = parent,
				    .at = at,
				    .exe_id = exe_id,
				    .comm = "comm"};
	memcpy(rec + 1, args, len);
	err = procs_add(procs, names, rec, sizeof(*rec) + len);
	free(rec);
	return err;
}

static void tell(enum vs_proc_what what, __u32 pid, __u32 parent)
{
	assert_int_equal(tell_args(what, pid, parent, 0, 0, "", 0), 0);
}

#define EXEC(pid, exe, args)                                                                       \
	assert_int_equal(tell_args(VS_PROC_EXEC, pid, 0, exe, 0, args, sizeof(args)), 0)

static void check(__u32 pid, const char *exe, const char *args)
{
	struct proc *proc = procs_find(procs, pid);
	struct str got;

	assert_non_null(proc);
	got = procs_args(proc);
	if (args) {
		assert_non_null(got.p);
		assert_int_equal(got.len, strlen(args));
		assert_memory_equal(got.p, args, got.len);
	} else {
		assert_null(got.p);
	}
	if (exe) {
		assert_int_equal(proc->program->exe.len, strlen(exe));
		assert_memory_equal(proc->program->exe.p, exe, strlen(exe));
	} else {
		assert_true(!proc->program || !proc->program->exe.p);
	}
}

static void exec(void **state)
{
	struct raw name = raw_name(7, "ext4", 0, "cat/bin");

	(void)state;
	assert_null(procs_find(procs, 10));
	assert_int_equal(names_add(names, name.data, name.size), 0);
	raw_free(&name);
	EXEC(10, 7, "cat\0a file\0");
	check(10, "/bin/cat", "cat a file ");
	EXEC(10, 8, "other"); /* a name that was lost */
	check(10, NULL, "other");
	assert_int_equal(tell_args(VS_PROC_EXEC, 10, 0, 7, 0, "", 0), 0);
	check(10, "/bin/cat", NULL);
	assert_string_equal(procs_find(procs, 10)->comm, "comm");
}

/* The NUL behind the last argument is no blank; one that an argument ends with is. */
static void ends(void **state)
{
	(void)state;
	assert_int_equal(tell_args(VS_PROC_EXEC, 1, 0, 0, 0, "a\0b", 4), 0);
	check(1, NULL, "a b");
	assert_int_equal(tell_args(VS_PROC_EXEC, 1, 0, 0, 0, "a\0b ", 5), 0);
	check(1, NULL, "a b ");
	assert_int_equal(tell_args(VS_PROC_EXEC, 1, 0, 0, 0, "a\0b", 3), 0);
	check(1, NULL, "a b");
	assert_int_equal(tell_args(VS_PROC_EXEC, 1, 0, 0, 0, "\0\0\0", 3), 0);
	check(1, NULL, "  ");
}

static void parts(void **state)
{
	(void)state;
	assert_int_equal(tell_args(VS_PROC_EXEC, 1, 0, 0, 0, "one\0tw", 6), 0);
	assert_int_equal(tell_args(VS_PROC_ARGS, 1, 0, 0, 6, "o\0", 2), 0);
	check(1, NULL, "one two");
	/* one before was lost */
	assert_int_equal(tell_args(VS_PROC_ARGS, 1, 0, 0, 9, "x", 1), 0);
	check(1, NULL, "one two");
	assert_int_equal(tell_args(VS_PROC_ARGS, 2, 0, 0, 0, "x", 1), 0);
	assert_null(procs_find(procs, 2));
}

static void fork_and_exit(void **state)
{
	(void)state;
	EXEC(1, 0, "parent");
	tell(VS_PROC_FORK, 2, 1);
	check(2, NULL, "parent");
	assert_int_equal(procs_find(procs, 2)->parent, 1);
	EXEC(1, 0, "new");
	check(2, NULL, "parent");
	check(1, NULL, "new");
	EXEC(2, 0, "child");
	tell(VS_PROC_EXIT, 1, 0);
	tell(VS_PROC_EXIT, 2, 0);
	tell(VS_PROC_EXIT, 2, 0);
	tell(VS_PROC_EXIT, 3, 0);
	/* they have ended, but are still known */
	check(1, NULL, "new");
	check(2, NULL, "child");
	/* until another has the number */
	tell(VS_PROC_FORK, 2, 1);
	check(2, NULL, "new");
	tell(VS_PROC_FORK, 1, 99);
	assert_null(procs_find(procs, 1)->program);
	assert_null(procs_args(procs_find(procs, 1)).p);
}

/* The latest that have ended are kept, and all that have not. */
static void bound(void **state)
{
	int known = 0;

	(void)state;
	EXEC(1, 0, "first");
	for (__u32 pid = 2; pid < 10000; pid++) {
		tell(VS_PROC_FORK, pid, 1);
		if (pid != 5000)
			tell(VS_PROC_EXIT, pid, 0);
	}
	check(1, NULL, "first");
	check(5000, NULL, "first");
	check(9999, NULL, "first");
	assert_null(procs_find(procs, 2));
	for (__u32 pid = 2; pid < 10000; pid++)
		known += procs_find(procs, pid) != NULL;
	assert_int_equal(known, 4096 + 1);
}

static void scan(void **state)
{
	char exe[4096], cmdline[4096];
	FILE *file = fopen("/proc/self/cmdline", "r");
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	size_t n = fread(cmdline, 1, sizeof(cmdline) - 1, file);
	struct proc *proc;

	(void)state;
	fclose(file);
	exe[len] = '\0';
	cmdline[n] = '\0';
	for (size_t i = 0; i + 1 < n; i++)
		if (!cmdline[i])
			cmdline[i] = ' ';
	procs_scan(procs);
	check(getpid(), exe, cmdline);
	proc = procs_find(procs, getpid());
	assert_int_equal(proc->parent, getppid());
	assert_int_equal(strncmp(proc->comm, strrchr(exe, '/') + 1, 15), 0);
	/* told of now, but it was before the scan: what was scanned is newer; only once */
	tell(VS_PROC_FORK, getpid(), 1);
	check(getpid(), exe, cmdline);
	assert_int_equal(procs_find(procs, getpid())->parent, 1);
	tell(VS_PROC_FORK, getpid(), 4000000);
	check(getpid(), NULL, NULL);
}

static void malformed(void **state)
{
	struct vs_rec_proc rec = {.type = VS_REC_PROC, .what = VS_PROC_EXEC, .pid = 1};

	(void)state;
	for (size_t size = 0; size < sizeof(rec); size++)
		assert_int_equal(procs_add(procs, names, &rec, size), -EBADMSG);
	rec.len = 1;
	assert_int_equal(procs_add(procs, names, &rec, sizeof(rec)), -EBADMSG);
	rec.len = 0;
	rec.what = 0;
	assert_int_equal(procs_add(procs, names, &rec, sizeof(rec)), -EBADMSG);
	rec.what = VS_PROC_EXIT + 1;
	assert_int_equal(procs_add(procs, names, &rec, sizeof(rec)), -EBADMSG);
	rec.what = VS_PROC_EXEC;
	memset(rec.comm, 'x', sizeof(rec.comm));
	assert_int_equal(procs_add(procs, names, &rec, sizeof(rec)), -EBADMSG);
	assert_null(procs_find(procs, 1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(exec),  TEST(ends), TEST(parts),	  TEST(fork_and_exit),
		TEST(bound), TEST(scan), TEST(malformed),
	};

	return cmocka_run_group_tests_name("procs", tests, NULL, NULL);
}
