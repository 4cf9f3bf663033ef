/*
 * mail_in.c - rows of mail_in.
 */
#include "fulfill/domain/mail_in.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "queue/clock.h"
#include "queue/hash.h"
#include "queue/limits.h"

static const struct {
	const char *name;
	const char *sentence;
} states[] = {
#define STATE(id, name, sentence) { name, sentence },
#include "fulfill/domain/mail_in_state.def"
#undef STATE
};

static const Stmt ADD = {
	.name = "mail_in.add",
	.sql = "INSERT INTO mail_in (source, source_ref, recipient, hash, size_bytes, "
	       "sealed,"
	       " state, reason, due_at, received_at, changed_at)"
	       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $9)"
	       " ON CONFLICT (hash) DO NOTHING RETURNING id",
};
static const Stmt BY_HASH = {
	.name = "mail_in.by_hash",
	.sql = "SELECT id FROM mail_in WHERE hash = $1",
};

#define COLUMNS                                                                          \
	"id, source, source_ref, recipient, size_bytes, state, reason, kind, rule,"      \
	" sender, subject, message_id, proof, user_id, outcome, tries, deaths,"          \
	" received_at, changed_at, sealed IS NULL"

static const Stmt GET = {
	.name = "mail_in.get",
	.sql = "SELECT " COLUMNS " FROM mail_in WHERE id = $1",
};
static const Stmt SEALED = {
	.name = "mail_in.sealed",
	.sql = "SELECT sealed FROM mail_in WHERE id = $1",
};
static const Stmt LIST = {
	.name = "mail_in.list",
	.sql = "SELECT " COLUMNS " FROM mail_in ORDER BY id DESC LIMIT $1",
};
static const Stmt LIST_HELD = {
	.name = "mail_in.list_held",
	.sql = "SELECT " COLUMNS " FROM mail_in WHERE state IN ('held', 'poison')"
	       " ORDER BY id DESC LIMIT $1",
};
static const Stmt DUE = {
	.name = "mail_in.due",
	.sql = "SELECT id FROM mail_in WHERE state = 'received' AND due_at <= $1"
	       " ORDER BY due_at, id LIMIT 1",
};
static const Stmt TAKE = {
	.name = "mail_in.take",
	.sql = "UPDATE mail_in SET tries = tries + 1, due_at = $3, changed_at = $2"
	       " WHERE id = $1 AND state = 'received' AND due_at <= $2",
};
static const Stmt DIED = {
	.name = "mail_in.died",
	.sql = "UPDATE mail_in SET deaths = deaths + 1, due_at = $3, changed_at = $3,"
	       " reason = $4, state = CASE WHEN deaths + 1 >= $5 THEN 'poison'"
	       " ELSE 'received' END"
	       " WHERE id = $1 AND tries = $2 AND state = 'received'",
};
static const Stmt PUT_OFF = {
	.name = "mail_in.put_off",
	.sql = "UPDATE mail_in SET due_at = $3, changed_at = $4, reason = $5,"
	       " state = CASE WHEN tries >= $6 THEN 'held' ELSE 'received' END"
	       " WHERE id = $1 AND tries = $2 AND state = 'received'",
};
static const Stmt SETTLE = {
	.name = "mail_in.settle",
	.sql = "UPDATE mail_in SET state = $3, reason = $4, kind = $5, rule = $6,"
	       " sender = $7, subject = $8, message_id = $9, proof = $10, user_id = $11,"
	       " outcome = $12, changed_at = $13,"
	       " sealed = CASE WHEN $14 = 1 THEN NULL ELSE sealed END"
	       " WHERE id = $1 AND tries = $2 AND state = 'received'",
};
static const Stmt RELEASE = {
	.name = "mail_in.release",
	.sql = "UPDATE mail_in SET state = 'received', reason = NULL, proof = 'person',"
	       " user_id = $2, deaths = 0, tries = 0, due_at = $3, changed_at = $3"
	       " WHERE id = $1 AND state IN ('held', 'poison') AND sealed IS NOT NULL",
};
static const Stmt DISCARD = {
	.name = "mail_in.discard",
	.sql = "UPDATE mail_in SET state = 'discarded', reason = $2, sealed = NULL,"
	       " changed_at = $3 WHERE id = $1 AND state IN ('held', 'poison')",
};
static const Stmt WIPE = {
	.name = "mail_in.wipe",
	.sql =
	    "UPDATE mail_in SET sealed = NULL WHERE state = 'done' AND sealed IS NOT NULL"
	    " AND changed_at < $1",
};

