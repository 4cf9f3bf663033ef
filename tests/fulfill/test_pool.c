/*
 * test_pool.c - a ticket of a pool is given once, and never more than there are.
 */
#include "tests/support/cm.h"

#include <jansson.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fulfill/domain/master.h"
#include "fulfill/domain/order.h"
#include "fulfill/domain/party.h"
#include "fulfill/domain/pool.h"
#include "fulfill/domain/pool_level.h"
#include "fulfill/domain/rights_admin.h"
#include "fulfill/domain/ticket_life.h"
#include "queue/day.h"
#include "tests/support/fix_shop.h"

static FixShop shop;

static const char master[] =
    "{\"products\":[{\"sku\":\"TRY\",\"name\":{\"en\":\"T\"},\"kind\":\"demo\","
    "\"groups\":["
    "\"cad\"],\"per_customer\":1,\"options\":{\"days\":{\"min\":1,\"max\":30,\"default\":"
    "10}}}],"
    "\"parties\":["
    "{\"id\":\"SUB\",\"kind\":\"reseller\",\"parent\":\"R-100\",\"name\":\"Sub\","
    "\"email\":"
    "\"s@s.example\",\"grants\":[{\"group\":\"cad\",\"may\":[\"create\"]}]},"
    "{\"id\":\"NO\",\"kind\":\"reseller\",\"parent\":\"R-100\",\"name\":\"No\","
    "\"grants\":[]},"
    "{\"id\":\"K\",\"kind\":\"customer\",\"parent\":\"R-100\",\"company\":\"K\","
    "\"email\":"
    "\"k@k.example\"},"
    "{\"id\":\"F\",\"kind\":\"customer\",\"parent\":\"R-200\",\"company\":\"F\"}],"
    "\"users\":[{\"email\":\"kim@k.example\",\"party\":\"K\",\"role\":\"admin\"},"
    "{\"email\":\"kay@k.example\",\"party\":\"K\",\"role\":\"user\"}]}";

static void
load(const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Faults) faults = faults_new();
	g_auto(DbTx) tx = DB_TX_INIT;
	MasterCount counts[MASTER_LISTS];
	json_t *document = json_loads(text, 0, NULL);

	assert_non_null(document);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_true(master_import(&tx, document, faults, counts, &error));
	assert_int_equal(faults_count(faults), 0);
	assert_true(db_commit(&tx, &error));
	json_decref(document);
}

static int
setup(void **state)
{
	(void)state;
	fix_shop(&shop);
	load(master);
	return 0;
}

static int
setup_file(void **state)
{
	(void)state;
	fix_shop_file(&shop);
	load(master);
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
party_id(const char *code)
{
	g_autoptr(Party) party = party_resolve(shop.db, code, NULL);

	assert_non_null(party);
	return party->id;
}

static int64_t
user_id(const char *email)
{
	g_autoptr(User) user = email != NULL ? user_resolve(shop.db, email, NULL) : NULL;

	return user != NULL ? user->id : 0;
}

/* An order of R-100 without a customer, issued. */
static void
fill(const char *number, const char *sku, int quantity, OrderBy by)
{
	g_autoptr(OrderDraft) draft = order_draft_new();
	g_autoptr(GError) error = NULL;
	OrderPolicy policy = { .max_quantity = 10000, .zone = shop.zone };
	OrderStatus status;
	OrderLine *line;
	int64_t id;

	{
		g_auto(DbTx) tx = DB_TX_INIT;

		draft->number = g_strdup(number);
		draft->source = g_strdup("test");
		draft->party = g_strdup("R-100");
		draft->deliver_by = by;
		line = order_draft_add_line(draft);
		line->line = g_strdup("1");
		line->product = g_strdup(sku);
		line->quantity = quantity;
		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_true(order_place(&tx, draft, &policy, &status, &id, &error));
		assert_int_equal(status, ORDER_ACCEPTED);
		assert_true(db_commit(&tx, &error));
	}
	assert_int_equal(fix_issue(&shop, id), quantity);
}

typedef enum Deed { ASSIGN, SPLIT, RETURN } Deed;

/* NULL, or why not; *ret_n counts. */
static char *
deed(Db *db, Deed what, const char *as, const PoolPick *pick, const PoolGoal *goal,
    guint *ret_n)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	g_auto(DbTx) tx = DB_TX_INIT;
	SubscriptionPolicy policy = { .issue = &shop.issue };
	bool ok;

	if (!db_begin(db, DB_WRITE, &tx, &error))
		return g_strdup(error->message);
	switch (what) {
	case ASSIGN:
		ok = pool_assign(&tx, user_id(as), pick, goal, shop.zone, ids, &error);
		break;
	case SPLIT:
		ok = pool_split(&tx, user_id(as), pick, goal->holder_id, ids, &error);
		break;
	default:
		ok = pool_return(&tx, user_id(as), pick, &policy, NULL, ids, &error);
	}
	if (!ok || !db_commit(&tx, &error))
		return g_strdup(error->message);
	if (ret_n != NULL)
		*ret_n = ids->len;
	return NULL;
}

