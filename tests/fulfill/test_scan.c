/*
 * test_scan.c - a card goes into its own envelope or nowhere.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "fulfill/domain/print_batch.h"
#include "fulfill/domain/reprint.h"
#include "fulfill/domain/scan.h"
#include "fulfill/domain/serial.h"
#include "fulfill/domain/ticket.h"
#include "tests/support/fix_shop.h"

static FixShop shop;
static Scan scan;

/* Two orders: pieces 1 and 2 in envelope 1, piece 3 in envelope 3; printed. */
static int
setup(void **state)
{
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	int64_t id;

	(void)state;
	fix_shop(&shop);
	scan = (Scan){ .after = NULL };
	fix_order(&shop, "A", "CAD-PRO", 2, "post", "customer", &id);
	fix_issue(&shop, id);
	fix_order(&shop, "B", "CAD-PRO", 1, "post", "customer", &id);
	fix_issue(&shop, id);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	assert_true(print_batch_close(&tx, 1, 0, &error));
	assert_true(print_batch_rendered(&tx, 1, "hash", &error));
	assert_true(print_batch_printed(&tx, 1, NULL, &error));
	assert_true(db_commit(&tx, &error));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fix_shop_done(&shop);
	return 0;
}

static ScanResult
read_line(const char *line)
{
	g_autoptr(GError) error = NULL;
	g_auto(DbTx) tx = DB_TX_INIT;
	ScanResult result;

	assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
	if (!scan_line(&tx, shop.vault, &scan, line, &result, &error) ||
	    !db_commit(&tx, &error))
		fail_msg("%s", error->message);
	return result;
}

static ScanVerdict
card(int64_t id)
{
	char serial[SERIAL_SIZE];

	return read_line(serial_format(SERIAL_CARD, id, serial)).verdict;
}

static ScanVerdict
label(int64_t id)
{
	char serial[SERIAL_SIZE];

	return read_line(serial_format(SERIAL_LABEL, id, serial)).verdict;
}

static bool
ship(void)
{
	g_auto(DbTx) tx = DB_TX_INIT;

	return db_begin(shop.db, DB_WRITE, &tx, NULL) &&
	       print_batch_ship(&tx, 1, "DE1", false, NULL) && db_commit(&tx, NULL);
}

static void
a_label_and_its_cards_fill_the_envelope(void **state)
{
	ScanResult last;
	char serial[SERIAL_SIZE];

	(void)state;
	assert_int_equal(label(1), SCAN_WAIT);
	assert_int_equal(card(2), SCAN_PACKED);
	assert_int_equal(card(2), SCAN_AGAIN);
	last = read_line(serial_format(SERIAL_CARD, 1, serial));
	assert_int_equal(last.verdict, SCAN_PACKED);
	assert_non_null(strstr(last.text, "complete"));
	assert_int_equal(last.packed, 2);
	assert_int_equal(last.total, 3);
	/* Card first is as good. */
	assert_false(ship()); /* one is missing */
	assert_int_equal(card(3), SCAN_WAIT);
	assert_int_equal(label(3), SCAN_PACKED);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM print_batch WHERE state = 'packed'"), 1);
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM delivery WHERE state = 'packed'"), 3);
	assert_true(ship());
	assert_int_equal(card(1), SCAN_REFUSED); /* shipped */
}

static void
a_letter_is_packed_with_all_its_cards(bool by_label)
{
	ScanResult last;
	char serial[SERIAL_SIZE];

	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM print_piece WHERE envelope = 1"), 2);
	assert_int_equal(
	    fix_int(&shop, "UPDATE print_batch SET product = 'letter' RETURNING id"), 1);
	last = read_line(serial_format(by_label ? SERIAL_LABEL : SERIAL_CARD, 1, serial));
	assert_int_equal(last.verdict, SCAN_PACKED);
	assert_non_null(strstr(last.text, "complete"));
	assert_int_equal(last.packed, 2);
	assert_int_equal(last.total, 3);
	assert_int_equal(card(2), SCAN_AGAIN);
}

static void
a_letter_is_packed_whole_by_its_mark(void **state)
{
	(void)state;
	a_letter_is_packed_with_all_its_cards(true);
}

static void
a_letter_is_packed_whole_by_any_of_its_cards(void **state)
{
	(void)state;
	a_letter_is_packed_with_all_its_cards(false);
}

