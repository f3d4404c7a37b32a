/* SPDX-License-Identifier: GPL-2.0 */
#include "hooks.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "fns.h"
#include "refusal.h"
#include "syscalls.h"
#include "tables.h"
#include "util.h"

/*
 * A tracepoint that was given other arguments has a program for each form; params is
 * their number on the kernels that the program is for, 0: any. A software event of the
 * kernel (see perf_event_open(2)) has its number in event.
 */
enum { BY_PERF = -1 }; /* in params: where programs of the tracepoint itself can be preempted */
enum group {
	FOR_NAMES,
	FOR_SYSCALLS,
	FOR_CALLS,
	FOR_URING,
	FOR_PROCESSES,
	FOR_ENDS,
	FOR_PAGE,
	FOR_FAULT,
	FOR_RUNQ,
	FOR_BIO
};
struct tp_row {
	enum group group;
	const char *name, *program, *sees;
	int params, event;
};
/* clang-format off */
static const struct tp_row tp_rows[] = {
	/*
	 * Attached in this order: no call is to begin whose end is not seen, nor a process whose
	 * start was not.
	 */
	{FOR_PROCESSES, "sched_process_exit", "sched_process_exit__tp", "processes: their end", 0, 0},
	{FOR_PROCESSES, "sched_process_exit", "sched_process_exit__perf", "processes: their end", BY_PERF, 0},
	{FOR_PROCESSES, "sched_process_fork", "sched_process_fork__tp", "processes: their start", 0, 0},
	{FOR_PROCESSES, "sched_process_fork", "sched_process_fork__perf", "processes: their start", BY_PERF, 0},
	{FOR_PROCESSES, "sched_process_exec", "sched_process_exec__tp", "processes: their programs", 0, 0},
	{FOR_PROCESSES, "sched_process_exec", "sched_process_exec__perf", "processes: their programs", BY_PERF, 0},
	{FOR_ENDS, "sched_process_exit", "sched_process_exit__ends", "threads that end in the midst", 0, 0},
	{FOR_ENDS, "sched_process_exit", "sched_process_exit__ends_perf", "threads that end in the midst", BY_PERF, 0},
	{FOR_NAMES, "sched_process_fork", "sched_process_fork__names", "copies of mount namespaces", 0, 0},
	{FOR_NAMES, "sched_process_fork", "sched_process_fork__names_perf", "copies of mount namespaces", BY_PERF, 0},
	{FOR_SYSCALLS, "sys_exit", "sys_exit__tp", "system calls and libaio", 0, 0},
	{FOR_SYSCALLS, "sys_exit", "sys_exit__perf", "system calls and libaio", BY_PERF, 0},
	{FOR_URING, "io_uring_complete", "io_uring_complete__tp", "io_uring: completion", 3, 0},
	{FOR_URING, "io_uring_complete", "io_uring_complete__perf", "io_uring: completion", BY_PERF, 0},
	{FOR_URING, "io_uring_complete", "io_uring_complete_res__tp", "io_uring: completion", 7, 0},
	{FOR_URING, "io_uring_complete", "io_uring_complete_510__tp", "io_uring: completion", 4, 0},
	{FOR_CALLS, "calls", "sys_exit__kretprobe", "calls by their own functions", 0, 0},
	{FOR_CALLS, "calls", "sys_enter__kprobe", "calls by their own functions", 0, 0},
	{FOR_SYSCALLS, "sys_enter", "sys_enter__tp", "system calls and libaio", 0, 0},
	{FOR_SYSCALLS, "sys_enter", "sys_enter__perf", "system calls and libaio", BY_PERF, 0},
	{FOR_URING, "io_uring_submit_req", "io_uring_submit_req__tp", "io_uring: submission", 1, 0},
	{FOR_URING, "io_uring_submit_req", "io_uring_submit_req__perf", "io_uring: submission", BY_PERF, 0},
	{FOR_URING, "io_uring_submit_sqe", "io_uring_submit_sqe__tp", "io_uring: submission", 2, 0},
	{FOR_URING, "io_uring_submit_sqe", "io_uring_submit_sqe_510__tp", "io_uring: submission", 7, 0},
	{FOR_PAGE, "mm_filemap_add_to_page_cache", "mm_filemap_add_to_page_cache__tp", "page: added", 0, 0},
	{FOR_PAGE, "mm_filemap_delete_from_page_cache", "mm_filemap_delete_from_page_cache__tp", "page: dropped", 0, 0},
	{FOR_PAGE, "writeback_dirty_folio", "writeback_dirty_folio__tp", "page: made dirty", 0, 0},
	{FOR_PAGE, "writeback_dirty_page", "writeback_dirty_page__tp", "page: made dirty", 0, 0},
	{FOR_RUNQ, "sched_switch", "sched_switch__tp", "runq: a task gets a processor", 0, 0},
	{FOR_RUNQ, "sched_wakeup", "sched_wakeup__tp", "runq: a task wakes up", 0, 0},
	{FOR_RUNQ, "sched_wakeup_new", "sched_wakeup_new__tp", "runq: a new task", 0, 0},
	{FOR_BIO, "block_rq_complete", "block_rq_complete__tp", "bio: completion", 3, 0},
	{FOR_BIO, "block_rq_issue", "block_rq_issue__tp", "bio: handed to the device", 1, 0},
	{FOR_BIO, "writeback_dirty_folio", "writeback_dirty_folio__bio", "bio: who made the page dirty", 0, 0},
	{FOR_BIO, "writeback_dirty_page", "writeback_dirty_page__bio", "bio: who made the page dirty", 0, 0},
	{FOR_FAULT, "page-faults-min", "fault_minor__perf", "page faults of mapped files", 0, PERF_COUNT_SW_PAGE_FAULTS_MIN},
	{FOR_FAULT, "page-faults-maj", "fault_major__perf", "page faults of mapped files", 0, PERF_COUNT_SW_PAGE_FAULTS_MAJ},
};
/* clang-format on */
_Static_assert(ARRAY_LEN(tp_rows) <= HOOKS_TP_MAX, "a larger HOOKS_TP_MAX");

