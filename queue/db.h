/*
 * db.h - one SQL door, two databases.
 *
 * The URL chooses the driver: "sqlite:PATH", "sqlite::memory:", "postgresql://...". Above
 * this header nobody knows which one it is; where a statement's text must differ it has a
 * `.pgsql` text beside the common one.
 *
 * A statement is a named constant.  Its address is the cache key: it is prepared on first
 * use on a connection and kept.  Parameters are $1..$n in both databases, values are
 * typed, and nothing ever builds SQL from strings.
 *
 *	static const Stmt ORDER_STATE = {
 *		.name = "order.state",
 *		.sql = "UPDATE orders SET state = $2 WHERE id = $1",
 *	};
 *	if (!db_exec(tx->db, &ORDER_STATE, DB_ARGS(v_int(id), v_text("issued")), NULL,
 * error))
 *
 * Times in the database are integers, UTC microseconds, in columns that end in _at; civil
 * days are text YYYY-MM-DD in columns that end in _day; money is minor units in _minor.
 *
 * Errors: BUSY (another writer held the lock too long, a serialisation failure, or the
 * connection was lost before anything could have been committed: run the whole unit
 * again), CONFLICT (a UNIQUE or foreign key was violated), INVALID (a CHECK was violated,
 * or a text is no UTF-8), IO (disk full, database damaged), and UNCERTAIN: the connection
 * was lost while a commit was on its way.  It comes from db_commit(), and from a write
 * outside a transaction, which is its own commit.  Look whether it happened before doing
 * it again; queue/README.md says how each caller does.
 *
 * A statement that failed spoils its transaction in both databases: what follows in it is
 * refused until db_savepoint_undo() or the rollback.
 *
 * A lost connection to PostgreSQL is made again at the next statement outside a
 * transaction, with patience of some seconds, and BUSY when the server stays away.
 *
 * A Db belongs to one thread of one process; after fork() open another.
 */
#pragma once

#include "queue/err.h"

typedef struct Db Db;
typedef struct DbRows DbRows;

typedef struct Stmt {
	const char *name;  /* "table.verb", for errors and statistics */
	const char *sql;   /* both databases */
	const char *pgsql; /* PostgreSQL, where the text must differ; else NULL */
} Stmt;

/* A bound value.  Text and bytes are borrowed for the length of the call. */
typedef struct DbValue {
	enum DbType { DB_NULL, DB_INT, DB_TEXT, DB_BLOB, DB_INTS } type;
	int64_t i;
	const void *data;
	size_t size;
} DbValue;

static inline DbValue
v_int(int64_t i)
{
	return (DbValue){ .type = DB_INT, .i = i };
}

static inline DbValue
v_null(void)
{
	return (DbValue){ .type = DB_NULL };
}

/* The id of something that may be absent: 0 becomes NULL. */
static inline DbValue
v_id(int64_t id)
{
	return id != 0 ? v_int(id) : v_null();
}

/* NULL becomes NULL. */
DbValue v_text(const char *text);
DbValue v_blob(const void *data, size_t size);

/* Many integers as one value, for `= ANY ($1)` and unnest($1): PostgreSQL only, where one
 * statement for a thousand rows costs a third of a thousand statements.  `n` counts. */
DbValue v_ints(const int64_t *values, size_t n);

#define DB_ARGS(...)                                                                     \
	(const DbValue[]){ __VA_ARGS__ },                                                \
	    sizeof((const DbValue[]){ __VA_ARGS__ }) / sizeof(DbValue)
#define DB_NO_ARGS NULL, 0

/* Opens a connection.  SQLite: the file is created (0600) when `create`, and must exist
 * otherwise; a PostgreSQL database is made by its administrator.  NOT_FOUND, DENIED,
 * CONFIG (URL not understood, server too old, not UTF-8), BUSY (no server there), IO. */
Db *db_open(const char *url, bool create, GError **error) MUST_USE;
void db_close(Db *db);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Db, db_close)

bool db_is_pgsql(const Db *db);

/* The clock by which leases are measured, UTC microseconds: the process's own with
 * SQLite, the server's with PostgreSQL, where workers on several machines must agree. */
bool db_now_at(Db *db, int64_t *ret_at, GError **error) MUST_USE;

/*
 * Transactions.  DB_WRITE takes the write lock at once, so that it can never fail
 * half-way for want of it.  A transaction that leaves scope without db_commit() is rolled
 * back:
 *
 *	g_auto(DbTx) tx = DB_TX_INIT;
 *	if (!db_begin(db, DB_WRITE, &tx, error))
 *		return false;
 *	...
 *	return db_commit(&tx, error);
 *
 * They do not nest: db_begin() inside one is a BUG.  A function that must run inside one
 * takes a DbTx *; one that only reads takes a Db *.
 *
 * In SQLite writers come one after the other.  In PostgreSQL they run side by side, each
 * statement sees what was committed before it began (READ COMMITTED), and a decision
 * taken on a row that was merely read may be stale when it is written down: name the old
 * state in the WHERE of the UPDATE, lean on a UNIQUE key, read with FOR UPDATE in the
 * .pgsql text, or take db_lock().  DB_READ sees one moment throughout, and cannot write.
 *
 * DB_WRITE_LAZY does not wait for the disk: the commit outlives the process, and the next
 * DB_WRITE makes it durable; a machine that fails before that forgets it whole.  For what
 * is only a note to the living, such as a claim: forgotten, the job is ready again.
 */
typedef enum DbTxMode { DB_READ, DB_WRITE, DB_WRITE_LAZY } DbTxMode;

typedef struct DbTx {
	Db *db;
} DbTx;

#define DB_TX_INIT                                                                       \
	{                                                                                \
		NULL                                                                     \
	}

