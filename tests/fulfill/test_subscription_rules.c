/*
 * test_subscription_rules.c - the tables of C8 to C11: terms that do not drift, renewals
 * that happen once, notice, Storno, exchange.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/domain/delivery.h"
#include "fulfill/domain/exchange.h"
#include "fulfill/domain/reversal.h"
#include "fulfill/domain/sale.h"
#include "fulfill/domain/subscription_rules.h"
#include "fulfill/domain/ticket.h"
#include "tests/support/fix_shop.h"

static FixShop shop;
static SubscriptionPolicy policy;

static int
setup(void **state)
{
	(void)state;
	fix_shop(&shop);
	policy = (SubscriptionPolicy){
		.issue = &shop.issue,
		.lead_days = 3,
		.grace_days = 10,
		.remind_days = { 30, 7 },
	};
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	clock_set_at(0);
	fix_shop_done(&shop);
	return 0;
}

static Day
day(const char *text)
{
	g_autoptr(GError) error = NULL;
	Day day;

	if (!day_parse(text, &day, &error))
		fail_msg("%s", error->message);
	return day;
}

/* Noon of a day in Berlin. */
static void
today_is(const char *text)
{
	clock_set_at(day_time_at(day(text), 12 * 3600, shop.zone));
}

#define assert_day(got, wanted)                                                          \
	do {                                                                             \
		char buf_[DAY_CHARS];                                                    \
		assert_string_equal(day_format(got, buf_), wanted);                      \
	} while (0)

/* Sells one and gives its id; the term is that of the row, not of the product. */
static int64_t
sell_term(const char *start, Term term, Notice notice)
{
	static const Stmt TERM = {
		.name = "t",
		.sql =
		    "UPDATE product SET term_months = $1, term_days = $2, term_rule = $3,"
		    " notice_months = $4, notice_days = $5 WHERE sku = 'CAD-SUB'",
	};
	static int n;
	char number[16];
	g_autoptr(GError) error = NULL;
	int64_t order;

	today_is(start);
	assert_true(db_exec(shop.db, &TERM,
	    DB_ARGS(v_id(term.months), v_id(term.days), v_text(term_rule_name(term.rule)),
		v_id(notice.months), v_id(notice.days)),
	    NULL, &error));
	g_snprintf(number, sizeof(number), "S-%d", ++n);
	fix_order(&shop, number, "CAD-SUB", 1, "email", "customer", &order);
	assert_int_equal(fix_issue(&shop, order), 1);
	return fix_int(&shop, "SELECT max(id) FROM subscription");
}

static int64_t
sell(const char *start)
{
	return sell_term(start, (Term){ .months = 1 }, (Notice){ 0 });
}

static Subscription *
get(int64_t id)
{
	g_autoptr(GError) error = NULL;
	Subscription *s = subscription_get(shop.db, id, &error);

	assert_no_error(error);
	return s;
}

/* The chore, on this day, to its end; how many it looked at. */
static int
turn(const char *on)
{
	g_autoptr(GError) error = NULL;
	int all = 0;
	int n;

	today_is(on);
	do {
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		if (!subscription_turn(&tx, &policy, day(on), 5, &n, &error))
			fail_msg("%s", error->message);
		assert_true(db_commit(&tx, &error));
		all += n;
	} while (n == 5);
	return all;
}

static int64_t
letters(const char *what)
{
	g_autofree char *sql = g_strdup_printf(
	    "SELECT count(*) FROM subscription_letter WHERE what LIKE '%s%%'"
	    " AND mail_id IS NOT NULL",
	    what);

	return fix_int(&shop, sql);
}

/* ---- C8: terms ---- */

typedef struct TermRow {
	const char *name;
	const char *start;
	int months;
	TermRule rule;
	const char *last[3]; /* of k = 1, 2, 3 */
} TermRow;

