// SPDX-License-Identifier: GPL-2.0
/* comms.c: the machine that the kernel side runs says what fnmatch says. */
#include "unit.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>

#include "comms.h"

/* As who_comm_matches in bpf/who.h. */
static bool run(const struct vs_glob *glob, const char *comm)
{
	__u64 states = 1;

	for (; *comm; comm++)
		states = (states & glob->accepts[(__u8)*comm]) << 1 | (states & glob->stays);
	return states & glob->goal;
}

static const char *const globs[] = {
	"",	 "*",	  "**",	     "?",	    "??*",    "a",	   "abc",
	"a*",	 "*c",	  "a*c",     "*b*",	    "a*b*c",  "[a-c]*",	   "[!a-c]*",
	"[^a]b", "[]]",	  "[!]]",    "[",	    "[a",     "a[",	   "\\*",
	"\\",	 "a\\?c", "[\\]a]c", "[[:alpha:]]", "a[b-]c", "kworker/*", "*/*",
	"k?o*r", "a**c",  "?*?",     "*a*a*a*a*",   "a b",    "[a-]",	   "x[[:digit:]]*",
};
static const char *const comms[] = {
	"",
	"a",
	"b",
	"c",
	"ab",
	"abc",
	"abbc",
	"aXbYc",
	"acb",
	"bab",
	"]",
	"[",
	"[a",
	"a[",
	"*",
	"\\",
	"a?c",
	"a*c",
	"kworker/0:1H",
	"aaaa",
	"aaa",
	"a-c",
	"-",
	"a b",
	"x1",
	"x1y",
	"xy",
	"kworker/u8:3-ev",
	"fifteen letters",
};

static void as_fnmatch(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(globs) / sizeof(*globs); i++) {
		struct vs_glob glob;

		assert_int_equal(comm_glob(globs[i], &glob), 0);
		for (size_t j = 0; j < sizeof(comms) / sizeof(*comms); j++)
			if (run(&glob, comms[j]) != !fnmatch(globs[i], comms[j], 0))
				fail_msg("'%s' and '%s'", globs[i], comms[j]);
	}
}

static void random_ones(void **state)
{
	static const char letters[] = "ab*?";
	uint64_t seed = 7;
	int matches = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char glob[8] = "", comm[8] = "";
		struct vs_glob machine;

		for (int at = unit_random(&seed) % 7; at--;)
			glob[at] = letters[unit_random(&seed) % 4];
		for (int at = unit_random(&seed) % 7; at--;)
			comm[at] = letters[unit_random(&seed) % 2];
		assert_int_equal(comm_glob(glob, &machine), 0);
		if (run(&machine, comm) != !fnmatch(glob, comm, 0))
			fail_msg("'%s' and '%s'", glob, comm);
		matches += run(&machine, comm);
	}
	assert_in_range(matches, 1000, 19000);
}

static void any_byte(void **state)
{
	struct vs_glob glob;

	(void)state;
	assert_int_equal(comm_glob("?\xff", &glob), 0);
	assert_true(run(&glob, "\x80\xff"));
	assert_false(run(&glob, "\xff\x80"));
}

static void too_long(void **state)
{
	char text[2 * VS_GLOB_MAX] = "";
	struct vs_glob glob;

	(void)state;
	memset(text, 'a', VS_GLOB_MAX);
	strcat(text, "*");
	assert_int_equal(comm_glob(text, &glob), 0);
	assert_true(glob.goal == VS_BIT(63) && glob.stays == VS_BIT(63));
	strcat(text, "b");
	assert_int_equal(comm_glob(text, &glob), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_fnmatch),
		cmocka_unit_test(random_ones),
		cmocka_unit_test(any_byte),
		cmocka_unit_test(too_long),
	};

	return cmocka_run_group_tests_name("comms", tests, NULL, NULL);
}
