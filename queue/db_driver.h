/*
 * db_driver.h - what a database driver does for db.c.  For db*.c only.
 */
#pragma once

#include "queue/db.h"

typedef struct DbDriver DbDriver;

struct Db {
	const DbDriver *driver;
	bool in_tx;
	bool spoiled; /* a statement of this transaction failed */
};

struct DbRows {
	Db *db;
	const Stmt *stmt;
};

/* Every member as its namesake in db.h; begin/commit/rollback/savepoints move only the
 * database, db.c keeps count.  After a rollback and after an UNCERTAIN commit a driver
 * has no transaction, whatever became of the connection. */
struct DbDriver {
	const char *scheme;       /* "sqlite:" */
	const char *other_scheme; /* another spelling, or NULL */
	Db *(*open)(const char *url, bool create, GError **error);
	void (*close)(Db *db);
	bool (*now_at)(Db *db, int64_t *ret_at, GError **error);
	bool (*begin)(Db *db, DbTxMode mode, GError **error);
	bool (*commit)(Db *db, GError **error);
	void (*rollback)(Db *db);
	bool (*word)(
	    Db *db, const char *sql, GError **error); /* one statement, no rows */
	bool (*lock)(Db *db, int number, GError **error);
	bool (*exec)(Db *db, const Stmt *stmt, const DbValue *args, size_t n,
	    int64_t *ret_changed, GError **error);
	DbRows *(*query)(
	    Db *db, const Stmt *stmt, const DbValue *args, size_t n, GError **error);
	int (*next)(DbRows *rows, GError **error);
	int64_t (*col_int)(const DbRows *rows, int column);
	const char *(*col_text)(const DbRows *rows, int column);
	const void *(*col_blob)(const DbRows *rows, int column, size_t *ret_size);
	bool (*col_is_null)(const DbRows *rows, int column);
	int (*col_count)(const DbRows *rows);
	const char *(*col_name)(const DbRows *rows, int column);
	void (*rows_done)(DbRows *rows);
	bool (*script)(Db *db, const char *sql, GError **error);
	bool (*prepares)(Db *db, const Stmt *stmt, GError **error);
	void (*hint)(Db *db);
	int (*wait)(Db *db, int timeout_ms, GError **error);
	bool (*backup)(Db *db, const char *path, GError **error);
	bool (*checkpoint)(Db *db, GError **error);
	bool (*scrub)(Db *db, GError **error);
	bool (*verify)(Db *db, GError **error);
};

extern const DbDriver db_sqlite;
extern const DbDriver db_pgsql;
