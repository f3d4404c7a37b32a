// SPDX-License-Identifier: GPL-2.0
/* record.c: nothing that comes out of the ring is believed. */
#include "make_record.h"

#include "record.h"

static struct decoder *d;

static int setup(void **state)
{
	struct raw dir = raw_name(7, "ext4", 0, "me/home"),
		   file = raw_name(8, "xfs", 0, "file/dir");
	struct record r;

	(void)state;
	d = calloc(1, sizeof(*d)); /* not on the stack: ASan sees more on the heap */
	d->names = names_new(100, 1 << 16);
	assert_int_equal(record_decode(d, dir.data, dir.size, &r), 0);
	assert_int_equal(record_decode(d, file.data, file.size, &r), 0);
	raw_free(&dir);
	raw_free(&file);
	assert_int_equal(d->malformed, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	names_free(d->names);
	free(d);
	return 0;
}

static void check_str(struct str s, const char *text)
{
	if (!text) {
		assert_null(s.p);
		return;
	}
	assert_non_null(s.p);
	assert_int_equal(s.len, strlen(text));
	assert_memory_equal(s.p, text, s.len);
}

/* Decodes a sound one; its strings may lie in raw, which is the caller's to free. */
static struct record decode(const struct raw *raw)
{
	struct record r;

	assert_int_equal(record_decode(d, raw->data, raw->size, &r), 1);
	assert_int_equal(d->malformed, 0);
	return r;
}

static void check_paths(struct raw raw, const char *path, const char *path2, const char *fs)
{
	struct record r = decode(&raw);

	check_str(r.path, path);
	check_str(r.path2, path2);
	if (fs)
		assert_string_equal(r.fs, fs);
	else
		assert_null(r.fs);
	assert_int_equal(r.path_is_arg, !!(raw.op->has & VS_HAS_PATH_ARG));
	raw_free(&raw);
}

static struct raw op_with(int has, __u64 id, const char *path, __u64 id2, const char *path2)
{
	struct raw raw = raw_op(VS_OP_RENAME, path, path2);

	raw.op->has = has;
	raw.op->path_id = id;
	raw.op->path2_id = id2;
	return raw;
}

static void members(void **state)
{
	struct raw raw = raw_op(VS_OP_WRITE, "", "");
	struct record r;

	(void)state;
	raw.op->via = VS_VIA_VEC;
	raw.op->ftype = VS_FTYPE_REG;
	raw.op->ret = -28;
	raw.op->ino = UINT64_MAX;
	raw.op->path_id = 8;
	r = decode(&raw);
	assert_memory_equal(&r.op, raw.op, sizeof(r.op));
	check_str(r.path, "/dir/file");
	check_str(r.path2, NULL);
	assert_string_equal(r.fs, "xfs");
	assert_false(r.path_is_arg);
	assert_false(d->resend);
	raw_free(&raw);
}

static void paths(void **state)
{
	const int arg = VS_HAS_PATH_ARG, arg2 = VS_HAS_PATH2_ARG, target = VS_HAS_TARGET;

	(void)state;
	check_paths(op_with(0, 0, "", 0, ""), NULL, NULL, NULL);
	check_paths(op_with(0, 8, "", 7, ""), "/dir/file", "/home/me", "xfs");
	/* strings that no bit announces are not shown */
	check_paths(op_with(0, 0, "x", 0, "y"), NULL, NULL, NULL);
	check_paths(op_with(arg, 7, "a/b", 0, ""), "/home/me/a/b", NULL, NULL);
	check_paths(op_with(arg | arg2, 7, "../a", 8, "b"), "/home/a", "/dir/file/b", NULL);
	check_paths(op_with(arg | arg2, 0, "/a", 0, "/b/"), "/a", "/b", NULL);
	/* the two strings stand side by side, without anything between them */
	check_paths(op_with(arg | arg2, 7, "", 7, "b"), "/home/me", "/home/me/b", NULL);
	/* the target of a link stands as it is */
	check_paths(op_with(arg | target, 7, "link", 0, "..//./x/"), "/home/me/link", "..//./x/",
		    NULL);
	check_paths(op_with(arg | target, 7, "link", 0, ""), "/home/me/link", "", NULL);
	assert_int_equal(d->lost_path, 0);
}

static const char *fs_of(struct str path)
{
	return path.len && path.p[0] == '/' ? "by-path" : "";
}

static void fs_of_passed_path(void **state)
{
	(void)state;
	d->fs_of_path = fs_of;
	check_paths(op_with(VS_HAS_PATH_ARG, 7, "a", 0, ""), "/home/me/a", NULL, "by-path");
	check_paths(op_with(0, 8, "", 0, ""), "/dir/file", NULL, "xfs");
	check_paths(op_with(0, 0, "", 0, ""), NULL, NULL, NULL);
}

static void lost_names(void **state)
{
	(void)state;
	check_paths(op_with(0, 99, "", 0, ""), NULL, NULL, NULL);
	assert_int_equal(d->lost_path, 1);
	assert_true(d->resend);
	d->resend = false;
	check_paths(op_with(VS_HAS_PATH_ARG, 99, "a/b", 0, ""), "a/b", NULL, NULL);
	assert_int_equal(d->lost_path, 2);
	assert_true(d->resend);
	check_paths(op_with(0, 8, "", 98, ""), "/dir/file", NULL, "xfs");
	assert_int_equal(d->lost_path, 3);
	check_paths(op_with(VS_HAS_PATH2_ARG, 8, "", 98, "x"), "/dir/file", "x", "xfs");
	assert_int_equal(d->lost_path, 4);
	check_paths(op_with(VS_HAS_PATH_ARG | VS_HAS_PATH2_ARG, 98, "x", 99, "y"), "x", "y", NULL);
	assert_int_equal(d->lost_path, 6);
	assert_int_equal(d->malformed, 0);
}

/* The longest that the kernel side sends: 4095 bytes below a directory of 4095. */
static void longest_paths(void **state)
{
	static char comps[4096], arg[VS_PATH_MAX + 1];
	struct record r;
	struct raw raw;

	(void)state;
	memset(comps, 'x', 4095);
	for (int i = 255; i < 4095; i += 256)
		comps[i] = '/';
	raw = raw_name(9, "ext4", VS_NAME_UNREACHABLE | VS_NAME_CUT | VS_NAME_DELETED, comps);
	assert_int_equal(record_decode(d, raw.data, raw.size, &r), 0);
	raw_free(&raw);
	memset(arg, 'y', VS_PATH_MAX);
	raw = op_with(VS_HAS_PATH_ARG | VS_HAS_PATH2_ARG, 9, arg, 9, arg);
	r = decode(&raw);
	assert_int_equal(r.path.len, 18 + 4096 + 10 + 1 + 4096);
	assert_int_equal(r.path2.len, r.path.len);
	assert_memory_equal(r.path.p, "(unreachable)(cut)/xxx", 22);
	assert_memory_equal(r.path.p + r.path.len - 4108, "x (deleted)/", 12);
	assert_int_equal(r.path.p[r.path.len - 1], 'y');
	assert_int_equal(d->lost_path, 0);
	raw_free(&raw);
}

/* A base beyond all bounds: the path cannot be put together, and that is counted. */
static void path_beyond_bounds(void **state)
{
	static char rec[sizeof(struct vs_rec_name) + 64 * 256] __attribute__((aligned(8)));
	struct vs_rec_name *name = (void *)rec;
	struct record r;
	struct raw raw;

	(void)state;
	*name = (struct vs_rec_name){.type = VS_REC_NAME, .len = 64 * 256, .id = 10};
	memset(name + 1, 'x', name->len);
	for (int i = 0; i < 64; i++)
		((__u8 *)(name + 1))[i * 256] = 255;
	if (record_decode(d, rec, sizeof(rec), &r) || d->malformed)
		return; /* to refuse such a name is as good: it is counted */
	raw = op_with(VS_HAS_PATH_ARG, 10, "a-file-with-a-name-of-some-length", 0, "");
	r = decode(&raw);
	raw_free(&raw);
	check_str(r.path, NULL);
	assert_int_equal(d->lost_path, 1);
}

/* Changes a sound operation and expects it to be counted as malformed. */
#define REFUSED(change)                                                                            \
	do {                                                                                       \
		struct raw raw = op_with(VS_HAS_PATH_ARG, 7, "path", 0, "path2");                  \
		__u64 before = d->malformed;                                                       \
		struct record r;                                                                   \
		change;                                                                            \
		assert_int_equal(record_decode(d, raw.data, raw.size, &r), 0);                     \
		assert_int_equal(d->malformed, before + 1);                                        \
		raw_free(&raw);                                                                    \
	} while (0)

static void malformed(void **state)
{
	(void)state;
	REFUSED(raw.op->op = VS_OP_NONE);
	REFUSED(raw.op->op = VS_OP_MAX);
	REFUSED(raw.op->op = 255);
	REFUSED(raw.op->via = VS_VIA_MAX);
	REFUSED(raw.op->via = 255);
	REFUSED(raw.op->ftype = VS_FTYPE_MAX);
	REFUSED(raw.op->ftype = 255);
	REFUSED(raw.op->path_len++);
	REFUSED(raw.op->path2_len++);
	REFUSED(raw.op->path_len = 65535);
	REFUSED(raw.op->path2_len = 65535);
	REFUSED(raw.op->path_len = 65535; raw.op->path2_len = 65535);
	REFUSED(memset(raw.op->comm, 'x', VS_COMM_LEN));
	REFUSED(memset(raw.op->pcomm, 'x', VS_COMM_LEN));
	/* other types of records, and a name that is none */
	REFUSED(raw.op->type = 0);
	REFUSED(raw.op->type = VS_REC_NAME; raw.size = 3);
	REFUSED(raw.op->type = VS_REC_NAME + 1);
	REFUSED(raw.op->type = 255);
	REFUSED(raw.size = 0);
}

static void too_short(void **state)
{
	struct raw whole = op_with(VS_HAS_PATH_ARG, 7, "path", 0, "path2");
	struct record r;

	(void)state;
	for (size_t size = 0; size < whole.size; size++) {
		struct raw cut = raw_of(whole.data, size);

		assert_int_equal(record_decode(d, cut.data, size, &r), 0);
		assert_int_equal(d->malformed, size + 1);
		raw_free(&cut);
	}
	assert_int_equal(record_decode(d, whole.data, whole.size, &r), 1);
	raw_free(&whole);
}

/* A string longer than any path, in a record that does hold it. */
static void too_long(void **state)
{
	static char text[VS_PATH_MAX + 2];
	struct record r;
	struct raw raw;

	(void)state;
	memset(text, 'x', VS_PATH_MAX + 1);
	raw = op_with(VS_HAS_PATH_ARG, 7, text, 0, "");
	assert_int_equal(record_decode(d, raw.data, raw.size, &r), 0);
	raw_free(&raw);
	raw = op_with(VS_HAS_TARGET, 0, "", 0, text);
	assert_int_equal(record_decode(d, raw.data, raw.size, &r), 0);
	raw_free(&raw);
	assert_int_equal(d->malformed, 2);
}

static volatile size_t seen; /* so that the compiler leaves the looking in */

/* What was decoded is looked at, byte by byte. */
static void look_at(const struct record *r)
{
	size_t sum = 0;

	for (size_t i = 0; i < r->path.len; i++)
		sum += r->path.p[i];
	for (size_t i = 0; i < r->path2.len; i++)
		sum += r->path2.p[i];
	sum += strlen(r->op.comm) + strlen(r->op.pcomm) + (r->fs ? strlen(r->fs) : 0);
	seen = sum;
	assert_in_range(r->op.op, 1, VS_OP_MAX - 1);
	assert_in_range(r->op.via, 0, VS_VIA_MAX - 1);
	assert_in_range(r->op.ftype, 0, VS_FTYPE_MAX - 1);
}

/* Every record is taken, or counted: none is both, none is neither. */
static void fuzz_one(struct raw raw)
{
	__u64 before = d->malformed;
	struct record r;
	int got = record_decode(d, raw.data, raw.size, &r);

	if (got)
		look_at(&r);
	else if (*(__u8 *)raw.data != VS_REC_NAME)
		assert_int_equal(d->malformed, before + 1);
	if (got)
		assert_int_equal(d->malformed, before);
	raw_free(&raw);
}

static void fuzz_random_bytes(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		struct raw raw = {.size = unit_random(&seed) % 256 + 1};

		raw.data = malloc(raw.size);
		for (size_t i = 0; i < raw.size; i++)
			((__u8 *)raw.data)[i] = unit_random(&seed) >> 32;
		*(__u8 *)raw.data = unit_random(&seed) >> 32 & 3; /* the types that there are */
		fuzz_one(raw);
	}
}