/* clang-format off */
static const TermRow term_rows[] = {
	{ "28 January, bgb",    "2027-01-28", 1, TERM_BGB,    { "2027-02-27", "2027-03-27", "2027-04-27" } },
	{ "28 January, anchor", "2027-01-28", 1, TERM_ANCHOR, { "2027-02-27", "2027-03-27", "2027-04-27" } },
	{ "29 January, bgb",    "2027-01-29", 1, TERM_BGB,    { "2027-02-28", "2027-03-28", "2027-04-28" } },
	{ "29 January, anchor", "2027-01-29", 1, TERM_ANCHOR, { "2027-02-27", "2027-03-28", "2027-04-28" } },
	{ "30 January, bgb",    "2027-01-30", 1, TERM_BGB,    { "2027-02-28", "2027-03-29", "2027-04-29" } },
	{ "30 January, anchor", "2027-01-30", 1, TERM_ANCHOR, { "2027-02-27", "2027-03-29", "2027-04-29" } },
	{ "31 January, bgb",    "2027-01-31", 1, TERM_BGB,    { "2027-02-28", "2027-03-30", "2027-04-30" } },
	{ "31 January, anchor", "2027-01-31", 1, TERM_ANCHOR, { "2027-02-27", "2027-03-30", "2027-04-29" } },
	{ "31 January of a leap year, bgb",    "2028-01-31", 1, TERM_BGB,    { "2028-02-29", "2028-03-30", "2028-04-30" } },
	{ "31 January of a leap year, anchor", "2028-01-31", 1, TERM_ANCHOR, { "2028-02-28", "2028-03-30", "2028-04-29" } },
	{ "31 August, bgb",     "2027-08-31", 1, TERM_BGB,    { "2027-09-30", "2027-10-30", "2027-11-30" } },
	{ "31 August, anchor",  "2027-08-31", 1, TERM_ANCHOR, { "2027-09-29", "2027-10-30", "2027-11-29" } },
	{ "29 February, yearly, bgb",    "2028-02-29", 12, TERM_BGB,    { "2029-02-28", "2030-02-28", "2031-02-28" } },
	{ "29 February, yearly, anchor", "2028-02-29", 12, TERM_ANCHOR, { "2029-02-27", "2030-02-27", "2031-02-27" } },
	{ "28 February, yearly, bgb",    "2027-02-28", 12, TERM_BGB,    { "2028-02-27", "2029-02-27", "2030-02-27" } },
	{ "1 March, yearly, bgb",        "2027-03-01", 12, TERM_BGB,    { "2028-02-29", "2029-02-28", "2030-02-28" } },
};
/* clang-format on */

static void
renewal_row(const TermRow *row)
{
	int64_t id = sell_term(row->start,
	    (Term){ .months = row->months, .rule = row->rule }, (Notice){ 0 });
	char on[DAY_CHARS];

	for (int k = 1; k <= 3; k++) {
		g_autoptr(Subscription) s = get(id);

		assert_int_equal(s->k, k);
		assert_day(s->last_day, row->last[k - 1]);
		/* On the lead day, and not before. */
		turn(day_format(day_add_days(s->last_day, -4), on));
		g_clear_pointer(&s, subscription_free);
		s = get(id);
		assert_int_equal(s->k, k);
		turn(day_format(day_add_days(s->last_day, -3), on));
	}
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM ticket"), 1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM sale_event WHERE kind = 'renewed'"
			   " AND amount_minor = 49900"),
	    3);
}

static void
a_renewal_lands_where_the_table_says(void **state)
{
	const void *row = *state;

	setup(NULL);
	renewal_row(row);
	teardown(NULL);
}

static void
a_model_of_365_days_counts_days(void **state)
{
	int64_t id = sell_term("2027-03-01", (Term){ .days = 365 }, (Notice){ 0 });
	g_autoptr(Subscription) s = get(id);

	(void)state;
	assert_day(s->last_day, "2028-02-28");
	turn("2028-02-25");
	g_clear_pointer(&s, subscription_free);
	s = get(id);
	assert_day(s->last_day, "2029-02-27");
}

/* ---- R8.2: once ---- */

static void
days_of_downtime_are_made_up_in_order(void **state)
{
	static const char *const days[] = { "2027-02-28", "2027-03-30", "2027-04-30",
		"2027-05-30" };
	int64_t id = sell("2027-01-31");
	g_autoptr(GError) error = NULL;
	g_autoptr(Subscription) s = NULL;

	(void)state;
	turn("2027-05-05");
	s = get(id);
	assert_int_equal(s->k, 4);
	for (int k = 1; k <= 4; k++) {
		SubscriptionTerm term;

		assert_int_equal(
		    subscription_term_find(shop.db, id, k, &term, &error), 1);
		assert_day(term.last_day, days[k - 1]);
	}
	assert_day(s->last_day, "2027-05-30");
	/* Each term is a charge of its own; reminders that were missed are not sent in a
	 * heap. */
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM sale_event"), 4);
	assert_int_equal(letters("renews"), 0);
}

