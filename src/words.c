/* SPDX-License-Identifier: GPL-2.0 */
#include "words.h"

#include <pwd.h>

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
