/*
 * cmd_print_batch.c - what a person says about a batch: printed, resolved, shipped.
 */
#include <stdio.h>
#include <sysexits.h>

#include "fulfill/cli/acting.h"
#include "fulfill/domain/print_batch.h"
#include "fulfill/work/spool_turn.h"

static gboolean opt_printed;
static gboolean opt_again;
static gboolean opt_unscanned;
static char *opt_tracking;

const GOptionEntry opt_print_resolve[] = {
	{ "printed", 0, 0, G_OPTION_ARG_NONE, &opt_printed, "it is on paper", NULL },
	{ "again", 0, 0, G_OPTION_ARG_NONE, &opt_again,
	    "it is surely not: may be submitted again", NULL },
	{ "reason", 0, 0, G_OPTION_ARG_STRING, &cmd_reason, "how you know", "TEXT" },
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_print_ship[] = {
	{ "tracking", 0, 0, G_OPTION_ARG_STRING, &opt_tracking,
	    "what the carrier calls it", "TEXT" },
	{ "unscanned", 0, 0, G_OPTION_ARG_NONE, &opt_unscanned,
	    "also cards that were not scanned", NULL },
	ACTING_OPTION,
	{ 0 },
};

typedef bool BatchDeed(DbTx *tx, int64_t id, GError **error);

static int
act(Cmd *cmd, BatchDeed *deed, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t id;

	return cmd_number(cmd->args[0], "batch", &id, error) &&
		       acting_may_print(cmd, id, error) &&
		       db_begin(cmd->work->db, DB_WRITE, &tx, error) &&
		       deed(&tx, id, error) && db_commit(&tx, error)
		   ? EX_OK
		   : -1;
}

static bool
printed(DbTx *tx, int64_t id, GError **error)
{
	return print_batch_printed(tx, id, cmd_reason, error);
}

static bool
resolve(DbTx *tx, int64_t id, GError **error)
{
	return print_batch_resolve(tx, id, opt_printed, cmd_reason, error);
}

static bool
ship(DbTx *tx, int64_t id, GError **error)
{
	return print_batch_ship(tx, id, opt_tracking, opt_unscanned, error);
}

int
cmd_print_printed(Cmd *cmd, GError **error)
{
	return act(cmd, printed, error);
}

int
cmd_print_resolve(Cmd *cmd, GError **error)
{
	if (opt_printed == opt_again) {
		fprintf(stderr, "ticketpost: print resolve: say --printed or --again\n");
		return EX_USAGE;
	}
	return act(cmd, resolve, error);
}

int
cmd_print_ship(Cmd *cmd, GError **error)
{
	return act(cmd, ship, error);
}

/* Asks, and does it here and now unless a worker was quicker. */
int
cmd_print_submit(Cmd *cmd, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(PrintBatch) batch = NULL;
	int64_t id;
	int n = 1;

	if (!cmd_number(cmd->args[0], "batch", &id, error) ||
	    !acting_may_print(cmd, id, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    spool_ask(&tx, cmd->settings, id, error) < 0 || !db_commit(&tx, error))
		return -1;
	while (n > 0)
		if (!spool_turn(cmd->work, &n, error))
			return -1;
	batch = print_batch_get(cmd->work->db, id, error);
	if (batch == NULL)
		return -1;
	if (!cmd->quiet)
		printf("batch %" G_GINT64_FORMAT ": %s%s%s\n", id,
		    batch_state_sentence(batch->state), batch->reason != NULL ? ": " : "",
		    batch->reason != NULL ? batch->reason : "");
	return batch->state == BATCH_RENDERED || batch->state == BATCH_DOUBT ? EX_TEMPFAIL
									     : EX_OK;
}
