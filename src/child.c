/* SPDX-License-Identifier: GPL-2.0 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t child_start(char *const argv[])
{
	int failed[2], err = 0;
	sigset_t none;
	pid_t pid;

	if (pipe2(failed, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid < 0) {
		err = -errno;
		close(failed[0]);
		close(failed[1]);
		return err;
	}
	if (!pid) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		signal(SIGPIPE, SIG_DFL);
		execvp(argv[0], argv);
		err = -errno;
		if (write(failed[1], &err, sizeof(err)) < 0)
			_exit(125);
		_exit(127);
	}
	close(failed[1]);
	/* the pipe closes at exec, or brings the errno */
	while (read(failed[0], &err, sizeof(err)) < 0 && errno == EINTR)
		;
	close(failed[0]);
	if (err) {
		waitpid(pid, NULL, 0);
		return err;
	}
	return pid;
}

int child_status(int status)
{
	if (WIFSIGNALED(status)) {
		const struct rlimit no_core = {0, 0};

		/* as strace does; the core, if any, is the program's */
		setrlimit(RLIMIT_CORE, &no_core);
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
		return 128 + WTERMSIG(status);
	}
	return WEXITSTATUS(status);
}
