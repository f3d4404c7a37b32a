/* SPDX-License-Identifier: GPL-2.0 */
/*
 * System calls, whatever tells of them: what a call was about, and what came of it. Each shape of
 * calls has its sys_done_*, that fills and sends the record.
 */
#ifndef VFSCOPE_SYS_DONE_H
#define VFSCOPE_SYS_DONE_H

static __always_inline bool sys_is_timed(void)
{
	return cfg.want_time || !cfg.totals.on;
}

/* 0: nobody asks. */
static __always_inline __u64 sys_now(void)
{
	return sys_is_timed() ? bpf_ktime_get_ns() : 0;
}

/* --- paths -------------------------------------------------------------------------- */

enum { MOVE_MOUNT_F_EMPTY_PATH = 4 }; /* include/uapi/linux/mount.h */

/* Does an empty path stand for the descriptor itself? */
static __always_inline bool sys_may_be_empty(const struct scratch *s,
					     const volatile struct vs_sys *row, __u64 ptr)
{
	__u64 flag = row->bits & VS_SYS_FROM_MOUNT ? MOVE_MOUNT_F_EMPTY_PATH : AT_EMPTY_PATH;

	return !ptr || row->op == VS_OP_READLINK ||
	       (row->flags && row->shape != VS_SHAPE_OPEN && sys_arg(s, row->flags) & flag);
}

/* struct open_how, include/uapi/linux/openat2.h */
enum { HOW_FLAGS, HOW_MODE, HOW_RESOLVE, HOW_WORDS, RESOLVE_IN_ROOT = 0x10 };

/* Is the directory that a path is relative to its root as well? */
static __always_inline bool sys_is_in_root(const struct scratch *s,
					   const volatile struct vs_sys *row)
{
	__u64 how[HOW_WORDS] = {};

	return row->bits & VS_SYS_OPEN_HOW &&
	       !bpf_probe_read_user(how, sizeof(how), (void *)sys_arg(s, row->flags)) &&
	       how[HOW_RESOLVE] & RESOLVE_IN_ROOT;
}

/*
 * What a call on a path is about: the path as the program passed it, and the directory
 * that it is relative to, which becomes FIRST; or, where no path was passed, the file of
 * the descriptor itself; or nothing, where the path cannot be read.
 */
__noinline int sys_path(__u32 prog, __u32 call)
{
	const volatile struct vs_sys *row = &sys_table[sys_bounded(call)];
	struct scratch *s = scratch_of(prog);
	int dirfd, len;
	bool in_root;
	__u64 ptr;

	if (!s)
		return 0;
	dirfd = row->fd ? (int)sys_arg(s, row->fd) : AT_FDCWD;
	ptr = sys_arg(s, row->path);
	in_root = sys_is_in_root(s, row);
	len = sys_string(s, in_root, ptr);
	s->ref[FIRST].dentry = 0;
	if (len < 0)
		return 0;
	if (!len && !sys_may_be_empty(s, row, ptr))
		return 0;
	if (!len && dirfd != AT_FDCWD) {
		/* a mount that is nowhere yet is not below anything, nor of a hidden kind */
		if (!(row->bits & VS_SYS_FROM_MOUNT))
			file_set(s, FIRST, file_of_fd(dirfd));
		s->rec.has |= VS_HAS_FD;
		s->rec.fd = dirfd;
		return 0;
	}
	if (!ptr)
		return 0;
	s->rec.has |= VS_HAS_PATH_ARG | op_path_bits();
	if ((row->bits & VS_SYS_NOFOLLOW) || (row->flags && row->shape == VS_SHAPE_PATH &&
					      (sys_arg(s, row->flags) & AT_SYMLINK_NOFOLLOW)))
		s->rec.has |= VS_HAS_NOFOLLOW;
	if (in_root) { /* as an absolute one it does not lead out of its root */
		s->strings[0] = '/';
		len++;
	}
	s->rec.path_len = len;
	op_tell_root(s, &s->rec);
	if (len && s->strings[0] == '/' && !in_root) {
		s->rec.path_id = op_root_id(s, FIRST);
		return 0;
	}
	if (!front_take_dir(s, dirfd))
		file_set_dir(s, FIRST, dirfd);
	if (s->ref[FIRST].dentry && s->ref[FIRST].below)
		s->rec.has |= VS_HAS_BASE_BELOW;
	s->rec.path_id = name_base(s, FIRST);
	front_keep(s);
	return 0;
}