static void
the_same_day_again_and_a_clock_that_went_back_do_nothing(void **state)
{
	int64_t id = sell("2027-01-31");
	g_autoptr(Subscription) s = NULL;

	(void)state;
	assert_int_equal(turn("2027-02-25"), 1);
	assert_int_equal(turn("2027-02-25"), 0);
	assert_int_equal(turn("2027-01-31"), 0);
	assert_int_equal(turn("2027-02-26"), 0);
	s = get(id);
	assert_int_equal(s->k, 2);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM subscription_term"), 2);
}

static void
of_two_workers_one_renews(void **state)
{
	int64_t id = sell("2027-01-31");
	g_autoptr(Subscription) stale = get(id);
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;

	(void)state;
	turn("2027-02-25");
	/* The other one read it before and comes late. */
	stale->last_day = day("2030-01-01");
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_false(subscription_put(&tx, stale, &error));
	assert_error(error, TP_ERROR_CONFLICT);
	g_clear_error(&error);
	assert_int_equal(subscription_term_add(
			     &tx, id, 2, day("2027-03-01"), day("2027-03-30"), &error),
	    0);
}

static void
reminders_come_once_each_and_the_latest_of_those_missed(void **state)
{
	int64_t id =
	    sell_term("2027-01-15", (Term){ .months = 12 }, (Notice){ .months = 1 });
	g_autoptr(Subscription) s = NULL;

	(void)state;
	/* Last day 14 January 2028, notice until 14 December, reminders 30 and 7 before.
	 */
	turn("2027-11-13");
	assert_int_equal(letters("renews"), 0);
	turn("2027-11-14");
	assert_int_equal(letters("renews/30"), 1);
	turn("2027-11-20");
	turn("2027-11-14");
	assert_int_equal(letters("renews"), 1);
	turn("2027-12-07");
	assert_int_equal(letters("renews"), 2);
	turn("2028-01-11");
	s = get(id);
	assert_int_equal(s->k, 2);
	assert_int_equal(letters("renewed"), 1);
	/* A year later both were missed. */
	turn("2028-12-10");
	assert_int_equal(letters("renews"), 3);
	assert_int_equal(letters("renews/30"), 1);
}

static void
a_renewal_that_is_forbidden_today_waits_and_then_ends(void **state)
{
	static const Stmt NARROW = { .name = "t",
		.sql = "UPDATE order_line SET options = '{\"seats\":50}'" };
	int64_t id = sell("2027-01-31");
	g_autoptr(GError) error = NULL;
	g_autoptr(Subscription) s = NULL;

	(void)state;
	assert_true(db_exec(shop.db, &NARROW, DB_NO_ARGS, NULL, &error));
	turn("2027-02-25");
	s = get(id);
	assert_int_equal(s->k, 1);
	assert_non_null(strstr(s->hold, "seats"));
	assert_int_equal(s->state, SUBSCRIPTION_ACTIVE);
	turn("2027-03-10");
	g_clear_pointer(&s, subscription_free);
	s = get(id);
	assert_int_equal(s->state, SUBSCRIPTION_ACTIVE);
	turn("2027-03-11");
	g_clear_pointer(&s, subscription_free);
	s = get(id);
	assert_int_equal(s->state, SUBSCRIPTION_ENDED);
}

/* ---- C9: notice ---- */

typedef struct NoticeRow {
	const char *name;
	const char *start;
	Notice notice;
	const char *renewed_on; /* the chore ran on it, or NULL */
	const char *received;
	const char *end;
	int k;        /* terms that stand */
	int64_t back; /* of a prepared renewal */
} NoticeRow;

/* clang-format off */
static const NoticeRow notice_rows[] = {
	{ "in the middle of a term without notice: its end", "2027-01-31", { 0 }, NULL, "2027-02-10", "2027-02-28", 1, 0 },
	{ "on the deadline day it still reaches the term",   "2027-01-31", { .days = 14 }, NULL, "2027-02-14", "2027-02-28", 1, 0 },
	{ "a day later it reaches the next",                 "2027-01-31", { .days = 14 }, NULL, "2027-02-15", "2027-03-30", 1, 0 },
	{ "a prepared renewal is taken back",                "2027-01-31", { 0 }, "2027-02-25", "2027-02-28", "2027-02-28", 1, 49900 },
	{ "word that lay in the mailbox counts by its day",  "2027-01-31", { .days = 14 }, "2027-02-27", "2027-02-14", "2027-02-28", 1, 49900 },
	{ "after the deadline a renewal stands",             "2027-01-31", { .days = 14 }, "2027-02-27", "2027-02-20", "2027-03-30", 2, 0 },
};
/* clang-format on */

