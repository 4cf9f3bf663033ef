/*
 * test_subscription.c - what is sold is in the books, and what renews is known to.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/domain/sale.h"
#include "fulfill/domain/subscription.h"
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
	clock_set_at(0);
	fix_shop_done(&shop);
	return 0;
}

/* Noon of a day in Berlin. */
static void
today_is(const char *text)
{
	g_autoptr(GError) error = NULL;
	Day day;

	assert_true(day_parse(text, &day, &error));
	clock_set_at(day_time_at(day, 12 * 3600, shop.zone));
}

static void
assert_day(Day day, const char *text)
{
	char got[DAY_CHARS];

	assert_string_equal(day_format(day, got), text);
}

static void
a_subscription_is_opened_with_its_first_term_and_charge(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Subscription) s = NULL;
	Sale sale;
	int64_t id;

	(void)state;
	today_is("2027-01-31");
	fix_order(&shop, "A", "CAD-SUB", 2, "email", "customer", &id);
	assert_int_equal(fix_issue(&shop, id), 2);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM subscription_term"), 2);
	assert_int_equal(subscription_find(shop.db, 1, &s, &error), 1);
	assert_int_equal(s->state, SUBSCRIPTION_ACTIVE);
	assert_int_equal(s->k, 1);
	assert_day(s->start_day, "2027-01-31");
	assert_day(s->last_day, "2028-01-30");
	assert_int_equal(s->notice.months, 1);
	assert_int_equal(sale_find_charge(shop.db, 1, 1, &sale, &error), 1);
	assert_int_equal(sale.price.minor, 49900);
	assert_int_equal(sale.amount.minor, 49900);
	assert_string_equal(sale.price.currency, "EUR");
	assert_day(sale.period_last_day, "2028-01-30");
}

static void
what_does_not_renew_is_sold_all_the_same(void **state)
{
	g_autoptr(GError) error = NULL;
	Subscription *none = NULL;
	Sale sale;
	int64_t id;

	(void)state;
	today_is("2027-03-01");
	fix_order(&shop, "A", "CAD-NET", 5, "email", "customer", &id);
	assert_int_equal(fix_issue(&shop, id), 1);
	assert_int_equal(subscription_find(shop.db, 1, &none, &error), 0);
	assert_int_equal(sale_find_charge(shop.db, 1, 0, &sale, &error), 1);
	assert_int_equal(sale.quantity, 5);
	assert_int_equal(sale.amount.minor, 5 * 119000);
	assert_int_equal(day_cmp(sale.last_day, DAY_MAX), 0);
}

static void
a_charge_of_a_term_stands_once(void **state)
{
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	Sale sale;
	int64_t id;

	(void)state;
	fix_order(&shop, "A", "CAD-SUB", 1, "email", "customer", &id);
	assert_int_equal(fix_issue(&shop, id), 1);
	assert_int_equal(sale_find_charge(shop.db, 1, 1, &sale, &error), 1);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_false(sale_add(&tx, &sale, &error));
	assert_error(error, TP_ERROR_CONFLICT);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_subscription_is_opened_with_its_first_term_and_charge),
		T(what_does_not_renew_is_sold_all_the_same),
		T(a_charge_of_a_term_stands_once),
	};

	return cmocka_run_group_tests_name("subscription", tests, NULL, NULL);
}
