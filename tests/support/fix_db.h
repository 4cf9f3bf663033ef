/*
 * fix_db.h - a fresh, migrated store for a test.
 *
 * SQLite in memory, or what TICKETPOST_TEST_STORE names: so that the same tests run on
 * both databases.  fix_db_file() makes one in a temporary folder, where two connections
 * are needed.
 */
#pragma once

#include "queue/db.h"

typedef struct FixDb {
	Db *db;
	char *folder; /* of a file store, removed by fix_db_done() */
	char *url;
} FixDb;

void fix_db_memory(FixDb *fix);
void fix_db_file(FixDb *fix);
Db *fix_db_again(FixDb *fix); /* a second connection to a file store */
void fix_db_done(FixDb *fix);
