/*
 * print_piece.c - rows of print_piece.
 */
#include "fulfill/domain/print_piece.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/delivery.h"
#include "queue/clock.h"

#define PIECE_COLS                                                                       \
	"p.id, p.batch_id, p.ticket_id, p.context, t.sealed, t.lookup, t.tail, p.state," \
	" p.reason, p.envelope, p.part, p.sheet, p.place, p.reprint, p.blocked"
#define PIECE_FROM " FROM print_piece p JOIN ticket t ON t.id = p.ticket_id"

static const Stmt GET = {
	.name = "print_piece.get",
	.sql = "SELECT " PIECE_COLS PIECE_FROM " WHERE p.id = $1",
};
static const Stmt OF_TICKET = {
	.name = "print_piece.of_ticket",
	.sql = "SELECT " PIECE_COLS PIECE_FROM " WHERE p.ticket_id = $1"
	       " ORDER BY p.id DESC LIMIT 1",
};
static const Stmt WAITING = {
	.name = "print_piece.waiting",
	.sql = "SELECT " PIECE_COLS PIECE_FROM
	       " WHERE p.batch_id = $1 AND p.part IS NULL AND p.state = 'batched'"
	       " ORDER BY p.envelope, p.id LIMIT $2",
};
static const Stmt PART = {
	.name = "print_piece.part",
	.sql = "SELECT " PIECE_COLS PIECE_FROM " WHERE p.batch_id = $1 AND p.part = $2"
	       " ORDER BY p.sheet, p.place",
};
static const Stmt LIST = {
	.name = "print_piece.list",
	.sql = "SELECT " PIECE_COLS PIECE_FROM " WHERE p.batch_id = $1"
	       " ORDER BY coalesce(p.part, 0) = 0, p.part, p.sheet, p.place, p.id",
};
static const Stmt PLACED = {
	.name = "print_piece.placed",
	.sql = "SELECT count(*), count(DISTINCT envelope) FROM print_piece"
	       " WHERE batch_id = $1 AND part IS NOT NULL",
};
static const Stmt PLACE = {
	.name = "print_piece.place",
	.sql = "UPDATE print_piece SET part = $2, sheet = $3, place = $4 WHERE id = $1",
};
static const Stmt BLOCK = {
	.name = "print_piece.block",
	.sql = "UPDATE print_piece SET blocked = $2, changed_at = $3 WHERE id = $1",
};
static const Stmt OPEN_OF_TICKET = {
	.name = "print_piece.open_of_ticket",
	.sql = "SELECT id FROM print_piece WHERE ticket_id = $1"
	       " AND state IN ('batched', 'rendered', 'printed', 'packed')",
};
static const Stmt STALE = {
	.name = "print_file.stale",
	.sql = "UPDATE print_file SET state = 'stale', changed_at = $2"
	       " WHERE kind IN ('list', 'csv') AND state = 'written' AND EXISTS"
	       " (SELECT 1 FROM print_piece p WHERE p.id = $1"
	       "  AND p.batch_id = print_file.batch_id AND p.part = print_file.part)",
};
static const Stmt COUNT = {
	.name = "print_piece.count",
	.sql = "SELECT count(*) FROM print_piece WHERE batch_id = $1 AND state = $2",
};
static const Stmt COUNT_BLOCKED = {
	.name = "print_piece.count_blocked",
	.sql = "SELECT count(*) FROM print_piece WHERE batch_id = $1"
	       " AND blocked IS NOT NULL AND state IN ('rendered', 'printed', 'packed')",
};
static const Stmt MISSING = {
	.name = "print_piece.missing",
	.sql = "SELECT count(*) FROM print_piece WHERE envelope = $1"
	       " AND state IN ('batched', 'rendered', 'printed')",
};

void
print_piece_free(PrintPiece *piece)
{
	if (piece == NULL)
		return;
	g_free(piece->context);
	g_clear_pointer(&piece->sealed, g_bytes_unref);
	g_free(piece->tail);
	g_free(piece->reason);
	g_free(piece->blocked);
	g_free(piece);
}

static PrintPiece *
from_row(const DbRows *rows)
{
	PrintPiece *piece = g_new0(PrintPiece, 1);
	size_t size;
	const void *sealed = db_col_blob(rows, 4, &size);
	const void *lookup;

	piece->id = db_col_int(rows, 0);
	piece->batch_id = db_col_int(rows, 1);
	piece->ticket_id = db_col_int(rows, 2);
	piece->context = g_strdup(db_col_text(rows, 3));
	if (sealed != NULL)
		piece->sealed = g_bytes_new(sealed, size);
	lookup = db_col_blob(rows, 5, &size);
	if (lookup != NULL && size == sizeof(piece->lookup))
		memcpy(piece->lookup, lookup, size);
	piece->tail = g_strdup(db_col_text(rows, 6));
	piece->state = piece_state_from_name(db_col_text(rows, 7));
	piece->reason = g_strdup(db_col_text(rows, 8));
	piece->envelope = db_col_int(rows, 9);
	piece->part = (int)db_col_int(rows, 10);
	piece->sheet = (int)db_col_int(rows, 11);
	piece->place = (int)db_col_int(rows, 12);
	piece->reprint = (int)db_col_int(rows, 13);
	piece->blocked = g_strdup(db_col_text(rows, 14));
	return piece;
}

