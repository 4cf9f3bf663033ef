/*
 * supervise.c - fork, watch, start again.
 *
 * A crash is the unit of recovery: children share nothing but the store, so a dead one
 * leaves only leases that lapse.
 */
#include "fulfill/cli/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "fulfill/domain/audit.h"
#include "fulfill/work/drop.h"
#include "fulfill/work/imap_source.h"
#include "fulfill/work/log.h"
#include "fulfill/work/run.h"
#include "queue/clock.h"

#define RESTART_FIRST_US (US_PER_S / 4)
#define RESTART_LONGEST_US (30 * US_PER_S)
/* A child that lived this long had a good start: its next wait is short again. */
#define LIVED_WELL_US (10 * US_PER_S)

static volatile sig_atomic_t stop;
static volatile sig_atomic_t reload;
static int wake[2] = { -1, -1 }; /* of a child that waits for a server */

typedef struct Child {
	const char *role; /* "worker", "intake" */
	int (*body)(const Settings *settings);
	pid_t pid; /* 0: not running */
	int64_t started_us;
	int64_t start_at_us; /* not before */
	int64_t wait_us;
} Child;

static void
on_stop(int number)
{
	ssize_t written = 0;

	(void)number;
	stop = 1;
	if (wake[1] >= 0)
		written = write(wake[1], "", 1);
	(void)written;
}

static void
on_reload(int number)
{
	(void)number;
	reload = 1;
}

static void catch (int number, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	sigaction(number, &action, NULL);
}

/* sd_notify(3) by hand: one datagram; nothing when systemd does not ask. */
static void
tell_systemd(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t n = path != NULL ? strlen(path) : 0;
	ssize_t sent;
	int fd;

	if (n == 0 || n >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, n);
	if (address.sun_path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	sent = sendto(fd, state, strlen(state), 0, (struct sockaddr *)&address,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	(void)sent;
	close(fd);
}

static int
worker_body(const Settings *settings)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Work) work = NULL;
	RunOptions options = { .kinds = RUN_WORKER, .stop = &stop };

	audit_actor_set("worker");
	work = work_open(settings, WORK_ALL, &error);
	if (work != NULL && run_worker(work, &options, NULL, &error))
		return EX_OK;
	log_error("worker.failed", error);
	return tp_error_exit_code(error);
}

static int
intake_body(const Settings *settings)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Work) work = NULL;

	audit_actor_set("intake");
	work = work_open(settings, WORK_STORE, &error);
	if (work != NULL && drop_watch(work, &stop, &error))
		return EX_OK;
	log_error("intake.failed", error);
	return tp_error_exit_code(error);
}

static int
imap_body(const Settings *settings)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Work) work = NULL;

	/* A wait of minutes ends at once: see on_stop(). */
	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) < 0)
		return EX_OSERR;
	audit_actor_set("imap");
	work = work_open(settings, WORK_KEYS, &error);
	if (work != NULL && (stop != 0 || imap_source_watch(work, wake[0], &error)))
		return EX_OK;
	log_error("imap.failed", error);
	return tp_error_exit_code(error);
}

static bool
start(Child *child, const Settings *settings)
{
	pid_t pid = fork();

	if (pid < 0)
		return false;
	if (pid == 0) {
		catch (SIGHUP, SIG_IGN);
		/* A child without its parent would never be told to stop. */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		_exit(child->body(settings));
	}
	child->pid = pid;
	child->started_us = clock_monotonic_us();
	return true;
}

static void
bury(Child *child, int status)
{
	int64_t now = clock_monotonic_us();
	char what[48];

	if (WIFSIGNALED(status))
		g_snprintf(what, sizeof(what), "signal %d", WTERMSIG(status));
	else
		g_snprintf(what, sizeof(what), "exit %d", WEXITSTATUS(status));
	child->pid = 0;
	child->wait_us = now - child->started_us > LIVED_WELL_US || child->wait_us == 0
			     ? RESTART_FIRST_US
			     : MIN(child->wait_us * 2, RESTART_LONGEST_US);
	child->start_at_us = now + child->wait_us;
	if (stop == 0 && reload == 0)
		log_event(
		    LOG_WARNING, "child.died", "role", child->role, "how", what, NULL);
}

