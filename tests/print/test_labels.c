/*
 * test_labels.c - address labels in their slots, and the page to set a printer up by.
 */
#include "tests/print/bbox.h"

#include <math.h>

#include "print/calibrate.h"
#include "print/labels.h"
#include "print/pen_record.h"
#include "print/press.h"

#define SENDER "Karlsruher CAD Werke GmbH · Kaiserallee 153 · 76133 Karlsruhe"

static FontSet *fonts;
static Press *press;
static AddressBlock short_one, long_one;

static int
set_up(void)
{
	static const char *const street[] = { "Sophienstraße 91", NULL };
	static const char *const streets[] = { "Gebäude C, 4. Stock",
		"An der Alten Ziegelei 101", NULL };
	static const Address plain = { .name = "Jana Kötter",
		.lines = street,
		.postcode = "76135",
		.city = "Karlsruhe",
		.country = "DE" };
	static const Address wide = { .company = "Häfele & Söhne Maschinenbau GmbH & Co. "
						 "KG",
		.name = "Jörg Häfele",
		.lines = streets,
		.postcode = "79098",
		.city = "Freiburg",
		.country = "DE" };

	fonts = font_set_open(NULL, NULL);
	press = press_new(fonts);
	return address_format(&plain, "DE", "de", &short_one, NULL) &&
		       address_format(&wide, "DE", "de", &long_one, NULL)
		   ? 0
		   : 1;
}

static void
tear_down(void)
{
	address_block_clear(&short_one);
	address_block_clear(&long_one);
	press_free(press);
	font_set_free(fonts);
}

static GByteArray *
make(const SheetPlan *plan, int n)
{
	g_autoptr(GError) error = NULL;
	GByteArray *bytes = g_byte_array_new();
	g_autoptr(Pen) pen = pen_lean_new(press, PRESS_SMALL, pen_to_bytes, bytes);
	g_autoptr(Labels) labels = labels_begin(pen, plan, SENDER, n, &error);

	assert_no_error(error);
	for (int i = 0; i < n; i++) {
		g_autofree char *serial = g_strdup_printf("2026-%06d", 4711 + i);
		Label label = { i % 2 == 0 ? &short_one : &long_one, serial };

		if (!labels_add(labels, &label, &error))
			fail_msg("%s", error->message);
	}
	assert_true(labels_end(labels, &error));
	return bytes;
}

/* Rows: stocks. */

typedef struct StockCase {
	const char *name; /* of the stock */
	int start, n, pages;
	bool has_sender, has_code;
} StockCase;

/* clang-format off */
static const StockCase stocks[] = {
	{ "avery-l7163",     0, 14, 1, true,  true },
	{ "avery-l7160",    20,  3, 2, true,  true },
	{ "zweckform-3475",  5, 20, 2, true,  true },
	{ "zweckform-4780", 39,  1, 1, false, false },
	{ "avery-c32011-10", 0,  1, 1, true,  true },
};
/* clang-format on */

static void
each_label_stays_within_its_slot(void **state)
{
	const StockCase *c = *state;
	g_autoptr(GError) error = NULL;
	g_autofree char *folder = peer_folder();
	g_autofree char *path = NULL;
	g_autoptr(GByteArray) bytes = NULL;
	g_autoptr(GArray) words = NULL;
	Stock stock;
	SheetPlan plan = { .stock = &stock, .start_slot = c->start, .language = "de" };
	int serials = 0, senders = 0, names = 0;

	assert_true(stock_get(c->name, &stock, &error));
	bytes = make(&plan, c->n);
	path = peer_write(folder, "labels.pdf", bytes);
	peer_check_pdf(path);
	words = bbox_words(path);
	for (guint i = 0; i < words->len; i++) {
		const BboxWord *w = &g_array_index(words, BboxWord, i);
		bool in_slot = false;

		for (int slot = 0; slot < stock_slots(&stock); slot++) {
			Box b = { 0, 0, stock.label_w_mm, stock.label_h_mm };

			stock_slot(&stock, slot, &b.x, &b.y);
			in_slot = in_slot || box_holds(b, w->box);
			assert_false(
			    w->page == 1 && slot < c->start && box_holds(b, w->box));
		}
		/* The margins' words lie in no slot, those of labels in one. */
		if (g_str_has_prefix(w->text, "2026-")) {
			assert_true(in_slot);
			serials++;
		}
		senders += strcmp(w->text, "Kaiserallee") == 0;
		if (strcmp(w->text, "Jana") == 0 || strcmp(w->text, "Jörg") == 0) {
			assert_true(in_slot);
			names++;
		}
		assert_true(w->page <= c->pages);
	}
	assert_int_equal(g_array_index(words, BboxWord, words->len - 1).page, c->pages);
	assert_int_equal(names, c->n);
	assert_int_equal(serials, c->has_code ? c->n : 0);
	assert_int_equal(senders, c->has_sender ? c->n : 0);
	peer_clear(folder);
}

