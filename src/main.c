/* SPDX-License-Identifier: GPL-2.0 */
#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "presets.h"
#include "util.h"

/* clang-format off */
const struct command command_table[] = {
	{"trace", "[OPTIONS] [-- PROGRAM [ARG...]]", "one line for each operation, when it completes",
	 FOR_TRACE, cmd_trace,
	 "With -- PROGRAM, it traces the program and all its descendants, and only them, from\n"
	 "the first instruction; it ends when the program ends, with its exit status."},
	{"top", "[OPTIONS] [INTERVAL [COUNT]] [-- PROGRAM [ARG...]]",
	 "who and what moves the most: a ranking by any keys, each interval",
	 FOR_WATCH | FOR_TOTALS | FOR_TOP | TAKES_INTERVAL, cmd_top,
	 "On a terminal it is a page with keys (? lists them), but with COUNT, --batch, -j or -- PROGRAM.\n"
	 "INTERVAL is a time, 1 second if left out: 5, 0.5, 100ms. The sum over all rows and intervals\n"
	 "is that of all operations; what has no row of its own is in one, 'other'."},
	{"stat", "[OPTIONS] [INTERVAL [COUNT]] [-- PROGRAM [ARG...]]",
	 "operations a second: a column for each, a line for each interval",
	 FOR_WATCH | FOR_TOTALS | FOR_STAT | TAKES_INTERVAL, cmd_stat,
	 "With --by, a line for each of the keys. In machine formats, a record for each operation."},
	{"hist", "[OPTIONS] [INTERVAL [COUNT]] [-- PROGRAM [ARG...]]",
	 "distributions of latency or size by any keys",
	 FOR_WATCH | FOR_TOTALS | FOR_HIST | TAKES_INTERVAL, cmd_hist,
	 "Without INTERVAL, of the whole run, when it ends. Percentiles are within 6.25%."},
	{"count", "PATTERN [OPTIONS] [INTERVAL [COUNT]] [-- PROGRAM [ARG...]]",
	 "calls of kernel functions by name pattern (vfs_*)", FOR_COUNT | TAKES_WORD | TAKES_INTERVAL,
	 cmd_count,
	 "Without INTERVAL, of the whole run, when it ends. It needs kprobes: one hook for all functions\n"
	 "where the kernel has CONFIG_FPROBE (5.18), else one for each, 512 at most."},
	{"life", "[OPTIONS] [-- PROGRAM [ARG...]]", "files from creation to deletion; --sessions: from open to close",
	 FOR_WATCH | FOR_LIFE, cmd_life,
	 "Shows a file that was created while it watched, when its last name is removed or renamed over,\n"
	 "or, made by O_TMPFILE and never linked, when its descriptor is closed. Names are compared as text: a file that is\n"
	 "removed through a symbolic link to its directory is not recognised."},
	{"doctor", "[-j]", "what this kernel offers, and what stays unseen and why", FOR_TEXTS,
	 cmd_doctor, "Exit status 3 if no backend is usable."},
	{"selftest", "[-j] [--backend NAME] [DIR]", "drives every I/O path on this kernel, and checks what was reported",
	 FOR_TEXTS | FOR_SELFTEST | TAKES_WORD, cmd_selftest,
	 "In a scratch directory below DIR (/tmp), with each backend that this kernel allows, or one.\n"
	 "exact: reported as it was done; unseen: the backend cannot see it; not to be had: this\n"
	 "file system or kernel does not do it, or not with these privileges. Why stands below the\n"
	 "table. Exit status 1 if anything was reported wrongly (WRONG), or lost."},
	{"list", "[-j] [WHAT]", "operations, vias, fields, file types, losses: what the words mean",
	 FOR_TEXTS | TAKES_WORD, cmd_list, "WHAT is ops, groups, vias, fields, kinds, keys, columns, presets, ftypes, lost or syscalls; all\n"
	 "but keys and syscalls if left out."},
	{"help", "[COMMAND]", "this, or all about a command, or the filter language: help where", 0, cmd_help, NULL},
	{"version", "", "the version", 0, cmd_version, NULL},
};
/* clang-format on */

const int command_table_len = ARRAY_LEN(command_table);

const struct command *command_find(const char *name)
{
	for (int i = 0; i < command_table_len; i++)
		if (!strcmp(command_table[i].name, name))
			return &command_table[i];
	return NULL;
}

static const char *command_word(size_t i)
{
	if (i < (size_t)command_table_len)
		return command_table[i].name;
	i -= command_table_len;
	return i < (size_t)preset_table_len ? preset_table[i].name : NULL;
}

int command_unknown(const char *name)
{
	const char *near = nearest(name, command_word);

	msg("unknown command '%s'; %s%s%s", name, near ? "the nearest is '" : "see 'vfscope help",
	    near ? near : "", "'");
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	const struct command *command;
	const struct preset *preset;
	char *name;
	struct options o;
	int status = 0, fd;

	/* what is opened later must not become standard output */
	while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= STDERR_FILENO)
		;
	close(fd);
	setlocale(LC_CTYPE, "");
	options_init(&o);
	while (argc > 1 && (!strcmp(argv[1], "-v") || !strcmp(argv[1], "--verbose"))) {
		o.verbose = true;
		argc--;
		argv++;
	}
	if (argc < 2) {
		cmd_help(1, argv, &o);
		return EXIT_USAGE;
	}
	argc--;
	argv++;
	if (!strcmp(argv[0], "--help") || !strcmp(argv[0], "-h"))
		return cmd_help(1, argv, &o);
	if (!strcmp(argv[0], "--version") || !strcmp(argv[0], "-V"))
		return cmd_version(1, argv, &o);
	preset = preset_find(argv[0]);
	name = argv[0];
	if (preset)
		argv = preset_expand(preset, &argc, argv, &o, &status);
	command = command_find(!preset ? name : argv ? argv[0] : preset->command);
	if (!command)
		return command_unknown(name);
	if (!status && command->options)
		status = options_parse(&o, command->options, argc, argv);
	if (status > 0)
		status = cmd_help(2, (char *[]){"help", name, NULL}, &o);
	else if (status < 0)
		status = EXIT_USAGE;
	else
		status = command->run(argc, argv, &o);
	options_fini(&o);
	return status;
}
