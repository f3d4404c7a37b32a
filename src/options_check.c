/* SPDX-License-Identifier: GPL-2.0 */
/* What options mean together: those that need others, exclude each other, or can show nothing. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "glob.h"
#include "options.h"
#include "util.h"

int options_check_comms(const struct options *o, const char *what)
{
	if (o->comms.len > VS_COMMS_MAX) {
		msg("%s takes at most %d -c", what, VS_COMMS_MAX);
		return -EINVAL;
	}
	return 0;
}

/* Who starts what, and what of it can be told apart. */
static int check_children(const struct options *o)
{
	if (!o->children)
		return 0;
	if (o->program) {
		msg("--children: a program behind -- is followed anyway, with all that it starts");
		return -EINVAL;
	}
	if (!o->pids.len && !o->tids.len && !o->uids.len && !o->comms.len) {
		msg("--children: whose? Name them with -p, -t, -u or -c");
		return -EINVAL;
	}
	return options_check_comms(o, "--children");
}

/* A program that has not been started yet is none of those that are there. */
static int check_program(const struct options *o)
{
	if (!o->program || !(o->pids.len || o->tids.len))
		return 0;
	msg("%s and -- PROGRAM contradict each other: only what the program does is traced",
	    o->pids.len ? "-p" : "-t");
	return -EINVAL;
}

/* Globs that no path of a file matches, or not that of all files that they are written for. */
static void warn_of_paths(const struct options *o)
{
	for (int i = 0; i < o->paths.len; i++) {
		const char *glob = o->paths.s[i], *rest = glob;
		bool relative = glob_is_relative(glob) && !o->all;
		bool ends = glob[1] && glob[strlen(glob) - 1] == '/';
		char *resolved = glob_resolved(glob);

		while (relative && !strncmp(rest, "./", 2))
			rest += 2;
		if (relative || ends)
			msg("warning: --path '%s' matches no file: %s; write '%s%s%s'", glob,
			    relative ? "paths are absolute, and only ** goes across /"
				     : "no path ends in /",
			    relative ? "**/" : "", rest, ends ? "**" : "");
		else if (resolved)
			msg("warning: --path '%s' leads by a symbolic link, and files have their own "
			    "paths; add --path '%s'",
			    glob, resolved);
		free(resolved);
	}
}

/* Options that need another one, or the table. */
int options_check(const struct options *o)
{
	const struct {
		bool given, has;
		const char *what, *wants;
	} needs[] = {
		{o->no_peeks.len, o->peek, "--no-peek", "--peek N, which takes contents"},
		{where_names(o->where, "data"), o->peek, "--where on data",
		 "--peek N, by which 'trace' takes contents"},
		{o->hex, o->peek, "--hex", "--peek N, of which it shows the bytes"},
		{o->hex, o->format == FORMAT_TABLE, "--hex", "--format table"},
		{o->layers, o->backend != BACKEND_TRACEPOINT, "--layers",
		 "functions of the kernel, --backend fentry or kprobe: programs do not call into layers"},
		{o->tree, o->format == FORMAT_TABLE, "--tree",
		 "--format table; for programs there are the fields pid, ppid, exe and args"},
	};

	for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
		if (!needs[i].given || needs[i].has)
			continue;
		msg("%s wants %s", needs[i].what, needs[i].wants);
		return -EINVAL;
	}
	if (o->dirs.len && !(options_ops(o) & field_ops("path"))) {
		msg("-d: nothing that is asked for is about a file");
		return -EINVAL;
	}
	warn_of_paths(o);
	return check_children(o) ?: check_program(o);
}

/* Contents of what? As far as the whole filter says it. */
int options_check_peek(const struct options *o)
{
	const __u64 ops = VS_BIT(VS_OP_READ) | VS_BIT(VS_OP_WRITE);
	const __u64 vias = VS_BIT(VS_VIA_RW) | VS_BIT(VS_VIA_VEC) | VS_BIT(VS_VIA_AIO) |
			   VS_BIT(VS_VIA_IO_URING);

	if (!o->peek || (options_ops(o) & ops && options_vias(o) & vias))
		return 0;
	msg("--peek %u: none of what is asked for has contents; read and write have, by rw, vec, "
	    "aio and io_uring",
	    o->peek);
	return -EINVAL;
}
