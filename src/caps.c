/* SPDX-License-Identifier: GPL-2.0 */
#include "caps.h"

#include <cap-ng.h>
#include <errno.h>
#include <linux/capability.h>
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

int caps_drop(void)
{
	static const int kept[] = {
		CAP_BPF, /* statistics of our own programs, entries of our own maps */
		CAP_PERFMON, CAP_DAC_READ_SEARCH, /* names of cgroups, and paths as other users'
						     processes see them */
		CAP_SYS_PTRACE,			  /* /proc/PID/root of other users' processes */
	};
	int missing = 0;

	capng_get_caps_process();
	for (unsigned int i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (!capng_have_capability(CAPNG_EFFECTIVE, kept[i]))
			missing |= 1 << i;
	capng_clear(CAPNG_SELECT_BOTH);
	for (unsigned int i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (!(missing & 1 << i))
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, kept[i]);
	if (capng_apply(CAPNG_SELECT_CAPS))
		return -EPERM;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}