static int64_t
left(const char *code, const char *sku)
{
	g_autofree char *sql = g_strdup_printf(
	    "SELECT count(*) FROM licence l JOIN product p ON p.id = l.product_id JOIN"
	    " party o ON o.id = l.pool_id WHERE o.code = '%s' AND p.sku = '%s'",
	    code, sku);

	return fix_int(&shop, sql);
}

struct row {
	const char *name;
	Deed what;
	const char *as; /* NULL: the operator */
	const char *pool;
	const char *sku;
	int count;
	const char *to;
	const char *user;  /* of the customer */
	const char *error; /* NULL: fine */
};

/* clang-format off */
/* Five CAD-PRO lie in the pool of R-100. */
static const struct row rows[] = {
	{ "R5.1 the oldest one",                     ASSIGN, NULL, "R-100", "CAD-PRO", 1, "K", NULL, NULL },
	{ "R5.1 all of them",                        ASSIGN, NULL, "R-100", "CAD-PRO", 5, "K", NULL, NULL },
	{ "R5.1 not more than there are",            ASSIGN, NULL, "R-100", "CAD-PRO", 6, "K", NULL, "the pool has 5 of 'CAD-PRO', not 6" },
	{ "R5.1 none of what is not there",          ASSIGN, NULL, "R-100", "CAD-LT", 1, "K", NULL, "the pool has 0 of 'CAD-LT', not 1" },
	{ "R5.1 not of a pool without any",          ASSIGN, NULL, "R-200", "CAD-PRO", 1, "F", NULL, "the pool has 0 of 'CAD-PRO', not 1" },
	{ "not none",                                ASSIGN, NULL, "R-100", "CAD-PRO", 0, "K", NULL, "how many? at least one" },
	{ "to a user of the customer",               ASSIGN, NULL, "R-100", "CAD-PRO", 1, "K", "kay@k.example", NULL },
	{ "R5.3 not to another reseller's customer", ASSIGN, NULL, "R-100", "CAD-PRO", 1, "F", NULL, "'F' is no customer of this pool's party" },
	{ "not to a reseller",                       ASSIGN, NULL, "R-100", "CAD-PRO", 1, "SUB", NULL, "'SUB' is no customer of this pool's party" },
	{ "by the reseller's admin",                 ASSIGN, "lizenzen@kranichhaus.example", "R-100", "CAD-PRO", 2, "K", NULL, NULL },
	{ "R6.1 not by a user without the right",    ASSIGN, "kay@k.example", "R-100", "CAD-PRO", 1, "K", NULL, "'kay@k.example' acts for 'K', not for 'R-100'" },
	{ "R6.1 not by another reseller's admin",    ASSIGN, "licences@heron.example", "R-100", "CAD-PRO", 1, "K", NULL, "'licences@heron.example' acts for 'R-200', not for 'R-100'" },
	{ "a part goes to the tier below",           SPLIT, NULL, "R-100", "CAD-PRO", 3, "SUB", NULL, NULL },
	{ "by the reseller's admin, too",            SPLIT, "lizenzen@kranichhaus.example", "R-100", "CAD-PRO", 3, "SUB", NULL, NULL },
	{ "not more than there are",                 SPLIT, NULL, "R-100", "CAD-PRO", 6, "SUB", NULL, "the pool has 5 of 'CAD-PRO', not 6" },
	{ "not to one who may not order it",         SPLIT, NULL, "R-100", "CAD-PRO", 1, "NO", NULL, "'NO' has no right to create 'CAD-PRO' (group 'cad')" },
	{ "not sideways",                            SPLIT, NULL, "R-100", "CAD-PRO", 1, "R-200", NULL, "'R-200' is no reseller below this pool's party" },
	{ "not to itself",                           SPLIT, NULL, "R-100", "CAD-PRO", 1, "R-100", NULL, "'R-100' is no reseller below this pool's party" },
	{ "R5.4 unused ones go back",                RETURN, NULL, "R-100", "CAD-PRO", 2, "K", NULL, NULL },
	{ "R5.4 and no more",                        RETURN, NULL, "R-100", "CAD-PRO", 6, "K", NULL, "the pool has 5 of 'CAD-PRO', not 6" },
};
/* clang-format on */

