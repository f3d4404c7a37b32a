/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The programs of the end-to-end tests: each does known I/O and says which records
 * vfscope must have shown for it, every key of them.
 *
 * A program is run as `PROGRAM CASE DIR`, traced. It must do no I/O that it does not
 * expect a record for: all calls are raw, it is linked statically (no loader), and the
 * expected records go to memory shared with run.py (a memfd on descriptor EXPECT_FD),
 * for writing them to a file would be traced as well. `PROGRAM --list` prints its cases.
 */
#ifndef E2E_H
#define E2E_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#define SYS_setxattrat 463
#define SYS_getxattrat 464
#define SYS_listxattrat 465
#define SYS_removexattrat 466
#endif
#ifndef SYS_file_setattr
#define SYS_file_setattr 469
#endif
/* arm64 has only the newer of these calls; sys_call makes them of the old ones, see e2e.c */
#ifndef SYS_open
#define HAS_OLD_CALLS 0
enum {
	SYS_open = 10000,
	SYS_creat,
	SYS_getdents,
	SYS_stat,
	SYS_lstat,
	SYS_mkdir,
	SYS_rmdir,
	SYS_unlink,
	SYS_mknod,
	SYS_link,
	SYS_symlink,
	SYS_rename,
	SYS_readlink,
	SYS_chmod,
	SYS_chown,
	SYS_lchown,
};
long sys_call(long nr, ...);
#else
#define HAS_OLD_CALLS 1
#define sys_call syscall
#endif
/* i386 has several calls for one purpose; these take the same arguments as on x86-64 */
#if defined(__i386__)
#define SYS_newfstatat SYS_fstatat64
#define IS_32BIT 1
/* a 64-bit value takes two arguments */
#define OFF64(x) (long)(uint32_t)(uint64_t)(x), (long)(uint32_t)((uint64_t)(x) >> 32)
#else
#define IS_32BIT 0
#define OFF64(x) (long)(x)
#endif

enum { EXPECT_FD = 900, EXPECT_SZ = 8 << 20, BIG_NAME = 5000 };

/* A number that a record holds, or (all zero) must not hold. */
struct num {
	int has;
	long long v;
};
#define N(x) ((struct num){1, (long long)(x)})

/* An open file: what every record about it must say. */
struct file {
	int fd;
	char path[BIG_NAME], dev[32];
	unsigned long long ino;
	const char *ftype, *fs;
};

/* A record that vfscope must show. A member left out is a key that must be absent. */
struct want {
	const char *op, *via, *path, *path2, *fs, *ftype, *dev, *flags, *comm, *pcomm;
	const struct file *f; /* fills path, dev, ino, fs, ftype, those that are not given */
	struct num fd, ino, offset, req, bytes, mode, pid, tid, ppid;
	int no_fs; /* a path whose file system cannot be known */
};
/* ret is the result of the call, an errno negative. */
#define WANT(op_, ret_, ...) want(ret_, &(struct want){.op = op_, __VA_ARGS__})
void want(long long ret, const struct want *w);

/* Bytes that a call moved. */
#define MOVED(ret) N((ret) > 0 ? (ret) : 0)

struct test {
	const char *name;
	void (*run)(void);
	const char *ops;  /* of -o: names of operations; NULL: data,names,metadata */
	const char *opts; /* further options of vfscope */
	const char *lost; /* what must be counted as lost, "path_cut=1", "ring": 1 or more,
			     "follow?": any number; NULL: nothing */
	int flags;	  /* TEST_* */
	int status;	  /* of exit; negative: a signal */
};
enum {
	TEST_NO_DIR = 1, /* without -d: what has no file is shown only so */
	TEST_PID = 2,	 /* started before vfscope, which gets -p; goes on at await() */
	TEST_IA32 = 4,	 /* needs the 32-bit calls of x86, which not every kernel has */
};
extern const struct test tests[];
extern const int tests_len;
#define T(name_, run_, ...)                                                                        \
	{                                                                                          \
		.name = name_, .run = run_, __VA_ARGS__                                            \
	}
#define TESTS(...)                                                                                 \
	const struct test tests[] = {__VA_ARGS__};                                                 \
	const int tests_len = sizeof(tests) / sizeof(tests[0]);

extern const char *dir;		/* where the case works; absolute, without symbolic links */
extern char **args;		/* what stands behind DIR on the command line */
extern const char *self_path;	/* of the program */
extern const char *parent_comm; /* of later records; NULL: as run.py thinks */
extern unsigned long mnt_ns;	/* of later records; 0: that of run.py */

/* Result of a raw call: the errno negative. */
long sys_ret(long ret);
#define SYS(name, ...) sys_ret(sys_call(SYS_##name, ##__VA_ARGS__))
/* The result, which must not be an error; must be this one. Else the case ends here. */
#define OK(call) must(call, 0, #call, __FILE__, __LINE__)
#define FAILS(err, call) must(call, err, #call, __FILE__, __LINE__)
/* Likewise of what is younger than some kernels: before version (6.9 is 609) it has to fail with
 * old. */
#define OK_SINCE(version, old, call) FAILS_SINCE(version, old, 0, call)
#define FAILS_SINCE(version, old, err, call)                                                       \
	must(call, kernel_version() < (version) ? (old) : (err), #call, __FILE__, __LINE__)
int kernel_version(void);
long must(long ret, int err, const char *what, const char *file, int line);
void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* DIR/name, kept for ever. */
const char *in(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Likewise, as text. */
const char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A new regular file of that size, open for both; nothing but zeros in it. */
struct file *file_new(const char *name, long size);
/* An existing file below DIR. flags_text: what vfscope shows. */
struct file *file_open(const char *name, int flags, const char *flags_text);
/* Takes a descriptor that the case has opened: finds out what it is, by fstat. */
struct file *file_of(int fd, const char *path);
/* fstat, whose own record is not said to be wanted. */
long raw_fstat(int fd, struct stat *st);
/* Fills dev, ino, ftype of a record about a path from what stat says. */
struct file *file_stat(const struct stat *st, const char *path);
void file_close(struct file *f);
void make_dir(const char *name);
/* A pipe; the files stand for its ends. */
void make_pipe(struct file *end[2]);
/* TEST_PID: says that it is ready, and waits until vfscope is. */
void await(void);

long long now_ns(void);
long get_tid(void);

#endif
