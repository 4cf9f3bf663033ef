/*
 * sheet_marks.h - what stands in the margins of a sheet.
 */
#pragma once

#include "print/sheet.h"

/* Around all labels. */
Box sheet_grid(const Stock *stock);

/* The title can be set.  false: INVALID: characters no font shows, or too long. */
bool sheet_marks_check(const Pen *pen, const SheetPlan *plan, GError **error) MUST_USE;

/* Ruler, words and crop marks of page `page` (from 1) of `pages`. */
void sheet_marks_draw(Pen *pen, const SheetPlan *plan, int page, int pages);

/* The same of its other side: nothing is cut along marks there. */
void sheet_marks_back(Pen *pen, const SheetPlan *plan, int page, int pages);
