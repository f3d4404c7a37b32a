/* SPDX-License-Identifier: GPL-2.0 */
/* floor OBJECT PREFIX...: attaches the programs whose names begin so, and waits for a signal. */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct bpf_object *obj = argc > 2 ? bpf_object__open(argv[1]) : NULL;
	struct bpf_program *prog;
	int attached = 0;

	if (!obj)
		return 1;
	bpf_object__for_each_program(prog, obj) for (int i = 2; i < argc;
						     i++) if (!strncmp(bpf_program__name(prog),
								       argv[i], strlen(argv[i])))
		bpf_program__set_autoload(prog, true);
	if (bpf_object__load(obj))
		return 1;
	bpf_object__for_each_program(prog, obj)
	{
		if (!bpf_program__autoload(prog))
			continue;
		if (!bpf_program__attach(prog))
			return 1;
		attached++;
	}
	printf("%d attached\n", attached);
	fflush(stdout);
	pause();
	return 0;
}
