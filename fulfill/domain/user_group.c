/*
 * user_group.c - names and members.
 */
#include "fulfill/domain/user_group.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/rights_admin.h"
#include "queue/clock.h"
#include "queue/limits.h"
#include "queue/quote.h"

static const Stmt FIND = {
	.name = "user_group.find",
	.sql = "SELECT id FROM user_group WHERE party_id = $1 AND name_key = $2",
};
static const Stmt GET = {
	.name = "user_group.get",
	.sql = "SELECT party_id, name FROM user_group WHERE id = $1",
};
static const Stmt ADD = {
	.name = "user_group.add",
	.sql = "INSERT INTO user_group (party_id, name, name_key, created_at)"
	       " VALUES ($1, $2, $3, $4) RETURNING id",
};
static const Stmt EMPTY = {
	.name = "user_in_group.empty",
	.sql = "DELETE FROM user_in_group WHERE group_id = $1",
};
static const Stmt REMOVE = {
	.name = "user_group.remove",
	.sql = "DELETE FROM user_group WHERE id = $1",
};
static const Stmt TICKETS = {
	.name = "licence.count_of_group",
	.sql = "SELECT count(*) FROM licence WHERE user_group_id = $1",
};
static const Stmt PUT = {
	.name = "user_in_group.put",
	.sql = "INSERT INTO user_in_group (group_id, user_id) VALUES ($1, $2)"
	       " ON CONFLICT (group_id, user_id) DO NOTHING",
};
static const Stmt TAKE = {
	.name = "user_in_group.take",
	.sql = "DELETE FROM user_in_group WHERE group_id = $1 AND user_id = $2",
};
static const Stmt HAS = {
	.name = "user_in_group.has",
	.sql = "SELECT 1 FROM user_in_group WHERE group_id = $1 AND user_id = $2",
};
static const Stmt LIST = {
	.name = "user_group.list",
	.sql = "SELECT g.id, g.party_id, p.code, g.name, u.email, (SELECT count(*) FROM "
	       "licence l WHERE l.user_group_id = g.id) FROM user_group g JOIN party p ON"
	       " p.id = g.party_id LEFT JOIN user_in_group i ON i.group_id = g.id"
	       " LEFT JOIN \"user\" u ON u.id = i.user_id WHERE $1 = 0 OR g.party_id = $1"
	       " ORDER BY p.code, g.party_id, g.name_key, u.email /* scan: a person "
	       "looks */",
};

static char *
key_of(const char *name)
{
	g_autofree char *whole = g_utf8_normalize(name, -1, G_NORMALIZE_ALL_COMPOSE);

	return whole != NULL ? g_utf8_casefold(whole, -1) : NULL;
}

int
user_group_find(
    Db *db, int64_t party_id, const char *name, int64_t *ret_id, GError **error)
{
	g_autofree char *key = key_of(name);

	if (key == NULL)
		return 0;
	return db_find_int(
	    db, &FIND, DB_ARGS(v_int(party_id), v_text(key)), ret_id, error);
}

typedef struct Names {
	GString *text;
	int64_t last_id;
} Names;

static void
add_name(void *user, const UserGroupRow *row)
{
	Names *names = user;

	/* A group stands there once for each member. */
	if (names->last_id == row->id)
		return;
	names->last_id = row->id;
	g_string_append_printf(
	    names->text, "%s%s", names->text->len > 0 ? ", " : "", row->name);
}

bool
user_group_resolve(
    Db *db, int64_t party_id, const char *name, int64_t *ret_id, GError **error)
{
	int found = user_group_find(db, party_id, name, ret_id, error);
	g_autofree char *shown = quote(name);
	g_autoptr(GString) text = g_string_new("");
	Names names = { .text = text };

	if (found != 0)
		return found > 0;
	return user_group_list(db, party_id, add_name, &names, error) &&
	       err_set(error, TP_ERROR_NOT_FOUND, "there is no group '%s'%s%s", shown,
		   text->len > 0 ? "; there are: " : "", text->str);
}

/* Not an address, not a party's code with a colon: what --to can be told from. */
static bool
check_name(const char *name, GError **error)
{
	g_autofree char *shown = quote(name);

	if (*name == '\0' || !g_utf8_validate(name, -1, NULL) ||
	    g_utf8_strlen(name, -1) > LIMIT_NAME_CHARS)
		return err_set(error, TP_ERROR_INVALID,
		    "'%s' is not the name of a group: 1 to %d characters", shown,
		    LIMIT_NAME_CHARS);
	for (const char *at = name; *at != '\0'; at = g_utf8_next_char(at))
		if (g_unichar_iscntrl(g_utf8_get_char(at)) || *at == '@')
			return err_set(error, TP_ERROR_INVALID,
			    "'%s' is not the name of a group: without @ and control "
			    "characters",
			    shown);
	return true;
}

