/* SPDX-License-Identifier: GPL-2.0 */
#include "caches.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct caches caches_now, caches_before;

enum { WORDS = 8, KIB = 1024 };

/* The first numbers of a file. */
static int read_numbers(const char *path, __u64 n[WORDS])
{
	FILE *f = fopen(path, "re");
	int len = 0;

	if (!f)
		return -errno;
	memset(n, 0, WORDS * sizeof(*n));
	while (len < WORDS && fscanf(f, "%llu", &n[len]) == 1)
		len++;
	fclose(f);
	return len ? 0 : -EPROTO;
}

static int read_meminfo(struct caches *c)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char name[64], line[128];
	__u64 kib;

	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%63[^:]: %llu", name, &kib) != 2)
			continue;
		if (!strcmp(name, "Cached"))
			c->cached = kib * KIB;
		else if (!strcmp(name, "Dirty"))
			c->dirty = kib * KIB;
	}
	fclose(f);
	return 0;
}

int caches_read(void)
{
	__u64 dentry[WORDS], inode[WORDS], file[WORDS];
	struct caches now = {};
	/* Documentation/admin-guide/sysctl/fs.rst */
	int err = read_numbers("/proc/sys/fs/dentry-state", dentry);

	err = err ?: read_numbers("/proc/sys/fs/inode-nr", inode);
	err = err ?: read_numbers("/proc/sys/fs/file-nr", file);
	err = err ?: read_meminfo(&now);
	if (err)
		return err;
	now.known = true;
	now.dentries = dentry[0];
	now.negative = dentry[4]; /* since 5.0 */
	now.inodes = inode[0];
	now.files = file[0];
	caches_before = caches_now;
	caches_now = now;
	return 0;
}
