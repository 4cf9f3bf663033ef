/*
 * mail_out.c - the setter of what became of a message.
 */
#include "fulfill/domain/mail_out.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/delivery.h"
#include "fulfill/domain/issue.h"
#include "fulfill/domain/mail_letter.h"
#include "fulfill/issue/code.h"
#include "mailer/encrypt.h"

static const Stmt GET = {
	.name = "mail_out.get",
	.sql =
	    "SELECT m.id, m.order_id, m.text, m.to_email, m.to_name, m.language, m.brand,"
	    " m.context, m.seed, m.date_at, m.bytes_hash, m.reply_to, m.in_reply_to,"
	    " m.refs, m.recurring, m.null_sender, t.id, t.sealed, t.state, t.lookup"
	    " FROM mail_out m LEFT JOIN ticket t ON t.id = m.ticket_id WHERE m.id = $1",
};
static const Stmt SEALED_OF_DIGEST = {
	.name = "mail_out.sealed",
	.sql = "SELECT t.id, t.sealed, t.state, t.lookup FROM delivery d JOIN ticket t "
	       "ON t.id = d.ticket_id"
	       " WHERE d.mail_id = $1 ORDER BY d.id",
};
static const Stmt START = {
	.name = "mail_out.start",
	.sql = "UPDATE mail_out SET bytes_hash = $2, bytes_size = $3 WHERE id = $1",
};
static const Stmt FIND = {
	.name = "mail_out.find",
	.sql = "SELECT m.id FROM mail_out m WHERE m.id = coalesce("
	       "(SELECT max(d.mail_id) FROM delivery d WHERE d.ticket_id = $1),"
	       " (SELECT min(x.id) FROM mail_out x WHERE x.order_id = $2))",
};
static const Stmt FORSAKEN = {
	.name = "mail_out.forsaken",
	.sql = "SELECT j.id FROM job j WHERE j.state = 'dead' AND j.kind = 'mail'"
	       " AND EXISTS (SELECT 1 FROM delivery d WHERE d.mail_id = j.ref"
	       " AND d.state IN ('ready', 'inflight', 'doubt'))",
};
static const Stmt ABOUT = {
	.name = "mail_out.about",
	.sql = "SELECT m.order_id, t.tail FROM mail_out m"
	       " LEFT JOIN delivery d ON d.mail_id = m.id"
	       " LEFT JOIN ticket t ON t.id = d.ticket_id WHERE m.id = $1"
	       " ORDER BY d.id LIMIT 1",
};

static void
sealed_free(gpointer data)
{
	MailSealed *sealed = data;

	g_bytes_unref(sealed->bytes);
	g_bytes_unref(sealed->lookup);
	g_free(sealed);
}

static void
part_free(gpointer data)
{
	MailOutPart *part = data;

	g_free(part->type);
	g_free(part->name);
	g_bytes_unref(part->bytes);
	g_free(part);
}

void
mail_out_free(MailOut *mail)
{
	if (mail == NULL)
		return;
	g_free(mail->text);
	g_free(mail->to_email);
	g_free(mail->to_name);
	g_free(mail->language);
	g_free(mail->brand);
	g_free(mail->context);
	g_ptr_array_unref(mail->sealed);
	g_free(mail->reply_to);
	g_free(mail->in_reply_to);
	g_strfreev(mail->references);
	g_ptr_array_unref(mail->parts);
	encrypt_key_free(mail->key);
	g_clear_pointer(&mail->made, g_bytes_unref);
	g_free(mail);
}

static bool
is_dead(const char *state)
{
	return strcmp(state, "recalled") == 0 || strcmp(state, "recall_pending") == 0;
}

/* Columns from `at` on are a ticket's id, sealed code, state and lookup. */
static void
add_sealed(MailOut *mail, const DbRows *rows, int at)
{
	MailSealed *sealed = g_new0(MailSealed, 1);
	size_t size;
	const void *bytes = db_col_blob(rows, at + 1, &size);

	sealed->ticket_id = db_col_int(rows, at);
	sealed->bytes = g_bytes_new(bytes, bytes != NULL ? size : 0);
	bytes = db_col_blob(rows, at + 3, &size);
	sealed->lookup = g_bytes_new(bytes, bytes != NULL ? size : 0);
	if (!is_dead(db_col_text(rows, at + 2)))
		mail->recalled = false;
	g_ptr_array_add(mail->sealed, sealed);
}

