/* SPDX-License-Identifier: GPL-2.0 */
#include "columns.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caches.h"
#include "out.h"
#include "util.h"

static bool put_text(struct value *v, enum value_type type, const char *s, size_t len)
{
	v->type = type;
	v->s = (struct str){s, len};
	return true;
}

static __u64 per_second(const struct record *r, __u64 n)
{
	__u64 ns = agg_row_interval_ns(r->row);

	return ns ? (__u64)(n * 1e9 / ns + 0.5) : 0;
}

/* clang-format off */
#define GET(name_) static bool get_##name_(const struct record *r, struct value *v)
#define GET_U64(name_, value_) GET(name_) { return value_int(v, value_); }
#define TOTAL(r) agg_row_total((r)->row)

GET_U64(ts_ns, agg_row_began_ns(r->row))
GET_U64(interval_ns, agg_row_interval_ns(r->row))
GET_U64(count, TOTAL(r)->count)
GET_U64(errors, TOTAL(r)->errors)
GET_U64(req, TOTAL(r)->req)
GET_U64(bytes, TOTAL(r)->bytes)
GET_U64(ops_s, per_second(r, TOTAL(r)->count))
GET_U64(bytes_s, per_second(r, TOTAL(r)->bytes))
GET_U64(errors_s, per_second(r, TOTAL(r)->errors))
GET_U64(rbytes_s, per_second(r, agg_row_op_bytes(r->row, VS_OP_READ)))
GET_U64(wbytes_s, per_second(r, agg_row_op_bytes(r->row, VS_OP_WRITE)))
GET_U64(reads, agg_row_op_count(r->row, VS_OP_READ))
GET_U64(writes, agg_row_op_count(r->row, VS_OP_WRITE))
GET_U64(rbytes, agg_row_op_bytes(r->row, VS_OP_READ))
GET_U64(wbytes, agg_row_op_bytes(r->row, VS_OP_WRITE))

/* Where nothing has a duration there is none, not even 0. */
#define GET_TIMED(name_, value_) GET(name_) { return agg_row_timed(r->row) && value_int(v, value_); }
GET_TIMED(lat_max, TOTAL(r)->lat_max_ns)
GET_TIMED(lat_sum, TOTAL(r)->lat_sum_ns)
GET_TIMED(lat_avg, TOTAL(r)->lat_sum_ns / agg_row_timed(r->row))

#define GET_PERCENTILE(name_, permille_)                                                           \
	GET(name_) { return agg_row_spec(r->row)->dist == VS_DIST_LATENCY && agg_row_timed(r->row) &&      \
			    value_int(v, agg_row_percentile(r->row, permille_)); }
GET_PERCENTILE(lat_p50, 500)
GET_PERCENTILE(lat_p90, 900)
GET_PERCENTILE(lat_p99, 990)
GET_PERCENTILE(lat_p999, 999)

