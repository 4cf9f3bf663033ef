/*
 * test_programme.c - programmes: the rows of C13, schedules in local time (C8.5), five
 * years of joiners and leavers.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/domain/master.h"
#include "fulfill/domain/programme_run.h"
#include "fulfill/domain/staff_sync.h"
#include "queue/clock.h"
#include "tests/support/fix_shop.h"

#define VENDOR_PEOPLE 25
#define NFR_RUNS                                                                         \
	"SELECT count(*) FROM programme_run r JOIN programme g ON g.id = r.programme_id" \
	" WHERE g.code = 'nfr-cad'"

static FixShop shop;
static ProgrammePolicy policy;

static int64_t
noon(const char *day)
{
	Day at;

	assert_true(day_parse(day, &at, NULL));
	return day_time_at(at, 12 * 3600, shop.zone);
}

static int
setup(void **state)
{
	(void)state;
	/* 2026-12-01 12:00 UTC: the sample programme begins there. */
	clock_set_at(INT64_C(1796126400) * US_PER_S);
	fix_shop(&shop);
	policy = (ProgrammePolicy){
		.issue = &shop.issue, .owner = "owner@example.org", .owner_language = "en"
	};
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fix_shop_done(&shop);
	return 0;
}

static void
sql(const char *text)
{
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;

	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	if (!db_exec(shop.db, fix_stmt(text), DB_NO_ARGS, NULL, &error))
		fail_msg("%s: %s", text, error->message);
	assert_true(db_commit(&tx, &error));
}

static void
issue_all(void)
{
	int64_t id;

	while ((id = fix_int(&shop, "SELECT min(id) FROM orders WHERE state = "
				    "'accepted'")) > 0)
		fix_issue(&shop, id);
}

/* What a worker does at `at`: ends, begins, runs. */
static void
work_at(int64_t at)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) list = NULL;
	bool busy = true;
	int n = 1;

	clock_set_at(at);
	list = programme_list(shop.db, NULL, shop.zone, &error);
	assert_non_null(list);
	while (busy || n > 0) {
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		if (!programme_sweep(&tx, &policy, day_of(at, shop.zone), 50, &n, &error))
			fail_msg("sweep: %s", error->message);
		for (guint i = 0; i < list->len; i++)
			if (programme_begin(
				&tx, g_ptr_array_index(list, i), &policy, at, &error) < 0)
				fail_msg("begin: %s", error->message);
		if (!programme_turn(&tx, &policy, 7, &busy, &error))
			fail_msg("turn: %s", error->message);
		assert_true(db_commit(&tx, &error));
	}
	issue_all();
}

static void
work_on(const char *day)
{
	work_at(noon(day));
}

/* ---- C13 ---- */

/* First run 2026-12-07 (90 days: to 2027-03-06), second 2027-01-04, third 2027-02-01,
 * which must reach 2027-03-01 and 7 days more. */
static void
renewal_looks_the_employee_up_at_run_time(void **state)
{
	/* clang-format off */
	static const struct {
		const char *promise;
		const char *change; /* after the second run; NULL: none */
		const char *what;   /* by the third run; NULL: nothing */
		const char *last;
		const char *state;
	} rows[] = {
		{ "active: a term more", NULL, "extended", "2027-06-04", "active" },
		{ "an end date inside the next term: to the end date",
		  "UPDATE employee SET until_day = '2027-03-20' WHERE code = 'E-1'",
		  "extended", "2027-03-20", "active" },
		{ "an end date inside this term: shortened, not renewed",
		  "UPDATE employee SET until_day = '2027-02-10' WHERE code = 'E-1'",
		  "covered", "2027-02-10", "active" },
		{ "left: nothing, and recalled",
		  "UPDATE employee SET until_day = '2027-01-20' WHERE code = 'E-1'",
		  NULL, "2027-01-20", "ended" },
		{ "its mail came back: held",
		  "UPDATE programme_plan SET state = 'held' WHERE employee_id ="
		  " (SELECT id FROM employee WHERE code = 'E-1')",
		  "held", "2027-03-06", "held" },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *text = NULL;

		if (i > 0) {
			fix_shop_done(&shop);
			setup(NULL);
		}
		work_on("2026-12-07");
		work_on("2027-01-04");
		if (rows[i].change != NULL)
			sql(rows[i].change);
		work_on("2027-02-01");
		text = g_strdup_printf(
		    "SELECT count(*) FROM programme_plan p JOIN employee e ON e.id = "
		    "p.employee_id JOIN programme g ON g.id = p.programme_id JOIN "
		    "licence l"
		    " ON l.order_line_id IN (SELECT id FROM order_line WHERE order_id ="
		    " p.order_id) WHERE e.code = 'E-1' AND g.code = 'nfr-cad' AND"
		    " p.last_day = '%s' AND l.last_day = p.last_day AND p.state = '%s'",
		    rows[i].last, rows[i].state);
		if (fix_int(&shop, text) != 1)
			fail_msg("%s: not to %s, %s", rows[i].promise, rows[i].last,
			    rows[i].state);
		g_free(text);
		text = g_strdup_printf(
		    "SELECT count(*) FROM programme_deed d JOIN employee e ON e.id = "
		    "d.employee_id JOIN programme g ON g.id = d.programme_id WHERE"
		    " e.code = 'E-1' AND g.code = 'nfr-cad' AND d.rule_day = '2027-02-01'"
		    "%s%s%s",
		    rows[i].what != NULL ? " AND d.what = '" : "",
		    rows[i].what != NULL ? rows[i].what : "",
		    rows[i].what != NULL ? "'" : "");
		if (fix_int(&shop, text) != (rows[i].what != NULL))
			fail_msg("%s: not '%s'", rows[i].promise,
			    rows[i].what != NULL ? rows[i].what : "nothing");
	}
}

