/* SPDX-License-Identifier: GPL-2.0 */
/*
 * selftest: does every kind of operation on this kernel, in a scratch directory, and
 * compares what vfscope reports with what was done.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "record.h"
#include "refusal.h"
#include "selftest.h"
#include "tables.h"
#include "tracer.h"
#include "util.h"

enum { RECORDS_MAX = 4 * SELFTEST_RECORDS_MAX };

/* What was reported for one case. */
struct seen {
	int len;
	struct selftest_record record[RECORDS_MAX];
};

struct selftest {
	char template[PATH_MAX], dir[PATH_MAX]; /* as it was made, and its real path */
	size_t dir_len;
	int dir_fd;
	struct decoder decoder;
	struct selftest_done *done; /* one for each case, shared with the process that does them */
	struct seen seen[SELFTEST_CASES_MAX];
	__u64 lost[VS_LOST_MAX];
	const char *const *unseen;
};

/* The case that a path belongs to: DIR/NUMBER or below; -1: to none. */
static int case_of(const struct selftest *t, struct str path)
{
	char *end;
	long number;

	if (!path.p || path.len <= t->dir_len + 1 || memcmp(path.p, t->dir, t->dir_len) ||
	    path.p[t->dir_len] != '/')
		return -1;
	if (memmem(path.p, path.len, "/set-up", 7))
		return -1;
	number = strtol(path.p + t->dir_len + 1, &end, 10);
	return number >= 0 && number < selftest_table_len ? number : -1;
}

static void on_record(void *ctx, const void *data, size_t size)
{
	struct selftest *t = ctx;
	struct record r;
	struct seen *seen;
	int number;

	if (!record_decode(&t->decoder, data, size, &r))
		return;
	number = case_of(t, r.path);
	if (number < 0)
		return;
	seen = &t->seen[number];
	if (seen->len < RECORDS_MAX)
		seen->record[seen->len] = (struct selftest_record){
			.op = r.op.op, .via = r.op.via, .ret = r.op.ret, .bytes = r.op.bytes};
	seen->len++;
}

/* The process that does it all, when it is told to. */
static void do_cases(const struct selftest *t, const int *go_pipe)
{
	int go = go_pipe[0];
	char byte;

	close(go_pipe[1]); /* or there would never be an end of file */
	if (read(go, &byte, 1) != 1)
		_exit(1);
	for (int i = 0; i < selftest_table_len; i++) {
		char dir[16];

		/* nobody else can put anything into our directory */
		snprintf(dir, sizeof(dir), "%d", i);
		if (fchdir(t->dir_fd) || chdir(dir))
			_exit(1);
		selftest_table[i].run(&t->done[i]);
	}
	_exit(0);
}

/* Removes what a directory holds, by descriptors: a name might lead elsewhere by now. */
static void remove_below(int fd)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		int sub;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		sub = openat(dirfd(dir), entry->d_name,
			     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub >= 0)
			remove_below(sub);
		unlinkat(dirfd(dir), entry->d_name, sub >= 0 ? AT_REMOVEDIR : 0);
	}
	if (dir)
		closedir(dir);
}

