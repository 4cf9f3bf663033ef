/*
 * mail_sender.c - users as senders of mail, and their keys.
 */
#include "fulfill/domain/mail_sender.h"

#include <string.h>

#include "fulfill/domain/party.h"

#define SENDER                                                                           \
	"SELECT u.id, p.id, p.code, u.email, u.name, p.language, p.brand, p.name, "      \
	"p.kind"                                                                         \
	" FROM \"user\" u JOIN party p ON p.id = u.party_id"                             \
	" WHERE u.removed_at IS NULL AND p.removed_at IS NULL"

static const Stmt BY_EMAIL = {
	.name = "mail_sender.by_email",
	.sql = SENDER " AND u.email = $1 ORDER BY u.id /* scan: users are few */",
};
static const Stmt BY_ID = {
	.name = "mail_sender.by_id",
	.sql = SENDER " AND u.id = $1",
};
static const Stmt KEY_PUT = {
	.name = "user_key.put",
	.sql = "INSERT INTO user_key (user_id, minisign) VALUES ($1, $2)"
	       " ON CONFLICT (user_id) DO UPDATE SET minisign = excluded.minisign",
};
static const Stmt KEY_DROP = {
	.name = "user_key.drop",
	.sql = "DELETE FROM user_key WHERE user_id = $1",
};
static const Stmt KEYS = {
	.name = "user_key.list",
	.sql = "SELECT k.user_id, k.minisign FROM user_key k JOIN \"user\" u ON u.id = "
	       "k.user_id"
	       " WHERE u.removed_at IS NULL ORDER BY k.user_id /* scan: few */",
};
void
mail_sender_free(MailSender *sender)
{
	if (sender == NULL)
		return;
	g_free(sender->party);
	g_free(sender->email);
	g_free(sender->name);
	g_free(sender->language);
	g_free(sender->brand);
	g_free(sender->party_name);
	g_free(sender);
}

static MailSender *
from_row(const DbRows *rows)
{
	MailSender *sender = g_new0(MailSender, 1);

	sender->user_id = db_col_int(rows, 0);
	sender->party_id = db_col_int(rows, 1);
	sender->party = g_strdup(db_col_text(rows, 2));
	sender->email = g_strdup(db_col_text(rows, 3));
	sender->name = g_strdup(db_col_text(rows, 4));
	sender->language = g_strdup(db_col_text(rows, 5));
	sender->brand = g_strdup(db_col_text(rows, 6));
	sender->party_name = g_strdup(db_col_text(rows, 7));
	sender->vendor = strcmp(db_col_text(rows, 8), "vendor") == 0;
	return sender;
}

GPtrArray *
mail_sender_by_email(Db *db, const char *email, GError **error)
{
	g_autoptr(GPtrArray) list =
	    g_ptr_array_new_with_free_func((GDestroyNotify)mail_sender_free);
	g_autofree char *login = g_utf8_strdown(email, -1);
	g_autoptr(DbRows) rows = db_query(db, &BY_EMAIL, DB_ARGS(v_text(login)), error);
	int more;

	if (rows == NULL)
		return NULL;
	while ((more = db_next(rows, error)) == 1)
		g_ptr_array_add(list, from_row(rows));
	return more == 0 ? g_steal_pointer(&list) : NULL;
}

int
mail_sender_find(Db *db, int64_t user_id, MailSender **ret, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &BY_ID, DB_ARGS(v_int(user_id)), error);
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more == 1)
		*ret = from_row(rows);
	return more;
}

bool
mail_sender_put_key(DbTx *tx, int64_t user_id, const char *minisign, GError **error)
{
	if (minisign == NULL)
		return db_exec(tx->db, &KEY_DROP, DB_ARGS(v_int(user_id)), NULL, error);
	return db_exec(
	    tx->db, &KEY_PUT, DB_ARGS(v_int(user_id), v_text(minisign)), NULL, error);
}

bool
mail_sender_keys(Db *db, bool (*fn)(void *user, int64_t user_id, const char *key),
    void *user, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &KEYS, DB_NO_ARGS, error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1)
		if (!fn(user, db_col_int(rows, 0), db_col_text(rows, 1)))
			return true;
	return more == 0;
}
