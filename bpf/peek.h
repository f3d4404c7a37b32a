/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Contents: the first bytes that a read or write has moved, from the memory of the program, at
 * the end of the operation. Hooks say in s->data where they lie. They go out as the second
 * string of the record.
 */
#ifndef VFSCOPE_PEEK_H
#define VFSCOPE_PEEK_H

/* Appends a part; 0, go on; 1, there is enough; -1, it cannot be read. */
__noinline int peek_part(__u32 prog, __u64 from, __u64 len)
{
	struct scratch *s = scratch_of(prog);
	__u32 at, left;

	if (!s)
		return -1;
	at = s->rec.path2_len;
	left = s->peek_max - at;
	if (at >= s->peek_max || at >= VS_PEEK_MAX)
		return 1;
	if (len < left)
		left = len;
	if (left > VS_PEEK_MAX)
		return -1;
	if (bpf_probe_read_user(&s->strings[at], left, (void *)from))
		return -1;
	s->rec.path2_len = at + left;
	return 0;
}

__noinline int peek_chunk(__u32 prog, __u64 iov, __u32 cnt)
{
	struct scratch *s = scratch_of(prog);
	int done = 0;

	for (__u32 i = 0; s && i < IOVEC_CHUNK && i < cnt && !done; i++) {
		__u64 part[2] = {};
		__u32 part32[2] = {};

		if (s->compat) {
			if (bpf_probe_read_user(part32, sizeof(part32), (void *)iov + i * 8))
				return -1;
			part[0] = part32[0];
			part[1] = part32[1];
		} else if (bpf_probe_read_user(part, sizeof(part), (void *)iov + i * 16)) {
			return -1;
		}
		done = peek_part(prog, part[0], part[1]);
	}
	return done;
}

static __always_inline bool peek_allowed(const struct scratch *s)
{
	__u64 id = s->rec.path_id;

	/* without a path nobody can say that it is allowed */
	return !cfg.no_peek || (id && !bpf_map_lookup_elem(&no_peek_set, &id));
}

/* Takes what s->data says of an operation whose bytes and path are known. */
__noinline int peek_take(__u32 prog)
{
	struct scratch *s = scratch_of(prog);
	int done = 0;

	if (!s || !s->data.at || !s->rec.bytes || !peek_allowed(s))
		return 0;
	s->peek_max = s->rec.bytes < cfg.peek ? s->rec.bytes : cfg.peek;
	s->rec.path2_len = 0;
	if (s->data.iovecs) {
		__u32 step = IOVEC_CHUNK * (s->compat ? 8 : 16);

		for (__u32 i = 0; i < IOVEC_MAX / IOVEC_CHUNK && !done; i++) {
			if (i * IOVEC_CHUNK >= s->data.iovecs)
				break;
			done = peek_chunk(prog, s->data.at + i * step,
					  s->data.iovecs - i * IOVEC_CHUNK);
		}
	} else {
		done = peek_part(prog, s->data.at, s->data.len);
	}
	if (done < 0) {
		s->rec.path2_len = 0;
		lost(VS_LOST_PEEK);
		return 0;
	}
	s->rec.has |= VS_HAS_DATA;
	return 0;
}

/* Where the data of a system call lies: the argument before its length. */
static __always_inline void peek_of_call(struct scratch *s, const volatile struct vs_sys *row)
{
	if (!cfg.peek || (row->via != VS_VIA_RW && row->via != VS_VIA_VEC) ||
	    (row->op != VS_OP_READ && row->op != VS_OP_WRITE))
		return;
	s->data.at = sys_arg(s, row->len - 1);
	s->data.len = s->rec.bytes;
	s->data.iovecs = row->bits & VS_SYS_IOVEC ? sys_arg(s, row->len) : 0;
}

/*
 * Where that of an asynchronous request will lie: of several parts the first, for the array
 * that says where they are may be gone by then.
 */
static __always_inline void peek_of_request(struct user_data *data, __u64 at, __u64 len, bool vec,
					    bool compat)
{
	__u64 part[2] = {};
	__u32 part32[2] = {};

	data->at = 0;
	data->iovecs = 0;
	if (!cfg.peek)
		return;
	data->at = at;
	data->len = len;
	if (!vec)
		return;
	if (compat) {
		bpf_probe_read_user(part32, sizeof(part32), (void *)at);
		data->at = part32[0];
		data->len = part32[1];
	} else {
		bpf_probe_read_user(part, sizeof(part), (void *)at);
		data->at = part[0];
		data->len = part[1];
	}
}

/* Only the process itself has its memory: another may have completed the request. */
static __always_inline void peek_of_pending(struct scratch *s, const struct pending *pending)
{
	if (!cfg.peek)
		return;
	s->data = pending->data;
	if (!s->data.at || s->rec.pid == bpf_get_current_pid_tgid() >> 32)
		return;
	s->data.at = 0;
	lost(VS_LOST_PEEK);
}

#endif
