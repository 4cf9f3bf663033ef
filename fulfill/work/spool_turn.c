/*
 * spool_turn.c - submit and follow.
 */
#include "fulfill/work/spool_turn.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/print_batch.h"
#include "fulfill/domain/print_file.h"
#include "fulfill/work/log.h"
#include "print/spool.h"
#include "print/stock.h"
#include "queue/fault.h"
#include "queue/job_admin.h"

#define FOLLOW_FILES 50

/* One batch on its way. */
typedef struct Spooling {
	Work *work;
	GPtrArray *jobs; /* the one job */
	PrintBatch *batch;
	const char *uri;
	SpoolWish wish;
	Stock stock;
} Spooling;

int
spool_ask(DbTx *tx, const Settings *settings, int64_t batch_id, GError **error)
{
	g_autoptr(PrintBatch) batch = print_batch_get(tx->db, batch_id, error);
	g_autofree char *key = NULL;
	g_autofree char *subject = NULL;
	JobSpec job = { .kind = JOB_KIND_SPOOL, .ref = batch_id };
	int added;

	if (batch == NULL)
		return -1;
	if (settings_text(settings, SET_PRINT_PRINTER) == NULL) {
		err_set(error, TP_ERROR_CONFIG,
		    "no printer is set ([print] printer): print the files from the "
		    "folder and say 'ticketpost print printed %" G_GINT64_FORMAT "'",
		    batch_id);
		return -1;
	}
	if (!batch_can(batch->state, BATCH_SUBMIT)) {
		err_set(error, TP_ERROR_CONFLICT,
		    "batch %" G_GINT64_FORMAT " is %s and cannot be submitted", batch_id,
		    batch_state_name(batch->state));
		return -1;
	}
	/* The same state asks once. */
	key = g_strdup_printf(
	    "spool/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, batch_id, batch->changed_at);
	subject = g_strdup_printf("batch %" G_GINT64_FORMAT, batch_id);
	job.key = key;
	job.subject = subject;
	/* Whoever asks again has seen to the printer: a job put off is due now. */
	added = job_add(tx, &job, error);
	return added == 0 && !job_wake_ref(tx, JOB_KIND_SPOOL, batch_id, error) ? -1
										: added;
}

static char *
path_of(Work *work, const PrintFile *file)
{
	return g_build_filename(
	    settings_text(work->settings, SET_PRINT_FOLDER), file->name, NULL);
}

/* The bytes are those that were rendered. */
static bool
check_file(const char *path, const PrintFile *file, GError **error)
{
	g_autoptr(GMappedFile) map = NULL;
	g_autoptr(GError) wrong = NULL;
	g_autofree char *sum = NULL;

	map = g_mapped_file_new(path, FALSE, &wrong);
	if (map == NULL)
		return err_set(error, TP_ERROR_REFUSED,
		    "cannot read '%s': render it "
		    "again",
		    file->name);
	sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256,
	    (const guchar *)g_mapped_file_get_contents(map),
	    g_mapped_file_get_length(map));
	return strcmp(sum, file->sha256) == 0 ||
	       err_set(error, TP_ERROR_REFUSED,
		   "'%s' is not what was rendered: render it again", file->name);
}

/* Point of no return: what follows may print. */
static bool
arm(Spooling *run, const PrintFile *file, bool first, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	const Job *job = g_ptr_array_index(run->jobs, 0);

	/* It stays armed for the files that follow. */
	if (!db_begin(run->work->db, DB_WRITE, &tx, error) ||
	    (first && !job_arm(&tx, run->jobs, error)))
		return false;
	if (!job->armed)
		return err_set(error, TP_ERROR_CONFLICT, "another worker has it");
	return (!first || batch_move(&tx, run->batch->id, BATCH_SUBMIT, NULL, error)) &&
	       print_file_move(
		   &tx, file->id, ",written,", "sending", NULL, NULL, error) &&
	       db_commit(&tx, error);
}

