/*
 * test_pens.c - both pens draw the same, and both tell their errors.
 */
#include "tests/print/peer.h"

#include <stdio.h>

#include "print/card.h"
#include "queue/out.h"
#include "tests/print/logo.h"

static FontSet *fonts;
static Picture *logo, *grey_logo;

static const CardData card = {
	.brand = "Karlsruher CAD Werke",
	.product = "CAD Professional Enterprise Edition 2026",
	.holder = "Friedrich-Wilhelm Παπαδόπουλος",
	.company = "Łódzkie Zakłady Przemysłu \"Прогресс\" (Köln) \\ Co.",
	.code = "7K3QF-9XZ2M-ABCDE-FGHJK-MNPQR",
	.qr_text = "HTTPS://DEPOT.EXAMPLE.COM/#7K3QF-9XZ2M-ABCDE-FGHJK-MNPQR",
	.serial = "2026-004711",
	.valid = "2026-12-31",
	.banner = "NFR",
	.language = "de",
	.reprint = 1,
};

/* One of each call, and a card. */
static bool
draw_all(Pen *pen, GError **error)
{
	static const Box boxes[] = { { 10, 20, 5, 5 }, { 17, 20, 5, 2.5 },
		{ 24, 20, 5, 5 } };
	PenPage page = { .width_mm = 120,
		.height_mm = 110,
		.trim = { 5, 5, 110, 100 },
		.bleed = { 2, 2, 116, 106 } };
	PenPage moved = { .width_mm = 100,
		.height_mm = 70,
		.shift_x_mm = 3,
		.shift_y_mm = 2,
		.scale = 1.02 };
	PenStyle style = { FONT_REGULAR, 12, 1.5, 0x803010 };
	g_auto(CardLayout) layout = { .n_boxes = 0 };
	CardBleed none = { 0, 0, 0, 0 };
	CardData branded = card;

	if (!card_layout(fonts, &card, ID1_WIDTH_MM, ID1_HEIGHT_MM, &layout, error) ||
	    !pen_page(pen, &page, error))
		return false;
	pen_fill(pen, 0x208040, boxes, 3);
	pen_line(pen, 0x0000C0, 1.5, 10, 30, 110, 33);
	pen_line(pen, COLOUR_BLACK, 0.25, 10, 8, 10, 18);
	pen_panel(pen, (Box){ 35, 18, 20, 9 }, 2, 0xE0E0FF, 0x303060, 0.75);
	pen_panel(pen, (Box){ 60, 18, 20, 9 }, 4.5, COLOUR_NONE, COLOUR_BLACK, 0.5);
	pen_panel(pen, (Box){ 85, 18, 20, 9 }, 0, 0xC02020, COLOUR_NONE, 0);
	pen_text(pen, &style, 12, 13, "Tracked ÄÖÜ (x)", strlen("Tracked ÄÖÜ (x)"));
	style.role = FONT_MONO;
	style.tracking_pt = 0;
	pen_text(pen, &style, 70, 13, "MONO 0O1I", 9);
	pen_picture(pen, (Box){ 15, 98, 30, 10 }, logo);
	pen_picture(pen, (Box){ 60, 96, 24, 6 }, grey_logo);
	pen_picture(pen, (Box){ 90, 98, 15, 5 }, logo);
	card_draw(pen, &layout, 15, 40, none);
	if (!pen_page(pen, &moved, error))
		return false;
	card_draw(pen, &layout, 5, 5, none);
	card_layout_clear(&layout);
	branded.logo = logo;
	if (!card_layout(fonts, &branded, ID1_WIDTH_MM, ID1_HEIGHT_MM, &layout, error) ||
	    !pen_page(pen, &moved, error))
		return false;
	card_draw(pen, &layout, 5, 5, none);
	return pen_finish(pen, error);
}

