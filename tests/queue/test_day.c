/*
 * test_day.c - days are squares on the calendar, instants are not, and the two nights on
 * which clocks change keep their promises.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "queue/day.h"
#include "queue/quote.h"

static Day
d(const char *text)
{
	g_autoptr(GError) error = NULL;
	Day day = DAY_MIN;

	if (!day_parse(text, &day, &error))
		fail_msg("%s", error->message);
	return day;
}

static int64_t
at(const char *text)
{
	g_autoptr(GError) error = NULL;
	int64_t when = 0;

	if (!at_parse(text, &when, &error))
		fail_msg("%s", error->message);
	return when;
}

static GTimeZone *
zone(const char *name)
{
	g_autoptr(GError) error = NULL;
	GTimeZone *zone = zone_open(name, &error);

	if (zone == NULL)
		fail_msg("%s", error->message);
	return zone;
}

static void
assert_day(Day day, const char *wanted)
{
	char buf[DAY_CHARS];

	assert_string_equal(day_format(day, buf), wanted);
}

static void
assert_at(int64_t when, const char *wanted)
{
	char buf[AT_CHARS];

	assert_string_equal(at_format(when, buf), wanted);
}

/* ---- days ---- */

static void
every_day_agrees_with_glib_and_the_day_before(void **state)
{
	int weekday = day_weekday(DAY_MIN);
	int checked = 0;
	GDate date;

	(void)state;
	g_date_clear(&date, 1);
	/* Each day of the first 500 years, then every 89th to the end. */
	for (int32_t v = 0; v <= DAY_MAX.v; v += v < 182621 ? 1 : 89) {
		Day day = { v };
		Ymd ymd = day_ymd(day);
		Day back;

		assert_true(day_from_ymd(ymd.year, ymd.month, ymd.day, &back, NULL));
		assert_int_equal(back.v, v);
		g_date_set_julian(&date, (guint32)v + 719163);
		assert_int_equal(g_date_get_year(&date), ymd.year);
		assert_int_equal(g_date_get_month(&date), ymd.month);
		assert_int_equal(g_date_get_day(&date), ymd.day);
		assert_int_equal(g_date_get_weekday(&date), day_weekday(day));
		if (v < 182621) {
			assert_int_equal(day_weekday(day), weekday);
			weekday = weekday % 7 + 1;
		}
		checked++;
	}
	assert_true(checked > 200000);
	assert_day(DAY_MIN, "1970-01-01");
	assert_day(DAY_MAX, "9999-12-31");
}

struct parse_row {
	const char *name;
	const char *text;
	const char *error; /* NULL: good */
};

/* clang-format off */
static const struct parse_row parse_rows[] = {
	{ "a plain day",                      "2026-11-24", NULL },
	{ "a leap day",                       "2028-02-29", NULL },
	{ "2000 was a leap year",             "2000-02-29", NULL },
	{ "the first day",                    "1970-01-01", NULL },
	{ "the last day",                     "9999-12-31", NULL },
	{ "2100 is not a leap year",          "2100-02-29", "'2100-02-29' is not a day: month 2100-02 has 28 days, not 29" },
	{ "29 February of a common year",     "2027-02-29", "'2027-02-29' is not a day: month 2027-02 has 28 days, not 29" },
	{ "day 31 of a short month",          "2027-04-31", "'2027-04-31' is not a day: month 2027-04 has 30 days, not 31" },
	{ "day 0",                            "2027-04-00", "'2027-04-00' is not a day: month 2027-04 has 30 days, not 0" },
	{ "month 13",                         "2027-13-01", "'2027-13-01' is not a day: there is no month 13" },
	{ "month 0",                          "2027-00-01", "'2027-00-01' is not a day: there is no month 0" },
	{ "before the first day",             "1969-12-31", "'1969-12-31' is not a day: year 1969 is not in 1970 to 9999" },
	{ "year 0",                           "0000-01-01", "'0000-01-01' is not a day: year 0 is not in 1970 to 9999" },
	{ "one digit too few",                "2026-1-24",  "'2026-1-24' is not a day of the form YYYY-MM-DD" },
	{ "a blank before it",                " 2026-11-24", "' 2026-11-24' is not a day of the form YYYY-MM-DD" },
	{ "a blank after it",                 "2026-11-24 ", "'2026-11-24 ' is not a day of the form YYYY-MM-DD" },
	{ "an instant is not a day",          "2026-11-24T00:00:00Z", "'2026-11-24T00:00:00Z' is not a day of the form YYYY-MM-DD" },
	{ "German order of parts",            "24.11.2026", "'24.11.2026' is not a day of the form YYYY-MM-DD" },
	{ "no dashes",                        "20261124",   "'20261124' is not a day of the form YYYY-MM-DD" },
	{ "five digits of year",              "12026-11-24", "'12026-11-24' is not a day of the form YYYY-MM-DD" },
	{ "a sign",                           "+026-11-24", "'+026-11-24' is not a day of the form YYYY-MM-DD" },
	{ "nothing",                          "",           "'' is not a day of the form YYYY-MM-DD" },
	{ "Arabic digits look like a day",    "\xd9\xa2\xd9\xa0\xd9\xa2\xd9\xa6-11-24", "'\xd9\xa2\xd9\xa0\xd9\xa2\xd9\xa6-11-24' is not a day of the form YYYY-MM-DD" },
	{ "escapes do not reach a terminal",  "\033[2J\n",  "'?[2J?' is not a day of the form YYYY-MM-DD" },
	{ "a long text is cut",               "123456789012345678901234567890123456789012345", "'1234567890123456789012345678901234567890...' is not a day of the form YYYY-MM-DD" },
};
/* clang-format on */

