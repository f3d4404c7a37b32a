/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is a text one JSON value (RFC 8259), in UTF-8 and with no key twice in an object? So
 * strict that no reader could take offence at what passes.
 */
#ifndef UNIT_JSON_H
#define UNIT_JSON_H

#include <stdbool.h>
#include <string.h>
#include <wchar.h>

static inline bool json_value(const char **p);

static inline bool json_string(const char **p)
{
	mbstate_t mb = {0};
	const char *s = *p;

	if (*s++ != '"')
		return false;
	while (*s != '"') {
		size_t n;

		if ((unsigned char)*s < 0x20)
			return false;
		if (*s == '\\') {
			if (s[1] == 'u') {
				if (strspn(s + 2, "0123456789abcdefABCDEF") < 4)
					return false;
				s += 6;
			} else {
				if (!s[1] || !strchr("\"\\/bfnrt", s[1]))
					return false;
				s += 2;
			}
			continue;
		}
		n = mbrlen(s, 8, &mb); /* the caller has set a UTF-8 locale */
		if (!n || n > 4)
			return false;
		s += n;
	}
	*p = s + 1;
	return true;
}

static inline bool json_number(const char **p)
{
	const char *s = *p + (**p == '-');
	size_t digits = strspn(s, "0123456789");

	if (!digits || (digits > 1 && *s == '0'))
		return false;
	*p = s + digits; /* vfscope writes integers alone */
	return true;
}

static inline bool json_members(const char **p, char end)
{
	struct {
		const char *key;
		size_t len;
	} keys[128];
	int n = 0;

	(*p)++;
	if (**p == end)
		return (*p)++, true;
	for (;;) {
		const char *key = *p;

		if (end == '}') {
			if (!json_string(p) || n == 128)
				return false;
			keys[n].key = key;
			keys[n].len = *p - key;
			for (int i = 0; i < n; i++)
				if (keys[i].len == keys[n].len &&
				    !memcmp(keys[i].key, key, keys[n].len))
					return false;
			n++;
			if (*(*p)++ != ':')
				return false;
		}
		if (!json_value(p))
			return false;
		if (**p == end)
			return (*p)++, true;
		if (*(*p)++ != ',')
			return false;
	}
}

static inline bool json_value(const char **p)
{
	static const char *const words[] = {"true", "false", "null"};

	if (**p == '{' || **p == '[')
		return json_members(p, **p == '{' ? '}' : ']');
	if (**p == '"')
		return json_string(p);
	for (int i = 0; i < 3; i++)
		if (!strncmp(*p, words[i], strlen(words[i])))
			return *p += strlen(words[i]), true;
	return json_number(p);
}

/* One object and the end of its line, and nothing else. */
static inline bool json_is_line(const char *line)
{
	return *line == '{' && json_value(&line) && !strcmp(line, "\n");
}

#endif
