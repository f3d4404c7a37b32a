/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Look-ups in the dentry cache: one operation for each name that is looked up in a directory,
 * whatever the kernel does until it has it. A walk looks without locks first (__d_lookup_rcu),
 * or with references (__d_lookup); who makes or removes a name looks by d_lookup. What is not
 * found is looked for again:
 *
 *     walk                       __d_lookup_rcu            d_alloc_parallel { __d_lookup_rcu }
 *     open, of the last name     __d_lookup_rcu  d_lookup  d_alloc_parallel { __d_lookup_rcu }
 *     create, unlink, rename                     d_lookup
 *
 * The first of these counts, with its result. What d_lookup and d_alloc_parallel look within
 * themselves is theirs, and a d_lookup of what this thread has just missed goes on with that.
 */
#ifndef VFSCOPE_LOOKUP_H
#define VFSCOPE_LOOKUP_H

/* here: places on the stack; 0: it is not within that function. */
struct lookup {
	__u64 task;
	__u64 missed_parent, missed_hash; /* what is looked for again; parent 0: nothing */
	__u64 alloc_here, locked_here;
	__u64 parent, name; /* of the function under way, where its end does not tell */
	__u64 locked_parent, locked_name;
};
THREAD_STATE(lookup, struct lookup)

struct looked {
	struct dentry *parent, *found;
	struct qstr *name;
	enum vs_fn fn;
};

static __always_inline enum vs_kind lookup_kind(const struct looked *l)
{
	bool fast = l->fn == VS_FN___D_LOOKUP_RCU;

	if (!l->found)
		return VS_KIND_LOOKUP_MISS;
	if (!READ(l->found, d_inode))
		return fast ? VS_KIND_NEGATIVE : VS_KIND_SLOW_NEGATIVE;
	return fast ? VS_KIND_FAST : VS_KIND_SLOW;
}

/* The walk that a name is the next one of; NULL: it is no walk's. */
static __always_inline struct nameidata *lookup_walk(const struct qstr *name)
{
	struct nameidata *nd = (void *)name - bpf_core_field_offset(struct nameidata, last);

	return READ(who_task(), nameidata) == nd ? nd : NULL;
}

/* Does an open walk that is to create what is not there? A walk without locks says by LOOKUP_RCU
 * which values its flags have. */
static __always_inline bool lookup_creates(const struct looked *l)
{
	struct nameidata *nd = lookup_walk(l->name);
	__u32 flags = nd ? READ(nd, flags) : 0;

	if (l->fn == VS_FN___D_LOOKUP_RCU)
		return flags & (flags & LOOKUP_RCU ? LOOKUP_CREATE : LOOKUP_CREATE_618);
	return (flags & LOOKUP_OPEN_CREATE) == LOOKUP_OPEN_CREATE ||
	       (flags & LOOKUP_OPEN_CREATE_618) == LOOKUP_OPEN_CREATE_618;
}

/* What is not there has no file: the directory has to pass, and the path is of this record alone.
 */
static __always_inline void lookup_complete_missing(struct scratch *s, const struct looked *l)
{
	struct file_ref *dir = &s->ref[FIRST];
	__u64 base;

	if (!ref_wanted(dir))
		return;
	op_set_file(s, FIRST);
	base = s->rec.path_id;
	s->rec.has &= ~VS_HAS_INODE;
	s->rec.ftype = VS_FTYPE_NONE;
	s->rec.ino = 0;
	if (cfg.want_path) {
		s->rec.path_id = base ? name_send_below(s, dir, base, l->name) : 0;
		s->rec.has |= VS_HAS_LONE_PATH;
	}
	op_send(s);
}

/* noinline: three programs of a backend end here */
static __noinline int lookup_complete(struct scratch *s, const struct looked *l, enum vs_kind kind)
{
	struct nameidata *nd = lookup_walk(l->name);
	struct vs_rec_op *rec = &s->rec;
	struct dentry *about = l->found ?: l->parent;

	op_begin(rec, VS_OP_LOOKUP);
	rec->ts_ns = bpf_ktime_get_ns();
	rec->lat_ns = VS_LAT_UNKNOWN;
	rec->has = kind << VS_HAS_KIND_SHIFT;
	if (!op_result_wanted(rec) || (cfg.kind_mask && !(cfg.kind_mask & VS_BIT(kind))))
		return ret_zero();
	who_fill(s, rec);
	s->names_fixed = 0;
	s->ref[SECOND].dentry = 0;
	s->ref[FIRST].file = 0;
	file_set_path(s, FIRST, nd ? READ(nd, path.mnt) : fn_mount(s, about), about);
	if (!l->found)
		lookup_complete_missing(s, l);
	else if (ref_wanted(&s->ref[FIRST]))
		op_complete(s->prog, FIRST);
	return ret_zero();
}

/* Is what is on the stack here within a function that was called there? Its end may be unseen. */
static __always_inline bool lookup_within(__u64 *there, __u64 here)
{
	if (!*there || here < *there)
		return *there;
	*there = 0;
	lost(VS_LOST_UNPAIRED);
	return false;
}

