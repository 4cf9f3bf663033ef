/*
 * report_sent.c - the table report_run.
 */
#include "fulfill/domain/report_sent.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "queue/clock.h"

static const Stmt FIND = {
	.name = "report_run.find",
	.sql = "SELECT state, changed_at FROM report_run WHERE key = $1",
};
static const Stmt PUT = {
	.name = "report_run.put",
	.sql = "INSERT INTO report_run (key, report, period, party_id, state, target, "
	       "detail, attempts, mail_id, created_at, changed_at) VALUES ($1, $2, $3, "
	       "$4, $5, $6, $7, 1, $8, $9, $9) ON CONFLICT (key) DO UPDATE SET state = "
	       "$5, target = $6, detail = $7, attempts = report_run.attempts + 1, "
	       "mail_id = $8, changed_at = $9 RETURNING id",
};
static const Stmt LIST = {
	.name = "report_run.list",
	.sql = "SELECT r.key, r.report, r.period, p.code, r.state, r.target, r.detail, "
	       "r.attempts, r.changed_at FROM report_run r LEFT JOIN party p ON p.id = "
	       "r.party_id ORDER BY r.id DESC LIMIT $1",
};

int
report_sent_find(Db *db, const char *key, int64_t *ret_failed_at, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &FIND, DB_ARGS(v_text(key)), error);
	int more;

	if (ret_failed_at != NULL)
		*ret_failed_at = 0;
	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more <= 0)
		return more;
	if (strcmp(db_col_text(rows, 0), "done") == 0)
		return 1;
	if (ret_failed_at != NULL)
		*ret_failed_at = db_col_int(rows, 1);
	return 0;
}

bool
report_sent_put(DbTx *tx, const ReportSent *sent, GError **error)
{
	int64_t id;

	return db_find_int(tx->db, &PUT,
		   DB_ARGS(v_text(sent->key), v_text(sent->report), v_text(sent->period),
		       v_id(sent->party_id), v_text(sent->done ? "done" : "failed"),
		       v_text(sent->target), v_text(sent->detail), v_id(sent->mail_id),
		       v_int(clock_now_at())),
		   &id, error) == 1 &&
	       audit_add(tx, sent->done ? AUDIT_REPORTED : AUDIT_REPORT_FAILED, "report",
		   id, sent->key, error);
}

bool
report_sent_list(Db *db, int limit, void (*fn)(void *user, const ReportSentRow *row),
    void *user, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &LIST, DB_ARGS(v_int(limit)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		ReportSentRow row = {
			.key = db_col_text(rows, 0),
			.report = db_col_text(rows, 1),
			.period = db_col_text(rows, 2),
			.party = db_col_text(rows, 3),
			.state = db_col_text(rows, 4),
			.target = db_col_text(rows, 5),
			.detail = db_col_text(rows, 6),
			.attempts = db_col_int(rows, 7),
			.changed_at = db_col_int(rows, 8),
		};

		fn(user, &row);
	}
	return more == 0;
}
