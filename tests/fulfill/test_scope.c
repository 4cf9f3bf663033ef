/*
 * test_scope.c - what a user may see, export and print, on every database.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/domain/party.h"
#include "fulfill/domain/rights_store.h"
#include "fulfill/domain/scope.h"
#include "fulfill/domain/user.h"
#include "fulfill/domain/user_group.h"
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

static int64_t
user_id(const char *email)
{
	g_autoptr(User) user = user_resolve(shop.db, email, NULL);

	assert_non_null(user);
	return user->id;
}

static int64_t
party_id(const char *code)
{
	g_autoptr(Party) party = party_resolve(shop.db, code, NULL);

	assert_non_null(party);
	return party->id;
}

static Scope *
scope(const char *email, RightAction action)
{
	g_autoptr(GError) error = NULL;
	Scope *scope = scope_of(shop.db, user_id(email), action, &error);

	assert_no_error(error);
	return scope;
}

static void
a_reseller_sees_its_own_parties_and_products(void **state)
{
	g_autoptr(Scope) sees = scope("lizenzen@kranichhaus.example", RIGHT_VIEW);

	(void)state;
	assert_true(scope_has_code(sees, "R-100", "CAD-PRO"));
	assert_false(scope_has_code(sees, "R-100", "CAM-PRO"));
	assert_false(scope_has_code(sees, "R-200", "CAD-PRO"));
	assert_true(scope_has_party(sees, party_id("C-103")));
	assert_false(scope_has_party(sees, party_id("C-104")));
	/* Customers have codes of their reseller's making. */
	assert_false(scope_has_party_code(sees, "C-103"));
	assert_false(scope_is_whole(sees));
}

static void
the_vendor_and_the_operator_have_everything(void **state)
{
	g_autoptr(Scope) whole = scope("admin@faecherwerk.example", RIGHT_EXPORT);
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_true(scope_is_whole(whole));
	assert_true(scope_need_whole(NULL, "all", &error));
	assert_true(scope_has_code(NULL, "R-999", "X"));
}

static void
a_right_that_is_missing_is_denied_by_name(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) some = NULL;
	g_autoptr(Scope) sees = scope("lizenzen@kranichhaus.example", RIGHT_VIEW);

	(void)state;
	assert_null(scope_of(
	    shop.db, user_id("lizenzen@kranichhaus.example"), RIGHT_PRINT, &error));
	assert_error(error, TP_ERROR_DENIED);
	assert_non_null(strstr(error->message, "no right to print"));
	assert_false(scope_need_whole(sees, "the overview", &some));
	assert_error(some, TP_ERROR_DENIED);
}

static void
orders_customers_and_cards_are_within_it_or_not(void **state)
{
	g_autoptr(Scope) sees = NULL;
	g_autoptr(Scope) other = NULL;
	g_autoptr(GError) error = NULL;
	int64_t order;
	int64_t batch;
	int64_t piece;

	(void)state;
	fix_order(&shop, "S-1", "CAD-PRO", 1, "post", "customer", &order);
	assert_int_equal(fix_issue(&shop, order), 1);
	/* Read once: after the customer came. */
	sees = scope("lizenzen@kranichhaus.example", RIGHT_VIEW);
	other = scope("licences@heron.example", RIGHT_VIEW);
	batch = fix_int(&shop, "SELECT max(id) FROM print_batch");
	piece = fix_int(&shop, "SELECT max(id) FROM print_piece");
	assert_int_equal(scope_has_order(shop.db, NULL, order, &error), 1);
	assert_int_equal(scope_has_order(shop.db, sees, order, &error), 1);
	assert_int_equal(scope_has_order(shop.db, other, order, &error), 0);
	assert_int_equal(scope_has_batch(shop.db, sees, batch, &error), 1);
	assert_int_equal(scope_has_batch(shop.db, other, batch, &error), 0);
	assert_true(scope_need_batch(shop.db, sees, batch, &error));
	assert_true(scope_need_piece(shop.db, sees, piece, &error));
	assert_true(scope_need_customer(
	    shop.db, sees, fix_int(&shop, "SELECT max(holder_id) FROM licence"), &error));
	assert_no_error(error);
	assert_false(scope_need_batch(shop.db, other, batch, &error));
	assert_error(error, TP_ERROR_NOT_FOUND);
	g_clear_error(&error);
	assert_false(scope_need_piece(shop.db, other, piece, &error));
	assert_error(error, TP_ERROR_NOT_FOUND);
	g_clear_error(&error);
	assert_false(scope_need_customer(shop.db, other,
	    fix_int(&shop, "SELECT max(holder_id) FROM licence"), &error));
	assert_error(error, TP_ERROR_NOT_FOUND);
}

static void
count(void *user, const UserGroupRow *row)
{
	int *n = user;

	assert_string_equal(row->name, "Planung");
	(*n)++;
}

static void
a_group_has_members_and_goes_when_it_is_empty_of_tickets(void **state)
{
	int64_t party = party_id("R-100");
	int64_t user = user_id("lizenzen@kranichhaus.example");
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(GError) error = NULL;
	int64_t id;
	int64_t found;
	int n = 0;

	(void)state;
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_true(user_group_add(&tx, 0, party, " Planung ", &id, &error));
	assert_false(user_group_add(&tx, 0, party, "PLANUNG", &found, &error));
	assert_error(error, TP_ERROR_EXISTS);
	g_clear_error(&error);
	assert_int_equal(user_group_find(tx.db, party, "planung", &found, &error), 1);
	assert_int_equal(found, id);
	assert_int_equal(user_group_put(&tx, 0, id, user, &error), 1);
	assert_int_equal(user_group_put(&tx, 0, id, user, &error), 0);
	assert_int_equal(
	    user_group_put(&tx, 0, id, user_id("licences@heron.example"), &error), -1);
	assert_error(error, TP_ERROR_INVALID);
	g_clear_error(&error);
	assert_true(user_group_list(tx.db, party, count, &n, &error));
	assert_int_equal(n, 1);
	assert_int_equal(user_group_take(&tx, 0, id, user, &error), 1);
	assert_int_equal(user_group_has(tx.db, id, user, &error), 0);
	assert_false(user_group_add(&tx, 0, party, "a@b", &found, &error));
	assert_error(error, TP_ERROR_INVALID);
	g_clear_error(&error);
	/* one whose name another one ends with is named, too */
	assert_true(user_group_add(&tx, 0, party, "Lager Planung", &found, &error));
	assert_false(user_group_resolve(tx.db, party, "Einkauf", &found, &error));
	assert_error(error, TP_ERROR_NOT_FOUND);
	assert_non_null(strstr(error->message, ": Lager Planung, Planung"));
	g_clear_error(&error);
	assert_true(user_group_remove(&tx, 0, id, &error));
	assert_false(user_group_resolve(tx.db, party, "Planung", &found, &error));
	assert_error(error, TP_ERROR_NOT_FOUND);
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_reseller_sees_its_own_parties_and_products),
		T(the_vendor_and_the_operator_have_everything),
		T(a_right_that_is_missing_is_denied_by_name),
		T(orders_customers_and_cards_are_within_it_or_not),
		T(a_group_has_members_and_goes_when_it_is_empty_of_tickets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