static const Stmt BOX_GET = {
	.name = "mail_box.get",
	.sql = "SELECT taken_uid, done_uid FROM mail_box WHERE name = $1"
	       " AND uidvalidity = $2",
};
static const Stmt BOX_PUT = {
	.name = "mail_box.put",
	.sql = "INSERT INTO mail_box (name, uidvalidity, taken_uid, done_uid)"
	       " VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO UPDATE"
	       " SET uidvalidity = $2, taken_uid = $3, done_uid = $4",
};

const char *
mail_in_state_name(MailInState state)
{
	return states[state].name;
}

bool
mail_in_state_from_name(const char *name, MailInState *ret)
{
	for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
		if (strcmp(states[i].name, name) == 0) {
			*ret = (MailInState)i;
			return true;
		}
	return false;
}

void
mail_in_free(MailIn *mail)
{
	if (mail == NULL)
		return;
	g_free(mail->source);
	g_free(mail->source_ref);
	g_free(mail->recipient);
	g_free(mail->reason);
	g_free(mail->kind);
	g_free(mail->rule);
	g_free(mail->sender);
	g_free(mail->subject);
	g_free(mail->message_id);
	g_free(mail->proof);
	g_free(mail->outcome);
	g_free(mail);
}

/* What a mail without its bytes is known by: where it lies. */
static void
hash_of(const MailInNew *mail, uint8_t ret[HASH_BYTES])
{
	g_autofree char *place = NULL;

	if (mail->problem == NULL) {
		hash_bytes(mail->bytes, mail->size, ret);
		return;
	}
	place =
	    g_strdup_printf("%s\n%s", mail->source, mail->ref != NULL ? mail->ref : "");
	hash_bytes(place, strlen(place), ret);
}

int
mail_in_add(
    DbTx *tx, const Vault *vault, const MailInNew *mail, int64_t *ret_id, GError **error)
{
	uint8_t hash[HASH_BYTES];
	g_autoptr(GBytes) sealed = NULL;
	MailInState state = mail->problem != NULL ? MAIL_IN_HELD : MAIL_IN_RECEIVED;
	gsize size = 0;
	const void *bytes = NULL;
	int added;

	if (mail->problem == NULL && mail->size == 0)
		return err_set_int(error, TP_ERROR_INVALID, "the mail is empty");
	if (mail->problem == NULL && mail->size > LIMIT_INTAKE_BYTES)
		return err_set_int(error, TP_ERROR_INVALID,
		    "the mail has more than %d bytes", LIMIT_INTAKE_BYTES);
	hash_of(mail, hash);
	if (mail->problem == NULL) {
		sealed = vault_seal_bytes(vault, mail->bytes, mail->size);
		bytes = g_bytes_get_data(sealed, &size);
	}
	added = db_find_int(tx->db, &ADD,
	    DB_ARGS(v_text(mail->source), v_text(mail->ref), v_text(mail->recipient),
		v_blob(hash, sizeof(hash)), v_int((int64_t)mail->size),
		v_blob(bytes, size), v_text(states[state].name), v_text(mail->problem),
		v_int(clock_now_at())),
	    ret_id, error);
	if (added != 0)
		return added;
	return db_find_int(tx->db, &BY_HASH, DB_ARGS(v_blob(hash, sizeof(hash))), ret_id,
		   error) < 0
		   ? -1
		   : 0;
}

