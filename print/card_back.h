/*
 * card_back.h - the other side of a card: whose it is, what to mind, where to ask.
 *
 * No code is on it, so that nothing private shows when cards lie with their backs up;
 * the serial is, so that front and back can be told to belong together.
 */
#pragma once

#include "print/card.h"

/* false: INVALID: the text of the back does not fit a card of this size, or has
 * characters that no font shows. */
bool card_back_check(const FontSet *fonts, const CardData *data, double width_mm,
    double height_mm, GError **error) MUST_USE;

/* Draws the back of a card that lies in `box`; `strip_right`: the coloured strip is at
 * the right, behind that of the front. */
bool card_back_draw(Pen *pen, const CardData *data, Box box, CardBleed bleed,
    bool strip_right, GError **error) MUST_USE;
