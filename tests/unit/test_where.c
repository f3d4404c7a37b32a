// SPDX-License-Identifier: GPL-2.0
/* where*.c: what is parsed, what passes, what is refused, and what the kernel side is told. */
#include "unit.h"

#include "tables.h"
#include "where_words.h"

#define STR(text) ((struct str){text, sizeof(text) - 1})
#define BITS(...) bits_of((int[]){__VA_ARGS__}, ARRAY_LEN(((int[]){__VA_ARGS__})))

static __u64 bits_of(const int *n, size_t len)
{
	__u64 bits = 0;

	for (size_t i = 0; i < len; i++)
		bits |= VS_BIT(n[i]);
	return bits;
}

/* A write of 2 MiB that took 20 ms. */
static struct record record(void)
{
	struct record r = {.op = {.op = VS_OP_WRITE,
				  .via = VS_VIA_RW,
				  .ftype = VS_FTYPE_REG,
				  .comm = "kworker/0:1",
				  .pcomm = "sh"}};

	r.op.has = VS_HAS_FD | VS_HAS_OFFSET | VS_HAS_REQ | VS_HAS_BYTES | VS_HAS_INODE;
	r.op.pid = 42;
	r.op.tid = 43;
	r.op.ts_ns = 1700000000123456789;
	r.op.lat_ns = 20000000;
	r.op.has |= VS_HAS_QUEUE;
	r.op.flags = 1500000;
	r.op.bytes = r.op.ret = r.op.req = 2 << 20;
	r.op.fd = 3;
	r.op.ino = UINT64_MAX;
	r.op.dev = 254 << 20;
	r.path = STR("/var/lib/db/file");
	r.fs = "ext4";
	return r;
}

/* A look at a file that is not there. */
static struct record failure(void)
{
	struct record r = {.op = {.op = VS_OP_RENAME, .comm = "mv", .pcomm = "sh"}};

	r.op.ret = -ENOENT;
	r.op.lat_ns = 1000;
	r.path = STR("/tmp/a \"b\"\n\xff");
	r.path2 = STR("/tmp/sub/b");
	return r;
}

struct verdict {
	const char *expr;
	bool passes;
};

static void check(struct record r, const struct verdict *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char not [512];

		accepts(v[i].expr);
		if (where_passes(o.where, &r) != v[i].passes)
			fail_msg("'%s' gives %d", v[i].expr, !v[i].passes);
		/* and its negation the opposite; unless it is one that nothing can pass */
		snprintf(not, sizeof(not ), "not (%s)", v[i].expr);
		if (!parse(WORDS("--where", not )) && where_passes(o.where, &r) == v[i].passes)
			fail_msg("'%s' gives %d", not, v[i].passes);
	}
}

static void of_a_write(void **state)
{
	static const struct verdict v[] = {
		{"op == write and (path ~ \"/var/lib/**\" or size > 1M) and lat > 10ms", true},
		{"op == write and not comm ~ \"kworker*\"", false},
		{"op == write", true},
		{"op == read", false},
		{"op == data", true},
		{"op == names", false},
		{"op == all", true},
		{"op != read", true},
		{"op in (read, write)", true},
		{"op not in (read, write)", false},
		{"op in(open,close)", false},
		{"op ~ w*", true},
		{"op ~ *a*", false}, /* not the group data */
		{"op !~ *xattr", true},
		{"via == rw", true},
		{"via ~ 'io_*'", false},
		{"via", true},
		{"ftype == reg", true},
		{"ftype != reg", false},
		{"err", false},
		{"err == ENOENT", false},
		{"err != ENOENT", true},
		{"err ~ E*", false},
		{"fd", true},
		{"fd == 3", true},
		{"fd in (1, 2, 3)", true},
		{"fd > 3", false},
		{"fd >= 3", true},
		{"fd < 3", false},
		{"fd <= 3", true},
		{"fd == -100", false},
		{"fd > -100", true},
		{"path2", false},
		{"path2 ~ **", false},
		{"path2 !~ **", true},
		{"size == 2M", true},
		{"bytes == 2097152", true},
		{"bytes == 0x200000", true},
		{"bytes >= 1.5M", true},
		{"bytes > 2M", false},
		{"lat == 20ms", true},
		{"lat_ns == 20000000", true},
		{"lat_ns > 0.02s", false},
		{"lat_ns >= 0.02s", true},
		{"lat_ns > 5", true},
		{"queue_ns > 1ms", true},
		{"queue_ns > 1500000", false},
		{"ts_ns == 1700000000.123456789s", true},
		{"ts_ns == 1700000000123456789", true},
		{"lat > 0", true},
		{"ino == 18446744073709551615", true},
		{"ino > 9223372036854775807", true},
		{"ino < 9223372036854775807", false},
		{"ret > 0", true},
		{"mode", false},
		{"mode == 644", false},
		{"uid == root", true},
		{"uid == 0", true},
		{"uid in (root, nobody)", true},
		{"uid == nobody", false},
		{"pid == 42 && tid == 43 || pid == 1", true},
		{"pid==42&&!tid==42", true},
		{"comm ~ k*", true}, /* the name of a thread is no path */
		{"comm ~ kworker?0:[0-3]", true},
		{"comm == kworker/0:1", true},
		{"comm == kworker", false},
		{"comm in (\"sh\", 'kworker/0:1')", true},
		{"pcomm == sh", true},
		{"path ~ /var/*", false},
		{"path ~ /var/**", true},
		{"path ~ /var/lib/*/file", true},
		{"path == /var/lib/db/file", true},
		{"path == \"/var/lib/db/fil\\x65\"", true},
		{"name == file", true},
		{"name ~ f*", true},
		{"name == db", false},
		{"fs == ext4", true},
		{"fs in (xfs, btrfs)", false},
		{"dev == 254:0", true},
		{"type == op", true},
	};

	(void)state;
	check(record(), v, ARRAY_LEN(v));
}

