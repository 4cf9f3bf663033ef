/*
 * test_letter.c - what shows in the window, what lies under the fold, and what is
 * refused.
 */
#include "tests/print/bbox.h"

#include <math.h>

#include "print/letter.h"
#include "print/pen_record.h"
#include "print/press.h"
#include "print/type.h"
#include "print/words.h"

#define CODE "7K3QF-9XZ2M-ABCDE-FGHJK-MNPQR"
#define URL "HTTPS://DEPOT.EXAMPLE.COM/#" CODE
#define N_CARDS 11
#define LINES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static FontSet *fonts;
static Press *press;
static CardData cards[N_CARDS];
static LetterItem items[60];
static AddressBlock to;

static const LetterSender sender = {
	.name = "Karlsruher CAD Werke GmbH",
	.address = (const char *const[]){ "Kaiserallee 153", "76133 Karlsruhe", NULL },
	.phone = "+49 721 5554-0",
	.email = "lizenz@kcw.example",
	.web = "www.kcw.example",
	.footers = { "Karlsruher CAD Werke GmbH\nKaiserallee 153\n76133 Karlsruhe",
	    "Amtsgericht Mannheim HRB 700 123\nUSt-IdNr. DE123456789" },
};

static Letter
a_letter(LetterKind kind, int n)
{
	return (Letter){
		.kind = kind,
		.language = "de",
		.sender = &sender,
		.to = &to,
		.greeting = "Jörg Häfele",
		.date = "2026-11-24",
		.order = "SO-2026-000123",
		.customer = "C-77",
		.activate_at = "https://depot.example.com",
		.cards = cards,
		.n_cards = kind == LETTER_NOTE ? 0 : n,
		.items = items,
		.n_items = kind == LETTER_NOTE ? n : 0,
		.mark = "B-2026-0007 12/340",
	};
}

static int
set_up(void **state)
{
	static const char *const street[] = { "Gebäude C, 4. Stock",
		"An der Alten Ziegelei 101", NULL };
	static const Address address = {
		.company = "Häfele & Söhne Maschinenbau GmbH & Co. KG",
		.name = "Jörg Häfele",
		.lines = street,
		.postcode = "79098",
		.city = "Freiburg im Breisgau",
		.country = "DE",
	};

	(void)state;
	fonts = font_set_open(NULL, NULL);
	press = press_new(fonts);
	for (int i = 0; i < N_CARDS; i++)
		cards[i] = (CardData){ .brand = "Karlsruher CAD Werke",
			.product = "CAD Pro 2026",
			.holder = "Jörg Häfele",
			.code = CODE,
			.qr_text = URL,
			.serial = "2026-004711",
			.valid = "2027-12-31",
			.language = "de" };
	for (size_t i = 0; i < G_N_ELEMENTS(items); i++)
		items[i] = (LetterItem){ "CAD Pro 2026", "*****-...-MNPQR", "2026-004711",
			"2027-12-31" };
	return address_format(&address, "AT", "de", &to, NULL) ? 0 : 1;
}

static int
tear_down(void **state)
{
	(void)state;
	address_block_clear(&to);
	press_free(press);
	font_set_free(fonts);
	return 0;
}

static GByteArray *
make(const Letter *const *letters, int n, int *ret_pages)
{
	g_autoptr(GError) error = NULL;
	GByteArray *bytes = g_byte_array_new();
	g_autoptr(Pen) pen = pen_lean_new(press, PRESS_FAST, pen_to_bytes, bytes);

	*ret_pages = 0;
	for (int i = 0; i < n; i++) {
		int pages = 0;

		if (!letter_draw(pen, letters[i], &pages, &error))
			fail_msg("%s", error->message);
		*ret_pages += pages;
	}
	assert_true(pen_finish(pen, &error));
	return bytes;
}

