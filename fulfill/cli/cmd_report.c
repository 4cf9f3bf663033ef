/*
 * cmd_report.c - what was sold, to whom, for how much.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "fulfill/cli/acting.h"
#include "fulfill/cli/table.h"
#include "fulfill/domain/report_sent.h"
#include "fulfill/work/report_overview.h"
#include "fulfill/work/report_send.h"
#include "queue/out.h"

static char *opt_month;
static char *opt_on;
static char *opt_party;
static char *opt_format;
static char *opt_invoice;
static char *opt_out;
static gboolean opt_close;
static gboolean opt_send;

#define OPT_MONTH                                                                        \
	{                                                                                \
		"month", 0, 0, G_OPTION_ARG_STRING, &opt_month,                          \
		    "of this month; default: the last one that is over", "YYYY-MM"       \
	}
#define OPT_ON                                                                           \
	{                                                                                \
		"on", 0, 0, G_OPTION_ARG_STRING, &opt_on, "on this day; default: today", \
		    "YYYY-MM-DD"                                                         \
	}
#define OPT_PARTY                                                                        \
	{                                                                                \
		"party", 0, 0, G_OPTION_ARG_STRING, &opt_party,                          \
		    "of this vendor or reseller only", "CODE"                            \
	}
#define OPT_SEND                                                                         \
	{                                                                                \
		"send", 0, 0, G_OPTION_ARG_NONE, &opt_send,                              \
		    "send it as [report] says, unless it went out for this period "      \
		    "before",                                                            \
		    NULL                                                                 \
	}
#define OPT_OUT                                                                          \
	{                                                                                \
		"out", 'o', 0, G_OPTION_ARG_FILENAME, &opt_out,                          \
		    "into a file, which appears whole or not at all", "FILE"             \
	}

const GOptionEntry opt_report_month[] = {
	OPT_MONTH,
	OPT_PARTY,
	{ "format", 0, 0, G_OPTION_ARG_STRING, &opt_format, "table, csv, json or xml",
	    "FORMAT" },
	OPT_SEND,
	OPT_OUT,
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_report_day[] = {
	OPT_ON,
	OPT_PARTY,
	{ "format", 0, 0, G_OPTION_ARG_STRING, &opt_format, "table, csv, json or xml",
	    "FORMAT" },
	OPT_SEND,
	OPT_OUT,
	ACTING_OPTION,
	{ 0 },
};
const GOptionEntry opt_report_statement[] = {
	OPT_MONTH,
	OPT_PARTY,
	{ "format", 0, 0, G_OPTION_ARG_STRING, &opt_format,
	    "table, csv, json, xml, datev or pdf (of one party)", "FORMAT" },
	{ "invoice", 0, 0, G_OPTION_ARG_STRING, &opt_invoice,
	    "datev: number of the invoice (Belegfeld 1)", "NUMBER" },
	{ "close", 0, 0, G_OPTION_ARG_NONE, &opt_close,
	    "freeze the month first: it never changes again", NULL },
	OPT_SEND,
	OPT_OUT,
	ACTING_OPTION,
	{ 0 },
};

const GOptionEntry opt_report_overview[] = {
	OPT_MONTH,
	{ "format", 0, 0, G_OPTION_ARG_STRING, &opt_format, "html or pdf", "FORMAT" },
	OPT_OUT,
	ACTING_OPTION,
	{ 0 },
};

static bool
to_stdout(void *context, const void *data, size_t size, GError **error)
{
	(void)context;
	return fwrite(data, 1, size, stdout) == size ||
	       err_set(error, TP_ERROR_IO, "cannot write to standard output");
}

static bool
to_file(void *context, const void *data, size_t size, GError **error)
{
	return out_write(context, data, size, error);
}

/* The day that the options mean. */
static bool
read_day(Cmd *cmd, ReportId id, Day *ret, GError **error)
{
	bool of_month = id == REPORT_LICENCES || id == REPORT_STATEMENT;
	Day today = day_today(cmd->work->zone);

	if (opt_month != NULL)
		return day_parse_month(opt_month, ret, error);
	if (opt_on != NULL)
		return day_parse(opt_on, ret, error);
	*ret = of_month ? day_add_months(day_month_first(today), -1) : today;
	return true;
}

/* Freezes the month of every party that is meant. */
static bool
close_month(Cmd *cmd, Day month, GError **error)
{
	Db *db = cmd->work->db;
	g_autoptr(GPtrArray) parties = statement_parties(db, opt_party, error);

	if (parties == NULL)
		return false;
	for (guint i = 0; i < parties->len; i++) {
		const StatementParty *party = g_ptr_array_index(parties, i);
		g_auto(DbTx) tx = DB_TX_INIT;
		int done;

		if (!db_begin(db, DB_WRITE, &tx, error))
			return false;
		done = statement_close(&tx, party, month, day_today(cmd->work->zone),
		    cmd->work->issue.language, error);
		if (done < 0 || !db_commit(&tx, error))
			return false;
		if (!cmd->quiet)
			fprintf(stderr, "%s %.7s\n",
			    done == 1 ? "closed" : "is closed already", party->code);
	}
	return true;
}

