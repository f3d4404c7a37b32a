/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The page cache. By its tracepoints: pages added, dropped, made dirty. By the functions that read
 * from it: hits and misses. Pages are known by the inode only, so a file with several names is
 * shown by one of them.
 */
#ifndef VFSCOPE_PAGE_H
#define VFSCOPE_PAGE_H

/* A folio of several pages says how many (include/linux/mm_types.h, three forms). */
static __always_inline __u32 page_count(struct folio *folio)
{
	struct folio___nr *nr = (void *)folio;
	__u64 flags = 0;

	bpf_probe_read_kernel(&flags, sizeof(flags), folio);
	if (!(flags & VS_BIT(bpf_core_enum_value(enum pageflags, PG_head))))
		return 1;
	if (bpf_core_field_exists(struct folio___nr, _nr_pages))
		return READ(nr, _nr_pages) ?: 1;
	if (bpf_core_field_exists(struct folio, _folio_nr_pages))
		return READ(folio, _folio_nr_pages) ?: 1;
	return 1;
}

/* A name of an inode. */
static __always_inline struct dentry *page_dentry(struct inode *inode)
{
	void *node = READ(inode, i_dentry.first);

	if (!node)
		return NULL;
	if (bpf_core_field_exists(struct dentry, d_u))
		return node - bpf_core_field_offset(struct dentry, d_u);
	return node - bpf_core_field_offset(struct dentry___alias, d_alias);
}

static __noinline int page_event(__u32 prog, struct address_space *mapping, __u64 index,
				 __u64 pages, enum vs_kind kind)
{
	struct scratch *s = scratch_of(prog);
	struct dentry *dentry = page_dentry(READ(mapping, host));
	struct vs_rec_op *rec;

	if (!s || !dentry || !who_wanted())
		return ret_zero();
	rec = &s->rec;
	op_begin(rec, VS_OP_PAGE);
	rec->ts_ns = bpf_ktime_get_ns();
	rec->lat_ns = VS_LAT_UNKNOWN;
	rec->has = VS_HAS_OFFSET | VS_HAS_BYTES | kind << VS_HAS_KIND_SHIFT;
	rec->offset = index * PAGE_SIZE;
	rec->bytes = pages * PAGE_SIZE;
	if (!op_result_wanted(rec))
		return ret_zero();
	who_fill(s, rec);
	op_complete_file(s, 0, fn_mount(s, dentry), dentry);
	return ret_zero();
}

/* A page on 5.10; a folio begins with its first page, and what is read here lies there. */
static __noinline int page_folio_event(struct folio *folio, struct address_space *mapping,
				       enum vs_kind kind)
{
	struct page *page = (void *)folio;

	if (!bpf_core_type_exists(struct folio))
		return page_event(PROG_PAGE, mapping ?: READ(page, mapping), READ(page, index), 1,
				  kind);
	return page_event(PROG_PAGE, mapping ?: READ(folio, mapping), READ(folio, index),
			  page_count(folio), kind);
}

/* --- hits and misses ----------------------------------------------------------------------- */

/*
 * A read under way, of the pages from first to below end. Those of them that are added by its own
 * thread until it ends were not there when it came. What it has read and did not miss are hits.
 */
struct page_read {
	__u64 task;
	__u64 stack; /* as that of a fn_frame; 0: none is under way */
	__u64 owner; /* its kiocb, or the file */
	__u64 at;    /* where its position stands */
	__u64 mapping;
	__u64 pos, first, end;
	__u64 missed;
};
THREAD_STATE(page_read, struct page_read)

static __always_inline __u64 page_position(__u64 at)
{
	__u64 pos = 0;

	bpf_probe_read_kernel(&pos, sizeof(pos), (void *)at);
	return pos;
}

static __always_inline int page_read_enter(__u32 fn, const __u64 *args, __u64 here)
{
	struct kiocb *iocb = (void *)fn_arg(args, fn, VS_ROLE_IOCB);
	struct iov_iter *iter = (void *)fn_arg(args, fn, VS_ROLE_ITER);
	struct file *file = (void *)fn_arg(args, fn, VS_ROLE_FILE);
	__u64 len = fn_arg(args, fn, VS_ROLE_COUNT);
	struct page_read *r;
	struct inode *host;
	__u64 pages;

	if (!who_wanted())
		return 0;
	r = page_read_make();
	if (!r)
		return 0;
	if (r->stack) /* a file system reads the file that it lies in; or the end was not seen */
		lost(r->stack > here ? VS_LOST_NESTING : VS_LOST_UNPAIRED);
	if (r->stack > here)
		return 0;
	r->owner = (__u64)file;
	r->at = fn_arg(args, fn, VS_ROLE_POS);
	if (fn_table[fn].arg[VS_ROLE_IOCB]) {
		file = READ(iocb, ki_filp);
		len = READ(iter, count);
		r->owner = (__u64)iocb;
		r->at = (__u64)iocb + bpf_core_field_offset(struct kiocb, ki_pos);
	}
	r->stack = here;
	r->mapping = (__u64)READ(file, f_mapping);
	r->pos = page_position(r->at);
	r->first = r->pos / PAGE_SIZE;
	r->end = (r->pos + len + PAGE_SIZE - 1) / PAGE_SIZE;
	/* 5.10 adds one that lies behind the end of the file before it looks where that is */
	host = READ((struct address_space *)r->mapping, host);
	pages = (READ(host, i_size) + PAGE_SIZE - 1) / PAGE_SIZE;
	if (r->end > pages)
		r->end = pages;
	r->missed = 0;
	return 0;
}