static const Mark *
find_text(const Pen *record, const char *piece)
{
	size_t n;
	const Mark *marks = pen_record_marks(record, &n);

	for (size_t i = 0; i < n; i++)
		if (marks[i].kind == MARK_TEXT && strstr(marks[i].text, piece) != NULL)
			return &marks[i];
	return NULL;
}

/* Rows: every kind, in both forms. */

typedef struct LetterCase {
	const char *name;
	LetterKind kind;
	const char *form;
	int n;
	int pages;
	int codes; /* QR codes in all */
	double address_y, fold1, fold2;
} LetterCase;

/* clang-format off */
static const LetterCase cases[] = {
	{ "one card, form B",   LETTER_CARDS, "din5008-b",  1, 1,  1, 62.7, 105, 210 },
	{ "one card, form A",   LETTER_CARDS, "din5008-a",  1, 1,  1, 44.7,  87, 192 },
	{ "two cards",          LETTER_CARDS, "din5008-b",  2, 1,  2, 62.7, 105, 210 },
	{ "three cards",        LETTER_CARDS, "din5008-b",  3, 2,  3, 62.7, 105, 210 },
	{ "ten fill two pages", LETTER_CARDS, "din5008-b", 10, 2, 10, 62.7, 105, 210 },
	{ "eleven need three",  LETTER_CARDS, "din5008-a", 11, 3, 11, 44.7,  87, 192 },
	{ "PIN, form B",        LETTER_PIN,   "din5008-b",  1, 1,  1, 62.7, 105, 210 },
	{ "PIN, form A",        LETTER_PIN,   "din5008-a",  2, 2,  2, 44.7,  87, 192 },
	{ "delivery note",      LETTER_NOTE,  "din5008-b",  5, 1,  0, 62.7, 105, 210 },
	{ "delivery note of three pages", LETTER_NOTE, "DIN5008-A", 60, 3, 0, 44.7, 87, 192 },
};
/* clang-format on */

/* The box of the field as the envelope may show it, but for the zone of the address. */
static void
assert_window(const GArray *words, const LetterCase *c)
{
	Box field = { 20, c->address_y - 17.7, 85, 45 };
	Box zone = { 25, c->address_y, 80, 27.3 };
	const BboxWord *first = bbox_find(words, "Häfele");
	const BboxWord *last = bbox_find(words, "DEUTSCHLAND");
	const BboxWord *back = bbox_find(words, "·");
	int in_zone = 0;

	assert_non_null(first);
	assert_non_null(last);
	assert_non_null(back);
	assert_true(fabs(first->box.x - 25) < 0.5);
	assert_true(box_holds(zone, first->box));
	assert_true(box_holds(zone, last->box));
	assert_true(box_bottom(back->box) <= zone.y);
	assert_true(back->box.y > field.y);
	for (guint i = 0; i < words->len; i++) {
		const BboxWord *w = &g_array_index(words, BboxWord, i);

		if (w->page == 1 && w->box.x < box_right(field) &&
		    w->box.y < box_bottom(zone) && box_bottom(w->box) > zone.y) {
			assert_true(box_holds(zone, w->box));
			in_zone++;
		}
	}
	assert_int_equal(in_zone, 8 + 2 + 4 + 5 + 4 + 1);
}

static void
assert_codes(const char *folder, const char *path, const LetterCase *c)
{
	g_autofree char *stem = g_build_filename(folder, "p", NULL);
	g_autoptr(GDir) dir = NULL;
	const char *name;
	int codes = 0;

	peer_render(path, "300", "-gray", stem);
	dir = g_dir_open(folder, 0, NULL);
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *picture = g_build_filename(folder, name, NULL);
		g_autofree char *out = NULL;
		g_auto(GStrv) lines = NULL;

		if (!g_str_has_suffix(name, ".pgm"))
			continue;
		out = peer_scan(picture);
		lines = g_strsplit(out, "\n", -1);
		for (char **line = lines; *line != NULL && **line != '\0'; line++) {
			assert_string_equal(*line, URL);
			codes++;
		}
	}
	assert_int_equal(codes, c->codes);
}

