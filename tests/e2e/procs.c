/* SPDX-License-Identifier: GPL-2.0 */
/* Who did it: threads, children, programs that are executed, and how it ends. */
#include "e2e.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static char buf[100];

static void read10(const struct file *f, long long offset)
{
	long ret = OK(SYS(pread64, f->fd, buf, 10, offset));

	WANT("read", ret, .via = "rw", .f = f, .fd = N(f->fd), .offset = N(offset), .req = N(10),
	     .bytes = N(ret));
}

/* Waits for a child, which must have ended well. */
static void join(long pid)
{
	int status = 0;

	if (waitpid(pid, &status, 0) != pid || status)
		die("a child has ended with %x", status);
}

static void *reads(void *arg)
{
	struct file *f = arg;

	prctl(PR_SET_NAME, text("thread %d", f->fd));
	for (int i = 0; i < 50; i++)
		read10(f, i);
	file_close(f);
	return NULL;
}

static void threads(void)
{
	pthread_t thread[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, reads, file_new(text("f%d", i), 1000));
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
}

static void forks(void)
{
	struct file *f = file_new("f", 1000);
	long child;

	child = fork();
	if (!child) {
		parent_comm = "procs";
		prctl(PR_SET_NAME, "child");
		read10(f, 1);
		child = fork();
		if (!child) {
			parent_comm = "child";
			read10(f, 2);
			_exit(0);
		}
		join(child);
		_exit(0);
	}
	join(child);
	read10(f, 3);
	child = vfork();
	if (!child) {
		read10(f, 4);
		_exit(0);
	}
	join(child);
}

/* A child of a thread belongs to the process all the same. */
static void *forking(void *arg)
{
	long child = fork();

	if (!child) {
		read10(arg, 5);
		_exit(0);
	}
	join(child);
	return NULL;
}

static void thread_forks(void)
{
	struct file *f = file_new("f", 1000);
	pthread_t thread;

	pthread_create(&thread, NULL, forking, f);
	pthread_join(thread, NULL);
}

/* args: how many programs are still to come, a descriptor that they inherit, their parent. */
static void exec_next(int left, int fd, const char *parent)
{
	execv(self_path,
	      (char *[]){(char *)self_path, "exec", (char *)dir, (char *)text("%d", left),
			 (char *)text("%d", fd), (char *)parent, NULL});
	die("exec: %s", strerror(errno));
}

static struct file *inherited(int fd, const char *path)
{
	struct file *f = file_of(fd, path);

	read10(f, 7);
	return f;
}

static void exec(void)
{
	struct file *f;
	long child;
	int left = args[0] ? atoi(args[0]) : 3;

	parent_comm = args[0] ? args[2] : "vfscope";
	if (!args[0]) {
		file_open(".", O_RDONLY | O_CLOEXEC,
			  "O_RDONLY|O_CLOEXEC"); /* closed by exec: unseen */
		f = file_new("f", 1000);
	} else {
		f = inherited(atoi(args[1]), in("f"));
	}
	prctl(PR_SET_NAME, "before exec"); /* exec names it anew */
	read10(f, left);
	if (!left)
		return;
	if (left % 2)
		exec_next(left - 1, f->fd, parent_comm);
	child = fork();
	if (!child) /* its parent waits, under the name it has now */
		exec_next(left - 1, f->fd, "before exec");
	join(child);
	WANT("close", OK(SYS(close, f->fd)), .f = f, .fd = N(f->fd));
}

/* exec by another thread than the first: it takes the place of the process. */
static void *exec_thread(void *arg)
{
	struct file *f = arg;

	read10(f, 1);
	exec_next(0, f->fd, "vfscope");
	return NULL;
}

static void thread_execs(void)
{
	struct file *f = file_new("f", 1000);
	pthread_t thread;

	pthread_create(&thread, NULL, exec_thread, f);
	pthread_join(thread, NULL);
	die("the first thread has outlived it");
}

static void uid(void)
{
	struct file *f = file_new("f", 1000);

	read10(f, 0);
	OK(SYS(setresuid, 65534, 65534, 65534));
	read10(f, 1);
	long ret = FAILS(EACCES, SYS(open, in("new"), O_RDWR | O_CREAT, 0600));
	WANT("open", ret, .path = in("new"), .flags = "O_RDWR|O_CREAT", .mode = N(0600));
}

