/*
 * value.h - one value of an order document: is it what its field may hold?
 *
 * Pure functions from bytes of strangers to the spelling that is stored, the same for
 * every format.  Each returns NULL or false and fills *flaw when the value will not do;
 * what is said there completes the sentence "quantity '0' ...".
 */
#pragma once

#include <glib.h>

#include "fulfill/intake/order.h"

typedef struct Flaw {
	OrderErrorCode code;
	char why[160]; /* "is not a whole number from 1 to 10000" */
} Flaw;

/* From `size` bytes to the stored spelling, which the caller frees.  Blanks around are
 * gone before; `max` counts characters. */
typedef char *(*ValueRead)(const char *text, size_t size, int max, Flaw *flaw);

/* A line of text for people: a name, a company, a street. */
char *value_text(const char *text, size_t size, int max, Flaw *flaw);

/* A name by which something is found: an order number, a SKU.  No invisible characters
 * and no blank but the space. */
char *value_id(const char *text, size_t size, int max, Flaw *flaw);

/* As mailer/addr.h normalises it. */
char *value_email(const char *text, size_t size, int max, Flaw *flaw);

/* YYYY-MM-DD. */
char *value_day(const char *text, size_t size, int max, Flaw *flaw);

/* The same, 20261124, and either with a time of day and zone behind it, which is dropped:
 * for formats in which a date is written so. */
char *value_day_lax(const char *text, size_t size, int max, Flaw *flaw);

/* "de" of "de", "DE", "de-AT"; one of the languages there are texts in. */
char *value_language(const char *text, size_t size, int max, Flaw *flaw);

/* "consumer" or "business", also in German. */
char *value_customer(const char *text, size_t size, int max, Flaw *flaw);

/* ISO 3166-1 alpha-2 of alpha-2, alpha-3 or number. */
char *value_country(const char *text, size_t size, int max, Flaw *flaw);

/* Digits only: a whole number from `least` to `most`. */
bool value_count(
    const char *text, size_t size, int64_t least, int64_t most, int64_t *ret, Flaw *flaw);

/* Digits with an optional minus; false when it is anything else, or too large. */
bool value_whole(const char *text, size_t size, int64_t *ret);

/* Moves *text and *size past blanks (space, no-break space) at both ends. */
void value_trim(const char **text, size_t *size);