static void of_a_failure(void **state)
{
	static const struct verdict v[] = {
		{"err", true},
		{"err == ENOENT", true},
		{"err == enoent", true},
		{"err in (EACCES, ENOENT)", true},
		{"err == EACCES", false},
		{"err ~ E*ENT", true},
		{"ret == -2", true},
		{"ret < 0", true},
		{"ret >= -1", false},
		{"via", false},
		{"via == rw", false},
		{"via != rw", true}, /* what is not there is not rw either */
		{"via not in (rw, vec)", true},
		{"fd < 10", false},
		{"not fd < 10", true},
		{"fd != 3", true},
		{"bytes == 0", false},
		{"size < 1K", false},
		{"ftype == reg", false},
		{"ftype != reg", true},
		{"fs != ext4", true},
		{"fs", false},
		{"path2", true},
		{"path2 ~ /tmp/**", true},
		{"path2 ~ /tmp/*", false},
		{"path == \"/tmp/a \\\"b\\\"\\n\\xff\"", true},
		{"path == '/tmp/a \"b\"\\n\\xff'", true},
		{"path ~ '/tmp/a?\"b\"\\n?'", true},
		{"path ~ '/tmp/a \\x2ab\"\\n\\xff'", false}, /* an escaped star is no star */
		{"name ~ 'a*'", true},
		{"not not err", true},
		{"!(err and path2)", false},
		{"not (op == read or op == write)", true},
		{"lat < 1us or lat == 1us", true},
	};

	(void)state;
	check(failure(), v, ARRAY_LEN(v));
}

