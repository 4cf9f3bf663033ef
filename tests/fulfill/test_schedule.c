/*
 * test_schedule.c - what is planned runs once on its day, in winter, in summer and in the
 * nights between, and after a holiday.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/domain/schedule.h"

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

static Schedule *
schedule(const char *rule, const char *time, const char *zone, const char *start,
    const Holidays *holidays)
{
	ScheduleSpec spec = { .id = "nfr-cad",
		.rule = rule,
		.at = time,
		.zone = zone,
		.start_day = d(start),
		.holidays = holidays };
	g_autoptr(GError) error = NULL;
	Schedule *s = schedule_new(&spec, &error);

	if (s == NULL)
		fail_msg("%s", error->message);
	return s;
}

static Holidays *
holidays_of(const char *const *days)
{
	g_autoptr(GString) text = g_string_new("BEGIN:VCALENDAR\n");
	g_autoptr(GError) error = NULL;
	Holidays *holidays;

	for (; *days != NULL; days++)
		g_string_append_printf(text,
		    "BEGIN:VEVENT\nDTSTART;VALUE=DATE:%.4s%.2s%.2s\nEND:VEVENT\n", *days,
		    *days + 5, *days + 8);
	g_string_append(text, "END:VCALENDAR\n");
	holidays = holidays_parse(text->str, text->len, &error);
	if (holidays == NULL)
		fail_msg("%s", error->message);
	return holidays;
}

/* "2027-03-28 2027-03-28T01:30:00Z" and the like, line by line. */
static char *
shown(const GArray *list)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < list->len; i++) {
		Occurrence o = g_array_index(list, Occurrence, i);
		char rule_day[DAY_CHARS];
		char when[AT_CHARS];

		g_string_append_printf(text, "%s%s %s", i > 0 ? "\n" : "",
		    day_format(o.rule_day, rule_day), at_format(o.at, when));
	}
	return g_string_free(text, FALSE);
}

/* ---- R8.5 ---- */

struct run_row {
	const char *name;
	const char *rule, *time, *zone, *start, *to;
	const char *runs;
};

/* clang-format off */
static const struct run_row day_rows[] = {
	{ "R8.5 in the hour that spring leaves out", "FREQ=DAILY", "02:30", "Europe/Berlin", "2027-03-27", "2027-03-29",
	  "2027-03-27 2027-03-27T01:30:00Z\n2027-03-28 2027-03-28T01:30:00Z\n2027-03-29 2027-03-29T00:30:00Z" },
	{ "R8.5 in the hour that comes twice", "FREQ=DAILY", "02:30", "Europe/Berlin", "2027-10-30", "2027-11-01",
	  "2027-10-30 2027-10-30T00:30:00Z\n2027-10-31 2027-10-31T00:30:00Z\n2027-11-01 2027-11-01T01:30:00Z" },
	{ "the first Monday at half past eight", "FREQ=MONTHLY;BYDAY=1MO", "08:30", "Europe/Berlin", "2027-03-01", "2027-05-31",
	  "2027-03-01 2027-03-01T07:30:00Z\n2027-04-05 2027-04-05T06:30:00Z\n2027-05-03 2027-05-03T06:30:00Z" },
	{ "R12.7 the last of each month", "FREQ=MONTHLY;BYMONTHDAY=31", "23:59", "Europe/Berlin", "2027-01-01", "2027-03-31",
	  "2027-01-31 2027-01-31T22:59:00Z\n2027-02-28 2027-02-28T22:59:00Z\n2027-03-31 2027-03-31T21:59:00Z" },
	{ "midnight that does not exist", "FREQ=DAILY", "00:00", "Africa/Cairo", "2024-04-25", "2024-04-27",
	  "2024-04-25 2024-04-24T22:00:00Z\n2024-04-26 2024-04-25T22:00:00Z\n2024-04-27 2024-04-26T21:00:00Z" },
	{ "UNTIL in UTC counts the instant", "FREQ=DAILY;UNTIL=20270102T073000Z", "08:30", "Europe/Berlin", "2027-01-01", "2027-01-09",
	  "2027-01-01 2027-01-01T07:30:00Z\n2027-01-02 2027-01-02T07:30:00Z" },
	{ "UNTIL a second before", "FREQ=DAILY;UNTIL=20270102T072959Z", "08:30", "Europe/Berlin", "2027-01-01", "2027-01-09",
	  "2027-01-01 2027-01-01T07:30:00Z" },
	{ "UNTIL in UTC on the day after there", "FREQ=DAILY;UNTIL=20270102T020000Z", "20:00", "America/New_York", "2027-01-01", "2027-01-09",
	  "2027-01-01 2027-01-02T01:00:00Z" },
	{ "UNTIL at a local time", "FREQ=DAILY;UNTIL=20270102T083000", "08:30", "Europe/Berlin", "2027-01-01", "2027-01-09",
	  "2027-01-01 2027-01-01T07:30:00Z\n2027-01-02 2027-01-02T07:30:00Z" },
	{ "COUNT", "FREQ=WEEKLY;COUNT=2", NULL, "UTC", "2027-01-01", "2027-12-31",
	  "2027-01-01 2027-01-01T00:00:00Z\n2027-01-08 2027-01-08T00:00:00Z" },
};
/* clang-format on */

