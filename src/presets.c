/* SPDX-License-Identifier: GPL-2.0 */
#include "presets.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "flags.h"
#include "tables.h"
#include "util.h"

/* clang-format off */
#define PID {'p', "PID", NULL, "-p %"}
#define DISK {'d', "DISK", NULL, "--where=dev=='%'", .disk = true, .names = "disk"}
#define NAMED(letter_, to_, names_) {letter_, NULL, NULL, to_, .names = names_}
#define NAMED_OF(letter_, arg_, to_, names_) {letter_, arg_, NULL, to_, .names = names_}
#define LONG(nth_, arg_, to_, names_) {nth_, arg_, NULL, to_, .names = names_}
#define INTERVAL {{"INTERVAL", "%"}, {"COUNT", "%"}}
#define MIN_MS {{"MIN_MS", "--min-latency %ms"}}
#define SORTS                                                                                      \
	{'s', "all", "all", "-s count"},                                                           \
	NAMED_OF('s', "reads|writes|rbytes|wbytes", "-s %", "sort")
#define SLOWER_COLUMNS "ts_ns,comm,pid,op,bytes,offset,lat_ns,path"
#define SLOW " --min-latency 10ms"
#define SLOWER_FLAGS                                                                               \
	PID, NAMED_OF('m', "MIN_MS", "--min-latency %ms", "min"),                                  \
		{'d', "SECONDS", NULL, "--duration %"}, NAMED('c', "-f csv", "csv")
#define UNITS NAMED('T', "", "timestamp|notimestamp"), NAMED('m', "", "milliseconds")
#define TOP_FLAGS                                                                                  \
	NAMED('C', "--batch", "noclear"), NAMED_OF('r', "MAXROWS", "-n %", "maxrows"), SORTS, PID
#define SLOWER(name_, fs_, ops_)                                                                   \
	{.name = name_, .command = "trace", .options = "--fs " fs_ " -o " ops_ SLOW,               \
	 .columns = SLOWER_COLUMNS, .words = MIN_MS, .flags = {SLOWER_FLAGS},                      \
	 .help = "operations on " fs_ " slower than MIN_MS milliseconds (10)",                     \
	 .better = "also readv, libaio, io_uring, copies inside the kernel; full paths, moved bytes; "  \
		   "the offset is in bytes. An open that fails is counted to the mount that its path "  \
		   "lies on by its text. -j is JSON, as everywhere; CSV is -c. The name says which, so -t is fsslower's."}
#define DIST(name_, fs_, ops_)                                                                     \
	{.name = name_, .command = "hist", .options = "--fs " fs_ " -o " ops_, .words = INTERVAL,  \
	 .flags = {PID, UNITS},                                                                    \
	 .help = "how long operations on " fs_ " take, as histograms",                             \
	 .better = "percentiles beside the bars; units with each number, so -m and -T change nothing. The name says "  \
		   "which, so -t is fsdist's."}
/* pinned maps of programs of bcc's own */
#define NO_MAPS "No --cgroupmap and --mntnsmap: -g, --container, --where 'mnt_ns == N'."
#define NFS_OPS "read,write,open,stat"
#define FS_OPS "read,write,open,fsync"

