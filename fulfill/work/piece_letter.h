/*
 * piece_letter.h - the pieces of one envelope become a letter: cards, PIN or delivery
 * note.
 */
#pragma once

#include "fulfill/work/piece_card.h"
#include "print/letter.h"

/* Draws the letter of `pieces` (one envelope, none void); *ret_pages says how many pages.
 * INVALID, naming what is wrong; nothing was drawn then. */
bool piece_letter_draw(Work *work, const PrintBatch *batch, LetterKind kind,
    PrintPiece *const *pieces, int n, Pen *pen, int *ret_pages, GError **error) MUST_USE;

/* Is a sender's address set?  CONFIG, saying what to do. */
bool piece_letter_check(const Settings *settings, GError **error) MUST_USE;

/* "Vendor · Street 1 · 12345 Town", for labels; NULL when no address is set.  To be
 * freed.
 */
char *piece_sender_line(const Settings *settings);
