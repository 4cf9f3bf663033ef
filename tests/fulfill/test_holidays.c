/*
 * test_holidays.c - what a calendar file says about working days, and what it may not do.
 */
#include "tests/support/cm.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fulfill/domain/holidays.h"
#include "queue/limits.h"

#define EVENT(body) "BEGIN:VEVENT\r\n" body "END:VEVENT\r\n"
#define CALENDAR(events)                                                                 \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//holidays//EN\r\n" events   \
	"END:VCALENDAR\r\n"

static Day
d(const char *text)
{
	g_autoptr(GError) error = NULL;
	Day day = DAY_MIN;

	if (!day_parse(text, &day, &error))
		fail_msg("%s", error->message);
	return day;
}

static Holidays *
parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	Holidays *holidays = holidays_parse(text, strlen(text), &error);

	if (holidays == NULL)
		fail_msg("%s", error->message);
	return holidays;
}

struct day_row {
	const char *name;
	const char *events;
	guint count; /* 0: not looked at */
	const char *in[4], *out[4];
};

/* clang-format off */
static const struct day_row day_rows[] = {
	{ "a day", EVENT("DTSTART;VALUE=DATE:20270526\r\nSUMMARY:Fronleichnam\r\n"), 1,
	  { "2027-05-26" }, { "2027-05-25", "2027-05-27" } },
	{ "DTEND is not part of it", EVENT("DTSTART;VALUE=DATE:20270526\r\nDTEND;VALUE=DATE:20270527\r\n"), 1,
	  { "2027-05-26" }, { "2027-05-27" } },
	{ "works holidays of a week", EVENT("DTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20270101\r\n"), 8,
	  { "2026-12-24", "2026-12-31" }, { "2026-12-23", "2027-01-01" } },
	{ "a duration", EVENT("DTSTART;VALUE=DATE:20261224\r\nDURATION:P3D\r\n"), 3,
	  { "2026-12-24", "2026-12-26" }, { "2026-12-27" } },
	{ "each year", EVENT("DTSTART;VALUE=DATE:20201003\r\nRRULE:FREQ=YEARLY\r\n"), 180,
	  { "2020-10-03", "2027-10-03", "2199-10-03" }, { "2019-10-03", "2027-10-04", "2200-10-03" } },
	{ "each year since 1601", EVENT("DTSTART;VALUE=DATE:16010101\r\nRRULE:FREQ=YEARLY\r\n"), 228,
	  { "1972-01-01", "2027-01-01" }, { "2027-01-02" } },
	{ "a leap day comes in leap years", EVENT("DTSTART;VALUE=DATE:20240229\r\nRRULE:FREQ=YEARLY\r\n"), 0,
	  { "2024-02-29", "2028-02-29" }, { "2027-02-28" } },
	{ "by rule", EVENT("DTSTART;VALUE=DATE:20260501\r\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=1MO\r\n"), 0,
	  { "2026-05-04", "2027-05-03" }, { "2026-05-01" } },
	{ "two days each year", EVENT("DTSTART;VALUE=DATE:20251225\r\nDTEND;VALUE=DATE:20251227\r\nRRULE:FREQ=YEARLY;COUNT=2\r\n"), 4,
	  { "2025-12-25", "2025-12-26", "2026-12-26" }, { "2027-12-25" } },
	{ "more days and fewer", EVENT("DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=YEARLY;COUNT=3\r\nEXDATE;VALUE=DATE:20270101\r\nRDATE;VALUE=DATE:20270104\r\n"), 3,
	  { "2026-01-01", "2027-01-04", "2028-01-01" }, { "2027-01-01" } },
	{ "an exception of another event is none", EVENT("DTSTART;VALUE=DATE:20270101\r\nEXDATE;VALUE=DATE:20270101\r\n") EVENT("DTSTART;VALUE=DATE:20270101\r\n"), 1,
	  { "2027-01-01" }, { NULL } },
	{ "nor when it stands after it", EVENT("DTSTART;VALUE=DATE:20270101\r\n") EVENT("DTSTART;VALUE=DATE:20270101\r\nEXDATE;VALUE=DATE:20270101\r\n"), 1,
	  { "2027-01-01" }, { NULL } },
	{ "a cancelled one is none", EVENT("DTSTART;VALUE=DATE:20270101\r\nSTATUS:CANCELLED\r\n") EVENT("DTSTART;VALUE=DATE:20270102\r\n"), 1,
	  { "2027-01-02" }, { "2027-01-01" } },
	{ "local times are cut off", EVENT("DTSTART:20270101T080000\r\nDTEND:20270102T120000\r\n"), 2,
	  { "2027-01-01", "2027-01-02" }, { "2027-01-03" } },
	{ "until midnight is not the next day", EVENT("DTSTART:20270101T000000\r\nDTEND:20270102T000000\r\n"), 1,
	  { "2027-01-01" }, { "2027-01-02" } },
	{ "a past without years", EVENT("DTSTART;VALUE=DATE:19690101\r\n"), 0, { NULL }, { "1970-01-01" } },
	{ "plain line ends, folded lines", "BEGIN:VEVENT\nSUMMARY:a very\n  long name\nDTSTART;VALUE=DA\n TE:20270526\nEND:VEVENT\n", 1,
	  { "2027-05-26" }, { NULL } },
};
/* clang-format on */