static void escaped_globs(void **state)
{
	struct record r = record();
	static const struct {
		const char *name, *expr;
		bool passes;
	} cases[] = {
		{"/a*b", "path ~ '/a\\*b'", true},   {"/axb", "path ~ '/a\\*b'", false},
		{"/a*b", "path ~ /a\\*b", true},     {"/axb", "path ~ /a\\*b", false},
		{"/a*b", "path ~ '/a\\x2ab'", true}, {"/axb", "path ~ '/a\\x2ab'", false},
		{"/a\\b", "path ~ '/a\\\\b'", true}, {"/a\\b", "path == '/a\\\\b'", true},
		{"/a[1]", "path ~ '/a[[]1]'", true}, {"/a*", "path == '/a*'", true},
		{"/ab", "path == '/a*'", false},     {"/a b", "path == /a\\x20b", true},
		{"/a)b", "path == '/a)b'", true},    {"/a'b", "path == \"/a'b\"", true},
		{"/a|b&c", "path == /a|b&c", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		r.path = (struct str){cases[i].name, strlen(cases[i].name)};
		accepts(cases[i].expr);
		if (where_passes(o.where, &r) != cases[i].passes)
			fail_msg("%s: %s", cases[i].name, cases[i].expr);
	}
}

/* What is a guess of the file system is no field, but good for filters. */
static void guessed_file_system(void **state)
{
	struct record r = record();

	(void)state;
	r.fs_is_guess = true;
	accepts("fs == ext4");
	assert_true(where_passes(o.where, &r));
}

static void several(void **state)
{
	struct record r = record();

	(void)state;
	assert_int_equal(parse(WORDS("--where", "op == write", "--where", "pid == 42")), 0);
	assert_true(where_passes(o.where, &r));
	assert_int_equal(parse(WORDS("--where", "op == write or fd", "--where", "pid == 41")), 0);
	assert_false(where_passes(o.where, &r));
	assert_int_equal(parse(WORDS("-c", "sh", "--where", "pid == 42")), 0);
	assert_false(where_passes(o.where, &r));
	assert_int_equal(parse(WORDS("-c", "sh", "-c", "kw*", "--where", "pid == 42")), 0);
	assert_true(where_passes(o.where, &r));
}

static void names(void **state)
{
	struct record r = record();

	(void)state;
	assert_int_equal(parse(WORDS("--name", "f*")), 0);
	assert_true(where_passes(o.where, &r));
	assert_int_equal(parse(WORDS("--name", "db")), 0);
	assert_false(where_passes(o.where, &r));
	r.path2 = STR("/other/db");
	assert_true(where_passes(o.where, &r));
	r.path2 = STR("/db/other");
	assert_false(where_passes(o.where, &r));
	assert_int_equal(parse(WORDS("--name", "*.c", "--name", "oth?r")), 0);
	assert_true(where_passes(o.where, &r));
	r.path2 = r.path = (struct str){NULL, 0};
	assert_false(where_passes(o.where, &r));
	r.path = STR("pipe:[12]");
	assert_int_equal(parse(WORDS("--name", "pipe:*")), 0);
	assert_true(where_passes(o.where, &r));
	assert_int_equal(where_needs(o.where), NEEDS_PATH);
}

/* A file that is unlinked and still open is what it was. */
static void deleted_names(void **state)
{
	static const struct verdict v[] = {
		{"name == s.key", true},
		{"name ~ '*.key'", true},
		{"name == 's.key (deleted)'", true},
		{"name ~ '*(deleted)'", true},
		{"name == s", false},
		{"name != s.key", false},
		{"name !~ '*.key'", false},
		{"name in (a, s.key)", true},
		{"path == /x/s.key", true},
		{"path ~ /x/?.key", true},
		{"path ~ '/x/*(deleted)' and path == /x/s.key", true},
		{"name == s.key and name ~ '*(deleted)'", true},
		{"name == s.key and name != 's.key (deleted)'", false},
		{"comm == a", false}, /* that of a thread is no file's */
	};
	struct record r = record();

	(void)state;
	r.path = STR("/x/s.key (deleted)");
	strcpy(r.op.comm, "a (deleted)");
	check(r, v, ARRAY_LEN(v));
	assert_int_equal(parse(WORDS("--name", "*.key")), 0);
	assert_true(where_passes(o.where, &r));
	assert_int_equal(parse(WORDS("--path", "/x/?.key")), 0);
	assert_true(where_passes(o.where, &r));
	assert_int_equal(parse(WORDS("--name", "*.kez")), 0);
	assert_false(where_passes(o.where, &r));
}

static void needs(void **state)
{
	(void)state;
	accepts("op == read and pid == 3");
	assert_int_equal(where_needs(o.where), 0);
	accepts("op == read or pcomm == sh");
	assert_int_equal(where_needs(o.where), NEEDS_PARENT);
	accepts("not (cgroup ~ /a/** or name == x)");
	accepts("cgroup ~ *.slice/** or name == / or type ~ 'o?'");
	assert_int_equal(where_needs(o.where), NEEDS_CGROUP | NEEDS_PATH);
	assert_int_equal(where_needs(NULL), 0);
}

/* --- what is refused ------------------------------------------------------------------------ */

static void bad_syntax(void **state)
{
	(void)state;
	wrong("", "a field is wanted here; see 'vfscope list fields'", 0);
	wrong("lst > 10ms", "unknown field 'lst'; the nearest is 'lat'", 0);
	wrong("op == read and pth", "unknown field 'pth'; the nearest is 'path'", 15);
	wrong("OP == write", "unknown field 'OP'; see 'vfscope list fields'", 0);
	wrong("and op == read", "a field is wanted here; see 'vfscope list fields'", 0);
	wrong("op == ", "a value is wanted here, for op", 6);
	wrong("op == and", "unknown operation 'and'; see 'vfscope list ops'", 6);
	wrong("op == )", "a value is wanted here, for op", 6);
	wrong("op in read", "'in' wants a list: in (a, b)", 6);
	wrong("op in ()", "a value is wanted here, for op", 7);
	wrong("op in (read,)", "a value is wanted here, for op", 12);
	wrong("op in (read write)", "',' or ')' is wanted here", 12);
	wrong("op not == read", "'in' is wanted here", 7);
	wrong("(op == read", "a ')' is wanted here", 11);
	wrong("op == read)", "there is no '(' for this", 10);
	wrong("op == read annd fd",
	      "'annd': a comparison, 'and' or 'or' is wanted here; the nearest is 'and'", 11);
	wrong("op = read", "'=' alone is no comparison; equal is '=='", 3);
	wrong("op == 'read", "this quote is never closed", 6);
	wrong("comm == 'a\\q'", "no such escape; see 'vfscope help where'", 10);
}

static void bad_values(void **state)
{
	(void)state;
	wrong("op == raed", "unknown operation 'raed'; the nearest is 'read'", 6);
	wrong("op in (read, wirte)", "unknown operation 'wirte'; the nearest is 'write'", 13);
	wrong("op ~ xyz*", "unknown operation 'xyz*'; see 'vfscope list ops'", 5);
	wrong("via == iouring", "unknown via 'iouring'; the nearest is 'io_uring'", 7);
	wrong("ftype == regs", "unknown file type 'regs'; the nearest is 'reg'", 9);
	wrong("err == ENOET", "unknown error 'ENOET'; the nearest is 'ENOENT'", 7);
	wrong("uid == roott", "unknown user 'roott'; the nearest is 'root'", 7);
	wrong("op < read", "op has no order: use ==, !=, ~, !~ or in", 3);
	wrong("path >= /a", "path has no order: use ==, !=, ~, !~ or in", 5);
	wrong("pid ~ 1*", "pid is a number: use ==, !=, <, <=, >, >= or in", 4);
	wrong("lat > 10", "'10': a time is a number and one of ns, us, ms, s, m, h: 10ms, 1.5s", 6);
	wrong("size > 1Q", "'1Q': size is a whole number, also with one of K, M, G, T (of 1024)",
	      7);
	wrong("pid == 1.5", "'1.5': pid is a whole number, also with one of K, M, G, T (of 1024)",
	      7);
	wrong("op == read and size == 1.5",
	      "'1.5': size is a whole number, also with one of K, M, G, T (of 1024)", 23);
	wrong("lat_ns > 1.5",
	      "'1.5': a time is a number and one of ns, us, ms, s, m, h: 10ms, 1.5s", 9);
	wrong("lat_ns > 1.5ns",
	      "'1.5ns': a time is a number and one of ns, us, ms, s, m, h: 10ms, 1.5s", 9);
	wrong("lat > 1.5", "'1.5': a time is a number and one of ns, us, ms, s, m, h: 10ms, 1.5s",
	      6);
	wrong("lat > ''", "'': a time is a number and one of ns, us, ms, s, m, h: 10ms, 1.5s", 6);
	wrong("mode == 8", "'8' is no octal number", 8);
	wrong("comm == 1234567890123456",
	      "comm is never longer than 15 bytes: this can never match; a glob can: ~ \"…*\"", 8);
	wrong("fs == 1234567890123456",
	      "fs is never longer than 15 bytes: this can never match; a glob can: ~ \"…*\"", 6);
	wrong("type == summary", "type is never 'summary': each record that a filter sees is an op",
	      8);
	wrong("fd and name in (a, b/c)",
	      "name is never 'b/c': it is the last component of a path; the whole is field path",
	      19);
	wrong("cgroup ~ 'a.slice/*'", "cgroup is never 'a.slice/*': it begins with /", 9);
}

/* The caret stands right below what takes more or fewer columns than bytes, and far out. */
static void caret(void **state)
{
	char expr[1024] = "";
	const char *line, *mark;

	(void)state;
	parse(WORDS("--where", "path == \"\x1b[2J\xff\" and x"));
	assert_non_null(strstr(said, "\n    path == \"\\x1b[2J\\xff\" and x\n"
				     "                              ^\n"));
	for (int i = 0; i < 20; i++)
		strcat(expr, "op == read or ");
	strcat(expr, "opp == read or op == write or op == open or op == close");
	assert_int_equal(parse(WORDS("--where", expr)), -EINVAL);
	line = strchr(said, '\n') + 1;
	mark = strchr(line, '\n') + 1;
	assert_true(mark - line < 85); /* two of three bytes for one column */
	assert_int_equal(strncmp(line + 2 + strcspn(mark, "^"), "opp", 3), 0);
}

static void depth(void **state)
{
	char expr[1024];

	(void)state;
	memset(expr, '(', 1000);
	expr[1000] = '\0';
	assert_int_equal(parse(WORDS("--where", expr)), -EINVAL);
	assert_non_null(strstr(said, "more than 100 levels"));
	expr[90] = '\0';
	strcat(expr, "fd");
	memset(expr + 92, ')', 90);
	expr[182] = '\0';
	accepts(expr);
}

/* --- what the kernel side is told ---------------------------------------------------------------
 */

static void narrowed(void **state)
{
	const __u64 usual = OPTIONS_FTYPES | VS_BIT(VS_FTYPE_NONE);

	(void)state;
	accepts("op == write and (path ~ \"/var/lib/**\" or size > 1M) and lat > 10ms");
	assert_int_equal(o.op_mask, VS_BIT(VS_OP_WRITE));
	assert_int_equal(o.ops_implied, 0);
	assert_int_equal(o.min_latency_ns, 10000001);
	assert_int_equal(o.min_size, 0);
	accepts("(op == read and lat >= 10ms) or (op == write and lat > 20ms and size >= 4K)");
	assert_int_equal(o.op_mask, BITS(VS_OP_READ, VS_OP_WRITE));
	assert_int_equal(o.min_latency_ns, 10000000);
	assert_int_equal(o.min_size, 0);
	accepts("size > 4K and via in (rw, vec)");
	assert_int_equal(o.min_size, 4097);
	assert_int_equal(o.via_mask, BITS(VS_VIA_RW, VS_VIA_VEC));
	accepts("via != rw");
	assert_true(o.via_mask & VS_BIT(VS_VIA_NONE));
	assert_false(o.via_mask & VS_BIT(VS_VIA_RW));
	assert_int_equal(o.vias_implied, o.via_mask);
	accepts("op != read");
	assert_int_equal(o.op_mask & BITS(VS_OP_READ, VS_OP_BIO), 0);
	assert_true(o.op_mask & VS_BIT(VS_OP_RENAME));
	assert_int_equal(o.ops_implied, o.op_mask);
	accepts("op == read or lat > 10ms"); /* nothing follows */
	assert_int_equal(o.op_mask | o.min_latency_ns, 0);
	accepts("err == ENOENT");
	assert_true(o.failed);
	accepts("ret < 0 and ret > -5");
	assert_true(o.failed);
	accepts("ret < 5");
	assert_false(o.failed);
	accepts("pid in (3, 1) and tid == 2 and uid == root");
	assert_int_equal(o.pids.len, 2);
	assert_int_equal(o.pids.id[0] + o.pids.id[1], 4);
	assert_int_equal(o.tids.id[0], 2);
	assert_int_equal(o.uids.len, 1);
	accepts("pid > 5"); /* too many */
	assert_int_equal(o.pids.len, 0);
	assert_int_equal(parse(WORDS("-p", "1", "--where", "pid in (1, 2)")), 0);
	assert_int_equal(o.pids.len, 1);
	accepts("fs in (ext4, xfs) and fs != xfs");
	assert_int_equal(o.fs.len, 1);
	assert_string_equal(o.fs.s[0], "ext4");
	accepts("fs == ext4 or fs ~ x*");
	assert_int_equal(o.fs.len, 0);
	accepts("ftype == reg");
	assert_int_equal(o.ftype_mask, VS_BIT(VS_FTYPE_REG));
	assert_false(options_show_pseudo(&o));
	accepts("ftype != reg");
	assert_int_equal(o.ftype_mask, usual & ~VS_BIT(VS_FTYPE_REG));
	assert_false(options_show_pseudo(&o));
	/* what is hidden by default is shown where it is asked for */
	accepts("ftype == fifo");
	assert_int_equal(o.ftype_mask, VS_BIT(VS_FTYPE_FIFO));
	assert_true(options_show_pseudo(&o));
	accepts("ftype == fifo or lat > 10ms");
	assert_true(o.ftype_mask & VS_BIT(VS_FTYPE_FIFO) && o.ftype_mask & VS_BIT(VS_FTYPE_REG));
	assert_true(options_show_pseudo(&o));
	accepts("fs == proc or lat > 10ms");
	assert_true(options_show_pseudo(&o));
	accepts("fs != proc");
	assert_false(options_show_pseudo(&o));
	/* and plain options stand as they are */
	assert_int_equal(parse(WORDS("-o", "read", "-p", "1")), 0);
	assert_int_equal(o.op_mask, VS_BIT(VS_OP_READ));
	assert_int_equal(o.pids.len, 1);
}

static void explained(void **state)
{
	static struct capture c;

	(void)state;
	assert_int_equal(
		parse(WORDS("-o", "read,write", "--where",
			    "lat > 1ms and (fs == ext4 or fs == xfs) and not (fd or pid == 1) "
			    "and lat < 1s and path ~ /\x1b*")),
		0);
	capture_begin(&c);
	where_explain(&o);
	assert_string_equal(
		capture_end(&c),
		"vfscope: decided in the kernel: -o, lat > 1ms, (fs == ext4 or fs == xfs)\n"
		"vfscope: decided in vfscope: not fd, not pid == 1, lat < 1s, path ~ /\\x1b*\n"
		"vfscope: dropped early, in the kernel, is all but: -o read,write --fs xfs,ext4 "
		"--ftype reg,dir,lnk,sock,fifo,chr,blk,anon --min-latency 1000001ns\n");
	assert_int_equal(parse(WORDS("-o", "read", "-d", "/", "--container", "abc")), 0);
	capture_begin(&c);
	where_explain(&o);
	assert_string_equal(capture_end(&c),
			    "vfscope: decided in the kernel: -d, -o\n"
			    "vfscope: decided in vfscope: --container\n"
			    "vfscope: dropped early, in the kernel, is all but: -o read\n");
	assert_int_equal(parse(WORDS("-o", "read,stat", "-d", "/", "-x")), 0);
	capture_begin(&c);
	where_explain(&o);
	assert_non_null(
		strstr(capture_end(&c), "vfscope: decided in vfscope: -d of paths as passed\n"));
}

/* --- all that can be written -------------------------------------------------------------------
 */

/* No text, however odd, does harm; what is accepted gives the same verdict each time. */
static void fuzz(void **state)
{
	static const char *const parts[] = {
		"op",	  "==",	  "!=",	 "read", "write", "(",	  ")",	  "and", "or",	  "not",
		"in",	  ",",	  "lat", ">",	 "10ms",  "size", "<=",	  "1M",	 "path",  "~",
		"!~",	  "**",	  "/a*", "\"",	 "'x'",	  "err",  "fd",	  "3",	 "-1",	  "pid",
		"ENOENT", "comm", "&&",	 "||",	 "!",	  "\\",	  "\\x4", "fs",	 "ftype", "reg",
		"mode",	  "[",	  "]",	 "0x",	 "uid",	  "root", "\xff", "=",	 "ret",	  "1e99"};
	uint64_t seed = 11;
	int accepted = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char expr[512] = "";
		struct record r = round & 1 ? record() : failure();

		for (int n = unit_random(&seed) % 12; n >= 0; n--) {
			strcat(expr, parts[(unit_random(&seed) >> 32) % ARRAY_LEN(parts)]);
			if (unit_random(&seed) >> 63)
				strcat(expr, " ");
		}
		if (parse(WORDS("--where", expr)) == 0) {
			accepted++;
			assert_int_equal(where_passes(o.where, &r), where_passes(o.where, &r));
		}
	}
	assert_true(accepted > 10);
}

