/*
 * overview_sheet.c - small multiples of bars.
 */
#include "print/overview_sheet.h"

#include <string.h>

#include "print/type.h"

#define PAGE_W_MM 210.0
#define PAGE_H_MM 297.0
#define LEFT_MM 16.0
#define TOP_MM 16.0
#define COLUMN_MM 83.0
#define GUTTER_MM 12.0
#define PANEL_MM 62.0
#define BARS_MM 26.0 /* the tallest bar */
#define BAR_SHARE 0.72
#define INK 0x111111u
#define SOFT 0x5A5A5Au
#define PALE 0xE9EBEDu
#define ACCENT 0x1B4F72u

static const TypeStyle title_style = {
	.role = FONT_BOLD, .size_pt = 20, .least_pt = 12, .colour = INK
};
static const TypeStyle name_style = {
	.role = FONT_BOLD, .size_pt = 10, .least_pt = 7, .colour = INK
};
static const TypeStyle figure_style = {
	.role = FONT_BOLD, .size_pt = 20, .least_pt = 10, .colour = INK
};
static const TypeStyle soft_style = {
	.role = FONT_REGULAR, .size_pt = 7.5, .least_pt = 5, .colour = SOFT
};
static const TypeStyle label_style = {
	.role = FONT_REGULAR, .size_pt = 6.5, .least_pt = 3.5, .colour = INK
};

static void
put(Pen *pen, const TypeStyle *style, TypeAlign align, double x, double y, double w,
    const char *text)
{
	TypeStyle own = *style;

	own.align = align;
	if (text != NULL && *text != '\0')
		type_cell(pen, &own, x, y, w, 1, text);
}

/* 12345 as "12.3k" where the bar is narrow. */
static char *
short_number(int64_t n)
{
	if (n < 10000)
		return g_strdup_printf("%" G_GINT64_FORMAT, n);
	if (n < 1000000)
		return g_strdup_printf(
		    "%" G_GINT64_FORMAT ".%dk", n / 1000, (int)(n % 1000 / 100));
	return g_strdup_printf(
	    "%" G_GINT64_FORMAT ".%dM", n / 1000000, (int)(n % 1000000 / 100000));
}

static void
draw_bars(
    Pen *pen, const OverviewPage *page, const OverviewPanel *panel, double x, double base)
{
	double step = COLUMN_MM / OVERVIEW_MONTHS;
	int64_t most = 1;

	for (int i = 0; i < OVERVIEW_MONTHS; i++)
		most = MAX(most, panel->values[i]);
	for (int i = 0; i < OVERVIEW_MONTHS; i++) {
		double h = BARS_MM * (double)panel->values[i] / (double)most;
		Box bar = { x + i * step + step * (1 - BAR_SHARE) / 2, base - h,
			step * BAR_SHARE, h };
		g_autofree char *label = short_number(panel->values[i]);

		if (i == OVERVIEW_MONTHS - 1 && h > 0)
			pen_fill(pen, ACCENT, &bar, 1);
		else if (h > 0)
			pen_panel(pen, bar, 0, PALE, SOFT, 0.4);
		put(pen, &label_style, TYPE_CENTRE, x + i * step, base - h - 2.2, step,
		    label);
		put(pen, &label_style, TYPE_CENTRE, x + i * step, base + 2.8, step,
		    page->initials[i]);
	}
	pen_line(pen, INK, 0.6, x, base, x + COLUMN_MM, base);
}

static void
draw_panel(
    Pen *pen, const OverviewPage *page, const OverviewPanel *panel, double x, double y)
{
	bool german = g_strcmp0(page->language, "de") == 0;
	int64_t now = panel->values[OVERVIEW_MONTHS - 1];
	int64_t before = panel->values[OVERVIEW_MONTHS - 2];
	g_autofree char *figure = g_strdup_printf("%" G_GINT64_FORMAT, now);
	g_autofree char *change = g_strdup_printf(
	    german ? "Vormonat %" G_GINT64_FORMAT : "month before %" G_GINT64_FORMAT,
	    before);

	put(pen, &name_style, TYPE_LEFT, x, y, COLUMN_MM - 30, panel->title);
	put(pen, &soft_style, TYPE_LEFT, x, y + 4.6, COLUMN_MM - 30, panel->note);
	put(pen, &figure_style, TYPE_RIGHT, x + COLUMN_MM - 30, y + 1, 30, figure);
	put(pen, &soft_style, TYPE_RIGHT, x + COLUMN_MM - 40, y + 7, 40, change);
	draw_bars(pen, page, panel, x, y + PANEL_MM - 14);
}

bool
overview_draw(Pen *pen, const OverviewPage *page, GError **error)
{
	PenPage sheet = { .width_mm = PAGE_W_MM, .height_mm = PAGE_H_MM };
	bool german = g_strcmp0(page->language, "de") == 0;

	if (!pen_page(pen, &sheet, error))
		return false;
	pen_fill(pen, ACCENT, &(Box){ LEFT_MM, TOP_MM, 18, 1.2 }, 1);
	put(pen, &title_style, TYPE_LEFT, LEFT_MM, TOP_MM + 8, 120,
	    german ? "Monatsübersicht" : "The month at a glance");
	put(pen, &name_style, TYPE_RIGHT, LEFT_MM + 98, TOP_MM + 6, 80, page->month);
	put(pen, &soft_style, TYPE_RIGHT, LEFT_MM + 98, TOP_MM + 11, 80, page->vendor);
	for (int i = 0; i < page->n_panels; i++)
		draw_panel(pen, page, &page->panels[i],
		    LEFT_MM + i % 2 * (COLUMN_MM + GUTTER_MM),
		    TOP_MM + 24 + i / 2 * PANEL_MM);
	return pen_finish(pen, error);
}
