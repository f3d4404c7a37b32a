/* SPDX-License-Identifier: GPL-2.0 */
/* Flags of calls, by name. */
#ifndef FLAGS_H
#define FLAGS_H

#include <linux/types.h>
#include <stddef.h>

/*
 * Writes the flags of an operation (enum vs_op) as "O_RDWR|O_CREAT"; what has no name, in
 * hexadecimal.
 */
void flags_write(char *buf, size_t size, int op, __u32 flags);

#endif
