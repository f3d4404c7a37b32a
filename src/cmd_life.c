/* SPDX-License-Identifier: GPL-2.0 */
/* life: files from creation to deletion; --sessions: from open to close. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "columns.h"
#include "commands.h"
#include "life.h"
#include "run.h"
#include "sessions.h"
#include "util.h"

struct life_run {
	struct lives *lives;
	struct sessions *sessions; /* the one or the other */
	struct columns columns;
	struct fields shown;
};

/* What the columns are read from: a record, and beside it what became of the file. */
struct line {
	struct record r;
	const struct life_file *file;
	const struct session *session;
};

static const struct line *line_of(const struct record *r)
{
	return (const struct line *)((const char *)r - offsetof(struct line, r));
}

/* clang-format off */
#define GET(name_) static bool get_##name_(const struct record *r, struct value *v)
#define GET_FILE(name_, value_)                                                                    \
	GET(name_) { const struct life_file *f = line_of(r)->file; return f && value_int(v, value_); }
#define GET_SESSION(name_, value_)                                                                 \
	GET(name_) { const struct session *s = line_of(r)->session; return s && value_int(v, value_); }

GET(type) { (void)r; return value_str(v, VALUE_STR, "life"); }
GET(creator) { const struct life_file *f = line_of(r)->file; return f && value_str(v, VALUE_STR, f->comm); }
GET_FILE(creator_pid, f->pid)
GET_FILE(size, f->size)
GET_SESSION(reads, s->reads)
GET_SESSION(writes, s->writes)
GET_SESSION(rbytes, s->rbytes)
GET_SESSION(wbytes, s->wbytes)
GET_SESSION(fsyncs, s->fsyncs)
GET_SESSION(lat_sum, s->lat_sum_ns)
/* clang-format on */

GET(age_ns)
{
	const struct line *line = line_of(r);

	if (line->session)
		return line->session->open_seen && line->session->close_seen &&
		       value_int(v, line->session->closed_ns - line->session->open.ts_ns);
	/* the end of the file is when the call that ended it returned */
	return line->file && value_int(v, r->op.ts_ns + r->op.lat_ns - line->file->born_ns);
}

GET(sequential)
{
	const struct session *s = line_of(r)->session;

	return s && s->reads + s->writes &&
	       value_int(v, s->sequential * 100 / (s->reads + s->writes));
}

GET(open)
{
	const struct session *s = line_of(r)->session;

	return s && !s->close_seen && value_str(v, VALUE_JSON, "true");
}

GET(before)
{
	const struct session *s = line_of(r)->session;

	return s && !s->open_seen && value_str(v, VALUE_JSON, "true");
}

/* clang-format off */
enum { BOTH = 2 }; /* so many of of_files sessions have too */

