/*
 * issue_turn.c - a batch of orders becomes tickets in one commit.
 */
#include "fulfill/work/issue_turn.h"

#include "fulfill/domain/remote_call.h"
#include "fulfill/work/log.h"
#include "queue/clock.h"
#include "queue/fault.h"

/* A large transaction spills out of the store's cache and gets slower with each row. */
#define TICKETS_A_COMMIT 5000
#define LOOK_AGAIN_US (60 * US_PER_S)

struct IssueTurn {
	Work *work;
	const JobKind *kind;
	GPtrArray *claimed; /* Job *: leased, not begun */
};

IssueTurn *
issue_turn_new(Work *work)
{
	IssueTurn *turn = g_new0(IssueTurn, 1);

	turn->work = work;
	turn->kind = job_kind_find(JOB_KIND_ISSUE);
	turn->claimed = g_ptr_array_new_with_free_func((GDestroyNotify)job_free);
	return turn;
}

static bool
give_back(IssueTurn *turn, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	if (!db_begin(turn->work->db, DB_WRITE, &tx, error))
		return false;
	for (guint i = 0; i < turn->claimed->len; i++)
		if (job_settle(&tx, g_ptr_array_index(turn->claimed, i), JOB_HOW_RELEASE,
			NULL, 0, NULL, error) < 0)
			return false;
	return db_commit(&tx, error);
}

void
issue_turn_free(IssueTurn *turn)
{
	g_autoptr(GError) error = NULL;

	if (turn == NULL)
		return;
	if (turn->claimed->len > 0 && !give_back(turn, &error))
		log_error("issue.close", error);
	g_ptr_array_unref(turn->claimed);
	g_free(turn);
}

/* BUSY and IO are the store's trouble and end the whole batch; the rest is the order's.
 */
static bool
is_of_store(const GError *wrong)
{
	return g_error_matches(wrong, TP_ERROR, TP_ERROR_BUSY) ||
	       g_error_matches(wrong, TP_ERROR, TP_ERROR_IO);
}

/* An order whose tickets a service makes waits for all of them.  1: they are here.  0:
 * the job is settled. */
static int
tickets_are_here(Work *work, DbTx *tx, const Job *job, GError **error)
{
	g_autofree char *refused = NULL;
	int waiting;
	int64_t now;

	if (!remote_call_order(tx, &work->issue, job->ref, &waiting, &refused, error) ||
	    !db_now_at(tx->db, &now, error))
		return -1;
	if (refused != NULL)
		return job_settle(tx, job, JOB_HOW_FAIL, refused, 0, NULL, error) < 0 ? -1
										      : 0;
	if (waiting == 0)
		return 1;
	/* The last one wakes it; this is for the case that nobody does. */
	return job_settle(tx, job, JOB_HOW_RELEASE, "its tickets have not come yet",
		   now + LOOK_AGAIN_US, NULL, error) < 0
		   ? -1
		   : 0;
}

/* One order inside the batch's transaction, undone alone when it fails or is not ours any
 * more. */
static bool
issue_one(Work *work, DbTx *tx, const Job *job, int *tickets, GError **error)
{
	g_autoptr(GError) wrong = NULL;
	int made = 0;
	int ours;

	if (issuer_is_remote(&work->issue)) {
		int ready = tickets_are_here(work, tx, job, error);

		if (ready <= 0)
			return ready == 0;
	}
	if (!db_savepoint(tx, error))
		return false;
	if (issue_order(tx, &work->issue, job->ref, &made, &wrong)) {
		*tickets += made;
		ours = job_settle(tx, job, JOB_HOW_DONE, NULL, 0, NULL, error);
		return ours < 0    ? false
		       : ours == 0 ? db_savepoint_undo(tx, error)
				   : db_savepoint_release(tx, error);
	}
	if (is_of_store(wrong)) {
		g_propagate_error(error, g_steal_pointer(&wrong));
		return false;
	}
	log_error("issue.failed", wrong);
	return db_savepoint_undo(tx, error) &&
	       job_settle(tx, job, JOB_HOW_RETRY, wrong->message, 0, NULL, error) >= 0;
}

/* Orders from the front of what is claimed, until the commit is large enough; *ret_n says
 * how many.  The rest keeps its lease. */
static bool
issue_some(IssueTurn *turn, DbTx *tx, int *ret_n, GError **error)
{
	g_autoptr(GPtrArray) rest = g_ptr_array_new();
	guint n = 0;
	int tickets = 0;

	while (n < turn->claimed->len && tickets < TICKETS_A_COMMIT)
		if (!issue_one(
			turn->work, tx, turn->claimed->pdata[n++], &tickets, error))
			return false;
	*ret_n = (int)n;
	for (guint i = n; i < turn->claimed->len; i++)
		g_ptr_array_add(rest, turn->claimed->pdata[i]);
	return rest->len == 0 || job_extend(tx, rest, error);
}

bool
issue_turn(
    IssueTurn *turn, int max, MailPump *pump, int *ret_n, int *ret_open, GError **error)
{
	Work *work = turn->work;
	g_auto(DbTx) tx = DB_TX_INIT;
	guint held;
	int n = 0;

	*ret_n = *ret_open = 0;
	if (turn->claimed->len == 0 &&
	    job_claim(work->db, turn->kind, work->owner, max, turn->claimed, error) < 0)
		return false;
	held = turn->claimed->len;
	if (held == 0)
		return true;
	if (!db_begin(work->db, DB_WRITE, &tx, error) ||
	    !issue_some(turn, &tx, &n, error))
		return false;
	/* Where less than asked for was due, nothing more will be. */
	if ((n == (int)held && n == max &&
		job_claim_in(&tx, turn->kind, work->owner, max, turn->claimed, error) <
		    0) ||
	    (pump != NULL && !mail_pump_join(pump, &tx, error)))
		goto failed;
	FAULT("issue.commit");
	if (!db_commit(&tx, error))
		goto failed;
	FAULT("issue.committed");
	if (pump != NULL)
		mail_pump_joined(pump, true);
	g_ptr_array_remove_range(turn->claimed, 0, (guint)n);
	*ret_n = n;
	*ret_open = (int)turn->claimed->len;
	return true;
failed:
	if (pump != NULL)
		mail_pump_joined(pump, false);
	g_ptr_array_set_size(turn->claimed, (int)held);
	return false;
}
