/*
 * day.c - calendar arithmetic by counting.
 *
 * GDate and GDateTime are not used: the first is a mutable struct with two
 * representations, the second an allocation per value, and a report walks millions of
 * days.
 */
#include "queue/day.h"

#include <string.h>

#include "queue/day_private.h"
#include "queue/quote.h"

/* clang-format off */
static const struct {
	const char *language;
	const char *format;             /* %1: day, %2: month by number or name, %3: year */
	const char *const months[12];   /* NULL: by number */
} languages[] = {
	{ "de", "%02d.%02d.%04d", { NULL } },
	{ "en", "%d %s %d", { "January", "February", "March", "April", "May", "June",
	        "July", "August", "September", "October", "November", "December" } },
};

static const int days_before_month[13] = {
	0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365
};
/* clang-format on */

static Day
clamp_day(int64_t v)
{
	return (Day){ (int32_t)CLAMP(v, DAY_MIN.v, DAY_MAX.v) };
}

bool
year_is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int
days_in_month(int year, int month)
{
	int days = days_before_month[month] - days_before_month[month - 1];

	return month == 2 && year_is_leap(year) ? days + 1 : days;
}

/* Leap days in the years 1 to `year`. */
static int
leap_days_through(int year)
{
	return year / 4 - year / 100 + year / 400;
}

/* The number of 1 January. */
static int
year_first(int year)
{
	return 365 * (year - 1970) + leap_days_through(year - 1) -
	       leap_days_through(1969);
}

/* For parts known to be good. */
static Day
day_from_parts(int year, int month, int day)
{
	int leap = month > 2 && year_is_leap(year) ? 1 : 0;

	return (Day){ year_first(year) + days_before_month[month - 1] + leap + day - 1 };
}

bool
day_from_ymd(int year, int month, int day, Day *ret, GError **error)
{
	if (year < 1970 || year > 9999)
		return err_set(
		    error, TP_ERROR_INVALID, "year %d is not in 1970 to 9999", year);
	if (month < 1 || month > 12)
		return err_set(error, TP_ERROR_INVALID, "there is no month %d", month);
	if (day < 1 || day > days_in_month(year, month))
		return err_set(error, TP_ERROR_INVALID,
		    "month %04d-%02d has %d days, not %d", year, month,
		    days_in_month(year, month), day);
	*ret = day_from_parts(year, month, day);
	return true;
}

Ymd
day_ymd(Day day)
{
	/* 365 days a year never guesses too early a year; over 8,030 years it guesses up
	 * to six too late. */
	int year = 1970 + day.v / 365;
	int month = 1;
	int rest;

	while (year_first(year) > day.v)
		year--;
	rest = day.v - year_first(year);
	while (rest >= days_in_month(year, month))
		rest -= days_in_month(year, month++);
	return (Ymd){ year, month, rest + 1 };
}

int
day_cmp(Day a, Day b)
{
	return (a.v > b.v) - (a.v < b.v);
}

Day
day_min(Day a, Day b)
{
	return a.v < b.v ? a : b;
}

Day
day_max(Day a, Day b)
{
	return a.v > b.v ? a : b;
}

int32_t
day_diff(Day from, Day to)
{
	return to.v - from.v;
}

Day
day_add_days(Day day, int64_t days)
{
	/* Cut the step first: the sum of two int64 could overflow. */
	return clamp_day(day.v + CLAMP(days, -(int64_t)DAY_MAX.v, (int64_t)DAY_MAX.v));
}

Day
day_add_months(Day day, int64_t months)
{
	Ymd from = day_ymd(day);
	int64_t index = (int64_t)from.year * 12 + from.month - 1;
	int year;
	int month;

	index += CLAMP(months, -INT64_C(12) * 9999, INT64_C(12) * 9999);
	if (index < INT64_C(1970) * 12)
		return DAY_MIN;
	if (index >= INT64_C(10000) * 12)
		return DAY_MAX;
	year = (int)(index / 12);
	month = (int)(index % 12) + 1;
	return day_from_parts(year, month, MIN(from.day, days_in_month(year, month)));
}

Day
day_month_first(Day day)
{
	return (Day){ day.v - day_ymd(day).day + 1 };
}

