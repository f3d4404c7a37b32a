/* SPDX-License-Identifier: GPL-2.0 */
/* Totals: buckets, keys, rows, percentiles, what finds no place. */
#include "unit.h"

#include <errno.h>

#include "agg.h"
#include "util.h"

/* --- buckets ------------------------------------------------------------------------------ */

static void buckets_join(void **state)
{
	(void)state;
	for (__u32 bucket = 0; bucket < VS_BUCKETS; bucket++) {
		__u64 low = vs_bucket_low(bucket), last = vs_bucket_low(bucket + 1) - 1;

		assert_int_equal(vs_bucket(low), bucket);
		assert_int_equal(vs_bucket(last), bucket);
		/* what stands in the middle is within 6.25% of each */
		assert_true((last - low) / 2 <= low / 16);
	}
	assert_int_equal(vs_bucket(~0ULL), VS_BUCKETS - 1);
	assert_int_equal(vs_bucket_low(VS_BUCKETS), 0);
	assert_int_equal(vs_bucket(0), 0);
	assert_int_equal(vs_bucket(15), 15);
	assert_int_equal(vs_bucket(16), 16);
}

static void log2_of_all(void **state)
{
	(void)state;
	for (int i = 0; i < 64; i++) {
		assert_int_equal(vs_log2(1ULL << i), i);
		assert_int_equal(vs_log2(~0ULL >> (63 - i)), i);
	}
}

/* --- rows --------------------------------------------------------------------------------- */

static struct record op(__u32 pid, const char *path, __u64 lat_ns, __u64 bytes)
{
	struct record r = {
		.op = {.op = VS_OP_READ,
		       .pid = pid,
		       .uid = 0,
		       .lat_ns = lat_ns,
		       .bytes = bytes,
		       .ret = bytes,
		       .has = VS_HAS_BYTES | VS_HAS_REQ,
		       .req = 2 * bytes},
	};

	if (path)
		r.path = (struct str){path, strlen(path)};
	return r;
}

static struct agg *make(const char *by, enum vs_dist dist, size_t rows_max)
{
	struct agg_spec spec = {
		.type = "agg", .dist = dist, .with_ops = true, .rows_max = rows_max};

	assert_int_equal(keys_parse(&spec.keys, by), 0);
	return agg_new(&spec);
}

static void add(struct agg *agg, __u32 pid, const char *path, __u64 lat_ns, __u64 bytes)
{
	struct record r = op(pid, path, lat_ns, bytes);

	agg_add_record(agg, &r);
}

static const char *text_of(const struct agg_row *row, int key)
{
	static char buf[256];
	struct value v;

	if (!agg_row_key(row, key, &v))
		return "(none)";
	if (v.type == VALUE_INT)
		snprintf(buf, sizeof(buf), "%lld", v.i);
	else
		snprintf(buf, sizeof(buf), "%.*s", (int)v.s.len, v.s.p);
	return buf;
}

static void rows_by_keys(void **state)
{
	struct agg *agg = make("pid,path", VS_DIST_NONE, 100);
	const struct agg_row *const *rows;
	size_t len;

	(void)state;
	add(agg, 7, "/b", 10, 1);
	add(agg, 7, "/a", 10, 2);
	add(agg, 6, "/b", 10, 4);
	add(agg, 7, "/b", 30, 8);
	add(agg, 7, NULL, 1, 16);
	rows = agg_rows(agg, NULL, SIZE_MAX, &len);
	assert_int_equal(len, 4);
	assert_string_equal(text_of(rows[0], 0), "6");
	assert_string_equal(text_of(rows[1], 1), "/a");
	assert_string_equal(text_of(rows[2], 1), "/b");
	assert_string_equal(text_of(rows[3], 1), "(none)"); /* what has none comes last */
	assert_int_equal(agg_row_total(rows[2])->bytes, 9);
	assert_int_equal(agg_row_total(rows[2])->req, 18);
	assert_int_equal(agg_row_total(rows[2])->count, 2);
	assert_int_equal(agg_row_total(rows[2])->lat_sum_ns, 40);
	assert_int_equal(agg_row_total(rows[2])->lat_max_ns, 30);
	assert_int_equal(agg_row_op_bytes(rows[2], VS_OP_READ), 9);
	assert_int_equal(agg_row_total(agg_sum(agg))->bytes, 31);
	agg_clear(agg);
	agg_rows(agg, NULL, SIZE_MAX, &len);
	assert_int_equal(len, 0);
	agg_free(agg);
}

