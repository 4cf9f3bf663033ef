/*
 * geom.h - millimetres, boxes and the one conversion to points.
 *
 * Everything in print/ is measured in millimetres from the top left corner of what it
 * lies on (card, page), y downwards, as on the sheet in front of a person.  Only type is
 * measured in points (1/72 inch), as printers do.  PDF counts from the bottom left in
 * points: the pens turn the one into the other, nobody else.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PT_PER_MM (72.0 / 25.4)
#define MM_PER_PT (25.4 / 72.0)

static inline double
mm_to_pt(double mm)
{
	return mm * PT_PER_MM;
}

static inline double
pt_to_mm(double pt)
{
	return pt * MM_PER_PT;
}

/* A printer's dot at 600 dpi, to which QR modules are snapped. */
#define DOT_MM (25.4 / 600)

/* ISO/IEC 7810 ID-1. */
#define ID1_WIDTH_MM 85.60
#define ID1_HEIGHT_MM 53.98
#define ID1_RADIUS_MM 3.18

typedef struct Box {
	double x, y, w, h; /* mm; top left corner, width, height */
} Box;

static inline double
box_right(Box b)
{
	return b.x + b.w;
}

static inline double
box_bottom(Box b)
{
	return b.y + b.h;
}

/* `in` lies in `out`, with a thousandth of a millimetre for rounding. */
static inline bool
box_holds(Box out, Box in)
{
	const double e = 0.001;

	return in.x >= out.x - e && in.y >= out.y - e &&
	       box_right(in) <= box_right(out) + e &&
	       box_bottom(in) <= box_bottom(out) + e;
}

/* `b` grown by `mm` on each side; negative shrinks. */
static inline Box
box_grown(Box b, double mm)
{
	return (Box){ b.x - mm, b.y - mm, b.w + 2 * mm, b.h + 2 * mm };
}

/* 0xRRGGBB */
typedef uint32_t Colour;
#define COLOUR_BLACK 0x000000u
#define COLOUR_WHITE 0xFFFFFFu

/* `c` as on white paper with `share` (0 to 1) of its strength. */
static inline Colour
colour_tint(Colour c, double share)
{
	Colour ret = 0;

	for (int shift = 16; shift >= 0; shift -= 8) {
		double part = (double)((c >> shift) & 0xFF);

		ret |= (Colour)(255.0 - (255.0 - part) * share + 0.5) << shift;
	}
	return ret;
}
