/*
 * reprint.c - spoil, send again, take back.
 */
#include "fulfill/domain/reprint.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/delivery.h"
#include "fulfill/domain/four_eyes.h"
#include "fulfill/domain/gather.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/print_batch.h"
#include "fulfill/domain/serial.h"
#include "fulfill/domain/ticket.h"

static const Stmt RECIPIENT = {
	.name = "delivery.recipient_of_piece",
	.sql = "SELECT recipient FROM delivery WHERE piece_id = $1",
};
static const Stmt ADDRESS_SET = {
	.name = "party.set_address",
	.sql = "UPDATE party SET address = $2 WHERE id = $1",
};

/* The party a piece goes to.  1/0/-1. */
static int
recipient_of(Db *db, int64_t piece_id, char **ret_text, int64_t *ret_id, GError **error)
{
	int found =
	    db_find_text(db, &RECIPIENT, DB_ARGS(v_int(piece_id)), ret_text, error);

	if (found != 1)
		return found;
	if (!g_str_has_prefix(*ret_text, "party/"))
		return 0;
	*ret_id = g_ascii_strtoll(*ret_text + strlen("party/"), NULL, 10);
	return 1;
}

/* The old card's facts with the address of today. */
static char *
context_of(const char *old, const Party *to)
{
	json_t *facts = json_loads(old, 0, NULL);
	char *text;

	if (facts == NULL)
		return g_strdup(old);
	if (to != NULL && to->address != NULL)
		json_object_set(facts, "address", to->address);
	text = json_dumps(facts, JSON_COMPACT);
	json_decref(facts);
	return text;
}

static bool
check(DbTx *tx, const PrintPiece *piece, GError **error)
{
	g_autoptr(Ticket) ticket = ticket_get(tx->db, piece->ticket_id, error);
	g_autoptr(PrintPiece) latest = NULL;
	char serial[SERIAL_SIZE];

	if (ticket == NULL ||
	    print_piece_find(tx->db, piece->ticket_id, &latest, error) != 1)
		return false;
	if (g_str_has_prefix(ticket->state, "recall"))
		return err_set(error, TP_ERROR_CONFLICT,
		    "ticket %" G_GINT64_FORMAT " is called back; it is not printed again",
		    ticket->id);
	if (latest->id != piece->id)
		return err_set(error, TP_ERROR_CONFLICT, "card %s took its place already",
		    serial_format(SERIAL_CARD, latest->id, serial));
	if (piece->state == PIECE_BATCHED)
		return err_set(error, TP_ERROR_CONFLICT,
		    "it waits in batch %" G_GINT64_FORMAT " and is not printed yet",
		    piece->batch_id);
	return true;
}

/* The old card is void, unless it is out of our hands. */
static bool
put_away(DbTx *tx, const PrintPiece *piece, const char *reason, GError **error)
{
	if (piece_can(piece->state, PIECE_SPOIL))
		return piece_move(tx, piece->id, PIECE_SPOIL, reason, error) &&
		       print_batch_pack_if_done(tx, piece->batch_id, error);
	/* One that was held because it could not be shown gives way. */
	return delivery_move(
	    tx, DELIVERY_OF_PIECE, piece->id, DELIVERY_ABORT, reason, NULL, error);
}

static bool
gather_again(DbTx *tx, const IssueContext *context, const PrintPiece *piece,
    int64_t *ret_id, GError **error)
{
	g_autoptr(PrintBatch) batch = print_batch_get(tx->db, piece->batch_id, error);
	g_autoptr(Party) to = NULL;
	g_autofree char *recipient = NULL;
	g_autofree char *purpose = g_strdup_printf("reprint/%d", piece->reprint + 1);
	Gather gather = { 0 };
	GatherCard card = { .ticket_id = piece->ticket_id,
		.reprint = piece->reprint + 1,
		.reprint_of = piece->id };
	DeliveryPlan plan = { .ticket_id = piece->ticket_id,
		.channel = "post",
		.purpose = purpose,
		.state = DELIVERY_BATCHED };
	char *facts;
	int64_t party_id = 0;
	int found;
	bool ok;

	if (batch == NULL)
		return false;
	found = recipient_of(tx->db, piece->id, &recipient, &party_id, error);
	if (found < 0)
		return false;
	if (found == 1 && (to = party_get(tx->db, party_id, error)) == NULL)
		return false;
	facts = context_of(piece->context, to);
	gather.product = batch->product;
	card.context = facts;
	ok = gather_add(tx, context, &gather, &card, ret_id, error);
	free(facts);
	plan.recipient = recipient != NULL ? recipient : "unknown";
	plan.piece_id = *ret_id;
	return ok && delivery_add(tx, &plan, error);
}

