// SPDX-License-Identifier: GPL-2.0
/* filter.c: globs, and what user space decides about a record. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "filter.h"
#include "glob.h"
#include "tables.h"
#include "util.h"

static bool match(const char *glob, const char *text)
{
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1); /* no NUL behind it, and ASan watches */
	bool result;

	memcpy(copy, text, len);
	result = glob_match(glob, copy, len);
	free(copy);
	return result;
}

struct glob_case {
	const char *glob, *text;
	bool matches;
};

static void check_globs(const struct glob_case *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (match(c[i].glob, c[i].text) != c[i].matches)
			fail_msg("'%s' and '%s': %d", c[i].glob, c[i].text, !c[i].matches);
}

static void glob_words(void **state)
{
	static const struct glob_case cases[] = {
		{"", "", true},	       {"", "a", false},       {"a", "", false},
		{"abc", "abc", true},  {"abc", "abcd", false}, {"abc", "ab", false},
		{"abc", "abx", false}, {"/a/b", "/a/b", true}, {"/a/b", "/a//b", false},
		{"?", "a", true},      {"?", "", false},       {"?", "/", false},
		{"a?c", "abc", true},  {"a?c", "ac", false},   {"???", "abc", true},
		{"???", "ab", false},
	};

	(void)state;
	check_globs(cases, ARRAY_LEN(cases));
}

static void glob_stars(void **state)
{
	static const struct glob_case cases[] = {
		{"*", "", true},
		{"*", "abc", true},
		{"*", "a/b", false},
		{"*", "/", false},
		{"/tmp/*", "/tmp/x", true},
		{"/tmp/*", "/tmp/", true},
		{"/tmp/*", "/tmp", false},
		{"/tmp/*", "/tmp/x/y", false},
		{"/tmp/*/y", "/tmp/x/y", true},
		{"/tmp/*/y", "/tmp/x/z/y", false},
		{"/*/*/*", "/a/b/c", true},
		{"/*/*/*", "/a/b", false},
		{"*.c", "x.c", true},
		{"*.c", ".c", true},
		{"*.c", "x.cc", false},
		{"*.c", "x.c.c", true},
		{"a*b*c", "aXbYbZc", true},
		{"a*b*c", "aXcYb", false},
		{"a*a", "a", false},
		{"a*a", "aa", true},
		{"*a*", "bab", true},
		{"x*", "ax", false},
		{"/a*/b*c", "/ax/bxcbxc", true},
		{"/a*/b*c", "/ax/b/c", false},
		/* across components */
		{"**", "", true},
		{"**", "/", true},
		{"**", "/a/b/c", true},
		{"/tmp/**", "/tmp/x", true},
		{"/tmp/**", "/tmp/x/y/z", true},
		{"/tmp/**", "/tmp", false},
		{"/tmp/**", "/tmpx", false},
		{"**.c", "/a/b/x.c", true},
		{"**.c", "/a/b/x.h", false},
		{"**/x.c", "/a/b/x.c", true},
		{"**/x.c", "x.c", false},
		{"/a/**/z", "/a/b/c/z", true},
		{"/a/**/z", "/a/b/c/zz", false},
		{"/a**z", "/az", true},
		{"/a**z", "/a/z/y/z", true},
		{"**a*b/c", "/a/ab/axb/c", true},
		{"**a*b/c", "/a/b/c", false},
		{"**/*.c", "/a/b.c/d.c", true},
		{"**/*.c", "/a/b.c/d", false},
		{"/*/**/x", "/a/b/c/x", true},
		{"/*/**/x", "/a/x", false},
		{"**x**y**z", "/x/y/z", true},
		{"**x**y**z", "/x/z/y", false},
		{"***", "/a/b", true},
		{"****x", "/a/x", true},
		{"/a/***/b", "/a/x/y/b", true},
	};

	(void)state;
	check_globs(cases, ARRAY_LEN(cases));
}

