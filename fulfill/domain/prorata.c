/*
 * prorata.c - day-exact amounts by differences of rounded sums.
 */
#include "fulfill/domain/prorata.h"

#include <string.h>

#include "queue/quote.h"

/* clang-format off */
static const char *const mode_names[] = {
	[CREDIT_FULL]    = "full",
	[CREDIT_PRORATA] = "prorata",
	[CREDIT_NONE]    = "none",
};
/* clang-format on */

static Money
nothing_of(Money like)
{
	like.minor = 0;
	return like;
}

bool
charge_check(const Charge *charge, GError **error)
{
	char a[DAY_CHARS];
	char b[DAY_CHARS];
	char c[DAY_CHARS];
	char e[DAY_CHARS];

	if (charge->price.minor < 0)
		return err_set(error, TP_ERROR_INVALID, "a price cannot be below 0");
	if (day_cmp(charge->period_first_day, charge->period_last_day) > 0)
		return err_set(error, TP_ERROR_INVALID,
		    "the period %s to %s ends before it begins",
		    day_format(charge->period_first_day, a),
		    day_format(charge->period_last_day, b));
	if (day_cmp(charge->first_day, charge->period_first_day) < 0 ||
	    day_cmp(charge->last_day, charge->period_last_day) > 0 ||
	    day_diff(charge->first_day, charge->last_day) < -1)
		return err_set(error, TP_ERROR_INVALID,
		    "%s to %s does not lie in the period %s to %s",
		    day_format(charge->first_day, a), day_format(charge->last_day, b),
		    day_format(charge->period_first_day, c),
		    day_format(charge->period_last_day, e));
	return true;
}

int
charge_days(const Charge *charge, Day from, Day to)
{
	Day first = day_max(charge->first_day, from);
	Day last = day_min(charge->last_day, to);

	return MAX(day_diff(first, last) + 1, 0);
}

bool
charge_amount(const Charge *charge, Day from, Day to, Money *ret, GError **error)
{
	int before;
	int days;

	if (!charge_check(charge, error))
		return false;
	days = charge_days(charge, from, to);
	if (days == 0) {
		*ret = nothing_of(charge->price);
		return true;
	}
	before = MAX(day_diff(charge->first_day, from), 0);
	return money_part(charge->price, before, before + days,
	    day_diff(charge->period_first_day, charge->period_last_day) + 1, ret, error);
}

bool
charge_total(const Charge *charge, Money *ret, GError **error)
{
	return charge_amount(charge, charge->first_day, charge->last_day, ret, error);
}

bool
charge_amount_at_once(const Charge *charge, Day from, Day to, Money *ret, GError **error)
{
	if (day_cmp(charge->first_day, from) >= 0 && day_cmp(charge->first_day, to) <= 0)
		return charge_total(charge, ret, error);
	if (!charge_check(charge, error))
		return false;
	*ret = nothing_of(charge->price);
	return true;
}

/* ---- credits ---- */

const char *
credit_mode_name(CreditMode mode)
{
	return mode_names[mode];
}

bool
credit_mode_from_name(const char *name, CreditMode *ret, GError **error)
{
	g_autofree char *shown = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(mode_names); i++) {
		if (strcmp(name, mode_names[i]) == 0) {
			*ret = (CreditMode)i;
			return true;
		}
	}
	shown = quote(name);
	return err_set(error, TP_ERROR_INVALID,
	    "'%s' is not a credit mode: full, prorata or none", shown);
}

bool
charge_credit(const Charge *charge, CreditMode mode, Day day, Money billed, Money *ret,
    GError **error)
{
	Money unused;
	Money over;

	if (billed.minor < 0)
		return err_set(
		    error, TP_ERROR_INVALID, "more was given back than was billed");
	/* From the day on to the end, as a slice: with the slice before it, it makes up
	 * the total, so that bill and credit leave what was used and not a cent else. */
	if (!charge_amount(charge, day, charge->last_day, &unused, error))
		return false;
	/* Also says so when the currencies differ. */
	if (!money_sub(billed, unused, &over, error))
		return false;
	switch (mode) {
	case CREDIT_FULL:
		*ret = billed;
		return true;
	case CREDIT_PRORATA:
		*ret = over.minor < 0 ? billed : unused;
		return true;
	case CREDIT_NONE:
		*ret = nothing_of(billed);
		return true;
	}
	BUG("no credit mode %d", (int)mode);
	return false;
}

/* ---- exchange ---- */

bool
exchange_plan(const Charge *old_charge, Money old_billed, const Charge *new_charge,
    Exchange *ret, GError **error)
{
	Day day = new_charge->first_day;
	Exchange plan = { .old_charge = *old_charge };
	char a[DAY_CHARS];
	char b[DAY_CHARS];
	char c[DAY_CHARS];

	if (day_cmp(day, old_charge->first_day) < 0 ||
	    day_cmp(day, old_charge->last_day) > 0)
		return err_set(error, TP_ERROR_INVALID,
		    "%s is not a day from %s to %s on which the old subscription runs",
		    day_format(day, a), day_format(old_charge->first_day, b),
		    day_format(old_charge->last_day, c));
	plan.old_charge.last_day = (Day){ day.v - 1 };
	if (!charge_credit(
		old_charge, CREDIT_PRORATA, day, old_billed, &plan.old_credit, error) ||
	    !charge_total(&plan.old_charge, &plan.old_amount, error) ||
	    !charge_total(new_charge, &plan.new_amount, error) ||
	    !money_sub(plan.new_amount, plan.old_credit, &plan.due, error))
		return false;
	*ret = plan;
	return true;
}