static void
row_test(void **state)
{
	const struct row *row = *state;
	g_autoptr(Product) product = NULL;
	g_autofree char *why = NULL;
	PoolGoal goal;
	PoolPick pick;
	guint n = 0;

	setup(NULL);
	fill("FILL", "CAD-PRO", 5, ORDER_BY_EMAIL);
	assert_int_equal(product_find(shop.db, row->sku, &product, NULL), 1);
	pick = (PoolPick){
		.pool_id = party_id(row->pool), .product = product, .count = row->count
	};
	goal =
	    (PoolGoal){ .holder_id = party_id(row->to), .user_id = user_id(row->user) };
	why = deed(shop.db, row->what, row->as, &pick, &goal, &n);
	if (row->error != NULL) {
		assert_string_equal(why, row->error);
		assert_int_equal(left("R-100", "CAD-PRO"), 5);
	} else {
		assert_null(why);
		assert_int_equal(n, row->count);
		assert_int_equal(left("R-100", "CAD-PRO"), 5 - row->count);
	}
	teardown(NULL);
}

static void
the_oldest_goes_first_and_a_chosen_one_when_named(void **state)
{
	g_autoptr(Product) product = NULL;
	PoolGoal goal = { .holder_id = party_id("K") };
	PoolPick pick = { .pool_id = party_id("R-100"), .ticket_id = 3 };

	(void)state;
	fill("FILL", "CAD-PRO", 4, ORDER_BY_EMAIL);
	assert_int_equal(product_find(shop.db, "CAD-PRO", &product, NULL), 1);
	assert_null(deed(shop.db, ASSIGN, NULL, &pick, &goal, NULL));
	pick = (PoolPick){ .pool_id = party_id("R-100"), .product = product, .count = 2 };
	assert_null(deed(shop.db, ASSIGN, NULL, &pick, &goal, NULL));
	/* 1, 2 and 3 are gone; the chosen one cannot be given again. */
	assert_int_equal(
	    fix_int(&shop, "SELECT min(t.id) FROM ticket t JOIN licence l ON l.id ="
			   " t.licence_id WHERE l.pool_id IS NOT NULL"),
	    4);
	pick = (PoolPick){ .pool_id = party_id("R-100"), .ticket_id = 3 };
	{
		g_autofree char *why = deed(shop.db, ASSIGN, NULL, &pick, &goal, NULL);

		assert_string_equal(why, "ticket 3 is not in this pool any more");
	}
}

static void
cards_of_a_print_batch_stay_together(void **state)
{
	PoolGoal goal = { .holder_id = party_id("K") };
	PoolPick pick = {
		.pool_id = party_id("R-100"), .batch_id = 1, .first = 3, .last = 5
	};
	guint n = 0;
	g_autofree char *why = NULL;

	(void)state;
	fill("FILL", "CAD-PRO", 8, ORDER_BY_POST);
	assert_null(deed(shop.db, ASSIGN, NULL, &pick, &goal, &n));
	assert_int_equal(n, 3);
	assert_int_equal(
	    fix_int(&shop, "SELECT sum(t.id) FROM ticket t JOIN licence l ON l.id ="
			   " t.licence_id WHERE l.holder_id IS NOT NULL"),
	    3 + 4 + 5);
	pick.first = 5;
	pick.last = 6;
	why = deed(shop.db, ASSIGN, NULL, &pick, &goal, &n);
	assert_string_equal(why, "of these cards of batch 1 the pool has 1, not 2");
	/* The rest of the batch to the tier below. */
	pick.first = pick.last = 0;
	goal.holder_id = party_id("SUB");
	assert_null(deed(shop.db, SPLIT, NULL, &pick, &goal, &n));
	assert_int_equal(n, 5);
}

