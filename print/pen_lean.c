/*
 * pen_lean.c - pages for press.h.
 *
 * A page is text in PDF's own drawing language (ISO 32000-1 8 and 9), compressed and
 * written when it ends.  Fonts are Type 0 fonts whose codes, CIDs and glyph numbers are
 * all the code point (see subset.h): text needs no translation, and the map back to
 * Unicode is the identity.
 */
#include "print/press.h"

#include <string.h>

#include "print/pdf.h"
#include "print/pdf_tree.h"
#include "print/press_private.h"

typedef struct Lean {
	Pen pen;
	Press *press;
	PressEffort effort;
	Pdf *pdf;
	GString *content;
	GByteArray *packed;
	bool in_page;
	PenPage page;
	/* What the page's graphics state is, to say only what changes. */
	Colour fill;
	int font;
	double size_pt, tracking_pt;
	int font_numbers[FONT_SET_MAX]; /* object numbers; 0: not used */
	GHashTable *pictures;           /* id -> object number; NULL: none so far */
	GString *picture_names;         /* of the resources */
	PdfTree tree;
} Lean;

static void
put(Lean *lean, const char *text)
{
	g_string_append(lean->content, text);
}

static void
put_number(Lean *lean, double v)
{
	pdf_put_number(lean->content, v, 2);
	g_string_append_c(lean->content, ' ');
}

static void
put_x(Lean *lean, double x_mm)
{
	put_number(lean, mm_to_pt(x_mm));
}

static void
put_y(Lean *lean, double y_mm)
{
	put_number(lean, mm_to_pt(lean->page.height_mm - y_mm));
}

static void
put_colour(Lean *lean, Colour c, const char *grey, const char *rgb)
{
	unsigned r = (c >> 16) & 0xFF;
	unsigned g = (c >> 8) & 0xFF;
	unsigned b = c & 0xFF;

	pdf_put_number(lean->content, r / 255.0, 3);
	g_string_append_c(lean->content, ' ');
	if (r == g && g == b) {
		/* Grey is printed with black toner alone. */
		put(lean, grey);
		return;
	}
	pdf_put_number(lean->content, g / 255.0, 3);
	g_string_append_c(lean->content, ' ');
	pdf_put_number(lean->content, b / 255.0, 3);
	put(lean, rgb);
}

static void
use_fill(Lean *lean, Colour c)
{
	if (c == lean->fill)
		return;
	lean->fill = c;
	put_colour(lean, c, "g\n", " rg\n");
}

static void
put_box(Lean *lean, Box b)
{
	put_x(lean, b.x);
	put_y(lean, box_bottom(b));
	put_number(lean, mm_to_pt(b.w));
	put_number(lean, mm_to_pt(b.h));
	put(lean, "re\n");
}

static void
lean_fill(Pen *pen, Colour colour, const Box *boxes, int n)
{
	Lean *lean = (Lean *)pen;

	use_fill(lean, colour);
	for (int i = 0; i < n; i++)
		put_box(lean, boxes[i]);
	put(lean, "f\n");
}

static char *
put_small(char *at, unsigned v)
{
	if (v >= 100)
		*at++ = (char)('0' + v / 100);
	if (v >= 10)
		*at++ = (char)('0' + v / 10 % 10);
	*at++ = (char)('0' + v % 10);
	*at++ = ' ';
	return at;
}

static void
lean_modules(Pen *pen, Colour colour, double x_mm, double y_mm, double module_mm,
    const QrRect *rects, int n)
{
	Lean *lean = (Lean *)pen;
	double module_pt = mm_to_pt(module_mm);
	GString *text = lean->content;
	size_t before;
	char *at;

	use_fill(lean, colour);
	/* The unit becomes the module and y runs downwards: coordinates are small
	 * integers. */
	put(lean, "q ");
	pdf_put_number(text, module_pt, 5);
	put(lean, " 0 0 ");
	pdf_put_number(text, -module_pt, 5);
	put(lean, " ");
	pdf_put_number(text, mm_to_pt(x_mm), 5);
	put(lean, " ");
	pdf_put_number(text, mm_to_pt(lean->page.height_mm - y_mm), 5);
	put(lean, " cm\n");
	before = text->len;
	g_string_set_size(text, before + (size_t)n * 20);
	at = text->str + before;
	for (int i = 0; i < n; i++) {
		at = put_small(at, rects[i].x);
		at = put_small(at, rects[i].y);
		at = put_small(at, rects[i].w);
		at = put_small(at, rects[i].h);
		memcpy(at, "re\n", 3);
		at += 3;
	}
	g_string_truncate(text, (size_t)(at - text->str));
	put(lean, "f Q\n");
}

