// SPDX-License-Identifier: GPL-2.0
/* sink*.c: what is written, to the byte: records and summaries as table, JSON and CSV. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <sys/ioctl.h>
#include <time.h>

#include "json.h"
#include "sink.h"
#include "tables.h"

#define STR(text) ((struct str){text, sizeof(text) - 1})

static const char *const none_unseen[] = {NULL};

static struct record record(void)
{
	return (struct record){
		.op = {.op = VS_OP_WRITE,
		       .via = VS_VIA_RW,
		       .ftype = VS_FTYPE_REG,
		       .has = VS_HAS_FD | VS_HAS_OFFSET | VS_HAS_REQ | VS_HAS_BYTES | VS_HAS_INODE,
		       .ts_ns = 1700000000123999999,
		       .lat_ns = 1500000,
		       .pid = 1234,
		       .tid = 1235,
		       .uid = 1000,
		       .fd = 3,
		       .offset = 8192,
		       .req = 4096,
		       .bytes = 4096,
		       .ret = 4096,
		       .dev = 8 << 20 | 1,
		       .ino = UINT64_MAX,
		       .comm = "myprog"},
		.path = STR("/tmp/file"),
		.fs = "ext4",
	};
}

/* What the records and the summary, where they are given, make in a format. */
static const char *text_of(enum format format, enum color color, const char *fields,
			   const struct record *r, const struct summary *summary)
{
	static char text[1 << 16];
	struct options o = {.format = format, .color = color, .fields = fields};
	int fd = memfd_create("out", MFD_CLOEXEC);
	struct sink sink;
	ssize_t len;

	sink_init(&sink, fd, &o);
	if (r)
		sink_record(&sink, r);
	assert_int_equal(sink_flush(&sink), 0);
	if (summary)
		assert_int_equal(sink_summary(&sink, summary), 0);
	sink_fini(&sink);
	len = pread(fd, text, sizeof(text) - 1, 0); /* sink_fini leaves it open */
	assert_true(len >= 0);
	text[len] = '\0';
	close(fd);
	return text;
}

static const char *table(const char *fields, const struct record *r)
{
	const char *text = text_of(FORMAT_TABLE, COLOR_AUTO, fields, r, NULL);

	return r ? strchr(text, '\n') + 1 : text;
}

static const char *json(const char *fields, const struct record *r)
{
	const char *text = text_of(FORMAT_JSON, COLOR_AUTO, fields, r, NULL);

	assert_true(json_is_line(text));
	return text;
}

static const char *csv(const char *fields, const struct record *r)
{
	const char *text = text_of(FORMAT_CSV, COLOR_AUTO, fields, r, NULL);

	return r ? strchr(text, '\n') + 1 : text;
}

static void table_default(void **state)
{
	struct record r = record();

	(void)state;
	assert_string_equal(
		table(NULL, NULL),
		"        TIME     PID COMM            OP         BYTES    LAT ERR      PATH\n");
	assert_string_equal(
		table(NULL, &r),
		"22:13:20.123    1234 myprog          write       4.0K  1.5ms          /tmp/file\n");
	r.op.op = VS_OP_RENAME;
	r.op.has = 0;
	r.op.ret = -ENOENT;
	r.op.lat_ns = 999;
	r.path2 = STR("/tmp/new name");
	assert_string_equal(
		table(NULL, &r),
		"22:13:20.123    1234 myprog          rename            999ns ENOENT   /tmp/file"
		" -> /tmp/new name\n");
	/* nothing behind the last text, not even blanks */
	r.path = r.path2 = (struct str){NULL, 0};
	r.op.ret = 0;
	assert_string_equal(table(NULL, &r),
			    "22:13:20.123    1234 myprog          rename            999ns\n");
}

