/* SPDX-License-Identifier: GPL-2.0 */
#include "procs.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

#define uthash_fatal(what) (msg("%s", what), exit(EXIT_RUN))
#include <uthash.h>
#include <utlist.h>

enum { PROCS_MAX = 1 << 17, ENDED_MAX = 4096 };

struct entry {
	struct proc proc;
	bool scanned; /* from /proc: newer than the records of what came before the scan */
	bool ended;
	UT_hash_handle hh;
	struct entry *prev, *next; /* of those that have ended, the oldest first */
};

struct procs {
	struct entry *table, *ended;
	int ended_len;
	__u64 serial;
};

struct procs *procs_new(void)
{
	return xcalloc(1, sizeof(struct procs));
}

/* --- programs --------------------------------------------------------------------------- */

static struct program *program_new(struct procs *procs, struct str exe)
{
	struct program *program = xcalloc(1, sizeof(*program));

	program->refs = 1;
	program->serial = ++procs->serial;
	if (exe.p) {
		program->exe =
			(struct str){memcpy(xcalloc(1, exe.len + 1), exe.p, exe.len), exe.len};
	}
	return program;
}

static void program_put(struct program *program)
{
	if (!program || --program->refs)
		return;
	free((char *)program->exe.p);
	free(program->args);
	free(program);
}

/* Arguments as the kernel has them: each with its NUL. */
static void program_append(struct program *program, const char *args, size_t len)
{
	char *end;

	if (!len)
		return;
	program->args = xreallocarray(program->args, program->args_len + len, 1);
	end = mempcpy(program->args + program->args_len, args, len);
	program->args_closed = !end[-1];
	for (char *p = end - len; (p = memchr(p, '\0', end - p)); p++)
		*p = ' ';
	program->args_len += len;
}

struct str procs_args(const struct proc *proc)
{
	const struct program *program = proc->program;

	if (!program || !program->args_len)
		return (struct str){NULL, 0};
	return (struct str){program->args, program->args_len - program->args_closed};
}

/* --- the table -------------------------------------------------------------------------- */

static void forget(struct procs *procs, struct entry *entry)
{
	if (entry->ended) {
		DL_DELETE(procs->ended, entry);
		procs->ended_len--;
	}
	HASH_DEL(procs->table, entry);
	program_put(entry->proc.program);
	free(entry);
}

void procs_free(struct procs *procs)
{
	if (!procs)
		return;
	while (procs->table)
		forget(procs, procs->table);
	free(procs);
}

static struct entry *find(const struct procs *procs, __u32 pid)
{
	struct entry *entry;

	HASH_FIND(hh, procs->table, &pid, sizeof(pid), entry);
	return entry;
}

struct proc *procs_find(struct procs *procs, __u32 pid)
{
	struct entry *entry = find(procs, pid);

	return entry ? &entry->proc : NULL;
}

/* An entry anew, whatever had the number before. */
static struct entry *make(struct procs *procs, __u32 pid)
{
	struct entry *entry = find(procs, pid);

	if (entry)
		forget(procs, entry);
	if (HASH_COUNT(procs->table) >= PROCS_MAX)
		forget(procs, procs->table);
	entry = xcalloc(1, sizeof(*entry));
	entry->proc.pid = pid;
	HASH_ADD(hh, procs->table, proc.pid, sizeof(entry->proc.pid), entry);
	return entry;
}

/* --- what the kernel side tells --------------------------------------------------------- */

static void on_fork(struct procs *procs, const struct vs_rec_proc *rec)
{
	struct entry *entry = find(procs, rec->pid), *parent;

	if (entry && entry->scanned && !entry->ended) {
		/* it was there when /proc was read, and may have another program since */
		entry->scanned = false;
		entry->proc.parent = rec->parent;
		return;
	}
	entry = make(procs, rec->pid);
	entry->proc.parent = rec->parent;
	memcpy(entry->proc.comm, rec->comm, sizeof(rec->comm));
	parent = find(procs, rec->parent);
	if (parent && parent->proc.program) {
		entry->proc.program = parent->proc.program;
		entry->proc.program->refs++;
	}
}

