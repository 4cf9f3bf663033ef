/*
 * font.h - TrueType fonts: what they can show, how wide it is, and its outlines.
 *
 * A font is an operator's file, mapped and read with every offset checked; a damaged one
 * is refused at opening where that can be seen, else at the glyph that is damaged.
 * Outlines must be TrueType ("glyf"); OpenType fonts with CFF outlines are refused.  Of a
 * collection (.ttc) the first font is taken.  Only the Basic Multilingual Plane is used:
 * the pens make a character's code point its number in the PDF.
 *
 * A Font is read-only once open and may be shared among threads.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "queue/err.h"

#define FONT_DEFAULT_REGULAR "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
#define FONT_DEFAULT_BOLD "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"
#define FONT_DEFAULT_MONO "/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf"

typedef struct Font Font;

/* 1/1000 em, y upwards. */
typedef struct FontMetrics {
	int ascent, descent; /* descent is negative */
	int cap_height;
	int box[4]; /* left, bottom, right, top of all glyphs */
	bool is_fixed;
} FontMetrics;

typedef struct FontPoint {
	int16_t x, y; /* font_outline_units() an em */
	bool on;      /* on the curve, not a control point */
} FontPoint;

typedef struct FontOutline {
	GArray *points; /* FontPoint */
	GArray *ends;   /* uint16_t: index of each contour's last point */
} FontOutline;

/* NULL: NOT_FOUND, DENIED, IO; CONFIG when it is no TrueType font that can be used. */
Font *font_open(const char *path, GError **error) MUST_USE;

/* The same for bytes in memory; `name` stands in messages. */
Font *font_new_from_bytes(GBytes *bytes, const char *name, GError **error) MUST_USE;
void font_free(Font *font);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Font, font_free)

const char *font_path(const Font *font);
/* The PostScript name, of letters, digits and '-' only: "DejaVuSans-Bold". */
const char *font_name(const Font *font);
const FontMetrics *font_metrics(const Font *font);

/* The glyph that shows `c`, 0 if there is none. */
unsigned font_glyph(const Font *font, gunichar c);
/* Advance width of `c` in 1/1000 em; that of the missing glyph if there is none. */
int font_advance(const Font *font, gunichar c);

/*
 * Outlines come in the font's own units, halved until an em has at most
 * FONT_OUTLINE_UNITS.  At 14 pt half a unit is a fifth of a dot at 600 dpi; the embedded
 * fonts are 15 % smaller than with the usual 1000 units, because halving keeps equal
 * steps equal.
 */
#define FONT_OUTLINE_UNITS 256
int font_outline_units(const Font *font);

/*
 * Appends the outline of `glyph` (empty for a space), composite glyphs resolved.
 * false: INVALID when the glyph's data are damaged, or larger than any real glyph.
 */
bool font_outline(
    const Font *font, unsigned glyph, FontOutline *outline, GError **error) MUST_USE;
