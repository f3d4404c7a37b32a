/* SPDX-License-Identifier: GPL-2.0 */
/*
 * top, stat and hist: the same totals of each interval, shown in three ways. What the kernel
 * side can decide on alone it adds up itself; where a filter or a key needs the user side, the
 * operations come over the ring and are added up here, in the same rows.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caches.h"
#include "columns.h"
#include "commands.h"
#include "filter.h"
#include "hist.h"
#include "hooks.h"
#include "live.h"
#include "run.h"
#include "syscalls.h"
#include "tables.h"
#include "totals.h"
#include "util.h"

struct sums;

/* How a command shows an interval; one row each. */
struct view {
	const char *type;		   /* of its records */
	const char *by;			   /* default keys */
	const char *machine, *csv, *table; /* default columns, behind the keys */
	const char *sort;		   /* default */
	__u64 interval_ns;		   /* default; 0: the whole run */
	bool op_columns;		   /* in tables, a column for each operation */
	void (*show)(struct run *run, struct sums *sums);
};

struct sums {
	const struct view *view;
	struct keys keys;
	struct columns columns;
	struct fields shown;
	const struct field *sort;
	enum vs_dist dist;
	bool timed; /* somebody asks how long operations took */
	bool with_ops, with_kinds;
	struct agg *agg;
	struct totals *totals; /* NULL: all comes over the ring */
	__u64 began;	       /* the interval, CLOCK_MONOTONIC */
	__u64 intervals;       /* that were shown */
	int header_in;	       /* lines until the next header */
	struct live *live;     /* NULL: lines, one behind the other */
	bool outside; /* what comes now is of no interval: of before the first, after the last */
};

/* --- the three views ---------------------------------------------------------------------- */

enum { TOP_ROWS = 20, HEADER_LINES = 20, ROWS_AHEAD = 8 };

static void put_rows(struct run *run, struct sums *sums)
{
	const struct options *o = run->o;
	size_t max = o->rows ? o->rows : o->format == FORMAT_TABLE ? TOP_ROWS : SIZE_MAX, len;
	const struct agg_row *const *rows = agg_rows(sums->agg, sums->sort, max, &len);

	for (size_t i = 0; i < len; i++) {
		if (i + ROWS_AHEAD < len)
			agg_row_fetch(rows[i + ROWS_AHEAD]);
		sink_record(&run->sink, &(struct record){.row = rows[i]});
	}
}

/* A line above what a table shows of an interval: when it was, and all that has been. */
static void put_sum(struct run *run, struct sums *sums)
{
	const struct agg_row *sum = agg_sum(sums->agg);
	const struct vs_total *total = agg_row_total(sum);
	__u64 ns = agg_row_interval_ns(sum), timed = sums->timed ? agg_row_timed(sum) : 0;
	struct out *out = &run->sink.out;
	char began[16], moved[16], mean[16];

	human_clock(began, agg_row_began_ns(sum));
	human_bytes(moved, ns ? total->bytes * 1e9 / ns : 0);
	out_printf(out, "%s%s, %.1f s: %llu ops (%.0f/s), %llu failed, %s bytes/s",
		   sums->intervals ? "\n" : "", began, ns / 1e9, total->count,
		   ns ? total->count * 1e9 / ns : 0, total->errors, moved);
	if (timed) {
		human_time(mean, total->lat_sum_ns / timed);
		out_printf(out, ", %s each", mean);
	}
	out_char(out, '\n');
}

static void show_top(struct run *run, struct sums *sums)
{
	if (sums->live) {
		live_show(sums->live, run, sums->agg, &sums->shown, &sums->sort);
		return;
	}
	if (run->o->format == FORMAT_TABLE) {
		put_sum(run, sums);
		run->sink.row->begin(&run->sink);
	}
	put_rows(run, sums);
}

