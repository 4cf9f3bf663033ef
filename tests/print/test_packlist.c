/*
 * test_packlist.c - nothing on the list is missing, nothing on it is worth stealing.
 */
#include "tests/print/bbox.h"

#include <math.h>

#include "print/packlist.h"
#include "print/pen_record.h"
#include "print/press.h"

#define N_MOST 200

static FontSet *fonts;
static Press *press;
static PackPiece pieces[N_MOST];

static PackList
a_list(int n)
{
	return (PackList){
		.batch = "B-2026-0007",
		.brand = "Karlsruher CAD Werke",
		.date = "2026-11-24",
		.stock = "Avery C32011-10",
		.language = "de",
		.pieces = pieces,
		.n_pieces = n,
	};
}

static int
set_up(void)
{
	fonts = font_set_open(NULL, NULL);
	press = press_new(fonts);
	for (int i = 0; i < N_MOST; i++)
		pieces[i] = (PackPiece){
			.sheet = i / 10 + 1,
			.place = i % 10 + 1,
			.order = g_strdup_printf("SO-%d", 1000 + i / 3),
			.recipient = i % 4 == 0 ? "Häfele & Söhne Maschinenbau GmbH & "
						  "Co. KG"
						: "Jana Kötter",
			.product = i % 2 == 0 ? "CAD Pro 2026" : "Statik Pro",
			.serial = g_strdup_printf("2026-%06d", 4711 + i),
		};
	return fonts == NULL;
}

static void
tear_down(void)
{
	for (int i = 0; i < N_MOST; i++) {
		g_free((char *)(uintptr_t)pieces[i].order);
		g_free((char *)(uintptr_t)pieces[i].serial);
	}
	press_free(press);
	font_set_free(fonts);
}

static GByteArray *
make(const PackList *list, int *ret_pages)
{
	g_autoptr(GError) error = NULL;
	GByteArray *bytes = g_byte_array_new();
	g_autoptr(Pen) pen = pen_lean_new(press, PRESS_SMALL, pen_to_bytes, bytes);

	if (!packlist_draw(pen, list, ret_pages, &error) || !pen_finish(pen, &error))
		fail_msg("%s", error->message);
	return bytes;
}

static int
count_of(const char *text, const char *piece)
{
	int n = 0;

	for (const char *p = text; (p = strstr(p, piece)) != NULL; p += strlen(piece))
		n++;
	return n;
}

typedef struct SizeCase {
	const char *name;
	int pieces, pages;
} SizeCase;

/* clang-format off */
static const SizeCase sizes[] = {
	{ "one piece", 1, 1 },
	{ "one page with its totals", 20, 1 },
	{ "the totals go to a second page", 28, 2 },
	{ "one piece more than the first page holds", 29, 2 },
	{ "two hundred", 200, 7 },
};
/* clang-format on */

static void
every_piece_is_on_the_list_once(void **state)
{
	const SizeCase *c = *state;
	PackList list = a_list(c->pieces);
	g_autofree char *folder = peer_folder();
	g_autofree char *path = NULL;
	g_autofree char *text = NULL;
	g_autofree char *last = NULL;
	g_autoptr(GByteArray) bytes = NULL;
	int pages;

	bytes = make(&list, &pages);
	assert_int_equal(pages, c->pages);
	path = peer_write(folder, "list.pdf", bytes);
	peer_check_pdf(path);
	text = peer_text(path);
	for (int i = 0; i < c->pieces; i++)
		assert_int_equal(count_of(text, pieces[i].serial), 1);
	last = g_strdup_printf("Seite %d von %d", pages, pages);
	assert_int_equal(count_of(text, last), 1);
	assert_int_equal(count_of(text, "Gepackt von"), 1);
	peer_clear(folder);
}

static void
the_batch_can_be_scanned(void **state)
{
	PackList list = a_list(3);
	g_autofree char *folder = peer_folder();
	g_autofree char *path = NULL;
	g_autofree char *stem = NULL;
	g_autofree char *picture = NULL;
	g_autofree char *code = NULL;
	g_autoptr(GByteArray) bytes = NULL;
	int pages;

	(void)state;
	list.batch_code = "BATCH/B-2026-0007";
	bytes = make(&list, &pages);
	path = peer_write(folder, "list.pdf", bytes);
	stem = g_build_filename(folder, "p", NULL);
	peer_render(path, "300", "-gray", stem);
	picture = g_build_filename(folder, "p-1.pgm", NULL);
	code = peer_scan(picture);
	assert_string_equal(code, "BATCH/B-2026-0007\n");
	peer_clear(folder);
}