static void
day_row_test(void **state)
{
	const struct day_row *row = *state;
	g_autofree char *text = g_strdup_printf(CALENDAR("%s"), row->events);
	g_autoptr(Holidays) holidays = parse(text);

	if (row->count != 0)
		assert_int_equal(holidays_count(holidays), row->count);
	for (size_t i = 0; i < 4 && row->in[i] != NULL; i++)
		if (holidays_name(holidays, d(row->in[i])) == NULL)
			fail_msg("%s should be a holiday", row->in[i]);
	for (size_t i = 0; i < 4 && row->out[i] != NULL; i++)
		if (holidays_name(holidays, d(row->out[i])) != NULL)
			fail_msg("%s should be none", row->out[i]);
}

struct bad_row {
	const char *name;
	const char *text;
	const char *error; /* a part of it */
};

/* clang-format off */
static const struct bad_row bad_rows[] = {
	{ "nothing", "", "not an iCalendar file" },
	{ "something else", "hello\nworld\n", "it is not an iCalendar file" },
	{ "no event", CALENDAR(""), "it has no events" },
	{ "no start", CALENDAR(EVENT("SUMMARY:M\xc3\xa4rchen\r\n")), "event 1 'M\xc3\xa4rchen': it has no day of the calendar" },
	{ "no day of the calendar", CALENDAR(EVENT("DTSTART;VALUE=DATE:20270230\r\n")), "event 1 '': " },
	{ "in UTC", CALENDAR(EVENT("DTSTART:20261231T230000Z\r\n")), "it begins at a time in UTC, which is not a day" },
	{ "a rule we do not take", CALENDAR(EVENT("DTSTART;VALUE=DATE:20270101\r\nRRULE:FREQ=HOURLY\r\n")), "'HOURLY' is not DAILY" },
	{ "a broken rule", CALENDAR(EVENT("DTSTART;VALUE=DATE:20270101\r\nRRULE:FREQ=NEVER\r\n")), "event 1" },
	{ "longer than a year", CALENDAR(EVENT("DTSTART;VALUE=DATE:20270101\r\nDTEND;VALUE=DATE:20290101\r\n")), "it lasts longer than a year" },
	{ "too many", CALENDAR(EVENT("DTSTART;VALUE=DATE:19700101\r\nDTEND;VALUE=DATE:19701231\r\nRRULE:FREQ=DAILY\r\n")), "there are more than 100000 holidays" },
	{ "not UTF-8", CALENDAR(EVENT("DTSTART;VALUE=DATE:20270101\r\nSUMMARY:M\xe4rz\r\n")), "it is not UTF-8 text" },
	{ "the second event", CALENDAR(EVENT("DTSTART;VALUE=DATE:20270101\r\n") EVENT("SUMMARY:x\r\n")), "event 2 'x': " },
	{ "an escape for a terminal", CALENDAR(EVENT("SUMMARY:a\x1b[2Jb\r\n")), "event 1 'a?[2Jb': " },
};
/* clang-format on */

static void
bad_row_test(void **state)
{
	const struct bad_row *row = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(Holidays) holidays =
	    holidays_parse(row->text, strlen(row->text), &error);

	assert_null(holidays);
	assert_error(error, TP_ERROR_INVALID);
	if (strstr(error->message, row->error) == NULL)
		fail_msg("%s", error->message);
}

static void
what_would_hurt_the_parser_does_not_reach_it(void **state)
{
	g_autoptr(GString) deep = g_string_new(NULL);
	g_autoptr(GString) large = g_string_new("BEGIN:VCALENDAR\r\n");
	g_autoptr(GError) too_deep = NULL;
	g_autoptr(GError) too_large = NULL;
	g_autoptr(GError) nul = NULL;

	(void)state;
	for (int i = 0; i < 50000; i++)
		g_string_append(deep, "BEGIN:VEVENT\r\n");
	assert_null(holidays_parse(deep->str, deep->len, &too_deep));
	assert_error(too_deep, TP_ERROR_INVALID);
	assert_string_equal(too_deep->message, "it is nested more than 8 deep");
	while (large->len <= LIMIT_HOLIDAY_FILE_BYTES)
		g_string_append(
		    large, "X-FILLER:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n");
	assert_null(holidays_parse(large->str, large->len, &too_large));
	assert_error(too_large, TP_ERROR_INVALID);
	assert_null(holidays_parse("BEGIN:VCALENDAR\r\n\0END:VCALENDAR\r\n", 33, &nul));
	assert_error(nul, TP_ERROR_INVALID);
}

