/*
 * privacy_run.c - log, folders, store, report.
 */
#include "fulfill/work/privacy_run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fulfill/domain/audit.h"
#include "fulfill/issue/sign.h"
#include "fulfill/work/log.h"
#include "fulfill/work/privacy_files.h"
#include "fulfill/work/privacy_log.h"
#include "queue/clock.h"
#include "queue/day.h"
#include "queue/fault.h"
#include "queue/file.h"
#include "queue/hash.h"

typedef struct Run {
	Work *work;
	PrivacyPerson *person;
	PrivacyTraces traces;
	PrivacyOrder order;
	uint8_t mac[HASH_BYTES];
	json_t *files;
	json_t *report;
} Run;

static void
run_done(Run *run)
{
	privacy_person_free(run->person);
	privacy_traces_clear(&run->traces);
	json_decref(run->files);
	json_decref(run->report);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_done)

static const char *
folder_of(const Work *work)
{
	return settings_text(work->settings, SET_PRIVACY_FOLDER);
}

static void
random_key(char ret[17])
{
	uint8_t bytes[8];

	if (getentropy(bytes, sizeof(bytes)) < 0)
		BUG("no random bytes");
	hash_hex(bytes, sizeof(bytes), ret);
}

/* The keyed hash of the person's address, by which it is known again. */
static void
take_mac(Run *run)
{
	for (guint i = 0; i < run->person->members->len; i++) {
		const PrivacyMember *member = g_ptr_array_index(run->person->members, i);

		if (member->scope != ERASE_EMAIL)
			continue;
		sign_mac(run->work->vault, member->email, run->mac);
		run->order.mac = run->mac;
	}
}

static bool
write_log(Run *run, GError **error)
{
	g_autoptr(GPtrArray) lines =
	    g_ptr_array_new_with_free_func((GDestroyNotify)privacy_log_line_free);

	for (guint i = 0; i < run->person->members->len; i++) {
		const PrivacyMember *member = g_ptr_array_index(run->person->members, i);
		PrivacyLogLine *line = g_new0(PrivacyLogLine, 1);

		line->key = g_strdup_printf("%s/%u", run->order.key, i);
		line->scope = member->scope;
		line->ref = member->id;
		line->ref_at = member->created_at;
		line->has_mac = member->scope == ERASE_EMAIL;
		memcpy(line->mac, run->mac, HASH_BYTES);
		line->actor = g_strdup(run->order.actor);
		line->reason = g_strdup(run->order.reason);
		line->at = run->order.at;
		g_ptr_array_add(lines, line);
	}
	return privacy_log_append(folder_of(run->work), lines, error);
}

/* Steps 2 and 3; the log has the line already. */
static bool
erase_now(Run *run, DbTx *tx, GError **error)
{
	if (!privacy_erase(tx, run->person, &run->order, &run->report, error))
		return false;
	run->files = privacy_files(run->work, run->person, &run->traces, false, error);
	FAULT("privacy.commit");
	return run->files != NULL && db_commit(tx, error);
}

/* Has it been said that nothing can go wrong, before anything is written down? */
static bool
rehearse(Run *run, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	json_t *report = NULL;
	bool ok = db_begin(run->work->db, DB_WRITE, &tx, error) &&
		  privacy_erase(&tx, run->person, &run->order, &report, error);

	json_decref(report);
	return ok;
}

static bool
write_report(Run *run, GError **error)
{
	const char *folder = folder_of(run->work);
	g_autofree char *name = g_strdup_printf("erasure-%s.json", run->order.key);
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autofree char *signature_path = g_strconcat(path, ".minisig", NULL);
	g_autofree char *comment = g_strdup_printf("erasure=%s", run->order.key);
	g_autofree char *signature = NULL;
	char *text = json_dumps(run->report, JSON_INDENT(2));
	bool ok;

	signature = sign_document(run->work->vault, text, strlen(text), comment);
	ok = file_write(path, text, strlen(text), error) &&
	     file_write(signature_path, signature, strlen(signature), error);
	free(text);
	if (ok) {
		json_object_set_new(run->report, "file", json_string(path));
		json_object_set_new(
		    run->report, "signature", json_string(signature_path));
	}
	return ok;
}

static void
complete_report(Run *run)
{
	char at[AT_CHARS];

	json_object_set_new(run->report, "erasure", json_string(run->order.key));
	json_object_set_new(run->report, "at", json_string(at_format(run->order.at, at)));
	json_object_set_new(run->report, "actor", json_string(run->order.actor));
	json_object_set_new(run->report, "reason", json_string(run->order.reason));
	json_object_set(run->report, "files", run->files);
	json_object_set_new(run->report, "backups",
	    json_string("copies of the store made before this still hold the person; "
			"the erasure log is applied again to whichever is restored"));
}

static bool
dry_run_report(Run *run, GError **error)
{
	run->report =
	    privacy_plan(run->work->db, run->person, run->order.keep_years, error);
	if (run->report == NULL)
		return false;
	run->files = privacy_files(run->work, run->person, &run->traces, true, error);
	if (run->files == NULL)
		return false;
	json_object_set_new(run->report, "dry_run", json_true());
	json_object_set(run->report, "files", run->files);
	return true;
}

static void
order_init(Run *run, char key[17], const char *reason)
{
	random_key(key);
	run->order = (PrivacyOrder){
		.key = key,
		.actor = audit_actor(),
		.reason = reason,
		.keep_years =
		    (int)settings_number(run->work->settings, SET_PRIVACY_KEEP_BOOKS),
		.at = clock_now_at(),
	};
}

