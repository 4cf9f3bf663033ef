/*
 * test_print.c - batches move as their table says, and nothing is printed twice unasked.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/domain/audit.h"
#include "fulfill/domain/four_eyes.h"
#include "fulfill/domain/print_batch.h"
#include "fulfill/domain/print_file.h"
#include "fulfill/domain/reprint.h"
#include "fulfill/domain/serial.h"
#include "fulfill/domain/ticket.h"
#include "tests/support/fix_shop.h"

static FixShop shop;

static int
setup(void **state)
{
	(void)state;
	fix_shop(&shop);
	audit_actor_set("cli:ada");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fix_shop_done(&shop);
	return 0;
}

/* Runs one deed in a transaction of its own; the code of its error, or -1. */
#define DEED(call)                                                                       \
	({                                                                               \
		g_autoptr(GError) error_ = NULL;                                         \
		g_auto(DbTx) tx = DB_TX_INIT;                                            \
		GError **error = &error_;                                                \
		bool ok_ = db_begin(shop.db, DB_WRITE, &tx, error) && (call) &&          \
			   db_commit(&tx, error);                                        \
		ok_ ? -1 : (int)error_->code;                                            \
	})

/* A batch of `n` cards that was printed. */
static void
printed_batch(int n)
{
	int64_t id;

	fix_order(&shop, "A", "CAD-PRO", n, "post", "customer", &id);
	assert_int_equal(fix_issue(&shop, id), n);
	assert_int_equal(DEED(print_batch_close(&tx, 1, 0, error)), -1);
	assert_int_equal(DEED(print_batch_rendered(&tx, 1, "hash", error)), -1);
	assert_int_equal(DEED(print_batch_printed(&tx, 1, NULL, error)), -1);
}

/* Serials. */

typedef struct SerialRow {
	const char *name;
	const char *text;
	int64_t id; /* 0: refused */
} SerialRow;

/* clang-format off */
static const SerialRow serials[] = {
	{ "as printed",                 "C000000013",      1 },
	{ "a label",                    "L000000013",      1 },
	{ "small letters and blanks",   " c0000 00013\r\n", 1 },
	{ "one digit wrong",            "C000000023",      0 },
	{ "two swapped",                "C000000031",      0 },
	{ "too short",                  "C13",             0 },
	{ "a ticket's code",            "ABCDE-FGHJK-MNPQR-STVWX-YZ234", 0 },
	{ "nothing",                    "",                0 },
};
/* clang-format on */

static void
a_serial_is_read_or_refused(void **state)
{
	const SerialRow *row = *state;
	g_autoptr(GError) error = NULL;
	SerialKind kind;
	int64_t id = 0;

	assert_int_equal(serial_parse(row->text, &kind, &id, &error), row->id != 0);
	assert_int_equal(id, row->id);
}

static void
every_single_wrong_digit_and_every_swap_is_seen(void **state)
{
	char good[SERIAL_SIZE];
	int tried = 0;

	(void)state;
	serial_format(SERIAL_CARD, 90817263, good);
	for (size_t i = 1; i < strlen(good); i++) {
		for (char c = '0'; c <= '9'; c++) {
			char bad[SERIAL_SIZE];
			SerialKind kind;
			int64_t id;

			memcpy(bad, good, sizeof(bad));
			bad[i] = c;
			if (c == good[i])
				continue;
			assert_false(serial_parse(bad, &kind, &id, NULL));
			tried++;
		}
		if (i > 1 && good[i] != good[i - 1]) {
			char bad[SERIAL_SIZE];
			SerialKind kind;
			int64_t id;

			memcpy(bad, good, sizeof(bad));
			bad[i] = good[i - 1];
			bad[i - 1] = good[i];
			assert_false(serial_parse(bad, &kind, &id, NULL));
		}
	}
	assert_int_equal(tried, 81);
}

