/* SPDX-License-Identifier: GPL-2.0 */
#include "agg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups.h"
#include "util.h"

#define uthash_fatal(what) (msg("%s", what), exit(EXIT_RUN))
#include <uthash.h>

/* A bucket that holds something. */
struct bar {
	__u32 bucket;
	__u64 count;
};

struct agg_row {
	const struct agg *agg;
	struct vs_total total;
	struct vs_op_total *ops;   /* VS_OP_MAX of them; NULL: not asked for */
	struct vs_op_total *kinds; /* likewise VS_KIND_MAX */
	struct bar *bars;	   /* by their bucket */
	int bars_len, bars_room;
	UT_hash_handle hh;
	size_t key_len;
	char key[]; /* values one behind the other, see pack() */
};

/* A row while it is sorted: rows lie far apart, so what is compared most is here. */
struct place {
	const struct agg_row *row;
	__u64 most; /* of the column that it is sorted by */
	__u64 count;
	bool has;
};

struct agg {
	struct agg_spec spec;
	__u64 began_ns, interval_ns;
	struct agg_row *table;
	struct agg_row *other, *sum;
	const struct agg_row **sorted;
	struct place *places;
	size_t sorted_room;
	char *key; /* of the row that is looked for */
	size_t key_room;
};

/* --- keys: a byte that says which, then the integer or the length and the text ---------- */

enum tag { TAG_NONE, TAG_INT, TAG_STR };

static void put(struct agg *agg, size_t *at, const void *bytes, size_t len)
{
	if (agg->key_room - *at < len) {
		agg->key_room = 2 * (agg->key_room + len);
		agg->key = xreallocarray(agg->key, agg->key_room, 1);
	}
	memcpy(agg->key + *at, bytes, len);
	*at += len;
}

static size_t pack(struct agg *agg, const struct record *r)
{
	size_t at = 0;

	for (int i = 0; i < agg->spec.keys.len; i++) {
		struct value v;
		char tag = TAG_NONE;

		if (key_get(&agg->spec.keys.key[i], r, &v))
			tag = v.type == VALUE_INT ? TAG_INT : TAG_STR;
		put(agg, &at, &tag, 1);
		if (tag == TAG_INT)
			put(agg, &at, &v.i, sizeof(v.i));
		if (tag == TAG_STR) {
			put(agg, &at, &v.s.len, sizeof(v.s.len));
			put(agg, &at, v.s.p, v.s.len);
		}
	}
	return at;
}

/* Reads the value at p, and returns what stands behind it. */
static const char *unpack(const char *p, enum tag *tag, struct value *v)
{
	*tag = *p++;
	v->type = *tag == TAG_INT ? VALUE_INT : VALUE_STR;
	v->s = (struct str){"", 0};
	if (*tag == TAG_INT) {
		memcpy(&v->i, p, sizeof(v->i));
		return p + sizeof(v->i);
	}
	if (*tag == TAG_STR) {
		memcpy(&v->s.len, p, sizeof(v->s.len));
		v->s.p = p + sizeof(v->s.len);
		return v->s.p + v->s.len;
	}
	return p;
}

static bool is_user(const struct key *key)
{
	return !strncmp(key->name, "user", 5);
}

bool agg_row_key(const struct agg_row *row, int i, struct value *v)
{
	const char *p = row->key;
	enum tag tag = TAG_NONE;

	if (!row->key_len) {
		v->type = VALUE_STR;
		v->s = (struct str){"(other)", 7};
		return !i && row->agg->spec.label_other && row == row->agg->other;
	}
	for (int nth = 0; nth <= i; nth++)
		p = unpack(p, &tag, v);
	if (tag == TAG_INT && is_user(&row->agg->spec.keys.key[i])) {
		v->type = VALUE_STR;
		v->s.p = user_name(v->i);
		v->s.len = strlen(v->s.p);
	}
	return tag != TAG_NONE;
}

/* --- rows -------------------------------------------------------------------------------- */

static struct agg_row *row_new(struct agg *agg, size_t key_len)
{
	struct agg_row *row = xcalloc(1, sizeof(*row) + key_len);

	row->agg = agg;
	row->key_len = key_len;
	if (agg->spec.with_ops)
		row->ops = xcalloc(VS_OP_MAX, sizeof(*row->ops));
	if (agg->spec.with_kinds)
		row->kinds = xcalloc(VS_KIND_MAX, sizeof(*row->kinds));
	return row;
}

