/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Block requests, from when they are handed to the device to their completion. Their file is
 * that of direct I/O, which iomap holds until they have completed, or of their first page, if it is
 * one of the page cache.
 *
 * What is written back belongs to the task that has last made a page of the file dirty, not to
 * the one that writes it back.
 */
#ifndef VFSCOPE_BLOCK_H
#define VFSCOPE_BLOCK_H

enum { SECTOR_SIZE = 512, MAPPING_FLAGS = 3 };

/* --- who made it dirty -------------------------------------------------------------------- */

/* Between a record and a dirtier, whose members have the same names. */
#define BLOCK_COPY_WHO(to, from)                                                                   \
	({                                                                                         \
		(to)->cgroup = (from)->cgroup;                                                     \
		(to)->pid = (from)->pid;                                                           \
		(to)->tid = (from)->tid;                                                           \
		(to)->ppid = (from)->ppid;                                                         \
		(to)->uid = (from)->uid;                                                           \
		(to)->mnt_ns = (from)->mnt_ns;                                                     \
		__builtin_memcpy((to)->comm, (from)->comm, sizeof((to)->comm));                    \
		__builtin_memcpy((to)->pcomm, (from)->pcomm, sizeof((to)->pcomm));                 \
	})

static __always_inline int block_dirty(struct address_space *mapping)
{
	struct scratch *s = scratch_of(PROG_BIO_DIRTY);
	struct inode *inode = READ(mapping, host);
	__u64 key = (__u64)inode;
	struct dirtier *by;

	if (!s || !inode)
		return 0;
	if (!who_wanted()) {
		/* no longer that of somebody who is wanted; the kernel's threads only write it back
		 */
		if (!(READ(who_task(), flags) & PF_KTHREAD))
			bpf_map_delete_elem(&dirtiers, &key);
		return 0;
	}
	by = bpf_map_lookup_elem(&dirtiers, &key);
	if (by && by->tid == (__u32)bpf_get_current_pid_tgid() && by->ino == READ(inode, i_ino))
		return 0;
	who_fill(s, &s->rec);
	by = &s->dirtier;
	by->ino = READ(inode, i_ino);
	BLOCK_COPY_WHO(by, &s->rec);
	bpf_map_update_elem(&dirtiers, &key, by, BPF_ANY);
	return 0;
}

SEC("?tp_btf/writeback_dirty_folio")
int BPF_PROG(writeback_dirty_folio__bio, struct folio *folio, struct address_space *mapping)
{
	return block_dirty(mapping);
}

SEC("?tp_btf/writeback_dirty_page") /* 5.10 */
int BPF_PROG(writeback_dirty_page__bio, struct page *page, struct address_space *mapping)
{
	return block_dirty(mapping);
}

/*
 * Makes the one who made it dirty the one who writes, whoever has it written back (the flusher, or
 * sync); false: that is not known.
 */
static __always_inline bool block_is_of_dirtier(struct vs_rec_op *rec, struct inode *inode)
{
	__u64 key = (__u64)inode;
	bool writes = rec->has >> VS_HAS_KIND_SHIFT == VS_KIND_BIO_WRITE;
	struct dirtier *by = inode && writes ? bpf_map_lookup_elem(&dirtiers, &key) : NULL;

	if (!by || by->ino != READ(inode, i_ino))
		return false;
	BLOCK_COPY_WHO(rec, by);
	return true;
}

/* --- requests ------------------------------------------------------------------------------- */

/* The mapping of a page; the other pages of a large folio have none of their own. */
static __always_inline __u64 block_mapping(struct page *page)
{
	struct page___info *info = (void *)page;
	__u64 head = 0, mapping = 0;
	struct folio *folio;

	/* not by READ, for these are bits of what the verifier knows as a pointer */
	if (bpf_core_field_exists(struct page, compound_head))
		bpf_core_read(&head, sizeof(head), &page->compound_head);
	else if (bpf_core_field_exists(struct page___info, compound_info))
		bpf_core_read(&head, sizeof(head), &info->compound_info);
	if (head & 1) {
		/* where the head is says that number in another way on each machine */
		if (!bpf_core_field_exists(struct page, compound_head))
			return 0;
		page = (void *)(head - 1);
	}
	folio = (void *)page;
	if (bpf_core_type_exists(struct folio))
		bpf_core_read(&mapping, sizeof(mapping), &folio->mapping);
	else
		bpf_core_read(&mapping, sizeof(mapping), &page->mapping);
	return mapping;
}

static __always_inline struct file *block_direct_file(struct bio *bio)
{
	struct iomap_dio *dio;

	if (!cfg.direct_end || !bpf_core_type_exists(struct iomap_dio))
		return NULL;
	/* a part that was split off leads to the rest; whatever else this is, it does not end like
	 * one */
	if ((__u64)READ(bio, bi_end_io) != cfg.direct_end)
		bio = READ(bio, bi_private);
	if ((__u64)READ(bio, bi_end_io) != cfg.direct_end)
		return NULL;
	dio = READ(bio, bi_private);
	return READ(READ(dio, iocb), ki_filp);
}

static __always_inline struct inode *block_inode(struct bio *bio)
{
	__u64 mapping;

	if (!bio)
		return NULL;
	mapping = block_mapping(READ(READ(bio, bi_io_vec), bv_page));
	if (mapping & MAPPING_FLAGS) /* no file's */
		return NULL;
	return READ((struct address_space *)mapping, host);
}

