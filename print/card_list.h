/*
 * card_list.h - cards from a JSON list, one by one.
 *
 * The file is an array of objects, JSON Lines, or one object.  Keys are those of CardData
 * (`qr` for qr_text, `accent` as "#RRGGBB"); an unknown key, one that comes twice, or a
 * value of another kind is an error.  The list is foreign: each object is limited
 * (LIMIT_CARD_BYTES), and only one is held in memory.
 *
 * Errors name file and card: "cards.json: card 17: key 'holdr' is not known".
 */
#pragma once

#include <stdio.h>

#include "print/card.h"

typedef struct CardList CardList;

/* Counts the cards of `in` first, which is read twice; what cannot be read twice (a pipe)
 * is kept in memory, up to LIMIT_CARD_LIST_BYTES.  `name` stands in messages.  Does not
 * close `in`. */
CardList *card_list_open(FILE *in, const char *name, GError **error) MUST_USE;
void card_list_free(CardList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CardList, card_list_free)

int card_list_count(const CardList *list);

/* Number of the card last returned, from 1. */
int card_list_at(const CardList *list);

/*
 * 1: *ret is filled over what it holds, so a caller puts defaults there first; its new
 * strings live until the next call.  0: that was the last.  -1: INVALID or IO.
 */
int card_list_next(CardList *list, CardData *ret, GError **error) MUST_USE;
