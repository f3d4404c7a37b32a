/* SPDX-License-Identifier: GPL-2.0 */
/* Names that would do harm where they are taken for something else, and very long ones. */
#include "e2e.h"

static char buf[100];

static const char *const names[] = {
	"with space",
	"new\nline",
	"tab\there",
	"\033[31mred\033[0m",
	"\033]0;title\007",
	"bell\a",
	"\"quoted\"",
	"back\\slash",
	"back\\u0041",
	"\\",
	"comma,semi;colon",
	"{\"op\":\"forged\"}",
	"caf\303\251",
	"\344\270\255\346\226\207",
	"\360\237\230\200", /* valid UTF-8 */
	"latin\351",
	"\377\376",
	"\200",
	"cut\303",
	"over\300\257long",
	"sur\355\240\200rogate",
	"high\364\220\200\200",
	"\303\251\351",
	"del\177",
	"nel\302\205",
	"\342\200\256rtl",
	"-rf",
	"*",
	"~",
	"%s%n",
	"$(reboot)",
	"a b\r\nc",
	"\001\002\037",
	"...",
	" ",
	"(deleted)",
	"f (deleted)",
};
enum { NAMES = sizeof(names) / sizeof(names[0]) };

static void each(const char *name)
{
	struct file *f = file_new(name, 0);
	struct stat st;
	long ret;

	ret = OK(SYS(write, f->fd, buf, 10));
	WANT("write", ret, .via = "rw", .f = f, .fd = N(f->fd), .offset = N(0), .req = N(10),
	     .bytes = N(10));
	ret = OK(SYS(stat, f->path, &st));
	WANT("stat", ret, .f = f);
	file_close(f);
	ret = OK(SYS(symlink, name, in("%s.l", name)));
	WANT("symlink", ret, .path = in("%s.l", name), .path2 = name);
	ret = OK(SYS(rename, f->path, in("%s.r", name)));
	WANT("rename", ret, .path = f->path, .path2 = in("%s.r", name));
	ret = FAILS(ENOENT, SYS(unlink, f->path));
	WANT("unlink", ret, .path = f->path);
}

static void all(void)
{
	for (int i = 0; i < NAMES; i++)
		each(names[i]);
}

/* The same in the name of a directory. */
static void dirs(void)
{
	for (int i = 0; i < NAMES; i++) {
		struct file *f;

		make_dir(names[i]);
		f = file_new(text("%s/f", names[i]), 0);
		file_close(f);
	}
}

/* Every byte that a name may hold, each in a name of its own. */
static void bytes(void)
{
	for (int c = 1; c < 256; c++) {
		char name[3] = {'x', c, '\0'};

		if (c != '/')
			file_close(file_new(name, 0));
	}
}

/* 255 bytes: as many as a component may have. */
static void longest(void)
{
	char name[257], half[256];
	long ret;

	memset(name, 'n', 256);
	name[256] = '\0';
	ret = FAILS(ENAMETOOLONG, SYS(open, in("%s", name), O_RDWR | O_CREAT, 0600));
	WANT("open", ret, .path = in("%s", name), .flags = "O_RDWR|O_CREAT", .mode = N(0600));
	name[255] = '\0';
	memset(half, '\377', 255);
	half[255] = '\0';
	make_dir(name);
	file_close(file_new(text("%s/%s", name, half), 0));
}

/* Also the target of a link is as long as it is. */
static void long_target(void)
{
	static char target[4096];
	long ret;

	memset(target, 't', 4095);
	ret = OK(SYS(symlink, target, in("l")));
	WANT("symlink", ret, .path = in("l"), .path2 = target);
}

/* What is passed is cut at 4095 bytes, and counted; the kernel refuses it. */
static void long_arg(void)
{
	static char arg[5000];
	long ret;

	memset(arg, 'a', sizeof(arg) - 1);
	memcpy(arg, dir, strlen(dir)); /* an absolute path, on ext4 */
	arg[strlen(dir)] = '/';
	ret = FAILS(ENAMETOOLONG, SYS(open, arg, O_RDONLY, 0));
	arg[4095] = '\0';
	WANT("open", ret, .path = arg, .flags = "O_RDONLY");
}

static char deep[BIG_NAME]; /* where the process stands now, as it came there */