static void glob_classes(void **state)
{
	static const struct glob_case cases[] = {
		{"[abc]", "b", true},
		{"[abc]", "d", false},
		{"[abc]", "", false},
		{"[abc]", "ab", false},
		{"[a-c]x", "bx", true},
		{"[a-c]x", "dx", false},
		{"[!a-c]", "d", true},
		{"[!a-c]", "b", false},
		{"[^a-c]", "d", true},
		{"[^a-c]", "b", false},
		{"[]a]", "]", true},
		{"[]a]", "a", true},
		{"[!]a]", "]", false},
		{"[!]a]", "b", true},
		{"[a-]", "-", true},
		{"[-a]", "-", true},
		{"[a-]", "b", false},
		{"[!-a]", "-", false},
		{"[a-cx-z]", "y", true},
		{"[a-cx-z]", "m", false},
		{"[z-a]", "m", false},
		{"[!/]", "/", false},
		{"[.-0]", "/", false},
		{"[/]", "/", false},
		{"[*]", "*", true},
		{"[*]", "a", false},
		{"[?]", "?", true},
		{"[a][b]", "ab", true},
		{"*[0-9]", "file7", true},
		{"*[0-9]", "file", false},
		{"\x5b\x80-\xff]", "\xc3", true},
		{"\x5b\x80-\xff]", "a", false},
		/* a bracket that nothing closes is one */
		{"[", "[", true},
		{"[a", "[a", true},
		{"[a", "a", false},
		{"a[", "a[", true},
		{"[!", "[!", true},
	};

	(void)state;
	check_globs(cases, ARRAY_LEN(cases));
}

/* The first ] of a class stands for itself: here nothing closes it. As in the shell. */
static void glob_class_of_nothing(void **state)
{
	static const struct glob_case cases[] = {
		{"[]", "[]", true},  {"[]", "]", false},   {"[!]", "[!]", true},
		{"[!]", "a", false}, {"[]x", "[]x", true}, {"[]x", "x", false},
	};

	(void)state;
	check_globs(cases, ARRAY_LEN(cases));
}

static void glob_escapes(void **state)
{
	static const struct glob_case cases[] = {
		{"\\*", "*", true},    {"\\*", "a", false},    {"\\?", "?", true},
		{"\\?", "a", false},   {"\\[a]", "[a]", true}, {"\\[a]", "a", false},
		{"\\\\", "\\", true},  {"a\\b", "ab", true},   {"\\a*", "abc", true},
		{"*\\*", "ab*", true}, {"*\\*", "ab", false},  {"**\\*", "/a/*", true},
		{"\\", "\\", true},    {"a\\", "a\\", true},
	};

	(void)state;
	check_globs(cases, ARRAY_LEN(cases));
}

/* \ in a class, as in the shell: it takes away what - and ] mean there. */
static void glob_escapes_in_classes(void **state)
{
	static const struct glob_case cases[] = {
		{"[\\]]", "]", true},	 {"[\\]a]", "a", true},	 {"[a\\-z]", "-", true},
		{"[a\\-z]", "m", false}, {"[\\\\]", "\\", true}, {"[\\a]", "\\", false},
	};

	(void)state;
	check_globs(cases, ARRAY_LEN(cases));
}

/* What has no ** and no peculiar class means the same to fnmatch(3). */
static void glob_like_fnmatch(void **state)
{
	static const char *const parts[] = {"a",    "b",     "/",   "*",   "?", "[ab]",
					    "[!a]", "[b-d]", "\\*", "\\a", "c", "."};
	uint64_t seed = 4;
	int matched = 0;

	(void)state;
	for (int round = 0; round < 300000; round++) {
		char glob[64] = "", text[16];
		int n = unit_random(&seed) % 9, len = unit_random(&seed) % 10;
		bool same;

		for (int i = 0; i < n; i++) {
			const char *part = parts[(unit_random(&seed) >> 32) % ARRAY_LEN(parts)];

			if (*part == '*' && *glob && glob[strlen(glob) - 1] == '*' &&
			    (strlen(glob) < 2 || glob[strlen(glob) - 2] != '\\'))
				continue;
			strcat(glob, part);
		}
		for (int i = 0; i < len; i++)
			text[i] = "aabbc/d*."[(unit_random(&seed) >> 32) % 9];
		text[len] = '\0';
		same = fnmatch(glob, text, FNM_PATHNAME) == 0;
		matched += same;
		if (match(glob, text) != same)
			fail_msg("'%s' and '%s': fnmatch says %d", glob, text, same);
	}
	assert_true(matched > 5000); /* else nothing was compared */
}