static void
lean_line(Pen *pen, Colour colour, double width_pt, double x1_mm, double y1_mm,
    double x2_mm, double y2_mm)
{
	Lean *lean = (Lean *)pen;

	put_colour(lean, colour, "G ", " RG ");
	put_number(lean, width_pt);
	put(lean, "w ");
	put_x(lean, x1_mm);
	put_y(lean, y1_mm);
	put(lean, "m ");
	put_x(lean, x2_mm);
	put_y(lean, y2_mm);
	put(lean, "l S\n");
}

/* A quarter of a circle from the point reached to (x, y), towards the corner (cx, cy). */
static void
put_corner(
    Lean *lean, double from_x, double from_y, double cx, double cy, double x, double y)
{
	const double k = 0.5523; /* Bezier arms for a quarter circle */

	put_x(lean, from_x + (cx - from_x) * k);
	put_y(lean, from_y + (cy - from_y) * k);
	put_x(lean, x + (cx - x) * k);
	put_y(lean, y + (cy - y) * k);
	put_x(lean, x);
	put_y(lean, y);
	put(lean, "c ");
}

static void
lean_panel(Pen *pen, Box b, double r, Colour fill, Colour stroke, double width_pt)
{
	Lean *lean = (Lean *)pen;
	double right = box_right(b);
	double bottom = box_bottom(b);

	if (fill != COLOUR_NONE)
		use_fill(lean, fill);
	if (stroke != COLOUR_NONE) {
		put_colour(lean, stroke, "G ", " RG ");
		put_number(lean, width_pt);
		put(lean, "w ");
	}
	put_x(lean, b.x + r);
	put_y(lean, b.y);
	put(lean, "m ");
	put_x(lean, right - r);
	put_y(lean, b.y);
	put(lean, "l ");
	put_corner(lean, right - r, b.y, right, b.y, right, b.y + r);
	put_x(lean, right);
	put_y(lean, bottom - r);
	put(lean, "l ");
	put_corner(lean, right, bottom - r, right, bottom, right - r, bottom);
	put_x(lean, b.x + r);
	put_y(lean, bottom);
	put(lean, "l ");
	put_corner(lean, b.x + r, bottom, b.x, bottom, b.x, bottom - r);
	put_x(lean, b.x);
	put_y(lean, b.y + r);
	put(lean, "l ");
	put_corner(lean, b.x, b.y + r, b.x, b.y, b.x + r, b.y);
	put(lean, fill == COLOUR_NONE ? "s\n" : stroke == COLOUR_NONE ? "f\n" : "b\n");
}

/* A literal string: UTF-16BE, with the four bytes escaped that mean something else. */
static void
put_string(Lean *lean, const FontRun *run)
{
	CharSet *used = press_used(lean->press, run->font);
	GString *text = lean->content;
	const char *end = run->text + run->bytes;
	size_t before = text->len;
	char *at;

	g_string_set_size(text, before + (size_t)run->n_chars * 4 + 16);
	at = text->str + before;
	*at++ = '(';
	for (const char *p = run->text; p < end; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		int word = (int)(c >> 6);

		used->bits[word] |= UINT64_C(1) << (c & 63);
		used->low = MIN(used->low, word);
		used->high = MAX(used->high, word);
		for (int shift = 8; shift >= 0; shift -= 8) {
			char byte = (char)(c >> shift);

			if (byte == '(' || byte == ')' || byte == '\\')
				*at++ = '\\';
			if (byte == '\r') {
				*at++ = '\\';
				byte = 'r';
			}
			*at++ = byte;
		}
	}
	memcpy(at, ")Tj\n", 4);
	g_string_truncate(text, (size_t)(at + 4 - text->str));
}

