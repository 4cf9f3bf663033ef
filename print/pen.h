/*
 * pen.h - what draws: the seam between layouts and PDF.
 *
 * A layout says where things lie; a pen puts them into a PDF.  There are two: the lean
 * pen (our own writer: fast, flat memory, for cards and sheets) and libharu's (for
 * letters and whatever needs no speed).  A test compares their pictures.
 *
 * Order of calls:  pen_page() draw... pen_page() draw... pen_finish(), then pen_free().
 * Places are millimetres from the page's top left corner, y downwards; a text's y is its
 * baseline.  Sizes of type and widths of lines are points.
 *
 * Drawing cannot fail on the spot: the first error is kept and told by the next
 * pen_page() or by pen_finish(), and what is drawn after it is ignored.
 *
 * The same calls give the same bytes: no dates, no random, /ID from the content.
 */
#pragma once

#include <glib.h>

#include "print/fontset.h"
#include "print/geom.h"
#include "print/picture.h"
#include "print/qr.h"

typedef struct Pen Pen;

/* Where the PDF goes, in pieces and in order.  false: error set, nothing more is written.
 */
typedef bool PenWrite(void *context, const void *data, size_t size, GError **error);

/* A PenWrite whose context is a GByteArray. */
bool pen_to_bytes(void *context, const void *data, size_t size, GError **error);

typedef struct PenPage {
	double width_mm, height_mm; /* the sheet: MediaBox */
	Box trim;                   /* what remains after cutting; w 0: the whole page */
	Box bleed;                  /* colour may reach to here; w 0: as trim */
	double shift_x_mm; /* calibration of a printer: everything drawn is moved ... */
	double shift_y_mm;
	double scale; /* ... and scaled about the top left corner; 0 means 1 */
} PenPage;

typedef struct PenStyle {
	FontRole role;
	double size_pt;
	double tracking_pt; /* extra after each character */
	Colour colour;
} PenStyle;

#define COLOUR_NONE 0xFF000000u

/* A pen's functions; for implementers, see the calls below for what they do. */
typedef struct PenKind {
	const char *name;
	bool (*page)(Pen *pen, const PenPage *page, GError **error);
	void (*text)(Pen *pen, const PenStyle *style, double x_mm, double y_mm,
	    const char *text, size_t bytes);
	void (*fill)(Pen *pen, Colour colour, const Box *boxes, int n);
	void (*modules)(Pen *pen, Colour colour, double x_mm, double y_mm,
	    double module_mm, const QrRect *rects, int n);
	void (*line)(Pen *pen, Colour colour, double width_pt, double x1_mm, double y1_mm,
	    double x2_mm, double y2_mm);
	void (*panel)(Pen *pen, Box box, double radius_mm, Colour fill, Colour stroke,
	    double width_pt);
	void (*picture)(Pen *pen, Box box, const Picture *picture);
	bool (*finish)(Pen *pen, GError **error);
	void (*free)(Pen *pen);
} PenKind;

struct Pen {
	const PenKind *kind;
	const FontSet *fonts;
	GError *failed; /* the first error of a drawing call */
	double page_h_mm;
};

/* Ends the page before, if any, and begins another.  false: an error of the page before
 * or of writing. */
bool pen_page(Pen *pen, const PenPage *page, GError **error) MUST_USE;

/* `text` was accepted by font_set_check(); what no font shows is left out. */
void pen_text(Pen *pen, const PenStyle *style, double x_mm, double y_mm, const char *text,
    size_t bytes);

/* All boxes are one path, filled at once. */
void pen_fill(Pen *pen, Colour colour, const Box *boxes, int n);

/* A QR code: rectangles counted in modules from (x, y), which is moved by up to half a
 * dot onto the grid of 300 dpi; sharp at any zoom. */
void pen_modules(Pen *pen, Colour colour, double x_mm, double y_mm, double module_mm,
    const QrRect *rects, int n);

void pen_line(Pen *pen, Colour colour, double width_pt, double x1_mm, double y1_mm,
    double x2_mm, double y2_mm);

/* A box with round corners, filled and outlined; COLOUR_NONE leaves either away. */
void pen_panel(
    Pen *pen, Box box, double radius_mm, Colour fill, Colour stroke, double width_pt);

/* A picture, stretched over the box: see picture_fit().  It is borrowed until
 * pen_finish(); drawn often, it is in the document once. */
void pen_picture(Pen *pen, Box box, const Picture *picture);

/* Writes what is left.  A document without a page is an error (INVALID). */
bool pen_finish(Pen *pen, GError **error) MUST_USE;
void pen_free(Pen *pen);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pen, pen_free)

/* libharu's pen.  `fonts` must outlive it. */
Pen *pen_haru_new(const FontSet *fonts, PenWrite *write, void *context);