static void
run_row_test(void **state)
{
	const struct run_row *row = *state;
	g_autoptr(Schedule) s =
	    schedule(row->rule, row->time, row->zone, row->start, NULL);
	g_autoptr(GArray) list =
	    schedule_list(s, d(row->start), d(row->to), G_MAXUINT, NULL);
	g_autofree char *text = NULL;

	assert_non_null(list);
	text = shown(list);
	assert_string_equal(text, row->runs);
}

static void
each_civil_day_has_one_run_in_every_zone(void **state)
{
	static const char *const zones[] = { "Europe/Berlin", "America/Havana",
		"Australia/Lord_Howe", "Africa/Cairo", "America/St_Johns", "Asia/Gaza" };
	static const char *const times[] = { "00:00", "00:30", "01:30", "02:00", "02:30",
		"03:00", "23:59" };

	(void)state;
	for (size_t z = 0; z < G_N_ELEMENTS(zones); z++)
		for (size_t t = 0; t < G_N_ELEMENTS(times); t++) {
			g_autoptr(Schedule) s = schedule(
			    "FREQ=DAILY", times[t], zones[z], "2024-01-01", NULL);
			g_autoptr(GTimeZone) zone = zone_open(zones[z], NULL);
			g_autoptr(GArray) list = schedule_list(
			    s, d("2024-01-01"), d("2027-12-31"), G_MAXUINT, NULL);
			int64_t before_at = 0;

			assert_int_equal(list->len, 1461);
			for (guint i = 0; i < list->len; i++) {
				Occurrence o = g_array_index(list, Occurrence, i);

				assert_int_equal(o.day.v, d("2024-01-01").v + (int)i);
				assert_int_equal(o.day.v, day_of(o.at, zone).v);
				assert_true(o.at > before_at);
				before_at = o.at;
			}
		}
}

/* ---- holidays ---- */

struct move_row {
	const char *name;
	const char *rule, *start, *from, *to;
	const char *holidays[6];
	const char *runs; /* rule day and instant, UTC */
};

