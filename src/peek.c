/* SPDX-License-Identifier: GPL-2.0 */
#include "peek.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "glob.h"
#include "util.h"

enum { PER_LINE = 16 };

int peek_forbid(struct strings *globs, const char *glob)
{
	size_t len = strlen(glob);
	const char *rest = glob;
	char *own, *resolved;

	while (len > 1 && glob[len - 1] == '/')
		len--;
	if (!len) {
		msg("--no-peek '': nothing has no name");
		return -EINVAL;
	}
	if (glob_is_relative(glob) && memchr(glob, '/', len)) {
		while (!strncmp(rest, "./", 2))
			rest += 2;
		msg("--no-peek '%s' protects nothing: paths are absolute, and only ** goes across "
		    "/; write '/…/%s' or '**/%s'",
		    glob, rest, rest);
		return -EINVAL;
	}
	own = xasprintf("%.*s", (int)len, glob);
	resolved = glob_resolved(own);
	strings_add(globs, own);
	if (resolved)
		strings_add(globs, resolved);
	free(own);
	free(resolved);
	return 0;
}

/* By its path or its last component. */
static bool is_named(const struct strings *globs, struct str path)
{
	const char *slash = memrchr(path.p, '/', path.len), *name = slash ? slash + 1 : path.p;

	for (int g = 0; g < globs->len; g++)
		if (glob_match(globs->s[g], path.p, path.len) ||
		    glob_match(globs->s[g], name, path.p + path.len - name))
			return true;
	return false;
}

bool peek_is_forbidden(const struct strings *globs, struct str path)
{
	if (!path.p)
		return globs->len > 0;
	do { /* a file that has been unlinked is what it was */
		for (struct str up = path; up.len;) {
			const char *slash = memrchr(up.p, '/', up.len);

			if (is_named(globs, up))
				return true;
			up.len = slash ? slash - up.p : 0;
		}
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