static MailIn *
from_row(const DbRows *rows)
{
	MailIn *mail = g_new0(MailIn, 1);

	mail->id = db_col_int(rows, 0);
	mail->source = g_strdup(db_col_text(rows, 1));
	mail->source_ref = g_strdup(db_col_text(rows, 2));
	mail->recipient = g_strdup(db_col_text(rows, 3));
	mail->size_bytes = db_col_int(rows, 4);
	if (!mail_in_state_from_name(db_col_text(rows, 5), &mail->state))
		BUG("mail_in state '%s'", db_col_text(rows, 5));
	mail->reason = g_strdup(db_col_text(rows, 6));
	mail->kind = g_strdup(db_col_text(rows, 7));
	mail->rule = g_strdup(db_col_text(rows, 8));
	mail->sender = g_strdup(db_col_text(rows, 9));
	mail->subject = g_strdup(db_col_text(rows, 10));
	mail->message_id = g_strdup(db_col_text(rows, 11));
	mail->proof = g_strdup(db_col_text(rows, 12));
	mail->user_id = db_col_int(rows, 13);
	mail->outcome = g_strdup(db_col_text(rows, 14));
	mail->tries = db_col_int(rows, 15);
	mail->deaths = db_col_int(rows, 16);
	mail->received_at = db_col_int(rows, 17);
	mail->changed_at = db_col_int(rows, 18);
	mail->wiped = db_col_int(rows, 19) != 0;
	return mail;
}

MailIn *
mail_in_get(Db *db, int64_t id, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &GET, DB_ARGS(v_int(id)), error);
	int more;

	if (rows == NULL)
		return NULL;
	more = db_next(rows, error);
	if (more == 0)
		err_set(error, TP_ERROR_NOT_FOUND,
		    "no mail %" G_GINT64_FORMAT " was received", id);
	return more == 1 ? from_row(rows) : NULL;
}

GBytes *
mail_in_bytes(Db *db, const Vault *vault, int64_t id, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &SEALED, DB_ARGS(v_int(id)), error);
	const void *sealed;
	size_t size;
	int more;

	if (rows == NULL)
		return NULL;
	more = db_next(rows, error);
	if (more < 0)
		return NULL;
	sealed = more == 1 ? db_col_blob(rows, 0, &size) : NULL;
	if (sealed == NULL) {
		err_set(error, TP_ERROR_NOT_FOUND,
		    "the bytes of mail %" G_GINT64_FORMAT " are not kept any more", id);
		return NULL;
	}
	return vault_unseal_bytes(vault, sealed, size, error);
}

