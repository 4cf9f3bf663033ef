/*
 * test_order_rights.c - an order is within the rights of its party and of who sends it.
 */
#include "tests/support/cm.h"

#include <jansson.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fulfill/domain/master.h"
#include "fulfill/domain/order.h"
#include "fulfill/domain/rights_store.h"
#include "fulfill/domain/user.h"
#include "fulfill/intake/intake.h"
#include "queue/clock.h"
#include "queue/day.h"
#include "tests/support/fix_shop.h"

static FixShop shop;

static const char master[] =
    "{\"groups\":[{\"id\":\"g\",\"options\":{\"days\":{\"max\":60}}}],"
    "\"products\":["
    "{\"sku\":\"P-DEMO\",\"name\":{\"en\":\"D\"},\"kind\":\"demo\",\"groups\":[\"g\"],"
    "\"per_customer\":2,\"options\":{\"days\":{\"min\":1,\"max\":90,\"default\":45},"
    "\"modules\":{\"of\":[\"cae\",\"cam\",\"cfd\"],\"default\":[\"cam\"]},"
    "\"start\":{\"min\":0,\"max\":30,\"default\":0}}},"
    "{\"sku\":\"P-TWO\",\"name\":{\"en\":\"T\"},\"kind\":\"full\",\"groups\":[\"g\","
    "\"h\"]},"
    "{\"sku\":\"P-OTHER\",\"name\":{\"en\":\"O\"},\"kind\":\"full\",\"groups\":[\"x\"]},"
    "{\"sku\":\"P-NONE\",\"name\":{\"en\":\"N\"},\"kind\":\"full\"}],"
    "\"parties\":["
    "{\"id\":\"D\",\"kind\":\"reseller\",\"name\":\"Dist\",\"email\":\"d@d.example\","
    "\"grants\":[{\"group\":\"g\",\"may\":[\"create\",\"revoke\",\"create-user\"],"
    "\"options\":{\"days\":{\"max\":40}},\"quota\":10}]},"
    "{\"id\":\"S\",\"kind\":\"reseller\",\"parent\":\"D\",\"name\":\"Sub\",\"email\":\"s@"
    "s.example\","
    "\"grants\":[{\"group\":\"g\",\"may\":[\"create\"],"
    "\"options\":{\"days\":{\"max\":30},\"modules\":{\"of\":[\"cam\",\"cfd\"]},"
    "\"quantity\":{\"max\":3}},"
    "\"channels\":[\"email\"]}]},"
    "{\"id\":\"ALL\",\"kind\":\"reseller\",\"name\":\"All\",\"email\":\"a@a.example\"},"
    "{\"id\":\"H\",\"kind\":\"reseller\",\"name\":\"H\",\"email\":\"h@h.example\","
    "\"grants\":["
    "{\"group\":\"h\",\"may\":[\"create\"]}]},"
    "{\"id\":\"NIL\",\"kind\":\"reseller\",\"name\":\"Nil\",\"email\":\"n@n.example\","
    "\"grants\":[]}],"
    "\"users\":["
    "{\"email\":\"Ann@d.example\",\"party\":\"D\",\"role\":\"admin\"},"
    "{\"email\":\"bob@s.example\",\"party\":\"S\",\"role\":\"user\",\"grants\":[{"
    "\"group\":\"g\","
    "\"may\":[\"create\"],\"options\":{\"days\":{\"min\":5,\"max\":20}},\"quota\":2}]},"
    "{\"email\":\"bob@s.example\",\"party\":\"H\",\"role\":\"user\"},"
    "{\"email\":\"eve@s.example\",\"party\":\"S\",\"role\":\"user\",\"grants\":[]}]}";

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
	assert_no_error(error);
	for (guint i = 0; i < faults_count(faults); i++)
		print_error(
		    "%s: %s\n", faults_at(faults, i)->path, faults_at(faults, i)->text);
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
teardown(void **state)
{
	(void)state;
	fix_shop_done(&shop);
	return 0;
}

