/*
 * test_issue_turn.c - a claim that may kill its worker is committed first; others are
 * not.
 */
#include "tests/support/cm.h"

#include "fulfill/work/issue_turn.h"
#include "tests/support/fix_shop.h"

static FixShop shop;
static Work work;
static IssueTurn *turn;

static int
setup(void **state)
{
	(void)state;
	fix_shop(&shop);
	work = (Work){ .db = shop.db,
		.vault = shop.vault,
		.zone = shop.zone,
		.issue = shop.issue,
		.owner = (char *)(uintptr_t) "host/1" };
	turn = issue_turn_new(&work);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	g_clear_pointer(&turn, issue_turn_free);
	fix_shop_done(&shop);
	return 0;
}

static void
orders(int first, int n)
{
	for (int i = first; i < first + n; i++) {
		g_autofree char *number = g_strdup_printf("T-%d", i);

		fix_order(&shop, number, "CAD-PRO", 1, "email", "customer", NULL);
	}
}

/* One turn of at most `max` orders: so many are issued, so many claimed for the next. */
static void
expect(int max, int issued, int open)
{
	g_autoptr(GError) error = NULL;
	int64_t before = fix_int(&shop, "SELECT count(*) FROM ticket");
	int n = -1;
	int claimed = -1;

	assert_true(issue_turn(turn, max, NULL, &n, &claimed, &error));
	assert_no_error(error);
	assert_int_equal(n, issued);
	assert_int_equal(claimed, open);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM ticket") - before, issued);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM job WHERE kind = 'issue' AND state = "
			   "'leased'"),
	    open);
}

static void
orders_are_issued_in_batches(void **state)
{
	(void)state;
	expect(2, 0, 0);
	orders(1, 1);
	expect(2, 1, 0);
	orders(2, 5);
	expect(2, 2, 2); /* there may be more: the commit claims them */
	expect(2, 2, 1);
	expect(2, 1, 0);
	expect(2, 0, 0);
}

/* Should an order kill its worker, the claim is there to count it. */
static void
a_claim_outlives_what_becomes_of_its_orders(void **state)
{
	g_autoptr(GError) error = NULL;
	int n;
	int open;

	(void)state;
	orders(1, 1);
	assert_true(db_exec(shop.db, fix_stmt("ALTER TABLE delivery RENAME TO gone"),
	    DB_NO_ARGS, NULL, &error));
	assert_false(issue_turn(turn, 2, NULL, &n, &open, &error));
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM job WHERE kind = 'issue' "
					"AND state = 'leased' AND attempts = 1"),
	    1);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM ticket"), 0);
}

static void
what_is_claimed_goes_back_at_the_end(void **state)
{
	(void)state;
	orders(1, 4);
	expect(2, 2, 2);
	g_clear_pointer(&turn, issue_turn_free);
	assert_int_equal(
	    fix_int(&shop,
		"SELECT count(*) FROM job WHERE kind = 'issue' AND state = 'ready'"),
	    2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    orders_are_issued_in_batches, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_claim_outlives_what_becomes_of_its_orders, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_is_claimed_goes_back_at_the_end, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
