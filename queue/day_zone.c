/*
 * day_zone.c - days and instants, through the zones of GLib.
 *
 * GTimeZone answers which offset holds at an instant; day_time_at() turns that round.
 * GDateTime is not asked: what it makes of an hour that does not exist is not promised.
 */
#include "queue/day.h"

#include <string.h>

#include "queue/day_private.h"
#include "queue/quote.h"

/* Gregorian years repeat after this many days, which are whole weeks: 20871 of them. */
#define DAYS_PER_400_YEARS 146097
#define DAY_S 86400

static Day
clamp_day(int64_t v)
{
	return (Day){ (int32_t)CLAMP(v, DAY_MIN.v, DAY_MAX.v) };
}

/* Whether `name` can be an IANA name: GLib would also take "/etc/passwd", "../x",
 * "+02:00" and "CET-1CEST,M3.5.0,M10.5.0/3". */
static bool
zone_name_is_plain(const char *name)
{
	if (!g_ascii_isalpha(name[0]))
		return false;
	for (const char *c = name; *c != '\0'; c++)
		if (!g_ascii_isalnum(*c) && strchr("/_-+", *c) == NULL)
			return false;
	return strlen(name) <= 64;
}

GTimeZone *
zone_open(const char *name, GError **error)
{
	g_autofree char *shown = NULL;
	GTimeZone *zone = NULL;

	if (zone_name_is_plain(name))
		zone = g_time_zone_new_identifier(name);
	/* GLib reads "EST5" as a POSIX rule when there is no such file. */
	if (zone != NULL && strpbrk(name, "0123456789") != NULL &&
	    strchr(name, '/') == NULL) {
		g_time_zone_unref(zone);
		zone = NULL;
	}
	if (zone != NULL)
		return zone;
	shown = quote(name);
	err_set(error, TP_ERROR_CONFIG,
	    "there is no time zone '%s' in this system's tzdata", shown);
	return NULL;
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/*
 * The offset in seconds that holds at `unix_s`.
 *
 * GLib 2.74 unrolls the yearly rule of a zone up to the year 3000 and knows no daylight
 * saving time after it.  A rule repeats with the calendar, so later years are looked up
 * four hundred, eight hundred ... years earlier, in 2400 to 2799.
 */
static int
offset_at(GTimeZone *zone, int64_t unix_s)
{
	const int64_t from_s = INT64_C(13569465600); /* 2400-01-01 */
	const int64_t cycle_s = (int64_t)DAYS_PER_400_YEARS * DAY_S;

	if (unix_s >= from_s)
		unix_s = from_s + (unix_s - from_s) % cycle_s;
	return g_time_zone_get_offset(
	    zone, g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, unix_s));
}

Day
day_of(int64_t at, GTimeZone *zone)
{
	int64_t unix_s = floor_div(at, US_PER_S);

	/* Far outside our days no zone is asked: GLib counts in a narrower range. */
	if (unix_s < -2 * DAY_S)
		return DAY_MIN;
	if (unix_s > ((int64_t)DAY_MAX.v + 2) * DAY_S)
		return DAY_MAX;
	return clamp_day(floor_div(unix_s + offset_at(zone, unix_s), DAY_S));
}

Day
day_today(GTimeZone *zone)
{
	return day_of(clock_now_at(), zone);
}

/*
 * The second at which the wall shows `local_s` (seconds since 1970 as if the zone were
 * UTC).  Offsets lie within a day of UTC and changes of a zone lie further apart than
 * two, so the offsets a day before and a day after are the only candidates.  A candidate
 * is right if it holds at the second it leads to; of two right ones the earlier second is
 * wanted, and that is the one with the offset before the change.  If neither is right,
 * the wall never shows this time, and the offset before the gap is the rule.
 */
static int64_t
unix_from_local(int64_t local_s, GTimeZone *zone)
{
	int before = offset_at(zone, local_s - DAY_S);
	int after = offset_at(zone, local_s + DAY_S);

	if (offset_at(zone, local_s - before) != before &&
	    offset_at(zone, local_s - after) == after)
		return local_s - after;
	return local_s - before;
}

int64_t
day_time_at(Day day, int daytime_s, GTimeZone *zone)
{
	return unix_from_local((int64_t)day.v * DAY_S + daytime_s, zone) * US_PER_S;
}

int64_t
day_start_at(Day day, GTimeZone *zone)
{
	return day_time_at(day, 0, zone);
}

int64_t
day_end_at(Day day, GTimeZone *zone)
{
	int64_t midnight_s = ((int64_t)day.v + 1) * DAY_S;
	int64_t first_s = unix_from_local(midnight_s, zone);
	int64_t second_s = midnight_s - offset_at(zone, midnight_s + DAY_S);

	/* Clocks that go back at 00:01 show 23:01 of the old day again. */
	if (second_s > first_s &&
	    floor_div(second_s - 1 + offset_at(zone, second_s - 1), DAY_S) == day.v)
		return second_s * US_PER_S;
	return first_s * US_PER_S;
}