static void table_columns(void **state)
{
	struct record r = record();

	(void)state;
	assert_string_equal(table("pid", NULL), "    PID\n");
	assert_string_equal(table("path,pid", &r), "/tmp/file    1234\n");
	assert_string_equal(table("fd,op,dev,ino", NULL), "  FD OP        DEV          INODE\n");
	assert_string_equal(table("fd,op,dev,ino", &r),
			    "   3 write     8:1     18446744073709551615\n");
	assert_string_equal(table("op,mode,offset,name", &r), "write                  8192 file\n");
	/* what is wider than its column takes blanks of the next ones, as far as there are any */
	r.op.pid = 123456789;
	r.op.op = VS_OP_MOUNT_SETATTR;
	assert_string_equal(table("pid,op,fd,req", &r), "123456789 mount_setattr 3 4.0K\n");
	/* exactly as wide as its column */
	strcpy(r.op.comm, "fifteen-letters");
	assert_string_equal(table("comm,fd", &r), "fifteen-letters    3\n");
	r.op.comm[0] = '\0';
	assert_string_equal(table("comm,fd", &r), "                   3\n");
	r.op.ret = -2;
	r.op.offset = INT64_MIN;
	assert_string_equal(table("ret,offset", &r), "    -2 -9223372036854775808\n");
}

/* The widths that columns have in so many, as the blanks in a title line show them. */
static void check_narrow(const char *fields, int columns, const int *widths)
{
	struct options o = {.format = FORMAT_TABLE, .fields = fields};
	int fd = memfd_create("out", MFD_CLOEXEC);
	struct sink sink;

	sink_init(&sink, fd, &o);
	sink_set_widths(&sink, columns);
	for (int i = 0; i < sink.fields.len; i++)
		assert_int_equal(sink.width[i], widths[i]);
	sink_fini(&sink);
	close(fd);
}

/* Texts give room, the first ones first, down to 8; numbers do not. 16 are kept for a path. */
static void table_narrow(void **state)
{
	(void)state;
	check_narrow("pid,comm,flags", 44, (int[]){7, 15, 20});
	check_narrow("pid,comm,flags", 43, (int[]){7, 14, 20});
	check_narrow("pid,comm,flags", 35, (int[]){7, 8, 18});
	check_narrow("pid,comm,flags", 10, (int[]){7, 8, 8});
	check_narrow("comm,path", 32, (int[]){15, 0});
	check_narrow("comm,path", 31, (int[]){14, 0});
	check_narrow("comm,path", 1, (int[]){8, 0});
}

/* As strace has it; programs get the number. */
static void table_of_the_working_directory(void **state)
{
	struct record r = record();

	(void)state;
	r.op.fd = AT_FDCWD;
	assert_string_equal(table("fd,pid,op", &r), "AT_FDCWD 1234 write\n");
	assert_string_equal(json("fd", &r), "{\"fd\":-100}\n");
	r.op.fd = -1;
	assert_string_equal(table("fd,op", &r), "  -1 write\n");
}

/* A preset's: in CSV as in a table, in this order; JSON has all others too. */
static void columns_of_presets(void **state)
{
	struct options o = {.format = FORMAT_CSV, .columns = "op,pid"};
	struct fields fields = sink_fields(&o, -1);

	(void)state;
	assert_int_equal(fields.len, 2);
	assert_string_equal(fields.field[0]->name, "op");
	assert_string_equal(fields.field[1]->name, "pid");
	o.format = FORMAT_JSON;
	assert_int_equal(sink_fields(&o, -1).len, fields_all().len);
}

static void table_hostile(void **state)
{
	struct record r = record();
	const char *text;

	(void)state;
	strcpy(r.op.comm, "\033[2J\n");
	r.path = STR("/a\nb\r\t\033]0;x\a\xe2\x80\xae\\");
	text = table("comm,fd,path", &r);
	assert_string_equal(text, "\\x1b[2J\\n          3 "
				  "/a\\nb\\r\\t\\x1b]0;x\\a\\xe2\\x80\\xae\\\\\n");
	/* wide and combining characters count as the terminal shows them */
	strcpy(r.op.comm, "日本e\xcc\x81");
	assert_string_equal(table("comm,fd", &r), "日本e\xcc\x81              3\n");
	strcpy(r.op.comm, "\xff\xfe");
	assert_string_equal(table("comm,fd", &r), "\\xff\\xfe           3\n");
}