static void
a_demo_runs_from_the_day_it_is_given(void **state)
{
	static const Stmt AGE = { .name = "t",
		.sql = "UPDATE licence SET first_day = '2020-01-01', last_day = "
		       "'2020-01-10'" };
	g_autoptr(GError) error = NULL;
	g_autoptr(Product) product = NULL;
	PoolGoal goal = { .holder_id = party_id("K") };
	PoolPick pick;
	char last[DAY_CHARS];
	g_autofree char *sql = NULL;
	g_autofree char *again = NULL;

	(void)state;
	fill("FILL", "TRY", 2, ORDER_BY_EMAIL);
	assert_int_equal(product_find(shop.db, "TRY", &product, NULL), 1);
	assert_true(db_exec(shop.db, &AGE, DB_NO_ARGS, NULL, &error));
	pick = (PoolPick){ .pool_id = party_id("R-100"), .product = product, .count = 1 };
	assert_null(deed(shop.db, ASSIGN, NULL, &pick, &goal, NULL));
	day_format(day_add_days(day_today(shop.zone), 9), last);
	sql = g_strdup_printf("SELECT count(*) FROM licence WHERE last_day = '%s'", last);
	assert_int_equal(fix_int(&shop, sql), 1);
	/* R4.3: at most one of these for a customer, from the pool too. */
	again = deed(shop.db, ASSIGN, NULL, &pick, &goal, NULL);
	assert_string_equal(again,
	    "'TRY' is given to a customer at most 1 times, and this "
	    "one has had 1");
}

static void
what_goes_back_to_the_vendor_is_dead_and_credited(void **state)
{
	g_autoptr(Product) product = NULL;
	PoolPick pick;
	PoolGoal goal = { .holder_id = party_id("SUB") };

	(void)state;
	fill("FILL", "CAD-PRO", 3, ORDER_BY_EMAIL);
	assert_int_equal(product_find(shop.db, "CAD-PRO", &product, NULL), 1);
	pick = (PoolPick){ .pool_id = party_id("R-100"), .product = product, .count = 2 };
	assert_null(deed(shop.db, SPLIT, NULL, &pick, &goal, NULL));
	pick.pool_id = party_id("SUB");
	pick.count = 1;
	assert_null(deed(shop.db, RETURN, NULL, &pick, NULL, NULL));
	assert_int_equal(left("R-100", "CAD-PRO"), 2);
	assert_int_equal(left("SUB", "CAD-PRO"), 1);
	pick.pool_id = party_id("R-100");
	pick.count = 2;
	assert_null(deed(shop.db, RETURN, NULL, &pick, NULL, NULL));
	assert_int_equal(left("R-100", "CAD-PRO"), 0);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM ticket WHERE state = 'recalled'"), 2);
	assert_int_equal(
	    fix_int(&shop, "SELECT sum(amount_minor) FROM sale_event WHERE kind = "
			   "'reversed'"),
	    -2 * 149000);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM pool_event WHERE kind = 'returned'"), 3);
}

static void
an_assigned_ticket_goes_back_only_when_nobody_uses_it(void **state)
{
	g_autoptr(GError) error = NULL;
	PoolGoal goal = { .holder_id = party_id("K") };
	PoolPick pick = { .pool_id = party_id("R-100"), .ticket_id = 1 };
	LifePolicy policy = { .zone = shop.zone, .restores = 1, .restore_us = 1 };
	LifeAct act = { .ticket_id = 1, .event = TICKET_ACTIVATE };
	TicketState now;

	(void)state;
	fill("FILL", "CAD-PRO", 1, ORDER_BY_EMAIL);
	assert_null(deed(shop.db, ASSIGN, NULL, &pick, &goal, NULL));
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_int_equal(ticket_act(&tx, &policy, &act, &now, &error), 1);
		assert_false(pool_unassign(&tx, 0, 1, &error));
		assert_error(error, TP_ERROR_CONFLICT);
		assert_string_equal(
		    error->message, "ticket 1 is collected: it has to be returned first");
		g_clear_error(&error);
		act.event = TICKET_RETURN;
		assert_int_equal(ticket_act(&tx, &policy, &act, &now, &error), 1);
		assert_false(pool_unassign(&tx, 0, 1, NULL));
		act.event = TICKET_CONFIRM;
		assert_int_equal(ticket_act(&tx, &policy, &act, &now, &error), 1);
		assert_true(pool_unassign(&tx, 0, 1, &error));
		assert_true(db_commit(&tx, &error));
	}
	assert_int_equal(left("R-100", "CAD-PRO"), 1);
	/* And to the next customer. */
	assert_null(deed(shop.db, ASSIGN, NULL, &pick, &goal, NULL));
}

