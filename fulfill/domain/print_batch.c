/*
 * print_batch.c - batches and their pieces.
 */
#include "fulfill/domain/print_batch.h"

#include "fulfill/domain/audit.h"
#include "fulfill/domain/delivery.h"
#include "queue/clock.h"

#define BATCH_COLS                                                                       \
	"id, stock, state, file, reason, reprint,"                                       \
	" (SELECT count(*) FROM print_piece p WHERE p.batch_id = print_batch.id"         \
	"  AND p.state <> 'pulled'), created_at, closed_at, rendered_at"

static const Stmt GET = {
	.name = "print_batch.get",
	.sql = "SELECT " BATCH_COLS " FROM print_batch WHERE id = $1",
};
static const Stmt LIST = {
	.name = "print_batch.list",
	.sql = "SELECT " BATCH_COLS " FROM print_batch WHERE $1 = '' OR state = $1"
	       " ORDER BY id /* scan: a person looks */",
};
static const Stmt CLOSE = {
	.name = "print_batch.close",
	.sql = "UPDATE print_batch SET state = 'closed', closed_at = $2"
	       " WHERE id = $1 AND state = 'open'",
};
static const Stmt PIECES = {
	.name = "print_piece.list",
	.sql = "SELECT p.id, p.ticket_id, p.context, t.sealed, p.state, t.lookup FROM "
	       "print_piece p"
	       " JOIN ticket t ON t.id = p.ticket_id"
	       " WHERE p.batch_id = $1 AND p.state <> 'pulled' ORDER BY p.id",
};
static const Stmt PULL = {
	.name = "print_piece.pull",
	.sql = "UPDATE print_piece SET state = 'pulled', reason = $2 WHERE id = $1",
};
static const Stmt RENDERED = {
	.name = "print_batch.rendered",
	.sql = "UPDATE print_batch SET state = 'rendered', file = $2, file_sha256 = $3,"
	       " rendered_at = $4 WHERE id = $1 AND state IN ('closed', 'rendered')",
};
static const Stmt PIECES_RENDERED = {
	.name = "print_piece.rendered",
	.sql = "UPDATE print_piece SET state = 'rendered' WHERE batch_id = $1"
	       " AND state = 'batched'",
};
static const Stmt CANCEL = {
	.name = "print_batch.cancel",
	.sql = "UPDATE print_batch SET state = 'cancelled', reason = $2 WHERE id = $1",
};

void
print_batch_free(PrintBatch *batch)
{
	if (batch == NULL)
		return;
	g_free(batch->stock);
	g_free(batch->state);
	g_free(batch->file);
	g_free(batch->reason);
	g_free(batch);
}

static PrintBatch *
from_row(const DbRows *rows)
{
	PrintBatch *batch = g_new0(PrintBatch, 1);

	batch->id = db_col_int(rows, 0);
	batch->stock = g_strdup(db_col_text(rows, 1));
	batch->state = g_strdup(db_col_text(rows, 2));
	batch->file = g_strdup(db_col_text(rows, 3));
	batch->reason = g_strdup(db_col_text(rows, 4));
	batch->reprint = (int)db_col_int(rows, 5);
	batch->pieces = db_col_int(rows, 6);
	batch->created_at = db_col_int(rows, 7);
	batch->closed_at = db_col_int(rows, 8);
	batch->rendered_at = db_col_int(rows, 9);
	return batch;
}

PrintBatch *
print_batch_get(Db *db, int64_t id, GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &GET, DB_ARGS(v_int(id)), error);
	int more;

	if (rows == NULL)
		return NULL;
	more = db_next(rows, error);
	if (more == 0)
		err_set(
		    error, TP_ERROR_NOT_FOUND, "there is no batch %" G_GINT64_FORMAT, id);
	return more == 1 ? from_row(rows) : NULL;
}

GPtrArray *
print_batch_list(Db *db, const char *state, GError **error)
{
	g_autoptr(GPtrArray) list =
	    g_ptr_array_new_with_free_func((GDestroyNotify)print_batch_free);
	g_autoptr(DbRows) rows =
	    db_query(db, &LIST, DB_ARGS(v_text(state != NULL ? state : "")), error);
	int more;

	if (rows == NULL)
		return NULL;
	while ((more = db_next(rows, error)) == 1)
		g_ptr_array_add(list, from_row(rows));
	return more == 0 ? g_steal_pointer(&list) : NULL;
}

bool
print_batch_close(DbTx *tx, int64_t id, GError **error)
{
	g_autoptr(PrintBatch) batch = print_batch_get(tx->db, id, error);
	int64_t changed;

	if (batch == NULL)
		return false;
	if (g_str_equal(batch->state, "closed"))
		return true;
	if (!g_str_equal(batch->state, "open"))
		return err_set(error, TP_ERROR_CONFLICT,
		    "batch %" G_GINT64_FORMAT " is %s and cannot be closed", id,
		    batch->state);
	if (batch->pieces == 0)
		return err_set(
		    error, TP_ERROR_CONFLICT, "batch %" G_GINT64_FORMAT " is empty", id);
	return db_exec(tx->db, &CLOSE, DB_ARGS(v_int(id), v_int(clock_now_at())),
		   &changed, error) &&
	       audit_add(tx, AUDIT_CLOSED, "batch", id, NULL, error);
}

bool
print_batch_pieces(Db *db, int64_t id,
    bool (*fn)(void *user, const PrintPiece *piece, GError **error), void *user,
    GError **error)
{
	g_autoptr(DbRows) rows = db_query(db, &PIECES, DB_ARGS(v_int(id)), error);
	int more;

	if (rows == NULL)
		return false;
	while ((more = db_next(rows, error)) == 1) {
		PrintPiece piece = {
			.id = db_col_int(rows, 0),
			.ticket_id = db_col_int(rows, 1),
			.context = db_col_text(rows, 2),
			.state = db_col_text(rows, 4),
		};

		size_t lookup_size;

		piece.sealed = db_col_blob(rows, 3, &piece.sealed_size);
		piece.lookup = db_col_blob(rows, 5, &lookup_size);
		if (!fn(user, &piece, error))
			return false;
	}
	return more == 0;
}

bool
print_piece_pull(DbTx *tx, int64_t id, const char *reason, GError **error)
{
	return db_exec(tx->db, &PULL, DB_ARGS(v_int(id), v_text(reason)), NULL, error) &&
	       delivery_move(
		   tx, DELIVERY_OF_PIECE, id, DELIVERY_HOLD, reason, NULL, error) &&
	       audit_add(tx, AUDIT_HELD, "piece", id, reason, error);
}

bool
print_batch_rendered(
    DbTx *tx, int64_t id, const char *file, const char *sha256, GError **error)
{
	return db_exec(tx->db, &RENDERED,
		   DB_ARGS(
		       v_int(id), v_text(file), v_text(sha256), v_int(clock_now_at())),
		   NULL, error) &&
	       db_exec(tx->db, &PIECES_RENDERED, DB_ARGS(v_int(id)), NULL, error) &&
	       delivery_move(
		   tx, DELIVERY_OF_BATCH, id, DELIVERY_RENDER, NULL, NULL, error) &&
	       audit_add(tx, AUDIT_RENDERED, "batch", id, file, error);
}

bool
print_batch_cancel(DbTx *tx, int64_t id, const char *reason, GError **error)
{
	return db_exec(tx->db, &CANCEL, DB_ARGS(v_int(id), v_text(reason)), NULL, error);
}
