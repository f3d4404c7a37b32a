/* SPDX-License-Identifier: GPL-2.0 */
#include "arena.h"

#include <stdint.h>
#include <string.h>

#include "unit.h"

/* What is given out is aligned, of its own, and stays as it is; arena_alloc's is all zero. */
static void pieces(void **state)
{
	static const size_t sizes[] = {1, 16, 17, 300, 70000, 5 << 20, 8};
	enum { SIZES = sizeof(sizes) / sizeof(*sizes), ROUNDS = 3 };
	unsigned char *piece[SIZES];
	struct arena arena = {NULL, NULL, 0};

	(void)state;
	for (int round = 1; round <= ROUNDS; round++) {
		for (int i = 0; i < SIZES; i++) {
			piece[i] =
				i % 2 ? arena_get(&arena, sizes[i]) : arena_alloc(&arena, sizes[i]);
			assert_int_equal((uintptr_t)piece[i] % 16, 0);
			for (size_t at = 0; i % 2 == 0 && at < sizes[i]; at++)
				assert_int_equal(piece[i][at], 0);
			memset(piece[i], round * 16 + i, sizes[i]);
		}
		for (int i = 0; i < SIZES; i++)
			for (size_t at = 0; at < sizes[i]; at++)
				assert_int_equal(piece[i][at], round * 16 + i);
		arena_clear(&arena);
	}
	arena_free(&arena);
}

/* After arena_clear the same memory is given out again. */
static void again(void **state)
{
	struct arena arena = {NULL, NULL, 0};
	void *first = arena_get(&arena, 100);

	(void)state;
	for (int i = 0; i < 10000; i++)
		arena_get(&arena, 1000);
	arena_clear(&arena);
	assert_ptr_equal(arena_get(&arena, 100), first);
	arena_free(&arena);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces),
		cmocka_unit_test(again),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
