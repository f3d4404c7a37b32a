/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracepoint backend, io_uring: from the submission of a request to its completion,
 * credited to who submitted it, whoever runs it. A request taken from a fixed file has
 * no descriptor; its file is known when it completes.
 */
#ifndef VFSCOPE_TP_URING_H
#define VFSCOPE_TP_URING_H

/* clang-format off */
/* include/uapi/linux/io_uring.h; numbers are never reused */
enum {
	URING_READV = 1, URING_WRITEV = 2, URING_FSYNC = 3, URING_READ_FIXED = 4,
	URING_WRITE_FIXED = 5, URING_SYNC_FILE_RANGE = 8, URING_FALLOCATE = 17,
	URING_CLOSE = 19, URING_READ = 22, URING_WRITE = 23, URING_SPLICE = 30,
	URING_TEE = 33, URING_RENAMEAT = 35, URING_READ_MULTISHOT = 49,
	URING_OPENAT = 18, URING_STATX = 21, URING_OPENAT2 = 28, URING_UNLINKAT = 36,
	URING_MKDIRAT = 37, URING_SYMLINKAT = 38, URING_LINKAT = 39,
	URING_FSETXATTR = 41, URING_SETXATTR = 42, URING_FGETXATTR = 43, URING_GETXATTR = 44,
	URING_FTRUNCATE = 55, URING_READV_FIXED = 60, URING_WRITEV_FIXED = 61,
	URING_CQE_F_MORE = 2, URING_SPLICE_F_FD_IN_FIXED = 1U << 31,
};

static __always_inline __u32 uring_op(__u8 opcode)
{
	switch (opcode) {
	case URING_READV: case URING_READ_FIXED: case URING_READ:
	case URING_READ_MULTISHOT: case URING_READV_FIXED: return VS_OP_READ;
	case URING_WRITEV: case URING_WRITE_FIXED: case URING_WRITE:
	case URING_WRITEV_FIXED: case URING_SPLICE: case URING_TEE: return VS_OP_WRITE;
	case URING_FSYNC: case URING_SYNC_FILE_RANGE: return VS_OP_FSYNC;
	case URING_FALLOCATE: return VS_OP_FALLOCATE;
	case URING_FTRUNCATE: return VS_OP_TRUNCATE;
	case URING_CLOSE: return VS_OP_CLOSE;
	case URING_OPENAT: case URING_OPENAT2: return VS_OP_OPEN;
	case URING_STATX: return VS_OP_STAT;
	case URING_UNLINKAT: return VS_OP_UNLINK;
	case URING_RENAMEAT: return VS_OP_RENAME;
	case URING_MKDIRAT: return VS_OP_MKDIR;
	case URING_SYMLINKAT: return VS_OP_SYMLINK;
	case URING_LINKAT: return VS_OP_LINK;
	case URING_SETXATTR: case URING_FSETXATTR: return VS_OP_SETXATTR;
	case URING_GETXATTR: case URING_FGETXATTR: return VS_OP_GETXATTR;
	default: return VS_OP_NONE;
	}
}
/* clang-format on */

static __always_inline bool uring_is_copy(__u8 opcode)
{
	return opcode == URING_SPLICE || opcode == URING_TEE;
}

static __always_inline void uring_fill_rw(struct scratch *s, struct io_kiocb *req, __u8 opcode)
{
	struct vs_rec_op *rec = &s->pending.rec;
	struct io_rw *rw = (void *)req;
	bool vec = opcode == URING_READV || opcode == URING_WRITEV || opcode == URING_READV_FIXED ||
		   opcode == URING_WRITEV_FIXED;
	__u32 len = READ(rw, len);

	rec->offset = READ(rw, kiocb.ki_pos);
	rec->has |= VS_HAS_OFFSET | VS_HAS_REQ | VS_HAS_BYTES;
	rec->req = vec ? sys_iovec_bytes(READ(rw, addr), len, sys_is_compat()) : len;
	if (opcode == URING_READ_MULTISHOT) /* as much as each of its buffers has room for */
		rec->has &= ~VS_HAS_REQ;
	peek_of_request(&s->pending.data, READ(rw, addr), len, vec, sys_is_compat());
}

