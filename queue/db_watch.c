/*
 * db_watch.c - inotify on a database file and its write-ahead log.
 *
 * A worker that polls every second starts its next order half a second late on average,
 * and one that polls every millisecond never sleeps.  With inotify it starts at once and
 * costs nothing meanwhile.  Where the kernel refuses (its limits, a network file system),
 * waiting is plain sleeping.
 */
#include "queue/db_watch.h"

#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

struct DbWatch {
	int fd; /* -1: not to be had */
	int file, log;
	char *path, *log_path;
};

DbWatch *
db_watch_new(const char *path)
{
	DbWatch *watch = g_new0(DbWatch, 1);

	watch->path = g_strdup(path);
	watch->log_path = g_strconcat(path, "-wal", NULL);
	watch->file = watch->log = -1;
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	db_watch_clear(watch);
	return watch;
}

void
db_watch_free(DbWatch *watch)
{
	if (watch == NULL)
		return;
	if (watch->fd >= 0)
		close(watch->fd);
	g_free(watch->path);
	g_free(watch->log_path);
	g_free(watch);
}

static void
keep(DbWatch *watch, int *which, const char *path)
{
	if (*which < 0)
		*which = inotify_add_watch(watch->fd, path, IN_MODIFY);
}

void
db_watch_clear(DbWatch *watch)
{
	union {
		struct inotify_event event;
		char bytes[4096];
	} got;
	ssize_t n;

	if (watch->fd < 0)
		return;
	while ((n = read(watch->fd, &got, sizeof(got))) > 0)
		for (ssize_t at = 0; at < n;) {
			struct inotify_event *e = (void *)(got.bytes + at);

			/* The file is gone: watch its successor. */
			if ((e->mask & IN_IGNORED) && e->wd == watch->file)
				watch->file = -1;
			if ((e->mask & IN_IGNORED) && e->wd == watch->log)
				watch->log = -1;
			at += (ssize_t)(sizeof(*e) + e->len);
		}
	keep(watch, &watch->file, watch->path);
	keep(watch, &watch->log, watch->log_path);
}

bool
db_watch_wait(DbWatch *watch, int timeout_ms)
{
	struct pollfd wait = { .fd = watch->fd, .events = POLLIN };

	return poll(&wait, watch->fd >= 0 ? 1 : 0, timeout_ms) > 0;
}
