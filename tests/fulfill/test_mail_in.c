/*
 * test_mail_in.c - what comes in is stored once and sealed, read by one reader at a time,
 * and put aside when it kills them.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/mail_back.h"
#include "fulfill/domain/mail_in.h"
#include "queue/limits.h"
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

static int
add(const char *bytes, int64_t *ret_id)
{
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	MailInNew mail = { .source = "receive", .bytes = bytes, .size = strlen(bytes) };
	int added;

	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	added = mail_in_add(&tx, shop.vault, &mail, ret_id, &error);
	assert_no_error(error);
	assert_true(db_commit(&tx, &error));
	return added;
}

static MailIn *
take(void)
{
	g_autoptr(GError) error = NULL;
	MailIn *mail = NULL;
	int taken = mail_in_take(shop.db, &mail, &error);

	assert_no_error(error);
	assert_int_equal(taken, mail != NULL);
	return mail;
}

static int
settle(const MailIn *mail, const MailInFound *found)
{
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	int settled;

	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	settled = mail_in_settle(&tx, mail, found, &error);
	assert_no_error(error);
	assert_true(db_commit(&tx, &error));
	return settled;
}

static void
due_again(void)
{
	static const Stmt now = { .name = "test.due",
		.sql = "UPDATE mail_in SET due_at = 0" };
	g_autoptr(GError) error = NULL;

	assert_true(db_exec(shop.db, &now, DB_NO_ARGS, NULL, &error));
}

static void
the_same_bytes_are_taken_once(void **state)
{
	int64_t a;
	int64_t b;
	int64_t c;

	(void)state;
	assert_int_equal(add("Subject: x\n\ny\n", &a), 1);
	assert_int_equal(add("Subject: x\n\ny\n", &b), 0);
	assert_int_equal(add("Subject: x\n\nz\n", &c), 1);
	assert_int_equal(a, b);
	assert_int_not_equal(a, c);
}

static void
nothing_and_too_much_are_refused(void **state)
{
	g_autofree char *huge = g_malloc0(LIMIT_INTAKE_BYTES + 1);
	const MailInNew rows[] = {
		{ .source = "receive", .bytes = "", .size = 0 },
		{ .source = "receive", .bytes = huge, .size = LIMIT_INTAKE_BYTES + 1 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_auto(DbTx) tx = DB_TX_INIT;
		int64_t id;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_int_equal(mail_in_add(&tx, shop.vault, &rows[i], &id, &error), -1);
		assert_true(g_error_matches(error, TP_ERROR, TP_ERROR_INVALID));
	}
}

static void
the_bytes_are_sealed_at_rest_and_come_back(void **state)
{
	static const Stmt seen = { .name = "test.sealed",
		.sql = "SELECT sealed FROM mail_in" };
	static const char text[] = "Subject: x\n\n7K3QF-M2XWT-9PB4H-C6VDZ-HJR8N\n";
	g_autoptr(GError) error = NULL;
	g_autoptr(DbRows) rows = NULL;
	g_autoptr(GBytes) back = NULL;
	const void *sealed;
	size_t size;
	int64_t id;

	(void)state;
	add(text, &id);
	rows = db_query(shop.db, &seen, DB_NO_ARGS, &error);
	assert_int_equal(db_next(rows, &error), 1);
	sealed = db_col_blob(rows, 0, &size);
	assert_true(size > strlen(text));
	assert_null(memmem(sealed, size, "7K3QF", 5));
	assert_null(memmem(sealed, size, "Subject", 7));
	g_clear_pointer(&rows, db_rows_done);
	back = mail_in_bytes(shop.db, shop.vault, id, &error);
	assert_no_error(error);
	assert_int_equal(g_bytes_get_size(back), strlen(text));
	assert_memory_equal(g_bytes_get_data(back, NULL), text, strlen(text));
}

static void
one_reader_at_a_time_and_a_slow_one_settles_nothing(void **state)
{
	g_autoptr(MailIn) first = NULL;
	g_autoptr(MailIn) second = NULL;
	MailInFound found = { .state = MAIL_IN_DONE, .kind = "order", .wipe = true };
	int64_t id;

	(void)state;
	add("Subject: x\n\ny\n", &id);
	first = take();
	assert_non_null(first);
	assert_null(take());
	due_again(); /* its time is over */
	second = take();
	assert_non_null(second);
	assert_int_equal(settle(first, &found), 0);
	assert_int_equal(settle(second, &found), 1);
	assert_int_equal(settle(second, &found), 0);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM mail_in WHERE sealed IS NULL"), 1);
}

