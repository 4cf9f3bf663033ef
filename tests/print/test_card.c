/*
 * test_card.c - what lies where on a card, and what is refused.
 */
#include "tests/print/peer.h"

#include <math.h>

#include "print/card.h"
#include "queue/limits.h"
#include "tests/print/logo.h"
#include "tests/support/golden.h"

#define CODE "7K3QF-9XZ2M-ABCDE-FGHJK-MNPQR"
#define NFR_DE "NFR - nicht zum Weiterverkauf"
#define URL "HTTPS://DEPOT.EXAMPLE.COM/#" CODE

static FontSet *fonts;

static const CardData plain = {
	.brand = "Karlsruher CAD Werke",
	.product = "CAD Pro 2026",
	.holder = "Jürgen Weißenböck",
	.company = "Muster Maschinenbau GmbH & Co. KG",
	.code = CODE,
	.qr_text = URL,
	.serial = "2026-004711",
	.valid = "2026-12-31",
	.language = "de",
};

static int
set_up(void **state)
{
	(void)state;
	fonts = font_set_open(NULL, NULL);
	return fonts == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	font_set_free(fonts);
	return 0;
}

static char *
text_of(const CardBox *box)
{
	GString *ret = g_string_new(NULL);

	for (int i = 0; i < box->n_lines; i++) {
		if (i > 0)
			g_string_append_c(ret, '|');
		g_string_append_len(ret, box->lines[i].text, (gssize)box->lines[i].bytes);
	}
	return g_string_free(ret, FALSE);
}

static bool
overlap(Box a, Box b)
{
	return a.x < box_right(b) && b.x < box_right(a) && a.y < box_bottom(b) &&
	       b.y < box_bottom(a);
}

/* What holds of every card, whatever is on it. */
static void
assert_sound(const CardLayout *l)
{
	Box card = { 0, 0, l->width_mm, l->height_mm };
	const CardBox *panel = card_layout_find(l, CARD_PANEL);
	const CardBox *code = card_layout_find(l, CARD_CODE);

	for (int i = 0; i < l->n_boxes; i++) {
		const CardBox *b = &l->boxes[i];
		Box inked = b->box;

		/* Descenders of the last line. */
		if (b->n_lines > 0)
			inked.h += pt_to_mm(b->style.size_pt) * 0.24;
		if (b->element != CARD_EDGE &&
		    !box_holds(box_grown(card, -CARD_SAFE_MM), inked))
			fail_msg(
			    "%s is too near to the edge", card_element_name(b->element));
		for (int j = 0; j < i; j++) {
			const CardBox *o = &l->boxes[j];
			bool backed =
			    (b->element == CARD_CODE && o->element == CARD_PANEL) ||
			    (b->element == CARD_BANNER && o->element == CARD_PILL);

			if (!backed && overlap(b->box, o->box))
				fail_msg("%s lies on %s", card_element_name(b->element),
				    card_element_name(o->element));
		}
	}
	assert_non_null(code);
	assert_int_equal(code->n_lines, 1);
	assert_true(code->style.size_pt >= 9);
	assert_true(box_holds(panel->box, code->box));
	/* Whole dots at 600 dpi, quiet zone included in the box. */
	/* Whole dots at 300 dpi. */
	assert_true(fabs(remainder(l->module_mm, 25.4 / 300)) < 1e-6);
	assert_true(l->module_mm >= CARD_MODULE_LEAST_MM);
	assert_true(fabs(l->qr_box.w - (l->qr->size + 8) * l->module_mm) < 1e-6);
}

static void
a_plain_card_has_everything_at_full_size(void **state)
{
	g_auto(CardLayout) l = { .n_boxes = 0 };
	g_autoptr(GError) error = NULL;
	g_autofree char *product = NULL;
	g_autofree char *valid = NULL;
	g_autofree char *serial = NULL;

	(void)state;
	assert_true(card_layout(fonts, &plain, ID1_WIDTH_MM, ID1_HEIGHT_MM, &l, &error));
	assert_sound(&l);
	assert_int_equal(l.n_boxes, 11);
	product = text_of(card_layout_find(&l, CARD_PRODUCT));
	valid = text_of(card_layout_find(&l, CARD_VALID));
	serial = text_of(card_layout_find(&l, CARD_SERIAL));
	assert_string_equal(product, "CAD Pro 2026");
	assert_string_equal(valid, "gültig bis 31.12.2026");
	assert_string_equal(serial, "Karte 2026-004711");
	assert_true(card_layout_find(&l, CARD_PRODUCT)->style.size_pt == 14);
	assert_true(card_layout_find(&l, CARD_CODE)->style.size_pt == 11);
	assert_true(l.module_mm >= CARD_MODULE_WANTED_MM);
}

