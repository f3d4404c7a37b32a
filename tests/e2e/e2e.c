/* SPDX-License-Identifier: GPL-2.0 */
/* What the test programs have in common: see e2e.h. */
#include "e2e.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <time.h>

const char *dir, *self_path, *parent_comm;
char **args;
unsigned long mnt_ns;

/* The memory shared with run.py: its start, and behind that lines of JSON. */
struct shared {
	uint32_t len, lock;
	char lines[];
};
static struct shared *shared;
static const struct test *test; /* the case that is run */

void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	_exit(99);
}

long sys_ret(long ret)
{
	return ret == -1 ? -errno : ret;
}

#if !HAS_OLD_CALLS
/*
 * What stands for each argument of the newer call: a digit for one of the old call's, @ for the
 * current directory, else a flag.
 */
static const struct {
	int nr;
	const char *args;
} newer[] = {
	[SYS_open - SYS_open] = {SYS_openat, "@012"},
	[SYS_creat - SYS_open] = {SYS_openat, "@0C1"},
	[SYS_getdents - SYS_open] = {SYS_getdents64, "012"},
	[SYS_stat - SYS_open] = {SYS_newfstatat, "@01-"},
	[SYS_lstat - SYS_open] = {SYS_newfstatat, "@01L"},
	[SYS_mkdir - SYS_open] = {SYS_mkdirat, "@01"},
	[SYS_rmdir - SYS_open] = {SYS_unlinkat, "@0R"},
	[SYS_unlink - SYS_open] = {SYS_unlinkat, "@0-"},
	[SYS_mknod - SYS_open] = {SYS_mknodat, "@012"},
	[SYS_link - SYS_open] = {SYS_linkat, "@0@1-"},
	[SYS_symlink - SYS_open] = {SYS_symlinkat, "0@1"},
	[SYS_rename - SYS_open] = {SYS_renameat2, "@0@1-"},
	[SYS_readlink - SYS_open] = {SYS_readlinkat, "@012"},
	[SYS_chmod - SYS_open] = {SYS_fchmodat, "@01"},
	[SYS_chown - SYS_open] = {SYS_fchownat, "@012-"},
	[SYS_lchown - SYS_open] = {SYS_fchownat, "@012L"},
};

static long newer_arg(char c, const long *old)
{
	switch (c) {
	case '0' ... '9': return old[c - '0'];
	case '@': return AT_FDCWD;
	case 'C': return O_CREAT | O_WRONLY | O_TRUNC;
	case 'L': return AT_SYMLINK_NOFOLLOW;
	case 'R': return AT_REMOVEDIR;
	default: return 0;
	}
}

long sys_call(long nr, ...)
{
	long a[6], b[6] = {0};
	va_list ap;

	va_start(ap, nr);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (nr < SYS_open)
		return syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	nr -= SYS_open;
	for (int i = 0; newer[nr].args[i]; i++)
		b[i] = newer_arg(newer[nr].args[i], a);
	return syscall(newer[nr].nr, b[0], b[1], b[2], b[3], b[4], b[5]);
}
#endif

int kernel_version(void)
{
	struct utsname kernel;
	int major, minor;

	if (uname(&kernel) || sscanf(kernel.release, "%d.%d", &major, &minor) != 2)
		die("what kernel is this?");
	return major * 100 + minor;
}

long must(long ret, int err, const char *what, const char *file, int line)
{
	if (err ? ret != -err : ret < 0)
		die("%s:%d: %s gave %ld (%s), not %s", file, line, what, ret,
		    ret < 0 ? strerror(-ret) : "success", err ? strerror(err) : "success");
	return ret;
}

const char *text(const char *fmt, ...)
{
	char *s;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		die("out of memory");
	va_end(ap);
	return s;
}

const char *in(const char *fmt, ...)
{
	char *s;
	va_list ap;
	const char *path;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		die("out of memory");
	va_end(ap);
	path = text("%s/%s", dir, s);
	free(s);
	return path;
}

long get_tid(void)
{
	return syscall(SYS_gettid);
}

long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* --- records ----------------------------------------------------------------------------- */

struct line {
	char buf[8 * BIG_NAME];
	size_t len;
};

static void add(struct line *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	l->len += vsnprintf(l->buf + l->len, sizeof(l->buf) - l->len, fmt, ap);
	va_end(ap);
	if (l->len >= sizeof(l->buf))
		die("a record is too long");
}

/* Is the operation one of -o? Helpers say what they do in any case. */
static int is_asked(const char *op)
{
	size_t len = strlen(op);

	/* a list of groups holds everything that the programs do */
	if (!test->ops || strstr(test->ops, "data"))
		return 1;
	for (const char *p = test->ops; (p = strstr(p, op)); p++)
		if ((p == test->ops || p[-1] == ',') && (!p[len] || p[len] == ','))
			return 1;
	return 0;
}