/* A line an interval, or with keys a line for each. */
static void show_stat(struct run *run, struct sums *sums)
{
	if (run->o->format == FORMAT_TABLE && sums->keys.len)
		put_sum(run, sums);
	if (run->o->format == FORMAT_TABLE && (sums->keys.len || !sums->header_in--)) {
		run->sink.row->begin(&run->sink);
		sums->header_in = HEADER_LINES - 1;
	}
	if (!sums->keys.len)
		sink_record(&run->sink, &(struct record){.row = agg_sum(sums->agg)});
	else
		put_rows(run, sums);
}

/* The machine's caches, and what the operations on them say. */
static void show_caches(struct run *run, struct sums *sums)
{
	run->sink.out.err = run->sink.out.err ?: caches_read();
	if (run->o->format == FORMAT_TABLE && !sums->header_in--) {
		run->sink.row->begin(&run->sink);
		sums->header_in = HEADER_LINES - 1;
	}
	sink_record(&run->sink, &(struct record){.row = agg_sum(sums->agg)});
}

static void show_hist(struct run *run, struct sums *sums)
{
	size_t max = run->o->rows ? run->o->rows : SIZE_MAX, len;
	const struct agg_row *const *rows;

	if (run->o->format != FORMAT_TABLE) {
		put_rows(run, sums);
		return;
	}
	if (run->o->heatmap) {
		const struct agg_row *sum = agg_sum(sums->agg);

		if (!sums->header_in--) {
			hist_heat_header(&run->sink.out, sum);
			sums->header_in = HEADER_LINES - 1;
		}
		hist_heat(&run->sink.out, sum);
		return;
	}
	if (run->o->interval_ns)
		put_sum(run, sums);
	rows = agg_rows(sums->agg, sums->sort, max, &len);
	for (size_t i = 0; i < len; i++)
		hist_draw(&run->sink.out, rows[i], sums->keys.len);
}

#define MACHINE "other,type,ts_ns,interval_ns,count,errors,req,bytes,"
#define CACHES                                                                                     \
	"ts_ns,interval_ns,dentries,negative,inodes,files,cached,dirty,refs_s,slow_s,misses_s,"    \
	"negatives_s,hit_pct,pages_added,pages_dirtied,pages_dropped,dentries_s,inodes_s,files_s," \
	"cached_s"
#define CSV_LAT "lat_avg,lat_max,lat_p50,lat_p90,lat_p99,lat_p999"
static const struct view view_top = {
	.type = "agg",
	.by = "pid,comm,path",
	.machine = MACHINE "lat",
	.csv = MACHINE CSV_LAT,
	.table = "count,errors,bytes,lat_avg,lat_max",
	.sort = "bytes",
	.interval_ns = 1000000000,
	.show = show_top,
};
static const struct view view_stat = {
	.type = "agg",
	.machine = MACHINE "lat",
	.csv = MACHINE CSV_LAT,
	.table = "rbytes_s,wbytes_s,read,write,open,stat,fsync,errors_s",
	.sort = "bytes",
	.interval_ns = 1000000000,
	.op_columns = true,
	.show = show_stat,
};
static const struct view view_caches = {
	.type = "caches",
	.machine = "type," CACHES,
	.csv = CACHES,
	.table = "dentries,dentries_s,inodes,inodes_s,files,files_s,hit_pct,cached,dirty",
	.interval_ns = 1000000000,
	.show = show_caches,
};
static const struct view view_hist = {
	.type = "hist",
	.by = "op",
	.machine = MACHINE "lat,buckets",
	.csv = MACHINE CSV_LAT ",buckets",
	.table = "count,buckets",
	.sort = "count",
	.show = show_hist,
};

/* --- adding up ---------------------------------------------------------------------------- */

static void on_record(struct run *run, const struct record *r)
{
	struct sums *sums = run->ctx;

	if (sums->outside)
		return;
	agg_add_record(sums->agg, r);
	run->events++;
}

static void on_row(void *ctx, const void *key, const struct vs_total *total)
{
	struct run *run = ctx;
	struct sums *sums = run->ctx;
	const struct vs_key_head *head = key;
	struct record r;

	if (sums->outside)
		return;
	if (!keys_unpack(&sums->keys, key, run->decoder.names, &r)) {
		run->decoder.lost_path += total->count;
		run->decoder.resend = true;
	}
	agg_add_total(sums->agg, &r, total, head->bucket);
	run->events += total->count;
}