static void
english_cards_spell_the_month(void **state)
{
	g_auto(CardLayout) l = { .n_boxes = 0 };
	CardData data = plain;
	g_autofree char *valid = NULL;
	g_autofree char *serial = NULL;

	(void)state;
	data.language = "en-GB";
	data.reprint = 2;
	assert_true(card_layout(fonts, &data, ID1_WIDTH_MM, ID1_HEIGHT_MM, &l, NULL));
	valid = text_of(card_layout_find(&l, CARD_VALID));
	serial = text_of(card_layout_find(&l, CARD_SERIAL));
	assert_string_equal(valid, "valid until 31 December 2026");
	assert_string_equal(serial, "Card 2026-004711 · Reprint 2");
}

static void
what_is_not_known_leaves_no_trace(void **state)
{
	g_auto(CardLayout) l = { .n_boxes = 0 };
	CardData data = { .product = "X", .code = CODE };

	(void)state;
	assert_true(card_layout(fonts, &data, ID1_WIDTH_MM, ID1_HEIGHT_MM, &l, NULL));
	assert_sound(&l);
	assert_null(card_layout_find(&l, CARD_HOLDER));
	assert_null(card_layout_find(&l, CARD_VALID));
	assert_null(card_layout_find(&l, CARD_SERIAL));
	assert_null(card_layout_find(&l, CARD_PILL));
	/* The code alone, at level Q. */
	assert_int_equal(l.qr->size, 25);
}

typedef struct FitRow {
	const char *name;
	const char *product, *holder, *company, *banner;
	double w, h;
	int company_lines; /* 0: any */
} FitRow;

static const FitRow fits[] = {
	{ "a company of 60 characters", "CAD Pro 2026", "Ada Lovelace",
	    "Vereinigte Süddeutsche Präzisionswerkzeugfabriken AG & Co. KG", NULL,
	    ID1_WIDTH_MM, ID1_HEIGHT_MM, 2 },
	{ "a long product in two lines", "CAD Professional Enterprise Edition 2026",
	    "Ada Lovelace", "Analytical Engines Ltd", NULL, ID1_WIDTH_MM, ID1_HEIGHT_MM,
	    0 },
	{ "everything long at once", "CAD Professional Enterprise Edition 2026",
	    "Prof. Dr.-Ing. habil. Maximilian-Alexander Freiherr von Hohenstein-Waldburg",
	    "Vereinigte Süddeutsche Präzisionswerkzeugfabriken AG & Co. KG", "NFR",
	    ID1_WIDTH_MM, ID1_HEIGHT_MM, 0 },
	{ "Polish, Greek and Cyrillic", "CAD Pro 2026", "Grażyna Brzęczyszczykiewicz",
	    "Μηχανουργείο Αθηνών — Завод Прогресс", NULL, ID1_WIDTH_MM, ID1_HEIGHT_MM,
	    0 },
	{ "a decomposed umlaut", "CAD Pro", "Ju\xCC\x88rgen", "x", NULL, ID1_WIDTH_MM,
	    ID1_HEIGHT_MM, 0 },
	{ "a short banner", "CAD Pro 2026", "E", "x", "NFR", ID1_WIDTH_MM, ID1_HEIGHT_MM,
	    0 },
	{ "a banner in words", "CAD Pro 2026", "E", "x", NFR_DE, ID1_WIDTH_MM,
	    ID1_HEIGHT_MM, 0 },
	{ "a banner in words on a name badge", "CAD Pro 2026", "E", "x", NFR_DE, 80, 50,
	    0 },
	{ "a banner in words on the smallest", "CAD Pro 2026", "E", "x", NFR_DE,
	    CARD_WIDTH_MIN_MM, CARD_HEIGHT_MIN_MM, 0 },
	{ "business cards 85 x 54", "CAD Pro 2026", "Ada Lovelace", "Analytical Engines",
	    "NFR", 85, 54, 1 },
	{ "name badges 80 x 50", "CAD Pro 2026", "Ada Lovelace", "Analytical Engines",
	    "NFR", 80, 50, 1 },
	{ "US cards 88.9 x 50.8", "CAD Pro 2026", "Ada Lovelace", "Analytical Engines",
	    "NFR", 88.9, 50.8, 1 },
	{ "the smallest", "CAD Pro 2026", "Ada Lovelace", "Analytical Engines", NULL,
	    CARD_WIDTH_MIN_MM, CARD_HEIGHT_MIN_MM, 1 },
	{ "large badges", "CAD Pro 2026", "Ada Lovelace", "Analytical Engines", NULL, 120,
	    90, 1 },
};

