/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A full screen of lines, by ncursesw. It knows nothing of what the lines are. However the
 * program ends, but for SIGKILL, the terminal is as it was before.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include <stdbool.h>

/* False: what we are connected to is no terminal that can do it. */
bool screen_open(void);
void screen_close(void);

/* How many columns it has, and how many lines of a page; 0: it is not open. */
int screen_columns(void);
int screen_room(void);

/*
 * While it is open, a message (msg) stands in the last line until a key is pressed; what has not
 * been seen by the time it is closed goes to stderr then.
 */

enum { SCREEN_LINES_MIN = 5, SCREEN_COLUMNS_MIN = 20 };

struct screen_page {
	const char *title, *header, *footer;
	char *const *lines;
	int len, selected; /* selected -1: none is */
	int tail_at; /* from this column on a line that is too long loses its middle; 0: its end */
	int first;   /* that is shown; screen_draw moves it to where the selected one is seen */
};
void screen_draw(struct screen_page *page);

/* A key, as getch(3) has it; -1: there is none. Above 255 they are these. */
enum screen_key {
	SCREEN_UP = 0x1000,
	SCREEN_DOWN,
	SCREEN_PAGE_UP,
	SCREEN_PAGE_DOWN,
	SCREEN_HOME,
	SCREEN_END,
	SCREEN_ENTER,
	SCREEN_BACK,
	SCREEN_ESCAPE,
	SCREEN_RESIZED,
	SCREEN_OTHER,
};
int screen_key(void);

#endif
