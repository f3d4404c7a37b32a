/* SPDX-License-Identifier: GPL-2.0 */
#include "live.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "screen.h"
#include "util.h"
#include "where.h"

enum { LINES_MAX = 1000, DEPTH_MAX = 8, PROMPT_MAX = 64, TAIL_MIN = 8 };

/* Keys that can be switched to, besides the page's own; the first are those of top itself. */
static const char *const key_lists[] = {
	"pid,comm,path", "pid,comm",  "path",  "comm,op",
	"user,op",	 "cgroup,op", "dir:2", "fs,dev,op",
};

static const char *const help[] = {
	"up down PgUp PgDn Home End   move",
	"s S        sort by the next column, the one before",
	"k K        the next keys, the ones before",
	"enter      from a process to its files, from a file to its processes",
	"backspace  back",
	"/          only paths that hold a text; empty: all",
	"space p    pause, go on",
	"? h        this",
	"q          quit",
};

/*
 * What a run shows. Enter and / put one upon the others: where enter has led to takes the place of
 * where the enter before did, and texts that were typed hold in all that lies upon them.
 */
struct look {
	enum { LOOK_FIRST, LOOK_PID, LOOK_PATH, LOOK_TYPED } kind;
	__u32 pid;
	char *pattern;	 /* of PATH and TYPED */
	const char *own; /* its keys, unless others are switched to; NULL: there is no such look */
	int keys;	 /* see keys_nth_of */
	char sort[32];	 /* as chosen by s; empty: the default */
};

struct live {
	struct options *o, asked; /* asked: as the command line has them */
	struct look looks[DEPTH_MAX];
	int depth;
	char *patterns[DEPTH_MAX]; /* that paths have to match now, each of them */
	int patterns_len;
	struct screen_page page;
	char *lines[LINES_MAX + 1];
	struct look below[LINES_MAX]; /* what enter on a line leads to; own NULL: nowhere */
	char title[256], header[512], footer[256];
	const struct fields *shown;
	const struct field **sort;
	char prompt[PROMPT_MAX];
	int prompt_len; /* -1: no text is being typed */
	int help_at;	/* its first line that is shown; -1: none is */
	bool paused, again;
	bool stale; /* the page shows something else than what is asked for by now */
};

struct live *live_new(struct options *o)
{
	struct live *live;

	if (o->format != FORMAT_TABLE || o->batch || o->program || o->intervals || !screen_open())
		return NULL;
	live = xcalloc(1, sizeof(*live));
	live->o = o;
	live->asked = *o;
	live->looks[0] = (struct look){.own = o->by ?: key_lists[0]};
	live->prompt_len = live->help_at = -1;
	live->page = (struct screen_page){.title = "vfscope top",
					  .header = "",
					  .footer = "the first interval has begun; q quit",
					  .lines = live->lines};
	screen_draw(&live->page);
	return live;
}

/* What a look was made of, once it is left. */
static void look_free(struct look *look)
{
	free(look->pattern);
	*look = (struct look){};
}

static void forget_lines(struct live *live)
{
	for (int i = 0; i < live->page.len; i++) {
		free(live->lines[i]);
		live->lines[i] = NULL;
	}
	for (int i = 0; i < LINES_MAX; i++)
		look_free(&live->below[i]);
	live->page.len = 0;
}

void live_free(struct live *live)
{
	if (!live)
		return;
	screen_close();
	forget_lines(live);
	for (; live->depth; live->depth--)
		look_free(&live->looks[live->depth]);
	live->o->pids = live->asked.pids;
	free(live);
}

/* --- what is shown -------------------------------------------------------------------------- */

static void draw(struct live *live)
{
	struct screen_page page = live->page;

	if (live->help_at >= 0) {
		page.lines = (char *const *)help;
		page.len = ARRAY_LEN(help);
		page.selected = -1;
		page.first = live->help_at;
		page.tail_at = 0;
		page.footer = "any key goes on";
		screen_draw(&page);
		return;
	}
	if (live->prompt_len >= 0)
		snprintf(live->footer, sizeof(live->footer), "paths with: %s_", live->prompt);
	else
		snprintf(live->footer, sizeof(live->footer),
			 "%s? help  q quit  s sort: %s  k keys  enter drill  / filter",
			 live->paused ? "PAUSED  " : "", live->sort ? (*live->sort)->name : "");
	screen_draw(&live->page);
}

