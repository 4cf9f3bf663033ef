/*
 * term.c - periods by counting months from the first day.
 */
#include "fulfill/domain/term.h"

#include <string.h>

#include "queue/limits.h"
#include "queue/quote.h"

/* clang-format off */
static const char *const rule_names[] = {
	[TERM_BGB]    = "bgb",
	[TERM_ANCHOR] = "anchor",
};
/* clang-format on */

/* BGB 309 no. 9 c: one month; and a month of 28 days is one. */
#define CONSUMER_NOTICE_MONTHS 1
#define CONSUMER_NOTICE_DAYS 28

const char *
term_rule_name(TermRule rule)
{
	return rule_names[rule];
}

bool
term_rule_from_name(const char *name, TermRule *ret, GError **error)
{
	g_autofree char *shown = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(rule_names); i++) {
		if (strcmp(name, rule_names[i]) == 0) {
			*ret = (TermRule)i;
			return true;
		}
	}
	shown = quote(name);
	return err_set(
	    error, TP_ERROR_INVALID, "'%s' is not a term rule: bgb or anchor", shown);
}

bool
term_check(Term term, GError **error)
{
	if ((term.months != 0) == (term.days != 0))
		return err_set(
		    error, TP_ERROR_INVALID, "a term has either months or days");
	if (term.months < 0 || term.months > LIMIT_TERM_MONTHS)
		return err_set(error, TP_ERROR_INVALID,
		    "a term of %d months is not in 1 to %d", term.months,
		    LIMIT_TERM_MONTHS);
	if (term.days < 0 || term.days > LIMIT_TERM_DAYS)
		return err_set(error, TP_ERROR_INVALID,
		    "a term of %d days is not in 1 to %d", term.days, LIMIT_TERM_DAYS);
	return true;
}

bool
notice_check(Notice notice, bool consumer, GError **error)
{
	int months = consumer ? CONSUMER_NOTICE_MONTHS : LIMIT_NOTICE_MONTHS;
	int days = consumer ? CONSUMER_NOTICE_DAYS : LIMIT_NOTICE_DAYS;
	const char *why = consumer ? " for consumers (BGB 309 no. 9 c)" : "";

	if (notice.months != 0 && notice.days != 0)
		return err_set(
		    error, TP_ERROR_INVALID, "a notice has either months or days");
	if (notice.months < 0 || notice.months > months)
		return err_set(error, TP_ERROR_INVALID,
		    "a notice of %d months is not in 0 to %d%s", notice.months, months,
		    why);
	if (notice.days < 0 || notice.days > days)
		return err_set(error, TP_ERROR_INVALID,
		    "a notice of %d days is not in 0 to %d%s", notice.days, days, why);
	return true;
}

/* ---- periods ---- */

static bool
ends_too_late(Day start_day, int64_t k, GError **error)
{
	char buf[DAY_CHARS];

	return err_set(error, TP_ERROR_INVALID,
	    "period %" G_GINT64_FORMAT " from %s ends after 9999-12-31", k,
	    day_format(start_day, buf));
}

/* The day `want` of the month that is `index` months after January of year 0, or the last
 * day of that month. */
static bool
day_in_month(int64_t index, int want, Day *ret)
{
	int year = (int)(index / 12);
	int month = (int)(index % 12) + 1;

	return index / 12 <= 9999 &&
	       day_from_ymd(
		   year, month, MIN(want, days_in_month(year, month)), ret, NULL);
}

/* The last day of period `k`; of period 0, the day before the start, which may lie before
 * our calendar. */
static bool
last_day_of(Term term, Day start_day, int64_t k, Day *ret, GError **error)
{
	Ymd start = day_ymd(start_day);
	int64_t index = start.year * INT64_C(12) + start.month - 1 + k * term.months;
	Day renewal;

	if (k == 0) {
		*ret = (Day){ start_day.v - 1 };
		return true;
	}
	if (term.days != 0) {
		int64_t last = start_day.v + k * term.days - 1;

		if (last > DAY_MAX.v)
			return ends_too_late(start_day, k, error);
		*ret = (Day){ (int32_t)last };
		return true;
	}
	/* A contract of the first ends with the last of a month under both rules. */
	if (start.day == 1)
		return day_in_month(index - 1, 31, ret) ||
		       ends_too_late(start_day, k, error);
	if (term.rule == TERM_BGB)
		return day_in_month(index, start.day - 1, ret) ||
		       ends_too_late(start_day, k, error);
	if (!day_in_month(index, start.day, &renewal))
		return ends_too_late(start_day, k, error);
	*ret = (Day){ renewal.v - 1 };
	return true;
}

bool
term_period(Term term, Day start_day, int k, Period *ret, GError **error)
{
	Day before = start_day;
	Day last = start_day;

	if (!term_check(term, error))
		return false;
	if (k < 1)
		return err_set(
		    error, TP_ERROR_INVALID, "periods count from 1, there is no %d", k);
	if (!last_day_of(term, start_day, (int64_t)k - 1, &before, error) ||
	    !last_day_of(term, start_day, k, &last, error))
		return false;
	*ret = (Period){ .k = k, .first_day = { before.v + 1 }, .last_day = last };
	return true;
}

/* A period that does not end before `day` starts at or before this one; it contains `day`
 * or is at most two ahead. */
static int
guess_k(Term term, Day start_day, Day day)
{
	Ymd from = day_ymd(start_day);
	Ymd to = day_ymd(day);
	int months = (to.year - from.year) * 12 + to.month - from.month;

	if (term.days != 0)
		return day_diff(start_day, day) / term.days + 1;
	return MAX(months / term.months, 1);
}

int
term_find(Term term, Day start_day, Day day, Period *ret, GError **error)
{
	Period period;

	if (!term_check(term, error))
		return -1;
	if (day_cmp(day, start_day) < 0)
		return 0;
	for (int k = guess_k(term, start_day, day);; k++) {
		if (!term_period(term, start_day, k, &period, error))
			return -1;
		if (day_cmp(day, period.last_day) <= 0)
			break;
	}
	*ret = period;
	return 1;
}

int
period_days(Period period)
{
	return day_diff(period.first_day, period.last_day) + 1;
}

Day
period_lead_day(Period period, int lead_days)
{
	return day_max(
	    period.first_day, day_add_days(period.last_day, -(int64_t)lead_days));
}

Day
term_extended_last_day(Day last_day, int days, Day today)
{
	if (day_cmp(today, last_day) <= 0)
		return day_add_days(last_day, days);
	return day_add_days(today, (int64_t)days - 1);
}

/* ---- notice ---- */

Day
notice_deadline_day(Notice notice, Period period)
{
	return day_add_days(day_add_months(period.last_day, -(int64_t)notice.months),
	    -(int64_t)notice.days);
}

int
term_cancel(Term term, Notice notice, Day start_day, Day received_day, Period *ret,
    GError **error)
{
	Period period;
	int found;

	if (!notice_check(notice, false, error))
		return -1;
	found = term_find(term, start_day, received_day, &period, error);
	if (found != 1)
		return found;
	/* Deadlines grow with k, and a notice is bounded: this ends. */
	while (day_cmp(received_day, notice_deadline_day(notice, period)) > 0)
		if (!term_period(term, start_day, period.k + 1, &period, error))
			return -1;
	*ret = period;
	return 1;
}
