/* SPDX-License-Identifier: GPL-2.0 */
/* Globs: matched without allocation, in time that no pattern can blow up. */
#ifndef GLOB_H
#define GLOB_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Does the text match the glob? ? and * match within a component, ** across; [a-z] and
 * [!a-z] as in the shell, \ takes the next character as it is.
 */
bool glob_match(const char *glob, const char *s, size_t len);

/* The same where the text is no path: a slash is a character as any other. */
bool glob_match_text(const char *glob, const char *s, size_t len);

#endif
