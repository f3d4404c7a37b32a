// SPDX-License-Identifier: GPL-2.0
/* util.c: units, numbers, nearest words, names of errors, the one line of a message. */
#include "unit.h"

#include <errno.h>
#include <locale.h>

#include "util.h"

struct unit_case {
	const char *text;
	int err;
	__u64 value;
};

/* Each text to its value or its error; a refused one leaves the value alone. */
static void check_units(int (*parse)(const char *, __u64 *), const struct unit_case *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		__u64 value = 0xabad1dea;
		int err = parse(c[i].text, &value);

		if (err != c[i].err || (!err && value != c[i].value))
			fail_msg("'%s': %d, %llu instead of %d, %llu", c[i].text, err, value,
				 c[i].err, c[i].value);
		if (err)
			assert_int_equal(value, 0xabad1dea);
	}
}

static void times(void **state)
{
	static const struct unit_case cases[] = {
		{"5", 0, 5000000000},
		{"0", 0, 0},
		{"1ns", 0, 1},
		{"100us", 0, 100000},
		{"10ms", 0, 10000000},
		{"1.5s", 0, 1500000000},
		{".5s", 0, 500000000},
		{"2m", 0, 120000000000},
		{"2min", 0, 120000000000},
		{"1h", 0, 3600000000000},
		{"10MS", 0, 10000000},
		{"0.1ms", 0, 100000},
		{"1.0000000004s", 0, 1000000000},
		{"1700000000.123456789s", 0, 1700000000123456789},
		{"1.0ns", 0, 1},
		{"0.6ns", -EINVAL, 0},
		{"9000000000s", 0, 9000000000000000000},
		{"9000000001s", -ERANGE, 0},
		{"1e400", -ERANGE, 0},
		{"99999999h", -ERANGE, 0},
		{"", -EINVAL, 0},
		{".", -EINVAL, 0},
		{"ms", -EINVAL, 0},
		{"-1s", -EINVAL, 0},
		{"+1s", -EINVAL, 0},
		{" 1s", -EINVAL, 0},
		{"1 s", -EINVAL, 0},
		{"1s ", -EINVAL, 0},
		{"10mss", -EINVAL, 0},
		{"1d", -EINVAL, 0},
		{"1.2.3s", -EINVAL, 0},
		{"0x10", -EINVAL, 0},
		{"0X1p3", -EINVAL, 0},
		{"nan", -EINVAL, 0},
		{"inf", -EINVAL, 0},
		{"1,5s", -EINVAL, 0},
		{"4K", -EINVAL, 0},
	};

	(void)state;
	check_units(parse_time, cases, ARRAY_LEN(cases));
}

static void sizes(void **state)
{
	static const struct unit_case cases[] = {
		{"512", 0, 512},
		{"0", 0, 0},
		{"1B", 0, 1},
		{"4K", 0, 4096},
		{"4k", 0, 4096},
		{"1M", 0, 1 << 20},
		{"0.5G", 0, 1 << 29},
		{"1T", 0, 1ULL << 40},
		{"4KiB", 0, 4096},
		{"1MiB", 0, 1 << 20},
		{"2GiB", 0, 2ULL << 30},
		{"3TiB", 0, 3ULL << 40},
		{"1.5K", 0, 1536},
		{"0.0001K", 0, 0},
		{"1.0", 0, 1},
		{"1.5", -EINVAL, 0},
		{"1.5B", -EINVAL, 0},
		{"1e-1", -EINVAL, 0},
		{"8388607T", -ERANGE, 0},
		{"18446744073709551615", -ERANGE, 0},
		{"", -EINVAL, 0},
		{"K", -EINVAL, 0},
		{"-1", -EINVAL, 0},
		{"4KB", -EINVAL, 0},
		{"1P", -EINVAL, 0},
		{"1 K", -EINVAL, 0},
		{"0x1000", -EINVAL, 0},
		{"10ms", -EINVAL, 0},
	};

	(void)state;
	check_units(parse_size, cases, ARRAY_LEN(cases));
}