/* A path as a pattern that only it matches; with all, what holds it. */
static char *pattern_of(const char *text, size_t len, bool all)
{
	char *pattern = xcalloc(2 * len + 5, 1), *p = pattern;

	if (all)
		p = stpcpy(p, "**");
	for (size_t i = 0; i < len; i++) {
		if (strchr("*?[]\\", text[i]) && text[i])
			*p++ = '\\';
		*p++ = text[i];
	}
	if (all)
		strcpy(p, "**");
	return pattern;
}

/* From a process to its files, else from a file to its processes. */
static struct look below(const struct agg_row *row)
{
	const struct keys *keys = &agg_row_spec(row)->keys;
	struct look look = {};
	struct value v;

	for (int i = 0; i < keys->len && !look.own; i++) {
		if (agg_row_is_other(row) || !agg_row_key(row, i, &v))
			continue;
		if (!strcmp(keys->key[i].name, "pid"))
			look = (struct look){.kind = LOOK_PID, .pid = v.i, .own = "path,op"};
		/* bytes of a name that make it end early match no path */
		if (!strcmp(keys->key[i].name, "path"))
			look = (struct look){.kind = LOOK_PATH,
					     .pattern = pattern_of(v.s.p, v.s.len, false),
					     .own = "pid,comm,op"};
	}
	return look;
}

static void set_title(struct live *live, struct agg *agg)
{
	const struct agg_row *sum = agg_sum(agg);
	const struct vs_total *total = agg_row_total(sum);
	double seconds = agg_row_interval_ns(sum) / 1e9;
	char moved[16], text[32] = "";

	human_bytes(moved, seconds > 0 ? total->bytes / seconds : 0);
	if (live->o->pids.len)
		snprintf(text, sizeof(text), "  pid %u%s", live->o->pids.id[0],
			 live->o->pids.len > 1 ? ",.." : "");
	snprintf(live->title, sizeof(live->title), "vfscope top  %.0f ops/s  %s/s  %llu errors%s%s",
		 seconds > 0 ? total->count / seconds : 0, moved, total->errors, text,
		 live->o->paths.len || live->patterns_len ? "  some paths" : "");
}

/* Renders into memory with the table's own means; returns the text without its line's end. */
static char *text_of(struct sink *sink, const struct agg_row *row)
{
	char *text;

	sink->out.len = 0;
	if (row)
		sink_table_record(sink, &(struct record){.row = row});
	else
		sink_table_begin(sink);
	text = xcalloc(sink->out.len + 1, 1);
	memcpy(text, sink->out.buf, sink->out.len ? sink->out.len - 1 : 0);
	return text;
}

/* Where the last column begins, if it is as wide as what stands in it; else 0. */
static int tail_at(const struct fields *fields)
{
	int at = 0;

	for (int i = 0; i < fields->len; i++) {
		if (!fields->field[i]->width)
			return at;
		at += fields->field[i]->width + 1;
	}
	return 0;
}

/*
 * What has room: keys, and what the rows are sorted by, before all else. A path is shown if a few
 * characters of it can be.
 */
static struct fields fields_fit(const struct fields *fields, const struct field *sort, int columns)
{
	struct fields fit = *fields;

	for (int i = fit.len - 1; i >= 0; i--) {
		const struct field *field = fit.field[i];
		int width = -1;

		for (int j = 0; j < fit.len; j++)
			width += 1 + (fit.field[j]->width ?: TAIL_MIN);
		if (width <= columns)
			break;
		if (field->is_key || (sort && !strcmp(field->name, sort->name)))
			continue;
		fields_remove(&fit, field);
	}
	return fit;
}

