/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracepoint backend, libaio. An iocb becomes pending when io_submit begins (its
 * result may be reaped by another thread before io_submit ends), is dropped again if
 * io_submit did not take it, and is complete when io_getevents hands out its result. A
 * program that reads results straight from the ring in its memory is not seen doing so:
 * what then stays pending is counted when the iocb is used again, and at the end.
 */
#ifndef VFSCOPE_TP_AIO_H
#define VFSCOPE_TP_AIO_H

/* clang-format off */
static __always_inline __u32 aio_op(__u16 opcode)
{
	switch (opcode) {
	case 0: case 7: return VS_OP_READ;  /* IOCB_CMD_PREAD, PREADV */
	case 1: case 8: return VS_OP_WRITE; /* IOCB_CMD_PWRITE, PWRITEV */
	case 2: case 3: return VS_OP_FSYNC; /* IOCB_CMD_FSYNC, FDSYNC */
	default: return VS_OP_NONE;
	}
}
/* clang-format on */

/* The i-th iocb of io_submit, 0 if it cannot be read: the kernel too stops there. */
static __always_inline __u64 aio_nth_iocb(const struct scratch *s, __u32 i)
{
	__u64 iocb = 0, size = s->compat ? 4 : 8;

	bpf_probe_read_user(&iocb, size, (void *)sys_arg(s, 3) + i * size);
	return iocb;
}

static __always_inline struct pending_key aio_key(__u64 iocb)
{
	return (struct pending_key){.owner = bpf_get_current_pid_tgid() >> 32, .request = iocb};
}

/* Where appended data goes is known only by who appends it: such a write has no offset here. */
static __always_inline bool aio_appends(__u32 op, const struct file_ref *ref, __u32 rwf)
{
	struct file *file = ref_file(ref);

	return op == VS_OP_WRITE && file &&
	       (rwf & RWF_APPEND || (READ(file, f_flags) & O_APPEND && !(rwf & RWF_NOAPPEND)));
}

/*
 * What is done for the i-th entry of the call's array are global functions, so that the verifier
 * looks at each once. Begins it. False: it cannot be read.
 */
__noinline int aio_begin(__u32 i)
{
	struct scratch *s = scratch_of(PROG_ENTER);
	struct aio_iocb *iocb;
	struct pending_key key;
	struct vs_rec_op *rec;
	__u64 ptr;

	if (!s)
		return 0;
	ptr = aio_nth_iocb(s, i);
	key = aio_key(ptr);
	iocb = &s->aio.iocb;
	if (!ptr || bpf_probe_read_user(iocb, sizeof(*iocb), (void *)ptr))
		return 0;
	rec = &s->pending.rec;
	if (!op_asked(aio_op(iocb->opcode)) || aio_op(iocb->opcode) == VS_OP_NONE)
		return 1;
	file_set(s, FIRST, file_of_fd(iocb->fd));
	if (!ref_wanted(ref_of(s, FIRST)))
		return 1;
	s->pending.ref[FIRST] = s->ref[FIRST];
	op_begin(rec, aio_op(iocb->opcode));
	rec->via = VS_VIA_AIO;
	rec->ts_ns = bpf_ktime_get_ns();
	rec->fd = iocb->fd;
	rec->has = VS_HAS_FD;
	peek_of_request(&s->pending.data, rec->op == VS_OP_FSYNC ? 0 : iocb->buf, iocb->nbytes,
			iocb->opcode >= 7, s->compat);
	if (rec->op != VS_OP_FSYNC) {
		rec->has |= VS_HAS_OFFSET | VS_HAS_REQ | VS_HAS_BYTES;
		rec->offset = iocb->offset;
		if (aio_appends(rec->op, &s->ref[FIRST], iocb->rw_flags))
			rec->has &= ~VS_HAS_OFFSET;
		rec->req = iocb->opcode >= 7 ? sys_iovec_bytes(iocb->buf, iocb->nbytes, s->compat)
					     : iocb->nbytes;
	}
	who_fill(s, rec);
	if (bpf_map_lookup_elem(&pendings, &key))
		lost(VS_LOST_UNPAIRED);
	if (bpf_map_update_elem(&pendings, &key, &s->pending, BPF_ANY))
		lost(VS_LOST_MAP_FULL);
	return 1;
}

