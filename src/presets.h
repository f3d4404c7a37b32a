/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Presets: tools that people know, under their own names, with their positional arguments and
 * flags. Each is a row that is turned into the words of one of vfscope's own commands.
 */
#ifndef PRESETS_H
#define PRESETS_H

#include <stdbool.h>
#include <stddef.h>

#include "options.h"

/*
 * A flag of the namesake, and the words that it stands for: "%" is its argument, which in a --where
 * has to stand between single quotes.
 */
struct preset_flag {
	char letter;	  /* 0: the end; below ' ': it has long names only */
	const char *arg;  /* what it takes; NULL: nothing */
	const char *when; /* only with this argument; NULL: any */
	const char *to;	  /* "@0", "@1": it is the INTERVAL, the COUNT */
	bool list;	  /* once for each item of a list, and for each path that matches it */
	/* to is one word; given again, what stands behind its = is added by this. NULL: it stays
	 * two. */
	const char *joined;
	bool open_flag;	    /* a flag of open(2), by its name */
	bool disk;	    /* the name of a disk, or its numbers: those are what % is */
	const char *number; /* what a number stands for instead */
	/* Its long names, "|" between them, but for those that vfscope has with this meaning. */
	const char *names;
};

enum { PRESET_FLAGS_MAX = 16, PRESET_WORDS_MAX = 2 };
struct preset {
	const char *name, *command;
	const char *options; /* words */
	/*
	 * Columns in the namesake's order; "T?ts_ns" only with its flag -T. NULL: the command's
	 * own.
	 */
	const char *columns;
	/* What stands alone: a name, and the words that it stands for; "%": itself. */
	struct {
		const char *name, *to;
	} words[PRESET_WORDS_MAX];
	struct preset_flag flags[PRESET_FLAGS_MAX];
	/* Words that stand only where this flag is not given. */
	struct {
		char letter;
		const char *to;
	} without;
	const char *help, *better; /* what it shows; where it differs from its namesake, and why */
};
extern const struct preset preset_table[];
extern const int preset_table_len;

const struct preset *preset_find(const char *name);

/*
 * The arguments (the first is the command) that a preset with these arguments (argv[0]: its name)
 * stands for, NULL-terminated; *argc is their number. They and o->columns live until the end. NULL:
 * *err is -EINVAL, it has said what is wrong; or 1, help was asked for.
 */
char **preset_expand(const struct preset *preset, int *argc, char **argv, struct options *o,
		     int *err);

/* "[-a] [-r MAXROWS] [INTERVAL [COUNT]]", and in vfscope's own words. */
void preset_usage(const struct preset *preset, char *buf, size_t size);
void preset_equals(const struct preset *preset, char *buf, size_t size);

#endif
