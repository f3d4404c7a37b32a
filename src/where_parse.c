/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The grammar, by recursive descent; each function leaves the parser behind what it took:
 *
 *   any    = all { ("or" | "||") all }
 *   all    = factor { ("and" | "&&") factor }
 *   factor = ("not" | "!") factor | "(" any ")" | test
 *   test   = FIELD [ compare VALUE | ["not"] "in" "(" VALUE { "," VALUE } ")" ]
 *
 * "negate" is handed down to the tests, so that the tree needs no negation of its own.
 */
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "glob.h"
#include "out.h"
#include "tables.h"
#include "util.h"
#include "where_tree.h"
#include "words.h"

enum { DEPTH_MAX = 100, SHOWN_COLUMNS = 72, BYTES_NEAR = 400 };

enum token {
	T_END,
	T_WORD,
	T_STRING,
	T_OPEN,
	T_CLOSE,
	T_COMMA,
	T_AND,
	T_OR,
	T_NOT,
	T_IN,
	T_EQ,
	T_NE,
	T_LT,
	T_LE,
	T_GT,
	T_GE,
	T_MATCH,
	T_NO_MATCH,
	T_WRONG,
};

struct parser {
	struct where *w;
	const char *expr;
	enum token token;
	const char *at, *end; /* of the token */
	const char *behind;   /* the end of the one before it */
	int depth;
};

/* --- errors -------------------------------------------------------------------------------- */

/* A backslash is one here: it is shown as it was written. */
int where_show(struct out *out, const char *from, const char *to)
{
	int columns = 0;

	while (from < to) {
		const char *end = memchr(from, '\\', to - from);

		columns += out_visible(out, from, (end ? end : to) - from);
		if (!end)
			break;
		out_char(out, '\\');
		columns++;
		from = end + 1;
	}
	return columns;
}

/* Columns that the text takes where it is shown. */
static int columns_of(const char *from, const char *to)
{
	struct out out;
	int columns;

	out_init(&out, -1, 64);
	columns = where_show(&out, from, to);
	out_fini(&out);
	return columns;
}

/* A whole character on. */
static const char *next_character(const char *s)
{
	do
		s++;
	while ((*s & 0xc0) == 0x80);
	return s;
}

void where_point(const char *expr, const char *at)
{
	const char *from = at - expr > BYTES_NEAR ? at - BYTES_NEAR : expr, *to;
	struct out out;

	while (columns_of(from, at) > SHOWN_COLUMNS * 2 / 3)
		from = next_character(from);
	for (to = at; *to && columns_of(from, to) < SHOWN_COLUMNS;)
		to = next_character(to);
	out_init(&out, STDERR_FILENO, 256);
	out_str(&out, from > expr ? "   …" : "    ");
	where_show(&out, from, to);
	out_str(&out, *to ? "…\n    " : "\n    ");
	for (int i = columns_of(from, at); i > 0; i--)
		out_char(&out, ' ');
	out_str(&out, "^\n");
	out_end_record(&out);
	out_flush(&out);
	out_fini(&out);
}

