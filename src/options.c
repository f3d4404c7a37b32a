/* SPDX-License-Identifier: GPL-2.0 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroups.h"
#include "comms.h"
#include "mounts.h"
#include "peek.h"
#include "tables.h"
#include "util.h"
#include "words.h"

const char *const format_names[] = {"table", "json", "csv", NULL};
const char *const backend_names[] = {"auto", "fentry", "kprobe", "tracepoint", NULL};
const char *const color_names[] = {"auto", "always", "never", NULL};

/* --- words, and what is said about wrong ones ----------------------------------------- */

/* Names of the options of the command that is being parsed; of others an empty word. */
static int option_commands;
static const char *command_name = "trace";
static const char *option_word(size_t i)
{
	static const char *const common[] = {"help", "verbose"};

	if (i < ARRAY_LEN(common))
		return common[i];
	i -= ARRAY_LEN(common);
	if (i >= (size_t)option_table_len)
		return NULL;
	return option_table[i].commands & option_commands ? option_table[i].name : "";
}

static const char *const *choice_words;
static const char *choice_word(size_t i)
{
	return choice_words[i];
}

static int unknown(const char *what, const char *wrong, const char *(*word)(size_t),
		   const char *see)
{
	const char *near = nearest(wrong, word);

	if (near)
		msg("unknown %s '%s'; the nearest is '%s'", what, wrong, near);
	else
		msg("unknown %s '%s'; see '%s'", what, wrong, see);
	return -EINVAL;
}

/* Calls each with the items of a list, and stops at the first that is refused. */
static int each_item(struct options *o, char *list, int (*each)(struct options *o, char *item))
{
	char *save, *item = strtok_r(list, ",", &save);
	int err = 0;

	if (!item)
		err = each(o, list);
	for (; item && !err; item = strtok_r(NULL, ",", &save))
		err = each(o, item);
	return err;
}

static void add_id(struct ids *ids, __u32 id)
{
	ids->id = xreallocarray(ids->id, ids->len + 1, sizeof(*ids->id));
	ids->id[ids->len++] = id;
}

void strings_add(struct strings *strings, const char *s)
{
	strings->s = xreallocarray(strings->s, strings->len + 1, sizeof(*strings->s));
	strings->s[strings->len++] = xstrdup(s);
}

/* --- setters, one for each row --------------------------------------------------------- */

#define SET(name_)                                                                                 \
	static int set_##name_(struct options *o, const struct option_row *row, char *arg)
