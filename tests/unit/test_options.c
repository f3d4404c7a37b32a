// SPDX-License-Identifier: GPL-2.0
/* options.c: every option with good values and with bad ones, and what is said about those. */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <sys/stat.h>

#include "options.h"
#include "tables.h"
#include "util.h"

static struct options o;
static const char *said; /* by the last parse */

static int default_words; /* of the arguments, those of a preset */

/* Parses words parted by blanks, behind the command's name; '~' stands for an empty word. */
static int parse(int commands, const char *line)
{
	static struct capture c;
	/* until the next call: o points into them. In memory of their own, for ASan's sake */
	static char *words[64], *argv[64];
	char *copy = strdup(line), *save;
	int n = 0, err;

	for (char **word = words; *word; word++) {
		free(*word);
		*word = NULL;
	}
	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		words[n++] = strdup(strcmp(word, "~") ? word : "");
	free(copy);
	memcpy(argv, words, sizeof(argv)); /* getopt puts them into another order */
	options_fini(&o);
	options_init(&o);
	o.default_words = default_words;
	capture_begin(&c);
	err = options_parse(&o, commands, n, argv);
	said = capture_end(&c);
	return err;
}

static void accepts(const char *line)
{
	char command[1024];
	int err;

	snprintf(command, sizeof(command), "trace %s", line);
	err = parse(FOR_TRACE, command);
	if (err || *said)
		fail_msg("%s: %d, '%s'", line, err, said);
}

/* It is taken, but this line is said. */
static void warns(const char *line, const char *message)
{
	char command[1024], expected[1024];
	int err;

	snprintf(command, sizeof(command), "trace %s", line);
	snprintf(expected, sizeof(expected), "vfscope: %s\n", message);
	err = parse(FOR_TRACE, command);
	if (err || strcmp(said, expected))
		fail_msg("%s: %d, '%s' instead of '%s'", line, err, said, expected);
}

/* Exactly this line. */
static void refuses(const char *line, const char *message)
{
	char command[1024], expected[1024];
	int err;

	snprintf(command, sizeof(command), "trace %s", line);
	snprintf(expected, sizeof(expected), "vfscope: %s\n", message);
	err = parse(FOR_TRACE, command);
	if (err != -EINVAL || strcmp(said, expected))
		fail_msg("%s: %d, '%s' instead of '%s'", line, err, said, expected);
}

static void check_strings(const struct strings *strings, const char *joined)
{
	char text[1024] = "";

	for (int i = 0; i < strings->len; i++)
		strcat(strcat(text, i ? "," : ""), strings->s[i]);
	assert_string_equal(text, joined);
}

static void nothing(void **state)
{
	(void)state;
	accepts("");
	assert_int_equal(o.buffer_sz, 8 << 20);
	assert_int_equal(o.map_entries, 16384);
	assert_int_equal(o.format, FORMAT_TABLE);
	assert_int_equal(o.color, COLOR_AUTO);
	assert_int_equal(o.backend, BACKEND_AUTO);
	assert_int_equal(o.op_mask | o.via_mask | o.ftype_mask, 0);
	assert_int_equal(o.pids.len + o.tids.len + o.uids.len + o.errs.len, 0);
	assert_null(o.fields);
	assert_null(o.program);
	assert_false(o.failed || o.all || o.strict || o.verbose);
}

