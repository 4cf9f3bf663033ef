/*
 * test_term.c - periods never drift, never leave a gap, never overlap.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/domain/term.h"
#include "queue/limits.h"

static Day
d(const char *text)
{
	g_autoptr(GError) error = NULL;
	Day day = DAY_MIN;

	if (!day_parse(text, &day, &error))
		fail_msg("%s", error->message);
	return day;
}

static void
assert_day(Day day, const char *wanted)
{
	char buf[DAY_CHARS];

	assert_string_equal(day_format(day, buf), wanted);
}

static Period
period(Term term, const char *start, int k)
{
	g_autoptr(GError) error = NULL;
	Period p = { 0, DAY_MIN, DAY_MIN };

	if (!term_period(term, d(start), k, &p, &error))
		fail_msg("%s", error->message);
	assert_int_equal(p.k, k);
	return p;
}

static Term
months(int n, TermRule rule)
{
	return (Term){ .months = n, .rule = rule };
}

/* ---- R8.1 ---- */

struct month_row {
	const char *name;
	const char *start;
	int months;
	int k;
	const char *bgb_last;
	const char *anchor_renews;
};

/* clang-format off */
static const struct month_row month_rows[] = {
	{ "28 January, first",            "2027-01-28",  1, 1, "2027-02-27", "2027-02-28" },
	{ "28 January, second",           "2027-01-28",  1, 2, "2027-03-27", "2027-03-28" },
	{ "28 January, third",            "2027-01-28",  1, 3, "2027-04-27", "2027-04-28" },
	{ "29 January, first",            "2027-01-29",  1, 1, "2027-02-28", "2027-02-28" },
	{ "29 January, second",           "2027-01-29",  1, 2, "2027-03-28", "2027-03-29" },
	{ "29 January, third",            "2027-01-29",  1, 3, "2027-04-28", "2027-04-29" },
	{ "30 January, first",            "2027-01-30",  1, 1, "2027-02-28", "2027-02-28" },
	{ "30 January, second",           "2027-01-30",  1, 2, "2027-03-29", "2027-03-30" },
	{ "30 January, third",            "2027-01-30",  1, 3, "2027-04-29", "2027-04-30" },
	{ "31 January, first",            "2027-01-31",  1, 1, "2027-02-28", "2027-02-28" },
	{ "31 January, second",           "2027-01-31",  1, 2, "2027-03-30", "2027-03-31" },
	{ "31 January, third",            "2027-01-31",  1, 3, "2027-04-30", "2027-04-30" },
	{ "31 January, leap, first",      "2028-01-31",  1, 1, "2028-02-29", "2028-02-29" },
	{ "31 January, leap, second",     "2028-01-31",  1, 2, "2028-03-30", "2028-03-31" },
	{ "31 January, leap, third",      "2028-01-31",  1, 3, "2028-04-30", "2028-04-30" },
	{ "31 August, first",             "2027-08-31",  1, 1, "2027-09-30", "2027-09-30" },
	{ "31 August, second",            "2027-08-31",  1, 2, "2027-10-30", "2027-10-31" },
	{ "31 August, third",             "2027-08-31",  1, 3, "2027-11-30", "2027-11-30" },
	{ "29 February, first year",      "2028-02-29", 12, 1, "2029-02-28", "2029-02-28" },
	{ "29 February, second year",     "2028-02-29", 12, 2, "2030-02-28", "2030-02-28" },
	{ "29 February, third year",      "2028-02-29", 12, 3, "2031-02-28", "2031-02-28" },
	{ "29 February, fourth year",     "2028-02-29", 12, 4, "2032-02-28", "2032-02-29" },
	{ "28 February into a leap year", "2027-02-28", 12, 1, "2028-02-27", "2028-02-28" },
	{ "1 March into a leap year",     "2027-03-01", 12, 1, "2028-02-29", "2028-03-01" },
	{ "1 January, a calendar year",   "2027-01-01", 12, 1, "2027-12-31", "2028-01-01" },
	{ "1 February, a month",          "2027-02-01",  1, 1, "2027-02-28", "2027-03-01" },
	{ "1 December, over the year",    "2027-12-01",  1, 1, "2027-12-31", "2028-01-01" },
	{ "15 November, a quarter",       "2027-11-15",  3, 1, "2028-02-14", "2028-02-15" },
	{ "30 November, a quarter",       "2027-11-30",  3, 1, "2028-02-29", "2028-02-29" },
	{ "31 January, hundredth month",  "2027-01-31",  1, 100, "2035-05-30", "2035-05-31" },
};
/* clang-format on */

