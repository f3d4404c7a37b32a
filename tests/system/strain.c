/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is hard to follow:
 *
 * strain overflow FILE CALLS: io_uring reads of one byte, with room for two completions
 * strain faults FILE PAGES:   pages of a file written to in mapped memory, while another thread
 * changes the memory map
 * strain swap FILE CALLS:     reads of a descriptor that another thread makes now FILE, now FILE.2
 */
#include <err.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* They stay in the kernel, who keeps what has no room. */
static void overflow(int file, long calls)
{
	struct io_uring_params p = {0};
	int fd = syscall(SYS_io_uring_setup, 1, &p);
	const int prot = PROT_READ | PROT_WRITE, flags = MAP_SHARED | MAP_POPULATE;
	struct io_uring_sqe *sqe;
	static char byte;
	uint32_t *tail;
	char *sq;

	if (fd < 0)
		err(1, "io_uring_setup");
	sq = mmap(NULL, p.sq_off.array + sizeof(uint32_t), prot, flags, fd, IORING_OFF_SQ_RING);
	sqe = mmap(NULL, sizeof(*sqe), prot, flags, fd, IORING_OFF_SQES);
	if (sq == MAP_FAILED || sqe == MAP_FAILED)
		err(1, "mmap");
	tail = (uint32_t *)(sq + p.sq_off.tail);
	for (long i = 0; i < calls; i++) {
		*sqe = (struct io_uring_sqe){
			.opcode = IORING_OP_READ, .fd = file, .addr = (uintptr_t)&byte, .len = 1};
		__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
		if (syscall(SYS_io_uring_enter, fd, 1, 0, 0, NULL, 0) != 1)
			err(1, "io_uring_enter");
	}
}

static volatile int go_on = 1;

/* Nothing of what it maps is touched. */
static void *change(void *unused)
{
	while (go_on)
		munmap(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096);
	return unused;
}

static void faults(int file, long pages)
{
	long page = sysconf(_SC_PAGESIZE);
	volatile char *map;
	pthread_t thread;

	map = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (map == MAP_FAILED)
		err(1, "mmap");
	if (pthread_create(&thread, NULL, change, NULL))
		errx(1, "no thread");
	for (long i = 0; i < pages; i++)
		map[i * page] = 1;
	go_on = 0;
	pthread_join(thread, NULL);
}

static int pair[2], swapped;

static void *change_file(void *unused)
{
	for (int i = 0; go_on; i++)
		dup2(pair[i & 1], swapped);
	return unused;
}

static void swap(int file, long calls)
{
	char link[64], path[4096], byte;
	pthread_t thread;
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
	len = readlink(link, path, sizeof(path) - 3);
	if (len < 0)
		err(1, "readlink");
	strcpy(path + len, ".2");
	pair[0] = file;
	pair[1] = open(path, O_RDWR);
	swapped = dup(file);
	if (pair[1] < 0 || swapped < 0)
		err(1, "%s", path);
	if (pthread_create(&thread, NULL, change_file, NULL))
		errx(1, "no thread");
	for (long i = 0; i < calls; i++)
		if (pread(swapped, &byte, 1, 0) != 1)
			err(1, "pread");
	go_on = 0;
	pthread_join(thread, NULL);
}

static const struct {
	const char *name;
	void (*run)(int file, long n);
} jobs[] = {{"overflow", overflow}, {"faults", faults}, {"swap", swap}};

int main(int argc, char **argv)
{
	int file = argc == 4 ? open(argv[2], O_RDWR) : -1;

	for (size_t i = 0; file >= 0 && i < sizeof(jobs) / sizeof(*jobs); i++)
		if (!strcmp(argv[1], jobs[i].name)) {
			jobs[i].run(file, atol(argv[3]));
			return 0;
		}
	errx(2, "usage: strain overflow FILE CALLS | faults FILE PAGES | swap FILE CALLS");
}
