/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The words that may stand somewhere, one after the other, as nearest() wants them: the i-th,
 * NULL behind the last; an empty one stands for none.
 */
#ifndef WORDS_H
#define WORDS_H

#include <stddef.h>

const char *op_word(size_t i); /* operations, groups, all */
const char *via_word(size_t i);
const char *ftype_word(size_t i);
const char *field_word(size_t i);
const char *errno_word(size_t i);
const char *user_word(size_t i);
const char *fs_word(size_t i);

#endif
