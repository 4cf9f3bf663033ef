/*
 * test_stock.c - sheets by name, by geometry and from gLabels.
 */
#include "tests/support/cm.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "print/stock.h"
#include "print/stock_glabels.h"

#define assert_mm(got, wanted) assert_true(fabs((got) - (wanted)) < 0.011)

typedef struct StockCase {
	const char *name;
	double page_w, page_h;
	int cols, rows;
	double w, h, x0, y0, dx, dy;
} StockCase;

/* Measures as printed by the makers, typed a second time on purpose. */
/* clang-format off */
static const StockCase builtin[] = {
	{ "avery-c32011-10",  210, 297, 2, 5,  85, 54, 15, 13.5, 95, 54 },
	{ "zweckform-32010",  210, 297, 2, 5,  85, 54, 14.11, 14.11, 94.9, 53.98 },
	{ "avery-c32015",     210, 297, 2, 4,  85, 54, 17, 31.5, 91, 60 },
	{ "avery-l7414",      210, 297, 2, 5,  89.99, 52, 15, 18.5, 89.99, 52 },
	{ "sigel-lp795",      210, 297, 2, 5,  85, 55, 14, 10.5, 95, 55 },
	{ "avery-l4785",      210, 297, 2, 5,  80, 50, 18, 13, 95, 55 },
	{ "avery-l7163",      210, 297, 2, 7,  99.1, 38.1, 3.35, 15.17, 103.01, 38.1 },
	{ "avery-l7160",      210, 297, 3, 7,  63.99, 38.1, 7.48, 15.49, 66.04, 38.1 },
	{ "zweckform-3475",   210, 297, 3, 8,  70.05, 36.03, 0, 4.43, 70.05, 36.03 },
	{ "zweckform-4780",   210, 297, 4, 10, 48.5, 25.4, 8.11, 19.01, 48.5, 25.4 },
	{ "avery-l7651",      210, 297, 5, 13, 38.1, 21.2, 4.7, 10.9, 40.6, 21.2 },
	{ "avery-5371",       215.9, 279.4, 2, 5, 88.9, 50.8, 19.05, 12.7, 88.9, 50.8 },
	{ "avery-5395",       215.9, 279.4, 2, 4, 85.73, 59.27, 17.46, 14.82, 95.25, 63.5 },
	{ "plain-a4-2x5",     210, 297, 2, 5,  85.6, 53.98, 14.4, 13.55, 95.6, 53.98 },
};
/* clang-format on */

static void
a_stock_has_the_measures_of_its_box(void **state)
{
	const StockCase *c = *state;
	g_autoptr(GError) error = NULL;
	Stock s;

	assert_true(stock_get(c->name, &s, &error));
	assert_no_error(error);
	assert_string_equal(s.name, c->name);
	assert_mm(s.page_w_mm, c->page_w);
	assert_mm(s.page_h_mm, c->page_h);
	assert_int_equal(s.cols, c->cols);
	assert_int_equal(s.rows, c->rows);
	assert_mm(s.label_w_mm, c->w);
	assert_mm(s.label_h_mm, c->h);
	assert_mm(s.x0_mm, c->x0);
	assert_mm(s.y0_mm, c->y0);
	assert_mm(s.dx_mm, c->dx);
	assert_mm(s.dy_mm, c->dy);
}

static void
every_builtin_stock_can_be_printed_on_and_written_down(void **state)
{
	g_autoptr(GError) error = NULL;
	Stock s, again;
	size_t n = 0;

	(void)state;
	for (; stock_nth(n, &s); n++) {
		g_autofree char *geometry = stock_format(&s);

		assert_true(stock_check(&s, &error));
		assert_no_error(error);
		assert_true(s.title[0] != '\0');
		assert_true(s.media[0] != '\0');
		assert_true(stock_parse(geometry, &again, &error));
		assert_no_error(error);
		assert_mm(again.page_h_mm, s.page_h_mm);
		assert_mm(again.x0_mm, s.x0_mm);
		assert_mm(again.dy_mm, s.dy_mm);
		assert_mm(again.radius_mm, s.radius_mm);
		assert_int_equal(again.cut, s.cut);
		assert_string_equal(again.media, s.media);
	}
	assert_true(n >= 14);
}