static void on_soon(void *ctx, const void *key, bool first)
{
	struct run *run = ctx;
	const struct sums *sums = run->ctx;

	keys_fetch(&sums->keys, key, run->decoder.names, first);
}

static void on_other(void *ctx, const struct vs_other *other)
{
	struct run *run = ctx;
	struct sums *sums = run->ctx;

	if (sums->outside)
		return;
	agg_add_other(sums->agg, other);
	run->events += other->total.count;
}

/* Takes in what was under way in the ring: names come before the rows that refer to them. */
static void drain(struct run *run)
{
	__u64 rounds = run->o->buffer_sz / sizeof(struct vs_rec_name) / TRACER_CONSUME_MAX + 1;

	while (run_consume(run) == TRACER_CONSUME_MAX && rounds--)
		;
}

static void end_interval(struct run *run)
{
	struct sums *sums = run->ctx;
	__u64 now = clock_ns(CLOCK_MONOTONIC), began;
	const struct totals_fns fns = {on_row, on_other, on_soon};
	int err = sums->totals ? totals_flip(sums->totals) : 0;

	drain(run);
	if (!err && sums->totals)
		err = totals_read(sums->totals, &fns, run);
	if (err) {
		run->sink.out.err = err;
		run->stop = true;
		return;
	}
	if (sums->outside)
		return;
	began = sums->intervals ? sums->began : run->began;
	agg_set_time(sums->agg, began + fields_epoch_ns, now - began);
	sums->began = now;
	sums->view->show(run, sums);
	out_end_record(&run->sink.out);
	agg_clear(sums->agg);
	sums->intervals++;
	if (sums->intervals == run->o->intervals)
		run->stop = sums->outside = true;
}

/* --- set-up ------------------------------------------------------------------------------- */

static int begin(struct run *run)
{
	struct sums *sums = run->ctx;
	struct options *o = run->o;
	struct totals_maps maps;

	sums->agg = agg_new(&(struct agg_spec){
		.type = sums->view->type,
		.keys = sums->keys,
		.dist = sums->dist,
		.with_ops = sums->with_ops,
		.with_kinds = sums->with_kinds,
		.unseen = ~tracer_hooks(run->tracer)->ops,
		.linear = o->linear,
		.label_other = o->format == FORMAT_TABLE,
		.rows_max = o->map_entries,
	});
	sink_init_fields(&run->sink, STDOUT_FILENO, o, &sums->shown);
	if (o->format == FORMAT_CSV)
		run->sink.row->begin(&run->sink);
	if (o->caches && caches_read()) {
		msg("--caches: /proc/sys/fs cannot be read");
		return EXIT_CANNOT;
	}
	if (!o->totals.on)
		return 0;
	tracer_totals(run->tracer, &maps);
	sums->totals = totals_new(&maps);
	return sums->totals ? 0 : EXIT_CANNOT;
}

/* While the programs were attached one after the other some were counting. */
static void on_attached(struct run *run)
{
	struct sums *sums = run->ctx;

	sums->outside = true;
	end_interval(run);
	sums->outside = false;
	/* again in each interval: the rates are of the time since */
	if (run->o->caches)
		caches_read();
}

static void add_list(char *list, size_t size, const char *more)
{
	size_t len = strlen(list);

	snprintf(list + len, size - len, "%s%s", *list && *more ? "," : "", more);
}

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (; list; list = strchr(list, ',')) {
		list += *list == ',';
		if (!strncmp(list, word, len) && (!list[len] || list[len] == ','))
			return true;
	}
	return false;
}

/* Those that are not there yet: the keys come first. */
static void add_missing(char *list, size_t size, const char *more)
{
	char *copy = xstrdup(more), *rest = copy, *item;

	while ((item = strsep(&rest, ",")))
		if (!has_word(list, item))
			add_list(list, size, item);
	free(copy);
}

