/*
 * cmd_life.c - a licence in use: collected, confirmed, returned, restored.
 */
#include <stdio.h>
#include <sysexits.h>

#include "fulfill/cli/acting.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/ticket.h"
#include "fulfill/domain/ticket_life.h"
#include "fulfill/work/mail_life.h"

static char *opt_device;
static gboolean opt_approve;
static gboolean opt_waiting;

const GOptionEntry opt_ticket_activate[] = {
	{ "device", 0, 0, G_OPTION_ARG_STRING, &opt_device, "what its user calls it",
	    "NAME" },
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_ticket_restore[] = {
	{ "approve", 0, 0, G_OPTION_ARG_NONE, &opt_approve,
	    "although there were more than are given by themselves", NULL },
	{ "waiting", 0, 0, G_OPTION_ARG_NONE, &opt_waiting,
	    "list those that wait for approval", NULL },
	{ "reason", 0, 0, G_OPTION_ARG_STRING, &cmd_reason, "kept with it", "TEXT" },
	ACTING_OPTION,
	{ 0 },
};

static int
act(Cmd *cmd, TicketEvent event, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	LifePolicy policy = work_life_policy(cmd->work);
	LifeAct what = { .event = event,
		.device = opt_device,
		.reason = cmd_reason,
		.approve = opt_approve };
	TicketState state;
	int done;

	if (!acting_user(cmd, &what.actor, error) ||
	    !ticket_resolve(
		cmd->work->db, cmd->work->vault, cmd->args[0], &what.ticket_id, error) ||
	    !db_begin(cmd->work->db, DB_WRITE, &tx, error))
		return -1;
	done = ticket_act(&tx, &policy, &what, &state, error);
	if (done < 0 || !db_commit(&tx, error))
		return -1;
	if (cmd->json)
		table_print_object(cmd,
		    json_pack("{s:I, s:s}", "id", what.ticket_id, "state",
			done == 1 ? ticket_state_name(state) : "waiting"),
		    NULL);
	else if (done == 1)
		printf(
		    "%s: %s\n", ticket_state_name(state), ticket_state_sentence(state));
	else
		printf("waits for approval: ticket restore --approve\n");
	return done == 1 ? EX_OK : EX_TEMPFAIL;
}

int
cmd_ticket_activate(Cmd *cmd, GError **error)
{
	return act(cmd, TICKET_ACTIVATE, error);
}

int
cmd_ticket_confirm(Cmd *cmd, GError **error)
{
	return act(cmd, TICKET_CONFIRM, error);
}

int
cmd_ticket_return(Cmd *cmd, GError **error)
{
	return act(cmd, TICKET_RETURN, error);
}

static void
add_waiting(void *user, int64_t ticket_id, int64_t at, const char *reason)
{
	Listing *listing = user;

	json_array_append_new(listing->list,
	    json_pack("{s:I, s:o, s:o}", "id", ticket_id, "asked",
		json_time(at, listing->zone), "reason", json_text(reason)));
}

int
cmd_ticket_restore(Cmd *cmd, GError **error)
{
	static const Column columns[] = {
		{ "TICKET", "id", true },
		{ "ASKED", "asked", false },
		{ "REASON", "reason", false },
		{ NULL, NULL, false },
	};
	Listing listing = { NULL, cmd->work->zone };

	if (!opt_waiting && cmd->n_args == 1)
		return act(cmd, TICKET_RESTORE, error);
	if (!opt_waiting) {
		err_set(error, TP_ERROR_INVALID, "say which ticket, or --waiting");
		return -1;
	}
	listing.list = json_array();
	if (!ticket_restores_waiting(cmd->work->db, add_waiting, &listing, error)) {
		json_decref(listing.list);
		return -1;
	}
	table_print(
	    cmd, json_pack("{s:o}", "restores", listing.list), "restores", columns);
	return EX_OK;
}
