/* SPDX-License-Identifier: GPL-2.0 */
/* The numbers of the kernel's headers, in tables that unit.mk makes from them. */
#ifndef UNIT_NR_H
#define UNIT_NR_H

struct nr {
	const char *name; /* NULL: the end */
	int number;
};
extern const struct nr nr_x86_64[], nr_i386[], nr_arm64[];

#endif