static void
plain_paper_carries_whole_id1_cards_and_wants_crop_marks(void **state)
{
	g_autoptr(GError) error = NULL;
	Stock s;

	(void)state;
	assert_true(stock_get("plain-a4-2x5", &s, &error));
	assert_mm(s.label_w_mm, 85.60);
	assert_mm(s.label_h_mm, 53.98);
	assert_true(s.cut);
	assert_string_equal(s.media, "iso_a4_210x297mm");
	assert_true(stock_get("avery-c32011-10", &s, &error));
	assert_false(s.cut);
}

static void
slots_run_row_by_row_from_the_top_left(void **state)
{
	g_autoptr(GError) error = NULL;
	double x, y;
	Stock s;

	(void)state;
	assert_true(stock_get("avery-c32011-10", &s, &error));
	assert_int_equal(stock_slots(&s), 10);
	stock_slot(&s, 0, &x, &y);
	assert_mm(x, 15);
	assert_mm(y, 13.5);
	stock_slot(&s, 1, &x, &y);
	assert_mm(x, 110);
	assert_mm(y, 13.5);
	stock_slot(&s, 9, &x, &y);
	assert_mm(x, 110);
	assert_mm(y, 13.5 + 4 * 54);
}

static void
an_unknown_stock_says_where_was_looked(void **state)
{
	g_autoptr(GError) error = NULL;
	Stock s = { .cols = 77 };

	(void)state;
	assert_false(stock_get("avery-0815", &s, &error));
	assert_error(error, TP_ERROR_NOT_FOUND);
	assert_non_null(strstr(error->message, "'avery-0815'"));
	assert_int_equal(s.cols, 77);
}

/* Geometry. */

typedef struct GeometryCase {
	const char *name;
	const char *text;
	const char *why; /* a piece of the message; NULL: it is fine */
} GeometryCase;

/* clang-format off */
static const GeometryCase geometries[] = {
	{ "plain geometry", "a4:2x5:85x54:15,13.5:95,54", NULL },
	{ "upper case page", "A4:2x5:85x54:15,13.5:95,54", NULL },
	{ "a page of its own size", "100x150:1x2:90x60:5,5:0,70", NULL },
	{ "round corners and crop marks", "letter:2x4:85x54:10,10:90,60:r3:cut", NULL },
	{ "one label needs no pitch", "a6:1x1:85x54:10,40:0,0", NULL },
	{ "empty", "", "page" },
	{ "unknown page", "b9:2x5:85x54:15,13.5:95,54", "a4, a5" },
	{ "cut short", "a4:2x5:85x54:15,13.5", "':' expected" },
	{ "no columns", "a4:0x5:85x54:15,13.5:95,54", "columns" },
	{ "a million rows", "a4:2x1000000:85x54:15,13.5:95,54", "rows" },
	{ "many small labels", "a4:100x100:5x5:0,0:5,5", "10000 labels|100 x 100" },
	{ "words for numbers", "a4:2x5:AxB:15,13.5:95,54", "label width" },
	{ "not a number", "a4:2x5:nanx54:15,13.5:95,54", "label width" },
	{ "infinite", "a4:2x5:infx54:15,13.5:95,54", "label width" },
	{ "huge", "a4:2x5:1e300x54:15,13.5:95,54", "label width" },
	{ "decimal comma", "a4:2x5:85x54:15,13,5:95,54", "':' expected" },
	{ "trailing words", "a4:2x5:85x54:15,13.5:95,54 please", "':' expected" },
	{ "unknown tail", "a4:2x5:85x54:15,13.5:95,54:bleed", "'rN' or 'cut'" },
	{ "off the right edge", "a4:2x5:85x54:30,13.5:97,54", "beyond the page" },
	{ "off the lower edge", "a4:2x5:85x54:15,40:95,54", "beyond the page" },
	{ "off the left edge", "a4:2x5:85x54:-3,13.5:95,54", "before the page" },
	{ "columns overlap", "a4:2x5:85x54:15,13.5:80,54", "overlap by 5 mm" },
	{ "rows overlap", "a4:2x5:85x54:15,13.5:95,50", "overlap by 4 mm" },
	{ "a page as large as a house", "9999x9999:1x1:85x54:0,0:0,0", "page width" },
	{ "a label of no size", "a4:2x5:0x54:15,13.5:95,54", "label width" },
	{ "corners rounder than the label", "a4:1x1:85x54:15,13.5:0,0:r40", "radius" },
};
/* clang-format on */