static void
rows_lie_in_their_columns_and_on_the_page(void **state)
{
	PackList list = a_list(60);
	g_autofree char *folder = peer_folder();
	g_autofree char *path = NULL;
	g_autoptr(GByteArray) bytes = NULL;
	g_autoptr(GArray) words = NULL;
	double card_x = 0;
	int pages, n = 0;

	(void)state;
	bytes = make(&list, &pages);
	path = peer_write(folder, "list.pdf", bytes);
	words = bbox_words(path);
	for (guint i = 0; i < words->len; i++) {
		const BboxWord *w = &g_array_index(words, BboxWord, i);

		assert_true(box_holds((Box){ 10, 10, 190, 282 }, w->box));
		if (!g_str_has_prefix(w->text, "2026-0"))
			continue;
		if (card_x == 0)
			card_x = w->box.x;
		assert_true(fabs(w->box.x - card_x) < 0.1);
		n++;
	}
	assert_int_equal(n, 60);
	peer_clear(folder);
}

static void
a_piece_taken_back_is_struck_out_and_has_no_box_to_tick(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Pen) record = pen_record_new(fonts);
	PackPiece three[3] = { pieces[0], pieces[1], pieces[2] };
	PackList list = a_list(3);
	const Mark *marks;
	size_t n;
	int pages, boxes = 0, strokes = 0, words = 0, reprints = 0;

	(void)state;
	three[1].is_removed = true;
	three[2].reprint = 4;
	list.pieces = three;
	list.reprint = 2;
	assert_true(packlist_draw(record, &list, &pages, &error));
	marks = pen_record_marks(record, &n);
	for (const Mark *m = marks; m < marks + n; m++) {
		boxes += m->kind == MARK_PANEL && m->stroke != COLOUR_NONE;
		/* Across the columns, but neither a rule nor a heading's line. */
		strokes += m->kind == MARK_LINE && m->width_pt > 0.7 && m->x > 20;
		words += m->kind == MARK_TEXT && strcmp(m->text, "ENTFERNEN") == 0;
		reprints +=
		    m->kind == MARK_TEXT && (strcmp(m->text, "Nachdruck 2") == 0 ||
						g_str_has_suffix(m->text, " R4"));
	}
	assert_int_equal(boxes, 2);
	assert_int_equal(strokes, 1);
	assert_int_equal(words, 1);
	assert_int_equal(reprints, 2);
}

static void
totals_count_what_is_to_be_packed(void **state)
{
	PackPiece four[4] = { pieces[0], pieces[1], pieces[2], pieces[10] };
	PackList list = a_list(4);
	g_autofree char *folder = peer_folder();
	g_autofree char *path = NULL;
	g_autofree char *text = NULL;
	g_autoptr(GByteArray) bytes = NULL;
	int pages;

	(void)state;
	four[1].is_removed = true;
	list.pieces = four;
	list.language = "en";
	bytes = make(&list, &pages);
	path = peer_write(folder, "list.pdf", bytes);
	text = peer_text(path);
	assert_true(g_regex_match_simple("to pack +3\\b", text, 0, 0));
	assert_true(g_regex_match_simple("to remove +1\\b", text, 0, 0));
	assert_true(g_regex_match_simple("Recipients +2\\b", text, 0, 0));
	assert_true(g_regex_match_simple("Sheets +2\\b", text, 0, 0));
	assert_true(g_regex_match_simple("\\b3 +CAD Pro 2026", text, 0, 0));
	assert_false(g_regex_match_simple("[0-9] +Statik Pro\n", text, 0, 0));
	peer_clear(folder);
}