static void
who_stands_on_two_lists_gets_one_licence_of_a_product(void **state)
{
	(void)state;
	sql("INSERT INTO programme (code, product_id, kind, audience, term_days, "
	    "schedule,"
	    " at, renew, lead_days, created_at, changed_at) SELECT 'nfr-two', product_id,"
	    " kind, '[\"E-1\", \"E-2\"]', 30, schedule, '09:00', 1, 0, created_at, 0"
	    " FROM programme WHERE code = 'nfr-cad'");
	work_on("2026-12-07");
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM programme_plan p JOIN employee e ON"
			   " e.id = p.employee_id WHERE e.code = 'E-1' AND p.product_id ="
			   " (SELECT product_id FROM programme WHERE code = 'nfr-two')"),
	    1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM programme_deed d JOIN programme g ON"
			   " g.id = d.programme_id WHERE g.code = 'nfr-two'"
			   " AND d.what = 'covered'"),
	    2);
}

static void
a_bounce_holds_and_a_new_address_lets_go(void **state)
{
	g_autoptr(GError) error = NULL;
	int64_t mail;
	int64_t n;

	(void)state;
	work_on("2026-12-07");
	mail = fix_int(&shop, "SELECT min(m.id) FROM mail_out m JOIN programme_plan p ON"
			      " p.order_id = m.order_id");
	assert_true(mail > 0);
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_true(plan_bounced(&tx, mail, "550 5.1.1 unknown", &n, &error));
		assert_int_equal(n, 2); /* of both programmes: the address is the same */
		assert_true(plan_bounced(&tx, mail, "550 5.1.1 unknown", &n, &error));
		assert_int_equal(n, 0);
		assert_true(plan_resume_employee(&tx,
		    fix_int(&shop, "SELECT employee_id FROM programme_plan WHERE state ="
				   " 'held'"),
		    &error));
		assert_true(db_commit(&tx, &error));
	}
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM programme_plan WHERE state = 'held'"),
	    0);
}

/* ---- C8.5 ---- */

