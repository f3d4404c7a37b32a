/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes for cli.py to trace. Each opens DIR/f, says that it is ready, and reads from
 * it when told to go on. args: how many reads, unless a case says otherwise.
 */
#include "e2e.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static char buf[8192];

/* Opens without the O_CREAT of file_new: cli.py has made the file, maybe as another user. */
static struct file *existing(void)
{
	long fd = OK(SYS(open, in("f"), O_RDONLY, 0));
	struct stat st;
	struct file *f;

	OK(raw_fstat(fd, &st));
	f = file_stat(&st, in("f"));
	f->fd = fd;
	return f;
}

static void read_at(const struct file *f, long offset, int quiet)
{
	long ret = OK(SYS(pread64, f->fd, buf, 10, offset));

	if (!quiet)
		WANT("read", ret, .via = "rw", .f = f, .fd = N(f->fd), .offset = N(offset),
		     .req = N(10), .bytes = N(ret));
}

static int count(void)
{
	return args[0] ? atoi(args[0]) : 10;
}

static void reads(void)
{
	struct file *f = existing();

	await();
	for (int i = 0; i < count(); i++)
		read_at(f, i, 0);
}

/* The same, not to be seen, and under another name. */
static void quiet(void)
{
	struct file *f = existing();

	prctl(PR_SET_NAME, "other");
	await();
	for (int i = 0; i < count(); i++)
		read_at(f, i, 1);
}

/* Without waiting, and without saying what is expected: for the overload. */
static void flood(void)
{
	struct file *f = existing();

	for (int i = 0; i < count(); i++)
		OK(SYS(pread64, f->fd, buf, 1, 0L));
}

static pthread_barrier_t barrier;
static long tid;
static void *in_thread(void *arg)
{
	tid = get_tid();
	pthread_barrier_wait(&barrier); /* tid is known */
	pthread_barrier_wait(&barrier); /* vfscope is there */
	for (int i = 0; i < 10; i++)
		read_at(arg, i, 0);
	return NULL;
}

/* Only the second thread is to be seen; its id is printed. */
static void thread(void)
{
	struct file *f = existing();
	pthread_t thread;
	char line[32];

	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&thread, NULL, in_thread, f);
	pthread_barrier_wait(&barrier);
	OK(SYS(write, 1, line, snprintf(line, sizeof(line), "%ld\n", tid)));
	await();
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < 10; i++)
		read_at(f, i, 1);
	pthread_join(thread, NULL);
}

/* Many short-lived children. */
static void forks(void)
{
	struct file *f = existing();

	for (int i = 0; i < count(); i++) {
		long child = fork();

		if (!child) {
			read_at(f, i, 0);
			_exit(0);
		}
		if (waitpid(child, NULL, 0) != child)
			die("a child is lost");
	}
}

static void *busy_thread(void *arg)
{
	for (int i = 0; i < 2000; i++)
		read_at(arg, i % 100, 0);
	return NULL;
}

static void busy(void)
{
	struct file *f = existing();
	pthread_t threads[8];

	for (int i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, busy_thread, f);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
}

/* More files than vfscope keeps track of, each read in turn, over and over. */
static void files(void)
{
	struct file *f[300];

	for (int i = 0; i < 300; i++)
		f[i] = file_new(text("f%d", i), 100);
	for (int round = 0; round < 5; round++)
		for (int i = 0; i < 300; i++)
			read_at(f[i], round, 0);
}

/*
 * For ever: a call that is traced and one that is not, in turn, so that vfscope attaches
 * between the beginning and the end of the first.
 */
static void *hammer_thread(void *arg)
{
	const struct file *f = arg;
	struct stat st;

	for (;;) {
		SYS(newfstatat, f->fd, "", &st, AT_EMPTY_PATH);
		SYS(ioctl, f->fd, 0x5401 /* TCGETS: no terminal, ENOTTY */, &st);
	}
	return NULL;
}

static void hammer(void)
{
	struct file *f = existing();
	pthread_t thread[8];

	for (int i = 0; i < 8; i++)
		pthread_create(&thread[i], NULL, hammer_thread, f);
	OK(SYS(write, 1, "ready\n", 6));
	pthread_join(thread[0], NULL);
}

/* clang-format off */
TESTS(
	T("reads", reads),
	T("quiet", quiet),
	T("flood", flood),
	T("thread", thread),
	T("forks", forks),
	T("busy", busy),
	T("files", files),
	T("hammer", hammer),
)