void live_show(struct live *live, struct run *run, struct agg *agg, const struct fields *shown,
	       const struct field **sort)
{
	size_t max = live->o->rows ? live->o->rows : LINES_MAX - 1, len;
	const struct agg_row *const *rows;
	struct sink sink = {.fields = fields_fit(shown, *sort, screen_columns())};
	char *header;

	live->shown = shown;
	live->sort = *sort ? sort : NULL;
	if (run->stop &&
	    !run->no_summary) /* what is said at the end stands on the terminal itself */
		screen_close();
	if (run->stop || (live->paused && !live->stale))
		return;
	live->stale = false;
	out_init(&sink.out, -1, 4096);
	sink_set_widths(&sink, INT_MAX);
	set_title(live, agg);
	rows = agg_rows(agg, *sort, max < LINES_MAX ? max : LINES_MAX - 1, &len);
	forget_lines(live);
	header = text_of(&sink, NULL);
	snprintf(live->header, sizeof(live->header), "%s", header);
	free(header);
	for (size_t i = 0; i < len; i++) {
		live->lines[i] = text_of(&sink, rows[i]);
		live->below[i] = below(rows[i]);
	}
	out_fini(&sink.out);
	live->page.title = live->title;
	live->page.header = live->header;
	live->page.footer = live->footer;
	live->page.lines = live->lines;
	live->page.len = len;
	if (len && live->page.selected < 0) /* there was none to select */
		live->page.selected = 0;
	live->page.tail_at = tail_at(&sink.fields);
	draw(live);
}

/* --- keys ----------------------------------------------------------------------------------- */

/* The keys that a look can have: its own, those that were asked for, and those of the list. */
enum { KEYS_OF_LOOK = 2 + ARRAY_LEN(key_lists) };

static const char *keys_nth_of(const struct live *live, const struct look *look, int i)
{
	return !i ? look->own : i == 1 ? live->looks[0].own : key_lists[i - 2];
}

static bool met_before(const struct live *live, const struct look *look)
{
	for (int i = 0; i < look->keys; i++)
		if (!strcmp(keys_nth_of(live, look, i), keys_nth_of(live, look, look->keys)))
			return true;
	return false;
}

/* Tells the options what the looks, one upon the other, leave to be seen. */
static void narrow(struct live *live)
{
	struct options *o = live->o;
	bool led = false;

	o->pids = live->asked.pids;
	live->patterns_len = 0;
	for (int i = live->depth; i > 0; i--) {
		struct look *look = &live->looks[i];

		if (look->kind != LOOK_TYPED && led)
			continue;
		led |= look->kind != LOOK_TYPED;
		if (look->kind == LOOK_PID)
			o->pids = (struct ids){&look->pid, 1};
		else
			live->patterns[live->patterns_len++] = look->pattern;
	}
	where_view(o, &(struct strings){live->patterns, live->patterns_len});
}

static void begin_again(struct live *live, struct run *run)
{
	const struct look *look = &live->looks[live->depth];
	struct options *o = live->o;

	o->by = keys_nth_of(live, look, look->keys);
	/* what was asked for by name may not be there with other keys */
	o->sort = o->fields = o->columns = NULL;
	if (!strcmp(o->by, live->looks[0].own)) {
		o->sort = live->asked.sort;
		o->fields = live->asked.fields;
		o->columns = live->asked.columns;
	}
	if (*look->sort)
		o->sort = look->sort;
	narrow(live);
	live->again = live->stale = run->stop = run->no_summary = true;
	live->page.selected = live->page.first = 0;
}

static void sort_by(struct live *live, int step)
{
	struct look *look = &live->looks[live->depth];
	int at = 0;

	if (!live->sort)
		return;
	for (int i = 0; i < live->shown->len; i++)
		if (live->shown->field[i] == *live->sort ||
		    !strcmp(live->shown->field[i]->name, (*live->sort)->name))
			at = i;
	for (int tries = 0; tries < live->shown->len; tries++) {
		at = (at + step + live->shown->len) % live->shown->len;
		if (live->shown->field[at]->is_key || !live->shown->field[at]->is_string)
			break;
	}
	*live->sort = live->shown->field[at];
	snprintf(look->sort, sizeof(look->sort), "%s", (*live->sort)->name);
}

static void switch_keys(struct live *live, struct run *run, int step)
{
	struct look *look = &live->looks[live->depth];

	do
		look->keys = (look->keys + step + KEYS_OF_LOOK) % KEYS_OF_LOOK;
	while (met_before(live, look));
	*look->sort = '\0';
	begin_again(live, run);
}

static bool may_go_deeper(const struct live *live)
{
	if (live->depth + 1 == DEPTH_MAX)
		msg("no deeper than %d: backspace goes back", DEPTH_MAX - 1);
	return live->depth + 1 < DEPTH_MAX;
}