/* At the entry: sends the path now, since it will not stand there any more at the exit. */
static __always_inline void sys_send_path(struct scratch *s, const volatile struct vs_sys *row)
{
	s->rec.ret = -1;
	s->rec.has = 0;
	s->rec.path_id = 0;
	sys_path(s->prog, s->call);
	if (!(s->rec.has & VS_HAS_PATH_ARG))
		return;
	s->kept_has = (s->rec.has & ~VS_HAS_PATH_ARG) | VS_HAS_PATH_ID_ARG;
	s->kept_id = name_send_text(s, VS_NAME_ARG, s->rec.path_id, s->strings, false);
}

/* Likewise, if the call will write its result over it: readlink into the same buffer. */
static __always_inline void sys_keep_path(struct scratch *s, const volatile struct vs_sys *row)
{
	__u64 ptr = sys_arg(s, row->path), out = sys_arg(s, row->out), size = 256;

	if (!(row->bits & (VS_SYS_STAT | VS_SYS_STATX)))
		size = row->bits & VS_SYS_LEN32 ? (__u32)sys_arg(s, row->len)
						: sys_arg(s, row->len);
	if (ptr >= out + size || out >= ptr + VS_PATH_MAX)
		return;
	sys_send_path(s, row);
}

/* --- what came of it ------------------------------------------------------------------ */

/* Where a call's data began: the position now, less what it has moved since. */
static __always_inline void sys_position(struct scratch *s, const struct file_ref *ref)
{
	struct file *file = ref_file(ref);
	__s64 pos = READ(file, f_pos);

	s->rec.has |= VS_HAS_OFFSET;
	s->rec.offset = s->rec.ret > 0 && !s->pos_stays ? pos - s->rec.ret : pos;
}

/* Data that was appended went to the end of the file, whatever offset was given. */
static __always_inline bool sys_appended(struct scratch *s, const volatile struct vs_sys *row,
					 const struct file_ref *ref)
{
	struct file *file = ref_file(ref);
	__u32 rwf = row->flags ? sys_arg(s, row->flags) : 0;
	bool append = READ(file, f_flags) & O_APPEND && !(rwf & RWF_NOAPPEND);

	if (s->rec.op != VS_OP_WRITE || s->rec.ret <= 0 || !(append || rwf & RWF_APPEND))
		return false;
	s->rec.has |= VS_HAS_OFFSET;
	s->rec.offset = READ(READ(ref_dentry(ref), d_inode), i_size) - s->rec.ret;
	return true;
}

static __always_inline void sys_offset(struct scratch *s, const volatile struct vs_sys *row,
				       const struct file_ref *ref)
{
	bool seekable = ref->dentry && (ref->ftype == VS_FTYPE_REG || ref->ftype == VS_FTYPE_BLK);

	if (row->off) {
		s->rec.has |= VS_HAS_OFFSET;
		s->rec.offset = sys_arg64(s, row->off, row->bits & VS_SYS_SPLIT64);
		if (seekable && (row->bits & VS_SYS_RET_BYTES) && sys_appended(s, row, ref))
			return;
		/* preadv2 and pwritev2: -1 is the file's position */
		if (s->rec.offset != -1 || !(row->bits & VS_SYS_OFF_POS))
			return;
		s->rec.has &= ~VS_HAS_OFFSET;
	}
	if (!(row->bits & VS_SYS_OFF_POS) || !seekable)
		return;
	/* a position that has moved is the end already */
	if (!s->pos_stays || !sys_appended(s, row, ref))
		sys_position(s, ref);
}

