/*
 * test_mail_limit.c - what a party may order by mail, as its record of import says.
 */
#include "tests/support/cm.h"

#include <jansson.h>
#include <string.h>

#include "fulfill/domain/mail_limit.h"
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

/* Imports a record for the vendor's own party; how many faults it has. */
static guint
import(const char *text)
{
	g_autoptr(Faults) faults = faults_new();
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	g_auto(JsonRead) r = { 0 };
	json_t *record = json_loads(text, 0, NULL);

	assert_non_null(record);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	jr_enter(&r, record, faults, "parties[0]");
	assert_true(mail_limit_import(&tx, &r, 1, &error));
	assert_true(db_commit(&tx, &error));
	json_decref(record);
	return faults_count(faults);
}

/* clang-format off */
static const struct limit_row {
	const char *name;
	const char *record;
	guint faults;
	const char *wanted; /* quantity daily orders products; the settings' are 10 20 30 - */
} rows[] = {
	{ "a party without limits of its own has the settings'", "{}", 0, "10 20 30 -" },
	{ "one limit of its own leaves the others", "{\"mail\":{\"daily\":7}}", 0, "10 7 30 -" },
	{ "all limits of its own", "{\"mail\":{\"quantity\":1,\"daily\":2,\"orders\":3,\"products\":[\"CAD-PRO\",\"cad\"]}}", 0, "1 2 3 CAD-PRO,cad" },
	{ "none at all by mail", "{\"mail\":{\"quantity\":0}}", 0, "0 20 30 -" },
	{ "no product at all by mail", "{\"mail\":{\"products\":[]}}", 0, "10 20 30 " },
	{ "a limit below nothing", "{\"mail\":{\"daily\":-1}}", 1, "10 20 30 -" },
	{ "a limit that is no number", "{\"mail\":{\"orders\":\"many\"}}", 1, "10 20 30 -" },
	{ "a product with a comma", "{\"mail\":{\"products\":[\"a,b\"]}}", 1, "10 20 30 -" },
	{ "a key that limits do not have", "{\"mail\":{\"hourly\":3}}", 1, "10 20 30 -" },
};
/* clang-format on */

static void
a_record_says_how_much(void **state)
{
	const struct limit_row *row = *state;
	g_auto(MailLimit) limit = { .quantity = 10, .daily = 20, .orders = 30 };
	g_autoptr(GError) error = NULL;
	g_autofree char *got = NULL;

	setup(NULL);
	assert_int_equal(import(row->record), row->faults);
	assert_true(mail_limit_get(shop.db, 1, &limit, &error));
	got = g_strdup_printf("%d %d %d %s", (int)limit.quantity, (int)limit.daily,
	    (int)limit.orders, limit.products != NULL ? limit.products : "-");
	assert_string_equal(got, row->wanted);
	teardown(NULL);
}

static void
a_record_without_limits_takes_them_away(void **state)
{
	g_auto(MailLimit) limit = { .quantity = 10 };
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_int_equal(import("{\"mail\":{\"quantity\":3}}"), 0);
	assert_int_equal(import("{}"), 0);
	assert_true(mail_limit_get(shop.db, 1, &limit, &error));
	assert_int_equal(limit.quantity, 10);
}

static void
products_are_named_by_sku_or_group(void **state)
{
	static const struct {
		const char *products;
		const char *sku;
		bool has;
	} cases[] = {
		{ NULL, "CAD-PRO", true },
		{ "", "CAD-PRO", false },
		{ "CAD-PRO", "CAD-PRO", true },
		{ "CAD-PRO", "CAD-LT", false },
		{ "STATIK-PRO, cad", "CAD-LT", true },
		{ "cad", "STATIK-PRO", false },
		{ "cad", "NOT-A-PRODUCT", false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		MailLimit limit = { .products = (char *)(uintptr_t)cases[i].products };
		g_autoptr(GError) error = NULL;
		bool has = !cases[i].has;

		assert_true(mail_limit_has(shop.db, &limit, cases[i].sku, &has, &error));
		assert_int_equal(has, cases[i].has);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(a_record_without_limits_takes_them_away),
		T(products_are_named_by_sku_or_group),
	};
	int failed = run_rows("mail_limit rows", rows, a_record_says_how_much);

	return failed + cmocka_run_group_tests_name("mail_limit", tests, NULL, NULL);
}