/* The keys' names, of those that fill a line up or of the others, and are not there yet. */
static void add_keys(char *list, size_t size, const struct keys *keys, bool wide, bool narrow,
		     const char *there)
{
	for (int i = 0; i < keys->len; i++)
		if ((keys->key[i].field.width ? narrow : wide) &&
		    !has_word(there, keys->key[i].name))
			add_list(list, size, keys->key[i].name);
}

/* The operations asked for, each as a column. */
static void add_ops(char *list, size_t size, const struct options *o)
{
	__u64 known = syscalls_ops() | VS_BIT(VS_OP_FAULT) | VS_BIT(VS_OP_PAGE) |
		      VS_BIT(VS_OP_RUNQ) | VS_BIT(VS_OP_BIO) | VS_BIT(VS_OP_LOOKUP);

	for (int op = 1; op < VS_OP_MAX; op++)
		if (o->op_mask & known & VS_BIT(op) && !has_word(list, op_table[op].name))
			add_list(list, size, op_table[op].name);
}

/*
 * A preset's columns, as far as they are some: of its own keys, and of the operations that it asks
 * for by itself, others may have taken the place.
 */
static void preset_columns(char *list, size_t size, const struct sums *sums,
			   const struct options *o)
{
	char *copy = xstrdup(o->columns), *rest = copy, *item;
	bool by_op = false;

	*list = '\0';
	while ((item = strsep(&rest, ","))) {
		__u64 op = ops_of(item);

		by_op |= op != 0;
		if (columns_have(&sums->columns, item) && !(op & ~options_ops(o)))
			add_list(list, size, item);
	}
	if (by_op)
		add_ops(list, size, o);
	free(copy);
}

static void machine_columns(char *list, size_t size, const struct sums *sums,
			    const struct options *o)
{
	add_keys(list, size, &sums->keys, true, true, NULL);
	add_list(list, size, o->format == FORMAT_CSV ? sums->view->csv : sums->view->machine);
	if (sums->dist == VS_DIST_SIZE)
		add_list(list, size, "size");
}

static void table_columns(char *list, size_t size, const struct sums *sums, const struct options *o)
{
	const struct view *view = sums->view;

	if ((view->op_columns && !sums->keys.len) || view == &view_caches)
		add_list(list, size, "ts_ns");
	if (!view->op_columns || !o->op_mask) {
		add_list(list, size, view->table);
		return;
	}
	if (o->op_mask & (VS_BIT(VS_OP_READ) | VS_BIT(VS_OP_WRITE)))
		add_list(list, size, "rbytes_s,wbytes_s");
	add_ops(list, size, o);
	add_list(list, size, "errors_s");
}

/* Tables, and CSV of presets, have columns that people know. */
static bool is_for_machines(const struct options *o)
{
	return o->format == FORMAT_JSON || (o->format == FORMAT_CSV && !o->columns);
}

/* In tables, and in the columns of presets, keys without a width come last: they fill the line up.
 */
static void default_columns(char *list, size_t size, const struct sums *sums,
			    const struct options *o)
{
	char own[1024] = "";

	*list = '\0';
	if (o->columns)
		preset_columns(own, sizeof(own), sums, o);
	if (is_for_machines(o)) {
		machine_columns(list, size, sums, o);
		if (!has_word(list, "op")) /* else there is a row for each, with its exact count */
			add_missing(list, size, own);
		return;
	}
	if (!o->columns)
		table_columns(own, sizeof(own), sums, o);
	add_keys(list, size, &sums->keys, false, true, own);
	add_list(list, size, own);
	add_keys(list, size, &sums->keys, true, false, own);
	if (o->format == FORMAT_CSV && sums->keys.len)
		add_list(list, size, "other");
}