static void
parse_row_test(void **state)
{
	const struct parse_row *row = *state;
	g_autoptr(GError) error = NULL;
	Day day = { 4711 };
	char buf[DAY_CHARS];

	if (row->error == NULL) {
		assert_true(day_parse(row->text, &day, &error));
		assert_no_error(error);
		assert_string_equal(day_format(day, buf), row->text);
		return;
	}
	assert_false(day_parse(row->text, &day, &error));
	assert_error(error, TP_ERROR_INVALID);
	assert_string_equal(error->message, row->error);
	assert_int_equal(day.v, 4711);
}

static void
arithmetic_counts_days_and_clamps_months(void **state)
{
	(void)state;
	assert_day(day_add_days(d("2027-02-28"), 1), "2027-03-01");
	assert_day(day_add_days(d("2028-03-01"), -1), "2028-02-29");
	assert_day(day_add_months(d("2027-01-31"), 1), "2027-02-28");
	assert_day(day_add_months(d("2028-01-31"), 1), "2028-02-29");
	assert_day(day_add_months(d("2027-01-31"), 2), "2027-03-31");
	assert_day(day_add_months(d("2027-03-31"), -1), "2027-02-28");
	assert_day(day_add_months(d("2027-01-15"), -1), "2026-12-15");
	assert_day(day_add_months(d("2026-12-15"), 1), "2027-01-15");
	assert_day(day_add_months(d("2028-02-29"), 12), "2029-02-28");
	assert_day(day_add_months(d("2028-02-29"), 48), "2032-02-29");
	assert_day(day_add_months(d("2027-05-05"), 0), "2027-05-05");
	assert_int_equal(day_diff(d("2027-02-01"), d("2027-03-01")), 28);
	assert_int_equal(day_diff(d("2027-03-01"), d("2027-02-01")), -28);
	assert_true(day_cmp(d("2027-02-01"), d("2027-03-01")) < 0);
	assert_true(day_cmp(d("2027-03-01"), d("2027-02-01")) > 0);
	assert_int_equal(day_cmp(d("2027-03-01"), d("2027-03-01")), 0);
	assert_day(day_min(d("2027-03-01"), d("2027-02-01")), "2027-02-01");
	assert_day(day_max(d("2027-03-01"), d("2027-02-01")), "2027-03-01");
	assert_day(day_month_first(d("2028-02-17")), "2028-02-01");
	assert_day(day_month_last(d("2028-02-17")), "2028-02-29");
	assert_day(day_month_last(d("2027-02-01")), "2027-02-28");
	assert_int_equal(day_weekday(d("2026-11-24")), 2);
	assert_int_equal(days_in_month(2100, 2), 28);
	assert_int_equal(days_in_month(2000, 2), 29);
}