static void
month_row_test(void **state)
{
	const struct month_row *row = *state;
	Period bgb = period(months(row->months, TERM_BGB), row->start, row->k);
	Period anchor = period(months(row->months, TERM_ANCHOR), row->start, row->k);

	assert_day(bgb.last_day, row->bgb_last);
	assert_day(day_add_days(anchor.last_day, 1), row->anchor_renews);
}

static void
the_31st_does_not_drift_as_stepping_would(void **state)
{
	Day stepped = d("2027-01-31");

	(void)state;
	/* The wrong way, to see that these rows can fail: 28 February, 28 March, 28
	 * April. */
	for (int k = 1; k <= 3; k++)
		stepped = day_add_months(stepped, 1);
	assert_day(stepped, "2027-04-28");
	assert_day(
	    period(months(1, TERM_ANCHOR), "2027-01-31", 4).first_day, "2027-04-30");
	assert_day(period(months(1, TERM_BGB), "2027-01-31", 4).first_day, "2027-05-01");
	assert_day(
	    period(months(1, TERM_ANCHOR), "2027-01-31", 1).last_day, "2027-02-27");
}

static void
days_are_counted_not_months(void **state)
{
	Term year = { .days = 365 };
	Term demo = { .days = 30 };
	Term one = { .days = 1 };

	(void)state;
	assert_day(period(year, "2027-03-01", 1).last_day, "2028-02-28");
	assert_day(period(year, "2027-03-01", 2).first_day, "2028-02-29");
	assert_day(period(demo, "2027-01-31", 1).last_day, "2027-03-01");
	assert_day(period(one, "2027-01-31", 1).last_day, "2027-01-31");
	assert_day(period(one, "2027-01-31", 2).first_day, "2027-02-01");
	assert_int_equal(period_days(period(demo, "2027-01-31", 7)), 30);
	assert_int_equal(period_days(period(months(1, TERM_BGB), "2028-02-01", 1)), 29);
}

/* ---- the property ---- */

/* Walks `n` periods; fails on a gap, an overlap, or a find that finds another. */
static void
assert_tiles(Term term, Day start, int n)
{
	Day next = start;
	Period p;

	for (int k = 1; k <= n; k++) {
		Period found;

		assert_true(term_period(term, start, k, &p, NULL));
		assert_int_equal(p.first_day.v, next.v);
		assert_true(p.last_day.v >= p.first_day.v);
		if (term.months != 0) {
			assert_true(period_days(p) >= 28 * term.months - 1);
			assert_true(period_days(p) <= 31 * term.months + 1);
		}
		assert_int_equal(term_find(term, start, p.first_day, &found, NULL), 1);
		assert_int_equal(found.k, k);
		assert_int_equal(term_find(term, start, p.last_day, &found, NULL), 1);
		assert_int_equal(found.k, k);
		assert_int_equal(found.first_day.v, p.first_day.v);
		next = day_add_days(p.last_day, 1);
	}
}

static void
periods_tile_from_31_starts_over_60_months_under_both_rules(void **state)
{
	(void)state;
	for (int i = 0; i < 31; i++) {
		assert_tiles(months(1, TERM_BGB), (Day){ d("2027-01-01").v + i }, 60);
		assert_tiles(months(1, TERM_ANCHOR), (Day){ d("2027-01-01").v + i }, 60);
	}
}

static void
periods_tile_from_each_day_of_a_leap_year_for_any_term(void **state)
{
	static const int lengths[] = { 1, 2, 3, 6, 12, 24, 36 };

	(void)state;
	for (int i = 0; i < 366; i++) {
		Day start = { d("2028-01-01").v + i };

		for (size_t j = 0; j < G_N_ELEMENTS(lengths); j++) {
			assert_tiles(months(lengths[j], TERM_BGB), start, 48);
			assert_tiles(months(lengths[j], TERM_ANCHOR), start, 48);
		}
		assert_tiles((Term){ .days = 365 }, start, 48);
		assert_tiles((Term){ .days = 1 + i }, start, 48);
	}
}