static void row_free(struct agg_row *row)
{
	if (!row)
		return;
	free(row->ops);
	free(row->kinds);
	free(row->bars);
	free(row);
}

static void add_bar(struct agg_row *row, __u32 bucket, __u64 count)
{
	int at = row->bars_len;

	if (bucket >= VS_BUCKETS) /* it is not known */
		return;
	while (at && row->bars[at - 1].bucket >= bucket)
		at--;
	if (at < row->bars_len && row->bars[at].bucket == bucket) {
		row->bars[at].count += count;
		return;
	}
	if (row->bars_len == row->bars_room) {
		row->bars_room = row->bars_room ? 2 * row->bars_room : 8;
		row->bars = xreallocarray(row->bars, row->bars_room, sizeof(*row->bars));
	}
	memmove(row->bars + at + 1, row->bars + at, (row->bars_len - at) * sizeof(*row->bars));
	row->bars[at] = (struct bar){bucket, count};
	row->bars_len++;
}

static void add_total(struct agg_row *row, const struct vs_total *total)
{
	row->total.count += total->count;
	row->total.errors += total->errors;
	row->total.req += total->req;
	row->total.bytes += total->bytes;
	row->total.lat_sum_ns += total->lat_sum_ns;
	if (total->lat_max_ns > row->total.lat_max_ns)
		row->total.lat_max_ns = total->lat_max_ns;
}

/* to NULL: not asked for. */
static void add_parts(struct vs_op_total *to, const struct vs_op_total *from, int len)
{
	for (int i = 0; to && i < len; i++) {
		to[i].count += from[i].count;
		to[i].bytes += from[i].bytes;
	}
}

static void add_row(struct agg_row *to, const struct agg_row *from)
{
	add_total(to, &from->total);
	for (int i = 0; i < from->bars_len; i++)
		add_bar(to, from->bars[i].bucket, from->bars[i].count);
	add_parts(to->ops, from->ops, VS_OP_MAX);
	add_parts(to->kinds, from->kinds, VS_KIND_MAX);
}

static struct agg_row *other(struct agg *agg)
{
	if (!agg->other)
		agg->other = row_new(agg, 0);
	return agg->other;
}

static struct agg_row *row_of(struct agg *agg, const struct record *r)
{
	size_t len = pack(agg, r);
	struct agg_row *row;

	HASH_FIND(hh, agg->table, agg->key, len, row);
	if (row)
		return row;
	if (HASH_COUNT(agg->table) >= agg->spec.rows_max)
		return other(agg);
	row = row_new(agg, len);
	memcpy(row->key, agg->key, len);
	HASH_ADD_KEYPTR(hh, agg->table, row->key, len, row);
	return row;
}

struct agg *agg_new(const struct agg_spec *spec)
{
	struct agg *agg = xcalloc(1, sizeof(*agg));

	agg->spec = *spec;
	agg->key_room = 256;
	agg->key = xcalloc(1, agg->key_room);
	return agg;
}

void agg_clear(struct agg *agg)
{
	struct agg_row *row, *next = agg->table;

	HASH_CLEAR(hh, agg->table);
	while ((row = next)) {
		next = row->hh.next;
		row_free(row);
	}
	row_free(agg->other);
	row_free(agg->sum);
	agg->other = agg->sum = NULL;
}

void agg_free(struct agg *agg)
{
	if (!agg)
		return;
	agg_clear(agg);
	free(agg->sorted);
	free(agg->places);
	free(agg->key);
	free(agg);
}

/* --- adding ------------------------------------------------------------------------------ */

void agg_add_total(struct agg *agg, const struct record *r, const struct vs_total *total,
		   __u32 bucket)
{
	const struct vs_op_total part = {total->count, total->bytes};
	struct agg_row *row = row_of(agg, r);

	add_total(row, total);
	if (agg->spec.dist != VS_DIST_NONE)
		add_bar(row, bucket, total->count);
	if (row->ops)
		add_parts(&row->ops[r->op.op], &part, 1);
	if (row->kinds)
		add_parts(&row->kinds[r->op.has >> VS_HAS_KIND_SHIFT], &part, 1);
}

