/*
 * issue_turn.c - a batch of orders becomes tickets in one commit.
 */
#include "fulfill/work/issue_turn.h"

#include "fulfill/work/log.h"
#include "queue/fault.h"

/* One order inside the batch's transaction, undone alone when it fails.  BUSY and IO are
 * the store's trouble and end the whole batch. */
static bool
issue_one(Work *work, DbTx *tx, const Job *job, GError **error)
{
	g_autoptr(GError) wrong = NULL;
	int tickets = 0;
	bool ok;

	if (!db_savepoint(tx, error))
		return false;
	ok = issue_order(tx, &work->issue, job->ref, &tickets, &wrong);
	if (!ok && (g_error_matches(wrong, TP_ERROR, TP_ERROR_BUSY) ||
		       g_error_matches(wrong, TP_ERROR, TP_ERROR_IO))) {
		g_propagate_error(error, g_steal_pointer(&wrong));
		return false;
	}
	if (!(ok ? db_savepoint_release(tx, error) : db_savepoint_undo(tx, error)))
		return false;
	if (!ok)
		log_error("issue.failed", wrong);
	return job_settle(tx, job, ok ? JOB_HOW_DONE : JOB_HOW_RETRY,
		   ok ? NULL : wrong->message, 0, NULL, error) >= 0;
}

bool
issue_turn(Work *work, int max, int *ret_n, GError **error)
{
	g_autoptr(GPtrArray) jobs =
	    g_ptr_array_new_with_free_func((GDestroyNotify)job_free);
	g_auto(DbTx) tx = DB_TX_INIT;
	int got = job_claim(
	    work->db, job_kind_find(JOB_KIND_ISSUE), work->owner, max, jobs, error);

	*ret_n = MAX(got, 0);
	if (got <= 0)
		return got == 0;
	if (!db_begin(work->db, DB_WRITE, &tx, error))
		return false;
	for (guint i = 0; i < jobs->len; i++)
		if (!issue_one(work, &tx, g_ptr_array_index(jobs, i), error))
			return false;
	FAULT("issue.commit");
	if (!db_commit(&tx, error))
		return false;
	FAULT("issue.committed");
	return true;
}
