/*
 * test_font.c - what fonts can show, how wide it is, what is embedded, and damage.
 */
#include "tests/print/peer.h"

#include "print/fit.h"
#include "print/fontset.h"
#include "print/subset.h"

#define DROID "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"

static Font *sans;
static FontSet *fonts;

static void
a_font_knows_its_name_and_measures(void **state)
{
	const FontMetrics *m = font_metrics(sans);
	g_autoptr(Font) mono = font_open(FONT_DEFAULT_MONO, NULL);

	(void)state;
	assert_string_equal(font_name(sans), "DejaVuSans");
	assert_string_equal(font_path(sans), FONT_DEFAULT_REGULAR);
	assert_int_equal(m->ascent, 928);
	assert_int_equal(m->descent, -236);
	assert_int_equal(m->cap_height, 729);
	assert_false(m->is_fixed);
	assert_true(font_metrics(mono)->is_fixed);
	assert_int_equal(font_advance(sans, ' '), 318);
	assert_int_equal(font_advance(sans, 'M'), 863);
	assert_int_equal(font_advance(sans, 0x416), 1077);
	for (gunichar c = ' '; c <= '~'; c++)
		assert_int_equal(font_advance(mono, c), 602);
}

typedef struct CoverRow {
	const char *name;
	gunichar c;
	bool is_shown;
} CoverRow;

static const CoverRow covers[] = {
	{ "Latin", 'A', true },
	{ "the end of the near table", 0x17F, true },
	{ "behind the near table", 0x180, true },
	{ "Greek", 0x3A9, true },
	{ "Cyrillic", 0x416, true },
	{ "capital sharp s", 0x1E9E, true },
	{ "the euro sign", 0x20AC, true },
	{ "kanji", 0x6771, false },
	{ "an emoji outside of the BMP", 0x1F600, false },
	{ "a control", 0x07, false },
	{ "no character at all", 0xFFFF, false },
	{ "far beyond Unicode", 0x7FFFFFFF, false },
};

static void
cover_test(void **state)
{
	const CoverRow *row = *state;

	assert_int_equal(font_glyph(sans, row->c) != 0, row->is_shown);
	/* Never a crash, always some width. */
	assert_true(font_advance(sans, row->c) >= 0);
}

static int
area_of(const FontOutline *o)
{
	int64_t twice = 0;
	unsigned start = 0;

	for (unsigned i = 0; i < o->ends->len; i++) {
		unsigned end = g_array_index(o->ends, uint16_t, i);

		for (unsigned j = start; j <= end; j++) {
			FontPoint a = g_array_index(o->points, FontPoint, j);
			FontPoint b =
			    g_array_index(o->points, FontPoint, j == end ? start : j + 1);

			twice += (int64_t)a.x * b.y - (int64_t)b.x * a.y;
		}
		start = end + 1;
	}
	return (int)(ABS(twice) / 2);
}

static int
outline_area(const Font *font, gunichar c, int *ret_contours)
{
	g_autoptr(GArray) points = g_array_new(FALSE, FALSE, sizeof(FontPoint));
	g_autoptr(GArray) ends = g_array_new(FALSE, FALSE, sizeof(uint16_t));
	FontOutline o = { points, ends };

	assert_true(font_outline(font, font_glyph(font, c), &o, NULL));
	*ret_contours = (int)ends->len;
	return area_of(&o);
}

static void
an_accented_letter_is_resolved_into_its_parts(void **state)
{
	int a, dotted, space;

	(void)state;
	assert_int_equal(font_outline_units(sans), 256);
	assert_true(outline_area(sans, 'a', &a) > 0);
	assert_true(outline_area(sans, 0xE4, &dotted) > outline_area(sans, 'a', &a));
	assert_int_equal(a, 2);
	assert_int_equal(dotted, 4);
	assert_int_equal(outline_area(sans, ' ', &space), 0);
	assert_int_equal(space, 0);
}