/* A random expression that parses, as text. */
static void grow(uint64_t *seed, int levels, char *to)
{
	static const char *const tests[] = {
		"op == read",
		"op != write",
		"op in (write, rename)",
		"lat > 10ms",
		"lat < 15us",
		"size >= 1M",
		"size < 4M",
		"err",
		"err == ENOENT",
		"err != EACCES",
		"path ~ /tmp/**",
		"path ~ /var/lib/db/*",
		"comm == mv",
		"comm ~ k*",
		"fs == ext4",
		"fs != xfs",
		"pid == 42",
		"pid in (0, 1, 2)",
		"via",
		"via != rw",
		"ftype == reg",
		"ftype != dir",
		"path2",
		"name == file",
		"ret < 0",
		"ret == 2097152",
		"fd > 2",
		"path == /tmp/x",
	};
	uint64_t dice = unit_random(seed) >> 40;

	if (!levels || dice % 4 == 0) {
		strcat(to, tests[(dice / 4) % ARRAY_LEN(tests)]);
		return;
	}
	strcat(to, dice & 64 ? "not (" : "(");
	grow(seed, levels - 1, to);
	strcat(to, dice & 128 ? " and " : " or ");
	grow(seed, levels - 1, to);
	strcat(to, ")");
}

/*
 * Whatever the analysis concludes: no record passes that it calls impossible, or that the
 * options would have the kernel side drop.
 */
