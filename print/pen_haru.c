/*
 * pen_haru.c - libharu's pen; the only door to hpdf.h.
 *
 * libharu keeps the whole document in memory and embeds each font anew (11 ms and 90 KiB
 * a document), so it is for letters and lists, not for cards by the thousand.
 *
 * Its error handler keeps the first error; after it, every call of the library returns at
 * once, so calls in between need no check of their own.  Files are never written by it:
 * HPDF_SaveToFile() reports success on a full disk.
 */
#include "print/pen.h"

#include <math.h>
#include <string.h>

#include <hpdf.h>

typedef struct Haru {
	Pen pen;
	PenWrite *write;
	void *context;
	HPDF_Doc doc;
	HPDF_Page page;
	PenPage geometry;
	HPDF_Font fonts[FONT_SET_MAX];
	GHashTable *pictures; /* id -> HPDF_Image */
	int n_pages;
} Haru;

static void
on_error(HPDF_STATUS number, HPDF_STATUS detail, void *context)
{
	Haru *haru = context;

	if (haru->pen.failed == NULL)
		err_set(&haru->pen.failed, TP_ERROR_IO,
		    "libharu: error 0x%04lX, detail %ld", (unsigned long)number,
		    (long)detail);
}

static float
pt_x(double x_mm)
{
	return (float)mm_to_pt(x_mm);
}

static float
pt_y(const Haru *haru, double y_mm)
{
	return (float)mm_to_pt(haru->geometry.height_mm - y_mm);
}

static void
use_fill(Haru *haru, Colour c)
{
	float r = (float)((c >> 16) & 0xFF) / 255;
	float g = (float)((c >> 8) & 0xFF) / 255;
	float b = (float)(c & 0xFF) / 255;

	if (r == g && g == b)
		HPDF_Page_SetGrayFill(haru->page, r);
	else
		HPDF_Page_SetRGBFill(haru->page, r, g, b);
}

static void
use_stroke(Haru *haru, Colour c, double width_pt)
{
	float r = (float)((c >> 16) & 0xFF) / 255;
	float g = (float)((c >> 8) & 0xFF) / 255;
	float b = (float)(c & 0xFF) / 255;

	if (r == g && g == b)
		HPDF_Page_SetGrayStroke(haru->page, r);
	else
		HPDF_Page_SetRGBStroke(haru->page, r, g, b);
	HPDF_Page_SetLineWidth(haru->page, (float)width_pt);
}

static void
add_box(Haru *haru, const char *name, Box b)
{
	HPDF_Box box = { pt_x(b.x), pt_y(haru, box_bottom(b)), pt_x(box_right(b)),
		pt_y(haru, b.y) };

	/* 2.3 has no call for it; a page is a dictionary like any other. */
	HPDF_Dict_Add(
	    (HPDF_Dict)haru->page, name, HPDF_Box_Array_New(haru->page->mmgr, box));
}

static bool
haru_page(Pen *pen, const PenPage *page, GError **error)
{
	Haru *haru = (Haru *)pen;
	double scale = page->scale != 0 ? page->scale : 1;

	haru->geometry = *page;
	haru->page = HPDF_AddPage(haru->doc);
	haru->n_pages++;
	if (haru->page != NULL) {
		HPDF_Page_SetWidth(haru->page, pt_x(page->width_mm));
		HPDF_Page_SetHeight(haru->page, pt_x(page->height_mm));
		if (page->trim.w > 0)
			add_box(haru, "TrimBox", page->trim);
		if (page->bleed.w > 0)
			add_box(haru, "BleedBox", page->bleed);
		if (scale != 1 || page->shift_x_mm != 0 || page->shift_y_mm != 0)
			HPDF_Page_Concat(haru->page, (float)scale, 0, 0, (float)scale,
			    pt_x(page->shift_x_mm),
			    pt_y(haru, page->height_mm * scale + page->shift_y_mm));
	}
	if (pen->failed == NULL)
		return true;
	if (error != NULL)
		*error = g_error_copy(pen->failed);
	return false;
}

