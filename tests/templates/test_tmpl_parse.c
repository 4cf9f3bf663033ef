/*
 * test_tmpl_parse.c - what is wrong with a text is told with its place, all of it at
 * once.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "queue/limits.h"
#include "templates/tmpl.h"

typedef struct FaultRow {
	const char *name;
	const char *text;
	const char *wanted; /* all faults, each with its newline */
} FaultRow;

/* clang-format off */
static const FaultRow rows[] = {
	{ "a section that is not closed", "a\n{{#x}}\nb\n", "t:2: section 'x' is never closed\n" },
	{ "an inverted section that is not closed", "{{^x.y}}", "t:1: section 'x.y' is never closed\n" },
	{ "two sections that are not closed", "{{#x}}\n{{#y}}\n", "t:2: section 'y' is never closed\nt:1: section 'x' is never closed\n" },
	{ "an end without a beginning", "a\n\n{{/x}}", "t:3: '/x' closes nothing\n" },
	{ "ends that cross", "{{#x}}\n{{#y}}\n{{/x}}\n{{/y}}\n", "t:3: '/x' where '/y' of line 2 is due\nt:4: '/y' closes nothing\n" },
	{ "an end of something else", "{{#x}}\n{{/z}}\n{{/x}}\n", "t:2: '/z' where '/x' of line 1 is due\n" },
	{ "a dot closes only a dot", "{{#.}}\n{{/x}}{{/.}}\n", "t:2: '/x' where '/.' of line 1 is due\n" },
	{ "a tag that is not closed", "a\nb {{x\nc\n", "t:2: this tag is never closed with '}}'\n" },
	{ "a tag whose closing lacks a brace", "{{{x}}\n", "t:1: this tag is never closed with '}}}'\n" },
	{ "a comment that is not closed", "\n{{! x }\n", "t:2: this tag is never closed with '}}'\n" },
	{ "delimiters without an end", "{{=<% %>}}\n", "t:1: this tag is never closed with '=}}'\n" },
	{ "one delimiter", "{{=<%=}}\n", "t:1: '=<%=' is not a pair of delimiters\n" },
	{ "three delimiters", "{{=a b c=}}\n", "t:1: '=a b c=' is not a pair of delimiters\n" },
	{ "no name", "{{}}\n{{ }}\n{{#}}\n", "t:1: '' is not a name\nt:2: '' is not a name\nt:3: '' is not a name\n" },
	{ "a name with a blank", "{{a b}}", "t:1: 'a b' is not a name\n" },
	{ "a name with an empty part", "{{a..b}}{{.a}}\n{{a.}}", "t:1: 'a..b' is not a name\nt:1: '.a' is not a name\nt:2: 'a.' is not a name\n" },
	{ "a name that calls something", "{{a()}}", "t:1: 'a()' is not a name\n" },
	{ "a partial by path", "{{> ../etc/passwd }}\n{{>a.b}}", "t:1: '../etc/passwd' is not a name\nt:2: 'a.b' is not a name\n" },
	{ "what other dialects have", "{{<x}}\n{{$x}}\n{{>*x}}\n", "t:1: '<x' is not a name\nt:2: '$x' is not a name\nt:3: '*x' is not a name\n" },
	{ "a long name is cut short", "{{a very long name that is certainly no name at all}}", "t:1: 'a very long name that is certainly no na...' is not a name\n" },
	{ "a name of many lines is shown in one", "{{a\n\nb}}\n{{/z}}", "t:1: 'a  b' is not a name\nt:4: '/z' closes nothing\n" },
	{ "several faults of several kinds", "{{#a}}\n{{b c}}\n{{/d}}\n{{/a}}\n{{e", "t:2: 'b c' is not a name\nt:3: '/d' where '/a' of line 1 is due\nt:5: this tag is never closed with '}}'\n" },
	{ "bytes that are not UTF-8", "a\nb\nc \xe4\n", "t:3: not UTF-8\n" },
	{ "UTF-8 that goes the long way round", "\xc0\xaf", "t:1: not UTF-8\n" },
};
/* clang-format on */

static void
faults_are_told_as_the_row_says(void **state)
{
	const FaultRow *row = *state;
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) all = g_string_new(NULL);

	assert_null(tmpl_parse("t", 1, row->text, -1, TMPL_HTML, faults, &error));
	assert_true(faults->len > 0);
	for (guint i = 0; i < faults->len; i++)
		g_string_append_printf(all, "%s\n", (char *)faults->pdata[i]);
	assert_string_equal(all->str, row->wanted);
	assert_error(error, TP_ERROR_INVALID);
	assert_string_equal(error->message, faults->pdata[0]);
}

