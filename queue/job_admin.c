/*
 * job_admin.c - the operator's side of the queue.
 */
#include "queue/job_admin.h"

#define INFO_COLS                                                                        \
	"id, kind, ref, key, subject, state, hold, due_at, attempts, lapses, "           \
	"lease_owner,"                                                                   \
	" lease_until_at, last_error, created_at, done_at"

static const Stmt LIST = {
	.name = "job.list",
	.sql = "SELECT " INFO_COLS " FROM job WHERE ($1 = '' OR kind = $1)"
	       " AND ($2 = '' OR state = $2) AND ($3 = 0 OR hold IS NOT NULL)"
	       " AND ($4 = 0 OR state IN ('ready', 'leased', 'acting', 'doubt'))"
	       " ORDER BY id LIMIT $5 /* scan: a person looks */",
};
static const Stmt GET = {
	.name = "job.get",
	.sql = "SELECT " INFO_COLS " FROM job WHERE id = $1",
};
/* $1 the job, $2 why or NULL, $3 now. */
static const Stmt RETRY = {
	.name = "job.retry",
	.sql =
	    "UPDATE job SET state = 'ready', hold = NULL, due_at = $3, done_at = NULL,"
	    " attempts = CASE WHEN state = 'dead' THEN 0 ELSE attempts END, lapses = 0,"
	    " created_at = CASE WHEN state = 'dead' THEN $3 ELSE created_at END,"
	    " last_error = coalesce($2, last_error)"
	    " WHERE id = $1 AND state IN ('ready', 'doubt', 'dead')",
};
static const Stmt HOLD = {
	.name = "job.hold",
	.sql = "UPDATE job SET hold = coalesce($2, 'held by an operator')"
	       " WHERE id = $1 AND state IN ('ready', 'doubt')",
};
static const Stmt RELEASE = {
	.name = "job.release",
	.sql = "UPDATE job SET hold = NULL, due_at = $3, last_error = coalesce($2, "
	       "last_error)"
	       " WHERE id = $1 AND hold IS NOT NULL",
};
static const Stmt CANCEL = {
	.name = "job.cancel",
	.sql = "UPDATE job SET state = 'cancelled', hold = NULL, done_at = $3,"
	       " last_error = coalesce($2, last_error)"
	       " WHERE id = $1 AND state IN ('ready', 'doubt', 'dead')",
};
static const Stmt RESOLVE = {
	.name = "job.resolve",
	.sql = "UPDATE job SET state = 'done', hold = NULL, done_at = $3,"
	       " last_error = coalesce($2, last_error) WHERE id = $1 AND state = 'doubt'",
};

/* clang-format off */
static const struct {
	const char *name;
	const Stmt *stmt;
	size_t n_values; /* how many of id, why, now it takes */
	const char *from;
} verbs[] = {
	[JOB_VERB_RETRY]   = { "retried",   &RETRY, 3,   "ready, doubt or dead" },
	[JOB_VERB_HOLD]    = { "held",      &HOLD, 2,    "ready or doubt" },
	[JOB_VERB_RELEASE] = { "released",  &RELEASE, 3, "held" },
	[JOB_VERB_CANCEL]  = { "cancelled", &CANCEL, 3,  "ready, doubt or dead" },
	[JOB_VERB_RESOLVE] = { "resolved",  &RESOLVE, 3, "doubt" },
};
/* clang-format on */

static const Stmt HOLD_ALL = {
	.name = "job.hold_all",
	.sql =
	    "UPDATE job SET hold = $2 WHERE state IN ('ready', 'doubt') AND hold IS NULL"
	    " AND ($1 = '' OR kind = $1)",
};
static const Stmt RELEASE_ALL = {
	.name = "job.release_all",
	.sql = "UPDATE job SET hold = NULL WHERE hold IS NOT NULL"
	       " AND state IN ('ready', 'doubt') AND ($1 = '' OR kind = $1)",
};
static const Stmt CANCEL_REF = {
	.name = "job.cancel_ref",
	.sql = "UPDATE job SET state = 'cancelled', hold = NULL, done_at = $4, "
	       "last_error = $3"
	       " WHERE kind = $1 AND ref = $2 AND state IN ('ready', 'doubt')",
};
static const Stmt HOLD_REF = {
	.name = "job.hold_ref",
	.sql = "UPDATE job SET hold = $3 WHERE kind = $1 AND ref = $2"
	       " AND state IN ('ready', 'doubt')",
};
static const Stmt WAKE_REF = {
	.name = "job.wake_ref",
	.sql = "UPDATE job SET due_at = $3 WHERE kind = $1 AND ref = $2"
	       " AND state = 'ready' AND due_at > $3",
};
static const Stmt COUNT = {
	.name = "job.count",
	.sql = "SELECT state, count(*) FROM job GROUP BY state ORDER BY state /* scan */",
};
static const Stmt PENDING = {
	.name = "job.pending",
	.sql = "SELECT (SELECT count(*) FROM job WHERE state = 'ready' AND hold IS NULL"
	       " AND due_at <= $1 AND ($2 = '' OR kind = $2))"
	       " + (SELECT count(*) FROM job WHERE state IN ('leased', 'acting')"
	       " AND ($2 = '' OR kind = $2))",
};
static const Stmt OLDEST = {
	.name = "job.oldest",
	.sql = "SELECT coalesce(min(due_at), 0) FROM job WHERE state = 'ready'"
	       " AND hold IS NULL AND due_at <= $1",
};

void
job_info_free(JobInfo *info)
{
	if (info == NULL)
		return;
	g_free(info->kind);
	g_free(info->key);
	g_free(info->subject);
	g_free(info->state);
	g_free(info->hold);
	g_free(info->lease_owner);
	g_free(info->last_error);
	g_free(info);
}