/* Says what is wrong with the expression, and where. */
static void *wrong(const struct parser *p, const char *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void *wrong(const struct parser *p, const char *at, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	msg("--where: %s", text);
	where_point(p->expr, at);
	return NULL;
}

static void *unknown(const struct parser *p, const char *what, const char *word,
		     const char *(*words)(size_t), const char *see)
{
	const char *near = nearest(word, words);

	if (near)
		return wrong(p, p->at, "unknown %s '%s'; the nearest is '%s'", what, word, near);
	return wrong(p, p->at, "unknown %s '%s'; see '%s'", what, word, see);
}

/* --- tokens -------------------------------------------------------------------------------- */

static const struct sign {
	const char *text;
	enum token token;
} signs[] =
	{
		/* longer ones before what they begin with */
		{"==", T_EQ},  {"!=", T_NE},  {"!~", T_NO_MATCH}, {"<=", T_LE},	  {">=", T_GE},
		{"&&", T_AND}, {"||", T_OR},  {"<", T_LT},	  {">", T_GT},	  {"~", T_MATCH},
		{"!", T_NOT},  {"(", T_OPEN}, {")", T_CLOSE},	  {",", T_COMMA},
},
  keywords[] = {{"and", T_AND}, {"or", T_OR}, {"not", T_NOT}, {"in", T_IN}};

static const char *keyword(size_t i)
{
	return i < ARRAY_LEN(keywords) ? keywords[i].text : NULL;
}

static bool ends_word(const char *s)
{
	return !*s || isspace((unsigned char)*s) || strchr("()\"',=!<>~", *s) ||
	       ((*s == '&' || *s == '|') && s[1] == *s);
}

/* Behind the closing quote; NULL: there is none. */
static const char *string_end(const char *s)
{
	for (char quote = *s++; *s != quote; s++) {
		if (*s == '\\' && s[1])
			s++;
		if (!*s)
			return NULL;
	}
	return s + 1;
}

static const char *word_end(const char *s)
{
	while (!ends_word(s))
		s += *s == '\\' && s[1] ? 2 : 1;
	return s;
}

static enum token take(struct parser *p, enum token token, const char *end)
{
	p->end = end;
	return p->token = token;
}

static enum token next(struct parser *p)
{
	p->behind = p->end;
	p->at = p->end;
	while (isspace((unsigned char)*p->at))
		p->at++;
	if (!*p->at)
		return take(p, T_END, p->at);
	if (*p->at == '"' || *p->at == '\'') {
		const char *end = string_end(p->at);

		if (!end)
			wrong(p, p->at, "this quote is never closed");
		return take(p, end ? T_STRING : T_WRONG, end ? end : p->at);
	}
	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (!strncmp(signs[i].text, p->at, strlen(signs[i].text)))
			return take(p, signs[i].token, p->at + strlen(signs[i].text));
	if (ends_word(p->at)) {
		wrong(p, p->at, "'%c' alone is no comparison; equal is '=='", *p->at);
		return take(p, T_WRONG, p->at);
	}
	take(p, T_WORD, word_end(p->at));
	for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
		if (strlen(keywords[i].text) == (size_t)(p->end - p->at) &&
		    !strncasecmp(keywords[i].text, p->at, p->end - p->at))
			p->token = keywords[i].token;
	return p->token;
}

/* The token as it stands. */
static char *token_text(struct parser *p)
{
	char *text = arena_alloc(&p->w->arena, p->end - p->at + 1);

	return memcpy(text, p->at, p->end - p->at);
}

static int hex_digit(char c)
{
	return isdigit((unsigned char)c)    ? c - '0'
	       : isxdigit((unsigned char)c) ? (c | 32) - 'a' + 10
					    : -1;
}

/* What stands for a byte behind a backslash; *s is left behind it. -1: no such. */
static int escaped(const char **s)
{
	static const char names[] = "nrt\\\"'", bytes[] = "\n\r\t\\\"'";
	const char *known = **s ? strchr(names, **s) : NULL;
	int high, low;

	if (known) {
		(*s)++;
		return (unsigned char)bytes[known - names];
	}
	if (**s != 'x')
		return -1;
	high = hex_digit((*s)[1]);
	low = high < 0 ? -1 : hex_digit((*s)[2]);
	if (low < 0 || !(high | low))
		return -1;
	*s += 3;
	return high << 4 | low;
}

/*
 * The token as a text, its escapes undone. In a glob they stay, as a backslash and the
 * character, which then stands for itself; and so do those that only globs have. NULL: said
 * why not.
 */
static const char *value_text(struct parser *p, bool glob)
{
	bool quoted = p->token == T_STRING;
	const char *s = p->at + quoted, *end = p->end - quoted;
	char *text = arena_alloc(&p->w->arena, 2 * (end - s) + 1), *to = text;

	while (s < end) {
		const char *at = s;
		int byte;

		if (*s++ != '\\') {
			*to++ = s[-1];
			continue;
		}
		byte = escaped(&s);
		if (glob)
			*to++ = '\\';
		if (byte < 0 && (!glob || s == end))
			return wrong(p, at, "no such escape; see 'vfscope help where'");
		*to++ = byte < 0 ? *s++ : byte;
	}
	return text;
}

/* --- values ---------------------------------------------------------------------------------- */

/* A whole number as it stands, or in hexadecimal. */
static bool plain_number(const char *s, int base, wide *n)
{
	bool minus = *s == '-';
	char *end;

	s += minus;
	if (!isdigit((unsigned char)*s))
		return false;
	if (base == 10 && s[0] == '0' && (s[1] | 32) == 'x')
		base = 16;
	errno = 0;
	*n = strtoull(s, &end, base);
	if (*end || errno)
		return false;
	*n = minus ? -*n : *n;
	return true;
}

/* The number that a word or text stands for. NULL as text: said why not. */
static bool number_value(struct parser *p, const struct subject *subject, const char *field,
			 const char *text, wide *n)
{
	const struct passwd *user;
	const char *digits = text + (*text == '-');
	__u64 parsed;

	switch (subject->kind) {
	case SUBJECT_TIME:
		/* lat_ns is in nanoseconds by its name; of lat one cannot know */
		if (plain_number(text, 10, n) && (!*n || strstr(field, "_ns")))
			return true;
		if (!parse_time(text, &parsed) && isalpha((unsigned char)text[strlen(text) - 1])) {
			*n = parsed;
			return true;
		}
		return wrong(p, p->at,
			     "'%s': a time is a number and one of ns, us, ms, s, m, h: "
			     "10ms, 1.5s",
			     text);
	case SUBJECT_OCTAL:
		return plain_number(text, 8, n) || wrong(p, p->at, "'%s' is no octal number", text);
	case SUBJECT_USER:
		user = getpwnam(text);
		if (user)
			*n = user->pw_uid;
		return user || plain_number(text, 10, n) ||
		       unknown(p, "user", text, user_word, "getent passwd");
	default: break;
	}
	if (plain_number(text, 10, n))
		return true;
	if (!parse_size(digits, &parsed)) {
		*n = digits > text ? -(wide)parsed : parsed;
		return true;
	}
	return wrong(p, p->at, "'%s': %s is a whole number, also with one of K, M, G, T (of 1024)",
		     text, field);
}

/* The numbers that a word, or a glob of words, stands for. */
struct vocabulary {
	const char *what, *see;
	const char *(*word)(size_t);
};
static const struct vocabulary vocabularies[SUBJECT_KINDS] = {
	[SUBJECT_OP] = {"operation", "vfscope list ops", op_word},
	[SUBJECT_VIA] = {"via", "vfscope list vias", via_word},
	[SUBJECT_FTYPE] = {"file type", "vfscope list ftypes", ftype_word},
	[SUBJECT_ERR] = {"error", "errno(3)", errno_word},
};

static struct set add_bits(struct arena *arena, struct set set, __u64 bits)
{
	for (int i = 0; i < 64; i++)
		if (bits & VS_BIT(i))
			set = set_or(arena, set, set_of(arena, i, i));
	return set;
}

static bool word_value(struct parser *p, const struct subject *subject, const char *text, bool glob,
		       struct set *set)
{
	const struct vocabulary *of = &vocabularies[subject->kind];
	/* a glob is about the words themselves, not about groups of them */
	size_t end = glob && subject->kind == SUBJECT_OP ? VS_OP_MAX - 1 : SIZE_MAX;
	struct arena *arena = &p->w->arena;
	const char *word;
	bool found = false;
	int err;

	if (subject->kind == SUBJECT_ERR && !glob && (err = errno_of(text))) {
		*set = set_or(arena, *set, set_of(arena, err, err));
		return true;
	}
	for (size_t i = 0; i < end && (word = of->word(i)); i++) {
		if (!*word ||
		    (glob ? !glob_match_text(text, word, strlen(word)) : strcmp(text, word)))
			continue;
		if (subject->kind == SUBJECT_OP)
			*set = add_bits(arena, *set, ops_of(word));
		else
			*set = set_or(arena, *set, set_of(arena, i + 1, i + 1));
		found = true;
	}
	return found || unknown(p, of->what, text, of->word, of->see);
}

/* --- tests ----------------------------------------------------------------------------------- */

/* What is being parsed: FIELD, and how it is compared. */
struct test {
	struct where_node *node;
	const char *field; /* as it was written */
	enum token compare;
	bool negate;
};

static bool is_no_type(const char *text)
{
	return fnmatch(text, "op", 0);
}

static bool is_no_name(const char *text)
{
	return strchr(text, '/') && text[1];
}

static bool is_no_cgroup(const char *text)
{
	return !strchr("/*?[\\", *text);
}

/* What no record can have. A path is relative where its directory is not known, so it is a hint. */
static const struct {
	const char *field;
	bool (*is)(const char *text);
	bool hint;
	const char *why;
} never[] = {
	{"type", is_no_type, false, "each record that a filter sees is an op"},
	{"name", is_no_name, false, "it is the last component of a path; the whole is field path"},
	{"cgroup", is_no_cgroup, false, "it begins with /"},
	{"path", glob_is_relative, true, "paths are absolute, and only ** goes across /"},
	{"exe", glob_is_relative, true, "paths are absolute, and only ** goes across /"},
};

static bool can_be(struct parser *p, const struct test *t, const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(never); i++) {
		if (strcmp(never[i].field, t->node->subject.field->name) || !never[i].is(text))
			continue;
		if (!never[i].hint)
			return wrong(p, p->at, "%s is never '%s': %s", t->field, text,
				     never[i].why);
		msg("warning: --where: %s is hardly ever '%s': %s", t->field, text, never[i].why);
	}
	return true;
}

