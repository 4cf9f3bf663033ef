/*
 * test_render.c - JSON lists of cards in, PDFs out.
 */
#include "tests/print/peer.h"

#include <fcntl.h>

#include "print/card_list.h"
#include "print/render_json.h"
#include "queue/limits.h"

static char *folder;

#define C "7K3QF-9XZ2M-ABCDE-FGHJK-MNPQR"
#define CARD "{\"product\":\"CAD\",\"code\":\"" C "\"}"

static int
set_up(void **state)
{
	(void)state;
	folder = peer_folder();
	return folder == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	peer_clear(folder);
	g_clear_pointer(&folder, g_free);
	return 0;
}

static FILE *
open_text(const char *text)
{
	FILE *in = tmpfile();

	assert_non_null(in);
	fputs(text, in);
	return in;
}

/* Reads all cards; how many, or -1 with the error. */
static int
read_all(const char *text, GError **error)
{
	FILE *in = open_text(text);
	g_autoptr(CardList) list = card_list_open(in, "cards.json", error);
	CardData card;
	int n = 0;
	int got = -1;

	while (list != NULL) {
		card = (CardData){ .brand = "default" };
		got = card_list_next(list, &card, error);
		if (got != 1)
			break;
		n++;
	}
	if (got == 0)
		assert_int_equal(card_list_count(list), n);
	card_list_free(g_steal_pointer(&list));
	fclose(in);
	return got == 0 ? n : -1;
}

typedef struct ListRow {
	const char *name;
	const char *text;
	int n; /* -1: refused */
	const char *says;
} ListRow;

static const ListRow lists[] = {
	{ "an array", "[" CARD "," CARD "]", 2, NULL },
	{ "an empty array", " [ ] ", 0, NULL },
	{ "one object", CARD, 1, NULL },
	{ "JSON Lines", CARD "\n" CARD "\n\n" CARD "\n", 3, NULL },
	{ "a byte order mark", "\xEF\xBB\xBF[" CARD "]", 1, NULL },
	{ "blanks everywhere", "\n [ \t" CARD " ,\r\n" CARD " ] \n", 2, NULL },
	{ "brackets in strings", "[{\"product\":\"}]{[\\\"\",\"code\":\"x\"}]", 1, NULL },
	{ "null is as absent", "[{\"product\":\"x\",\"holder\":null}]", 1, NULL },
	{ "nothing", "", -1, "cards.json: neither" },
	{ "no list", "42", -1, "cards.json: neither" },
	{ "an unknown key", "[" CARD ",{\"holdr\":\"x\"}]", -1,
	    "cards.json: card 2: key 'holdr' is not known" },
	{ "a key twice", "[{\"code\":\"a\",\"code\":\"b\"}]", -1,
	    "cards.json: card 1: duplicate" },
	{ "a number as text", "[{\"code\":5}]", -1,
	    "cards.json: card 1: key 'code' is not a text" },
	{ "a colour in words", "[{\"accent\":\"blue\"}]", -1,
	    "cards.json: card 1: key 'accent'" },
	{ "a reprint below zero", "[{\"reprint\":-1}]", -1,
	    "cards.json: card 1: key 'reprint'" },
	{ "no comma", "[" CARD CARD "]", -1, "cards.json: card 1: no ','" },
	{ "torn", "[" CARD ",{\"product\":", -1, "cards.json: card 2: " },
	{ "torn between cards", "[" CARD, -1, "cards.json: card 1: no ','" },
	{ "torn behind a comma", "[" CARD ",", -1, "cards.json: card 2: " },
	{ "text behind the list", "[" CARD "] x", -1, "cards.json: card 1: more text" },
	{ "numbers among the cards", "[" CARD ",7]", -1,
	    "cards.json: card 2: not an object" },
	{ "an array among the cards", "[[" CARD "]]", -1,
	    "cards.json: card 1: not an object" },
	{ "broken UTF-8", "[{\"product\":\"M\xFCller\"}]", -1, "cards.json: card 1: " },
	{ "a NUL in a text", "[{\"product\":\"a\\u0000b\"}]", -1,
	    "cards.json: card 1: " },
};