/* The programs of a function, by backend: at its begin and at its end. */
static const char *const fn_programs[BACKEND_MAX][2] = {
	[BACKEND_FENTRY] = {"fentry", "fexit"},
	[BACKEND_KPROBE] = {"kprobe", "kretprobe"},
};

/* Operations that have tracepoints of their own: so many rows have to fit. */
static const struct {
	enum vs_op op;
	enum group group;
	int rows;
} tp_ops[] = {
	{VS_OP_PAGE, FOR_PAGE, 1},
	{VS_OP_RUNQ, FOR_RUNQ, 3},
	{VS_OP_BIO, FOR_BIO, 3},
};

static const __u64 syscall_vias = VS_BIT(VS_VIA_RW) | VS_BIT(VS_VIA_VEC) | VS_BIT(VS_VIA_AIO) |
				  VS_BIT(VS_VIA_SPLICE) | VS_BIT(VS_VIA_SENDFILE) |
				  VS_BIT(VS_VIA_COPY_FILE_RANGE);

/* --- what this kernel has ----------------------------------------------------------------- */

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

/*
 * A program that loses the processor in its midst is skipped for other tasks there. At system
 * calls' tracepoints: since these may fault; at others: since they are kept by SRCU, not by
 * forbidding preemption (7.2 has both, 6.18 neither).
 */
static bool tp_is_preempted(const struct btf *btf, enum group group)
{
	if (group == FOR_SYSCALLS)
		return btf__find_by_name_kind(btf, "trace_call_bpf_faultable", BTF_KIND_FUNC) > 0;
	return btf__find_by_name_kind(btf, "class_srcu_fast_notrace_t", BTF_KIND_TYPEDEF) > 0;
}

static bool has_perf_form(const struct tp_row *row)
{
	for (size_t i = 0; i < ARRAY_LEN(tp_rows); i++)
		if (tp_rows[i].group == row->group && !strcmp(tp_rows[i].name, row->name) &&
		    tp_rows[i].params == BY_PERF)
			return true;
	return false;
}

/*
 * On functions, by fentry: wherever the kernel preempts. Its model stands in uname -v, and, where
 * it is chosen at boot, in debugfs: "none voluntary full (lazy)". Unread, it may be any.
 */