/* One end of a copy: the offset behind a pointer, which the call has moved on, or the position. */
static __always_inline void sys_copy_end(struct scratch *s, const volatile struct vs_sys *row,
					 __u8 fd, __u8 off, const struct file_ref *ref,
					 struct copy_end *end)
{
	__s64 offset = 0, moved = s->rec.ret > 0 ? s->rec.ret : 0;
	__u64 ptr = off ? sys_arg(s, off) : 0;

	end->fd = sys_arg(s, fd);
	end->has = 0;
	end->no_fd = 0;
	end->offset = 0;
	if (ptr) {
		if (bpf_probe_read_user(&offset, row->bits & VS_SYS_OFF32 ? 4 : 8, (void *)ptr))
			return;
		if (row->bits & VS_SYS_OFF32)
			offset = (__s32)offset;
	} else {
		if (!ref->dentry || ref->ftype != VS_FTYPE_REG)
			return;
		offset = READ(ref_file(ref), f_pos);
	}
	end->has = VS_HAS_OFFSET;
	end->offset = offset - moved;
}

static __always_inline void sys_sizes(struct scratch *s, const volatile struct vs_sys *row)
{
	__u32 size = 0;

	if (!row->len)
		return;
	if (row->bits & VS_SYS_IOVEC) {
		s->rec.req =
			sys_iovec_bytes(sys_arg(s, row->len - 1), sys_arg(s, row->len), s->compat);
	} else if (row->bits & VS_SYS_XATTR_ARGS) {
		/* include/uapi/linux/xattr.h: value, size */
		if (bpf_probe_read_user(&size, sizeof(size), (void *)sys_arg(s, row->len) + 8))
			return;
		s->rec.req = size;
	} else {
		s->rec.req = sys_arg64(s, row->len, row->bits & VS_SYS_SPLIT_LEN);
		if (row->bits & VS_SYS_LEN32)
			s->rec.req = (__u32)s->rec.req;
	}
	s->rec.has |= VS_HAS_REQ;
}

static __always_inline void sys_flags(struct scratch *s, const volatile struct vs_sys *row)
{
	__u64 how[HOW_RESOLVE] = {};

	if (row->bits & VS_SYS_OPEN_HOW) {
		if (bpf_probe_read_user(how, sizeof(how), (void *)sys_arg(s, row->flags)))
			return;
		s->rec.flags = how[HOW_FLAGS];
		s->rec.has |= VS_HAS_FLAGS;
	} else if (row->shape == VS_SHAPE_OPEN) {
		s->rec.flags = row->flags ? sys_arg(s, row->flags) : CREAT_FLAGS;
		s->rec.has |= VS_HAS_FLAGS;
	}
	/* open looks at its mode only if it may create a file */
	if (row->shape == VS_SHAPE_OPEN && !(s->rec.flags & (O_CREAT | O_TMPFILE_BIT)))
		return;
	if (row->bits & VS_SYS_OPEN_HOW) {
		s->rec.mode = how[HOW_MODE];
		s->rec.has |= VS_HAS_MODE;
	} else if (row->mode) {
		s->rec.mode = sys_arg(s, row->mode);
		s->rec.has |= VS_HAS_MODE;
	}
}

/* Starts s->rec: all that does not depend on what kind of call it is. */
static __always_inline void sys_begin(struct scratch *s, const volatile struct vs_sys *row,
				      __u64 ts_ns, __u64 lat_ns, long ret)
{
	op_begin(&s->rec, row->op);
	s->rec.via = row->via;
	s->rec.ts_ns = ts_ns;
	s->rec.lat_ns = lat_ns;
	s->rec.ret = ret;
	s->data.at = 0;
	if (row->bits & VS_SYS_RET_BYTES) {
		s->rec.has |= VS_HAS_BYTES;
		s->rec.bytes = ret > 0 ? ret : 0;
	}
}

