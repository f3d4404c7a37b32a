/* SPDX-License-Identifier: GPL-2.0 */
/* trace: one line for each operation, when it completes. */
#include <unistd.h>

#include "commands.h"
#include "filter.h"
#include "run.h"
#include "util.h"

static void on_record(struct run *run, const struct record *r)
{
	__u64 max = run->o->max_events;

	if (max && run->events >= max)
		return;
	run->peeked += r->data.p != NULL;
	sink_record(&run->sink, r);
	run->events++;
	if (run->events == max)
		run->stop = true;
}

static int begin(struct run *run)
{
	sink_init(&run->sink, STDOUT_FILENO, run->o);
	run->sink.tree.procs = run->o->tree ? run->decoder.procs : NULL;
	return 0;
}

int cmd_trace(int argc, char **argv, struct options *o)
{
	struct fields fields = sink_fields(o, STDOUT_FILENO);
	struct run run = {
		.o = o,
		.needs = fields_needs(&fields) | (o->tree ? NEEDS_PROCS : 0),
		.begin = begin,
		.record = on_record,
	};

	(void)argc, (void)argv;
	if (sampling_asked(o) && filter_needs_records(o)) {
		msg("--sample and --max-overhead count in the kernel what they do not show, and want "
		    "filters that are decided there; -v says which are not");
		return EXIT_USAGE;
	}
	return run_command(&run);
}