static void drill(struct live *live, struct run *run)
{
	int at = live->page.selected;

	if (at < 0 || at >= live->page.len)
		return;
	if (!live->below[at].own)
		msg("no process and no file is in this line; k has others");
	if (!live->below[at].own || !may_go_deeper(live))
		return;
	live->looks[++live->depth] = live->below[at];
	live->below[at] = (struct look){}; /* it is the stack's now */
	begin_again(live, run);
}

static void back(struct live *live, struct run *run)
{
	if (!live->depth)
		return;
	look_free(&live->looks[live->depth--]);
	begin_again(live, run);
}

/* Texts that were typed hold no more; keys and where enter has led to stay. */
static void unfilter(struct live *live, struct run *run)
{
	int to = 0;

	for (int i = 1; i <= live->depth; i++) {
		struct look *look = &live->looks[i], *kept = &live->looks[to];

		if (look->kind != LOOK_TYPED) {
			live->looks[++to] = *look;
			continue;
		}
		kept->keys = look->keys;
		memcpy(kept->sort, look->sort, sizeof(kept->sort));
		look_free(look);
	}
	if (to == live->depth)
		return;
	live->depth = to;
	begin_again(live, run);
}

/* The text that was typed becomes a filter of its own, upon the others. */
static void filter(struct live *live, struct run *run)
{
	struct look look = live->looks[live->depth];

	live->prompt_len = -1;
	if (!*live->prompt)
		unfilter(live, run);
	if (!*live->prompt || !may_go_deeper(live))
		return;
	look.kind = LOOK_TYPED;
	look.pattern = pattern_of(live->prompt, strlen(live->prompt), true);
	live->looks[++live->depth] = look;
	begin_again(live, run);
}

static void type(struct live *live, struct run *run, int key)
{
	if (key == SCREEN_ENTER) {
		filter(live, run);
	} else if (key == SCREEN_ESCAPE) {
		live->prompt_len = -1;
	} else if (key == SCREEN_BACK) {
		/* a character may have several bytes */
		while (live->prompt_len && (live->prompt[--live->prompt_len] & 0xc0) == 0x80)
			;
		live->prompt[live->prompt_len] = '\0';
	} else if (key >= ' ' && key < 256 && live->prompt_len < PROMPT_MAX - 1) {
		live->prompt[live->prompt_len++] = key;
		live->prompt[live->prompt_len] = '\0';
	}
}

static void move_by(struct live *live, int step)
{
	int at = live->page.selected + step;

	live->page.selected = at < 0 ? 0 : at < live->page.len ? at : live->page.len - 1;
}

static void press(struct live *live, struct run *run, int key)
{
	enum { PAGE = 10 };

	switch (key) {
	case 'q': run->stop = true; break;
	case ' ':
	case 'p': live->paused = !live->paused; break;
	case '?':
	case 'h': live->help_at = 0; break;
	case 's': sort_by(live, 1); break;
	case 'S': sort_by(live, -1); break;
	case 'k': switch_keys(live, run, 1); break;
	case 'K': switch_keys(live, run, -1); break;
	case '/':
		live->prompt_len = 0;
		*live->prompt = '\0';
		break;
	case SCREEN_ENTER: drill(live, run); break;
	case SCREEN_BACK:
	case SCREEN_ESCAPE: back(live, run); break;
	case SCREEN_UP: move_by(live, -1); break;
	case SCREEN_DOWN: move_by(live, 1); break;
	case SCREEN_PAGE_UP: move_by(live, -PAGE); break;
	case SCREEN_PAGE_DOWN: move_by(live, PAGE); break;
	case SCREEN_HOME: move_by(live, -LINES_MAX); break;
	case SCREEN_END: move_by(live, LINES_MAX); break;
	}
}

/* Any key goes on: where there is not room for all of it, to the rest. */
static void go_on(struct live *live)
{
	live->help_at += screen_room();
	if (live->help_at >= (int)ARRAY_LEN(help))
		live->help_at = -1;
}

void live_input(struct live *live, struct run *run)
{
	int key;

	while (!run->stop && (key = screen_key()) >= 0) {
		if (live->help_at >= 0 && key != SCREEN_RESIZED)
			go_on(live);
		else if (live->prompt_len >= 0)
			type(live, run, key);
		else
			press(live, run, key);
	}
	if (live->sort && !run->stop)
		draw(live);
}

bool live_again(struct live *live)
{
	bool again = live && live->again;

	if (live)
		live->again = false;
	return again;
}
