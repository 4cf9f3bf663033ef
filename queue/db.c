/*
 * db.c - the part of the SQL door that both databases share: choosing the driver, keeping
 * count of transactions, and the small conveniences.
 */
#include "queue/db_driver.h"

#include <string.h>

#include "queue/fault.h"

static const DbDriver *const drivers[] = { &db_sqlite, &db_pgsql };

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

DbValue
v_ints(const int64_t *values, size_t n)
{
	return (DbValue){ .type = DB_INTS, .data = values, .size = n };
}

static bool
is_of(const DbDriver *driver, const char *url)
{
	return g_str_has_prefix(url, driver->scheme) ||
	       (driver->other_scheme != NULL &&
		   g_str_has_prefix(url, driver->other_scheme));
}

Db *
db_open(const char *url, bool create, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(drivers); i++)
		if (is_of(drivers[i], url)) {
			Db *db = drivers[i]->open(url, create, error);

			if (db != NULL)
				db->driver = drivers[i];
			return db;
		}
	/* The rest of the URL may hold a password. */
	err_set(error, TP_ERROR_CONFIG,
	    "store '%.*s' is neither sqlite: nor postgresql:", (int)strcspn(url, ":"),
	    url);
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
	if (FAULT_FAIL("db.begin"))
		return err_set(error, TP_ERROR_BUSY, "store: database is locked");
	if (!db->driver->begin(db, mode, error))
		return false;
	db->in_tx = true;
	db->spoiled = false;
	tx->db = db;
	return true;
}

static void
tx_over(DbTx *tx)
{
	tx->db->in_tx = false;
	tx->db->spoiled = false;
	tx->db = NULL;
}

/* PostgreSQL refuses whatever follows a failed statement; SQLite would go on.  Both
 * refuse here, so that code which was only ever run on one cannot rely on it. */
static bool
usable(const Db *db, GError **error)
{
	return !db->spoiled ||
	       err_set(error, TP_ERROR_IO,
		   "store: an earlier statement of this transaction failed");
}

static bool
spoil(Db *db, bool ok)
{
	if (!ok && db->in_tx)
		db->spoiled = true;
	return ok;
}

/* On failure the transaction is still open: the rollback at the end of scope ends it. */
bool
db_commit(DbTx *tx, GError **error)
{
	Db *db = tx->db;

	if (db == NULL || !db->in_tx)
		BUG("commit without a transaction");
	if (!usable(db, error))
		return false;
	FAULT("db.commit");
	if (FAULT_FAIL("db.commit"))
		return err_set(error, TP_ERROR_IO, "store: disk I/O error");
	if (!db->driver->commit(db, error))
		return false;
	tx_over(tx);
	FAULT("db.committed");
	if (FAULT_FAIL("db.reply"))
		return err_set(error, TP_ERROR_UNCERTAIN,
		    "store: commit: the connection was lost before the reply");
	return true;
}

void
db_rollback(DbTx *tx)
{
	if (tx->db == NULL)
		return;
	tx->db->driver->rollback(tx->db);
	tx_over(tx);
}

bool
db_lock(DbTx *tx, int number, GError **error)
{
	return usable(tx->db, error) &&
	       spoil(tx->db, tx->db->driver->lock(tx->db, number, error));
}

static bool
word(DbTx *tx, const char *sql, GError **error)
{
	return spoil(tx->db, tx->db->driver->word(tx->db, sql, error));
}

bool
db_savepoint(DbTx *tx, GError **error)
{
	return usable(tx->db, error) && word(tx, "SAVEPOINT part", error);
}

bool
db_savepoint_release(DbTx *tx, GError **error)
{
	return usable(tx->db, error) && word(tx, "RELEASE SAVEPOINT part", error);
}

bool
db_savepoint_undo(DbTx *tx, GError **error)
{
	tx->db->spoiled = false;
	return word(tx, "ROLLBACK TO SAVEPOINT part", error) &&
	       word(tx, "RELEASE SAVEPOINT part", error);
}

bool
db_exec(Db *db, const Stmt *stmt, const DbValue *args, size_t n, int64_t *ret_changed,
    GError **error)
{
	return usable(db, error) &&
	       spoil(db, db->driver->exec(db, stmt, args, n, ret_changed, error));
}

DbRows *
db_query(Db *db, const Stmt *stmt, const DbValue *args, size_t n, GError **error)
{
	DbRows *rows;

	if (!usable(db, error))
		return NULL;
	rows = db->driver->query(db, stmt, args, n, error);
	spoil(db, rows != NULL);
	return rows;
}

int
db_next(DbRows *rows, GError **error)
{
	int more = rows->db->driver->next(rows, error);

	spoil(rows->db, more >= 0);
	return more;
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

GArray *
db_list_ints(Db *db, const Stmt *stmt, const DbValue *args, size_t n, GError **error)
{
	g_autoptr(GArray) list = g_array_new(false, false, sizeof(int64_t));
	g_autoptr(DbRows) rows = db_query(db, stmt, args, n, error);
	int more;

	if (rows == NULL)
		return NULL;
	while ((more = db_next(rows, error)) == 1) {
		int64_t value = db_col_int(rows, 0);

		g_array_append_val(list, value);
	}
	return more == 0 ? g_steal_pointer(&list) : NULL;
}

bool
db_script(DbTx *tx, const char *sql, GError **error)
{
	return usable(tx->db, error) &&
	       spoil(tx->db, tx->db->driver->script(tx->db, sql, error));
}

bool
db_prepares(Db *db, const Stmt *stmt, GError **error)
{
	return spoil(db, db->driver->prepares(db, stmt, error));
}

void
db_hint(Db *db)
{
	db->driver->hint(db);
}

int
db_wait(Db *db, int timeout_ms, GError **error)
{
	if (db->in_tx)
		BUG("waiting inside a transaction");
	return db->driver->wait(db, timeout_ms, error);
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
db_scrub(Db *db, GError **error)
{
	if (db->in_tx)
		BUG("scrubbing inside a transaction");
	return db->driver->scrub(db, error);
}

bool
db_verify(Db *db, GError **error)
{
	return db->driver->verify(db, error);
}

/* The mark of a backup stands in the header of the SQLite file. */
static const Stmt MARK = {
	.name = "db.backup_mark",
	.sql = "SELECT user_version FROM pragma_user_version",
	.pgsql = "SELECT 0",
};

bool
db_is_backup(Db *db, bool *ret, GError **error)
{
	int64_t mark = 0;

	if (db_find_int(db, &MARK, DB_NO_ARGS, &mark, error) < 0)
		return false;
	*ret = mark != 0;
	return true;
}

bool
db_adopt(DbTx *tx, GError **error)
{
	return db_is_pgsql(tx->db) ||
	       tx->db->driver->word(tx->db, "PRAGMA user_version=0", error);
}
