/*
 * press_private.h - the press as its pen sees it; only press.c, pen_lean.c, lean_font.c.
 */
#pragma once

#include "print/flate.h"
#include "print/pdf.h"
#include "print/press.h"
#include "print/subset.h"

/* The characters of one font that the document in work has shown. */
typedef struct CharSet {
	uint64_t bits[1024]; /* one for each code point of the BMP */
	int low, high;       /* words in use; high -1: none */
} CharSet;

/* One document at a time; unlocking forgets its characters. */
void press_lock(Press *press);
void press_unlock(Press *press);

Flate *press_flate(Press *press, PressEffort effort);
CharSet *press_used(Press *press, int font);
GlyphStore *press_store(Press *press, int font);

/* The zlib stream of `raw`, remembered; good until the next call. */
GBytes *press_pack(Press *press, PressEffort effort, const void *raw, size_t size);

/* Room for a list of all characters of a font. */
uint16_t *press_chars(Press *press);

/*
 * Writes the fonts of the document in work: font i of the set as object numbers[i],
 * unless that is 0, with what it refers to.  lean_font.c.
 */
bool lean_fonts_write(Press *press, PressEffort effort, Pdf *pdf, const int *numbers,
    GError **error) MUST_USE;
