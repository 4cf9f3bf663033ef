/*
 * test_sheet.c - cards on stock: where, how many pages, and what is in the margins.
 */
#include "tests/print/peer.h"

#include "print/sheet.h"

static FontSet *fonts;
static Stock ten; /* two columns, five rows */

static void
make_code(int i, char code[30])
{
	static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint32_t x = (uint32_t)i * 2654435761u + 12345;

	for (int k = 0; k < 29; k++) {
		x = x * 1664525u + 1013904223u;
		code[k] = k % 6 == 5 ? '-' : symbols[x >> 27];
	}
	code[29] = '\0';
}

static bool
add_cards(Sheet *sheet, int n, GError **error)
{
	for (int i = 0; i < n; i++) {
		char code[30];
		g_autofree char *url = NULL;
		g_autofree char *holder = g_strdup_printf("Grażyna Müller %d", i);
		g_autofree char *serial = g_strdup_printf("%06d", i);
		CardData data = { .brand = "Depot",
			.product = "CAD Pro",
			.holder = holder,
			.serial = serial,
			.language = "de" };

		make_code(i, code);
		url = g_strdup_printf("HTTPS://DEPOT.EXAMPLE.COM/#%s", code);
		data.code = code;
		data.qr_text = url;
		if (!sheet_add(sheet, &data, error))
			return false;
	}
	return true;
}

static bool
print_sheet(const SheetPlan *plan, int n, bool haru, GByteArray *out, GError **error)
{
	g_autoptr(Press) press = press_new(fonts);
	g_autoptr(Pen) pen = haru ? pen_haru_new(fonts, pen_to_bytes, out)
				  : pen_lean_new(press, PRESS_SMALL, pen_to_bytes, out);
	g_autoptr(Sheet) sheet = sheet_begin(pen, plan, n, error);

	return sheet != NULL && add_cards(sheet, n, error) && sheet_end(sheet, error);
}

typedef struct CountRow {
	const char *name;
	int n;
	int start;
	int voids[3];
	int n_voids;
	int pages;
	int last_slot;
} CountRow;

static const CountRow counts[] = {
	{ "one card", 1, 0, { 0 }, 0, 1, 0 },
	{ "n - 1 cards", 9, 0, { 0 }, 0, 1, 8 },
	{ "n cards fill a page", 10, 0, { 0 }, 0, 1, 9 },
	{ "n + 1 cards begin another", 11, 0, { 0 }, 0, 2, 0 },
	{ "the start slot is the last", 2, 9, { 0 }, 0, 2, 0 },
	{ "one card on the last slot", 1, 9, { 0 }, 0, 1, 9 },
	{ "the start slot counts on the first page only", 16, 4, { 0 }, 0, 2, 9 },
	{ "void slots are passed over on each page", 17, 0, { 0, 4, 9 }, 3, 3, 4 },
	{ "a void start slot", 1, 4, { 4 }, 1, 1, 5 },
	{ "nothing left from the start slot on", 1, 9, { 9 }, 1, 1, 0 },
	{ "ten thousand", 10000, 0, { 0 }, 0, 1000, 9 },
};

static void
count_test(void **state)
{
	const CountRow *row = *state;
	SheetPlan plan = { .stock = &ten,
		.start_slot = row->start,
		.voids = row->voids,
		.n_voids = row->n_voids };
	g_autoptr(GError) error = NULL;
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	int page = 0;
	int slot = 0;
	int before = -1;

	assert_true(sheet_plan_check(&plan, &error));
	for (int i = 0; i < row->n; i++) {
		sheet_place(&plan, i, &page, &slot);
		assert_in_range(slot, 0, 9);
		for (int v = 0; v < row->n_voids; v++)
			assert_int_not_equal(slot, row->voids[v]);
		/* Onwards, and no place twice. */
		assert_true(page * 10 + slot > before);
		before = page * 10 + slot;
		assert_true(g_hash_table_add(seen, GINT_TO_POINTER(before)));
	}
	assert_int_equal(page + 1, row->pages);
	if (row->last_slot < 10 && strstr(row->name, "void slots") == NULL)
		assert_int_equal(slot, row->last_slot);
	assert_int_equal(sheet_pages(&plan, row->n), row->pages);
}

