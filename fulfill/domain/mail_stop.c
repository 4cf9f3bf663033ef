/*
 * mail_stop.c - rows of mail_stop.
 */
#include "fulfill/domain/mail_stop.h"

#include "fulfill/domain/audit.h"
#include "mailer/addr.h"
#include "queue/clock.h"

static const char *const whys[] = {
	[MAIL_STOP_COMPLAINT] = "complaint",
	[MAIL_STOP_REQUEST] = "request",
	[MAIL_STOP_PERSON] = "person",
};

static const Stmt READER = {
	.name = "mail_stop.reader",
	.sql = "INSERT INTO mail_stop (address, mail_id, why, reason, at)"
	       " SELECT lower(to_email), id, $2, $3, $4 FROM mail_out"
	       " WHERE id = $1 AND to_email <> ''"
	       " ON CONFLICT (address) DO NOTHING",
};
static const Stmt ADD = {
	.name = "mail_stop.add",
	.sql = "INSERT INTO mail_stop (address, why, reason, at)"
	       " VALUES ($1, 'person', $2, $3) ON CONFLICT (address) DO NOTHING",
};
static const Stmt END = {
	.name = "mail_stop.end",
	.sql = "DELETE FROM mail_stop WHERE address = $1",
};
static const Stmt IS = {
	.name = "mail_stop.is",
	.sql = "SELECT count(*) FROM mail_stop WHERE address = $1",
};
static const Stmt LIST = {
	.name = "mail_stop.list",
	.sql = "SELECT address, mail_id, why, reason, at FROM mail_stop"
	       " ORDER BY at, address /* scan: a person looks */",
};

int
mail_stop_reader(
    DbTx *tx, int64_t mail_id, MailStopWhy why, const char *reason, GError **error)
{
	int64_t added;

	if (!db_exec(tx->db, &READER,
		DB_ARGS(v_int(mail_id), v_text(whys[why]), v_text(reason),
		    v_int(clock_now_at())),
		&added, error) ||
	    (added > 0 &&
		!audit_add(tx, AUDIT_MAIL_STOPPED, "mail", mail_id, whys[why], error)))
		return -1;
	return (int)added;
}

bool
mail_stop_add(DbTx *tx, const char *address, const char *reason, GError **error)
{
	g_autofree char *normal = addr_normal(address, error);
	g_autofree char *key = normal != NULL ? g_utf8_strdown(normal, -1) : NULL;
	int64_t added;

	if (key == NULL ||
	    !db_exec(tx->db, &ADD,
		DB_ARGS(v_text(key), v_text(reason), v_int(clock_now_at())), &added,
		error))
		return false;
	if (added == 0)
		return err_set(error, TP_ERROR_CONFLICT,
		    "'%s' gets no recurring mails already", key);
	return audit_add(tx, AUDIT_MAIL_STOPPED, "mail", 0, reason, error);
}

bool
mail_stop_end(DbTx *tx, const char *address, const char *reason, GError **error)
{
	g_autofree char *key = g_utf8_strdown(address, -1);
	int64_t ended;

	if (!db_exec(tx->db, &END, DB_ARGS(v_text(key)), &ended, error))
		return false;
	if (ended == 0)
		return err_set(error, TP_ERROR_NOT_FOUND,
		    "'%s' is not stopped: see 'ticketpost mail stopped'", address);
	return audit_add(tx, AUDIT_MAIL_RESUMED, "mail", 0, reason, error);
}

bool
mail_stop_is(Db *db, const char *address, bool *ret, GError **error)
{
	g_autofree char *key = g_utf8_strdown(address, -1);
	int64_t n = 0;

	if (db_find_int(db, &IS, DB_ARGS(v_text(key)), &n, error) < 0)
		return false;
	*ret = n > 0;
	return true;
}

bool
mail_stop_list(
    Db *db, void (*fn)(void *user, const MailStopRow *row), void *user, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &LIST, DB_NO_ARGS, error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		MailStopRow row = {
			.address = db_col_text(rows, 0),
			.mail_id = db_col_int(rows, 1),
			.why = db_col_text(rows, 2),
			.reason = db_col_text(rows, 3),
			.at = db_col_int(rows, 4),
		};

		fn(user, &row);
	}
	return more == 0;
}