/* What is asked for, by kind of operation. */
static __always_inline void uring_fill(struct scratch *s, struct io_kiocb *req, __u8 opcode)
{
	struct vs_rec_op *rec = &s->pending.rec;
	struct io_sync *sync = (void *)req;
	struct io_splice *splice = (void *)req;

	switch (rec->op) {
	case VS_OP_READ:
	case VS_OP_WRITE:
		if (!uring_is_copy(opcode)) {
			uring_fill_rw(s, req, opcode);
			break;
		}
		rec->req = READ(splice, len);
		rec->has |= VS_HAS_REQ | VS_HAS_BYTES;
		break;
	case VS_OP_FALLOCATE: rec->flags = READ(sync, mode); rec->has |= VS_HAS_FLAGS;
	/* fall through */
	case VS_OP_FSYNC:
		rec->offset = READ(sync, off);
		rec->req = READ(sync, len);
		rec->has |= VS_HAS_OFFSET | VS_HAS_REQ;
		break;
	case VS_OP_TRUNCATE: /* since 6.9 */
		if (!bpf_core_type_exists(struct io_ftrunc))
			break;
		rec->req = READ((struct io_ftrunc *)req, len);
		rec->has |= VS_HAS_REQ;
		break;
	}
}

/*
 * Where the data of a request came from or went to, now that it is complete. Where that
 * was the file's position (-1), or the end (appending), the kernel has put it into the
 * request, and moved it on.
 */
static __always_inline void uring_fix_offset(struct vs_rec_op *rec, struct io_kiocb *req,
					     const struct file_ref *ref)
{
	struct io_rw *rw = (void *)req;
	struct file *file = ref_file(ref);
	__u32 rwf;

	if ((rec->op != VS_OP_READ && rec->op != VS_OP_WRITE) || !(rec->has & VS_HAS_OFFSET))
		return;
	rwf = bpf_core_field_exists(struct io_rw, flags) ? READ(rw, flags) : 0;
	if (rec->offset != -1 &&
	    (rec->op != VS_OP_WRITE || rec->ret <= 0 ||
	     !(rwf & RWF_APPEND || (READ(file, f_flags) & O_APPEND && !(rwf & RWF_NOAPPEND)))))
		return;
	if (!ref->dentry || ref->ftype != VS_FTYPE_REG)
		rec->has &= ~VS_HAS_OFFSET;
	else
		rec->offset = READ(rw, kiocb.ki_pos) - (rec->ret > 0 ? rec->ret : 0);
}

/* --- requests on paths: what was passed is sent at the submission ---------------------- */