static bool kernel_passes(const struct record *r)
{
	bool fs = !o.fs.len, pid = !o.pids.len;

	for (int i = 0; i < o.fs.len; i++)
		fs |= r->fs && !strcmp(o.fs.s[i], r->fs);
	for (int i = 0; i < o.pids.len; i++)
		pid |= o.pids.id[i] == r->op.pid;
	return fs && pid && (!o.op_mask || o.op_mask & VS_BIT(r->op.op)) &&
	       (!o.via_mask || o.via_mask & VS_BIT(r->op.via)) &&
	       (!o.ftype_mask || o.ftype_mask & VS_BIT(r->op.ftype)) &&
	       (!o.failed || r->op.ret < 0) && r->op.lat_ns >= o.min_latency_ns &&
	       r->op.bytes >= o.min_size;
}

static void analysis_is_sound(void **state)
{
	uint64_t seed = 3;
	int impossible = 0, passed = 0;

	(void)state;
	for (int round = 0; round < 6000; round++) {
		static char expr[8192], opposite[8192 + 8];
		const struct record records[] = {record(), failure()};
		bool verdict[2];
		int err;

		*expr = '\0';
		grow(&seed, 1 + round % 5, expr);
		snprintf(opposite, sizeof(opposite), "not (%s)", expr);
		err = parse(WORDS("--where", expr));
		impossible += !!err;
		for (int i = 0; i < 2; i++) {
			verdict[i] = !err && where_passes(o.where, &records[i]);
			passed += verdict[i];
			if (verdict[i] && !kernel_passes(&records[i]))
				fail_msg("the kernel would drop what passes: %s", expr);
		}
		err = parse(WORDS("--where", opposite));
		for (int i = 0; i < 2; i++)
			if (verdict[i] == (!err && where_passes(o.where, &records[i])))
				fail_msg("both it and its opposite give %d: %s", verdict[i], expr);
	}
	assert_true(impossible > 100 && passed > 1000);
}