/* Patterns for which a matcher that tries everything needs longer than anyone lives. */
static void glob_is_fast(void **state)
{
	static char text[VS_PATH_MAX], glob[512];
	struct timespec from, to;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (int i = 0; i < 100; i++)
		strcat(glob, "*a");
	assert_false(glob_match(strcat(glob, "b"), text, sizeof(text) - 1));
	*glob = '\0';
	for (int i = 0; i < 100; i++)
		strcat(glob, "**a");
	assert_false(glob_match(strcat(glob, "b"), text, sizeof(text) - 1));
	*glob = '\0';
	for (int i = 0; i < 50; i++)
		strcat(glob, "**a*a");
	assert_false(glob_match(strcat(glob, "b"), text, sizeof(text) - 1));
	for (size_t i = 0; i < sizeof(text) - 1; i += 2)
		text[i] = '/';
	assert_false(glob_match("**/*/*/*/*/*/*/*/*/*/b", text, sizeof(text) - 1));
	assert_false(glob_match("**/**/**/**/**/**/b", text, sizeof(text) - 1));
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_true(to.tv_sec - from.tv_sec <= 5);
}

static void glob_fuzz(void **state)
{
	uint64_t seed = 5;

	(void)state;
	for (int round = 0; round < 300000; round++) {
		char glob[16];
		int n = unit_random(&seed) % sizeof(glob), len = unit_random(&seed) % 12;
		char *text = malloc(len ? len : 1), *exact;

		for (int i = 0; i < n; i++)
			glob[i] = "*?[]!^-\\ab/\xff"[(unit_random(&seed) >> 32) % 12];
		glob[n] = '\0';
		exact = strdup(glob);
		for (int i = 0; i < len; i++)
			text[i] = "ab/]\\-\0\xff"[(unit_random(&seed) >> 32) % 8];
		glob_match(exact, text, len);
		free(exact);
		free(text);
	}
}

#define STR(text) ((struct str){text, sizeof(text) - 1})
#define STRINGS(...)                                                                               \
	((struct strings){(char *[]){__VA_ARGS__}, ARRAY_LEN(((char *[]){__VA_ARGS__}))})
#define IDS(...) ((struct ids){(__u32[]){__VA_ARGS__}, ARRAY_LEN(((__u32[]){__VA_ARGS__}))})

static struct record record(void)
{
	struct record r = {.op = {.op = VS_OP_READ, .ftype = VS_FTYPE_REG, .comm = "comm"}};

	r.op.pid = getpid();
	r.path = STR("/home/me/file");
	r.fs = "ext4";
	return r;
}

static void no_filter(void **state)
{
	struct options o = {0};
	struct record r = record();

	(void)state;
	assert_true(filter_passes(&o, NULL, &r));
	r.path.p = NULL;
	r.fs = NULL;
	assert_true(filter_passes(&o, NULL, &r));
}

static void by_error(void **state)
{
	struct options o = {.errs = IDS(ENOENT, EACCES)};
	struct record r = record();

	(void)state;
	assert_int_equal(where_finish(&o), 0);
	r.op.ret = -ENOENT;
	assert_true(filter_passes(&o, NULL, &r));
	r.op.ret = -EACCES;
	assert_true(filter_passes(&o, NULL, &r));
	r.op.ret = -EPERM;
	assert_false(filter_passes(&o, NULL, &r));
	r.op.ret = 0;
	assert_false(filter_passes(&o, NULL, &r));
	r.op.ret = ENOENT; /* two bytes were read */
	assert_false(filter_passes(&o, NULL, &r));
	where_free(o.where);
}

static void by_comm(void **state)
{
	struct options o = {.comms = STRINGS("post*", "nginx")};
	struct record r = record();

	(void)state;
	assert_int_equal(where_finish(&o), 0);
	assert_false(filter_passes(&o, NULL, &r));
	strcpy(r.op.comm, "postgres");
	assert_true(filter_passes(&o, NULL, &r));
	strcpy(r.op.comm, "nginx");
	assert_true(filter_passes(&o, NULL, &r));
	strcpy(r.op.comm, "nginx2");
	assert_false(filter_passes(&o, NULL, &r));
	strcpy(r.op.pcomm, "nginx"); /* the parent's does not count */
	assert_false(filter_passes(&o, NULL, &r));
	where_free(o.where);
}

