/* SPDX-License-Identifier: GPL-2.0 */
#include "peek.h"

#include <string.h>

#include "glob.h"

enum { PER_LINE = 16 };

bool peek_is_forbidden(const struct strings *globs, struct str path)
{
	static const char deleted[] = " (deleted)";
	size_t mark = sizeof(deleted) - 1;
	const char *slash;
	struct str name;

	if (!path.p)
		return globs->len > 0;
	/* a file that has been unlinked is what it was; one may be called so too */
	for (int i = 0; i < 2; i++) {
		slash = memrchr(path.p, '/', path.len);
		name = (struct str){slash ? slash + 1 : path.p, path.len};
		name.len -= name.p - path.p;
		for (int g = 0; g < globs->len; g++)
			if (glob_match(globs->s[g], path.p, path.len) ||
			    glob_match(globs->s[g], name.p, name.len))
				return true;
		if (path.len <= mark || memcmp(path.p + path.len - mark, deleted, mark))
			break;
		path.len -= mark;
	}
	return false;
}

int peek_dots(struct out *out, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out_char(out, data[i] >= 0x20 && data[i] < 0x7f ? data[i] : '.');
	return len;
}

void peek_dump(struct out *out, const char *data, size_t len)
{
	for (size_t at = 0; at < len; at += PER_LINE) {
		size_t n = len - at < PER_LINE ? len - at : PER_LINE;

		out_printf(out, "    %04zx ", at);
		for (size_t i = 0; i < PER_LINE; i++) {
			if (i < n)
				out_printf(out, " %02x", (unsigned char)data[at + i]);
			else
				out_str(out, "   ");
		}
		out_str(out, "  ");
		peek_dots(out, data + at, n);
		out_char(out, '\n');
	}
}
