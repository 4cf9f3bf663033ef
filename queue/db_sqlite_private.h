/*
 * db_sqlite_private.h - what the two files of the SQLite driver share; theirs alone, and
 * the only place that includes sqlite3.h.
 *
 * db_sqlite.c opens, begins, commits, watches, copies, checks.  db_sqlite_rows.c runs
 * statements; its functions are rows of the driver's table (db_driver.h says what each
 * must do).
 */
#pragma once

#include <sqlite3.h>

#include "queue/db_driver.h"
#include "queue/db_watch.h"

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

/* Sets *error by SQLite's result code and returns false; `what` was tried. */
bool sqlite_fail(SqliteDb *db, int rc, const char *what, GError **error);

/* Of the cache: frees a Prepared. */
void sqlite_prepared_free(gpointer data);

void sqlite_rows_done(DbRows *rows);
DbRows *sqlite_query(
    Db *base, const Stmt *stmt, const DbValue *args, size_t n, GError **error);
int sqlite_next(DbRows *rows, GError **error);
bool sqlite_exec(Db *base, const Stmt *stmt, const DbValue *args, size_t n,
    int64_t *ret_changed, GError **error);
int64_t sqlite_col_int(const DbRows *rows, int column);
const char *sqlite_col_text(const DbRows *rows, int column);
const void *sqlite_col_blob(const DbRows *rows, int column, size_t *ret_size);
bool sqlite_col_is_null(const DbRows *rows, int column);
int sqlite_col_count(const DbRows *rows);
const char *sqlite_col_name(const DbRows *rows, int column);
bool sqlite_prepares(Db *base, const Stmt *stmt, GError **error);