static void
odd_nights_run_once_at_the_time_of_the_rule(void **state)
{
	/* clang-format off */
	static const struct {
		const char *promise;
		const char *created; /* the day before: the programme begins */
		const char *before;  /* UTC: nothing is due */
		const char *from;    /* UTC: it is */
	} rows[] = {
		{ "02:30 that spring leaves out is 03:30 CEST", "2027-03-28",
		  "2027-03-28T01:29:59Z", "2027-03-28T01:30:00Z" },
		{ "02:30 that autumn repeats is the first", "2027-10-31",
		  "2027-10-31T00:29:59Z", "2027-10-31T00:30:00Z" },
		{ "an ordinary night in winter", "2027-01-12",
		  "2027-01-12T01:29:59Z", "2027-01-12T01:30:00Z" },
	};
	/* clang-format on */

	(void)state;
	sql("UPDATE programme SET paused_at = 1");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GDateTime) before =
		    g_date_time_new_from_iso8601(rows[i].before, NULL);
		g_autoptr(GDateTime) from =
		    g_date_time_new_from_iso8601(rows[i].from, NULL);
		g_autofree char *text = g_strdup_printf(
		    "INSERT INTO programme (code, product_id, kind, audience, term_days,"
		    " schedule, at, renew, lead_days, created_at, changed_at, start_day)"
		    " SELECT 'night-%d', product_id, kind, '[]', 30, 'FREQ=DAILY',"
		    " '02:30', 1, 0, created_at, 0, '%s' FROM programme WHERE code ="
		    " 'nfr-cad'",
		    (int)i, rows[i].created);
		g_autofree char *count = g_strdup_printf(
		    "SELECT count(*) FROM programme_run r JOIN programme g ON g.id ="
		    " r.programme_id WHERE g.code = 'night-%d'",
		    (int)i);
		int64_t start = g_date_time_to_unix(from) * US_PER_S;

		sql(text);
		work_at(g_date_time_to_unix(before) * US_PER_S);
		if (fix_int(&shop, count) != 0)
			fail_msg("%s: too early", rows[i].promise);
		/* Every ten minutes until the next night: once. */
		for (int64_t at = start; at < start + 20 * INT64_C(3600) * US_PER_S;
		     at += 600 * US_PER_S)
			work_at(at);
		if (fix_int(&shop, count) != 1)
			fail_msg("%s: not once", rows[i].promise);
		sql("UPDATE programme SET paused_at = 1");
	}
}

static void
a_downtime_of_months_is_made_up_once(void **state)
{
	(void)state;
	work_on("2026-12-07");
	work_on("2027-06-20");
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM programme_run r JOIN programme g ON g.id"
			   " = r.programme_id WHERE g.code = 'nfr-cad'"),
	    2);
	clock_set_at(noon("2026-12-08"));
	work_on("2026-12-08");
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM programme_run r JOIN programme g ON g.id"
			   " = r.programme_id WHERE g.code = 'nfr-cad'"),
	    2);
}

/* The first Monday of December, the 7th, and the day after it are holidays. */
static void
a_run_on_a_holiday_waits_for_the_next_working_day(void **state)
{
	static const char calendar[] =
	    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\n"
	    "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261207\r\n"
	    "DTEND;VALUE=DATE:20261209\r\nSUMMARY:Works holiday\r\nEND:VEVENT\r\n"
	    "END:VCALENDAR\r\n";
	g_autoptr(GError) error = NULL;
	g_autoptr(Holidays) holidays = holidays_parse(calendar, strlen(calendar), &error);

	(void)state;
	assert_non_null(holidays);
	policy.holidays = holidays;
	work_on("2026-12-07");
	work_on("2026-12-08");
	assert_int_equal(fix_int(&shop, NFR_RUNS), 0);
	work_on("2026-12-09");
	work_on("2026-12-10");
	assert_int_equal(fix_int(&shop, NFR_RUNS), 1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM programme_run WHERE rule_day ="
			   " '2026-12-07' AND day = '2026-12-09'"),
	    1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM licence l JOIN product p ON p.id ="
			   " l.product_id WHERE p.sku = 'CAD-NFR' AND"
			   " l.first_day = '2026-12-09'"),
	    VENDOR_PEOPLE - 1);
	/* The next is by the rule again. */
	work_on("2027-01-04");
	assert_int_equal(fix_int(&shop, NFR_RUNS), 2);
	policy.holidays = NULL;
}

static void
mails_of_a_run_leave_at_the_set_rate(void **state)
{
	(void)state;
	policy.per_minute = 2;
	work_at(noon("2026-12-07"));
	/* Tickets of the first run: made from its start on, two a minute. */
	assert_int_equal(
	    fix_int(&shop,
		"SELECT max(due_at) - min(due_at) FROM job WHERE kind = 'issue'"
		" AND key IN (SELECT 'issue/' || o.id FROM orders o WHERE"
		" o.number LIKE 'nfr-cad/2026-12-07/%')"),
	    (VENDOR_PEOPLE - 2) * 30 * US_PER_S);
}

/* ---- five years ---- */

