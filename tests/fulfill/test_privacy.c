/*
 * test_privacy.c - who is meant, what goes, what stays, and what goes by itself (C14).
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/privacy.h"
#include "fulfill/domain/privacy_notice.h"
#include "fulfill/domain/retain.h"
#include "fulfill/domain/ticket.h"
#include "fulfill/issue/sign.h"
#include "mailer/minisign.h"
#include "queue/clock.h"
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
	clock_set_at(0);
	return 0;
}

static void
run(const char *sql)
{
	g_autoptr(GError) error = NULL;

	if (!db_exec(shop.db, fix_stmt(sql), DB_NO_ARGS, NULL, &error))
		fail_msg("%s: %s", sql, error->message);
}

/* Erases and commits; the error's code, -1 for none. */
static int
erase(const char *who, const char *reason)
{
	static int n;
	g_autoptr(GError) error = NULL;
	g_autoptr(PrivacyPerson) person = privacy_person_find(shop.db, who, &error);
	g_autofree char *key = g_strdup_printf("k%d", n++);
	PrivacyOrder order = { .key = key,
		.actor = "test",
		.reason = reason,
		.keep_years = 8,
		.at = clock_now_at() };
	g_auto(DbTx) tx = DB_TX_INIT;
	json_t *report = NULL;

	if (person == NULL)
		return error->code;
	assert_true(db_begin(shop.db, DB_WRITE, &tx, NULL));
	if (!privacy_erase(&tx, person, &order, &report, &error))
		return error->code;
	json_decref(report);
	assert_true(db_commit(&tx, &error));
	return -1;
}

/* ---- who is meant ---- */

typedef struct Row {
	const char *name;
	const char *who;
	int members; /* -1: the error below */
	int code;
	const char *first; /* scope of the first member */
} Row;

/* clang-format off */
static const Row rows[] = {
	{ "a customer by its reseller's number", "R-300/C-101", 2, 0, "party" },
	{ "a customer whose number nobody else has", "C-101", 2, 0, "party" },
	{ "a customer by address", "a.oettinger@oettinger-stahlbau.example", 2, 0, "party" },
	{ "case makes no difference", "A.Oettinger@Oettinger-Stahlbau.example", 2, 0, "party" },
	{ "a reseller is no person", "R-100", -1, TP_ERROR_REFUSED, NULL },
	{ "the vendor is no person", "VENDOR", -1, TP_ERROR_REFUSED, NULL },
	{ "a number under the wrong reseller", "R-100/C-101", -1, TP_ERROR_NOT_FOUND, NULL },
	{ "an address that was never seen", "no@body.example", -1, TP_ERROR_NOT_FOUND, NULL },
	{ "nothing", "", -1, TP_ERROR_NOT_FOUND, NULL },
};
/* clang-format on */

static void
who_row_test(void **state)
{
	const Row *row = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(PrivacyPerson) person = NULL;

	setup(NULL);
	person = privacy_person_find(shop.db, row->who, &error);
	if (row->members < 0) {
		assert_null(person);
		assert_int_equal(error->code, row->code);
	} else {
		const PrivacyMember *member;

		assert_no_error(error);
		assert_int_equal(person->members->len, row->members);
		member = g_ptr_array_index(person->members, 0);
		assert_string_equal(erase_scope_name(member->scope), row->first);
		/* Reports show labels: no word about the person in them. */
		assert_false(privacy_person_is_named(person, member->label));
	}
	teardown(NULL);
}

static void
two_resellers_with_the_same_number_are_asked_for(void **state)
{
	(void)state;
	run("UPDATE party SET code = 'C-9' WHERE code = 'C-101'");
	run("UPDATE party SET code = 'C-9' WHERE code = 'C-103'");
	assert_int_equal(erase("C-9", "x"), TP_ERROR_CONFLICT);
	assert_int_equal(erase("R-100/C-9", "x"), -1);
	assert_int_equal(erase("C-9", "x"), -1);
}

