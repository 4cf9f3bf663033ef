/*
 * test_mail_again.c - a ticket leaves again for those who may have it, and never has two
 * holders.
 */
#include "tests/support/cm.h"

#include <jansson.h>
#include <string.h>

#include "fulfill/domain/mail_again.h"
#include "fulfill/domain/mail_out.h"
#include "fulfill/domain/ticket.h"
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

/* Each statement stays until the store is closed: its cache is by address. */
static void
run(const char *sql)
{
	g_autoptr(GError) error = NULL;

	assert_true(db_exec(shop.db, fix_stmt(sql), DB_NO_ARGS, NULL, &error));
}

static void
all_deliveries(const char *delivery_state)
{
	g_autofree char *sql =
	    g_strdup_printf("UPDATE delivery SET state = '%s'", delivery_state);

	run(sql);
}

/* An order of two tickets for the pool of R-100, mailed as one digest. */
static void
sell_to_pool(void)
{
	int64_t id;

	fix_order(&shop, "A", "CAD-PRO", 2, "email", "party", &id);
	fix_issue(&shop, id);
	run("UPDATE licence SET holder_id = NULL");
	all_deliveries("sent");
}

static bool
forward(int64_t ticket_id, const char *to, int64_t party_id, int64_t *ret_mail,
    GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;
	Forward f = { .ticket_id = ticket_id,
		.to = to,
		.name = "Ada",
		.language = "en",
		.party_id = party_id,
		.zone = shop.zone };

	assert_true(db_begin(shop.db, DB_WRITE, &tx, error));
	return mail_again_forward(&tx, &f, ret_mail, error) && db_commit(&tx, error);
}

static bool
resend(int64_t ticket_id, const char *to, int64_t *ret_mail, GError **error)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	assert_true(db_begin(shop.db, DB_WRITE, &tx, error));
	return mail_again_resend(&tx, ticket_id, to, "lost", ret_mail, error) &&
	       db_commit(&tx, error);
}

static int64_t
reseller(const char *code)
{
	g_autofree char *sql =
	    g_strdup_printf("SELECT id FROM party WHERE code = '%s'", code);

	return fix_int(&shop, sql);
}

static void
a_ticket_of_a_digest_is_sent_again_alone(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(MailOut) mail = NULL;
	json_t *context;
	int64_t id;

	(void)state;
	sell_to_pool();
	assert_true(resend(2, NULL, &id, &error));
	mail = mail_out_get(shop.db, id, &error);
	assert_string_equal(mail->text, "ticket");
	assert_int_equal(mail->sealed->len, 1);
	context = json_loads(mail->context, 0, NULL);
	assert_null(json_object_get(context, "tickets"));
	assert_int_equal(json_integer_value(json_object_get(context, "ticket_id")), 2);
	assert_non_null(json_object_get(context, "product"));
	json_decref(context);
	assert_false(resend(2, NULL, &id, &error));
	assert_true(g_error_matches(error, TP_ERROR, TP_ERROR_CONFLICT));
}

static void
a_forwarded_ticket_has_a_holder_and_the_resellers_name(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(MailOut) mail = NULL;
	int64_t id;

	(void)state;
	sell_to_pool();
	assert_true(forward(1, "ada@customer.example", reseller("R-100"), &id, &error));
	mail = mail_out_get(shop.db, id, &error);
	assert_string_equal(mail->text, "forward");
	assert_string_equal(mail->to_email, "ada@customer.example");
	assert_string_equal(mail->brand, "r100");
	assert_string_equal(mail->language, "en");
	assert_string_equal(mail->reply_to, "lizenzen@kranichhaus.example");
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM licence l JOIN party p ON p.id ="
			   " l.holder_id WHERE p.email = 'ada@customer.example'"),
	    1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM licence WHERE holder_id IS NULL"), 1);
}

static void
a_ticket_never_has_two_holders(void **state)
{
	g_autoptr(GError) error = NULL;
	int64_t id;

	(void)state;
	sell_to_pool();
	assert_true(forward(1, "ada@customer.example", 0, &id, &error));
	all_deliveries("sent");
	assert_false(forward(1, "eve@customer.example", 0, &id, &error));
	assert_true(g_error_matches(error, TP_ERROR, TP_ERROR_CONFLICT));
	g_clear_error(&error);
	/* To the same again is no second holder. */
	assert_true(forward(1, "ada@customer.example", 0, &id, &error));
	/* When all of it came back, nobody has it. */
	all_deliveries("bounced");
	assert_true(forward(1, "eve@customer.example", 0, &id, &error));
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM licence l JOIN party p ON p.id ="
			   " l.holder_id WHERE p.email = 'eve@customer.example'"),
	    1);
}

static void
who_may_not_forward_is_told_why(void **state)
{
	g_autoptr(GError) error = NULL;
	int64_t id;

	(void)state;
	sell_to_pool();
	assert_false(forward(1, "ada@customer.example", reseller("R-200"), &id, &error));
	assert_true(g_error_matches(error, TP_ERROR, TP_ERROR_DENIED));
	g_clear_error(&error);
	run("UPDATE party SET privacy = 'company' WHERE code = 'R-100'");
	assert_false(forward(1, "ada@customer.example", reseller("R-100"), &id, &error));
	assert_true(g_error_matches(error, TP_ERROR, TP_ERROR_DENIED));
	g_clear_error(&error);
	run("UPDATE party SET privacy = 'address' WHERE code = 'R-100'");
	run("UPDATE ticket SET state = 'recalled'");
	assert_false(forward(1, "ada@customer.example", reseller("R-100"), &id, &error));
	assert_true(g_error_matches(error, TP_ERROR, TP_ERROR_CONFLICT));
	g_clear_error(&error);
	assert_false(forward(99, "ada@customer.example", 0, &id, &error));
	assert_true(g_error_matches(error, TP_ERROR, TP_ERROR_NOT_FOUND));
}

static void
a_card_that_went_by_post_can_be_mailed_too(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(MailOut) mail = NULL;
	int64_t order;
	int64_t id;

	(void)state;
	fix_order(&shop, "P", "CAD-PRO", 1, "post", "customer", &order);
	fix_issue(&shop, order);
	assert_false(resend(1, NULL, &id, &error));
	assert_true(g_error_matches(error, TP_ERROR, TP_ERROR_CONFLICT));
	g_clear_error(&error);
	assert_true(resend(1, "zoe@example.org", &id, &error));
	mail = mail_out_get(shop.db, id, &error);
	assert_string_equal(mail->text, "ticket");
	assert_null(strstr(mail->context, "Kaiserstr"));
}

static void
the_address_on_file_is_told_beside_the_last(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *last = NULL;
	g_autofree char *now = NULL;
	int64_t order;

	(void)state;
	fix_order(&shop, "A", "CAD-PRO", 1, "email", "customer", &order);
	fix_issue(&shop, order);
	run("UPDATE party SET email = 'new@example.org' WHERE email = 'zoe@example.org'");
	assert_true(mail_again_address(shop.db, 1, &last, &now, &error));
	assert_string_equal(last, "zoe@example.org");
	assert_string_equal(now, "new@example.org");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_ticket_of_a_digest_is_sent_again_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_forwarded_ticket_has_a_holder_and_the_resellers_name, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    a_ticket_never_has_two_holders, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    who_may_not_forward_is_told_why, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_card_that_went_by_post_can_be_mailed_too, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    the_address_on_file_is_told_beside_the_last, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
