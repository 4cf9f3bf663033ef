/*
 * drop.c - take files that are complete, put them where people look.
 */
#include "fulfill/work/drop.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fulfill/intake/order.h"
#include "fulfill/work/log.h"
#include "fulfill/work/submit.h"
#include "queue/file.h"
#include "queue/clock.h"
#include "queue/fault.h"
#include "queue/limits.h"

#define LOOK_ANYWAY_MS 1000
#define RESULT_SUFFIX ".result.json"

static bool
is_for_us(const char *name)
{
	return name[0] != '.' && !g_str_has_suffix(name, ".tmp") &&
	       !g_str_has_suffix(name, ".part") && !g_str_has_suffix(name, RESULT_SUFFIX);
}

/* Plain file, at rest for the settled time. */
static bool
is_complete(const char *path, int64_t settle_s)
{
	struct stat info;
	int64_t age_s;

	if (lstat(path, &info) < 0 || !S_ISREG(info.st_mode))
		return false;
	age_s = clock_now_at() / US_PER_S - (int64_t)info.st_mtime;
	/* A file from the future (another machine's clock) is not kept waiting for ever.
	 */
	return age_s >= settle_s || age_s < 0;
}

static json_t *
result_of_document(json_t *answers, const GError *error)
{
	json_t *result = json_pack("{s:O}", "orders", answers);

	if (error != NULL)
		json_object_set_new(result, "error",
		    json_pack("{s:s, s:s}", "code",
			error->code == TP_ERROR_INVALID
			    ? order_error_name(order_error_of(error))
			    : tp_error_name(error),
			"text", error->message));
	return result;
}

/* A name in `folder` that is still free: NAME, NAME.1, NAME.2 ... */
static char *
free_name(const char *folder, const char *name)
{
	for (int i = 0;; i++) {
		char *path = i == 0 ? g_build_filename(folder, name, NULL)
				    : g_strdup_printf("%s/%s.%d", folder, name, i);

		if (!g_file_test(path, G_FILE_TEST_EXISTS))
			return path;
		g_free(path);
	}
}

/* The result first, so that a file in done/ or rejected/ always has one. */
static bool
put_away(const char *drop, const char *name, const char *where, const json_t *result,
    GError **error)
{
	g_autofree char *folder = g_build_filename(drop, where, NULL);
	g_autofree char *from = g_build_filename(drop, name, NULL);
	g_autofree char *to = NULL;
	g_autofree char *result_path = NULL;
	char *text;
	bool ok;

	if (g_mkdir_with_parents(folder, 0700) < 0)
		return err_errno(error, errno, "cannot make folder '%s'", folder);
	to = free_name(folder, name);
	result_path = g_strconcat(to, RESULT_SUFFIX, NULL);
	text = json_dumps(result, JSON_INDENT(2));
	ok = file_write(result_path, text, strlen(text), error);
	free(text);
	if (!ok)
		return false;
	FAULT("drop.move");
	if (g_rename(from, to) < 0)
		return err_errno(error, errno, "cannot move '%s' to '%s'", from, to);
	return true;
}

/* true: the file was dealt with, one way or the other. */
static bool
take(Work *work, const char *drop, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(drop, name, NULL);
	SubmitOptions options = { .source = "drop",
		.may_be_cut = true,
		.dry_run = FAULT_UNSAFE("drop.forget") };
	SubmitCount count = { 0 };
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(GError) wrong = NULL;
	json_t *answers = json_array();
	json_t *result;
	bool good = submit_read(path, &bytes, &wrong);
	bool ok;

	if (good) {
		gsize size;
		const void *data = g_bytes_get_data(bytes, &size);

		good = submit_bytes(work, data, size, &options, answers, &count, &wrong);
	}
	/* The store's trouble is not the file's fault: it stays and is tried again. */
	if (!good && !g_error_matches(wrong, TP_ERROR, TP_ERROR_INVALID)) {
		json_decref(answers);
		g_propagate_prefixed_error(
		    error, g_steal_pointer(&wrong), "drop '%s': ", name);
		return false;
	}
	good = good && count.rejected == 0;
	result = result_of_document(answers, wrong);
	ok = put_away(drop, name, good ? "done" : "rejected", result, error);
	json_decref(result);
	json_decref(answers);
	if (ok)
		log_event(good ? LOG_INFO : LOG_WARNING,
		    good ? "drop.taken" : "drop.refused", "file", name, "error",
		    wrong != NULL ? wrong->message : NULL, NULL);
	return ok;
}

static int
by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool
drop_scan(Work *work, int *ret_n, int *ret_resting, GError **error)
{
	const char *drop = settings_text(work->settings, SET_INTAKE_DROP);
	int64_t settle_s = settings_number(work->settings, SET_INTAKE_SETTLE);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) wrong = NULL;
	g_autoptr(GDir) dir = NULL;
	const char *name;

	*ret_n = 0;
	*ret_resting = 0;
	if (drop == NULL)
		return true;
	dir = g_dir_open(drop, 0, &wrong);
	if (dir == NULL)
		return err_set(error, TP_ERROR_IO, "%s", wrong->message);
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(drop, name, NULL);

		if (!is_for_us(name) || !g_file_test(path, G_FILE_TEST_IS_REGULAR))
			continue;
		if (is_complete(path, settle_s))
			g_ptr_array_add(names, g_strdup(name));
		else
			(*ret_resting)++;
	}
	g_ptr_array_sort(names, by_name);
	for (guint i = 0; i < names->len; i++) {
		if (!take(work, drop, g_ptr_array_index(names, i), error))
			return false;
		(*ret_n)++;
	}
	return true;
}

bool
drop_watch(Work *work, const volatile sig_atomic_t *stop, GError **error)
{
	const char *drop = settings_text(work->settings, SET_INTAKE_DROP);
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	char events[4096];

	if (fd < 0 || inotify_add_watch(fd, drop, IN_CLOSE_WRITE | IN_MOVED_TO) < 0) {
		if (fd >= 0)
			close(fd);
		return err_errno(error, errno, "cannot watch '%s'", drop);
	}
	while (*stop == 0) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		g_autoptr(GError) wrong = NULL;
		int n;
		int resting;

		if (!drop_scan(work, &n, &resting, &wrong)) {
			log_error("drop.failed", wrong);
			g_usleep(LOOK_ANYWAY_MS * 1000);
		}
		if (poll(&wait, 1, LOOK_ANYWAY_MS) > 0)
			while (read(fd, events, sizeof(events)) > 0)
				continue;
	}
	close(fd);
	return true;
}