static int make_dirs(struct selftest *t, const char *where)
{
	char link[32], number[16];
	struct stat st;
	ssize_t len;

	snprintf(t->template, sizeof(t->template), "%s/vfscope-selftest-XXXXXX", where);
	if (!mkdtemp(t->template))
		return -errno;
	t->dir_fd = open(t->template, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (t->dir_fd < 0 || fstat(t->dir_fd, &st))
		return -errno;
	if (st.st_uid != geteuid() || st.st_mode & 077)
		return -EPERM; /* not what mkdtemp has made */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", t->dir_fd);
	len = readlink(link, t->dir, sizeof(t->dir) - 1);
	if (len < 0)
		return -errno;
	t->dir_len = len;
	for (int i = 0; i < selftest_table_len; i++) {
		snprintf(number, sizeof(number), "%d", i);
		if (mkdirat(t->dir_fd, number, 0700))
			return -errno;
	}
	return 0;
}

/* Traces the process from its first to its last operation. */
static int trace_cases(struct selftest *t, const struct options *given)
{
	struct options o = *given;
	struct tracer *tracer;
	int go[2], status = EXIT_RUN, wait_status = 0;
	__u32 pid;
	pid_t child;

	if (pipe2(go, O_CLOEXEC))
		return EXIT_RUN;
	child = fork();
	if (child < 0)
		return EXIT_RUN;
	if (!child)
		do_cases(t, go);
	pid = child;
	o.pids = (struct ids){&pid, 1};
	tracer = tracer_new(&o, NEEDS_PATH, on_record, t, &status);
	if (tracer && !tracer_attach(tracer)) {
		status = write(go[1], "", 1) == 1 ? EXIT_DONE : EXIT_RUN;
		waitpid(child, &wait_status, 0);
		tracer_detach(tracer);
		while (tracer_consume(tracer) == TRACER_CONSUME_MAX)
			;
		tracer_lost(tracer, t->lost);
		t->unseen = tracer_unseen(tracer, &o);
		if (wait_status) {
			msg("the process that does the operations has failed");
			status = EXIT_RUN;
		}
	} else {
		close(go[1]);
		waitpid(child, NULL, 0);
	}
	tracer_free(tracer);
	close(go[0]);
	return status;
}

static bool is_unseen(const struct selftest *t, const char *word)
{
	for (int i = 0; t->unseen[i]; i++)
		if (!strncmp(t->unseen[i], word, strlen(word)))
			return true;
	return false;
}

static void print_records(const char *what, const struct selftest_record *records, int len)
{
	printf("    %s:", what);
	for (int i = 0; i < len; i++)
		printf(" %s%s%s=%lld", op_table[records[i].op].name, records[i].via ? "/" : "",
		       records[i].via ? via_table[records[i].via].name : "", records[i].ret);
	putchar('\n');
}

/* Records are equal in number, order, and every member. */
static bool equal(const struct selftest_done *done, const struct seen *seen)
{
	if (done->len != seen->len)
		return false;
	for (int i = 0; i < done->len; i++) {
		const struct selftest_record *a = &done->record[i], *b = &seen->record[i];

		if (a->op != b->op || a->via != b->via || a->ret != b->ret || a->bytes != b->bytes)
			return false;
	}
	return true;
}

/* Returns the number of cases that went wrong. */
static int report(const struct selftest *t, enum format format)
{
	int wrong = 0;

	for (int i = 0; i < selftest_table_len; i++) {
		const struct selftest_case *c = &selftest_table[i];
		const struct selftest_done *done = &t->done[i];
		const struct seen *seen = &t->seen[i];
		bool unseen = c->via == VS_VIA_IO_URING && is_unseen(t, "io_uring (");
		const char *verdict = done->err		  ? "not to be had"
				      : equal(done, seen) ? "exact"
				      : unseen		  ? "unseen"
							  : "WRONG";

		wrong += !strcmp(verdict, "WRONG");
		if (format == FORMAT_JSON) {
			printf("{\"type\":\"selftest\",\"what\":\"%s\",\"backend\":\"tracepoint\",\"verdict\":\"%s\"}\n",
			       c->name, verdict);
			continue;
		}
		printf("%-24s %s%s%s\n", c->name, verdict, done->err ? ": " : "",
		       done->err ? strerror(done->err) : "");
		if (!strcmp(verdict, "WRONG")) {
			print_records("done", done->record, done->len);
			print_records("seen", seen->record,
				      seen->len < RECORDS_MAX ? seen->len : RECORDS_MAX);
		}
	}
	return wrong;
}

int cmd_selftest(int argc, char **argv, struct options *o)
{
	struct selftest *t = xcalloc(1, sizeof(*t));
	int status, err, wrong;

	(void)argc, (void)argv;
	if (refusal_check()) {
		free(t);
		return EXIT_CANNOT;
	}
	t->dir_fd = -1;
	t->done = mmap(NULL, sizeof(*t->done) * SELFTEST_CASES_MAX, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	t->decoder.names = names_new(1 << 16, 1 << 24);
	err = t->done == MAP_FAILED ? -ENOMEM : make_dirs(t, o->word ? o->word : "/tmp");
	if (err) {
		msg("%s: cannot make a scratch directory: %s", o->word ? o->word : "/tmp",
		    strerror(-err));
		status = EXIT_RUN;
		goto out;
	}
	status = trace_cases(t, o);
	if (status)
		goto out;
	if (o->format == FORMAT_TABLE)
		printf("%-24s tracepoint, in %s\n", "what", t->dir);
	wrong = report(t, o->format);
	for (int i = 0; i < VS_LOST_MAX; i++) {
		if (!t->lost[i])
			continue;
		msg("%llu lost: %s", t->lost[i], lost_table[i].help);
		wrong++;
	}
	status = wrong ? EXIT_RUN : EXIT_DONE;
out:
	if (t->dir_fd >= 0) {
		remove_below(t->dir_fd);
		rmdir(t->template);
	}
	names_free(t->decoder.names);
	free(t);
	return status;
}
