/*
 * pen_svg.c - pages as SVG 1.1, in millimetres.
 */
#include "print/pen_svg.h"

#include <string.h>

typedef struct PenSvg {
	Pen base;
	PenWrite *write;
	void *context;
	GString *out;
	bool open; /* a page is begun */
	int pages;
} PenSvg;

/* Decimals with a point whatever the locale, three of them. */
static void
put_mm(GString *out, const char *name, double mm)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append_printf(
	    out, " %s=\"%s\"", name, g_ascii_formatd(text, sizeof(text), "%.3f", mm));
}

static void
put_colour(GString *out, const char *name, Colour colour)
{
	if (colour == COLOUR_NONE)
		g_string_append_printf(out, " %s=\"none\"", name);
	else
		g_string_append_printf(
		    out, " %s=\"#%06x\"", name, (unsigned)(colour & 0xFFFFFF));
}

static void
put_text(GString *out, const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		switch (text[i]) {
		case '&':
			g_string_append(out, "&amp;");
			break;
		case '<':
			g_string_append(out, "&lt;");
			break;
		case '>':
			g_string_append(out, "&gt;");
			break;
		default:
			g_string_append_c(out, text[i]);
			break;
		}
}

static bool
flush(PenSvg *pen, GError **error)
{
	bool ok = pen->write(pen->context, pen->out->str, pen->out->len, error);

	g_string_truncate(pen->out, 0);
	return ok;
}

static void
end_page(PenSvg *pen)
{
	if (pen->open)
		g_string_append(pen->out, "</svg>\n");
	pen->open = false;
}

static bool
svg_page(Pen *base, const PenPage *page, GError **error)
{
	PenSvg *pen = (PenSvg *)base;
	char w[G_ASCII_DTOSTR_BUF_SIZE];
	char h[G_ASCII_DTOSTR_BUF_SIZE];

	end_page(pen);
	g_ascii_formatd(w, sizeof(w), "%.3f", page->width_mm);
	g_ascii_formatd(h, sizeof(h), "%.3f", page->height_mm);
	g_string_append_printf(pen->out,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%smm\" height=\"%smm\" "
	    "viewBox=\"0 0 %s %s\" font-family=\"'DejaVu Sans', Verdana, "
	    "sans-serif\">\n",
	    w, h, w, h);
	pen->open = true;
	pen->pages++;
	return flush(pen, error);
}

static void
svg_text(Pen *base, const PenStyle *style, double x_mm, double y_mm, const char *text,
    size_t bytes)
{
	PenSvg *pen = (PenSvg *)base;
	GString *out = pen->out;

	g_string_append(out, "<text");
	put_mm(out, "x", x_mm);
	put_mm(out, "y", y_mm);
	put_mm(out, "font-size", pt_to_mm(style->size_pt));
	put_mm(out, "textLength",
	    pt_to_mm(font_set_width_pt(base->fonts, style->role, text, bytes,
		style->size_pt, style->tracking_pt)));
	put_colour(out, "fill", style->colour);
	if (style->role == FONT_BOLD)
		g_string_append(out, " font-weight=\"bold\"");
	if (style->role == FONT_MONO)
		g_string_append(out, " font-family=\"'DejaVu Sans Mono', monospace\"");
	g_string_append_c(out, '>');
	put_text(out, text, bytes);
	g_string_append(out, "</text>\n");
}

static void
put_box(GString *out, Box box)
{
	put_mm(out, "x", box.x);
	put_mm(out, "y", box.y);
	put_mm(out, "width", box.w);
	put_mm(out, "height", box.h);
}

static void
svg_fill(Pen *base, Colour colour, const Box *boxes, int n)
{
	GString *out = ((PenSvg *)base)->out;

	for (int i = 0; i < n; i++) {
		g_string_append(out, "<rect");
		put_box(out, boxes[i]);
		put_colour(out, "fill", colour);
		g_string_append(out, "/>\n");
	}
}

static void
svg_modules(Pen *base, Colour colour, double x_mm, double y_mm, double module_mm,
    const QrRect *rects, int n)
{
	for (int i = 0; i < n; i++) {
		Box box = { x_mm + rects[i].x * module_mm, y_mm + rects[i].y * module_mm,
			rects[i].w * module_mm, rects[i].h * module_mm };

		svg_fill(base, colour, &box, 1);
	}
}

static void
svg_line(Pen *base, Colour colour, double width_pt, double x1_mm, double y1_mm,
    double x2_mm, double y2_mm)
{
	GString *out = ((PenSvg *)base)->out;

	g_string_append(out, "<line");
	put_mm(out, "x1", x1_mm);
	put_mm(out, "y1", y1_mm);
	put_mm(out, "x2", x2_mm);
	put_mm(out, "y2", y2_mm);
	put_colour(out, "stroke", colour);
	put_mm(out, "stroke-width", pt_to_mm(width_pt));
	g_string_append(out, "/>\n");
}

static void
svg_panel(
    Pen *base, Box box, double radius_mm, Colour fill, Colour stroke, double width_pt)
{
	GString *out = ((PenSvg *)base)->out;

	g_string_append(out, "<rect");
	put_box(out, box);
	if (radius_mm > 0)
		put_mm(out, "rx", radius_mm);
	put_colour(out, "fill", fill);
	put_colour(out, "stroke", stroke);
	if (stroke != COLOUR_NONE)
		put_mm(out, "stroke-width", pt_to_mm(width_pt));
	g_string_append(out, "/>\n");
}

static void
svg_picture(Pen *base, Box box, const Picture *picture)
{
	GString *out = ((PenSvg *)base)->out;
	g_autoptr(GByteArray) png = g_byte_array_new();
	g_autofree char *text = NULL;

	picture_png(picture, png);
	text = g_base64_encode(png->data, png->len);
	g_string_append(out, "<image");
	put_box(out, box);
	g_string_append_printf(out,
	    " preserveAspectRatio=\"none\" href=\"data:image/png;base64,%s\"/>\n", text);
}

static bool
svg_finish(Pen *base, GError **error)
{
	PenSvg *pen = (PenSvg *)base;

	if (pen->pages == 0)
		return err_set(error, TP_ERROR_INVALID, "a document without a page");
	end_page(pen);
	return flush(pen, error);
}

static void
svg_free(Pen *base)
{
	PenSvg *pen = (PenSvg *)base;

	g_string_free(pen->out, TRUE);
	g_free(pen);
}

static const PenKind kind = {
	.name = "svg",
	.page = svg_page,
	.text = svg_text,
	.fill = svg_fill,
	.modules = svg_modules,
	.line = svg_line,
	.panel = svg_panel,
	.picture = svg_picture,
	.finish = svg_finish,
	.free = svg_free,
};

Pen *
pen_svg_new(const FontSet *fonts, PenWrite *write, void *context)
{
	PenSvg *pen = g_new0(PenSvg, 1);

	pen->base.kind = &kind;
	pen->base.fonts = fonts;
	pen->write = write;
	pen->context = context;
	pen->out = g_string_new("");
	return &pen->base;
}
