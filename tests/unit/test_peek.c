// SPDX-License-Identifier: GPL-2.0
/* peek.c: which contents are forbidden, and how the others are shown. */
#include "unit.h"

#include "peek.h"

static struct out out;

static const char *shown(void)
{
	static char text[4096];

	memcpy(text, out.buf, out.len);
	text[out.len] = '\0';
	out_fini(&out);
	return text;
}

static void forbidden(void **state)
{
	static char *list[] = {"*.key", "/etc/**", "shadow"};
	const struct strings globs = {list, 3}, none = {NULL, 0};
	static const struct {
		const char *path;
		bool forbidden;
	} rows[] = {
		{"/a/b.key", true},
		{"/a/b.key (deleted)", true},
		{"/a/b.key (deleted) x", false},
		{"/a.key/b", true}, /* a directory above is named */
		{"/a.key (deleted)/b", false},
		{"/a.keys/b", false},
		{"/x/shadow/a/b", true},
		{"/etc/x", true},
		{"/etc/a/b", true},
		{"/etcx", false},
		{"/a/etc/b", false},
		{"/a/shadow", true},
		{"/a/shadow-", false},
		{"shadow", true},
		{"pipe:[1]", false},
		{"/", false},
		{"", false},
		{"(unreachable)/b.key", true},
		{" (deleted)", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct str path = {rows[i].path, strlen(rows[i].path)};

		if (peek_is_forbidden(&globs, path) != rows[i].forbidden)
			fail_msg("%s", rows[i].path);
		assert_false(peek_is_forbidden(&none, path));
	}
	/* no path: nobody can say that it is none of them */
	assert_true(peek_is_forbidden(&globs, (struct str){NULL, 0}));
	assert_false(peek_is_forbidden(&none, (struct str){NULL, 0}));
}

static void dots(void **state)
{
	(void)state;
	out_init(&out, -1, 64);
	assert_int_equal(peek_dots(&out, "a\0 \x1b~\x7f\xff\\\n", 9), 9);
	assert_string_equal(shown(), "a. .~..\\.");
	out_init(&out, -1, 64);
	assert_int_equal(peek_dots(&out, NULL, 0), 0);
	assert_string_equal(shown(), "");
}

static void dump(void **state)
{
	(void)state;
	out_init(&out, -1, 64);
	peek_dump(&out, "0123456789abcdef\x1b[0m", 20);
	assert_string_equal(
		shown(),
		"    0000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef\n"
		"    0010  1b 5b 30 6d                                      .[0m\n");
	out_init(&out, -1, 64);
	peek_dump(&out, NULL, 0);
	assert_string_equal(shown(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forbidden),
		cmocka_unit_test(dots),
		cmocka_unit_test(dump),
	};

	return cmocka_run_group_tests_name("peek", tests, NULL, NULL);
}
