/* SPDX-License-Identifier: GPL-2.0 */
#include "functions.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "glob.h"
#include "refusal.h"
#include "util.h"

/* --- which there are ---------------------------------------------------------------------- */

struct name_list {
	char **name;
	size_t len, room;
};

static void add_name(struct name_list *names, char *name)
{
	if (names->len == names->room) {
		names->room = names->room ? 2 * names->room : 1024;
		names->name = xreallocarray(names->name, names->room, sizeof(*names->name));
	}
	names->name[names->len++] = name;
}

static void free_names(struct name_list *names)
{
	for (size_t i = 0; i < names->len; i++)
		free(names->name[i]);
	free(names->name);
	*names = (struct name_list){};
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool has_name(const struct name_list *names, const char *name)
{
	return bsearch(&name, names->name, names->len, sizeof(*names->name), compare_names);
}

/* A file of tracefs, be it mounted anywhere or not (fsmount: 5.2). */
static FILE *open_tracefs(const char *name)
{
	int fs = syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC), mnt, fd;

	if (fs < 0)
		return NULL;
	syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	mnt = syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	close(fs);
	if (mnt < 0)
		return NULL;
	fd = openat(mnt, name, O_RDONLY | O_CLOEXEC);
	close(mnt);
	return fd < 0 ? NULL : fdopen(fd, "r");
}

/* What the kernel can trace, sorted; empty: it does not say. */
static void read_traceable(struct name_list *names)
{
	FILE *f = open_tracefs("available_filter_functions");
	char line[512];

	*names = (struct name_list){};
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, " \n")] = '\0';
		add_name(names, xstrdup(line));
	}
	if (f)
		fclose(f);
	if (names->len)
		qsort(names->name, names->len, sizeof(*names->name), compare_names);
}

/* Marks of the compiler, no functions: padding before them, landing places. */
static bool is_mark(const char *name)
{
	return !strncmp(name, "__pfx_", 6) || !strncmp(name, "__cfi_", 6);
}

static int compare_functions(const void *a, const void *b)
{
	const struct function *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->address > y->address) - (x->address < y->address);
}

/* --- what is near ------------------------------------------------------------------------- */

static const struct name_list *near_names;
static const char *near_name(size_t i)
{
	return i < near_names->len ? near_names->name[i] : NULL;
}

/* Of a pattern like "vsf_*": what stands before its first wildcard is compared, with as much of
 * names. */
static int say_none(const char *glob, const struct name_list *names)
{
	size_t literal = strcspn(glob, "*?[\\");
	bool is_glob = glob[literal];
	char *wrong = is_glob ? xasprintf("%.*s*", (int)literal, glob) : xstrdup(glob);
	struct name_list words = {};
	const char *near;

	for (size_t i = 0; i < names->len; i++) {
		char *word = is_glob ? xasprintf("%.*s*", (int)literal, names->name[i])
				     : xstrdup(names->name[i]);

		if (words.len && !strcmp(words.name[words.len - 1], word))
			free(word);
		else
			add_name(&words, word);
	}
	near_names = &words;
	near = literal ? nearest(wrong, near_name) : NULL;
	msg("count: no function of this kernel matches '%s'%s%s%s", glob,
	    near ? "; the nearest is '" : ": a glob on names, as 'vfs_*'", near ? near : "",
	    near ? "'" : "");
	free(wrong);
	free_names(&words);
	return -ENOENT;
}

/* The next function that the kernel lists. */
static bool next_symbol(FILE *symbols, unsigned long long *address, char name[512])
{
	char kind;

	while (fscanf(symbols, "%llx %c %511s%*[^\n]", address, &kind, name) == 3)
		if (strchr("tTwW", kind) && !is_mark(name))
			return true;
	return false;
}

__u64 functions_address(const char *wanted)
{
	FILE *symbols = fopen("/proc/kallsyms", "re");
	unsigned long long address, found = 0;
	char name[512];

	while (symbols && !found && next_symbol(symbols, &address, name))
		found = strcmp(name, wanted) ? 0 : address;
	if (symbols)
		fclose(symbols);
	return found;
}

