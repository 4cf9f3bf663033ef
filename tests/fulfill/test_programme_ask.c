/*
 * test_programme_ask.c - what employees get by mail: a table of wishes, quotas, stop.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/domain/mail_again.h"
#include "fulfill/domain/mail_in.h"
#include "fulfill/domain/master.h"
#include "fulfill/domain/programme_ask.h"
#include "fulfill/domain/programme_run.h"
#include "queue/clock.h"
#include "tests/support/fix_shop.h"

#define RESENDS 2

static FixShop shop;

static void
load(const char *text)
{
	json_error_t wrong;
	json_t *document = json_loads(text, 0, &wrong);
	g_autoptr(Faults) faults = faults_new();
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	MasterCount counts[MASTER_LISTS];

	assert_non_null(document);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_true(master_import(&tx, document, faults, counts, &error));
	if (faults_count(faults) > 0)
		fail_msg(
		    "%s: %s", faults_at(faults, 0)->path, faults_at(faults, 0)->text);
	assert_true(db_commit(&tx, &error));
	json_decref(document);
}

/* E-1 may ask for both NFR products and demos; E-2 is in no list. */
static int
setup(void **state)
{
	(void)state;
	/* 2026-12-01 12:00 UTC. */
	clock_set_at(INT64_C(1796126400) * US_PER_S);
	fix_shop(&shop);
	load("{\"products\": [{\"sku\": \"ALL-NFR\", \"name\": {\"de\": \"Alles\", "
	     "\"en\": \"All\"}, \"kind\": \"nfr\", \"product_code\": 201901, "
	     "\"groups\": [\"nfr\"], \"ticket_per\": \"unit\"}],"
	     "\"programmes\": ["
	     "{\"id\": \"nfr-cad\", \"product\": \"CAD-NFR\", \"kind\": \"nfr\","
	     " \"audience\": \"all\", \"term\": {\"days\": 90}, \"schedule\":"
	     " \"FREQ=MONTHLY;BYDAY=1MO\", \"at\": \"08:30\", \"renew\": true,"
	     " \"lead_days\": 7, \"per_month\": 2},"
	     "{\"id\": \"nfr-all\", \"product\": \"ALL-NFR\", \"kind\": \"nfr\","
	     " \"audience\": [\"E-1\"], \"term\": {\"days\": 90}, \"schedule\":"
	     " \"FREQ=YEARLY\", \"at\": \"08:30\", \"renew\": true, \"per_month\": 1},"
	     "{\"id\": \"demo-cad\", \"product\": \"CAD-DEMO\", \"kind\": \"demo\","
	     " \"audience\": [\"E-1\", \"E-3\"], \"term\": {\"days\": 60}, \"schedule\":"
	     " \"FREQ=YEARLY;BYMONTH=7\", \"at\": \"07:45\", \"per_month\": 3}]}");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fix_shop_done(&shop);
	return 0;
}

static int64_t
a_mail(DbTx *tx)
{
	static int n;
	g_autofree char *text = g_strdup_printf("Subject: %d\r\n\r\n", n++);
	const MailInNew mail = {
		.source = "receive", .bytes = text, .size = strlen(text)
	};
	g_autoptr(GError) error = NULL;
	int64_t id;

	assert_int_equal(mail_in_add(tx, shop.vault, &mail, &id, &error), 1);
	return id;
}

static ProgrammePerson *
person_of(const char *code)
{
	g_autofree char *sql =
	    g_strdup_printf("SELECT id FROM employee WHERE code = '%s'", code);
	g_autoptr(GError) error = NULL;
	ProgrammePerson *person =
	    programme_person_get(shop.db, fix_int(&shop, sql), &error);

	assert_non_null(person);
	return person;
}

/* Asks, commits, issues. */
static AskAnswer
ask(const char *employee, AskVerb verb, const char *argument)
{
	g_autoptr(ProgrammePerson) person = person_of(employee);
	Ask what = { .issue = &shop.issue,
		.verb = verb,
		.argument = argument,
		.person = person,
		.resend_daily = RESENDS };
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	AskAnswer answer;
	int64_t id;

	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	what.mail_id = a_mail(&tx);
	if (!programme_ask(&tx, &what, &answer, &error))
		fail_msg("%s: %s", argument, error->message);
	assert_true(db_commit(&tx, &error));
	while ((id = fix_int(&shop, "SELECT min(id) FROM orders WHERE state = "
				    "'accepted'")) > 0)
		fix_issue(&shop, id);
	return answer;
}