static void
list_test(void **state)
{
	const ListRow *row = *state;
	g_autoptr(GError) error = NULL;

	assert_int_equal(read_all(row->text, &error), row->n);
	if (row->n >= 0)
		return;
	assert_error(error, TP_ERROR_INVALID);
	if (strncmp(error->message, row->says, strlen(row->says)) != 0)
		fail_msg("said \"%s\"", error->message);
}

static void
all_members_are_read_over_the_defaults(void **state)
{
	FILE *in = open_text("[{\"brand\":\"b\",\"product\":\"p\",\"holder\":\"h\","
			     "\"company\":\"c\",\"code\":\"k\","
			     "\"qr\":\"q\",\"serial\":\"s\",\"valid\":\"v\",\"banner\":"
			     "\"n\",\"language\":\"l\","
			     "\"accent\":\"#0a1B2c\",\"reprint\":3}]");
	CardData d = { .brand = "x", .reprint = 9 };
	g_autoptr(CardList) list = card_list_open(in, "x", NULL);

	(void)state;
	assert_int_equal(card_list_next(list, &d, NULL), 1);
	assert_string_equal(d.brand, "b");
	assert_string_equal(d.product, "p");
	assert_string_equal(d.holder, "h");
	assert_string_equal(d.company, "c");
	assert_string_equal(d.code, "k");
	assert_string_equal(d.qr_text, "q");
	assert_string_equal(d.serial, "s");
	assert_string_equal(d.valid, "v");
	assert_string_equal(d.banner, "n");
	assert_string_equal(d.language, "l");
	assert_int_equal(d.accent, 0x0A1B2C);
	assert_int_equal(d.reprint, 3);
	fclose(in);
}

static void
one_card_cannot_be_without_end(void **state)
{
	g_autofree char *filler = g_strnfill(LIMIT_CARD_BYTES, 'x');
	g_autofree char *text =
	    g_strdup_printf("[" CARD ",{\"product\":\"%s\"}]", filler);
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_int_equal(read_all(text, &error), -1);
	assert_true(g_str_has_prefix(error->message, "cards.json: card 2: more than"));
}

static void
a_pipe_is_read_as_well(void **state)
{
	int ends[2];
	FILE *in;
	g_autoptr(CardList) list = NULL;
	CardData d = { .brand = NULL };

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "[" CARD "," CARD "]", strlen(CARD) * 2 + 3),
	    strlen(CARD) * 2 + 3);
	close(ends[1]);
	in = fdopen(ends[0], "r");
	list = card_list_open(in, "-", NULL);
	assert_non_null(list);
	assert_int_equal(card_list_count(list), 2);
	assert_int_equal(card_list_next(list, &d, NULL), 1);
	assert_int_equal(card_list_next(list, &d, NULL), 1);
	assert_int_equal(card_list_next(list, &d, NULL), 0);
	fclose(in);
}

static int told, told_total;

static void
count_told(void *context, int done, int total)
{
	(void)context;
	assert_int_equal(done, ++told);
	told_total = total;
}

static void
a_list_becomes_a_sheet(void **state)
{
	g_autofree char *path = g_build_filename(folder, "out.pdf", NULL);
	g_autofree char *stem = g_build_filename(folder, "page", NULL);
	g_autofree char *picture = g_build_filename(folder, "page-1.pgm", NULL);
	g_autofree char *text = NULL;
	g_autofree char *codes = NULL;
	g_autoptr(GError) error = NULL;
	RenderOptions options = { .url = "HTTPS://DEPOT.EXAMPLE.COM/#{{code}}",
		.defaults = { .brand = "Depot Süd", .language = "de" },
		.plan = { .language = "de", .title = "Stapel 4" },
		.progress = count_told };
	RenderResult result = { .cards = 0 };
	FILE *in = open_text(
	    "[" CARD ",{\"product\":\"Viewer\",\"code\":\"ABCDE\",\"qr\":\"HELLO\"}]");

	(void)state;
	told = 0;
	if (!render_sheet(in, "cards.json", path, &options, &result, &error))
		fail_msg("%s", error->message);
	fclose(in);
	assert_int_equal(result.cards, 2);
	assert_int_equal(result.pages, 1);
	assert_int_equal(told, 2);
	assert_int_equal(told_total, 2);
	assert_true(result.bytes > 5000);
	assert_int_equal(strlen(result.sha256), 64);
	peer_check_pdf(path);
	text = peer_text(path);
	assert_non_null(strstr(text, "Depot Süd"));
	assert_non_null(strstr(text, "Stapel 4"));
	peer_render(path, "300", "-gray", stem);
	codes = peer_scan(picture);
	assert_non_null(strstr(codes, "HTTPS://DEPOT.EXAMPLE.COM/#" C "\n"));
	assert_non_null(strstr(codes, "HELLO\n"));
}