static void table_clock(void **state)
{
	struct record r = record();

	(void)state;
	r.op.ts_ns = 1700000000999999999;
	assert_string_equal(table("ts_ns", &r), "22:13:20.999\n");
	r.op.ts_ns++;
	assert_string_equal(table("ts_ns", &r), "22:13:21.000\n");
	/* back again: the time of another record is not kept for too long */
	r.op.ts_ns--;
	assert_string_equal(table("ts_ns", &r), "22:13:20.999\n");
	fields_epoch_ns = 3600000000000;
	assert_string_equal(table("ts_ns", &r), "23:13:20.999\n");
	fields_epoch_ns = 0;
}

/* A clock that was never set starts here. Runs first: before any other second was shown. */
static void table_clock_at_epoch(void **state)
{
	struct record r = record();

	(void)state;
	r.op.ts_ns = 5000000;
	assert_string_equal(table("ts_ns", &r), "00:00:00.005\n");
}

static void table_colors(void **state)
{
	struct record r = record();

	(void)state;
	r.op.ret = -EIO;
	assert_string_equal(text_of(FORMAT_TABLE, COLOR_ALWAYS, "err,fd", &r, NULL),
			    "\033[1mERR\033[0m        \033[1mFD\033[0m\n"
			    "\033[31mEIO\033[0m         3\n");
	assert_null(strchr(text_of(FORMAT_TABLE, COLOR_NEVER, NULL, &r, NULL), '\033'));
	assert_null(strchr(text_of(FORMAT_TABLE, COLOR_AUTO, NULL, &r, NULL), '\033'));
	assert_null(strchr(text_of(FORMAT_JSON, COLOR_ALWAYS, NULL, &r, NULL), '\033'));
	assert_null(strchr(text_of(FORMAT_CSV, COLOR_ALWAYS, NULL, &r, NULL), '\033'));
}

static bool colored(int fd, enum format format, enum color color, const char *no_color,
		    const char *term)
{
	struct options o = {.format = format, .color = color};
	struct sink sink;
	bool result;

	no_color ? setenv("NO_COLOR", no_color, 1) : unsetenv("NO_COLOR");
	term ? setenv("TERM", term, 1) : unsetenv("TERM");
	sink_init(&sink, fd, &o);
	result = sink.color;
	sink_fini(&sink);
	return result;
}

static void colors_of_a_terminal(void **state)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY), file = memfd_create("file", MFD_CLOEXEC);

	(void)state;
	assert_true(isatty(terminal));
	assert_true(colored(terminal, FORMAT_TABLE, COLOR_AUTO, NULL, "xterm"));
	assert_true(colored(terminal, FORMAT_TABLE, COLOR_AUTO, "", "xterm"));
	assert_false(colored(terminal, FORMAT_TABLE, COLOR_AUTO, "1", "xterm"));
	assert_false(colored(terminal, FORMAT_TABLE, COLOR_AUTO, NULL, "dumb"));
	assert_false(colored(terminal, FORMAT_TABLE, COLOR_AUTO, NULL, NULL));
	assert_false(colored(terminal, FORMAT_TABLE, COLOR_NEVER, NULL, "xterm"));
	assert_false(colored(terminal, FORMAT_JSON, COLOR_AUTO, NULL, "xterm"));
	assert_false(colored(terminal, FORMAT_CSV, COLOR_ALWAYS, NULL, "xterm"));
	assert_false(colored(file, FORMAT_TABLE, COLOR_AUTO, NULL, "xterm"));
	/* who asks on the command line means it */
	assert_true(colored(file, FORMAT_TABLE, COLOR_ALWAYS, "1", "dumb"));
	close(terminal);
	close(file);
}

