/*
 * user.c - people who act for a party.
 */
#include "fulfill/domain/user.h"

#include <string.h>

#include "fulfill/domain/fingerprint.h"
#include "fulfill/domain/mail_sender.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/party_grant.h"
#include "fulfill/domain/rights_store.h"
#include "mailer/minisign.h"
#include "queue/clock.h"
#include "queue/limits.h"
#include "queue/quote.h"

#define USER_COLS                                                                        \
	"u.id, u.party_id, p.code, p.kind, u.email, u.name, u.role, u.inherits, "        \
	"u.made_by FROM \"user\" u JOIN party p ON p.id = u.party_id"                    \
	" WHERE u.removed_at IS NULL AND p.removed_at IS NULL"

static const Stmt GET = {
	.name = "user.get",
	.sql = "SELECT " USER_COLS " AND u.id = $1",
};
static const Stmt FIND = {
	.name = "user.find",
	.sql = "SELECT " USER_COLS " AND u.email = $1 AND ($2 = '' OR p.code = $2)"
	       " ORDER BY p.code, u.id",
};
static const Stmt FIND_OF = {
	.name = "user.find_of",
	.sql = "SELECT " USER_COLS " AND u.email = $1 AND u.party_id = $2",
};
static const Stmt LIST = {
	.name = "user.list",
	.sql = "SELECT " USER_COLS " AND ($1 = 0 OR u.party_id = $1)"
	       " AND ($2 = '' OR u.email = $2) ORDER BY p.code, u.email, u.id /* scan: a "
	       "person looks */",
};
static const Stmt PRINT = {
	.name = "user.fingerprint",
	.sql = "SELECT fingerprint FROM \"user\" WHERE party_id = $1 AND email = $2"
	       " AND removed_at IS NULL",
};
static const Stmt PUT = {
	.name = "user.put",
	.sql = "INSERT INTO \"user\" (party_id, email, name, role, fingerprint, inherits,"
	       " made_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
	       " ON CONFLICT (party_id, email) DO UPDATE SET name = $3, role = $4,"
	       " fingerprint = $5, made_by = $7, removed_at = NULL"
	       " RETURNING id",
};
static const Stmt REMOVE = {
	.name = "user.remove",
	.sql = "UPDATE \"user\" SET removed_at = $2, fingerprint = NULL, inherits = 0"
	       " WHERE id = $1 AND removed_at IS NULL",
};
static const Stmt ORPHANS = {
	.name = "user.orphans",
	.sql = "UPDATE \"user\" SET made_by = (SELECT m.made_by FROM \"user\" m WHERE"
	       " m.id = $1) WHERE made_by = $1",
};

static const Stmt NO_GROUP = {
	.name = "user_in_group.drop_user",
	.sql = "DELETE FROM user_in_group WHERE user_id = $1",
};
static const Stmt GRANTS_GONE = {
	.name = "grant.drop_user",
	.sql = "DELETE FROM \"grant\" WHERE user_id = $1",
};

void
user_free(User *user)
{
	if (user == NULL)
		return;
	g_free(user->party);
	g_free(user->party_kind);
	g_free(user->email);
	g_free(user->name);
	g_free(user);
}

static User *
from_row(const DbRows *rows)
{
	User *user = g_new0(User, 1);

	user->id = db_col_int(rows, 0);
	user->party_id = db_col_int(rows, 1);
	user->party = g_strdup(db_col_text(rows, 2));
	user->party_kind = g_strdup(db_col_text(rows, 3));
	user->email = g_strdup(db_col_text(rows, 4));
	user->name = g_strdup(db_col_text(rows, 5));
	user->admin = strcmp(db_col_text(rows, 6), "admin") == 0;
	user->inherits = db_col_int(rows, 7) != 0;
	user->made_by = db_col_int(rows, 8);
	return user;
}

User *
user_get(Db *db, int64_t id, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &GET, DB_ARGS(v_int(id)), error);
	int more;

	if (rows == NULL)
		return NULL;
	more = db_next(rows, error);
	if (more == 0)
		err_set(
		    error, TP_ERROR_NOT_FOUND, "there is no user %" G_GINT64_FORMAT, id);
	return more == 1 ? from_row(rows) : NULL;
}

int
user_find(Db *db, const char *email, const char *party, User **ret, GError **error)
{
	g_autofree char *login = g_utf8_strdown(email, -1);
	g_autofree char *shown = quote(login);
	g_autoptr(DbRows) rows = db_query(
	    db, &FIND, DB_ARGS(v_text(login), v_text(party != NULL ? party : "")), error);
	g_autoptr(User) first = NULL;
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more <= 0)
		return more;
	first = from_row(rows);
	more = db_next(rows, error);
	if (more < 0)
		return -1;
	if (more == 1)
		return err_set_int(error, TP_ERROR_CONFLICT,
		    "'%s' is a user of %s and of %s: write ADDRESS:PARTY", shown,
		    first->party, db_col_text(rows, 2));
	*ret = g_steal_pointer(&first);
	return 1;
}

