/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's own functions of system calls, by their names: __x64_sys_splice. */
#ifndef CALLS_H
#define CALLS_H

#include <bpf/btf.h>

enum { CALLS_MAX = 64 };

struct calls {
	char name[CALLS_MAX][48];
	int len;
};

/*
 * The functions of all calls that may be one of ops by one of vias, or make paths untrue; but
 * not those of read, write and their like, which have better ones (VS_CALL_FNS). Returns 0,
 * -ENOENT if this kernel has another name for one, -E2BIG if they are more than a few.
 */
int calls_find(struct calls *calls, const struct btf *btf, __u64 ops, __u64 vias);

#endif