/* The subset read back by our own reader. */
static void
a_subset_shows_the_same_with_less(void **state)
{
	static const uint16_t chars[] = { ' ', '-', 'A', 'a', 0xE4, 0x17C, 0x3A9 };
	g_autoptr(GlyphStore) store = glyph_store_new(sans);
	g_autoptr(GByteArray) first = g_byte_array_new();
	g_autoptr(GByteArray) second = g_byte_array_new();
	g_autoptr(GByteArray) only_space = g_byte_array_new();
	uint32_t sum = 0;

	(void)state;
	assert_true(subset_build(store, chars, G_N_ELEMENTS(chars), first, NULL));
	/* After another one, the same bytes again. */
	assert_true(subset_build(store, chars, 1, only_space, NULL));
	assert_true(subset_build(store, chars, G_N_ELEMENTS(chars), second, NULL));
	assert_int_equal(first->len, second->len);
	assert_memory_equal(first->data, second->data, first->len);
	assert_true(first->len < 12000);
	assert_true(only_space->len < 700);
	/* ISO/IEC 14496-22 5.2.2: all words of the file add up to this. */
	assert_int_equal(first->len % 4, 0);
	for (guint i = 0; i < first->len; i += 4)
		sum += (uint32_t)first->data[i] << 24 |
		       (uint32_t)first->data[i + 1] << 16 |
		       (uint32_t)first->data[i + 2] << 8 | first->data[i + 3];
	assert_int_equal(sum, 0xB1B0AFBA);
	/* FreeType, through poppler, is asked in test_card.c; here the table directory.
	 */
	assert_memory_equal(first->data + 12, "glyf", 4);
}

typedef struct RunRow {
	const char *name;
	FontRole role;
	const char *text;
	const char *runs; /* "font:bytes ..." */
} RunRow;

static const RunRow runs[] = {
	{ "one font", FONT_REGULAR, "Jürgen", "0:7" },
	{ "what the role lacks is taken from the regular font", FONT_MONO,
	    "a\xC7\x84"
	    "b",
	    "2:1 0:2 2:1" },
	{ "what nobody shows is passed over", FONT_REGULAR,
	    "a\xF0\x9F\x98\x80"
	    "b",
	    "0:1 0:1" },
	{ "only what nobody shows", FONT_REGULAR, "\xF0\x9F\x98\x80", "" },
	{ "nothing", FONT_REGULAR, "", "" },
};

static void
runs_test(void **state)
{
	const RunRow *row = *state;
	const char *at = row->text;
	const char *end = at + strlen(at);
	GString *got = g_string_new(NULL);
	FontRun run;

	while (font_set_run(fonts, row->role, &at, end, &run)) {
		if (got->len > 0)
			g_string_append_c(got, ' ');
		g_string_append_printf(got, "%d:%zu", run.font, run.bytes);
	}
	assert_ptr_equal(at, end);
	assert_string_equal(got->str, row->runs);
	g_string_free(got, TRUE);
}

static void
kanji_need_a_fallback_font(void **state)
{
	const char *const names[] = { DROID, NULL };
	FontFiles files = { .fallbacks = names };
	g_autoptr(FontSet) set = NULL;
	g_autoptr(GError) without = NULL;
	g_autoptr(GError) with = NULL;
	const char *at = "Ada 東京 GmbH";
	const char *end = at + strlen(at);
	FontRun run;

	(void)state;
	assert_false(font_set_check(fonts, FONT_BOLD, at, "name", &without));
	assert_string_equal(
	    without->message, "name: no font shows U+6771 '東', U+4EAC '京'");
	if (access(DROID, R_OK) != 0)
		skip();
	set = font_set_open(&files, NULL);
	assert_non_null(set);
	assert_int_equal(font_set_count(set), 4);
	assert_true(font_set_check(set, FONT_BOLD, at, "name", &with));
	assert_true(font_set_run(set, FONT_BOLD, &at, end, &run));
	assert_int_equal(run.font, FONT_BOLD);
	assert_true(font_set_run(set, FONT_BOLD, &at, end, &run));
	assert_int_equal(run.font, 3);
	assert_int_equal(run.n_chars, 2);
	assert_int_equal(run.width, 2000);
	assert_true(font_set_run(set, FONT_BOLD, &at, end, &run));
	assert_int_equal(run.font, FONT_BOLD);
}

static void
at_most_eight_characters_are_named(void **state)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	(void)state;
	for (gunichar c = 0x4E00; c < 0x4E20; c++)
		g_string_append_unichar(text, c);
	assert_false(font_set_check(fonts, FONT_REGULAR, text->str, "name", &error));
	assert_true(g_str_has_suffix(error->message, "U+4E07 '万', ..."));
}

static void
a_text_without_end_is_refused(void **state)
{
	g_autofree char *text = g_strnfill(100000, 'a');
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_false(font_set_check(fonts, FONT_REGULAR, text, "name", &error));
	assert_error(error, TP_ERROR_INVALID);
}

/* ---- fitting ---- */

static char *
fitted(const FitWish *wish, const char *text)
{
	GString *ret = g_string_new(NULL);
	Fit fit;

	if (!fit_text(fonts, wish, text, &fit))
		return g_string_free(ret, FALSE);
	g_string_append_printf(ret, "%g:", fit.size_pt);
	for (int i = 0; i < fit.n_lines; i++) {
		g_string_append_c(ret, '|');
		g_string_append_len(ret, fit.lines[i].text, (gssize)fit.lines[i].bytes);
		assert_true(fit.lines[i].width_mm <= wish->width_mm + 0.001);
	}
	return g_string_free(ret, FALSE);
}

