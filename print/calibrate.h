/*
 * calibrate.h - a page to set up a printer for a stock.
 *
 * Rulers along both axes, a cross in the middle, the outlines of all labels with their
 * numbers as `start_slot` counts them (with backs also on a second page, to be held
 * against the light), the shift and scale in force, and what to do with
 * all that in two sentences.
 */
#pragma once

#include "print/sheet.h"

/* Draws the page with plan->shift_* and plan->scale applied.  Ends with pen_finish().
 * false: INVALID (see sheet_plan_check(), but small labels pass), or the pen's error. */
bool calibrate_draw(Pen *pen, const SheetPlan *plan, GError **error) MUST_USE;