/* The end of __d_lookup_rcu and __d_lookup. */
static __always_inline int lookup_walked(const struct looked *l, __u64 here)
{
	struct scratch *s = scratch_of(fn_table[l->fn].slot);
	struct lookup *state = lookup_find();
	enum vs_kind kind;
	bool again;

	if (!s || !who_wanted())
		return 0;
	if (state &&
	    (lookup_within(&state->alloc_here, here) || lookup_within(&state->locked_here, here)))
		return 0;
	kind = lookup_kind(l);
	/* what open is to create it looks up again, with the directory locked (6.11) */
	again = kind == VS_KIND_LOOKUP_MISS ||
		((kind == VS_KIND_NEGATIVE || kind == VS_KIND_SLOW_NEGATIVE) && lookup_creates(l));
	if (again && !state)
		state = lookup_make();
	if (state) {
		state->missed_parent = again ? (__u64)l->parent : 0;
		state->missed_hash = READ(l->name, hash_len);
	}
	return lookup_complete(s, l, kind);
}

static __always_inline int lookup_lock(struct dentry *parent, struct qstr *name, __u64 here)
{
	struct lookup *state = who_wanted() ? lookup_make() : NULL;

	if (!state)
		return 0;
	state->locked_here = here;
	state->locked_parent = (__u64)parent;
	state->locked_name = (__u64)name;
	return 0;
}

/* The end of d_lookup. */
static __always_inline int lookup_locked(struct dentry *found)
{
	struct scratch *s = scratch_of(fn_table[VS_FN_D_LOOKUP].slot);
	struct lookup *state = lookup_find();
	struct looked l = {.found = found, .fn = VS_FN_D_LOOKUP};
	bool goes_on;

	if (!s || !state || !state->locked_here)
		return 0;
	l.parent = (void *)state->locked_parent;
	l.name = (void *)state->locked_name;
	goes_on = state->missed_parent == state->locked_parent &&
		  state->missed_hash == READ(l.name, hash_len);
	state->locked_here = 0;
	state->missed_parent = 0;
	return goes_on ? 0 : lookup_complete(s, &l, lookup_kind(&l));
}

/* d_alloc_parallel: what was missed is asked of the file system now. */
static __always_inline int lookup_alloc(__u64 here)
{
	struct lookup *state = who_wanted() ? lookup_make() : NULL;

	if (state) {
		state->alloc_here = here;
		state->missed_parent = 0;
	}
	return 0;
}

static __always_inline int lookup_allocated(void)
{
	struct lookup *state = lookup_find();

	if (state)
		state->alloc_here = 0;
	return 0;
}

/* --- the programs ------------------------------------------------------------------------- */

/* The arguments stand in the same places on all kernels: parent, name. */
static __always_inline __u64 lookup_ret(const __u64 *ctx, __u32 fn)
{
	__s64 ret = 0;

	FN_RET(2)
	FN_RET(3)
	return ret;
}

#define LOOKUP_WALKS(fn_, function)                                                                \
	SEC("?fexit")                                                                              \
	int function##__fexit(__u64 *ctx)                                                          \
	{                                                                                          \
		struct looked l = {(void *)ctx[0], (void *)lookup_ret(ctx, VS_FN_##fn_),           \
				   (void *)ctx[1], VS_FN_##fn_};                                   \
                                                                                                   \
		return lookup_walked(&l, (__u64)ctx);                                              \
	}                                                                                          \
	SEC("?kprobe")                                                                             \
	int function##__kprobe(struct pt_regs *ctx)                                                \
	{                                                                                          \
		struct lookup *state = who_wanted() ? lookup_make() : NULL;                        \
                                                                                                   \
		if (state) {                                                                       \
			state->parent = PT_REGS_PARM1(ctx);                                        \
			state->name = PT_REGS_PARM2(ctx);                                          \
		}                                                                                  \
		return 0;                                                                          \
	}                                                                                          \
	SEC("?kretprobe")                                                                          \
	int function##__kretprobe(struct pt_regs *ctx)                                             \
	{                                                                                          \
		struct lookup *state = lookup_find();                                              \
		struct looked l = {.found = (void *)PT_REGS_RC(ctx), .fn = VS_FN_##fn_};           \
                                                                                                   \
		if (!state || !state->parent)                                                      \
			return 0;                                                                  \
		l.parent = (void *)state->parent;                                                  \
		l.name = (void *)state->name;                                                      \
		state->parent = 0;                                                                 \
		return lookup_walked(&l, PT_REGS_SP(ctx));                                         \
	}
LOOKUP_WALKS(__D_LOOKUP_RCU, __d_lookup_rcu)
LOOKUP_WALKS(__D_LOOKUP, __d_lookup)

SEC("?fentry")
int d_lookup__fentry(__u64 *ctx)
{
	return lookup_lock((void *)ctx[0], (void *)ctx[1], (__u64)ctx);
}

SEC("?fexit")
int d_lookup__fexit(__u64 *ctx)
{
	return lookup_locked((void *)lookup_ret(ctx, VS_FN_D_LOOKUP));
}

SEC("?kprobe")
int d_lookup__kprobe(struct pt_regs *ctx)
{
	return lookup_lock((void *)PT_REGS_PARM1(ctx), (void *)PT_REGS_PARM2(ctx), PT_REGS_SP(ctx));
}

SEC("?kretprobe")
int d_lookup__kretprobe(struct pt_regs *ctx)
{
	return lookup_locked((void *)PT_REGS_RC(ctx));
}

SEC("?fentry")
int d_alloc_parallel__fentry(__u64 *ctx)
{
	return lookup_alloc((__u64)ctx);
}

SEC("?fexit")
int d_alloc_parallel__fexit(__u64 *ctx)
{
	return lookup_allocated();
}

SEC("?kprobe")
int d_alloc_parallel__kprobe(struct pt_regs *ctx)
{
	return lookup_alloc(PT_REGS_SP(ctx));
}

SEC("?kretprobe")
int d_alloc_parallel__kretprobe(struct pt_regs *ctx)
{
	return lookup_allocated();
}

#endif