void agg_add_record(struct agg *agg, const struct record *r)
{
	bool known = r->op.lat_ns != VS_LAT_UNKNOWN;
	__u64 lat_ns = known ? r->op.lat_ns : 0;
	const struct vs_total one = {
		.count = 1,
		.errors = r->op.ret < 0,
		.req = vs_total_req(&r->op),
		.bytes = r->op.bytes,
		.lat_sum_ns = lat_ns,
		.lat_max_ns = lat_ns,
	};

	agg_add_total(agg, r, &one,
		      agg->spec.dist == VS_DIST_SIZE ? vs_bucket(r->op.bytes)
		      : known			     ? vs_bucket(lat_ns)
						     : VS_BUCKETS);
}

void agg_add_other(struct agg *agg, const struct vs_other *add)
{
	struct agg_row *row = other(agg);

	add_total(row, &add->total);
	for (__u32 bucket = 0; agg->spec.dist != VS_DIST_NONE && bucket < VS_BUCKETS; bucket++)
		if (add->buckets[bucket])
			add_bar(row, bucket, add->buckets[bucket]);
	add_parts(row->ops, add->ops, VS_OP_MAX);
	add_parts(row->kinds, add->kinds, VS_KIND_MAX);
}

/* --- the rows in order ------------------------------------------------------------------- */

static const struct field *order;

static int compare_str(struct str a, struct str b)
{
	int diff = memcmp(a.p, b.p, a.len < b.len ? a.len : b.len);

	return diff ? diff : (a.len > b.len) - (a.len < b.len);
}

/* Names of users stand as numbers in a row. */
static int compare_users(const struct agg_row *a, const struct agg_row *b, int i)
{
	char name[sizeof(((struct value *)0)->buf)];
	struct value va, vb;

	agg_row_key(a, i, &va);
	va.s.len = va.s.len < sizeof(name) ? va.s.len : sizeof(name);
	memcpy(name, va.s.p, va.s.len);
	agg_row_key(b, i, &vb);
	return compare_str((struct str){name, va.s.len}, vb.s);
}

/* Keys upwards, a row that has none last. */
static int compare_keys(const struct agg_row *a, const struct agg_row *b)
{
	const char *pa = a->key, *pb = b->key;

	for (int i = 0; i < a->agg->spec.keys.len; i++) {
		struct value va, vb;
		enum tag ta, tb;
		int diff;

		pa = unpack(pa, &ta, &va);
		pb = unpack(pb, &tb, &vb);
		diff = (tb != TAG_NONE) - (ta != TAG_NONE);
		if (ta == TAG_INT && tb == TAG_INT && va.i != vb.i)
			diff = is_user(&a->agg->spec.keys.key[i]) ? compare_users(a, b, i)
								  : (va.i > vb.i) - (va.i < vb.i);
		else if (ta == TAG_STR && tb == TAG_STR)
			diff = compare_str(va.s, vb.s);
		if (diff)
			return diff;
	}
	return 0;
}

/* A key, upwards. */
static int compare_column(const struct agg_row *a, const struct agg_row *b)
{
	struct record ra = {.row = a}, rb = {.row = b};
	struct value va = {}, vb = {};
	bool has_a = order->get(&ra, &va), has_b = order->get(&rb, &vb);

	if (!has_a || !has_b)
		return has_b - has_a;
	return va.type == VALUE_INT ? (va.i > vb.i) - (va.i < vb.i) : compare_str(va.s, vb.s);
}

/* Those with a value first; the most, or of a key the least, first; then the most operations. */
static int compare(const void *pa, const void *pb)
{
	const struct place *a = pa, *b = pb;
	int diff = 0;

	if (order && order->is_key)
		diff = compare_column(a->row, b->row);
	else if (order)
		diff = a->has != b->has ? b->has - a->has
					: (a->most < b->most) - (a->most > b->most);
	if (!diff && order)
		diff = (a->count < b->count) - (a->count > b->count);
	return diff ? diff : compare_keys(a->row, b->row);
}

static struct place place_of(const struct agg_row *row)
{
	struct place place = {.row = row, .count = row->total.count};
	struct value v = {};

	if (order && !order->is_key)
		place.has = order->get(&(struct record){.row = row}, &v);
	place.most = v.i;
	return place;
}

