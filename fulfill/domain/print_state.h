/*
 * print_state.h - the setters of the states of batches and pieces.
 *
 * Every move is an UPDATE whose WHERE names the states it may start from
 * (print_state.def), so that the database refuses an illegal or stale one.  Deliveries
 * follow in the same transaction.  Writing the audit row is the caller's: it knows who
 * and why.
 */
#pragma once

#include "queue/db.h"

typedef enum BatchState {
#define BATCH(id, name, sentence) BATCH_##id,
#define BATCH_MOVE(event, from, to)
#define PIECE(id, name, sentence)
#define PIECE_MOVE(event, from, to)
#include "fulfill/domain/print_state.def"
#undef BATCH
#undef BATCH_MOVE
#undef PIECE
#undef PIECE_MOVE
	BATCH_N_STATES
} BatchState;

typedef enum PieceState {
#define BATCH(id, name, sentence)
#define BATCH_MOVE(event, from, to)
#define PIECE(id, name, sentence) PIECE_##id,
#define PIECE_MOVE(event, from, to)
#include "fulfill/domain/print_state.def"
#undef BATCH
#undef BATCH_MOVE
#undef PIECE
#undef PIECE_MOVE
	PIECE_N_STATES
} PieceState;

typedef enum BatchEvent {
	BATCH_CLOSE,
	BATCH_RENDER,
	BATCH_SUBMIT,
	BATCH_ACCEPT, /* the printer took it */
	BATCH_REFUSE, /* it surely did not */
	BATCH_LOSE,   /* nobody knows */
	BATCH_DENY,   /* a person found that nothing was printed */
	BATCH_PRINT,
	BATCH_PACK,
	BATCH_SHIP,
	BATCH_RETURN,
	BATCH_CANCEL,
	BATCH_N_EVENTS
} BatchEvent;

typedef enum PieceEvent {
	PIECE_RENDER,
	PIECE_PRINT,
	PIECE_PACK,
	PIECE_SHIP,
	PIECE_RETURN,
	PIECE_SPOIL,
	PIECE_PULL,
	PIECE_N_EVENTS
} PieceEvent;

const char *batch_state_name(BatchState state);
const char *batch_state_sentence(BatchState state);
BatchState batch_state_from_name(const char *name); /* BATCH_N_STATES: none */
const char *piece_state_name(PieceState state);
const char *piece_state_sentence(PieceState state);
PieceState piece_state_from_name(const char *name); /* PIECE_N_STATES: none */

/* Does `event` lead on from `state`? */
bool batch_can(BatchState state, BatchEvent event);
bool piece_can(PieceState state, PieceEvent event);

/* `reason` replaces the old one (NULL: none).  NOT_FOUND; CONFLICT, naming the state. */
bool batch_move(
    DbTx *tx, int64_t id, BatchEvent event, const char *reason, GError **error) MUST_USE;

/* One piece with its delivery; NOT_FOUND, CONFLICT. */
bool piece_move(
    DbTx *tx, int64_t id, PieceEvent event, const char *reason, GError **error) MUST_USE;

/* All pieces of a batch that are in a state from which `event` leads on, with their
 * deliveries; blocked ones (see scan.h) stay.  `ret_n` may be NULL. */
bool piece_move_batch(DbTx *tx, int64_t batch_id, PieceEvent event, const char *reason,
    int64_t *ret_n, GError **error) MUST_USE;
