/*
 * cmd_audit.c - the audit trail.
 */
#include <stdio.h>
#include <sysexits.h>

#include "fulfill/cli/cmd.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/audit.h"

static char *opt_subject;
static int opt_limit;

const GOptionEntry opt_audit_list[] = {
	{ "subject", 0, 0, G_OPTION_ARG_STRING, &opt_subject,
	    "such as ticket/17, order/4", "WHAT/ID" },
	{ "limit", 0, 0, G_OPTION_ARG_INT, &opt_limit, "the newest N only", "N" },
	{ 0 },
};

static void
add_row(void *user, const AuditRow *row)
{
	Listing *listing = user;

	json_array_append_new(listing->list,
	    json_pack("{s:I, s:o, s:s, s:s, s:s, s:o}", "id", row->id, "at",
		json_time(row->at, listing->zone), "actor", row->actor, "action",
		row->action, "subject", row->subject, "detail", json_text(row->detail)));
}

int
cmd_audit_list(Cmd *cmd, GError **error)
{
	static const Column columns[] = {
		{ "NO", "id", true },
		{ "WHEN", "at", false },
		{ "WHO", "actor", false },
		{ "WHAT", "action", false },
		{ "SUBJECT", "subject", false },
		{ "DETAIL", "detail", false },
		{ NULL, NULL, false },
	};
	Listing listing = { .list = json_array(), .zone = cmd->work->zone };

	return table_print_list(cmd,
	    audit_list(cmd->work->db, opt_subject, opt_limit, add_row, &listing, error),
	    listing.list, "audit", columns);
}

int
cmd_audit_verify(Cmd *cmd, GError **error)
{
	int64_t rows = 0;
	int64_t bad = 0;
	int sound = audit_verify(cmd->work->db, &rows, &bad, error);

	if (sound < 0)
		return -1;
	if (cmd->json) {
		json_t *verdict = json_pack("{s:b, s:I, s:o}", "sound", sound, "rows",
		    rows, "first_bad", sound ? json_null() : json_integer(bad));

		table_print_object(cmd, verdict, NULL);
	} else if (sound)
		printf("the chain of %" G_GINT64_FORMAT " rows is whole\n", rows);
	else
		fprintf(stderr,
		    "ticketpost: the audit chain is broken at row %" G_GINT64_FORMAT "\n",
		    bad);
	return sound ? EX_OK : EX_DATAERR;
}