static void
fit_test(void **state)
{
	const FitRow *row = *state;
	g_auto(CardLayout) l = { .n_boxes = 0 };
	g_autoptr(GError) error = NULL;
	CardData data = plain;
	const CardBox *company;

	data.product = row->product;
	data.holder = row->holder;
	data.company = row->company;
	data.banner = row->banner;
	if (!card_layout(fonts, &data, row->w, row->h, &l, &error))
		fail_msg("%s", error->message);
	assert_sound(&l);
	company = card_layout_find(&l, CARD_COMPANY);
	if (row->company_lines != 0)
		assert_int_equal(company->n_lines, row->company_lines);
	assert_int_equal(card_layout_find(&l, CARD_PILL) != NULL, row->banner != NULL);
	assert_true(company->style.size_pt >= 6);
}

typedef struct RefuseRow {
	const char *name;
	size_t field; /* offset in CardData */
	const char *value;
	double w;
	const char *says;
} RefuseRow;

#define FIELD(member) offsetof(CardData, member)

static const RefuseRow refused[] = {
	{ "an emoji is named", FIELD(holder), "Ada \xF0\x9F\x98\x80", 0,
	    "HOLDER: no font shows U+1F600 '😀'" },
	{ "each missing character once", FIELD(company),
	    "\xE6\x9D\xB1\xE4\xBA\xAC\xE6\x9D\xB1", 0,
	    "COMPANY: no font shows U+6771 '東', U+4EAC '京'" },
	{ "Arabic would not join", FIELD(holder), "\xD8\xB9\xD9\x84\xD9\x8A", 0,
	    "HOLDER: no font shows U+0639" },
	{ "text must not be turned around", FIELD(holder), "Ada\xE2\x80\xAEx", 0,
	    "HOLDER: no font shows U+202E" },
	{ "a line break is no text", FIELD(product), "a\nb", 0,
	    "PRODUCT: no font shows U+000A" },
	{ "broken UTF-8", FIELD(brand), "M\xFCller", 0, "BRAND: not UTF-8" },
	{ "a word too wide for any line", FIELD(company),
	    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellsc"
	    "haft",
	    0, "COMPANY: 'Donaudampf" },
	{ "no product", FIELD(product), "", 0, "PRODUCT: missing" },
	{ "no code", FIELD(code), NULL, 0, "CODE: missing" },
	{ "a code too long for one line", FIELD(code), CODE "-" CODE, 0, "CODE: '" CODE },
	{ "a card too small", FIELD(holder), "Ada", 70,
	    "a card of 70.0 x 54.0 mm is too small" },
};

static void
refuse_test(void **state)
{
	const RefuseRow *row = *state;
	g_auto(CardLayout) l = { .n_boxes = 0 };
	g_autoptr(GError) error = NULL;
	CardData data = plain;

	*(const char **)(void *)((char *)&data + row->field) = row->value;
	assert_false(card_layout(fonts, &data, row->w != 0 ? row->w : ID1_WIDTH_MM,
	    ID1_HEIGHT_MM, &l, &error));
	assert_error(error, TP_ERROR_INVALID);
	if (strncmp(error->message, row->says, strlen(row->says)) != 0)
		fail_msg("said \"%s\"", error->message);
}

static void
describe(GString *text, const CardLayout *l)
{
	for (int i = 0; i < l->n_boxes; i++) {
		const CardBox *b = &l->boxes[i];
		g_autofree char *words = text_of(b);

		g_string_append_printf(text, "  %-8s %6.2f %6.2f %6.2f %6.2f  #%06X",
		    card_element_name(b->element), b->box.x, b->box.y, b->box.w, b->box.h,
		    b->style.colour);
		if (b->n_lines > 0)
			g_string_append_printf(
			    text, "  %5.2f pt  %s", b->style.size_pt, words);
		g_string_append_c(text, '\n');
	}
}

