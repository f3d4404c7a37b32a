/* SPDX-License-Identifier: GPL-2.0 */
#include "hist.h"

#include <stdio.h>

#include "sink.h"
#include "util.h"

enum { BAR_COLUMNS = 36 };

static void put_keys(struct out *out, const struct agg_row *row, int keys)
{
	const struct agg_spec *spec = agg_row_spec(row);
	struct value v;
	bool any = false;

	for (int i = 0; i < keys; i++) {
		if (!agg_row_key(row, i, &v))
			continue;
		out_printf(out, "%s%s = ", any ? ", " : "", spec->keys.key[i].name);
		if (v.type == VALUE_INT)
			out_printf(out, "%lld", v.i);
		else
			out_visible(out, v.s.p, v.s.len);
		any = true;
	}
	if (any)
		out_char(out, '\n');
}

static void put_number(char buf[32], const struct agg_spec *spec, __u64 n)
{
	/* narrow bars would all have the same name in human units */
	if (spec->linear)
		snprintf(buf, 32, "%llu", n);
	else if (spec->dist == VS_DIST_SIZE)
		human_bytes(buf, n);
	else
		human_time(buf, n);
}

static void put_bar(struct out *out, const struct agg_spec *spec, const struct agg_bar *bar,
		    __u64 largest)
{
	int columns = (double)bar->count * BAR_COLUMNS / largest + 0.5;
	char low[32], high[32];

	put_number(low, spec, bar->low);
	put_number(high, spec, bar->high);
	out_printf(out, "%12s -> %-12s : %-10llu|", low, high, bar->count);
	for (int i = 0; i < BAR_COLUMNS; i++)
		out_char(out, i < columns ? '*' : ' ');
	out_str(out, "|\n");
}

static void put_measures(struct out *out, const struct agg_row *row)
{
	static const struct {
		const char *name;
		int permille;
	} marks[] = {{"p50", 500}, {"p90", 900}, {"p99", 990}, {"p99.9", 999}};
	const struct vs_total *total = agg_row_total(row);
	bool size = agg_row_spec(row)->dist == VS_DIST_SIZE;
	void (*human)(char buf[16], __u64) = size ? human_bytes : human_time;
	__u64 timed = agg_row_timed(row);
	char buf[16];

	if (!total->count)
		return;
	out_printf(out, "%llu operations, %llu failed\n", total->count, total->errors);
	if (!size && !timed) {
		out_char(out, '\n');
		return;
	}
	human(buf, size ? total->bytes / total->count : total->lat_sum_ns / timed);
	out_printf(out, "avg %s", buf);
	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		human(buf, agg_row_percentile(row, marks[i].permille));
		out_printf(out, ", %s %s", marks[i].name, buf);
	}
	if (!size) {
		human(buf, total->lat_max_ns);
		out_printf(out, ", max %s", buf);
	}
	out_str(out, "\n\n");
}

void hist_draw(struct out *out, const struct agg_row *row, int keys)
{
	const struct agg_spec *spec = agg_row_spec(row);
	const char *what = spec->dist != VS_DIST_SIZE ? spec->linear ? "ns" : "latency" : "bytes";
	struct agg_bar bar, gap;
	__u64 largest = 1, end = 0;

	for (int i = 0; agg_row_bar(row, &i, &bar);)
		if (bar.count > largest)
			largest = bar.count;
	put_keys(out, row, keys);
	out_printf(out, "%20s         : count      distribution\n", what);
	for (int i = 0; agg_row_bar(row, &i, &bar); end = bar.high) {
		/* powers of two are shown without gaps */
		for (; end && !spec->linear && end < bar.low; end *= 2) {
			gap = (struct agg_bar){end, end * 2, 0};
			put_bar(out, spec, &gap, largest);
		}
		put_bar(out, spec, &bar, largest);
	}
	put_measures(out, row);
}

/* --- heat maps: a column for each power of two, from 128 ns to 4.6 minutes, or in bytes ---------
 */

enum { HEAT_FIRST_NS = 7, HEAT_COLUMNS = 32, HEAT_MARKS = 4 };

static int heat_first(const struct agg_row *row)
{
	return agg_row_spec(row)->dist == VS_DIST_SIZE ? 0 : HEAT_FIRST_NS;
}

void hist_heat_header(struct out *out, const struct agg_row *row)
{
	char buf[16];

	out_printf(out, "%-12s ", "TIME");
	for (int i = 0; i < HEAT_COLUMNS; i += HEAT_MARKS) {
		__u64 low = 1ULL << (heat_first(row) + i);

		if (agg_row_spec(row)->dist == VS_DIST_SIZE)
			human_bytes(buf, low);
		else
			human_time(buf, low);
		out_printf(out, "%-8s", buf);
	}
	out_char(out, '\n');
}

void hist_heat(struct out *out, const struct agg_row *row)
{
	/* each shade is four times the one before */
	static const char shades[] = " .:-=+*#%@";
	__u64 counts[HEAT_COLUMNS] = {};
	struct agg_bar bar;
	char text[16];

	for (int i = 0; agg_row_bar(row, &i, &bar);) {
		int column = bar.low ? (int)vs_log2(bar.low) - heat_first(row) : 0;

		column = column < 0 ? 0 : column < HEAT_COLUMNS ? column : HEAT_COLUMNS - 1;
		counts[column] += bar.count;
	}
	human_clock(text, agg_row_began_ns(row));
	out_printf(out, "%s ", text);
	for (int i = 0; i < HEAT_COLUMNS; i++) {
		size_t shade = counts[i] ? 1 + vs_log2(counts[i]) / 2 : 0;

		if (shade > sizeof(shades) - 2)
			shade = sizeof(shades) - 2;
		out_char(out, shades[shade]);
		out_char(out, shades[shade]);
	}
	out_char(out, '\n');
}