static HPDF_Font
font_of(Haru *haru, int i)
{
	const char *name;

	if (haru->fonts[i] != NULL)
		return haru->fonts[i];
	name = HPDF_LoadTTFontFromFile(
	    haru->doc, font_path(font_set_font(haru->pen.fonts, i)), HPDF_TRUE);
	if (name != NULL)
		haru->fonts[i] = HPDF_GetFont(haru->doc, name, "UTF-8");
	return haru->fonts[i];
}

static void
haru_text(Pen *pen, const PenStyle *style, double x_mm, double y_mm, const char *text,
    size_t bytes)
{
	Haru *haru = (Haru *)pen;
	const char *end = text + bytes;
	FontRun run;

	use_fill(haru, style->colour);
	HPDF_Page_BeginText(haru->page);
	HPDF_Page_MoveTextPos(haru->page, pt_x(x_mm), pt_y(haru, y_mm));
	HPDF_Page_SetCharSpace(haru->page, (float)style->tracking_pt);
	while (font_set_run(pen->fonts, style->role, &text, end, &run)) {
		g_autofree char *part = g_strndup(run.text, run.bytes);
		HPDF_Font font = font_of(haru, run.font);

		if (font == NULL)
			break;
		HPDF_Page_SetFontAndSize(haru->page, font, (float)style->size_pt);
		HPDF_Page_ShowText(haru->page, part);
	}
	HPDF_Page_EndText(haru->page);
}

static void
haru_fill(Pen *pen, Colour colour, const Box *boxes, int n)
{
	Haru *haru = (Haru *)pen;

	use_fill(haru, colour);
	for (int i = 0; i < n; i++)
		HPDF_Page_Rectangle(haru->page, pt_x(boxes[i].x),
		    pt_y(haru, box_bottom(boxes[i])), pt_x(boxes[i].w), pt_x(boxes[i].h));
	HPDF_Page_Fill(haru->page);
}

static void
haru_modules(Pen *pen, Colour colour, double x_mm, double y_mm, double module_mm,
    const QrRect *rects, int n)
{
	Haru *haru = (Haru *)pen;
	float module = (float)mm_to_pt(module_mm);

	use_fill(haru, colour);
	HPDF_Page_GSave(haru->page);
	HPDF_Page_Concat(haru->page, module, 0, 0, -module, pt_x(x_mm), pt_y(haru, y_mm));
	for (int i = 0; i < n; i++)
		HPDF_Page_Rectangle(
		    haru->page, rects[i].x, rects[i].y, rects[i].w, rects[i].h);
	HPDF_Page_Fill(haru->page);
	HPDF_Page_GRestore(haru->page);
}

static void
haru_line(Pen *pen, Colour colour, double width_pt, double x1_mm, double y1_mm,
    double x2_mm, double y2_mm)
{
	Haru *haru = (Haru *)pen;

	use_stroke(haru, colour, width_pt);
	HPDF_Page_MoveTo(haru->page, pt_x(x1_mm), pt_y(haru, y1_mm));
	HPDF_Page_LineTo(haru->page, pt_x(x2_mm), pt_y(haru, y2_mm));
	HPDF_Page_Stroke(haru->page);
}

/* See pen_lean.c. */
static void
put_corner(
    Haru *haru, double from_x, double from_y, double cx, double cy, double x, double y)
{
	const double k = 0.5523;

	HPDF_Page_CurveTo(haru->page, pt_x(from_x + (cx - from_x) * k),
	    pt_y(haru, from_y + (cy - from_y) * k), pt_x(x + (cx - x) * k),
	    pt_y(haru, y + (cy - y) * k), pt_x(x), pt_y(haru, y));
}