/* The beginning of an id, as the table and the tools of containers show it. */
static bool is_short_id(const struct test *t, const char *text)
{
	size_t len = strlen(text);

	return !strcmp(t->node->subject.field->name, "container") &&
	       strspn(text, "0123456789abcdef") == len && len >= 12 && len < 64;
}

static bool text_value(struct parser *p, struct test *t, const char *text)
{
	struct where_node *node = t->node;
	bool glob = t->compare == T_MATCH && where_is_glob(text);
	struct where_text *texts;

	if (!can_be(p, t, text))
		return false;
	if (is_short_id(t, text)) {
		char *all = arena_alloc(&p->w->arena, strlen(text) + 2);

		strcpy(stpcpy(all, text), "*");
		text = all;
		glob = true;
	}

	if (!glob && node->subject.max_len && strlen(text) > (size_t)node->subject.max_len)
		return wrong(p, p->at, "%s is never longer than %d bytes: this can never match%s",
			     t->field, node->subject.max_len,
			     t->compare == T_MATCH ? "" : "; a glob can: ~ \"…*\"");
	texts = arena_alloc(&p->w->arena, (node->texts_len + 1) * sizeof(*texts));
	if (node->texts_len)
		memcpy(texts, node->texts, node->texts_len * sizeof(*texts));
	texts[node->texts_len++] = (struct where_text){text, strlen(text), glob};
	node->texts = texts;
	return true;
}

