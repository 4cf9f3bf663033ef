/*
 * job.c - the part of the queue that workers use: add, claim, arm, extend, settle, sweep.
 *
 * All statements that move a job stand here and in job_admin.c.  Looking for when a job
 * is tried again?  See job_retry.c.
 */
#include "queue/job.h"

#include <string.h>

#include "queue/clock.h"
#include "queue/fault.h"
#include "queue/job_retry.h"
#include "queue/limits.h"

static const struct {
	const char *name;
	const char *sentence;
} states[] = {
#define STATE(id, name, sentence) { name, sentence },
#define MOVE(from, event, to, sentence)
#include "queue/job_state.def"
#undef STATE
#undef MOVE
};

static const JobKind *kinds;
static size_t n_kinds;

#define JOB_COLS                                                                         \
	"id, ref, payload, subject, attempts, lapses, fence, lease_until_at, created_at"

static const Stmt ADD = {
	.name = "job.add",
	.sql = "INSERT INTO job (kind, ref, key, subject, payload, state, hold, "
	       "priority, due_at,"
	       " attempts, lapses, fence, created_at)"
	       " VALUES ($1, $2, $3, $4, $5, 'ready', $6, $7, $8, 0, 0, 0, $9)"
	       " ON CONFLICT (key) DO NOTHING",
};

/*
 * Claim.  SQLite has one writer, so the subselect is enough; PostgreSQL lets many workers
 * look at once, and SKIP LOCKED keeps them from queueing for the same row.
 */
#define CLAIM_SET                                                                        \
	"UPDATE job SET state = 'leased', lease_owner = $1, lease_until_at = $2,"        \
	" attempts = attempts + 1, fence = fence + 1 WHERE id IN ("
#define CLAIM_FROM                                                                       \
	"SELECT id FROM job WHERE kind = $3 AND state = 'ready' AND hold IS NULL"        \
	" AND due_at <= $4"

static const Stmt CLAIM = {
	.name = "job.claim",
	.sql =
	    CLAIM_SET CLAIM_FROM " AND lapses = 0 ORDER BY priority, due_at, id LIMIT $5)"
				 " RETURNING " JOB_COLS,
	.pgsql =
	    CLAIM_SET CLAIM_FROM " AND lapses = 0 ORDER BY priority, due_at, id LIMIT $5"
				 " FOR UPDATE SKIP LOCKED) RETURNING " JOB_COLS,
};
static const Stmt CLAIM_SUSPECT = {
	.name = "job.claim_suspect",
	.sql =
	    CLAIM_SET CLAIM_FROM " AND lapses > 0 ORDER BY priority, due_at, id LIMIT 1)"
				 " RETURNING " JOB_COLS,
	.pgsql =
	    CLAIM_SET CLAIM_FROM " AND lapses > 0 ORDER BY priority, due_at, id LIMIT 1"
				 " FOR UPDATE SKIP LOCKED) RETURNING " JOB_COLS,
};
static const Stmt ARM = {
	.name = "job.arm",
	.sql = "UPDATE job SET state = 'acting' WHERE id = $1 AND fence = $2 AND state = "
	       "'leased'",
};
static const Stmt EXTEND = {
	.name = "job.extend",
	.sql = "UPDATE job SET lease_until_at = $3"
	       " WHERE id = $1 AND fence = $2 AND state IN ('leased', 'acting')",
};
static const Stmt SETTLE = {
	.name = "job.settle",
	.sql = "UPDATE job SET state = $3, due_at = $4, last_error = coalesce($5, "
	       "last_error),"
	       " done_at = $6, attempts = attempts - $7, lease_owner = NULL,"
	       " lease_until_at = NULL"
	       " WHERE id = $1 AND fence = $2 AND state IN ('leased', 'acting')",
};
static const Stmt LAPSE_LEASED = {
	.name = "job.lapse_leased",
	.sql = "UPDATE job SET state = CASE WHEN lapses + 1 >= $2 THEN 'dead' ELSE "
	       "'ready' END,"
	       " done_at = CASE WHEN lapses + 1 >= $2 THEN $1 ELSE done_at END,"
	       " lapses = lapses + 1, lease_owner = NULL, lease_until_at = NULL,"
	       " last_error = 'the worker vanished before it was done'"
	       " WHERE state = 'leased' AND lease_until_at < $1",
};
static const Stmt LAPSE_ACTING = {
	.name = "job.lapse_acting",
	.sql = "UPDATE job SET state = 'doubt', due_at = $2, lapses = lapses + 1,"
	       " lease_owner = NULL, lease_until_at = NULL,"
	       " last_error = 'the worker vanished while it was being done'"
	       " WHERE state = 'acting' AND lease_until_at < $1 AND kind = $3",
};
static const Stmt DROP_LEASES = {
	.name = "job.drop_leases",
	.sql = "UPDATE job SET lease_until_at = 0"
	       " WHERE state IN ('leased', 'acting') AND lease_owner = $1"
	       " AND ($2 = '' OR kind = $2)",
};
static const Stmt DOUBT_OVER = {
	.name = "job.doubt_over",
	.sql = "UPDATE job SET state = 'ready' WHERE state = 'doubt' AND hold IS NULL"
	       " AND due_at <= $1 AND kind = $2",
};
static const Stmt SWEEP_NEEDED = {
	.name = "job.sweep_needed",
	.sql =
	    "SELECT 1 WHERE EXISTS (SELECT 1 FROM job WHERE state IN ('leased', 'acting')"
	    " AND lease_until_at < $1)"
	    " OR EXISTS (SELECT 1 FROM job WHERE state = 'doubt' AND due_at <= $1)",
};
static const Stmt NEXT_DUE = {
	.name = "job.next_due",
	.sql =
	    "SELECT due_at FROM job WHERE kind = $1 AND state = 'ready' AND hold IS NULL"
	    " ORDER BY priority, due_at LIMIT 1",
};