static void
notice_row(const NoticeRow *row)
{
	int64_t id = sell_term(row->start, (Term){ .months = 1 }, row->notice);
	g_autoptr(GError) error = NULL;
	g_autoptr(Subscription) s = NULL;
	CancelAnswer answer;

	if (row->renewed_on != NULL)
		turn(row->renewed_on);
	s = get(id);
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_true(subscription_cancel(
		    &tx, &policy, s, day(row->received), NULL, &answer, &error));
		assert_true(db_commit(&tx, &error));
	}
	assert_day(answer.end_day, row->end);
	assert_int_equal(answer.given_back.minor, row->back);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM subscription_term WHERE state = "
			   "'stands'"),
	    row->k);
	g_clear_pointer(&s, subscription_free);
	s = get(id);
	assert_int_equal(s->state, SUBSCRIPTION_CANCELLED);
	assert_string_equal(s->ticket_state, "issued");
	/* Again: nothing, and the same answer. */
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_true(subscription_cancel(&tx, &policy, s,
		    day_add_days(day(row->received), 3), NULL, &answer, &error));
		assert_true(db_commit(&tx, &error));
	}
	assert_true(answer.before);
	assert_day(answer.end_day, row->end);
	/* It runs to that day and no further, whatever comes between. */
	turn(row->end);
	turn("2028-01-01");
	g_clear_pointer(&s, subscription_free);
	s = get(id);
	assert_int_equal(s->state, SUBSCRIPTION_ENDED);
	assert_day(s->last_day, row->end);
	assert_int_equal(
	    fix_int(&shop, "SELECT coalesce(sum(amount_minor), 0) FROM sale_event"),
	    49900 * (strcmp(row->end, "2027-03-30") == 0 ? 2 : 1));
}

static void
a_notice_reaches_the_term_the_table_says(void **state)
{
	const void *row = *state;

	setup(NULL);
	notice_row(row);
	teardown(NULL);
}

static bool
do_cancel(int64_t id, const char *on, CancelAnswer *answer, GError **error)
{
	g_autoptr(Subscription) s = get(id);
	g_auto(DbTx) tx = DB_TX_INIT;

	today_is(on);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, error));
	return subscription_cancel(&tx, &policy, s, day(on), NULL, answer, error) &&
	       db_commit(&tx, error);
}

static bool
do_keep(int64_t id, const char *on, GError **error)
{
	g_autoptr(Subscription) s = get(id);
	g_auto(DbTx) tx = DB_TX_INIT;

	today_is(on);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, error));
	return subscription_keep(&tx, &policy, s, day(on), NULL, error) &&
	       db_commit(&tx, error);
}

static bool
do_reverse(int64_t licence, const char *on, CreditMode mode, Money *ret, GError **error)
{
	Reversal how = { .day = day(on), .mode = mode, .reason = "test" };
	g_auto(DbTx) tx = DB_TX_INIT;

	today_is(on);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, error));
	return licence_reverse(&tx, &policy, licence, &how, ret, error) &&
	       db_commit(&tx, error);
}

static void
a_notice_taken_back_keeps_ticket_and_anchor(void **state)
{
	int64_t id = sell("2027-01-31");
	g_autoptr(GError) error = NULL;
	g_autoptr(Subscription) s = NULL;
	CancelAnswer answer;

	(void)state;
	assert_true(do_cancel(id, "2027-02-10", &answer, &error));
	assert_true(do_keep(id, "2027-02-28", &error));
	turn("2027-02-28");
	s = get(id);
	assert_int_equal(s->state, SUBSCRIPTION_ACTIVE);
	assert_int_equal(s->k, 2);
	assert_day(s->start_day, "2027-01-31");
	assert_day(s->last_day, "2027-03-30");
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM ticket"), 1);
}

