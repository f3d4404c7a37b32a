/* SPDX-License-Identifier: GPL-2.0 */
#include "calls.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "syscalls.h"
#include "util.h"

/* Where the function is called otherwise than the call. */
static const struct {
	const char *call, *native, *compat;
} other_names[] = {
	{"sendfile", "sendfile64", "sendfile"},
	{"io_getevents", "io_getevents", "io_getevents_time32"},
	{"umount", NULL, "oldumount"},
	{"umount2", "umount", "umount"},
};

#if defined(__x86_64__)
static const char *const native_prefixes[] = {"__x64_sys_", NULL};
/* both may be there: the table of 32-bit calls has one of them */
static const char *const compat_prefixes[] = {"__ia32_compat_sys_", "__ia32_sys_", NULL};
#elif defined(__aarch64__)
static const char *const native_prefixes[] = {"__arm64_sys_", NULL};
static const char *const compat_prefixes[] = {NULL};
#endif

static const char *function_of(const char *call, bool compat)
{
	for (size_t i = 0; i < ARRAY_LEN(other_names); i++)
		if (!strcmp(other_names[i].call, call))
			return compat ? other_names[i].compat : other_names[i].native;
	return call;
}

static int add(struct calls *calls, const struct btf *btf, const char *call, bool compat)
{
	const char *const *prefix = compat ? compat_prefixes : native_prefixes;
	bool found = !*prefix;

	for (; *prefix; prefix++) {
		char *name;

		if (calls->len == CALLS_MAX)
			return -E2BIG;
		name = calls->name[calls->len];
		snprintf(name, sizeof(calls->name[0]), "%s%s", *prefix, function_of(call, compat));
		if (btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) < 0)
			continue;
		calls->len++;
		found = true;
	}
	return found ? 0 : -ENOENT;
}

/* Calls with a higher number came after 5.10, so this kernel may have none such. */
enum { CALLS_OF_ALL = 440 };

static int add_of(struct calls *calls, const struct btf *btf, const struct syscall_row *row,
		  short nr, bool compat)
{
	int err = nr < 0 ? 0 : add(calls, btf, row->name, compat);

	return err == -ENOENT && nr > CALLS_OF_ALL ? 0 : err;
}

int calls_find(struct calls *calls, const struct btf *btf, __u64 ops, __u64 vias)
{
	const __u64 better = VS_BIT(VS_VIA_RW) | VS_BIT(VS_VIA_VEC);
	/* a kernel without 32-bit programs */
	bool compat = btf__find_by_name_kind(btf, "__ia32_sys_dup", BTF_KIND_FUNC) > 0;
	int err = 0;

	calls->len = 0;
	for (int i = 0; i < syscall_table_len && !err; i++) {
		const struct syscall_row *row = &syscall_table[i];
		bool asked = syscall_ops(&row->sys) & ops && VS_BIT(row->sys.via) & vias;

		if (!(asked || row->sys.bits & VS_SYS_MOVES_NAMES) || VS_BIT(row->sys.via) & better)
			continue;
		err = add_of(calls, btf, row, syscall_native(row), false);
		if (!err && compat)
			err = add_of(calls, btf, row, syscall_compat(row), true);
	}
	return err;
}
