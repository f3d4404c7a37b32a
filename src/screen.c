/* SPDX-License-Identifier: GPL-2.0 */
#include "screen.h"

#define NCURSES_WIDECHAR 1
#include <ncurses.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "util.h"

static SCREEN *screen;
static struct termios before;
static bool is_open;
static char notice[512]; /* the latest message; empty: none */
static bool noticed;	 /* it has been shown */

static void on_msg(const char *text)
{
	snprintf(notice, sizeof(notice), "%s", text);
	noticed = false;
}

/* The end, maybe by a fault of our own: ncurses is not to be trusted any more, so by hand. */
static void on_end(int signo)
{
	static const char leave[] = "\033[?1049l\033[?25h\033[0m\r\n";

	if (write(STDOUT_FILENO, leave, sizeof(leave) - 1) < 0)
		_exit(EXIT_RUN);
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
	signal(signo, SIG_DFL);
	raise(signo);
}

/* Every signal that ends us, but those that somebody else has taken, or that are ignored. */
static void catch_ends(void)
{
	static const int harmless[] = {SIGCHLD, SIGCONT, SIGURG, SIGWINCH,
				       SIGTSTP, SIGTTIN, SIGTTOU};
	struct sigaction old;
	sigset_t none;

	sigemptyset(&none);
	for (size_t i = 0; i < ARRAY_LEN(harmless); i++)
		sigaddset(&none, harmless[i]);
	for (int signo = 1; signo <= SIGRTMAX; signo++)
		if (!sigismember(&none, signo) && !sigaction(signo, NULL, &old) &&
		    old.sa_handler == SIG_DFL)
			signal(signo, on_end);
}

bool screen_open(void)
{
	const char *term = getenv("TERM");

	if (is_open)
		return true;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || !term || !strcmp(term, "dumb") ||
	    tcgetattr(STDIN_FILENO, &before))
		return false;
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return false;
	is_open = true;
	msg_divert(on_msg);
	atexit(screen_close);
	catch_ends();
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(50);
	curs_set(0);
	return true;
}

int screen_columns(void)
{
	return is_open ? COLS : 0;
}

enum { LINES_AROUND = 3 }; /* of a page: title, header, footer */

int screen_room(void)
{
	return is_open && LINES > LINES_AROUND ? LINES - LINES_AROUND : 0;
}

void screen_close(void)
{
	if (!is_open)
		return;
	is_open = false;
	endwin();
	delscreen(screen);
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
	msg_divert(NULL);
	if (*notice && !noticed)
		msg("%s", notice);
	*notice = '\0';
}

enum { WIDE_MAX = 8192 };

/* Characters, as many as have room in so many columns; returns the columns they take. */
static int fit(const wchar_t *wide, size_t len, int room, size_t *kept)
{
	int columns = 0;

	for (*kept = 0; *kept < len; (*kept)++) {
		int width = wcwidth(wide[*kept]);

		if (columns + width > room)
			break;
		columns += width;
	}
	return columns;
}

/* Text that is visible already, as wide characters; what is none in this locale as '?'. */
static size_t widen(wchar_t *wide, const char *text)
{
	size_t len = mbstowcs(wide, text, WIDE_MAX);

	if (len == (size_t)-1)
		for (len = 0; len < WIDE_MAX && text[len]; len++)
			wide[len] = (unsigned char)text[len] < 0x80 ? text[len] : L'?';
	for (size_t i = 0; i < len; i++)
		if (wcwidth(wide[i]) < 0)
			wide[i] = L'?';
	return len;
}

/*
 * A line, in its attributes to the end. One that is too long loses what stands from tail_at on
 * until the rest has room: of a path, the end says most.
 */
static void put_line(int y, const char *text, attr_t attr, int tail_at)
{
	static wchar_t wide[WIDE_MAX];
	/* writing the last column of the last line would scroll */
	int room = y == LINES - 1 ? COLS - 1 : COLS, columns;
	size_t len = widen(wide, text), head, tail, rest;

	attrset(attr);
	move(y, 0);
	columns = fit(wide, len, room, &head);
	if (head == len || tail_at <= 0 || tail_at + 2 > room) {
		addnwstr(wide, head);
	} else {
		columns = fit(wide, len, tail_at, &head);
		addnwstr(wide, head);
		addnwstr(L"<", 1);
		columns++;
		tail = head;
		while (fit(wide + tail, len - tail, room - columns, &rest), rest < len - tail)
			tail++;
		columns += fit(wide + tail, len - tail, room - columns, &rest);
		addnwstr(wide + tail, rest);
	}
	if (columns < COLS && attr & A_REVERSE)
		hline(' ' | attr, COLS - columns);
	attrset(A_NORMAL);
}

void screen_draw(struct screen_page *page)
{
	int room = LINES - LINES_AROUND;

	erase();
	if (LINES < SCREEN_LINES_MIN || COLS < SCREEN_COLUMNS_MIN) {
		put_line(0, "too small", A_NORMAL, 0);
		refresh();
		return;
	}
	if (page->selected >= page->len)
		page->selected = page->len - 1;
	if (page->selected >= 0 && page->selected < page->first)
		page->first = page->selected;
	if (page->selected >= page->first + room)
		page->first = page->selected - room + 1;
	if (page->first > page->len - room)
		page->first = page->len > room ? page->len - room : 0;
	put_line(0, page->title, A_BOLD, 0);
	put_line(1, page->header, A_REVERSE, 0);
	for (int i = 0; i < room && page->first + i < page->len; i++)
		put_line(2 + i, page->lines[page->first + i],
			 page->first + i == page->selected ? A_REVERSE : A_NORMAL, page->tail_at);
	put_line(LINES - 1, *notice ? notice : page->footer, A_BOLD, 0);
	noticed = *notice;
	refresh();
}

int screen_key(void)
{
	static const struct {
		int curses, key;
	} keys[] = {
		{KEY_UP, SCREEN_UP},	     {KEY_DOWN, SCREEN_DOWN},
		{KEY_PPAGE, SCREEN_PAGE_UP}, {KEY_NPAGE, SCREEN_PAGE_DOWN},
		{KEY_HOME, SCREEN_HOME},     {KEY_END, SCREEN_END},
		{KEY_ENTER, SCREEN_ENTER},   {'\r', SCREEN_ENTER},
		{'\n', SCREEN_ENTER},	     {KEY_BACKSPACE, SCREEN_BACK},
		{127, SCREEN_BACK},	     {8, SCREEN_BACK},
		{KEY_LEFT, SCREEN_BACK},     {KEY_RIGHT, SCREEN_ENTER},
		{27, SCREEN_ESCAPE},	     {KEY_RESIZE, SCREEN_RESIZED},
	};
	int key = getch();

	if (key == ERR)
		return -1;
	if (noticed)
		*notice = '\0';
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (keys[i].curses == key)
			return keys[i].key;
	return key > 255 ? SCREEN_OTHER : key;
}