const struct preset preset_table[] = {
	{.name = "fileio", .command = "top", .options = "-o read,write --by pid,comm,path",
	 .columns = "pid,comm,reads,writes,rbytes,wbytes,lat_avg,lat_max,path",
	 .words = INTERVAL, .flags = {PID},
	 .help = "which process reads and writes which file, how much and how fast",
	 .better = "bytes are those that moved, by any door."},
	{.name = "monitor", .command = "trace", .options = "-o open,read,write,close",
	 .columns = "ts_ns,pid,comm,op,fd,bytes,err,path",
	 .flags = {{'p', "NAME", NULL, "-c %", .number = "-p %"}, {'o', "LIST", NULL, "-o %"},
		   {'d', "DIR", NULL, "-d %"}, {'f', "FORMAT", NULL, "-f %"}},
	 .help = "what is done in a directory: one line an operation",
	 .better = "files are followed however they are reached, and nothing is lost silently."},
	{.name = "opensnoop", .command = "trace", .options = "--all -o open",
	 .columns = "T?ts_ns,U?uid,pid,comm,fd,err,e?flags,path",
	 .flags = {PID, {'t', "TID", NULL, "-t %"}, {'u', "UID", NULL, "-u %"},
		   NAMED_OF('n', "NAME", "-c *%*", "name"), {'d', "SECONDS", NULL, "--duration %"},
		   {'x', NULL, NULL, "-x"}, NAMED('T', "", "timestamp"), NAMED('U', "", "print-uid"),
		   NAMED('e', "", "extended_fields|extended-fields"),
		   {'f', "FLAG", NULL, "--where=flags=='%' or flags~'%|*' or flags~'*|%' or flags~'*|%|*'",
		    .joined = " or ", .open_flag = true, .names = "flag_filter"},
		   NAMED_OF('b', "PAGES", "", "buffer-pages"), NAMED('F', "", "full-path")},
	 .help = "files opened, or tried",
	 .better = "absolute paths, never cut, also for openat with a directory (so -F changes nothing); "
		   "openat2, creat and io_uring too; the error by its name. FD is absent where it failed. "
		   "-b changes nothing: there is --buffer. " NO_MAPS},
	{.name = "statsnoop", .command = "trace", .options = "--all -o stat,statfs",
	 .columns = "t?ts_ns,pid,comm,s?op,fd,err,path",
	 .flags = {PID, {'x', NULL, NULL, "-x"}, NAMED('t', "", "timestamp"), NAMED('s', "", "sysname")},
	 .help = "attributes asked for",
	 .better = "fstat, fstatat and statx too, of which programs use nothing else by now; absolute paths. "
		   "-s says which of the two operations: calls by other names are the same ones."},
	{.name = "filetop", .command = "top", .options = "-o read,write --by tid,comm,ftype,path -s bytes -n 20",
	 .columns = "tid,comm,reads,writes,rbytes,wbytes,ftype,path", .words = INTERVAL,
	 .flags = {NAMED('a', "--all", "all-files"), TOP_FLAGS, NAMED_OF('d', "DIR", "-d %", "directory"),
		   LONG(1, NULL, "-o read", "read-only"), LONG(2, NULL, "-o write", "write-only")},
	 .help = "files by what is read and written",
	 .better = "moved bytes, not those asked for; readv, libaio, io_uring, copies; full paths; what has "
		   "no row is in one, 'other', so that sums are right. -d is of files at any depth. On a terminal it is a page with keys, but with -C."},
	{.name = "dirtop", .command = "top", .options = "-o read,write --by dir -s bytes -n 20",
	 .columns = "reads,writes,rbytes,wbytes,dir", .words = INTERVAL,
	 .flags = {{'d', "DIR,...", NULL, "-d %", .list = true, .names = "root-directories"}, TOP_FLAGS},
	 .help = "directories by what is read and written",
	 .better = "directories are those that files are in, at any depth below DIR, and all of them "
		   "without -d; moved bytes. DIR may be a glob. On a terminal it is a page with keys, but with -C."},
	{.name = "cgtop", .command = "top", .options = "--by cgroup -s bytes",
	 .columns = "cgroup,count,reads,writes,rbytes,wbytes,errors,lat_avg",
	 .words = {{"CGROUP", "-g %"}},
	 .flags = {NAMED_OF('d', "DELAY", "@0", "delay"), {'n', "0", "0", ""}, NAMED_OF('n', "ITERATIONS", "@1", "iterations"),
		   {'1', NULL, NULL, "@1"}, {'i', NULL, NULL, "-s bytes"}, {'b', NULL, NULL, "--batch"}},
	 .help = "control groups by their file operations",
	 .better = "file operations and their bytes, where systemd-cgtop has block I/O. There is no order by tasks, "
		   "processor or memory (-t, -c, -m), which are not files; instead of -p -s cgroup, instead of -r -f csv, and the "
		   "depth is all of it."},
	{.name = "filelife", .command = "life", .options = "", .columns = "ts_ns,pid,comm,age_ns,path",
	 .flags = {PID, NAMED('F', "", "full-path")},
	 .help = "files that are deleted, and how long they lived",
	 .better = "renamed-over files, hard links and O_TMPFILE too, and files that were renamed in between; paths are full, so -F changes nothing."},
	{.name = "filegone", .command = "trace", .options = "-o unlink,rename",
	 .columns = "ts_ns,pid,comm,op,err,path,path2", .flags = {PID},
	 .help = "why files have gone: deleted, or renamed",
	 .better = "absolute paths, both of a rename; failures too, with their error."},
	{.name = "fileslower", .command = "trace", .options = "-o read,write" SLOW,
	 .columns = "ts_ns,comm,tid,op,bytes,lat_ns,path", .words = MIN_MS,
	 .flags = {PID, NAMED('a', "--all", "all-files")},
	 .help = "reads and writes slower than MIN_MS milliseconds (10)",
	 .better = "asynchronous ones too, from submission to completion; full paths, moved bytes."},
	{.name = "fsslower", .command = "trace", .options = "-o " FS_OPS SLOW,
	 .columns = SLOWER_COLUMNS,
	 .flags = {NAMED_OF('t', "FSTYPE", "--fs %", "type"), SLOWER_FLAGS},
	 .help = "operations slower than 10 milliseconds, on any file system",
	 .better = "any file system, and all of them without -t; otherwise as ext4slower."},
	SLOWER("ext4slower", "ext4", FS_OPS),
	SLOWER("xfsslower", "xfs", FS_OPS),
	SLOWER("btrfsslower", "btrfs", FS_OPS),
	SLOWER("nfsslower", "nfs,nfs4", NFS_OPS),
	{.name = "fsdist", .command = "hist", .options = "-o " FS_OPS, .words = INTERVAL,
	 .flags = {NAMED_OF('t', "FSTYPE", "--fs %", "type"), PID, UNITS},
	 .help = "how long operations on files take, as histograms",
	 .better = "any file system, and all of them without -t; percentiles; -m and -T change nothing."},
	DIST("ext4dist", "ext4", FS_OPS),
	DIST("xfsdist", "xfs", FS_OPS),
	DIST("btrfsdist", "btrfs", FS_OPS),
	DIST("nfsdist", "nfs,nfs4", NFS_OPS),
	{.name = "vfsstat", .command = "stat",
	 .options = "--all -o read,write,fsync,open,create,unlink,mkdir,rmdir",
	 .columns = "ts_ns,read,write,fsync,open,create,unlink,mkdir,rmdir", .words = INTERVAL,
	 .flags = {PID},
	 .help = "operations a second",
	 .better = "create counts files that came to be, by open too; reads and writes by any door, "
		   "failed calls too. Calls of the kernel for itself are not seen by the tracepoint backend."},
	{.name = "vfscount", .command = "count", .options = "vfs_*", .columns = "address,function,count",
	 .words = {{"SECONDS", "--duration %"}}, .flags = {PID},
	 .help = "calls of the kernel's functions vfs_*",
	 .better = "one hook for all functions where the kernel has CONFIG_FPROBE (5.18); of one process, user, cgroup or program, if asked for; the most first."},
	{.name = "cachestat", .command = "stat", .options = "-o read,page",
	 .columns = "T?ts_ns,pages_hit,pages_missed,pages_dirtied,hit_percent,pages_added,pages_dropped,rbytes",
	 .words = INTERVAL,
	 .flags = {NAMED('T', "", "timestamp")},
	 .help = "the page cache of files: hits and misses of reads, pages added, made dirty, dropped",
	 .better = "a miss is a page that was not there when a read asked for it, by whatever door; all others that it has "
		   "read are hits. The namesake derives both from calls that also others make, and many kernels do not "
		   "make any more. Where functions of the kernel cannot be hooked (the tracepoint backend), HITS and MISSES are empty. "
		   "ADDED are pages added by misses, by readahead and by writes, also in large folios; DROPPED those "
		   "dropped, but for those that go with a deleted file. RBYTES is what programs read by calls, O_DIRECT "
		   "too. BUFFERS_MB and CACHED_MB are those of free -m."},
	{.name = "dcstat", .command = "stat", .options = "--all -o lookup",
	 .columns = "ts_ns,refs_s,slow_s,misses_s,hit_pct", .words = INTERVAL, .flags = {PID},
	 .help = "the dentry cache: look-ups, those not answered at once, misses, hit ratio",
	 .better = "each name that is looked up counts once, with its result: the namesake counts a name that open "
		   "misses or creates twice, and misses of stat, chdir and all other walks not at all (they "
		   "do not call d_lookup any more). The columns are rates, and SLOW those not answered without a lock."},
	{.name = "dcsnoop", .command = "trace", .options = "--all -o lookup",
	 .columns = "ts_ns,pid,comm,kind,path",
	 .flags = {NAMED('a', "", "all")}, .without = {'a', "--where=kind==miss"},
	 .help = "names that the dentry cache does not have; with -a all that are looked up",
	 .better = "misses of all walks, not only of those that lock the directory; whole paths; KIND is miss, fast, slow, "
		   "negative or slow-negative, where the namesake has T: M or R."},
	{.name = "mountsnoop", .command = "trace", .options = "-o mounts",
	 .columns = "t?ts_ns,comm,P?pcomm,pid,P?ppid,tid,mnt_ns,d?lat_ns,op,fd,flags,ret,err,mount_type,path,path2,mount_data,mount_aux,mount_attr",
	 .flags = {PID, NAMED('t', "", "timestamp"), NAMED('d', "", "detailed"),
		   NAMED('P', "", "parent_process")},
	 .help = "file systems mounted and unmounted",
	 .better = "also the calls of the newer interface, fsopen to move_mount, each with its flags by "
		   "name; absolute paths; the error by its name. " NO_MAPS},
	{.name = "runqslower", .command = "trace", .options = "-o runq" SLOW,
	 .columns = "ts_ns,comm,tid,lat_ns,P?prev_comm,P?prev_tid",
	 .words = {{"MIN_US", "--min-latency %us"}},
	 .flags = {PID, {'t', "TID", NULL, "-t %"}, NAMED('P', "", "previous")},
	 .help = "waits for a processor longer than MIN_US microseconds (10000)",
	 .better = "tasks that were preempted in the middle of going to sleep count too; what a full table "
		   "would leave out is counted. TIME is when the wait began."},
	{.name = "biosnoop", .command = "trace", .options = "--all -o bio",
	 .columns = "ts_ns,comm,pid,dev,kind,offset,bytes,Q?queue_ns,lat_ns,path",
	 .words = {{"SECONDS", "--duration %"}},
	 .flags = {NAMED('Q', "", "queued|queue"), DISK, {'c', "CGROUP", NULL, "-g %"},
		   NAMED_OF('m', "MIN_MS", "--min-latency %ms", "min"), NAMED('t', "", "timestamp")},
	 .help = "block requests: of whom, where on the device, how long",
	 .better = "what is written back is shown with the process that made the page dirty, and with its file, "
		   "where the namesake shows a kworker. OFFSET is in bytes; the disk is shown by its numbers; TIME is always there, so -t changes nothing. "
		   "Of direct I/O on btrfs, and where the page is one of a large folio on 7.2, the file is not known. There is no "
		   "-P (sequential or random): OFFSET and BYTES say it, and of each file 'vfscope life --sessions'."},
	{.name = "biolatency", .command = "hist", .options = "--all -o bio --by op", .words = INTERVAL,
	 .flags = {NAMED('Q', "--queued", "queued"), {'D', NULL, NULL, "--by=dev", .joined = ",", .names = "disks"},
		   {'F', NULL, NULL, "--by=kind", .joined = ",", .names = "flags"}, DISK, {'c', "CGROUP", NULL, "-g %"}, UNITS,
		   NAMED('e', "", "extension")},
	 .help = "how long block requests take, as histograms",
	 .better = "percentiles; with -D by disk, with -F by kind of request, with both by both, or --by any keys, the file too. -m and -T "
		   "change nothing, nor does -e: the mean is always shown. --disk wants a DISK: alone it is --disks."},
	{.name = "execsnoop", .command = "trace", .options = "-o exec",
	 .columns = "T?ts_ns,t?ts_ns,U?uid,comm,pid,M?pcomm,ppid,ret,x?err,x?path,args",
	 .flags = {NAMED('T', "", "time"), NAMED('t', "", "timestamp"), NAMED('x', "", "fails"),
		   {'u', "USER", NULL, "-u %"}, NAMED('U', "", "print-uid"), NAMED('q', "", "quote"),
		   NAMED_OF('n', "NAME", "-c *%*", "name"),
		   NAMED_OF('l', "LINE", "--where=args~'*%*'", "line"), {'c', "CGROUP", NULL, "-g %"},
		   NAMED_OF('P', "PPID", "--where=ppid=='%'", "ppid"), NAMED('M', "", "print-pcomm"),
		   NAMED('C', "", "print-cpu"), LONG(1, "N", "", "max-args")},
	 .without = {'x', "--where=ret>=0"},
	 .help = "programs started",
	 .better = "arguments in full, up to 128 KB, so --max-args and -q change nothing. -C neither: "
		   "there is no CPU. -T and -t "
		   "are the same time, nanoseconds in JSON. With -x the path says what could not be started: "
		   "ARGS are then those of the program that tried. " NO_MAPS},
};
/* clang-format on */
const int preset_table_len = ARRAY_LEN(preset_table);

