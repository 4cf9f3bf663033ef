/*
 * db_sqlite.c - the SQLite driver.
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
 * Looking for what runs a statement?  db_sqlite_rows.c.
 */
#include "queue/db_sqlite_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "queue/clock.h"
#include "queue/fault.h"

#define BUSY_TIMEOUT_MS 10000
#define BUSY_SHORT 25 /* turns of 200 us, then as many of 1 ms; 10 ms after them */
#define BUSY_TURNS (2 * BUSY_SHORT + (BUSY_TIMEOUT_MS - BUSY_SHORT * 12 / 10) / 10)
#define CHECKPOINT_BUSY_MS 100
#define CHECKPOINT_PAGES 4000 /* 16 MiB of log */

bool
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

/* Called with 0, 1, 2... while another connection holds the writer lock.  SQLite's own
 * handler sleeps 1, 2, 5, 10... ms, several times as long as a commit takes: a worker
 * that wakes up because somebody commits would come late.  Slept time counts, not the
 * clock: that may jump. */
static int
wait_for_writer(void *user, int turn)
{
	(void)user;
	if (turn >= BUSY_TURNS)
		return 0;
	g_usleep(turn < BUSY_SHORT ? 200 : turn < 2 * BUSY_SHORT ? 1000 : 10000);
	return 1;
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
	db->cache = g_hash_table_new_full(NULL, NULL, NULL, sqlite_prepared_free);
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
	sqlite3_busy_handler(db->handle, wait_for_writer, NULL);
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
	sqlite3_busy_handler(db->handle, wait_for_writer, NULL);
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