/* The name of a thread is no path: a slash in it is a letter as any other. */
static void by_comm_with_slash(void **state)
{
	struct options o = {.comms = STRINGS("kworker*")};
	struct record r = record();

	(void)state;
	assert_int_equal(where_finish(&o), 0);
	strcpy(r.op.comm, "kworker/0:1");
	assert_true(filter_passes(&o, NULL, &r));
	where_free(o.where);
}

static void by_path(void **state)
{
	struct options o = {.paths = STRINGS("/etc/*", "/home/**")};
	struct record r = record();

	(void)state;
	assert_int_equal(where_finish(&o), 0);
	assert_true(filter_passes(&o, NULL, &r));
	r.path = STR("/etc/passwd");
	assert_true(filter_passes(&o, NULL, &r));
	r.path = STR("/etc/ssl/certs");
	assert_false(filter_passes(&o, NULL, &r));
	/* the other name counts as well */
	r.path2 = STR("/etc/new");
	assert_true(filter_passes(&o, NULL, &r));
	r.path = r.path2 = (struct str){NULL, 0};
	assert_false(filter_passes(&o, NULL, &r));
	where_free(o.where);
}

static void all_have_to_pass(void **state)
{
	struct options o = {
		.comms = STRINGS("comm"), .paths = STRINGS("/home/**"), .errs = IDS(EIO)};
	struct record r = record();

	(void)state;
	assert_int_equal(where_finish(&o), 0);
	assert_false(filter_passes(&o, NULL, &r));
	r.op.ret = -EIO;
	assert_true(filter_passes(&o, NULL, &r));
	r.path = STR("/tmp/x");
	assert_false(filter_passes(&o, NULL, &r));
	where_free(o.where);
}

/* What the kernel side has decided by the file is not decided again. */
static void known_files_pass(void **state)
{
	struct options o = {
		.fs = STRINGS("xfs"), .ftype_mask = VS_BIT(VS_FTYPE_DIR), .dirs = {.len = 1}};
	struct record r = record();

	(void)state;
	assert_true(filter_passes(&o, NULL, &r));
	r.path_is_arg = true;
	assert_false(filter_passes(&o, NULL, &r));
}

/* What is not known to be on another is for the caller to leave out, and to count. */
static void unknown_file_system(void **state)
{
	struct options none = {0}, xfs = {.fs = STRINGS("xfs")};
	struct record r = record();

	(void)state;
	r.path_is_arg = r.fs_is_guess = true;
	assert_false(filter_lacks_fs(&r));
	assert_false(filter_passes(&xfs, NULL, &r));
	r.fs = NULL;
	assert_true(filter_lacks_fs(&r));
	assert_true(filter_passes(&xfs, NULL, &r));
	assert_true(filter_passes(&none, NULL, &r));
	r.fs_is_guess = false; /* here it is of none */
	assert_false(filter_lacks_fs(&r));
	assert_false(filter_passes(&xfs, NULL, &r));
}

static void pseudo_file_systems(void **state)
{
	struct options none = {0}, all = {.all = true}, proc = {.fs = STRINGS("proc", "tmpfs")},
		       chr = {.ftype_mask = VS_BIT(VS_FTYPE_CHR)};
	struct record r = record();

	(void)state;
	r.path_is_arg = true;
	assert_true(filter_passes(&none, NULL, &r));
	assert_false(filter_passes(&proc, NULL, &r));
	for (size_t i = 0; i < fs_table_len; i++) {
		r.fs = fs_table[i].name;
		assert_int_equal(filter_passes(&none, NULL, &r),
				 !(fs_table[i].bits & VS_FS_PSEUDO));
		assert_true(filter_passes(&all, NULL, &r));
	}
	r.fs = "proc";
	assert_true(filter_passes(&proc, NULL, &r));
	r.fs = "tmpfs";
	assert_true(filter_passes(&proc, NULL, &r));
	r.fs = "tmpf";
	assert_false(filter_passes(&proc, NULL, &r));
	/* where nothing is known of the file system, it is not pseudo, and not the one asked for */
	r.fs = NULL;
	assert_true(filter_passes(&none, NULL, &r));
	assert_false(filter_passes(&proc, NULL, &r));
	/* devices lie on devtmpfs: who asks for them means those */
	r.fs = "devtmpfs";
	r.op.ftype = VS_FTYPE_CHR;
	assert_true(filter_passes(&chr, NULL, &r));
	assert_false(filter_passes(&none, NULL, &r));
}