static void
a_letter_shows_its_window_and_its_codes(void **state)
{
	const LetterCase *c = *state;
	Letter letter = a_letter(c->kind, c->n);
	const Letter *list[] = { &letter };
	g_autofree char *folder = peer_folder();
	g_autofree char *path = NULL;
	g_autoptr(GByteArray) bytes = NULL;
	g_autoptr(GArray) words = NULL;
	int pages;

	letter.form = c->form;
	bytes = make(list, 1, &pages);
	assert_int_equal(pages, c->pages);
	path = peer_write(folder, "letter.pdf", bytes);
	peer_check_pdf(path);
	words = bbox_words(path);
	assert_window(words, c);
	assert_codes(folder, path, c);
	peer_clear(folder);
}

static void
folds_and_cards_lie_where_they_belong(void **state)
{
	const LetterCase *c = *state;
	Letter letter = a_letter(c->kind, c->n);
	g_autoptr(GError) error = NULL;
	g_autoptr(Pen) record = pen_record_new(fonts);
	const Mark *marks;
	size_t n;
	int pages, folds = 0, punches = 0, outlines = 0;

	letter.form = c->form;
	assert_true(letter_draw(record, &letter, &pages, &error));
	marks = pen_record_marks(record, &n);
	for (const Mark *m = marks; m < marks + n; m++) {
		if (m->kind == MARK_LINE && m->x < 10 && m->page == 1) {
			folds +=
			    fabs(m->y - c->fold1) < 0.01 || fabs(m->y - c->fold2) < 0.01;
			punches += fabs(m->y - 148.5) < 0.01;
			assert_true(m->x > 4 && m->x2 < 20);
		}
		if (m->kind == MARK_PANEL && m->stroke != COLOUR_NONE) {
			Box b = m->boxes[0];

			outlines++;
			assert_true(fabs(b.w - 85.60) < 0.001);
			assert_true(fabs(b.h - 53.98) < 0.001);
			assert_true(b.x > 10 && box_right(b) < 200 && b.y > 10);
			assert_true(box_bottom(b) < 276);
			if (m->page == 1)
				assert_true(b.y > c->fold2 + 5);
		}
	}
	assert_int_equal(folds, 2);
	assert_int_equal(punches, 1);
	assert_int_equal(outlines, c->kind == LETTER_CARDS ? c->n : 0);
}

static void
what_may_not_be_sold_says_so_beside_each_code(void **state)
{
	static const LetterKind kinds[] = { LETTER_CARDS, LETTER_PIN };

	(void)state;
	for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++) {
		g_autoptr(Pen) record = pen_record_new(fonts);
		Letter letter = a_letter(kinds[k], 2);
		CardData nfr[2] = { letter.cards[0], letter.cards[1] };
		const Mark *marks;
		size_t n;
		int pages, found = 0;

		nfr[0].banner = nfr[1].banner = "NFR - not for resale";
		letter.cards = nfr;
		assert_true(letter_draw(record, &letter, &pages, NULL));
		marks = pen_record_marks(record, &n);
		for (const Mark *m = marks; m < marks + n; m++)
			found += m->kind == MARK_TEXT &&
				 strcmp(m->text, "NFR - not for resale") == 0;
		assert_int_equal(found, 2);
	}
}