static void
what_kills_its_reader_twice_waits_for_a_person(void **state)
{
	g_autoptr(GError) error = NULL;
	MailInState after[2];
	int64_t id;

	(void)state;
	add("Subject: x\n\ny\n", &id);
	for (int i = 0; i < 2; i++) {
		g_autoptr(MailIn) mail = take();
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_non_null(mail);
		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_true(mail_in_died(&tx, mail, "signal 11", &after[i], &error));
		assert_true(db_commit(&tx, &error));
		due_again();
	}
	assert_int_equal(after[0], MAIL_IN_RECEIVED);
	assert_int_equal(after[1], MAIL_IN_POISON);
	assert_null(take());
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM mail_in WHERE state = 'poison'"
			   " AND reason LIKE '%signal 11%'"),
	    1);
}

static void
a_person_releases_what_is_held_and_discards_wipe(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(MailIn) mail = NULL;
	g_autoptr(MailIn) again = NULL;
	MailInFound held = { .state = MAIL_IN_HELD, .reason = "not proved" };
	int64_t id;

	(void)state;
	add("Subject: x\n\ny\n", &id);
	mail = take();
	assert_int_equal(settle(mail, &held), 1);
	assert_null(take());
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_true(mail_in_release(&tx, id, 0, "she called", &error));
		assert_true(db_commit(&tx, &error));
	}
	again = take();
	assert_non_null(again);
	assert_string_equal(again->proof, "person");
	assert_int_equal(settle(again, &held), 1);
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_true(mail_in_discard(&tx, id, NULL, &error));
		assert_true(db_commit(&tx, &error));
	}
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_false(mail_in_release(&tx, id, 0, NULL, &error));
		assert_true(g_error_matches(error, TP_ERROR, TP_ERROR_CONFLICT));
	}
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM mail_in WHERE sealed IS NULL"), 1);
}

/* ---- what came back ---- */

static void
mark_sent(void)
{
	static const Stmt sent = { .name = "test.sent",
		.sql = "UPDATE delivery SET state = 'sent'" };
	g_autoptr(GError) error = NULL;

	assert_true(db_exec(shop.db, &sent, DB_NO_ARGS, NULL, &error));
}

static void
bounce(const char *fallback, int64_t *ret_n, int64_t *ret_again)
{
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	MailBack back = { .mail_id = 1,
		.class = "hard",
		.reason = "550 5.1.1 no such user",
		.fallback = fallback };

	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	if (!mail_back_failed(&tx, &shop.issue, &back, ret_n, ret_again, &error))
		fail_msg("%s", error->message);
	assert_true(db_commit(&tx, &error));
}

static void
a_bounced_ticket_takes_the_next_way_once(void **state)
{
	static const struct {
		const char *fallback;
		const char *to;
		int again;
	} rows[] = {
		{ "off", "customer", 0 },
		{ "post", "customer", 1 },
		{ "party", "customer", 1 },  /* R-100 has email, then post */
		{ "portal", "customer", 0 }, /* which it has not */
		{ "post", "party", 2 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		bool digest = strcmp(rows[i].to, "party") == 0;
		int64_t order;
		int64_t n = -1;
		int64_t again = -1;

		teardown(NULL);
		setup(NULL);
		fix_order(
		    &shop, "A", "CAD-PRO", digest ? 2 : 1, "email", rows[i].to, &order);
		fix_issue(&shop, order);
		mark_sent();
		bounce(rows[i].fallback, &n, &again);
		assert_int_equal(n, digest ? 2 : 1);
		assert_int_equal(again, rows[i].again);
		assert_int_equal(
		    fix_int(&shop,
			"SELECT count(*) FROM delivery WHERE purpose = 'fallback'"
			" AND state = 'batched'"),
		    rows[i].again);
		bounce(rows[i].fallback, &n, &again);
		assert_int_equal(n, 0);
		assert_int_equal(again, 0);
	}
}

static void
a_recalled_ticket_takes_no_other_way(void **state)
{
	static const Stmt recall = { .name = "test.recall",
		.sql = "UPDATE ticket SET state = 'recalled'" };
	g_autoptr(GError) error = NULL;
	int64_t order;
	int64_t n;
	int64_t again;

	(void)state;
	fix_order(&shop, "A", "CAD-PRO", 1, "email", "customer", &order);
	fix_issue(&shop, order);
	mark_sent();
	assert_true(db_exec(shop.db, &recall, DB_NO_ARGS, NULL, &error));
	bounce("post", &n, &again);
	assert_int_equal(n, 1);
	assert_int_equal(again, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    the_same_bytes_are_taken_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    nothing_and_too_much_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    the_bytes_are_sealed_at_rest_and_come_back, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    one_reader_at_a_time_and_a_slow_one_settles_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_kills_its_reader_twice_waits_for_a_person, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_person_releases_what_is_held_and_discards_wipe, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_bounced_ticket_takes_the_next_way_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_recalled_ticket_takes_no_other_way, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