int
user_find_of(Db *db, const char *email, int64_t party_id, User **ret, GError **error)
{
	g_autofree char *login = g_utf8_strdown(email, -1);
	g_autoptr(DbRows) rows =
	    db_query(db, &FIND_OF, DB_ARGS(v_text(login), v_int(party_id)), error);
	int more = rows != NULL ? db_next(rows, error) : -1;

	if (more == 1)
		*ret = from_row(rows);
	return more;
}

User *
user_resolve(Db *db, const char *text, GError **error)
{
	const char *colon = strrchr(text, ':');
	g_autofree char *email =
	    colon != NULL ? g_strndup(text, (gsize)(colon - text)) : g_strdup(text);
	g_autofree char *shown = quote(text);
	User *user = NULL;
	int found = user_find(db, email, colon != NULL ? colon + 1 : NULL, &user, error);

	if (found == 0)
		err_set(error, TP_ERROR_NOT_FOUND, "there is no user '%s'", shown);
	return user;
}

GPtrArray *
user_list(Db *db, int64_t party_id, const char *email, GError **error)
{
	g_autoptr(GPtrArray) list =
	    g_ptr_array_new_with_free_func((GDestroyNotify)user_free);
	g_autofree char *login = email != NULL ? g_utf8_strdown(email, -1) : g_strdup("");
	g_autoptr(DbRows) rows =
	    db_query(db, &LIST, DB_ARGS(v_int(party_id), v_text(login)), error);
	int more;

	if (rows == NULL)
		return NULL;
	while ((more = db_next(rows, error)) == 1)
		g_ptr_array_add(list, from_row(rows));
	return more == 0 ? g_steal_pointer(&list) : NULL;
}

bool
user_put(DbTx *tx, const UserFacts *facts, int64_t *ret_id, GError **error)
{
	g_autofree char *login = g_utf8_strdown(facts->email, -1);

	return db_find_int(tx->db, &PUT,
		   DB_ARGS(v_int(facts->party_id), v_text(login), v_text(facts->name),
		       v_text(facts->admin ? "admin" : "user"),
		       facts->fingerprint != NULL ? v_blob(facts->fingerprint, HASH_BYTES)
						  : v_null(),
		       v_int(facts->inherits), v_id(facts->made_by),
		       v_int(clock_now_at())),
		   ret_id, error) == 1;
}

bool
user_remove(DbTx *tx, int64_t id, GError **error)
{
	int64_t changed;

	return db_exec(tx->db, &GRANTS_GONE, DB_ARGS(v_int(id)), NULL, error) &&
	       db_exec(tx->db, &NO_GROUP, DB_ARGS(v_int(id)), NULL, error) &&
	       db_exec(tx->db, &ORPHANS, DB_ARGS(v_int(id)), NULL, error) &&
	       db_exec(tx->db, &REMOVE, DB_ARGS(v_int(id), v_int(clock_now_at())),
		   &changed, error) &&
	       (changed == 1 || err_set(error, TP_ERROR_NOT_FOUND,
				    "there is no user %" G_GINT64_FORMAT, id));
}

int
user_import(DbTx *tx, JsonRead *record, GError **error)
{
	const char *email = jr_text(record, "email", JR_MUST, LIMIT_EMAIL_BYTES);
	const char *code = jr_text(record, "party", JR_MUST, 64);
	const char *role = jr_choice(record, "role", JR_MUST, "admin|user");
	const char *minisign = jr_text(record, "minisign", JR_MAY, 200);
	MinisignKey key;
	UserFacts facts = { .email = email,
		.name = jr_text(record, "name", JR_MAY, LIMIT_NAME_CHARS),
		.admin = g_strcmp0(role, "admin") == 0,
		.inherits = json_object_get(record->object, "grants") == NULL };
	g_autoptr(Party) party = NULL;
	g_autoptr(User) now = NULL;
	g_autofree char *login = NULL;
	uint8_t print[HASH_BYTES];
	guint before = faults_count(record->faults);
	RightsWho who = { 0 };
	int found;

	if (minisign != NULL && !minisign_key_parse(minisign, &key, NULL))
		jr_fault(record, "minisign", "is no public key of minisign");
	jr_only(record, "email|party|name|role|minisign|grants");
	if (email == NULL || code == NULL || role == NULL ||
	    faults_count(record->faults) > before)
		return 0;
	found = party_find_any(tx->db, code, &party, error);
	if (found == 0)
		jr_fault(record, "party", "there is no party '%s'", code);
	if (found <= 0)
		return found;
	login = g_utf8_strdown(email, -1);
	fingerprint_of(record->object, print);
	found =
	    fingerprint_is(tx->db, &PRINT, v_int(party->id), v_text(login), print, error);
	if (found != 0)
		return found > 0 ? 0 : -1;
	facts.party_id = party->id;
	facts.fingerprint = print;
	if (strcmp(party->kind, "customer") == 0)
		facts.inherits = false;
	if (!user_put(tx, &facts, &who.user_id, error) ||
	    !grants_import(tx, record, who, error) ||
	    !mail_sender_put_key(tx, who.user_id, minisign, error))
		return -1;
	return 1;
}
