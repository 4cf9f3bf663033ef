/*
 * programme_chore.c - programmes and staff lists, a slice a transaction.
 */
#include "fulfill/work/programme_chore.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "fulfill/work/log.h"
#include "fulfill/work/staff_file.h"
#include "fulfill/work/submit.h"
#include "queue/clock.h"
#include "queue/fault.h"
#include "queue/file.h"

/* About 100 ms of work. */
#define SLICE 100

bool
programme_policy(
    const Work *work, ProgrammePolicy *ret, Holidays **ret_holidays, GError **error)
{
	const char *path = settings_text(work->settings, SET_STAFF_HOLIDAYS);

	*ret_holidays = NULL;
	if (path != NULL && (*ret_holidays = holidays_open(path, error)) == NULL) {
		g_prefix_error(error, "[staff] holidays: ");
		return false;
	}
	*ret = (ProgrammePolicy){
		.issue = &work->issue,
		.holidays = *ret_holidays,
		.per_minute = (int)settings_number(work->settings, SET_STAFF_PER_MIN),
		.owner = settings_text(work->settings, SET_OWNER),
		.owner_language = settings_text(work->settings, SET_LANGUAGE),
	};
	return true;
}

static bool
begin_all(Work *work, DbTx *tx, const ProgrammePolicy *policy, GError **error)
{
	g_autoptr(GPtrArray) list = programme_list(tx->db, NULL, work->zone, error);

	if (list == NULL)
		return false;
	for (guint i = 0; i < list->len; i++)
		if (programme_begin(tx, g_ptr_array_index(list, i), policy,
			clock_now_at(), error) < 0)
			return false;
	return true;
}

bool
chore_programmes(Work *work, bool *ret_more, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(Holidays) holidays = NULL;
	ProgrammePolicy policy;
	bool busy = false;
	int n;

	*ret_more = false;
	if (!programme_policy(work, &policy, &holidays, error) ||
	    !db_begin(work->db, DB_WRITE, &tx, error) ||
	    /* Ends first: who came back gets a new plan from the run. */
	    !programme_sweep(&tx, &policy, day_today(work->zone), SLICE, &n, error) ||
	    !begin_all(work, &tx, &policy, error) ||
	    !programme_turn(&tx, &policy, SLICE, &busy, error))
		return false;
	FAULT("programme.commit");
	if (!db_commit(&tx, error))
		return false;
	FAULT("programme.committed");
	*ret_more = busy || n == SLICE;
	return true;
}

/* ---- staff lists ---- */

static char *
folder_of(const Work *work)
{
	const char *own = settings_text(work->settings, SET_STAFF_DROP);
	const char *drop = settings_text(work->settings, SET_INTAKE_DROP);

	if (own != NULL)
		return g_strdup(own);
	return drop != NULL ? g_build_filename(drop, "staff", NULL) : NULL;
}

/* Out of the way, with what became of it beside it. */
static bool
put_away(const char *folder, const char *name, const char *where, const json_t *result,
    GError **error)
{
	g_autofree char *to_folder = g_build_filename(folder, where, NULL);
	g_autofree char *stamp =
	    g_strdup_printf("%" G_GINT64_FORMAT "-%s", clock_now_at() / US_PER_S, name);
	g_autofree char *from = g_build_filename(folder, name, NULL);
	g_autofree char *to = g_build_filename(to_folder, stamp, NULL);
	g_autofree char *beside = g_strconcat(to, ".result.json", NULL);
	char *text;
	bool ok;

	if (g_mkdir_with_parents(to_folder, 0700) < 0)
		return err_errno(error, errno, "cannot make folder '%s'", to_folder);
	text = json_dumps(result, JSON_INDENT(2));
	ok = file_write(beside, text, strlen(text), error);
	free(text);
	if (!ok)
		return false;
	if (g_rename(from, to) < 0)
		return err_errno(error, errno, "cannot move '%s' to '%s'", from, to);
	return true;
}

static bool
take(Work *work, const char *folder, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_auto(StaffSync) sync = { 0 };
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(GError) wrong = NULL;
	StaffOptions options = { .max_drop = -1 };
	const void *data;
	json_t *result;
	gsize size;
	bool good = submit_read(path, &bytes, &wrong);
	bool ok;

	if (good) {
		data = g_bytes_get_data(bytes, &size);
		good = staff_file_take(work, data, size, &options, &sync, &wrong);
	}
	if (!good && !g_error_matches(wrong, TP_ERROR, TP_ERROR_INVALID)) {
		g_propagate_error(error, g_steal_pointer(&wrong));
		return false;
	}
	result =
	    good ? staff_sync_json(&sync) : json_pack("{s:s}", "error", wrong->message);
	ok = put_away(folder, name, good ? "done" : "rejected", result, error);
	json_decref(result);
	if (ok)
		log_event(good ? LOG_INFO : LOG_WARNING,
		    good ? "staff.taken" : "staff.refused", "file", name, "error",
		    wrong != NULL ? wrong->message : NULL, NULL);
	return ok;
}

bool
chore_staff(Work *work, bool *ret_more, GError **error)
{
	g_autofree char *folder = folder_of(work);
	g_autoptr(GDir) dir = folder != NULL ? g_dir_open(folder, 0, NULL) : NULL;
	int64_t settle_s = settings_number(work->settings, SET_INTAKE_SETTLE);
	const char *name;

	*ret_more = false;
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		GStatBuf info;

		if (name[0] == '.' || g_str_has_suffix(name, ".tmp") ||
		    g_str_has_suffix(name, ".part") || g_lstat(path, &info) < 0 ||
		    !S_ISREG(info.st_mode) ||
		    clock_now_at() / US_PER_S - (int64_t)info.st_mtime < settle_s)
			continue;
		if (!take(work, folder, name, error))
			return false;
	}
	return true;
}
