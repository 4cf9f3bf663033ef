/*
 * pen_svg.h - a pen that draws for the web: each page an <svg> element.
 *
 * Texts stay texts, in DejaVu Sans where the reader has it, and are fitted to the width
 * they were measured with.  The same calls give the same bytes.
 */
#pragma once

#include "print/pen.h"

/* `fonts` must outlive it. */
Pen *pen_svg_new(const FontSet *fonts, PenWrite *write, void *context);