/* clang-format off */
static const struct move_row move_rows[] = {
	{ "a holiday moves to the next working day", "FREQ=MONTHLY;BYMONTHDAY=1", "2027-04-01", "2027-04-01", "2027-06-30", { "2027-05-01" },
	  "2027-04-01 2027-04-01T00:00:00Z\n2027-05-01 2027-05-03T00:00:00Z\n2027-06-01 2027-06-01T00:00:00Z" },
	{ "a weekend that the rule names is meant", "FREQ=MONTHLY;BYMONTHDAY=1", "2027-05-01", "2027-05-01", "2027-05-31", { "2027-05-13" },
	  "2027-05-01 2027-05-01T00:00:00Z" },
	{ "Easter: Friday to Tuesday", "FREQ=WEEKLY;BYDAY=FR", "2027-03-19", "2027-03-19", "2027-04-02", { "2027-03-26", "2027-03-29" },
	  "2027-03-19 2027-03-19T00:00:00Z\n2027-03-26 2027-03-30T00:00:00Z\n2027-04-02 2027-04-02T00:00:00Z" },
	{ "two that meet are one, named after the later", "FREQ=DAILY", "2027-03-25", "2027-03-25", "2027-03-31", { "2027-03-26", "2027-03-28", "2027-03-29" },
	  "2027-03-25 2027-03-25T00:00:00Z\n2027-03-27 2027-03-27T00:00:00Z\n2027-03-30 2027-03-30T00:00:00Z\n2027-03-31 2027-03-31T00:00:00Z" },
	{ "Friday moves past a Saturday that stays", "FREQ=WEEKLY;BYDAY=FR,SA", "2027-03-25", "2027-03-25", "2027-03-31", { "2027-03-26", "2027-03-29" },
	  "2027-03-27 2027-03-27T00:00:00Z\n2027-03-26 2027-03-30T00:00:00Z" },
	{ "moved into the span asked for", "FREQ=MONTHLY;BYMONTHDAY=1", "2027-04-01", "2027-05-02", "2027-05-31", { "2027-05-01" },
	  "2027-05-01 2027-05-03T00:00:00Z" },
	{ "moved out of the span asked for", "FREQ=MONTHLY;BYMONTHDAY=1", "2027-04-01", "2027-05-01", "2027-05-02", { "2027-05-01" },
	  "" },
	{ "over the end of the year", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31", "2027-01-01", "2027-12-01", "2028-01-31", { "2027-12-31", "2028-01-01" },
	  "2027-12-31 2028-01-03T00:00:00Z" },
	{ "UNTIL speaks of the day of the rule", "FREQ=MONTHLY;BYMONTHDAY=1;UNTIL=20270501", "2027-04-01", "2027-04-02", "2027-12-31", { "2027-05-01" },
	  "2027-05-01 2027-05-03T00:00:00Z" },
};
/* clang-format on */

static void
move_row_test(void **state)
{
	const struct move_row *row = *state;
	g_autoptr(Holidays) holidays = holidays_of(row->holidays);
	g_autoptr(Schedule) s = schedule(row->rule, NULL, "UTC", row->start, holidays);
	g_autoptr(GArray) list =
	    schedule_list(s, d(row->from), d(row->to), G_MAXUINT, NULL);
	g_autofree char *text = NULL;

	assert_non_null(list);
	text = shown(list);
	assert_string_equal(text, row->runs);
}

static void
a_span_cut_anywhere_has_the_same_runs(void **state)
{
	static const char *const days[] = { "2027-03-26", "2027-03-28", "2027-03-29",
		"2027-05-01", "2027-05-06", "2027-05-07", NULL };
	g_autoptr(Holidays) holidays = holidays_of(days);
	g_autoptr(Schedule) s =
	    schedule("FREQ=DAILY", "08:30", "Europe/Berlin", "2027-03-01", holidays);
	g_autoptr(GArray) whole =
	    schedule_list(s, d("2027-03-01"), d("2027-06-30"), G_MAXUINT, NULL);

	(void)state;
	assert_int_equal(whole->len, 122 - 6);
	for (Day cut = d("2027-03-01"); day_cmp(cut, d("2027-06-30")) < 0;
	     cut = day_add_days(cut, 1)) {
		g_autoptr(GArray) a =
		    schedule_list(s, d("2027-03-01"), cut, G_MAXUINT, NULL);
		g_autoptr(GArray) b = schedule_list(
		    s, day_add_days(cut, 1), d("2027-06-30"), G_MAXUINT, NULL);

		assert_int_equal(a->len + b->len, whole->len);
		for (guint i = 0; i < a->len; i++)
			assert_int_equal(g_array_index(a, Occurrence, i).rule_day.v,
			    g_array_index(whole, Occurrence, i).rule_day.v);
		for (guint i = 0; i < b->len; i++)
			assert_int_equal(g_array_index(b, Occurrence, i).rule_day.v,
			    g_array_index(whole, Occurrence, a->len + i).rule_day.v);
	}
}

static void
holidays_without_end_are_an_error(void **state)
{
	static const char august[] =
	    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20270801\n"
	    "DTEND;VALUE=DATE:20271001\nEND:VEVENT\nEND:VCALENDAR\n";
	g_autoptr(Holidays) holidays = holidays_parse(august, strlen(august), NULL);
	g_autoptr(Schedule) s =
	    schedule("FREQ=MONTHLY", NULL, "UTC", "2027-01-02", holidays);
	g_autoptr(GError) error = NULL;
	Occurrence o = { { 4711 }, { 4711 }, 4711 };

	(void)state;
	assert_int_equal(schedule_next(s, at("2027-07-15T00:00:00Z"), &o, &error), -1);
	assert_error(error, TP_ERROR_INVALID);
	assert_int_equal(o.at, 4711);
}

