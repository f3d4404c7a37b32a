/* SPDX-License-Identifier: GPL-2.0 */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "caps.h"
#include "cgroups.h"
#include "child.h"
#include "filter.h"
#include "mounts.h"
#include "peek.h"
#include "util.h"

enum {
	IDLE_MS = 10000,	/* nothing has to be done meanwhile; a wake-up costs */
	BATCH_MS = 5,		/* at most so long records wait for others to come ... */
	BATCH_BUFFER = 4 << 20, /* ... in a ring that has room for what comes meanwhile */
	READER_NICE = -10,
	FIRST_NS = 100000000, /* intervals from which on the reader is not always at work */
	NAMES_PER_FILE = 4,   /* paths kept, for each that the kernel side may know */
	NAMES_BYTES = 16 << 20,
};

#define SWEEP_NS 5000000000ULL
#define DIRS_NS 1000000000ULL
#define SAMPLE_NS 1000000000ULL

/* --container, of cgroups that the kernel side does not exclude yet: now it will. */
static bool container_passes(const struct run *run, __u64 cgroup)
{
	for (int i = 0; i < run->o->containers.len; i++)
		if (cgroup_in_container(cgroup, run->o->containers.s[i]))
			return true;
	if (run->o->containers.len)
		tracer_exclude_cgroup(run->tracer, cgroup);
	return !run->o->containers.len;
}

/* --no-peek: what has come all the same is dropped, and the kernel side told. */
static void drop_contents(struct run *run, struct record *r)
{
	if (r->data.p && peek_is_forbidden(&run->o->no_peeks, r->path)) {
		tracer_exclude_contents(run->tracer, r->op.path_id);
		r->data = (struct str){NULL, 0};
	}
}

static void on_record(void *ctx, const void *data, size_t size)
{
	struct run *run = ctx;
	struct record r;

	if (!record_decode(&run->decoder, data, size, &r) || run->sink.out.err)
		return;
	if (!container_passes(run, r.op.cgroup) || !filter_passes(run->o, run->resolver, &r))
		return;
	if (run->o->fs.len && filter_lacks_fs(&r)) {
		run->lost[VS_LOST_FOLLOW]++;
		return;
	}
	if (!sampling_shows(&run->sampling, &r))
		return;
	drop_contents(run, &r);
	run->record(run, &r);
}

int run_consume(struct run *run)
{
	int consumed;

	fields_epoch_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
	consumed = tracer_consume(run->tracer);
	if (run->decoder.resend) {
		run->decoder.resend = false;
		tracer_resend_names(run->tracer);
	}
	if (sink_flush(&run->sink))
		run->stop = true;
	return consumed;
}

/* Set by the first signal that is to end us; a second one kills. */
static volatile sig_atomic_t interrupted;
static int wake_fd = -1;

static void on_interrupt(int signo)
{
	(void)signo;
	interrupted = 1;
	if (eventfd_write(wake_fd, 1))
		return; /* the loop looks every IDLE_MS all the same */
}

static void on_child(struct run *run)
{
	struct signalfd_siginfo info;

	while (read(run->children, &info, sizeof(info)) == sizeof(info))
		if (run->child && waitpid(run->child, &run->child_wait, WNOHANG) == run->child)
			run->stop = run->child_ended = true;
}

/* Milliseconds to wait, at most ms and not beyond a moment; 0: it has come. */
static int wait_ms(__u64 until, int ms)
{
	__u64 now = clock_ns(CLOCK_MONOTONIC);

	if (now >= until)
		return 0;
	return (until - now) / 1000000 < (__u64)ms ? (int)((until - now) / 1000000) + 1 : ms;
}

/* What has to be done from time to time. Returns false when the time is over. */
static bool on_time(struct run *run)
{
	__u64 now = clock_ns(CLOCK_MONOTONIC);

	if (now >= run->sweep_at) {
		run->sweep_at = now + SWEEP_NS;
		tracer_sweep(run->tracer);
	}
	if (now >= run->dirs_at) {
		run->dirs_at = now + DIRS_NS;
		resolver_check_dirs(run->resolver, run->mounts_changed);
		run->mounts_changed = false;
	}
	if (now >= run->sample_at) {
		run->sample_at = now + SAMPLE_NS;
		sampling_adjust(&run->sampling, run->tracer);
	}
	if (now >= run->end_at)
		return false;
	if (now >= run->interval_at) {
		run->interval(run);
		if (sink_flush(&run->sink))
			run->stop = true;
		/* one that took longer than an interval makes the next one late, not many of them
		 */
		now = clock_ns(CLOCK_MONOTONIC);
		while (run->interval_at <= now)
			run->interval_at += run->interval_ns;
	}
	return true;
}