static bool fns_are_preempted(void)
{
	struct utsname kernel;
	char model[64] = "";
	FILE *f;

	if (!uname(&kernel) && !strstr(kernel.version, "PREEMPT"))
		return false;
	f = fopen("/sys/kernel/debug/sched/preempt", "re");
	if (!f)
		return true;
	if (!fgets(model, sizeof(model), f))
		model[0] = '\0';
	fclose(f);
	return !strstr(model, "(none)") && !strstr(model, "(voluntary)");
}

static bool tp_fits(const struct btf *btf, const struct tp_row *row)
{
	int params;

	if (row->group == FOR_CALLS)
		return true;
	/* since 5.17: from an address to the file that is mapped there */
	if (row->event)
		return btf__find_by_name_kind(btf, "bpf_find_vma", BTF_KIND_FUNC) > 0;
	if (has_perf_form(row) && tp_is_preempted(btf, row->group) != (row->params == BY_PERF))
		return false;
	params = tracepoint_params(btf, row->name);
	return params >= 0 && (row->params <= 0 || row->params == params);
}

static int count_tps(const struct hooks *h, enum group group)
{
	int count = 0;

	for (size_t i = 0; i < ARRAY_LEN(tp_rows); i++)
		count += h->has_tp[i] && tp_rows[i].group == group;
	return count;
}

/* Has this kernel the tracepoints of a submission and of a completion in a form we know? */
static bool has_uring(const struct hooks *h)
{
	return !h->no_uring && count_tps(h, FOR_URING) >= 2;
}

static bool has_fn(const struct hooks *h, enum vs_fn fn)
{
	return !h->no_fns && h->fn[fn].args;
}

static void sum_up(struct hooks *h)
{
	const __u64 of_reads = VS_BIT(VS_KIND_HIT) | VS_BIT(VS_KIND_MISS);

	h->ops = syscalls_ops();
	/* what a splice finds has a function of its own on newer kernels */
	h->kinds = has_fn(h, VS_FN_FILEMAP_READ) || has_fn(h, VS_FN_GENERIC_FILE_BUFFERED_READ)
			   ? ~0ULL
			   : ~of_reads;
	h->vias = syscall_vias;
	if (has_uring(h))
		h->vias |= VS_BIT(VS_VIA_IO_URING);
	for (size_t i = 0; i < ARRAY_LEN(tp_ops); i++)
		if (count_tps(h, tp_ops[i].group) >= tp_ops[i].rows)
			h->ops |= VS_BIT(tp_ops[i].op);
	if (count_tps(h, FOR_FAULT)) {
		h->ops |= VS_BIT(VS_OP_FAULT);
		h->vias |= VS_BIT(VS_VIA_MMAP);
	}
	for (int i = 0; i < fn_rows_len; i++) {
		if (!has_fn(h, fn_rows[i].fn))
			continue;
		h->ops |= fn_rows[i].ops;
		h->vias |= fn_rows[i].vias;
	}
	/* each of these knows what the others do */
	for (int i = 0; i < fn_rows_len; i++)
		if (fn_rows[i].ops == VS_BIT(VS_OP_LOOKUP) && !has_fn(h, fn_rows[i].fn))
			h->ops &= ~VS_BIT(VS_OP_LOOKUP);
}

enum backend hooks_best(const struct btf *btf)
{
	static const enum backend orders[][2] = {{BACKEND_FENTRY, BACKEND_KPROBE},
						 {BACKEND_KPROBE, BACKEND_FENTRY}};
	const enum backend *order = orders[fns_are_preempted()];

	for (int i = 0; i < 2; i++)
		if (!refusal_of(order[i], btf))
			return order[i];
	return BACKEND_TRACEPOINT;
}

void hooks_init(struct hooks *h, const struct btf *btf, enum backend backend)
{
	*h = (struct hooks){.backend = backend, .often = backend};
	if (backend == BACKEND_FENTRY && fns_are_preempted() && !refusal_of(BACKEND_KPROBE, btf))
		h->often = BACKEND_KPROBE;
	h->has_io_link = btf__find_by_name_kind(btf, "io_link", BTF_KIND_STRUCT) > 0;
	for (size_t i = 0; i < ARRAY_LEN(tp_rows); i++)
		h->has_tp[i] = tp_fits(btf, &tp_rows[i]);
	for (int i = 0; i < fn_rows_len && fn_programs[backend][0]; i++)
		if (fn_find(btf, &fn_rows[i], &h->fn[fn_rows[i].fn]))
			h->fn[fn_rows[i].fn].args = 0;
	sum_up(h);
}