/* Takes a value, into the node of the test. */
static bool take_value(struct parser *p, struct test *t)
{
	const struct subject *subject = &t->node->subject;
	struct arena *arena = &p->w->arena;
	bool glob = t->compare == T_MATCH;
	const char *text;
	wide n;

	if (p->token == T_WRONG)
		return false;
	/* a keyword may be a value as well */
	if (p->token != T_STRING && ends_word(p->at))
		return wrong(p, p->at, "a value is wanted here, for %s", t->field);
	text = value_text(p, glob);
	if (!text)
		return false;
	if (subject_is_text(subject)) {
		if (!text_value(p, t, text))
			return false;
	} else if (!subject_is_number(subject)) {
		if (!word_value(p, subject, text, glob, &t->node->set))
			return false;
	} else {
		if (!number_value(p, subject, t->field, text, &n))
			return false;
		t->node->set = set_or(arena, t->node->set,
				      t->compare == T_LT   ? set_of(arena, subject->low, n - 1)
				      : t->compare == T_LE ? set_of(arena, subject->low, n)
				      : t->compare == T_GT ? set_of(arena, n + 1, subject->high)
				      : t->compare == T_GE ? set_of(arena, n, subject->high)
							   : set_of(arena, n, n));
	}
	next(p);
	return true;
}

