/* SPDX-License-Identifier: GPL-2.0 */
/* The program behind "--". */
#ifndef CHILD_H
#define CHILD_H

#include <sys/types.h>

/*
 * Starts a program with the signal mask that vfscope was started with. Returns its pid,
 * or the negative errno of the exec that failed.
 */
pid_t child_start(char *const argv[]);

/* The exit status for a shell, from what waitpid gave; a program killed by a signal kills us. */
int child_status(int wait_status);

#endif