static void
many_products_are_summed_up(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Pen) record = pen_record_new(fonts);
	PackList list = a_list(30);
	PackPiece thirty[30];
	char names[30][16];
	const Mark *marks;
	size_t n;
	int pages, rest = 0;

	(void)state;
	for (int i = 0; i < 30; i++) {
		thirty[i] = pieces[i];
		g_snprintf(names[i], sizeof(names[i]), "Product %d", i);
		thirty[i].product = names[i];
	}
	list.pieces = thirty;
	assert_true(packlist_draw(record, &list, &pages, &error));
	marks = pen_record_marks(record, &n);
	for (const Mark *m = marks; m + 1 < marks + n; m++)
		if (m->kind == MARK_TEXT &&
		    strcmp(m[1].text != NULL ? m[1].text : "", "...") == 0) {
			assert_string_equal(m->text, "19");
			rest++;
		}
	assert_int_equal(rest, 1);
}

static void
a_list_comes_whatever_is_in_it(void **state)
{
	static char long_name[2000];
	g_autoptr(GError) error = NULL;
	g_autoptr(Pen) record = pen_record_new(fonts);
	PackPiece odd[4] = { pieces[0], pieces[1], pieces[2], pieces[3] };
	PackList list = a_list(4);
	const Mark *marks;
	size_t n;
	int pages, dots = 0, boxes = 0;

	(void)state;
	memset(long_name, 'W', sizeof(long_name) - 1);
	odd[0].recipient = long_name;
	odd[1].recipient = "田中 \xF0\x9F\x8E\x89";
	odd[2].recipient = "bytes \xff\xfe";
	odd[3].recipient = NULL;
	odd[3].order = odd[3].product = NULL;
	odd[3].sheet = 0;
	list.pieces = odd;
	list.brand = list.stock = list.date = NULL;
	assert_true(packlist_draw(record, &list, &pages, &error));
	assert_no_error(error);
	marks = pen_record_marks(record, &n);
	for (const Mark *m = marks; m < marks + n; m++) {
		dots += m->kind == MARK_TEXT && g_str_has_prefix(m->text, "WWW") &&
			g_str_has_suffix(m->text, "...");
		boxes += m->kind == MARK_TEXT && strstr(m->text, "\xEF\xBF\xBD") != NULL;
	}
	assert_int_equal(dots, 1);
	assert_int_equal(boxes, 2);
}

static void
the_same_list_gives_the_same_bytes(void **state)
{
	PackList list = a_list(53);
	g_autoptr(GByteArray) first = NULL;
	g_autoptr(GByteArray) again = NULL;
	int pages;

	(void)state;
	first = make(&list, &pages);
	again = make(&list, &pages);
	assert_int_equal(first->len, again->len);
	assert_memory_equal(first->data, again->data, first->len);
}

/* Refusals. */

typedef struct Refusal {
	const char *name;
	PackList list;
	const char *why;
} Refusal;

static const PackPiece nameless = { .order = "SO-1" };

/* clang-format off */
static const Refusal refusals[] = {
	{ "no batch", { .pieces = pieces, .n_pieces = 1 }, "no batch number" },
	{ "no pieces", { .batch = "B-1" }, "batch 'B-1' has no pieces" },
	{ "no serial", { .batch = "B-1", .pieces = &nameless, .n_pieces = 1 },
	  "piece 1 has no serial" },
	{ "a code too long to scan", { .batch = "B-1", .pieces = pieces, .n_pieces = 1,
	  .batch_code = "0123456789012345678901234567890123456789012345678901234567890123456789"
	    "01234567890123456789012345678901234567890123456789abcdefghijklmnopqrstuvwxyz"
	    "01234567890123456789012345678901234567890123456789abcdefghijklmnopqrstuvwxyz"
	    "01234567890123456789012345678901234567890123456789abcdefghijklmnopqrstuvwxyz"
	    "01234567890123456789012345678901234567890123456789abcdefghijklmnopqrstuvwxyz"
	    "01234567890123456789012345678901234567890123456789abcdefghijklmnopqrstuvwxyz"
	    "01234567890123456789012345678901234567890123456789abcdefghijklmnopqrstuvwxyz" },
	  "QR" },
};
/* clang-format on */

static void
an_impossible_list_is_refused_before_it_is_drawn(void **state)
{
	const Refusal *r = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(Pen) record = pen_record_new(fonts);
	int pages = -7;
	size_t n;

	assert_false(packlist_draw(record, &r->list, &pages, &error));
	assert_error(error, TP_ERROR_INVALID);
	if (strstr(error->message, r->why) == NULL)
		fail_msg("'%s' does not say '%s'", error->message, r->why);
	pen_record_marks(record, &n);
	assert_int_equal(n, 0);
	assert_int_equal(pages, -7);
}