/* ---- erasing ---- */

static void
bookings_and_the_ticket_stay_and_the_person_goes(void **state)
{
	g_autoptr(GError) error = NULL;
	g_auto(Code) code = { 0 };
	char text[CODE_TEXT_SIZE];
	int64_t id;
	int64_t found;
	int64_t rows_n;
	int64_t bad;

	(void)state;
	fix_order(&shop, "A", "CAD-PRO", 2, "email", "customer", &id);
	fix_issue(&shop, id);
	assert_true(ticket_open(shop.db, shop.vault, 1, &code, &error));
	code_format(&code, text);
	assert_int_equal(erase("zoe@example.org", "asked"), -1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM party WHERE name = 'Zoë Müller' OR "
			   "email = 'zoe@example.org'"),
	    0);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM licence"), 2);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM sale_event WHERE amount_minor > 0"), 2);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM mail_out WHERE to_email <> "
					"'' OR context <> '{}' OR to_name IS NOT NULL"),
	    0);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM job WHERE kind = 'mail' AND state = "
			   "'cancelled'"),
	    2);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM delivery WHERE state = 'aborted'"), 2);
	/* R14.4 */
	assert_true(ticket_resolve(shop.db, shop.vault, text, &found, &error));
	assert_int_equal(found, 1);
	assert_int_equal(audit_verify(shop.db, &rows_n, &bad, &error), 1);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM erasure WHERE "
					"keep_until_day IS NOT NULL"),
	    2);
	/* Once is enough. */
	assert_int_equal(erase("zoe@example.org", "asked"), TP_ERROR_NOT_FOUND);
}

static void
a_mail_that_is_leaving_is_not_torn_away(void **state)
{
	int64_t id;

	(void)state;
	fix_order(&shop, "A", "CAD-PRO", 1, "email", "customer", &id);
	fix_issue(&shop, id);
	run("UPDATE job SET state = 'leased', lease_owner = 'x', lease_until_at = 1 "
	    "WHERE kind = 'mail'");
	assert_int_equal(erase("zoe@example.org", "asked"), TP_ERROR_BUSY);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM party WHERE email = 'zoe@example.org'"),
	    1);
}

static void
a_running_contract_needs_its_data(void **state)
{
	int64_t id;

	(void)state;
	fix_order(&shop, "A", "CAD-SUB", 1, "email", "customer", &id);
	fix_issue(&shop, id);
	assert_int_equal(erase("zoe@example.org", "asked"), TP_ERROR_CONFLICT);
	run("UPDATE subscription SET state = 'cancelled'");
	assert_int_equal(erase("zoe@example.org", "asked"), -1);
}

static void
an_order_not_issued_yet_is_withdrawn(void **state)
{
	int64_t id;

	(void)state;
	fix_order(&shop, "A", "CAD-PRO", 1, "post", "customer", &id);
	assert_int_equal(erase("zoe@example.org", "asked"), -1);
	assert_int_equal(fix_issue(&shop, id), 0);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM orders WHERE state = 'cancelled'"), 1);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM print_piece"), 0);
}

static void
an_address_that_others_share_leaves_them_alone(void **state)
{
	int64_t a;
	int64_t b;

	(void)state;
	fix_order(&shop, "A", "CAD-PRO", 1, "email", "customer", &a);
	fix_order(&shop, "B", "CAD-PRO", 1, "email", "customer", &b);
	fix_issue(&shop, a);
	fix_issue(&shop, b);
	run("UPDATE party SET code = 'C-A' WHERE id = (SELECT min(customer_id) FROM "
	    "orders)");
	assert_int_equal(erase("R-100/C-A", "asked"), -1);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM mail_out WHERE to_email = "
					"'zoe@example.org' AND context <> '{}'"),
	    1);
	/* By the address itself everybody behind it is meant. */
	assert_int_equal(erase("zoe@example.org", "asked"), -1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM mail_out WHERE to_email <> ''"), 0);
}