static bool
note(Spooling *run, const PrintFile *file, const char *to, const char *job,
    const char *says, BatchEvent event, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	return db_begin(run->work->db, DB_WRITE, &tx, error) &&
	       print_file_move(&tx, file->id, ",sending,", to, job, says, error) &&
	       (event == BATCH_N_EVENTS ||
		   batch_move(&tx, run->batch->id, event, says, error)) &&
	       db_commit(&tx, error);
}

/* Sends one file.  *ret_how is what became of it; false: the store failed. */
static bool
send_file(Spooling *run, const PrintFile *file, bool first, JobHow *ret_how, GError **why,
    GError **error)
{
	g_autofree char *path = path_of(run->work, file);
	g_autofree char *title = g_strdup_printf("ticketpost %s", file->name);
	g_autofree char *job = NULL;

	run->wish.title = title;
	if (!check_file(path, file, why)) {
		*ret_how = JOB_HOW_FAIL;
		return first || note(run, file, "written", NULL, (*why)->message,
				    BATCH_REFUSE, error);
	}
	if (!arm(run, file, first, error))
		return false;
	FAULT("spool.armed");
	if (spool_send(run->uri, &run->wish, path, &job, why)) {
		FAULT("spool.sent");
		*ret_how = JOB_HOW_DONE;
		return note(run, file, "sent", job, "sent", BATCH_N_EVENTS, error);
	}
	if (g_error_matches(*why, TP_ERROR, TP_ERROR_UNCERTAIN)) {
		*ret_how = JOB_HOW_LOST;
		return note(run, file, "doubt", NULL, (*why)->message, BATCH_LOSE, error);
	}
	*ret_how = g_error_matches(*why, TP_ERROR, TP_ERROR_REFUSED) ? JOB_HOW_FAIL
								     : JOB_HOW_RETRY;
	return note(run, file, "written", NULL, (*why)->message, BATCH_REFUSE, error);
}

static bool
settle(Spooling *run, JobHow how, const GError *why, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	return db_begin(run->work->db, DB_WRITE, &tx, error) &&
	       (how != JOB_HOW_DONE || why != NULL ||
		   (batch_move(&tx, run->batch->id, BATCH_ACCEPT, NULL, error) &&
		       audit_add(&tx, AUDIT_SUBMITTED, "batch", run->batch->id, run->uri,
			   error))) &&
	       job_settle(&tx, g_ptr_array_index(run->jobs, 0), how,
		   why != NULL ? why->message : NULL, 0, NULL, error) >= 0 &&
	       db_commit(&tx, error);
}

static bool
send_all(Spooling *run, JobHow *ret_how, GError **why, GError **error)
{
	g_autoptr(GPtrArray) files =
	    print_file_list(run->work->db, run->batch->id, error);
	bool first = true;

	*ret_how = JOB_HOW_DONE;
	if (files == NULL)
		return false;
	for (guint i = 0; i < files->len && *ret_how == JOB_HOW_DONE; i++) {
		const PrintFile *file = g_ptr_array_index(files, i);

		if (!g_str_equal(file->kind, "cards") ||
		    !g_str_equal(file->state, "written"))
			continue;
		if (!send_file(run, file, first, ret_how, why, error))
			return false;
		first = false;
	}
	return true;
}

static bool
prepare(Spooling *run, GError **why)
{
	const Settings *s = run->work->settings;

	run->uri = settings_text(s, SET_PRINT_PRINTER);
	run->wish = (SpoolWish){ .media = "iso_a4_210x297mm",
		.sides = settings_text(s, SET_PRINT_SIDES),
		.copies = 1 };
	if (run->uri == NULL)
		return err_set(why, TP_ERROR_REFUSED, "no printer is set any more");
	if (g_str_equal(run->batch->product, "sheet")) {
		if (!stock_get(run->batch->stock, &run->stock, why))
			return false;
		run->wish.media = run->stock.media;
		/* Else the second sheet would be on the back of the first. */
		if (settings_number(s, SET_PRINT_BACK) == 0)
			run->wish.sides = "one-sided";
	}
	return spool_check(run->uri, &run->wish, why);
}

