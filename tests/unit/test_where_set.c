// SPDX-License-Identifier: GPL-2.0
/* where_set.c: sets of values, against sets of bits. */
#include "unit.h"

#include "where_set.h"

/* Against bits: sets of -1 to 20, of which -1 stands for the absent. */
static struct set random_set(struct arena *arena, uint64_t *seed, uint32_t *bits)
{
	struct set set = {0};

	*bits = unit_random(seed) >> 43 & unit_random(seed) >> 43;
	for (int i = 0; i < 20; i++)
		if (*bits & 1U << i)
			set = set_or(arena, set, set_of(arena, i, i));
	set.absent = *bits >> 20 & 1;
	return set;
}

static void check_set(struct set set, uint32_t bits)
{
	int count = 0;

	for (int i = -1; i < 22; i++) {
		assert_int_equal(set_has(&set, i), i >= 0 && i < 20 && bits & 1U << i);
		count += set_has(&set, i);
	}
	assert_int_equal(set.absent, bits >> 20 & 1);
	assert_int_equal(set_count(&set, 100), count);
	assert_int_equal(set_count(&set, 3), count < 3 ? count : 3);
	assert_int_equal(set_is_empty(&set), !bits);
	for (int i = 1; i < set.len; i++) /* apart from each other */
		assert_true(set.range[i - 1].high + 1 < set.range[i].low);
}

static void sets(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct arena arena = {0};
		uint32_t x, y;
		struct set a = random_set(&arena, &seed, &x), b = random_set(&arena, &seed, &y);

		check_set(a, x);
		check_set(set_or(&arena, a, b), x | y);
		check_set(set_and(&arena, a, b), x & y);
		check_set(set_minus(&arena, a, b), x & ~y);
		assert_int_equal(set_equal(&a, &b), x == y);
		arena_free(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