bool db_begin(Db *db, DbTxMode mode, DbTx *tx, GError **error) MUST_USE;
bool db_commit(DbTx *tx, GError **error) MUST_USE;
void db_rollback(DbTx *tx); /* harmless after commit */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DbTx, db_rollback)

/* Waits until no other transaction holds the lock of this number, and keeps it until the
 * end of this one.  SQLite: nothing, a write transaction is alone anyway.  BUSY. */
typedef enum DbLock { DB_LOCK_MIGRATE = 1, DB_LOCK_USER = 100 } DbLock;
bool db_lock(DbTx *tx, int number, GError **error) MUST_USE;

/* Marks a point inside a transaction to which a part can be undone; one level only. */
bool db_savepoint(DbTx *tx, GError **error) MUST_USE;
bool db_savepoint_release(DbTx *tx, GError **error) MUST_USE;
bool db_savepoint_undo(DbTx *tx, GError **error) MUST_USE;

/* Runs a statement that yields no rows.  `ret_changed` may be NULL. */
bool db_exec(Db *db, const Stmt *stmt, const DbValue *args, size_t n,
    int64_t *ret_changed, GError **error) MUST_USE;

/*
 * Runs a statement that yields rows:
 *
 *	g_autoptr(DbRows) rows = db_query(db, &ORDER_LIST, DB_NO_ARGS, error);
 *	int more;
 *
 *	if (rows == NULL)
 *		return false;
 *	while ((more = db_next(rows, error)) == 1)
 *		...db_col_int(rows, 0)...
 *	return more == 0;
 *
 * Text and bytes of a row are valid until the next db_next() or db_rows_done().  Reading
 * a NULL as int gives 0, as text NULL, as bytes NULL with size 0.
 */
DbRows *db_query(
    Db *db, const Stmt *stmt, const DbValue *args, size_t n, GError **error) MUST_USE;
int db_next(DbRows *rows, GError **error) MUST_USE;
int64_t db_col_int(const DbRows *rows, int column);
const char *db_col_text(const DbRows *rows, int column);
const void *db_col_blob(const DbRows *rows, int column, size_t *ret_size);
bool db_col_is_null(const DbRows *rows, int column);
int db_col_count(const DbRows *rows);
const char *db_col_name(const DbRows *rows, int column);
void db_rows_done(DbRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DbRows, db_rows_done)

/* One row, one integer (INSERT ... RETURNING id, SELECT count(*)).  1: *ret is set.
 * 0: no row. */
int db_find_int(Db *db, const Stmt *stmt, const DbValue *args, size_t n, int64_t *ret,
    GError **error) MUST_USE;

/* One row, one text, to be freed.  0: no row; a NULL value is a row with *ret NULL. */
int db_find_text(Db *db, const Stmt *stmt, const DbValue *args, size_t n, char **ret,
    GError **error) MUST_USE;

/* The first column of every row, as int64_t: read whole, so that the rows may be changed
 * while the list is walked.  The caller's. */
GArray *db_list_ints(
    Db *db, const Stmt *stmt, const DbValue *args, size_t n, GError **error) MUST_USE;

/* Several statements without parameters, separated by ';': migrations only.  The text is
 * written for SQLite; the PostgreSQL driver translates the few words that differ (its
 * table stands in db_pgsql.c). */
bool db_script(DbTx *tx, const char *sql, GError **error) MUST_USE;

/* Does the statement prepare against the present schema?  For the test over all of them.
 */
bool db_prepares(Db *db, const Stmt *stmt, GError **error) MUST_USE;

/*
 * Hints, for workers that have nothing to do.  db_hint() says that there is something to
 * look at; it may be called inside a transaction, leaves after its commit, at most 50
 * times a second, and may be lost.  db_wait() waits until there may be something new: 1;
 * or until the time is over or a signal came: 0.  So look, wait, look; and never longer
 * than a second or two, because only looking is sure.
 *
 * SQLite: db_hint() is nothing, db_wait() notices commits of other connections.
 * PostgreSQL: NOTIFY and LISTEN.  Not inside a transaction.  -1: BUSY, connection lost.
 */
void db_hint(Db *db);
int db_wait(Db *db, int timeout_ms, GError **error) MUST_USE;

/* Writes a consistent copy to `path` (0600) while others work; PATH must not exist.
 * SQLite only: EXISTS, IO; PostgreSQL has pg_dump, and the error says so (REFUSED). */
bool db_backup(Db *db, const char *path, GError **error) MUST_USE;

/*
 * Is this a file that db_backup() wrote, and nobody has db_adopt()ed since?  Then the
 * world has moved on without it, and what it believes to be undone may have been done.
 * Always false with PostgreSQL, which has no place for such a mark that pg_dump keeps.
 */
bool db_is_backup(Db *db, bool *ret, GError **error) MUST_USE;
bool db_adopt(DbTx *tx, GError **error) MUST_USE;

/* Moves what is in the write-ahead log into the database file; nothing with PostgreSQL.
 * Called by itself when the log has grown, and by db_close(). */
bool db_checkpoint(Db *db, GError **error) MUST_USE;

/*
 * Writes the store anew, so that no byte of what was deleted or overwritten is left in
 * its file or log: after an erasure.  The price is a copy of the store (SQLite: in
 * memory; PostgreSQL: VACUUM FULL, which locks each table for as long).  BUSY when others
 * read or write all the time.  Not inside a transaction.
 */
bool db_scrub(Db *db, GError **error) MUST_USE;

/* Is the store sound?  SQLite: integrity_check and foreign_key_check.  PostgreSQL checks
 * its pages itself (pg_amcheck, checksums); here: no index and no constraint is switched
 * off. */
bool db_verify(Db *db, GError **error) MUST_USE;