/* Whatever does not fit, the sum is that of all, and so are the buckets. */
static void other_takes_the_rest(void **state)
{
	struct vs_other *kernel = calloc(1, sizeof(*kernel));
	struct agg *agg = make("pid", VS_DIST_LATENCY, 4);
	const struct agg_row *const *rows;
	struct agg_bar bar;
	__u64 bars = 0;
	size_t len;

	(void)state;
	for (__u32 pid = 1; pid <= 100; pid++)
		add(agg, pid, NULL, pid, pid);
	kernel->total = (struct vs_total){.count = 3, .bytes = 5, .lat_max_ns = 9999};
	kernel->buckets[VS_BUCKETS - 1] = 3;
	kernel->ops[VS_OP_READ] = (struct vs_op_total){3, 5};
	agg_add_other(agg, kernel);
	rows = agg_rows(agg, NULL, 2, &len);
	assert_int_equal(len, 3);
	assert_string_equal(text_of(rows[0], 0), "1");
	assert_string_equal(text_of(rows[1], 0), "2");
	assert_true(agg_row_is_other(rows[2]));
	assert_int_equal(agg_row_total(rows[2])->count, 98 + 3);
	assert_int_equal(agg_row_total(rows[2])->bytes, 5050 - 3 + 5);
	assert_int_equal(agg_row_op_bytes(rows[2], VS_OP_READ), 5050 - 3 + 5);
	for (int i = 0; agg_row_bar(rows[2], &i, &bar);)
		bars += bar.count;
	assert_int_equal(bars, 98 + 3);
	agg_free(agg);
	free(kernel);
}

static void row_of_the_kernel_side(void **state)
{
	struct agg *agg = make("pid", VS_DIST_LATENCY, 10);
	const struct vs_total total = {.count = 5, .errors = 1, .bytes = 50};
	struct record r = op(3, NULL, 0, 0);
	const struct agg_row *const *rows;
	size_t len;

	(void)state;
	agg_add_total(agg, &r, &total, vs_bucket(1000));
	agg_add_total(agg, &r, &total, vs_bucket(5000));
	rows = agg_rows(agg, NULL, SIZE_MAX, &len);
	assert_int_equal(len, 1);
	assert_int_equal(agg_row_total(rows[0])->count, 10);
	assert_int_equal(agg_row_total(rows[0])->errors, 2);
	agg_free(agg);
}

static void keys_from_the_kernel_side(void **state)
{
	struct names *names = names_new(10, 1000);
	struct {
		struct vs_key_head head;
		char members[64];
	} key = {.head = {.err = -2}};
	struct keys keys;
	struct record r;
	__u32 dev = 8 << 20 | 1, pid = 42;
	char *at = key.members;

	(void)state;
	assert_int_equal(keys_parse(&keys, "err,op,pid,dev,fs,comm"), 0);
	at = mempcpy(at, "comm\0\0\0\0\0\0\0\0\0\0\0", VS_COMM_LEN);
	at = mempcpy(at, &dev, sizeof(dev));
	at = mempcpy(at, &pid, sizeof(pid));
	*at++ = VS_OP_OPEN;
	strcpy(at, "ext4");
	assert_true(keys_size(&keys) >= at + VS_FS_LEN - (char *)&key);
	assert_int_equal(keys_size(&keys) % 8, 0);
	assert_true(keys_unpack(&keys, &key, names, &r));
	assert_int_equal(r.op.pid, 42);
	assert_int_equal(r.op.op, VS_OP_OPEN);
	assert_int_equal(r.op.dev, dev);
	assert_int_equal(r.op.ret, -2);
	assert_string_equal(r.op.comm, "comm");
	assert_string_equal(r.fs, "ext4");
	/* a path that is not known */
	assert_int_equal(keys_parse(&keys, "path"), 0);
	memcpy(key.members, "12345678", 8);
	assert_false(keys_unpack(&keys, &key, names, &r));
	names_free(names);
}