/* The first column of a terminal that is so wide; 0: it does not say. */
static const char *first_column(int terminal, int columns, enum format format, const char *list)
{
	struct winsize size = {.ws_row = 24, .ws_col = columns};
	struct options o = {.format = format, .fields = list};
	struct fields fields;

	assert_int_equal(ioctl(terminal, TIOCSWINSZ, &size), 0);
	fields = sink_fields(&o, terminal);
	return fields.field[0]->name;
}

static void columns_of_a_terminal(void **state)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY);

	(void)state;
	assert_string_equal(first_column(terminal, 80, FORMAT_TABLE, NULL), "pid");
	assert_string_equal(first_column(terminal, 99, FORMAT_TABLE, NULL), "pid");
	assert_string_equal(first_column(terminal, 100, FORMAT_TABLE, NULL), "ts_ns");
	assert_string_equal(first_column(terminal, 0, FORMAT_TABLE, NULL), "ts_ns");
	/* what was asked for, and what machines get, does not depend on it */
	assert_string_equal(first_column(terminal, 80, FORMAT_TABLE, "ts_ns,pid"), "ts_ns");
	assert_string_equal(first_column(terminal, 80, FORMAT_JSON, NULL), "type");
	close(terminal);
}

static void json_records(void **state)
{
	struct record r = record();

	(void)state;
	assert_string_equal(
		json("type,ts_ns,lat_ns,op,via,pid,tid,uid,comm,fd,path,path2,name,dev,ino,fs,"
		     "ftype,offset,req,bytes,ret,err,flags,mode",
		     &r),
		"{\"type\":\"op\",\"ts_ns\":1700000000123999999,\"lat_ns\":1500000,"
		"\"op\":\"write\",\"via\":\"rw\",\"pid\":1234,\"tid\":1235,\"uid\":1000,"
		"\"comm\":\"myprog\",\"fd\":3,"
		"\"path\":\"/tmp/file\",\"name\":\"file\",\"dev\":\"8:1\","
		"\"ino\":18446744073709551615,\"fs\":\"ext4\",\"ftype\":\"reg\",\"offset\":8192,"
		"\"req\":4096,\"bytes\":4096,\"ret\":4096}\n");
	/* the order asked for; a record may have none of the fields */
	assert_string_equal(json("ret,pid", &r), "{\"ret\":4096,\"pid\":1234}\n");
	assert_string_equal(json("path2,err,fd", &r), "{\"fd\":3}\n");
	assert_string_equal(json("path2,err", &r), "{}\n");
	r.op.offset = INT64_MIN;
	r.op.ret = -ENOSPC;
	assert_string_equal(json("offset,ret,err", &r),
			    "{\"offset\":-9223372036854775808,\"ret\":-28,\"err\":\"ENOSPC\"}\n");
	r.path = STR("");
	assert_string_equal(json("path", &r), "{\"path\":\"\"}\n");
}

static void json_default_has_all(void **state)
{
	struct record r = record();
	const char *text = json(NULL, &r), *at = text;
	char key[64];

	(void)state;
	for (int i = 0; i < field_table_len; i++) {
		struct value v;

		assert_in_range(strlen(field_table[i].name), 1, KEY_LEN - 4);
		if (!field_table[i].get(&r, &v))
			continue;
		snprintf(key, sizeof(key), "\"%s\":", field_table[i].name);
		at = strstr(at, key);
		assert_non_null(at); /* each, in the table's order */
	}
}

static void json_hostile(void **state)
{
	struct record r = record();
	uint64_t seed = 3;
	char bytes[40];

	(void)state;
	r.path = STR("/a\"b\\c\n\0\xff\xc3é\",\"pid\":0");
	assert_string_equal(
		json("path", &r),
		"{\"path\":\"/a\\\"b\\\\c\\u000a\\u0000\\u00ff\\u00c3é\\\",\\\"pid\\\":0\"}\n");
	for (int round = 0; round < 2000; round++) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = unit_random(&seed) >> 32;
		memcpy(r.op.comm, bytes, VS_COMM_LEN - 1);
		r.path = (struct str){bytes, round % sizeof(bytes)};
		r.path2 = (struct str){bytes + 1, round % sizeof(bytes)};
		json(NULL, &r);
	}
}