#define EACH(name_) static int each_##name_(struct options *o, char *item)
#define SET_EACH(name_)                                                                            \
	SET(name_)                                                                                 \
	{                                                                                          \
		(void)row;                                                                         \
		return each_item(o, arg, each_##name_);                                            \
	}
#define SET_FLAG(name_)                                                                            \
	SET(name_)                                                                                 \
	{                                                                                          \
		(void)row, (void)arg;                                                              \
		o->name_ = true;                                                                   \
		return 0;                                                                          \
	}

static int add_task(struct ids *ids, const char *what, const char *item)
{
	__u64 id;

	if (parse_u64(item, 1, INT32_MAX, &id)) {
		msg("'%s' is no %s id: a number from 1 to %d", item, what, INT32_MAX);
		return -EINVAL;
	}
	if (kill(id, 0) && errno == ESRCH)
		msg("warning: there is no %s %s now", what, item);
	add_id(ids, id);
	return 0;
}

/* clang-format off */
EACH(pid) { return add_task(&o->pids, "process", item); }
SET_EACH(pid)
EACH(tid) { return add_task(&o->tids, "thread", item); }
SET_EACH(tid)
/* clang-format on */

EACH(uid)
{
	struct passwd *user = getpwnam(item);
	__u64 id;

	if (!user && parse_u64(item, 0, UINT32_MAX - 1, &id))
		return unknown("user", item, user_word, "getent passwd");
	add_id(&o->uids, user ? user->pw_uid : id);
	return 0;
}
SET_EACH(uid)

/* No path is empty, no name in one, and no thread's. */
static int add_glob(struct strings *globs, const struct option_row *row, char *arg)
{
	if (*arg) {
		strings_add(globs, arg);
		return 0;
	}
	msg("--%s '': nothing has no name", row->name);
	return -EINVAL;
}

SET(comm)
{
	int most = VS_COMM_LEN - 1;

	if (comm_least(arg) <= most)
		return add_glob(&o->comms, row, arg);
	if (arg[strcspn(arg, "*?[\\")])
		msg("-c '%s': the kernel keeps %d bytes of a name: no thread has one so long", arg,
		    most);
	else
		msg("-c %s: the kernel keeps %d bytes of a name; write -c '%.*s'", arg, most, most,
		    arg);
	return -EINVAL;
}

/* clang-format off */
SET(path) { return add_glob(&o->paths, row, arg); }
SET(name)
{
	if (!strchr(arg, '/') || !arg[1])
		return add_glob(&o->names, row, arg);
	msg("--name '%s': a name is the last component of a path; --path is for the whole", arg);
	return -EINVAL;
}
SET(where) { (void)row; return where_add(&o->where, arg); }
/* clang-format on */

SET(cgroup)
{
	int fd = *arg ? cgroup_open(arg) : -ENOENT;

	(void)row;
	if (fd == -ENODEV)
		msg("-g %s: this machine has no cgroup v2 hierarchy mounted", arg);
	else if (fd == -EXDEV)
		msg("-g %s: leads out of the cgroup v2 hierarchy", arg);
	else if (fd < 0)
		msg("-g %s: %s; paths are below the cgroup v2 mount point", arg, strerror(-fd));
	if (fd < 0)
		return -EINVAL;
	close(fd);
	if (o->cgroups.len == VS_CGROUPS_MAX) {
		msg("-g %s: at most %d cgroups can be watched", arg, VS_CGROUPS_MAX);
		return -EINVAL;
	}
	strings_add(&o->cgroups, arg);
	return 0;
}

SET(dir)
{
	int err = dirs_add(&o->dirs, arg);
	const char *dir;

	(void)row;
	if (err) {
		msg("-d %s: %s", arg,
		    err == -ENOTDIR ? "not a directory; for one file use --path" : strerror(-err));
		return -EINVAL;
	}
	dir = o->dirs.name[o->dirs.len - 1];
	mounts_read();
	o->dir_is_pseudo |= fs_bits(mounts_fs_of((struct str){dir, strlen(dir)})) & VS_FS_PSEUDO;
	return 0;
}

EACH(op)
{
	__u64 ops = ops_of(item);

	if (!ops)
		return unknown("operation", item, op_word, "vfscope list ops");
	o->op_mask |= ops;
	return 0;
}
SET_EACH(op)

EACH(via)
{
	for (int via = 1; via < VS_VIA_MAX; via++) {
		if (strcmp(item, via_table[via].name))
			continue;
		o->via_mask |= VS_BIT(via);
		return 0;
	}
	return unknown("via", item, via_word, "vfscope list vias");
}
SET_EACH(via)

static void warn_of_fs(const char *fs)
{
	const char *known, *near;

	for (size_t i = 0; (known = fs_word(i)); i++)
		if (!strcmp(known, fs))
			return;
	near = nearest(fs, fs_word);
	msg("warning: --fs %s: this kernel has no such file system now%s%s%s", fs,
	    near ? "; the nearest is '" : "", near ? near : "", near ? "'" : "");
}

/* Any name may be that of a file system whose module is not loaded yet. */
EACH(fs)
{
	if (!*item || strlen(item) >= VS_FS_LEN) {
		msg("--fs '%s': a file system type has 1 to %d letters", item, VS_FS_LEN - 1);
		return -EINVAL;
	}
	warn_of_fs(item);
	strings_add(&o->fs, item);
	return 0;
}
SET_EACH(fs)

EACH(ftype)
{
	for (int ftype = 1; ftype < VS_FTYPE_MAX; ftype++) {
		if (strcmp(item, ftype_table[ftype].name))
			continue;
		o->ftype_mask |= VS_BIT(ftype);
		return 0;
	}
	return unknown("file type", item, ftype_word, "vfscope list ftypes");
}
SET_EACH(ftype)

EACH(err)
{
	int err = errno_of(item);

	if (!err)
		return unknown("error", item, errno_word, "errno(3)");
	add_id(&o->errs, err);
	return 0;
}
SET_EACH(err)

static int set_time(__u64 *ns, const struct option_row *row, const char *arg)
{
	if (!parse_time(arg, ns))
		return 0;
	msg("--%s '%s': a time is a number and one of ns, us, ms, s, m, h: 10ms, 1.5s", row->name,
	    arg);
	return -EINVAL;
}

static int set_size(__u64 *size, const struct option_row *row, const char *arg)
{
	if (!parse_size(arg, size))
		return 0;
	msg("--%s '%s': a size is a number and one of K, M, G, T (of 1024): 4K, 1M", row->name,
	    arg);
	return -EINVAL;
}

static int set_count(__u64 *count, __u64 max, const struct option_row *row, const char *arg)
{
	if (!parse_u64(arg, 1, max, count))
		return 0;
	msg("--%s '%s': a whole number from 1 to %llu", row->name, arg, max);
	return -EINVAL;
}

static int set_choice(int *choice, const char *const *names, const struct option_row *row,
		      const char *arg)
{
	char what[32], see[64];

	for (int i = 0; names[i]; i++) {
		if (strcmp(names[i], arg))
			continue;
		*choice = i;
		return 0;
	}
	choice_words = names;
	snprintf(what, sizeof(what), "--%s", row->name);
	snprintf(see, sizeof(see), "vfscope help %s", command_name);
	return unknown(what, arg, choice_word, see);
}

/* clang-format off */
SET(min_latency) { return set_time(&o->min_latency_ns, row, arg); }
SET(min_size) { return set_size(&o->min_size, row, arg); }
SET(duration)
{
	if (set_time(&o->duration_ns, row, arg))
		return -EINVAL;
	if (o->duration_ns)
		return 0;
	msg("--duration %s: no time at all", arg);
	return -EINVAL;
}
SET(max_events) { return set_count(&o->max_events, UINT64_MAX - 1, row, arg); }
SET(map_entries) { return set_count(&o->map_entries, 1 << 24, row, arg); }
/* clang-format on */

SET(buffer)
{
	if (set_size(&o->buffer_sz, row, arg))
		return -EINVAL;
	if (o->buffer_sz >= 4096 && o->buffer_sz <= 1U << 30)
		return 0;
	msg("--buffer %s: from 4K to 1G", arg);
	return -EINVAL;
}

#define SET_CHOICE(name_)                                                                          \
	SET(name_)                                                                                 \
	{                                                                                          \
		int choice = 0, err = set_choice(&choice, name_##_names, row, arg);                \
		o->name_ = choice;                                                                 \
		return err;                                                                        \
	}
SET_CHOICE(color)
SET_CHOICE(backend)

static int check_format(const struct options *o)
{
	if (!o->json || o->format == FORMAT_JSON)
		return 0;
	msg("-j and --format %s contradict each other", format_names[o->format]);
	return -EINVAL;
}

SET(format)
{
	int choice = 0, err = set_choice(&choice, format_names, row, arg);

	o->format = choice;
	o->formatted = true;
	return err ?: check_format(o);
}

SET(json)
{
	(void)row, (void)arg;
	o->json = true;
	if (!o->formatted)
		o->format = FORMAT_JSON;
	return check_format(o);
}

SET(fields)
{
	struct fields fields, def = fields_all();
	const char *wrong = fields_parse(&fields, &def, arg);

	(void)row;
	/* a command that adds up checks them itself: it has columns of its own */
	if (wrong && !(option_commands & (FOR_TOTALS | FOR_LIFE | FOR_COUNT)))
		return unknown("field", wrong, field_word, "vfscope list fields");
	o->fields = arg;
	return 0;
}

SET(container)
{
	(void)row;
	if (*arg && !strchr(arg, '/')) {
		strings_add(&o->containers, arg);
		return 0;
	}
	msg("--container '%s': not an id, nor the beginning of one; -F +container,+cgroup shows them",
	    arg);
	return -EINVAL;
}

SET(peek)
{
	__u64 bytes;

	if (set_size(&bytes, row, arg))
		return -EINVAL;
	if (bytes < 1 || bytes > VS_PEEK_MAX) {
		msg("--peek %s: from 1 to %d bytes", arg, VS_PEEK_MAX);
		return -EINVAL;
	}
	o->peek = bytes;
	return 0;
}

SET(sample)
{
	__u64 every;

	if (strncmp(arg, "1/", 2) || parse_u64(arg + 2, 1, SAMPLING_MAX, &every)) {
		msg("--%s '%s': 1/N, where N is a whole number from 1 to %d: 1/100", row->name, arg,
		    SAMPLING_MAX);
		return -EINVAL;
	}
	o->sample = every;
	return 0;
}

SET(max_overhead)
{
	char *end;
	double percent = strtod(arg, &end);

	if (end == arg || strcmp(end, "%") || !(percent > 0) || percent > 100) {
		msg("--%s '%s': a share of the time of all processors: 2%%, 0.5%%", row->name, arg);
		return -EINVAL;
	}
	o->max_overhead = percent / 100;
	return 0;
}

/* clang-format off */
SET(no_peek) { (void)row; return peek_forbid(&o->no_peeks, arg); }
/* clang-format on */

/* Checked by the command, which knows its columns. */
/* clang-format off */
SET(by) { (void)row; o->by = arg; return 0; }
SET(sort) { (void)row; o->sort = arg; return 0; }
SET(rows) { return set_count(&o->rows, 1 << 24, row, arg); }
SET(of)
{
	static const char *const names[] = {"latency", "size", NULL};
	int choice = 0, err = set_choice(&choice, names, row, arg);

	o->of_size = choice;
	return err;
}
/* clang-format on */

SET_FLAG(linear)
SET_FLAG(heatmap)
SET_FLAG(sessions)
SET_FLAG(caches)
SET_FLAG(batch)
SET_FLAG(failed)
SET_FLAG(children)
SET_FLAG(hex)
SET_FLAG(tree)
SET_FLAG(host_path)
SET_FLAG(all)
SET_FLAG(layers)
SET_FLAG(queued)
SET_FLAG(strict)

/* clang-format off */
const struct option_row option_table[] = {
	{'p', "pid", "PID,…", FOR_WHO, set_pid, "only these processes"},
	{'t', "tid", "TID,…", FOR_WHO, set_tid, "only these threads"},
	{'u', "uid", "USER,…", FOR_WHO, set_uid, "only these users, by name or number"},
	{'c', "comm", "GLOB", FOR_WHO, set_comm, "only threads whose name matches; repeatable"},
	{0, "children", NULL, FOR_WHO, set_children, "also what those named by -p, -t, -u and -c start from now on, and what that starts"},
	{'g', "cgroup", "PATH", FOR_WHO, set_cgroup, "only this cgroup and all below it; repeatable"},
	{0, "container", "ID", FOR_TRACE, set_container, "only this container, by its id or the beginning of it; repeatable"},
	{'d', "dir", "DIR", FOR_TRACE, set_dir, "only files below DIR, however they are reached; repeatable"},
	{0, "path", "GLOB", FOR_TRACE, set_path, "only paths that match: * within a component, ** across"},
	{0, "host-path", NULL, FOR_TRACE, set_host_path, "paths as the host has them, not as processes in containers and chroots do; files on overlayfs in their layers"},
	{0, "name", "GLOB", FOR_TRACE, set_name, "only files whose name, the last component of the path, matches (of those unlinked, without its ' (deleted)'); repeatable"},
	{0, "where", "EXPR", FOR_TRACE, set_where, "only what this holds for: 'op == write and lat > 10ms'; see 'vfscope help where'; repeatable"},
	{'o', "op", "LIST", FOR_OPS, set_op, "only these operations or groups; see 'vfscope list ops'"},
	{0, "via", "LIST", FOR_OPS, set_via, "only what went by these doors; see 'vfscope list vias'"},
	{0, "fs", "LIST", FOR_TRACE, set_fs, "only these types of file systems: ext4,overlay; of paths that processes pass, by the mounts that they see"},
	{0, "ftype", "LIST", FOR_OPS, set_ftype, "only these types of files: reg,dir,lnk,sock,fifo,chr,blk,anon"},
	{'x', "failed", NULL, FOR_OPS, set_failed, "only what failed"},
	{0, "err", "NAME,…", FOR_OPS, set_err, "only what failed with these errors: ENOENT,EACCES"},
	{0, "min-latency", "TIME", FOR_OPS, set_min_latency, "only what took at least so long: 10ms, 1.5s"},
	{0, "min-size", "SIZE", FOR_OPS, set_min_size, "only what moved at least so many bytes: 4K, 1M"},
	{0, "layers", NULL, FOR_OPS, set_layers, "also what operations do below themselves: overlayfs on the layers it is made of"},
	{0, "queued", NULL, FOR_OPS, set_queued, "block requests begin where they are made: the time in the queue counts too"},
	{0, "all", NULL, FOR_TRACE, set_all, "also pipes, sockets, devices, pseudo file systems, and vfscope's own I/O"},
	{0, "peek", "N", FOR_EVENTS, set_peek, "the first N bytes (at most 4096) that a read or write moved, as field data"},
	{0, "no-peek", "GLOB", FOR_EVENTS, set_no_peek, "never of files whose path as it is shown (as the process sees it, without --host-path) or name matches, or that of a directory above; repeatable"},
	{0, "sample", "1/N", FOR_EVENTS, set_sample, "show one of N operations; all are counted, see the summary"},
	{0, "max-overhead", "PERCENT", FOR_EVENTS, set_max_overhead, "when vfscope takes more of all processors' time than this, show one of 2, 4, 8 … operations"},
	{0, "hex", NULL, FOR_EVENTS, set_hex, "these bytes as a hexadecimal dump below the line"},
	{0, "tree", NULL, FOR_EVENTS, set_tree, "operations below their processes, as a family tree"},
	{'f', "format", "FORMAT", FOR_ALL, set_format, "table, json (one object a line) or csv"},
	{'j', "json", NULL, FOR_ALL, set_json, "the same as --format json"},
	{'F', "fields", "LIST", FOR_EVENTS | FOR_TOTALS | FOR_LIFE | FOR_COUNT, set_fields, "these columns or keys, in this order; +x adds, -x leaves out"},
	{0, "by", "LIST", FOR_TOTALS, set_by, "a row for each of these: any fields, user, dir (of the file), dir:2 (its first 2 levels)"},
	{'s', "sort", "FIELD", FOR_TOTALS | FOR_COUNT, set_sort, "the most of this first; a key: in its order"},
	{'n', "rows", "N", FOR_TOTALS | FOR_COUNT, set_rows, "at most so many rows; all others are one, 'other'"},
	{'b', "batch", NULL, FOR_TOP, set_batch, "lines, one behind the other, on a terminal too"},
	{0, "linear", NULL, FOR_HIST, set_linear, "finer: 16 bars for each power of two"},
	{0, "sessions", NULL, FOR_LIFE, set_sessions, "each use of a file, from open to close"},
	{0, "caches", NULL, FOR_STAT, set_caches, "names, inodes, open files and pages in memory, and how often names are found there"},
	{0, "heatmap", NULL, FOR_HIST, set_heatmap, "a line each interval (1 s): from left to right ever longer, the darker the more"},
	{0, "of", "WHAT", FOR_HIST, set_of, "latency (the default) or size: the bytes moved"},
	{0, "duration", "TIME", FOR_WHO, set_duration, "stop after so long"},
	{0, "max-events", "N", FOR_EVENTS, set_max_events, "stop after so many records"},
	{0, "backend", "NAME", FOR_TRACE | FOR_SELFTEST, set_backend, "which hooks: auto, fentry, kprobe or tracepoint"},
	{0, "buffer", "SIZE", FOR_TRACE, set_buffer, "size of the ring between kernel and vfscope (default 8M)"},
	{0, "map-entries", "N", FOR_TRACE, set_map_entries, "files, asynchronous operations and rows of totals kept track of (default 16384; a million take 430 MiB, and 2 s before it begins)"},
	{0, "strict", NULL, FOR_WHO, set_strict, "exit 1 if anything was lost"},
	{0, "color", "WHEN", FOR_ALL, set_color, "auto, always or never; NO_COLOR is honoured"},
};
/* clang-format on */

const int option_table_len = ARRAY_LEN(option_table);

/* --- parsing --------------------------------------------------------------------------- */

void options_init(struct options *o)
{
	*o = (struct options){.buffer_sz = 8 << 20, .map_entries = 16384};
}

__u64 options_ops(const struct options *o)
{
	const __u64 unasked = VS_BIT(VS_OP_FAULT) | VS_BIT(VS_OP_LOOKUP) | VS_BIT(VS_OP_PAGE) |
			      VS_BIT(VS_OP_BIO) | VS_BIT(VS_OP_RUNQ);

	return o->op_mask ? o->op_mask : ~unasked;
}

__u64 options_vias(const struct options *o)
{
	return o->via_mask ? o->via_mask : ~0ULL;
}

bool options_show_all_types(const struct options *o)
{
	return o->all || o->fs.len || o->dir_is_pseudo;
}

/* NONE: what failed on a descriptor that is not open */
static const __u32 usual_ftypes = OPTIONS_FTYPES | VS_BIT(VS_FTYPE_NONE);

__u32 options_ftypes(const struct options *o)
{
	if (o->ftype_mask)
		return o->ftype_mask;
	return options_show_all_types(o) ? ~0U : usual_ftypes;
}

bool options_show_pseudo(const struct options *o)
{
	return options_show_all_types(o) || (o->ftype_mask & ~usual_ftypes);
}

static void free_strings(struct strings *strings)
{
	for (int i = 0; i < strings->len; i++)
		free(strings->s[i]);
	free(strings->s);
}

void options_fini(struct options *o)
{
	free(o->pids.id);
	free(o->tids.id);
	free(o->uids.id);
	free(o->errs.id);
	free_strings(&o->comms);
	free_strings(&o->cgroups);
	dirs_fini(&o->dirs);
	free_strings(&o->paths);
	free_strings(&o->names);
	free_strings(&o->fs);
	free_strings(&o->containers);
	free_strings(&o->no_peeks);
	where_free(o->where);
}

enum { CODE_LONG = 256, CODE_HELP = 'h', CODE_VERBOSE = 'v' };

/* The rows as getopt wants them; the code of a long option is its row + CODE_LONG. */
static void getopt_tables(int commands, struct option *longs, char *shorts)
{
	int n = 0;

	*shorts++ = ':';
	*shorts++ = CODE_HELP;
	*shorts++ = CODE_VERBOSE;
	for (int i = 0; i < option_table_len; i++) {
		const struct option_row *row = &option_table[i];

		if (!(row->commands & commands))
			continue;
		longs[n++] = (struct option){row->name, !!row->arg, NULL, CODE_LONG + i};
		if (row->short_name) {
			*shorts++ = row->short_name;
			if (row->arg)
				*shorts++ = ':';
		}
	}
	*shorts = '\0';
	longs[n++] = (struct option){"help", 0, NULL, CODE_HELP};
	longs[n++] = (struct option){"verbose", 0, NULL, CODE_VERBOSE};
	longs[n] = (struct option){NULL, 0, NULL, 0};
}

static const struct option_row *row_of(int code)
{
	if (code >= CODE_LONG)
		return &option_table[code - CODE_LONG];
	for (int i = 0; i < option_table_len; i++)
		if (option_table[i].short_name == code &&
		    option_table[i].commands & option_commands)
			return &option_table[i];
	return NULL;
}

static int refused(int code, char **argv)
{
	const char *word = argv[optind - 1];
	const struct option_row *row = row_of(optopt);
	char see[64], *wrong;

	snprintf(see, sizeof(see), "vfscope help %s", argv[0]);
	if (code == ':') {
		msg("%s wants an argument%s%s", word, row ? ": " : "", row ? row->arg : "");
	} else if (optopt && optopt < CODE_LONG && !strchr(word, '=')) {
		msg("unknown option '-%c'; see '%s'", optopt, see);
	} else {
		wrong = xstrdup(word + 2);
		wrong[strcspn(wrong, "=")] = '\0';
		if (optopt)
			msg("--%s takes no argument", wrong);
		else
			unknown("option", wrong, option_word, see);
		free(wrong);
	}
	return -EINVAL;
}

/* Is at least one field left in what will be shown? */
static int check_fields(const struct options *o)
{
	struct fields def = o->format == FORMAT_TABLE ? fields_table(COLUMNS_WIDE) : fields_all();
	struct fields fields;

	if (!o->fields || option_commands & (FOR_TOTALS | FOR_LIFE | FOR_COUNT))
		return 0;
	fields_parse(&fields, &def, o->fields);
	for (int i = 0; i < fields.len; i++) {
		if (!fields.field[i]->is_bytes || o->peek)
			continue;
		msg("-F data wants --peek N, which takes contents");
		return -EINVAL;
	}
	if (fields.len)
		return 0;
	msg("-F %s: no field is left", o->fields);
	return -EINVAL;
}

/* INTERVAL and COUNT, as vmstat takes them. */
static int take_interval(struct options *o, char **argv, int end)
{
	if (optind < end) {
		if (parse_time(argv[optind], &o->interval_ns) || !o->interval_ns) {
			msg("'%s' is no interval: a time above 0, as 1 (second), 0.5, 100ms",
			    argv[optind]);
			return -EINVAL;
		}
		optind++;
	}
	if (optind < end) {
		if (parse_u64(argv[optind], 1, UINT32_MAX, &o->intervals)) {
			msg("'%s' is no number of intervals: a whole number from 1", argv[optind]);
			return -EINVAL;
		}
		optind++;
	}
	return 0;
}

/* An option of the arguments. */
struct given {
	const struct option_row *row;
	char *arg;
	bool is_default; /* of a preset's own words, which stand before all others */
};

/* Does its user ask for something else? Lists would have both. */
static bool is_replaced(const struct given *given, int len, int i)
{
	for (int j = i + 1; given[i].is_default && j < len; j++)
		if (given[j].row == given[i].row && !given[j].is_default)
			return true;
	return false;
}

/* All options that stand before program_at. Returns as options_parse. */
static int take_options(struct options *o, int commands, int program_at, char **argv)
{
	struct given *given = NULL;
	struct option longs[64];
	char shorts[128];
	int code, len = 0, err = 0;

	getopt_tables(commands, longs, shorts);
	opterr = 0;
	optind = 0; /* start anew, also in tests */
	while (!err && (code = getopt_long(program_at, argv, shorts, longs, NULL)) != -1) {
		if (code == CODE_HELP) {
			err = 1;
		} else if (code == CODE_VERBOSE) {
			o->verbose = true;
		} else if (code == '?' || code == ':') {
			err = refused(code, argv);
		} else {
			given = xreallocarray(given, len + 1, sizeof(*given));
			given[len++] =
				(struct given){row_of(code), optarg, optind <= o->default_words};
		}
	}
	for (int i = 0; !err && i < len; i++)
		if (!is_replaced(given, len, i))
			err = given[i].row->set(o, given[i].row, given[i].arg);
	free(given);
	return err;
}

int options_parse(struct options *o, int commands, int argc, char **argv)
{
	int err, program_at = argc;

	/* what stands behind "--" is a program, and only that */
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--"))
			continue;
		program_at = i;
		break;
	}
	if (program_at < argc) {
		o->program = argv + program_at + 1;
		if (!*o->program) {
			msg("-- wants a program behind it");
			return -EINVAL;
		}
	}
	option_commands = commands;
	command_name = argv[0];
	err = take_options(o, commands, program_at, argv);
	if (err)
		return err;
	if (commands & TAKES_WORD && optind < program_at)
		o->word = argv[optind++];
	if (commands & TAKES_INTERVAL && take_interval(o, argv, program_at))
		return -EINVAL;
	if (optind < program_at) {
		msg("unexpected argument '%s'%s", argv[optind],
		    commands & FOR_TRACE ? "; to trace a program, put -- before it" : "");
		return -EINVAL;
	}
	if (o->program && !(commands & FOR_WHO)) {
		msg("'%s' takes no program", argv[0]);
		return -EINVAL;
	}
	err = options_check(o) ?: check_fields(o);
	return err || !(commands & FOR_TRACE) ? err : where_finish(o) ?: options_check_peek(o);
}