/* --- percentiles -------------------------------------------------------------------------- */

static int compare_u64(const void *a, const void *b)
{
	const __u64 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void percentiles(void **state)
{
	enum { N = 5000 };
	static __u64 values[N];
	static const int permilles[] = {1, 500, 900, 990, 999, 1000};

	(void)state;
	srandom(1);
	for (int round = 0; round < 20; round++) {
		struct agg *agg = make("pid", VS_DIST_LATENCY, 10);
		const struct agg_row *const *rows;
		size_t len;

		for (int i = 0; i < N; i++) {
			/* from 1 ns to more than 1000 s */
			values[i] = 1 + ((__u64)random() << 10) % (1ULL << (1 + random() % 41));
			add(agg, 1, NULL, values[i], 0);
		}
		qsort(values, N, sizeof(*values), compare_u64);
		rows = agg_rows(agg, NULL, SIZE_MAX, &len);
		for (size_t i = 0; i < ARRAY_LEN(permilles); i++) {
			__u64 exact = values[(N * permilles[i] + 999) / 1000 - 1];
			__u64 got = agg_row_percentile(rows[0], permilles[i]);

			if ((got > exact ? got - exact : exact - got) * 16 > exact)
				fail_msg("p%d: %llu instead of %llu", permilles[i], got, exact);
		}
		agg_free(agg);
	}
}

/* Sizes are powers of two mostly: those are told exactly, and none that no operation has reached.
 */
static void percentiles_of_sizes(void **state)
{
	struct agg *agg = make("pid", VS_DIST_SIZE, 10);
	const struct agg_row *const *rows;
	size_t len;

	(void)state;
	add(agg, 1, NULL, 0, 0);
	for (int i = 0; i < 256; i++)
		add(agg, 1, NULL, 0, 4096);
	rows = agg_rows(agg, NULL, SIZE_MAX, &len);
	assert_int_equal(agg_row_percentile(rows[0], 1), 0);
	assert_int_equal(agg_row_percentile(rows[0], 500), 4096);
	assert_int_equal(agg_row_percentile(rows[0], 999), 4096);
	agg_free(agg);
}

/* What has no duration has no part in means: of bars it is in none, else it is taken off. */
static void what_has_a_duration(void **state)
{
	static const enum vs_dist dists[] = {VS_DIST_LATENCY, VS_DIST_NONE, VS_DIST_SIZE};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dists); i++) {
		struct agg *agg = make("pid", dists[i], 10);
		struct record met = op(2, NULL, VS_LAT_UNKNOWN, 4096);
		const struct agg_row *const *rows;
		size_t len;

		add(agg, 1, NULL, 10, 1);
		add(agg, 1, NULL, 30, 1);
		met.op.op = VS_OP_PAGE;
		agg_add_record(agg, &met);
		met.op.op = VS_OP_LOOKUP;
		met.op.pid = 1;
		agg_add_record(agg, &met);
		rows = agg_rows(agg, NULL, SIZE_MAX, &len);
		assert_int_equal(agg_row_total(rows[0])->count, 3);
		assert_int_equal(agg_row_timed(rows[0]), 2);
		assert_int_equal(agg_row_timed(rows[1]), 0);
		assert_int_equal(agg_row_timed(agg_sum(agg)), 2);
		agg_free(agg);
	}
}

static void bars_in_powers_of_two(void **state)
{
	struct agg *agg = make("pid", VS_DIST_SIZE, 10);
	const struct agg_row *const *rows;
	struct agg_bar bar;
	size_t len;
	int i = 0;

	(void)state;
	add(agg, 1, NULL, 0, 0);
	add(agg, 1, NULL, 0, 1);
	add(agg, 1, NULL, 0, 1024);
	add(agg, 1, NULL, 0, 2047);
	add(agg, 1, NULL, 0, ~0ULL);
	rows = agg_rows(agg, NULL, SIZE_MAX, &len);
	assert_true(agg_row_bar(rows[0], &i, &bar));
	assert_int_equal(bar.low, 0);
	assert_int_equal(bar.high, 1);
	assert_true(agg_row_bar(rows[0], &i, &bar));
	assert_int_equal(bar.low, 1);
	assert_int_equal(bar.high, 2);
	assert_true(agg_row_bar(rows[0], &i, &bar));
	assert_int_equal(bar.low, 1024);
	assert_int_equal(bar.high, 2048);
	assert_int_equal(bar.count, 2);
	assert_true(agg_row_bar(rows[0], &i, &bar));
	assert_true(bar.low == 1ULL << 63 && bar.high == ~0ULL && bar.count == 1);
	assert_false(agg_row_bar(rows[0], &i, &bar));
	agg_free(agg);
}

