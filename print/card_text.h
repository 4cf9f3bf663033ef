/*
 * card_text.h - what a card says, in its language.
 */
#pragma once

#include "print/card.h"

/*
 * The text of `element`, NULL if the card has none.  What is composed for it is kept in
 * layout->own_texts.
 */
const char *card_text(const CardData *data, CardElement element, CardLayout *layout);
