/* SPDX-License-Identifier: GPL-2.0 */
/*
 * crowd DIR PROCESSES FILES TURNS PERIOD: so many processes at a time, each of which has files of
 * its own open, of those that are DIR/I%100/I, and reads all of them once in a PERIOD (seconds),
 * one process after the other.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { DIRS = 100, BLOCK = 4096, FILES_EACH_MAX = 1000, SECOND_NS = 1000000000 };

static long number(const char *arg, long max)
{
	long n = atol(arg);

	if (n < 1 || n > max)
		errx(2, "%s: not from 1 to %ld", arg, max);
	return n;
}

static void wait_until(struct timespec began, long ns)
{
	ns += began.tv_nsec;
	began.tv_sec += ns / SECOND_NS;
	began.tv_nsec = ns % SECOND_NS;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &began, NULL);
}

static int one(const char *dir, long process, long processes, long files, long turns,
	       long period_ns, int there, int go)
{
	int fds[FILES_EACH_MAX], len = 0;
	struct timespec began;
	char buf[BLOCK];

	for (long i = process; i < files; i += processes) {
		snprintf(buf, sizeof(buf), "%s/%ld/%ld", dir, i % DIRS, i);
		fds[len] = open(buf, O_RDONLY | O_CLOEXEC);
		if (fds[len++] < 0)
			err(1, "%s", buf);
	}
	if (write(there, "x", 1) != 1 || read(go, &began, sizeof(began)) != sizeof(began))
		err(1, "pipe");
	for (long turn = 0; turn < turns; turn++) {
		wait_until(began, turn * period_ns + period_ns / processes * process);
		for (int i = 0; i < len; i++)
			if (pread(fds[i], buf, sizeof(buf), 0) < 1)
				err(1, "pread");
	}
	return 0;
}

int main(int argc, char **argv)
{
	long processes, files, turns, period_ns, failed = 0;
	int there[2], go[2], status;
	struct timespec began;
	char byte;

	if (argc != 6)
		errx(2, "usage: crowd DIR PROCESSES FILES TURNS PERIOD");
	processes = number(argv[2], 100000);
	files = number(argv[3], processes * FILES_EACH_MAX);
	turns = number(argv[4], 1000);
	period_ns = number(argv[5], 60) * SECOND_NS;
	if (pipe(there) || pipe(go))
		err(1, "pipe");
	for (long process = 0; process < processes; process++) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (!pid) {
			close(go[1]);
			_exit(one(argv[1], process, processes, files, turns, period_ns, there[1],
				  go[0]));
		}
	}
	close(there[1]);
	for (long left = processes; left; left--)
		if (read(there[0], &byte, 1) != 1)
			errx(1, "a process ended before all had begun");
	clock_gettime(CLOCK_MONOTONIC, &began);
	began.tv_sec += 2;
	for (long left = processes; left; left--)
		if (write(go[1], &began, sizeof(began)) != sizeof(began))
			err(1, "pipe");
	while (wait(&status) > 0)
		failed += status != 0;
	return failed > 0;
}
