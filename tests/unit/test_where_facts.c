// SPDX-License-Identifier: GPL-2.0
/* where_facts.c: filters and options that nothing can pass, and those that something may. */
#include "unit.h"

#include "where_words.h"

static void never(void **state)
{
	static const char *const exprs[] = {
		"op == read and op == write",
		"op == read and op != read",
		"op == read and not op == data",
		"op in (read, write) and op in (open, close)",
		"lat > 10ms and lat < 1ms",
		"lat > 10ms and lat <= 10ms",
		"lat < 0",
		"size < 0",
		"pid == 5 and pid == 6",
		"pid == 99999999999",
		"fd > 3 and fd < 4",
		"err and not err",
		"err == ENOENT and err == EACCES",
		"err and ret >= 0",
		"err and bytes > 0",
		"ret == -2 and err == EACCES and err != EACCES",
		"op == open and size > 1M",
		"comm == a and comm == b",
		"comm == abc and comm ~ 'x*'",
		"comm == abc and comm !~ 'a*'",
		"not comm",
		"not pid",
		"fs == ext4 and fs in (xfs, btrfs)",
		"fs == ext4 and not fs",
		"path == /a and path == /b",
		"path == /a/b and path ~ /a",
		"not (op == read or op != read)",
		"op == read and (op == write or op == open)",
		"(lat > 10ms or size > 1M) and lat < 1ms and size < 1K",
		"size < 1K and ((lat < 1ms and lat > 2ms) or size > 2K)",
		"(op == read or op == write) and (op == open or op == close)",
		"mode == 0644 and mode == 0600",
		"ts_ns < 5 and ts_ns > 6",
		"via == splice and op == fsync",
		"op in (open, close) and via in (rw, vec)",
		"op == stat and offset > 0",
		"op == runq and path ~ /x",
		"op == unlink and fd == 3",
		"op == read and mode == 0644",
		"op == open and path2 ~ /x*",
		"op == stat and mount_type == ext4",
		"op in (stat, readlink) and bytes > 0",
		"offset > 0 and op == stat",
		"queue_ns > 1ms and op == write",
		"kind and op == open",
		"prev_tid == 1 and op != runq",
		"mount_aux == 1 and queue_ns > 1",
		"ret == -2 and err == EACCES",
		"err in (ENOENT, EACCES) and ret == -1",
		"err == ENOENT and ret < -2",
		"name == a and path == /x/b",
		"path == /x/b and name == a",
		"path in (/x/b, /y/c) and name in (a, d)",
		"path in (/x/b, /y/c) and name ~ '*.log'",
		"path == /x/b and name != b",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(exprs); i++)
		if (parse(WORDS("--where", exprs[i])) != -EINVAL || !strstr(said, "never be true"))
			fail_msg("'%s': '%s'", exprs[i], said);
	wrong("op == read and op == write", "can never be true: this contradicts 'op == read'", 15);
	wrong("op == read and not (op == read or fd)",
	      "can never be true: this contradicts 'op == read'", 20);
	wrong("fd == 1 and lat < 0", "this can never be true", 12);
}

static void perhaps(void **state)
{
	static const char *const exprs[] = {
		"op == read or op == write",
		"op == read or (op == write and op == open)",
		"comm ~ 'a*' and comm ~ '*b'",
		"comm != a and comm != b",
		"path ~ /a/* and path ~ **/b",
		"fd > 3 and fd < 5",
		"err or not err",
		"ret == -2 and err == ENOENT",
		"ret < 0 or bytes > 0",
		"op == open or size > 1M",
		"not err and bytes > 0",
		"via == aio and op == fsync",
		"via in (rw, io_uring) and op == open",
		"ret < -4095 and not err",
		"lat >= 0 and lat <= 0",
		"pid != 1 and pid != 2 and pid < 3",
		"not path and not path2",
		"name == a and path ~ **/b", /* true, but that is not seen */
		"op == open and not path2",
		"op == open and path2 != /x",
		"op in (open, rename) and path2 == /x",
		"op == bio and queue_ns > 1",
		"op == runq or path == /x",
		"ret in (-2, -13) and err == EACCES",
		"err in (ENOENT, EACCES) and ret <= -13",
		"ret < 0 and err",
		"name == b and path == /x/b",
		"name == 'b (deleted)' and path == /x/b",
		"name == b and path == '/x/b (deleted)'",
		"name ~ 'b*' and path in (/x/a, /x/bb)",
		"name == a and (path == /x/b or path ~ /x/*)",
		"path in (/x/b, /) and name == a", /* not, but "/" has no name to go by */
		"path == 'pipe:[1]' and name ~ 'pipe:*'",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(exprs); i++)
		accepts(exprs[i]);
}

static void contradictory_options(void **state)
{
	static const struct {
		const char *words[4], *message;
	} cases[] = {
		{{"-x", "--min-size", "4K"},
		 "vfscope: --min-size and -x contradict each other: nothing can pass both\n"},
		{{"--err", "ENOENT", "--min-size", "4K"},
		 "vfscope: --min-size and --err contradict each other: nothing can pass both\n"},
		{{"-o", "open,rename", "--min-size", "4K"},
		 "vfscope: --min-size and -o contradict each other: nothing can pass both\n"},
		{{"-p", "1", "--", "true"},
		 "vfscope: -p and -- PROGRAM contradict each other: only what the program does is "
		 "traced\n"},
		{{"-t", "1", "--", "true"},
		 "vfscope: -t and -- PROGRAM contradict each other: only what the program does is "
		 "traced\n"},
		{{"-o", "read", "--where", "op == write"},
		 "vfscope: --where: can never be true: this contradicts -o\n    op == write\n    ^\n"},
		{{"--fs", "ext4", "--where", "fd and fs == xfs"},
		 "vfscope: --where: can never be true: this contradicts --fs\n    fd and fs == xfs\n"
		 "           ^\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int n = 0;

		while (n < 4 && cases[i].words[n])
			n++;
		if (parse(cases[i].words, n) != -EINVAL || strcmp(said, cases[i].message))
			fail_msg("'%s' instead of '%s'", said, cases[i].message);
	}
	assert_int_equal(parse(WORDS("-x", "-o", "open", "--where", "path ~ /a/**")), 0);
	assert_int_equal(parse(WORDS("-o", "data", "--min-size", "4K")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(never),
		cmocka_unit_test(perhaps),
		cmocka_unit_test(contradictory_options),
	};

	return cmocka_run_group_tests_name("where_facts", tests, NULL, finish);
}