static void
is_given(const char *employee, AskVerb verb, const char *argument)
{
	g_auto(AskAnswer) answer = ask(employee, verb, argument);

	if (answer.reason != NULL || answer.news != NULL)
		fail_msg("'%s': %s%s", argument,
		    answer.reason != NULL ? answer.reason : "",
		    answer.news != NULL ? answer.news : "");
}

static void
is_refused(const char *employee, AskVerb verb, const char *argument, const char *why)
{
	g_auto(AskAnswer) answer = ask(employee, verb, argument);

	if (answer.reason == NULL || strstr(answer.reason, why) == NULL)
		fail_msg("'%s': refused with '%s', not '%s'", argument,
		    answer.reason != NULL ? answer.reason : "nothing", why);
}

#define LIVE "SELECT count(*) FROM programme_plan WHERE state = 'active'"
#define MAILS "SELECT count(*) FROM mail_out"

/* All mails there are have left: a resend waits for none. */
static void
all_sent(void)
{
	static const Stmt sent = { .name = "test.sent",
		.sql = "UPDATE delivery SET state = 'sent' WHERE state IN "
		       "('planned', 'ready', 'inflight')" };
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;

	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_true(db_exec(shop.db, &sent, DB_NO_ARGS, NULL, &error));
	assert_true(db_commit(&tx, &error));
}

static void
wishes_within_the_limits_of_a_programme_are_given(void **state)
{
	/* clang-format off */
	static const struct { const char *employee; AskVerb verb; const char *argument; const char *why; } rows[] = {
		{ "E-2", ASK_DEMO, "30",             "no programme gives you" },
		{ "E-2", ASK_NFR,  "nfr-all",        "is not what you may ask for: nfr-cad (CAD-NFR)" },
		{ "E-1", ASK_NFR,  "",               "which one? write 'nfr NAME': nfr-cad (CAD-NFR), nfr-all (ALL-NFR)" },
		{ "E-1", ASK_NFR,  "CAD-PRO",        "'CAD-PRO' is not what you may ask for" },
		{ "E-1", ASK_NFR,  "nfr-cad please", "cannot be read: write 'nfr'" },
		{ "E-1", ASK_DEMO, "61",             "61 days are more than the 60 of demo-cad" },
		{ "E-1", ASK_DEMO, "30 40",          "'40' is not what you may ask for: demo-cad" },
		{ "E-1", ASK_DEMO, "-1",             "'-1' is not what you may ask for" },
		{ "E-1", ASK_DEMO, "0",              "'0' is not what you may ask for" },
		{ "E-1", ASK_DEMO, "99999999999999999999", "is not what you may ask for" },
		{ "E-1", ASK_STOP, "",               "nothing that could be ended" },
		{ "E-1", ASK_STOP, "nfr-cad",        "nothing that you have is called 'nfr-cad'" },
		{ "E-2", ASK_NFR,  "",               NULL },
		{ "E-1", ASK_NFR,  "NFR-CAD",        NULL },
		{ "E-1", ASK_NFR,  "all-nfr",        NULL },
		{ "E-1", ASK_DEMO, "",               NULL },
		{ "E-1", ASK_DEMO, "30 days",        NULL },
		{ "E-1", ASK_DEMO, "CAD-DEMO 7 Tage", NULL },
		{ "E-3", ASK_DEMO, "60",             NULL },
	};
	/* clang-format on */
	int given = 0;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (rows[i].why != NULL)
			is_refused(rows[i].employee, rows[i].verb, rows[i].argument,
			    rows[i].why);
		else
			is_given(rows[i].employee, rows[i].verb, rows[i].argument);
		given += rows[i].why == NULL;
		assert_int_equal(fix_int(&shop, LIVE), given);
		assert_int_equal(fix_int(&shop, MAILS), given);
	}
	assert_int_equal(given, 7);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM programme_plan WHERE"
					" last_day = '2026-12-30'"),
	    1);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM licence WHERE"
					" last_day = '2026-12-07'"),
	    1);
}

static void
a_person_has_so_many_a_month_and_no_more(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		is_given("E-1", ASK_DEMO, "10");
	is_refused("E-1", ASK_DEMO, "10", "3 a month, and you had 3");
	is_given("E-3", ASK_DEMO, "10");
	/* The month begins at midnight here, an hour before it does in UTC. */
	clock_set_at(INT64_C(1798757999) * US_PER_S); /* 31 December, 23:59:59 */
	is_refused("E-1", ASK_DEMO, "10", "3 a month");
	clock_set_at(INT64_C(1798758000) * US_PER_S);
	is_given("E-1", ASK_DEMO, "10");
}