typedef struct FitRow {
	const char *name;
	const char *text;
	double width_mm;
	int lines;
	const char *want; /* "" does not fit */
} FitRow;

static const FitRow fits[] = {
	{ "what fits keeps its size", "Ada", 40, 2, "10:|Ada" },
	{ "what is a little too wide shrinks", "Ada Lovelace", 22, 2,
	    "9.25:|Ada Lovelace" },
	{ "then it is broken, as large as the longest word allows", "Ada Lovelace", 15, 2,
	    "9.5:|Ada|Lovelace" },
	{ "lines are even", "aaa bbb ccc ddd eee", 26, 2, "10:|aaa bbb ccc|ddd eee" },
	{ "a hyphen stays on its line", "Meyer-Landrut", 14, 2, "10:|Meyer-|Landrut" },
	{ "a slash too", "Meyer/Landrut", 14, 2, "10:|Meyer/|Landrut" },
	{ "a word is never split", "Donaudampfschiff", 10, 3, "" },
	{ "one line is all there is", "Ada Lovelace", 10, 1, "" },
	{ "it may shrink further on one line than on two", "Ada Lovelace", 15, 1,
	    "6.25:|Ada Lovelace" },
	{ "a hyphen before a space", "Meyer- und Söhne", 16, 3,
	    "8.25:|Meyer-|und Söhne" },
};

static void
fit_test(void **state)
{
	const FitRow *row = *state;
	FitWish wish = { .role = FONT_REGULAR,
		.size_pt = 10,
		.one_line_pt = 8,
		.least_pt = 6,
		.leading = 1.2,
		.width_mm = row->width_mm,
		.height_mm = 20,
		.lines = row->lines };
	g_autofree char *got = fitted(&wish, row->text);

	assert_string_equal(got, row->want);
}

static void
height_is_a_limit_too(void **state)
{
	FitWish wish = { .role = FONT_REGULAR,
		.size_pt = 20,
		.one_line_pt = 8,
		.least_pt = 6,
		.leading = 1.2,
		.width_mm = 100,
		.height_mm = 3,
		.lines = 2 };
	g_autofree char *got = fitted(&wish, "Ada");
	g_autofree char *none = NULL;

	(void)state;
	assert_string_equal(got, "11.5:|Ada");
	wish.height_mm = 1;
	none = fitted(&wish, "Ada");
	assert_string_equal(none, "");
}

static unsigned
be16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static size_t
be32(const uint8_t *at)
{
	return (size_t)be16(at) << 16 | be16(at + 2);
}

/* Spoils all character maps of `format`; how many there were. */
static int
spoil_maps(uint8_t *font, unsigned format)
{
	size_t cmap = 0;
	int n = 0;

	for (unsigned i = 0; i < be16(font + 4); i++) {
		if (memcmp(font + 12 + i * 16, "cmap", 4) == 0)
			cmap = be32(font + 12 + i * 16 + 8);
	}
	for (unsigned i = 0; i < be16(font + cmap + 2); i++) {
		uint8_t *map = font + cmap + be32(font + cmap + 4 + i * 8 + 4);

		if (be16(map) == format) {
			map[1] = 99;
			n++;
		}
	}
	return n;
}

static void
both_kinds_of_character_map_say_the_same(void **state)
{
	g_autoptr(GMappedFile) map = g_mapped_file_new(FONT_DEFAULT_REGULAR, FALSE, NULL);
	gsize size = g_mapped_file_get_length(map);
	uint8_t *first = g_memdup2(g_mapped_file_get_contents(map), size);
	uint8_t *second = g_memdup2(first, size);
	int n_first = spoil_maps(first, 12);
	int n_second = spoil_maps(second, 4);
	g_autoptr(GBytes) only_4 = g_bytes_new_take(first, size);
	g_autoptr(GBytes) only_12 = g_bytes_new_take(second, size);
	g_autoptr(Font) four = font_new_from_bytes(only_4, "4", NULL);
	g_autoptr(Font) twelve = font_new_from_bytes(only_12, "12", NULL);
	int shown = 0;

	(void)state;
	assert_true(n_first > 0 && n_second > 0);
	assert_non_null(four);
	assert_non_null(twelve);
	for (gunichar c = 0; c < 0xFFFF; c++) {
		assert_int_equal(font_glyph(four, c), font_glyph(twelve, c));
		shown += font_glyph(four, c) != 0;
	}
	assert_true(shown > 5000);
}

/* ---- damage ---- */