const struct agg_row *const *agg_rows(struct agg *agg, const struct field *sort, size_t max,
				      size_t *len)
{
	size_t count = HASH_COUNT(agg->table), n = 0;

	if (agg->sorted_room < count + 1) {
		agg->sorted_room = 2 * (count + 1);
		agg->sorted = xreallocarray(agg->sorted, agg->sorted_room, sizeof(*agg->sorted));
		agg->places = xreallocarray(agg->places, agg->sorted_room, sizeof(*agg->places));
	}
	order = sort;
	for (const struct agg_row *row = agg->table; row; row = row->hh.next)
		agg->places[n++] = place_of(row);
	qsort(agg->places, n, sizeof(*agg->places), compare);
	for (size_t i = 0; i < n; i++)
		agg->sorted[i] = agg->places[i].row;
	/* what is left out is in 'other', and never lost from the sum */
	while (n > max)
		add_row(other(agg), agg->sorted[--n]);
	if (agg->other && agg->other->total.count)
		agg->sorted[n++] = agg->other;
	*len = n;
	return agg->sorted;
}

const struct agg_row *agg_sum(struct agg *agg)
{
	row_free(agg->sum);
	agg->sum = row_new(agg, 0);
	for (const struct agg_row *row = agg->table; row; row = row->hh.next)
		add_row(agg->sum, row);
	if (agg->other)
		add_row(agg->sum, agg->other);
	return agg->sum;
}

void agg_set_time(struct agg *agg, __u64 began_ns, __u64 interval_ns)
{
	agg->began_ns = began_ns;
	agg->interval_ns = interval_ns;
}

/* --- what a row says --------------------------------------------------------------------- */

/* clang-format off */
bool agg_row_is_other(const struct agg_row *row) { return row == row->agg->other; }
const struct vs_total *agg_row_total(const struct agg_row *row) { return &row->total; }
const struct agg_spec *agg_row_spec(const struct agg_row *row) { return &row->agg->spec; }
__u64 agg_row_began_ns(const struct agg_row *row) { return row->agg->began_ns; }
__u64 agg_row_interval_ns(const struct agg_row *row) { return row->agg->interval_ns; }
/* clang-format on */

__u64 agg_row_op_count(const struct agg_row *row, enum vs_op op)
{
	return row->ops ? row->ops[op].count : 0;
}

__u64 agg_row_op_bytes(const struct agg_row *row, enum vs_op op)
{
	return row->ops ? row->ops[op].bytes : 0;
}

__u64 agg_row_kind_count(const struct agg_row *row, enum vs_kind kind)
{
	return row->kinds ? row->kinds[kind].count : 0;
}

__u64 agg_row_kind_bytes(const struct agg_row *row, enum vs_kind kind)
{
	return row->kinds ? row->kinds[kind].bytes : 0;
}

__u64 agg_row_percentile(const struct agg_row *row, int permille)
{
	__u64 total = 0, rank, below = 0;

	for (int i = 0; i < row->bars_len; i++)
		total += row->bars[i].count;
	/* nearest rank: the first value that at least so many do not exceed */
	rank = total / 1000 * permille + (total % 1000 * permille + 999) / 1000;
	for (int i = 0; i < row->bars_len; i++) {
		__u64 low = vs_bucket_low(row->bars[i].bucket), high, middle;

		below += row->bars[i].count;
		if (below < rank)
			continue;
		high = vs_bucket_low(row->bars[i].bucket + 1) - 1;
		middle = low + (high - low) / 2;
		if (row->agg->spec.dist == VS_DIST_LATENCY && middle > row->total.lat_max_ns)
			return row->total.lat_max_ns;
		return middle;
	}
	return 0;
}

bool agg_row_bar(const struct agg_row *row, int *i, struct agg_bar *bar)
{
	/* powers of two: the bars below 16 and those of each power above are one each */
	int first = *i;
	__u32 end;

	if (first >= row->bars_len)
		return false;
	bar->low = vs_bucket_low(row->bars[first].bucket);
	bar->high = vs_bucket_low(row->bars[first].bucket + 1);
	if (!row->agg->spec.linear) {
		bar->low = bar->low ? 1ULL << vs_log2(bar->low) : 0;
		bar->high = bar->low ? bar->low << 1 : 1;
	}
	end = bar->high ? vs_bucket(bar->high) : VS_BUCKETS;
	for (bar->count = 0; *i < row->bars_len && row->bars[*i].bucket < end; (*i)++)
		bar->count += row->bars[*i].count;
	if (!bar->high)
		bar->high = ~0ULL;
	return true;
}