/* --- what is asked for ---------------------------------------------------------------------- */

/*
 * Where a program of fentry is preempted, the next task that comes through the same function is not
 * seen. Two tasks in one function that works for the kernel itself are rare; page faults are not.
 */
static enum backend backend_of(const struct hooks *h, const struct fn_row *row)
{
	return row->is_often ? h->often : h->backend;
}

void hooks_fall_back(struct hooks *h)
{
	h->backend = h->often = BACKEND_TRACEPOINT;
	sum_up(h);
}

static void program_of(char name[64], const struct hooks *h, const struct fn_row *row, int end)
{
	snprintf(name, 64, "%s__%s", row->function,
		 row->is_call && end && h->only_count ? "count"
						      : fn_programs[backend_of(h, row)][end]);
}

static void choose_tps(const struct hooks *h, struct bpf_object *obj, enum group group)
{
	for (size_t i = 0; i < ARRAY_LEN(tp_rows); i++)
		if (tp_rows[i].group == group && h->has_tp[i])
			bpf_program__set_autoload(
				bpf_object__find_program_by_name(obj, tp_rows[i].program), true);
}

static void choose_fn(struct hooks *h, struct bpf_object *obj, const struct fn_row *row,
		      bool want_time)
{
	bool tells = row->exit_tells && backend_of(h, row) == BACKEND_FENTRY;
	int first = tells || (row->is_call && !want_time) ? 1 : 0, last = row->entry_only ? 0 : 1;
	struct vs_fn_row *fn = &h->fn[row->fn];

	for (int end = first; end <= last; end++) {
		struct bpf_program *prog;
		char name[64];

		program_of(name, h, row, end);
		prog = bpf_object__find_program_by_name(obj, name);
		if (backend_of(h, row) == BACKEND_FENTRY)
			bpf_program__set_attach_target(prog, 0, row->function);
		else
			choose_tps(h, obj, FOR_ENDS);
		bpf_program__set_autoload(prog, true);
	}
	h->frees_told |= row->of_each;
	fn->slot = h->slots++;
	fn->slot_enter = row->for_dirs ? fn->slot : h->slots++;
}

/* What nobody calls, unless it is asked for by name: loading it would be for nothing. */
static bool is_left_out(const struct fn_row *row, const struct options *o)
{
	return !o->via_mask && !o->layers && fn_is_idle(row);
}

bool hooks_have_atomics(const struct btf *btf)
{
	return btf__find_by_name_kind(btf, "bpf_task_pt_regs", BTF_KIND_FUNC) > 0;
}

void hooks_leave_out_atomics(struct bpf_object *obj)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, obj)
	{
		size_t len = bpf_program__insn_cnt(prog);
		struct bpf_insn *insns = xcalloc(len, sizeof(*insns));

		memcpy(insns, bpf_program__insns(prog), len * sizeof(*insns));
		for (size_t i = 0; i < len; i++)
			if (insns[i].code == (BPF_STX | BPF_ATOMIC | BPF_DW) &&
			    insns[i].imm == BPF_CMPXCHG)
				insns[i] = (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K};
		bpf_program__set_insns(prog, insns, len);
		free(insns);
	}
}

/*
 * Few calls are better seen by their own functions: at the tracepoints of system calls every
 * other call would pay as well. The functions that move the data are the cheapest, and all
 * that is done with them has to be among them.
 */
static bool can_do_by_functions(struct hooks *h, const struct btf *btf, const struct options *o)
{
	const __u64 data = VS_BIT(VS_OP_READ) | VS_BIT(VS_OP_WRITE) | VS_BIT(VS_OP_FAULT) |
			   VS_BIT(VS_OP_PAGE) | VS_BIT(VS_OP_LOOKUP);

	if (h->backend != BACKEND_FENTRY || fns_are_preempted() || h->no_calls || h->no_fns ||
	    options_ops(o) & ~data)
		return false;
	if (!hooks_have_atomics(btf)) /* and so bpf_task_pt_regs */
		return false;
	for (int i = 0; i < fn_rows_len; i++)
		if (fn_rows[i].is_call && !has_fn(h, fn_rows[i].fn))
			return false;
	return !calls_find(&h->calls, btf, options_ops(o), options_vias(o)) &&
	       !refusal_of(BACKEND_KPROBE, btf);
}

