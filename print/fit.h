/*
 * fit.h - setting a text into a box: smaller, then broken, never cut.
 *
 * A text first shrinks on one line down to `one_line_pt`.  Then it is broken at spaces,
 * after '-' and '/', and between ideographs: into as few lines as that size allows, and
 * only with the most lines smaller still.  Words are never split.
 */
#pragma once

#include "print/fontset.h"
#include "print/geom.h"

#define FIT_LINES_MAX 6
#define FIT_STEP_PT 0.25 /* sizes are multiples of it */

typedef struct FitWish {
	FontRole role;
	double size_pt;     /* wanted */
	double one_line_pt; /* smallest as long as there may be another line */
	double least_pt;    /* smallest at all */
	double tracking;    /* extra after each character, in sizes */
	double leading;     /* distance of lines, in sizes */
	double width_mm;
	double height_mm; /* from the capitals' top of the first to the baseline of the
			     last */
	int lines;        /* most lines, up to FIT_LINES_MAX */
} FitWish;

typedef struct FitLine {
	const char *text; /* within the text given; not terminated */
	size_t bytes;
	double width_mm;
} FitLine;

typedef struct Fit {
	double size_pt;
	int n_lines;
	FitLine lines[FIT_LINES_MAX];
} Fit;

/* false: it does not fit; *ret untouched.  `text` was accepted by font_set_check(). */
bool fit_text(const FontSet *fonts, const FitWish *wish, const char *text, Fit *ret);

/*
 * The end of the piece that starts at `p` and must stay on one line; *ret_next is where
 * the next one starts, after the space if there is one.  For setters of longer texts.
 */
const char *fit_piece(const char *p, const char **ret_next);