/* --- keys --------------------------------------------------------------------------------- */

static void check_key(const char *by, const struct record *r, const char *expected)
{
	struct keys keys;
	struct value v;

	assert_int_equal(keys_parse(&keys, by), 0);
	if (!key_get(&keys.key[0], r, &v)) {
		assert_null(expected);
		return;
	}
	if (!expected || strlen(expected) != v.s.len || memcmp(expected, v.s.p, v.s.len))
		fail_msg("%s: '%.*s' instead of '%s'", by, (int)v.s.len, v.s.p, expected);
}

static void directories(void **state)
{
	struct record r = op(1, "/usr/lib/gcc/x.h", 0, 0), top = op(1, "/x", 0, 0),
		      none = op(1, NULL, 0, 0), pipe = op(1, "pipe:[7]", 0, 0),
		      dir = op(1, "/usr/lib", 0, 0), root = op(1, "/", 0, 0);

	(void)state;
	dir.op.ftype = root.op.ftype = VS_FTYPE_DIR;
	check_key("dir", &r, "/usr/lib/gcc");
	check_key("dir:1", &r, "/usr");
	check_key("dir:2", &r, "/usr/lib");
	check_key("dir:9", &r, "/usr/lib/gcc");
	check_key("dir", &top, "/");
	check_key("dir:2", &top, "/");
	check_key("dir", &none, NULL);
	check_key("dir", &pipe, NULL);
	check_key("dir", &dir, "/usr/lib");
	check_key("dir:1", &dir, "/usr");
	check_key("dir:1", &root, "/");
}

static void wrong_keys(void **state)
{
	static const char *const lists[] = {
		"",	 "nosuch", "pid,", "pid,pid", "ts_ns",
		"dir:0", "pid:2",  "dir:", "type",    "op,via,pid,tid,ppid,uid,comm,pcomm,cgroup"};
	struct keys keys;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		static struct capture c;
		const char *said;
		int err;

		capture_begin(&c);
		err = keys_parse(&keys, lists[i]);
		said = capture_end(&c);
		if (err != -EINVAL || strncmp(said, "vfscope: ", 9))
			fail_msg("--by '%s': %d, '%s'", lists[i], err, said);
	}
}

static void who_adds_up(void **state)
{
	struct keys keys;

	(void)state;
	assert_int_equal(keys_parse(&keys, "pid,path,dir:2,user,container,fs,err"), 0);
	assert_false(keys.user_only);
	assert_int_equal(keys_parse(&keys, "pid,fd"), 0);
	assert_true(keys.user_only);
	/* the type of a file system is had without names, where the kernel side adds up */
	assert_int_equal(keys_parse(&keys, "fs"), 0);
	assert_int_equal(keys.needs, NEEDS_PATH);
	assert_int_equal(keys.kernel_needs, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buckets_join),
		cmocka_unit_test(log2_of_all),
		cmocka_unit_test(rows_by_keys),
		cmocka_unit_test(other_takes_the_rest),
		cmocka_unit_test(row_of_the_kernel_side),
		cmocka_unit_test(keys_from_the_kernel_side),
		cmocka_unit_test(percentiles),
		cmocka_unit_test(percentiles_of_sizes),
		cmocka_unit_test(what_has_a_duration),
		cmocka_unit_test(bars_in_powers_of_two),
		cmocka_unit_test(directories),
		cmocka_unit_test(wrong_keys),
		cmocka_unit_test(who_adds_up),
	};

	return cmocka_run_group_tests_name("agg", tests, NULL, NULL);
}