static void csv_records(void **state)
{
	struct record r = record();

	(void)state;
	assert_string_equal(csv("ts_ns,op,path", NULL), "ts_ns,op,path\n");
	assert_string_equal(
		csv("ts_ns,op,pid,path,path2,ino,ret,err", &r),
		"1700000000123999999,\"write\",1234,\"/tmp/file\",,18446744073709551615,"
		"4096,\n");
	assert_string_equal(csv("err,path2", &r), ",\n");
	assert_string_equal(csv("err", &r), "\n");
	r.op.ret = -ENOENT;
	r.path = STR("/a \"b\",\nc\\\xff");
	assert_string_equal(csv("path,ret,err", &r),
			    "\"/a \"\"b\"\",\\u000ac\\\\\\u00ff\",-2,\"ENOENT\"\n");
}

/* As many commas as in the header, whatever a record has. */
static void csv_default_has_all(void **state)
{
	struct record r = record(), empty = {.op = {.op = VS_OP_SYNC}};
	const char *text;
	int commas;

	(void)state;
	for (int i = 0; i < 3; i++) {
		text = csv(NULL, i == 0 ? NULL : i == 1 ? &r : &empty);
		commas = 0;
		for (const char *p = text; *p; p++)
			commas += *p == ',';
		assert_int_equal(commas, fields_all().len - 1);
	}
}

#define LOST(e, name, help) "\"" name "\":0,"
static const char lost_none[] = VS_LOSTS(LOST); /* and a comma */

static struct summary summary(void)
{
	return (struct summary){.duration_ns = 1500000000,
				.events = 3,
				.backend = "tracepoint",
				.unseen = none_unseen};
}

static void summary_for_machines(void **state)
{
	static const char *const unseen[] = {"one thing", "another", NULL};
	struct summary s = summary();
	char expected[1024];
	const char *text;

	(void)state;
	snprintf(expected, sizeof(expected),
		 "{\"type\":\"summary\",\"duration_ns\":1500000000,\"events\":3,\"lost\":{%.*s},"
		 "\"exact\":true,\"backend\":\"tracepoint\",\"unseen\":[],\"resolved\":0}\n",
		 (int)sizeof(lost_none) - 2, lost_none);
	text = text_of(FORMAT_JSON, COLOR_AUTO, NULL, NULL, &s);
	assert_string_equal(text, expected);
	assert_true(json_is_line(text));
	text = strchr(text_of(FORMAT_CSV, COLOR_AUTO, NULL, NULL, &s), '\n') + 1;
	assert_memory_equal(text, "# ", 2);
	assert_string_equal(text + 2, expected);

	s.unseen = unseen;
	s.events = s.duration_ns = UINT64_MAX;
	s.lost[VS_LOST_RING] = UINT64_MAX;
	s.lost[VS_LOST_PATH_CUT] = 1;
	text = text_of(FORMAT_JSON, COLOR_AUTO, NULL, NULL, &s);
	assert_true(json_is_line(text));
	assert_non_null(strstr(text, "\"duration_ns\":18446744073709551615,"
				     "\"events\":18446744073709551615,"));
	assert_non_null(strstr(text, "\"lost\":{\"ring\":18446744073709551615,\"map_full\":0,"));
	assert_non_null(strstr(text, "\"path_cut\":1,"));
	assert_non_null(strstr(text, "\"exact\":false,"));
	assert_non_null(strstr(text, "\"unseen\":[\"one thing\",\"another\"],"));
}