static struct bpf_program *count_program(const struct hooks *h, struct bpf_object *obj)
{
	return bpf_object__find_program_by_name(obj,
						h->multi ? "count__kprobe_multi" : "count__kprobe");
}

void hooks_choose(struct hooks *h, struct bpf_object *obj, const struct btf *btf,
		  const struct options *o, bool want_time, bool processes, bool slots)
{
	__u64 ops = options_ops(o), vias = options_vias(o);
	bool fault_fn = has_fn(h, VS_FN_HANDLE_MM_FAULT);
	bool each = h->backend == BACKEND_FENTRY && !fns_are_preempted();

	sum_up(h);
	h->slots = 0;
	h->frees_told = false;
	if (processes)
		choose_tps(h, obj, FOR_PROCESSES);
	if (h->functions) {
		bpf_program__set_autoload(count_program(h, obj), true);
		return;
	}
	h->by_functions = can_do_by_functions(h, btf, o);
	/* functions do not look whether the path is the host's */
	h->row_slots = slots && !(h->by_functions && o->host_path);
	h->only_count = h->by_functions && h->row_slots && !want_time;
	choose_tps(h, obj, FOR_NAMES);
	choose_tps(h, obj, h->by_functions ? FOR_CALLS : FOR_SYSCALLS);
	if (h->by_functions)
		choose_tps(h, obj, FOR_ENDS);
	if (has_uring(h)) /* also where none of it was asked for: its renames make paths untrue */
		choose_tps(h, obj, FOR_URING);
	for (size_t i = 0; i < ARRAY_LEN(tp_ops); i++)
		if (ops & h->ops & VS_BIT(tp_ops[i].op))
			choose_tps(h, obj, tp_ops[i].group);
	if (ops & VS_BIT(VS_OP_FAULT) && vias & VS_BIT(VS_VIA_MMAP) && !fault_fn)
		choose_tps(h, obj, FOR_FAULT);
	for (int i = 0; i < fn_rows_len; i++)
		if (has_fn(h, fn_rows[i].fn) && fn_rows[i].ops & ops &&
		    (!fn_rows[i].vias || fn_rows[i].vias & vias) && !is_left_out(&fn_rows[i], o) &&
		    (!fn_rows[i].is_call || h->by_functions) && (!fn_rows[i].of_each || each) &&
		    (!fn_rows[i].for_dirs || o->dirs.len))
			choose_fn(h, obj, &fn_rows[i], want_time);
}

/* --- attaching ---------------------------------------------------------------------------------
 */

static int add_link(struct hooks *h, struct bpf_link *link)
{
	if (!link)
		return -errno;
	h->links = xreallocarray(h->links, h->links_len + 1, sizeof(*h->links));
	h->links[h->links_len++] = link;
	return 0;
}

static int add_count_link(void *ctx, struct bpf_link *link)
{
	return add_link(ctx, link);
}

/* A software event has to be opened on each processor. */
static int attach_event(struct hooks *h, const struct bpf_program *prog, int event)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = event,
		.sample_period = 1,
	};
	int err = 0;

	for (int cpu = 0; cpu < libbpf_num_possible_cpus() && !err; cpu++) {
		int fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
		struct bpf_link *link;

		if (fd < 0 && errno == ENODEV) /* that processor is off */
			continue;
		if (fd < 0)
			return -errno;
		link = bpf_program__attach_perf_event(prog, fd);
		err = add_link(h, link);
		if (err)
			close(fd);
	}
	return err;
}

