/* SPDX-License-Identifier: GPL-2.0 */
/* load FILE CALLS [RATE]: so many one-byte preads, at most RATE a second. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	long calls = argc > 2 ? atol(argv[2]) : 0;
	double rate = argc > 3 ? atof(argv[3]) : 0, began = now(), took;
	int fd = argc > 2 ? open(argv[1], O_RDONLY) : -1;
	char byte;

	if (fd < 0) {
		fprintf(stderr, "usage: load FILE CALLS [RATE]\n");
		return 2;
	}
	for (long i = 0; i < calls; i++) {
		if (syscall(SYS_pread64, fd, &byte, 1, 0L) != 1)
			return 1;
		while (rate && i % 64 == 0 && (now() - began) * rate < i)
			;
	}
	took = now() - began;
	fprintf(stderr, "%ld calls in %.2f s, %.0f a second\n", calls, took, calls / took);
	return 0;
}