static int
send_report(Cmd *cmd, ReportId id, Day day, GError **error)
{
	int n = 0;

	if (!report_send_all(cmd->work, id, opt_party, day, &n, error))
		return -1;
	if (cmd->json)
		table_print_object(cmd, json_pack("{s:i}", "sent", n), NULL);
	else if (!cmd->quiet)
		printf("%d sent%s\n", n,
		    n == 0 ? ": all went out before, or have nothing to say" : "");
	return EX_OK;
}

static int
run_report(Cmd *cmd, ReportId id, GError **error)
{
	ReportWish wish = {
		.id = id,
		.party = opt_party,
		.format = opt_format != NULL ? opt_format
			  : cmd->json        ? "json"
					     : "table",
		.invoice = opt_invoice,
	};
	g_autoptr(Scope) scope = NULL;
	g_autoptr(Out) out = NULL;

	if (!read_day(cmd, id, &wish.day, error) ||
	    !acting_scope(cmd, RIGHT_EXPORT, &scope, error))
		return -1;
	wish.scope = scope;
	if (report_mime(wish.format) == NULL) {
		err_set(error, TP_ERROR_INVALID,
		    "'%s' is not a format of reports: table, csv, json, xml, datev, pdf",
		    wish.format);
		return -1;
	}
	/* These speak for the vendor. */
	if ((opt_close && !scope_need_whole(scope, "a month closed", error)) ||
	    (opt_send && !scope_need_whole(scope, "reports sent", error)))
		return -1;
	if (opt_close && !close_month(cmd, wish.day, error))
		return -1;
	if (opt_send)
		return send_report(cmd, id, wish.day, error);
	if (opt_out != NULL && (out = out_open(opt_out, error)) == NULL)
		return -1;
	if (!report_make(
		cmd->work, &wish, out != NULL ? to_file : to_stdout, out, NULL, error) ||
	    (out != NULL && !out_commit(out, error)))
		return -1;
	return EX_OK;
}

int
cmd_report_licences(Cmd *cmd, GError **error)
{
	return run_report(cmd, REPORT_LICENCES, error);
}

int
cmd_report_subscriptions(Cmd *cmd, GError **error)
{
	return run_report(cmd, REPORT_SUBSCRIPTIONS, error);
}

int
cmd_report_statement(Cmd *cmd, GError **error)
{
	return run_report(cmd, REPORT_STATEMENT, error);
}

int
cmd_report_nfr(Cmd *cmd, GError **error)
{
	return run_report(cmd, REPORT_NFR, error);
}

int
cmd_report_schema(Cmd *cmd, GError **error)
{
	ReportId id;

	if (!report_from_name(cmd->args[0], &id)) {
		err_set(error, TP_ERROR_INVALID,
		    "'%s' is not a report: licences, subscriptions, statement, nfr",
		    cmd->args[0]);
		return -1;
	}
	cmd->json = true;
	table_print_object(cmd, report_out_schema(id), NULL);
	return EX_OK;
}

int
cmd_report_overview(Cmd *cmd, GError **error)
{
	const char *format = opt_format != NULL ? opt_format : "html";
	g_autoptr(Scope) scope = NULL;
	g_autoptr(Out) out = NULL;
	Day month;

	if (!read_day(cmd, REPORT_LICENCES, &month, error) ||
	    !acting_scope(cmd, RIGHT_EXPORT, &scope, error) ||
	    !scope_need_whole(scope, "the overview", error) ||
	    (opt_out != NULL && (out = out_open(opt_out, error)) == NULL))
		return -1;
	if (!report_overview(cmd->work, month, format, out != NULL ? to_file : to_stdout,
		out, error) ||
	    (out != NULL && !out_commit(out, error)))
		return -1;
	return EX_OK;
}

static void
add_sent(void *user, const ReportSentRow *row)
{
	json_array_append_new(
	    user, json_pack("{s:s, s:s, s:o, s:s, s:s, s:I, s:o, s:o}", "report",
		      row->report, "period", row->period, "party", json_text(row->party),
		      "state", row->state, "target", row->target, "attempts",
		      (json_int_t)row->attempts, "at", json_time(row->changed_at, NULL),
		      "detail", json_text(row->detail)));
}

int
cmd_report_sent(Cmd *cmd, GError **error)
{
	static const Column columns[] = {
		{ "REPORT", "report", false },
		{ "PERIOD", "period", false },
		{ "PARTY", "party", false },
		{ "STATE", "state", false },
		{ "BY", "target", false },
		{ "TRIES", "attempts", true },
		{ "WHEN", "at", false },
		{ "DETAIL", "detail", false },
		{ NULL, NULL, false },
	};
	json_t *list = json_array();

	if (!report_sent_list(cmd->work->db, 1000, add_sent, list, error)) {
		json_decref(list);
		return -1;
	}
	table_print(cmd, json_pack("{s:o}", "sent", list), "sent", columns);
	return EX_OK;
}
