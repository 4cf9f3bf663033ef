/*
 * test_csv_out.c - fields that come back as they went, and none that calculates.
 */
#include "tests/support/cm.h"

#include "queue/csv_out.h"

typedef struct Field {
	const char *name;
	const char *text;
	const char *written;
} Field;

/* clang-format off */
static const Field fields[] = {
	{ "a plain word stays",            "CAD-PRO",       "CAD-PRO" },
	{ "an empty text is nothing",      "",              "" },
	{ "no text is nothing",            NULL,            "" },
	{ "a comma asks for quotes",       "a,b",           "\"a,b\"" },
	{ "a semicolon too, some read it", "a;b",           "\"a;b\"" },
	{ "quotes are doubled",            "a\"b",          "\"a\"\"b\"" },
	{ "lines stay in their field",     "a\r\nb",        "\"a\r\nb\"" },
	{ "an equals sign is guarded",     "=1+1",          "\"'=1+1\"" },
	{ "a plus",                        "+49 721",       "\"'+49 721\"" },
	{ "a minus",                       "-2",            "\"'-2\"" },
	{ "an at sign",                    "@SUM(A1)",      "\"'@SUM(A1)\"" },
	{ "a tab",                         "\t=1",          "\"'\t=1\"" },
	{ "a carriage return",             "\r=1",          "\"'\r=1\"" },
	{ "a full-width equals sign",      "\xEF\xBC\x9D" "1", "\"'\xEF\xBC\x9D" "1\"" },
	{ "a full-width at sign",          "\xEF\xBC\xA0" "a", "\"'\xEF\xBC\xA0" "a\"" },
	{ "a sign further on is harmless", "a=1",           "a=1" },
};
/* clang-format on */

static void
a_text_is_written_so(void **state)
{
	const Field *row = *state;
	g_autoptr(GString) out = g_string_new("x\r\n");
	g_autofree char *line = g_strdup_printf("x\r\n%s,7\r\n", row->written);

	csv_out_text(out, row->text);
	csv_out_number(out, 7);
	csv_out_end(out);
	assert_string_equal(out->str, line);
}

static void
empty_fields_keep_their_commas_and_numbers_are_bare(void **state)
{
	static const char *const titles[] = { "a", "b", "c", NULL };
	g_autoptr(GString) out = g_string_new(NULL);

	(void)state;
	csv_out_row(out, titles);
	csv_out_text(out, NULL);
	csv_out_number(out, -5);
	csv_out_text(out, "");
	csv_out_end(out);
	assert_string_equal(out->str, "a,b,c\r\n,-5,\r\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_fields_keep_their_commas_and_numbers_are_bare),
	};

	return run_rows("fields", fields, a_text_is_written_so) |
	       cmocka_run_group_tests_name("csv_out", tests, NULL, NULL);
}
