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

/* Documentation/filesystems/proc.rst: "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 ..." */
static bool parse(char *line, struct mountinfo *info)
{
	char *type = strstr(line, " - "), *root, *point, *save;
	unsigned int major, minor;
	int at = 0;

	if (!type ||
	    sscanf(line, "%llu %llu %u:%u %n", &info->id, &info->parent, &major, &minor, &at) !=
		    4 ||
	    !at)
		return false;
	*type = '\0';
	root = strtok_r(line + at, " ", &save);
	point = strtok_r(NULL, " ", &save);
	if (!point)
		return false;
	info->dev = major << 20 | minor;
	unescape(info->root, root);
	unescape(info->point, point);
	type += strlen(" - ");
	snprintf(info->fs, sizeof(info->fs), "%.*s", (int)strcspn(type, " ."), type);
	return true;
}

FILE *mountinfo_open(__u32 pid)
{
	char path[32] = "/proc/self/mountinfo";

	if (pid)
		snprintf(path, sizeof(path), "/proc/%u/mountinfo", pid);
	return fopen(path, "re");
}

bool mountinfo_next(FILE *file, struct mountinfo *info)
{
	char *line = NULL;
	size_t size = 0;
	bool found = false;

	while (!found && getline(&line, &size, file) > 0)
		found = parse(line, info);
	free(line);
	return found;
}

bool mountinfo_find(__u32 pid, __u64 id, struct mountinfo *info)
{
	FILE *file = mountinfo_open(pid);
	bool found = false;

	while (file && !found && mountinfo_next(file, info))
		found = info->id == id;
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