static void
five_years_of_joiners_and_leavers(void **state)
{
	Day day;
	Day end;
	uint32_t dice = 12345;
	int joined = 0;
	int left = 0;

	(void)state;
	assert_true(day_parse("2026-12-02", &day, NULL));
	assert_true(day_parse("2031-12-02", &end, NULL));
	for (int n = 0; day_cmp(day, end) <= 0; day = day_add_days(day, 1), n++) {
		char today[DAY_CHARS];
		char until[DAY_CHARS];
		g_autofree char *text = NULL;

		day_format(day, today);
		dice = dice * 1664525 + 1013904223;
		if (n % 20 == 3) {
			text = g_strdup_printf(
			    "INSERT INTO employee (code, email, language, from_day,"
			    " created_at, changed_at) VALUES ('J-%d', 'j%d@example.org',"
			    " 'en', '%s', 0, 0)",
			    joined, joined, today);
			joined++;
			sql(text);
		} else if (n % 20 == 11) {
			day_format(day_add_days(day, (int)(dice >> 8) % 60), until);
			text = g_strdup_printf(
			    "UPDATE employee SET until_day = '%s' WHERE id = (SELECT"
			    " min(id) FROM employee WHERE until_day IS NULL)",
			    until);
			left++;
			sql(text);
		}
		work_at(day_time_at(day, 23 * 3600, shop.zone));
		if (n % 5 != 0 && n % 20 != 12)
			continue;
		text = (g_free(text),
		    g_strdup_printf(
			"SELECT count(*) FROM (SELECT l.holder_id FROM licence l JOIN"
			" ticket t ON t.licence_id = l.id JOIN product p ON p.id ="
			" l.product_id WHERE p.kind = 'nfr' AND t.state <> 'recalled' AND"
			" l.last_day >= '%s' GROUP BY l.holder_id, l.product_id HAVING"
			" count(*) > 1) AS two",
			today));
		assert_int_equal(fix_int(&shop, text), 0);
		assert_int_equal(
		    fix_int(&shop,
			"SELECT count(*) FROM programme_plan p JOIN employee e ON e.id ="
			" p.employee_id JOIN licence l ON l.order_line_id IN (SELECT id"
			" FROM order_line WHERE order_id = p.order_id) WHERE l.last_day >"
			" e.until_day"),
		    0);
		text = (g_free(text),
		    g_strdup_printf(
			"SELECT count(*) FROM programme_plan p JOIN employee e ON e.id ="
			" p.employee_id JOIN licence l ON l.order_line_id IN (SELECT id"
			" FROM order_line WHERE order_id = p.order_id) JOIN ticket t ON"
			" t.licence_id = l.id JOIN programme g ON g.id = p.programme_id"
			" WHERE e.until_day < '%s' AND g.kind = 'nfr' AND t.state <>"
			" 'recalled'",
			today));
		assert_int_equal(fix_int(&shop, text), 0);
	}
	/* It did happen. */
	assert_in_range(joined, 80, 100);
	assert_in_range(left, 80, 100);
	assert_in_range(
	    fix_int(&shop, "SELECT count(*) FROM ticket WHERE state = 'recalled'"), 60,
	    200);
	assert_in_range(
	    fix_int(&shop, "SELECT count(*) FROM programme_deed WHERE what = 'extended'"),
	    300, 2000);
	/* Nobody who could be served went without: each who is employed has a plan. */
	assert_int_equal(
	    fix_int(&shop,
		"SELECT count(*) FROM employee e WHERE e.until_day IS NULL AND"
		" e.from_day < '2031-11-01' AND NOT EXISTS (SELECT 1 FROM"
		" programme_plan p JOIN programme g ON g.id = p.programme_id"
		" WHERE p.employee_id = e.id AND g.code = 'nfr-cad' AND p.state"
		" = 'active')"),
	    0);
	/* One mail at most for a person, programme and occurrence. */
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM (SELECT key FROM mail_out"
					" WHERE key LIKE 'plan/%' GROUP BY key HAVING"
					" count(*) > 1) AS twice"),
	    0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    renewal_looks_the_employee_up_at_run_time, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    who_stands_on_two_lists_gets_one_licence_of_a_product, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    a_bounce_holds_and_a_new_address_lets_go, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    odd_nights_run_once_at_the_time_of_the_rule, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_downtime_of_months_is_made_up_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_run_on_a_holiday_waits_for_the_next_working_day, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    mails_of_a_run_leave_at_the_set_rate, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    five_years_of_joiners_and_leavers, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