/* Goes one directory down; how the mkdir is shown is up to the caller. */
static long down(const char *name)
{
	long ret = OK(SYS(mkdir, name, 0700));

	OK(SYS(chdir, name));
	strcat(deep, "/");
	strcat(deep, name);
	return ret;
}

/* Steps down until the path has just so many bytes, in components of 255 and a last one. */
static void down_to(size_t len)
{
	char name[256];

	while (strlen(deep) < len) {
		size_t n = len - strlen(deep) - 1;

		/* none may be left over that is too short for a component */
		n = n > 255 ? (n - 255 < 2 ? 200 : 255) : n;
		memset(name, 'd', n);
		name[n] = '\0';
		WANT("mkdir", down(name), .path = deep, .mode = N(0700));
	}
}

/* The file f in the present directory. path: of the file; arg: where "f" was passed. */
static void deep_file(const char *path, const char *arg)
{
	long fd = OK(SYS(open, "f", O_RDWR | O_CREAT, 0600)), ret;
	struct stat st;
	struct file *f;

	ret = OK(SYS(fstat, fd, &st));
	f = file_stat(&st, path);
	f->fd = fd;
	WANT("open", fd, .f = f, .fd = N(fd), .flags = "O_RDWR|O_CREAT", .mode = N(0600));
	WANT("create", fd, .f = f, .fd = N(fd), .flags = "O_RDWR|O_CREAT", .mode = N(0600));
	WANT("stat", ret, .f = f, .fd = N(fd));
	ret = OK(SYS(write, fd, buf, 10));
	WANT("write", ret, .via = "rw", .f = f, .fd = N(fd), .offset = N(0), .req = N(10),
	     .bytes = N(10));
	ret = OK(SYS(read, fd, buf, 10));
	WANT("read", ret, .via = "rw", .f = f, .fd = N(fd), .offset = N(10), .req = N(10),
	     .bytes = N(0));
	file_close(f);
	ret = OK(SYS(stat, "f", &st));
	WANT("stat", ret, .f = f, .path = arg, .no_fs = *arg != '/');
	ret = OK(SYS(chmod, "f", 0644));
	WANT("setattr", ret, .path = arg, .mode = N(0644), .no_fs = *arg != '/');
}

/* As long as a path gets: 4095 bytes. */
static void longest_path(void)
{
	strcpy(deep, dir);
	OK(SYS(chdir, dir));
	down_to(4093);
	deep_file(text("%s/f", deep), text("%s/f", deep));
}

/* The last components of a path that fit with their lengths into 4096 bytes. */
static const char *cut(const char *path)
{
	const char *from = path + strlen(path), *slash = from;

	while (slash > path) {
		while (*--slash != '/')
			;
		if (strlen(slash) > 4096)
			break;
		from = slash;
	}
	return text("(cut)%s", from);
}

/* Deeper than that: cut, and each such path counted. */
static void too_long(void)
{
	strcpy(deep, dir);
	OK(SYS(chdir, dir));
	down_to(4000);
	down_to(4200);
	/* what was passed stands behind the cut path of its directory */
	deep_file(cut(text("%s/f", deep)), text("%s/f", cut(deep)));
}

/* As many components as a path may well have, in few bytes each. */
static void many_components(void)
{
	strcpy(deep, dir);
	OK(SYS(chdir, dir));
	for (int i = 0; i < 1900; i++)
		down("d");
	deep_file(text("%s/f", deep), text("%s/f", deep));
}

/* clang-format off */
TESTS(
	T("names", all),
	T("directories", dirs),
	T("bytes", bytes),
	T("longest", longest),
	T("long-target", long_target),
	T("long-arg", long_arg, .lost = "path_cut=1", .flags = TEST_NO_DIR),
	T("path-4095", longest_path),
	T("path-4095-all", longest_path, .flags = TEST_NO_DIR),
	T("path-too-long", too_long, .lost = "path_cut"),
	T("path-too-long-all", too_long, .lost = "path_cut", .flags = TEST_NO_DIR),
	T("many-components", many_components, .ops = "open,create,stat,read,write,close,setattr"),
	T("many-components-all", many_components,
	  .ops = "open,create,stat,read,write,close,setattr", .flags = TEST_NO_DIR),
)