static void
the_ends_of_the_calendar_hold(void **state)
{
	(void)state;
	assert_day(day_add_days(DAY_MAX, 1), "9999-12-31");
	assert_day(day_add_days(DAY_MIN, -1), "1970-01-01");
	assert_day(day_add_days(DAY_MIN, INT64_MAX), "9999-12-31");
	assert_day(day_add_days(DAY_MAX, INT64_MIN), "1970-01-01");
	assert_day(day_add_days(DAY_MIN, DAY_MAX.v), "9999-12-31");
	assert_day(day_add_months(DAY_MAX, 1), "9999-12-31");
	assert_day(day_add_months(DAY_MIN, -1), "1970-01-01");
	assert_day(day_add_months(DAY_MIN, INT64_MAX), "9999-12-31");
	assert_day(day_add_months(DAY_MAX, INT64_MIN), "1970-01-01");
	assert_day(day_month_last(DAY_MAX), "9999-12-31");
	assert_day(day_month_first(DAY_MIN), "1970-01-01");
}

static void
months_and_times_of_day_are_read_strictly(void **state)
{
	g_autoptr(GError) error = NULL;
	Day day = DAY_MIN;
	int s = -1;
	static const char *const bad_months[] = { "2027-13", "2027-00", "2027-1",
		"2027-01-01", "", "1969-12", "27-01", "2027/01" };
	static const char *const bad_times[] = { "24:00", "08:60", "8:30", "08:30:60", "",
		"0830", "08:30 ", "08:3", "08:30:0", "-8:30", "08:30:00Z" };

	(void)state;
	assert_true(day_parse_month("2027-04", &day, &error));
	assert_day(day, "2027-04-01");
	for (size_t i = 0; i < G_N_ELEMENTS(bad_months); i++) {
		assert_false(day_parse_month(bad_months[i], &day, &error));
		assert_error(error, TP_ERROR_INVALID);
		g_clear_error(&error);
	}
	assert_true(daytime_parse("08:30", &s, &error));
	assert_int_equal(s, 8 * 3600 + 30 * 60);
	assert_true(daytime_parse("23:59:59", &s, &error));
	assert_int_equal(s, 86399);
	assert_true(daytime_parse("00:00", &s, &error));
	assert_int_equal(s, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(bad_times); i++) {
		assert_false(daytime_parse(bad_times[i], &s, &error));
		assert_error(error, TP_ERROR_INVALID);
		g_clear_error(&error);
	}
}

