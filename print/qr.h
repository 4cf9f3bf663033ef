/*
 * qr.h - QR codes (ISO/IEC 18004); the only door to qrencode.h.
 *
 * A code is encoded once and then used for the mail's picture and for the card: encoding
 * is the dearest step of both.  Upper-case text makes smaller codes, because letters,
 * digits and " $%*+-./:" then take 5.5 bits instead of 8.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "queue/err.h"

/* Quiet zone on every side, in modules (ISO/IEC 18004 6.3.8). */
#define QR_QUIET_MODULES 4

/* Version 40. */
#define QR_SIZE_MAX 177

typedef enum QrLevel {
	QR_LEVEL_M, /* mends 15 %; the default */
	QR_LEVEL_Q, /* mends 25 %; free of charge for the bare 29-character code (25
		       modules) */
} QrLevel;

/* A dark rectangle, in modules from the code's top left corner without quiet zone. */
typedef struct QrRect {
	uint8_t x, y, w, h;
} QrRect;

typedef struct Qr {
	int size;               /* modules on a side, 25 to 177 */
	const uint8_t *modules; /* size * size bytes, row by row; bit 0 set: dark */
	const QrRect *rects;    /* cover each dark module once and nothing else */
	int n_rects;
} Qr;

/* NULL: INVALID for an empty text, a NUL, or more than LIMIT_QR_TEXT_BYTES. */
Qr *qr_encode(const char *text, QrLevel level, GError **error) MUST_USE;
void qr_free(Qr *qr);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Qr, qr_free)

bool qr_dark(const Qr *qr, int x, int y);

/*
 * `text` with everything in upper case that means the same so: scheme and host of a URL
 * (RFC 3986 3.1, 3.2.2).  A text without "://" comes back unchanged.  To be g_free()d.
 */
char *qr_text_fold(const char *text);

/* Appends a 1-bit greyscale PNG, 8 pixels a module, with the quiet zone. */
#define QR_PNG_SCALE 8
void qr_png(const Qr *qr, GByteArray *out);