const struct preset *preset_find(const char *name)
{
	for (int i = 0; i < preset_table_len; i++)
		if (!strcmp(preset_table[i].name, name))
			return &preset_table[i];
	return NULL;
}

/* --- words ------------------------------------------------------------------------------- */

struct words {
	char **argv;
	int argc;
};

static void add_word(struct words *words, char *word)
{
	words->argv = xreallocarray(words->argv, words->argc + 2, sizeof(*words->argv));
	words->argv[words->argc++] = word;
	words->argv[words->argc] = NULL;
}

/* As it stands between single quotes of an expression: nothing in it ends them. */
static char *quoted(const char *arg)
{
	char *text = xcalloc(2, strlen(arg) + 1), *to = text;

	for (; *arg; *to++ = *arg++)
		if (*arg == '\'' || *arg == '\\')
			*to++ = '\\';
	return text;
}

/* One word, with each "%" replaced. */
static void add_replaced(struct words *words, const char *word, size_t len, const char *arg)
{
	bool is_where = !strncmp(word, "--where=", strlen("--where="));
	char *by = !arg ? NULL : is_where ? quoted(arg) : xstrdup(arg);
	const char *end = word + len, *percent;
	char *text = xasprintf("%s", "");

	while (by && (percent = memchr(word, '%', end - word))) {
		char *longer = xasprintf("%s%.*s%s", text, (int)(percent - word), word, by);

		free(text);
		text = longer;
		word = percent + 1;
	}
	add_word(words, xasprintf("%s%.*s", text, (int)(end - word), word));
	free(text);
	free(by);
}

