/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pair DIR N ROUNDS: do two processors that read at once hold each other up? In each round a thread
 * on the first processor does N one-byte preads of a file of its own in DIR, alone; then two do, on
 * a processor and a file each. Prints the nanoseconds of the first thread for one read, alone and
 * beside the other: the medians of the rounds, which alternate, so that whatever else the machine
 * does is in both; of those with two, the ones in which the other was busy from the beginning to
 * the end.
 *
 * The threads are real-time ones, so that in a round they do nothing but this, and nobody, such as
 * the reader of what a tool writes, takes the processor: between the rounds it does.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { PAUSE_NS = 30000000 };

static long n;
static pthread_barrier_t begin, end;
static bool both;
static uint64_t began[2], ended[2]; /* by thread, of a round */

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static void read_all(int nth, int fd)
{
	char byte;

	began[nth] = now_ns();
	for (long i = 0; i < n; i++)
		if (syscall(SYS_pread64, fd, &byte, 1, 0) != 1)
			exit(1);
	ended[nth] = now_ns();
}

static int open_file(int nth)
{
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "pair-%d", nth);
	fd = open(name, O_RDWR | O_CREAT, 0600);
	if (fd < 0 || pwrite(fd, "x", 1, 0) != 1) {
		perror(name);
		exit(1);
	}
	return fd;
}

static void run_on(int cpu)
{
	const struct sched_param param = {.sched_priority = 1};
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) || sched_setscheduler(0, SCHED_FIFO, &param)) {
		perror("pair: a processor of its own");
		exit(1);
	}
}

static void *other(void *unused)
{
	int fd = open_file(1);

	(void)unused;
	run_on(1);
	for (;;) {
		pthread_barrier_wait(&begin);
		if (both)
			read_all(1, fd);
		pthread_barrier_wait(&end);
	}
	return NULL;
}

/* Nanoseconds for a read; 0: the round does not count. */
static double round_ns(int fd)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	uint64_t took, late;

	nanosleep(&pause, NULL);
	pthread_barrier_wait(&begin);
	read_all(0, fd);
	pthread_barrier_wait(&end);
	took = ended[0] - began[0];
	late = (began[1] > began[0] ? began[1] - began[0] : 0) +
	       (ended[1] < ended[0] ? ended[0] - ended[1] : 0);
	return both && late > took / 10 ? 0 : (double)took / n;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	pthread_t thread;
	double *ns[2];
	long rounds, len[2] = {0, 0};
	int fd;

	if (argc != 4 || chdir(argv[1]))
		return 2;
	n = atol(argv[2]);
	rounds = atol(argv[3]);
	ns[0] = calloc(rounds, sizeof(double));
	ns[1] = calloc(rounds, sizeof(double));
	fd = open_file(0);
	pthread_barrier_init(&begin, NULL, 2);
	pthread_barrier_init(&end, NULL, 2);
	if (pthread_create(&thread, NULL, other, NULL))
		return 1;
	run_on(0);
	for (long i = 0; i < 2 * rounds; i++) {
		both = i % 2;
		ns[both][len[both]] = round_ns(fd);
		len[both] += ns[both][len[both]] > 0;
	}
	for (int i = 0; i < 2; i++)
		qsort(ns[i], len[i], sizeof(double), compare);
	if (len[1] < rounds / 4) {
		fprintf(stderr, "pair: in %ld of %ld rounds two were busy\n", len[1], rounds);
		return 1;
	}
	printf("%.1f %.1f\n", ns[0][len[0] / 10], ns[1][len[1] / 10]);
	return 0;
}