#define TEXT(name_, title_, width_, help_)                                                         \
	{.name = #name_, .title = title_, .width = width_, .is_string = true, .get = get_##name_, .help = help_}
#define NUM(name_, title_, width_, unit_, help_)                                                   \
	{.name = #name_, .title = title_, .width = width_, .right = true, .is_unsigned = true,     \
	 .unit = unit_, .get = get_##name_, .help = help_}
static const struct field of_files[] = {
	TEXT(type, "TYPE", 4, "life"),
	NUM(age_ns, "AGE", 6, UNIT_TIME, "from creation to deletion, or from open to close if both were seen"),
	NUM(size, "SIZE", 6, UNIT_BYTES, "bytes up to the last that was written"),
	TEXT(creator, "CREATOR", 15, "name of the thread that created the file"),
	NUM(creator_pid, "BY", 7, UNIT_NONE, "its process"),
};
static const struct field of_sessions[] = {
	NUM(reads, "READS", 6, UNIT_NONE, "reads"),
	NUM(writes, "WRITES", 6, UNIT_NONE, "writes"),
	NUM(rbytes, "RBYTES", 6, UNIT_BYTES, "bytes read"),
	NUM(wbytes, "WBYTES", 6, UNIT_BYTES, "bytes written"),
	NUM(sequential, "SEQ%", 4, UNIT_NONE, "per cent of reads and writes that begin where the one before ended"),
	NUM(fsyncs, "FSYNCS", 6, UNIT_NONE, "fsync and the like"),
	NUM(lat_sum, "LAT", 6, UNIT_TIME, "duration of all of these"),
	TEXT(open, "OPEN", 4, "true: not closed by a call that was seen, as by exit, exec, dup2, close_range"),
	TEXT(before, "BEFORE", 6, "true: not opened by a call that was seen: it was before, inherited or made by dup"),
};
/* clang-format on */

#define LIFE_MACHINE                                                                               \
	"type,ts_ns,op,pid,tid,uid,comm,path,path2,age_ns,size,creator_pid,creator,dev,ino"
#define SESSION_MACHINE                                                                            \
	"type,ts_ns,pid,uid,comm,fd,flags,path,dev,ino,fs,age_ns,reads,writes,rbytes,wbytes,"      \
	"sequential,fsyncs,lat_sum,open,before"

const struct field *life_column(int i)
{
	return i < (int)ARRAY_LEN(of_files) ? &of_files[i] : NULL;
}

const struct field *session_column(int i)
{
	return i < (int)ARRAY_LEN(of_sessions) ? &of_sessions[i] : NULL;
}

/* Its own columns, and all those of one operation that do not mean something else here. */
static void init_columns(struct columns *columns)
{
	const struct field *field;

	columns->len = 0;
	for (int i = 0; (field = life_column(i)); i++)
		columns->field[columns->len++] = *field;
	for (int i = 0; (field = session_column(i)); i++)
		columns->field[columns->len++] = *field;
	for (int i = 0; i < field_table_len && columns->len < COLUMNS_MAX; i++)
		if (strcmp(field_table[i].name, "type"))
			columns->field[columns->len++] = field_table[i];
}

static bool is_among(const struct field *field, const struct field *table, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strcmp(field->name, table[i].name))
			return true;
	return false;
}

/* Has what is shown each of the columns? Says which not. */
static int check_columns(const struct fields *shown, bool sessions)
{
	for (int i = 0; i < shown->len; i++) {
		const struct field *field = shown->field[i];

		if (sessions && is_among(field, of_files + BOTH, ARRAY_LEN(of_files) - BOTH)) {
			msg("-F %s: a session has none; without --sessions a file has",
			    field->name);
			return -EINVAL;
		}
		if (!sessions && is_among(field, of_sessions, ARRAY_LEN(of_sessions))) {
			msg("-F %s: a file has none; with --sessions a session has", field->name);
			return -EINVAL;
		}
	}
	return 0;
}

static void on_end(void *ctx, const struct record *r, const struct life_file *file)
{
	struct run *run = ctx;
	struct line line = {.r = *r, .file = file};

	if (r->op.op == VS_OP_RENAME) { /* the file that was at the new name is gone */
		line.r.path = r->path2;
		line.r.path2 = r->path;
	}
	line.r.op.has |= VS_HAS_INODE;
	line.r.op.dev = file->dev;
	line.r.op.ino = file->ino;
	sink_record(&run->sink, &line.r);
	run->events++;
}

static void on_session(void *ctx, const struct session *session)
{
	struct run *run = ctx;
	struct line line = {.r = {.op = session->open, .path = session->path}, .session = session};

	sink_record(&run->sink, &line.r);
	run->events++;
}

static void on_record(struct run *run, const struct record *r)
{
	struct life_run *life = run->ctx;

	if (life->sessions)
		sessions_add(life->sessions, r);
	else
		lives_add(life->lives, r);
}

static void on_exited(void *ctx, __u32 pid)
{
	struct run *run = ctx;
	struct life_run *life = run->ctx;

	sessions_exited(life->sessions, pid);
}

/* At the end alone: there are no intervals. */
static void on_finish(struct run *run)
{
	struct life_run *life = run->ctx;

	if (life->sessions)
		sessions_end(life->sessions);
	run->lost[VS_LOST_MAP_FULL] +=
		life->sessions ? sessions_lost(life->sessions) : lives_lost(life->lives);
}

static int begin(struct run *run)
{
	struct life_run *life = run->ctx;

	sink_init_fields(&run->sink, STDOUT_FILENO, run->o, &life->shown);
	run->sink.row->begin(&run->sink);
	out_end_record(&run->sink.out);
	return 0;
}

int cmd_life(int argc, char **argv, struct options *o)
{
	struct life_run life = {};
	struct run run = {
		.o = o,
		.needs = NEEDS_PATH,
		.begin = begin,
		.record = on_record,
		.interval = on_finish,
		.exited = o->sessions ? on_exited : NULL,
		.ctx = &life,
	};
	const char *def = o->sessions ? SESSION_MACHINE : LIFE_MACHINE;
	int status;

	(void)argc, (void)argv;
	if (o->columns && o->format != FORMAT_JSON)
		def = o->columns;
	else if (o->format == FORMAT_TABLE)
		def = o->sessions ? "pid,comm,reads,writes,rbytes,wbytes,sequential,age_ns,path"
				  : "ts_ns,pid,comm,op,age_ns,size,creator,path";
	init_columns(&life.columns);
	if (columns_choose(&life.columns, &life.shown, def, o->fields) ||
	    check_columns(&life.shown, o->sessions))
		return EXIT_USAGE;
	run.needs |= fields_needs(&life.shown);
	o->op_mask = o->sessions ? sessions_ops() : lives_ops();
	if (o->sessions)
		life.sessions = sessions_new(o->map_entries, on_session, &run);
	else
		life.lives = lives_new(o->map_entries, on_end, &run);
	status = run_command(&run);
	lives_free(life.lives);
	sessions_free(life.sessions);
	return status;
}