static void
after_the_end_a_new_term_starts_from_that_day(void **state)
{
	int64_t id = sell("2027-01-31");
	g_autoptr(GError) error = NULL;
	g_autoptr(Subscription) s = NULL;
	CancelAnswer answer;
	Sale sale;

	(void)state;
	assert_true(do_cancel(id, "2027-02-10", &answer, &error));
	turn("2027-03-01");
	assert_true(do_keep(id, "2027-03-15", &error));
	s = get(id);
	assert_int_equal(s->k, 2);
	assert_day(s->start_day, "2027-03-15");
	assert_day(s->last_day, "2027-04-14");
	/* The gap is not billed. */
	assert_int_equal(sale_find_charge(shop.db, s->licence_id, 2, &sale, &error), 1);
	assert_day(sale.first_day, "2027-03-15");
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM ticket"), 1);
	turn("2027-04-11");
	g_clear_pointer(&s, subscription_free);
	s = get(id);
	assert_day(s->last_day, "2027-05-14");
}

static void
a_term_that_has_not_begun_ends_at_once_and_costs_nothing(void **state)
{
	int64_t id = sell("2027-01-31");
	g_autoptr(GError) error = NULL;
	g_autoptr(Subscription) s = NULL;
	CancelAnswer answer;

	(void)state;
	assert_true(do_cancel(id, "2027-01-30", &answer, &error));
	assert_true(answer.at_once);
	s = get(id);
	assert_int_equal(s->state, SUBSCRIPTION_ENDED);
	assert_string_equal(s->ticket_state, "recalled");
	assert_int_equal(fix_int(&shop, "SELECT sum(amount_minor) FROM sale_event"), 0);
}

/* ---- C10: Storno ---- */

static void
a_ticket_nobody_collected_is_dead_at_once_and_its_mail_stays_here(void **state)
{
	int64_t id = sell("2027-04-01");
	g_autoptr(GError) error = NULL;
	g_autoptr(Subscription) s = get(id);
	Money back;

	(void)state;
	assert_true(do_reverse(s->licence_id, "2027-04-01", CREDIT_FULL, &back, &error));
	assert_int_equal(back.minor, 49900);
	g_clear_pointer(&s, subscription_free);
	s = get(id);
	assert_int_equal(s->state, SUBSCRIPTION_REVERSED);
	assert_string_equal(s->ticket_state, "recalled");
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM delivery WHERE state = 'aborted'"), 1);
	assert_int_equal(
	    fix_int(&shop,
		"SELECT count(*) FROM job WHERE kind = 'mail' AND state = 'cancelled'"),
	    1);
	/* For good (R10.2). */
	assert_false(do_keep(id, "2027-04-02", &error));
	assert_error(error, TP_ERROR_CONFLICT);
	g_clear_error(&error);
	assert_false(do_reverse(s->licence_id, "2027-04-02", CREDIT_FULL, &back, &error));
	assert_error(error, TP_ERROR_CONFLICT);
	assert_int_equal(turn("2028-01-01"), 0);
}

static void
a_collected_ticket_waits_for_its_next_contact(void **state)
{
	static const Stmt COLLECT = { .name = "t",
		.sql = "UPDATE ticket SET state = 'collected'" };
	int64_t id = sell("2027-04-01");
	g_autoptr(GError) error = NULL;
	g_autoptr(Subscription) s = NULL;
	Money back;

	(void)state;
	assert_true(db_exec(shop.db, &COLLECT, DB_NO_ARGS, NULL, &error));
	assert_true(do_reverse(id, "2027-04-11", CREDIT_PRORATA, &back, &error));
	s = get(id);
	assert_string_equal(s->ticket_state, "recall_pending");
	/* 20 of 30 days of 499.00 */
	assert_int_equal(back.minor, 33267);
}

static void
a_credit_never_exceeds_what_was_billed(void **state)
{
	int64_t id = sell("2027-04-01");
	g_autoptr(GError) error = NULL;
	Money back;

	(void)state;
	turn("2027-04-27");
	{
		g_autoptr(Subscription) s = get(id);
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_int_equal(s->k, 2);
		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_true(subscription_reverse_term(&tx, &policy, s, day("2027-04-28"),
		    CREDIT_FULL, "second by mistake", &back, &error));
		assert_true(db_commit(&tx, &error));
	}
	assert_int_equal(back.minor, 49900);
	assert_true(do_reverse(id, "2027-04-29", CREDIT_FULL, &back, &error));
	assert_int_equal(back.minor, 49900);
	assert_int_equal(fix_int(&shop, "SELECT sum(amount_minor) FROM sale_event"), 0);
}