/* The words of a text. */
static void add_words(struct words *words, const char *text, const char *arg)
{
	while (*(text += strspn(text, " "))) {
		size_t len = strcspn(text, " ");

		add_replaced(words, text, len, arg);
		text += len;
	}
}

/* --- the namesake's arguments -------------------------------------------------------------- */

enum { LONGS_MAX = 2 * PRESET_FLAGS_MAX }; /* of the namesake */

struct expansion {
	const struct preset *preset;
	const struct command *command;
	struct words words;
	const char *alone[PRESET_WORDS_MAX]; /* what stands without a flag */
	const char *behind[2];		     /* INTERVAL, COUNT */
	bool given[128];		     /* flags */
	bool version;			     /* that is asked for, and nothing else */
	int joined; /* where among the words that of a flag with joined stands, + 1 */
};

static const struct preset_flag *flag_of(const struct preset *preset, int letter, const char *arg)
{
	for (const struct preset_flag *flag = preset->flags; flag->letter; flag++)
		if (flag->letter == letter && (!flag->when || !arg || !strcmp(flag->when, arg)))
			return flag;
	return NULL;
}

/* "253:0" of "vda"; numbers stay as they are. NULL: there is no such disk. */
static char *disk_numbers(char *name)
{
	char path[64], *numbers = NULL;
	size_t size = 0;
	FILE *f;

	if (strchr(name, ':'))
		return name;
	snprintf(path, sizeof(path), "/sys/class/block/%.32s/dev", name);
	f = fopen(path, "re");
	if (!f)
		return NULL;
	if (getline(&numbers, &size, f) < 0) {
		free(numbers);
		numbers = NULL;
	} else {
		numbers[strcspn(numbers, "\n")] = '\0';
	}
	fclose(f);
	return numbers; /* lives until the end, as all words */
}

