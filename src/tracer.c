/* SPDX-License-Identifier: GPL-2.0 */
#include "tracer.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caps.h"
#include "cgroups.h"
#include "syscalls.h"
#include "tables.h"
#include "util.h"
#include "vfscope.skel.h"

enum { LINKS_MAX = 16 };

struct tracer {
	struct vfscope *skel;
	struct ring_buffer *ring;
	struct bpf_link *links[LINKS_MAX];
	int links_len;
	tracer_record_fn *fn;
	void *ctx;
	int *dirs, dirs_len; /* descriptors of -d */
	__u64 swept;	     /* asynchronous operations that were dropped */
	int left;	     /* records that tracer_consume may still hand out */
};

/* --- the programs, by what they are for ------------------------------------------------- */

/*
 * A tracepoint that was given other arguments has a program for each form; params is
 * their number on the kernels that the program is for, 0: any.
 */
enum prog_group { FOR_SYSCALLS, FOR_URING, FOR_PROGRAM };
struct prog_row {
	enum prog_group group;
	const char *tracepoint, *program, *sees;
	int params;
};
/* clang-format off */
static const struct prog_row progs[] = {
	/* attached in this order: no call is to begin whose end is not seen */
	{FOR_SYSCALLS, "sys_exit", "sys_exit__tp", "system calls and libaio", 0},
	{FOR_URING, "io_uring_complete", "io_uring_complete__tp", "io_uring: completion", 3},
	{FOR_URING, "io_uring_complete", "io_uring_complete_res__tp", "io_uring: completion", 7},
	{FOR_URING, "io_uring_complete", "io_uring_complete_510__tp", "io_uring: completion", 4},
	{FOR_PROGRAM, "sched_process_exit", "sched_process_exit__tp", "-- PROGRAM: its end", 0},
	{FOR_SYSCALLS, "sys_enter", "sys_enter__tp", "system calls and libaio", 0},
	{FOR_URING, "io_uring_submit_req", "io_uring_submit_req__tp", "io_uring: submission", 1},
	{FOR_URING, "io_uring_submit_sqe", "io_uring_submit_sqe__tp", "io_uring: submission", 2},
	{FOR_URING, "io_uring_submit_sqe", "io_uring_submit_sqe_510__tp", "io_uring: submission", 7},
	{FOR_PROGRAM, "sched_process_fork", "sched_process_fork__tp", "-- PROGRAM: its descendants", 0},
	{FOR_PROGRAM, "sched_process_exec", "sched_process_exec__tp", "-- PROGRAM: its first instruction", 0},
};
/* clang-format on */

/* What the tracepoint backend cannot see of these operations, whatever the kernel. */
static const struct {
	__u64 ops;
	const char *what;
} unseen_table[] = {
	{VS_BIT(VS_OP_READ) | VS_BIT(VS_OP_WRITE), "bytes moved by page faults (via mmap)"},
	{VS_BIT(VS_OP_READ) | VS_BIT(VS_OP_WRITE),
	 "the kernel's own I/O (via kernel: loop devices, NFS server)"},
	{~0ULL, "io_uring requests that are refused before they begin"},
	{VS_BIT(VS_OP_READ) | VS_BIT(VS_OP_WRITE), "reflinks by ioctl (FICLONE)"},
	{VS_BIT(VS_OP_CLOSE), "descriptors closed by exec, dup2 and exit"},
};

/* The doors of the tracepoint backend. */
static const __u64 seen_vias = VS_BIT(VS_VIA_RW) | VS_BIT(VS_VIA_VEC) | VS_BIT(VS_VIA_AIO) |
			       VS_BIT(VS_VIA_IO_URING) | VS_BIT(VS_VIA_SPLICE) |
			       VS_BIT(VS_VIA_SENDFILE) | VS_BIT(VS_VIA_COPY_FILE_RANGE);

/* Parameters of a tracepoint on this kernel, without the first, hidden one; -1: no such. */
static int tracepoint_params(const struct btf *btf, const char *name)
{
	char typedef_name[64];
	const struct btf_type *type;
	int id;

	snprintf(typedef_name, sizeof(typedef_name), "btf_trace_%s", name);
	id = btf__find_by_name_kind(btf, typedef_name, BTF_KIND_TYPEDEF);
	if (id < 0)
		return -1;
	type = btf__type_by_id(btf, btf__type_by_id(btf, id)->type); /* the pointer */
	type = btf__type_by_id(btf, type->type);		     /* to a function */
	return btf_vlen(type) - 1;
}