static void ids(void **state)
{
	char line[128];

	(void)state;
	snprintf(line, sizeof(line), "-p 1,%d -p %d --pid=1", getpid(), getppid());
	accepts(line);
	assert_int_equal(o.pids.len, 4);
	assert_int_equal(o.pids.id[0], 1);
	assert_int_equal(o.pids.id[1], getpid());
	assert_int_equal(o.pids.id[2], getppid());
	assert_int_equal(o.pids.id[3], 1);
	accepts("-t1 --tid 1");
	assert_int_equal(o.tids.len, 2);
	assert_int_equal(o.pids.len, 0);
	refuses("-p x", "'x' is no process id: a number from 1 to 2147483647");
	refuses("-p 0", "'0' is no process id: a number from 1 to 2147483647");
	refuses("-p 1,-1", "'-1' is no process id: a number from 1 to 2147483647");
	refuses("-p 2147483648", "'2147483648' is no process id: a number from 1 to 2147483647");
	refuses("-p ~", "'' is no process id: a number from 1 to 2147483647");
	refuses("-p ,", "',' is no process id: a number from 1 to 2147483647");
	refuses("-t 1x", "'1x' is no thread id: a number from 1 to 2147483647");
	/* it may come yet, or be gone already: only a word of warning */
	assert_int_equal(parse(FOR_TRACE, "trace -p 2147483647"), 0);
	assert_string_equal(said, "vfscope: warning: there is no process 2147483647 now\n");
	assert_int_equal(o.pids.id[0], 2147483647);
	assert_int_equal(parse(FOR_TRACE, "trace -t 2147483647"), 0);
	assert_string_equal(said, "vfscope: warning: there is no thread 2147483647 now\n");
}

static void users(void **state)
{
	(void)state;
	accepts("-u root,12345 --uid 4294967294");
	assert_int_equal(o.uids.len, 3);
	assert_int_equal(o.uids.id[0], 0);
	assert_int_equal(o.uids.id[1], 12345);
	assert_int_equal(o.uids.id[2], 4294967294);
	refuses("-u 4294967295", "unknown user '4294967295'; see 'getent passwd'");
	refuses("-u nosuchuserxyz", "unknown user 'nosuchuserxyz'; see 'getent passwd'");
}

static void nearest_user(void **state)
{
	(void)state;
	refuses("-u rooot", "unknown user 'rooot'; the nearest is 'root'");
}

static void globs(void **state)
{
	(void)state;
	accepts("-c a* --comm b,c --path /x/** --path=/y");
	check_strings(&o.comms, "a*,b,c");
	assert_int_equal(o.comms.len, 2); /* a comma is a letter of a name */
	check_strings(&o.paths, "/x/**,/y");
}

static void directories(void **state)
{
	char top[] = "/tmp/vfscope-unit-XXXXXX", link[64], line[128], error[128];

	(void)state;
	assert_non_null(mkdtemp(top));
	snprintf(link, sizeof(link), "%s/link", top);
	assert_int_equal(symlink(".", link), 0);
	snprintf(line, sizeof(line), "-d / --dir %s/../%s", link, strrchr(top, '/') + 1);
	/* where the link leads: to top, and .. leads from there to /tmp */
	accepts(line);
	assert_int_equal(o.dirs.len, 2);
	assert_string_equal(o.dirs.name[0], "/");
	assert_string_equal(o.dirs.name[1], top);
	refuses("-d /no/such", "-d /no/such: No such file or directory");
	refuses("-d ~", "-d : No such file or directory");
	unlink(link);
	close(creat(link, 0600));
	snprintf(line, sizeof(line), "-d %s", link);
	snprintf(error, sizeof(error), "-d %s: not a directory; for one file use --path", link);
	refuses(line, error);
	unlink(link);
	rmdir(top);
}

static void operations(void **state)
{
	(void)state;
	for (int op = 1; op < VS_OP_MAX; op++) {
		char line[64];

		snprintf(line, sizeof(line), "-o %s", op_table[op].name);
		accepts(line);
		assert_true(o.op_mask == VS_BIT(op));
	}
	accepts("-o read,write --op=mounts");
	assert_true(o.op_mask == (VS_BIT(VS_OP_READ) | VS_BIT(VS_OP_WRITE) | ops_of("mounts")));
	accepts("-o all");
	assert_true(o.op_mask == VS_BIT(VS_OP_MAX) - 2);
	refuses("-o raed", "unknown operation 'raed'; the nearest is 'read'");
	refuses("-o write,metdata", "unknown operation 'metdata'; the nearest is 'metadata'");
	refuses("-o READ", "unknown operation 'READ'; see 'vfscope list ops'");
	refuses("-o al", "unknown operation 'al'; the nearest is 'all'");
	refuses("-o somethingelse", "unknown operation 'somethingelse'; see 'vfscope list ops'");
	refuses("-o ~", "unknown operation ''; see 'vfscope list ops'");
}

