/*
 * db.c - the part of the SQL door that both databases share: choosing the driver, keeping
 * count of transactions, and the small conveniences.
 */
#include "queue/db_driver.h"

#include <string.h>

static const DbDriver *const drivers[] = { &db_sqlite };

DbValue
v_text(const char *text)
{
	if (text == NULL)
		return v_null();
	return (DbValue){ .type = DB_TEXT, .data = text, .size = strlen(text) };
}

DbValue
v_blob(const void *data, size_t size)
{
	if (data == NULL)
		return v_null();
	return (DbValue){ .type = DB_BLOB, .data = data, .size = size };
}

Db *
db_open(const char *url, bool create, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(drivers); i++)
		if (g_str_has_prefix(url, drivers[i]->scheme)) {
			Db *db = drivers[i]->open(url, create, error);

			if (db != NULL)
				db->driver = drivers[i];
			return db;
		}
	err_set(
	    error, TP_ERROR_CONFIG, "store '%s' is neither sqlite: nor postgresql:", url);
	return NULL;
}

void
db_close(Db *db)
{
	if (db == NULL)
		return;
	if (db->in_tx)
		db->driver->rollback(db);
	db->driver->close(db);
}

bool
db_is_pgsql(const Db *db)
{
	return db->driver != &db_sqlite;
}

bool
db_now_at(Db *db, int64_t *ret_at, GError **error)
{
	return db->driver->now_at(db, ret_at, error);
}

bool
db_begin(Db *db, DbTxMode mode, DbTx *tx, GError **error)
{
	if (db->in_tx)
		BUG("transaction inside a transaction");
	if (!db->driver->begin(db, mode, error))
		return false;
	db->in_tx = true;
	tx->db = db;
	return true;
}

bool
db_commit(DbTx *tx, GError **error)
{
	Db *db = tx->db;

	if (db == NULL || !db->in_tx)
		BUG("commit without a transaction");
	if (!db->driver->commit(db, error))
		return false; /* still open: the rollback at the end of scope ends it */
	db->in_tx = false;
	tx->db = NULL;
	return true;
}

void
db_rollback(DbTx *tx)
{
	Db *db = tx->db;

	if (db == NULL)
		return;
	db->driver->rollback(db);
	db->in_tx = false;
	tx->db = NULL;
}

bool
db_savepoint(DbTx *tx, GError **error)
{
	return tx->db->driver->word(tx->db, "SAVEPOINT part", error);
}

bool
db_savepoint_release(DbTx *tx, GError **error)
{
	return tx->db->driver->word(tx->db, "RELEASE SAVEPOINT part", error);
}

bool
db_savepoint_undo(DbTx *tx, GError **error)
{
	return tx->db->driver->word(tx->db, "ROLLBACK TO SAVEPOINT part", error) &&
	       tx->db->driver->word(tx->db, "RELEASE SAVEPOINT part", error);
}

bool
db_exec(Db *db, const Stmt *stmt, const DbValue *args, size_t n, int64_t *ret_changed,
    GError **error)
{
	return db->driver->exec(db, stmt, args, n, ret_changed, error);
}

DbRows *
db_query(Db *db, const Stmt *stmt, const DbValue *args, size_t n, GError **error)
{
	return db->driver->query(db, stmt, args, n, error);
}

int
db_next(DbRows *rows, GError **error)
{
	return rows->db->driver->next(rows, error);
}

int64_t
db_col_int(const DbRows *rows, int column)
{
	return rows->db->driver->col_int(rows, column);
}

const char *
db_col_text(const DbRows *rows, int column)
{
	return rows->db->driver->col_text(rows, column);
}

const void *
db_col_blob(const DbRows *rows, int column, size_t *ret_size)
{
	return rows->db->driver->col_blob(rows, column, ret_size);
}

bool
db_col_is_null(const DbRows *rows, int column)
{
	return rows->db->driver->col_is_null(rows, column);
}

int
db_col_count(const DbRows *rows)
{
	return rows->db->driver->col_count(rows);
}

const char *
db_col_name(const DbRows *rows, int column)
{
	return rows->db->driver->col_name(rows, column);
}

void
db_rows_done(DbRows *rows)
{
	if (rows != NULL)
		rows->db->driver->rows_done(rows);
}

int
db_find_int(
    Db *db, const Stmt *stmt, const DbValue *args, size_t n, int64_t *ret, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, stmt, args, n, error);
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more == 1)
		*ret = db_col_int(rows, 0);
	return more;
}

int
db_find_text(
    Db *db, const Stmt *stmt, const DbValue *args, size_t n, char **ret, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, stmt, args, n, error);
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more == 1)
		*ret = g_strdup(db_col_text(rows, 0));
	return more;
}

bool
db_script(DbTx *tx, const char *sql, GError **error)
{
	return tx->db->driver->script(tx->db, sql, error);
}

bool
db_prepares(Db *db, const Stmt *stmt, GError **error)
{
	return db->driver->prepares(db, stmt, error);
}

bool
db_backup(Db *db, const char *path, GError **error)
{
	return db->driver->backup(db, path, error);
}

bool
db_checkpoint(Db *db, GError **error)
{
	return db->driver->checkpoint(db, error);
}

bool
db_verify(Db *db, GError **error)
{
	return db->driver->verify(db, error);
}
