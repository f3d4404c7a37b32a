// SPDX-License-Identifier: GPL-2.0
/*
 * cgroups.c, and -g. The source is included: a directory of our own stands for the
 * hierarchy, and paths of containers are put among those that are known.
 */
#include "unit.h"

#include <dirent.h>
#include <sys/stat.h>

#include "../../src/cgroups.c"
#include "make_record.h"
#include "options.h"

#define HEX "0123456789abcdef"
#define HEX64 HEX HEX HEX HEX
#define OTHER64 "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

static char top[64];

static int setup(void **state)
{
	(void)state;
	strcpy(top, "/tmp/vfscope-unit-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	snprintf(root, sizeof(root), "%s", top);
	root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	mkdirat(root_fd, "a", 0700);
	mkdirat(root_fd, "a/b", 0700);
	close(openat(root_fd, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	return 0;
}

static void forget_all(void)
{
	while (known) {
		struct cgroup *first = known;

		HASH_DEL(known, first);
		free(first->path);
		free(first->v1);
		free(first->container);
		free(first);
	}
}

static int teardown(void **state)
{
	(void)state;
	forget_all();
	unlinkat(root_fd, "file", 0);
	unlinkat(root_fd, "a/b", AT_REMOVEDIR);
	unlinkat(root_fd, "a", AT_REMOVEDIR);
	close(root_fd);
	rmdir(top);
	*root = '\0';
	root_fd = -1;
	return 0;
}

static void remember(__u64 id, const char *path)
{
	struct cgroup *cgroup = xcalloc(1, sizeof(*cgroup));

	cgroup->id = id;
	cgroup->path = path ? xstrdup(path) : NULL;
	set_ids(cgroup);
	HASH_ADD(hh, known, id, sizeof(cgroup->id), cgroup);
}

#define UID "12345678-1234-abcd-1234-123456789abc"

static void in_container(void **state)
{
	(void)state;
	remember(7001, "/docker/" HEX64 "/docker/" OTHER64);
	assert_true(cgroup_in_container(7001, HEX64));
	assert_true(cgroup_in_container(7001, OTHER64));
	assert_true(cgroup_in_container(7001, "0"));
	assert_true(cgroup_in_container(7001, "FED"));
	assert_false(cgroup_in_container(7001, "123"));
	assert_false(cgroup_in_container(7001, HEX64 "0"));
	remember(7003, "/lxc.payload.web/system.slice/docker-" HEX64 ".scope");
	assert_true(cgroup_in_container(7003, "web"));
	assert_true(cgroup_in_container(7003, "0123"));
	remember(7002, "/");
	assert_false(cgroup_in_container(7002, "0"));
	assert_false(cgroup_in_container(0, "0"));
}

/* As the kernel side tells it: the path of v2, then that of v1, leaf first. */
static void learn(__u64 id, bool v1, const char *leaf_first)
{
	struct raw raw = raw_name(id, "", VS_NAME_CGROUP, leaf_first);

	raw.name->dev = v1;
	raw.name->ino = 1ULL << 62; /* there is none */
	assert_int_equal(cgroup_learn(raw.data, raw.size), 0);
	raw_free(&raw);
}

/* However many come: those that are used stay, and the newest. */
static void bound(void **state)
{
	(void)state;
	for (__u64 id = 100000; id < 100000 + 3 * CGROUPS_KNOWN_MAX; id++) {
		learn(id, false, "x");
		learn(id, true, "y");
		assert_string_equal(cgroup_path(100000), "/x");
	}
	assert_int_equal(HASH_COUNT(known), CGROUPS_KNOWN_MAX);
	assert_string_equal(cgroup_path(100000 + 3 * CGROUPS_KNOWN_MAX - 1), "/x");
}

static void learnt(void **state)
{
	struct raw raw = raw_name(1, "", VS_NAME_CGROUP, "x");

	(void)state;
	learn(8001, false, HEX64 "/docker");
	assert_string_equal(cgroup_path(8001), "/docker/" HEX64);
	assert_string_equal(cgroup_container(8001), HEX64);
	learn(8001, false, "");
	assert_string_equal(cgroup_path(8001), "/");
	assert_null(cgroup_container(8001));
	learn(8001, true, OTHER64 "/pod" UID "/kubepods");
	assert_string_equal(cgroup_path(8001), "/");
	assert_string_equal(cgroup_container(8001), OTHER64);
	assert_string_equal(cgroup_pod(8001), UID);
	assert_true(cgroup_in_container(8001, "fedc"));
	learn(8001, true, "user");
	assert_null(cgroup_container(8001));
	assert_null(cgroup_pod(8001));
	for (size_t size = 0; size < raw.size; size++)
		assert_int_equal(cgroup_learn(raw.data, size), -EBADMSG);
	raw.name->flags |= VS_NAME_PSEUDO;
	assert_int_equal(cgroup_learn(raw.data, raw.size), -EBADMSG);
	raw_free(&raw);
}

static void paths(void **state)
{
	(void)state;
	assert_null(cgroup_path(0));
	assert_null(cgroup_container(0));
	remember(7, "/a.slice");
	assert_string_equal(cgroup_path(7), "/a.slice");
	/* tmpfs has no cgroups: none is found, and that is remembered */
	assert_null(cgroup_path(8));
	assert_int_equal(HASH_COUNT(known), 2);
	assert_null(cgroup_path(8));
	assert_int_equal(HASH_COUNT(known), 2);
	root_fd = (close(root_fd), -1);
	assert_null(cgroup_path(9));
}

static void known_is_bounded(void **state)
{
	const __u64 first = UINT64_MAX;
	struct cgroup *cgroup;

	(void)state;
	remember(first, "/first"); /* forgotten first, with its path */
	for (__u64 id = 1; id <= 3 * CGROUPS_KNOWN_MAX; id++)
		assert_null(cgroup_path(id));
	HASH_FIND(hh, known, &first, sizeof(first), cgroup);
	assert_null(cgroup);
	assert_int_equal(HASH_COUNT(known), CGROUPS_KNOWN_MAX);
}

/* Opens, and gives the directory's path below the root, or the errno's name. */
static const char *opened(const char *path)
{
	static char text[PATH_MAX];
	char link[32];
	int fd = cgroup_open(path);
	ssize_t len;

	if (fd < 0)
		return errno_name(-fd);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, text, sizeof(text) - 1);
	close(fd);
	text[len] = '\0';
	return strncmp(text, top, strlen(top)) ? "outside" : text + strlen(top);
}

static const char *below_top(const char *path)
{
	static char text[128];

	snprintf(text, sizeof(text), "%s%s", top, path);
	return text;
}

static void open_by_path(void **state)
{
	(void)state;
	assert_string_equal(opened("/a/b"), "/a/b");
	assert_string_equal(opened("a"), "/a");
	assert_string_equal(opened("//a//b/"), "/a/b");
	assert_string_equal(opened("/"), "");
	assert_string_equal(opened(""), "");
	assert_string_equal(opened(below_top("/a/b")), "/a/b");
	assert_string_equal(opened(below_top("")), "");
	assert_string_equal(opened("/no"), "ENOENT");
	assert_string_equal(opened("/file"), "ENOTDIR");
	root_fd = (close(root_fd), -1);
	looked = true;
	assert_string_equal(opened("/a"), "ENODEV");
}

/* A name that goes on behind the mount point's is another one. */
static void open_beside_mount_point(void **state)
{
	(void)state;
	assert_string_equal(opened(below_top("a")), "ENOENT");
}

/* -g names a cgroup; no directory of another file system is one. */
static void open_stays_below(void **state)
{
	(void)state;
	assert_string_not_equal(opened("/.."), "outside");
	assert_string_not_equal(opened("a/../../"), "outside");
}

static int parse_g(struct options *o, int n, const char *path, char *said, size_t size)
{
	char *argv[2 * VS_CGROUPS_MAX + 8] = {"trace"}, *copies[VS_CGROUPS_MAX + 4];
	struct capture c;
	int argc = 1, err;

	for (int i = 0; i < n; i++) {
		argv[argc++] = "-g";
		argv[argc++] = copies[i] = strdup(path);
	}
	options_init(o);
	capture_begin(&c);
	err = options_parse(o, FOR_TRACE, argc, argv);
	snprintf(said, size, "%s", capture_end(&c));
	for (int i = 0; i < n; i++)
		free(copies[i]);
	return err;
}

static int open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void option(void **state)
{
	int before = open_descriptors();
	struct options o;
	char said[512];

	(void)state;
	assert_int_equal(parse_g(&o, VS_CGROUPS_MAX, "/a", said, sizeof(said)), 0);
	assert_string_equal(said, "");
	assert_int_equal(o.cgroups.len, VS_CGROUPS_MAX);
	assert_string_equal(o.cgroups.s[0], "/a");
	options_fini(&o);
	assert_int_equal(parse_g(&o, 1, "/file", said, sizeof(said)), -EINVAL);
	assert_string_equal(said, "vfscope: -g /file: Not a directory; paths are below the "
				  "cgroup v2 mount point\n");
	options_fini(&o);
	assert_int_equal(open_descriptors(), before);
}

/* A cgroup too many cannot be watched: to go on without it would show too little. */
static void option_too_many(void **state)
{
	struct options o;
	char said[512];
	int err;

	(void)state;
	err = parse_g(&o, VS_CGROUPS_MAX + 1, "/a", said, sizeof(said));
	options_fini(&o);
	assert_string_equal(said, "vfscope: -g /a: at most 16 cgroups can be watched\n");
	assert_int_equal(err, -EINVAL);
}

static void option_missing_cgroup(void **state)
{
	int before = open_descriptors(), err;
	struct options o;
	char said[512];

	(void)state;
	err = parse_g(&o, 1, "/no", said, sizeof(said));
	options_fini(&o);
	assert_int_equal(err, -EINVAL);
	assert_string_equal(said, "vfscope: -g /no: No such file or directory; paths are below "
				  "the cgroup v2 mount point\n");
	assert_int_equal(open_descriptors(), before);
}

/* The real hierarchy, where there is one and we may make a cgroup. */
static void real_hierarchy(void **state)
{
	char name[80], path[128];
	struct stat st;
	int fd;

	(void)state;
	/* no skip(): its "not ok # SKIP" would count as a failure */
	if (!have_root()) {
		*root = '\0';
		return;
	}
	snprintf(name, sizeof(name), "vfscope-unit-%d", getpid());
	if (mkdirat(root_fd, name, 0700)) {
		close(root_fd);
		root_fd = -1;
		*root = '\0';
		return;
	}
	snprintf(path, sizeof(path), "/%s", name);
	/* on 64-bit machines the number of the directory is the id */
	assert_int_equal(fstatat(root_fd, name, &st, 0), 0);
	assert_string_equal(cgroup_path(st.st_ino), path);
	fd = cgroup_open(path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(fstatat(root_fd, ".", &st, 0), 0);
	assert_string_equal(cgroup_path(st.st_ino), "/");
	assert_int_equal(fstatat(root_fd, name, &st, 0), 0);
	assert_int_equal(unlinkat(root_fd, name, AT_REMOVEDIR), 0);
	assert_string_equal(cgroup_path(st.st_ino), path); /* remembered */
	forget_all();
	assert_null(cgroup_path(st.st_ino)); /* gone */
	forget_all();
	close(root_fd);
	root_fd = -1;
	*root = '\0';
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(in_container),
		TEST(learnt),
		TEST(bound),
		TEST(paths),
		TEST(known_is_bounded),
		TEST(open_by_path),
		TEST(open_beside_mount_point),
		TEST(open_stays_below),
		TEST(option),
		TEST(option_too_many),
		TEST(option_missing_cgroup),
		cmocka_unit_test(real_hierarchy),
	};

	return cmocka_run_group_tests_name("cgroups", tests, NULL, NULL);
}
