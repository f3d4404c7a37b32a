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

/*
 * Does it match no path of a file, since those are absolute, and only ** goes across a slash? What
 * is no file has names as pipe:[1], what lies outside of a root begins with "(unreachable)".
 */
bool glob_is_relative(const char *glob);

/*
 * The same glob with the directories before its first wildcard as realpath(3) has them; to be
 * freed. NULL: they are that already, or do not exist.
 */
char *glob_resolved(const char *glob);

#endif
