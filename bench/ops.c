/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ops [-w] NAME:DIR:N...: what one operation costs. Does each N times on a file in DIR, where it
 * goes to first (so paths are short), and prints a line NAME:DIR:N MEDIAN MEAN; see measure.h.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "measure.h"

enum { WARM_UP = 1000 };
#define FILE_NAME "data"
#define OTHER_NAME "created"

static int fd = -1; /* of the file */
static char byte;
static struct stat st;

static long op_nothing(void)
{
	return 0;
}

static long op_pread(void)
{
	return syscall(SYS_pread64, fd, &byte, 1, 0) != 1;
}

static long op_write(void)
{
	return syscall(SYS_pwrite64, fd, &byte, 1, 0) != 1;
}

static long op_open(void)
{
	long new = syscall(SYS_openat, AT_FDCWD, FILE_NAME, O_RDONLY);

	return new < 0 || syscall(SYS_close, new);
}

static long op_stat(void)
{
	return syscall(SYS_newfstatat, AT_FDCWD, FILE_NAME, &st, 0);
}

static long op_create(void)
{
	long new = syscall(SYS_openat, AT_FDCWD, OTHER_NAME, O_CREAT | O_WRONLY, 0600);

	return new < 0 || syscall(SYS_close, new) || syscall(SYS_unlinkat, AT_FDCWD, OTHER_NAME, 0);
}

static const struct {
	const char *name;
	long (*run)(void);
} op_table[] = {
	{"nothing", op_nothing}, {"pread", op_pread}, {"write", op_write},
	{"open", op_open},	 {"stat", op_stat},   {"create", op_create},
};
enum { OPS = sizeof(op_table) / sizeof(*op_table) };

static int measure(long (*run)(void), long n, uint64_t *median, uint64_t *mean)
{
	uint64_t began, all;

	counts_clear();
	for (long i = 0; i < WARM_UP && i < n; i++)
		if (run())
			return -1;
	all = ticks();
	for (long i = 0; i < n; i++) {
		began = ticks();
		if (run())
			return -1;
		counts_add(ticks() - began);
	}
	*mean = (ticks() - all) / n;
	*median = counts_median(n);
	return 0;
}

static int open_place(const char *dir)
{
	if (chdir(dir))
		return -1;
	fd = open(FILE_NAME, O_RDWR | O_CREAT, 0600);
	return fd < 0 || pwrite(fd, "x", 1, 0) != 1 ? -1 : 0;
}

/* NAME:DIR:N, less the time that measuring takes. */
static int measure_arg(char *arg, uint64_t empty, uint64_t empty_mean)
{
	uint64_t median, mean;
	char name[16], dir[256];
	size_t op = 0;
	long n;

	if (sscanf(arg, "%15[^:]:%255[^:]:%ld", name, dir, &n) != 3 || n < 1)
		return -1;
	while (op < OPS && strcmp(op_table[op].name, name))
		op++;
	if (op == OPS || open_place(dir) || measure(op_table[op].run, n, &median, &mean))
		return -1;
	close(fd);
	printf("%s %llu %llu\n", arg, (unsigned long long)(median - empty),
	       (unsigned long long)(mean - empty_mean));
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t empty, empty_mean;

	wall = argc > 1 && !strcmp(argv[1], "-w");
	if (!counts_make() || measure(op_nothing, WARM_UP, &empty, &empty_mean))
		return 1;
	for (int i = 1 + wall; i < argc; i++)
		if (measure_arg(argv[i], empty, empty_mean)) {
			perror(argv[i]);
			return 1;
		}
	return 0;
}
