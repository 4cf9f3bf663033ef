/*
 * privacy_notice.c - the notice in force stands in table setting, who was told which in
 * privacy_notice.
 */
#include "fulfill/domain/privacy_notice.h"

#include "fulfill/domain/setting.h"
#include "queue/clock.h"

static const Stmt CAPTURE = {
	.name = "privacy_notice.capture",
	.sql = "INSERT INTO privacy_notice (party_id, version, purpose, captured_at) "
	       "VALUES ($1, coalesce((SELECT value FROM setting WHERE name = "
	       "'privacy.version'), '1'), coalesce((SELECT value FROM setting WHERE name "
	       "= 'privacy.purpose'), '" PRIVACY_PURPOSE_USUAL
	       "'), $2) ON CONFLICT (party_id, "
	       "version) DO NOTHING",
};
static const Stmt DUE = {
	.name = "privacy_notice.due",
	.sql = "SELECT id, version, purpose, (SELECT value FROM setting WHERE name = "
	       "'privacy.url') FROM privacy_notice WHERE party_id = $1 AND mail_id IS "
	       "NULL AND piece_id IS NULL ORDER BY id DESC LIMIT 1",
};
static const Stmt TOLD = {
	.name = "privacy_notice.told",
	.sql = "UPDATE privacy_notice SET mail_id = $2 WHERE id = $1 AND mail_id IS NULL",
};
static const Stmt PRINTED = {
	.name = "privacy_notice.printed",
	.sql =
	    "UPDATE privacy_notice SET piece_id = $2 WHERE id = $1 AND piece_id IS NULL",
};

static bool
differs(Db *db, const char *name, const char *value, bool *ret, GError **error)
{
	g_autofree char *before = NULL;

	if (setting_get(db, name, &before, error) < 0)
		return false;
	*ret = *ret ||
	       g_strcmp0(before != NULL ? before : "", value != NULL ? value : "") != 0;
	return true;
}

bool
privacy_notice_set(Db *db, const PrivacyNotice *notice, GError **error)
{
	bool changed = false;
	g_auto(DbTx) tx = DB_TX_INIT;

	if (!differs(db, "privacy.version", notice->version, &changed, error) ||
	    !differs(db, "privacy.purpose", notice->purpose, &changed, error) ||
	    !differs(db, "privacy.url", notice->url, &changed, error))
		return false;
	if (!changed)
		return true;
	return db_begin(db, DB_WRITE, &tx, error) &&
	       setting_put(&tx, "privacy.version", notice->version, error) &&
	       setting_put(&tx, "privacy.purpose", notice->purpose, error) &&
	       setting_put(
		   &tx, "privacy.url", notice->url != NULL ? notice->url : "", error) &&
	       db_commit(&tx, error);
}

bool
privacy_notice_capture(DbTx *tx, int64_t party_id, GError **error)
{
	return db_exec(tx->db, &CAPTURE, DB_ARGS(v_int(party_id), v_int(clock_now_at())),
	    NULL, error);
}

int
privacy_notice_due(
    Db *db, int64_t party_id, json_t **ret, int64_t *ret_id, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &DUE, DB_ARGS(v_int(party_id)), error);
	const char *purpose;
	const char *url;
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more <= 0)
		return more;
	*ret_id = db_col_int(rows, 0);
	*ret = json_pack("{s:s}", "version", db_col_text(rows, 1));
	purpose = db_col_text(rows, 2);
	if (!g_str_equal(purpose, PRIVACY_PURPOSE_USUAL))
		json_object_set_new(*ret, "purpose", json_string(purpose));
	url = db_col_text(rows, 3);
	if (url != NULL && *url != '\0')
		json_object_set_new(*ret, "url", json_string(url));
	return 1;
}

bool
privacy_notice_told(DbTx *tx, int64_t id, int64_t mail_id, GError **error)
{
	return db_exec(tx->db, &TOLD, DB_ARGS(v_int(id), v_int(mail_id)), NULL, error);
}

bool
privacy_notice_printed(DbTx *tx, int64_t id, int64_t piece_id, GError **error)
{
	return db_exec(
	    tx->db, &PRINTED, DB_ARGS(v_int(id), v_int(piece_id)), NULL, error);
}
