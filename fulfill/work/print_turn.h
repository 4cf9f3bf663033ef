/*
 * print_turn.h - jobs of kind "print": a batch is closed and written as PDF.
 */
#pragma once

#include "fulfill/work/work.h"

/* Does one batch that is due; *ret_n is 0 when none is.
 *
 * The PDF is a function of the batch's rows and appears whole under its name: after a
 * crash at any point the same bytes are written again, and nothing is printed by itself.
 */
bool print_turn(Work *work, int *ret_n, GError **error) MUST_USE;

/* Writes a closed or rendered batch into the print folder; `ret_file` (to be freed) is
 * its name there.  Pieces that cannot be shown are pulled. */
bool print_batch_write(Work *work, int64_t id, char **ret_file, GError **error) MUST_USE;