/* Steps 1 to 3, for run->person. */
static bool
erase_logged(Run *run, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	take_mac(run);
	if (!privacy_traces(run->work->db, run->person, &run->traces, error) ||
	    !rehearse(run, error) || !write_log(run, error))
		return false;
	FAULT("privacy.logged");
	return db_begin(run->work->db, DB_WRITE, &tx, error) &&
	       erase_now(run, &tx, error);
}

bool
privacy_run(Work *work, const char *who, const char *reason, bool dry_run,
    json_t **ret_report, GError **error)
{
	char key[17];
	g_auto(Run) run = { .work = work };

	order_init(&run, key, reason);
	run.person = privacy_person_find(work->db, who, error);
	if (run.person == NULL)
		return false;
	if (dry_run) {
		if (!privacy_traces(work->db, run.person, &run.traces, error) ||
		    !dry_run_report(&run, error))
			return false;
		*ret_report = g_steal_pointer(&run.report);
		return true;
	}
	if (!erase_logged(&run, error))
		return false;
	FAULT("privacy.scrub");
	complete_report(&run);
	if (!db_scrub(work->db, error) || !write_report(&run, error)) {
		g_prefix_error(error,
		    "the person is erased, but not every trace in the store's file: ");
		return false;
	}
	*ret_report = g_steal_pointer(&run.report);
	return true;
}

bool
privacy_run_by_rule(Work *work, EraseScope scope, int64_t id, int64_t created_at,
    const char *rule, GError **error)
{
	char key[17];
	g_autofree char *reason = g_strconcat("rule: ", rule, NULL);
	g_autoptr(GError) wrong = NULL;
	g_auto(Run) run = { .work = work };

	order_init(&run, key, reason);
	run.person = privacy_person_again(work->db, scope, id, created_at, &wrong);
	if (wrong != NULL) {
		g_propagate_error(error, g_steal_pointer(&wrong));
		return false;
	}
	return run.person == NULL || erase_logged(&run, error);
}

/* ---- after a crash or a restore ---- */

/* Of an address only its keyed hash is known: which of those in the store is it? */
static PrivacyPerson *
person_of_mac(Work *work, const uint8_t mac[HASH_BYTES], GError **error)
{
	g_autoptr(GPtrArray) emails = privacy_emails(work->db, error);

	if (emails == NULL)
		return NULL;
	for (guint i = 0; i < emails->len; i++) {
		const char *email = g_ptr_array_index(emails, i);
		uint8_t one[HASH_BYTES];

		sign_mac(work->vault, email, one);
		if (memcmp(one, mac, HASH_BYTES) == 0)
			return privacy_person_of_email(work->db, email, error);
	}
	return NULL;
}

static bool
again(Work *work, const PrivacyLogLine *line, GError **error)
{
	g_autoptr(GError) wrong = NULL;
	g_auto(Run) run = { .work = work };
	g_auto(DbTx) tx = DB_TX_INIT;

	run.order = (PrivacyOrder){
		.key = line->key,
		.again = true,
		.actor = line->actor,
		.reason = line->reason,
		.keep_years =
		    (int)settings_number(work->settings, SET_PRIVACY_KEEP_BOOKS),
		.at = line->at,
		.mac = line->has_mac ? line->mac : NULL,
	};
	run.person = line->scope == ERASE_EMAIL
			 ? person_of_mac(work, line->mac, &wrong)
			 : privacy_person_again(
			       work->db, line->scope, line->ref, line->ref_at, &wrong);
	if (wrong != NULL) {
		g_propagate_error(error, g_steal_pointer(&wrong));
		return false;
	}
	if (run.person != NULL &&
	    !privacy_traces(work->db, run.person, &run.traces, error))
		return false;
	if (!db_begin(work->db, DB_WRITE, &tx, error))
		return false;
	if (run.person == NULL)
		return privacy_note_absent(&tx, &run.order, line->scope, line->ref,
			   line->ref_at, error) &&
		       db_commit(&tx, error);
	return erase_now(&run, &tx, error);
}

bool
privacy_again(Work *work, int *ret_n, GError **error)
{
	g_autoptr(GPtrArray) lines = privacy_log_read(folder_of(work), error);

	*ret_n = 0;
	if (lines == NULL)
		return false;
	for (guint i = 0; i < lines->len; i++) {
		const PrivacyLogLine *line = g_ptr_array_index(lines, i);
		g_autoptr(GError) wrong = NULL;
		int done = privacy_is_erased(work->db, line->key, error);

		if (done < 0)
			return false;
		if (done == 1)
			continue;
		if (!again(work, line, &wrong)) {
			/* Another worker was faster. */
			if (g_error_matches(wrong, TP_ERROR, TP_ERROR_CONFLICT) &&
			    privacy_is_erased(work->db, line->key, NULL) == 1)
				continue;
			g_propagate_prefixed_error(
			    error, g_steal_pointer(&wrong), "erasure %s: ", line->key);
			return false;
		}
		log_event(LOG_WARNING, "privacy.erased_again", "key", line->key, NULL);
		(*ret_n)++;
	}
	return *ret_n == 0 || db_scrub(work->db, error);
}

/* A mail that is leaving must not be waited for by the loop that sends it: next minute.
 */
bool
chore_erasures(Work *work, bool *ret_more, GError **error)
{
	g_autoptr(GError) wrong = NULL;
	int n;

	*ret_more = false;
	if (privacy_again(work, &n, &wrong))
		return true;
	if (g_error_matches(wrong, TP_ERROR, TP_ERROR_BUSY)) {
		log_error("privacy.not_now", wrong);
		return true;
	}
	g_propagate_error(error, g_steal_pointer(&wrong));
	return false;
}