static void
a_user_and_an_employee_go_by_their_address(void **state)
{
	(void)state;
	run("INSERT INTO employee (code, email, name, from_day, created_at, changed_at)"
	    " VALUES ('E-77', 'ute@staff.example', 'Ute Quast', '2020-01-01', 5, 5)");
	run("INSERT INTO \"user\" (party_id, email, name, role, created_at) VALUES (1, "
	    "'ute@staff.example', 'Ute Quast', 'user', 6)");
	run("INSERT INTO \"grant\" (user_id, group_id, may) VALUES ((SELECT max(id) FROM "
	    "\"user\"), 1, '[]')");
	assert_int_equal(erase("ute@staff.example", "left"), -1);
	assert_int_equal(
	    fix_int(&shop, "SELECT (SELECT count(*) FROM employee WHERE name = 'Ute "
			   "Quast' OR code = 'E-77') + (SELECT count(*) FROM \"user\" "
			   "WHERE name = 'Ute Quast' OR email LIKE 'ute@%')"),
	    0);
	/* An erased employee is employed no more: no programme sends anything. */
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM employee WHERE created_at = 5 AND "
			   "until_day IS NULL"),
	    0);
	assert_int_equal(
	    fix_int(&shop,
		"SELECT count(*) FROM \"grant\" WHERE user_id IS NOT NULL AND user_id = "
		"(SELECT id FROM \"user\" WHERE created_at = 6)"),
	    0);
}

/* R14.2: nothing is kept without a record of what was told, and it is told once. */
static void
a_customer_is_told_once_for_each_version(void **state)
{
	PrivacyNotice next = { "2", "maintenance", "https://example.org/p" };
	g_autoptr(GError) error = NULL;
	int64_t id;

	(void)state;
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM party p WHERE p.kind = 'customer' AND "
			   "NOT EXISTS (SELECT 1 FROM privacy_notice n WHERE n.party_id "
			   "= p.id)"),
	    0);
	fix_order(&shop, "A", "CAD-PRO", 2, "email", "customer", &id);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM privacy_notice n JOIN party p ON p.id = "
			   "n.party_id WHERE p.email = 'zoe@example.org' AND n.version = "
			   "'1' AND n.mail_id IS NULL"),
	    1);
	fix_issue(&shop, id);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM mail_out WHERE context LIKE "
			   "'%\"privacy\"%'"),
	    1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM privacy_notice WHERE mail_id IS NOT "
			   "NULL"),
	    1);
	assert_true(privacy_notice_set(shop.db, &next, &error));
	assert_true(privacy_notice_set(shop.db, &next, &error));
	fix_order(&shop, "B", "CAD-PRO", 1, "email", "customer", &id);
	fix_issue(&shop, id);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM mail_out WHERE context LIKE "
			   "'%maintenance%'"),
	    1);
}

/* A letter has room for it, a card on a sheet has not; several cards are one letter. */
static void
a_letter_tells_it_and_a_sheet_of_cards_does_not(void **state)
{
	int64_t id;

	(void)state;
	fix_order(&shop, "A", "CAD-PRO", 1, "post", "customer", &id);
	fix_issue(&shop, id);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM privacy_notice WHERE"
					" piece_id IS NOT NULL"),
	    0);
	shop.issue.product = "letter";
	fix_order(&shop, "B", "CAD-PRO", 3, "post", "customer", &id);
	fix_issue(&shop, id);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM privacy_notice n JOIN print_piece p ON"
			   " p.id = n.piece_id WHERE p.envelope = p.id AND p.context"
			   " LIKE '%\"privacy\"%' AND n.version = '1'"),
	    1);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM print_piece WHERE context"
					" LIKE '%\"privacy\"%'"),
	    1);
	/* Who orders for itself is told by contract. */
	fix_order(&shop, "C", "CAD-PRO", 1, "post", "party", &id);
	fix_issue(&shop, id);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM privacy_notice WHERE"
					" piece_id IS NOT NULL"),
	    1);
}

