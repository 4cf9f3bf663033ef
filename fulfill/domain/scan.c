/*
 * scan.c - a line becomes a card or a label, and two of them a pair.
 */
#include "fulfill/domain/scan.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/print_batch.h"
#include "fulfill/domain/print_piece.h"
#include "fulfill/domain/serial.h"
#include "fulfill/domain/ticket.h"
#include "queue/limits.h"

static const Stmt MEMBERS = {
	.name = "print_piece.of_envelope",
	.sql = "SELECT id FROM print_piece WHERE envelope = $1 AND id <> $2"
	       " AND state = 'printed' ORDER BY id LIMIT 1",
};

static const char *const names[] = {
	[SCAN_WAIT] = "wait",
	[SCAN_PACKED] = "packed",
	[SCAN_AGAIN] = "again",
	[SCAN_BLOCKED] = "blocked",
	[SCAN_REFUSED] = "refused",
};

const char *
scan_verdict_name(ScanVerdict verdict)
{
	return names[verdict];
}

bool
scan_is_bad(ScanVerdict verdict)
{
	return verdict == SCAN_BLOCKED || verdict == SCAN_REFUSED;
}

static void say(ScanResult *ret, ScanVerdict verdict, const char *format, ...)
    PRINTF(3, 4);

static void
say(ScanResult *ret, ScanVerdict verdict, const char *format, ...)
{
	va_list args;

	ret->verdict = verdict;
	va_start(args, format);
	g_vsnprintf(ret->text, sizeof(ret->text), format, args);
	va_end(args);
}

/* The code at the end of a line, whatever a layout made of the address before it: a tail
 * of exactly the right number of symbols with a check that holds. */
static bool
find_code(const char *line, const char *after, char code_text[CODE_TEXT_SIZE])
{
	g_autofree char *text = g_strdup(line);
	size_t n;

	g_strstrip(text);
	n = strlen(text);
	if (after != NULL && *after != '\0' && g_str_has_suffix(text, after))
		text[n - strlen(after)] = '\0';
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		g_auto(Code) code = { 0 };

		if (code_parse(p, -1, &code, NULL, NULL)) {
			code_format(&code, code_text);
			return true;
		}
	}
	return false;
}

/* By the ticket: its latest card, if there is only one with this code. */
static int
card_of_code(DbTx *tx, Vault *vault, const Scan *scan, const char *line,
    PrintPiece **ret_piece, ScanResult *ret, GError **error)
{
	char code[CODE_TEXT_SIZE];
	g_autoptr(GError) unknown = NULL;
	int64_t ticket_id;
	int found;

	if (!find_code(line, scan->after, code)) {
		say(ret, SCAN_REFUSED,
		    "neither a ticket nor a serial: scan it again, or type the serial");
		return 0;
	}
	if (!ticket_resolve(tx->db, vault, code, &ticket_id, &unknown)) {
		memset(code, 0, sizeof(code));
		if (!g_error_matches(unknown, TP_ERROR, TP_ERROR_NOT_FOUND)) {
			g_propagate_error(error, g_steal_pointer(&unknown));
			return -1;
		}
		say(ret, SCAN_REFUSED, "a foreign code: no ticket of ours");
		return 0;
	}
	memset(code, 0, sizeof(code));
	found = print_piece_find(tx->db, ticket_id, ret_piece, error);
	if (found == 0)
		say(ret, SCAN_REFUSED, "ticket %" G_GINT64_FORMAT " is on no card",
		    ticket_id);
	if (found == 1 && (*ret_piece)->reprint > 0) {
		say(ret, SCAN_REFUSED,
		    "this ticket was printed again: type the serial on the card (C...)");
		g_clear_pointer(ret_piece, print_piece_free);
		return 0;
	}
	return found;
}