/* Sends what sys_path has found; a path as passed is filtered by the user side. */
static __always_inline void sys_complete_path(struct scratch *s)
{
	if (s->rec.has & (VS_HAS_PATH_ARG | VS_HAS_PATH_ID_ARG))
		op_send(s);
	else if (ref_wanted(&s->ref[FIRST]))
		op_complete(s->prog, FIRST);
}

static __always_inline void sys_path2(struct scratch *s, const volatile struct vs_sys *row)
{
	int dirfd = row->fd2 ? (int)sys_arg(s, row->fd2) : AT_FDCWD;
	__u32 at = s->rec.path_len & (VS_PATH_MAX - 1);
	int len = sys_string(s, at, sys_arg(s, row->path2));

	if (len < 0)
		return;
	s->rec.has |= VS_HAS_PATH2_ARG;
	s->rec.path2_len = len;
	if (len && s->strings[at] == '/') {
		s->rec.path2_id = op_root_id(s, SECOND);
		return;
	}
	file_set_dir(s, SECOND, dirfd);
	s->rec.path2_id = name_base(s, SECOND);
}

/* stat says which file it was about, in the memory of the program. */
static __always_inline void sys_stat_result(struct scratch *s, const volatile struct vs_sys *row)
{
	void *out = (void *)sys_arg(s, row->out);
	__u64 st[4] = {};
	__u16 mode;

	if (s->rec.ret)
		return;
	if (row->bits & VS_SYS_STATX) {
		op_set_statx(&s->rec, out);
		return;
	}
	/* st_dev, st_ino; st_mode stands at 24 on x86-64 and at 16 on arm64 */
	if (bpf_probe_read_user(st, sizeof(st), out))
		return;
#if defined(__TARGET_ARCH_x86)
	mode = st[3];
#else
	mode = st[2];
#endif
	/* include/linux/kdev_t.h: new_decode_dev */
	s->rec.dev = (st[0] & 0xfff00) << 12 | (st[0] & 0xff) | (st[0] >> 12 & 0xfff00);
	s->rec.ino = st[1];
	s->rec.ftype = ftype_of_mode(mode);
	s->rec.has |= VS_HAS_INODE;
}

/*
 * How long what text2 points at is; 0: it ends with a NUL. Negative: it points at nothing. Of what
 * fsconfig sets, the length stands in rec->mode already.
 */
enum { MOUNT_ATTR_SIZE = 32, MOUNT_ATTR_LEN_ARG = 4 };
static __always_inline long sys_text_len(struct scratch *s, __u32 op)
{
	enum { SET_STRING = 1, SET_BINARY, SET_PATH, SET_PATH_EMPTY }; /* uapi/linux/mount.h */

	if (op == VS_OP_MOUNT)
		return 0;
	if (op != VS_OP_FSCONFIG)
		return s->arg[MOUNT_ATTR_LEN_ARG] < MOUNT_ATTR_SIZE ? -1 : MOUNT_ATTR_SIZE;
	switch (s->rec.flags) {
	case SET_STRING:
	case SET_PATH:
	case SET_PATH_EMPTY: return 0;
	case SET_BINARY:
		return (__s32)s->rec.mode > 0 && s->rec.mode < VS_PATH_MAX ? s->rec.mode : -1;
	}
	return -1;
}

/* Reads it behind the type, whose length is at. Returns how long it is, or a negative errno. */
static __always_inline long sys_read_text2(struct scratch *s, __u32 at, __u64 from, long size)
{
	long len;

	if (!from || size < 0)
		return 0;
	if (size) {
		size &= VS_PATH_MAX - 1;
		len = bpf_probe_read_user(&s->components[at], size, (void *)from);
		return len < 0 ? len : size;
	}
	len = bpf_probe_read_user_str(&s->components[at], VS_PATH_MAX, (void *)from);
	return len > 0 ? len - 1 : len;
}

/*
 * What a mount is asked for besides: its type and data, the value that fsconfig sets, or
 * attributes. They are sent as one text, with a NUL between them. The numbers are those of
 * arguments; 0: there is none.
 */
