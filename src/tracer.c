/* SPDX-License-Identifier: GPL-2.0 */
#include "tracer.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroups.h"
#include "comms.h"
#include "config.h"
#include "hooks.h"
#include "refusal.h"
#include "syscalls.h"
#include "tables.h"
#include "util.h"
#include "vfscope.skel.h"

/* As PROG_MAX in bpf/maps.h: scratches of programs that are no function's. */
enum { TRACER_PROGS = 11 };

struct tracer {
	struct vfscope *skel;
	struct ring_buffer *ring;
	struct hooks hooks;
	tracer_record_fn *fn;
	void *ctx;
	__u64 swept; /* asynchronous operations that were dropped */
	int left;    /* records that tracer_consume may still hand out */
};

static void add_word(char *list, size_t size, const char *word)
{
	size_t len = strlen(list);

	snprintf(list + len, size - len, "%s%s", len ? ", " : "", word);
}

/* Says which of the operations and vias that were asked for by name cannot be seen. */
static int check_asked(const struct hooks *h, const struct options *o)
{
	__u64 ops = o->op_mask & ~o->ops_implied & ~h->ops;
	__u64 vias = o->via_mask & ~o->vias_implied & ~h->vias;
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
		msg("%s: nothing here can see that: %s; 'vfscope doctor' says why", list,
		    hooks_why_not(h, ops, vias, 0));
		return -ENOTSUP;
	}
	msg("warning: not seen by the %s backend: %s: %s", backend_names[h->backend], list,
	    hooks_why_not(h, ops, vias, 0));
	return 0;
}

/*
 * The backend to use: the one that was asked for, or the best that this kernel allows.
 * What it does not show is left to the tracepoints. BACKEND_AUTO: it cannot be had.
 */
static enum backend choose_backend(const struct options *o, const struct btf *btf)
{
	const char *refusal = o->backend == BACKEND_AUTO ? NULL : refusal_of(o->backend, btf);
	char *why;

	if (o->functions) {
		refusal = refusal_of(BACKEND_KPROBE, btf);
		if (refusal)
			msg("count: calls of functions are counted by kprobes: %s", refusal);
		return refusal ? BACKEND_AUTO : BACKEND_KPROBE;
	}
	if (o->backend == BACKEND_AUTO)
		return hooks_best(btf);
	if (!refusal)
		return o->backend;
	why = xstrdup(refusal);
	msg("--backend %s: %s; 'auto' takes %s", backend_names[o->backend], why,
	    backend_names[hooks_best(btf)]);
	free(why);
	return BACKEND_AUTO;
}

/* --- set-up ------------------------------------------------------------------------------ */

static __u32 round_up_pow2(__u64 size)
{
	__u32 page = getpagesize(), result = page;

	while (result < size)
		result *= 2;
	return result;
}

/*
 * Before the kernel had an allocator for that (6.1, 7c8199e24fa0), a kprobe that allocates may have
 * interrupted the allocator it calls; the kernel warns. And on arm64 interrupts are off in a
 * kprobe, so there is no more than the few elements that the allocator has at hand: too few for a
 * large io_submit.
 */
static bool kprobes_can_allocate(const struct hooks *h, const struct btf *btf)
{
#if defined(__aarch64__)
	if (h->by_functions)
		return false;
#else
	(void)h;
#endif
	return btf__find_by_name_kind(btf, "bpf_mem_alloc", BTF_KIND_STRUCT) > 0;
}

/* The maps take their memory beforehand. */
static void preallocate(struct vfscope *skel)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, skel->obj) if (bpf_map__type(map) == BPF_MAP_TYPE_HASH)
		bpf_map__set_map_flags(map, bpf_map__map_flags(map) & ~BPF_F_NO_PREALLOC);
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
static void size_totals(struct vfscope *skel, const struct options *o, __u32 progs, __u32 slots)
{
	__u32 sets = 2 * libbpf_num_possible_cpus() * VS_SLOT_SETS;
	struct bpf_map *rows[] = {skel->maps.totals_even, skel->maps.totals_odd};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bpf_map__set_autocreate(rows[i], o->totals.on);
		if (!o->totals.on)
			continue;
		bpf_map__set_key_size(rows[i], o->totals.key_size);
		bpf_map__set_max_entries(rows[i], totals_entries(o));
	}
	bpf_map__set_autocreate(skel->maps.totals_other, o->totals.on);
	bpf_map__set_max_entries(skel->maps.totals_other, 2 * progs);
	bpf_map__set_autocreate(skel->maps.slots, slots > 0);
	bpf_map__set_max_entries(skel->maps.slots, sets * slots);
	bpf_map__set_autocreate(skel->maps.slots_taken, slots > 0);
	bpf_map__set_max_entries(skel->maps.slots_taken, sets * (slots + 1));
}