static void file_types(void **state)
{
	struct options none = {0}, all = {.all = true},
		       some = {.ftype_mask = VS_BIT(VS_FTYPE_DIR) | VS_BIT(VS_FTYPE_SOCK)};
	struct record r = record();

	(void)state;
	r.path_is_arg = true;
	for (int ftype = VS_FTYPE_NONE; ftype < VS_FTYPE_MAX; ftype++) {
		r.op.ftype = ftype;
		assert_int_equal(filter_passes(&none, NULL, &r), ftype <= VS_FTYPE_LNK);
		assert_true(filter_passes(&all, NULL, &r));
		assert_int_equal(filter_passes(&some, NULL, &r),
				 ftype == VS_FTYPE_DIR || ftype == VS_FTYPE_SOCK);
	}
}

/* /tmp/XXX/in, a link beside it that leads into it, and one that leads out. */
static void directories(void **state)
{
	char top[] = "/tmp/vfscope-unit-XXXXXX", in[64], path[128];
	struct options o = {0};
	struct record r = record();
	struct resolver *resolver;
	__u64 epoch = 0;
	static const struct {
		const char *path;
		bool below, nofollow; /* with nofollow the link at the end is meant itself */
	} cases[] = {
		{"in", true, false},
		{"in/file", true, false},
		{"in/no/such", true, false},
		{"in/../in/file", true, false},
		{"into/file", true, false},
		{"into", true, false},
		{"in/out/file", false, false},
		{"in/out", false, false},
		{"in/out", true, true},
		{"in/file", true, true},
		{"into", false, true},
		{"into/file", true, true},
		{"in", true, true},
		{"inn", false, false},
		{"inn/file", false, false},
		{"", false, false},
		{"file", false, false},
		{"in/../file", false, false},
		{"into/no/such", true, false},
		{"in/out/no/such", false, false},
	};

	(void)state;
	assert_non_null(mkdtemp(top));
	snprintf(in, sizeof(in), "%s/in", top);
	assert_int_equal(mkdir(in, 0700), 0);
	snprintf(path, sizeof(path), "%s/into", top);
	assert_int_equal(symlink("in", path), 0);
	snprintf(path, sizeof(path), "%s/in/out", top);
	assert_int_equal(symlink("..", path), 0);
	assert_int_equal(dirs_add(&o.dirs, "/no/such"), -ENOENT);
	assert_int_equal(dirs_add(&o.dirs, in), 0);
	resolver = resolver_new(&o.dirs, &epoch, &epoch);
	r.path_is_arg = true;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		snprintf(path, sizeof(path), "%s/%s", top, cases[i].path);
		r.path = (struct str){path, strlen(path)};
		r.op.has = cases[i].nofollow ? VS_HAS_NOFOLLOW : 0;
		if (filter_passes(&o, resolver, &r) != cases[i].below)
			print_error("-d %s: %s\n", in, path);
		assert_int_equal(filter_passes(&o, resolver, &r), cases[i].below);
	}
	/* the other name, but for the target of a link, which is no path yet */
	r.path2 = (struct str){in, strlen(in)};
	r.path = STR("/tmp");
	assert_true(filter_passes(&o, resolver, &r));
	r.op.has = VS_HAS_TARGET;
	assert_false(filter_passes(&o, resolver, &r));
	r.path.p = NULL;
	assert_false(filter_passes(&o, resolver, &r));
	resolver_free(resolver);
	dirs_fini(&o.dirs);
	for (const char *const *name = (const char *[]){"in/out", "into", "in", "", NULL}; *name;
	     name++) {
		snprintf(path, sizeof(path), "%s/%s", top, *name);
		assert_int_equal(remove(path), 0);
	}
}

/*
 * Names that are moved between a call and the moment when its path is followed: it may have led
 * elsewhere, which is counted, if it is a name on the way there.
 */