static void
a_day_finds_its_period_and_none_before_the_start(void **state)
{
	Term term = months(1, TERM_BGB);
	Period p = { 4711, DAY_MIN, DAY_MIN };

	(void)state;
	assert_int_equal(term_find(term, d("2027-01-31"), d("2027-01-30"), &p, NULL), 0);
	assert_int_equal(p.k, 4711);
	for (int i = 0; i < 3000; i++) {
		Day day = { d("2027-01-31").v + i };

		assert_int_equal(term_find(term, d("2027-01-31"), day, &p, NULL), 1);
		assert_true(p.first_day.v <= day.v && day.v <= p.last_day.v);
	}
	assert_true(p.k > 90);
}

/* ---- lead, extension ---- */

static void
renewal_is_prepared_ahead_but_within_the_period(void **state)
{
	Period p = period(months(1, TERM_BGB), "2027-02-01", 1);

	(void)state;
	assert_day(period_lead_day(p, 7), "2027-02-21");
	assert_day(period_lead_day(p, 0), "2027-02-28");
	assert_day(period_lead_day(p, 27), "2027-02-01");
	assert_day(period_lead_day(p, 28), "2027-02-01");
	assert_day(period_lead_day(p, 4000), "2027-02-01");
}

static void
further_days_follow_the_last_day_or_today(void **state)
{
	(void)state;
	/* Still running: on. */
	assert_day(
	    term_extended_last_day(d("2027-12-31"), 365, d("2027-06-01")), "2028-12-30");
	assert_day(
	    term_extended_last_day(d("2027-12-31"), 30, d("2027-12-31")), "2028-01-30");
	/* R9.4: over since yesterday: a new term from today. */
	assert_day(
	    term_extended_last_day(d("2027-12-31"), 30, d("2028-01-01")), "2028-01-30");
	assert_day(
	    term_extended_last_day(d("2027-12-31"), 30, d("2028-03-01")), "2028-03-30");
	assert_day(
	    term_extended_last_day(d("2027-12-31"), 1, d("2028-03-01")), "2028-03-01");
}

/* ---- notice ---- */

struct notice_row {
	const char *name;
	Term term;
	Notice notice;
	const char *start;
	const char *received;
	const char *last; /* NULL: it had not begun */
	const char *deadline;
};

/* clang-format off */
#define YEAR { .months = 12 }
#define MONTH { .months = 1 }
#define MONTH_ANCHOR { .months = 1, .rule = TERM_ANCHOR }
#define NONE { 0, 0 }
static const struct notice_row notice_rows[] = {
	{ "R9.1 in good time",                    YEAR,  { .months = 1 }, "2027-01-01", "2027-03-05", "2027-12-31", "2027-11-30" },
	{ "R8.3 on the deadline day",             YEAR,  { .months = 1 }, "2027-01-01", "2027-11-30", "2027-12-31", "2027-11-30" },
	{ "R9.1 a day later: the next term",      YEAR,  { .months = 1 }, "2027-01-01", "2027-12-01", "2028-12-31", "2028-11-30" },
	{ "on the first day",                     YEAR,  { .months = 1 }, "2027-01-01", "2027-01-01", "2027-12-31", "2027-11-30" },
	{ "R9.5 before the first day",            YEAR,  { .months = 1 }, "2027-01-01", "2026-12-31", NULL, NULL },
	{ "in the third year",                    YEAR,  { .months = 3 }, "2027-04-01", "2029-12-31", "2030-03-31", "2029-12-31" },
	{ "in the third year, too late",          YEAR,  { .months = 3 }, "2027-04-01", "2030-01-01", "2031-03-31", "2030-12-31" },
	{ "no notice: the last day",              MONTH, NONE,            "2027-01-31", "2027-02-28", "2027-02-28", "2027-02-28" },
	{ "no notice: the first of the next",     MONTH, NONE,            "2027-01-31", "2027-03-01", "2027-03-30", "2027-03-30" },
	{ "a month before 31 March is clamped",   YEAR,  { .months = 1 }, "2026-04-01", "2027-02-28", "2027-03-31", "2027-02-28" },
	{ "and 1 March is too late for it",       YEAR,  { .months = 1 }, "2026-04-01", "2027-03-01", "2028-03-31", "2028-02-29" },
	{ "a month before 29 February",           YEAR,  { .months = 1 }, "2027-03-01", "2028-01-29", "2028-02-29", "2028-01-29" },
	{ "fourteen days",                        YEAR,  { .days = 14 },  "2027-01-01", "2027-12-17", "2027-12-31", "2027-12-17" },
	{ "fourteen days, too late",              YEAR,  { .days = 14 },  "2027-01-01", "2027-12-18", "2028-12-31", "2028-12-17" },
	{ "notice of a month on a month",         MONTH, { .months = 1 }, "2027-01-15", "2027-01-15", "2027-03-14", "2027-02-14" },
	{ "notice of three months on a month",    MONTH, { .months = 3 }, "2027-01-01", "2027-01-15", "2027-04-30", "2027-01-30" },
	{ "anchor: the deadline is clamped",      MONTH_ANCHOR, { .months = 1 }, "2027-01-31", "2027-02-28", "2027-03-30", "2027-02-28" },
	{ "anchor: the day after",                MONTH_ANCHOR, { .months = 1 }, "2027-01-31", "2027-03-01", "2027-04-29", "2027-03-29" },
	{ "365 days and thirty of notice",        { .days = 365 }, { .days = 30 }, "2027-03-01", "2028-01-29", "2028-02-28", "2028-01-29" },
};
/* clang-format on */