__noinline int sys_send_texts(__u32 prog, __u32 text, __u32 text2, __u32 op)
{
	struct scratch *s = scratch_of(prog);
	long len = 0, len2;

	if (!s || !text2)
		return 0;
	if (text)
		len = bpf_probe_read_user_str(s->components, 256, (void *)s->arg[(text - 1) & 7]);
	if (len < 1) {
		s->components[0] = 0;
		len = 1;
	}
	len &= 511;
	len2 = sys_read_text2(s, len, s->arg[(text2 - 1) & 7], sys_text_len(s, op));
	if (len2 < 0 && s->rec.ret >= 0)
		lost(VS_LOST_PATH);
	len2 = len2 < 0 ? 0 : len2;
	s->rec.path2_id = name_send_components(s, VS_NAME_VERBATIM, 0, len + len2);
	s->rec.has |= VS_HAS_TEXTS;
	return 0;
}

/* What sys_send_path has sent. */
static __always_inline void sys_take_kept(struct scratch *s)
{
	s->rec.has |= s->kept_has;
	s->rec.path_id = s->kept_id;
	op_tell_root(s, &s->rec);
}

static __always_inline void sys_done_path(struct scratch *s, const volatile struct vs_sys *row)
{
	if ((row->bits & VS_SYS_REMOVEDIR) && (sys_arg(s, row->flags) & AT_REMOVEDIR)) {
		s->rec.op = VS_OP_RMDIR;
		if (!op_asked(VS_OP_RMDIR))
			return;
	} else if (!op_asked(s->rec.op) && !(row->bits & VS_SYS_CREATES)) {
		return;
	}
	sys_sizes(s, row);
	sys_flags(s, row);
	if (s->kept_id)
		sys_take_kept(s);
	else
		sys_path(s->prog, s->call);
	if (row->text2)
		sys_send_texts(s->prog, 0, row->text2, row->op);
	if (row->bits & (VS_SYS_STAT | VS_SYS_STATX) &&
	    s->rec.has & (VS_HAS_PATH_ARG | VS_HAS_PATH_ID_ARG))
		sys_stat_result(s, row);
	if (op_asked(s->rec.op))
		sys_complete_path(s);
	if ((row->bits & VS_SYS_CREATES) && !s->rec.ret && op_asked(VS_OP_CREATE)) {
		s->rec.op = VS_OP_CREATE;
		sys_complete_path(s);
	}
}

static __always_inline void sys_done_two_paths(struct scratch *s, const volatile struct vs_sys *row)
{
	sys_path(s->prog, s->call);
	sys_path2(s, row);
	sys_complete_path(s);
}

/* The target of a symbolic link is any text, and stands as it is. */
static __always_inline void sys_done_symlink(struct scratch *s, const volatile struct vs_sys *row)
{
	int len;

	sys_path(s->prog, s->call);
	len = sys_string(s, s->rec.path_len, sys_arg(s, row->path2));
	if (len >= 0) {
		s->rec.path2_len = len;
		s->rec.has |= VS_HAS_TARGET;
	}
	sys_send_texts(s->prog, row->text, row->text2, row->op);
	sys_complete_path(s);
}

/* What an open led to is known by its descriptor; what it tried, by what was passed. */
static __always_inline void sys_done_open(struct scratch *s, const volatile struct vs_sys *row)
{
	struct file *file = NULL, *typed;
	__u32 mode;

	sys_flags(s, row);
	if (s->rec.ret >= 0) {
		s->rec.fd = s->rec.ret;
		s->rec.has |= VS_HAS_FD;
		typed = front_file(s->rec.ret);
		if (typed) {
			mode = typed->f_mode;
			front_set_file(s, typed);
			op_complete_open(s, mode);
			front_keep(s);
			return;
		}
		file = file_of_fd(s->rec.ret);
	}
	if (!file) {
		if (!op_asked(VS_OP_OPEN))
			return;
		s->ref[FIRST].dentry = 0;
		if (row->path)
			sys_path(s->prog, s->call);
		sys_complete_path(s);
		return;
	}
	file_set(s, FIRST, file);
	op_complete_open(s, READ(file, f_mode));
}