/* Takes "(", values, and ")". */
static bool take_list(struct parser *p, struct test *t)
{
	if (next(p) != T_OPEN)
		return p->token != T_WRONG && wrong(p, p->at, "'in' wants a list: in (a, b)");
	do {
		next(p);
		if (!take_value(p, t))
			return false;
	} while (p->token == T_COMMA);
	if (p->token != T_CLOSE)
		return p->token != T_WRONG && wrong(p, p->at, "',' or ')' is wanted here");
	next(p);
	return true;
}

/* What the comparison stands for, if it is one; and may the field be compared so? */
static bool check_compare(struct parser *p, struct test *t)
{
	const struct subject *subject = &t->node->subject;

	if (t->compare == T_NE || t->compare == T_NO_MATCH)
		t->negate = !t->negate;
	if (t->compare == T_NE)
		t->compare = T_EQ;
	if (t->compare == T_NO_MATCH)
		t->compare = T_MATCH;
	if (t->compare >= T_LT && t->compare <= T_GE && !subject_is_number(subject))
		return wrong(p, p->at, "%s has no order: use ==, !=, ~, !~ or in", t->field);
	if (t->compare == T_MATCH && subject_is_number(subject))
		return wrong(p, p->at, "%s is a number: use ==, !=, <, <=, >, >= or in", t->field);
	return true;
}

/* The sets and texts are those of the comparison; now with the negation. */
static void finish_test(struct parser *p, struct test *t)
{
	struct where_node *node = t->node;
	struct subject *subject = &node->subject;
	struct set all = {.absent = !subject->always};

	node->named = !t->negate && t->compare != T_END;
	node->negated = t->negate;
	if (node->kind == WHERE_TEXT)
		return;
	all = set_or(&p->w->arena, all, set_of(&p->w->arena, subject->low, subject->high));
	if (t->compare == T_END) { /* the field alone: it is there */
		node->set = all;
		node->set.absent = false;
	}
	if (t->negate)
		node->set = set_minus(&p->w->arena, all, node->set);
}

static const char *where_word(size_t i)
{
	static const char *const short_names[] = {"size", "lat", NULL};

	return i < (size_t)field_table_len ? field_table[i].name : short_names[i - field_table_len];
}

/* A field by its name, or by a short one. */
static bool find_field(struct parser *p, const char *name, struct subject *subject)
{
	const char *known = !strcmp(name, "size")  ? "bytes"
			    : !strcmp(name, "lat") ? "lat_ns"
						   : name;

	for (int i = 0; i < field_table_len; i++) {
		if (strcmp(field_table[i].name, known))
			continue;
		*subject = subject_of(&field_table[i]);
		return true;
	}
	return unknown(p, "field", name, where_word, "vfscope list fields");
}

static struct where_node *parse_test(struct parser *p, bool negate)
{
	struct test t = {.negate = negate, .compare = T_END};
	struct subject subject;