/* Sound records with some bytes changed come further in than noise does. */
static void fuzz_changed_records(void **state)
{
	static const char *const texts[] = {"", "a", "../..", "/abs/olute//", "a/b/c/d", "./.."};
	uint64_t seed = 2;

	(void)state;
	for (int round = 0; round < 300000; round++) {
		uint64_t rnd = unit_random(&seed) >> 16;
		const char *text = texts[rnd % 6], *text2 = texts[rnd / 6 % 6];
		struct raw raw;

		if (rnd & 1 << 20)
			raw = op_with(rnd >> 21, rnd >> 32 & 15, text, rnd >> 36 & 15, text2);
		else
			raw = raw_name(rnd >> 32 & 15, rnd & 64 ? "tmpfs" : "anon_inodefs",
				       rnd >> 21 & 63, text);
		for (int i = rnd >> 40 & 3; i; i--)
			((__u8 *)raw.data)[unit_random(&seed) % raw.size] =
				unit_random(&seed) >> 40;
		if (!(rnd >> 44 & 7))
			raw = raw.size > 1 ? (raw.size--, raw) : raw;
		fuzz_one(raw);
	}
	assert_true(d->malformed > 10000 && d->malformed < 290000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(members),
		TEST(paths),
		TEST(fs_of_passed_path),
		TEST(lost_names),
		TEST(longest_paths),
		TEST(path_beyond_bounds),
		TEST(malformed),
		TEST(too_short),
		TEST(too_long),
		TEST(fuzz_random_bytes),
		TEST(fuzz_changed_records),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
