/* SPDX-License-Identifier: GPL-2.0 */
#include "agg_row.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

enum { SPOTS_MIN = 1024 };

/* --- keys: a byte that says which, then the integer or the length and the text ---------- */

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
const char *agg_unpack(const char *p, enum agg_tag *tag, struct value *v)
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

bool agg_key_is_user(const struct key *key)
{
	return !strncmp(key->name, "user", 5);
}

bool agg_row_key(const struct agg_row *row, int i, struct value *v)
{
	const char *p = row->key;
	enum agg_tag tag = TAG_NONE;

	if (!row->key_len) {
		v->type = VALUE_STR;
		v->s = (struct str){"(other)", 7};
		return !i && row->agg->spec.label_other && row == row->agg->other;
	}
	for (int nth = 0; nth <= i; nth++)
		p = agg_unpack(p, &tag, v);
	if (tag == TAG_INT && agg_key_is_user(&row->agg->spec.keys.key[i])) {
		v->type = VALUE_STR;
		v->s.p = user_name(v->i);
		v->s.len = strlen(v->s.p);
	}
	return tag != TAG_NONE;
}

/* --- rows -------------------------------------------------------------------------------- */

static struct agg_row *row_new(struct agg *agg, size_t key_len)
{
	struct agg_row *row = arena_get(&agg->arena, sizeof(*row) + key_len);

	*row = (struct agg_row){.agg = agg, .key_len = key_len, .bars = &row->one, .bars_room = 1};
	if (agg->spec.with_ops)
		row->ops = arena_alloc(&agg->arena, VS_OP_MAX * sizeof(*row->ops));
	if (agg->spec.with_kinds)
		row->kinds = arena_alloc(&agg->arena, VS_KIND_MAX * sizeof(*row->kinds));
	return row;
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
		struct bar *bars = arena_get((struct arena *)&row->agg->arena,
					     4UL * row->bars_room * sizeof(*bars));

		memcpy(bars, row->bars, row->bars_len * sizeof(*bars));
		row->bars = bars;
		row->bars_room *= 4;
	}
	memmove(row->bars + at + 1, row->bars + at, (row->bars_len - at) * sizeof(*row->bars));
	row->bars[at] = (struct bar){bucket, count};
	row->bars_len++;
}

/* to NULL: not asked for. */
static void add_parts(struct vs_op_total *to, const struct vs_op_total *from, int len)
{
	for (int i = 0; to && i < len; i++) {
		to[i].count += from[i].count;
		to[i].bytes += from[i].bytes;
	}
}

void agg_add_row(struct agg_row *to, const struct agg_row *from)
{
	vs_total_add(&to->total, &from->total);
	for (int i = 0; i < from->bars_len; i++)
		add_bar(to, from->bars[i].bucket, from->bars[i].count);
	add_parts(to->ops, from->ops, VS_OP_MAX);
	add_parts(to->kinds, from->kinds, VS_KIND_MAX);
}

struct agg_row *agg_other(struct agg *agg)
{
	if (!agg->other)
		agg->other = row_new(agg, 0);
	return agg->other;
}

static __u32 hash_of(const char *key, size_t len)
{
	__u64 hash = len, word = 0;

	for (; len >= sizeof(word); key += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, key, sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 32;
	}
	word = 0;
	memcpy(&word, key, len);
	return hash_u64(hash ^ word);
}

/* Twice as many spots as rows at least, or what hangs together there grows long. */
static void make_spots(struct agg *agg)
{
	struct spot *old = agg->spots;
	size_t old_len = agg->spots_len;

	if (2 * (agg->len + 1) <= old_len)
		return;
	agg->spots_len = old_len ? 2 * old_len : SPOTS_MIN;
	agg->spots = xcalloc(agg->spots_len, sizeof(*agg->spots));
	agg->rows = xreallocarray(agg->rows, agg->spots_len / 2, sizeof(*agg->rows));
	for (size_t i = 0; i < old_len; i++) {
		size_t at = old[i].hash & (agg->spots_len - 1);

		if (!old[i].nth)
			continue;
		while (agg->spots[at].nth)
			at = (at + 1) & (agg->spots_len - 1);
		agg->spots[at] = old[i];
	}
	free(old);
}

