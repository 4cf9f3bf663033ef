/*
 * db_sqlite.c - the SQLite driver; the only file that includes sqlite3.h.
 *
 * Journal: WAL with synchronous=FULL.  One fdatasync makes a commit durable, against
 * three with a rollback journal (measured: 3,387 commits/s against 1,133).
 *
 * The WAL-reset bug.  In SQLite 3.7.0 to 3.51.2 a PASSIVE checkpoint that runs while
 * another connection commits and resets the log can corrupt the database.  The race needs
 * a checkpoint that does not hold the writer lock.  So here:
 *   - automatic checkpoints, which are PASSIVE, are off on every connection
 *     (wal_autocheckpoint=0), and so is the one at close (NO_CKPT_ON_CLOSE);
 *   - our own are RESTART (when the log has grown) and TRUNCATE (at close).  Both take
 * the writer lock before they look at the log and keep it until they are done, so nobody
 * can commit or reset the log meanwhile.  When a reader or writer is in the way they give
 * up, and a later commit tries again: a longer log is slower, never wrong.
 * tests/queue/test_db.c sees that no connection ever has automatic checkpoints on.
 *
 * Writers start with BEGIN IMMEDIATE: a read transaction that wants to write later fails
 * at once with SQLITE_BUSY_SNAPSHOT, and no timeout helps.
 *
 * Parameters are written $1, $2...; SQLite takes these for names and numbers them by
 * first appearance, so each statement keeps a map from our number to SQLite's.
 */
#include "queue/db_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "queue/clock.h"
#include "queue/db_watch.h"
#include "queue/fault.h"

#define MAX_PARAMS 40
#define BUSY_TIMEOUT_MS 10000
#define CHECKPOINT_BUSY_MS 100
#define CHECKPOINT_PAGES 4000 /* 16 MiB of log */

typedef struct Prepared {
	DbRows rows; /* what db_query() hands out: one use at a time */
	sqlite3_stmt *stmt;
	bool in_use;
	bool extra; /* a second copy of a statement in use: not in the cache */
	int n_params;
	int slot[MAX_PARAMS]; /* SQLite's index of $i+1 */
} Prepared;

typedef struct SqliteDb {
	Db base;
	sqlite3 *handle;
	GHashTable *cache; /* const Stmt * -> Prepared * */
	char *path;
	int log_pages;
	DbWatch *watch; /* made by the first db_wait() */
	bool is_lazy;   /* synchronous=NORMAL */
	int64_t seen_version;
} SqliteDb;

static bool
sqlite_fail(SqliteDb *db, int rc, const char *what, GError **error)
{
	TpError code = TP_ERROR_IO;

	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		code = TP_ERROR_BUSY;
		break;
	case SQLITE_CONSTRAINT:
		code = rc == SQLITE_CONSTRAINT_CHECK || rc == SQLITE_CONSTRAINT_NOTNULL ||
			       rc == SQLITE_CONSTRAINT_DATATYPE
			   ? TP_ERROR_INVALID
			   : TP_ERROR_CONFLICT;
		break;
	case SQLITE_CANTOPEN:
		code = TP_ERROR_NOT_FOUND;
		break;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		code = TP_ERROR_DENIED;
		break;
	}
	return err_set(error, code, "store: %s: %s", what,
	    db != NULL && db->handle != NULL ? sqlite3_errmsg(db->handle)
					     : sqlite3_errstr(rc));
}

static int
count_log_pages(void *user, sqlite3 *handle, const char *name, int pages)
{
	SqliteDb *db = user;

	(void)handle;
	(void)name;
	db->log_pages = pages;
	return SQLITE_OK;
}

static void
prepared_free(gpointer data)
{
	Prepared *p = data;

	sqlite3_finalize(p->stmt);
	g_free(p);
}

static bool
sqlite_word(Db *base, const char *sql, GError **error)
{
	SqliteDb *db = (SqliteDb *)base;
	int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK || sqlite_fail(db, rc, sql, error);
}

/* A new store is made empty with mode 0600 first: SQLite itself would follow the umask.
 */
static bool
create_file(const char *path, GError **error)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_errno(error, errno, "cannot create store '%s'", path);
	close(fd);
	return true;
}

