/* SPDX-License-Identifier: GPL-2.0 */
/* What this kernel, or these privileges, do not let us do, and in which words to say so. */
#ifndef REFUSAL_H
#define REFUSAL_H

#include <stdbool.h>

#include "options.h"

struct btf;

/* libbpf's words go to stderr if verbose, else nowhere: we have our own. */
void refusal_listen(bool verbose);

/*
 * Can anything be loaded at all? Says what is missing and what would do; a negative errno
 * if not.
 */
int refusal_check(void);

/* Says why the kernel has refused to load, a negative errno, and what would help. */
void refusal_explain(int err);

/*
 * Why this kernel does not let us use a backend, found by loading and attaching a program
 * that does nothing; NULL: it does. btf: the kernel's types. Valid until the next call.
 */
const char *refusal_of(enum backend backend, const struct btf *btf);

/* What perf_event_open calls kprobes, a number given at boot; -1: this kernel has none. */
int kprobe_type(void);

/* "Permission denied (EACCES)" and the like, for a negative errno; valid until the next call. */
const char *refusal_words(int err);

#endif
