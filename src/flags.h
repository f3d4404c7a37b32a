/* SPDX-License-Identifier: GPL-2.0 */
/* Flags of calls, by name. */
#ifndef FLAGS_H
#define FLAGS_H

#include <linux/types.h>
#include <stddef.h>

#include "vfscope.h"

/* What else has flags: attributes of mounts, their propagation. */
enum { FLAGS_MOUNT_ATTR = VS_OP_MAX, FLAGS_PROPAGATION };

/*
 * Writes the flags of an operation (enum vs_op, or one of those) as "O_RDWR|O_CREAT"; what has no
 * name, in hexadecimal.
 */
void flags_write(char *buf, size_t size, int op, __u64 flags);

/* The i-th name that the flags of an operation can have, NULL at the end. */
const char *flags_word(int op, size_t i);

/* The operations that have some, as bits. */
__u64 flags_ops(void);

#endif
