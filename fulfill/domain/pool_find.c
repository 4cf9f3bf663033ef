/*
 * pool_find.c - an address becomes a customer or one of its users.
 */
#include "fulfill/domain/pool_find.h"

static const Stmt USERS = {
	.name = "user.of_holder_by_email",
	.sql = "SELECT u.party_id, u.id FROM \"user\" u JOIN party p ON p.id = u.party_id"
	       " JOIN ticket t ON t.id = $1 JOIN licence l ON l.id = t.licence_id"
	       " WHERE u.email = $2 AND u.removed_at IS NULL AND p.removed_at IS NULL"
	       " AND p.kind = 'customer' AND (u.party_id = l.holder_id"
	       " OR (l.holder_id IS NULL AND p.parent_id = l.pool_id)) LIMIT 2",
};
static const Stmt CUSTOMERS = {
	.name = "party.of_pool_by_email",
	.sql = "SELECT p.id, 0 FROM party p JOIN ticket t ON t.id = $1"
	       " JOIN licence l ON l.id = t.licence_id WHERE p.parent_id = l.pool_id"
	       " AND l.holder_id IS NULL AND p.kind = 'customer'"
	       " AND p.removed_at IS NULL AND lower(p.email) = $2 LIMIT 2",
};

/* 1 / 0 / -1, as found by one of them. */
static int
find(Db *db, const Stmt *stmt, int64_t ticket_id, const char *email, PoolGoal *ret,
    GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(db, stmt, DB_ARGS(v_int(ticket_id), v_text(email)), error);
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more <= 0)
		return more;
	*ret = (PoolGoal){ .holder_id = db_col_int(rows, 0),
		.user_id = db_col_int(rows, 1) };
	more = db_next(rows, error);
	if (more == 1)
		return err_set_int(error, TP_ERROR_CONFLICT,
		    "several customers have the address '%s'", email);
	return more == 0 ? 1 : -1;
}

bool
pool_find_goal(
    Db *db, int64_t ticket_id, const char *email, PoolGoal *ret, GError **error)
{
	g_autofree char *low = g_utf8_strdown(email, -1);
	int found = find(db, &USERS, ticket_id, low, ret, error);

	if (found == 0)
		found = find(db, &CUSTOMERS, ticket_id, low, ret, error);
	return found == 1 || (found == 0 && err_set(error, TP_ERROR_NOT_FOUND,
						"'%s' is no user of its customer, nor a "
						"customer of its reseller",
						low));
}
