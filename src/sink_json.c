/* SPDX-License-Identifier: GPL-2.0 */
/* JSON lines and CSV: raw integers, and every byte of a name. */
#include <stdio.h>

#include "sink.h"

static void integer(struct out *out, const struct field *field, __s64 i)
{
	if (field->is_unsigned)
		out_u64(out, i);
	else
		out_s64(out, i);
}

void sink_json_record(struct sink *sink, const struct record *r)
{
	struct out *out = &sink->out;
	struct value v;
	char before = '{';

	for (int i = 0; i < sink->fields.len; i++) {
		const struct field *field = sink->fields.field[i];

		if (!field->get(r, &v))
			continue;
		out_char(out, before);
		out_char(out, '"');
		out_str(out, field->name);
		out_mem(out, "\":", 2);
		if (v.type == VALUE_STR) {
			out_char(out, '"');
			out_json_escaped(out, v.s.p, v.s.len);
			out_char(out, '"');
		} else if (v.type == VALUE_JSON) {
			out_mem(out, v.s.p, v.s.len);
		} else {
			integer(out, field, v.i);
		}
		before = ',';
	}
	if (before == '{')
		out_char(out, '{');
	out_mem(out, "}\n", 2);
}

void sink_csv_begin(struct sink *sink)
{
	for (int i = 0; i < sink->fields.len; i++)
		out_printf(&sink->out, "%s%s", i ? "," : "", sink->fields.field[i]->name);
	out_char(&sink->out, '\n');
}

void sink_csv_record(struct sink *sink, const struct record *r)
{
	struct out *out = &sink->out;
	struct value v;

	for (int i = 0; i < sink->fields.len; i++) {
		const struct field *field = sink->fields.field[i];

		if (i)
			out_char(out, ',');
		if (!field->get(r, &v))
			continue;
		if (v.type == VALUE_INT) {
			integer(out, field, v.i);
			continue;
		}
		out_char(out, '"');
		out_csv_escaped(out, v.s.p, v.s.len);
		out_char(out, '"');
	}
	out_char(out, '\n');
}

/* No row: a comment, which readers of CSV can be told to pass over. */
void sink_csv_summary(struct sink *sink, const struct summary *summary)
{
	out_str(&sink->out, "# ");
	summary_json(&sink->out, summary);
	out_char(&sink->out, '\n');
}