static bool row_fits(const struct btf *btf, const struct prog_row *row)
{
	int params = tracepoint_params(btf, row->tracepoint);

	return params >= 0 && (!row->params || row->params == params);
}

/* Has this kernel the tracepoints of a submission and of a completion in a form we know? */
static bool has_uring(const struct btf *btf)
{
	int fit = 0;

	for (size_t i = 0; i < ARRAY_LEN(progs); i++)
		fit += progs[i].group == FOR_URING && row_fits(btf, &progs[i]);
	return fit >= 2;
}

/* Switches the programs of a group that fit this kernel on. */
static void choose(struct vfscope *skel, const struct btf *btf, enum prog_group group)
{
	for (size_t i = 0; i < ARRAY_LEN(progs); i++) {
		struct bpf_program *prog;

		if (progs[i].group != group || !row_fits(btf, &progs[i]))
			continue;
		prog = bpf_object__find_program_by_name(skel->obj, progs[i].program);
		bpf_program__set_autoload(prog, true);
	}
}

/* --- errors ------------------------------------------------------------------------------ */

static bool verbose;
static char load_log[4096]; /* the last words of libbpf and of the verifier */

static int print_fn(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	size_t len = strlen(load_log);
	va_list copy;

	if (level == LIBBPF_WARN && len < sizeof(load_log) - 1) {
		va_copy(copy, ap);
		vsnprintf(load_log + len, sizeof(load_log) - len, fmt, copy);
		va_end(copy);
	}
	return verbose && level != LIBBPF_DEBUG ? vfprintf(stderr, fmt, ap) : 0;
}

