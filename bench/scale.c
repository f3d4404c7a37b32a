/* SPDX-License-Identifier: GPL-2.0 */
/*
 * scale [-w] make:DIR:N | NAME:DIR:MANY:N...: what a read of a byte costs where there is much else,
 * the median of N. Prints a line NAME:DIR:MANY:N MEDIAN for each; see measure.h.
 *
 *   make  makes N files in DIR, for met and new
 *   idle  MANY processes sleep, another one reads
 *   procs MANY processes read, in turn
 *   held  MANY files are open, of which one is read
 *   files MANY files are open, and are read in turn
 *   met   MANY files have been opened, read and closed; another one is read
 *   new   after them each is one more that is opened, read and closed
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

enum { PER_DIR = 1000, WARM_UP = 1000 };

static char byte;
static int one = -1; /* the file that is read where one is */
static int *fds;
static long many; /* of what there is much */
static long next; /* file that has not been met */

static long read_fd(int fd)
{
	return syscall(SYS_pread64, fd, &byte, 1, 0) < 0;
}

static long read_one(long i)
{
	(void)i;
	return read_fd(one);
}

static long nothing(long i)
{
	(void)i;
	return 0;
}

/* The i-th operation; the first ones are not counted. */
static long timed(long (*run)(long), long i, long warm_up)
{
	uint64_t began = ticks();

	if (run(i))
		return -1;
	if (i >= warm_up)
		counts_add(ticks() - began);
	return 0;
}

static long in_a_row(long (*run)(long), long n, long warm_up)
{
	for (long i = 0; i < warm_up + n; i++)
		if (timed(run, i, warm_up))
			return -1;
	return 0;
}

/* --- processes ------------------------------------------------------------------------- */

enum turn { WAIT, GO, END };
static struct turns {
	long i, n; /* how many have been taken, and are to be */
	uint32_t failed;
	uint32_t of[]; /* enum turn of each */
} * turns;

