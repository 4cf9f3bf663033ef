/*
 * qr_box.c - the largest module.
 */
#include "print/qr_box.h"

#include <math.h>

bool
qr_box(Pen *pen, const Qr *qr, Box box, double least_mm, GError **error)
{
	int modules = qr->size + 2 * QR_QUIET_MODULES;
	/* The tiny summand keeps 12.0 dots from becoming 11. */
	double step = 2 * DOT_MM;
	double module = floor(MIN(box.w, box.h) / modules / step + 1e-9) * step;
	double side = modules * module;
	Box white = { box.x + (box.w - side) / 2, box.y + (box.h - side) / 2, side,
		side };

	if (module < least_mm)
		return err_set(error, TP_ERROR_INVALID,
		    "a QR code of %d modules needs %.1f mm, there are %.1f mm", qr->size,
		    modules * ceil(least_mm / step) * step, MIN(box.w, box.h));
	pen_fill(pen, COLOUR_WHITE, &white, 1);
	pen_modules(pen, COLOUR_BLACK, white.x + QR_QUIET_MODULES * module,
	    white.y + QR_QUIET_MODULES * module, module, qr->rects, qr->n_rects);
	return true;
}
