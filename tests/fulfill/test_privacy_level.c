/*
 * test_privacy_level.c - what is above a reseller's level is refused where it arrives.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/domain/master.h"
#include "fulfill/domain/order.h"
#include "fulfill/domain/privacy_level.h"
#include "tests/support/fix_shop.h"

/* What an order gives: n name, c company, e email, a address, d deliver.email. */
typedef struct Row {
	const char *name;
	const char *level;
	const char *gives;
	const char *by;
	const char *to;
	const char *expect; /* "CODE field" joined with ", "; "" when it is taken */
} Row;

/* clang-format off */
static const Row rows[] = {
	{ "a pseudonym is enough when the party forwards (R14.1)", "pseudonym", "", "email", "party", "" },
	{ "a pseudonym, delivered by portal", "pseudonym", "", "portal", "customer", "" },
	{ "pseudonym: a company is refused by name", "pseudonym", "c", "email", "party", "E_PRIVACY customer.company" },
	{ "pseudonym: everything above it is named at once", "pseudonym", "ncea", "email", "party",
	  "E_PRIVACY customer.company, E_PRIVACY customer.name, E_PRIVACY customer.email, E_PRIVACY customer.address" },
	{ "pseudonym: mail to the customer is said early", "pseudonym", "", "email", "customer", "E_CHANNEL deliver.by" },
	{ "company: a company is kept", "company", "c", "email", "party", "" },
	{ "company: a contact is refused", "company", "cn", "email", "party", "E_PRIVACY customer.name" },
	{ "company: mail to the customer needs a contact", "company", "c", "email", "customer", "E_CHANNEL deliver.by" },
	{ "company: an address only for the delivery is one too", "company", "cd", "email", "customer",
	  "E_PRIVACY deliver.email, E_CHANNEL deliver.by" },
	{ "company: the party's own address for delivery is none of the customer's", "company", "cd", "email", "party", "" },
	{ "contact: mail to the customer goes (email needs level 2)", "contact", "cne", "email", "customer", "" },
	{ "contact: an address is refused", "contact", "cnea", "email", "customer", "E_PRIVACY customer.address" },
	{ "contact: a letter needs the address (post needs level 3)", "contact", "cne", "post", "customer", "E_CHANNEL deliver.by" },
	{ "address: a letter goes", "address", "cnea", "post", "customer", "" },
	{ "address: everything is kept", "address", "cnead", "email", "customer", "" },
};
/* clang-format on */

static const Stmt SET_LEVEL = {
	.name = "party.set_level",
	.sql = "UPDATE party SET privacy = $1, channels = NULL WHERE code = 'R-100'",
};

static OrderDraft *
draft_of(const Row *row)
{
	static const char *lines[] = { "Kaiserstr. 1", NULL };
	OrderDraft *draft = order_draft_new();
	OrderLine *line;

	draft->number = g_strdup("P-1");
	draft->source = g_strdup("test");
	draft->party = g_strdup("R-100");
	draft->has_customer = true;
	draft->customer.id = g_strdup("C-9");
	if (strchr(row->gives, 'n') != NULL)
		draft->customer.name = g_strdup("Zoë Müller");
	if (strchr(row->gives, 'c') != NULL)
		draft->customer.company = g_strdup("Müller KG");
	if (strchr(row->gives, 'e') != NULL)
		draft->customer.email = g_strdup("zoe@example.org");
	if (strchr(row->gives, 'd') != NULL)
		draft->deliver_email = g_strdup("else@example.org");
	if (strchr(row->gives, 'a') != NULL) {
		draft->customer.address.lines = g_strdupv((char **)(uintptr_t)lines);
		draft->customer.address.city = g_strdup("Karlsruhe");
		draft->customer.address.country = g_strdup("DE");
	}
	(void)!order_by_from_name(row->by, &draft->deliver_by);
	(void)!order_to_from_name(row->to, &draft->deliver_to);
	line = order_draft_add_line(draft);
	line->line = g_strdup("1");
	line->product = g_strdup("CAD-PRO");
	line->quantity = 1;
	return draft;
}

static void
level_row_test(void **state)
{
	const Row *row = *state;
	FixShop shop;
	g_autoptr(OrderDraft) draft = draft_of(row);
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	g_autoptr(GString) got = g_string_new("");
	OrderPolicy policy = { .max_quantity = 10 };
	OrderStatus status;
	int64_t id;

	fix_shop(&shop);
	policy.zone = shop.zone;
	assert_true(
	    db_exec(shop.db, &SET_LEVEL, DB_ARGS(v_text(row->level)), NULL, &error));
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_true(order_place(&tx, draft, &policy, &status, &id, &error));
	assert_true(db_commit(&tx, &error));
	assert_no_error(error);
	for (guint i = 0; i < draft->errors->len; i++) {
		const OrderError *e = g_ptr_array_index(draft->errors, i);

		g_string_append_printf(got, "%s%s %s", i > 0 ? ", " : "",
		    order_error_name(e->code), e->field);
	}
	assert_string_equal(got->str, row->expect);
	assert_string_equal(
	    order_status_name(status), *row->expect != '\0' ? "rejected" : "accepted");
	/* Nothing of a refused order is kept. */
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM party WHERE code = 'C-9'"),
	    *row->expect != '\0' ? 0 : 1);
	fix_shop_done(&shop);
}

/* Master data is a way in as well. */
static void
an_imported_customer_is_held_to_the_level_of_its_reseller(void **state)
{
	static const char text[] =
	    "{\"parties\":[{\"id\":\"R-9\",\"kind\":\"reseller\",\"name\":\"R\","
	    "\"privacy\":\"company\"},{\"id\":\"C-1\",\"kind\":\"customer\",\"parent\":"
	    "\"R-9\",\"company\":\"KG\",\"name\":\"Zoë\",\"email\":\"z@example.org\"}]}";
	FixShop shop;
	g_autoptr(Faults) faults = faults_new();
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	MasterCount counts[MASTER_LISTS];
	json_t *document = json_loads(text, 0, NULL);

	(void)state;
	fix_shop(&shop);
	assert_non_null(document);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_true(master_import(&tx, document, faults, counts, &error));
	assert_int_equal(faults_count(faults), 2);
	assert_string_equal(faults_at(faults, 0)->path, "parties[1].name");
	assert_string_equal(faults_at(faults, 1)->path, "parties[1].email");
	db_rollback(&tx);
	json_decref(document);
	fix_shop_done(&shop);
}

static void
a_level_above_shows_all_that_is_below(void **state)
{
	PrivacyLevel level;

	(void)state;
	for (int i = 0; i < PRIVACY_LEVELS; i++) {
		assert_true(privacy_level_from_name(
		    privacy_level_name((PrivacyLevel)i), &level, NULL));
		assert_int_equal(level, i);
		assert_non_null(privacy_level_sentence((PrivacyLevel)i));
	}
	assert_false(privacy_level_from_name("full", &level, NULL));
	assert_int_equal(privacy_level_of_channel("post"), PRIVACY_ADDRESS);
	assert_int_equal(privacy_level_of_channel("email"), PRIVACY_CONTACT);
	assert_int_equal(privacy_level_of_channel("portal"), PRIVACY_PSEUDONYM);
	assert_int_equal(privacy_level_needed("language"), PRIVACY_PSEUDONYM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_imported_customer_is_held_to_the_level_of_its_reseller),
		cmocka_unit_test(a_level_above_shows_all_that_is_below),
	};

	return run_rows("privacy_level_rows", rows, level_row_test) +
	       cmocka_run_group_tests_name("privacy_level", tests, NULL, NULL);
}