int functions_find(struct functions *f, const char *glob)
{
	FILE *symbols = fopen("/proc/kallsyms", "re");
	struct name_list traceable, all = {};
	unsigned long long address;
	char name[512];
	int err = 0;

	*f = (struct functions){};
	if (!symbols)
		return -errno;
	read_traceable(&traceable);
	while (next_symbol(symbols, &address, name)) {
		if (traceable.len && !has_name(&traceable, name))
			continue;
		add_name(&all, xstrdup(name));
		if (!glob_match_text(glob, name, strlen(name)))
			continue;
		f->fn = xreallocarray(f->fn, f->len + 1, sizeof(*f->fn));
		f->fn[f->len++] = (struct function){xstrdup(name), address, false};
	}
	fclose(symbols);
	if (!all.len)
		err = -ENODATA;
	else
		qsort(all.name, all.len, sizeof(*all.name), compare_names);
	if (f->len)
		qsort(f->fn, f->len, sizeof(*f->fn), compare_functions);
	else if (!err)
		err = say_none(glob, &all);
	free_names(&all);
	free_names(&traceable);
	return err;
}

void functions_free(struct functions *f)
{
	for (int i = 0; i < f->len; i++)
		free(f->fn[i].name);
	free(f->fn);
	*f = (struct functions){};
}

/* --- attaching ------------------------------------------------------------------------------ */

bool functions_multi(const struct btf *btf)
{
	return btf__find_by_name_kind(btf, "bpf_kprobe_multi_link", BTF_KIND_STRUCT) > 0;
}

struct multi {
	struct functions *f;
	const struct bpf_program *prog;
	unsigned long *addresses;
	__u64 *cookies;
	functions_link_fn *add;
	void *ctx;
};

/*
 * Hooks those from one to another. One that the kernel refuses makes it refuse all: the halves are
 * tried then, until it is found. Returns how many are hooked, or a negative errno.
 */
static int attach_range(const struct multi *m, int from, int len)
{
	LIBBPF_OPTS(bpf_kprobe_multi_opts, opts, .addrs = m->addresses + from,
		    .cookies = m->cookies + from, .cnt = len);
	int err = m->add(m->ctx, bpf_program__attach_kprobe_multi_opts(m->prog, NULL, &opts)), rest;

	if (!err)
		return len;
	if (len == 1) {
		m->f->fn[from].refused = true;
		return err;
	}
	err = attach_range(m, from, len / 2);
	rest = attach_range(m, from + len / 2, len - len / 2);
	if (err > 0 && rest > 0)
		return err + rest;
	return err > 0 ? err : rest;
}

static int attach_multi(struct functions *f, const struct bpf_program *prog, functions_link_fn *add,
			void *ctx)
{
	struct multi m = {f,
			  prog,
			  xcalloc(f->len, sizeof(*m.addresses)),
			  xcalloc(f->len, sizeof(*m.cookies)),
			  add,
			  ctx};
	int hooked;

	for (int i = 0; i < f->len; i++) {
		m.addresses[i] = f->fn[i].address;
		m.cookies[i] = i;
	}
	hooked = attach_range(&m, 0, f->len);
	free(m.addresses);
	free(m.cookies);
	return hooked < 0 ? hooked : 0;
}

/* By address: names may stand for several functions. */
static int attach_one(const struct function *fn, int index, const struct bpf_program *prog,
		      functions_link_fn *add, void *ctx)
{
	LIBBPF_OPTS(bpf_perf_event_opts, opts, .bpf_cookie = index);
	struct perf_event_attr attr = {
		.type = kprobe_type(),
		.size = sizeof(attr),
		.kprobe_addr = fn->address,
	};
	int fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC), err;
	struct bpf_link *link;

	if (fd < 0)
		return -errno;
	link = bpf_program__attach_perf_event_opts(prog, fd, &opts);
	if (!link && errno == EOPNOTSUPP) /* no cookies: the address says it */
		link = bpf_program__attach_perf_event(prog, fd);
	err = add(ctx, link);
	if (err)
		close(fd);
	return err;
}

int functions_attach(struct functions *f, const struct bpf_program *prog, bool multi,
		     functions_link_fn *add, void *ctx)
{
	struct rlimit files;
	int hooked = 0, err = 0;

	if (multi)
		return attach_multi(f, prog, add, ctx);
	if (!getrlimit(RLIMIT_NOFILE, &files) && files.rlim_cur < 2 * FUNCTIONS_SINGLE_MAX) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	for (int i = 0; i < f->len; i++) {
		int refused = attach_one(&f->fn[i], i, prog, add, ctx);

		f->fn[i].refused = refused;
		hooked += !refused;
		err = err ?: refused;
	}
	return hooked ? 0 : err;
}
