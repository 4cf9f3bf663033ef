/*
 * pen_record.c - calls into marks, and marks into calls.
 */
#include "print/pen_record.h"

#include <string.h>

typedef struct RecordPen {
	Pen pen;
	GArray *marks; /* Mark */
	int pages;
} RecordPen;

static void
mark_clear(void *data)
{
	Mark *m = data;

	g_free(m->text);
	g_free(m->boxes);
	g_free(m->rects);
}

static void
add(Pen *pen, Mark mark)
{
	RecordPen *self = (RecordPen *)pen;

	mark.page = self->pages;
	g_array_append_val(self->marks, mark);
}

static bool
record_page(Pen *pen, const PenPage *page, GError **error)
{
	(void)error;
	((RecordPen *)pen)->pages++;
	add(pen, (Mark){ .kind = MARK_PAGE, .setup = *page });
	return true;
}

static void
record_text(Pen *pen, const PenStyle *style, double x_mm, double y_mm, const char *text,
    size_t bytes)
{
	add(pen, (Mark){ .kind = MARK_TEXT,
		     .style = *style,
		     .x = x_mm,
		     .y = y_mm,
		     .text = g_strndup(text, bytes) });
}

static void
record_fill(Pen *pen, Colour colour, const Box *boxes, int n)
{
	add(pen, (Mark){ .kind = MARK_FILL,
		     .style.colour = colour,
		     .boxes = g_memdup2(boxes, (gsize)n * sizeof(*boxes)),
		     .n = n });
}

static void
record_modules(Pen *pen, Colour colour, double x_mm, double y_mm, double module_mm,
    const QrRect *rects, int n)
{
	add(pen, (Mark){ .kind = MARK_MODULES,
		     .style.colour = colour,
		     .x = x_mm,
		     .y = y_mm,
		     .module_mm = module_mm,
		     .rects = g_memdup2(rects, (gsize)n * sizeof(*rects)),
		     .n = n });
}

static void
record_line(Pen *pen, Colour colour, double width_pt, double x1_mm, double y1_mm,
    double x2_mm, double y2_mm)
{
	add(pen, (Mark){ .kind = MARK_LINE,
		     .style.colour = colour,
		     .width_pt = width_pt,
		     .x = x1_mm,
		     .y = y1_mm,
		     .x2 = x2_mm,
		     .y2 = y2_mm });
}

static void
record_panel(
    Pen *pen, Box box, double radius_mm, Colour fill, Colour stroke, double width_pt)
{
	add(pen, (Mark){ .kind = MARK_PANEL,
		     .style.colour = fill,
		     .stroke = stroke,
		     .width_pt = width_pt,
		     .radius_mm = radius_mm,
		     .boxes = g_memdup2(&box, sizeof(box)),
		     .n = 1 });
}

static void
record_picture(Pen *pen, Box box, const Picture *picture)
{
	add(pen, (Mark){ .kind = MARK_PICTURE,
		     .picture = picture,
		     .boxes = g_memdup2(&box, sizeof(box)),
		     .n = 1 });
}

static bool
record_finish(Pen *pen, GError **error)
{
	(void)pen;
	(void)error;
	return true;
}

static void
record_free(Pen *pen)
{
	g_array_unref(((RecordPen *)pen)->marks);
	g_free(pen);
}

static const PenKind record_kind = {
	.name = "record",
	.page = record_page,
	.text = record_text,
	.fill = record_fill,
	.modules = record_modules,
	.line = record_line,
	.panel = record_panel,
	.picture = record_picture,
	.finish = record_finish,
	.free = record_free,
};

Pen *
pen_record_new(const FontSet *fonts)
{
	RecordPen *self = g_new0(RecordPen, 1);

	self->pen.kind = &record_kind;
	self->pen.fonts = fonts;
	self->marks = g_array_new(FALSE, FALSE, sizeof(Mark));
	g_array_set_clear_func(self->marks, mark_clear);
	return &self->pen;
}

const Mark *
pen_record_marks(const Pen *record, size_t *ret_n)
{
	const RecordPen *self = (const RecordPen *)record;

	g_assert(record->kind == &record_kind);
	*ret_n = self->marks->len;
	return (const Mark *)(const void *)self->marks->data;
}

bool
pen_record_play(const Pen *record, Pen *pen, GError **error)
{
	size_t n;
	const Mark *marks = pen_record_marks(record, &n);

	for (const Mark *m = marks; m < marks + n; m++) {
		switch (m->kind) {
		case MARK_PAGE:
			if (!pen_page(pen, &m->setup, error))
				return false;
			break;
		case MARK_TEXT:
			pen_text(pen, &m->style, m->x, m->y, m->text, strlen(m->text));
			break;
		case MARK_FILL:
			pen_fill(pen, m->style.colour, m->boxes, m->n);
			break;
		case MARK_MODULES:
			pen_modules(pen, m->style.colour, m->x, m->y, m->module_mm,
			    m->rects, m->n);
			break;
		case MARK_LINE:
			pen_line(
			    pen, m->style.colour, m->width_pt, m->x, m->y, m->x2, m->y2);
			break;
		case MARK_PANEL:
			pen_panel(pen, m->boxes[0], m->radius_mm, m->style.colour,
			    m->stroke, m->width_pt);
			break;
		case MARK_PICTURE:
			pen_picture(pen, m->boxes[0], m->picture);
			break;
		}
	}
	return true;
}

static bool
blank_page(Pen *pen, const PenPage *page, GError **error)
{
	(void)pen;
	(void)page;
	(void)error;
	return true;
}

static void
blank_text(Pen *pen, const PenStyle *style, double x_mm, double y_mm, const char *text,
    size_t bytes)
{
	(void)pen;
	(void)style;
	(void)x_mm;
	(void)y_mm;
	(void)text;
	(void)bytes;
}

static void
blank_fill(Pen *pen, Colour colour, const Box *boxes, int n)
{
	(void)pen;
	(void)colour;
	(void)boxes;
	(void)n;
}

static void
blank_modules(Pen *pen, Colour colour, double x_mm, double y_mm, double module_mm,
    const QrRect *rects, int n)
{
	(void)pen;
	(void)colour;
	(void)x_mm;
	(void)y_mm;
	(void)module_mm;
	(void)rects;
	(void)n;
}

static void
blank_line(Pen *pen, Colour colour, double width_pt, double x1_mm, double y1_mm,
    double x2_mm, double y2_mm)
{
	(void)pen;
	(void)colour;
	(void)width_pt;
	(void)x1_mm;
	(void)y1_mm;
	(void)x2_mm;
	(void)y2_mm;
}

static void
blank_panel(
    Pen *pen, Box box, double radius_mm, Colour fill, Colour stroke, double width_pt)
{
	(void)pen;
	(void)box;
	(void)radius_mm;
	(void)fill;
	(void)stroke;
	(void)width_pt;
}

static void
blank_picture(Pen *pen, Box box, const Picture *picture)
{
	(void)pen;
	(void)box;
	(void)picture;
}

static void
blank_free(Pen *pen)
{
	g_free(pen);
}

static const PenKind blank_kind = {
	.name = "blank",
	.page = blank_page,
	.text = blank_text,
	.fill = blank_fill,
	.modules = blank_modules,
	.line = blank_line,
	.panel = blank_panel,
	.picture = blank_picture,
	.finish = record_finish,
	.free = blank_free,
};

Pen *
pen_blank_new(const FontSet *fonts)
{
	Pen *pen = g_new0(Pen, 1);

	pen->kind = &blank_kind;
	pen->fonts = fonts;
	return pen;
}