static void
a_reason_that_names_the_person_is_refused(void **state)
{
	(void)state;
	assert_int_equal(
	    erase("R-300/C-101", "ANNEGRET ÖTTINGER wrote"), TP_ERROR_INVALID);
	assert_int_equal(erase("R-300/C-101", "a letter came"), -1);
}

static void
a_row_of_the_same_number_after_a_restore_is_another_person(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(PrivacyPerson) right = NULL;
	g_autoptr(PrivacyPerson) wrong = NULL;
	int64_t id = fix_int(&shop, "SELECT id FROM party WHERE code = 'C-101'");
	int64_t at = fix_int(&shop, "SELECT created_at FROM party WHERE code = 'C-101'");

	(void)state;
	right = privacy_person_again(shop.db, ERASE_PARTY, id, at, &error);
	assert_non_null(right);
	wrong = privacy_person_again(shop.db, ERASE_PARTY, id, at + 1, &error);
	assert_null(wrong);
	assert_no_error(error);
}

/* ---- what goes by itself ---- */

static int64_t
retire(RetainRule rule, const char *before)
{
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	RetainBefore limit = { 0 };
	int64_t n = 0;
	int64_t due = 0;

	assert_true(day_parse(before, &limit.day, &error));
	limit.at = day_start_at(limit.day, shop.zone);
	assert_true(retain_count(shop.db, rule, &limit, &due, &error));
	if (retain_is_of_people(rule)) {
		g_autoptr(GArray) people =
		    retain_people(shop.db, rule, &limit, 10, &error);

		assert_no_error(error);
		assert_int_equal(people->len, due);
		return people->len;
	}
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_true(retain_slice(&tx, rule, &limit, &n, &error));
	assert_true(db_commit(&tx, &error));
	assert_int_equal(n, due);
	return n;
}

static void
rules_take_what_is_old_and_nothing_else(void **state)
{
	int64_t id;

	(void)state;
	fix_order(&shop, "A", "CAD-PRO", 1, "email", "customer", &id);
	fix_issue(&shop, id);
	fix_order(&shop, "B", "CAD-PRO", 1, "post", "customer", &id);
	fix_issue(&shop, id);
	run("UPDATE print_piece SET state = 'shipped'");
	assert_int_equal(retire(RETAIN_MAILS, "2000-01-01"), 0);
	assert_int_equal(retire(RETAIN_MAILS, "2999-01-01"), 1);
	assert_int_equal(retire(RETAIN_MAILS, "2999-01-01"), 0);
	assert_int_equal(retire(RETAIN_CARDS, "2999-01-01"), 1);
	assert_int_equal(retire(RETAIN_CARDS, "2999-01-01"), 0);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM mail_out WHERE to_email <> ''"), 0);
}

static void
people_go_when_their_last_licence_is_long_over(void **state)
{
	int64_t id;

	(void)state;
	fix_order(&shop, "A", "CAD-DEMO", 1, "email", "customer", &id);
	fix_issue(&shop, id);
	assert_int_equal(retire(RETAIN_DEMOS, "2026-01-01"), 0);
	assert_int_equal(retire(RETAIN_DEMOS, "2999-01-01"), 1);
	assert_int_equal(retire(RETAIN_CUSTOMERS, "2999-01-01"), 1);
	/* A licence for ever is never over, and makes more than a demo user. */
	run("UPDATE licence SET last_day = NULL");
	assert_int_equal(retire(RETAIN_CUSTOMERS, "2999-01-01"), 0);
	run("UPDATE licence SET last_day = '2026-12-01', product_id = (SELECT id FROM "
	    "product WHERE sku = 'CAD-PRO')");
	assert_int_equal(retire(RETAIN_DEMOS, "2999-01-01"), 0);
	assert_int_equal(retire(RETAIN_CUSTOMERS, "2999-01-01"), 1);
}

