/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The page cache, by its tracepoints: pages added, dropped, made dirty. They are known by
 * the inode only, so a file with several names is shown by one of them.
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

static __always_inline int page_event(struct address_space *mapping, __u64 index, __u32 pages,
				      enum vs_kind kind)
{
	struct scratch *s = scratch_of(PROG_PAGE);
	struct dentry *dentry = page_dentry(READ(mapping, host));
	struct vs_rec_op *rec;

	if (!s || !dentry || !who_wanted())
		return 0;
	rec = &s->rec;
	op_begin(rec, VS_OP_PAGE);
	rec->ts_ns = bpf_ktime_get_ns();
	rec->lat_ns = VS_LAT_UNKNOWN;
	rec->has = VS_HAS_OFFSET | VS_HAS_BYTES | kind << VS_HAS_KIND_SHIFT;
	rec->offset = index * PAGE_SIZE;
	rec->bytes = (__u64)pages * PAGE_SIZE;
	if (!op_result_wanted(rec))
		return 0;
	who_fill(s, rec);
	op_complete_file(s, 0, fn_mount(s, dentry), dentry);
	return 0;
}

/* A page on 5.10; a folio begins with its first page, and what is read here lies there. */
static __noinline int page_folio_event(struct folio *folio, struct address_space *mapping,
				       enum vs_kind kind)
{
	struct page *page = (void *)folio;

	if (!bpf_core_type_exists(struct folio))
		return page_event(mapping ?: READ(page, mapping), READ(page, index), 1, kind);
	return page_event(mapping ?: READ(folio, mapping), READ(folio, index), page_count(folio),
			  kind);
}

SEC("?tp_btf/mm_filemap_add_to_page_cache")
int BPF_PROG(mm_filemap_add_to_page_cache__tp, struct folio *folio)
{
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
