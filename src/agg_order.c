/* SPDX-License-Identifier: GPL-2.0 */
/* The rows of an interval in the order in which they are shown. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agg_row.h"
#include "util.h"

static const struct field *order;

static int compare_str(struct str a, struct str b)
{
	int diff = memcmp(a.p, b.p, a.len < b.len ? a.len : b.len);

	return diff ? diff : (a.len > b.len) - (a.len < b.len);
}

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
		enum agg_tag ta, tb;
		int diff;

		pa = agg_unpack(pa, &ta, &va);
		pb = agg_unpack(pb, &tb, &vb);
		diff = (tb != TAG_NONE) - (ta != TAG_NONE);
		if (ta == TAG_INT && tb == TAG_INT && va.i != vb.i)
			diff = agg_key_is_user(&a->agg->spec.keys.key[i])
				       ? compare_users(a, b, i)
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
	if (!diff)
		diff = (a->key > b->key) - (a->key < b->key);
	return diff ? diff : compare_keys(a->row, b->row);
}

/*
 * Most rows are alike in all that comes before their keys, and in the first of these: in a place
 * stand the first bytes of the first key that they differ in, from where they differ.
 */
struct digest {
	int nth;     /* of the keys */
	size_t skip; /* bytes of it that all texts have in common */
};

/* The nth key of a row. */
static enum agg_tag key_at(const struct agg_row *row, int nth, struct value *v)
{
	const char *p = row->key;
	enum agg_tag tag = TAG_NONE;

	for (int i = 0; i <= nth; i++)
		p = agg_unpack(p, &tag, v);
	return tag;
}

static size_t common(const char *a, const char *b, size_t len)
{
	size_t at = 0;

	while (at < len && a[at] == b[at])
		at++;
	return at;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static struct digest digest_of(const struct agg *agg)
{
	size_t same = agg->rows[0]->key_len;
	const char *first = agg->rows[0]->key, *p = first;
	struct digest digest = {.skip = SIZE_MAX};
	struct value v, text;
	enum agg_tag tag;

	for (size_t i = 1; i < agg->len; i++)
		same = common(first, agg->rows[i]->key, least(same, agg->rows[i]->key_len));
	/* the last of all, if there is but one row */
	while (digest.nth < agg->spec.keys.len - 1) {
		p = agg_unpack(p, &tag, &v);
		if ((size_t)(p - first) > same)
			break;
		digest.nth++;
	}
	key_at(agg->rows[0], digest.nth, &text);
	for (size_t i = 0; i < agg->len; i++)
		if (key_at(agg->rows[i], digest.nth, &v) == TAG_STR)
			digest.skip = common(text.s.p, v.s.p,
					     least(digest.skip, least(text.s.len, v.s.len)));
	return digest;
}

/* In the order of the keys, as far as it tells them from each other; rows without it are last. */
static __u64 digest_key(const struct agg_row *row, const struct digest *digest)
{
	unsigned char bytes[8] = {0};
	struct value v;
	__u64 n = 0;

	if (!row->key_len || agg_key_is_user(&row->agg->spec.keys.key[digest->nth]))
		return 0;
	switch (key_at(row, digest->nth, &v)) {
	case TAG_NONE: return ~0ULL;
	case TAG_INT: return (__u64)v.i ^ 1ULL << 63;
	case TAG_STR:
		memcpy(bytes, v.s.p + digest->skip, least(v.s.len - digest->skip, sizeof(bytes)));
		for (size_t i = 0; i < sizeof(bytes); i++)
			n = n << 8 | bytes[i];
	}
	return n;
}

static struct place place_of(const struct agg_row *row, const struct digest *digest)
{
	struct place place = {
		.row = row, .count = row->total.count, .key = digest_key(row, digest)};
	struct value v = {};

	if (order && !order->is_key)
		place.has = order->get(&(struct record){.row = row}, &v);
	place.most = v.i;
	return place;
}

const struct agg_row *const *agg_rows(struct agg *agg, const struct field *sort, size_t max,
				      size_t *len)
{
	struct digest digest = {0};
	size_t n = agg->len;

	if (agg->sorted_room < n + 1) {
		agg->sorted_room = 2 * (n + 1);
		agg->sorted = xreallocarray(agg->sorted, agg->sorted_room, sizeof(*agg->sorted));
		agg->places = xreallocarray(agg->places, agg->sorted_room, sizeof(*agg->places));
	}
	order = sort;
	if (n && agg->spec.keys.len)
		digest = digest_of(agg);
	for (size_t i = 0; i < n; i++)
		agg->places[i] = place_of(agg->rows[i], &digest);
	qsort(agg->places, n, sizeof(*agg->places), compare);
	for (size_t i = 0; i < n; i++)
		agg->sorted[i] = agg->places[i].row;
	/* what is left out is in 'other', and never lost from the sum */
	while (n > max)
		agg_add_row(agg_other(agg), agg->sorted[--n]);
	if (agg->other && agg->other->total.count)
		agg->sorted[n++] = agg->other;
	*len = n;
	return agg->sorted;
}