/* Until something ends it: a signal, the program's end, the time, the command itself. */
static void loop(struct run *run)
{
	bool batch = run->o->buffer_sz >= BATCH_BUFFER;
	int consumed = 0;

	while (on_time(run) && !run->stop) {
		enum { CHILDREN, WAKE, MOUNTS, OUTPUT, INPUT, RING };
		struct pollfd fds[] = {
			[CHILDREN] = {.fd = run->children, .events = POLLIN},
			[WAKE] = {.fd = wake_fd, .events = POLLIN},
			[MOUNTS] = {.fd = run->mounts, .events = POLLPRI},
			/* whoever reads our output has gone away */
			[OUTPUT] = {.fd = run->sink.out.fd, .events = 0},
			[INPUT] = {.fd = run->input ? STDIN_FILENO : -1, .events = POLLIN},
			[RING] = {.fd = tracer_fd(run->tracer), .events = POLLIN},
		};
		/* while records come, look after the batch time; else wait for the first */
		bool gather = batch && consumed;
		bool more = consumed == TRACER_CONSUME_MAX;
		int ms = more ? 0 : gather ? BATCH_MS : IDLE_MS;

		ms = wait_ms(run->sample_at, wait_ms(run->dirs_at, ms));
		ms = wait_ms(run->end_at, wait_ms(run->interval_at, ms));
		poll(fds, gather ? RING : ARRAY_LEN(fds), ms);
		if (fds[CHILDREN].revents)
			on_child(run);
		run->stop |= interrupted;
		if (fds[MOUNTS].revents & (POLLPRI | POLLERR))
			mounts_read();
		run->mounts_changed |= fds[MOUNTS].revents != 0;
		if (fds[OUTPUT].revents & (POLLERR | POLLHUP | POLLNVAL) && !run->sink.out.err) {
			run->sink.out.err = -EPIPE;
			run->stop = true;
		}
		/* a signal too: the terminal may have another size */
		if (run->input)
			run->input(run);
		if (fds[INPUT].revents & (POLLERR | POLLHUP | POLLNVAL))
			run->stop = true;
		consumed = run_consume(run);
	}
	run->stop = true;
}

static void set_signals(struct run *run)
{
	/* no SA_RESTART: a write to a reader that does not read ends too */
	const struct sigaction once = {.sa_handler = on_interrupt,
				       .sa_flags = run->input ? 0 : (int)SA_RESETHAND};
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction old;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	run->children = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	for (size_t i = 0; i < ARRAY_LEN(ending); i++)
		if (!sigaction(ending[i], NULL, &old) && old.sa_handler != SIG_IGN) /* nohup */
			sigaction(ending[i], &once, NULL);
	signal(SIGPIPE, SIG_IGN);
	run->sink.out.interrupted = &interrupted;
}

static int start_program(struct run *run)
{
	char **program = run->o->program;

	if (!program)
		return 0;
	run->child = child_start(program);
	if (run->child > 0)
		return 0;
	msg("cannot start '%s': %s", program[0], strerror(-run->child));
	/* as env, nohup and timeout do */
	return run->child == -ENOENT ? 127 : 126;
}

/* Ctrl-C goes to the program as well: its end comes a moment after ours. */
static void wait_child(struct run *run)
{
	const struct timespec moment = {.tv_nsec = 10000000};

	for (int i = 0; i < 50 && interrupted && run->child > 0 && !run->child_ended; i++) {
		run->child_ended = waitpid(run->child, &run->child_wait, WNOHANG) == run->child;
		if (!run->child_ended)
			nanosleep(&moment, NULL);
	}
}

/* What can be counted of a run that has ended. */
static void sum_up(const struct run *run, __u64 ended, struct summary *sum)
{
	__u64 lost[VS_LOST_MAX];

	sum->duration_ns += ended - run->began;
	sum->events += run->events;
	sum->peeked += run->peeked;
	sum->resolved += run->decoder.resolved;
	tracer_lost(run->tracer, lost);
	for (int i = 0; i < VS_LOST_MAX; i++)
		sum->lost[i] += lost[i] + run->lost[i];
	sum->lost[VS_LOST_PATH] += run->decoder.lost_path;
	sum->lost[VS_LOST_FOLLOW] += resolver_lost(run->resolver);
	sum->lost[VS_LOST_PROC] += run->decoder.lost_proc;
	sum->lost[VS_LOST_MALFORMED] += run->decoder.malformed;
}

static int finish(struct run *run)
{
	struct summary alone = {}, *summary = run->so_far ?: &alone;
	__u64 ended = clock_ns(CLOCK_MONOTONIC);
	int err;

	tracer_detach(run->tracer);
	while (run_consume(run) == TRACER_CONSUME_MAX)
		;
	if (run->interval)
		run->interval(run);
	if (!run->no_summary)
		resolver_check_dirs(run->resolver, true);
	sum_up(run, ended, summary);
	if (run->no_summary)
		return EXIT_DONE;
	summary->backend = tracer_backend(run->tracer);
	summary->peek = run->o->peek;
	/* reads the kernel's types, which takes its time: not while records still come */
	summary->unseen = tracer_unseen(run->tracer, run->o);
	summary->gone = resolver_gone(run->resolver);
	if (sampling_asked(run->o))
		summary->sampled = sampling_sum(&run->sampling, run->tracer);
	err = sink_summary(&run->sink, summary);
	if (err) {
		msg("output ends early, after an error: %s", strerror(-err));
		return EXIT_RUN;
	}
	if (run->o->strict && !summary_exact(summary)) {
		msg("operations were lost, see the summary");
		return EXIT_RUN;
	}
	return EXIT_DONE;
}