static void
a_folded_pin_letter_shows_nothing_private(void **state)
{
	static const char *const secrets[] = { "7K3QF", "CAD Pro", "SO-2026", "C-77",
		"2026-004711", "Aktivierung" };
	g_autoptr(GError) error = NULL;
	g_autoptr(Pen) record = pen_record_new(fonts);
	Letter letter = a_letter(LETTER_PIN, 4);
	const Mark *marks;
	size_t n;
	int pages, found = 0;

	(void)state;
	letter.reference = "SO-2026-000123";
	assert_true(letter_draw(record, &letter, &pages, &error));
	marks = pen_record_marks(record, &n);
	for (const Mark *m = marks; m < marks + n; m++) {
		if (m->kind == MARK_MODULES && m->page == 1)
			assert_true(m->y > 105);
		for (size_t i = 0; i < G_N_ELEMENTS(secrets); i++) {
			double above = pt_to_mm(m->style.size_pt);

			if (m->kind != MARK_TEXT || strstr(m->text, secrets[i]) == NULL)
				continue;
			found++;
			assert_true(m->page > 1 || m->y - above > 105 + 3);
		}
		/* Nor does the second fold cross a code. */
		if (m->kind == MARK_TEXT && m->page == 1 && strstr(m->text, CODE) != NULL)
			assert_true(m->y < 210 - 10 || m->y > 210 + 10);
	}
	assert_true(found > 8);
}

static void
a_long_word_of_thanks_moves_the_cards_behind_it(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Pen) record = pen_record_new(fonts);
	g_autofree char *long_text = g_strnfill(900, 'x');
	Letter letter = a_letter(LETTER_CARDS, 1);
	const char *paragraphs[] = { long_text, long_text, long_text, long_text, NULL };
	const Mark *outline = NULL;
	const Mark *marks;
	size_t n;
	int pages;

	(void)state;
	for (int i = 4; i < 900; i += 5)
		long_text[i] = ' ';
	letter.paragraphs = paragraphs;
	assert_true(letter_draw(record, &letter, &pages, &error));
	assert_no_error(error);
	marks = pen_record_marks(record, &n);
	for (const Mark *m = marks; m < marks + n; m++)
		if (m->kind == MARK_PANEL && m->stroke != COLOUR_NONE)
			outline = m;
	assert_non_null(outline);
	assert_int_equal(outline->page, pages);
	assert_true(pages >= 2);
	assert_non_null(find_text(record, "Seite 1 von "));
	assert_null(find_text(record, "Seite 1 von 1"));
	/* Text stays above the foot. */
	for (const Mark *m = marks; m < marks + n; m++)
		if (m->kind == MARK_TEXT && strstr(m->text, "xxxx") != NULL)
			assert_true(m->y < 271);
}

static void
a_long_address_of_the_portal_takes_the_wide_column(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Pen) narrow = pen_record_new(fonts);
	g_autoptr(Pen) wide = pen_record_new(fonts);
	Letter letter = a_letter(LETTER_CARDS, 1);
	int pages;

	(void)state;
	assert_true(letter_draw(narrow, &letter, &pages, &error));
	letter.activate_at = "https://lizenzportal.karlsruher-cad-werke.example.com/"
			     "aktivieren";
	assert_true(letter_draw(wide, &letter, &pages, &error));
	assert_no_error(error);
	assert_true(find_text(narrow, "So aktivieren Sie")->x > 110);
	assert_true(find_text(wide, "So aktivieren Sie")->x < 30);
}

static void
many_letters_make_one_document_and_the_same_bytes(void **state)
{
	Letter one = a_letter(LETTER_CARDS, 1);
	Letter many = a_letter(LETTER_CARDS, 3);
	Letter note = a_letter(LETTER_NOTE, 3);
	const Letter *list[] = { &one, &many, &note };
	g_autofree char *folder = peer_folder();
	g_autofree char *path = NULL;
	g_autoptr(GByteArray) first = NULL;
	g_autoptr(GByteArray) again = NULL;
	int pages;

	(void)state;
	first = make(list, 3, &pages);
	assert_int_equal(pages, 1 + 2 + 1);
	again = make(list, 3, &pages);
	assert_int_equal(first->len, again->len);
	assert_memory_equal(first->data, again->data, first->len);
	path = peer_write(folder, "letters.pdf", first);
	peer_check_pdf(path);
	peer_clear(folder);
}

