/* SPDX-License-Identifier: GPL-2.0 */
#include "sessions.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

#define uthash_fatal(what) (msg("%s", what), exit(EXIT_RUN))
#include <uthash.h>
#include <utlist.h>

struct key {
	__u32 pid;
	__s32 fd;
};

/* A process with sessions. */
struct owner {
	__u32 pid;
	struct entry *entries;
	UT_hash_handle hh;
};

struct entry {
	struct key key;
	struct session session;
	struct owner *owner;
	struct entry *prev, *next; /* of the same */
	UT_hash_handle hh;
	char path[];
};

struct sessions {
	struct entry *table; /* the oldest first */
	struct owner *owners;
	size_t max;
	__u64 lost;
	session_end_fn *end;
	void *ctx;
};

struct sessions *sessions_new(size_t sessions_max, session_end_fn *end, void *ctx)
{
	struct sessions *sessions = xcalloc(1, sizeof(*sessions));

	sessions->max = sessions_max;
	sessions->end = end;
	sessions->ctx = ctx;
	return sessions;
}

__u64 sessions_ops(void)
{
	return VS_BIT(VS_OP_OPEN) | VS_BIT(VS_OP_READ) | VS_BIT(VS_OP_WRITE) | VS_BIT(VS_OP_FSYNC) |
	       VS_BIT(VS_OP_CLOSE);
}

static struct owner *owner_of(const struct sessions *sessions, __u32 pid)
{
	struct owner *owner;

	HASH_FIND(hh, sessions->owners, &pid, sizeof(pid), owner);
	return owner;
}

static void forget(struct sessions *sessions, struct entry *entry)
{
	struct owner *owner = entry->owner;

	DL_DELETE(owner->entries, entry);
	if (!owner->entries) {
		HASH_DEL(sessions->owners, owner);
		free(owner);
	}
	HASH_DEL(sessions->table, entry);
	free(entry);
}

static void end(struct sessions *sessions, struct entry *entry)
{
	sessions->end(sessions->ctx, &entry->session);
	forget(sessions, entry);
}

void sessions_exited(struct sessions *sessions, __u32 pid)
{
	struct owner *owner;

	while ((owner = owner_of(sessions, pid))) /* it goes with the last */
		end(sessions, owner->entries);
}

void sessions_end(struct sessions *sessions)
{
	while (sessions->table)
		end(sessions, sessions->table);
}

__u64 sessions_lost(const struct sessions *sessions)
{
	return sessions->lost;
}

void sessions_free(struct sessions *sessions)
{
	if (!sessions)
		return;
	while (sessions->table)
		forget(sessions, sessions->table);
	free(sessions);
}

static struct entry *begin(struct sessions *sessions, const struct record *r, struct key key)
{
	struct owner *owner;
	struct entry *entry;

	/* the oldest is shown as it is, still open */
	if (HASH_COUNT(sessions->table) >= sessions->max) {
		end(sessions, sessions->table);
		sessions->lost++;
	}
	owner = owner_of(sessions, key.pid);
	if (!owner) {
		owner = xcalloc(1, sizeof(*owner));
		owner->pid = key.pid;
		HASH_ADD(hh, sessions->owners, pid, sizeof(owner->pid), owner);
	}
	entry = xcalloc(1, sizeof(*entry) + r->path.len);
	entry->key = key;
	entry->session.open = r->op;
	if (r->path.p) {
		memcpy(entry->path, r->path.p, r->path.len);
		entry->session.path = (struct str){entry->path, r->path.len};
	}
	HASH_ADD(hh, sessions->table, key, sizeof(entry->key), entry);
	entry->owner = owner;
	DL_APPEND(owner->entries, entry);
	return entry;
}

/* dup2 has put another file in its place. */
static bool is_another(const struct vs_rec_op *open, const struct vs_rec_op *op)
{
	return open->has & op->has & VS_HAS_INODE && (open->ino != op->ino || open->dev != op->dev);
}

static void add_data(struct session *session, const struct vs_rec_op *op)
{
	bool first = !session->reads && !session->writes;

	session->lat_sum_ns += op->lat_ns;
	if (op->op == VS_OP_FSYNC) {
		session->fsyncs++;
		return;
	}
	if (op->op == VS_OP_READ) {
		session->reads++;
		session->rbytes += op->bytes;
	} else {
		session->writes++;
		session->wbytes += op->bytes;
	}
	if (!(op->has & VS_HAS_OFFSET))
		return;
	session->sequential += first || (__u64)op->offset == session->next_offset;
	session->next_offset = op->offset + op->bytes;
}

void sessions_add(struct sessions *sessions, const struct record *r)
{
	struct key key = {.pid = r->op.pid, .fd = r->op.fd};
	struct entry *entry;

	if (!(r->op.has & VS_HAS_FD) || (r->op.ret < 0 && r->op.op == VS_OP_OPEN))
		return;
	HASH_FIND(hh, sessions->table, &key, sizeof(key), entry);
	if (entry && is_another(&entry->session.open, &r->op)) {
		end(sessions, entry);
		entry = NULL;
	}
	if (r->op.op == VS_OP_OPEN) {
		/* its close was not seen: dup2 and exec close without a call */
		if (entry)
			end(sessions, entry);
		begin(sessions, r, key)->session.open_seen = true;
		return;
	}
	if (r->op.op == VS_OP_CLOSE) {
		/* close_range has no file: it tells the first that it closes, or marks, not the
		 * last */
		if (entry && r->op.has & VS_HAS_INODE) {
			entry->session.close_seen = true;
			entry->session.closed_ns = r->op.ts_ns + r->op.lat_ns;
			end(sessions, entry);
		}
		return;
	}
	if (!entry)
		entry = begin(sessions, r, key);
	add_data(&entry->session, &r->op);
}