static void
people_read_days_in_their_language(void **state)
{
	static const struct {
		const char *language, *day, *wanted;
	} rows[] = {
		{ "de", "2026-11-24", "24.11.2026" },
		{ "de", "2026-03-01", "01.03.2026" },
		{ "de-AT", "2026-11-24", "24.11.2026" },
		{ "DE_ch.UTF-8", "2026-11-24", "24.11.2026" },
		{ "en", "2026-11-24", "24 November 2026" },
		{ "en-GB", "2026-03-01", "1 March 2026" },
		{ "den", "2026-11-24", "2026-11-24" },
		{ "ja", "2026-11-24", "2026-11-24" },
		{ "", "2026-11-24", "2026-11-24" },
		{ NULL, "2026-11-24", "2026-11-24" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *shown =
		    day_format_people(d(rows[i].day), rows[i].language);

		assert_string_equal(shown, rows[i].wanted);
	}
}

/* ---- zones ---- */

struct end_row {
	const char *name;
	const char *zone, *day, *end;
};

/* clang-format off */
static const struct end_row end_rows[] = {
	{ "a winter day ends at 23:00Z",                 "Europe/Berlin", "2027-03-27", "2027-03-27T23:00:00Z" },
	{ "the 23 hour day ends at 22:00Z",              "Europe/Berlin", "2027-03-28", "2027-03-28T22:00:00Z" },
	{ "a summer day ends at 22:00Z",                 "Europe/Berlin", "2027-06-30", "2027-06-30T22:00:00Z" },
	{ "the 25 hour day ends at 23:00Z",              "Europe/Berlin", "2027-10-31", "2027-10-31T23:00:00Z" },
	{ "the year ends at 23:00Z",                     "Europe/Berlin", "2027-12-31", "2027-12-31T23:00:00Z" },
	{ "summer time is known after 2038",             "Europe/Berlin", "2061-07-01", "2061-07-01T22:00:00Z" },
	{ "summer time is known in 5000",                "Europe/Berlin", "5000-07-01", "5000-07-01T22:00:00Z" },
	{ "and in 9999",                                 "Europe/Berlin", "9999-07-01", "9999-07-01T22:00:00Z" },
	{ "UTC has no odd days",                         "UTC",           "2027-03-28", "2027-03-29T00:00:00Z" },
	{ "east of Greenwich the day ends early",        "Asia/Kolkata",  "2027-06-30", "2027-06-30T18:30:00Z" },
	{ "west of Greenwich it ends late",              "America/Los_Angeles", "2027-06-30", "2027-07-01T07:00:00Z" },
	{ "midnight in a gap: the day ends as it opens", "Africa/Cairo",  "2024-04-25", "2024-04-25T22:00:00Z" },
	{ "midnight shown twice: the later day's first", "America/Havana", "2026-10-31", "2026-11-01T04:00:00Z" },
	{ "clocks back at 00:01: the second midnight",   "America/St_Johns", "2010-11-06", "2010-11-07T03:30:00Z" },
	{ "clocks back at midnight to 23:00",            "Africa/Cairo",  "2024-10-31", "2024-10-31T22:00:00Z" },
	{ "Samoa's last day before the jump",            "Pacific/Apia",  "2011-12-29", "2011-12-30T10:00:00Z" },
	{ "Samoa's day that never was",                  "Pacific/Apia",  "2011-12-30", "2011-12-30T10:00:00Z" },
};
/* clang-format on */

static void
end_row_test(void **state)
{
	const struct end_row *row = *state;
	g_autoptr(GTimeZone) there = zone(row->zone);
	Day day = d(row->day);
	int64_t end_at = day_end_at(day, there);

	assert_at(end_at, row->end);
	/* The instant before still belongs to the day, the end does not. */
	if (strcmp(row->day, "2011-12-30") != 0)
		assert_int_equal(day_of(end_at - 1, there).v, day.v);
	assert_true(day_of(end_at, there).v > day.v);
}

struct local_row {
	const char *name;
	const char *zone, *day, *time, *instant, *shown;
};

/* clang-format off */
static const struct local_row local_rows[] = {
	{ "R8.5 in the gap: the offset before it",   "Europe/Berlin", "2027-03-28", "02:30", "2027-03-28T01:30:00Z", "2027-03-28T03:30:00+02:00" },
	{ "the first minute of the gap",             "Europe/Berlin", "2027-03-28", "02:00", "2027-03-28T01:00:00Z", "2027-03-28T03:00:00+02:00" },
	{ "the minute before the gap",               "Europe/Berlin", "2027-03-28", "01:59", "2027-03-28T00:59:00Z", "2027-03-28T01:59:00+01:00" },
	{ "the minute after the gap",                "Europe/Berlin", "2027-03-28", "03:00", "2027-03-28T01:00:00Z", "2027-03-28T03:00:00+02:00" },
	{ "R8.5 a time that comes twice: the first", "Europe/Berlin", "2027-10-31", "02:30", "2027-10-31T00:30:00Z", "2027-10-31T02:30:00+02:00" },
	{ "the minute before it comes twice",        "Europe/Berlin", "2027-10-31", "01:59", "2027-10-30T23:59:00Z", "2027-10-31T01:59:00+02:00" },
	{ "the minute after it came twice",          "Europe/Berlin", "2027-10-31", "03:00", "2027-10-31T02:00:00Z", "2027-10-31T03:00:00+01:00" },
	{ "a winter morning",                        "Europe/Berlin", "2026-11-24", "08:30", "2026-11-24T07:30:00Z", "2026-11-24T08:30:00+01:00" },
	{ "RFC 5545 3.3.5 New York, gap of 2007",    "America/New_York", "2007-03-11", "02:30", "2007-03-11T07:30:00Z", "2007-03-11T03:30:00-04:00" },
	{ "RFC 5545 3.3.5 New York, twice in 2007",  "America/New_York", "2007-11-04", "01:30", "2007-11-04T05:30:00Z", "2007-11-04T01:30:00-04:00" },
	{ "half an hour of summer time",             "Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45:00Z", "2026-10-04T02:45:00+11:00" },
	{ "St. John's shows half past minus three",  "America/St_Johns", "2026-01-15", "12:00", "2026-01-15T15:30:00Z", "2026-01-15T12:00:00-03:30" },
	{ "Samoa's day that never was",              "Pacific/Apia", "2011-12-30", "12:00", "2011-12-30T22:00:00Z", "2011-12-31T12:00:00+14:00" },
};
/* clang-format on */

static void
local_row_test(void **state)
{
	const struct local_row *row = *state;
	g_autoptr(GTimeZone) there = zone(row->zone);
	int s = 0;
	int64_t when;
	char buf[AT_CHARS];

	assert_true(daytime_parse(row->time, &s, NULL));
	when = day_time_at(d(row->day), s, there);
	assert_at(when, row->instant);
	assert_string_equal(at_format_local(when, there, buf), row->shown);
}

static void
days_follow_each_other_without_gap_in_every_zone(void **state)
{
	static const char *const names[] = { "Europe/Berlin", "America/New_York",
		"America/Sao_Paulo", "America/Havana", "Africa/Cairo", "Asia/Beirut",
		"Asia/Tehran", "Australia/Lord_Howe", "Africa/Casablanca",
		"Pacific/Chatham", "America/St_Johns", "Europe/Dublin",
		"America/Asuncion", "Asia/Gaza", "UTC" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(GTimeZone) there = zone(names[i]);

		for (Day day = d("2000-01-01"); day.v < d("2045-01-01").v; day.v++) {
			int64_t start_at = day_start_at(day, there);
			int64_t end_at = day_end_at(day, there);
			int64_t hours = (end_at - start_at) / US_PER_S / 900;

			/* The longest and shortest days there are. */
			if (hours < 22 * 4 || hours > 26 * 4)
				fail_msg("%s day %d has %d quarters of an hour", names[i],
				    day.v, (int)hours);
			assert_int_equal(day_of(start_at, there).v, day.v);
			assert_int_equal(day_of(end_at - 1, there).v, day.v);
			assert_true(day_of(end_at, there).v == day.v + 1);
		}
	}
}

static void
the_day_is_the_day_of_the_zone(void **state)
{
	g_autoptr(GTimeZone) berlin = zone("Europe/Berlin");
	g_autoptr(GTimeZone) tokyo = zone("Asia/Tokyo");

	(void)state;
	/* R12.6: made at 22:30Z on the last of June, this is July in Berlin. */
	assert_day(day_of(at("2027-06-30T22:30:00Z"), berlin), "2027-07-01");
	assert_day(day_of(at("2027-06-30T21:59:59.999999Z"), berlin), "2027-06-30");
	clock_set_at(at("2026-11-24T22:30:00Z"));
	assert_day(day_today(berlin), "2026-11-24");
	assert_day(day_today(tokyo), "2026-11-25");
	clock_set_at(0);
	assert_day(day_of(INT64_MIN, berlin), "1970-01-01");
	assert_day(day_of(INT64_MAX, berlin), "9999-12-31");
	assert_at(
	    day_start_at(DAY_MIN, berlin), "1970-01-01T00:00:00Z"); /* shown clamped */
	assert_true(day_start_at(DAY_MIN, berlin) == -3600 * US_PER_S);
}

static void
only_plain_zone_names_are_zones(void **state)
{
	static const char *const bad[] = { "Europe/Nowhere", "", "/etc/passwd",
		"../../etc/passwd", "CET-1CEST,M3.5.0,M10.5.0/3", "+02:00", "EST5",
		"Europe/Berlin\n", " UTC", "Europe/Berlin/", "UTC+2", "Europe\xc3\xa4" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GTimeZone) none = zone_open(bad[i], &error);

		if (none != NULL)
			fail_msg("'%s' was taken for a zone", bad[i]);
		assert_error(error, TP_ERROR_CONFIG);
		assert_null(strchr(error->message, '\n'));
	}
}

