/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ticks of the processor's clock, under QEMU's -icount shift=0 instructions, and how many
 * operations took so many. The median is of single operations, so it holds what a tool's kernel
 * side adds; the mean also has what ran in between, such as the tool itself.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

enum { TICKS_MAX = 1 << 22 };

static bool wall;	 /* nanoseconds instead */
static uint32_t *counts; /* of operations that took so many ticks; children add to it too */

static inline uint64_t ticks(void)
{
	struct timespec ts;

#if defined(__x86_64__)
	if (!wall)
		return __rdtsc();
#endif
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* All of its pages are there before anything is measured. */
static inline bool counts_make(void)
{
	counts = mmap(NULL, TICKS_MAX * sizeof(*counts), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	return counts != MAP_FAILED;
}

static inline void counts_clear(void)
{
	memset(counts, 0, TICKS_MAX * sizeof(*counts));
}

static inline void counts_add(uint64_t took)
{
	counts[took < TICKS_MAX ? took : TICKS_MAX - 1]++;
}

static inline uint64_t counts_median(long n)
{
	uint64_t seen = 0;
	uint32_t most = 0;

	while (seen < (uint64_t)(n + 1) / 2)
		seen += counts[most++];
	return most - 1;
}

#endif