/* Every event from every state does what the table says, in the store too. */
static void
the_store_obeys_the_table_of_moves(void **state)
{
	static const char *const set[] = { "open", "closed", "rendered", "submitting",
		"submitted", "doubt", "printed", "packed", "shipped", "returned",
		"cancelled" };
	int legal = 0;
	int64_t id;

	(void)state;
	fix_order(&shop, "A", "CAD-PRO", 1, "post", "customer", &id);
	fix_issue(&shop, id);
	for (int from = 0; from < BATCH_N_STATES; from++) {
		assert_string_equal(batch_state_name((BatchState)from), set[from]);
		for (int event = 0; event < BATCH_N_EVENTS; event++) {
			g_autofree char *sql = g_strdup_printf(
			    "UPDATE print_batch SET state = '%s'", set[from]);
			Stmt force = { .name = "test.force", .sql = sql };
			bool can = batch_can((BatchState)from, (BatchEvent)event);
			g_autoptr(GError) error = NULL;
			g_auto(DbTx) tx = DB_TX_INIT;

			assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
			g_autofree char *script = g_strdup_printf("%s;", sql);
			(void)force;
			assert_true(db_script(&tx, script, &error));
			assert_int_equal(
			    batch_move(&tx, 1, (BatchEvent)event, NULL, &error), can);
			if (!can)
				assert_error(error, TP_ERROR_CONFLICT);
			legal += can;
		}
	}
	assert_int_equal(legal, 19);
}

static void
cards_of_one_order_share_an_envelope(void **state)
{
	int64_t id;

	(void)state;
	fix_order(&shop, "A", "CAD-PRO", 3, "post", "customer", &id);
	fix_issue(&shop, id);
	fix_order(&shop, "B", "CAD-PRO", 2, "post", "customer", &id);
	fix_issue(&shop, id);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM print_batch"), 1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(DISTINCT envelope) FROM print_piece"), 2);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM print_piece WHERE envelope"
					" = (SELECT min(id) FROM print_piece)"),
	    3);
}

static void
a_full_batch_is_due_at_once(void **state)
{
	int64_t id;

	(void)state;
	shop.issue.batch_size = 2;
	shop.issue.gather_us = INT64_C(3600000000);
	fix_order(&shop, "A", "CAD-PRO", 5, "post", "customer", &id);
	fix_issue(&shop, id);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM print_batch"), 3);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM job WHERE kind = 'print'"
					" AND key LIKE '%/now'"),
	    2);
}

static void
deliveries_follow_their_cards(void **state)
{
	(void)state;
	printed_batch(3);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM delivery WHERE state = 'printed'"), 3);
	assert_int_equal(DEED(print_batch_ship(&tx, 1, "DE1", false, error)), -1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM delivery WHERE state = 'shipped'"), 3);
	/* Shipped twice, closed twice, printed again: no. */
	assert_int_equal(
	    DEED(print_batch_ship(&tx, 1, "DE1", false, error)), TP_ERROR_CONFLICT);
	assert_int_equal(DEED(print_batch_close(&tx, 1, 0, error)), TP_ERROR_CONFLICT);
	assert_int_equal(
	    DEED(print_batch_printed(&tx, 1, NULL, error)), TP_ERROR_CONFLICT);
}

static void
a_spoiled_card_is_void_and_another_takes_its_place(void **state)
{
	int64_t next = 0;

	(void)state;
	printed_batch(2);
	assert_int_equal(
	    DEED(reprint_piece(&tx, &shop.issue, 1, false, "coffee", &next, error) == 1),
	    -1);
	assert_int_equal(next, 3);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM print_piece WHERE id = 1"
					" AND state = 'spoiled' AND reason = 'coffee'"),
	    1);
	assert_int_equal(
	    fix_int(&shop, "SELECT reprint FROM print_piece WHERE id = 3"), 1);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM delivery WHERE piece_id = 3"
					" AND state = 'batched'"),
	    1);
	assert_int_equal(fix_int(&shop, "SELECT ticket_id FROM print_piece WHERE id = 3"),
	    fix_int(&shop, "SELECT ticket_id FROM print_piece WHERE id = 1"));
	/* The old one is not spoiled twice, the new one not before it is printed. */
	assert_int_equal(
	    DEED(reprint_piece(&tx, &shop.issue, 1, false, "x", &next, error) == 1),
	    TP_ERROR_CONFLICT);
	assert_int_equal(
	    DEED(reprint_piece(&tx, &shop.issue, 3, false, "x", &next, error) == 1),
	    TP_ERROR_CONFLICT);
	assert_int_equal(
	    DEED(reprint_piece(&tx, &shop.issue, 2, false, NULL, &next, error) == 1),
	    TP_ERROR_INVALID);
}