/* Places the order of a JSON text; codes and texts of its errors, or "accepted". */
static char *
place(const char *json, const char *as, int64_t *ret_id)
{
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	IntakeHint hint = { .source = "test" };
	g_autoptr(IntakeDocument) document =
	    intake_read_bytes(json, strlen(json), &hint, &error);
	OrderDraft *draft;
	OrderPolicy policy = { .max_quantity = 100, .zone = shop.zone };
	OrderStatus status;
	GString *text = g_string_new(NULL);
	int64_t id;

	assert_no_error(error);
	draft = g_ptr_array_index(document->orders, 0);
	if (as != NULL) {
		g_autoptr(User) user = user_resolve(shop.db, as, &error);

		assert_no_error(error);
		policy.user_id = user->id;
	}
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_true(order_place(&tx, draft, &policy, &status, &id, &error));
	assert_no_error(error);
	assert_true(db_commit(&tx, &error));
	if (ret_id != NULL)
		*ret_id = id;
	for (guint i = 0; i < draft->errors->len; i++) {
		const OrderError *wrong = g_ptr_array_index(draft->errors, i);

		g_string_append_printf(text, "%s%s %s: %s", i > 0 ? "; " : "",
		    order_error_name(wrong->code), wrong->field, wrong->text);
	}
	if (draft->errors->len == 0)
		g_string_append(text, order_status_name(status));
	return g_string_free(text, FALSE);
}

static char *
order_json(const char *number, const char *party, const char *sku, const char *quantity,
    const char *options, const char *by)
{
	return g_strdup_printf(
	    "{\"order\":\"%s\",\"party\":\"%s\",\"customer\":{\"id\":\"C\",\"email\":"
	    "\"c@c.example\",\"address\":{\"lines\":[\"Weg "
	    "1\"],\"city\":\"Ulm\",\"country\":"
	    "\"DE\"}},\"deliver\":{\"by\":\"%s\"},\"lines\":[{\"product\":\"%s\","
	    "\"quantity\":%s,"
	    "\"options\":{%s}}]}",
	    number, party, by, sku, quantity, options);
}

struct row {
	const char *name;
	const char *as; /* NULL: the party itself */
	const char *party, *sku, *quantity, *options, *by;
	const char *wanted;
};

