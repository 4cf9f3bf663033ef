/*
 * letter_json.h - one letter from a JSON object.
 *
 *   { "kind": "cards|pin|note", "form": "din5008-b", "language": "de",
 *     "sender": { "name", "address": [...], "phone", "email", "web", "footers": [...] },
 *     "to": { "company", "name", "lines": [...], "postcode", "city", "region", "country"
 * }, "remark", "greeting", "date", "order", "customer", "reference", "contact",
 * "subject", "activate_at", "mark": texts, "paragraphs": [...], "cards": [ as in
 * card_list.h ] }
 *
 * A delivery note takes its rows from the cards and masks their codes.  An unknown key,
 * or a value of another kind, is an error.
 */
#pragma once

#include "print/card_list.h"
#include "print/letter.h"

/* What a letter has if it does not say. */
typedef struct LetterDefaults {
	const char *form;
	const char *language;
	const char
	    *url; /* activation address with {{code}}; NULL: the QR code is the code */
	double shift_x_mm, shift_y_mm, scale;
} LetterDefaults;

/* Draws the next letter of the list.  1: *ret_pages says how many pages; 0: that was the
 * last; -1: INVALID with list and letter; an error of the pen. */
int letter_json_draw(CardList *list, const LetterDefaults *defaults, Pen *pen,
    int *ret_cards, int *ret_pages, GError **error) MUST_USE;
