/* SPDX-License-Identifier: GPL-2.0 */
/*
 * No update is lost or counted twice, for a map is read only when no program can write to it.
 * The epoch is raised first: a program that begins now adds to the other map. Those that had
 * read the epoch before run on; programs of tracepoints run within an RCU read-side section,
 * and an update of a map of maps returns only after a grace period, when all sections have ended
 * that had begun before it (4.20, 1ae80cf31938: it is there for just this use). The map of maps
 * has no other purpose.
 */
#include "totals.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util.h"

enum { BATCH = 4096, NO_BATCH = 524 /* ENOTSUPP, which user space has no name for */ };

struct totals {
	struct totals_maps maps;
	int fence, inner;      /* the map of maps, and what stands in it */
	unsigned quiet;	       /* the parity that totals_read reads */
	bool one_by_one;       /* this kernel has no batches */
	size_t room, cpus;     /* of keys and values */
	char *keys;	       /* of a batch */
	struct vs_total *vals; /* likewise */
	struct vs_other *others;
	/* the kernel's own memory; NULL: there are none */
	struct vs_slot *slots;
	__u64 *taken; /* see slots_taken in bpf/maps.h */
};

/* What struct slot_id (bpf/slot.h) decides. */
bool totals_slots_fit(__u32 keys)
{
	const __u32 decided = VS_BIT(VS_KEY_PATH) | VS_BIT(VS_KEY_INO) | VS_BIT(VS_KEY_DEV) |
			      VS_BIT(VS_KEY_FTYPE) | VS_BIT(VS_KEY_FS) | VS_BIT(VS_KEY_PID) |
			      VS_BIT(VS_KEY_TID) | VS_BIT(VS_KEY_COMM) | VS_BIT(VS_KEY_UID) |
			      VS_BIT(VS_KEY_OP) | VS_BIT(VS_KEY_VIA);

	return !(keys & ~decided);
}

static size_t slot_sets(const struct totals *totals)
{
	return totals->cpus * 2 * VS_SLOT_SETS;
}

static size_t slots_size(const struct totals *totals)
{
	return slot_sets(totals) * totals->maps.slots_len * sizeof(*totals->slots);
}

static size_t taken_size(const struct totals *totals)
{
	return slot_sets(totals) * (totals->maps.slots_len + 1) * sizeof(*totals->taken);
}

static void *map_memory(int fd, size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static int map_slots(struct totals *totals)
{
	if (totals->maps.slots < 0)
		return 0;
	totals->slots = map_memory(totals->maps.slots, slots_size(totals));
	totals->taken = map_memory(totals->maps.taken, taken_size(totals));
	return totals->slots && totals->taken ? 0 : -errno;
}

struct totals *totals_new(const struct totals_maps *maps)
{
	struct totals *totals = xcalloc(1, sizeof(*totals));
	__u32 zero = 0;

	totals->maps = *maps;
	totals->room = BATCH;
	totals->cpus = libbpf_num_possible_cpus();
	totals->keys = xcalloc(BATCH, maps->key_size);
	totals->vals = xcalloc(BATCH, sizeof(*totals->vals));
	totals->others = xcalloc(totals->cpus, sizeof(*totals->others));
	totals->fence = -1;
	totals->inner =
		bpf_map_create(BPF_MAP_TYPE_ARRAY, "inner", sizeof(zero), sizeof(zero), 1, NULL);
	if (totals->inner >= 0) {
		LIBBPF_OPTS(bpf_map_create_opts, opts, .inner_map_fd = totals->inner);

		totals->fence = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "fence", sizeof(zero),
					       sizeof(zero), 1, &opts);
	}
	if (totals->fence < 0)
		msg("cannot make a map of maps: %s", strerror(errno));
	else if (map_slots(totals))
		msg("cannot map the slots: %s", strerror(errno));
	else
		return totals;
	totals_free(totals);
	return NULL;
}

void totals_free(struct totals *totals)
{
	if (!totals)
		return;
	if (totals->fence >= 0)
		close(totals->fence);
	if (totals->inner >= 0)
		close(totals->inner);
	if (totals->slots)
		munmap(totals->slots, slots_size(totals));
	if (totals->taken)
		munmap(totals->taken, taken_size(totals));
	free(totals->keys);
	free(totals->vals);
	free(totals->others);
	free(totals);
}