/* clang-format off */
static const struct row rows[] = {
	{ "R4.2 days at the upper end",             NULL, "S", "P-DEMO", "1", "\"days\":30", "email", "accepted" },
	{ "R4.2 days at the lower end",             NULL, "S", "P-DEMO", "1", "\"days\":1", "email", "accepted" },
	{ "R4.2 above the reseller's",              NULL, "S", "P-DEMO", "1", "\"days\":31", "email", "E_OPTION_RANGE options.days: 31 is outside the allowed range 1 to 30" },
	{ "R4.2 above the distributor's",           NULL, "D", "P-DEMO", "1", "\"days\":41", "email", "E_OPTION_RANGE options.days: 41 is outside the allowed range 1 to 40" },
	{ "R4.2 above the group's",                 NULL, "ALL", "P-DEMO", "1", "\"days\":61", "email", "E_OPTION_RANGE options.days: 61 is outside the allowed range 1 to 60" },
	{ "R4.2 the vendor too is held to its group", NULL, "VENDOR", "P-DEMO", "1", "\"days\":61", "email", "E_OPTION_RANGE options.days: 61 is outside the allowed range 1 to 60" },
	{ "R4.2 below the user's",                  "bob@s.example:S", "S", "P-DEMO", "1", "\"days\":4", "email", "E_OPTION_RANGE options.days: 4 is outside the allowed range 5 to 20" },
	{ "R4.2 the user's upper end",              "bob@s.example:S", "S", "P-DEMO", "1", "\"days\":20", "email", "accepted" },
	{ "R4.2 zero days",                         NULL, "D", "P-DEMO", "1", "\"days\":0", "email", "E_OPTION_RANGE options.days: 0 is outside the allowed range 1 to 40" },
	{ "R4.2 fewer than none",                   NULL, "D", "P-DEMO", "1", "\"days\":-3", "email", "E_OPTION_RANGE options.days: -3 is outside the allowed range 1 to 40" },
	{ "R4.2 a feature",                         NULL, "S", "P-DEMO", "1", "\"modules\":[\"cfd\"]", "email", "accepted" },
	{ "R4.2 a feature the reseller has not",    NULL, "S", "P-DEMO", "1", "\"modules\":[\"cae\"]", "email", "E_OPTION_RANGE options.modules: this is outside the allowed range cam, cfd" },
	{ "R4.2 words where a number belongs",      NULL, "S", "P-DEMO", "1", "\"days\":[\"x\"]", "email", "E_TYPE options.days: must be a whole number" },
	{ "R4.2 a number where words belong",       NULL, "S", "P-DEMO", "1", "\"modules\":3", "email", "E_TYPE options.modules: must be a list of words" },
	{ "R4.2 an option it does not have",        NULL, "S", "P-DEMO", "1", "\"seats\":3", "email", "E_OPTION_UNKNOWN options.seats: 'P-DEMO' has no option 'seats'" },
	{ "R4.2 quantity at the upper end",         NULL, "S", "P-TWO", "3", "", "email", "accepted" },
	{ "R4.2 quantity above the reseller's",     NULL, "S", "P-TWO", "4", "", "email", "E_QUANTITY quantity: 4 is outside the allowed range 1 to 3" },
	{ "R4.2 a start that is no day",            NULL, "S", "P-DEMO", "1", "\"start\":[\"soon\"]", "email", "E_DATE options.start: must be a day YYYY-MM-DD" },
	{ "R4.2 a start long ago",                  NULL, "S", "P-DEMO", "1", "\"start\":[\"1970-01-01\"]", "email", NULL },
	{ "R4.1 the second group permits it",       NULL, "H", "P-TWO", "9", "", "post", "accepted" },
	{ "R6.1 no right in the group",             NULL, "H", "P-DEMO", "1", "", "email", "E_RIGHT product: 'H' has no right to create 'P-DEMO' (group 'g')" },
	{ "R6.1 no right at all",                   NULL, "NIL", "P-TWO", "1", "", "email", "E_RIGHT product: 'NIL' has no right to create 'P-TWO' (group 'g')" },
	{ "R6.1 not by this channel",               NULL, "S", "P-TWO", "1", "", "post", "E_CHANNEL deliver.by: 'S' has no right to create 'P-TWO' by this channel" },
	{ "R6.1 what is in no group",               NULL, "D", "P-NONE", "1", "", "email", "E_RIGHT product: 'D' has no right to create 'P-NONE' (group '*')" },
	{ "a reseller whose grants are not listed has those above", NULL, "ALL", "P-NONE", "1", "", "email", "accepted" },
	{ "R6.1 a user without rights",             "eve@s.example", "S", "P-TWO", "1", "", "email", "E_RIGHT product: 'eve@s.example' has no right to create 'P-TWO' (group 'g')" },
	{ "R6.1 a user acts for its own party",     "bob@s.example:S", "D", "P-TWO", "1", "", "email", "E_RIGHT party: 'bob@s.example' acts for 'S', not for 'D'" },
	{ "R5.3 the same person elsewhere has rights of its own", "bob@s.example:H", "H", "P-TWO", "9", "", "email", "accepted" },
	{ "R5.3 and not those of the other",        "bob@s.example:S", "S", "P-OTHER", "1", "", "email", "E_RIGHT product: 'bob@s.example' has no right to create 'P-OTHER' (group 'x')" },
	{ "an admin orders for those below",        "ann@d.example", "S", "P-TWO", "1", "", "email", "accepted" },
	{ "and within their limits",                "ann@d.example", "S", "P-DEMO", "1", "\"days\":31", "email", "E_OPTION_RANGE options.days: 31 is outside the allowed range 1 to 30" },
	{ "R6.1 the quota of the user",             "bob@s.example:S", "S", "P-TWO", "3", "", "email", "E_RIGHT quantity: the quota of 2 in group 'g' leaves 'bob@s.example' 2" },
	{ "R6.1 the quota of the one above",        NULL, "D", "P-TWO", "11", "", "email", "E_RIGHT quantity: the quota of 10 in group 'g' leaves 'D' 10" },
};
/* clang-format on */

static void
row_test(void **state)
{
	const struct row *row = *state;
	g_autofree char *json = NULL;
	g_autofree char *got = NULL;

	setup(NULL);
	json =
	    order_json("1", row->party, row->sku, row->quantity, row->options, row->by);
	got = place(json, row->as, NULL);
	if (row->wanted != NULL)
		assert_string_equal(got, row->wanted);
	else
		assert_non_null(strstr(got, "range 0 to 30 days from today"));
	/* Refused means that nothing is left of it. */
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM orders"), strcmp(got, "accepted") == 0);
	teardown(NULL);
}

static void
what_nobody_says_is_the_nearest_that_is_allowed(void **state)
{
	g_autofree char *json = order_json("1", "S", "P-DEMO", "1", "", "email");
	g_autofree char *got = place(json, NULL, NULL);

	(void)state;
	assert_string_equal(got, "accepted");
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM order_line WHERE options ="
					" '{\"days\":30,\"modules\":[\"cam\"]}'"),
	    1);
}

