/*
 * pen.c - the calls of every pen: keep the first error, hand on the rest.
 */
#include "print/pen.h"

#include <math.h>

bool
pen_to_bytes(void *context, const void *data, size_t size, GError **error)
{
	(void)error;
	g_byte_array_append(context, data, (guint)size);
	return true;
}

static bool
told(Pen *pen, GError **error)
{
	if (pen->failed == NULL)
		return true;
	if (error != NULL)
		*error = g_error_copy(pen->failed);
	return false;
}

bool
pen_page(Pen *pen, const PenPage *page, GError **error)
{
	if (!told(pen, error))
		return false;
	pen->page_h_mm = page->height_mm;
	return pen->kind->page(pen, page, error);
}

void
pen_text(Pen *pen, const PenStyle *style, double x_mm, double y_mm, const char *text,
    size_t bytes)
{
	if (pen->failed == NULL && bytes > 0)
		pen->kind->text(pen, style, x_mm, y_mm, text, bytes);
}

void
pen_fill(Pen *pen, Colour colour, const Box *boxes, int n)
{
	if (pen->failed == NULL && n > 0)
		pen->kind->fill(pen, colour, boxes, n);
}

/* A code whose modules are whole dots must also begin on one: with edges in the middle of
 * dots, zbarimg missed one code in 400 at 300 dpi. */
static double
on_grid(double mm)
{
	return round(mm / (2 * DOT_MM)) * (2 * DOT_MM);
}

void
pen_modules(Pen *pen, Colour colour, double x_mm, double y_mm, double module_mm,
    const QrRect *rects, int n)
{
	/* Counted from the corner at the bottom, where PDF has its origin. */
	if (pen->failed == NULL && n > 0)
		pen->kind->modules(pen, colour, on_grid(x_mm),
		    pen->page_h_mm - on_grid(pen->page_h_mm - y_mm), module_mm, rects, n);
}

void
pen_line(Pen *pen, Colour colour, double width_pt, double x1_mm, double y1_mm,
    double x2_mm, double y2_mm)
{
	if (pen->failed == NULL)
		pen->kind->line(pen, colour, width_pt, x1_mm, y1_mm, x2_mm, y2_mm);
}

void
pen_panel(
    Pen *pen, Box box, double radius_mm, Colour fill, Colour stroke, double width_pt)
{
	if (pen->failed == NULL)
		pen->kind->panel(pen, box, radius_mm, fill, stroke, width_pt);
}

void
pen_picture(Pen *pen, Box box, const Picture *picture)
{
	if (pen->failed == NULL)
		pen->kind->picture(pen, box, picture);
}

bool
pen_finish(Pen *pen, GError **error)
{
	return told(pen, error) && pen->kind->finish(pen, error) && told(pen, error);
}

void
pen_free(Pen *pen)
{
	if (pen == NULL)
		return;
	g_clear_error(&pen->failed);
	pen->kind->free(pen);
}
