/* SPDX-License-Identifier: GPL-2.0 */
/* The system calls that reach files: numbers, and how the kernel side is to read them. */
#ifndef SYSCALLS_H
#define SYSCALLS_H

#include <linux/types.h>
#include <stdbool.h>

#include "vfscope.h"

struct syscall_row {
	const char *name;
	short x86_64, i386, arm64; /* -1: there is none */
	struct vs_sys sys;
};

extern const struct syscall_row syscall_table[];
extern const int syscall_table_len;

/* Its number here, of native and of 32-bit programs; -1: there is none. */
short syscall_native(const struct syscall_row *row);
short syscall_compat(const struct syscall_row *row);

/* The operations that a call may turn out to be, as bits. */
__u64 syscall_ops(const struct vs_sys *sys);

/* Those of all calls. */
__u64 syscalls_ops(void);

/*
 * Fills the kernel side's table, VS_SYS_ABIS * VS_SYS_NRS rows, with the calls that may
 * be one of ops, by one of vias; bit 0 of vias stands for the calls that have none.
 */
void syscalls_fill(struct vs_sys *table, __u64 ops, __u64 vias);

/* VS_NR_* bits for each number, VS_SYS_NRS of them, by the table that was filled; one_pid: what one
 * process does is asked for, and nothing else. */
void syscalls_fill_nrs(__u8 *nrs, const struct vs_sys *table, bool one_pid);

/* An enum vs_within for each number, as many as there are rows. */
void syscalls_fill_within(__u8 *within);

#endif
