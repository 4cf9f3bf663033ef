/*
 * test_db_copy.c - a copy has what the store has, and is another store.
 */
#include "tests/support/cm.h"

#include "queue/db_copy.h"
#include "tests/support/fix_shop.h"

static const char *const tables[] = { "party", "product", "orders", "order_line",
	"licence", "ticket", "mail_out", "delivery", "job", "audit", "sale_event",
	"subscription", "audit_head" };

static int64_t
count(Db *db, const char *table)
{
	g_autofree char *sql = g_strdup_printf("SELECT count(*) FROM %s", table);
	g_autoptr(GError) error = NULL;
	int64_t n = -1;

	assert_int_equal(db_find_int(db, fix_stmt(sql), DB_NO_ARGS, &n, &error), 1);
	return n;
}

static void
a_copy_has_every_row_and_keeps_what_it_is_given(void **state)
{
	static const Stmt CLEAR = { .name = "t", .sql = "DELETE FROM delivery" };
	static const Stmt SEALED = { .name = "t",
		.sql = "SELECT count(*) FROM ticket WHERE length(lookup) = 32"
		       " AND length(sealed) = 73" };
	static const char *const without[] = { "delivery", NULL };
	FixShop shop;
	g_autoptr(GError) error = NULL;
	g_autoptr(Db) copy = NULL;
	g_autoptr(Db) less = NULL;
	int64_t order;
	int64_t sealed;

	(void)state;
	fix_shop(&shop);
	fix_order(&shop, "A", "CAD-SUB", 3, "email", "customer", &order);
	assert_int_equal(fix_issue(&shop, order), 3);
	copy = db_copy_to_memory(shop.db, NULL, &error);
	assert_no_error(error);
	assert_false(db_is_pgsql(copy));
	for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
		assert_int_equal(count(copy, tables[i]), count(shop.db, tables[i]));
		assert_true(count(copy, tables[i]) > 0);
	}
	assert_int_equal(db_find_int(copy, &SEALED, DB_NO_ARGS, &sealed, &error), 1);
	assert_int_equal(sealed, 3);
	assert_true(db_verify(copy, &error));
	/* What is done there is not done here. */
	assert_true(db_exec(copy, &CLEAR, DB_NO_ARGS, NULL, &error));
	assert_int_equal(count(shop.db, "delivery"), 3);
	less = db_copy_to_memory(shop.db, without, &error);
	assert_int_equal(count(less, "delivery"), 0);
	assert_int_equal(count(less, "ticket"), 3);
	fix_shop_done(&shop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_has_every_row_and_keeps_what_it_is_given),
	};

	return cmocka_run_group_tests_name("db copy", tests, NULL, NULL);
}
