/*
 * db_pgsql_private.h - what the files of the PostgreSQL driver share.  For db_pgsql*.c
 * only; db_pgsql.c tells how the driver works.
 */
#pragma once

#include <libpq-fe.h>

#include "queue/db_driver.h"

#define PGSQL_MAX_PARAMS 40

typedef struct PgsqlDb {
	Db base;
	char *url;
	PGconn *conn;
	GHashTable *cache; /* const Stmt * -> Prepared *, of this connection */
	unsigned int n_prepared;
	int64_t ahead_us; /* server's clock less our monotonic one */
	int64_t ahead_until_us;
	bool listens;
	bool hint_waits;
	int64_t hinted_us;
} PgsqlDb;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PGresult, PQclear)

/* db_pgsql_link.c: the connection. */

/* Makes it, forgetting the one before. */
bool pgsql_connect(PgsqlDb *db, GError **error) MUST_USE;
void pgsql_disconnect(PgsqlDb *db);

/* Has the other end gone, as far as we know; as far as we can see. */
bool pgsql_is_lost(const PgsqlDb *db);
bool pgsql_is_alive(PgsqlDb *db);

/* Before each statement: outside a transaction a lost connection is made again. */
bool pgsql_ready(PgsqlDb *db, GError **error) MUST_USE;

/* Did it succeed?  Else sets the error of `result` (NULL: of the connection). */
bool pgsql_is_ok(const PGresult *result);
bool pgsql_fail(PgsqlDb *db, const PGresult *result, const char *what, GError **error);

/* One or more statements without parameters and without rows. */
bool pgsql_word(Db *base, const char *sql, GError **error);

/* db_pgsql_rows.c: statements and rows; the members of DbDriver. */
bool pgsql_exec(Db *base, const Stmt *stmt, const DbValue *args, size_t n,
    int64_t *ret_changed, GError **error);
DbRows *pgsql_query(
    Db *base, const Stmt *stmt, const DbValue *args, size_t n, GError **error);
bool pgsql_prepares(Db *base, const Stmt *stmt, GError **error);
int pgsql_next(DbRows *base, GError **error);
bool pgsql_col_is_null(const DbRows *base, int column);
int64_t pgsql_col_int(const DbRows *base, int column);
const char *pgsql_col_text(const DbRows *base, int column);
const void *pgsql_col_blob(const DbRows *base, int column, size_t *ret_size);
int pgsql_col_count(const DbRows *base);
const char *pgsql_col_name(const DbRows *base, int column);
void pgsql_rows_done(DbRows *base);
