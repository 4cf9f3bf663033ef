/*
 * picture.h - a logo: pixels that were checked once and are drawn many times.
 *
 * A picture comes from a PNG file of the operator's and from nowhere else.  Reading it
 * converts it: transparency onto white, 8 bits a channel, grey where no pixel has a
 * colour, no more pixels than paper shows.  What is kept and put into documents is the
 * result, never the file: no profile, text, or trick of a foreign file gets any further.
 *
 * The id is a hash of the pixels: the same id is the same picture, for ever.
 */
#pragma once

#include <glib.h>

#include "queue/err.h"

/* 60 mm on a letter at 300 dpi, 30 mm on a card at 600. */
#define PICTURE_SIDE_MOST 720
#define PICTURE_ID_SIZE 33

typedef struct Picture {
	int width, height;  /* pixels, up to PICTURE_SIDE_MOST */
	int channels;       /* 1 grey, 3 red green blue */
	uint8_t *pixels;    /* row by row from the top, without gaps */
	GByteArray *packed; /* the same as a zlib stream */
	char id[PICTURE_ID_SIZE];
} Picture;

/* Reads and converts a PNG.  INVALID: it is none, is broken, too large, or blank. */
Picture *picture_read_png(const void *data, size_t size, GError **error) MUST_USE;

/* A picture that was kept: `packed` is what picture_read_png() made.  INVALID when it
 * does not expand to just that many pixels. */
Picture *picture_unpack(int width, int height, int channels, const void *packed,
    size_t size, GError **error) MUST_USE;

void picture_free(Picture *picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Picture, picture_free)

/* Appends it as a PNG file. */
void picture_png(const Picture *picture, GByteArray *out);

/* The largest size with its proportions within this one. */
void picture_fit(const Picture *picture, double most_w_mm, double most_h_mm,
    double *ret_w_mm, double *ret_h_mm);
