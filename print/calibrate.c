/*
 * calibrate.c - outlines, rulers, and what to read off them.
 */
#include "print/calibrate.h"

#include "print/pen_record.h"
#include "print/type.h"
#include "print/words.h"

#define INK 0x111111u
#define SOFT 0x5A5A5Au
#define LABEL_PT 0.5
#define RULE_PT 0.35
#define EDGE_MM 4.5 /* what printers cannot reach */
#define PANEL_MM 118.0
#define PAD_MM 5.0
#define RULER_ROOM_MM 17.0 /* beside and below the panel */

static const TypeStyle head_style = {
	.role = FONT_BOLD, .size_pt = 12, .least_pt = 8, .colour = INK
};
static const TypeStyle text_style = {
	.role = FONT_REGULAR, .size_pt = 8, .colour = INK, .pitch_mm = 3.8
};
static const TypeStyle now_style = {
	.role = FONT_BOLD, .size_pt = 8.5, .least_pt = 6, .colour = INK
};
static const TypeStyle number_style = {
	.role = FONT_REGULAR, .size_pt = 6, .least_pt = 5, .colour = SOFT
};
static const TypeStyle centre_style = { .role = FONT_REGULAR,
	.size_pt = 6,
	.least_pt = 5,
	.colour = SOFT,
	.align = TYPE_CENTRE };

static bool
outlines(Pen *pen, const SheetPlan *plan, bool is_back, GError **error)
{
	const Stock *s = plan->stock;

	for (int slot = 0; slot < stock_slots(s); slot++) {
		g_autofree char *number = g_strdup_printf("%d", slot + 1);
		Box b = { 0, 0, s->label_w_mm, s->label_h_mm };

		stock_slot(s, slot, &b.x, &b.y);
		if (is_back)
			b = sheet_behind(plan, b);
		pen_panel(pen, b, s->radius_mm, COLOUR_NONE, INK, LABEL_PT);
		if (!type_line(pen, &number_style, MAX(b.x + 2, EDGE_MM), b.y + 4.2, 12,
			"slot", number, error))
			return false;
	}
	return true;
}

/* As long as the page allows. */
static int
ruler_mm(const Stock *s)
{
	return MIN(s->page_w_mm, s->page_h_mm) >= 125 ? 100 : 50;
}

/* A scale from (x, y), to the right or downwards, a tick each millimetre. */
static bool
ruler(Pen *pen, double x, double y, int length, bool down, GError **error)
{
	Box back = down ? (Box){ x - 9, y - 2, 10.5, length + 4 }
			: (Box){ x - 4, y - 7, length + 8, 8.5 };

	/* Over the outlines, which would be read as ticks. */
	pen_fill(pen, COLOUR_WHITE, &back, 1);
	pen_line(pen, INK, RULE_PT, x, y, down ? x : x + length, down ? y + length : y);
	for (int mm = 0; mm <= length; mm++) {
		double tick = mm % 10 == 0 ? 3.2 : mm % 5 == 0 ? 2.2 : 1.3;

		if (down)
			pen_line(pen, INK, RULE_PT, x, y + mm, x - tick, y + mm);
		else
			pen_line(pen, INK, RULE_PT, x + mm, y, x + mm, y - tick);
		if (mm % 10 == 0) {
			g_autofree char *number = g_strdup_printf("%d", mm);

			if (!type_line(pen, &centre_style, down ? x - 8.5 : x + mm - 4,
				down ? y + mm + 0.8 : y - 4.2, down ? 5 : 8, "ruler",
				number, error))
				return false;
		}
	}
	return true;
}

/* Scales from each edge inwards: what a printer cuts off, and how the paper lies. */
static void
edges(Pen *pen, const Stock *s)
{
	for (int mm = 0; mm <= 15; mm++) {
		double tick = mm % 5 == 0 ? 4 : 2;
		double cx = s->page_w_mm / 2, cy = s->page_h_mm / 2;

		pen_line(pen, INK, RULE_PT, cx - tick, mm, cx + tick, mm);
		pen_line(pen, INK, RULE_PT, cx - tick, s->page_h_mm - mm, cx + tick,
		    s->page_h_mm - mm);
		pen_line(pen, INK, RULE_PT, mm, cy - tick, mm, cy + tick);
		pen_line(pen, INK, RULE_PT, s->page_w_mm - mm, cy - tick,
		    s->page_w_mm - mm, cy + tick);
	}
}