/* ---- instants as text ---- */

struct at_row {
	const char *name;
	const char *text;
	const char *utc; /* NULL: refused */
};

/* clang-format off */
static const struct at_row at_rows[] = {
	{ "UTC",                       "2026-11-24T10:20:30Z",             "2026-11-24T10:20:30Z" },
	{ "small letters",             "2026-11-24t10:20:30z",             "2026-11-24T10:20:30Z" },
	{ "an offset",                 "2026-11-24T11:20:30+01:00",        "2026-11-24T10:20:30Z" },
	{ "an offset across midnight", "2026-11-24T00:20:30+01:00",        "2026-11-23T23:20:30Z" },
	{ "a western offset",          "2026-11-24T10:20:30-03:30",        "2026-11-24T13:50:30Z" },
	{ "unknown local offset",      "2026-11-24T10:20:30-00:00",        "2026-11-24T10:20:30Z" },
	{ "one decimal",               "2026-11-24T10:20:30.5Z",           "2026-11-24T10:20:30.500000Z" },
	{ "six decimals",              "2026-11-24T10:20:30.000001Z",      "2026-11-24T10:20:30.000001Z" },
	{ "nine decimals are cut",     "2026-11-24T10:20:30.123456789Z",   "2026-11-24T10:20:30.123456Z" },
	{ "the last instant",          "9999-12-31T23:59:59.999999Z",      "9999-12-31T23:59:59.999999Z" },
	{ "ten decimals",              "2026-11-24T10:20:30.1234567890Z",  NULL },
	{ "a point without decimals",  "2026-11-24T10:20:30.Z",            NULL },
	{ "no zone",                   "2026-11-24T10:20:30",              NULL },
	{ "no seconds",                "2026-11-24T10:20Z",                NULL },
	{ "a day only",                "2026-11-24",                       NULL },
	{ "a blank for the T",         "2026-11-24 10:20:30Z",             NULL },
	{ "hour 24",                   "2026-11-24T24:00:00Z",             NULL },
	{ "a leap second",             "2016-12-31T23:59:60Z",             NULL },
	{ "29 February 2027",          "2027-02-29T00:00:00Z",             NULL },
	{ "offset of 24 hours",        "2026-11-24T10:20:30+24:00",        NULL },
	{ "offset without colon",      "2026-11-24T10:20:30+0100",         NULL },
	{ "something after it",        "2026-11-24T10:20:30Z ",            NULL },
	{ "nothing",                   "",                                 NULL },
};
/* clang-format on */

