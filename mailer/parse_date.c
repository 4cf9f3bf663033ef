/*
 * parse_date.c - RFC 5322 dates, old forms included.
 *
 * Only what the calendar allows is a date; a leap second counts as the next one.
 */
#include "mailer/parse.h"

#include <string.h>

#include "queue/clock.h"

static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";

/* clang-format off */
static const struct {
	const char *name;
	int offset_h;
} zones[] = { /* RFC 5322 4.3; military letters mean nothing: UTC */
	{ "ut", 0 }, { "gmt", 0 }, { "utc", 0 }, { "z", 0 },
	{ "est", -5 }, { "edt", -4 }, { "cst", -6 }, { "cdt", -5 },
	{ "mst", -7 }, { "mdt", -6 }, { "pst", -8 }, { "pdt", -7 },
	{ "cet", 1 }, { "cest", 2 }, { "mez", 1 }, { "mesz", 2 },
};
/* clang-format on */

/* Days since 1970-01-01 of a proleptic Gregorian day; years count from March, so that the
 * leap day is the last. */
static int64_t
days_of(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = y / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era =
	    year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

static const char *
skip(const char *at)
{
	int depth = 0;

	for (; *at != '\0'; at++) {
		if (*at == '(')
			depth++;
		else if (*at == ')' && depth > 0)
			depth--;
		else if (depth == 0 && *at != ' ' && *at != '\t' && *at != ',')
			break;
	}
	return at;
}

/* A number of `least` to `most` digits.  NULL: none. */
static const char *
number(const char *at, int least, int most, int *ret)
{
	int n = 0;

	*ret = 0;
	for (; g_ascii_isdigit(*at); at++) {
		if (++n > most)
			return NULL;
		*ret = *ret * 10 + (*at - '0');
	}
	return n < least ? NULL : at;
}

static const char *
month_name(const char *at, int *ret)
{
	for (int i = 0; i < 12; i++)
		if (g_ascii_strncasecmp(at, months + 3 * i, 3) == 0) {
			*ret = i + 1;
			while (g_ascii_isalpha(*at))
				at++;
			return at;
		}
	return NULL;
}

static int
zone_offset_s(const char *at)
{
	int hhmm;

	if ((*at == '+' || *at == '-') && number(at + 1, 4, 4, &hhmm) != NULL) {
		int offset = hhmm / 100 * 3600 + hhmm % 100 * 60;

		return *at == '-' ? -offset : offset;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(zones); i++) {
		size_t n = strlen(zones[i].name);

		if (g_ascii_strncasecmp(at, zones[i].name, n) == 0 &&
		    !g_ascii_isalpha(at[n]))
			return zones[i].offset_h * 3600;
	}
	return 0;
}

int
parse_date(const char *value, int64_t *ret_at)
{
	int day, month, year, hour, minute, second = 0;
	const char *at = skip(value);

	while (g_ascii_isalpha(*at)) /* the day of the week, which nobody checks */
		at++;
	at = skip(*at == '.' ? at + 1 : at);
	at = number(at, 1, 2, &day);
	if (at == NULL)
		return 0;
	at = month_name(skip(*at == '-' ? at + 1 : at), &month);
	if (at == NULL)
		return 0;
	at = number(skip(*at == '-' ? at + 1 : at), 2, 4, &year);
	if (at == NULL)
		return 0;
	if (year < 50) /* RFC 5322 4.3 */
		year += 2000;
	else if (year < 1000)
		year += 1900;
	at = number(skip(at), 1, 2, &hour);
	if (at == NULL || *at != ':')
		return 0;
	at = number(at + 1, 2, 2, &minute);
	if (at != NULL && *at == ':')
		at = number(at + 1, 2, 2, &second);
	if (at == NULL || hour > 23 || minute > 59 || second > 60 || year < 1970 ||
	    !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
		return 0;
	*ret_at = (days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 +
		      second - zone_offset_s(skip(at))) *
		  US_PER_S;
	return 1;
}