/* Reads a binary PGM as pdftoppm writes it; the pixels, to be g_free()d. */
static uint8_t *
read_pgm(const char *path, int *ret_w, int *ret_h)
{
	char *data = NULL;
	gsize size;
	int w, h, most;
	int at = 0;
	uint8_t *ret;

	assert_true(g_file_get_contents(path, &data, &size, NULL));
	assert_int_equal(sscanf(data, "P5\n%d %d\n%d%n", &w, &h, &most, &at), 3);
	assert_int_equal(most, 255);
	assert_int_equal(size, (size_t)at + 1 + (size_t)(w * h));
	ret = g_memdup2(data + at + 1, (size_t)(w * h));
	g_free(data);
	*ret_w = w;
	*ret_h = h;
	return ret;
}

static void
assert_alike(const char *folder, int page)
{
	g_autofree char *lean_path = g_strdup_printf("%s/lean-%d.pgm", folder, page);
	g_autofree char *haru_path = g_strdup_printf("%s/haru-%d.pgm", folder, page);
	int w, h, w2, h2;
	g_autofree uint8_t *lean = read_pgm(lean_path, &w, &h);
	g_autofree uint8_t *haru = read_pgm(haru_path, &w2, &h2);
	int far = 0;
	int ink = 0;
	int64_t sum = 0;

	assert_int_equal(w, w2);
	assert_int_equal(h, h2);
	for (int i = 0; i < w * h; i++) {
		int d = ABS(lean[i] - haru[i]);

		sum += d;
		far += d > 100;
		ink += lean[i] < 128;
	}
	/* Edges of letters differ by rounding; a letter in another place differs by much.
	 */
	assert_true(ink > w * h / 50);
	if (far > ink / 100 || sum > (int64_t)w * h)
		fail_msg("page %d: %d of %d inked pixels differ, %.2f on average", page,
		    far, ink, (double)sum / (w * h));
}

static void
both_pens_draw_the_same_pictures(void **state)
{
	g_autoptr(Press) press = press_new(fonts);
	g_autofree char *folder = peer_folder();

	(void)state;
	for (int i = 0; i < 2; i++) {
		const char *name = i == 0 ? "lean" : "haru";
		g_autoptr(GByteArray) out = g_byte_array_new();
		g_autoptr(Pen) pen =
		    i == 0 ? pen_lean_new(press, PRESS_FAST, pen_to_bytes, out)
			   : pen_haru_new(fonts, pen_to_bytes, out);
		g_autoptr(GError) error = NULL;
		g_autofree char *file = g_strdup_printf("%s.pdf", name);
		g_autofree char *stem = g_build_filename(folder, name, NULL);
		g_autofree char *path = NULL;
		g_autofree char *text = NULL;

		if (!draw_all(pen, &error))
			fail_msg("%s: %s", name, error->message);
		path = peer_write(folder, file, out);
		peer_check_pdf(path);
		text = peer_text(path);
		assert_non_null(strstr(text, card.code));
		assert_non_null(strstr(text, "Friedrich-Wilhelm Παπαδόπουλος"));
		assert_non_null(strstr(text, "Tracked ÄÖÜ (x)"));
		peer_render(path, "150", "-gray", stem);
	}
	assert_alike(folder, 1);
	assert_alike(folder, 2);
	assert_alike(folder, 3);
	peer_clear(folder);
}

static void
a_document_without_a_page_is_refused(void **state)
{
	g_autoptr(Press) press = press_new(fonts);

	(void)state;
	for (int i = 0; i < 2; i++) {
		g_autoptr(GByteArray) out = g_byte_array_new();
		g_autoptr(Pen) pen =
		    i == 0 ? pen_lean_new(press, PRESS_FAST, pen_to_bytes, out)
			   : pen_haru_new(fonts, pen_to_bytes, out);
		g_autoptr(GError) error = NULL;

		assert_false(pen_finish(pen, &error));
		assert_error(error, TP_ERROR_INVALID);
	}
}

