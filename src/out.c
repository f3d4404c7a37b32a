/* SPDX-License-Identifier: GPL-2.0 */
#include "out.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <wchar.h>

#include "util.h"

void out_init(struct out *o, int fd, size_t size)
{
	*o = (struct out){.fd = fd, .size = size, .buf = xcalloc(1, size)};
}

void out_fini(struct out *o)
{
	free(o->buf);
	*o = (struct out){.fd = -1};
}

int out_flush(struct out *o)
{
	size_t done = 0;

	while (!o->err && done < o->whole) {
		ssize_t n = write(o->fd, o->buf + done, o->whole - done);

		if (n >= 0) {
			done += n;
			/* a part only: it has waited, and was interrupted */
			if (done < o->whole && o->interrupted && *o->interrupted)
				o->err = -EINTR;
		} else if (errno == EAGAIN) {
			/* someone has made our output non-blocking */
			poll(&(struct pollfd){.fd = o->fd, .events = POLLOUT}, 1, -1);
		} else if (errno != EINTR || (o->interrupted && *o->interrupted)) {
			o->err = -errno;
		}
	}
	memmove(o->buf, o->buf + o->whole, o->len - o->whole);
	o->len -= o->whole;
	o->whole = 0;
	return o->err;
}

void out_reserve_slow(struct out *o, size_t len)
{
	if (o->whole)
		out_flush(o);
	while (o->size - o->len < len) {
		o->buf = xreallocarray(o->buf, 2, o->size);
		o->size *= 2;
	}
}

void out_u64(struct out *o, __u64 n)
{
	o->len = write_u64(out_reserve(o, 20), n) - o->buf;
}

void out_s64(struct out *o, __s64 n)
{
	if (n < 0)
		out_char(o, '-');
	out_u64(o, n < 0 ? -(__u64)n : (__u64)n);
}

void out_printf(struct out *o, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		return;
	va_start(ap, fmt);
	vsnprintf(out_reserve(o, len + 1), len + 1, fmt, ap);
	va_end(ap);
	o->len += len;
}

/*
 * The length of the valid UTF-8 sequence at s, 0 if there is none (The Unicode Standard,
 * table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF). cp: its code point.
 */
static int utf8_len(const unsigned char *s, size_t left, __u32 *cp)
{
	int len = *s < 0x80 ? 1 : *s < 0xc2 ? 0 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : *s < 0xf5 ? 4 : 0;

	if (!len || (size_t)len > left)
		return 0;
	*cp = len == 1 ? *s : *s & (0x7f >> len);
	for (int i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (s[i] & 0x3f);
	}
	if ((len == 3 && *cp < 0x800) || (len == 4 && (*cp < 0x10000 || *cp > 0x10ffff)) ||
	    (*cp >= 0xd800 && *cp < 0xe000))
		return 0;
	return len;
}

/* What JSON, CSV and terminals show as it is: ASCII without control characters, " and \ */
static const bool is_plain[256] = {
	[0x20 ... 0x21] = true, [0x23 ... 0x5b] = true, [0x5d ... 0x7e] = true};

#define EACH_BYTE(c) (0x0101010101010101ULL * (c))

/* Has the word a byte that is not plain? The high bit of a byte of x - 1 & ~x is set if x is 0. */
static inline bool has_other(__u64 w)
{
	__u64 quote = w ^ EACH_BYTE('"'), backslash = w ^ EACH_BYTE('\\');
	__u64 del = w ^ EACH_BYTE(0x7f);

	return (w | ((w - EACH_BYTE(0x20)) & ~w) | ((quote - EACH_BYTE(1)) & ~quote) |
		((backslash - EACH_BYTE(1)) & ~backslash) | ((del - EACH_BYTE(1)) & ~del)) &
	       EACH_BYTE(0x80);
}

/*
 * Copies the plain bytes that a text begins with, and returns how many: most texts are nothing
 * else. There is room for all of it.
 */
static size_t copy_plain(char *to, const unsigned char *p, size_t len)
{
	size_t i = 0;
	__u64 w;

	for (; i + sizeof(w) <= len; i += sizeof(w)) {
		memcpy(&w, p + i, sizeof(w));
		if (has_other(w))
			break;
		memcpy(to + i, &w, sizeof(w));
	}
	if (i && i < len && i + sizeof(w) > len) { /* the rest, with some bytes again */
		memcpy(&w, p + len - sizeof(w), sizeof(w));
		if (!has_other(w)) {
			memcpy(to + len - sizeof(w), &w, sizeof(w));
			return len;
		}
	}
	for (; i < len && is_plain[p[i]]; i++)
		to[i] = p[i];
	return i;
}

static void escape(struct out *o, const char *s, size_t len, const char *quote)
{
	const unsigned char *p = (const void *)s, *end = p + len;

	out_reserve(o, len * 6);
	while (p < end) {
		size_t plain = copy_plain(o->buf + o->len, p, end - p);
		__u32 cp;
		int n;

		o->len += plain;
		p += plain;
		if (p == end)
			break;
		n = utf8_len(p, end - p, &cp);
		if (*p == '"') {
			out_str(o, quote);
			p++;
		} else if (*p == '\\') {
			out_mem(o, "\\\\", 2);
			p++;
		} else if (n && *p >= 0x20) {
			out_mem(o, (const char *)p, n);
			p += n;
		} else {
			out_printf(o, "\\u%04x", *p++);
		}
	}
}

void out_json_escaped(struct out *o, const char *s, size_t len)
{
	escape(o, s, len, "\\\"");
}

void out_csv_escaped(struct out *o, const char *s, size_t len)
{
	escape(o, s, len, "\"\"");
}

/* Characters that show nothing themselves, but change how what follows is shown. */
static bool is_invisible(__u32 cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0xad || cp == 0x061c ||
	       (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) ||
	       (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff || (cp >= 0xfff9 && cp <= 0xfffb) ||
	       (cp >= 0xe0000 && cp <= 0xe0fff);
}

static int escape_byte(struct out *o, unsigned char c)
{
	static const char letters[] = "abtnvfr"; /* from 0x07 on */

	if (c >= 7 && c <= 13) {
		out_printf(o, "\\%c", letters[c - 7]);
		return 2;
	}
	out_printf(o, "\\x%02x", c);
	return 4;
}

int out_visible(struct out *o, const char *s, size_t len)
{
	const unsigned char *p = (const void *)s, *end = p + len;
	int columns = 0;

	while (p < end) {
		size_t plain = copy_plain(out_reserve(o, end - p), p, end - p);
		__u32 cp;
		int n, width;

		o->len += plain;
		columns += plain;
		p += plain;
		if (p == end)
			break;
		n = utf8_len(p, end - p, &cp);
		if (n == 1 && *p != '\\' && !is_invisible(cp)) {
			out_char(o, *p++);
			columns++;
		} else if (*p == '\\') {
			out_mem(o, "\\\\", 2);
			columns += 2;
			p++;
		} else if (n > 1 && !is_invisible(cp)) {
			out_mem(o, (const char *)p, n);
			width = wcwidth(cp);
			columns += width < 0 ? 1 : width;
			p += n;
		} else {
			for (int i = 0; i < (n ? n : 1); i++)
				columns += escape_byte(o, *p++);
		}
	}
	return columns;
}