/* Drops an iocb that io_submit did not take: it was never begun. */
__noinline int aio_drop(__u32 i)
{
	struct scratch *s = scratch_of(PROG_EXIT);
	struct pending_key key;

	if (!s)
		return 0;
	key = aio_key(aio_nth_iocb(s, i));
	bpf_map_delete_elem(&pendings, &key);
	return 0;
}

static __always_inline int aio_end(__u32 i)
{
	struct scratch *s = scratch_of(PROG_EXIT);
	struct pending_key key;
	struct aio_event *event;
	struct pending *pending;

	if (!s)
		return 0;
	event = &s->aio.event;
	if (bpf_probe_read_user(event, sizeof(*event),
				(void *)sys_arg(s, 4) + i * sizeof(*event))) {
		lost(VS_LOST_UNPAIRED);
		return 0;
	}
	key = aio_key(event->obj);
	pending = bpf_map_lookup_elem(&pendings, &key);
	if (!pending) /* not wanted, or begun before vfscope */
		return 0;
	s->rec = pending->rec;
	s->ref[FIRST] = pending->ref[FIRST];
	peek_of_pending(s, pending);
	bpf_map_delete_elem(&pendings, &key);
	s->rec.lat_ns = bpf_ktime_get_ns() - s->rec.ts_ns;
	s->rec.ret = event->res;
	if (s->rec.has & VS_HAS_BYTES)
		s->rec.bytes = event->res > 0 ? event->res : 0;
	if (op_result_wanted(&s->rec))
		op_complete(s->prog, FIRST);
	return 0;
}

/*
 * Does a step for AIO_CHUNK entries of the call's array, from the given one on. Returns
 * for how many; fewer: the array has ended, or cannot be read any further.
 */
enum { AIO_CHUNK = 32 };
enum aio_step { AIO_BEGIN, AIO_DROP, AIO_END };
__noinline int aio_chunk(__u32 from, __u32 cnt, __u32 step)
{
	for (__u32 nth = 0; nth < AIO_CHUNK; nth++) {
		__u32 i = from + nth;

		if (i >= cnt)
			return nth;
		if (step == AIO_BEGIN && !aio_begin(i))
			return nth;
		if (step == AIO_DROP)
			aio_drop(i);
		if (step == AIO_END)
			aio_end(i);
	}
	return AIO_CHUNK;
}

/* The same for all entries, but not more than VS_AIO_BATCH. */
static __always_inline __u32 aio_each(__u32 from, __u32 cnt, enum aio_step step)
{
	__u32 done = 0;

	for (__u32 i = 0; i < VS_AIO_BATCH / AIO_CHUNK; i++) {
		__u32 n = aio_chunk(from + i * AIO_CHUNK, cnt, step);

		done += n;
		if (n < AIO_CHUNK)
			break;
	}
	return done;
}

static __always_inline __u32 aio_count(__u64 n)
{
	return n < VS_AIO_BATCH ? n : VS_AIO_BATCH;
}

/* io_submit(ctx, nr, iocbpp) begins. Returns how many iocbs were looked at. */
static __always_inline __u32 aio_submitting(struct scratch *s)
{
	return aio_each(0, aio_count(sys_arg(s, 2)), AIO_BEGIN);
}

/* io_submit ends: so many were looked at, and so many has it taken. */
static __always_inline void aio_submitted(struct scratch *s, __u32 looked, long taken)
{
	if (taken < 0)
		taken = 0;
	if (taken > looked)
		__sync_fetch_and_add(&lost_cnt[VS_LOST_BATCH], taken - looked);
	else
		aio_each(taken, looked, AIO_DROP);
}

/* io_getevents(ctx, min_nr, nr, events, timeout) ends: it has given so many. */
static __always_inline void aio_reaped(struct scratch *s, long given)
{
	if (given <= 0)
		return;
	aio_each(0, aio_count(given), AIO_END);
	if (given > VS_AIO_BATCH)
		__sync_fetch_and_add(&lost_cnt[VS_LOST_BATCH], given - VS_AIO_BATCH);
}

#endif
