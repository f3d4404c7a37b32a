/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls of functions, for `vfscope count`: one program for all of them. Which one it is says the
 * cookie that the program was attached with (5.15), before that the address.
 */
#ifndef VFSCOPE_COUNT_H
#define VFSCOPE_COUNT_H

/* Index: of the function, as the user side numbers them. Never emptied: who reads subtracts. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1); /* set before loading */
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

/* Key: address of a function; value: its index. Filled before attaching, never deleted. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* set before loading */
	__type(key, __u64);
	__type(value, __u32);
} count_addresses SEC(".maps");

#if defined(__TARGET_ARCH_x86)
enum { COUNT_BEHIND = 1 }; /* the instruction that a kprobe puts there */
#else
enum { COUNT_BEHIND = 0 };
#endif

static __always_inline int count_call(struct pt_regs *ctx)
{
	__u64 address, *count;
	__u32 *known, index;

	if (!who_wanted())
		return 0;
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_attach_cookie)) {
		index = bpf_get_attach_cookie(ctx);
	} else {
		address = PT_REGS_IP(ctx) - COUNT_BEHIND;
		known = bpf_map_lookup_elem(&count_addresses, &address);
		if (!known) {
			lost(VS_LOST_MAP_FULL);
			return 0;
		}
		index = *known;
	}
	count = bpf_map_lookup_elem(&counts, &index);
	/* no other call is counted on this processor meanwhile: the kernel skips it */
	if (count)
		++*count;
	return 0;
}

SEC("?kprobe.multi")
int count__kprobe_multi(struct pt_regs *ctx)
{
	return count_call(ctx);
}

SEC("?kprobe")
int count__kprobe(struct pt_regs *ctx)
{
	return count_call(ctx);
}

#endif