static void
files_that_are_no_fonts_are_refused(void **state)
{
	static const char *const texts[] = { "", "x", "OTTO", "%PDF-1.5\n",
		"ttcf\0\1\0\0\377\377\377\377" };
	g_autoptr(GError) missing = NULL;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GBytes) bytes =
		    g_bytes_new_static(texts[i], i == 4 ? 12 : strlen(texts[i]));
		g_autoptr(GError) error = NULL;

		assert_null(font_new_from_bytes(bytes, "x.ttf", &error));
		assert_error(error, TP_ERROR_CONFIG);
		assert_non_null(strstr(error->message, "x.ttf"));
	}
	assert_null(font_open("/nowhere/x.ttf", &missing));
	assert_error(missing, TP_ERROR_NOT_FOUND);
}

/* Opens the bytes and does with them whatever a document would. */
static void
use_font(GBytes *bytes, int *n_opened, int *n_refused)
{
	static const uint16_t chars[] = { ' ', 'A', 'b', 'g', 0xE4, 0xDF, 0x17C, 0x3A9,
		0x416 };
	g_autoptr(GError) error = NULL;
	g_autoptr(Font) font = font_new_from_bytes(bytes, "damaged", &error);
	g_autoptr(GlyphStore) store = NULL;
	g_autoptr(GByteArray) out = g_byte_array_new();

	if (font == NULL) {
		++*n_refused;
		return;
	}
	++*n_opened;
	for (gunichar c = 0; c < 0x600; c++) {
		g_autoptr(GArray) points = g_array_new(FALSE, FALSE, sizeof(FontPoint));
		g_autoptr(GArray) ends = g_array_new(FALSE, FALSE, sizeof(uint16_t));
		FontOutline o = { points, ends };

		(void)font_advance(font, c);
		if (font_outline(font, font_glyph(font, c), &o, NULL) && ends->len > 0)
			assert_int_equal(
			    g_array_index(ends, uint16_t, ends->len - 1) + 1u,
			    points->len);
	}
	store = glyph_store_new(font);
	if (!subset_build(store, chars, G_N_ELEMENTS(chars), out, NULL))
		++*n_refused;
}

static void
a_damaged_font_costs_at_most_a_wrong_picture(void **state)
{
	g_autoptr(GMappedFile) map = g_mapped_file_new(FONT_DEFAULT_MONO, FALSE, NULL);
	gsize size = g_mapped_file_get_length(map);
	g_autoptr(GRand) rand = g_rand_new_with_seed(4711);
	int opened = 0;
	int refused = 0;

	(void)state;
	for (int round = 0; round < 300; round++) {
		uint8_t *copy = g_memdup2(g_mapped_file_get_contents(map), size);
		/* Half of the rounds aim at the directory and the heads of tables. */
		gsize reach = round % 2 == 0 ? size : 2000;
		gsize length = round % 5 == 0
				   ? (gsize)g_rand_int_range(rand, 0, (gint32)size)
				   : size;
		g_autoptr(GBytes) bytes = NULL;

		for (int hits = g_rand_int_range(rand, 1, round % 2 == 0 ? 2000 : 20);
		     hits > 0; hits--)
			copy[g_rand_int_range(rand, 0, (gint32)reach)] =
			    (uint8_t)g_rand_int(rand);
		bytes = g_bytes_new_take(g_memdup2(copy, MAX(length, 1)), length);
		g_free(copy);
		use_font(bytes, &opened, &refused);
	}
	/* Both happened, so the test has seen both. */
	assert_true(opened > 50);
	assert_true(refused > 50);
}

static int
set_up(void)
{
	sans = font_open(FONT_DEFAULT_REGULAR, NULL);
	fonts = font_set_open(NULL, NULL);
	return sans == NULL || fonts == NULL;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_font_knows_its_name_and_measures),
		cmocka_unit_test(an_accented_letter_is_resolved_into_its_parts),
		cmocka_unit_test(a_subset_shows_the_same_with_less),
		cmocka_unit_test(kanji_need_a_fallback_font),
		cmocka_unit_test(at_most_eight_characters_are_named),
		cmocka_unit_test(a_text_without_end_is_refused),
		cmocka_unit_test(height_is_a_limit_too),
		cmocka_unit_test(both_kinds_of_character_map_say_the_same),
		cmocka_unit_test(files_that_are_no_fonts_are_refused),
		cmocka_unit_test(a_damaged_font_costs_at_most_a_wrong_picture),
	};
	int failed = set_up();

	failed |= cmocka_run_group_tests_name("font", tests, NULL, NULL);
	failed |= run_rows("font covers", covers, cover_test);
	failed |= run_rows("font runs", runs, runs_test);
	failed |= run_rows("fit", fits, fit_test);
	font_free(sans);
	font_set_free(fonts);
	return failed;
}