/* A change of the table is seen in review as changed figures. */
static void
boxes_lie_where_they_were_found_good(void **state)
{
	static const double sizes[][2] = { { ID1_WIDTH_MM, ID1_HEIGHT_MM }, { 85, 54 },
		{ 80, 50 }, { 89.99, 52 } };
	g_autoptr(GString) text =
	    g_string_new("ELEMENT x y w h (mm)  colour  size  text\n");

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		for (int full = 0; full <= 1; full++) {
			g_auto(CardLayout) l = { .n_boxes = 0 };
			CardData data = plain;

			if (full) {
				data.banner = NFR_DE;
				data.product = "CAD Professional Enterprise Edition 2026";
				data.holder =
				    "Prof. Dr.-Ing. Maximilian-Alexander von Hohenstein";
				data.company = "Vereinigte Süddeutsche "
					       "Präzisionswerkzeugfabriken AG";
				data.reprint = 1;
			}
			assert_true(card_layout(
			    fonts, &data, sizes[i][0], sizes[i][1], &l, NULL));
			assert_sound(&l);
			g_string_append_printf(text, "%.2f x %.2f, %s\n", sizes[i][0],
			    sizes[i][1], full ? "full" : "plain");
			describe(text, &l);
		}
	}
	assert_golden("print/card.txt", text->str, text->len);
}

static void
a_long_address_leaves_room_for_a_banner(void **state)
{
	static const double sizes[][2] = { { ID1_WIDTH_MM, ID1_HEIGHT_MM }, { 85, 54 },
		{ 80, 50 }, { CARD_WIDTH_MIN_MM, CARD_HEIGHT_MIN_MM } };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_auto(CardLayout) l = { .n_boxes = 0 };
		g_autoptr(GError) error = NULL;
		CardData data = plain;

		data.banner = NFR_DE;
		data.qr_text =
		    "https://licences.depot.example.com/activate/en/with/a/very/long/"
		    "path/that/nobody/would/type/but/somebody/chose/all/the/same/and/"
		    "so/on/and/on/until/it/is/full#" CODE;
		if (!card_layout(fonts, &data, sizes[i][0], sizes[i][1], &l, &error))
			fail_msg("%g x %g: %s", sizes[i][0], sizes[i][1], error->message);
		assert_sound(&l);
		assert_true(l.qr_box.w > 25);
	}
}

static void
a_logo_stands_for_the_brand(void **state)
{
	static const int sizes[][2] = { { 600, 200 }, { 200, 200 }, { 720, 40 },
		{ 30, 300 } };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autoptr(Picture) logo = logo_new(sizes[i][0], sizes[i][1], 0x803010);
		g_auto(CardLayout) l = { .n_boxes = 0 };
		CardData data = plain;
		const CardBox *box;

		data.logo = logo;
		data.banner = NFR_DE;
		assert_true(
		    card_layout(fonts, &data, ID1_WIDTH_MM, ID1_HEIGHT_MM, &l, NULL));
		assert_sound(&l);
		box = card_layout_find(&l, CARD_LOGO);
		assert_non_null(box);
		assert_null(card_layout_find(&l, CARD_BRAND));
		/* Its own proportions. */
		assert_float_equal(
		    box->box.w / box->box.h, (double)sizes[i][0] / sizes[i][1], 0.001);
	}
}

static void
a_code_too_dense_to_scan_is_refused(void **state)
{
	g_autofree char *longest = g_strnfill(LIMIT_QR_TEXT_BYTES, 'x');
	g_autofree char *too_long = g_strnfill(LIMIT_QR_TEXT_BYTES + 1, 'x');
	g_autoptr(Qr) dense = qr_encode(longest, QR_LEVEL_Q, NULL);
	g_auto(CardLayout) l = { .n_boxes = 0 };
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) limit = NULL;
	CardData data = plain;

	(void)state;
	data.qr_text = longest;
	assert_true(card_layout(fonts, &data, ID1_WIDTH_MM, ID1_HEIGHT_MM, &l, NULL));
	assert_sound(&l);
	card_layout_clear(&l);
	data.qr = dense;
	assert_false(card_layout(fonts, &data, ID1_WIDTH_MM, ID1_HEIGHT_MM, &l, &error));
	assert_error(error, TP_ERROR_INVALID);
	data.qr = NULL;
	data.qr_text = too_long;
	assert_false(card_layout(fonts, &data, ID1_WIDTH_MM, ID1_HEIGHT_MM, &l, &limit));
	assert_error(limit, TP_ERROR_INVALID);
}

