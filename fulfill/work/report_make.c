/*
 * report_make.c - rows of the domain into a format.
 */
#include "fulfill/work/report_make.h"

#include <string.h>

#include "fulfill/domain/datev.h"
#include "fulfill/work/report_pdf.h"
#include "queue/clock.h"

/* clang-format off */
static const struct {
	const char *name;
	const char *mime;
} others[] = {	/* than those of report_out.h */
	{ "datev", "text/csv; charset=windows-1252" },
	{ "pdf",   "application/pdf" },
};
/* clang-format on */

const char *
report_mime(const char *format)
{
	ReportFormat one;

	if (report_format_from_name(format, &one))
		return report_format_mime(one);
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		if (strcmp(others[i].name, format) == 0)
			return others[i].mime;
	return NULL;
}

char *
report_period(ReportId id, Day day)
{
	char text[DAY_CHARS];

	day_format(day, text);
	if (id == REPORT_LICENCES || id == REPORT_STATEMENT)
		text[7] = '\0';
	return g_strdup(text);
}

char *
report_file_name(const ReportWish *wish)
{
	g_autofree char *period = report_period(wish->id, wish->day);
	bool datev = strcmp(wish->format, "datev") == 0;

	return g_strdup_printf("%s%s-%s%s%s.%s", datev ? "EXTF_" : "",
	    report_get(wish->id)->name, period, wish->party != NULL ? "-" : "",
	    wish->party != NULL ? wish->party : "",
	    datev                                ? "csv"
	    : strcmp(wish->format, "table") == 0 ? "txt"
						 : wish->format);
}

bool
report_to_string(void *string, const void *data, size_t size, GError **error)
{
	(void)error;
	g_string_append_len(string, data, (gssize)size);
	return true;
}

static bool
make_datev(Work *work, const ReportWish *wish, const ReportQuery *query, ReportSink sink,
    void *context, StatementSums *ret, GError **error)
{
	const Settings *s = work->settings;
	DatevConfig config = {
		.consultant = settings_number(s, SET_DATEV_CONSULTANT),
		.client = settings_number(s, SET_DATEV_CLIENT),
		.year_begins = (int)settings_number(s, SET_DATEV_YEAR),
		.account_length = (int)settings_number(s, SET_DATEV_LENGTH),
		.revenue = settings_text(s, SET_DATEV_REVENUE),
		.tax_key = settings_text(s, SET_DATEV_TAX_KEY),
		.debtors = settings_text(s, SET_DATEV_DEBTORS),
	};
	g_autoptr(Datev) datev = NULL;
	g_autoptr(GString) text = g_string_new("");

	if (wish->id != REPORT_STATEMENT)
		return err_set(
		    error, TP_ERROR_INVALID, "only the statement is written for DATEV");
	datev = datev_new(&config, wish->day, wish->invoice, error);
	return datev != NULL &&
	       report_run(work->db, query, datev_row, datev, ret, error) &&
	       datev_write(
		   datev, ret->closed ? ret->closed_at : clock_now_at(), text, error) &&
	       sink(context, text->str, text->len, error);
}

bool
report_make(Work *work, const ReportWish *wish, ReportSink sink, void *context,
    StatementSums *ret, GError **error)
{
	g_auto(StatementSums) own = { 0 };
	StatementSums *sums = ret != NULL ? ret : &own;
	g_autofree char *period = report_period(wish->id, wish->day);
	ReportQuery query = {
		.id = wish->id,
		.party = wish->party,
		.day = wish->day,
		.zone = work->zone,
		.language = work->issue.language,
		.scope = wish->scope,
	};
	ReportHead head = {
		.id = wish->id,
		.period = period,
		.party = wish->party,
		.zone = settings_text(work->settings, SET_TIMEZONE),
	};
	g_autoptr(ReportOut) out = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	ReportFormat format;

	if (!report_check(work->db, &query, error))
		return false;
	if (strcmp(wish->format, "datev") == 0)
		return make_datev(work, wish, &query, sink, context, sums, error);
	if (strcmp(wish->format, "pdf") == 0)
		return report_pdf(work, wish, sink, context, sums, error);
	if (!report_format_from_name(wish->format, &format))
		return err_set(error, TP_ERROR_INVALID,
		    "'%s' is not a format of reports: table, csv, json, xml, datev, pdf",
		    wish->format);
	out = report_out_new(&head, format, sink, context);
	/* One view of the store, while others write. */
	return db_begin(work->db, DB_READ, &tx, error) && report_out_begin(out, error) &&
	       report_run(work->db, &query, report_out_row, out, sums, error) &&
	       report_out_end(out, sums, error);
}
