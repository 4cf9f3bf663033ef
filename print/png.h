/*
 * png.h - black and white pictures made of bands of equal rows, as a QR code is.
 *
 * Write only.  Such a picture's zlib stream needs six symbols: two literals, three ways
 * to say "the row above again", and the end.  The Huffman code for them is fixed here, so
 * that a picture costs 4 us and 370 bytes, where deflate level 1 takes 37 us and 712.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

/*
 * Appends a 1-bit greyscale PNG to `out`: `n_bands` rows of `row_bytes` bytes (8 pixels
 * each, 0x00 black or 0xFF white, nothing else), each shown PNG_BAND_ROWS times.
 * row_bytes is 16 to 1024.
 */
#define PNG_BAND_ROWS 8
void png_bands(const uint8_t *rows, int row_bytes, int n_bands, GByteArray *out);