static void
a_reversed_renewal_leaves_the_licence_running(void **state)
{
	int64_t id = sell("2027-04-01");
	g_autoptr(GError) error = NULL;
	g_autoptr(Subscription) s = NULL;
	Money back;

	(void)state;
	turn("2027-04-27");
	s = get(id);
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_true(subscription_reverse_term(&tx, &policy, s, day("2027-04-28"),
		    CREDIT_FULL, NULL, &back, &error));
		assert_true(db_commit(&tx, &error));
	}
	g_clear_pointer(&s, subscription_free);
	s = get(id);
	assert_day(s->last_day, "2027-04-30");
	assert_string_equal(s->ticket_state, "issued");
	/* It does not come back by itself, but by word: as a further term of the anchor.
	 */
	turn("2027-04-29");
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM subscription_term"), 2);
	assert_true(do_keep(id, "2027-04-30", &error));
	turn("2027-04-30");
	g_clear_pointer(&s, subscription_free);
	s = get(id);
	assert_int_equal(s->k, 3);
	assert_day(s->last_day, "2027-05-31");
	/* The first term is no renewal. */
	{
		int64_t first = sell("2027-06-01");
		g_autoptr(Subscription) f = get(first);
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_false(subscription_reverse_term(&tx, &policy, f, day("2027-06-02"),
		    CREDIT_FULL, NULL, &back, &error));
		assert_error(error, TP_ERROR_CONFLICT);
	}
}

static void
a_cancelled_one_can_be_reversed_and_a_reversed_not_cancelled(void **state)
{
	int64_t id = sell("2027-04-01");
	g_autoptr(GError) error = NULL;
	CancelAnswer answer;
	Money back;

	(void)state;
	assert_true(do_cancel(id, "2027-04-05", &answer, &error));
	assert_true(do_reverse(id, "2027-04-16", CREDIT_NONE, &back, &error));
	assert_int_equal(back.minor, 0);
	assert_false(do_cancel(id, "2027-04-17", &answer, &error));
	assert_error(error, TP_ERROR_CONFLICT);
}

static void
of_a_line_the_uncollected_go_first_and_never_more_than_there_are(void **state)
{
	static const Stmt COLLECT = { .name = "t",
		.sql = "UPDATE ticket SET state = 'collected' WHERE id IN (4, 5)" };
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) ids = NULL;
	int64_t order;

	(void)state;
	fix_order(&shop, "A", "CAD-SUB", 5, "email", "customer", &order);
	fix_issue(&shop, order);
	assert_true(db_exec(shop.db, &COLLECT, DB_NO_ARGS, NULL, &error));
	ids = reversal_pick(shop.db, NULL, "A", "1", 4, &error);
	assert_no_error(error);
	assert_int_equal(ids->len, 4);
	assert_int_equal(g_array_index(ids, int64_t, 0), 3);
	assert_int_equal(g_array_index(ids, int64_t, 1), 2);
	assert_int_equal(g_array_index(ids, int64_t, 2), 1);
	assert_int_equal(g_array_index(ids, int64_t, 3), 5);
	assert_null(reversal_pick(shop.db, NULL, "A", "1", 6, &error));
	assert_error(error, TP_ERROR_CONFLICT);
	g_clear_error(&error);
	assert_null(reversal_pick(shop.db, NULL, "A", "9", 1, &error));
	assert_error(error, TP_ERROR_NOT_FOUND);
}

static void
what_does_not_renew_is_reversed_all_the_same(void **state)
{
	g_autoptr(GError) error = NULL;
	int64_t order;
	Money back;

	(void)state;
	today_is("2027-04-01");
	fix_order(&shop, "A", "CAD-PRO", 1, "email", "customer", &order);
	fix_issue(&shop, order);
	assert_true(do_reverse(1, "2027-04-20", CREDIT_FULL, &back, &error));
	assert_int_equal(back.minor, 149000);
	assert_int_equal(fix_int(&shop, "SELECT sum(amount_minor) FROM sale_event"), 0);
}

/* ---- C11: exchange ---- */

typedef struct ExchangeRow {
	const char *name;
	const char *on;
	int64_t old_price; /* monthly */
	int64_t new_price;
	int64_t back;
	int64_t charged;
	bool cancelled; /* before */
} ExchangeRow;

/* clang-format off */
static const ExchangeRow exchange_rows[] = {
	{ "12 April, 10.00 for 25.00: the day is billed on the new", "2027-04-12", 1000, 2500, 633, 1583, false },
	{ "on the first day nothing of the old is left",  "2027-04-01", 1000, 2500, 1000, 2500, false },
	{ "on the last day one day of each",              "2027-04-30", 1000, 2500, 33, 83, false },
	{ "to a cheaper one: more back than is charged",  "2027-04-12", 2500, 1000, 1583, 633, false },
	{ "of a cancelled one",                           "2027-04-12", 1000, 2500, 633, 1583, true },
};
/* clang-format on */

