// SPDX-License-Identifier: GPL-2.0
/* sessions.c: what begins and ends a session, and what is known of it then. */
#include "unit.h"

#include "sessions.h"

enum { ENDED_MAX = 8 };
static struct session ended[ENDED_MAX];
static int ended_len;

static void on_end(void *ctx, const struct session *session)
{
	assert_null(ctx);
	assert_in_range(ended_len, 0, ENDED_MAX - 1);
	ended[ended_len++] = *session;
}

static struct sessions *begin(size_t max)
{
	ended_len = 0;
	return sessions_new(max, on_end, NULL);
}

static void add(struct sessions *sessions, enum vs_op op, __u32 pid, int fd, __u64 ino)
{
	static __u64 now;
	struct record r = {.op = {.op = op, .pid = pid, .fd = fd, .ino = ino}};

	r.op.has = VS_HAS_FD | (ino ? VS_HAS_INODE : 0);
	r.op.ts_ns = now += 100;
	r.op.lat_ns = 10;
	sessions_add(sessions, &r);
}

static void from_open_to_close(void **state)
{
	struct sessions *sessions = begin(4);

	(void)state;
	add(sessions, VS_OP_OPEN, 1, 3, 77);
	add(sessions, VS_OP_READ, 1, 3, 77);
	assert_int_equal(ended_len, 0);
	add(sessions, VS_OP_CLOSE, 1, 3, 77);
	assert_int_equal(ended_len, 1);
	assert_true(ended[0].open_seen && ended[0].close_seen);
	assert_int_equal(ended[0].closed_ns - ended[0].open.ts_ns, 210);
	assert_int_equal(ended[0].reads, 1);
	sessions_end(sessions);
	assert_int_equal(ended_len, 1);
	assert_int_equal(sessions_lost(sessions), 0);
	sessions_free(sessions);
}

/* A process that comes later may have its number, and the same file by the same descriptor. */
static void exited(void **state)
{
	struct sessions *sessions = begin(8);

	(void)state;
	for (int pid = 1; pid <= 2; pid++)
		for (int fd = 3; fd <= 4; fd++)
			add(sessions, VS_OP_OPEN, pid, fd, 77);
	sessions_exited(sessions, 3);
	assert_int_equal(ended_len, 0);
	sessions_exited(sessions, 1);
	assert_int_equal(ended_len, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ended[i].open.pid, 1);
		assert_int_equal(ended[i].open.fd, 3 + i);
		assert_true(ended[i].open_seen && !ended[i].close_seen);
	}
	add(sessions, VS_OP_READ, 1, 3, 77);
	sessions_exited(sessions, 1);
	assert_int_equal(ended_len, 3);
	assert_false(ended[2].open_seen);
	assert_int_equal(ended[2].reads, 1);
	sessions_end(sessions);
	assert_int_equal(ended_len, 5);
	sessions_free(sessions);
}

/* The record of close_range tells no file, and not how far it went. */
static void closed_by_range(void **state)
{
	struct sessions *sessions = begin(8);

	(void)state;
	add(sessions, VS_OP_OPEN, 1, 3, 77);
	add(sessions, VS_OP_CLOSE, 1, 3, 0);
	assert_int_equal(ended_len, 0);
	add(sessions, VS_OP_OPEN, 1, 3, 78);
	assert_int_equal(ended_len, 1);
	assert_false(ended[0].close_seen);
	sessions_free(sessions);
}

static void no_room(void **state)
{
	struct sessions *sessions = begin(2);

	(void)state;
	for (int fd = 3; fd <= 5; fd++)
		add(sessions, VS_OP_OPEN, fd, fd, 77);
	assert_int_equal(ended_len, 1);
	assert_int_equal(ended[0].open.fd, 3);
	assert_false(ended[0].close_seen);
	assert_int_equal(sessions_lost(sessions), 1);
	sessions_free(sessions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_open_to_close),
		cmocka_unit_test(exited),
		cmocka_unit_test(closed_by_range),
		cmocka_unit_test(no_room),
	};

	return cmocka_run_group_tests_name("sessions", tests, NULL, NULL);
}