static void
a_licence_begins_on_the_day_that_was_asked_for(void **state)
{
	char start[DAY_CHARS];
	char last[DAY_CHARS];
	g_autofree char *option = NULL;
	g_autofree char *json = NULL;
	g_autofree char *got = NULL;
	g_autofree char *sql = NULL;
	Day day = day_add_days(day_today(shop.zone), 30);
	int64_t id;

	(void)state;
	day_format(day, start);
	day_format(day_add_days(day, 9), last);
	option = g_strdup_printf("\"start\":[\"%s\"],\"days\":10", start);
	json = order_json("1", "D", "P-DEMO", "1", option, "email");
	got = place(json, NULL, &id);
	assert_string_equal(got, "accepted");
	assert_int_equal(fix_issue(&shop, id), 1);
	sql = g_strdup_printf("SELECT count(*) FROM licence WHERE first_day = '%s' AND "
			      "last_day = '%s'",
	    start, last);
	assert_int_equal(fix_int(&shop, sql), 1);
}

static void
a_quota_counts_those_below_and_forgets_what_was_withdrawn(void **state)
{
	g_autoptr(GError) error = NULL;
	int n = 0;

	(void)state;
	for (int i = 0; i < 3; i++) {
		g_autofree char *number = g_strdup_printf("S%d", i);
		g_autofree char *json =
		    order_json(number, "S", "P-TWO", "3", "", "email");
		g_autofree char *got = place(json, NULL, NULL);

		assert_string_equal(got, "accepted");
	}
	for (int i = 0; i < 2; i++) {
		g_autofree char *json = order_json("D", "D", "P-TWO", "2", "", "email");
		g_autofree char *got = place(json, NULL, NULL);

		assert_string_equal(got,
		    i == 0 ? "E_RIGHT quantity: the quota of 10 in group 'g' leaves 'D' 1"
			   : "accepted");
		if (i == 0) {
			g_auto(DbTx) tx = DB_TX_INIT;

			assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
			assert_true(order_cancel(&tx, "test", "S0", NULL, "x",
			    day_today(shop.zone), &n, &error));
			assert_true(db_commit(&tx, &error));
		}
	}
}

/* Four processes order one by one against a quota of ten. */
static void
order_until_refused(int process)
{
	g_autoptr(Db) db = fix_db_again(&shop.store);
	int n = 0;

	shop.db = db;
	for (; n < 20; n++) {
		g_autofree char *number = g_strdup_printf("N%d-%d", process, n);
		g_autofree char *json =
		    order_json(number, "D", "P-TWO", "1", "", "email");
		g_autofree char *got = place(json, NULL, NULL);

		if (strcmp(got, "accepted") != 0)
			break;
	}
	g_clear_pointer(&db, db_close);
	_exit(n);
}

static void
a_quota_holds_under_parallel_orders(void **state)
{
	pid_t children[4];
	int taken = 0;

	(void)state;
	for (int i = 0; i < 4; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0)
			order_until_refused(i);
	}
	for (int i = 0; i < 4; i++) {
		int status = 0;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status));
		taken += WEXITSTATUS(status);
	}
	assert_int_equal(taken, 10);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM orders"), 10);
}

static int
setup_file(void **state)
{
	(void)state;
	fix_shop_file(&shop);
	load(master);
	return 0;
}

struct customer_row {
	const char *name;
	const char *party, *customer;
	bool one_more; /* after "c@c.example" had two */
};

/* clang-format off */
static const struct customer_row customer_rows[] = {
	{ "R4.3 the same address",               "D",   "{\"id\":\"C\",\"email\":\"c@c.example\"}", false },
	{ "R4.3 in capitals",                    "D",   "{\"id\":\"K\",\"email\":\"C@c.EXAMPLE\"}", false },
	{ "R4.3 with a tag",                     "D",   "{\"email\":\"c+trial@c.example\"}", false },
	{ "R4.3 with another reseller",          "ALL", "{\"email\":\"c+2@c.example\"}", false },
	{ "R4.3 somebody else",                  "D",   "{\"email\":\"d@c.example\"}", true },
	{ "R4.3 the known customer, not named by address", "D", "{\"id\":\"C\"}", false },
};
/* clang-format on */