static void
a_wrong_pair_blocks_the_card_until_it_is_put_right(void **state)
{
	ScanResult wrong;
	char serial[SERIAL_SIZE];

	(void)state;
	assert_int_equal(label(1), SCAN_WAIT);
	wrong = read_line(serial_format(SERIAL_CARD, 3, serial));
	assert_int_equal(wrong.verdict, SCAN_BLOCKED);
	assert_non_null(strstr(wrong.text, "STOP"));
	assert_false(ship());
	assert_int_equal(fix_int(&shop, "SELECT count(*) FROM audit WHERE action ="
					" 'print.blocked'"),
	    1);
	/* Also one that was packed already and turns up at another label. */
	assert_int_equal(label(1), SCAN_WAIT);
	assert_int_equal(card(1), SCAN_PACKED);
	assert_int_equal(label(3), SCAN_WAIT);
	assert_int_equal(card(1), SCAN_BLOCKED);
	assert_int_equal(label(3), SCAN_WAIT);
	assert_int_equal(card(3), SCAN_PACKED);
	assert_int_equal(label(1), SCAN_WAIT);
	assert_int_equal(card(1), SCAN_PACKED);
	assert_int_equal(card(2), SCAN_PACKED);
	assert_true(ship());
}

/* What scanners and layouts make of a ticket's QR code. */
static void
a_ticket_is_found_in_what_a_wrong_layout_types(void **state)
{
	g_autoptr(GError) error = NULL;
	g_auto(Code) code = { 0 };
	char text[CODE_TEXT_SIZE];
	g_autofree char *url = NULL;
	g_autofree char *small = NULL;
	g_autofree char *mangled = NULL;
	GString *german = g_string_new("");

	(void)state;
	assert_true(ticket_open(shop.db, shop.vault, 3, &code, &error));
	code_format(&code, text);
	url = g_strconcat("HTTPS://DEPOT.EXAMPLE.COM/#", text, "\r\n", NULL);
	small = g_ascii_strdown(url, -1);
	/* A US scanner at a German keyboard. */
	for (const char *p = url; *p != '\0'; p++) {
		switch (*p) {
		case 'Y':
			g_string_append_c(german, 'Z');
			break;
		case 'Z':
			g_string_append_c(german, 'Y');
			break;
		case '-':
			g_string_append(german, "\xC3\x9F");
			break;
		case '/':
			g_string_append_c(german, '-');
			break;
		case ':':
			g_string_append(german, "\xC3\x96");
			break;
		case '#':
			g_string_append(german, "\xC2\xA7");
			break;
		default:
			g_string_append_c(german, *p);
		}
	}
	mangled = g_string_free(german, FALSE);
	for (int i = 0; i < 4; i++) {
		const char *const lines[] = { url, small, mangled, text };

		assert_int_equal(label(3), SCAN_WAIT);
		assert_int_equal(
		    read_line(lines[i]).verdict, i == 0 ? SCAN_PACKED : SCAN_AGAIN);
	}
}

static void
what_is_foreign_void_or_nonsense_changes_nothing(void **state)
{
	static const char *const lines[] = { "C000009998", "C000000014", "4006381333931",
		"HTTPS://EXAMPLE.ORG/", "\xFF\xFE", "   ",
		"ABCDE-FGHJK-MNPQR-STVWX-YZ234", "L000000021" };
	g_autofree char *huge = g_strnfill(100000, 'A');
	g_auto(DbTx) tx = DB_TX_INIT;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
		assert_int_equal(read_line(lines[i]).verdict, SCAN_REFUSED);
	assert_int_equal(read_line(huge).verdict, SCAN_REFUSED);
	assert_true(db_begin(shop.db, DB_WRITE, &tx, NULL));
	assert_true(ticket_recall(&tx, 3, "storno", NULL));
	assert_true(db_commit(&tx, NULL));
	assert_int_equal(card(3), SCAN_REFUSED);
	assert_non_null(strstr(read_line("C000000037").text, "REMOVE"));
	assert_int_equal(
	    fix_int(&shop, "SELECT count(*) FROM print_piece WHERE state = 'packed' OR"
			   " blocked IS NOT NULL"),
	    0);
}

static void
of_two_cards_with_one_code_the_serial_decides(void **state)
{
	g_autoptr(GError) error = NULL;
	g_auto(Code) code = { 0 };
	char text[CODE_TEXT_SIZE];
	int64_t next;

	(void)state;
	{
		g_auto(DbTx) tx = DB_TX_INIT;

		assert_true(db_begin(shop.db, DB_WRITE, &tx, &error));
		assert_int_equal(
		    reprint_piece(&tx, &shop.issue, 3, false, "torn", &next, &error), 1);
		assert_true(db_commit(&tx, &error));
	}
	assert_true(ticket_open(shop.db, shop.vault, 3, &code, &error));
	code_format(&code, text);
	assert_int_equal(read_line(text).verdict, SCAN_REFUSED);
	assert_non_null(strstr(read_line(text).text, "serial"));
	assert_non_null(strstr(read_line("C000000037").text, "DESTROY"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_label_and_its_cards_fill_the_envelope),
		T(a_letter_is_packed_whole_by_its_mark),
		T(a_letter_is_packed_whole_by_any_of_its_cards),
		T(a_wrong_pair_blocks_the_card_until_it_is_put_right),
		T(a_ticket_is_found_in_what_a_wrong_layout_types),
		T(what_is_foreign_void_or_nonsense_changes_nothing),
		T(of_two_cards_with_one_code_the_serial_decides),
	};

	return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
