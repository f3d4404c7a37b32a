/* SPDX-License-Identifier: GPL-2.0 */
/* Small things that everything uses: messages, memory at set-up, clocks, nearest words, units. */
#ifndef UTIL_H
#define UTIL_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Exit status, see the contract. */
enum { EXIT_DONE = 0, EXIT_RUN = 1, EXIT_USAGE = 2, EXIT_CANNOT = 3 };

/* One line to stderr, behind "vfscope: "; what could do harm there is made visible. */
void msg(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* From now on messages are handed to a function, visible and without that; NULL: to stderr. */
void msg_divert(void (*to)(const char *text));

/* Memory at set-up; out of memory ends the program. */
void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Nanoseconds of that clock. */
__u64 clock_ns(clockid_t clock);

/*
 * The word of a list that is nearest to a misspelt one, NULL if none is near; valid until
 * the next call. next returns the i-th word, NULL at the end.
 */
const char *nearest(const char *wrong, const char *(*next)(size_t i));

/* "10ms", "1.5s", "2m", "100us", "5" (seconds) to nanoseconds; -EINVAL, -ERANGE. */
int parse_time(const char *s, __u64 *ns);

/* "4K", "1M", "0.5G", "512" to bytes, factors of 1024; -EINVAL (also for "1.5"), -ERANGE. */
int parse_size(const char *s, __u64 *bytes);

/* A whole decimal number from min to max; -EINVAL, -ERANGE. */
int parse_u64(const char *s, __u64 min, __u64 max, __u64 *n);

/* The number of an errno's name ("ENOENT"), 0 if there is none; and the name, NULL likewise. */
int errno_of(const char *name);
const char *errno_name(int err);

/* For tables of uthash whose keys are all of 64 bits. */
static inline __u32 hash_u64(__u64 n)
{
	return n * 0x9e3779b97f4a7c15ULL >> 32;
}

/*
 * Writes the digits of a number, at most 20, without a NUL. Returns where they end. (snprintf
 * takes longer than all else that is done for a field.)
 */
char *write_u64(char *p, __u64 n);

#endif
