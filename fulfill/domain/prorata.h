/*
 * prorata.h - what the days of a licence cost, to the day and to the cent.
 *
 * A charge is a price for a whole period and the days of it that a licence runs.  What it
 * costs from one day to another is
 *
 *     price x days / days of the whole period
 *
 * rounded half up.  The denominator is always the whole period, also when little of it is
 * left (R11.2), and the days before `from` count in: a slice is the difference of two
 * rounded sums from the first day on.  So the slices of a charge, cut at months or
 * anywhere else and asked for in any order, add up to what the charge costs as a whole,
 * and a charge that runs its whole period costs its price.
 *
 * Pure functions.  Errors are INVALID: a charge that is none (see charge_check()),
 * currencies that differ.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "fulfill/domain/money.h"
#include "queue/day.h"
#include "queue/err.h"

/* All days are inclusive. */
typedef struct Charge {
	Money price; /* for the whole period; not below 0 */
	Day period_first_day;
	Day period_last_day;
	Day first_day; /* the licence runs from here to last_day, within the period */
	Day last_day;  /* the day before first_day: it never ran, and costs nothing */
} Charge;

/* INVALID when the price is below 0, the period ends before it begins, or the licence
 * runs outside of it. */
bool charge_check(const Charge *charge, GError **error) MUST_USE;

/* How many days from `from` to `to` (inclusive) the licence runs: |[first, last] and
 * [from, to]|, 0 when they do not meet. */
int charge_days(const Charge *charge, Day from, Day to);

/* What the days from `from` to `to` cost (R12.3). */
bool charge_amount(
    const Charge *charge, Day from, Day to, Money *ret, GError **error) MUST_USE;

/* What the whole charge costs. */
bool charge_total(const Charge *charge, Money *ret, GError **error) MUST_USE;

/* For direct customers: the whole charge in the month that has its first day, nothing in
 * any other (R12.5). */
bool charge_amount_at_once(
    const Charge *charge, Day from, Day to, Money *ret, GError **error) MUST_USE;

/* ---- credits ---- */

typedef enum CreditMode {
	CREDIT_FULL,    /* the purchase is undone */
	CREDIT_PRORATA, /* the days from the day of reversal to the last are given back */
	CREDIT_NONE,
} CreditMode;

/* "full", "prorata", "none". */
const char *credit_mode_name(CreditMode mode);
bool credit_mode_from_name(const char *name, CreditMode *ret, GError **error) MUST_USE;

/*
 * What is given back when `charge` is reversed on `day` (R10.4): an amount of 0 or more,
 * and never more than `billed`, which is what was billed for this charge less what was
 * already given back.  Before the first day prorata gives back everything, after the last
 * nothing.
 *
 * INVALID also when `billed` is below 0.
 */
bool charge_credit(const Charge *charge, CreditMode mode, Day day, Money billed,
    Money *ret, GError **error) MUST_USE;

/* ---- exchange ---- */

typedef struct Exchange {
	Charge old_charge; /* runs to the day before the exchange */
	Money old_amount;  /* what that costs */
	Money old_credit;  /* what goes back of what was billed */
	Money new_amount;  /* what the new charge costs, from the day of exchange on */
	Money due;         /* new_amount - old_credit; below 0 in the customer's favour */
} Exchange;

/*
 * The exchange of a subscription for another in one step: the old one ends the day before
 * the first day of `new_charge`, which is billed once, on the new (R11.1).  Whether this
 * is an upgrade is for the caller to say, prices do not tell (R11.3).
 *
 * INVALID also when the first day of the new is not a day on which the old runs.
 */
bool exchange_plan(const Charge *old_charge, Money old_billed, const Charge *new_charge,
    Exchange *ret, GError **error) MUST_USE;
