/* SPDX-License-Identifier: GPL-2.0 */
/* Functions of the kernel by name, for `vfscope count`: which there are, and how to hook them. */
#ifndef FUNCTIONS_H
#define FUNCTIONS_H

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/types.h>
#include <stdbool.h>

struct function {
	char *name;
	__u64 address; /* 0: we may not know it */
	bool refused;  /* the kernel does not let us hook it */
};
struct functions {
	struct function *fn;
	int len;
};

/*
 * Those that match a glob, and that can be traced as far as the kernel says which, in the order
 * of their names. Returns 0; -ENOENT: none, which it has said, with the nearest; another
 * negative errno: the kernel does not say which there are.
 */
int functions_find(struct functions *f, const char *glob);

/* Where one is, also one that cannot be traced; 0: there is none, or we may not know it. */
__u64 functions_address(const char *name);
void functions_free(struct functions *f);

/* Can this kernel hook many functions at once (CONFIG_FPROBE, 5.18)? */
bool functions_multi(const struct btf *btf);

/* At most so many are hooked where each takes a hook of its own. */
enum { FUNCTIONS_SINGLE_MAX = 512 };

/*
 * Attaches one program to all of them: count is called for each link that was made. What the
 * kernel refuses is marked; a negative errno if that is all.
 */
typedef int functions_link_fn(void *ctx, struct bpf_link *link);
int functions_attach(struct functions *f, const struct bpf_program *prog, bool multi,
		     functions_link_fn *add, void *ctx);

#endif
