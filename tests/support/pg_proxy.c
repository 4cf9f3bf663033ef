/*
 * pg_proxy.c - a lost reply, on purpose.
 */
#include "tests/support/cm.h"

#include "tests/support/pg_proxy.h"

#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOCKET_NAME ".s.PGSQL.5432"

static struct sockaddr_un
address(const char *folder)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	g_snprintf(a.sun_path, sizeof(a.sun_path), "%s/" SOCKET_NAME, folder);
	return a;
}

static void
send_all(int fd, const char *bytes, ssize_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, bytes, (size_t)n, MSG_NOSIGNAL);

		if (sent <= 0)
			_exit(1);
		bytes += sent;
		n -= sent;
	}
}

static void
relay(int client, int server, const void *word, size_t size)
{
	char buffer[65536];
	struct pollfd fds[] = { { .fd = client, .events = POLLIN },
		{ .fd = server, .events = POLLIN } };

	for (;;) {
		if (poll(fds, 2, -1) < 0)
			_exit(1);
		for (int i = 0; i < 2; i++) {
			ssize_t n;

			if (fds[i].revents == 0)
				continue;
			n = recv(fds[i].fd, buffer, sizeof(buffer), 0);
			if (n <= 0)
				_exit(0);
			send_all(fds[1 - i].fd, buffer, n);
			if (i == 0 && memmem(buffer, (size_t)n, word, size)) {
				/* whatever it answers, it has happened by then */
				(void)recv(server, buffer, sizeof(buffer), 0);
				_exit(0);
			}
		}
	}
}

void
pg_proxy_start(PgProxy *proxy, const char *store_url, const void *word, size_t size)
{
	const char *host = strstr(store_url, "host=");
	struct sockaddr_un to;
	struct sockaddr_un at;
	int listener;

	assert_non_null(host);
	proxy->folder = g_dir_make_tmp("ticketpost-XXXXXX", NULL);
	proxy->url = g_strdup_printf(
	    "%.*s%s", (int)(host + 5 - store_url), store_url, proxy->folder);
	to = address(host + 5);
	at = address(proxy->folder);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(listener, 1), 0);
	proxy->pid = fork();
	assert_true(proxy->pid >= 0);
	if (proxy->pid == 0) {
		int server = socket(AF_UNIX, SOCK_STREAM, 0);
		int client;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		client = accept(listener, NULL, NULL);
		close(listener);
		if (client < 0 || connect(server, (struct sockaddr *)&to, sizeof(to)) < 0)
			_exit(1);
		relay(client, server, word, size);
	}
	close(listener);
}

void
pg_proxy_stop(PgProxy *proxy)
{
	struct sockaddr_un at = address(proxy->folder);

	kill(proxy->pid, SIGKILL);
	waitpid(proxy->pid, NULL, 0);
	g_unlink(at.sun_path);
	g_rmdir(proxy->folder);
	g_free(proxy->folder);
	g_free(proxy->url);
}