static void
customer_row_test(void **state)
{
	const struct customer_row *row = *state;
	g_autofree char *first = NULL;
	g_autofree char *got = NULL;
	g_autofree char *json = NULL;
	g_autofree char *again = NULL;

	setup(NULL);
	first = order_json("1", "D", "P-DEMO", "2", "", "email");
	got = place(first, NULL, NULL);
	assert_string_equal(got, "accepted");
	json = g_strdup_printf(
	    "{\"order\":\"2\",\"party\":\"%s\",\"customer\":%s,\"lines\":[{"
	    "\"product\":\"P-DEMO\",\"quantity\":1}]}",
	    row->party, row->customer);
	again = place(json, NULL, NULL);
	assert_string_equal(again,
	    row->one_more
		? "accepted"
		: "E_PER_CUSTOMER quantity: 'P-DEMO' is given to a customer at most 2 "
		  "times, and this one has had 2");
	teardown(NULL);
}

static void
tightening_leaves_running_licences_alone(void **state)
{
	int64_t id;
	g_autofree char *json =
	    order_json("1", "D", "P-DEMO", "1", "\"days\":40", "email");
	g_autofree char *got = place(json, NULL, &id);
	g_autofree char *again = NULL;
	g_autofree char *second = NULL;
	g_autofree char *sql = NULL;
	char last[DAY_CHARS];

	(void)state;
	assert_string_equal(got, "accepted");
	assert_int_equal(fix_issue(&shop, id), 1);
	load("{\"groups\":[{\"id\":\"g\",\"options\":{\"days\":{\"max\":7}}}]}");
	day_format(day_add_days(day_today(shop.zone), 39), last);
	sql = g_strdup_printf("SELECT count(*) FROM licence WHERE last_day = '%s'", last);
	assert_int_equal(fix_int(&shop, sql), 1);
	second = order_json("2", "D", "P-DEMO", "1", "\"days\":40", "email");
	again = place(second, NULL, NULL);
	assert_string_equal(
	    again, "E_OPTION_RANGE options.days: 40 is outside the allowed range 1 to 7");
}

static void
a_user_withdraws_only_what_it_may(void **state)
{
	static const char cancel[] =
	    "{\"order\":\"1\",\"party\":\"S\",\"kind\":\"cancel\"}";
	g_autofree char *json = order_json("1", "S", "P-TWO", "1", "", "email");
	g_autofree char *got = place(json, NULL, NULL);
	g_autofree char *bob = NULL;
	g_autofree char *ann = NULL;
	g_autofree char *erp = NULL;

	(void)state;
	assert_string_equal(got, "accepted");
	bob = place(cancel, "bob@s.example:S", NULL);
	assert_string_equal(bob, "E_RIGHT product: 'bob@s.example' has no right to "
				 "revoke 'P-TWO' (group 'g')");
	/* The reseller itself has no right to revoke, so its distributor's admin has none
	 * there. */
	ann = place(cancel, "ann@d.example", NULL);
	assert_string_equal(ann, "E_RIGHT product: 'ann@d.example' has no right to "
				 "revoke 'P-TWO' (group 'g')");
	erp = place(cancel, NULL, NULL);
	assert_string_equal(erp, "accepted");
}

static void
rights_written_past_the_rules_are_not_used(void **state)
{
	static const Stmt FORGE = { .name = "t",
		.sql = "UPDATE \"grant\" SET options = NULL WHERE party_id ="
		       " (SELECT id FROM party WHERE code = 'S')" };
	g_autoptr(GError) error = NULL;
	g_autofree char *json = order_json("1", "S", "P-TWO", "1", "", "email");
	g_autofree char *got = NULL;

	(void)state;
	assert_true(db_exec(shop.db, &FORGE, DB_NO_ARGS, NULL, &error));
	got = place(json, NULL, NULL);
	assert_string_equal(got, "E_RIGHT party: the stored rights of 'S' are more than "
				 "those above it: create of 'g'");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_nobody_says_is_the_nearest_that_is_allowed, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_licence_begins_on_the_day_that_was_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_quota_counts_those_below_and_forgets_what_was_withdrawn, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    a_quota_holds_under_parallel_orders, setup_file, teardown),
		cmocka_unit_test_setup_teardown(
		    tightening_leaves_running_licences_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_user_withdraws_only_what_it_may, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    rights_written_past_the_rules_are_not_used, setup, teardown),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	failed += run_rows("orders within rights", rows, row_test);
	return failed +
	       run_rows("so many for one customer", customer_rows, customer_row_test);
}