static bool is_locked_down(void)
{
	char buf[128] = "";
	int fd = open("/sys/kernel/security/lockdown", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (read(fd, buf, sizeof(buf) - 1) < 0)
		buf[0] = '\0';
	close(fd);
	return strstr(buf, "[confidentiality]");
}

int tracer_check(void)
{
	const char *missing = caps_missing();

	if (missing) {
		msg("needs %s to load its programs: run it with sudo, or give them to it with setcap",
		    missing);
		return -EPERM;
	}
	if (access("/sys/kernel/btf/vmlinux", R_OK)) {
		msg("this kernel does not describe its types (/sys/kernel/btf/vmlinux: %s): it has to be "
		    "built with CONFIG_DEBUG_INFO_BTF=y",
		    strerror(errno));
		return -ENOENT;
	}
	return 0;
}

static void explain_load(int err)
{
	if (err == -EPERM && is_locked_down())
		msg("the kernel refused to load: it is locked down (lockdown=confidentiality), which "
		    "forbids BPF to read kernel memory");
	else if (err == -EPERM)
		msg("the kernel refused to load (%s) although the capabilities are there: a container's "
		    "seccomp profile, or kernel.unprivileged_bpf_disabled in a user namespace; run it on "
		    "the host",
		    strerror(-err));
	else if (err == -ENOMEM || err == -E2BIG)
		msg("the kernel refused to load (%s): try a smaller --buffer or --map-entries",
		    strerror(-err));
	else
		msg("the kernel refused to load (%s); 'vfscope -v trace' shows its words, 'vfscope "
		    "doctor' what it allows",
		    strerror(-err));
}

static void add_word(char *list, size_t size, const char *word)
{
	size_t len = strlen(list);

	snprintf(list + len, size - len, "%s%s", len ? ", " : "", word);
}

/* Says which of the operations and vias that were asked for cannot be seen. */
static int check_asked(const struct options *o)
{
	__u64 ops = o->op_mask & ~tracer_ops(), vias = o->via_mask & ~seen_vias;
	char list[512] = "";

	for (int op = 1; op < VS_OP_MAX; op++)
		if (ops & VS_BIT(op))
			add_word(list, sizeof(list), op_table[op].name);
	for (int via = 1; via < VS_VIA_MAX; via++)
		if (vias & VS_BIT(via))
			add_word(list, sizeof(list), via_table[via].name);
	if (!*list)
		return 0;
	if ((ops && ops == o->op_mask) || (vias && vias == o->via_mask)) {
		msg("%s: nothing here can see that; 'vfscope doctor' says why", list);
		return -ENOTSUP;
	}
	msg("warning: not seen by the tracepoint backend: %s", list);
	return 0;
}

static __u64 asked(__u64 mask)
{
	return mask ? mask : ~0ULL;
}

/* A backend that was forced has to be one that can be had. */
static int check_backend(const struct options *o)
{
	const char *why;

	if (o->backend == BACKEND_AUTO || o->backend == BACKEND_TRACEPOINT)
		return 0;
	why = tracer_refusal(o->backend);
	msg("--backend %s: %s; 'auto' takes tracepoint", backend_names[o->backend],
	    why ? why : "the kernel allows it, but this version of vfscope has no such hooks yet");
	return -ENOTSUP;
}

/* --- set-up ------------------------------------------------------------------------------ */

static __u32 ftype_mask(const struct options *o)
{
	if (o->ftype_mask)
		return o->ftype_mask;
	if (o->all || o->fs.len)
		return ~0U;
	/* NONE: what failed on a descriptor that is not open */
	return VS_BIT(VS_FTYPE_NONE) | VS_BIT(VS_FTYPE_REG) | VS_BIT(VS_FTYPE_DIR) |
	       VS_BIT(VS_FTYPE_LNK);
}

static __u32 round_up_pow2(__u64 size)
{
	__u32 page = sysconf(_SC_PAGESIZE), result = page;

	while (result < size)
		result *= 2;
	return result;
}

/*
 * A row that is asked for is one for each processor that adds to it, and for each bucket where
 * a distribution is wanted.
 */
static __u32 totals_entries(const struct options *o)
{
	enum { BUCKETS_PER_ROW = 8, ENTRIES_MAX = 1 << 22 };
	__u64 entries = o->map_entries * (o->totals.dist ? BUCKETS_PER_ROW : 1);

	return entries < ENTRIES_MAX ? entries : ENTRIES_MAX;
}

/* With totals, --map-entries bounds the rows: a few rows need the paths of many files. */
static __u32 files_entries(const struct options *o)
{
	enum { FILES_MIN = 65536 };

	return o->totals.on && o->map_entries < FILES_MIN ? FILES_MIN : o->map_entries;
}

/* The maps of agg.h, only where they are asked for. */
static void size_totals(struct vfscope *skel, const struct options *o)
{
	struct bpf_map *rows[] = {skel->maps.totals_even, skel->maps.totals_odd};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bpf_map__set_autocreate(rows[i], o->totals.on);
		if (!o->totals.on)
			continue;
		bpf_map__set_key_size(rows[i], o->totals.key_size);
		bpf_map__set_max_entries(rows[i], totals_entries(o));
	}
	bpf_map__set_autocreate(skel->maps.totals_other, o->totals.on);
}

static void configure(struct vfscope *skel, const struct btf *btf, const struct options *o,
		      int needs)
{
	struct vs_config *cfg = (struct vs_config *)&skel->rodata->cfg;
	__u32 ring_sz = round_up_pow2(o->buffer_sz);

	*cfg = (struct vs_config){
		.op_mask = asked(o->op_mask),
		.via_mask = asked(o->via_mask),
		.min_lat_ns = o->min_latency_ns,
		.min_bytes = o->min_size,
		.ftype_mask = ftype_mask(o),
		.n_cgroups = o->cgroups.len,
		.show_self = o->all,
		.by_pid = o->pids.len > 0,
		.by_tid = o->tids.len > 0,
		.by_uid = o->uids.len > 0,
		.by_dir = o->dirs.len > 0,
		.by_fs = o->fs.len > 0,
		.show_pseudo = options_show_pseudo(o),
		.failed_only = o->failed || o->errs.len,
		.follow_fork = o->program != NULL,
		.direct_reads = btf__find_by_name_kind(btf, "bpf_rdonly_cast", BTF_KIND_FUNC) > 0,
		.task_storage = libbpf_probe_bpf_map_type(BPF_MAP_TYPE_TASK_STORAGE, NULL) > 0,
		.want_parent = needs & NEEDS_PARENT || o->dirs.len, /* see resolve.h */
		.want_cgroup = !!(needs & NEEDS_CGROUP),
		.want_path = !!(needs & NEEDS_PATH) || o->paths.len || o->dirs.len,
		.want_base = !options_show_pseudo(o) || o->fs.len,
		.totals = o->totals,
	};
	syscalls_fill((struct vs_sys *)skel->rodata->sys_table, cfg->op_mask, cfg->via_mask);
	bpf_map__set_max_entries(skel->maps.ring, ring_sz);
	bpf_map__set_max_entries(skel->maps.files, files_entries(o));
	size_totals(skel, o);
	bpf_map__set_max_entries(skel->maps.pendings, o->map_entries);
	if (!cfg->task_storage)
		bpf_map__set_autocreate(skel->maps.frames, false);
}