static void
notice_row_test(void **state)
{
	const struct notice_row *row = *state;
	g_autoptr(GError) error = NULL;
	Period p = { 0, DAY_MIN, DAY_MIN };
	int n = term_cancel(
	    row->term, row->notice, d(row->start), d(row->received), &p, &error);

	assert_no_error(error);
	if (row->last == NULL) {
		assert_int_equal(n, 0);
		return;
	}
	assert_int_equal(n, 1);
	assert_day(p.last_day, row->last);
	assert_day(notice_deadline_day(row->notice, p), row->deadline);
	/* It is the first period that can still be reached. */
	if (p.k > 1) {
		Period before;

		assert_true(
		    term_period(row->term, d(row->start), p.k - 1, &before, NULL));
		assert_true(day_cmp(notice_deadline_day(row->notice, before),
				d(row->received)) < 0);
	}
}

static void
a_later_cancellation_never_ends_a_contract_earlier(void **state)
{
	Notice notices[] = { { 0, 0 }, { 1, 0 }, { 3, 0 }, { 0, 14 }, { 0, 365 } };
	Term terms[] = { { .months = 1 }, { .months = 12 }, { .days = 10 },
		{ .months = 1, .rule = TERM_ANCHOR } };
	int checked = 0;

	(void)state;
	for (size_t t = 0; t < G_N_ELEMENTS(terms); t++)
		for (size_t n = 0; n < G_N_ELEMENTS(notices); n++) {
			Day last = DAY_MIN;

			for (int i = 0; i < 800; i++) {
				Day received = { d("2027-01-31").v + i };
				Period p;

				assert_int_equal(term_cancel(terms[t], notices[n],
						     d("2027-01-31"), received, &p, NULL),
				    1);
				assert_true(p.last_day.v >= last.v);
				assert_true(p.last_day.v >= received.v);
				last = p.last_day;
				checked++;
			}
		}
	assert_int_equal(checked, 4 * 5 * 800);
}

static void
consumers_have_a_month_of_notice_at_most(void **state)
{
	g_autoptr(GError) two = NULL;
	g_autoptr(GError) days = NULL;
	g_autoptr(GError) both = NULL;
	g_autoptr(GError) less = NULL;
	g_autoptr(GError) more = NULL;

	(void)state;
	assert_true(notice_check((Notice){ .months = 1 }, true, NULL));
	assert_true(notice_check((Notice){ .days = 28 }, true, NULL));
	assert_true(notice_check((Notice){ 0, 0 }, true, NULL));
	assert_true(notice_check((Notice){ .months = 3 }, false, NULL));
	assert_false(notice_check((Notice){ .months = 2 }, true, &two));
	assert_error(two, TP_ERROR_INVALID);
	assert_string_equal(two->message,
	    "a notice of 2 months is not in 0 to 1 for consumers (BGB 309 no. 9 c)");
	assert_false(notice_check((Notice){ .days = 29 }, true, &days));
	assert_error(days, TP_ERROR_INVALID);
	assert_false(notice_check((Notice){ 1, 1 }, false, &both));
	assert_error(both, TP_ERROR_INVALID);
	assert_false(notice_check((Notice){ .months = -1 }, false, &less));
	assert_error(less, TP_ERROR_INVALID);
	assert_false(notice_check((Notice){ .months = 25 }, false, &more));
	assert_error(more, TP_ERROR_INVALID);
}

/* ---- what is no term ---- */

struct bad_row {
	const char *name;
	Term term;
	const char *start;
	int k;
	const char *error;
};