static void
with_four_eyes_one_person_alone_prints_nothing(void **state)
{
	int64_t next = 0;

	(void)state;
	printed_batch(1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(DEED(reprint_piece(&tx, &shop.issue, 1, true, "torn",
					  &next, error) == 0),
		    -1);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM print_piece"), 1);
	audit_actor_set("cli:bob");
	assert_int_equal(DEED(reprint_piece(&tx, &shop.issue, 1, true, "torn, saw it",
				  &next, error) == 1),
	    -1);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM print_piece"), 2);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM four_eyes WHERE asked_by ="
					" 'cli:ada' AND confirmed_by = 'cli:bob'"),
	    1);
}

typedef struct EyesRow {
	const char *asks, *confirms;
	bool two;
} EyesRow;

static void
one_login_with_and_without_a_user_is_one_person(void **state)
{
	/* clang-format off */
	static const EyesRow rows[] = {
		{ "cli:ada",           "cli:ada",           false },
		{ "cli:ada",           "cli:ada as user/1", false },
		{ "cli:ada as user/1", "cli:ada",           false },
		{ "cli:ada as user/1", "cli:ada as user/1", false },
		{ "cli:ada",           "cli:adam",          true },
		{ "cli:ada as user/1", "cli:ada as user/2", true },
		{ "cli:ada",           "cli:bob as user/1", true },
		{ "cli:bob as user/1", "cli:ada",           true },
		{ "cli:ada_",          "cli:adam as user/1", true },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		audit_actor_set(rows[i].asks);
		assert_int_equal(
		    DEED(four_eyes(&tx, "reprint", (int64_t)i, "torn", error) == 0), -1);
		audit_actor_set(rows[i].confirms);
		assert_int_equal(DEED(four_eyes(&tx, "reprint", (int64_t)i, "torn too",
					  error) == (rows[i].two ? 1 : 0)),
		    -1);
	}
}

static void
what_is_called_back_before_shipping_is_pulled(void **state)
{
	int64_t next;

	(void)state;
	printed_batch(2);
	assert_int_equal(DEED(ticket_recall(&tx, 1, "storno", error)), -1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM print_piece WHERE state = 'pulled'"), 1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM delivery WHERE state = 'aborted'"), 1);
	assert_int_equal(DEED(print_batch_ship(&tx, 1, NULL, false, error)), -1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM print_piece WHERE state = 'shipped'"),
	    1);
	/* Not printed again, and what is out stays out. */
	assert_int_equal(
	    DEED(reprint_ticket(&tx, &shop.issue, 1, false, "x", &next, error) == 1),
	    TP_ERROR_CONFLICT);
	assert_int_equal(DEED(ticket_recall(&tx, 2, "storno", error)), -1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM print_piece WHERE state = 'shipped'"),
	    1);
}

static void
a_returned_card_goes_out_again_to_the_new_address(void **state)
{
	static const char address[] = "{\"lines\": [\"Neue Gasse 7\"], \"postcode\": "
				      "\"10115\", \"city\": \"Berlin\", \"country\": "
				      "\"DE\"}";
	int64_t next = 0;

	(void)state;
	printed_batch(1);
	assert_int_equal(DEED(reprint_returned(&tx, 1, "moved", error)),
	    TP_ERROR_CONFLICT); /* not shipped yet */
	assert_int_equal(DEED(print_batch_ship(&tx, 1, NULL, false, error)), -1);
	assert_int_equal(DEED(reprint_returned(&tx, 1, "moved", error)), -1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM print_batch WHERE state = 'returned'"),
	    1);
	assert_int_equal(
	    DEED(reprint_address(&tx, 1, "{\"line\": 1}", error)), TP_ERROR_INVALID);
	assert_int_equal(DEED(reprint_address(&tx, 1, address, error)), -1);
	assert_int_equal(
	    DEED(reprint_ticket(&tx, &shop.issue, 1, false, "moved", &next, error) == 1),
	    -1);
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM print_piece WHERE id = 2"
					" AND context LIKE '%Neue Gasse 7%'"),
	    1);
}