static struct agg_row *row_of(struct agg *agg, const struct record *r)
{
	size_t len = pack(agg, r), at;
	__u32 hash = hash_of(agg->key, len);
	struct agg_row *row;

	make_spots(agg);
	at = hash & (agg->spots_len - 1);
	for (; agg->spots[at].nth; at = (at + 1) & (agg->spots_len - 1)) {
		if (agg->spots[at].hash != hash)
			continue;
		row = agg->rows[agg->spots[at].nth - 1];
		if (row->key_len == len && !memcmp(row->key, agg->key, len))
			return row;
	}
	if (agg->len >= agg->spec.rows_max)
		return agg_other(agg);
	row = row_new(agg, len);
	memcpy(row->key, agg->key, len);
	agg->rows[agg->len++] = row;
	agg->spots[at] = (struct spot){hash, agg->len};
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
	if (agg->len)
		memset(agg->spots, 0, agg->spots_len * sizeof(*agg->spots));
	arena_clear(&agg->arena);
	agg->len = 0;
	agg->other = agg->sum = NULL;
}

void agg_free(struct agg *agg)
{
	if (!agg)
		return;
	arena_free(&agg->arena);
	free(agg->spots);
	free(agg->rows);
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

	vs_total_add(&row->total, total);
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
	struct agg_row *row = agg_other(agg);

	vs_total_add(&row->total, &add->total);
	for (__u32 bucket = 0; agg->spec.dist != VS_DIST_NONE && bucket < VS_BUCKETS; bucket++)
		if (add->buckets[bucket])
			add_bar(row, bucket, add->buckets[bucket]);
	add_parts(row->ops, add->ops, VS_OP_MAX);
	add_parts(row->kinds, add->kinds, VS_KIND_MAX);
}

const struct agg_row *agg_sum(struct agg *agg)
{
	agg->sum = row_new(agg, 0);
	for (size_t i = 0; i < agg->len; i++)
		agg_add_row(agg->sum, agg->rows[i]);
	if (agg->other)
		agg_add_row(agg->sum, agg->other);
	return agg->sum;
}

void agg_set_time(struct agg *agg, __u64 began_ns, __u64 interval_ns)
{
	agg->began_ns = began_ns;
	agg->interval_ns = interval_ns;
}

void agg_row_fetch(const struct agg_row *row)
{
	enum { LINE = 64 };

	/* a key of usual length: how long it is cannot be read before it is fetched */
	for (size_t at = 0; at < sizeof(*row) + LINE; at += LINE)
		__builtin_prefetch((const char *)row + at);
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

static __u64 in_bars(const struct agg_row *row)
{
	__u64 total = 0;

	for (int i = 0; i < row->bars_len; i++)
		total += row->bars[i].count;
	return total;
}

__u64 agg_row_timed(const struct agg_row *row)
{
	if (row->agg->spec.dist == VS_DIST_LATENCY)
		return in_bars(row);
	return row->total.count - agg_row_op_count(row, VS_OP_PAGE) -
	       agg_row_op_count(row, VS_OP_LOOKUP);
}

__u64 agg_row_percentile(const struct agg_row *row, int permille)
{
	__u64 total = in_bars(row), rank, below = 0;

	/* nearest rank: the first value that at least so many do not exceed */
	rank = total / 1000 * permille + (total % 1000 * permille + 999) / 1000;
	for (int i = 0; i < row->bars_len; i++) {
		__u64 low = vs_bucket_low(row->bars[i].bucket), high, middle;

		below += row->bars[i].count;
		if (below < rank)
			continue;
		/* sizes are powers of two mostly, which is where a bucket begins */
		if (row->agg->spec.dist == VS_DIST_SIZE)
			return low;
		high = vs_bucket_low(row->bars[i].bucket + 1) - 1;
		middle = low + (high - low) / 2;
		return middle < row->total.lat_max_ns ? middle : row->total.lat_max_ns;
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