static void
who_has_a_ticket_gets_it_once_more_a_few_times_a_day(void **state)
{
	(void)state;
	is_given("E-2", ASK_NFR, "");
	is_refused("E-2", ASK_NFR, "", "you have it already");
	for (int i = 0; i < RESENDS; i++) {
		all_sent();
		is_given("E-2", ASK_NFR, "");
	}
	all_sent();
	is_refused("E-2", ASK_NFR, "", "sent again 2 times today");
	assert_int_equal(fix_int(&shop, LIVE), 1);
	assert_int_equal(fix_int(&shop, MAILS), 1 + RESENDS);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM ticket"), 1);
}

static void
run(const char *day)
{
	ProgrammePolicy policy = { .issue = &shop.issue };
	g_autoptr(GError) error = NULL;
	g_autoptr(Programme) programme = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	bool busy = true;
	Day at;

	assert_true(day_parse(day, &at, NULL));
	clock_set_at(day_time_at(at, 12 * 3600, shop.zone));
	programme = programme_get(shop.db, "nfr-cad", shop.zone, &error);
	assert_non_null(programme);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_int_equal(
	    programme_begin(&tx, programme, &policy, clock_now_at(), &error), 1);
	while (busy)
		assert_true(programme_turn(&tx, &policy, 50, &busy, &error));
	assert_true(db_commit(&tx, &error));
}

static int64_t
live_of(const char *employee)
{
	g_autofree char *sql = g_strdup_printf(LIVE
	    " AND employee_id = (SELECT id FROM employee WHERE code = '%s')",
	    employee);

	return fix_int(&shop, sql);
}

static void
stop_ends_it_today_and_runs_do_not_bring_it_back(void **state)
{
	(void)state;
	is_given("E-1", ASK_NFR, "nfr-cad");
	is_given("E-1", ASK_DEMO, "20");
	is_given("E-1", ASK_STOP, "");
	assert_int_equal(live_of("E-1"), 1); /* the demo may be with a customer */
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM ticket WHERE state = 'recalled'"), 1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM mail_out WHERE text = 'programme'"), 1);
	is_refused("E-1", ASK_STOP, "", "write 'stop NAME' to end a demo");
	is_given("E-1", ASK_STOP, "T00000002");
	assert_int_equal(live_of("E-1"), 0);

	run("2026-12-07");
	assert_int_equal(live_of("E-1"), 0);
	assert_int_equal(live_of("E-2"), 1);
	is_given("E-1", ASK_NFR, "nfr-cad");
	assert_int_equal(live_of("E-1"), 1);
	is_refused("E-1", ASK_NFR, "nfr-cad", "you have it already");
	run("2027-01-04");
	assert_int_equal(live_of("E-1"), 1);
}

/* R13.5, even when the mail to its holder came back. */
static void
an_nfr_ticket_is_not_handed_to_others(void **state)
{
	static const Stmt back = { .name = "test.back",
		.sql = "UPDATE delivery SET state = 'bounced'" };
	/* clang-format off */
	static const struct { int64_t ticket; const char *to; bool may; } rows[] = {
		{ 1, "customer@example.org",                false },
		{ 1, "bekir.yildiz@faecherwerk.example",    true },
		{ 2, "customer@example.org",                true }, /* a demo is for customers */
	};
	/* clang-format on */

	(void)state;
	is_given("E-1", ASK_NFR, "nfr-cad");
	is_given("E-1", ASK_DEMO, "10");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		Forward forward = { .ticket_id = rows[i].ticket,
			.to = rows[i].to,
			.reason = "test",
			.zone = shop.zone };
		g_autoptr(GError) error = NULL;
		g_auto(DbTx) tx = DB_TX_INIT;
		int64_t mail_id;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_true(db_exec(shop.db, &back, DB_NO_ARGS, NULL, &error));
		assert_int_equal(
		    mail_again_forward(&tx, &forward, &mail_id, &error), rows[i].may);
		if (rows[i].may)
			assert_no_error(error);
		else
			assert_error(error, TP_ERROR_DENIED);
	}
}

static void
what_is_asked_for_ends_with_the_employment(void **state)
{
	(void)state;
	load("{\"employees\": [{\"id\": \"E-1\", \"email\": \"ada@example.org\","
	     " \"from\": \"2019-03-01\", \"until\": \"2026-12-10\"}]}");
	is_given("E-1", ASK_DEMO, "30");
	is_given("E-1", ASK_NFR, "nfr-cad");
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM licence WHERE"
					" last_day = '2026-12-10'"),
	    2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    wishes_within_the_limits_of_a_programme_are_given, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_person_has_so_many_a_month_and_no_more, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    who_has_a_ticket_gets_it_once_more_a_few_times_a_day, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    stop_ends_it_today_and_runs_do_not_bring_it_back, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    an_nfr_ticket_is_not_handed_to_others, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_is_asked_for_ends_with_the_employment, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
