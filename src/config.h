/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel side is told: from the options, and from what this kernel has. */
#ifndef CONFIG_H
#define CONFIG_H

#include <bpf/btf.h>
#include <stdbool.h>

#include "hooks.h"
#include "options.h"
#include "vfscope.h"

/* Is it asked for when operations were, or how long they took? needs: NEEDS_* of fields.h */
bool config_wants_time(const struct options *o, int needs);

/* What is done first with reads and writes that begin. */
enum vs_plain_way config_plain_way(const struct vs_config *cfg);

/* Can rows be added up by slots (bpf/slot.h), where the kernel lets that be done? */
bool config_wants_slots(const struct options *o);

/*
 * How many one processor has room for of what stands in front of a map: files (bpf/front.h), slots
 * (bpf/slot.h). On all of them as many as --map-entries has, if that is not too few or too many.
 */
__u32 config_places(const struct options *o);

/* progs: scratches of programs that may run at the same time on one processor. */
void config_fill(struct vs_config *cfg, const struct btf *btf, const struct hooks *h,
		 const struct options *o, int needs, __u16 progs);

#endif
