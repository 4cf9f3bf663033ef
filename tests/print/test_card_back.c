/*
 * test_card_back.c - backs lie behind their fronts, whichever edge the paper turns about.
 */
#include "tests/print/bbox.h"

#include <math.h>

#include "print/calibrate.h"
#include "print/card_back.h"
#include "print/sheet.h"

#define CODE "7K3QF-9XZ2M-ABCDE-FGHJK-MNPQR"

static FontSet *fonts;

static const CardData plain = {
	.brand = "Karlsruher CAD Werke",
	.product = "CAD Pro 2026",
	.holder = "Jürgen Weißenböck",
	.code = CODE,
	.web = "https://werke.example/",
	.email = "hilfe@werke.example",
	.language = "de",
};

typedef struct DuplexRow {
	const char *name;
	const char *stock;
	SheetBack back;
	bool sideways; /* left and right change */
	int start;
	int n_voids;
	int voids[3];
	double shift_x, shift_y; /* of backs */
} DuplexRow;

/* clang-format off */
static const DuplexRow duplex[] = {
	{ "long edge",                    "avery-c32011-10", SHEET_BACK_LONG,  true,  0, 0, { 0 },       0,   0 },
	{ "short edge",                   "avery-c32011-10", SHEET_BACK_SHORT, false, 0, 0, { 0 },       0,   0 },
	{ "margins that differ",          "a4:2x4:85.6x53.98:8,12:95,60", SHEET_BACK_LONG,  true,  0, 0, { 0 }, 0, 0 },
	{ "margins that differ, short",   "a4:2x4:85.6x53.98:8,12:95,60", SHEET_BACK_SHORT, false, 0, 0, { 0 }, 0, 0 },
	{ "part-used, with void labels",  "avery-c32011-10", SHEET_BACK_LONG,  true,  3, 2, { 4, 9 },    0,   0 },
	{ "the same about the short edge","avery-c32011-10", SHEET_BACK_SHORT, false, 3, 2, { 4, 9 },    0,   0 },
	{ "landscape turns the other way","297x210:3x3:85.6x54:15,20:92,60", SHEET_BACK_LONG,  false, 1, 0, { 0 }, 0, 0 },
	{ "landscape, short edge",        "297x210:3x3:85.6x54:15,20:92,60", SHEET_BACK_SHORT, true,  1, 0, { 0 }, 0, 0 },
	{ "a printer that misses by 1 mm","avery-c32011-10", SHEET_BACK_LONG,  true,  0, 0, { 0 },       1,   -0.5 },
};
/* clang-format on */

static const BboxWord *
find_on(const GArray *words, const char *text, int page)
{
	for (guint i = 0; i < words->len; i++) {
		const BboxWord *w = &g_array_index(words, BboxWord, i);

		if (w->page == page && strcmp(w->text, text) == 0)
			return w;
	}
	return NULL;
}

static void
duplex_test(void **state)
{
	const DuplexRow *row = *state;
	const int n = 13;
	g_autoptr(GError) error = NULL;
	g_autoptr(Press) press = press_new(fonts);
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autoptr(Pen) pen = pen_lean_new(press, PRESS_SMALL, pen_to_bytes, out);
	g_autofree char *folder = peer_folder();
	g_autofree char *path = NULL;
	g_autoptr(GArray) words = NULL;
	g_autoptr(Sheet) sheet = NULL;
	Stock stock;
	SheetPlan plan = { .stock = &stock,
		.start_slot = row->start,
		.voids = row->voids,
		.n_voids = row->n_voids,
		.bleed_mm = 2,
		.back = row->back,
		.back_shift_x_mm = row->shift_x,
		.back_shift_y_mm = row->shift_y };

	assert_true(stock_get(row->stock, &stock, &error));
	sheet = sheet_begin(pen, &plan, n, &error);
	assert_non_null(sheet);
	for (int i = 0; i < n; i++) {
		g_autofree char *serial = g_strdup_printf("C%09d", i);
		CardData data = plain;

		data.serial = serial;
		/* One was pulled: its back is empty too. */
		assert_true(
		    i == 5 ? sheet_skip(sheet, &error) : sheet_add(sheet, &data, &error));
	}
	assert_true(sheet_end(sheet, &error));
	path = peer_write(folder, "duplex.pdf", out);
	peer_check_pdf(path);
	words = bbox_words(path);
	for (int i = 0; i < n; i++) {
		g_autofree char *serial = g_strdup_printf("C%09d", i);
		const BboxWord *front, *back;
		Box card = { .w = MIN(stock.label_w_mm, SHEET_CARD_MOST_W_MM),
			.h = MIN(stock.label_h_mm, SHEET_CARD_MOST_H_MM) };
		double cx, cy;
		int page, slot;

		sheet_place(&plan, i, &page, &slot);
		stock_slot(&stock, slot, &card.x, &card.y);
		front = find_on(words, serial, page * 2 + 1);
		back = find_on(words, serial, page * 2 + 2);
		if (i == 5) {
			assert_null(front);
			assert_null(back);
			continue;
		}
		assert_non_null(front);
		assert_non_null(back);
		assert_true(box_holds(card, front->box));
		/* The middle of the card, seen from behind. */
		cx = card.x + card.w / 2;
		cy = card.y + card.h / 2;
		if (row->sideways)
			cx = stock.page_w_mm - cx;
		else
			cy = stock.page_h_mm - cy;
		assert_float_equal(back->box.x + back->box.w / 2, cx + row->shift_x, 0.1);
		assert_true(fabs(back->box.y + back->box.h / 2 -
				 (cy + row->shift_y + card.h / 2 - 5.2)) < 1);
	}
	/* No code and no name on any back. */
	for (guint i = 0; i < words->len; i++) {
		const BboxWord *w = &g_array_index(words, BboxWord, i);

		if (w->page % 2 == 0) {
			assert_null(strstr(w->text, "7K3QF"));
			assert_null(strstr(w->text, "Weißenböck"));
		}
	}
	peer_clear(folder);
}