static void
a_geometry_fits_or_says_why_not(void **state)
{
	const GeometryCase *c = *state;
	g_autoptr(GError) error = NULL;
	bool good;
	Stock s;

	good = stock_parse(c->text, &s, &error) && stock_check(&s, &error);
	if (c->why == NULL) {
		g_autoptr(GError) get_error = NULL;

		assert_no_error(error);
		assert_true(good);
		assert_true(stock_get(c->text, &s, &get_error));
		assert_string_equal(s.name, c->text);
	} else {
		g_auto(GStrv) any = g_strsplit(c->why, "|", -1);
		bool said = false;

		assert_false(good);
		assert_error(error, TP_ERROR_INVALID);
		for (char **w = any; *w != NULL; w++)
			said = said || strstr(error->message, *w) != NULL;
		if (!said)
			fail_msg("'%s' does not say '%s'", error->message, c->why);
	}
}

static void
a_page_of_its_own_size_has_a_name_for_the_printer(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	Stock s;

	(void)state;
	assert_true(stock_parse("100.5x150:1x2:90.25x60:5,5:0,70", &s, &error));
	text = stock_format(&s);
	assert_string_equal(text, "100.5x150:1x2:90.25x60:5,5:0,70");
	assert_string_equal(s.media, "custom_100.5x150mm_100.5x150mm");
}

/* gLabels. */

static void
a_glabels_template_is_read_where_it_is_installed(void **state)
{
	g_autoptr(GError) error = NULL;
	Stock s, same;

	(void)state;
	if (access(STOCK_GLABELS_FOLDER, R_OK) != 0)
		skip();
	assert_true(stock_get("gLabels:Avery/L4785", &s, &error));
	assert_no_error(error);
	assert_string_equal(s.name, "gLabels:Avery/L4785");
	assert_mm(s.label_w_mm, 80);
	assert_mm(s.dy_mm, 55);
	assert_mm(s.radius_mm, 4);
	assert_string_equal(s.media, "iso_a4_210x297mm");
	/* inches, and a part that says it equals another */
	assert_true(stock_get("glabels:avery/5371", &s, &error));
	assert_mm(s.label_w_mm, 88.9);
	assert_string_equal(s.media, "na_letter_8.5x11in");
	assert_true(stock_get("gLabels:Avery/L7163", &s, &error));
	assert_true(stock_get("avery-l7163", &same, &error));
	assert_mm(s.dx_mm, same.dx_mm);
	assert_int_equal(s.rows, same.rows);
	/* points without a unit */
	assert_true(stock_get("gLabels:Zweckform/32010", &s, &error));
	assert_mm(s.dx_mm, 94.90);
	assert_false(stock_get("gLabels:Avery/NO-SUCH", &s, &error));
	assert_error(error, TP_ERROR_NOT_FOUND);
	assert_non_null(strstr(error->message, "NO-SUCH"));
}

#define SIZES                                                                            \
	"<Glabels-paper-sizes><Paper-size id='A4' pwg_size='iso_a4' width='210mm' "      \
	"height='297mm'/></Glabels-paper-sizes>"
#define GRID(layout)                                                                     \
	"<Glabels-templates><Template brand='B' part='P' size='A4'>"                     \
	"<Label-rectangle width='85mm' height='54mm'>" layout                            \
	"</Label-rectangle></Template></Glabels-templates>"
#define LAYOUT "<Layout nx='2' ny='5' x0='15mm' y0='13.5mm' dx='95mm' dy='54mm'/>"

typedef struct XmlCase {
	const char *name;
	const char *xml;
	int code; /* -1: it is read */
	const char *why;
} XmlCase;