/* Files of a batch in doubt: what a person says holds for the one in doubt only. */
static void
doubt_is_resolved_by_a_person_file_by_file(void **state)
{
	int64_t id;

	(void)state;
	fix_order(&shop, "A", "CAD-PRO", 2, "post", "customer", &id);
	fix_issue(&shop, id);
	DEED(print_batch_close(&tx, 1, 0, error));
	DEED(print_batch_rendered(&tx, 1, "hash", error));
	for (int part = 1; part <= 2; part++) {
		PrintFile file = { .batch_id = 1,
			.part = part,
			.kind = (char[]){ "cards" },
			.name = (char[]){ "x" },
			.sha256 = (char[]){ "y" } };

		assert_int_equal(DEED(print_file_put(&tx, &file, error)), -1);
	}
	DEED(batch_move(&tx, 1, BATCH_SUBMIT, NULL, error));
	DEED(print_file_move(&tx, 1, ",written,", "doubt", NULL, NULL, error));
	DEED(batch_move(&tx, 1, BATCH_LOSE, "power cut", error));
	assert_int_equal(DEED(print_batch_resolve(&tx, 1, true, NULL, error)),
	    TP_ERROR_INVALID); /* no reason */
	assert_int_equal(
	    DEED(print_batch_resolve(&tx, 1, true, "saw the sheets", error)), -1);
	/* The second file was never sent: the batch goes on with it. */
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM print_batch WHERE state = 'rendered'"),
	    1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM print_file WHERE state = 'printed'"), 1);
	DEED(batch_move(&tx, 1, BATCH_SUBMIT, NULL, error));
	DEED(print_file_move(&tx, 2, ",written,", "doubt", NULL, NULL, error));
	DEED(batch_move(&tx, 1, BATCH_LOSE, "power cut", error));
	assert_int_equal(
	    DEED(print_batch_resolve(&tx, 1, true, "saw them too", error)), -1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM print_batch WHERE state = 'printed'"),
	    1);
	assert_int_equal(
	    DEED(print_batch_resolve(&tx, 1, true, "x", error)), TP_ERROR_CONFLICT);
}

static void
nothing_gathers_in_an_empty_batch(void **state)
{
	int64_t id;

	(void)state;
	fix_order(&shop, "A", "CAD-PRO", 1, "post", "customer", &id);
	fix_issue(&shop, id);
	assert_int_equal(DEED(ticket_recall(&tx, 1, "storno", error)), -1);
	assert_int_equal(DEED(print_batch_close(&tx, 1, 0, error)), TP_ERROR_CONFLICT);
	assert_int_equal(DEED(print_batch_close(&tx, 7, 0, error)), TP_ERROR_NOT_FOUND);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_single_wrong_digit_and_every_swap_is_seen),
		T(the_store_obeys_the_table_of_moves),
		T(cards_of_one_order_share_an_envelope),
		T(a_full_batch_is_due_at_once),
		T(deliveries_follow_their_cards),
		T(a_spoiled_card_is_void_and_another_takes_its_place),
		T(with_four_eyes_one_person_alone_prints_nothing),
		T(one_login_with_and_without_a_user_is_one_person),
		T(what_is_called_back_before_shipping_is_pulled),
		T(a_returned_card_goes_out_again_to_the_new_address),
		T(doubt_is_resolved_by_a_person_file_by_file),
		T(nothing_gathers_in_an_empty_batch),
	};

	return run_rows("serials", serials, a_serial_is_read_or_refused) |
	       cmocka_run_group_tests_name("print", tests, NULL, NULL);
}
