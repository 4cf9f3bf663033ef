/*
 * print_turn.c - one print job.
 */
#include "fulfill/work/print_turn.h"

#include "fulfill/domain/print_batch.h"
#include "fulfill/work/log.h"
#include "fulfill/work/print_make.h"
#include "fulfill/work/spool_turn.h"
#include "queue/fault.h"

static bool
close_batch(Work *work, int64_t id, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	return db_begin(work->db, DB_WRITE, &tx, error) &&
	       print_batch_close(&tx, id, 0, error) && db_commit(&tx, error);
}

/* [print] auto: to the printer at once. */
static bool
hand_on(Work *work, int64_t id, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	return settings_number(work->settings, SET_PRINT_AUTO) == 0 ||
	       (db_begin(work->db, DB_WRITE, &tx, error) &&
		   spool_ask(&tx, work->settings, id, error) >= 0 &&
		   db_commit(&tx, error));
}

/* A batch that a person cancelled or rendered meanwhile needs nothing; nor does an open
 * one from which everything was called back. */
static bool
do_batch(Work *work, const PrintBatch *batch, GError **error)
{
	g_autofree char *path = NULL;

	if (batch->state == BATCH_OPEN && batch->pieces == 0)
		return true;
	if (batch->state == BATCH_OPEN && !close_batch(work, batch->id, error))
		return false;
	if (batch->state != BATCH_OPEN && batch->state != BATCH_CLOSED)
		return true;
	return print_make(work, batch->id, false, NULL, NULL, &path, error) &&
	       (path == NULL || hand_on(work, batch->id, error));
}

static bool
settle(Work *work, const Job *job, const GError *wrong, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	return db_begin(work->db, DB_WRITE, &tx, error) &&
	       job_settle(&tx, job, wrong == NULL ? JOB_HOW_DONE : JOB_HOW_RETRY,
		   wrong != NULL ? wrong->message : NULL, 0, NULL, error) >= 0 &&
	       db_commit(&tx, error);
}

bool
print_turn(Work *work, int *ret_n, GError **error)
{
	g_autoptr(GPtrArray) jobs =
	    g_ptr_array_new_with_free_func((GDestroyNotify)job_free);
	g_autoptr(GError) wrong = NULL;
	g_autoptr(PrintBatch) batch = NULL;
	const Job *job;
	int got = job_claim(
	    work->db, job_kind_find(JOB_KIND_PRINT), work->owner, 1, jobs, error);

	*ret_n = MAX(got, 0);
	if (got <= 0)
		return got == 0;
	job = g_ptr_array_index(jobs, 0);
	batch = print_batch_get(work->db, job->ref, error);
	if (batch == NULL)
		return false;
	if (!do_batch(work, batch, &wrong))
		log_error("print.failed", wrong);
	FAULT("print.settle");
	return settle(work, job, wrong, error);
}
