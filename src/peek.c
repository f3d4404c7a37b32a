/* SPDX-License-Identifier: GPL-2.0 */
#include "peek.h"

#include <string.h>

#include "glob.h"

enum { PER_LINE = 16 };

bool peek_is_forbidden(const struct strings *globs, struct str path)
{
	const char *slash;
	struct str name;

	if (!path.p)
		return globs->len > 0;
	do { /* a file that has been unlinked is what it was */
		slash = memrchr(path.p, '/', path.len);
		name = (struct str){slash ? slash + 1 : path.p, path.len};
		name.len -= name.p - path.p;
		for (int g = 0; g < globs->len; g++)
			if (glob_match(globs->s[g], path.p, path.len) ||
			    glob_match(globs->s[g], name.p, name.len))
				return true;
	} while (path_undelete(&path));
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
