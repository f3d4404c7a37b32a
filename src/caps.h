/* SPDX-License-Identifier: GPL-2.0 */
/* Privileges: what is missing, by name, and giving up what is no longer needed. */
#ifndef CAPS_H
#define CAPS_H

#include <stdbool.h>

/* The names of the capabilities that loading needs and that are missing; NULL: none. */
const char *caps_missing(void);

/*
 * Keeps what program statistics take, and what following paths as other processes see them
 * and naming cgroups do, and gives up the rest for good. Returns 0 or a negative errno.
 */
int caps_drop(bool follow_paths, bool name_cgroups);

#endif
