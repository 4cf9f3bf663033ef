/*
 * cmd_print_piece.c - one card: spoiled, printed again, come back.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "fulfill/cli/acting.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/reprint.h"
#include "fulfill/domain/serial.h"
#include "fulfill/domain/ticket.h"
#include "fulfill/domain/ticket_view.h"

static char *opt_address;

const GOptionEntry opt_ticket_reprint[] = {
	{ "reason", 0, 0, G_OPTION_ARG_STRING, &cmd_reason, "kept in the audit trail",
	    "TEXT" },
	{ "address", 0, 0, G_OPTION_ARG_FILENAME, &opt_address,
	    "JSON file with where the recipient lives now: lines, postcode, city, "
	    "region, country",
	    "FILE" },
	ACTING_OPTION,
	{ 0 },
};

/* A card's serial, as printed on it. */
static bool
read_serial(const char *text, int64_t *ret_id, GError **error)
{
	SerialKind kind;

	if (!serial_parse(text, &kind, ret_id, error)) {
		g_prefix_error(error, "'%.40s': ", text);
		return false;
	}
	return kind == SERIAL_CARD ||
	       err_set(error, TP_ERROR_INVALID,
		   "'%.40s' is the serial of a label; a card's begins with C", text);
}

static bool
may_print(const Cmd *cmd, int64_t piece_id, GError **error)
{
	g_autoptr(Scope) scope = NULL;

	return acting_scope(cmd, RIGHT_PRINT, &scope, error) &&
	       scope_need_piece(cmd->work->db, scope, piece_id, error);
}

static int
tell(Cmd *cmd, int done, int64_t piece_id)
{
	char serial[SERIAL_SIZE];

	serial_format(SERIAL_CARD, piece_id, serial);
	if (cmd->json)
		table_print_object(cmd,
		    json_pack("{s:s, s:o}", "status", done == 1 ? "reprinted" : "asked",
			"serial", done == 1 ? json_string(serial) : json_null()),
		    NULL);
	else if (done == 1)
		printf("%s\n", serial);
	else
		fprintf(
		    stderr, "asked for; a second operator must give the same command\n");
	return EX_OK;
}

int
cmd_print_spoil(Cmd *cmd, GError **error)
{
	bool four = settings_number(cmd->settings, SET_PRINT_FOUR_EYES) != 0;
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t id;
	int64_t next = 0;
	int done;

	if (!read_serial(cmd->args[0], &id, error) || !may_print(cmd, id, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error))
		return -1;
	done = reprint_piece(&tx, &cmd->work->issue, id, four, cmd_reason, &next, error);
	return done < 0 || !db_commit(&tx, error) ? -1 : tell(cmd, done, next);
}

int
cmd_print_returned(Cmd *cmd, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(PrintPiece) piece = NULL;
	int64_t id;

	if (!read_serial(cmd->args[0], &id, error) || !may_print(cmd, id, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !reprint_returned(&tx, id, cmd_reason, error) || !db_commit(&tx, error))
		return -1;
	piece = print_piece_get(cmd->work->db, id, error);
	if (piece == NULL)
		return -1;
	if (!cmd->quiet)
		fprintf(stderr,
		    "send it again: ticketpost ticket reprint %" G_GINT64_FORMAT
		    " --reason TEXT --address FILE\n",
		    piece->ticket_id);
	return EX_OK;
}

static bool
correct_address(DbTx *tx, int64_t ticket_id, GError **error)
{
	g_autoptr(PrintPiece) piece = NULL;
	g_autoptr(GError) wrong = NULL;
	g_autofree char *text = NULL;
	int found = print_piece_find(tx->db, ticket_id, &piece, error);

	if (found < 0)
		return false;
	if (found == 0)
		return true; /* reprint_ticket() says so */
	if (!g_file_get_contents(opt_address, &text, NULL, &wrong))
		return err_set(error, TP_ERROR_NOT_FOUND, "cannot read '%s': %s",
		    opt_address, wrong->message);
	return reprint_address(tx, piece->id, text, error);
}

int
cmd_ticket_reprint(Cmd *cmd, GError **error)
{
	bool four = settings_number(cmd->settings, SET_PRINT_FOUR_EYES) != 0;
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t actor;
	int64_t id;
	int64_t next = 0;
	int done;

	if (!acting_user(cmd, &actor, error) ||
	    !ticket_resolve(cmd->work->db, cmd->work->vault, cmd->args[0], &id, error) ||
	    !ticket_may_act(cmd->work->db, actor, id, TICKET_AS_PRINTER, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    (opt_address != NULL && !correct_address(&tx, id, error)))
		return -1;
	done = reprint_ticket(&tx, &cmd->work->issue, id, four, cmd_reason, &next, error);
	return done < 0 || !db_commit(&tx, error) ? -1 : tell(cmd, done, next);
}