static const char *open_flag(size_t i)
{
	return flags_word(VS_OP_OPEN, i);
}

static int check_open_flag(const struct expansion *e, const struct preset_flag *flag,
			   const char *given)
{
	char upper[32] = "";
	const char *near;

	for (size_t i = 0; open_flag(i); i++)
		if (!strcmp(open_flag(i), given))
			return 0;
	for (size_t i = 0; given[i] && i + 1 < sizeof(upper); i++)
		upper[i] = toupper((unsigned char)given[i]);
	near = nearest(upper, open_flag);
	if (near)
		msg("%s: -%c: unknown flag '%s'; the nearest is '%s'", e->preset->name,
		    flag->letter, given, near);
	else
		msg("%s: -%c: unknown flag '%s'; see open(2)", e->preset->name, flag->letter,
		    given);
	return -EINVAL;
}

/* Once for each path that a glob matches; for itself if it matches none. */
static void put_paths(struct expansion *e, const char *to, const char *pattern)
{
	glob_t paths;

	if (glob(pattern, GLOB_NOCHECK, NULL, &paths))
		return;
	for (size_t i = 0; i < paths.gl_pathc; i++)
		add_words(&e->words, to, paths.gl_pathv[i]);
	globfree(&paths);
}

/* What stands behind = joins what such a flag has asked for before. */
static void put_joined(struct expansion *e, const struct preset_flag *flag, const char *arg)
{
	size_t len = strcspn(flag->to, "=") + 1;
	int before = e->joined - 1;
	char *term;

	add_replaced(&e->words, flag->to, strlen(flag->to), arg);
	if (before < 0) {
		e->joined = e->words.argc;
		return;
	}
	term = e->words.argv[--e->words.argc];
	e->words.argv[e->words.argc] = NULL;
	e->words.argv[before] =
		xasprintf("%s%s%s", e->words.argv[before], flag->joined, term + len);
}