static bool
do_job(Spooling *run, GError **error)
{
	g_autoptr(GError) why = NULL;
	JobHow how = JOB_HOW_DONE;

	/* A person has decided otherwise meanwhile. */
	if (run->batch->state != BATCH_RENDERED) {
		err_set(&why, TP_ERROR_CONFLICT, "the batch is %s",
		    batch_state_name(run->batch->state));
		return settle(run, JOB_HOW_DONE, why, error);
	}
	if (!prepare(run, &why))
		how = g_error_matches(why, TP_ERROR, TP_ERROR_BUSY) ? JOB_HOW_RETRY
								    : JOB_HOW_FAIL;
	else if (!send_all(run, &how, &why, error))
		return false;
	FAULT("spool.settle");
	if (why != NULL)
		log_error("print.submit", why);
	return settle(run, how, why, error);
}

bool
spool_turn(Work *work, int *ret_n, GError **error)
{
	g_autoptr(GPtrArray) jobs =
	    g_ptr_array_new_with_free_func((GDestroyNotify)job_free);
	g_autoptr(PrintBatch) batch = NULL;
	Spooling run = { .work = work, .jobs = jobs };
	int got = job_claim(
	    work->db, job_kind_find(JOB_KIND_SPOOL), work->owner, 1, jobs, error);

	*ret_n = MAX(got, 0);
	if (got <= 0)
		return got == 0;
	batch = print_batch_get(
	    work->db, ((const Job *)g_ptr_array_index(jobs, 0))->ref, error);
	run.batch = batch;
	return batch != NULL && do_job(&run, error);
}

/* What the printer says now becomes the file's state, and perhaps the batch's. */
static bool
follow(
    Work *work, const PrintFile *file, SpoolState state, const char *says, GError **error)
{
	g_autoptr(PrintBatch) batch = print_batch_get(work->db, file->batch_id, error);
	g_autofree char *reason = g_strdup_printf("printer job %s: %s", file->job, says);
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t open;

	if (batch == NULL || !db_begin(work->db, DB_WRITE, &tx, error))
		return false;
	if (state == SPOOL_WAITS)
		return (g_strcmp0(file->says, says) == 0 ||
			   print_file_note(&tx, file->id, says, error)) &&
		       db_commit(&tx, error);
	if (!print_file_move(&tx, file->id, ",sent,",
		state == SPOOL_PRINTED ? "printed" : "doubt", NULL, says, error) ||
	    !print_file_count(
		tx.db, batch->id, ",written,sending,sent,doubt,", &open, error))
		return false;
	if (state != SPOOL_PRINTED && batch_can(batch->state, BATCH_LOSE) &&
	    !batch_move(&tx, batch->id, BATCH_LOSE, reason, error))
		return false;
	if (state == SPOOL_PRINTED && open == 0 && batch->state == BATCH_SUBMITTED &&
	    !print_batch_printed(&tx, batch->id, reason, error))
		return false;
	FAULT("spool.follow");
	return db_commit(&tx, error);
}

/* The printer did not answer: that is what is known of the job, and no fault of ours. */
static bool
note_silence(Work *work, const PrintFile *file, const GError *why, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	if (g_strcmp0(file->says, why->message) == 0)
		return true;
	log_error("print.follow", why);
	return db_begin(work->db, DB_WRITE, &tx, error) &&
	       print_file_note(&tx, file->id, why->message, error) &&
	       db_commit(&tx, error);
}

bool
chore_print_follow(Work *work, bool *ret_more, GError **error)
{
	const char *uri = settings_text(work->settings, SET_PRINT_PRINTER);
	g_autoptr(GPtrArray) files =
	    print_file_in_state(work->db, "sent", FOLLOW_FILES, error);

	*ret_more = false;
	if (files == NULL)
		return false;
	for (guint i = 0; i < files->len && uri != NULL; i++) {
		const PrintFile *file = g_ptr_array_index(files, i);
		g_autofree char *says = NULL;
		g_autoptr(GError) why = NULL;
		SpoolState state;

		/* One that does not answer will not answer for the next file either. */
		if (!spool_look(uri, file->job, &state, &says, &why))
			return note_silence(work, file, why, error);
		if (!follow(work, file, state, says, error))
			return false;
	}
	return true;
}