/* The piece a line means.  1; 0: *ret says why not; -1. */
static int
read_line(DbTx *tx, Vault *vault, const Scan *scan, const char *line,
    SerialKind *ret_kind, PrintPiece **ret_piece, ScanResult *ret, GError **error)
{
	g_autoptr(GError) wrong = NULL;
	int64_t id;

	*ret_kind = SERIAL_CARD;
	if (strlen(line) > LIMIT_QR_TEXT_BYTES || !g_utf8_validate(line, -1, NULL)) {
		say(ret, SCAN_REFUSED, "not text, or far too much of it");
		return 0;
	}
	if (!serial_parse(line, ret_kind, &id, &wrong)) {
		if (strstr(wrong->message, "digit") == NULL)
			return card_of_code(tx, vault, scan, line, ret_piece, ret, error);
		say(ret, SCAN_REFUSED, "%s", wrong->message);
		return 0;
	}
	*ret_piece = print_piece_get(tx->db, id, &wrong);
	if (*ret_piece != NULL)
		return 1;
	if (!g_error_matches(wrong, TP_ERROR, TP_ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&wrong));
		return -1;
	}
	say(ret, SCAN_REFUSED, "a foreign serial: no card of ours");
	return 0;
}

/* May this card be packed, as far as its own state goes? */
static bool
is_ready(const PrintPiece *p, ScanResult *ret)
{
	char serial[SERIAL_SIZE];

	serial_format(SERIAL_CARD, p->id, serial);
	switch (p->state) {
	case PIECE_PRINTED:
	case PIECE_PACKED:
		return true;
	case PIECE_PULLED:
		say(ret, SCAN_REFUSED, "REMOVE %s: %s", serial,
		    p->reason != NULL ? p->reason : "it was called back");
		return false;
	case PIECE_SPOILED:
		say(ret, SCAN_REFUSED, "DESTROY %s: it is void, another took its place",
		    serial);
		return false;
	case PIECE_BATCHED:
	case PIECE_RENDERED:
		say(ret, SCAN_REFUSED,
		    "%s: batch %" G_GINT64_FORMAT
		    " is not printed yet (ticketpost print printed %" G_GINT64_FORMAT ")",
		    serial, p->batch_id, p->batch_id);
		return false;
	default:
		say(ret, SCAN_REFUSED, "%s is %s already", serial,
		    piece_state_name(p->state));
		return false;
	}
}

static bool
pack(DbTx *tx, Scan *scan, const PrintPiece *p, ScanResult *ret, GError **error)
{
	char serial[SERIAL_SIZE];
	bool again = p->state == PIECE_PACKED && p->blocked == NULL;
	int64_t missing;

	serial_format(SERIAL_CARD, p->id, serial);
	if (p->blocked != NULL && !print_piece_block(tx, p->id, NULL, error))
		return false;
	if (p->state == PIECE_PRINTED && !piece_move(tx, p->id, PIECE_PACK, NULL, error))
		return false;
	if (!print_piece_missing(tx->db, p->envelope, &missing, error) ||
	    !print_batch_pack_if_done(tx, p->batch_id, error))
		return false;
	if (missing == 0)
		scan->label = 0;
	if (missing == 0)
		say(ret, again ? SCAN_AGAIN : SCAN_PACKED,
		    "%s packed%s; the envelope "
		    "is complete",
		    serial, again ? " already" : "");
	else
		say(ret, again ? SCAN_AGAIN : SCAN_PACKED,
		    "%s packed%s; %" G_GINT64_FORMAT " more into this envelope", serial,
		    again ? " already" : "", missing);
	return true;
}

/* The whole letter is in hand: everything on it is packed. */
static bool
pack_letter(DbTx *tx, Scan *scan, const PrintPiece *p, ScanResult *ret, GError **error)
{
	int64_t id;
	int found;

	while ((found = db_find_int(tx->db, &MEMBERS,
		    DB_ARGS(v_int(p->envelope), v_int(p->id)), &id, error)) == 1)
		if (!piece_move(tx, id, PIECE_PACK, NULL, error))
			return false;
	return found == 0 && pack(tx, scan, p, ret, error);
}

