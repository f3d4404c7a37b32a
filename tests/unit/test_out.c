// SPDX-License-Identifier: GPL-2.0
/* out.c: whole records, integers, and names that stay what they are and do no harm. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <wchar.h>

#include "out.h"
#include "util.h"

enum how { JSON, CSV, VISIBLE };

/* The text of some bytes, NUL-terminated, until the next call; columns may be NULL. */
static const char *escaped(enum how how, const char *bytes, size_t len, int *columns)
{
	static char text[4096];
	char *copy = malloc(len ? len : 1); /* without slack: reading on is seen by ASan */
	struct out o;
	int n = 0;

	memcpy(copy, bytes, len);
	out_init(&o, -1, 16);
	if (how == JSON)
		out_json_escaped(&o, copy, len);
	else if (how == CSV)
		out_csv_escaped(&o, copy, len);
	else
		n = out_visible(&o, copy, len);
	assert_true(o.len < sizeof(text));
	memcpy(text, o.buf, o.len);
	text[o.len] = '\0';
	if (columns)
		*columns = n;
	out_fini(&o);
	free(copy);
	return text;
}

#define CHECK(how, bytes, text)                                                                    \
	assert_string_equal(escaped(how, bytes, sizeof(bytes) - 1, NULL), text)
#define CHECK_VISIBLE(bytes, text, columns_)                                                       \
	do {                                                                                       \
		int columns;                                                                       \
		assert_string_equal(escaped(VISIBLE, bytes, sizeof(bytes) - 1, &columns), text);   \
		assert_int_equal(columns, columns_);                                               \
	} while (0)

static void json_plain(void **state)
{
	(void)state;
	CHECK(JSON, "", "");
	CHECK(JSON, "plain name.txt", "plain name.txt");
	CHECK(JSON, "a\"b\\c/d", "a\\\"b\\\\c/d");
	CHECK(JSON, "\\\"", "\\\\\\\"");
	CHECK(JSON, "a\0b", "a\\u0000b");
	CHECK(JSON, "\x01\b\t\n\v\f\r\x1b\x1f",
	      "\\u0001\\u0008\\u0009\\u000a\\u000b\\u000c\\u000d"
	      "\\u001b\\u001f");
}

