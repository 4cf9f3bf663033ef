/*
 * test_rrule.c - rules give the days that RFC 5545 says, except that months have an end.
 */
#include "tests/support/cm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fulfill/domain/rrule.h"

static Day
d(const char *text)
{
	g_autoptr(GError) error = NULL;
	Day day = DAY_MIN;

	if (!day_parse(text, &day, &error))
		fail_msg("%s", error->message);
	return day;
}

static Rule *
r(const char *text)
{
	g_autoptr(GError) error = NULL;
	Rule *rule = rule_parse(text, &error);

	if (rule == NULL)
		fail_msg("%s", error->message);
	return rule;
}

/* "2027-01-01 2027-02-01" */
static char *
joined(const GArray *days)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < days->len; i++) {
		char buf[DAY_CHARS];

		g_string_append_printf(text, "%s%s", i > 0 ? " " : "",
		    day_format(g_array_index(days, Day, i), buf));
	}
	return g_string_free(text, FALSE);
}

/* ---- by hand ---- */

struct days_row {
	const char *name;
	const char *rule, *start;
	guint max;
	const char *days;
};

/* clang-format off */
static const struct days_row days_rows[] = {
	{ "first Monday of the month",          "FREQ=MONTHLY;BYDAY=1MO", "2026-11-24", 3, "2026-12-07 2027-01-04 2027-02-01" },
	{ "last Friday of the month",           "FREQ=MONTHLY;BYDAY=-1FR", "2026-11-24", 3, "2026-11-27 2026-12-25 2027-01-29" },
	{ "R12.7 the first of the month",       "FREQ=MONTHLY;BYMONTHDAY=1", "2026-11-24", 3, "2026-12-01 2027-01-01 2027-02-01" },
	{ "R12.7 the last day of the month",    "FREQ=MONTHLY;BYMONTHDAY=-1", "2027-12-24", 4, "2027-12-31 2028-01-31 2028-02-29 2028-03-31" },
	{ "R8.1 the 31st is each month's last", "FREQ=MONTHLY;BYMONTHDAY=31", "2027-01-01", 5, "2027-01-31 2027-02-28 2027-03-31 2027-04-30 2027-05-31" },
	{ "R8.1 the 30th",                      "FREQ=MONTHLY;BYMONTHDAY=30", "2028-01-01", 4, "2028-01-30 2028-02-29 2028-03-30 2028-04-30" },
	{ "29, 30 and 31 in February are one",  "FREQ=MONTHLY;BYMONTHDAY=29,30,31", "2027-02-01", 4, "2027-02-28 2027-03-29 2027-03-30 2027-03-31" },
	{ "a start on the 31st says 31",        "FREQ=MONTHLY", "2027-01-31", 4, "2027-01-31 2027-02-28 2027-03-31 2027-04-30" },
	{ "a quarter from 30 November",         "FREQ=MONTHLY;INTERVAL=3", "2026-11-30", 4, "2026-11-30 2027-02-28 2027-05-30 2027-08-30" },
	{ "a start on 29 February",             "FREQ=YEARLY", "2028-02-29", 5, "2028-02-29 2029-02-28 2030-02-28 2031-02-28 2032-02-29" },
	{ "31 June is 30 June",                 "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=31", "2027-01-01", 2, "2027-06-30 2028-06-30" },
	{ "the same, RFC 7529 4.1",             "FREQ=MONTHLY;BYMONTHDAY=31;RSCALE=GREGORIAN;SKIP=BACKWARD", "2027-01-01", 3, "2027-01-31 2027-02-28 2027-03-31" },
	{ "RFC 5545 3.3.10 on request",         "FREQ=MONTHLY;BYMONTHDAY=31;SKIP=OMIT", "2027-01-01", 4, "2027-01-31 2027-03-31 2027-05-31 2027-07-31" },
	{ "29 February on request",             "FREQ=YEARLY;SKIP=OMIT", "2028-02-29", 2, "2028-02-29 2032-02-29" },
	{ "BYSETPOS picks from what there is",  "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1", "2027-01-01", 3, "2027-01-30 2027-02-28 2027-03-30" },
	{ "a Monday that is the 29th or later", "FREQ=MONTHLY;BYMONTHDAY=29,30,31;BYDAY=MO", "2027-01-01", 3, "2027-03-29 2027-05-31 2027-08-30" },
	{ "the fifth Monday, where there is",   "FREQ=MONTHLY;BYDAY=5MO", "2027-01-01", 3, "2027-03-29 2027-05-31 2027-08-30" },
	{ "Friday the 13th",                    "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", "2027-01-01", 3, "2027-08-13 2028-10-13 2029-04-13" },
	{ "last working day of the month",      "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2027-01-01", 3, "2027-01-29 2027-02-26 2027-03-31" },
	{ "last of the chosen days of a week",  "FREQ=WEEKLY;BYDAY=MO,TH,SA;BYSETPOS=-2", "2029-01-17", 3, "2029-01-18 2029-01-25 2029-02-01" },
	{ "a week is picked from as a whole",   "FREQ=WEEKLY;BYDAY=MO,TH,SA;BYSETPOS=1", "2029-01-17", 2, "2029-01-22 2029-01-29" },
	{ "libical: every fifth Sunday",        "FREQ=WEEKLY;INTERVAL=5;BYDAY=SU", "2027-09-20", 3, "2027-09-26 2027-10-31 2027-12-05" },
	{ "libical: negative days, daily",      "FREQ=DAILY;BYMONTHDAY=-13,18", "2027-01-01", 4, "2027-01-18 2027-01-19 2027-02-16 2027-02-18" },
	{ "libical: the 4th of each month",     "FREQ=YEARLY;BYMONTHDAY=4", "2027-03-15", 3, "2027-04-04 2027-05-04 2027-06-04" },
	{ "libical: Fridays of week 53",        "FREQ=YEARLY;BYWEEKNO=53;BYDAY=FR", "2027-01-15", 2, "2032-12-31 2038-01-01" },
	{ "each Monday of week 1",              "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "2027-01-15", 4, "2028-01-03 2029-01-01 2029-12-31 2030-12-30" },
	{ "RFC 5545 3.8.5.3: WKST matters, MO", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05", 9, "1997-08-05 1997-08-10 1997-08-19 1997-08-24" },
	{ "RFC 5545 3.8.5.3: WKST matters, SU", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05", 9, "1997-08-05 1997-08-17 1997-08-19 1997-08-31" },
	{ "RFC 5545 3.8.5.3: election day",     "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996-11-05", 3, "1996-11-05 2000-11-07 2004-11-02" },
	{ "RFC 5545 3.8.5.3: 20th Monday",      "FREQ=YEARLY;BYDAY=20MO", "1997-05-19", 3, "1997-05-19 1998-05-18 1999-05-17" },
	{ "RFC 5545 3.8.5.3: third instance",   "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04", 9, "1997-09-04 1997-10-07 1997-11-06" },
	{ "RFC 5545 3.8.5.3: days 1, 100, 200", "FREQ=YEARLY;INTERVAL=3;COUNT=4;BYYEARDAY=1,100,200", "1997-01-01", 9, "1997-01-01 1997-04-10 1997-07-19 2000-01-01" },
	{ "every day but weekends",             "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "2027-01-01", 3, "2027-01-01 2027-01-04 2027-01-05" },
	{ "every other day",                    "FREQ=DAILY;INTERVAL=2", "2027-02-27", 3, "2027-02-27 2027-03-01 2027-03-03" },
	{ "the weekday of the start",           "FREQ=WEEKLY", "2026-11-24", 3, "2026-11-24 2026-12-01 2026-12-08" },
	{ "COUNT counts from the start",        "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=2", "2027-01-01", 9, "2027-01-31 2027-02-28" },
	{ "UNTIL is in",                        "FREQ=DAILY;UNTIL=20270103", "2027-01-01", 9, "2027-01-01 2027-01-02 2027-01-03" },
	{ "UNTIL at a local time",              "FREQ=DAILY;UNTIL=20270103T120000", "2027-01-01", 9, "2027-01-01 2027-01-02 2027-01-03" },
	{ "UNTIL in UTC leaves a day to see",   "FREQ=DAILY;UNTIL=20270102T120000Z", "2027-01-01", 9, "2027-01-01 2027-01-02 2027-01-03" },
	{ "never",                              "FREQ=YEARLY;BYMONTH=4;BYYEARDAY=1", "2027-01-01", 9, "" },
	{ "small letters and a prefix",         "rrule:freq=weekly;byday=mo", "2026-11-24", 2, "2026-11-30 2026-12-07" },
	{ "a plus sign",                        "FREQ=MONTHLY;BYDAY=+2TU", "2026-11-24", 2, "2026-12-08 2027-01-12" },
	{ "a day named twice comes once",       "FREQ=MONTHLY;BYMONTHDAY=1,1,-31", "2027-01-01", 0, "" }, /* refused below */
};
/* clang-format on */

static void
days_row_test(void **state)
{
	const struct days_row *row = *state;
	g_autoptr(Rule) rule = NULL;
	g_autoptr(GArray) days = NULL;
	g_autofree char *text = NULL;

	if (row->max == 0) {
		g_autoptr(GError) error = NULL;

		rule = rule_parse(row->rule, &error);
		assert_null(rule);
		assert_error(error, TP_ERROR_INVALID);
		return;
	}
	rule = r(row->rule);
	days = rule_days(rule, d(row->start), d(row->start), d("2060-01-01"), row->max);
	text = joined(days);
	assert_string_equal(text, row->days);
}

static void
until_is_an_instant_in_the_zone(void **state)
{
	static const struct {
		const char *rule, *until;
	} rows[] = {
		{ "FREQ=DAILY;UNTIL=20270328", "2027-03-28T21:59:59.999999Z" },
		{ "FREQ=DAILY;UNTIL=20270328T023000", "2027-03-28T01:30:00Z" },
		{ "FREQ=DAILY;UNTIL=20270328T023000Z", "2027-03-28T02:30:00Z" },
	};
	g_autoptr(GTimeZone) berlin = zone_open("Europe/Berlin", NULL);
	g_autoptr(Rule) endless = r("FREQ=DAILY");

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(Rule) rule = r(rows[i].rule);
		char buf[AT_CHARS];

		assert_string_equal(
		    at_format(rule_until_at(rule, berlin), buf), rows[i].until);
	}
	assert_true(rule_until_at(endless, berlin) == INT64_MAX);
}

static void
looking_from_later_gives_the_same_days(void **state)
{
	static const char *const rules[] = { "FREQ=DAILY;INTERVAL=7",
		"FREQ=WEEKLY;INTERVAL=5;BYDAY=SU,MO",
		"FREQ=MONTHLY;INTERVAL=7;BYMONTHDAY=31",
		"FREQ=YEARLY;INTERVAL=3;BYDAY=10MO", "FREQ=MONTHLY;COUNT=40;BYDAY=1MO",
		"FREQ=MONTHLY" };
	int seen = 0;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
		g_autoptr(Rule) rule = r(rules[i]);
		Day start = d("2027-01-31");
		g_autoptr(GArray) all =
		    rule_days(rule, start, start, d("2040-01-01"), 100000);

		assert_true(all->len > 0);
		for (guint j = 0; j < all->len; j++) {
			Day day = g_array_index(all, Day, j);
			g_autoptr(GArray) one =
			    rule_days(rule, start, day, d("2040-01-01"), 1);
			g_autoptr(GArray) next = rule_days(
			    rule, start, day_add_days(day, 1), d("2040-01-01"), 1);

			assert_int_equal(one->len, 1);
			assert_int_equal(g_array_index(one, Day, 0).v, day.v);
			assert_int_equal(next->len, j + 1 < all->len ? 1 : 0);
			if (next->len == 1)
				assert_int_equal(g_array_index(next, Day, 0).v,
				    g_array_index(all, Day, j + 1).v);
			seen++;
		}
	}
	assert_true(seen > 900);
}

static void
the_calendar_ends(void **state)
{
	static const char *const rules[] = { "FREQ=DAILY;INTERVAL=1000",
		"FREQ=WEEKLY;INTERVAL=1000", "FREQ=MONTHLY;INTERVAL=1000",
		"FREQ=YEARLY;INTERVAL=1000" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
		g_autoptr(Rule) rule = r(rules[i]);
		g_autoptr(GArray) days =
		    rule_days(rule, d("2027-01-01"), DAY_MIN, DAY_MAX, 100000);

		assert_true(days->len >= 8);
		assert_int_equal(g_array_index(days, Day, 0).v, d("2027-01-01").v);
		for (guint j = 1; j < days->len; j++)
			assert_true(g_array_index(days, Day, j).v >
				    g_array_index(days, Day, j - 1).v);
	}
}

/* ---- what is refused ---- */

struct bad_row {
	const char *name;
	const char *rule;
	const char *error; /* after "'RULE' is not a recurrence rule: " */
};

/* clang-format off */
static const struct bad_row bad_rows[] = {
	{ "nothing",                     "", "FREQ is missing" },
	{ "no FREQ",                     "BYDAY=MO", "FREQ is missing" },
	{ "hourly",                      "FREQ=HOURLY", "FREQ: 'HOURLY' is not DAILY, WEEKLY, MONTHLY or YEARLY" },
	{ "a time of day",               "FREQ=DAILY;BYHOUR=8", "BYHOUR: the time of day does not belong into the rule, it stands beside it" },
	{ "an unknown part",             "FREQ=DAILY;BYFOO=1", "'BYFOO=1' is not a part of a rule" },
	{ "a part twice",                "FREQ=DAILY;FREQ=WEEKLY", "FREQ stands twice" },
	{ "an empty part",               "FREQ=DAILY;", "'' is not NAME=VALUE" },
	{ "an empty value",              "FREQ=MONTHLY;BYDAY=", "'BYDAY=' is not NAME=VALUE" },
	{ "no value",                    "FREQ", "'FREQ' is not NAME=VALUE" },
	{ "interval 0",                  "FREQ=DAILY;INTERVAL=0", "INTERVAL: '0' is not a number from 1 to 1000" },
	{ "interval below 0",            "FREQ=DAILY;INTERVAL=-1", "INTERVAL: '-1' is not a number from 1 to 1000" },
	{ "a huge interval",             "FREQ=DAILY;INTERVAL=99999999999", "INTERVAL: '99999999999' is not a number from 1 to 1000" },
	{ "count 0",                     "FREQ=DAILY;COUNT=0", "COUNT: '0' is not a number from 1 to 100000" },
	{ "count and until",             "FREQ=DAILY;COUNT=1;UNTIL=20270101", "COUNT and UNTIL exclude each other" },
	{ "until no day",                "FREQ=DAILY;UNTIL=20270229", "UNTIL: '20270229' is not a day like 20271231 or a time like 20271231T120000Z" },
	{ "until with dashes",           "FREQ=DAILY;UNTIL=2027-01-01", "UNTIL: '2027-01-01' is not a day like 20271231 or a time like 20271231T120000Z" },
	{ "until at hour 24",            "FREQ=DAILY;UNTIL=20270101T240000Z", "UNTIL: '20270101T240000Z' is not a day like 20271231 or a time like 20271231T120000Z" },
	{ "until by a sign",             "FREQ=DAILY;UNTIL=2027-1-1", "UNTIL: '2027-1-1' is not a day like 20271231 or a time like 20271231T120000Z" },
	{ "day 32",                      "FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY: '32' is not a number from 1 to 31 or from -1 to -28" },
	{ "day 0",                       "FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY: '0' is not a number from 1 to 31 or from -1 to -28" },
	{ "not each month has -31",      "FREQ=MONTHLY;BYMONTHDAY=-31", "BYMONTHDAY: '-31' is not a number from 1 to 31 or from -1 to -28" },
	{ "not each year has 366",       "FREQ=YEARLY;BYYEARDAY=366", "BYYEARDAY: '366' is not a number from 1 to 365 or from -1 to -365" },
	{ "month 13",                    "FREQ=YEARLY;BYMONTH=13", "BYMONTH: '13' is not a number from 1 to 12" },
	{ "the last month",              "FREQ=YEARLY;BYMONTH=-1", "BYMONTH: '-1' is not a number from 1 to 12" },
	{ "week 54",                     "FREQ=YEARLY;BYWEEKNO=54;BYDAY=MO", "BYWEEKNO: '54' is not a number from 1 to 53 or from -1 to -53" },
	{ "a week without a day",        "FREQ=YEARLY;BYWEEKNO=20", "BYWEEKNO needs the weekdays in BYDAY" },
	{ "a week in a month",           "FREQ=MONTHLY;BYWEEKNO=20;BYDAY=MO", "BYWEEKNO does not belong into a rule of FREQ=MONTHLY" },
	{ "a day of the month, weekly",  "FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY does not belong into a rule of FREQ=WEEKLY" },
	{ "a day of the year, monthly",  "FREQ=MONTHLY;BYYEARDAY=1", "BYYEARDAY does not belong into a rule of FREQ=MONTHLY" },
	{ "a place in a day",            "FREQ=DAILY;BYDAY=MO;BYSETPOS=1", "BYSETPOS does not belong into a rule of FREQ=DAILY" },
	{ "a place in nothing",          "FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS has nothing to pick from: BYDAY or BYMONTHDAY is missing" },
	{ "the first Monday of a week",  "FREQ=WEEKLY;BYDAY=1MO", "BYDAY has numbers only in MONTHLY and YEARLY rules without BYWEEKNO" },
	{ "a first Monday of week 20",   "FREQ=YEARLY;BYWEEKNO=20;BYDAY=1MO", "BYDAY has numbers only in MONTHLY and YEARLY rules without BYWEEKNO" },
	{ "a sixth Monday",              "FREQ=MONTHLY;BYDAY=6MO", "BYDAY: no month has 6 of one weekday" },
	{ "a sixth Monday of May",       "FREQ=YEARLY;BYMONTH=5;BYDAY=-6MO", "BYDAY: no month has 6 of one weekday" },
	{ "a zeroth Monday",             "FREQ=MONTHLY;BYDAY=0MO", "BYDAY: '0' is not a number from 1 to 53 or from -1 to -53" },
	{ "German weekdays",             "FREQ=WEEKLY;BYDAY=MO,DI", "BYDAY: 'DI' is not a weekday: MO, TU, WE, TH, FR, SA, SU" },
	{ "half a weekday",              "FREQ=WEEKLY;BYDAY=M", "BYDAY: 'M' is not a weekday: MO, TU, WE, TH, FR, SA, SU" },
	{ "a week starts on no day",     "FREQ=WEEKLY;WKST=XX", "WKST: 'XX' is not a weekday: MO, TU, WE, TH, FR, SA, SU" },
	{ "another calendar",            "RSCALE=CHINESE;FREQ=YEARLY", "RSCALE: only GREGORIAN is known" },
	{ "forward",                     "FREQ=MONTHLY;BYMONTHDAY=31;SKIP=FORWARD", "SKIP: only BACKWARD and OMIT are known" },
	{ "a blank",                     "FREQ=DAILY; INTERVAL=2", "' INTERVAL=2' is not a part of a rule" },
	{ "two lines",                   "FREQ=DAILY\r\nDTSTART:20270101", "FREQ: 'DAILY??DTSTART:20270101' is not DAILY, WEEKLY, MONTHLY or YEARLY" },
	{ "a cron line",                 "0 8 * * 1", "'0 8 * * 1' is not NAME=VALUE" },
};
/* clang-format on */

static void
bad_row_test(void **state)
{
	const struct bad_row *row = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(Rule) rule = rule_parse(row->rule, &error);

	if (rule != NULL)
		fail_msg("it was taken");
	assert_error(error, TP_ERROR_INVALID);
	if (!g_str_has_suffix(error->message, row->error) ||
	    strstr(error->message, "' is not a recurrence rule: ") == NULL)
		fail_msg("%s", error->message);
	assert_null(strpbrk(error->message, "\r\n"));
}

static void
a_rule_without_end_is_refused(void **state)
{
	g_autofree char *days = g_strnfill(2000, ',');
	g_autofree char *text = g_strconcat("FREQ=MONTHLY;BYMONTHDAY=1", days, NULL);
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(rule_parse(text, &error));
	assert_error(error, TP_ERROR_INVALID);
	assert_string_equal(error->message, "a recurrence rule is longer than 500 bytes");
}

/* ---- oracles ---- */

static const char *const weekdays[] = { "MO", "TU", "WE", "TH", "FR", "SA", "SU" };

static void
append_list(GString *rule, GRand *rand, const char *name, const int *from, int n)
{
	int k = g_rand_int_range(rand, 1, 5);

	g_string_append_printf(rule, ";%s=", name);
	for (int i = 0; i < k; i++)
		g_string_append_printf(
		    rule, "%s%d", i > 0 ? "," : "", from[g_rand_int_range(rand, 0, n)]);
}

static void
append_weekdays(GString *rule, GRand *rand, int most)
{
	int k = g_rand_int_range(rand, 1, 5);

	g_string_append(rule, ";BYDAY=");
	for (int i = 0; i < k; i++) {
		g_string_append(rule, i > 0 ? "," : "");
		if (most > 0) {
			int n = g_rand_int_range(rand, 1, most + 1);

			g_string_append_printf(rule, "%d", g_rand_boolean(rand) ? n : -n);
		}
		g_string_append(rule, weekdays[g_rand_int_range(rand, 0, 7)]);
	}
}

static bool
chance(GRand *rand, int percent)
{
	return g_rand_int_range(rand, 0, 100) < percent;
}

/* A rule of any form we take. */
static char *
random_rule(GRand *rand)
{
	static const char *const freqs[] = { "DAILY", "WEEKLY", "MONTHLY", "YEARLY" };
	static const int months[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
	static const int month_days[] = { 1, 2, 5, 13, 15, 20, 28, 29, 30, 31, 31, -1, -2,
		-5, -28 };
	static const int year_days[] = { 1, 59, 60, 100, 200, 365, -1, -60, -365 };
	static const int weeks[] = { 1, 2, 10, 20, 51, 52, 53, -1, -2, -40 };
	static const int places[] = { 1, 2, 3, -1, -2 };
	int freq = g_rand_int_range(rand, 0, 4);
	GString *rule = g_string_new("FREQ=");
	bool by_day = false;
	bool by_week = false;

	g_string_append(rule, freqs[freq]);
	if (chance(rand, 40))
		g_string_append_printf(
		    rule, ";INTERVAL=%d", g_rand_int_range(rand, 1, 6));
	if (freq == 3 && chance(rand, 20)) {
		append_list(rule, rand, "BYWEEKNO", weeks, G_N_ELEMENTS(weeks));
		append_weekdays(rule, rand, 0);
		by_day = by_week = true;
	} else if (freq == 3 && chance(rand, 20)) {
		append_list(rule, rand, "BYYEARDAY", year_days, G_N_ELEMENTS(year_days));
		by_day = by_week = true;
	} else if (chance(rand, 50)) {
		append_weekdays(rule, rand, freq >= 2 && chance(rand, 50) ? 5 : 0);
		by_day = true;
	}
	if (chance(rand, 30) && !by_week)
		append_list(rule, rand, "BYMONTH", months, G_N_ELEMENTS(months));
	if (freq != 1 && !by_week && chance(rand, 40)) {
		append_list(
		    rule, rand, "BYMONTHDAY", month_days, G_N_ELEMENTS(month_days));
		by_day = true;
	}
	/* dateutil cuts the first week at the start before it picks. */
	if (freq >= 2 && by_day && chance(rand, 25))
		append_list(rule, rand, "BYSETPOS", places, G_N_ELEMENTS(places));
	/* dateutil 2.8 gives a Friday-started 2030, which has 52 weeks, a week 53. */
	if (chance(rand, 20) && !by_week)
		g_string_append_printf(
		    rule, ";WKST=%s", weekdays[g_rand_int_range(rand, 0, 7)]);
	if (chance(rand, 15))
		g_string_append_printf(rule, ";COUNT=%d", g_rand_int_range(rand, 1, 40));
	else if (chance(rand, 10))
		g_string_append_printf(
		    rule, ";UNTIL=20290%d15", g_rand_int_range(rand, 1, 10));
	return g_string_free(rule, FALSE);
}

/* Runs the oracle over `input`; its lines, or NULL when it is not there. */
static char **
ask_oracle(const char *input)
{
	g_autofree char *path = NULL;
	g_autofree char *out = NULL;
	g_autofree char *script =
	    g_build_filename(g_getenv("TP_SOURCE") != NULL ? g_getenv("TP_SOURCE") : ".",
		"tests/fulfill/rrule_oracle.py", NULL);
	int fd = g_file_open_tmp("rrule-XXXXXX", &path, NULL);
	char *argv[] = { (char *)"/usr/bin/python3", script, path, NULL };
	int status = -1;
	bool ran;

	assert_true(fd >= 0);
	close(fd);
	assert_true(g_file_set_contents(path, input, -1, NULL));
	ran = g_spawn_sync(
	    NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL, &status, NULL);
	unlink(path);
	if (!ran || (WIFEXITED(status) && WEXITSTATUS(status) == 77))
		return NULL;
	assert_int_equal(status, 0);
	return g_strsplit(out, "\n", -1);
}

static void
a_thousand_rules_agree_with_dateutil_over_five_years(void **state)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(5545);
	g_autoptr(GPtrArray) rules = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) input = g_string_new(NULL);
	g_autoptr(GArray) starts = g_array_new(FALSE, FALSE, sizeof(Day));
	g_auto(GStrv) lines = NULL;
	int bent = 0;
	int days_seen = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		Day start = { d("2027-01-01").v + g_rand_int_range(rand, 0, 800) };
		bool omit = chance(rand, 30);
		g_autofree char *body = random_rule(rand);
		char *rule = g_strconcat(body, omit ? ";SKIP=OMIT" : "", NULL);
		char buf[DAY_CHARS];
		char end[DAY_CHARS];

		g_string_append_printf(input, "%s %s %s %s\n", day_format(start, buf),
		    day_format(day_add_months(start, 60), end), omit ? "omit" : "bend",
		    rule);
		g_ptr_array_add(rules, rule);
		g_array_append_val(starts, start);
	}
	lines = ask_oracle(input->str);
	if (lines == NULL) {
		print_message("SKIPPED: python3-dateutil is not installed\n");
		skip();
	}
	assert_int_equal(g_strv_length(lines), 1001);
	for (int i = 0; i < 1000; i++) {
		const char *text = g_ptr_array_index(rules, i);
		Day start = g_array_index(starts, Day, i);
		g_autoptr(Rule) rule = r(text);
		g_autoptr(GArray) days =
		    rule_days(rule, start, start, day_add_months(start, 60), 100000);
		g_autofree char *ours = joined(days);
		char buf[DAY_CHARS];

		if (strcmp(ours, lines[i]) != 0)
			fail_msg("%s from %s\nours:   %.300s\noracle: %.300s", text,
			    day_format(start, buf), ours, lines[i]);
		days_seen += (int)days->len;
		if (strstr(text, "MONTHDAY") != NULL && strstr(text, "OMIT") == NULL)
			bent++;
	}
	assert_true(days_seen > 50000);
	assert_true(bent > 150);
}

