/* SPDX-License-Identifier: GPL-2.0 */
#include "config.h"

#include <bpf/libbpf.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroups.h"
#include "fields.h"
#include "functions.h"
#include "overlay.h"
#include "sampling.h"
#include "totals.h"

bool config_wants_time(const struct options *o, int needs)
{
	return needs & NEEDS_TIME || o->min_latency_ns;
}

/* Numbers of inodes and ids of cgroups are the same (kernfs, since 5.5). */
static void set_cgroup_ids(struct vs_config *cfg, const struct strings *cgroups)
{
	for (int i = 0; i < cgroups->len; i++) {
		int fd = cgroup_open(cgroups->s[i]);
		struct stat st;

		if (fd < 0)
			continue;
		cfg->cgroup_ids[i] = fstat(fd, &st) ? 0 : st.st_ino;
		close(fd);
	}
}

static void set_only(struct vs_config *cfg, enum vs_who_kind kind, const struct ids *ids)
{
	cfg->only[kind].is_one = ids->len == 1;
	cfg->only[kind].id = ids->len ? ids->id[0] : 0;
}

__u32 config_places(const struct options *o)
{
	enum { PLACES_MIN = 64, PLACES_MAX = 16384 };
	__u64 all = o->map_entries < PLACES_MAX ? o->map_entries : PLACES_MAX;
	__u32 places = PLACES_MIN;

	while (places * 2 * libbpf_num_possible_cpus() <= all)
		places *= 2;
	return places;
}

enum vs_plain_way config_plain_way(const struct vs_config *cfg)
{
	if (cfg->late)
		return VS_PLAIN_LATE;
	return cfg->fronts_tell ? VS_PLAIN_FRONTS : VS_PLAIN_AS_ALL;
}

bool config_wants_slots(const struct options *o)
{
	return o->totals.on && totals_slots_fit(o->totals.keys);
}

/* How deep --layers goes; less, where a test asks for it that is about what lies beyond. */
static __u8 layers_max(void)
{
	const char *less = secure_getenv("VFSCOPE_TEST_LAYERS");
	int n = less ? atoi(less) : 0;

	return n > 0 && n < VS_LAYERS_MAX ? n : VS_LAYERS_MAX;
}

/* What is added up, and how: see agg.h and slot.h. */
static void set_totals(struct vs_config *cfg, const struct hooks *h, const struct options *o)
{
	struct vs_totals_config *t = &cfg->totals;

	t->by_path = o->dirs.len ||
		     t->keys & (VS_BIT(VS_KEY_PATH) | VS_BIT(VS_KEY_INO) | VS_BIT(VS_KEY_DEV));
	t->slots_more =
		!!(t->keys & (VS_BIT(VS_KEY_TID) | VS_BIT(VS_KEY_COMM) | VS_BIT(VS_KEY_UID)));
	t->slots = h->row_slots ? config_places(o) : 0;
	t->plain = h->only_count && cfg->anyone && !cfg->by_dir && cfg->any_result;
	t->by_file = t->slots && t->by_path && t->keys & VS_BIT(VS_KEY_PID) && !t->slots_more &&
		     !t->dist;
}

void config_fill(struct vs_config *cfg, const struct btf *btf, const struct hooks *h,
		 const struct options *o, int needs, __u16 progs)
{
	*cfg = (struct vs_config){
		.op_mask = options_ops(o),
		.via_mask = options_vias(o),
		.min_lat_ns = o->min_latency_ns,
		.min_bytes = o->min_size,
		.ftype_mask = options_ftypes(o),
		.kind_mask = o->kind_mask,
		.n_cgroups = o->cgroups.len,
		.show_self = o->all,
		.by_pid = o->pids.len > 0,
		.by_tid = o->tids.len > 0,
		.by_uid = o->uids.len > 0,
		.children = o->children,
		.n_comms = o->children || o->functions ? o->comms.len : 0,
		.by_container = o->containers.len > 0,
		.by_dir = o->dirs.len > 0,
		.by_fs = o->fs.len > 0,
		.show_pseudo = options_show_pseudo(o),
		.failed_only = o->failed || o->errs.len,
		.follow_fork = o->program != NULL,
		.direct_reads = btf__find_by_name_kind(btf, "bpf_rdonly_cast", BTF_KIND_FUNC) > 0,
		.iterators = btf__find_by_name_kind(btf, "bpf_iter_num_new", BTF_KIND_FUNC) > 0,
		.near = hooks_have_atomics(btf),
		.page_shift = __builtin_ctz(getpagesize()),
		.task_storage = libbpf_probe_bpf_map_type(BPF_MAP_TYPE_TASK_STORAGE, NULL) > 0,
		/* see resolve.h, views.h */
		.want_parent = needs & NEEDS_PARENT || o->dirs.len || o->fs_asked,
		.want_time = config_wants_time(o, needs),
		.queued = o->queued,
		.want_cgroup = needs & NEEDS_CGROUP || o->containers.len,
		.cgroup_v1 = cgroup_v1(),
		.want_procs = !!(needs & NEEDS_PROCS),
		.want_path = needs & NEEDS_PATH || o->dirs.len || o->no_peeks.len,
		.host_path = o->host_path,
		.direct_end = options_ops(o) & VS_BIT(VS_OP_BIO)
				      ? functions_address("iomap_dio_bio_end_io")
				      : 0,
		.overlay = overlay_layout(btf),
		.peek = o->peek,
		.no_peek = o->no_peeks.len > 0,
		.layers = o->layers ? layers_max() : 0,
		.want_base = !options_show_pseudo(o) || o->fs.len,
		.sampling = sampling_asked(o),
		.totals = o->totals,
	};
	set_only(cfg, VS_WHO_PID, &o->pids);
	set_only(cfg, VS_WHO_TID, &o->tids);
	set_only(cfg, VS_WHO_UID, &o->uids);
	set_cgroup_ids(cfg, &o->cgroups);
	cfg->anyone = !cfg->follow_fork && !cfg->by_pid && !cfg->by_tid && !cfg->by_uid &&
		      !cfg->n_comms && !cfg->n_cgroups && !cfg->by_container;
	cfg->one_pid = cfg->only[VS_WHO_PID].is_one && !cfg->follow_fork && !cfg->by_tid &&
		       !cfg->by_uid && !cfg->children && !cfg->n_comms && !cfg->n_cgroups &&
		       !cfg->by_container;
	cfg->any_result = !cfg->failed_only && !cfg->min_lat_ns && !cfg->min_bytes;
	cfg->totals.progs = progs;
	set_totals(cfg, h, o);
	cfg->fronts = cfg->near && !o->host_path ? config_places(o) : 0;
	cfg->fronts_tell = cfg->fronts && cfg->by_dir;
	cfg->outsides = cfg->fronts_tell && h->frees_told;
	cfg->late =
		cfg->fronts && !h->by_functions && !cfg->by_dir && (cfg->anyone || cfg->one_pid);
	cfg->quick = cfg->fronts && !o->totals.on && !o->peek && !cfg->sampling;
}