static void
nobody_has_to_ask_for_the_faults(void **state)
{
	(void)state;
	assert_null(tmpl_parse("t", 1, "{{", -1, TMPL_HTML, NULL, NULL));
}

static void
lines_count_from_where_the_caller_says(void **state)
{
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(tmpl_parse("de/x.txt", 3, "a\n{{/x}}", -1, TMPL_TEXT, NULL, &error));
	assert_string_equal(error->message, "de/x.txt:4: '/x' closes nothing");
}

static void
a_zero_byte_is_refused(void **state)
{
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(tmpl_parse("t", 1, "a\0b", 3, TMPL_TEXT, NULL, &error));
	assert_string_equal(error->message, "t:1: not UTF-8");
}

static void
a_text_longer_than_the_limit_is_refused(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = g_strnfill(LIMIT_TEMPLATE_FILE_BYTES + 1, 'x');
	g_autoptr(Tmpl) fits =
	    tmpl_parse("t", 1, text, LIMIT_TEMPLATE_FILE_BYTES, TMPL_TEXT, NULL, &error);

	(void)state;
	assert_no_error(error);
	assert_non_null(fits);
	assert_null(tmpl_parse("t", 1, text, -1, TMPL_TEXT, NULL, &error));
	assert_string_equal(error->message, "t:1: longer than 262144 bytes");
}

static void
sections_nest_to_the_limit_and_no_deeper(void **state)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(Tmpl) fits = NULL;

	(void)state;
	for (int i = 0; i < LIMIT_TEMPLATE_DEPTH; i++) {
		g_string_prepend(text, "{{#a}}");
		g_string_append(text, "{{/a}}");
	}
	fits = tmpl_parse("t", 1, text->str, -1, TMPL_TEXT, NULL, &error);
	assert_no_error(error);
	g_string_prepend(text, "{{#a}}");
	g_string_append(text, "{{/a}}");
	assert_null(tmpl_parse("t", 1, text->str, -1, TMPL_TEXT, NULL, &error));
	assert_string_equal(
	    error->message, "t:1: sections are nested deeper than 16 levels");
}

static const Tmpl *
always_the_same(const void *data, const char *name)
{
	(void)name;
	return data;
}

/* Pieces of templates in any order: a fault or a text, never a crash (run it under asan).
 */
static void
any_heap_of_pieces_is_a_text_or_a_fault(void **state)
{
	static const char *const pieces[] = { "{{", "}}", "{{{", "}}}", "#", "^", "/",
		"!", "&", ">", "=", "a", "a.b", ".", " ", "\n", "\r\n", "  ", "{{#a}}",
		"{{/a}}", "{{^l}}", "{{/l}}", "{{#l}}", "{{>p}}", "{{=| |=}}", "|",
		"|={{ }}=|", "{{a}}", "\xc3\xa4", "x" };
	json_t *context = json_pack("{s:{s:s}, s:[s,s]}", "a", "b", "v", "l", "1", "2");
	GRand *dice = g_rand_new_with_seed(4711);
	int texts = 0, faults = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		g_autoptr(GString) text = g_string_new(NULL);
		g_autoptr(GString) out = g_string_new(NULL);
		g_autoptr(GError) error = NULL;
		g_autoptr(Tmpl) tmpl = NULL;

		for (int n = g_rand_int_range(dice, 1, 12); n > 0; n--)
			g_string_append(text,
			    pieces[g_rand_int_range(dice, 0, G_N_ELEMENTS(pieces))]);
		tmpl = tmpl_parse("t", 1, text->str, -1, (TmplKind)(i % 3), NULL, &error);
		if (tmpl == NULL) {
			assert_true(g_str_has_prefix(error->message, "t:"));
			assert_null(strchr(error->message, '\n'));
			faults++;
			continue;
		}
		/* A partial that is the text itself may nest too deep; nothing else. */
		if (!tmpl_render(tmpl, context, always_the_same, tmpl, out, &error))
			assert_non_null(strstr(error->message, "nested deeper"));
		texts++;
	}
	assert_true(texts > 2000);
	assert_true(faults > 2000);
	g_rand_free(dice);
	json_decref(context);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_has_to_ask_for_the_faults),
		cmocka_unit_test(lines_count_from_where_the_caller_says),
		cmocka_unit_test(a_zero_byte_is_refused),
		cmocka_unit_test(a_text_longer_than_the_limit_is_refused),
		cmocka_unit_test(sections_nest_to_the_limit_and_no_deeper),
		cmocka_unit_test(any_heap_of_pieces_is_a_text_or_a_fault),
	};

	return run_rows("tmpl faults", rows, faults_are_told_as_the_row_says) +
	       cmocka_run_group_tests_name("tmpl_parse", tests, NULL, NULL);
}
