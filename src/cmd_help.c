/* SPDX-License-Identifier: GPL-2.0 */
/*
 * help and version; also the man page and the completions, which `make` writes with
 * `vfscope help --man` and `--bash`. All of it comes from the tables.
 */
#include <stdio.h>
#include <string.h>

#include "columns.h"
#include "commands.h"
#include "presets.h"
#include "tables.h"
#include "util.h"

#define SUMMARY "what a machine is doing with its files"
#define VERBOSE "show what libbpf and the kernel say, and which part of the filter is decided where"

static void option_text(const struct option_row *row, char *buf, size_t size)
{
	char name[48];

	snprintf(name, sizeof(name), "--%s%s%s", row->name, row->arg ? " " : "",
		 row->arg ? row->arg : "");
	if (row->short_name)
		snprintf(buf, size, "-%c, %s", row->short_name, name);
	else
		snprintf(buf, size, "    %s", name);
}

/* Columns of a UTF-8 text. */
static int columns(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

/* "  left   right", the words of the right part wrapped at 80 columns. */
static void two_columns(const char *left, int width, const char *right)
{
	int at = columns(left) + 2, margin = width + 2;

	printf("  %s", left);
	if (at >= margin) {
		putchar('\n');
		at = 0;
	}
	printf("%*s", margin - at, "");
	at = margin;
	while (*right) {
		int len = strcspn(right, " ");

		if (at > margin && at + 1 + len > 79) {
			printf("\n%*s", margin, "");
			at = margin;
		} else if (at > margin) {
			at += printf(" ");
		}
		at += printf("%.*s", len, right);
		right += len;
		right += strspn(right, " ");
	}
	putchar('\n');
}

static void help_options(const struct command *command)
{
	char left[64];

	if (!(command->options & FOR_ALL))
		return;
	printf("\noptions:\n");
	for (int i = 0; i < option_table_len; i++) {
		if (!(option_table[i].commands & command->options))
			continue;
		option_text(&option_table[i], left, sizeof(left));
		two_columns(left, 28, option_table[i].help);
	}
	two_columns("-v, --verbose", 28, VERBOSE);
	two_columns("-h, --help", 28, "this");
}

static void help_preset(const struct preset *preset)
{
	char usage[512], equals[512];

	preset_usage(preset, usage, sizeof(usage));
	preset_equals(preset, equals, sizeof(equals));
	printf("vfscope %s: %s\n\nusage: vfscope %s %s\n\nIt is: %s\n\nBetter than its namesake: %s\n"
	       "All options of '%s' can be given too, the long ones by their names.\n",
	       preset->name, preset->help, preset->name, usage, equals, preset->better,
	       preset->command);
}

/* docs/presets.md */
static void presets_page(void)
{
	char usage[512], equals[512];

	printf("# Presets\n\nTools that people know, under their own names. Each is a row of "
	       "`src/presets.c`: it stands for\none of vfscope's commands, and takes all options of "
	       "that too (`-j`, `-- PROGRAM` ...);\n`-o`, `--fs` and `--by` take the place of its own.\nFlags of the namesakes have their long names "
	       "as well (`biolatency --queued`). This page is printed by\n`vfscope help --presets`.\n");
	for (int i = 0; i < preset_table_len; i++) {
		const struct preset *preset = &preset_table[i];

		preset_usage(preset, usage, sizeof(usage));
		preset_equals(preset, equals, sizeof(equals));
		printf("\n## %s\n\nShows %s.\n\n    vfscope %s %s\n    %s\n\nBetter: %s\n",
		       preset->name, preset->help, preset->name, usage, equals, preset->better);
	}
}

static void help_all(void)
{
	printf("vfscope: " SUMMARY
	       "\n\nusage: vfscope [-v] COMMAND [OPTIONS] [-- PROGRAM [ARG...]]\n\n");
	for (int i = 0; i < command_table_len; i++)
		two_columns(command_table[i].name, 10, command_table[i].help);
	printf("\npresets, tools that people know:\n");
	for (int i = 0; i < preset_table_len; i++)
		two_columns(preset_table[i].name, 12, preset_table[i].help);
	printf("\n'vfscope help COMMAND' tells all about one, 'vfscope help where' about filters.\n\n"
	       "Examples:\n"
	       "  sudo vfscope trace -d /var/lib -o data    who reads and writes below a directory\n"
	       "  sudo vfscope trace -j -- git status       every file operation of a program, as JSON\n"
	       "  sudo vfscope trace -x --min-latency 1ms   what failed, and took its time to\n");
}

/* --- the filter language ----------------------------------------------------------------- */

static const char where_form[] =
	"  --where 'op == write and (path ~ \"/var/lib/**\" or size > 1M) and lat > 10ms\n"
	"           and not comm ~ \"kworker*\"'\n";

/* What stands on the left, and what it means. */
static const struct word where_words[] = {
	{"FIELD alone", "the record has such a field: err, path2"},
	{"== !=", "is, is not"},
	{"< <= > >=", "of numbers"},
	{"~ !~",
	 "matches a glob, does not: * ? [a-z]; in path, path2, name, cgroup and exe * stays "
	 "within a component, and ** goes across. What is unlinked and still open matches without its "
	 "' (deleted)' too"},
	{"in (A, B, ...)", "is one of these; also: not in"},
	{"and or not", "also && || !; parentheses"},
	{"FIELD", "any of 'vfscope list fields'; size is bytes, lat is lat_ns"},
	{"op", "also a group: op == names"},
	{"VALUE", "a word, or text in quotes of either kind, in which \\n \\t \\r \\\\ \\\" "
		  "\\' and \\xHH stand for a byte"},
	{"numbers", "10, 0x1f, -1, with K M G T (of 1024): 1.5M; mode in octal; uid also by name"},
	{"times",
	 "with one of ns us ms s m h: 10ms; what ends in _ns also without, in nanoseconds"},
};

static void help_where(void)
{
	printf("Only what the expression holds for is shown; of several --where, all have to.\n\n%s\n",
	       where_form);
	for (size_t i = 0; i < ARRAY_LEN(where_words); i++)
		two_columns(where_words[i].name, 16, where_words[i].help);
	printf("\nA field that a record does not have is neither equal, nor less, nor matches: "
	       "so\n!= and !~ hold for it. What can be decided in the kernel costs no event; "
	       "-v\nsays which part that is.\n");
}

/* --- man page ---------------------------------------------------------------------------- */

/* Text for roff: its own two special characters escaped. */
static void roff(const char *s)
{
	for (; *s; s++) {
		if (*s == '\\' || *s == '-')
			putchar('\\');
		putchar(*s);
	}
}

static void roff_item(const char *term, const char *text)
{
	printf(".TP\n.B ");
	roff(term);
	putchar('\n');
	roff(text);
	putchar('\n');
}

static void man_page(void)
{
	char left[64], usage[512];

	printf(".TH VFSCOPE 8 \"\" \"vfscope " VERSION "\"\n.SH NAME\nvfscope \\- " SUMMARY "\n"
	       ".SH SYNOPSIS\n.B vfscope\n[\\-v] COMMAND [OPTIONS] [\\-\\- PROGRAM [ARG...]]\n"
	       ".SH DESCRIPTION\nvfscope watches the file operations of a machine with eBPF and shows "
	       "who reads and writes what, how much, how fast, and through which call.\n.PP\n"
	       "It has to keep up with a busy machine: it runs at nice \\-10, and what reads once in an "
	       "interval, of 100 ms or more, at the lowest real\\-time priority. PROGRAM does not.\n"
	       ".SH COMMANDS\n");
	for (int i = 0; i < command_table_len; i++) {
		const struct command *command = &command_table[i];

		printf(".TP\n.B ");
		roff(command->name);
		printf(" ");
		roff(command->args);
		printf("\n");
		roff(command->help);
		printf(".\n");
		if (command->more) {
			roff(command->more);
			printf("\n");
		}
	}
	printf(".SH PRESETS\nTools that people know, under their own names, with their arguments.\n");
	for (int i = 0; i < preset_table_len; i++) {
		roff_item(preset_table[i].name, preset_table[i].help);
		preset_usage(&preset_table[i], usage, sizeof(usage));
		printf(".br\n");
		roff(usage);
		printf("\n");
	}
	printf(".SH OPTIONS\n");
	for (int i = 0; i < option_table_len; i++) {
		option_text(&option_table[i], left, sizeof(left));
		roff_item(left + strspn(left, " "), option_table[i].help);
	}
	roff_item("-v, --verbose", VERBOSE);
	printf(".SH OPERATIONS\n");
	for (int i = 1; i < VS_OP_MAX; i++)
		roff_item(op_table[i].name, op_table[i].help);
	printf(".SH FIELDS\n");
	for (int i = 0; i < field_table_len; i++)
		roff_item(field_table[i].name, field_table[i].help);
	printf(".SH FILTER LANGUAGE\nOf \\-\\-where, as in\n.PP\n.nf\n");
	roff(where_form);
	printf(".fi\n");
	for (size_t i = 0; i < ARRAY_LEN(where_words); i++)
		roff_item(where_words[i].name, where_words[i].help);
	printf(".PP\nA field that a record does not have is neither equal, nor less, nor matches; != and "
	       "!~ hold for it.\n");
	printf(".SH COLUMNS OF TOTALS\n");
	for (int i = 0; columns_value(i); i++)
		roff_item(columns_value(i)->name, columns_value(i)->help);
	printf(".SH LOSSES\nThe summary counts what could not be shown, by cause:\n");
	for (int i = 0; i < VS_LOST_MAX; i++)
		roff_item(lost_table[i].name, lost_table[i].help);
	printf(".SH EXIT STATUS\n0 done, also after Ctrl\\-C; 1 failed while running; 2 wrong usage; "
	       "3 this kernel or these privileges cannot do it; with \\-\\- PROGRAM, the program's own "
	       "(127: there is no such program, 126: it cannot be run).\n");
}

/* --- completions --------------------------------------------------------------------------- */

static void words_of_options(int commands, const char *separator)
{
	for (int i = 0; i < option_table_len; i++) {
		if (!(option_table[i].commands & commands))
			continue;
		printf("--%s%s", option_table[i].name, separator);
		if (option_table[i].short_name)
			printf("-%c%s", option_table[i].short_name, separator);
	}
}

static void words_of_values(void)
{
	printf("    -o|--op) words='");
	for (int i = 1; i < VS_OP_MAX; i++)
		printf("%s ", op_table[i].name);
	for (int i = 0; i < VS_GROUP_MAX; i++)
		printf("%s ", group_table[i].name);
	printf("all' ;;\n    --via) words='");
	for (int i = 1; i < VS_VIA_MAX; i++)
		printf("%s ", via_table[i].name);
	printf("' ;;\n    --ftype) words='");
	for (int i = 1; i < VS_FTYPE_MAX; i++)
		printf("%s ", ftype_table[i].name);
	printf("' ;;\n    -F|--fields) words='");
	for (int i = 0; i < field_table_len; i++)
		printf("%s ", field_table[i].name);
	printf("' ;;\n    --by) words='");
	for (int i = 0; keys_nth(i); i++)
		printf("%s ", keys_nth(i)->name);
	printf("' ;;\n    -f|--format) words='table json csv' ;;\n"
	       "    --backend) words='auto fentry kprobe tracepoint' ;;\n"
	       "    --color) words='auto always never' ;;\n");
}

/* The last item of a comma-separated list is what is completed. */
static void completion_bash(void)
{
	printf("# bash completion for vfscope, made by 'vfscope help --bash'\n_vfscope() {\n"
	       "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words= i\n"
	       "  COMPREPLY=()\n"
	       "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
	       "    [[ ${COMP_WORDS[i]} == -- ]] && { COMPREPLY=($(compgen -c -- \"$cur\")); return; }\n"
	       "  done\n"
	       "  case $prev in\n");
	words_of_values();
	printf("    -u|--uid) COMPREPLY=($(compgen -u -- \"$cur\")); return ;;\n"
	       "    -d|--dir) COMPREPLY=($(compgen -d -- \"$cur\")); return ;;\n"
	       "  esac\n"
	       "  if [[ -n $words ]]; then\n"
	       "    local head=; [[ $cur == *,* ]] && head=${cur%%,*},\n"
	       "    COMPREPLY=($(compgen -P \"$head\" -W \"$words\" -- \"${cur##*,}\")); return\n"
	       "  fi\n"
	       "  if ((COMP_CWORD == 1)); then\n    COMPREPLY=($(compgen -W '");
	for (int i = 0; i < command_table_len; i++)
		printf("%s ", command_table[i].name);
	for (int i = 0; i < preset_table_len; i++)
		printf("%s ", preset_table[i].name);
	printf("' -- \"$cur\"))\n  else\n    case ${COMP_WORDS[1]} in\n      trace) words='");
	words_of_options(FOR_TRACE, " ");
	printf("' ;;\n      top|stat|hist) words='");
	words_of_options(FOR_WATCH | FOR_TOTALS | FOR_TOP | FOR_HIST, " ");
	printf("' ;;\n      life) words='");
	words_of_options(FOR_WATCH | FOR_LIFE, " ");
	printf("' ;;\n      doctor|list|selftest) words='");
	words_of_options(FOR_TEXTS, " ");
	printf("' ;;\n      help) words='");
	for (int i = 0; i < command_table_len; i++)
		printf("%s ", command_table[i].name);
	printf("' ;;\n    esac\n    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n  fi\n}\n"
	       "complete -o default -F _vfscope vfscope\n");
}

int cmd_help(int argc, char **argv, struct options *o)
{
	const struct command *command;
	const struct preset *preset;

	(void)o;
	if (argc < 2) {
		help_all();
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], "--man") || !strcmp(argv[1], "--bash")) {
		(argv[1][2] == 'm' ? man_page : completion_bash)();
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], "where")) {
		help_where();
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], "--presets")) {
		presets_page();
		return EXIT_DONE;
	}
	preset = preset_find(argv[1]);
	if (preset) {
		help_preset(preset);
		return EXIT_DONE;
	}
	command = command_find(argv[1]);
	if (!command)
		return command_unknown(argv[1]);
	printf("vfscope %s: %s\n\nusage: vfscope %s%s%s\n", command->name, command->help,
	       command->name, *command->args ? " " : "", command->args);
	if (command->more)
		printf("\n%s\n", command->more);
	help_options(command);
	return EXIT_DONE;
}

int cmd_version(int argc, char **argv, struct options *o)
{
	(void)argc, (void)argv, (void)o;
	printf("vfscope " VERSION "\n");
	return EXIT_DONE;
}