static void vias(void **state)
{
	(void)state;
	for (int via = 1; via < VS_VIA_MAX; via++) {
		char line[64];

		snprintf(line, sizeof(line), "--via %s", via_table[via].name);
		accepts(line);
		assert_true(o.via_mask == VS_BIT(via));
	}
	accepts("--via rw,vec --via aio");
	assert_int_equal(o.via_mask, VS_BIT(VS_VIA_RW) | VS_BIT(VS_VIA_VEC) | VS_BIT(VS_VIA_AIO));
	refuses("--via iouring", "unknown via 'iouring'; the nearest is 'io_uring'");
	refuses("--via ~", "unknown via ''; see 'vfscope list vias'");
	refuses("--via mmap,none", "unknown via 'none'; see 'vfscope list vias'");
}

static void files(void **state)
{
	(void)state;
	accepts("--fs tmpfs,proc --fs anon_inodefs");
	check_strings(&o.fs, "tmpfs,proc,anon_inodefs");
	warns("--fs fifteen-letters",
	      "warning: --fs fifteen-letters: this kernel has no such file system now");
	check_strings(&o.fs, "fifteen-letters");
	warns("--fs tmpfs,procc",
	      "warning: --fs procc: this kernel has no such file system now; the nearest is 'proc'");
	refuses("--fs sixteen--letters",
		"--fs 'sixteen--letters': a file system type has 1 to 15 letters");
	refuses("--fs ~", "--fs '': a file system type has 1 to 15 letters");
	for (int ftype = 1; ftype < VS_FTYPE_MAX; ftype++) {
		char line[64];

		snprintf(line, sizeof(line), "--ftype %s", ftype_table[ftype].name);
		accepts(line);
		assert_int_equal(o.ftype_mask, VS_BIT(ftype));
	}
	accepts("--ftype reg,dir --ftype anon");
	assert_int_equal(o.ftype_mask,
			 VS_BIT(VS_FTYPE_REG) | VS_BIT(VS_FTYPE_DIR) | VS_BIT(VS_FTYPE_ANON));
	refuses("--ftype fif", "unknown file type 'fif'; the nearest is 'fifo'");
	refuses("--ftype directory", "unknown file type 'directory'; see 'vfscope list ftypes'");
}

/* Globs of paths that no file has. */
static void paths(void **state)
{
	static const char absolute[] = "paths are absolute, and only ** goes across /";
	static const struct {
		const char *glob, *why, *write;
	} cases[] = {
		{"src/*.c", absolute, "**/src/*.c"},
		{"./src/*.c", absolute, "**/src/*.c"},
		{"x.log", absolute, "**/x.log"},
		{"*.log", absolute, "**/*.log"},
		{"src/", absolute, "**/src/**"},
		{"/var/log/", "no path ends in /", "/var/log/**"},
		{"**/log/", "no path ends in /", "**/log/**"},
	};
	char line[64], message[256];

	(void)state;
	accepts("--path / --path /x --path **.c --path **/x --path \\/x");
	accepts("--path pipe:* --path (unreachable)/**");
	accepts("--all --path *");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		snprintf(line, sizeof(line), "--path %s", cases[i].glob);
		snprintf(message, sizeof(message),
			 "warning: --path '%s' matches no file: %s; write '%s'", cases[i].glob,
			 cases[i].why, cases[i].write);
		warns(line, message);
	}
}

