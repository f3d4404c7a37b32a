/* SPDX-License-Identifier: GPL-2.0 */
/* The table for people: aligned columns, human units, and names that cannot do harm. */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "peek.h"
#include "sink.h"
#include "tables.h"
#include "util.h"

#define BOLD "\033[1m"
#define RED "\033[31m"
#define PLAIN "\033[0m"

static void pad(struct out *out, int columns)
{
	if (columns <= 0)
		return;
	memset(out_reserve(out, columns), ' ', columns);
	out->len += columns;
}

/*
 * Where in the line we are, and where the next column begins: what is too wide for its column
 * takes the room of blanks in those behind it, which then stand in their places again.
 */
struct line {
	struct out *out;
	int at, next;
};

static void cell(struct line *line, const struct field *field, int width, const char *text,
		 size_t len, const char *color)
{
	int start = line->next, columns = len;
	struct out *out = line->out;

	line->next += width + 1;
	if (!len)
		return;
	if (field->right && columns < width)
		start += width - columns;
	if (line->at && start <= line->at)
		start = line->at + 1;
	pad(out, start - line->at);
	if (color)
		out_str(out, color);
	if (field->before) {
		out_str(out, field->before);
		start += strlen(field->before);
	}
	if (field->right)
		out_mem(out, text, len);
	else
		columns = field->is_bytes ? peek_dots(out, text, len) : out_visible(out, text, len);
	if (color)
		out_str(out, PLAIN);
	line->at = start + columns;
	if (!width) /* it takes what it needs: the next ones stand behind it */
		line->next = line->at + 1;
}

void sink_table_begin(struct sink *sink)
{
	struct line line = {&sink->out, 0, 0};

	for (int i = 0; i < sink->fields.len; i++) {
		const struct field *field = sink->fields.field[i];

		cell(&line, field, sink->width[i], field->title, strlen(field->title),
		     sink->color ? BOLD : NULL);
	}
	out_char(&sink->out, '\n');
}

/* The second's text is kept from call to call. */
int human_clock(char buf[16], __u64 ns)
{
	static time_t last = -1;
	static char text[16];
	time_t now = ns / 1000000000;
	int ms = ns / 1000000 % 1000;
	char *p;

	if (now != last) {
		struct tm tm;

		strftime(text, sizeof(text), "%H:%M:%S", localtime_r(&now, &tm));
		last = now;
	}
	p = stpcpy(buf, text);
	*p++ = '.';
	for (int step = 100; step; step /= 10)
		*p++ = '0' + ms / step % 10;
	*p = '\0';
	return p - buf;
}

static void number(struct line *line, const struct field *field, int width, __s64 i)
{
	bool less = !field->is_unsigned && i < 0;
	__u64 size = less ? -(__u64)i : (__u64)i;
	char buf[32];
	int len;

	switch (field->unit) {
	case UNIT_CLOCK: len = human_clock(buf, i); break;
	case UNIT_TIME:
		human_time(buf, i);
		len = strlen(buf);
		break;
	case UNIT_BYTES:
		*buf = '-';
		human_bytes(buf + less, size);
		len = strlen(buf);
		break;
	default:
		*buf = '-';
		len = write_u64(buf + less, size) - buf;
		if (field->unit == UNIT_FD && i == AT_FDCWD) /* as strace has it */
			len = stpcpy(buf, "AT_FDCWD") - buf;
	}
	cell(line, field, width, buf, len, NULL);
}

/* What a runtime has made of random digits is known by a few of them; a name is shown whole. */
static size_t shown(const struct field *field, struct str text)
{
	enum { ID_DIGITS = 64, ID_SHOWN = 12 };

	return field->is_id && text.len == ID_DIGITS ? ID_SHOWN : text.len;
}

void sink_table_record(struct sink *sink, const struct record *r)
{
	struct line line = {&sink->out, 0, sink->tree.procs ? sink_tree_above(sink, r) : 0};
	struct value v;

	for (int i = 0; i < sink->fields.len; i++) {
		const struct field *field = sink->fields.field[i];
		bool has = field->get(r, &v);
		int width = sink->width[i];
		const char *color = sink->color && !strcmp(field->name, "err") ? RED : NULL;

		if (!has)
			cell(&line, field, width, "", 0, NULL);
		else if (v.type == VALUE_INT)
			number(&line, field, width, v.i);
		else
			cell(&line, field, width, v.s.p, shown(field, v.s), color);
	}
	out_char(&sink->out, '\n');
	if (sink->hex)
		peek_dump(&sink->out, r->data.p, r->data.len);
}

/* "not seen here: ..., ...", broken between items at 80 columns. */
static void print_unseen(const char *const *unseen)
{
	int at = 0;

	for (int i = 0; unseen[i]; i++) {
		int len = strlen(unseen[i]) + 1;

		if (i && at + len > 78)
			at = fprintf(stderr, "\n ") - 1;
		at += fprintf(stderr, "%s %s%s", i ? "" : "not seen here:", unseen[i],
			      unseen[i + 1] ? "," : "\n");
	}
}

/* Their names are anybody's: not to the terminal as they are. */
static void print_gone(const char *const *gone)
{
	struct out out;

	out_init(&out, STDERR_FILENO, 256);
	for (; gone && *gone; gone++) {
		out_str(&out, "gone while it was watched: ");
		out_visible(&out, *gone, strlen(*gone));
		out_char(&out, '\n');
	}
	out_end_record(&out);
	out_flush(&out);
	out_fini(&out);
}

/* Text, to stderr: data alone goes to stdout. */
static void sampled_print(FILE *to, const struct sampled *sampled)
{
	fprintf(to, "one of %u operations was shown", sampled->every);
	if (sampled->most > sampled->every)
		fprintf(to, ", at times one of %u", sampled->most);
	fputs("; all that there were:\n", to);
	for (int op = 1; op < VS_OP_MAX; op++) {
		char bytes[16];

		if (!sampled->all.ops[op].count)
			continue;
		human_bytes(bytes, sampled->all.ops[op].bytes);
		fprintf(to, "  %-14s %12llu, %llu failed, %s bytes\n", op_table[op].name,
			sampled->all.ops[op].count, sampled->all.ops[op].errors, bytes);
	}
}

void sink_table_summary(struct sink *sink, const struct summary *summary)
{
	bool exact = summary_exact(summary);

	out_end_record(&sink->out);
	out_flush(&sink->out);
	fprintf(stderr, "\n%llu operations in %.1f s, %s (backend %s)\n", summary->events,
		summary->duration_ns / 1e9,
		exact ? "none lost" : "NOT ALL SEEN:", summary->backend);
	for (int i = 0; i < VS_LOST_MAX; i++)
		if (summary->lost[i])
			fprintf(stderr, "  %llu lost: %s\n", summary->lost[i], lost_table[i].help);
	if (summary->peek)
		fprintf(stderr,
			"contents were recorded: up to %u bytes of each of %llu reads and writes\n",
			summary->peek, summary->peeked);
	if (summary->sampled)
		sampled_print(stderr, summary->sampled);
	print_gone(summary->gone);
	print_unseen(summary->unseen);
}