/* Pages that are added: for this thread's read, or only ahead of it? */
static __always_inline void page_read_added(__u64 mapping, __u64 index, __u32 pages)
{
	struct page_read *r = page_read_find();
	__u64 end = index + pages;

	if (!r || !r->stack || r->mapping != mapping)
		return;
	if (index < r->first)
		index = r->first;
	if (end > r->end)
		end = r->end;
	if (index < end)
		r->missed += end - index;
}

static __always_inline void page_folio_added(struct folio *folio)
{
	struct page *page = (void *)folio;

	if (!bpf_core_type_exists(struct folio))
		page_read_added((__u64)READ(page, mapping), READ(page, index), 1);
	else
		page_read_added((__u64)READ(folio, mapping), READ(folio, index), page_count(folio));
}

/* What an earlier try of the same read has missed; from now on it is this one's. */
static __always_inline __u64 page_missed_before(const struct page_retry *key)
{
	__u64 *missed = bpf_map_lookup_elem(&page_retries, key), count;

	if (!missed)
		return 0;
	count = *missed;
	bpf_map_delete_elem(&page_retries, key);
	return count;
}

static __always_inline int page_read_exit(__u32 fn, __u64 here)
{
	struct page_read *r = page_read_find();
	struct page_retry key;
	__u64 pos, touched, missed, left, first;

	if (!r || r->stack != here)
		return 0;
	pos = page_position(r->at);
	first = r->first;
	touched = pos > r->pos ? (pos - 1) / PAGE_SIZE + 1 - first : 0;
	key = (struct page_retry){r->owner, r->mapping, r->pos};
	missed = r->missed + page_missed_before(&key);
	r->stack = 0;
	page_read_drop(r);
	if (missed > touched) {
		key.pos = pos;
		left = missed - touched;
		bpf_map_update_elem(&page_retries, &key, &left, BPF_ANY);
		missed = touched;
	}
	if (missed)
		page_event(fn_table[fn].slot, (void *)key.mapping, first, missed, VS_KIND_MISS);
	if (touched > missed)
		page_event(fn_table[fn].slot, (void *)key.mapping, first, touched - missed,
			   VS_KIND_HIT);
	return 0;
}

static __always_inline int page_read_fentry(const __u64 *ctx, __u32 fn)
{
	__u64 args[8] = {fn_ctx(ctx, fn, 0), fn_ctx(ctx, fn, 1), fn_ctx(ctx, fn, 2),
			 fn_ctx(ctx, fn, 3)};

	return page_read_enter(fn, args, (__u64)ctx);
}

static __always_inline int page_read_kprobe(struct pt_regs *ctx, __u32 fn)
{
	__u64 args[8] = {PT_REGS_PARM1(ctx), PT_REGS_PARM2(ctx), PT_REGS_PARM3(ctx),
			 PT_REGS_PARM4(ctx)};

	return page_read_enter(fn, args, PT_REGS_SP(ctx) + FN_RETURN_ADDRESS);
}

#define PAGE_PROGRAMS(fn_, function, op_)                                                          \
	SEC("?fentry")                                                                             \
	int function##__fentry(__u64 *ctx)                                                         \
	{                                                                                          \
		return page_read_fentry(ctx, VS_FN_##fn_);                                         \
	}                                                                                          \
	SEC("?fexit")                                                                              \
	int function##__fexit(__u64 *ctx)                                                          \
	{                                                                                          \
		return page_read_exit(VS_FN_##fn_, (__u64)ctx);                                    \
	}                                                                                          \
	SEC("?kprobe")                                                                             \
	int function##__kprobe(struct pt_regs *ctx)                                                \
	{                                                                                          \
		return page_read_kprobe(ctx, VS_FN_##fn_);                                         \
	}                                                                                          \
	SEC("?kretprobe")                                                                          \
	int function##__kretprobe(struct pt_regs *ctx)                                             \
	{                                                                                          \
		return page_read_exit(VS_FN_##fn_, PT_REGS_SP(ctx));                               \
	}
VS_PAGE_FNS(PAGE_PROGRAMS)

/* --- the tracepoints ----------------------------------------------------------------------- */

SEC("?tp_btf/mm_filemap_add_to_page_cache")
int BPF_PROG(mm_filemap_add_to_page_cache__tp, struct folio *folio)
{
	if (fn_table[VS_FN_FILEMAP_READ].args || fn_table[VS_FN_GENERIC_FILE_BUFFERED_READ].args)
		page_folio_added(folio);
	return page_folio_event(folio, NULL, VS_KIND_ADD);
}

SEC("?tp_btf/mm_filemap_delete_from_page_cache")
int BPF_PROG(mm_filemap_delete_from_page_cache__tp, struct folio *folio)
{
	return page_folio_event(folio, NULL, VS_KIND_REMOVE);
}

SEC("?tp_btf/writeback_dirty_folio")
int BPF_PROG(writeback_dirty_folio__tp, struct folio *folio, struct address_space *mapping)
{
	return page_folio_event(folio, mapping, VS_KIND_DIRTY);
}

SEC("?tp_btf/writeback_dirty_page") /* 5.10 */
int BPF_PROG(writeback_dirty_page__tp, struct folio *page, struct address_space *mapping)
{
	return page_folio_event(page, mapping, VS_KIND_DIRTY);
}

#endif
