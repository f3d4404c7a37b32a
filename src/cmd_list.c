/* SPDX-License-Identifier: GPL-2.0 */
/* list: the words of the contract, from the program's own tables. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "columns.h"
#include "commands.h"
#include "out.h"
#include "presets.h"
#include "syscalls.h"
#include "tables.h"
#include "util.h"

struct item {
	const char *name, *group, *help; /* group NULL: none */
};

static bool item_op(int i, struct item *item)
{
	if (++i >= VS_OP_MAX)
		return false;
	*item = (struct item){op_table[i].name, group_table[op_table[i].group].name,
			      op_table[i].help};
	return true;
}

static bool item_word(const struct word *words, int len, int i, struct item *item)
{
	if (i >= len)
		return false;
	*item = (struct item){words[i].name, NULL, words[i].help};
	return true;
}

static bool item_group(int i, struct item *item)
{
	return item_word(group_table, VS_GROUP_MAX, i, item);
}

static bool item_via(int i, struct item *item)
{
	return item_word(via_table, VS_VIA_MAX, i + 1, item);
}

static bool item_kind(int i, struct item *item)
{
	return item_word(kind_table, VS_KIND_MAX, i + 1, item);
}

static bool item_ftype(int i, struct item *item)
{
	return item_word(ftype_table, VS_FTYPE_MAX, i + 1, item);
}

static bool item_lost(int i, struct item *item)
{
	return item_word(lost_table, VS_LOST_MAX, i, item);
}

static bool item_field(int i, struct item *item)
{
	if (i >= field_table_len)
		return false;
	*item = (struct item){field_table[i].name, field_table[i].is_string ? "string" : "integer",
			      field_table[i].help};
	return true;
}

static bool item_key(int i, struct item *item)
{
	const struct field *key = keys_nth(i);

	if (!key)
		return false;
	*item = (struct item){key->name, NULL, key->help};
	return true;
}

static bool item_of(const struct field *column, struct item *item)
{
	if (!column)
		return false;
	*item = (struct item){column->name, column->is_string ? "text" : "integer", column->help};
	return true;
}

/* clang-format off */
static bool item_column(int i, struct item *item) { return item_of(columns_value(i), item); }
static bool item_life(int i, struct item *item) { return item_of(life_column(i), item); }
static bool item_session(int i, struct item *item) { return item_of(session_column(i), item); }
static bool item_count(int i, struct item *item) { return item_of(count_column(i), item); }
/* clang-format on */

static bool item_preset(int i, struct item *item)
{
	if (i >= preset_table_len)
		return false;
	*item = (struct item){preset_table[i].name, preset_table[i].command, preset_table[i].help};
	return true;
}

static bool item_syscall(int i, struct item *item)
{
	static char buf[64];
	const struct syscall_row *row = &syscall_table[i];

	if (i >= syscall_table_len)
		return false;
	snprintf(buf, sizeof(buf), "x86-64 %d, i386 %d, arm64 %d", row->x86_64, row->i386,
		 row->arm64);
	*item = (struct item){row->name,
			      op_table[row->sys.op].name ? op_table[row->sys.op].name : "-", buf};
	return true;
}

/* Several may have a name: commands tell them apart. */
static const struct list {
	const char *name, *command; /* whose words they are; NULL: anyone's */
	const char *title;
	bool (*item)(int i, struct item *item);
	bool only_by_name;
} lists[] = {
	{"ops", NULL, "operations (-o)", item_op, false},
	{"groups", NULL, "groups of operations (-o)", item_group, false},
	{"vias", NULL, "by which door (--via)", item_via, false},
	{"fields", NULL, "fields (-F)", item_field, false},
	{"kinds", NULL, "kinds of page faults, page cache events and copies (the field kind)",
	 item_kind, false},
	{"keys", NULL, "keys of totals (--by)", item_key, true},
	{"columns", "top, stat, hist", "columns of totals, besides their keys (-F, -s)",
	 item_column, false},
	{"columns", "life", "columns of life, besides the fields (-F)", item_life, false},
	{"columns", "life --sessions", "columns of life --sessions, besides these (-F)",
	 item_session, false},
	{"columns", "count", "columns of count (-F, -s)", item_count, false},
	{"presets", NULL, "presets, by the command that they are", item_preset, false},
	{"ftypes", NULL, "types of files (--ftype)", item_ftype, false},
	{"lost", NULL, "what can be lost, in the summary", item_lost, false},
	{"syscalls", NULL, "system calls that are decoded (-1: there is none)", item_syscall, true},
};

static const char *list_word(size_t i)
{
	return i < ARRAY_LEN(lists) ? lists[i].name : NULL;
}

static void put_json(struct out *out, const struct list *list, const struct item *item)
{
	const char *const keys[] = {"list", "command", "name", "group", "help"};
	const char *const values[] = {list->name, list->command, item->name, item->group,
				      item->help};
	char before = '{';

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (!values[i])
			continue;
		out_printf(out, "%c\"%s\":\"", before, keys[i]);
		out_json_escaped(out, values[i], strlen(values[i]));
		out_char(out, '"');
		before = ',';
	}
	out_str(out, "}\n");
}

static void put_text(struct out *out, const struct item *item)
{
	out_printf(out, "  %-16s", item->name);
	if (item->group)
		out_printf(out, "%-10s", item->group);
	out_printf(out, "%s\n", item->help);
}

int cmd_list(int argc, char **argv, struct options *o)
{
	const char *near;
	struct out out;
	int shown = 0, err;

	(void)argc, (void)argv;
	out_init(&out, STDOUT_FILENO, 16 << 10);
	for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
		struct item item;

		if (o->word ? strcmp(o->word, lists[l].name) : lists[l].only_by_name)
			continue;
		if (o->format == FORMAT_TABLE)
			out_printf(&out, "%s%s\n", shown ? "\n" : "", lists[l].title);
		for (int i = 0; lists[l].item(i, &item); i++) {
			if (o->format == FORMAT_TABLE)
				put_text(&out, &item);
			else
				put_json(&out, &lists[l], &item);
		}
		shown++;
	}
	out_end_record(&out);
	err = out_flush(&out);
	out_fini(&out);
	if (!shown) {
		near = nearest(o->word, list_word);
		msg("unknown list '%s'; %s'%s'", o->word, near ? "the nearest is " : "see ",
		    near ? near : "vfscope help list");
		return EXIT_USAGE;
	}
	return err ? EXIT_RUN : EXIT_DONE;
}
