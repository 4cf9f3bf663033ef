/*
 * sale_cut.h - which part of a charge belongs to which month.
 *
 * By the day (R12.3): each month gets price x days / days of the period, cut from one sum
 * so that the months add up to the charge.  At once: a licence for ever, and everything
 * of a direct customer (R12.5), stands in full in the month in which it was sold or
 * renewed.
 *
 * A reversal changes months that were cut before it: prorata shortens the charge, so
 * that later months have less; a full one leaves nothing of any month.  At once it is a
 * line of its own in its month.  What a month comes to is always computed from all that
 * is known today; the difference to a month that is closed already becomes a correction
 * (statement.h).
 *
 * Whatever happens, the parts of all months add up to the amount of the charge less what
 * was given back.  Pure functions.
 */
#pragma once

#include "fulfill/domain/sale.h"

/* A charge with its reversals, oldest first. */
typedef struct SaleCharge {
	Sale charge;
	GArray *reversals; /* of Sale; may be NULL */
	bool at_once;      /* its party was a direct one when it was charged */
} SaleCharge;

/* What one event comes to in one month: a line of a statement. */
typedef struct SalePart {
	int64_t event_id; /* the charge, or the reversal that is a line of its own */
	bool back;        /* a reversal */
	Day month;        /* its first day */
	Day first_day; /* the days of the month that are paid for, inclusive; at once: */
	Day last_day;  /* those of the whole charge */
	int days;
	int period_days; /* 0: for ever */
	Money amount;
} SalePart;

/* Appends the parts that fall into `month` (any day of it) to `parts` (of SalePart).
 * Parts of which nothing is left are not listed. */
bool sale_cut(
    const SaleCharge *charge, Day month, GArray *parts, GError **error) MUST_USE;

/* Is it cut by the day? */
bool sale_is_by_day(const SaleCharge *charge);

/* The first and the last month in which there is a part. */
void sale_months(const SaleCharge *charge, Day *ret_first, Day *ret_last);