/* What the kernel side has to do for it. */
static void plan(struct sums *sums, struct options *o)
{
	int needs = fields_needs(&sums->shown) | (sums->sort ? sums->sort->needs : 0);

	if (sums->dist == VS_DIST_NONE && needs & NEEDS_DIST)
		sums->dist = VS_DIST_LATENCY;
	sums->timed = needs & NEEDS_TIME || sums->dist == VS_DIST_LATENCY;
	/* what has no duration has no part in the mean of what has: bars are of those, or it is
	 * taken off */
	sums->with_ops = needs & NEEDS_OPS || (sums->timed && sums->dist != VS_DIST_LATENCY &&
					       options_ops(o) & ~field_ops("lat_ns"));
	if (sums->with_ops)
		sums->keys.kernel |= VS_BIT(VS_KEY_OP);
	sums->with_kinds = needs & NEEDS_KINDS;
	if (sums->with_kinds)
		sums->keys.kernel |= VS_BIT(VS_KEY_KIND);
	o->totals = (struct vs_totals_config){
		.keys = sums->keys.kernel,
		.on = !sums->keys.user_only && !filter_needs_records(o),
		.dist = sums->dist,
		.key_size = keys_size(&sums->keys),
	};
}

/* Do the columns stand as they are asked for, not more or less than by default? */
static bool are_given(const char *fields)
{
	return fields && *fields != '+' && *fields != '-';
}

/* May one of the operations that will be seen have what is asked of them? Says which may. */
static int check_ops(const struct options *o, const char *option, const char *value, __u64 ops)
{
	enum { NAMED = 5 };
	char list[80];

	if (ops & options_ops(o))
		return 0;
	ops_write(list, sizeof(list), ops, NAMED);
	msg("%s %s: none of the operations %s has one; these have (-o): %s", option, value,
	    o->op_mask ? "asked for" : "that are shown unasked", list);
	return -EINVAL;
}

/* Before anything is shown; later, keys may be of the page's own choice. */
static int check_asked(const struct options *o)
{
	struct keys keys = {};
	int err = o->by ? keys_parse(&keys, o->by) : 0;

	for (int i = 0; i < keys.len && !err; i++) {
		err = check_ops(o, "--by", keys.key[i].name, keys.key[i].ops);
		if (err || o->layers || strcmp(keys.key[i].name, "layer"))
			continue;
		msg("--by layer wants --layers");
		err = -EINVAL;
	}
	if (o->of_size)
		err = err ?: check_ops(o, "--of", "size", field_ops("bytes"));
	return err;
}

/* What the kernel says of its caches is read for no other view. */
static int check_caches(const struct sums *sums)
{
	const struct field *wrong = NULL;

	for (int i = 0; i < sums->shown.len; i++)
		if (sums->shown.field[i]->needs & NEEDS_CACHES)
			wrong = sums->shown.field[i];
	if (sums->sort && sums->sort->needs & NEEDS_CACHES)
		wrong = sums->sort;
	if (!wrong || sums->view == &view_caches)
		return 0;
	msg("'%s' is a column only of stat --caches", wrong->name);
	return -EINVAL;
}

static int choose(struct sums *sums, struct options *o)
{
	const char *by = o->by ? o->by : sums->view->by;
	/* machines get a record for each operation, but where columns are asked for */
	bool by_op = sums->view->op_columns && is_for_machines(o) &&
		     (!are_given(o->fields) || has_word(o->fields, "op"));
	char list[1024], fields[1024];
	bool says_other;
	int err = by ? keys_parse(&sums->keys, by) : 0;

	if (err)
		return err;
	if (by_op && has_word(o->fields, "-op")) {
		msg("-F -op: machines get a record for each operation; one of all has the columns that are "
		    "named: -F ts_ns,count,bytes");
		return -EINVAL;
	}
	if (by_op && keys_add(&sums->keys, "op"))
		return -EINVAL;
	columns_init(&sums->columns, &sums->keys);
	if (o->sort || sums->view->sort) {
		sums->sort = columns_find(&sums->columns, o->sort ? o->sort : sums->view->sort);
		if (!sums->sort)
			return -EINVAL;
	}
	default_columns(list, sizeof(list), sums, o);
	/* the row of all that found no room has to say so */
	says_other = o->format == FORMAT_TABLE || !sums->keys.len || !are_given(o->fields) ||
		     has_word(o->fields, "other");
	snprintf(fields, sizeof(fields), "%s,other", o->fields ?: "");
	return columns_choose(&sums->columns, &sums->shown, list, says_other ? o->fields : fields)
		       ?: check_caches(sums);
}

