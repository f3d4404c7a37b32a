/* SPDX-License-Identifier: GPL-2.0 */
/* Globs on the names of threads, in the form in which the kernel side decides them. */
#ifndef COMMS_H
#define COMMS_H

#include <linux/types.h>

#include "vfscope.h"

/* As fnmatch(3) without flags. -E2BIG: more than VS_GLOB_MAX characters to match. */
int comm_glob(const char *text, struct vs_glob *glob);

/* The bytes of the shortest name that the glob matches. */
int comm_least(const char *text);

#endif