static void give_turn(long to, enum turn turn)
{
	__atomic_store_n(&turns->of[to], turn, __ATOMIC_RELEASE);
	syscall(SYS_futex, &turns->of[to], FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void end_turns(void)
{
	for (long i = 0; i < many; i++)
		give_turn(i, END);
}

/* Reads each time that it is its turn; the first one of each is not counted. */
static void take_turns(long me)
{
	uint32_t turn;

	while ((turn = __atomic_load_n(&turns->of[me], __ATOMIC_ACQUIRE)) != END) {
		if (turn == WAIT) {
			syscall(SYS_futex, &turns->of[me], FUTEX_WAIT, WAIT, NULL, NULL, 0);
			continue;
		}
		turns->failed |= timed(read_one, turns->i, many) != 0;
		__atomic_store_n(&turns->of[me], WAIT, __ATOMIC_RELEASE);
		if (++turns->i == many + turns->n)
			end_turns();
		else
			give_turn((me + 1) % many, GO);
	}
}

static long start_processes(long n)
{
	turns = mmap(NULL, sizeof(*turns) + many * sizeof(*turns->of), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (turns == MAP_FAILED)
		return -1;
	turns->n = n;
	for (long i = 0; i < many; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return -1;
		if (pid)
			continue;
		take_turns(i);
		_exit(0);
	}
	return 0;
}

static long end_processes(void)
{
	int status, failed = 0;

	while (wait(&status) > 0)
		failed |= status;
	return failed | turns->failed;
}

static long run_procs(long n)
{
	if (start_processes(n))
		return -1;
	give_turn(0, GO);
	return end_processes();
}

static long run_idle(long n)
{
	long err = start_processes(n);

	err = err ? err : in_a_row(read_one, n, WARM_UP);
	end_turns();
	return err | end_processes();
}

/* --- files ------------------------------------------------------------------------------- */

static void name_file(char name[32], long i)
{
	snprintf(name, 32, "%ld/%ld", i / PER_DIR, i % PER_DIR);
}

static long make_files(long n)
{
	char name[32];

	for (long i = 0; i < n; i++) {
		int fd;

		snprintf(name, sizeof(name), "%ld", i / PER_DIR);
		if (i % PER_DIR == 0 && mkdir(name, 0700) && errno != EEXIST)
			return -1;
		name_file(name, i);
		fd = open(name, O_WRONLY | O_CREAT, 0600);
		if (fd < 0 || close(fd)) /* empty: a page for each would be much */
			return -1;
	}
	return 0;
}

static long read_next(long i)
{
	char name[32];
	int fd;

	(void)i;
	name_file(name, next++);
	fd = open(name, O_RDONLY);
	return fd < 0 || read_fd(fd) || close(fd);
}

/* Opens MANY files. */
static long hold(void)
{
	char name[32];

	fds = calloc(many, sizeof(*fds));
	for (long i = 0; i < many; i++) {
		name_file(name, i);
		fds[i] = open(name, O_RDONLY);
		if (fds[i] < 0)
			return -1;
	}
	return 0;
}

static void let_go(void)
{
	for (long i = 0; i < many; i++)
		close(fds[i]);
	free(fds);
}

static long read_in_turn(long i)
{
	return read_fd(fds[i % many]);
}

static long run_held(long n)
{
	long err = hold() || in_a_row(read_one, n, WARM_UP);

	let_go();
	return err;
}

static long run_files(long n)
{
	/* each twice before: with -d an open file is known best from then on (bpf/outside.h) */
	long err = hold() || in_a_row(read_in_turn, n, 2 * many);

	let_go();
	return err;
}

static long meet(void)
{
	for (long i = 0; i < many; i++)
		if (read_next(i))
			return -1;
	return 0;
}

static long run_met(long n)
{
	return meet() || in_a_row(read_one, n, WARM_UP);
}

static long run_new(long n)
{
	return meet() || in_a_row(read_next, n, 0);
}

static const struct {
	const char *name;
	long (*run)(long n);
} ways[] = {
	{"idle", run_idle},   {"procs", run_procs}, {"held", run_held},
	{"files", run_files}, {"met", run_met},	    {"new", run_new},
};
enum { WAYS = sizeof(ways) / sizeof(*ways) };

static int go_to(const char *dir)
{
	if (chdir(dir))
		return -1;
	one = open("one", O_RDWR | O_CREAT, 0600);
	return one < 0 || pwrite(one, "x", 1, 0) != 1 ? -1 : 0;
}

/* NAME:DIR:MANY:N, less the time that measuring takes. */
static int measure_arg(const char *arg, uint64_t empty)
{
	char name[16], dir[256];
	size_t way = 0;
	long n;

	if (sscanf(arg, "make:%255[^:]:%ld", dir, &n) == 2)
		return go_to(dir) || make_files(n);
	if (sscanf(arg, "%15[^:]:%255[^:]:%ld:%ld", name, dir, &many, &n) != 4 || n < 1)
		return -1;
	while (way < WAYS && strcmp(ways[way].name, name))
		way++;
	if (way == WAYS || go_to(dir))
		return -1;
	counts_clear();
	if (ways[way].run(n))
		return -1;
	printf("%s %llu\n", arg, (unsigned long long)(counts_median(n) - empty));
	fflush(stdout);
	close(one);
	return 0;
}

int main(int argc, char **argv)
{
	struct rlimit files = {1 << 20, 1 << 20};
	uint64_t empty;

	wall = argc > 1 && !strcmp(argv[1], "-w");
	setrlimit(RLIMIT_NOFILE, &files);
	if (!counts_make() || in_a_row(nothing, WARM_UP, 0))
		return 1;
	empty = counts_median(WARM_UP);
	for (int i = 1 + wall; i < argc; i++)
		if (measure_arg(argv[i], empty)) {
			perror(argv[i]);
			return 1;
		}
	return 0;
}