static void
torn_calendars_never_crash(void **state)
{
	static const char whole[] = CALENDAR(EVENT(
	    "DTSTART;VALUE=DATE:20261224\r\nDURATION:P3D\r\nSUMMARY:Weihnachten\r\n")
		EVENT("DTSTART;TZID=Europe/"
		      "Berlin:20270101T000000\r\nRRULE:FREQ=YEARLY;COUNT=3\r\nEXDATE;"
		      "VALUE=DATE:20280101\r\n"));
	g_autoptr(GRand) rand = g_rand_new_with_seed(8);
	int refused = 0;

	(void)state;
	for (size_t n = 0; n < sizeof(whole); n++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(Holidays) holidays = holidays_parse(whole, n, &error);

		assert_true((holidays == NULL) == (error != NULL));
		refused += holidays == NULL;
	}
	assert_true(refused > 50);
	for (int i = 0; i < 3000; i++) {
		g_autofree char *bytes = g_memdup2(whole, sizeof(whole) - 1);
		g_autoptr(GError) error = NULL;
		g_autoptr(Holidays) holidays = NULL;

		for (int k = 0; k < 3; k++)
			bytes[g_rand_int_range(rand, 0, sizeof(whole) - 1)] =
			    (char)g_rand_int_range(rand, 1, 127);
		holidays = holidays_parse(bytes, sizeof(whole) - 1, &error);
		assert_true((holidays == NULL) == (error != NULL));
	}
}

static void
the_next_working_day_passes_weekends_and_holidays(void **state)
{
	static const char easter[] =
	    CALENDAR(EVENT("DTSTART;VALUE=DATE:20270326\r\nSUMMARY:Karfreitag\r\n")
		    EVENT("DTSTART;VALUE=DATE:20270329\r\nSUMMARY:Ostermontag\r\n")
			EVENT("DTSTART;VALUE=DATE:20270801\r\nDTEND;VALUE=DATE:"
			      "20271001\r\nSUMMARY:Betriebsferien\r\n"));
	g_autoptr(Holidays) holidays = parse(easter);
	g_autoptr(GError) error = NULL;
	Day day = DAY_MIN;

	(void)state;
	assert_string_equal(holidays_name(holidays, d("2027-03-26")), "Karfreitag");
	assert_true(holidays_next_working(holidays, d("2027-03-25"), &day, NULL));
	assert_int_equal(day.v, d("2027-03-25").v);
	assert_true(holidays_next_working(holidays, d("2027-03-26"), &day, NULL));
	assert_int_equal(day.v, d("2027-03-30").v);
	assert_true(holidays_next_working(holidays, d("2027-04-03"), &day, NULL));
	assert_int_equal(day.v, d("2027-04-05").v);
	assert_false(holidays_next_working(holidays, d("2027-08-02"), &day, &error));
	assert_error(error, TP_ERROR_INVALID);
	assert_string_equal(
	    error->message, "there is no working day within 31 days of 2027-08-02");
}

static void
files_are_read_or_named(void **state)
{
	g_autofree char *dir = g_dir_make_tmp("holidays-XXXXXX", NULL);
	g_autofree char *good = g_build_filename(dir, "good.ics", NULL);
	g_autofree char *bad = g_build_filename(dir, "bad.ics", NULL);
	g_autofree char *none = g_build_filename(dir, "none.ics", NULL);
	g_autofree char *pipe = g_build_filename(dir, "pipe.ics", NULL);
	const char *const wrong[] = { bad, none, pipe, dir };
	g_autoptr(Holidays) holidays = NULL;

	(void)state;
	assert_non_null(dir);
	assert_true(g_file_set_contents(
	    good, CALENDAR(EVENT("DTSTART;VALUE=DATE:20270101\r\n")), -1, NULL));
	assert_true(g_file_set_contents(bad, "BEGIN:VCALENDAR\r\n", -1, NULL));
	assert_int_equal(mkfifo(pipe, 0600), 0);
	holidays = holidays_open(good, NULL);
	assert_non_null(holidays);
	assert_int_equal(holidays_count(holidays), 1);
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;

		assert_null(holidays_open(wrong[i], &error));
		assert_non_null(error);
		assert_non_null(strstr(error->message, wrong[i]));
		assert_int_equal(error->code, i == 1   ? TP_ERROR_NOT_FOUND
					      : i == 3 ? TP_ERROR_IO
						       : TP_ERROR_INVALID);
	}
	unlink(good);
	unlink(bad);
	unlink(pipe);
	rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_would_hurt_the_parser_does_not_reach_it),
		cmocka_unit_test(torn_calendars_never_crash),
		cmocka_unit_test(the_next_working_day_passes_weekends_and_holidays),
		cmocka_unit_test(files_are_read_or_named),
	};

	return cmocka_run_group_tests_name("holidays", tests, NULL, NULL) +
	       run_rows("holidays.days", day_rows, day_row_test) +
	       run_rows("holidays.bad", bad_rows, bad_row_test);
}
