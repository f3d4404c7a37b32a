/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Preloaded, it makes the kernel one that refuses programs whose name begins as $REFUSE says, with
 * EACCES, as a verifier that understands less.
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

long syscall(long number, ...)
{
	static long (*next)(long, ...);
	const char *refuse = getenv("REFUSE");
	const union bpf_attr *attr;
	long arg[6];
	va_list ap;

	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		arg[i] = va_arg(ap, long);
	va_end(ap);
	if (!next)
		next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	attr = (const union bpf_attr *)arg[1];
	if (number == SYS_bpf && arg[0] == BPF_PROG_LOAD && refuse &&
	    !strncmp(attr->prog_name, refuse, strlen(refuse))) {
		errno = EACCES;
		return -1;
	}
	return next(number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
}
