/* SPDX-License-Identifier: GPL-2.0 */
/* Programs that do nothing: what it costs to be called at all. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define EMPTY(fn)                                                                                  \
	SEC("?fentry/" #fn) int fentry__##fn(void *ctx)                                            \
	{                                                                                          \
		return 0;                                                                          \
	}                                                                                          \
	SEC("?fexit/" #fn) int fexit__##fn(void *ctx)                                              \
	{                                                                                          \
		return 0;                                                                          \
	}
EMPTY(vfs_read)
EMPTY(vfs_write)
EMPTY(vfs_statx)

SEC("?tp_btf/sys_enter") int tp_btf__sys_enter(void *ctx)
{
	return 0;
}
SEC("?tp_btf/sys_exit") int tp_btf__sys_exit(void *ctx)
{
	return 0;
}
SEC("?tp/syscalls/sys_enter_pread64") int tp__sys_enter(void *ctx)
{
	return 0;
}
SEC("?tp/syscalls/sys_exit_pread64") int tp__sys_exit(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
