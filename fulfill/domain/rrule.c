/*
 * rrule.c - expand a rule by walking its periods and testing each day of them.
 *
 * The table in RFC 5545 3.3.10 tells for each part whether it expands or limits.  On
 * civil days there is no need for the distinction: a period (a day, a week, a month, a
 * year) has at most 366 days, a day is in the set if every part of the rule says yes, and
 * BYSETPOS picks from what is left.  Testing a day costs a few nanoseconds; a wrong
 * shortcut costs a mail on the wrong day.
 */
#include "fulfill/domain/rrule.h"

#include <string.h>

#include "fulfill/domain/rrule_private.h"

/* What the tests of a day need to know about it. */
typedef struct Square {
	Day day;
	Ymd ymd;
	int month_days; /* in its month */
	int year_day;   /* from 1 */
	int year_days;
	int weekday;
} Square;

static Square
square_of(Day day)
{
	Ymd ymd = day_ymd(day);
	Day year_first;

	if (!day_from_ymd(ymd.year, 1, 1, &year_first, NULL))
		BUG("no first of January %d", ymd.year);
	return (Square){
		.day = day,
		.ymd = ymd,
		.month_days = days_in_month(ymd.year, ymd.month),
		.year_day = day_diff(year_first, day) + 1,
		.year_days = year_is_leap(ymd.year) ? 366 : 365,
		.weekday = day_weekday(day),
	};
}

static bool
has(const GArray *numbers, int n)
{
	for (guint i = 0; i < numbers->len; i++)
		if (g_array_index(numbers, int, i) == n)
			return true;
	return false;
}

/* Whether `n`, counted from 1 or backwards from -1 of `total`, is among the numbers. */
static bool
has_either(const GArray *numbers, int n, int total)
{
	return has(numbers, n) || has(numbers, n - total - 1);
}

static bool
month_day_matches(const Rule *rule, const Square *square)
{
	if (has_either(rule->month_days, square->ymd.day, square->month_days))
		return true;
	if (!rule->bends || square->ymd.day != square->month_days)
		return false;
	/* The last day stands in for those its month does not have. */
	for (int n = square->month_days + 1; n <= 31; n++)
		if (has(rule->month_days, n))
			return true;
	return false;
}

/*
 * ISO 8601 weeks, with any first day of the week: a week belongs to the year that has
 * four of its days, which is the year of its fourth day.
 */
static bool
week_matches(const Rule *rule, const Square *square)
{
	int into_week = (square->weekday - rule->week_start + 7) % 7;
	Square fourth = square_of(day_add_days(square->day, 3 - into_week));
	int week = (fourth.year_day - 1) / 7 + 1;
	int weeks = week + (fourth.year_days - fourth.year_day) / 7;

	return has_either(rule->week_numbers, week, weeks);
}

/* Numbers before weekdays count within the month, in a yearly rule without BYMONTH within
 * the year. */
static bool
weekday_matches(const Rule *rule, const Square *square)
{
	bool in_year = rule->freq == RULE_YEARLY && rule->months == 0;
	int at = in_year ? square->year_day : square->ymd.day;
	int days = in_year ? square->year_days : square->month_days;
	int n = (at - 1) / 7 + 1;
	int from_end = -((days - at) / 7 + 1);

	for (guint i = 0; i < rule->weekdays->len; i++) {
		NthWeekday w = g_array_index(rule->weekdays, NthWeekday, i);

		if (w.weekday == square->weekday &&
		    (w.n == 0 || w.n == n || w.n == from_end))
			return true;
	}
	return false;
}

static bool
day_matches(const Rule *rule, Day day)
{
	Square square = square_of(day);

	return (rule->months == 0 || (rule->months & (1 << square.ymd.month)) != 0) &&
	       (rule->month_days->len == 0 || month_day_matches(rule, &square)) &&
	       (rule->year_days->len == 0 ||
		   has_either(rule->year_days, square.year_day, square.year_days)) &&
	       (rule->weekdays->len == 0 || weekday_matches(rule, &square)) &&
	       (rule->week_numbers->len == 0 || week_matches(rule, &square));
}

/* ---- periods ---- */

/* The first and last day of the n-th period after that of `start`.  False: past the end
 * of the calendar. */