Day
day_month_last(Day day)
{
	Ymd ymd = day_ymd(day);

	return (Day){ day.v - ymd.day + days_in_month(ymd.year, ymd.month) };
}

int
day_weekday(Day day)
{
	return (day.v + 3) % 7 + 1; /* 1970-01-01 was a Thursday */
}

/* ---- text ---- */

size_t
day_shape_match(const char *text, const char *shape, int *numbers)
{
	int n = -1;
	bool in_number = false;

	for (size_t i = 0; shape[i] != '\0'; i++) {
		if (shape[i] != '0') {
			if (text[i] != shape[i])
				return 0;
			in_number = false;
			continue;
		}
		if (!g_ascii_isdigit(text[i]))
			return 0;
		if (!in_number)
			numbers[++n] = 0;
		in_number = true;
		numbers[n] = numbers[n] * 10 + g_ascii_digit_value(text[i]);
	}
	return strlen(shape);
}

bool
day_parse(const char *text, Day *ret, GError **error)
{
	int n[3];
	g_autofree char *shown = NULL;

	if (day_shape_match(text, "0000-00-00", n) == strlen(text) && text[0] != '\0') {
		if (day_from_ymd(n[0], n[1], n[2], ret, error))
			return true;
		g_prefix_error(error, "'%s' is not a day: ", text);
		return false;
	}
	shown = quote(text);
	return err_set(
	    error, TP_ERROR_INVALID, "'%s' is not a day of the form YYYY-MM-DD", shown);
}

bool
day_parse_month(const char *text, Day *ret, GError **error)
{
	int n[2];
	g_autofree char *shown = NULL;

	if (day_shape_match(text, "0000-00", n) == strlen(text) && text[0] != '\0') {
		if (day_from_ymd(n[0], n[1], 1, ret, error))
			return true;
		g_prefix_error(error, "'%s' is not a month: ", text);
		return false;
	}
	shown = quote(text);
	return err_set(
	    error, TP_ERROR_INVALID, "'%s' is not a month of the form YYYY-MM", shown);
}

char *
day_put_digits(char *at, int n, int width)
{
	for (int i = width - 1; i >= 0; i--) {
		at[i] = (char)('0' + n % 10);
		n /= 10;
	}
	return at + width;
}

char *
day_format(Day day, char buf[DAY_CHARS])
{
	Ymd ymd = day_ymd(day);
	char *at = day_put_digits(buf, ymd.year, 4);

	*at++ = '-';
	at = day_put_digits(at, ymd.month, 2);
	*at++ = '-';
	at = day_put_digits(at, ymd.day, 2);
	*at = '\0';
	return buf;
}

char *
day_format_people(Day day, const char *language)
{
	Ymd ymd = day_ymd(day);
	char buf[DAY_CHARS];

	for (size_t i = 0; language != NULL && i < G_N_ELEMENTS(languages); i++) {
		size_t n = strlen(languages[i].language);

		if (g_ascii_strncasecmp(language, languages[i].language, n) != 0 ||
		    g_ascii_isalnum(language[n]))
			continue;
		if (languages[i].months[0] == NULL)
			return g_strdup_printf(
			    languages[i].format, ymd.day, ymd.month, ymd.year);
		return g_strdup_printf(languages[i].format, ymd.day,
		    languages[i].months[ymd.month - 1], ymd.year);
	}
	return g_strdup(day_format(day, buf));
}

bool
daytime_parse(const char *text, int *ret_s, GError **error)
{
	int n[3] = { 0, 0, 0 };
	size_t length = strlen(text);
	g_autofree char *shown = NULL;
	bool shaped = length == 8   ? day_shape_match(text, "00:00:00", n) == 8
		      : length == 5 ? day_shape_match(text, "00:00", n) == 5
				    : false;

	if (shaped && n[0] < 24 && n[1] < 60 && n[2] < 60) {
		*ret_s = n[0] * 3600 + n[1] * 60 + n[2];
		return true;
	}
	shown = quote(text);
	return err_set(error, TP_ERROR_INVALID,
	    "'%s' is not a time of day from 00:00 to 23:59", shown);
}