bool
user_group_add(DbTx *tx, int64_t actor, int64_t party_id, const char *name,
    int64_t *ret_id, GError **error)
{
	g_autofree char *clean = g_strstrip(g_strdup(name));
	g_autofree char *key = NULL;
	int64_t there;
	int found;

	if (!check_name(clean, error) ||
	    !rights_admin_may_add_user(tx, actor, party_id, error))
		return false;
	found = user_group_find(tx->db, party_id, clean, &there, error);
	if (found != 0)
		return found > 0 && err_set(error, TP_ERROR_EXISTS,
					"there is a group '%s' already", clean);
	key = key_of(clean);
	return db_find_int(tx->db, &ADD,
		   DB_ARGS(v_int(party_id), v_text(clean), v_text(key),
		       v_int(clock_now_at())),
		   ret_id, error) == 1 &&
	       audit_add(tx, AUDIT_GROUP_CHANGED, "user_group", *ret_id, "made", error);
}

bool
user_group_party(Db *db, int64_t id, int64_t *ret_id, GError **error)
{
	int found = db_find_int(db, &GET, DB_ARGS(v_int(id)), ret_id, error);

	return found == 1 ||
	       (found == 0 && err_set(error, TP_ERROR_NOT_FOUND,
				  "there is no group %" G_GINT64_FORMAT, id));
}

/* The actor may change it. */
static bool
open_group(DbTx *tx, int64_t actor, int64_t id, int64_t *ret_party, GError **error)
{
	return user_group_party(tx->db, id, ret_party, error) &&
	       rights_admin_may_add_user(tx, actor, *ret_party, error);
}

bool
user_group_remove(DbTx *tx, int64_t actor, int64_t id, GError **error)
{
	int64_t party_id;
	int64_t tickets;

	if (!open_group(tx, actor, id, &party_id, error) ||
	    db_find_int(tx->db, &TICKETS, DB_ARGS(v_int(id)), &tickets, error) != 1)
		return false;
	if (tickets > 0)
		return err_set(error, TP_ERROR_CONFLICT,
		    "%" G_GINT64_FORMAT " tickets are assigned to this group: assign "
		    "them to somebody else first",
		    tickets);
	return db_exec(tx->db, &EMPTY, DB_ARGS(v_int(id)), NULL, error) &&
	       db_exec(tx->db, &REMOVE, DB_ARGS(v_int(id)), NULL, error) &&
	       audit_add(tx, AUDIT_GROUP_CHANGED, "user_group", id, "removed", error);
}

static int
change(DbTx *tx, const Stmt *stmt, int64_t actor, int64_t id, int64_t user_id,
    const char *what, GError **error)
{
	g_autoptr(User) user = user_get(tx->db, user_id, error);
	g_autofree char *note = NULL;
	int64_t party_id;
	int64_t changed;

	if (user == NULL || !open_group(tx, actor, id, &party_id, error))
		return -1;
	if (user->party_id != party_id)
		return err_set_int(error, TP_ERROR_INVALID,
		    "'%s' is of another party than the group", user->email);
	if (!db_exec(tx->db, stmt, DB_ARGS(v_int(id), v_int(user_id)), &changed, error))
		return -1;
	if (changed == 0)
		return 0;
	note = g_strdup_printf("user/%" G_GINT64_FORMAT " %s", user_id, what);
	return audit_add(tx, AUDIT_GROUP_CHANGED, "user_group", id, note, error) ? 1 : -1;
}

int
user_group_put(DbTx *tx, int64_t actor, int64_t id, int64_t user_id, GError **error)
{
	return change(tx, &PUT, actor, id, user_id, "came in", error);
}

int
user_group_take(DbTx *tx, int64_t actor, int64_t id, int64_t user_id, GError **error)
{
	return change(tx, &TAKE, actor, id, user_id, "went", error);
}

int
user_group_has(Db *db, int64_t id, int64_t user_id, GError **error)
{
	int64_t one;

	return db_find_int(db, &HAS, DB_ARGS(v_int(id), v_int(user_id)), &one, error);
}

char *
user_group_name(Db *db, int64_t id, GError **error)
{
	g_autoptr(DbRows) rows = NULL;
	int more;

	if (id == 0)
		return NULL;
	rows = db_query(db, &GET, DB_ARGS(v_int(id)), error);
	more = rows != NULL ? db_next(rows, error) : -1;
	return more == 1 ? g_strdup(db_col_text(rows, 1)) : NULL;
}

bool
user_group_list(Db *db, int64_t party_id, void (*fn)(void *user, const UserGroupRow *row),
    void *user, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &LIST, DB_ARGS(v_int(party_id)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		UserGroupRow row = {
			.id = db_col_int(rows, 0),
			.party_id = db_col_int(rows, 1),
			.party = db_col_text(rows, 2),
			.name = db_col_text(rows, 3),
			.user = db_col_text(rows, 4),
			.tickets = db_col_int(rows, 5),
		};

		fn(user, &row);
	}
	return more == 0;
}
