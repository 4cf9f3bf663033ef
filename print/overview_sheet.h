/*
 * overview_sheet.h - a month in a few plain charts, on one A4 page.
 *
 * A panel is a title, this month's figure large, what it was the month before, and a bar
 * for each of the last twelve months with its figure above it.  There is one ink: the
 * current month is full, the others are outlined, so that it reads in black and white and
 * by who sees no colours.
 *
 * The same figures give the same bytes, with each pen (pen.h; pen_svg.h for the web).
 */
#pragma once

#include "print/pen.h"

#define OVERVIEW_MONTHS 12
#define OVERVIEW_PANELS 8

typedef struct OverviewPanel {
	const char *title;
	const char *note;                /* what is counted; or NULL */
	int64_t values[OVERVIEW_MONTHS]; /* oldest first; none below 0 */
} OverviewPanel;

typedef struct OverviewPage {
	const char *language; /* de, en */
	const char *vendor;
	const char *month;                     /* "April 2027" */
	const char *initials[OVERVIEW_MONTHS]; /* "M", "A" */
	OverviewPanel panels[OVERVIEW_PANELS];
	int n_panels;
} OverviewPage;

bool overview_draw(Pen *pen, const OverviewPage *page, GError **error) MUST_USE;
