/* SPDX-License-Identifier: GPL-2.0 */
#include "caps.h"

#include <cap-ng.h>
#include <errno.h>
#include <linux/capability.h>
#include <stddef.h>
#include <sys/prctl.h>

const char *caps_missing(void)
{
	int bpf, perfmon;

	capng_get_caps_process();
	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_ADMIN))
		return (void *)0;
	bpf = capng_have_capability(CAPNG_EFFECTIVE, CAP_BPF);
	perfmon = capng_have_capability(CAPNG_EFFECTIVE, CAP_PERFMON);
	if (bpf && perfmon)
		return (void *)0;
	return bpf ? "CAP_PERFMON" : perfmon ? "CAP_BPF" : "CAP_BPF and CAP_PERFMON";
}

int caps_drop(bool follow_paths, bool name_cgroups)
{
	const struct {
		int cap;
		bool needed;
	} caps[] = {
		{CAP_BPF, true}, /* statistics of our own programs, entries of our own maps */
		{CAP_PERFMON, true},
		{CAP_DAC_READ_SEARCH, follow_paths || name_cgroups},
		{CAP_SYS_PTRACE, follow_paths}, /* /proc/PID/root */
	};
	bool kept[sizeof(caps) / sizeof(caps[0])];

	capng_get_caps_process();
	for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++)
		kept[i] = caps[i].needed && capng_have_capability(CAPNG_EFFECTIVE, caps[i].cap);
	capng_clear(CAPNG_SELECT_BOTH);
	for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++)
		if (kept[i])
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, caps[i].cap);
	/* the bounding set first, while we may: without CAP_SETPCAP it stays */
	if (capng_apply(CAPNG_SELECT_BOTH) && capng_apply(CAPNG_SELECT_CAPS))
		return -EPERM;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}