static char *
now_text(const SheetPlan *plan)
{
	double values[] = { plan->shift_x_mm, plan->shift_y_mm,
		plan->scale != 0 ? plan->scale : 1 };
	static const char *const formats[] = { "%.2f", "%.2f", "%.4f" };
	char buf[3][G_ASCII_DTOSTR_BUF_SIZE];

	for (int i = 0; i < 3; i++)
		g_ascii_formatd(buf[i], sizeof(buf[i]), formats[i], values[i]);
	return g_strdup_printf(
	    word(plan->language, WORD_CAL_NOW), buf[0], buf[1], buf[2]);
}

/* The words of the panel from (x, y) down; *ret_y_mm is the last baseline. */
static bool
panel_words(Pen *pen, const SheetPlan *plan, double x, double y, double w,
    double *ret_y_mm, GError **error)
{
	int length = ruler_mm(plan->stock);
	g_autofree char *now = now_text(plan);
	g_autofree char *scale =
	    g_strdup_printf(word(plan->language, WORD_CAL_SCALE), length, length);

	y += 4;
	if (!type_line(pen, &head_style, x, y, w, "title",
		word(plan->language, WORD_CALIBRATION), error) ||
	    !type_line(
		pen, &number_style, x, y + 4.6, w, "stock", plan->stock->title, error))
		return false;
	y += 10.6;
	if (!type_text(pen, &text_style, x, y, w, "text", scale, &y, error))
		return false;
	y += text_style.pitch_mm + 1.4;
	if (!type_text(pen, &text_style, x, y, w, "text",
		word(plan->language, WORD_CAL_SHIFT), &y, error))
		return false;
	*ret_y_mm = y + 6.4;
	return type_line(pen, &now_style, x, *ret_y_mm, w, "now", now, error);
}

/* In the middle of the page, over the outlines: beside them there is room on no stock.
 * The rulers run beside and below it. */
static bool
panel(Pen *pen, const SheetPlan *plan, GError **error)
{
	const Stock *s = plan->stock;
	g_autoptr(Pen) blank = pen_blank_new(pen->fonts);
	int length = ruler_mm(s);
	double w = MIN(PANEL_MM, s->page_w_mm - 2 * (EDGE_MM + 2) - RULER_ROOM_MM);
	Box box = { (s->page_w_mm - w + RULER_ROOM_MM) / 2, 0, w, 0 };
	double inner = w - 2 * PAD_MM;
	double end;

	if (!panel_words(blank, plan, 0, 0, inner, &end, error))
		return false;
	box.h = end + 2 * PAD_MM;
	box.y = (s->page_h_mm - box.h - RULER_ROOM_MM) / 2;
	if (box.y < 2 * EDGE_MM)
		return err_set(error, TP_ERROR_INVALID,
		    "a page of %.0f x %.0f mm is too small to calibrate with",
		    s->page_w_mm, s->page_h_mm);
	pen_panel(pen, box, 2, COLOUR_WHITE, INK, LABEL_PT);
	return panel_words(
		   pen, plan, box.x + PAD_MM, box.y + PAD_MM, inner, &end, error) &&
	       ruler(pen, (s->page_w_mm - length) / 2, box_bottom(box) + 14, length,
		   false, error) &&
	       ruler(pen, box.x - 6, box.y + (box.h - length) / 2, length, true, error);
}

bool
calibrate_draw(Pen *pen, const SheetPlan *plan, GError **error)
{
	g_autoptr(Pen) record = pen_record_new(pen->fonts);

	if (!sheet_slots_check(plan, error) || !outlines(record, plan, false, error))
		return false;
	edges(record, plan->stock);
	if (!panel(record, plan, error) || !sheet_page(pen, plan, error) ||
	    !pen_record_play(record, pen, error))
		return false;
	/* Held against the light, outlines meet those of the front. */
	if (plan->back != SHEET_BACK_NONE &&
	    (!sheet_back_page(pen, plan, error) || !outlines(pen, plan, true, error)))
		return false;
	return pen_finish(pen, error);
}
