/*
 * mail_key.c - rows of mail_key and mail_made.
 */
#include "fulfill/domain/mail_key.h"

#include "fulfill/domain/audit.h"
#include "mailer/addr.h"
#include "queue/clock.h"

static const Stmt PUT = {
	.name = "mail_key.put",
	.sql = "INSERT INTO mail_key (address, kind, fingerprint, material, expires_at,"
	       " at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (address) DO UPDATE SET"
	       " kind = $2, fingerprint = $3, material = $4, expires_at = $5, at = $6",
};
static const Stmt DROP = {
	.name = "mail_key.drop",
	.sql = "DELETE FROM mail_key WHERE address = $1",
};
static const Stmt LIST = {
	.name = "mail_key.list",
	.sql = "SELECT address, kind, fingerprint, expires_at, at FROM mail_key"
	       " ORDER BY address /* scan: a person looks */",
};
static const Stmt GET = {
	.name = "mail_key.get",
	.sql = "SELECT k.kind, k.fingerprint, k.material, k.expires_at, m.bytes"
	       " FROM mail_out o LEFT JOIN mail_key k ON k.address = lower(o.to_email)"
	       " LEFT JOIN mail_made m ON m.mail_id = o.id WHERE o.id = $1",
};
static const Stmt ANY = {
	.name = "mail_key.any",
	.sql = "SELECT CASE WHEN EXISTS (SELECT 1 FROM mail_key) OR EXISTS"
	       " (SELECT 1 FROM mail_made) THEN 1 ELSE 0 END",
};
static const Stmt KEEP = {
	.name = "mail_made.keep",
	.sql = "INSERT INTO mail_made (mail_id, bytes) VALUES ($1, $2)"
	       " ON CONFLICT (mail_id) DO NOTHING",
};
static const Stmt LET_GO = {
	.name = "mail_made.drop",
	.sql = "DELETE FROM mail_made WHERE mail_id = $1",
};

bool
mail_key_put(DbTx *tx, const char *address, const EncryptKey *key, const char *reason,
    GError **error)
{
	g_autofree char *normal = addr_normal(address, error);
	g_autofree char *lower = normal != NULL ? g_utf8_strdown(normal, -1) : NULL;
	gsize size;
	const void *bytes = g_bytes_get_data(key->material, &size);

	return lower != NULL &&
	       db_exec(tx->db, &PUT,
		   DB_ARGS(v_text(lower), v_text(encrypt_kind_name(key->kind)),
		       v_text(key->fingerprint), v_blob(bytes, size),
		       v_id(key->expires_at), v_int(clock_now_at())),
		   NULL, error) &&
	       audit_add(tx, AUDIT_MAIL_KEY, "mail", 0,
		   reason != NULL ? reason : key->fingerprint, error);
}

bool
mail_key_drop(DbTx *tx, const char *address, const char *reason, GError **error)
{
	g_autofree char *lower = g_utf8_strdown(address, -1);
	int64_t gone;

	if (!db_exec(tx->db, &DROP, DB_ARGS(v_text(lower)), &gone, error))
		return false;
	if (gone == 0)
		return err_set(error, TP_ERROR_NOT_FOUND,
		    "there is no key of '%s': see 'ticketpost mail keys'", address);
	return audit_add(tx, AUDIT_MAIL_KEY_GONE, "mail", 0, reason, error);
}

bool
mail_key_list(
    Db *db, void (*fn)(void *user, const MailKeyRow *row), void *user, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &LIST, DB_NO_ARGS, error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		MailKeyRow row = {
			.address = db_col_text(rows, 0),
			.kind = db_col_text(rows, 1),
			.fingerprint = db_col_text(rows, 2),
			.expires_at = db_col_int(rows, 3),
			.at = db_col_int(rows, 4),
		};

		fn(user, &row);
	}
	return more == 0;
}

static GBytes *
col_bytes(const DbRows *rows, int column)
{
	size_t size;
	const void *bytes = db_col_blob(rows, column, &size);

	return bytes != NULL ? g_bytes_new(bytes, size) : NULL;
}

bool
mail_key_any(Db *db, bool *ret, GError **error)
{
	int64_t any = 0;

	if (db_find_int(db, &ANY, DB_NO_ARGS, &any, error) < 0)
		return false;
	*ret = any != 0;
	return true;
}

bool
mail_key_load(Db *db, MailOut *mail, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &GET, DB_ARGS(v_int(mail->id)), error);
	int found = rows != NULL ? db_next(rows, error) : -1;
	EncryptKind kind;

	if (found <= 0)
		return found == 0;
	if (encrypt_kind_from_name(db_col_text(rows, 0), &kind)) {
		mail->key = g_new0(EncryptKey, 1);
		mail->key->kind = kind;
		mail->key->fingerprint = g_strdup(db_col_text(rows, 1));
		mail->key->material = col_bytes(rows, 2);
		mail->key->expires_at = db_col_int(rows, 3);
	}
	mail->made = col_bytes(rows, 4);
	return true;
}

bool
mail_made_keep(DbTx *tx, int64_t mail_id, GBytes *bytes, GError **error)
{
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);

	return db_exec(
	    tx->db, &KEEP, DB_ARGS(v_int(mail_id), v_blob(data, size)), NULL, error);
}

bool
mail_made_drop(DbTx *tx, int64_t mail_id, GError **error)
{
	return db_exec(tx->db, &LET_GO, DB_ARGS(v_int(mail_id)), NULL, error);
}
