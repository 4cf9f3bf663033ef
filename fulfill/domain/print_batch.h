/*
 * print_batch.h - cards that are printed together.
 */
#pragma once

#include "queue/db.h"

typedef struct PrintBatch {
	int64_t id;
	char *stock;
	char *state;
	char *file; /* or NULL */
	char *reason;
	int reprint;
	int64_t pieces;
	int64_t created_at;
	int64_t closed_at;
	int64_t rendered_at;
} PrintBatch;

void print_batch_free(PrintBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PrintBatch, print_batch_free)

PrintBatch *print_batch_get(Db *db, int64_t id, GError **error) MUST_USE;

/* PrintBatch * by state (NULL: any), oldest first. */
GPtrArray *print_batch_list(Db *db, const char *state, GError **error) MUST_USE;

/* Freezes an open batch; one that is closed already stays as it is.  CONFLICT when it is
 * empty or beyond. */
bool print_batch_close(DbTx *tx, int64_t id, GError **error) MUST_USE;

typedef struct PrintPiece {
	int64_t id;
	int64_t ticket_id;
	const char *context; /* JSON */
	const void *sealed;  /* NULL: wiped */
	size_t sealed_size;
	const uint8_t *lookup; /* stored beside it */
	const char *state;
} PrintPiece;

/* Calls fn for the pieces of a batch that are to be printed, in their order on the
 * sheets; fn returns false (with error set) to stop. */
bool print_batch_pieces(Db *db, int64_t id,
    bool (*fn)(void *user, const PrintPiece *piece, GError **error), void *user,
    GError **error) MUST_USE;

/* A piece that cannot be printed: out of its batch, its delivery held with the reason. */
bool print_piece_pull(DbTx *tx, int64_t id, const char *reason, GError **error) MUST_USE;

/* The batch stands in `file`, whose SHA-256 is given as hex digits. */
bool print_batch_rendered(
    DbTx *tx, int64_t id, const char *file, const char *sha256, GError **error) MUST_USE;

/* A batch of which nothing could be printed. */
bool print_batch_cancel(
    DbTx *tx, int64_t id, const char *reason, GError **error) MUST_USE;
