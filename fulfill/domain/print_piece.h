/*
 * print_piece.h - one card of a batch: where it lies, what it says, what became of it.
 *
 * Reading is by parts (see print_file.h), so that a batch of 100,000 cards takes no more
 * memory than one of a thousand.
 */
#pragma once

#include "fulfill/domain/print_state.h"
#include "fulfill/issue/vault.h"

typedef struct PrintPiece {
	int64_t id;
	int64_t batch_id;
	int64_t ticket_id;
	char *context;                      /* JSON */
	GBytes *sealed;                     /* the code; NULL: wiped */
	uint8_t lookup[VAULT_LOOKUP_BYTES]; /* stored beside it */
	char *tail;                         /* last group of the code */
	PieceState state;
	char *reason; /* or NULL */
	int64_t envelope;
	int part, sheet, place; /* from 1; 0: not placed */
	int reprint;
	char *blocked; /* or NULL */
} PrintPiece;

void print_piece_free(PrintPiece *piece);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PrintPiece, print_piece_free)

PrintPiece *print_piece_get(Db *db, int64_t id, GError **error) MUST_USE;

/* The latest piece of a ticket.  1/0/-1. */
int print_piece_find(
    Db *db, int64_t ticket_id, PrintPiece **ret, GError **error) MUST_USE;

/* PrintPiece * that are batched and have no place yet, by (envelope, id), at most `max`.
 */
GPtrArray *print_piece_waiting(
    Db *db, int64_t batch_id, int max, GError **error) MUST_USE;

/* How many cards, in how many envelopes, have a place. */
bool print_piece_placed(Db *db, int64_t batch_id, int64_t *ret_cards,
    int64_t *ret_envelopes, GError **error) MUST_USE;

/* PrintPiece * of one part in the order of their places, pulled and spoiled ones too. */
GPtrArray *print_piece_part(Db *db, int64_t batch_id, int part, GError **error) MUST_USE;

/* All pieces of a batch, for people: by place.  Without codes. */
bool print_piece_list(Db *db, int64_t batch_id,
    void (*fn)(void *user, const PrintPiece *piece), void *user, GError **error) MUST_USE;

bool print_piece_place(
    DbTx *tx, int64_t id, int part, int sheet, int place, GError **error) MUST_USE;

/* A piece that cannot be printed: out of its batch, its delivery held with the reason. */
bool print_piece_pull(DbTx *tx, int64_t id, const char *reason, GError **error) MUST_USE;

/* All pieces of a recalled ticket that have not been shipped are pulled, and the packing
 * lists they stand on are to be written again. */
bool print_piece_recall(
    DbTx *tx, int64_t ticket_id, const char *reason, GError **error) MUST_USE;

/* Must not be packed, for this reason; NULL: may again. */
bool print_piece_block(DbTx *tx, int64_t id, const char *reason, GError **error) MUST_USE;

/* How many pieces of a batch are in this state; blocked ones. */
bool print_piece_count(
    Db *db, int64_t batch_id, PieceState state, int64_t *ret_n, GError **error) MUST_USE;
bool print_piece_count_blocked(
    Db *db, int64_t batch_id, int64_t *ret_n, GError **error) MUST_USE;
/* Of an envelope: pieces not packed, pulled or spoiled yet. */
bool print_piece_missing(
    Db *db, int64_t envelope, int64_t *ret_n, GError **error) MUST_USE;
