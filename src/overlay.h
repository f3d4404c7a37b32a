/* SPDX-License-Identifier: GPL-2.0 */
/* overlay: where overlayfs keeps the files in its layers that one of the merged tree stands for. */
#ifndef OVERLAY_H
#define OVERLAY_H

#include <bpf/btf.h>

#include "vfscope.h"

/* By the kernel's types, or its module's; where these are not told, as far as is known without. */
struct vs_overlay overlay_layout(const struct btf *vmlinux);

#endif