static void numbers(void **state)
{
	__u64 n = 0;

	(void)state;
	assert_int_equal(parse_u64("0", 0, 9, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(parse_u64("007", 1, 9, &n), 0);
	assert_int_equal(n, 7); /* decimal, whatever stands in front */
	assert_int_equal(parse_u64("18446744073709551615", 0, UINT64_MAX, &n), 0);
	assert_true(n == UINT64_MAX);
	assert_int_equal(parse_u64("18446744073709551616", 0, UINT64_MAX, &n), -ERANGE);
	assert_int_equal(parse_u64("0", 1, 9, &n), -ERANGE);
	assert_int_equal(parse_u64("10", 1, 9, &n), -ERANGE);
	assert_int_equal(parse_u64("1", 1, 1, &n), 0);
	assert_int_equal(parse_u64("", 0, 9, &n), -EINVAL);
	assert_int_equal(parse_u64("-1", 0, UINT64_MAX, &n), -EINVAL);
	assert_int_equal(parse_u64("+1", 0, 9, &n), -EINVAL);
	assert_int_equal(parse_u64(" 1", 0, 9, &n), -EINVAL);
	assert_int_equal(parse_u64("1 ", 0, 9, &n), -EINVAL);
	assert_int_equal(parse_u64("1x", 0, 9, &n), -EINVAL);
	assert_int_equal(parse_u64("0x1", 0, 9, &n), -EINVAL);
	assert_int_equal(parse_u64("1.0", 0, 9, &n), -EINVAL);
	/* neither a number nor in range: what stands behind it decides */
	assert_int_equal(parse_u64("99999999999999999999x", 0, 9, &n), -EINVAL);
}

static const char *word(size_t i)
{
	static const char *const words[] = {
		"read", "write", "rw", "", "removexattr", "a-word-of-more-than-thirty-one-letters",
		NULL};

	return words[i];
}

static const char *no_word(size_t i)
{
	(void)i;
	return NULL;
}

static void nearest_word(void **state)
{
	(void)state;
	assert_string_equal(nearest("raed", word), "read");
	assert_string_equal(nearest("reads", word), "read");
	assert_string_equal(nearest("wirte", word), "write");
	assert_string_equal(nearest("rmovexatr", word), "removexattr");
	assert_string_equal(nearest("read", word), "read");
	/* three edits are near, four are not */
	assert_string_equal(nearest("removex", word) ?: "none", "none");
	assert_string_equal(nearest("removexa", word), "removexattr");
	/* a word shorter than four letters: one edit */
	assert_string_equal(nearest("rv", word), "rw");
	assert_null(nearest("xy", word));
	assert_null(nearest("ea", word));
	/* no word is near whose every letter would change; nor is the empty word ever */
	assert_null(nearest("", word));
	assert_null(nearest("zzzzzzzz", word));
	assert_null(nearest("read", no_word));
	/* long ones are compared by their first letters: no overflow, however long */
	assert_string_equal(
		nearest("a-word-of-more-than-thirty-one-letterssssssssssssssssss", word),
		"a-word-of-more-than-thirty-one-letters");
}

static void errno_names(void **state)
{
	(void)state;
	assert_string_equal(errno_name(ENOENT), "ENOENT");
	assert_string_equal(errno_name(EAGAIN), "EAGAIN");
	assert_string_equal(errno_name(133), "EHWPOISON");
	assert_string_equal(errno_name(512), "ERESTARTSYS");
	assert_string_equal(errno_name(516), "ERESTART_RESTARTBLOCK");
	assert_string_equal(errno_name(529), "EIOCBQUEUED");
	assert_null(errno_name(134));
	assert_null(errno_name(511));
	assert_null(errno_name(4095));
	assert_null(errno_name(-1));
	assert_int_equal(errno_of("ENOENT"), ENOENT);
	assert_int_equal(errno_of("enoent"), ENOENT);
	assert_int_equal(errno_of("ERESTARTSYS"), 512);
	assert_int_equal(errno_of("ENOTSUPP"), 524);
	assert_int_equal(errno_of(""), 0);
	assert_int_equal(errno_of("0"), 0);
	assert_int_equal(errno_of("2"), 0);
	assert_int_equal(errno_of("ENOSUCH"), 0);
	for (int err = 1; err <= 4095; err++)
		if (errno_name(err))
			assert_int_equal(errno_of(errno_name(err)), err);
}

/* errno(3) gives these errors a second name */
static void errno_aliases(void **state)
{
	(void)state;
	assert_int_equal(errno_of("EOPNOTSUPP"), EOPNOTSUPP);
	assert_int_equal(errno_of("ENOTSUP"), ENOTSUP);
	assert_int_equal(errno_of("EWOULDBLOCK"), EWOULDBLOCK);
	assert_int_equal(errno_of("EDEADLOCK"), EDEADLOCK);
}

static const char *said(const char *text)
{
	static struct capture c;

	capture_begin(&c);
	msg("%s", text);
	return capture_end(&c);
}

static void message_is_one_line(void **state)
{
	static char longest[3000];
	const char *text;

	(void)state;
	assert_string_equal(said("plain, é"), "vfscope: plain, é\n");
	assert_string_equal(said("a\nb\r\tc\033[31m\177"), "vfscope: a\\nb\\r\\tc\\x1b[31m\\x7f\n");
	memset(longest, 'x', sizeof(longest) - 1);
	text = said(longest);
	assert_int_equal(strlen(text), strlen("vfscope: \n") + 1023);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

/* The controls of Latin-1: CSI is one, and starts a sequence as ESC [ does. */
static void message_shows_no_c1_control(void **state)
{
	(void)state;
	assert_null(strstr(said("a\xc2\x9b"
				"31m"),
			   "\xc2\x9b"));
}

/* Each length and each group of digits, as printf has them. */
static void number_digits(void **state)
{
	__u64 n = 0x9e3779b97f4a7c15ULL;
	char want[32], got[32];

	(void)state;
	for (int i = 0; i < 200000; i++) {
		__u64 value = i < 100000 ? (__u64)i : n >> i % 64;

		snprintf(want, sizeof(want), "%llu", value);
		*write_u64(got, value) = '\0';
		assert_string_equal(got, want);
		n = n * 6364136223846793005ULL + 1442695040888963407ULL;
	}
	*write_u64(got, ~0ULL) = '\0';
	assert_string_equal(got, "18446744073709551615");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times),
		cmocka_unit_test(sizes),
		cmocka_unit_test(numbers),
		cmocka_unit_test(number_digits),
		cmocka_unit_test(nearest_word),
		cmocka_unit_test(errno_names),
		cmocka_unit_test(errno_aliases),
		cmocka_unit_test(message_is_one_line),
		cmocka_unit_test(message_shows_no_c1_control),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("util", tests, NULL, NULL);
}
