/* SPDX-License-Identifier: GPL-2.0 */
/*
 * selftest: does every kind of operation on this kernel, in a scratch directory, once for
 * each backend that the kernel allows, and compares what vfscope reports with what was done.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "hooks.h"
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
	const char *unseen[SELFTEST_CASES_MAX]; /* why the backend cannot see it; NULL: it can */
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

/* Some of these know their file system by a descriptor only. */
static int case_of_mount_calls(void)
{
	int i = 0;

	while (selftest_table[i].op != VS_OP_FSOPEN)
		i++;
	return i;
}

/* Adds up what came in pieces: one record of each kind. */
static struct selftest_record *piece_of(struct seen *seen, const struct selftest_record *piece)
{
	for (int i = 0; i < seen->len && i < RECORDS_MAX; i++)
		if (seen->record[i].op == piece->op && seen->record[i].kind == piece->kind)
			return &seen->record[i];
	return NULL;
}

/* Each operation in its own case: these come with others too. */
static bool is_of_others(const struct record *r, int number)
{
	const __u64 everywhere = VS_BIT(VS_OP_PAGE) | VS_BIT(VS_OP_LOOKUP) | VS_BIT(VS_OP_BIO);

	return VS_BIT(r->op.op) & everywhere && selftest_table[number].op != r->op.op;
}

/*
 * Waits are of no file: they belong to the case during which they ended. Those of the workers that
 * io_uring leaves behind do not.
 */
static void add_wait(struct selftest *t, const struct record *r)
{
	__u64 ended = r->op.ts_ns + r->op.lat_ns;

	if (r->op.tid != r->op.pid)
		return;
	for (int i = 0; i < selftest_table_len; i++) {
		struct seen *seen = &t->seen[i];

		if (selftest_table[i].op != VS_OP_RUNQ || ended < t->done[i].began_ns ||
		    ended > t->done[i].ended_ns)
			continue;
		seen->len = 1;
		seen->record[0].op = VS_OP_RUNQ;
		seen->record[0].ret++;
	}
}

/* A directory of a case is itself looked up by who goes there. */
static bool is_dir_of_case(const struct selftest *t, struct str path)
{
	return !memchr(path.p + t->dir_len + 1, '/', path.len - t->dir_len - 1);
}

static void on_record(void *ctx, const void *data, size_t size)
{
	struct selftest *t = ctx;
	struct selftest_record record, *whole;
	struct seen *seen;
	struct record r;
	int number;

	if (!record_decode(&t->decoder, data, size, &r))
		return;
	if (r.op.op == VS_OP_RUNQ)
		add_wait(t, &r);
	number = case_of(t, r.path);
	if (number < 0 && op_table[r.op.op].group == VS_GROUP_MOUNTS)
		number = case_of_mount_calls();
	if (number < 0 || is_of_others(&r, number) ||
	    (r.op.op == VS_OP_LOOKUP && is_dir_of_case(t, r.path)))
		return;
	record = (struct selftest_record){
		.op = r.op.op,
		.via = r.op.via,
		/* whether it was to write is not known to all backends */
		.kind = r.op.op == VS_OP_FAULT ? 0 : r.op.has >> VS_HAS_KIND_SHIFT,
		.ret = r.op.ret,
		.bytes = r.op.bytes,
	};
	seen = &t->seen[number];
	whole = r.op.op == VS_OP_PAGE || r.op.op == VS_OP_BIO ? piece_of(seen, &record) : NULL;
	if (whole) {
		whole->bytes += record.bytes;
		return;
	}
	if (seen->len < RECORDS_MAX)
		seen->record[seen->len] = record;
	seen->len++;
}

/*
 * What is mounted is to be seen by nobody else. Where that cannot be, or the directory is another
 * there, mounting fails, as it does on mounts of another namespace.
 */
static void own_mounts(const struct selftest *t)
{
	struct stat here, there;
	int fd;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return;
	fd = open(t->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && !fstat(t->dir_fd, &here) && !fstat(fd, &there) &&
	    here.st_dev == there.st_dev && here.st_ino == there.st_ino)
		dup2(fd, t->dir_fd);
}