int totals_flip(struct totals *totals)
{
	__u32 zero = 0;

	totals->quiet = __atomic_fetch_add(totals->maps.epoch, 1, __ATOMIC_SEQ_CST) & 1;
	return bpf_map_update_elem(totals->fence, &zero, &totals->inner, 0) ? -errno : 0;
}

static void grow(struct totals *totals)
{
	totals->room *= 2;
	totals->keys = xreallocarray(totals->keys, totals->room, totals->maps.key_size);
	totals->vals = xreallocarray(totals->vals, totals->room, sizeof(*totals->vals));
}

static int read_one_by_one(struct totals *totals, int fd, const struct totals_fns *fns, void *ctx)
{
	while (!bpf_map_get_next_key(fd, NULL, totals->keys)) {
		if (bpf_map_lookup_elem(fd, totals->keys, totals->vals))
			return -errno;
		fns->row(ctx, totals->keys, totals->vals);
		if (bpf_map_delete_elem(fd, totals->keys))
			return -errno;
	}
	return errno == ENOENT ? 0 : -errno;
}

static void hand_out(const struct totals *totals, __u32 n, const struct totals_fns *fns, void *ctx)
{
	const size_t size = totals->maps.key_size;

	for (__u32 i = 0; i < n; i++) {
		if (i + TOTALS_AHEAD < n)
			fns->soon(ctx, totals->keys + (i + TOTALS_AHEAD) * size, true);
		if (i + TOTALS_AHEAD / 2 < n)
			fns->soon(ctx, totals->keys + (i + TOTALS_AHEAD / 2) * size, false);
		fns->row(ctx, totals->keys + i * size, &totals->vals[i]);
	}
}

static int read_rows(struct totals *totals, int fd, const struct totals_fns *fns, void *ctx)
{
	char position[sizeof(struct vs_key_head) + VS_KEY_BYTES_MAX];
	bool first = true, more = true;

	if (totals->one_by_one)
		return read_one_by_one(totals, fd, fns, ctx);
	while (more) {
		__u32 n = totals->room;
		int err = bpf_map_lookup_and_delete_batch(fd, first ? NULL : position, position,
							  totals->keys, totals->vals, &n, NULL)
				  ? errno
				  : 0;

		if (err == ENOSPC) { /* not even one bucket of the hash fits */
			grow(totals);
			continue;
		}
		if (first && (err == EINVAL || err == NO_BATCH)) {
			totals->one_by_one = true;
			return read_one_by_one(totals, fd, fns, ctx);
		}
		if (err && err != ENOENT)
			return -err;
		hand_out(totals, n, fns, ctx);
		more = !err;
		first = false;
	}
	return 0;
}

static int read_other(struct totals *totals, const struct totals_fns *fns, void *ctx)
{
	size_t size = totals->cpus * sizeof(*totals->others);

	for (__u32 prog = 0; prog < totals->maps.progs; prog++) {
		__u32 index = totals->quiet * totals->maps.progs + prog;
		bool any = false;

		if (bpf_map_lookup_elem(totals->maps.other, &index, totals->others))
			return -errno;
		for (size_t cpu = 0; cpu < totals->cpus; cpu++) {
			if (!totals->others[cpu].total.count)
				continue;
			fns->other(ctx, &totals->others[cpu]);
			any = true;
		}
		if (!any)
			continue;
		memset(totals->others, 0, size);
		if (bpf_map_update_elem(totals->maps.other, &index, totals->others, 0))
			return -errno;
	}
	return 0;
}

static void read_slots(struct totals *totals, const struct totals_fns *fns, void *ctx)
{
	size_t sets = totals->slots ? slot_sets(totals) : 0;

	for (size_t set = 0; set < sets; set++) {
		__u64 *taken = &totals->taken[set * (totals->maps.slots_len + 1)];

		if (set / VS_SLOT_SETS % 2 != totals->quiet)
			continue;
		for (__u64 i = 1; i <= taken[0]; i++) {
			struct vs_slot *slot = &totals->slots[taken[i]];

			if (slot->state == VS_SLOT_SUMS)
				fns->row(ctx, slot->key, &slot->total);
			memset(slot, 0, sizeof(*slot));
		}
		taken[0] = 0;
	}
}

int totals_read(struct totals *totals, const struct totals_fns *fns, void *ctx)
{
	int err;

	read_slots(totals, fns, ctx);
	err = read_rows(totals, totals->maps.rows[totals->quiet], fns, ctx);

	return err ? err : read_other(totals, fns, ctx);
}
