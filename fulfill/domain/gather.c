/*
 * gather.c - a batch with room, and a piece in it.
 */
#include "fulfill/domain/gather.h"

#include "fulfill/domain/print_batch.h"
#include "queue/clock.h"
#include "queue/job.h"
#include "queue/limits.h"

static const Stmt BATCH_ROOM = {
	.name = "print_batch.room",
	.sql = "UPDATE print_batch SET pieces = pieces + 1 WHERE id ="
	       " (SELECT id FROM print_batch WHERE state = 'open' AND product = $1"
	       " AND stock = $2 AND pieces < $3 ORDER BY id LIMIT 1)"
	       " AND state = 'open' RETURNING id",
};
static const Stmt BATCH_PIECES_N = {
	.name = "print_batch.pieces",
	.sql = "SELECT pieces FROM print_batch WHERE id = $1",
};
static const Stmt BATCH_ADD = {
	.name = "print_batch.add",
	.sql = "INSERT INTO print_batch (product, stock, state, pieces, created_at,"
	       " changed_at) VALUES ($1, $2, 'open', 1, $3, $3) RETURNING id",
};
static const Stmt PIECE_ADD = {
	.name = "print_piece.add",
	.sql = "INSERT INTO print_piece (batch_id, ticket_id, context, state, envelope,"
	       " reprint, reprint_of, created_at, changed_at)"
	       " VALUES ($1, $2, $3, 'batched', $4, $5, $6, $7, $7) RETURNING id",
};
static const Stmt OWN_ENVELOPE = {
	.name = "print_piece.own_envelope",
	.sql = "UPDATE print_piece SET envelope = id WHERE id = $1",
};

static bool
add_job(DbTx *tx, int64_t batch_id, const char *suffix, int64_t due_at, GError **error)
{
	g_autofree char *key =
	    g_strdup_printf("print/%" G_GINT64_FORMAT "%s", batch_id, suffix);
	g_autofree char *subject = g_strdup_printf("batch %" G_GINT64_FORMAT, batch_id);
	JobSpec job = { .kind = JOB_KIND_PRINT,
		.key = key,
		.ref = batch_id,
		.subject = subject,
		.due_at = due_at };

	return job_add(tx, &job, error) >= 0;
}

bool
gather_hurry(DbTx *tx, int64_t batch_id, GError **error)
{
	return add_job(tx, batch_id, "/now", 0, error);
}

/* The open batch with room for one more, or a new one. */
static bool
take_batch(DbTx *tx, const IssueContext *context, const char *product, int64_t *ret_id,
    GError **error)
{
	int64_t now = clock_now_at();
	int64_t size = context->batch_size > 0 ? context->batch_size : BATCH_PIECES;
	int64_t pieces = 1;
	int found = db_find_int(tx->db, &BATCH_ROOM,
	    DB_ARGS(v_text(product), v_text(context->stock), v_int(size)), ret_id, error);

	if (found < 0)
		return false;
	if (found == 0 &&
	    (db_find_int(tx->db, &BATCH_ADD,
		 DB_ARGS(v_text(product), v_text(context->stock), v_int(now)), ret_id,
		 error) != 1 ||
		!add_job(tx, *ret_id, "", now + context->gather_us, error)))
		return false;
	if (found == 1 && db_find_int(tx->db, &BATCH_PIECES_N, DB_ARGS(v_int(*ret_id)),
			      &pieces, error) != 1)
		return false;
	return pieces < size || gather_hurry(tx, *ret_id, error);
}

bool
gather_add(DbTx *tx, const IssueContext *context, Gather *gather, const GatherCard *card,
    int64_t *ret_piece_id, GError **error)
{
	const char *product = gather->product != NULL    ? gather->product
			      : context->product != NULL ? context->product
							 : "sheet";
	int64_t batch_id;

	if (!take_batch(tx, context, product, &batch_id, error))
		return false;
	if (batch_id != gather->batch_id || gather->in_envelope == LIMIT_LETTER_CARDS)
		gather->envelope = 0;
	gather->batch_id = batch_id;
	if (db_find_int(tx->db, &PIECE_ADD,
		DB_ARGS(v_int(batch_id), v_int(card->ticket_id), v_text(card->context),
		    v_int(gather->envelope), v_int(card->reprint), v_id(card->reprint_of),
		    v_int(clock_now_at())),
		ret_piece_id, error) != 1)
		return false;
	gather->in_envelope++;
	if (gather->envelope != 0)
		return true;
	gather->envelope = *ret_piece_id;
	gather->in_envelope = 1;
	return db_exec(tx->db, &OWN_ENVELOPE, DB_ARGS(v_int(*ret_piece_id)), NULL, error);
}