static void
an_empty_page_is_a_page(void **state)
{
	g_autoptr(Press) press = press_new(fonts);
	g_autofree char *folder = peer_folder();

	(void)state;
	for (int i = 0; i < 2; i++) {
		g_autoptr(GByteArray) out = g_byte_array_new();
		g_autoptr(Pen) pen =
		    i == 0 ? pen_lean_new(press, PRESS_SMALL, pen_to_bytes, out)
			   : pen_haru_new(fonts, pen_to_bytes, out);
		PenPage page = { .width_mm = 210, .height_mm = 297 };
		PenStyle style = { FONT_BOLD, 10, 0, COLOUR_BLACK };
		g_autofree char *path = NULL;

		assert_true(pen_page(pen, &page, NULL));
		/* Nothing to draw, in every way. */
		pen_text(pen, &style, 10, 10, "", 0);
		pen_text(pen, &style, 10, 10, "\xF0\x9F\x98\x80", 4);
		pen_fill(pen, COLOUR_BLACK, NULL, 0);
		pen_modules(pen, COLOUR_BLACK, 0, 0, 1, NULL, 0);
		assert_true(pen_finish(pen, NULL));
		path = peer_write(folder, "empty.pdf", out);
		peer_check_pdf(path);
	}
	peer_clear(folder);
}

static bool
refuse(void *context, const void *data, size_t size, GError **error)
{
	(void)context;
	(void)data;
	(void)size;
	return err_set(error, TP_ERROR_IO, "refused");
}

static void
a_sink_that_refuses_is_heard(void **state)
{
	g_autoptr(Press) press = press_new(fonts);

	(void)state;
	for (int i = 0; i < 2; i++) {
		g_autoptr(Pen) pen = i == 0
					 ? pen_lean_new(press, PRESS_FAST, refuse, NULL)
					 : pen_haru_new(fonts, refuse, NULL);
		g_autoptr(GError) error = NULL;

		assert_false(draw_all(pen, &error));
		assert_error(error, TP_ERROR_IO);
		assert_string_equal(error->message, "refused");
	}
}

/* Long enough to be handed on in pieces while it is drawn. */
static void
a_full_disk_stops_a_long_document(void **state)
{
	g_autoptr(Press) press = press_new(fonts);
	g_autoptr(Out) out = out_open("/dev/full", NULL);
	g_autoptr(Pen) pen = pen_lean_new(press, PRESS_FAST, out_write, out);
	g_autoptr(GError) error = NULL;
	int pages = 0;

	(void)state;
	while (pages < 1000 && card_page(pen, &card, 0, &error))
		pages++;
	assert_error(error, TP_ERROR_IO);
	assert_in_range(pages, 10, 200);
}

static void
one_press_draws_one_document_after_the_other(void **state)
{
	g_autoptr(Press) press = press_new(fonts);
	g_autoptr(GByteArray) first = g_byte_array_new();
	g_autoptr(GByteArray) second = g_byte_array_new();
	PenPage page = { .width_mm = 100, .height_mm = 50 };
	PenStyle style = { FONT_REGULAR, 10, 0, COLOUR_BLACK };
	Pen *pen = pen_lean_new(press, PRESS_FAST, pen_to_bytes, first);

	(void)state;
	/* Given up in the middle: its letters must not be in the next one's font. */
	assert_true(pen_page(pen, &page, NULL));
	pen_text(pen, &style, 5, 5, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 26);
	pen_free(pen);
	pen = pen_lean_new(press, PRESS_FAST, pen_to_bytes, second);
	assert_true(pen_page(pen, &page, NULL));
	pen_text(pen, &style, 5, 5, "a", 1);
	assert_true(pen_finish(pen, NULL));
	pen_free(pen);
	assert_in_range(second->len, 800, 1800);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_pens_draw_the_same_pictures),
		cmocka_unit_test(a_document_without_a_page_is_refused),
		cmocka_unit_test(an_empty_page_is_a_page),
		cmocka_unit_test(a_sink_that_refuses_is_heard),
		cmocka_unit_test(a_full_disk_stops_a_long_document),
		cmocka_unit_test(one_press_draws_one_document_after_the_other),
	};
	int failed;

	fonts = font_set_open(NULL, NULL);
	logo = logo_new(600, 200, 0xB03060);
	grey_logo = logo_new(400, 100, 0x404040);
	failed = fonts == NULL || cmocka_run_group_tests_name("pens", tests, NULL, NULL);
	font_set_free(fonts);
	picture_free(logo);
	picture_free(grey_logo);
	return failed;
}
