/* SPDX-License-Identifier: GPL-2.0 */
/* The work of `vfscope selftest`: every door and operation, done once, with what it did. */
#ifndef SELFTEST_H
#define SELFTEST_H

#include <linux/types.h>

#include "vfscope.h"

enum { SELFTEST_RECORDS_MAX = 8, SELFTEST_CASES_MAX = 80 };

/* What one record has to say. */
struct selftest_record {
	__u8 op, via, kind;
	__s64 ret;
	__u64 bytes; /* 0 where the operation moves none */
};

/* What a case has done: filled in memory that its process shares with vfscope. */
struct selftest_done {
	int err; /* errno: it could not be done on this kernel or file system; 0: it was */
	int len;
	struct selftest_record record[SELFTEST_RECORDS_MAX];
	__u64 began_ns, ended_ns; /* of waits for a processor, CLOCK_MONOTONIC */
};

struct selftest_case {
	const char *name;
	__u8 op, via; /* what it is about: a backend that cannot see these leaves it unseen */
	__u8 kind;    /* likewise, an enum vs_kind */
	/* Does it in a directory of its own, which is the current one; fills *done. */
	void (*run)(struct selftest_done *done);
};
extern const struct selftest_case selftest_table[];
extern const int selftest_table_len;

#endif
