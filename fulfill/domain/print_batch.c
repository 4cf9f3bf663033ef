/*
 * print_batch.c - rows of print_batch, and the events of their life.
 */
#include "fulfill/domain/print_batch.h"

#include "fulfill/domain/audit.h"
#include "fulfill/domain/issue.h"
#include "fulfill/domain/print_file.h"
#include "fulfill/domain/print_piece.h"
#include "queue/clock.h"
#include "queue/job_admin.h"

#define BATCH_COLS                                                                       \
	"id, product, stock, state, reason, tracking,"                                   \
	" (SELECT count(*) FROM print_piece p WHERE p.batch_id = print_batch.id"         \
	"  AND p.state NOT IN ('pulled', 'spoiled')), parts, created_at, closed_at,"     \
	" rendered_at, start_slot, changed_at"

static const Stmt GET = {
	.name = "print_batch.get",
	.sql = "SELECT " BATCH_COLS " FROM print_batch WHERE id = $1",
};
static const Stmt LIST = {
	.name = "print_batch.list",
	.sql = "SELECT " BATCH_COLS " FROM print_batch WHERE $1 = '' OR state = $1"
	       " ORDER BY id /* scan: a person looks */",
};
static const Stmt CLOSED_AT = {
	.name = "print_batch.closed_at",
	.sql = "UPDATE print_batch SET closed_at = $2, start_slot = $3 WHERE id = $1",
};
static const Stmt PARTS = {
	.name = "print_batch.parts",
	.sql = "UPDATE print_batch SET parts = $2 WHERE id = $1 AND parts = 0",
};
static const Stmt RENDERED_AT = {
	.name = "print_batch.rendered_at",
	.sql = "UPDATE print_batch SET rendered_at = $2 WHERE id = $1",
};
static const Stmt TRACKING = {
	.name = "print_batch.tracking",
	.sql = "UPDATE print_batch SET tracking = $2 WHERE id = $1",
};

static const Stmt LOST = {
	.name = "print_batch.lost",
	.sql = "SELECT b.id FROM print_batch b WHERE b.state = 'submitting' AND EXISTS"
	       " (SELECT 1 FROM job j WHERE j.kind = 'spool' AND j.state = 'doubt'"
	       "  AND j.ref = b.id) LIMIT 1",
};

void
print_batch_free(PrintBatch *batch)
{
	if (batch == NULL)
		return;
	g_free(batch->product);
	g_free(batch->stock);
	g_free(batch->reason);
	g_free(batch->tracking);
	g_free(batch);
}

