/*
 * print_state.c - tables of names and moves, and the UPDATEs that obey them.
 */
#include "fulfill/domain/print_state.h"

#include <string.h>

#include "fulfill/domain/delivery.h"
#include "queue/clock.h"

typedef struct Name {
	const char *name;
	const char *sentence;
} Name;

typedef struct Move {
	int event, from, to;
} Move;

static const Name batch_names[] = {
#define BATCH(id, name, sentence) { name, sentence },
#define BATCH_MOVE(event, from, to)
#define PIECE(id, name, sentence)
#define PIECE_MOVE(event, from, to)
#include "fulfill/domain/print_state.def"
#undef BATCH
#undef BATCH_MOVE
#undef PIECE
#undef PIECE_MOVE
};
static const Name piece_names[] = {
#define BATCH(id, name, sentence)
#define BATCH_MOVE(event, from, to)
#define PIECE(id, name, sentence) { name, sentence },
#define PIECE_MOVE(event, from, to)
#include "fulfill/domain/print_state.def"
#undef BATCH
#undef BATCH_MOVE
#undef PIECE
#undef PIECE_MOVE
};
static const Move batch_moves[] = {
#define BATCH(id, name, sentence)
#define BATCH_MOVE(event, from, to) { BATCH_##event, BATCH_##from, BATCH_##to },
#define PIECE(id, name, sentence)
#define PIECE_MOVE(event, from, to)
#include "fulfill/domain/print_state.def"
#undef BATCH
#undef BATCH_MOVE
#undef PIECE
#undef PIECE_MOVE
};
static const Move piece_moves[] = {
#define BATCH(id, name, sentence)
#define BATCH_MOVE(event, from, to)
#define PIECE(id, name, sentence)
#define PIECE_MOVE(event, from, to) { PIECE_##event, PIECE_##from, PIECE_##to },
#include "fulfill/domain/print_state.def"
#undef BATCH
#undef BATCH_MOVE
#undef PIECE
#undef PIECE_MOVE
};

/* What people do to a batch or piece, for messages: "batch 7 is open: it cannot be ...".
 */
static const char *const batch_verbs[] = {
	[BATCH_CLOSE] = "closed",
	[BATCH_RENDER] = "rendered",
	[BATCH_SUBMIT] = "submitted",
	[BATCH_ACCEPT] = "accepted by a printer",
	[BATCH_REFUSE] = "refused by a printer",
	[BATCH_LOSE] = "put in doubt",
	[BATCH_DENY] = "resolved",
	[BATCH_PRINT] = "called printed",
	[BATCH_PACK] = "packed",
	[BATCH_SHIP] = "shipped",
	[BATCH_RETURN] = "returned",
	[BATCH_CANCEL] = "cancelled",
};
static const char *const piece_verbs[] = {
	[PIECE_RENDER] = "rendered",
	[PIECE_PRINT] = "called printed",
	[PIECE_PACK] = "packed",
	[PIECE_SHIP] = "shipped",
	[PIECE_RETURN] = "returned",
	[PIECE_SPOIL] = "spoiled",
	[PIECE_PULL] = "pulled",
};

/* The delivery of a pulled piece is held or aborted, as whoever pulls it knows. */
static const int delivery_events[] = {
	[PIECE_RENDER] = DELIVERY_RENDER,
	[PIECE_PRINT] = DELIVERY_PRINT,
	[PIECE_PACK] = DELIVERY_PACK,
	[PIECE_SHIP] = DELIVERY_SHIP,
	[PIECE_RETURN] = DELIVERY_RETURN,
	[PIECE_SPOIL] = DELIVERY_SPOIL,
	[PIECE_PULL] = -1,
};

/* $3 lists the states from which the move is legal: ",open,closed,". */
static const Stmt BATCH_SET = {
	.name = "print_batch.move",
	.sql = "UPDATE print_batch SET state = $2, reason = $4, changed_at = $5"
	       " WHERE id = $1 AND $3 LIKE '%,' || state || ',%'",
};
static const Stmt BATCH_STATE = {
	.name = "print_batch.state",
	.sql = "SELECT state FROM print_batch WHERE id = $1",
};
static const Stmt PIECE_SET = {
	.name = "print_piece.move",
	.sql = "UPDATE print_piece SET state = $2, reason = $4, changed_at = $5"
	       " WHERE id = $1 AND $3 LIKE '%,' || state || ',%'",
};
static const Stmt PIECE_STATE = {
	.name = "print_piece.state",
	.sql = "SELECT state FROM print_piece WHERE id = $1",
};
static const Stmt PIECES_SET = {
	.name = "print_piece.move_batch",
	.sql = "UPDATE print_piece SET state = $2, reason = $4, changed_at = $5"
	       " WHERE batch_id = $1 AND blocked IS NULL"
	       " AND $3 LIKE '%,' || state || ',%'",
};

