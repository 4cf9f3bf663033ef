/*
 * type.h - setting text on a page: one line in a measure, or as many as it takes.
 *
 * Each text is composed, checked against the fonts and measured before it is drawn; what
 * cannot be shown or does not fit is an error (INVALID) that names the text by `what`,
 * never by its content.  Places are those of pen.h: y is a baseline.
 */
#pragma once

#include "print/fit.h"
#include "print/pen.h"

typedef enum TypeAlign { TYPE_LEFT, TYPE_CENTRE, TYPE_RIGHT } TypeAlign;

typedef struct TypeStyle {
	FontRole role;
	double size_pt;
	double least_pt; /* a line that is too wide shrinks so far; 0: not at all */
	Colour colour;
	TypeAlign align;
	double pitch_mm; /* from baseline to baseline, for more than one line */
} TypeStyle;

/* One line from `x_mm`, `width_mm` wide at most.  NULL or "" draws nothing. */
bool type_line(Pen *pen, const TypeStyle *style, double x_mm, double y_mm,
    double width_mm, const char *what, const char *text, GError **error) MUST_USE;

/* A text broken into lines.  Empty ({ 0 }) before type_break(). */
typedef struct TypeLines {
	char *text;    /* composed; the lines point into it */
	GArray *lines; /* FitLine */
} TypeLines;

void type_lines_clear(TypeLines *lines);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TypeLines, type_lines_clear)

/* Breaks at spaces, after '-' and '/', between ideographs and at '\n'.  false: also for a
 * word wider than the measure. */
bool type_break(const FontSet *fonts, const TypeStyle *style, double width_mm,
    const char *what, const char *text, TypeLines *ret, GError **error) MUST_USE;

/* Draws line `i` with its baseline at y. */
void type_broken(Pen *pen, const TypeStyle *style, double x_mm, double y_mm,
    double width_mm, const TypeLines *lines, guint i);

/* All lines of a text, the first at `y_mm`; *ret_y_mm is the last one's baseline (that of
 * a line before the first for an empty text). */
bool type_text(Pen *pen, const TypeStyle *style, double x_mm, double y_mm,
    double width_mm, const char *what, const char *text, double *ret_y_mm,
    GError **error) MUST_USE;

/*
 * A cell of a list for our own people: up to `n_lines` lines in a measure, centred about
 * `y_mm`, shrunk to least_pt and then shortened with "...".  A list must come whatever is
 * in it: what no font shows is drawn as U+FFFD or '?'.
 */
void type_cell(Pen *pen, const TypeStyle *style, double x_mm, double y_mm,
    double width_mm, int n_lines, const char *text);

/* For address_fit(): widths in the regular font of the FontSet `fonts`. */
double type_width(void *fonts, const char *text, double size_pt);