static int attach_fn(struct hooks *h, struct bpf_object *obj, const struct fn_row *row, int end)
{
	struct bpf_program *prog;
	struct bpf_link *link;
	char name[64];

	program_of(name, h, row, end);
	prog = bpf_object__find_program_by_name(obj, name);
	if (!prog || bpf_program__fd(prog) < 0)
		return 0;
	link = backend_of(h, row) == BACKEND_KPROBE
		       ? bpf_program__attach_kprobe(prog, end, row->function)
		       : bpf_program__attach(prog);
	return add_link(h, link);
}

static int attach_calls(struct hooks *h, const struct bpf_program *prog, bool at_end)
{
	int err = 0;

	for (int i = 0; i < h->calls.len && !err; i++)
		err = add_link(h, bpf_program__attach_kprobe(prog, at_end, h->calls.name[i]));
	return err;
}

/* first: what is about processes and threads, not about what they do. */
static int attach_tps(struct hooks *h, struct bpf_object *obj, bool first)
{
	int err = 0;

	for (size_t i = 0; i < ARRAY_LEN(tp_rows) && !err; i++) {
		struct bpf_program *prog =
			bpf_object__find_program_by_name(obj, tp_rows[i].program);

		bool is_first = tp_rows[i].group == FOR_PROCESSES || tp_rows[i].group == FOR_ENDS;

		if (bpf_program__fd(prog) < 0 || is_first != first)
			continue;
		if (tp_rows[i].group == FOR_CALLS)
			err = attach_calls(h, prog, strstr(tp_rows[i].program, "kret"));
		else if (tp_rows[i].event)
			err = attach_event(h, prog, tp_rows[i].event);
		else
			err = add_link(h, bpf_program__attach(prog));
	}
	return err;
}

int hooks_attach(struct hooks *h, struct bpf_object *obj)
{
	int err = attach_tps(h, obj, true);

	if (err)
		return err;
	if (h->functions)
		return functions_attach(h->functions, count_program(h, obj), h->multi,
					add_count_link, h);
	/* the ends of functions first: what begins unseen is left alone */
	for (int end = 1; end >= 0; end--) {
		for (int i = 0; i < fn_rows_len && fn_programs[h->backend][0]; i++) {
			/* the kernel refuses some functions (inlined, no room for a call) */
			if (attach_fn(h, obj, &fn_rows[i], end))
				h->fn[fn_rows[i].fn].args = 0;
		}
	}
	sum_up(h);
	h->frees_told &= has_fn(h, VS_FN_SECURITY_FILE_FREE);
	return attach_tps(h, obj, false);
}

void hooks_detach(struct hooks *h)
{
	while (h->links_len)
		bpf_link__destroy(h->links[--h->links_len]);
	free(h->links);
	h->links = NULL;
}

/* --- what stays unseen --------------------------------------------------------------------------
 */

enum { UNSEEN_MAX = VS_OP_MAX + VS_VIA_MAX + VS_FN_MAX + 8 };

struct unseen {
	const char *what[UNSEEN_MAX + 1];
	int len;
};

static void add_unseen(struct unseen *u, bool is_so, const char *what)
{
	if (is_so && u->len < UNSEEN_MAX)
		u->what[u->len++] = what;
}