/* Opened before vfscope was there. */
static void before(void)
{
	struct file *f = file_new("f", 1000);
	long ret;

	OK(SYS(unlink, file_new("g", 0)->path));
	OK(SYS(read, f->fd, buf, 10));
	await();
	ret = OK(SYS(read, f->fd, buf, 10));
	WANT("read", ret, .via = "rw", .f = f, .fd = N(f->fd), .offset = N(10), .req = N(10),
	     .bytes = N(10));
	file_close(f);
}

/* A thread that vfscope finds in the middle of a call, and a child that -p does not name. */
static void pid_only(void)
{
	struct file *f = file_new("f", 1000);
	long child;

	await();
	read10(f, 0);
	child = fork();
	if (!child) {
		OK(SYS(read, f->fd, buf, 10));
		_exit(0);
	}
	join(child);
	read10(f, 1);
	threads();
}

static void exits(void)
{
	file_close(file_new("f", 0));
}

static void killed(void)
{
	file_close(file_new("f", 0));
	kill(getpid(), SIGKILL);
	pause();
}

static void terminated(void)
{
	file_close(file_new("f", 0));
	kill(getpid(), SIGTERM);
	pause();
}

#if defined(__x86_64__)
/* A 64-bit program may make a 32-bit call: it is decoded as what it is. */
static void int80(void)
{
	struct file *f = file_new("f", 1000);
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long ret;

	if (low == MAP_FAILED)
		die("no memory below 4G");
	asm volatile("int $0x80"
		     : "=a"(ret)
		     : "a"(3 /* read */), "b"(f->fd), "c"(low), "d"(30)
		     : "memory", "r8", "r9", "r10", "r11");
	OK(ret);
	WANT("read", ret, .via = "rw", .f = f, .fd = N(f->fd), .offset = N(0), .req = N(30),
	     .bytes = N(30));
	strcpy(low, in("new"));
	asm volatile("int $0x80"
		     : "=a"(ret)
		     : "a"(39 /* mkdir */), "b"(low), "c"(0700)
		     : "memory", "r8", "r9", "r10", "r11");
	OK(ret);
	WANT("mkdir", ret, .path = in("new"), .mode = N(0700));
	ret = OK(SYS(read, f->fd, buf, 10));
	WANT("read", ret, .via = "rw", .f = f, .fd = N(f->fd), .offset = N(30), .req = N(10),
	     .bytes = N(10));
}

/* x32 calls are not decoded, which is counted, whether the kernel has them or not. */
static void x32(void)
{
	struct file *f = file_new("f", 1000);

	sys_ret(syscall(0x40000000 | SYS_read, f->fd, buf, 10));
	sys_ret(syscall(0x40000000 | SYS_write, -1, buf, 10));
}
#endif

/* Numbers that no call has do nothing, and nothing is lost with them. */
static void no_call(void)
{
	FAILS(ENOSYS, sys_ret(syscall(500)));
	FAILS(ENOSYS, sys_ret(syscall(511)));
	FAILS(ENOSYS, sys_ret(syscall(512)));
	FAILS(ENOSYS, sys_ret(syscall(100000)));
	FAILS(ENOSYS, sys_ret(syscall(-2)));
}

/* clang-format off */
TESTS(
	T("threads", threads),
	T("forks", forks),
	T("thread-forks", thread_forks),
	T("exec", exec),
	T("thread-execs", thread_execs),
	T("uid", uid),
	T("opened-before", before, .flags = TEST_PID, .ops = "read,close"),
	T("pid-only", pid_only, .flags = TEST_PID, .ops = "read"),
	T("exit-0", exits),
	T("exit-7", exits, .status = 7),
	T("killed", killed, .status = -SIGKILL),
	T("terminated", terminated, .status = -SIGTERM),
#if defined(__x86_64__)
	T("int80", int80, .flags = TEST_IA32),
	T("x32", x32, .lost = "abi=2"),
#endif
	T("no-call", no_call),
)