/* clang-format off */
static const XmlCase xmls[] = {
	{ "a template is read", GRID(LAYOUT), -1, NULL },
	{ "a document type is refused", "<!DOCTYPE Glabels-templates>" GRID(LAYOUT),
	  TP_ERROR_CONFIG, "document type" },
	{ "an external entity is refused before it is read",
	  "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/hostname'>]>" GRID(LAYOUT "&e;"),
	  TP_ERROR_CONFIG, "document type" },
	{ "an entity in an attribute is refused before it is opened",
	  "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
	  "<x y='&b;'/>", TP_ERROR_CONFIG, "document type" },
	{ "a file cut in two is refused", "<Glabels-templates><Template brand='B'",
	  TP_ERROR_CONFIG, "not well-formed" },
	{ "no XML at all is refused", "PK\003\004", TP_ERROR_CONFIG, "not well-formed" },
	{ "an empty file is refused", "", TP_ERROR_CONFIG, "1 to" },
	{ "another part is not found", "<Glabels-templates/>", TP_ERROR_NOT_FOUND, "'P'" },
	{ "round labels are refused",
	  "<Glabels-templates><Template brand='B' part='P' size='A4'>"
	  "<Label-round radius='20mm'>" LAYOUT "</Label-round></Template>"
	  "</Glabels-templates>", TP_ERROR_INVALID, "rectangular" },
	{ "two grids are refused", GRID(LAYOUT LAYOUT), TP_ERROR_INVALID, "one grid" },
	{ "no grid is refused", GRID(""), TP_ERROR_INVALID, "no grid" },
	{ "a length in furlongs is refused",
	  GRID("<Layout nx='2' ny='5' x0='1fur' y0='1' dx='1' dy='1'/>"),
	  TP_ERROR_INVALID, "'1fur'" },
	{ "a missing length is refused", GRID("<Layout nx='2' ny='5'/>"),
	  TP_ERROR_INVALID, "'x0'" },
	{ "a million columns are refused",
	  GRID("<Layout nx='1000000' ny='5' x0='1' y0='1' dx='1' dy='1'/>"),
	  TP_ERROR_INVALID, "'nx'" },
	{ "an unknown page is refused",
	  "<Glabels-templates><Template brand='B' part='P' size='Z9'/></Glabels-templates>",
	  TP_ERROR_INVALID, "'Z9'" },
	{ "a part that equals itself ends",
	  "<Glabels-templates><Template brand='B' part='P' equiv='P'/></Glabels-templates>",
	  TP_ERROR_INVALID, "chain" },
};
/* clang-format on */

static void
glabels_files_are_foreign_bytes(void **state)
{
	const XmlCase *c = *state;
	g_autoptr(GError) error = NULL;
	g_autofree char *folder = g_dir_make_tmp("tp-stock-XXXXXX", NULL);
	g_autofree char *sizes = g_build_filename(folder, "paper-sizes.xml", NULL);
	g_autofree char *path = g_build_filename(folder, "x-templates.xml", NULL);
	bool good;
	Stock s;

	assert_true(g_file_set_contents(sizes, SIZES, -1, NULL));
	assert_true(g_file_set_contents(path, c->xml, -1, NULL));
	good = stock_glabels_get(folder, "B", "P", &s, &error);
	unlink(path);
	unlink(sizes);
	rmdir(folder);
	if (c->code < 0) {
		assert_no_error(error);
		assert_true(good);
		assert_mm(s.x0_mm, 15);
	} else {
		assert_false(good);
		assert_error(error, c->code);
		if (strstr(error->message, c->why) == NULL)
			fail_msg("'%s' does not say '%s'", error->message, c->why);
	}
}

static void
without_the_package_its_name_is_told(void **state)
{
	g_autoptr(GError) error = NULL;
	Stock s;

	(void)state;
	assert_false(stock_glabels_get("/nonexistent", "B", "P", &s, &error));
	assert_error(error, TP_ERROR_CONFIG);
	assert_non_null(strstr(error->message, "glabels-data"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_builtin_stock_can_be_printed_on_and_written_down),
		cmocka_unit_test(
		    plain_paper_carries_whole_id1_cards_and_wants_crop_marks),
		cmocka_unit_test(slots_run_row_by_row_from_the_top_left),
		cmocka_unit_test(an_unknown_stock_says_where_was_looked),
		cmocka_unit_test(a_page_of_its_own_size_has_a_name_for_the_printer),
		cmocka_unit_test(a_glabels_template_is_read_where_it_is_installed),
		cmocka_unit_test(without_the_package_its_name_is_told),
	};
	int failed = 0;

	failed += run_rows("stocks", builtin, a_stock_has_the_measures_of_its_box);
	failed += run_rows("geometries", geometries, a_geometry_fits_or_says_why_not);
	failed += run_rows("glabels", xmls, glabels_files_are_foreign_bytes);
	failed += cmocka_run_group_tests_name("stock", tests, NULL, NULL);
	return failed;
}