const char *const *hooks_unseen(const struct hooks *h, const struct options *o)
{
	static struct unseen u;
	static char refused[160];
	__u64 ops = options_ops(o), vias = options_vias(o);
	bool uring = vias & VS_BIT(VS_VIA_IO_URING), kernel = vias & VS_BIT(VS_VIA_KERNEL);
	bool any_fn = h->vias & VS_BIT(VS_VIA_KERNEL), left_out = false;

	u = (struct unseen){};
	for (int i = 0; h->functions && i < h->functions->len; i++)
		add_unseen(&u, h->functions->fn[i].refused, h->functions->fn[i].name);
	if (h->functions)
		return u.what;
	/* by name only what was asked for by name */
	for (int op = 1; op < VS_OP_MAX; op++)
		add_unseen(&u, o->op_mask & ~o->ops_implied & ~h->ops & VS_BIT(op),
			   op_table[op].name);
	for (int via = 1; via < VS_VIA_MAX; via++)
		add_unseen(&u, o->via_mask & ~o->vias_implied & ~h->vias & VS_BIT(via),
			   via_table[via].name);
	snprintf(refused, sizeof(refused), "%s: the kernel refuses the programs for that: %s",
		 h->no_fns ? "what functions of the kernel would show" : "io_uring",
		 refusal_words(h->refused));
	add_unseen(&u, h->no_fns || h->no_uring, refused);
	add_unseen(&u, h->by_functions && ops & (VS_BIT(VS_OP_READ) | VS_BIT(VS_OP_WRITE)),
		   "reads and writes that are refused before they reach a file (EBADF, EINVAL)");
	add_unseen(&u, !o->op_mask, "page faults of mapped files: ask for them with -o fault");
	add_unseen(&u, !o->via_mask && !any_fn,
		   "the kernel's own operations (via kernel: loop devices, NFS server, exec)");
	for (int i = 0; i < fn_rows_len && any_fn; i++)
		add_unseen(&u,
			   ops & fn_rows[i].ops && vias & fn_rows[i].vias &&
				   !has_fn(h, fn_rows[i].fn),
			   fn_rows[i].unseen);
	add_unseen(&u, kernel && any_fn && ops & VS_BIT(VS_OP_OPEN),
		   "files that the kernel opens for itself");
	for (int i = 0; i < fn_rows_len && any_fn && !left_out; i++)
		left_out = ops & fn_rows[i].ops && is_left_out(&fn_rows[i], o);
	add_unseen(&u, left_out,
		   "what servers and loop devices that are set up from now on do (--via kernel)");
	add_unseen(&u, ops & VS_BIT(VS_OP_FAULT) && !has_fn(h, VS_FN_HANDLE_MM_FAULT),
		   "whether a page fault was to write, and how long it took");
	add_unseen(
		&u, ops & VS_BIT(VS_OP_PAGE) && !(h->kinds & VS_BIT(VS_KIND_HIT)),
		"hits and misses of the page cache (functions of the kernel tell them: fentry, kprobe)");
	add_unseen(&u, uring, "io_uring requests that are refused before they begin");
	add_unseen(&u, ops & VS_BIT(VS_OP_CLOSE), "descriptors closed by exec, dup2 and exit");
	add_unseen(&u, uring && !has_uring(h) && !h->no_uring && !o->via_mask,
		   "io_uring (this kernel's tracepoints have another form)");
	add_unseen(&u, uring && has_uring(h) && !h->has_io_link,
		   "io_uring's statx, linkat and symlinkat");
	return u.what;
}

const char *hooks_why_not(const struct hooks *h, __u64 ops, __u64 vias, __u64 kinds)
{
	bool by_fns;

	ops &= ~h->ops, vias &= ~h->vias, kinds &= ~h->kinds;
	if (!ops && !vias && !kinds)
		return NULL;
	by_fns = kinds; /* tracepoints tell all others */
	for (int i = 0; i < fn_rows_len; i++)
		by_fns |= ops & fn_rows[i].ops || vias & fn_rows[i].vias;
	if (!by_fns)
		return "its tracepoints are not there, or have another form";
	return h->backend == BACKEND_TRACEPOINT
		       ? "only functions of the kernel tell it (backend fentry or kprobe)"
		       : "its functions are not there, or have another form";
}

/* --- doctor --------------------------------------------------------------------------------------
 */

const char *hooks_note(const struct hooks *h)
{
	if (h->backend != BACKEND_FENTRY || !fns_are_preempted())
		return NULL;
	return h->often == BACKEND_KPROBE
		       ? "preempted here, and then skipped for others (lost.missed); faults and hits by kprobes"
		       : "preempted here, and then skipped for others (lost.missed)";
}

bool hooks_view(const struct hooks *h, int i, struct hook_view *view)
{
	for (size_t t = 0; t < ARRAY_LEN(tp_rows); t++) {
		if (!h->has_tp[t] || tp_rows[t].group == FOR_CALLS ||
		    tp_rows[t].group == FOR_ENDS || i--)
			continue;
		*view = (struct hook_view){tp_rows[t].name, tp_rows[t].sees, tp_rows[t].program,
					   false};
		return true;
	}
	for (int f = 0; f < fn_rows_len; f++) {
		if (!has_fn(h, fn_rows[f].fn) || i--)
			continue;
		*view = (struct hook_view){fn_rows[f].function, fn_rows[f].sees, NULL, true};
		return true;
	}
	return false;
}
