/*
 * retention.c - rules with their settings.
 */
#include "fulfill/work/retention.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fulfill/domain/retain.h"
#include "fulfill/work/log.h"
#include "fulfill/work/privacy_run.h"
#include "queue/clock.h"
#include "queue/fault.h"

/* People erased in one slice: each is a transaction and a line in the log. */
#define PEOPLE 10

/* clang-format off */
static const struct {
	RetainRule rule;
	SettingId setting;
} keeps[] = {
	{ RETAIN_MAILS,     SET_PRIVACY_KEEP_MAILS },
	{ RETAIN_ERRORS,    SET_PRIVACY_KEEP_MAILS },
	{ RETAIN_CARDS,     SET_PRIVACY_KEEP_CARDS },
	{ RETAIN_DEMOS,     SET_PRIVACY_KEEP_DEMOS },
	{ RETAIN_CUSTOMERS, SET_PRIVACY_KEEP_CUSTOMERS },
	{ RETAIN_EMPLOYEES, SET_PRIVACY_KEEP_EMPLOYEES },
};

/* Files that go by their age. */
static const struct {
	const char *name;
	SettingId folder;
	const char *below;
	SettingId keep;
} files[] = {
	{ "order files",    SET_INTAKE_DROP,  "done",     SET_PRIVACY_KEEP_FILES },
	{ "refused files",  SET_INTAKE_DROP,  "rejected", SET_PRIVACY_KEEP_FILES },
	{ "printed sheets", SET_PRINT_FOLDER, NULL,       SET_PRIVACY_KEEP_CARDS },
};
/* clang-format on */

/* The levels of today, and the books by calendar years, have no span. */
static RetainBefore
before_of(const Work *work, RetainRule rule, const char **ret_keep)
{
	RetainBefore before = { .at = clock_now_at(), .day = day_today(work->zone) };

	*ret_keep = "";
	for (size_t i = 0; i < G_N_ELEMENTS(keeps); i++)
		if (keeps[i].rule == rule) {
			int64_t s = settings_number(work->settings, keeps[i].setting);

			*ret_keep = settings_text(work->settings, keeps[i].setting);
			before.at -= s * US_PER_S;
			before.day = day_add_days(before.day, -(s / 86400));
		}
	return before;
}

static bool
erase_some(Work *work, RetainRule rule, const RetainBefore *before, int64_t *ret_n,
    GError **error)
{
	g_autoptr(GArray) people = retain_people(work->db, rule, before, PEOPLE, error);

	*ret_n = 0;
	if (people == NULL)
		return false;
	for (guint i = 0; i < people->len; i++) {
		const RetainPerson *who = &g_array_index(people, RetainPerson, i);
		g_autoptr(GError) wrong = NULL;

		if (privacy_run_by_rule(work, who->scope, who->id, who->created_at,
			retain_name(rule), &wrong)) {
			(*ret_n)++;
			continue;
		}
		/* Not now (a mail is leaving, a contract runs): the next round asks
		 * again. */
		if (!g_error_matches(wrong, TP_ERROR, TP_ERROR_BUSY) &&
		    !g_error_matches(wrong, TP_ERROR, TP_ERROR_CONFLICT)) {
			g_propagate_error(error, g_steal_pointer(&wrong));
			return false;
		}
		log_error("retention.not_now", wrong);
	}
	return true;
}

static bool
do_slice(Work *work, RetainRule rule, int64_t *ret_n, GError **error)
{
	const char *keep;
	RetainBefore before = before_of(work, rule, &keep);
	g_auto(DbTx) tx = DB_TX_INIT;

	if (retain_is_of_people(rule))
		return erase_some(work, rule, &before, ret_n, error);
	FAULT("retention.slice");
	return db_begin(work->db, DB_WRITE, &tx, error) &&
	       retain_slice(&tx, rule, &before, ret_n, error) && db_commit(&tx, error);
}

/* Removes (or counts) the files of a row that are too old. */
static bool
do_files(Work *work, size_t row, bool dry_run, int64_t *ret_n, GError **error)
{
	const char *base = settings_text(work->settings, files[row].folder);
	int64_t before_s =
	    clock_now_at() / US_PER_S - settings_number(work->settings, files[row].keep);
	g_autofree char *folder = NULL;
	g_autoptr(GDir) dir = NULL;
	const char *name;

	*ret_n = 0;
	if (base == NULL)
		return true;
	folder = g_build_filename(base, files[row].below, NULL);
	dir = g_dir_open(folder, 0, NULL);
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		struct stat info;

		if (lstat(path, &info) < 0 || !S_ISREG(info.st_mode) ||
		    info.st_mtime >= before_s)
			continue;
		(*ret_n)++;
		if (!dry_run && unlink(path) < 0 && errno != ENOENT)
			return err_errno(error, errno, "cannot remove '%s'", path);
	}
	return true;
}

static void
add_rule(json_t *list, const char *rule, const char *what, const char *keep, int64_t n)
{
	json_array_append_new(
	    list, json_pack("{s:s, s:s, s:s, s:I}", "rule", rule, "what", what, "keep",
		      keep != NULL ? keep : "", "n", (json_int_t)n));
}

static bool
run_rule(Work *work, RetainRule rule, bool dry_run, json_t *list, GError **error)
{
	const char *keep;
	RetainBefore before = before_of(work, rule, &keep);
	int64_t total = 0;
	int64_t n = 1;

	if (dry_run && !retain_count(work->db, rule, &before, &total, error))
		return false;
	while (!dry_run && n > 0) {
		if (!do_slice(work, rule, &n, error))
			return false;
		total += n;
	}
	if (rule == RETAIN_BOOKS)
		keep = settings_text(work->settings, SET_PRIVACY_KEEP_BOOKS);
	add_rule(list, retain_name(rule), retain_sentence(rule), keep, total);
	return true;
}

bool
retention_run(Work *work, bool dry_run, json_t **ret_rules, GError **error)
{
	json_t *list = json_array();
	bool ok = true;

	for (int rule = 0; ok && rule < RETAIN_RULES; rule++)
		ok = run_rule(work, (RetainRule)rule, dry_run, list, error);
	for (size_t i = 0; ok && i < G_N_ELEMENTS(files); i++) {
		int64_t n;

		ok = do_files(work, i, dry_run, &n, error);
		if (ok)
			add_rule(list, files[i].name, "files in the folder",
			    settings_text(work->settings, files[i].keep), n);
	}
	if (ok && !dry_run)
		ok = db_scrub(work->db, error);
	if (!ok) {
		json_decref(list);
		return false;
	}
	*ret_rules = list;
	return true;
}

/* The store is not written anew here: secure_delete has zeroed what went, and a
 * checkpoint moves the log on.  `privacy retention` by hand does the whole. */
bool
chore_retention(Work *work, bool *ret_more, GError **error)
{
	int64_t n = 0;

	*ret_more = true;
	for (int rule = 0; rule < RETAIN_RULES; rule++) {
		if (!do_slice(work, (RetainRule)rule, &n, error))
			return false;
		if (n > 0)
			return true;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
		if (!do_files(work, i, false, &n, error))
			return false;
	*ret_more = false;
	return true;
}
