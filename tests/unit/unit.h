/* SPDX-License-Identifier: GPL-2.0 */
/* What all unit tests include: cmocka, and the capture of what goes to a descriptor. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/*
 * Between capture_begin and capture_end stderr goes to a memory file. Nothing may be
 * asserted in between: cmocka's own message, too, would be lost.
 */
struct capture {
	int saved, memory;
	char text[8192];
};

static inline void capture_begin(struct capture *c)
{
	fflush(stderr);
	c->saved = dup(STDERR_FILENO);
	c->memory = memfd_create("stderr", MFD_CLOEXEC);
	dup2(c->memory, STDERR_FILENO);
}

static inline const char *capture_end(struct capture *c)
{
	ssize_t len;

	fflush(stderr);
	dup2(c->saved, STDERR_FILENO);
	close(c->saved);
	len = pread(c->memory, c->text, sizeof(c->text) - 1, 0);
	c->text[len < 0 ? 0 : len] = '\0';
	close(c->memory);
	return c->text;
}

/* xorshift64*: the same numbers on every machine */
static inline uint64_t unit_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 2685821657736338717ULL;
}

#endif
