/*
 * sandbox_child.c - the child's side: give up every right, then read.
 *
 * The order matters: keys first, so that nothing that follows could leak them;
 * descriptors before limits, because /dev/null has to be opened; seccomp last, because it
 * forbids what the others need.
 */
#include "mailer/sandbox_private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "queue/limits.h"

/* AddressSanitizer maps terabytes and reports on stderr. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum { RESULT_FD = 3 };

static void
close_descriptors(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (dup2(fd, RESULT_FD) != RESULT_FD)
		_exit(71);
	for (int i = 0; i < (SANITIZED ? 2 : 3); i++)
		if (null < 0 || dup2(null, i) != i)
			close(i);
	if (close_range(RESULT_FD + 1, ~0U, 0) != 0)
		for (int i = RESULT_FD + 1; i < 4096; i++)
			close(i);
}

static uint64_t
address_space_bytes(void)
{
	char text[64] = "";
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	return n <= 0
		   ? 0
		   : g_ascii_strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void
limit(int resource, uint64_t soft, uint64_t hard)
{
	struct rlimit value = { .rlim_cur = soft, .rlim_max = hard };

	/* A lower hard limit from outside is fine, too. */
	(void)setrlimit((__rlimit_resource_t)resource, &value);
}

static void
set_limits(uint64_t memory_bytes, int cpu_s)
{
	if (!SANITIZED)
		limit(RLIMIT_AS, memory_bytes, memory_bytes);
	limit(RLIMIT_CPU, (uint64_t)cpu_s, (uint64_t)cpu_s + 1);
	limit(RLIMIT_STACK, LIMIT_SANDBOX_STACK_BYTES, LIMIT_SANDBOX_STACK_BYTES);
	limit(RLIMIT_FSIZE, 0, 0);
	limit(RLIMIT_CORE, 0, 0);
	limit(RLIMIT_NPROC, 0, 0);
	limit(RLIMIT_NOFILE, 0, 0);
}

/* clang-format off */
/* Memory, the pipe, the clock, and how to die. */
static const int allowed[] = {
	SYS_read, SYS_write, SYS_writev, SYS_close, SYS_fstat, SYS_lseek,
	SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_brk,
	SYS_rt_sigreturn, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_sigaltstack,
	SYS_futex, SYS_sched_yield, SYS_getrandom,
	SYS_clock_gettime, SYS_gettimeofday, SYS_getpid, SYS_gettid, SYS_tgkill,
	SYS_exit, SYS_exit_group,
};
/* clang-format on */

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#endif

/* false: this kernel, or this machine, has no seccomp for us. */
static bool
filter_calls(void)
{
#ifdef OUR_ARCH
	enum { N = G_N_ELEMENTS(allowed) };
	struct sock_filter code[N + 6];
	struct sock_fprog program = { .len = 0, .filter = code };
	unsigned short n = 0;

	code[n++] = (struct sock_filter)BPF_STMT(
	    BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	code[n++] =
	    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0);
	code[n++] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	code[n++] = (struct sock_filter)BPF_STMT(
	    BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (unsigned i = 0; i < N; i++)
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
		    (unsigned)allowed[i], (unsigned char)(N - i), 0);
	code[n++] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program.len = n;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
#else
	return false;
#endif
}

static void
give_up_rights(int fd, int cpu_s)
{
	sigset_t none;
	uint64_t memory_bytes;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	for (int i = 1; i < NSIG; i++)
		(void)signal(i, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	memory_bytes = address_space_bytes() + LIMIT_SANDBOX_MEMORY_BYTES;
	close_descriptors(fd);
	set_limits(memory_bytes, cpu_s);
	/* An own network namespace has no way out either, but costs much more. */
	if ((SANITIZED || !filter_calls()) && unshare(CLONE_NEWNET) != 0)
		(void)unshare(CLONE_NEWUSER | CLONE_NEWNET);
}

static void
write_all(const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = write(RESULT_FD, text, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(74);
		text += n;
		length -= (size_t)n;
	}
}

void
sandbox_child(const Sandbox *sandbox, GBytes *input, int fd)
{
	g_autoptr(GError) error = NULL;
	json_t *result = NULL;
	json_t *message;
	char *text;

	if (sandbox->forget != NULL)
		sandbox->forget(sandbox->user);
	give_up_rights(fd, sandbox_cpu_s(sandbox));
	if (sandbox->read(input, sandbox->user, &result, &error)) {
		message = json_pack("{s:o}", "ok", result);
	} else {
		g_autofree char *valid = g_utf8_make_valid(error->message, -1);

		message = json_pack("{s:{s:i, s:s}}", "error", "code",
		    error->domain == TP_ERROR ? error->code : (int)TP_ERROR_INVALID,
		    "text", valid);
	}
	text = message == NULL ? NULL : json_dumps(message, JSON_COMPACT);
	if (text == NULL)
		_exit(70);
	write_all(text, strlen(text));
	_exit(0);
}
