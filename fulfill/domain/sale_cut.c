/*
 * sale_cut.c - charges into months.
 */
#include "fulfill/domain/sale_cut.h"

static guint
n_reversals(const SaleCharge *charge)
{
	return charge->reversals != NULL ? charge->reversals->len : 0;
}

static const Sale *
reversal(const SaleCharge *charge, guint i)
{
	return &g_array_index(charge->reversals, Sale, i);
}

bool
sale_is_by_day(const SaleCharge *charge)
{
	return !charge->at_once && day_cmp(charge->charge.last_day, DAY_MAX) < 0 &&
	       day_cmp(charge->charge.period_last_day, DAY_MAX) < 0;
}

static Day
month_of(Day day)
{
	return day_month_first(day);
}

void
sale_months(const SaleCharge *charge, Day *ret_first, Day *ret_last)
{
	const Sale *sale = &charge->charge;

	*ret_first = month_of(sale_is_by_day(charge) ? sale->first_day : sale->day);
	*ret_last = sale_is_by_day(charge) ? month_of(sale->last_day) : *ret_first;
	for (guint i = 0; i < n_reversals(charge); i++)
		*ret_last = day_max(*ret_last, month_of(reversal(charge, i)->day));
}

/* What is left of the whole charge. */
static int64_t
left_of(const SaleCharge *charge)
{
	int64_t minor = charge->charge.amount.minor;

	for (guint i = 0; i < n_reversals(charge); i++)
		minor += reversal(charge, i)->amount.minor;
	return minor;
}

/* The charge as its reversals left it: shortened by prorata, nothing after a full one. */
static Charge
shortened(const SaleCharge *charge)
{
	Charge cut = sale_charge(&charge->charge);

	for (guint i = 0; i < n_reversals(charge); i++) {
		const Sale *back = reversal(charge, i);
		Day before = back->mode == CREDIT_FULL
				 ? (Day){ cut.first_day.v - 1 }
				 : (Day){ day_max(back->day, cut.first_day).v - 1 };

		if (back->mode != CREDIT_NONE)
			cut.last_day = day_min(cut.last_day, before);
	}
	return cut;
}

static int
days_of(Day from, Day to)
{
	return day_diff(from, to) + 1;
}

static bool
cut_by_day(const SaleCharge *charge, Day month, GArray *parts, GError **error)
{
	Charge cut = shortened(charge);
	Day last = day_month_last(month);
	SalePart part = {
		.event_id = charge->charge.id,
		.month = month,
		.first_day = day_max(cut.first_day, month),
		.last_day = day_min(cut.last_day, last),
		.days = charge_days(&cut, month, last),
		.period_days = days_of(cut.period_first_day, cut.period_last_day),
	};
	Money total;
	const Sale *final =
	    n_reversals(charge) > 0 ? reversal(charge, n_reversals(charge) - 1) : NULL;

	if (!charge_amount(&cut, month, last, &part.amount, error) ||
	    !charge_total(&cut, &total, error))
		return false;
	if (part.days > 0)
		g_array_append_val(parts, part);
	/* Amounts that were agreed otherwise than the days say are settled with the last
	 * reversal, so that the months always add up to the book. */
	if (final != NULL && day_cmp(month_of(final->day), month) == 0 &&
	    left_of(charge) != total.minor) {
		SalePart rest = {
			.event_id = final->id,
			.back = true,
			.month = month,
			.first_day = final->day,
			.last_day = charge->charge.last_day,
			.period_days = part.period_days,
			.amount = total,
		};

		rest.amount.minor = left_of(charge) - total.minor;
		g_array_append_val(parts, rest);
	}
	return true;
}

static void
add_at_once(
    const SaleCharge *charge, const Sale *sale, bool back, Day month, GArray *parts)
{
	bool for_ever = day_cmp(charge->charge.last_day, DAY_MAX) == 0;
	SalePart part = {
		.event_id = sale->id,
		.back = back,
		.month = month,
		.first_day = back ? sale->day : charge->charge.first_day,
		.last_day = charge->charge.last_day,
		.amount = sale->amount,
	};

	if (day_cmp(month_of(sale->day), month) != 0 || (back && sale->amount.minor == 0))
		return;
	if (!for_ever) {
		part.days = MAX(days_of(part.first_day, part.last_day), 0);
		part.period_days = days_of(
		    charge->charge.period_first_day, charge->charge.period_last_day);
	}
	g_array_append_val(parts, part);
}

bool
sale_cut(const SaleCharge *charge, Day month, GArray *parts, GError **error)
{
	Day first = month_of(month);

	if (charge->charge.price.currency[0] == '\0')
		return true;
	if (sale_is_by_day(charge))
		return cut_by_day(charge, first, parts, error);
	add_at_once(charge, &charge->charge, false, first, parts);
	for (guint i = 0; i < n_reversals(charge); i++)
		add_at_once(charge, reversal(charge, i), true, first, parts);
	return true;
}