static void
stock_that_runs_low_is_told_once_until_it_was_full(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Product) product = NULL;
	PoolGoal goal = { .holder_id = party_id("K") };
	PoolPick pick;
	const int told[] = { 0, 1, 0, 0, 1 };

	(void)state;
	fill("FILL", "CAD-PRO", 5, ORDER_BY_EMAIL);
	assert_int_equal(product_find(shop.db, "CAD-PRO", &product, NULL), 1);
	pick = (PoolPick){ .pool_id = party_id("R-100"), .product = product, .count = 3 };
	for (size_t i = 0; i < G_N_ELEMENTS(told); i++) {
		int n = -1;

		{
			g_auto(DbTx) tx = DB_TX_INIT;

			assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
			if (i == 0)
				assert_true(pool_level_set(
				    &tx, party_id("R-100"), product->id, 4, 0, &error));
			assert_true(pool_level_turn(
			    &tx, &shop.issue, "owner@vendor.example", &n, &error));
			assert_true(db_commit(&tx, &error));
		}
		assert_int_equal(n, told[i]);
		if (i == 0 || i == 3)
			assert_null(deed(shop.db, ASSIGN, NULL, &pick, &goal, NULL));
		if (i == 2)
			fill("FILL2", "CAD-PRO", 4, ORDER_BY_EMAIL);
	}
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM mail_out WHERE text = 'stock'"), 4);
}

static void
what_lies_too_long_expires_without_credit(void **state)
{
	static const Stmt AGE = { .name = "t",
		.sql = "UPDATE licence SET created_at = created_at - 31 * 86400000000"
		       " WHERE id <= 2" };
	g_autoptr(GError) error = NULL;
	g_autoptr(Product) product = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	SubscriptionPolicy policy = { .issue = &shop.issue };
	int n = -1;

	(void)state;
	fill("FILL", "CAD-PRO", 5, ORDER_BY_EMAIL);
	assert_int_equal(product_find(shop.db, "CAD-PRO", &product, NULL), 1);
	assert_true(db_exec(shop.db, &AGE, DB_NO_ARGS, NULL, &error));
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_true(pool_expire_turn(&tx, &policy, 100, &n, &error));
	assert_int_equal(n, 0);
	assert_true(pool_level_set(&tx, party_id("R-100"), product->id, 0, 30, &error));
	assert_true(pool_expire_turn(&tx, &policy, 100, &n, &error));
	assert_int_equal(n, 2);
	assert_true(db_commit(&tx, &error));
	assert_int_equal(left("R-100", "CAD-PRO"), 3);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM ticket WHERE state = 'recalled'"), 2);
	assert_int_equal(
	    fix_int(&shop, "SELECT coalesce(sum(amount_minor), 0) FROM sale_event WHERE "
			   "kind = 'reversed'"),
	    0);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM pool_event WHERE kind = 'expired'"), 2);
}

/* Each of eight processes takes tickets one by one until there are none. */
static void
take_all(void)
{
	g_autoptr(Db) db = fix_db_again(&shop.store);
	g_autoptr(Product) product = NULL;
	PoolGoal goal;
	PoolPick pick;
	int status = 1;

	shop.db = db;
	if (product_find(db, "CAD-PRO", &product, NULL) == 1) {
		goal = (PoolGoal){ .holder_id = party_id("K") };
		pick = (PoolPick){
			.pool_id = party_id("R-100"), .product = product, .count = 1
		};
		for (;;) {
			g_autofree char *why = deed(db, ASSIGN, NULL, &pick, &goal, NULL);

			if (why == NULL)
				continue;
			if (strstr(why, "the pool has 0 of") != NULL)
				status = 0;
			else if (strstr(why, "lock") != NULL)
				continue;
			else
				print_error("%s\n", why);
			break;
		}
	}
	g_clear_pointer(&db, db_close);
	_exit(status);
}

#define PROCESSES 8
#define TICKETS 120

static void
eight_processes_never_give_one_ticket_twice(void **state)
{
	pid_t children[PROCESSES];

	(void)state;
	fill("FILL", "CAD-PRO", TICKETS, ORDER_BY_EMAIL);
	for (int i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0)
			take_all();
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status = 1;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(left("R-100", "CAD-PRO"), 0);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM licence WHERE holder_id IS NOT NULL"),
	    TICKETS);
	/* One event for each, and no ticket in two. */
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM pool_event"), TICKETS);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(DISTINCT licence_id) FROM pool_event"), TICKETS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    the_oldest_goes_first_and_a_chosen_one_when_named, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    cards_of_a_print_batch_stay_together, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_demo_runs_from_the_day_it_is_given, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_goes_back_to_the_vendor_is_dead_and_credited, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    an_assigned_ticket_goes_back_only_when_nobody_uses_it, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    stock_that_runs_low_is_told_once_until_it_was_full, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_lies_too_long_expires_without_credit, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    eight_processes_never_give_one_ticket_twice, setup_file, teardown),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return failed + run_rows("pools", rows, row_test);
}