static void
the_pdf_is_sound_can_be_copied_and_scans(void **state)
{
	g_autoptr(Press) press = press_new(fonts);
	g_autoptr(GByteArray) pdf = g_byte_array_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *folder = peer_folder();
	g_autofree char *path = NULL;
	g_autofree char *text = NULL;
	g_autofree char *stem = g_build_filename(folder, "card", NULL);
	g_autofree char *picture = g_build_filename(folder, "card-1.png", NULL);
	g_autofree char *code = NULL;
	CardData data = plain;

	(void)state;
	data.company = "Μηχανουργείο (Łódź) č\\Прогресс";
	if (!card_pdf(press, &data, 0, pdf, &error))
		fail_msg("%s", error->message);
	path = peer_write(folder, "card.pdf", pdf);
	peer_check_pdf(path);
	text = peer_text(path);
	assert_non_null(strstr(text, CODE));
	assert_non_null(strstr(text, "Jürgen Weißenböck"));
	assert_non_null(strstr(text, data.company));
	assert_non_null(strstr(text, "gültig bis 31.12.2026"));
	peer_render(path, "300", "-png", stem);
	code = peer_scan(picture);
	assert_string_equal(code, URL "\n");
	peer_clear(folder);
}

static void
a_pdf_for_mail_is_small_and_always_the_same(void **state)
{
	g_autoptr(Press) press = press_new(fonts);
	g_autoptr(Press) fresh = press_new(fonts);
	g_autoptr(GByteArray) first = g_byte_array_new();
	g_autoptr(GByteArray) again = g_byte_array_new();
	g_autoptr(GByteArray) other = g_byte_array_new();
	CardData data = plain;

	(void)state;
	assert_true(card_pdf(fresh, &plain, 0, first, NULL));
	assert_in_range(first->len, 4000, 8192);
	/* Whatever the press printed before. */
	for (int i = 0; i < 50; i++) {
		g_autofree char *holder = g_strdup_printf("Żółw %c %d", 'A' + i % 26, i);

		data.holder = holder;
		g_byte_array_set_size(other, 0);
		assert_true(card_pdf(press, &data, 3, other, NULL));
	}
	assert_true(card_pdf(press, &plain, 0, again, NULL));
	assert_int_equal(first->len, again->len);
	assert_memory_equal(first->data, again->data, first->len);
}

static void
bleed_is_marked_around_the_cut(void **state)
{
	g_autoptr(Press) press = press_new(fonts);
	g_autoptr(GByteArray) pdf = g_byte_array_new();
	g_autofree char *folder = peer_folder();
	g_autofree char *path = NULL;
	g_autofree char *info = NULL;
	const char *argv[] = { "pdfinfo", "-box", NULL, NULL };

	(void)state;
	assert_true(card_pdf(press, &plain, 3, pdf, NULL));
	path = peer_write(folder, "card.pdf", pdf);
	argv[2] = path;
	info = peer_run(argv, NULL);
	/* 3 mm are 8.504 pt; 88.6 x 56.98 mm end at 251.15 x 161.52 pt. */
	assert_non_null(
	    strstr(info, "TrimBox:             8.50     8.50   251.15   161.52"));
	assert_non_null(
	    strstr(info, "BleedBox:            0.00     0.00   259.65   170.02"));
	peer_clear(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_card_has_everything_at_full_size),
		cmocka_unit_test(english_cards_spell_the_month),
		cmocka_unit_test(what_is_not_known_leaves_no_trace),
		cmocka_unit_test(boxes_lie_where_they_were_found_good),
		cmocka_unit_test(a_long_address_leaves_room_for_a_banner),
		cmocka_unit_test(a_logo_stands_for_the_brand),
		cmocka_unit_test(a_code_too_dense_to_scan_is_refused),
		cmocka_unit_test(the_pdf_is_sound_can_be_copied_and_scans),
		cmocka_unit_test(a_pdf_for_mail_is_small_and_always_the_same),
		cmocka_unit_test(bleed_is_marked_around_the_cut),
	};
	int failed = cmocka_run_group_tests_name("card", tests, set_up, tear_down);

	set_up(NULL);
	failed |= run_rows("card fits", fits, fit_test);
	failed |= run_rows("card refuses", refused, refuse_test);
	tear_down(NULL);
	return failed;
}