/*
 * Who watches a busy machine has to keep up with it, or records are lost. Where there is little to
 * do in each interval, that comes first: of a processor that thousands wait for, nice leaves too
 * small a share. While khugepaged makes huge pages of our memory we cannot touch more of it, and
 * khugepaged itself (nice 19) has to wait for the processor: 20 s have been seen.
 */
static void keep_up(const struct run *run)
{
	const struct sched_param lowest = {.sched_priority = sched_get_priority_min(SCHED_RR)};

	setpriority(PRIO_PROCESS, 0, READER_NICE);
	if (run->interval_ns >= FIRST_NS)
		sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &lowest);
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}

/* To attach takes its time, on a busy machine seconds: none of it counts. */
static void set_times(struct run *run)
{
	const struct options *o = run->o;

	run->began = clock_ns(CLOCK_MONOTONIC);
	run->sweep_at = run->began + SWEEP_NS;
	run->dirs_at = run->resolver ? run->began + DIRS_NS : UINT64_MAX;
	if (!run->end_at)
		run->end_at = o->duration_ns ? run->began + o->duration_ns : UINT64_MAX;
	sampling_measure(&run->sampling, run->tracer);
	run->sample_at = o->max_overhead > 0 ? run->began + SAMPLE_NS : UINT64_MAX;
	run->interval_at = run->interval_ns ? run->began + run->interval_ns : UINT64_MAX;
}

/* Loads and attaches, and lets the program go. Returns an exit status. */
static int start(struct run *run)
{
	struct options *o = run->o;
	int status, err;

	run->needs |= where_needs(o->where);
	if (run->needs & NEEDS_PROCS)
		run->decoder.procs = procs_new();
	run->needs |= run->exited ? NEEDS_PROCS : 0; /* which tells of exits, too */
	run->decoder.exited = run->exited;
	run->decoder.exited_ctx = run;
	run->tracer = tracer_new(o, run->needs, on_record, run, &status);
	if (!run->tracer)
		return status;
	if (o->dirs.len)
		run->resolver = resolver_new(&o->dirs, tracer_names_epoch(run->tracer),
					     tracer_names_moved(run->tracer));
	/* whose mounts differ is asked by its number */
	if (tracer_sees_our_pids(run->tracer))
		run->decoder.views =
			views_new(tracer_names_epoch(run->tracer), run->decoder.mnt_ns);
	run->mounts = open("/proc/self/mounts", O_RDONLY | O_CLOEXEC);
	status = run->begin ? run->begin(run) : 0;
	if (status)
		return status;
	set_signals(run);
	sink_flush(&run->sink);
	sampling_begin(&run->sampling, o, run->tracer);
	status = tracer_attach(run->tracer);
	if (status) {
		msg("the kernel refuses to attach: %s; see 'vfscope doctor'", strerror(-status));
		return EXIT_CANNOT;
	}
	/* a file that was met before the programs that see it moved is looked at anew */
	tracer_resend_names(run->tracer);
	if (run->attached)
		run->attached(run);
	set_times(run);
	if (run->decoder.procs && tracer_sees_our_pids(run->tracer))
		procs_scan(run->decoder.procs);
	status = start_program(run);
	if (status)
		return status;
	keep_up(run);
	err = caps_drop(o->dirs.len > 0 || o->fs_asked,
			run->needs & NEEDS_CGROUP || o->containers.len || run->input);
	if (err)
		msg("warning: cannot give up privileges that are no longer needed: %s",
		    strerror(-err));
	return 0;
}

/* Paths to keep: of more files than the kernel side still refers to, see names_tell in bpf/maps.h.
 */
static size_t names_to_keep(const struct run *run)
{
	return run->o->map_entries * NAMES_PER_FILE + run->names_more;
}

int run_command(struct run *run)
{
	int status;

	run->children = run->mounts = -1;
	mounts_read();
	run->decoder.fs_of_path = mounts_fs_of;
	run->decoder.mnt_ns = mounts_namespace();
	run->decoder.host_path = run->o->host_path;
	run->decoder.fs_asked = run->o->fs_asked;
	run->decoder.names = names_new(names_to_keep(run), NAMES_BYTES);
	status = start(run);
	if (status)
		goto out;
	loop(run);
	status = finish(run);
	wait_child(run);
	if (run->child_ended &&
	    (!status || WIFSIGNALED(run->child_wait) || WEXITSTATUS(run->child_wait)))
		status = child_status(run->child_wait);
out:
	resolver_free(run->resolver);
	views_free(run->decoder.views);
	sampling_end(&run->sampling);
	tracer_free(run->tracer);
	sink_fini(&run->sink);
	names_free(run->decoder.names);
	procs_free(run->decoder.procs);
	if (run->children >= 0)
		close(run->children);
	if (wake_fd >= 0)
		close(wake_fd);
	if (run->mounts >= 0)
		close(run->mounts);
	return status;
}
