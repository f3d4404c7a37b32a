/* SPDX-License-Identifier: GPL-2.0 */
/*
 * count: calls of kernel functions by name pattern. The kernel side counts for as long as it is
 * attached; an interval is the difference of two readings.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "columns.h"
#include "commands.h"
#include "functions.h"
#include "run.h"
#include "util.h"

/* What the columns are read from. function NULL: all that have no row of their own. */
struct count_row {
	const struct function *function;
	__u64 count, began_ns, interval_ns;
};

struct counting {
	struct functions functions;
	struct columns columns;
	struct fields shown;
	bool by_name;	     /* else the most calls first */
	__u64 *before, *now; /* calls so far, of each function */
	struct count_row *rows;
	__u64 began, intervals; /* CLOCK_MONOTONIC; that were shown */
	bool done;
};

/* clang-format off */
#define GET(name_) static bool get_##name_(const struct record *r, struct value *v)
GET(type) { (void)r; return value_str(v, VALUE_STR, "count"); }
GET(ts_ns) { return value_int(v, r->counted->began_ns); }
GET(interval_ns) { return value_int(v, r->counted->interval_ns); }
GET(count) { return value_int(v, r->counted->count); }
GET(other) { return !r->counted->function && value_str(v, VALUE_JSON, "true"); }
/* clang-format on */

GET(function)
{
	const struct function *function = r->counted->function;

	return value_str(v, VALUE_STR, function ? function->name : "(other)");
}

/* As text: to many readers of JSON a number of 64 bits is another. */
GET(address)
{
	const struct function *function = r->counted->function;

	if (!function)
		return false;
	snprintf(v->buf, sizeof(v->buf), "%llx", function->address);
	return value_str(v, VALUE_STR, v->buf);
}

GET(calls_s)
{
	__u64 ns = r->counted->interval_ns;

	return value_int(v, ns ? (__u64)(r->counted->count * 1e9 / ns + 0.5) : 0);
}

