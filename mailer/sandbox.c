/*
 * sandbox.c - the parent's side: make the child, hear it out, bury it.
 *
 * What the child does to itself is in sandbox_child.c.
 */
#include "mailer/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mailer/decode.h"
#include "mailer/sandbox_private.h"
#include "queue/clock.h"
#include "queue/limits.h"

/* Whatever needs a file on first use, before files are out of reach. */
static void
warm_up(void)
{
	static gsize once;

	if (!g_once_init_enter(&once))
		return;
	decode_init();
	json_object_seed(0);
	g_once_init_leave(&once, 1);
}

/* Reads to the end, or to the limit, or to the deadline.  true: to the end. */
static bool
hear_out(int fd, GByteArray *out, int64_t deadline_us)
{
	for (;;) {
		int64_t left_us = deadline_us - clock_monotonic_us();
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		uint8_t buffer[64 * 1024];
		ssize_t n;

		if (left_us <= 0)
			return false;
		n = poll(&wait, 1, (int)(left_us / 1000) + 1);
		if (n < 0 && errno != EINTR)
			return false;
		if (n <= 0)
			continue;
		n = read(fd, buffer, sizeof(buffer));
		if (n == 0)
			return true;
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return false;
		if (n < 0)
			continue;
		if (out->len + (size_t)n > LIMIT_SANDBOX_RESULT_BYTES)
			return false;
		g_byte_array_append(out, buffer, (guint)n);
	}
}

/* Waits for the end of the child; a child that closed the pipe and goes on is killed. */
static int
bury(pid_t child, int64_t deadline_us)
{
	int status = 0;
	unsigned long pause_us = 50;

	for (;;) {
		pid_t done = waitpid(child, &status, WNOHANG);

		if (done == child)
			return status;
		if (done < 0 && errno != EINTR)
			return W_EXITCODE(70, 0); /* somebody else reaped it */
		if (clock_monotonic_us() >= deadline_us)
			kill(child, SIGKILL);
		g_usleep(pause_us);
		pause_us = MIN(pause_us * 2, 10000);
	}
}

static char *
death_of(const Sandbox *sandbox, int status, bool heard)
{
	if (!heard)
		return g_strdup_printf("it was stopped after %d s or %d bytes of result",
		    LIMIT_SANDBOX_WALL_S, LIMIT_SANDBOX_RESULT_BYTES);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		return g_strdup_printf(
		    "it used %d s of processor time", sandbox_cpu_s(sandbox));
	if (WIFSIGNALED(status))
		return g_strdup_printf(
		    "signal %d (%s)", WTERMSIG(status), g_strsignal(WTERMSIG(status)));
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		return g_strdup_printf("exit status %d", WEXITSTATUS(status));
	return g_strdup("what it sent is no result");
}

/* {"ok": RESULT} or {"error": {"code": n, "text": "..."}}.  1/0/-1 as sandbox_run(). */
static int
result_read(const GByteArray *bytes, json_t **ret, GError **error)
{
	json_t *message = json_loadb(
	    (const char *)bytes->data, bytes->len, JSON_REJECT_DUPLICATES, NULL);
	json_t *ok = json_object_get(message, "ok");
	const char *text = NULL;
	int code = -1;
	int result = 0;

	if (ok != NULL) {
		*ret = json_incref(ok);
		result = 1;
	} else if (json_unpack(message, "{s:{s:i, s:s}}", "error", "code", &code, "text",
		       &text) == 0 &&
		   code >= 0 && code <= TP_ERROR_CANCELLED) {
		result = err_set_int(error, (TpError)code, "%s", text);
	}
	json_decref(message);
	return result;
}

int
sandbox_run(
    const Sandbox *sandbox, GBytes *input, json_t **ret, char **ret_death, GError **error)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	int64_t deadline_us = clock_monotonic_us() + LIMIT_SANDBOX_WALL_S * US_PER_S;
	int pipe_fds[2];
	int status;
	int result = 0;
	bool heard;
	pid_t child;

	warm_up();
	if (pipe2(pipe_fds, O_CLOEXEC) != 0) {
		err_errno(error, errno, "cannot make a pipe for the parser");
		return -1;
	}
	child = fork();
	if (child < 0) {
		err_errno(error, errno, "cannot fork the parser");
		close(pipe_fds[0]);
		close(pipe_fds[1]);
		return -1;
	}
	if (child == 0)
		sandbox_child(sandbox, input, pipe_fds[1]);
	close(pipe_fds[1]);
	heard = hear_out(pipe_fds[0], bytes, deadline_us);
	close(pipe_fds[0]);
	if (!heard)
		kill(child, SIGKILL);
	status = bury(child, deadline_us);
	if (heard && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		result = result_read(bytes, ret, error);
	if (result == 0)
		*ret_death = death_of(sandbox, status, heard);
	return result;
}
