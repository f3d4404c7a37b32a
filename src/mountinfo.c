/* SPDX-License-Identifier: GPL-2.0 */
#include "mountinfo.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Blanks, line ends and backslashes are written as \ooo. */
static void unescape(char *to, const char *from)
{
	char *end = to + PATH_MAX - 1;

	while (*from && to < end) {
		if (from[0] == '\\' && from[1] && from[2] && from[3]) {
			*to++ = (from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0');
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
}

/* Documentation/filesystems/proc.rst: "36 35 98:0 /mnt1 /mnt2 rw,noatime ..." */
static bool parse(char *line, __u64 id, struct mountinfo *info)
{
	char *save, *fields[5];

	for (int i = 0; i < 5; i++) {
		fields[i] = strtok_r(i ? NULL : line, " ", &save);
		if (!fields[i] || (!i && strtoull(fields[0], NULL, 10) != id))
			return false;
	}
	snprintf(info->dev, sizeof(info->dev), "%s", fields[2]);
	unescape(info->root, fields[3]);
	unescape(info->point, fields[4]);
	return true;
}

bool mountinfo_find(__u32 pid, __u64 id, struct mountinfo *info)
{
	char path[32] = "/proc/self/mountinfo", *line = NULL;
	size_t size = 0;
	bool found = false;
	FILE *file;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%u/mountinfo", pid);
	file = fopen(path, "re");
	while (file && !found && getline(&line, &size, file) > 0)
		found = parse(line, id, info);
	free(line);
	if (file)
		fclose(file);
	return found;
}

__u64 mountinfo_id(int fd, bool *at_root)
{
	struct statx sx = {};

	statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &sx);
	*at_root = sx.stx_attributes & STATX_ATTR_MOUNT_ROOT;
	return sx.stx_mask & STATX_MNT_ID ? sx.stx_mnt_id : 0;
}