static void
every_serial_can_be_scanned(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *folder = peer_folder();
	g_autofree char *path = NULL;
	g_autofree char *stem = g_build_filename(folder, "p", NULL);
	g_autofree char *picture = g_build_filename(folder, "p-1.pgm", NULL);
	g_autofree char *codes = NULL;
	g_autoptr(GByteArray) bytes = NULL;
	Stock stock;
	SheetPlan plan = { .stock = &stock };

	(void)state;
	assert_true(stock_get("avery-l7160", &stock, &error));
	bytes = make(&plan, 6);
	path = peer_write(folder, "labels.pdf", bytes);
	peer_render(path, "300", "-gray", stem);
	codes = peer_scan(picture);
	for (int i = 0; i < 6; i++) {
		g_autofree char *serial = g_strdup_printf("2026-%06d\n", 4711 + i);

		assert_non_null(strstr(codes, serial));
	}
	peer_clear(folder);
}

static void
the_same_labels_give_the_same_bytes(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GByteArray) first = NULL;
	g_autoptr(GByteArray) again = NULL;
	Stock stock;
	SheetPlan plan = { .stock = &stock, .title = "B-2026-0007" };

	(void)state;
	assert_true(stock_get("avery-l7163", &stock, &error));
	first = make(&plan, 20);
	again = make(&plan, 20);
	assert_int_equal(first->len, again->len);
	assert_memory_equal(first->data, again->data, first->len);
}

static void
what_does_not_fit_is_refused_and_can_be_replaced(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Pen) record = pen_record_new(fonts);
	g_autoptr(Labels) labels = NULL;
	Label wide = { &long_one, "1" }, good = { &short_one, "1" };
	Label nowhere = { NULL, "1" };
	Stock stock;
	SheetPlan plan = { .stock = &stock };
	size_t n;

	(void)state;
	assert_true(stock_get("avery-l7651", &stock, &error));
	labels = labels_begin(record, &plan, SENDER, 1, &error);
	assert_non_null(labels);
	assert_false(labels_add(labels, &wide, &error));
	assert_error(error, TP_ERROR_INVALID);
	assert_non_null(strstr(error->message, "'company'"));
	assert_non_null(strstr(error->message, "the label holds"));
	g_clear_error(&error);
	assert_false(labels_add(labels, &nowhere, &error));
	assert_non_null(strstr(error->message, "no address"));
	g_clear_error(&error);
	pen_record_marks(record, &n);
	assert_int_equal(n, 0);
	assert_false(labels_end(labels, &error));
	assert_non_null(strstr(error->message, "0 of the 1 labels"));
	g_clear_error(&error);
	assert_true(labels_add(labels, &good, &error));
	assert_false(labels_add(labels, &good, &error));
	assert_non_null(strstr(error->message, "more than the 1 labels"));
	g_clear_error(&error);
	assert_true(labels_end(labels, &error));
	assert_false(labels_check(fonts, &stock, SENDER, &wide, &error));
	g_clear_error(&error);
	assert_true(labels_check(fonts, &stock, SENDER, &good, &error));
}

static void
no_labels_and_no_slots_are_refused(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Pen) record = pen_record_new(fonts);
	Stock stock;
	SheetPlan plan = { .stock = &stock };

	(void)state;
	assert_true(stock_get("avery-l7163", &stock, &error));
	assert_null(labels_begin(record, &plan, NULL, 0, &error));
	assert_error(error, TP_ERROR_INVALID);
	g_clear_error(&error);
	plan.start_slot = 14;
	assert_null(labels_begin(record, &plan, NULL, 1, &error));
	assert_non_null(strstr(error->message, "start slot 15"));
}

/* Calibration. */

