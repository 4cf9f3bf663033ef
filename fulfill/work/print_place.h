/*
 * print_place.h - each card of a closed batch gets its place, once.
 *
 * Cards that cannot be printed (a character no font shows, a name too long, an address
 * that does not fit the window) are pulled first, their deliveries held with the reason.
 * Later changes leave every other card where it is: a card pulled or spoiled afterwards
 * leaves its place empty.
 */
#pragma once

#include "fulfill/work/piece_card.h"
#include "print/sheet.h"

/* How the cards of a batch lie; everything but `voids` is borrowed. */
typedef struct PrintGround {
	Stock stock;
	SheetPlan plan;
	int voids[64];
	int part_sheets; /* sheets, or letters, of one file */
} PrintGround;

/* Shift and scale of the printer, as set. */
void print_calibration(
    const Settings *settings, double *ret_x_mm, double *ret_y_mm, double *ret_scale);

/* Fills the plan's backs from the settings.  CONFIG: backs on one-sided paper. */
bool print_backs(const Settings *settings, SheetPlan *plan, GError **error) MUST_USE;

/* CONFIG or INVALID when stock or settings are wrong. */
bool print_ground(
    Work *work, const PrintBatch *batch, PrintGround *ret, GError **error) MUST_USE;

/* Gives places, in slices of a transaction each; a slice that was done is not done again.
 * Called until *ret_more is false.  *ret_n: cards looked at in this slice. */
bool print_place(Work *work, const PrintBatch *batch, bool *ret_more, int *ret_n,
    GError **error) MUST_USE;