/* ---- next and due ---- */

static void
the_next_run_is_after_now(void **state)
{
	g_autoptr(Schedule) s =
	    schedule("FREQ=DAILY;COUNT=3", "02:30", "Europe/Berlin", "2027-03-27", NULL);
	static const struct {
		const char *after, *next;
	} rows[] = {
		{ "1990-01-01T00:00:00Z", "2027-03-27T01:30:00Z" },
		{ "2027-03-27T01:29:59Z", "2027-03-27T01:30:00Z" },
		{ "2027-03-27T01:30:00Z", "2027-03-28T01:30:00Z" },
		{ "2027-03-28T01:30:00Z", "2027-03-29T00:30:00Z" },
		{ "2027-03-29T00:30:00Z", NULL },
		{ "2030-03-29T00:30:00Z", NULL },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		Occurrence o;
		char buf[AT_CHARS];
		int n = schedule_next(s, at(rows[i].after), &o, NULL);

		assert_int_equal(n, rows[i].next != NULL ? 1 : 0);
		if (n == 1)
			assert_string_equal(at_format(o.at, buf), rows[i].next);
	}
}

static void
next_follows_next_through_the_whole_list(void **state)
{
	static const char *const days[] = { "2027-03-26", "2027-03-28", "2027-03-29",
		NULL };
	g_autoptr(Holidays) holidays = holidays_of(days);
	g_autoptr(Schedule) s =
	    schedule("FREQ=DAILY", "02:30", "Europe/Berlin", "2027-01-01", holidays);
	g_autoptr(GArray) list =
	    schedule_list(s, d("2027-01-01"), d("2027-12-31"), G_MAXUINT, NULL);
	int64_t now_at = at("2026-12-31T12:00:00Z");

	(void)state;
	assert_int_equal(list->len, 362);
	for (guint i = 0; i < list->len; i++) {
		Occurrence o;

		assert_int_equal(schedule_next(s, now_at, &o, NULL), 1);
		assert_int_equal(
		    o.rule_day.v, g_array_index(list, Occurrence, i).rule_day.v);
		now_at = o.at;
	}
}

static void
downtime_is_caught_up_once(void **state)
{
	g_autoptr(Schedule) s =
	    schedule("FREQ=DAILY", "08:30", "Europe/Berlin", "2027-03-01", NULL);
	static const struct {
		const char *ran, *now, *due;
	} rows[] = {
		{ NULL, "2027-02-28T23:00:00Z", NULL },         /* before the start */
		{ NULL, "2027-03-01T07:29:59Z", NULL },         /* a second too early */
		{ NULL, "2027-03-01T07:30:00Z", "2027-03-01" }, /* the first */
		{ "2027-03-01", "2027-03-01T07:30:01Z", NULL }, /* it ran */
		{ "2027-03-01", "2027-03-02T07:30:00Z", "2027-03-02" },
		{ "2027-03-01", "2027-03-20T06:00:00Z",
		    "2027-03-19" }, /* eighteen days down: one run */
		{ "2027-03-19", "2027-03-20T06:00:00Z", NULL },
		{ "2027-03-19", "2027-03-05T12:00:00Z", NULL }, /* the clock went back */
		{ "2027-03-19", "2027-03-19T07:30:00Z", NULL },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		Day ran = rows[i].ran != NULL ? d(rows[i].ran) : DAY_MIN;
		Occurrence o = { DAY_MIN, DAY_MIN, 0 };
		int n = schedule_due(s, ran, at(rows[i].now), &o, NULL);

		assert_int_equal(n, rows[i].due != NULL ? 1 : 0);
		if (n == 1)
			assert_int_equal(o.rule_day.v, d(rows[i].due).v);
	}
}