static int
find(Db *db, const Stmt *stmt, int64_t id, PrintPiece **ret, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, stmt, DB_ARGS(v_int(id)), error);
	int more;

	if (rows == NULL)
		return -1;
	more = db_next(rows, error);
	if (more == 1)
		*ret = from_row(rows);
	return more;
}

PrintPiece *
print_piece_get(Db *db, int64_t id, GError **error)
{
	PrintPiece *piece = NULL;

	if (find(db, &GET, id, &piece, error) == 0)
		err_set(
		    error, TP_ERROR_NOT_FOUND, "there is no card %" G_GINT64_FORMAT, id);
	return piece;
}

int
print_piece_find(Db *db, int64_t ticket_id, PrintPiece **ret, GError **error)
{
	return find(db, &OF_TICKET, ticket_id, ret, error);
}

static GPtrArray *
collect(DbRows *rows, GError **error)
{
	g_autoptr(GPtrArray) list =
	    g_ptr_array_new_with_free_func((GDestroyNotify)print_piece_free);
	int more;

	if (rows == NULL)
		return NULL;
	while ((more = db_next(rows, error)) == 1)
		g_ptr_array_add(list, from_row(rows));
	return more == 0 ? g_steal_pointer(&list) : NULL;
}

GPtrArray *
print_piece_waiting(Db *db, int64_t batch_id, int max, GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(db, &WAITING, DB_ARGS(v_int(batch_id), v_int(max)), error);

	return collect(rows, error);
}

GPtrArray *
print_piece_part(Db *db, int64_t batch_id, int part, GError **error)
{
	g_autoptr(DbRows) rows =
	    db_query(db, &PART, DB_ARGS(v_int(batch_id), v_int(part)), error);

	return collect(rows, error);
}

bool
print_piece_list(Db *db, int64_t batch_id,
    void (*fn)(void *user, const PrintPiece *piece), void *user, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &LIST, DB_ARGS(v_int(batch_id)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		g_autoptr(PrintPiece) piece = from_row(rows);

		fn(user, piece);
	}
	return more == 0;
}

bool
print_piece_placed(
    Db *db, int64_t batch_id, int64_t *ret_cards, int64_t *ret_envelopes, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &PLACED, DB_ARGS(v_int(batch_id)), error);

	if (rows == NULL || db_next(rows, error) != 1)
		return false;
	*ret_cards = db_col_int(rows, 0);
	*ret_envelopes = db_col_int(rows, 1);
	return true;
}

bool
print_piece_place(DbTx *tx, int64_t id, int part, int sheet, int place, GError **error)
{
	return db_exec(tx->db, &PLACE,
	    DB_ARGS(v_int(id), v_int(part), v_int(sheet), v_int(place)), NULL, error);
}

bool
print_piece_pull(DbTx *tx, int64_t id, const char *reason, GError **error)
{
	return piece_move(tx, id, PIECE_PULL, reason, error) &&
	       delivery_move(
		   tx, DELIVERY_OF_PIECE, id, DELIVERY_HOLD, reason, NULL, error) &&
	       audit_add(tx, AUDIT_HELD, "piece", id, reason, error);
}

bool
print_piece_recall(DbTx *tx, int64_t ticket_id, const char *reason, GError **error)
{
	int64_t id;
	int found;

	/* A live piece is one, or two while a reprint waits. */
	while ((found = db_find_int(
		    tx->db, &OPEN_OF_TICKET, DB_ARGS(v_int(ticket_id)), &id, error)) == 1)
		if (!piece_move(tx, id, PIECE_PULL, reason, error) ||
		    !db_exec(tx->db, &STALE, DB_ARGS(v_int(id), v_int(clock_now_at())),
			NULL, error))
			return false;
	return found == 0;
}

bool
print_piece_block(DbTx *tx, int64_t id, const char *reason, GError **error)
{
	return db_exec(tx->db, &BLOCK,
	    DB_ARGS(v_int(id), v_text(reason), v_int(clock_now_at())), NULL, error);
}

bool
print_piece_count(
    Db *db, int64_t batch_id, PieceState state, int64_t *ret_n, GError **error)
{
	return db_find_int(db, &COUNT,
		   DB_ARGS(v_int(batch_id), v_text(piece_state_name(state))), ret_n,
		   error) == 1;
}

bool
print_piece_count_blocked(Db *db, int64_t batch_id, int64_t *ret_n, GError **error)
{
	return db_find_int(db, &COUNT_BLOCKED, DB_ARGS(v_int(batch_id)), ret_n, error) ==
	       1;
}

bool
print_piece_missing(Db *db, int64_t envelope, int64_t *ret_n, GError **error)
{
	return db_find_int(db, &MISSING, DB_ARGS(v_int(envelope)), ret_n, error) == 1;
}