static void moved_names(void **state)
{
	/* not in /tmp, where others make and remove names all the time */
	char top[] = "build/unit/moved-XXXXXX", real[PATH_MAX];
	static const char *const made[] = {"a", "a/in", "a/in/b", "c", "c/d", NULL};
	static const struct {
		const char *from, *to, *path;
		bool below, unsure;
	} cases[] = {
		{"c", "e", "a/in/b/f", true, false},	 /* another name in top than a */
		{"c/d", "c/e", "a/in/b/f", true, false}, /* no name on the way */
		{"a/in/b", "a/in/c", "a/in/c/f", true, false},
		{"c/d", "c/e", "c/f", false, false}, /* the name in which it ends is none */
		{"c/d", "c/e", "c/e/f", false, true},
		{"c/d", "c/e", "c/d/f", false, true},
		{"a/in", "c/d/in", "a/in/f", false, true},
		{"a/in", "c/d/in", "c/d/in/f", true, true},
		{"c/d", "c/e", "l/b/f", true, false}, /* links: l to m/in, m to a */
		{"l", "k", "k/b/f", true, true},
		{"l", "k", "l/b/f", false, true},
		{"m", "n", "l/b/f", false, true},
	};
	struct options o = {0};
	struct resolver *resolver;
	__u64 epoch = 0, moved_ns = 0, lost = 0;

	(void)state;
	assert_non_null(mkdtemp(top));
	assert_non_null(realpath(top, real));
	assert_int_equal(chdir(real), 0);
	for (int i = 0; made[i]; i++)
		assert_int_equal(mkdir(made[i], 0700), 0);
	assert_int_equal(symlink("m/in", "l"), 0);
	assert_int_equal(symlink("a", "m"), 0);
	assert_int_equal(dirs_add(&o.dirs, "a/in"), 0);
	resolver = resolver_new(&o.dirs, &epoch, &moved_ns);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[PATH_MAX * 2];
		struct str path = {text,
				   snprintf(text, sizeof(text), "%s/%s", real, cases[i].path)};
		__u64 began;

		usleep(150000); /* more than file systems may tell the time late by */
		began = clock_ns(CLOCK_MONOTONIC);
		assert_int_equal(rename(cases[i].from, cases[i].to), 0);
		moved_ns = clock_ns(CLOCK_MONOTONIC);
		epoch += VS_NAMES_STEP;
		/* twice: what is known by then is as unsure */
		for (int again = 0; again < 2; again++) {
			assert_int_equal(resolver_leads_below(resolver, path, NULL, 0, began),
					 cases[i].below);
			lost += cases[i].unsure;
			assert_int_equal(resolver_lost(resolver), lost);
		}
		/* a call that has begun since */
		began = clock_ns(CLOCK_MONOTONIC);
		resolver_leads_below(resolver, path, NULL, 0, began);
		assert_int_equal(resolver_lost(resolver), lost);
		/* there and back between two looks would not be noticed of DIR itself */
		assert_int_equal(rename(cases[i].to, cases[i].from), 0);
		epoch += VS_NAMES_STEP;
		resolver_leads_below(resolver, path, NULL, 0, began);
		assert_int_equal(resolver_lost(resolver), lost);
	}
	resolver_free(resolver);
	dirs_fini(&o.dirs);
	assert_int_equal(unlink("l"), 0);
	assert_int_equal(unlink("m"), 0);
	for (int i = ARRAY_LEN(made) - 2; i >= 0; i--)
		assert_int_equal(rmdir(made[i]), 0);
	assert_int_equal(chdir("../../.."), 0);
	assert_int_equal(rmdir(real), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(glob_words),
		cmocka_unit_test(glob_stars),
		cmocka_unit_test(glob_classes),
		cmocka_unit_test(glob_class_of_nothing),
		cmocka_unit_test(glob_escapes),
		cmocka_unit_test(glob_escapes_in_classes),
		cmocka_unit_test(glob_like_fnmatch),
		cmocka_unit_test(glob_is_fast),
		cmocka_unit_test(glob_fuzz),
		cmocka_unit_test(no_filter),
		cmocka_unit_test(by_error),
		cmocka_unit_test(by_comm),
		cmocka_unit_test(by_comm_with_slash),
		cmocka_unit_test(by_path),
		cmocka_unit_test(all_have_to_pass),
		cmocka_unit_test(known_files_pass),
		cmocka_unit_test(unknown_file_system),
		cmocka_unit_test(pseudo_file_systems),
		cmocka_unit_test(file_types),
		cmocka_unit_test(directories),
		cmocka_unit_test(moved_names),
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