	if (p->token != T_WORD)
		return p->token == T_WRONG
			       ? NULL
			       : wrong(p, p->at,
				       "a field is wanted here; see 'vfscope list fields'");
	t.field = token_text(p);
	if (!find_field(p, t.field, &subject))
		return NULL;
	t.node = where_node_new(p->w, subject_is_text(&subject) ? WHERE_TEXT : WHERE_NUMBER);
	t.node->subject = subject;
	t.node->expr = p->expr;
	t.node->at = p->at;
	t.node->inverted = negate;
	p->w->needs |= subject.field->needs;
	next(p);
	if (p->token == T_NOT) { /* not in */
		if (next(p) != T_IN)
			return p->token == T_WRONG ? NULL : wrong(p, p->at, "'in' is wanted here");
		t.negate = !t.negate;
	}
	if (p->token == T_IN) {
		t.compare = T_EQ;
		if (!take_list(p, &t))
			return NULL;
	} else if (p->token >= T_EQ && p->token <= T_NO_MATCH) {
		t.compare = p->token;
		if (!check_compare(p, &t))
			return NULL;
		next(p);
		if (!take_value(p, &t))
			return NULL;
	}
	t.node->end = p->behind;
	finish_test(p, &t);
	return t.node;
}

/* --- groups ---------------------------------------------------------------------------------- */

static struct where_node *parse_any(struct parser *p, bool negate);

static struct where_node *parse_factor(struct parser *p, bool negate)
{
	const char *at = p->at;
	struct where_node *node;

	if (p->token != T_NOT && p->token != T_OPEN)
		return parse_test(p, negate);
	if (p->depth++ == DEPTH_MAX)
		return wrong(p, p->at, "more than %d levels", DEPTH_MAX);
	if (p->token == T_NOT) {
		next(p);
		node = parse_factor(p, !negate);
	} else {
		next(p);
		node = parse_any(p, negate);
		if (node && p->token != T_CLOSE)
			return p->token == T_WRONG ? NULL : wrong(p, p->at, "a ')' is wanted here");
		if (node)
			next(p);
	}
	p->depth--;
	if (!node)
		return NULL;
	node->at = at;
	node->end = p->behind;
	node->inverted = negate;
	return node;
}

typedef struct where_node *parse_fn(struct parser *p, bool negate);

/* Parts with a sign between them, all of which have to hold, or any. */
static struct where_node *parse_group(struct parser *p, enum token sign, parse_fn *part,
				      bool negate)
{
	bool all = (sign == T_AND) != negate;
	struct where_node *node = part(p, negate), *group;

	if (!node || p->token != sign)
		return node;
	group = where_node_new(p->w, all ? WHERE_ALL : WHERE_ANY);
	group->expr = p->expr;
	group->at = node->at;
	group->inverted = negate;
	where_append(group, node);
	while (p->token == sign) {
		next(p);
		node = part(p, negate);
		if (!node)
			return NULL;
		where_append(group, node);
	}
	group->end = p->behind;
	return group;
}

static struct where_node *parse_all(struct parser *p, bool negate)
{
	return parse_group(p, T_AND, parse_factor, negate);
}

static struct where_node *parse_any(struct parser *p, bool negate)
{
	return parse_group(p, T_OR, parse_all, negate);
}

static void *unexpected(struct parser *p)
{
	const char *near;
	char *text;

	if (p->token == T_CLOSE)
		return wrong(p, p->at, "there is no '(' for this");
	text = token_text(p);
	near = nearest(text, keyword);
	return wrong(p, p->at, "'%s': a comparison, 'and' or 'or' is wanted here%s%s%s", text,
		     near ? "; the nearest is '" : "", near ? near : "", near ? "'" : "");
}

int where_parse(struct where *w, const char *expr)
{
	struct parser p = {.w = w, .expr = expr, .end = expr};
	struct where_node *node;

	next(&p);
	node = parse_any(&p, false);
	if (node && p.token != T_END) {
		if (p.token != T_WRONG)
			unexpected(&p);
		node = NULL;
	}
	if (!node)
		return -EINVAL;
	where_append(&w->root, node);
	return 0;
}