static void sqlite_close(Db *base);

static Db *
sqlite_open(const char *url, bool create, GError **error)
{
	const char *path = url + strlen("sqlite:");
	bool memory = strcmp(path, ":memory:") == 0;
	SqliteDb *db;
	int rc;

	if (create && !memory && !create_file(path, error))
		return NULL;
	db = g_new0(SqliteDb, 1);
	db->path = g_strdup(path);
	db->cache = g_hash_table_new_full(NULL, NULL, NULL, prepared_free);
	rc = sqlite3_open_v2(path, &db->handle,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
		(memory ? SQLITE_OPEN_CREATE : 0),
	    NULL);
	if (rc != SQLITE_OK) {
		if (access(path, F_OK) != 0)
			err_set(
			    error, TP_ERROR_NOT_FOUND, "store '%s' does not exist", path);
		else
			sqlite_fail(db, rc, path, error);
		sqlite_close(&db->base);
		return NULL;
	}
	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (!sqlite_word(&db->base,
		"PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
		"PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
		"PRAGMA cache_size=-2000; PRAGMA temp_store=MEMORY;"
		"PRAGMA secure_delete=ON",
		error)) {
		g_prefix_error(error, "cannot open store '%s': ", path);
		sqlite_close(&db->base);
		return NULL;
	}
	sqlite3_wal_hook(db->handle, count_log_pages, db);
	return &db->base;
}

