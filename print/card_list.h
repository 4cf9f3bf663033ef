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

#include <jansson.h>
#include <stdio.h>

#include "print/card.h"

typedef struct CardList CardList;

/* Counts the cards of `in` first, which is read twice; what cannot be read twice (a pipe)
 * is kept in memory, up to LIMIT_CARD_LIST_BYTES.  `name` stands in messages.  Does not
 * close `in`. */
CardList *card_list_open(FILE *in, const char *name, GError **error) MUST_USE;

/* The same of letters (letter_json.h), each of up to LETTER_JSON_BYTES. */
#define LETTER_JSON_BYTES (1024 * 1024) /* a thousand cards of a kilobyte */
CardList *card_list_open_letters(FILE *in, const char *name, GError **error) MUST_USE;
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

/* The next object as it is; it lives until the next call.  1/0/-1. */
int card_list_object(CardList *list, json_t **ret, GError **error) MUST_USE;

/* A card out of a JSON value.  INVALID, without file and number. */
bool card_list_read(const json_t *value, CardData *ret, GError **error) MUST_USE;

/* Puts file and number before an error. */
void card_list_blame(const CardList *list, GError **error);