/* CSV. */

static void
the_spreadsheet_takes_no_text_for_a_formula(void **state)
{
	static const PackPiece nasty[] = {
		{ .sheet = 1,
		    .place = 2,
		    .order = "=HYPERLINK(\"http://x\")",
		    .recipient = "O'Brien \"Fine\" Woodwork, Ltd",
		    .product = "CAD\r\nPro",
		    .serial = "S-1" },
		{ .recipient = "+49 721", .product = "@SUM", .serial = "S-2" },
		{ .recipient = "-1", .product = "\t=1", .serial = "S-3" },
		{ .recipient = "\xEF\xBC\x9D"
			       "1",
		    .product = "Häfele; Söhne",
		    .serial = "S-4",
		    .reprint = 2,
		    .is_removed = true },
	};
	static const char wanted[] =
	    "batch,number,sheet,place,order,recipient,product,serial,reprint,action\r\n"
	    "B-1,1,1,2,\"'=HYPERLINK(\"\"http://x\"\")\","
	    "\"O'Brien \"\"Fine\"\" Woodwork, Ltd\",\"CAD\r\nPro\",S-1,0,pack\r\n"
	    "B-1,2,,,,\"'+49 721\",\"'@SUM\",S-2,0,pack\r\n"
	    "B-1,3,,,,\"'-1\",\"'\t=1\",S-3,0,pack\r\n"
	    "B-1,4,,,,\"'\xEF\xBC\x9D"
	    "1\",\"Häfele; Söhne\",S-4,2,remove\r\n";
	PackList list = {
		.batch = "B-1", .pieces = nasty, .n_pieces = G_N_ELEMENTS(nasty)
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) out = g_string_new("");

	(void)state;
	assert_true(packlist_csv(&list, out, &error));
	assert_string_equal(out->str, wanted);
	list.n_pieces = 0;
	assert_false(packlist_csv(&list, out, &error));
	assert_error(error, TP_ERROR_INVALID);
	assert_string_equal(out->str, wanted);
}

static void
python_reads_the_same_rows(void **state)
{
	static const char script[] =
	    "import csv,sys\n"
	    "rows=list(csv.reader(open(sys.argv[1],newline='',encoding='utf-8'),"
	    "strict=True))\n"
	    "assert all(len(r)==10 for r in rows), rows\n"
	    "print(len(rows), rows[5][5], rows[200][7], sep='|')\n";
	PackList list = a_list(N_MOST);
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) out = g_string_new("");
	g_autofree char *folder = peer_folder();
	g_autofree char *path = g_build_filename(folder, "list.csv", NULL);
	const char *argv[] = { "/usr/bin/python3", "-c", script, path, NULL };
	g_autofree char *said = NULL;

	(void)state;
	assert_true(packlist_csv(&list, out, &error));
	assert_true(g_file_set_contents(path, out->str, (gssize)out->len, NULL));
	said = peer_run(argv, NULL);
	assert_string_equal(
	    said, "201|Häfele & Söhne Maschinenbau GmbH & Co. KG|2026-004910\n");
	peer_clear(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_batch_can_be_scanned),
		cmocka_unit_test(rows_lie_in_their_columns_and_on_the_page),
		cmocka_unit_test(a_piece_taken_back_is_struck_out_and_has_no_box_to_tick),
		cmocka_unit_test(totals_count_what_is_to_be_packed),
		cmocka_unit_test(many_products_are_summed_up),
		cmocka_unit_test(a_list_comes_whatever_is_in_it),
		cmocka_unit_test(the_same_list_gives_the_same_bytes),
		cmocka_unit_test(the_spreadsheet_takes_no_text_for_a_formula),
		cmocka_unit_test(python_reads_the_same_rows),
	};
	int failed = 0;

	if (set_up() != 0)
		return 1;
	failed += run_rows("sizes", sizes, every_piece_is_on_the_list_once);
	failed += run_rows(
	    "refusals", refusals, an_impossible_list_is_refused_before_it_is_drawn);
	failed += cmocka_run_group_tests_name("packlist", tests, NULL, NULL);
	tear_down();
	return failed;
}
