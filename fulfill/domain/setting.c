/*
 * setting.c - the table setting.
 */
#include "fulfill/domain/setting.h"

static const Stmt GET = {
	.name = "setting.get",
	.sql = "SELECT value FROM setting WHERE name = $1",
};
static const Stmt PUT = {
	.name = "setting.put",
	.sql = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO "
	       "UPDATE SET value = $2",
};

int
setting_get(Db *db, const char *name, char **ret, GError **error)
{
	return db_find_text(db, &GET, DB_ARGS(v_text(name)), ret, error);
}

bool
setting_put(DbTx *tx, const char *name, const char *value, GError **error)
{
	return db_exec(tx->db, &PUT, DB_ARGS(v_text(name), v_text(value)), NULL, error);
}