static JobInfo *
info_from_row(const DbRows *rows)
{
	JobInfo *info = g_new0(JobInfo, 1);

	info->id = db_col_int(rows, 0);
	info->kind = g_strdup(db_col_text(rows, 1));
	info->ref = db_col_int(rows, 2);
	info->key = g_strdup(db_col_text(rows, 3));
	info->subject = g_strdup(db_col_text(rows, 4));
	info->state = g_strdup(db_col_text(rows, 5));
	info->hold = g_strdup(db_col_text(rows, 6));
	info->due_at = db_col_int(rows, 7);
	info->attempts = (int)db_col_int(rows, 8);
	info->lapses = (int)db_col_int(rows, 9);
	info->lease_owner = g_strdup(db_col_text(rows, 10));
	info->lease_until_at = db_col_int(rows, 11);
	info->last_error = g_strdup(db_col_text(rows, 12));
	info->created_at = db_col_int(rows, 13);
	info->done_at = db_col_int(rows, 14);
	return info;
}

GPtrArray *
job_list(Db *db, const JobFilter *filter, GError **error)
{
	g_autoptr(GPtrArray) list =
	    g_ptr_array_new_with_free_func((GDestroyNotify)job_info_free);
	g_autoptr(DbRows) rows = db_query(db, &LIST,
	    DB_ARGS(v_text(filter->kind != NULL ? filter->kind : ""),
		v_text(filter->state != NULL ? filter->state : ""), v_int(filter->held),
		v_int(filter->open),
		v_int(filter->limit > 0 ? filter->limit : INT64_MAX)),
	    error);
	int more;

	if (rows == NULL)
		return NULL;
	while ((more = db_next(rows, error)) == 1)
		g_ptr_array_add(list, info_from_row(rows));
	return more == 0 ? g_steal_pointer(&list) : NULL;
}

JobInfo *
job_get(Db *db, int64_t id, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &GET, DB_ARGS(v_int(id)), error);
	int more;

	if (rows == NULL)
		return NULL;
	more = db_next(rows, error);
	if (more == 0)
		err_set(
		    error, TP_ERROR_NOT_FOUND, "there is no job %" G_GINT64_FORMAT, id);
	return more == 1 ? info_from_row(rows) : NULL;
}

bool
job_do(DbTx *tx, int64_t id, JobVerb verb, const char *why, GError **error)
{
	DbValue values[] = { v_int(id), v_text(why), v_int(0) };
	g_autoptr(JobInfo) info = NULL;
	int64_t changed;

	if (!db_now_at(tx->db, &values[2].i, error) ||
	    !db_exec(
		tx->db, verbs[verb].stmt, values, verbs[verb].n_values, &changed, error))
		return false;
	if (changed > 0)
		return true;
	info = job_get(tx->db, id, error);
	if (info == NULL)
		return false;
	return err_set(error, TP_ERROR_CONFLICT,
	    "job %" G_GINT64_FORMAT " is %s and cannot be %s: that needs %s", id,
	    info->state, verbs[verb].name, verbs[verb].from);
}

bool
job_hold_all(DbTx *tx, const char *kind, const char *why, int64_t *ret_n, GError **error)
{
	return db_exec(tx->db, &HOLD_ALL,
	    DB_ARGS(v_text(kind != NULL ? kind : ""), v_text(why)), ret_n, error);
}

bool
job_release_all(DbTx *tx, const char *kind, int64_t *ret_n, GError **error)
{
	return db_exec(tx->db, &RELEASE_ALL, DB_ARGS(v_text(kind != NULL ? kind : "")),
	    ret_n, error);
}

bool
job_cancel_ref(DbTx *tx, const char *kind, int64_t ref, const char *why, GError **error)
{
	int64_t now;

	return db_now_at(tx->db, &now, error) &&
	       db_exec(tx->db, &CANCEL_REF,
		   DB_ARGS(v_text(kind), v_int(ref), v_text(why), v_int(now)), NULL,
		   error);
}

bool
job_hold_ref(DbTx *tx, const char *kind, int64_t ref, const char *why, GError **error)
{
	return db_exec(tx->db, &HOLD_REF, DB_ARGS(v_text(kind), v_int(ref), v_text(why)),
	    NULL, error);
}

bool
job_wake_ref(DbTx *tx, const char *kind, int64_t ref, GError **error)
{
	int64_t now;

	if (!db_now_at(tx->db, &now, error) ||
	    !db_exec(tx->db, &WAKE_REF, DB_ARGS(v_text(kind), v_int(ref), v_int(now)),
		NULL, error))
		return false;
	db_hint(tx->db);
	return true;
}

bool
job_count(Db *db, void (*fn)(void *user, const char *state, int64_t n), void *user,
    GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &COUNT, DB_NO_ARGS, error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1)
		fn(user, db_col_text(rows, 0), db_col_int(rows, 1));
	return more == 0;
}

bool
job_pending(Db *db, const char *kind, int64_t *ret_n, GError **error)
{
	int64_t now;

	return db_now_at(db, &now, error) &&
	       db_find_int(db, &PENDING,
		   DB_ARGS(v_int(now), v_text(kind != NULL ? kind : "")), ret_n,
		   error) >= 0;
}

bool
job_oldest_ready_at(Db *db, int64_t *ret_at, GError **error)
{
	int64_t now;

	return db_now_at(db, &now, error) &&
	       db_find_int(db, &OLDEST, DB_ARGS(v_int(now)), ret_at, error) >= 0;
}