static bool
rule_span(const Rule *rule, Day start, int64_t n, Day *first, Day *last)
{
	Ymd ymd = day_ymd(start);
	int64_t step = n * rule->interval;
	int into_week = (day_weekday(start) - rule->week_start + 7) % 7;
	Day base;

	switch (rule->freq) {
	case RULE_DAILY:
		*first = *last = day_add_days(start, step);
		return start.v + step <= DAY_MAX.v;
	case RULE_WEEKLY:
		*first = day_add_days(start, step * 7 - into_week);
		*last = day_add_days(start, step * 7 - into_week + 6);
		return start.v + step * 7 - into_week <= DAY_MAX.v;
	case RULE_MONTHLY:
		*first = day_add_months(day_month_first(start), step);
		*last = day_month_last(*first);
		return ymd.year * INT64_C(12) + ymd.month - 1 + step < INT64_C(120000);
	case RULE_YEARLY:
		if (!day_from_ymd(ymd.year, 1, 1, &base, NULL))
			BUG("no first of January %d", ymd.year);
		*first = day_add_months(base, step * 12);
		*last = day_month_last(day_add_months(*first, 11));
		return ymd.year + step <= 9999;
	}
	BUG("no frequency %d", (int)rule->freq);
	return false;
}

/* A period at or before the one that has `day`: how far one may skip without looking. */
static int64_t
rule_skip(const Rule *rule, Day start, Day day)
{
	static const int longest[] = { [RULE_DAILY] = 1,
		[RULE_WEEKLY] = 7,
		[RULE_MONTHLY] = 31,
		[RULE_YEARLY] = 366 };

	return MAX(day_diff(start, day) / longest[rule->freq] / rule->interval - 1, 0);
}

/* Keeps of the days of one period those whose places BYSETPOS names. */
static void
pick_places(const Rule *rule, GArray *days)
{
	guint kept = 0;

	if (rule->places->len == 0)
		return;
	for (guint i = 0; i < days->len; i++) {
		Day day = g_array_index(days, Day, i);

		if (has_either(rule->places, (int)i + 1, (int)days->len))
			g_array_index(days, Day, kept++) = day;
	}
	g_array_set_size(days, kept);
}

/* What the rule leaves to its start is written into a copy that leaves nothing open. */
static Rule *
rule_complete(const Rule *rule, Day start)
{
	Rule *full = rule_copy(rule);
	Ymd ymd = day_ymd(start);
	NthWeekday weekday = { 0, day_weekday(start) };
	bool open = full->month_days->len == 0 && full->weekdays->len == 0 &&
		    full->year_days->len == 0 && full->week_numbers->len == 0;

	if (!open || full->freq == RULE_DAILY)
		return full;
	if (full->freq == RULE_WEEKLY) {
		g_array_append_val(full->weekdays, weekday);
		return full;
	}
	g_array_append_val(full->month_days, ymd.day);
	if (full->freq == RULE_YEARLY && full->months == 0)
		full->months = 1 << ymd.month;
	return full;
}

GArray *
rule_days(const Rule *rule, Day start, Day from, Day to, guint max)
{
	g_autoptr(Rule) full = rule_complete(rule, start);
	g_autoptr(GArray) days = g_array_new(FALSE, FALSE, sizeof(Day));
	GArray *found = g_array_new(FALSE, FALSE, sizeof(Day));
	Day end = day_min(to, full->until_day);
	int64_t n = full->count == 0 ? rule_skip(full, start, from) : 0;
	int counted = 0;
	Day first;
	Day last;

	if (full->until_form == UNTIL_UTC)
		end = day_min(to, day_add_days(full->until_day, 1));
	for (; found->len < max && rule_span(full, start, n, &first, &last); n++) {
		if (day_cmp(first, end) > 0)
			break;
		g_array_set_size(days, 0);
		for (Day day = first; day.v <= last.v; day.v++)
			if (day_matches(full, day))
				g_array_append_val(days, day);
		pick_places(full, days);
		for (guint i = 0; i < days->len && found->len < max; i++) {
			Day day = g_array_index(days, Day, i);

			if (day_cmp(day, start) < 0)
				continue;
			if (day_cmp(day, end) > 0 ||
			    (full->count != 0 && counted == full->count))
				return found;
			counted++;
			if (day_cmp(day, from) >= 0)
				g_array_append_val(found, day);
		}
	}
	return found;
}

int64_t
rule_until_at(const Rule *rule, GTimeZone *zone)
{
	switch (rule->until_form) {
	case UNTIL_NONE:
		return INT64_MAX;
	case UNTIL_DAY:
		return day_end_at(rule->until_day, zone) - 1;
	case UNTIL_LOCAL:
		return day_time_at(rule->until_day, rule->until_s, zone);
	case UNTIL_UTC:
		return rule->until_day.v * US_PER_DAY + rule->until_s * US_PER_S;
	}
	BUG("no form %d", (int)rule->until_form);
	return INT64_MAX;
}
