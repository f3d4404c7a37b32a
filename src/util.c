/* SPDX-License-Identifier: GPL-2.0 */
#include "util.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "out.h"

static void (*diverted)(const char *text);

void msg_divert(void (*to)(const char *text))
{
	diverted = to;
}

void msg(const char *fmt, ...)
{
	char text[1024];
	struct out out;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	out_init(&out, STDERR_FILENO, sizeof(text) + 16);
	if (!diverted)
		out_str(&out, "vfscope: ");
	out_visible(&out, text, strlen(text));
	out_char(&out, diverted ? '\0' : '\n');
	if (diverted) {
		diverted(out.buf);
	} else {
		out_end_record(&out);
		out_flush(&out);
	}
	out_fini(&out);
}

static void *must(void *p)
{
	if (!p) {
		fputs("vfscope: out of memory\n", stderr); /* msg needs some itself */
		exit(EXIT_RUN);
	}
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	return must(calloc(n, size));
}

void *xreallocarray(void *p, size_t n, size_t size)
{
	return must(reallocarray(p, n, size));
}

char *xstrdup(const char *s)
{
	return must(strdup(s));
}

char *xasprintf(const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	return must(s);
}

/* Edits that lead from a to b: the Levenshtein distance; words longer than 31 are cut. */
static int distance(const char *a, const char *b)
{
	int row[32], len_a = strnlen(a, 31), len_b = strnlen(b, 31);

	for (int j = 0; j <= len_b; j++)
		row[j] = j;
	for (int i = 1; i <= len_a; i++) {
		int diagonal = row[0];

		row[0] = i;
		for (int j = 1; j <= len_b; j++) {
			int change = diagonal + (a[i - 1] != b[j - 1]);
			int best = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

			diagonal = row[j];
			row[j] = change < best ? change : best;
		}
	}
	return row[len_b];
}

const char *nearest(const char *wrong, const char *(*next)(size_t i))
{
	static char best[64];
	const char *word;
	int len = strlen(wrong),
	    limit = len < 6 ? 1 + len / 2 : 4; /* from there on it is not near */

	best[0] = '\0';
	for (size_t i = 0; (word = next(i)); i++) {
		int d = distance(wrong, word);

		if (d >= limit || d >= (int)strlen(word))
			continue;
		limit = d;
		snprintf(best, sizeof(best), "%s", word);
	}
	return *best ? best : NULL;
}

__u64 clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

struct unit {
	const char *name;
	double factor;
};

/*
 * number and unit; the empty unit stands first. A long double holds each nanosecond since 1970;
 * of what is counted one by one there is no part.
 */
static int parse_unit(const char *s, const struct unit *units, __u64 *result)
{
	long double value;
	char *end;

	if (!isdigit((unsigned char)*s) && *s != '.')
		return -EINVAL;
	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		return -EINVAL;
	value = strtold(s, &end);
	for (const struct unit *unit = units; unit->name; unit++) {
		if (strcasecmp(unit->name, end))
			continue;
		if (unit->factor == 1 && value != truncl(value))
			return -EINVAL;
		value *= unit->factor;
		if (!isfinite(value) || value > 9e18)
			return -ERANGE;
		*result = value + 0.5;
		return 0;
	}
	return -EINVAL;
}

/* clang-format off */
int parse_time(const char *s, __u64 *ns)
{
	static const struct unit units[] = {{"", 1e9},	  {"ns", 1},	 {"us", 1e3},  {"ms", 1e6},
					    {"s", 1e9},	  {"m", 60e9},	 {"min", 60e9},
					    {"h", 3600e9}, {NULL, 0}};

	return parse_unit(s, units, ns);
}

int parse_size(const char *s, __u64 *bytes)
{
	static const struct unit units[] = {
		{"", 1},	  {"B", 1},	      {"K", 0x1p10},   {"M", 0x1p20},
		{"G", 0x1p30},	  {"T", 0x1p40},      {"KiB", 0x1p10}, {"MiB", 0x1p20},
		{"GiB", 0x1p30}, {"TiB", 0x1p40}, {NULL, 0}};

	return parse_unit(s, units, bytes);
}
/* clang-format on */

int parse_u64(const char *s, __u64 min, __u64 max, __u64 *n)
{
	char *end;

	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	errno = 0;
	*n = strtoull(s, &end, 10);
	if (*end)
		return -EINVAL;
	return errno || *n < min || *n > max ? -ERANGE : 0;
}

/* clang-format off */
/* What the kernel keeps to itself, but a tracepoint sees: include/linux/errno.h */
static const struct {
	int err;
	const char *name;
} kernel_errnos[] = {
	{512, "ERESTARTSYS"}, {513, "ERESTARTNOINTR"}, {514, "ERESTARTNOHAND"},
	{515, "ENOIOCTLCMD"}, {516, "ERESTART_RESTARTBLOCK"}, {517, "EPROBE_DEFER"},
	{521, "EBADHANDLE"}, {522, "ENOTSYNC"}, {523, "EBADCOOKIE"}, {524, "ENOTSUPP"},
	{525, "ETOOSMALL"}, {526, "ESERVERFAULT"}, {527, "EBADTYPE"}, {528, "EJUKEBOX"},
	{529, "EIOCBQUEUED"}, {530, "ERECALLCONFLICT"},
};
/* clang-format on */

const char *errno_name(int err)
{
	for (size_t i = 0; i < ARRAY_LEN(kernel_errnos); i++)
		if (kernel_errnos[i].err == err)
			return kernel_errnos[i].name;
	return strerrorname_np(err);
}

int errno_of(const char *name)
{
	static const struct {
		const char *name;
		int err;
	} aliases[] = {
		{"EWOULDBLOCK", EWOULDBLOCK}, {"ENOTSUP", ENOTSUP}, {"EDEADLOCK", EDEADLOCK}};

	for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
		if (!strcasecmp(aliases[i].name, name))
			return aliases[i].err;
	for (int err = 1; err <= 4095; err++) {
		const char *known = errno_name(err);

		if (known && !strcasecmp(known, name))
			return err;
	}
	return 0;
}

char *write_u64(char *p, __u64 n)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	char digits[20], *d = digits + sizeof(digits);
	size_t len;

	for (; n >= 10000; n /= 10000) { /* by four: each division waits for the one before */
		__u32 four = n % 10000;

		d -= 4;
		memcpy(d, pairs + four / 100 * 2, 2);
		memcpy(d + 2, pairs + four % 100 * 2, 2);
	}
	if (n >= 100) {
		memcpy(d -= 2, pairs + n % 100 * 2, 2);
		n /= 100;
	}
	if (n >= 10)
		memcpy(d -= 2, pairs + n * 2, 2);
	else
		*--d = '0' + n;
	len = digits + sizeof(digits) - d;
	memcpy(p, d, len);
	return p + len;
}