/* What a time stands for is a number: else the option's message would name what nobody typed. */
static int check_number(const struct expansion *e, const char *to, const char *name,
			const char *arg)
{
	static const struct {
		const char *to, *unit, *word;
		bool positive;
	} units[] = {{" %ms", "ms", "milliseconds", false},
		     {" %us", "us", "microseconds", false},
		     {"--duration %", "", "seconds", true}};

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		char *time;
		__u64 ns;
		int err;

		if (!strstr(to, units[i].to))
			continue;
		time = xasprintf("%s%s", arg, units[i].unit);
		err = parse_time(time, &ns) || (units[i].positive && !ns);
		free(time);
		if (err)
			msg("%s: %s '%s': a time in %s, as 10 or 0.5", e->preset->name, name, arg,
			    units[i].word);
		return err ? -EINVAL : 0;
	}
	return 0;
}

static int put_flag(struct expansion *e, const struct preset_flag *flag, char *given)
{
	char *arg = flag->disk ? disk_numbers(given) : given, *save, *item;
	bool is_number = arg && *arg && !arg[strspn(arg, "0123456789")];
	const char *to = flag->number && is_number ? flag->number : flag->to;

	if (flag->disk && !arg) {
		msg("%s: -%c %s: there is no such disk; /sys/class/block has them", e->preset->name,
		    flag->letter, given);
		return -EINVAL;
	}
	if (arg && check_number(e, flag->to, flag->arg, arg))
		return -EINVAL;
	if (flag->open_flag && check_open_flag(e, flag, given))
		return -EINVAL;
	if (e->given[(int)flag->letter] && !flag->arg) /* it says nothing more */
		return 0;
	e->given[(int)flag->letter] = true;
	if (flag->to[0] == '@') {
		e->behind[flag->to[1] - '0'] = arg ? arg : "1";
	} else if (flag->joined) {
		put_joined(e, flag, arg);
	} else if (!flag->list) {
		add_words(&e->words, to, arg);
	} else {
		for (item = strtok_r(arg, ",", &save); item; item = strtok_r(NULL, ",", &save))
			put_paths(e, flag->to, item);
	}
	return 0;
}