/* What has become of the process, or what it has tried to become. */
static __always_inline void sys_done_exec(struct scratch *s)
{
	if (!s->rec.ret) {
		file_set(s, FIRST, READ(READ(who_task(), mm), exe_file));
		if (ref_wanted(&s->ref[FIRST]))
			op_complete(s->prog, FIRST);
		return;
	}
	sys_take_kept(s);
	op_send(s);
}

static __always_inline void sys_done_text(struct scratch *s, const volatile struct vs_sys *row)
{
	int len = row->path2 ? sys_string(s, 0, sys_arg(s, row->path2)) : -1;

	if (row->fd) {
		s->rec.has |= VS_HAS_FD;
		s->rec.fd = sys_arg(s, row->fd);
	}
	if (len >= 0) {
		s->rec.path2_len = len;
		s->rec.has |= VS_HAS_TARGET;
	}
	if (row->mode)
		s->rec.mode = sys_arg(s, row->mode);
	sys_send_texts(s->prog, row->text, row->text2, row->op);
	op_send(s);
}

static __always_inline void sys_done_range(struct scratch *s, const volatile struct vs_sys *row)
{
	s->rec.has |= VS_HAS_FD;
	s->rec.fd = sys_arg(s, row->fd);
	op_send(s);
}

static __always_inline void sys_done_fd(struct scratch *s, const volatile struct vs_sys *row)
{
	struct file_ref *ref = &s->ref[FIRST];
	struct file *file = ref_file(ref);

	s->rec.has |= VS_HAS_FD;
	s->rec.fd = sys_arg(s, row->fd);
	sys_sizes(s, row);
	sys_flags(s, row);
	if ((row->bits & VS_SYS_VMSPLICE) && file && !(READ(file, f_mode) & FMODE_WRITE))
		s->rec.op = VS_OP_READ;
	if (!op_asked(s->rec.op))
		return;
	sys_offset(s, row, ref);
	peek_of_call(s, row);
	op_complete(s->prog, FIRST);
}

static __always_inline void sys_done_copy(struct scratch *s, const volatile struct vs_sys *row)
{
	struct copy_end in, out;

	sys_sizes(s, row);
	sys_copy_end(s, row, row->fd, row->off, &s->ref[FIRST], &in);
	sys_copy_end(s, row, row->fd2, row->off2, &s->ref[SECOND], &out);
	op_complete_copy(s, &in, &out);
}

/*
 * ioctl(destination, FICLONE, source), or FICLONERANGE with a struct file_clone_range
 * (include/uapi/linux/fs.h). False: it is another ioctl.
 */
struct clone_range {
	__s64 src_fd;
	__u64 src_offset, src_length, dest_offset;
};
static __always_inline bool sys_clone_range(const struct scratch *s, struct clone_range *range)
{
	__u32 cmd = sys_arg(s, 2);

	__builtin_memset(range, 0, sizeof(*range));
	range->src_fd = (int)sys_arg(s, 3);
	if (cmd != FICLONERANGE)
		return cmd == FICLONE;
	return !bpf_probe_read_user(range, sizeof(*range), (void *)sys_arg(s, 3));
}

/* Blocks are shared, no bytes are moved. Length 0: to the end. */
static __always_inline void sys_done_clone(struct scratch *s)
{
	struct copy_end in = {.has = VS_HAS_OFFSET}, out = {.has = VS_HAS_OFFSET};
	struct clone_range range;

	if (!sys_clone_range(s, &range))
		return;
	in.fd = range.src_fd;
	in.offset = range.src_offset;
	out.fd = sys_arg(s, 1);
	out.offset = range.dest_offset;
	s->rec.req = range.src_length;
	s->rec.has |= VS_HAS_REQ | VS_HAS_BYTES | VS_KIND_REFLINK << VS_HAS_KIND_SHIFT;
	op_complete_copy(s, &in, &out);
}

#endif