/* The sentences may come to quote something. */
static void summary_is_escaped(void **state)
{
	static const char *const unseen[] = {"the \"quoted\" \\ thing", NULL};
	struct summary s = summary();

	(void)state;
	s.unseen = unseen;
	assert_true(json_is_line(text_of(FORMAT_JSON, COLOR_AUTO, NULL, NULL, &s)));
}

static void summary_for_people(void **state)
{
	static const char *const unseen[] = {"one thing", "another", NULL};
	struct summary s = summary();
	struct record r = record();
	struct capture c;
	const char *text, *said;
	char expected[1024];

	(void)state;
	capture_begin(&c);
	text = text_of(FORMAT_TABLE, COLOR_AUTO, "pid", &r, &s);
	said = capture_end(&c);
	assert_string_equal(text, "    PID\n   1234\n"); /* data alone goes there */
	assert_string_equal(said, "\n3 operations in 1.5 s, none lost (backend tracepoint)\n");

	s.lost[VS_LOST_RING] = 12;
	s.lost[VS_LOST_MALFORMED] = 1;
	s.unseen = unseen;
	capture_begin(&c);
	text_of(FORMAT_TABLE, COLOR_AUTO, "pid", NULL, &s);
	said = capture_end(&c);
	snprintf(expected, sizeof(expected),
		 "\n3 operations in 1.5 s, NOT ALL SEEN: (backend tracepoint)\n"
		 "  12 lost: %s\n  1 lost: %s\nnot seen here: one thing, another\n",
		 lost_table[VS_LOST_RING].help, lost_table[VS_LOST_MALFORMED].help);
	assert_string_equal(said, expected);
}

/* A directory may be called anything: what it is called must not reach the terminal as it is. */
static void gone_is_escaped(void **state)
{
	static const char *const gone[] = {"/tmp/a\033[2Jb", "/tmp/\xff\n", NULL};
	struct summary s = summary();
	struct capture c;
	const char *said;

	(void)state;
	s.gone = gone;
	capture_begin(&c);
	text_of(FORMAT_TABLE, COLOR_AUTO, "pid", NULL, &s);
	said = capture_end(&c);
	assert_string_equal(strstr(said, "gone"), "gone while it was watched: /tmp/a\\x1b[2Jb\n"
						  "gone while it was watched: /tmp/\\xff\\n\n");
}

/* The list of what is not seen is broken between its items, before the 80th column. */
static void unseen_is_wrapped(void **state)
{
#define WORDS "twenty letters are-1 and again twenty-2"
	static const char *const unseen[] = {WORDS, WORDS, "short", WORDS, NULL};
	struct summary s = summary();
	struct capture c;
	const char *said;

	(void)state;
	s.unseen = unseen;
	capture_begin(&c);
	text_of(FORMAT_TABLE, COLOR_AUTO, "pid", NULL, &s);
	said = capture_end(&c);
	assert_string_equal(strstr(said, "not seen"), "not seen here: " WORDS ",\n"
						      "  " WORDS ", short,\n"
						      "  " WORDS "\n");
}

/* Each cause alone makes the run inexact. */
static void exact(void **state)
{
	struct summary s = summary();

	(void)state;
	assert_true(summary_exact(&s));
	for (int i = 0; i < VS_LOST_MAX; i++) {
		s.lost[i] = 1;
		assert_false(summary_exact(&s));
		s.lost[i] = 0;
	}
}

static void write_error(void **state)
{
	struct options o = {.format = FORMAT_JSON};
	struct summary s = summary();
	struct record r = record();
	struct sink sink;
	int full = open("/dev/full", O_WRONLY);

	(void)state;
	sink_init(&sink, full, &o);
	assert_int_equal(sink_flush(&sink), 0);
	sink_record(&sink, &r);
	assert_int_equal(sink_flush(&sink), -ENOSPC);
	assert_int_equal(sink_summary(&sink, &s), -ENOSPC);
	sink_fini(&sink);
	close(full);
}