typedef struct PlanRow {
	const char *name;
	SheetPlan plan;
	const char *stock;
	const char *says;
} PlanRow;

static const int all_void[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
static const int beyond[] = { 10 };

static const PlanRow plans[] = {
	{ "a start slot behind the last", { .start_slot = 10 }, NULL,
	    "start slot 11; stock 'avery-c32011-10' has 1 to 10" },
	{ "a negative start slot", { .start_slot = -1 }, NULL, "start slot 0" },
	{ "no slot left", { .voids = all_void, .n_voids = 10 }, NULL, "every slot" },
	{ "a void slot that is none", { .voids = beyond, .n_voids = 1 }, NULL,
	    "void slot 11" },
	{ "labels too small", { .start_slot = 0 }, "avery-l7160",
	    "labels of stock 'avery-l7160' are 64.0 x 38.1 mm; a card needs 80 x 48" },
	{ "a scale for shrinking", { .scale = 0.5 }, NULL, "printer scale of 0.5" },
	{ "a shift off the page", { .shift_x_mm = -30 }, NULL,
	    "printer shift of -30, 0 mm" },
	{ "bleed without end", { .bleed_mm = 50 }, NULL, "bleed of 50 mm" },
	{ "a title with an emoji", { .title = "Batch \xF0\x9F\x98\x80" }, NULL,
	    "title: no font shows U+1F600" },
	{ "a title wider than the sheet",
	    { .title = "Batch 17 of the year 2026, for the customers of the southern "
		       "region, second delivery, to be packed with the printed manual, "
		       "the yellow leaflet and the letter of the management, by Friday "
		       "evening at the latest" },
	    NULL, "title: 'Batch 17" },
};

static void
plan_test(void **state)
{
	const PlanRow *row = *state;
	SheetPlan plan = row->plan;
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autoptr(GError) error = NULL;
	Stock stock = ten;

	if (row->stock != NULL)
		assert_true(stock_get(row->stock, &stock, NULL));
	plan.stock = &stock;
	assert_false(print_sheet(&plan, 1, false, out, &error));
	assert_error(error, TP_ERROR_INVALID);
	if (strncmp(error->message, row->says, strlen(row->says)) != 0)
		fail_msg("said \"%s\"", error->message);
}

static void
no_cards_are_no_document(void **state)
{
	SheetPlan plan = { .stock = &ten };
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_false(print_sheet(&plan, 0, false, out, &error));
	assert_error(error, TP_ERROR_INVALID);
	assert_int_equal(out->len, 0);
}

static void
the_number_of_cards_is_a_promise(void **state)
{
	SheetPlan plan = { .stock = &ten };
	g_autoptr(Press) press = press_new(fonts);
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autoptr(Pen) pen = pen_lean_new(press, PRESS_FAST, pen_to_bytes, out);
	g_autoptr(Sheet) sheet = sheet_begin(pen, &plan, 2, NULL);
	g_autoptr(GError) early = NULL;
	g_autoptr(GError) many = NULL;

	(void)state;
	assert_true(add_cards(sheet, 1, NULL));
	assert_false(sheet_end(sheet, &early));
	assert_error(early, TP_ERROR_INVALID);
	assert_true(add_cards(sheet, 1, NULL));
	assert_false(add_cards(sheet, 1, &many));
	assert_error(many, TP_ERROR_INVALID);
	assert_true(sheet_end(sheet, NULL));
}

/* The codes on pages 1 to `pages` of a rendered PDF, in a set. */
static GHashTable *
scan_pages(const char *folder, const char *pdf, int pages)
{
	GHashTable *ret = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *stem = g_build_filename(folder, "page", NULL);

	peer_render(pdf, "300", "-gray", stem);
	for (int page = 1; page <= pages; page++) {
		g_autofree char *picture = g_strdup_printf("%s-%d.pgm", stem, page);
		g_autofree char *codes = peer_scan(picture);
		g_auto(GStrv) lines = g_strsplit(codes, "\n", -1);

		for (char **line = lines; *line != NULL; line++) {
			if (**line != '\0')
				g_hash_table_add(ret, g_strdup(*line));
		}
	}
	return ret;
}

static void
every_code_on_the_paper_scans(void **state)
{
	SheetPlan plan = {
		.stock = &ten, .start_slot = 3, .title = "Stapel 17", .language = "de"
	};
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *folder = peer_folder();
	g_autofree char *path = NULL;
	g_autofree char *text = NULL;
	g_autoptr(GHashTable) codes = NULL;

	(void)state;
	if (!print_sheet(&plan, 16, false, out, &error))
		fail_msg("%s", error->message);
	path = peer_write(folder, "sheet.pdf", out);
	peer_check_pdf(path);
	text = peer_text(path);
	assert_non_null(strstr(text, "Stapel 17"));
	assert_non_null(strstr(text, "Seite 1 von 2"));
	assert_non_null(strstr(text, "Seite 2 von 2"));
	assert_non_null(strstr(text, "mit 100 % drucken"));
	assert_non_null(strstr(text, "Grażyna Müller 15"));
	codes = scan_pages(folder, path, 2);
	assert_int_equal(g_hash_table_size(codes), 16);
	for (int i = 0; i < 16; i++) {
		char code[30];
		g_autofree char *url = NULL;

		make_code(i, code);
		url = g_strdup_printf("HTTPS://DEPOT.EXAMPLE.COM/#%s", code);
		assert_true(g_hash_table_contains(codes, url));
		assert_non_null(strstr(text, code));
	}
	peer_clear(folder);
}

/* Text at a place: pdftotext counts in points of 1/72 inch with -r 72. */
static char *
text_in(const char *path, double x_mm, double y_mm, double w_mm, double h_mm)
{
	char x[16], y[16], w[16], h[16];
	const char *argv[] = { "pdftotext", "-r", "720", "-f", "1", "-l", "1", "-x", x,
		"-y", y, "-W", w, "-H", h, path, "-", NULL };

	g_snprintf(x, sizeof(x), "%.0f", mm_to_pt(x_mm) * 10);
	g_snprintf(y, sizeof(y), "%.0f", mm_to_pt(y_mm) * 10);
	g_snprintf(w, sizeof(w), "%.0f", mm_to_pt(w_mm) * 10);
	g_snprintf(h, sizeof(h), "%.0f", mm_to_pt(h_mm) * 10);
	return peer_run(argv, NULL);
}

static void
each_card_lies_in_its_slot(void **state)
{
	SheetPlan plan = { .stock = &ten, .start_slot = 1 };
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autofree char *folder = peer_folder();
	g_autofree char *path = NULL;

	(void)state;
	assert_true(print_sheet(&plan, 9, false, out, NULL));
	path = peer_write(folder, "sheet.pdf", out);
	for (int slot = 0; slot < 10; slot++) {
		g_autofree char *text = NULL;
		char code[30];
		double x, y;

		stock_slot(&ten, slot, &x, &y);
		text = text_in(path, x, y, ten.label_w_mm, ten.label_h_mm);
		make_code(slot - 1, code);
		if (slot == 0) {
			assert_null(strstr(text, "CAD Pro"));
			continue;
		}
		assert_non_null(strstr(text, code));
		/* And no other's. */
		assert_true(strstr(text, "CAD Pro") == g_strrstr(text, "CAD Pro"));
	}
	peer_clear(folder);
}

static void
the_same_batch_is_the_same_file(void **state)
{
	SheetPlan plan = { .stock = &ten };

	(void)state;
	for (int haru = 0; haru <= 1; haru++) {
		g_autoptr(GByteArray) a = g_byte_array_new();
		g_autoptr(GByteArray) b = g_byte_array_new();
		g_autoptr(GByteArray) c = g_byte_array_new();

		assert_true(print_sheet(&plan, 12, haru, a, NULL));
		assert_true(print_sheet(&plan, 12, haru, b, NULL));
		assert_true(print_sheet(&plan, 13, haru, c, NULL));
		assert_int_equal(a->len, b->len);
		assert_memory_equal(a->data, b->data, a->len);
		assert_true(c->len != a->len || memcmp(a->data, c->data, a->len) != 0);
	}
}

static void
four_thousand_pages_hang_in_a_tree(void **state)
{
	SheetPlan plan = { .stock = &ten,
		.voids = (const int[]){ 1, 2, 3, 4, 5, 6, 7, 8, 9 },
		.n_voids = 9 };
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autofree char *folder = peer_folder();
	const char *argv[] = { "pdfinfo", NULL, NULL };
	/* Around full nodes, and one with 64 full nodes below. */
	static const int pages[] = { 63, 64, 65, 128, 129, 4096, 4097 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
		g_autofree char *want =
		    g_strdup_printf("Pages:           %d\n", pages[i]);
		g_autofree char *info = NULL;
		g_autofree char *path = NULL;

		g_byte_array_set_size(out, 0);
		assert_true(print_sheet(&plan, pages[i], false, out, NULL));
		path = peer_write(folder, "sheet.pdf", out);
		peer_check_pdf(path);
		argv[1] = path;
		info = peer_run(argv, NULL);
		assert_non_null(strstr(info, want));
	}
	peer_clear(folder);
}

static void
a_printer_that_is_off_is_set_right(void **state)
{
	SheetPlan plan = {
		.stock = &ten, .shift_x_mm = 4, .shift_y_mm = -2, .scale = 1.01
	};
	g_autofree char *folder = peer_folder();

	(void)state;
	for (int haru = 0; haru <= 1; haru++) {
		g_autoptr(GByteArray) out = g_byte_array_new();
		g_autofree char *path = NULL;
		g_autofree char *there = NULL;
		g_autofree char *not_there = NULL;
		char code[30];

		make_code(0, code);
		assert_true(print_sheet(&plan, 1, haru, out, NULL));
		path = peer_write(folder, "sheet.pdf", out);
		/* The brand's capitals touch 5 mm on the card at 15, 13.5: ten mm high
		 * and wide windows just around where it must be, and where it would be
		 * unmoved. */
		there =
		    text_in(path, (15 + 7.8) * 1.01 + 4, (13.5 + 4) * 1.01 - 2, 12, 4.5);
		not_there = text_in(path, 15 + 7.8, 13.5 + 4, 2, 4.5);
		assert_non_null(strstr(there, "Depot"));
		assert_null(strstr(not_there, "Depot"));
	}
	peer_clear(folder);
}

static void
bleed_and_marks_are_in_the_boxes(void **state)
{
	SheetPlan plan = { .bleed_mm = 3 };
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *folder = peer_folder();
	g_autofree char *path = NULL;
	g_autofree char *info = NULL;
	const char *argv[] = { "pdfinfo", "-box", NULL, NULL };
	Stock stock;

	(void)state;
	assert_true(stock_get("plain-a4-2x4", &stock, NULL));
	plan.stock = &stock;
	if (!print_sheet(&plan, 8, false, out, &error))
		fail_msg("%s", error->message);
	path = peer_write(folder, "sheet.pdf", out);
	argv[2] = path;
	info = peer_run(argv, NULL);
	/* The grid from 16.4, 31.54 to 193.6, 265.46 mm, and 3 mm more. */
	assert_non_null(
	    strstr(info, "TrimBox:            46.49    89.41   548.79   752.49"));
	assert_non_null(
	    strstr(info, "BleedBox:           37.98    80.90   557.29   760.99"));
	peer_clear(folder);
}

static int
set_up(void **state)
{
	(void)state;
	fonts = font_set_open(NULL, NULL);
	return fonts == NULL || !stock_get("avery-c32011-10", &ten, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_cards_are_no_document),
		cmocka_unit_test(the_number_of_cards_is_a_promise),
		cmocka_unit_test(every_code_on_the_paper_scans),
		cmocka_unit_test(each_card_lies_in_its_slot),
		cmocka_unit_test(the_same_batch_is_the_same_file),
		cmocka_unit_test(four_thousand_pages_hang_in_a_tree),
		cmocka_unit_test(a_printer_that_is_off_is_set_right),
		cmocka_unit_test(bleed_and_marks_are_in_the_boxes),
	};
	int failed = set_up(NULL);

	failed |= cmocka_run_group_tests_name("sheet", tests, NULL, NULL);
	failed |= run_rows("sheet counts", counts, count_test);
	failed |= run_rows("sheet plans", plans, plan_test);
	font_set_free(fonts);
	return failed;
}
