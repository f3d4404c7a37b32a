/* SPDX-License-Identifier: GPL-2.0 */
/* The verbs. Each is a row; main, help, man page and completion come from it. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "options.h"

struct command {
	const char *name, *args, *help; /* args: what stands behind the name */
	int options;			/* bits of FOR_*, 0: it takes none */
	int (*run)(int argc, char **argv, struct options *o);
	const char *more; /* shown by `help COMMAND` */
};
extern const struct command command_table[];
extern const int command_table_len;

const struct command *command_find(const char *name);

/* Says that there is no such command, and what is near. Returns the exit status. */
int command_unknown(const char *name);

/* Columns of life, those of --sessions, and of count: for `vfscope list`. NULL behind the last. */
const struct field *life_column(int i);
const struct field *session_column(int i);
const struct field *count_column(int i);

int cmd_trace(int argc, char **argv, struct options *o);
int cmd_top(int argc, char **argv, struct options *o);
int cmd_stat(int argc, char **argv, struct options *o);
int cmd_count(int argc, char **argv, struct options *o);
int cmd_life(int argc, char **argv, struct options *o);
int cmd_hist(int argc, char **argv, struct options *o);
int cmd_doctor(int argc, char **argv, struct options *o);
int cmd_selftest(int argc, char **argv, struct options *o);
int cmd_list(int argc, char **argv, struct options *o);
int cmd_help(int argc, char **argv, struct options *o);
int cmd_version(int argc, char **argv, struct options *o);

#endif