/* Every byte that is not a plain letter as \u00XX: run.py reads each as one byte. */
static void add_str(struct line *l, const char *key, const char *s)
{
	if (!s) {
		add(l, ",\"%s\":null", key);
		return;
	}
	add(l, ",\"%s\":\"", key);
	for (const unsigned char *p = (const void *)s; *p; p++)
		add(l, *p < ' ' || *p > '~' || *p == '"' || *p == '\\' ? "\\u%04x" : "%c", *p);
	add(l, "\"");
}

static void add_num(struct line *l, const char *key, struct num n, int is_unsigned)
{
	if (n.has)
		add(l, is_unsigned ? ",\"%s\":%llu" : ",\"%s\":%lld", key, n.v);
	else
		add(l, ",\"%s\":null", key);
}

static void publish(const struct line *l)
{
	while (__atomic_exchange_n(&shared->lock, 1, __ATOMIC_ACQUIRE))
		syscall(SYS_sched_yield);
	if (shared->len + l->len > EXPECT_SZ - sizeof(*shared))
		die("too many records");
	memcpy(shared->lines + shared->len, l->buf, l->len);
	shared->len += l->len;
	__atomic_store_n(&shared->lock, 0, __ATOMIC_RELEASE);
}

void want(long long ret, const struct want *w)
{
	static __thread struct line l;
	const struct file *f = w->f;
	const char *path = w->path ? w->path : f ? f->path : NULL;
	const char *fs = w->no_fs ? NULL : w->fs ? w->fs : f ? f->fs : path ? "ext4" : NULL;
	char comm[17] = "";

	if (!is_asked(w->op))
		return;
	prctl(PR_GET_NAME, comm);
	l.len = 0;
	add(&l, "{\"op\":\"%s\",\"ret\":%lld", w->op, ret);
	add_str(&l, "err", ret < 0 && ret >= -4095 ? strerrorname_np(-ret) : NULL);
	add_str(&l, "via", w->via);
	add_str(&l, "path", path);
	add_str(&l, "path2", w->path2);
	add_str(&l, "fs", fs);
	add_str(&l, "ftype", w->ftype ? w->ftype : f ? f->ftype : NULL);
	add_str(&l, "dev", w->dev ? w->dev : f ? f->dev : NULL);
	add_num(&l, "ino", w->ino.has || !f ? w->ino : N(f->ino), 1);
	add_str(&l, "flags", w->flags);
	add_str(&l, "comm", w->comm ? w->comm : comm);
	if (w->pcomm || parent_comm)
		add_str(&l, "pcomm", w->pcomm ? w->pcomm : parent_comm);
	add_num(&l, "fd", w->fd, 0);
	add_num(&l, "offset", w->offset, 0);
	add_num(&l, "req", w->req, 1);
	add_num(&l, "bytes", w->bytes, 1);
	if (w->mode.has)
		add(&l, ",\"mode\":\"%04o\"", (unsigned)w->mode.v);
	else
		add_str(&l, "mode", NULL);
	add_num(&l, "pid", w->pid.has ? w->pid : N(getpid()), 0);
	add_num(&l, "tid", w->tid.has ? w->tid : N(get_tid()), 0);
	add_num(&l, "ppid", w->ppid.has ? w->ppid : N(getppid()), 0);
	add_num(&l, "uid", N(getuid()), 0);
	if (mnt_ns)
		add_num(&l, "mnt_ns", N(mnt_ns), 1);
	add(&l, "}\n");
	publish(&l);
}

/* --- files --------------------------------------------------------------------------------- */

static const char *ftype_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return "reg";
	case S_IFDIR: return "dir";
	case S_IFLNK: return "lnk";
	case S_IFIFO: return "fifo";
	case S_IFSOCK: return "sock";
	case S_IFCHR: return "chr";
	case S_IFBLK: return "blk";
	default: return "anon";
	}
}

struct file *file_stat(const struct stat *st, const char *path)
{
	struct file *f = calloc(1, sizeof(*f));

	if (!f || strlen(path) >= sizeof(f->path))
		die("%s: too long", path);
	f->fd = -1;
	strcpy(f->path, path);
	snprintf(f->dev, sizeof(f->dev), "%u:%u", major(st->st_dev), minor(st->st_dev));
	f->ino = st->st_ino;
	f->ftype = ftype_of(st->st_mode);
	f->fs = "ext4";
	return f;
}