static void human_units(void **state)
{
	static const struct {
		__u64 value;
		const char *bytes, *time;
	} cases[] = {
		{0, "0", "0ns"},
		{1, "1", "1ns"},
		{999, "999", "999ns"},
		{1000, "1000", "1.0us"},
		{1023, "1023", "1.0us"},
		{1024, "1.0K", "1.0us"},
		{1536, "1.5K", "1.5us"},
		{4096, "4.0K", "4.1us"},
		{10239, "10K", "10us"},
		{65536, "64K", "66us"},
		{1 << 20, "1.0M", "1.0ms"},
		{999500000, "953M", "1000ms"},
		{1000000000, "954M", "1.0s"},
		{59600000000, "56G", "60s"},
		{1ULL << 50, "1.0P", "1125900s"},
		{UINT64_MAX, "16E", "18446744074s"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char buf[16];

		human_bytes(buf, cases[i].value);
		assert_string_equal(buf, cases[i].bytes);
		human_time(buf, cases[i].value);
		assert_string_equal(buf, cases[i].time);
	}
}

/* At most 6 columns, as sink.h has it: what the widths of the columns are made for. */
static void human_units_fit(void **state)
{
	(void)state;
	for (__u64 value = 1; value; value <<= 1) {
		for (int i = -1; i <= 1; i++) {
			char buf[16];

			human_bytes(buf, value + i);
			assert_true(strlen(buf) <= 6);
			human_time(buf, value + i);
			if (value <= 86400000000000) /* a day */
				assert_true(strlen(buf) <= 6);
		}
	}
}

/* What printf would write, where it rounds too: it is done without, for it is slow. */
static void printed(char buf[16], double value, double step, const char *const *units)
{
	for (; value >= step && units[1]; units++)
		value /= step;
	snprintf(buf, 16, value < 9.95 ? "%.1f%s" : "%.0f%s", value, *units);
}

static void human_units_are_printfs(void **state)
{
	static const char *const bytes[] = {"", "K", "M", "G", "T", "P", "E", NULL};
	static const char *const times[] = {"ns", "us", "ms", "s", NULL};
	__u64 n = 0x9e3779b97f4a7c15ULL;
	char want[16], got[16];

	(void)state;
	for (int i = 1024; i < 1000000; i++) {
		__u64 value = i < 400000   ? (__u64)i
			      : i < 600000 ? (i - 399999) * 50ULL * 1000
					   : n >> i % 54;

		n = n * 6364136223846793005ULL + 1442695040888963407ULL;
		if (value < 1024)
			continue;
		printed(want, value, 1024, bytes);
		human_bytes(got, value);
		assert_string_equal(got, want);
		printed(want, value, 1000, times);
		human_time(got, value);
		assert_string_equal(got, want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_clock_at_epoch),
		cmocka_unit_test(table_default),
		cmocka_unit_test(table_columns),
		cmocka_unit_test(table_narrow),
		cmocka_unit_test(table_columns),
		cmocka_unit_test(table_of_the_working_directory),
		cmocka_unit_test(columns_of_presets),
		cmocka_unit_test(table_hostile),
		cmocka_unit_test(table_clock),
		cmocka_unit_test(table_colors),
		cmocka_unit_test(colors_of_a_terminal),
		cmocka_unit_test(columns_of_a_terminal),
		cmocka_unit_test(json_records),
		cmocka_unit_test(json_default_has_all),
		cmocka_unit_test(json_hostile),
		cmocka_unit_test(csv_records),
		cmocka_unit_test(csv_default_has_all),
		cmocka_unit_test(summary_for_machines),
		cmocka_unit_test(summary_is_escaped),
		cmocka_unit_test(summary_for_people),
		cmocka_unit_test(gone_is_escaped),
		cmocka_unit_test(unseen_is_wrapped),
		cmocka_unit_test(exact),
		cmocka_unit_test(write_error),
		cmocka_unit_test(human_units),
		cmocka_unit_test(human_units_fit),
		cmocka_unit_test(human_units_are_printfs),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests_name("sink", tests, NULL, NULL);
}