static void
set_price(const char *sku, int64_t minor)
{
	static const Stmt PRICE = { .name = "t",
		.sql = "UPDATE product SET price_minor = $2, term_months = 1,"
		       " term_rule = 'bgb', term_days = NULL WHERE sku = $1" };
	g_autoptr(GError) error = NULL;

	assert_true(
	    db_exec(shop.db, &PRICE, DB_ARGS(v_text(sku), v_int(minor)), NULL, &error));
}

static bool
do_exchange(
    int64_t id, const char *on, const char *sku, ExchangeAnswer *ret, GError **error)
{
	g_autoptr(Subscription) s = get(id);
	g_auto(DbTx) tx = DB_TX_INIT;
	ExchangeWish wish = {
		.sku = sku,
		.direction = "swap",
		.day = day(on),
		.recall_on = "activated",
		.recall_days = 14,
	};

	today_is(on);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, error));
	return subscription_exchange(&tx, &policy, s, &wish, ret, error) &&
	       db_commit(&tx, error);
}

static int
exchange_chore(const char *on)
{
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t last;
	int n;

	today_is(on);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_true(exchange_turn(&tx, day(on), 0, 100, &n, &last, &error));
	assert_true(db_commit(&tx, &error));
	return n;
}

static void
exchange_row(const ExchangeRow *row)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Subscription) s = NULL;
	CancelAnswer cancelled;
	ExchangeAnswer answer;
	int64_t id;

	set_price("CAD-SUB", row->old_price);
	set_price("STATIK-SUB", row->new_price);
	id = sell("2027-04-01");
	if (row->cancelled)
		assert_true(do_cancel(id, "2027-04-02", &cancelled, &error));
	assert_true(do_exchange(id, row->on, "STATIK-SUB", &answer, &error));
	assert_int_equal(answer.given_back.minor, row->back);
	assert_int_equal(answer.charged.minor, row->charged);
	assert_int_equal(answer.due.minor, row->charged - row->back);
	assert_int_equal(fix_issue(&shop, answer.order_id), 1);
	/* What was foreseen is what is in the book. */
	assert_int_equal(fix_int(&shop, "SELECT sum(amount_minor) FROM sale_event"),
	    row->old_price - row->back + row->charged);
	s = get(2);
	assert_int_equal(s->state, SUBSCRIPTION_ACTIVE);
	assert_day(s->last_day, "2027-04-30");
	assert_day(s->start_day, "2027-04-01");
	turn("2027-04-30");
	g_clear_pointer(&s, subscription_free);
	s = get(2);
	assert_day(s->last_day, "2027-05-31");
	g_clear_pointer(&s, subscription_free);
	s = get(1);
	assert_int_equal(s->state, SUBSCRIPTION_EXCHANGED);
	assert_day(s->last_day, "2027-04-30");
}

static void
an_exchange_costs_what_the_table_says(void **state)
{
	const void *row = *state;

	setup(NULL);
	exchange_row(row);
	teardown(NULL);
}

static void
the_old_one_is_recalled_when_the_new_one_has_arrived(void **state)
{
	static const Stmt COLLECT = { .name = "t",
		.sql = "UPDATE ticket SET state = 'collected' WHERE id = 2" };
	int64_t id = sell("2027-04-01");
	g_autoptr(GError) error = NULL;
	ExchangeAnswer answer;
	const char *old = "SELECT count(*) FROM ticket WHERE id = 1 AND state = 'issued'";

	(void)state;
	assert_true(do_exchange(id, "2027-04-12", "STATIK-SUB", &answer, &error));
	assert_int_equal(exchange_chore("2027-04-12"), 1);
	assert_int_equal(fix_int(&shop, old), 1);
	fix_issue(&shop, answer.order_id);
	exchange_chore("2027-04-13");
	assert_int_equal(fix_int(&shop, old), 1);
	/* Time alone takes nothing away from anybody. */
	exchange_chore("2027-08-01");
	assert_int_equal(fix_int(&shop, old), 1);
	assert_true(db_exec(shop.db, &COLLECT, DB_NO_ARGS, NULL, &error));
	exchange_chore("2027-04-14");
	assert_int_equal(fix_int(&shop, old), 0);
	assert_int_equal(exchange_chore("2027-04-15"), 0);
}