static void
a_list_becomes_single_cards_by_either_pen(void **state)
{
	(void)state;
	for (int haru = 0; haru <= 1; haru++) {
		g_autofree char *path = g_build_filename(folder, "out.pdf", NULL);
		g_autoptr(GError) error = NULL;
		RenderOptions options = { .use_haru = haru, .plan = { .bleed_mm = 2 } };
		RenderResult result = { .cards = 0 };
		FILE *in = open_text(CARD CARD CARD);

		if (!render_cards(in, "cards.json", path, &options, &result, &error))
			fail_msg("%s", error->message);
		fclose(in);
		assert_int_equal(result.cards, 3);
		assert_int_equal(result.pages, 3);
		peer_check_pdf(path);
	}
}

typedef struct WrongRow {
	const char *name;
	const char *text;
	const char *url;
	const char *stock;
	const char *out; /* NULL: in the folder */
	const char *says;
	TpError code;
} WrongRow;

static const WrongRow wrongs[] = {
	{ "an emoji on the second card",
	    "[" CARD
	    ",{\"product\":\"CAD\",\"code\":\"x\",\"holder\":\"\xF0\x9F\x98\x80\"}]",
	    NULL, NULL, NULL, "cards.json: card 2: HOLDER: no font shows U+1F600",
	    TP_ERROR_INVALID },
	{ "no code", "[{\"product\":\"CAD\"}]", NULL, NULL, NULL,
	    "cards.json: card 1: CODE: missing", TP_ERROR_INVALID },
	{ "no cards", "[]", NULL, NULL, NULL, "cards.json: no cards", TP_ERROR_INVALID },
	{ "an unknown key", "[{\"x\":1}]", NULL, NULL, NULL,
	    "cards.json: card 1: key 'x'", TP_ERROR_INVALID },
	{ "an unknown stock", "[" CARD "]", NULL, "moon-paper", NULL, "",
	    TP_ERROR_NOT_FOUND },
	{ "a URL without a place for the code", "[" CARD "]", "HTTPS://X.EXAMPLE/", NULL,
	    NULL, "activation URL", TP_ERROR_CONFIG },
	{ "a full disk", "[" CARD "]", NULL, NULL, "/dev/full",
	    "cannot write '/dev/full'", TP_ERROR_IO },
	{ "no folder", "[" CARD "]", NULL, NULL, "/nowhere/x.pdf", "cannot create",
	    TP_ERROR_NOT_FOUND },
};

static void
wrong_test(void **state)
{
	const WrongRow *row = *state;
	g_autofree char *path = NULL;
	g_autoptr(GError) error = NULL;
	RenderOptions options = { .url = row->url, .stock = row->stock };
	RenderResult result = { .cards = -7 };
	FILE *in = open_text(row->text);
	g_autoptr(GDir) dir = NULL;

	set_up(NULL);
	path = row->out != NULL ? g_strdup(row->out)
				: g_build_filename(folder, "out.pdf", NULL);
	assert_false(render_sheet(in, "cards.json", path, &options, &result, &error));
	fclose(in);
	assert_error(error, row->code);
	if (strncmp(error->message, row->says, strlen(row->says)) != 0)
		fail_msg("said \"%s\"", error->message);
	/* Nothing is left, nothing was told. */
	assert_int_equal(result.cards, -7);
	dir = g_dir_open(folder, 0, NULL);
	assert_null(g_dir_read_name(dir));
	tear_down(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_members_are_read_over_the_defaults),
		cmocka_unit_test(one_card_cannot_be_without_end),
		cmocka_unit_test(a_pipe_is_read_as_well),
		cmocka_unit_test_setup_teardown(
		    a_list_becomes_a_sheet, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_list_becomes_single_cards_by_either_pen, set_up, tear_down),
	};
	int failed = cmocka_run_group_tests_name("render", tests, NULL, NULL);

	failed |= run_rows("card lists", lists, list_test);
	failed |= run_rows("render refuses", wrongs, wrong_test);
	return failed;
}
