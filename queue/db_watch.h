/*
 * db_watch.h - notices that somebody wrote to a file.  For db_sqlite.c only.
 *
 * A hint and no more: a write may be noticed late or twice, and writes of this process
 * are noticed too.
 */
#pragma once

#include <stdbool.h>

typedef struct DbWatch DbWatch;

/* Watches `path` and what SQLite keeps beside it.  The files may come and go. */
DbWatch *db_watch_new(const char *path);
void db_watch_free(DbWatch *watch);

/* Forgets what was noticed so far. */
void db_watch_clear(DbWatch *watch);

/* True: something was written.  False: the time is over, or a signal came. */
bool db_watch_wait(DbWatch *watch, int timeout_ms);