/* where_view: each of its globs has to match; the next call takes the place of the last. */
static void view(void **state)
{
	static char var[] = "/var/**", file[] = "**file**", tmp[] = "/tmp/**",
		    *globs[] = {var, file, tmp};
	static const char *const filters[] = {"--where", "op", NULL};
	const struct record r = record(), pair = failure();

	(void)state;
	for (int words = 2; words >= 0; words -= 2) { /* upon a filter, and upon none */
		assert_int_equal(parse(filters, words), 0);
		where_view(&o, &(struct strings){globs, 2});
		assert_true(where_passes(o.where, &r));
		assert_false(where_in_kernel(&o));
		where_view(&o, &(struct strings){globs, 3});
		assert_false(where_passes(o.where, &r));
		where_view(&o, &(struct strings){globs + 2, 1});
		assert_false(where_passes(o.where, &r));
		assert_true(where_passes(o.where, &pair));
		where_view(&o, &(struct strings){globs, 0});
		assert_true(where_passes(o.where, &r));
		assert_true(where_in_kernel(&o));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_write),	 cmocka_unit_test(of_a_failure),
		cmocka_unit_test(escaped_globs), cmocka_unit_test(guessed_file_system),
		cmocka_unit_test(several),	 cmocka_unit_test(names),
		cmocka_unit_test(needs),	 cmocka_unit_test(deleted_names),
		cmocka_unit_test(bad_syntax),	 cmocka_unit_test(bad_values),
		cmocka_unit_test(caret),	 cmocka_unit_test(depth),
		cmocka_unit_test(narrowed),	 cmocka_unit_test(explained),
		cmocka_unit_test(fuzz),		 cmocka_unit_test(analysis_is_sound),
		cmocka_unit_test(view),
	};

	return cmocka_run_group_tests_name("where", tests, NULL, finish);
}
