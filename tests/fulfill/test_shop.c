/*
 * test_shop.c - orders become tickets once, and nothing is told that was not asked.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/delivery.h"
#include "fulfill/domain/mail_again.h"
#include "fulfill/domain/mail_out.h"
#include "fulfill/domain/order.h"
#include "fulfill/domain/ticket.h"
#include "queue/day.h"
#include "tests/support/fix_shop.h"

static FixShop shop;

static int
setup(void **state)
{
	(void)state;
	fix_shop(&shop);
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
an_order_is_issued_once_whatever_is_asked(void **state)
{
	int64_t id;

	(void)state;
	assert_string_equal(
	    fix_order(&shop, "A", "CAD-PRO", 3, "email", "customer", &id), "accepted");
	assert_int_equal(fix_issue(&shop, id), 3);
	assert_int_equal(fix_issue(&shop, id), 0);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM ticket"), 3);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM mail_out"), 3);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM delivery WHERE state = 'ready'"), 3);
	assert_int_equal(
	    fix_int(&shop,
		"SELECT count(*) FROM job WHERE kind = 'mail' AND state = 'ready'"),
	    3);
}

static void
the_same_again_is_a_duplicate_and_another_a_conflict(void **state)
{
	(void)state;
	assert_string_equal(
	    fix_order(&shop, "A", "CAD-PRO", 1, "email", "customer", NULL), "accepted");
	assert_string_equal(
	    fix_order(&shop, "A", "CAD-PRO", 1, "email", "customer", NULL), "duplicate");
	assert_string_equal(
	    fix_order(&shop, "A", "CAD-PRO", 2, "email", "customer", NULL), "rejected");
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM orders"), 1);
}

static void
what_cannot_be_done_is_refused_and_leaves_nothing(void **state)
{
	(void)state;
	assert_string_equal(
	    fix_order(&shop, "A", "NO-SUCH", 1, "email", "customer", NULL), "rejected");
	assert_string_equal(
	    fix_order(&shop, "B", "CAD-PRO", 20000, "email", "customer", NULL),
	    "rejected");
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM orders"), 0);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM job"), 0);
}

static void
an_order_to_a_reseller_is_one_digest(void **state)
{
	int64_t id;

	(void)state;
	fix_order(&shop, "A", "CAD-PRO", 50, "email", "party", &id);
	assert_int_equal(fix_issue(&shop, id), 50);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM mail_out WHERE text = 'digest'"), 1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM delivery WHERE mail_id IS NOT NULL"),
	    50);
	fix_order(&shop, "B", "CAD-PRO", DIGEST_TICKETS + 1, "email", "party", &id);
	assert_int_equal(fix_issue(&shop, id), DIGEST_TICKETS + 1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM mail_out WHERE text = 'digest'"), 3);
}

static void
cards_gather_in_one_batch(void **state)
{
	int64_t a;
	int64_t b;

	(void)state;
	fix_order(&shop, "A", "CAD-PRO", 2, "post", "customer", &a);
	fix_order(&shop, "B", "CAD-PRO", 3, "post", "customer", &b);
	fix_issue(&shop, a);
	fix_issue(&shop, b);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM print_batch"), 1);
	assert_int_equal(fix_int(&shop, "SELECT pieces FROM print_batch"), 5);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM job WHERE kind = 'print'"), 1);
}

static void
no_code_stands_in_the_store(void **state)
{
	g_autoptr(GError) error = NULL;
	g_auto(Code) code = { 0 };
	char text[CODE_TEXT_SIZE];
	g_autofree char *sql = NULL;
	int64_t id;
	int64_t found;

	(void)state;
	fix_order(&shop, "A", "CAD-PRO", 1, "email", "customer", &id);
	fix_issue(&shop, id);
	assert_true(ticket_open(shop.db, shop.vault, 1, &code, &error));
	code_format(&code, text);
	assert_true(ticket_resolve(shop.db, shop.vault, text, &found, &error));
	assert_int_equal(found, 1);
	sql = g_strdup_printf(
	    "SELECT count(*) FROM mail_out WHERE context LIKE '%%%s%%'", text);
	assert_int_equal(fix_int(&shop, sql), 0);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM ticket WHERE tail IS NOT NULL"), 1);
}

static void
a_cancelled_order_recalls_its_tickets_and_mails(void **state)
{
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t id;
	int n = 0;

	(void)state;
	fix_order(&shop, "A", "CAD-PRO", 2, "email", "customer", &id);
	fix_issue(&shop, id);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_true(order_cancel(
	    &tx, "test", "A", NULL, "mistake", day_today(shop.zone), &n, &error));
	assert_int_equal(n, 2);
	assert_false(order_cancel(
	    &tx, "test", "A", NULL, "mistake", day_today(shop.zone), &n, &error));
	assert_error(error, TP_ERROR_CONFLICT);
	assert_true(db_commit(&tx, NULL));
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM ticket WHERE state = 'recalled'"), 2);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM delivery WHERE state = 'aborted'"), 2);
	assert_int_equal(
	    fix_int(&shop,
		"SELECT count(*) FROM job WHERE kind = 'mail' AND state = 'cancelled'"),
	    2);
}

static void
an_order_cancelled_before_it_is_issued_is_never_issued(void **state)
{
	g_autoptr(GError) error = NULL;
	int64_t id;
	int n = -1;

	(void)state;
	fix_order(&shop, "A", "CAD-PRO", 2, "email", "customer", &id);
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_true(order_cancel(
		    &tx, "test", "A", NULL, "mistake", day_today(shop.zone), &n, &error));
		assert_true(db_commit(&tx, NULL));
	}
	assert_int_equal(n, 0);
	assert_int_equal(fix_issue(&shop, id), 0);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM job WHERE state = 'ready'"), 0);
}

static void
one_altered_or_missing_audit_row_is_found(void **state)
{
	static const Stmt ALTER = { .name = "t",
		.sql = "UPDATE audit SET actor = 'x' WHERE id = 2" };
	static const Stmt CUT = { .name = "t",
		.sql = "DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)" };
	g_autoptr(GError) error = NULL;
	int64_t rows = 0;
	int64_t bad = 0;
	int64_t id;

	(void)state;
	fix_order(&shop, "A", "CAD-PRO", 3, "email", "customer", &id);
	fix_issue(&shop, id);
	assert_int_equal(audit_verify(shop.db, &rows, &bad, &error), 1);
	assert_int_equal(rows, 4);
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_true(db_exec(shop.db, &CUT, DB_NO_ARGS, NULL, &error));
		db_rollback(&tx);
	}
	assert_true(db_exec(shop.db, &CUT, DB_NO_ARGS, NULL, &error));
	assert_int_equal(audit_verify(shop.db, &rows, &bad, &error), 0);
	assert_int_equal(bad, 4);
	assert_true(db_exec(shop.db, &ALTER, DB_NO_ARGS, NULL, &error));
	assert_int_equal(audit_verify(shop.db, &rows, &bad, &error), 0);
	assert_int_equal(bad, 2);
}

static void
a_demo_runs_the_days_that_were_ordered(void **state)
{
	static const Stmt TERM = { .name = "licence.term",
		.sql = "SELECT first_day, last_day FROM licence" };
	g_autoptr(DbRows) rows = NULL;
	g_autoptr(GError) error = NULL;
	Day first;
	Day last;
	int64_t id;

	(void)state;
	fix_order(&shop, "A", "CAD-DEMO", 1, "email", "customer", &id);
	assert_int_equal(fix_issue(&shop, id), 1);
	rows = db_query(shop.db, &TERM, DB_NO_ARGS, &error);
	assert_int_equal(db_next(rows, &error), 1);
	assert_true(day_parse(db_col_text(rows, 0), &first, &error));
	assert_true(day_parse(db_col_text(rows, 1), &last, &error));
	assert_int_equal(day_diff(first, last) + 1, 30);
	assert_int_equal(db_next(rows, &error), 0);
	g_clear_pointer(&rows, db_rows_done);
}

static void
a_ticket_is_sent_again_under_a_new_name_but_not_when_recalled(void **state)
{
	g_autoptr(GError) live = NULL;
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t id;
	int64_t mail;

	(void)state;
	fix_order(&shop, "A", "CAD-PRO", 1, "email", "customer", &id);
	fix_issue(&shop, id);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_false(mail_again_resend(&tx, 1, NULL, "lost", &mail, &live));
	assert_error(live, TP_ERROR_CONFLICT);
	assert_true(delivery_move(
	    &tx, DELIVERY_OF_TICKET, 1, DELIVERY_START, NULL, NULL, &error));
	assert_true(delivery_move(
	    &tx, DELIVERY_OF_TICKET, 1, DELIVERY_SUCCEED, NULL, NULL, &error));
	assert_true(mail_again_resend(&tx, 1, "new@example.org", "lost", &mail, &error));
	assert_int_equal(mail, 2);
	assert_true(ticket_recall(&tx, 1, "stolen", &error));
	assert_false(mail_again_resend(&tx, 1, NULL, "lost", &mail, &error));
	assert_error(error, TP_ERROR_CONFLICT);
	assert_true(db_commit(&tx, NULL));
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(an_order_is_issued_once_whatever_is_asked),
		T(the_same_again_is_a_duplicate_and_another_a_conflict),
		T(what_cannot_be_done_is_refused_and_leaves_nothing),
		T(an_order_to_a_reseller_is_one_digest),
		T(cards_gather_in_one_batch),
		T(no_code_stands_in_the_store),
		T(a_cancelled_order_recalls_its_tickets_and_mails),
		T(an_order_cancelled_before_it_is_issued_is_never_issued),
		T(one_altered_or_missing_audit_row_is_found),
		T(a_demo_runs_the_days_that_were_ordered),
		T(a_ticket_is_sent_again_under_a_new_name_but_not_when_recalled),
	};

	return cmocka_run_group_tests_name("shop", tests, NULL, NULL);
}