int
reprint_piece(DbTx *tx, const IssueContext *context, int64_t piece_id, bool four,
    const char *reason, int64_t *ret_id, GError **error)
{
	g_autoptr(PrintPiece) piece = print_piece_get(tx->db, piece_id, error);

	if (piece == NULL || !check(tx, piece, error))
		return -1;
	if (reason == NULL || *reason == '\0') {
		err_set(error, TP_ERROR_INVALID, "a reason is needed: --reason TEXT");
		return -1;
	}
	if (four) {
		int said = four_eyes(tx, "reprint", piece_id, reason, error);

		if (said != 1)
			return said;
	}
	if (!put_away(tx, piece, reason, error) ||
	    !gather_again(tx, context, piece, ret_id, error) ||
	    !audit_add(tx, AUDIT_REPRINTED, "piece", piece_id, reason, error))
		return -1;
	return 1;
}

int
reprint_ticket(DbTx *tx, const IssueContext *context, int64_t ticket_id, bool four,
    const char *reason, int64_t *ret_id, GError **error)
{
	g_autoptr(PrintPiece) piece = NULL;
	int found = print_piece_find(tx->db, ticket_id, &piece, error);

	if (found == 0)
		err_set(error, TP_ERROR_NOT_FOUND,
		    "ticket %" G_GINT64_FORMAT " was never on a card", ticket_id);
	if (found != 1)
		return -1;
	return reprint_piece(tx, context, piece->id, four, reason, ret_id, error);
}

bool
reprint_returned(DbTx *tx, int64_t piece_id, const char *reason, GError **error)
{
	g_autoptr(PrintPiece) piece = print_piece_get(tx->db, piece_id, error);
	int64_t away;

	if (piece == NULL)
		return false;
	if (reason == NULL || *reason == '\0')
		return err_set(
		    error, TP_ERROR_INVALID, "a reason is needed: --reason TEXT");
	if (!piece_move(tx, piece_id, PIECE_RETURN, reason, error) ||
	    !audit_add(tx, AUDIT_RETURNED, "piece", piece_id, reason, error) ||
	    !print_piece_count(tx->db, piece->batch_id, PIECE_SHIPPED, &away, error))
		return false;
	return away > 0 || batch_move(tx, piece->batch_id, BATCH_RETURN, NULL, error);
}

bool
reprint_address(DbTx *tx, int64_t piece_id, const char *address_json, GError **error)
{
	json_error_t wrong;
	json_t *address = json_loads(address_json, JSON_REJECT_DUPLICATES, &wrong);
	g_autofree char *recipient = NULL;
	int64_t party_id;
	const char *key;
	json_t *value;
	char *text;
	bool ok;

	if (!json_is_array(json_object_get(address, "lines"))) {
		json_decref(address);
		return err_set(error, TP_ERROR_INVALID,
		    "an address is {\"lines\": [...], \"postcode\": ..., \"city\": ..., "
		    "\"country\": ...}");
	}
	json_object_foreach (address, key, value) {
		static const char *const keys[] = { "lines", "postcode", "city", "region",
			"country", NULL };

		if (g_strv_contains(keys, key))
			continue;
		err_set(error, TP_ERROR_INVALID, "address: unknown key '%s'", key);
		json_decref(address);
		return false;
	}
	text = json_dumps(address, JSON_COMPACT);
	json_decref(address);
	ok = recipient_of(tx->db, piece_id, &recipient, &party_id, error) == 1 &&
	     db_exec(tx->db, &ADDRESS_SET, DB_ARGS(v_int(party_id), v_text(text)), NULL,
		 error) &&
	     audit_add(tx, AUDIT_ADDRESSED, "party", party_id, NULL, error);
	free(text);
	return ok;
}
