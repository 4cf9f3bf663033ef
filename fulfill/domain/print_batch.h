/*
 * print_batch.h - cards that are printed together.
 *
 * The life of a batch stands in print_state.def; each function here is one event of it
 * with what belongs to it: pieces, deliveries, files and the audit row, in one
 * transaction.
 */
#pragma once

#include "fulfill/domain/print_state.h"

typedef struct PrintBatch {
	int64_t id;
	char *product; /* "sheet" "letter" "pin" */
	char *stock;
	BatchState state;
	char *reason;   /* or NULL */
	char *tracking; /* or NULL */
	int64_t pieces; /* that are not pulled or spoiled */
	int parts;      /* 0: places are not given yet */
	int start_slot; /* first free label of the first sheet, from 0 */
	int64_t created_at;
	int64_t changed_at;
	int64_t closed_at;
	int64_t rendered_at;
} PrintBatch;

void print_batch_free(PrintBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PrintBatch, print_batch_free)

PrintBatch *print_batch_get(Db *db, int64_t id, GError **error) MUST_USE;

/* PrintBatch * by state (NULL: any), oldest first. */
GPtrArray *print_batch_list(Db *db, const char *state, GError **error) MUST_USE;

/* Freezes an open batch; `start_slot` is the first free label of a part-used sheet, from
 * 0. CONFLICT when it is empty or closed already. */
bool print_batch_close(DbTx *tx, int64_t id, int start_slot, GError **error) MUST_USE;

/* Its pieces have their places, in so many parts. */
bool print_batch_placed(DbTx *tx, int64_t id, int parts, GError **error) MUST_USE;

/* All parts stand in the print folder; `sha256` is that of the first. */
bool print_batch_rendered(
    DbTx *tx, int64_t id, const char *sha256, GError **error) MUST_USE;

/* On paper: the printer said so, or a person.  `reason` may be NULL. */
bool print_batch_printed(
    DbTx *tx, int64_t id, const char *reason, GError **error) MUST_USE;

/* When the last card was put into its envelope the batch is packed; else nothing. */
bool print_batch_pack_if_done(DbTx *tx, int64_t id, GError **error) MUST_USE;

/*
 * Handed to the carrier.  CONFLICT while cards are blocked, or, unless `unscanned`, while
 * some are packed and others are not; a house that does not scan at all packs none.
 */
bool print_batch_ship(
    DbTx *tx, int64_t id, const char *tracking, bool unscanned, GError **error) MUST_USE;

/* A batch in doubt: what was in doubt is on paper (`printed`), or surely is not and may
 * be submitted again.  A reason is needed. */
bool print_batch_resolve(
    DbTx *tx, int64_t id, bool printed, const char *reason, GError **error) MUST_USE;

/* Batches whose worker vanished while handing them over are in doubt from now on. */
bool print_batch_follow_doubt(DbTx *tx, GError **error) MUST_USE;

/* A batch of which nothing could be printed. */
bool print_batch_cancel(
    DbTx *tx, int64_t id, const char *reason, GError **error) MUST_USE;