static int add_ids(struct vfscope *skel, enum vs_who_kind kind, const struct ids *ids)
{
	__u8 yes = 1;
	int err = 0;

	for (int i = 0; i < ids->len && !err; i++) {
		struct vs_who key = {.kind = kind, .id = ids->id[i]};

		err = bpf_map__update_elem(skel->maps.who_set, &key, sizeof(key), &yes, sizeof(yes),
					   0);
	}
	return err;
}

/* Asks the kernel side which inode a descriptor of ours is, and which process we are. */
static int identify(struct vfscope *skel, int fd)
{
	__u64 args[1] = {fd};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof(args));

	return bpf_prog_test_run_opts(bpf_program__fd(skel->progs.identify__raw_tp), &opts);
}

/* Holds each directory open: the kernel side knows it by its inode in memory. */
static int add_dirs(struct tracer *t, const struct strings *dirs)
{
	struct vfscope *skel = t->skel;
	__u8 yes = 1;
	int err = 0;

	t->dirs = xcalloc(dirs->len, sizeof(*t->dirs));
	for (int i = 0; i < dirs->len && !err; i++) {
		int fd = open(dirs->s[i], O_PATH | O_CLOEXEC);

		if (fd < 0)
			return -errno;
		t->dirs[t->dirs_len++] = fd;
		err = identify(skel, fd);
		if (!err)
			err = bpf_map__update_elem(skel->maps.dir_set, &skel->bss->identified,
						   sizeof(skel->bss->identified), &yes, sizeof(yes),
						   0);
	}
	return err;
}

static int add_cgroups(struct vfscope *skel, const struct strings *cgroups)
{
	int err = 0;

	for (__u32 i = 0; i < (__u32)cgroups->len && !err; i++) {
		__u32 fd = cgroup_open(cgroups->s[i]);

		err = bpf_map__update_elem(skel->maps.cgroup_set, &i, sizeof(i), &fd, sizeof(fd),
					   0);
		close(fd);
	}
	return err;
}

static int add_fs(struct vfscope *skel, const char *name, __u8 bits)
{
	char key[VS_FS_LEN] = "";

	strncpy(key, name, sizeof(key) - 1);
	return bpf_map__update_elem(skel->maps.fs_set, key, sizeof(key), &bits, sizeof(bits), 0);
}

static int add_all_fs(struct vfscope *skel, const struct strings *selected)
{
	int err = 0;

	for (size_t i = 0; i < fs_table_len && !err; i++)
		err = add_fs(skel, fs_table[i].name, fs_table[i].bits);
	for (int i = 0; i < selected->len && !err; i++)
		err = add_fs(skel, selected->s[i], fs_bits(selected->s[i]) | VS_FS_SELECTED);
	return err;
}

static int fill_sets(struct tracer *t, const struct options *o)
{
	struct vfscope *skel = t->skel;
	int err = identify(skel, STDIN_FILENO);

	err = err ?: add_ids(skel, VS_WHO_PID, &o->pids);
	err = err ?: add_ids(skel, VS_WHO_TID, &o->tids);
	err = err ?: add_ids(skel, VS_WHO_UID, &o->uids);
	err = err ?: add_dirs(t, &o->dirs);
	err = err ?: add_cgroups(skel, &o->cgroups);
	return err ?: add_all_fs(skel, &o->fs);
}

