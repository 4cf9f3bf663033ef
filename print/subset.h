/*
 * subset.h - a small TrueType font with only the glyphs that a document shows.
 *
 * Glyph numbers are code points: 'A' is glyph 65.  So a text in the PDF is its UTF-16BE,
 * no numbering has to be remembered between pages, and a subset's bytes depend on
 * nothing but the font and the set of characters.  The numbers between are empty
 * glyphs, which deflate to nothing.
 *
 * Hinting is dropped (a card is read at 600 dpi or zoomed in), outlines are brought to
 * 1000 units an em as in PostScript fonts, accented letters become plain outlines.
 */
#pragma once

#include "print/font.h"

/* The glyphs of one font, made ready as they are asked for; for one thread. */
typedef struct GlyphStore GlyphStore;

/* `font` must outlive it. */
GlyphStore *glyph_store_new(const Font *font);
void glyph_store_free(GlyphStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GlyphStore, glyph_store_free)

/*
 * Appends to `out` a font with the `n` characters `chars`: ascending, of the BMP, each
 * shown by the font.
 *
 * false: INVALID when one of the glyphs is damaged or the whole grows beyond
 * LIMIT_FONT_BYTES.
 */
bool subset_build(GlyphStore *store, const uint16_t *chars, int n, GByteArray *out,
    GError **error) MUST_USE;