/* The long names of a flag of the namesake. Returns how many there are then. */
static int add_longs(struct option *longs, int n, const struct preset_flag *flag)
{
	char *rest = flag->names ? xstrdup(flag->names) : NULL;

	while (rest && n < LONGS_MAX) /* they live until the end */
		longs[n++] = (struct option){strsep(&rest, "|"), !!flag->arg, NULL, flag->letter};
	return n;
}

static bool has_long(const struct option *longs, int n, const char *name)
{
	while (n-- > 0)
		if (!strcmp(longs[n].name, name))
			return true;
	return false;
}

/*
 * The flags of the namesake, and what vfscope's own command takes besides: the long options
 * and letters that the namesake has not taken.
 */
static void getopt_tables(const struct expansion *e, struct option *longs, char *shorts)
{
	int n = 0, taken;

	shorts = stpcpy(shorts, ":hvV");
	for (const struct preset_flag *flag = e->preset->flags; flag->letter; flag++) {
		if (flag->letter >= ' ') {
			*shorts++ = flag->letter;
			if (flag->arg)
				*shorts++ = ':';
		}
		n = add_longs(longs, n, flag);
	}
	taken = n;
	for (int i = 0; i < option_table_len; i++) {
		const struct option_row *row = &option_table[i];

		if (!(row->commands & e->command->options))
			continue;
		if (!has_long(longs, taken, row->name))
			longs[n++] = (struct option){row->name, !!row->arg, NULL, 256 + i};
		if (!row->short_name || flag_of(e->preset, row->short_name, NULL))
			continue;
		*shorts++ = row->short_name;
		if (row->arg)
			*shorts++ = ':';
	}
	longs[n++] = (struct option){"help", 0, NULL, 'h'};
	longs[n++] = (struct option){"verbose", 0, NULL, 'v'};
	longs[n++] = (struct option){"version", 0, NULL, 'V'};
	longs[n] = (struct option){NULL, 0, NULL, 0};
	*shorts = '\0';
}

static void put_own(struct expansion *e, int code, char *arg)
{
	if (code >= 256)
		add_word(&e->words, xasprintf("--%s", option_table[code - 256].name));
	else
		add_word(&e->words, xasprintf("-%c", code));
	if (arg)
		add_word(&e->words, arg);
}

/* The columns, but for those of flags that were not given. NULL: there are none. */
static char *columns_of(const struct expansion *e)
{
	const char *item = e->preset->columns;
	char list[512] = "";

	while (item) {
		size_t len = strcspn(item, ","), at = strlen(list);
		bool optional = len > 2 && item[1] == '?';

		if (!optional || e->given[(int)*item])
			snprintf(list + at, sizeof(list) - at, "%s%.*s", at ? "," : "",
				 (int)(optional ? len - 2 : len), optional ? item + 2 : item);
		item = item[len] ? item + len + 1 : NULL;
	}
	return *list ? xstrdup(list) : NULL;
}

static int refused(const struct expansion *e, int code, const char *word)
{
	if (code == ':')
		msg("%s: %s wants an argument", e->preset->name, word);
	else
		msg("%s: unknown option '%s'; see 'vfscope help %s'", e->preset->name, word,
		    e->preset->name);
	return -EINVAL;
}

