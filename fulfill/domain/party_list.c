/*
 * party_list.c - parties with what belongs to them counted.
 */
#include "fulfill/domain/party_list.h"

static const Stmt LIST = {
	.name = "party.list",
	.sql = "SELECT p.id, p.code, p.kind, a.code, p.name, p.company, p.email, p.mode, "
	       "p.direct, (SELECT count(*) FROM \"user\" u WHERE u.party_id = p.id"
	       " AND u.removed_at IS NULL), (SELECT count(*) FROM licence l JOIN ticket t"
	       " ON t.licence_id = l.id WHERE l.pool_id = p.id AND t.state = 'issued')"
	       " FROM party p LEFT JOIN party a ON a.id = p.parent_id"
	       " WHERE p.removed_at IS NULL AND ($1 = 0 OR p.parent_id = $1)"
	       " AND ($2 = '' OR p.kind = $2) AND ($3 = 0 OR p.id = $3)"
	       " ORDER BY CASE p.kind WHEN 'vendor' THEN 0 WHEN 'reseller' THEN 1 ELSE 2 "
	       "END,"
	       " p.code, p.id /* scan: a person looks */",
};

bool
party_list(Db *db, int64_t parent_id, const char *kind, int64_t id,
    void (*fn)(void *user, const PartyRow *row), void *user, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &LIST,
	    DB_ARGS(v_int(parent_id), v_text(kind != NULL ? kind : ""), v_int(id)),
	    error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		PartyRow row = {
			.id = db_col_int(rows, 0),
			.code = db_col_text(rows, 1),
			.kind = db_col_text(rows, 2),
			.parent = db_col_text(rows, 3),
			.name = db_col_text(rows, 4),
			.company = db_col_text(rows, 5),
			.email = db_col_text(rows, 6),
			.mode = db_col_text(rows, 7),
			.direct = db_col_int(rows, 8) != 0,
			.users = db_col_int(rows, 9),
			.pool = db_col_int(rows, 10),
		};

		fn(user, &row);
	}
	return more == 0;
}