/* Of operations that the backend does not see there is nothing to say, not even 0. */
#define GET_SEEN(name_, op_, value_)                                                               \
	GET(name_) { return !(agg_row_spec(r->row)->unseen & VS_BIT(VS_OP_##op_)) && value_int(v, value_); }

#define GET_OP(e, ...) GET_SEEN(op_##e, e, per_second(r, agg_row_op_count(r->row, VS_OP_##e)))
VS_OPS(GET_OP)

static __u64 row_pages(const struct record *r, enum vs_kind kind) { return agg_row_kind_bytes(r->row, kind) / (__u64)getpagesize(); }
#define PAGES(name_, kind_) GET_SEEN(name_, PAGE, row_pages(r, VS_KIND_##kind_))
PAGES(pages_added, ADD)
PAGES(pages_dirtied, DIRTY)
PAGES(pages_dropped, REMOVE)

/* Neither: no read went by the page cache, or the backend does not see it. */
#define PAGES_READ(name_, kind_)                                                                   \
	GET(name_) { return row_pages(r, VS_KIND_HIT) + row_pages(r, VS_KIND_MISS) &&              \
			    value_int(v, row_pages(r, VS_KIND_##kind_)); }
PAGES_READ(pages_hit, HIT)
PAGES_READ(pages_missed, MISS)
GET(hit_percent)
{
	__u64 hits = row_pages(r, VS_KIND_HIT), all = hits + row_pages(r, VS_KIND_MISS);

	return all && value_int(v, hits * 100 / all);
}

#define KIND(kind_) agg_row_kind_count(r->row, VS_KIND_##kind_)
static __u64 lookups_slow(const struct record *r)
{
	return KIND(SLOW) + KIND(SLOW_NEGATIVE) + KIND(LOOKUP_MISS);
}
static __u64 lookups(const struct record *r)
{
	return KIND(FAST) + KIND(NEGATIVE) + lookups_slow(r);
}
GET_SEEN(refs_s, LOOKUP, per_second(r, lookups(r)))
GET_SEEN(slow_s, LOOKUP, per_second(r, lookups_slow(r)))
GET_SEEN(misses_s, LOOKUP, per_second(r, KIND(LOOKUP_MISS)))
GET_SEEN(negatives_s, LOOKUP, per_second(r, KIND(NEGATIVE) + KIND(SLOW_NEGATIVE)))

/* Of all the machine, not of the row: see caches.h. */
#define CACHE(name_)                                                                               \
	GET(name_) { (void)r; return caches_now.known && value_int(v, caches_now.name_); }
CACHE(dentries)
CACHE(negative)
CACHE(inodes)
CACHE(files)
CACHE(cached)
CACHE(dirty)
static bool put_change(const struct record *r, struct value *v, __u64 now, __u64 before)
{
	__s64 ns = agg_row_interval_ns(r->row);

	if (!caches_now.known || !ns)
		return false;
	v->type = VALUE_INT;
	v->i = (__s64)(now - before) * 1e9 / ns;
	return true;
}
#define CHANGE(name_) GET(name_##_s) { return put_change(r, v, caches_now.name_, caches_before.name_); }
CHANGE(dentries)
CHANGE(inodes)
CHANGE(files)
CHANGE(cached)

#define GET_KEY(i) GET(key##i) { return agg_row_key(r->row, i, v); }
GET_KEY(0) GET_KEY(1) GET_KEY(2) GET_KEY(3) GET_KEY(4) GET_KEY(5) GET_KEY(6) GET_KEY(7)
static bool (*const get_key[KEYS_MAX])(const struct record *r, struct value *v) = {
	get_key0, get_key1, get_key2, get_key3, get_key4, get_key5, get_key6, get_key7};
/* clang-format on */

GET(type)
{
	const char *type = agg_row_spec(r->row)->type;

	return value_str(v, VALUE_STR, type);
}

GET(other)
{
	return agg_row_is_other(r->row) && value_str(v, VALUE_JSON, "true");
}

/* Of look-ups, per cent that the dentry cache had; none: it has had to look for nothing. */
GET(hit_pct)
{
	__u64 all = lookups(r);

	if (!all)
		return false;
	snprintf(v->buf, sizeof(v->buf), "%.2f", 100.0 * (all - KIND(LOOKUP_MISS)) / all);
	return value_str(v, VALUE_JSON, v->buf);
}

static char *put_measure(char *p, const char *before, const char *name, __u64 n)
{
	p = stpcpy(p, before);
	*p++ = '"';
	p = stpcpy(p, name);
	p = stpcpy(p, "\":");
	return write_u64(p, n);
}

/* {"avg":…,"max":…,"p50":…}: no percentiles where there is no distribution of it. */
static bool put_measures(const struct record *r, struct value *v, __u64 avg, __u64 max, bool dist)
{
	static const struct {
		const char *name;
		int permille;
	} rows[] = {{"p50", 500}, {"p90", 900}, {"p99", 990}, {"p999", 999}};
	char *p = v->buf; /* six numbers at most fit */

	p = put_measure(p, "{", "avg", avg);
	if (max)
		p = put_measure(p, ",", "max", max);
	for (size_t i = 0; dist && i < ARRAY_LEN(rows); i++)
		p = put_measure(p, ",", rows[i].name, agg_row_percentile(r->row, rows[i].permille));
	*p++ = '}';
	return put_text(v, VALUE_JSON, v->buf, p - v->buf);
}

GET(lat)
{
	__u64 timed = agg_row_timed(r->row);

	return timed && put_measures(r, v, TOTAL(r)->lat_sum_ns / timed, TOTAL(r)->lat_max_ns,
				     agg_row_spec(r->row)->dist == VS_DIST_LATENCY);
}

GET(size)
{
	__u64 count = TOTAL(r)->count;

	return agg_row_spec(r->row)->dist == VS_DIST_SIZE && count &&
	       put_measures(r, v, TOTAL(r)->bytes / count, 0, true);
}

/* [[low, high, count], ...]: longer than a value's own buffer. */
GET(buckets)
{
	static struct out text;
	struct agg_bar bar;
	int i = 0;

	if (!text.size)
		out_init(&text, -1, 4096);
	text.len = 0;
	out_char(&text, '[');
	while (agg_row_bar(r->row, &i, &bar))
		out_printf(&text, "%s[%llu,%llu,%llu]", text.len > 1 ? "," : "", bar.low, bar.high,
			   bar.count);
	out_char(&text, ']');
	return put_text(v, VALUE_JSON, text.buf, text.len);
}

/* clang-format off */
#define STR(name_, title_, width_, help_)                                                          \
	{.name = #name_, .title = title_, .width = width_, .is_string = true, .get = get_##name_,  \
	 .help = help_}
#define NUM(name_, title_, width_, unit_, needs_, help_)                                           \
	{.name = #name_, .title = title_, .width = width_, .right = true, .is_unsigned = true,     \
	 .unit = unit_, .needs = needs_, .get = get_##name_, .help = help_}
#define SIGNED(name_, title_, width_, unit_, help_)                                                \
	{.name = #name_, .title = title_, .width = width_, .right = true, .unit = unit_,           \
	 .needs = NEEDS_CACHES, .get = get_##name_, .help = help_}
#define OP_COLUMN(e, word_, group_, help_)                                                         \
	{.name = word_, .title = word_, .width = sizeof(word_) - 1 > 7 ? sizeof(word_) - 1 : 7, .right = true, .is_unsigned = true,            \
	 .needs = NEEDS_OPS, .get = get_op_##e, .help = help_ ": so many a second"},

static const struct field values[] = {
	STR(type, "TYPE", 4, "what kind of record: agg, hist"),
	STR(other, "OTHER", 5, "true: the row is all that has no row of its own"),
	NUM(ts_ns, "TIME", 12, UNIT_CLOCK, 0, "when the interval began, nanoseconds since 1970"),
	NUM(interval_ns, "INTERVAL", 8, UNIT_TIME, 0, "how long it lasted, nanoseconds"),
	NUM(count, "COUNT", 7, UNIT_NONE, 0, "operations"),
	NUM(ops_s, "OPS/S", 7, UNIT_NONE, 0, "operations a second"),
	NUM(errors, "ERRORS", 6, UNIT_NONE, 0, "operations that failed"),
	NUM(req, "REQ", 6, UNIT_BYTES, 0, "bytes asked for"),
	NUM(bytes, "BYTES", 6, UNIT_BYTES, 0, "bytes moved"),
	NUM(bytes_s, "BYTES/S", 7, UNIT_BYTES, 0, "bytes moved a second"),
	NUM(errors_s, "ERR/s", 6, UNIT_NONE, 0, "operations that failed, a second"),
	NUM(rbytes_s, "RB/s", 6, UNIT_BYTES, NEEDS_OPS, "bytes read a second"),
	NUM(wbytes_s, "WB/s", 6, UNIT_BYTES, NEEDS_OPS, "bytes written a second"),
	NUM(reads, "READS", 7, UNIT_NONE, NEEDS_OPS, "reads"),
	NUM(writes, "WRITES", 7, UNIT_NONE, NEEDS_OPS, "writes"),
	NUM(rbytes, "RBYTES", 6, UNIT_BYTES, NEEDS_OPS, "bytes read"),
	NUM(wbytes, "WBYTES", 6, UNIT_BYTES, NEEDS_OPS, "bytes written"),
	{.name = "lat", .title = "LAT", .width = 8, .is_string = true, .needs = NEEDS_DIST | NEEDS_TIME, .get = get_lat,
	 .help = "durations: avg, max, p50, p90, p99, p999, nanoseconds"},
	NUM(lat_sum, "SUM", 6, UNIT_TIME, NEEDS_TIME, "sum of all durations, nanoseconds"),
	NUM(lat_avg, "AVG", 6, UNIT_TIME, NEEDS_TIME, "mean duration, nanoseconds"),
	NUM(lat_p50, "P50", 6, UNIT_TIME, NEEDS_DIST | NEEDS_TIME, "half took no longer, nanoseconds"),
	NUM(lat_p90, "P90", 6, UNIT_TIME, NEEDS_DIST | NEEDS_TIME, "9 of 10 took no longer, nanoseconds"),
	NUM(lat_p99, "P99", 6, UNIT_TIME, NEEDS_DIST | NEEDS_TIME, "99 of 100 took no longer, nanoseconds"),
	NUM(lat_p999, "P99.9", 6, UNIT_TIME, NEEDS_DIST | NEEDS_TIME, "999 of 1000 took no longer, nanoseconds"),
	NUM(lat_max, "MAX", 6, UNIT_TIME, NEEDS_TIME, "longest duration, nanoseconds"),
	STR(size, "SIZE", 8, "hist --of size: avg, p50, p90, p99, p999 of the bytes moved"),
	STR(buckets, "BUCKETS", 8, "hist: [low, high, count], values from low to below high"),
	NUM(pages_hit, "HITS", 9, UNIT_NONE, NEEDS_KINDS, "pages that reads found in the page cache (-o page)"),
	NUM(pages_missed, "MISSES", 9, UNIT_NONE, NEEDS_KINDS, "pages that reads did not find there (-o page)"),
	NUM(hit_percent, "HIT%", 5, UNIT_NONE, NEEDS_KINDS, "hits of all pages read, in percent, rounded down (-o page)"),
	NUM(pages_added, "ADDED", 9, UNIT_NONE, NEEDS_KINDS, "pages added to the page cache (-o page)"),
	NUM(pages_dirtied, "DIRTIED", 9, UNIT_NONE, NEEDS_KINDS, "pages made dirty (-o page)"),
	NUM(pages_dropped, "DROPPED", 9, UNIT_NONE, NEEDS_KINDS, "pages dropped from the page cache (-o page)"),
	NUM(refs_s, "REFS/s", 8, UNIT_NONE, NEEDS_KINDS, "look-ups in the dentry cache a second (-o lookup)"),
	NUM(slow_s, "SLOW/s", 8, UNIT_NONE, NEEDS_KINDS, "those that were not answered without a lock (-o lookup)"),
	NUM(misses_s, "MISS/s", 8, UNIT_NONE, NEEDS_KINDS, "those that the file system was asked for (-o lookup)"),
	NUM(negatives_s, "NEG/s", 8, UNIT_NONE, NEEDS_KINDS, "those that found that there is no such name (-o lookup)"),
	{.name = "hit_pct", .title = "HIT%", .width = 6, .right = true, .needs = NEEDS_KINDS, .get = get_hit_pct,
	 .help = "per cent of look-ups that the dentry cache had (-o lookup)"},
	NUM(dentries, "DENTRIES", 8, UNIT_NONE, NEEDS_CACHES, "names in memory (stat --caches)"),
	SIGNED(dentries_s, "+/s", 7, UNIT_NONE, "by how many more a second"),
	NUM(negative, "NEG", 6, UNIT_NONE, NEEDS_CACHES, "of these, that do not exist"),
	NUM(inodes, "INODES", 7, UNIT_NONE, NEEDS_CACHES, "inodes in memory (stat --caches)"),
	SIGNED(inodes_s, "+/s", 6, UNIT_NONE, "by how many more a second"),
	NUM(files, "FILES", 6, UNIT_NONE, NEEDS_CACHES, "open files (stat --caches)"),
	SIGNED(files_s, "+/s", 5, UNIT_NONE, "by how many more a second"),
	NUM(cached, "CACHED", 6, UNIT_BYTES, NEEDS_CACHES, "bytes in the page cache (stat --caches)"),
	SIGNED(cached_s, "CACHED+/s", 9, UNIT_BYTES, "by how many bytes more a second"),
	NUM(dirty, "DIRTY", 6, UNIT_BYTES, NEEDS_CACHES, "of these, that are not written yet"),
	VS_OPS(OP_COLUMN)
};
/* clang-format on */

const struct field *columns_value(int i)
{
	return i < (int)ARRAY_LEN(values) ? &values[i] : NULL;
}

void columns_init(struct columns *columns, const struct keys *keys)
{
	columns->len = 0;
	columns->by_keys = true;
	for (int i = 0; i < keys->len; i++) {
		struct field *field = &columns->field[columns->len++];

		*field = keys->key[i].field;
		field->get = get_key[i];
		field->is_key = true;
		/* a table of totals shows them all as they are, but for times of day */
		field->needs = 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		columns->field[columns->len++] = values[i];
}

/* The columns, then the keys that would be some. */
static const struct columns *words;
static const char *column_word(size_t i)
{
	const struct field *key;

	if (i < (size_t)words->len)
		return words->field[i].name;
	key = words->by_keys ? keys_nth(i - words->len) : NULL;
	return key ? key->name : NULL;
}

bool columns_have(const struct columns *columns, const char *name)
{
	for (int i = 0; i < columns->len; i++)
		if (!strcmp(columns->field[i].name, name))
			return true;
	return false;
}

static int unknown(const struct columns *columns, const char *option, const char *wrong)
{
	const char *near;

	words = columns;
	near = nearest(wrong, column_word);
	if (columns_have(columns, wrong))
		msg("%s %s: a text that is no key has no order", option, wrong);
	else if (!near)
		msg("%s: unknown column '%s'; see 'vfscope list columns'", option, wrong);
	else if (columns_have(columns, near))
		msg("%s: unknown column '%s'; the nearest is '%s'", option, wrong, near);
	else if (!strcmp(wrong, near))
		msg("%s: '%s' is a column only with --by %s", option, wrong, near);
	else
		msg("%s: unknown column '%s'; the nearest is '%s', with --by %s", option, wrong,
		    near, near);
	return -EINVAL;
}

int columns_choose(const struct columns *columns, struct fields *shown, const char *def,
		   const char *list)
{
	struct fields defaults;
	const char *wrong;

	wrong = fields_parse_of(columns->field, columns->len, &defaults, NULL, def);
	*shown = defaults;
	if (!wrong && list)
		wrong = fields_parse_of(columns->field, columns->len, shown, &defaults, list);
	if (wrong)
		return unknown(columns, "-F", wrong);
	if (shown->len)
		return 0;
	msg("-F %s: no column is left", list);
	return -EINVAL;
}

const struct field *columns_find(const struct columns *columns, const char *name)
{
	for (int i = 0; i < columns->len; i++) {
		const struct field *field = &columns->field[i];

		/* texts that are no keys have no order */
		if (!strcmp(field->name, name) && (field->is_key || !field->is_string))
			return field;
	}
	unknown(columns, "-s", name);
	return NULL;
}
