/* SPDX-License-Identifier: GPL-2.0 */
#include "glob.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

/* Behind the ']' that closes a class that begins behind its '['; NULL: nothing closes it. */
static const char *class_end(const char *p)
{
	if (*p == '!' || *p == '^')
		p++;
	if (*p == ']')
		p++;
	while (*p && *p != ']')
		p += *p == '\\' && p[1] ? 2 : 1;
	return *p ? p + 1 : NULL;
}

/* One character of a class, and on to the next. */
static unsigned char class_char(const char **p)
{
	if (**p == '\\' && (*p)[1])
		(*p)++;
	return *(*p)++;
}

/* Does the class from p (behind its '[') to end (behind its ']') hold c? */
static bool class_match(const char *p, const char *end, unsigned char c)
{
	bool negated = *p == '!' || *p == '^', found = false;

	if (negated)
		p++;
	while (p < end - 1) {
		unsigned char low = class_char(&p), high = low;

		if (*p == '-' && p + 1 < end - 1) {
			p++;
			high = class_char(&p);
		}
		found |= low <= c && c <= high;
	}
	return found != negated;
}

/* separator: what * and ? and classes do not match; NUL, which no text holds: they match all. */
static bool match_from(const char *glob, const char *s, size_t len, char separator)
{
	const char *end = s + len;
	/* where to go on from when what follows the last star does not match */
	const char *star = NULL, *star_s = NULL, *deep = NULL, *deep_s = NULL;

	for (;;) {
		const char *at = glob, *class;
		bool match;

		if (*glob == '*') {
			if (glob[1] == '*') {
				glob += 2;
				deep = glob;
				deep_s = s;
				star = NULL;
			} else {
				star = ++glob;
				star_s = s;
			}
			continue;
		}
		if (s == end && !*glob)
			return true;
		if (s == end) {
			match = false;
		} else if (*glob == '?') {
			match = *s != separator;
			glob++;
		} else if (*glob == '[' && (class = class_end(glob + 1))) {
			match = *s != separator && class_match(glob + 1, class, *s);
			glob = class;
		} else {
			if (*glob == '\\' && glob[1])
				glob++;
			match = *glob && *glob == *s;
			if (*glob)
				glob++;
		}
		if (match) {
			s++;
			continue;
		}
		glob = at;
		if (star && star_s < end && *star_s != separator) {
			s = ++star_s;
			glob = star;
		} else if (deep && deep_s < end) {
			s = ++deep_s;
			glob = deep;
			star = NULL;
		} else {
			return false;
		}
	}
}

bool glob_match(const char *glob, const char *s, size_t len)
{
	return match_from(glob, s, len, '/');
}

bool glob_match_text(const char *glob, const char *s, size_t len)
{
	return match_from(glob, s, len, '\0');
}

bool glob_is_relative(const char *glob)
{
	return *glob != '/' && strncmp(glob, "**", 2) && !strchr("(\\", *glob) &&
	       !strchr(glob, ':');
}

char *glob_resolved(const char *glob)
{
	size_t len = strcspn(glob, "*?[\\");
	char *before, *real, *resolved = NULL;

	if (*glob != '/')
		return NULL;
	while (glob[len] && glob[len - 1] != '/')
		len--;
	before = xasprintf("%.*s", (int)len, glob);
	real = realpath(before, NULL);
	/* "/" is the only one that ends so */
	if (real)
		resolved = xasprintf("%s%s%s", real, glob[len] && real[1] ? "/" : "", glob + len);
	if (resolved && !strcmp(resolved, glob)) {
		free(resolved);
		resolved = NULL;
	}
	free(before);
	free(real);
	return resolved;
}
