/*
 * test_words.c - a words file with a gap is told where the gap is.
 */
#include "tests/support/cm.h"

#include <string.h>

#include "templates/words.h"

/* A whole file; rows put lines before it and take lines out of it. */
static const char whole[] =
    "# a comment\n\nday: {{year}}/{{mm}}/{{dd}}\n"
    "month.1: a\nmonth.2: b\nmonth.3: c\nmonth.4: d\nmonth.5: e\nmonth.6: f\nmonth.7: g\n"
    "month.8: h\nmonth.9: i\nmonth.10: j\nmonth.11: k\nmonth.12: l\n"
    "kind.full: F\nkind.demo: D\nkind.subscription: S\nkind.nfr: N\n"
    "channel.email: E\nchannel.post: P\nchannel.portal: Q: with a colon\n"
    "status.accepted: A\nstatus.duplicate: B\nstatus.rejected: C\nstatus.held: H\n";

typedef struct WordsRow {
	const char *name;
	const char *before;  /* put before the whole file */
	const char *without; /* taken out of it */
	const char *wanted;
} WordsRow;

/* clang-format off */
static const WordsRow rows[] = {
	{ "a whole file is fine", "", "", "" },
	{ "blanks around key and text do not matter", "  kind.full  :  F  \n", "kind.full: F\n", "" },
	{ "an unknown key", "month.13: x\n", "", "w:1: 'month.13' is not a key\n" },
	{ "a key without text", "kind.demo:\n", "", "w:1: 'kind.demo' has no text\n" },
	{ "a key that is there twice", "\nkind.demo: x\n", "", "w:19: 'kind.demo' is there twice\n" },
	{ "a line that is none", "\n\nhello\n", "", "w:3: not a line 'key: text'\n" },
	{ "a key that is missing", "", "kind.nfr: N\n", "w:1: 'kind.nfr' is missing\n" },
	{ "a day with an unknown field", "day: {{weekday}}\n", "day: {{year}}/{{mm}}/{{dd}}\n", "w:1: a day has the fields day, dd, month, mm and year\n" },
	{ "a day with a section", "day: {{#day}}{{/day}}\n", "day: {{year}}/{{mm}}/{{dd}}\n", "w:1: a day has the fields day, dd, month, mm and year\nw:1: a day has the fields day, dd, month, mm and year\n" },
	{ "a day that does not parse", "\nday: {{day\n", "day: {{year}}/{{mm}}/{{dd}}\n", "w:2: this tag is never closed with '}}'\n" },
	{ "bytes that are not UTF-8", "kind.demo: \xff\n", "kind.demo: D\n", "w:1: not UTF-8\n" },
};
/* clang-format on */

static void
faults_are_told_as_the_row_says(void **state)
{
	const WordsRow *row = *state;
	g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) text = g_string_new(whole);
	g_autoptr(GString) told = g_string_new(NULL);
	g_autoptr(Words) words = NULL;

	if (*row->without != '\0')
		assert_int_equal(g_string_replace(text, row->without, "", 0), 1);
	g_string_prepend(text, row->before);
	words = words_parse("w", text->str, text->len, faults);
	for (guint i = 0; i < faults->len; i++)
		g_string_append_printf(told, "%s\n", (char *)faults->pdata[i]);
	assert_string_equal(told->str, row->wanted);
	assert_int_equal(words != NULL, *row->wanted == '\0');
}

static void
words_are_found_by_group_and_key(void **state)
{
	g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(Words) words = words_parse("w", whole, strlen(whole), faults);
	g_autofree char *day = NULL;
	Day when;

	(void)state;
	assert_string_equal(words_find(words, "kind", "full"), "F");
	assert_string_equal(words_find(words, "channel", "portal"), "Q: with a colon");
	assert_null(words_find(words, "kind", "gift"));
	assert_null(words_find(words, "kind", ""));
	assert_true(day_from_ymd(2027, 3, 9, &when, NULL));
	day = words_day(words, when);
	assert_string_equal(day, "2027/03/09");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_found_by_group_and_key),
	};

	return run_rows("words rows", rows, faults_are_told_as_the_row_says) +
	       cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