/* The struct filename of a request, in either form; NULL where 5.10 has neither. */
#define URING_NAME(req, type, member)                                                              \
	(bpf_core_field_exists(struct type, member) ? READ((struct type *)(req), member)           \
	 : bpf_core_field_exists(struct type##___delayed, member)                                  \
		 ? READ((struct type##___delayed *)(req), member.__incomplete_filename)            \
		 : NULL)

/* clang-format off */
static __always_inline bool uring_is_path(__u8 opcode)
{
	switch (opcode) {
	case URING_OPENAT: case URING_OPENAT2: case URING_STATX: case URING_UNLINKAT:
	case URING_RENAMEAT: case URING_MKDIRAT: case URING_SYMLINKAT: case URING_LINKAT:
	case URING_SETXATTR: case URING_GETXATTR: return true;
	default: return false;
	}
}
/* clang-format on */

/* As VS_SYS_MOVES_NAMES. */
static __always_inline bool uring_moves_names(__u8 opcode)
{
	return opcode == URING_RENAMEAT || opcode == URING_SYMLINKAT;
}

static __always_inline __u64 uring_send_path_at(struct scratch *s, __u32 which, int dirfd,
						struct filename *filename, bool in_root)
{
	const char *text = READ(filename, name);
	char first = 0;
	__u64 base = 0;

	if (which == FIRST)
		op_tell_root(s, &s->pending.rec);
	bpf_probe_read_kernel(&first, sizeof(first), text);
	if (first != '/' || in_root) {
		file_set_dir(s, which, dirfd);
		if (which == FIRST && s->ref[FIRST].dentry && s->ref[FIRST].below)
			s->pending.rec.has |= VS_HAS_BASE_BELOW;
		base = name_base(s, which);
	} else {
		base = op_root_id(s, which);
	}
	return name_send_text(s, VS_NAME_ARG, base, text, in_root);
}

static __always_inline __u64 uring_send_path(struct scratch *s, __u32 which, int dirfd,
					     struct filename *filename)
{
	return uring_send_path_at(s, which, dirfd, filename, false);
}

static __always_inline void uring_fill_two_paths(struct scratch *s, struct io_kiocb *req)
{
	struct vs_rec_op *rec = &s->pending.rec;
	struct io_rename *rename = (void *)req;
	struct io_link *link = (void *)req;

	if (rec->op != VS_OP_RENAME && !bpf_core_type_exists(struct io_link))
		return;
	switch (rec->op) {
	case VS_OP_RENAME:
		rec->path_id = uring_send_path(s, FIRST, READ(rename, old_dfd),
					       URING_NAME(req, io_rename, oldpath));
		rec->path2_id = uring_send_path(s, SECOND, READ(rename, new_dfd),
						URING_NAME(req, io_rename, newpath));
		rec->flags = READ(rename, flags);
		rec->has |= VS_HAS_FLAGS;
		break;
	case VS_OP_LINK:
		rec->path_id = uring_send_path(s, FIRST, READ(link, old_dfd),
					       URING_NAME(req, io_link, oldpath));
		rec->path2_id = uring_send_path(s, SECOND, READ(link, new_dfd),
						URING_NAME(req, io_link, newpath));
		rec->flags = READ(link, flags);
		rec->has |= VS_HAS_FLAGS;
		break;
	case VS_OP_SYMLINK:
		rec->path_id = uring_send_path(s, FIRST, READ(link, new_dfd),
					       URING_NAME(req, io_link, newpath));
		rec->path2_id =
			name_send_text(s, VS_NAME_VERBATIM, 0,
				       READ(URING_NAME(req, io_link, oldpath), name), false);
		break;
	}
}

static __always_inline void uring_fill_path(struct scratch *s, struct io_kiocb *req)
{
	struct vs_rec_op *rec = &s->pending.rec;
	struct io_open *open = (void *)req;
	struct io_statx *statx = (void *)req;
	struct io_unlink *unlink = (void *)req;
	struct io_mkdir *mkdir = (void *)req;

	rec->has |= VS_HAS_PATH_ID_ARG | op_path_bits();
	if (rec->op != VS_OP_OPEN && rec->op != VS_OP_STAT && rec->op != VS_OP_SETXATTR &&
	    rec->op != VS_OP_GETXATTR)
		rec->has |= VS_HAS_NOFOLLOW;
	switch (rec->op) {
	case VS_OP_OPEN:
		rec->path_id = uring_send_path_at(s, FIRST, READ(open, dfd),
						  URING_NAME(req, io_open, filename),
						  READ(open, how.resolve) & RESOLVE_IN_ROOT);
		rec->flags = READ(open, how.flags);
		rec->has |= VS_HAS_FLAGS;
		if (!(rec->flags & (O_CREAT | O_TMPFILE_BIT)))
			break;
		rec->mode = READ(open, how.mode);
		rec->has |= VS_HAS_MODE;
		break;
	case VS_OP_STAT:
		rec->path_id = uring_send_path(s, FIRST, READ(statx, dfd),
					       URING_NAME(req, io_statx, filename));
		if (READ(statx, flags) & AT_SYMLINK_NOFOLLOW)
			rec->has |= VS_HAS_NOFOLLOW;
		break;
	case VS_OP_UNLINK:
		if (READ(unlink, flags) & AT_REMOVEDIR)
			rec->op = VS_OP_RMDIR;
		rec->path_id = uring_send_path(s, FIRST, READ(unlink, dfd),
					       URING_NAME(req, io_unlink, filename));
		break;
	case VS_OP_MKDIR:
		rec->path_id = uring_send_path(s, FIRST, READ(mkdir, dfd),
					       URING_NAME(req, io_mkdir, filename));
		rec->mode = READ(mkdir, mode);
		rec->has |= VS_HAS_MODE;
		break;
	case VS_OP_SETXATTR:
	case VS_OP_GETXATTR:
		rec->path_id =
			uring_send_path(s, FIRST, AT_FDCWD, URING_NAME(req, io_xattr, filename));
		break;
	default: uring_fill_two_paths(s, req);
	}
}

/* As sys_done_open: what an open led to, or what it tried. */
static __always_inline void uring_complete_path(struct scratch *s, struct io_kiocb *req)
{
	struct file *file = NULL;

	if (s->rec.op == VS_OP_OPEN && s->rec.ret >= 0 && !READ((struct io_open *)req, file_slot)) {
		s->rec.fd = s->rec.ret;
		s->rec.has |= VS_HAS_FD;
		file = file_of_fd(s->rec.ret);
	}
	if (s->rec.op == VS_OP_STAT && !s->rec.ret)
		op_set_statx(&s->rec, READ((struct io_statx *)req, buffer));
	if (!file) {
		if (op_asked(s->rec.op))
			op_send(s);
		return;
	}
	s->rec.has &= ~VS_HAS_PATH_ID_ARG;
	file_set(s, FIRST, file);
	op_complete_open(s, READ(file, f_mode));
}

/* --- submission and completion ---------------------------------------------------------- */

/* May a request with this opcode be one of the operations that were asked for? */
static __always_inline bool uring_asked(__u8 opcode, __u32 op)
{
	/* not on 5.10 in a form that is read here */
	if ((op == VS_OP_LINK || op == VS_OP_SYMLINK) && !bpf_core_type_exists(struct io_link))
		return false;
	if (op == VS_OP_STAT && !bpf_core_field_exists(struct io_statx, filename) &&
	    !bpf_core_field_exists(struct io_statx___delayed, filename))
		return false;
	return op != VS_OP_NONE && cfg.via_mask & VS_BIT(VS_VIA_IO_URING) &&
	       (op_asked(op) || (uring_is_copy(opcode) && op_asked(VS_OP_READ)) ||
		(op == VS_OP_OPEN && op_asked(VS_OP_CREATE)) ||
		(op == VS_OP_UNLINK && op_asked(VS_OP_RMDIR)));
}

/*
 * The descriptor of a request: it stands where the result will (since 5.19); before that it
 * has been made a file by now.
 */
static __always_inline bool uring_fd(struct io_kiocb *req, __u8 opcode, int *fd)
{
	if (opcode == URING_CLOSE) {
		*fd = READ((struct io_close *)req, fd);
		/* a direct descriptor is none of the process's */
		return !bpf_core_field_exists(struct io_close, file_slot) ||
		       !READ((struct io_close *)req, file_slot);
	}
	if (bpf_core_field_exists(struct io_kiocb, cqe) && !(READ(req, flags) & REQ_F_FIXED_FILE))
		*fd = READ(req, cqe.fd);
	else
		return false;
	return true;
}

/* The files of a request, as far as they are known yet; false if no filter lets them pass. */
static __always_inline bool uring_take_files(struct scratch *s, struct io_kiocb *req, __u8 opcode)
{
	struct vs_rec_op *rec = &s->pending.rec;
	struct io_splice *splice = (void *)req;
	bool copy = uring_is_copy(opcode);

	if (uring_fd(req, opcode, &rec->fd)) {
		rec->has |= VS_HAS_FD;
		file_set(s, copy ? SECOND : FIRST, file_of_fd(rec->fd));
		if (!copy && !ref_wanted(&s->ref[FIRST]))
			return false;
		if (opcode == URING_CLOSE)
			name_asked(s, FIRST);
	} else if (!bpf_core_field_exists(struct io_kiocb, cqe)) {
		file_set(s, copy ? SECOND : FIRST, READ(req, file));
	}
	if (copy && !(READ(splice, flags) & URING_SPLICE_F_FD_IN_FIXED))
		file_set(s, FIRST, file_of_fd(READ(splice, splice_fd_in)));
	return true;
}

/* key: by which the completion will know the request. */
static __always_inline int uring_submit(struct io_kiocb *req, struct pending_key key)
{
	struct scratch *s = scratch_of(PROG_URING_SUBMIT);
	__u8 opcode = READ(req, opcode);
	__u32 op = uring_op(opcode);
	struct vs_rec_op *rec;

	if (uring_moves_names(opcode))
		names_raise();
	/* what has used this memory before has ended unseen: its completion was not wanted */
	if (!bpf_map_delete_elem(&pendings, &key))
		lost(VS_LOST_UNPAIRED);
	if (!s || !uring_asked(opcode, op) || !who_wanted())
		return 0;
	rec = &s->pending.rec;
	op_begin(rec, op);
	s->ref[FIRST].dentry = 0;
	s->ref[SECOND].dentry = 0;
	rec->via = VS_VIA_IO_URING;
	s->pending.data.at = 0;
	if (uring_is_path(opcode)) {
		uring_fill_path(s, req);
	} else {
		uring_fill(s, req, opcode);
		if (!uring_take_files(s, req, opcode))
			return 0;
		rec->ftype = s->ref[FIRST].dentry ? s->ref[FIRST].ftype : VS_FTYPE_NONE;
	}
	s->pending.request = (__u64)req;
	s->pending.ref[FIRST] = s->ref[FIRST];
	s->pending.ref[SECOND] = s->ref[SECOND];
	who_fill(s, rec);
	rec->ts_ns = bpf_ktime_get_ns();
	if (bpf_map_update_elem(&pendings, &key, &s->pending, BPF_ANY))
		lost(VS_LOST_MAP_FULL);
	return 0;
}

/* -1 is the position of a file; a pipe has none. */
static __always_inline void uring_copy_offset(struct copy_end *end, const struct file_ref *ref)
{
	struct file *file = ref_file(ref);

	end->has = VS_HAS_OFFSET;
	if (end->offset != -1)
		return;
	if (ref->dentry && ref->ftype == VS_FTYPE_REG)
		end->offset = READ(file, f_pos);
	else
		end->has = 0;
}

static __always_inline void uring_complete_copy(struct scratch *s, struct io_kiocb *req,
						__u8 opcode)
{
	struct io_splice *splice = (void *)req;
	struct copy_end in = {.fd = READ(splice, splice_fd_in)}, out = {.fd = s->rec.fd};

	in.offset = opcode == URING_TEE ? -1 : READ(splice, off_in);
	out.offset = opcode == URING_TEE ? -1 : READ(splice, off_out);
	in.no_fd = READ(splice, flags) & URING_SPLICE_F_FD_IN_FIXED;
	out.no_fd = !(s->rec.has & VS_HAS_FD);
	uring_copy_offset(&in, &s->ref[FIRST]);
	uring_copy_offset(&out, &s->ref[SECOND]);
	/* both have moved on with the data */
	if (s->rec.ret > 0) {
		in.offset -= s->rec.ret;
		out.offset -= s->rec.ret;
	}
	op_complete_copy(s, &in, &out);
}

static __always_inline int uring_complete(struct pending_key key, int res, __u32 cqe_flags)
{
	struct scratch *s = scratch_of(PROG_URING_COMPLETE);
	struct pending *pending = bpf_map_lookup_elem(&pendings, &key);
	struct io_kiocb *req;
	__u8 opcode;
	bool copy;

	if (!s || !pending)
		return 0;
	req = (struct io_kiocb *)pending->request;
	opcode = READ(req, opcode);
	copy = uring_is_copy(opcode);
	if (uring_moves_names(opcode)) /* done now, and no sooner */
		names_raise();
	s->rec = pending->rec;
	s->ref[FIRST] = pending->ref[FIRST];
	s->ref[SECOND] = pending->ref[SECOND];
	s->data.at = 0;
	if (res > 0)
		peek_of_pending(s, pending);
	if (!(cqe_flags & URING_CQE_F_MORE))
		bpf_map_delete_elem(&pendings, &key);
	s->names_fixed = opcode == URING_CLOSE;
	if (!(s->rec.has & (VS_HAS_FD | VS_HAS_PATH_ID_ARG)) && opcode != URING_CLOSE) {
		file_set(s, copy ? SECOND : FIRST, READ(req, file));
		if (!copy && !ref_wanted(&s->ref[FIRST]))
			return 0;
	}
	s->rec.lat_ns = bpf_ktime_get_ns() - s->rec.ts_ns;
	s->rec.ret = res;
	if (s->rec.has & VS_HAS_BYTES)
		s->rec.bytes = res > 0 ? res : 0;
	if (!op_result_wanted(&s->rec))
		return 0;
	if (!copy)
		uring_fix_offset(&s->rec, req, &s->ref[FIRST]);
	if (s->rec.has & VS_HAS_PATH_ID_ARG)
		uring_complete_path(s, req);
	else if (copy)
		uring_complete_copy(s, req, opcode);
	else
		op_complete(s->prog, FIRST);
	return 0;
}

/* --- the tracepoints, in the forms that they had ----------------------------------------- */

/*
 * Of a request that completes several times (read, since 6.7) all but the last completion tell
 * ring and user_data only. So two of these under way with the same are one too many, and counted.
 */
static __always_inline struct pending_key uring_key(struct io_kiocb *req)
{
	if (bpf_core_field_exists(struct io_kiocb, cqe) &&
	    READ(req, opcode) == URING_READ_MULTISHOT)
		return (struct pending_key){.ring = (__u64)READ(req, ctx),
					    .request = READ(req, cqe.user_data)};
	return (struct pending_key){.request = (__u64)req};
}

static __always_inline struct pending_key uring_completed(struct io_ring_ctx *ring_ctx,
							  struct io_kiocb *req, __u64 user_data)
{
	return req ? uring_key(req)
		   : (struct pending_key){.ring = (__u64)ring_ctx, .request = user_data};
}

/* The same for one that moves names and that nobody watches; on 5.10 it cannot be told from others.
 */
static __always_inline void uring_completes(struct io_kiocb *req)
{
	if (req && uring_moves_names(READ(req, opcode)))
		names_raise();
}

/* on 6.12 and later */
SEC("?tp_btf/io_uring_submit_req")
int BPF_PROG(io_uring_submit_req__tp, struct io_kiocb *req)
{
	return uring_submit(req, uring_key(req));
}

/* by perf where tasks are preempted there, see sys_enter__perf */
SEC("?tp/io_uring/io_uring_submit_req")
int io_uring_submit_req__perf(struct trace_event_raw_io_uring_submit_req *ctx)
{
	struct io_kiocb *req = ctx->req;

	return uring_submit(req, uring_key(req));
}

/* (req, force_nonblock) on 6.1 */
SEC("?tp_btf/io_uring_submit_sqe")
int BPF_PROG(io_uring_submit_sqe__tp, struct io_kiocb *req)
{
	return uring_submit(req, uring_key(req));
}

/*
 * (ctx, req, opcode, user_data, ...) on 5.10, where the completion tells no more than ring
 * and user_data: two requests under way with the same are one too many, and counted.
 */
SEC("?tp_btf/io_uring_submit_sqe")
int BPF_PROG(io_uring_submit_sqe_510__tp, void *ring_ctx, struct io_kiocb *req, __u8 opcode,
	     __u64 user_data)
{
	struct pending_key key = {.ring = (__u64)ring_ctx, .request = user_data};

	return uring_submit(req, key);
}

/* (ctx, req, cqe) on 6.16 and later */
SEC("?tp_btf/io_uring_complete")
int BPF_PROG(io_uring_complete__tp, struct io_ring_ctx *ring_ctx, struct io_kiocb *req,
	     struct io_uring_cqe *cqe)
{
	uring_completes(req);
	return uring_complete(uring_completed(ring_ctx, req, READ(cqe, user_data)), READ(cqe, res),
			      READ(cqe, flags));
}

/* (ctx, req, user_data, res, cflags, ...) from 6.1 to 6.12 */
SEC("?tp_btf/io_uring_complete")
int BPF_PROG(io_uring_complete_res__tp, struct io_ring_ctx *ring_ctx, struct io_kiocb *req,
	     __u64 user_data, int res, unsigned int cflags)
{
	uring_completes(req);
	return uring_complete(uring_completed(ring_ctx, req, user_data), res, cflags);
}

/* by perf where tasks are preempted there, see sys_enter__perf */
SEC("?tp/io_uring/io_uring_complete")
int io_uring_complete__perf(struct trace_event_raw_io_uring_complete *ctx)
{
	struct io_kiocb *req = ctx->req;

	uring_completes(req);
	return uring_complete(uring_completed(ctx->ctx, req, ctx->user_data), ctx->res,
			      ctx->cflags);
}

/* (ctx, user_data, res, cflags) on 5.10 */
SEC("?tp_btf/io_uring_complete")
int BPF_PROG(io_uring_complete_510__tp, void *ring_ctx, __u64 user_data, int res,
	     unsigned int cflags)
{
	struct pending_key key = {.ring = (__u64)ring_ctx, .request = user_data};

	return uring_complete(key, res, cflags);
}

#endif