static __always_inline enum vs_kind block_kind(__u32 cmd_flags)
{
	switch (cmd_flags & REQ_OP_MASK) {
	case 0: return VS_KIND_BIO_READ;
	case 1: return VS_KIND_BIO_WRITE;
	case 2: return VS_KIND_BIO_FLUSH;
	case REQ_OP_DISCARD: return VS_KIND_BIO_DISCARD;
	case REQ_OP_WRITE_ZEROES: return VS_KIND_BIO_ZERO;
	default: return VS_KIND_BIO_OTHER;
	}
}

static __always_inline __u32 block_dev(struct request *rq)
{
	struct gendisk *disk;

	if (bpf_core_field_exists(struct request_queue, disk)) /* 5.15 */
		disk = READ(READ(rq, q), disk);
	else
		disk = READ((struct request___510 *)rq, rq_disk);
	return READ(disk, major) << 20 | READ(disk, first_minor);
}

static __always_inline void block_describe(struct vs_rec_op *rec, struct request *rq, __u64 now)
{
	__u64 made = READ(rq, start_time_ns), queued = made && made < now ? now - made : 0;

	op_begin(rec, VS_OP_BIO);
	rec->has = VS_HAS_OFFSET | VS_HAS_BYTES | VS_HAS_REQ |
		   block_kind(READ(rq, cmd_flags)) << VS_HAS_KIND_SHIFT;
	rec->ts_ns = cfg.queued ? now - queued : now;
	rec->offset = READ(rq, __sector) * SECTOR_SIZE;
	rec->req = READ(rq, __data_len);
	rec->dev = block_dev(rq);
	if (made) {
		rec->has |= VS_HAS_QUEUE;
		rec->flags = queued;
		rec->mode = queued >> 32;
	}
}

/* Whose request it is, and of which file; false: somebody's who is not wanted. */
static __always_inline bool block_whose(struct scratch *s, struct bio *bio)
{
	struct file *file = bio ? block_direct_file(bio) : NULL;
	struct inode *inode = file ? NULL : block_inode(bio);
	/* metadata is cached as of the device, whose inode has no name */
	bool named = inode && (READ(inode, i_mode) & S_IFMT) != S_IFBLK;
	struct dentry *dentry = named ? page_dentry(inode) : NULL;

	if (!block_is_of_dirtier(&s->rec, inode)) {
		if (!who_wanted())
			return false;
		who_fill(s, &s->rec);
	}
	s->names_fixed = 0;
	s->ref[SECOND].dentry = 0;
	s->ref[FIRST].file = 0;
	if (file)
		file_set_path(s, FIRST, READ(file, f_path.mnt), READ(file, f_path.dentry));
	else
		file_set_path(s, FIRST, dentry ? fn_mount(s, dentry) : NULL, dentry);
	return true;
}

SEC("?tp_btf/block_rq_issue")
int BPF_PROG(block_rq_issue__tp, struct request *rq)
{
	struct scratch *s = scratch_of(PROG_BIO_ISSUE);
	struct pending_key key = {.request = (__u64)rq};

	if (!s)
		return 0;
	block_describe(&s->rec, rq, bpf_ktime_get_ns());
	if (!block_whose(s, READ(rq, bio)) || !ref_wanted(&s->ref[FIRST]))
		return 0;
	if (s->ref[FIRST].dentry)
		name_asked(s, FIRST);
	s->pending.rec = s->rec;
	s->pending.ref[FIRST] = s->ref[FIRST];
	if (bpf_map_update_elem(&pendings, &key, &s->pending, BPF_ANY))
		lost(VS_LOST_MAP_FULL);
	return 0;
}

/* clang-format off */
/* An errno: of a number that is one already (5.10), or of a blk_status_t (blk_types.h). */
static __always_inline __s64 block_errno(int error)
{
	switch (error) {
	case 1: return -EOPNOTSUPP;
	case 2: return -ETIMEDOUT;
	case 3: return -ENOSPC;
	case 4: return -ENOLINK;
	case 5: return -EREMOTEIO;
	case 6: return -EBADE;
	case 7: return -ENODATA;
	case 8: return -EILSEQ;
	case 9: return -ENOMEM;
	case 12: return -EAGAIN;
	case 13: return -EBUSY;
	default: return error < 0 ? error : -EIO;
	}
}
/* clang-format on */

static __always_inline int block_end(struct request *rq, int error, __u32 bytes)
{
	struct scratch *s = scratch_of(PROG_BIO);
	struct pending_key key = {.request = (__u64)rq};
	struct pending *p = bpf_map_lookup_elem(&pendings, &key);
	__u32 left = READ(rq, __data_len), dev;

	if (!s || !p)
		return 0;
	if (!error)
		p->rec.bytes += bytes;
	if (!error && bytes < left) /* a part of it */
		return 0;
	s->rec = p->rec;
	s->ref[FIRST] = p->ref[FIRST];
	s->ref[SECOND].dentry = 0;
	bpf_map_delete_elem(&pendings, &key);
	s->rec.lat_ns = bpf_ktime_get_ns() - s->rec.ts_ns;
	s->rec.ret = error ? block_errno(error) : (__s64)s->rec.bytes;
	if (!op_result_wanted(&s->rec))
		return 0;
	/* the context is anybody's: names were sent when it began */
	s->names_fixed = 1;
	dev = s->rec.dev;
	op_set_file(s, FIRST);
	s->rec.dev = dev;
	s->rec.has |= VS_HAS_INODE;
	op_send(s);
	return 0;
}

SEC("?tp_btf/block_rq_complete")
int BPF_PROG(block_rq_complete__tp, struct request *rq, int error, unsigned int bytes)
{
	return block_end(rq, (__s8)error, bytes);
}

#endif
