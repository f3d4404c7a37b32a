/* SPDX-License-Identifier: GPL-2.0 */
/*
 * doctor: for each operation and backend, whether this kernel lets us see it; found by
 * trying, never by a version number.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "commands.h"
#include "tables.h"
#include "tracer.h"
#include "util.h"

static const char not_built[] =
	"the kernel allows it; this version of vfscope has no such hooks yet";

struct verdict {
	bool usable;
	char why[200];
};

static struct verdict judge_backend(enum backend backend)
{
	const char *refusal = tracer_refusal(backend);
	struct verdict v = {.usable = !refusal && backend == BACKEND_TRACEPOINT};

	if (refusal)
		snprintf(v.why, sizeof(v.why), "%s", refusal);
	else if (!v.usable)
		snprintf(v.why, sizeof(v.why), "%s", not_built);
	return v;
}

static const char *why_not(enum backend backend, const struct verdict *backends, int op,
			   __u64 decoded)
{
	if (!backends[backend].usable)
		return backends[backend].why;
	return decoded & VS_BIT(op) ? "" : "not decoded by this version";
}

static void print_text(const struct verdict *backends, const struct hook *hooks, int hooks_len,
		       __u64 decoded, const char *const *unseen)
{
	struct utsname uts;

	uname(&uts);
	printf("vfscope " VERSION " on Linux %s %s\n\n", uts.release, uts.machine);
	for (int b = BACKEND_FENTRY; b < BACKEND_MAX; b++)
		printf("%-11s %s%s%s\n", backend_names[b], backends[b].usable ? "yes" : "no",
		       *backends[b].why ? "   " : "", backends[b].why);
	printf("\ntracepoint hooks\n");
	for (int i = 0; i < hooks_len; i++)
		printf("  %-20s %-4s %s\n", hooks[i].name, *hooks[i].refusal ? "no" : "yes",
		       *hooks[i].refusal ? hooks[i].refusal : hooks[i].sees);
	printf("\noperation      fentry  kprobe  tracepoint\n");
	for (int op = 1; op < VS_OP_MAX; op++)
		printf("  %-13s %-7s %-7s %s\n", op_table[op].name,
		       *why_not(BACKEND_FENTRY, backends, op, decoded) ? "-" : "yes",
		       *why_not(BACKEND_KPROBE, backends, op, decoded) ? "-" : "yes",
		       *why_not(BACKEND_TRACEPOINT, backends, op, decoded) ? "-" : "yes");
	printf("\nnot seen here\n");
	for (int i = 0; unseen[i]; i++)
		printf("  %s\n", unseen[i]);
}

static void print_json(const struct verdict *backends, const struct hook *hooks, int hooks_len,
		       __u64 decoded, const char *const *unseen)
{
	for (int b = BACKEND_FENTRY; b < BACKEND_MAX; b++)
		printf("{\"type\":\"backend\",\"backend\":\"%s\",\"usable\":%s,\"why\":\"%s\"}\n",
		       backend_names[b], backends[b].usable ? "true" : "false", backends[b].why);
	for (int i = 0; i < hooks_len; i++)
		printf("{\"type\":\"hook\",\"hook\":\"%s\",\"usable\":%s,\"why\":\"%s\",\"sees\":\"%s\"}\n",
		       hooks[i].name, *hooks[i].refusal ? "false" : "true", hooks[i].refusal,
		       hooks[i].sees);
	for (int op = 1; op < VS_OP_MAX; op++) {
		for (int b = BACKEND_FENTRY; b < BACKEND_MAX; b++) {
			const char *why = why_not(b, backends, op, decoded);

			printf("{\"type\":\"op\",\"op\":\"%s\",\"backend\":\"%s\",\"usable\":%s,\"why\":\"%s\"}\n",
			       op_table[op].name, backend_names[b], *why ? "false" : "true", why);
		}
	}
	for (int i = 0; unseen[i]; i++)
		printf("{\"type\":\"unseen\",\"what\":\"%s\"}\n", unseen[i]);
}

int cmd_doctor(int argc, char **argv, struct options *o)
{
	struct verdict backends[BACKEND_MAX] = {};
	const struct hook *hooks;
	int hooks_len;

	(void)argc, (void)argv;
	if (tracer_check())
		return EXIT_CANNOT;
	for (int b = BACKEND_FENTRY; b < BACKEND_MAX; b++)
		backends[b] = judge_backend(b);
	hooks_len = tracer_hooks(&hooks);
	(o->format == FORMAT_JSON ? print_json : print_text)(backends, hooks, hooks_len,
							     tracer_ops(), tracer_unseen(NULL, o));
	return backends[BACKEND_TRACEPOINT].usable ? EXIT_DONE : EXIT_CANNOT;
}