static void
haru_panel(Pen *pen, Box b, double r, Colour fill, Colour stroke, double width_pt)
{
	Haru *haru = (Haru *)pen;
	double right = box_right(b);
	double bottom = box_bottom(b);

	if (fill != COLOUR_NONE)
		use_fill(haru, fill);
	if (stroke != COLOUR_NONE)
		use_stroke(haru, stroke, width_pt);
	HPDF_Page_MoveTo(haru->page, pt_x(b.x + r), pt_y(haru, b.y));
	HPDF_Page_LineTo(haru->page, pt_x(right - r), pt_y(haru, b.y));
	put_corner(haru, right - r, b.y, right, b.y, right, b.y + r);
	HPDF_Page_LineTo(haru->page, pt_x(right), pt_y(haru, bottom - r));
	put_corner(haru, right, bottom - r, right, bottom, right - r, bottom);
	HPDF_Page_LineTo(haru->page, pt_x(b.x + r), pt_y(haru, bottom));
	put_corner(haru, b.x + r, bottom, b.x, bottom, b.x, bottom - r);
	HPDF_Page_LineTo(haru->page, pt_x(b.x), pt_y(haru, b.y + r));
	put_corner(haru, b.x, b.y + r, b.x, b.y, b.x + r, b.y);
	if (fill == COLOUR_NONE)
		HPDF_Page_ClosePathStroke(haru->page);
	else if (stroke == COLOUR_NONE)
		HPDF_Page_Fill(haru->page);
	else
		HPDF_Page_ClosePathFillStroke(haru->page);
}

static void
haru_picture(Pen *pen, Box box, const Picture *picture)
{
	Haru *haru = (Haru *)pen;
	HPDF_Image image = g_hash_table_lookup(haru->pictures, picture->id);

	if (image == NULL) {
		image = HPDF_LoadRawImageFromMem(haru->doc, picture->pixels,
		    (HPDF_UINT)picture->width, (HPDF_UINT)picture->height,
		    picture->channels == 1 ? HPDF_CS_DEVICE_GRAY : HPDF_CS_DEVICE_RGB, 8);
		if (image == NULL)
			return;
		g_hash_table_insert(haru->pictures, g_strdup(picture->id), image);
	}
	HPDF_Page_DrawImage(haru->page, image, pt_x(box.x), pt_y(haru, box_bottom(box)),
	    pt_x(box.w), pt_x(box.h));
}

static bool
pass_on(Haru *haru, GError **error)
{
	HPDF_BYTE piece[64 * 1024];
	HPDF_UINT32 left;

	HPDF_SaveToStream(haru->doc);
	left = HPDF_GetStreamSize(haru->doc);
	HPDF_ResetStream(haru->doc);
	/* Read no further than there is: asking for more is an error to libharu. */
	while (left > 0 && haru->pen.failed == NULL) {
		HPDF_UINT32 size = MIN(left, (HPDF_UINT32)sizeof(piece));

		HPDF_ReadFromStream(haru->doc, piece, &size);
		if (size == 0)
			return err_set(error, TP_ERROR_IO,
			    "libharu: its stream ended %u bytes early", left);
		if (haru->pen.failed == NULL &&
		    !haru->write(haru->context, piece, size, error))
			return false;
		left -= size;
	}
	return true;
}

static bool
haru_finish(Pen *pen, GError **error)
{
	Haru *haru = (Haru *)pen;

	if (haru->n_pages == 0)
		return err_set(error, TP_ERROR_INVALID, "a document without a page");
	return pass_on(haru, error);
}

static void
haru_free(Pen *pen)
{
	Haru *haru = (Haru *)pen;

	if (haru->doc != NULL)
		HPDF_Free(haru->doc);
	g_hash_table_unref(haru->pictures);
	g_free(haru);
}

static const PenKind haru_kind = {
	.name = "haru",
	.page = haru_page,
	.text = haru_text,
	.fill = haru_fill,
	.modules = haru_modules,
	.line = haru_line,
	.panel = haru_panel,
	.picture = haru_picture,
	.finish = haru_finish,
	.free = haru_free,
};

Pen *
pen_haru_new(const FontSet *fonts, PenWrite *write, void *context)
{
	Haru *haru = g_new0(Haru, 1);

	haru->pen.kind = &haru_kind;
	haru->pen.fonts = fonts;
	haru->write = write;
	haru->context = context;
	haru->pictures = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	haru->doc = HPDF_New(on_error, haru);
	if (haru->doc == NULL)
		BUG("HPDF_New");
	HPDF_UseUTFEncodings(haru->doc);
	HPDF_SetCompressionMode(haru->doc, HPDF_COMP_ALL);
	HPDF_SetViewerPreference(haru->doc, HPDF_PRINT_SCALING_NONE);
	return &haru->pen;
}