static void
english_readers_get_english(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Pen) record = pen_record_new(fonts);
	Letter letter = a_letter(LETTER_CARDS, 2);
	int pages;

	(void)state;
	letter.language = "fr";
	letter.greeting = NULL;
	assert_true(letter_draw(record, &letter, &pages, &error));
	assert_non_null(find_text(record, "Your 2 licence tickets"));
	assert_non_null(find_text(record, "Dear customer,"));
	assert_non_null(find_text(record, "24 November 2026"));
	assert_non_null(find_text(record, "B-2026-0007 12/340"));
}

/* Refusals: nothing is drawn. */

typedef struct Refusal {
	const char *name;
	void (*spoil)(Letter *letter);
	int code;
	const char *why;
} Refusal;

static void
wide_address(Letter *letter)
{
	static char town[] = "Gesellschaft mit beschränkter Haftung für alles was man "
			     "sich nur denken kann";
	static char land[] = "DEUTSCHLAND";
	static const AddressBlock wide = {
		.n = 2,
		.lines = { town, land },
		.fields = { "city", "country" },
	};

	letter->to = &wide;
}

static void
emoji_subject(Letter *letter)
{
	letter->subject = "Ihr Ticket \xF0\x9F\x8E\x89";
}

static void
no_cards(Letter *letter)
{
	letter->n_cards = 0;
}

static void
no_name(Letter *letter)
{
	static const LetterSender nobody = { .name = "" };

	letter->sender = &nobody;
}

static void
no_address(Letter *letter)
{
	static const AddressBlock nowhere = { .n = 0 };

	letter->to = &nowhere;
}

static void
third_form(Letter *letter)
{
	letter->form = "din5008-c";
}

static void
open_note(Letter *letter)
{
	static const LetterItem open = { "CAD Pro 2026", CODE, "1", NULL };

	letter->kind = LETTER_NOTE;
	letter->items = &open;
	letter->n_items = 1;
}

static void
endless_word(Letter *letter)
{
	static char word_[200];
	static const char *paragraphs[] = { word_, NULL };

	memset(word_, 'W', sizeof(word_) - 1);
	letter->paragraphs = paragraphs;
}

static void
a_million_cards(Letter *letter)
{
	letter->n_cards = 1000000;
}

static void
spoiled_third_card(Letter *letter)
{
	static CardData three[3];

	three[0] = three[1] = three[2] = cards[0];
	three[2].holder = "\xF0\x9F\x8E\x89";
	letter->cards = three;
	letter->n_cards = 3;
}

/* clang-format off */
static const Refusal refusals[] = {
	{ "an address wider than the window", wide_address, TP_ERROR_INVALID,
	  "field 'city' is" },
	{ "a character no font shows", emoji_subject, TP_ERROR_INVALID,
	  "subject: no font shows U+1F389" },
	{ "nothing to send", no_cards, TP_ERROR_INVALID, "nothing to send" },
	{ "a sender without a name", no_name, TP_ERROR_INVALID, "sender has no name" },
	{ "a recipient without an address", no_address, TP_ERROR_INVALID,
	  "recipient has no address" },
	{ "an unknown form", third_form, TP_ERROR_NOT_FOUND, "din5008-c" },
	{ "a full code on a delivery note", open_note, TP_ERROR_INVALID,
	  "row 1 of a delivery note is not masked" },
	{ "a word wider than the page", endless_word, TP_ERROR_INVALID,
	  "cover text: a word is wider than 165.0 mm" },
	{ "more cards than an envelope holds", a_million_cards, TP_ERROR_INVALID,
	  "the limit is 1000" },
	{ "a bad card on the second page", spoiled_third_card, TP_ERROR_INVALID,
	  "HOLDER" },
};
/* clang-format on */

