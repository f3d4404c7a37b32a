/* SPDX-License-Identifier: GPL-2.0 */
#include "words.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "fields.h"
#include "tables.h"
#include "util.h"

const char *op_word(size_t i)
{
	if (i < VS_OP_MAX - 1)
		return op_table[i + 1].name;
	i -= VS_OP_MAX - 1;
	if (i < VS_GROUP_MAX)
		return group_table[i].name;
	return i == VS_GROUP_MAX ? "all" : NULL;
}

const char *via_word(size_t i)
{
	return i + 1 < VS_VIA_MAX ? via_table[i + 1].name : NULL;
}

const char *ftype_word(size_t i)
{
	return i + 1 < VS_FTYPE_MAX ? ftype_table[i + 1].name : NULL;
}

const char *field_word(size_t i)
{
	return i < (size_t)field_table_len ? field_table[i].name : NULL;
}

const char *errno_word(size_t i)
{
	const char *name = errno_name(i + 1);

	return name ? name : i < 4095 ? "" : NULL;
}

/* Those that the kernel has now, and those that cannot be mounted. i counts from 0 here too. */
const char *fs_word(size_t i)
{
	static char line[64]; /* "nodev\tproc", "\text4" */
	static size_t lines;
	static FILE *file;
	char *tab;

	if (!i) {
		if (file)
			fclose(file);
		file = fopen("/proc/filesystems", "re");
		lines = 0;
	}
	if (file && fgets(line, sizeof(line), file)) {
		lines++;
		line[strcspn(line, "\n")] = '\0';
		tab = strrchr(line, '\t');
		return tab ? tab + 1 : line;
	}
	return i - lines < fs_table_len ? fs_table[i - lines].name : NULL;
}

/* Names of users; getpwent goes on from call to call, and i counts from 0. */
const char *user_word(size_t i)
{
	struct passwd *user;

	if (!i)
		setpwent();
	user = getpwent();
	if (!user)
		endpwent();
	return user ? user->pw_name : NULL;
}