static void
use_font(Lean *lean, int font, double size_pt, double tracking_pt)
{
	if (font != lean->font || size_pt != lean->size_pt) {
		lean->font = font;
		lean->size_pt = size_pt;
		if (lean->font_numbers[font] == 0)
			lean->font_numbers[font] = pdf_number(lean->pdf);
		put(lean, "/F");
		pdf_put_number(lean->content, font, 0);
		put(lean, " ");
		put_number(lean, size_pt);
		put(lean, "Tf ");
	}
	if (tracking_pt != lean->tracking_pt) {
		lean->tracking_pt = tracking_pt;
		put_number(lean, tracking_pt);
		put(lean, "Tc ");
	}
}

static void
lean_text(Pen *pen, const PenStyle *style, double x_mm, double y_mm, const char *text,
    size_t bytes)
{
	Lean *lean = (Lean *)pen;
	const char *end = text + bytes;
	FontRun run;
	bool begun = false;

	use_fill(lean, style->colour);
	while (font_set_run(pen->fonts, style->role, &text, end, &run)) {
		if (!begun)
			put(lean, "BT ");
		use_font(lean, run.font, style->size_pt, style->tracking_pt);
		if (!begun) {
			put_x(lean, x_mm);
			put_y(lean, y_mm);
			put(lean, "Td");
		}
		begun = true;
		/* The next run goes on where this one ends: Tj moves the pen. */
		put_string(lean, &run);
	}
	if (begun)
		put(lean, "ET\n");
}

/* The number of the picture's object, written at its first use. */
static int
picture_number(Lean *lean, const Picture *picture)
{
	g_autofree char *entries = NULL;
	int number;

	if (lean->pictures == NULL) {
		lean->pictures =
		    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
		lean->picture_names = g_string_new(NULL);
	}
	number = GPOINTER_TO_INT(g_hash_table_lookup(lean->pictures, picture->id));
	if (number != 0)
		return number;
	number = pdf_number(lean->pdf);
	g_hash_table_insert(
	    lean->pictures, g_strdup(picture->id), GINT_TO_POINTER(number));
	g_string_append_printf(lean->picture_names, "/I%d %d 0 R", number, number);
	entries = g_strdup_printf("/Type/XObject/Subtype/Image/Width %d/Height %d"
				  "/ColorSpace/%s/BitsPerComponent 8",
	    picture->width, picture->height,
	    picture->channels == 1 ? "DeviceGray" : "DeviceRGB");
	pdf_stream(
	    lean->pdf, number, entries, picture->packed->data, picture->packed->len);
	return number;
}

static void
lean_picture(Pen *pen, Box b, const Picture *picture)
{
	Lean *lean = (Lean *)pen;
	int number = picture_number(lean, picture);

	put(lean, "q ");
	put_number(lean, mm_to_pt(b.w));
	put(lean, "0 0 ");
	put_number(lean, mm_to_pt(b.h));
	put_x(lean, b.x);
	put_y(lean, box_bottom(b));
	put(lean, "cm /I");
	pdf_put_number(lean->content, number, 0);
	put(lean, " Do Q\n");
}

/* ---- pages ---- */

static void
put_media(Lean *lean, GString *text, const char *name, Box b)
{
	const double corners[4] = { b.x, lean->page.height_mm - box_bottom(b),
		box_right(b), lean->page.height_mm - b.y };

	g_string_append(text, name);
	for (int i = 0; i < 4; i++) {
		g_string_append_c(text, i == 0 ? '[' : ' ');
		pdf_put_number(text, mm_to_pt(corners[i]), 3);
	}
	g_string_append_c(text, ']');
}

static void
end_page(Lean *lean)
{
	const PenPage *page = &lean->page;
	int content = pdf_number(lean->pdf);
	int number = pdf_number(lean->pdf);
	int parent = pdf_tree_add(&lean->tree, lean->pdf, number);
	Box media = { 0, 0, page->width_mm, page->height_mm };
	GString *text;

	g_byte_array_set_size(lean->packed, 0);
	flate_append(press_flate(lean->press, lean->effort), lean->content->str,
	    lean->content->len, lean->packed);
	pdf_stream(lean->pdf, content, "", lean->packed->data, lean->packed->len);
	text = pdf_object_begin(lean->pdf, number);
	g_string_append_printf(
	    text, "<</Type/Page/Parent %d 0 R/Contents %d 0 R", parent, content);
	put_media(lean, text, "/MediaBox", media);
	if (page->trim.w > 0)
		put_media(lean, text, "/TrimBox", page->trim);
	if (page->bleed.w > 0)
		put_media(lean, text, "/BleedBox", page->bleed);
	g_string_append(text, ">>");
	pdf_object_end(lean->pdf);
	lean->in_page = false;
}

