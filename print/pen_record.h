/*
 * pen_record.h - a pen that remembers.
 *
 * A document is drawn with it first and played to a pen that writes only when all of it
 * was found good: what does not fit is an error before the first byte, and there are no
 * half letters.  Tests read the marks to see what lies where.
 */
#pragma once

#include "print/pen.h"

typedef enum MarkKind {
	MARK_PAGE,
	MARK_TEXT,
	MARK_FILL,
	MARK_MODULES,
	MARK_LINE,
	MARK_PANEL,
	MARK_PICTURE,
} MarkKind;

/* One call of a pen.  What belongs to another kind is 0. */
typedef struct Mark {
	MarkKind kind;
	int page; /* from 1 */
	PenPage setup;
	PenStyle style; /* of fills, lines and panels: only the colour */
	char *text;
	double x, y, x2, y2; /* mm; lines end at (x2, y2) */
	double width_pt;     /* of lines and of a panel's outline */
	double radius_mm, module_mm;
	Colour stroke;
	Box *boxes; /* of fills: all; of panels and pictures: one */
	QrRect *rects;
	const Picture *picture;
	int n; /* boxes or rects */
} Mark;

/* pen_finish() does nothing. */
Pen *pen_record_new(const FontSet *fonts);

/* The marks so far, in order; the pen's. */
const Mark *pen_record_marks(const Pen *record, size_t *ret_n);

/* Draws all marks with `pen`, pages included. */
bool pen_record_play(const Pen *record, Pen *pen, GError **error) MUST_USE;

/* A pen that forgets: for measuring, and for finding what is wrong before drawing. */
Pen *pen_blank_new(const FontSet *fonts);
