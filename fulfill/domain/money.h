/*
 * money.h - amounts in minor units of a currency, exact to the last of them.
 *
 * An amount is a whole number of minor units (cents, yen, fils) with its ISO 4217 code;
 * how many decimals the code has is in a table (ISO 4217, list one).  There is no
 * floating point here and no rate of exchange: two currencies never meet, that is an
 * error.
 *
 * Rounding happens only where an amount is multiplied by a fraction, and always the same
 * way: half away from zero, so that a credit is the mirror of the charge (5.5 cent is 6,
 * -5.5 cent is -6).  Parts of an amount are cut by cumulative rounding, so that they add
 * up to the whole.
 *
 * Pure functions.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue/err.h"

typedef struct Money {
	int64_t minor;
	char currency[4]; /* "EUR" */
} Money;

/* How many decimals ISO 4217 gives this currency: 0 to 3; -1 for a code it does not have
 * (or has not any more). */
int currency_decimals(const char *code);

/* INVALID for an unknown currency. */
bool money_from_minor(
    int64_t minor, const char *currency, Money *ret, GError **error) MUST_USE;

/*
 * "499.00 EUR", "-3.50 EUR", "499 EUR", "1200 JPY": point or nothing, exactly the
 * decimals of the currency or none, one blank, code in capitals.  INVALID for anything
 * else, for a comma, and for more than LIMIT_MONEY_DIGITS digits before the point.
 */
bool money_parse(const char *text, Money *ret, GError **error) MUST_USE;

/* "499.00 EUR"; money_parse() reads it back.  All format functions return text the caller
 * frees. */
char *money_format(Money money) G_GNUC_WARN_UNUSED_RESULT;

/* Only the number, with `point` before the decimals: "499,00" for DATEV. */
char *money_format_number(Money money, char point) G_GNUC_WARN_UNUSED_RESULT;

/* For people: de "1.234,50 EUR", en "1,234.50 EUR"; other languages (or NULL) as
 * money_format(). */
char *money_format_people(Money money, const char *language) G_GNUC_WARN_UNUSED_RESULT;

/* INVALID when the currencies differ or the result does not fit.  `ret` may be one of the
 * operands. */
bool money_add(Money a, Money b, Money *ret, GError **error) MUST_USE;
bool money_sub(Money a, Money b, Money *ret, GError **error) MUST_USE;
bool money_neg(Money a, Money *ret, GError **error) MUST_USE;

/* money * numerator / denominator, rounded half away from zero.  INVALID when the
 * denominator is below 1 or the result does not fit. */
bool money_scale(Money money, int64_t numerator, int64_t denominator, Money *ret,
    GError **error) MUST_USE;

/*
 * The part of `whole` that goes with the steps from + 1 to `to` out of `steps`:
 * round(whole * to / steps) - round(whole * from / steps).  Parts that follow each other
 * (0 to 10, 10 to 20, 20 to 31) add up to `whole` exactly, in whatever order and month
 * they are asked for, because none depends on what another came to.
 *
 * INVALID unless 0 <= from <= to <= steps and steps >= 1.
 */
bool money_part(Money whole, int64_t from, int64_t to, int64_t steps, Money *ret,
    GError **error) MUST_USE;

/*
 * Splits `whole` in proportion to `n` weights into `ret[n]`, which add up to it.  INVALID
 * when a weight is negative, or all are 0, or their sum does not fit; `ret` is then
 * untouched.
 */
bool money_split(
    Money whole, const int64_t *weights, size_t n, Money *ret, GError **error) MUST_USE;