static void
what_cannot_be_printed_is_refused_whole(void **state)
{
	const Refusal *r = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(Pen) record = pen_record_new(fonts);
	Letter letter = a_letter(LETTER_CARDS, 1);
	int pages = -7;
	size_t n;

	r->spoil(&letter);
	assert_false(letter_draw(record, &letter, &pages, &error));
	assert_error(error, r->code);
	if (strstr(error->message, r->why) == NULL)
		fail_msg("'%s' does not say '%s'", error->message, r->why);
	assert_null(strstr(error->message, CODE));
	pen_record_marks(record, &n);
	assert_int_equal(n, 0);
	assert_int_equal(pages, -7);
}

/* "sd" for a text with %s and then %d; "100 %, " has none. */
static char *
arguments(const char *text)
{
	GString *ret = g_string_new(NULL);

	for (const char *p = text; (p = strchr(p, '%')) != NULL; p++)
		if (g_ascii_isalpha(p[1]))
			g_string_append_c(ret, p[1]);
	return g_string_free(ret, FALSE);
}

static void
words_take_the_same_arguments_in_every_language(void **state)
{
	int formats = 0;

	(void)state;
	for (int i = 0; i < N_WORDS; i++) {
		g_autofree char *en = arguments(word("en", (Word)i));
		g_autofree char *de = arguments(word("de-AT", (Word)i));

		assert_string_equal(en, de);
		formats += (int)strlen(en);
	}
	assert_true(formats > 8);
	assert_string_equal(word("dee", WORD_DATE), "Date");
	assert_string_equal(word(NULL, WORD_DATE), "Date");
}

static void
kinds_have_names(void **state)
{
	LetterKind kind = LETTER_CARDS;

	(void)state;
	assert_string_equal(letter_kind_name(LETTER_PIN), "pin");
	assert_true(letter_kind_from_name("note", &kind));
	assert_int_equal(kind, LETTER_NOTE);
	assert_false(letter_kind_from_name("postcard", &kind));
}

static void
texts_break_between_words_and_never_within(void **state)
{
	static const TypeStyle style = { .size_pt = 10, .pitch_mm = 5 };
	g_autoptr(GError) error = NULL;
	g_auto(TypeLines) lines = { 0 };

	(void)state;
	assert_true(type_break(fonts, &style, 40, "text",
	    "eins zwei\n\nhttps://example.com/pfad Donaudampfschiff-fahrt", &lines,
	    &error));
	assert_no_error(error);
	assert_int_equal(lines.lines->len, 6);
	for (guint i = 0; i < lines.lines->len; i++) {
		static const char *const wanted[] = { "eins zwei", "",
			"https://example.com/", "pfad", "Donaudampfschiff-", "fahrt" };
		const FitLine *l = &g_array_index(lines.lines, FitLine, i);
		g_autofree char *text = g_strndup(l->text, l->bytes);

		assert_string_equal(text, wanted[i]);
		assert_true(l->width_mm <= 40);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_may_not_be_sold_says_so_beside_each_code),
		cmocka_unit_test(a_folded_pin_letter_shows_nothing_private),
		cmocka_unit_test(a_long_word_of_thanks_moves_the_cards_behind_it),
		cmocka_unit_test(a_long_address_of_the_portal_takes_the_wide_column),
		cmocka_unit_test(many_letters_make_one_document_and_the_same_bytes),
		cmocka_unit_test(english_readers_get_english),
		cmocka_unit_test(words_take_the_same_arguments_in_every_language),
		cmocka_unit_test(kinds_have_names),
		cmocka_unit_test(texts_break_between_words_and_never_within),
	};
	int failed = 0;

	if (set_up(NULL) != 0)
		return 1;
	failed += run_rows("letters", cases, a_letter_shows_its_window_and_its_codes);
	failed += run_rows("places", cases, folds_and_cards_lie_where_they_belong);
	failed += run_rows("refusals", refusals, what_cannot_be_printed_is_refused_whole);
	failed += cmocka_run_group_tests_name("letter", tests, NULL, NULL);
	tear_down(NULL);
	return failed;
}