static void
a_text_too_long_for_a_back_is_refused(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) text = g_string_new(NULL);
	CardData data = plain;

	(void)state;
	assert_true(card_back_check(fonts, &data, ID1_WIDTH_MM, ID1_HEIGHT_MM, NULL));
	assert_true(
	    card_back_check(fonts, &data, CARD_WIDTH_MIN_MM, CARD_HEIGHT_MIN_MM, NULL));
	for (int i = 0; i < 60; i++)
		g_string_append(text, "advice ");
	data.back = text->str;
	assert_false(card_back_check(fonts, &data, ID1_WIDTH_MM, ID1_HEIGHT_MM, &error));
	assert_int_equal(error->code, TP_ERROR_INVALID);
	assert_non_null(strstr(error->message, "too long"));
	g_clear_error(&error);
	data.back = "\xF0\x9F\x98\x80";
	assert_false(card_back_check(fonts, &data, ID1_WIDTH_MM, ID1_HEIGHT_MM, &error));
	assert_non_null(strstr(error->message, "U+1F600"));
}

static void
the_calibration_page_has_outlines_behind_outlines(void **state)
{
	g_autoptr(Press) press = press_new(fonts);
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autoptr(Pen) pen = pen_lean_new(press, PRESS_SMALL, pen_to_bytes, out);
	g_autofree char *folder = peer_folder();
	g_autofree char *path = NULL;
	g_autoptr(GArray) words = NULL;
	Stock stock;
	SheetPlan plan = { .stock = &stock, .back = SHEET_BACK_LONG };
	const BboxWord *front, *back;

	(void)state;
	assert_true(stock_get("avery-c32011-10", &stock, NULL));
	assert_true(calibrate_draw(pen, &plan, NULL));
	path = peer_write(folder, "calibration.pdf", out);
	words = bbox_words(path);
	front = find_on(words, "1", 1);
	back = find_on(words, "1", 2);
	assert_non_null(front);
	assert_non_null(back);
	/* 2 mm from the left edge of label 1, which is the right one from behind. */
	assert_float_equal(front->box.x, 15 + 2, 0.3);
	assert_float_equal(back->box.x, 210 - 15 - 85 + 2, 0.3);
	peer_clear(folder);
}

int
main(void)
{
	struct CMUnitTest tests[G_N_ELEMENTS(duplex) + 2];
	size_t n = 0;
	int failed;

	for (size_t i = 0; i < G_N_ELEMENTS(duplex); i++)
		tests[n++] = (struct CMUnitTest){ .name = duplex[i].name,
			.test_func = duplex_test,
			.initial_state = (void *)(uintptr_t)&duplex[i] };
	tests[n++] =
	    (struct CMUnitTest)cmocka_unit_test(a_text_too_long_for_a_back_is_refused);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(
	    the_calibration_page_has_outlines_behind_outlines);
	fonts = font_set_open(NULL, NULL);
	failed =
	    fonts == NULL || _cmocka_run_group_tests("card_back", tests, n, NULL, NULL);
	font_set_free(fonts);
	return failed;
}
