/*
 * qr.c - libqrencode in, rectangles and a PNG out.
 */
#include "print/qr.h"

#include <errno.h>
#include <string.h>

#include <qrencode.h>

#include "print/png.h"
#include "queue/limits.h"

/* The smallest version has no alignment pattern: on pages of ten codes at 300 dpi zbarimg
 * missed 15 of 200 of version 1 and none of 160 of version 2. */
#define VERSION_LEAST 2

typedef struct QrHeld {
	Qr qr;
	QRcode *code;
	QrRect rects[]; /* as many as dark modules at worst */
} QrHeld;

/*
 * Covers the dark modules with rectangles: a run of dark modules in a row is stretched
 * downwards while the same run stands free below it.  Greedy, not minimal; a quarter
 * fewer rectangles than runs, at no cost worth measuring.
 */
static int
cover(const uint8_t *modules, int size, QrRect *rects)
{
	/* open[x]: the rectangle whose run starts at x and that reached the row above. */
	int open[QR_SIZE_MAX];
	int n = 0;

	for (int x = 0; x < size; x++)
		open[x] = -1;
	for (int y = 0; y < size; y++) {
		const uint8_t *row = modules + (size_t)y * (size_t)size;
		int x = 0;

		while (x < size) {
			int start = x;
			QrRect *above;

			if (!(row[x] & 1)) {
				open[x++] = -1;
				continue;
			}
			while (x < size && (row[x] & 1))
				x++;
			above = open[start] < 0 ? NULL : &rects[open[start]];
			if (above != NULL && above->w == x - start &&
			    above->y + above->h == y) {
				above->h++;
				continue;
			}
			rects[n] = (QrRect){ (uint8_t)start, (uint8_t)y,
				(uint8_t)(x - start), 1 };
			open[start] = n++;
		}
	}
	return n;
}

Qr *
qr_encode(const char *text, QrLevel level, GError **error)
{
	size_t bytes = strlen(text);
	QRcode *code;
	QrHeld *held;
	int modules;

	if (bytes == 0 || bytes > LIMIT_QR_TEXT_BYTES) {
		err_set(error, TP_ERROR_INVALID,
		    "QR text has %zu bytes; 1 to %d are allowed", bytes,
		    LIMIT_QR_TEXT_BYTES);
		return NULL;
	}
	/* QR_MODE_8 as hint: the library still picks the cheapest mode for each part;
	 * QR_MODE_AN as hint would be refused. */
	code = QRcode_encodeString(text, VERSION_LEAST,
	    level == QR_LEVEL_Q ? QR_ECLEVEL_Q : QR_ECLEVEL_M, QR_MODE_8, 1);
	if (code == NULL) {
		err_errno(error, errno, "cannot encode a QR code of %zu bytes", bytes);
		return NULL;
	}
	modules = code->width * code->width;
	/* Two runs need a light module between them. */
	held = g_malloc(
	    sizeof(QrHeld) + sizeof(QrRect) * (size_t)(modules / 2 + code->width));
	held->code = code;
	held->qr =
	    (Qr){ .size = code->width, .modules = code->data, .rects = held->rects };
	held->qr.n_rects = cover(code->data, code->width, held->rects);
	return &held->qr;
}

void
qr_free(Qr *qr)
{
	QrHeld *held = (QrHeld *)qr;

	if (qr == NULL)
		return;
	QRcode_free(held->code);
	g_free(held);
}

bool
qr_dark(const Qr *qr, int x, int y)
{
	if (x < 0 || y < 0 || x >= qr->size || y >= qr->size)
		return false;
	return (qr->modules[y * qr->size + x] & 1) != 0;
}

char *
qr_text_fold(const char *text)
{
	char *ret = g_strdup(text);
	char *host = strstr(ret, "://");
	char *end;

	if (host == NULL)
		return ret;
	host += 3;
	end = host + strcspn(host, "/?#");
	/* user:password@ is not folded; there should be none. */
	if (memchr(host, '@', (size_t)(end - host)) != NULL)
		return ret;
	for (char *p = ret; p < end; p++)
		*p = g_ascii_toupper(*p);
	return ret;
}

void
qr_png(const Qr *qr, GByteArray *out)
{
	int side = qr->size + 2 * QR_QUIET_MODULES;
	uint8_t rows[(QR_SIZE_MAX + 2 * QR_QUIET_MODULES) *
		     (QR_SIZE_MAX + 2 * QR_QUIET_MODULES)];

	/* Eight pixels of one bit: a module is a byte. */
	G_STATIC_ASSERT(QR_PNG_SCALE == 8 && QR_PNG_SCALE == PNG_BAND_ROWS);
	memset(rows, 0xFF, (size_t)(side * side));
	for (int y = 0; y < qr->size; y++) {
		const uint8_t *from = qr->modules + (size_t)(y * qr->size);
		uint8_t *to = rows + (y + QR_QUIET_MODULES) * side + QR_QUIET_MODULES;

		for (int x = 0; x < qr->size; x++)
			to[x] = (from[x] & 1) ? 0x00 : 0xFF;
	}
	png_bands(rows, side, side, out);
}