const char *
batch_state_name(BatchState state)
{
	return batch_names[state].name;
}

const char *
batch_state_sentence(BatchState state)
{
	return batch_names[state].sentence;
}

const char *
piece_state_name(PieceState state)
{
	return piece_names[state].name;
}

const char *
piece_state_sentence(PieceState state)
{
	return piece_names[state].sentence;
}

static size_t
from_name(const Name *names, size_t n, const char *name)
{
	size_t i = 0;

	while (i < n && strcmp(names[i].name, name) != 0)
		i++;
	return i;
}

BatchState
batch_state_from_name(const char *name)
{
	return (BatchState)from_name(batch_names, G_N_ELEMENTS(batch_names), name);
}

PieceState
piece_state_from_name(const char *name)
{
	return (PieceState)from_name(piece_names, G_N_ELEMENTS(piece_names), name);
}

static bool
can(const Move *moves, size_t n, int state, int event)
{
	for (size_t i = 0; i < n; i++)
		if (moves[i].event == event && moves[i].from == state)
			return true;
	return false;
}

bool
batch_can(BatchState state, BatchEvent event)
{
	return can(batch_moves, G_N_ELEMENTS(batch_moves), (int)state, (int)event);
}

bool
piece_can(PieceState state, PieceEvent event)
{
	return can(piece_moves, G_N_ELEMENTS(piece_moves), (int)state, (int)event);
}

/* An event leads to one state from every state it starts at: its name; `from` lists
 * those.
 */
static const char *
legal(const Move *moves, size_t n, const Name *names, int event, char from[128])
{
	const char *to = NULL;
	gsize used = g_strlcpy(from, ",", 128);

	for (size_t i = 0; i < n; i++) {
		if (moves[i].event != event)
			continue;
		to = names[moves[i].to].name;
		g_strlcat(from, names[moves[i].from].name, 128);
		used = g_strlcat(from, ",", 128);
	}
	if (to == NULL || used >= 128)
		BUG("print event %d", event);
	return to;
}

static bool
refuse(Db *db, const Stmt *stmt, const char *what, int64_t id, const char *verb,
    GError **error)
{
	g_autofree char *state = NULL;
	int found = db_find_text(db, stmt, DB_ARGS(v_int(id)), &state, error);

	if (found == 0)
		err_set(error, TP_ERROR_NOT_FOUND, "there is no %s %" G_GINT64_FORMAT,
		    what, id);
	if (found == 1)
		err_set(error, TP_ERROR_CONFLICT,
		    "%s %" G_GINT64_FORMAT " is %s and cannot be %s", what, id, state,
		    verb);
	return false;
}

bool
batch_move(DbTx *tx, int64_t id, BatchEvent event, const char *reason, GError **error)
{
	char from[128];
	const char *to =
	    legal(batch_moves, G_N_ELEMENTS(batch_moves), batch_names, (int)event, from);
	int64_t changed;

	if (!db_exec(tx->db, &BATCH_SET,
		DB_ARGS(v_int(id), v_text(to), v_text(from), v_text(reason),
		    v_int(clock_now_at())),
		&changed, error))
		return false;
	return changed == 1 ||
	       refuse(tx->db, &BATCH_STATE, "batch", id, batch_verbs[event], error);
}

bool
piece_move(DbTx *tx, int64_t id, PieceEvent event, const char *reason, GError **error)
{
	char from[128];
	const char *to =
	    legal(piece_moves, G_N_ELEMENTS(piece_moves), piece_names, (int)event, from);
	int64_t changed;

	if (!db_exec(tx->db, &PIECE_SET,
		DB_ARGS(v_int(id), v_text(to), v_text(from), v_text(reason),
		    v_int(clock_now_at())),
		&changed, error))
		return false;
	if (changed == 0)
		return refuse(
		    tx->db, &PIECE_STATE, "card", id, piece_verbs[event], error);
	return delivery_events[event] < 0 ||
	       delivery_move(tx, DELIVERY_OF_PIECE, id,
		   (DeliveryEvent)delivery_events[event], reason, NULL, error);
}

bool
piece_move_batch(DbTx *tx, int64_t batch_id, PieceEvent event, const char *reason,
    int64_t *ret_n, GError **error)
{
	char from[128];
	const char *to =
	    legal(piece_moves, G_N_ELEMENTS(piece_moves), piece_names, (int)event, from);

	return db_exec(tx->db, &PIECES_SET,
		   DB_ARGS(v_int(batch_id), v_text(to), v_text(from), v_text(reason),
		       v_int(clock_now_at())),
		   ret_n, error) &&
	       (delivery_events[event] < 0 ||
		   delivery_move(tx, DELIVERY_OF_BATCH, batch_id,
		       (DeliveryEvent)delivery_events[event], reason, NULL, error));
}
