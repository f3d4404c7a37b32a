/* SPDX-License-Identifier: GPL-2.0 */
#include "refusal.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caps.h"
#include "util.h"

/* --- in words ----------------------------------------------------------------------------- */

static bool is_verbose;

static int print_fn(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	return is_verbose && level != LIBBPF_DEBUG ? vfprintf(stderr, fmt, ap) : 0;
}

void refusal_listen(bool verbose)
{
	is_verbose = verbose;
	libbpf_set_print(print_fn);
}

static bool is_locked_down(void)
{
	char buf[128] = "";
	int fd = open("/sys/kernel/security/lockdown", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (read(fd, buf, sizeof(buf) - 1) < 0)
		buf[0] = '\0';
	close(fd);
	return strstr(buf, "[confidentiality]");
}

int refusal_check(void)
{
	const char *missing = caps_missing();

	if (missing) {
		msg("needs %s to load its programs: run it with sudo, or give them to it with setcap",
		    missing);
		return -EPERM;
	}
	if (access("/sys/kernel/btf/vmlinux", R_OK)) {
		msg("this kernel does not describe its types (/sys/kernel/btf/vmlinux: %s): it has to be "
		    "built with CONFIG_DEBUG_INFO_BTF=y",
		    strerror(errno));
		return -ENOENT;
	}
	return 0;
}

void refusal_explain(int err)
{
	if (err == -EPERM && is_locked_down())
		msg("the kernel refused to load: it is locked down (lockdown=confidentiality), which "
		    "forbids BPF to read kernel memory");
	else if (err == -EPERM)
		msg("the kernel refused to load (%s) although the capabilities are there: a container's "
		    "seccomp profile, or kernel.unprivileged_bpf_disabled in a user namespace; run it on "
		    "the host",
		    strerror(-err));
	else if (err == -ENOMEM || err == -E2BIG)
		msg("the kernel refused to load (%s): try a smaller --buffer or --map-entries",
		    strerror(-err));
	else
		msg("the kernel refused to load (%s); 'vfscope -v trace' shows its words, 'vfscope "
		    "doctor' what it allows",
		    strerror(-err));
}

const char *refusal_words(int err)
{
	static char words[128];
	const char *number = errno_name(-err);

	snprintf(words, sizeof(words), "%s (%s)", strerror(-err), number ? number : "?");
	return words;
}

/* --- by trial ------------------------------------------------------------------------------ */

#define TRIAL_FUNCTION "vfs_read"

/* r0 = 0; exit */
static const struct bpf_insn nothing[] = {
	{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
	{.code = BPF_JMP | BPF_EXIT},
};

static const char *refused(const char *what, int err)
{
	static char why[160];

	snprintf(why, sizeof(why), "the kernel refuses to %s it: %s", what, refusal_words(err));
	return why;
}

/* libbpf_find_vmlinux_btf_id would read all types of the kernel once more. */
static const char *try_tracing(int id, enum bpf_attach_type type)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = type);
	int prog, link;

	if (id < 0)
		return refused("describe what is needed for", id);
	opts.attach_btf_id = id;
	prog = bpf_prog_load(BPF_PROG_TYPE_TRACING, NULL, "GPL", nothing, ARRAY_LEN(nothing),
			     &opts);
	if (prog < 0)
		return refused("load", prog);
	link = bpf_raw_tracepoint_open(NULL, prog);
	close(prog);
	if (link < 0)
		return refused("attach", link);
	close(link);
	return NULL;
}

static const char *try_fentry(const struct btf *btf)
{
	return try_tracing(btf__find_by_name_kind(btf, TRIAL_FUNCTION, BTF_KIND_FUNC),
			   BPF_TRACE_FENTRY);
}

static const char *try_tracepoint(const struct btf *btf)
{
	return try_tracing(btf__find_by_name_kind(btf, "btf_trace_sys_enter", BTF_KIND_TYPEDEF),
			   BPF_TRACE_RAW_TP);
}

int kprobe_type(void)
{
	FILE *f = fopen("/sys/bus/event_source/devices/kprobe/type", "re");
	int type = -1;

	if (f && fscanf(f, "%d", &type) != 1)
		type = -1;
	if (f)
		fclose(f);
	return type;
}

static const char *try_kprobe(const struct btf *btf)
{
	int type = kprobe_type(), prog, event, err;
	struct perf_event_attr attr = {
		.type = type,
		.size = sizeof(attr),
		.kprobe_func = (__u64)(unsigned long)TRIAL_FUNCTION,
	};

	(void)btf;
	if (type < 0)
		return "this kernel has no kprobes (CONFIG_KPROBES, CONFIG_KPROBE_EVENTS)";
	prog = bpf_prog_load(BPF_PROG_TYPE_KPROBE, NULL, "GPL", nothing, ARRAY_LEN(nothing), NULL);
	if (prog < 0)
		return refused("load", prog);
	event = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	err = event < 0 || ioctl(event, PERF_EVENT_IOC_SET_BPF, prog) ? -errno : 0;
	if (event >= 0)
		close(event);
	close(prog);
	return err ? refused("attach", err) : NULL;
}

const char *refusal_of(enum backend backend, const struct btf *btf)
{
	static const char *(*const trials[BACKEND_MAX])(const struct btf *) = {
		[BACKEND_FENTRY] = try_fentry,
		[BACKEND_KPROBE] = try_kprobe,
		[BACKEND_TRACEPOINT] = try_tracepoint,
	};

	return trials[backend](btf);
}
