/*
 * migrate.h - bring a store to today's schema.
 *
 * Migrations are the .sql files of queue/schema and fulfill/schema, numbered
 * NNNN_name.sql in one row of numbers, forward-only, one transaction each.  A checksum is
 * stored with each; a file that was edited after it ran is refused, for then two stores
 * of the same number differ.
 */
#pragma once

#include "queue/db.h"

/* How many migrations are still to run: 0 means the store is up to date.  -1: error is
 * set; CONFIG when the store is newer than the program or a migration was edited. */
int migrate_pending(Db *db, GError **error) MUST_USE;

/* Runs what is pending; `ret_ran` (may be NULL) says how many. */
bool migrate_run(Db *db, int *ret_ran, GError **error) MUST_USE;
