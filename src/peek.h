/* SPDX-License-Identifier: GPL-2.0 */
/* Contents, as --peek takes them: of which files not, and how people see them. */
#ifndef PEEK_H
#define PEEK_H

#include "options.h"
#include "out.h"
#include "record.h"

/*
 * Adds a glob to those of --no-peek; what it names by symbolic links by its own path too. Returns
 * 0, or -EINVAL when it has said why it would name nothing.
 */
int peek_forbid(struct strings *globs, const char *glob);

/*
 * Does --no-peek name the file, or a directory that it is in? What has no path that is known is
 * taken for one that it names.
 */
bool peek_is_forbidden(const struct strings *globs, struct str path);

/* Printable ASCII as it is, a dot for each other byte. Returns the columns it takes. */
int peek_dots(struct out *out, const char *data, size_t len);

/* Lines of sixteen bytes with their place, 76 columns wide. */
void peek_dump(struct out *out, const char *data, size_t len);

#endif
