/*
 * db_pgsql_text.h - what of PostgreSQL can be known without a server: its words for our
 * words, and its error codes for ours.  For db_pgsql.c only.
 */
#pragma once

#include "queue/db.h"

/* The text of a migration, written for SQLite, in PostgreSQL's words; to be freed.  Lines
 * that begin with "-- pgsql:" are statements for PostgreSQL alone. */
char *pgsql_translate(const char *sql);

/* Our code for a SQLSTATE (five characters; NULL: none came). */
TpError pgsql_error_code(const char *sqlstate);

/* The bytes of "\x0a1b...", as PostgreSQL prints a bytea; to be freed. */
void *pgsql_unhex(const char *text, size_t *ret_size);

/* "{1,2,3}": an array as PostgreSQL reads it; to be freed. */
char *pgsql_array(const int64_t *values, size_t n);
