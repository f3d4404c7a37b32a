// SPDX-License-Identifier: GPL-2.0
/* names.c: paths from their components, what is forgotten, and paths put together. */
#include "make_record.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "mounts.h"
#include "names.h"

static struct names *names;

static int setup(void **state)
{
	(void)state;
	names = names_new(1000, 1 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	names_free(names);
	return 0;
}

static int add(struct raw raw)
{
	int err = names_add(names, raw.data, raw.size);

	raw_free(&raw);
	return err;
}

static void check(__u64 id, const char *path)
{
	const struct name *name = names_find(names, id);

	assert_non_null(name);
	assert_int_equal(name->id, id);
	assert_int_equal(name->path.len, strlen(path));
	assert_memory_equal(name->path.p, path, strlen(path));
}

static void components(void **state)
{
	(void)state;
	assert_int_equal(add(raw_name(1, "ext4", 0, "file.c/src/home")), 0);
	check(1, "/home/src/file.c");
	assert_string_equal(names_find(names, 1)->fs, "ext4");
	assert_int_equal(add(raw_name(2, "longestfsnam15c", 0, "x")), 0);
	check(2, "/x");
	assert_string_equal(names_find(names, 2)->fs, "longestfsnam15c");
	assert_int_equal(add(raw_name(3, "xfs", 0, "")), 0);
	check(3, "/");
	assert_int_equal(add(raw_name(UINT64_MAX, "", 0, "a\n\xff/b\\")), 0);
	check(UINT64_MAX, "/b\\/a\n\xff");
	assert_null(names_find(names, 4));
	assert_null(names_find(names, 0));
}

/* A component may have 255 bytes, a path 256 components. */
static void long_ones(void **state)
{
	char comp[256], text[8192] = "", path[8192] = "";

	(void)state;
	memset(comp, 'x', 255);
	comp[255] = '\0';
	for (int i = 0; i < 16; i++) {
		strcat(strcat(text, i ? "/" : ""), comp);
		strcat(strcat(path, "/"), comp);
	}
	assert_int_equal(add(raw_name(1, "ext4", 0, text)), 0);
	check(1, path);
	*text = *path = '\0';
	for (int i = 0; i < 256; i++) {
		strcat(strcat(text, i ? "/" : ""), (char[]){'a' + i % 26, '\0'});
		strcat(strcat(path, "/"), (char[]){'a' + (255 - i) % 26, '\0'});
	}
	assert_int_equal(add(raw_name(2, "ext4", 0, text)), 0);
	check(2, path);
}

static void flags(void **state)
{
	(void)state;
	add(raw_name(1, "ext4", VS_NAME_DELETED, "file/tmp"));
	check(1, "/tmp/file (deleted)");
	add(raw_name(2, "ext4", VS_NAME_UNREACHABLE, "file/tmp"));
	check(2, "(unreachable)/tmp/file");
	add(raw_name(3, "ext4", VS_NAME_CUT, "file/tmp"));
	check(3, "(cut)/tmp/file");
	add(raw_name(4, "ext4", VS_NAME_DELETED | VS_NAME_UNREACHABLE | VS_NAME_CUT, "f"));
	check(4, "(unreachable)(cut)/f (deleted)");
	add(raw_name(5, "ext4", VS_NAME_DELETED, ""));
	check(5, "/ (deleted)");
	add(raw_name(6, "ext4", VS_NAME_UNREACHABLE, ""));
	check(6, "(unreachable)/");
}

/* As /proc/PID/fd shows them. */
static void pseudo(void **state)
{
	(void)state;
	add(raw_pseudo(1, "pipefs", ""));
	check(1, "pipe:[4711]");
	add(raw_pseudo(2, "sockfs", "TCP"));
	check(2, "socket:[4711]");
	add(raw_pseudo(3, "anon_inodefs", "[eventpoll]"));
	check(3, "anon_inode:[eventpoll]");
	add(raw_pseudo(4, "tmpfs", "memfd:x"));
	check(4, "/memfd:x (deleted)");
	add(raw_pseudo(5, "hugetlbfs", "SYSV0"));
	check(5, "/SYSV0 (deleted)");
	add(raw_pseudo(6, "nsfs", "mnt"));
	check(6, "mnt:[4711]");
	add(raw_pseudo(7, "secretmem", "secretmem"));
	check(7, "/secretmem (deleted)");
	add(raw_pseudo(8, "anon_inodefs", ""));
	check(8, "anon_inode:");
	add(raw_pseudo(9, "pidfs", ""));
	check(9, "anon_inode:[pidfd]");
	assert_string_equal(names_find(names, 4)->fs, "tmpfs");
}

/* The longest pseudo names: nothing is written behind the entry (ASan would see it). */
static void pseudo_long(void **state)
{
	char leaf[256], path[300];
	struct raw raw;

	(void)state;
	memset(leaf, 'x', 255);
	leaf[255] = '\0';
	add(raw_pseudo(1, "tmpfs", leaf));
	snprintf(path, sizeof(path), "/%s (deleted)", leaf);
	check(1, path);
	add(raw_pseudo(2, "anon_inodefs", leaf));
	snprintf(path, sizeof(path), "anon_inode:%s", leaf);
	check(2, path);
	raw = raw_pseudo(3, "nsfs", leaf);
	raw.name->ino = UINT64_MAX;
	raw.name->flags |= VS_NAME_DELETED | VS_NAME_UNREACHABLE | VS_NAME_CUT;
	add(raw);
	snprintf(path, sizeof(path), "%s:[18446744073709551615]", leaf);
	check(3, path);
}

/* Changes a good record and expects it to be refused, and the old name to stand. */
#define REFUSED(change)                                                                            \
	do {                                                                                       \
		struct raw raw = raw_name(1, "ext4", 0, "new/dir");                                \
		change;                                                                            \
		assert_int_equal(add(raw), -EBADMSG);                                              \
		check(1, "/dir/old");                                                              \
	} while (0)

static void malformed(void **state)
{
	const size_t head = sizeof(struct vs_rec_name);

	(void)state;
	add(raw_name(1, "ext4", 0, "old/dir"));
	/* shorter than its own head, and than what the head says */
	for (size_t size = 0; size < head + 8; size++) {
		struct raw whole = raw_name(1, "ext4", 0, "new/dir"), cut;

		cut = raw_of(whole.data, size);
		raw_free(&whole);
		assert_int_equal(add(cut), -EBADMSG);
		check(1, "/dir/old");
	}
	/* the last component longer than the rest, or by one too short */
	REFUSED(raw.name->len--);
	REFUSED(((char *)raw.data)[head + 4]++);
	REFUSED(((char *)raw.data)[head + 4]--);
	REFUSED(((char *)raw.data)[head] = (char)255);
	REFUSED(raw.name->len = 65535);
	REFUSED(raw.name->fs[VS_FS_LEN - 1] = 'x');
	/* a pseudo name has one component */
	REFUSED(raw.name->flags = VS_NAME_PSEUDO);
	REFUSED(raw.name->flags = VS_NAME_PSEUDO; raw.name->len = 0);
	REFUSED(raw.name->flags = VS_NAME_PSEUDO; raw.name->len = 3);
	REFUSED(raw.name->flags = VS_NAME_PSEUDO; raw.name->len = 5);
}

/* The ring rounds records up: what stands behind one is not looked at. */
static void bytes_behind(void **state)
{
	struct raw raw = raw_name(1, "ext4", 0, "file/dir");

	(void)state;
	raw.data = realloc(raw.data, raw.size + 7);
	memset((char *)raw.data + raw.size, 0xff, 7);
	raw.size += 7;
	assert_int_equal(add(raw), 0);
	check(1, "/dir/file");
}

static void replaced(void **state)
{
	(void)state;
	add(raw_name(1, "ext4", 0, "old"));
	add(raw_name(2, "ext4", 0, "other"));
	check(1, "/old");
	add(raw_name(1, "xfs", 0, "longer-than-the-old-one/dir"));
	check(1, "/dir/longer-than-the-old-one");
	assert_string_equal(names_find(names, 1)->fs, "xfs");
	check(2, "/other");
}

static int known(__u64 from, __u64 to)
{
	int n = 0;

	/* finding counts as use: only for the end of a test */
	for (__u64 id = from; id <= to; id++)
		n += !!names_find(names, id);
	return n;
}

static void bounded_by_entries(void **state)
{
	(void)state;
	names_free(names);
	names = names_new(100, 1 << 20);
	for (__u64 id = 1; id <= 10000; id++)
		assert_int_equal(add(raw_name(id, "ext4", 0, "f")), 0);
	assert_int_equal(known(1, 9900), 0);
	assert_int_equal(known(9901, 10000), 100);
}

static void bounded_by_bytes(void **state)
{
	(void)state;
	names_free(names);
	names = names_new(1000, 100);
	for (__u64 id = 1; id <= 50; id++) /* 10 bytes each */
		assert_int_equal(add(raw_name(id, "ext4", 0, "ninebytes")), 0);
	assert_int_equal(known(1, 40), 0);
	assert_int_equal(known(41, 50), 10);
	/* what is replaced no longer counts */
	for (int i = 0; i < 50; i++)
		assert_int_equal(add(raw_name(50, "ext4", 0, "ninebytes")), 0);
	assert_int_equal(known(41, 50), 10);
}

/* Each name is used when it comes; one that is used again and again outlives them all. */
static void most_used_is_kept(void **state)
{
	(void)state;
	names_free(names);
	names = names_new(100, 1 << 20);
	add(raw_name(1, "ext4", 0, "libc.so.6/lib"));
	for (__u64 id = 2; id <= 1000; id++) {
		add(raw_name(id, "ext4", 0, "f"));
		check(id, "/f");
		check(id, "/f");
		if (id % 50 == 0)
			check(1, "/lib/libc.so.6");
	}
	assert_int_equal(known(2, 901), 0);
	assert_int_equal(known(902, 1000), 99);
}

/* What was not used for longest goes. */
static void least_used_goes(void **state)
{
	(void)state;
	names_free(names);
	names = names_new(3, 1 << 20);
	add(raw_name(1, "ext4", 0, "one"));
	add(raw_name(2, "ext4", 0, "two"));
	add(raw_name(3, "ext4", 0, "three"));
	check(1, "/one");
	add(raw_name(4, "ext4", 0, "four")); /* 1 was used: 2 goes */
	add(raw_name(5, "ext4", 0, "five")); /* 3 goes */
	assert_null(names_find(names, 2));
	assert_null(names_find(names, 3));
	add(raw_name(6, "ext4", 0, "six"));   /* 4 goes: 1 has stood behind it since */
	add(raw_name(7, "ext4", 0, "seven")); /* and 1, which was not used again */
	assert_null(names_find(names, 4));
	assert_null(names_find(names, 1));
	check(5, "/five");
	check(6, "/six");
	check(7, "/seven");
}

/*
 * A name is sent before the operation that refers to it: when all others are in use,
 * one of them goes, not the one that just came.
 */
static void newest_is_kept(void **state)
{
	(void)state;
	names_free(names);
	names = names_new(3, 1 << 20);
	for (__u64 id = 1; id <= 3; id++)
		add(raw_name(id, "ext4", 0, "old"));
	assert_int_equal(known(1, 3), 3);
	add(raw_name(4, "ext4", 0, "new"));
	check(4, "/new");
	assert_int_equal(known(1, 3), 2);
}

/* Names join the path of a directory long after it has come: it has to stay, all others may go. */
static void directory_is_kept(void **state)
{
	(void)state;
	names_free(names);
	names = names_new(4, 1 << 20);
	add(raw_name(1, "ext4", 0, "dir/srv"));
	for (__u64 id = 2; id < 200; id++) {
		struct raw raw = raw_pseudo(id, "ext4", "");
		char buf[sizeof(*raw.name) + 4];

		memcpy(buf, raw.name, sizeof(*raw.name));
		raw_free(&raw);
		memcpy(buf + sizeof(*raw.name), "file", 4);
		raw = raw_of(buf, sizeof(buf));
		raw.name->flags = VS_NAME_ARG;
		raw.name->base = 1;
		raw.name->len = 4;
		assert_int_equal(names_add(names, raw.data, raw.size), 0);
		raw_free(&raw);
		check(id, "/srv/dir/file"); /* each is used, as the operation behind it does */
	}
}

static void join_check(const char *base, const char *arg, const char *path)
{
	/* as large as it has to be, and not a byte more */
	char *buf = malloc(strlen(base) + strlen(arg) + 2), got[256];
	size_t len =
		path_join(buf, (struct str){base, strlen(base)}, (struct str){arg, strlen(arg)});

	snprintf(got, sizeof(got), "%.*s", (int)len, buf);
	free(buf);
	if (strcmp(got, path))
		fail_msg("'%s' below '%s': '%s' instead of '%s'", arg, base, got, path);
}

static void join(void **state)
{
	(void)state;
	join_check("/home/me", "file", "/home/me/file");
	join_check("/home/me", "dir/file", "/home/me/dir/file");
	join_check("/", "file", "/file");
	join_check("/dir/", "file", "/dir/file");
	join_check("", "/etc/passwd", "/etc/passwd");
	/* the directory itself */
	join_check("/home", "", "/home");
	join_check("/home", ".", "/home");
	join_check("/", "", "/");
	join_check("/", ".", "/");
	join_check("", "/", "/");
	join_check("", "//./", "/");
	/* empty components, "." and slashes at the end go */
	join_check("/home", "a//b///c/", "/home/a/b/c");
	join_check("/home", "./a/./b/.", "/home/a/b");
	join_check("", "//a//b//", "/a/b");
	join_check("/home", "a/", "/home/a");
	join_check("/", "/", "/");
	/* names that only look so */
	join_check("/home", ".../..a/.b", "/home/.../..a/.b");
}

/* ".." leaves the base; behind a component that may be a link it stays. */
static void join_parent(void **state)
{
	(void)state;
	join_check("/home/me", "..", "/home");
	join_check("/home/me", "../you", "/home/you");
	join_check("/home/me", "../../etc/passwd", "/etc/passwd");
	join_check("/home/me", "./..//./../", "/");
	join_check("/home", "../../../etc", "/etc");
	join_check("/", "..", "/");
	join_check("/", "../x", "/x");
	join_check("/home/me", "a/../b", "/home/me/a/../b");
	join_check("/home/me", "../a/../b", "/home/a/../b");
	join_check("", "/a/../b", "/a/../b");
}

/* An absolute path has for a base the root that it is absolute in. */
static void join_root(void **state)
{
	(void)state;
	join_check("/jail", "/etc/passwd", "/jail/etc/passwd");
	join_check("/jail/", "//etc//passwd", "/jail/etc/passwd");
	join_check("/", "/etc/passwd", "/etc/passwd");
	join_check("/jail", "/", "/jail");
	join_check("/", "/", "/");
	/* which nothing leads out of */
	join_check("/a/jail", "/../../etc", "/a/jail/etc");
	join_check("/a/jail", "/..", "/a/jail");
	join_check("/a/jail", "/a/../b", "/a/jail/a/../b");
}

/* By its place in its file system: where that is mounted here, or nowhere. */
static void in_fs(void **state)
{
	static const struct {
		const char *components, *below_proc, *nowhere;
		int flags;
	} rows[] = {
		{"stat/1", "/proc/1/stat", "(unreachable)/1/stat", 0},
		{"", "/proc", "(unreachable)", 0},
		{"x", "/proc/x (deleted)", "(unreachable)/x (deleted)", VS_NAME_DELETED},
	};
	struct stat st;

	(void)state;
	mounts_read();
	assert_int_equal(stat("/proc", &st), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct raw raw =
			raw_name(20 + i, "proc", VS_NAME_IN_FS | rows[i].flags, rows[i].components);

		raw.name->dev = major(st.st_dev) << 20 | minor(st.st_dev);
		assert_int_equal(names_add(names, raw.data, raw.size), 0);
		check(20 + i, rows[i].below_proc);
		raw.name->dev = ~0U;
		assert_int_equal(names_add(names, raw.data, raw.size), 0);
		check(20 + i, rows[i].nowhere);
		raw_free(&raw);
	}
}

/* A base that is not known: the path stays as it was passed, a relative one. */
static void join_unknown_base(void **state)
{
	(void)state;
	join_check("", "file", "file");
	join_check("", "dir//./file/", "dir/file");
	join_check("", "", "");
	join_check("", "a/../b", "a/../b");
}

/* There is nothing that ".." could leave: without it the path would name another file. */
static void join_parent_of_unknown_base(void **state)
{
	(void)state;
	join_check("", "../file", "../file");
	join_check("", "../../a/b", "../../a/b");
	join_check("", "..", "..");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(components),
		TEST(long_ones),
		TEST(flags),
		TEST(pseudo),
		TEST(pseudo_long),
		TEST(malformed),
		TEST(bytes_behind),
		TEST(replaced),
		TEST(bounded_by_entries),
		TEST(bounded_by_bytes),
		TEST(most_used_is_kept),
		TEST(least_used_goes),
		TEST(newest_is_kept),
		TEST(directory_is_kept),
		cmocka_unit_test(join),
		cmocka_unit_test(join_parent),
		cmocka_unit_test(join_root),
		cmocka_unit_test_setup_teardown(in_fs, setup, teardown),
		cmocka_unit_test(join_unknown_base),
		cmocka_unit_test(join_parent_of_unknown_base),
	};

	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
