/* SPDX-License-Identifier: GPL-2.0 */
/*
 * doctor: for each operation and backend, whether this kernel lets us see it; found by
 * trying, never by a version number.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "commands.h"
#include "hooks.h"
#include "refusal.h"
#include "tables.h"
#include "tracer.h"
#include "util.h"

struct verdict {
	char why[200]; /* empty: usable */
	struct hooks hooks;
};

struct diagnosis {
	struct btf *btf;
	struct verdict backend[BACKEND_MAX];
	enum backend best;
};

static void judge(struct diagnosis *d)
{
	for (int b = BACKEND_FENTRY; b < BACKEND_MAX; b++) {
		const char *why = refusal_of(b, d->btf);

		if (!why && b != BACKEND_TRACEPOINT)
			why = tracer_try_functions(d->btf, b);
		if (why)
			snprintf(d->backend[b].why, sizeof(d->backend[b].why), "%s", why);
		else
			hooks_init(&d->backend[b].hooks, d->btf, b);
	}
	d->best = *d->backend[BACKEND_TRACEPOINT].why ? BACKEND_AUTO : hooks_best(d->btf);
	if (d->best != BACKEND_AUTO && *d->backend[d->best].why)
		d->best = BACKEND_TRACEPOINT;
}

/* What a backend shows of an operation: its programs on functions, or what it leaves to the others.
 */
static bool shows(const struct diagnosis *d, enum backend b, int op)
{
	return !*d->backend[b].why && d->backend[b].hooks.ops & VS_BIT(op);
}

/* Likewise of what goes by a door. */
static bool by(const struct diagnosis *d, enum backend b, int via)
{
	return !*d->backend[b].why && d->backend[b].hooks.vias & VS_BIT(via);
}

static const char *why_not(const struct diagnosis *d, enum backend b, int op)
{
	const char *why = *d->backend[b].why
				  ? d->backend[b].why
				  : hooks_why_not(&d->backend[b].hooks, VS_BIT(op), 0, 0);

	return why ? why : "";
}

/* Why a backend cannot be had, or what there is to know of it. */
static const char *about(const struct diagnosis *d, enum backend b)
{
	const char *note =
		*d->backend[b].why ? d->backend[b].why : hooks_note(&d->backend[b].hooks);

	return note ? note : "";
}

static const char *try_hook(const struct diagnosis *d, const struct hook_view *view)
{
	return view->program ? tracer_try(d->btf, &d->backend[d->best].hooks, view->program) : NULL;
}

static void print_text(const struct diagnosis *d, const char *const *unseen)
{
	const struct hooks *hooks = &d->backend[d->best].hooks;
	struct hook_view view;
	struct utsname uts;

	uname(&uts);
	printf("vfscope " VERSION " on Linux %s %s\n\n", uts.release, uts.machine);
	for (int b = BACKEND_FENTRY; b < BACKEND_MAX; b++)
		printf("%-11s %-3s%s%s%s\n", backend_names[b], *d->backend[b].why ? "no" : "yes",
		       b == (int)d->best ? "  used by auto" : "", *about(d, b) ? "  " : "",
		       about(d, b));
	printf("\nhooks of %s\n", backend_names[d->best]);
	for (int i = 0; hooks_view(hooks, i, &view); i++) {
		const char *why = try_hook(d, &view);

		printf("  %-33s %-3s %s\n", view.name, why ? "no" : "yes", why ? why : view.sees);
	}
	printf("\noperation      fentry  kprobe  tracepoint\n");
	for (int op = 1; op < VS_OP_MAX; op++)
		printf("  %-13s %-7s %-7s %s\n", op_table[op].name,
		       shows(d, BACKEND_FENTRY, op) ? "yes" : "-",
		       shows(d, BACKEND_KPROBE, op) ? "yes" : "-",
		       shows(d, BACKEND_TRACEPOINT, op) ? "yes" : "-");
	printf("\nvia               fentry  kprobe  tracepoint\n");
	for (int via = 1; via < VS_VIA_MAX; via++)
		printf("  %-16s%-7s %-7s %s\n", via_table[via].name,
		       by(d, BACKEND_FENTRY, via) ? "yes" : "-",
		       by(d, BACKEND_KPROBE, via) ? "yes" : "-",
		       by(d, BACKEND_TRACEPOINT, via) ? "yes" : "-");
	printf("\nnot seen here\n");
	for (int op = 1; op < VS_OP_MAX; op++)
		if (!shows(d, d->best, op))
			printf("  %s: %s\n", op_table[op].name, why_not(d, d->best, op));
	for (int i = 0; unseen[i]; i++)
		printf("  %s\n", unseen[i]);
}

static void print_json(const struct diagnosis *d, const char *const *unseen)
{
	const struct hooks *hooks = &d->backend[d->best].hooks;
	struct hook_view view;

	for (int b = BACKEND_FENTRY; b < BACKEND_MAX; b++)
		printf("{\"type\":\"backend\",\"backend\":\"%s\",\"usable\":%s,\"why\":\"%s\"}\n",
		       backend_names[b], *d->backend[b].why ? "false" : "true", about(d, b));
	for (int i = 0; hooks_view(hooks, i, &view); i++) {
		const char *why = try_hook(d, &view);

		printf("{\"type\":\"hook\",\"hook\":\"%s\",\"usable\":%s,\"why\":\"%s\",\"sees\":\"%s\"}\n",
		       view.name, why ? "false" : "true", why ? why : "", view.sees);
	}
	for (int op = 1; op < VS_OP_MAX; op++)
		for (int b = BACKEND_FENTRY; b < BACKEND_MAX; b++)
			printf("{\"type\":\"op\",\"op\":\"%s\",\"backend\":\"%s\",\"usable\":%s,\"why\":\"%s\"}\n",
			       op_table[op].name, backend_names[b],
			       shows(d, b, op) ? "true" : "false", why_not(d, b, op));
	for (int via = 1; via < VS_VIA_MAX; via++)
		for (int b = BACKEND_FENTRY; b < BACKEND_MAX; b++)
			printf("{\"type\":\"via\",\"via\":\"%s\",\"backend\":\"%s\",\"usable\":%s}\n",
			       via_table[via].name, backend_names[b],
			       by(d, b, via) ? "true" : "false");
	for (int i = 0; unseen[i]; i++)
		printf("{\"type\":\"unseen\",\"what\":\"%s\"}\n", unseen[i]);
}

int cmd_doctor(int argc, char **argv, struct options *o)
{
	static struct diagnosis d;
	struct options all = *o; /* also what is not shown unasked has parts that stay unseen */
	int status = EXIT_CANNOT;

	(void)argc, (void)argv;
	all.op_mask = all.ops_implied = ~0ULL;
	refusal_listen(o->verbose);
	if (refusal_check())
		return EXIT_CANNOT;
	d.btf = btf__load_vmlinux_btf();
	if (!d.btf) {
		msg("cannot read the kernel's types: %s", strerror(errno));
		return EXIT_CANNOT;
	}
	judge(&d);
	if (d.best != BACKEND_AUTO) {
		(o->format == FORMAT_JSON ? print_json : print_text)(
			&d, hooks_unseen(&d.backend[d.best].hooks, &all));
		status = EXIT_DONE;
	} else {
		for (int b = BACKEND_FENTRY; b < BACKEND_MAX; b++)
			msg("%s: %s", backend_names[b], d.backend[b].why);
	}
	btf__free(d.btf);
	return status;
}