static GByteArray *
calibrate(const char *name, double shift_x, double scale)
{
	g_autoptr(GError) error = NULL;
	GByteArray *bytes = g_byte_array_new();
	g_autoptr(Pen) pen = pen_lean_new(press, PRESS_FAST, pen_to_bytes, bytes);
	Stock stock;
	SheetPlan plan = {
		.stock = &stock, .language = "en", .shift_x_mm = shift_x, .scale = scale
	};

	assert_true(stock_get(name, &stock, &error));
	if (!calibrate_draw(pen, &plan, &error))
		fail_msg("%s: %s", name, error->message);
	return bytes;
}

static void
every_builtin_stock_has_its_calibration_page(void **state)
{
	g_autofree char *folder = peer_folder();
	Stock s;

	(void)state;
	for (size_t i = 0; stock_nth(i, &s); i++) {
		g_autoptr(GByteArray) bytes = calibrate(s.name, 0, 0);
		g_autofree char *path = peer_write(folder, "page.pdf", bytes);
		g_autofree char *text = peer_text(path);

		peer_check_pdf(path);
		assert_non_null(strstr(text, "Calibration page"));
		assert_non_null(strstr(text, "Print at 100 %, without"));
		assert_non_null(
		    strstr(text, "Now: shift x 0.00 mm, y 0.00 mm, scale 1.0000"));
	}
	peer_clear(folder);
}

static void
outlines_and_rulers_have_their_lengths(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Pen) record = pen_record_new(fonts);
	Stock stock;
	SheetPlan plan = { .stock = &stock, .shift_x_mm = 1, .scale = 1.01 };
	const Mark *marks;
	size_t n;
	int outlines = 0, rulers = 0;

	(void)state;
	assert_true(stock_get("avery-c32011-10", &stock, &error));
	assert_true(calibrate_draw(record, &plan, &error));
	marks = pen_record_marks(record, &n);
	assert_true(fabs(marks[0].setup.shift_x_mm - 1) < 1e-9);
	assert_true(fabs(marks[0].setup.scale - 1.01) < 1e-9);
	for (const Mark *m = marks; m < marks + n; m++) {
		if (m->kind == MARK_PANEL && fabs(m->boxes[0].w - 85) < 1e-6) {
			double x, y;

			stock_slot(&stock, outlines, &x, &y);
			assert_true(fabs(m->boxes[0].x - x) < 1e-6);
			assert_true(fabs(m->boxes[0].y - y) < 1e-6);
			outlines++;
		}
		rulers += m->kind == MARK_LINE &&
			  fabs(fabs(m->x2 - m->x) + fabs(m->y2 - m->y) - 100) < 1e-6;
	}
	assert_int_equal(outlines, 10);
	assert_int_equal(rulers, 2);
}

static void
a_small_page_gets_short_rulers_and_a_tiny_one_an_error(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GByteArray) small = calibrate("a6:1x1:85x54:10,40:0,0", 0, 0);
	g_autoptr(Pen) record = pen_record_new(fonts);
	g_autofree char *folder = peer_folder();
	g_autofree char *path = peer_write(folder, "page.pdf", small);
	g_autofree char *text = peer_text(path);
	Stock stock;
	SheetPlan plan = { .stock = &stock };

	(void)state;
	assert_non_null(strstr(text, "the two lines of 50"));
	peer_clear(folder);
	assert_true(stock_get("60x40:1x1:50x30:5,5:0,0", &stock, &error));
	assert_false(calibrate_draw(record, &plan, &error));
	assert_error(error, TP_ERROR_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_serial_can_be_scanned),
		cmocka_unit_test(the_same_labels_give_the_same_bytes),
		cmocka_unit_test(what_does_not_fit_is_refused_and_can_be_replaced),
		cmocka_unit_test(no_labels_and_no_slots_are_refused),
		cmocka_unit_test(every_builtin_stock_has_its_calibration_page),
		cmocka_unit_test(outlines_and_rulers_have_their_lengths),
		cmocka_unit_test(a_small_page_gets_short_rulers_and_a_tiny_one_an_error),
	};
	int failed = 0;

	if (set_up() != 0)
		return 1;
	failed += run_rows("labels", stocks, each_label_stays_within_its_slot);
	failed += cmocka_run_group_tests_name("labels", tests, NULL, NULL);
	tear_down();
	return failed;
}
