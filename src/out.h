/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Buffered output to a descriptor, written in whole records: what does not fit is
 * written up to the last whole record first. Made for millions of records a second.
 */
#ifndef OUT_H
#define OUT_H

#include <linux/types.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct out {
	int fd;
	const volatile sig_atomic_t *interrupted; /* set: no write waits any longer; may be NULL */
	int err; /* negative errno of the first write that failed; all later output is dropped */
	size_t len, size;
	size_t whole; /* bytes up to the end of the last whole record */
	char *buf;
};

void out_init(struct out *o, int fd, size_t size);
void out_fini(struct out *o);

/* A record has ended: out_flush may write up to here. */
static inline void out_end_record(struct out *o)
{
	o->whole = o->len;
}

/* Writes all whole records. Returns 0 or the negative errno that is now in err. */
int out_flush(struct out *o);

/* Makes room for len more bytes, by writing whole records or by growing. */
void out_reserve_slow(struct out *o, size_t len);

static inline char *out_reserve(struct out *o, size_t len)
{
	if (o->size - o->len < len)
		out_reserve_slow(o, len);
	return o->buf + o->len;
}

static inline void out_mem(struct out *o, const char *s, size_t len)
{
	memcpy(out_reserve(o, len), s, len);
	o->len += len;
}

static inline void out_str(struct out *o, const char *s)
{
	out_mem(o, s, strlen(s));
}

static inline void out_char(struct out *o, char c)
{
	*out_reserve(o, 1) = c;
	o->len++;
}

void out_u64(struct out *o, __u64 n);
void out_s64(struct out *o, __s64 n);
void out_printf(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Names are bytes. For machines, between quotes of the caller: valid UTF-8 stands as it
 * is, control characters and all other bytes become \u00XX, quote and backslash are
 * escaped as JSON has it.
 */
void out_json_escaped(struct out *o, const char *s, size_t len);

/* The same without the escaping of quotes, which CSV doubles. */
void out_csv_escaped(struct out *o, const char *s, size_t len);

/*
 * For terminals: whatever could move a cursor, reverse the text or end the line is shown
 * escaped, as is each byte that is not valid UTF-8. Returns the columns it takes.
 */
int out_visible(struct out *o, const char *s, size_t len);

#endif
