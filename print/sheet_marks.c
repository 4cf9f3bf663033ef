/*
 * sheet_marks.c - rulers, words, crop marks.
 */
#include "print/sheet_marks.h"

#include <string.h>

#define GREY 0x666666u
#define HAIR_PT 0.25
#define EDGE_MM 4.5        /* what printers cannot reach */
#define MARK_OFFSET_MM 3.0 /* crop marks keep off the cut, and out of the bleed */
#define MARK_MOST_MM 5.0
#define RULER_MM 100
#define TICK_MM 1.8
#define TEXT_PT 6.0
#define CAP_MM (TEXT_PT * 0.73 * MM_PER_PT)

/* clang-format off */
static const struct Words {
	const char *language, *request, *page;
} words[] = {
#define WORDS(language, request, page) { #language, request, page },
#include "print/sheet_words.def"
#undef WORDS
};
/* clang-format on */

static const struct Words *
words_of(const char *language)
{
	for (size_t i = 0; language != NULL && i < G_N_ELEMENTS(words); i++) {
		if (g_ascii_strncasecmp(language, words[i].language, 2) == 0)
			return &words[i];
	}
	return &words[0];
}

Box
sheet_grid(const Stock *s)
{
	return (Box){ s->x0_mm, s->y0_mm, (s->cols - 1) * s->dx_mm + s->label_w_mm,
		(s->rows - 1) * s->dy_mm + s->label_h_mm };
}

static const PenStyle small = { FONT_REGULAR, TEXT_PT, 0, GREY };

static double
text_width(const Pen *pen, const char *text)
{
	return pt_to_mm(font_set_width_pt(pen->fonts, small.role, text, strlen(text),
	    small.size_pt, small.tracking_pt));
}

static void
put_text(Pen *pen, double x, double y, const char *text)
{
	pen_text(pen, &small, x, y, text, strlen(text));
}

/* A ruler from (x, y) to the right or downwards, ticks to the outside, a long one each
 * centimetre. */
static void
draw_ruler(Pen *pen, double x, double y, bool down, double tick)
{
	pen_line(
	    pen, GREY, HAIR_PT, x, y, down ? x : x + RULER_MM, down ? y + RULER_MM : y);
	for (int mm = 0; mm <= RULER_MM; mm += 5) {
		double size = mm % 50 == 0   ? tick
			      : mm % 10 == 0 ? tick * 0.7
					     : tick * 0.4;

		if (down)
			pen_line(pen, GREY, HAIR_PT, x, y + mm, x + size, y + mm);
		else
			pen_line(pen, GREY, HAIR_PT, x + mm, y, x + mm, y - size);
	}
}

/* The line at the foot: ruler, request, page number.  On stock without a margin at the
 * foot it stands at the head. */
static void
draw_foot(Pen *pen, const SheetPlan *plan, int page, int pages)
{
	const Stock *s = plan->stock;
	const struct Words *w = words_of(plan->language);
	Box grid = sheet_grid(s);
	bool at_foot =
	    s->page_h_mm - box_bottom(grid) >= EDGE_MM + TICK_MM || grid.y < EDGE_MM;
	double y = at_foot ? s->page_h_mm - EDGE_MM : EDGE_MM + TICK_MM;
	double left = MAX(grid.x, EDGE_MM);
	double right = MIN(box_right(grid), s->page_w_mm - EDGE_MM);
	g_autofree char *number = g_strdup_printf(w->page, page, pages);
	g_autofree char *text =
	    g_strdup_printf("%d mm \xC2\xB7 %s", RULER_MM, w->request);

	draw_ruler(pen, left, y, false, TICK_MM);
	put_text(pen, left + RULER_MM + 1.5, y, text);
	put_text(pen, right - text_width(pen, number), y, number);
}

bool
sheet_marks_check(const Pen *pen, const SheetPlan *plan, GError **error)
{
	double room =
	    MIN(sheet_grid(plan->stock).w, plan->stock->page_w_mm - 2 * EDGE_MM);

	if (plan->title == NULL)
		return true;
	if (!font_set_check(pen->fonts, small.role, plan->title, "title", error))
		return false;
	if (text_width(pen, plan->title) > room)
		return err_set(error, TP_ERROR_INVALID,
		    "title: '%s' is wider than the sheet", plan->title);
	return true;
}

static void
draw_head(Pen *pen, const SheetPlan *plan)
{
	const Stock *s = plan->stock;
	Box grid = sheet_grid(s);
	double y = EDGE_MM + CAP_MM;
	double left = MAX(grid.x, EDGE_MM);
	double right = MIN(box_right(grid), s->page_w_mm - EDGE_MM);

	/* No room, or taken by the ruler. */
	if (grid.y < y + 0.5 || s->page_h_mm - box_bottom(grid) < EDGE_MM + TICK_MM)
		return;
	if (plan->title != NULL) {
		put_text(pen, left, y, plan->title);
		left += text_width(pen, plan->title) + 5;
	}
	if (left + text_width(pen, s->title) <= right)
		put_text(pen, right - text_width(pen, s->title), y, s->title);
}

/* Marks at the edges `from` and `from + size` of one row or column, at both ends. */
static void
draw_mark_pair(
    Pen *pen, double offset, double at, bool across, double low, double high, double end)
{
	double before = MIN(MARK_MOST_MM, low - offset - 1);
	double after = MIN(MARK_MOST_MM, end - high - offset - 1);
	double a = low - offset;
	double b = high + offset;

	if (before > 0) {
		if (across)
			pen_line(pen, COLOUR_BLACK, HAIR_PT, a - before, at, a, at);
		else
			pen_line(pen, COLOUR_BLACK, HAIR_PT, at, a - before, at, a);
	}
	if (after > 0) {
		if (across)
			pen_line(pen, COLOUR_BLACK, HAIR_PT, b, at, b + after, at);
		else
			pen_line(pen, COLOUR_BLACK, HAIR_PT, at, b, at, b + after);
	}
}

/* Outside of the grid only: one cut goes through all cards of a row or column. */
static void
draw_crop_marks(Pen *pen, const SheetPlan *plan)
{
	const Stock *s = plan->stock;
	Box grid = sheet_grid(s);
	double offset = MAX(MARK_OFFSET_MM, plan->bleed_mm + 0.5);

	for (int i = 0; i < s->cols * 2; i++) {
		double x = s->x0_mm + i / 2 * s->dx_mm + i % 2 * s->label_w_mm;

		draw_mark_pair(
		    pen, offset, x, false, grid.y, box_bottom(grid), s->page_h_mm);
	}
	for (int i = 0; i < s->rows * 2; i++) {
		double y = s->y0_mm + i / 2 * s->dy_mm + i % 2 * s->label_h_mm;

		draw_mark_pair(
		    pen, offset, y, true, grid.x, box_right(grid), s->page_w_mm);
	}
}

void
sheet_marks_draw(Pen *pen, const SheetPlan *plan, int page, int pages)
{
	draw_head(pen, plan);
	draw_foot(pen, plan, page, pages);
	if (plan->stock->cut || plan->crop_marks)
		draw_crop_marks(pen, plan);
}

void
sheet_marks_back(Pen *pen, const SheetPlan *plan, int page, int pages)
{
	draw_head(pen, plan);
	draw_foot(pen, plan, page, pages);
}