static int on_record(void *ctx, void *data, size_t size)
{
	struct tracer *t = ctx;

	t->fn(t->ctx, data, size);
	/* an error ends ring_buffer__consume, with this record consumed (libbpf, ringbuf.c) */
	return --t->left ? 0 : -EAGAIN;
}

/* Loads what the options ask for; the negative errno of what the kernel refused. */
static int load(struct tracer *t, const struct btf *btf, const struct options *o, int needs,
		bool uring)
{
	int err;

	t->skel = vfscope__open();
	if (!t->skel)
		return -errno;
	configure(t->skel, btf, o, needs);
	choose(t->skel, btf, FOR_SYSCALLS);
	if (uring)
		choose(t->skel, btf, FOR_URING);
	if (o->program)
		choose(t->skel, btf, FOR_PROGRAM);
	err = vfscope__load(t->skel);
	if (err) {
		vfscope__destroy(t->skel);
		t->skel = NULL;
	}
	return err;
}

struct tracer *tracer_new(const struct options *o, int needs, tracer_record_fn *fn, void *ctx,
			  int *status)
{
	struct tracer *t = xcalloc(1, sizeof(*t));
	struct btf *btf = NULL;
	bool uring;
	int err;

	*status = EXIT_CANNOT;
	verbose = o->verbose;
	libbpf_set_print(print_fn);
	t->fn = fn;
	t->ctx = ctx;
	if (tracer_check() || check_asked(o) || check_backend(o))
		goto fail;
	btf = btf__load_vmlinux_btf();
	if (!btf) {
		msg("cannot read the kernel's types: %s", strerror(errno));
		goto fail;
	}
	/* also where none of it was asked for: its renames make paths untrue */
	uring = has_uring(btf);
	err = load(t, btf, o, needs, uring);
	if (err == -EINVAL && uring) {
		/* an io_uring that has changed is no reason not to show all the rest */
		err = load(t, btf, o, needs, false);
		if (!err)
			msg("warning: the kernel refuses the io_uring programs; 'vfscope -v trace' shows "
			    "its words");
	}
	btf__free(btf);
	btf = NULL;
	if (err) {
		explain_load(err);
		goto fail;
	}
	err = fill_sets(t, o);
	if (err) {
		*status = EXIT_RUN;
		msg("cannot tell the kernel side what is asked for: %s", strerror(-err));
		goto fail;
	}
	t->ring = ring_buffer__new(bpf_map__fd(t->skel->maps.ring), on_record, t, NULL);
	if (!t->ring) {
		*status = EXIT_RUN;
		msg("cannot map the ring: %s", strerror(errno));
		goto fail;
	}
	return t;
fail:
	btf__free(btf);
	tracer_free(t);
	return NULL;
}

void tracer_free(struct tracer *t)
{
	if (!t)
		return;
	tracer_detach(t);
	ring_buffer__free(t->ring);
	vfscope__destroy(t->skel);
	while (t->dirs_len)
		close(t->dirs[--t->dirs_len]);
	free(t->dirs);
	free(t);
}

int tracer_attach(struct tracer *t)
{
	for (size_t i = 0; i < ARRAY_LEN(progs); i++) {
		struct bpf_program *prog =
			bpf_object__find_program_by_name(t->skel->obj, progs[i].program);
		struct bpf_link *link;

		if (bpf_program__fd(prog) < 0)
			continue;
		link = bpf_program__attach(prog);
		if (!link)
			return -errno;
		t->links[t->links_len++] = link;
	}
	return 0;
}

void tracer_detach(struct tracer *t)
{
	while (t->links_len)
		bpf_link__destroy(t->links[--t->links_len]);
}

/* --- while it runs ------------------------------------------------------------------------ */

int tracer_fd(const struct tracer *t)
{
	return ring_buffer__epoll_fd(t->ring);
}

int tracer_consume(struct tracer *t)
{
	int consumed;

	t->left = TRACER_CONSUME_MAX;
	consumed = ring_buffer__consume(t->ring);
	return consumed == -EAGAIN ? TRACER_CONSUME_MAX : consumed;
}