static void
a_moved_run_is_due_once(void **state)
{
	static const char *const days[] = { "2027-05-01", NULL };
	g_autoptr(Holidays) holidays = holidays_of(days);
	g_autoptr(Schedule) s = schedule("FREQ=MONTHLY;BYMONTHDAY=1", "08:30",
	    "Europe/Berlin", "2027-04-01", holidays);
	g_autoptr(Schedule) unmoved = schedule(
	    "FREQ=MONTHLY;BYMONTHDAY=1", "08:30", "Europe/Berlin", "2027-04-01", NULL);
	g_autofree char *key = NULL;
	g_autofree char *late_key = NULL;
	g_autofree char *again = NULL;
	Occurrence o;
	Occurrence late;

	(void)state;
	assert_int_equal(
	    schedule_due(s, d("2027-04-01"), at("2027-05-01T12:00:00Z"), &o, NULL), 0);
	assert_int_equal(
	    schedule_due(s, d("2027-04-01"), at("2027-05-03T12:00:00Z"), &o, NULL), 1);
	key = schedule_key(s, o);
	assert_string_equal(key, "nfr-cad/2027-05-01");
	assert_int_equal(schedule_due(s, o.day, at("2027-05-03T12:00:01Z"), &o, NULL), 0);
	assert_int_equal(schedule_due(s, o.day, at("2027-05-31T12:00:00Z"), &o, NULL), 0);
	/* It ran on the day itself, and then somebody entered the holiday. */
	assert_int_equal(schedule_due(unmoved, d("2027-04-01"),
			     at("2027-05-01T12:00:00Z"), &late, NULL),
	    1);
	late_key = schedule_key(unmoved, late);
	assert_string_equal(late_key, key);
	assert_int_equal(
	    schedule_due(s, late.day, at("2027-05-03T12:00:00Z"), &o, NULL), 1);
	again = schedule_key(s, o);
	assert_string_equal(again, key);
	assert_int_equal(schedule_due(s, o.day, at("2027-05-03T12:00:01Z"), &o, NULL), 0);
}

static void
what_is_no_schedule_is_refused(void **state)
{
	static const struct {
		const char *rule, *at, *zone;
		TpError code;
		const char *text;
	} rows[] = {
		{ "FREQ=HOURLY", "08:30", "Europe/Berlin", TP_ERROR_INVALID,
		    "'FREQ=HOURLY' is not a recurrence rule: FREQ: 'HOURLY' is not "
		    "DAILY, WEEKLY, MONTHLY or YEARLY" },
		{ "FREQ=DAILY", "25:00", "Europe/Berlin", TP_ERROR_INVALID,
		    "'25:00' is not a time of day from 00:00 to 23:59" },
		{ "FREQ=DAILY", "08:30", "Europe/Karlsruhe", TP_ERROR_CONFIG,
		    "there is no time zone 'Europe/Karlsruhe' in this system's tzdata" },
		{ "FREQ=YEARLY;BYMONTH=4;BYYEARDAY=1", "08:30", "Europe/Berlin",
		    TP_ERROR_INVALID,
		    "'FREQ=YEARLY;BYMONTH=4;BYYEARDAY=1' gives no day within 40 years of "
		    "2027-01-01" },
		{ "FREQ=DAILY;UNTIL=20261231", "08:30", "Europe/Berlin", TP_ERROR_INVALID,
		    "'FREQ=DAILY;UNTIL=20261231' gives no day within 40 years of "
		    "2027-01-01" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		ScheduleSpec spec = { .id = "x",
			.rule = rows[i].rule,
			.at = rows[i].at,
			.zone = rows[i].zone,
			.start_day = d("2027-01-01") };
		g_autoptr(GError) error = NULL;

		assert_null(schedule_new(&spec, &error));
		assert_error(error, rows[i].code);
		assert_string_equal(error->message, rows[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_civil_day_has_one_run_in_every_zone),
		cmocka_unit_test(a_span_cut_anywhere_has_the_same_runs),
		cmocka_unit_test(holidays_without_end_are_an_error),
		cmocka_unit_test(the_next_run_is_after_now),
		cmocka_unit_test(next_follows_next_through_the_whole_list),
		cmocka_unit_test(downtime_is_caught_up_once),
		cmocka_unit_test(a_moved_run_is_due_once),
		cmocka_unit_test(what_is_no_schedule_is_refused),
	};

	return cmocka_run_group_tests_name("schedule", tests, NULL, NULL) +
	       run_rows("schedule.runs", day_rows, run_row_test) +
	       run_rows("schedule.moves", move_rows, move_row_test);
}