long raw_fstat(int fd, struct stat *st)
{
#if IS_32BIT
	return SYS(fstat64, fd, st); /* the kernel's struct stat64 is the libc's struct stat */
#else
	return SYS(fstat, fd, st);
#endif
}

struct file *file_of(int fd, const char *path)
{
	struct stat st;
	struct file *f;
	long ret = OK(raw_fstat(fd, &st));

	f = file_stat(&st, path);
	f->fd = fd;
	WANT("stat", ret, .f = f, .fd = N(fd));
	return f;
}

struct file *file_new(const char *name, long size)
{
	const char *path = in("%s", name);
	/* a 32-bit program has to say that it can take large offsets */
	const char *flags =
		IS_32BIT ? "O_RDWR|O_CREAT|O_EXCL|O_LARGEFILE" : "O_RDWR|O_CREAT|O_EXCL";
	long fd = OK(SYS(open, path, O_RDWR | O_CREAT | O_EXCL | (IS_32BIT ? 0100000 : 0), 0644));
	struct stat st;
	struct file *f;
	long ret = OK(raw_fstat(fd, &st));

	f = file_stat(&st, path);
	f->fd = fd;
	WANT("open", fd, .f = f, .fd = N(fd), .flags = flags, .mode = N(0644));
	WANT("create", fd, .f = f, .fd = N(fd), .flags = flags, .mode = N(0644));
	WANT("stat", ret, .f = f, .fd = N(fd));
	if (size) {
		ret = OK(SYS(ftruncate, fd, size));
		WANT("truncate", ret, .f = f, .fd = N(fd), .req = N(size));
	}
	return f;
}

struct file *file_open(const char *name, int flags, const char *flags_text)
{
	const char *path = strcmp(name, ".") ? in("%s", name) : dir;
	long fd = OK(SYS(open, path, flags, 0));
	struct stat st;
	struct file *f;
	long ret = OK(raw_fstat(fd, &st));

	f = file_stat(&st, path);
	f->fd = fd;
	WANT("open", fd, .f = f, .fd = N(fd), .flags = flags_text);
	WANT("stat", ret, .f = f, .fd = N(fd));
	return f;
}

void file_close(struct file *f)
{
	long ret = OK(SYS(close, f->fd));

	WANT("close", ret, .f = f, .fd = N(f->fd));
}

void make_dir(const char *name)
{
	const char *path = in("%s", name);
	long ret = OK(SYS(mkdir, path, 0755));

	WANT("mkdir", ret, .path = path, .mode = N(0755));
}

/* fstat of a pipe gives no record: only regular files and directories do without --all. */
void make_pipe(struct file *end[2])
{
	int fds[2];

	OK(SYS(pipe2, fds, 0));
	for (int i = 0; i < 2; i++) {
		struct stat st;

		OK(raw_fstat(fds[i], &st));
		end[i] = file_stat(&st, text("pipe:[%llu]", (unsigned long long)st.st_ino));
		end[i]->fd = fds[i];
		end[i]->fs = "pipefs";
	}
}

void await(void)
{
	char c;

	OK(SYS(write, 1, "ready\n", 6));
	if (OK(SYS(read, 0, &c, 1)) != 1)
		die("nobody says go");
}

/* --- main ------------------------------------------------------------------------------------ */

static void print(const struct test *t)
{
	printf("{\"name\":\"%s\",\"ops\":\"%s\",\"opts\":\"%s\",\"lost\":\"%s\",\"no_dir\":%d,"
	       "\"pid\":%d,\"ia32\":%d,\"status\":%d}\n",
	       t->name, t->ops ? t->ops : "data,names,metadata", t->opts ? t->opts : "",
	       t->lost ? t->lost : "", !!(t->flags & TEST_NO_DIR), !!(t->flags & TEST_PID),
	       !!(t->flags & TEST_IA32), t->status);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--list")) {
		for (int i = 0; i < tests_len; i++)
			print(&tests[i]);
		return 0;
	}
	if (argc < 3)
		die("usage: %s CASE DIR", argv[0]);
	shared = mmap(NULL, EXPECT_SZ, PROT_READ | PROT_WRITE, MAP_SHARED, EXPECT_FD, 0);
	if (shared == MAP_FAILED)
		die("descriptor %d is not shared memory", EXPECT_FD);
	self_path = argv[0];
	dir = argv[2];
	args = argv + 3;
	for (int i = 0; i < tests_len; i++) {
		if (strcmp(tests[i].name, argv[1]))
			continue;
		test = &tests[i];
		if (getenv("E2E_AWAIT") && !(test->flags & TEST_PID))
			await();
		tests[i].run();
		_exit(tests[i].status > 0 ? tests[i].status : 0);
	}
	die("no case '%s'", argv[1]);
}
