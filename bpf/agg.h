/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Totals: operations are added up here, in rows keyed by just the fields asked for. Of two
 * maps one is in use, by the parity of totals_epoch. The user side raises the epoch, waits
 * until no program can run that has still read the old one (totals.c says how), and then reads
 * and empties the map, which no one writes to any more. So each operation is in exactly one
 * interval.
 *
 * A row belongs to one program on one processor: it is never written to by two at once. This
 * is why the processor is part of the key, where BPF_MAP_TYPE_PERCPU_HASH would take the memory
 * of all processors for each row, and still need atomic additions where one program interrupts
 * another.
 *
 * What is filtered by the user side (paths as passed, see filter.c) is not added up here: it
 * goes over the ring, and the user side adds it to the same rows.
 */
#ifndef VFSCOPE_AGG_H
#define VFSCOPE_AGG_H

/* For the user side, which looks at no others. */
static __always_inline bool slot_list(__u32 index)
{
	__u32 at = index / cfg.totals.slots * (cfg.totals.slots + 1);
	__u64 *count = bpf_map_lookup_elem(&slots_taken, &at), *taken;

	if (!count)
		return false;
	at += 1 + *count;
	taken = bpf_map_lookup_elem(&slots_taken, &at);
	if (!taken)
		return false;
	*taken = index;
	(*count)++;
	return true;
}

/* Gives an operation the slot that slot_add (slot.h) has found free for it; NULL: there is none. */
static __always_inline struct vs_slot *slot_claim(struct scratch *s, enum vs_slot_state state)
{
	__u32 index = s->slot - 1;
	struct vs_slot *slot;

	if (!cfg.totals.slots || !s->slot)
		return NULL;
	s->slot = 0;
	slot = bpf_map_lookup_elem(&slots, &index);
	if (!slot || slot->state != VS_SLOT_FREE || !(slot->listed || slot_list(index)))
		return NULL;
	slot->listed = 1;
	slot->state = state;
	return slot;
}

static __always_inline bool agg_takes(const struct vs_rec_op *rec)
{
	return cfg.totals.on &&
	       !(rec->has & (VS_HAS_PATH_ARG | VS_HAS_PATH_ID_ARG | VS_HAS_LONE_PATH));
}

static __always_inline __u16 agg_bucket(__u64 lat_ns, __u64 bytes)
{
	__u8 dist = cfg.totals.dist;

	if (dist == VS_DIST_LATENCY)
		return lat_ns == VS_LAT_UNKNOWN ? VS_BUCKETS : vs_bucket(lat_ns);
	return dist == VS_DIST_SIZE ? vs_bucket(bytes) : 0;
}

#define AGG_PUT(e, member)                                                                         \
	if (cfg.totals.keys & VS_BIT(VS_KEY_##e)) {                                                \
		__builtin_memcpy(key + at, &s->rec.member, sizeof(s->rec.member));                 \
		at += sizeof(s->rec.member);                                                       \
	}

/* Puts the key of the row of s->rec together; what lies behind it stays 0. */
static __always_inline void agg_key(struct scratch *s)
{
	struct vs_key_head *head = (struct vs_key_head *)s->total_key;
	__u32 at = sizeof(*head);
	__u8 *key = s->total_key;

	head->cpu = bpf_get_smp_processor_id();
	head->prog = s->prog;
	head->bucket = agg_bucket(s->rec.lat_ns, s->rec.bytes);
	head->kind = cfg.totals.keys & VS_BIT(VS_KEY_KIND) ? s->rec.has >> VS_HAS_KIND_SHIFT : 0;
	head->err = cfg.totals.keys & VS_BIT(VS_KEY_ERR) && s->rec.ret < 0 ? s->rec.ret : 0;
	VS_KEYS(AGG_PUT)
	if (!(cfg.totals.keys & VS_BIT(VS_KEY_FS)))
		return;
	__builtin_memset(key + at, 0, VS_FS_LEN);
	if (s->rec.has & VS_HAS_FILE)
		bpf_probe_read_kernel_str(key + at, VS_FS_LEN,
					  READ((struct file_system_type *)s->fs_type, name));
}

static __always_inline void agg_sum_time(struct vs_total *total, __u64 lat_ns)
{
	if (lat_ns == VS_LAT_UNKNOWN)
		return;
	total->lat_sum_ns += lat_ns;
	if (lat_ns > total->lat_max_ns)
		total->lat_max_ns = lat_ns;
}

static __always_inline void agg_sum(struct vs_total *total, const struct vs_rec_op *rec)
{
	total->count++;
	total->errors += rec->ret < 0;
	total->req += vs_total_req(rec);
	total->bytes += rec->bytes;
	agg_sum_time(total, rec->lat_ns);
}

/* There is no room for another row. */
static __always_inline void agg_add_other(struct scratch *s, __u32 odd)
{
	__u32 index = odd * cfg.totals.progs + s->prog, bucket, op = s->rec.op;
	__u32 kind = s->rec.has >> VS_HAS_KIND_SHIFT;
	struct vs_other *other = bpf_map_lookup_elem(&totals_other, &index);

	if (!other) {
		lost(VS_LOST_MAP_FULL);
		return;
	}
	agg_sum(&other->total, &s->rec);
	bucket = ((struct vs_key_head *)s->total_key)->bucket;
	/* clang would test one copy of a number and index with another, which no verifier follows
	 */
	asm volatile("" : "+r"(bucket), "+r"(op), "+r"(kind));
	if (bucket < VS_BUCKETS)
		other->buckets[bucket]++;
	if (op < VS_OP_MAX) {
		other->ops[op].count++;
		other->ops[op].bytes += s->rec.bytes;
	}
	if (kind < VS_KIND_MAX) {
		other->kinds[kind].count++;
		other->kinds[kind].bytes += s->rec.bytes;
	}
}

/* Adds s->rec up. */
__noinline int agg_add(__u32 prog)
{
	__u32 odd = *(volatile __u32 *)&totals_epoch & 1;
	struct scratch *s = scratch_of(prog);
	struct vs_total *total;
	struct vs_slot *slot;
	void *rows;

	if (!s || !cfg.totals.on)
		return 0;
	agg_key(s);
	slot = slot_claim(s, VS_SLOT_SUMS);
	if (slot) {
		__builtin_memcpy(slot->key, s->total_key, sizeof(slot->key));
		agg_sum(&slot->total, &s->rec);
		return 0;
	}
	rows = odd ? (void *)&totals_odd : (void *)&totals_even;
	total = bpf_map_lookup_elem(rows, s->total_key);
	if (!total) {
		bpf_map_update_elem(rows, s->total_key, &s->no_total, BPF_NOEXIST);
		total = bpf_map_lookup_elem(rows, s->total_key);
	}
	if (total)
		agg_sum(total, &s->rec);
	else
		agg_add_other(s, odd);
	return 0;
}

#endif