/* The process that does it all, when it is told to. */
static void do_cases(const struct selftest *t, const int *go_pipe)
{
	int go = go_pipe[0];
	char byte;

	close(go_pipe[1]); /* or there would never be an end of file */
	own_mounts(t);
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

static __u64 ops_seen(enum backend backend)
{
	struct btf *btf = btf__load_vmlinux_btf();
	struct hooks hooks = {};

	if (btf)
		hooks_init(&hooks, btf, backend);
	btf__free(btf);
	return hooks.ops;
}

static void set_unseen(struct selftest *t, const struct hooks *hooks)
{
	for (int i = 0; i < selftest_table_len; i++) {
		const struct selftest_case *c = &selftest_table[i];

		t->unseen[i] = hooks_why_not(hooks, VS_BIT(c->op), c->via ? VS_BIT(c->via) : 0,
					     VS_BIT(c->kind));
	}
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
	/* those too that are not shown unasked */
	o.op_mask = ops_seen(given->backend);
	tracer = tracer_new(&o, NEEDS_PATH, on_record, t, &status);
	if (tracer && !tracer_attach(tracer)) {
		status = write(go[1], "", 1) == 1 ? EXIT_DONE : EXIT_RUN;
		waitpid(child, &wait_status, 0);
		tracer_detach(tracer);
		while (tracer_consume(tracer) == TRACER_CONSUME_MAX)
			;
		tracer_lost(tracer, t->lost);
		set_unseen(t, tracer_hooks(tracer));
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

/* --- what came of it ------------------------------------------------------------------- */

static void print_records(FILE *to, const char *what, const struct selftest_record *records,
			  int len)
{
	fprintf(to, "    %s:", what);
	for (int i = 0; i < len; i++)
		fprintf(to, " %s%s%s%s%s=%lld/%llu", op_table[records[i].op].name,
			records[i].via ? "/" : "",
			records[i].via ? via_table[records[i].via].name : "",
			records[i].kind ? "/" : "",
			records[i].kind ? kind_table[records[i].kind].name : "", records[i].ret,
			records[i].bytes);
	fputc('\n', to);
}

/* Records are equal in number, order, and every member. */
static bool equal(const struct selftest_done *done, const struct seen *seen)
{
	if (done->len != seen->len)
		return false;
	for (int i = 0; i < done->len; i++) {
		const struct selftest_record *a = &done->record[i], *b = &seen->record[i];

		if (a->op != b->op || a->via != b->via || a->kind != b->kind || a->ret != b->ret ||
		    a->bytes != b->bytes)
			return false;
	}
	return true;
}

enum verdict { EXACT, UNSEEN, NOT_HAD, WRONG };
static const char *const verdicts[] = {"exact", "unseen", "not to be had", "WRONG"};

static enum verdict verdict_of(const struct selftest *t, int number)
{
	const struct selftest_case *c = &selftest_table[number];
	const struct selftest_done *done = &t->done[number];

	/* a kernel that does not tell of all switches, see sched.h */
	if (done->err || (c->op == VS_OP_RUNQ && t->lost[VS_LOST_SWITCH]))
		return NOT_HAD;
	if (equal(done, &t->seen[number]))
		return EXACT;
	return t->unseen[number] ? UNSEEN : WRONG;
}

/* Why it is not exact; NULL: it is, or it is wrong, which print_wrong shows. */
static const char *why_of(const struct selftest *t, int number)
{
	enum verdict verdict = verdict_of(t, number);

	if (verdict == NOT_HAD)
		return t->done[number].err ? strerror(t->done[number].err)
					   : lost_table[VS_LOST_SWITCH].help;
	return verdict == UNSEEN ? t->unseen[number] : NULL;
}

/* Of one cause it is known that the kernel is to blame: see verdict_of. */
static bool is_wrong_loss(const struct selftest *t, int cause)
{
	return cause != VS_LOST_SWITCH && t->lost[cause];
}

static int wrong_of(const struct selftest *t)
{
	int wrong = 0;

	for (int i = 0; i < selftest_table_len; i++)
		wrong += verdict_of(t, i) == WRONG;
	for (int i = 0; i < VS_LOST_MAX; i++)
		wrong += is_wrong_loss(t, i);
	return wrong;
}

static void print_row(struct selftest *const *tests, int number)
{
	int pad = 24;

	printf("%s", number < 0 ? "what" : selftest_table[number].name);
	pad -= strlen(number < 0 ? "what" : selftest_table[number].name);
	for (int b = BACKEND_FENTRY; b < BACKEND_MAX; b++) {
		const char *word;

		if (!tests[b])
			continue;
		word = number < 0 ? backend_names[b] : verdicts[verdict_of(tests[b], number)];
		printf("%*s%s", pad, "", word);
		pad = 15 - strlen(word);
	}
	putchar('\n');
}

/* Why a case is not exact, once for all backends of which the same is to be said. */
static void print_why(struct selftest *const *tests, int number)
{
	const char *why[BACKEND_MAX] = {};

	for (int b = BACKEND_FENTRY; b < BACKEND_MAX; b++)
		why[b] = tests[b] ? why_of(tests[b], number) : NULL;
	for (int b = BACKEND_FENTRY; b < BACKEND_MAX; b++) {
		const char *said = why[b];

		if (!said)
			continue;
		printf("%s (%s", selftest_table[number].name, backend_names[b]);
		for (int same = b + 1; same < BACKEND_MAX; same++) {
			if (!why[same] || strcmp(why[same], said))
				continue;
			printf(", %s", backend_names[same]);
			why[same] = NULL;
		}
		printf("):\n    %s\n", said);
	}
}

static void print_table(struct selftest *const *tests)
{
	for (int i = -1; i < selftest_table_len; i++)
		print_row(tests, i);
	putchar('\n');
	for (int i = 0; i < selftest_table_len; i++)
		print_why(tests, i);
}

/* What went wrong, in full: below the table, or, where programs read the results, beside them. */
static void print_wrong(FILE *to, const struct selftest *t, enum backend backend)
{
	for (int i = 0; i < selftest_table_len; i++) {
		const struct seen *seen = &t->seen[i];

		if (verdict_of(t, i) != WRONG)
			continue;
		fprintf(to, "%s, %s:\n", selftest_table[i].name, backend_names[backend]);
		print_records(to, "done", t->done[i].record, t->done[i].len);
		print_records(to, "seen", seen->record,
			      seen->len < RECORDS_MAX ? seen->len : RECORDS_MAX);
	}
	for (int i = 0; i < VS_LOST_MAX; i++)
		if (is_wrong_loss(t, i))
			fprintf(to, "%s: %llu lost: %s\n", backend_names[backend], t->lost[i],
				lost_table[i].help);
}

static void print_json(const struct selftest *t, enum backend backend)
{
	for (int i = 0; i < selftest_table_len; i++) {
		const char *why = why_of(t, i);

		printf("{\"type\":\"selftest\",\"what\":\"%s\",\"backend\":\"%s\",\"verdict\":\"%s\"",
		       selftest_table[i].name, backend_names[backend], verdicts[verdict_of(t, i)]);
		if (why)
			printf(",\"why\":\"%s\"", why);
		printf("}\n");
	}
}

/* --- the command ----------------------------------------------------------------------- */

static void selftest_free(struct selftest *t)
{
	if (!t)
		return;
	if (t->dir_fd >= 0) {
		/* opened anew: btrfs shows what was there when the directory was opened */
		int fd = openat(t->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd >= 0)
			remove_below(fd);
		rmdir(t->template);
		close(t->dir_fd);
	}
	if (t->done != MAP_FAILED)
		munmap(t->done, sizeof(*t->done) * SELFTEST_CASES_MAX);
	names_free(t->decoder.names);
	free(t);
}

/* Runs all cases under one backend; NULL: it could not, *status says why. */
static struct selftest *selftest_run(const struct options *given, enum backend backend, int *status)
{
	struct selftest *t = xcalloc(1, sizeof(*t));
	const char *where = given->word ? given->word : "/tmp";
	struct options o = *given;
	int err;

	o.backend = backend;
	t->dir_fd = -1;
	t->done = mmap(NULL, sizeof(*t->done) * SELFTEST_CASES_MAX, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	t->decoder.names = names_new(1 << 16, 1 << 24);
	err = t->done == MAP_FAILED ? -ENOMEM : make_dirs(t, where);
	*status = EXIT_RUN;
	if (err)
		msg("%s: cannot make a scratch directory: %s", where, strerror(-err));
	else
		*status = trace_cases(t, &o);
	if (!*status)
		return t;
	selftest_free(t);
	return NULL;
}

int cmd_selftest(int argc, char **argv, struct options *o)
{
	struct selftest *tests[BACKEND_MAX] = {};
	int status = EXIT_DONE, wrong = 0, run = 0;
	struct btf *btf;

	(void)argc, (void)argv;
	if (refusal_check())
		return EXIT_CANNOT;
	btf = btf__load_vmlinux_btf();
	for (int b = BACKEND_FENTRY; b < BACKEND_MAX && !status; b++) {
		if (o->backend == BACKEND_AUTO ? !!refusal_of(b, btf) : (int)o->backend != b)
			continue;
		tests[b] = selftest_run(o, b, &status);
		run += !!tests[b];
	}
	btf__free(btf);
	if (!run && !status) {
		msg("no backend can be had here: 'vfscope doctor' says why");
		status = EXIT_CANNOT;
	}
	if (!status && o->format == FORMAT_TABLE)
		print_table(tests);
	for (int b = BACKEND_FENTRY; b < BACKEND_MAX; b++) {
		if (!status && o->format != FORMAT_TABLE && tests[b])
			print_json(tests[b], b);
		if (!status && tests[b])
			print_wrong(o->format == FORMAT_TABLE ? stdout : stderr, tests[b], b);
		wrong += tests[b] ? wrong_of(tests[b]) : 0;
		selftest_free(tests[b]);
	}
	return status ? status : wrong ? EXIT_RUN : EXIT_DONE;
}