/* The next `n` days of an OnCalendar= expression, or NULL. */
static char *
ask_systemd(const char *expression, Day start, int n)
{
	g_autofree char *out = NULL;
	g_autofree char *iterations = g_strdup_printf("--iterations=%d", n);
	char buf[DAY_CHARS];
	/* It gives what comes after the base time. */
	g_autofree char *base = g_strdup_printf(
	    "--base-time=%s 23:59:59 UTC", day_format(day_add_days(start, -1), buf));
	char *argv[] = { (char *)"/usr/bin/systemd-analyze", (char *)"calendar",
		iterations, base, (char *)expression, NULL };
	g_auto(GStrv) env = g_environ_setenv(g_get_environ(), "TZ", "UTC", TRUE);
	g_auto(GStrv) lines = NULL;
	g_autoptr(GString) days = g_string_new(NULL);
	int status = -1;

	if (!g_spawn_sync(NULL, argv, env, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &out,
		NULL, &status, NULL) ||
	    status != 0)
		return NULL;
	lines = g_strsplit(out, "\n", -1);
	for (char **line = lines; *line != NULL; line++) {
		char *colon = strstr(*line, ": ");
		char *day = colon != NULL ? strstr(colon, " 20") : NULL;

		if (strstr(*line, "Next elapse:") == NULL &&
		    strstr(*line, "Iter. #") == NULL)
			continue;
		assert_non_null(day);
		g_string_append_printf(
		    days, "%s%.10s", days->len > 0 ? " " : "", day + 1);
	}
	return g_strdup(days->str);
}