static PrintBatch *
from_row(const DbRows *rows)
{
	PrintBatch *batch = g_new0(PrintBatch, 1);

	batch->id = db_col_int(rows, 0);
	batch->product = g_strdup(db_col_text(rows, 1));
	batch->stock = g_strdup(db_col_text(rows, 2));
	batch->state = batch_state_from_name(db_col_text(rows, 3));
	batch->reason = g_strdup(db_col_text(rows, 4));
	batch->tracking = g_strdup(db_col_text(rows, 5));
	batch->pieces = db_col_int(rows, 6);
	batch->parts = (int)db_col_int(rows, 7);
	batch->created_at = db_col_int(rows, 8);
	batch->closed_at = db_col_int(rows, 9);
	batch->rendered_at = db_col_int(rows, 10);
	batch->start_slot = (int)db_col_int(rows, 11);
	batch->changed_at = db_col_int(rows, 12);
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
print_batch_close(DbTx *tx, int64_t id, int start_slot, GError **error)
{
	g_autoptr(PrintBatch) batch = print_batch_get(tx->db, id, error);

	if (batch == NULL)
		return false;
	if (batch->state == BATCH_OPEN && batch->pieces == 0)
		return err_set(
		    error, TP_ERROR_CONFLICT, "batch %" G_GINT64_FORMAT " is empty", id);
	return batch_move(tx, id, BATCH_CLOSE, NULL, error) &&
	       db_exec(tx->db, &CLOSED_AT,
		   DB_ARGS(v_int(id), v_int(clock_now_at()), v_int(start_slot)), NULL,
		   error) &&
	       audit_add(tx, AUDIT_CLOSED, "batch", id, NULL, error);
}

bool
print_batch_placed(DbTx *tx, int64_t id, int parts, GError **error)
{
	return db_exec(tx->db, &PARTS, DB_ARGS(v_int(id), v_int(parts)), NULL, error);
}

bool
print_batch_rendered(DbTx *tx, int64_t id, const char *sha256, GError **error)
{
	return batch_move(tx, id, BATCH_RENDER, NULL, error) &&
	       db_exec(tx->db, &RENDERED_AT, DB_ARGS(v_int(id), v_int(clock_now_at())),
		   NULL, error) &&
	       piece_move_batch(tx, id, PIECE_RENDER, NULL, NULL, error) &&
	       audit_add(tx, AUDIT_RENDERED, "batch", id, sha256, error);
}

bool
print_batch_printed(DbTx *tx, int64_t id, const char *reason, GError **error)
{
	return batch_move(tx, id, BATCH_PRINT, reason, error) &&
	       print_file_move_all(
		   tx, id, ",written,sending,sent,doubt,", "printed", error) &&
	       piece_move_batch(tx, id, PIECE_PRINT, NULL, NULL, error) &&
	       audit_add(tx, AUDIT_PRINTED, "batch", id, reason, error);
}

bool
print_batch_pack_if_done(DbTx *tx, int64_t id, GError **error)
{
	g_autoptr(PrintBatch) batch = print_batch_get(tx->db, id, error);
	int64_t printed;
	int64_t packed;

	if (batch == NULL)
		return false;
	if (batch->state != BATCH_PRINTED)
		return true;
	if (!print_piece_count(tx->db, id, PIECE_PRINTED, &printed, error) ||
	    !print_piece_count(tx->db, id, PIECE_PACKED, &packed, error))
		return false;
	if (printed > 0 || packed == 0)
		return true;
	return batch_move(tx, id, BATCH_PACK, NULL, error) &&
	       audit_add(tx, AUDIT_PACKED, "batch", id, NULL, error);
}

static bool
may_ship(Db *db, int64_t id, bool unscanned, GError **error)
{
	int64_t blocked;
	int64_t printed;
	int64_t packed;

	if (!print_piece_count_blocked(db, id, &blocked, error) ||
	    !print_piece_count(db, id, PIECE_PRINTED, &printed, error) ||
	    !print_piece_count(db, id, PIECE_PACKED, &packed, error))
		return false;
	if (blocked > 0)
		return err_set(error, TP_ERROR_CONFLICT,
		    "%" G_GINT64_FORMAT " cards of batch %" G_GINT64_FORMAT
		    " are blocked: scan them with their own labels, or spoil them",
		    blocked, id);
	return unscanned || printed == 0 || packed == 0 ||
	       err_set(error, TP_ERROR_CONFLICT,
		   "%" G_GINT64_FORMAT " cards of batch %" G_GINT64_FORMAT
		   " are not packed yet: scan or spoil them, or say --unscanned",
		   printed, id);
}

bool
print_batch_ship(
    DbTx *tx, int64_t id, const char *tracking, bool unscanned, GError **error)
{
	return may_ship(tx->db, id, unscanned, error) &&
	       batch_move(tx, id, BATCH_SHIP, NULL, error) &&
	       db_exec(tx->db, &TRACKING, DB_ARGS(v_int(id), v_text(tracking)), NULL,
		   error) &&
	       piece_move_batch(tx, id, PIECE_SHIP, NULL, NULL, error) &&
	       audit_add(tx, AUDIT_SHIPPED, "batch", id, tracking, error);
}

bool
print_batch_resolve(
    DbTx *tx, int64_t id, bool printed, const char *reason, GError **error)
{
	g_autoptr(PrintBatch) batch = print_batch_get(tx->db, id, error);
	int64_t unsent;

	if (batch == NULL)
		return false;
	if (reason == NULL || *reason == '\0')
		return err_set(
		    error, TP_ERROR_INVALID, "say how you know: --reason TEXT");
	if (batch->state != BATCH_DOUBT)
		return err_set(error, TP_ERROR_CONFLICT,
		    "batch %" G_GINT64_FORMAT " is %s, not in doubt", id,
		    batch_state_name(batch->state));
	if (!print_file_count(tx->db, id, ",written,", &unsent, error) ||
	    !job_cancel_ref(tx, JOB_KIND_SPOOL, id, reason, error))
		return false;
	if (printed && unsent == 0)
		return print_batch_printed(tx, id, reason, error);
	/* What comes after the file in doubt was never sent: the batch goes on from
	 * there. */
	return print_file_move_all(
		   tx, id, ",doubt,sending,", printed ? "printed" : "written", error) &&
	       batch_move(tx, id, BATCH_DENY, reason, error) &&
	       audit_add(tx, AUDIT_RESOLVED, "batch", id, reason, error);
}

bool
print_batch_follow_doubt(DbTx *tx, GError **error)
{
	int64_t id;
	int found;

	while ((found = db_find_int(tx->db, &LOST, DB_NO_ARGS, &id, error)) == 1)
		if (!print_file_move_all(tx, id, ",sending,", "doubt", error) ||
		    !batch_move(tx, id, BATCH_LOSE,
			"the worker vanished while it was being handed to the printer",
			error))
			return false;
	return found == 0;
}

bool
print_batch_cancel(DbTx *tx, int64_t id, const char *reason, GError **error)
{
	return batch_move(tx, id, BATCH_CANCEL, reason, error) &&
	       audit_add(tx, AUDIT_WITHDRAWN, "batch", id, reason, error);
}
