/*
 * report_overview.c - the figures of overview.h on the page of overview_sheet.h.
 */
#include "fulfill/work/report_overview.h"

#include <string.h>

#include "fulfill/domain/overview.h"
#include "print/overview_sheet.h"
#include "print/pen_svg.h"
#include "print/press.h"

typedef struct Sinking {
	ReportSink sink;
	void *context;
} Sinking;

static bool
pen_sink(void *context, const void *data, size_t size, GError **error)
{
	const Sinking *sinking = context;

	return sinking->sink(sinking->context, data, size, error);
}

/* The page needs nothing from anywhere and runs no script. */
static bool
draw_html(Work *work, const OverviewPage *page, Sinking *sinking, GError **error)
{
	g_autofree char *title = g_markup_escape_text(page->month, -1);
	g_autofree char *head = g_strdup_printf(
	    "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<title>%s</title>\n<style>\nbody { margin: 0; background: #ddd; }\n"
	    "svg { display: block; margin: 1em auto; background: #fff; }\n"
	    "@media print { body { background: #fff; } svg { margin: 0; } }\n"
	    "</style>\n</head>\n<body>\n",
	    page->language, title);
	static const char foot[] = "</body>\n</html>\n";
	g_autoptr(Pen) pen = NULL;

	if (!pen_sink(sinking, head, strlen(head), error))
		return false;
	pen = pen_svg_new(work->fonts, pen_sink, sinking);
	return overview_draw(pen, page, error) &&
	       pen_sink(sinking, foot, strlen(foot), error);
}

static bool
draw_pdf(Work *work, const OverviewPage *page, Sinking *sinking, GError **error)
{
	g_autoptr(Press) press = press_new(work->fonts);
	g_autoptr(Pen) pen = pen_lean_new(press, PRESS_SMALL, pen_sink, sinking);

	return overview_draw(pen, page, error);
}

bool
report_overview(Work *work, Day month, const char *format, ReportSink sink, void *context,
    GError **error)
{
	static const char *const initials[] = { "J", "F", "M", "A", "M", "J", "J", "A",
		"S", "O", "N", "D" };
	const char *language = work->issue.language;
	Sinking sinking = { sink, context };
	g_autofree char *name = report_month_name(month, language);
	OverviewPage page = {
		.language = language,
		.vendor = work->issue.vendor_name,
		.month = name,
		.n_panels = OVERVIEW_ROWS,
	};
	Overview figures;
	g_auto(DbTx) tx = DB_TX_INIT;

	_Static_assert(OVERVIEW_ROWS <= OVERVIEW_PANELS, "panels");
	_Static_assert(OVERVIEW_MONTHS_BACK == OVERVIEW_MONTHS, "months");
	if (!db_begin(work->db, DB_READ, &tx, error) ||
	    !overview_read(work->db, month, work->zone, &figures, error))
		return false;
	for (int m = 0; m < OVERVIEW_MONTHS; m++)
		page.initials[m] = initials
		    [day_ymd(day_add_months(day_month_first(month), m - 11)).month - 1];
	for (int r = 0; r < OVERVIEW_ROWS; r++) {
		page.panels[r].title = overview_title((OverviewRow)r, language);
		page.panels[r].note = overview_note((OverviewRow)r, language);
		memcpy(
		    page.panels[r].values, figures.values[r], sizeof(figures.values[r]));
	}
	if (strcmp(format, "html") == 0)
		return draw_html(work, &page, &sinking, error);
	if (strcmp(format, "pdf") == 0)
		return draw_pdf(work, &page, &sinking, error);
	return err_set(error, TP_ERROR_INVALID,
	    "'%s' is not a format of the overview: html, pdf", format);
}