static void
a_delivered_one_takes_over_after_the_days_agreed(void **state)
{
	int64_t id = sell("2027-04-01");
	g_autoptr(GError) error = NULL;
	ExchangeAnswer answer;
	const char *old = "SELECT count(*) FROM ticket WHERE id = 1 AND state = 'issued'";

	(void)state;
	assert_true(do_exchange(id, "2027-04-12", "STATIK-SUB", &answer, &error));
	fix_issue(&shop, answer.order_id);
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_true(delivery_move(
		    &tx, DELIVERY_OF_TICKET, 2, DELIVERY_START, NULL, NULL, &error));
		assert_true(delivery_move(
		    &tx, DELIVERY_OF_TICKET, 2, DELIVERY_SUCCEED, NULL, NULL, &error));
		assert_true(db_commit(&tx, &error));
	}
	exchange_chore("2027-04-26");
	assert_int_equal(fix_int(&shop, old), 1);
	exchange_chore("2027-04-27");
	assert_int_equal(fix_int(&shop, old), 0);
}

static void
a_chain_of_exchanges_in_a_month_bills_each_day_once(void **state)
{
	g_autoptr(GError) error = NULL;
	ExchangeAnswer answer;
	int64_t id;

	(void)state;
	set_price("CAD-SUB", 3000);
	set_price("STATIK-SUB", 6000);
	set_price("CAD-SUB-M", 9000);
	id = sell("2027-04-01");
	assert_true(do_exchange(id, "2027-04-11", "STATIK-SUB", &answer, &error));
	fix_issue(&shop, answer.order_id);
	assert_true(do_exchange(2, "2027-04-21", "CAD-SUB-M", &answer, &error));
	fix_issue(&shop, answer.order_id);
	/* Ten days of each: 10.00 + 20.00 + 30.00. */
	assert_int_equal(
	    fix_int(&shop, "SELECT sum(amount_minor) FROM sale_event"), 6000);
	assert_false(do_exchange(1, "2027-04-22", "CAD-SUB-M", &answer, &error));
	assert_error(error, TP_ERROR_CONFLICT);
}

static void
a_prepared_renewal_goes_back_whole(void **state)
{
	g_autoptr(GError) error = NULL;
	ExchangeAnswer answer;
	int64_t id;

	(void)state;
	set_price("CAD-SUB", 3000);
	set_price("STATIK-SUB", 6000);
	id = sell("2027-04-01");
	turn("2027-04-28");
	assert_true(do_exchange(id, "2027-04-30", "STATIK-SUB", &answer, &error));
	assert_int_equal(answer.given_back.minor, 100 + 3000);
	assert_int_equal(answer.charged.minor, 200);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_model_of_365_days_counts_days),
		T(days_of_downtime_are_made_up_in_order),
		T(the_same_day_again_and_a_clock_that_went_back_do_nothing),
		T(of_two_workers_one_renews),
		T(reminders_come_once_each_and_the_latest_of_those_missed),
		T(a_renewal_that_is_forbidden_today_waits_and_then_ends),
		T(a_notice_taken_back_keeps_ticket_and_anchor),
		T(after_the_end_a_new_term_starts_from_that_day),
		T(a_term_that_has_not_begun_ends_at_once_and_costs_nothing),
		T(a_ticket_nobody_collected_is_dead_at_once_and_its_mail_stays_here),
		T(a_collected_ticket_waits_for_its_next_contact),
		T(a_credit_never_exceeds_what_was_billed),
		T(a_reversed_renewal_leaves_the_licence_running),
		T(a_cancelled_one_can_be_reversed_and_a_reversed_not_cancelled),
		T(of_a_line_the_uncollected_go_first_and_never_more_than_there_are),
		T(what_does_not_renew_is_reversed_all_the_same),
		T(the_old_one_is_recalled_when_the_new_one_has_arrived),
		T(a_delivered_one_takes_over_after_the_days_agreed),
		T(a_chain_of_exchanges_in_a_month_bills_each_day_once),
		T(a_prepared_renewal_goes_back_whole),
	};
	int failed = cmocka_run_group_tests_name("subscription rules", tests, NULL, NULL);

	failed += run_rows("terms", term_rows, a_renewal_lands_where_the_table_says);
	failed +=
	    run_rows("notice", notice_rows, a_notice_reaches_the_term_the_table_says);
	failed +=
	    run_rows("exchange", exchange_rows, an_exchange_costs_what_the_table_says);
	return failed;
}