static void on_input(struct run *run)
{
	struct sums *sums = run->ctx;

	live_input(sums->live, run);
}

/* What one run leaves to the next: when it is to end (0: not known yet), what was seen by then. */
struct carried {
	__u64 end_at;
	struct summary summary;
};

static int run_once(struct options *o, const struct view *view, struct live *live,
		    struct carried *carried)
{
	struct sums sums = {.view = view, .live = live};
	struct run run = {
		.o = o,
		.begin = begin,
		.attached = on_attached,
		.record = on_record,
		.interval = end_interval,
		.interval_ns = o->interval_ns ? o->interval_ns
			       : o->heatmap   ? view_top.interval_ns
					      : view->interval_ns,
		.names_more = 1 << 18,
		.end_at = carried->end_at,
		.so_far = &carried->summary,
		.ctx = &sums,
	};
	int status;

	if (view == &view_hist)
		sums.dist = o->of_size ? VS_DIST_SIZE : VS_DIST_LATENCY;
	if (choose(&sums, o))
		return EXIT_USAGE;
	plan(&sums, o);
	run.input = live ? on_input : NULL;
	run.needs = o->totals.on ? sums.keys.kernel_needs : sums.keys.needs;
	run.needs |= sums.timed ? NEEDS_TIME : 0;
	status = run_command(&run);
	carried->end_at = run.end_at;
	totals_free(sums.totals);
	agg_free(sums.agg);
	return status;
}

static int run_view(struct options *o, const struct view *view)
{
	return check_asked(o) ? EXIT_USAGE : run_once(o, view, NULL, &(struct carried){0});
}

int cmd_top(int argc, char **argv, struct options *o)
{
	struct carried carried = {};
	struct live *live;
	int status;

	(void)argc, (void)argv;
	if (check_asked(o))
		return EXIT_USAGE;
	live = live_new(o);
	do
		status = run_once(o, &view_top, live, &carried);
	while (live_again(live));
	live_free(live);
	return status;
}

int cmd_stat(int argc, char **argv, struct options *o)
{
	const struct {
		bool given;
		const char *name;
	} narrower[] = {{o->op_mask, "-o"},	  {o->by, "--by"},	  {o->failed, "-x"},
			{o->errs.len, "--err"},	  {o->dirs.len, "-d"},	  {o->paths.len, "--path"},
			{o->names.len, "--name"}, {o->via_mask, "--via"}, {o->fs.len, "--fs"}};

	(void)argc, (void)argv;
	if (!o->caches)
		return run_view(o, &view_stat);
	for (size_t i = 0; i < ARRAY_LEN(narrower); i++) {
		if (!narrower[i].given)
			continue;
		msg("--caches is of all the machine: %s is not for it", narrower[i].name);
		return EXIT_USAGE;
	}
	/* where functions cannot be hooked, look-ups are unseen, and that is said */
	o->op_mask = VS_BIT(VS_OP_PAGE) | VS_BIT(VS_OP_LOOKUP);
	return run_view(o, &view_caches);
}

int cmd_hist(int argc, char **argv, struct options *o)
{
	(void)argc, (void)argv;
	if (o->heatmap && o->by) {
		msg("--heatmap draws one map, of all operations: --by is not for it; -o, -p and -d choose");
		return EXIT_USAGE;
	}
	if (o->fields && o->format == FORMAT_TABLE) {
		msg("-F %s: what is drawn has no columns; -j and -f csv have", o->fields);
		return EXIT_USAGE;
	}
	if (!o->of_size && check_ops(o, "--of", "latency", field_ops("lat_ns")))
		return EXIT_USAGE;
	return run_view(o, &view_hist);
}
