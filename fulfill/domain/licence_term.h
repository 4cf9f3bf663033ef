/*
 * licence_term.h - from which day to which day a new licence runs.
 */
#pragma once

#include <jansson.h>

#include "fulfill/domain/product.h"
#include "fulfill/domain/term.h"
#include "queue/day.h"

typedef struct LicenceTerm {
	Day first_day;
	Day last_day;  /* DAY_MAX: for ever */
	Term term;     /* months and days 0: for ever */
	Period period; /* what the price is for; that of the term, unless a running one is
			  joined */
	Day start_day; /* the anchor of a subscription */
	int k_base;    /* the first term is period 1 - k_base of the anchor */
} LicenceTerm;

/*
 * By the product's kind: a demo runs option `days` (or the product's term in days), its
 * first day counted; a subscription runs its first term; anything with a term in days or
 * months runs that; the rest for ever.
 *
 * INVALID when it would end after 9999-12-31.
 */
bool licence_term(const Product *product, const json_t *options, Day start,
    LicenceTerm *ret, GError **error) MUST_USE;
