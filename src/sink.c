/* SPDX-License-Identifier: GPL-2.0 */
#include "sink.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tables.h"
#include "util.h"

static void json_summary(struct sink *sink, const struct summary *summary)
{
	summary_json(&sink->out, summary);
	out_char(&sink->out, '\n');
}

static void no_begin(struct sink *sink)
{
	(void)sink;
}

const struct sink_row sink_table[FORMAT_MAX] = {
	[FORMAT_TABLE] = {sink_table_begin, sink_table_record, sink_table_summary},
	[FORMAT_JSON] = {no_begin, sink_json_record, json_summary},
	[FORMAT_CSV] = {sink_csv_begin, sink_csv_record, sink_csv_summary},
};

static bool use_color(const struct options *o, int fd)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (o->color != COLOR_AUTO)
		return o->color == COLOR_ALWAYS;
	return isatty(fd) && !(no_color && *no_color) && term && strcmp(term, "dumb");
}

int sink_columns(int fd)
{
	struct winsize size;

	return !ioctl(fd, TIOCGWINSZ, &size) && size.ws_col ? size.ws_col : INT_MAX;
}

struct fields sink_fields(const struct options *o, int fd)
{
	struct fields def =
		o->format == FORMAT_TABLE ? fields_table(sink_columns(fd)) : fields_all();
	struct fields fields;

	if (o->columns) {
		struct fields named;

		fields_parse(&named, NULL, o->columns);
		for (int i = 0; i < named.len; i++)
			fields_want(&def, named.field[i]->name);
		if (o->format != FORMAT_JSON)
			def = named;
	}
	fields = def;
	if (o->tree) { /* the process stands above */
		fields_parse(&fields, &def, "-pid,-comm");
		def = fields;
	}
	if (o->fields)
		fields_parse(&fields, &def, o->fields);
	if (o->peek && !o->hex)
		fields_want(&fields, "data");
	return fields;
}

void sink_set_widths(struct sink *sink, int columns)
{
	enum { LEAST = 8, PATH_LEAST = 16 };
	long over = -1L - columns;

	for (int i = 0; i < sink->fields.len; i++) {
		sink->width[i] = sink->fields.field[i]->width;
		over += sink->width[i] ? sink->width[i] + 1 : 0;
	}
	if (sink->fields.len && !sink->width[sink->fields.len - 1])
		over += PATH_LEAST + 1;
	for (int i = 0; i < sink->fields.len && over > 0; i++) {
		int less = sink->width[i] - LEAST;

		if (!sink->fields.field[i]->is_string || less <= 0)
			continue;
		less = less < over ? less : (int)over;
		sink->width[i] -= less;
		over -= less;
	}
}

void sink_init_fields(struct sink *sink, int fd, const struct options *o,
		      const struct fields *fields)
{
	*sink = (struct sink){.fields = *fields, .row = &sink_table[o->format]};
	sink->color = o->format == FORMAT_TABLE && use_color(o, fd);
	sink->hex = o->hex;
	sink->tree.tops = o->pids;
	sink_set_widths(sink, sink_columns(fd));
	out_init(&sink->out, fd, 256 << 10);
}

void sink_init(struct sink *sink, int fd, const struct options *o)
{
	struct fields fields = sink_fields(o, fd);

	sink_init_fields(sink, fd, o, &fields);
	sink->row->begin(sink);
	out_end_record(&sink->out);
}

void sink_fini(struct sink *sink)
{
	out_fini(&sink->out);
}

int sink_flush(struct sink *sink)
{
	return out_flush(&sink->out);
}

int sink_summary(struct sink *sink, const struct summary *summary)
{
	if (sink->out.err) /* what is not whole has no summary */
		return sink->out.err;
	sink->row->summary(sink, summary);
	out_end_record(&sink->out);
	return out_flush(&sink->out);
}

bool summary_exact(const struct summary *summary)
{
	for (int i = 0; i < VS_LOST_MAX; i++)
		if (summary->lost[i])
			return false;
	return true;
}

static void json_string(struct out *out, const char *s)
{
	out_char(out, '"');
	out_json_escaped(out, s, strlen(s));
	out_char(out, '"');
}

static void json_strings(struct out *out, const char *const *s)
{
	out_char(out, '[');
	for (int i = 0; s[i]; i++) {
		if (i)
			out_char(out, ',');
		json_string(out, s[i]);
	}
	out_char(out, ']');
}

/* Both in one: what was shown, and what was not. */
static void sampled_json(struct out *out, const struct sampled *sampled)
{
	const char *comma = "";

	out_printf(out, ",\"sampled\":{\"every\":%u,\"most\":%u,\"ops\":{", sampled->every,
		   sampled->most);
	for (int op = 1; op < VS_OP_MAX; op++) {
		if (!sampled->all.ops[op].count)
			continue;
		out_printf(out, "%s\"%s\":{\"count\":%llu,\"errors\":%llu,\"bytes\":%llu}", comma,
			   op_table[op].name, sampled->all.ops[op].count,
			   sampled->all.ops[op].errors, sampled->all.ops[op].bytes);
		comma = ",";
	}
	out_str(out, "}}");
}

void summary_json(struct out *out, const struct summary *summary)
{
	out_printf(out, "{\"type\":\"summary\",\"duration_ns\":%llu,\"events\":%llu,\"lost\":{",
		   summary->duration_ns, summary->events);
	for (int i = 0; i < VS_LOST_MAX; i++)
		out_printf(out, "%s\"%s\":%llu", i ? "," : "", lost_table[i].name,
			   summary->lost[i]);
	out_printf(out, "},\"exact\":%s,\"backend\":", summary_exact(summary) ? "true" : "false");
	json_string(out, summary->backend);
	out_str(out, ",\"unseen\":");
	json_strings(out, summary->unseen);
	out_printf(out, ",\"resolved\":%llu", summary->resolved);
	if (summary->gone && *summary->gone) {
		out_str(out, ",\"gone\":");
		json_strings(out, summary->gone);
	}
	if (summary->peek)
		out_printf(out, ",\"peek\":%u,\"peeked\":%llu", summary->peek, summary->peeked);
	if (summary->sampled)
		sampled_json(out, summary->sampled);
	out_char(out, '}');
}

/*
 * Three digits that count, in the largest unit that leaves at least one before the point; the
 * same as printf's %.1f and %.0f, which take ten times as long: ten times a double is exact in a
 * long double, and both round to even.
 */
static void human(char buf[16], double value, double step, const char *const *units)
{
	char *p = buf;

	while (value >= step && units[1]) {
		value /= step;
		units++;
	}
	if (value < 9.95) {
		long tenths = lrintl((long double)value * 10);

		*p++ = '0' + tenths / 10;
		*p++ = '.';
		*p++ = '0' + tenths % 10;
	} else {
		p = write_u64(p, lrint(value));
	}
	strcpy(p, *units);
}

static void plain_number(char buf[16], __u64 n, const char *unit)
{
	strcpy(write_u64(buf, n), unit);
}

void human_bytes(char buf[16], __u64 bytes)
{
	static const char *const units[] = {"", "K", "M", "G", "T", "P", "E", NULL};

	if (bytes < 1024)
		plain_number(buf, bytes, "");
	else
		human(buf, bytes, 1024, units);
}

void human_time(char buf[16], __u64 ns)
{
	static const char *const units[] = {"ns", "us", "ms", "s", NULL};

	if (ns < 1000)
		plain_number(buf, ns, "ns");
	else
		human(buf, ns, 1000, units);
}
