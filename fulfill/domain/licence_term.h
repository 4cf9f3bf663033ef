/*
 * licence_term.h - from which day to which day a new licence runs.
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/product.h"
#include "queue/day.h"

/*
 * By the product's kind: a demo runs option `days` (or the product's term in days), its
 * first day counted; a subscription runs its first term; anything with a term in days or
 * months runs that; the rest for ever.
 *
 * 1: first and last are filled.  0: first is, the licence has no end.  -1: INVALID.
 */
int licence_term(const Product *product, const json_t *options, Day start,
    char first[DAY_CHARS], char last[DAY_CHARS], GError **error) MUST_USE;