static void
a_lowered_level_takes_what_is_above_it(void **state)
{
	(void)state;
	assert_int_equal(retire(RETAIN_LEVELS, "2026-01-01"), 0);
	run("UPDATE party SET privacy = 'company' WHERE code = 'R-300'");
	assert_true(retire(RETAIN_LEVELS, "2026-01-01") >= 2);
	assert_int_equal(retire(RETAIN_LEVELS, "2026-01-01"), 0);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM party WHERE code = 'C-101' AND name IS "
			   "NULL AND email IS NULL AND address IS NULL AND company IS "
			   "NOT NULL"),
	    1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM party WHERE code = 'C-103' AND name IS "
			   "NOT NULL"),
	    1);
}

static void
the_link_goes_when_the_legal_time_is_over(void **state)
{
	int64_t id;

	(void)state;
	fix_order(&shop, "A", "CAD-PRO", 1, "email", "customer", &id);
	fix_issue(&shop, id);
	assert_int_equal(erase("zoe@example.org", "asked"), -1);
	assert_int_equal(retire(RETAIN_BOOKS, "2030-01-01"), 0);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM licence WHERE holder_id IS NOT NULL"),
	    1);
	assert_int_equal(retire(RETAIN_BOOKS, "2099-01-01"), 1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM licence WHERE holder_id IS NOT NULL"),
	    0);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM licence"), 1);
	assert_int_equal(retire(RETAIN_BOOKS, "2099-01-01"), 0);
}

static void
what_we_state_can_be_checked_by_others(void **state)
{
	static const char document[] = "{\"erasure\": \"k1\"}";
	g_autoptr(GError) error = NULL;
	g_autofree char *key_text = sign_public_key(shop.vault);
	g_autofree char *text =
	    sign_document(shop.vault, document, strlen(document), "erasure=k1");
	g_autoptr(Minisign) signature = minisign_parse(text, strlen(text), &error);
	MinisignKey key;
	uint8_t a[VAULT_KEY_BYTES];
	uint8_t b[VAULT_KEY_BYTES];

	(void)state;
	assert_no_error(error);
	assert_true(minisign_key_parse(key_text, &key, &error));
	assert_true(minisign_verify(signature, &key, document, strlen(document), &error));
	assert_string_equal(signature->trusted_comment, "erasure=k1");
	assert_false(
	    minisign_verify(signature, &key, document, strlen(document) - 1, NULL));
	sign_mac(shop.vault, "a@example.org", a);
	sign_mac(shop.vault, "b@example.org", b);
	assert_memory_not_equal(a, b, sizeof(a));
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(two_resellers_with_the_same_number_are_asked_for),
		T(bookings_and_the_ticket_stay_and_the_person_goes),
		T(a_mail_that_is_leaving_is_not_torn_away),
		T(a_running_contract_needs_its_data),
		T(an_order_not_issued_yet_is_withdrawn),
		T(an_address_that_others_share_leaves_them_alone),
		T(a_user_and_an_employee_go_by_their_address),
		T(a_customer_is_told_once_for_each_version),
		T(a_letter_tells_it_and_a_sheet_of_cards_does_not),
		T(a_reason_that_names_the_person_is_refused),
		T(a_row_of_the_same_number_after_a_restore_is_another_person),
		T(rules_take_what_is_old_and_nothing_else),
		T(people_go_when_their_last_licence_is_long_over),
		T(a_lowered_level_takes_what_is_above_it),
		T(the_link_goes_when_the_legal_time_is_over),
		T(what_we_state_can_be_checked_by_others),
	};

	return run_rows("who is meant", rows, who_row_test) +
	       cmocka_run_group_tests_name("privacy", tests, NULL, NULL);
}