bool
mail_in_list(Db *db, bool held, int limit, void (*fn)(void *user, const MailIn *mail),
    void *user, GError **error)
{
	g_autoptr(GPtrArray) list =
	    g_ptr_array_new_with_free_func((GDestroyNotify)mail_in_free);
	g_autoptr(DbRows) rows = db_query(db, held ? &LIST_HELD : &LIST,
	    DB_ARGS(v_int(limit > 0 ? limit : INT64_MAX)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1)
		g_ptr_array_add(list, from_row(rows));
	for (guint i = list->len; more == 0 && i-- > 0;)
		fn(user, g_ptr_array_index(list, i));
	return more == 0;
}

int
mail_in_take(Db *db, MailIn **ret, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t now = clock_now_at();
	int64_t changed;
	int64_t id;
	int found = db_find_int(db, &DUE, DB_ARGS(v_int(now)), &id, error);

	if (found <= 0)
		return found;
	if (!db_begin(db, DB_WRITE, &tx, error) ||
	    !db_exec(db, &TAKE,
		DB_ARGS(v_int(id), v_int(now), v_int(now + MAIL_IN_LEASE_S * US_PER_S)),
		&changed, error) ||
	    (*ret = mail_in_get(db, id, error)) == NULL)
		return -1;
	if (!db_commit(&tx, error) || changed == 0) {
		g_clear_pointer(ret, mail_in_free);
		return changed == 0 ? 0 : -1;
	}
	return 1;
}

bool
mail_in_died(
    DbTx *tx, const MailIn *mail, const char *how, MailInState *ret_state, GError **error)
{
	g_autofree char *why = g_strdup_printf("the child that read it died: %s", how);

	*ret_state =
	    mail->deaths + 1 >= MAIL_IN_MAX_DEATHS ? MAIL_IN_POISON : MAIL_IN_RECEIVED;
	return db_exec(tx->db, &DIED,
		   DB_ARGS(v_int(mail->id), v_int(mail->tries), v_int(clock_now_at()),
		       v_text(why), v_int(MAIL_IN_MAX_DEATHS)),
		   NULL, error) &&
	       (*ret_state != MAIL_IN_POISON ||
		   audit_add(tx, AUDIT_MAIL_HELD, "mail_in", mail->id, "poison", error));
}

bool
mail_in_put_off(DbTx *tx, const MailIn *mail, const char *why, GError **error)
{
	int64_t now = clock_now_at();
	int64_t wait_s = MIN((int64_t)5 << MIN(mail->tries, 10), 3600);

	return db_exec(tx->db, &PUT_OFF,
	    DB_ARGS(v_int(mail->id), v_int(mail->tries), v_int(now + wait_s * US_PER_S),
		v_int(now), v_text(why), v_int(MAIL_IN_MAX_TRIES)),
	    NULL, error);
}

/* As a table shows it. */
static char *
cut(const char *text)
{
	return text != NULL ? g_utf8_substring(text, 0,
				  MIN(g_utf8_strlen(text, -1), LIMIT_MAIL_IN_TEXT_CHARS))
			    : NULL;
}

int
mail_in_settle(DbTx *tx, const MailIn *mail, const MailInFound *found, GError **error)
{
	g_autofree char *subject = cut(found->subject);
	g_autofree char *message_id = cut(found->message_id);
	int64_t changed;

	if (!db_exec(tx->db, &SETTLE,
		DB_ARGS(v_int(mail->id), v_int(mail->tries),
		    v_text(states[found->state].name), v_text(found->reason),
		    v_text(found->kind), v_text(found->rule), v_text(found->sender),
		    v_text(subject), v_text(message_id), v_text(found->proof),
		    v_id(found->user_id), v_text(found->outcome), v_int(clock_now_at()),
		    v_int(found->wipe)),
		&changed, error))
		return -1;
	if (changed == 0)
		return 0;
	if (found->state == MAIL_IN_HELD &&
	    !audit_add(tx, AUDIT_MAIL_HELD, "mail_in", mail->id, found->rule, error))
		return -1;
	return 1;
}

static bool
wait_check(DbTx *tx, int64_t id, int64_t changed, GError **error)
{
	g_autoptr(MailIn) mail = NULL;

	if (changed > 0)
		return true;
	mail = mail_in_get(tx->db, id, error);
	return mail != NULL &&
	       err_set(error, TP_ERROR_CONFLICT,
		   "mail %" G_GINT64_FORMAT " is %s%s, not held", id,
		   states[mail->state].name, mail->wiped ? " and wiped" : "");
}

bool
mail_in_release(DbTx *tx, int64_t id, int64_t user_id, const char *reason, GError **error)
{
	int64_t changed;

	return db_exec(tx->db, &RELEASE,
		   DB_ARGS(v_int(id), v_id(user_id), v_int(clock_now_at())), &changed,
		   error) &&
	       wait_check(tx, id, changed, error) &&
	       audit_add(tx, AUDIT_MAIL_RELEASED, "mail_in", id, reason, error);
}

bool
mail_in_discard(DbTx *tx, int64_t id, const char *reason, GError **error)
{
	int64_t changed;

	return db_exec(tx->db, &DISCARD,
		   DB_ARGS(v_int(id), v_text(reason), v_int(clock_now_at())), &changed,
		   error) &&
	       wait_check(tx, id, changed, error) &&
	       audit_add(tx, AUDIT_MAIL_DISCARDED, "mail_in", id, reason, error);
}

bool
mail_in_wipe(DbTx *tx, int64_t before_at, int64_t *ret_n, GError **error)
{
	return db_exec(tx->db, &WIPE, DB_ARGS(v_int(before_at)), ret_n, error);
}

bool
mail_box_get(Db *db, MailBoxMark *mark, GError **error)
{
	g_autoptr(DbRows) rows = db_query(
	    db, &BOX_GET, DB_ARGS(v_text(mark->name), v_int(mark->uidvalidity)), error);
	int more = rows != NULL ? db_next(rows, error) : -1;

	mark->taken_uid = more == 1 ? (uint32_t)db_col_int(rows, 0) : 0;
	mark->done_uid = more == 1 ? (uint32_t)db_col_int(rows, 1) : 0;
	return more >= 0;
}

bool
mail_box_put(DbTx *tx, const MailBoxMark *mark, GError **error)
{
	return db_exec(tx->db, &BOX_PUT,
	    DB_ARGS(v_text(mark->name), v_int(mark->uidvalidity), v_int(mark->taken_uid),
		v_int(mark->done_uid)),
	    NULL, error);
}