static void
a_hundred_rules_agree_with_systemd(void **state)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat",
		"Sun" };
	g_autoptr(GPtrArray) pairs = g_ptr_array_new_with_free_func(g_free);
	int n = 60;

	(void)state;
	for (int i = 1; i <= 28; i++) {
		g_ptr_array_add(pairs, g_strdup_printf("FREQ=MONTHLY;BYMONTHDAY=%d", i));
		g_ptr_array_add(pairs, g_strdup_printf("*-*-%02d", i));
		g_ptr_array_add(pairs, g_strdup_printf("FREQ=MONTHLY;BYMONTHDAY=-%d", i));
		g_ptr_array_add(pairs, g_strdup_printf("*-*~%02d", i));
	}
	for (int i = 0; i < 7; i++) {
		g_ptr_array_add(
		    pairs, g_strdup_printf("FREQ=WEEKLY;BYDAY=%s", weekdays[i]));
		g_ptr_array_add(pairs, g_strdup_printf("%s *-*-*", days[i]));
		for (int k = 0; k < 4; k++) {
			g_ptr_array_add(pairs, g_strdup_printf("FREQ=MONTHLY;BYDAY=%d%s",
						   k + 1, weekdays[i]));
			g_ptr_array_add(pairs, g_strdup_printf("%s *-*-%02d..%02d",
						   days[i], 7 * k + 1, 7 * k + 7));
		}
		g_ptr_array_add(
		    pairs, g_strdup_printf("FREQ=MONTHLY;BYDAY=-1%s", weekdays[i]));
		g_ptr_array_add(pairs, g_strdup_printf("%s *-*~07/1", days[i]));
	}
	for (int i = 1; i <= 12; i++) {
		g_ptr_array_add(pairs,
		    g_strdup_printf("FREQ=YEARLY;BYMONTH=%d;BYMONTHDAY=%d", i, i + 10));
		g_ptr_array_add(pairs, g_strdup_printf("*-%02d-%02d", i, i + 10));
	}
	/* A month's end that is bent is the last day for both. */
	g_ptr_array_add(pairs, g_strdup("FREQ=MONTHLY;BYMONTHDAY=31"));
	g_ptr_array_add(pairs, g_strdup("*-*~01"));
	g_ptr_array_add(pairs, g_strdup("FREQ=MONTHLY;BYMONTHDAY=31;SKIP=OMIT"));
	g_ptr_array_add(pairs, g_strdup("*-*-31"));
	g_ptr_array_add(pairs, g_strdup("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;SKIP=OMIT"));
	g_ptr_array_add(pairs, g_strdup("*-02-29"));
	assert_true(pairs->len >= 200);
	for (guint i = 0; i < pairs->len; i += 2) {
		const char *text = g_ptr_array_index(pairs, i);
		Day start = { d("2027-01-01").v + (int)i * 3 };
		g_autoptr(Rule) rule = r(text);
		int wanted = strstr(text, "YEARLY") != NULL ? 6 : n;
		g_autofree char *theirs =
		    ask_systemd(g_ptr_array_index(pairs, i + 1), start, wanted);
		g_autoptr(GArray) found = rule_days(
		    rule, start, start, day_add_months(start, 600), (guint)wanted);
		g_autofree char *ours = joined(found);

		if (theirs == NULL) {
			assert_int_equal(i, 0);
			print_message("SKIPPED: systemd-analyze is not installed\n");
			skip();
		}
		assert_string_equal(ours, theirs);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(until_is_an_instant_in_the_zone),
		cmocka_unit_test(looking_from_later_gives_the_same_days),
		cmocka_unit_test(the_calendar_ends),
		cmocka_unit_test(a_rule_without_end_is_refused),
		cmocka_unit_test(a_thousand_rules_agree_with_dateutil_over_five_years),
		cmocka_unit_test(a_hundred_rules_agree_with_systemd),
	};

	return cmocka_run_group_tests_name("rrule", tests, NULL, NULL) +
	       run_rows("rrule.days", days_rows, days_row_test) +
	       run_rows("rrule.bad", bad_rows, bad_row_test);
}