/* clang-format off */
#define TEXT(name_, title_, width_, help_)                                                         \
	{.name = #name_, .title = title_, .width = width_, .is_string = true, .get = get_##name_, .help = help_}
#define NUM(name_, title_, width_, unit_, help_)                                                   \
	{.name = #name_, .title = title_, .width = width_, .right = true, .is_unsigned = true,     \
	 .unit = unit_, .get = get_##name_, .help = help_}
static const struct field own[] = {
	TEXT(other, "OTHER", 5, "true: all that have no row of their own"),
	TEXT(type, "TYPE", 5, "count"),
	NUM(ts_ns, "TIME", 12, UNIT_CLOCK, "when the interval began"),
	NUM(interval_ns, "INTERVAL", 8, UNIT_TIME, "how long it lasted"),
	{.name = "function", .title = "FUNC", .width = 26, .is_string = true, .is_key = true, .get = get_function,
	 .help = "name of the function"},
	TEXT(address, "ADDR", 16, "its address, hexadecimal"),
	NUM(count, "COUNT", 10, UNIT_NONE, "calls"),
	NUM(calls_s, "CALLS/S", 10, UNIT_NONE, "calls a second"),
};
/* clang-format on */

const struct field *count_column(int i)
{
	return i < (int)ARRAY_LEN(own) ? &own[i] : NULL;
}

static int by_count(const void *a, const void *b)
{
	const struct count_row *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return (x->function > y->function) - (x->function < y->function);
}

static void on_interval(struct run *run)
{
	struct counting *c = run->ctx;
	__u64 now = clock_ns(CLOCK_MONOTONIC), began = c->intervals ? c->began : run->began;
	struct count_row other = {.began_ns = began + fields_epoch_ns, .interval_ns = now - began};
	size_t len = 0, max = run->o->rows ? run->o->rows : (size_t)c->functions.len;

	if (c->done)
		return;
	run->sink.out.err = run->sink.out.err ?: tracer_counts(run->tracer, c->now);
	for (int i = 0; i < c->functions.len; i++) {
		struct count_row *row = &c->rows[len];

		*row = other;
		row->function = &c->functions.fn[i];
		row->count = c->now[i] - c->before[i];
		c->before[i] = c->now[i];
		run->events += row->count;
		len += row->count > 0;
	}
	if (!c->by_name)
		qsort(c->rows, len, sizeof(*c->rows), by_count);
	if (c->intervals && run->o->format == FORMAT_TABLE)
		out_char(&run->sink.out, '\n');
	if (!c->intervals || run->o->format == FORMAT_TABLE)
		run->sink.row->begin(&run->sink);
	for (size_t i = 0; i < len; i++) {
		if (i < max)
			sink_record(&run->sink, &(struct record){.counted = &c->rows[i]});
		else
			other.count += c->rows[i].count;
	}
	if (len > max)
		sink_record(&run->sink, &(struct record){.counted = &other});
	c->began = now;
	if (++c->intervals == run->o->intervals)
		run->stop = c->done = true;
}

static int begin(struct run *run)
{
	struct counting *c = run->ctx;

	sink_init_fields(&run->sink, STDOUT_FILENO, run->o, &c->shown);
	fields_epoch_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
	return 0;
}

/* While the functions were hooked one after the other some were counted. */
static void on_attached(struct run *run)
{
	struct counting *c = run->ctx;

	run->sink.out.err = run->sink.out.err ?: tracer_counts(run->tracer, c->before);
}

/* There are no operations. */
static void on_record(struct run *run, const struct record *r)
{
	(void)run, (void)r;
}

static int choose(struct counting *c, const struct options *o)
{
	const char *def = o->columns && o->format != FORMAT_JSON ? o->columns
			  : o->format == FORMAT_TABLE
				  ? "function,count,calls_s"
				  : "other,type,ts_ns,interval_ns,function,address,count";

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		c->columns.field[c->columns.len++] = own[i];
	if (o->sort && !columns_find(&c->columns, o->sort))
		return -EINVAL;
	c->by_name = o->sort && !strcmp(o->sort, "function");
	return columns_choose(&c->columns, &c->shown, def, o->fields);
}

/* An exit status; what matches the pattern is known then. */
static int find(struct counting *c, const struct options *o)
{
	int err;

	if (!o->word) {
		msg("count: which functions? A glob on their names, as 'vfs_*'");
		return EXIT_USAGE;
	}
	err = functions_find(&c->functions, o->word);
	if (err == -ENOENT)
		return EXIT_USAGE;
	if (err) {
		msg("count: cannot tell which functions there are: /proc/kallsyms: %s",
		    strerror(-err));
		return EXIT_CANNOT;
	}
	for (int i = 0; i < c->functions.len; i++) {
		if (c->functions.fn[i].address)
			continue;
		msg("count: the kernel does not tell addresses of functions: it needs CAP_SYSLOG, and "
		    "kernel.kptr_restrict to be less than 2");
		return EXIT_CANNOT;
	}
	return EXIT_DONE;
}

int cmd_count(int argc, char **argv, struct options *o)
{
	struct counting c = {};
	struct run run = {
		.o = o,
		.begin = begin,
		.attached = on_attached,
		.record = on_record,
		.interval = on_interval,
		.interval_ns = o->interval_ns,
		.ctx = &c,
	};
	int status;

	(void)argc, (void)argv;
	if (options_check_comms(o, "count") || choose(&c, o))
		return EXIT_USAGE;
	status = find(&c, o);
	if (!status) {
		o->functions = &c.functions;
		c.before = xcalloc(c.functions.len, sizeof(*c.before));
		c.now = xcalloc(c.functions.len, sizeof(*c.now));
		c.rows = xcalloc(c.functions.len, sizeof(*c.rows));
		status = run_command(&run);
	}
	o->functions = NULL;
	free(c.before);
	free(c.now);
	free(c.rows);
	functions_free(&c.functions);
	return status;
}