static void json_utf8(void **state)
{
	(void)state;
	/* the first and the last of each length, and what stands beside the surrogates */
	CHECK(JSON, "\xc2\x80\xdf\xbf", "\xc2\x80\xdf\xbf");
	CHECK(JSON, "\xe0\xa0\x80\xef\xbf\xbf", "\xe0\xa0\x80\xef\xbf\xbf");
	CHECK(JSON, "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
	CHECK(JSON, "\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80");
	CHECK(JSON, "Größe 日本語 😀", "Größe 日本語 😀");
}

static void json_invalid_utf8(void **state)
{
	(void)state;
	CHECK(JSON, "\x80", "\\u0080");
	CHECK(JSON, "\xff\xfe", "\\u00ff\\u00fe");
	/* overlong */
	CHECK(JSON, "\xc0\xaf", "\\u00c0\\u00af");
	CHECK(JSON, "\xc1\xbf", "\\u00c1\\u00bf");
	CHECK(JSON, "\xe0\x9f\xbf", "\\u00e0\\u009f\\u00bf");
	CHECK(JSON, "\xf0\x8f\xbf\xbf", "\\u00f0\\u008f\\u00bf\\u00bf");
	/* surrogates, and beyond U+10FFFF */
	CHECK(JSON, "\xed\xa0\x80", "\\u00ed\\u00a0\\u0080");
	CHECK(JSON, "\xed\xbf\xbf", "\\u00ed\\u00bf\\u00bf");
	CHECK(JSON, "\xf4\x90\x80\x80", "\\u00f4\\u0090\\u0080\\u0080");
	CHECK(JSON, "\xf5\x80\x80\x80", "\\u00f5\\u0080\\u0080\\u0080");
	CHECK(JSON, "\xf8\x88\x80\x80\x80", "\\u00f8\\u0088\\u0080\\u0080\\u0080");
	/* cut at the end, and by another character */
	CHECK(JSON, "a\xc3", "a\\u00c3");
	CHECK(JSON, "a\xe2\x82", "a\\u00e2\\u0082");
	CHECK(JSON, "\xf0\x9f\x98", "\\u00f0\\u009f\\u0098");
	CHECK(JSON,
	      "\xe2\x82"
	      "b",
	      "\\u00e2\\u0082b");
	CHECK(JSON, "\xe2\xc3\xa9", "\\u00e2é");
	CHECK(JSON, "\xc3\"", "\\u00c3\\\"");
	CHECK(JSON, "\xc3\\", "\\u00c3\\\\");
}

static void csv(void **state)
{
	(void)state;
	CHECK(CSV, "", "");
	CHECK(CSV, "a,b \"c\"", "a,b \"\"c\"\"");
	CHECK(CSV, "\"", "\"\"");
	CHECK(CSV, "a\\b", "a\\\\b");
	CHECK(CSV, "a\nb\r\0\xff", "a\\u000ab\\u000d\\u0000\\u00ff");
	CHECK(CSV, "é\xc3", "é\\u00c3");
}

static void visible(void **state)
{
	(void)state;
	CHECK_VISIBLE("", "", 0);
	CHECK_VISIBLE("plain \"name\"", "plain \"name\"", 12);
	CHECK_VISIBLE("a\\b", "a\\\\b", 4);
	CHECK_VISIBLE("\a\b\t\n\v\f\r", "\\a\\b\\t\\n\\v\\f\\r", 14);
	CHECK_VISIBLE("\033[2J\177\0x", "\\x1b[2J\\x7f\\x00x", 16);
	CHECK_VISIBLE("\x06\x0e", "\\x06\\x0e", 8);
	CHECK_VISIBLE("\xff\xc3", "\\xff\\xc3", 8);
	/* C1 controls: CSI, next line; as UTF-8 and as a byte alone */
	CHECK_VISIBLE("\xc2\x9b"
		      "1m\xc2\x85\x9b",
		      "\\xc2\\x9b1m\\xc2\\x85\\x9b", 22);
	CHECK_VISIBLE("\xc2\xa0", "\xc2\xa0", 1);
	/* right-to-left override, line separator, zero width, byte order mark, tag */
	CHECK_VISIBLE("a\xe2\x80\xae"
		      "b",
		      "a\\xe2\\x80\\xaeb", 14);
	CHECK_VISIBLE("\xe2\x80\xa8", "\\xe2\\x80\\xa8", 12);
	CHECK_VISIBLE("\xe2\x80\x8b", "\\xe2\\x80\\x8b", 12);
	CHECK_VISIBLE("\xef\xbb\xbf", "\\xef\\xbb\\xbf", 12);
	CHECK_VISIBLE("\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81", 16);
	/* wide ones take two columns, combining ones none */
	CHECK_VISIBLE("日本", "日本", 4);
	CHECK_VISIBLE("e\xcc\x81", "e\xcc\x81", 1);
	CHECK_VISIBLE("😀é", "😀é", 3);
}

/*
 * What moves a cursor, ends a line or turns the text round: the controls (Cc), the
 * characters with the property Bidi_Control, the separators of lines and paragraphs.
 */
static bool is_harmful(unsigned int cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x61c || cp == 0x200e ||
	       cp == 0x200f || (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
}

/* Every character there is: as it is, with its width, or escaped without a byte of it. */
static void visible_of_all_characters(void **state)
{
	struct out o;

	(void)state;
	out_init(&o, -1, 64);
	for (unsigned int cp = 0; cp <= 0x10ffff; cp++) {
		char utf8[MB_LEN_MAX];
		int len, columns, width = wcwidth(cp);
		mbstate_t mb = {0};
		bool same;

		if (cp >= 0xd800 && cp < 0xe000)
			continue;
		len = cp ? (int)wcrtomb(utf8, cp, &mb) : 1;
		if (!cp)
			utf8[0] = '\0';
		o.len = 0;
		columns = out_visible(&o, utf8, len);
		same = o.len == (size_t)len && !memcmp(o.buf, utf8, len);
		if (same && is_harmful(cp))
			fail_msg("U+%04X gets through", cp);
		if (same && columns != (width < 0 ? 1 : width))
			fail_msg("U+%04X: %d columns, not %d", cp, columns, width);
		if (!same && columns != (int)o.len)
			fail_msg("U+%04X: %d columns, not %zu", cp, columns, o.len);
		for (size_t i = 0; !same && i < o.len; i++)
			if (o.buf[i] < 0x20 || o.buf[i] > 0x7e)
				fail_msg("U+%04X: escaped with a byte %#x", cp, o.buf[i]);
		/* letters, among them those written from right to left, stay readable */
		if (!same && cp != '\\' && cp < 0x600 && !is_harmful(cp) && cp != 0xad)
			fail_msg("U+%04X is escaped", cp);
	}
	out_fini(&o);
}

/* Of any bytes the escaped text is UTF-8 without controls, and gives the bytes back. */
static void json_of_random_bytes(void **state)
{
	uint64_t seed = 42;

	(void)state;
	for (int round = 0; round < 100000; round++) {
		char bytes[24], back[24];
		size_t len = unit_random(&seed) % sizeof(bytes), n = 0;
		const char *p;

		for (size_t i = 0; i < len; i++) {
			uint64_t r = unit_random(&seed) >> 8;

			/* often what UTF-8 consists of, else valid sequences are rare */
			bytes[i] =
				r % 4 ? (char)(r >> 8) : "\xc3\xe2\xf0\xed\x82\xac\"\\"[r / 4 % 8];
		}
		p = escaped(JSON, bytes, len, NULL);
		assert_int_not_equal(mbstowcs(NULL, p, 0), (size_t)-1);
		while (*p) {
			unsigned int byte;

			assert_true((unsigned char)*p >= 0x20 && *p != '"');
			if (*p != '\\') {
				back[n++] = *p++;
			} else if (p[1] == 'u') {
				assert_int_equal(sscanf(p, "\\u00%2x", &byte), 1);
				back[n++] = byte;
				p += 6;
			} else {
				assert_true(p[1] == '"' || p[1] == '\\');
				back[n++] = p[1];
				p += 2;
			}
			assert_true(n <= len);
		}
		assert_int_equal(n, len);
		assert_memory_equal(back, bytes, len);
	}
}

static const char *number(__u64 n, bool is_signed)
{
	static char text[32];
	struct out o;

	out_init(&o, -1, 1);
	if (is_signed)
		out_s64(&o, n);
	else
		out_u64(&o, n);
	memcpy(text, o.buf, o.len);
	text[o.len] = '\0';
	out_fini(&o);
	return text;
}

static void integers(void **state)
{
	char text[32];

	(void)state;
	assert_string_equal(number(0, false), "0");
	assert_string_equal(number(UINT64_MAX, false), "18446744073709551615");
	assert_string_equal(number(INT64_MIN, true), "-9223372036854775808");
	assert_string_equal(number(INT64_MAX, true), "9223372036854775807");
	assert_string_equal(number(-1, true), "-1");
	assert_string_equal(number(0, true), "0");
	/* around each power of ten, where the number of digits changes */
	for (__u64 ten = 1; ten <= 1000000000000000000; ten *= 10) {
		for (int i = -1; i <= 1; i++) {
			snprintf(text, sizeof(text), "%llu", ten + i);
			assert_string_equal(number(ten + i, false), text);
			snprintf(text, sizeof(text), "%lld", -(__s64)(ten + i));
			assert_string_equal(number(-(ten + i), true), text);
		}
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "%d", i);
		assert_string_equal(number(i, false), text);
	}
}

static void formatted(void **state)
{
	struct out o;

	(void)state;
	out_init(&o, -1, 4);
	out_printf(&o, "%s-%d", "longer than the buffer", 7);
	out_char(&o, '!');
	out_str(&o, "");
	assert_int_equal(o.len, 25);
	assert_memory_equal(o.buf, "longer than the buffer-7!", 25);
	out_fini(&o);
	assert_null(o.buf);
	out_fini(&o); /* once more does nothing */
}

/* What has come through a pipe so far. */
static const char *arrived(int fd)
{
	static char text[256];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void only_whole_records_are_written(void **state)
{
	struct out o;
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	out_init(&o, fds[1], 16);
	out_str(&o, "one\n");
	assert_int_equal(out_flush(&o), 0);
	assert_string_equal(arrived(fds[0]), "");
	out_end_record(&o);
	out_str(&o, "two");
	assert_int_equal(out_flush(&o), 0);
	assert_string_equal(arrived(fds[0]), "one\n");
	assert_int_equal(o.len, 3);
	assert_memory_equal(o.buf, "two", 3);
	out_char(&o, '\n');
	out_end_record(&o);
	/* no room left: the whole one goes out, and the half one stays */
	out_str(&o, "and half of ");
	assert_string_equal(arrived(fds[0]), "");
	out_str(&o, "three");
	assert_string_equal(arrived(fds[0]), "two\n");
	/* a record larger than the buffer is not torn: the buffer grows */
	out_str(&o, ", which is long\n");
	assert_string_equal(arrived(fds[0]), "");
	assert_true(o.size >= 33);
	out_end_record(&o);
	assert_int_equal(out_flush(&o), 0);
	assert_string_equal(arrived(fds[0]), "and half of three, which is long\n");
	assert_int_equal(out_flush(&o), 0);
	assert_string_equal(arrived(fds[0]), "");
	out_fini(&o);
	close(fds[0]);
	close(fds[1]);
}

static void check_refused(int fd, int err)
{
	struct out o;

	out_init(&o, fd, 64);
	out_str(&o, "record\n");
	out_end_record(&o);
	assert_int_equal(out_flush(&o), err);
	assert_int_equal(o.err, err);
	/* what comes after it is dropped, and does not pile up */
	for (int i = 0; i < 1000; i++) {
		out_str(&o, "another record\n");
		out_end_record(&o);
	}
	assert_true(o.size <= 128);
	assert_int_equal(out_flush(&o), err);
	assert_int_equal(o.len, 0);
	out_fini(&o);
	close(fd);
}

static void write_errors(void **state)
{
	int fds[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	check_refused(fds[1], -EPIPE);
	check_refused(open("/dev/full", O_WRONLY), -ENOSPC);
	check_refused(open("/dev/null", O_RDONLY), -EBADF);
	check_refused(-1, -EBADF);
}

static void *read_slowly(void *arg)
{
	static char all[1 << 20];
	int fd = *(int *)arg;
	size_t len = 0;
	ssize_t n;

	/* small reads: the writer is woken with room for a part of what it has */
	while ((n = read(fd, all + len, len % 5000 + 1)) > 0 || (n < 0 && errno == EINTR))
		len += n > 0 ? n : 0;
	for (size_t i = 0; i < len; i++)
		if (all[i] != "0123456789abcdef"[i % 16])
			return NULL;
	return (void *)len;
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* A full pipe and signals that interrupt: write returns early, and nothing is lost. */
static void short_writes(void **state)
{
	struct itimerval often = {{0, 200}, {0, 200}}, never = {{0, 0}, {0, 0}};
	struct sigaction action = {.sa_handler = on_alarm}, old;
	pthread_t reader;
	struct out o;
	void *len;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	fcntl(fds[1], F_SETPIPE_SZ, 4096);
	sigaction(SIGALRM, &action, &old);
	assert_int_equal(pthread_create(&reader, NULL, read_slowly, &fds[0]), 0);
	setitimer(ITIMER_REAL, &often, NULL);
	out_init(&o, fds[1], 512 << 10);
	for (int i = 0; i < 32 << 10; i++) {
		out_str(&o, "0123456789abcdef");
		out_end_record(&o);
	}
	assert_int_equal(out_flush(&o), 0);
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &old, NULL);
	close(fds[1]);
	pthread_join(reader, &len);
	assert_int_equal((size_t)len, 512 << 10);
	out_fini(&o);
	close(fds[0]);
}

static void *read_later(void *arg)
{
	static char all[1 << 20];
	int fd = *(int *)arg;
	size_t len = 0;
	ssize_t n;

	usleep(50000);
	while ((n = read(fd, all, sizeof(all))) > 0)
		len += n;
	return (void *)len;
}

/* A write that a signal interrupts before its first byte is no error. */
static void interrupted(void **state)
{
	struct itimerval soon = {{0, 5000}, {0, 5000}}, never = {{0, 0}, {0, 0}};
	struct sigaction action = {.sa_handler = on_alarm}, old;
	size_t full = 0;
	pthread_t reader;
	sigset_t alarm;
	struct out o;
	void *len;
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	while (write(fds[1], "x", 1) == 1)
		full++;
	fcntl(fds[0], F_SETFL, 0);
	fcntl(fds[1], F_SETFL, 0);
	sigaction(SIGALRM, &action, &old);
	/* the signals are for this thread, not for the reader */
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm, NULL);
	assert_int_equal(pthread_create(&reader, NULL, read_later, &fds[0]), 0);
	pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	out_init(&o, fds[1], 64);
	out_str(&o, "record\n");
	out_end_record(&o);
	assert_int_equal(out_flush(&o), 0);
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &old, NULL);
	close(fds[1]);
	pthread_join(reader, &len);
	assert_int_equal((size_t)len, full + 7);
	out_fini(&o);
	close(fds[0]);
}

/* Words of eight bytes are looked at as a whole: every byte at every place of every length. */
static void each_byte_at_each_place(void **state)
{
	char text[20], want[64];
	int columns;

	(void)state;
	for (size_t len = 1; len < sizeof(text); len++)
		for (size_t at = 0; at < len; at++)
			for (int c = 0; c < 0x80; c++) {
				bool plain = c >= 0x20 && c < 0x7f && c != '\\';

				int n = at;

				memset(text, 'x', len);
				memset(want, 'x', sizeof(want));
				text[at] = c;
				n += sprintf(want + n,
					     c == '"' || c == '\\' ? "\\%c"
					     : c < 0x20		   ? "\\u%04x"
								   : "%c",
					     c);
				want[n] = 'x';
				want[n + len - at - 1] = '\0';
				assert_string_equal(escaped(JSON, text, len, NULL), want);
				escaped(VISIBLE, text, len, &columns);
				assert_int_equal(columns == (int)len, plain);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_plain),
		cmocka_unit_test(json_utf8),
		cmocka_unit_test(json_invalid_utf8),
		cmocka_unit_test(csv),
		cmocka_unit_test(visible),
		cmocka_unit_test(visible_of_all_characters),
		cmocka_unit_test(json_of_random_bytes),
		cmocka_unit_test(each_byte_at_each_place),
		cmocka_unit_test(integers),
		cmocka_unit_test(formatted),
		cmocka_unit_test(only_whole_records_are_written),
		cmocka_unit_test(write_errors),
		cmocka_unit_test(short_writes),
		cmocka_unit_test(interrupted),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("out", tests, NULL, NULL);
}