static void
at_row_test(void **state)
{
	const struct at_row *row = *state;
	g_autoptr(GError) error = NULL;
	int64_t when = 4711;

	if (row->utc == NULL) {
		assert_false(at_parse(row->text, &when, &error));
		assert_error(error, TP_ERROR_INVALID);
		assert_int_equal(when, 4711);
		return;
	}
	assert_true(at_parse(row->text, &when, &error));
	assert_no_error(error);
	assert_at(when, row->utc);
}

static void
any_instant_can_be_written(void **state)
{
	g_autoptr(GTimeZone) berlin = zone("Europe/Berlin");
	char buf[AT_CHARS];

	(void)state;
	assert_at(INT64_MIN, "1970-01-01T00:00:00Z");
	assert_at(INT64_MAX, "9999-12-31T23:59:59.999999Z");
	assert_string_equal(
	    at_format_local(INT64_MAX, berlin, buf), "9999-12-31T23:59:59.999999+01:00");
	assert_at(0, "1970-01-01T00:00:00Z");
	assert_at(1, "1970-01-01T00:00:00.000001Z");
}

static void
quoting_makes_any_bytes_showable(void **state)
{
	static const struct {
		const char *text, *wanted;
	} rows[] = {
		{ "Müller & Söhne", "Müller & Söhne" },
		{ "a\r\nb\tc", "a??b?c" },
		{ "\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "user\xe2\x80\xaegnp.exe",
		    "user?gnp.exe" }, /* right-to-left override */
		{ "a\xe2\x80\xa8"
		  "b",
		    "a?b" }, /* line separator */
		{ "", "" },
		{ NULL, "" },
	};
	g_autofree char *many = g_strnfill(1000, 'x');
	g_autofree char *cut = quote(many);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *shown = quote(rows[i].text);

		assert_string_equal(shown, rows[i].wanted);
	}
	assert_int_equal(strlen(cut), QUOTE_CHARS + 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_agrees_with_glib_and_the_day_before),
		cmocka_unit_test(arithmetic_counts_days_and_clamps_months),
		cmocka_unit_test(the_ends_of_the_calendar_hold),
		cmocka_unit_test(months_and_times_of_day_are_read_strictly),
		cmocka_unit_test(people_read_days_in_their_language),
		cmocka_unit_test(days_follow_each_other_without_gap_in_every_zone),
		cmocka_unit_test(the_day_is_the_day_of_the_zone),
		cmocka_unit_test(only_plain_zone_names_are_zones),
		cmocka_unit_test(any_instant_can_be_written),
		cmocka_unit_test(quoting_makes_any_bytes_showable),
	};

	return cmocka_run_group_tests_name("day", tests, NULL, NULL) +
	       run_rows("day.parse", parse_rows, parse_row_test) +
	       run_rows("day.end", end_rows, end_row_test) +
	       run_rows("day.local", local_rows, local_row_test) +
	       run_rows("day.at", at_rows, at_row_test);
}
