/*
 * fix_db.h - a fresh, migrated store for a test.
 *
 * SQLite in memory; or, when TICKETPOST_TEST_STORE is the URL of a PostgreSQL server, a
 * new database there: tests/run.sh runs each test program that uses this header a second
 * time with it, so that the same promises hold on both databases.
 */
#pragma once

#include "queue/db.h"

typedef struct FixDb {
	Db *db;
	char *folder; /* of a file store, removed by fix_db_done() */
	char *url;
	char *name; /* of a PostgreSQL database, dropped by fix_db_done() */
} FixDb;

/* For one connection. */
void fix_db_memory(FixDb *fix);

/* For several: SQLite in a temporary folder. */
void fix_db_file(FixDb *fix);
Db *fix_db_again(FixDb *fix);
void fix_db_done(FixDb *fix);

/* Without any table; fix->db is open. */
void fix_db_empty(FixDb *fix);

/* A statement of `sql`, the same for the same text; it stays until the program ends, as
 * the cache of prepared statements goes by address. */
const Stmt *fix_stmt(const char *sql);

/* Does this run use PostgreSQL?  For tests of what only one database has. */
bool fix_db_is_pgsql(void);
