/* SPDX-License-Identifier: GPL-2.0 */
/* Filters as words of a command line, for the tests of where*.c: parsed into o, with what is said.
 */
#ifndef WHERE_WORDS_H
#define WHERE_WORDS_H

#include <errno.h>

#include "options.h"
#include "util.h"

static struct options o;
static const char *said;

/* Parses "trace" with options that end with one or two expressions. */
static int parse(const char *const *words, int n)
{
	static struct capture c;
	static char *argv[64];
	int err;

	for (char **word = argv; *word; word++) {
		free(*word);
		*word = NULL;
	}
	argv[0] = strdup("trace");
	for (int i = 0; i < n; i++)
		argv[i + 1] = strdup(words[i]);
	options_fini(&o);
	options_init(&o);
	capture_begin(&c);
	err = options_parse(
		&o, FOR_TRACE, n + 1,
		(char *[]){argv[0], argv[1], argv[2], argv[3], argv[4], argv[5], argv[6], NULL});
	said = capture_end(&c);
	return err;
}

#define WORDS(...)                                                                                 \
	(const char *const[]){__VA_ARGS__}, ARRAY_LEN(((const char *const[]){__VA_ARGS__}))

static void accepts(const char *expr)
{
	if (parse(WORDS("--where", expr)) || *said)
		fail_msg("'%s' is refused: %s", expr, said);
}

/* The message, and the column of the caret. */
static void wrong(const char *expr, const char *message, int column)
{
	char expected[512];

	snprintf(expected, sizeof(expected), "vfscope: --where: %s\n    %s\n    %*s^\n", message,
		 expr, column, "");
	if (parse(WORDS("--where", expr)) != -EINVAL || strcmp(said, expected))
		fail_msg("'%s':\n%sinstead of\n%s", expr, said, expected);
}

/* Of a group of tests. */
static int finish(void **state)
{
	(void)state;
	options_fini(&o);
	return 0;
}

#endif