static void on_exec(struct procs *procs, struct names *names, const struct vs_rec_proc *rec)
{
	const struct name *exe = rec->exe_id ? names_find(names, rec->exe_id) : NULL;
	struct entry *entry = find(procs, rec->pid);

	if (!entry)
		entry = make(procs, rec->pid);
	program_put(entry->proc.program);
	entry->proc.program = program_new(procs, exe ? exe->path : (struct str){NULL, 0});
	memcpy(entry->proc.comm, rec->comm, sizeof(rec->comm));
	entry->scanned = false;
	program_append(entry->proc.program, (const char *)(rec + 1), rec->len);
}

static void on_args(struct procs *procs, const struct vs_rec_proc *rec)
{
	struct entry *entry = find(procs, rec->pid);

	/* what does not follow on what is there was lost before, and counted */
	if (entry && entry->proc.program && entry->proc.program->args_len == rec->at)
		program_append(entry->proc.program, (const char *)(rec + 1), rec->len);
}

static void on_exit_of(struct procs *procs, const struct vs_rec_proc *rec)
{
	struct entry *entry = find(procs, rec->pid);

	if (!entry || entry->ended)
		return;
	entry->ended = true;
	DL_APPEND(procs->ended, entry);
	if (++procs->ended_len > ENDED_MAX)
		forget(procs, procs->ended);
}

int procs_add(struct procs *procs, struct names *names, const void *data, size_t size)
{
	const struct vs_rec_proc *rec = data;

	if (size < sizeof(*rec) || size < sizeof(*rec) + rec->len || rec->comm[VS_COMM_LEN - 1])
		return -EBADMSG;
	switch (rec->what) {
	case VS_PROC_FORK: on_fork(procs, rec); break;
	case VS_PROC_EXEC: on_exec(procs, names, rec); break;
	case VS_PROC_ARGS: on_args(procs, rec); break;
	case VS_PROC_EXIT: on_exit_of(procs, rec); break;
	default: return -EBADMSG;
	}
	return 0;
}

/* --- /proc ------------------------------------------------------------------------------ */

/* A file of /proc, whole; NULL: the process has ended. */
static char *read_file(int dir, const char *name, size_t *len)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	ssize_t n = 0;

	*len = 0;
	if (fd < 0)
		return NULL;
	for (;;) {
		text = xreallocarray(text, *len + 4097, 1);
		n = read(fd, text + *len, 4096);
		if (n <= 0)
			break;
		*len += n;
	}
	text[*len] = '\0';
	close(fd);
	return text;
}

static void scan_args(int dir, struct program *program)
{
	size_t len;
	char *args = read_file(dir, "cmdline", &len);

	if (len > VS_ARGS_CHUNK * VS_ARGS_CHUNKS)
		len = VS_ARGS_CHUNK * VS_ARGS_CHUNKS;
	program_append(program, args, len);
	free(args);
}

/* "PID (COMM) STATE PPID ...", where COMM may hold anything. */
static void scan_stat(int dir, struct proc *proc)
{
	size_t len;
	char *stat = read_file(dir, "stat", &len), *begin, *end;

	begin = stat ? strchr(stat, '(') : NULL;
	end = stat ? strrchr(stat, ')') : NULL;
	if (begin && end > begin) {
		*end = '\0';
		snprintf(proc->comm, sizeof(proc->comm), "%s", begin + 1);
		sscanf(end + 1, " %*c %u", &proc->parent);
	}
	free(stat);
}

static void scan_one(struct procs *procs, int proc_dir, const char *name)
{
	int dir = openat(proc_dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char exe[VS_PATH_MAX + 16];
	struct entry *entry;
	ssize_t len;

	if (dir < 0)
		return;
	entry = make(procs, atoi(name));
	entry->scanned = true;
	scan_stat(dir, &entry->proc);
	len = readlinkat(dir, "exe", exe, sizeof(exe));
	entry->proc.program = program_new(procs, (struct str){len > 0 ? exe : NULL, len});
	scan_args(dir, entry->proc.program);
	close(dir);
}

void procs_scan(struct procs *procs)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (isdigit((unsigned char)*entry->d_name))
			scan_one(procs, dirfd(dir), entry->d_name);
	if (dir)
		closedir(dir);
}