static bool
load_digest(Db *db, MailOut *mail, GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(db, &SEALED_OF_DIGEST, DB_ARGS(v_int(mail->id)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1)
		add_sealed(mail, rows, 0);
	return more == 0;
}

MailOut *
mail_out_get(Db *db, int64_t id, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &GET, DB_ARGS(v_int(id)), error);
	g_autoptr(MailOut) mail = NULL;
	const void *bytes;
	size_t size;
	int more;

	if (rows == NULL)
		return NULL;
	more = db_next(rows, error);
	if (more <= 0) {
		if (more == 0)
			err_set(error, TP_ERROR_NOT_FOUND,
			    "there is no mail %" G_GINT64_FORMAT, id);
		return NULL;
	}
	mail = g_new0(MailOut, 1);
	mail->sealed = g_ptr_array_new_with_free_func(sealed_free);
	mail->parts = g_ptr_array_new_with_free_func(part_free);
	mail->recalled = true;
	mail->id = db_col_int(rows, 0);
	mail->order_id = db_col_int(rows, 1);
	mail->text = g_strdup(db_col_text(rows, 2));
	mail->to_email = g_strdup(db_col_text(rows, 3));
	mail->to_name = g_strdup(db_col_text(rows, 4));
	mail->language = g_strdup(db_col_text(rows, 5));
	mail->brand = g_strdup(db_col_text(rows, 6));
	mail->context = g_strdup(db_col_text(rows, 7));
	bytes = db_col_blob(rows, 8, &size);
	if (bytes != NULL && size == sizeof(mail->seed))
		memcpy(mail->seed, bytes, size);
	mail->date_at = db_col_int(rows, 9);
	bytes = db_col_blob(rows, 10, &size);
	mail->has_hash = bytes != NULL && size == HASH_BYTES;
	if (mail->has_hash)
		memcpy(mail->hash, bytes, size);
	mail->reply_to = g_strdup(db_col_text(rows, 11));
	mail->in_reply_to = g_strdup(db_col_text(rows, 12));
	if (!db_col_is_null(rows, 13))
		mail->references = g_strsplit(db_col_text(rows, 13), " ", -1);
	mail->recurring = db_col_int(rows, 14) != 0;
	mail->null_sender = db_col_int(rows, 15) != 0;
	if (!db_col_is_null(rows, 16))
		add_sealed(mail, rows, 16);
	else if (!load_digest(db, mail, error))
		return NULL;
	if (mail->sealed->len > 0)
		return g_steal_pointer(&mail);
	mail->recalled = false; /* a letter */
	if (!mail_letter_load(db, mail, error))
		return NULL;
	return g_steal_pointer(&mail);
}

int
mail_out_try(Db *db, int64_t id, MailOut **ret, GError **error)
{
	g_autoptr(GError) wrong = NULL;

	*ret = mail_out_get(db, id, &wrong);
	if (*ret != NULL)
		return 1;
	if (g_error_matches(wrong, TP_ERROR, TP_ERROR_NOT_FOUND))
		return 0;
	g_propagate_error(error, g_steal_pointer(&wrong));
	return -1;
}

bool
mail_out_start(
    DbTx *tx, int64_t id, const uint8_t hash[HASH_BYTES], int64_t size, GError **error)
{
	return db_exec(tx->db, &START,
		   DB_ARGS(v_int(id), v_blob(hash, HASH_BYTES), v_int(size)), NULL,
		   error) &&
	       delivery_move(tx, DELIVERY_OF_MAIL, id, DELIVERY_START, NULL, NULL, error);
}

bool
mail_out_sent(DbTx *tx, int64_t id, const char *detail, GError **error)
{
	return delivery_move(
		   tx, DELIVERY_OF_MAIL, id, DELIVERY_SUCCEED, NULL, NULL, error) &&
	       audit_add(tx, AUDIT_SENT, "mail", id, detail, error);
}

bool
mail_out_put_off(DbTx *tx, int64_t id, const char *detail, GError **error)
{
	return delivery_move(
	    tx, DELIVERY_OF_MAIL, id, DELIVERY_PUT_OFF, detail, NULL, error);
}

bool
mail_out_lost(DbTx *tx, int64_t id, const char *detail, GError **error)
{
	return delivery_move(
		   tx, DELIVERY_OF_MAIL, id, DELIVERY_LOSE, detail, NULL, error) &&
	       audit_add(tx, AUDIT_DOUBT, "mail", id, detail, error);
}

bool
mail_out_given_up(DbTx *tx, int64_t id, const char *detail, GError **error)
{
	return delivery_move(
		   tx, DELIVERY_OF_MAIL, id, DELIVERY_GIVE_UP, detail, NULL, error) &&
	       audit_add(tx, AUDIT_GIVEN_UP, "mail", id, detail, error);
}

bool
mail_out_held(DbTx *tx, int64_t id, const char *detail, GError **error)
{
	return delivery_move(
		   tx, DELIVERY_OF_MAIL, id, DELIVERY_HOLD, detail, NULL, error) &&
	       audit_add(tx, AUDIT_HELD, "mail", id, detail, error);
}

int
mail_out_find(
    Db *db, int64_t ticket_id, int64_t order_id, int64_t *ret_id, GError **error)
{
	return db_find_int(
	    db, &FIND, DB_ARGS(v_int(ticket_id), v_int(order_id)), ret_id, error);
}

bool
mail_out_about(
    DbTx *tx, int64_t id, int64_t *ret_order_id, char **ret_masked, GError **error)
{
	g_autoptr(DbRows) rows = db_query(tx->db, &ABOUT, DB_ARGS(v_int(id)), error);
	char mask[CODE_MASK_SIZE];
	const char *tail;
	int more;

	*ret_order_id = 0;
	*ret_masked = NULL;
	if (rows == NULL)
		return false;
	more = db_next(rows, error);
	if (more <= 0)
		return more == 0;
	*ret_order_id = db_col_int(rows, 0);
	tail = db_col_text(rows, 1);
	if (tail != NULL)
		*ret_masked = g_strdup(code_mask_tail(tail, mask));
	return true;
}

GPtrArray *
mail_out_forsaken(Db *db, GError **error)
{
	g_autoptr(GArray) ids = db_list_ints(db, &FORSAKEN, DB_NO_ARGS, error);
	g_autoptr(GPtrArray) jobs =
	    g_ptr_array_new_with_free_func((GDestroyNotify)job_info_free);

	if (ids == NULL)
		return NULL;
	for (guint i = 0; i < ids->len; i++) {
		JobInfo *info = job_get(db, g_array_index(ids, int64_t, i), error);

		if (info == NULL)
			return NULL;
		g_ptr_array_add(jobs, info);
	}
	return g_steal_pointer(&jobs);
}
