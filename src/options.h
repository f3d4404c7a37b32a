/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The command line. Options are rows of one table: parsing, help, man page and
 * completion come from it.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <linux/types.h>
#include <stdbool.h>

#include "fields.h"
#include "resolve.h"
#include "where.h"

struct functions;

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV, FORMAT_MAX };
enum backend { BACKEND_AUTO, BACKEND_FENTRY, BACKEND_KPROBE, BACKEND_TRACEPOINT, BACKEND_MAX };
enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER, COLOR_MAX };

enum { SAMPLING_MAX = 65536 }; /* of --sample 1/N */

extern const char *const format_names[FORMAT_MAX + 1];
extern const char *const backend_names[BACKEND_MAX + 1];
extern const char *const color_names[COLOR_MAX + 1];

struct ids {
	__u32 *id;
	int len;
};
struct strings {
	char **s;
	int len;
};

/* Keeps a copy. */
void strings_add(struct strings *strings, const char *s);

struct options {
	struct ids pids, tids, uids;
	struct strings comms, cgroups, paths, names;
	struct dirs dirs;
	bool dir_is_pseudo;		 /* one of them is on a pseudo file system */
	__u64 op_mask, via_mask;	 /* 0: all that the command takes */
	__u64 ops_implied, vias_implied; /* of these: only not excluded, not asked for by name */
	struct strings fs;
	bool fs_asked;	  /* --fs, or --where about fs: what is on which has to be known */
	__u32 ftype_mask; /* 0: not asked for */
	__u32 kind_mask;  /* likewise; as far as --where says it */
	struct ids errs;
	__u64 min_latency_ns, min_size, duration_ns, max_events, buffer_sz, map_entries;
	bool failed, all, strict, layers, queued;
	bool children; /* also what those named by pids, tids, uids and comms start */
	struct strings containers, no_peeks;
	__u32 peek;	     /* bytes of content, 0: none */
	__u32 sample;	     /* one of so many operations is shown; 0: all */
	double max_overhead; /* of all processors' time; 0: whatever it takes */
	bool hex, tree, host_path;
	/* of the commands that add up */
	const char *by, *sort;		    /* as given, NULL: default */
	__u64 rows, interval_ns, intervals; /* 0: default */
	bool linear, of_size, heatmap, sessions, caches, batch;
	struct functions *functions;	/* whose calls are counted; NULL: operations are watched */
	struct vs_totals_config totals; /* what the kernel side adds up; set by the command */
	enum format format;
	bool formatted, json; /* by --format, by -j */
	enum color color;
	enum backend backend;
	const char *fields;  /* the list as given, NULL: default */
	struct where *where; /* all of the filter, those above included; NULL: let all pass */
	const char
		*columns; /* of a preset: the default in tables and CSV; NULL: the command's own */
	/* Arguments up to here are a preset's own: each holds unless its option is given again. */
	int default_words;
	bool verbose;
	const char *word; /* what stands alone: the WHAT of list; NULL: nothing */
	char **program;	  /* what stands behind "--", NULL-terminated; NULL: nothing */
};

/* Which commands take an option. */
enum {
	FOR_WATCH = 1 << 0,  /* all that watch: */
	FOR_EVENTS = 1 << 8, /* one by one, */
	FOR_TOTALS = 1 << 9, /* or added up */
	FOR_TRACE = FOR_WATCH | FOR_EVENTS,
	FOR_OPS = FOR_EVENTS | FOR_TOTALS, /* single operations: life needs all of its own */
	FOR_COUNT = 1 << 13,		   /* calls of functions */
	FOR_WHO = FOR_TRACE | FOR_COUNT,
	FOR_TEXTS = 1 << 1, /* doctor, list */
	FOR_ALL = FOR_WHO | FOR_TEXTS,
	TAKES_WORD = 1 << 2,
	FOR_SELFTEST = 1 << 3,
	FOR_HIST = 1 << 10,
	FOR_LIFE = 1 << 11,
	FOR_STAT = 1 << 14,
	FOR_TOP = 1 << 15,
	TAKES_INTERVAL = 1 << 12, /* INTERVAL [COUNT] */
};

struct option_row {
	char short_name;	/* 0: none */
	const char *name, *arg; /* arg NULL: takes none */
	int commands;
	/* Sets *o from one argument; prints why not and returns -EINVAL. */
	int (*set)(struct options *o, const struct option_row *row, char *arg);
	const char *help;
};
extern const struct option_row option_table[];
extern const int option_table_len;

/* The types of files that are shown by default. */
enum { OPTIONS_FTYPES = VS_BIT(VS_FTYPE_REG) | VS_BIT(VS_FTYPE_DIR) | VS_BIT(VS_FTYPE_LNK) };

/* Those that are to be shown; may they be all? (A file system asked for implies it, or a DIR on a
 * pseudo one.) */
__u32 options_ftypes(const struct options *o);
bool options_show_all_types(const struct options *o);

/* Are files of pseudo file systems to be shown? (A type of file or of system may imply it.) */
bool options_show_pseudo(const struct options *o);

/* Can the kernel side decide on all -c, as what (in words) wants? Says why not: -EINVAL. */
int options_check_comms(const struct options *o, const char *what);

/*
 * Do the options go together, as far as one can tell without the filter; and once it is finished,
 * is there anything that --peek can take? Say why not: -EINVAL.
 */
int options_check(const struct options *o);
int options_check_peek(const struct options *o);

/*
 * The operations and vias that are asked for, as bits; bit 0 of the vias stands for
 * operations that have none. What happens too often to be shown unasked (page faults, the
 * caches) is asked for by name.
 */
__u64 options_ops(const struct options *o);
__u64 options_vias(const struct options *o);

void options_init(struct options *o);
void options_fini(struct options *o);

/*
 * Parses the arguments of a command (argv[0] is the command). Returns 0, or -EINVAL
 * when it has said what is wrong, or 1 if help was asked for.
 */
int options_parse(struct options *o, int commands, int argc, char **argv);

#endif