/* clang-format off */
static const struct bad_row bad_rows[] = {
	{ "neither months nor days", { .months = 0 },                "2027-01-01", 1, "a term has either months or days" },
	{ "months and days",         { .months = 1, .days = 1 },     "2027-01-01", 1, "a term has either months or days" },
	{ "months below 0",          { .months = -1 },               "2027-01-01", 1, "a term of -1 months is not in 1 to 1200" },
	{ "months without end",      { .months = 1201 },             "2027-01-01", 1, "a term of 1201 months is not in 1 to 1200" },
	{ "days below 0",            { .days = -1 },                 "2027-01-01", 1, "a term of -1 days is not in 1 to 36525" },
	{ "days without end",        { .days = INT32_MAX },          "2027-01-01", 1, "a term of 2147483647 days is not in 1 to 36525" },
	{ "period 0",                { .months = 1 },                "2027-01-01", 0, "periods count from 1, there is no 0" },
	{ "a period below 0",        { .months = 1 },                "2027-01-01", INT32_MIN, "periods count from 1, there is no -2147483648" },
	{ "after the calendar",      { .months = 12 },               "9999-02-01", 1, "period 1 from 9999-02-01 ends after 9999-12-31" },
	{ "long after it",           { .months = 1200 },             "2027-01-01", INT32_MAX, "period 2147483646 from 2027-01-01 ends after 9999-12-31" },
	{ "long after it, in days",  { .days = 36525 },              "2027-01-01", INT32_MAX, "period 2147483646 from 2027-01-01 ends after 9999-12-31" },
	{ "after it by an anchor",   { .months = 1, .rule = TERM_ANCHOR }, "9999-12-02", 1, "period 1 from 9999-12-02 ends after 9999-12-31" },
};
/* clang-format on */

static void
bad_row_test(void **state)
{
	const struct bad_row *row = *state;
	g_autoptr(GError) error = NULL;
	Period p = { 4711, DAY_MIN, DAY_MIN };

	assert_false(term_period(row->term, d(row->start), row->k, &p, &error));
	assert_error(error, TP_ERROR_INVALID);
	assert_string_equal(error->message, row->error);
	assert_int_equal(p.k, 4711);
}

static void
the_last_period_of_the_calendar_is_one(void **state)
{
	Period p;

	(void)state;
	assert_day(period(months(12, TERM_BGB), "9999-01-01", 1).last_day, "9999-12-31");
	assert_day(
	    period(months(12, TERM_ANCHOR), "9999-01-01", 1).last_day, "9999-12-31");
	assert_day(period((Term){ .days = 1 }, "9999-12-31", 1).last_day, "9999-12-31");
	assert_day(period(months(1, TERM_BGB), "1970-01-01", 1).first_day, "1970-01-01");
	assert_int_equal(term_find(months(1, TERM_BGB), DAY_MIN, DAY_MAX, &p, NULL), 1);
	assert_int_equal(p.k, 8030 * 12);
}

static void
rules_have_names(void **state)
{
	g_autoptr(GError) error = NULL;
	TermRule rule = TERM_BGB;

	(void)state;
	assert_string_equal(term_rule_name(TERM_BGB), "bgb");
	assert_true(term_rule_from_name("anchor", &rule, NULL));
	assert_int_equal(rule, TERM_ANCHOR);
	assert_false(term_rule_from_name("Anchor", &rule, &error));
	assert_error(error, TP_ERROR_INVALID);
	assert_string_equal(error->message, "'Anchor' is not a term rule: bgb or anchor");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_31st_does_not_drift_as_stepping_would),
		cmocka_unit_test(days_are_counted_not_months),
		cmocka_unit_test(
		    periods_tile_from_31_starts_over_60_months_under_both_rules),
		cmocka_unit_test(periods_tile_from_each_day_of_a_leap_year_for_any_term),
		cmocka_unit_test(a_day_finds_its_period_and_none_before_the_start),
		cmocka_unit_test(renewal_is_prepared_ahead_but_within_the_period),
		cmocka_unit_test(further_days_follow_the_last_day_or_today),
		cmocka_unit_test(a_later_cancellation_never_ends_a_contract_earlier),
		cmocka_unit_test(consumers_have_a_month_of_notice_at_most),
		cmocka_unit_test(the_last_period_of_the_calendar_is_one),
		cmocka_unit_test(rules_have_names),
	};

	return cmocka_run_group_tests_name("term", tests, NULL, NULL) +
	       run_rows("term.months", month_rows, month_row_test) +
	       run_rows("term.notice", notice_rows, notice_row_test) +
	       run_rows("term.bad", bad_rows, bad_row_test);
}
