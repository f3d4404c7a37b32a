/* SPDX-License-Identifier: GPL-2.0 */
#include "comms.h"

#include <errno.h>
#include <fnmatch.h>
#include <stddef.h>
#include <string.h>

/* The length of what stands for one character, from p on: x, ?, \x, [a-z]. */
static size_t item_len(const char *p)
{
	const char *end = p + 1;

	if (*p == '\\' && p[1])
		return 2;
	if (*p != '[')
		return 1;
	if (*end == '!' || *end == '^')
		end++;
	if (*end == ']')
		end++;
	while (*end && *end != ']') {
		if (end[0] == '[' && (end[1] == ':' || end[1] == '.' || end[1] == '=')) {
			const char close[] = {end[1], ']', '\0'}, *closed = strstr(end + 2, close);

			end = closed ? closed + 2 : end + 1;
		} else {
			end += *end == '\\' && end[1] ? 2 : 1;
		}
	}
	return *end ? (size_t)(end + 1 - p) : 1; /* nothing closes it: a bracket */
}

int comm_glob(const char *text, struct vs_glob *glob)
{
	int items = 0;

	memset(glob, 0, sizeof(*glob));
	while (*text) {
		char item[256], c[2] = "";
		size_t len = item_len(text);

		if (*text == '*') {
			glob->stays |= VS_BIT(items);
			text++;
			continue;
		}
		if (items == VS_GLOB_MAX || len >= sizeof(item))
			return -E2BIG;
		memcpy(item, text, len);
		item[len] = '\0';
		for (int i = 1; i < 256; i++) {
			c[0] = i;
			/* bytes that are no characters by themselves match nothing in fnmatch */
			if (*item == '?' || (len == 1 && *item != '\\' && *item == c[0]) ||
			    !fnmatch(item, c, 0))
				glob->accepts[i] |= VS_BIT(items);
		}
		text += len;
		items++;
	}
	glob->goal = VS_BIT(items);
	return 0;
}

int comm_least(const char *text)
{
	int least = 0;

	for (; *text; text += item_len(text))
		least += *text != '*';
	return least;
}