static bool
pair(DbTx *tx, Scan *scan, const PrintPiece *card, ScanResult *ret, GError **error)
{
	g_autofree char *reason = NULL;
	char own[SERIAL_SIZE];
	char with[SERIAL_SIZE];
	char serial[SERIAL_SIZE];

	if (card->envelope == scan->label)
		return pack(tx, scan, card, ret, error);
	reason = g_strdup_printf(
	    "scanned with label %s", serial_format(SERIAL_LABEL, scan->label, with));
	say(ret, SCAN_BLOCKED, "STOP: %s belongs to label %s, not to %s",
	    serial_format(SERIAL_CARD, card->id, serial),
	    serial_format(SERIAL_LABEL, card->envelope, own), with);
	scan->label = 0;
	return print_piece_block(tx, card->id, reason, error) &&
	       audit_add(tx, AUDIT_BLOCKED, "piece", card->id, reason, error);
}

static bool
take_card(DbTx *tx, Scan *scan, const PrintBatch *batch, const PrintPiece *card,
    ScanResult *ret, GError **error)
{
	char serial[SERIAL_SIZE];

	scan->card = 0;
	if (!is_ready(card, ret))
		return true;
	if (!g_str_equal(batch->product, "sheet"))
		return pack_letter(tx, scan, card, ret, error);
	if (scan->label != 0)
		return pair(tx, scan, card, ret, error);
	scan->card = card->id;
	say(ret, SCAN_WAIT, "%s: now its label",
	    serial_format(SERIAL_CARD, card->id, serial));
	return true;
}

static bool
take_label(DbTx *tx, Scan *scan, const PrintBatch *batch, const PrintPiece *first,
    ScanResult *ret, GError **error)
{
	g_autoptr(PrintPiece) card = NULL;
	char serial[SERIAL_SIZE];
	int64_t missing;

	serial_format(SERIAL_LABEL, first->id, serial);
	if (first->envelope != first->id) {
		say(ret, SCAN_REFUSED, "%s is on no label", serial);
		return true;
	}
	if (!g_str_equal(batch->product, "sheet"))
		return !is_ready(first, ret) || pack_letter(tx, scan, first, ret, error);
	scan->label = first->id;
	if (scan->card != 0) {
		card = print_piece_get(tx->db, scan->card, error);
		scan->card = 0;
		return card != NULL &&
		       (!is_ready(card, ret) || pair(tx, scan, card, ret, error));
	}
	if (!print_piece_missing(tx->db, first->id, &missing, error))
		return false;
	say(ret, SCAN_WAIT, "%s: now its cards, %" G_GINT64_FORMAT " missing", serial,
	    missing);
	return true;
}

bool
scan_line(
    DbTx *tx, Vault *vault, Scan *scan, const char *line, ScanResult *ret, GError **error)
{
	g_autoptr(PrintPiece) piece = NULL;
	g_autoptr(PrintBatch) batch = NULL;
	SerialKind kind;
	int found;

	*ret = (ScanResult){ .verdict = SCAN_REFUSED };
	found = read_line(tx, vault, scan, line, &kind, &piece, ret, error);
	if (found <= 0)
		return found == 0;
	batch = print_batch_get(tx->db, piece->batch_id, error);
	if (batch == NULL)
		return false;
	ret->piece_id = piece->id;
	ret->batch_id = batch->id;
	return (kind == SERIAL_CARD ? take_card(tx, scan, batch, piece, ret, error)
				    : take_label(tx, scan, batch, piece, ret, error)) &&
	       print_piece_count(tx->db, batch->id, PIECE_PACKED, &ret->packed, error) &&
	       print_piece_count(tx->db, batch->id, PIECE_PRINTED, &ret->total, error) &&
	       ((ret->total += ret->packed), true);
}