/* Files have their own paths, not those of links that lead to them. */
static void globs_by_links(void **state)
{
	char dir[] = "/tmp/vfscope-XXXXXX", link[64], line[256], message[256];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(link, sizeof(link), "%s/usr", dir);
	assert_int_equal(symlink("/usr", link), 0);
	snprintf(line, sizeof(line), "--path %s/b?n/**", link);
	snprintf(
		message, sizeof(message),
		"warning: --path '%s/b?n/**' leads by a symbolic link, and files have their own paths; "
		"add --path '/usr/b?n/**'",
		link);
	warns(line, message);
	snprintf(line, sizeof(line),
		 "--path %s/us?/x --path /usr/* --path /usr --path /none/* --path /*", dir);
	accepts(line);
	snprintf(line, sizeof(line), "--peek 1 --no-peek %s/*/ --no-peek %s --no-peek **/x/", link,
		 link);
	accepts(line);
	assert_int_equal(o.no_peeks.len, 5);
	assert_string_equal(o.no_peeks.s[1], "/usr/*");
	assert_string_equal(o.no_peeks.s[3], "/usr");
	assert_string_equal(o.no_peeks.s[4], "**/x");
	assert_int_equal(unlink(link), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void show_pseudo(void **state)
{
	(void)state;
	accepts("");
	assert_false(options_show_pseudo(&o));
	accepts("--ftype reg,dir,lnk");
	assert_false(options_show_pseudo(&o));
	accepts("--ftype reg,chr");
	assert_true(options_show_pseudo(&o));
	accepts("--fs proc");
	assert_true(options_show_pseudo(&o));
	accepts("--all");
	assert_true(options_show_pseudo(&o));
}

static void errors(void **state)
{
	(void)state;
	accepts("--err ENOENT,eacces --err ERESTARTSYS");
	assert_int_equal(o.errs.len, 3);
	assert_int_equal(o.errs.id[0], ENOENT);
	assert_int_equal(o.errs.id[1], EACCES);
	assert_int_equal(o.errs.id[2], 512);
	refuses("--err ENOENTT", "unknown error 'ENOENTT'; the nearest is 'ENOENT'");
	refuses("--err 2", "unknown error '2'; see 'errno(3)'");
	refuses("--err NOTHINGLIKEIT", "unknown error 'NOTHINGLIKEIT'; see 'errno(3)'");
}

static void times_and_sizes(void **state)
{
	static const char want_time[] =
		"%s '%s': a time is a number and one of ns, us, ms, s, m, h: 10ms, 1.5s";
	static const char want_size[] =
		"%s '%s': a size is a number and one of K, M, G, T (of 1024): 4K, 1M";
	static const struct {
		const char *option, *value, *want;
	} bad[] = {
		{"--min-latency", "10", NULL},	     {"--min-latency", "fast", want_time},
		{"--min-latency", "-1s", want_time}, {"--min-latency", "4K", want_time},
		{"--duration", "1e300s", want_time}, {"--duration", "1d", want_time},
		{"--min-size", "big", want_size},    {"--min-size", "4s", want_size},
		{"--buffer", "x", want_size},	     {"--buffer", "1e300", want_size},
	};

	(void)state;
	accepts("--min-latency 10ms --duration 1.5s --min-size 4K --buffer 1M");
	assert_int_equal(o.min_latency_ns, 10000000);
	assert_int_equal(o.duration_ns, 1500000000);
	assert_int_equal(o.min_size, 4096);
	assert_int_equal(o.buffer_sz, 1 << 20);
	accepts("--buffer 4096");
	accepts("--buffer 1G");
	assert_int_equal(o.buffer_sz, 1 << 30);
	refuses("--buffer 4095", "--buffer 4095: from 4K to 1G");
	refuses("--buffer 1025M", "--buffer 1025M: from 4K to 1G");
	refuses("--buffer 0", "--buffer 0: from 4K to 1G");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		char line[128], message[256];

		snprintf(line, sizeof(line), "%s %s", bad[i].option, bad[i].value);
		if (!bad[i].want) {
			accepts(line);
			continue;
		}
		snprintf(message, sizeof(message), bad[i].want, bad[i].option, bad[i].value);
		refuses(line, message);
	}
}

static void counts(void **state)
{
	(void)state;
	accepts("--max-events 1 --map-entries 16777216");
	assert_int_equal(o.max_events, 1);
	assert_int_equal(o.map_entries, 1 << 24);
	accepts("--max-events 18446744073709551614");
	assert_true(o.max_events == UINT64_MAX - 1);
	refuses("--max-events 0",
		"--max-events '0': a whole number from 1 to 18446744073709551614");
	refuses("--max-events 1.5",
		"--max-events '1.5': a whole number from 1 to 18446744073709551614");
	refuses("--map-entries 16777217",
		"--map-entries '16777217': a whole number from 1 to 16777216");
	refuses("--map-entries x", "--map-entries 'x': a whole number from 1 to 16777216");
}

static void choices(void **state)
{
	(void)state;
	accepts("-f json");
	assert_int_equal(o.format, FORMAT_JSON);
	accepts("--format csv");
	assert_int_equal(o.format, FORMAT_CSV);
	accepts("-f csv -f table");
	assert_int_equal(o.format, FORMAT_TABLE);
	accepts("-j");
	assert_int_equal(o.format, FORMAT_JSON);
	refuses("-f jsn", "unknown --format 'jsn'; the nearest is 'json'");
	refuses("-f xml", "unknown --format 'xml'; see 'vfscope help trace'");
	for (int i = 0; i < BACKEND_MAX; i++) {
		char line[64];

		snprintf(line, sizeof(line), "--backend %s", backend_names[i]);
		accepts(line);
		assert_int_equal(o.backend, i);
	}
	refuses("--backend fentri", "unknown --backend 'fentri'; the nearest is 'fentry'");
	accepts("--color always");
	assert_int_equal(o.color, COLOR_ALWAYS);
	accepts("--color never");
	assert_int_equal(o.color, COLOR_NEVER);
	refuses("--color nevr", "unknown --color 'nevr'; the nearest is 'never'");
	refuses("--color ~", "unknown --color ''; see 'vfscope help trace'");
}

static void field_lists(void **state)
{
	(void)state;
	accepts("-F pid,path");
	assert_string_equal(o.fields, "pid,path");
	accepts("-F pid -F +fd,-pid");
	assert_string_equal(o.fields, "+fd,-pid");
	refuses("-F pid,pth", "unknown field 'pth'; the nearest is 'path'");
	refuses("-F -commm", "unknown field 'commm'; the nearest is 'comm'");
	refuses("-F ~", "unknown field ''; see 'vfscope list fields'");
	refuses("-F pid,-pid", "-F pid,-pid: no field is left");
}

/* Leaving out each column of a table is as wrong as leaving out each key of JSON. */
static void no_column_is_left(void **state)
{
	struct fields table = fields_table(COLUMNS_WIDE);
	char line[256] = "trace -F ";

	(void)state;
	for (int i = 0; i < table.len; i++)
		strcat(strcat(line, i ? ",-" : "-"), table.field[i]->name);
	assert_int_equal(parse(FOR_TRACE, line), -EINVAL);
	assert_non_null(strstr(said, "no field is left"));
}

static void flags(void **state)
{
	(void)state;
	accepts("-x");
	assert_true(o.failed && !o.all && !o.strict && !o.verbose);
	accepts("--failed --all --strict --verbose");
	assert_true(o.failed && o.all && o.strict && o.verbose);
	accepts("-xjv -fjson");
	assert_true(o.failed && o.verbose && o.format == FORMAT_JSON);
	accepts("-xv -fcsv");
	assert_true(o.failed && o.verbose && o.format == FORMAT_CSV);
	refuses("-j -f csv", "-j and --format csv contradict each other");
	refuses("-f table -j", "-j and --format table contradict each other");
	refuses("--layers --backend tracepoint",
		"--layers wants functions of the kernel, --backend fentry or kprobe: programs do not call "
		"into layers");
	refuses("--path=", "--path '': nothing has no name");
	refuses("--via mmap -o read", "--via and -o contradict each other: nothing can pass both");
	assert_int_equal(parse(FOR_TRACE, "trace -h"), 1);
	assert_string_equal(said, "");
	assert_int_equal(parse(FOR_TRACE, "trace -x --help --nosuch"), 1);
}

static void unknown_options(void **state)
{
	(void)state;
	refuses("--formt json", "unknown option 'formt'; the nearest is 'format'");
	refuses("--formt=json", "unknown option 'formt'; the nearest is 'format'");
	refuses("--something", "unknown option 'something'; see 'vfscope help trace'");
	refuses("-q", "unknown option '-q'; see 'vfscope help trace'");
	refuses("-xq", "unknown option '-q'; see 'vfscope help trace'");
	refuses("-qx", "unknown option '-q'; see 'vfscope help trace'");
	refuses("--all=yes", "--all takes no argument");
	refuses("--help=me", "--help takes no argument");
}

/* getopt stands still within a cluster of letters: the word before it is not the culprit. */
static void unknown_letter_behind_long_option(void **state)
{
	(void)state;
	refuses("--all -q", "unknown option '-q'; see 'vfscope help trace'");
	refuses("--all -qx", "unknown option '-q'; see 'vfscope help trace'");
}

static void nearest_option_is_one(void **state)
{
	(void)state;
	refuses("--hepl", "unknown option 'hepl'; the nearest is 'help'");
	refuses("--vrebose", "unknown option 'vrebose'; the nearest is 'verbose'");
}

/* An option that only other commands take is no advice. */
static void option_of_another_command(void **state)
{
	(void)state;
	assert_int_equal(parse(FOR_TEXTS, "list --dir /"), -EINVAL);
	assert_null(strstr(said, "nearest is 'dir'"));
	assert_int_equal(parse(FOR_TEXTS, "doctor --something"), -EINVAL);
	assert_null(strstr(said, "help trace"));
}

static void missing_arguments(void **state)
{
	(void)state;
	for (int i = 0; i < option_table_len; i++) {
		const struct option_row *row = &option_table[i];
		char line[64], message[128];

		if (!row->arg || !(row->commands & FOR_TRACE))
			continue;
		snprintf(line, sizeof(line), "--%s", row->name);
		snprintf(message, sizeof(message), "--%s wants an argument: %s", row->name,
			 row->arg);
		refuses(line, message);
		if (!row->short_name)
			continue;
		snprintf(line, sizeof(line), "-%c", row->short_name);
		snprintf(message, sizeof(message), "-%c wants an argument: %s", row->short_name,
			 row->arg);
		refuses(line, message);
	}
}

static void program(void **state)
{
	(void)state;
	accepts("-x -- ls -l --color=never --");
	assert_true(o.failed);
	assert_string_equal(o.program[0], "ls");
	assert_string_equal(o.program[1], "-l");
	assert_string_equal(o.program[2], "--color=never");
	assert_string_equal(o.program[3], "--");
	assert_null(o.program[4]);
	assert_int_equal(o.color, COLOR_AUTO);
	accepts("-- -x");
	assert_false(o.failed);
	refuses("--", "-- wants a program behind it");
	refuses("-x --", "-- wants a program behind it");
	refuses("-p -- ls", "-p wants an argument: PID,…");
	refuses("ls -l", "unknown option '-l'; see 'vfscope help trace'");
	refuses("ls", "unexpected argument 'ls'; to trace a program, put -- before it");
	refuses("- -x", "unexpected argument '-'; to trace a program, put -- before it");
	refuses("-x ls -- ls", "unexpected argument 'ls'; to trace a program, put -- before it");
	assert_int_equal(parse(FOR_TEXTS, "doctor -- ls"), -EINVAL);
	assert_string_equal(said, "vfscope: 'doctor' takes no program\n");
}

static void words(void **state)
{
	(void)state;
	assert_int_equal(parse(FOR_TEXTS | TAKES_WORD, "list ops -j"), 0);
	assert_string_equal(o.word, "ops");
	assert_int_equal(o.format, FORMAT_JSON);
	assert_int_equal(parse(FOR_TEXTS | TAKES_WORD, "list"), 0);
	assert_null(o.word);
	assert_int_equal(parse(FOR_TEXTS | TAKES_WORD, "list ops vias"), -EINVAL);
	assert_string_equal(said, "vfscope: unexpected argument 'vias'\n");
	assert_int_equal(parse(FOR_TEXTS, "doctor ops"), -EINVAL);
	assert_string_equal(said, "vfscope: unexpected argument 'ops'\n");
	/* what the command does not take is unknown to it */
	assert_int_equal(parse(FOR_TEXTS, "doctor -p 1"), -EINVAL);
	assert_string_equal(said, "vfscope: unknown option '-p'; see 'vfscope help doctor'\n");
}

/* A message is one line, whatever the user has typed. */
static void messages_are_one_line(void **state)
{
	static const char *const lines[] = {
		"-o a\nb", "-p \033[2J",   "--a\nb", "x\ny",
		"-F a\rb", "-d /no\nsuch", "-\n",    "--fs toolong\ntoolong1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		char line[128];

		snprintf(line, sizeof(line), "trace %s", lines[i]);
		assert_int_equal(parse(FOR_TRACE, line), -EINVAL);
		assert_memory_equal(said, "vfscope: ", 9);
		assert_ptr_equal(strpbrk(said, "\n\r\033"), said + strlen(said) - 1);
	}
}

/* Names and letters that are there twice would shadow each other. */
static void rows_are_unique(void **state)
{
	(void)state;
	for (int i = 0; i < option_table_len; i++) {
		assert_non_null(option_table[i].set);
		assert_true(option_table[i].commands && *option_table[i].help);
		assert_string_not_equal(option_table[i].name, "help");
		assert_string_not_equal(option_table[i].name, "verbose");
		assert_true(option_table[i].short_name != 'h' && option_table[i].short_name != 'v');
		for (int j = 0; j < i; j++) {
			assert_string_not_equal(option_table[i].name, option_table[j].name);
			if (option_table[i].short_name)
				assert_int_not_equal(option_table[i].short_name,
						     option_table[j].short_name);
		}
	}
}

/* What a preset asks for holds where its user asks for nothing else by the same option. */
static void defaults_are_replaced(void **state)
{
	const __u64 read_open = VS_BIT(VS_OP_READ) | VS_BIT(VS_OP_OPEN);

	(void)state;
	default_words = 6;
	accepts("-o read,open --fs ext4 --all -x");
	assert_int_equal(o.op_mask, read_open);
	assert_int_equal(o.fs.len, 1);
	accepts("-o read,open --fs ext4 --all --op write -o unlink");
	assert_int_equal(o.op_mask, VS_BIT(VS_OP_WRITE) | VS_BIT(VS_OP_UNLINK));
	assert_int_equal(o.fs.len, 1);
	assert_true(o.all);
	accepts("-o read,open --fs ext4 --all --fs=xfs,tmpfs");
	assert_int_equal(o.op_mask, read_open);
	check_strings(&o.fs, "xfs,tmpfs");
	refuses("-o read,open --fs ext4 --all -o raed",
		"unknown operation 'raed'; the nearest is 'read'");
	default_words = 0;
	accepts("-o read -o open");
	assert_int_equal(o.op_mask, read_open);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing),
		cmocka_unit_test(ids),
		cmocka_unit_test(users),
		cmocka_unit_test(nearest_user),
		cmocka_unit_test(globs),
		cmocka_unit_test(directories),
		cmocka_unit_test(operations),
		cmocka_unit_test(defaults_are_replaced),
		cmocka_unit_test(vias),
		cmocka_unit_test(files),
		cmocka_unit_test(globs_by_links),
		cmocka_unit_test(show_pseudo),
		cmocka_unit_test(paths),
		cmocka_unit_test(errors),
		cmocka_unit_test(times_and_sizes),
		cmocka_unit_test(counts),
		cmocka_unit_test(choices),
		cmocka_unit_test(field_lists),
		cmocka_unit_test(no_column_is_left),
		cmocka_unit_test(flags),
		cmocka_unit_test(unknown_options),
		cmocka_unit_test(unknown_letter_behind_long_option),
		cmocka_unit_test(nearest_option_is_one),
		cmocka_unit_test(option_of_another_command),
		cmocka_unit_test(missing_arguments),
		cmocka_unit_test(program),
		cmocka_unit_test(words),
		cmocka_unit_test(messages_are_one_line),
		cmocka_unit_test(rows_are_unique),
	};
	int failed;

	setlocale(LC_CTYPE, "C.UTF-8");
	options_init(&o);
	failed = cmocka_run_group_tests_name("options", tests, NULL, NULL);
	options_fini(&o); /* what is left after that, LeakSanitizer reports */
	return failed;
}
