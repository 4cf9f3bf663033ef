/*
 * print_file.h - the files a batch is written in.
 *
 * A batch is written in parts; each part has the cards (or letters) and what helps to
 * pack them.  Only the cards are sent to the printer by the gateway, each file once.
 */
#pragma once

#include "queue/db.h"

typedef struct PrintFile {
	int64_t id;
	int64_t batch_id;
	int part;     /* from 1 */
	char *kind;   /* "cards" "list" "csv" "labels" "notes" */
	char *name;   /* in the print folder */
	char *sha256; /* as sha256sum prints it */
	int pages;
	char *state; /* "written" "stale" "sending" "sent" "printed" "doubt" */
	char *job;   /* the printer's number of it; or NULL */
	char *says;  /* what the printer said last; or NULL */
} PrintFile;

void print_file_free(PrintFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PrintFile, print_file_free)

/* PrintFile * of a batch by part and kind. */
GPtrArray *print_file_list(Db *db, int64_t batch_id, GError **error) MUST_USE;

/* PrintFile * of all batches in this state ("sent", "stale"), oldest first, at most
 * `max`.
 */
GPtrArray *print_file_in_state(
    Db *db, const char *state, int max, GError **error) MUST_USE;

/* The file of this part and kind was written (again). */
bool print_file_put(DbTx *tx, const PrintFile *file, GError **error) MUST_USE;

/* 1 / 0: not written yet / -1. */
int print_file_find(Db *db, int64_t batch_id, int part, const char *kind, PrintFile **ret,
    GError **error) MUST_USE;

/* From one state to another; CONFLICT when it is in none of `from` (",sent,").  `job` and
 * `says` NULL leave what stands there. */
bool print_file_move(DbTx *tx, int64_t id, const char *from, const char *to,
    const char *job, const char *says, GError **error) MUST_USE;

/* What the printer says of it; no change of state. */
bool print_file_note(DbTx *tx, int64_t id, const char *says, GError **error) MUST_USE;

/* Card files of a batch that are in one of `states` (",sent,doubt,"). */
bool print_file_count(Db *db, int64_t batch_id, const char *states, int64_t *ret_n,
    GError **error) MUST_USE;

/* All card files of a batch that are in one of `from` go to `to`. */
bool print_file_move_all(DbTx *tx, int64_t batch_id, const char *from, const char *to,
    GError **error) MUST_USE;