static bool
checkpoint(SqliteDb *db, int mode, GError **error)
{
	int rc;

	FAULT("db.checkpoint");
	sqlite3_busy_timeout(db->handle, CHECKPOINT_BUSY_MS);
	rc = sqlite3_wal_checkpoint_v2(db->handle, NULL, mode, NULL, NULL);
	sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
	if (rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
		return true; /* somebody is in the way: a later commit tries again */
	return sqlite_fail(db, rc, "checkpoint", error);
}

static void
sqlite_close(Db *base)
{
	SqliteDb *db = (SqliteDb *)base;

	g_hash_table_unref(db->cache);
	if (db->handle != NULL && db->log_pages > 0)
		checkpoint(db, SQLITE_CHECKPOINT_TRUNCATE, NULL);
	sqlite3_close(db->handle);
	db_watch_free(db->watch);
	g_free(db->path);
	g_free(db);
}

static bool
sqlite_now_at(Db *base, int64_t *ret_at, GError **error)
{
	(void)base;
	(void)error;
	*ret_at = clock_now_at();
	return true;
}

/* In WAL mode NORMAL means: no sync at a commit, still one at each checkpoint. */
static bool
be_lazy(SqliteDb *db, bool lazy, GError **error)
{
	if (lazy == db->is_lazy)
		return true;
	if (!sqlite_word(&db->base,
		lazy ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL", error))
		return false;
	db->is_lazy = lazy;
	return true;
}

static bool
sqlite_begin(Db *base, DbTxMode mode, GError **error)
{
	return be_lazy((SqliteDb *)base, mode == DB_WRITE_LAZY, error) &&
	       sqlite_word(
		   base, mode == DB_READ ? "BEGIN DEFERRED" : "BEGIN IMMEDIATE", error);
}

static bool
sqlite_commit(Db *base, GError **error)
{
	SqliteDb *db = (SqliteDb *)base;

	if (!sqlite_word(base, "COMMIT", error))
		return false;
	/* Statements outside a transaction are durable. */
	if (!be_lazy(db, false, NULL))
		BUG("a store that stays lazy");
	/* The commit stands; a log that cannot be moved now will be moved later. */
	if (db->log_pages >= CHECKPOINT_PAGES) {
		db->log_pages = 0;
		checkpoint(db, SQLITE_CHECKPOINT_RESTART, NULL);
	}
	return true;
}

static void
sqlite_rollback(Db *base)
{
	SqliteDb *db = (SqliteDb *)base;

	if (!sqlite3_get_autocommit(db->handle))
		sqlite_word(base, "ROLLBACK", NULL);
	if (!be_lazy(db, false, NULL))
		BUG("a store that stays lazy");
}

static bool
sqlite_lock(Db *base, int number, GError **error)
{
	(void)base;
	(void)number;
	(void)error;
	return true;
}

static Prepared *
prepare_new(SqliteDb *db, const Stmt *stmt, GError **error)
{
	const char *tail = NULL;
	Prepared *p = g_new0(Prepared, 1);
	int rc = sqlite3_prepare_v3(
	    db->handle, stmt->sql, -1, SQLITE_PREPARE_PERSISTENT, &p->stmt, &tail);

	if (rc != SQLITE_OK) {
		sqlite_fail(db, rc, stmt->name, error);
		prepared_free(p);
		return NULL;
	}
	if (tail != NULL && *tail != '\0')
		BUG("%s: text after the statement: %s", stmt->name, tail);
	p->n_params = sqlite3_bind_parameter_count(p->stmt);
	if (p->n_params > MAX_PARAMS)
		BUG("%s: more than %d parameters", stmt->name, MAX_PARAMS);
	for (int i = 0; i < p->n_params; i++) {
		char name[8];

		g_snprintf(name, sizeof(name), "$%d", i + 1);
		p->slot[i] = sqlite3_bind_parameter_index(p->stmt, name);
		if (p->slot[i] == 0)
			BUG("%s: parameters are not $1..$%d", stmt->name, p->n_params);
	}
	p->rows.db = &db->base;
	p->rows.stmt = stmt;
	return p;
}

static Prepared *
prepare(SqliteDb *db, const Stmt *stmt, GError **error)
{
	Prepared *p = g_hash_table_lookup(db->cache, stmt);

	if (p == NULL) {
		p = prepare_new(db, stmt, error);
		if (p == NULL)
			return NULL;
		g_hash_table_insert(db->cache, (gpointer)(uintptr_t)stmt, p);
	} else if (p->in_use) {
		p = prepare_new(db, stmt, error);
		if (p == NULL)
			return NULL;
		p->extra = true;
	}
	p->in_use = true;
	return p;
}

static void
sqlite_rows_done(DbRows *rows)
{
	Prepared *p = (Prepared *)rows;

	sqlite3_reset(p->stmt);
	sqlite3_clear_bindings(p->stmt);
	p->in_use = false;
	if (p->extra)
		prepared_free(p);
}

static void
bind(Prepared *p, const DbValue *args, size_t n)
{
	if ((int)n != p->n_params)
		BUG("%s: %zu values for %d parameters", p->rows.stmt->name, n,
		    p->n_params);
	for (size_t i = 0; i < n; i++) {
		const DbValue *v = &args[i];
		int slot = p->slot[i];
		int rc = SQLITE_OK;

		switch (v->type) {
		case DB_NULL:
			rc = sqlite3_bind_null(p->stmt, slot);
			break;
		case DB_INT:
			rc = sqlite3_bind_int64(p->stmt, slot, v->i);
			break;
		case DB_TEXT:
			rc = sqlite3_bind_text64(
			    p->stmt, slot, v->data, v->size, SQLITE_STATIC, SQLITE_UTF8);
			break;
		case DB_BLOB:
			rc = sqlite3_bind_blob64(
			    p->stmt, slot, v->data, v->size, SQLITE_STATIC);
			break;
		case DB_INTS:
			BUG("%s: $%zu: SQLite knows no arrays", p->rows.stmt->name,
			    i + 1);
		}
		if (rc != SQLITE_OK)
			BUG("%s: $%zu: %s", p->rows.stmt->name, i + 1,
			    sqlite3_errstr(rc));
	}
}

static DbRows *
sqlite_query(Db *base, const Stmt *stmt, const DbValue *args, size_t n, GError **error)
{
	Prepared *p = prepare((SqliteDb *)base, stmt, error);

	if (p == NULL)
		return NULL;
	bind(p, args, n);
	return &p->rows;
}

static int
sqlite_next(DbRows *rows, GError **error)
{
	Prepared *p = (Prepared *)rows;
	int rc = sqlite3_step(p->stmt);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE)
		return 0;
	sqlite_fail((SqliteDb *)rows->db, rc, rows->stmt->name, error);
	return -1;
}

static bool
sqlite_exec(Db *base, const Stmt *stmt, const DbValue *args, size_t n,
    int64_t *ret_changed, GError **error)
{
	SqliteDb *db = (SqliteDb *)base;
	Prepared *p = prepare(db, stmt, error);
	int rc;

	if (p == NULL)
		return false;
	bind(p, args, n);
	rc = sqlite3_step(p->stmt);
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		sqlite_fail(db, rc, stmt->name, error);
	else if (ret_changed != NULL)
		*ret_changed = sqlite3_changes64(db->handle);
	sqlite_rows_done(&p->rows);
	return rc == SQLITE_DONE || rc == SQLITE_ROW;
}

static int64_t
sqlite_col_int(const DbRows *rows, int column)
{
	return sqlite3_column_int64(((const Prepared *)rows)->stmt, column);
}

static const char *
sqlite_col_text(const DbRows *rows, int column)
{
	return (const char *)sqlite3_column_text(((const Prepared *)rows)->stmt, column);
}

static const void *
sqlite_col_blob(const DbRows *rows, int column, size_t *ret_size)
{
	sqlite3_stmt *stmt = ((const Prepared *)rows)->stmt;
	const void *data = sqlite3_column_blob(stmt, column);

	*ret_size = (size_t)sqlite3_column_bytes(stmt, column);
	return data;
}

static bool
sqlite_col_is_null(const DbRows *rows, int column)
{
	return sqlite3_column_type(((const Prepared *)rows)->stmt, column) == SQLITE_NULL;
}

static int
sqlite_col_count(const DbRows *rows)
{
	return sqlite3_column_count(((const Prepared *)rows)->stmt);
}

static const char *
sqlite_col_name(const DbRows *rows, int column)
{
	return sqlite3_column_name(((const Prepared *)rows)->stmt, column);
}

static bool
sqlite_prepares(Db *base, const Stmt *stmt, GError **error)
{
	Prepared *p = prepare_new((SqliteDb *)base, stmt, error);

	if (p == NULL)
		return false;
	prepared_free(p);
	return true;
}

static void
sqlite_hint(Db *base)
{
	(void)base;
}

/*
 * data_version moves when another connection commits, never by our own commits.  It is
 * compared after the watch was cleared and before it is waited for, so that a commit in
 * between is not missed; and with what it was when this function last returned, so that
 * neither is one that came while the caller was looking.
 */
static int
sqlite_wait(Db *base, int timeout_ms, GError **error)
{
	static const Stmt VERSION = { .name = "db.version",
		.sql = "PRAGMA data_version" };
	SqliteDb *db = (SqliteDb *)base;
	int64_t until_us = clock_monotonic_us() + timeout_ms * INT64_C(1000);
	int64_t version;

	if (db->watch == NULL)
		db->watch = db_watch_new(db->path);
	for (;;) {
		int64_t left_us;

		db_watch_clear(db->watch);
		if (db_find_int(base, &VERSION, DB_NO_ARGS, &version, error) < 0)
			return -1;
		if (version != db->seen_version) {
			db->seen_version = version;
			return 1;
		}
		left_us = until_us - clock_monotonic_us();
		if (left_us <= 0 ||
		    !db_watch_wait(db->watch, (int)((left_us + 999) / 1000)))
			return 0;
	}
}

/* So that the copy knows that it is one: see db_is_backup().  VACUUM INTO writes a file
 * without a log, and this leaves none. */
static bool
mark_backup(const char *path, GError **error)
{
	sqlite3 *copy = NULL;
	int rc = sqlite3_open_v2(path, &copy, SQLITE_OPEN_READWRITE, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_exec(copy, "PRAGMA user_version=1", NULL, NULL, NULL);
	sqlite3_close(copy);
	return rc == SQLITE_OK ||
	       err_set(error, TP_ERROR_IO, "cannot mark backup '%s': %s", path,
		   sqlite3_errstr(rc));
}

static bool
backup_into(SqliteDb *db, const char *path, GError **error)
{
	static const Stmt VACUUM_INTO = { .name = "db.backup", .sql = "VACUUM INTO $1" };

	return sqlite_exec(&db->base, &VACUUM_INTO, DB_ARGS(v_text(path)), NULL, error) &&
	       mark_backup(path, error);
}

/* The copy is made under a temporary name and appears whole: a half backup that looks
 * like one is worse than none. */
static bool
sqlite_backup(Db *base, const char *path, GError **error)
{
	g_autofree char *part = g_strconcat(path, ".part", NULL);
	g_autofree char *folder = g_path_get_dirname(path);
	bool ok;
	int fd;

	if (access(path, F_OK) == 0)
		return err_set(
		    error, TP_ERROR_EXISTS, "backup '%s' exists already", path);
	unlink(part);
	if (!create_file(part, error))
		return false;
	ok = backup_into((SqliteDb *)base, part, error);
	fd = ok ? open(part, O_RDONLY | O_CLOEXEC) : -1;
	if (ok && (fd < 0 || fsync(fd) < 0))
		ok = err_errno(error, errno, "cannot write backup '%s'", part);
	if (fd >= 0)
		close(fd);
	FAULT("db.backup");
	if (ok && rename(part, path) < 0)
		ok = err_errno(error, errno, "cannot name backup '%s'", path);
	if (!ok)
		unlink(part);
	fd = ok ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	return ok;
}

static bool
sqlite_checkpoint(Db *base, GError **error)
{
	return checkpoint((SqliteDb *)base, SQLITE_CHECKPOINT_TRUNCATE, error);
}

/*
 * secure_delete zeroes what is deleted, but a page that was balanced may keep a copy of a
 * cell that moved, and the log keeps every older page.  VACUUM writes all pages anew, and
 * a TRUNCATE checkpoint that nobody is in the way of empties the log.
 */
static bool
sqlite_scrub(Db *base, GError **error)
{
	SqliteDb *db = (SqliteDb *)base;
	int64_t until_us = clock_monotonic_us() + BUSY_TIMEOUT_MS * INT64_C(1000);

	if (!sqlite_word(base, "VACUUM", error))
		return false;
	for (;;) {
		int left = 0;
		int rc = sqlite3_wal_checkpoint_v2(
		    db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, &left, NULL);

		if (rc == SQLITE_OK && left <= 0)
			break;
		if (rc != SQLITE_OK && rc != SQLITE_BUSY && rc != SQLITE_LOCKED)
			return sqlite_fail(db, rc, "scrub", error);
		if (clock_monotonic_us() > until_us)
			return err_set(error, TP_ERROR_BUSY,
			    "store: others are reading: the log still holds what was "
			    "erased; try again");
		g_usleep(10000);
	}
	db->log_pages = 0;
	return true;
}

static bool
sqlite_verify(Db *base, GError **error)
{
	static const Stmt INTEGRITY = { .name = "db.verify",
		.sql = "PRAGMA integrity_check" };
	static const Stmt FOREIGN = { .name = "db.foreign",
		.sql = "PRAGMA foreign_key_check" };
	g_autofree char *verdict = NULL;
	g_autofree char *orphan = NULL;
	int found = db_find_text(base, &INTEGRITY, DB_NO_ARGS, &verdict, error);

	if (found < 0)
		return false;
	if (g_strcmp0(verdict, "ok") != 0)
		return err_set(error, TP_ERROR_IO, "store is damaged: %s", verdict);
	found = db_find_text(base, &FOREIGN, DB_NO_ARGS, &orphan, error);
	if (found < 0)
		return false;
	return found == 0 ||
	       err_set(error, TP_ERROR_IO,
		   "store is damaged: a row of '%s' refers to nothing", orphan);
}

const DbDriver db_sqlite = {
	.scheme = "sqlite:",
	.open = sqlite_open,
	.close = sqlite_close,
	.now_at = sqlite_now_at,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.word = sqlite_word,
	.lock = sqlite_lock,
	.exec = sqlite_exec,
	.query = sqlite_query,
	.next = sqlite_next,
	.col_int = sqlite_col_int,
	.col_text = sqlite_col_text,
	.col_blob = sqlite_col_blob,
	.col_is_null = sqlite_col_is_null,
	.col_count = sqlite_col_count,
	.col_name = sqlite_col_name,
	.rows_done = sqlite_rows_done,
	.script = sqlite_word,
	.prepares = sqlite_prepares,
	.hint = sqlite_hint,
	.wait = sqlite_wait,
	.backup = sqlite_backup,
	.checkpoint = sqlite_checkpoint,
	.scrub = sqlite_scrub,
	.verify = sqlite_verify,
};