static int take_flags(struct expansion *e, int argc, char **argv)
{
	struct option longs[LONGS_MAX + 64];
	char shorts[128];
	int code, nth = 0, err = 0;

	getopt_tables(e, longs, shorts);
	opterr = 0;
	optind = 0;
	while ((code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct preset_flag *flag;

		if (code == 'h')
			return 1;
		e->version = code == 'V';
		if (e->version)
			return 0;
		if (code == '?' || code == ':')
			return refused(e, code, argv[optind - 1]);
		flag = code < 256 ? flag_of(e->preset, code, optarg) : NULL;
		if (flag)
			err = put_flag(e, flag, optarg);
		else
			put_own(e, code, optarg);
		if (err)
			return err;
	}
	for (; optind < argc; optind++, nth++) {
		if (nth == PRESET_WORDS_MAX || !e->preset->words[nth].name) {
			msg("%s: unexpected argument '%s'; see 'vfscope help %s'", e->preset->name,
			    argv[optind], e->preset->name);
			return -EINVAL;
		}
		e->alone[nth] = argv[optind];
	}
	return 0;
}

/* What stands alone; INTERVAL and COUNT come last. */
static int put_alone(struct expansion *e)
{
	for (int i = 0; i < PRESET_WORDS_MAX; i++) {
		const char *to = e->preset->words[i].to, *arg = e->alone[i];

		if (arg && check_number(e, to, e->preset->words[i].name, arg))
			return -EINVAL;
		if (arg && !strcmp(to, "%"))
			e->behind[i] = arg;
		else if (arg)
			add_words(&e->words, to, arg);
	}
	if (!e->behind[0] && e->behind[1])
		e->behind[0] = "1";
	for (int i = 0; i < 2 && e->behind[i]; i++)
		add_word(&e->words, xstrdup(e->behind[i]));
	return 0;
}

char **preset_expand(const struct preset *preset, int *argc, char **argv, struct options *o,
		     int *err)
{
	struct expansion e = {.preset = preset, .command = command_find(preset->command)};
	int program_at = *argc;

	for (int i = *argc - 1; i > 0; i--)
		if (!strcmp(argv[i], "--"))
			program_at = i;
	add_word(&e.words, xstrdup(preset->command));
	add_words(&e.words, preset->options, NULL);
	o->default_words = e.words.argc;
	*err = take_flags(&e, program_at, argv);
	if (*err)
		return NULL;
	if (e.version) {
		e.words.argc = 0;
		add_word(&e.words, xstrdup("version"));
		*argc = 1;
		return e.words.argv;
	}
	if (preset->without.to && !e.given[(int)preset->without.letter])
		add_words(&e.words, preset->without.to, NULL);
	*err = put_alone(&e);
	if (*err)
		return NULL;
	for (int i = program_at; i < *argc; i++)
		add_word(&e.words, argv[i]);
	o->columns = columns_of(&e);
	*argc = e.words.argc;
	return e.words.argv;
}

/* --- in words ------------------------------------------------------------------------------ */

void preset_usage(const struct preset *preset, char *buf, size_t size)
{
	size_t len = 0;
	int words = 0;

	*buf = '\0';
	for (const struct preset_flag *flag = preset->flags; flag->letter; flag++) {
		if (flag->when) /* the next row has all that it takes */
			continue;
		len += flag->letter >= ' ' ? snprintf(buf + len, size - len, "[-%c", flag->letter)
					   : snprintf(buf + len, size - len, "[--%.*s",
						      (int)strcspn(flag->names, "|"), flag->names);
		len += snprintf(buf + len, size - len, "%s%s] ", flag->arg ? " " : "",
				flag->arg ? flag->arg : "");
	}
	for (; words < PRESET_WORDS_MAX && preset->words[words].name; words++)
		len += snprintf(buf + len, size - len, "[%s%s", preset->words[words].name,
				words + 1 < PRESET_WORDS_MAX && preset->words[words + 1].name ? " "
											      : "");
	while (words--)
		len += snprintf(buf + len, size - len, "]");
	if (len && buf[len - 1] == ' ')
		buf[len - 1] = '\0';
}

void preset_equals(const struct preset *preset, char *buf, size_t size)
{
	struct expansion e = {.preset = preset};
	char *columns = columns_of(&e);
	const char *without = preset->without.to;
	size_t len = snprintf(buf, size, "vfscope %s %s%s%s", preset->command, preset->options,
			      without ? " " : "", without ? without : "");

	if (columns)
		snprintf(buf + len, size - len, " -F %s", columns);
	free(columns);
}
