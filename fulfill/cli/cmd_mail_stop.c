/*
 * cmd_mail_stop.c - who gets no recurring mails.
 */
#include <sysexits.h>

#include "fulfill/cli/cmd.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/mail_stop.h"
#include "fulfill/work/mail_leave.h"

const GOptionEntry opt_mail_stop[] = {
	{ "reason", 0, 0, G_OPTION_ARG_STRING, &cmd_reason, "kept in the audit trail",
	    "TEXT" },
	{ 0 },
};

static void
add_row(void *user, const MailStopRow *row)
{
	Listing *listing = user;

	json_array_append_new(listing->list,
	    json_pack("{s:s, s:s, s:o, s:o, s:o}", "address", row->address, "why",
		row->why, "reason", json_text(row->reason), "mail",
		row->mail_id != 0 ? json_integer(row->mail_id) : json_null(), "since",
		json_time(row->at, listing->zone)));
}

int
cmd_mail_stopped(Cmd *cmd, GError **error)
{
	static const Column columns[] = {
		{ "ADDRESS", "address", false },
		{ "WHY", "why", false },
		{ "REASON", "reason", false },
		{ "MAIL", "mail", true },
		{ "SINCE", "since", false },
		{ NULL, NULL, false },
	};
	Listing listing = { .list = json_array(), .zone = cmd->work->zone };

	return table_print_list(cmd,
	    mail_stop_list(cmd->work->db, add_row, &listing, error), listing.list,
	    "stopped", columns);
}

/* The address of a List-Unsubscribe stands for the reader of its mail. */
int
cmd_mail_stop(Cmd *cmd, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t mail_id = mail_leave_of(cmd->work, cmd->args[0]);

	if (!db_begin(cmd->work->db, DB_WRITE, &tx, error))
		return -1;
	if (mail_id != 0
		? mail_stop_reader(&tx, mail_id, MAIL_STOP_REQUEST, cmd_reason, error) < 0
		: !mail_stop_add(&tx, cmd->args[0], cmd_reason, error))
		return -1;
	return db_commit(&tx, error) ? EX_OK : -1;
}

int
cmd_mail_resume(Cmd *cmd, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	if (!db_begin(cmd->work->db, DB_WRITE, &tx, error) ||
	    !mail_stop_end(&tx, cmd->args[0], cmd_reason, error))
		return -1;
	return db_commit(&tx, error) ? EX_OK : -1;
}