const char *
job_state_name(JobState state)
{
	return states[state].name;
}

const char *
job_state_sentence(JobState state)
{
	return states[state].sentence;
}

void
job_kinds_set(const JobKind *table, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (retry_curve_find(table[i].curve) == NULL)
			BUG("kind '%s': no curve '%s'", table[i].name, table[i].curve);
	kinds = table;
	n_kinds = n;
}

const JobKind *
job_kind_find(const char *name)
{
	for (size_t i = 0; i < n_kinds; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

void
job_free(Job *job)
{
	if (job == NULL)
		return;
	g_free(job->payload);
	g_free(job->subject);
	g_free(job);
}

int
job_add(DbTx *tx, const JobSpec *spec, GError **error)
{
	const JobKind *kind = job_kind_find(spec->kind);
	int64_t now;
	int64_t changed;

	if (kind == NULL)
		BUG("job of unknown kind '%s'", spec->kind);
	if (spec->payload != NULL && strlen(spec->payload) > LIMIT_JOB_PAYLOAD_BYTES)
		return err_set_int(error, TP_ERROR_INVALID,
		    "job '%s': payload is longer than %d bytes", spec->key,
		    LIMIT_JOB_PAYLOAD_BYTES);
	if (!db_now_at(tx->db, &now, error))
		return -1;
	if (!db_exec(tx->db, &ADD,
		DB_ARGS(v_text(kind->name), v_int(spec->ref), v_text(spec->key),
		    v_text(spec->subject), v_text(spec->payload), v_text(spec->hold),
		    v_int(kind->priority), v_int(spec->due_at != 0 ? spec->due_at : now),
		    v_int(now)),
		&changed, error))
		return -1;
	if (changed > 0 && spec->hold == NULL && spec->due_at <= now)
		db_hint(tx->db);
	return changed > 0;
}

static Job *
job_from_row(const DbRows *rows, const JobKind *kind)
{
	Job *job = g_new0(Job, 1);

	job->id = db_col_int(rows, 0);
	job->kind = kind;
	job->ref = db_col_int(rows, 1);
	job->payload = g_strdup(db_col_text(rows, 2));
	job->subject = g_strdup(db_col_text(rows, 3));
	job->attempt = (int)db_col_int(rows, 4);
	job->lapses = (int)db_col_int(rows, 5);
	job->fence = db_col_int(rows, 6);
	job->lease_until_at = db_col_int(rows, 7);
	job->created_at = db_col_int(rows, 8);
	return job;
}

static int
claim_with(DbTx *tx, const Stmt *stmt, const DbValue *args, size_t n, const JobKind *kind,
    GPtrArray *jobs, GError **error)
{
	g_autoptr(DbRows) rows = db_query(tx->db, stmt, args, n, error);
	int more;
	int got = 0;

	if (rows == NULL)
		return -1;
	while ((more = db_next(rows, error)) == 1) {
		g_ptr_array_add(jobs, job_from_row(rows, kind));
		got++;
	}
	return more < 0 ? -1 : got;
}

static int
by_id(gconstpointer a, gconstpointer b)
{
	const Job *const *x = a;
	const Job *const *y = b;

	return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

int
job_claim_in(DbTx *tx, const JobKind *kind, const char *owner, int max, GPtrArray *jobs,
    GError **error)
{
	int64_t now;
	int suspects;
	int got;

	if (max <= 0)
		return 0;
	if (!db_now_at(tx->db, &now, error))
		return -1;
	suspects = claim_with(tx, &CLAIM_SUSPECT,
	    DB_ARGS(v_text(owner), v_int(now + kind->lease_s * US_PER_S),
		v_text(kind->name), v_int(now)),
	    kind, jobs, error);
	if (suspects < 0)
		return -1;
	if (max == suspects)
		return suspects;
	got = claim_with(tx, &CLAIM,
	    DB_ARGS(v_text(owner), v_int(now + kind->lease_s * US_PER_S),
		v_text(kind->name), v_int(now), v_int(max - suspects)),
	    kind, jobs, error);
	if (got < 0)
		return -1;
	/* RETURNING promises no order; a stable one makes runs repeatable. */
	if (got > 1)
		g_ptr_array_sort(jobs, by_id);
	return suspects + got;
}

int
job_claim(Db *db, const JobKind *kind, const char *owner, int max, GPtrArray *jobs,
    GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	int got;

	FAULT("job.claim");
	got = job_is_due(db, kind, error);
	if (got <= 0)
		return got;
	if (!db_begin(db, DB_WRITE_LAZY, &tx, error))
		return -1;
	got = job_claim_in(&tx, kind, owner, max, jobs, error);
	if (got < 0 || !db_commit(&tx, error))
		return -1;
	FAULT("job.claimed");
	return got;
}

bool
job_arm(DbTx *tx, GPtrArray *jobs, GError **error)
{
	FAULT("job.arm");
	for (guint i = 0; i < jobs->len; i++) {
		Job *job = g_ptr_array_index(jobs, i);
		int64_t changed;

		if (!db_exec(tx->db, &ARM, DB_ARGS(v_int(job->id), v_int(job->fence)),
			&changed, error))
			return false;
		job->armed = changed > 0;
	}
	return true;
}

bool
job_extend(DbTx *tx, GPtrArray *jobs, GError **error)
{
	int64_t now;

	if (!db_now_at(tx->db, &now, error))
		return false;
	for (guint i = 0; i < jobs->len; i++) {
		Job *job = g_ptr_array_index(jobs, i);
		int64_t until = now + job->kind->lease_s * US_PER_S;
		int64_t changed;

		if (!db_exec(tx->db, &EXTEND,
			DB_ARGS(v_int(job->id), v_int(job->fence), v_int(until)),
			&changed, error))
			return false;
		if (changed > 0)
			job->lease_until_at = until;
	}
	return true;
}

/* Where an attempt that ended like this leads, and when it is due there. */
static JobState
next_state(const Job *job, JobHow how, int64_t now, int64_t *due_at)
{
	const RetryCurve *curve = retry_curve_find(job->kind->curve);
	bool used_up =
	    (job->kind->attempts != 0 && job->attempt >= job->kind->attempts) ||
	    retry_is_over(curve, (now - job->created_at) / US_PER_S);

	switch (how) {
	case JOB_HOW_DONE:
		return JOB_DONE;
	case JOB_HOW_FAIL:
		return JOB_DEAD;
	case JOB_HOW_LOST:
		*due_at = now + job->kind->doubt_after_s * US_PER_S;
		return JOB_DOUBT;
	case JOB_HOW_RELEASE:
		if (*due_at == 0)
			*due_at = now;
		return JOB_READY;
	case JOB_HOW_RETRY:
		break;
	}
	if (used_up)
		return JOB_DEAD;
	if (*due_at == 0)
		*due_at =
		    now + retry_wait_s(curve, job->attempt, g_random_int()) * US_PER_S;
	return JOB_READY;
}

int
job_settle(DbTx *tx, const Job *job, JobHow how, const char *why, int64_t due_at,
    JobState *ret_state, GError **error)
{
	int64_t now;
	JobState state;
	int64_t changed;
	bool ended;

	if (!db_now_at(tx->db, &now, error))
		return -1;
	state = next_state(job, how, now, &due_at);
	ended = state == JOB_DONE || state == JOB_DEAD;
	if (!db_exec(tx->db, &SETTLE,
		DB_ARGS(v_int(job->id), v_int(job->fence), v_text(job_state_name(state)),
		    v_int(ended ? now : due_at), v_text(why),
		    ended ? v_int(now) : v_null(), v_int(how == JOB_HOW_RELEASE)),
		&changed, error))
		return -1;
	if (changed == 0)
		return 0;
	if (ret_state != NULL)
		*ret_state = state;
	return 1;
}

static bool
sweep_kinds(DbTx *tx, int64_t now, int64_t *n, GError **error)
{
	for (size_t i = 0; i < n_kinds; i++) {
		const JobKind *kind = &kinds[i];
		int64_t changed;

		if (!db_exec(tx->db, &LAPSE_ACTING,
			DB_ARGS(v_int(now), v_int(now + kind->doubt_after_s * US_PER_S),
			    v_text(kind->name)),
			&changed, error))
			return false;
		*n += changed;
		if (kind->effect != JOB_AGAIN)
			continue;
		if (!db_exec(tx->db, &DOUBT_OVER, DB_ARGS(v_int(now), v_text(kind->name)),
			&changed, error))
			return false;
		*n += changed;
	}
	return true;
}

bool
job_sweep(Db *db, int64_t *ret_n, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t now;
	int64_t n = 0;
	int64_t one;
	int needed;

	if (ret_n != NULL)
		*ret_n = 0;
	if (!db_now_at(db, &now, error))
		return false;
	needed = db_find_int(db, &SWEEP_NEEDED, DB_ARGS(v_int(now)), &one, error);
	if (needed <= 0)
		return needed == 0;
	if (!db_begin(db, DB_WRITE, &tx, error) ||
	    !db_exec(db, &LAPSE_LEASED, DB_ARGS(v_int(now), v_int(JOB_MAX_LAPSES)), &n,
		error) ||
	    !sweep_kinds(&tx, now, &n, error) || !db_commit(&tx, error))
		return false;
	if (ret_n != NULL)
		*ret_n = n;
	return true;
}

int
job_next_due(Db *db, const JobKind *kind, int64_t *ret_at, GError **error)
{
	return db_find_int(db, &NEXT_DUE, DB_ARGS(v_text(kind->name)), ret_at, error);
}

bool
job_drop_leases(DbTx *tx, const char *owner, const char *kind, GError **error)
{
	return db_exec(tx->db, &DROP_LEASES,
	    DB_ARGS(v_text(owner), v_text(kind != NULL ? kind : "")), NULL, error);
}

int
job_is_due(Db *db, const JobKind *kind, GError **error)
{
	int64_t due_at;
	int64_t now;
	int found = job_next_due(db, kind, &due_at, error);

	if (found <= 0)
		return found;
	return db_now_at(db, &now, error) ? due_at <= now : -1;
}