static void
reap(GArray *children)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (guint i = 0; i < children->len; i++) {
			Child *child = &g_array_index(children, Child, i);

			if (child->pid == pid)
				bury(child, status);
		}
}

static void
start_missing(GArray *children, const Settings *settings)
{
	int64_t now = clock_monotonic_us();

	for (guint i = 0; i < children->len; i++) {
		Child *child = &g_array_index(children, Child, i);

		if (child->pid == 0 && now >= child->start_at_us &&
		    !start(child, settings))
			child->start_at_us = now + US_PER_S;
	}
}

static bool
any_alive(const GArray *children)
{
	for (guint i = 0; i < children->len; i++)
		if (g_array_index(children, Child, i).pid != 0)
			return true;
	return false;
}

static void
signal_all(const GArray *children, int number)
{
	for (guint i = 0; i < children->len; i++)
		if (g_array_index(children, Child, i).pid != 0)
			kill(g_array_index(children, Child, i).pid, number);
}

/* Stops every child and waits; after `patience_us` the stubborn are killed. */
static void
stop_all(GArray *children, int64_t patience_us)
{
	int64_t until = clock_monotonic_us() + patience_us;

	signal_all(children, SIGTERM);
	while (any_alive(children)) {
		if (clock_monotonic_us() > until)
			signal_all(children, SIGKILL);
		g_usleep(20000);
		reap(children);
	}
}

static GArray *
make_children(const Settings *settings)
{
	GArray *children = g_array_new(FALSE, TRUE, sizeof(Child));
	Child worker = { .role = "worker", .body = worker_body };
	Child intake = { .role = "intake", .body = intake_body };
	Child imap = { .role = "imap", .body = imap_body };

	for (int64_t i = 0; i < settings_number(settings, SET_WORKER_COUNT); i++)
		g_array_append_val(children, worker);
	if (settings_text(settings, SET_INTAKE_DROP) != NULL)
		g_array_append_val(children, intake);
	if (settings_text(settings, SET_INTAKE_IMAP) != NULL)
		g_array_append_val(children, imap);
	return children;
}

/* Reads the settings anew; keeps the old ones when they are wrong. */
static Settings *
read_again(const char *path)
{
	g_autoptr(GError) error = NULL;
	Settings *fresh = settings_read(path, &error);

	if (fresh == NULL)
		log_error("settings.refused", error);
	return fresh;
}

int
supervise(const char *settings_path, const Settings *settings, GError **error)
{
	g_autoptr(GArray) children = NULL;
	g_autoptr(Settings) own = NULL;
	g_autoptr(Work) probe = work_open(settings, WORK_ALL, error);

	/* What would fail in every child fails here, once and with its reason. */
	if (probe == NULL)
		return -1;
	g_clear_pointer(&probe, work_close);
	catch (SIGTERM, on_stop);
	catch (SIGINT, on_stop);
	catch (SIGHUP, on_reload);
	children = make_children(settings);
	tell_systemd("READY=1");
	log_event(LOG_INFO, "run.started", NULL);
	while (stop == 0) {
		reap(children);
		if (reload != 0) {
			Settings *fresh = read_again(settings_path);

			if (fresh != NULL) {
				stop_all(children, 60 * US_PER_S);
				settings_free(own);
				own = fresh;
				settings = own;
				g_array_unref(children);
				children = make_children(settings);
				log_event(LOG_INFO, "run.reloaded", NULL);
			}
			reload = 0;
		}
		start_missing(children, settings);
		g_usleep(50000);
	}
	tell_systemd("STOPPING=1");
	stop_all(children, 60 * US_PER_S);
	log_event(LOG_INFO, "run.stopped", NULL);
	return EX_OK;
}