void tracer_totals(const struct tracer *t, struct totals_maps *maps)
{
	const struct vfscope *skel = t->skel;

	*maps = (struct totals_maps){
		.rows = {bpf_map__fd(skel->maps.totals_even), bpf_map__fd(skel->maps.totals_odd)},
		.other = bpf_map__fd(skel->maps.totals_other),
		.key_size = bpf_map__key_size(skel->maps.totals_even),
		.epoch = &skel->bss->totals_epoch,
	};
}

const __u64 *tracer_names_epoch(const struct tracer *t)
{
	return &t->skel->bss->names_epoch;
}

void tracer_resend_names(struct tracer *t)
{
	__atomic_fetch_add(&t->skel->bss->names_epoch, 1, __ATOMIC_RELAXED);
}

/* How often the kernel skipped our programs because they were running already. */
static __u64 recursion_misses(const struct tracer *t)
{
	struct bpf_program *prog;
	__u64 sum = 0;

	bpf_object__for_each_program(prog, t->skel->obj)
	{
		struct bpf_prog_info info = {};
		__u32 len = sizeof(info);

		if (bpf_program__fd(prog) >= 0 &&
		    !bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
			sum += info.recursion_misses;
	}
	return sum;
}

/* As struct pending_key and the head of struct pending in bpf/maps.h. */
struct pending_key {
	__u64 owner, ring, request;
};
struct pending_head {
	__u64 request;
	struct vs_rec_op rec;
};

enum { PENDINGS_MAX = 1 << 20 }; /* steps: the map changes while it is walked */

/*
 * Asynchronous operations on regular files whose result has not been seen; such do not stay
 * under way for long.
 */
static __u64 pendings_left(const struct tracer *t)
{
	int fd = bpf_map__fd(t->skel->maps.pendings);
	struct pending_key key = {}, *from = NULL;
	char *value = xcalloc(1, bpf_map__value_size(t->skel->maps.pendings));
	__u64 count = 0;

	for (int i = 0; i < PENDINGS_MAX && !bpf_map_get_next_key(fd, from, &key); i++) {
		from = &key;
		if (!bpf_map_lookup_elem(fd, &key, value))
			count += key.owner ||
				 ((struct pending_head *)value)->rec.ftype == VS_FTYPE_REG;
	}
	free(value);
	return count;
}

void tracer_sweep(struct tracer *t)
{
	int fd = bpf_map__fd(t->skel->maps.pendings);
	struct pending_key key = {}, last, *from = NULL;

	if (t->skel->bss->self_tgid != (__u32)getpid()) /* we see processes by other numbers */
		return;
	for (int i = 0; i < PENDINGS_MAX && !bpf_map_get_next_key(fd, from, &key); i++) {
		if (key.owner && kill(key.owner, 0) && errno == ESRCH) {
			t->swept += !bpf_map_delete_elem(fd, &key);
			continue;
		}
		last = key;
		from = &last;
	}
}

void tracer_lost(struct tracer *t, __u64 *lost)
{
	for (int i = 0; i < VS_LOST_MAX; i++)
		lost[i] = __atomic_load_n(&t->skel->bss->lost_cnt[i], __ATOMIC_RELAXED);
	lost[VS_LOST_MISSED] += recursion_misses(t);
	lost[VS_LOST_UNPAIRED] += t->swept + pendings_left(t);
}

const char *tracer_backend(const struct tracer *t)
{
	(void)t;
	return backend_names[BACKEND_TRACEPOINT];
}

__u64 tracer_ops(void)
{
	__u64 ops = 0;

	for (int i = 0; i < syscall_table_len; i++)
		ops |= syscall_ops(&syscall_table[i].sys);
	return ops;
}

static bool uses_uring(const struct tracer *t)
{
	for (size_t i = 0; i < ARRAY_LEN(progs); i++)
		if (progs[i].group == FOR_URING && bpf_program__fd(bpf_object__find_program_by_name(
							   t->skel->obj, progs[i].program)) >= 0)
			return true;
	return false;
}

const char *const *tracer_unseen(const struct tracer *t, const struct options *o)
{
	enum { UNSEEN_MAX = ARRAY_LEN(unseen_table) + VS_OP_MAX + VS_VIA_MAX + 2 };
	static const char *unseen[UNSEEN_MAX];
	struct btf *btf = btf__load_vmlinux_btf();
	bool uring = t ? uses_uring(t) : btf && has_uring(btf);
	int n = 0;

	bool links = btf && btf__find_by_name_kind(btf, "io_link", BTF_KIND_STRUCT) > 0;

	btf__free(btf);
	/* by name only what was asked for by name */
	for (int op = 1; op < VS_OP_MAX; op++)
		if (o->op_mask & ~tracer_ops() & VS_BIT(op))
			unseen[n++] = op_table[op].name;
	for (int via = 1; via < VS_VIA_MAX; via++)
		if (o->via_mask & ~seen_vias & VS_BIT(via))
			unseen[n++] = via_table[via].name;
	for (size_t i = 0; i < ARRAY_LEN(unseen_table); i++)
		if (asked(o->op_mask) & unseen_table[i].ops && !o->via_mask)
			unseen[n++] = unseen_table[i].what;
	if (asked(o->via_mask) & VS_BIT(VS_VIA_IO_URING) && !uring)
		unseen[n++] = "io_uring (this kernel's tracepoints have another form)";
	else if (asked(o->via_mask) & VS_BIT(VS_VIA_IO_URING) && !links)
		unseen[n++] = "io_uring's statx, linkat and symlinkat";
	unseen[n] = NULL;
	return unseen;
}

/* --- doctor -------------------------------------------------------------------------------- */

/* Loads and attaches only one program; the reason if the kernel refuses. */
static bool try_program(const struct btf *btf, const char *name, char *why, size_t why_sz)
{
	struct vfscope *skel = vfscope__open();
	struct bpf_program *prog;
	struct bpf_link *link = NULL;
	const char *stage = "load";
	int err;

	load_log[0] = why[0] = '\0';
	libbpf_set_print(print_fn);
	if (!skel) {
		snprintf(why, why_sz, "%s", strerror(errno));
		return false;
	}
	configure(skel, btf, &(struct options){.buffer_sz = 4096, .map_entries = 16}, 0);
	bpf_object__for_each_program(prog, skel->obj)
		bpf_program__set_autoload(prog, !strcmp(bpf_program__name(prog), name));
	err = vfscope__load(skel);
	if (!err) {
		stage = "attach";
		link = bpf_program__attach(bpf_object__find_program_by_name(skel->obj, name));
		err = link ? 0 : -errno;
	}
	if (err) {
		const char *number = errno_name(-err);

		snprintf(why, why_sz, "the kernel refuses to %s it: %s (%s)", stage, strerror(-err),
			 number ? number : "?");
	}
	bpf_link__destroy(link);
	vfscope__destroy(skel);
	return !err;
}

const char *tracer_refusal(enum backend backend)
{
	static char why[160];
	static const char *const programs[BACKEND_MAX] = {
		[BACKEND_FENTRY] = "probe__fentry",
		[BACKEND_KPROBE] = "probe__kprobe",
		[BACKEND_TRACEPOINT] = "sys_exit__tp",
	};
	struct btf *btf;
	bool usable;

	if (backend == BACKEND_KPROBE && access("/sys/bus/event_source/devices/kprobe/type", R_OK))
		return "this kernel has no kprobes (CONFIG_KPROBES, CONFIG_KPROBE_EVENTS)";
	btf = btf__load_vmlinux_btf();
	usable = btf && try_program(btf, programs[backend], why, sizeof(why));
	btf__free(btf);
	return usable ? NULL : why;
}

int tracer_hooks(const struct hook **result)
{
	static struct hook hooks[ARRAY_LEN(progs) + 1];
	struct btf *btf = btf__load_vmlinux_btf();
	int len = 0;

	for (size_t i = 0; btf && i < ARRAY_LEN(progs); i++) {
		struct hook *hook = &hooks[len];

		if (!row_fits(btf, &progs[i]))
			continue;
		*hook = (struct hook){.name = progs[i].tracepoint, .sees = progs[i].sees};
		try_program(btf, progs[i].program, hook->refusal, sizeof(hook->refusal));
		len++;
	}
	if (btf && !has_uring(btf))
		hooks[len++] = (struct hook){"io_uring", "io_uring",
					     "its tracepoints have another form here"};
	btf__free(btf);
	*result = hooks;
	return len;
}