static bool
lean_page(Pen *pen, const PenPage *page, GError **error)
{
	Lean *lean = (Lean *)pen;
	double scale = page->scale != 0 ? page->scale : 1;

	if (lean->in_page)
		end_page(lean);
	if (!pdf_check(lean->pdf, error))
		return false;
	lean->in_page = true;
	lean->page = *page;
	lean->fill = COLOUR_BLACK;
	lean->font = -1;
	lean->tracking_pt = 0;
	g_string_truncate(lean->content, 0);
	if (scale != 1 || page->shift_x_mm != 0 || page->shift_y_mm != 0) {
		/* Scaled about the top left corner, which is at (0, height) in PDF. */
		pdf_put_number(lean->content, scale, 5);
		put(lean, " 0 0 ");
		pdf_put_number(lean->content, scale, 5);
		put(lean, " ");
		put_x(lean, page->shift_x_mm);
		put_y(lean, page->height_mm * scale + page->shift_y_mm);
		put(lean, "cm\n");
	}
	return true;
}

/* What every page inherits; to be g_free()d. */
static char *
resources(const Lean *lean)
{
	GString *text = g_string_new("/Resources<</Font<<");

	for (int i = 0; i < FONT_SET_MAX; i++) {
		if (lean->font_numbers[i] != 0)
			g_string_append_printf(
			    text, "/F%d %d 0 R", i, lean->font_numbers[i]);
	}
	g_string_append(text, ">>");
	if (lean->picture_names != NULL)
		g_string_append_printf(text, "/XObject<<%s>>", lean->picture_names->str);
	g_string_append(text, ">>");
	return g_string_free(text, FALSE);
}

static bool
lean_finish(Pen *pen, GError **error)
{
	Lean *lean = (Lean *)pen;
	g_autofree char *inherited = NULL;
	GString *text;
	int catalog;
	int root;

	if (!lean->in_page && pdf_tree_is_empty(&lean->tree))
		return err_set(error, TP_ERROR_INVALID, "a document without a page");
	if (lean->in_page)
		end_page(lean);
	if (!lean_fonts_write(
		lean->press, lean->effort, lean->pdf, lean->font_numbers, error))
		return false;
	inherited = resources(lean);
	root = pdf_tree_close(&lean->tree, lean->pdf, inherited);
	catalog = pdf_number(lean->pdf);
	text = pdf_object_begin(lean->pdf, catalog);
	/* Cards and labels must come out in their true size. */
	g_string_append_printf(text,
	    "<</Type/Catalog/Pages %d 0 R/ViewerPreferences<</PrintScaling/None>>>>",
	    root);
	pdf_object_end(lean->pdf);
	return pdf_end(lean->pdf, catalog, error);
}

static void
lean_free(Pen *pen)
{
	Lean *lean = (Lean *)pen;

	press_unlock(lean->press);
	pdf_free(lean->pdf);
	g_string_free(lean->content, TRUE);
	g_byte_array_unref(lean->packed);
	if (lean->pictures != NULL) {
		g_hash_table_unref(lean->pictures);
		g_string_free(lean->picture_names, TRUE);
	}
	g_free(lean);
}

static const PenKind lean_kind = {
	.name = "lean",
	.page = lean_page,
	.text = lean_text,
	.fill = lean_fill,
	.modules = lean_modules,
	.line = lean_line,
	.panel = lean_panel,
	.picture = lean_picture,
	.finish = lean_finish,
	.free = lean_free,
};

Pen *
pen_lean_new(Press *press, PressEffort effort, PenWrite *write, void *context)
{
	Lean *lean = g_new0(Lean, 1);

	press_lock(press);
	lean->pen.kind = &lean_kind;
	lean->pen.fonts = press_fonts(press);
	lean->press = press;
	lean->effort = effort;
	lean->pdf = pdf_new(press_flate(press, effort), write, context);
	lean->content = g_string_sized_new(8192);
	lean->packed = g_byte_array_sized_new(4096);
	return &lean->pen;
}