/* ---- instants as text ---- */

/* Writes date and time of `at` shifted by `offset_s`, without a zone; returns the end. */
static char *
put_instant(char *buf, int64_t at, int offset_s)
{
	int64_t local_us = at + offset_s * US_PER_S;
	int64_t days = floor_div(local_us, US_PER_DAY);
	int64_t rest_us = local_us - days * US_PER_DAY;
	int rest_s;
	char *end;

	if (days < DAY_MIN.v || days > DAY_MAX.v)
		rest_us = days < DAY_MIN.v ? 0 : US_PER_DAY - 1;
	rest_s = (int)(rest_us / US_PER_S);
	end = day_format(clamp_day(days), buf) + DAY_CHARS - 1;
	*end++ = 'T';
	end = day_put_digits(end, rest_s / 3600, 2);
	*end++ = ':';
	end = day_put_digits(end, rest_s / 60 % 60, 2);
	*end++ = ':';
	end = day_put_digits(end, rest_s % 60, 2);
	if (rest_us % US_PER_S != 0) {
		*end++ = '.';
		end = day_put_digits(end, (int)(rest_us % US_PER_S), 6);
	}
	return end;
}

/* Shifting by an offset must not overflow. */
static int64_t
clamp_at(int64_t at)
{
	return CLAMP(at, -2 * US_PER_DAY, ((int64_t)DAY_MAX.v + 2) * US_PER_DAY);
}

char *
at_format(int64_t at, char buf[AT_CHARS])
{
	char *end = put_instant(buf, clamp_at(at), 0);

	end[0] = 'Z';
	end[1] = '\0';
	return buf;
}

char *
at_format_local(int64_t at, GTimeZone *zone, char buf[AT_CHARS])
{
	int64_t clamped_at = clamp_at(at);
	/* RFC 3339 has no seconds in an offset; no zone has had any since 1972. */
	int offset_s = offset_at(zone, floor_div(clamped_at, US_PER_S)) / 60 * 60;
	char *end = put_instant(buf, clamped_at, offset_s);

	*end++ = offset_s < 0 ? '-' : '+';
	end = day_put_digits(end, ABS(offset_s) / 3600, 2);
	*end++ = ':';
	end = day_put_digits(end, ABS(offset_s) / 60 % 60, 2);
	*end = '\0';
	return buf;
}

/* Reads "Z", "+01:00" or "-01:00" and nothing after it. */
static bool
offset_parse(const char *text, int *ret_s)
{
	int n[2];

	if ((text[0] == 'Z' || text[0] == 'z') && text[1] == '\0') {
		*ret_s = 0;
		return true;
	}
	if ((text[0] != '+' && text[0] != '-') || strlen(text) != 6 ||
	    day_shape_match(text + 1, "00:00", n) == 0 || n[0] > 23 || n[1] > 59)
		return false;
	*ret_s = (n[0] * 3600 + n[1] * 60) * (text[0] == '-' ? -1 : 1);
	return true;
}

/* Reads ".5" and the like as microseconds; returns what follows, NULL when there is a
 * point without digits or with more than nine. */
static const char *
fraction_parse(const char *text, int *ret_us)
{
	int digits = 0;

	*ret_us = 0;
	if (*text != '.')
		return text;
	for (text++; g_ascii_isdigit(*text); text++, digits++)
		if (digits < 6)
			*ret_us = *ret_us * 10 + g_ascii_digit_value(*text);
	for (int i = digits; i < 6; i++)
		*ret_us *= 10;
	return digits < 1 || digits > 9 ? NULL : text;
}

bool
at_parse(const char *text, int64_t *ret_at, GError **error)
{
	int day[3];
	int time[3];
	int us = 0;
	int offset_s = 0;
	const char *rest = NULL;
	Day civil;
	g_autofree char *shown = NULL;

	if (day_shape_match(text, "0000-00-00", day) != 0 &&
	    (text[10] == 'T' || text[10] == 't') &&
	    day_shape_match(text + 11, "00:00:00", time) != 0)
		rest = fraction_parse(text + 19, &us);
	if (rest != NULL && offset_parse(rest, &offset_s) && time[0] < 24 &&
	    time[1] < 60 && time[2] < 60 &&
	    day_from_ymd(day[0], day[1], day[2], &civil, NULL)) {
		*ret_at = ((int64_t)civil.v * DAY_S + time[0] * 3600 + time[1] * 60 +
			      time[2] - offset_s) *
			      US_PER_S +
			  us;
		return true;
	}
	shown = quote(text);
	return err_set(error, TP_ERROR_INVALID,
	    "'%s' is not a time like 2026-11-24T10:20:30Z (RFC 3339)", shown);
}