static void configure(struct vfscope *skel, const struct btf *btf, const struct hooks *h,
		      const struct options *o, int needs)
{
	struct vs_config *cfg = (struct vs_config *)&skel->rodata->cfg;
	__u32 ring_sz = round_up_pow2(o->buffer_sz);

	config_fill(cfg, btf, h, o, needs, TRACER_PROGS + h->slots);
	for (int i = 0; i < cfg->n_comms; i++)
		comm_glob(o->comms.s[i], (struct vs_glob *)&skel->rodata->comm_globs[i]);
	syscalls_fill((struct vs_sys *)skel->rodata->sys_table, cfg->op_mask, cfg->via_mask);
	syscalls_fill_within((__u8 *)skel->rodata->sys_within);
	syscalls_fill_nrs((__u8 *)skel->rodata->sys_nrs, (struct vs_sys *)skel->rodata->sys_table,
			  cfg->one_pid);
	skel->rodata->sys_plain_way = config_plain_way(cfg);
	memcpy((void *)skel->rodata->fn_table, h->fn, sizeof(h->fn));
	bpf_map__set_max_entries(skel->maps.scratches, TRACER_PROGS + h->slots);
	bpf_map__set_max_entries(skel->maps.ring, ring_sz);
	cfg->names_turn = files_entries(o);
	bpf_map__set_max_entries(skel->maps.files, cfg->names_turn);
	size_totals(skel, o, cfg->totals.progs, cfg->totals.slots);
	bpf_map__set_autocreate(skel->maps.fronts, cfg->fronts);
	bpf_map__set_max_entries(skel->maps.fronts,
				 libbpf_num_possible_cpus() * VS_FRONT_SETS * cfg->fronts);
	bpf_map__set_autocreate(skel->maps.unshown, cfg->sampling);
	bpf_map__set_max_entries(skel->maps.unshown, TRACER_PROGS + h->slots);
	bpf_map__set_max_entries(skel->maps.pendings, o->map_entries);
	bpf_map__set_autocreate(skel->maps.counts, o->functions);
	bpf_map__set_autocreate(skel->maps.count_addresses, o->functions);
	if (o->functions) {
		bpf_map__set_max_entries(skel->maps.counts, o->functions->len);
		bpf_map__set_max_entries(skel->maps.count_addresses, o->functions->len);
	}
	bpf_map__set_autocreate(skel->maps.waiting, cfg->op_mask & VS_BIT(VS_OP_RUNQ));
	bpf_map__set_autocreate(skel->maps.page_retries, cfg->op_mask & VS_BIT(VS_OP_PAGE));
	bpf_map__set_autocreate(skel->maps.dirtiers, cfg->op_mask & VS_BIT(VS_OP_BIO));
	bpf_map__set_max_entries(skel->maps.waiting, o->map_entries);
	if ((h->often == BACKEND_KPROBE || h->by_functions) && !kprobes_can_allocate(h, btf))
		preallocate(skel);
	if (!cfg->near)
		hooks_leave_out_atomics(skel->obj);
	if (!cfg->task_storage) {
		bpf_map__set_autocreate(skel->maps.frames, false);
		bpf_map__set_autocreate(skel->maps.fn_stacks, false);
		bpf_map__set_autocreate(skel->maps.faults, false);
		bpf_map__set_autocreate(skel->maps.page_reads, false);
		bpf_map__set_autocreate(skel->maps.lookups, false);
	}
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

/* The kernel side knows them by their inodes in memory, which stay there as they are held open. */
static int add_dirs(struct vfscope *skel, const struct dirs *dirs)
{
	__u8 yes = 1;
	int err = 0;

	for (int i = 0; i < dirs->len && !err; i++) {
		err = identify(skel, dirs->fd[i]);
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

static int add_functions(struct vfscope *skel, const struct functions *functions)
{
	int err = 0;

	for (__u32 i = 0; functions && i < (__u32)functions->len && !err; i++)
		err = bpf_map__update_elem(skel->maps.count_addresses, &functions->fn[i].address,
					   sizeof(functions->fn[i].address), &i, sizeof(i), 0);
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
	err = err ?: add_dirs(skel, &o->dirs);
	err = err ?: add_cgroups(skel, &o->cgroups);
	err = err ?: add_functions(skel, o->functions);
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
static int load(struct tracer *t, const struct btf *btf, const struct options *o, int needs)
{
	int err;

	t->skel = vfscope__open();
	if (!t->skel)
		return -errno;
	hooks_choose(&t->hooks, t->skel->obj, btf, o, config_wants_time(o, needs),
		     o->program || o->children || needs & NEEDS_PROCS, config_wants_slots(o));
	configure(t->skel, btf, &t->hooks, o, needs);
	err = vfscope__load(t->skel);
	if (err) {
		vfscope__destroy(t->skel);
		t->skel = NULL;
	}
	return err;
}

/* A part of the kernel that has changed is no reason not to show all the rest. */
static int load_what_can_be(struct tracer *t, const struct btf *btf, const struct options *o,
			    int needs)
{
	const struct {
		bool *without;
		const char *what;
	} parts[] = {
		{&t->hooks.no_calls, "programs on calls"},
		{&t->hooks.no_fns, "programs on functions"},
		{&t->hooks.no_uring, "io_uring programs"},
	};
	int err = load(t, btf, o, needs);

	for (size_t i = 0; i < ARRAY_LEN(parts) && err && err != -EPERM && err != -ENOMEM; i++) {
		*parts[i].without = true;
		if (load(t, btf, o, needs)) {
			*parts[i].without = false;
			continue;
		}
		t->hooks.refused = err;
		if (t->hooks.no_fns) /* who asked for them is told in set_up */
			return 0;
		msg("warning: the kernel refuses the %s; 'vfscope -v trace' shows its words",
		    parts[i].what);
		return 0;
	}
	return err;
}

/*
 * The kernel lets programs that do nothing be attached to functions, but not ours. That is no
 * backend: whoever has asked for it goes without, auto goes on with tracepoints alone.
 */
static int fall_back(struct tracer *t, const struct options *o)
{
	if (o->backend != BACKEND_AUTO) {
		msg("--backend %s: the kernel refuses its programs on functions: %s; 'vfscope -v trace' shows its "
		    "words; 'auto' takes tracepoint",
		    backend_names[o->backend], refusal_words(t->hooks.refused));
		return EXIT_CANNOT;
	}
	msg("warning: the kernel refuses the programs on functions: %s; 'vfscope -v trace' shows its words",
	    refusal_words(t->hooks.refused));
	hooks_fall_back(&t->hooks);
	return EXIT_DONE;
}

/* Decides what to load, loads it, and tells the kernel side what is asked for. */
static int set_up(struct tracer *t, const struct btf *btf, const struct options *o, int needs)
{
	enum backend backend = choose_backend(o, btf);
	int err;

	if (backend == BACKEND_AUTO)
		return EXIT_CANNOT;
	hooks_init(&t->hooks, btf, backend);
	t->hooks.functions = o->functions;
	t->hooks.multi = functions_multi(btf);
	if (o->functions && !t->hooks.multi && o->functions->len > FUNCTIONS_SINGLE_MAX) {
		msg("count: %d functions match, and this kernel hooks them one by one, %d at most: a "
		    "narrower pattern, or a kernel with CONFIG_FPROBE (5.18)",
		    o->functions->len, FUNCTIONS_SINGLE_MAX);
		return EXIT_CANNOT;
	}
	if (check_asked(&t->hooks, o))
		return EXIT_CANNOT;
	err = load_what_can_be(t, btf, o, needs);
	if (err) {
		refusal_explain(err);
		return EXIT_CANNOT;
	}
	if (t->hooks.no_fns && fall_back(t, o))
		return EXIT_CANNOT;
	if (t->hooks.refused && check_asked(&t->hooks, o))
		return EXIT_CANNOT;
	err = fill_sets(t, o);
	if (err) {
		msg("cannot tell the kernel side what is asked for: %s", strerror(-err));
		return EXIT_RUN;
	}
	return EXIT_DONE;
}

static int map_ring(struct tracer *t)
{
	t->ring = ring_buffer__new(bpf_map__fd(t->skel->maps.ring), on_record, t, NULL);
	if (!t->ring) {
		msg("cannot map the ring: %s", strerror(errno));
		return EXIT_RUN;
	}
	return EXIT_DONE;
}

struct tracer *tracer_new(const struct options *o, int needs, tracer_record_fn *fn, void *ctx,
			  int *status)
{
	struct tracer *t = xcalloc(1, sizeof(*t));
	struct btf *btf = NULL;

	*status = EXIT_CANNOT;
	needs |= where_needs(o->where);
	if (o->verbose)
		where_explain(o);
	refusal_listen(o->verbose);
	t->fn = fn;
	t->ctx = ctx;
	if (refusal_check())
		goto fail;
	btf = btf__load_vmlinux_btf();
	if (!btf) {
		msg("cannot read the kernel's types: %s", strerror(errno));
		goto fail;
	}
	*status = set_up(t, btf, o, needs);
	btf__free(btf);
	malloc_trim(0); /* the kernel's types are large, and were needed only until now */
	if (!*status)
		*status = map_ring(t);
	if (!*status)
		return t;
fail:
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
	free(t);
}

int tracer_attach(struct tracer *t)
{
	int err = hooks_attach(&t->hooks, t->skel->obj);

	t->skel->bss->frees_are_told = !err && t->hooks.frees_told;
	return err;
}

void tracer_detach(struct tracer *t)
{
	hooks_detach(&t->hooks);
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
		.slots = bpf_map__fd(skel->maps.slots),
		.taken = bpf_map__fd(skel->maps.slots_taken),
		.slots_len = skel->rodata->cfg.totals.slots,
		.key_size = bpf_map__key_size(skel->maps.totals_even),
		.progs = bpf_map__max_entries(skel->maps.totals_other) / 2,
		.epoch = &skel->bss->totals_epoch,
	};
}

int tracer_counts(const struct tracer *t, __u64 *counts)
{
	int cpus = libbpf_num_possible_cpus(), fd = bpf_map__fd(t->skel->maps.counts), err = 0;
	__u64 *each = xcalloc(cpus, sizeof(*each));

	for (__u32 i = 0; i < bpf_map__max_entries(t->skel->maps.counts) && !err; i++) {
		err = bpf_map_lookup_elem(fd, &i, each);
		counts[i] = 0;
		for (int cpu = 0; cpu < cpus; cpu++)
			counts[i] += each[cpu];
	}
	free(each);
	return err;
}

const __u64 *tracer_names_epoch(const struct tracer *t)
{
	return &t->skel->bss->names_epoch;
}

const __u64 *tracer_names_moved(const struct tracer *t)
{
	return &t->skel->bss->names_moved_ns;
}

void tracer_resend_names(struct tracer *t)
{
	__atomic_fetch_add(&t->skel->bss->names_epoch, VS_NAMES_STEP, __ATOMIC_RELAXED);
}

bool tracer_sees_our_pids(const struct tracer *t)
{
	return t->skel->bss->self_tgid == (__u32)getpid();
}

void tracer_exclude_cgroup(struct tracer *t, __u64 id)
{
	__u8 state = VS_CGROUP_OUT;

	/* refused: its operations keep coming, and are judged here */
	bpf_map__update_elem(t->skel->maps.cgroups_met, &id, sizeof(id), &state, sizeof(state), 0);
}

void tracer_exclude_contents(struct tracer *t, __u64 path_id)
{
	__u8 yes = 1;

	bpf_map__update_elem(t->skel->maps.no_peek_set, &path_id, sizeof(path_id), &yes,
			     sizeof(yes), 0);
}

/* How often the kernel skipped our programs because they were running already. */
/* What the kernel itself counts of programs, over all of ours. */
struct programs_sum {
	__u64 recursion_misses, run_ns;
};
static struct programs_sum programs_sum(const struct tracer *t)
{
	struct programs_sum sum = {};
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, t->skel->obj)
	{
		struct bpf_prog_info info = {};
		__u32 len = sizeof(info);

		if (bpf_program__fd(prog) < 0 ||
		    bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
			continue;
		sum.recursion_misses += info.recursion_misses;
		sum.run_ns += info.run_time_ns;
	}
	return sum;
}

__u64 tracer_run_ns(const struct tracer *t)
{
	return programs_sum(t).run_ns;
}

void tracer_sample(struct tracer *t, __u32 every)
{
	__atomic_store_n(&t->skel->data->sample_every, every, __ATOMIC_RELAXED);
}

void tracer_unshown(const struct tracer *t, struct vs_unshown *sum)
{
	int fd = bpf_map__fd(t->skel->maps.unshown), cpus = libbpf_num_possible_cpus();
	struct vs_unshown *each = xcalloc(cpus, sizeof(*each));

	*sum = (struct vs_unshown){};
	for (__u32 prog = 0; prog < bpf_map__max_entries(t->skel->maps.unshown); prog++) {
		if (bpf_map_lookup_elem(fd, &prog, each))
			continue;
		for (int i = 0; i < cpus * VS_OP_MAX; i++) {
			sum->ops[i % VS_OP_MAX].count +=
				each[i / VS_OP_MAX].ops[i % VS_OP_MAX].count;
			sum->ops[i % VS_OP_MAX].errors +=
				each[i / VS_OP_MAX].ops[i % VS_OP_MAX].errors;
			sum->ops[i % VS_OP_MAX].bytes +=
				each[i / VS_OP_MAX].ops[i % VS_OP_MAX].bytes;
		}
	}
	free(each);
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

	if (!tracer_sees_our_pids(t))
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
	lost[VS_LOST_MISSED] += programs_sum(t).recursion_misses;
	lost[VS_LOST_UNPAIRED] += t->swept + pendings_left(t);
}

const char *tracer_backend(const struct tracer *t)
{
	return backend_names[t->hooks.backend];
}

const char *const *tracer_unseen(const struct tracer *t, const struct options *o)
{
	return hooks_unseen(&t->hooks, o);
}

const struct hooks *tracer_hooks(const struct tracer *t)
{
	return &t->hooks;
}

/* --- doctor -------------------------------------------------------------------------------- */

/* All that a program may be for, else it lacks maps. */
static const struct options all = {
	.op_mask = ~0ULL, .via_mask = ~0ULL, .buffer_sz = 4096, .map_entries = 16};

/* All programs of a backend, loaded once and kept: doctor asks about each. */
static struct vfscope *whole_of(const struct btf *btf, enum backend backend, int *err)
{
	static struct {
		struct tracer t;
		bool tried;
		int err;
	} whole[BACKEND_MAX], *w;

	w = &whole[backend];
	if (!w->tried) {
		hooks_init(&w->t.hooks, btf, backend);
		w->err = load(&w->t, btf, &all, NEEDS_TIME | NEEDS_PATH | NEEDS_PROCS);
		w->tried = true;
	}
	*err = w->err;
	return w->t.skel;
}

static const char *refuses(const char *what, int err)
{
	static char why[160];

	snprintf(why, sizeof(why), "the kernel refuses %s: %s", what, refusal_words(err));
	return why;
}

const char *tracer_try_functions(const struct btf *btf, enum backend backend)
{
	int err;

	return whole_of(btf, backend, &err) ? NULL : refuses("its programs on functions", err);
}

static const char *try_attach(const struct bpf_program *prog)
{
	struct bpf_link *link;

	if (bpf_program__type(prog) == BPF_PROG_TYPE_PERF_EVENT)
		return NULL;
	link = bpf_program__attach(prog);
	if (!link)
		return refuses("to attach it", -errno);
	bpf_link__destroy(link);
	return NULL;
}

const char *tracer_try(const struct btf *btf, const struct hooks *h, const char *program)
{
	int err;
	struct vfscope *skel = whole_of(btf, h->backend, &err);
	struct bpf_program *prog;
	const char *why;

	prog = skel ? bpf_object__find_program_by_name(skel->obj, program) : NULL;
	if (prog && bpf_program__fd(prog) >= 0)
		return try_attach(prog);
	skel = vfscope__open();
	if (!skel)
		return refusal_words(-errno);
	configure(skel, btf, h, &all, 0);
	bpf_object__for_each_program(prog, skel->obj)
		bpf_program__set_autoload(prog, !strcmp(bpf_program__name(prog), program));
	err = vfscope__load(skel);
	prog = bpf_object__find_program_by_name(skel->obj, program);
	why = err ? refuses("to load it", err) : try_attach(prog);
	vfscope__destroy(skel);
	return why;
}
