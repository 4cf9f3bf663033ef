/*
 * qr_box.h - a QR code as large as a box allows.
 */
#pragma once

#include "print/pen.h"

/*
 * Draws `qr` in the middle of `box` on white, quiet zone included, with modules that are
 * a whole number of dots at 300 dpi and at least `least_mm` wide. false: INVALID, the box
 * is too small; nothing is drawn.
 */
bool qr_box(Pen *pen, const Qr *qr, Box box, double least_mm, GError **error) MUST_USE;
